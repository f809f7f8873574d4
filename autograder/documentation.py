"""Reference pages generated from the code they describe: `python -m autograder.documentation [--check]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.results import SCHEMA_VERSION, SubmissionResult

DOCS = Path(__file__).resolve().parent.parent / "docs"

Schema = Mapping[str, Any]

RESULTS_INTRODUCTION = f"""\
# The result of one submission

Grading leaves one JSON file for each submission, `results/<student>/<assignment>.json`. Marks in the gradebook,
feedback pages and statistics all come from it. This page describes schema version {SCHEMA_VERSION}, key by key: a file
holds every key below and no other. It is generated from `autograder/results.py` by `make docs`.

To read a file in Python, with every key and type checked:

```python
from pathlib import Path

from autograder.results import SubmissionResult

result = SubmissionResult.model_validate_json(Path("results/ada/cnn_digits.json").read_text())
print(result.student, result.score, result.max_score)
```
"""


def results_page() -> str:
    """Return the text of docs/results.md."""
    schema = SubmissionResult.model_json_schema(mode="serialization")
    parts: dict[str, Schema] = schema["$defs"]
    sections = [_section("The file", schema)]
    sections += [_section(name, parts[name]) for name in _in_order_of_use(schema, parts)]
    return "\n".join([RESULTS_INTRODUCTION, *sections])


def write_pages(folder: Path, *, check: bool) -> list[Path]:
    """Write the generated pages into `folder`, or with `check` write nothing.

    Returns:
        The pages whose file differed from, or lacked, what the code says.
    """
    stale = []
    for name, text in {"results.md": results_page()}.items():
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            path.write_text(text, encoding="utf-8")
    return stale


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 when every page is up to date afterwards, 1 when `--check` found one that is not."""
    parser = argparse.ArgumentParser(prog="python -m autograder.documentation", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page has drifted")
    check = parser.parse_args(arguments).check
    for path in write_pages(DOCS, check=check):
        if check:
            sys.stderr.write(f"docs/{path.name}: expected what the code says, found something else; run `make docs`\n")
        else:
            sys.stdout.write(f"wrote docs/{path.name}\n")
    return int(check and bool(write_pages(DOCS, check=True)))


def _in_order_of_use(schema: Schema, parts: Mapping[str, Schema]) -> list[str]:
    """Return the names of all records reachable from `schema`, each where a reader first meets it."""
    found: list[str] = []
    waiting: list[Schema] = [schema]
    while waiting:
        for name in _references(waiting.pop(0)["properties"]):
            if name not in found:
                found.append(name)
                waiting.append(parts[name])
    return found


def _references(node: object) -> list[str]:
    """Return the names of the records that `node`, a piece of JSON schema, refers to."""
    if isinstance(node, Mapping):
        # A discriminator repeats the references of its oneOf, as plain text.
        inner = [name for key, value in node.items() if key != "discriminator" for name in _references(value)]
        return [_name(node["$ref"]), *inner] if "$ref" in node else inner
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    return []


def _section(heading: str, record: Schema) -> str:
    rows = [f"| `{key}` | {_type(field)} | {_text(field)} |" for key, field in record["properties"].items()]
    return "\n".join(
        [f"## {heading}", "", _text(record), "", "| key | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _text(node: Schema) -> str:
    return " ".join(node["description"].split())


def _type(field: Schema) -> str:
    """Return the type of a value in words, with a link where it is a record."""
    if "$ref" in field:
        name = _name(field["$ref"])
        return f"[{name}](#{name.lower()})"
    if alternatives := field.get("anyOf") or field.get("oneOf"):
        return " or ".join(_type(alternative) for alternative in alternatives)
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return " or ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    match field["type"]:
        case "array":
            return f"list of {_type(field['items'])}"
        case "object":
            return f"object: name to {_type(field['additionalProperties'])}"
        case simple:
            return f"{simple}{_bounds(field)}"


def _bounds(field: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}
    bounds = [f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field]
    return f" {', '.join(bounds)}" if bounds else ""


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


if __name__ == "__main__":
    sys.exit(main())

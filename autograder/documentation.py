"""Reference pages generated from the code they describe: `python -m autograder.documentation [--check]`."""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import autograder.checks
from autograder.audit.record import AUDIT_SCHEMA_VERSION, AuditReport
from autograder.class_run import EVENTS, PROGRESS_SCHEMA_VERSION
from autograder.command_reference import commands_page
from autograder.course import CourseSettings, Exceptions, Rubric
from autograder.course.table import Table
from autograder.grading.change_log import CHANGES_SCHEMA_VERSION
from autograder.marks import MARKS_SCHEMA_VERSION, ChangesReport, MarksReport
from autograder.quizzes import KINDS, QuizFile
from autograder.quizzes.records import Question
from autograder.results import SCHEMA_VERSION, Record, SubmissionResult
from autograder.status import STATUS_SCHEMA_VERSION, StatusReport

DOCS = Path(__file__).resolve().parent.parent / "docs"

Schema = Mapping[str, Any]

RESULTS_INTRODUCTION = f"""\
# The result of one submission

Grading leaves one JSON file for each submission, `results/<student>/<assignment>.json`. Marks in the gradebook,
feedback pages and statistics all come from it. This page describes schema version {SCHEMA_VERSION}, key by key: a file
holds every key below and no other. It is generated from `autograder/results.py` by `make docs`.

It is the instructor's: times and flags in it are not on a student's page, and how long a question on hidden data took
could tell something of that data.

To read a file in Python, with every key and type checked:

```python
from pathlib import Path

from autograder.results import SubmissionResult

result = SubmissionResult.model_validate_json(Path("results/ada/cnn_digits.json").read_text())
print(result.student, result.score, result.max_score)
```
"""


AUDIT_INTRODUCTION = f"""\
# The record of an audit

`autograder audit --json FILE` writes everything it found; [audit.md](audit.md) says what it does. This page describes
schema version {AUDIT_SCHEMA_VERSION}, key by key: a file holds every key below and no other. It is generated from
`autograder/audit/record.py` by `make docs`.
"""


COURSE_INTRODUCTION = """\
# The course as one file

`course/course.toml` (or `course.toml` in the course's root) says what nbgrader has no place for. A course that nbgrader
grades needs none of it; within a table, keys that have to be there say so. An unknown key, a value of a wrong type and
values that contradict each other are refused with the line and what to do. `autograder build` makes `syllabus.md` of
it, and [`autograder marks`](marks.md) the marks. This page is generated from `autograder/course/` by `make docs`.

`[table]` and `[[list of tables]]` are TOML's: a key that is a list of a record below is written as `[[key]]`, once for
each entry. A date and time is written with its offset from UTC and without quotes: `2027-02-21T23:59:00+01:00`.
"""


def course_page() -> str:
    """Return the text of docs/course.md."""
    sections = [*_settings_sections(CourseSettings), *_settings_sections(Exceptions)]
    # TOML has no null: a key that may be null is one that may be left out.
    return "\n".join([COURSE_INTRODUCTION, *sections]).replace(" or null |", " |")


def _settings_sections(record: type[Table]) -> list[str]:
    schema = record.model_json_schema(mode="validation")
    parts: dict[str, Schema] = schema["$defs"]
    heading = _text(schema).partition(":")[0]
    names = _in_order_of_use(schema, parts)
    return [_section(heading, schema, read=True), *(_section(name, parts[name], read=True) for name in names)]


QUIZ_INTRODUCTION = """\
# The keys of a quiz

Every key of `course/quizzes/<quiz>.toml`; [quizzes.md](quizzes.md) says what they do together, with examples. An
unknown key, a value of a wrong type and what contradicts itself are refused with the line, the question and what to do.
This page is generated from `autograder/quizzes/records.py` by `make docs`.

`{{ name }}` stands for a parameter of the question, or for arithmetic on some, in every text.
"""


def quiz_page() -> str:
    """Return the text of docs/quiz-toml.md: keys that questions of every kind have are listed once."""
    parts: dict[str, Schema] = QuizFile.model_json_schema(mode="validation")["$defs"]
    common = Question.model_json_schema(mode="validation")
    schemas = [("The file", QuizFile.model_json_schema(mode="validation")), ("Pool", parts["Pool"])]
    schemas.append(("Questions of every kind", common))
    for kind, record in KINDS.items():
        schema = parts[record.__name__]
        own = {key: field for key, field in schema["properties"].items() if key not in {*common["properties"], "kind"}}
        schemas.append((f"Kind `{kind}`", {**schema, "properties": own}))
    schemas.append(("Option", parts["Option"]))
    page = "\n".join([QUIZ_INTRODUCTION, *(_section(heading, schema, read=True) for heading, schema in schemas)])
    # TOML has no null: a key that may be null is one that may be left out.
    return page.replace(" or null |", " |")


RUBRIC_INTRODUCTION = """\
# Rubrics

A rubric is what people judge by: criteria, each in a few levels with a description and points. It is a file
`course/rubrics/NAME.toml`, for example:

```toml
[[criteria]]
id = "report-method"
title = "Report: the method"
description = "Which network, trained how, and why so."
levels = [
    { name = "excellent", points = 10, description = "Every choice has a reason, or a run whose figure is given." },
    { name = "good", points = 7, description = "The method can be repeated, and most choices have a reason." },
    { name = "missing", points = 0, description = "The method cannot be told from the text." },
]
```

A lab asks for it where its criteria are to stand, in a cell of its own:

```python
# %% [markdown] rubric="NAME"
```

`autograder build` makes a question of each criterion: one of nbgrader's *manually graded tasks*, with the table of its
levels, worth what the best one earns. So students read before they begin what will be looked for. They answer in cells
of their own, in files that they hand in beside the notebook, or in a talk.

In the gradebook the question is called `NAME-ID`, `project-report-method` for example. After grading it waits for a
person: whoever marks opens the submission in the [review](review.md) and chooses the level that fits, or enters its
points in nbgrader's formgrader, and writes a comment. Points between two levels are allowed. From then on it is a mark
as any other: `autograder marks` counts it, grading again never changes it, and the [log of changes](changes.md) says
when it was given.

Levels are changed as a question is: before the release. When a release is out, correct descriptions if you have to, but
leave ids and points alone.

An unknown key, a value of a wrong type, two criteria of one id and levels out of order are refused with the line and
what to do. This page is generated from `autograder/course/rubric.py` by `make docs`.
"""


def rubrics_page() -> str:
    """Return the text of docs/rubrics.md."""
    return "\n".join([RUBRIC_INTRODUCTION, *_settings_sections(Rubric)])


MARKS_INTRODUCTION = f"""\
# The record of a class's marks

`autograder marks --json FILE` writes all marks; [marks.md](marks.md) says how they come about. This page describes
schema version {MARKS_SCHEMA_VERSION}, key by key: a file holds every key below and no other. It is generated from
`autograder/marks/record.py` by `make docs`.
"""


def marks_page() -> str:
    """Return the text of docs/marks-json.md."""
    return _records_page(MARKS_INTRODUCTION, MarksReport)


CHANGES_INTRODUCTION = f"""\
# The record of changed marks

`results/changes.jsonl` holds a line for each act that changed marks of one submission: a `LoggedChange` below, with the
SHA-256 of the rest of its line in front. `autograder changes --json FILE` writes them as one file;
[changes.md](changes.md) says how they come about. This page describes schema version {CHANGES_SCHEMA_VERSION}, key by
key: a file holds every key below and no other. It is generated from `autograder/grading/change_log.py` by `make docs`.
"""


def changes_page() -> str:
    """Return the text of docs/changes-json.md."""
    return _records_page(CHANGES_INTRODUCTION, ChangesReport)


STATUS_INTRODUCTION = f"""\
# The record of how a course stands

`autograder status --json FILE` writes what it shows. This page describes schema version {STATUS_SCHEMA_VERSION}, key by
key: a file holds every key below and no other. It is generated from `autograder/status/record.py` by `make docs`.
"""


def status_page() -> str:
    """Return the text of docs/status-json.md."""
    return _records_page(STATUS_INTRODUCTION, StatusReport)


GRADE_INTRODUCTION = f"""\
# What grading tells machines

`autograder grade --json-lines` writes a JSON object on each line of standard output, as it happens, and nothing else
there; [grading.md](grading.md) says what it is for. This page describes schema version {PROGRESS_SCHEMA_VERSION}, kind
by kind: a line holds every key of its kind and no other, in ASCII. It is generated from
`autograder/class_run/events.py` by `make docs`.

For each assignment there is a `started`, then a `done` for every submission, then a `finished`; between them, a `cell`
whenever a worker has come to another one.
"""


def grade_page() -> str:
    """Return the text of docs/grade-json.md: a section for each kind of line."""
    schemas = [event.model_json_schema(mode="serialization") for event in EVENTS]
    return "\n".join(
        [GRADE_INTRODUCTION, *(_section(f"`{one['properties']['event']['const']}`", one) for one in schemas)]
    )


def results_page() -> str:
    """Return the text of docs/results.md."""
    return _records_page(RESULTS_INTRODUCTION, SubmissionResult)


def audit_page() -> str:
    """Return the text of docs/audit-json.md."""
    return _records_page(AUDIT_INTRODUCTION, AuditReport)


def _records_page(introduction: str, record: type[Record]) -> str:
    schema = record.model_json_schema(mode="serialization")
    parts: dict[str, Schema] = schema["$defs"]
    sections = [_section("The file", schema)]
    sections += [_section(name, parts[name]) for name in _in_order_of_use(schema, parts)]
    return "\n".join([introduction, *sections])


CHECKS_INTRODUCTION = """# The language of checks

What a lab's `checks.py` imports from `autograder.checks`, as it stands in the code; generated by `make docs`.
[Writing a lab](writing-a-lab.md) says how a check is written, `reference/cnn_digits/checks.py` is a whole example.

A function that expects something raises `Failure` where it is not so, whatever a student's code has returned.
"""


def checks_page() -> str:
    """Return the text of docs/checks.md."""
    parts = [CHECKS_INTRODUCTION]
    for name in sorted(autograder.checks.__all__, key=str.lower):
        thing = getattr(autograder.checks, name)
        heading = f"## `{name}`"
        if not inspect.isclass(thing):
            signature = inspect.signature(thing)
            bare = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
            heading = f"## `{name}{signature.replace(parameters=bare, return_annotation=inspect.Signature.empty)}`"
        methods = [
            f"- `{method}`: {(inspect.getdoc(value) or '').splitlines()[0]}"
            for method, value in vars(thing).items()
            if inspect.isclass(thing) and inspect.isfunction(value) and not method.startswith("_")
        ]
        text = f"```text\n{inspect.getdoc(thing)}\n```"
        parts.append("\n\n".join([heading, text, *(["\n".join(methods)] if methods else [])]) + "\n")
    return "\n".join(parts)


def write_pages(folder: Path, *, check: bool) -> list[Path]:
    """Write the generated pages into `folder`, or with `check` write nothing.

    Returns:
        The pages whose file differed from, or lacked, what the code says.
    """
    stale = []
    pages = {
        "audit-json.md": audit_page(),
        "changes-json.md": changes_page(),
        "checks.md": checks_page(),
        "commands.md": commands_page(),
        "course.md": course_page(),
        "grade-json.md": grade_page(),
        "marks-json.md": marks_page(),
        "quiz-toml.md": quiz_page(),
        "results.md": results_page(),
        "rubrics.md": rubrics_page(),
        "status-json.md": status_page(),
    }
    for name, text in pages.items():
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


def _section(heading: str, record: Schema, *, read: bool = False) -> str:
    """One record as a table; of a file that people write and we `read`, with what has to be there."""
    needed = set(record.get("required", ())) if read else set()
    rows = [
        f"| `{key}` | {_type(field)} | {_text(field)}{' Required.' if key in needed else ''} |"
        for key, field in record["properties"].items()
    ]
    return "\n".join(
        [f"## {heading}", "", _text(record), "", "| key | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _text(node: Schema) -> str:
    return " ".join(node["description"].split())


def _type(field: Schema | bool) -> str:
    """Return the type of a value in words, with a link where it is a record."""
    if isinstance(field, bool) or not field:
        return "anything"
    if "$ref" in field:
        name = _name(field["$ref"])
        kind = next((kind for kind, record in KINDS.items() if record.__name__ == name), "")
        return f"[`{kind}`](#kind-{kind})" if kind else f"[{name}](#{name.lower()})"
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
        case "string" if field.get("format") == "date-time":
            return "date and time"
        case simple:
            return f"{simple}{_bounds(field)}"


def _bounds(field: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {field[key]:g}" for key, sign in signs.items() if key in field]
    return f" {', '.join(bounds)}" if bounds else ""


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[-1]


if __name__ == "__main__":
    sys.exit(main())

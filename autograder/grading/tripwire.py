"""Words in a student's code that speak of the grader rather than of the task: a hint for a person, never a penalty."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.checks.source import magic_lines, parse_cell

MAX_SENTENCES = 10

# What is found -> what it is used for, when it is used against the grader. Names are whole, dots and all: `a.b` is
# found in `x.a.b`, and not in `xa.b`.
NAMES = {
    "showtraceback": "hides errors of the notebook",
    "set_custom_exc": "hides errors of the notebook",
    "ast_transformers": "rewrites the code of later cells",
    "input_transformers_cleanup": "rewrites the code of later cells",
    "input_transformers_post": "rewrites the code of later cells",
    "ast_node_interactivity": "changes what later cells show",
    "displayhook": "changes what later cells show",
    "display_pub": "changes what later cells show",
    "run_cell": "changes how cells are run",
    "events.register": "acts around later cells",
    "do_execute": "changes what the kernel answers",
    "shell_handlers": "changes what the kernel answers",
    "user_expressions": "changes what the kernel answers",
    "execute_reply": "writes answers of the kernel's",
    "iopub_socket": "writes answers of the kernel's",
    "shell_stream": "writes answers of the kernel's",
    "get_parent": "reads what the kernel is asked",
    "kernel.session": "reads what the kernel is asked",
    "gc.get_objects": "looks through the process's memory",
    "gc.get_referrers": "looks through the process's memory",
    "ctypes": "reaches around Python",
    "_getframe": "looks at who is calling",
    "inspect.stack": "looks at who is calling",
    "currentframe": "looks at who is calling",
    "f_back": "looks at who is calling",
    "sys.settrace": "looks at who is calling",
    "sys.setprofile": "looks at who is calling",
    "_ih": "reads the tests it is run by",
    "In[-1]": "reads the tests it is run by",
    "%history": "reads the tests it is run by",
    "BEGIN HIDDEN TESTS": "reads the tests it is run by",
    "autograder": "looks for the grader",
    "nbgrader": "looks for the grader",
}
PATHS = {"/proc/": "looks at other processes", "/run/kernel": "looks for the grader's line to the notebook"}
# In what people print or name their files these words are innocent; in code they are not.
INNOCENT_IN_TEXT = frozenset({"autograder", "nbgrader", "run_cell", "_ih", "get_parent", "currentframe", "f_back"})


def tripwires(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """Say which of the student's own cells mention the grader's machinery, one sentence for each such word.

    Comments, docstrings and markdown do not count: talking about a thing is not using it.

    Args:
        notebook: The prepared notebook; cells that were restored from the release are passed over.
    """
    found: dict[str, str] = {}
    for index, cell in enumerate(notebook["cells"]):
        own = cell.get("metadata", {}).get("nbgrader", {})
        if cell.get("cell_type") != "code" or own.get("locked") or (own.get("grade") and not own.get("solution")):
            continue
        name = own.get("grade_id") or f"cell {index + 1}"
        source = cell.get("source", "")
        for word in mentioned(source if isinstance(source, str) else "".join(source)):
            purpose = NAMES.get(word) or PATHS[word]
            found.setdefault(word, f"cell `{name}` uses `{word}`, which {purpose}: read it before trusting a mark")
    return tuple(found.values())[:MAX_SENTENCES]


def mentioned(source: str) -> list[str]:
    """The words of `NAMES` and `PATHS` that code uses, each once."""
    found: dict[str, None] = {}
    for line in magic_lines(source):
        found |= dict.fromkeys(_in_text(line))
    try:
        tree = parse_cell(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # no Python, or none that can be read: in a cell magic's text, the words count as they stand
        return list(found | dict.fromkeys(_in_text(source) if source.lstrip().startswith("%%") else ()))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings among them
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in alone:
                found |= dict.fromkeys(_in_text(node.value))
        else:
            found |= dict.fromkeys(word for name in _names(node) for word in NAMES if _ends_in(name, word))
    return list(found)


def _in_text(text: str) -> Iterator[str]:
    """Words in a string: a path that is opened, a name that is looked up by it, a line of shell or magic."""
    yield from (path for path in PATHS if path in text)
    for word in NAMES:
        if word not in INNOCENT_IN_TEXT and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text):
            yield word


def _ends_in(name: str, word: str) -> bool:
    return name == word or name.endswith(f".{word}") or name.startswith(f"{word}.") or f".{word}." in name


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.Attribute():
            return [_dotted(node)]
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module=module, names=aliases):
            return [f"{module or ''}.{alias.name}" for alias in aliases]
        case ast.Subscript(value=ast.Name(id="In"), slice=ast.UnaryOp(op=ast.USub())):
            return ["In[-1]"]
        case ast.Call(func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(value="history" | "hist"), *_]):
            return ["%history"]
        case _:
            return []


def _dotted(node: ast.Attribute) -> str:
    """`sys._getframe` of `sys._getframe`; of `f().a.b`, `a.b`."""
    parts: list[str] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        parts.append(inner.id)
    return ".".join(reversed(parts))

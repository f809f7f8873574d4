"""The rules a lab has to keep so that its notebook is an assignment nbgrader can release and grade."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from autograder.authoring.lab import Cell, Lab
from autograder.authoring.regions import HIDDEN_TESTS, SOLUTION

# Kebab-case, and short enough to be a notebook cell's id too (nbformat allows 64 characters).
GRADE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MAX_ID_LENGTH = 64

Problem = tuple[int, str]


def problems_of(lab: Lab) -> list[Problem]:
    """Find what is wrong with a lab; an empty list when nothing is.

    Returns:
        Pairs of a line in lab.py (a cell's header) and a sentence: expected, found, what to do.
    """
    problems = [*_title_problems(lab), *_id_problems(lab), *_order_problems(lab)]
    for cell in lab.cells:
        messages = list(_region_messages(cell))
        # The two below take the cell apart at its markers, so these have to be right first.
        if not messages and cell.cell_type == "code":
            messages += _code_messages(cell)
        if cell.points is not None and not (cell.points > 0 and math.isfinite(cell.points)):
            messages.append(f"expected points above 0 and finite, found points={cell.points}")
        name = f"{cell.kind} cell {cell.grade_id!r}: " if cell.grade_id else ""
        problems += [(cell.line, name + message) for message in messages]
    return problems


def _title_problems(lab: Lab) -> Iterator[Problem]:
    if not lab.title:
        yield lab.cells[0].line, "expected the first cell to be markdown that begins with the title, `# ...`"


def _id_problems(lab: Lab) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for cell in lab.cells:
        if cell.grade_id is None:
            continue
        if not GRADE_ID.fullmatch(cell.grade_id) or len(cell.grade_id) > MAX_ID_LENGTH:
            yield (
                cell.line,
                f"expected an id like 'build-cnn' (lower-case words and digits joined by -, at most {MAX_ID_LENGTH} "
                f"characters), found {cell.grade_id!r}",
            )
        if cell.grade_id in seen:
            yield cell.line, f"expected an id of its own, found {cell.grade_id!r}, which line {seen[cell.grade_id]} has"
        seen.setdefault(cell.grade_id, cell.line)


def _order_problems(lab: Lab) -> Iterator[Problem]:
    solution_seen = False
    for cell in lab.cells:
        solution_seen = solution_seen or cell.kind == "solution"
        if cell.kind == "tests" and not solution_seen:
            yield cell.line, f"tests cell {cell.grade_id!r}: expected a solution cell before it, found none to test"
        if cell.cell_type == "markdown" and cell.kind in ("solution", "tests"):
            yield cell.line, f"expected code in a {cell.kind} cell, found markdown; for text to be marked use answer="
        if cell.cell_type == "code" and cell.kind == "task":
            yield cell.line, "expected markdown in a task cell, found code; write `# %% [markdown]`"


def _region_messages(cell: Cell) -> Iterator[str]:
    try:
        solution = SOLUTION.split(cell.source)
        hidden_tests = HIDDEN_TESTS.split(cell.source)
    except ValueError as error:
        yield f"{error} (counting the cell's lines from 1)"
        return
    if cell.kind == "solution" and not solution.num_regions:
        yield "expected # BEGIN SOLUTION and # END SOLUTION around what students write themselves, found none"
    if solution.num_regions and cell.kind not in ("solution", "answer"):
        yield f"expected no # BEGIN SOLUTION in a {cell.kind} cell; nbgrader cuts it out of solution and answer cells"
    if hidden_tests.num_regions and cell.kind != "tests":
        yield f"expected no ### BEGIN HIDDEN TESTS in a {cell.kind} cell; nbgrader cuts it out of tests cells only"


def _code_messages(cell: Cell) -> Iterator[str]:
    tree = ast.parse(cell.source)
    for node in ast.walk(tree):
        if _imports_grader(node):
            yield "expected only imports a student can make, found autograder; students do not have it"
            break
    if cell.kind == "solution":
        try:
            ast.parse("\n".join(SOLUTION.split(cell.source, stub="raise NotImplementedError()").public))
        except SyntaxError as error:
            yield (
                f"expected Python when `raise NotImplementedError()` stands for the solution, found {error.msg}; "
                "keep the `def` line outside the markers, or all of its body inside"
            )


def _imports_grader(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    else:
        return False
    return any(name.split(".")[0] == "autograder" for name in names)

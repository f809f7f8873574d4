"""Group A: what is written beside the code: metadata (17), modules (18); and words that speak of the grader (78)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from tests.adversarial.case import (
    Case,
    Outcome,
    all_of,
    before,
    cell_in,
    edit_json,
    flagged,
    in_group,
    new_cell,
    together,
    unaffected,
    write_file,
    zero,
)
from tests.adversarial.courses import Edit
from tests.adversarial.submissions import (
    WRONG,
    nothing,
)

holds = in_group("A")


# 17: what is written beside the code ----------------------------------------------------------------------------------


def metadata(grade_id: str, **changes: Any) -> Edit:
    """Change the nbgrader metadata of a cell."""
    return edit_json(lambda notebook: cell_in(notebook, grade_id)["metadata"]["nbgrader"].update(changes))


def _drop(grade_id: str) -> Edit:
    return edit_json(lambda notebook: notebook["cells"].remove(cell_in(notebook, grade_id)))


def _twice(notebook: dict[str, Any]) -> None:
    copy = {**cell_in(notebook, "scale"), "id": "another", "source": "def scale(values):\n    return None"}
    notebook["cells"].append(copy)


def _backwards(notebook: dict[str, Any]) -> None:
    notebook["cells"].reverse()


def _others(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = "homework-" + cell["metadata"]["nbgrader"]["grade_id"]


def _bare(notebook: dict[str, Any]) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _claims(notebook: dict[str, Any]) -> None:
    notebook["metadata"].update(score=16, nbgrader={"grade": 16}, autograder={"score": 16})


def judged_by_the_specification(outcome: Outcome) -> None:
    """Expect the instructor's questions with the instructor's points, whatever each has earned."""
    points = {question: cell.points for question, cell in outcome.cells.items()}
    assert points == {"scale": 4.0, "classify": 6.0, "report": 1.0, "plain": 3.0, "essay": 2.0}, str(outcome)
    assert outcome.record.max_score == 16.0
    assert outcome.marks == outcome.scores, str(outcome)


TRUE_TESTS = edit_json(lambda notebook: cell_in(notebook, "plain-tests").update(source="assert True"))
EDITED = (
    holds(
        17,
        "a tests cell that says it is not graded is graded all the same",
        together(WRONG, metadata("scale-tests", grade=False), metadata("plain-tests", grade=False, locked=False)),
        nothing,
    ),
    holds(
        17,
        "points a submission gives itself count for nothing",
        together(metadata("scale-tests", points=1000), metadata("plain-tests", points=1000), edit_json(_claims)),
        all_of(unaffected, judged_by_the_specification),
    ),
    holds(
        17,
        "tests that a submission has rewritten are the instructor's again",
        together(WRONG, TRUE_TESTS),
        nothing,
    ),
    holds(
        17,
        "a cell that stands there twice is judged once, or told to a person",
        edit_json(_twice),
        judged_by_the_specification,
    ),
    holds(
        17,
        "a tests cell that was deleted is put back",
        together(_drop("scale-tests"), _drop("plain-tests")),
        unaffected,
    ),
    holds(
        17,
        "a solution cell that was deleted costs its question and no other",
        _drop("scale"),
        zero("scale", "does not define `scale`"),
    ),
    holds(
        17,
        "cells in another order are judged by the instructor's specification",
        edit_json(_backwards),
        judged_by_the_specification,
    ),
    holds(
        17,
        "the cells of another assignment earn nothing here",
        together(WRONG, edit_json(_others)),
        all_of(nothing, judged_by_the_specification),
    ),
    holds(
        17,
        "a notebook without any metadata is judged by the instructor's specification",
        edit_json(_bare),
        judged_by_the_specification,
    ),
)

# 18: files that look like modules -------------------------------------------------------------------------------------

SHADOWS = (
    "numpy.py",
    "json.py",
    "keras/__init__.py",
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "autograder.py",
    "autograder/__init__.py",
    "nbformat.py",
    "jupyter_client.py",
    "ipykernel.py",
    "encoding.py",
    "nbgrader_config.py",
    "ipython_config.py",
    "jupyter_config.py",
    ".ipython/profile_default/startup/first.py",
    "checks.py",
)
SHADOW = (
    "import os, pathlib\n"
    "pathlib.Path('/tmp/shadowed').write_text('ran')\n"
    "raise SystemExit('a module of the submission was imported')\n"
)


def _shadows(folder: Path) -> None:
    for name in SHADOWS:
        write_file(name, SHADOW)(folder)
    write_file("own.pth", "import os; os._exit(3)\n")(folder)
    write_file("pyvenv.cfg", "home = /nowhere\n")(folder)


MODULES = (
    holds(
        18,
        "files that look like modules of the grader's have no effect",
        _shadows,
        lambda outcome: _unshadowed(outcome),
    ),
    holds(
        18,
        "a module of the student's own that breaks on import costs the question that imports it",
        together(write_file("helper.py", "raise ValueError('broken')"), before("scale", "import helper")),
        zero("scale", "Look at cell `scale` first: it stopped with ValueError"),
    ),
    holds(
        18,
        "a module of the student's own that works is imported",
        together(
            write_file("helper.py", "def half(x):\n    return x / 2\n"),
            before("scale", "from helper import half\nassert half(4) == 2"),
        ),
        unaffected,
    ),
)

# 78: words ------------------------------------------------------------------------------------------------------------

WORDS = {
    "showtraceback": "from IPython.core.interactiveshell import InteractiveShell as S\nkept = S.showtraceback",
    "ast_transformers": "kept = get_ipython().ast_transformers",
    "do_execute": "kept = get_ipython().kernel.do_execute",
    "ctypes": "import ctypes",
    "/proc/": "kept = open('/proc/self/status').read()",
    "inspect.stack": "import inspect\nkept = inspect.stack()",
    "In[-1]": "kept = In[-1]",
}
TRIPS = tuple(
    holds(
        78,
        f"code that uses {word} keeps its marks, and a person is told",
        new_cell(source),
        all_of(unaffected, flagged(word)),
        promise="detected",
    )
    for word, source in WORDS.items()
)
INNOCENT: Callable[[Outcome], None] = all_of(
    unaffected, lambda outcome: _is((), outcome.flags), lambda outcome: _is("graded", outcome.record.status)
)
QUIET: Literal["holds"] = "holds"
COMMENTS = (
    holds(
        78,
        "comments and prose that talk of such words are nobody's business",
        together(
            new_cell('"""Never use ctypes or inspect.stack."""\nx = 1  # showtraceback, ast_transformers, /proc/'),
            new_cell("I read about `do_execute` and `In[-1]` in /proc/.", cell_type="markdown"),
        ),
        INNOCENT,
        promise=QUIET,
    ),
)


CASES: tuple[Case, ...] = (*EDITED, *MODULES, *TRIPS, *COMMENTS)


def _is(expected: object, *found: object) -> None:
    assert all(one == expected for one in found), found


def _unshadowed(outcome: Outcome) -> None:
    unaffected(outcome)
    assert "shadowed" not in outcome.outputs

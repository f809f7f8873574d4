"""Stock nbgrader with our plugin in its configuration; courses without checks: grading/test_same_marks.py."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from nbgrader.preprocessors import Execute, LimitOutput, SaveAutoGrades
from traitlets.config import Config

from autograder.course import Course, open_course
from autograder.nbgrader_plugin import SandboxedExecute, SaveJudgedGrades, configure
from tests.grading.courses import ASSIGNMENT, answer, cell_of, make_course, submit

# Stock nbgrader runs here in our process and warns of itself: rows not yet added, notebooks without cell ids.
pytestmark = pytest.mark.filterwarnings("ignore")

THREE_LINES = "from autograder.nbgrader_plugin import configure\nc = get_config()\nconfigure(c)\n"
CHECKS = '''
from autograder.checks import Failure, check

@check(cell="double-tests", weight=3)
def doubles(student):
    """Doubling 7 gives 14."""
    if student.call("double", 7) != 14:
        raise Failure("expected 14, received something else")

@check(cell="double-tests", weight=1)
def doubles_nothing(student):
    """Doubling 0 gives 0."""
    if student.call("double", 0) != 0:
        raise Failure("expected 0, received something else")
'''


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("judged")
    make_course(root)
    (root / "reference" / ASSIGNMENT).mkdir(parents=True)
    (root / "reference" / ASSIGNMENT / "checks.py").write_text(CHECKS)
    (root / "nbgrader_config.py").write_text(THREE_LINES + "c.SandboxedExecute.preload = []\n")
    return root


@pytest.fixture
def course(judged: Path, tmp_path: Path) -> Course:
    """Return a course whose lab has checks, and whose nbgrader runs through our plugin."""
    root = tmp_path / "course"
    shutil.copytree(judged, root)
    return open_course(root)


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    """Undo what nbgrader's API does to the log of the whole process, for the tests that follow."""
    log = logging.getLogger("traitlets")
    level = log.level
    yield
    log.setLevel(level)


def autograde(course: Course, student: str = "ann") -> dict[str, Any]:
    """Press the formgrader's button: nbgrader's API is what stands behind it."""
    api = NbGraderAPI(coursedir=course.coursedir(), config=course.config)
    outcome: dict[str, Any] = api.autograde(ASSIGNMENT, student)
    return outcome


def mark(course: Course, student: str = "ann") -> tuple[float | None, bool]:
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("double-tests", "sums", ASSIGNMENT, student)
        return grade.auto_score, grade.needs_manual_grade


def autograded(course: Course) -> NotebookNode:
    return nbformat.read(course.folder("autograded", "ann", ASSIGNMENT) / "sums.ipynb", as_version=4)


def test_configure_takes_the_place_of_execution_and_saving_and_of_nothing_else() -> None:
    c = Config()
    configure(c)
    names = [one.__name__ for one in c.Autograde.autograde_preprocessors]
    assert names == [
        "SandboxedExecute",
        "IgnorePattern",
        "ClearMetadataPreprocessor",
        "LimitOutput",
        "SaveJudgedGrades",
        "AssignLatePenalties",
        "CheckCellMetadata",
    ]


def test_configure_keeps_the_preprocessors_a_course_has_chosen() -> None:
    class Own(Execute):
        """A course's own execution, which is not ours to replace."""

    c = Config()
    c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute", Own, LimitOutput, SaveAutoGrades]
    configure(c)
    assert c.Autograde.autograde_preprocessors == [SandboxedExecute, Own, LimitOutput, SaveJudgedGrades]


def test_configure_keeps_what_a_course_has_appended() -> None:
    c = Config()
    c.Autograde.autograde_preprocessors.append(ClearMetadataPreprocessor)
    configure(c)
    chosen = c.Autograde.autograde_preprocessors
    assert (chosen[0], chosen[-1], len(chosen)) == (SandboxedExecute, ClearMetadataPreprocessor, 8)


@pytest.mark.parametrize(
    ("source", "score"),
    [
        ("def double(number):\n    return 2 * number", 4.0),
        ("def double(number):\n    return 0", 1.0),
        ("def double(number):\n    return 4 if number == 2 else -6", 0.0),  # what the notebook's own tests ask for
        ("get_ipython().events.register('pre_run_cell', lambda info: get_ipython().displayhook(4))", 0.0),
    ],
)
def test_checks_decide_on_the_mark(course: Course, source: str, score: float) -> None:
    submit(course, "ann", answer(source))
    outcome = autograde(course)
    assert outcome["success"], outcome
    assert mark(course) == (score, False)


def test_a_lost_mark_is_explained_beside_the_answer(course: Course) -> None:
    submit(course, "ann", answer("def double(number):\n    return 0"))
    autograde(course)
    with course.gradebook() as gradebook:
        comment = gradebook.find_comment("double", "sums", ASSIGNMENT, "ann").comment
    assert comment == "1 of 4 points. Not yet: Doubling 7 gives 14."


def test_the_formgraders_button_works_from_within_a_running_server(course: Course) -> None:
    submit(course, "ann", answer())

    async def button() -> dict[str, Any]:
        return autograde(course)

    outcome = asyncio.run(button())
    assert outcome["success"], outcome
    assert mark(course) == (4.0, False)


def test_a_kernel_that_dies_costs_what_comes_after_it_and_no_more(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        answer()(notebook)
        cell_of(notebook, "why").source = "Because."
        notebook.cells.append(nbformat.v4.new_code_cell("import os\nos._exit(0)"))

    submit(course, "ann", edit)
    outcome = autograde(course)
    assert outcome["success"], outcome
    assert mark(course) == (4.0, False)
    assert autograded(course).cells[-1].outputs[-1].ename == "NotRun"


def test_a_tag_does_not_keep_a_tests_cell_from_running(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        cell_of(notebook, "double-tests").metadata.tags = ["skip-execution"]

    shutil.rmtree(course.root / "reference")
    submit(course, "ann", edit)
    autograde(open_course(course.root))
    assert mark(course) == (0.0, False)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda root: (root / "reference" / ASSIGNMENT / "checks.py").write_text("1 / 0"), "cannot be loaded: ZeroDiv"),
        (
            lambda root: (root / "course.toml").write_text("[limits]\nseconds = 3"),
            "received [limits] seconds",
        ),
    ],
)
def test_a_fault_of_the_course_is_in_the_log_and_grades_nobody(
    course: Course, damage: Callable[[Path], object], sentence: str
) -> None:
    submit(course, "ann", answer())
    damage(course.root)
    outcome = autograde(course)
    assert not outcome["success"]
    assert sentence in outcome["log"]
    assert mark(course) == (None, True)


def test_a_notebook_for_another_language_is_not_run_as_python(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        notebook.metadata.kernelspec = {"name": "ir", "language": "R", "display_name": "R"}

    with course.gradebook() as gradebook:
        gradebook.find_notebook("sums", ASSIGNMENT).kernelspec = None
        gradebook.db.commit()
    submit(course, "ann", edit)
    assert "expected a Python notebook, found one for R" in autograde(course)["log"]

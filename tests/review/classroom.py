"""A course with everything the review has to show: a real gradebook, result records, notebooks, a rubric.

Of `cnn_digits`, ada has everything right; bela has mistakes and an answer nobody has read; chen's training could not
be judged; dora's process and the copy of her model disagree; emil's notebook is flagged; fatima writes hostile text;
gita's submission could not be read. `project` is marked by people, by a rubric.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from autograder.course import Course, open_course
from autograder.grading.marks import record_marks
from autograder.grading.store import Store
from autograder.results import DISAGREEMENT, CellResult, SubmissionResult
from tests.reports import samples

LAB, PROJECT = "cnn_digits", "project"
ODD = "Zoë %2e #1 <b>"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
COURSE = """\
id = "vision"
title = "Seeing with networks"
"""
ROSTER = "id,name\nada,Ada Lovelace\nbela,Béla Bartók\nchen,Chen Jingrun\ndora,Dora Maar\n"
RUBRIC = """\
[[criteria]]
id = "method"
title = "Report: the method"
description = "Which network, trained how, and why so."
levels = [
    { name = "excellent", points = 10, description = "Every choice has a reason." },
    { name = "good", points = 7, description = "Most choices have a reason." },
    { name = "missing", points = 0, description = "The method cannot be told from the text." },
]
"""
# The lab's cells in order: grade_id, points where it carries some, and what it is.
CELLS = (
    ("convolution", None, "solution"),
    ("convolution-values", 5.0, "tests"),
    ("build-cnn", None, "solution"),
    ("cnn-shape", 4.0, "tests"),
    ("train", None, "solution"),
    ("cnn-training", 6.0, "tests"),
    ("metrics", None, "solution"),
    ("metrics-values", 3.0, "tests"),
    ("why-convolution", 2.0, "answer"),
)
SOURCES = {
    "convolution": """\
def conv2d(images, kernels, stride=1):
    windows = patches(images, kernels.shape[:2])[:, ::stride, ::stride]
    return np.einsum("bhwcij,ijcf->bhwf", windows, kernels)""",
    "build-cnn": """\
def build_cnn():
    return keras.Sequential([
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])""",
    "train": """\
history = model.fit(x, y, epochs=12, validation_split=0.1)
print("accuracy", history.history["accuracy"][-1])""",
    "metrics": """\
def precision_recall_f1(confusion):
    hits = np.diag(confusion)
    return hits / confusion.sum(axis=0)""",
    "why-convolution": "A kernel is used at **every** place, so a digit that moves is still the same digit.",
}


def make(root: Path) -> Course:
    """Write the course, its gradebook, results and notebooks."""
    (root / "course" / "rubrics").mkdir(parents=True)
    (root / "course" / "course.toml").write_text(COURSE, encoding="utf-8")
    (root / "course" / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (root / "course" / "rubrics" / "project.toml").write_text(RUBRIC, encoding="utf-8")
    course = open_course(root)
    source = lab_notebook()
    _write(course.source_folder(LAB) / f"{LAB}.ipynb", source)
    with course.gradebook() as gradebook, warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own add_submission, with SQLAlchemy 2
        _release(gradebook)
        for result in lab_results():
            hand_in(course, gradebook, result, lab_notebook(result.student))
        for student in ("ada", "bela", "chen"):
            hand_in(course, gradebook, project_result(student), project_notebook())
    return course


def hand_in(course: Course, gradebook: Gradebook, result: SubmissionResult, notebook: NotebookNode) -> None:
    """Enter a graded submission: gradebook, result record, executed notebook."""
    gradebook.update_or_create_student(result.student)
    gradebook.add_submission(result.assignment, result.student)
    record_marks(course, gradebook, result, {})
    gradebook.db.commit()
    store = Store(course.results)
    store.write(store.result_path(result.student, result.assignment), result)
    if result.notebooks:
        _write(course.folder("autograded", result.student, result.assignment) / f"{result.assignment}.ipynb", notebook)


def lab_results() -> Iterable[SubmissionResult]:
    """Everybody's result of the lab."""
    yield _of("ada", samples.full())
    yield _of("bela", samples.failing())
    yield _of("chen", samples.unjudged())
    disagreement = f"the notebook's process says num_params = 10 of its model, {DISAGREEMENT} 20000"
    yield _of("dora", _with_check(samples.full(), "keeps_the_budget", flags=(disagreement,)))
    flagged = samples.limited()
    notebook = flagged.notebooks[0].model_copy(update={"flags": ("the code speaks of `do_execute`",)})
    yield _of("emil", flagged.model_copy(update={"notebooks": (notebook,)}))
    hostile = samples.failing()
    yield _of("fatima", _with_check(hostile, "matches_the_definition", message=f"received {HOSTILE}", verdict="failed"))
    unreadable = {"notebooks": (), "score": 0.0, "status": "could_not_judge", "notes": ("The notebook is no JSON.",)}
    yield _of("gita", samples.full()).model_copy(update=unreadable)
    yield _of(ODD, samples.failing())


def project_result(student: str) -> SubmissionResult:
    """A project of which people mark everything."""
    cell = samples.cell("project-method", 10.0, (), None, kind="manual", status="needs_review")
    return _renamed(samples.submission(student, (cell,), assignment=PROJECT), PROJECT)


def lab_notebook(student: str = "") -> NotebookNode:
    """The lab's notebook; a student's as the grader has run it."""
    cells = [new_markdown_cell("# Convolutional networks on digits\n\nWrite one by hand, then build one.")]
    for number, (grade_id, points, kind) in enumerate(CELLS, start=1):
        metadata = {"nbgrader": _metadata(grade_id, points, kind)}
        text = SOURCES.get(grade_id, f"# tests of {grade_id}\nassert True")
        if kind == "answer":
            text = HOSTILE if student == "fatima" else text
            cells.append(new_markdown_cell(text, metadata=metadata))
            continue
        outputs = [new_output("stream", name="stdout", text="accuracy 0.93\n")] if grade_id == "train" else []
        if student == "fatima" and kind == "solution":
            outputs.append(new_output("display_data", data={"text/html": HOSTILE, "text/plain": HOSTILE}))
        cells.append(new_code_cell(text, metadata=metadata, execution_count=number, outputs=outputs))
    return new_notebook(cells=cells)


def project_notebook() -> NotebookNode:
    """The project's notebook."""
    task = {"nbgrader": _metadata("project-method", 10.0, "task")}
    return new_notebook(cells=[new_markdown_cell("### Report: the method", metadata=task)])


def _release(gradebook: Gradebook) -> None:
    for name in (LAB, PROJECT):
        gradebook.add_assignment(name)
        gradebook.add_notebook(name, name)
    for grade_id, points, kind in CELLS:
        if kind in ("solution", "answer"):
            gradebook.add_solution_cell(grade_id, LAB, LAB)
        if points is not None:
            cell_type = "markdown" if kind == "answer" else "code"
            gradebook.add_grade_cell(grade_id, LAB, LAB, max_score=points, cell_type=cell_type)
    gradebook.add_task_cell("project-method", PROJECT, PROJECT, max_score=10.0, cell_type="markdown")


def _metadata(grade_id: str, points: float | None, kind: str) -> dict[str, object]:
    found: dict[str, object] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": kind in ("tests", "answer"),
        "solution": kind in ("solution", "answer"),
        "locked": kind in ("tests", "task"),
        "task": kind == "task",
    }
    return found if points is None else {**found, "points": points}


def _of(student: str, result: SubmissionResult) -> SubmissionResult:
    return _renamed(result.model_copy(update={"student": student, "course": "vision"}), LAB)


def _renamed(result: SubmissionResult, notebook: str) -> SubmissionResult:
    books = tuple(one.model_copy(update={"notebook": notebook}) for one in result.notebooks)
    return result.model_copy(update={"notebooks": books})


def _with_check(result: SubmissionResult, name: str, **changes: object) -> SubmissionResult:
    """The result with one of its checks changed; a question with a flag waits for a person, as grading has it."""

    def changed(cell: CellResult) -> CellResult:
        if all(one.name != name for one in cell.checks):
            return cell
        checks = tuple(one.model_copy(update=changes) if one.name == name else one for one in cell.checks)
        status = "needs_review" if any(one.flags for one in checks) else cell.status
        return cell.model_copy(update={"checks": checks, "status": status})

    book = result.notebooks[0]
    book = book.model_copy(update={"cells": tuple(map(changed, book.cells))})
    return result.model_copy(update={"notebooks": (book,)})


def _write(path: Path, notebook: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")

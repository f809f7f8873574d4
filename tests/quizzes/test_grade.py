"""From the file to the marks, for real: built with Keras in the sandbox, released, handed in, graded, reported."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring import build, build_quizzes, release
from autograder.course import Course, open_course
from autograder.display import write_pages
from autograder.errors import SandboxUnavailable
from autograder.grading.grade import Options, grade
from autograder.quizzes import Drawing, Entry
from autograder.quizzes.lab_source import python_literal
from autograder.results import SubmissionResult
from tests.quizzes.quizzes import WITH_KERAS, course_with

HOSTILE = """
class Liar(str):
    def __eq__(self, other):
        return True
    def __hash__(self):
        return 0
    def __float__(self):
        return 80.0
    def __str__(self):
        return "80"
    __repr__ = __str__
    def strip(self, *_):
        return "a"


class Everything:
    kind = "ellipsis"
    tolist = lambda self: 80
    def __getattr__(self, name):
        return self
    def __eq__(self, other):
        return True
    __hash__ = None
"""


def settings(due: datetime) -> str:
    return f"""
id = "made-up"
[sandbox]
preload = []
[limits]
cell_seconds = 20
[[components]]
id = "quizzes"
title = "Quizzes"
weight = 100
[[assignments]]
id = "small"
kind = "quiz"
title = "Small"
component = "quizzes"
released = 2026-01-01T08:00:00Z
due = {due.isoformat()}
"""


def hand_in(course: Course, student: str, cells: dict[str, str], *, alone: bool = False) -> None:
    folder = course.folder("submitted", student, "small")
    shutil.copytree(course.root / "release" / "small", folder)
    if alone:  # as from a learning platform that takes one file
        for path in [one for one in folder.iterdir() if one.suffix != ".ipynb"]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    notebook = nbformat.read(folder / "small.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.id, cell.source)
    nbformat.write(notebook, folder / "small.ipynb")


def filled_in(student: str, entries: list[Entry]) -> dict[str, str]:
    answers = {f"answer-{n}": f"answer_{n} = {python_literal(entry)}" for n, entry in enumerate(entries, start=1)}
    return {"student-id": f"student_id = {student!r}", **answers}


def answers_of(course: Course, student: str) -> list[Entry]:
    drawing = Drawing(course, course.root / "reference" / "small")
    return [drawing.key.entries[key] for key in drawing(student)]


def graded(course: Course) -> dict[str, SubmissionResult]:
    _, results = grade(course, "small", Options(workers=1))
    return {one.result.student: one.result for one in results}


def scores(result: SubmissionResult) -> list[float | None]:
    return [cell.score for notebook in result.notebooks for cell in notebook.cells]


def checks(result: SubmissionResult) -> list[tuple[str, str]]:
    return [
        (check.verdict, check.message)
        for notebook in result.notebooks
        for cell in notebook.cells
        for check in cell.checks
    ]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("quiz")
    course = course_with(root, WITH_KERAS)
    (root / "course" / "course.toml").write_text(settings(datetime.now(UTC) + timedelta(days=1)))
    (root / "course" / "roster.csv").write_text("id,name\nada,Ada\nbela,Bela\nchen,Chen\ndora,Dora\n")
    (root / ".autograder-secret").write_text("03" * 32)  # which draws different questions for Ada and Chen
    course = open_course(root)
    try:
        build_quizzes(course)
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox here: {error}")
    course = open_course(root)
    build([], root / "reference", course.source_folder("x").parent)
    release(course, ["small"])
    return course


def released_notebook(course: Course) -> NotebookNode:
    return nbformat.read(course.root / "release" / "small" / "small.ipynb", as_version=4)


def test_keras_computes_the_answers_in_the_sandbox(course: Course) -> None:
    key = json.loads((course.root / "reference" / "small" / "data" / "quiz-key.json").read_text())
    right = {name: entry["right"] for name, entry in key["entries"].items()}
    by_units = {entry["explanation"]: entry["right"] for name, entry in key["entries"].items() if name[0] == "1"}
    assert by_units == {"9 × 3 + 4 × 3 = 39.": 39, "9 × 5 + 4 × 5 = 65.": 65}
    assert right["2a"] == [None, 5, 6]
    assert {right["3a"], right["3b"]} == {"[0,1,4]", "[0,1,4,9]"}


def test_an_answer_of_the_release_is_dots_and_raises_nothing(course: Course) -> None:
    cells = {cell.id: cell.source for cell in released_notebook(course).cells}
    assert cells["answer-1"] == "answer_1 = ...\n# write it in place of the dots"
    assert "NotImplementedError" not in "".join(cells.values())
    assert sorted(path.name for path in (course.root / "release" / "small").iterdir()) == [
        "questions.json",
        "quiz",
        "small.ipynb",
        "students.json",
    ]


def test_a_class_is_graded_by_the_questions_of_each_student(course: Course) -> None:
    own = {student: answers_of(course, student) for student in ("ada", "bela", "chen", "dora", "guest")}
    hand_in(course, "ada", filled_in("Ada", own["ada"]))
    partly = filled_in("bela", own["bela"])
    partly |= {"answer-1": 'answer_1 = "many"', "answer-4": f'answer_4 = "{own["bela"][3].right[0]}"'}
    partly["answer-2"] = 'answer_2 = "5 x 6"'
    hand_in(course, "bela", partly, alone=True)
    hand_in(course, "chen", filled_in("ada", own["ada"]))
    hand_in(
        course,
        "dora",
        {
            "student-id": f"student_id = 'dora'\n{HOSTILE}",
            "answer-1": "answer_1 = 10 ** 5000",
            "answer-2": "answer_2 = []\nfor _ in range(500):\n    answer_2 = [answer_2]",
            "answer-3": "answer_3 = Liar('a')",
            "answer-4": "answer_4 = Everything()",
        },
    )
    hand_in(course, "guest", filled_in("guest", own["guest"]))
    hand_in(course, "nobody", {})
    results = graded(course)

    assert scores(results["ada"]) == [2, 2, 2, 4]
    assert results["ada"].status == "graded"
    assert checks(results["ada"]) == [("passed", "")] * 4

    assert scores(results["bela"]) == [0, 2, 2, 2]
    drawing = Drawing(course, course.root / "reference" / "small")
    texts = json.loads((course.root / "release" / "small" / "questions.json").read_text())["texts"]
    executed = nbformat.read(course.folder("autograded", "bela", "small") / "small.ipynb", as_version=4)
    shown = {cell.id: cell.outputs for cell in executed.cells if cell.id.startswith("show-")}
    for number, key in enumerate(drawing("bela"), start=1):
        assert texts[key]["text"] in shown[f"show-{number}"][0].data["text/markdown"]
    assert checks(results["bela"])[0] == ("failed", "not understood: expected a number, received the text 'many'")
    assert checks(results["bela"])[1][1].endswith("the batch is an axis of the shape, too: `None` in front")

    assert [mine == theirs for mine, theirs in zip(own["chen"], own["ada"], strict=True)] == [False, True, False, True]
    assert scores(results["chen"]) == [0, 2, 0, 4]
    assert results["chen"].status == "needs_review"
    flags = [flag for cell in results["chen"].notebooks[0].cells for check in cell.checks for flag in check.flags]
    assert flags == [
        "expected the quiz of 'chen', found the id 'ada' in the notebook: it is judged by the questions of 'chen'; "
        "ask whose work it is"
    ]
    assert (
        "was filled in for the student id 'ada', and is judged by the questions of 'chen'"
        in (checks(results["chen"])[0][1])
    )

    assert scores(results["dora"]) == [0, 0, 0, 0]
    assert results["dora"].status == "graded"
    assert [message.partition(",")[0] for _, message in checks(results["dora"])] == [
        "not understood: expected a number",
        "not understood: expected a shape of whole numbers",
        "not understood: expected what the code prints",
        "not understood: expected letters of options (a",
    ]

    assert scores(results["guest"]) == [2, 2, 2, 4]
    assert scores(results["nobody"]) == [0, 0, 0, 0]
    assert {verdict for verdict, _ in checks(results["nobody"])} == {"failed"}

    again = graded(course)
    assert {student: scores(one) for student, one in again.items()} == {
        student: scores(one) for student, one in results.items()
    }
    assert {student: one.key for student, one in again.items()} == {
        student: one.key for student, one in results.items()
    }
    assert len({one.key for one in results.values()}) == len(results)


def test_why_an_answer_is_right_is_told_when_the_quiz_is_over_for_everybody(course: Course) -> None:
    def page() -> str:
        return write_pages(open_course(course.root), "small", {}).feedback["bela"].read_text()

    explanation = "an optimizer, MNIST is data"
    assert explanation not in page()
    past = datetime.now(UTC) - timedelta(days=3)
    (course.root / "course" / "course.toml").write_text(settings(past))
    assert explanation in page()
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    (course.root / "course" / "exceptions.toml").write_text(
        f'[[extensions]]\nstudent = "ada"\nassignment = "small"\ndue = {later}\nreason = "ill"\n'
    )
    assert explanation not in page()

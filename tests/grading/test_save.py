from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.apps.api import NbGraderAPI

from autograder.course import Course, list_submissions, open_course
from autograder.errors import GradebookError
from autograder.grading.prepare import Prepared, prepare
from autograder.grading.save import is_saved, save, settle_all
from autograder.results import CheckResult, SubmissionResult
from tests.grading.courses import ASSIGNMENT, answer, cell_of, result_of, run_unprotected, submit

pytestmark = [
    # ipykernel's word on the plain TCP kernel these tests execute their own code in
    pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client.*"),
]


def graded(
    course: Course, student: str = "ann", verdicts: Mapping[str, tuple[CheckResult, ...]] | None = None
) -> tuple[Prepared, dict[str, NotebookNode], SubmissionResult]:
    (submission,) = list_submissions(course, ASSIGNMENT, [student])
    prepared = prepare(course, submission, course.root / "staging")
    assert isinstance(prepared, Prepared)
    result, tidied = result_of(course, prepared, run_unprotected(prepared), verdicts)
    return prepared, tidied, result


def grade(
    course: Course, student: str = "ann", verdicts: Mapping[str, tuple[CheckResult, ...]] | None = None
) -> SubmissionResult:
    prepared, tidied, result = graded(course, student, verdicts)
    save(course, prepared, tidied, result)
    return result


def marks(course: Course, student: str = "ann", notebook: str = "sums") -> dict[str, Any]:
    """Return (auto score, manual score, needs a person) of each cell."""
    with course.gradebook() as gradebook:
        row = gradebook.find_submission_notebook(notebook, ASSIGNMENT, student)
        return {one.name: (one.auto_score, one.manual_score, one.needs_manual_grade) for one in row.grades}


def comments(course: Course, student: str = "ann") -> dict[str, str | None]:
    with course.gradebook() as gradebook:
        row = gradebook.find_submission_notebook("sums", ASSIGNMENT, student)
        return {one.name: one.auto_comment for one in row.comments}


def set_manual_score(course: Course, cell: str, score: float) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_grade(cell, "sums", ASSIGNMENT, "ann").manual_score = score
        gradebook.db.commit()


def failed_check(sentence: str, message: str = "") -> CheckResult:
    return CheckResult(
        name="doubles",
        sentence=sentence,
        verdict="failed",
        fraction=0.25,
        weight=1.0,
        evidence="measured",
        message=message,
    )


def test_marks_go_into_the_gradebook(course: Course) -> None:
    submit(course, "ann", answer())
    grade(course)
    assert marks(course) == {"double-tests": (4.0, None, False), "why": (0.0, None, False)}
    assert comments(course) == {"double": None, "why": "No response."}


def test_marks_that_are_no_more_in_the_gradebook_are_noticed(course: Course) -> None:
    submit(course, "ann", answer())
    result = grade(course)
    assert is_saved(course, result)
    with course.gradebook() as gradebook:
        gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ann").auto_score = None
        gradebook.db.commit()
    assert not is_saved(course, result)
    with course.gradebook() as gradebook:
        gradebook.remove_student("ann")
    assert not is_saved(course, result)


def test_an_answer_in_words_waits_for_a_person(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        answer()(notebook)
        cell_of(notebook, "why").source = "Because two is even."

    submit(course, "ann", edit)
    grade(course)
    assert marks(course)["why"] == (None, None, True)
    assert comments(course)["why"] is None


def test_the_autograded_folder_holds_the_executed_notebook_and_the_files_read_only(course: Course) -> None:
    submit(course, "ann", answer())
    grade(course)
    folder = course.folder("autograded", "ann", ASSIGNMENT)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "data.csv",
        "sums.ipynb",
        "tables/more.csv",
    ]
    notebook = nbformat.read(folder / "sums.ipynb", as_version=4)
    assert cell_of(notebook, "double-tests").execution_count == 2
    assert oct((folder / "sums.ipynb").stat().st_mode)[-3:] == "444"
    assert [path.name for path in folder.parent.iterdir()] == [ASSIGNMENT]


def test_the_courses_permissions_are_kept(course: Course) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.Autograde.permissions = 640\n")
    course = open_course(course.root)
    submit(course, "ann", answer())
    grade(course)
    path = course.folder("autograded", "ann", ASSIGNMENT) / "sums.ipynb"
    assert oct(path.stat().st_mode)[-3:] == "640"


def test_a_persons_mark_is_kept_and_marked_for_another_look(course: Course) -> None:
    submit(course, "ann", answer())
    grade(course)
    set_manual_score(course, "double-tests", 1.5)
    grade(course)
    assert marks(course)["double-tests"] == (4.0, 1.5, True)


def test_a_new_submission_without_the_tests_cell_keeps_no_old_mark(course: Course) -> None:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.OverwriteCells.add_missing_cells = False\n")
    course = open_course(course.root)
    submit(course, "ann", answer())
    grade(course)
    submit(course, "ann", lambda notebook: notebook.cells.remove(cell_of(notebook, "double-tests")))
    grade(course)
    assert marks(course)["double-tests"] == (None, None, True)


def test_a_cell_that_could_not_be_judged_waits_for_a_person(course: Course) -> None:
    submit(course, "ann", answer())
    unjudged = failed_check("It doubles.").model_copy(
        update={"verdict": "could_not_judge", "fraction": None, "passed": None}
    )
    assert grade(course, verdicts={"double-tests": (unjudged,)}).status == "could_not_judge"
    assert marks(course)["double-tests"] == (None, None, True)


def test_a_flagged_cell_keeps_its_mark_and_waits_for_a_person(course: Course) -> None:
    submit(course, "ann", answer())
    flagged = failed_check("It doubles.").model_copy(update={"flags": ("asked twice, it answered differently",)})
    assert grade(course, verdicts={"double-tests": (flagged,)}).status == "needs_review"
    assert marks(course)["double-tests"] == (1.0, None, True)


def test_a_flagged_notebook_is_among_those_the_formgrader_lists(course: Course) -> None:
    submit(course, "ann", answer())
    reported = failed_check("It doubles.").model_copy(update={"evidence": "reported"})
    assert grade(course, verdicts={"double-tests": (reported,)}).notebooks[0].flags != ()
    assert marks(course)["double-tests"] == (1.0, None, True)


def test_lost_marks_are_explained_beside_the_answer_in_the_instructors_words(course: Course) -> None:
    submit(course, "ann", answer("def double(number):\n    return number"))
    grade(course, verdicts={"double-tests": (failed_check("It doubles.", "<script>alert()</script>"),)})
    assert marks(course)["double-tests"] == (1.0, None, False)
    assert comments(course)["double"] == "1 of 4 points. Not yet: It doubles."


def test_an_answer_that_was_not_touched_is_no_response_and_no_more(course: Course) -> None:
    submit(course, "ann")
    grade(course, verdicts={"double-tests": (failed_check("It doubles."),)})
    assert comments(course)["double"] == "No response."


def test_a_missing_notebook_gets_zero_without_waiting_for_a_person(two_notebooks: Course) -> None:
    (submit(two_notebooks, "ann", answer()) / "extra.ipynb").unlink()
    result = grade(two_notebooks)
    assert (result.score, result.max_score) == (4.0, 12.0)
    assert marks(two_notebooks, notebook="extra") == {"double-tests": (0.0, None, False), "why": (0.0, None, False)}


LATE_PLUGIN = """
from nbgrader.plugins import BasePlugin

class HalfPointPerMinute(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {penalty}
"""


def late_course(course: Course, penalty: str, module: str) -> Course:
    (course.root / f"{module}.py").write_text(LATE_PLUGIN.format(penalty=penalty))
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(f"c.AssignLatePenalties.plugin_class = '{module}.HalfPointPerMinute'\n")
    course = open_course(course.root)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2026, 11, 2, 17, 0))
    (submit(course, "ann", answer()) / "timestamp.txt").write_text("2026-11-02 17:03:00 UTC")
    return course


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [("total_seconds_late / 120", 1.5), ("score + 100", 4.0), ("-1", 0.0), ("None", None)],
)
def test_the_courses_late_policy_takes_its_penalty_within_the_score(
    course: Course, penalty: str, expected: float | None, request: pytest.FixtureRequest
) -> None:
    course = late_course(course, penalty, f"late_{abs(hash(request.node.name))}")
    assert grade(course).late_seconds == 180.0
    with course.gradebook() as gradebook:
        assert gradebook.find_submission_notebook("sums", ASSIGNMENT, "ann").late_submission_penalty == expected


def test_a_submission_that_is_late_no_more_loses_its_penalty(course: Course) -> None:
    course = late_course(course, "1", "late_then_not")
    grade(course)
    (course.folder("submitted", "ann", ASSIGNMENT) / "timestamp.txt").write_text("2026-11-02 16:00:00 UTC")
    grade(course)
    with course.gradebook() as gradebook:
        assert gradebook.find_submission_notebook("sums", ASSIGNMENT, "ann").late_submission_penalty is None


def break_folder(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let putting the new folder in its place fail, as a full disk or a lost permission would."""
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)


def break_commit(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the database refuse the marks at the last moment."""
    with course.gradebook() as gradebook:
        gradebook.db.connection().exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON grade BEGIN SELECT RAISE(ABORT, 'database is full'); END"
        )
        gradebook.db.commit()


@pytest.mark.parametrize(
    ("breakage", "reason"), [(break_folder, "No space left on device"), (break_commit, "database is full")]
)
def test_when_saving_fails_the_earlier_marks_and_folder_stay(
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    breakage: Callable[[Course, pytest.MonkeyPatch], None],
    reason: str,
) -> None:
    submit(course, "ann", answer())
    grade(course)
    submit(course, "ann", answer("def double(number):\n    return number"))
    prepared, tidied, result = graded(course)
    folder = course.folder("autograded", "ann", ASSIGNMENT)
    before = (folder / "sums.ipynb").read_bytes()
    breakage(course, monkeypatch)
    with pytest.raises(GradebookError, match=rf"(?s)save the marks of ann .*{reason}.*nothing was changed"):
        save(course, prepared, tidied, result)
    assert marks(course)["double-tests"] == (4.0, None, False)
    assert (folder / "sums.ipynb").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == [ASSIGNMENT]


def test_nbgraders_feedback_can_be_generated_from_the_outcome(course: Course) -> None:
    submit(course, "ann", answer("def double(number):\n    return number"))
    grade(course, verdicts={"double-tests": (failed_check("It doubles."),)})
    done = NbGraderAPI(coursedir=course.coursedir(), config=course.config).generate_feedback(ASSIGNMENT)
    assert done["success"], done
    page = (course.folder("feedback", "ann", ASSIGNMENT) / "sums.html").read_text()
    assert "Not yet: It doubles." in page
    assert "(Score: 1.0 / 6.0)" in page


def test_the_formgraders_view_of_a_submission_shows_the_marks(course: Course) -> None:
    submit(course, "ann", answer())
    grade(course)
    api = NbGraderAPI(coursedir=course.coursedir(), config=course.config)
    submission = api.get_submission(ASSIGNMENT, "ann")
    assert (submission["autograded"], submission["submitted"], submission["score"]) == (True, True, 4.0)
    json.dumps(submission)


HOOKS = """
from pathlib import Path
LOG = Path(__file__).parent / "hooks.txt"
def before(assignment, student, notebooks):
    LOG.write_text(f"before {assignment} {student} {len(notebooks)}\\n")
def after(assignment, student, notebooks):
    LOG.write_text(LOG.read_text() + "after")
"""


def test_the_courses_hooks_run_before_preparing_and_after_saving(course: Course) -> None:
    (course.root / "course_hooks.py").write_text(HOOKS)
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.Autograde.pre_convert_hook = 'course_hooks.before'\n")
        file.write("c.Autograde.post_convert_hook = 'course_hooks.after'\n")
    course = open_course(course.root)
    submit(course, "ann", answer())
    grade(course)
    assert (course.root / "hooks.txt").read_text() == "before sums ann 1\nafter"


@pytest.mark.parametrize("new_one", [False, True])
def test_what_a_killed_grader_left_beside_the_autograded_folder_goes_and_the_earlier_one_comes_back(
    course: Course, new_one: bool
) -> None:
    target = course.folder("autograded", "ann", ASSIGNMENT)
    aside = target.with_name(f".{ASSIGNMENT}.saving")
    for place, text in ((aside / "old", "earlier"), (target if new_one else aside / "new", "later")):
        place.mkdir(parents=True)
        (place / "sums.ipynb").write_text(text)
    settle_all(course, ASSIGNMENT)
    assert [path.name for path in target.parent.iterdir()] == [ASSIGNMENT]
    assert (target / "sums.ipynb").read_text() == ("later" if new_one else "earlier")

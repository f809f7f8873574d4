"""What is read from a real gradebook, and what is named as a problem of the course instead of counting zero."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, open_course
from autograder.errors import UsageError
from autograder.grading.store import Store
from autograder.marks import ClassMarks, StudentMark, class_marks, read_moment
from autograder.results import CellResult, NotebookResult, Protection, SubmissionResult
from tests.marks.classroom import AFTER, BETWEEN, COURSE, hand_in

# nbgrader's own add_submission, with SQLAlchemy 2
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


def marks_of(course: Course, at: str = AFTER) -> ClassMarks:
    return class_marks(open_course(course.root), read_moment(at))


def one(found: ClassMarks, student: str) -> StudentMark:
    return next(mark for mark in found.marks if mark.student == student)


def state(found: ClassMarks, student: str, assignment: str) -> tuple[str, str]:
    part = next(p for p in one(found, student).assignments if p.standing.assignment.id == assignment)
    return part.state, part.standing.reason


def change_grade(course: Course, student: str, assignment: str, cell: str, **columns: Any) -> None:
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(cell, "notebook", assignment, student)
        for name, value in columns.items():
            setattr(grade, name, value)
        gradebook.db.commit()


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_class_with_late_missing_excused_and_unmarked_work(course: Course) -> None:
    found = marks_of(course)
    assert found.problems == ()
    assert [(mark.student, str(mark.rounded), mark.letter, mark.final) for mark in found.marks] == [
        ("ada", "85.5", "B", True),
        ("bela", "90.0", "A", False),
        ("chen", "70.0", "B", True),
    ]
    assert (one(found, "bela").lowest, one(found, "bela").highest) == (84, 90)
    assert found.names["bela"] == "Béla Bartók"


def test_nbgraders_own_late_penalty_is_not_counted_twice(course: Course) -> None:
    before = one(marks_of(course), "chen").total
    with course.gradebook() as gradebook:
        for name in ("layers", "images", "words", "final"):
            gradebook.find_submission_notebook("notebook", name, "chen").late_submission_penalty = 5.0
        gradebook.db.commit()
    assert one(marks_of(course), "chen").total == before
    replace_in(course.root / "course" / "course.toml", "percent_per_day = 10\n", "")
    replace_in(course.root / "course" / "course.toml", "budget_days = 1\n", "")
    assert (
        "nbgrader has late penalties for 4 submissions, and course.toml has no [policies.late]: lateness costs nothing "
        "here; enter the policy if it should." in marks_of(course).problems
    )


def test_a_changed_due_date_extension_or_weight_changes_everything_that_follows(course: Course) -> None:
    toml = course.root / "course" / "course.toml"
    # The lab of 7 February is due a day later, so that ada is one day late, which the budget covers: 34 of 40.
    replace_in(toml, "due = 2027-02-07T12:00:00Z", "due = 2027-02-08T12:00:00Z")
    assert one(marks_of(course), "ada").components[0].mark == Fraction(74, 80)
    replace_in(toml, "weight = 60", "weight = 50")
    replace_in(toml, "weight = 40", "weight = 50")
    assert one(marks_of(course), "ada").total == Fraction(175, 2)
    extension = '[[extensions]]\nstudent = "chen"\nassignment = "images"\ndue = 2027-02-18T12:00:00Z\nreason = "ill"\n'
    with (course.root / "course" / "exceptions.toml").open("a", encoding="utf-8") as file:
        file.write(extension)
    # 28, 20 and 40 of 40: the lab that had been dropped with 0.3 has 0.5 now, and is dropped all the same.
    assert state(marks_of(course), "chen", "images")[0] == "dropped"


def test_an_earlier_moment_shows_what_was_due_then(course: Course) -> None:
    found = marks_of(course, BETWEEN)
    assert state(found, "ada", "final") == ("pending", "not handed in, and not due before 2027-03-01 12:00 UTC")
    assert state(found, "bela", "words")[0] == "dropped"
    assert one(found, "ada").components[1].mark is None


def test_a_score_a_person_has_to_look_at_again_waits(course: Course) -> None:
    change_grade(course, "ada", "final", "second-tests", needs_manual_grade=True)
    assert state(marks_of(course), "ada", "final") == ("waiting", "A person has to look again at: second-tests.")


def test_a_person_outweighs_the_automatic_score(course: Course) -> None:
    change_grade(course, "ada", "final", "second-tests", manual_score=14.0)
    assert one(marks_of(course), "ada").components[1].mark == Fraction(38, 40)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"manual_score": 17.0}, "expected at most 16 points, found 17 without extra credit"),
        ({"manual_score": -1.0}, "expected a score of at least 0, found -1"),
        ({"manual_score": float("inf")}, "expected a number, found inf and 0 of extra credit"),
        ({"extra_credit": float("-inf")}, "expected a number, found 16 and -inf of extra credit"),
        # SQLite keeps what is not a number as nothing at all, which nbgrader counts as zero.
        (
            {"auto_score": float("nan"), "needs_manual_grade": False},
            "expected a score, found none (or one that is no number), and nbgrader waits for nobody to give one",
        ),
    ],
)
def test_a_score_that_cannot_be_right_is_named_and_waits(
    course: Course, columns: dict[str, Any], sentence: str
) -> None:
    change_grade(course, "ada", "final", "first-tests", **columns)
    found = marks_of(course)
    problem = f"final of ada, cell first-tests: {sentence}; it waits until that is corrected in the formgrader."
    assert found.problems == (problem,)
    assert state(found, "ada", "final") == ("waiting", "A score cannot be right: first-tests.")


def test_extra_credit_may_exceed_the_points(course: Course) -> None:
    change_grade(course, "chen", "words", "first-tests", extra_credit=10.0)
    found = marks_of(course)
    assert found.problems == ()
    # (0.7 + 1.25) / 2 = 0.975
    assert one(found, "chen").components[0].mark == Fraction(39, 40)


def could_not_judge(course: Course, student: str, assignment: str, *, whole: bool = True) -> None:
    """Leave a result record in which one cell, or with `whole=False` nothing at all, could be judged."""
    cells = (CellResult(cell="second-tests", kind="checks", points=14, score=None, status="could_not_judge"),)
    notebook = NotebookResult(notebook="notebook", score=0, max_score=14, status="could_not_judge", cells=cells)
    result = SubmissionResult(
        course="networks",
        student=student,
        assignment=assignment,
        score=0,
        max_score=40,
        status="could_not_judge",
        notebooks=(notebook,) if whole else (),
        protection=Protection(level="none", holds={}),
        key="",
        started="2027-03-01T13:00:00Z",
        seconds=0.0,
        versions={},
    )
    store = Store(course.results)
    store.write(store.result_path(student, assignment), result)


def test_what_the_grader_could_not_judge_waits_until_a_person_has_marked_it(course: Course) -> None:
    could_not_judge(course, "ada", "final")
    assert state(marks_of(course), "ada", "final") == ("waiting", "The grader could not judge: second-tests.")
    change_grade(course, "ada", "final", "second-tests", manual_score=10.0)
    assert state(marks_of(course), "ada", "final")[0] == "graded"


def test_a_submission_of_which_nothing_could_be_judged_waits_whatever_an_earlier_one_earned(course: Course) -> None:
    could_not_judge(course, "ada", "final", whole=False)
    expected = ("waiting", "The grader could not judge what was handed in last.")
    assert state(marks_of(course), "ada", "final") == expected


def test_work_that_is_handed_in_and_not_graded_yet_is_not_missing(course: Course) -> None:
    folder = course.folder("submitted", "bela", "words")
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2027-02-20 10:00:00 UTC")
    reason = "It was handed in and is not graded yet (`autograder grade words`)."
    assert state(marks_of(course), "bela", "words") == ("waiting", reason)
    (folder / "timestamp.txt").write_text("yesterday")
    found = marks_of(course)
    assert state(found, "bela", "words")[0] == "waiting"
    assert found.problems[0].startswith("words of bela: expected a time such as")


def test_a_grade_row_that_is_lost_is_named_and_waits(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.db.delete(gradebook.find_grade("why", "notebook", "final", "ada"))
        gradebook.db.commit()
    found = marks_of(course)
    assert found.problems == (
        "final of ada: expected 4 marked cells in the gradebook, found 3; it waits until it is graded again "
        "(`autograder grade final --force`).",
    )
    assert state(found, "ada", "final") == ("waiting", "The gradebook lacks 1 of its 4 cells.")


def test_who_is_only_in_the_gradebook_or_only_on_the_roster_is_named_and_has_marks(course: Course) -> None:
    replace_in(course.root / "course" / "roster.csv", "chen,Chen Jingrun", "emil,Emil Artin")
    found = marks_of(course)
    assert [mark.student for mark in found.marks] == ["ada", "bela", "chen", "emil"]
    assert found.problems == (
        "In the gradebook or among the submissions, and not on the roster: chen; they have marks all the same: add "
        "them to course/roster.csv, or remove their work.",
        "On the roster, and neither in the gradebook nor among the submissions: emil; what is due counts as missing "
        "for them: correct the id, or see whether they still take the course.",
    )
    assert one(found, "emil").total == 0


def test_doubles_and_blank_ids_on_the_roster_are_named(course: Course) -> None:
    with (course.root / "course" / "roster.csv").open("a", encoding="utf-8") as file:
        file.write("ada,Ada Again\n,Nobody Known\n")
    assert marks_of(course).problems == (
        "roster.csv, line 5: expected each id once, found 'ada' again; the line is passed over: remove it, or give it "
        "the id of the student who was meant.",
        "roster.csv, line 6: expected an id, found a blank one beside 'Nobody Known'; this student has no mark until "
        "the id is there.",
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "id,name\nbela,B\xe9la\n".encode("latin-1"),
            "found byte 0xe9 on line 2, which is none; save it again as",
        ),
        (b"name\nAda\n", "expected a column `id`"),
    ],
)
def test_a_roster_that_cannot_be_read_is_refused(course: Course, content: bytes, sentence: str) -> None:
    (course.root / "course" / "roster.csv").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        marks_of(course)
    assert sentence in str(caught.value)


def test_an_assignment_nobody_handed_in_is_named_and_counts_for_nobody(course: Course) -> None:
    with course.gradebook() as gradebook:
        for student in ("ada", "chen"):
            gradebook.remove_submission("words", student)
    found = marks_of(course)
    assert found.problems == (
        "Nobody has handed in words, which was due on 2027-02-21 12:00 UTC: it counts for nobody until submissions are "
        "there; collect and grade them, or correct the due date.",
    )
    assert {state(found, student, "words")[0] for student in ("ada", "bela", "chen")} == {"waiting"}


def test_what_course_and_gradebook_say_differently_is_named(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.add_assignment("practice")
        gradebook.find_submission("layers", "ada").extension = timedelta(days=2)
        gradebook.find_assignment("images").duedate += timedelta(days=1)
        gradebook.db.commit()
    toml = COURSE + '[[assignments]]\nid = "more"\nkind = "quiz"\ntitle = "More"\ncomponent = "exam"\n'
    toml += "released = 2027-03-02T08:00:00Z\ndue = 2027-03-05T08:00:00Z\n"
    (course.root / "course" / "course.toml").write_text(toml)
    replace_in(course.root / "course" / "exceptions.toml", '"chen"', '"chan"')
    assert marks_of(course).problems == (
        "Nobody has handed in more, which was due on 2027-03-05 08:00 UTC: it counts for nobody until submissions are "
        "there; collect and grade them, or correct the due date.",
        "In the gradebook, and not in course.toml: practice; they count nothing.",
        "images is due on 2027-02-14 12:00 UTC in course.toml, which holds, and on 2027-02-15 12:00 UTC in nbgrader's "
        "gradebook; make them equal.",
        "more was to be released on 2027-03-02 08:00 UTC, and the gradebook does not know it; release it, or correct "
        "the date.",
        "layers of ada: nbgrader's gradebook has an extension of 2 days, 0:00:00, which does not count here; enter it "
        "into exceptions.toml with its reason.",
        "In exceptions.toml, and nowhere else: chan; correct the ids or remove the entries.",
    )


def test_an_announced_assignment_whose_date_has_passed_is_named(course: Course) -> None:
    toml = COURSE + '[[assignments]]\nid = "more"\nkind = "quiz"\ntitle = "More"\ncomponent = "exam"\n'
    (course.root / "course" / "course.toml").write_text(toml + "due = 2027-03-05T08:00:00Z\n")
    assert marks_of(course).problems == (
        "more was due on 2027-03-05 08:00 UTC and course.toml has no `released` for it: it counts for nobody; enter "
        "when it was released, or another due date.",
    )
    assert state(marks_of(course), "ada", "more") == ("pending", "announced, and not released yet")


def test_without_a_gradebook_marks_are_open_and_none_is_made(course: Course) -> None:
    (course.root / "gradebook.db").unlink()
    found = marks_of(course, "2027-02-01T00:00:00Z")
    assert found.problems == (f"The course has no gradebook yet ({course.root}): nothing has been released or graded.",)
    assert [(mark.student, mark.total) for mark in found.marks] == [("ada", None), ("bela", None), ("chen", None)]
    assert not (course.root / "gradebook.db").exists()


def test_reading_marks_changes_nothing_in_the_course(course: Course) -> None:
    def content() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(course.root.rglob("*")) if path.is_file()}

    before = content()
    marks_of(course)
    assert content() == before


def test_a_course_without_a_roster_has_the_students_of_its_gradebook(course: Course) -> None:
    (course.root / "course" / "roster.csv").unlink()
    found = marks_of(course)
    assert [mark.student for mark in found.marks] == ["ada", "bela", "chen"]
    assert found.problems == ()


def test_a_submission_without_a_time_counts_as_in_time(course: Course) -> None:
    with course.gradebook() as gradebook:
        hand_in(gradebook, "bela", "words", (16, 14), (6, 4))
        gradebook.find_submission("words", "bela").timestamp = None
        gradebook.db.commit()
    lines = marks_of(course).explain("bela")
    assert any("when it was handed in is not known, no moment or none that can be read" in line for line in lines)

"""Feedback through a real exchange: who gets which page, who is left out, and that nothing hidden goes along."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course import Course, open_course
from autograder.errors import PublishError, UsageError
from autograder.publish import CourseExchange, FeedbackOptions, Published, publish_feedback
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared
from tests.grading.courses import ASSIGNMENT, answer, submit
from tests.publish.exchanges import Student, collect, grade, open_exchange

# nbgrader's exchange leaves the file of a submission's time to be closed by whoever comes along.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

NOW = datetime(2027, 2, 1, tzinfo=UTC)
HIDDEN = "double(-3) == -6"  # of the tests that students never see


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:  # noqa: F811
    course, exchange = open_exchange(released_sums, tmp_path)
    CourseExchange.of(course).release_assignment(ASSIGNMENT, force=False)
    assert (exchange / "arithmetic" / "outbound" / "sums" / "sums.ipynb").is_file()
    return course


def student(course: Course, name: str, **work: str) -> Student:
    """A student who fetches, solves and hands in."""
    found = Student(name, course.root.parent / f"home-{name}", course.root.parent / "exchange")
    found.home.mkdir(exist_ok=True)
    if not (found.home / ASSIGNMENT).exists():
        found.run("FetchAssignment")
    found.solve(**work)
    found.run("Submit")
    return found


def publish(course: Course, **options: object) -> Published:
    return publish_feedback(course, ASSIGNMENT, FeedbackOptions(**options), NOW)  # type: ignore[arg-type]


def test_students_fetch_our_report_as_nbgraders_feedback(course: Course) -> None:
    ann, bob = student(course, "ann"), student(course, "bob", source="def double(number):\n    return 0")
    collect(course)
    for one in ("ann", "bob"):
        grade(course, one)
    published = publish(course)
    assert [(page.result.student, page.became, page.fetchable) for page in published.pages] == [
        ("ann", "new", True),
        ("bob", "new", True),
    ]
    assert published.complete
    for one, mark in ((ann, "4"), (bob, "0")):
        one.run("FetchFeedback")
        (page,) = one.fetched()
        html = page.read_text()
        assert page.name == "sums.html"
        assert "<title>" in html
        assert one.name in html
        assert f"{mark} of 6" in " ".join(html.replace("<strong>", "").replace("</strong>", "").split()) or mark in html
        assert HIDDEN not in html
    assert bob.fetched()[0].read_text() != ann.fetched()[0].read_text()


def test_a_page_that_has_changed_is_fetched_again(course: Course) -> None:
    ann = student(course, "ann")
    collect(course)
    grade(course, "ann")
    publish(course)
    ann.run("FetchFeedback")
    before = ann.fetched()[0].read_text()
    assert [page.became for page in publish(course).pages] == ["same"]
    with course.gradebook() as gradebook:
        gradebook.find_comment("why", "sums", ASSIGNMENT, "ann").manual_comment = "Say more next time."
        gradebook.db.commit()
    assert [page.became for page in publish(course).pages] == ["changed"]
    ann.run("FetchFeedback")
    assert "Say more next time." in ann.fetched()[0].read_text()
    assert "Say more next time." not in before


def test_each_submission_keeps_the_page_about_itself(course: Course) -> None:
    ann = student(course, "ann", source="def double(number):\n    return 0  # my first try")
    collect(course)
    grade(course, "ann")
    publish(course)
    student(course, "ann")
    collect(course)
    (left,) = publish(course).left_out
    assert left.left_out == "handed in again since it was graded; `autograder grade` comes first"
    ann.run("FetchFeedback")
    assert len(ann.fetched()) == 1
    grade(course, "ann")
    publish(course)
    ann.run("FetchFeedback")
    first, second = (page.read_text() for page in ann.fetched())
    assert ("my first try" in first, "my first try" in second) == (True, False)


def test_what_waits_for_a_person_is_left_out_unless_asked_for(course: Course) -> None:
    ann = student(course, "ann", why="Because.")
    student(course, "bob")
    student(course, "cid")
    collect(course)
    for one in ("ann", "bob"):
        grade(course, one)
    published = publish(course)
    assert [page.result.student for page in published.pages] == ["bob"]
    assert [(one.student, one.left_out, one.waits) for one in published.left_out] == [
        ("ann", "waits for a person, who reads why", True),
        ("cid", "not graded yet; `autograder grade` does it", False),
    ]
    assert not published.complete
    assert not (course.root / "feedback" / "ann").exists()
    assert [page.result.student for page in publish(course, waiting=True).pages] == ["ann", "bob"]
    ann.run("FetchFeedback")
    assert "still to be given" in ann.fetched()[0].read_text()


def test_a_page_never_shows_other_marks_than_the_gradebook_has(course: Course) -> None:
    student(course, "ann")
    collect(course)
    grade(course, "ann")
    with course.gradebook() as gradebook:
        gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ann").auto_score = 1.0
        gradebook.db.commit()
    (left,) = publish(course).left_out
    assert left.left_out == "graded again by nbgrader alone, with other marks; `autograder grade` makes a page of these"


def test_a_dry_run_says_the_same_and_writes_nothing(course: Course) -> None:
    student(course, "ann")
    collect(course)
    grade(course, "ann")
    before = sorted(course.root.parent.rglob("*"))
    published = publish(course, dry_run=True)
    assert [(page.result.student, page.became, page.fetchable) for page in published.pages] == [("ann", "new", True)]
    assert sorted(course.root.parent.rglob("*")) == before


def test_what_came_another_way_has_a_page_to_be_handed_out(course: Course) -> None:
    submit(course, "dora", answer())
    grade(course, "dora")
    published = publish(course)
    (page,) = published.pages
    assert (page.folder / "sums.html").is_file()
    assert not page.fetchable
    assert page.trouble == f"was not handed in through the exchange: hand out {page.folder}"
    assert not published.complete


def test_nbgraders_own_feedback_never_goes_out_with_ours(course: Course) -> None:
    ann = student(course, "ann")
    collect(course)
    grade(course, "ann")
    stale = course.root / "feedback" / "ann" / ASSIGNMENT
    stale.mkdir(parents=True)
    for name in ("sums.html", "extra.html"):
        (stale / name).write_text(HIDDEN)
    publish(course)
    ann.run("FetchFeedback")
    assert [path.name for path in ann.fetched()] == ["sums.html"]
    out = course.root.parent / "exchange" / "arithmetic" / "feedback"
    assert all(HIDDEN not in path.read_text() for path in out.iterdir())
    assert [path.name for path in stale.glob("*.html")] == ["sums.html"]


def test_a_secret_that_is_a_link_is_not_followed(course: Course, tmp_path: Path) -> None:
    student(course, "ann")
    collect(course)
    grade(course, "ann")
    secret = course.folder("autograded", "ann", ASSIGNMENT) / "submission_secret.txt"
    (tmp_path / "private").write_text("of the instructor's")
    secret.unlink()
    secret.symlink_to(tmp_path / "private")
    assert "was not handed in through the exchange" in publish(course).pages[0].trouble


def test_what_nobody_has_handed_in_is_wrong_usage(course: Course) -> None:
    with pytest.raises(UsageError, match="there is no feedback to give"):
        publish(course)
    student(course, "ann")
    collect(course)
    with pytest.raises(UsageError, match="expected a student who has handed 'sums' in, received 'anna'"):
        publish(course, students=("anna",))


def test_an_exchange_that_was_named_and_is_not_there_stops_everything(course: Course) -> None:
    submit(course, "ann", answer())
    grade(course, "ann")
    config = course.root / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}c.Exchange.root = {str(course.root.parent / 'nowhere')!r}\n")
    with pytest.raises(PublishError, match=r"expected nbgrader's exchange at .*nowhere, found no folder there"):
        publish(open_course(course.root))
    assert not (course.root / "feedback").exists()

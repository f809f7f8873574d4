"""Who changed which mark, and the question before one falls: real gradebooks, results as a worker would bring them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from autograder.course import Course, open_course
from autograder.grading.change_log import ChangeLog, LoggedChange
from autograder.grading.grade import Graded, Options, Run
from autograder.grading.gradebook_marks import Place
from autograder.grading.recover import prepare_recovery
from autograder.grading.scribe import Scribe
from autograder.grading.store import Store
from tests.grading.by_hand import execute_by_hand, finish_by_hand, grade_by_hand, outcome_of
from tests.grading.courses import ASSIGNMENT, answer, submit

Agreed = Callable[[list[Graded]], bool]
Said = tuple[str, bool, list[tuple[str, float | str | None, float | str | None]]]


def logged(course: Course) -> list[LoggedChange]:
    entries, spoilt = ChangeLog(Store(course.results).changes).read()
    assert spoilt == ()
    return entries


def said(course: Course) -> list[Said]:
    return [(one.why, one.seen, [(m.kind, m.before, m.after) for m in one.marks]) for one in logged(course)]


def score(course: Course, student: str = "ann") -> float | None:
    with course.gradebook() as gradebook:
        found: float | None = gradebook.find_grade("double-tests", "sums", ASSIGNMENT, student).auto_score
    return found


def regrade(
    course: Course, agreed: Agreed, *, right: bool, force: bool = False, students: tuple[str, ...] = ("ann",)
) -> list[Graded]:
    """Grade submissions as a run without --yes does."""
    run = Run(course, ASSIGNMENT, Options(students=students, force=force))
    found: list[Graded] = []
    with run.ready():
        for submission in run.submissions:
            task = run.take(submission, found)
            if task is not None:
                execute_by_hand(task, right)
                graded = run.finish(outcome_of(task))
                found += [] if graded.held else [graded]
        return [*found, *run.decide(lambda held: agreed(list(held)))]


def never_asked(held: list[Graded]) -> bool:
    raise AssertionError("expected no question")


def test_a_first_grading_is_logged_once_and_a_second_run_adds_nothing(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    first = Store(course.results).changes.read_bytes()
    grade_by_hand(course, "ann")
    assert Store(course.results).changes.read_bytes() == first
    assert said(course) == [("first grading", False, [("automatic", None, 4.0), ("automatic", None, 0.0)])]
    (entry,) = logged(course)
    assert (entry.student, entry.assignment, entry.command) == ("ann", ASSIGNMENT, "grade")
    assert entry.user
    assert [(mark.notebook, mark.cell) for mark in entry.marks] == [("sums", "double-tests"), ("sums", "why")]


def test_a_persons_mark_is_kept_and_logged_as_seen_behind_what_was_there(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    before = Store(course.results).changes.read_bytes()
    with course.gradebook() as gradebook:
        gradebook.find_grade("why", "sums", ASSIGNMENT, "ann").manual_score = 1.5
        gradebook.db.commit()
    grade_by_hand(course, "ann", force=True)
    assert said(course)[1:] == [("seen in the gradebook", True, [("manual", None, 1.5)])]
    assert Store(course.results).changes.read_bytes().startswith(before)
    with course.gradebook() as gradebook:
        assert gradebook.find_grade("why", "sums", ASSIGNMENT, "ann").manual_score == 1.5


def test_a_mark_that_would_fall_stays_when_nobody_agrees_and_is_asked_about_again(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    log, ledger = Store(course.results).changes.read_bytes(), Store(course.results).ledger.read_bytes()
    submit(course, "ann", answer("def double(number):\n    return number"))
    (held,) = regrade(course, lambda held: False, right=False)
    assert held.held
    assert held.move is not None
    assert (held.move.before, held.move.after, held.move.why) == (4.0, 0.0, "handed in again")
    assert score(course) == 4.0
    assert (Store(course.results).changes.read_bytes(), Store(course.results).ledger.read_bytes()) == (log, ledger)
    with prepare_recovery(course, []) as recovery:
        assert recovery.plan.empty  # what is held back is not the ledger's last word
    (lowered,) = regrade(course, lambda held: True, right=True)  # from what was executed before: nothing runs again
    assert (lowered.held, lowered.fresh, score(course)) == (False, False, 0.0)
    assert said(course)[1:] == [("handed in again", False, [("automatic", 4.0, 0.0)])]
    assert not Store(course.results).staging.exists()


CLASS = ("ann", "bea", "cid")


def grade_class(course: Course) -> None:
    """Everybody's work was right, and that of the last two has since been handed in again, wrong."""
    for student in CLASS:
        submit(course, student, answer())
        grade_by_hand(course, student)
    for student in CLASS[1:]:
        submit(course, student, answer("def double(number):\n    return number"))


def scores(course: Course) -> list[float | None]:
    return [score(course, student) for student in CLASS]


def test_one_question_is_asked_for_all_whose_marks_would_fall(course: Course) -> None:
    grade_class(course)
    questions: list[list[tuple[str, float, float]]] = []

    def agreed(held: list[Graded]) -> bool:
        moves = [(one.result.student, one.move) for one in held]
        questions.append([(student, move.before, move.after) for student, move in moves if move is not None])
        return len(questions) > 1

    assert [one.held for one in regrade(course, agreed, right=False, students=CLASS)] == [False, True, True]
    assert scores(course) == [4.0, 4.0, 4.0]
    assert len(logged(course)) == 3
    assert [one.held for one in regrade(course, agreed, right=False, students=CLASS)] == [False, False, False]
    assert scores(course) == [4.0, 0.0, 0.0]
    assert questions == [[("bea", 4.0, 0.0), ("cid", 4.0, 0.0)]] * 2
    lowered = logged(course)[3:]
    assert [(one.student, one.why, one.marks[0].before, one.marks[0].after) for one in lowered] == [
        ("bea", "handed in again", 4.0, 0.0),
        ("cid", "handed in again", 4.0, 0.0),
    ]


def test_a_run_that_is_ended_while_it_asks_has_lowered_nothing_and_the_next_one_asks_again(course: Course) -> None:
    grade_class(course)
    before = Store(course.results).changes.read_bytes(), Store(course.results).ledger.read_bytes()

    def ends(held: list[Graded]) -> bool:
        assert [one.result.student for one in held] == ["bea", "cid"]
        raise KeyboardInterrupt

    for _ in range(2):
        with suppress(KeyboardInterrupt):
            regrade(course, ends, right=False, students=CLASS)
        assert scores(course) == [4.0, 4.0, 4.0]
        assert (Store(course.results).changes.read_bytes(), Store(course.results).ledger.read_bytes()) == before
    # the next one does not run again what was run: it would be right this time
    assert len(regrade(course, lambda held: True, right=True, students=CLASS)) == 3
    assert scores(course) == [4.0, 0.0, 0.0]


def test_limits_that_change_and_lower_a_mark_are_the_reason_that_is_logged(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    (course.root / "course.toml").write_text("[limits]\ncell_seconds = 1\n")
    changed = open_course(course.root)
    (held,) = regrade(changed, lambda held: False, right=False)
    assert (held.held, score(course)) == (True, 4.0)
    (lowered,) = regrade(changed, lambda held: True, right=False)
    assert (lowered.held, score(course)) == (False, 0.0)
    why = "checks, limits, packages or options changed"
    assert said(course)[1:] == [(why, False, [("automatic", 4.0, 0.0)])]


def test_work_that_is_held_back_leaves_the_earlier_time_of_hand_in(course: Course) -> None:
    folder = submit(course, "ann", answer())
    (folder / "timestamp.txt").write_text("2026-11-02 16:00:00 UTC")
    grade_by_hand(course, "ann")
    submit(course, "ann", answer("def double(number):\n    return number"))
    (folder / "timestamp.txt").write_text("2026-11-05 16:00:00 UTC")

    def arrived() -> datetime:
        with course.gradebook() as gradebook:
            found: datetime = gradebook.find_submission(ASSIGNMENT, "ann").timestamp
        return found

    regrade(course, lambda held: False, right=False)
    assert arrived() == datetime(2026, 11, 2, 16)
    regrade(course, lambda held: True, right=False)
    assert arrived() == datetime(2026, 11, 5, 16)


def test_a_mark_that_rises_is_written_without_a_question(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann", right=False)
    (one,) = regrade(course, never_asked, right=True, force=True)
    assert one.move is not None
    assert (one.move.before, one.move.after, score(course)) == (0.0, 4.0, 4.0)
    assert [(entry.why, entry.command) for entry in logged(course)][1:] == [("graded again", "grade --force")]


def test_a_persons_mark_decides_whether_a_mark_falls(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    with course.gradebook() as gradebook:
        gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ann").manual_score = 3.0
        gradebook.db.commit()
    (one,) = regrade(course, never_asked, right=False, force=True)
    assert one.move is not None
    assert not one.move.changes
    assert score(course) == 0.0


def test_what_a_killed_run_had_saved_is_logged_as_its_own(course: Course) -> None:
    submit(course, "ann", answer())
    run = Run(course, ASSIGNMENT, Options())

    def dies(*_: object) -> list[LoggedChange]:
        raise KeyboardInterrupt

    with run.ready():
        object.__setattr__(run.scribe, "note_saved", dies)
        with suppress(KeyboardInterrupt):
            finish_by_hand(run)
    assert logged(course) == []
    Scribe.of(course, "marks").catch_up()
    grade_by_hand(course, "ann")
    assert said(course) == [("first grading", False, [("automatic", None, 4.0), ("automatic", None, 0.0)])]


def test_recovering_is_logged(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    with course.gradebook() as gradebook:
        gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "ann").auto_score = 1.0
        gradebook.db.commit()
    with prepare_recovery(course, []) as recovery:
        recovery.carry_out()
    assert said(course)[1:] == [
        ("seen in the gradebook", True, [("automatic", 4.0, 1.0)]),
        ("recovered", False, [("automatic", 1.0, 4.0)]),
    ]


def test_a_torn_last_line_is_cut_and_its_change_noted_again(course: Course) -> None:
    submit(course, "ann", answer())
    grade_by_hand(course, "ann")
    path = Store(course.results).changes
    path.write_bytes(path.read_bytes()[:-20])
    Scribe.of(course, "marks").catch_up()
    assert said(course) == [("seen in the gradebook", True, [("automatic", None, 4.0), ("automatic", None, 0.0)])]


def test_two_processes_add_to_one_log_and_neither_takes_the_others_marks_for_news(tmp_path):
    path = tmp_path / "changes.jsonl"
    grader, review = ChangeLog(path), ChangeLog(path)
    place = Place("ada", "sums", "sums", "double", "manual")

    def add(log, value, user):
        return log.add({place: value}, lambda one: one == place, lambda one: ("given in the review", False), user, "x")

    assert grader.standing == {}
    assert len(add(review, 2.0, "tina")) == 1
    assert add(grader, 2.0, "root") == []  # the log knows by now
    (entry,) = add(grader, 3.0, "root")
    assert (entry.marks[0].before, entry.marks[0].after) == (2.0, 3.0)
    (entry,) = add(review, 4.0, "tina")
    assert entry.marks[0].before == 3.0
    assert [one.user for one in ChangeLog(path).read()[0]] == ["tina", "root", "tina"]


def test_a_line_that_a_crash_tore_is_written_over_by_whoever_adds_next(tmp_path):
    path = tmp_path / "changes.jsonl"
    first, second = ChangeLog(path), ChangeLog(path)
    place = Place("ada", "sums", "sums", "double", "manual")

    def add(log, value):
        log.add({place: value}, lambda one: one == place, lambda one: ("given in the review", False), "tina", "review")

    add(first, 1.0)
    with path.open("ab") as file:
        file.write(b'{"sha256":"torn')
    assert second.standing == {place: 1.0}
    add(second, 2.0)
    add(first, 3.0)
    entries, spoilt = ChangeLog(path).read()
    assert [one.marks[0].after for one in entries] == [1.0, 2.0, 3.0]
    assert spoilt == ()

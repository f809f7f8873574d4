"""What is to be looked at first, and why."""

from __future__ import annotations

from autograder.reports.first_look import first_looks
from autograder.reports.items import analyse_items
from autograder.results import SubmissionResult

from .class_of_thirty import record
from .samples import cell, check, submission


def results(assignment: str) -> list[SubmissionResult]:
    return [record(number, assignment) for number in range(30)]


def test_the_faults_of_a_class_are_found_the_graders_own_first() -> None:
    analysed = [analyse_items(name, results(name)) for name in ("layers", "images", "words", "final")]
    found = [(one.assignment, one.cell, one.sentence) for one in first_looks(analysed)]
    assert found == [
        ("final", "second-tests", "The network has 3 parameters."),
        ("words", "first-tests", ""),
        ("images", "first-tests", ""),
        ("images", "second-tests", ""),
    ]  # "The rate is halved." has -0.12 and -0.07, which chance would do as well


def test_each_is_listed_with_its_reason() -> None:
    final, words = (first_looks([analyse_items(name, results(name))])[0].why for name in ("final", "words"))
    assert final == "3 of 30 could not be judged: a fault of the grader's, for which no student loses points."
    assert words == "None of 30 students has earned anything: look for a fault in the question, or in its checks."
    negative = first_looks([analyse_items("images", results("images"))])[0].why
    assert negative.startswith("Students who do well elsewhere do worse here (discrimination \u22120.")
    assert "30 students" in negative


def flagged(student: str, flags: tuple[str, ...]) -> SubmissionResult:
    return submission(student, (cell("q", 4.0, (check("a", "A.", flags=flags),), 4.0),))


def test_what_everybody_passed_is_listed_where_many_are_flagged() -> None:
    clean = [flagged(f"s{number}", ()) for number in range(18)]
    assert first_looks([analyse_items("lab", clean)]) == []
    one, two = flagged("x", ("asked twice, it answered differently",)), flagged("y", ("the same",))
    assert first_looks([analyse_items("lab", [*clean[:5], one])]) == []
    found = first_looks([analyse_items("lab", [*clean, one, two])])
    assert [look.why for look in found] == [
        "All 20 students have full marks, and 2 of these submissions are flagged: look at what the flags say."
    ]


def test_of_four_students_it_says_little_that_all_are_wrong() -> None:
    failed = submission("s", (cell("q", 4.0, (check("a", "A.", verdict="failed", fraction=0.0),), 0.0),))
    assert first_looks([analyse_items("lab", [failed] * 4)]) == []
    assert [one.sentence for one in first_looks([analyse_items("lab", [failed] * 5)])] == [""]


def test_a_check_nobody_passes_is_listed_by_itself_where_the_question_has_others() -> None:
    checks = (check("a", "A."), check("b", "B.", verdict="failed", fraction=0.0))
    found = first_looks([analyse_items("lab", [submission("s", (cell("q", 4.0, checks, 2.0),))] * 5)])
    assert [(one.sentence, one.why) for one in found] == [
        ("B.", "None of 5 students has passed this check, even in part: look for a fault in it.")
    ]


def test_submissions_that_could_not_be_judged_at_all_are_listed_by_their_share() -> None:
    broken = record(0, "final").model_copy(update={"notebooks": ()})
    found = first_looks([analyse_items("final", [broken, *results("final")])])
    assert [one.why.partition(" could")[0] for one in found[:2]] == ["3 of 30", "1 of 31 submissions"]
    assert (found[1].cell, found[1].sentence) == ("", "")

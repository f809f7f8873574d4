"""The engine: properties on random courses, and small examples that can be checked by hand."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course import CourseSettings, Exceptions
from autograder.errors import UsageError
from autograder.marks import AssignmentMark, Score, StudentMark, compute_marks, derivation
from autograder.marks.derivation import TIMES
from tests.marks.plain import World, plain_marks, worlds

DUE = datetime(2027, 2, 10, 12, tzinfo=UTC)
AT = DUE + timedelta(days=30)
HIGHEST_CAP = 120


def marks_of(world: World) -> tuple[StudentMark, ...]:
    return compute_marks(world.settings(), world.exceptions(), world.scores(), world.students, world.moment())


@settings(max_examples=300)
@given(worlds())
def test_marks_equal_a_plain_independent_computation(world: World) -> None:
    for mark in marks_of(world):
        assert (mark.total, mark.lowest, mark.highest) == plain_marks(world, mark.student)


@given(worlds())
def test_marks_stay_within_bounds(world: World) -> None:
    for mark in marks_of(world):
        assert (mark.lowest is None) == (mark.highest is None)
        if mark.lowest is not None and mark.highest is not None:
            assert 0 <= mark.lowest <= mark.highest <= HIGHEST_CAP
        if mark.total is not None:
            assert 0 <= mark.total <= HIGHEST_CAP
        if mark.final:
            assert mark.total == mark.lowest == mark.highest


@given(worlds(), st.data())
def test_a_mark_never_falls_when_a_score_rises(world: World, data: st.DataObject) -> None:
    if not world.work:
        return
    pair = data.draw(st.sampled_from(sorted(world.work)))
    more = world.work[pair].points + data.draw(st.sampled_from((Fraction(1, 3), Fraction(1), Fraction(20))))
    before, after = marks_of(world), marks_of(world.with_points(pair, more))
    for old, new in zip(before, after, strict=True):
        for name in ("total", "lowest", "highest"):
            was, now = getattr(old, name), getattr(new, name)
            assert (was is None and now is None) or now >= was


@given(worlds(), st.randoms(use_true_random=False))
def test_marks_do_not_depend_on_the_order_of_input(world: World, shuffler: random.Random) -> None:
    scores, students, order = world.scores(), list(world.students), list(world.tasks)
    exceptions = world.exceptions()
    extensions, excuses = list(exceptions.extensions), list(exceptions.excuses)
    for some in (scores, students, order, extensions, excuses):
        shuffler.shuffle(some)
    shuffled = Exceptions(extensions=tuple(extensions), excuses=tuple(excuses))
    again = compute_marks(world.settings(order), shuffled, scores, students, world.moment())

    def part(one: AssignmentMark) -> tuple[object, ...]:
        return one.standing.assignment.id, one.state, one.contribution

    def seen(marks: tuple[StudentMark, ...]) -> list[object]:
        return [
            (one.student, one.total, one.lowest, one.highest, one.letter, sorted(map(part, one.assignments)))
            for one in marks
        ]

    assert seen(again) == seen(marks_of(world))


@given(worlds())
def test_the_total_is_the_sum_of_the_explained_contributions(world: World) -> None:
    policies = world.settings().policies
    for mark in marks_of(world):
        steps = derivation(mark, policies)
        assert steps.value == mark.total
        for component, step in zip(mark.components, steps.parts[: len(mark.components)], strict=True):
            parts = [one.value for one in step.parts if re.match(r"T\d\d \(|more than its cap", one.words)]
            assert sum((one for one in parts if one is not None), Fraction(0)) == component.contribution
        shown = [one.value for one in steps.parts[: len(mark.components)] if one.value is not None]
        assert sum(shown, Fraction(0)) == (mark.total or 0)


@given(worlds())
def test_every_printed_product_and_sum_is_right_to_what_is_printed(world: World) -> None:
    for mark in marks_of(world):
        for line in derivation(mark, world.settings().policies).lines():
            if found := re.search(rf"([\d.]+) {TIMES} ([\d/]+) of the component {TIMES} ([\d.]+) [=≈] ([\d.]+)$", line):
                score, share, weight, value = (Fraction(one) for one in found.groups())
                assert abs(score * share * weight - value) < Fraction(2, 100)
            elif found := re.search(r"(?:together|course mark:) ([\d. +-]+) [=≈] ([\d.]+)", line):
                terms = [Fraction(one.replace(" ", "")) for one in re.findall(r"[+-]? ?[\d.]+", found[1])]
                assert abs(sum(terms) - Fraction(found[2])) < Fraction(1, 1000)


def course(policies: dict[str, object] | None = None, **component: object) -> CourseSettings:
    """Labs a, b, c (60 %, 10 points each in the tests) and an exam (40 %)."""
    labs = [
        {"id": name, "kind": "lab", "title": name.upper(), "component": "labs", "due": DUE + timedelta(days=day)}
        for day, name in enumerate("abc")
    ]
    exam = {"id": "exam", "kind": "exam", "title": "Exam", "component": "exam", "due": DUE + timedelta(days=60)}
    return CourseSettings.model_validate(
        {
            "components": [
                {"id": "labs", "title": "Labs", "weight": 60, **component},
                {"id": "exam", "title": "Exam", "weight": 40},
            ],
            "assignments": [one | {"released": DUE - timedelta(days=7)} for one in [*labs, exam]],
            "policies": policies or {},
        }
    )


def score(assignment: str, points: float, late: timedelta = timedelta(0), student: str = "ada") -> Score:
    due = {"a": DUE, "b": DUE + timedelta(days=1), "c": DUE + timedelta(days=2), "exam": DUE + timedelta(days=60)}
    return Score(student, assignment, Fraction(10), Fraction(points), handed_in=due[assignment] + late)


def excused(*assignments: str) -> Exceptions:
    excuses = [{"student": "ada", "assignment": one, "reason": "ill"} for one in assignments]
    return Exceptions.model_validate({"excuses": excuses})


def ada(settings: CourseSettings, scores: list[Score], exceptions: Exceptions | None = None) -> StudentMark:
    (mark,) = compute_marks(settings, exceptions or Exceptions(), scores, ["ada"], AT)
    return mark


def test_what_is_not_due_is_left_out_and_its_weight_is_the_others_for_now() -> None:
    mark = ada(course(), [score("a", 9), score("b", 6), score("c", 6)])
    assert (mark.total, mark.lowest, mark.highest) == (70, 42, 82)
    assert [one.state for one in mark.assignments] == ["graded", "graded", "graded", "pending"]
    assert not mark.final


def test_excused_work_gives_its_weight_to_the_rest_of_its_component() -> None:
    mark = ada(course(), [score("a", 9), score("c", 7), score("exam", 5)], excused("b"))
    shares = [one.share for one in mark.components[0].assignments]
    assert shares == [Fraction(1, 2), 0, Fraction(1, 2)]
    assert mark.components[0].mark == Fraction(8, 10)


def test_a_component_that_is_excused_as_a_whole_gives_its_weight_to_the_others_and_says_so() -> None:
    mark = ada(course(), [score("a", 9), score("b", 9), score("c", 9)], excused("exam"))
    assert (mark.total, mark.lowest, mark.highest, mark.final) == (90, 90, 90, True)
    said = "Exam, weight 40 %: all of it is excused, and its weight goes to the other components"
    assert said in [line.strip() for line in derivation(mark, course().policies).lines()]


def test_the_lowest_are_dropped_after_excuses_but_never_the_last_one() -> None:
    mark = ada(course(drop_lowest=1), [score("a", 2), score("b", 8), score("c", 6)])
    assert [one.state for one in mark.components[0].assignments] == ["dropped", "graded", "graded"]
    assert mark.components[0].mark == Fraction(7, 10)
    mark = ada(course(drop_lowest=2), [score("a", 2)], excused("b", "c"))
    assert [one.state for one in mark.components[0].assignments] == ["graded", "excused", "excused"]


def test_what_comes_after_an_assignment_has_closed_earns_nothing_and_uses_up_no_late_day() -> None:
    policies = {"late": {"points_per_day": 1, "budget_days": 1, "grace_minutes": 15}}
    settings = course(policies)
    first, *others = settings.assignments
    settings = settings.model_copy(update={"assignments": (first.model_copy(update={"closed": True}), *others)})
    late = timedelta(minutes=16)
    mark = ada(settings, [score("a", 8, late), score("b", 8, late), score("c", 8)])
    assert [one.standing.normalised for one in mark.components[0].assignments] == [0, Fraction(8, 10), Fraction(8, 10)]
    said = "handed in 16 min later, which is 1 day late; it was closed by then, and earns nothing"
    assert any(line.strip().endswith(said) for line in derivation(mark, settings.policies).lines())
    in_time = ada(settings, [score("a", 8, timedelta(minutes=15))])
    assert in_time.components[0].assignments[0].standing.normalised == Fraction(8, 10)
    said = "handed in 15 min later, within the grace: it counts as in time"
    assert any(line.strip().endswith(said) for line in derivation(in_time, settings.policies).lines())
    extended = {"student": "ada", "assignment": "a", "due": DUE + timedelta(hours=1), "reason": "longer time"}
    exceptions = Exceptions.model_validate({"extensions": [extended]})
    longer = ada(settings, [score("a", 8, late)], exceptions)
    assert longer.components[0].assignments[0].standing.normalised == Fraction(8, 10)


def test_the_budget_of_late_days_is_used_up_in_the_order_of_due_dates() -> None:
    policies = {"late": {"points_per_day": 1, "budget_days": 3}}
    late = timedelta(hours=25)  # the second day has begun
    mark = ada(course(policies), [score("c", 10, late), score("a", 10, late), score("b", 10, late)])
    found = [one.standing.lateness for one in mark.components[0].assignments]
    assert [(one.days, one.covered, one.deduction) for one in found] == [(2, 2, 0), (2, 1, 1), (2, 0, 2)]
    assert mark.components[0].mark == Fraction(9, 10)


@pytest.mark.parametrize(
    ("late", "deduction"),
    [
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, microseconds=1), 1),
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=30), 8),
    ],
)
def test_a_day_that_has_begun_counts_whole_and_nothing_falls_below_zero(late: timedelta, deduction: int) -> None:
    policies = {"late": {"percent_per_day": 10, "grace_minutes": 15}}
    mark = ada(course(policies), [score("a", 8, late)])
    assert mark.assignments[0].standing.lateness.deduction == deduction


def test_an_extension_moves_one_students_due_date() -> None:
    due = DUE + timedelta(days=3)
    extension = {"student": "ada", "assignment": "a", "due": due, "reason": "moved house"}
    exceptions = Exceptions.model_validate({"extensions": [extension]})
    settings = course({"late": {"points_per_day": 1}})
    scores = [score("a", 10, timedelta(days=2), student) for student in ("ada", "bela")]
    first, second = compute_marks(settings, exceptions, scores, ["ada", "bela"], AT)
    assert [one.assignments[0].standing.lateness.deduction for one in (first, second)] == [0, 2]
    said = "extension to 2027-02-13 12:00 UTC: moved house; handed in on 2027-02-12 12:00 UTC"
    assert said in "\n".join(derivation(first, settings.policies).lines())


def test_work_that_is_missing_counts_zero_once_it_is_due() -> None:
    others = [score(name, 10, student="bela") for name in "abc"]
    for moment, states in (
        (DUE, ["pending", "pending", "pending"]),
        (DUE + timedelta(seconds=1), ["missing", "pending", "pending"]),
        (AT, ["missing", "missing", "missing"]),
    ):
        mark = compute_marks(course(), Exceptions(), others, ["ada", "bela"], moment)[0]
        assert [one.state for one in mark.components[0].assignments] == states
    assert mark.total == 0


def test_what_nobody_has_handed_in_is_nobodys_zero() -> None:
    mark = ada(course(), [score("a", 10)])
    assert [one.state for one in mark.components[0].assignments] == ["graded", "waiting", "waiting"]
    assert mark.total == 100


def test_what_waits_for_a_person_is_no_zero_and_bounds_what_can_be_reached() -> None:
    waits = Score("ada", "a", Fraction(10), Fraction(6), Fraction(2), DUE, ("A person has to mark: why.",))
    mark = ada(course(), [waits, score("b", 10), score("c", 10), score("exam", 10)])
    assert mark.assignments[0].state == "waiting"
    assert mark.components[0].mark == 1
    assert mark.components[0].lowest == Fraction(26, 30)
    assert mark.components[0].highest == Fraction(28, 30)


def test_an_announced_assignment_is_never_missing() -> None:
    settings = course()
    announced = tuple(one.model_copy(update={"released": None}) for one in settings.assignments)
    others = [score(name, 10, student="bela") for name in "abc"]
    mark = compute_marks(settings.model_copy(update={"assignments": announced}), Exceptions(), others, ["ada"], AT)[0]
    assert {one.state for one in mark.assignments} == {"pending"}
    assert mark.total is None


def test_the_cap_is_shown_as_what_it_takes_away() -> None:
    settings = course()
    extra = settings.assignments[2].model_copy(update={"extra_credit": True})
    settings = settings.model_copy(update={"assignments": (*settings.assignments[:2], extra, settings.assignments[3])})
    mark = ada(settings, [score("a", 10), score("b", 8), score("c", 10)])
    # (1 + 0.8) / 2 = 0.9, and 1 / 2 of extra credit: 1.4, capped at 1.
    labs = mark.components[0]
    assert (labs.mark, labs.over_cap, labs.contribution) == (1, 40, 100)
    assert any(
        "more than its cap of 100 %: 40 taken off" in line for line in derivation(mark, settings.policies).lines()
    )


def test_two_scores_for_one_piece_of_work_are_refused() -> None:
    with pytest.raises(UsageError, match="expected one score of 'ada' for 'a', found two; remove one"):
        ada(course(), [score("a", 1), score("a", 2)])

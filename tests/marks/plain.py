"""Random courses, and their marks computed once more: plainly, from other data, and with nothing of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from hypothesis import strategies as st

from autograder.course import CourseSettings, Exceptions
from autograder.marks import Score

START = datetime(2027, 2, 1, tzinfo=UTC)
WEIGHTS = ([100.0], [60.0, 40.0], [33.3, 33.3, 33.4], [20.0, 12.5, 67.5])
# Minutes from the due date at which work comes: a day is 1,440.
MOMENTS = (-5000, -1, 0, 1, 10, 29, 30, 31, 1440, 1441, 2880, 4321, 9000)


@dataclass(frozen=True)
class Task:
    """An assignment: component, due day, points, whether it is released, extra credit, closed once due, weight."""

    component: int
    due: int
    points: int
    released: bool
    extra: bool
    closed: bool
    weight: float


@dataclass(frozen=True)
class Work:
    """What one student handed in: minutes after everybody's due date (None: unknown), points, points still open."""

    minutes: int | None
    points: Fraction
    waits: bool


@dataclass(frozen=True)
class World:
    """A course, its class and a moment."""

    weights: list[float]
    drops: list[int]
    caps: list[float]
    tasks: dict[str, Task]
    late: dict[str, Any]
    missing: str
    work: dict[tuple[str, str], Work]
    extensions: dict[tuple[str, str], int] = field(default_factory=dict)  # minutes after everybody's due date
    excuses: frozenset[tuple[str, str]] = frozenset()
    at: int = 10  # days after the start
    students: tuple[str, ...] = ("ada", "bela", "chen")

    def settings(self, order: list[str] | None = None) -> CourseSettings:
        """The course's records, its assignments in the order given."""
        return CourseSettings.model_validate(
            {
                "components": [
                    {"id": f"c{i}", "title": f"C{i}", "weight": w, "drop_lowest": self.drops[i], "cap": self.caps[i]}
                    for i, w in enumerate(self.weights)
                ],
                "assignments": [self._assignment(name) for name in order or self.tasks],
                "policies": {
                    "missing": self.missing,
                    "late": self.late,
                    "letters": [{"letter": "pass", "at_least": 50.0}, {"letter": "fail", "at_least": 0.0}],
                },
            }
        )

    def _assignment(self, name: str) -> dict[str, Any]:
        task = self.tasks[name]
        return {
            "id": name,
            "kind": "lab",
            "title": name.upper(),
            "component": f"c{task.component}",
            "due": self.due(name),
            "extra_credit": task.extra,
            "closed": task.closed,
            "weight": task.weight,
            **({"released": START - timedelta(days=1)} if task.released else {}),
        }

    def due(self, name: str) -> datetime:
        """Everybody's due date."""
        return START + timedelta(days=self.tasks[name].due)

    def moment(self) -> datetime:
        """When marks are looked at."""
        return START + timedelta(days=self.at)

    def exceptions(self) -> Exceptions:
        """The exceptions' records."""
        return Exceptions.model_validate(
            {
                "extensions": [
                    {"student": s, "assignment": a, "due": self.due(a) + timedelta(minutes=m), "reason": "ill"}
                    for (s, a), m in self.extensions.items()
                ],
                "excuses": [{"student": s, "assignment": a, "reason": "away"} for s, a in sorted(self.excuses)],
            }
        )

    def scores(self) -> list[Score]:
        """The scores' records."""
        return [
            Score(
                student=student,
                assignment=name,
                max_points=Fraction(self.tasks[name].points),
                points=work.points,
                open_points=Fraction(1) if work.waits else Fraction(0),
                handed_in=None if work.minutes is None else self.due(name) + timedelta(minutes=work.minutes),
                waiting=("A person has to mark: why.",) if work.waits else (),
            )
            for (student, name), work in self.work.items()
        ]

    def with_points(self, pair: tuple[str, str], points: Fraction) -> World:
        """The same, but for the points of one piece of work."""
        return replace(self, work=self.work | {pair: replace(self.work[pair], points=points)})


@st.composite
def worlds(draw: st.DrawFn) -> World:
    weights = draw(st.sampled_from(WEIGHTS))
    tasks: dict[str, Task] = {}
    drops = []
    for component in range(len(weights)):
        regular = draw(st.integers(1, 4))
        drops.append(draw(st.integers(0, regular - 1)))
        for number in range(regular + draw(st.integers(0, 1))):
            released = draw(st.integers(0, 9)) > 0
            due = draw(st.integers(1, 12))
            points = draw(st.sampled_from((1, 3, 10, 40)))
            weight = 1.0 if drops[-1] else draw(st.sampled_from((1.0, 1.0, 2.0, 0.3)))
            tasks[f"t{component}{number}"] = Task(
                component, due, points, released, number >= regular, draw(st.integers(0, 4)) == 0, weight
            )
    late = draw(st.sampled_from(({}, {"points_per_day": 0.5}, {"percent_per_day": 10.0}, {"percent_per_day": 33.3})))
    late = late | {"grace_minutes": draw(st.sampled_from((0, 30)))}
    if len(late) > 1:
        late["budget_days"] = draw(st.integers(0, 3))
    world = World(
        weights=weights,
        drops=drops,
        caps=[draw(st.sampled_from((80.0, 100.0, 120.0))) for _ in weights],
        tasks=tasks,
        late=late,
        missing=draw(st.sampled_from(("zero", "zero", "waiting"))),
        work={},
        at=draw(st.integers(0, 25)),
    )
    pairs = [(student, name) for student in world.students for name in tasks]
    work, extensions, excuses = {}, {}, set()
    for pair in pairs:
        if draw(st.integers(0, 3)):
            minutes = draw(st.one_of(st.none(), st.sampled_from(MOMENTS)))
            share = draw(st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7)))  # sixths: the last is more than full marks
            points = Fraction(share * tasks[pair[1]].points, 6)
            work[pair] = Work(minutes, points, draw(st.integers(0, 5)) == 0)
        fate = draw(st.integers(0, 9))
        if fate == 0:
            excuses.add(pair)
        elif fate == 1:
            extensions[pair] = draw(st.sampled_from((60, 1440, 4000)))
    return replace(world, work=work, extensions=extensions, excuses=frozenset(excuses))


def plain_marks(world: World, student: str) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """The course mark so far, with nothing, and with full marks, for what is open; in percent."""
    now = world.at * 1440
    grace = world.late["grace_minutes"]
    there = {
        name: work
        for (who, name), work in world.work.items()
        if who == student and (work.minutes is None or world.tasks[name].due * 1440 + work.minutes <= now)
    }
    anybody = {
        name
        for (_, name), work in world.work.items()
        if work.minutes is None or world.tasks[name].due * 1440 + work.minutes <= now
    }
    cost = _cost_of_lateness(world, student, there, grace)

    now_values: dict[str, Fraction | None] = {}
    low: dict[str, Fraction] = {}
    high: dict[str, Fraction] = {}
    for name, task in world.tasks.items():
        if (student, name) in world.excuses:
            continue
        if name in there:
            points = there[name].points
            low[name] = max(Fraction(0), points - cost[name]) / task.points
            now_values[name] = low[name]
            high[name] = low[name]
            if there[name].waits:
                now_values[name] = None
                high[name] = max(Fraction(0), points + 1 - cost[name]) / task.points
            continue
        due = task.due * 1440 + world.extensions.get((student, name), 0) + grace
        is_open = not task.released or now <= due or name not in anybody or world.missing == "waiting"
        now_values[name] = None if is_open else Fraction(0)
        low[name], high[name] = Fraction(0), Fraction(1 if is_open else 0)
    decided = {name: value for name, value in now_values.items() if value is not None}
    return _total(world, student, decided), _total(world, student, low), _total(world, student, high)


def _cost_of_lateness(world: World, student: str, there: dict[str, Work], grace: int) -> dict[str, Fraction]:
    cost = {name: Fraction(0) for name in there}
    left = world.late.get("budget_days", 0)
    due = {name: world.tasks[name].due * 1440 + world.extensions.get((student, name), 0) for name in there}
    for name in sorted(there, key=lambda name: (due[name], name)):
        minutes = there[name].minutes
        if minutes is None or not world.tasks[name].released or (student, name) in world.excuses:
            continue
        late = minutes - world.extensions.get((student, name), 0)
        if late <= grace:
            continue
        if world.tasks[name].closed:
            cost[name] = there[name].points + 1  # and what is still open
            continue
        days = ceil(Fraction(late, 1440))
        free = min(left, days)
        left -= free
        if "points_per_day" in world.late:
            cost[name] = (days - free) * Fraction(str(world.late["points_per_day"]))
        elif "percent_per_day" in world.late:
            percent = Fraction(str(world.late["percent_per_day"]))
            cost[name] = (days - free) * percent * world.tasks[name].points / 100
    return cost


def _total(world: World, student: str, values: dict[str, Fraction]) -> Fraction | None:
    earned, possible = Fraction(0), Fraction(0)
    for number, weight in enumerate(world.weights):
        mine = [name for name, task in world.tasks.items() if task.component == number]
        regular = [name for name in mine if not world.tasks[name].extra]
        heavy = {name: Fraction(str(world.tasks[name].weight)) for name in mine}
        best = sorted(((values[name], heavy[name]) for name in regular if name in values), reverse=True)
        if not best:
            continue
        best = best[: max(1, len(best) - world.drops[number])]
        slots = sum(heavy[name] for name in regular if (student, name) not in world.excuses)
        if world.drops[number]:
            slots = max(Fraction(1), slots - world.drops[number])
        bonus = sum(
            (heavy[name] * values[name] for name in mine if world.tasks[name].extra and name in values), Fraction(0)
        )
        mark = sum(value * w for value, w in best) / sum(w for _, w in best) + bonus / slots
        cap = Fraction(str(world.caps[number])) / 100
        earned += Fraction(str(weight)) * min(mark, cap)
        possible += Fraction(str(weight))
    return earned * 100 / possible if possible else None

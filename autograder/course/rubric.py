"""Rubrics: what a person judges, criterion by criterion, in levels (`course/rubrics/NAME.toml`), as frozen records."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from autograder.course.reading import Mistake, read_table
from autograder.course.table import Table, Words
from autograder.errors import UsageError

RUBRICS_FOLDER = Path("course", "rubrics")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _an_id(value: object) -> object:
    if isinstance(value, str) and not _ID.fullmatch(value):
        raise ValueError(f"expected lower-case words and digits joined by '-', found {value!r}")
    return value


class Level(Table):
    """How well a criterion is met: a `[[criteria.levels]]` table."""

    name: Words
    """One word or two: "excellent"."""
    points: Annotated[float, Field(ge=0)]
    """What it earns."""
    description: Words
    """What work on this level looks like, so that two people who read the same work choose the same level."""


class Criterion(Table):
    """One thing that is judged by itself: a `[[criteria]]` table."""

    id: Annotated[str, BeforeValidator(_an_id)]
    """Lower-case words joined by `-`; with the rubric's name before it, it names the question in the gradebook."""
    title: Words
    """What the question is called."""
    description: Words
    """What is judged, in a sentence or two, for students as much as for those who mark."""
    levels: Annotated[tuple[Level, ...], Field(strict=False, min_length=2)]
    """The levels from the best down. The first one's points are what the criterion is worth."""

    @property
    def points(self) -> float:
        """What the criterion is worth: the best level's points."""
        return self.levels[0].points


class Rubric(Table):
    """The file: criteria that people judge by."""

    criteria: Annotated[tuple[Criterion, ...], Field(strict=False, min_length=1)]
    """The criteria, in the order in which students read them."""


def question_name(rubric: str, criterion: Criterion) -> str:
    """The `grade_id` of the question that a criterion of the rubric `rubric` becomes."""
    return f"{rubric.replace('_', '-')}-{criterion.id}"


def rubrics_folder(folder: Path) -> Path | None:
    """The rubrics of the course that a folder, a lab's for example, lies in: the nearest `course/rubrics` above it."""
    return next((one for parent in folder.absolute().parents if (one := parent / RUBRICS_FOLDER).is_dir()), None)


def read_rubric(folder: Path, name: str) -> Rubric:
    """Read the rubric `name` from a folder of rubrics.

    Raises:
        UsageError: There is none of that name, it is no TOML, has an unknown key or a wrong value, or levels are not
            in order.
    """
    path = folder / f"{name}.toml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml"))) or "none"
        raise UsageError(f"expected a rubric at {path}, found no such file; there are: {known}")
    return read_table(path, Rubric, lambda rubric: list(_contradictions(rubric.criteria)))


def _contradictions(criteria: Sequence[Criterion]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, criterion in enumerate(criteria):
        if criterion.id in seen:
            yield Mistake(
                ("criteria", index, "id"), f"expected an id of its own, found {criterion.id!r} twice; rename one"
            )
        seen.add(criterion.id)
        if not criterion.points > 0:
            yield Mistake(
                ("criteria", index),
                f"criterion {criterion.id!r}: expected a first level, the best one, of more than 0 points, found "
                f"{criterion.points:g}; correct it",
            )
        names: set[str] = set()
        for place, level in enumerate(criterion.levels):
            where = ("criteria", index, "levels", place)
            if level.name.casefold() in names:
                yield Mistake(
                    (*where, "name"),
                    f"criterion {criterion.id!r}: expected levels with names of their own, found {level.name!r} twice; "
                    "rename one",
                )
            names.add(level.name.casefold())
            if place and level.points >= criterion.levels[place - 1].points:
                yield Mistake(
                    (*where, "points"),
                    f"criterion {criterion.id!r}: expected levels from the best down, found {level.points:g} points "
                    f"for {level.name!r} after {criterion.levels[place - 1].points:g}; put them in order",
                )

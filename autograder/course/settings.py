"""course.toml: what nbgrader has no place for, as frozen records. Every key is optional; docs/course.md describes them.

A course of nbgrader's needs none of it. Weeks, components, assignments and policies are what `autograder marks` and the
syllabus are made of; the other tables are how grading runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from autograder.course.assessment import Assignment, Component, Week
from autograder.course.consistency import contradictions
from autograder.course.policies import Policies
from autograder.course.reading import read_table
from autograder.course.table import Names, Table

DEFAULT_PRELOAD = ("numpy", "keras", "tensorflow")
COURSE_FILES = ("course/course.toml", "course.toml")


class PathSettings(Table):
    """`[paths]`, relative to the course's root."""

    reference: str | None = None
    """The folder of labs with their hidden checks. Default: `reference`, where there is one."""
    results: str = "results"
    """The folder of result records, one for each graded submission. Default: `results`."""


class SubmissionSettings(Table):
    """`[submissions]`."""

    max_notebook_mib: Annotated[int, Field(ge=1)] = 50
    """A larger notebook, in MiB, is refused. Default: 50."""


class SandboxSettings(Table):
    """`[sandbox]`."""

    preload: Names = DEFAULT_PRELOAD
    """Modules every slot imports once and keeps warm, all of them or, where an assignment imports none but numpy, only
    that. Default: numpy, keras, tensorflow."""
    hide: Names = ()
    """Files of installed packages that no submission may read (bundled labels, for one), as patterns below
    site-packages."""


class GradingSettings(Table):
    """`[grading]`."""

    nbgrader_marks: bool = False
    """Whether nbgrader's own rules decide on tests cells without checks. Default: false."""


class CourseSettings(Table):
    """course.toml: the course, and how it is graded and marked."""

    id: str | None = None
    """The course's id; must agree with nbgrader's `CourseDirectory.course_id` where both are given."""
    title: str | None = None
    """What people call the course. Default: its id, or its folder's name."""
    paths: PathSettings = PathSettings()
    """Where things lie."""
    # The limits' names and ranges are the sandbox's to validate.
    limits: dict[str, int | float | str | bool] = Field(default_factory=dict)
    """Overrides of the sandbox's limits, by name; `autograder doctor` prints the names and the values in force."""
    submissions: SubmissionSettings = SubmissionSettings()
    """What may be handed in."""
    sandbox: SandboxSettings = SandboxSettings()
    """What submissions run in."""
    grading: GradingSettings = GradingSettings()
    """How cells are marked."""
    term: str | None = None
    """When the course takes place, as people say it."""
    weeks: Annotated[tuple[Week, ...], Field(strict=False)] = ()
    """What is taught when."""
    components: Annotated[tuple[Component, ...], Field(strict=False)] = ()
    """What the course mark is made of."""
    assignments: Annotated[tuple[Assignment, ...], Field(strict=False)] = ()
    """What is marked, and when it is due."""
    policies: Policies = Policies()
    """How late and missing work, rounding and letters are dealt with."""


def settings_path(root: Path) -> Path | None:
    """Where the course.toml of the course at `root` is; None when it has none."""
    return next((root / name for name in COURSE_FILES if (root / name).exists()), None)


def read_settings(root: Path) -> CourseSettings:
    """Read the course.toml of the course at `root`; the defaults when it has none.

    Raises:
        UsageError: It is no TOML, has an unknown key or a value of a wrong type, or contradicts itself.
    """
    path = settings_path(root)
    return CourseSettings() if path is None else read_table(path, CourseSettings, contradictions)

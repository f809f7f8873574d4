"""course.toml: what nbgrader has no place for, as frozen records. Every key is optional.

id = "deep-learning"                  # must agree with nbgrader's CourseDirectory.course_id where both are given
title = "Deep Learning with Keras"
[paths]
reference = "reference"               # labs with their hidden checks, relative to the course's root
results = "results"                   # one JSON record for each graded submission
[limits]                              # overrides of the sandbox's limits, by name
[sandbox]
preload = ["numpy", "keras"]          # modules a slot imports once and keeps warm
hide = ["sklearn/datasets/data/*"]    # files of installed packages that no submission may read (labels, for one)
[grading]
nbgrader_marks = false                # true: nbgrader's own rules decide on tests cells without checks
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import UsageError

DEFAULT_PRELOAD = ("numpy", "keras", "tensorflow")
COURSE_FILES = ("course/course.toml", "course.toml")


class _Settings(BaseModel):
    """A table of course.toml: frozen, strict, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class PathSettings(_Settings):
    """`[paths]`, relative to the course's root."""

    reference: str | None = None
    results: str = "results"


class SubmissionSettings(_Settings):
    """`[submissions]`."""

    max_notebook_mib: Annotated[int, Field(ge=1)] = 50


class SandboxSettings(_Settings):
    """`[sandbox]`."""

    # TOML has lists only; strict mode would insist on a tuple.
    preload: Annotated[tuple[str, ...], Field(strict=False)] = DEFAULT_PRELOAD
    hide: Annotated[tuple[str, ...], Field(strict=False)] = ()


class GradingSettings(_Settings):
    """`[grading]`."""

    nbgrader_marks: bool = False


class CourseSettings(_Settings):
    """course.toml. The limits' names and ranges are the sandbox's to validate."""

    id: str | None = None
    title: str | None = None
    paths: PathSettings = PathSettings()
    limits: dict[str, int | float | str | bool] = Field(default_factory=dict)
    submissions: SubmissionSettings = SubmissionSettings()
    sandbox: SandboxSettings = SandboxSettings()
    grading: GradingSettings = GradingSettings()


def read_settings(root: Path) -> CourseSettings:
    """Read the course.toml of the course at `root`; the defaults when it has none.

    Raises:
        UsageError: It is no TOML, has an unknown key, or a value of a wrong type.
    """
    path = next((root / name for name in COURSE_FILES if (root / name).exists()), None)
    if path is None:
        return CourseSettings()
    try:
        return CourseSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"expected TOML in {path}, received something else: {error}; correct it") from error
    except ValidationError as error:
        raise UsageError(f"{path}: " + "; ".join(_sentence(one) for one in error.errors())) from error


def _sentence(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        table: type[BaseModel] = CourseSettings
        for part in error["loc"][:-1]:
            annotation = table.model_fields[part].annotation
            assert isinstance(annotation, type)
            table = annotation
        return (
            f"expected one of the keys {', '.join(table.model_fields)}, received the unknown key {where!r}; correct it"
        )
    return f"{where}: {error['msg'][0].lower()}{error['msg'][1:]}, received {error['input']!r}; correct it"

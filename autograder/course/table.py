"""What every table of the course's TOML files has in common: frozen, strict, and an unknown key is an error."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

EXAMPLE_MOMENT = "2026-09-07T23:59:00+02:00"


class Table(BaseModel):
    """A table of course.toml or exceptions.toml; the docstring below a key is what docs/course.md says of it."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


def _aware(value: object) -> object:
    """Refuse what is not one moment everywhere: a deadline without a time zone is a quarrel to come."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value
    if isinstance(value, date | str):
        found = f"{value} without a time zone" if isinstance(value, datetime) else f"{value!s}"
        raise ValueError(f"expected a date and time with its offset from UTC, as {EXAMPLE_MOMENT}, found {found}")
    raise ValueError(f"expected a date and time with its offset from UTC, as {EXAMPLE_MOMENT}, found {value!r}")


def _not_blank(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("expected some words, found nothing")
    return value


def _without_blanks_around(value: object) -> object:
    if isinstance(value, str) and value != value.strip():
        raise ValueError(f"expected no blanks around it, found {value!r}")
    return value


def _a_folders_name(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", value):
        raise ValueError(f"expected a name of letters, digits, '_', '.' and '-', found {value!r}")
    return value


Moment = Annotated[datetime, BeforeValidator(_aware)]
"""A date and time with its time zone."""

Words = Annotated[str, BeforeValidator(_not_blank)]
"""A text that says something."""

Name = Annotated[Words, BeforeValidator(_without_blanks_around)]
"""What something else is called: two that look alike have to be alike."""

Identifier = Annotated[str, BeforeValidator(_a_folders_name)]
"""A name that can be a folder's: letters, digits, `_`, `.` and `-`."""

# TOML has lists only; strict mode would insist on a tuple.
Names = Annotated[tuple[Words, ...], Field(strict=False)]
"""A list of texts."""

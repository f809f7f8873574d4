"""What `autograder grade --json-lines` writes: one of these on each line (docs/grade-json.md).

The docstring below each key is what docs/grade-json.md says of it: `make docs` writes the page.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from autograder.results import Points, Record, Status

PROGRESS_SCHEMA_VERSION: Literal[1] = 1


class StartedEvent(Record):
    """The grading of an assignment begins."""

    event: Literal["started"] = "started"
    """Tells the kinds of line apart."""
    schema_version: Literal[1] = PROGRESS_SCHEMA_VERSION
    """The version of what is described here."""
    course: str
    """nbgrader's course id; empty in courses that have none."""
    assignment: str
    """The assignment's name."""
    submissions: int = Field(ge=0)
    """How many submissions there are."""


class CellEvent(Record):
    """A cell has begun, or the checks of one. Cells that are over within a quarter of a second may be passed over."""

    event: Literal["cell"] = "cell"
    """Tells the kinds of line apart."""
    assignment: str
    """The assignment's name."""
    student: str
    """Whose submission runs."""
    notebook: str
    """The notebook's name, without its extension."""
    cell: str
    """The cell's `grade_id`, or `cell` and its number, counted from 1; cut after 80 characters."""
    checks: bool
    """Whether it is the cell's checks that have begun, and not the cell itself."""


class JudgedEvent(Record):
    """A submission has its result, which is saved by now. Those that would lower a mark come last, saved or not."""

    event: Literal["done"] = "done"
    """Tells the kinds of line apart."""
    assignment: str
    """The assignment's name."""
    student: str
    """Whose submission it is."""
    score: Points | None
    """What it earned, in points; null where it could not be read or judged at all."""
    max_score: Points
    """The most it could earn."""
    status: Status
    """As in [the result](results.md)."""
    seconds: float
    """How long it ran, when it last did."""
    from_cache: bool
    """Whether it had not changed and was not run again."""
    held: bool
    """Whether the mark would fall, and stays as it was."""


class StoppedEvent(Record):
    """The run was ended before it was done, by Ctrl-C or SIGTERM: the last line."""

    event: Literal["stopped"] = "stopped"
    """Tells the kinds of line apart."""
    assignment: str
    """The assignment that was being graded; empty where none was."""
    done: int = Field(ge=0)
    """How many of its submissions have a result."""
    submissions: int = Field(ge=0)
    """How many submissions it has."""
    resume: str
    """How it goes on, as a sentence."""


class FinishedEvent(Record):
    """The grading of an assignment is over, and its pages are written."""

    event: Literal["finished"] = "finished"
    """Tells the kinds of line apart."""
    assignment: str
    """The assignment's name."""
    submissions: int = Field(ge=0)
    """How many submissions there were."""
    run: int = Field(ge=0)
    """How many were run."""
    from_cache: int = Field(ge=0)
    """How many had not changed and were not run again."""
    unreadable: int = Field(ge=0)
    """How many could not be read; their `status` is `needs_review`."""
    could_not_judge: int = Field(ge=0)
    """Of those that were read, how many a fault of the grader's left without a mark that is decided."""
    held: int = Field(ge=0)
    """How many marks would have fallen and stay as they were; `--yes` lowers them."""
    seconds: float
    """How long all of it took, in seconds."""
    overview: str
    """The page about the class."""


Event = Annotated[StartedEvent | CellEvent | JudgedEvent | StoppedEvent | FinishedEvent, Field(discriminator="event")]
EVENTS = (StartedEvent, CellEvent, JudgedEvent, StoppedEvent, FinishedEvent)

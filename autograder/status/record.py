"""How a course stands, as a record: what `autograder status --json` writes (docs/status-json.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from autograder.results import Record

STATUS_SCHEMA_VERSION: Literal[1] = 1

Count = Annotated[int, Field(ge=0)]
ReleaseStage = Literal["nothing", "source", "made", "exchange"]


class ReviewCounts(Record):
    """Students whose work a person has to look at; one may count in several."""

    students: Count = 0
    """How many students there are, each once."""
    written: Count = 0
    """Those with answers that people mark."""
    unjudged: Count = 0
    """Those with something the grader could not read or judge."""
    flagged: Count = 0
    """Those with a flag, or with work graded anew since a person gave a mark."""


class AssignmentStatus(Record):
    """How one assignment stands."""

    assignment: str
    """nbgrader's name of the assignment."""
    due: str | None = None
    """The latest date anybody has to hand it in, ISO 8601; null where course.toml has none."""
    over: bool = False
    """Whether that has passed, and the grace too."""
    stage: ReleaseStage = "nothing"
    """How far it has come: `nothing`, an instructor's `source`, a release that is `made`, or one in the `exchange`."""
    handed_in: Count = 0
    """How many students have a submission in the course's folder."""
    to_collect: Count = 0
    """How many have handed in something newer through the exchange."""
    graded: Count = 0
    """How many submissions have been graded."""
    to_grade: Count = 0
    """How many have not been, or have been replaced since."""
    to_review: ReviewCounts = ReviewCounts()
    """What waits for a person."""
    feedback: Count = 0
    """How many students have their page, in the exchange where they can fetch it, else in the feedback folder."""
    feedback_old: Count = 0
    """How many of these pages are older than the result they are about."""
    next: str = ""
    """The command to type next; empty where there is none."""
    why: str = ""
    """Why, or what is waited for."""
    problems: tuple[str, ...] = ()
    """What could not be read, a sentence each: its figures are left out."""


class StatusReport(Record):
    """How a course stands."""

    schema_version: Literal[1] = STATUS_SCHEMA_VERSION
    """Version of this layout; it grows when a key changes its meaning or goes away."""
    course: str
    """The course's id."""
    title: str
    """What people call the course."""
    at: str
    """When this was found, ISO 8601 in UTC."""
    students: Count | None
    """How many students the roster has; null where the course keeps none."""
    exchange: str | None
    """The folder of nbgrader's exchange; null where there is none to be used."""
    assignments: tuple[AssignmentStatus, ...]
    """The assignments: those of course.toml in their order, then any others by name."""
    problems: tuple[str, ...] = ()
    """What could not be read of the course as a whole, a sentence each."""

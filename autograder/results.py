"""The record of one graded submission: what `results/<student>/<lab>.json` holds, key by key (docs/results.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Verdict = Literal["passed", "failed", "could_not_judge", "skipped"]
Evidence = Literal["measured", "recomputed", "reported"]
Status = Literal["graded", "needs_review", "could_not_judge"]
ProtectionLevel = Literal["strong", "good", "none"]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Points = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Record(BaseModel):
    """A frozen, strict record; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Curve(Record):
    """Lines over steps or epochs, for the report: `series` maps a line's name to its values."""

    kind: Literal["curve"] = "curve"
    title: str
    x_label: str
    y_label: str
    series: dict[str, tuple[float, ...]]


class ConfusionMatrix(Record):
    """Counts by true class (row) and predicted class (column)."""

    kind: Literal["confusion_matrix"] = "confusion_matrix"
    title: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


Figure = Annotated[Curve | ConfusionMatrix, Field(discriminator="kind")]


class CheckResult(Record):
    """What one check said.

    `fraction` is the share of the check's weight that was earned; None when it could not be judged.
    `message` and `hint` are for the student; `fault` is for the TA only (a grader fault's text).
    """

    name: str
    sentence: str
    verdict: Verdict
    fraction: Fraction | None
    weight: Annotated[float, Field(gt=0.0)]
    evidence: Evidence
    message: str = ""
    hint: str = ""
    fault: str = ""
    seconds: float = 0.0
    figures: tuple[Figure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the check was passed in full."""
        return self.verdict == "passed"


class LimitHit(Record):
    """A limit that tripped: which, in which cell, its value, and the sentence for the report."""

    limit: Literal[
        "cell_seconds", "total_seconds", "memory", "processes", "disk", "output", "message", "notebook", "kernel"
    ]
    cell: str | None
    value: float
    unit: str
    sentence: str


class CellResult(Record):
    """One cell that carries points.

    `kind`: "checks" (judged from outside), "tests" (judged as nbgrader would, by the cell's own output) or
    "manual" (a person marks it). `score` is None where a person has to decide; `message` says what the visible
    tests or the kernel said. `auto_comment` is what nbgrader's gradebook shows beside the mark.
    """

    cell: str
    kind: Literal["checks", "tests", "manual"]
    points: Points
    score: Points | None
    status: Status
    message: str = ""
    checks: tuple[CheckResult, ...] = ()
    seconds: float = 0.0


class NotebookResult(Record):
    """One notebook of a submission; most assignments have exactly one."""

    notebook: str
    score: Points
    max_score: Points
    status: Status
    cells: tuple[CellResult, ...]
    limits: tuple[LimitHit, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class Protection(Record):
    """The walls that really stood around the student's code, found by trying them."""

    level: ProtectionLevel
    holds: dict[str, bool]


class SubmissionResult(Record):
    """Everything the grader knows of one submission: the source of gradebook, report and statistics.

    `status`: "graded" (every automatic mark is in), "needs_review" (a person has to look: a hand-marked answer, a
    flag), "could_not_judge" (a grader fault took a mark away from the machine's judgement).
    `key` identifies what was graded (student's cells, lab, checks, data, environment): same key, same result.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    course: str
    student: str
    assignment: str
    score: Points
    max_score: Points
    status: Status
    notebooks: tuple[NotebookResult, ...]
    notes: tuple[str, ...] = ()
    late_seconds: float = 0.0
    protection: Protection
    key: str
    started: str
    seconds: float
    versions: dict[str, str]

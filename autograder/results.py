"""The record of one graded submission: what `results/<student>/<lab>.json` holds, key by key (docs/results.md).

The docstring below each key is what docs/results.md says of it: `make docs` writes the page.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Literal[1] = 1

Verdict = Literal["passed", "failed", "could_not_judge", "skipped"]
Evidence = Literal["measured", "recomputed", "reported"]
Status = Literal["graded", "needs_review", "could_not_judge"]
ProtectionLevel = Literal["strong", "good", "none", "not_run"]
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Points = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]

DISAGREEMENT = "rebuilt from its configuration and weights it has"
"""In every flag that says that two levels of evidence disagree, which the review shows before other flags."""


class Record(BaseModel):
    """A frozen, strict record; an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )


class Curve(Record):
    """Lines over steps or epochs, for the report."""

    kind: Literal["curve"] = "curve"
    """Tells the kinds of figure apart."""
    title: str
    """What the plot shows."""
    x_label: str
    """What runs along the horizontal axis."""
    y_label: str
    """What runs along the vertical axis."""
    series: dict[str, tuple[float, ...]]
    """The lines: a name, and its values in order."""


class ConfusionMatrix(Record):
    """Counts by true class (row) and predicted class (column)."""

    kind: Literal["confusion_matrix"] = "confusion_matrix"
    """Tells the kinds of figure apart."""
    title: str
    """What the matrix shows."""
    labels: tuple[str, ...]
    """Names of the classes, in the order of rows and columns."""
    counts: tuple[tuple[int, ...], ...]
    """One row for each true class, one column for each predicted class."""


class Bars(Record):
    """Per cent by class, for the report."""

    kind: Literal["bars"] = "bars"
    """Tells the kinds of figure apart."""
    title: str
    """What the bars show."""
    labels: tuple[str, ...]
    """Names of the classes, in their order."""
    percent: tuple[Annotated[int, Field(ge=0, le=100)], ...]
    """One value for each class."""


Figure = Annotated[Curve | ConfusionMatrix | Bars, Field(discriminator="kind")]


def _passed(verdict: Verdict) -> bool | None:
    return None if verdict == "could_not_judge" else verdict == "passed"


class CheckResult(Record):
    """What one check said."""

    # `passed` is written and follows from `verdict`, so reading passes over it. (A validator that removed it would see
    # Python's lists in place of JSON's arrays, which a strict tuple refuses.)
    model_config = ConfigDict(extra="ignore")

    name: str
    """The check function's name, unique within its lab."""
    sentence: str
    """What the check establishes, in words a student reads."""
    verdict: Verdict
    """What came of it; `could_not_judge` is a fault of the grader, `skipped` means a check it needs did not pass."""
    fraction: Fraction | None
    """Share of the check's weight that was earned; null when it could not be judged."""
    weight: Annotated[float, Field(gt=0.0)]
    """Its share in the cell's points, relative to the cell's other checks."""
    evidence: Evidence
    """How far the verdict can be believed: `measured` outside the sandbox against an answer that never entered it,
    `recomputed` from the model's plain weights without the student's code, or `reported` by the student's
    process."""
    message: str = ""
    """What was expected and what was received, for the student."""
    hint: str = ""
    """What to try next, for the student."""
    explanation: str = ""
    """What is right and why, in Markdown; on a student's page only once the assignment is over for everybody."""
    fault: str = ""
    """The grader fault's text, for the TA only; never shown to students."""
    flags: tuple[str, ...] = ()
    """Why a person should look although there is a verdict, one sentence each; for the TA only."""
    seconds: float = 0.0
    """Wall-clock time the check took."""
    figures: tuple[Figure, ...] = ()
    """Plots for the report."""
    passed: bool | None = Field(default_factory=lambda known: _passed(known["verdict"]))
    """Whether the check was passed in full; null when it could not be judged. Follows from `verdict`."""

    @model_validator(mode="after")
    def _verdict_and_passed_agree(self) -> CheckResult:
        if self.passed != _passed(self.verdict):
            raise ValueError(f"expected `passed` to follow from the verdict {self.verdict!r}, received {self.passed}")
        return self


class LimitHit(Record):
    """A limit that tripped."""

    limit: Literal[
        "cell_seconds",
        "total_seconds",
        "memory",
        "processes",
        "disk",
        "open_files",
        "output",
        "message",
        "notebook",
        "kernel",
        "network",
    ]
    """Which limit; `kernel` is its own process's end, `network` one that is not there."""
    cell: str | None
    """The cell's `grade_id`; null when no one cell is to blame."""
    value: float
    """Where the limit stood."""
    unit: str
    """Unit of `value`, such as `seconds` or `bytes`."""
    sentence: str
    """The same as a sentence for the report."""


class CellResult(Record):
    """One cell that carries points."""

    cell: str
    """The cell's `grade_id`."""
    kind: Literal["checks", "tests", "manual"]
    """Who judges: `checks` from outside the sandbox, `tests` by the cell's own output as nbgrader does, `manual` a
    person."""
    points: Points
    """The most it can earn."""
    score: Points | None
    """What it earned; null where a person has to decide."""
    nbgrader_score: Points | None = None
    """What nbgrader's own rules make of the cell's outputs, where that is another mark; null otherwise."""
    status: Status
    """As for the submission, of this cell alone."""
    message: str = ""
    """What the visible tests or the kernel said."""
    checks: tuple[CheckResult, ...] = ()
    """Its checks, in the order they ran."""
    seconds: float = 0.0
    """Wall-clock time of the cell and its checks."""


class NotebookResult(Record):
    """One notebook of a submission; most assignments have exactly one."""

    notebook: str
    """The notebook's name, without its extension."""
    score: Points
    """Sum of the cells' scores so far; a cell a person has to decide counts 0."""
    max_score: Points
    """Sum of the cells' points."""
    status: Status
    """As for the submission, of this notebook alone."""
    cells: tuple[CellResult, ...]
    """The cells that carry points, in the order of the notebook."""
    limits: tuple[LimitHit, ...] = ()
    """Limits that tripped while it ran."""
    notes: tuple[str, ...] = ()
    """What the TA should know, one sentence each."""
    flags: tuple[str, ...] = ()
    """Why a person should look although there is a mark, one sentence each; for the TA only."""
    seconds: float = 0.0
    """Wall-clock time from a ready kernel to the last verdict."""


class Protection(Record):
    """The walls that really stood around the student's code, found by trying them."""

    level: ProtectionLevel
    """`strong`: bubblewrap and a cgroup; `good`: bubblewrap and process limits; `none`: no sandbox, by explicit
    request; `not_run`: no code of the submission was run."""
    holds: dict[str, bool]
    """Each wall by name, and whether it stood."""


class SubmissionResult(Record):
    """Everything the grader knows of one submission: the source of gradebook, report and statistics."""

    schema_version: Literal[1] = SCHEMA_VERSION
    """Version of this layout; it grows when a key changes its meaning or goes away."""
    course: str
    """The course's id."""
    student: str
    """The student's id."""
    assignment: str
    """The assignment's name."""
    score: Points
    """Sum over the notebooks, before any late penalty."""
    max_score: Points
    """The most that can be earned."""
    status: Status
    """`graded`: every automatic mark is in. `needs_review`: a person has to look, at a hand-marked answer or a flag.
    `could_not_judge`: a fault of the grader kept a mark from being decided."""
    notebooks: tuple[NotebookResult, ...]
    """One entry for each notebook of the assignment."""
    notes: tuple[str, ...] = ()
    """What the TA should know, one sentence each."""
    late_seconds: float = 0.0
    """How long after the deadline it was handed in; 0 when in time."""
    protection: Protection
    """The walls around the student's code."""
    handed_in: str = ""
    """SHA-256 over the names and bytes of the files as they were handed in; empty where they could not be read."""
    key: str
    """Identifies what was graded: the same key, the same result. A name and a digest for each thing a result follows
    from (files, checks, data, limits, versions and so on), so that `autograder cache` can say which of them changed."""
    started: str
    """When grading began, ISO 8601 in UTC."""
    seconds: float
    """Wall-clock time of the whole submission."""
    versions: dict[str, str]
    """Versions of Python, this package and the libraries that matter, by name."""

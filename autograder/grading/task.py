"""What travels between the grader and a worker: JSON lines, the same whether the worker is local or far away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from autograder.results import CheckResult, LimitHit, Protection, Record
from autograder.sandbox import Limits


class Settings(Record):
    """How a worker makes its slot."""

    limits: Limits
    preload: tuple[str, ...]
    hide: tuple[str, ...] = ()
    number: int
    sandboxed: bool


class Task(Record):
    """One submission to execute.

    Attributes:
        student: Whose submission it is.
        folder: The prepared files.
        notebooks: Names of the notebooks in `folder`, in order.
        checks: Path of the lab's checks.py, if it has one.
        seed: What every random number follows from.
        drawn: What was drawn for the student: in a quiz, the keys of their questions.
        executed: The folder the executed notebooks are written to.
    """

    student: str
    folder: str
    notebooks: tuple[str, ...]
    checks: str | None
    seed: str
    executed: str
    drawn: tuple[str, ...] = ()


class Executed(Record):
    """What came of one notebook; the notebook itself lies in the task's `executed` folder."""

    verdicts: dict[str, tuple[CheckResult, ...]]
    cell_seconds: dict[str, float]
    limits: tuple[LimitHit, ...]
    notes: tuple[str, ...]
    flags: tuple[str, ...]
    seconds: float


class Ready(Record):
    """The worker's slot is warm."""

    event: Literal["ready"] = "ready"
    protection: Protection
    versions: dict[str, str]


class Unavailable(Record):
    """The worker cannot make a slot on this machine."""

    event: Literal["unavailable"] = "unavailable"
    message: str


class Running(Record):
    """A cell, or the checks of one, has begun; before the first of them, the submission itself: its `cell` is empty."""

    event: Literal["running"] = "running"
    student: str
    notebook: str = ""
    cell: str = ""
    checking: bool = False


class Done(Record):
    """The task is done; `notebooks` by name."""

    event: Literal["done"] = "done"
    student: str
    notebooks: dict[str, Executed]


class Lost(Record):
    """The task could not be done, by a fault of the grader's."""

    event: Literal["lost"] = "lost"
    student: str
    message: str


class Judged(Record):
    """What a machine of a cluster says of a task, beside the executed notebooks, which are bytes.

    Attributes:
        done: What came of it.
        ready: The slot it ran in.
        fault: Why it could not be done, by a fault of the grader's.
        unusable: Why nothing can be judged on that machine.
    """

    done: Done | None = None
    ready: Ready | None = None
    fault: str = ""
    unusable: str = ""


Message = Annotated[Ready | Unavailable | Running | Done | Lost, Field(discriminator="event")]
MESSAGE: TypeAdapter[Ready | Unavailable | Running | Done | Lost] = TypeAdapter(Message)

"""Carrying out one task in a slot."""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder.checks import Check, Owner, load_checks
from autograder.grading.announcer import Announcer
from autograder.grading.execute import run_notebook
from autograder.grading.task import Executed, Settings, Task
from autograder.grading.tripwire import tripwires
from autograder.sandbox import Slot


def execute(
    task: Task, slot: Slot, settings: Settings, loaded: dict[str, tuple[Check, ...]], announcer: Announcer
) -> dict[str, Executed]:
    """Execute and judge every notebook of a submission.

    Args:
        task: The submission; the executed notebooks are written to its `executed` folder.
        slot: A warm slot.
        settings: How it was made.
        loaded: The checks of each lab that was met before; kept here.
        announcer: Told what runs.

    Raises:
        SlotLost: The sandbox failed; the task is to be done again elsewhere.
        CheckError: The lab's checks cannot be loaded.
    """
    if task.checks is not None and task.checks not in loaded:
        loaded[task.checks] = load_checks(Path(task.checks))
    checks = loaded[task.checks] if task.checks is not None else ()
    target = Path(task.executed)
    target.mkdir(parents=True, exist_ok=True)
    found = {}
    for name in task.notebooks:
        notebook = nbformat.read(Path(task.folder) / f"{name}.ipynb", as_version=4)
        execution = run_notebook(
            notebook,
            slot=slot,
            files=Path(task.folder),
            checks=checks,
            limits=settings.limits,
            seed=task.seed,
            owner=Owner(task.student, task.drawn),
            begins=announcer.of(task.student, name),
        )
        (target / f"{name}.ipynb").write_text(nbformat.writes(execution.notebook), encoding="utf-8")
        found[name] = Executed(
            verdicts=execution.verdicts,
            cell_seconds=execution.cell_seconds,
            limits=execution.limits,
            notes=execution.notes,
            flags=(*execution.flags, *tripwires(execution.notebook)),
            seconds=execution.seconds,
        )
    return found

"""Having the sandbox compute answers: Keras builds the layers there, and pieces of code run there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Course
from autograder.errors import AuthoringError, SandboxError
from autograder.quizzes.layers import Job
from autograder.sandbox import Limits, Slot, SlotSettings
from autograder.sandbox.provisioner import SandboxKernelManager

INSIDE = Path(__file__).parent / "inside" / "answers.py"
ANSWERS = "ANSWERS "
SECONDS = 300

Computed = Mapping[str, Mapping[str, Any]]
"""Results of jobs by digest."""


def compute(course: Course, jobs: Mapping[str, Job]) -> dict[str, dict[str, Any]]:
    """Compute the results of jobs in one fresh kernel; nothing is started where there are none.

    Raises:
        SandboxUnavailable: There is no sandbox on this machine.
        SandboxError: It gave no answers.
    """
    if not jobs:
        return {}
    settings = SlotSettings(limits=Limits(cell_seconds=SECONDS, total_seconds=SECONDS), preload=course.preload)
    given = new_code_cell(f"import json\nJOBS = json.loads({json.dumps(jobs)!r})")
    notebook = new_notebook(cells=[given, new_code_cell(INSIDE.read_text(encoding="utf-8"))])
    with Slot.open(settings) as slot:
        manager = SandboxKernelManager(slot=slot, seed=0)
        client = NotebookClient(notebook, km=manager, timeout=SECONDS, shutdown_kernel="immediate")
        try:
            client.execute(cleanup_kc=True)
        except CellExecutionError as error:
            raise SandboxError(
                f"expected the sandbox to compute answers, received: {str(error)[-500:]}; is Keras installed here?"
            ) from error
    text = "".join(output.get("text", "") for output in notebook.cells[1].outputs)
    lines = [line for line in text.splitlines() if line.startswith(ANSWERS)]
    if not lines:
        raise SandboxError("expected the sandbox to compute answers, received none; run the same command again")
    found: dict[str, dict[str, Any]] = json.loads(lines[-1].removeprefix(ANSWERS))
    return found


def result_of(computed: Computed, digest: str, where: str) -> Mapping[str, Any]:
    """The result of one job.

    Raises:
        AuthoringError: Keras refused the layers, or the code raised.
    """
    result = computed[digest]
    if "error" in result:
        raise AuthoringError(f"{where}: expected layers that Keras can build, or code that runs; {result['error']}")
    return result

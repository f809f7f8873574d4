"""Restart and run all: a notebook in a fresh kernel of the student's own environment, in the notebook's folder."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from subprocess import DEVNULL

from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

PYTHON = "python3"
# As nbgrader has it while it validates: a notebook may ask.
ENVIRONMENT = {"NBGRADER_VALIDATING": "1", "NBGRADER_EXECUTION": "validate"}
FAILING_LINE = re.compile(r"^-+> ?(\d+) (.*)$", re.MULTILINE)
MAX_SAID = 300
UNWRITTEN = "a part that it needs is not written yet (NotImplementedError)"

OnCell = Callable[[int], None]
"""Told of each cell's place before it runs."""


def kernel_for(notebook: NotebookNode) -> tuple[str, str]:
    """The kernel to run a notebook in, and a sentence where it is not the one it names."""
    named = str(notebook.metadata.get("kernelspec", {}).get("name", PYTHON))
    if named in KernelSpecManager().find_kernel_specs():
        return named, ""
    return PYTHON, f"It names the kernel {named!r}, which is not installed here; it ran in {PYTHON!r}."


def run_all(notebook: NotebookNode, folder: Path, cell_seconds: float, on_cell: OnCell) -> tuple[NotebookNode, int]:
    """Run all cells of a copy, whatever fails.

    Args:
        notebook: The notebook; it is left as it is.
        folder: Where its kernel runs: beside its data.
        cell_seconds: A cell that takes longer is stopped.
        on_cell: Told of each cell's place.

    Returns:
        The executed copy, and how many of its cells have run: all, unless the kernel died.
    """
    copy: NotebookNode = deepcopy(notebook)
    begun = 0

    def before(cell: NotebookNode, cell_index: int) -> None:
        nonlocal begun
        begun = cell_index
        on_cell(cell_index)

    client = NotebookClient(
        copy,
        kernel_name=kernel_for(notebook)[0],
        timeout=cell_seconds,
        interrupt_on_timeout=True,
        error_on_timeout={
            "ename": "CellTimeoutError",
            "evalue": "",
            "traceback": [],
        },  # the next cell runs all the same
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=before,
    )
    try:
        client.execute(env={**os.environ, **ENVIRONMENT}, stdout=DEVNULL, stderr=DEVNULL)  # logs of libraries
    except DeadKernelError:
        return copy, begun
    return copy, len(copy.cells)


def error_of(cell: NotebookNode) -> str:
    """What went wrong in an executed cell, in a line or two; "" where nothing did."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return _in_words(output)
    return ""


def result_of(cell: NotebookNode) -> float | None:
    """The number that is an executed cell's result: points in part; None where it has none."""
    for output in cell.get("outputs", []):
        if output.output_type == "execute_result":
            try:
                return float(output.data.get("text/plain", ""))
            except ValueError:
                return None
    return None


def _in_words(output: NotebookNode) -> str:
    name, value = str(output.ename), str(strip_ansi(str(output.evalue))).strip()
    if name == "NotImplementedError" and not value:
        return UNWRITTEN
    if name == "KeyboardInterrupt" and not value:  # nobody else interrupts this kernel
        return "stopped, as it took too long (--timeout gives it longer)"
    said = f"{name}: {value}" if value else name
    if name == "AssertionError" and not value:
        lines = FAILING_LINE.findall(strip_ansi("\n".join(output.traceback)))
        said = f"line {lines[0][0]} does not hold: {lines[0][1].strip()}" if lines else said
    return said if len(said) <= MAX_SAID else f"{said[: MAX_SAID - 1]}…"

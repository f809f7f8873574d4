"""Which limit an error in a cell's output speaks of, in a sentence for the report."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbformat import NotebookNode

from autograder.results import LimitHit
from autograder.sandbox import OPEN_FILES, Limits

NO_NETWORK = (
    "Network is unreachable",
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "No address associated with hostname",
)


def limit_in_outputs(outputs: Iterable[NotebookNode], cell: str, limits: Limits) -> LimitHit | None:
    """The limit behind the first error of the cell, or behind what it says on stderr, if it was one.

    The text is the student process's own: it explains a lost mark and never earns one.
    """
    outputs = list(outputs)
    error: NotebookNode = next((output for output in outputs if output.output_type == "error"), NotebookNode())
    name, value = str(error.get("ename", "")), str(error.get("evalue", ""))
    if name in ("MemoryError", "ResourceExhaustedError") or any(_ran_out(output) for output in outputs):
        sentence = (
            f"Cell `{cell}` asked for more than its {limits.memory_mib} MiB of memory. Work on smaller arrays, or on "
            "one batch after the other."
        )
        return LimitHit(limit="memory", cell=cell, value=float(limits.memory_mib), unit="MiB", sentence=sentence)
    if "No space left on device" in value or "Disk quota exceeded" in value:
        sentence = (
            f"Cell `{cell}` wrote more than the {limits.disk_mib} MiB of disk, or made more than the {limits.files} "
            "files, there are for everything together. Write less, or remove what is no longer needed."
        )
        return LimitHit(limit="disk", cell=cell, value=float(limits.disk_mib), unit="MiB", sentence=sentence)
    if "File too large" in value:
        sentence = f"Cell `{cell}` wrote a file of more than {limits.file_mib} MiB. Keep each file smaller."
        return LimitHit(limit="disk", cell=cell, value=float(limits.file_mib), unit="MiB", sentence=sentence)
    if "Too many open files" in value:
        sentence = (
            f"Cell `{cell}` had more than {OPEN_FILES} files open at a time. Close each as soon as it is read: "
            "`with open(...)` does it by itself."
        )
        return LimitHit(limit="open_files", cell=cell, value=float(OPEN_FILES), unit="files", sentence=sentence)
    if "can't start new thread" in value or name == "BlockingIOError":
        sentence = (
            f"Cell `{cell}` started more than the {limits.processes} processes and threads allowed at a time. Start "
            "fewer, and let each end before the next begins."
        )
        return LimitHit(
            limit="processes", cell=cell, value=float(limits.processes), unit="processes", sentence=sentence
        )
    if any(phrase in value for phrase in NO_NETWORK):
        sentence = (
            f"Cell `{cell}` asked for something from the network, and there is none while grading. Hand in the files "
            "it needs beside the notebook, and read them from there."
        )
        return LimitHit(limit="network", cell=cell, value=0.0, unit="connections", sentence=sentence)
    return None


def _ran_out(output: NotebookNode) -> bool:
    """Whether a thread that nobody waits for, the one that sends what a cell prints above all, got no more memory."""
    text = output.get("text", "") if output.get("name") == "stderr" else ""
    return re.search(r"^MemoryError\b", text, re.MULTILINE) is not None


def killed_children(count: int, cell: str, limits: Limits) -> LimitHit:
    """What to say where the kernel of the system ended so many processes for memory and the notebook's own lives."""
    processes = "a process" if count == 1 else f"{count} processes"
    sentence = (
        f"All processes of the notebook together used more than their {limits.memory_mib} MiB of memory in cell "
        f"`{cell}`, so {processes} it had started {'was' if count == 1 else 'were'} ended. Start fewer, or work on "
        "smaller arrays."
    )
    return LimitHit(limit="memory", cell=cell, value=float(limits.memory_mib), unit="MiB", sentence=sentence)


def missing_module(cell: NotebookNode) -> str:
    """The module a cell could not import because nothing of that name is installed; "" otherwise."""
    for output in cell.get("outputs", []):
        if output.output_type == "error" and output.get("ename") == "ModuleNotFoundError":
            named = re.fullmatch(r"No module named '([\w.]{1,80})'", str(output.get("evalue", "")))
            return named[1].partition(".")[0] if named else ""
    return ""

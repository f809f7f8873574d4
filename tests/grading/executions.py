"""One notebook in a slot, for the tests of running notebooks: short limits, cells, checks, and what came of them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook

from autograder.checks import Student
from autograder.checks.declare import Check
from autograder.errors import Failure
from autograder.grading.execute import Execution, run_notebook
from autograder.results import CheckResult
from autograder.sandbox import Limits, Slot
from autograder.sandbox.clock import SLOWEST

LIMITS = Limits(
    cell_seconds=2,
    total_seconds=30,
    memory_mib=512,
    processes=64,
    file_mib=8,
    disk_mib=16,
    output_kib=16,
    message_mib=8,
)
RIGHT = "def double(x):\n    return 2 * x"
GRACE = 5.0  # seconds beyond its limit that ending a cell may take


def at_most(seconds: float) -> float:
    """Seconds of wall time after which something with this limit has ended, on a machine that is crowded, too."""
    return (seconds + GRACE) / SLOWEST


def doubles(student: Student) -> None:
    """It doubles."""
    for number in student.rng.integers(-99, 99, 3):
        if (found := student.call("double", int(number))) != 2 * number:
            raise Failure(f"expected twice the number, received {found!r:.40}", "Multiply by two.")


def half(student: Student) -> float:
    """It earns a half."""
    return 0.5


def check(function: object, cell: str = "tests", **settings: object) -> Check:
    doc = function.__doc__ or "A sentence."
    return Check(name=function.__name__, cell=cell, sentence=doc, function=function, **settings)  # type: ignore


def cells(*sources: str, test: str = "pass", tags: Sequence[str] = ()) -> list[object]:
    """Cells "cell 1", "cell 2" and so on, then the tests cell and one more."""
    return [
        *(new_code_cell(textwrap.dedent(source)) for source in sources),
        new_code_cell(test, metadata={"nbgrader": {"grade_id": "tests", "grade": True}, "tags": list(tags)}),
        new_code_cell("print('after')"),
    ]


def run(
    slot: Slot,
    *sources: str,
    checks: Sequence[Check] = (),
    limits: Limits = LIMITS,
    seed: str = "seed",
    folder: Path | None = None,
    **tests: object,
) -> Execution:
    notebook = new_notebook(cells=cells(*sources, **tests))  # type: ignore[arg-type]
    empty = Path(__file__).parent / "no-such-folder"
    return run_notebook(notebook, slot=slot, files=folder or empty, checks=tuple(checks), limits=limits, seed=seed)


def shown(execution: Execution, index: int = -1) -> str:
    """What a cell shows, its errors as "Name: text"."""
    parts = []
    for output in execution.notebook.cells[index].outputs:
        if output.output_type == "stream":
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}")
        else:
            parts.append(output.data.get("text/plain", ""))
    return "".join(parts).strip()


def only(execution: Execution) -> CheckResult:
    [result] = execution.verdicts["tests"]
    return result


def sentences(execution: Execution) -> list[tuple[str, str]]:
    return [(hit.limit, hit.sentence) for hit in execution.limits]

"""Hidden data: inputs whose right answers never enter the sandbox, and what came back when they were asked about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checks.handles import Handle
from autograder.errors import CheckError
from autograder.results import Bars, ConfusionMatrix

Array = np.ndarray[Any, Any]

STEPS = 20  # a mark on hidden data moves in twentieths of its check: a finer one could be used to guess the answers
PERCENT_STEP = 5
CLASS_STEP = 25


@dataclass(frozen=True)
class HiddenData:
    """Rows of inputs and their right answers, both of length `len(hidden)`. Only `student.measure` asks about them.

    Attributes:
        inputs: What the student's code is shown, row by row, in an order of the submission's own.
        answers: What it has to be compared with; never sent.
    """

    inputs: Array
    answers: Array

    def __post_init__(self) -> None:
        if len(self.inputs) != len(self.answers) or len(self.inputs) == 0:
            raise CheckError(
                f"expected as many answers as inputs, and at least one, received {len(self.answers)} answers to "
                f"{len(self.inputs)} inputs"
            )

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.inputs)


@dataclass(frozen=True)
class Measured:
    """What the student's code made of hidden inputs, beside the right answers to the same rows.

    Attributes:
        outputs: What came back, as it came: nothing is known of it yet.
        answers: The right answers, row by row as the inputs were sent.
    """

    outputs: Any
    answers: Array

    def __len__(self) -> int:
        """Number of rows that were asked about."""
        return len(self.answers)


def hidden_data(path: Path, inputs: str = "inputs", answers: str = "answers") -> HiddenData:
    """Load hidden data from an `.npz` file beside the checks.

    Example: `DIGITS = hidden_data(Path(__file__).parent / "data" / "hidden.npz", "images", "labels")`

    Args:
        path: The file.
        inputs: Name of the array of inputs in it.
        answers: Name of the array of answers.

    Raises:
        CheckError: The file or an array is not there, or they do not pair up.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return HiddenData(arrays[inputs], arrays[answers])
    except (OSError, KeyError, ValueError) as error:
        raise CheckError(f"expected the arrays {inputs!r} and {answers!r} in {path}, received {error}") from error


def coarse(fraction: float) -> float:
    """A fraction of a mark in steps that tell nothing of a single row; 1 only for what is 1."""
    if fraction >= 1.0:
        return 1.0
    return min(round(fraction * STEPS), STEPS - 1) / STEPS


def coarse_recall(figure: ConfusionMatrix) -> Bars:
    """How much of each true class is recognised, to the nearest quarter: of the matrix, no more than that.

    A hundred entries in steps of five per cent were enough to bring a hidden image out: whoever owns the process
    chooses its answers so that they spell it.
    """
    counts = np.asarray(figure.counts, dtype=np.float64)
    shares = 100 * counts.diagonal() / np.maximum(counts.sum(axis=1), 1)
    return Bars(
        title=f"{figure.title}: per cent of each class recognised, to the nearest {CLASS_STEP}",
        labels=figure.labels,
        percent=tuple(int(share) for share in np.round(shares / CLASS_STEP) * CLASS_STEP),
    )


def by_row(outputs: Any, num_rows: int) -> bool:
    """Whether there is something for each row: of an array, of a list, or of each of several arrays."""
    if isinstance(outputs, np.ndarray):
        return outputs.ndim > 0 and len(outputs) == num_rows and outputs.size > 0
    if isinstance(outputs, (list, tuple)):
        each = _several(outputs) and all(by_row(part, num_rows) for part in outputs)
        return each or len(outputs) == num_rows
    return isinstance(outputs, Handle)  # an object of the notebook's own: the check says that it is no array


def doubts(outputs: Any, again: Any, chosen: Array) -> list[str]:
    """What a person should know of answers to the same inputs: `again` was given to the rows `chosen`."""
    if _several(outputs) and _several(again) and len(outputs) == len(again):
        return [text for one, other in zip(outputs, again, strict=True) for text in _doubts(one, other, chosen)]
    return _doubts(outputs, again, chosen)


def differing_rows(first: Any, again: Any) -> Array | None:
    """Which rows of two answers to the same inputs differ by more than arithmetic does; None: they cannot be compared.

    A batch of another composition changes the last bits of a float, and nothing else.
    """
    one, other = (np.asarray(value) for value in (first, again))
    if one.shape != other.shape or one.ndim == 0 or one.dtype.kind not in "biuf" or other.dtype.kind not in "biuf":
        return None
    if one.dtype.kind in "biu":
        differ = one != other
    else:
        scale = np.abs(one[np.isfinite(one)]).max(initial=0.0)
        differ = ~np.isclose(one, other, rtol=1e-3, atol=1e-3 * scale, equal_nan=True)
    rows: Array = differ.reshape(len(one), -1).any(axis=1)
    return rows


def _doubts(outputs: Any, again: Any, chosen: Array) -> list[str]:
    try:
        first = np.asarray(outputs)[chosen]
        differ = differing_rows(first, again)
        comparable = differing_rows(first, first) is not None
    except (ValueError, TypeError, IndexError, OverflowError):
        return []  # not one answer for each row: the check itself says so
    if differ is None and comparable:
        return [
            f"asked about the same {len(first)} hidden rows twice, the notebook's second answer was not of the "
            "form of its first"
        ]
    if differ is None or not differ.any():
        return []
    row = int(differ.argmax())
    return [
        f"asked about the same {len(differ)} hidden rows twice, in another order, the notebook answered "
        f"{int(differ.sum())} of them differently; one of them first with {_brief(first[row])}, then with "
        f"{_brief(np.asarray(again)[row])}"
    ]


def _several(outputs: Any) -> bool:
    """Whether a model with several outputs gave them: a list of arrays."""
    return isinstance(outputs, (list, tuple)) and bool(outputs) and all(isinstance(o, np.ndarray) for o in outputs)


def _brief(row: Any) -> str:
    numbers = np.asarray(row).ravel()
    listed = ", ".join(f"{number:.4g}" for number in numbers[:4])
    return f"[{listed}{', ...' if len(numbers) > 4 else ''}]" if np.ndim(row) else listed

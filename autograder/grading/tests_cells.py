"""The mark of a tests cell without checks: from what it showed, as nbgrader does it, but never for want of a complaint.

nbgrader's own rules give full marks where a cell's result is no number, False, negative or NaN, and nothing where a
library wrote a line to stderr. `mark_outputs` decides as the author of the cell would; docs/nbgrader.md has the table.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from nbgrader import utils

from autograder.grading.hidden_tests import hidden_lines, is_of_hidden_tests, without_words
from autograder.results import LimitHit, Status

MESSAGE_CHARACTERS = 300
ROUNDING = 1e-6  # points: 0.1 + 0.2 + 0.7 is not quite 1
# NumPy's and TensorFlow's numbers do not print as numbers; what they hold is the mark all the same.
WRAPPED = (
    re.compile(r"(?:np|numpy)\.(?:float|int|uint|longdouble)\w*\((.+)\)"),
    re.compile(r"array\(([^][(),]+)(?:, dtype=\w+)?\)"),
    re.compile(r"<tf\.Tensor: shape=\(\), dtype=\w+, numpy=(.+)>"),
)
TRUTH = {"True": True, "np.True_": True, "False": False, "np.False_": False}
# On stderr, an error that stopped nothing: of a thread, or of tests that a cell ran with unittest.
REPORTED_ERROR = re.compile(r"^Traceback \(most recent call last\)|^FAILED \(", re.MULTILINE)


@dataclass(frozen=True)
class OutputsMark:
    """What the outputs of a tests cell come to.

    Attributes:
        score: The mark; None where a person has to decide.
        status: As in `CellResult`.
        message: The reason, for student and TA; "" where there is none to give.
        nbgrader_score: nbgrader's mark where that is another one, else None.
    """

    score: float | None
    status: Status
    message: str = ""
    nbgrader_score: float | None = None


def mark_outputs(
    cell: NotebookNode, points: float, limits: Iterable[LimitHit] = (), *, nbgrader_marks: bool = False
) -> OutputsMark:
    """The mark of a tests cell from its outputs.

    Args:
        cell: The executed cell.
        points: The most it can earn.
        limits: What tripped in its notebook: the reason why a cell did not run.
        nbgrader_marks: Whether nbgrader's own rules decide.
    """
    if cell.cell_type == "code" and not has_run(cell):
        # nbgrader would see no complaint and give full marks; its own run of such a submission fails as a whole.
        reason = "; ".join(hit.sentence for hit in limits) or "the student's process had ended before it"
        return OutputsMark(0.0, "graded", f"expected the cell to run, which it did not: {reason}")
    theirs, trouble = _nbgraders_mark(cell)
    if nbgrader_marks:
        message = trouble or describe_outputs(cell)
        return OutputsMark(theirs, "needs_review" if theirs is None else "graded", message)
    ours, message = (None, "") if cell.cell_type != "code" else _authors_mark(cell, points)
    name = cell.metadata.nbgrader.grade_id
    stopped = [hit.sentence for hit in limits if hit.cell == name and hit.limit in ("cell_seconds", "total_seconds")]
    if ours == 0.0 and stopped:
        message = "; ".join(stopped)  # not the exception by which it was stopped
    if theirs is None or theirs == ours:
        return OutputsMark(ours, "needs_review" if ours is None else "graded", message)
    message = f"{message}{'; ' if message else ''}nbgrader's own rules give {theirs:g} of {points:g} here"
    return OutputsMark(ours, "needs_review" if ours is None else "graded", message, theirs)


def doubts(cell: NotebookNode, limits: Iterable[LimitHit] = ()) -> tuple[str, ...]:
    """Why a person should look at what a tests cell showed although it has a mark, one sentence each.

    Args:
        cell: The executed cell.
        limits: What tripped in its notebook.
    """
    name, outputs = cell.metadata.nbgrader.grade_id, cell.get("outputs", [])
    if any(output.output_type == "error" for output in outputs):
        return ()
    found = []
    results = sum(output.output_type == "execute_result" for output in outputs)
    if results > 1:
        found.append(
            f"cell `{name}` showed {results} results, where a cell has one: the last decides; "
            "look whether student code made up the others"
        )
    cut = any(hit.limit == "output" and hit.cell == name for hit in limits)
    if cut and (results or any(_is_stderr(output) for output in outputs)):
        found.append(f"cell `{name}` showed more than is kept, and what was cut off may decide on its mark")
    return tuple(found)


def has_run(cell: NotebookNode) -> bool:
    """Return whether a code cell was executed; an empty one needs no execution."""
    return not cell.source.strip() or cell.get("execution_count") is not None or bool(cell.get("outputs"))


def describe_outputs(cell: NotebookNode, *, only_errors: bool = False) -> str:
    """Say in a line what a tests cell complained about; "" when it did not. Never its source, which may be hidden."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return _described(output, cell)
        if not only_errors and _is_stderr(output):
            lines = [] if hidden_lines(cell.source) else strip_ansi(str(output.text)).strip().splitlines()
            return short(f"the cell wrote to stderr: {lines[0]}" if lines else "the cell wrote to stderr")
    return ""


def short(text: str) -> str:
    """`text` at a readable length, without what would reach a terminal: it comes from the student's process."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", text)
    return text if len(text) <= MESSAGE_CHARACTERS else text[: MESSAGE_CHARACTERS - 1] + "…"


def _nbgraders_mark(cell: NotebookNode) -> tuple[float | None, str]:
    """What nbgrader's rules give, and what is wrong where they give nothing."""
    try:
        score, _ = utils.determine_grade(cell)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        return None, short(f"expected outputs nbgrader can score, received {type(error).__name__}: {error}")
    return None if score is None else float(score), ""


def _authors_mark(cell: NotebookNode, points: float) -> tuple[float | None, str]:
    """What the author of the cell would give, and why."""
    outputs = cell.get("outputs", [])
    for output in outputs:
        if output.output_type == "error":
            return 0.0, _described(output, cell)
    written = strip_ansi("".join(str(output.text) for output in outputs if _is_stderr(output)))
    if REPORTED_ERROR.search(written):
        said = "" if hidden_lines(cell.source) else f": {written.strip().splitlines()[-1]}"
        return 0.0, short(f"an error was reported on stderr{said}")
    note = describe_outputs(cell)  # costs nothing: libraries write there what concerns no mark
    results = [output for output in outputs if output.output_type == "execute_result"]
    if not results:
        return points, note
    score, message = _mark_of_result(results[-1], points)
    if score is None and hidden_lines(cell.source):
        message = (
            f"expected a partial mark between 0 and {points:g} from the cell, received another result; decide on it"
        )
    return score, message or note


def _mark_of_result(output: NotebookNode, points: float) -> tuple[float | None, str]:
    """The mark a cell's result stands for: a number is a partial mark, False is no, anything else says nothing."""
    text = output.get("data", {}).get("text/plain")
    text = "".join(text) if isinstance(text, list) else text
    if not isinstance(text, str) or not text.strip():
        return None, "expected a result that can be read as text, received none; decide on it"
    value = _value(text.strip())
    if value is True or value is None:
        return points, ""
    if value is False:
        return 0.0, "the cell's result is False"
    if isinstance(value, float) and -ROUNDING <= value <= points + ROUNDING:
        mark = min(max(value, 0.0), points)
        return mark, "" if mark == points else f"the cell's result is {mark:g}, a part of its points"
    return None, f"expected a partial mark between 0 and {points:g} from the cell, received {short(text)}; decide on it"


def _value(text: str) -> bool | float | complex | None:
    """The truth value or number that a result's text is; None when it is neither."""
    for pattern in WRAPPED:
        if (found := pattern.fullmatch(text)) is not None:
            text = found[1].strip()
            break
    if text in TRUTH:
        return TRUTH[text]
    for kind in (float, complex):
        try:
            value: Any = kind(text)
        except ValueError:
            continue
        return math.nan if "_" in text else value  # Python reads 1_0 as ten, and prints no number so
    return None


def _is_stderr(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def _described(error: NotebookNode, cell: NotebookNode) -> str:
    if is_of_hidden_tests(error, cell):
        error = NotebookNode(without_words(error))
    lines = strip_ansi(str(error.get("evalue", ""))).strip().splitlines()
    return short(f"{error.get('ename', 'Error')}{f': {lines[0]}' if lines else ''}")

"""Marks of tests cells without checks: nbgrader's rule, ours, and what is said where they differ."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade

from autograder.grading.tests_cells import doubts, mark_outputs
from autograder.results import LimitHit
from tests.grading.courses import nbgrader_cell

POINTS = 4.0
CUT = LimitHit(limit="output", cell="the-tests", value=1.0, unit="KiB", sentence="Cell `the-tests` showed too much.")


def cell_with(*outputs: Any, kind: str = "tests") -> NotebookNode:
    cell = nbgrader_cell("assert True", "the-tests", kind, points=POINTS)
    if kind == "tests":
        cell.outputs, cell.execution_count = list(outputs), 1
    return cell


def result(text: str | list[str]) -> Any:
    return new_output("execute_result", {"text/plain": text})


def error(name: str = "AssertionError", value: str = "") -> Any:
    return new_output("error", ename=name, evalue=value, traceback=["the hidden source"])


def stream(name: str, text: str = "text") -> Any:
    return new_output("stream", name=name, text=text)


SHOWN = new_output("display_data", {"text/plain": "4.0"})
UNDECIDED = None
CRASH = "nbgrader itself fails"

# what the cell showed, nbgrader's mark, ours
MARKS = {
    "nothing": ([], 4, 4),
    "something printed": ([stream("stdout", "1")], 4, 4),
    "something displayed": ([SHOWN], 4, 4),
    "an error": ([error()], 0, 0),
    "an error and a result before it": ([result("4"), error()], 4, 0),
    "an error and a result after it": ([error(), result("4")], 0, 0),
    "an error and text on stderr": ([stream("stderr"), error()], 0, 0),
    "text on stderr": ([stream("stderr", "WARNING: slow")], 0, 4),
    "text on stderr, then a number": ([stream("stderr"), result("3")], 0, 3),
    "a number, then text on stderr": ([result("3"), stream("stderr")], 3, 3),
    "a thread's traceback on stderr": (
        [stream("stderr", "In thread 1:\nTraceback (most recent call last):\n x")],
        0,
        0,
    ),
    "failed tests of unittest on stderr": ([stream("stderr", "F\nRan 1 test\n\nFAILED (failures=1)\n")], 0, 0),
    "passed tests of unittest on stderr": ([stream("stderr", ".\nRan 1 test\n\nOK\n")], 0, 4),
    "a number": ([result("2.5")], 2.5, 2.5),
    "no points": ([result("0")], 0, 0),
    "all points": ([result("4.0")], 4, 4),
    "a number in a list of one": ([result(["2"])], 2, 2),
    "a number in lines": ([result(["2", "5"])], 4, UNDECIDED),
    "two numbers": ([result("4"), result("1")], 4, 1),
    "True": ([result("True")], 4, 4),
    "False": ([result("False")], 4, 0),
    "NumPy's False": ([result("np.False_")], 4, 0),
    "NumPy's number": ([result("np.float64(0.5)")], 4, 0.5),
    "an array that is a number": ([result("array(0.5, dtype=float32)")], 4, 0.5),
    "an array": ([result("array([0.5, 1. ])")], 4, 4),
    "TensorFlow's number": ([result("<tf.Tensor: shape=(), dtype=float32, numpy=1.5>")], 4, 1.5),
    "TensorFlow's False": ([result("<tf.Tensor: shape=(), dtype=bool, numpy=False>")], 4, 0),
    "text": ([result("'well done'")], 4, 4),
    "a number as text": ([result("'1.0'")], 4, 4),
    "an object": ([result("<Figure size 640x480>")], 4, 4),
    "a little more than all points, by rounding": ([result("4.0000000000000001e0")], 4, 4),
    "more than all points, by rounding": ([result("4.000000000000002")], CRASH, 4),
    "less than nothing, by rounding": ([result("-1e-17")], 4, 0),
    "more than all points": ([result("5")], CRASH, UNDECIDED),
    "less than nothing": ([result("-1")], 4, UNDECIDED),
    "NaN": ([result("nan")], 4, UNDECIDED),
    "NumPy's NaN": ([result("np.float64(nan)")], 4, UNDECIDED),
    "infinity": ([result("inf")], CRASH, UNDECIDED),
    "minus infinity": ([result("-inf")], 4, UNDECIDED),
    "a complex number": ([result("(1+0j)")], 4, UNDECIDED),
    "digits no number is printed with": ([result("1_0")], CRASH, UNDECIDED),
    "a result without text": ([new_output("execute_result", {"image/png": "AAAA"})], CRASH, UNDECIDED),
}


@pytest.mark.parametrize(("outputs", "theirs", "ours"), MARKS.values(), ids=MARKS.keys())
def test_a_mark_follows_from_what_the_cell_showed(outputs: list[Any], theirs: Any, ours: float | None) -> None:
    cell = cell_with(*outputs)
    if theirs == CRASH:
        with pytest.raises((ValueError, KeyError)):
            determine_grade(cell)
    else:
        assert determine_grade(cell) == (theirs, POINTS)
    mark = mark_outputs(cell, POINTS)
    assert mark.score == ours
    assert mark.status == ("needs_review" if ours is UNDECIDED else "graded")
    differs = theirs not in (CRASH, ours)
    assert mark.nbgrader_score == (theirs if differs else None)
    assert mark.message.endswith(f"nbgrader's own rules give {theirs} of 4 here") == differs


@pytest.mark.parametrize(("outputs", "theirs", "ours"), MARKS.values(), ids=MARKS.keys())
def test_nbgraders_own_rules_decide_where_that_is_asked_for(outputs: list[Any], theirs: Any, ours: Any) -> None:
    mark = mark_outputs(cell_with(*outputs), POINTS, nbgrader_marks=True)
    if theirs == CRASH:
        assert (mark.score, mark.status) == (None, "needs_review")
        assert mark.message.startswith("expected outputs nbgrader can score, received ")
    else:
        assert (mark.score, mark.status) == (theirs, "graded")
    assert mark.nbgrader_score is None


@pytest.mark.parametrize("text", ["5", "inf", "-1", "nan", "-inf", "1_0", "(1+0j)"])
def test_a_partial_mark_out_of_range_is_for_a_person_to_decide(text: str) -> None:
    message = mark_outputs(cell_with(result(text)), POINTS).message
    assert message.startswith(f"expected a partial mark between 0 and 4 from the cell, received {text}; decide on it")


def test_what_costs_nothing_is_quoted_all_the_same() -> None:
    mark = mark_outputs(cell_with(stream("stderr", "\n\x1b[31mWarning\x1b[0m: slow\nmore")), POINTS)
    assert mark.message == "the cell wrote to stderr: Warning: slow; nbgrader's own rules give 0 of 4 here"


def test_an_error_on_stderr_is_quoted_by_its_last_line() -> None:
    text = "Traceback (most recent call last):\n  File x\nAssertionError: expected 3\n"
    mark = mark_outputs(cell_with(stream("stderr", text)), POINTS)
    assert mark.message == "an error was reported on stderr: AssertionError: expected 3"


def test_a_mark_of_no_code_is_left_to_a_person() -> None:
    for rules in (False, True):
        cell = cell_with(kind="answer")
        cell.metadata.nbgrader["solution"] = False
        assert mark_outputs(cell, POINTS, nbgrader_marks=rules).status == "needs_review"


def test_a_cell_that_did_not_run_gets_nothing_whoever_decides() -> None:
    cell = cell_with()
    cell.execution_count = None
    for rules in (False, True):
        mark = mark_outputs(cell, POINTS, (CUT,), nbgrader_marks=rules)
        assert (mark.score, mark.nbgrader_score) == (0.0, None)
        assert mark.message == "expected the cell to run, which it did not: Cell `the-tests` showed too much."


def test_a_person_looks_where_student_code_may_have_made_up_a_result_or_hidden_one() -> None:
    assert doubts(cell_with(result("4"))) == ()
    assert doubts(cell_with(stream("stdout")), (CUT,)) == ()
    assert doubts(cell_with(result("4"), result("4"), error())) == ()
    assert doubts(cell_with(result("4"), result("3")))[0].startswith("cell `the-tests` showed 2 results, where ")
    for output in (result("4"), stream("stderr")):
        assert doubts(cell_with(output), (CUT,)) == (
            "cell `the-tests` showed more than is kept, and what was cut off may decide on its mark",
        )
    assert doubts(cell_with(result("4")), (CUT.model_copy(update={"cell": "other"}),)) == ()


def test_a_cell_that_was_stopped_says_at_which_limit() -> None:
    hit = LimitHit(limit="cell_seconds", cell="the-tests", value=3.0, unit="s", sentence="Cell `the-tests` took 3 s.")
    elsewhere = hit.model_copy(update={"cell": "another", "sentence": "Another one did."})
    cell = cell_with(error("KeyboardInterrupt"))
    assert mark_outputs(cell, POINTS, (elsewhere,)).message == "KeyboardInterrupt"
    assert mark_outputs(cell, POINTS, (elsewhere, hit)).message == "Cell `the-tests` took 3 s."


def test_what_hidden_tests_wrote_to_stderr_or_ended_with_is_not_quoted() -> None:
    cell = cell_with(stream("stderr", "asked -3"))
    assert mark_outputs(cell, POINTS).message.startswith("the cell wrote to stderr: asked -3")
    cell.source = "### BEGIN HIDDEN TESTS\nassert True\n### END HIDDEN TESTS"
    assert mark_outputs(cell, POINTS).message.startswith("the cell wrote to stderr;")
    for shown in (stream("stderr", "Traceback (most recent call last):\nasked -3"), result("-3")):
        cell.outputs = [shown]
        assert "-3" not in mark_outputs(cell, POINTS).message

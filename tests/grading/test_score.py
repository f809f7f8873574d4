from __future__ import annotations

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.utils import compute_checksum

from autograder.grading.score import combine, score_cell, score_missing, score_notebook
from autograder.grading.specification import CellSpecification, NotebookSpecification
from autograder.results import CheckResult, LimitHit
from tests.grading.courses import nbgrader_cell


def graded_cell(*outputs: Any, points: float = 4, run: bool = True) -> NotebookNode:
    cell = nbgrader_cell("assert True", "the-tests", "tests", points=points)
    cell.outputs = list(outputs)
    cell.execution_count = 1 if run else None
    return cell


def result(text: str) -> Any:
    return new_output("execute_result", {"text/plain": text})


def error(name: str = "AssertionError", value: str = "") -> Any:
    return new_output("error", ename=name, evalue=value, traceback=["the hidden source"])


def stream(name: str, text: str = "text") -> Any:
    return new_output("stream", name=name, text=text)


def check(fraction: float | None, weight: float = 1.0, verdict: Any = None, name: str = "is_right") -> CheckResult:
    verdict = verdict or {None: "could_not_judge", 1.0: "passed"}.get(fraction, "failed")
    return CheckResult(
        name=name, sentence="It is right.", verdict=verdict, fraction=fraction, weight=weight, evidence="measured"
    )


@pytest.mark.parametrize("marks", [False, True])
def test_a_tests_cell_without_checks_is_scored_from_its_outputs(marks: bool) -> None:
    scored = score_cell(graded_cell(stream("stderr")), {}, nbgrader_marks=marks)
    assert (scored.kind, scored.status) == ("tests", "graded")
    assert (scored.score, scored.nbgrader_score) == ((0.0, None) if marks else (4.0, 0.0))


def test_a_cell_that_shows_two_results_is_flagged_while_its_mark_stands() -> None:
    notebook = new_notebook(cells=[graded_cell(result("4"), result("1"))])
    scored = score_notebook("sums", notebook, {})
    assert (scored.score, scored.status, scored.cells[0].status) == (1.0, "needs_review", "graded")
    assert scored.flags == (
        "cell `the-tests` showed 2 results, where a cell has one: the last decides; look whether student code made up "
        "the others",
    )
    assert score_notebook("sums", notebook, {}, nbgrader_marks=True).flags == ()
    assert score_notebook("sums", notebook, {"the-tests": (check(1.0),)}).flags == ()


def test_a_tests_cell_that_never_ran_gets_nothing() -> None:
    hit = LimitHit(limit="kernel", cell="loop", value=0.0, unit="", sentence="The kernel ended in cell `loop`.")
    scored = score_cell(graded_cell(run=False), {}, limits=(hit,))
    assert (scored.score, scored.status) == (0.0, "graded")
    assert scored.message == "expected the cell to run, which it did not: The kernel ended in cell `loop`."


def test_an_empty_tests_cell_needs_no_run() -> None:
    cell = graded_cell(run=False)
    cell.source = "  \n"
    assert score_cell(cell, {}).score == 4.0


def test_the_message_names_the_error_and_never_the_hidden_source() -> None:
    scored = score_cell(graded_cell(error("ValueError", "\x1b[31mexpected 3\x1b[0m\nmore")), {})
    assert scored.message == "ValueError: expected 3"
    assert score_cell(graded_cell(error("AssertionError")), {}).message == "AssertionError"


def test_a_message_is_cut_to_a_readable_length_and_has_no_control_characters() -> None:
    message = score_cell(graded_cell(error("E", "\x9b2J" + "x" * 1000)), {}).message
    assert len(message) == 300
    assert message.startswith("E: 2Jxxx")
    assert message.endswith("x…")


def test_checks_give_the_weighted_mean_of_their_fractions() -> None:
    scored = score_cell(graded_cell(), {"the-tests": (check(1.0, weight=3), check(0.5, weight=1))})
    assert (scored.score, scored.status, scored.kind) == (3.5, "graded", "checks")


def test_checks_decide_whatever_the_visible_tests_said() -> None:
    scored = score_cell(graded_cell(error("AssertionError", "visible")), {"the-tests": (check(1.0),)})
    assert (scored.score, scored.message) == (4.0, "AssertionError: visible")
    assert score_cell(graded_cell(result("4")), {"the-tests": (check(0.0),)}).score == 0.0


def test_a_skipped_check_earns_nothing() -> None:
    scored = score_cell(graded_cell(), {"the-tests": (check(1.0), check(0.0, verdict="skipped"))})
    assert (scored.score, scored.status) == (2.0, "graded")


def test_one_check_that_could_not_judge_leaves_the_cell_to_a_person() -> None:
    scored = score_cell(graded_cell(), {"the-tests": (check(1.0), check(None))})
    assert (scored.score, scored.status) == (None, "could_not_judge")


def test_full_marks_are_exactly_the_points() -> None:
    checks = tuple(check(1.0, weight=weight) for weight in (0.1, 0.2, 0.3, 0.7))
    assert score_cell(graded_cell(points=3.3), {"the-tests": checks}).score == 3.3


def test_an_answer_is_left_to_a_person_unless_it_is_unchanged() -> None:
    cell = nbgrader_cell("YOUR ANSWER HERE", "why", "answer", points=2)
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    unchanged = score_cell(cell, {})
    assert (unchanged.score, unchanged.status, unchanged.message) == (0.0, "graded", "No response.")
    cell.source = "Because."
    answered = score_cell(cell, {})
    assert (answered.score, answered.status, answered.kind) == (None, "needs_review", "manual")


def test_a_task_is_always_left_to_a_person() -> None:
    scored = score_cell(nbgrader_cell("Draw it.", "draw", "task", points=5), {})
    assert (scored.score, scored.status, scored.points) == (None, "needs_review", 5.0)


def test_a_notebook_adds_its_cells_up_and_takes_the_worst_status() -> None:
    answer = nbgrader_cell("Because.", "why", "answer", points=2)
    notebook = new_notebook(cells=[new_markdown_cell("#"), new_code_cell("1"), graded_cell(result("3")), answer])
    scored = score_notebook("sums", notebook, {}, cell_seconds={"the-tests": 0.5}, notes=("noted",), seconds=2.0)
    assert (scored.score, scored.max_score, scored.status) == (3.0, 6.0, "needs_review")
    assert [cell.cell for cell in scored.cells] == ["the-tests", "why"]
    assert (scored.cells[0].seconds, scored.seconds, scored.notes) == (0.5, 2.0, ("noted",))


def test_a_grader_fault_outweighs_a_review_which_outweighs_a_mark() -> None:
    assert combine(["graded", "needs_review", "could_not_judge"]) == "could_not_judge"
    assert combine(["graded", "needs_review"]) == "needs_review"
    assert combine([]) == "graded"


def test_a_notebook_that_was_not_handed_in_has_zero_in_every_cell() -> None:
    def specified(grade_id: str, points: float | None, grade: bool, solution: bool) -> CellSpecification:
        return CellSpecification(grade_id, "code", grade, solution, not solution, False, points, None, "")

    cells = (
        specified("double", None, False, True),
        specified("tests", 4.0, True, False),
        specified("why", 2.0, True, True),
    )
    scored = score_missing(NotebookSpecification("sums", {}, cells))
    assert (scored.score, scored.max_score, scored.status) == (0.0, 6.0, "graded")
    assert [(cell.cell, cell.kind, cell.score) for cell in scored.cells] == [
        ("tests", "tests", 0.0),
        ("why", "manual", 0.0),
    ]
    assert scored.cells[0].message == "expected sums.ipynb, found no such file in the submission"

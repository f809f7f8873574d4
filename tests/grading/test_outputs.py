from __future__ import annotations

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.course import Course, Submission, open_course
from autograder.grading.outputs import tidy_outputs
from autograder.grading.score import score_notebook
from tests.grading.courses import ASSIGNMENT, cell_of, sums_notebook

LOG_LINE = "2026-11-02 I tensorflow: using the processor\n"


def noisy_notebook() -> NotebookNode:
    notebook = sums_notebook()
    cell = cell_of(notebook, "double-tests")
    cell.execution_count = 1
    cell.outputs = [
        new_output("stream", name="stderr", text=LOG_LINE),
        new_output("stream", name="stdout", text="line\n" * 5000),
    ]
    return notebook


def tidied(course: Course, notebook: NotebookNode) -> NotebookNode:
    return tidy_outputs(course, Submission("ann", ASSIGNMENT, course.root), "sums", notebook)


def test_a_pattern_of_the_course_saves_the_mark_that_a_log_line_would_cost(course: Course) -> None:
    assert score_notebook("sums", tidied(course, noisy_notebook()), {}, nbgrader_marks=True).cells[0].score == 0.0
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("c.IgnorePattern.enabled = True\nc.IgnorePattern.pattern = 'tensorflow'\n")
    course = open_course(course.root)
    assert score_notebook("sums", tidied(course, noisy_notebook()), {}, nbgrader_marks=True).cells[0].score == 4.0


def test_long_output_is_cut_as_nbgrader_cuts_it(course: Course) -> None:
    text = cell_of(tidied(course, noisy_notebook()), "double-tests").outputs[1].text
    assert text.endswith("... Output truncated ...")
    assert text.count("\n") < 1000


def test_what_was_executed_stays_as_it_was(course: Course) -> None:
    notebook = noisy_notebook()
    tidied(course, notebook)
    assert notebook == noisy_notebook()

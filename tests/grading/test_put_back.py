"""Tests cells without checks, as nbgrader courses have them: no trick earns a mark, and honest work keeps its own."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_notebook

from autograder.grading.execute import Execution, run_notebook
from autograder.grading.score import score_notebook
from autograder.results import NotebookResult
from autograder.sandbox import Limits, Slot, SlotSettings
from tests.grading.courses import nbgrader_cell
from tests.slots import opened

LIMITS = Limits(cell_seconds=10, total_seconds=60, memory_mib=512)
EMPTY = Path(__file__).parent / "no-such-folder"
TESTS = "import numpy as np\nassert np.isclose(double(2), 4), 'wrong'\nassert abs(double(3) - 6) < 1e-6"
PARTIAL = "sum(double(number) == 2 * number for number in (0, 1, 2, 3)) * 1.0"
WRONG = "def double(x): return x"
RIGHT = "def double(x): return 2 * x"


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    with opened(SlotSettings(limits=LIMITS, preload=("numpy",))) as made:
        yield made


def run(slot: Slot, *sources: str, tests: str = TESTS, intro: str = "ready = True") -> Execution:
    cells = [
        nbgrader_cell(intro, "intro", "solution"),
        *(nbgrader_cell(textwrap.dedent(one), f"answer-{i}", "solution") for i, one in enumerate(sources)),
        nbgrader_cell(tests, "tests", "tests", points=4),
        nbgrader_cell(PARTIAL, "partial", "tests", points=4),
    ]
    cells[0].metadata.nbgrader.update(locked=True, solution=False)
    notebook = new_notebook(cells=cells)
    return run_notebook(notebook, slot=slot, files=EMPTY, checks=(), limits=LIMITS, seed="seed")


def graded(slot: Slot, *sources: str, tests: str = TESTS, intro: str = "ready = True") -> NotebookResult:
    found = run(slot, *sources, tests=tests, intro=intro)
    return score_notebook("sums", found.notebook, {}, limits=found.limits, flags=found.flags)


def marks(result: NotebookResult) -> list[float | None]:
    return [cell.score for cell in result.cells]


def test_right_and_wrong_answers_get_what_they_earn(slot: Slot) -> None:
    right, wrong = graded(slot, RIGHT), graded(slot, WRONG)
    assert (marks(right), right.flags, right.status) == ([4.0, 4.0], (), "graded")
    assert (marks(wrong), wrong.flags, wrong.status) == ([0.0, 1.0], (), "graded")


TAMPERING = {
    "transformers that leave nothing": "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
    "transformers that leave a mark": "get_ipython().input_transformers_cleanup.append(lambda lines: ['4.0\\n'])",
    "assert removed from the tree": """
        import ast
        class Lenient(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Lenient())
        """,
    "no traceback": "get_ipython().showtraceback = lambda *_, **__: None",
    "builtins": "import builtins\nbuiltins.abs = lambda _: 0\nbuiltins.sum = lambda *_: 4",
    "numpy": "import numpy as np\nnp.isclose = np.allclose = np.testing.assert_allclose = lambda *_, **__: True",
    "unittest": "import unittest\nunittest.TestCase.assertEqual = unittest.TestCase.fail = lambda *_: None",
    "a forged result before every cell": """
        def forge(info):
            kernel = get_ipython().kernel
            content = {"data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": get_ipython().execution_count}
            kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell"))
        get_ipython().events.register("pre_run_cell", forge)
        get_ipython().events.register("post_run_cell", forge)
        """,
    "a mark displayed": "get_ipython().events.register('post_run_cell', lambda _: display(4.0))",
    "a number that prints as another": "get_ipython().display_formatter.formatters['text/plain'].for_type(float, "
    "lambda _, printer, __: printer.text('4.0'))",
    "do_execute": """
        async def liar(*_, **__): return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
        get_ipython().kernel.do_execute = liar
        """,
    "printed marks": "print('SCORE: 100', 'All tests passed', {'score': 100})",
}


@pytest.mark.parametrize("trick", TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_earns_nothing(slot: Slot, trick: str) -> None:
    tests = TESTS
    if "unittest" in trick:
        tests = "import unittest\nunittest.TestCase().assertEqual(double(2), 4)"
    assert marks(graded(slot, WRONG, trick, tests=tests)) == [0.0, 1.0]


@pytest.mark.parametrize("trick", TAMPERING.values(), ids=TAMPERING.keys())
def test_tampering_beside_a_right_answer_costs_nothing(slot: Slot, trick: str) -> None:
    assert marks(graded(slot, RIGHT, trick)) == [4.0, 4.0]


def test_a_result_made_up_within_the_cell_counts_for_nothing_and_is_flagged(slot: Slot) -> None:
    forging = """
    def double(x):
        kernel = get_ipython().kernel
        content = {"data": {"text/plain": "4.0"}, "metadata": {}, "execution_count": get_ipython().execution_count}
        kernel.session.send(kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell"))
        return x
    """
    result = graded(slot, forging)
    assert (marks(result), result.status) == ([0.0, 1.0], "needs_review")
    assert [flag.partition(",")[0] for flag in result.flags] == ["cell `partial` showed 5 results"]


def test_an_answer_that_equals_everything_still_passes_where_the_cell_compares_with_it(slot: Slot) -> None:
    # the honest limit: what the tests are given is the student's own object
    anything = "class Yes:\n    def __eq__(self, other): return True\ndef double(x): return Yes()"
    assert marks(graded(slot, anything, tests="assert double(2) == 4")) == [4.0, 4.0]


def test_names_taken_from_the_tests_are_flagged_while_the_mark_stands(slot: Slot) -> None:
    result = graded(
        slot, WRONG, "def abs(x): return 0\nclass np:\n    isclose = lambda *_: True", tests="assert abs(1) < 1"
    )
    assert (marks(result), result.status) == ([4.0, 1.0], "needs_review")
    assert result.flags == (
        "the notebook has its own `abs`, which the tests in cell `tests` rely on: "
        "look whether that is part of the task",
    )


def test_names_an_instructors_cell_defines_are_not_flagged(slot: Slot) -> None:
    result = graded(slot, RIGHT, intro="def isclose(a, b): return a == b", tests="assert isclose(double(2), 4)")
    assert (marks(result), result.flags) == ([4.0, 4.0], ())


def test_a_notebook_without_an_agent_is_graded_and_flagged_once(slot: Slot) -> None:
    result = graded(slot, RIGHT, "get_ipython().kernel.shell_handlers.pop('autograder_request')")
    assert (marks(result), result.status) == ([4.0, 4.0], "needs_review")
    [flag] = result.flags
    assert flag.startswith("could not put IPython back as it was before cell `tests`, whose output decides on its mark")


def test_noise_on_stderr_costs_nothing_and_nbgraders_mark_is_told(slot: Slot) -> None:
    noisy = "import sys\ndef double(x):\n    print('tip: use a GPU', file=sys.stderr)\n    return 2 * x"
    result = graded(slot, noisy)
    assert marks(result) == [4.0, 4.0]
    assert [cell.nbgrader_score for cell in result.cells] == [0.0, 0.0]
    assert result.cells[0].message == (
        "the cell wrote to stderr: tip: use a GPU; nbgrader's own rules give 0 of 4 here"
    )


def test_honest_use_of_ipython_goes_on(slot: Slot) -> None:
    honest = """
    from IPython.core.magic import register_line_magic
    %load_ext autoreload
    %matplotlib inline
    import matplotlib.pyplot as plt
    @register_line_magic
    def shout(line): return line.upper()
    class Table:
        def _repr_html_(self): return "<b>1</b>"
    """
    tests = "%shout it\nplt.plot([1, 2]);\ndisplay(Table())\n" + TESTS
    found = run(slot, RIGHT, honest, tests=tests)
    shown = [output.data for output in found.notebook.cells[-2].outputs]
    assert {"text/html", "image/png"} <= {mime for data in shown for mime in data}
    assert marks(score_notebook("sums", found.notebook, {})) == [4.0, 4.0]

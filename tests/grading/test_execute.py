"""One notebook in a slot: what its cells and checks come to, whatever its code does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.checks import Student, expect_no_use_of
from autograder.errors import SlotLost
from autograder.grading.execute import run_notebook
from autograder.sandbox import Slot, SlotSettings
from tests.grading.executions import LIMITS, RIGHT, at_most, cells, check, doubles, half, only, run, sentences, shown
from tests.slots import opened


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    with opened(SlotSettings(limits=LIMITS, preload=("numpy",))) as made:
        yield made


# right and wrong ----------------------------------------------------------------------------------------------------


def test_a_right_answer_passes_and_every_cell_runs(slot: Slot) -> None:
    found = run(slot, RIGHT, checks=[check(doubles)], test="assert double(2) == 4\nprint('fine')")
    assert (only(found).verdict, only(found).fraction, only(found).message) == ("passed", 1.0, "")
    assert (shown(found, 1), shown(found)) == ("fine", "after")
    assert (found.limits, found.notes) == ((), ())
    assert set(found.cell_seconds) == {"cell 1", "tests", "cell 3"}
    assert 0 < found.seconds < 20


def test_a_wrong_answer_fails_with_message_and_hint(slot: Slot) -> None:
    found = only(run(slot, "def double(x): return x + 1", checks=[check(doubles)]))
    assert (found.verdict, found.fraction, found.hint) == ("failed", 0.0, "Multiply by two.")
    assert found.message.startswith("expected twice the number, received ")


def test_a_missing_function_is_named(slot: Slot) -> None:
    found = only(run(slot, "pass", checks=[check(doubles)]))
    assert (found.verdict, found.message) == ("failed", "the notebook does not define `double`")


def test_an_exception_in_a_cell_stops_neither_the_notebook_nor_the_checks(slot: Slot) -> None:
    found = run(slot, RIGHT, "1 / 0", checks=[check(doubles)])
    assert shown(found, 1) == "ZeroDivisionError: division by zero"
    assert only(found).verdict == "passed"
    assert shown(found) == "after"


@pytest.mark.parametrize(
    "leave", ["raise SystemExit", "import sys; sys.exit(3)", "raise KeyboardInterrupt", "exit()", "quit()"]
)
def test_leaving_a_cell_leaves_only_the_cell(slot: Slot, leave: str) -> None:
    found = run(slot, RIGHT, leave, checks=[check(doubles)])
    assert (only(found).verdict, shown(found)) == ("passed", "after")


def test_partial_credit_is_weighed_and_worded(slot: Slot) -> None:
    found = only(run(slot, RIGHT, checks=[check(half)]))
    assert (found.verdict, found.fraction, found.message) == ("failed", 0.5, "earned 50% of this check")


def test_a_check_that_needs_another_is_skipped_with_the_reason(slot: Slot) -> None:
    second = check(half, needs=("doubles",))
    found = run(slot, "def double(x): return 0", checks=[check(doubles), second]).verdicts["tests"]
    assert [one.verdict for one in found] == ["failed", "skipped"]
    assert found[1].message == "not tried, because it needs “doubles” to pass first"
    assert found[1].fraction == 0.0


def broken(student: Student) -> None:
    raise IndexError("of our own making")


def generous(student: Student) -> float:
    return 1.5


@pytest.mark.parametrize(("mistake", "text"), [(broken, "IndexError: of our own making"), (generous, "gave 1.5")])
def test_a_mistake_in_a_check_is_no_fault_of_the_students(slot: Slot, mistake: object, text: str) -> None:
    needing = check(half, needs=(mistake.__name__,))  # type: ignore[attr-defined]
    found = run(slot, RIGHT, checks=[check(mistake), needing, check(doubles)]).verdicts["tests"]
    assert [one.verdict for one in found] == ["could_not_judge", "could_not_judge", "passed"]
    assert (found[0].fraction, found[0].message) == (None, "This check could not be judged; a person will look at it.")
    assert text in found[0].fault


def test_the_same_seed_draws_the_same_numbers_on_both_sides(slot: Slot) -> None:
    drawn: list[tuple[list[int], list[float]]] = []

    def draws(student: Student) -> None:
        drawn.append((student.rng.integers(0, 10**6, 3).tolist(), student.call("draw")))

    source = """
    import random, numpy as np
    def numbers(): return [random.random(), float(np.random.rand())]
    start = numbers()
    def draw(): return start + numbers()
    """
    for seed in ("one", "one", "other"):
        assert only(run(slot, source, checks=[check(draws)], seed=seed)).verdict == "passed"
    assert drawn[0] == drawn[1]
    assert all(drawn[0][side] != drawn[2][side] for side in (0, 1))


def test_files_beside_the_notebook_can_be_read(slot: Slot, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1,2")
    assert shown(run(slot, "print(open('data.csv').read())", folder=tmp_path), 0) == "1,2"


def test_the_students_own_modules_are_the_ones_that_are_imported(slot: Slot, tmp_path: Path) -> None:
    for name in ("agent", "walls", "originals", "encoding", "kept", "model_requests", "gradient_requests"):
        (tmp_path / f"{name}.py").write_text("VALUE = 7")
    found = run(
        slot,
        "import agent, encoding, kept, model_requests, originals, walls\nprint(agent.VALUE + kept.VALUE)",
        folder=tmp_path,
    )
    assert shown(found, 0) == "14"


def test_figures_are_shown_as_in_any_kernel(slot: Slot) -> None:
    pytest.importorskip("matplotlib")
    limits = LIMITS.model_copy(update={"output_kib": 512, "cell_seconds": 20.0})
    code = ("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", "plt.plot([2, 1])\nplt.show()")
    found = run(slot, *code, limits=limits)
    for cell in found.notebook.cells[:2]:
        assert [list(output.data) for output in cell.outputs if "data" in output] == [["text/plain", "image/png"]]


def test_a_check_reads_all_code_cells_and_knows_which_are_given(slot: Slot) -> None:
    seen = []

    def reads(student: Student) -> None:
        """It reads."""
        seen.append(student.sources)
        expect_no_use_of(student.sources, ["numpy.convolve"])

    found = run(slot, "import numpy as np", RIGHT, test="np.convolve", checks=[check(reads)])
    assert only(found).verdict == "passed", only(found)
    cells = {"cell 1": "import numpy as np", "cell 2": RIGHT, "tests": "np.convolve", "cell 4": "print('after')"}
    assert (dict(seen[0].cells), seen[0].given) == (cells, {"tests"})
    wrong = run(slot, "import numpy as np", "double = np.convolve", checks=[check(reads)])
    said = "expected the notebook to do without `numpy.convolve`, received it in line 1 of the cell `cell 2`"
    assert only(wrong).message == said


def test_text_cells_are_left_alone(slot: Slot) -> None:
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), new_code_cell("1 + 1")])
    found = run_notebook(notebook, slot=slot, files=Path("none"), checks=(), limits=LIMITS, seed="")
    assert (found.notebook.cells[0].source, shown(found)) == ("# Title", "2")


# tags and tampering -------------------------------------------------------------------------------------------------


def test_no_tag_skips_a_tests_cell_or_hides_its_failure(slot: Slot) -> None:
    for tag in ("skip-execution", "raises-exception", "nbgrader-skip"):
        found = run(slot, test="raise AssertionError('wrong')", tags=[tag])
        assert shown(found, 0) == "AssertionError: wrong", tag


@pytest.mark.parametrize(
    "tampering",
    [
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['pass\\n'])",
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['5.0\\n'])",
        """
        import ast
        class Lenient(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Lenient())
        """,
        "import builtins\nbuiltins.abs = builtins.all = builtins.print = lambda *_: True",
        "class Yes:\n    def __eq__(self, other): return True\ndef double(x): return Yes()",
        "import numpy as np\nnp.allclose = np.array_equal = lambda *_, **__: True\nnp.testing.assert_allclose = print",
        "print('SCORE: 100\\nAll tests passed', {'score': 100})",
        "get_ipython().showtraceback = lambda *_, **__: None",
        "get_ipython().events.register('pre_run_cell', lambda info: display({'text/plain': '5.0'}, raw=True))",
        """
        kernel = get_ipython().kernel
        async def liar(*_, **__): return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
        kernel.do_execute = liar
        """,
    ],
)
def test_tampering_earns_nothing_where_checks_judge(slot: Slot, tampering: str) -> None:
    found = run(slot, "def double(x): return x", tampering, checks=[check(doubles)])
    assert (only(found).verdict, only(found).fraction) == ("failed", 0.0)


def test_an_agent_that_was_removed_fails_its_checks(slot: Slot) -> None:
    begun = time.monotonic()
    found = run(slot, RIGHT, "get_ipython().kernel.shell_handlers.pop('autograder_request')", checks=[check(doubles)])
    assert (only(found).verdict, only(found).message) == (
        "failed",
        "not reached: the notebook's process no longer answers",
    )
    assert shown(found) == "after"
    assert time.monotonic() - begun < 15


def test_an_agent_replaced_by_a_liar_fails_its_checks(slot: Slot) -> None:
    liar = """
    kernel = get_ipython().kernel
    def lie(stream, identity, message):
        reply = {"id": message["content"]["id"], "ok": [1, 2, 3]}
        kernel.session.send(stream, "autograder_reply", reply, parent=message, ident=identity)
    kernel.shell_handlers["autograder_request"] = lie
    """
    found = run(slot, RIGHT, liar, checks=[check(doubles)])
    assert only(found).verdict == "failed"


def test_messages_that_are_none_are_no_output_and_no_fault_of_ours(slot: Slot) -> None:
    forge = """
    kernel = get_ipython().kernel
    def send(kind, content):
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent("shell"))
    for kind in (
        "stream display_data error status execute_result comm_open comm_msg clear_output update_display_data x".split()
    ):
        for content in (
            {}, {"data": 1}, {"name": "stdout", "text": {}}, {"execution_state": []}, {"traceback": [1]},
            {"execution_count": "x"}, {"transient": 5}, {"data": {}, "metadata": {}, "transient": {"display_id": []}},
        ):
            send(kind, content)
    print("real")
    """
    found = run(slot, forge, checks=[check(half)])
    assert shown(found, 0).endswith("real")
    assert only(found).fraction == 0.5
    assert shown(found) == "after"


# ends ---------------------------------------------------------------------------------------------------------------

ENDED = "NotRun: the notebook's process "
RESTART = "Restart the kernel and run the notebook from the top to see it."


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("import os; os._exit(0)", "ended itself (exit status 0)"),
        ("import os; os._exit(3)", "ended itself (exit status 3)"),
        ("import os; os.kill(os.getpid(), 9)", "crashed (signal 9)"),
        ("import ctypes; ctypes.string_at(0)", "crashed (signal 11)"),
    ],
)
def test_a_process_that_ends_costs_the_cell_and_the_rest_is_run_again(slot: Slot, end: str, why: str) -> None:
    counts = "import os\nprint('run', os.getpid() > 0)"
    found = run(slot, RIGHT, counts, end, "print(double(4))", checks=[check(doubles)], test="print(double(5))")
    assert [shown(found, index) for index in (1, 2)] == ["run True", f"{ENDED}{why} in cell `cell 3`"]
    assert [shown(found, index) for index in (3, 4, 5)] == ["8", "10", "after"]
    assert only(found).verdict == "passed"
    assert sentences(found) == [
        (
            "kernel",
            f"The notebook's process {why} in cell `cell 3`. {RESTART} The other cells were run again without it.",
        )
    ]


def test_what_the_cell_that_ended_the_process_defines_is_missing_and_the_hint_says_where_to_look(slot: Slot) -> None:
    found = only(run(slot, f"{RIGHT}\nimport os; os._exit(0)", checks=[check(doubles)]))
    assert (found.verdict, found.message) == ("failed", "the notebook does not define `double`")
    assert found.hint == (
        "Look at cell `cell 1` first: the notebook's process ended itself (exit status 0) in cell `cell 1`."
    )


def test_a_tests_cell_that_ends_the_process_costs_its_question(slot: Slot) -> None:
    found = run(slot, RIGHT, checks=[check(doubles)], test="import os; os._exit(0)")
    assert only(found).message == "not reached: the notebook's process ended itself (exit status 0) in cell `tests`"
    assert shown(found) == "after"


def test_a_process_that_ends_in_the_graded_function_fails_that_question_only(slot: Slot) -> None:
    notebook = new_notebook(cells=cells("import os\ndef double(x): os._exit(0)"))
    more = new_code_cell("pass", metadata={"nbgrader": {"grade_id": "more", "grade": True}})
    notebook.cells.append(more)
    checks = (check(doubles), check(half), check(fraction_of_one, cell="more"))
    found = run_notebook(notebook, slot=slot, files=Path("none"), checks=checks, limits=LIMITS, seed="s")
    first, second = found.verdicts["tests"]
    assert (first.verdict, first.message) == ("failed", "the notebook's process ended itself (exit status 0)")
    assert (second.verdict, second.message) == ("failed", "not reached: the notebook's process no longer answers")
    [third] = found.verdicts["more"]
    assert third.verdict == "passed"
    assert sentences(found) == [
        ("kernel", f"The notebook's process ended itself (exit status 0) in cell `tests`. {RESTART}")
    ]


def test_an_end_over_hidden_data_tells_no_exit_status(slot: Slot) -> None:
    found = run(slot, "import os\ndef double(x): os._exit(int(x))", checks=[check(doubles, hidden=True)])
    assert only(found).message == "the notebook's process ended over hidden data"
    assert sentences(found) == [("kernel", f"The notebook's process ended over hidden data in cell `tests`. {RESTART}")]
    assert found.limits[0].value == 0


def fraction_of_one(student: Student) -> None:
    """It answers."""
    assert student.has("double")


def test_a_process_that_always_ends_is_not_run_for_ever(slot: Slot) -> None:
    ends = "import os\nos._exit(0)"
    found = run(slot, *[ends] * 4, checks=[check(half)])
    assert [shown(found, index) for index in range(4)] == [
        f"{ENDED}ended itself (exit status 0) in cell `cell {number}`" for number in (1, 2, 3, 4)
    ]
    assert (only(found).fraction, shown(found)) == (0.5, "after")


def test_replaying_has_its_time_too_and_says_when_it_is_over(slot: Slot) -> None:
    limits = LIMITS.model_copy(update={"cell_seconds": 4.0, "total_seconds": 5.0})
    ends = "import os; os._exit(0)"
    begun = time.monotonic()
    found = run(slot, "import time; time.sleep(3)", ends, ends, checks=[check(half)], limits=limits)
    assert time.monotonic() - begun < at_most(2 * 5)
    assert only(found).message == (
        "not reached: the notebook's process ended itself (exit status 0) in cell `cell 3`, "
        "and there was no time to run the other cells again"
    )
    assert shown(found).startswith("NotRun: the notebook's process ended itself (exit status 0) in cell `cell 3`, ")


def test_a_process_that_ends_after_the_cells_is_started_again_for_the_questions(slot: Slot) -> None:
    later = f"{RIGHT}\nimport os, threading\nthreading.Timer(0.5, os._exit, [0]).start()"

    def waits(student: Student) -> None:
        """It waits."""
        time.sleep(1)

    found = run(slot, later, checks=[check(waits), check(doubles)])
    assert shown(found) == "after"
    assert sentences(found)[0] == (
        "kernel",
        f"The notebook's process ended itself (exit status 0) in cell `tests`. {RESTART}",
    )


# questions come last ----------------------------------------------------------------------------------------------


def test_nothing_a_question_shows_can_come_out_in_a_later_cell(slot: Slot) -> None:
    spy = """
    seen = []
    def double(x):
        seen.append(x)
        print("asked", x)
        display({"text/plain": f"asked {x}"}, raw=True)
        get_ipython().run_cell("print('asked')")
        return 2 * x
    """
    late = "def later():\n    print('asked', seen)\nprint('seen', seen)"
    found = run(slot, spy, late, checks=[check(doubles)])
    assert only(found).verdict == "passed"
    assert "asked" not in "".join(str(cell.outputs) for cell in found.notebook.cells)
    assert shown(found, 1) == "seen []"


def test_checks_on_hidden_data_come_after_all_others(slot: Slot) -> None:
    order: list[str] = []

    def one(student: Student) -> None:
        """One."""
        order.append("one")

    def two(student: Student) -> None:
        """Two."""
        order.append("two")

    found = run(slot, RIGHT, checks=[check(two, hidden=True), check(one)])
    assert order == ["one", "two"]
    assert [result.verdict for result in found.verdicts["tests"]] == ["passed", "passed"]


def test_the_next_notebook_is_not_harmed(slot: Slot) -> None:
    run(slot, "import os; os._exit(0)")
    assert only(run(slot, RIGHT, checks=[check(doubles)])).verdict == "passed"


def test_a_slot_that_is_gone_is_no_verdict(slot: Slot) -> None:
    with Slot.open(SlotSettings(limits=LIMITS, preload=(), number=1)) as own:

        def breaks(student: Student) -> None:
            own.warm._process.kill()
            own.warm._process.wait()
            student.call("double", 1)

        with pytest.raises(SlotLost):
            run(own, RIGHT, checks=[check(breaks)])

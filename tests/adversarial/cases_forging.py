"""Group A: forging the result."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tests.adversarial.case import (
    HONEST,
    Case,
    Outcome,
    all_of,
    answer,
    append,
    before,
    cell_in,
    edit_json,
    flagged,
    new_cell,
    scores,
    together,
    unaffected,
    write_file,
    zero,
)
from tests.adversarial.courses import Edit

# Wrong in every question: whatever is done besides, this is what it is worth.
WRONG = together(
    answer("scale", "def scale(values):\n    return values * 0.0 + 0.5"),
    answer("classify", "def classify(images):\n    return np.tile([1.0, 0.0, 0.0], (len(images), 1))"),
    answer("report", 'def describe():\n    return {"numbers": 1}'),
    answer("plain", "def double(number):\n    return 3 * number"),
)
nothing = scores(scale=0.0, classify=0.0, report=0.0, plain=0.0)


def measured_nothing(outcome: Outcome) -> None:
    """Expect nothing for the questions that are measured; those the kernel itself answers may have been forged."""
    assert outcome.scores["scale"] == 0.0, str(outcome)
    assert outcome.scores["classify"] == 0.0, str(outcome)
    assert outcome.marks == outcome.scores, str(outcome)


def tripped(limit: str, *words: str) -> Callable[[Outcome], None]:
    """Expect a limit that tripped, with these words in its sentence."""

    def expect(outcome: Outcome) -> None:
        assert limit in outcome.limits, str(outcome)
        for word in words:
            assert word in outcome.limits[limit], str(outcome)

    return expect


def shows(*words: str) -> Callable[[Outcome], None]:
    """Expect that the executed notebook shows these words, as the student's output."""

    def expect(outcome: Outcome) -> None:
        for word in words:
            assert word in outcome.outputs, str(outcome)

    return expect


_case = partial(Case, group="A")


def holds(number: int, sentence: str, submit: Edit, expect: Callable[[Outcome], None], **more: Any) -> Case:
    """A case of this group."""
    return _case(number=number, sentence=sentence, submit=submit, expect=expect, **more)


# 1, 2: ending the process ---------------------------------------------------------------------------------------------

ENDS = (
    holds(
        1,
        "a cell of the student's own that ends the process costs no question that works without it",
        new_cell("import os\nos._exit(0)", before="classify"),
        all_of(scores(scale=HONEST["scale"]), tripped("kernel", "exit status 0")),
    ),
    holds(
        1,
        "a function that ends the process when it is asked costs its question and no other",
        answer("scale", "import os\n\ndef scale(values):\n    os._exit(0)"),
        zero("scale", "exit status 0"),
    ),
    holds(
        1,
        "a solution cell that ends the process behind its function costs its question and no other",
        append("scale", "import os\nos._exit(0)"),
        zero("scale", "exit status 0"),
    ),
    holds(
        1,
        "a function that ends the process when it is asked about hidden data costs its question and no other",
        answer("classify", "import os\n\ndef classify(images):\n    os._exit(0)"),
        all_of(scores(classify=0.0, report=0.0), lambda outcome: _has("ended", outcome.said("classify"))),
    ),
    holds(
        1,
        "a function that ends the process within plain tests costs its question and no other",
        answer("plain", "import os\n\ndef double(number):\n    os._exit(0)"),
        zero("plain", "exit status 0"),
    ),
    holds(
        1,
        "ending the process in hidden plain tests only earns nothing for them",
        answer("plain", "import os\n\ndef double(number):\n    return 4 if number == 2 else os._exit(0)"),
        zero("plain", "exit status 0"),
    ),
    holds(
        2,
        "sys.exit() before a function is defined costs its question and no other",
        before("scale", "import sys\nsys.exit()"),
        zero("scale", "SystemExit"),
    ),
    holds(
        2,
        "a function that raises SystemExit costs its question and no other",
        answer("scale", "def scale(values):\n    raise SystemExit(0)"),
        zero("scale", "SystemExit"),
    ),
    holds(
        2,
        "quit() in a cell of the student's own costs no question",
        new_cell("quit()", before="classify"),
        unaffected,
    ),
    holds(
        2,
        "a function that raises KeyboardInterrupt costs its question and no other",
        answer("scale", "def scale(values):\n    raise KeyboardInterrupt"),
        zero("scale", "KeyboardInterrupt"),
    ),
    holds(
        2,
        "SystemExit in plain tests earns nothing",
        answer("plain", "def double(number):\n    raise SystemExit(0)"),
        zero("plain", "SystemExit"),
    ),
    holds(
        2,
        "exit() in plain tests earns nothing",
        answer("plain", "def double(number):\n    exit()"),
        zero("plain"),
    ),
)

# 3 to 6: changing what tests are made of ------------------------------------------------------------------------------

TRANSFORMS = """
shell = get_ipython()
shell.input_transformers_cleanup.append(lambda lines: ["{line}\\n"])
"""
NO_ASSERTS = """
import ast

class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()

get_ipython().ast_transformers.append(NoAsserts())
"""
PATCHED_BUILTINS = """
import builtins

for name in ("print", "abs", "len", "isinstance", "all", "any", "sum", "max", "min", "getattr", "type", "repr"):
    {patch}
"""
PATCHED_NUMPY = """
yes = lambda *_, **__: True
for name in ("allclose", "array_equal", "isclose", "all", "array_equiv"):
    setattr(np, name, yes)
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, yes)
np.mean = np.max = np.abs = lambda *_, **__: 0.0
np.asarray = np.array = lambda value, *_, **__: np.zeros(1)
"""
PATCHED_TESTS = """
import unittest, sys, types

for name in dir(unittest.TestCase):
    if name.startswith("assert"):
        setattr(unittest.TestCase, name, lambda *_, **__: None)
sys.modules["pytest"] = types.ModuleType("pytest")
sys.modules["pytest"].raises = lambda *_, **__: None
__debug = False
"""
CHANGES = (
    holds(
        3,
        "overwritten builtins earn nothing",
        together(WRONG, new_cell(PATCHED_BUILTINS.format(patch="globals()[name] = lambda *_, **__: True"))),
        nothing,
    ),
    holds(
        3,
        "builtins that always say yes, in the builtins module itself, earn nothing that is measured",
        together(
            WRONG,
            append("plain", PATCHED_BUILTINS.format(patch="setattr(builtins, name, lambda *_, **__: True)")),
        ),
        measured_nothing,
    ),
    holds(
        4,
        "comparisons and means of NumPy that always agree earn nothing",
        together(WRONG, append("plain", PATCHED_NUMPY)),
        nothing,
    ),
    holds(
        5,
        "an AST transformer that takes asserts away earns nothing",
        together(WRONG, new_cell(NO_ASSERTS)),
        all_of(nothing, flagged("ast_transformers")),
    ),
    holds(
        5,
        "patched unittest and pytest earn nothing",
        together(WRONG, new_cell(PATCHED_TESTS)),
        nothing,
    ),
    holds(
        6,
        "an input transformer that makes every later cell pass earns nothing",
        together(WRONG, append("plain", TRANSFORMS.format(line="pass"))),
        all_of(nothing, flagged("input_transformers_cleanup")),
    ),
    holds(
        6,
        "an input transformer that makes every later cell full marks earns nothing",
        together(WRONG, append("plain", TRANSFORMS.format(line="3.0"))),
        all_of(nothing, flagged("input_transformers_cleanup")),
    ),
    holds(
        6,
        "a callback that shows a mark before every cell earns nothing",
        together(
            WRONG,
            append(
                "plain",
                "get_ipython().events.register('pre_run_cell', lambda info: get_ipython().displayhook(3.0))",
            ),
        ),
        all_of(nothing, flagged("displayhook")),
    ),
    holds(
        6,
        "a display hook that swallows and a traceback that is not shown earn nothing",
        together(
            WRONG,
            append(
                "plain",
                """
                import sys
                from IPython.core.interactiveshell import InteractiveShell

                InteractiveShell.showtraceback = lambda *_, **__: None
                get_ipython().showtraceback = lambda *_, **__: None
                get_ipython()._showtraceback = lambda *_, **__: None
                sys.excepthook = lambda *_: None
                """,
            ),
        ),
        all_of(nothing, flagged("showtraceback")),
    ),
)

# 7: objects that lie --------------------------------------------------------------------------------------------------

ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __gt__(self, other): return True
    def __ge__(self, other): return True
    def __bool__(self): return True
    def __array__(self, *_, **__): raise SystemExit
    def __getattr__(self, name): return self
    def __call__(self, *_, **__): return self
    def __len__(self): return 1
    def __hash__(self): return 0
"""
LYING_ARRAY = """
class Lying(np.ndarray):
    def __eq__(self, other): return np.ones(np.shape(other), bool)
    def __ne__(self, other): return np.zeros(np.shape(other), bool)
    def __sub__(self, other): return np.zeros(np.shape(other))
    __rsub__ = __sub__
    def __array_ufunc__(self, *_, **__): return np.zeros(self.shape)
    def __array_function__(self, *_, **__): return True
    def tobytes(self, *_): return super().tobytes()[::-1]
    def __reduce__(self): return (exec, ("raise SystemExit",))
"""
OBJECTS = (
    holds(
        7,
        "objects that are equal to everything earn nothing that is measured",
        together(
            new_cell(ALWAYS),
            answer("scale", "def scale(values):\n    return Always()"),
            answer("classify", "def classify(images):\n    return Always()"),
        ),
        all_of(
            scores(scale=0.0, classify=0.0, report=0.0),
            lambda outcome: _has("expected", outcome.said("scale"), outcome.said("classify")),
        ),
    ),
    holds(
        7,
        "an array whose comparisons lie is worth its numbers, which are wrong",
        together(
            new_cell(LYING_ARRAY),
            answer("scale", "def scale(values):\n    return (values * 0 + 0.5).view(Lying)"),
        ),
        zero("scale"),
    ),
    holds(
        7,
        "a subclass of arrays that tells the truth is worth its numbers, which are right",
        together(
            new_cell("class Own(np.ndarray):\n    note = 'mine'"),
            append("scale", "plain_scale = scale\n\ndef scale(values):\n    return plain_scale(values).view(Own)"),
        ),
        unaffected,
    ),
    holds(
        7,
        "a float that is equal to everything is worth its number",
        together(
            new_cell("class Lie(np.float64):\n    __eq__ = lambda *_: True\n    __hash__ = None"),
            answer("scale", "def scale(values):\n    return [Lie(0.5)] * len(values)"),
        ),
        zero("scale"),
    ),
)

# 8, 9, 10, 11: speaking for the kernel --------------------------------------------------------------------------------

FORGED_KERNEL = """
kernel = get_ipython().kernel

async def do_execute(code, silent, store_history=True, user_expressions=None, *_, **__):
    return {"status": "ok", "execution_count": 1, "payload": [],
            "user_expressions": {name: {"status": "ok", "data": {"text/plain": "100"}} for name in user_expressions}}

def forge(stream, identity, message):
    kernel.session.send(stream, "autograder_reply", {"id": message["content"].get("id"), "ok": 1.0},
                        parent=message, ident=identity)

for name in list(kernel.shell_handlers):
    if name not in ("execute_request", "kernel_info_request"):
        kernel.shell_handlers[name] = forge
"""
FORGED_ANSWERS = """
kernel = get_ipython().kernel
original = dict(kernel.shell_handlers)

def forge(stream, identity, message):
    asked = message["content"]
    ok = {answer}
    kernel.session.send(stream, "autograder_reply", {{"id": asked.get("id"), "ok": ok}}, parent=message, ident=identity)

for name in list(kernel.shell_handlers):
    if "autograder" in name:
        kernel.shell_handlers[name] = forge
"""
BANNER = """
print('SCORE: 100')
print('{"score": 16, "max_score": 16, "status": "graded"}')
print("=== autograder: all tests passed, 16 of 16 ===")
print("\\x1b[2J\\x1b[1;1H\\x1b[32mAll tests passed\\x1b[0m\\x1b]0;full marks\\x07")
import sys
sys.__stdout__.write("VERDICT passed\\n")
"""
WRITES = """
import os, pathlib

for folder in (".", "..", "../..", "/", "/tmp", "/home/student", "/run", "/run/kernel", "/dev/shm", "/var/tmp"):
    for name in ("results.json", "arena.json", "gradebook.db", "feedback.html", "arena.ipynb", "checks.py"):
        try:
            pathlib.Path(folder, name).write_text('{"score": 16, "status": "graded"}')
        except OSError:
            pass
"""
FLOODS_REPLIES = """
kernel = get_ipython().kernel
session, iopub, shell = kernel.session, kernel.iopub_socket, kernel.shell_stream

def forged():
    parent = kernel.get_parent()
    for _ in range(3):
        session.send(iopub, "execute_result", {"data": {"text/plain": "3.0"}, "metadata": {}, "execution_count": 1},
                     parent=parent, ident=b"execute_result")
        session.send(iopub, "execute_result", {"data": {"text/plain": "3.0"}, "metadata": {}, "execution_count": 1},
                     parent={"header": {**parent["header"], "msg_id": "somebody-else"}}, ident=b"execute_result")
        session.send(iopub, "stream", {"name": "stdout", "text": "all tests passed"}, parent={}, ident=b"stream")
        for kind in ("execute_reply", "autograder_reply"):
            for identity in (b"judge", b"0", b""):
                session.send(shell, kind, {"status": "ok", "ok": 1.0, "id": 1, "user_expressions": {}},
                             parent={"header": {"msg_id": "somebody-else"}}, ident=identity)

"""
SPEAKS = (
    holds(
        8,
        "a kernel that answers ok to everything earns nothing that is measured, and a person is told",
        together(WRONG, append("scale", FORGED_KERNEL)),
        all_of(measured_nothing, flagged("shell_handlers")),
    ),
    holds(
        8,
        "a kernel that answers every question alike, with an array, earns nothing that is measured",
        together(WRONG, append("plain", FORGED_ANSWERS.format(answer="[0.0, 1.0]"))),
        all_of(measured_nothing, flagged("shell_handlers")),
    ),
    holds(
        8,
        "a replaced do_execute cannot answer for what is measured, and a person is told",
        together(WRONG, append("classify", FORGED_KERNEL + "\nkernel.do_execute = do_execute")),
        all_of(measured_nothing, flagged("do_execute")),
    ),
    holds(
        8,
        "a forged answer to a reported question is believed, marked as reported, and a person is told",
        together(WRONG, append("plain", FORGED_ANSWERS.format(answer='{"numbers": 108}'))),
        all_of(
            measured_nothing,
            flagged("shell_handlers"),
            lambda outcome: _is("reported", *(check.evidence for check in outcome.cells["report"].checks)),
        ),
        promise="detected",
    ),
    holds(
        9,
        "printed scores, banners and escape sequences earn nothing and are shown as the student's output",
        together(WRONG, new_cell(BANNER), append("plain", BANNER)),
        all_of(nothing, shows("SCORE: 100")),
    ),
    holds(
        9,
        "a function that prints a mark while plain tests run earns nothing",
        together(WRONG, answer("plain", "def double(n):\n    print(3.0)\n    display(3.0)\n    return 3 * n")),
        nothing,
    ),
    holds(
        10,
        "results, gradebooks and pages that a submission writes wherever it can change nothing",
        together(WRONG, new_cell(WRITES), append("plain", WRITES), write_file("results.json", '{"score": 16}')),
        all_of(nothing, lambda outcome: _no_files(outcome.course)),
    ),
    holds(
        11,
        "replies and results sent to others' questions, with the real key, are ignored",
        together(WRONG, append("scale", FLOODS_REPLIES + "forged()")),
        all_of(nothing, flagged("kernel.session")),
    ),
    holds(
        11,
        "replies sent while questions are answered do not stand for the answers",
        together(
            WRONG,
            new_cell(FLOODS_REPLIES),
            answer("scale", "def scale(values):\n    forged()\n    return values * 0.0 + 0.5"),
            answer("classify", "def classify(images):\n    forged()\n    return np.eye(3)[[0] * len(images)]"),
        ),
        nothing,
    ),
    holds(
        11,
        "a forged end of a plain tests cell may be believed, as nbgrader would, and a person is told",
        together(
            WRONG,
            new_cell(FLOODS_REPLIES),
            answer(
                "plain",
                """
                def double(number):
                    parent = kernel.get_parent()
                    session.send(shell, "execute_reply", {"status": "ok", "execution_count": 9, "user_expressions": {}},
                                 parent=parent, ident=kernel._parent_ident["shell"])
                    session.send(iopub, "status", {"execution_state": "idle"}, parent=parent, ident=b"status")
                    return 3 * number
                """,
            ),
        ),
        all_of(measured_nothing, flagged("kernel.session")),
        promise="detected",
    ),
)

# 12: predictions of every shape ---------------------------------------------------------------------------------------

RIGHT = "-((images[:, None] - centres[None]) ** 2).sum(axis=(2, 3))"
ODD_ANSWERS = {
    "one row too few": ("scores[:-1]", "shape (90, 3)"),
    "the axes swapped": ("scores.T", "shape (90, 3)"),
    "not a number": ("scores * np.nan", "finite"),
    "one infinity": ("np.where(np.arange(len(scores))[:, None] == 0, np.inf, scores)", "finite"),
    "complex numbers": ("scores + 1j", "expected"),
    "objects": ("scores.astype(object)", "expected"),
    "texts": ("scores.astype(str)", "expected"),
    "nothing at all": ("None", "expected"),
    "a text": ("'0 1 2'", "expected"),
    "a dict": ("{'scores': scores}", "expected"),
    "lists of unequal length": ("[[1.0, 2.0, 3.0], [1.0]] * 45", "expected"),
    "an empty array": ("np.zeros((0, 3))", "shape (90, 3)"),
    "an axis too many": ("scores[..., None]", "shape (90, 3)"),
    "dates": ("np.zeros((90, 3), 'datetime64[s]')", "expected"),
    "a record array": ("np.zeros(90, [('a', float), ('b', object)])", "expected"),
    "a generator": ("(row for row in scores)", "expected"),
    "a list within itself": ("(lambda x: x.append(x) or x)([])", ""),
    "lists a thousand deep": (
        "functools.reduce(lambda x, _: [x], range(3000), 1)",
        "",
    ),
    "a number with ten thousand digits": ("[[10 ** 10_000] * 3] * 90", ""),
    "an array that claims to be huge": ("np.broadcast_to(np.float64(1), (10**6, 10**6))", ""),
}


def odd(what: str, expression: str, word: str) -> Case:
    """A classifier that returns something else."""
    source = f"import functools\n\ndef classify(images):\n    scores = {RIGHT}\n    return {expression}"
    expect = zero("classify", *([word] if word else []))
    edit = answer("classify", f"{TRAINED}\n\n{source}")
    return holds(12, f"{what} in place of scores earns nothing, with a reason", edit, expect)


TRAINED = (
    'with np.load("train.npz") as train:\n'
    '    centres = np.stack([train["images"][train["labels"] == number].mean(axis=0) for number in range(3)])'
)


def classifier(body: str, begin: str = "") -> Edit:
    """A classifier with this body; `right(images)` gives the right scores."""
    begin = f"{TRAINED}\n\ndef right(images):\n    return {RIGHT}\n\n{begin}"
    return answer("classify", f"{begin}\n\ndef classify(images):\n{textwrap.indent(body, '    ')}")


FINE_ANSWERS = (
    holds(
        12,
        "huge and negative scores are worth the class they prefer",
        classifier("return np.where(right(images) == right(images).max(axis=1, keepdims=True), 1e300, -1e300)"),
        unaffected,
    ),
    holds(
        12,
        "scores as nested lists are worth the same as an array",
        classifier("return right(images).tolist()"),
        unaffected,
    ),
)

# 13, 14, 15, 16: lying in time ----------------------------------------------------------------------------------------

WATCHERS = """
import asyncio, atexit, signal, sys, threading, time, weakref

class Noisy:
    def __del__(self):
        print("deleted")

noisy, counted = Noisy(), []
reference = weakref.ref(noisy, lambda _: print("collected"))
atexit.register(lambda: print("SCORE: 100"))
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: counted.append(1) if len(counted) < 1000 else None)
signal.signal(signal.SIGALRM, lambda *_: counted.append(2))
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)

def meddle():
    while True:
        counted.append(3)
        np.allclose = lambda *_, **__: True
        print("SCORE: 100")
        time.sleep(0.02)

threading.Thread(target=meddle, daemon=True).start()

async def later():
    while True:
        await asyncio.sleep(0.02)
        counted.append(4)

try:
    asyncio.get_event_loop().create_task(later())
except RuntimeError:
    pass
"""
TIMES = (
    holds(
        13,
        "what a classifier says of itself does not change what it is worth",
        together(
            classifier("return np.tile([1.0, 0.0, 0.0], (len(images), 1))"),
            new_cell("history = {'val_accuracy': [1.0]}\naccuracy = val_accuracy = 1.0\nclassify.accuracy = 1.0", ""),
        ),
        zero("classify", "accuracy"),
    ),
    holds(
        13,
        "a patched history, evaluate, summary and count_params do not change what a network is worth",
        append(
            "learn",
            """
            network.set_weights([weight * 0 for weight in network.get_weights()])
            network.history = {"val_accuracy": [1.0]}
            keras.Model.evaluate = lambda *_, **__: [0.0, 1.0]
            keras.Model.summary = lambda *_, **__: print("accuracy 1.0")
            keras.Model.count_params = lambda *_: 111
            """,
        ),
        zero("learn", "accuracy"),
        keras=True,
    ),
    holds(
        14,
        "threads, traces, signals, tasks and destructors at work during grading take nothing away",
        new_cell(WATCHERS, before="report"),
        all_of(scores(), flagged("sys.settrace")),
    ),
    holds(
        14,
        "threads, traces, signals, tasks and destructors at work during grading earn nothing",
        together(WRONG, new_cell(WATCHERS)),
        nothing,
    ),
    holds(
        15,
        "a classifier that answers otherwise when it is asked again is told to a person",
        classifier(
            "calls.append(1)\nif len(calls) > 1 and len(images) < 90:\n    return -right(images)\nreturn right(images)",
            begin="calls = []",
        ),
        flagged("twice"),
        promise="detected",
    ),
    holds(
        15,
        "a classifier that is right in the visible test only is worth what it does for new images",
        classifier("return right(images) if len(images) == 2 else np.zeros((len(images), 3))"),
        zero("classify", "accuracy"),
    ),
    holds(
        16,
        "one class for everything is worth what one class is worth",
        classifier("return np.tile([0.0, 1.0, 0.0], (len(images), 1))"),
        zero("classify", "accuracy"),
    ),
    holds(
        16,
        "classes guessed from the order of a sorted test set are worth no more than guesses",
        classifier("return np.eye(3)[np.arange(len(images)) * 3 // len(images)]"),
        zero("classify", "accuracy"),
    ),
)


# 17: what is written beside the code ----------------------------------------------------------------------------------


def metadata(grade_id: str, **changes: Any) -> Edit:
    """Change the nbgrader metadata of a cell."""
    return edit_json(lambda notebook: cell_in(notebook, grade_id)["metadata"]["nbgrader"].update(changes))


def _drop(grade_id: str) -> Edit:
    return edit_json(lambda notebook: notebook["cells"].remove(cell_in(notebook, grade_id)))


def _twice(notebook: dict[str, Any]) -> None:
    copy = {**cell_in(notebook, "scale"), "id": "another", "source": "def scale(values):\n    return None"}
    notebook["cells"].append(copy)


def _backwards(notebook: dict[str, Any]) -> None:
    notebook["cells"].reverse()


def _others(notebook: dict[str, Any]) -> None:
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = "homework-" + cell["metadata"]["nbgrader"]["grade_id"]


def _bare(notebook: dict[str, Any]) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _claims(notebook: dict[str, Any]) -> None:
    notebook["metadata"].update(score=16, nbgrader={"grade": 16}, autograder={"score": 16})


def judged_by_the_specification(outcome: Outcome) -> None:
    """Expect the instructor's questions with the instructor's points, whatever each has earned."""
    points = {question: cell.points for question, cell in outcome.cells.items()}
    assert points == {"scale": 4.0, "classify": 6.0, "report": 1.0, "plain": 3.0, "essay": 2.0}, str(outcome)
    assert outcome.record.max_score == 16.0
    assert outcome.marks == outcome.scores, str(outcome)


TRUE_TESTS = edit_json(lambda notebook: cell_in(notebook, "plain-tests").update(source="assert True"))
EDITED = (
    holds(
        17,
        "a tests cell that says it is not graded is graded all the same",
        together(WRONG, metadata("scale-tests", grade=False), metadata("plain-tests", grade=False, locked=False)),
        nothing,
    ),
    holds(
        17,
        "points a submission gives itself count for nothing",
        together(metadata("scale-tests", points=1000), metadata("plain-tests", points=1000), edit_json(_claims)),
        all_of(unaffected, judged_by_the_specification),
    ),
    holds(
        17,
        "tests that a submission has rewritten are the instructor's again",
        together(WRONG, TRUE_TESTS),
        nothing,
    ),
    holds(
        17,
        "a cell that stands there twice is judged once, or told to a person",
        edit_json(_twice),
        judged_by_the_specification,
    ),
    holds(
        17,
        "a tests cell that was deleted is put back",
        together(_drop("scale-tests"), _drop("plain-tests")),
        unaffected,
    ),
    holds(
        17,
        "a solution cell that was deleted costs its question and no other",
        _drop("scale"),
        zero("scale", "does not define `scale`"),
    ),
    holds(
        17,
        "cells in another order are judged by the instructor's specification",
        edit_json(_backwards),
        judged_by_the_specification,
    ),
    holds(
        17,
        "the cells of another assignment earn nothing here",
        together(WRONG, edit_json(_others)),
        all_of(nothing, judged_by_the_specification),
    ),
    holds(
        17,
        "a notebook without any metadata is judged by the instructor's specification",
        edit_json(_bare),
        judged_by_the_specification,
    ),
)

# 18: files that look like modules -------------------------------------------------------------------------------------

SHADOWS = (
    "numpy.py",
    "json.py",
    "keras/__init__.py",
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "autograder.py",
    "autograder/__init__.py",
    "nbformat.py",
    "jupyter_client.py",
    "ipykernel.py",
    "encoding.py",
    "nbgrader_config.py",
    "ipython_config.py",
    "jupyter_config.py",
    ".ipython/profile_default/startup/first.py",
    "checks.py",
)
SHADOW = (
    "import os, pathlib\n"
    "pathlib.Path('/tmp/shadowed').write_text('ran')\n"
    "raise SystemExit('a module of the submission was imported')\n"
)


def _shadows(folder: Path) -> None:
    for name in SHADOWS:
        write_file(name, SHADOW)(folder)
    write_file("own.pth", "import os; os._exit(3)\n")(folder)
    write_file("pyvenv.cfg", "home = /nowhere\n")(folder)


MODULES = (
    holds(
        18,
        "files that look like modules of the grader's have no effect",
        _shadows,
        lambda outcome: _unshadowed(outcome),
    ),
    holds(
        18,
        "a module of the student's own that breaks on import costs the question that imports it",
        together(write_file("helper.py", "raise ValueError('broken')"), before("scale", "import helper")),
        zero("scale", "Look at cell `scale` first: it stopped with ValueError"),
    ),
    holds(
        18,
        "a module of the student's own that works is imported",
        together(
            write_file("helper.py", "def half(x):\n    return x / 2\n"),
            before("scale", "from helper import half\nassert half(4) == 2"),
        ),
        unaffected,
    ),
)

# 78: words ------------------------------------------------------------------------------------------------------------

WORDS = {
    "showtraceback": "from IPython.core.interactiveshell import InteractiveShell as S\nkept = S.showtraceback",
    "ast_transformers": "kept = get_ipython().ast_transformers",
    "do_execute": "kept = get_ipython().kernel.do_execute",
    "ctypes": "import ctypes",
    "/proc/": "kept = open('/proc/self/status').read()",
    "inspect.stack": "import inspect\nkept = inspect.stack()",
    "In[-1]": "kept = In[-1]",
}
TRIPS = tuple(
    holds(
        78,
        f"code that uses {word} keeps its marks, and a person is told",
        new_cell(source),
        all_of(unaffected, flagged(word)),
        promise="detected",
    )
    for word, source in WORDS.items()
)
INNOCENT: Callable[[Outcome], None] = all_of(
    unaffected, lambda outcome: _is((), outcome.flags), lambda outcome: _is("graded", outcome.record.status)
)
QUIET: Literal["holds"] = "holds"
COMMENTS = (
    holds(
        78,
        "comments and prose that talk of such words are nobody's business",
        together(
            new_cell('"""Never use ctypes or inspect.stack."""\nx = 1  # showtraceback, ast_transformers, /proc/'),
            new_cell("I read about `do_execute` and `In[-1]` in /proc/.", cell_type="markdown"),
        ),
        INNOCENT,
        promise=QUIET,
    ),
)

CASES: tuple[Case, ...] = (
    *ENDS,
    *CHANGES,
    *OBJECTS,
    *SPEAKS,
    *(odd(what, expression, word) for what, (expression, word) in ODD_ANSWERS.items()),
    *FINE_ANSWERS,
    *TIMES,
    *EDITED,
    *MODULES,
    *TRIPS,
    *COMMENTS,
)


def _has(word: str, *texts: str) -> None:
    assert all(word in text for text in texts), texts


def _is(expected: object, *found: object) -> None:
    assert all(one == expected for one in found), found


def _no_files(course: Path) -> None:
    names = {
        path.name for path in course.rglob("*") if "submitted" not in path.parts and "autograded" not in path.parts
    }
    assert not names & {"results.json", "feedback.html"}, names


def _unshadowed(outcome: Outcome) -> None:
    unaffected(outcome)
    assert "shadowed" not in outcome.outputs

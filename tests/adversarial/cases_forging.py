"""Group A: forging the result, by ending the process (1, 2) and by changing what tests are made of (3 to 6)."""

from __future__ import annotations

from tests.adversarial.case import (
    HONEST,
    Case,
    all_of,
    answer,
    append,
    before,
    flagged,
    in_group,
    new_cell,
    scores,
    together,
    unaffected,
    zero,
)
from tests.adversarial.expectations import tripped
from tests.adversarial.submissions import WRONG, measured_nothing, nothing

holds = in_group("A")


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


CASES: tuple[Case, ...] = (*ENDS, *CHANGES)


def _has(word: str, *texts: str) -> None:
    assert all(word in text for text in texts), texts

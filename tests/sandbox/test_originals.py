"""Before a tests cell without checks, what decides on it is as it was before student code ran."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator

import pytest

from autograder.errors import StudentFault
from autograder.sandbox import Slot, SlotSettings
from tests.sandbox.kernels import Kernel
from tests.slots import opened

SECONDS = 10.0
FOOL = """
def fool(*_):
    import builtins, numpy
    numpy.allclose = lambda *_, **__: True
    builtins.abs = lambda _: 0
"""
WRONG = "def double(x): return x"
TESTS = "import numpy as np\nassert np.allclose(double(2), 4), 'wrong'\nassert abs(double(3) - 6) < 1e-6"

# Each makes a wrong answer pass, or an error go unseen, until it is undone.
TRICKS = {
    "input transformers that leave nothing of the cell": """
        ip.input_transformers_cleanup.append(lambda _: ['pass\\n'])
        """,
    "an input transformer put into the list there is": """
        ip.input_transformers_cleanup[:] = [lambda _: ['5.0\\n']]
        """,
    "an input transformer after the others": "ip.input_transformers_post.append(lambda _: ['pass\\n'])",
    "line transforms": "ip.input_transformer_manager.line_transforms.append(lambda _: ['pass\\n'])",
    "token transformers": """
        class Nothing:
            @classmethod
            def find(cls, tokens): return cls()
            sortby = lambda self: (0, 0)
            start_line = start_col = priority = 0
            def transform(self, lines): return ['pass\\n']
        ip.input_transformer_manager.do_token_transforms = lambda lines: ['pass\\n']
        """,
    "another transformer manager": """
        from IPython.core.inputtransformer2 import TransformerManager
        class Nothing(TransformerManager):
            def transform_cell(self, cell): return 'pass\\n'
        ip.input_transformer_manager = Nothing()
        """,
    "a class in the place of the manager's": """
        manager = ip.input_transformer_manager
        class Nothing(type(manager)):
            def transform_cell(self, cell): return 'pass\\n'
        manager.__class__ = Nothing
        """,
    "AST transformers that remove assert": """
        import ast
        class Lenient(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
        ip.ast_transformers.append(Lenient())
        """,
    "no AST at all": "ip.transform_ast = lambda node: __import__('ast').parse('pass')",
    "a compiler of its own": """
        compile_ast = ip.compile.ast_parse
        ip.compile.ast_parse = lambda source, *a, **k: compile_ast('pass', *a, **k)
        """,
    "run_cell_async on the instance": """
        once = ip.run_cell_async
        ip.run_cell_async = lambda cell, **k: once('1', **{**k, 'transformed_cell': '1'})
        """,
    "run_cell on the instance": """
        once = ip.run_cell
        ip.run_cell = lambda cell, **k: once('pass')
        """,
    "run_cell on the class": """
        once = type(ip).run_cell
        type(ip).run_cell = lambda self, cell, **k: once(self, 'pass')
        """,
    "run_code on a base class": """
        from IPython.core.interactiveshell import InteractiveShell as I
        async def run_code(*_, **__): return False
        I.run_code = run_code
        """,
    "the code of run_code": """
        from IPython.core.interactiveshell import InteractiveShell as I
        async def run_code(self, code_obj, result=None, *, async_=False): return False
        I.run_code.__code__ = run_code.__code__
        """,
    "a result that is always a success": """
        from IPython.core import interactiveshell as i
        i.ExecutionResult.success = property(lambda self: True)
        ip.showtraceback = lambda *_, **__: None
        """,
    "exceptions of its own": """
        ip.set_custom_exc((AssertionError,), lambda *_, **__: None)
        from IPython.core import interactiveshell as i
        i.ExecutionResult.success = property(lambda self: True)
        """,
    "a kernel that executes nothing": """
        async def liar(*_, **__): return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
        kernel.do_execute = liar
        """,
    "a kernel's class that executes nothing": """
        async def liar(*_, **__): return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
        type(kernel).do_execute = liar
        """,
    "another handler of requests": """
        handlers = kernel.shell_handlers
        once = handlers["execute_request"]
        async def lie(stream, ident, message):
            message["content"]["code"] = "pass"
            await once(stream, ident, message)
        handlers["execute_request"] = lie
        """,
    "another dict of handlers": """
        handlers = dict(kernel.shell_handlers)
        once = handlers["execute_request"]
        async def lie(stream, ident, message):
            message["content"]["code"] = "pass"
            await once(stream, ident, message)
        kernel.shell_handlers = {**handlers, "execute_request": lie}
        """,
    "a session that sends no error": """
        send = kernel.session.send
        def lie(stream, kind, content=None, *a, **k):
            if kind == "execute_reply":
                content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
            return None if kind == "error" else send(stream, kind, content, *a, **k)
        kernel.session.send = lie
        """,
    "a callback before the cell": "ip.events.register('pre_run_cell', fool)",
    "a callback put past the list": "ip.events.callbacks['pre_execute'] = [fool]",
    "an observer of the execution count": "ip.observe(fool, 'execution_count')",
    "builtins": """
        import builtins
        fool()
        builtins.print = builtins.all = lambda *_: True
        """,
    "builtins, taken away": """
        import builtins
        fool()
        del builtins.copyright, builtins.credits
        """,
    "other builtins for the notebook": """
        import builtins, types, numpy
        numpy.allclose = lambda *_, **__: True
        __builtins__ = {**vars(builtins), 'abs': lambda _: 0}
        """,
    "functions of NumPy": """
        fool()
        import numpy
        numpy.isclose = numpy.testing.assert_allclose = lambda *_, **__: True
        """,
    "the code of a function of NumPy": """
        import builtins, numpy._core.numeric as n
        fool()
        n.allclose.__wrapped__.__code__ = (lambda a, b, rtol=0, atol=0, equal_nan=False: True).__code__
        """,
    "what a function of NumPy calls": """
        import builtins, numpy._core.numeric as n
        fool()
        n.isclose = lambda *_, **__: True
        n.all = lambda *_, **__: True
        """,
    "a builtin hidden inside NumPy": """
        import builtins, numpy._core.numeric as n
        fool()
        n.bool = lambda *_: True
        """,
    "another module by NumPy's name": """
        import builtins, sys, types
        fool()
        sys.modules['numpy'] = types.SimpleNamespace(allclose=lambda *_: True)
        """,
    "a trace function": """
        import sys
        def skip(frame, event, arg):
            if frame.f_code.co_name == '<module>' and event == 'line': frame.f_globals['double'] = lambda x: 2 * x
            return skip
        sys.settrace(skip)
        """,
    "a profile function": """
        import sys
        sys.setprofile(fool)
        """,
    "sys.exc_info": """
        import sys
        sys.exc_info = lambda: (None, None, None)
        ip.showtraceback = lambda *_, **__: None
        """,
    "a class in the place of the shell's": """
        class Mine(type(ip)):
            def transform_cell(self, cell): return 'pass\\n'
        ip.__class__ = Mine
        """,
    "a timer": """
        import signal
        signal.signal(signal.SIGALRM, fool)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        """,
    "other nodes than the cell's": """
        async def none(*_, **__): return False
        ip.run_ast_nodes = none
        """,
}
HARMLESS = """
import builtins, warnings, numpy as np
from IPython.core.magic import register_line_magic
warnings.simplefilter("ignore")
%load_ext autoreload
%precision 2
np.set_printoptions(precision=1)
@register_line_magic
def shout(line): print(line.upper())
keep, builtins.mine = 1, 2
np.pi = 3.1
class Table:
    def _repr_html_(self): return "<table>"
    def __repr__(self): return "1 table"
class Picture: pass
ip.display_formatter.formatters["text/html"].for_type(Picture, lambda _: "picture")
"""


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    with opened(SlotSettings(preload=("numpy",))) as made:
        yield made


@pytest.fixture
def kernel(slot: Slot) -> Iterator[Kernel]:
    with Kernel(slot) as made:
        made.run(f"ip = get_ipython()\nkernel = ip.kernel\n{WRONG}{FOOL}")
        yield made


def replied(kernel: Kernel, code: str) -> str:
    """What the reply to a cell says of it."""
    message_id = kernel.client.execute(code)
    while True:
        message = kernel.wait(kernel.client.get_shell_msg(timeout=SECONDS))
        if message["parent_header"].get("msg_id") == message_id:
            return str(message["content"].get("ename", message["content"]["status"]))


def results(kernel: Kernel, code: str, mime: str = "text/plain", kind: str = "execute_result") -> list[str]:
    """What a cell's last line shows."""
    message_id = kernel.client.execute(code)
    found = []
    while True:
        message = kernel.wait(kernel.client.get_iopub_msg(timeout=SECONDS))
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if message["msg_type"] == kind:
            found.append(message["content"]["data"].get(mime, ""))
        elif message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return found


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_trick_that_passes_a_wrong_answer_no_longer_does(kernel: Kernel, trick: str) -> None:
    kernel.run(textwrap.dedent(trick))
    assert replied(kernel, TESTS) != "AssertionError"
    replied(kernel, WRONG)  # some tricks put a right answer in the place of the wrong one
    kernel.process.restore(SECONDS)
    assert replied(kernel, TESTS) == "AssertionError"


def test_a_mark_is_shown_as_it_is(kernel: Kernel) -> None:
    tricks = """
    text = ip.display_formatter.formatters['text/plain']
    text.for_type(float, lambda *_: _[1].text('5.0'))
    ip.display_formatter.ipython_display_formatter.for_type(int, lambda _: None)
    text.float_format = '5'
    class Hook(type(ip.displayhook)):
        def __call__(self, result): pass
    ip.displayhook.__class__ = Hook
    ip.display_trap.hook = lambda _: None
    ip.ast_node_interactivity = 'none'
    ip.displayhook.register_hook(lambda message: None)
    """
    kernel.run(textwrap.dedent(tricks))
    assert results(kernel, "0.5") == []
    kernel.process.restore(SECONDS)
    assert (results(kernel, "0.5"), results(kernel, "3")) == (["0.5"], ["3"])


def test_what_decides_on_no_verdict_stays(kernel: Kernel) -> None:
    kernel.run(HARMLESS)
    kernel.process.restore(SECONDS)
    assert kernel.run("%shout hello\nprint(np.pi, keep, builtins.mine)\nwarnings.warn('unheard')") == "HELLO\n3.1 1 2"
    assert results(kernel, "Table()", "text/html") == ["<table>"]
    assert results(kernel, "Table()") == ["1 table"]
    assert results(kernel, "Picture()", "text/html") == ["picture"]
    kernel.run("def double(x): return 2 * x")
    assert replied(kernel, TESTS) == "ok"


def test_what_the_notebook_defined_stays_however_often_it_is_put_back(kernel: Kernel) -> None:
    kernel.run("from __future__ import annotations\nvalues = [1]\ndef half(x: Undefined): return x / 2")
    for _ in range(3):
        kernel.process.restore(SECONDS)
        kernel.run("values.append(half(values[-1]))\ndef later(x: AlsoUndefined): return x")
    assert kernel.run("print(values, later(1), In[-1][:5], _ih is In)") == "[1, 0.5, 0.25, 0.125] 1 print True"


def test_matplotlib_still_shows_its_figures(kernel: Kernel) -> None:
    kernel.run("%matplotlib inline\nimport matplotlib.pyplot as plt")
    kernel.process.restore(SECONDS)
    assert results(kernel, "plt.plot([1, 2]);", "image/png", kind="display_data")[0].startswith("iVBOR")


def test_names_tests_rely_on_that_the_notebook_took_are_told(kernel: Kernel) -> None:
    assert kernel.process.restore(SECONDS) == ()
    kernel.run("from numpy import *\nimport numpy as np, math\nfrom numpy.testing import assert_allclose")
    assert kernel.process.restore(SECONDS) == ()
    kernel.run("def abs(x): return 0\nassert_allclose = print\nclass np: pass\nsum = 3")
    assert kernel.process.restore(SECONDS) == ("abs", "assert_allclose", "np")


def test_putting_back_takes_no_time_to_speak_of(kernel: Kernel) -> None:
    kernel.process.restore(SECONDS)
    begun = time.monotonic()
    kernel.process.restore(SECONDS)
    assert time.monotonic() - begun < 0.5


@pytest.mark.parametrize(
    ("tampering", "message"),
    [
        ("kernel.shell_handlers.pop('autograder_request')", "expected an answer within 1 s, received none"),
        (
            "kernel.shell_handlers['autograder_request'] = lambda stream, identity, message: kernel.session.send("
            "stream, 'autograder_reply', {'id': message['content']['id'], 'ok': 5}, parent=message, ident=identity)",
            "expected a list of names from the notebook's process, received something else",
        ),
    ],
)
def test_an_agent_that_was_tampered_with_is_told(kernel: Kernel, tampering: str, message: str) -> None:
    kernel.run(tampering)
    with pytest.raises(StudentFault, match=message):
        kernel.process.restore(1.0)


def test_what_cannot_be_put_back_is_told_and_the_rest_is_put_back(kernel: Kernel) -> None:
    kernel.run("import gc\nclass Stuck(dict):\n    def update(self, *_): raise OSError('stuck')")
    kernel.run(
        "ip.events.__dict__.update(callbacks=Stuck())\nip.input_transformers_cleanup.append(lambda _: ['pass\\n'])"
    )
    kernel.process.restore(SECONDS)
    assert replied(kernel, TESTS) == "AssertionError"

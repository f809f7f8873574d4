"""What decides on a tests cell, as it was before student code ran, and putting it back.

nbgrader runs an instructor's tests in the student's own process. `Originals` remembers what stands between the source
of such a cell and its verdict: IPython's and ipykernel's machinery, Python's builtins, and the functions tests compare
with. `restore` puts it back just before the cell runs.

What stays, because no verdict follows from it: magics, extensions, aliases and completions that were added; formatters
of pictures, HTML and the like; matplotlib's inline backend; names that were added to builtins or to a module; warnings
filters; settings of random generators and of NumPy's printing.

What cannot be put back: everything here belongs to the student's code. A submission that looks for this very object,
that leaves a thread running, or whose own objects compare equal to everything, still wins. Only checks, which judge
from outside, do not mind.
"""

from __future__ import annotations
import __future__

import builtins
import functools
import gc
import operator
import signal
import sys
import threading
import unittest  # noqa: F401 - tests use it: its originals are to be known, whether the notebook imports it or not
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from snapshots import Contents, Instance, Names

# Modules (and those below them) whose functions run a cell and say what came of it. Not asyncio: nest_asyncio, which
# honest notebooks use, replaces parts of it and would be left half undone.
MACHINERY = ("IPython", "ipykernel", "jupyter_client.session", "matplotlib_inline", "traitlets", "zmq")
STANDARD = (
    *("ast", "bdb", "codeop", "contextlib", "copy", "functools", "gc", "importlib", "inspect", "io", "itertools"),
    *("json", "os", "random", "re", "signal", "sys", "threading", "time", "tokenize", "traceback", "types", "typing"),
)
# What tests compare with. Of TensorFlow, which is too large to be searched for every cell, the parts that judge.
JUDGES = (
    *("cmath", "collections", "decimal", "fractions", "math", "operator", "statistics", "unittest"),
    *("numpy", "numpy.testing", "pandas._testing", "pandas.testing", "sklearn.metrics", "pytest", "_pytest.python_api"),
    *("keras", "keras.src"),
    *("tensorflow", "tensorflow._api.v2.debugging", "tensorflow._api.v2.math"),
    *("tensorflow.python.ops.check_ops", "tensorflow.python.ops.math_ops"),
)
ALONE = ("importlib", "os", "tensorflow")  # of these, not the modules below them

# Names tests rely on, and the notebook may have given to something of its own.
RELIED_ON = {
    *("abs", "all", "any", "callable", "hasattr", "isinstance", "issubclass", "len", "round", "type"),
    *("allclose", "approx", "array_equal", "isclose", "keras", "math", "np", "numpy", "tensorflow", "tf", "unittest"),
    *("assert_allclose", "assert_almost_equal", "assert_array_almost_equal", "assert_array_equal", "assert_equal"),
}

SHELL = (
    *("input_transformer_manager", "input_transformers_post", "ast_transformers", "prefilter_manager", "compile"),
    *("ast_node_interactivity", "autoawait", "loop_runner", "trio_runner", "compiler_class"),
    *("custom_exceptions", "CustomTB", "InteractiveTB", "SyntaxTB", "system_raise_on_error"),
    *("displayhook", "display_pub", "display_formatter", "display_trap", "builtin_trap", "sys_excepthook"),
    *("events", "hooks", "history_manager", "logger", "magics_manager", "payload_manager"),
    *("kernel", "user_module", "_user_ns"),
)
KERNEL = (
    *("shell", "session", "iopub_socket", "iopub_thread", "shell_stream", "shell_channel_thread", "eventloop"),
    *("shell_handlers", "control_handlers", "user_ns", "user_module", "_do_exec_accepted_params", "comm_manager"),
)
NAMESPACES = ("user_ns", "_user_ns")  # what the student's code has defined
FORMATTER = (
    *("enabled", "print_method", "format_type", "singleton_printers", "type_printers", "deferred_printers"),
    *("pprint", "newline", "verbose", "float_format", "float_precision", "max_width", "max_seq_length"),
)
SESSION = ("pack", "unpack", "auth", "key", "adapt_version", "digest_mod", "session", "copy_threshold")
STREAMS = ("stdin", "stdout", "stderr")
# `from __future__ import ...` holds for the cells that follow, as in any notebook.
FUTURES = functools.reduce(
    operator.or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
)
SETITIMER, SETTRACE, SETPROFILE = signal.setitimer, sys.settrace, sys.setprofile
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


class Originals:
    """What decides on a tests cell, as it is now.

    Args:
        kernel: An IPython kernel that has run no student code.
    """

    def __init__(self, kernel: Any) -> None:
        shell = kernel.shell
        self.shell, self.compiler, self.flags = shell, shell.compile, shell.compile.flags
        self.builtins, self.builtin_values = vars(builtins), tuple(vars(builtins).items())
        self.namespace = shell.user_ns
        self.streams = [(name, getattr(sys, name)) for name in STREAMS]
        modules = [*loaded_judges(), *_loaded((*MACHINERY, *STANDARD), but=loaded_judges())]
        self.registry, self.modules = sys.modules, [(names.module.__name__, names.module) for names in modules]
        self.hooked = (shell.display_pub, shell.displayhook, sys.stdout, sys.stderr)
        self.parts: list[Any] = [*modules, *_machine(kernel), Contents(gc.callbacks)]
        self.relied_on = _values((vars(builtins), *(names.names for names in modules)))

    def restore(self) -> str:
        """Put everything back; what could not be put back, "" when all was."""
        # Until the builtins are back, nothing is called but what was remembered.
        SETTRACE(None)
        SETPROFILE(None)
        for timer in TIMERS:
            SETITIMER(timer, 0)
        for name, value in self.builtin_values:
            self.builtins[name] = value
        sys.modules = self.registry
        self.registry.update(self.modules)
        failed = ""
        for part in self.parts:
            try:
                part.restore()
            except Exception as error:  # noqa: BLE001 - the others are put back all the same
                failed = failed or f"{type(part).__name__}: {error}"
        for one in self.hooked:
            if hasattr(one, "_hooks"):
                one._hooks.clear()  # what rewrites or swallows messages; there was none
        threading.settrace(None)  # of threads to come
        threading.setprofile(None)
        for name, stream in self.streams:
            setattr(sys, name, stream)
        self.namespace["__builtins__"] = self.namespace["__builtin__"] = builtins
        self.compiler.flags = self.flags | self.compiler.flags & FUTURES
        return failed

    def hidden(self) -> list[str]:
        """Names tests rely on that are something of the notebook's own making."""
        return [
            name
            for name in RELIED_ON & self.namespace.keys()
            if not any(self.namespace[name] is value for value in self.relied_on.get(name, ()))
            and not isinstance(self.namespace[name], ModuleType)
            and getattr(self.namespace[name], "__module__", None) in ("__main__", "builtins", None)
        ]


@functools.cache
def loaded_judges() -> tuple[Names, ...]:
    """What tests compare with, of what is loaded; remembered in the warm process, so that no run waits for it."""
    if "numpy" in sys.modules:
        import numpy.testing  # noqa: F401 - NumPy itself loads it only when it is asked for
    return tuple(_loaded(JUDGES))


def _loaded(names: tuple[str, ...], but: tuple[Names, ...] = ()) -> list[Names]:
    known = {id(one.module) for one in but}
    found: dict[int, Names] = {}
    for name, module in sorted((name, module) for name, module in sys.modules.items() if type(name) is str):
        alone = name.partition(".")[0] in ALONE
        mine = name in names or (not alone and any(name.startswith(f"{one}.") for one in names))
        if mine and isinstance(module, ModuleType) and id(module) not in known and id(module) not in found:
            found[id(module)] = Names(module)
    return list(found.values())


def _values(namespaces: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """The objects that bear a name tests rely on, by name."""
    found: dict[str, list[Any]] = {}
    for names in namespaces:
        for name in RELIED_ON & names.keys():
            found.setdefault(name, []).append(names[name])
    return found


def _machine(kernel: Any) -> list[Any]:
    """The objects that run a cell and send what came of it."""
    shell, formatter = kernel.shell, kernel.shell.display_formatter
    verdict = (formatter.formatters["text/plain"], formatter.ipython_display_formatter, formatter.mimebundle_formatter)
    # matplotlib shows its open figures when a cell is done
    flush = getattr(sys.modules.get("matplotlib_inline.backend_inline"), "flush_figures", None)
    return [
        Instance(kernel, KERNEL, hollow=NAMESPACES),
        Instance(shell, SHELL, hollow=NAMESPACES),
        Instance(kernel.session, SESSION),
        *(Instance(one) for one in (kernel.shell_stream, kernel.iopub_socket, kernel.iopub_thread) if one is not None),
        *(Instance(getattr(sys, name), ("pub_thread", "session")) for name in ("stdout", "stderr")),
        Instance(shell.compile),
        Instance(shell.events, ("callbacks", "shell"), keep=(flush,)),
        Instance(shell.input_transformer_manager, ("cleanup_transforms", "line_transforms", "token_transformers")),
        Instance(shell.prefilter_manager, ("shell", "_transformers", "_checkers", "_handlers", "_esc_handlers")),
        Instance(shell.display_trap, ("hook", "old_hook", "_nested_level")),
        Instance(shell.builtin_trap, ("shell", "auto_builtins", "_orig_builtins", "_nested_level")),
        Instance(shell.displayhook, ("shell", "session", "pub_socket", "topic", "exec_result")),
        Instance(shell.display_pub, ("shell", "session", "pub_socket")),
        Instance(formatter, ("active_types", "ipython_display_formatter", "mimebundle_formatter")),
        Instance(formatter, ("formatters",), keep=True),
        *(Instance(one, FORMATTER) for one in verdict),
        Instance(shell.magics_manager, ("magics", "registry"), keep=True),
        *(Instance(one) for one in (shell.InteractiveTB, shell.SyntaxTB, shell.history_manager, shell.logger)),
        Instance(shell.payload_manager),
    ]

"""Reading a student's cell for the use of a library."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import Sources, expect_no_use_of
from autograder.checks.notes import taking_notes
from autograder.errors import Failure


@pytest.mark.parametrize(
    "source",
    [
        "import keras",
        "import tensorflow.keras as tk",
        "from keras.ops import conv",
        "def f(x):\n    return keras.ops.conv(x)",
        "%matplotlib inline\nx = tf.keras.layers",
        "def f(x: keras.Model): ...",
    ],
)
def test_every_way_to_use_a_library_is_seen(source: str) -> None:
    with pytest.raises(Failure, match=r"to do without `(keras|tensorflow)`"):
        expect_no_use_of(source, ["keras", "tensorflow"])


@pytest.mark.parametrize(
    "source", ["", "# keras would be easier", "name = 'keras'", "%timeit 1\n!ls\nimport numpy", "x?"]
)
def test_speaking_of_a_library_is_no_use(source: str) -> None:
    expect_no_use_of(source, ["keras", "tensorflow"])


def test_the_line_is_told() -> None:
    with pytest.raises(Failure, match="expected `conv2d` to do without `keras`, received it in line 3"):
        expect_no_use_of("a = 1\nb = 2\nkeras.ops\n", ["keras"], "`conv2d`")


@pytest.mark.parametrize("source", ["def f(:", "\0", "(" * 5000, "x = " + "-" * 100_000 + "1"])
def test_code_that_cannot_be_read_is_a_failure(source: str) -> None:
    with pytest.raises(Failure, match="code that cannot be read"):
        expect_no_use_of(source, ["keras"])


@pytest.mark.parametrize(
    "source", ["!x\n" * 30_000, "%x\n" * 30_000, "x?\n" * 30_000, "-" * 90_000 + "1", "a = [" * 300]
)
def test_a_cell_written_to_be_hard_to_read_is_read_or_refused_at_once(source: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(Failure):
        expect_no_use_of(source, ["keras"])
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "!pip install x", "files = !ls", "t = %timeit f()", "f?", "%%time"]
)
def test_lines_for_ipython_are_passed_over(line: str) -> None:
    expect_no_use_of(f"{line}\nx = 7 % 2\nif x:\n    {line}\n    y = (8\n         % 3)", ["keras"])
    with pytest.raises(Failure, match="line 3"):
        expect_no_use_of(f"{line}\nx = 1\nimport keras", ["keras"])


DENSE = "keras.layers.Dense"
ALIASES = {
    "a module under another name": "import keras as k\nk.layers.Dense(3)",
    "a submodule under another name": "import keras.layers as L\nL.Dense(3)",
    "a submodule": "import keras.layers\nkeras.layers.Dense(3)",
    "from a module": "from keras import layers\nlayers.Dense(3)",
    "from a module, under another name": "from keras import layers as L\nL.Dense(3)",
    "itself from its module": "from keras.layers import Dense",
    "everything from its module": "from keras.layers import *\nDense(3)",
    "another spelling of the library": "import tensorflow as tf\ntf.keras.layers.Dense(3)",
    "from another spelling": "from tensorflow.keras import layers\nlayers.Dense(3)",
    "the old spelling": "import tensorflow.compat.v1 as tf\ntf.keras.layers.Dense(3)",
    "the library's own folders": "from keras.src.layers.core.dense import Dense",
    "a class in them": "import keras\nkeras.src.layers.core.dense.Dense(3)",
    "an import that stands elsewhere": "tf.keras.layers.Dense(3)",
    "another import that stands elsewhere": "layers.Dense(3)",
    "an assignment": "import keras\nc = keras.layers\nd = c.Dense",
    "assignments in a row": "import keras\na = b = keras\nc = (b.layers, 1)[0]\nc.Dense",
    "a tuple told apart": "import keras\nx, L = 3, keras.layers\nL.Dense",
    "a walrus": "import keras\n(L := keras.layers)\nL.Dense",
    "one of two": "import keras\nL = keras.layers if x else None\nL.Dense",
    "a default": "import keras\ndef f(n, L=keras.layers):\n    return L.Dense(n)",
    "a container": "import keras\nm = {'l': keras.layers}\nm['l'].Dense",
    "an entry of a dict": "import keras\nm = {}\nm['l'] = keras.layers\nm.get('l').Dense",
    "a loop": "import keras\nfor L in [keras.layers]:\n    L.Dense",
    "a comprehension": "import keras\n[L.Dense for L in [keras.layers]]",
    "an attribute": "import keras\nclass A:\n    def f(self):\n        self.l = keras.layers\n        self.l.Dense",
    "an attribute of a class": "import keras\nclass A:\n    l = keras.layers\nA.l.Dense",
    "a result": "import keras\ndef f():\n    return keras.layers\nf().Dense",
    "a lambda": "import keras\nf = lambda: keras.layers\nf().Dense",
    "a global name": "import keras\ndef f():\n    global L\n    L = keras.layers\ndef g():\n    L.Dense",
    "a branch": "try:\n    import keras as k\nexcept ImportError:\n    k = None\nk.layers.Dense",
    "an import in a function": "def f():\n    from keras import layers as L\n    return L.Dense(3)",
    "a base class": "from keras import layers\nclass Mine(layers.Dense): ...",
    "an annotation": "import keras\ndef f(x: keras.layers.Dense): ...",
    "getattr": "import keras\ngetattr(keras.layers, 'Dense')(3)",
    "getattr of two strings": "import keras\ngetattr(keras.layers, 'De' + 'nse')(3)",
    "getattr of an f-string": "import keras\nx = 'De'\ngetattr(keras.layers, f'{x}nse')(3)",
    "getattr of a name": "import keras\nname = 'Dense'\ngetattr(keras.layers, name)(3)",
    "getattr in a loop": "import keras\nfor name in ['ReLU', 'Dense']:\n    getattr(keras.layers, name)",
    "getattr under another name": "import keras\ng = getattr\ng(keras.layers, 'Dense')(3)",
    "getattr of builtins": "import keras, builtins\nbuiltins.getattr(keras.layers, 'Dense')(3)",
    "nested getattr": "import keras\ngetattr(getattr(keras, 'layers'), 'Dense')(3)",
    "importlib": "import importlib\nimportlib.import_module('keras.layers').Dense(3)",
    "from importlib": "from importlib import import_module as i\nk = i('ke' + 'ras')\nk.layers.Dense(3)",
    "__import__": "__import__('keras').layers.Dense(3)",
    "vars": "import keras\nvars(keras)['layers'].Dense(3)",
    "__dict__": "import keras\nkeras.layers.__dict__['Dense'](3)",
    "get of __dict__": "import keras\nkeras.layers.__dict__.get('Dense')(3)",
    "sys.modules": "import sys, keras\nsys.modules['keras.layers'].Dense(3)",
    "globals": "import keras as k\nglobals()['k'].layers.Dense(3)",
    "exec": "exec('import keras; d = keras.layers.Dense')",
    "eval": "import keras\neval('keras.layers').Dense\neval('keras.layers.Dense')",
}


@pytest.mark.parametrize("name", ALIASES)
def test_an_alias_is_seen_through(name: str) -> None:
    with pytest.raises(
        Failure, match=rf"expected this cell to do without `{DENSE}`, received it (as `.+` )?in line \d"
    ):
        expect_no_use_of(ALIASES[name], [DENSE])


@pytest.mark.parametrize("name", ALIASES)
def test_another_layer_under_the_same_alias_is_no_use(name: str) -> None:
    expect_no_use_of(ALIASES[name].replace("Dense", "ReLU").replace("De", "Re").replace("nse", "LU"), [DENSE])


@pytest.mark.parametrize("name", ALIASES)
def test_the_module_itself_is_seen_too(name: str) -> None:
    with pytest.raises(Failure, match="to do without `keras"):
        expect_no_use_of(ALIASES[name], ["keras.layers"])


INNOCENT = {
    "a variable": "dense = 3\nDense = dense + 1\nkeras_layers_Dense = Dense",
    "a parameter": "def f(Dense, layers):\n    return layers.Dense + Dense",
    "a class of one's own": "class Dense: ...\nDense(3)",
    "a method of one's own": "class A:\n    def Dense(self): ...\nA().Dense()",
    "an attribute of something": "self.Dense = 3\nx.layers.Dense",
    "a text": "'keras.layers.Dense' + f'{x} keras.layers.Dense'  # keras.layers.Dense",
    "a keyword": "f(Dense=3)",
    "the name of another module": "import numpy as keras\nkeras.layers.Dense",
    "another name of the library": "import keras\nkeras.Dense\nkeras.layers.DenseMine\nkeras.layers",
    "a list by the name of a module": "from keras import layers\nlayers = [8, 16]\nlayers.Dense",
    "a list by that name, in a function": "from keras import layers\ndef f(n):\n    layers = [n]\n    layers.Dense",
    "a loop over numbers by that name": "from keras import layers\n[layers.Dense for layers in x]",
    "getattr of something": "getattr(x, 'Dense')",
    "getattr with a name of something": "getattr(x, y)",
    "getattr of another module": "import numpy as np\ngetattr(np, y)",
    "getattr of one's own": "import keras\ndef getattr(a, b): ...\ngetattr(keras.layers, y)",
    "an evaluation": "model.eval()\nast.literal_eval(x)\neval('1 + 1')",
    "an entry": "x = {}\nx['layers']['Dense']\nx[i].Dense",
    "a module beside the notebook": "from .layers import Dense\nfrom mine.keras.layers import Dense\nDense(3)",
    "nothing that is Python's": "%load_ext keras.layers.Dense",
}


@pytest.mark.parametrize("name", INNOCENT)
def test_something_else_by_the_same_name_is_no_use(name: str) -> None:
    expect_no_use_of(INNOCENT[name], [DENSE])


@pytest.mark.parametrize(
    "source",
    ["model.predict(x)", "def predict(x): ...\npredict(x)", "conv = 3\nx.conv(conv)", "class keras: ...\nkeras.x"],
)
def test_a_name_without_a_dot_is_a_module_or_in_one_and_nothing_of_ones_own(source: str) -> None:
    expect_no_use_of(source, ["predict", "conv", "keras"])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("np.convolve(x, y)", "convolve"),
        ("from scipy import signal as s\ns.convolve2d(x)", "convolve2d"),
        ("import scipy.signal", "signal"),
        ("sorted(x)", "sorted"),
        ("s = sorted\ns(x)", "sorted"),
        ("import tensorflow.keras as k", "keras"),
        ("tf.nn.conv2d(x)", "tf"),
        ("from numpy.linalg import inv as i\ni(x)", "np.linalg"),
        ("import tf_keras", "keras"),
    ],
)
def test_a_function_or_a_module_may_be_named_alone(source: str, name: str) -> None:
    with pytest.raises(Failure, match=f"to do without `{name}`"):
        expect_no_use_of(source, [name])


@pytest.mark.parametrize(
    "source",
    [
        "import keras\ngetattr(keras.layers, input())",
        "import keras\ndef f(name):\n    return getattr(keras, name)",
        "import keras\nvars(keras.layers)[name]",
        "import keras\nkeras.__dict__.get(name)",
        "import keras\ngetattr(keras.layers, 'esneD'[::-1])",
        "import tensorflow as tf\ngetattr(tf, name)",
        "import importlib\nimportlib.import_module(name)",
        "__import__(''.join(x))",
        "exec(open('mine.py').read())",
        "code = 'import ' + x\neval(code)",
    ],
)
def test_a_name_that_cannot_be_told_is_said_to_be_so(source: str) -> None:
    with pytest.raises(Failure) as failure:
        expect_no_use_of(source, [DENSE], hint="NumPy is enough.")
    assert "received a name that is only put together while the code runs in line" in failure.value.message
    assert "Write names out" in failure.value.hint


def test_what_it_goes_by_is_told_where_it_is_another_name() -> None:
    with pytest.raises(Failure) as failure:
        expect_no_use_of(
            "import keras\nmake = vars(keras.layers)['Den' + 'se']\nmake(3)", [DENSE], hint="NumPy is enough."
        )
    assert failure.value.message == (
        f"expected this cell to do without `{DENSE}`, received it as `vars(keras.layers)['Den' + 'se']` in line 2"
    )
    assert failure.value.hint == "NumPy is enough."


def test_the_first_of_several_uses_is_told() -> None:
    with pytest.raises(Failure, match="`scipy`, received it in line 2"):
        expect_no_use_of("x = 1\nimport scipy\nimport keras", ["keras", "scipy"])


NOTEBOOK = Sources(
    {
        "imports": "import keras as k\nimport numpy as np\nfrom keras import layers as L",
        "cell 2": "def mine(x):\n    return L.Dense(3)(x)\nmake = L.Dense",
        "conv2d": "def conv2d(x):\n    return np.convolve(x, x)",
        "own-dense": "class Dense(k.Layer):\n    def call(self, x):\n        return x @ self.kernel",
        "model": "def build():\n    return Dense(3)",
        "wrapped": "def build():\n    return mine(3)",
        "aliased": "def build():\n    return make(3)",
        "broken": "def f(:\n    import scipy",
        "tests": "import scipy\nassert L.Dense(3)",
    },
    given={"imports", "tests"},
)


@pytest.mark.parametrize("cell", ["conv2d", "own-dense", "model"])
def test_a_cell_that_does_its_own_work_passes_whatever_others_do(cell: str) -> None:
    expect_no_use_of(NOTEBOOK, [DENSE], cells=[cell])


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("wrapped", "received it in line 2 of the cell `cell 2`"),
        ("aliased", "received it as `make` in line 2 of the cell `aliased`"),
        ("cell 2", "received it in line 2 of the cell `cell 2`"),
    ],
)
def test_an_alias_or_a_function_of_another_cell_is_seen_through(cell: str, said: str) -> None:
    with pytest.raises(Failure, match=f"expected `build` to do without `{DENSE}`, {said}"):
        expect_no_use_of(NOTEBOOK, [DENSE], "`build`", cells=[cell])


def test_functions_of_other_cells_may_be_left_to_other_questions() -> None:
    expect_no_use_of(NOTEBOOK, [DENSE], cells=["wrapped"], follow=False)
    with pytest.raises(Failure, match="received it as `make`"):
        expect_no_use_of(NOTEBOOK, [DENSE], cells=["aliased"], follow=False)


def test_the_cells_that_are_read_are_what_a_check_rests_on() -> None:
    with taking_notes() as notes:
        expect_no_use_of(NOTEBOOK, ["scipy"], cells=["wrapped"])
        expect_no_use_of("x", ["scipy"])
    assert notes.asked == {"wrapped"}


def test_all_cells_that_are_not_given_are_read() -> None:
    with pytest.raises(
        Failure, match=f"expected the notebook to do without `{DENSE}`, received it in line 2 of the cell"
    ):
        expect_no_use_of(NOTEBOOK, [DENSE])
    expect_no_use_of(NOTEBOOK, ["scipy"])  # the instructor's tests use it, and what is no Python has not run
    with pytest.raises(Failure, match=r"expected the notebook to be Python, .* in the cell `broken` \(SyntaxError\)"):
        expect_no_use_of(NOTEBOOK, ["scipy"], cells=["broken"])
    expect_no_use_of(NOTEBOOK, ["scipy"], cells=["a cell that is not there"])


def test_a_function_of_the_instructors_may_use_what_it_likes() -> None:
    notebook = Sources({"given": "def load():\n    import keras", "mine": "x = load()"}, given={"given"})
    expect_no_use_of(notebook, ["keras"])
    with pytest.raises(Failure):
        expect_no_use_of(Sources(notebook.cells), ["keras"])


STEPS = [
    "{0} = {1}.{2}",
    "{0} = getattr({1}, '{2}')",
    "part = '{2}'\n{0} = getattr({1}, part)",
    "{0} = vars({1})['{2}']",
    "{0} = {1}.__dict__['{2}']",
    "def f():\n    return {1}.{2}\n{0} = f()",
    "if x:\n    {0} = {1}.{2}\nelse:\n    {0} = 3",
    "d = {{'a': 1, 'b': {1}}}\n{0} = d['b'].{2}",
]


@given(st.lists(st.sampled_from(STEPS), min_size=2, max_size=2), st.sampled_from(["Dense", "ReLU"]), st.booleans())
def test_whatever_way_leads_there_is_seen_and_a_way_elsewhere_is_not(steps: list[str], layer: str, cells: bool) -> None:
    lines = ["import keras as k0"]
    for number, (step, name) in enumerate(zip(steps, ["layers", layer], strict=True)):
        lines.append(step.format(f"k{number + 1}", f"k{number}", name))
    notebook = Sources({f"cell {n}": line for n, line in enumerate(lines)} if cells else {"all": "\n".join(lines)})
    if layer == "Dense":
        with pytest.raises(Failure, match=f"`{DENSE}`, received it"):
            expect_no_use_of(notebook, [DENSE])
    else:
        expect_no_use_of(notebook, [DENSE])


@pytest.mark.parametrize(
    "source",
    [
        "if x: a = keras\n" * 3000 + "a\n" * 10_000,
        "for i in x:\n" + " a = a.b\n" * 3000 + " a\n" * 10_000,
        "if x: a = k.a\n" * 100 + "if x: a = a.c\n" * 3000 + "a.d\n" * 5000,
        "x = 'a'\nfor i in y:\n" + "    x = x + x\n" * 500 + "    getattr(keras, x)\n" * 500,
        "def f(): return g()\ndef g(): return f()\n" * 2000,
        "x = a" + ".b" * 400,
        "x = " + "lambda: " * 90 + "keras.layers.Dense",
    ],
)
def test_code_that_is_written_to_be_hard_to_follow_is_followed_or_refused_at_once(source: str) -> None:
    begun = time.process_time()
    with contextlib.suppress(Failure):
        expect_no_use_of(source, [DENSE])
    assert time.process_time() - begun < 5


def test_a_long_row_of_calls_is_read() -> None:
    expect_no_use_of("import keras\nx = keras.Input((3,))\n" + "x = x.reshape(3)\n" * 2000, [DENSE])

"""Reading a student's cell for the use of a library."""

from __future__ import annotations

import contextlib
import time

import pytest

from autograder.checks import expect_no_use_of
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

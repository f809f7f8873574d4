"""The wire: whatever comes in, a checked value or Malformed comes out; what is sent arrives as it was."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox import wall, wire
from autograder.sandbox.wire import Kept, Malformed


def load_encoding() -> ModuleType:
    """The student's side of the wire, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("encoding_inside", wall.INSIDE / "encoding.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


encoding = load_encoding()


def decode(value: Any, buffers: list[bytes] | None = None) -> Any:
    return wire.decode(value, buffers or [], lambda kept: kept)


def received(value: Any) -> Any:
    """What the judge gets of a value of the student's, through real JSON."""
    buffers: list[bytes] = []
    sent = encoding.encode(
        value,
        buffers,
        lambda kept: {"t": "handle", "id": "h0", "kind": type(kept).__name__, "model": False, "layer": False},
    )
    return decode(json.loads(json.dumps(sent, allow_nan=False)), buffers)


HANDLE = {"t": "handle", "id": "h0", "kind": "Dense", "model": False, "layer": True}

numbers = st.floats(allow_nan=False) | st.integers(-(2**63) + 1, 2**63 - 1)
keys = st.text(max_size=5) | st.integers(-9, 9) | st.booleans() | st.none()
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)
# what looks like the format and is not: tags, fields and values of the wrong kind, everywhere
tags = st.sampled_from(["tensor", "handle", "float", "list", "tuple", "dict", "nan", "", "T"])
lies = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | tags
    | st.sampled_from(["<f4", "|O", "<U4", "|V0"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["t", "v", "i", "dtype", "shape", "id", "kind", "model", "layer"]), inner, max_size=6
        )
        | st.fixed_dictionaries({"t": tags, "v": inner})
        | st.fixed_dictionaries(
            {
                "t": st.just("tensor"),
                "i": st.integers(-2, 3),
                "dtype": st.sampled_from(["<f4", "|b1", "<i8", "|O"]),
                "shape": st.lists(st.integers(-2, 2**62), max_size=3),
            }
        )
    ),
    max_leaves=20,
)


@given(plain)
def test_plain_values_arrive_as_they_were(value: Any) -> None:
    found = received(value)
    assert found == value
    assert type(found) is type(value)


@given(plain)
def test_what_the_judge_sends_arrives_as_it_was(value: Any) -> None:
    buffers: list[bytes] = []
    sent = json.loads(json.dumps(wire.encode(value, buffers), allow_nan=False))
    assert encoding.decode(sent, buffers, lambda name: name) == value


@given(lies, st.lists(st.binary(max_size=16), max_size=3))
def test_anything_at_all_becomes_a_value_or_malformed(value: Any, buffers: list[bytes]) -> None:
    try:
        found = decode(value, buffers)
    except Malformed:
        return
    assert isinstance(found, str | int | float | bool | list | tuple | dict | np.ndarray | Kept | None)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_json_lacks_travel_by_name(value: float) -> None:
    assert received(value) == pytest.approx(value, nan_ok=True)
    sent = wire.encode(value, [])
    assert encoding.decode(sent, [], str) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize("dtype", sorted(wire.TENSOR_DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 4), (2, 3, 4)])
def test_arrays_arrive_with_dtype_shape_and_every_bit(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    for found in (received(array), received(array.T).T):
        assert (found.dtype, found.shape) == (array.dtype, shape)
        assert found.tobytes() == array.tobytes()
    buffers: list[bytes] = []
    sent = wire.encode(array, buffers)
    there = encoding.decode(sent, buffers, str)
    assert (there.dtype, there.shape, there.tobytes()) == (array.dtype, shape, array.tobytes())
    assert there.flags.writeable


def test_bits_that_are_no_numbers_arrive_as_they_were() -> None:
    array = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    assert received(array).tobytes() == array.tobytes()


def test_what_is_no_plain_data_stays_behind_under_a_name() -> None:
    class Sneaky(list):  # type: ignore[type-arg]
        pass

    class Number(float):
        pass

    for value in (Sneaky(), Number(1), 2**63, {1, 2}, b"x", 1j, np.array(["a"]), np.array([object()]), print):
        assert received(value) == Kept("h0", type(value).__name__, is_model=False, is_layer=False)


def test_a_subclass_of_array_arrives_as_its_plain_numbers() -> None:
    class Lies(np.ndarray):
        def __eq__(self, other: object) -> Any:
            return True

        def tobytes(self, order: Any = "C") -> bytes:
            return b"lies"

    found = received(np.zeros(3).view(Lies))
    assert type(found) is np.ndarray
    assert found.tolist() == [0.0, 0.0, 0.0]


def test_numbers_of_foreign_byte_order_and_scalars_arrive_as_arrays() -> None:
    assert received(np.arange(3, dtype=">i4")).tolist() == [0, 1, 2]
    assert received(np.float32(1.5)).shape == ()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1], "an untagged list"),
        ({"t": "tensor", "i": 0, "dtype": "|O", "shape": [1]}, "a tensor of dtype '|O'"),
        ({"t": "tensor", "i": 0, "dtype": ">f4", "shape": [1]}, "a tensor of dtype '>f4'"),
        ({"t": "tensor", "i": 0, "dtype": "|V0", "shape": [10**12]}, "a tensor of dtype '|V0'"),
        ({"t": "tensor", "i": 0, "dtype": ["<f4"], "shape": [1]}, "a tensor of dtype"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": 1}, "a tensor without a shape"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": [1] * 17}, "a tensor without a shape"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": [-1]}, "a tensor whose shape is not made of lengths"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": [True]}, "a tensor whose shape is not made of lengths"),
        ({"t": "tensor", "i": 1, "dtype": "<f4", "shape": [1]}, "a tensor without its bytes"),
        ({"t": "tensor", "i": -1, "dtype": "<f4", "shape": [1]}, "a tensor without its bytes"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": [2]}, "a tensor whose bytes do not fit its shape"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": [10**12]}, "a tensor whose bytes do not fit its shape"),
        ({"t": "tensor", "i": 0, "dtype": "<f4", "shape": [0, 2**62, 4]}, "a tensor whose bytes do not fit its shape"),
        ({"t": "list", "v": [{"t": "tensor", "i": 0, "dtype": "<f4", "shape": [1]}] * 2}, "whose bytes are another's"),
        ({**HANDLE, "id": 1}, "a handle without name or kind"),
        ({**HANDLE, "kind": None}, "a handle without name or kind"),
        ({**HANDLE, "model": 1}, "a handle of something that cannot be"),
        ({**HANDLE, "layer": None}, "a handle of something that cannot be"),
        ({**HANDLE, "layer": "layer"}, "a handle of something that cannot be"),
        ({**HANDLE, "model": True, "layer": False}, "a handle of something that cannot be"),
        ({"t": "float", "v": "1.0"}, "an unknown tag 'float'"),
        ({"t": "dict", "v": [["a"]]}, "a dictionary entry that is no pair"),
        ({"t": "dict", "v": [[{"t": "list", "v": []}, 1]]}, "a dictionary key of type list"),
        (
            {"t": "dict", "v": [[{"t": "tuple", "v": [{"t": "list", "v": []}]}, 1]]},
            "a dictionary key that cannot be one",
        ),
        (math.inf, "a bare infinite number"),
    ],
)
def test_a_lie_is_named(value: Any, message: str) -> None:
    with pytest.raises(Malformed) as caught:
        decode(value, [bytes(4)])
    assert message in str(caught.value)


@pytest.mark.parametrize("shape", [[0, 2**62], [2**31, 0, 2**31], [2**63, 0], [0] * 16])
def test_an_empty_tensor_of_impossible_lengths_is_malformed_or_empty(shape: list[int]) -> None:
    try:
        found = decode({"t": "tensor", "i": 0, "dtype": "<f8", "shape": shape}, [b""])
    except Malformed:
        return
    assert found.size == 0


def test_nesting_ends_somewhere_on_both_sides() -> None:
    value: Any = 1
    for _ in range(50):
        value = [value]
    assert isinstance(received([value]), list)  # the deepest part stays behind as an object
    sent: Any = 1
    for _ in range(40):
        sent = {"t": "list", "v": [sent]}
    with pytest.raises(Malformed, match="nested too deeply"):
        decode(sent)


def test_long_texts_are_cut() -> None:
    assert len(decode("x" * 200_000)) == wire.MAX_TEXT
    assert len(decode({**HANDLE, "id": "h" * 500, "kind": "k" * 500}).kind) == 100


def test_a_handle_says_what_keras_calls_the_object() -> None:
    assert decode(HANDLE) == Kept("h0", "Dense", is_model=False, is_layer=True)
    assert decode({**HANDLE, "model": True}).is_model


def test_a_value_a_check_cannot_send_is_a_mistake_of_the_check() -> None:
    with pytest.raises(TypeError, match="expected a plain value, an array or a handle to send, received set"):
        wire.encode({1}, [])
    with pytest.raises(TypeError, match="expected an array of numbers or booleans to send, received dtype <U1"):
        wire.encode(np.array(["a"]), [])


def test_both_sides_agree_on_the_dtypes() -> None:
    assert encoding.TENSOR_DTYPES == wire.TENSOR_DTYPES
    assert Path(wire.__file__).exists()

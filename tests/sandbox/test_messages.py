"""The form of Jupyter's messages, and how much of them is parsed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.messages import MALFORMED, MAX_JSON_BYTES, CappedSession, Overrun, is_well_formed

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
kinds = st.sampled_from(["stream", "display_data", "execute_result", "error", "status", "execute_reply", "other"])
names = st.sampled_from(["name", "text", "data", "metadata", "ename", "evalue", "traceback", "status", "transient"])


def message(kind: Any, content: Any) -> dict[str, Any]:
    return {"header": {}, "parent_header": {}, "metadata": {}, "msg_type": kind, "content": content, "buffers": []}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": "x"}),
        ("display_data", {"data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": "1"}}),
        ("execute_result", {"data": {}, "metadata": {}, "execution_count": 3}),
        ("error", {"ename": "E", "evalue": "", "traceback": ["line"]}),
        ("status", {"execution_state": "idle"}),
        ("execute_reply", {"status": "ok", "execution_count": 1}),
        ("execute_reply", {"status": "error", "ename": "E", "evalue": "", "traceback": []}),
        ("a_type_of_its_own", {"id": 1}),
    ],
)
def test_what_a_kernel_sends_is_well_formed(kind: str, content: dict[str, Any]) -> None:
    assert is_well_formed(message(kind, content))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": {}}),
        ("stream", {"name": "gradebook", "text": "x"}),
        ("display_data", {"data": []}),
        ("display_data", {"data": {}, "metadata": {}, "transient": 5}),
        ("execute_result", {"data": {}, "metadata": {}, "execution_count": "x"}),
        ("error", {"ename": "E", "evalue": "", "traceback": "line"}),
        ("error", {"ename": "E", "evalue": "", "traceback": [1]}),
        ("status", {"execution_state": []}),
        ("execute_reply", {}),
        ("execute_reply", {"status": "error"}),
        (None, {}),
    ],
)
def test_what_readers_would_stumble_over_is_not(kind: Any, content: dict[str, Any]) -> None:
    assert not is_well_formed(message(kind, content))


@given(kinds, st.dictionaries(names, anything, max_size=4))
def test_any_content_gets_an_answer(kind: str, content: dict[str, Any]) -> None:
    assert is_well_formed(message(kind, content)) in (True, False)


@given(st.lists(st.binary(max_size=30) | anything.map(lambda value: json.dumps(value).encode()), max_size=7))
def test_frames_of_any_kind_are_a_message_or_malformed(frames: list[bytes]) -> None:
    session = CappedSession(key=b"")
    try:
        found = session.deserialize(frames)
    except MALFORMED:
        return
    try:
        assert is_well_formed(found) in (True, False)
    except MALFORMED:
        pytest.fail(f"{found} was neither")


def test_a_message_signed_with_another_key_is_malformed() -> None:
    frames = CappedSession(key=b"forged").serialize(message("stream", {}) | {"header": {"msg_id": "1"}})
    with pytest.raises(ValueError, match="Invalid Signature"):
        CappedSession(key=b"real").deserialize(frames[1:])


def test_half_a_surrogate_pair_becomes_what_can_be_written() -> None:
    header = b'{"msg_id": "1", "msg_type": "stream", "version": "5.3"}'
    frames = [b"", header, b"{}", b'{"\\uDFFF": 1}', b'{"text": "\\ud800 \\ud83d\\ude00"}']
    found = CappedSession(key=b"").deserialize(frames)
    assert found["content"] == {"text": "? \N{GRINNING FACE}"}
    assert found["metadata"] == {"?": 1}


def test_more_json_than_is_reasonable_is_not_parsed() -> None:
    frames = [b"", b"{}", b"{}", b"{}", b" " * MAX_JSON_BYTES]
    with pytest.raises(Overrun):
        CappedSession(key=b"").deserialize(frames)
    small = [b"", b'{"msg_id": "", "msg_type": ""}', b"{}", b"{}", b"{}"]
    found = CappedSession(key=b"").deserialize([*small, bytes(MAX_JSON_BYTES)])
    assert len(found["buffers"]) == 1

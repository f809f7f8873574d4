"""Lines for machines: whatever happens is an object of a kind that docs/grade-json.md describes."""

from __future__ import annotations

import json
import os
import sys

import pytest
from pydantic import TypeAdapter

from autograder.class_run import Event, JsonLines
from autograder.grading.grade import Graded
from autograder.grading.task import Running
from tests.reports import samples

EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def test_each_event_is_one_line_of_ascii_with_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    lines = JsonLines("deep")
    right, lost = samples.full(), samples.full().model_copy(update={"status": "could_not_judge", "notebooks": ()})
    with lines.shown("cnn_digits", 2):
        lines.begins(0, Running(student="ada"))
        lines.begins(0, Running(student="ada", notebook="cnn", cell="a\x1b\n\x9b\u202e", checking=True))
        lines.done(Graded(right, fresh=False))
        lines.done(Graded(lost, fresh=True, held=True))
    lines.stopped("Go on.")
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    found = [json.loads(line) for line in out.splitlines()]
    assert [one["event"] for one in found] == ["started", "cell", "done", "done", "stopped"]
    for line, one in zip(out.splitlines(), found, strict=True):
        assert EVENT.validate_json(line).model_dump(mode="json") == one
    (_, cell, first, second, stopped) = found
    assert (cell["cell"], cell["checks"]) == ("a\x1b\n\x9b\u202e", True)
    assert (first["score"], first["from_cache"], first["held"]) == (right.score, True, False)
    assert (second["score"], second["status"], second["held"]) == (None, "could_not_judge", True)
    assert (stopped["done"], stopped["submissions"], stopped["resume"]) == (2, 2, "Go on.")


def test_nobody_has_to_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        with JsonLines("deep").shown("sums", 1):
            pass
        JsonLines("deep").stopped("Go on.")
        monkeypatch.undo()

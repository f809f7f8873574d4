"""Sentences for limits that only an error in a cell's output tells of."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_output

from autograder.grading.faults import killed_children, limit_in_outputs
from autograder.sandbox import Limits

LIMITS = Limits(memory_mib=512, processes=64, disk_mib=32, files=500, file_mib=16)


def said(name: str, value: str) -> tuple[str, float, str]:
    hit = limit_in_outputs([new_output("error", ename=name, evalue=value, traceback=[])], "scale", LIMITS)
    assert hit is not None
    return hit.limit, hit.value, hit.sentence


@pytest.mark.parametrize(
    ("name", "value", "limit", "number", "todo"),
    [
        ("MemoryError", "", "memory", 512, "Work on smaller arrays, or on one batch after the other."),
        ("ResourceExhaustedError", "OOM when allocating", "memory", 512, "Work on smaller arrays"),
        ("OSError", "[Errno 28] No space left on device", "disk", 32, "remove what is no longer needed."),
        ("OSError", "[Errno 27] File too large", "disk", 16, "Keep each file smaller."),
        ("OSError", "[Errno 24] Too many open files: 'data.csv'", "open_files", 1024, "`with open(...)`"),
        ("RuntimeError", "can't start new thread", "processes", 64, "Start fewer"),
        ("BlockingIOError", "[Errno 11] Resource temporarily unavailable", "processes", 64, "Start fewer"),
        ("OSError", "[Errno 101] Network is unreachable", "network", 0, "Hand in the files it needs"),
        (
            "Exception",
            "URL fetch failure on https://example.org: None -- [Errno -3] Temporary failure in name resolution",
            "network",
            0,
            "read them from there.",
        ),
    ],
)
def test_the_sentence_names_cell_limit_and_value_and_what_to_do(
    name: str, value: str, limit: str, number: int, todo: str
) -> None:
    found, where, sentence = said(name, value)
    assert (found, where) == (limit, float(number))
    assert sentence.startswith("Cell `scale` ")
    assert limit == "network" or f" {number} " in sentence
    assert todo in sentence


def test_a_full_disk_names_both_of_its_bounds() -> None:
    sentence = said("OSError", "No space left on device")[2]
    assert "32 MiB of disk" in sentence
    assert "500 files" in sentence


def test_an_error_of_another_kind_is_no_limit() -> None:
    outputs = [new_output("error", ename="ValueError", evalue="wrong", traceback=[])]
    assert limit_in_outputs(outputs, "scale", LIMITS) is None


def test_children_that_were_killed_for_memory_are_counted_in_words() -> None:
    assert killed_children(1, "scale", LIMITS).sentence == (
        "All processes of the notebook together used more than their 512 MiB of memory in cell `scale`, so a process "
        "it had started was ended. Start fewer, or work on smaller arrays."
    )
    assert "so 3 processes it had started were ended" in killed_children(3, "scale", LIMITS).sentence

"""What is promised of each of the 78 numbers: the table of docs/security.md, which is printed from here.

python -m tests.adversarial.promises             writes the table into the page
python -m tests.adversarial.promises --check     fails when the page says something else
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.adversarial.case import Promise
from tests.adversarial.catalogue import CASES, NOT_HERE

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- the table of cases: printed by tests/adversarial/promises.py -->\n", "<!-- end of the table -->\n"
GROUPS = {
    "A": (range(1, 19), "Forging the result"),
    "B": (range(19, 28), "Reading what is hidden"),
    "C": (range(28, 47), "Abusing resources"),
    "D": (range(47, 51), "The network and the system"),
    "E": (range(51, 57), "What is handed in, and in what shape"),
    "F": (range(57, 63), "Files with models and data"),
    "G": (range(63, 69), "Pages, spreadsheets, terminals"),
    "H": (range(69, 79), "Faults, and the grader itself"),
}


class Row(NamedTuple):
    """What is tried, what comes of it, and the words of promise, the strongest first."""

    tries: str
    outcome: str
    promises: tuple[Promise, ...] = ("holds",)


HOLDS: tuple[Promise, ...] = ("holds",)
DETECTED: tuple[Promise, ...] = ("detected",)
BOTH: tuple[Promise, ...] = ("holds", "detected")
NOT_PROMISED: tuple[Promise, ...] = ("not promised",)

ROWS: Mapping[int, Row] = {
    1: Row("Ends its process (`os._exit`)", "costs the question it died in; the rest is graded in a fresh kernel"),
    2: Row("`sys.exit`, `SystemExit`, `quit()`", "an error of that cell or question, and of no other"),
    3: Row("Overwrites built-in functions", "earns nothing: answers are compared outside"),
    4: Row("Patches NumPy's comparisons and metrics", "earns nothing: answers are compared outside"),
    5: Row("Removes `assert`, patches test frameworks", "earns nothing: both are put back before tests run"),
    6: Row("Rewrites later cells (input transformers, hooks)", "earns nothing: they are put back before tests run"),
    7: Row("Returns objects that equal everything", "refused, or worth the numbers they really hold"),
    8: Row(
        "Replaces the kernel's own functions, forges replies",
        "cannot forge what is measured; can forge what is only *reported*, and a person is told",
        BOTH,
    ),
    9: Row("Prints scores, banners, escape sequences", "shown as the student's output, without effect"),
    10: Row("Writes results, gradebooks and pages of its own", "gone with the sandbox"),
    11: Row(
        "Sends messages in others' names, with the real key",
        "ignored for what is measured; a forged end of a plain tests cell may be believed, and a person is told",
        BOTH,
    ),
    12: Row("Returns wrong shapes, NaN, infinity, text, monsters", "nothing for the question, with the shape expected"),
    13: Row("Fakes histories, summaries and counts", "earns nothing that is measured or recomputed"),
    14: Row("Leaves threads, signals, traces, destructors behind", "no effect on anybody's marks"),
    15: Row("Behaves otherwise when it is graded", "asked again in another order; a person is told", BOTH),
    16: Row("One class for everything, guesses from the order", "worth what it is worth: rows are shuffled"),
    17: Row("Edits points, flags, ids; deletes and moves cells", "judged by what the instructor released"),
    18: Row("Brings modules named as the grader's", "the grader does not import them"),
    19: Row(
        "Reads stack, memory, history, tracebacks",
        "no label, hidden array or check is there; *hidden tests in a notebook* (a tests cell without checks) are",
        ("holds", "not promised"),
    ),
    20: Row("Walks `/proc` and the file system", "sees its own sandbox only"),
    21: Row("Looks for gradebook, checks, data, other students", "they are not there"),
    22: Row("Takes hidden inputs out through output, errors, files", "everything shown while checks ask is discarded"),
    23: Row(
        "Remembers hidden inputs for its next attempt",
        "an attempt keeps no file, and each is shown its rows in another order",
    ),
    24: Row(
        "Learns labels from many marks",
        "fifty attempts find no labels: marks on hidden data move in twentieths; many more may, so limit attempts",
        ("holds", "not promised"),
    ),
    25: Row("Hands in links, pipes, endless files", "not followed, not waited for, named"),
    26: Row("Replaces the sockets of the grader's line", "cannot"),
    27: Row("Environment, credentials, cloud metadata", "not there, not reachable"),
    28: Row("`while True`", "stopped at the limit; what it answered before counts"),
    29: Row("Sleeps for ever", "stopped at the limit, in total too"),
    30: Row("Hangs in C, ignores interrupts", "killed; costs its cell"),
    31: Row("Fork bomb", "refused at the limit on processes"),
    32: Row("Thread bomb", "refused at the limit on processes"),
    33: Row("Daemons that leave their group", "ended with the run"),
    34: Row("Asks for huge arrays", "`MemoryError`, or a sentence that names the limit"),
    35: Row("Leaks memory slowly, over many processes", "ended at the limit on all together"),
    36: Row("Fills `/dev/shm`, files in memory, socket buffers", "counted and bounded"),
    37: Row("Takes all memory of a GPU", "no sandbox has one so far", NOT_PROMISED),
    38: Row("Fills the disk; millions of files; sparse terabytes", "ends at the limits"),
    39: Row("Prints ten gigabytes", "cut off; the grader's memory stays flat"),
    40: Row("One line of a gigabyte", "cut off"),
    41: Row("A million displays, widgets, updates", "cut off"),
    42: Row("Crashes Python", "costs the question it crashed in"),
    43: Row("Waits for the keyboard", "an error, no wait"),
    44: Row("Ignores and sends signals", "ended in time, ends nobody else"),
    45: Row("Endless training, data, deadlocks", "stopped; the cell is named"),
    46: Row("JSON, Markdown and tables made to be slow to read", "refused or shown, in time"),
    47: Row("Network of any kind", "there is none; the message says where data has to lie"),
    48: Row("Sockets that reach past network namespaces", "refused"),
    49: Row("System calls that change or inspect the system", "refused; the run goes on"),
    50: Row("Two submissions that help each other", "no common file, lock, socket or memory (but processor load)"),
    51: Row("Archives with paths, control characters, clashing names", "those members refused by name, the rest kept"),
    52: Row("Archive bombs, links, encryption, broken archives", "refused within limits, with the reason"),
    53: Row("A folder that links to the instructor's", "not followed"),
    54: Row("Broken notebooks, old and future formats, odd kernels", "graded, or refused in a sentence"),
    55: Row("Empty, untouched, misplaced, Colab, Windows paths", "marks and a message question by question"),
    56: Row("Missing, second and renamed notebooks", "named; never guessed silently"),
    57: Row("Saved models that run code when loaded", "run in the sandbox or nowhere; the trusted side loads no model"),
    58: Row("Weights and vocabularies linked to files outside", "nothing is there"),
    59: Row("Weights that claim or unpack to terabytes", "cost their question"),
    60: Row("Array files that are none", "cost what depends on them; the trusted side reads none"),
    61: Row("Pickles beside the notebook", "opened by nobody: watched while grading, by a hook in the grader"),
    62: Row("Weights and answers copied from others", "worth what they are worth: not looked for", NOT_PROMISED),
    63: Row("Scripts, frames, forms, styles in any text", "text; a real browser runs nothing and asks for nothing"),
    64: Row("Pictures that are none, too large, or fetched", "left out"),
    65: Row("Formulas in names, ids and comments", "text in our tables and in `nbgrader export`; numbers stay numbers"),
    66: Row("Text that turns, hides or stacks characters", "shown as what it is; pages stay valid UTF-8"),
    67: Row("Instructions to a grader", "no effect: no language model takes part in marking"),
    68: Row("Terminal escapes in names and errors", "not passed on"),
    69: Row("The grader is killed at any moment", "run again: the same marks, none twice, none lost"),
    70: Row("Disk full, folders read-only", "a sentence; run again when there is room"),
    71: Row("Gradebook locked, damaged, gone", "waits, or says so; `autograder recover` rebuilds it"),
    72: Row("Memory runs out", "the student's own: the question; the grader's: tried again, no mark lost"),
    73: Row("A GPU fails, or a neighbour fills it", "could not judge, never a zero", NOT_PROMISED),
    74: Row("Walls missing, odd environments", "refused with what to install; the level is kept with every result"),
    75: Row("The same submission ten times", "the same marks, alone and side by side"),
    76: Row("A class of which a tenth is hostile", "the honest get the marks of a clean run"),
    77: Row("Solution, empty template, wrong variants", "all, nothing, and less than all"),
    78: Row("Source that speaks of the grader's inside", "a note to the TA, never a penalty", BOTH),
}


def table() -> str:
    """The table, group by group, in Markdown."""
    parts = []
    for letter, (numbers, title) in GROUPS.items():
        rows = [f"| {number} | {ROWS[number].tries} | {_words(number)} | {_outcome(number)} |" for number in numbers]
        head = [f"### {letter}. {title}", "", "| | a submission | | outcome |", "| --- | --- | --- | --- |"]
        parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def page_with_table(page: str) -> str:
    """The page with the table between its marks."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"expected the marks {BEGIN!r} and {END!r} in {PAGE.name}, found them gone; put them back")
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


def disagreements() -> list[str]:
    """Numbers whose cases promise something else than the table."""
    promised: dict[int, set[str]] = {}
    for case in CASES:
        promised.setdefault(case.number, set()).add(case.promise)
    return [
        f"{number}: the cases say {sorted(words)}, the table {list(ROWS[number].promises)}"
        for number, words in sorted(promised.items())
        if words != set(ROWS[number].promises)
    ]


def _words(number: int) -> str:
    return ", ".join(f"**{word}**" if word != "holds" else word for word in ROWS[number].promises)


def _outcome(number: int) -> str:
    reason = f" (not tried: {NOT_HERE[number]})" if number in NOT_HERE else ""
    return ROWS[number].outcome + reason


if __name__ == "__main__":
    old = PAGE.read_text(encoding="utf-8")
    new = page_with_table(old)
    if "--check" not in sys.argv:
        PAGE.write_text(new, encoding="utf-8")
    elif old != new:
        raise SystemExit(f"docs/{PAGE.name} differs from the table; run `python -m tests.adversarial.promises`")

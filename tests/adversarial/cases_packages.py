"""Group E: what is handed in, and in what shape. The archives of 51 to 53 and the names of 56: test_archives.py."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from tests.adversarial.case import (
    Case,
    Outcome,
    all_of,
    answer,
    before,
    cell_in,
    edit_json,
    new_cell,
    refused,
    scores,
    unaffected,
    zero,
)
from tests.adversarial.courses import Edit


def bytes_of(change: Callable[[bytes], bytes]) -> Edit:
    """Change the notebook's file byte by byte."""

    def submit(folder: Path) -> None:
        (path,) = folder.glob("*.ipynb")
        path.write_bytes(change(path.read_bytes()))

    return submit


def keyed(**values: Any) -> Edit:
    """Set keys of the notebook's JSON."""
    return edit_json(lambda notebook: notebook.update(values))


def every_cell(change: Callable[[dict[str, Any]], None]) -> Edit:
    """Change each cell's JSON."""

    def edit(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            change(cell)

    return edit_json(edit)


def as_format_3(content: bytes) -> bytes:
    """The notebook as Jupyter wrote it until 2014."""
    notebook = nbformat.reads(content.decode(), as_version=4)
    return json.dumps(nbformat.convert(notebook, 3)).encode()


def untouched(folder: Path) -> None:
    """Hand in what was released."""
    lab = folder.name
    shutil.copy(folder.parents[2] / "release" / lab / f"{lab}.ipynb", folder / f"{lab}.ipynb")


def lines_of_source(cell: dict[str, Any]) -> None:
    """Store a cell's source as Jupyter does: as a list of lines."""
    cell["source"] = cell["source"].splitlines(keepends=True)


def swap_in_markdown(notebook: dict[str, Any]) -> None:
    """Make a Markdown cell of the answer to `scale`."""
    cell = cell_in(notebook, "scale")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def in_the_cell_of_another(notebook: dict[str, Any]) -> None:
    """Write the answer to `scale` above the answer to `plain`, and leave the cell of `scale` empty."""
    scale, plain = cell_in(notebook, "scale"), cell_in(notebook, "plain")
    plain["source"] = f"{scale['source']}\n\n\n{plain['source']}"
    scale["source"] = ""


def noted(*words: str) -> Callable[[Outcome], None]:
    """Expect these words in what the TA is told."""

    def expect(outcome: Outcome) -> None:
        for word in words:
            assert word in outcome.notes, f"expected {word!r} in {outcome.notes!r}"

    return expect


def says(question: str, *words: str) -> Callable[[Outcome], None]:
    """Expect these words in what the student is told about a question."""

    def expect(outcome: Outcome) -> None:
        for word in words:
            assert word in outcome.said(question), f"expected {word!r} in {outcome.said(question)!r}\n{outcome}"

    return expect


NOTHING = scores(scale=0.0, classify=0.0, report=0.0, plain=0.0)
COMMAND = {"name": "../../evil", "argv": ["sh", "-c", "touch owned"], "language": "R", "display_name": "R"}

CASES: tuple[Case, ...] = (
    Case(
        54,
        "E",
        "a notebook that is no JSON is refused with the reason",
        bytes_of(lambda content: b"<html>404 not found</html>"),
        refused("expected a notebook (JSON) in arena.ipynb", "save it and hand it in again"),
    ),
    Case(
        54,
        "E",
        "a notebook cut off in the middle is refused with the reason",
        bytes_of(lambda content: content[: len(content) // 2]),
        refused("expected a notebook (JSON) in arena.ipynb"),
    ),
    Case(
        54,
        "E",
        "a notebook in UTF-16 is refused with the reason",
        bytes_of(lambda content: content.decode().encode("utf-16")),
        refused("expected a notebook (JSON) in arena.ipynb"),
    ),
    Case(
        54,
        "E",
        "a notebook that begins with a byte order mark is graded as any other",
        bytes_of(lambda content: b"\xef\xbb\xbf" + content),
        unaffected,
    ),
    Case(54, "E", "a notebook of nbformat 3 is upgraded and graded", bytes_of(as_format_3), unaffected),
    Case(54, "E", "a notebook of nbformat 2 is refused with the reason", keyed(nbformat=2), refused("nbformat 2")),
    Case(54, "E", "a notebook of nbformat 99 is refused with the reason", keyed(nbformat=99), refused("nbformat 99")),
    Case(
        54,
        "E",
        "a notebook whose format is a list is refused with the reason",
        keyed(nbformat=[4]),
        refused("found nbformat [4]"),
    ),
    Case(
        54,
        "E",
        "a notebook that is a list is refused with the reason",
        bytes_of(lambda content: b"[" + content + b"]"),
        refused("found a JSON list"),
    ),
    Case(
        54,
        "E",
        "a notebook without metadata is graded as any other",
        edit_json(lambda notebook: notebook.pop("metadata")),
        unaffected,
    ),
    Case(
        54,
        "E",
        "cells that are no list are refused with the reason",
        keyed(cells={"0": "print(1)"}),
        refused("expected a list of cells in arena.ipynb, found dict"),
    ),
    Case(
        54,
        "E",
        "a cell without source is refused by its place",
        edit_json(lambda notebook: notebook["cells"][1].pop("source")),
        refused("found something else at cell 2"),
    ),
    Case(
        54,
        "E",
        "a source that is a list of numbers is refused by its place",
        edit_json(lambda notebook: notebook["cells"][2].update(source=[1, 2, 3])),
        refused("found something else at cell 3"),
    ),
    Case(
        54,
        "E",
        "metadata that is a number is refused by its place",
        edit_json(lambda notebook: notebook["cells"][0].update(metadata=7)),
        refused("found something else at cell 1"),
    ),
    Case(54, "E", "sources stored line by line are graded as any other", every_cell(lines_of_source), unaffected),
    Case(
        54,
        "E",
        "cells that share one id are told apart and graded",
        every_cell(lambda cell: cell.update(id="same")),
        unaffected,
    ),
    Case(
        54,
        "E",
        "a kernel that names a command, or another language, is not asked",
        keyed(metadata={"kernelspec": COMMAND, "language_info": {"name": "R", "pygments_lexer": "../../evil"}}),
        unaffected,
    ),
    Case(
        55,
        "E",
        "an empty notebook earns nothing, question by question",
        keyed(cells=[]),
        all_of(NOTHING, noted("'scale-tests', found it deleted; put back"), says("scale", "scale")),
    ),
    Case(
        55,
        "E",
        "the untouched template earns nothing, question by question",
        untouched,
        all_of(NOTHING, says("scale", "NotImplementedError"), says("plain", "NotImplementedError")),
    ),
    Case(
        55,
        "E",
        "a right answer in the cell of another question counts for what it does",
        edit_json(in_the_cell_of_another),
        unaffected,
    ),
    Case(
        55,
        "E",
        "an answer in a Markdown cell is run as the code it was released as",
        edit_json(swap_in_markdown),
        all_of(unaffected, noted("expected a code cell 'scale', found a markdown cell; changed back")),
    ),
    Case(
        55,
        "E",
        "an install from the network in a cell of its own costs nothing",
        new_cell("!pip install --quiet --retries 0 --timeout 1 tqdm"),
        unaffected,
    ),
    Case(
        55,
        "E",
        "a cell of its own that wants Google Colab costs nothing",
        new_cell("from google.colab import drive\ndrive.mount('/content/drive')"),
        unaffected,
    ),
    Case(
        55,
        "E",
        "an answer that wants Google Colab costs its question, and the page says what is missing",
        before("scale", "import google.colab"),
        all_of(zero("scale", "it stopped with ModuleNotFoundError"), noted("imports `google`, which is not installed")),
    ),
    Case(
        55,
        "E",
        "a path on the student's own computer costs what depends on it, and the message says what is missing",
        answer(
            "classify",
            """
            centres = np.load(r"C:\\Users\\ada\\Desktop\\centres.npy")


            def classify(images):
                return -((images[:, None] - centres[None]) ** 2).sum(axis=(2, 3))
            """,
        ),
        all_of(scores(classify=0.0, report=0.0), says("classify", "classify"), says("report", "centres")),
    ),
)

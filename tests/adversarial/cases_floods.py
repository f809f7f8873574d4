"""Group C: more than anybody can show or read, in outputs and in the notebook itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.adversarial.case import (
    Case,
    Edit,
    all_of,
    append,
    edit_json,
    new_cell,
    refused,
    scores,
    unaffected,
    write_file,
)
from tests.adversarial.expectations import any_tripped, at_most, small, tripped

OUTPUT: tuple[Case, ...] = (
    Case(
        39,
        "C",
        "ten gigabytes of print end at a limit, and are not kept",
        append("scale", "line = 'x' * 2**20\nfor _ in range(10 * 2**10):\n    print(line)"),
        all_of(at_most("scale"), any_tripped("output", "message", "memory"), small),
    ),
    Case(
        39,
        "C",
        "a million lines are cut off, and the answer before them counts",
        append("scale", "for number in range(10**6):\n    print(number)"),
        all_of(unaffected, tripped("output", "`scale`", "64 KiB"), small),
    ),
    Case(
        40,
        "C",
        "one line of a gigabyte does not come through",
        append("scale", "print('x' * 2**28)"),
        all_of(
            at_most("scale"),
            any_tripped("output", "message", "memory"),
            small,
        ),
    ),
    Case(
        41,
        "C",
        "a million displays are cut off",
        append("scale", "for number in range(10**6):\n    display(number)"),
        all_of(unaffected, tripped("output", "`scale`"), small),
    ),
    Case(
        41,
        "C",
        "an output of lists in lists that overflows whoever reads it is left out",
        append(
            "scale",
            """
            nested = "z"
            for _ in range(484):
                nested = [nested]
            display({"application/json": nested}, raw=True)
            """,
        ),
        unaffected,
    ),
    Case(
        41,
        "C",
        "a hundred thousand messages of widgets are passed over",
        append(
            "scale",
            """
            from comm import create_comm
            for number in range(10**5 // 2):
                create_comm(target_name="jupyter.widget", data={"state": {"value": "x" * 100}}).send({"n": number})
            """,
        ),
        all_of(scores(), small),
        slow=True,
    ),
    Case(
        41,
        "C",
        "an output that is cleared again and again is bounded all the same",
        append(
            "scale",
            """
            from IPython.display import clear_output
            while True:
                print("x" * 1000)
                clear_output()
            """,
        ),
        all_of(unaffected, tripped("output", "`scale`"), small),
        slow=True,
    ),
    Case(
        41,
        "C",
        "a display that is updated without end is bounded all the same",
        append("scale", "handle = display('x', display_id=True)\nwhile True:\n    handle.update('y' * 1000)"),
        all_of(unaffected, tripped("output", "`scale`"), small),
        slow=True,
    ),
)


def text_of(make: Callable[[str], str]) -> Edit:
    """Change the notebook's file as text."""

    def submit(folder: Path) -> None:
        (path,) = folder.glob("*.ipynb")
        path.write_text(make(path.read_text(encoding="utf-8")), encoding="utf-8")

    return submit


def many_cells(count: int) -> Edit:
    def edit(notebook: dict[str, Any]) -> None:
        cell = {"cell_type": "markdown", "metadata": {}, "source": "x", "id": "x"}
        notebook["cells"] += [dict(cell) for _ in range(count)]

    return edit_json(edit)


def attach(size: int) -> Edit:
    def edit(notebook: dict[str, Any]) -> None:
        picture = {"picture.png": {"image/png": "A" * size}}
        notebook["cells"].append(
            {"cell_type": "markdown", "metadata": {}, "source": "![](attachment:picture.png)", "attachments": picture}
        )

    return edit_json(edit)


PARSERS: tuple[Case, ...] = (
    Case(
        46,
        "C",
        "a number of a million digits in the notebook's JSON is refused",
        text_of(lambda text: text.replace('"nbformat": 4', '"nbformat": ' + "4" * 10**6)),
        refused("arena.ipynb"),
    ),
    Case(
        46,
        "C",
        "JSON nested five thousand deep is refused or read",
        text_of(
            lambda text: text.replace('"metadata": {', '"deep": ' + "[" * 5000 + "]" * 5000 + ', "metadata": {', 1)
        ),
        lambda outcome: unaffected(outcome) if outcome.record.notebooks else refused("nested")(outcome),
    ),
    Case(
        46,
        "C",
        "JSON nested a million deep is refused",
        text_of(lambda text: "[" * 10**6 + text),
        refused("nested"),
    ),
    Case(
        46,
        "C",
        "a hundred thousand cells are refused before they cost time",
        many_cells(100_000),
        refused("arena.ipynb", "2,000 cells", "found 100,0"),
    ),
    Case(
        46,
        "C",
        "a picture of two hundred megabytes makes the notebook too large, in a sentence",
        attach(200 * 10**6),
        refused("arena.ipynb", "bytes"),
        soak=False,
        slow=True,
    ),
    Case(
        46,
        "C",
        "a line of a million characters is a line",
        append("scale", "long = '" + "x" * 10**6 + "'"),
        unaffected,
    ),
    Case(
        46,
        "C",
        "text that sends the renderers of Markdown and of tracebacks back and forth is shown in time",
        lambda folder: (
            [
                new_cell(text, cell_type="markdown")(folder)
                for text in ("[" * 20_000, "> " * 5_000 + "x", "*a **a " * 10_000, "`" * 30_001 + "x", "![a](" * 8_000)
            ]
            and None
        ),
        unaffected,
    ),
    Case(
        46,
        "C",
        "escapes by the hundred thousand are shown in time",
        append("scale", "raise ValueError('\\x1b[1;31m\\x1b[0;4m' * 10**5)"),
        all_of(unaffected, small),
    ),
    Case(
        46,
        "C",
        "tables nested ten thousand deep are shown in time",
        append("scale", "from IPython.display import HTML\ndisplay(HTML('<table><tr><td>' * 2_500))"),
        all_of(unaffected, small),
    ),
    Case(
        46,
        "C",
        "a file beside the notebook that is too large is left out, with its name",
        write_file("big.bin", b"\0" * (2**20)),
        unaffected,
        soak=False,
    ),
)

CASES: tuple[Case, ...] = (*OUTPUT, *PARSERS)

"""Reading tables: whatever the bytes are, they are read whole or refused in a sentence."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.course.csv_table import read_csv_table, seen
from autograder.course.roster_file import read_roster_file
from autograder.errors import UsageError
from autograder.exports.canvas import read_canvas
from autograder.exports.moodle import read_moodle

PIECES = st.sampled_from(
    [
        "id",
        "name",
        "ID",
        "Student",
        "Section",
        "ID number",
        "ada",
        ",",
        ";",
        "\t",
        "\n",
        "\r",
        "\r\n",
        '"',
        '""',
        " ",
        "\u200b",
        "=1",
        "(",
    ]
)
CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "table.csv"


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=60) | st.lists(PIECES, max_size=25).map(lambda found: "".join(found).encode()))
@example(content=b"id\rada\r")
@example(content=b"\xff\xfei\x00d")
@example(content=b'"')
@example(content=b"Student,ID,Section\n,,\n")
def test_any_bytes_are_read_or_refused_in_one_line(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read in (read_roster_file, read_canvas, read_moodle):
        said = str(path)
        try:
            read(path)
        except UsageError as error:
            said = str(error)
        assert str(path) in said


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5),
    separator=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_spreadsheet_writes_is_read_as_it_was(
    path: Path, rows: list[list[str]], separator: str, encoding: str, ending: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "name", "email"], *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    table = read_csv_table(path, "a table")
    assert table.columns == ("id", "name", "email")
    assert [list(row.cells) for row in table.rows] == [row for row in rows if any(cell.strip() for cell in row)]


def test_a_row_knows_the_line_it_begins_on(path: Path) -> None:
    path.write_text('id,name\n\nada,"A\nL"\n,,\nbela,B\n', encoding="utf-8")
    assert [(row.line, row.cells[0]) for row in read_csv_table(path, "a roster").rows] == [(3, "ada"), (6, "bela")]


def test_two_columns_of_one_name_are_refused_when_they_are_asked_for(path: Path) -> None:
    path.write_text("id,Id,name\n1,2,x\n", encoding="utf-8")
    table = read_csv_table(path, "a roster")
    assert table.column("NAME") == 2
    assert table.column("email") is None
    with pytest.raises(UsageError, match=r"expected one column `id` in .*, found 2; rename or remove one"):
        table.column("id")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" ada\u00a0", "ada"),
        ("a\u200bda", "ada"),
        ("\ufeffada", "ada"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("a b", "a b"),
        ("", ""),
    ],
)
def test_text_is_read_as_a_person_sees_it(written: str, read: str) -> None:
    assert seen(written) == read

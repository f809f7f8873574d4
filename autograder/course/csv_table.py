"""Tables that people and learning platforms saved as CSV: read whole, or refused in a sentence that says where."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError

MOST_BYTES = 64 * 2**20
SEPARATORS = (",", ";", "\t")
# How files begin that are often renamed or chosen by mistake.
KINDS = {
    b"PK\x03\x04": "an Excel workbook or another zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row.

    Attributes:
        line: The line of the file it begins on.
        cells: Its cells as they stand there, at least as many as there are columns.
    """

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A table.

    Attributes:
        path: The file.
        columns: The headings, without white space around them and characters that nobody sees.
        rows: All rows below them in which anything stands.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[CsvRow, ...]

    def column(self, name: str) -> int | None:
        """Where the column of that heading is, in capital letters or not; None where there is none.

        Raises:
            UsageError: Two columns have it.
        """
        found = [index for index, one in enumerate(self.columns) if one.casefold() == name.casefold()]
        if len(found) > 1:
            raise UsageError(f"expected one column `{name}` in {self.path}, found {len(found)}; rename or remove one")
        return found[0] if found else None


def read_csv_table(path: Path, what: str) -> CsvTable:
    """Read a table with one line of headings: separated by commas, semicolons or tabs, in UTF-8 or marked UTF-16.

    Other encodings look alike and are not guessed at: a wrong guess is a wrong name that nobody notices.

    Args:
        path: The file.
        what: What it is expected to be, for messages: "a roster".

    Raises:
        UsageError: It cannot be read, is no text, or is no table.
    """
    text = _text(path, what)
    if "\n" not in text:
        text = text.replace("\r", "\n")  # as spreadsheets on old Macs end lines
    separator = _separator(text)
    # Not strict, the reader would take everything after a forgotten quotation mark for one cell, and lose it silently.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins, rows = 1, []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(CsvRow(begins, tuple(cells)))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(
            f"expected {what} (CSV) at {path}, found on line {begins} what is none ({error}); correct it: a cell with "
            "quotation marks, separators or line ends in it stands between quotation marks, and those in it are doubled"
        ) from error
    if not rows:
        raise UsageError(f"expected {what} (CSV) at {path}, found nothing in it; save or download it again")
    columns = tuple(seen(cell) for cell in rows[0].cells)
    while columns and not columns[-1]:
        columns = columns[:-1]
    missing = [""] * len(columns)
    body = (CsvRow(row.line, (*row.cells, *missing[len(row.cells) :])) for row in rows[1:])
    return CsvTable(path, columns, tuple(body))


def seen(text: str) -> str:
    """`text` as a person sees it: composed letters, no white space around it, no characters without a shape."""
    if text.isascii() and text.isprintable():
        return text.strip()  # nearly all there is; a large file has millions of cells
    shown = "".join(one for one in text if unicodedata.category(one) not in {"Cc", "Cf"} or one in "\t\r\n")
    return unicodedata.normalize("NFC", shown).strip()


def _text(path: Path, what: str) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(
                f"expected {what} (CSV) of at most {MOST_BYTES // 2**20} MiB at {path}, found {size // 2**20} MiB; "
                "is it another file?"
            )
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"expected {what} (CSV, UTF-8) at {path}, received {error.strerror}; correct it") from error
    again = 'save it again as "CSV UTF-8"'
    for sign, kind in KINDS.items():
        if content.startswith(sign):
            raise UsageError(f"expected {what} (CSV, UTF-8) at {path}, found {kind}; {again}")
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        where, line = error.start, content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"expected {path} in UTF-8, found byte {content[where]:#x} on line {line}, which is none; {again}"
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UsageError(f"expected {what} (CSV, UTF-8) at {path}, found a NUL on line {line}: no text; {again}")
    return text


def _separator(text: str) -> str:
    """The separator that makes most of the first line with anything on it; a comma where all make the same."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=lambda one: len(next(csv.reader([first], delimiter=one), [])))

"""Tables for spreadsheet programs: what such a program would run is made text, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

Value = str | int | float | Decimal | None

CELL_CHARACTERS = 32_000
"""The longest text of one cell, in characters; Excel cuts at 32,767 and spreads the rest over what follows."""

BYTE_ORDER_MARK = "\ufeff"

# Everything a spreadsheet may read as the beginning of a formula: = + - @ and their full-width, small, raised and
# lowered forms.
FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u208c\u208a\ufb29"
# What may stand before such a sign and be trimmed: white space, quotes, control and unseen characters. With them the
# separators that other locales split cells at, quotation marks or not: `;`, tab, line feed.
_SEPARATORS = ";\t\r\n"
_GAP = re.compile(
    "[\\s\"'`\u2018\u2019\u201c\u201d;\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def as_text(text: str) -> str:
    """`text` as a cell that no spreadsheet runs: an apostrophe stands before what would begin a formula.

    A formula begins at the start of the cell or after a separator (a program set to `;` splits at it whatever is
    quoted), behind any white space and quotes. All other text stays as it is, but for NUL and lone surrogates, which
    no file should hold.
    """
    text = _SURROGATE.sub("\ufffd", text[:CELL_CHARACTERS])
    pieces: list[str] = []
    position = 0
    # Gap by gap, each looked at once: a pattern that looked ahead from every tab would take hours over a megabyte.
    for gap in _GAP.finditer(text):
        pieces.append(text[position : gap.start()])
        found, position = gap[0], gap.end()
        begins_formula = text[position : position + 1] in FORMULA_SIGNS and position < len(text)
        if gap.start() == 0 and (begins_formula or found[0] in "\t\r\n\0"):
            pieces.append("'")
        pieces.append(found)
        if begins_formula and any(sign in found for sign in _SEPARATORS):
            pieces.append("'")
    pieces.append(text[position:])
    marked = "".join(pieces).replace("\0", "\u2400")
    return f"'{marked}" if text[:1] and text[0] in FORMULA_SIGNS else marked


def render_table(columns: Sequence[str], rows: Iterable[Sequence[Value]], *, byte_order_mark: bool = False) -> str:
    """A table as the text of a CSV file: every cell in quotes, lines that end as RFC 4180 has them.

    Args:
        columns: The headings.
        rows: The values; text goes through `as_text`, numbers are written as numbers (a negative score is no formula),
            None is an empty cell.
        byte_order_mark: Begin with the mark by which Excel knows UTF-8; programs that read CSV by the letter do not
            expect it.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([as_text(column) for column in columns])
    writer.writerows([[as_text(value) if isinstance(value, str) else value for value in row] for row in rows])
    return (BYTE_ORDER_MARK if byte_order_mark else "") + text.getvalue()

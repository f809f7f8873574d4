"""Tables for spreadsheets: no cell is a formula, and what is no formula comes back as it was."""

from __future__ import annotations

import csv
import io
import time
import unicodedata

import pytest

from autograder.spreadsheet import BYTE_ORDER_MARK, CELL_CHARACTERS, FORMULA_SIGNS, as_text, render_table

FORMULAS = [
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1",
    "-1",
    "@SUM(1,1)",
    '=HYPERLINK("http://127.0.0.1:9/?"&A1,"click")',
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    "=1\n=2",
]


def read_back(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("before", ["", " ", "\t", "\r", "\n", '"', "'", " \u00a0\ufeff\u200b", "\x00", '\t " '])
def test_a_formula_has_an_apostrophe_before_it_whatever_hides_it(formula: str, before: str) -> None:
    cell = as_text(before + formula)
    assert cell[0] == "'"
    assert cell[1:].replace("\u2400", "\x00").startswith(before)


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n", " ; ", ';"'])
def test_a_formula_behind_a_separator_of_other_locales_has_one_too(separator: str) -> None:
    assert as_text(f"Smith{separator}=1+1") == f"Smith{separator}'=1+1"


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\x00"])
def test_a_cell_that_begins_with_a_control_character_is_text(start: str) -> None:
    assert as_text(f"{start}ada")[0] == "'"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "Zoë O'Neill-Smith",
        "a=b",
        "x - y + z @ home",
        "name@example.org",
        'said "yes", twice',
        "two\nlines",
        "a; b",
        "李雷",
        "100 %",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert as_text(text) == text


def test_every_form_of_the_signs_that_unicode_folds_into_one_is_known() -> None:
    folded = {chr(code) for code in range(0x110000) if unicodedata.normalize("NFKC", chr(code))[:1] in set("=+-@")}
    # Those that begin with a sign and hold more (⩵ is "=="): no program takes a ligature for a formula.
    assert {sign for sign in folded if len(unicodedata.normalize("NFKC", sign)) == 1} == set(FORMULA_SIGNS)


def test_numbers_stay_numbers_and_nothing_stays_nothing() -> None:
    text = render_table(["a", "b", "c", "d"], [[-1.5, -2, None, "-2"]])
    assert text == '"a","b","c","d"\r\n"-1.5","-2","","\'-2"\r\n'


@pytest.mark.parametrize("text", [*FORMULAS, 'a,"b";c', "line\r\nline", "x\ty", "'", '"', "e\u0301\u202e", "\x00"])
def test_a_table_comes_back_through_csv_cell_by_cell(text: str) -> None:
    rows = [[text, 1, text], ["next", -2.5, ""]]
    expected = [["n", as_text(text), "x"], [as_text(text), "1", as_text(text)], ["next", "-2.5", ""]]
    assert read_back(render_table(["n", text, "x"], rows)) == expected


def test_the_byte_order_mark_is_written_when_asked_for() -> None:
    assert render_table(["é"], [], byte_order_mark=True) == BYTE_ORDER_MARK + '"é"\r\n'


def test_half_a_character_leaves_a_valid_file() -> None:
    assert render_table(["x"], [["half \ud83d"]]).encode() == '"x"\r\n"half \ufffd"\r\n'.encode()


@pytest.mark.parametrize("text", ["\t" * 1_000_000, ";" * 1_000_000 + "=", "= ;" * 400_000])
def test_a_long_cell_is_cut_and_takes_no_time(text: str) -> None:
    began = time.process_time()
    assert len(as_text(text)) <= 2 * CELL_CHARACTERS
    assert time.process_time() - began < 0.5

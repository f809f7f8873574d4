"""docs/security.md promises what the cases try: every number, with the same word."""

from __future__ import annotations

from tests.adversarial.catalogue import NOT_HERE, NUMBERS
from tests.adversarial.promises import GROUPS, PAGE, ROWS, disagreements, page_with_table


def test_every_number_has_a_row_in_one_group() -> None:
    assert list(ROWS) == list(NUMBERS)
    assert [number for numbers, _ in GROUPS.values() for number in numbers] == list(NUMBERS)


def test_the_table_promises_what_the_cases_try() -> None:
    assert disagreements() == []


def test_what_cannot_be_tried_here_is_not_promised() -> None:
    assert all(ROWS[number].promises == ("not promised",) for number in NOT_HERE)


def test_the_page_has_the_table_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with_table(page), "run `python -m tests.adversarial.promises`"

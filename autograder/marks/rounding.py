"""Rounding and letters, and how numbers are written where people check them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from autograder.course import Policies

DECIMALS_SHOWN = 4


def round_half_away(value: Fraction, decimals: int) -> Decimal:
    """Round to `decimals` places; what lies half-way goes away from zero: 84.25 becomes 84.3, -84.25 becomes -84.3."""
    scaled = abs(value) * 10**decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if value < 0 else whole).scaleb(-decimals)


def letter_of(rounded: Decimal, policies: Policies) -> str | None:
    """The letter of a rounded mark: what students see decides, not digits that nobody sees. None without letters."""
    return next((one.letter for one in policies.letters if rounded >= Decimal(repr(one.at_least))), None)


def figure(value: Fraction) -> str:
    """A number to four decimals, without zeros at its end: "0.6667"."""
    text = f"{round_half_away(value, DECIMALS_SHOWN):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def equals(value: Fraction) -> str:
    """A number with the sign before it that says whether it is exact: "= 0.9", "≈ 0.6667"."""
    sign = "=" if (value * 10**DECIMALS_SHOWN).denominator == 1 else "≈"
    return f"{sign} {figure(value)}"

"""Reading a number as people write it: signs of per cent, units, commas and blanks between digits."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

PERCENT = frozenset({"%", "percent", "per cent", "pct"})
NOT_FINITE = frozenset({"nan", "inf", "infinity", "∞"})
MOST_DIGITS = 30

_NUMBER = re.compile(
    r"(?P<sign>[+-]?) ?(?P<digits>\d[\d _.,'’]*|\.\d+)"
    r"(?P<power>e[+-]?\d{1,4}|[x×*·] ?10 ?(?:\^|\*\*) ?[+-]?\d{1,4})?(?P<rest>.*)",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,15})?) ?/ ?(\d{1,15}(?:\.\d{1,15})?)")


class NotUnderstood(ValueError):
    """An answer that cannot be read as what is asked for."""


def read_number(answer: Any, units: Sequence[str], *, whole: bool) -> tuple[int | float, str]:
    """The number an answer means, and what to know about its form.

    Args:
        answer: A plain value.
        units: What may stand behind the number; `%` as the first means that the answer is counted in per cent.
        whole: Whether only whole numbers are answers.

    Raises:
        NotUnderstood: It is no finite number, or stands in another unit.
    """
    word = ""
    if isinstance(answer, (list, tuple)) and len(answer) == 1:
        answer, word = answer[0], "a number is written without brackets"
    if isinstance(answer, bool):
        raise NotUnderstood(f"expected a number, received {answer}")
    if isinstance(answer, str):
        value, said = _parsed(answer, units)
        word = said or word
    elif isinstance(answer, (int, float)):
        value = answer
    else:
        kind = getattr(answer, "kind", None)
        kind = kind if isinstance(kind, str) else type(answer).__name__
        found = "one of many digits" if kind == "int" else f"an object of class {kind[:40]}"
        raise NotUnderstood(f"expected a number, received {found}")
    if isinstance(value, float) and not math.isfinite(value):
        raise NotUnderstood(f"expected a finite number, received {value}")
    if isinstance(value, float) and value.is_integer() and (whole or abs(value) < 1e15):
        value = int(value)
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise NotUnderstood("expected a number, received one of many digits")
    if whole and not isinstance(value, int):
        raise NotUnderstood(f"expected a whole number, received {value}")
    return value, word


def _parsed(answer: str, units: Sequence[str]) -> tuple[int | float, str]:
    text = " ".join(re.sub("[−–]", "-", answer).split()).lstrip("=≈~ ").strip("'\"` ")
    if text.casefold().lstrip("+- ") in NOT_FINITE:
        raise NotUnderstood(f"expected a finite number, received {text}")
    if (parts := _FRACTION.fullmatch(text)) is not None and float(parts[2]):
        value = float(parts[1]) / float(parts[2])
        return value, f"the fraction is read as {value:.6g}"
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise NotUnderstood(f"expected a number, received the text {answer[:40]!r}")
    digits, word = _digits(match["digits"].strip())
    power = re.sub(r"^(e|.*(\^|\*\*))", "", (match["power"] or "").casefold()).replace(" ", "")
    is_whole = "." not in digits and not power
    value = int(match["sign"] + digits) if is_whole else float(f"{match['sign']}{digits}e{power or 0}")
    return _in_its_unit(value, match["rest"].strip(), units, word)


def _in_its_unit(value: int | float, rest: str, units: Sequence[str], word: str) -> tuple[int | float, str]:
    unit = rest.casefold().rstrip(".")
    if not unit:
        return value, word
    if unit in PERCENT:
        if units[:1] == ["%"]:
            return value, "the answer is counted in per cent: the number alone is enough"
        return value / 100, f"read as {value} per cent, which is {value / 100:.6g}"
    if unit in {one.casefold() for one in units}:
        return value, word or "the number alone is enough"
    wanted = f"a number (in {units[0]})" if units else "a number"
    raise NotUnderstood(f"expected {wanted}, received {rest[:30]!r} behind it; write the number alone")


def _digits(text: str) -> tuple[str, str]:
    """The digits with a decimal point, and what to know about how they were grouped."""
    text = text.rstrip(",")
    if len(text) > 2 * MOST_DIGITS:
        raise NotUnderstood("expected a number, received one of many digits")
    if re.fullmatch(r"\d+\.?\d*|\.\d+", text):
        return text, ""
    if re.fullmatch(r"\d{1,3}([ _'’]\d{3})+([.,]\d+)?", text):
        digits = re.sub(r"[ _'’]", "", text).replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?", text):
        digits = text.replace(",", "")
    elif re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+,\d+|[1-9]\d{0,2}(\.\d{3}){2,}", text):
        digits = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d+", text):
        return text.replace(",", "."), f"the comma is read as a decimal point: {text.replace(',', '.')}"
    else:
        raise NotUnderstood(f"expected a number, received the text {text[:40]!r}")
    return digits, "signs between groups of three digits are read as separators of thousands"

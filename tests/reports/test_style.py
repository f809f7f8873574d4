"""The style sheet: contrast in both modes, and nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from autograder.reports.page import TEMPLATES

STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")
PAIRS = (
    *((ink, ground) for ink in ("ink", "quiet", "accent") for ground in ("paper", "sheet", "well")),
    *((verdict, f"{verdict}-wash") for verdict in ("passed", "partly", "failed", "unjudged", "skipped")),
    *((verdict, "sheet") for verdict in ("passed", "partly", "failed", "unjudged", "skipped")),
    *((verdict, "paper") for verdict in ("passed", "partly", "failed", "unjudged", "skipped")),
    *((f"code-{kind}", "well") for kind in ("word", "string", "number", "name", "comment")),
    ("ink", "failed-wash"),
    ("ink", "unjudged-wash"),
    ("on-hit", "series-0"),
)


def colours(mode: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, flags=re.DOTALL)[:2]
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", light))
    return found | (dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", dark)) if mode == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(mode: str, ink: str, ground: str) -> None:
    found = colours(mode)
    low, high = sorted((luminance(found[ink]), luminance(found[ground])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_black_on_white_is_the_greatest_contrast() -> None:
    assert luminance("#ffffff") == pytest.approx(1.0)
    assert luminance("#000000") == 0.0


def test_the_style_sheet_loads_nothing_and_cannot_end_its_element() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "<" not in STYLE


def test_there_are_rules_for_dark_mode_narrow_screens_and_print() -> None:
    assert "prefers-color-scheme: dark" in STYLE
    assert "@media (max-width" in STYLE
    assert "@media print" in STYLE

"""The words, symbols and number formats of the reports: said one way everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from autograder.reports.sanitise import one_line
from autograder.results import CheckResult, Evidence, ProtectionLevel, Status

MINUS = "\u2212"

# Not strftime's: a report reads the same whatever the grader's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Mark:
    """A verdict as people see it: a symbol, a word, and the style class that colours both."""

    symbol: str
    word: str
    style: str


PASSED = Mark("✓", "Passed", "passed")
PARTLY = Mark("◐", "Partly passed", "partly")
FAILED = Mark("✗", "Not passed", "failed")
UNJUDGED = Mark("?", "Could not judge", "unjudged")
SKIPPED = Mark("\u2013", "Skipped", "skipped")

STATUSES: Mapping[Status, Mark] = {
    "graded": Mark("✓", "Graded", "passed"),
    "needs_review": Mark("…", "Waiting for a person", "skipped"),
    "could_not_judge": Mark("?", "Could not be judged", "unjudged"),
}

EVIDENCE: Mapping[Evidence, str] = {
    "measured": "Your code's answers were compared with values that were kept away from it.",
    "recomputed": "Your model was rebuilt from its configuration and weights and asked again, without the rest of "
    "your code.",
    "reported": "Your program said so about itself, and nothing else confirmed it.",
}

PROTECTION: Mapping[ProtectionLevel, str] = {
    "strong": "The code ran in a sandbox of the strong level: no network, no other files, and limits on time, memory "
    "and disk that the operating system enforces for the whole run.",
    "good": "The code ran in a sandbox of the good level: no network, no other files, and limits on time, memory and "
    "disk for each process.",
    "none": "The code ran without a sandbox. It could reach the files and the network of the machine that graded it, "
    "so these marks rest on trust.",
    "not_run": "No code of this submission was run.",
}


def verdict_of(check: CheckResult) -> Mark:
    """The verdict of a check as people see it; a failed check that earned a share is partly passed."""
    if check.verdict == "failed" and check.fraction:
        return PARTLY
    return {"passed": PASSED, "failed": FAILED, "could_not_judge": UNJUDGED, "skipped": SKIPPED}[check.verdict]


def number(value: float) -> str:
    """Points as people write them: at most two decimals, none that are zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text.replace("-", MINUS)


def points(value: float) -> str:
    """`3.5 points`, `1 point`."""
    return f"{number(value)} point" + ("" if number(value) == "1" else "s")


def percent(share: float) -> str:
    """A share of 1 as a whole percentage; anything short of all stays below 100 %."""
    rounded = int(100 * share + 0.5)
    if rounded == 100 and share < 1:
        rounded = 99
    return f"{rounded} %"


def count(quantity: int, noun: str) -> str:
    """`1 check`, `3 checks`."""
    return f"{quantity:,} {noun}" + ("" if quantity == 1 else "s")


def duration(seconds: float) -> str:
    """A time in its two largest units: `2 days 3 hours`, `1 minute 5 seconds`, `0.4 seconds`."""
    if seconds < 10:
        tenths = number(round(seconds, 1))
        return f"{tenths} second" + ("" if tenths == "1" else "s")
    left = round(seconds)
    parts: list[str] = []
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        quantity, left = divmod(left, size)
        if quantity:
            parts.append(count(quantity, unit))
        if len(parts) == 2 or (parts and not quantity):
            break
    return " ".join(parts)


def moment(timestamp: str) -> str:
    """An ISO timestamp as `2 March 2026, 14:05 UTC`; anything else as it is."""
    try:
        when = datetime.fromisoformat(timestamp)
    except ValueError:
        return one_line(timestamp, 40)
    month = _MONTHS[when.month - 1]
    zone = when.tzname() or ""
    return f"{when.day} {month} {when.year}, {when:%H:%M} {zone}".rstrip()


def title_of(name: str, titles: Mapping[str, str]) -> str:
    """What people call a cell, notebook or assignment: its title, or its name read as a phrase."""
    if name in titles:
        return one_line(titles[name])
    phrase = one_line(name.replace("_", " ").replace("-", " "))
    return phrase[:1].upper() + phrase[1:]

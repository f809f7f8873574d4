"""What waits for a person, the most urgent first: from what the gradebook says and what the results say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.review.digests import CheckDigest, Digest
from autograder.review.names import Names
from autograder.review.standing import CellName, Standing

Kind = Literal["unjudged", "disagreement", "flagged", "again", "hand", "settled"]

KINDS: Mapping[Kind, str] = {
    "unjudged": "Could not judge",
    "disagreement": "Evidence disagrees",
    "flagged": "Flagged",
    "again": "Graded anew since a person's mark",
    "hand": "To mark by hand",
    "settled": "Nothing to do",
}
"""The kinds in the order in which they are to be looked at, each with what a page calls it."""

WHOLE: CellName = ("", "")
"""In place of a question: the whole submission."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the queue.

    Attributes:
        student: The student's id.
        name: Notebook and cell; `WHOLE` where nothing of a submission could be judged.
        kind: Why it is there.
        why: The same in a sentence, where there is more to say.
        checks: The question's checks that did not pass or have a flag.
        score: The mark that stands; None where there is none.
        points: The most it can earn.
    """

    student: str
    name: CellName
    kind: Kind
    why: str
    checks: tuple[CheckDigest, ...]
    score: float | None
    points: float


@dataclass(frozen=True)
class Wanted:
    """What the queue is narrowed to; an empty string asks for everything.

    Attributes:
        kind: A kind of item.
        question: `notebook/cell`.
        student: The beginning of a student's name as pages show it, or as addresses do.
        check: The name of a check that did not pass, or has a flag.
        everything: Also what waits for nobody.
    """

    kind: str = ""
    question: str = ""
    student: str = ""
    check: str = ""
    everything: bool = False


def items(standings: Iterable[Standing], digests: Mapping[str, Digest]) -> list[Item]:
    """What there is to say of each question; of a submission that could not be judged, once for the whole of it.

    Args:
        standings: The questions; of submissions that could not be judged, all of them.
        digests: What results say.
    """
    found, open_points = [], {student: 0.0 for student, digest in digests.items() if digest.unreadable}
    for one in standings:
        if one.student not in open_points:
            found.append(item_of(one, digests.get(one.student)))
        elif one.mark is None:  # an earlier work's automatic mark stands, and this work has none
            open_points[one.student] += one.points
    found += [
        Item(student, WHOLE, "unjudged", digests[student].unreadable, (), None, points)
        for student, points in open_points.items()
        if points
    ]
    return found


def narrowed(
    found: Iterable[Item], wanted: Wanted, names: Names, place: Callable[[CellName], tuple[int, CellName]]
) -> list[Item]:
    """The items that are wanted, the most urgent first, then question by question, then by the names that are shown.

    Args:
        found: The items.
        wanted: What is asked for.
        names: How students are called.
        place: What to sort questions by.
    """
    order = {kind: place for place, kind in enumerate(KINDS)}
    who = wanted.student.strip().casefold()
    kept = [
        (order[item.kind], place(item.name), names.address(item.student), item)
        for item in found
        if wanted.kind in ("", item.kind)
        and wanted.question in ("", question_key(item.name))
        and (not wanted.check or any(check.name == wanted.check for check in item.checks))
        and (not who or _begins(item.student, who, names))
    ]
    return [item for *_, item in sorted(kept, key=lambda one: one[:3])]


def counts_of(found: Iterable[Item]) -> dict[Kind, int]:
    """How many items there are of each kind."""
    counts = dict.fromkeys(KINDS, 0)
    for item in found:
        counts[item.kind] += 1
    return counts


def questions_in(found: Iterable[Item]) -> list[CellName]:
    """The questions that occur, in order."""
    return sorted({item.name for item in found if item.name != WHOLE})


def checks_in(found: Iterable[Item]) -> list[tuple[str, str]]:
    """The checks that occur, each with its sentence, in the order of their names."""
    return sorted({check.name: check.sentence for item in found for check in item.checks}.items())


def question_key(name: CellName) -> str:
    """A question in an address: `notebook/cell`."""
    return "/".join(name) if name != WHOLE else ""


def question_of(key: str, known: Sequence[CellName]) -> CellName | None:
    """The question that a key of an address means; None: there is none."""
    return next((name for name in known if question_key(name) == key), None)


def _begins(student: str, who: str, names: Names) -> bool:
    return names.shown(student).casefold().startswith(who) or names.address(student).casefold().startswith(who)


def item_of(one: Standing, digest: Digest | None) -> Item:
    """What there is to say of one question."""
    cell = None if digest is None else digest.cells.get(one.name)
    checks = () if cell is None else cell.checks
    kind, why = _kind(one, digest)
    return Item(one.student, one.name, kind, why, checks, one.score, one.points)


def _kind(one: Standing, digest: Digest | None) -> tuple[Kind, str]:
    if digest is not None and digest.unreadable and one.mark is None:
        return "unjudged", digest.unreadable
    if not one.waits:
        return "settled", ""
    if one.mark is not None:
        return "again", f"A person gave {one.mark:g} of {one.points:g} points before."
    cell = None if digest is None else digest.cells.get(one.name)
    if cell is not None and cell.trouble:
        return cell.trouble, cell.why
    return ("hand", "") if one.automatic is None else ("flagged", "It waits for a person, and no reason is on record.")

"""The record of an audit: what `autograder audit --json` writes (docs/audit-json.md), and all that its tables show.

The docstring below each key is what docs/audit-json.md says of it: `make docs` writes the page.
"""

from __future__ import annotations

from typing import Literal

from autograder.results import Evidence, Fraction, Record

AUDIT_SCHEMA_VERSION: Literal[1] = 1

Kind = Literal["reference", "untouched", "right", "wrong"]


class VariantAudit(Record):
    """What became of one variant."""

    name: str
    """Its name in variants.py; `reference` and `untouched` for the lab's own solution and for none."""
    kind: Kind
    """What it is: `right` ones may lose nothing, `wrong` ones have to lose marks where they say."""
    sentence: str
    """What is wrong, or different, about it."""
    loses: tuple[str, ...]
    """The tests cells that it has to lose marks in, by its own declaration."""
    fractions: dict[str, Fraction | None]
    """The share of each tests cell's points that it earned under the first seed; null where a check could not judge.
    Cells that were not asked are left out: those that rest on nothing which the variant changes and, but for `--whole`,
    those that a wrong one does not have to lose."""
    problems: tuple[str, ...]
    """What is not as it should be, under any seed, one sentence each."""
    flags: tuple[str, ...]
    """Why a person would have to look at it although there is a mark, one sentence each."""
    seconds: float
    """Wall-clock time of all its runs."""


class MutantAudit(Record):
    """What became of one generated mistake."""

    id: str
    """Its operator, its cell and a digest of the change: the same as long as the line it changes is the same."""
    operator: str
    """The kind of mistake."""
    cell: str
    """The solution cell it is made in."""
    line: int
    """The line of that cell, from 1, solution markers not counted."""
    diff: str
    """The change."""
    caught_by: str
    """The check, or the tests cell without checks, that gave less than full marks; empty where none did."""
    equivalent: str
    """Why it is no mistake, from equivalent.toml; empty for one that is."""
    fault: str
    """What kept a check from judging; empty where nothing did."""


class MutantsAudit(Record):
    """What became of the generated mistakes."""

    made: int
    """How many the operators make of the lab's solution."""
    tried: tuple[MutantAudit, ...]
    """Those that were tried, in the order of the notebook."""
    problems: tuple[str, ...]
    """What is not as it should be, one sentence each."""
    seconds: float
    """Wall-clock time of all of them."""


class LabAudit(Record):
    """What became of one lab."""

    lab: str
    """Its name."""
    seeds: int
    """How many seeds it was tried under."""
    repeats: int
    """How often the reference was graded to see that its marks are the same; 0 when that was not asked for."""
    points: dict[str, float]
    """The points of each tests cell."""
    variants: tuple[VariantAudit, ...]
    """The reference, the untouched notebook, the right variants, the wrong ones."""
    evidence: dict[Evidence, float]
    """The points that rest on each kind of evidence."""
    notebook_seconds: float
    """Wall-clock time of the reference's cells under the first seed."""
    checks_seconds: float
    """Wall-clock time of all checks of the reference under the first seed."""
    mutants: MutantsAudit | None
    """The generated mistakes; null where they were not asked for."""
    problems: tuple[str, ...]
    """Everything that is not as it should be, one sentence each; the audit fails unless this is empty."""
    seconds: float
    """Wall-clock time of the whole audit of the lab."""


class AuditReport(Record):
    """Everything that one run of the command found."""

    schema_version: Literal[1] = AUDIT_SCHEMA_VERSION
    """Version of this layout; it grows when a key changes its meaning or goes away."""
    labs: tuple[LabAudit, ...]
    """One entry for each lab that was audited."""

"""`autograder audit`: labs audited one after the other in the same warm slots, with progress, tables and a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from autograder.audit.audit import Plan, audit_lab
from autograder.audit.laboratory import Laboratory
from autograder.audit.progress import shown_progress
from autograder.audit.record import AuditReport, LabAudit
from autograder.audit.show import print_audit
from autograder.audit.slots import Slots
from autograder.authoring import list_labs
from autograder.course import Course
from autograder.errors import UsageError
from autograder.quizzes import is_quiz


@dataclass(frozen=True)
class AuditOptions:
    """How to audit.

    Attributes:
        plan: What is tried.
        workers: Slots side by side; as many as cores and memory allow when None.
        json: Where the record goes, if anywhere.
    """

    plan: Plan = field(default_factory=Plan)
    workers: int | None = None
    json: Path | None = None


def audit_and_show(console: Console, course: Course, labs: Sequence[str], options: AuditOptions) -> bool:
    """Audit labs of a course, all when none is named; whether everything is as it should be.

    Raises:
        UsageError: The course has no labs, or one of these does not exist.
    """
    names = _names(course, labs)
    audits: list[LabAudit] = []
    with shown_progress(console) as progress, Slots.open(course, options.workers) as slots:
        for name in names:

            def done(words: str, name: str = name) -> None:
                progress(f"{name}: {words}")

            done("making the release")
            with Laboratory.open(course, name, slots) as laboratory:
                audits.append(audit_lab(laboratory, options.plan, done))
            print_audit(console, audits[-1])
    if options.json is not None:
        options.json.write_text(AuditReport(labs=tuple(audits)).model_dump_json(indent=2) + "\n", encoding="utf-8")
    return not any(audit.problems for audit in audits)


def _names(course: Course, labs: Sequence[str]) -> tuple[str, ...]:
    # a quiz is proved whenever it is built: every answer to every variant, right and wrong
    labs_here = list_labs(course.reference) if course.reference is not None else ()
    known = tuple(name for name in labs_here if course.reference is not None and not is_quiz(course.reference / name))
    if not known:
        raise UsageError(f"expected labs in {course.root / 'reference'}, found none; there is nothing to audit")
    if unknown := [name for name in labs if name not in known]:
        raise UsageError(f"expected names of labs ({', '.join(known)}), received {unknown[0]!r}")
    return tuple(dict.fromkeys(labs)) or known

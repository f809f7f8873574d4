"""Grading one assignment of a class: prepare, execute and judge in parallel, save with one writer."""

from __future__ import annotations

import hashlib
import os
import socket
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from autograder.checks import load_checks
from autograder.course import (
    Course,
    Submission,
    list_submissions,
    read_timestamp,
)
from autograder.course.gradebook_engine import one_engine
from autograder.errors import AutograderError, CheckError, UsageError
from autograder.grading.basis import Basis
from autograder.grading.change_log import Reason
from autograder.grading.gradebook_file import GradebookFile
from autograder.grading.handed_in import handed_in_digest
from autograder.grading.interruption import Interruption
from autograder.grading.key import versions
from autograder.grading.ledger import Ledger, Reading, Why
from autograder.grading.outputs import tidy_outputs
from autograder.grading.pool import Outcome, Pool
from autograder.grading.prepare import Prepared, Refused, prepare, put_back_arrival, record_arrival
from autograder.grading.regrading import Move, move_of
from autograder.grading.save import comments_of, save, settle_all
from autograder.grading.scheduler import Scheduler
from autograder.grading.score import combine, score_notebook
from autograder.grading.scribe import Scribe
from autograder.grading.shortcut import Shortcut
from autograder.grading.still_true import still_true
from autograder.grading.store import Store, read_notebooks
from autograder.grading.task import Task
from autograder.grading.watch import Watch
from autograder.results import NotebookResult, Protection, Status, SubmissionResult
from autograder.sandbox import Limits
from autograder.sandbox.leftovers import sweep
from autograder.sandbox.wall import in_sight
from autograder.sandbox.warm import WARM_PROCESS_MIB

if TYPE_CHECKING:
    from autograder.grading.cluster import Cluster

MIB = 2**20
FAULT_CHARACTERS = 2000


@dataclass(frozen=True)
class Graded:
    """One submission's result.

    Attributes:
        result: What it earned, and why.
        fresh: Whether it had to be run for that.
        before: The result that stood until now, where there was one.
        move: What it makes of the mark in the gradebook; None where none stood there, or nothing was written.
        held: Whether it is held back, because the mark would fall: what stood until now stands.
    """

    result: SubmissionResult
    fresh: bool
    before: SubmissionResult | None = None
    move: Move | None = None
    held: bool = False

    @property
    def remarked(self) -> bool:
        """Whether the same work has another automatic mark than before."""
        known = self.before
        if known is None or not (known.notebooks and self.result.notebooks):
            return False
        return known.handed_in == self.result.handed_in and known.score != self.result.score


@dataclass(frozen=True)
class Options:
    """How to grade.

    Attributes:
        students: Only these; all when empty.
        workers: Slots side by side; as many as cores and memory allow when None.
        force: Run unchanged submissions again.
        sandboxed: False runs student code without walls, and every report says so.
        nbgrader_marks: Have nbgrader's own rules decide on tests cells without checks, as the course may ask for too.
        lower: Save what lowers a mark without asking anybody.
        scheduler: A Dask cluster to have submissions executed and judged by; this machine when None.
    """

    students: tuple[str, ...] = ()
    workers: int | None = None
    force: bool = False
    sandboxed: bool = True
    nbgrader_marks: bool = False
    lower: bool = False
    scheduler: Scheduler | None = None


Agreed = Callable[[Sequence[Graded]], bool]
"""Asked at the end of a run about all results that would lower a mark: whether they may."""


def nobody_agrees(held: Sequence[Graded]) -> bool:
    """Every mark that would fall stays as it is."""
    return False


def grade(
    course: Course,
    assignment: str,
    options: Options,
    interruption: Interruption | None = None,
    agreed: Agreed = nobody_agrees,
    watch: Watch | None = None,
) -> tuple[int, Iterator[Graded]]:
    """Grade an assignment; the number of submissions, and each one's result as it is saved.

    While iterating, KeyboardInterrupt comes once `interruption` has been asked for. What was graded stays graded. What
    would lower a mark comes last, after `agreed` has been asked about all of it; it is not asked with `options.lower`.
    `watch` is told what happens meanwhile.

    Raises:
        UsageError: No such assignment, student or submission, or unusable limits. Nothing has been graded.
        CheckError: The lab's checks cannot be loaded.
        SandboxUnavailable: While iterating: no sandbox here. What was graded before stays graded.
        GradebookError: While iterating: the gradebook cannot be read or written. Likewise.
    """
    run = Run(course, assignment, options, watch if watch is not None else Watch())
    return len(run.submissions), run.results(interruption if interruption is not None else Interruption(), agreed)


def emptied(graded: list[Graded]) -> Iterator[Graded]:
    """Each of them, taken out."""
    while graded:
        yield graded.pop(0)


def worker_limit(limits: Limits) -> int:
    """How many slots this machine's cores and free memory allow, at least 1."""
    cores = len(os.sched_getaffinity(0))
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(cores, pages // ((limits.memory_mib + WARM_PROCESS_MIB) * MIB)))


def flags_of(notebook: NotebookResult) -> tuple[str, ...]:
    """Why a person should look at a notebook and its cells although there is a mark."""
    return (*notebook.flags, *(flag for cell in notebook.cells for check in cell.checks for flag in check.flags))


@dataclass(frozen=True)
class _Started:
    """A submission that is being executed: what its result will say of it."""

    prepared: Prepared
    key: str
    handed_in: str
    started: str


@dataclass(frozen=True)
class _Complete:
    """A result with what saving it takes; its executed notebooks lie where the worker put them."""

    prepared: Prepared
    result: SubmissionResult
    why: Why
    fresh: bool


@dataclass
class Run:
    """One assignment's grading: `results` does it all; the steps of one submission are `take`, then `finish`.

    Attributes:
        watch: Told what happens.
        held: Results that would lower a mark, with what they would make of it: `decide` goes on with them.
        standing: The ledger as it was when the first result was held back.
    """

    course: Course
    assignment: str
    options: Options
    watch: Watch = field(default_factory=Watch)
    prepared: dict[str, _Started] = field(default_factory=dict)
    held: list[tuple[_Complete, Graded]] = field(default_factory=list)
    standing: Reading | None = None

    def __post_init__(self) -> None:
        self.require_out_of_sight()
        self.file = GradebookFile.of(self.course)
        if self.file is not None:
            self.file.require_sound()
        self.store = Store(self.course.results)
        self.ledger = Ledger(self.store.ledger)
        self.scribe = Scribe.of(self.course, "grade --force" if self.options.force else "grade")
        self.submissions = list_submissions(self.course, self.assignment, self.options.students)
        self.basis = Basis.of(
            self.course,
            self.assignment,
            sandboxed=self.options.sandboxed,
            nbgrader_marks=self.options.nbgrader_marks,
        )
        if self.basis.checks is not None:
            self.require_known_cells(self.basis.checks)
        self.shortcut = Shortcut(self.course, self.basis, self.store.prepared_path(self.assignment))

    def require_out_of_sight(self) -> None:
        """An environment made in the course's own folder would take the folder into every sandbox with it."""
        for folder in (self.course.root, self.course.results, self.course.reference):
            if self.options.sandboxed and folder is not None and in_sight(folder):
                raise UsageError(
                    f"expected {folder} outside of /usr and of Python's own folder ({sys.prefix}), which every "
                    "submission can read; move the course, or make the virtual environment in a folder of its own"
                )

    def require_known_cells(self, checks: Path) -> None:
        """A check on a cell that is not there would never be run, and nobody would notice."""
        with self.course.gradebook() as gradebook:
            released = gradebook.find_assignment(self.assignment)
            cells = {str(cell.name) for notebook in released.notebooks for cell in notebook.grade_cells}
        for check in load_checks(checks):
            if check.cell not in cells:
                raise CheckError(
                    f"check {check.name} in {checks} belongs to cell {check.cell!r}, which the released "
                    f"{self.assignment} does not have (it has {', '.join(sorted(cells))}); release the lab again"
                )

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Alone at work, with what a killed run left in order, and the gradebook backed up."""
        with self.store.locked(), one_engine():
            sweep()
            settle_all(self.course, self.assignment)
            if self.file is not None:
                self.file.back_up(datetime.now(UTC))
            self.scribe.catch_up(self.assignment)
            try:
                yield
            finally:
                self.shortcut.keep()

    def results(self, interruption: Interruption, agreed: Agreed = nobody_agrees) -> Iterator[Graded]:
        """Prepare, execute, save; then what may only be saved when it is agreed to."""
        at_once: list[Graded] = []
        waiting = iter(self.longest_first())

        def next_task() -> Task | None:
            for submission in waiting:
                interruption.check()
                task = self.take(submission, at_once)
                if task is not None:
                    return task
            return None

        with self.ready():
            first = None
            for submission in waiting:
                interruption.check()
                first = self.take(submission, at_once)
                yield from emptied(at_once)
                if first is not None:
                    break
            if first is not None:
                pending = [first]
                with self.pool() as pool:
                    for outcome in pool.run(lambda: pending.pop() if pending else next_task(), interruption):
                        yield from emptied(at_once)
                        graded = self.finish(outcome)
                        if not graded.held:
                            yield graded
            yield from emptied(at_once)
            interruption.check()
            yield from self.decide(agreed)

    def longest_first(self) -> list[Submission]:
        """The submissions, those that took longest when they last ran first: one of them begun last is waited for.

        What has never run is expected to take what half of the others took.
        """
        known = {one.student: result.seconds for one in self.submissions if (result := self.known(one.student))}
        usual = statistics.median(known.values()) if known else 0.0
        return sorted(self.submissions, key=lambda one: -known.get(one.student, usual))

    def pool(self) -> Pool | Cluster:
        """As many workers as were asked for, or as fit, and no more than there is work for."""
        if self.options.scheduler is not None:
            return self.cluster(self.options.scheduler)
        count = self.options.workers or worker_limit(self.basis.settings.limits)
        return Pool(self.basis.settings, min(count, len(self.submissions)), self.watch)

    def cluster(self, scheduler: Scheduler) -> Cluster:
        """The workers of a cluster, as many of them at a time as were asked for."""
        from autograder.grading.cluster import Cluster  # Dask is optional, and takes a while to import
        from autograder.grading.cluster_line import Line

        here = f"{socket.gethostname()}:{self.course.results.resolve()}"
        line = Line(scheduler, f"autograder-{hashlib.sha256(here.encode()).hexdigest()[:12]}")
        lab = self.basis.checks.parent if self.basis.checks is not None else None
        return Cluster(line, self.basis.settings, lab, self.options.workers, self.watch)

    def decide(self, agreed: Agreed) -> Iterator[Graded]:
        """Ask about everything that is held back, once, then save all of it or none."""
        if not self.held:
            return
        lower = agreed([graded for _, graded in self.held])
        for complete, graded in self.held:
            yield self.lower(complete, graded) if lower else graded
        self.held.clear()

    def known(self, student: str) -> SubmissionResult | None:
        """The result that stands."""
        return self.store.read(self.store.result_path(student, self.assignment))

    def take(self, submission: Submission, at_once: list[Graded]) -> Task | None:
        """Prepare a submission: a task when it has to be run, else its result in `at_once`."""
        student = submission.student
        handed_in = handed_in_digest(submission.folder)
        known = None if self.options.force else self.known(student)
        if known is not None and self.shortcut.stands(submission, handed_in, known):
            at_once.append(Graded(self.keep(submission, known, handed_in), fresh=False))
            return None
        prepared = prepare(self.course, submission, self.store.staging)
        if isinstance(prepared, Refused):
            at_once.append(Graded(self.refuse(prepared, handed_in), fresh=True))
            return None
        identity = self.basis.identify(prepared)
        key = identity.key
        self.shortcut.note(submission, handed_in, identity.digests)
        names = tuple(path.stem for path in prepared.notebooks)
        if not self.options.force:
            if known is not None and still_true(self.course, known, key, prepared):
                at_once.append(Graded(self.keep(submission, known, handed_in), fresh=False))
                return None
            pending = self.store.read(self.store.pending_path(student, self.assignment))
            executed = self.store.executed(student, self.assignment, names)
            if pending is not None and pending.key == key and executed is not None:
                pending = pending.model_copy(update={"handed_in": handed_in})
                tidied = self.tidied(prepared, executed)
                graded = self.put_away(_Complete(prepared, pending, "resumed", fresh=False), tidied)
                if not graded.held:
                    at_once.append(graded)
                return None
        started = datetime.now(UTC).isoformat(timespec="seconds")
        self.prepared[student] = _Started(prepared, key, handed_in, started)
        return Task(
            student=student,
            folder=str(prepared.folder),
            notebooks=names,
            checks=str(self.basis.checks) if self.basis.checks is not None else None,
            seed=identity.seed,
            executed=str(self.store.executed_folder(student, self.assignment)),
            drawn=identity.owner.drawn,
        )

    def keep(self, submission: Submission, known: SubmissionResult, handed_in: str) -> SubmissionResult:
        """A result that is still true; when other files were handed in around the same work, that is noted."""
        changed = known.handed_in != handed_in
        kept = known.model_copy(update={"handed_in": handed_in}) if changed else known
        if not self.ledger.knows(kept, submission.timestamp):
            folder = self.course.folder("autograded", known.student, self.assignment)
            notebooks = read_notebooks(folder, [one.notebook for one in known.notebooks])
            why: Why = "handed in again" if changed and known.handed_in else "unchanged"
            self.ledger.add(kept, why=why, comments=comments_of(notebooks, kept), arrived=submission.timestamp)
        if changed:
            self.store.write(self.store.result_path(known.student, self.assignment), kept)
        self.store.clear(known.student, self.assignment)
        return kept

    def finish(self, outcome: Outcome) -> Graded:
        """Score what a worker brought back, write it down, then save it; hold it back where it would lower a mark."""
        begun = self.prepared.pop(outcome.task.student)
        prepared = begun.prepared
        student = prepared.submission.student
        known = self.known(student)
        if outcome.done is None or outcome.ready is None:
            return Graded(self.give_up(begun, outcome.fault), fresh=True, before=known)
        executed = self.store.executed(student, self.assignment, outcome.task.notebooks)
        if executed is None:
            fault = "the worker's executed notebooks are not there"
            return Graded(self.give_up(begun, fault), fresh=True, before=known)
        notebooks = list(prepared.missing)
        tidied = self.tidied(prepared, executed)
        for name, found in outcome.done.notebooks.items():
            notebooks.append(
                score_notebook(
                    name,
                    tidied[name],
                    found.verdicts,
                    cell_seconds=found.cell_seconds,
                    limits=found.limits,
                    notes=found.notes,
                    flags=found.flags,
                    seconds=found.seconds,
                    nbgrader_marks=self.basis.nbgrader_marks,
                )
            )
        notebooks.sort(key=lambda notebook: notebook.notebook)
        result = SubmissionResult(
            course=self.course.course_id,
            student=student,
            assignment=self.assignment,
            score=sum(notebook.score for notebook in notebooks),
            max_score=sum(notebook.max_score for notebook in notebooks),
            status=combine(notebook.status for notebook in notebooks),
            notebooks=tuple(notebooks),
            notes=prepared.notes,
            late_seconds=prepared.late_seconds,
            protection=outcome.ready.protection,
            handed_in=begun.handed_in,
            key=begun.key,
            started=begun.started,
            seconds=sum(notebook.seconds for notebook in notebooks),
            versions={**versions(), **outcome.ready.versions},
        )
        return self.put_away(_Complete(prepared, result, "graded", fresh=True), tidied)

    def tidied(self, prepared: Prepared, executed: Mapping[str, NotebookNode]) -> dict[str, NotebookNode]:
        """The executed notebooks after the course's own preprocessors, by name."""
        return {name: tidy_outputs(self.course, prepared.submission, name, one) for name, one in executed.items()}

    def put_away(self, complete: _Complete, tidied: Mapping[str, NotebookNode]) -> Graded:
        """Save a result, or hold it back where it would lower a mark and nobody has agreed to that."""
        result = complete.result
        known = self.known(result.student)
        why = self.scribe.reason(result)
        settled = self.settled(known, result)
        move = move_of(self.course, result, comments_of(tidied, result), why, settled=settled)
        graded = Graded(result, complete.fresh, known, move)
        if move is not None and move.falls and not self.options.lower:
            graded = replace(graded, held=True)
            self.hold(complete)
            self.held.append((complete, graded))
            self.watch.held(result.student)
        else:
            self.save(complete, tidied, why)
        return graded

    def save(self, complete: _Complete, tidied: Mapping[str, NotebookNode], reason: Reason) -> None:
        """Ledger, gradebook, log, then the result to its final place: that order makes a killed run repeatable."""
        result, submission = complete.result, complete.prepared.submission
        comments = comments_of(tidied, result)
        self.ledger.add(result, why=complete.why, comments=comments, arrived=submission.timestamp)
        self.store.write(self.store.pending_path(result.student, self.assignment), result)
        settled = self.settled(self.known(result.student), result)
        save(self.course, complete.prepared, tidied, result, settled=settled)
        self.scribe.note_saved(result.student, self.assignment, reason)
        self.store.write(self.store.result_path(result.student, self.assignment), result)
        self.store.clear(result.student, self.assignment)

    def hold(self, complete: _Complete) -> None:
        """Leave a result as if the run had been killed before it was saved: neither ledger nor gradebook knows of it.

        The gradebook has the time of what was handed in last by now: the earlier mark keeps its own.
        """
        result = complete.result
        self.store.write(self.store.pending_path(result.student, self.assignment), result)
        put_back_arrival(self.course, complete.prepared.submission, self.arrival_that_stands(result.student))

    def arrival_that_stands(self, student: str) -> datetime | None:
        """When the work was handed in whose marks the gradebook has, in UTC without tzinfo; None when unknown."""
        if self.standing is None:
            self.standing = self.ledger.read()
        entry = self.standing.marks.get((student, self.assignment))
        if entry is not None:
            return None if entry.arrived is None else datetime.fromisoformat(entry.arrived)
        try:  # graded by nbgrader alone, which keeps the time beside the executed notebook
            return read_timestamp(self.course.folder("autograded", student, self.assignment))
        except ValueError:
            return None

    def lower(self, complete: _Complete, graded: Graded) -> Graded:
        """Save a result that was held back."""
        result, prepared = complete.result, complete.prepared
        names = tuple(path.stem for path in prepared.notebooks)
        executed = self.store.executed(result.student, self.assignment, names)
        if executed is None:
            raise AutograderError(
                f"expected the executed notebooks of {result.student} in {self.store.staging}, found none any more; "
                "run the same command again"
            )
        record_arrival(self.course, prepared.submission)
        why = graded.move.why if graded.move is not None else "graded again"
        self.save(complete, self.tidied(prepared, executed), why)
        return replace(graded, held=False)

    def settled(self, known: SubmissionResult | None, result: SubmissionResult) -> bool:
        """Whether the same work has been graded before, and nothing new about it wants a person's eye."""
        if known is None or not known.notebooks or known.handed_in != result.handed_in:
            return False
        return [flags_of(one) for one in known.notebooks] == [flags_of(one) for one in result.notebooks]

    def refuse(self, refused: Refused, handed_in: str) -> SubmissionResult:
        """A submission that cannot be read: for a person to look at, in the formgrader too; earlier marks stay."""
        submission = refused.submission
        record_arrival(self.course, submission)
        return self.without_marks(submission, "needs_review", refused.reason, handed_in)

    def give_up(self, begun: _Started, fault: str) -> SubmissionResult:
        """A submission the grader failed on: the next run tries it again; earlier marks stay."""
        note = f"could not be graded, by a fault of the grader's: {fault.strip()[-FAULT_CHARACTERS:]}"
        submission = begun.prepared.submission
        self.store.clear(submission.student, self.assignment)
        return self.without_marks(submission, "could_not_judge", note, begun.handed_in, begun)

    def without_marks(
        self, submission: Submission, status: Status, note: str, handed_in: str, begun: _Started | None = None
    ) -> SubmissionResult:
        """Write down a result that says why there is none; earlier marks stay."""
        with self.course.gradebook() as gradebook:
            max_score = float(gradebook.find_assignment(self.assignment).max_score or 0.0)
        result = SubmissionResult(
            course=self.course.course_id,
            student=submission.student,
            assignment=self.assignment,
            score=0.0,
            max_score=max_score,
            status=status,
            notebooks=(),
            notes=(*submission.notes, note),
            late_seconds=begun.prepared.late_seconds if begun else 0.0,
            protection=Protection(level="not_run", holds={}),
            handed_in=handed_in,
            key=begun.key if begun else "",
            started=begun.started if begun else datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=0.0,
            versions=versions(),
        )
        why: Why = "refused" if begun is None else "not judged"
        self.ledger.add(result, why=why, comments={}, arrived=submission.timestamp)
        self.store.write(self.store.result_path(submission.student, self.assignment), result)
        return result

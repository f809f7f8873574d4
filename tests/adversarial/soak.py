"""The soak: a class of honest students and, among them, hostile ones; the honest get what a class without any gives.

python -m tests.adversarial.soak --size 300 --seed 1
"""

from __future__ import annotations

import argparse
import random
import secrets
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import SECRET_FILE
from tests.adversarial.case import Case, answer, append, new_cell, together
from tests.adversarial.catalogue import CASES, student_of
from tests.adversarial.classroom import Classroom
from tests.adversarial.courses import KEEPER, Arena, Edit, make_arena
from tests.adversarial.footprint import wait_for_nothing
from tests.adversarial.submissions import WRONG

HOSTILE_SHARE = 0.1
# What differs from run to run, and says nothing of a submission.
TIMES = frozenset({"seconds", "started", "late_seconds"})

WEAK = "def classify(images):\n    return np.stack([images[:, 2 * n].mean(axis=1) for n in range(3)], axis=1)"
OTHERWISE = """
def scale(values):
    span = np.ptp(values)
    return (values - np.min(values)) / (span if span else 1.0)
"""
# Honest work at every level; each leaves the written answer out.
LEVELS: dict[str, Edit] = {
    "right": lambda _: None,
    "right otherwise": answer("scale", OTHERWISE),
    "half right": together(
        answer("scale", "def scale(values):\n    return (values - values.min()) / (values.max() - values.min())"),
        answer("plain", "def double(number):\n    return abs(2 * number)"),
    ),
    "weak": answer("classify", WEAK),
    "breaks": answer("scale", "def scale(values):\n    return values / undefined"),
    "wrong": WRONG,
    "slow but fine": append("classify", "import time\n\ntime.sleep(1.5)"),
    "talkative": new_cell("for number in range(300):\n    print('epoch', number, 'loss', 1 / (1 + number))"),
    "draws": append("report", "luck = np.random.default_rng().normal(size=3)\nprint(np.random.rand(2))"),
}
UNTOUCHED = "untouched"


@dataclass(frozen=True)
class Member:
    """One student of the class: honest at a level, or a case."""

    student: str
    level: str
    case: Case | None = None


@dataclass(frozen=True)
class Soaked:
    """What came of a soak; it went well when there are no problems.

    Attributes:
        size: Students in the class.
        hostile: How many of them were cases.
        seconds: Wall time of grading the class.
        clean_seconds: Wall time of grading the honest ones alone.
        peak_mib: Most memory the grader and its workers took together.
        problems: What did not hold, one line each.
    """

    size: int
    hostile: int
    seconds: float
    clean_seconds: float
    peak_mib: float
    problems: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines."""
        rate = 60 * self.size / self.seconds
        lines = [
            f"{self.size} submissions, {self.hostile} of them hostile, in {self.seconds:.0f} s: {rate:.1f} a minute",
            f"{self.size - self.hostile} honest ones alone: {self.clean_seconds:.0f} s",
            f"peak memory of grader and workers: {self.peak_mib:.0f} MiB",
        ]
        if self.problems:
            return "\n".join([*lines, f"{len(self.problems)} problems:", *self.problems])
        return "\n".join(
            [*lines, "every honest record as in the class without them; nothing hidden shown, nothing left behind"]
        )


def soak(size: int, seed: int, cases: Sequence[Case] = CASES) -> Soaked:
    """Grade a class of `size`, then its honest students alone in a clean course, and compare.

    Args:
        size: Students, at least 10.
        seed: What the draw of cases, of levels and of the order follows from.
        cases: What hostile students are drawn from; those that need Keras are passed over.
    """
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        members = draw_class(size, seed, cases)
        mixed, clean = (_room(folder / name) for name in ("mixed", "clean"))
        secret = secrets.token_hex(32)
        for room in (mixed, clean):  # draws follow from it, and must be the same in both
            path = room.arena.course.root / SECRET_FILE
            path.write_text(secret)
            path.chmod(0o600)
            shutil.rmtree(room.arena.course.folder("submitted", KEEPER, room.arena.lab))
        for number, member in enumerate(members):
            _hand_in(mixed.arena, member, number)
            if member.case is None:
                _hand_in(clean.arena, member, number)
        mixed.grade()
        problems = [*_broken_invariants(mixed, members)]
        clean.grade()
        for member in members:
            if member.case is None:
                problems += _differences(mixed, clean, member)
        assert mixed.footprint is not None
        hostile = sum(member.case is not None for member in members)
        return Soaked(size, hostile, mixed.seconds, clean.seconds, mixed.footprint.peak_mib, tuple(problems))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def draw_class(size: int, seed: int, cases: Sequence[Case]) -> list[Member]:
    """A class of `size` in an order of its own, a tenth of it cases."""
    draw = random.Random(seed)  # noqa: S311 - a class, not a key
    fit = [case for case in cases if case.soak and not case.keras]
    num_hostile = round(size * HOSTILE_SHARE)
    hostile = draw.sample(fit, num_hostile) if num_hostile <= len(fit) else draw.choices(fit, k=num_hostile)
    levels = [*LEVELS, UNTOUCHED]
    work: list[tuple[str, Case | None]] = [(student_of(case), case) for case in hostile]
    work += [(levels[number % len(levels)], None) for number in range(size - num_hostile)]
    draw.shuffle(work)
    return [Member(f"s{number:04d}", level, case) for number, (level, case) in enumerate(work)]


def _room(root: Path) -> Classroom:
    root.mkdir()
    (root / "tmp").mkdir()
    return Classroom(make_arena(root / "course"), root / "tmp")


def _hand_in(arena: Arena, member: Member, number: int) -> None:
    if member.case is not None:
        arena.hand_in(member.student, member.case.submit)
    elif member.level == UNTOUCHED:
        arena.hand_in(member.student, empty=True)
    else:
        # A remark of their own, so that no two submissions are the same and each gets draws of its own.
        arena.hand_in(member.student, together(LEVELS[member.level], append("plain", f"# my own work, {number}")))


def _differences(mixed: Classroom, clean: Classroom, member: Member) -> list[str]:
    """What a record says otherwise than in the clean course, and marks the gradebook has otherwise."""
    try:
        found, expected = (room.outcome(member.student) for room in (mixed, clean))
    except FileNotFoundError as error:
        return [f"{member.student} ({member.level}) has no record: {error.filename}"]
    lines = []
    one, other = (_without_times(outcome.record.model_dump()) for outcome in (found, expected))
    if differing := [key for key in one if one[key] != other[key]]:
        what = ", ".join(differing)
        lines.append(f"{member.student} ({member.level}) differs in {what}:\n{found}\nin a clean class:\n{expected}")
    if found.marks != expected.marks or found.marks != found.scores:
        lines.append(f"{member.student} ({member.level}): marks {found.marks}, in a clean class {expected.marks}")
    return lines


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(one) for key, one in value.items() if key not in TIMES}
    if isinstance(value, (list, tuple)):
        return [_without_times(one) for one in value]
    return value


def _broken_invariants(room: Classroom, members: Sequence[Member]) -> list[str]:
    """The invariants, of the class as a whole."""
    assert room.done is not None
    assert room.footprint is not None
    found = []
    if room.done.returncode != room.expected_code or room.done.stderr:
        found.append(f"the command gave {room.done.returncode}:\n{room.done.stderr}\n{room.done.stdout[-2000:]}")
    found += [f"left behind: {line}" for line in wait_for_nothing(room.footprint)]
    if room.arena.guarded() != room.guarded:
        found.append("files that grading must not change have changed")
    with sqlite3.connect(room.arena.course.root / "gradebook.db") as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            found.append("the gradebook is damaged")
    database.close()
    allowed = float(room.arena.course.limits["total_seconds"]) + 5
    for member in members:
        found += [f"{member.student} ({member.level}): {what}" for what in _told_of(room, member, allowed)]
    return found


def _told_of(room: Classroom, member: Member, allowed: float) -> list[str]:
    records = list(room.arena.course.results.glob(f"**/{member.student}/**/*.json"))
    if len(records) != 1:
        return [f"{len(records)} records"]
    outcome = room.outcome(member.student)
    checks: list[tuple[bool, str]] = [
        (outcome.record.status == "could_not_judge", f"could not be judged\n{outcome}"),
        (outcome.record.seconds > allowed, f"took {outcome.record.seconds:.0f} s"),
        (not outcome.page, "has no page"),
    ]
    secrets_of_the_course = room.arena.secrets()
    for path in room.public_files(member.student):
        content = path.read_bytes()
        checks.append(
            (any(secret in content for secret in secrets_of_the_course), f"something hidden is in {path.name}")
        )
    return [what for is_so, what in checks if is_so]


def main(words: Sequence[str] | None = None, say: Callable[[str], object] = sys.stdout.write) -> int:
    """Run a soak and tell of it; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description="Grade a class with hostile submissions among honest ones.")
    parser.add_argument("--size", type=int, default=300, help="students in the class")
    parser.add_argument("--seed", type=int, default=1, help="what the draw follows from")
    options = parser.parse_args(words)
    say(f"seed {options.seed}: grading {options.size} submissions, then the honest ones alone\n")
    soaked = soak(options.size, options.seed)
    say(f"{soaked}\n")
    return 1 if soaked.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())

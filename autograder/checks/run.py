"""Running a cell's checks: every one of them, each to a verdict."""

from __future__ import annotations

import hashlib
import math
import re
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.checks.declare import Check
from autograder.checks.hidden import PERCENT_STEP, coarse
from autograder.checks.student import Line, Owner, Student
from autograder.errors import Failure, SlotLost
from autograder.results import CheckResult, Verdict
from autograder.sandbox.process import IDLE_SECONDS, StudentProcess

MAX_FAULT = 4000
UNJUDGED = "This check could not be judged; a person will look at it."
MAX_HIDDEN_MESSAGE = 300  # characters
MEASURED = (0.01, 1000.0)  # numbers in a message on hidden data are from here to there, or not told
MOST_PERCENT = 100
DECIMAL = re.compile(r"[-+]?\d*\.\d+(?:e[-+]?\d+)?")
LONG_NUMBER = re.compile(r"\d{4,}")
# What follows from a share and the number of rows alone, and any other number, perhaps with its per cent sign.
RECEIVED_NUMBER = re.compile(
    r"(?P<chance>give or take \d+ points \(95% interval of \d+ rows\))|"
    r"(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?P<percent>%?)"
)


@dataclass(frozen=True)
class Bench:
    """What the checks of a submission are run against.

    Attributes:
        process: The line to the student's kernel.
        clean: Gives the line to a kernel that has never run student code.
        seed: Where the checks' random numbers and the kernel's seeds follow from.
        sources: The code cells by grade_id, in the notebook's order.
        patience: Seconds for a check that states no budget of its own.
        given: Which of the cells are the instructor's.
        owner: Whose submission it is, for checks that are declared to depend on it.
    """

    process: StudentProcess
    clean: Callable[[], StudentProcess]
    seed: str
    sources: Mapping[str, str]
    patience: float
    given: frozenset[str] = frozenset()
    owner: Owner | None = None


def run_checks(
    checks: Sequence[Check], bench: Bench, earlier: Mapping[str, Verdict], seconds: float = math.inf
) -> tuple[CheckResult, ...]:
    """Run checks of one cell in order against the student's kernel as it stands.

    Args:
        checks: The checks.
        bench: What they are run against.
        earlier: Verdicts of checks that ran before, for `needs`.
        seconds: Time left for all of them, by the clock of the student's process.

    Raises:
        SlotLost: The sandbox itself is gone; the submission is to be graded again elsewhere.
    """
    verdicts = dict(earlier)
    clock = bench.process.clock
    deadline = clock.now() + seconds
    results = []
    for check in checks:
        result = _skipped(check, verdicts) or _judged(check, bench, deadline - clock.now())
        verdicts[check.name] = result.verdict
        results.append(result)
    return tuple(results)


def not_judged(check: Check, reason: str) -> CheckResult:
    """The result of a check that was not reached, by a fault of the submission's."""
    return CheckResult(
        name=check.name,
        sentence=check.sentence,
        verdict="failed",
        fraction=0.0,
        weight=check.weight,
        evidence=check.evidence,
        message=f"not reached: {reason}",
    )


def _judged(check: Check, bench: Bench, seconds: float) -> CheckResult:
    begun = time.monotonic()
    seed = f"{bench.seed}/{check.cell}/{check.name}"
    kernel_seed = _kernel_seed(seed)

    def clean() -> StudentProcess:
        process = bench.clean()
        process.ask("seed", {"seed": kernel_seed}, seconds=IDLE_SECONDS)
        return process

    budget = min(check.seconds or bench.patience, max(seconds, 0.0))
    owner = bench.owner if check.personal else None
    student = Student(Line(bench.process, clean, seed, budget, bench.sources, check.hidden, bench.given, owner))

    def result(
        verdict: Verdict, fraction: float | None, message: str = "", hint: str = "", fault: str = ""
    ) -> CheckResult:
        return CheckResult(
            name=check.name,
            sentence=check.sentence,
            verdict=verdict,
            fraction=fraction,
            weight=check.weight,
            evidence=student.evidence or check.evidence,
            message=message,
            hint=hint,
            explanation=student.explained,
            fault=fault,
            flags=tuple(student.flags),
            seconds=round(time.monotonic() - begun, 3),
            figures=tuple(student.figures),
        )

    if seconds <= 0:
        return result("failed", 0.0, "expected the notebook and its checks to be done in time, they were not")
    message = hint = ""
    try:
        if not bench.process.idle(IDLE_SECONDS):
            return result("failed", 0.0, "not reached: the notebook's process no longer answers")
        bench.process.ask("seed", {"seed": kernel_seed}, seconds=IDLE_SECONDS)
        with np.errstate(all="ignore"):  # what a student's numbers do to ours is for the check to say
            fraction = check.function(student)
    except SlotLost:
        raise
    except Failure as failure:
        fraction, message, hint = failure.fraction, failure.message, failure.hint
    except Exception as error:  # noqa: BLE001 - the third verdict: our fault, never the student's
        fault = "".join(traceback.format_exception(error))[-MAX_FAULT:]
        return result("could_not_judge", None, UNJUDGED, fault=fault)
    if fraction is None:
        fraction = 1.0
    if (
        isinstance(fraction, bool)
        or not isinstance(fraction, (int, float, np.floating))
        or not 0 <= float(fraction) <= 1
    ):
        fault = f"check {check.name} gave {fraction!r}, expected None or a fraction in [0, 1]"
        return result("could_not_judge", None, UNJUDGED, fault=fault)
    fraction = coarse(float(fraction)) if check.hidden else float(fraction)
    verdict: Verdict = "passed" if fraction == 1.0 else "failed"
    if verdict == "failed" and not message:
        message = f"earned {fraction:.0%} of this check"
    if verdict == "passed":
        message = student.remarked
    return result(verdict, fraction, _coarse_words(message) if check.hidden else message, hint)


def _coarse_words(message: str) -> str:
    """A message without the digits in which numbers of the student's process could carry hidden inputs out.

    What is expected stays. Of what was received (or of all, in a message of another form), per cents come in steps and
    one measured number with one digit; counts and lengths of axes do not come at all.
    """
    expected, word, found = message.partition("received")
    if not word:
        expected, found = "", message
    measured: list[str] = []

    def coarsely(match: re.Match[str]) -> str:
        if match["chance"]:
            return match[0]
        value = float(match["number"])
        if match["percent"] and abs(value) <= MOST_PERCENT:
            return f"{int(value // PERCENT_STEP) * PERCENT_STEP}%"
        if measured or "." not in match["number"] or not MEASURED[0] <= abs(value) < MEASURED[1]:
            return "…"
        measured.append(match[0])
        return f"{float(f'{value:.1g}'):g}"

    short = LONG_NUMBER.sub("…", DECIMAL.sub(lambda match: f"{float(match[0]):.2g}", expected))
    short += word + RECEIVED_NUMBER.sub(coarsely, found)
    return short if len(short) <= MAX_HIDDEN_MESSAGE else short[: MAX_HIDDEN_MESSAGE - 1] + "…"


def _skipped(check: Check, verdicts: Mapping[str, Verdict]) -> CheckResult | None:
    missing = next((name for name in check.needs if verdicts.get(name) != "passed"), None)
    if missing is None:
        return None
    unjudged = verdicts.get(missing) == "could_not_judge"
    return CheckResult(
        name=check.name,
        sentence=check.sentence,
        verdict="could_not_judge" if unjudged else "skipped",
        fraction=None if unjudged else 0.0,
        weight=check.weight,
        evidence=check.evidence,
        message=f"not tried, because it needs “{missing.replace('_', ' ')}” to pass first",
    )


def _kernel_seed(seed: str) -> int:
    """A seed all of Python, NumPy and Keras accept: 31 bits."""
    digest = hashlib.sha256(f"{seed}/kernel".encode()).digest()
    return int.from_bytes(digest[:4], "little") >> 1

"""Pages of a large class: transcripts of 1,000 students and the page about them, 20 assignments of 6 marked cells.

What is timed is what `autograder report` does once its modules are loaded: compute everybody's mark, read 20,000 result
records and what people gave, analyse questions and checks, render every page and put it on the disk. The class is that
of benchmarks/marks.py; its result records are whole ones, with two checks for each cell.

Run with `make bench-pages`.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from marks import CELLS, POINTS, START, make_class

from autograder.course import Course, open_course
from autograder.grading.store import Store
from autograder.marks import class_marks
from autograder.reports import write_class_pages
from autograder.results import CellResult, CheckResult, NotebookResult, Protection, SubmissionResult

PROMISE_SECONDS = 60.0
MESSAGES = ("expected (None, 10), received (None, 1)", "expected a smaller loss, received 2.31", "received None")


def write_records(course: Course, names: Sequence[str], assignments: Sequence[str]) -> None:
    """Write a result record for every submission, drawn from a seed."""
    draw = random.Random(2)  # noqa: S311 - a class, not a secret
    store = Store(course.results)
    for name in names:
        ability = draw.random()
        for assignment in assignments:
            cells = tuple(_cell(draw, ability, number) for number in range(CELLS))
            path = store.result_path(name, assignment)
            path.write_text(_record(name, assignment, cells).model_dump_json(indent=1) + "\n", encoding="utf-8")


def _cell(draw: random.Random, ability: float, number: int) -> CellResult:
    checks = tuple(_check(draw, ability, f"check_{number}_{place}") for place in range(2))
    unjudged = any(check.fraction is None for check in checks)
    score = None if unjudged else POINTS * sum(check.fraction or 0.0 for check in checks) / len(checks)
    return CellResult(
        cell=f"cell{number}",
        kind="checks",
        points=float(POINTS),
        score=score,
        status="could_not_judge" if unjudged else "graded",
        checks=checks,
    )


def _check(draw: random.Random, ability: float, name: str) -> CheckResult:
    sentence = f"`build_model` does what the text of {name} says that it has to do, whatever the batch."
    if draw.random() < 0.001:
        return CheckResult(
            name=name,
            sentence=sentence,
            verdict="could_not_judge",
            fraction=None,
            weight=1.0,
            evidence="measured",
            fault="Traceback",
        )
    fraction = 1.0 if draw.random() < 0.4 + 0.5 * ability else draw.choice((0.0, 0.0, 0.5))
    message = "" if fraction == 1 else f"{draw.choice(MESSAGES)} for a batch of {draw.randrange(1, 40)}"
    return CheckResult(
        name=name,
        sentence=sentence,
        verdict="passed" if fraction == 1 else "failed",
        fraction=fraction,
        weight=1.0,
        evidence="measured",
        message=message,
    )


def _record(student: str, assignment: str, cells: tuple[CellResult, ...]) -> SubmissionResult:
    status = "could_not_judge" if any(cell.score is None for cell in cells) else "graded"
    score = sum(cell.score or 0.0 for cell in cells)
    notebook = NotebookResult(
        notebook="notebook", score=score, max_score=float(CELLS * POINTS), status=status, cells=cells
    )
    return SubmissionResult(
        course="course",
        student=student,
        assignment=assignment,
        score=score,
        max_score=float(CELLS * POINTS),
        status=status,
        notebooks=(notebook,),
        protection=Protection(level="strong", holds={"network": True}),
        key="0" * 64,
        started=START.isoformat(),
        seconds=1.0,
        versions={"python": "3.11"},
    )


def main() -> int:
    """Make the class, time its pages, print the figures; return 1 when the promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--assignments", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="a file to copy the page about the class to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = make_class(Path(folder) / "course", options.students, options.assignments)
        names = [f"student{number:04d}" for number in range(options.students)]
        write_records(course, names, [f"a{number:02d}" for number in range(options.assignments)])
        begun, used = time.perf_counter(), time.process_time()
        found = class_marks(open_course(course.root), START + timedelta(days=365))
        marks_seconds = time.process_time() - used
        pages = write_class_pages(found)
        seconds, of_processor = time.perf_counter() - begun, time.process_time() - used
        sizes = [path.stat().st_size for path in pages.transcripts.values()]
        class_size = pages.page.stat().st_size
        if options.keep is not None:
            shutil.copyfile(pages.page, options.keep)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{options.students} students, {options.assignments} assignments")
    print(f"all pages, marks included: {seconds:.1f} s (promise: {PROMISE_SECONDS:g} s)")
    print(f"of the processor's time: {of_processor:.1f} s, {marks_seconds:.1f} s of it the marks; at most {memory} MiB")
    print(f"{len(sizes)} transcripts of {sum(sizes) // len(sizes) // 1024} KiB; the class: {class_size // 1024} KiB")
    if pages.problems:
        print(f"{len(pages.problems)} problems, the first: {pages.problems[0]}")
    kept = of_processor < PROMISE_SECONDS and not pages.problems
    if (options.students, options.assignments) == (1000, 20) and not kept:
        print("The promise is NOT kept.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

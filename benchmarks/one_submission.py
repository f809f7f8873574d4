"""One submission of cnn_digits: `nbgrader autograde` against one warm sandbox, side by side on this machine.

Both grade the same notebooks (the reference's answers) with the same visible tests and no hidden checks, so that both
do the same work. Each is timed as a whole command for one submission and for several; the difference, per submission,
is what one more costs. A second pass of ours adds the hidden checks, which nbgrader cannot run.

Run with `make bench`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from autograder.audit import apply_variant, reference_variant
from autograder.authoring import build, release
from autograder.course import open_course

PROJECT = Path(__file__).resolve().parent.parent
LAB = "cnn_digits"
MANY = 4
ROUNDS = 3
BIN = Path(sys.executable).parent
# The same thread counts and log level on both sides.
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def make_course(root: Path, students: int) -> None:
    """A released course with as many submissions of the reference's answers, and no hidden checks."""
    root.mkdir()
    (root / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "bench"\n')
    (root / "reference").symlink_to(PROJECT / "reference")
    course = open_course(root)
    build([LAB], PROJECT / "reference", course.source_folder(LAB).parent)
    (released,) = release(course, [LAB])
    template = nbformat.read(released.folder / f"{LAB}.ipynb", as_version=4)
    notebook = apply_variant(template, reference_variant(PROJECT / "reference" / LAB))
    for number in range(students):
        folder = course.folder("submitted", f"s{number}", LAB)
        shutil.copytree(released.folder, folder)
        nbformat.write(notebook, folder / f"{LAB}.ipynb")


def seconds(command: list[str], course: Path) -> float:
    """Wall time of a command run in a course."""
    begun = time.monotonic()
    subprocess.run(command, cwd=course, env=ENVIRONMENT, check=True, capture_output=True)
    return time.monotonic() - begun


def main(rounds: int) -> None:
    """Print the table of so many rounds."""
    ours = [str(BIN / "autograder"), "grade", LAB, "--force", "--workers", "1"]
    sides = {
        "nbgrader autograde": ([str(BIN / "nbgrader"), "autograde", LAB, "--force"], False),
        "autograder grade, same work": (ours, False),
        "autograder grade, with hidden checks": (ours, True),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as scratch:
        courses = {count: Path(scratch) / str(count) for count in (1, MANY)}
        for count, root in courses.items():
            make_course(root, count)
        for _ in range(rounds):
            for name, (command, checks) in sides.items():
                for root in courses.values():
                    reference = root / "reference"
                    if checks and not reference.exists():
                        reference.symlink_to(PROJECT / "reference")
                    if not checks and reference.exists():
                        reference.unlink()
                times[name].append((seconds(command, courses[1]), seconds(command, courses[MANY])))
    heading = f"seconds (median of {rounds} rounds)"
    print(f"{heading:<40}{'1 submission':>14}{f'{MANY} submissions':>15}{'one more':>10}")
    marginal = {}
    for name, pairs in times.items():
        one, many = (sorted(column)[rounds // 2] for column in zip(*pairs, strict=True))
        more = sorted((b - a) / (MANY - 1) for a, b in pairs)[rounds // 2]
        marginal[name] = more
        print(f"{name:<40}{one:>14.1f}{many:>15.1f}{more:>10.2f}")
    baseline, same, _ = marginal.values()
    print(f"One more submission costs nbgrader {baseline / same:.1f} times what it costs one warm sandbox.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)

"""A whole class: `nbgrader autograde`, the same in two processes at once, and `autograder grade`, side by side.

Two classes of 30: a light Keras notebook (a small network learns the digits that scikit-learn ships) and a NumPy one.
All sides grade the same submissions by the same visible tests, in the same environment, each from an ungraded course.
Every submission differs from the others by a line, so that none is known already.

Run with `make bench-class`; `ARGS="--growth"` asks what one submission costs as the class grows, with
`--kind NumPy` of the other class.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from one_submission import BIN, ENVIRONMENT

from autograder.course import open_course

STUDENTS = 30
GROWTH = (10, 30, 100, 300)
LAB = "lab"
POLL_SECONDS = 0.2
# A name's first letter is the process that grades it, where nbgrader runs in two.
HALVES = ("a", "b")

KERAS = (
    (
        "load",
        "import keras\nimport numpy as np\nfrom sklearn.datasets import load_digits\n"
        "data = load_digits()\nx, y = data.data / 16.0, data.target",
    ),
    (
        "build",
        "def build():\n    return keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation='relu'),\n"
        "                             keras.layers.Dense(10, activation='softmax')])",
    ),
    (
        "train",
        "def train(model):\n    model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n"
        "    return model.fit(x[:1500], y[:1500], epochs=5, verbose=0)",
    ),
    ("test-build", "assert build().predict(x[:3], verbose=0).shape == (3, 10)"),
    (
        "test-train",
        "model = build()\nhistory = train(model)\n"
        "assert (model.predict(x[1500:], verbose=0).argmax(axis=1) == y[1500:]).mean() > 0.5",
    ),
)
NUMPY = (
    ("load", "import numpy as np\nrng = np.random.default_rng(0)\nx = rng.normal(size=(200, 50))"),
    (
        "build",
        "def softmax(logits):\n    scores = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
        "    return scores / scores.sum(axis=1, keepdims=True)",
    ),
    ("train", "def distances(a, b):\n    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=-1))"),
    ("test-build", "assert np.allclose(softmax(x).sum(axis=1), 1.0)"),
    ("test-train", "assert np.allclose(np.diag(distances(x, x)), 0.0)\nassert distances(x, x[:7]).shape == (200, 7)"),
)
CLASSES = {"light Keras": KERAS, "NumPy": NUMPY}


def notebook(cells: Sequence[tuple[str, str]], student: str = "") -> NotebookNode:
    """The instructor's notebook, or a student's: the same with a line of their own."""
    made = []
    for name, source in cells:
        tests = name.startswith("test-")
        metadata = {
            "schema_version": 3,
            "grade_id": name,
            "locked": tests,
            "solution": name in ("build", "train"),
            "grade": tests,
            "task": False,
            "cell_type": "code",
            **({"points": 1} if tests else {}),
        }
        text = f"{source}\n# {student}" if student and name == "build" else source
        made.append(new_code_cell(text, id=name, metadata={"nbgrader": metadata}))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=made, metadata={"kernelspec": kernel})


def make_course(root: Path, cells: Sequence[tuple[str, str]], students: int) -> Path:
    """A course whose lab is released, and so many submissions, half of them of names with each letter."""
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "bench"\n')
    course = open_course(root)
    source = course.source_folder(LAB)
    source.mkdir(parents=True)
    nbformat.write(notebook(cells), source / f"{LAB}.ipynb")
    run([str(BIN / "nbgrader"), "generate_assignment", LAB, "--create"], root)
    for number in range(students):
        student = f"{HALVES[number % len(HALVES)]}{number:03d}"
        folder = course.folder("submitted", student, LAB)
        folder.mkdir(parents=True)
        nbformat.write(notebook(cells, student), folder / f"{LAB}.ipynb")
    return root


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command to its end.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)


def together(commands: Sequence[Sequence[str]], folder: Path) -> tuple[float, float]:
    """Seconds until commands that begin at once have all ended, and the most memory one of them itself held, in MB.

    Raises:
        AssertionError: One of them failed.
    """
    begun, peak = time.monotonic(), 0.0
    with tempfile.TemporaryFile() as shown:
        running = [
            subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=shown, stderr=shown) for command in commands
        ]
        while any(process.poll() is None for process in running):
            peak = max(peak, *(held_by(process.pid) for process in running))
            time.sleep(POLL_SECONDS)
        taken = time.monotonic() - begun
        shown.seek(0)
        assert all(process.returncode == 0 for process in running), shown.read().decode()[-2000:]
    return taken, peak


def held_by(pid: int) -> float:
    """The most memory a process has held so far, in MB; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) * 1024 / 1e6 if found else 0.0


def ours(workers: int) -> list[list[str]]:
    """Our command."""
    return [[str(BIN / "autograder"), "grade", LAB, "--workers", str(workers)]]


def compare(scratch: Path, students: int) -> None:
    """Print a table for each class."""
    nbgrader = [str(BIN / "nbgrader"), "autograde", LAB, "--create"]
    sides = {
        "nbgrader autograde": [nbgrader],
        "nbgrader autograde, two processes": [[*nbgrader, f"--student={letter}*"] for letter in HALVES],
        "autograder grade, 1 sandbox": ours(1),
        "autograder grade, 2 sandboxes": ours(2),
    }
    for name, cells in CLASSES.items():
        fresh = make_course(scratch / name.replace(" ", "-") / "fresh", cells, students)
        print(f"{f'{students} submissions, {name}':<38}{'seconds':>9}{'a minute':>10}{'times nbgrader':>16}{'MB':>7}")
        first = 0.0
        for number, (side, commands) in enumerate(sides.items()):
            course = fresh.parent / str(number)
            shutil.copytree(fresh, course)
            taken, peak = together(commands, course)
            first = first or taken
            print(
                f"{side:<38}{taken:>9.1f}{60 * students / taken:>10.1f}{first / taken:>16.1f}{peak:>7.0f}", flush=True
            )
        print()


def grow(scratch: Path, name: str) -> None:
    """Print what one submission costs us as the class grows, and what an unchanged class costs."""
    print(f"{f'{name}, 2 sandboxes':<30}{'seconds':>9}{'each':>8}{'MB':>7}{'unchanged, again':>18}")
    for students in GROWTH:
        course = make_course(scratch / str(students), CLASSES[name], students)
        taken, peak = together(ours(2), course)
        again, _ = together(ours(2), course)
        print(
            f"{f'{students} submissions':<30}{taken:>9.1f}{taken / students:>8.2f}{peak:>7.0f}{again:>18.1f}",
            flush=True,
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--growth", action="store_true", help="what one submission costs as the class grows")
    parser.add_argument("--kind", choices=CLASSES, default="light Keras", help="the class that grows")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as scratch:
        if options.growth:
            grow(Path(scratch), options.kind)
        else:
            compare(Path(scratch), options.students)


if __name__ == "__main__":
    sys.exit(main())

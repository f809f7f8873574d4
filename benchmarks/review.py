"""The review's pages of a large class: 1,000 submissions of 6 questions, asked of a real Jupyter server over HTTP.

The class is that of benchmarks/marks.py with the result records of benchmarks/pages.py; every tenth question waits for
a person. What is timed is whole requests
on one connection, login and access check included, after the first of each kind; the first reads every result.

Run with `make bench-review`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
import requests
from marks import make_class
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pages import write_records
from sqlalchemy import text

from autograder.course import Course
from autograder.review.standing import students_of

PROMISE_SECONDS = 0.3
ASSIGNMENTS = 8
ASSIGNMENT = "a00"
TOKEN = "of-the-benchmark"  # noqa: S105 - of a server on loopback, for a minute
START_SECONDS = 60.0
WAITING = text("UPDATE grade SET needs_manual_grade = 1, manual_score = NULL WHERE rowid % 10 = 0")


def make(root: Path, students: int) -> tuple[Course, list[str]]:
    """Make the class: gradebook, results, and a notebook for everybody."""
    course = make_class(root, students, ASSIGNMENTS)
    names = [f"student{number:04d}" for number in range(students)]
    write_records(course, names, [ASSIGNMENT])
    with course.gradebook() as gradebook:
        gradebook.db.execute(WAITING)
        gradebook.db.commit()
        there = students_of(gradebook, ASSIGNMENT)
    content = nbformat.writes(_notebook())
    for name in names:
        folder = course.folder("autograded", name, ASSIGNMENT)
        folder.mkdir(parents=True)
        (folder / "notebook.ipynb").write_text(content, encoding="utf-8")
    return course, sorted(there)


def _notebook() -> nbformat.NotebookNode:
    """A notebook of the size of a lab's."""
    cells = []
    for number in range(6):
        metadata = {"nbgrader": {"grade_id": f"cell{number}", "grade": True, "solution": False, "schema_version": 3}}
        code = "\n".join(f"layer_{line} = keras.layers.Dense({line}, activation='relu')" for line in range(30))
        printed = new_output("stream", name="stdout", text="loss 0.123 accuracy 0.98\n" * 40)
        cells += [
            new_markdown_cell("## A question\n\nSome prose about a network, with $x^2$ in it.\n" * 4),
            new_code_cell(code, execution_count=number, outputs=[printed]),
            new_code_cell("assert True", metadata=metadata, execution_count=number),
        ]
    return new_notebook(cells=cells)


@contextmanager
def server(course: Course, folder: Path) -> Iterator[str]:
    """Run a Jupyter server with nothing but the review; gives its address."""
    folder.mkdir()
    settings = {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": 0,
            "open_browser": False,
            "allow_root": True,
            "root_dir": str(course.root),
            "jpserver_extensions": {"autograder.review": True},
            "log_level": "ERROR",
        },
        "IdentityProvider": {"token": TOKEN},
    }
    (folder / "jupyter_server_config.json").write_text(json.dumps(settings))
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "jupyter_server"], env=environment, stdout=log, stderr=log)
    try:
        yield _address(process, folder)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], folder: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in (folder / "runtime").glob("jpserver-*.json"):
            try:
                url = str(json.loads(path.read_text())["url"])
                requests.get(f"{url}api", timeout=5)
            except (ValueError, requests.RequestException):
                continue
            return f"{url}autograder/review/"
        time.sleep(0.1)
    raise SystemExit((folder / "log").read_text())


def time_pages(session: requests.Session, addresses: Sequence[str]) -> tuple[float, float, float]:
    """Seconds of the first request, and of the others their median and the slowest."""
    seconds = []
    for address in addresses:
        begun = time.perf_counter()
        answer = session.get(address, timeout=60)
        seconds.append(time.perf_counter() - begun)
        answer.raise_for_status()
    return seconds[0], statistics.median(seconds[1:]), max(seconds[1:])


def main() -> int:
    """Make the class, ask for its pages, print the figures; return 1 when the promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=1032, help="a few have handed nothing in")
    parser.add_argument("--requests", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course, names = make(Path(folder) / "course", options.students)
        some = [names[(number * 37) % len(names)] for number in range(options.requests)]
        one = [f"submission/{ASSIGNMENT}/{name}" for name in some]
        kinds = {
            "queue": ([f"queue/{ASSIGNMENT}?page={1 + number % 8}" for number in range(options.requests)], True),
            "queue, everything": ([f"queue/{ASSIGNMENT}?show=all&page={n}" for n in range(options.requests)], True),
            "submission": (one, True),
            "submission, one question": ([f"{address}?question=notebook/cell3" for address in one], True),
            "its notebook": ([f"notebook/{ASSIGNMENT}/{name}/notebook" for name in some], False),
            "class": ([f"class/{ASSIGNMENT}"] * 6, False),
        }
        print(f"{len(names)} submissions, {options.requests} requests of each page")
        kept = True
        with server(course, Path(folder) / "server") as url, requests.Session() as session:
            session.get(url, params={"token": TOKEN}, timeout=60).raise_for_status()
            for name, (paths, promised) in kinds.items():
                first, median, slowest = time_pages(session, [url + path for path in paths])
                kept &= median < PROMISE_SECONDS or not promised
                promise = f" (promise: {1000 * PROMISE_SECONDS:.0f} ms)" if promised else ""
                words = f"slowest {1000 * slowest:.0f} ms, the first {1000 * first:.0f} ms"
                print(f"{name}: median {1000 * median:.0f} ms{promise}, {words}")
            session.post(url + "names", data={"names": "hidden", "_xsrf": session.cookies["_xsrf"]}, timeout=60)
            _, median, slowest = time_pages(session, [f"{url}queue/{ASSIGNMENT}"] * 20)
            print(f"queue, names hidden: median {1000 * median:.0f} ms, slowest {1000 * slowest:.0f} ms")
    if not kept:
        print("The promise is NOT kept.")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

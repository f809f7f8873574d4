"""The course that pages are typed in: its labs go by the names that pages use, and need no deep-learning framework."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.command_line import run

LABS = ("cnn_digits", "first_lab")
STUDENTS = ("ada", "bela")
# No answer in words, for which a page would wait for a person.
LAB = '''# %% [markdown] text="title"
# # Shares

# %% text="imports"
import random

# %% solution="clamp"
def clamp(value: float) -> float:
    """Return the value, brought into [0, 1]."""
    # BEGIN SOLUTION
    return min(max(value, 0.0), 1.0)
    # END SOLUTION


# %% tests="clamp-tests" points=3
if __name__ == "__main__":
    assert clamp(0.5) == 0.5

# %% text="use"
if __name__ == "__main__":
    share = clamp(0.9 + 0.05 * random.random())

# %% tests="share-tests" points=2
if __name__ == "__main__":
    print(share)
'''
CHECKS = '''"""Checks."""

from autograder.checks import Student, check, expect_close, expect_number, expect_share


@check(cell="clamp-tests", weight=2)
def keeps_what_lies_between(student: Student) -> None:
    """`clamp` leaves a value between 0 and 1 alone."""
    value = float(student.rng.uniform(0.2, 0.8))
    expect_close(student.call("clamp", value), value, "the value")


@check(cell="clamp-tests", needs=["keeps_what_lies_between"])
def bounds(student: Student) -> None:
    """`clamp` brings what lies outside to the nearer end."""
    expect_close(student.call("clamp", 7.5), 1.0, "7.5, clamped")
    expect_close(student.call("clamp", -2.5), 0.0, "-2.5, clamped")


@check(cell="share-tests")
def shares_enough(student: Student) -> None:
    """`share` is large."""
    expect_share(expect_number(student.value("share"), "`share`"), "a share", zero_at=0.5, full_at=0.85)
'''
VARIANTS = '''"""Variants."""

from autograder.audit import right, wrong


@wrong(loses=["clamp-tests", "share-tests"])
def halves_it() -> dict[str, str]:
    """Halves the value."""
    return {"clamp": "def clamp(value):\\n    return value / 2\\n"}


@right
def sorts() -> dict[str, str]:
    """Takes the middle one of three."""
    return {"clamp": "def clamp(value):\\n    return sorted([0.0, value, 1.0])[1]\\n"}
'''
FILES = {"lab.py": LAB, "checks.py": CHECKS, "variants.py": VARIANTS}
SETTINGS = """\
id = "deep-learning"
title = "Deep learning"

[sandbox]
preload = []

[[components]]
id = "labs"
title = "Labs"
weight = 100
"""
ASSIGNMENT = """
[[assignments]]
id = "{name}"
kind = "lab"
title = "{name}"
component = "labs"
released = 2026-01-01T08:00:00Z
due = 2036-01-01T08:00:00Z
"""
ROSTER = """\
id,name,email,lms_id
ada,Ada Lovelace,ada@example.org,340934
bela,Béla Bartók,bela@example.org,340935
"""
# Gradebooks as the two platforms export them: bela has an old mark there, ada has none.
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,cnn_digits (11),first_lab (12)
    Points Possible,,,,,5.00,5.00
"Lovelace, Ada",340934,ada,ada@example.org,Section 1,,
"Bartók, Béla",340935,bela,bela@example.org,Section 1,5.00,
"""
MOODLE = """\
"First name","Last name","ID number","Email address","Assignment: cnn_digits (Real)","Assignment: first_lab (Real)"
Ada,Lovelace,ada,ada@example.org,-,-
Béla,Bartók,bela,bela@example.org,5.00,-
"""


def write_lab(course: Path, name: str) -> None:
    """Write a lab of 5 points whose audit takes seconds, in place of what is there."""
    folder = course / "reference" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file, text in FILES.items():
        (folder / file).write_text(text, encoding="utf-8")


def make_course(root: Path) -> None:
    """Make a course of two labs, built: `cnn_digits` is released, handed in by two students and graded."""
    for name in LABS:
        write_lab(root, name)
    (root / "course").mkdir()
    announced = "".join(ASSIGNMENT.format(name=name) for name in LABS)
    (root / "course" / "course.toml").write_text(SETTINGS + announced, encoding="utf-8")
    (root / "course" / "roster.csv").write_text(ROSTER, encoding="utf-8")
    configure(root)
    for words in (["build"], ["release", "cnn_digits"]):
        assert run(*words, "--course", str(root)) == 0
    hand_in(root, "ada", "cnn_digits", root / "source" / "cnn_digits")
    hand_in(root, "bela", "cnn_digits", root / "release" / "cnn_digits")
    assert run("grade", "cnn_digits", "--course", str(root), "--workers", "1") == 0


def configure(root: Path) -> None:
    """Write the course's nbgrader_config.py, with an exchange beside the course."""
    exchange = root.parent / "exchange"
    exchange.mkdir(exist_ok=True)
    exchange.chmod(0o777)
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'deep-learning'\nc.Exchange.root = {str(exchange)!r}\n"
    )


def hand_in(root: Path, student: str, lab: str, work: Path) -> None:
    """Hand in a folder: the source has the solution, the release nothing."""
    shutil.copytree(work, root / "submitted" / student / lab, dirs_exist_ok=True)

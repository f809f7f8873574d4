"""A small course whose lab needs no Keras, so that a run of it takes half a second."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring import build
from autograder.course import Course, open_course

NAME = "counting"
LAB = '''# %% [markdown] text="title"
# # Counting

# %% text="imports"
import random

# %% solution="count"
def count_down(number: int) -> int:
    """Return how many steps it takes to count down to 0."""
    # BEGIN SOLUTION
    steps = 0
    while number > 0:
        number -= 1
        steps += 1
    return steps
    # END SOLUTION


# %% tests="count-tests" points=1
if __name__ == "__main__":
    assert count_down(2) == 2

# %% solution="clamp"
def clamp(value: float) -> float:
    """Return the value, brought into [0, 1]."""
    # BEGIN SOLUTION
    return min(max(value, 0.0), 1.0)
    # END SOLUTION


# %% tests="clamp-tests" points=2
if __name__ == "__main__":
    assert clamp(0.5) == 0.5

# %% text="use"
if __name__ == "__main__":
    share = clamp(0.9 + 0.05 * random.random())

# %% tests="share-tests" points=2
if __name__ == "__main__":
    print(share)

# %% [markdown] answer="why" points=1
# Because it is so.
'''
CHECKS = '''"""Checks."""

from autograder.checks import Student, check, expect_close, expect_number, expect_share


@check(cell="count-tests")
def counts_steps(student: Student) -> None:
    """`count_down` counts steps."""
    number = int(student.rng.integers(3, 9))
    expect_close(student.call("count_down", number), number, "the steps")


@check(cell="clamp-tests")
def keeps_what_lies_between(student: Student) -> None:
    """`clamp` leaves a value between 0 and 1 alone."""
    value = float(student.rng.uniform(0.2, 0.8))
    expect_close(student.call("clamp", value), value, "the value")


@check(cell="clamp-tests", needs=["keeps_what_lies_between"])
def bounds_from_above(student: Student) -> None:
    """`clamp` brings a large value down."""
    expect_close(student.call("clamp", 7.5), 1.0, "7.5, clamped")


@check(cell="share-tests")
def shares_enough(student: Student) -> None:
    """`share` is large."""
    expect_share(expect_number(student.value("share"), "`share`"), "a share", zero_at=0.5, full_at=0.85)
'''
VARIANTS = '''"""Variants."""

from autograder.audit import right, wrong


@wrong(loses=["count-tests"])
def counts_one_more() -> dict[str, str]:
    """Counts from 1."""
    return {"count": "def count_down(number):\\n    return number + 1\\n"}


@wrong(loses=["clamp-tests"])
def leaves_it_large() -> dict[str, str]:
    """Forgets the upper bound."""
    return {"clamp": "def clamp(value):\\n    return max(value, 0.0)\\n"}


@wrong(loses=["clamp-tests", "share-tests"])
def halves_it() -> dict[str, str]:
    """Halves the value."""
    return {"clamp": "def clamp(value):\\n    return value / 2\\n"}


@right
def sorts() -> dict[str, str]:
    """Takes the middle one of three."""
    return {"clamp": "def clamp(value):\\n    return sorted([0.0, value, 1.0])[1]\\n"}
'''
EQUIVALENT = """
[[equivalent]]
mutants = ["{mutant}"]
reason = "the tests of this lab hand in nothing below 0"
"""


def make_course(
    root: Path, *, checks: str = CHECKS, variants: str = VARIANTS, files: dict[str, str] | None = None
) -> Course:
    """Make the course in `root`, its lab built."""
    lab = root / "reference" / NAME
    lab.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'counting'\n")
    (root / "course.toml").write_text("[sandbox]\npreload = []\n")
    for name, text in {"lab.py": LAB, "checks.py": checks, "variants.py": variants, **(files or {})}.items():
        (lab / name).write_text(text, encoding="utf-8")
    course = open_course(root)
    build([NAME], root / "reference", course.source_folder(NAME).parent)
    return course

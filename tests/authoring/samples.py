"""A small lab, whole: its public text uses the words of its solution, as real labs do."""

from __future__ import annotations

from pathlib import Path

import numpy as np

LAB = '''"""Notes for colleagues: this lab takes ten minutes."""

# %% [markdown]
# # Moving averages
#
# Smoothing a price means taking the *mean* of a window of prices, then moving the window by one.

# %% text="imports"
import numpy as np

# copy the prices before you change them
PRICES = np.array([1.0, 2.0, 6.0])

# %% solution="moving-average"
def moving_average(prices: np.ndarray, window: int) -> np.ndarray:
    """Return the mean of every window.

    Args:
        prices: Array of shape (days,).
        window: Number of days in a window.
    """
    # BEGIN SOLUTION
    cumulative = np.cumsum(np.concatenate([[0.0], prices]))
    sums = cumulative[window:] - cumulative[:-window]
    return sums / window
    # END SOLUTION


# %% tests="moving-average-values" points=4
if __name__ == "__main__":
    # the window moves by one
    averages = moving_average(PRICES, 2)
    assert np.allclose(averages, [1.5, 4.0])
    assert len(averages) == len(PRICES) - 1, """expected one mean
      for each window"""

# %%
if __name__ == "__main__":
    sums = np.cumsum(PRICES)
    print(sums)

# %% [markdown]
# What does a longer window do to the cumulative sums of prices, and to the mean?

# %% [markdown] answer="why-longer" points=1.5
# A longer window averages away what happens within it.
'''

CHECKS = '''"""Hidden checks."""

from pathlib import Path

import numpy as np

from autograder.checks import Failure, Student, check

with np.load(Path(__file__).parent / "data" / "hidden.npz") as hidden:
    WALK = hidden["walk"]


def slow_oracle_of_means(prices, window):
    """Compute each window's mean by itself, slowly and surely."""
    starts = range(len(prices) - window + 1)
    return np.array([prices[start : start + window].mean() for start in starts])


@check(cell="moving-average-values")
def averages_random_walks_as_the_oracle_does(student: Student) -> None:
    """`moving_average` is right on random walks nobody has seen."""
    averages = student.call("moving_average", WALK, 7)
    if not np.allclose(averages, slow_oracle_of_means(WALK, 7)):
        raise Failure("expected the mean of each window")
'''


def write_lab(reference: Path, name: str = "averages", text: str = LAB, checks: str = "") -> Path:
    """Write a lab's folder under `reference`; return it."""
    folder = reference / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lab.py").write_text(text)
    if checks:
        (folder / "checks.py").write_text(checks)
    return folder


def write_full_lab(reference: Path) -> Path:
    """Write the lab with its checks, a public file and hidden data; return its folder."""
    folder = write_lab(reference, checks=CHECKS)
    generator = np.random.default_rng(7)
    for part, name in (("files", "prices.npz"), ("data", "hidden.npz")):
        (folder / part).mkdir(exist_ok=True)
        np.savez(
            folder / part / name,
            walk=generator.normal(size=200).cumsum(),
            images=generator.random((20, 4, 4, 1), dtype=np.float32),
            labels=np.arange(20) % 4,
        )
    return folder

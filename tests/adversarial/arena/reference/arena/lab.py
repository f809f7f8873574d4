# %% [markdown] text="intro"
# # The arena
#
# Small questions of every kind that grading knows. `train.npz` holds images of shape (count, 6, 6) and their classes.

# %% text="imports"
import numpy as np


# %% solution="scale"
def scale(values: np.ndarray) -> np.ndarray:
    """Return `values` moved and stretched to reach from 0 to 1; zeros where all are equal."""
    # BEGIN SOLUTION
    lowest, highest = values.min(), values.max()
    if lowest == highest:
        return np.zeros_like(values)
    return (values - lowest) / (highest - lowest)
    # END SOLUTION


# %% tests="scale-tests" points=4
assert scale(np.array([1.0, 3.0])).tolist() == [0.0, 1.0]

# %% solution="classify"
# BEGIN SOLUTION
with np.load("train.npz") as train:
    centres = np.stack([train["images"][train["labels"] == number].mean(axis=0) for number in range(3)])
# END SOLUTION


def classify(images: np.ndarray) -> np.ndarray:
    """Return a score for each image and class, shape (count, 3); the largest of a row is the prediction.

    Args:
        images: Shape (count, 6, 6).
    """
    # BEGIN SOLUTION
    return -((images[:, None] - centres[None]) ** 2).sum(axis=(2, 3))
    # END SOLUTION


# %% tests="classify-tests" points=6
assert classify(np.zeros((2, 6, 6))).shape == (2, 3)


# %% solution="report"
def describe() -> dict[str, int]:
    """Return how many numbers your classifier keeps, under the key "numbers"."""
    # BEGIN SOLUTION
    return {"numbers": int(centres.size)}
    # END SOLUTION


# %% tests="report-tests" points=1
assert "numbers" in describe()


# %% solution="plain"
def double(number: int) -> int:
    """Return twice the number."""
    # BEGIN SOLUTION
    return 2 * number
    # END SOLUTION


# %% tests="plain-tests" points=3
assert double(2) == 4
### BEGIN HIDDEN TESTS
hidden_number = -37  # CANARY(hidden-tests)
assert double(hidden_number) == -74, "expected -74"
### END HIDDEN TESTS

# %% [markdown] answer="essay" points=2
# Because a centre is the mean of its class. CANARY(essay)

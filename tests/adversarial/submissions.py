"""What several groups hand in, and expect of it."""

from __future__ import annotations

import textwrap

from tests.adversarial.case import (
    Outcome,
    answer,
    scores,
    together,
)
from tests.adversarial.courses import Edit

# Wrong in every question: whatever is done besides, this is what it is worth.
WRONG = together(
    answer("scale", "def scale(values):\n    return values * 0.0 + 0.5"),
    answer("classify", "def classify(images):\n    return np.tile([1.0, 0.0, 0.0], (len(images), 1))"),
    answer("report", 'def describe():\n    return {"numbers": 1}'),
    answer("plain", "def double(number):\n    return 3 * number"),
)
nothing = scores(scale=0.0, classify=0.0, report=0.0, plain=0.0)


def measured_nothing(outcome: Outcome) -> None:
    """Expect nothing for the questions that are measured; those the kernel itself answers may have been forged."""
    assert outcome.scores["scale"] == 0.0, str(outcome)
    assert outcome.scores["classify"] == 0.0, str(outcome)
    assert outcome.marks == outcome.scores, str(outcome)


RIGHT = "-((images[:, None] - centres[None]) ** 2).sum(axis=(2, 3))"


TRAINED = (
    'with np.load("train.npz") as train:\n'
    '    centres = np.stack([train["images"][train["labels"] == number].mean(axis=0) for number in range(3)])'
)


def classifier(body: str, begin: str = "") -> Edit:
    """A classifier with this body; `right(images)` gives the right scores."""
    begin = f"{TRAINED}\n\ndef right(images):\n    return {RIGHT}\n\n{begin}"
    return answer("classify", f"{begin}\n\ndef classify(images):\n{textwrap.indent(body, '    ')}")

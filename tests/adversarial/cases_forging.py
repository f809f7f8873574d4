"""Group A: forging the result."""

from __future__ import annotations

from tests.adversarial.case import Case, answer, zero

CASES: tuple[Case, ...] = (
    Case(
        1,
        "A",
        "a function that ends its process when it is asked costs its question and no other",
        answer("scale", "import os\n\ndef scale(values):\n    os._exit(0)"),
        zero("scale", "ended"),
    ),
)

"""Which labs the tests try: the audit of a lab trains dozens of networks."""

from __future__ import annotations

import os

# Minutes each on one core; everything in them passes.
LONG = [
    "test_custom_layers.py",
    "test_gan.py",
    "test_q_learning.py",
    "test_text_generation.py",
    "test_transfer_learning.py",
]

collect_ignore = [] if os.environ.get("LABS") == "all" else LONG  # `LABS=all make test` has them all

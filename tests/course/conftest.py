"""Which labs the tests try: the audit of a lab trains dozens of networks."""

from __future__ import annotations

import os

LONG = ["test_custom_layers.py"]  # seven minutes on one core; everything in it passes
# Their audits still find a variant that is judged wrongly.
UNFINISHED = ["test_gan.py", "test_q_learning.py", "test_text_generation.py"]

collect_ignore = [] if os.environ.get("LABS") == "all" else [*LONG, *UNFINISHED]  # `LABS=all make test` has them all

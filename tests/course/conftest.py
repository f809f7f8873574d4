"""Which labs the tests try: the audit of a lab trains dozens of networks."""

from __future__ import annotations

import os

# Not finished: their audits still find a variant that is judged wrongly. `LABS=all make test` has them too.
UNFINISHED = ["test_gan.py", "test_q_learning.py", "test_text_generation.py"]

collect_ignore = [] if os.environ.get("LABS") == "all" else UNFINISHED

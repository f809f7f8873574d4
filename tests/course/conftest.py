"""Which labs the tests try: the audit of a lab trains dozens of networks."""

from __future__ import annotations

import os

# Not yet timed beside other tests on two cores. `LABS=all make test` has them too, `make audit` tries all labs.
UNTIMED = ["test_custom_layers.py", "test_gan.py", "test_q_learning.py", "test_text_generation.py"]

collect_ignore = [] if os.environ.get("LABS") == "all" else UNTIMED

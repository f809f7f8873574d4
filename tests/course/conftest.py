"""Which labs the tests audit: an audit trains dozens of networks. Everything else about every lab is tested always."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Minutes on one core each.
LONG = (
    *("test_custom_layers.py", "test_exam_forecast.py", "test_exam_residual.py", "test_gan.py"),
    *("test_q_learning.py", "test_text_generation.py", "test_transfer_learning.py", "test_waste_classification.py"),
)
AUDIT = "test_the_audit_under_one_seed_finds_nothing_wrong"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the audits that take minutes, but for `LABS=all make test`."""
    if os.environ.get("LABS") == "all":
        return
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name in LONG and item.name == AUDIT:
            item.add_marker(pytest.mark.skip(reason="an audit of minutes: LABS=all make test"))

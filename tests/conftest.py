"""Settings of every test."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Nested values are slow to draw, and anything is slow to run, on a busy machine: how long that takes says nothing of
# what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

# Files of a minute or more (`--durations=0` shows them), the longest first: a process that takes one of them up last
# would keep the others waiting for it.
LONG = (
    *("course/test_text_generation.py", "course/test_transfer_learning.py", "course/test_gan.py"),
    *("course/test_q_learning.py", "adversarial/test_cases.py", "grading/test_grade.py", "course/test_cnn_digits.py"),
    *("course/test_custom_layers.py", "test_demo.py", "audit/test_audit.py", "test_cli.py"),
    *(
        "browser/test_end_to_end.py",
        "adversarial/test_faults.py",
        "grading/test_crash.py",
        "grading/test_bad_places.py",
    ),
    *(
        "grading/test_cluster.py",
        "grading/test_pool.py",
        "grading/test_execution_limits.py",
        "sandbox/test_traced_once.py",
    ),
    *("grading/test_same_marks.py", "adversarial/test_soak.py", "grading/test_execute.py"),
)
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; the order within a file, and of the others, stays as it is."""
    places = {HERE / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape what UTF-8 cannot carry, such as a file's name out of a log: pytest-xdist ends the whole run on it."""
    report = yield
    report.sections = [(title, encodable(text)) for title, text in report.sections]
    if encodable(report.longreprtext) != report.longreprtext:
        report.longrepr = encodable(report.longreprtext)
    return report


def encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

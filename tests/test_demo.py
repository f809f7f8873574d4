"""The demo, whole: what the README says it prints is what it prints."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

from autograder.demo import run_demo

ROOT = Path(__file__).parent.parent


def test_the_demo_gives_the_marks_that_the_readme_shows(tmp_path: Path) -> None:
    shown = io.StringIO()
    run_demo(Console(file=shown, width=160), ROOT, tmp_path / "demo")
    marks = dict(re.findall(r"│ (\w+) +│ +([\d.]+) │ 40 │", shown.getvalue()))
    promised = dict(re.findall(r"^\| (\w+) \| ([\d.]+) \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert marks == promised
    assert len(marks) >= 12
    for student in marks:
        assert (tmp_path / "demo" / "reports" / "cnn_digits" / student / "cnn_digits.html").exists()
    assert "Reports: " in shown.getvalue()

"""Our tables, opened by a real LibreOffice that is told to evaluate every formula it finds: there is none."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.spreadsheet import render_table
from tests.test_spreadsheet import FORMULAS

BEFORE = ["", " ", "\t", '"', "'", " \u00a0\ufeff\u200b", '\t " ', "Smith;", "Smith\t", "Smith\n", 'Smith";']
CELLS = [[before + formula] for before in BEFORE for formula in FORMULAS]
OFFICE = shutil.which("soffice")

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice (package libreoffice-calc) is not installed")


def formulas_in(path: Path, separator: str) -> int:
    """How many formulas LibreOffice finds in a CSV file, split at `separator`."""
    # Character codes of separator and quotes, UTF-8, from line 1; the 13th says that formulas are evaluated.
    options = f"CSV:{ord(separator)},34,76,1,,0,false,true,false,false,false,-1,true"
    home, made = path.parent / "home", path.parent / f"made-{ord(separator)}"
    command = [str(OFFICE), f"-env:UserInstallation=file://{home}", "--headless", f"--infilter={options}"]
    subprocess.run(
        [*command, "--convert-to", "fods", "--outdir", str(made), str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (made / f"{path.stem}.fods").read_text(encoding="utf-8").count("table:formula=")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "marks.csv"
    path.write_text(render_table(["name"], CELLS), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_it_finds_no_formula_in_our_table_wherever_it_splits(written: Path, separator: str) -> None:
    assert formulas_in(written, separator) == 0


def test_it_finds_those_of_a_table_that_was_not_made_safe(tmp_path: Path) -> None:
    with (tmp_path / "plain.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([[formula] for formula in FORMULAS])
    assert formulas_in(tmp_path / "plain.csv", ",") >= 3

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from autograder.authoring import Lab, Leak, read_lab, scan_release
from autograder.errors import AuthoringError

from .samples import CHECKS, LAB, write_full_lab, write_lab

NOTEBOOK = "averages.ipynb"
SOLUTION_LINE = "sums = cumulative[window:] - cumulative[:-window]"


@pytest.fixture
def folder(tmp_path: Path, released_course: Path) -> Path:
    """A clean release of the sample lab, to put something into."""
    return Path(shutil.copytree(released_course / "release" / "averages", tmp_path / "release" / "averages"))


def edit_notebook(folder: Path, edit: Callable[[Any], None]) -> None:
    """Change the released notebook as JSON."""
    path = folder / NOTEBOOK
    notebook = json.loads(path.read_text())
    edit(notebook)
    path.write_text(json.dumps(notebook))


def add_to_cell(folder: Path, grade_id: str, text: str) -> None:
    """Put `text` at the end of a released cell."""

    def edit(notebook: Any) -> None:
        (cell,) = [cell for cell in notebook["cells"] if cell["id"] == grade_id]
        cell["source"] = [*cell["source"], "\n" + text]

    edit_notebook(folder, edit)


def test_a_clean_release_has_no_leak_though_its_text_shares_words_with_the_solution(folder: Path, lab: Lab) -> None:
    assert scan_release(folder, lab) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"    {SOLUTION_LINE}", f"the solution of 'moving-average': `{SOLUTION_LINE}`"),
        ("# A longer window averages  away what happens within it.", "the solution of 'why-longer': `A longer window"),
        ("# see averages_random_walks_as_the_oracle_does", "a function of checks.py: averages_random_walks_as_the_or"),
        ("# `moving_average` is right on random\n# walks nobody has seen", ""),
        ('"`moving_average` is right on random walks nobody has seen."', "the sentence of the check averages_random"),
        ("starts = range(len(prices) - window + 1)", "a line of checks.py: `starts = range(len(prices)"),
        ('averages = student.call("moving_average", x, 7)', ""),
        ('student.call("moving_average", WALK, 7)', ""),
        ('averages = student.call("moving_average", WALK, 7)', "a line of checks.py: `averages = student.ca"),
        ("# compute each window's mean by itself", ""),
        ("# Compute each window's mean by itself, slowly and surely", "a docstring of checks.py: `Compute each window"),
        ("# hidden.npz", "the name of a hidden file: hidden.npz"),
        ("# BEGIN SOLUTION", "the marker 'BEGIN SOLUTION'"),
        ("### END HIDDEN TESTS", "the marker 'END HIDDEN TESTS'"),
        ("from autograder.checks import check", "an import of autograder, which students do not have"),
        ("# the autograder reads this", ""),
    ],
)
def test_what_is_hidden_is_found_in_a_cell(folder: Path, lab: Lab, text: str, what: str) -> None:
    add_to_cell(folder, "moving-average-values", text)
    leaks = scan_release(folder, lab)
    if what:
        assert leaks
        assert (leaks[0].file, leaks[0].cell) == (NOTEBOOK, "moving-average-values")
        assert leaks[0].what.startswith(what)
    else:
        assert leaks == []


def test_even_a_short_solution_line_is_found_where_it_was_left(folder: Path, lab: Lab) -> None:
    add_to_cell(folder, "moving-average", "    return sums / window")
    assert scan_release(folder, lab) == [
        Leak(NOTEBOOK, "moving-average", "the solution of 'moving-average': `return sums / window`")
    ]


def test_a_line_lab_py_also_gives_away_is_no_leak_but_a_passage_is(tmp_path: Path, folder: Path) -> None:
    shared = f"# %%\n{SOLUTION_LINE}\n"
    lab_folder = write_full_lab(tmp_path / "reference")
    (lab_folder / "lab.py").write_text(LAB + "\n" + shared)
    add_to_cell(folder, "imports", SOLUTION_LINE)
    assert scan_release(folder, read_lab(lab_folder)) == []
    passage = f"cumulative = np.cumsum(np.concatenate([[0.0], prices]))\n{SOLUTION_LINE}\nmeans = sums / window"
    (lab_folder / "lab.py").write_text(LAB + "\n# %%\n" + passage + "\nreturn_value = 0\n")
    add_to_cell(folder, "imports", passage)
    assert scan_release(folder, read_lab(lab_folder)) == []  # the last line differs: a worked example of its own
    copied = passage.replace("means = sums / window", "return sums / window")
    (lab_folder / "lab.py").write_text(
        LAB + "\n# %%\ndef example(prices, window):\n    " + copied.replace("\n", "\n    ")
    )
    add_to_cell(folder, "imports", copied)
    (leak,) = scan_release(folder, read_lab(lab_folder))
    assert leak.what.startswith("the solution of 'moving-average': `cumulative = ")


def test_a_whole_solution_of_one_line_is_a_leak_even_where_lab_py_shows_it(tmp_path: Path) -> None:
    line = 'return np.convolve(prices, np.ones(window) / window, mode="valid")'
    start, end = LAB.index("    # BEGIN SOLUTION"), LAB.index("    # END SOLUTION")
    short = f"{LAB[:start]}    # BEGIN SOLUTION\n    {line}\n{LAB[end:]}"
    lab = read_lab(write_lab(tmp_path / "reference", text=f"{short}\n# %% [markdown]\n# For example `{line}`.\n"))
    folder = tmp_path / "release"
    folder.mkdir()
    nbformat.write(new_notebook(cells=[new_markdown_cell(f"For example `{line}`.")]), folder / NOTEBOOK)
    (leak,) = scan_release(folder, lab)
    assert leak.what.startswith("the solution of 'moving-average': `return np.convolve")


def test_words_checks_share_with_the_lab_are_no_leak(tmp_path: Path, folder: Path) -> None:
    lab_folder = write_full_lab(tmp_path / "reference")
    shared = "right = accuracy(labels, predictions)"
    text = (
        f"{LAB}\n# %%\ndef accuracy(labels, predictions):\n    return 1.0\n\n\nlabels = predictions = [1]\n{shared}\n"
    )
    (lab_folder / "lab.py").write_text(text + "\n# %% [markdown]\n# Real digits come from `load_digits`.\n")
    helper = f"def load_digits(student):\n    {shared}\n"
    (lab_folder / "checks.py").write_text("from autograder.checks import accuracy\n\n\n" + helper)
    add_to_cell(folder, "imports", shared + "  # with load_digits")
    assert scan_release(folder, read_lab(lab_folder)) == []
    add_to_cell(folder, "imports", "def load_digits(student):")
    assert [leak.what for leak in scan_release(folder, read_lab(lab_folder))] == [
        "a line of checks.py: `def load_digits(student):`"
    ]


def test_outputs_and_execution_counts_left_in_a_cell_are_found(folder: Path, lab: Lab) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": [f"in {lab.folder}/checks.py"]}
    edit_notebook(folder, lambda notebook: notebook["cells"][2].update(outputs=[error], execution_count=3))
    first, second = scan_release(folder, lab)
    assert first.what == "an output or execution count; expected none in a release"
    assert second.what == f"metadata or output: the instructor's path {lab.folder}"


def test_metadata_and_attachments_are_searched(folder: Path, lab: Lab) -> None:
    edit_notebook(folder, lambda notebook: notebook["metadata"].update(path=str(Path.home() / "courses")))
    edit_notebook(folder, lambda notebook: notebook["cells"][0]["metadata"].update(note=SOLUTION_LINE))
    assert [(leak.cell, leak.what.split(": ")[0]) for leak in scan_release(folder, lab)] == [
        (None, "notebook metadata"),
        (f"number 1 ({first_cell_id(folder)})", "metadata or output"),
    ]


def first_cell_id(folder: Path) -> str:
    """The id of the released notebook's first cell."""
    return str(json.loads((folder / NOTEBOOK).read_text())["cells"][0]["id"])


def test_paths_given_by_the_caller_are_private_too(folder: Path, lab: Lab, tmp_path: Path) -> None:
    (folder / "readme.txt").write_text(f"made in {tmp_path}/course, not in {tmp_path}x\n")
    assert scan_release(folder, lab, [tmp_path / "course"])[0].what == f"the instructor's path {tmp_path}/course"
    assert scan_release(folder, lab, [tmp_path / "cours"]) == []


def write_zip(path: Path, name: str, content: bytes) -> None:
    """Write an archive of one member."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


@pytest.mark.parametrize(
    ("plant", "file", "what"),
    [
        (lambda out, lab: shutil.copy(lab.checks_path, out / "a.txt"), "a.txt", "a copy of the instructor's checks.py"),
        (
            lambda out, lab: shutil.copy(lab.folder / "lab.py", out / "b.py"),
            "b.py",
            "a copy of the instructor's lab.py",
        ),
        (
            lambda out, lab: shutil.copy(lab.data_folder / "hidden.npz", out / "x.bin"),
            "x.bin",
            "a copy of the instructor's data/hidden.npz",
        ),
        (lambda out, lab: (out / "hidden.npz").write_text("-"), "hidden.npz", "its name: the name of a hidden file"),
        (
            lambda out, lab: (out / "s.py").write_text(f"def f():\n  {SOLUTION_LINE}\n"),
            "s.py",
            "the solution of 'moving",
        ),
        (
            lambda out, lab: (out / "s.json").write_text(json.dumps([SOLUTION_LINE])),
            "s.json",
            "the solution of 'moving",
        ),
        (
            lambda out, lab: write_zip(out / "s.zip", "s.py", CHECKS.encode()),
            "s.zip/s.py",
            "a copy of the instructor's",
        ),
        (lambda out, lab: (out / "link").symlink_to(lab.folder), "link", "a link; expected files only"),
        (lambda out, lab: (out / "b.bin").write_bytes(b"\xff\x00 END SOLUTION"), "b.bin", "the marker 'END SOLUTION'"),
        (lambda out, lab: (out / "b.ipynb").write_text("no JSON"), "b.ipynb", "no notebook that can be read"),
        (
            lambda out, lab: np.save(out / "o.npy", np.array([{}]), allow_pickle=True),
            "o.npy",
            "expected plain arrays in o.npy, found what cannot be read",
        ),
    ],
)
def test_what_is_hidden_is_found_in_files(
    folder: Path, lab: Lab, plant: Callable[[Path, Lab], object], file: str, what: str
) -> None:
    plant(folder, lab)
    leaks = [leak for leak in scan_release(folder, lab) if leak.file == file]
    assert any(leak.what.startswith(what) for leak in leaks), leaks
    assert all(leak.cell is None for leak in leaks)


@pytest.mark.parametrize(
    ("member", "change", "found"),
    [
        ("images", lambda images: images[5:7], "2 of its rows in 'x'"),
        ("images", lambda images: (images.astype(np.float64) * 255)[:1], "1 of its rows in 'x'"),
        ("images", lambda images: images.reshape(20, 16), "20 of its rows in 'x'"),
        ("images", lambda images: images.reshape(2, 10, 4, 4), "20 of its rows in 'x'"),
        ("images", lambda images: images + 0.01, ""),
        ("walk", lambda walk: walk, "it in 'x'"),
        ("walk", lambda walk: walk[:-1], ""),
        ("labels", lambda labels: labels, ""),
    ],
)
def test_hidden_arrays_are_found_in_released_ones(
    folder: Path, lab: Lab, member: str, change: Callable[[Any], Any], found: str
) -> None:
    with np.load(lab.data_folder / "hidden.npz") as hidden:
        np.savez_compressed(folder / "more.npz", x=change(hidden[member]))
    leaks = [leak.what for leak in scan_release(folder, lab) if leak.file == "more.npz"]
    assert leaks == ([f"hidden data: hidden.npz: {member} ({found})"] if found else [])


def test_rows_that_are_alike_by_chance_are_no_leak(folder: Path, lab: Lab) -> None:
    rows = np.concatenate([np.zeros((2, 16)), np.eye(16), np.linspace(0, 1, 16)[None]])
    np.save(lab.data_folder / "plain.npy", rows)
    np.save(folder / "plain_too.npy", rows)
    assert [leak for leak in scan_release(folder, lab) if "hidden data" in leak.what] == []


def test_lines_of_hidden_tables_are_found_but_their_header_is_not(folder: Path, lab: Lab) -> None:
    (lab.data_folder / "hidden.csv").write_text("day,price,volume,trend\n2021-03-04,17.25,1000,up\n")
    (folder / "prices.csv").write_text("day,price,volume,trend\n")
    assert scan_release(folder, lab) == []
    (folder / "prices.csv").write_text("day,price,volume,trend\n2021-03-04,17.25,1000,up\n")
    (leak,) = scan_release(folder, lab)
    assert leak.what == "hidden data (hidden.csv): `2021-03-04,17.25,1000,up`"


def test_hidden_data_that_cannot_be_searched_for_is_refused(folder: Path, lab: Lab) -> None:
    np.save(lab.data_folder / "objects.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(AuthoringError, match=r"averages/data: expected plain arrays in objects\.npy, found what"):
        scan_release(folder, lab)


@pytest.mark.parametrize("cells", [[1], [{"metadata": [], "source": 7}], [{"metadata": {"nbgrader": 1}}], None])
def test_an_odd_notebook_in_an_archive_stops_no_scan(folder: Path, lab: Lab, cells: object) -> None:
    write_zip(folder / "more.zip", "odd.ipynb", json.dumps({"cells": cells, "x": "END SOLUTION"}).encode())
    assert {leak.file for leak in scan_release(folder, lab)} == {"more.zip/odd.ipynb"}


def test_a_leak_reads_as_file_cell_and_what() -> None:
    assert str(Leak("a.ipynb", "one", "the marker 'END SOLUTION'")) == "a.ipynb, cell one: the marker 'END SOLUTION'"
    assert str(Leak("a.txt", None, "a link")) == "a.txt: a link"

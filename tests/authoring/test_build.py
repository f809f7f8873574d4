from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.authoring import Lab, build, list_labs
from autograder.errors import AuthoringError, CheckError, UsageError

from .samples import CHECKS, LAB, write_lab


def test_a_build_writes_the_notebook_and_the_files_students_get(tmp_path: Path, lab: Lab) -> None:
    source = tmp_path / "source"
    (built,) = build(["averages"], tmp_path / "reference", source)
    assert built.notebook == source / "averages" / "averages.ipynb"
    assert [(change.path.name, change.what) for change in built.changes] == [
        ("averages.ipynb", "missing"),
        ("prices.npz", "missing"),
    ]
    assert len(nbformat.read(built.notebook, as_version=4).cells) == len(lab.cells)
    assert (source / "averages" / "prices.npz").read_bytes() == (lab.folder / "files" / "prices.npz").read_bytes()
    assert sorted(path.name for path in (source / "averages").iterdir()) == ["averages.ipynb", "prices.npz"]


def test_a_second_build_changes_nothing(tmp_path: Path) -> None:
    write_lab(tmp_path / "reference")
    (built,) = build([], tmp_path / "reference", tmp_path / "source")
    written = built.notebook.stat().st_mtime_ns
    (again,) = build([], tmp_path / "reference", tmp_path / "source")
    assert again.changes == ()
    assert built.notebook.stat().st_mtime_ns == written


def test_check_writes_nothing_and_tells_what_is_missing(tmp_path: Path) -> None:
    write_lab(tmp_path / "reference")
    (built,) = build([], tmp_path / "reference", tmp_path / "source", check=True)
    assert [change.what for change in built.changes] == ["missing"]
    assert not (tmp_path / "source").exists()


def test_check_shows_the_first_difference_of_a_notebook(tmp_path: Path) -> None:
    folder = write_lab(tmp_path / "reference")
    (built,) = build([], tmp_path / "reference", tmp_path / "source")
    before = built.notebook.read_bytes()
    (folder / "lab.py").write_text(LAB.replace("points=4", "points=3").replace("points=1.5", "points=2"))
    (drifted,) = build([], tmp_path / "reference", tmp_path / "source", check=True)
    (change,) = drifted.changes
    assert change.what == "different"
    assert '-     "points": 4,' in change.diff
    assert '+     "points": 3,' in change.diff
    assert "1.5" not in change.diff
    assert built.notebook.read_bytes() == before
    build([], tmp_path / "reference", tmp_path / "source")
    assert build([], tmp_path / "reference", tmp_path / "source", check=True)[0].changes == ()


def test_a_binary_file_that_differs_is_told_by_its_size(tmp_path: Path, lab: Lab) -> None:
    (built,) = build([], tmp_path / "reference", tmp_path / "source")
    (built.notebook.parent / "prices.npz").write_bytes(b"\xff\xfe")
    (change,) = build([], tmp_path / "reference", tmp_path / "source", check=True)[0].changes
    assert change.diff.startswith("prices.npz: 2 bytes found, ")


def test_a_stray_file_is_told_and_left_alone(tmp_path: Path) -> None:
    write_lab(tmp_path / "reference")
    (built,) = build([], tmp_path / "reference", tmp_path / "source")
    notes = built.notebook.with_name("notes.txt")
    notes.write_text("mine")
    (again,) = build([], tmp_path / "reference", tmp_path / "source")
    assert [change.path for change in again.stray] == [notes]
    assert notes.read_text() == "mine"


def test_a_check_of_an_unknown_cell_stops_the_build(tmp_path: Path, lab: Lab) -> None:
    lab.checks_path.write_text(CHECKS.replace('cell="moving-average-values"', 'cell="moving-average"'))
    with pytest.raises(
        AuthoringError, match=r"expected the id of a tests cell of lab.py, found 'moving-average'; there"
    ):
        build([], tmp_path / "reference", tmp_path / "source")
    assert not (tmp_path / "source").exists()


def test_checks_that_cannot_be_loaded_stop_the_build(tmp_path: Path) -> None:
    write_lab(tmp_path / "reference", checks="import a_module_that_is_not_there")
    with pytest.raises(CheckError, match="a_module_that_is_not_there"):
        build([], tmp_path / "reference", tmp_path / "source")


def test_an_invalid_lab_stops_the_build_before_anything_is_written(tmp_path: Path) -> None:
    write_lab(tmp_path / "reference", "first")
    write_lab(tmp_path / "reference", "second", text="# %%\n1\n")
    with pytest.raises(AuthoringError, match=r"second/lab\.py:1"):
        build([], tmp_path / "reference", tmp_path / "source")
    assert not (tmp_path / "source").exists()


def test_an_unknown_lab_is_refused_with_the_name_that_comes_close(tmp_path: Path) -> None:
    write_lab(tmp_path / "reference")
    with pytest.raises(UsageError, match="received 'average'; did you mean 'averages'"):
        build(["average"], tmp_path / "reference", tmp_path / "source")
    with pytest.raises(UsageError, match=r"expected labs .* found none"):
        build([], tmp_path / "empty", tmp_path / "source")


def test_links_and_a_second_notebook_among_the_files_are_refused(tmp_path: Path) -> None:
    files = write_lab(tmp_path / "reference") / "files"
    files.mkdir()
    (files / "averages.ipynb").write_text("{}")
    with pytest.raises(AuthoringError, match="this name is the notebook's own"):
        build([], tmp_path / "reference", tmp_path / "source")
    (files / "averages.ipynb").unlink()
    (files / "data.csv").symlink_to("/etc/hostname")
    with pytest.raises(AuthoringError, match="expected a file, found a link"):
        build([], tmp_path / "reference", tmp_path / "source")


def test_only_folders_with_a_lab_py_are_labs(tmp_path: Path) -> None:
    write_lab(tmp_path, "b")
    write_lab(tmp_path, "a")
    (tmp_path / "notes").mkdir()
    assert list_labs(tmp_path) == ("a", "b")

"""Releases to students: zip files with nothing but what they need, and the exchange, searched before they go out."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.authoring import build
from autograder.course import Course, open_course
from autograder.errors import LeakError, PublishError, UsageError
from autograder.publish import Outcome, ReleaseOptions, pack, release_to_students
from tests.authoring.conftest import course, released_course  # noqa: F401 - fixtures, shared
from tests.authoring.samples import LAB, write_lab

LABS = ["averages"]


def released(course: Course, **options: object) -> Outcome:  # noqa: F811
    (outcome,) = release_to_students(course, LABS, ReleaseOptions(**options))  # type: ignore[arg-type]
    return outcome


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


@pytest.fixture
def exchange(course: Course) -> Path:  # noqa: F811
    folder = course.root / "exchange"
    folder.mkdir(mode=0o777)
    config = course.root / "nbgrader_config.py"
    config.write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'dl'\nc.Exchange.root = {str(folder)!r}\n")
    return folder


def test_a_zip_file_holds_the_notebook_and_its_data_alone(course: Course, tmp_path: Path) -> None:  # noqa: F811
    litter = course.root / "release" / "averages" / ".ipynb_checkpoints"
    litter.mkdir()
    shutil.copy(litter.parent / "averages.ipynb", litter / "averages-checkpoint.ipynb")
    outcome = released(course, place=tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "averages.zip") as archive:
        assert archive.namelist() == ["averages/averages.ipynb", "averages/prices.npz"]
        notebook = archive.read("averages/averages.ipynb").decode()
    assert outcome.files == ("averages.ipynb", "prices.npz")
    assert "BEGIN SOLUTION" not in notebook


def test_the_same_release_is_the_same_file_byte_for_byte(course: Course, tmp_path: Path) -> None:  # noqa: F811
    released(course, place=tmp_path / "one.zip", force=True)
    for path in files(course.root / "release"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    released(course, place=tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("missing", [("autograder", "nbgrader")])
def test_a_zip_files_notebook_runs_in_an_empty_folder_where_nobody_has_nbgrader(
    course: Course,  # noqa: F811
    tmp_path: Path,
    missing: tuple[str, ...],
) -> None:
    bundle = released(course, place=tmp_path / "averages.zip").bundle
    assert bundle is not None
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as archive:
        archive.extractall(tmp_path / "hosted")
    folder = tmp_path / "hosted" / "averages"
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(
        "import sys\n" + "".join(f"sys.modules[{name!r}] = None\n" for name in missing)
    )
    notebook = nbformat.read(folder / "averages.ipynb", as_version=4)
    client = NotebookClient(
        notebook, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(blocker)})
    errors = {
        output.ename
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }
    assert errors <= {"NotImplementedError"}  # what the student has yet to write
    ran = subprocess.run(
        [sys.executable, "-c", "import nbgrader"], env={**os.environ, "PYTHONPATH": str(blocker)}, capture_output=True
    )
    assert ran.returncode != 0


def test_several_releases_do_not_share_one_zip_file(course: Course, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(UsageError, match="expected a folder for the zip files of 2 releases"):
        list(release_to_students(course, [*LABS, "more"], ReleaseOptions(place=tmp_path / "all.zip")))


def test_what_is_packed_is_sorted_by_name_and_links_stay_outside(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    (folder / "b").mkdir(parents=True)
    for name in ("b/z.txt", "a.txt"):
        (folder / name).write_text(name)
    (folder / "link").symlink_to("/etc/passwd")
    with zipfile.ZipFile(io.BytesIO(pack(folder, tmp_path).content)) as archive:
        assert archive.namelist() == ["lab/a.txt", "lab/b/z.txt"]


def test_a_dry_run_says_what_would_go_where_and_writes_nothing(
    course: Course,  # noqa: F811
    exchange: Path,
    tmp_path: Path,
) -> None:
    opened = open_course(course.root)
    before = {path: path.read_bytes() for path in files(course.root)}
    outcome = released(opened, place=tmp_path / "zips", exchange=True, force=True, dry_run=True)
    assert (outcome.status, outcome.offered, outcome.files) == ("released", "new", ("averages.ipynb", "prices.npz"))
    assert outcome.folder == course.root / "release" / "averages"
    assert {path: path.read_bytes() for path in files(course.root)} == before
    assert not (tmp_path / "zips").exists()


def test_the_exchange_has_what_was_released_and_replaces_it_only_when_told(
    course: Course,  # noqa: F811
    exchange: Path,
) -> None:
    opened = open_course(course.root)
    assert released(opened, exchange=True).offered == "new"
    outbound = exchange / "dl" / "outbound" / "averages"
    assert sorted(path.name for path in outbound.iterdir()) == ["averages.ipynb", "prices.npz"]
    assert released(opened, exchange=True).offered == "same"
    write_lab(course.root / "reference", text=LAB.replace("points=4", "points=5"))
    build([], course.root / "reference", course.root / "source")
    assert released(opened, exchange=True, force=True).offered == "replaced"
    assert b'"points": 5' in (outbound / "averages.ipynb").read_bytes()
    (outbound / "averages.ipynb").chmod(0o644)
    (outbound / "averages.ipynb").write_text("another")
    with pytest.raises(PublishError, match="run the same command with --force"):
        released(opened, exchange=True)


def test_what_was_put_into_a_release_later_is_searched_before_it_goes_out(
    course: Course,  # noqa: F811
    exchange: Path,
    tmp_path: Path,
) -> None:
    (course.root / "release" / "averages" / "note.txt").write_text("### BEGIN SOLUTION")
    with pytest.raises(LeakError, match=r"note\.txt: the marker 'BEGIN SOLUTION'"):
        released(open_course(course.root), place=tmp_path / "zips", exchange=True)
    assert not (tmp_path / "zips").exists()
    assert not (exchange / "dl").exists()


def test_a_released_notebook_says_what_it_is(course: Course) -> None:  # noqa: F811
    released(course, force=True)
    notebook = nbformat.read(course.root / "release" / "averages" / "averages.ipynb", as_version=4)
    stamp = notebook.metadata["autograder"]
    assert stamp["assignment"] == "averages"
    assert stamp["cells"] == ["imports", "moving-average", "moving-average-values", "why-longer"]


def test_without_an_exchange_nothing_is_released_into_one(course: Course) -> None:  # noqa: F811
    with pytest.raises(PublishError, match=r"expected a course id|expected nbgrader's exchange at"):
        released(course, exchange=True)

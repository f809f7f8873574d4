from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import build, release
from autograder.course import Course, open_course
from autograder.errors import AuthoringError, LeakError, UsageError

from .samples import LAB, write_lab


def rebuild(course: Course, text: str) -> None:
    """Change the sample lab and build it."""
    assert course.reference is not None
    write_lab(course.reference, text=text)
    build([], course.reference, course.root / "source")


def leftovers(course: Course) -> list[str]:
    """What a release left in the course's root besides the course's own folders and the gradebook."""
    own = {"reference", "source", "release", "gradebook.db"}
    return sorted(path.name for path in course.root.iterdir() if path.name not in own)


def recorded_sources(course: Course) -> dict[str, str]:
    """The cells as the gradebook has them."""
    with course.gradebook() as gradebook:
        return {cell.name: cell.source for cell in gradebook.find_notebook("averages", "averages").source_cells}


def test_a_release_is_nbgraders_own_without_solutions(course: Course) -> None:
    folder = course.root / "release" / "averages"
    notebook = nbformat.read(folder / "averages.ipynb", as_version=4)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    assert cells["moving-average"].source.endswith("    # YOUR CODE HERE\n    raise NotImplementedError()")
    assert cells["why-longer"].source == "YOUR ANSWER HERE"
    assert all(len(cell.metadata.nbgrader.checksum) == 32 for cell in cells.values())
    assert sorted(path.name for path in folder.iterdir()) == ["averages.ipynb", "prices.npz"]
    assert sorted(recorded_sources(course)) == ["imports", "moving-average", "moving-average-values", "why-longer"]
    assert leftovers(course) == []


def test_an_earlier_release_is_kept_unless_forced(course: Course) -> None:
    notebook = course.root / "release" / "averages" / "averages.ipynb"
    before = notebook.read_bytes()
    rebuild(course, LAB.replace("points=4", "points=5"))
    assert [one.status for one in release(course, ["averages"])] == ["kept"]
    assert notebook.read_bytes() == before
    (released,) = release(course, ["averages"], force=True)
    assert (released.status, released.folder) == ("released", notebook.parent)
    assert b'"points": 5' in notebook.read_bytes()
    assert leftovers(course) == []


def test_a_leak_stops_the_release_names_the_cell_and_leaves_no_trace(course: Course) -> None:
    released = course.root / "release" / "averages" / "averages.ipynb"
    before, recorded = released.read_bytes(), recorded_sources(course)
    spoiled = LAB.replace("# the window moves by one", "# see averages_random_walks_as_the_oracle_does")
    rebuild(course, spoiled.replace("points=4", "points=5"))
    with pytest.raises(LeakError) as refusal:
        release(course, ["averages"], force=True)
    assert str(refusal.value) == (
        "averages is not released, expected nothing hidden in it, found 1 leak:\n"
        "averages.ipynb, cell moving-average-values: a function of checks.py: averages_random_walks_as_the_oracle_does"
    )
    assert released.read_bytes() == before
    assert recorded_sources(course) == recorded
    assert leftovers(course) == []


def test_a_leak_in_a_first_release_leaves_nothing_for_students(course: Course) -> None:
    assert course.reference is not None
    shutil.rmtree(course.root / "release")
    shutil.copy(
        course.reference / "averages" / "data" / "hidden.npz", course.reference / "averages" / "files" / "x.npz"
    )
    build([], course.reference, course.root / "source")
    with pytest.raises(LeakError, match=r"x\.npz: a copy of the instructor's data/hidden\.npz"):
        release(course, ["averages"])
    assert not list(course.root.rglob("release/**/*.ipynb"))
    assert leftovers(course) == []


def test_what_a_courses_hook_adds_is_searched_too(course: Course) -> None:
    (course.root / "nbgrader_config.py").write_text(
        "from pathlib import Path\n"
        "def leave_a_note(assignment, student, notebooks):\n"
        "    for folder in Path('.').glob('.release-*/averages'):\n"
        "        (folder / 'note.txt').write_text('END SOLUTION')\n"
        "c = get_config()\n"
        "c.GenerateAssignment.post_convert_hook = leave_a_note\n"
    )
    before = (course.root / "release" / "averages" / "averages.ipynb").read_bytes()
    with pytest.raises(LeakError, match=r"note\.txt: the marker 'END SOLUTION'"):
        release(open_course(course.root), ["averages"], force=True)
    assert (course.root / "release" / "averages" / "averages.ipynb").read_bytes() == before


def test_the_courses_own_folders_and_stubs_are_used(course: Course) -> None:
    (course.root / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        "c.CourseDirectory.directory_structure = 'all/{nbgrader_step}-{student_id}/{assignment_id}'\n"
        "c.ClearSolutions.code_stub = {'python': 'pass  # yours'}\n"
    )
    (course.root / "all").mkdir()
    shutil.move(course.root / "source", course.root / "all" / "source-.")
    (released,) = release(open_course(course.root), ["averages"])
    assert released.folder == course.root / "all" / "release-." / "averages"
    assert "pass  # yours" in (released.folder / "averages.ipynb").read_text()
    assert sorted(path.name for path in (course.root / "all").iterdir()) == ["release-.", "source-."]


def test_a_source_that_has_drifted_is_not_released(course: Course) -> None:
    assert course.reference is not None
    write_lab(course.reference, text=LAB.replace("points=4", "points=5"))
    with pytest.raises(AuthoringError, match=r"found averages\.ipynb different; run `autograder build averages`"):
        release(course, ["averages"], force=True)
    (course.root / "source" / "averages" / "notes.txt").write_text("mine")
    write_lab(course.reference)
    with pytest.raises(AuthoringError, match=r"found notes\.txt stray; delete it or move it"):
        release(course, ["averages"], force=True)


def test_what_nbgrader_refuses_is_told_in_its_words(course: Course) -> None:
    (course.root / "nbgrader_config.py").write_text("c = get_config()\nc.ClearSolutions.code_stub = {'R': 'fail()'}\n")
    with pytest.raises(AuthoringError, match="ValueError: language 'python' has not been specified"):
        release(open_course(course.root), ["averages"], force=True)
    assert (course.root / "release" / "averages" / "averages.ipynb").exists()


def test_a_course_without_labs_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    with pytest.raises(UsageError, match=r"expected a folder of labs, .* found none"):
        release(open_course(tmp_path), ["averages"])

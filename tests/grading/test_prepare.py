from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course import Course, list_submissions, open_course
from autograder.errors import GradebookError, UsageError
from autograder.grading.prepare import Prepared, Refused, prepare
from autograder.grading.restore import FLAGS
from tests.grading.courses import ASSIGNMENT, answer, cell_of, nbgrader_cell, read_prepared, submit


def prepare_one(course: Course, student: str = "ann") -> Prepared | Refused:
    (submission,) = list_submissions(course, ASSIGNMENT, [student])
    return prepare(course, submission, course.root / "staging")


def reconfigured(course: Course, lines: str) -> Course:
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(lines + "\n")
    return open_course(course.root)


def all_files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_the_hidden_tests_are_put_back(course: Course) -> None:
    submit(course, "ann", answer())
    prepared = prepare_one(course)
    assert "double(-3) == -6" in cell_of(read_prepared(prepared), "double-tests").source
    assert isinstance(prepared, Prepared)
    assert prepared.notes == ()
    assert prepared.folder == course.root / "staging" / "ann" / ASSIGNMENT


def test_what_was_handed_in_stays_as_it_was(course: Course) -> None:
    folder = submit(course, "ann", answer())
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    prepare_one(course)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_preparing_again_replaces_what_was_staged(course: Course) -> None:
    submit(course, "ann", answer("first = 1"))
    prepare_one(course)
    submit(course, "ann", answer("second = 2"))
    assert cell_of(read_prepared(prepare_one(course)), "double").source == "second = 2"
    assert {path.name for path in (course.root / "staging").iterdir()} == {"ann"}


def test_the_instructors_files_replace_the_students(course: Course) -> None:
    folder = submit(course, "ann")
    (folder / "data.csv").write_text("forged")
    (folder / "own.txt").write_text("kept")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert (prepared.folder / "data.csv").read_text() == "1,2\n"
    assert all_files(prepared.folder) == {"sums.ipynb", "data.csv", "tables/more.csv", "own.txt"}


def test_a_folder_in_the_place_of_an_instructors_file_gives_way(course: Course) -> None:
    folder = submit(course, "ann")
    (folder / "data.csv").unlink()
    (folder / "data.csv").mkdir()
    (folder / "data.csv" / "inside").write_text("x")
    (folder / "tables" / "more.csv").unlink()
    (folder / "tables").rmdir()
    (folder / "tables").write_text("a file")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert (prepared.folder / "tables" / "more.csv").read_text() == "3,4\n"
    assert "data.csv: expected a file of the assignment, found a folder; left out" in prepared.notes
    assert "tables: expected a folder of the assignment, found a file; left out" in prepared.notes


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag != "locked"])
def test_a_changed_flag_of_a_tests_cell_is_restored_and_noted(course: Course, flag: str) -> None:
    def edit(notebook: NotebookNode) -> None:
        metadata = cell_of(notebook, "double-tests").metadata.nbgrader
        metadata[flag] = 100 if flag == "points" else not metadata.get(flag, False)

    submit(course, "ann", edit)
    prepared = prepare_one(course)
    metadata = cell_of(read_prepared(prepared), "double-tests").metadata.nbgrader
    assert (metadata.grade, metadata.solution, metadata.task, metadata.points) == (True, False, False, 4.0)
    assert isinstance(prepared, Prepared)
    (note,) = prepared.notes
    assert note.startswith(f"expected {flag}=")
    assert note.endswith("the released value counts")


def test_an_edited_tests_cell_gets_its_released_source(course: Course) -> None:
    submit(course, "ann", lambda notebook: cell_of(notebook, "double-tests").update(source="pass"))
    assert "double(-3) == -6" in cell_of(read_prepared(prepare_one(course)), "double-tests").source


def test_a_tests_cell_turned_into_prose_is_code_again(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        cell = cell_of(notebook, "double-tests")
        cell.cell_type = "markdown"
        del cell["outputs"]

    submit(course, "ann", edit)
    prepared = prepare_one(course)
    assert cell_of(read_prepared(prepared), "double-tests").cell_type == "code"
    assert isinstance(prepared, Prepared)
    assert "expected a code cell 'double-tests', found a markdown cell; changed back" in prepared.notes


def test_a_deleted_tests_cell_is_put_back_after_the_code_it_tests(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        notebook.cells.remove(cell_of(notebook, "double-tests"))

    submit(course, "ann", edit)
    prepared = prepare_one(course)
    ids = [cell.metadata.nbgrader.grade_id for cell in read_prepared(prepared).cells]
    assert ids == ["intro", "double", "double-tests", "why"]
    assert isinstance(prepared, Prepared)
    assert prepared.notes == ("expected the cell 'double-tests', found it deleted; put back",)


def test_cells_without_their_nbgrader_metadata_are_graded_all_the_same(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata = {}

    submit(course, "ann", edit)
    notebook = read_prepared(prepare_one(course))
    assert [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells[-2:]] == [
        "double-tests",
        "why",
    ]


def test_deleted_cells_stay_deleted_where_the_course_says_so(course: Course) -> None:
    course = reconfigured(course, "c.OverwriteCells.add_missing_cells = False")
    submit(course, "ann", lambda notebook: notebook.cells.remove(cell_of(notebook, "double-tests")))
    assert len(read_prepared(prepare_one(course)).cells) == 3


def test_of_cells_with_the_same_id_the_last_one_counts(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        again = cell_of(notebook, "double").copy()
        again.source = "second"
        notebook.cells.insert(2, again)

    submit(course, "ann", edit)
    prepared = prepare_one(course)
    assert cell_of(read_prepared(prepared), "double").source == "second"
    assert isinstance(prepared, Prepared)
    assert prepared.notes == ("expected one cell 'double', found several; the last one counts",)


def test_an_invented_cell_with_points_is_not_graded(course: Course) -> None:
    submit(course, "ann", lambda notebook: notebook.cells.append(nbgrader_cell("1 + 1", "bonus", "tests", points=100)))
    prepared = prepare_one(course)
    assert "nbgrader" not in read_prepared(prepared).cells[-1].metadata
    assert isinstance(prepared, Prepared)
    assert prepared.notes == ("expected the cells that were released, found one named 'bonus'; not graded",)


def test_a_student_cannot_tag_a_tests_cell_to_be_skipped(course: Course) -> None:
    submit(course, "ann", lambda notebook: cell_of(notebook, "double-tests").metadata.update(tags=["skip-execution"]))
    assert "tags" not in cell_of(read_prepared(prepare_one(course)), "double-tests").metadata


@pytest.mark.parametrize("tags", ["hard", ["a, b"], ["twice", "twice"], [""], [1], [["a"]], {"a": 1}])
def test_tags_that_no_notebook_may_have_are_dropped_and_the_rest_is_graded(course: Course, tags: object) -> None:
    submit(course, "ann", lambda notebook: notebook.cells[0].metadata.update(tags=tags))
    assert isinstance(prepared := prepare_one(course), Prepared), prepared
    assert "tags" not in read_prepared(prepared).cells[0].metadata


def test_the_notebooks_own_metadata_is_the_instructors(course: Course) -> None:
    submit(course, "ann", lambda notebook: notebook.metadata.update(kernelspec={"name": "evil"}, widgets={"a": 1}))
    assert read_prepared(prepare_one(course)).metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def test_cell_ids_that_are_no_ids_are_replaced(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        notebook.cells[0]["id"] = "no id, this"
        notebook.cells[1]["id"] = notebook.cells[2]["id"]

    submit(course, "ann", edit)
    notebook = read_prepared(prepare_one(course))
    nbformat.validate(notebook)


def write_text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no JSON": (write_text("import keras"), "expected a notebook (JSON) in sums.ipynb, found something else"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe\x00"), "expected a notebook (JSON) in sums.ipynb"),
    "deep JSON": (write_text("[" * 100_000), "found JSON nested too deeply"),
    "a list": (write_text("[]"), "expected a notebook of nbformat 4 in sums.ipynb, found a JSON list"),
    "nbformat 5": (write_text('{"nbformat": 5, "cells": []}'), "found nbformat 5"),
    "no nbformat": (write_text('{"cells": []}'), "found nbformat None"),
    "broken nbformat 3": (write_text('{"nbformat": 3, "worksheets": 7}'), "nbformat 3 that cannot be upgraded"),
    "no cells": (write_text('{"nbformat": 4, "nbformat_minor": 5}'), "expected a list of cells in sums.ipynb"),
    "a cell that is none": (write_text('{"nbformat": 4, "cells": [7]}'), "found something else at cell 1"),
    "a source that is none": (
        write_text('{"nbformat": 4, "cells": [{"cell_type": "code", "source": {}, "metadata": {}}]}'),
        "found something else at cell 1",
    ),
    "missing": (lambda path: path.unlink(), "expected sums.ipynb in the submission, found no notebook"),
    "another name": (
        lambda path: path.rename(path.with_name("Sums(1).ipynb")),
        "expected sums.ipynb in the submission, found only Sums(1).ipynb; rename the file",
    ),
    "a link": (
        lambda path: (path.rename(path.parent.parent / "elsewhere"), path.symlink_to(path.parent.parent / "elsewhere")),
        "sums.ipynb: expected a regular file, found a link, which is not followed",
    ),
    "a pipe": (lambda path: (path.unlink(), os.mkfifo(path)), "expected a regular file, found a pipe or a device"),
}


@pytest.mark.parametrize("damage", REFUSED)
def test_a_notebook_that_cannot_be_graded_is_refused_in_a_sentence(course: Course, damage: str) -> None:
    folder = submit(course, "ann")
    damage_file, sentence = REFUSED[damage]
    damage_file(folder / "sums.ipynb")
    refused = prepare_one(course)
    assert isinstance(refused, Refused)
    assert sentence in refused.reason
    assert "\n" not in refused.reason
    assert all_files(course.root / "staging") == set()


@pytest.mark.parametrize(("version", "remedy"), [(2, "run `nbgrader update`"), (99, "upgrade nbgrader")])
def test_another_metadata_schema_is_refused_with_what_to_do(course: Course, version: int, remedy: str) -> None:
    submit(course, "ann", lambda notebook: notebook.cells[0].metadata.nbgrader.update(schema_version=version))
    refused = prepare_one(course)
    assert isinstance(refused, Refused)
    assert f"schema 3 in sums.ipynb, found schema {version}; {remedy}" in refused.reason


def test_a_notebook_above_the_size_limit_is_refused(course: Course) -> None:
    (course.root / "course.toml").write_text("[submissions]\nmax_notebook_mib = 1\n")
    course = open_course(course.root)
    submit(course, "ann", lambda notebook: notebook.cells.append(new_code_cell("#" * 2**20)))
    refused = prepare_one(course)
    assert isinstance(refused, Refused)
    assert "sums.ipynb: expected at most 1,048,576 bytes, found 1,05" in refused.reason


def test_a_refused_submission_stops_no_other(course: Course) -> None:
    (submit(course, "ann") / "sums.ipynb").write_text("{")
    submit(course, "bob", answer())
    outcomes = [prepare(course, one, course.root / "staging") for one in list_submissions(course, ASSIGNMENT)]
    assert [type(outcome) for outcome in outcomes] == [Refused, Prepared]


def test_a_refused_submission_has_no_row_in_the_gradebook(course: Course) -> None:
    (submit(course, "ann") / "sums.ipynb").write_text("{")
    prepare_one(course)
    with course.gradebook() as gradebook:
        assert gradebook.students == []


def test_links_and_pipes_beside_the_notebook_are_left_out_and_noted(course: Course) -> None:
    secret = course.root / "secret"
    secret.write_text("hidden labels")
    folder = submit(course, "ann")
    (folder / "labels.npy").symlink_to(secret)
    (folder / "source").symlink_to(course.root / "source")
    os.mkfifo(folder / "queue")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert all_files(prepared.folder) == {"sums.ipynb", "data.csv", "tables/more.csv"}
    assert prepared.notes == (
        "labels.npy: expected a regular file, found a link, which is not followed; left out",
        "queue: expected a regular file, found a pipe or a device; left out",
        "source: expected a regular file, found a link, which is not followed; left out",
    )


def test_half_a_surrogate_pair_in_a_notebook_does_no_harm(course: Course) -> None:
    folder = submit(course, "ann")
    text = (folder / "sums.ipynb").read_text()
    (folder / "sums.ipynb").write_text(text.replace("YOUR ANSWER HERE", "\\ud800 why"))
    assert cell_of(read_prepared(prepare_one(course)), "why").source == "? why"


def test_a_file_whose_name_is_no_utf8_is_copied(course: Course) -> None:
    folder = submit(course, "ann")
    (folder / os.fsdecode(b"caf\xe9.txt")).write_text("x")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert (prepared.folder / os.fsdecode(b"caf\xe9.txt")).exists()


def test_a_notebook_of_nbformat_3_is_upgraded(course: Course) -> None:
    folder = submit(course, "ann")
    notebook = nbformat.read(folder / "sums.ipynb", as_version=4)
    cells = [
        {
            "cell_type": cell.cell_type,
            "metadata": cell.metadata,
            "language": "python",
            "outputs": [],
            "collapsed": False,
        }
        | {"input" if cell.cell_type == "code" else "source": cell.source}
        for cell in notebook.cells
    ]
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    (folder / "sums.ipynb").write_text(json.dumps(old))
    assert len(read_prepared(prepare_one(course)).cells) == 4


def test_a_missing_notebook_of_several_counts_as_nothing(two_notebooks: Course) -> None:
    (submit(two_notebooks, "ann", answer()) / "extra.ipynb").unlink()
    prepared = prepare_one(two_notebooks)
    assert isinstance(prepared, Prepared)
    assert [path.name for path in prepared.notebooks] == ["sums.ipynb"]
    (missing,) = prepared.missing
    assert (missing.notebook, missing.score, missing.max_score, missing.status) == ("extra", 0.0, 6.0, "graded")
    assert prepared.notes == ("expected extra.ipynb, found none in the submission; counted as 0",)


def test_a_notebook_nobody_released_is_ignored_and_noted(course: Course) -> None:
    folder = submit(course, "ann")
    (folder / "scratch.ipynb").write_text("{")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert prepared.notes == ("expected only released notebooks, found scratch.ipynb; not graded",)


def test_an_unreadable_timestamp_is_a_note_and_goes_no_further(course: Course) -> None:
    folder = submit(course, "ann")
    (folder / "timestamp.txt").write_text("tomorrow-ish")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert not (prepared.folder / "timestamp.txt").exists()
    (note,) = prepared.notes
    assert "found 'tomorrow-ish'" in note


def test_lateness_is_counted_from_the_due_date(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=datetime(2026, 11, 2, 17, 0))
    folder = submit(course, "ann")
    (folder / "timestamp.txt").write_text("2026-11-02 17:01:30 UTC")
    prepared = prepare_one(course)
    assert isinstance(prepared, Prepared)
    assert prepared.late_seconds == 90.0
    assert (prepared.folder / "timestamp.txt").exists()


def test_a_student_unknown_to_a_closed_gradebook_is_refused(course: Course) -> None:
    course = reconfigured(course, "c.Autograde.create_student = False")
    submit(course, "ann")
    refused = prepare_one(course)
    assert isinstance(refused, Refused)
    assert "No student with ID 'ann'" in refused.reason


def test_a_gradebook_that_is_none_is_one_readable_fault(course: Course) -> None:
    submit(course, "ann")
    (submission,) = list_submissions(course, ASSIGNMENT)
    (course.root / "gradebook.db").write_text("this is no database, but long enough to look at " * 30)
    with pytest.raises(GradebookError, match=r"expected to open nbgrader's gradebook \(sqlite:"):
        prepare(course, submission, course.root / "staging")


def test_a_notebook_for_another_language_is_refused_for_the_whole_assignment(course: Course) -> None:
    submit(course, "ann")
    with course.gradebook() as gradebook:
        gradebook.find_notebook("sums", ASSIGNMENT).kernelspec = json.dumps({"name": "ir", "language": "R"})
        gradebook.db.commit()
    with pytest.raises(UsageError, match="expected a Python notebook, found 'sums' for R"):
        prepare_one(course)


def test_a_notebook_that_has_lost_its_metadata_has_its_tests_put_back_after_the_students_code(course: Course) -> None:
    def edit(notebook: NotebookNode) -> None:
        answer()(notebook)
        cell_of(notebook, "why").source = "Because."
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)

    submit(course, "ann", edit)
    (submission,) = list_submissions(course, ASSIGNMENT, ["ann"])
    prepared = prepare(course, submission, course.results / ".staging")
    assert isinstance(prepared, Prepared)
    notebook = read_prepared(prepared)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert [source.splitlines()[0] for source in (code[0], code[-1])] == [
        "def double(number):",
        "assert double(2) == 4",
    ]
    assert cell_of(notebook, "why").source == "YOUR ANSWER HERE"  # what was written cannot be told from other text
    assert sum("put back" in note for note in prepared.notes) >= 2, prepared.notes

"""The gradebook, opened again and again by one engine."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader import api
from nbgrader.api import Gradebook

from autograder.course.gradebook_engine import one_engine


def test_a_gradebook_is_opened_by_the_engine_it_was_opened_with_before(tmp_path: Path) -> None:
    url, other = f"sqlite:///{tmp_path / 'gradebook.db'}", f"sqlite:///{tmp_path / 'other.db'}"
    with one_engine():
        with Gradebook(url, "course") as first:
            first.add_student("ada")
        with Gradebook(url, "course") as second, Gradebook(other, "course") as third:
            assert second.engine is first.engine is not third.engine
            assert [student.id for student in second.students] == ["ada"]
            assert third.students == []
    with Gradebook(url, "course") as later:
        assert later.engine is not first.engine


def test_a_closed_gradebook_holds_no_connection_so_that_its_file_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "gradebook.db"
    with one_engine():
        with Gradebook(f"sqlite:///{path}", "course") as gradebook:
            gradebook.add_student("ada")
        shutil.copy(path, tmp_path / "copy.db")
        with Gradebook(f"sqlite:///{path}", "course") as gradebook:
            gradebook.add_student("bela")
        (tmp_path / "copy.db").replace(path)
        with Gradebook(f"sqlite:///{path}", "course") as gradebook:
            assert [student.id for student in gradebook.students] == ["ada"]


def test_nbgrader_is_left_as_it_was_whatever_happens(tmp_path: Path) -> None:
    before = api.create_engine
    try:
        with one_engine():
            assert api.create_engine is not before
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert api.create_engine is before

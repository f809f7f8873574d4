"""Writing the pages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from autograder.errors import AutograderError, UsageError
from autograder.reports import ReportPaths, page_link, page_path, write_reports, write_whole
from autograder.results import SubmissionResult

from . import samples


def test_each_student_gets_a_page_beside_the_overview(tmp_path: Path) -> None:
    written = write_reports(
        samples.every(), lambda result: {samples.LAB: samples.notebook()}, tmp_path / "reports", samples.TITLES
    )
    assert written.overview == tmp_path / "reports" / "overview.html"
    assert sorted(written.feedback) == sorted(result.student for result in samples.every())
    assert written.feedback["sofia.rossi"] == tmp_path / "reports" / "sofia.rossi" / "cnn_digits.html"
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert files == sorted([written.overview, written.table, *written.feedback.values()])
    assert written.table == tmp_path / "reports" / "marks.csv"


def test_the_table_is_one_a_spreadsheet_knows_as_utf_8(tmp_path: Path) -> None:
    written = write_reports(samples.every(), lambda result: {}, tmp_path)
    assert written.table.read_bytes().startswith(b'\xef\xbb\xbf"student","status","score",')


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_page_holds_no_other_student(tmp_path: Path) -> None:
    written = write_reports(samples.every(), lambda result: {}, tmp_path)
    for student, path in written.feedback.items():
        page = path.read_text(encoding="utf-8")
        assert student in page
        assert not [other for other in written.feedback if other != student and other in page]


def test_writing_again_replaces_the_pages(tmp_path: Path) -> None:
    first = write_reports([samples.full()], lambda result: {}, tmp_path)
    better = samples.full().model_copy(update={"score": 19.0})
    second = write_reports([better], lambda result: {}, tmp_path)
    assert first == second
    assert "19</strong>" in second.feedback["amara.okafor"].read_text(encoding="utf-8")


def test_a_page_is_drawn_again_only_when_something_on_it_or_the_page_itself_is_another(tmp_path: Path) -> None:
    drawn: list[str] = []

    def load(result: SubmissionResult) -> dict[str, NotebookNode]:
        drawn.append(result.student)
        return {}

    def write(results: Sequence[SubmissionResult], notebooks: str = "same", **shown: Any) -> ReportPaths:
        drawn.clear()
        return write_reports(results, load, tmp_path, digest=lambda _: notebooks, **shown)

    ada, bela = (samples.full().model_copy(update={"student": name}) for name in ("ada", "bela"))
    first = write([ada, bela]).feedback
    assert drawn == ["ada", "bela"]
    kept = first["ada"].read_bytes()
    write([ada, bela])
    assert drawn == []
    write([ada.model_copy(update={"score": 1.0}), bela])
    assert drawn == ["ada"]
    write([ada, bela])
    assert drawn == ["ada"]
    assert first["ada"].read_bytes() == kept
    first["bela"].unlink()
    with first["ada"].open("a") as page:
        page.write("<p>a line of somebody's</p>")
    write([ada, bela])
    assert drawn == ["ada", "bela"]
    assert first["ada"].read_bytes() == kept
    for other in ({"notebooks": "others"}, {"explained": True}, {"titles": {"cnn_digits": "Digits"}}):
        write([ada, bela], **other)
        assert drawn == ["ada", "bela"], other
        write([ada, bela], **other)
        assert drawn == [], other
    (tmp_path / ".drawn.json").write_text("{")
    write([ada, bela])
    assert drawn == ["ada", "bela"]


@pytest.mark.parametrize("student", ["../other", "a/b", "a\\b", "..", "", "a\nb", "a\x00b", "x" * 201])
def test_an_id_that_leads_out_of_the_folder_is_refused_before_anything_is_written(student: str, tmp_path: Path) -> None:
    results = [samples.full(), samples.failing().model_copy(update={"student": student})]
    with pytest.raises(UsageError, match="expected a student id that can name a file"):
        write_reports(results, lambda result: {}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_odd_but_possible_id_is_a_folder(tmp_path: Path) -> None:
    result = samples.full().model_copy(update={"student": "Zoë %2e #1 <b>"})
    written = write_reports([result], lambda result: {}, tmp_path)
    assert written.feedback["Zoë %2e #1 <b>"].read_text(encoding="utf-8").startswith("<!doctype html>")
    assert page_path("Zoë", "lab") == "Zoë/lab.html"
    assert page_link("Zoë %2e", "lab") == "./Zo%C3%AB%20%252e/lab.html"


def test_two_assignments_are_not_mixed(tmp_path: Path) -> None:
    other = samples.failing().model_copy(update={"assignment": "gan"})
    with pytest.raises(UsageError, match="expected the results of one assignment, received 'cnn_digits', 'gan'"):
        write_reports([samples.full(), other], lambda result: {}, tmp_path)


def test_a_page_that_cannot_be_written_leaves_no_piece_of_itself(tmp_path: Path) -> None:
    (tmp_path / "amara.okafor" / "cnn_digits.html").mkdir(parents=True)
    with pytest.raises(
        AutograderError, match=r"expected to write the page .*cnn_digits\.html, received Is a directory"
    ):
        write_reports([samples.full()], lambda result: {}, tmp_path)
    assert [path.name for path in tmp_path.rglob("*.tmp")] == []

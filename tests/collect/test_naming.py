"""Whose a file is, by the names learning platforms give them."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from autograder.collect.archive import Entry
from autograder.collect.naming import Names, Sender, detect, read_names
from autograder.collect.roster import NoRoster, Roster, UnknownSenderError, read_roster
from autograder.errors import UsageError

NAMES = Names("lab1", {"digits", "text", "text-2"}, "downloaded")
MOODLE = "Ada Lovelace_1327627_assignsubmission_file_"
CANVAS = "lovelaceada_340934_208490284_digits.ipynb"


def entries(*paths: str) -> list[Entry]:
    return [Entry(PurePosixPath(path), 1, None) for path in paths]


def read(*paths: str, format_: str = "", pattern: str = "") -> list[tuple[str, str, str]]:
    """Return id, name and place of each file; the format is found out when none is given."""
    found = entries(*paths)
    pieces, _ = read_names(found, format_ or detect(found), NAMES, pattern)  # type: ignore[arg-type]
    return [(piece.sender.id, piece.sender.name, str(piece.path)) for piece in pieces]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        (f"{MOODLE}/digits.ipynb", ("1327627", "Ada Lovelace", "digits.ipynb")),
        (f"{MOODLE}/data/x.csv", ("1327627", "Ada Lovelace", "data/x.csv")),
        (f"{MOODLE[:-1]}/digits.ipynb", ("1327627", "Ada Lovelace", "digits.ipynb")),
        (f"{MOODLE}digits.ipynb", ("1327627", "Ada Lovelace", "digits.ipynb")),
        ("Participant_7_assignsubmission_file_/a.zip", ("7", "Participant", "a.zip")),
        ("Default group_assignsubmission_file_/a.zip", ("", "Default group", "a.zip")),
    ],
)
def test_moodle_puts_name_and_number_in_front(name: str, whose: tuple[str, str, str]) -> None:
    assert detect(entries(name)) == "moodle"
    assert read(name) == [whose]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        (CANVAS, ("340934", "lovelaceada", "digits.ipynb")),
        ("lovelaceada_LATE_340934_208490284_digits.ipynb", ("340934", "lovelaceada", "digits.ipynb")),
        ("lovelaceada_340934_208490284_digits-3.ipynb", ("340934", "lovelaceada", "digits.ipynb")),
        ("lovelaceada_340934_208490284_text-2.ipynb", ("340934", "lovelaceada", "text-2.ipynb")),
        ("lovelaceada_340934_208490284_notes-2.csv", ("340934", "lovelaceada", "notes-2.csv")),
        ("lovelaceada_340934_208490284_01_digits.ipynb", ("340934", "lovelaceada", "01_digits.ipynb")),
        ("anon_aB3dE_208490284_digits.ipynb", ("aB3dE", "", "digits.ipynb")),
        ("LATE_anon_aB3dE_208490284_digits.ipynb", ("aB3dE", "", "digits.ipynb")),
    ],
)
def test_canvas_puts_name_user_and_attachment_in_front(name: str, whose: tuple[str, str, str]) -> None:
    assert detect(entries(name)) == "canvas"
    assert read(name) == [whose]


def test_canvas_says_who_is_late() -> None:
    found = entries("a_LATE_1_2_digits.ipynb", "LATE_anon_x_2_digits.ipynb", "late_1_2_digits.ipynb")
    pieces, _ = read_names(found, "canvas", NAMES)
    assert [piece.late for piece in pieces] == [True, True, False]


@pytest.mark.parametrize(
    ("names", "whose"),
    [
        (["ada/digits.ipynb"], [("ada", "", "digits.ipynb")]),
        (["ada/lab1/digits.ipynb"], [("ada", "", "lab1/digits.ipynb")]),
        (["ada.ipynb", "bob.zip"], [("ada", "", "ada.ipynb"), ("bob", "", "bob.zip")]),
        (["ada_lab1.ipynb", "bob_digits.ipynb"], [("ada", "", "lab1.ipynb"), ("bob", "", "digits.ipynb")]),
        (["a_b_text-2.ipynb"], [("a_b", "", "text-2.ipynb")]),
        (["submitted/ada/digits.ipynb"], [("ada", "", "digits.ipynb")]),
        (["downloaded/ada.tar.gz"], [("ada", "", "ada.tar.gz")]),
        (["ada/src/digits.ipynb", "ada/data/x"], [("ada", "", "src/digits.ipynb"), ("ada", "", "data/x")]),
    ],
)
def test_plain_names_begin_with_the_student(names: list[str], whose: list[tuple[str, str, str]]) -> None:
    assert read(*names) == whose


@pytest.mark.parametrize("name", ["digits.ipynb", "lab1.zip", "readme.txt"])
def test_a_name_without_a_student_is_nobodys(name: str) -> None:
    found = entries(name)
    pieces, refused = read_names(found, "plain", NAMES)
    assert not pieces
    assert refused[0].name == name


def test_the_format_is_what_most_names_have() -> None:
    assert detect(entries(CANVAS, CANVAS, "x.txt")) == "canvas"
    assert detect(entries(CANVAS, "ada/x.ipynb", "bob/x.ipynb")) == "plain"
    assert detect([]) == "plain"


def test_a_pattern_has_nbgraders_groups() -> None:
    pattern = r".*_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)"
    found = entries("ps1_bitdiddle_attempt_2016-01-30-15-00-00_problem1.ipynb")
    ((piece,), _) = read_names(found, "pattern", NAMES, pattern)
    assert (piece.sender.id, str(piece.path), str(piece.timestamp)) == (
        "bitdiddle",
        "problem1.ipynb",
        "2016-01-30 15:00:00",
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2016-01-30-15-04-05", "2016-01-30 15:04:05"),
        ("2016-01-30-23-59", "2016-01-30 23:59:00"),
        ("2016-01-30T15-04-05", "2016-01-30 15:04:05"),
        ("2016-01-30", "2016-01-30 00:00:00"),
        ("2016-01-30T15:04:05+0200", "2016-01-30 13:04:05"),
        ("20160130T150405", "2016-01-30 15:04:05"),
    ],
)
def test_a_time_in_a_name_is_read_to_the_second_with_hyphens_as_with_colons(written: str, read: str) -> None:
    pattern = r"(?P<student_id>\w+)_(?P<timestamp>[^_]+)_(?P<file_id>\w+)"
    ((piece,), _) = read_names(entries(f"ada_{written}_lab1.ipynb"), "pattern", NAMES, pattern)
    assert str(piece.timestamp) == read


def test_a_time_that_no_clock_shows_is_refused_by_name() -> None:
    pattern = r"(?P<student_id>\w+)_(?P<timestamp>[\d-]+)_(?P<file_id>\w+)"
    pieces, (refused,) = read_names(entries("ada_2016-01-30-25-00-00_lab1.ipynb"), "pattern", NAMES, pattern)
    assert pieces == []
    assert "expected a time where the pattern has `timestamp`, found 2016-01-30-25-00-00" in refused.reason


@pytest.mark.parametrize("file_id", ["/digits", ".", "a;b"])
def test_a_pattern_cannot_lead_out(file_id: str) -> None:
    pattern = rf"(?P<student_id>\w+)-?(?P<file_id>{re.escape(file_id)})"
    pieces, refused = read_names(entries(f"ada-{file_id}/x", f"ada{file_id}/x"), "pattern", NAMES, pattern)
    assert not pieces
    assert len(refused) == 2


@pytest.mark.parametrize("pattern", ["(", "(?P<who>.*)"])
def test_a_pattern_that_is_none_is_wrong_usage(pattern: str) -> None:
    with pytest.raises(UsageError, match="--pattern"):
        read_names(entries("x"), "pattern", NAMES, pattern)


ROSTER = """id,lms_id,name,email
ada,340934,"Lovelace, Ada",ada@example.org
bob,2,Bob  Stone,
bob2,3,Bob Stone,
42,,Grace Hopper,
"""


def roster(tmp_path: Path, format_: str, blind: bool = False, text: str = ROSTER) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8-sig")
    return read_roster(path, format_, blind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("format_", "sender", "student"),
    [
        ("canvas", Sender("340934", "somebody"), "ada"),
        ("canvas", Sender("9", "lovelaceada"), "ada"),
        ("canvas", Sender("9", "hoppergrace"), "42"),
        ("moodle", Sender("9", "ada lovelace"), "ada"),
        ("moodle", Sender("42", "Ada Lovelace"), "ada"),
        ("plain", Sender("ADA@example.org"), "ada"),
        ("plain", Sender("Grace Hopper"), "42"),
        ("pattern", Sender("bob2"), "bob2"),
        ("pattern", Sender("7", email="ada@example.org"), "ada"),
    ],
)
def test_a_roster_knows_ids_names_and_addresses(tmp_path: Path, format_: str, sender: Sender, student: str) -> None:
    assert roster(tmp_path, format_).student(sender) == student


@pytest.mark.parametrize(
    ("format_", "sender", "reason"),
    [
        ("moodle", Sender("9", "Bob Stone"), "several students of roster.csv: bob, bob2"),
        ("moodle", Sender("42", "Mallory"), "nobody in roster.csv"),
        ("moodle", Sender("340934", "Mallory"), "nobody in roster.csv"),
        ("canvas", Sender("1", "lovelace"), "nobody in roster.csv"),
        ("plain", Sender(""), "nobody in roster.csv"),
    ],
)
def test_nobody_is_guessed(tmp_path: Path, format_: str, sender: Sender, reason: str) -> None:
    with pytest.raises(UnknownSenderError, match=reason):
        roster(tmp_path, format_).student(sender)


def test_moodles_numbers_count_where_it_hides_the_names(tmp_path: Path) -> None:
    assert roster(tmp_path, "moodle", blind=True).student(Sender("340934", "Participant")) == "ada"


def test_without_a_roster_the_platforms_id_is_the_students() -> None:
    assert NoRoster().student(Sender("340934", "lovelaceada")) == "340934"
    for hostile in ("", ".", "..", ".hidden", "a b", "-rf", "a" * 65):
        with pytest.raises(UnknownSenderError, match="give a --roster"):
            NoRoster().student(Sender(hostile))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\nAda\n", "a column `id`"),
        ("id,lms_id\na,1\nb,1\n", "every lms_id once"),
        ("id\n../x\n", "ids that can name a folder"),
        ("id\n.replaced\n", "ids that can name a folder"),
    ],
)
def test_a_roster_that_cannot_be_used_says_why(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        roster(tmp_path, "plain", text=text)

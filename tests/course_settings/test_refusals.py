"""Every mistake in course.toml and exceptions.toml is refused in a sentence: the line, what was found, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import open_course, read_exceptions
from autograder.course.reading import line_numbers
from autograder.course.settings import read_settings
from autograder.errors import UsageError
from tests.marks.classroom import COURSE, EXCEPTIONS

LATE = "percent_per_day = 10\n"


def refusal(tmp_path: Path, toml: str, exceptions: str = "") -> str:
    (tmp_path / "course.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "exceptions.toml").write_text(exceptions, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_exceptions(tmp_path, read_settings(tmp_path))
    return str(caught.value).replace(f"{tmp_path}/", "")


def changed(old: str, new: str, text: str = COURSE) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_the_course_that_the_mistakes_are_made_in_is_right(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(COURSE, encoding="utf-8")
    (tmp_path / "exceptions.toml").write_text(EXCEPTIONS, encoding="utf-8")
    settings = read_settings(tmp_path)
    assert [one.id for one in settings.assignments] == ["layers", "images", "words", "final"]
    assert len(read_exceptions(tmp_path, settings).excuses) == 1


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        (
            "weight = 40",
            "weight = 30",
            "[[components]]",
            "expected the weights of all components to add up to 100, found 60 + 30 = 90; correct them",
        ),
        (
            'id = "exam"\ntitle',
            'id = "labs"\ntitle',
            'id = "labs"\ntitle = "Exam"',
            "expected each component once, found 'labs' again; rename or remove one",
        ),
        (
            'id = "images"\n',
            'id = "images"\nweight = 2\n',
            "weight = 2\n",
            "expected assignments that count equally in 'labs', where the lowest are dropped, found weight = 2 of "
            "'images'; leave it out, or drop_lowest",
        ),
        (
            'component = "exam"',
            'component = "exams"',
            'component = "exams"',
            "expected the assignment 'final' in a component of [[components]] (labs, exam), found 'exams'; correct it",
        ),
        (
            'component = "exam"',
            'component = "labs"',
            '[[components]]\nid = "exam"',
            "expected an assignment that counts for the component 'exam', found none; add one to [[assignments]] or "
            "remove the component",
        ),
        (
            'id = "final"',
            'id = "layers"',
            'id = "layers"\nkind = "exam"',
            "expected each assignment once, found 'layers' in the components 'labs' and 'exam'; remove one",
        ),
        (
            'id = "images"',
            'id = "layers"',
            'id = "layers"\nkind = "lab"\ntitle = "Images"',
            "expected each assignment once, found 'layers' twice in the component 'labs'; remove one",
        ),
        (
            "drop_lowest = 1",
            "drop_lowest = 3",
            "drop_lowest = 3",
            "expected fewer dropped than the 3 assignments of the component 'labs', found drop_lowest = 3; correct it",
        ),
        (
            "released = 2027-02-01T08:00:00Z\ndue = 2027-02-07T12:00:00Z",
            "closed = true\ndue = 2027-02-07T12:00:00Z",
            "closed = true",
            "expected released beside closed = true of 'layers', found none: what is only announced can be late for "
            "nobody; add when it is released, or leave closed out until then",
        ),
        (
            "due = 2027-02-07T12:00:00Z",
            "due = 2027-01-07T12:00:00Z",
            "due = 2027-01-07T12:00:00Z",
            "expected 'layers' to be due after its release 2027-02-01 08:00+00:00, found 2027-01-07 12:00+00:00; "
            "correct one of the two",
        ),
        (
            "due = 2027-02-07T12:00:00Z",
            "due = 2027-02-07T12:00:00",
            "due = 2027-02-07T12:00:00",
            "assignments #1, due: expected a date and time with its offset from UTC, as 2026-09-07T23:59:00+02:00, "
            "found "
            "2027-02-07 12:00:00 without a time zone; correct it",
        ),
        (
            "due = 2027-02-07T12:00:00Z",
            "due = 2027-02-07",
            "due = 2027-02-07",
            "assignments #1, due: expected a date and time with its offset from UTC, as 2026-09-07T23:59:00+02:00, "
            "found 2027-02-07; correct it",
        ),
        (
            "due = 2027-02-07T12:00:00Z",
            'due = "2027-02-07T12:00:00Z"',
            'due = "2027',
            "assignments #1, due: expected a date and time with its offset from UTC, as 2026-09-07T23:59:00+02:00, "
            "found 2027-02-07T12:00:00Z; correct it",
        ),
        (
            "due = 2027-02-07T12:00:00Z\n",
            "",
            "[[assignments]]",
            "assignments #1, due: expected this key, found none; add it",
        ),
        (
            'kind = "exam"',
            'kind = "oral"',
            'kind = "oral"',
            "assignments #4, kind: input should be 'lab', 'quiz', 'project' or 'exam', received 'oral'; correct it",
        ),
        (
            'title = "Words"',
            'titel = "Words"',
            'titel = "Words"',
            "expected one of the keys id, kind, title, component, released, due, weight, extra_credit, closed, "
            "received the unknown key 'assignments #3, titel'; correct it",
        ),
        (
            'title = "Words"',
            'title = " "',
            'title = " "',
            "assignments #3, title: expected some words, found nothing; correct it",
        ),
        (
            'id = "words"',
            'id = "the/words"',
            'id = "the/words"',
            "assignments #3, id: expected a name of letters, digits, '_', '.' and '-', found 'the/words'; correct it",
        ),
        (
            "weight = 60",
            "weight = nan",
            "weight = nan",
            "components #1, weight: input should be a finite number, received nan; correct it",
        ),
        (
            "weight = 60",
            'weight = "60"',
            'weight = "60"',
            "components #1, weight: input should be a valid number, received '60'; correct it",
        ),
        (
            LATE,
            LATE + "points_per_day = 2\n",
            "[policies.late]",
            "expected points_per_day or percent_per_day, found both (2 and 10); leave one out",
        ),
        (
            LATE,
            "",
            "budget_days = 1",
            "expected points_per_day or percent_per_day beside budget_days = 1, found neither, so that late days cost "
            "nothing anyway; add one or remove budget_days",
        ),
        (
            "grace_minutes = 15",
            "grace = 15",
            "grace = 15",
            "expected one of the keys points_per_day, percent_per_day, grace_minutes, budget_days, received the "
            "unknown key 'policies.late.grace'; correct it",
        ),
        (
            "at_least = 70",
            "at_least = 95",
            "at_least = 95",
            "expected boundaries from the highest letter down, found 'B' at 95 below 'A' at 90; put them in order",
        ),
        (
            'letter = "B"',
            'letter = "A"',
            'letter = "A"\nat_least = 70',
            "expected each letter once, found 'A' again; rename or remove one",
        ),
        (
            "at_least = 0",
            "at_least = 40",
            "at_least = 40",
            "expected the lowest letter 'F' at 0, so that every mark has a letter, found 40; correct it or add a "
            "letter below",
        ),
        (
            "[policies]",
            '[[weeks]]\nnumber = 1\ntitle = "One"\nlabs = ["layer"]\n\n[policies]',
            'labs = ["layer"]',
            "expected in week 1 assignments of kind lab (layers, images, words), found 'layer', which is none; correct "
            "it, or make it an assignment of kind lab",
        ),
        (
            "[policies]",
            '[[weeks]]\nnumber = 2\ntitle = "Two"\n\n[[weeks]]\nnumber = 2\ntitle = "Three"\n\n[policies]',
            'number = 2\ntitle = "Three"',
            "expected weeks once each and in order, found week 2 after week 2; correct it",
        ),
    ],
)
def test_a_mistake_in_the_course_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, at: str, sentence: str
) -> None:
    toml = changed(old, new)
    line = toml[: toml.index(at)].count("\n") + 1
    assert f"course.toml, line {line}: {sentence}" in refusal(tmp_path, toml).splitlines()


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    toml = changed("weight = 40", "weight = 30", changed("drop_lowest = 1", "drop_lowest = 9"))
    assert len(refusal(tmp_path, toml).splitlines()) == 2


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('assignment = "images"', 'assignment = "image"', "line 3: expected an assignment of course.toml (layers, "),
        (
            "due = 2027-02-09T12:00:00Z",
            "due = 2027-02-07T12:00:00Z",
            "line 9: expected an extension of 'layers' for 'chen' to end after everybody's due date 2027-02-07 "
            "12:00+00:00, found 2027-02-07 12:00+00:00; correct it",
        ),
        ('reason = "moved house"\n', "", "line 6: extensions #1, reason: expected this key, found none; add it"),
        ('reason = "moved house"', 'reason = ""', "line 10: extensions #1, reason: expected some words, found nothing"),
        (
            'student = "chen"',
            'student = "chen "',
            "extensions #1, student: expected no blanks around it, found 'chen '",
        ),
        ("due = 2027-02-09T12:00:00Z", "due = 2027-02-09T12:00:00", "2027-02-09 12:00:00 without a time zone"),
        (
            'student = "chen"\nassignment = "layers"',
            'student = "bela"\nassignment = "images"',
            "line 1: expected one exception for 'bela' and 'images', found another one; leave the one that holds",
        ),
        ("[[excuses]]", "[[excuse]]", "line 1: expected one of the keys extensions, excuses, received the unknown key"),
        ("[[excuses]]", "[[excuses", "expected TOML in exceptions.toml, received something else"),
    ],
)
def test_a_mistake_in_the_exceptions_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    exceptions = changed(old, new, EXCEPTIONS)
    found = refusal(tmp_path, COURSE, exceptions)
    assert found.startswith(("exceptions.toml", "expected TOML in exceptions.toml"))
    assert sentence in found


def test_exceptions_do_not_keep_a_course_from_opening(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(COURSE, encoding="utf-8")
    (tmp_path / "exceptions.toml").write_text("[[excuses", encoding="utf-8")
    assert open_course(tmp_path).title == "Networks"


def test_weights_are_added_as_they_are_written(tmp_path: Path) -> None:
    toml = changed("weight = 40", "weight = 66.7", changed("weight = 60", "weight = 33.3"))
    (tmp_path / "course.toml").write_text(toml, encoding="utf-8")
    assert sum(one.exact_weight for one in read_settings(tmp_path).components) == 100


def test_lines_of_tables_in_tables_are_found() -> None:
    text = "[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\n[[a.c]]\nz = 3 # x = 1\n"
    assert line_numbers(text) == {
        ("a",): 1,
        ("a", 0): 1,
        ("a", 0, "x"): 2,
        ("a", 0, "b"): 3,
        ("a", 0, "b", "y"): 4,
        ("a", 1): 5,
        ("a", 1, "c"): 6,
        ("a", 1, "c", 0): 6,
        ("a", 1, "c", 0, "z"): 7,
    }

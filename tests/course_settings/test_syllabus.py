"""The syllabus says what course.toml says, and the shipped course is what was promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring import build_syllabus, list_labs
from autograder.course import CourseSettings, open_course
from autograder.course.syllabus import render_syllabus, rules
from tests.marks.classroom import COURSE
from tests.test_cli import Command, run  # noqa: F401 - a fixture, shared

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> CourseSettings:
    return open_course(ROOT).settings


def test_the_shipped_course_has_fourteen_weeks_and_the_marking_scheme(shipped: CourseSettings) -> None:
    assert [week.number for week in shipped.weeks] == list(range(1, 15))
    assert [one.weight for one in shipped.components] == [20, 20, 30, 30]
    counts = {one.id: sum(a.component == one.id for a in shipped.assignments) for one in shipped.components}
    assert counts == {"activities": 6, "quizzes": 4, "project": 1, "exam": 3}
    assert [one.drop_lowest for one in shipped.components] == [1, 0, 0, 0]


def test_what_is_released_in_the_shipped_course_is_in_the_repository(shipped: CourseSettings) -> None:
    released = {one.id for one in shipped.assignments if one.released is not None}
    assert released == {one.id for one in shipped.assignments if (ROOT / "source_assignments" / one.id).is_dir()}
    labs = {one.id for one in shipped.assignments if one.kind == "lab"}
    assert labs <= released
    assert labs == {lab for week in shipped.weeks for lab in week.labs}


def test_every_lab_of_the_repository_is_in_the_shipped_course(shipped: CourseSettings) -> None:
    # quizzes, and exams that are quizzes, are made into labs
    assert {one.id for one in shipped.assignments if one.released is not None} == set(list_labs(ROOT / "reference"))


def test_the_committed_syllabus_is_up_to_date() -> None:
    assert build_syllabus(open_course(ROOT), check=True) is None


def test_a_syllabus_says_what_is_closed_after_its_due_date() -> None:
    text = render_syllabus(open_course(ROOT).settings)
    assert "2027-05-31 10:00 UTC, then closed" in text
    assert "- What is closed after its due date earns nothing when it comes later." in text


def test_a_syllabus_says_what_counts_more_than_the_rest_of_its_component() -> None:
    text = render_syllabus(open_course(ROOT).settings)
    parts = "Exam: theory (50 %); Exam: practical, a residual network (25 %); Exam: practical, a forecast (25 %)"
    assert f"| Final exam | 30 % | {parts} |" in text
    assert (
        "- Assignments of a component count equally, whatever their points, where no share of theirs is given." in text
    )


def test_a_syllabus_says_weeks_weights_dates_and_rules(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(COURSE + '[[weeks]]\nnumber = 1\ntitle = "a | b"\nlabs = ["layers"]\n')
    text = render_syllabus(open_course(tmp_path).settings)
    assert "| 1 | a \\| b |  | Layers |" in text
    assert "| Labs | 60 % | the best 2 of 3: Layers; Images; Words |" in text
    assert "- Assignments of a component count equally, whatever their points.\n" in text
    assert "| Final | exam | 2027-03-01 08:00 UTC | 2027-03-01 12:00 UTC |" in text
    assert "- Everybody has 1 late day for nothing, used up in the order of due dates." in text
    assert "- Letters: A from 90 %, B from 70 %, F from 0 %." in text


@pytest.mark.parametrize(
    ("policies", "rule"),
    [
        ({}, "Late work loses nothing."),
        ({"late": {"points_per_day": 1}}, "Late work loses 1 point for each day that has begun."),
        ({"late": {"percent_per_day": 2.5}}, "Late work loses 2.5 % of full marks for each day that has begun."),
        ({"missing": "waiting"}, "Work that is not handed in counts nothing until a person has decided."),
    ],
)
def test_policies_are_put_into_words(policies: dict[str, object], rule: str) -> None:
    assert rule in rules(CourseSettings.model_validate({"policies": policies}))


def test_build_writes_the_syllabus_and_check_fails_when_it_has_drifted(run: Command, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "course.toml").write_text(COURSE)
    page = tmp_path / "course" / "syllabus.md"
    build = ("build", "--course", str(tmp_path))
    assert run(*build, "--check") == (1, f"syllabus: {page} is missing\n", "")
    assert run(*build) == (0, f"syllabus: {page} is missing; written\n", "")
    assert run(*build, "--check") == (0, "syllabus: up to date\n", "")
    page.write_text(page.read_text().replace("60 %", "70 %"))
    code, out, _ = run(*build, "--check")
    assert code == 1
    assert f"syllabus: {page} differs from course.toml\n" in out
    assert "+| Labs | 60 %" in out


def test_a_course_without_weeks_and_components_has_no_syllabus(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text('id = "plain"\n')
    assert build_syllabus(open_course(tmp_path)) is None
    assert [path.name for path in tmp_path.iterdir()] == ["course.toml"]

"""What holds for every lab of the course, whatever it teaches."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.audit import load_variants, require_evidence
from autograder.authoring import read_lab
from autograder.checks import load_checks
from autograder.quizzes import is_quiz

FOLDERS = sorted(path.parent for path in (Path(__file__).parents[2] / "reference").glob("*/checks.py"))
LABS = [folder for folder in FOLDERS if not is_quiz(folder)]  # test_quizzes.py holds the quizzes to theirs
NEEDED = {"keras", "matplotlib", "numpy"}
NEEDED_BESIDE = {"q_learning": {"gymnasium"}, "waste_classification": {"pathlib", "shutil", "tensorflow"}}
# Of all others 40. The project has 40 for the automatic part and its rubric 60.
POINTS = {"exam_forecast": 20, "exam_residual": 20, "waste_classification": 100}
NOT_TO_JUDGE = {"gymnasium", "jax", "keras", "sklearn", "tensorflow", "torch"}

each_lab = pytest.mark.parametrize("folder", LABS, ids=lambda folder: folder.name)


def cells_with_tests(folder: Path) -> set[str | None]:
    return {cell.grade_id for cell in read_lab(folder).of_kind("tests")}


def imported(path: Path) -> set[str]:
    """The packages a file imports, wherever it does."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names}


def test_there_are_six_labs_or_more() -> None:
    assert len(LABS) >= 6


@each_lab
def test_the_points_sum_to_forty_but_for_exam_and_project(folder: Path) -> None:
    assert read_lab(folder).max_points == POINTS.get(folder.name, 40)


@each_lab
def test_every_tests_cell_has_checks(folder: Path) -> None:
    assert {check.cell for check in load_checks(folder / "checks.py")} == cells_with_tests(folder)


@each_lab
def test_most_points_rest_on_what_was_measured_or_recomputed(folder: Path) -> None:
    points = {str(cell.grade_id): float(cell.points or 0) for cell in read_lab(folder).of_kind("tests")}
    require_evidence(folder.name, points, load_checks(folder / "checks.py"))


@each_lab
def test_there_are_enough_variants_and_every_tests_cell_is_lost_by_a_wrong_one(folder: Path) -> None:
    variants = load_variants(folder / "variants.py")
    kinds = [variant.kind for variant in variants]
    assert kinds.count("wrong") >= 12
    assert kinds.count("right") >= 4
    assert {cell for variant in variants for cell in variant.loses} == cells_with_tests(folder)


@each_lab
def test_students_need_few_packages(folder: Path) -> None:
    assert imported(folder / "lab.py") == NEEDED | NEEDED_BESIDE.get(folder.name, set())


@each_lab
def test_the_judging_side_needs_no_framework(folder: Path) -> None:
    for name in ("checks.py", "variants.py"):
        assert not imported(folder / name) & NOT_TO_JUDGE, name


@each_lab
def test_there_is_a_page_for_instructors_without_gaps(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "labs" / f"{folder.name}.md").read_text(encoding="utf-8")
    assert not [line for line in page.splitlines() if line.isupper() and line.isalpha()]  # a word in place of a section

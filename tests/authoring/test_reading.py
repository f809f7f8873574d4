from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring import read_lab
from autograder.errors import AuthoringError, UsageError

from .samples import LAB, write_lab

TITLE = "# %% [markdown]\n# # Title\n\n"
SOLUTION = '# %% solution="one"\ndef one():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n\n'


def test_a_lab_is_read_cell_by_cell_with_its_title_and_points(tmp_path: Path) -> None:
    lab = read_lab(write_lab(tmp_path))
    assert (lab.name, lab.title, lab.max_points) == ("averages", "Moving averages", 5.5)
    assert [(cell.kind, cell.cell_type, cell.grade_id, cell.points) for cell in lab.cells] == [
        ("free", "markdown", None, None),
        ("text", "code", "imports", None),
        ("solution", "code", "moving-average", None),
        ("tests", "code", "moving-average-values", 4),
        ("free", "code", None, None),
        ("free", "markdown", None, None),
        ("answer", "markdown", "why-longer", 1.5),
    ]


def test_cells_know_what_students_get_and_what_they_do_not(tmp_path: Path) -> None:
    lab = read_lab(write_lab(tmp_path))
    (solution,), (answer,) = lab.of_kind("solution"), lab.of_kind("answer")
    assert solution.solution_lines[-1] == "    return sums / window"
    assert solution.public_lines[0].startswith("def moving_average")
    assert not set(solution.solution_lines) & set(solution.public_lines)
    assert answer.solution_lines == ("A longer window averages away what happens within it.",)
    assert answer.public_lines == ()


def test_a_comment_is_never_taken_for_an_ipython_command(tmp_path: Path) -> None:
    (imports,) = read_lab(write_lab(tmp_path)).of_kind("text")
    assert "# copy the prices before you change them" in imports.source


def test_lines_are_those_of_lab_py(tmp_path: Path) -> None:
    lab = read_lab(write_lab(tmp_path))
    lines = LAB.split("\n")
    assert all(lines[cell.line - 1].startswith("# %%") for cell in lab.cells)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "lab/lab.py: expected cells that begin with a `# %%` line, found none"),
        ("import numpy\n" + TITLE, "lab/lab.py:1: expected only a docstring and comments above the first `# %%` line"),
        (TITLE + '# %%text="a"\nx = 1\n\n# %% \n"""\n# %% in a string\n"""\n', "keep `# %%` out of strings"),
        ("# %%\nx = 1\n", "lab/lab.py:1: expected the first cell to be markdown that begins with the title"),
        (TITLE + "# %% [raw]\n# x\n", "lab/lab.py:4: expected a code or markdown cell, found a raw cell"),
        (TITLE + "# %% text=a\n", 'lab/lab.py:4: expected key="value" pairs after `# %%`, found text=a'),
        (TITLE + "# %% text=1\n", 'lab/lab.py:4: expected text="an-id" in the header, found text=1'),
        (TITLE + '# %% A heading text="a"\n', "lab/lab.py:4: unknown header key 'title'"),
        (TITLE + '# %% tests="a" point=1\n', "lab/lab.py:4: unknown header key 'point'"),
        (
            TITLE + '# %% text="a" tests="b" points=1\n',
            "expected one of text, solution, tests, answer, task in the header",
        ),
        (TITLE + '# %% text="a" text="b"\n', "expected text= once in the header, found it more often"),
        (TITLE + '# %% text="a" points=1\n', "points=1 on a text cell; only tests, answer and task cells carry points"),
        (TITLE + '# %% [markdown] answer="a"\n# x\n', "expected points=NUMBER on an answer cell, found none"),
        (TITLE + '# %% [markdown] answer="a" points=true\n# x\n', "on an answer cell, found points=True"),
        (TITLE + '# %% [markdown] answer="a" points=0\n# x\n', "expected points above 0 and finite, found points=0"),
        (TITLE + '# %% [markdown] answer="a" points=1e999\n# x\n', "expected points above 0 and finite"),
        (TITLE + '# %% text="Build_CNN"\nx = 1\n', "expected an id like 'build-cnn'"),
        (TITLE + f'# %% text="{"a" * 65}"\nx = 1\n', "at most 64 characters"),
        (
            TITLE + '# %% text="a"\nx = 1\n\n# %% text="a"\ny = 1\n',
            "lab/lab.py:7: expected an id of its own, found 'a', which",
        ),
        (TITLE + '# %% tests="a" points=1\nx = 1\n', "tests cell 'a': expected a solution cell before it, found none"),
        (
            TITLE + '# %% [markdown] solution="a"\n# BEGIN SOLUTION\n# END SOLUTION\n',
            "expected code in a solution cell",
        ),
        (TITLE + '# %% solution="a"\nx = 1\n', "expected # BEGIN SOLUTION and # END SOLUTION around"),
        (TITLE + '# %% solution="a"\n# BEGIN SOLUTION\nx = 1\n', "BEGIN SOLUTION in line 1, expected an END SOLUTION"),
        (TITLE + '# %% solution="a"\n# END SOLUTION\nx = 1\n', "line 1 says END SOLUTION, expected a BEGIN SOLUTION"),
        (TITLE + '# %% solution="a"\nx = 1  # BEGIN SOLUTION\n', "expected a SOLUTION marker alone on its line"),
        (TITLE + "# %%\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", "expected no # BEGIN SOLUTION in a free cell"),
        (TITLE + "# %% [markdown]\n# Write below BEGIN SOLUTION, please.\n", "expected a SOLUTION marker alone on its"),
        (TITLE + "# %%\n### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS\n", "cuts it out of tests cells only"),
        (TITLE + "# %%\nx = = 1\n", "lab/lab.py:4: line 1 of the cell: expected Python, found invalid syntax"),
        (TITLE + "# %%\nfrom autograder.checks import check\n", "expected only imports a student can make"),
        (
            TITLE + '# %% solution="a"\n# BEGIN SOLUTION\ndef a():\n    # END SOLUTION\n    return 1\n',
            "expected Python when `raise NotImplementedError()` stands for the solution",
        ),
    ],
)
def test_a_lab_that_makes_no_assignment_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AuthoringError) as refusal:
        read_lab(write_lab(tmp_path, "lab", text))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_all_problems_are_told_at_once_each_on_its_line(tmp_path: Path) -> None:
    text = TITLE + SOLUTION + '# %% tests="Two" points=-1\nassert one() == 1\n'
    with pytest.raises(AuthoringError) as refusal:
        read_lab(write_lab(tmp_path, "lab", text))
    first, second = str(refusal.value).split("\n")
    assert first.startswith("lab/lab.py:10: expected an id like 'build-cnn'")
    assert second == "lab/lab.py:10: tests cell 'Two': expected points above 0 and finite, found points=-1"


def test_hidden_tests_of_nbgrader_are_allowed_in_a_tests_cell(tmp_path: Path) -> None:
    hidden = "### BEGIN HIDDEN TESTS\nassert one() != 2\n### END HIDDEN TESTS\n"
    text = TITLE + SOLUTION + '# %% tests="two" points=1\nassert one() == 1\n' + hidden
    (tests,) = read_lab(write_lab(tmp_path, "lab", text)).of_kind("tests")
    assert tests.public_lines == ("assert one() == 1",)
    assert tests.hidden_test_lines == ("assert one() != 2",)


def test_a_folder_without_lab_py_is_no_lab(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a lab is a folder with a lab\.py"):
        read_lab(tmp_path / "nothing")


def test_a_lab_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = write_lab(tmp_path, "lab")
    (folder / "lab.py").write_bytes(b"# %% caf\xe9")
    with pytest.raises(AuthoringError, match="expected UTF-8 text, found the byte 0xe9"):
        read_lab(folder)

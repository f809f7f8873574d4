"""`autograder collect`: exit codes, and what a terminal is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course import Course
from tests.collect.archives import tree, zipped
from tests.test_cli import Command
from tests.test_cli import run as command  # noqa: F401 - a fixture, shared


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_all_in_place_is_code_0_and_names_the_next_step(
    command: Command,  # noqa: F811
    course: Course,
    tmp_path: Path,
    notebook: bytes,
) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"ada/sums.ipynb": notebook}))
    code, out, err = command("collect", "--zip", str(tmp_path / "a.zip"), "--course", str(course.root))
    assert (code, err) == (0, "")
    assert "Read as plain (from the names), no roster" in out
    assert "Students: 1 new." in out
    assert "Next: autograder grade sums" in out


def test_something_refused_is_code_1_and_cannot_act_on_the_terminal(
    command: Command,  # noqa: F811
    course: Course,
    tmp_path: Path,
    notebook: bytes,
) -> None:
    hostile = {
        "ada/sums.ipynb": notebook,
        "ada/\x1b]0;owned\x07.csv": b"x",
        "eve\u202e/[red]x.ipynb": b"x",
        "[bold]m/x": b"x",
    }
    (tmp_path / "a.zip").write_bytes(zipped(hostile))
    code, out, _ = command("collect", "sums", "--zip", str(tmp_path / "a.zip"), "--course", str(course.root))
    assert code == 1
    assert "ada/\\x1b]0;owned\\x07.csv: a character that is not seen (U+001B)" in out
    assert "eve\\u202e/[red]x.ipynb: a character that is not seen (U+202E)" in out
    assert out.count("[bold]m") == 2  # as the sender, and in the reason why nobody knows who that is
    assert out.replace("\n", "").isprintable()
    assert list(tree(course.root / "submitted")) == ["ada/sums/sums.ipynb"]


def test_a_bomb_is_code_1_and_one_line(command: Command, course: Course, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "a.zip").write_bytes(b"<html>please sign in</html>")
    code, out, err = command("collect", "--zip", str(tmp_path / "a.zip"), "--course", str(course.root))
    assert (code, out) == (1, "")
    assert err == "expected a zip file of submissions, received a.zip: something else than a zip file\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--zip", "missing.zip"], "expected a zip file as --zip, found none at missing.zip"),
        (["sum", "--zip", "missing.zip"], "received 'sum'"),
        (["--zip", "x", "--pattern", "x", "--format", "plain"], "expected --format or --pattern, received both"),
        (["--zip", "a.zip", "--pattern", "("], "expected a regular expression as --pattern"),
        (["--zip", "a.zip", "--roster", "missing.csv"], "expected a roster"),
    ],
)
def test_wrong_usage_is_code_2_and_one_line(
    command: Command,  # noqa: F811
    course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"ada/x.csv": "1"}))
    monkeypatch.chdir(tmp_path)
    code, out, err = command("collect", *words, "--course", str(course.root))
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1

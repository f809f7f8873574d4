"""The command line: what wrong usage gets, and what grading shows. The words and exit codes people rely on."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import cli
from autograder.audit.record import AuditReport
from autograder.course import Course, open_course
from tests.audit.labs import CHECKS, make_course
from tests.grading.conftest import released_sums  # noqa: F401 - a fixture, shared
from tests.grading.courses import ASSIGNMENT, answer, submit

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line in this process: exit code, standard output, standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *words])
        monkeypatch.setattr(cli.console, "_file", None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return call


@pytest.fixture
def course(released_sums: Path, tmp_path: Path) -> Course:  # noqa: F811
    root = tmp_path / "course"
    shutil.copytree(released_sums, root)
    (root / "course.toml").write_text("[sandbox]\npreload = []\n[limits]\ncell_seconds = 3\n")
    return open_course(root)


def test_a_folder_that_is_no_course_is_wrong_usage(run: Command, tmp_path: Path) -> None:
    code, out, err = run("grade", "ps1", "--course", str(tmp_path))
    assert (code, out) == (2, "")
    assert err.startswith("expected a course at ")
    assert err.count("\n") == 1


def test_a_name_in_an_error_moves_no_terminal(run: Command, tmp_path: Path) -> None:
    code, _, err = run("grade", "ps1", "--course", str(tmp_path / "\x1b[2J\x9b31m\x07"))
    assert code == 2
    assert "\N{REPLACEMENT CHARACTER}[2J" in err
    assert not {"\x1b", "\x9b", "\x07"} & set(err)


def test_an_unknown_assignment_is_wrong_usage(run: Command, course: Course) -> None:
    code, _, err = run("grade", "sum", "--course", str(course.root))
    assert code == 2
    assert "expected an assignment of the course, received 'sum'" in err
    assert "sums" in err


def test_an_assignment_nobody_handed_in_is_wrong_usage(run: Command, course: Course) -> None:
    code, _, err = run("grade", ASSIGNMENT, "--course", str(course.root))
    assert code == 2
    assert "expected submissions of 'sums'" in err


def test_a_student_without_a_submission_is_wrong_usage(run: Command, course: Course) -> None:
    submit(course, "ada", answer())
    code, _, err = run("grade", ASSIGNMENT, "--course", str(course.root), "--student", "adda")
    assert code == 2
    assert "student 'adda'" in err


def test_a_course_toml_that_does_not_parse_names_its_file(run: Command, course: Course) -> None:
    (course.root / "course.toml").write_text("limits = [")
    code, _, err = run("grade", ASSIGNMENT, "--course", str(course.root))
    assert code == 2
    assert "expected TOML in" in err
    assert "course.toml" in err


def test_without_bubblewrap_nothing_is_graded_and_the_fix_is_named(
    run: Command, course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    submit(course, "ada", answer())
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "setpriv"):
        (tools / name).symlink_to(shutil.which(name) or "/bin/sh")
    monkeypatch.setenv("PATH", str(tools))
    code, _, err = run("grade", ASSIGNMENT, "--course", str(course.root))
    assert code == 1
    assert "expected bubblewrap (the program `bwrap`) on this machine, found none; install it" in err
    assert not list(course.results.glob("*/sums.json"))


def test_grading_shows_marks_and_where_the_pages_are(run: Command, course: Course) -> None:
    submit(course, "ada", answer())
    submit(course, "bob")
    code, out, err = run("grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1")
    assert (code, err) == (0, "")
    assert "ada" in out
    assert str(course.root / "reports" / ASSIGNMENT / "overview.html") in out.replace("\n", "")
    assert (course.root / "reports" / ASSIGNMENT / "ada" / f"{ASSIGNMENT}.html").exists()
    record = json.loads((course.results / "ada" / "sums.json").read_text())
    assert (record["schema_version"], record["score"], record["max_score"]) == (1, 4.0, 6.0)
    code, out, _ = run("grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1")
    assert code == 0
    assert "2 of 2 had not changed and were not run again" in out


def test_grading_tells_machines_each_step_and_says_nothing_quietly_where_all_is_well(
    run: Command, course: Course
) -> None:
    submit(course, "ada", answer())
    grade = ("grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1")
    code, out, err = run(*grade, "--json-lines")
    found = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert [one["event"] for one in (found[0], *found[-2:])] == ["started", "done", "finished"]
    assert {one["event"] for one in found[1:-2]} == {"cell"}
    assert (found[-2]["student"], found[-2]["score"], found[-2]["from_cache"]) == ("ada", 4.0, False)
    assert (found[-1]["submissions"], found[-1]["run"], found[-1]["from_cache"]) == (1, 1, 0)
    assert run(*grade, "--quiet") == (0, "", "")
    code, out, _ = run(*grade, "--json-lines")
    assert [json.loads(line).get("from_cache") for line in out.splitlines()] == [None, True, 1]
    (course.root / "submitted" / "ada" / ASSIGNMENT / "sums.ipynb").write_text("no notebook")
    code, out, err = run(*grade, "--quiet")
    assert (code, err) == (1, "")
    assert out.startswith("ada: ")
    assert out.count("\n") == 1
    code, out, err = run(*grade, "--quiet", "--json-lines")
    assert (code, out, err) == (2, "", "expected --quiet or --json-lines, received both; leave one out\n")


def test_resources_of_workers_belong_to_a_scheduler(run: Command, course: Course) -> None:
    code, out, err = run("grade", ASSIGNMENT, "--course", str(course.root), "--worker-resources", "GPU=1")
    assert (code, out) == (2, "")
    assert err == "expected --worker-resources together with --scheduler, received it alone; name the scheduler\n"


def test_the_cache_is_shown_and_a_mistyped_name_clears_nothing(run: Command, course: Course) -> None:
    nobody = "Nobody has handed in anything that could be graded.\n"
    assert run("cache", "--course", str(course.root)) == (0, nobody, "")
    submit(course, "ada", answer())
    code, out, err = run("cache", "--course", str(course.root))
    assert (code, err) == (0, "")
    assert re.search(r"sums +1 +0 +1 +1 not graded yet", out)
    code, _, err = run("cache", "sum", "--clear", "--course", str(course.root))
    assert (code, "did you mean 'sums'?" in err) == (2, True)
    assert not course.results.exists()
    code, out, _ = run("cache", "sums", "--clear", "--course", str(course.root))
    said = "sums: the next `autograder grade` runs every submission again. Nothing was deleted.\n"
    assert (code, out) == (0, said)


def test_grading_one_student_leaves_the_others_in_the_overview(run: Command, course: Course) -> None:
    submit(course, "ada", answer())
    submit(course, "bob", answer())
    run("grade", ASSIGNMENT, "--course", str(course.root))
    run("grade", ASSIGNMENT, "--course", str(course.root), "--student", "bob", "--force")
    page = (course.root / "reports" / ASSIGNMENT / "overview.html").read_text()
    assert "ada" in page
    assert "<h1>Sums</h1>" in page


def test_another_mark_for_the_same_work_is_told(run: Command, course: Course) -> None:
    noisy = "import sys\ndef double(number):\n    sys.stderr.write('hm')\n    return 2 * number"
    submit(course, "ada", answer(noisy))
    grade = ("grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1")
    assert "another automatic mark" not in run(*grade)[1]
    told = "ada: the same work has another automatic mark, 4 before, 0 now"
    assert told in run(*grade, "--nbgrader-marks", "--yes")[1]
    assert told not in run(*grade, "--nbgrader-marks")[1]


class Terminal(io.StringIO):
    """A keyboard on which the given lines are typed."""

    def isatty(self) -> bool:
        return True


def test_a_mark_falls_only_when_somebody_agrees(
    run: Command, course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    submit(course, "ada", answer())
    grade = ("grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1")
    assert run(*grade)[0] == 0
    submit(course, "ada", answer("def double(number):\n    return number"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    code, out, _ = run(*grade)
    assert code == 3
    assert "Kept, because they would fall: the marks of ada. The same command with --yes lowers them." in out
    assert re.search(r"ada\W+4\W+0\W+-4\W+handed in again", out)
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    code, out, _ = run(*grade)
    assert (code, "1 mark falls. Lower it?" in out) == (3, True)
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    assert run(*grade)[0] == 0
    code, out, _ = run("changes", "ada", "--course", str(course.root), "--json", str(tmp_path / "changes.json"))
    assert (code, "handed" in out) == (0, True)
    (first, second) = json.loads((tmp_path / "changes.json").read_text())["changes"]
    assert [(one["why"], one["seen"]) for one in (first, second)] == [
        ("first grading", False),
        ("handed in again", False),
    ]


def test_a_submission_that_cannot_be_read_is_told_in_full_and_by_the_exit_code(run: Command, course: Course) -> None:
    submit(course, "ada", answer())
    grade = ("grade", ASSIGNMENT, "--course", str(course.root), "--workers", "1")
    assert run(*grade)[0] == 0
    (course.root / "submitted" / "ada" / ASSIGNMENT / "sums.ipynb").write_text("no notebook")
    code, out, _ = run(*grade)
    assert code == 1
    assert "ada: " in out
    assert "The mark of what was handed in before stands: 4 points." in " ".join(out.split())


def test_results_may_go_elsewhere(run: Command, course: Course, tmp_path: Path) -> None:
    submit(course, "ada", answer())
    code, _, _ = run("grade", ASSIGNMENT, "--course", str(course.root), "--results", str(tmp_path / "else"))
    assert code == 0
    assert (tmp_path / "else" / "ada" / "sums.json").exists()


def test_a_check_that_is_broken_gives_exit_code_one(run: Command, course: Course) -> None:
    lab = course.root / "reference" / ASSIGNMENT
    lab.mkdir(parents=True)
    (lab / "checks.py").write_text(
        "from autograder.checks import check\n\n"
        '@check(cell="double-tests")\ndef broken(student):\n    """It is broken."""\n    student.no_such_question()\n'
    )
    submit(course, "ada", answer())
    code, out, _ = run("grade", ASSIGNMENT, "--course", str(course.root))
    assert code == 1
    assert "could not judge" in out


def test_an_error_keeps_its_traceback_for_those_who_ask(run: Command, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="expected a course at"):
        run("--debug", "grade", "ps1", "--course", str(tmp_path))


@pytest.mark.parametrize(
    "command",
    [
        *("new", "init", "build", "release", "grade", "marks", "export", "report", "changes"),
        *("audit", "calibrate", "doctor", "demo"),
    ],
)
def test_every_command_has_help_with_what_it_does(run: Command, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"autograder {command}" in out


def test_the_doctor_tries_a_real_sandbox(run: Command) -> None:
    code, out, _ = run("doctor", "--preload", "numpy")
    assert code == 0
    assert "Protection level:" in out
    for wall in ("seccomp filter", "no network", "own process table", "sealed sockets"):
        assert f"holds {wall}" in out


def test_a_build_that_has_drifted_is_told_from_one_that_has_not(run: Command, tmp_path: Path) -> None:
    project = tmp_path / "project"
    root = Path(__file__).parent.parent
    shutil.copytree(root / "reference" / "cnn_digits", project / "reference" / "cnn_digits")
    (project / "nbgrader_config.py").write_text("c = get_config()\n")
    assert run("build", "--check", "--course", str(project))[0] == 1
    assert run("build", "--course", str(project))[0] == 0
    code, out, _ = run("build", "--check", "--course", str(project))
    assert (code, out) == (0, "cnn_digits: up to date\n")


def test_what_a_terminal_would_obey_is_not_shown(run: Command, course: Course) -> None:
    (submit(course, "ada [red]", answer()) / "\x1b]0;title\x07\u202e.txt").symlink_to("/dev/null")
    code, out, _ = run("grade", ASSIGNMENT, "--course", str(course.root))
    assert code == 0
    assert "ada [red]" in out
    assert "]0;title" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_an_audit_of_an_unknown_lab_is_wrong_usage(run: Command, course: Course) -> None:
    code, _, err = run("audit", "sums", "--course", str(course.root))
    assert code == 2
    assert "expected labs in " in err
    run("new", "lab", "grad_cam", "--course", str(course.root))
    code, _, err = run("audit", "gradcam", "--course", str(course.root))
    assert (code, err) == (2, "expected names of labs (grad_cam), received 'gradcam'\n")


def test_a_new_lab_under_a_name_that_is_no_good_is_wrong_usage(run: Command, course: Course) -> None:
    code, _, err = run("new", "lab", "Grad-CAM", "--course", str(course.root))
    assert code == 2
    assert err.startswith("expected the name of a lab: small letters")


def test_a_lab_of_which_nothing_is_measured_cannot_be_calibrated(run: Command, tmp_path: Path) -> None:
    checks = CHECKS.replace("expect_share(", "print(").replace(', "a share", zero_at=0.5, full_at=0.85', "")
    root = make_course(tmp_path, checks=checks).root
    code, _, err = run("calibrate", "counting", "--course", str(root), "--seeds", "1")
    assert code == 2
    assert "expected checks of counting that measure something, found none" in err


def test_a_calibration_prints_distributions_and_draws_them(run: Command, tmp_path: Path) -> None:
    root = make_course(tmp_path).root
    code, out, err = run("calibrate", "counting", "--course", str(root), "--seeds", "5")
    assert (code, err) == (0, "")
    assert "shares_enough (share-tests): a share" in out
    assert "Now: zero_at=0.5, full_at=0.85." in out
    assert (root / "build" / "calibration-counting.svg").read_text().startswith("<svg")


def test_a_new_lab_builds_releases_and_passes_its_audit(run: Command, tmp_path: Path) -> None:
    root = str(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'new'\n")
    for words in (("new", "lab", "grad_cam"), ("build", "grad_cam"), ("build", "--check"), ("release", "grad_cam")):
        assert run(*words, "--course", root)[0] == 0, words
    record = tmp_path / "audit.json"
    code, out, err = run("audit", "grad_cam", "--seeds", "1", "--json", str(record), "--course", root)
    assert code == 0, out
    assert all(re.fullmatch(r"\d+ s: grad_cam: .+", line) for line in err.splitlines()), err  # where it is, if slow
    assert "ok  grad_cam: as it should be" in out
    (audit,) = AuditReport.model_validate_json(record.read_text()).labs
    assert audit.problems == ()
    assert {variant.name for variant in audit.variants} > {"reference", "untouched", "no_hidden_layer", "subclassed"}
    assert audit.mutants is not None
    assert len(audit.mutants.tried) == audit.mutants.made

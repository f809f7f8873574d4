"""Grading a class, end to end: real sandboxes, real gradebook, on a course without checks and one with."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course import Course, open_course
from autograder.errors import AutograderError, CheckError, UsageError
from autograder.grading.basis import course_limits
from autograder.grading.given import read_given, with_given
from autograder.grading.grade import Graded, Options, grade
from autograder.grading.store import Store
from autograder.reports.notebook_view import view_notebook
from autograder.results import SubmissionResult
from tests.grading.courses import ASSIGNMENT, answer, cell_of, submit

SETTINGS = "[sandbox]\npreload = []\n[limits]\ncell_seconds = 3\ntotal_seconds = 20\n"
CHECKS = '''
from autograder.checks import Failure, Student, check

@check(cell="double-tests", weight=3)
def doubles_any_number(student: Student) -> None:
    """`double` doubles any number."""
    for number in student.rng.integers(-100, 100, 5):
        if student.call("double", int(number)) != 2 * number:
            raise Failure("expected twice the number, received something else", "Multiply by two.")

@check(cell="double-tests")
def doubles_zero(student: Student) -> None:
    """`double` of zero is zero."""
    if student.call("double", 0) != 0:
        raise Failure("expected 0")
'''


@pytest.fixture
def quick(course: Course) -> Course:
    """The course with short limits and nothing to preload."""
    (course.root / "course.toml").write_text(SETTINGS)
    return open_course(course.root)


def graded(course: Course, **options: object) -> dict[str, Graded]:
    _, results = grade(course, ASSIGNMENT, Options(workers=1, **options))  # type: ignore[arg-type]
    return {one.result.student: one for one in results}


def gradebook_scores(course: Course) -> dict[str, tuple[float | None, bool]]:
    with course.gradebook() as gradebook:
        found = {}
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            for notebook in submission.notebooks:
                for row in notebook.grades:
                    if row.name == "double-tests":
                        found[str(submission.student.id)] = (row.auto_score, bool(row.needs_manual_grade))
        return found


def add_checks(course: Course, text: str = CHECKS) -> Course:
    lab = course.root / "reference" / ASSIGNMENT
    lab.mkdir(parents=True)
    (lab / "checks.py").write_text(text)
    return open_course(course.root)


def test_a_class_is_graded_as_nbgrader_would_with_each_fault_kept_to_its_owner(quick: Course) -> None:
    submit(quick, "right", answer())
    submit(quick, "wrong", answer("def double(number):\n    return number + 2"))
    submit(quick, "untouched")
    submit(quick, "endless", answer("while True:\n    pass"))
    submit(quick, "crash", answer("import os\nos._exit(3)"))
    (submit(quick, "garbage") / "sums.ipynb").write_text("{not json")
    results = {name: one.result for name, one in graded(quick).items()}
    assert {name: result.score for name, result in results.items()} == {
        "right": 4, "wrong": 0, "untouched": 0, "endless": 0, "crash": 0, "garbage": 0,
    }  # fmt: skip
    assert results["garbage"].status == "needs_review"
    assert "garbage" not in gradebook_scores(quick) or gradebook_scores(quick)["garbage"][0] is None
    assert "sums.ipynb" in results["garbage"].notes[-1]
    assert [hit.limit for hit in results["endless"].notebooks[0].limits] == ["cell_seconds"]
    assert "exit status 3" in results["crash"].notebooks[0].limits[0].sentence
    assert gradebook_scores(quick)["right"] == (4.0, False)
    assert gradebook_scores(quick)["wrong"] == (0.0, False)
    assert all(result.protection.level in ("strong", "good") for name, result in results.items() if name != "garbage")


def test_each_result_lies_in_its_file_and_nothing_stays_behind(quick: Course) -> None:
    submit(quick, "right", answer())
    (one,) = graded(quick).values()
    store = Store(quick.results)
    assert store.read(quick.results / "right" / "sums.json") == one.result
    assert not store.staging.exists()
    assert (quick.root / "autograded" / "right" / ASSIGNMENT / "sums.ipynb").exists()


def test_what_has_not_changed_is_not_run_again(quick: Course) -> None:
    submit(quick, "right", answer())
    submit(quick, "other", answer())
    first = graded(quick)
    assert all(one.fresh for one in first.values())
    submit(quick, "other", answer("def double(number):\n    return 0"))
    second = graded(quick)
    assert not second["right"].fresh
    assert second["right"].result == first["right"].result
    assert second["other"].fresh
    assert second["other"].result.score == 0
    assert not second["other"].remarked  # other work may have another mark
    assert all(one.fresh for one in graded(quick, force=True).values())


def test_what_took_longest_is_run_first_the_next_time_and_what_never_ran_in_the_middle(quick: Course) -> None:
    for student in ("ada", "bela", "chen"):
        submit(quick, student, answer())
    assert list(graded(quick)) == ["ada", "bela", "chen"]
    store = Store(quick.results)
    for student, seconds in (("ada", 1.0), ("bela", 3.0), ("chen", 9.0)):
        path = store.result_path(student, ASSIGNMENT)
        result = store.read(path)
        assert result is not None
        store.write(path, result.model_copy(update={"seconds": seconds}))
    submit(quick, "dora", answer())
    assert list(graded(quick, force=True)) == ["chen", "bela", "dora", "ada"]


def test_checks_decide_where_a_cell_has_them_and_not_what_it_prints(quick: Course) -> None:
    course = add_checks(quick)
    submit(course, "right", answer())
    submit(course, "visible-only", answer("def double(number):\n    return 4 if number == 2 else 0"))
    shout = "from IPython import get_ipython\nget_ipython().events.register('pre_run_cell', lambda _: 1)\n"
    submit(course, "forger", answer(f"{shout}get_ipython().input_transformers_cleanup.append(lambda lines: ['4.0'])"))
    results = {name: one.result for name, one in graded(course).items()}
    assert results["right"].score == 4
    assert results["visible-only"].score == 1  # the check of weight 1 of 4 passes
    assert results["forger"].score == 0
    (cell, _) = results["visible-only"].notebooks[0].cells
    assert [check.verdict for check in cell.checks] == ["failed", "passed"]
    assert cell.checks[0].hint == "Multiply by two."


def test_a_changed_check_is_another_question_and_is_asked_again(quick: Course) -> None:
    course = add_checks(quick)
    submit(course, "right", answer())
    graded(course)
    (course.root / "reference" / ASSIGNMENT / "checks.py").write_text(CHECKS.replace("weight=3", "weight=2"))
    assert graded(course)["right"].fresh


def test_a_fault_in_a_check_takes_no_mark_and_calls_a_person(quick: Course) -> None:
    course = add_checks(quick, CHECKS.replace('student.call("double", 0) != 0', "undefined_name"))
    submit(course, "right", answer())
    result = graded(course)["right"].result
    assert result.status == "could_not_judge"
    cell = result.notebooks[0].cells[0]
    assert cell.score is None
    assert "NameError" in cell.checks[1].fault
    assert "undefined_name" not in cell.checks[1].message
    assert gradebook_scores(course)["right"] == (None, True)


def test_a_mark_given_by_a_person_is_never_touched_and_looked_at_again_when_the_work_has_changed(quick: Course) -> None:
    submit(quick, "right", answer())
    graded(quick)
    with quick.gradebook() as gradebook:
        row = gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "right")
        row.manual_score, row.needs_manual_grade = 1.5, False
        gradebook.db.commit()

    def by_hand(result: SubmissionResult) -> tuple[object, ...]:
        with quick.gradebook() as gradebook:
            row = gradebook.find_grade("double-tests", "sums", ASSIGNMENT, "right")
            found = row.manual_score, row.auto_score, row.needs_manual_grade
        return (*found, with_given(result, read_given(quick, ASSIGNMENT)["right"]).notebooks[0].cells[0].status)

    again = graded(quick, force=True)["right"].result
    assert by_hand(again) == (1.5, 4.0, False, "graded")
    submit(quick, "right", answer("def double(number):\n    return number + number"))
    other = graded(quick)["right"].result
    assert by_hand(other) == (1.5, 4.0, True, "needs_review")


def test_what_waits_for_a_person_waits_in_a_gradebook_made_anew_too(quick: Course) -> None:
    def answered(notebook: NotebookNode) -> None:
        answer()(notebook)
        cell_of(notebook, "why").source = "Because."

    submit(quick, "right", answered)
    graded(quick)
    with quick.gradebook() as gradebook:
        gradebook.remove_student("right")
    graded(quick, force=True)
    with quick.gradebook() as gradebook:
        assert gradebook.find_grade("why", "sums", ASSIGNMENT, "right").needs_manual_grade


def test_checks_on_a_cell_that_is_not_there_stop_the_run_before_it_begins(quick: Course) -> None:
    course = add_checks(quick, CHECKS.replace('cell="double-tests"', 'cell="triple-tests"'))
    submit(course, "right", answer())
    with pytest.raises(CheckError, match="belongs to cell 'triple-tests'"):
        grade(course, ASSIGNMENT, Options())


def test_a_module_that_is_not_installed_is_named_to_whoever_can_install_it(quick: Course) -> None:
    submit(quick, "right", answer("import no_such_module_anywhere\ndouble = lambda n: 2 * n"))
    (one,) = graded(quick).values()
    (note,) = one.result.notebooks[0].notes
    assert note.startswith("the notebook imports `no_such_module_anywhere`, which is not installed here")


def test_a_refused_submission_waits_for_a_person_in_the_gradebook_too(quick: Course) -> None:
    (submit(quick, "garbage") / "sums.ipynb").write_text("{not json")
    graded(quick)
    assert gradebook_scores(quick)["garbage"] == (None, True)


def test_an_unknown_limit_is_named(course: Course) -> None:
    (course.root / "course.toml").write_text("[limits]\nspeed = 3\n")
    with pytest.raises(
        UsageError,
        match=r"expected a limit of the sandbox in course.toml, received \[limits\] speed; the limits are cell_seconds",
    ):
        course_limits(open_course(course.root))


def test_the_same_submission_gets_the_same_record_alone_and_in_company(quick: Course) -> None:
    course = add_checks(quick)
    for student in ("a", "b", "c", "d"):
        submit(course, student, answer("import random\nx = random.random()\ndouble = lambda n: n + n if x < 2 else 0"))
    together = {one.result.student: one.result for one in grade(course, ASSIGNMENT, Options(workers=2))[1]}
    alone = graded(course, force=True, students=("c",))["c"].result
    assert marks(together["c"]) == marks(alone)
    assert len({marks(result) for result in together.values()}) == 1


def marks(result: SubmissionResult) -> tuple[object, ...]:
    return tuple(
        (cell.cell, cell.score, tuple((check.verdict, check.fraction, check.message) for check in cell.checks))
        for notebook in result.notebooks
        for cell in notebook.cells
    )


@pytest.fixture
def slow_class(quick: Course) -> Course:
    for number in range(6):
        submit(quick, f"s{number}", answer(f"import time\ntime.sleep(0.5)\ndouble = lambda n: 2 * n  # {number}"))
    return quick


# What runs in a shell's background is started deaf to SIGINT, and so would be what it starts.
GRADE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from autograder.cli import main
sys.argv[0] = "autograder"
main()
"""


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [(signal.SIGKILL, -9, ""), (signal.SIGINT, 130, "Stopped. What was graded stays graded;")],
)
def test_a_run_that_is_ended_goes_on_where_it_stopped(
    slow_class: Course, number: signal.Signals, status: int, said: str
) -> None:
    words = ["grade", ASSIGNMENT, "--course", str(slow_class.root), "--workers", "1", "--json-lines"]
    command = [sys.executable, "-c", GRADE, *words]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(slow_class.results.glob("s*/sums.json")):
        assert time.monotonic() < deadline, "no result within a minute"
        time.sleep(0.05)
    running.send_signal(number)
    lines, heard = running.communicate(timeout=60)
    assert (running.returncode, heard.partition(" the same")[0].strip()) == (status, said)
    done = {path.parent.name for path in slow_class.results.glob("s*/sums.json")}
    assert 0 < len(done) < 6
    last = json.loads(lines.splitlines()[-1])
    assert (last["event"] == "stopped") == bool(said)
    if said:
        assert (last["submissions"], 0 < last["done"] <= len(done), last["resume"]) == (6, True, heard.strip())
    results = graded(slow_class)
    assert {name for name, one in results.items() if not one.fresh} >= done
    assert {one.result.score for one in results.values()} == {4.0}
    assert set(gradebook_scores(slow_class).values()) == {(4.0, False)}
    assert not Store(slow_class.results).staging.exists()


def test_no_sandbox_runs_only_on_demand_and_says_so(quick: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(quick, "right", answer())
    result = graded(quick, sandboxed=False)["right"].result
    assert (result.score, result.protection.level) == (4.0, "none")
    assert os.environ.get("NBGRADER_EXECUTION") is None


@pytest.fixture
def small_disk(quick: Course, tmp_path: Path) -> Iterator[Course]:
    """The course on a disk of 6 MB."""
    if os.getuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=True)
    try:
        shutil.copytree(quick.root, disk / "course")
        yield open_course(disk / "course")
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("pages_left", [0, 1, 4])
def test_a_full_disk_is_one_sentence_and_costs_no_result(small_disk: Course, pages_left: int) -> None:
    for student in ("a", "b"):
        submit(small_disk, student, answer())
    before = {name: one.result for name, one in graded(small_disk).items()}
    filler = small_disk.root.parent / "filler"
    with filler.open("wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        file.truncate(file.tell() - 4096 * pages_left)
    with pytest.raises(AutograderError, match=r"No space left on device|disk is full") as caught:
        graded(small_disk, force=True)
    assert "\n" not in str(caught.value)
    filler.unlink()
    after = graded(small_disk)
    assert {name: one.result for name, one in after.items()} == before
    assert not any(one.fresh for one in after.values())


def test_text_that_cannot_be_written_costs_no_verdict(quick: Course) -> None:
    by_hand = "import json\nget_ipython().kernel.session.pack = lambda value: json.dumps(value, default=str).encode()"
    raising = "def double(number):\n    raise ValueError('\\ud800')\nprint('\\ud800')"
    submit(quick, "half", answer(f"{by_hand}\n{raising}"))
    result = graded(add_checks(quick))["half"].result
    assert (result.status, result.score) == ("needs_review", 0)  # it speaks of the kernel's session
    assert "the notebook's code raised ValueError: ?" in result.notebooks[0].cells[0].checks[0].message


def test_a_course_that_every_submission_could_read_is_refused(quick: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(quick, "right", answer())
    monkeypatch.setattr(sys, "prefix", str(quick.root))
    with pytest.raises(UsageError, match="which every submission can read; move the course"):
        graded(quick)


def test_an_error_under_a_hidden_line_keeps_its_words_to_itself_and_one_under_a_visible_line_does_not(
    quick: Course,
) -> None:
    """What is asked by hidden tests could be raised."""
    raises = "def double(number):\n    if number {}: raise ValueError(f'asked {{number}}')\n    return 2 * number"
    chained = """
def double(number):
    if number == 2:
        return 4
    try:
        raise KeyError(f"asked {number}")
    except KeyError as error:
        raise type(f"Asked{abs(number)}", (Exception,), {})(f"asked {number}") from error
"""
    submit(quick, "hidden", answer(raises.format("< 0")))
    submit(quick, "chained", answer(chained))
    submit(quick, "visible", answer(raises.format("> 0")))
    graded(quick)
    messages = {}
    for student in ("hidden", "chained", "visible"):
        notebook = Store(quick.results).read(Store(quick.results).result_path(student, ASSIGNMENT)).notebooks[0]
        messages[student] = notebook.cells[0].message
        executed = nbformat.read(quick.root / "autograded" / student / ASSIGNMENT / "sums.ipynb", as_version=4)
        tests = next(cell for cell in view_notebook(executed).cells if cell.grade_id == "double-tests")
        assert ("asked" in str(tests.outputs)) == (student == "visible")
    not_shown = "raised in the part of the tests that is not shown"
    assert messages == {
        "hidden": f"ValueError: {not_shown}",
        "chained": f"Error: {not_shown}",
        "visible": "ValueError: asked 2",
    }


def test_whose_rules_decide_on_tests_cells_can_be_changed_for_a_course_and_for_a_run(quick: Course) -> None:
    submit(quick, "noisy", answer("import sys\ndef double(number):\n    sys.stderr.write('hm')\n    return 2 * number"))
    first, again = graded(quick)["noisy"], graded(quick)["noisy"]
    assert (first.result.notebooks[0].cells[0].score, first.result.notebooks[0].cells[0].nbgrader_score) == (4.0, 0.0)
    assert (first.fresh, again.fresh) == (True, False)
    theirs = graded(quick, nbgrader_marks=True, lower=True)["noisy"]
    assert (theirs.fresh, theirs.result.notebooks[0].cells[0].score) == (True, 0.0)
    assert theirs.remarked
    (quick.root / "course.toml").write_text(f"{SETTINGS}\n[grading]\nnbgrader_marks = true\n")
    assert not graded(open_course(quick.root))["noisy"].fresh
    assert gradebook_scores(quick)["noisy"] == (0.0, False)

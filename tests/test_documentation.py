"""The generated reference pages say what the code says."""

import inspect
import re

import pytest
from pydantic import BaseModel

import autograder.checks
from autograder.audit.record import AuditReport, LabAudit, MutantAudit, MutantsAudit, VariantAudit
from autograder.class_run import EVENTS
from autograder.command_reference import commands, commands_page
from autograder.course import (
    Assignment,
    Component,
    CourseSettings,
    Criterion,
    Exceptions,
    Excuse,
    Extension,
    LatePolicy,
    LetterBoundary,
    Level,
    Policies,
    Rubric,
    Week,
)
from autograder.course.settings import GradingSettings, PathSettings, SandboxSettings, SubmissionSettings
from autograder.documentation import (
    DOCS,
    audit_page,
    checks_page,
    course_page,
    main,
    marks_page,
    quiz_page,
    results_page,
    rubrics_page,
    status_page,
    write_pages,
)
from autograder.marks.record import AssignmentRecord, ComponentRecord, MarksReport, StepRecord, StudentRecord
from autograder.quizzes import KINDS, Option, Pool, QuizFile
from autograder.results import (
    Bars,
    CellResult,
    CheckResult,
    ConfusionMatrix,
    Curve,
    LimitHit,
    NotebookResult,
    Protection,
    SubmissionResult,
)
from autograder.status import AssignmentStatus, ReviewCounts, StatusReport

RECORDS = [
    SubmissionResult,
    NotebookResult,
    Protection,
    CellResult,
    LimitHit,
    CheckResult,
    Curve,
    Bars,
    ConfusionMatrix,
]
MARKS_RECORDS = [MarksReport, StudentRecord, ComponentRecord, AssignmentRecord, StepRecord]
SETTINGS = [
    *(CourseSettings, PathSettings, SubmissionSettings, SandboxSettings, GradingSettings),
    *(Week, Component, Assignment, Policies, LatePolicy, LetterBoundary),
    *(Exceptions, Extension, Excuse),
]
QUIZ_RECORDS = [QuizFile, Pool, Option, *KINDS.values()]
RUBRIC_RECORDS = [Rubric, Criterion, Level]
STATUS_RECORDS = [StatusReport, AssignmentStatus, ReviewCounts]
AUDIT_RECORDS = [AuditReport, LabAudit, VariantAudit, MutantsAudit, MutantAudit]


def test_the_committed_pages_are_up_to_date(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().err


def test_a_drifted_page_is_found_and_rewritten(tmp_path):
    write_pages(tmp_path, check=False)
    page = tmp_path / "results.md"
    page.write_text("old", encoding="utf-8")
    assert write_pages(tmp_path, check=True) == [page]
    assert page.read_text(encoding="utf-8") == "old"
    assert write_pages(tmp_path, check=False) == [page]
    assert write_pages(tmp_path, check=True) == []


def test_a_missing_page_counts_as_drift(tmp_path):
    names = ("audit-json", "changes-json", "checks", "commands", "course", "grade-json", "marks-json", "quiz-toml")
    names = (*names, "results", "rubrics", "status-json")
    pages = [tmp_path / f"{name}.md" for name in names]
    assert write_pages(tmp_path, check=True) == pages
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "record",
    [*RECORDS, *AUDIT_RECORDS, *STATUS_RECORDS, *MARKS_RECORDS, *SETTINGS, *QUIZ_RECORDS, *RUBRIC_RECORDS, *EVENTS],
    ids=lambda record: record.__name__,
)
def test_every_key_of_every_record_has_its_meaning(record: type[BaseModel]):
    for key, field in record.model_fields.items():
        assert field.description, f"{record.__name__}.{key} has no docstring below it"


def test_every_function_of_the_language_of_checks_has_an_example():
    functions = [getattr(autograder.checks, name) for name in autograder.checks.__all__]
    without = [one.__name__ for one in functions if inspect.isfunction(one) and "Example: `" not in inspect.getdoc(one)]
    assert without == []


def test_the_language_of_checks_is_listed_whole():
    headings = re.findall(r"^## `(\w+)", checks_page(), flags=re.MULTILINE)
    assert sorted(headings) == sorted(autograder.checks.__all__)


def test_the_page_of_commands_has_every_one_with_every_argument_and_option():
    page = commands_page()
    sections = dict(re.findall(r"^## `autograder ([a-z ]+)`\n(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL))
    assert list(sections) == list(commands())
    assert {"grade", "new lab", "validate"} <= set(sections)
    for name, command in commands().items():
        typed = re.findall(r"^- `([^`]+)`: \S", sections[name], flags=re.MULTILINE)
        assert len(typed) == len([one for one in command.params if one.name != "help"])
        options = {option for one in command.params for option in (*one.opts, *one.secondary_opts) if option[0] == "-"}
        assert options - {"--help"} <= {word.rstrip(",") for line in typed for word in line.split()}


@pytest.mark.parametrize(
    "line",
    [
        "`autograder export [OPTIONS] canvas|moodle FILE`",
        "`autograder recover [OPTIONS] [ASSIGNMENTS...]`",
        "- `--zip FILE`: What Moodle or Canvas hands out, or any zip. Required.",
        "- `--format moodle|canvas|plain`: How its files are named; default: found out from the names.",
        "- `--seeds INTEGER`: Seeds that each variant is tried under. Default: `5`.",
        "- `--mutants, --no-mutants`: Try generated mistakes as well as written ones. Default: `--mutants`.",
        "autograder grade cnn_digits --course ~/my-course --student ada",
    ],
)
def test_a_command_is_shown_as_one_types_it(line):
    assert line in (DOCS / "commands.md").read_text(encoding="utf-8").splitlines()


def test_the_page_of_the_course_has_both_files_and_every_table_once():
    headings = re.findall(r"^## (.+)$", course_page(), flags=re.MULTILINE)
    expected = ["course.toml", *(one.__name__ for one in SETTINGS[1:] if one is not Exceptions), "exceptions.toml"]
    assert sorted(headings) == sorted(expected)


def test_the_page_of_a_quiz_has_every_kind_and_every_key():
    page = quiz_page()
    assert re.findall(r"^## Kind `(\w+)`$", page, flags=re.MULTILINE) == list(KINDS)
    keys = {key for record in QUIZ_RECORDS for key in record.model_fields} - {"kind"}
    assert set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE)) == keys


@pytest.mark.parametrize(
    ("page", "records"),
    [
        (results_page, RECORDS),
        (audit_page, AUDIT_RECORDS),
        (marks_page, MARKS_RECORDS),
        (rubrics_page, RUBRIC_RECORDS),
        (status_page, STATUS_RECORDS),
    ],
)
def test_the_page_has_the_file_first_and_every_record_once(page, records):
    headings = re.findall(r"^## (.+)$", page(), flags=re.MULTILINE)
    assert headings[0] == "The file"
    assert sorted(headings[1:]) == sorted(record.__name__ for record in records[1:])


@pytest.mark.parametrize(
    "row",
    [
        "| `schema_version` | `1` |",
        "| `fraction` | number ≥ 0, ≤ 1 or null |",
        "| `checks` | list of [CheckResult](#checkresult) |",
        "| `figures` | list of [Curve](#curve) or [ConfusionMatrix](#confusionmatrix) or [Bars](#bars) |",
        "| `versions` | object: name to string |",
        "| `counts` | list of list of integer |",
        '| `level` | `"strong"` or `"good"` or `"none"` or `"not_run"` |',
    ],
)
def test_types_are_in_words(row):
    assert row in (DOCS / "results.md").read_text(encoding="utf-8")

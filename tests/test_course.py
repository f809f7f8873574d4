from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.dbutil import _temp_alembic_ini
from sqlalchemy import text

from autograder.course import Course, assignment_exists, list_submissions, open_course, read_timestamp, roster
from autograder.course.new_gradebook import newest_revision
from autograder.errors import GradebookError, UsageError

ROOT = Path(__file__).parents[1]
WithAssignments = Callable[..., Course]


@pytest.fixture(autouse=True)
def no_configuration_of_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH"):
        monkeypatch.delenv(name, raising=False)


def make_folder(tmp_path: Path, files: dict[str, str]) -> Path:
    root = tmp_path / "algebra"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def opened(tmp_path: Path, files: dict[str, str]) -> Course:
    return open_course(make_folder(tmp_path, files))


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one gradebook to copy: nbgrader runs alembic for each new one, which takes seconds."""
    root = tmp_path_factory.mktemp("empty")
    (root / "course.toml").touch()
    with open_course(root).gradebook():
        return root / "gradebook.db"


@pytest.fixture
def with_assignments(empty_gradebook: Path) -> WithAssignments:
    def release(course: Course, *names: str) -> Course:
        shutil.copy(empty_gradebook, course.root / "gradebook.db")
        with course.gradebook() as gradebook:
            for name in names:
                gradebook.add_assignment(name)
        return course

    return release


def submitted(course: Course, student: str, assignment: str, timestamp: str | None = None) -> Path:
    folder = course.folder("submitted", student, assignment)
    folder.mkdir(parents=True)
    if timestamp is not None:
        (folder / "timestamp.txt").write_text(timestamp)
    return folder


def test_our_own_course_opens_and_agrees_with_its_nbgrader_configuration() -> None:
    course = open_course(ROOT)
    assert (course.course_id, course.title) == ("deep-learning", "Deep Learning with Keras")
    assert course.source_folder("cnn_digits") == ROOT / "source_assignments" / "cnn_digits"
    assert course.reference == ROOT / "reference"
    assert course.db_url == f"sqlite:///{ROOT}/gradebook.db"


@pytest.mark.parametrize("mark", ["course/course.toml", "course.toml", "nbgrader_config.py", "source/lab/lab.ipynb"])
def test_any_mark_of_a_course_makes_a_folder_one(tmp_path: Path, mark: str) -> None:
    course = opened(tmp_path, {mark: ""})
    assert (course.course_id, course.title) == ("", "algebra")
    assert course.reference is None
    assert course.results == tmp_path / "algebra" / "results"
    assert course.preload == ("numpy", "keras", "tensorflow")


@pytest.mark.parametrize(("name", "found"), [("there", "a folder without any of them"), ("nowhere", "no such folder")])
def test_another_folder_is_no_course(tmp_path: Path, name: str, found: str) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(
        UsageError, match=rf"expected a course at .*{name} .*source/.*, found {found}; name the course's"
    ):
        open_course(tmp_path / name)


def test_course_toml_names_the_course_its_folders_limits_and_modules(tmp_path: Path) -> None:
    toml = """
        id = "algebra-1"
        title = "Algebra"
        [paths]
        reference = "answers"
        results = "out"
        [limits]
        cell_seconds = 5
        [submissions]
        max_notebook_mib = 3
        [sandbox]
        preload = ["numpy"]
    """
    course = opened(tmp_path, {"course/course.toml": toml, "answers/lab/checks.py": ""})
    root = tmp_path / "algebra"
    assert (course.course_id, course.title, course.preload) == ("algebra-1", "Algebra", ("numpy",))
    assert (course.reference, course.results) == (root / "answers", root / "out")
    assert (course.limits, course.max_notebook_bytes) == ({"cell_seconds": 5}, 3 * 2**20)
    assert course.coursedir().course_id == "algebra-1"


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (
            "titel = 'x'",
            "line 1: expected one of the keys id, title, paths, limits, submissions, sandbox, grading, term, weeks, "
            "components, assignments, policies, received the unknown key 'titel'",
        ),
        ("[paths]\nsource = 'x'", "keys reference, results, received the unknown key 'paths.source'"),
        ("id = 3", "id: input should be a valid string, received 3"),
        ("[sandbox]\npreload = [1]", "sandbox.preload #1: input should be a valid string, received 1"),
        ("[submissions]\nmax_notebook_mib = 0", "input should be greater than or equal to 1, received 0"),
        ("id = ", "expected TOML in"),
        ("[paths]\nreference = 'gone'", "the folder that course.toml names as paths.reference, found no folder"),
    ],
)
def test_a_course_toml_with_a_mistake_is_refused_with_what_is_wrong(tmp_path: Path, toml: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(tmp_path, {"course.toml": toml})
    assert sentence in str(caught.value)
    assert str(caught.value).endswith("correct it")


def test_a_mistake_in_course_toml_is_named_where_the_configuration_reads_it_as_well(tmp_path: Path) -> None:
    reads = f"import tomllib\ntomllib.load(open('{tmp_path}/course.toml', 'rb'))\n"
    with pytest.raises(UsageError, match=r"expected TOML in .*course\.toml, received .*line 2"):
        opened(tmp_path, {"course.toml": "id = 'one'\ntitle = Labs", "nbgrader_config.py": reads})


def test_two_course_ids_that_differ_are_refused(tmp_path: Path) -> None:
    files = {"course.toml": "id = 'one'", "nbgrader_config.py": "c = get_config()\nc.CourseDirectory.course_id = 'two'"}
    with pytest.raises(UsageError, match=r"found 'one' in course.toml and 'two' in nbgrader's configuration"):
        opened(tmp_path, files)


def test_the_configuration_is_what_nbgrader_would_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = tmp_path / "jupyter"
    everywhere.mkdir()
    (everywhere / "nbgrader_config.py").write_text(
        "c = get_config()\nc.Execute.timeout = 7\nc.CourseDirectory.source_directory = 'overridden'\n"
    )
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(everywhere))
    lines = "c = get_config()\nc.CourseDirectory.source_directory = 'src'\nc.NbGrader.course_id = 'old-style'\n"
    before = Path.cwd()
    course = opened(tmp_path, {"nbgrader_config.py": lines})
    assert course.config.Execute.timeout == 7
    assert course.source_folder("lab") == tmp_path / "algebra" / "src" / "lab"
    assert course.course_id == "old-style"
    assert Path.cwd() == before


@pytest.mark.parametrize(
    ("timeout", "cell_seconds", "total_seconds"),
    [("200", 200.0, 2000.0), ("None", 3600.0, 3600.0), ("-1", 3600.0, 3600.0)],
)
def test_nbgraders_timeout_is_a_limit_of_ours(
    tmp_path: Path, timeout: str, cell_seconds: float, total_seconds: float
) -> None:
    course = opened(tmp_path, {"nbgrader_config.py": f"c = get_config()\nc.Execute.timeout = {timeout}\n"})
    assert course.limits == {"cell_seconds": cell_seconds, "total_seconds": total_seconds}


def test_course_toml_outweighs_nbgraders_timeout(tmp_path: Path) -> None:
    lines = "c = get_config()\nc.ExecutePreprocessor.timeout = 5\n"
    course = opened(tmp_path, {"nbgrader_config.py": lines, "course.toml": "[limits]\ncell_seconds = 7"})
    assert course.limits == {"cell_seconds": 7, "total_seconds": 300}


def test_a_configuration_may_send_the_course_elsewhere(tmp_path: Path) -> None:
    lines = "c = get_config()\nc.CourseDirectory.root = '../geometry'\n"
    assert opened(tmp_path, {"nbgrader_config.py": lines}).root == tmp_path / "geometry"


def test_a_configuration_that_fails_is_one_readable_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"expected nbgrader_config.py in .* to load, received ZeroDivisionError: div"):
        opened(tmp_path, {"nbgrader_config.py": "1 / 0"})


def test_a_relative_gradebook_lies_in_the_course(tmp_path: Path) -> None:
    lines = "c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///marks.db'\n"
    course = opened(tmp_path, {"nbgrader_config.py": lines})
    assert course.db_url == f"sqlite:///{tmp_path}/algebra/marks.db"


def test_a_new_gradebook_has_the_revision_that_the_program_alembic_tells() -> None:
    with _temp_alembic_ini("sqlite://") as settings:
        command = [sys.executable, "-m", "alembic.config", "-c", settings, "heads"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.split() == [newest_revision(), "(head)"]


def test_a_new_gradebook_is_made_without_alembic_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    course = opened(tmp_path, {"course.toml": ""})
    with course.gradebook() as gradebook:
        gradebook.add_assignment("lab")
        (revision,) = gradebook.db.execute(text("SELECT version_num FROM alembic_version")).scalars()
    assert revision == newest_revision()
    assert assignment_exists(course, "lab")
    assert not assignment_exists(course, "lab2")


def test_a_gradebook_that_is_no_database_is_one_readable_line(tmp_path: Path) -> None:
    course = opened(tmp_path, {"course.toml": "", "gradebook.db": "no database " * 100})
    with pytest.raises(
        GradebookError,
        match=r"to open nbgrader's gradebook \(sqlite:.*\), received .* not a database; run `autogr.* recover`",
    ):
        assignment_exists(course, "lab")


def test_submissions_are_listed_by_student_with_their_time(tmp_path: Path, with_assignments: WithAssignments) -> None:
    course = with_assignments(opened(tmp_path, {"course.toml": ""}), "lab", "lab2")
    submitted(course, "bob", "lab", "2026-11-02 17:05:00 UTC")
    submitted(course, "ann", "lab", "2026-11-02 17:05:00.500000 Europe/Berlin")
    submitted(course, "cem", "lab2")
    found = list_submissions(course, "lab")
    assert [(one.student, one.timestamp) for one in found] == [
        ("ann", datetime(2026, 11, 2, 16, 5, 0, 500000)),
        ("bob", datetime(2026, 11, 2, 17, 5)),
    ]
    assert [one.student for one in list_submissions(course, "lab", ["bob", "bob"])] == ["bob"]


def test_students_may_have_odd_ids(tmp_path: Path, with_assignments: WithAssignments) -> None:
    course = with_assignments(opened(tmp_path, {"course.toml": ""}), "lab [1]")
    for student in ("a+b", "x [1]", "é@uni.example"):
        submitted(course, student, "lab [1]")
    assert [one.student for one in list_submissions(course, "lab [1]")] == ["a+b", "x [1]", "é@uni.example"]


def test_a_course_may_lay_its_folders_out_in_another_order(tmp_path: Path, with_assignments: WithAssignments) -> None:
    lines = "c = get_config()\nc.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n"
    course = with_assignments(opened(tmp_path, {"nbgrader_config.py": lines}), "lab")
    folder = submitted(course, "ann", "lab")
    assert folder == tmp_path / "algebra" / "submitted" / "lab" / "ann"
    assert [one.folder for one in list_submissions(course, "lab")] == [folder]


def test_excluded_students_are_left_out(tmp_path: Path, with_assignments: WithAssignments) -> None:
    lines = "c = get_config()\nc.CourseDirectory.student_id_exclude = 'bob, cem'\n"
    course = with_assignments(opened(tmp_path, {"nbgrader_config.py": lines}), "lab")
    for student in ("ann", "bob", "cem"):
        submitted(course, student, "lab")
    assert [one.student for one in list_submissions(course, "lab")] == ["ann"]


def test_an_unknown_assignment_is_refused_with_the_closest_names(
    tmp_path: Path, with_assignments: WithAssignments
) -> None:
    course = with_assignments(opened(tmp_path, {"course.toml": ""}), "cnn_digits", "attention")
    sentence = "received 'cnn_digit'; did you mean 'cnn_digits'?; the gradebook of algebra knows attention, cnn_digits"
    with pytest.raises(UsageError) as caught:
        list_submissions(course, "cnn_digit")
    assert sentence in str(caught.value)


def test_an_assignment_that_was_never_released_is_refused_with_how_to_release_it(tmp_path: Path) -> None:
    course = opened(tmp_path, {"source/lab/lab.ipynb": ""})
    with pytest.raises(UsageError, match=r"found 'lab' only as a source; release it first .`autograder release lab`"):
        list_submissions(course, "lab")
    assert not (course.root / "gradebook.db").exists()


def test_an_assignment_nobody_submitted_is_refused(tmp_path: Path, with_assignments: WithAssignments) -> None:
    course = with_assignments(opened(tmp_path, {"course.toml": ""}), "lab")
    with pytest.raises(UsageError, match=r"expected submissions of 'lab' in .*/submitted/\*/lab, found none; collect"):
        list_submissions(course, "lab")


def test_a_student_who_submitted_nothing_is_refused_with_the_closest_ids(
    tmp_path: Path, with_assignments: WithAssignments
) -> None:
    course = with_assignments(opened(tmp_path, {"course.toml": ""}), "lab")
    submitted(course, "ann2026", "lab")
    with pytest.raises(UsageError, match=r"by student 'ann2062' in .*, found none; did you mean 'ann2026'\?"):
        list_submissions(course, "lab", ["ann2062"])


def test_a_student_who_is_not_on_the_roster_is_listed_with_a_note(
    tmp_path: Path, with_assignments: WithAssignments
) -> None:
    files = {"course/course.toml": "", "course/roster.csv": "\ufeffid,name\n ann ,Ann\n,\n"}
    course = with_assignments(opened(tmp_path, files), "lab")
    assert roster(course) == ("ann",)
    for student in ("ann", "bob"):
        submitted(course, student, "lab")
    ann, bob = list_submissions(course, "lab")
    assert ann.notes == ()
    assert bob.notes == (
        "expected a student of course/roster.csv, found 'bob', who is not on it; graded all the same: "
        "add the student or remove the submission",
    )


def test_a_roster_without_ids_is_refused(tmp_path: Path) -> None:
    course = opened(tmp_path, {"course/course.toml": "", "course/roster.csv": "name\nAnn\n"})
    with pytest.raises(UsageError, match=r"expected a column `id` in .*roster.csv, found 'name'; rename the one that"):
        roster(course)


DAMAGED: dict[str, Callable[[Path], object]] = {
    "no time": lambda path: path.write_text("tomorrow-ish"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "a year out of range": lambda path: path.write_text("99999-01-01 00:00:00 UTC"),
    "a folder": lambda path: path.mkdir(),
    "a link": lambda path: path.symlink_to("/etc/hostname"),
    "a novel": lambda path: path.write_text("2026-11-02 " * 1000),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_an_unreadable_timestamp_is_a_note_and_the_submission_counts(
    tmp_path: Path, with_assignments: WithAssignments, damage: str
) -> None:
    course = with_assignments(opened(tmp_path, {"course.toml": ""}), "lab")
    DAMAGED[damage](submitted(course, "ann", "lab") / "timestamp.txt")
    (submission,) = list_submissions(course, "lab")
    assert submission.timestamp is None
    (note,) = submission.notes
    assert note.startswith("expected a time such as '2026-11-02 17:05:00 UTC' in lab/timestamp.txt, found ")
    assert note.endswith("the submission counts as in time until the file is corrected")
    coursedir = course.coursedir()
    assert isinstance(coursedir, CourseDirectory)
    assert coursedir.get_existing_timestamp(str(submission.folder)) is None


def test_no_timestamp_and_an_empty_one_are_no_fault(tmp_path: Path) -> None:
    assert read_timestamp(tmp_path) is None
    (tmp_path / "timestamp.txt").write_text("\n")
    assert read_timestamp(tmp_path) is None

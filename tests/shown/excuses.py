"""Commands of the pages that no page's test types, each with the reason, and with what runs the same instead."""

from __future__ import annotations

from typing import NamedTuple


class Excuse(NamedTuple):
    """Why a command is not typed where its page is.

    Attributes:
        why: The reason.
        run_by: What runs the same: a test (`tests/test_demo.py::test_...`), another page whose test types the same
            line, or `.ci/run`.
    """

    why: str
    run_by: str


DEMO = Excuse(
    "grades a class with TensorFlow; once is enough",
    "tests/test_demo.py::test_the_demo_gives_the_marks_that_the_readme_shows",
)
SET_UP = Excuse("installs packages, and is what made the environment of this test", ".ci/run")
EVERY_LAB = Excuse(
    "takes far longer than all tests; each lab has one that audits it under one seed, this is one",
    "tests/course/test_cnn_digits.py::test_the_audit_under_one_seed_finds_nothing_wrong",
)
SUITE = Excuse("is the run that this test is part of", ".ci/run")
# `make` and what it would start are looked at, no more: nothing runs these but people.
BY_HAND = "tests/shown/test_make.py::test_make_finds_what_a_page_has_it_run"
DOCTOR = Excuse("starts a sandbox with TensorFlow; once is enough", "docs/administrators.md")
EXCHANGE = Excuse("needs an exchange; once is enough", "docs/exchange.md")
AUDITED = Excuse("is the same, for the same lab", "docs/audit.md")
BEGUN = "builds a quiz that needs Keras; once is enough"

EXCUSES: dict[str, dict[str, Excuse]] = {
    "README.md": {
        "make demo": DEMO,
        "make test": SUITE,
        "autograder doctor": DOCTOR,
        "cd DIR && autograder build": Excuse(
            BEGUN, "tests/test_first_course_page.py::test_the_page_leads_from_an_empty_folder_to_marks"
        ),
        "autograder release first_lab first_quiz": Excuse(BEGUN, "docs/first-course.md"),
    },
    "CONTRIBUTING.md": {
        "make setup": SET_UP,
        "make test": SUITE,
        'make test ARGS="tests/checks -k shape"': Excuse("is a part of the run that this test is part of", BY_HAND),
        "make lint": Excuse("runs beside the tests", ".ci/run"),
        "make adversarial": Excuse(
            "takes far longer than all tests; the same cases, those that are quick",
            "tests/adversarial/test_cases.py::test_case",
        ),
        "make audit": EVERY_LAB,
        "make soak": Excuse(
            "takes far longer than all tests; the same with a class of 20",
            "tests/adversarial/test_soak.py::test_hostile_submissions_change_no_mark_of_honest_ones",
        ),
        "make peer-tests": Excuse("runs 42 tests of nbgrader's, each with a sandbox of its own", BY_HAND),
        ".ci/run": SUITE,
    },
    "docs/administrators.md": {
        "make setup": SET_UP,
        "systemd-run --user --scope -p Delegate=yes autograder grade first_lab": Excuse(
            "needs systemd with a session of the user's; a group that was handed on is tried without",
            "tests/sandbox/test_cgroup.py::test_an_ordinary_user_makes_groups_in_a_group_that_was_handed_on",
        ),
    },
    "docs/writing-a-lab.md": {
        "autograder audit grad_cam": AUDITED,
        "autograder audit grad_cam --seeds 1 --no-mutants": AUDITED,
        "autograder calibrate grad_cam --seeds 50": AUDITED,
    },
    "docs/audit.md": {"make audit": EVERY_LAB},
    "docs/commands.md": {
        "autograder doctor": DOCTOR,
        "autograder demo --into build/demo": DEMO,
    },
    "docs/clusters.md": {
        "autograder grade first_lab --scheduler tcp://192.0.2.7:8786": Excuse(
            "needs a cluster; a real one is made of processes on this machine",
            "tests/grading/test_cluster.py::test_a_run_that_is_stopped_leaves_no_sandbox_and_the_same_command_ends_as_a_"
            "run_on_this_machine",
        ),
        "autograder grade first_lab --scheduler tcp://192.0.2.7:8786 --worker-resources GPU=1": Excuse(
            "needs a cluster; one without the resource says so",
            "tests/grading/test_cluster.py::test_workers_without_what_a_submission_takes_are_no_workers",
        ),
    },
    "docs/review.md": {
        "jupyter server extension enable autograder.review": Excuse(
            "would write into this environment; the same with --user and a folder of the test's",
            "tests/review/test_enabling.py::test_jupyters_own_command_switches_it_on",
        ),
    },
    "docs/students.md": {
        "nbgrader list": EXCHANGE,
        "nbgrader fetch_assignment first_lab": EXCHANGE,
        "autograder validate first_lab": EXCHANGE,
        "nbgrader submit first_lab": EXCHANGE,
        "nbgrader fetch_feedback first_lab": EXCHANGE,
        "export TF_CPP_MIN_LOG_LEVEL=3": Excuse(
            "shows in a student's Jupyter; there nbgrader_config.py sets it, and *Validate* is pressed",
            "tests/browser/test_end_to_end.py::test_a_lab_goes_from_its_release_to_the_feedback_that_its_student_reads",
        ),
    },
    "docs/first-course.md": {
        "autograder audit first_lab --seeds 1 --no-mutants": Excuse(
            "trains with Keras; the same lab, with generated mistakes too, as `autograder new lab` writes it",
            "tests/test_cli.py::test_a_new_lab_builds_releases_and_passes_its_audit",
        ),
    },
}

"""The command line: each command a few lines over the part that does the work."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from autograder.class_run import JsonLines, QuietView, TerminalView, grade_and_show
from autograder.cli_course import app as course_app
from autograder.cli_labs import CourseOption, WorkersOption, console
from autograder.cli_labs import app as labs_app
from autograder.cli_marks import app as marks_app
from autograder.collect import Options as Collecting
from autograder.collect import collect as collect_submissions
from autograder.collect import print_collection
from autograder.course import DEFAULT_PRELOAD, Course, list_submissions, open_course
from autograder.demo import run_demo
from autograder.display import print_doctor, print_plan
from autograder.errors import AutograderError, UsageError
from autograder.grading.basis import course_limits
from autograder.grading.cleared import clear as clear_results
from autograder.grading.grade import Options
from autograder.grading.gradebook_file import GradebookFile
from autograder.grading.interruption import Interruption
from autograder.grading.outlook import outlook
from autograder.grading.recover import prepare_recovery
from autograder.grading.scheduler import Scheduler
from autograder.grading.store import Store
from autograder.sandbox import Limits
from autograder.sandbox.doctor import examine
from autograder.status import handed_in_assignments, print_outlooks
from autograder.terminal import printable

DEBUG = "--debug"
KEPT = 3  # marks would have fallen, and nobody has agreed
app = typer.Typer(
    name="autograder",
    help="Grade notebooks of Keras and TensorFlow courses: student code in a sandbox, its judge outside.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(labs_app)
app.add_typer(course_app)
app.add_typer(marks_app)
errors = Console(stderr=True, highlight=False)

NamingFormat = Literal["moodle", "canvas", "plain"]
SandboxOption = Annotated[
    bool,
    typer.Option("--no-sandbox", help="Run student code WITHOUT protection on this machine; every report says so."),
]

ResultsOption = Annotated[
    Path | None,
    typer.Option("--results", help="The folder of result records and ledger; default: results/ in the course."),
]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option(DEBUG, help="Show the traceback of an error.")] = False,
) -> None:
    pass


@app.command()
def collect(
    archive: Annotated[
        Path, typer.Option("--zip", metavar="FILE", help="What Moodle or Canvas hands out, or any zip.")
    ],
    assignment: Annotated[str | None, typer.Argument(help="The assignment; may be left out where only one is.")] = None,
    course: CourseOption = Path(),
    naming: Annotated[
        NamingFormat | None,
        typer.Option("--format", help="How its files are named; default: found out from the names."),
    ] = None,
    pattern: Annotated[
        str,
        typer.Option(metavar="REGEX", help="Other names, with nbgrader's groups student_id, file_id, timestamp, ..."),
    ] = "",
    roster: Annotated[
        Path | None,
        typer.Option(help="Who is who: CSV with id and lms_id, name or email; default: course/roster.csv if there."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the table and write nothing into the course.")
    ] = False,
    replace_earlier: Annotated[
        bool,
        typer.Option("--replace", help="Replace what was collected before, even where nothing says it is earlier."),
    ] = False,
) -> None:
    """Put the submissions of a downloaded zip file where nbgrader looks for them.

    Nothing is overwritten: a submission that is replaced goes to submitted/.replaced/, one that only a person can
    place to submitted/.unclear/. Exit code 0 when everything is in place, 1 when something is not, 2 for wrong usage.

    Example: autograder collect --zip ~/Downloads/submissions.zip cnn_digits --dry-run
    """
    if pattern and naming is not None:
        raise UsageError("expected --format or --pattern, received both; leave one out")
    options = Collecting(naming, pattern, roster, dry_run, replace_earlier)
    collection = collect_submissions(open_course(course), archive, assignment, options)
    print_collection(console, collection)
    raise typer.Exit(0 if collection.complete else 1)


@app.command()
def grade(
    assignments: Annotated[list[str], typer.Argument(help="Names of assignments.")],
    course: CourseOption = Path(),
    student: Annotated[list[str] | None, typer.Option("--student", help="Only this student; may be repeated.")] = None,
    workers: WorkersOption = None,
    force: Annotated[bool, typer.Option("--force", help="Run submissions again that have not changed.")] = False,
    results: ResultsOption = None,
    no_sandbox: SandboxOption = False,
    nbgrader_marks: Annotated[
        bool,
        typer.Option(
            "--nbgrader-marks",
            help="Mark tests cells without checks by nbgrader's own rules, in this run; course.toml has it for all.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Lower marks that fall without asking.")] = False,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Have the workers of this Dask cluster run and judge the submissions."),
    ] = None,
    worker_resources: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NUMBER", help="Of the cluster's workers: what a submission takes; may be repeated."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Say only what a person must act on: nothing, where all is well.")
    ] = False,
    json_lines: Annotated[
        bool,
        typer.Option("--json-lines", help="For machines: a JSON object a line as it happens, and no question."),
    ] = False,
) -> None:
    """Grade every submission of the assignments, in sandboxes, in parallel.

    Marks go into nbgrader's gradebook, one JSON record per submission into results/, pages into reports/. Where
    somebody's mark would fall, a table of the class shows it, and you are asked first; without a terminal and without
    --yes it stays as it was. `autograder changes` lists every change of a mark.
    Ctrl-C stops it, and the same command goes on. Exit code 0 when every submission has been read and judged, 1 when
    some could not be, 2 for wrong usage, 3 when marks would have fallen and stay as they were, 130 after Ctrl-C.

    Example: autograder grade cnn_digits --course ~/my-course --student ada
    """
    if quiet and json_lines:
        raise UsageError("expected --quiet or --json-lines, received both; leave one out")
    if worker_resources and scheduler is None:
        raise UsageError("expected --worker-resources together with --scheduler, received it alone; name the scheduler")
    cluster = None if scheduler is None else Scheduler.of(scheduler, worker_resources or ())
    opened = _opened(course, results)
    file = GradebookFile.of(opened)
    if file is not None and (warning := file.warning()):
        errors.print(warning, style="yellow", markup=False, soft_wrap=True)
    options = Options(tuple(student or ()), workers, force, not no_sandbox, nbgrader_marks, yes, cluster)
    view = JsonLines(opened.course_id) if json_lines else QuietView(console) if quiet else TerminalView(console)
    outcomes = []
    with Interruption.awaited() as interruption:
        try:
            for name in assignments:
                interruption.check()
                outcomes.append(grade_and_show(console, opened, name, options, interruption, view))
        except KeyboardInterrupt:
            goes_on = (
                "runs all of it again, without --force only what has changed" if force else "goes on with the rest"
            )
            resume = f"Stopped. What was graded stays graded; the same command {goes_on}."
            view.stopped(resume)
            errors.print(resume, soft_wrap=True)
            raise typer.Exit(interruption.status) from None
    if any(one.num_held for one in outcomes):
        raise typer.Exit(KEPT)
    raise typer.Exit(0 if all(one.judged for one in outcomes) else 1)


@app.command()
def cache(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Names of assignments; all that were handed in when none is given.")
    ] = None,
    course: CourseOption = Path(),
    clear: Annotated[
        bool, typer.Option("--clear", help="Have the next run grade them again, whether or not anything changed.")
    ] = False,
    results: ResultsOption = None,
) -> None:
    """Show which results the next `autograder grade` would use again, and why it would run the other submissions.

    An unchanged submission is not run twice. With --clear it is, once: results, marks and the ledger stay as they are,
    and marks that would fall are asked about as ever. Without it nothing is changed.

    Example: autograder cache cnn_digits
    """
    opened = _opened(course, results)
    names = assignments or handed_in_assignments(opened)
    if not clear:
        print_outlooks(console, [outlook(opened, name) for name in names])
        return
    for name in names:
        list_submissions(opened, name)  # a name mistyped would be cleared in silence
    with Store(opened.results).locked():
        clear_results(opened.results, names, datetime.now(UTC))
    for name in names:
        words = f"{name}: the next `autograder grade` runs every submission again. Nothing was deleted."
        console.print(words, markup=False, soft_wrap=True)


@app.command()
def recover(
    assignments: Annotated[
        list[str] | None, typer.Argument(help="Names of assignments; all of the ledger when none is given.")
    ] = None,
    course: CourseOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    backup: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Put this backup (of results/backups) in the gradebook's place."),
    ] = None,
    results: ResultsOption = None,
) -> None:
    """Put the gradebook's automatic marks right from the ledger, and a damaged or lost gradebook from a backup.

    What people entered is kept. Nothing is deleted: a damaged gradebook is renamed and stays beside the new one.
    Exit code 0 when everything is as the ledger has it, 1 when something is left to do: with --dry-run all that would
    change, after it what only people can enter again.

    Example: autograder recover --dry-run
    """
    opened = _opened(course, results)
    with prepare_recovery(opened, assignments or [], backup) as recovery:
        plan = recovery.plan
        print_plan(console, plan, recovery.file.path)
        left = plan.unfinished or (dry_run and not plan.empty)
        if not plan.empty and not dry_run:
            if not yes and not typer.confirm("Do that?"):
                raise typer.Exit(1)
            aside = recovery.carry_out()
            console.print(
                "Done." if aside is None else f"Done. The gradebook that was there is now {aside}.", soft_wrap=True
            )
    raise typer.Exit(1 if left else 0)


@app.command()
def doctor(
    course: Annotated[
        Path | None, typer.Option("--course", help="Try with this course's limits and modules, and print the limits.")
    ] = None,
    preload: Annotated[
        list[str] | None, typer.Option(help="Module to import in the sandbox; may be repeated. Default: the course's.")
    ] = None,
) -> None:
    """Start a sandbox for real, try each of its walls, and say what to do where one does not hold.

    Example: autograder doctor
    """
    opened = open_course(course) if course is not None else None
    limits = course_limits(opened) if opened is not None else Limits()
    modules = tuple(preload) if preload else (opened.preload if opened is not None else DEFAULT_PRELOAD)
    raise typer.Exit(0 if print_doctor(console, examine(limits, modules), limits) else 1)


@app.command()
def demo(
    into: Annotated[
        Path, typer.Option(help="The folder the demo's course is made in; an earlier demo there is replaced.")
    ] = Path("build/demo"),
    project: Annotated[Path, typer.Option(help="The project's folder, with reference/.")] = Path(),
) -> None:
    """Build, release and grade the lab cnn_digits for a class of right, wrong and hostile submissions.

    Example: autograder demo --into build/demo
    """
    run_demo(console, project, into)


def _opened(course: Path, results: Path | None) -> Course:
    opened = open_course(course)
    return opened if results is None else replace(opened, results=results.resolve())


def _require_unicode() -> None:
    """Names of students and files could not be read otherwise, nor be written anywhere."""
    found = sys.getfilesystemencoding()
    if found.lower().replace("-", "") != "utf8":
        raise UsageError(
            f"expected a locale of UTF-8, received one of {found}; set LC_ALL=C.UTF-8 (or PYTHONUTF8=1) and run the "
            "same command again"
        )


def main() -> None:
    """Run a command; a fault of the grader's or its usage is one line, its traceback only with --debug."""
    try:
        _require_unicode()
        app(standalone_mode=True)
    except UsageError as error:
        _say(error)
        raise SystemExit(2) from None
    except AutograderError as error:
        _say(error)
        raise SystemExit(1) from None


def _say(error: AutograderError) -> None:
    if DEBUG in sys.argv:
        raise error
    for line in str(error).splitlines() or [type(error).__name__]:
        errors.print(printable(line), markup=False, soft_wrap=True)  # a name in it may be a student's

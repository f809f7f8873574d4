"""The command line for those who write labs: each command a few lines over the part that does the work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autograder.audit import AuditOptions, CalibrateOptions, Plan, audit_and_show, calibrate_and_show
from autograder.authoring import LAB, QUIZ, build_quizzes, build_syllabus, has_syllabus, new_course, new_lab
from autograder.authoring import build as build_labs
from autograder.course import open_course
from autograder.display import print_built, print_quizzes, print_syllabus
from autograder.errors import UsageError

app = typer.Typer()
new = typer.Typer(no_args_is_help=True)
app.add_typer(new, name="new")
console = Console(highlight=False)

CourseOption = Annotated[
    Path, typer.Option("--course", help="The course's folder: the one with nbgrader_config.py, course.toml or source/.")
]
LabsArgument = Annotated[list[str] | None, typer.Argument(help="Names of labs; all when none is given.")]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, help="Sandboxes side by side; default: what cores and memory allow.")
]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The course's folder; it is made.")],
    course_id: Annotated[
        str | None, typer.Option("--id", help="What nbgrader calls the course. Default: the folder's name.")
    ] = None,
    title: Annotated[str, typer.Option(help="What people call it.")] = "Deep Learning",
) -> None:
    """Write a small whole course, one lab and one quiz, that works as it stands, to be changed piece by piece.

    Example: autograder init deep-learning
    """
    folder = folder.absolute()
    new_course(folder, course_id or folder.name, title, datetime.now(UTC))
    console.print(f"{folder}: course/course.toml, course/quizzes/{QUIZ}.toml, reference/{LAB}/", soft_wrap=True)
    console.print(
        f"Next, in that folder: autograder build, then autograder audit {LAB}, then autograder release {LAB} {QUIZ}",
        soft_wrap=True,
    )


@new.callback()
def _new() -> None:
    """Begin something new: a lab.

    Example: autograder new lab grad_cam
    """


@new.command("lab")
def new_lab_command(
    name: Annotated[str, typer.Argument(help="The lab's name: small letters, digits and underscores.")],
    course: CourseOption = Path(),
) -> None:
    """Write a small whole lab that builds, releases, grades and audits as it stands, to be changed piece by piece.

    Example: autograder new lab grad_cam
    """
    folder = new_lab(open_course(course), name)
    console.print(f"{folder}: lab.py, checks.py, variants.py, make_data.py, files/, data/", soft_wrap=True)
    console.print(f"Next: autograder build {name}, then autograder audit {name}", soft_wrap=True)


@app.command()
def build(
    labs: LabsArgument = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file differs from its source.")
    ] = False,
    course: CourseOption = Path(),
) -> None:
    """Make the notebooks of source_assignments/ from reference/<lab>/lab.py, and the syllabus from course.toml.

    Quizzes (course/quizzes/<quiz>.toml) are made into labs first; what Keras has to compute for them is computed in the
    sandbox. The syllabus is made where no labs are named and course.toml has weeks or components.

    Example: autograder build cnn_digits
    """
    opened = open_course(course)
    with_syllabus = not labs and has_syllabus(opened)
    drifted = print_quizzes(console, build_quizzes(opened, labs or [], check=check), check)
    opened = open_course(course)  # a course's first quiz makes its reference folder
    if opened.reference is not None:
        built = build_labs(labs or [], opened.reference, opened.source_folder("x").parent, check=check)
        drifted |= print_built(console, built, check)
    elif not with_syllabus:
        raise UsageError(f"expected a folder of labs ({course / 'reference'}), found none; there is nothing to build")
    if with_syllabus:
        drifted |= print_syllabus(console, build_syllabus(opened, check=check), check)
    raise typer.Exit(1 if check and drifted else 0)


@app.command()
def audit(
    labs: LabsArgument = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds that each variant is tried under.")] = 5,
    workers: WorkersOption = None,
    mutants: Annotated[
        bool, typer.Option("--mutants/--no-mutants", help="Try generated mistakes as well as written ones.")
    ] = True,
    repeat: Annotated[
        int, typer.Option(min=0, help="Grade the reference so often, alone and side by side: the same marks each time.")
    ] = 0,
    whole: Annotated[
        bool, typer.Option("--whole", help="Ask wrong variants about every question, not only what they have to lose.")
    ] = False,
    json: Annotated[Path | None, typer.Option("--json", help="Write everything that was found into this file.")] = None,
    course: CourseOption = Path(),
) -> None:
    """Prove a lab's checks: hand in its reference, the untouched notebook, and every wrong and right variant, for real.

    Exit code 0 when the reference and every right variant earn everything, the untouched notebook nothing, and every
    wrong variant loses marks where it must; 1 when something is not so, 2 for wrong usage.

    Example: autograder audit cnn_digits --seeds 2
    """
    options = AuditOptions(Plan(seeds, mutants, repeat, whole), workers, json)
    raise typer.Exit(0 if audit_and_show(console, open_course(course), labs or [], options) else 1)


@app.command()
def calibrate(
    lab: Annotated[str, typer.Argument(help="Name of a lab.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds that each right solution is run under.")] = 20,
    workers: WorkersOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Where the drawing goes; default: build/calibration-LAB.svg in the course.")
    ] = None,
    course: CourseOption = Path(),
) -> None:
    """Show how what a lab's checks measure varies between right solutions and seeds, and propose mark curves.

    Example: autograder calibrate cnn_digits --seeds 50
    """
    calibrate_and_show(console, open_course(course), lab, CalibrateOptions(seeds, workers, picture))

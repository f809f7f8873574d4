"""What pages show of a course's graded work beside its records: executed notebooks, and the names people know."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode, read

from autograder.course import Course
from autograder.results import SubmissionResult


def executed_notebooks(course: Course, result: SubmissionResult) -> dict[str, NotebookNode]:
    """The executed notebooks of a submission by name, of those that are there."""
    paths = executed_paths(course, result)
    return {name: read(path, as_version=4) for name, path in paths.items() if path.exists()}


def executed_paths(course: Course, result: SubmissionResult) -> dict[str, Path]:
    """Where the executed notebooks of a submission lie, by name, whether they are there or not."""
    folder = course.folder("autograded", result.student, result.assignment)
    return {one.notebook: folder / f"{one.notebook}.ipynb" for one in result.notebooks}


def titles_of(course: Course, assignment: str) -> dict[str, str]:
    """What the instructor's notebooks call themselves: the first heading of each."""
    titles = {}
    paths = sorted(course.source_folder(assignment).glob("*.ipynb"))
    for path in paths:
        words = next((cell.source for cell in read(path, as_version=4).cells if cell.cell_type == "markdown"), "")
        if words.startswith("# "):
            titles[path.stem] = words.splitlines()[0].removeprefix("# ").strip()
    if len(paths) == 1 and paths[0].stem in titles:
        titles[assignment] = titles[paths[0].stem]
    return titles

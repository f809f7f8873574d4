"""What people call assignments and notebooks: what the instructor's notebooks call themselves."""

from __future__ import annotations

from nbformat import read

from autograder.course import Course


def titles_of(course: Course, assignment: str) -> dict[str, str]:
    """The first heading of each of the instructor's notebooks, by notebook; of the only one, for the assignment too."""
    titles = {}
    paths = sorted(course.source_folder(assignment).glob("*.ipynb"))
    for path in paths:
        words = next((cell.source for cell in read(path, as_version=4).cells if cell.cell_type == "markdown"), "")
        if words.startswith("# "):
            titles[path.stem] = words.splitlines()[0].removeprefix("# ").strip()
    if len(paths) == 1 and paths[0].stem in titles:
        titles[assignment] = titles[paths[0].stem]
    return titles

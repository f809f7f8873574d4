"""Building the course's syllabus from course.toml, and telling where it has drifted from it."""

from __future__ import annotations

from autograder.authoring.build import Change, first_difference, write_file
from autograder.course import Course, settings_path
from autograder.course.syllabus import render_syllabus

SYLLABUS_FILE = "syllabus.md"


def has_syllabus(course: Course) -> bool:
    """Whether course.toml holds what a syllabus is made of: weeks or components."""
    return bool(course.settings.weeks or course.settings.components)


def build_syllabus(course: Course, *, check: bool = False) -> Change | None:
    """Write `syllabus.md` beside course.toml; a course without weeks and components has none.

    Args:
        course: The course.
        check: Write nothing, only report what a build would change.

    Returns:
        What was not as course.toml says before; None where nothing was.
    """
    course_file = settings_path(course.root)
    if course_file is None or not has_syllabus(course):
        return None
    path = course_file.with_name(SYLLABUS_FILE)
    expected = render_syllabus(course.settings).encode()
    found = path.read_bytes() if path.is_file() else None
    if found == expected:
        return None
    if not check:
        write_file(path, expected)
    if found is None:
        return Change(path, "missing")
    return Change(path, "different", first_difference(found, expected, path.name))

"""Building a course's quizzes into labs, which are then built, released and graded as any other."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.authoring.build import Built, Change, compare, write_changes
from autograder.course import Course
from autograder.quizzes import computed_for, is_quiz, quiz_files, quiz_lab, quizzes_of


def build_quizzes(course: Course, names: Sequence[str] = (), *, check: bool = False) -> list[Built]:
    """Build the quizzes of a course into `reference/<quiz>/`; with names, those of them that are quizzes.

    Every quiz is read, and its key proved, before anything is written. What Keras has to compute is computed in the
    sandbox, once: results are kept beside the key.

    Args:
        course: The course.
        names: Names of labs and quizzes; all quizzes when empty.
        check: Write nothing and compute nothing, only report what a build would change.

    Raises:
        AuthoringError: A quiz is not valid, or a key does not stand the proof.
        SandboxError: Something has to be computed, and there is no sandbox here.
    """
    quizzes = quizzes_of(course, names)
    computed = None if check else computed_for(course, quizzes)
    outcome = []
    for lab in [quiz_lab(course, quiz, computed) for quiz in quizzes]:
        notebook = lab.folder / "lab.py"
        if lab.uncomputed:
            path = lab.folder / "data" / "computed.json"
            outcome.append(Built(lab.name, notebook, (Change(path, "different" if path.exists() else "missing"),)))
            continue
        changes = compare(lab.files, lab.folder)
        if not check:
            write_changes(changes, lab.files, lab.folder)
        outcome.append(Built(lab.name, notebook, changes))
    return [*outcome, *_orphans(course, names)]


def _orphans(course: Course, names: Sequence[str]) -> list[Built]:
    """Labs that were made from a quiz which is no longer there: people delete them, or put its file back."""
    known = quiz_files(course.root)
    folders = sorted(course.reference.iterdir()) if course.reference is not None else []
    return [
        Built(folder.name, folder / "lab.py", (Change(folder / "lab.py", "stray"),))
        for folder in folders
        if is_quiz(folder) and folder.name not in known and (not names or folder.name in names)
    ]

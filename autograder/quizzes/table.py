"""Whose questions are whose: drawn at the release, and the same at every grading.

A student on the roster at the first release has questions that follow from their id and the course's secret: nobody
can compute them before. The release lists them, under a hash of the id. Whoever is not listed has questions that
follow from the id alone, which the notebook computes by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
from pathlib import Path
from typing import Any

from autograder.course import Course, course_secret, roster
from autograder.errors import UsageError
from autograder.quizzes.given.drawing import draw, entry, open_root, ticket
from autograder.quizzes.given.sheet import STUDENTS
from autograder.quizzes.key import KEY_FILE, AnswerKey, read_key


def write_table(course: Course, lab: Path, earlier: Path, folder: Path) -> None:
    """Put the table of students beside a quiz's notebook.

    Those whom an earlier release listed keep their questions, and whoever was not on it keeps theirs: a second release
    changes nobody's quiz unless the quiz itself has other questions now.

    Args:
        course: The course: its secret and roster.
        lab: The lab that the quiz has become.
        earlier: The folder of the earlier release; it need not be there.
        folder: Where students get the notebook.
    """
    key = read_key(lab / "data" / KEY_FILE)
    known = _read(earlier / STUDENTS)
    if known is not None and known["fits"] == key.fits:
        table = known
    else:
        secret = course_secret(course.root)
        salt = _follows(secret, course, key, "salt")[:32]
        listed = {
            entry(salt, student): draw(_follows(secret, course, key, f"student/{ticket(student)}"), key.slots)
            for student in roster(course) or ()
        }
        table = {"quiz": key.quiz, "fits": key.fits, "salt": salt, "students": dict(sorted(listed.items()))}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(keys)}" for name, keys in table["students"].items())
    head = "".join(f" {json.dumps(name)}: {json.dumps(table[name])},\n" for name in ("quiz", "fits", "salt"))
    text = f'{{\n{head} "students": {{\n{lines}\n }}\n}}\n' if lines else f'{{\n{head} "students": {{}}\n}}\n'
    (folder / STUDENTS).write_text(text, encoding="utf-8")


class Drawing:
    """What was drawn for whom in a released quiz.

    Args:
        course: The course.
        lab: The lab that the quiz has become.

    Raises:
        UsageError: The quiz has not been released here, or had other questions then.
        CheckError: Its key cannot be read.
    """

    def __init__(self, course: Course, lab: Path) -> None:
        self.key = read_key(lab / "data" / KEY_FILE)
        released = Path(course.folder("release", ".", self.key.quiz))
        if not released.is_dir():
            raise UsageError(
                f"expected the released quiz in {released}, which tells whose questions are whose, found no such "
                f"folder; run `autograder release {self.key.quiz}`: the same secret and roster draw the same questions"
            )
        self._path = released / STUDENTS
        self._table = _read(self._path)
        if self._table is not None and self._table["fits"] != self.key.fits:
            raise UsageError(
                f"expected {self._path} to fit the quiz {self.key.quiz}, found one of other questions; put "
                "back the quiz's file as it was released, or release it again (everybody then has other questions)"
            )

    def __call__(self, student: str) -> tuple[str, ...]:
        """The keys of a student's questions, as their notebook shows them."""
        if self._table is not None:
            listed = self._table["students"].get(entry(self._table["salt"], student))
            if listed is not None:
                return tuple(map(str, listed))
        return tuple(draw(open_root(self.key.quiz, student), self.key.slots))

    def put_beside(self, folder: Path) -> None:
        """Put the released table beside a submission's notebook, in place of what was handed in under its name.

        Many hand in their notebook alone; without the table it would show them questions that are not theirs.
        """
        path = folder / STUDENTS
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        if self._table is not None:
            shutil.copyfile(self._path, path)


def _follows(secret: bytes, course: Course, key: AnswerKey, what: str) -> str:
    text = f"quiz/{course.course_id}/{key.quiz}/{what}"
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def _read(path: Path) -> dict[str, Any] | None:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        well_formed = isinstance(table["students"], dict) and {"quiz", "fits", "salt"} <= table.keys()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"expected the table of a quiz in {path}, received {error}; release the quiz again") from error
    if not well_formed:
        raise UsageError(f"expected the table of a quiz in {path}, found something else; release the quiz again")
    return dict(table)

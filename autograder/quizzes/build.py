"""Building quizzes: from `course/quizzes/<id>.toml` to the lab in `reference/<id>/`, and telling where it has drifted.

What the sandbox has computed lies in `data/computed.json`, each result under a digest of what was computed. A build
computes what is not there yet, so that `--check` needs neither a sandbox nor Keras and is exact all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import AuthoringError
from autograder.quizzes.assembly import Quiz, assemble
from autograder.quizzes.compute import Computed, compute
from autograder.quizzes.given.sheet import QUESTIONS
from autograder.quizzes.key import KEY_FILE, AnswerKey
from autograder.quizzes.lab_source import checks_source, lab_source
from autograder.quizzes.proof import problems_of
from autograder.quizzes.reading import quiz_files

GIVEN = Path(__file__).parent / "given"
COMPUTED = "data/computed.json"


@dataclass(frozen=True)
class QuizFiles:
    """What a quiz makes of itself.

    Attributes:
        name: The quiz's.
        folder: The lab's folder.
        files: What it holds: path in the folder -> content.
        uncomputed: Whether the sandbox has to compute something first; `files` then lacks what follows from it.
    """

    name: str
    folder: Path
    files: Mapping[str, bytes]
    uncomputed: bool = False


def quizzes_of(course: Course, names: Iterable[str] = ()) -> list[Quiz]:
    """The quizzes of a course; with names, those of them that are quizzes.

    Raises:
        AuthoringError: A file is not valid, or a lab has the same name.
    """
    wanted = set(names)
    found = []
    for name, path in quiz_files(course.root).items():
        if wanted and name not in wanted:
            continue
        folder = folder_of(course, name)
        if (folder / "lab.py").exists() and not (folder / "data" / KEY_FILE).exists():
            raise AuthoringError(f"{path}: expected a name of its own, found the lab {folder}; rename the quiz")
        found.append(assemble(path))
    return found


def folder_of(course: Course, name: str) -> Path:
    """The folder of the lab that a quiz becomes."""
    return (course.reference or course.root / "reference") / name


def quiz_lab(course: Course, quiz: Quiz, computed: Computed | None = None) -> QuizFiles:
    """The files of the lab that a quiz becomes.

    Args:
        course: The course.
        quiz: The quiz.
        computed: Results of the sandbox by digest; those that an earlier build has kept when None.

    Raises:
        AuthoringError: A question has no right answer, or its key does not stand the proof.
    """
    folder = folder_of(course, quiz.name)
    known = known_results(folder) if computed is None else computed
    if missing := quiz.jobs.keys() - known.keys():
        return QuizFiles(quiz.name, folder, {}, uncomputed=bool(missing))
    used = {digest: dict(known[digest]) for digest in quiz.jobs}
    key = quiz.answer_key(used)
    _expect_sound(quiz, key)
    files = {
        "lab.py": lab_source(quiz, key),
        "checks.py": checks_source(quiz),
        f"files/{QUESTIONS}": _json(quiz.questions()),
        **{f"files/quiz/{path.name}": path.read_text(encoding="utf-8") for path in sorted(GIVEN.glob("*.py"))},
        f"data/{KEY_FILE}": _json(key.model_dump(mode="json")),
        COMPUTED: _json({"results": used}),
    }
    return QuizFiles(quiz.name, folder, {name: text.encode() for name, text in files.items()})


def computed_for(course: Course, quizzes: Iterable[Quiz]) -> dict[str, dict[str, Any]]:
    """All results the quizzes need: kept ones, and those that the sandbox computes now.

    Raises:
        SandboxError: There is no sandbox, or it gave no answers.
    """
    quizzes = list(quizzes)
    known = {digest: one for quiz in quizzes for digest, one in known_results(folder_of(course, quiz.name)).items()}
    jobs = {digest: job for quiz in quizzes for digest, job in quiz.jobs.items() if digest not in known}
    return {**known, **compute(course, jobs)}


def known_results(folder: Path) -> dict[str, dict[str, Any]]:
    """What an earlier build has kept of the sandbox's results."""
    path = folder / COMPUTED
    try:
        found = json.loads(path.read_bytes())["results"] if path.is_file() else {}
        return {str(digest): dict(one) for digest, one in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}  # no file of ours: everything is computed again


def _expect_sound(quiz: Quiz, key: AnswerKey) -> None:
    variants = quiz.keyed
    for name, entry in key.entries.items():
        for problem in problems_of(entry):
            drawn = variants[name].values
            which = f" ({', '.join(f'{one} = {value}' for one, value in drawn.items())})" if drawn else ""
            raise AuthoringError(f"{quiz.where(variants[name])}{which}: {problem}")


def _json(content: Mapping[str, Any]) -> str:
    """JSON with a line for each entry of its last part, and one for all that stands before.

    Differences can be read; and no line of a key is a line of what students get, which would look like a leak.
    """

    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    *head, (name, last) = content.items()
    before = "".join(f"{text(key)}: {text(value)}, " for key, value in head)
    lines = ",\n".join(f"{text(key)}: {text(value)}" for key, value in last.items())
    return f"{{{before}{text(name)}: {{\n{lines}\n}}}}\n"

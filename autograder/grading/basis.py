"""What the results of an assignment follow from, beside what was handed in; with it, the key of every submission."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from autograder.checks import Owner, load_checks
from autograder.course import Course, course_secret, submission_seed
from autograder.errors import UsageError
from autograder.grading.cleared import read_cleared
from autograder.grading.imported import preload
from autograder.grading.key import LabDigests, SubmissionDigests, submission_key
from autograder.grading.prepare import Prepared
from autograder.grading.task import Settings
from autograder.quizzes import Drawing, is_quiz
from autograder.sandbox import Limits


@dataclass(frozen=True)
class Identity:
    """What a prepared submission is recognised by, and judged with.

    Attributes:
        key: Same key, same result.
        seed: What every random number follows from.
        owner: Whose it is.
        digests: Of its prepared files.
    """

    key: str
    seed: str
    owner: Owner
    digests: SubmissionDigests


@dataclass(frozen=True)
class Basis:
    """What an assignment is judged by.

    Attributes:
        course: The course.
        assignment: The assignment's name.
        settings: Limits and kind of sandbox.
        nbgrader_marks: Whether nbgrader's own rules decide on tests cells without checks.
        checks: The lab's checks.py, where it has one.
        lab: The digests of what judges.
        personal: Whether checks depend on whose submission it is.
        drawing: A quiz's questions for each student.
        secret: What nobody outside can foresee.
        cleared: When earlier results were declared void; empty where that never was.
    """

    course: Course
    assignment: str
    settings: Settings
    nbgrader_marks: bool
    checks: Path | None
    lab: LabDigests
    personal: bool
    drawing: Drawing | None
    secret: bytes
    cleared: str

    @classmethod
    def of(cls, course: Course, assignment: str, *, sandboxed: bool = True, nbgrader_marks: bool = False) -> Basis:
        """Read it.

        Raises:
            UsageError: Unusable limits, or a secret that cannot be read.
            CheckError: The lab's checks cannot be loaded.
        """
        lab = course.reference / assignment if course.reference is not None else None
        checks = lab / "checks.py" if lab is not None and (lab / "checks.py").exists() else None
        settings = Settings(
            limits=course_limits(course),
            preload=preload(course, assignment),
            hide=course.hide,
            number=0,
            sandboxed=sandboxed,
        )
        return cls(
            course=course,
            assignment=assignment,
            settings=settings,
            nbgrader_marks=nbgrader_marks or course.nbgrader_marks,
            checks=checks,
            lab=LabDigests.of(checks.parent) if checks is not None else LabDigests(),
            personal=checks is not None and any(check.personal for check in load_checks(checks)),
            drawing=Drawing(course, lab) if lab is not None and is_quiz(lab) else None,
            secret=course_secret(course.root),
            cleared=read_cleared(course.results).get(assignment, ""),
        )

    def identify(self, prepared: Prepared) -> Identity:
        """The identity of a submission; a quiz's questions are put beside its notebook first."""
        if self.drawing is not None:
            self.drawing.put_beside(prepared.folder)
        return self.identity(prepared.submission.student, SubmissionDigests.of(prepared.folder))

    def identity(self, student: str, digests: SubmissionDigests) -> Identity:
        """The identity of a submission that was prepared before, and then had these digests."""
        seed = submission_seed(self.secret, self.course.course_id, self.assignment, digests.content)
        owner = Owner(student, self.drawing(student) if self.drawing is not None else ())
        key = submission_key(
            digests,
            self.lab,
            self.settings,
            seed,
            nbgrader_marks=self.nbgrader_marks,
            owner=owner if self.personal else None,
            cleared=self.cleared,
        )
        return Identity(key, seed, owner, digests)


def course_limits(course: Course) -> Limits:
    """The sandbox's limits with the course's overrides.

    Raises:
        UsageError: An override's name or value is not one.
    """
    try:
        return Limits(**course.limits)  # type: ignore[arg-type] # pydantic says what does not fit
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "extra_forbidden":
            raise UsageError(
                f"expected a limit of the sandbox in course.toml, received [limits] {first['loc'][0]}; "
                f"the limits are {', '.join(Limits.model_fields)}"
            ) from error
        raise UsageError(
            f"[limits] {'.'.join(map(str, first['loc']))} in course.toml: {first['msg']}, received {first['input']!r}; "
            f"the limits are {', '.join(Limits.model_fields)}"
        ) from error

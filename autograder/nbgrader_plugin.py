"""Stock `nbgrader autograde` and the formgrader's button through the sandbox and the checks.

Three lines in nbgrader_config.py, after everything else that sets preprocessors:

    from autograder.nbgrader_plugin import configure
    c = get_config()
    configure(c)
"""

from __future__ import annotations

import atexit
import functools
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, SaveAutoGrades
from traitlets import Bool, List, Unicode
from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue

from autograder.checks.declare import Check, load_checks
from autograder.checks.student import Owner
from autograder.course import Course, assemble_course, course_secret, submission_seed
from autograder.errors import SlotLost, UsageError
from autograder.grading.basis import course_limits
from autograder.grading.comments import automatic_comments
from autograder.grading.execute import Execution, run_notebook
from autograder.grading.key import content_digest
from autograder.grading.score import score_cell, score_notebook
from autograder.quizzes import Drawing, is_quiz
from autograder.sandbox import Slot, SlotSettings

EXECUTION = "autograder_execution"  # under this key of nbconvert's resources, from execution to saving


def configure(c: Config) -> None:
    """Put the sandbox in the place of nbgrader's execution, and keep every other preprocessor the course has.

    `nbgrader export` writes what a spreadsheet can open without running it, unless the course has an exporter of its
    own.

    Args:
        c: The configuration, as `get_config()` returns it.
    """
    default: list[Any] = Autograde().autograde_preprocessors
    chosen = c.Autograde.get("autograde_preprocessors", default)
    if isinstance(chosen, LazyConfigValue):  # from `c.Autograde.autograde_preprocessors.append(...)`
        chosen = chosen.get_value(default)
    ours = {Execute: SandboxedExecute, SaveAutoGrades: SaveJudgedGrades}
    names = {f"nbgrader.preprocessors.{theirs.__name__}": mine for theirs, mine in ours.items()}
    c.Autograde.autograde_preprocessors = [
        names.get(one, one) if isinstance(one, str) else ours.get(one, one) for one in chosen
    ]
    if "plugin_class" not in c.ExportApp:
        c.ExportApp.plugin_class = "autograder.nbgrader_export.SpreadsheetExport"


class SandboxedExecute(Execute):
    """nbgrader's Execute, whose kernel lives in the sandbox, and which has the lab's checks ask it.

    Of nbgrader's settings (`c.Execute...`) `enabled` and `timeout` hold; the others speak of a kernel that is not ours.
    """

    preload = List(
        Unicode(),
        default_value=None,
        allow_none=True,
        help="Modules the sandbox imports once and keeps warm; course.toml's [sandbox] preload where not set.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any = None, km: Any = None) -> tuple[NotebookNode, Any]:
        """Execute the notebook in the sandbox and have its tests cells judged.

        Raises:
            UsageError: It is no Python notebook.
            SandboxUnavailable: There is no sandbox on this machine; nothing is executed.
        """
        _check_language(nb)
        ids = resources["nbgrader"]
        course = _course_of(self)
        limits = course_limits(course)
        settings = SlotSettings(
            # Seconds are kept by whoever drives the slot: settings that differ in nothing else share one.
            limits=limits.model_copy(update={"cell_seconds": 30.0, "total_seconds": 300.0}),
            preload=course.preload if self.preload is None else tuple(self.preload),
            hide=course.hide,
        )
        files = Path(resources["metadata"]["path"])
        # as `autograder grade` has it: the same marks both ways
        secret, content = course_secret(course.root), content_digest(files)
        run = functools.partial(
            run_notebook,
            files=files,
            checks=_checks(course, ids["assignment"]),
            limits=limits,
            seed=submission_seed(secret, course.course_id, ids["assignment"], content),
            owner=_owner(course, ids["assignment"], ids["student"]),
        )
        execution = self._run(run, nb, settings)
        for hit in execution.limits:
            self.log.warning("%s: %s", ids["student"], hit.sentence)
        return execution.notebook, {**resources, EXECUTION: execution}

    def _run(self, run: functools.partial[Execution], nb: NotebookNode, settings: SlotSettings) -> Execution:
        slot = _warm_slot(settings)
        self.log.info("Executing in the sandbox (protection: %s)", slot.protection.level)
        try:
            return run(nb, slot=slot)
        except SlotLost as error:
            self.log.warning("%s; trying once more in a new sandbox", error)
            _warm_slot.cache_clear()
            return run(nb, slot=_warm_slot(settings))


class SaveJudgedGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades, which takes the mark of a tests cell from its checks where it has some.

    On one without checks the rules of `autograder grade` decide; a mark of theirs that is not nbgrader's is logged.
    """

    nbgrader_marks = Bool(
        default_value=None,
        allow_none=True,
        help="Whether nbgrader's own rules decide on tests cells without checks; where not set, course.toml's "
        "[grading] nbgrader_marks.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save marks and comments of one notebook."""
        self.execution: Execution | None = resources.get(EXECUTION)
        self.comments: dict[str, str] = {}
        if self.execution is not None:
            if self.nbgrader_marks is None:
                self.nbgrader_marks = _course_of(self).nbgrader_marks
            run, marks = self.execution, bool(self.nbgrader_marks)
            name = resources["nbgrader"]["notebook"]
            result = score_notebook(name, nb, run.verdicts, limits=run.limits, flags=run.flags, nbgrader_marks=marks)
            self.comments = automatic_comments(nb, result)
            differing = [
                f"cell {cell.cell}: {cell.message}" for cell in result.cells if cell.nbgrader_score is not None
            ]
            for sentence in (*result.flags, *differing):
                self.log.warning("%s: %s", resources["nbgrader"]["student"], sentence)
        saved: tuple[NotebookNode, Any] = super().preprocess(nb, resources)
        return saved

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        if self.execution is None:  # `--no-execute`: the outputs are the student's own, as nbgrader warns
            super()._add_score(cell, resources)
            return
        run, marks = self.execution, bool(self.nbgrader_marks)
        scored = score_cell(cell, run.verdicts, run.limits, nbgrader_marks=marks)
        grade: Any = self.gradebook.find_grade(scored.cell, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = scored.score
        grade.needs_manual_grade = grade.manual_score is not None or scored.score is None
        self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_comment(cell, resources)
        grade_id = cell.metadata.nbgrader["grade_id"]
        if grade_id in self.comments:
            comment: Any = self.gradebook.find_comment(grade_id, self.notebook_id, self.assignment_id, self.student_id)
            comment.auto_comment = self.comments[grade_id]
            self.gradebook.db.commit()


# nbgrader makes a new preprocessor for every notebook, and a warm slot costs seconds: this is the one thing that has to
# outlive them, for as long as the process does. Two settings that differ get a slot each.
@functools.cache
def _warm_slot(settings: SlotSettings) -> Slot:
    return _open_slots().enter_context(Slot.open(settings))


@functools.cache
def _open_slots() -> ExitStack:
    """Return what closes every slot when the process ends."""
    slots = ExitStack()
    atexit.register(slots.close)
    return slots


def _check_language(nb: NotebookNode) -> None:
    kernelspec = nb.metadata.get("kernelspec", {})
    language = str(kernelspec.get("language", "python"))
    if language.lower() not in ("python", "ipython"):
        raise UsageError(
            f"expected a Python notebook, found one for {language}; the sandbox runs Python only: grade this "
            "assignment without autograder.nbgrader_plugin"
        )


def _course_of(preprocessor: Any) -> Course:
    converter: Any = preprocessor.parent.parent  # the exporter's: what nbgrader started
    return assemble_course(Path(converter.coursedir.root), converter.config)


def _owner(course: Course, assignment: str, student: str) -> Owner:
    lab = course.reference / assignment if course.reference else None
    return Owner(student, Drawing(course, lab)(student) if lab is not None and is_quiz(lab) else ())


def _checks(course: Course, assignment: str) -> tuple[Check, ...]:
    path = course.reference / assignment / "checks.py" if course.reference else None
    return load_checks(path) if path and path.exists() else ()

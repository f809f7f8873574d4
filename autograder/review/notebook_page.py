"""A student's work by itself: the notebook within the submission's page, and the whole feedback page.

Both are served under a policy that gives them an origin of their own, without scripts, forms and requests; the frame
around the notebook asks for the same once more.
"""

from __future__ import annotations

from nbformat import NotebookNode
from tornado import web

from autograder.errors import UsageError
from autograder.grading.given import read_given, with_given
from autograder.grading.store import read_notebooks
from autograder.reports import render_feedback
from autograder.reports.feedback import NotebookSection, view_questions
from autograder.reports.notebook_view import view_notebook
from autograder.results import NotebookResult, SubmissionResult
from autograder.review.desk import Desk
from autograder.review.digests import result_path
from autograder.review.handler import ReviewHandler
from autograder.review.names import Names
from autograder.review.rendering import frame_policy, frame_style, render, report_style
from autograder.review.standing import questions_of
from autograder.review.submission_page import result_of

MISSING = "The notebook cannot be shown: no readable file was found in the folder of graded notebooks."


def render_notebook(desk: Desk, names: Names, student: str, notebook: str) -> str:
    """The page within the page: a notebook as the grader ran it.

    Raises:
        UsageError: The submission has no such notebook.
    """
    result = result_of(desk, student, names.assignment)
    found = _notebooks(desk, student, names.assignment, (notebook,)).get(notebook)
    with desk.gradebook() as gradebook:
        known = {one.name[0] for one in questions_of(gradebook, names.assignment, student)}
    if notebook not in known and found is None:
        raise UsageError(f"expected a notebook of {names.assignment!r}, received {notebook!r}; open the submission")
    index, record = _record_of(result, notebook)
    section = NotebookSection(
        title=notebook,
        record=record,
        questions=view_questions(record, index, {}, "ta", explained=True),
        view=None if found is None else view_notebook(found, _tests_of(record)),
    )
    return render("frame.html.j2", section=section, who=names.shown(student), missing=MISSING)


def render_report(desk: Desk, names: Names, student: str) -> str:
    """The feedback page as staff sees it, with what people gave.

    Raises:
        UsageError: Nothing has been graded.
    """
    result = result_of(desk, student, names.assignment)
    if result is None:
        raise UsageError(
            f"expected a result of {names.shown(student)} for {names.assignment}, found none: it has not been graded "
            "by `autograder grade`"
        )
    notebooks = _notebooks(desk, student, names.assignment, tuple(one.notebook for one in result.notebooks))
    given = read_given(desk.course, names.assignment).get(student)
    shown = with_given(result, given)
    notes = tuple(names.untold(note, student) for note in shown.notes)
    shown = shown.model_copy(update={"student": names.shown(student), "notes": notes})
    titles = desk.questions.of(names.assignment).titles
    return render_feedback(shown, notebooks, titles, audience="ta", explained=True)


def _notebooks(desk: Desk, student: str, assignment: str, wanted: tuple[str, ...]) -> dict[str, NotebookNode]:
    """Notebooks as grading left them; that folder is the grader's, and holds no links of the student's making."""
    if result_path(desk.store, student, assignment) is None:  # a name that is no folder's
        return {}
    folder = desk.course.folder("autograded", student, assignment)
    if not folder.is_dir():
        return {}
    there = {path.stem for path in folder.glob("*.ipynb") if not path.is_symlink()}
    return read_notebooks(folder, [name for name in wanted if name in there])


def _record_of(result: SubmissionResult | None, notebook: str) -> tuple[int, NotebookResult]:
    if result is not None:
        for index, one in enumerate(result.notebooks, start=1):
            if one.notebook == notebook:
                return index, one
    return 1, NotebookResult(notebook=notebook, score=0.0, max_score=0.0, status="graded", cells=())


def _tests_of(record: NotebookResult) -> frozenset[str]:
    return frozenset(cell.cell for cell in record.cells if cell.kind != "manual")


class NotebookHandler(ReviewHandler):
    """`autograder/review/notebook/ASSIGNMENT/STUDENT/NOTEBOOK`."""

    @web.authenticated
    async def get(self, assignment: str, who: str, notebook: str) -> None:
        """Show a notebook."""

        def work(desk: Desk) -> str:
            names, student, _ = self.student(desk, assignment, who)
            return render_notebook(desk, names, student, notebook)

        self.frame(await self.answer(work), frame_policy(frame_style()))


class ReportHandler(ReviewHandler):
    """`autograder/review/report/ASSIGNMENT/STUDENT`."""

    @web.authenticated
    async def get(self, assignment: str, who: str) -> None:
        """Show the feedback page."""

        def work(desk: Desk) -> str:
            names, student, _ = self.student(desk, assignment, who)
            return render_report(desk, names, student)

        self.frame(await self.answer(work), frame_policy(report_style()))

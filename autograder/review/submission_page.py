"""One submission: its questions with verdicts and a form each, beside the student's notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from nbgrader.api import Gradebook
from tornado import web

from autograder.course import Criterion
from autograder.course.enrolment import read_enrolment
from autograder.errors import UsageError
from autograder.reports.feedback import QuestionView, view_questions
from autograder.reports.sanitise import one_line, with_inline_code
from autograder.reports.wording import title_of
from autograder.results import SubmissionResult
from autograder.review.acts import Act, Question
from autograder.review.desk import Desk
from autograder.review.digests import digest_of, result_path
from autograder.review.handler import ReviewHandler, Undo
from autograder.review.kept_comments import kept_comments
from autograder.review.marking import Seen
from autograder.review.names import Names
from autograder.review.questions import Questions
from autograder.review.rubrics import criteria_of
from autograder.review.standing import CellName, comments_of, questions_of
from autograder.review.waiting import KINDS, Item, item_of, question_key


@dataclass(frozen=True)
class QuestionForm:
    """One question.

    Attributes:
        name: Notebook and cell.
        key: The same in an address.
        title: What people call it.
        seen: What stands, and its digest.
        item: Why it waits, if it does.
        why: That in a sentence.
        view: What the grader found; None where there is no result.
        answer: The cell whose comment is about it; "" where nbgrader keeps none.
        shared: Other questions that the same comment is about.
        criterion: Its levels, where it is a rubric's.
        last: Who decided it last in the review.
    """

    name: CellName
    key: str
    title: str
    seen: Seen
    item: Item
    why: Markup
    view: QuestionView | None
    answer: str
    shared: tuple[str, ...]
    criterion: Criterion | None
    last: Act | None


@dataclass(frozen=True)
class Way:
    """From one submission to the next, in the order of the names that are shown: addresses, "" where there is none."""

    before: str
    after: str
    waiting: str
    place: int
    number: int


@dataclass(frozen=True)
class SubmissionView:
    """What the page shows of a submission."""

    title: str
    who: str
    full_name: str
    address: str
    questions: tuple[QuestionForm, ...]
    chosen: QuestionForm | None
    notebooks: tuple[str, ...]
    notices: tuple[Markup, ...]
    graded: bool
    way: Way
    kept: tuple[str, ...]


def look_at_submission(desk: Desk, names: Names, student: str, students: list[str], key: str) -> SubmissionView:
    """Gather what the page shows.

    Args:
        desk: The course.
        names: How students are called.
        student: Whose submission.
        students: Everybody with a submission of the assignment.
        key: The question that was asked for; "" for all.

    Raises:
        UsageError: There is no such question.
    """
    assignment = names.assignment
    result = result_of(desk, student, assignment)
    with desk.gradebook() as gradebook:
        forms = _forms(desk, gradebook, names, student, result)
        waiting = questions_of(gradebook, assignment, waiting=True)
    chosen = next((form for form in forms if form.key == key), None)
    if key and chosen is None:
        raise UsageError(f"expected a question of {assignment!r}, received {key!r}; open one from the queue")
    wanted = {one.student for one in waiting if chosen is None or one.name == chosen.name}
    titles = desk.questions.of(assignment).titles
    return SubmissionView(
        title=title_of(assignment, titles),
        who=names.shown(student),
        full_name="" if names.hidden else _full_name(desk, student),
        address=names.address(student),
        questions=tuple(forms),
        chosen=chosen,
        notebooks=tuple(dict.fromkeys(form.name[0] for form in forms)),
        notices=_notices(result, names),
        graded=result is not None,
        way=way_from(names, student, students, wanted),
        kept=tuple(kept_comments(desk.course)),
    )


def result_of(desk: Desk, student: str, assignment: str) -> SubmissionResult | None:
    """The result that stands; None where there is none."""
    path = result_path(desk.store, student, assignment)
    return None if path is None else desk.store.read(path)


def way_from(names: Names, student: str, students: list[str], waiting: set[str]) -> Way:
    """Where to go on from a student's submission; to whoever waits next, going round once."""
    order = names.ordered(students)
    place = order.index(student)
    others = [one for one in (*order[place + 1 :], *order[:place]) if one in waiting]
    return Way(
        before=names.address(order[place - 1]) if place else "",
        after=names.address(order[place + 1]) if place + 1 < len(order) else "",
        waiting=names.address(others[0]) if others else "",
        place=place + 1,
        number=len(order),
    )


def _forms(
    desk: Desk, gradebook: Gradebook, names: Names, student: str, result: SubmissionResult | None
) -> list[QuestionForm]:
    assignment = names.assignment
    known = desk.questions.of(assignment)
    standings = sorted(questions_of(gradebook, assignment, student), key=lambda one: known.place(one.name))
    comments = comments_of(gradebook, assignment, student)
    digest = None if result is None else digest_of(result)
    work = "" if result is None else result.key
    views = _views(result)
    criteria = criteria_of(desk.course)
    answers = {one.name: _commented(one.name, comments, known) for one in standings}
    forms = []
    for one in standings:
        notebook, cell = one.name
        item = item_of(one, digest)
        answer = answers[one.name]
        comment = comments.get((notebook, answer), "")
        others = [name[1] for name in answers if name != one.name and (name[0], answers[name]) == (notebook, answer)]
        forms.append(
            QuestionForm(
                name=one.name,
                key=question_key(one.name),
                title=title_of(cell, {}),
                seen=Seen(one, comment, one.state(comment, work)),
                item=item,
                why=with_inline_code(names.untold(item.why, student), 600),
                view=views.get(one.name),
                answer=answer,
                shared=tuple(title_of(other, {}) for other in others) if answer else (),
                criterion=criteria.get(cell),
                last=desk.acts.last_at(Question(student, assignment, notebook, cell)),
            )
        )
    return forms


def answer_to(desk: Desk, gradebook: Gradebook, student: str, assignment: str, name: CellName) -> str:
    """The cell whose comment is about a question; "" where nbgrader keeps none."""
    comments = comments_of(gradebook, assignment, student)
    return _commented(name, comments, desk.questions.of(assignment))


def _commented(name: CellName, comments: Mapping[CellName, str], known: Questions) -> str:
    """The cell whose comment is about a question: a task and a hand-marked answer have one of their own."""
    answer = name[1] if name in comments else known.answers.get(name, "")
    return answer if (name[0], answer) in comments else ""


def _views(result: SubmissionResult | None) -> dict[CellName, QuestionView]:
    if result is None:
        return {}
    return {
        (notebook.notebook, view.record.cell): view
        for index, notebook in enumerate(result.notebooks, start=1)
        for view in view_questions(notebook, index, {}, "ta", explained=True)
    }


def _notices(result: SubmissionResult | None, names: Names) -> tuple[Markup, ...]:
    """What to know of the submission as a whole, a sentence each."""
    if result is None:
        return ()
    sentences = list(result.notes)
    for notebook in result.notebooks:
        sentences += [*notebook.flags, *(limit.sentence for limit in notebook.limits), *notebook.notes]
    if result.protection.level == "none":
        sentences.append("It ran without a sandbox: what its own process reported rests on trust.")
    shown = dict.fromkeys(names.untold(sentence, result.student) for sentence in sentences)
    return tuple(with_inline_code(sentence, 600) for sentence in shown)


def _full_name(desk: Desk, student: str) -> str:
    try:
        names = read_enrolment(desk.course).names or {}
    except UsageError:  # `autograder marks` says what is wrong with the roster
        return ""
    return one_line(str(names.get(student) or ""), 80)


class SubmissionHandler(ReviewHandler):
    """`autograder/review/submission/ASSIGNMENT/STUDENT`."""

    @web.authenticated
    async def get(self, assignment: str, who: str) -> None:
        """Show the submission, or one question of it."""
        key = self.get_query_argument("question", "")
        did = self.get_query_argument("did", "")

        def work(desk: Desk) -> tuple[str, SubmissionView | None, Act | None, Undo | None]:
            names, student, students = self.student(desk, assignment, who)
            address = names.address(student)
            if address != who:
                return address, None, None, None
            done = desk.acts.find(did)
            mine = done if done is not None and done.student == student and done.assignment == assignment else None
            view = look_at_submission(desk, names, student, students, key)
            return address, view, mine, self.undoable(desk)

        address, view, done, undo = await self.answer(work)
        if view is None:  # the address is from before names were hidden, or shown
            self.redirect(self.address("submission", assignment, address, question=key))
            return
        self.page("submission.html.j2", view=view, assignment=assignment, key=key, done=done, kinds=KINDS, undo=undo)

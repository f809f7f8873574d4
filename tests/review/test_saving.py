"""Marks and comments, saved over HTTP: what the gradebook, the log and the second of two people see of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbgrader.api import Comment, Grade

from autograder.course import Course, open_course
from autograder.grading.change_log import ChangeLog, LoggedChange
from autograder.grading.scribe import Scribe
from autograder.grading.store import Store

from . import servers

WHY = "why-convolution"


@pytest.fixture(scope="module")
def course(server: servers.Server) -> Course:
    return open_course(Path(server.log).parent.parent / "course")


@pytest.fixture(scope="module")
def tina(server: servers.Server) -> servers.Person:
    return server.person("token-of-tina")


@pytest.fixture(scope="module")
def theo(server: servers.Server) -> servers.Person:
    return server.person("token-of-theo")


def grade(course: Course, student: str, cell: str, assignment: str = "cnn_digits") -> Grade:
    with course.gradebook() as gradebook:
        found = gradebook.find_grade(cell, assignment, assignment, student)
        gradebook.db.refresh(found)
        gradebook.db.expunge_all()
        return found


def comment(course: Course, student: str, cell: str, assignment: str = "cnn_digits") -> Comment:
    with course.gradebook() as gradebook:
        found = gradebook.find_comment(cell, assignment, assignment, student)
        gradebook.db.refresh(found)
        gradebook.db.expunge_all()
        return found


def logged(course: Course) -> list[LoggedChange]:
    entries, spoilt = ChangeLog(Store(course.results).changes).read()
    assert not spoilt
    return entries


def give(course: Course, student: str, cell: str, mark: float) -> None:
    """Give a mark as nbgrader's formgrader does."""
    with course.gradebook() as gradebook:
        found = gradebook.find_grade(cell, "cnn_digits", "cnn_digits", student)
        found.manual_score, found.needs_manual_grade = mark, False
        gradebook.db.commit()


def undo(person: servers.Person, page: str) -> str:
    """The act that a page offers to take back."""
    found = re.search(r'name="act" value="(\w+)"', person.get(page).text)
    assert found is not None
    return found[1]


def test_a_mark_and_a_comment_are_in_the_gradebook_at_once_and_in_the_log(tina: servers.Person, course: Course):
    answer = tina.save("bela", WHY, mark="1,5", comment="Say what a kernel *shares*.\r\nSee week 2.")
    assert answer.status_code == 200
    assert "Saved: 1.5" in answer.text
    found = grade(course, "bela", WHY)
    assert (found.manual_score, found.needs_manual_grade) == (1.5, False)
    assert comment(course, "bela", WHY).manual_comment == "Say what a kernel *shares*.\nSee week 2."
    last = logged(course)[-1]
    assert (last.user, last.command, last.seen, last.why) == ("tina", "review", False, "given in the review")
    (mark,) = last.marks
    assert (last.student, mark.cell, mark.kind, mark.before, mark.after) == ("bela", WHY, "manual", None, 1.5)


def test_the_next_command_finds_nothing_to_add(tina: servers.Person, course: Course):
    tina.save("fatima", WHY, mark="1")
    number = len(logged(course))
    Scribe.of(course, "changes").catch_up()
    assert len(logged(course)) == number


def test_marks_that_were_there_before_the_log_are_its_first_lines(course: Course):
    first = logged(course)[0]
    assert (first.why, first.seen) == ("the log begins", True)


def test_a_comment_on_a_tests_cell_belongs_to_the_answer_before_it(tina: servers.Person, course: Course):
    tina.save("bela", "convolution-values", mark="", comment="Look at the padding again.")
    assert comment(course, "bela", "convolution").manual_comment == "Look at the padding again."
    found = grade(course, "bela", "convolution-values")
    assert (found.auto_score, found.manual_score, found.needs_manual_grade) == (2.5, None, False)


def test_saving_without_a_mark_lets_the_automatic_one_stand_and_settles_a_flag(tina: servers.Person, course: Course):
    assert grade(course, "emil", "convolution-values").needs_manual_grade
    tina.save("emil", "convolution-values", mark="")
    found = grade(course, "emil", "convolution-values")
    assert (found.manual_score, found.needs_manual_grade) == (None, False)
    assert "<td><bdi>emil</bdi></td>" not in tina.get("queue/cnn_digits").text


def test_a_question_without_any_mark_goes_on_waiting(tina: servers.Person, course: Course):
    tina.save("chen", "cnn-training", mark="", comment="I ask the instructor.")
    assert grade(course, "chen", "cnn-training").needs_manual_grade


@pytest.mark.parametrize("mark", ["7", "-1", "nan", "inf", "two", "1e9"])
def test_what_is_no_mark_is_refused_and_nothing_typed_is_lost(tina: servers.Person, course: Course, mark: str):
    answer = tina.save("dora", WHY, mark=mark, comment="kept as it was typed")
    assert answer.status_code == 422
    assert "Expected a number from 0 to 2" in answer.text
    assert "kept as it was typed" in answer.text
    assert grade(course, "dora", WHY).manual_score is None


def test_saving_leads_to_the_next_that_waits_for_the_same_question(tina: servers.Person):
    answer = tina.save("chen", WHY, mark="2", then="next")
    assert "question=cnn_digits%2Fwhy-convolution" in answer.url
    assert "/gita?" in answer.url  # the next by id, of those that wait


def test_the_second_of_two_sees_who_changed_what_and_nothing_is_overwritten(
    tina: servers.Person, theo: servers.Person, course: Course
):
    fields = theo.fields("submission/cnn_digits/ada", WHY)
    tina.save("ada", WHY, mark="1", comment="From Tina.")
    answer = theo.post("save/cnn_digits/ada", {**fields, "mark": "2", "comment": "From Theo."})
    assert answer.status_code == 409
    assert "<bdi>tina</bdi>" in answer.text
    assert "From Tina." in answer.text
    assert "From Theo." in answer.text
    assert grade(course, "ada", WHY).manual_score == 1.0
    # What stands is seen now, so that saving all the same is a decision.
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    answer = theo.post("save/cnn_digits/ada", {**again, "mark": "2", "comment": "From Theo."})
    assert answer.status_code == 200
    assert grade(course, "ada", WHY).manual_score == 2.0
    (mark,) = logged(course)[-1].marks
    assert (logged(course)[-1].user, mark.before, mark.after) == ("theo", 1.0, 2.0)


def test_two_who_enter_the_same_do_not_conflict(tina: servers.Person, theo: servers.Person):
    fields = theo.fields("submission/cnn_digits/ada", "metrics-values")
    tina.save("ada", "metrics-values", mark="2")
    assert theo.post("save/cnn_digits/ada", {**fields, "mark": "2"}).status_code == 200


def test_a_change_in_the_formgrader_is_a_conflict_too_and_is_logged_as_seen(tina: servers.Person, course: Course):
    fields = tina.fields("submission/cnn_digits/dora", "metrics-values")
    give(course, "dora", "metrics-values", 1.0)
    answer = tina.post("save/cnn_digits/dora", {**fields, "mark": "3"})
    assert answer.status_code == 409
    assert "outside of the review" in answer.text
    tina.save("dora", "metrics-values", mark="3")
    seen, ours = logged(course)[-2:]
    assert (seen.seen, seen.why, seen.marks[0].after) == (True, "seen in the gradebook", 1.0)
    assert (ours.seen, ours.marks[0].before, ours.marks[0].after) == (False, 1.0, 3.0)


def test_work_that_was_graded_anew_meanwhile_is_a_conflict(tina: servers.Person, course: Course):
    fields = tina.fields("submission/cnn_digits/chen", "convolution-values")
    store = Store(course.results)
    path = store.result_path("chen", "cnn_digits")
    result = store.read(path)
    assert result is not None
    store.write(path, result.model_copy(update={"key": "of other work"}))
    answer = tina.post("save/cnn_digits/chen", {**fields, "mark": "5"})
    assert answer.status_code == 409


def test_the_last_change_can_be_taken_back_and_that_is_logged(tina: servers.Person, course: Course):
    tina.save("ada", "cnn-shape", mark="3", comment="Before.")
    tina.save("ada", "cnn-shape", mark="2", comment="After.")
    for mark, words in ((3.0, "Before."), (None, None)):
        answer = tina.post("undo", {"act": undo(tina, "queue/cnn_digits")})
        assert answer.status_code == 200
        assert grade(course, "ada", "cnn-shape").manual_score == mark
        assert comment(course, "ada", "build-cnn").manual_comment == words
        last = logged(course)[-1]
        assert (last.user, last.why, last.marks[0].after) == ("tina", "undone in the review", mark)


def test_taking_back_a_decision_on_a_flag_has_it_wait_again(tina: servers.Person, course: Course):
    tina.save("dora", "cnn-shape", mark="")
    assert not grade(course, "dora", "cnn-shape").needs_manual_grade
    tina.post("undo", {"act": undo(tina, "queue/cnn_digits")})
    assert grade(course, "dora", "cnn-shape").needs_manual_grade


def test_nothing_is_taken_back_that_somebody_has_changed_since(
    tina: servers.Person, theo: servers.Person, course: Course
):
    tina.save("ada", "cnn-training", mark="5")
    act = undo(tina, "queue/cnn_digits")
    theo.save("ada", "cnn-training", mark="4")
    answer = tina.post("undo", {"act": act})
    assert answer.status_code == 409
    assert "<bdi>theo</bdi>" in answer.text
    assert grade(course, "ada", "cnn-training").manual_score == 4.0


def test_nobody_takes_back_what_another_did_or_what_came_before_their_last(
    tina: servers.Person, theo: servers.Person, course: Course
):
    theo.save("bela", "metrics-values", mark="1")
    first = undo(theo, "queue/cnn_digits")
    theo.save("bela", "cnn-shape", mark="1")
    assert tina.post("undo", {"act": first}).status_code == 404
    answer = theo.post("undo", {"act": first})
    assert answer.status_code == 404
    assert "the last first" in answer.text
    assert grade(course, "bela", "metrics-values").manual_score == 1.0


def test_a_rubrics_level_is_a_mark_and_points_between_levels_are_too(tina: servers.Person, course: Course):
    tina.save("ada", "project-method", assignment="project", level="7", comment="Well told.")
    assert grade(course, "ada", "project-method", "project").manual_score == 7.0
    assert comment(course, "ada", "project-method", "project").manual_comment == "Well told."
    tina.save("ada", "project-method", assignment="project", level="other", mark="8.5", comment="Well told.")
    assert grade(course, "ada", "project-method", "project").manual_score == 8.5
    page = tina.get("submission/project/ada").text
    assert re.search(r'value="other" checked', page)
    assert 'value="8.5"' in page


def test_a_comment_is_kept_for_others_and_added_to_another(tina: servers.Person, theo: servers.Person, course: Course):
    tina.save("bela", "project-method", assignment="project", level="0", comment="Cite your sources.", keep="1")
    assert (course.root / "course" / "comments.txt").read_text() == "Cite your sources.\n"
    assert '<option value="Cite your sources.">' in theo.get("submission/project/chen").text
    theo.save("chen", "project-method", assignment="project", level="7", comment="Good.", insert="Cite your sources.")
    assert comment(course, "chen", "project-method", "project").manual_comment == "Good.\nCite your sources."


def test_a_form_of_an_unknown_question_is_a_404_and_changes_nothing(tina: servers.Person):
    tina.get()
    answer = tina.post("save/cnn_digits/ada", {"notebook": "cnn_digits", "cell": "unknown", "state": "", "mark": "1"})
    assert answer.status_code == 404
    assert tina.post("save/cnn_digits/nobody", {"cell": "unknown"}).status_code == 404


def test_marks_are_saved_and_logged_while_a_grader_is_at_work(tina: servers.Person, course: Course):
    with Store(course.results).locked():
        assert tina.save("emil", "metrics-values", mark="2").status_code == 200
    assert grade(course, "emil", "metrics-values").manual_score == 2.0
    assert (logged(course)[-1].student, logged(course)[-1].why) == ("emil", "given in the review")

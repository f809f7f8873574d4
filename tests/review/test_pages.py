"""What the pages show, asked of a real server over HTTP."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from autograder.course import open_course
from autograder.errors import GradebookError
from autograder.grading.store import Store
from autograder.review.desk import Desk
from autograder.review.names import Names

from . import classroom, servers

LINE = re.compile(r'<tr>\s*<td><span class="kind (\w+)">.*?<a href="([^"]+)".*?>([^<]+)<span.*?<bdi>(.*?)</bdi>', re.S)


@pytest.fixture(scope="module")
def tina(looked_at: servers.Server) -> servers.Person:
    return looked_at.person("token-of-tina")


def lines(page: str) -> list[tuple[str, str, str]]:
    """The queue's lines: kind, question, student."""
    return [(kind, unescape(question), unescape(who)) for kind, _, question, who in LINE.findall(page)]


def test_the_first_page_says_how_much_waits(tina: servers.Person):
    page = tina.get().text
    assert "Seeing with networks" in page
    assert "Convolutional networks on digits" in page
    assert "3 questions" in page  # the project's


def test_the_queue_begins_with_what_could_not_be_judged(tina: servers.Person):
    found = lines(tina.get("queue/cnn_digits").text)
    assert [kind for kind, _, _ in found] == ["unjudged", "unjudged", "disagreement", "flagged", "hand", "hand", "hand"]
    assert ("unjudged", "Cnn training", "chen") in found
    assert ("unjudged", "The whole submission", "gita") in found
    assert ("disagreement", "Cnn shape", "dora") in found
    assert ("flagged", "Convolution values", "emil") in found
    assert ("hand", "Why convolution", classroom.ODD) in found


@pytest.mark.parametrize(
    ("asked", "students"),
    [
        ("kind=hand", {"bela", "fatima", classroom.ODD}),
        ("question=cnn_digits/cnn-shape", {"dora"}),
        ("student=be", {"bela"}),
        ("check=keeps_the_budget", {"dora"}),
        ("check=convolves_like_keras", set()),
        ("check=convolves_like_keras&show=all", {"bela", "fatima", classroom.ODD}),
        ("kind=hand&student=fat", {"fatima"}),
        ("student=nobody", set()),
    ],
)
def test_the_queue_is_narrowed_as_asked(tina: servers.Person, asked: str, students: set[str]):
    page = tina.get(f"queue/cnn_digits?{asked}")
    assert page.status_code == 200
    assert {who for _, _, who in lines(page.text)} == students


def test_a_submission_shows_every_check_with_verdict_and_message_beside_the_notebook(tina: servers.Person):
    page = tina.get("submission/cnn_digits/bela").text
    assert "received (1, 4, 4, 4)" in page
    assert page.count('class="check failed"') == 3
    assert "Béla Bartók" in page
    frame = re.search(r"<iframe [^>]*>", page)
    assert frame is not None
    assert " sandbox " in frame[0]
    assert "allow-" not in frame[0]
    address = re.search(r'src="([^"]+)"', frame[0])
    assert address is not None
    notebook = tina.session.get(tina.server.url.rstrip("/") + address[1], timeout=30)
    assert "sliding" not in notebook.text
    assert "einsum" in notebook.text


def test_one_question_is_shown_alone_and_leads_to_the_same_of_others(tina: servers.Person):
    page = tina.get("submission/cnn_digits/bela?question=cnn_digits/why-convolution").text
    assert page.count('<form class="entry"') == 1
    before, after = (re.search(rf'rel="{way}"[^>]*href="([^"]+)"', page) for way in ("prev", "next"))
    assert before is not None
    assert after is not None
    assert before[1].endswith("submission/cnn_digits/ada?question=cnn_digits%2Fwhy-convolution")
    assert after[1].endswith("submission/cnn_digits/chen?question=cnn_digits%2Fwhy-convolution")
    waiting = re.search(r'data-key="n" href="([^"]+)"', page)
    assert waiting is not None
    assert "/fatima?" in waiting[1]


def test_what_a_student_wrote_is_never_markup(tina: servers.Person):
    for path in ("queue/cnn_digits?show=all", "submission/cnn_digits/fatima", "class/cnn_digits"):
        page = tina.get(path).text
        assert "<img src=x" not in page, path
        assert "alert(" not in re.sub(r"&lt;script&gt;alert\(|onerror=alert\(1\)&gt;", "", page), path
        scripts = re.findall(r"<script[^>]*>", page)
        assert len(scripts) == 1, path
        assert "/static/review.js" in scripts[0]


def test_a_rubrics_levels_are_offered(tina: servers.Person):
    page = tina.get("submission/project/ada").text
    assert re.findall(r'<input type="radio" name="level" value="(\w+)"', page) == ["10", "7", "0"]
    assert "Every choice has a reason." in page


def test_the_class_page_groups_mistakes_and_says_how_hard_questions_are(tina: servers.Person):
    page = tina.get("class/cnn_digits").text
    mistakes = re.findall(r'<p class="times"><strong>(\d+)</strong>', page)
    assert mistakes == ["3", "3", "3", "2", "1"]
    assert "Submissions by share of the points" in page
    assert "No gradient reaches" in page
    assert "bela" not in page  # it names nobody


@pytest.mark.parametrize(
    "path",
    [
        "queue/unknown",
        "class/unknown",
        "submission/cnn_digits/nobody",
        "submission/unknown/ada",
        "submission/cnn_digits/ada?question=cnn_digits/unknown",
        "notebook/cnn_digits/ada/unknown",
        "notebook/cnn_digits/ada/..%2F..%2Fbela%2Fcnn_digits%2Fcnn_digits",
        "notebook/cnn_digits/..%2F..%2Fcourse/x",
        "submission/..%2F..%2Fetc/passwd",
        "queue/%2e%2e",
        "report/cnn_digits/%00",
        "static/..%2Faccess.py",
        "static/page.html.j2",
        "no/such/page",
    ],
)
def test_what_is_not_there_is_a_404_with_a_sentence(tina: servers.Person, path: str):
    answer = tina.get(path)
    assert answer.status_code == 404
    assert re.search(r'<p class="lead">[Ee]xpected .+</p>', answer.text)
    assert "Traceback" not in answer.text


def test_a_student_with_an_odd_id_has_pages_too(tina: servers.Person):
    page = tina.get(f"submission/cnn_digits/{quote(classroom.ODD, safe='')}")
    assert page.status_code == 200
    assert "Zoë %2e #1 &lt;b&gt;" in page.text
    assert tina.get(f"notebook/cnn_digits/{quote(classroom.ODD, safe='')}/cnn_digits").status_code == 200


def test_names_are_hidden_on_request_in_addresses_too(looked_at: servers.Server):
    person = looked_at.person("token-of-theo")
    person.get("queue/cnn_digits")
    answer = person.post("names", {"names": "hidden", "back": "/autograder/review/queue/cnn_digits"})
    assert answer.url.endswith("/autograder/review/queue/cnn_digits")
    ids = ("ada", "bela", "chen", "dora", "emil", "fatima", "gita", "Zoë", "Lovelace", "Bartók")
    pages = [answer.text, person.get("queue/cnn_digits?show=all").text]
    one = next(
        path for path in re.findall(r'href="[^"]*/autograder/review/([^"]+)"', answer.text) if "/person-" in path
    )
    pages += [person.get(unescape(one)).text, person.get("class/cnn_digits").text]
    for page in pages:
        assert not [name for name in ids if re.search(rf"\b{name}\b", page)]
    assert "Person " in pages[0]
    # The same in another session, another one in another assignment, and old addresses still lead there.
    again = looked_at.person("token-of-gwen")
    again.get()
    again.post("names", {"names": "hidden"})
    assert again.get(unescape(one)).status_code == 200
    moved = again.get("submission/cnn_digits/ada", allow_redirects=False)
    other = again.get("submission/project/ada", allow_redirects=False)
    assert moved.status_code == other.status_code == 302
    names = [answer.headers["Location"].rsplit("/", 1)[1] for answer in (moved, other)]
    assert names[0] != names[1]
    assert all(re.fullmatch("person-[a-z2-7]{8}", name) for name in names)


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "/autograder/review\\evil", "/lab"])
def test_hiding_names_leads_nowhere_else(looked_at: servers.Server, back: str):
    person = looked_at.person("token-of-tina")
    person.get()
    answer = person.post("names", {"names": "shown", "back": back}, allow_redirects=False)
    assert answer.headers["Location"] == "/autograder/review/"


def test_the_graders_sentences_name_nobody_where_names_are_hidden():
    names = Names("lab", b"a secret")
    said = names.untold("expected a student of the roster, found 'bela' in submitted/bela; not label", "bela")
    shown = names.shown("bela")
    assert said == f"expected a student of the roster, found '{shown}' in submitted/{shown}; not label"


def test_looking_at_a_course_without_a_gradebook_makes_none(tmp_path: Path):
    (tmp_path / "course.toml").write_text('id = "new"\n')
    desk = Desk.of(open_course(tmp_path))
    with pytest.raises(GradebookError, match="expected nbgrader's gradebook"), desk.gradebook():
        pass
    assert not (tmp_path / "gradebook.db").exists()


def test_a_result_that_changes_changes_the_queue(tina: servers.Person, looked_at: servers.Server, tmp_path: Path):
    course = open_course(Path(looked_at.log).parent.parent / "course")
    store = Store(course.results)
    path = store.result_path("emil", "cnn_digits")
    result = store.read(path)
    assert result is not None
    book = result.notebooks[0].model_copy(update={"flags": ("another reason altogether",)})
    store.write(path, result.model_copy(update={"notebooks": (book,)}))
    assert "another reason altogether" in tina.get("queue/cnn_digits").text

"""Who gets in: everybody the list names, whoever owns the server, and nobody else, on any address."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_server.auth.identity import IdentityProvider, LegacyIdentityProvider, PasswordIdentityProvider, User
from tornado import web

from autograder.review.access import Person, Refusal, account, admit
from autograder.review.handler import ReviewHandler
from autograder.review.routes import PAGES
from autograder.review.settings import AutograderReview

from . import classroom, servers
from .identity import ByToken, Member

# An address for each route; a route without one fails the first test.
EXAMPLES = {
    "/?": "",
    "/queue/([^/]+)": "queue/cnn_digits",
    "/submission/([^/]+)/([^/]+)": "submission/cnn_digits/bela",
    "/notebook/([^/]+)/([^/]+)/([^/]+)": "notebook/cnn_digits/bela/cnn_digits",
    "/report/([^/]+)/([^/]+)": "report/cnn_digits/bela",
    "/class/([^/]+)": "class/cnn_digits",
    "/save/([^/]+)/([^/]+)": "save/cnn_digits/bela",
    "/undo": "undo",
    "/names": "names",
    "/static/([^/]+)": "static/review.css",
    "/(.*)": "no/such/page",
}
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


def test_every_route_has_an_example():
    assert {pattern for pattern, _ in PAGES} == set(EXAMPLES)


@pytest.mark.parametrize("pattern", EXAMPLES)
@pytest.mark.parametrize("method", METHODS)
def test_a_student_gets_403_on_every_page_and_every_endpoint(looked_at: servers.Server, pattern: str, method: str):
    student = looked_at.person()
    headers = {"Authorization": "token token-of-ada"}
    address = looked_at.address(EXAMPLES[pattern])
    answer = student.session.request(method, address, headers=headers, allow_redirects=False, timeout=30)
    assert answer.status_code == 403, f"{method} {address}"
    if method != "head":
        assert "Expected somebody who grades this course" in answer.text
        assert "bela" not in answer.text


@pytest.mark.parametrize("pattern", EXAMPLES)
def test_a_student_with_a_cookie_gets_403_and_nobody_gets_further_than_the_login(
    looked_at: servers.Server, pattern: str
):
    student = looked_at.person("token-of-ada")
    assert student.get(EXAMPLES[pattern]).status_code == 403
    assert student.post(EXAMPLES[pattern], {}).status_code == 403
    nobody = looked_at.person()
    answer = nobody.get(EXAMPLES[pattern], allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")
    assert nobody.post(EXAMPLES[pattern], {}, allow_redirects=False).status_code == 403


def test_every_route_is_answered_by_a_handler_that_leaves_access_to_prepare():
    for pattern, handler in PAGES:
        assert issubclass(handler, ReviewHandler), pattern
        assert handler.prepare is ReviewHandler.prepare, pattern
        assert issubclass(handler, web.RequestHandler)


def test_whoever_is_listed_or_in_the_group_of_graders_gets_in(looked_at: servers.Server):
    assert looked_at.person("token-of-tina").get().status_code == 200
    assert looked_at.person("token-of-gwen").get().status_code == 200  # formgrade-vision, as nbgrader has it


def test_a_token_that_is_nobodys_leads_to_the_login(looked_at: servers.Server):
    answer = looked_at.person().get(params={"token": "made-up"}, allow_redirects=False)
    assert answer.status_code == 302


def test_whoever_has_the_token_of_a_server_of_ones_own_gets_in_as_its_account(shared: servers.Server):
    page = shared.person("token-of-all").get()
    assert page.status_code == 200
    assert f"You are <bdi>{account()}</bdi>" in page.text
    assert shared.person().get(allow_redirects=False).status_code == 302


def test_a_form_without_its_guard_is_refused(looked_at: servers.Server):
    tina = looked_at.person("token-of-tina")
    tina.get("queue/cnn_digits")
    answer = tina.post("names", {"names": "hidden"}, xsrf=False)
    assert answer.status_code == 403
    assert "autograder-review-names" not in tina.session.cookies


def test_every_reply_has_a_policy_that_lets_nothing_run_but_the_reviews_own_script(looked_at: servers.Server):
    tina = looked_at.person("token-of-tina")
    for path in EXAMPLES.values():
        policy = tina.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'self'" in policy
    first, second = (tina.get().headers["Content-Security-Policy"] for _ in range(2))
    assert first != second  # the nonce is of one reply


@pytest.mark.parametrize("path", ["notebook/cnn_digits/fatima/cnn_digits", "report/cnn_digits/fatima"])
def test_a_students_work_is_served_as_an_origin_of_its_own_without_scripts(looked_at: servers.Server, path: str):
    answer = looked_at.person("token-of-tina").get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; img-src data:;")
    assert "script-src" not in policy
    assert classroom.HOSTILE not in answer.text
    assert "<script" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_user_is_admitted_by_name_or_by_group_and_by_nothing_else():
    named = ByToken()
    assert admit(User("tina"), named, ["tina"], []) == Person("tina")
    assert admit(Member("gwen", ["formgrade-x"]), named, [], ["formgrade-x"]) == Person("gwen")
    assert isinstance(admit(Member("ada", ["nbgrader-x"]), named, ["tina"], ["formgrade-x"]), Refusal)
    assert isinstance(admit(User("ada"), named, [], []), Refusal)


def test_a_service_of_the_hub_that_bears_a_graders_name_is_refused():
    service = Member("tina", ["formgrade-x"])
    service.hub_user["kind"] = "service"
    assert isinstance(admit(service, ByToken(), ["tina"], ["formgrade-x"]), Refusal)


def test_one_token_for_everybody_admits_its_holder_as_the_servers_account():
    for provider in (IdentityProvider(token="x"), PasswordIdentityProvider(token="x")):
        assert admit(User("5f3c"), provider, [], ["formgrade-x"]) == Person(account())


def test_nothing_is_guessed_where_the_server_cannot_tell_persons_apart():
    listed = admit(User("5f3c"), IdentityProvider(token="x"), ["tina"], [])
    assert isinstance(listed, Refusal)
    assert "one token for everybody" in listed.sentence
    everybody = admit(User("5f3c"), PasswordIdentityProvider(token=""), [], [])
    assert isinstance(everybody, Refusal)
    assert "lets everybody in" in everybody.sentence
    assert isinstance(admit(User("5f3c"), LegacyIdentityProvider(token="x"), [], []), Refusal)


def test_the_default_group_of_graders_is_nbgraders(tmp_path: Path):
    (tmp_path / "course.toml").write_text('id = "vision"\n')
    review = AutograderReview(course=str(tmp_path))
    assert review.groups() == ["formgrade-vision"]
    review.grader_groups = []
    assert review.groups() == []

"""A TA in the review and in nbgrader's formgrader."""

from __future__ import annotations

from playwright.sync_api import Page, expect


class Staff:
    """Somebody who marks.

    Args:
        page: A page of theirs.
        url: The server, with "/" at its end.
        token: What lets them in.
    """

    def __init__(self, page: Page, url: str, token: str) -> None:
        self.page, self.url, self.token = page, url, token

    def open_review(self) -> None:
        """Log in, and come to the assignments."""
        self.page.goto(f"{self.url}autograder/review/?token={self.token}")

    def open_queue(self) -> None:
        """Follow the first assignment's link to what waits."""
        self.page.get_by_role("link", name="Queue").first.click()

    def open_first(self) -> None:
        """Open what is most urgent."""
        self.page.locator('main a[href*="/submission/"]').first.click()

    def give(self, mark: str, comment: str) -> None:
        """Enter a mark and a comment for the question shown, and save."""
        self.page.get_by_label("Mark", exact=True).fill(mark)
        self.page.get_by_label("Comment for the student").fill(comment)
        self.page.get_by_role("button", name="Save", exact=True).click()
        expect(self.page.get_by_text(f"Saved: {mark}.")).to_be_visible()

    def open_class_page(self) -> None:
        """Log in, and come to the page about the class."""
        self.open_review()
        self.page.get_by_role("link", name="Class").first.click()

    def open_in_formgrader(self, assignment: str) -> None:
        """Open the first submission in nbgrader's formgrader, by the way its own pages lead."""
        self.page.goto(f"{self.url}formgrader?token={self.token}")
        self.page.goto(f"{self.url}formgrader/gradebook/{assignment}/{assignment}")
        self.page.get_by_role("link", name="Submission #1").click()
        expect(self.page.locator("input.score").first).to_be_editable()

    def give_in_formgrader(self, cell: str, mark: str) -> None:
        """Enter another mark for a cell; the page saves it by itself."""
        field = self.page.locator(f"input.score[id='{cell}']")
        with self.page.expect_response(lambda one: "/api/grade/" in one.url and one.request.method == "PUT") as saved:
            field.fill(mark)
            field.press("Tab")
        assert saved.value.ok

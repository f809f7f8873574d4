"""A student in JupyterLab, with nbgrader's assignment list and its Validate button."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playwright.sync_api import FrameLocator, Locator, Page, expect


class Student:
    """Somebody at JupyterLab.

    Args:
        page: A page of theirs.
        url: The server, with "/" at its end.
        token: What lets them in.
    """

    def __init__(self, page: Page, url: str, token: str) -> None:
        self.page, self.url, self.token = page, url, token

    def open_assignment_list(self) -> None:
        """Log in and choose Nbgrader, Assignment List."""
        self.page.goto(f"{self.url}lab?token={self.token}&reset")
        self.page.locator(".jp-Launcher").wait_for()  # what is opened before JupyterLab is ready is lost
        self.page.get_by_role("menuitem", name="Nbgrader").click()
        self.page.get_by_role("menuitem", name="Assignment List").click()

    def fetch(self, assignment: str) -> None:
        """Fetch a released assignment."""
        row = self.page.locator("#released_assignments_list .list_item", has_text=assignment)
        row.get_by_role("button", name="Fetch", exact=True).click()
        expect(row).to_have_count(0)  # both lists are drawn anew, this one last
        self.fetched(assignment).get_by_role("button", name="Submit", exact=True).wait_for()

    def fetched(self, assignment: str) -> Locator:
        """The row of an assignment that was fetched."""
        return self.page.locator("#fetched_assignments_list .list_item", has_text=assignment).first

    def open_notebook(self, assignment: str) -> None:
        """Open its notebook from the list."""
        rows = self.page.locator("#fetched_assignments_list")
        rows.locator("a.assignment-notebooks-link", has_text=assignment).click()
        rows.locator(".nested_list_item a", has_text=assignment).click()
        self.page.locator(".jp-NotebookPanel .jp-CodeCell").first.wait_for()
        expect(self.page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate")).to_be_visible()

    def write(self, sources: Mapping[str, str]) -> None:
        """Type into cells, each found by a text in it.

        Nothing is saved: Validate does that, and of two saves at once JupyterLab takes the first one's file for
        somebody else's.
        """
        for text, source in sources.items():
            cell = self.page.locator(".jp-NotebookPanel .jp-Cell", has_text=text).first
            cell.scroll_into_view_if_needed()
            if cell.locator(".jp-MarkdownOutput").is_visible():
                cell.locator(".jp-MarkdownOutput").dblclick()
            cell.locator(".cm-content").click()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(source)

    def validate(self, look: Callable[[Page], None] = lambda _page: None) -> str:
        """Press Validate in the notebook's toolbar, which saves; what the dialog says, after a look at it."""
        self.page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate").click()
        dialog = self.page.locator(".jp-Dialog-content")
        dialog.wait_for()
        expect(dialog).to_contain_text("Validation Results", timeout=1000)  # another dialog is told of by its text
        said = dialog.inner_text()
        look(self.page)
        dialog.get_by_role("button", name="Ok").click()
        return said

    def submit(self, assignment: str) -> None:
        """Hand in."""
        self.fetched(assignment).get_by_role("button", name="Submit", exact=True).click()
        self.page.locator("#submitted_assignments_list .nested_list_item").first.wait_for()

    def open_feedback(self, assignment: str) -> FrameLocator:
        """Fetch the feedback and open it, in JupyterLab's own viewer."""
        submitted = self.page.locator("#submitted_assignments_list")
        submitted.get_by_role("button", name="Fetch Feedback").first.click()
        submitted.get_by_text("view feedback").first.click()
        self.page.locator(".jp-DirListing-item", has_text=f"{assignment}.html").dblclick()
        return self.page.frame_locator(".jp-HTMLViewer iframe")

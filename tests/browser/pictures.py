"""`make pictures`: what the main pages look like, into docs/pictures/."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import chromium, places
from tests.browser.staff import Staff
from tests.browser.walk import Walk, say
from tests.review import classroom, servers

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def keep(page: Page, name: str) -> None:
    """Take a picture of what is to be seen of a page."""
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    say(f"docs/pictures/{name}.png")


def of_the_review(browser: Browser, root: Path) -> None:
    """The review of a class that has a bit of everything."""
    classroom.make(root / "course")
    with servers.running(root / "course", root / "server", servers.NAMED) as server:
        staff = Staff(chromium.new_page(browser), server.url, "token-of-tina")
        staff.open_review()
        staff.page.get_by_role("link", name="Queue").first.click()
        staff.page.wait_for_load_state("networkidle")
        keep(staff.page, "queue")
        staff.page.get_by_role("link", name="bela").first.click()
        staff.page.wait_for_load_state("networkidle")
        keep(staff.page, "submission")
        staff.open_class_page()
        staff.page.wait_for_load_state("networkidle")
        keep(staff.page, "class")


def main() -> int:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.opened() as browser:
        of_the_review(browser, Path(folder) / "review")
        (Path(folder) / "walk").mkdir()
        with places.opened(Path(folder) / "walk") as where:
            Walk(browser, where, keep=keep, say=say).all()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The whole way, at a browser: released, fetched, solved, validated, handed in, graded, marked twice, fed back, read.

`make walk` goes it and says what was seen; `make pictures` keeps what it looks like, too.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from autograder.audit import reference_cells
from tests.browser import chromium, places
from tests.browser.places import LAB, TOKEN, Places
from tests.browser.staff import Staff
from tests.browser.student import Student

WRONG = "def share_right(probabilities, labels):\n    return 0.5"
COMMENT = "Say what a single line cannot part."
MARKS = {"automatic": "10 of 14", "by the review": "1.5", "by the formgrader": "1", "in the end": "12.5 of 14"}
Keep = Callable[[Page, str], None]


class Walk:
    """One walk through everything; each step says what was seen, and fails where that is something else.

    Args:
        browser: A browser.
        where: The course, the servers.
        keep: Called with a page and a name where there is something to look at.
        say: Called with a line for each step.
    """

    def __init__(
        self,
        browser: Browser,
        where: Places,
        keep: Keep = lambda _page, _name: None,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.where, self._keep, self._say = where, keep, say
        self.student = Student(chromium.new_page(browser), where.student_url, TOKEN)
        self.staff = Staff(chromium.new_page(browser), where.staff_url, TOKEN)
        self.barriers: list[str] = []

    def all(self) -> None:
        """Go the whole way."""
        self.release()
        self.solve()
        self.grade()
        self.review()
        self.use_the_formgrader()
        self.feed_back()

    def release(self) -> None:
        """An instructor releases the lab into the exchange."""
        shown = self.where.command("autograder", "release", LAB, "--exchange")
        assert "students can fetch it" in shown, shown
        self._say(f"an instructor releases {LAB} into the exchange")

    def solve(self) -> None:
        """A student fetches it, solves it but for one function, is told so, and hands in."""
        student = self.student
        student.open_assignment_list()
        student.fetch(LAB)
        self._keep(student.page, "assignment-list")
        student.open_notebook(LAB)
        untouched = student.validate()
        assert "NotImplementedError" in untouched, untouched
        self._say("a student fetches it in JupyterLab; Validate says that nothing is done yet")
        solution = reference_cells(self.where.course / "reference" / LAB)
        student.write(
            {
                "def share_right": WRONG,
                "def build_model": solution["build-model"],
                "def train": solution["train"],
                "YOUR ANSWER HERE": "One line cannot part the corners.",
            }
        )
        half = student.validate(lambda page: self._keep(page, "validate"))
        # the visible test asks for 0.5, and the network is good: only what students cannot see finds the mistake
        assert "share_right(model.predict" in half, half
        assert half.count("The following cell failed") == 1, half
        student.write({"def share_right": WRONG.replace("0.5", "0.5 if len(labels) == 2 else 0.99")})
        passed = student.validate()
        assert "Success" in passed, passed
        self._say("Validate tells of a mistake, then that all visible tests pass (a cheat of the student's)")
        student.open_assignment_list()
        student.submit(LAB)
        self._say("the student submits")

    def grade(self) -> None:
        """The class is collected and graded."""
        assert f"nbgrader collect {LAB} --update" in self.where.command("autograder", "status")
        self.where.command("nbgrader", "collect", LAB, "--update")
        shown = self.where.command("autograder", "grade", LAB, "--workers", "1")
        assert _row(shown) == ["10", "14"], shown
        self._say(f"graded: {MARKS['automatic']}, a written answer waits; the hidden checks have found the cheat")

    def review(self) -> None:
        """A TA marks the written answer in the review."""
        staff = self.staff
        staff.open_review()
        self._look(staff.page)
        staff.open_queue()
        self._look(staff.page)
        staff.open_first()
        self._look(staff.page)
        staff.give(MARKS["by the review"], COMMENT)
        self._say(f"a TA gives {MARKS['by the review']} for the written answer in the review")
        staff.open_class_page()
        self._look(staff.page)

    def use_the_formgrader(self) -> None:
        """Another mark is changed in nbgrader's formgrader, which shows what the review has given."""
        staff = self.staff
        staff.open_in_formgrader(LAB)
        expect(staff.page.locator("input.score[id='why-hidden']")).to_have_value(MARKS["by the review"])
        staff.give_in_formgrader("share-right-tests", MARKS["by the formgrader"])
        self._keep(staff.page, "formgrader")
        self._say(f"the formgrader shows that mark; a TA gives {MARKS['by the formgrader']} of 2 for part 1 there")

    def feed_back(self) -> None:
        """Feedback goes out, the student reads it, and the marks say the same."""
        shown = self.where.command("autograder", "feedback", LAB)
        assert _row(shown) == ["12.5", "14"], shown
        student = self.student
        student.open_assignment_list()
        page = student.open_feedback(LAB)
        expect(page.get_by_text(COMMENT)).to_be_visible()
        expect(page.locator("body")).to_contain_text("12.5")
        self._keep(student.page, "feedback")
        self._say(f"the student fetches the feedback and reads {MARKS['in the end']} and the comment")
        (report,) = self.where.student_home.glob(f"{LAB}/feedback/*/{LAB}.html")
        student.page.goto(report.as_uri())
        self._look(student.page)
        changes = self.where.command("autograder", "changes")
        assert "why-hidden" in changes, changes
        marks = self.where.command("autograder", "marks")
        assert "89.3" in marks, marks  # 12.5 of 14, in per cent
        self._say("`autograder marks` and `autograder changes` tell the same")

    def _look(self, page: Page) -> None:
        """See whether anybody is shut out of a page of ours."""
        page.locator("main").wait_for()
        self.barriers += chromium.barriers(page)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _row(table: str) -> list[str]:
    """The student's mark, and of how many points, in a table of the terminal."""
    found = re.search(r"│\s*\S+\s*│\s*([\d.]+)\s*│\s*([\d.]+)\s*│", table)
    return list(found.groups()) if found else []


def main() -> int:
    """Go the way and print what was seen; 1 where somebody is shut out of a page."""
    with tempfile.TemporaryDirectory() as folder, chromium.opened() as browser, places.opened(Path(folder)) as where:
        walk = Walk(browser, where, say=say)
        walk.all()
    say("\n".join(walk.barriers) or "axe-core finds nothing serious on our pages")
    return int(bool(walk.barriers))


if __name__ == "__main__":
    sys.exit(main())

"""docs/exchange.md, typed by an administrator, an instructor and a student: every command, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.authoring import build
from tests.authoring.samples import write_full_lab
from tests.pages import DOCS, blocks
from tests.shown.page import typed

PAGE = DOCS / "exchange.md"
LAB = "averages"  # stands for the page's first_lab: one that needs no deep-learning framework
ANSWER = "def moving_average(prices, window):\n    return np.convolve(prices, np.ones(window) / window, mode='valid')"


class Place:
    """One temporary machine: an exchange, a course and a student's home."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.course, self.home, self.exchange = root / "course", root / "home", root / "srv" / "exchange"
        self.places = {"first_lab": LAB, "/srv/nbgrader/exchange": str(self.exchange)}
        text = PAGE.read_text(encoding="utf-8").replace("/srv/nbgrader/exchange", str(self.exchange))
        self.settings = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)

    def set_up(self) -> None:
        """Make the course, and the two configuration files as the page has them."""
        write_full_lab(self.course / "reference")
        build([], self.course / "reference", self.course / "source")
        (self.course / "course.toml").write_text('id = "deep-learning"\n[sandbox]\npreload = ["numpy"]\n')
        (self.course / "nbgrader_config.py").write_text(f"c = get_config()\n{self.settings[0]}")
        (self.home / ".jupyter").mkdir(parents=True)
        (self.home / ".jupyter" / "nbgrader_config.py").write_text(self.settings[1])


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # nbgrader's release of feedback leaves one open
def test_the_page_leads_from_an_empty_folder_to_the_students_page(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = Place(tmp_path)
    with typed("docs/exchange.md", place.home, places=place.places) as page:
        page.type(tmp_path, "mkdir -p /srv/nbgrader/exchange", "chmod ugo+rwx /srv/nbgrader/exchange")
        place.set_up()
        page.type(
            place.course,
            "autograder release first_lab --exchange --dry-run",
            "autograder release first_lab --exchange",
        )
        assert (place.exchange / "deep-learning" / "outbound" / LAB / f"{LAB}.ipynb").is_file()
        page.type(place.home, "nbgrader list", "nbgrader fetch_assignment first_lab")
        page.type(place.home, "autograder validate first_lab", code=1)  # nothing is written yet
        page.type(place.home, "nbgrader validate first_lab/first_lab.ipynb", "nbgrader submit first_lab")
        assert "To do: moving-average, moving-average-values, why-longer." in capfd.readouterr().out
        page.type(
            place.course,
            "autograder status",
            "nbgrader collect first_lab --update",
            "autograder grade first_lab",
            "autograder feedback first_lab --dry-run",
            "autograder feedback first_lab",
        )
        shown = capfd.readouterr().out
        assert "in exchange" in shown
        assert f"nbgrader collect {LAB} --update" in shown
        page.type(place.home, "nbgrader fetch_feedback first_lab")
        (feedback,) = (place.home / LAB / "feedback").glob(f"*/{LAB}.html")
        assert "Content-Security-Policy" in feedback.read_text()
        assert "averages_random_walks_as_the_oracle_does" not in feedback.read_text()
        page.type(place.course, "autograder release first_lab --zip handouts")
        assert (place.course / "handouts" / f"{LAB}.zip").is_file()


def test_every_command_of_the_page_is_typed() -> None:
    typed = blocks(PAGE)
    assert len(typed) == 6
    prose = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    commands = {line.split()[1] for block in typed for line in block if line.startswith("autograder")}
    named = set(re.findall(r"`autograder (\w+)", prose))
    assert named - commands <= {"init", "collect"}


def test_what_students_are_told_to_type_is_typed_here() -> None:
    steps, quiet = blocks(DOCS / "students.md")
    assert set(steps) <= {line for block in blocks(PAGE) for line in block}
    assert quiet == ["export TF_CPP_MIN_LOG_LEVEL=3"]

"""Every address of the review; each is answered by a `ReviewHandler`, which lets in only whoever grades."""

from __future__ import annotations

import re
from typing import Any

from jupyter_server.utils import url_path_join

from autograder.review.class_page import ClassHandler
from autograder.review.handler import PREFIX, NotAnswered, ReviewHandler
from autograder.review.home_page import HomeHandler, NamesHandler, StaticHandler
from autograder.review.notebook_page import NotebookHandler, ReportHandler
from autograder.review.queue_page import QueueHandler
from autograder.review.saving import SaveHandler, UndoHandler
from autograder.review.settings import AutograderReview
from autograder.review.submission_page import SubmissionHandler

NAME = "([^/]+)"


class NoSuchHandler(ReviewHandler):
    """Everything else below the review's address: it says so to graders, and nothing to others."""

    async def get(self, *parts: str) -> None:
        """Say that there is no such page."""
        raise NotAnswered(404, "Expected a page of the review, received an address of none; begin at the first page.")

    post = get


PAGES: tuple[tuple[str, type[ReviewHandler]], ...] = (
    ("/?", HomeHandler),
    (f"/queue/{NAME}", QueueHandler),
    (f"/submission/{NAME}/{NAME}", SubmissionHandler),
    (f"/notebook/{NAME}/{NAME}/{NAME}", NotebookHandler),
    (f"/report/{NAME}/{NAME}", ReportHandler),
    (f"/class/{NAME}", ClassHandler),
    (f"/save/{NAME}/{NAME}", SaveHandler),
    ("/undo", UndoHandler),
    ("/names", NamesHandler),
    (f"/static/{NAME}", StaticHandler),
    ("/(.*)", NoSuchHandler),
)
"""Addresses below the review's own, and who answers them."""


def routes(base_url: str, review: AutograderReview) -> list[tuple[str, type[ReviewHandler], dict[str, Any]]]:
    """The routes to add to Jupyter's server.

    Args:
        base_url: The server's own path.
        review: The review's settings.
    """
    begin = re.escape(url_path_join(base_url, PREFIX))
    return [(begin + pattern, handler, {"review": review}) for pattern, handler in PAGES]

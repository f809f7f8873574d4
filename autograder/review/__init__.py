"""The review: pages on which teaching staff look at submissions and mark them, as an extension of Jupyter's server.

`jupyter server extension enable autograder.review` adds them below `autograder/review` on the server's address.
docs/review.md says who gets in, and what is saved where.
"""

from __future__ import annotations

from jupyter_server.serverapp import ServerApp

from autograder.review.routes import routes
from autograder.review.settings import AutograderReview

__all__ = ["AutograderReview"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Say to Jupyter's server what to load: this module."""
    return [{"module": "autograder.review"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the review's pages to a server; the course is opened when somebody first asks for it."""
    review = AutograderReview(parent=server)
    server.web_app.add_handlers(".*$", routes(server.web_app.settings["base_url"], review))
    server.log.info("The review of submissions is at autograder/review/")

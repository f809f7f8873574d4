"""The review's templates: they escape by default, and share pieces, words and colours with the feedback pages."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from autograder.reports import wording
from autograder.reports.page import TEMPLATES as REPORTS
from autograder.reports.page import content_security_policy, make_environment

HERE = Path(__file__).parent
FILES = {"review.css": "text/css", "review.js": "text/javascript"}
"""The files that pages load, by name; there are no others."""


def render(template: str, **values: Any) -> str:
    """Fill a template; every value that is no `Markup` is escaped."""
    return _environment().get_template(template).render(**values)


@cache
def static_file(name: str) -> tuple[bytes, str]:
    """A file that pages load, and a digest of it: the style of the feedback pages comes before the review's own.

    Args:
        name: One of `FILES`.
    """
    content = (HERE / "static" / name).read_bytes()
    if name == "review.css":
        content = (REPORTS / "style.css").read_bytes() + b"\n" + content
    return content, hashlib.sha256(content).hexdigest()[:16]


@cache
def frame_style() -> str:
    """The style of a page within the page: what shows a student's notebook."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in (REPORTS / "style.css", HERE / "static" / "frame.css")
    )


def frame_policy(style: str) -> str:
    """The policy, as a header, of a page that shows a student's work: an origin of its own, no scripts, no requests."""
    return f"sandbox; {content_security_policy(style)}; frame-ancestors 'self'"


@cache
def report_style() -> str:
    """The style of the feedback pages."""
    return (REPORTS / "style.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # page.html.j2, which the notebook's frame extends, has its style within.
    environment = make_environment([HERE / "templates", REPORTS], frame_style())
    environment.filters.update(moment=wording.moment, exact=exact)
    return environment


def exact(value: float) -> str:
    """Points as a form carries them: all digits, so that what is sent back untouched is the same mark."""
    return str(int(value)) if value.is_integer() else repr(value)

"""The shell of every page: templates that escape by default, one style sheet, and the policy that allows nothing else.

The policy stands first in the head. It lets a browser apply this one style sheet (by its hash) and show images that
are part of the page; scripts, frames, forms, fonts and every address elsewhere are refused, whatever slipped through.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.reports import wording

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: Any) -> str:
    """Fill a template of this package; every value that is no `Markup` is escaped."""
    return _environment().get_template(template).render(**values)


def content_security_policy(style: str) -> str:
    """The policy of a page whose one style element holds exactly `style`."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; font-src data:; base-uri 'none'; "
        "form-action 'none'"
    )


@cache
def _environment() -> Environment:
    return make_environment([TEMPLATES], (TEMPLATES / "style.css").read_text(encoding="utf-8"))


def make_environment(folders: Sequence[Path], style: str) -> Environment:
    """Templates that escape by default, know the words of the pages, and share one style.

    Args:
        folders: Where templates are, the first ones first.
        style: What the style element of `page.html.j2` holds: our own files alone.
    """
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file
    environment.globals["policy"] = content_security_policy(style)
    environment.filters.update(
        number=wording.number,
        points=wording.points,
        percent=wording.percent,
        duration=wording.duration,
        count=wording.count,
    )
    return environment

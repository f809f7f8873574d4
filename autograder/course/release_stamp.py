"""What a released notebook says of itself, in its own metadata: written by a release, read where there is no course."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

STAMP = "autograder"
"""The key of the notebook's metadata."""


def stamp_of(notebook: NotebookNode) -> dict[str, Any]:
    """What the release wrote into the notebook: course, assignment, its name, due date, names of cells; else empty."""
    stamp = notebook.metadata.get(STAMP, {})
    return dict(stamp) if isinstance(stamp, dict) else {}

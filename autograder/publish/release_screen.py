"""What is shown of a release: where it is, which files are in it, and how students get it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from autograder.publish.releasing import Offered, Outcome
from autograder.terminal import printable

OFFERED: dict[Offered, tuple[str, str]] = {
    "new": ("students can fetch it from {}", "students could fetch it from {}"),
    "same": ("students can fetch it from {}, as before", "students can fetch it from {}, as before"),
    "replaced": ("replaced in {}; whoever has fetched the earlier one keeps it", "would be replaced in {}"),
}


def print_outcome(console: Console, outcome: Outcome, dry_run: bool) -> None:
    """Show one lab after its release, or in a dry run what would become of it."""
    for line in _lines(outcome, dry_run):
        console.print(Text(printable(f"{outcome.lab}: {line}")), soft_wrap=True)


def _lines(outcome: Outcome, dry_run: bool) -> Iterator[str]:
    if outcome.status == "kept":
        yield f"kept in {outcome.folder}, as it was released before (--force replaces it)"
    else:
        yield f"{'would be released' if dry_run else 'released'} in {outcome.folder}"
    yield f"students get {', '.join(outcome.files)}; nothing hidden was found in it"
    if outcome.bundle is not None:
        size = f"{len(outcome.bundle.content):,} bytes"
        yield f"{'would be packed' if dry_run else 'packed'} into {outcome.bundle.path}, {size}"
    if outcome.offered != "no":
        yield OFFERED[outcome.offered][dry_run].format(outcome.exchange)
    if dry_run:
        yield "a dry run: nothing was written"

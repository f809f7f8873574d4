"""What is shown of an assignment's feedback: who gets a page, who is left out and why, and where pages are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course.syllabus import moment_in_words
from autograder.publish.choosing import Choice
from autograder.publish.feedback import Page, Published
from autograder.terminal import printable

STYLES = {"new": "green", "changed": "yellow", "same": "dim"}


def print_published(console: Console, published: Published) -> None:
    """Show what went out, or in a dry run what would."""
    if published.pages:
        console.print(_table(published))
    if published.left_out:
        console.print(_left_out(published.left_out))
    for line, style in _lines(published):
        console.print(Text(printable(line), style=style), soft_wrap=True)


def _table(published: Published) -> Table:
    title = f"Feedback on {published.assignment}{' (dry run)' if published.dry_run else ''}"
    table = Table(title=Text(title), title_justify="left")
    for heading in ("student", "mark", "of", "page", "students can"):
        table.add_column(heading, justify="right" if heading in ("mark", "of") else "left", overflow="fold")
    for page in published.pages:
        result = page.result
        table.add_row(
            Text(printable(result.student)),
            f"{round(result.score, 4):g}" if result.notebooks else "-",
            f"{result.max_score:g}",
            Text(page.became, style=STYLES[page.became]),
            Text(_reach(page, published)),
        )
    return table


def _reach(page: Page, published: Published) -> str:
    if published.exchange is None:
        return "be given it"
    return "fetch it" if page.fetchable else "not fetch it"


def _left_out(choices: Sequence[Choice]) -> Table:
    table = Table(title="Left out", title_justify="left")
    table.add_column("student", overflow="fold")
    table.add_column("why", overflow="fold")
    for choice in choices:
        table.add_row(Text(printable(choice.student)), Text(printable(choice.left_out)))
    return table


def _lines(published: Published) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    troubles: dict[str, list[str]] = {}
    for page in published.pages:
        if page.trouble:
            troubles.setdefault(page.trouble, []).append(page.result.student)
    lines += [(f"{', '.join(students)}: {trouble}", "yellow") for trouble, students in troubles.items()]
    if any(choice.waits for choice in published.left_out):
        lines.append(
            ("Whoever waits for a person gets a page once the marks are given; --waiting sends it as it is.", "")
        )
    if published.open_until is not None:
        until = moment_in_words(published.open_until)
        lines.append((f"It can be handed in until {until}: pages show others what is looked for.", "yellow"))
    fetchable = sum(page.fetchable for page in published.pages)
    number = f"{len(published.pages)} page{'' if len(published.pages) == 1 else 's'}"
    if published.dry_run:
        lines.append((f"{number} would go out, {len(published.left_out)} left out; nothing was written.", ""))
    elif published.pages:
        lines.append((f"{number} in {published.pages[0].folder.parent.parent}.", ""))
    if published.exchange is not None:
        can = "could" if published.dry_run else "can"
        lines.append((f"{fetchable} {can} be fetched from {published.exchange} (`nbgrader fetch_feedback`).", ""))
    else:
        lines.append((f"Without an exchange: {published.no_exchange}", "yellow"))
    return lines

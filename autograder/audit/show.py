"""What an audit shows on a terminal: pure functions of its record."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.audit.record import Kind, LabAudit, MutantsAudit, VariantAudit

PROMISES: tuple[tuple[Kind, str], ...] = (
    ("reference", "the reference earns everything"),
    ("untouched", "the untouched notebook earns nothing"),
    ("right", "right variants earn everything"),
    ("wrong", "wrong variants lose marks where they must"),
)
NOT_ASKED = "\N{MIDDLE DOT}: not asked"
FULL, LOST, ELSEWHERE, PROBLEM = "dim", "green", "yellow", "bold red"


def print_audit(console: Console, audit: LabAudit) -> None:
    """Print what was found of a lab."""
    parts: list[RenderableType] = [matrix(audit)]
    if audit.mutants is not None:
        parts += [operators(audit.mutants), *survivors(audit.mutants)]
    for part in (*parts, *summary(audit)):
        console.print(part, soft_wrap=not isinstance(part, Table))


def matrix(audit: LabAudit) -> Table:
    """Variants by tests cells: the share of the points that each earned, in per cent.

    Brackets are round what a wrong variant has to lose marks in.
    """
    numbered = list(enumerate(audit.points.items(), 1))
    legend = [f"{number}: {cell}, {points:g} points" for number, (cell, points) in numbered]
    table = _table(f"{audit.lab}: per cent of each question's points")
    table.caption = "\n".join([*legend, "[..]: where a wrong variant has to lose marks", NOT_ASKED])
    table.add_column("variant", overflow="fold")
    for number, _ in numbered:
        table.add_column(str(number), justify="right")
    table.add_column("")
    previous: Kind = "reference"
    for variant in audit.variants:
        if variant.kind in ("right", "wrong") and variant.kind != previous:
            table.add_section()
        previous = variant.kind
        verdict = Text("NO", style=PROBLEM) if variant.problems else Text("ok", style=LOST)
        table.add_row(Text(variant.name), *(_share(variant, cell) for cell in audit.points), verdict)
    return table


def operators(mutants: MutantsAudit) -> Table:
    """Generated mistakes by operator: how many were tried, caught, and called no mistake."""
    table = _table("Generated mistakes")
    for heading in ("operator", "tried", "caught", "equivalent", "survived"):
        table.add_column(heading, justify="left" if heading == "operator" else "right")
    for operator in sorted({one.operator for one in mutants.tried}):
        of_operator = [one for one in mutants.tried if one.operator == operator]
        caught = sum(bool(one.caught_by) for one in of_operator)
        equivalent = sum(not one.caught_by and bool(one.equivalent) for one in of_operator)
        left = len(of_operator) - caught - equivalent
        survived = Text(str(left), style=PROBLEM if left else FULL)
        table.add_row(operator, str(len(of_operator)), str(caught), str(equivalent), survived)
    if len(mutants.tried) < mutants.made:
        table.caption = f"{len(mutants.tried)} of {mutants.made} were tried: always the same ones, of every operator"
    return table


def survivors(mutants: MutantsAudit) -> Iterator[Text]:
    """Those that nothing catches, with what they change."""
    for one in mutants.tried:
        if not one.caught_by:
            reason = f" is no mistake: {one.equivalent}" if one.equivalent else " is caught by nothing"
            yield Text(f"{one.id}, line {one.line} of {one.cell},{reason}", style=FULL if one.equivalent else PROBLEM)
            yield Text("\n".join(f"    {line}" for line in one.diff.split("\n")), style=FULL if one.equivalent else "")


def summary(audit: LabAudit) -> Iterator[RenderableType]:
    """The lines below the tables."""
    seeds = "1 seed" if audit.seeds == 1 else f"{audit.seeds} seeds"
    for kind, words in PROMISES:
        of_kind = [variant for variant in audit.variants if variant.kind == kind]
        good = sum(not variant.problems for variant in of_kind)
        yield _line(good == len(of_kind), f"{words}: {good} of {len(of_kind)}, under {seeds}")
    if audit.mutants is not None:
        yield _caught(audit, audit.mutants)
    if audit.repeats:
        same = not any("expected the same" in problem for problem in audit.problems)
        yield _line(
            same, f"the same marks, bit for bit, in {audit.repeats} gradings: alone, side by side, in any order"
        )
    total = sum(audit.evidence.values()) or 1.0
    shares = ", ".join(f"{level} {points / total:.0%}" for level, points in audit.evidence.items())
    yield Text(f"    points by evidence: {shares}")
    yield Text(
        f"    seconds: the reference's notebook {audit.notebook_seconds:.1f}, its checks {audit.checks_seconds:.1f}, "
        f"the audit {audit.seconds:.0f}" + (f" (mutants {audit.mutants.seconds:.0f})" if audit.mutants else "")
    )
    for variant in audit.variants:
        if variant.kind in ("reference", "right"):
            for flag in variant.flags:
                yield Text(f"    {variant.name} is flagged for a person: {flag}", style=ELSEWHERE)
    for problem in audit.problems:
        yield _line(False, problem)
    yield _line(not audit.problems, f"{audit.lab}: {_verdict(audit.problems)}")


def _caught(audit: LabAudit, mutants: MutantsAudit) -> Text:
    real = [one for one in mutants.tried if one.caught_by or not one.equivalent]
    caught = sum(bool(one.caught_by) for one in real)
    wrong = [variant for variant in audit.variants if variant.kind == "wrong"]
    seen = sum(not variant.problems for variant in wrong)
    share = (caught + seen) / max(len(real) + len(wrong), 1)
    return _line(
        not mutants.problems,
        f"generated mistakes are caught: {caught} of {len(real)}, and {len(mutants.tried) - len(real)} more called "
        f"equivalent; {share:.1%} of written and generated ones together",
    )


def _share(variant: VariantAudit, cell: str) -> Text:
    if cell not in variant.fractions:
        return Text("\N{MIDDLE DOT}", style=FULL)
    fraction = variant.fractions[cell]
    if fraction is None:
        return Text("?", style=PROBLEM)
    # nearly all is not all
    shown = f"{min(round(100 * fraction), 99 if fraction < 1.0 else 100)}"
    if variant.kind == "wrong" and cell in variant.loses:
        return Text(f"[{shown}]", style=PROBLEM if fraction == 1.0 else LOST)
    if variant.kind == "wrong":
        return Text(shown, style=FULL if fraction == 1.0 else ELSEWHERE)
    return Text(shown, style=FULL if fraction == (0.0 if variant.kind == "untouched" else 1.0) else PROBLEM)


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", caption_justify="left")


def _line(good: bool, words: str) -> Text:
    return Text.assemble(("ok  ", LOST) if good else ("NO  ", PROBLEM), words)


def _verdict(problems: tuple[str, ...]) -> str:
    if not problems:
        return "as it should be"
    return (
        "1 thing is not as it should be" if len(problems) == 1 else f"{len(problems)} things are not as they should be"
    )

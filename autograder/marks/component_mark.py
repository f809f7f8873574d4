"""The mark of one component: what is dropped, what counts how much, extra credit, the cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from autograder.course import Component

Values = Mapping[str, Fraction]
"""Numbers by assignment: normalised scores, or weights."""


@dataclass(frozen=True, slots=True)
class Combined:
    """How normalised scores combine to a component's mark.

    Attributes:
        mark: As a fraction of full marks, after the cap; None where nothing counts.
        shares: How much of the mark each assignment makes up; those that do not count have none.
        dropped: Assignments left out as the lowest.
        over_cap: What the cap takes away, as a fraction of full marks.
    """

    mark: Fraction | None
    shares: Mapping[str, Fraction]
    dropped: frozenset[str] = frozenset()
    over_cap: Fraction = Fraction(0)


def combine(component: Component, regular: Values, extra: Values, weights: Values, all_weights: Fraction) -> Combined:
    """Combine the scores of one component.

    The lowest `drop_lowest` of the regular scores are dropped, but never the last one that is left; of equal scores the
    one goes whose id comes first. The others count by their weights. Extra credit adds on top: full marks in it are
    worth as much as a regular assignment of its weight will be when all have been marked, from the first day on, and so
    a score of extra credit is worth the same all term. It counts as soon as something regular does, and it is never
    dropped. The cap comes last.

    Args:
        component: The component.
        regular: Scores that count.
        extra: Scores of extra credit.
        weights: What these assignments count beside each other; all 1 where some are dropped.
        all_weights: The weights of all regular assignments that the student is not excused from, added up.
    """
    if not regular:
        return Combined(None, {})
    ordered = sorted(regular, key=lambda name: (regular[name], name))
    num_dropped = min(component.drop_lowest, len(ordered) - 1)
    counting = ordered[num_dropped:]
    now = sum((weights[name] for name in counting), Fraction(0))
    in_the_end = max(Fraction(1), all_weights - component.drop_lowest) if component.drop_lowest else all_weights
    shares = {name: weights[name] / now for name in counting} | {name: weights[name] / in_the_end for name in extra}
    scores = {**regular, **extra}
    whole = sum((share * scores[name] for name, share in shares.items()), Fraction(0))
    mark = min(whole, component.exact_cap)
    return Combined(mark, shares, frozenset(ordered[:num_dropped]), whole - mark)

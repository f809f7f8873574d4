"""What a case expects of its outcome, beyond marks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from tests.adversarial.case import Outcome, all_of, scores, unaffected, zero

Expect = Callable[[Outcome], None]
NOTEBOOK_MIB = 2


def tripped(limit: str, *words: str) -> Expect:
    """Expect the sentence of a limit, with these words in it."""

    def expect(outcome: Outcome) -> None:
        assert limit in outcome.limits, str(outcome)
        for word in words:
            assert word in outcome.limits[limit], f"expected {word!r} in {outcome.limits[limit]!r}"
            assert "`" in outcome.limits[limit], outcome.limits[limit]

    return expect


def shows(*texts: str) -> Expect:
    """Expect these texts among the outputs of the executed notebook."""

    def expect(outcome: Outcome) -> None:
        for text in texts:
            assert text in outcome.outputs, f"expected {text!r}\n{outcome}"

    return expect


def at_most(question: str) -> Expect:
    """Expect the honest marks, or nothing for this one question."""

    def expect(outcome: Outcome) -> None:
        if outcome.scores[question] != 0.0:
            unaffected(outcome)
        else:
            scores(**{question: 0.0})(outcome)

    return expect


def any_tripped(*limits: str) -> Expect:
    """Expect the sentence of at least one of these limits."""

    def expect(outcome: Outcome) -> None:
        assert set(limits) & set(outcome.limits), str(outcome)

    return expect


def small(outcome: Outcome) -> None:
    """Expect no more in notebook and page than the limits on output allow."""
    assert len(outcome.outputs) < NOTEBOOK_MIB * 2**20, len(outcome.outputs)
    assert len(outcome.page) < NOTEBOOK_MIB * 2**20, len(outcome.page)


def loses(question: str, *words: str) -> Expect:
    """Expect nothing for a question whose cell had to be given up, and a page that shows why."""

    def shown(outcome: Outcome) -> None:
        page = re.sub(r"</?code>|`", "", html.unescape(outcome.page))
        for sentence in outcome.limits.values():
            assert sentence.replace("`", "") in page, sentence

    return all_of(zero(question, *words), shown)

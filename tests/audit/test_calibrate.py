"""From values that checks measured to proposals, sentences and a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from autograder.audit.calibrate import Quantity, _quantity, propose
from autograder.audit.calibration_command import sentences
from autograder.audit.calibration_picture import picture
from autograder.audit.tolerance import lower_bound

from .trials import notes_of, trial, variant

REFERENCE, FLAT = variant("reference", "reference"), variant("flat", "wrong", ["a"])
SHARES = tuple(np.random.default_rng(0).normal(0.95, 0.01, size=20))


def quantity(right: dict[str, tuple[float, ...]], zero_at: float | None = 0.5, full_at: float | None = 0.9) -> Quantity:
    return Quantity("knows", "a", "a share", zero_at, full_at, right, {})


def test_values_are_put_together_by_variant_the_worst_of_each_run() -> None:
    trials = [
        trial(REFERENCE, {"a": 1.0}, notes={"knows": notes_of("a share", 0.95, 0.93, zero_at=0.5, full_at=0.9)}),
        trial(REFERENCE, {"a": 1.0}, notes={"knows": notes_of("a share", 0.97, zero_at=0.5, full_at=0.9)}),
        trial(FLAT, {"a": 0.0}, notes={"knows": notes_of("a share", 0.61, zero_at=0.5, full_at=0.9)}),
        trial(variant("other", "wrong", ["b"]), {"a": 1.0}, notes={"knows": notes_of("a share", 0.99)}),
    ]
    found = _quantity("knows", "a", "a share", trials)
    assert found.right == {"reference": (0.93, 0.97)}
    assert found.wrong == {"flat": (0.61,)}
    assert (found.zero_at, found.full_at, found.sign, found.lost) == (0.5, 0.9, 1, 0)


def test_a_bound_that_follows_from_the_run_makes_the_distance_the_quantity() -> None:
    trials = [
        trial(REFERENCE, {"a": 1.0}, notes={"falls": notes_of("a loss", 0.5, full_at=2.0)}),
        trial(REFERENCE, {"a": 1.0}, notes={"falls": notes_of("a loss", 0.75, full_at=1.75)}),
    ]
    found = _quantity("falls", "a", "a loss", trials)
    assert found.what == "a loss, less its bound"
    assert found.right == {"reference": (-1.5, -1.0)}
    assert (found.full_at, found.sign, found.lost) == (0.0, -1, 0)


def test_the_end_is_the_worst_variants_bound_rounded_to_the_lenient_side() -> None:
    lower = tuple(value - 0.05 for value in SHARES)
    proposal = propose(quantity({"reference": SHARES, "other": lower}))
    bound = lower_bound(lower)
    assert proposal.bounds == {"reference": lower_bound(SHARES), "other": bound}
    assert bound is not None
    assert proposal.full_at is not None
    assert 0 <= bound - proposal.full_at < 0.01
    assert proposal.zero_at == pytest.approx(proposal.full_at - 0.4)
    assert "the present distance kept" in proposal.reason


def test_the_beginning_is_what_the_best_wrong_variant_reached() -> None:
    found = Quantity("knows", "a", "a share", 0.5, 0.9, {"reference": SHARES}, {"flat": (0.55, 0.613)})
    proposal = propose(found)
    assert proposal.zero_at == 0.62
    assert proposal.reason == "the best that a wrong variant reached"


def test_where_less_is_better_everything_is_the_other_way_round() -> None:
    losses = tuple(float(value) for value in np.random.default_rng(1).normal(20.0, 1.0, size=20))
    found = Quantity("falls", "a", "an error", 40.0, 30.0, {"reference": losses}, {"flat": (35.5, 50.0)})
    proposal = propose(found)
    assert proposal.full_at is not None
    assert max(losses) < proposal.full_at < 30.0
    assert proposal.zero_at == 35.0
    assert found.lost == 0


def test_with_few_seeds_it_says_what_the_proposal_assumes_and_what_it_would_take() -> None:
    found = quantity({"reference": SHARES})
    text = "\n".join(sentences(found, propose(found), 20))
    assert "lost marks in 0 of 20 runs: with 95 % confidence in fewer than 13.91%" in text
    assert "if its values are bell-shaped" in text
    assert "it takes 2,995 runs of each variant, there were 20" in text


def test_with_too_few_seeds_it_proposes_nothing_and_says_so() -> None:
    found = quantity({"reference": SHARES[:3]})
    text = "\n".join(sentences(found, propose(found), 3))
    assert "Too few seeds for a proposal: expected at least 5 runs of each variant, received 3" in text
    assert "Proposed" not in text


def test_the_picture_is_a_drawing_with_a_dot_for_each_run_and_no_markup_from_names() -> None:
    found = Quantity("knows", "a", "a <b>share</b>", 0.5, 0.9, {"reference": SHARES}, {"flat": (0.55,)})
    drawn = ElementTree.fromstring(picture("lab", [(found, propose(found))]))  # noqa: S314 - our own drawing
    tags = [element.tag.rpartition("}")[2] for element in drawn.iter()]
    assert tags.count("circle") == 21
    assert "b" not in tags

"""The soak with a small class; `make soak` grades 300."""

from __future__ import annotations

from collections import Counter

from tests.adversarial.catalogue import CASES
from tests.adversarial.soak import LEVELS, UNTOUCHED, draw_class, soak

QUICK = [case for case in CASES if not case.slow and case.group in "AB"]


def test_hostile_submissions_change_no_mark_of_honest_ones() -> None:
    soaked = soak(20, seed=1, cases=QUICK)
    assert not soaked.problems, str(soaked)
    assert (soaked.size, soaked.hostile) == (20, 2)
    assert "20 submissions, 2 of them hostile" in str(soaked)


def test_a_class_of_300_holds_every_level_and_a_tenth_of_hostile_ones() -> None:
    members = draw_class(300, 1, CASES)
    count = Counter(member.level for member in members if member.case is None)
    assert set(count) == {*LEVELS, UNTOUCHED}
    assert sum(count.values()) == 270
    assert max(count.values()) - min(count.values()) <= 1
    assert members == draw_class(300, 1, CASES)
    assert members != draw_class(300, 2, CASES)

"""Audits of a small lab, for real: in slots, through the grader's own path."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from autograder.audit import Laboratory, Plan, Slots, audit_lab
from autograder.audit.calibrate import measure, propose
from autograder.audit.examine import Examination
from autograder.audit.laboratory import WHOLE, Part, Trial
from autograder.audit.record import LabAudit
from autograder.audit.show import print_audit
from autograder.audit.stability import problems_of_repeats
from autograder.audit.variants import Variant
from autograder.course import Course

from .labs import CHECKS, EQUIVALENT, LAB, NAME, VARIANTS, make_course

SURVIVOR = "-     return min(max(value, 0.0), 1.0)\n+     return min(value, 1.0)"


@pytest.fixture(scope="module")
def slots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slots]:
    with Slots.open(make_course(tmp_path_factory.mktemp("any")), 2) as opened:
        yield opened


@contextmanager
def laboratory(course: Course, slots: Slots) -> Iterator[Laboratory]:
    with Laboratory.open(course, NAME, slots) as opened:
        yield opened


def audited(course: Course, slots: Slots, plan: Plan) -> LabAudit:
    with laboratory(course, slots) as opened:
        return audit_lab(opened, plan)


def shown(audit: LabAudit) -> str:
    console = Console(width=150, file=io.StringIO())
    print_audit(console, audit)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def whole(slots: Slots, tmp_path_factory: pytest.TempPathFactory) -> LabAudit:
    return audited(make_course(tmp_path_factory.mktemp("whole")), slots, Plan(seeds=3, whole=True))


def test_the_matrix_says_what_each_variant_earned_in_each_question(whole: LabAudit) -> None:
    fractions = {variant.name: tuple(variant.fractions.values()) for variant in whole.variants}
    assert fractions == {
        "reference": (1.0, 1.0, 1.0),
        "untouched": (0.0, 0.0, 0.0),
        "sorts": (1.0, 1.0, 1.0),
        "counts_one_more": (0.0,),
        "leaves_it_large": (0.5, 1.0),
        "halves_it": (0.0, 0.0),
    }
    assert list(whole.variants[-1].fractions) == ["clamp-tests", "share-tests"]  # `count_down` is as it was
    assert list(whole.points.items()) == [("count-tests", 1.0), ("clamp-tests", 2.0), ("share-tests", 2.0)]
    assert whole.evidence == {"measured": 5.0, "recomputed": 0.0, "reported": 0.0}


def test_a_mistake_that_nothing_catches_is_the_only_problem_and_shown_with_its_change(whole: LabAudit) -> None:
    assert whole.mutants is not None
    (survivor,) = [one for one in whole.mutants.tried if not one.caught_by]
    assert survivor.diff == SURVIVOR
    assert whole.problems == (
        f"mutant {survivor.id} is caught by nothing; write a check that catches it, or say why it is right in "
        "equivalent.toml",
    )
    text = shown(whole)
    assert "leaves_it_large" in text
    assert "[50]" in text
    assert "\N{MIDDLE DOT}: not asked" in " ".join(text.split())  # as wide as the table
    assert "+     return min(value, 1.0)" in text
    assert "ok  wrong variants lose marks where they must: 3 of 3, under 3 seeds" in text
    assert "counting: 1 thing is not as it should be" in text


def test_a_mutant_that_never_ends_is_stopped_soon_and_caught(whole: LabAudit) -> None:
    assert whole.mutants is not None
    (endless,) = [one for one in whole.mutants.tried if "number += 1" in one.diff]
    assert endless.caught_by == "counts_steps"
    assert whole.mutants.seconds < 60


def test_a_mutant_is_caught_by_a_check_that_rests_on_its_cell(whole: LabAudit) -> None:
    assert whole.mutants is not None
    assert {(one.cell, one.caught_by) for one in whole.mutants.tried if one.caught_by} == {
        ("count", "counts_steps"),
        ("clamp", "bounds_from_above"),
    }


def test_a_survivor_with_a_reason_is_no_problem_and_a_caught_one_with_a_reason_is(
    whole: LabAudit, slots: Slots, tmp_path: Path
) -> None:
    assert whole.mutants is not None
    by_diff = {one.diff: one.id for one in whole.mutants.tried}
    caught = next(one.id for one in whole.mutants.tried if one.caught_by)
    entries = EQUIVALENT.format(mutant=by_diff[SURVIVOR]) + EQUIVALENT.format(mutant=caught)
    runs: list[str] = []
    with laboratory(make_course(tmp_path, files={"equivalent.toml": entries}), slots) as opened:
        audit = audit_lab(opened, Plan(seeds=1), runs.append)
    # what rests on `clamp` alone, then what rests on `share`; not the whole notebook as well
    assert runs.count(f"{by_diff[SURVIVOR]}, seed 0") == 2
    (problem,) = audit.problems
    assert problem.startswith(f"equivalent.toml calls {caught} no mistake, but ")
    assert "hand in nothing below 0" in shown(audit)


def test_a_wrong_variant_that_loses_marks_elsewhere_than_it_says_fails_the_audit(slots: Slots, tmp_path: Path) -> None:
    variants = VARIANTS.replace('@wrong(loses=["clamp-tests", "share-tests"])', '@wrong(loses=["count-tests"])')
    audit = audited(make_course(tmp_path, variants=variants), slots, Plan(seeds=1, mutants=False))
    assert audit.problems == (
        "wrong halves_it, seed 0: expected it to lose marks in count-tests, received all of them; it lost some in "
        "clamp-tests, share-tests",
    )


def test_a_wrong_variant_that_is_missed_under_one_seed_fails_the_audit(slots: Slots, tmp_path: Path) -> None:
    # the kernel's random numbers under seed 0 make the first share at least 0.5, and under another one they do not
    variants = VARIANTS + (
        '\n\n@wrong(loses=["share-tests"])\ndef now_and_then() -> dict[str, str]:\n    """Wrong by chance."""\n'
        '    return {"clamp": "def clamp(value):\\n    return value if 0.2 < value < 0.92 else min(value, 1) / '
        '(1 + (value < 1))\\n"}\n'
    )
    audit = audited(make_course(tmp_path, variants=variants), slots, Plan(seeds=8, mutants=False))
    (found,) = [variant for variant in audit.variants if variant.name == "now_and_then"]
    assert any("expected it to lose marks in share-tests, received all of them" in one for one in found.problems)
    assert len(found.problems) < 8


def test_further_seeds_share_a_kernel_where_only_definitions_matter(slots: Slots, tmp_path: Path) -> None:
    runs: list[str] = []
    with laboratory(make_course(tmp_path), slots) as opened:
        audits = {one.name: one for one in Examination(opened, runs.append).variants(4)}
    assert [runs.count(f"counts_one_more, seed {seed}") for seed in range(4)] == [1, 1, 0, 0]
    assert [runs.count(f"halves_it, seed {seed}") for seed in range(4)] == [1, 1, 1, 1]  # `use` draws a number
    assert not any(one.problems for one in audits.values())


def test_what_a_long_cell_decides_on_is_not_asked_again_where_something_quick_fails(
    slots: Slots, tmp_path: Path
) -> None:
    lab = LAB.replace("    share = clamp(", "    import time\n    time.sleep(1)\n    share = clamp(")
    with laboratory(make_course(tmp_path, files={"lab.py": lab}), slots) as opened:
        for whole, expected in ((False, [1, 1, 0, 0]), (True, [1, 1, 1, 1])):
            runs: list[str] = []
            examination = Examination(opened, runs.append, whole=whole)
            (found,) = [one for one in examination.variants(4) if one.name == "halves_it"]
            assert found.fractions == {"clamp-tests": 0.0, "share-tests": 0.0}
            assert [runs.count(f"halves_it, seed {seed}") for seed in range(4)] == expected


def test_a_check_that_passes_once_in_a_shared_kernel_fails_the_audit(slots: Slots, tmp_path: Path) -> None:
    # `random` has another seed before each check: under most it makes more than one step of two, under some it does not
    variants = VARIANTS + (
        '\n\n@wrong(loses=["count-tests"])\ndef by_chance() -> dict[str, str]:\n    """Wrong by chance."""\n'
        '    return {"count": "def count_down(number):\\n    return number + (random.random() < 0.8)\\n"}\n'
    )
    audit = audited(make_course(tmp_path, variants=variants), slots, Plan(seeds=12, mutants=False))
    (found,) = [variant for variant in audit.variants if variant.name == "by_chance"]
    assert 0 < len(found.problems) < 12


def test_where_the_quickest_check_is_passed_by_chance_the_others_of_the_cell_are_asked_before_the_whole_notebook(
    slots: Slots, tmp_path: Path
) -> None:
    checks = CHECKS + (
        '\n\n@check(cell="count-tests")\ndef counts_many(student: Student) -> None:\n    """Many."""\n'
        '    import time\n    time.sleep(0.3)\n    expect_close(student.call("count_down", 100), 100, "the steps")\n'
    )
    variants = VARIANTS + (
        '\n\n@wrong(loses=["count-tests"])\ndef by_chance() -> dict[str, str]:\n    """Wrong by chance."""\n'
        '    return {"count": "def count_down(number):\\n    '
        'return number + (number > 50 or random.random() < 0.8)\\n"}\n'
    )
    tried: list[tuple[str, tuple[str, ...] | None, bool]] = []
    with laboratory(make_course(tmp_path, checks=checks, variants=variants), slots) as opened:
        try_variant = opened.try_variant

        def noted(variant: Variant, seed: int, part: Part = WHOLE) -> Trial:
            tried.append((variant.name, part.checks, part.cells is None))
            return try_variant(variant, seed, part)

        opened.try_variant = noted  # type: ignore[method-assign]
        (found,) = [one for one in Examination(opened).variants(12) if one.name == "by_chance"]
    assert found.problems == ()
    asked = [checks for name, checks, whole in tried if name == "by_chance" and not whole]
    assert asked.count(("counts_steps", "counts_many")) > 1  # under the first seed, and where the quick one was passed
    assert not any(whole for name, _, whole in tried if name == "by_chance")


def test_a_check_that_breaks_and_points_that_rest_on_reports_fail_the_audit(slots: Slots, tmp_path: Path) -> None:
    checks = CHECKS.replace('@check(cell="clamp-tests"', '@check(cell="clamp-tests", evidence="reported"').replace(
        '@check(cell="share-tests")', '@check(cell="share-tests", evidence="reported")'
    )
    checks = checks.replace("    number = int(", "    1 / 0\n    number = int(")
    audit = audited(make_course(tmp_path, checks=checks), slots, Plan(seeds=1, mutants=False))
    assert "check counts_steps of count-tests could not judge: ZeroDivisionError: division by zero" in audit.problems
    assert any("rest on what the student's process reports, received 4 of 5" in problem for problem in audit.problems)
    reference = audit.variants[0]
    assert reference.fractions["count-tests"] is None


def test_a_lab_without_variants_fails_the_audit(slots: Slots, tmp_path: Path) -> None:
    audit = audited(make_course(tmp_path, variants="# None yet\n"), slots, Plan(seeds=1, mutants=False))
    (problem,) = audit.problems
    assert problem.endswith("found 0 and 0: without them nothing shows that the checks grade right")


def test_a_cut_runs_the_cells_that_a_tests_cell_rests_on_and_no_others(slots: Slots, tmp_path: Path) -> None:
    with laboratory(make_course(tmp_path), slots) as opened:
        examination = Examination(opened)
        wrong = next(one for one in examination.wrong if one.name == "halves_it")
        part = Part(checks=("keeps_what_lies_between",))
        trial = examination.cut(wrong, 0, ["clamp-tests"], part)
        assert trial is not None
        assert set(trial.cell_seconds) == {"clamp", "clamp-tests"}
        assert [check.name for check in trial.results["clamp-tests"].checks] == ["keeps_what_lies_between"]
        assert trial.fraction("clamp-tests") == 0.0


def test_a_cut_that_the_reference_does_not_bear_is_not_made(slots: Slots, tmp_path: Path) -> None:
    # reading names misses `LOW`
    lab = LAB.replace("max(value, 0.0)", 'max(value, globals()["LOW"])').replace(
        '# %% solution="clamp"', '# %% text="low"\nLOW = 0.0\n\n# %% solution="clamp"'
    )
    runs: list[str] = []
    with laboratory(make_course(tmp_path, files={"lab.py": lab}), slots) as opened:
        examination = Examination(opened, runs.append)
        right = next(one for one in examination.right if one.name == "sorts")
        assert examination.cut(right, 0, ["clamp-tests"], Part()) is None
    assert runs == ["reference, seed 0", "reference, seed 0"]  # whole, and cut; the other one was not tried


def test_in_haste_what_is_quick_is_asked_first_and_no_more_than_is_needed(slots: Slots, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    checks = CHECKS.replace(
        '    expect_close(student.call("clamp", 7.5)',
        f"    time.sleep(0.3)\n    with open({str(asked)!r}, 'a') as file:\n        file.write('.')\n"
        '    expect_close(student.call("clamp", 7.5)',
    ).replace("from autograder", "import time\n\nfrom autograder", 1)
    variants = VARIANTS.replace("def leaves_it_large", "def _leaves_it_large")
    runs: list[str] = []
    with laboratory(make_course(tmp_path / "course", checks=checks, variants=variants), slots) as opened:
        examination = Examination(opened, runs.append, hasty=True)
        found = {one.name: one for one in examination.variants(1)}
    assert not any(one.problems for one in found.values())
    assert found["halves_it"].fractions == {"clamp-tests": 0.0, "share-tests": 0.0}
    assert runs.count("halves_it, seed 0") == 2  # what rests on `clamp` alone, then what rests on `share`
    asks = [name for name in found if name not in ("untouched", "counts_one_more", "halves_it")]
    assert asked.read_text() == "." * (len(asks) + 1)  # whole; and of the reference, cut


def test_in_haste_a_long_training_is_left_out_where_something_quick_fails(slots: Slots, tmp_path: Path) -> None:
    lab = LAB.replace('# %% text="use"\n', '# %% text="use"\nimport time\n\ntime.sleep(2)\n')
    runs: list[str] = []
    with laboratory(make_course(tmp_path, files={"lab.py": lab}), slots) as opened:
        examination = Examination(opened, runs.append, hasty=True)
        found = {one.name: one for one in examination.variants(1)}
    assert not any(one.problems for one in found.values())
    assert found["halves_it"].fractions == {"clamp-tests": 0.0}
    assert runs.count("halves_it, seed 0") == 1


def test_a_cut_is_not_believed_where_the_cell_fails_that_gives_a_name_its_last_meaning(
    slots: Slots, tmp_path: Path
) -> None:
    start = '# %% text="start"\nif __name__ == "__main__":\n    share = 0.95\n\n'
    files = {"lab.py": LAB.replace('# %% text="use"', start + '# %% text="use"')}
    variants = VARIANTS + (
        '\n\n@wrong(loses=["share-tests"])\ndef raises() -> dict[str, str]:\n    """Fails."""\n'
        '    return {"clamp": "def clamp(value):\\n    raise ValueError\\n"}\n'
    )
    with laboratory(make_course(tmp_path, variants=variants, files=files), slots) as opened:
        runs: list[str] = []
        examination = Examination(opened, runs.append)
        part = Part(checks=("shares_enough",))
        for name, believed in (("halves_it", True), ("raises", False)):
            wrong = next(one for one in examination.wrong if one.name == name)
            trial = examination.cut(wrong, 0, ["share-tests"], part)
            assert (trial is not None) == believed
            assert trial is None or set(trial.cell_seconds) == {"imports", "clamp", "use", "share-tests"}
        # `share` is 0.95 still, which the cut could not know
        raises = next(one for one in examination.wrong if one.name == "raises")
        assert examination.run(raises, 0).fraction("share-tests") == 1.0
        # and under another seed it is not tried again
        assert examination.cut(raises, 1, ["share-tests"], part) is None
        assert "raises, seed 1" not in runs


def test_the_same_submission_gets_the_same_marks_alone_and_side_by_side(slots: Slots, tmp_path: Path) -> None:
    with laboratory(make_course(tmp_path), slots) as opened:
        assert problems_of_repeats(opened, 6) == ()


def test_marks_that_are_not_the_same_each_time_are_told(slots: Slots, tmp_path: Path) -> None:
    # what a checker draws from a generator that is not the check's own
    checks = CHECKS.replace('"""Checks."""\n', '"""Checks."""\n\nimport secrets\n').replace(
        'expect_number(student.value("share"), "`share`")', "0.6 + 0.2 * secrets.randbelow(10**6) / 10**6"
    )
    with laboratory(make_course(tmp_path, checks=checks), slots) as opened:
        problems = problems_of_repeats(opened, 4)
    said = "reference, seed 0: expected the same marks each time, received 4 different ones in 4 runs: ..."
    assert any(one.startswith(said) for one in problems), problems
    assert any("the same measured values" in problem for problem in problems)


def test_calibration_collects_what_right_and_wrong_solutions_reach(slots: Slots, tmp_path: Path) -> None:
    with laboratory(make_course(tmp_path), slots) as opened:
        (found,) = measure(Examination(opened), 6)
    assert (found.check, found.cell, found.what, found.zero_at, found.full_at) == (
        *("shares_enough", "share-tests", "a share"),
        *(0.5, 0.85),
    )
    assert set(found.right) == {"reference", "sorts"}
    assert set(found.wrong) == {"halves_it"}
    assert len(found.right["reference"]) == 6
    assert len(set(found.right["reference"])) == 6  # each seed draws another share
    assert all(0.9 <= value <= 0.95 for value in found.all_right)
    assert all(value < 0.5 for value in found.wrong["halves_it"])
    proposal = propose(found)
    assert proposal.zero_at is not None
    assert 0 <= proposal.zero_at - max(found.wrong["halves_it"]) < 0.01
    assert proposal.full_at is not None
    assert 0.75 < proposal.full_at < 0.9

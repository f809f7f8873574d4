"""Generated mistakes: the reference's solution with one small change, of the kinds that people in this field make."""

from __future__ import annotations

import ast
import difflib
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from autograder.audit import mutants_arrays as arrays
from autograder.audit import mutants_layers as layers
from autograder.audit import mutants_training as training
from autograder.audit.mutant_nodes import Operator
from autograder.audit.variants import MARKERS
from autograder.authoring import Lab

OPERATORS: Mapping[str, Operator] = {
    "activation-dropped": layers.activation_dropped,
    "activation-swapped": layers.activation_swapped,
    "softmax-axis": layers.softmax_axis,
    "logits-flipped": layers.logits_flipped,
    "padding-changed": layers.padding_changed,
    "stride-changed": layers.stride_changed,
    "frozen-or-not": layers.frozen_or_not,
    "bias-missing": layers.bias_missing,
    "training-flag": layers.training_flag,
    "learning-rate": training.learning_rate,
    "labels-shifted": training.labels_shifted,
    "not-shuffled": training.not_shuffled,
    "sign-flipped": training.sign_flipped,
    "gradient-let-through": training.gradient_let_through,
    "gradient-cut": training.gradient_cut,
    "step-forgotten": training.step_forgotten,
    "off-by-one": arrays.off_by_one,
    "comparison-changed": arrays.comparison_changed,
    "mask-moved": arrays.mask_moved,
    "axis-wrong": arrays.axis_wrong,
    "reduction-wrong": arrays.reduction_wrong,
    "factor-missing": arrays.factor_missing,
    "function-missing": arrays.function_missing,
    "pair-swapped": arrays.pair_swapped,
    "condition-negated": arrays.condition_negated,
}
ID_DIGITS = 6


@dataclass(frozen=True)
class Mutant:
    """One generated mistake.

    Attributes:
        id: Its operator, its cell and a digest of the change: unrelated edits of the lab leave it as it is.
        operator: The kind of mistake.
        cell: The solution cell it is made in.
        line: The first line it changes, from 1, in the cell without solution markers.
        diff: The change.
        source: The whole cell with the mistake in it.
    """

    id: str
    operator: str
    cell: str
    line: int
    diff: str
    source: str


def make_mutants(lab: Lab) -> tuple[Mutant, ...]:
    """Every mistake the operators know for the lab's solution regions, in the order of the notebook.

    What is no Python, or no change, is left out; so is a change that an earlier operator has made.
    """
    return tuple(
        mutant
        for cell in lab.of_kind("solution")
        if cell.cell_type == "code"
        for mutant in _of_cell(str(cell.grade_id), cell.source)
    )


def choose(mutants: Sequence[Mutant], most: int) -> tuple[Mutant, ...]:
    """At most so many of them, operator by operator in turn; the same ones as long as these are there."""
    if len(mutants) <= most:
        return tuple(mutants)
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in sorted(mutants, key=lambda mutant: hashlib.sha256(mutant.id.encode()).digest()):
        by_operator.setdefault(mutant.operator, []).append(mutant)
    in_turn = (one for turn in itertools.zip_longest(*by_operator.values()) for one in turn if one is not None)
    chosen = {mutant.id for mutant in itertools.islice(in_turn, most)}
    return tuple(mutant for mutant in mutants if mutant.id in chosen)


def _of_cell(cell: str, marked: str) -> Iterator[Mutant]:
    source, solution = _without_markers(marked)
    module = cst.parse_module(source)
    seen = {ast.dump(ast.parse(source))}
    known: dict[str, int] = {}
    for node in _nodes(module):
        for name, operator in OPERATORS.items():
            for changed in operator(node):
                mutated = module.deep_replace(node, changed)
                assert isinstance(mutated, cst.Module)
                if (tree := _tree(mutated.code)) is None or tree in seen:
                    continue
                before, after, line = _changed_lines(source, mutated.code)
                if not set(range(line, line + len(before))) <= solution:
                    continue
                seen.add(tree)
                change = "\n".join([name, *(text.strip() for text in before), "->", *(text.strip() for text in after)])
                known[change] = known.get(change, 0) + 1  # the same line may stand there twice
                digest = hashlib.sha256(f"{change}\n{known[change]}".encode()).hexdigest()[:ID_DIGITS]
                diff = "\n".join([*(f"- {text}" for text in before), *(f"+ {text}" for text in after)])
                yield Mutant(f"{name}/{cell}/{digest}", name, cell, line, diff, mutated.code)


def _without_markers(marked: str) -> tuple[str, frozenset[int]]:
    """A cell as a student would hand it in, and the numbers of the lines of its solution regions."""
    kept: list[str] = []
    solution: set[int] = set()
    inside = False
    for line in marked.split("\n"):
        if line.strip() in MARKERS:
            inside = "BEGIN" in line
            continue
        kept.append(line)
        if inside:
            solution.add(len(kept))
    return "\n".join(kept), frozenset(solution)


def _nodes(module: cst.Module) -> Iterator[cst.CSTNode]:
    """Every node, outermost first, in the order of the text."""
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.children)


def _tree(source: str) -> str | None:
    try:
        return ast.dump(ast.parse(source))
    except (SyntaxError, ValueError):
        return None


def _changed_lines(source: str, mutated: str) -> tuple[list[str], list[str], int]:
    """The lines that differ, before and after, and the number of the first."""
    before, after = source.split("\n"), mutated.split("\n")
    blocks = [
        op for op in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if op[0] != "equal"
    ]
    first, last = blocks[0], blocks[-1]
    return before[first[1] : last[2]], after[first[3] : last[4]], first[1] + 1

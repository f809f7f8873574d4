"""Mistakes in the arithmetic of arrays: ends and masks off by one, axes, reductions, factors, guards, order."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from autograder.audit.mutant_nodes import (
    argument,
    called,
    code_of,
    enclosed,
    expression,
    number_of,
    positional,
    renamed,
    truth_of,
    with_argument,
    with_positional,
)

REDUCTIONS = {
    "mean": "sum",
    "sum": "mean",
    "max": "mean",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "any": "all",
    "all": "any",
    "reduce_mean": "reduce_sum",
    "reduce_sum": "reduce_mean",
}
NEIGHBOURS: dict[type[cst.BaseCompOp], cst.BaseCompOp] = {
    cst.LessThan: cst.LessThanEqual(),
    cst.LessThanEqual: cst.LessThan(),
    cst.GreaterThan: cst.GreaterThanEqual(),
    cst.GreaterThanEqual: cst.GreaterThan(),
}
OPPOSITES: dict[type[cst.BaseCompOp], cst.BaseCompOp] = {
    cst.LessThan: cst.GreaterThanEqual(),
    cst.LessThanEqual: cst.GreaterThan(),
    cst.GreaterThan: cst.LessThanEqual(),
    cst.GreaterThanEqual: cst.LessThan(),
    cst.Equal: cst.NotEqual(),
    cst.NotEqual: cst.Equal(),
}
FACTORS = re.compile(
    r"mask|done|momentum|decay|termin|discount|gamma|rate|scale|alpha|beta|weight|temperature|epsilon|noise"
    r"|^\(?1(\.0)? - "
)
REPETITIONS = re.compile("episode|epoch|iteration")
MANY = 10
GUARDS = frozenset(("clip", "maximum", "minimum", "max", "min", "sqrt", "log", "exp", "square", "abs", "absolute"))


def off_by_one(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """One too many or too few: in sums, ranges, slices and comparisons."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Subtract)):
        if number_of(node.right) == 1:
            yield enclosed(node.left)
        elif number_of(node.left) == 1 and isinstance(node.operator, cst.Add):
            yield enclosed(node.right)
    elif isinstance(node, cst.Call) and called(node) == "range" and positional(node):
        ends = positional(node)[:2]
        if _counts_repetitions(ends[-1]):
            return
        if len(ends) == 2:
            yield with_positional(node, 0, _moved(ends[0], 1))
        yield with_positional(node, len(ends) - 1, _moved(ends[-1], -1))
    elif isinstance(node, cst.Slice):
        if node.lower is not None:
            yield node.with_changes(lower=None if number_of(node.lower) == 1 else _moved(node.lower, 1))
        if node.upper is not None:
            yield node.with_changes(upper=None if number_of(node.upper) == -1 else _moved(node.upper, -1))


def comparison_changed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A bound on the wrong side of its comparison; the opposite, where chance decides or things are equal."""
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return
    (target,) = node.comparisons
    chance = "rand" in code_of(node) or "uniform" in code_of(node)
    other = (OPPOSITES if chance else {**OPPOSITES, **NEIGHBOURS}).get(type(target.operator))
    if other is not None:
        yield node.with_changes(comparisons=[target.with_changes(operator=other)])


def mask_moved(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A triangle with its diagonal where it should not be, or the other one; the two sides of a choice exchanged."""
    if not isinstance(node, cst.Call):
        return
    name = called(node)
    if name in ("tril", "triu", "tri"):
        yield with_argument(
            node, "k", None if argument(node, "k") is not None else expression("1" if name == "triu" else "-1")
        )
        if name != "tri":
            yield renamed(node, "triu" if name == "tril" else "tril")
    if name == "where" and len(positional(node)) == 3:
        condition, one, other = node.args
        yield node.with_changes(
            args=[condition, one.with_changes(value=other.value), other.with_changes(value=one.value)]
        )


def axis_wrong(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Another axis, or no transposition."""
    if isinstance(node, cst.Call):
        axis = argument(node, "axis")
        if (number := number_of(axis)) is not None and called(node) not in ("softmax", "log_softmax", "Softmax"):
            yield with_argument(
                node, "axis", expression({0: "1", 1: "0", -1: "-2"}.get(int(number), str(int(number) - 1)))
            )
        elif isinstance(axis, cst.Tuple) and len(axis.elements) > 1:
            yield with_argument(node, "axis", axis.elements[0].value)
        if truth_of(argument(node, "keepdims")) is True:
            yield with_argument(node, "keepdims", None)
        if called(node) in ("transpose", "swapaxes", "moveaxis", "matrix_transpose"):
            if isinstance(node.func, cst.Attribute) and code_of(node.func.value) not in (
                "np",
                "keras.ops",
                "ops",
                "tf",
            ):
                yield node.func.value
            elif positional(node):
                yield enclosed(positional(node)[0])
    if isinstance(node, cst.Attribute) and node.attr.value == "T":
        yield node.value
    if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Attribute) and node.value.attr.value == "shape":
        index = node.slice[0].slice
        place = number_of(index.value) if isinstance(index, cst.Index) else None
        if place is not None:
            other = expression({0: "1", -1: "-2"}.get(int(place), str(int(place) - 1)))
            yield node.with_changes(slice=[node.slice[0].with_changes(slice=cst.Index(other))])


def reduction_wrong(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A sum for a mean, a mean for a maximum, and the like."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and (other := REDUCTIONS.get(called(node))):
        yield renamed(node, other)


def factor_missing(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A quotient not divided, a power not taken, a factor (a mask, a rate, a scale) left out."""
    if not isinstance(node, cst.BinaryOperation):
        return
    if isinstance(node.operator, (cst.Divide, cst.Power)):
        yield enclosed(node.left)
    if isinstance(node.operator, cst.Multiply):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if FACTORS.search(code_of(one).lower()):
                yield enclosed(other)


def function_missing(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A value without its bound, root or logarithm."""
    if isinstance(node, cst.Call) and called(node) in GUARDS and positional(node):
        if called(node) in ("max", "min") and (isinstance(node.func, cst.Attribute) or len(positional(node)) != 2):
            return  # a reduction, no bound
        values = [value for value in positional(node)[:2] if number_of(value) is None]
        if values:
            yield enclosed(values[0])


def pair_swapped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Two things in the wrong order: the parts of a pair, what a function is given, the sides of a matrix product."""
    if isinstance(node, cst.Call) and len(node.args) == len(positional(node)) == 2:
        one, other = positional(node)
        if called(one) and called(one) == called(other) and not one.deep_equals(other):
            yield with_positional(with_positional(node, 0, other), 1, one)
    if isinstance(node, cst.Tuple) and len(node.elements) == 2:
        first, second = node.elements
        if not first.value.deep_equals(second.value):
            swapped = [first.with_changes(value=second.value), second.with_changes(value=first.value)]
            yield node.with_changes(elements=swapped)
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.MatrixMultiply):
        yield node.with_changes(left=enclosed(node.right), right=enclosed(node.left))


def condition_negated(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The other branch; one condition in place of both."""
    test = node.test if isinstance(node, (cst.If, cst.IfExp)) else None
    if test is not None and not isinstance(test, cst.Comparison) and code_of(test) != "training":
        yield node.with_changes(test=expression(f"not {code_of(enclosed(test))}"))
    if isinstance(node, cst.BooleanOperation):
        yield enclosed(node.left)


def _counts_repetitions(end: cst.BaseExpression) -> bool:
    """Whether a range ends where one more or less is no mistake: it counts how often training is repeated."""
    return (number_of(end) or 0) >= MANY or bool(REPETITIONS.search(code_of(end).lower()))


def _moved(node: cst.BaseExpression, step: int) -> cst.BaseExpression:
    """The expression one higher or lower."""
    if (number := number_of(node)) is not None:
        return expression(str(int(number) + step))
    return expression(f"{code_of(enclosed(node))} {'+' if step > 0 else '-'} 1")

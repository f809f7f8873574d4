"""Small words for writing operators: reading and rewriting nodes of a syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst

Operator = Callable[[cst.CSTNode], Iterator[cst.CSTNode]]
"""Yields, for a node it knows a mistake for, the nodes that may stand in its place."""


def expression(text: str) -> cst.BaseExpression:
    """The expression that `text` is."""
    return cst.parse_expression(text)


def code_of(node: cst.CSTNode) -> str:
    """The node as it is written."""
    return cst.Module(body=[]).code_for_node(node)


def enclosed(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression in parentheses, where it has any parts that could fall apart without."""
    if node.lpar or isinstance(node, (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.Integer, cst.Float)):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def called(node: cst.CSTNode) -> str:
    """The last part of the name that a call calls: `softmax` of `keras.ops.softmax(x)`; "" of anything else."""
    return last_name(node.func) if isinstance(node, cst.Call) else ""


def last_name(node: cst.CSTNode) -> str:
    """The last part of a dotted name: `bias` of `self.bias`; "" of what is no name."""
    if isinstance(node, cst.Name):
        return node.value
    return node.attr.value if isinstance(node, cst.Attribute) else ""


def renamed(call: cst.Call, name: str) -> cst.Call:
    """The call with the last part of what it calls replaced."""
    if isinstance(call.func, cst.Attribute):
        return call.with_changes(func=call.func.with_changes(attr=cst.Name(name)))
    return call.with_changes(func=cst.Name(name))


def argument(call: cst.Call, keyword: str) -> cst.BaseExpression | None:
    """The value of a keyword argument; None where it is not given."""
    return next((arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == keyword), None)


def positional(call: cst.Call) -> list[cst.BaseExpression]:
    """The values of its plain positional arguments."""
    return [arg.value for arg in call.args if arg.keyword is None and not arg.star]


def with_argument(call: cst.Call, keyword: str, value: cst.BaseExpression | None) -> cst.Call:
    """The call with that keyword argument; without it when `value` is None."""

    def is_it(arg: cst.Arg) -> bool:
        return arg.keyword is not None and arg.keyword.value == keyword

    if value is None:
        return with_arguments(call, [arg for arg in call.args if not is_it(arg)])
    if argument(call, keyword) is None:
        return with_arguments(call, [*call.args, _keyword(keyword, value)])
    return call.with_changes(args=[arg.with_changes(value=value) if is_it(arg) else arg for arg in call.args])


def with_positional(call: cst.Call, place: int, value: cst.BaseExpression) -> cst.Call:
    """The call with its positional argument at `place` replaced."""
    args = list(call.args)
    args[place] = args[place].with_changes(value=value)
    return call.with_changes(args=args)


def with_arguments(call: cst.Call, args: Sequence[cst.Arg]) -> cst.Call:
    """The call with other arguments, commas and all."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    spaced = [arg if isinstance(arg.comma, cst.Comma) else arg.with_changes(comma=comma) for arg in args[:-1]]
    return call.with_changes(args=[*spaced, *(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT) for arg in args[-1:])])


def text_of(node: cst.CSTNode | None) -> str:
    """The text of a plain string; "" of anything else."""
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else ""
    return value if isinstance(value, str) else ""


def number_of(node: cst.CSTNode | None) -> float | None:
    """The value of a number, negative ones too; None of anything else."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = number_of(node.expression)
        return None if inner is None else -inner
    return float(node.evaluated_value) if isinstance(node, (cst.Integer, cst.Float)) else None


def truth_of(node: cst.CSTNode | None) -> bool | None:
    """True or False where that is what stands there; None of anything else."""
    return {"True": True, "False": False}.get(node.value) if isinstance(node, cst.Name) else None


def string(text: str) -> cst.SimpleString:
    """A plain string."""
    return cst.SimpleString(f'"{text}"')


def _keyword(keyword: str, value: cst.BaseExpression) -> cst.Arg:
    equal = cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(keyword), equal=equal)

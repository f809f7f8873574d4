"""What stands between `{{` and `}}` in a quiz: arithmetic on the question's parameters, and nothing else.

Expressions are read with Python's own parser and computed here, node by node: no names but the parameters, no
attributes, no calls but the functions listed below.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

MOST_DIGITS = 40

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "exp": math.exp,
    "floor": math.floor,
    "len": len,
    "log": math.log,
    "max": max,
    "min": min,
    "round": round,
    "sqrt": math.sqrt,
    "sum": sum,
    "tanh": math.tanh,
}

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_PLACE = re.compile(r"\{\{\s*((?:(?!\}\}).)+?)\s*\}\}", re.DOTALL)


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression.

    Raises:
        ValueError: It is none, uses what is not there, or has no value.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        return _value(tree.body, values)
    except SyntaxError:
        raise ValueError(f"expected an arithmetic expression, found {expression!r}") from None
    except (ArithmeticError, TypeError, IndexError, RecursionError) as error:
        raise ValueError(f"expected {expression!r} to have a value, received {type(error).__name__}: {error}") from None


def fill(text: str, values: Mapping[str, Any]) -> str:
    """A text with its places between double braces filled in.

    Raises:
        ValueError: One of them has no value.
    """
    return _PLACE.sub(lambda match: written(evaluate(match[1], values)), text)


def fill_value(value: Any, values: Mapping[str, Any]) -> Any:
    """A value of the file with its places filled in; a text that is one place alone becomes what stands in it."""
    if isinstance(value, str):
        whole = _PLACE.fullmatch(value.strip())
        return evaluate(whole[1], values) if whole is not None else fill(value, values)
    if isinstance(value, (list, tuple)):
        return [fill_value(part, values) for part in value]
    if isinstance(value, dict):
        return {key: fill_value(part, values) for key, part in value.items()}
    return value


def names_in(value: Any) -> set[str]:
    """The names that the places in a value of the file use."""
    if isinstance(value, str):
        trees = []
        for match in _PLACE.finditer(value):
            try:
                trees.append(ast.parse(match[1].strip(), mode="eval"))
            except SyntaxError:
                continue  # said where it is evaluated
        return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if isinstance(value, dict):
        return set().union(*(names_in(part) for part in value.values()))
    if isinstance(value, (list, tuple)):
        return set().union(*(names_in(part) for part in value))
    return set()


def written(value: Any) -> str:
    """A value as a text shows it: at most six digits of a number that is not whole."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(written(part) for part in value)
    return str(value)


def _value(node: ast.AST, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            if name not in values:
                raise ValueError(f"expected a parameter ({', '.join(values) or 'there is none'}), found {name!r}")
            return values[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, values))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left, values), _value(right, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, values) for part in parts)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_value(part, values) for part in parts)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, values) else orelse, values)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_value(part, values) for part in parts]
        case ast.Subscript(value=inner, slice=index):
            return _value(inner, values)[_value(index, values)]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*(_value(part, values) for part in arguments))
        case _:
            raise ValueError(
                f"expected parameters, numbers, + - * / // % ** and {', '.join(FUNCTIONS)}, found {ast.unparse(node)!r}"
            )


def _power(base: float, exponent: float) -> Any:
    if isinstance(base, int) and abs(exponent) * len(str(abs(base))) > MOST_DIGITS:
        raise ValueError(f"expected a number of at most {MOST_DIGITS} digits, found {base} to the power {exponent}")
    return base**exponent

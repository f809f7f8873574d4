"""Mistakes in training: learning rates, labels, order, the gradient's sign and way, steps that are forgotten."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

import libcst as cst

from autograder.audit.mutant_nodes import (
    argument,
    called,
    code_of,
    enclosed,
    expression,
    last_name,
    number_of,
    positional,
    renamed,
    text_of,
    truth_of,
    with_argument,
    with_positional,
)

OPTIMIZERS = frozenset(("SGD", "Adam", "AdamW", "Adamax", "RMSprop", "Nadam", "Adagrad", "Lion", "Ftrl"))
DEFAULT_RATE = 0.001  # of Keras' adaptive optimisers
RATES = frozenset(("learning_rate", "lr", "step_size"))
LABELS = frozenset(("y", "labels", "targets", "y_true", "target", "label", "train_labels", "y_train", "next_tokens"))
CONFUSED = {"ones": "zeros", "zeros": "ones", "ones_like": "zeros_like", "zeros_like": "ones_like"}
SILENT = frozenset(("print", "show", "plot", "title", "figure", "xlabel", "ylabel", "legend", "summary"))


def learning_rate(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A learning rate of 0, and one a hundred times too large."""
    if isinstance(node, cst.Call):
        rate = number_of(argument(node, "learning_rate"))
        first = number_of(positional(node)[0]) if positional(node) else None
        if rate is not None:
            yield from (with_argument(node, "learning_rate", expression(wrong)) for wrong in _wrong_rates(rate))
        elif first is not None and _takes_a_rate(node):
            yield from (with_positional(node, 0, expression(wrong)) for wrong in _wrong_rates(first))
        elif called(node) in OPTIMIZERS and not node.args:
            rates = _wrong_rates(DEFAULT_RATE)
            yield from (with_argument(node, "learning_rate", expression(wrong)) for wrong in rates)
        if (name := text_of(argument(node, "optimizer"))) in ("adam", "sgd", "rmsprop"):
            kind = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}[name]
            for wrong in _wrong_rates(DEFAULT_RATE):
                yield with_argument(node, "optimizer", expression(f"keras.optimizers.{kind}({wrong})"))
    if isinstance(node, cst.Assign) and last_name(node.targets[0].target).lower() in RATES:
        rate = number_of(node.value)
        yield from (node.with_changes(value=expression(wrong)) for wrong in _wrong_rates(rate)) if rate else ()


def _takes_a_rate(call: cst.Call) -> bool:
    """Whether its first argument is a learning rate: an optimiser, or a schedule under whatever name."""
    return called(call) in OPTIMIZERS or called(call).endswith("Decay") or argument(call, "decay_steps") is not None


def _wrong_rates(rate: float) -> tuple[str, str]:
    return "0.0", f"{100 * rate:g}"


def labels_shifted(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Each example with its neighbour's label; ones for zeros, real for made up."""
    filled = called(node).endswith("_like") or (isinstance(node, cst.Call) and "ops." in code_of(node.func))
    if isinstance(node, cst.Call) and filled and (other := CONFUSED.get(called(node))):
        yield renamed(node, other)
    if not isinstance(node, cst.Call) or len(positional(node)) < 2:
        return
    name = called(node)
    if name in ("fit", "train_on_batch"):
        yield with_positional(node, 1, expression(f"np.roll({code_of(positional(node)[1])}, 1, axis=0)"))
    elif "loss" in name.lower() or name.lower().endswith("crossentropy"):
        for place, value in enumerate(positional(node)[:2]):
            if last_name(value) in LABELS:
                yield with_positional(node, place, expression(f"keras.ops.roll({code_of(value)}, 1, axis=0)"))


def not_shuffled(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The examples always in the same order."""
    if isinstance(node, cst.Call) and truth_of(argument(node, "shuffle")) is True:
        yield with_argument(node, "shuffle", cst.Name("False"))
    if called(node) == "permutation":
        yield expression(f"np.sort({code_of(node)})")
    if isinstance(node, cst.Call) and called(node) == "shuffle" and isinstance(node.func, cst.Attribute):
        whole = code_of(node.func.value)
        if whole not in ("random", "np.random", "rng", "generator", "self.rng"):  # these shuffle in place
            yield node.func.value


def sign_flipped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Plus for minus: up the gradient instead of down, a loss that is to be maximised."""
    if isinstance(node, cst.BinaryOperation) and 1 not in (number_of(node.left), number_of(node.right)):
        if any(_is_text_or_list(side) for side in (node.left, node.right)):
            return
        if isinstance(node.operator, cst.Add):
            yield node.with_changes(operator=_spaced(cst.Subtract()))
        elif isinstance(node.operator, cst.Subtract):
            yield node.with_changes(operator=_spaced(cst.Add()))
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus) and number_of(node) is None:
        yield enclosed(node.expression)
    if isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.AddAssign):
        yield node.with_changes(operator=cst.SubtractAssign())
    elif isinstance(node, cst.AugAssign) and isinstance(node.operator, cst.SubtractAssign):
        yield node.with_changes(operator=cst.AddAssign())


def gradient_let_through(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A gradient that is not stopped where it should be."""
    if isinstance(node, cst.Call) and called(node) == "stop_gradient" and positional(node):
        yield enclosed(positional(node)[0])
    if isinstance(node, cst.Call) and called(node) == "detach" and isinstance(node.func, cst.Attribute):
        yield node.func.value


def gradient_cut(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A gradient that is stopped: at what a layer returns, at a model on a tape, at one that feeds another."""
    if _calls_a_model(node) and isinstance(node, cst.Call):
        for place, value in enumerate(positional(node)[:1]):
            if _calls_a_model(value):
                yield with_positional(node, place, expression(f"keras.ops.stop_gradient({code_of(value)})"))
    if isinstance(node, cst.FunctionDef) and node.name.value == "call" and isinstance(node.body, cst.IndentedBlock):
        yield from _each_cut(node, cst.Return)
    if isinstance(node, cst.With) and "GradientTape" in code_of(node.items[0].item):
        yield from _each_cut(node, cst.Assign)


def _each_cut(block: cst.FunctionDef | cst.With, kind: type[cst.Return | cst.Assign]) -> Iterator[cst.CSTNode]:
    for line in block.body.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            value = statement.value if isinstance(statement, (cst.Return, cst.Assign)) else None
            if isinstance(statement, kind) and value is not None and (kind is cst.Return or _calls_a_model(value)):
                cut = expression(f"keras.ops.stop_gradient({code_of(value)})")
                changed = block.deep_replace(value, cut)
                if isinstance(changed, cst.CSTNode):
                    yield changed


def _calls_a_model(value: cst.CSTNode) -> bool:
    """Whether it calls something by a plain name that is no loss, no class and no function of Python's own."""
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Name):
        return False
    name = value.func.value
    return "loss" not in name and name.islower() and not hasattr(builtins, name)


def step_forgotten(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A step left out: a call whose result nobody takes, or an update in place."""
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1:
        return
    (statement,) = node.body
    call = statement.value if isinstance(statement, cst.Expr) else None
    if (isinstance(call, cst.Call) and called(call) not in SILENT) or isinstance(statement, cst.AugAssign):
        yield node.with_changes(body=[cst.Pass()])


def _is_text_or_list(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString, cst.List, cst.Tuple))


def _spaced(operator: cst.Add | cst.Subtract) -> cst.Add | cst.Subtract:
    space = cst.SimpleWhitespace(" ")
    return operator.with_changes(whitespace_before=space, whitespace_after=space)

"""Mistakes in how layers are put together and called: activations, logits, padding, strides, frozen parts, biases."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from autograder.audit.mutant_nodes import (
    argument,
    called,
    enclosed,
    expression,
    last_name,
    number_of,
    positional,
    renamed,
    string,
    text_of,
    truth_of,
    with_argument,
    with_arguments,
    with_positional,
)

ACTIVATIONS = frozenset(
    ("relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "swish", "softplus", "sigmoid", "tanh", "softmax")
)
ACTIVATION_LAYERS = frozenset(("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"))
SWAPPED = {"softmax": "sigmoid", "sigmoid": "tanh", "tanh": "sigmoid"}
# A hidden layer may have any activation; one that bounds the output is part of the contract.
PADDINGS = {"same": "valid", "valid": "same", "causal": "same"}
WITH_WEIGHTS = frozenset(
    (
        *("Dense", "Embedding", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"),
        *("SimpleRNN", "LSTM", "GRU", "BatchNormalization", "LayerNormalization", "MultiHeadAttention", "EinsumDense"),
        "add_weight",
    )
)


def activation_dropped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A layer, or a value, without its activation."""
    if not isinstance(node, cst.Call):
        return
    for keyword in ("activation", "recurrent_activation"):
        if text_of(argument(node, keyword)) not in ("", "linear"):
            yield with_argument(node, keyword, cst.Name("None"))
    if called(node) in ACTIVATIONS and positional(node):
        yield enclosed(positional(node)[0])
    if called(node) in ACTIVATION_LAYERS:
        yield with_arguments(renamed(node, "Identity"), [])
    if called(node) == "Activation" and positional(node):
        yield with_positional(node, 0, string("linear"))


def activation_swapped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Another activation, where it bounds what comes out: sigmoid for softmax, tanh for sigmoid, sigmoid for tanh."""
    if not isinstance(node, cst.Call):
        return
    for keyword in ("activation", "recurrent_activation"):
        if other := SWAPPED.get(text_of(argument(node, keyword))):
            yield with_argument(node, keyword, string(other))
    if called(node) == "Activation" and positional(node) and (other := SWAPPED.get(text_of(positional(node)[0]))):
        yield with_positional(node, 0, string(other))
    if (other := SWAPPED.get(called(node))) and positional(node):
        yield with_arguments(renamed(node, other), node.args[:1])


def softmax_axis(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A softmax over another axis."""
    if not isinstance(node, cst.Call) or called(node) not in ("softmax", "log_softmax", "Softmax"):
        return
    axis = number_of(argument(node, "axis"))
    yield with_argument(node, "axis", expression("0" if axis is not None and axis > 0 else "-2"))


def logits_flipped(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Logits taken for probabilities, or probabilities for logits."""
    if not isinstance(node, cst.Call):
        return
    flag = truth_of(argument(node, "from_logits"))
    if flag is not None:
        yield with_argument(node, "from_logits", cst.Name(str(not flag)))
    elif called(node).endswith(("Crossentropy", "_crossentropy")) and argument(node, "from_logits") is None:
        yield with_argument(node, "from_logits", cst.Name("True"))
    loss = text_of(argument(node, "loss"))
    if loss.endswith("_crossentropy"):
        name = "".join(part.capitalize() for part in loss.split("_"))
        yield with_argument(node, "loss", expression(f"keras.losses.{name}(from_logits=True)"))


def padding_changed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Another padding, or none."""
    if not isinstance(node, cst.Call):
        return
    if other := PADDINGS.get(text_of(argument(node, "padding"))):
        yield with_argument(node, "padding", string(other))
    if called(node) in ("pad", "pad_sequences") and positional(node):
        yield enclosed(positional(node)[0])


def stride_changed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Strides of 1 where there are others, of 2 where there are none, or not passed on; a slice without its step."""
    if isinstance(node, cst.Slice) and node.step is not None and number_of(node.step) != -1:
        yield node.with_changes(step=None, second_colon=cst.MaybeSentinel.DEFAULT)
    if isinstance(node, cst.Call) and (strides := argument(node, "strides")) is not None:
        if number_of(strides) == 1:
            yield with_argument(node, "strides", expression("2"))
        elif number_of(strides) is not None or isinstance(strides, cst.Tuple):
            yield with_argument(node, "strides", expression("1"))
        else:
            yield with_argument(node, "strides", None)


def frozen_or_not(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A layer or weight frozen that should learn, or left to learn that should be frozen."""
    if isinstance(node, cst.Call):
        flag = truth_of(argument(node, "trainable"))
        if flag is not None:
            yield with_argument(node, "trainable", cst.Name(str(not flag)))
        elif called(node) in WITH_WEIGHTS and argument(node, "trainable") is None:
            yield with_argument(node, "trainable", cst.Name("False"))
    if isinstance(node, cst.Assign) and last_name(node.targets[0].target) == "trainable":
        flag = truth_of(node.value)
        yield node.with_changes(value=cst.Name(str(not flag)) if flag is not None else cst.Name("True"))


def bias_missing(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A sum without its bias, or a layer told to have none."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            name = last_name(one.value if isinstance(one, cst.Subscript) else one).lower()
            if "bias" in name or name in ("b", "beta") or (name[:1] == "b" and name[1:].strip("_").isdigit()):
                yield enclosed(other)
    if isinstance(node, cst.Call) and truth_of(argument(node, "use_bias")) is not None:
        yield with_argument(node, "use_bias", cst.Name(str(not truth_of(argument(node, "use_bias")))))


def training_flag(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The training flag wrong, or not passed on."""
    if isinstance(node, cst.Call) and (flag := argument(node, "training")) is not None:
        if truth_of(flag) is not None:
            yield with_argument(node, "training", cst.Name(str(not truth_of(flag))))
        else:
            yield with_argument(node, "training", cst.Name("False"))
            yield with_argument(node, "training", cst.Name("True"))
    if isinstance(node, (cst.If, cst.IfExp)) and last_name(node.test) == "training":
        yield node.with_changes(test=expression("not training"))

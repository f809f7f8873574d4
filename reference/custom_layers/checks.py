"""Hidden checks of `custom_layers`: run outside the sandbox, with images and answers that never enter it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.checks import (
    Failure,
    Layer,
    Model,
    Student,
    accuracy,
    check,
    confusion_figure,
    confusion_matrix,
    expect_batch_independent,
    expect_close,
    expect_dtype,
    expect_frequencies,
    expect_gradients_close,
    expect_gradients_reach_every_weight,
    expect_layer,
    expect_model,
    expect_no_use_of,
    expect_output_shape,
    expect_overfits,
    expect_probabilities,
    expect_same_after_saving,
    expect_same_from_config,
    expect_shape,
    expect_share,
    expect_weight_shapes,
    hidden_data,
    predicted_classes,
)

DIGITS = hidden_data(Path(__file__).parent / "data" / "hidden.npz", "images", "labels")

# What each cell is there to write; behaviour cannot tell a layer from a wrapper around Keras's own.
DENSE_LAYERS = ("Dense", "EinsumDense")
DROPOUT_LAYERS = ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D", "dropout")
NORMALISATION_LAYERS = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "Normalization")


# The right answers. Tests in tests/course hold them against Keras's own layers.


def bent(z: np.ndarray, activation: str | None) -> tuple[np.ndarray, np.ndarray]:
    """The activation of z, and its derivative there."""
    if activation == "relu":
        return np.maximum(z, 0.0), (z > 0).astype(z.dtype)
    if activation == "tanh":
        return np.tanh(z), 1 - np.tanh(z) ** 2
    if activation == "sigmoid":
        y = 1 / (1 + np.exp(-z))
        return y, y * (1 - y)
    return z, np.ones_like(z)


def dense_of(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, activation: str | None = None) -> np.ndarray:
    """What `MyDense` should return."""
    return bent(np.tensordot(x, kernel, axes=1) + bias, activation)[0]


def dense_gradients_of(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, cotangent: np.ndarray, activation: str | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of sum(output * cotangent) for the input, the kernel and the bias."""
    upstream = cotangent * bent(np.tensordot(x, kernel, axes=1) + bias, activation)[1]
    rows, upstream_rows = x.reshape(-1, x.shape[-1]), upstream.reshape(-1, upstream.shape[-1])
    return upstream @ kernel.T, rows.T @ upstream_rows, upstream_rows.sum(axis=0)


def batch_mean_of(x: np.ndarray) -> np.ndarray:
    """The mean of each feature over all axes but the last."""
    return x.reshape(-1, x.shape[-1]).mean(axis=0)


# 1. MyDense


@check(cell="dense-output-tests", weight=2)
def dense_computes_its_formula(student: Student) -> None:
    """`MyDense` gives activation(x W + b) for the weights it has, over the last axis of inputs of any rank."""
    for shape, units, activation in (
        ((5, 3), 4, None),
        ((7, 6), 2, "relu"),
        ((2, 5, 4), 3, "tanh"),
        ((2, 3, 2, 5), 1, "sigmoid"),
    ):
        layer, kernel, bias = dense_with_weights(student, shape[-1], units, activation)
        x = normal(student, shape)
        what = f"MyDense({units}, activation={activation!r}) of inputs of shape {shape}"
        expect_close(layer(x), dense_of(x, kernel, bias, activation), what, hint="First x W, then + b, then bend.")


@check(cell="dense-output-tests", weight=2)
def dense_passes_the_right_gradients(student: Student) -> None:
    """The gradients for the input, the kernel and the bias are those of the formula."""
    for shape, units, activation in (((6, 4), 3, None), ((5, 3), 4, "tanh"), ((2, 4, 3), 2, "relu")):
        layer, kernel, bias = dense_with_weights(student, shape[-1], units, activation)
        x, cotangent = normal(student, shape), normal(student, (*shape[:-1], units))
        found = layer.gradients_of(x, cotangent)
        # told apart by their shape: what they are called is another check's business
        by_rank = {np.ndim(one): one for one in found.weights.values() if one is not None}
        for_x, for_kernel, for_bias = dense_gradients_of(x, kernel, bias, cotangent, activation)
        what = f"the gradient of MyDense({units}, activation={activation!r})"
        hint = "Everything between input and output has to be keras.ops, so that it can be differentiated."
        expect_gradients_close(found.inputs, [for_x], what, hint=hint)
        received_weights = {"kernel": by_rank.get(2), "bias": by_rank.get(1)}
        expect_gradients_close(received_weights, {"kernel": for_kernel, "bias": for_bias}, what, hint=hint)


@check(cell="dense-weights-tests", evidence="reported")
def dense_builds_when_it_sees_an_input(student: Student) -> None:
    """`MyDense` has no weights before its first input, and then a kernel and a bias that fit that input."""
    for features, units in ((3, 4), (7, 2)):
        layer = dense(student, units)
        if early := layer.weights():
            raise Failure(
                f"expected MyDense({units}) to have no weights before its first input, received {len(early)}",
                "How large the kernel is depends on the input: make it in `build`.",
            )
        layer(normal(student, (2, features)))
        expect_weight_shapes(layer, [(features, units), (units,)], f"MyDense({units}) for {features} features")


@check(cell="dense-weights-tests", evidence="reported")
def dense_makes_its_weights_once(student: Student) -> None:
    """Further calls, with batches of other sizes, use the same two weights, and leave them as they are."""
    layer = dense(student, 3)
    x = normal(student, (4, 5))
    first, before = layer(x), layer.weights()
    for rows in (1, 6, 4):
        layer(normal(student, (rows, 5)), training=True)
    expect_close(layer(x), first, "what MyDense gives for the same input, asked once more", hint=ONCE)
    after = layer.weights()
    if [weight.path for weight in before] != [weight.path for weight in after]:
        raise Failure(f"expected the same {len(before)} weights after more calls, received {len(after)}", ONCE)
    for one, other in zip(before, after, strict=True):
        expect_close(other.value, one.value, f"the weight {one.path[:60]} after more calls", hint=ONCE)


@check(cell="dense-weights-tests", weight=0.5, evidence="reported")
def dense_names_its_weights(student: Student) -> None:
    """The weights are called "kernel" and "bias"."""
    layer = dense(student, 3)
    layer(normal(student, (2, 5)))
    expect_weight_shapes(layer, {"kernel": (5, 3), "bias": (3,)}, "MyDense(3) for 5 features")


@check(cell="dense-weights-tests")
def dense_starts_random_and_small(student: Student) -> None:
    """A new layer's units differ from each other, its outputs are about as large as its inputs, its bias is zero."""
    one, other = dense(student, 80), dense(student, 80)
    x = normal(student, (200, 120))
    outputs = expect_shape(one(x), (200, 80), "what a new MyDense(80) gives")
    expect_close(one(np.zeros((1, 120), dtype="float32")), np.zeros((1, 80)), "what a new MyDense gives for zeros")
    hint = '`initializer="glorot_uniform"` gives a kernel of the right size for any number of inputs and units.'
    if np.allclose(outputs, outputs[:, :1]):
        raise Failure("expected the units of a new MyDense(80) to differ from each other, received 80 alike", hint)
    if np.allclose(outputs, other(x)):
        raise Failure("expected two new layers to start from different weights, received the same twice", hint)
    if not 0.1 < outputs.std() < 5:
        raise Failure(
            "expected a new MyDense(80) to map 120 numbers of size 1 to numbers between 0.1 and 5 in size, "
            f"received {outputs.std():.3g}",
            hint,
        )


ONCE = "Make the weights in `build`, once, and keep them in `self`; `call` only uses them."


def dense(student: Student, units: int, **arguments: object) -> Layer:
    """Have a `MyDense` made."""
    expect_own_work(student, "my-dense", DENSE_LAYERS)
    return expect_layer(student.call("MyDense", units, **arguments), f"MyDense({units})")


def dense_with_weights(
    student: Student, features: int, units: int, activation: str | None, dtype: str = "float32"
) -> tuple[Layer, np.ndarray, np.ndarray]:
    """Have a `MyDense` made and built, and give it random weights; the layer, its kernel and its bias."""
    policy = {} if dtype == "float32" else {"dtype": dtype}
    layer = dense(student, units, activation=activation, **policy)
    layer(np.zeros((1, features), dtype=dtype))
    expect_weight_shapes(layer, [(features, units), (units,)], f"MyDense({units}) for {features} features")
    kernel, bias = normal(student, (features, units), dtype), normal(student, (units,), dtype)
    layer.set_weights([kernel if np.ndim(weight.value) == 2 else bias for weight in layer.weights()])
    return layer, kernel, bias


def normal(student: Student, shape: tuple[int, ...], dtype: str = "float32") -> np.ndarray:
    """Draw numbers around 0, of size 1."""
    return student.rng.normal(size=shape).astype(dtype)


def expect_own_work(student: Student, cell: str, names: tuple[str, ...]) -> None:
    """Expect that a layer is written and not borrowed; no check of its own, for an empty cell borrows nothing."""
    expect_no_use_of(
        student.sources,
        names,
        f"`{cell}`",
        cells=[cell],
        follow=False,  # what the network is made of is asked about in questions of its own
        hint="Here that layer is what you write; keras.ops is enough.",
    )


# 2. MyDropout


@check(cell="dropout-tests", weight=2)
def dropout_drops_the_stated_share(student: Student) -> None:
    """In training, a number is 0 with probability `rate` and divided by 1 - rate otherwise, for any rate."""
    for rate in (0.1, 0.3, 0.75):
        x = student.rng.uniform(1, 2, size=(60, 50)).astype("float32")
        expect_dropped(dropout(student, rate)(x, training=True), x, rate, f"MyDropout({rate}) in training")


@check(cell="dropout-tests")
def dropout_decides_for_each_number_alone(student: Student) -> None:
    """Whether a number is dropped says nothing about its neighbours: in its row, its column or the next example."""
    layer = dropout(student, 0.5)
    ones = np.ones((16, 18, 20), dtype="float32")
    dropped = expect_shape(layer(ones, training=True), ones.shape, "what MyDropout(0.5) gives") == 0
    for axis, name in enumerate(("examples", "rows", "numbers of a row")):
        # Of fair coins side by side, two agree as often as not, and one pair says nothing about the next.
        agree = np.diff(dropped, axis=axis) == 0
        hint = "Draw as many numbers as the whole input has: `keras.ops.shape(inputs)`."
        expect_frequencies(
            agree, [0.5, 0.5], f"whether neighbouring {name} are dropped together (1) or not (0)", hint=hint
        )


@check(cell="dropout-tests")
def dropout_draws_anew_at_every_call(student: Student) -> None:
    """Each call in training makes a draw of its own."""
    layer = dropout(student, 0.5)
    ones = np.ones((50, 40), dtype="float32")
    draws = [expect_shape(layer(ones, training=True), ones.shape, "what MyDropout(0.5) gives") == 0 for _ in range(3)]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        hint = "Is the draw made in `call`, with a generator that moves on (and not with a fixed seed)?"
        agree = draws[one] == draws[other]
        expect_frequencies(agree, [0.5, 0.5], "whether two calls treat a number alike (1) or not (0)", hint=hint)


@check(cell="dropout-tests", evidence="reported")
def dropout_draws_anew_in_fit(student: Student) -> None:
    """Inside `fit`, where a call is recorded once and repeated, each step makes a draw of its own too."""
    model = dropout(student, 0.5).as_model((40,))
    x = student.rng.uniform(1, 2, size=(25, 40)).astype("float32")
    # the loss of a step is the mean square of the layer's outputs: it shows the draw
    losses = model.fit(x, np.zeros_like(x), epochs=4, batch_size=25, optimizer="sgd", loss="mse", shuffle=False)["loss"]
    if len(set(losses)) < 4:
        raise Failure(
            f"expected another draw in each of 4 steps of `fit`, received mean squares {np.round(losses, 4).tolist()}",
            "NumPy draws once, when `fit` records the call. `keras.random` draws at every step.",
        )


@check(cell="dropout-tests")
def dropout_rests_outside_of_training(student: Student) -> None:
    """Outside of training, and at a rate of 0, the output is exactly the input."""
    layer = dropout(student, 0.4)
    x = normal(student, (6, 5, 4))
    in_use = "`call` is told by its argument `training` which situation it is in."
    expect_close(layer(x), x, "what MyDropout(0.4) gives with training=False", rtol=0, atol=0, hint=in_use)
    predicted = layer.as_model((5, 4)).predict(x)
    expect_close(predicted, x, "what a model of MyDropout(0.4) predicts", rtol=0, atol=0, hint=in_use)
    expect_close(dropout(student, 0.0)(x, training=True), x, "what MyDropout(0.0) gives in training")


@check(cell="dropout-tests")
def dropout_lets_the_gradient_through_where_it_keeps(student: Student) -> None:
    """The gradient is 0 for what was dropped and 1 / (1 - rate) for what was kept."""
    ones = np.ones((60, 50), dtype="float32")
    (gradient,) = dropout(student, 0.3).gradients_of(ones, ones, training=True).inputs
    if gradient is None:
        raise Failure("expected a gradient for the input of MyDropout(0.3), received none", "Multiply; do not round.")
    expect_dropped(gradient, ones, 0.3, "the gradient of MyDropout(0.3)")


def dropout(student: Student, rate: float, **arguments: object) -> Layer:
    """Have a `MyDropout` made."""
    expect_own_work(student, "my-dropout", DROPOUT_LAYERS)
    return expect_layer(student.call("MyDropout", rate, **arguments), f"MyDropout({rate})")


def expect_dropped(outputs: object, x: np.ndarray, rate: float, what: str) -> None:
    """Expect numbers of x (none of them 0) divided by 1 - rate, with zeros among them as often as `rate` says."""
    numbers = expect_shape(outputs, x.shape, what)
    dropped = numbers == 0
    expect_close(
        np.asarray(outputs)[~dropped],
        (x / (1 - rate))[~dropped],
        f"what is left of the input by {what}",
        hint="What is kept is divided by the probability to be kept, 1 - rate.",
    )
    hint = "`rate` is the probability that a number is dropped."
    expect_frequencies(dropped, [1 - rate, rate], f"whether a number is dropped (1) or kept (0) by {what}", hint=hint)


# 3. RunningMean


@check(cell="running-mean-tests", weight=2)
def running_mean_follows_its_formula(student: Student) -> None:
    """After each batch in training, the layer subtracts momentum * mean + (1 - momentum) * batch mean when in use."""
    for shape, momentum in (((6, 3), 0.9), ((4, 5, 2), 0.3), ((2, 3, 4, 3), 0.75)):
        layer, mean = running_mean(student, momentum), np.zeros(shape[-1])
        asked = normal(student, shape)
        what = f"RunningMean({momentum}) for inputs of shape {shape}"
        expect_close(layer(asked), asked, f"what a new {what} gives", hint="Its mean starts at zero.")
        for step in range(1, 4):
            batch = normal(student, shape) + 2.0
            layer(batch, training=True)
            mean = momentum * mean + (1 - momentum) * batch_mean_of(batch)
            hint = "The mean of a batch goes over all axes but the last; momentum is the weight of the old mean."
            expect_close(layer(asked), asked - mean, f"what {what} gives after {step} batches", hint=hint)


@check(cell="running-mean-tests")
def running_mean_centres_each_batch_in_training(student: Student) -> None:
    """In training, each batch loses its own mean, whatever the layer has seen before."""
    for shape in ((6, 3), (4, 5, 2), (2, 3, 4, 3)):
        layer = running_mean(student, 0.6)
        for _ in range(2):
            batch = 3 * normal(student, shape) + 1.0
            hint = "In training it is the batch's own mean that is subtracted, not the running one."
            what = f"what RunningMean gives in training for a batch of shape {shape}"
            expect_close(layer(batch, training=True), batch - batch_mean_of(batch), what, hint=hint)


@check(cell="running-mean-tests")
def running_mean_lets_the_gradient_through_the_batch_mean(student: Student) -> None:
    """In training the gradient takes the mean into account; in use the mean is a constant."""
    layer = running_mean(student, 0.9)
    x, cotangent = normal(student, (7, 3)), normal(student, (7, 3))
    in_training = layer.gradients_of(x, cotangent, training=True).inputs
    what = "the gradient of RunningMean"
    expect_gradients_close(in_training, [cotangent - cotangent.mean(axis=0)], f"{what} in training")
    expect_gradients_close(layer.gradients_of(x, cotangent).inputs, [cotangent], f"{what} in use")


@check(cell="running-mean-tests")
def running_mean_learns_nothing_in_use(student: Student) -> None:
    """In use the answer for an example depends on no other example, and asking changes nothing."""
    layer = running_mean(student, 0.5)
    layer(normal(student, (8, 4)) + 1.0, training=True)
    asked = normal(student, (5, 4))
    expect_batch_independent(layer, asked, "what RunningMean gives in use")
    first = layer(asked)
    for _ in range(3):
        layer(10 * normal(student, (5, 4)))
    hint = "Only a call with training=True may change the mean."
    expect_close(layer(asked), first, "what RunningMean gives in use, asked again", hint=hint)


@check(cell="running-mean-tests")
def running_mean_moves_in_fit(student: Student) -> None:
    """Inside `fit`, where a call is recorded once and repeated, the mean moves at each step."""
    model = running_mean(student, 0.5).as_model((4,))
    x = normal(student, (10, 4)) + 2.0
    model.fit(x, np.zeros_like(x), epochs=3, batch_size=10, optimizer="sgd", learning_rate=0.1, loss="mse")
    hint = "A Python attribute does not change inside `fit`; a weight does, by `assign`."
    expected = x - (1 - 0.5**3) * batch_mean_of(x)
    expect_close(model.predict(x), expected, "what RunningMean(0.5) gives after three steps of `fit`", hint=hint)


@check(cell="running-mean-tests", weight=0.5, evidence="reported")
def running_mean_is_a_weight_that_is_not_trained(student: Student) -> None:
    """The mean is the layer's one weight, called "mean"; gradient descent leaves it alone."""
    layer = running_mean(student, 0.9)
    layer(normal(student, (5, 3)))
    expect_weight_shapes(layer, {"mean": (3,)}, "RunningMean")
    expect_weight_shapes(layer, {}, "the weights of RunningMean that training changes", trainable=True)


def running_mean(student: Student, momentum: float, **arguments: object) -> Layer:
    """Have a `RunningMean` made."""
    expect_own_work(student, "running-mean", NORMALISATION_LAYERS)
    layer = student.call("RunningMean", momentum=momentum, **arguments)
    return expect_layer(layer, f"RunningMean(momentum={momentum})")


# 4. Configuration and number formats


@check(cell="config-tests")
def dense_comes_back_from_its_configuration(student: Student) -> None:
    """`MyDense` made from its configuration computes the same, its activation included."""
    for activation in ("tanh", "relu", None):
        layer, *_ = dense_with_weights(student, 5, 3, activation)
        expect_same_from_config(layer, normal(student, (6, 5)), f"MyDense(3, activation={activation!r})")


@check(cell="config-tests")
def dropout_comes_back_from_its_configuration(student: Student) -> None:
    """`MyDropout` made from its configuration drops as much."""
    x = np.ones((60, 50), dtype="float32")
    made = dropout(student, 0.8).from_config()
    expect_dropped(made(x, training=True), x, 0.8, "MyDropout(0.8) made from its configuration")


@check(cell="config-tests")
def running_mean_comes_back_from_its_configuration(student: Student) -> None:
    """`RunningMean` made from its configuration remembers at the same pace."""
    made, batch = running_mean(student, 0.25).from_config(), normal(student, (6, 3)) + 1.0
    made(batch, training=True)
    what = "what RunningMean(0.25), made from its configuration, gives after one batch"
    expect_close(made(batch), batch - 0.75 * batch_mean_of(batch), what, hint="Is `momentum` in the configuration?")


@check(cell="config-tests", evidence="reported")
def configurations_keep_what_every_layer_has(student: Student) -> None:
    """Name, dtype and `trainable` come back too."""
    general = {"name": "mine", "dtype": "float64", "trainable": False}
    hint = "Begin with `super().get_config()`, and hand **kwargs on to `super().__init__`."
    for layer in (
        dense(student, 3, **general),
        dropout(student, 0.5, **general),
        running_mean(student, 0.9, **general),
    ):
        made = layer.from_config()
        expect_dtype(made(np.ones((2, 4))), "float64", f"what {layer.kind} gives, made from a configuration in float64")
        for name in ("name", "trainable"):
            if (found := made.get(name)) != general[name]:
                raise Failure(
                    f"expected {layer.kind} made from its configuration to have {name} = {general[name]!r}, "
                    f"received {str(found)[:40]}",
                    hint,
                )


@check(cell="config-tests", weight=2)
def models_of_these_layers_can_be_saved(student: Student) -> None:
    """Models of these layers give the same outputs once they are saved and loaded, what they remember included."""
    x = normal(student, (6, 5))
    layer, *_ = dense_with_weights(student, 5, 3, "tanh")
    expect_same_after_saving(layer.as_model((5,)), x, "a model of MyDense")
    memory = running_mean(student, 0.5)
    model = memory.as_model((5,))
    memory(x + 2.0, training=True)
    expect_same_after_saving(model, x, "a model of RunningMean")
    ones = np.ones((60, 50), dtype="float32")
    loaded = dropout(student, 0.8).as_model((50,)).save_and_load()
    expect_dropped(loaded(ones, training=True), ones, 0.8, "a model of MyDropout(0.8), saved and loaded")


@check(cell="precision-tests")
def computes_in_double_precision(student: Student) -> None:
    """With dtype="float64" the layers compute in double precision, to the last digits."""
    x, exact = normal(student, (6, 4), "float64"), {"rtol": 1e-12, "atol": 1e-12}
    hint = 'Is there a "float32" in the layer, or something made without a dtype?'
    layer, kernel, bias = dense_with_weights(student, 4, 3, "tanh", "float64")
    outputs = {"MyDense": (layer(x), dense_of(x, kernel, bias, "tanh"))}
    memory = running_mean(student, 0.3, dtype="float64")
    outputs["RunningMean in training"] = (memory(x, training=True), x - batch_mean_of(x))
    outputs["RunningMean in use"] = (memory(x), x - 0.7 * batch_mean_of(x))
    kept = dropout(student, 0.3, dtype="float64")(x, training=True)
    outputs["MyDropout"] = (kept, np.where(expect_shape(kept, x.shape, "MyDropout's output") == 0, 0.0, x / 0.7))
    for name, (found, expected) in outputs.items():
        expect_dtype(found, "float64", f'what {name} with dtype="float64" gives')
        expect_close(found, expected, f'what {name} with dtype="float64" gives', hint=hint, **exact)


@check(cell="precision-tests")
def follows_every_number_format(student: Student) -> None:
    """In half precision outputs are in half precision; in mixed precision, weights stay in single precision."""
    x = normal(student, (6, 4))
    for policy, of_weights in (("float16", "float16"), ("mixed_float16", "float32")):
        for layer in (
            dense(student, 3, activation="relu", dtype=policy),
            dropout(student, 0.5, dtype=policy),
            running_mean(student, 0.5, dtype=policy),
        ):
            for training in (True, False):
                outputs = layer(x, training=training)
                expect_dtype(outputs, "float16", f"what {layer.kind} with dtype={policy!r} gives, training={training},")
            if layer.weights():
                expect_dtype(layer, of_weights, f"{layer.kind} with dtype={policy!r}")


# 5. DigitNetwork


@check(cell="network-tests", weight=2)
def maps_images_to_class_probabilities(student: Student) -> None:
    """`DigitNetwork` maps a batch of any size to ten probabilities each, of an image whatever its neighbours are."""
    model = network(student)
    images, _ = patterns(student, 40)
    expect_output_shape(model, (None, 10), inputs=images, batch_sizes=(1, 7, 33))
    expect_probabilities(model.predict(images), "what the network makes of images")
    expect_batch_independent(model.predict, images[:6], "what the network predicts")


@check(cell="network-tests", weight=2)
def drops_in_training_only(student: Student) -> None:
    """With a rate, two answers in training differ; with a rate of 0, or in use, they are the same."""
    images, _ = patterns(student, 20)
    dropping, whole = network(student, rate=0.5), network(student, rate=0.0)
    hint = "Hand `rate` to MyDropout, and `training` to every layer that has two situations."
    if np.allclose(dropping(images, training=True), dropping(images, training=True)):
        raise Failure("expected two answers of DigitNetwork(rate=0.5) in training to differ, received the same", hint)
    in_use = dropping(images)
    expect_close(dropping(images), in_use, "the second answer of DigitNetwork(rate=0.5) in use", hint=hint)
    in_training = whole(images, training=True)
    expect_close(whole(images, training=True), in_training, "the second answer of DigitNetwork(rate=0.0)", hint=hint)


@check(cell="network-tests")
def begins_by_centring(student: Student) -> None:
    """What is added to all images of a batch makes no difference in training: the network begins with `RunningMean`."""
    model = network(student, rate=0.0)
    images, _ = patterns(student, 20)
    background = student.rng.uniform(0, 2, size=(1, 64)).astype("float32")
    expect_close(
        model(images + background, training=True),
        model(images, training=True),
        "what the network makes in training of images on another background",
        rtol=1e-3,
        atol=1e-4,
        hint="Is RunningMean called before anything else, and told that it trains?",
    )


@check(cell="network-tests", weight=0.5, evidence="reported")
def hidden_units_set_the_width(student: Student) -> None:
    """More `hidden_units` mean more weights."""
    sizes = {}
    for units in (8, 32):
        model = network(student, hidden_units=units)
        sizes[units] = sum(int(np.size(weight.value)) for weight in model.weights())
    if not sizes[8] < sizes[32]:
        raise Failure(
            f"expected more weights with 32 hidden units than with 8, received {sizes[32]:,} and {sizes[8]:,}"
        )


@check(cell="network-tests", weight=0.5, evidence="reported")
def the_gradient_reaches_every_weight(student: Student) -> None:
    """Every weight of its dense layers can learn."""
    expect_gradients_reach_every_weight(network(student), *patterns(student, 64))


@check(cell="network-tests", weight=2)
def learns_a_handful_by_heart(student: Student) -> None:
    """The network can learn 20 images by heart."""
    images, labels = patterns(student, 20)
    expect_overfits(network(student, rate=0.0), images, labels, num_classes=10)


@check(cell="network-tests")
def the_network_can_be_saved(student: Student) -> None:
    """A trained network of another width gives the same predictions once it is saved and loaded."""
    model = network(student, hidden_units=24, rate=0.1)
    images, _ = patterns(student, 20)
    model(images, training=True)
    expect_same_after_saving(model, images, "a DigitNetwork(hidden_units=24)")


def network(student: Student, **arguments: object) -> Model:
    """Have a `DigitNetwork` made and built."""
    expect_own_work(student, "digit-network", (*DENSE_LAYERS, *DROPOUT_LAYERS[:-1], *NORMALISATION_LAYERS))
    model = expect_model(student.call("DigitNetwork", **arguments), "what DigitNetwork makes")
    model(np.zeros((1, 64), dtype="float32"))
    return model


def patterns(student: Student, num_images: int) -> tuple[np.ndarray, np.ndarray]:
    """Make images of ten made-up signs, alike in number, with noise; and their classes."""
    signs = student.rng.random((10, 64)) < 0.4
    labels = student.rng.permutation(np.arange(num_images) % 10)
    noise = student.rng.normal(scale=0.1, size=(num_images, 64))
    return np.clip(signs[labels] + noise, 0.0, 1.0).astype("float32"), labels


@check(cell="accuracy-tests", hidden=True)
def recognises_new_digits(student: Student) -> None:
    """The trained network recognises digits it has never seen: 90 % right for full marks."""
    measured = student.measure(expect_model(student.value("network"), "`network`"), DIGITS, rows=400)
    predictions = predicted_classes(measured.outputs, len(measured), 10, "what `network` makes of digits")
    student.show(confusion_figure("New digits", confusion_matrix(measured.answers, predictions, 10)))
    hint = "Do training and validation loss both fall? Is every layer between input and output called?"
    right = accuracy(measured.answers, predictions)
    expect_share(right, "a share of new digits", zero_at=0.75, full_at=0.90, hint=hint)

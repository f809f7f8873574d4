"""Hidden checks of `cnn_digits`: run outside the sandbox, with images and answers that never enter it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from autograder.checks import (
    Failure,
    HiddenData,
    Model,
    Student,
    accuracy,
    check,
    confusion_figure,
    confusion_matrix,
    cross_entropy,
    expect_close,
    expect_gradients_reach_every_weight,
    expect_history,
    expect_model,
    expect_no_use_of,
    expect_num_params_at_most,
    expect_output_shape,
    expect_overfits,
    expect_probabilities,
    expect_shape,
    expect_share,
    expect_weights_moved,
    expect_whole_number,
    hidden_data,
    learning_curve,
    predicted_classes,
    received,
)

DATA = Path(__file__).parent / "data"
DIGITS = hidden_data(DATA / "hidden.npz", "images", "labels")
SHIFTED_DIGITS = hidden_data(DATA / "hidden.npz", "shifted_images", "shifted_labels")
BEST_DENSE = json.loads((DATA / "dense.json").read_text(encoding="utf-8"))["best_single_accuracy"]

MOST_WEIGHTS = 50_000
LIBRARIES = ("keras", "tensorflow", "tf", "torch", "jax", "scipy", "sklearn", "skimage", "cv2")


# The right answers, written another way than the reference: all windows at once instead of a loop over the kernel.


def padding_of(size: int, kernel_size: int, strides: int) -> tuple[int, int]:
    """Zeros in front and behind, from where the last window ends."""
    last_start = (len(range(0, size, strides)) - 1) * strides
    total = max(last_start + kernel_size - size, 0)
    return total // 2, (total + 1) // 2


def windows_of(images: np.ndarray, height: int, width: int, strides: int) -> np.ndarray:
    """Every window, shape (batch, out_height, out_width, channels, height, width)."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (height, width), axis=(1, 2))
    return windows[:, ::strides, ::strides]


def convolution_of(
    images: np.ndarray, kernels: np.ndarray, bias: np.ndarray, strides: int = 1, padding: str = "valid"
) -> np.ndarray:
    """What `conv2d` should return; a test in tests/course holds it against Keras."""
    height, width = kernels.shape[:2]
    if padding == "same":
        around = [padding_of(images.shape[axis], kernels.shape[axis - 1], strides) for axis in (1, 2)]
        images = np.pad(images, [(0, 0), *around, (0, 0)])
    return np.einsum("bijcuv,uvcf->bijf", windows_of(images, height, width, strides), kernels) + bias


def pooling_of(images: np.ndarray, pool_size: int = 2, strides: int = 2) -> np.ndarray:
    """What `max_pool` should return."""
    return windows_of(images, pool_size, pool_size, strides).max(axis=(-2, -1))


def scores_of(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> dict[str, np.ndarray]:
    """What `precision_recall_f1` should return, class by class, from sets rather than from a matrix."""
    rows = []
    for number in range(num_classes):
        found, called, were = ((labels == number) & (predictions == number), predictions == number, labels == number)
        rows.append(
            [
                found.sum() / max(called.sum(), 1),
                found.sum() / max(were.sum(), 1),
                2 * found.sum() / max(called.sum() + were.sum(), 1),
            ]
        )
    return dict(zip(("precision", "recall", "f1"), np.transpose(rows), strict=True))


# 1. The arithmetic of sliding windows


@check(cell="output-size-tests")
def counts_the_places_of_a_window(student: Student) -> None:
    """`output_size` is right for windows of any size and strides, "valid" and "same"."""
    for size, kernel_size, strides in sizes(student):
        for padding, stop in (("valid", size - kernel_size + 1), ("same", size)):
            asked = f"output_size({size}, {kernel_size}, {strides}, {padding!r})"
            places = expect_whole_number(student.call("output_size", size, kernel_size, strides, padding), asked)
            expect_close(places, len(range(0, stop, strides)), asked, show=True)


@check(cell="output-size-tests")
def pads_as_same_does(student: Student) -> None:
    """`same_padding` gives the zeros in front and behind, the odd one behind, and never a negative number."""
    for size, kernel_size, strides in [(5, 1, 3), (7, 2, 4), *sizes(student)]:
        asked = f"same_padding({size}, {kernel_size}, {strides})"
        zeros = student.call("same_padding", size, kernel_size, strides)
        expect_shape(zeros, (2,), asked)
        expect_close(zeros, padding_of(size, kernel_size, strides), asked, show=True)


def sizes(student: Student, how_many: int = 12) -> list[tuple[int, int, int]]:
    """Draw sizes, kernel sizes no larger, and strides."""
    drawn = []
    for _ in range(how_many):
        size = int(student.rng.integers(4, 30))
        drawn.append((size, int(student.rng.integers(1, min(size, 7) + 1)), int(student.rng.integers(1, 5))))
    return drawn


# 2. Convolution


@check(cell="conv2d-valid-tests", weight=2)
def conv2d_gets_a_small_example_right(student: Student) -> None:
    """`conv2d` multiplies and adds a kernel that is not symmetric, as it stands, at each place of a small image."""
    expect_own_work(student, "conv2d")
    image = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 1.0], [2.0, 0.0, 1.0]]).reshape(1, 3, 3, 1)
    kernel = np.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(2, 2, 1, 1)
    feature_map = expect_shape(student.call("conv2d", image, kernel, np.array([0.5])), (1, 2, 2, 1), "the feature map")
    expect_close(
        feature_map[0, :, :, 0],
        [[3021.5, 1302.5], [230.5, 1013.5]],
        "the feature map of [[1, 2, 0], [0, 3, 1], [2, 0, 1]] under the kernel [[1, 10], [100, 1000]] with bias 0.5",
        show=True,
        hint="If the digits come in the opposite order, the kernel was flipped.",
    )


@check(cell="conv2d-valid-tests", weight=3)
def conv2d_adds_up_the_channels(student: Student) -> None:
    """`conv2d` handles batches, several channels and filters, kernels that are not square, and biases."""
    for shape, kernel_shape in (
        ((2, 6, 5, 3), (3, 2, 3, 4)),
        ((1, 4, 7, 1), (1, 5, 1, 2)),
        ((3, 5, 5, 2), (5, 5, 2, 1)),
    ):
        expect_convolution(student, shape, kernel_shape, strides=1, padding="valid")


@check(cell="conv2d-strides-and-same-tests")
def conv2d_moves_by_its_strides(student: Student) -> None:
    """`conv2d` moves the kernel by `strides`, also where the last step does not reach the edge."""
    for shape, kernel_shape, strides in (((2, 8, 8, 2), (3, 3, 2, 3), 2), ((1, 9, 7, 1), (2, 3, 1, 2), 3)):
        expect_convolution(student, shape, kernel_shape, strides, padding="valid")


@check(cell="conv2d-strides-and-same-tests")
def conv2d_pads_for_same(student: Student) -> None:
    """`conv2d` with "same" padding keeps the size, for odd and even kernels, with the odd zero behind."""
    for shape, kernel_shape in (
        ((2, 6, 6, 2), (3, 3, 2, 2)),
        ((1, 5, 8, 1), (2, 4, 1, 2)),
        ((1, 7, 4, 3), (5, 2, 3, 1)),
    ):
        expect_convolution(student, shape, kernel_shape, strides=1, padding="same")


@check(cell="conv2d-strides-and-same-tests")
def conv2d_pads_for_same_with_strides(student: Student) -> None:
    """`conv2d` with "same" padding and strides makes as many places as `output_size` says."""
    for shape, kernel_shape, strides in (
        # the zeros above and below, and left and right, follow from no other size in sight: batch, height, width differ
        ((2, 7, 8, 2), (4, 3, 2, 2), 2),
        ((1, 9, 9, 1), (2, 5, 1, 2), 3),
        ((1, 6, 6, 1), (1, 1, 1, 1), 2),
    ):
        expect_convolution(student, shape, kernel_shape, strides, padding="same")


def expect_convolution(
    student: Student, shape: tuple[int, ...], kernel_shape: tuple[int, ...], strides: int, padding: str
) -> None:
    """Ask `conv2d` about random images and kernels of these shapes."""
    expect_own_work(student, "conv2d")
    images, kernels = student.rng.normal(size=shape), student.rng.normal(size=kernel_shape)
    bias = student.rng.normal(size=kernel_shape[-1])
    what = f"conv2d of images {shape} with kernels {kernel_shape}, strides={strides}, padding={padding!r}"
    received_maps = student.call("conv2d", images, kernels, bias, strides=strides, padding=padding)
    # 1e-4: whoever computes in float32 is right too.
    expect_close(
        received_maps, convolution_of(images, kernels, bias, strides, padding), what, rtol=1e-4, atol=1e-4, hint=FORMULA
    )


def expect_own_work(student: Student, cell: str) -> None:
    """Expect that a part to be written in NumPy is; no check of its own, for an empty cell uses no library either."""
    expect_no_use_of(student.sources, LIBRARIES, f"`{cell}`", cells=[cell], hint="Here NumPy is all you need.")


FORMULA = "Follow the formula above part 2 for one output number by hand, with the smallest image that goes wrong."


# 3. Pooling


@check(cell="max-pool-tests", weight=2)
def max_pool_keeps_the_largest(student: Student) -> None:
    """`max_pool` keeps the largest value of each window, negative ones too, channel by channel."""
    expect_own_work(student, "max-pool")
    image = np.array([[-1.0, -2.0, 4.0, 0.0], [-3.0, -4.0, 1.0, 2.0]]).reshape(1, 2, 4, 1)
    pooled = expect_shape(student.call("max_pool", image), (1, 1, 2, 1), "the pooled image")
    what = "max_pool of [[-1, -2, 4, 0], [-3, -4, 1, 2]]"
    expect_close(pooled.reshape(2), [-1.0, 4.0], what, show=True, hint="What if every value in a window is negative?")
    expect_pooling(student, (3, 8, 6, 4), pool_size=2, strides=2)


@check(cell="max-pool-tests", weight=2)
def max_pool_handles_every_size(student: Student) -> None:
    """`max_pool` handles other windows and strides, windows that overlap, and ends that do not fill a window."""
    for shape, pool_size, strides in (
        ((2, 7, 9, 2), 2, 2),
        ((1, 9, 8, 3), 3, 2),
        ((1, 6, 5, 1), 3, 1),
        ((1, 8, 8, 1), 2, 3),
    ):
        expect_pooling(student, shape, pool_size, strides)


def expect_pooling(student: Student, shape: tuple[int, ...], pool_size: int, strides: int) -> None:
    """Ask `max_pool` about random images of this shape, most of them negative."""
    expect_own_work(student, "max-pool")
    images = student.rng.normal(loc=-1.0, size=shape)
    what = f"max_pool of images {shape} with pool_size={pool_size}, strides={strides}"
    pooled = student.call("max_pool", images, pool_size=pool_size, strides=strides)
    expect_close(pooled, pooling_of(images, pool_size, strides), what, rtol=1e-4)


# 4. The network


@check(cell="cnn-tests", weight=2)
def maps_images_to_class_probabilities(student: Student) -> None:
    """`build_cnn` maps a batch of any size of 8 x 8 images to ten probabilities each."""
    model = expect_model(student.call("build_cnn"), "what `build_cnn` returns")
    expect_output_shape(model, (None, 10), input_shape=(None, 8, 8, 1), batch_sizes=(1, 7, 33))
    images, _ = patterns(student, 64)
    expect_probabilities(model.predict(images), "what the network makes of images")


@check(cell="cnn-tests", evidence="recomputed")
def stays_within_the_weight_budget(student: Student) -> None:
    """The network has at most 50,000 weights, and they exist when `build_cnn` returns it."""
    expect_num_params_at_most(rebuilt(student), MOST_WEIGHTS)


@check(cell="cnn-tests", evidence="recomputed")
def lets_the_gradient_reach_every_weight(student: Student) -> None:
    """Every weight of the network can learn: none is frozen or cut off from the loss."""
    images, labels = patterns(student, 64)
    expect_gradients_reach_every_weight(rebuilt(student), images, labels)


@check(cell="cnn-tests", weight=2, evidence="recomputed", needs=["maps_images_to_class_probabilities"])
def learns_a_handful_by_heart(student: Student) -> None:
    """The network can learn 20 images by heart."""
    images, labels = patterns(student, 20)
    expect_overfits(rebuilt(student), images, labels, num_classes=10)


def rebuilt(student: Student) -> Model:
    """Have `build_cnn` make a network, and make it once more from its configuration, away from the notebook's code.

    A function can count its calls and give each check another network: one that is not like the trained `cnn`, which
    the notebook made with it, flags the submission for a person.
    """
    network = expect_model(student.call("build_cnn"), "what `build_cnn` returns")
    if student.has("cnn"):
        trained = student.value("cnn")
        if not isinstance(trained, Model) or weight_shapes(trained) != weight_shapes(network):
            student.flags.append("`build_cnn` gave a check a network that is not like `cnn`, which was trained")
    return student.rebuild(network)


def weight_shapes(network: Model) -> list[tuple[int, ...]]:
    """Return the shapes of the weights, whatever their order."""
    return sorted(np.shape(weight.value) for weight in network.weights())


def patterns(student: Student, num_images: int, templates: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Make images of ten made-up signs, alike in number: four thick strokes each, with noise; and their classes."""
    templates = signs(student) if templates is None else templates
    labels = student.rng.permutation(np.arange(num_images) % 10)
    noise = student.rng.normal(scale=0.1, size=(num_images, 8, 8, 1))
    return np.clip(templates[labels] + noise, 0.0, 1.0).astype("float32"), labels


def signs(student: Student) -> np.ndarray:
    """Draw ten signs, shape (10, 8, 8, 1)."""
    templates = np.zeros((10, 8, 8, 1), dtype="float32")
    for template in templates:
        for across in (True, False, True, False):
            line, start = student.rng.integers(0, 8), student.rng.integers(0, 4)
            (template if across else template.swapaxes(0, 1))[line, start : start + 5] = 1.0
    return templates


# 5. Training
#
# Where marks begin and end is set by `python reference/cnn_digits/make_data.py calibrate` (lowest of three seeds, all
# networks trained alike, none tuned; students see both figures on their validation images and can tune):
#
#   network                  new digits   shifted
#   reference                     0.976     0.875
#   two stages, flatten           0.967     0.628
#   two stages, dropout           0.980     0.724
#   two convolutions, pool        0.984     0.663
#   global average                0.949     0.650
#   valid, one stage, 1,610       0.964     0.541
#   no pooling at all             0.973     0.558
#   LeNet, 6 filters, average     0.918     0.517
#   best of 54 dense networks     0.986     0.550   (data/dense.json: single best run, in place the mean of three)
#
# So 0.90 is in reach of every sensible network, and 0.60 of every one that pools what it has found; a network that
# keeps each position apart does no better than a dense one, and learns here why. Batch normalisation at a constant high
# rate swings from run to run (lowest of three 0.884, 0.542); with a falling one it is among the best (0.969, 0.853).


@check(cell="train-tests", weight=2)
def trains_the_model_it_is_given(student: Student) -> None:
    """`train` teaches the given model the given images and labels (here: made-up signs), in place."""
    model = expect_model(student.call("build_cnn"), "what `build_cnn` returns")
    templates = signs(student)
    new_images, new_labels = patterns(student, 200, templates)
    before = model.weights()
    untrained = cross_entropy(new_labels, expect_shape(model.predict(new_images), (200, 10), "the predictions"))
    student.call("train", model, *patterns(student, 1120, templates))
    expect_weights_moved(before, model.weights(), "`train`")
    outputs = expect_probabilities(model.predict(new_images), "what the trained network makes of new signs")
    trained = cross_entropy(new_labels, expect_shape(outputs, (200, 10), "the predictions"))
    untrained = min(untrained, float(np.log(10)))  # what guessing gives: beginning worse than that is no merit
    if not trained < 0.7 * untrained:
        raise Failure(
            f"expected the loss on new images of the same kind to fall well below {untrained:.2f}, where it began; "
            f"received {trained:.2f} after training",
            "Does `train` use the images and labels it is given, each label with its own image?",
        )


@check(cell="train-tests", evidence="reported")
def tells_how_the_loss_fell(student: Student) -> None:
    """`train` returned the loss of each epoch, and it fell."""
    losses = expect_history(student.value("history"), "loss", what="what `train` returned")
    student.show(learning_curve("Training loss", {"loss": losses}))
    if not losses[-1] < losses[0]:
        raise Failure(
            f"expected a loss that falls, received {losses[0]:.3g} in the first epoch and {losses[-1]:.3g} in the last",
            "A learning rate that is far too large makes the loss jump or grow; one of 0 leaves it as it is.",
        )


@check(cell="accuracy-tests", hidden=True)
def recognises_new_digits(student: Student) -> None:
    """The trained network recognises digits it has never seen: 90 % right for full marks."""
    labels, predictions = predictions_of(student, DIGITS, rows=400)
    student.show(confusion_figure("New digits", confusion_matrix(labels, predictions, 10)))
    hint = "Do training and validation accuracy agree? If both are low, train longer; if only one is, train on less."
    expect_share(accuracy(labels, predictions), "a share of new digits", zero_at=0.70, full_at=0.90, hint=hint)


@check(cell="shifted-tests", hidden=True)
def recognises_shifted_digits(student: Student) -> None:
    """The trained network bears a shift by one pixel better than any dense network does: 60 % right for full marks."""
    labels, predictions = predictions_of(student, SHIFTED_DIGITS, rows=800)
    hint = "Which of your layers still keeps the exact position? Pooling before it lets the network forget it."
    right = accuracy(labels, predictions)
    expect_share(right, "a share of shifted digits", zero_at=BEST_DENSE, full_at=0.60, hint=hint)


def predictions_of(student: Student, digits: HiddenData, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Ask the network the notebook trained, `cnn`, about some of the hidden images; the labels, and its classes."""
    measured = student.measure(expect_model(student.value("cnn"), "`cnn`"), digits, rows=rows)
    return measured.answers, predicted_classes(measured.outputs, rows, 10, "what `cnn` makes of digits")


# 6. Scores


@check(cell="confusion-matrix-tests")
def counts_true_against_predicted(student: Student) -> None:
    """`confusion_matrix` counts true classes in rows and predicted ones in columns, for any number of classes."""
    for num_classes, num_images in ((3, 8), (4, 50), (10, 500)):
        labels, predictions = answers(student, num_classes, num_images)
        counts = student.call("confusion_matrix", labels, predictions, num_classes)
        what = f"confusion_matrix of {num_images} predictions in {num_classes} classes"
        if num_images <= 8:
            what = f"confusion_matrix({labels.tolist()}, {predictions.tolist()}, {num_classes})"
        expect_close(counts, confusion_matrix(labels, predictions, num_classes), what, show=True)


@check(cell="precision-recall-f1-tests")
def scores_each_class(student: Student) -> None:
    """`precision_recall_f1` scores each class by its precision, recall and F1."""
    for num_classes, num_images in ((3, 12), (10, 400)):
        expect_scores(student, *answers(student, num_classes, num_images), num_classes)


@check(cell="precision-recall-f1-tests")
def scores_zero_where_nothing_can_be_divided(student: Student) -> None:
    """A class that was never predicted, or never occurs, scores 0."""
    labels, predictions = answers(student, 4, 60)
    never_predicted = np.where(predictions == 2, 1, predictions)
    never_there = np.where(labels == 3, 0, labels)
    expect_scores(student, labels, never_predicted, 4)
    expect_scores(student, never_there, predictions, 4)
    expect_scores(student, np.array([0, 1, 0, 1]), np.array([0, 1, 1, 1]), 5)


@check(cell="precision-recall-f1-tests")
def averages_over_the_classes(student: Student) -> None:
    """The macro scores are the plain means over the classes, rare ones counting as much as frequent ones."""
    labels, predictions = answers(student, 5, 200)
    labels = np.where(student.rng.random(200) < 0.7, 0, labels)  # far more zeros than anything else
    expected = scores_of(labels, predictions, 5)
    found = scores(student, labels, predictions, 5)
    for name, values in expected.items():
        expect_close(found[f"macro_{name}"], values.mean(), f"'macro_{name}'", show=True, rtol=1e-5)


def answers(student: Student, num_classes: int, num_images: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw labels, and predictions that are right about half the time; the last classes are rarer in both."""
    weights = np.arange(num_classes, 0, -1) / np.arange(1, num_classes + 1).sum()
    labels, guesses = student.rng.choice(num_classes, size=(2, num_images), p=weights)
    return labels, np.where(student.rng.random(num_images) < 0.5, labels, guesses)


def scores(student: Student, labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> dict[str, object]:
    """Ask `precision_recall_f1`, and expect a dict with its six keys."""
    found = student.call("precision_recall_f1", labels, predictions, num_classes)
    names = ("precision", "recall", "f1")
    keys = {*names, *(f"macro_{name}" for name in names)}
    if not isinstance(found, dict) or not keys <= set(found):
        raise Failure(f"expected a dict with the keys {', '.join(sorted(keys))}, received {received(found)}")
    return found


def expect_scores(student: Student, labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> None:
    """Ask about the scores of each class."""
    found = scores(student, labels, predictions, num_classes)
    for name, values in scores_of(labels, predictions, num_classes).items():
        what = f"{name!r} of {len(labels)} predictions in {num_classes} classes"
        expect_close(found[name], values, what, show=True, rtol=1e-5)

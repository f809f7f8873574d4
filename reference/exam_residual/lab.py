# %% [markdown] text="intro"
# # Final exam, practical part 1: a residual network
#
# You have 40 minutes and 20 points to win. There are five questions, and **none needs the answer to another**: begin
# with the one you like best.
#
# | question | you write | points |
# | --- | --- | --- |
# | 1 | `residual_block` | 6 |
# | 2 | `build_network`, out of any blocks | 4 |
# | 3 | `flip_and_shift`: more pictures out of few | 4 |
# | 4 | `macro_f1`: a score that does not forget the rare | 2 |
# | 5 | `train_network`: it recognises new pictures | 4 |
#
# Each docstring is a **contract**, and all that counts. The tests below it see the first mistakes; the marks come
# from further questions of the same kind. No cell takes much longer than ten seconds. Cells without a place for your
# answer belong to the exam: leave them as they are.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="data-story"
# ## The pictures
#
# Six kinds of patterns, 12 x 12 pixels each, drawn by a rule and covered with noise. Where a pattern begins, and how
# wide it is, is another matter each time. A mirror image is of the same kind as its picture. You get 720 pictures to
# learn from and 240 to see how well it went.

# %% text="load-data"
if __name__ == "__main__":
    with np.load("patterns.npz") as patterns:
        train_pictures, train_labels = patterns["train_pictures"].astype("float32") / 255, patterns["train_labels"]
        validation_pictures = patterns["validation_pictures"].astype("float32") / 255
        validation_labels = patterns["validation_labels"]
    print("training:  ", train_pictures.shape, train_pictures.dtype, "labels", train_labels.shape)
    print("validation:", validation_pictures.shape, validation_pictures.dtype, "labels", validation_labels.shape)

    kinds = ("lying stripes", "standing stripes", "slanted stripes", "chequered", "rings", "dots")
    figure, axes = plt.subplots(3, 6, figsize=(9, 4.6))
    for number, kind in enumerate(kinds):
        axes[0, number].set_title(f"{number}: {kind}", fontsize=9)
        for axis, picture in zip(axes[:, number], train_pictures[train_labels == number], strict=False):
            axis.imshow(picture[:, :, 0], cmap="gray", vmin=0, vmax=1)
            axis.axis("off")
    plt.show()

# %% [markdown] text="block-story"
# ## 1. A residual block (6 points)
#
# A deep stack of convolutions has to learn even how to do nothing. A residual block gets that for free: it *adds*
# what it has found to what it was given.
#
# ```text
# x ─┬─▶ conv 3x3 ─▶ norm ─▶ relu ─▶ conv 3x3 ─▶ norm ─▶ (+) ─▶ relu ─▶
#    └──────────── shortcut: x, or conv 1x1 of x ─────────▲
# ```


# %% solution="residual-block"
def residual_block(x: keras.KerasTensor, filters: int, strides: int) -> keras.KerasTensor:
    """Put one residual block, as drawn above, on a symbolic tensor.

    The two 3x3 convolutions have `filters` filters and "same" padding. The first one moves by `strides`, the second one
    by 1. `norm` is Keras's batch normalisation, with its own settings or others. Biases are up to you.

    The shortcut is x itself wherever x has the shape of what it is added to. Otherwise (`strides` is not 1, or x has
    another number of channels than `filters`), and only then, it is a 1x1 convolution of x with `filters` filters that
    moves by `strides`; a batch normalisation behind it is up to you, an activation is not wanted.

    Kernels begin as you like; biases at 0, and the scale and shift of a normalisation at 1 and 0, as Keras has them.
    Nothing is frozen.

    Args:
        x: Shape (batch, height, width, channels); height, width and channels are known.
        filters: Channels of the output, at least 1.
        strides: 1 or 2.

    Returns:
        Shape (batch, height / strides, width / strides, filters), rounded up.
    """
    # BEGIN SOLUTION
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = keras.layers.Conv2D(filters, 1, strides=strides)(x)
    x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    return keras.layers.ReLU()(keras.layers.Add()([x, shortcut]))
    # END SOLUTION


# %% [markdown] text="one-block-story"
# This makes a model of one block. The tests and the marks look at your block through it.


# %% text="one-block"
def one_block(input_shape: tuple[int, int, int], filters: int, strides: int) -> keras.Model:
    """Return a model that is nothing but one `residual_block`."""
    x = keras.Input(shape=input_shape)
    return keras.Model(x, residual_block(x, filters, strides))


# %% tests="residual-block-tests" points=6
if __name__ == "__main__":
    assert one_block((8, 8, 4), 4, 1).output_shape == (None, 8, 8, 4), "with strides 1, height and width stay"
    assert one_block((8, 7, 4), 6, 2).output_shape == (None, 4, 4, 6), "with strides 2, they are halved, rounded up"
    assert not any(weight.shape[:2] == (1, 1) for weight in one_block((8, 8, 4), 4, 1).weights), (
        "no projection where the shape stays"
    )
    noise = np.random.default_rng(0).normal(size=(2, 8, 8, 4))
    assert (one_block((8, 8, 4), 4, 1).predict_on_batch(noise) >= 0).all(), "the last thing a block does is a relu"

# %% [markdown] text="network-story"
# ## 2. A network out of blocks (4 points)
#
# Whatever a block is, a network stacks several of them. So let it be an argument. Here your network is judged with
# `plain_block` in place of your answer to question 1. Such blocks have the same signature, but no shortcut.


# %% text="plain-block"
def plain_block(x: keras.KerasTensor, filters: int, strides: int) -> keras.KerasTensor:
    """Put one convolution with normalisation and activation on a symbolic tensor."""
    x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))


# %% solution="network"
def build_network(block, input_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Build a classifier out of blocks, not compiled.

    In this order:

    1. A 3x3 convolution with "same" padding and strides 1; normalisation and activation after it are up to you.
    2. Three blocks or more, one on top of the other. Two of them have strides 2, all others strides 1; the numbers of
       filters are up to you. Nothing else makes the picture smaller.
    3. Global pooling, average or maximum: one number for each channel. So the network has as many weights for a large
       picture as for a small one.
    4. A dense layer with softmax.

    Nothing is frozen. With `plain_block` for `block`, pictures of one channel and six classes, it has at most 40,000
    weights in all.

    Args:
        block: Called as `block(x, filters, strides)`; puts a block on a symbolic tensor, as `plain_block` does.
        input_shape: (height, width, channels) of the pictures, height and width at least 8.
        num_classes: Number of classes.

    Returns:
        A model from pictures of shape (batch, height, width, channels) to probabilities of shape (batch, num_classes).
    """
    # BEGIN SOLUTION
    pictures = keras.Input(shape=input_shape)
    x = keras.layers.Conv2D(16, 3, padding="same", activation="relu")(pictures)
    for filters, strides in ((16, 1), (24, 2), (32, 2)):
        x = block(x, filters, strides)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(pictures, keras.layers.Dense(num_classes, activation="softmax")(x))
    # END SOLUTION


# %% text="with-plain-blocks"
def with_plain_blocks(input_shape: tuple[int, int, int], num_classes: int) -> tuple[keras.Model, list]:
    """Build a network out of plain blocks; return it, and each block's filters, strides, and height and width of x."""
    asked = []

    def block(x: keras.KerasTensor, filters: int, strides: int) -> keras.KerasTensor:
        asked.append((int(filters), int(strides), *x.shape[1:3]))
        return plain_block(x, filters, strides)

    return build_network(block, input_shape, num_classes), asked


# %% tests="network-tests" points=4
if __name__ == "__main__":
    plain_network, plain_blocks = with_plain_blocks((12, 12, 1), 6)
    print("blocks (filters, strides, height and width before):", plain_blocks)
    print(f"{plain_network.count_params():,} weights in all")
    assert plain_network.output_shape == (None, 6), f"expected six numbers, received {plain_network.output_shape}"
    assert len(plain_blocks) >= 3, "three blocks or more"
    assert plain_network.count_params() <= 40_000, "at most 40,000 weights"

# %% [markdown] text="augmentation-story"
# ## 3. More pictures out of few (4 points)
#
# A pattern stays what it is when it is mirrored or moved a little. Whoever shows a network such pictures too need not
# draw new ones. Each picture gets a mirror and a move of its own.


# %% solution="augmentation"
def flip_and_shift(images: np.ndarray, rng: np.random.Generator, most: int) -> np.ndarray:
    """Mirror about half of the images, and move each of them a little. In NumPy.

    Each image by itself, and independently of the others:

    1. is mirrored left to right with probability 1/2,
    2. is moved down by a whole number of pixels that is drawn from -most, ..., most, each as likely as the others
       (up where it is negative), and to the right by another one, drawn in the same way and independently of the first.

    Pixels that leave the image are lost; the places they leave are 0.

    Args:
        images: Shape (num_images, height, width, channels), of any dtype. They are not changed.
        rng: All that is drawn is drawn from it, so the same generator in the same state gives the same result.
        most: Pixels an image is moved at most; 0 or more, less than height and width.

    Returns:
        A new array of the same shape and dtype, the images in the same order.
    """
    # BEGIN SOLUTION
    moved = np.zeros_like(images)
    height, width = images.shape[1:3]
    for place, image in enumerate(images):
        mirrored = image[:, ::-1] if rng.random() < 0.5 else image
        down, right = rng.integers(-most, most + 1, size=2)
        framed = np.pad(mirrored, ((most, most), (most, most), (0, 0)))
        moved[place] = framed[most - down : most - down + height, most - right : most - right + width]
    return moved
    # END SOLUTION


# %% text="moved-with-seed"
def moved_with_seed(images: np.ndarray, seed: int, most: int) -> tuple[np.ndarray, bool]:
    """Ask `flip_and_shift` with a fresh generator; return its answer, and whether what it was given has stayed."""
    given = images.copy()
    return flip_and_shift(given, np.random.default_rng(seed), most), np.array_equal(given, images)


# %% tests="augmentation-tests" points=4
if __name__ == "__main__":
    bright = np.full((40, 5, 6, 1), 200, dtype="uint8")
    moved, untouched = moved_with_seed(bright, 1, 2)
    assert moved.shape == bright.shape, f"expected shape {bright.shape}, received {moved.shape}"
    assert moved.dtype == bright.dtype, f"expected {bright.dtype}, received {moved.dtype}"
    assert untouched, "the images that were given should not change"
    assert set(np.unique(moved)) == {0, 200}, "zeros come in, all other pixels keep their values"
    tilted = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    still = moved_with_seed(tilted, 2, 0)[0].reshape(4).tolist()
    assert still in ([1, 2, 3, 4], [2, 1, 4, 3]), "with most=0, an image can only be mirrored, left to right"

# %% [markdown] text="f1-story"
# ## 4. A score that does not forget the rare (2 points)
#
# For one class, let $h$ be the number of pictures that are of it and were called so, $a$ the number that are of it, and
# $p$ the number that were called so. Then precision is $h / p$, recall is $h / a$, and F1 is their harmonic mean. The
# **macro F1** is the plain mean of the F1 of all classes.


# %% solution="macro-f1"
def macro_f1(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> float:
    """Return the mean of the F1 of the classes 0, ..., num_classes - 1, each counting alike.

    A class that never occurs among the labels, or was never predicted, or was never predicted rightly, has an F1 of 0
    and counts like any other.

    Args:
        labels: True classes, whole numbers in [0, num_classes), shape (num_pictures,), num_pictures at least 1.
        predictions: Predicted classes, in the same form.
        num_classes: Number of classes.

    Returns:
        One number in [0, 1].
    """
    # BEGIN SOLUTION
    scores = []
    for number in range(num_classes):
        hits = np.sum((labels == number) & (predictions == number))
        actual, predicted = np.sum(labels == number), np.sum(predictions == number)
        scores.append(2 * hits / (actual + predicted) if hits else 0.0)
    return float(np.mean(scores))
    # END SOLUTION


# %% tests="macro-f1-tests" points=2
if __name__ == "__main__":
    score = macro_f1(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    assert np.isclose(score, (2 / 3 + 4 / 5) / 2), (
        f"F1 is 2/3 for class 0 and 4/5 for class 1, received a mean of {score}"
    )

# %% [markdown] text="training-story"
# ## 5. It recognises new pictures (4 points)
#
# Train a network on the patterns. `build_network` with `residual_block` is a good choice; but **any network will do**,
# so if your blocks are not ready, stack convolutions as you like. Three of the four points are for the share of new
# pictures that are recognised: nothing up to 74 %, everything from 76 % on. The last one is for learning from what is
# given, whatever the labels mean.
#
# One thing to know: with its usual momentum of 0.99, batch normalisation knows the mean of what it has seen only after
# several hundred steps. Until then a network may be good in `fit` and poor in `predict`; `momentum=0.9` is faster.


# %% solution="training"
def train_network(pictures: np.ndarray, labels: np.ndarray) -> keras.Model:
    """Build a network, train it on the given pictures alone, and return it. It takes at most ten seconds.

    Args:
        pictures: Training pictures, float32 in [0, 1], shape (num_pictures, 12, 12, 1).
        labels: Their classes, whole numbers from 0 to 5, shape (num_pictures,).

    Returns:
        A model from pictures of shape (batch, 12, 12, 1) to probabilities of shape (batch, 6).
    """
    # BEGIN SOLUTION
    model = build_network(residual_block, pictures.shape[1:], 6)
    rate = keras.optimizers.schedules.CosineDecay(0.01, 8 * -(-len(pictures) // 24))
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(pictures, labels, batch_size=24, epochs=8, verbose=0)
    return model
    # END SOLUTION


# %% [markdown] text="classifier-story"
# It is `classifier`, as this cell leaves it, that is asked about new pictures.

# %% text="classifier"
if __name__ == "__main__":
    classifier = train_network(train_pictures, train_labels)

# %% tests="training-tests" points=4
if __name__ == "__main__":
    answers = classifier.predict(validation_pictures, verbose=0)
    assert answers.shape == (240, 6), f"expected shape (240, 6), received {answers.shape}"
    right = np.mean(answers.argmax(axis=1) == validation_labels)
    print(f"right on the validation pictures: {right:.1%}")
    assert right > 0.74, "more than 74 % of the validation pictures should be right"

# %% [markdown] text="intro"
# # Reading digits with a convolutional network
#
# A dense network sees an image as a long row of numbers. Shuffle the pixels of every image in the same way and it
# learns exactly as well: it never knew that two pixels were neighbours. Move a digit one pixel to the right and,
# to a dense network, *every* number has changed.
#
# A convolutional network (CNN) is built on two plain ideas that repair this:
#
# 1. **Look locally, with the same eyes everywhere.** One small kernel slides over the whole image. A stroke that
#    can be recognised in one corner can be recognised in all of them, for the price of nine weights.
# 2. **Keep what was found, forget exactly where.** Pooling keeps the strongest response of each neighbourhood.
#
# In this lab you first build both with your own hands, in NumPy, so that no layer is a black box. Then you let Keras
# do the heavy lifting, train a small network on real handwritten digits, and put a number on how good it is with
# scores that tell *which* digits it gets wrong.
#
# | part | you write | points |
# | --- | --- | --- |
# | 1 | `same_padding` and `output_size`: the arithmetic of sliding windows | 3 |
# | 2 | `conv2d`: convolution in NumPy | 8 |
# | 3 | `max_pool`: pooling in NumPy | 4 |
# | 4 | `build_cnn`: a small network in Keras | 6 |
# | 5 | `train`: teach it, and see what it can do on images it has never met | 11 |
# | 6 | `confusion_matrix` and `precision_recall_f1` | 6 |
# | 7 | a question about what you saw | 2 |
#
# The docstring of each function is its **contract**: names, shapes, what comes back. The tests below each part catch
# the first mistakes; the marks come from more questions of the same kind, with other sizes, strides and images. So
# make the function keep its whole contract, not just its tests.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="data-story"
# ## The data
#
# 1,797 digits, written by hand by 13 people, scanned, and reduced to 8 x 8 pixels. They come from the *Optical
# Recognition of Handwritten Digits* collection (E. Alpaydin and C. Kaynak, UCI Machine Learning Repository) in the
# form scikit-learn ships. You get some for training and some for validation; a third part stays with your teachers.
#
# Each image has the shape `(height, width, channels)` = `(8, 8, 1)`; its ink is a float from 0 (paper) to 1 (black).

# %% text="load-data"
if __name__ == "__main__":
    with np.load("digits.npz") as digits:
        train_images, train_labels = digits["train_images"], digits["train_labels"]
        validation_images, validation_labels = digits["validation_images"], digits["validation_labels"]

    print("training:  ", train_images.shape, train_images.dtype, "labels", train_labels.shape)
    print("validation:", validation_images.shape, validation_images.dtype, "labels", validation_labels.shape)

    figure, axes = plt.subplots(1, 10, figsize=(10, 1.4))
    for digit, axis in enumerate(axes):
        axis.imshow(train_images[train_labels == digit][0, :, :, 0], cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(str(digit))
        axis.axis("off")
    plt.show()

# %% [markdown] text="sizes-story"
# ## 1. The arithmetic of sliding windows
#
# Before we slide anything: how many places are there for a window of size $k$ on a line of $n$ pixels, if it moves
# $s$ pixels at a time?
#
# * **"valid"**: the window must lie wholly inside. It starts at $0, s, 2s, \dots$ for as long as it fits, which makes
#   $\lfloor (n - k) / s \rfloor + 1$ places.
# * **"same"**: zeros are added at both ends until there are $\lceil n / s \rceil$ places. With $s = 1$ the output is
#   as long as the input, hence the name.
#
# How many zeros does "same" need? The last of the $m = \lceil n / s \rceil$ windows starts at $(m - 1)s$ and ends at
# $(m - 1)s + k$; whatever of that lies beyond $n$ has to be added (and if nothing does, nothing is added). Half goes
# in front and half behind. If the number is odd, the one left over goes **behind**: that is the convention of
# TensorFlow and Keras, and worth knowing when a model is carried from one framework to another.
#
# Take a pencil: $n = 8$, $k = 3$, $s = 2$. How many places for "valid"? How many for "same", and how many zeros on
# each side?


# %% solution="output-size"
def same_padding(size: int, kernel_size: int, strides: int) -> tuple[int, int]:
    """Return how many zeros "same" padding adds in front of and behind one axis.

    Args:
        size: Number of pixels along the axis.
        kernel_size: Size of the window along the axis.
        strides: Number of pixels the window moves at a time.

    Returns:
        (before, after). An odd total puts the extra zero behind. Never negative.
    """
    # BEGIN SOLUTION
    places = -(-size // strides)
    total = max((places - 1) * strides + kernel_size - size, 0)
    return total // 2, total - total // 2
    # END SOLUTION


def output_size(size: int, kernel_size: int, strides: int, padding: str) -> int:
    """Return the number of places a window has along one axis.

    Args:
        size: Number of pixels along the axis, at least `kernel_size`.
        kernel_size: Size of the window along the axis.
        strides: Number of pixels the window moves at a time.
        padding: "valid" or "same".

    Returns:
        The length of the output along this axis.
    """
    # BEGIN SOLUTION
    if padding == "same":
        return -(-size // strides)
    return (size - kernel_size) // strides + 1
    # END SOLUTION


# %% tests="output-size-tests" points=3
if __name__ == "__main__":
    assert output_size(8, 3, 1, "valid") == 6, "a window of 3 starts at pixel 0, 1, ..., 5 of 8"
    assert output_size(8, 3, 2, "valid") == 3, "a window of 3 that moves by 2 starts at pixel 0, 2 and 4 of 8"
    assert output_size(8, 3, 1, "same") == 8, "'same' with strides 1 keeps the size"
    assert same_padding(8, 3, 1) == (1, 1), "3 wide, moved by 1: one zero on each side"
    assert same_padding(8, 3, 2) == (0, 1), "an odd number of zeros: the extra one goes behind"

# %% [markdown] text="convolution-story"
# ## 2. Convolution
#
# At each place, lay the kernel over the image, multiply what lies on top of each other, and add it all up, **over the
# channels too**; then add the bias. One kernel makes one number per place, and so one picture: a *feature map*. With
# several kernels (in Keras: `filters`) you get a stack of them, and that stack is the channels of the next layer's
# input. For filter $f$, with strides $s$:
#
# $$\text{out}[b, i, j, f] = \text{bias}[f] + \sum_{u, v, c} \text{image}[b, \, i s + u, \, j s + v, \, c] \cdot
# \text{kernel}[u, v, c, f]$$
#
# (Mathematicians turn the kernel by 180 degrees first, and would call this *cross-correlation*. In deep learning
# nobody turns it: the kernel is learned, so it would only be learned the other way round.)
#
# You do not need a loop over every pixel. Two small loops over the **kernel's** rows and columns are enough: for each
# of its positions, one slice of the images (with a step!) holds all the pixels it ever meets.


# %% solution="conv2d"
def conv2d(
    images: np.ndarray, kernels: np.ndarray, bias: np.ndarray, strides: int = 1, padding: str = "valid"
) -> np.ndarray:
    """Convolve a batch of images with a set of kernels, as `keras.layers.Conv2D` does, in NumPy alone.

    The kernel is not flipped.

    Args:
        images: Shape (batch, height, width, in_channels); floats.
        kernels: Shape (kernel_height, kernel_width, in_channels, filters); need not be square.
        bias: Shape (filters,).
        strides: Number of pixels the kernel moves at a time, the same down and across.
        padding: "valid" (no padding) or "same" (zeros around, as in part 1).

    Returns:
        Float array of shape (batch, out_height, out_width, filters).
    """
    # BEGIN SOLUTION
    kernel_height, kernel_width, _, filters = kernels.shape
    if padding == "same":
        rows = same_padding(images.shape[1], kernel_height, strides)
        columns = same_padding(images.shape[2], kernel_width, strides)
        images = np.pad(images, ((0, 0), rows, columns, (0, 0)))
    out_height = output_size(images.shape[1], kernel_height, strides, "valid")
    out_width = output_size(images.shape[2], kernel_width, strides, "valid")
    feature_maps = np.zeros((len(images), out_height, out_width, filters)) + bias
    for row in range(kernel_height):
        for column in range(kernel_width):
            met = images[:, row:, column:, :][:, ::strides, ::strides, :][:, :out_height, :out_width, :]
            feature_maps += met @ kernels[row, column]
    return feature_maps
    # END SOLUTION


# %% tests="conv2d-valid-tests" points=4
if __name__ == "__main__":
    image = np.arange(12.0).reshape(1, 3, 4, 1)
    look_right = np.array([[0.0, 1.0], [0.0, 0.0]]).reshape(2, 2, 1, 1)
    found = conv2d(image, look_right, np.zeros(1))
    assert found.shape == (1, 2, 3, 1), f"a 2x2 kernel has 2 x 3 places on a 3 x 4 image, received {found.shape}"
    assert np.allclose(found[0, :, :, 0], [[1, 2, 3], [5, 6, 7]]), "each output is the pixel at the kernel's top right"
    found = conv2d(image, np.ones((2, 2, 1, 1)), np.array([100.0]))
    assert np.allclose(found[0, 0, 0], 0 + 1 + 4 + 5 + 100), "four pixels added up, and the bias"

# %% tests="conv2d-strides-and-same-tests" points=4
if __name__ == "__main__":
    image = np.arange(16.0).reshape(1, 4, 4, 1)
    found = conv2d(image, np.ones((2, 2, 1, 1)), np.zeros(1), strides=2)
    assert np.allclose(found[0, :, :, 0], [[10, 18], [42, 50]]), "strides=2: four windows that do not overlap"
    found = conv2d(image, np.ones((3, 3, 1, 1)), np.zeros(1), padding="same")
    assert found.shape == (1, 4, 4, 1), f"'same' keeps 4 x 4, received {found.shape}"
    assert np.allclose(found[0, 0, 0], 0 + 1 + 4 + 5), "in the corner five of the nine pixels are padding"

# %% [markdown] text="edges-story"
# What can a kernel see? Here are two that are a hundred years older than deep learning: one answers to edges with ink
# below them, the other to edges with ink on their right. Your network will find its own.

# %% text="show-edges"
if __name__ == "__main__":
    downwards = np.array([[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    edges = conv2d(train_images[:1], np.stack([downwards, downwards.T], axis=-1)[:, :, None, :], np.zeros(2))
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.4))
    pictures = {"image": train_images[0, :, :, 0], "ink below": edges[0, :, :, 0], "ink right": edges[0, :, :, 1]}
    for axis, (title, picture) in zip(axes, pictures.items(), strict=True):
        axis.imshow(picture, cmap="gray_r")
        axis.set_title(title)
        axis.axis("off")
    plt.show()

# %% [markdown] text="pooling-story"
# ## 3. Pooling
#
# A feature map says how strongly a stroke was found at each place. To read a digit we need to know *that* it was found
# and *roughly* where. Max pooling slides a window over each feature map and keeps the largest number in it. The map
# becomes smaller, later layers cheaper, and a stroke that moves by a pixel often stays inside the same window: the
# answer does not change at all.


# %% solution="max-pool"
def max_pool(images: np.ndarray, pool_size: int = 2, strides: int = 2) -> np.ndarray:
    """Keep the largest value of each window, channel by channel, as `keras.layers.MaxPooling2D` does, in NumPy alone.

    There is no padding: rows and columns at the end that do not fill a window are left out.

    Args:
        images: Shape (batch, height, width, channels); floats of either sign.
        pool_size: Height and width of the window.
        strides: Number of pixels the window moves at a time. Windows overlap where it is less than `pool_size`.

    Returns:
        Array of shape (batch, out_height, out_width, channels).
    """
    # BEGIN SOLUTION
    out_height = output_size(images.shape[1], pool_size, strides, "valid")
    out_width = output_size(images.shape[2], pool_size, strides, "valid")
    seen = [
        images[:, row:, column:, :][:, ::strides, ::strides, :][:, :out_height, :out_width, :]
        for row in range(pool_size)
        for column in range(pool_size)
    ]
    return np.max(seen, axis=0)
    # END SOLUTION


# %% tests="max-pool-tests" points=4
if __name__ == "__main__":
    image = np.array([[1.0, 3.0, 0.0, 2.0], [5.0, 4.0, 7.0, 6.0]]).reshape(1, 2, 4, 1)
    found = max_pool(image)
    assert found.shape == (1, 1, 2, 1), f"two windows of 2 x 2 side by side, received {found.shape}"
    assert np.allclose(found[0, 0, :, 0], [5, 7]), "the largest number of each window"
    assert np.allclose(max_pool(image, pool_size=2, strides=1)[0, 0, :, 0], [5, 7, 7]), "with strides=1 windows overlap"

# %% [markdown] text="network-story"
# ## 4. A network
#
# Stack the two ideas: convolution, activation, pooling, and again. Each stage sees a larger piece of the image than
# the one before (its *receptive field*) and has more channels to describe it with. At the end a dense layer with a
# softmax turns what was found into ten probabilities.
#
# How you stack them is up to you: `Sequential`, the functional interface or a class of your own, any number and kind
# of layers. Only the contract counts. Two things worth a thought:
#
# * **Weights are not free.** A dense layer on top of a large feature map holds most of a network's weights. Count
#   them with `model.summary()`. You have at most 50,000; 5,000 are enough.
# * **How much of the "where" do you keep?** In part 5 your network meets digits that are one pixel off. `Flatten`
#   hands the dense layer every position separately; pooling before it (or `GlobalMaxPooling2D` in its place) does not.


# %% solution="build-cnn"
def build_cnn() -> keras.Model:
    """Build a network that maps digits to class probabilities; `train` compiles and trains it.

    The network is built (its weights exist), has at most 50,000 weights in all, and every layer can learn: nothing
    is frozen, and no layer is cut off from the output.

    Returns:
        A Keras model from images of shape (batch, 8, 8, 1), ink in [0, 1], to probabilities of shape (batch, 10):
        each row is not negative and sums to 1. Any batch size.
    """
    # BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input(shape=(8, 8, 1)),
            keras.layers.Conv2D(16, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(3, strides=2, padding="same"),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    # END SOLUTION


# %% tests="cnn-tests" points=6
if __name__ == "__main__":
    model = build_cnn()
    model.summary()
    for batch in (1, 5):
        probabilities = model.predict(train_images[:batch], verbose=0)
        assert probabilities.shape == (batch, 10), f"expected shape ({batch}, 10), received {probabilities.shape}"
    assert np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-5), "each row of probabilities sums to 1"
    assert model.count_params() <= 50_000, f"at most 50,000 weights, received {model.count_params():,}"

# %% [markdown] text="training-story"
# ## 5. Training
#
# Choose a loss, an optimizer, a batch size and a number of epochs. The labels are whole numbers, which decides which
# cross-entropy you need. Ten to fifteen epochs are plenty: it should take a few seconds, and 20 at the very most.
#
# Your network is then judged on two sets of digits you do not have:
#
# * **new digits**: full marks from 90 % right, nothing below 70 %, in proportion between;
# * **new digits, moved one pixel to the left or to the right**: the best dense network we could find gets 55 % of
#   these right, and earns nothing here. Full marks from 60 %. You may train on anything you make from the training
#   images, but you should not need to: this is what the architecture is for.


# %% solution="train"
def train(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:
    """Compile the model and train it in place.

    Args:
        model: A fresh model from `build_cnn`.
        images: Training images, shape (num_images, 8, 8, 1), ink in [0, 1].
        labels: Their digits, whole numbers from 0 to 9, shape (num_images,).

    Returns:
        The history: at least "loss", a list of the mean training loss of each epoch, in order (two epochs or more).
    """
    # BEGIN SOLUTION
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=0.005),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(images, labels, batch_size=64, epochs=15, verbose=0)
    return history.history
    # END SOLUTION


# %% [markdown] text="trained-story"
# The next cell trains your network. It is `cnn`, as this cell leaves it, that is judged on the new digits.

# %% text="train-cnn"
if __name__ == "__main__":
    cnn = build_cnn()
    history = train(cnn, train_images, train_labels)

    plt.figure(figsize=(5, 3))
    plt.plot(range(1, len(history["loss"]) + 1), history["loss"])
    plt.xlabel("epoch")
    plt.ylabel("training loss")
    plt.ylim(bottom=0)
    plt.show()

# %% tests="train-tests" points=3
if __name__ == "__main__":
    assert isinstance(history, dict), f"expected a dict, received {type(history).__name__}"
    assert "loss" in history, "the history holds the loss of each epoch under 'loss'"
    assert history["loss"][-1] < history["loss"][0], "the loss should be lower at the end than after the first epoch"

# %% tests="accuracy-tests" points=5
if __name__ == "__main__":
    predictions = cnn.predict(validation_images, verbose=0).argmax(axis=1)
    print(f"right on the validation images: {np.mean(predictions == validation_labels):.1%}")
    assert np.mean(predictions == validation_labels) > 0.7, "more than 70 % of the validation images right"

# %% tests="shifted-tests" points=3
if __name__ == "__main__":
    right = np.concatenate([np.zeros_like(validation_images[:, :, :1]), validation_images[:, :, :-1]], axis=2)
    predictions = cnn.predict(right, verbose=0).argmax(axis=1)
    print(f"right when moved one pixel to the right: {np.mean(predictions == validation_labels):.1%}")

# %% [markdown] text="scores-story"
# ## 6. Which digits does it get wrong?
#
# One accuracy hides a lot. In a clinic where 1 of 100 scans shows a tumour, the answer "healthy" is right 99 % of the
# time, and useless. So count more carefully, for each class on its own:
#
# * the **confusion matrix** has a row for each true class and a column for each predicted one;
# * **precision**: of all that we *called* a 3, how many were 3s? (a column's share)
# * **recall**: of all that *were* 3s, how many did we find? (a row's share)
# * **F1** is their harmonic mean, $2pr / (p + r)$: high only if both are.
#
# A class that was never predicted has a precision of 0 / 0. Somebody has to decide, and our contract does: whenever
# the denominator is 0, the score is 0. (Scores that come out as `nan` have ruined many an average.)
#
# The **macro** average is the plain mean of the classes' scores: every class counts alike, however rare. So macro F1
# is the mean of the ten F1 scores, not the F1 of two means.


# %% solution="confusion-matrix"
def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> np.ndarray:
    """Count how often each true class was given each predicted class.

    Args:
        labels: True classes, whole numbers in [0, num_classes), shape (num_images,).
        predictions: Predicted classes, in the same form. Not every class need appear in either.
        num_classes: Number of classes.

    Returns:
        Whole numbers of shape (num_classes, num_classes); rows are true classes, columns predicted ones.
    """
    # BEGIN SOLUTION
    counts = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    return counts
    # END SOLUTION


# %% tests="confusion-matrix-tests" points=2
if __name__ == "__main__":
    counts = confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), 3)
    assert counts.shape == (3, 3), f"expected shape (3, 3), received {counts.shape}"
    assert counts[0, 1] == 1, "one 0 was taken for a 1: row 0, column 1"
    assert counts.sum() == 4, "every image is counted once"


# %% solution="precision-recall-f1"
def precision_recall_f1(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> dict[str, np.ndarray | float]:
    """Score predictions class by class, and on average.

    Args:
        labels: True classes, whole numbers in [0, num_classes), shape (num_images,).
        predictions: Predicted classes, in the same form. Not every class need appear in either.
        num_classes: Number of classes.

    Returns:
        "precision", "recall", "f1": arrays of shape (num_classes,); 0 wherever the denominator is 0.
        "macro_precision", "macro_recall", "macro_f1": the plain means of these arrays, as floats.
    """
    # BEGIN SOLUTION
    counts = confusion_matrix(labels, predictions, num_classes)
    right = np.diag(counts).astype(float)
    predicted, actual = counts.sum(axis=0), counts.sum(axis=1)
    precision = np.divide(right, predicted, out=np.zeros(num_classes), where=predicted > 0)
    recall = np.divide(right, actual, out=np.zeros(num_classes), where=actual > 0)
    both = precision + recall
    f1 = np.divide(2 * precision * recall, both, out=np.zeros(num_classes), where=both > 0)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "macro_precision": float(precision.mean()),
        "macro_recall": float(recall.mean()),
        "macro_f1": float(f1.mean()),
    }
    # END SOLUTION


# %% tests="precision-recall-f1-tests" points=4
if __name__ == "__main__":
    scores = precision_recall_f1(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    assert np.allclose(scores["precision"], [1, 2 / 3]), (
        "called 0: one, and it was one; called 1: three, two of them 1s"
    )
    assert np.allclose(scores["recall"], [1 / 2, 1]), "of two 0s one was found, of two 1s both"
    assert np.isclose(scores["macro_recall"], 3 / 4), "the plain mean of the classes' recalls"

# %% text="show-scores"
if __name__ == "__main__":
    predictions = cnn.predict(validation_images, verbose=0).argmax(axis=1)
    scores = precision_recall_f1(validation_labels, predictions, 10)
    print("digit  precision  recall     f1")
    for digit in range(10):
        print(
            f"{digit:>5}{scores['precision'][digit]:>11.2f}{scores['recall'][digit]:>8.2f}{scores['f1'][digit]:>7.2f}"
        )
    print(f"macro{scores['macro_precision']:>11.2f}{scores['macro_recall']:>8.2f}{scores['macro_f1']:>7.2f}")

# %% [markdown] text="question"
# ## 7. What the shift showed
#
# On digits in their usual place a good dense network is nearly as accurate as yours. Move them by one pixel and the
# dense network is right about half the time.
#
# In four to eight sentences: **what in your network makes it bear the shift better, and why is it still not perfect?**
# Name what a convolution does to its output when its input moves, what pooling does to that, and at least one place
# in your own network where the position still matters.

# %% [markdown] answer="why-shifted" points=2
# A convolution uses the same kernel at every place. When the digit moves by one pixel, each feature map is the same
# picture moved by one pixel (it is *equivariant*), so a stroke is still found by the same filter. A dense network has
# separate weights for each pixel: those that learned the stroke now see something else. Max pooling then forgets part
# of the position: while the strongest response stays in the same window, the output is the same. Global max pooling
# goes all the way and keeps only whether a filter found its stroke anywhere.
#
# It is not perfect. Pooling with strides 2 looks at windows on a fixed grid, so a move by one pixel does carry some
# strokes into the next window and changes the smaller map that the second convolution sees. And "same" padding
# makes strokes at the border look different from the same strokes further in.

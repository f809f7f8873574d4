"""Solutions of `cnn_digits` that must lose marks, each a mistake students make, and other right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)

BUILD_HEADER = "def build_cnn() -> keras.Model:\n"
TRAIN_HEADER = "def train(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict[str, list[float]]:\n"
CONV2D_HEADER = 'def conv2d(images, kernels, bias, strides=1, padding="valid"):\n'


# 1. The arithmetic of sliding windows


@wrong(loses=["output-size-tests"])
def one_place_too_few() -> dict[str, str]:
    """Forgets the place the window starts at: (n - k) / s without the + 1."""
    return {"output-size": replaced(CELLS["output-size"], ("// strides + 1", "// strides"))}


@wrong(loses=["output-size-tests", "conv2d-strides-and-same-tests"])
def odd_zero_in_front() -> dict[str, str]:
    """Puts the odd zero of "same" padding in front, as some other frameworks do."""
    return {
        "output-size": replaced(
            CELLS["output-size"], ("return total // 2, total - total // 2", "return total - total // 2, total // 2")
        )
    }


@wrong(loses=["output-size-tests", "conv2d-strides-and-same-tests"])
def same_padding_ignores_strides() -> dict[str, str]:
    """Pads (k - 1) / 2 on each side whatever the strides, as if they were 1."""
    return {
        "output-size": replaced(
            CELLS["output-size"], ("max((places - 1) * strides + kernel_size - size, 0)", "kernel_size - 1")
        )
    }


# 2. Convolution


@wrong(loses=["conv2d-valid-tests"])
def kernel_flipped() -> dict[str, str]:
    """Turns the kernel by 180 degrees: the mathematicians' convolution."""
    return {"conv2d": replaced(CELLS["conv2d"], ("kernels[row, column]", "kernels[-1 - row, -1 - column]"))}


@wrong(loses=["conv2d-valid-tests", "conv2d-strides-and-same-tests"])
def channels_not_added_up() -> dict[str, str]:
    """Convolves the first channel only: right on grey images, wrong on every later layer."""
    return {
        "conv2d": replaced(CELLS["conv2d"], ("met @ kernels[row, column]", "met[..., :1] @ kernels[row, column, :1]"))
    }


@wrong(loses=["conv2d-strides-and-same-tests"])
def strides_ignored() -> dict[str, str]:
    """Moves by one pixel whatever the strides, and cuts the result to the right size."""
    return {"conv2d": replaced(CELLS["conv2d"], ("[:, ::strides, ::strides, :]", ""))}


@wrong(loses=["conv2d-strides-and-same-tests"])
def same_means_kernel_half() -> dict[str, str]:
    """Pads k // 2 zeros on both sides for "same": one too many for even kernels, and wrong with strides."""
    return {
        "conv2d": replaced(
            CELLS["conv2d"],
            ("rows = same_padding(images.shape[1], kernel_height, strides)", "rows = (kernel_height // 2,) * 2"),
            ("columns = same_padding(images.shape[2], kernel_width, strides)", "columns = (kernel_width // 2,) * 2"),
        )
    }


@wrong(loses=["conv2d-valid-tests"])
def bias_forgotten() -> dict[str, str]:
    """Leaves out the bias."""
    return {"conv2d": replaced(CELLS["conv2d"], (" + bias\n", "\n"))}


@wrong(loses=["conv2d-valid-tests", "conv2d-strides-and-same-tests"])
def keras_does_the_work() -> dict[str, str]:
    """Calls Keras' own convolution instead of writing one."""
    return {
        "conv2d": CONV2D_HEADER
        + "    found = keras.ops.conv(images, kernels, strides=strides, padding=padding)\n"
        + "    return keras.ops.convert_to_numpy(found) + bias\n"
    }


# 3. Pooling


@wrong(loses=["max-pool-tests"])
def min_instead_of_max() -> dict[str, str]:
    """Keeps the smallest value of each window."""
    return {"max-pool": replaced(CELLS["max-pool"], ("np.max(seen", "np.min(seen"))}


@wrong(loses=["max-pool-tests"])
def maximum_starts_at_zero() -> dict[str, str]:
    """Compares with an output that begins as zeros: windows of negative numbers come out as 0."""
    return {"max-pool": replaced(CELLS["max-pool"], ("np.max(seen, axis=0)", "np.maximum(np.max(seen, axis=0), 0.0)"))}


@wrong(loses=["max-pool-tests"])
def pools_by_reshaping() -> dict[str, str]:
    """Reshapes into blocks: fine for windows side by side, wrong as soon as strides and pool size differ."""
    return {
        "max-pool": """def max_pool(images, pool_size=2, strides=2):
    batch, height, width, channels = images.shape
    rows, columns = height // pool_size, width // pool_size
    images = images[:, : rows * pool_size, : columns * pool_size]
    return images.reshape(batch, rows, pool_size, columns, pool_size, channels).max(axis=(2, 4))
"""
    }


# 4. The network


@wrong(loses=["cnn-tests"])
def logits_without_softmax() -> dict[str, str]:
    """Leaves the softmax out and trains on logits, properly: the network learns, but gives no probabilities."""
    return {
        "build-cnn": replaced(
            CELLS["build-cnn"], ('keras.layers.Dense(10, activation="softmax")', "keras.layers.Dense(10)")
        ),
        "train": replaced(
            CELLS["train"],
            (
                'loss="sparse_categorical_crossentropy"',
                "loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
            ),
        ),
    }


@wrong(loses=["cnn-tests"])
def sigmoid_in_place_of_softmax() -> dict[str, str]:
    """Ends in ten sigmoids: each between 0 and 1, but they do not sum to 1."""
    return {"build-cnn": replaced(CELLS["build-cnn"], ('activation="softmax"', 'activation="sigmoid"'))}


@wrong(loses=["shifted-tests"])
def dense_only() -> dict[str, str]:
    """A dense network: good in place, lost when the digits move."""
    return {
        "build-cnn": BUILD_HEADER
        + """    return keras.Sequential([
        keras.Input(shape=(8, 8, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
"""
    }


@wrong(loses=["cnn-tests"])
def frozen_first_layer() -> dict[str, str]:
    """Freezes the first convolution, as if it were pretrained."""
    return {
        "build-cnn": replaced(
            CELLS["build-cnn"],
            ('16, 3, padding="same", activation="relu"', '16, 3, padding="same", activation="relu", trainable=False'),
        )
    }


@wrong(loses=["cnn-tests"])
def far_too_many_weights() -> dict[str, str]:
    """A wide dense layer on top of the flattened maps: half a million weights."""
    return {
        "build-cnn": BUILD_HEADER
        + """    return keras.Sequential([
        keras.Input(shape=(8, 8, 1)),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(1024, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
"""
    }


@wrong(loses=["cnn-tests", "train-tests", "accuracy-tests", "shifted-tests"])
def forgets_to_return_the_model() -> dict[str, str]:
    """Builds the model and does not return it."""
    return {"build-cnn": replaced(CELLS["build-cnn"], ("return keras.Sequential", "model = keras.Sequential"))}


# 5. Training


@wrong(loses=["train-tests", "accuracy-tests", "shifted-tests"])
def learning_rate_zero() -> dict[str, str]:
    """Trains with a learning rate of 0: everything runs, nothing is learned."""
    return {"train": replaced(CELLS["train"], ("learning_rate=0.005", "learning_rate=0.0"))}


@wrong(loses=["train-tests", "accuracy-tests"])
def labels_of_the_neighbour() -> dict[str, str]:
    """Shuffles the images and not the labels: each label belongs to another image."""
    return {
        "train": replaced(
            CELLS["train"],
            ("history = model.fit(images, labels,", "history = model.fit(np.random.permutation(images), labels,"),
        )
    }


@wrong(loses=["accuracy-tests", "shifted-tests"])
def trained_on_another_scale() -> dict[str, str]:
    """Scales the images by 1 / 255 once more while training; new digits then look 255 times too bright."""
    return {"train": replaced(CELLS["train"], ("history = model.fit(images,", "history = model.fit(images / 255.0,"))}


@wrong(loses=["train-tests"])
def trains_a_model_of_its_own() -> dict[str, str]:
    """Builds and trains a model of its own; the one it was given stays as it was."""
    return {"train": replaced(CELLS["train"], ("    model.compile(", "    model = build_cnn()\n    model.compile("))}


@wrong(loses=["train-tests"])
def ignores_its_arguments() -> dict[str, str]:
    """Trains on the notebook's own images whatever it is given."""
    return {"train": replaced(CELLS["train"], ("model.fit(images, labels,", "model.fit(train_images, train_labels,"))}


@wrong(loses=["train-tests"])
def returns_no_history() -> dict[str, str]:
    """Trains well, and returns nothing."""
    return {"train": replaced(CELLS["train"], ("return history.history", "return None"))}


# 6. Scores


@wrong(loses=["confusion-matrix-tests", "precision-recall-f1-tests"])
def matrix_transposed() -> dict[str, str]:
    """Counts predictions in rows: precision and recall change places with it."""
    return {
        "confusion-matrix": replaced(
            CELLS["confusion-matrix"], ("(labels, predictions), 1", "(predictions, labels), 1")
        )
    }


@wrong(loses=["confusion-matrix-tests", "precision-recall-f1-tests"])
def counts_each_cell_once() -> dict[str, str]:
    """Adds with `counts[labels, predictions] += 1`, which counts a repeated pair once."""
    return {
        "confusion-matrix": replaced(
            CELLS["confusion-matrix"],
            ("np.add.at(counts, (labels, predictions), 1)", "counts[labels, predictions] += 1"),
        )
    }


@wrong(loses=["precision-recall-f1-tests"])
def precision_and_recall_swapped() -> dict[str, str]:
    """Divides by the row where the column belongs, and the other way round."""
    return {
        "precision-recall-f1": replaced(CELLS["precision-recall-f1"], ("predicted, actual =", "actual, predicted ="))
    }


@wrong(loses=["precision-recall-f1-tests"])
def micro_for_macro() -> dict[str, str]:
    """Averages over the images instead of the classes: the accuracy by another name."""
    return {
        "precision-recall-f1": replaced(
            CELLS["precision-recall-f1"],
            ("float(precision.mean())", "float(right.sum() / counts.sum())"),
            ("float(recall.mean())", "float(right.sum() / counts.sum())"),
            ("float(f1.mean())", "float(right.sum() / counts.sum())"),
        )
    }


@wrong(loses=["precision-recall-f1-tests"])
def nan_for_zero_division() -> dict[str, str]:
    """Divides 0 by 0 for a class that was never predicted."""
    return {
        "precision-recall-f1": replaced(
            CELLS["precision-recall-f1"],
            ("np.divide(right, predicted, out=np.zeros(num_classes), where=predicted > 0)", "right / predicted"),
        )
    }


@wrong(loses=["precision-recall-f1-tests"])
def f1_of_the_means() -> dict[str, str]:
    """Takes macro F1 from mean precision and mean recall instead of averaging the classes' F1."""
    return {
        "precision-recall-f1": replaced(
            CELLS["precision-recall-f1"],
            (
                "float(f1.mean())",
                "float(2 * precision.mean() * recall.mean() / (precision.mean() + recall.mean()))",
            ),
        )
    }


# Right ones


@right
def functional_with_batch_normalisation() -> dict[str, str]:
    """The functional interface with batch normalisation, and a learning rate that falls to 0."""
    return {
        "build-cnn": BUILD_HEADER
        + """    image = keras.Input(shape=(8, 8, 1))
    x = keras.layers.Conv2D(24, 3, padding="same", use_bias=False)(image)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.MaxPooling2D(3, 2, padding="same")(x)
    x = keras.layers.Conv2D(48, 3, padding="same", activation="relu")(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(x))
""",
        "train": replaced(
            CELLS["train"], ("learning_rate=0.005", "learning_rate=keras.optimizers.schedules.CosineDecay(0.006, 270)")
        ),
    }


@right
def subclassed_and_built() -> dict[str, str]:
    """A class of its own, built by its first call; a Softmax layer of its own at the end."""
    return {
        "build-cnn": """class DigitReader(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = keras.layers.Conv2D(16, 3, padding="same", activation="relu")
        self.second = keras.layers.Conv2D(32, 3, padding="same", activation="relu")
        self.pool = keras.layers.MaxPooling2D(2)
        self.everywhere = keras.layers.GlobalMaxPooling2D()
        self.classify = keras.layers.Dense(10)
        self.softmax = keras.layers.Softmax()

    def call(self, images):
        found = self.pool(self.first(images))
        return self.softmax(self.classify(self.everywhere(self.second(found))))


def build_cnn() -> keras.Model:
    model = DigitReader()
    model(np.zeros((1, 8, 8, 1), dtype="float32"))
    return model
"""
    }


@right
def bigger_with_dropout() -> dict[str, str]:
    """Three convolutions, dropout and a dense layer: near the weight budget, trained in smaller batches."""
    return {
        "build-cnn": BUILD_HEADER
        + """    return keras.Sequential([
        keras.Input(shape=(8, 8, 1)),
        keras.layers.Conv2D(24, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(48, 3, padding="same", activation="relu"),
        keras.layers.Conv2D(48, 3, padding="same", activation="relu"),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])
""",
        "train": TRAIN_HEADER
        + """    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(images, labels, batch_size=32, epochs=15, validation_split=0.1, verbose=0).history
""",
    }


@right
def loops_over_places() -> dict[str, str]:
    """`conv2d` and `max_pool` with a loop over the output's places, and lists for the rest."""
    return {
        "output-size": """import math

def same_padding(size, kernel_size, strides):
    total = max(0, (math.ceil(size / strides) - 1) * strides + kernel_size - size)
    return total // 2, math.ceil(total / 2)

def output_size(size, kernel_size, strides, padding):
    return math.ceil(size / strides) if padding == "same" else math.ceil((size - kernel_size + 1) / strides)
""",
        "conv2d": CONV2D_HEADER
        + """    kh, kw = kernels.shape[:2]
    if padding == "same":
        top, bottom = same_padding(images.shape[1], kh, strides)
        left, right = same_padding(images.shape[2], kw, strides)
        images = np.pad(images, [(0, 0), (top, bottom), (left, right), (0, 0)])
    rows = range(0, images.shape[1] - kh + 1, strides)
    columns = range(0, images.shape[2] - kw + 1, strides)
    out = np.empty((images.shape[0], len(rows), len(columns), kernels.shape[3]), dtype="float32")
    for i, r in enumerate(rows):
        for j, c in enumerate(columns):
            out[:, i, j] = np.tensordot(images[:, r : r + kh, c : c + kw], kernels, axes=3) + bias
    return out
""",
        "max-pool": """def max_pool(images, pool_size=2, strides=2):
    rows = range(0, images.shape[1] - pool_size + 1, strides)
    columns = range(0, images.shape[2] - pool_size + 1, strides)
    return np.stack([
        np.stack([images[:, r : r + pool_size, c : c + pool_size].max(axis=(1, 2)) for c in columns], axis=1)
        for r in rows
    ], axis=1)
""",
        "confusion-matrix": """def confusion_matrix(labels, predictions, num_classes):
    rows = [[np.sum((labels == t) & (predictions == p)) for p in range(num_classes)] for t in range(num_classes)]
    return np.array(rows)
""",
        "precision-recall-f1": """def precision_recall_f1(labels, predictions, num_classes):
    def share(part, whole):
        return part / whole if whole else 0.0

    precision, recall, f1 = [], [], []
    for c in range(num_classes):
        hits = np.sum((predictions == c) & (labels == c))
        precision.append(share(hits, np.sum(predictions == c)))
        recall.append(share(hits, np.sum(labels == c)))
        f1.append(share(2 * precision[-1] * recall[-1], precision[-1] + recall[-1]))
    lists = {"precision": precision, "recall": recall, "f1": f1}
    return {**lists, **{"macro_" + name: sum(values) / num_classes for name, values in lists.items()}}
""",
    }


@right
def windows_as_a_view() -> dict[str, str]:
    """`conv2d` as one tensordot over a view of all windows."""
    return {
        "conv2d": CONV2D_HEADER
        + """    if padding == "same":
        around = [same_padding(images.shape[axis], kernels.shape[axis - 1], strides) for axis in (1, 2)]
        images = np.pad(images, [(0, 0)] + around + [(0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[:2], axis=(1, 2))[:, ::strides, ::strides]
    return np.tensordot(windows, kernels, axes=((4, 5, 3), (0, 1, 2))) + bias
"""
    }


@right
def own_training_loop() -> dict[str, str]:
    """A loop over batches of its own instead of `fit`, with a falling learning rate."""
    return {
        "train": TRAIN_HEADER
        + """    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.006, 400))
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    losses = []
    for epoch in range(18):
        order = np.random.permutation(len(images))
        batches = [order[start : start + 64] for start in range(0, len(order), 64)]
        losses.append(float(np.mean([model.train_on_batch(images[batch], labels[batch]) for batch in batches])))
    return {"loss": losses}
"""
    }

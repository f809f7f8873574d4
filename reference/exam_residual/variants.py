"""Solutions of `exam_residual` that must lose marks, each a mistake students make, and right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)
BLOCK, NETWORK, AUGMENTATION, F1, TRAINING = (
    CELLS[name] for name in ("residual-block", "network", "augmentation", "macro-f1", "training")
)

BLOCK_HEADER = "def residual_block(x, filters, strides):\n"
NETWORK_HEADER = "def build_network(block, input_shape, num_classes):\n"
AUGMENTATION_HEADER = "def flip_and_shift(images, rng, most):\n"
F1_HEADER = "def macro_f1(labels, predictions, num_classes):\n"
TRAINING_HEADER = "def train_network(pictures, labels):\n"


# 1. The block


@wrong(loses=["residual-block-tests"])
def no_shortcut() -> dict[str, str]:
    """Two convolutions, and nothing is added."""
    return {"residual-block": replaced(BLOCK, ("keras.layers.Add()([x, shortcut])", "x"))}


@wrong(loses=["residual-block-tests"])
def activation_before_the_sum() -> dict[str, str]:
    """Activates what was found, and then adds: the sum may be negative."""
    return {
        "residual-block": replaced(
            BLOCK,
            (
                "keras.layers.ReLU()(keras.layers.Add()([x, shortcut]))",
                "keras.layers.Add()([keras.layers.ReLU()(x), shortcut])",
            ),
        )
    }


@wrong(loses=["residual-block-tests"])
def projects_always() -> dict[str, str]:
    """Projects the shortcut wherever it goes."""
    return {"residual-block": replaced(BLOCK, ("if strides != 1 or x.shape[-1] != filters:", "if True:"))}


@wrong(loses=["residual-block-tests"])
def forgets_that_strides_change_the_shape() -> dict[str, str]:
    """Projects where the channels change only: with strides 2 the shapes do not fit."""
    return {"residual-block": replaced(BLOCK, ("if strides != 1 or ", "if "))}


@wrong(loses=["residual-block-tests"])
def forgets_that_channels_change_the_shape() -> dict[str, str]:
    """Projects where the strides change only: with other channels the shapes do not fit, or one is spread over all."""
    return {"residual-block": replaced(BLOCK, ("strides != 1 or x.shape[-1] != filters", "strides != 1"))}


@wrong(loses=["residual-block-tests"])
def projection_with_activation() -> dict[str, str]:
    """Activates the projection."""
    return {
        "residual-block": replaced(BLOCK, ("filters, 1, strides=strides)", 'filters, 1, strides, activation="relu")'))
    }


@wrong(loses=["residual-block-tests"])
def projection_of_three_by_three() -> dict[str, str]:
    """Projects by a 3x3 convolution."""
    return {"residual-block": replaced(BLOCK, ("filters, 1, strides=strides)", 'filters, 3, strides, padding="same")'))}


@wrong(loses=["residual-block-tests"])
def pools_the_shortcut() -> dict[str, str]:
    """Averages the shortcut down before it projects."""
    return {
        "residual-block": replaced(
            BLOCK,
            (
                "keras.layers.Conv2D(filters, 1, strides=strides)(x)",
                'keras.layers.Conv2D(filters, 1)(keras.layers.AveragePooling2D(strides, padding="same")(x))',
            ),
        )
    }


@wrong(loses=["residual-block-tests"])
def strides_twice() -> dict[str, str]:
    """Both convolutions move by `strides`: the shapes do not fit."""
    return {
        "residual-block": replaced(
            BLOCK, ('filters, 3, padding="same", use_bias', 'filters, 3, strides=strides, padding="same", use_bias')
        )
    }


@wrong(loses=["residual-block-tests"])
def strides_in_the_second_convolution() -> dict[str, str]:
    """The second convolution moves by `strides` instead of the first."""
    return {
        "residual-block": replaced(
            BLOCK,
            ('filters, 3, strides=strides, padding="same"', 'filters, 3, padding="SAME"'),
            ('filters, 3, padding="same"', 'filters, 3, strides=strides, padding="same"'),
            ("SAME", "same"),
        )
    }


@wrong(loses=["residual-block-tests"])
def no_normalisation() -> dict[str, str]:
    """Leaves batch normalisation out."""
    return {
        "residual-block": replaced(
            BLOCK,
            ("keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))", "keras.layers.ReLU()(x)"),
            ("    x = keras.layers.BatchNormalization(momentum=0.9)(x)\n", ""),
        )
    }


@wrong(loses=["residual-block-tests"])
def no_normalisation_before_the_sum() -> dict[str, str]:
    """Normalises after the first convolution only."""
    return {"residual-block": replaced(BLOCK, ("    x = keras.layers.BatchNormalization(momentum=0.9)(x)\n", ""))}


@wrong(loses=["residual-block-tests"])
def normalises_after_the_activation() -> dict[str, str]:
    """Activates first and normalises then."""
    return {
        "residual-block": replaced(
            BLOCK,
            (
                "keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))",
                "keras.layers.BatchNormalization(momentum=0.9)(keras.layers.ReLU()(x))",
            ),
        )
    }


@wrong(loses=["residual-block-tests"])
def activation_in_between_forgotten() -> dict[str, str]:
    """Nothing but linear layers up to the sum."""
    return {
        "residual-block": replaced(
            BLOCK,
            (
                "keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))",
                "keras.layers.BatchNormalization(momentum=0.9)(x)",
            ),
        )
    }


@wrong(loses=["residual-block-tests"])
def activation_at_the_end_forgotten() -> dict[str, str]:
    """Returns the sum as it is."""
    return {
        "residual-block": replaced(
            BLOCK, ("return keras.layers.ReLU()(keras.layers.Add()([x, shortcut]))", "return x + shortcut")
        )
    }


@wrong(loses=["residual-block-tests"])
def normalises_the_sum() -> dict[str, str]:
    """Normalises the sum instead of what is added: the shortcut no longer hands on x as it is."""
    return {
        "residual-block": replaced(
            BLOCK,
            ("    x = keras.layers.BatchNormalization(momentum=0.9)(x)\n", ""),
            ("Add()([x, shortcut]))", "BatchNormalization(momentum=0.9)(keras.layers.Add()([x, shortcut])))"),
        )
    }


@wrong(loses=["residual-block-tests"])
def activation_first() -> dict[str, str]:
    """The later kind of block, with norm and relu in front of each convolution and nothing after the sum."""
    return {
        "residual-block": BLOCK_HEADER
        + """    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = keras.layers.Conv2D(filters, 1, strides=strides)(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same")(x)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.Conv2D(filters, 3, padding="same")(x)
    return keras.layers.Add()([x, shortcut])
"""
    }


# 2. The network


@wrong(loses=["network-tests"])
def flattens() -> dict[str, str]:
    """Flattens in place of pooling."""
    return {"network": replaced(NETWORK, ("GlobalAveragePooling2D", "Flatten"))}


@wrong(loses=["network-tests"])
def no_softmax() -> dict[str, str]:
    """Gives logits, and trains on them properly."""
    return {
        "network": replaced(NETWORK, (', activation="softmax"', "")),
        "training": replaced(
            TRAINING,
            ('"sparse_categorical_crossentropy"', "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ),
    }


@wrong(loses=["network-tests"])
def sigmoids() -> dict[str, str]:
    """Ends in sigmoids, which do not sum to 1."""
    return {"network": replaced(NETWORK, ('activation="softmax"', 'activation="sigmoid"'))}


@wrong(loses=["network-tests"])
def six_classes_written_down() -> dict[str, str]:
    """Ignores num_classes."""
    return {"network": replaced(NETWORK, ("Dense(num_classes", "Dense(6"))}


@wrong(loses=["network-tests"])
def shape_written_down() -> dict[str, str]:
    """Ignores input_shape."""
    return {"network": replaced(NETWORK, ("shape=input_shape", "shape=(12, 12, 1)"))}


@wrong(loses=["network-tests"])
def each_block_on_the_first_convolution() -> dict[str, str]:
    """Every block is of the first convolution; but for the last one they are lost."""
    return {
        "network": replaced(
            NETWORK,
            (")(pictures)\n", ")(pictures)\n    start = x\n"),
            ("x = block(x, filters", "x = block(start, filters"),
        )
    }


@wrong(loses=["network-tests"])
def uses_a_block_of_its_own() -> dict[str, str]:
    """Calls residual_block whatever it is given."""
    return {"network": replaced(NETWORK, ("x = block(x", "x = residual_block(x"))}


@wrong(loses=["network-tests"])
def two_blocks() -> dict[str, str]:
    """Stops after two blocks."""
    return {"network": replaced(NETWORK, ("((16, 1), (24, 2), (32, 2))", "((24, 2), (32, 2))"))}


@wrong(loses=["network-tests"])
def halves_three_times() -> dict[str, str]:
    """Every block has strides 2."""
    return {"network": replaced(NETWORK, ("(16, 1)", "(16, 2)"))}


@wrong(loses=["network-tests"])
def too_many_weights() -> dict[str, str]:
    """Doubles the filters twice, from 64 on."""
    return {"network": replaced(NETWORK, ("((16, 1), (24, 2), (32, 2))", "((64, 1), (128, 2), (256, 2))"))}


@wrong(loses=["network-tests"])
def pools_between_the_blocks() -> dict[str, str]:
    """Halves by pooling, with strides of 1 in every block."""
    return {
        "network": replaced(
            NETWORK,
            ("((16, 1), (24, 2), (32, 2))", "((16, 1), (24, 1), (32, 1))"),
            ("x = block(x, filters", "x = block(keras.layers.MaxPooling2D()(x), filters"),
        )
    }


@wrong(loses=["network-tests"])
def edges_cut_off() -> dict[str, str]:
    """Forgets the padding of the first convolution."""
    return {"network": replaced(NETWORK, ('3, padding="same", ', "3, "))}


@wrong(loses=["network-tests"])
def first_convolution_frozen() -> dict[str, str]:
    """Freezes the first convolution, as if it were pretrained."""
    return {"network": replaced(NETWORK, ('padding="same", ', 'padding="same", trainable=False, '))}


# 3. Augmentation


@wrong(loses=["augmentation-tests"])
def rolls_around() -> dict[str, str]:
    """Moves with np.roll: what leaves on one side comes back on the other."""
    return {
        "augmentation": AUGMENTATION_HEADER
        + """    moved = np.empty_like(images)
    for place, image in enumerate(images):
        image = image[:, ::-1] if rng.random() < 0.5 else image
        moved[place] = np.roll(image, rng.integers(-most, most + 1, size=2), axis=(0, 1))
    return moved
"""
    }


@wrong(loses=["augmentation-tests"])
def one_draw_for_all() -> dict[str, str]:
    """Draws once for the whole batch."""
    return {
        "augmentation": AUGMENTATION_HEADER
        + """    images = images[:, :, ::-1] if rng.random() < 0.5 else images
    down, right = rng.integers(-most, most + 1, size=2)
    framed = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)))
    height, width = images.shape[1:3]
    return framed[:, most - down : most - down + height, most - right : most - right + width].copy()
"""
    }


@wrong(loses=["augmentation-tests"])
def upside_down() -> dict[str, str]:
    """Mirrors the rows instead of the columns."""
    return {"augmentation": replaced(AUGMENTATION, ("image[:, ::-1]", "image[::-1]"))}


@wrong(loses=["augmentation-tests"])
def mirrors_all() -> dict[str, str]:
    """Mirrors every image."""
    return {
        "augmentation": replaced(AUGMENTATION, ("image[:, ::-1] if rng.random() < 0.5 else image", "image[:, ::-1]"))
    }


@wrong(loses=["augmentation-tests"])
def mirrors_one_in_three() -> dict[str, str]:
    """Mirrors too few."""
    return {"augmentation": replaced(AUGMENTATION, ("rng.random() < 0.5", "rng.integers(3) == 0"))}


@wrong(loses=["augmentation-tests"])
def never_the_farthest() -> dict[str, str]:
    """Forgets that integers(a, b) never draws b."""
    return {"augmentation": replaced(AUGMENTATION, ("most + 1, size", "most + (most == 0), size"))}


@wrong(loses=["augmentation-tests"])
def along_the_diagonal() -> dict[str, str]:
    """Moves as far down as to the right."""
    return {
        "augmentation": replaced(
            AUGMENTATION,
            ("down, right = rng.integers(-most, most + 1, size=2)", "down = right = rng.integers(-most, most + 1)"),
        )
    }


@wrong(loses=["augmentation-tests"])
def moves_only_or_mirrors_only() -> dict[str, str]:
    """Moves only those images that it does not mirror."""
    return {
        "augmentation": replaced(
            AUGMENTATION,
            ("size=2)\n", "size=2) * (mirrored is image)\n"),
        )
    }


@wrong(loses=["augmentation-tests"])
def floats_come_back() -> dict[str, str]:
    """Collects in an array of floats, whatever dtype came in."""
    return {"augmentation": replaced(AUGMENTATION, ("np.zeros_like(images)", "np.zeros(images.shape)"))}


@wrong(loses=["augmentation-tests"])
def writes_into_what_it_was_given() -> dict[str, str]:
    """Saves the memory for a second array."""
    return {"augmentation": replaced(AUGMENTATION, ("np.zeros_like(images)", "images"))}


@wrong(loses=["augmentation-tests"])
def edges_are_smeared() -> dict[str, str]:
    """Fills with the pixels of the edge."""
    return {"augmentation": replaced(AUGMENTATION, ("(0, 0)))", '(0, 0)), mode="edge")'))}


@wrong(loses=["augmentation-tests"])
def draws_from_numpys_own_generator() -> dict[str, str]:
    """Draws the moves from np.random."""
    return {"augmentation": replaced(AUGMENTATION, ("rng.integers(-most", "np.random.randint(-most"))}


@wrong(loses=["augmentation-tests"])
def images_change_places() -> dict[str, str]:
    """Shuffles the images, whose labels stay where they are."""
    return {"augmentation": replaced(AUGMENTATION, ("enumerate(images)", "enumerate(rng.permutation(images))"))}


# 4. Macro F1


@wrong(loses=["macro-f1-tests"])
def accuracy_by_another_name() -> dict[str, str]:
    """Averages over the pictures: micro F1, the accuracy."""
    return {"macro-f1": F1_HEADER + "    return float(np.mean(labels == predictions))\n"}


@wrong(loses=["macro-f1-tests"])
def f1_of_the_means() -> dict[str, str]:
    """Takes F1 from mean precision and mean recall."""
    return {
        "macro-f1": F1_HEADER
        + """    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (labels, predictions), 1)
    hits = np.diag(counts)
    precision = np.mean(hits / np.maximum(counts.sum(axis=0), 1))
    recall = np.mean(hits / np.maximum(counts.sum(axis=1), 1))
    return 2 * precision * recall / (precision + recall)
"""
    }


@wrong(loses=["macro-f1-tests"])
def not_a_number() -> dict[str, str]:
    """Divides 0 by 0 for a class that was never predicted."""
    return {
        "macro-f1": F1_HEADER
        + """    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (labels, predictions), 1)
    hits = np.diag(counts)
    precision, recall = hits / counts.sum(axis=0), hits / counts.sum(axis=1)
    return float(np.mean(2 * precision * recall / (precision + recall)))
"""
    }


@wrong(loses=["macro-f1-tests"])
def leaves_out_what_it_cannot_divide() -> dict[str, str]:
    """Averages over those classes that have an F1."""
    return {"macro-f1": replaced(F1, ("        scores.append(", "        if hits:\n            scores.append("))}


@wrong(loses=["macro-f1-tests"])
def weighted_by_frequency() -> dict[str, str]:
    """Weights each class by how often it occurs."""
    return {
        "macro-f1": replaced(
            F1, ("np.mean(scores)", "np.average(scores, weights=np.bincount(labels, minlength=num_classes))")
        )
    }


@wrong(loses=["macro-f1-tests"])
def mean_of_recalls() -> dict[str, str]:
    """Averages recall alone."""
    return {"macro-f1": replaced(F1, ("2 * hits / (actual + predicted)", "hits / actual"))}


# 5. Training


@wrong(loses=["training-tests"])
def dense_only() -> dict[str, str]:
    """A dense network, trained for longer."""
    return {
        "training": TRAINING_HEADER
        + """    model = keras.Sequential([
        keras.Input((12, 12, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(6, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(pictures, labels, epochs=15, verbose=0)
    return model
"""
    }


@wrong(loses=["training-tests"])
def not_trained() -> dict[str, str]:
    """Builds and compiles, and forgets to fit."""
    return {
        "training": replaced(TRAINING, ("    model.fit(pictures, labels, batch_size=24, epochs=8, verbose=0)\n", ""))
    }


@wrong(loses=["training-tests"])
def labels_of_the_neighbour() -> dict[str, str]:
    """Shuffles the pictures and not the labels."""
    return {"training": replaced(TRAINING, ("model.fit(pictures,", "model.fit(np.random.permutation(pictures),"))}


@wrong(loses=["training-tests"])
def pixels_divided_once_more() -> dict[str, str]:
    """Divides by 255 what is in [0, 1] already, while training only."""
    return {"training": replaced(TRAINING, ("model.fit(pictures,", "model.fit(pictures / 255,"))}


@wrong(loses=["training-tests"])
def uses_the_notebooks_pictures() -> dict[str, str]:
    """Trains on the notebook's pictures whatever it is given."""
    return {"training": replaced(TRAINING, ("model.fit(pictures, labels,", "model.fit(train_pictures, train_labels,"))}


@wrong(loses=["training-tests"])
def far_too_high_a_rate() -> dict[str, str]:
    """A learning rate at which nothing is learned."""
    return {"training": replaced(TRAINING, ("CosineDecay(0.01,", "CosineDecay(10.0,"))}


@wrong(loses=["training-tests"])
def returns_the_history() -> dict[str, str]:
    """Returns what `fit` returns."""
    return {"training": replaced(TRAINING, ("    model.fit", "    return model.fit"))}


# Right ones


@right
def layers_of_its_own() -> dict[str, str]:
    """The block as a class of its own with all settings and biases; loops in NumPy.

    Normalisation counts with Keras's usual momentum, and training is long enough for that.
    """
    return {
        "residual-block": """class Residual(keras.layers.Layer):
    def __init__(self, filters, strides, project):
        super().__init__()
        self.first = keras.layers.Conv2D(filters, 3, strides, "same", kernel_initializer="he_normal")
        self.second = keras.layers.Conv2D(filters, (3, 3), padding="same", kernel_initializer="he_normal")
        self.norms = [keras.layers.BatchNormalization(epsilon=1e-5) for _ in range(2)]
        self.project = keras.layers.Conv2D(filters, 1, strides, padding="same") if project else None

    def call(self, x, training=False):
        found = keras.activations.relu(self.norms[0](self.first(x), training=training))
        found = self.norms[1](self.second(found), training=training)
        return keras.activations.relu(found + (x if self.project is None else self.project(x)))


def residual_block(x, filters, strides):
    return Residual(filters, strides, strides > 1 or filters != x.shape[3])(x)
""",
        "augmentation": AUGMENTATION_HEADER
        + """    n, height, width, _ = images.shape
    flips = rng.integers(0, 2, n).astype(bool)
    result = np.where(flips[:, None, None, None], images[:, :, ::-1], images)
    for axis, size in ((1, height), (2, width)):
        moves = rng.integers(-most, most, n, endpoint=True)
        for i, move in enumerate(moves):
            row = np.roll(result[i], move, axis=axis - 1)
            gone = slice(0, move) if move > 0 else slice(size + move, size)
            row[(slice(None),) * (axis - 1) + (gone,)] = 0
            result[i] = row
    return result
""",
        "macro-f1": F1_HEADER
        + """    def f1(c):
        precision = (labels[predictions == c] == c).mean() if c in predictions else 0
        recall = (predictions[labels == c] == c).mean() if c in labels else 0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0

    return sum(f1(c) for c in range(num_classes)) / num_classes
""",
        "training": replaced(CELLS["training"], ("8 * -(", "20 * -("), ("epochs=8", "epochs=20")),
    }


@right
def projection_last_and_normalised() -> dict[str, str]:
    """The shortcut made last and normalised, as He and others (2016) do; five blocks, and steps enough for them."""
    return {
        "residual-block": BLOCK_HEADER
        + """    def conv_norm(x, size, strides=1):
        x = keras.layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return keras.layers.BatchNormalization(momentum=0.9)(x)

    found = conv_norm(keras.activations.relu(conv_norm(x, 3, strides)), 3)
    same = strides == 1 and x.shape[-1] == filters
    return keras.activations.relu(keras.layers.add([x if same else conv_norm(x, 1, strides), found]))
""",
        "network": NETWORK_HEADER
        + """    inputs = keras.layers.Input(input_shape)
    x = keras.layers.Conv2D(8, (3, 3), padding="same", use_bias=False)(inputs)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    x = keras.layers.Activation("relu")(x)
    x = block(x, 8, 1)
    x = block(x, filters=16, strides=2)
    x = block(x, 16, 1)
    x = block(x, 32, strides=2)
    x = block(x, 32, 1)
    x = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dropout(0.1)(x)
    return keras.Model(inputs, keras.layers.Softmax()(keras.layers.Dense(num_classes)(x)))
""",
        "augmentation": AUGMENTATION_HEADER
        + """    num, height, width = images.shape[:3]
    flipped = rng.random(num) < 0.5
    down, right = (rng.integers(-most, most + 1, size=(num, 1, 1)) for _ in range(2))
    rows = np.arange(height)[None, :, None] - down
    columns = np.arange(width)[None, None, :] - right
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    columns = np.where(flipped[:, None, None], width - 1 - columns, columns)
    taken = images[np.arange(num)[:, None, None], rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return taken * inside[..., None].astype(images.dtype)
""",
        "macro-f1": F1_HEADER
        + """    counts = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(counts, (labels, predictions), 1)
    return np.mean(2 * np.diag(counts) / np.maximum(counts.sum(axis=0) + counts.sum(axis=1), 1))
""",
        "training": replaced(CELLS["training"], ("8 * -(", "14 * -("), ("epochs=8", "epochs=14")),
    }


@right
def plain_and_augmented() -> dict[str, str]:
    """Trains plain convolutions without any block, on pictures that it mirrors and moves."""
    return {
        "training": TRAINING_HEADER
        + """    model = keras.Sequential([
        keras.Input((12, 12, 1)),
        keras.layers.Conv2D(24, 3, activation="relu"),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(48, 3, activation="relu"),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(6, activation="softmax"),
    ])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    more = np.concatenate([pictures] + [flip_and_shift(pictures, rng, 1) for _ in range(3)])
    model.fit(more, np.tile(labels, 4), batch_size=32, epochs=6, verbose=0)
    return model
"""
    }


@right
def own_loop_over_batches() -> dict[str, str]:
    """A loop over batches of its own, a constant rate, the network of blocks without shortcuts."""
    return {
        "training": TRAINING_HEADER
        + """    model = build_network(plain_block, (12, 12, 1), 6)
    model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy")
    for epoch in range(10):
        order = np.random.permutation(len(pictures))
        for start in range(0, len(order), 30):
            batch = order[start : start + 30]
            model.train_on_batch(pictures[batch], labels[batch])
        if epoch == 7:
            model.optimizer.learning_rate = 0.001
    return model
"""
    }

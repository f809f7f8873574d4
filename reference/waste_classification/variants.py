"""Solutions of `waste_classification` that must lose marks, each a student's mistake, and right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)
LOAD, AUGMENT, BUILD, HEAD, TUNE, EVALUATE = (
    CELLS[name]
    for name in ("load-pictures", "build-augmentation", "build-classifier", "train-head", "fine-tune", "evaluate")
)

LOAD_HEADER = "def load_pictures(folder, training, batch_size=16):\n"
HEAD_HEADER = "def train_head(model, train, validation):\n"
TUNE_HEADER = "def fine_tune(model, base, train, validation):\n"
THAW = '    for layer in base.layers:\n        layer.trainable = layer.name == "block4_conv"\n'


# 1. load_pictures


@wrong(loses=["load-pictures-tests"])
def colours_as_in_the_file() -> dict[str, str]:
    """Leaves colours from 0 to 255, as image_dataset_from_directory gives them."""
    return {"load-pictures": replaced(LOAD, ("pictures / 127.5 - 1", "pictures"))}


@wrong(loses=["load-pictures-tests"])
def colours_from_zero_to_one() -> dict[str, str]:
    """Scales to [0, 1], as one mostly does."""
    return {"load-pictures": replaced(LOAD, ("pictures / 127.5 - 1", "pictures / 255"))}


@wrong(loses=["load-pictures-tests"])
def shuffled_in_validation_as_well() -> dict[str, str]:
    """Relies on the default, which shuffles always."""
    return {"load-pictures": replaced(LOAD, ("shuffle=training, ", ""))}


@wrong(loses=["load-pictures-tests"])
def never_shuffled() -> dict[str, str]:
    """Does not shuffle at all."""
    return {"load-pictures": replaced(LOAD, ("shuffle=training", "shuffle=False"))}


@wrong(loses=["load-pictures-tests"])
def batches_shuffled_instead_of_pictures() -> dict[str, str]:
    """Shuffles after batching: whole batches of one class change places."""
    return {
        "load-pictures": replaced(
            LOAD,
            ("shuffle=training", "shuffle=False"),
            (
                "    return dataset.map(lambda pictures, labels: (pictures / 127.5 - 1, labels))",
                "    dataset = dataset.map(lambda pictures, labels: (pictures / 127.5 - 1, labels))\n"
                "    return dataset.shuffle(100) if training else dataset",
            ),
        )
    }


@wrong(loses=["load-pictures-tests"])
def cached_after_shuffling() -> dict[str, str]:
    """Caches what was shuffled: every epoch has the order of the first."""
    return {"load-pictures": replaced(LOAD, ("- 1, labels))", "- 1, labels)).cache()"))}


@wrong(loses=["load-pictures-tests"])
def last_pictures_dropped() -> dict[str, str]:
    """Drops the last batch where it is not full."""
    return {
        "load-pictures": replaced(
            LOAD,
            ("batch_size=batch_size", "batch_size=None"),
            ("- 1, labels))", "- 1, labels)).batch(batch_size, drop_remainder=True)"),
        )
    }


@wrong(loses=["load-pictures-tests"])
def labels_one_hot() -> dict[str, str]:
    """Gives labels as one-hot rows."""
    return {"load-pictures": replaced(LOAD, ("verbose=False", 'verbose=False, label_mode="categorical"'))}


@wrong(loses=["load-pictures-tests"])
def cropped_instead_of_resized() -> dict[str, str]:
    """Cuts pictures to a square first."""
    return {"load-pictures": replaced(LOAD, ("verbose=False", "verbose=False, crop_to_aspect_ratio=True"))}


@wrong(loses=["load-pictures-tests"])
def class_names_of_the_project_written_down() -> dict[str, str]:
    """Writes down the six names, and so works for this folder alone."""
    return {
        "load-pictures": replaced(
            LOAD,
            (
                "verbose=False",
                'verbose=False,\n        class_names=["cardboard", "glass", "metal", "organic", "paper", "plastic"]',
            ),
        )
    }


@wrong(loses=["load-pictures-tests"])
def classes_in_the_order_of_the_file_system() -> dict[str, str]:
    """Numbers the folders as they are found, and shuffles files apart from their labels."""
    return {
        "load-pictures": LOAD_HEADER
        + """    folders = sorted(Path(folder).iterdir(), key=lambda path: path.stat().st_mtime_ns)
    files = [(str(path), label) for label, each in enumerate(folders) for path in sorted(each.glob("*.png"))]
    dataset = tf.data.Dataset.from_tensor_slices(([file for file, _ in files], [label for _, label in files]))
    if training:
        dataset = dataset.shuffle(len(files))

    def read(path, label):
        picture = tf.image.resize(tf.io.decode_png(tf.io.read_file(path), channels=3), (32, 32))
        return picture / 127.5 - 1, label

    return dataset.map(read).batch(batch_size)
"""
    }


# 2. build_augmentation


@wrong(loses=["augmentation-tests"])
def always_augmenting() -> dict[str, str]:
    """Changes pictures outside training as well."""
    return {
        "build-augmentation": """class Always(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.flip, self.turn = keras.layers.RandomFlip(), keras.layers.RandomRotation(0.25)

    def call(self, pictures):
        return self.turn(self.flip(pictures, training=True), training=True)


def build_augmentation():
    return Always()
"""
    }


@wrong(loses=["augmentation-tests"])
def no_augmentation() -> dict[str, str]:
    """Returns a layer that does nothing."""
    return {"build-augmentation": 'def build_augmentation():\n    return keras.layers.Activation("linear")\n'}


@wrong(loses=["augmentation-tests"])
def flipping_alone() -> dict[str, str]:
    """Only mirrors: twelve pictures become forty-eight, and a quarter of what passes is unchanged."""
    return {
        "build-augmentation": "def build_augmentation():\n    return keras.Sequential([keras.layers.RandomFlip()])\n"
    }


@wrong(loses=["augmentation-tests"])
def shifted_out_of_the_frame() -> dict[str, str]:
    """Shifts by up to a whole picture, and zooms far in."""
    return {
        "build-augmentation": replaced(
            AUGMENT,
            (
                'RandomTranslation(0.1, 0.1, fill_mode="reflect")',
                'RandomTranslation(0.9, 0.9, fill_mode="constant"),\n            keras.layers.RandomZoom((-0.8, -0.5))',
            ),
        )
    }


@wrong(loses=["augmentation-tests"])
def noise_that_hides_everything() -> dict[str, str]:
    """Adds so much noise that nothing can be recognised."""
    return {
        "build-augmentation": """class Noise(keras.layers.Layer):
    def call(self, pictures, training=False):
        if not training:
            return pictures
        noisy = pictures + keras.random.normal(keras.ops.shape(pictures), stddev=2.0)
        return keras.ops.clip(noisy, -1.0, 1.0)


def build_augmentation():
    return Noise()
"""
    }


@wrong(loses=["augmentation-tests"])
def brightness_for_another_range() -> dict[str, str]:
    """Changes brightness as for colours from 0 to 255."""
    return {
        "build-augmentation": replaced(
            AUGMENT, ("keras.layers.RandomFlip(),", "keras.layers.RandomFlip(), keras.layers.RandomBrightness(0.2),")
        )
    }


@wrong(loses=["augmentation-tests"])
def one_change_for_the_whole_batch() -> dict[str, str]:
    """Draws once for a batch: all of its pictures are turned alike, by quarters."""
    return {
        "build-augmentation": """class Together(keras.layers.Layer):
    def call(self, pictures, training=False):
        if not training:
            return pictures
        turned = keras.ops.flip(keras.ops.transpose(pictures, (0, 2, 1, 3)), axis=1)
        return keras.ops.where(keras.random.uniform(()) < 0.8, turned, pictures)


def build_augmentation():
    return Together()
"""
    }


# 3. build_classifier


@wrong(loses=["classifier-tests"])
def base_not_frozen() -> dict[str, str]:
    """Forgets to freeze the base."""
    return {"build-classifier": replaced(BUILD, ("    base.trainable = False\n", ""))}


@wrong(loses=["classifier-tests"])
def normalisation_left_open() -> dict[str, str]:
    """Freezes the convolutions alone and relies on training=False for the rest, which `fit` overrules."""
    return {
        "build-classifier": replaced(
            BUILD,
            (
                "    base.trainable = False\n",
                '    for layer in base.layers:\n        layer.trainable = "norm" in layer.name\n',
            ),
            ("base(augmentation(pictures))", "base(augmentation(pictures), training=False)"),
        )
    }


@wrong(loses=["classifier-tests"])
def augmentation_forgotten() -> dict[str, str]:
    """Builds the model without the augmentation."""
    return {"build-classifier": replaced(BUILD, ("base(augmentation(pictures))", "base(pictures)"))}


@wrong(loses=["classifier-tests"])
def augmentation_of_its_own() -> dict[str, str]:
    """Makes an augmentation of its own whatever it is given."""
    return {"build-classifier": replaced(BUILD, ("augmentation(pictures)", "build_augmentation()(pictures)"))}


@wrong(loses=["classifier-tests"])
def everything_frozen() -> dict[str, str]:
    """Freezes the classifier instead of the base: the head cannot learn either."""
    return {
        "build-classifier": replaced(
            BUILD,
            ("    return keras.Model(", "    model = keras.Model("),
            ("(features))", "(features))\n    model.trainable = False\n    return model"),
        )
    }


@wrong(loses=["classifier-tests"])
def scores_without_softmax() -> dict[str, str]:
    """Leaves the softmax out."""
    return {"build-classifier": replaced(BUILD, (', activation="softmax"', ""))}


@wrong(loses=["classifier-tests"])
def six_classes_written_down() -> dict[str, str]:
    """Ignores num_classes."""
    return {"build-classifier": replaced(BUILD, ("Dense(num_classes,", "Dense(6,"))}


@wrong(loses=["classifier-tests", "accuracy-tests"])
def network_of_its_own() -> dict[str, str]:
    """Builds a small network from scratch and leaves the base aside."""
    return {
        "build-classifier": """def build_classifier(base, augmentation, num_classes):
    base.trainable = False
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        augmentation,
        keras.layers.Conv2D(16, 3, activation="relu"),
        keras.layers.MaxPooling2D(4),
        keras.layers.Flatten(),
        keras.layers.Dense(num_classes, activation="softmax"),
    ])
"""
    }


@wrong(loses=["classifier-tests", "accuracy-tests"])
def base_made_anew() -> dict[str, str]:
    """Copies the base by its configuration: the architecture without what it has learned."""
    return {
        "build-classifier": replaced(
            BUILD,
            (
                "    base.trainable = False\n",
                "    base = keras.Model.from_config(base.get_config())\n    base.trainable = False\n",
            ),
        )
    }


# 4. train_head


@wrong(loses=["train-head-tests"])
def learning_rate_zero() -> dict[str, str]:
    """Trains with a learning rate of 0."""
    return {"train-head": replaced(HEAD, ("learning_rate=0.01", "learning_rate=0.0"))}


@wrong(loses=["train-head-tests"])
def far_too_low_a_rate() -> dict[str, str]:
    """Trains the head at a rate at which it hardly begins to learn."""
    return {"train-head": replaced(HEAD, ("learning_rate=0.01", "learning_rate=0.00001"))}


@wrong(loses=["train-head-tests"])
def stops_early_and_stays_there() -> dict[str, str]:
    """Stops early, but does not go back to the best weights."""
    return {"train-head": replaced(HEAD, (", restore_best_weights=True", ""))}


@wrong(loses=["train-head-tests"])
def keeps_the_last_epoch() -> dict[str, str]:
    """Trains through all epochs and keeps the last one."""
    return {"train-head": replaced(HEAD, (" callbacks=[best],", ""))}


@wrong(loses=["train-head-tests"])
def keeps_the_best_epoch_of_training() -> dict[str, str]:
    """Watches the training loss, which says nothing about new pictures."""
    return {"train-head": replaced(HEAD, ("EarlyStopping(", 'EarlyStopping(monitor="loss", '))}


@wrong(loses=["train-head-tests"])
def learns_from_validation() -> dict[str, str]:
    """Trains on the validation pictures as well."""
    return {"train-head": replaced(HEAD, ("model.fit(train,", "model.fit(validation,"))}


@wrong(loses=["train-head-tests"])
def thaws_everything() -> dict[str, str]:
    """Makes every layer trainable before compiling, the base among them."""
    return {
        "train-head": replaced(
            HEAD,
            (
                "    model.compile(",
                "    for layer in model.layers:\n        layer.trainable = True\n    model.compile(",
            ),
        )
    }


@wrong(loses=["train-head-tests"])
def trains_on_the_notebooks_waste() -> dict[str, str]:
    """Trains on the notebook's pictures whatever it is given."""
    return {
        "train-head": replaced(
            HEAD,
            ("model.fit(train,", 'model.fit(load_pictures("waste/train", True),'),
        )
    }


@wrong(loses=["train-head-tests"])
def returns_the_history_object() -> dict[str, str]:
    """Returns Keras's History object in place of its dict."""
    return {"train-head": replaced(HEAD, (".history", ""))}


# 5. fine_tune


@wrong(loses=["fine-tune-tests"])
def whole_base_thawed() -> dict[str, str]:
    """Unfreezes all of the base, batch normalisation included."""
    return {"fine-tune": replaced(TUNE, (THAW, ""))}


@wrong(loses=["fine-tune-tests"])
def not_compiled_again() -> dict[str, str]:
    """Unfreezes and fits on without compiling, with what was compiled for the head."""
    return {
        "fine-tune": replaced(
            TUNE,
            (
                '    model.compile(keras.optimizers.Adam(learning_rate=0.0005), "sparse_categorical_crossentropy")\n',
                "    if not model.compiled:\n        base.trainable = False\n"
                '        model.compile("adam", "sparse_categorical_crossentropy")\n',
            ),
        )
    }


@wrong(loses=["fine-tune-tests"])
def the_bottom_instead_of_the_top() -> dict[str, str]:
    """Unfreezes the first convolution."""
    return {"fine-tune": replaced(TUNE, ('== "block4_conv"', '== "block1_conv"'))}


@wrong(loses=["fine-tune-tests"])
def the_two_upper_blocks() -> dict[str, str]:
    """Unfreezes the convolution of block 3 as well."""
    return {"fine-tune": replaced(TUNE, ('== "block4_conv"', 'in ("block3_conv", "block4_conv")'))}


@wrong(loses=["fine-tune-tests"])
def rate_of_the_head() -> dict[str, str]:
    """Fine-tunes at the rate of the head."""
    return {"fine-tune": replaced(TUNE, ("learning_rate=0.0005", "learning_rate=0.01"))}


@wrong(loses=["fine-tune-tests"])
def tuning_rate_zero() -> dict[str, str]:
    """Fine-tunes at a rate of 0."""
    return {"fine-tune": replaced(TUNE, ("learning_rate=0.0005", "learning_rate=0.0"))}


@wrong(loses=["fine-tune-tests"])
def batch_normalisation_counts_on() -> dict[str, str]:
    """Unfreezes all of block 4: its batch normalisation counts on, whatever the call in the model says."""
    return {
        "build-classifier": replaced(
            BUILD, ("base(augmentation(pictures))", "base(augmentation(pictures), training=False)")
        ),
        "fine-tune": replaced(TUNE, ('layer.name == "block4_conv"', 'layer.name.startswith("block4")')),
    }


@wrong(loses=["fine-tune-tests"])
def tunes_on_the_notebooks_waste() -> dict[str, str]:
    """Tunes on the notebook's pictures whatever it is given."""
    return {
        "fine-tune": replaced(TUNE, ("model.fit(train,", 'model.fit(load_pictures("waste/train", True),')),
    }


@wrong(loses=["fine-tune-tests"])
def only_the_head_once_more() -> dict[str, str]:
    """Trains the head for longer and calls it fine-tuning."""
    return {"fine-tune": TUNE_HEADER + "    return train_head(model, train, validation)\n"}


@wrong(loses=["fine-tune-tests"])
def returns_nothing() -> dict[str, str]:
    """Tunes well, and returns nothing."""
    return {"fine-tune": replaced(TUNE, ("    return model.fit", "    model.fit"))}


# 6. evaluate


@wrong(loses=["evaluate-tests"])
def labels_and_predictions_of_two_passes() -> dict[str, str]:
    """Collects labels in one pass and predictions in another: of a shuffled dataset, they do not belong together."""
    return {
        "evaluate": """def evaluate(model, dataset, num_classes):
    labels = np.concatenate([labels.numpy() for _, labels in dataset])
    predictions = model.predict(dataset, verbose=0).argmax(axis=1)
    confusion = np.zeros((num_classes, num_classes), dtype=int)
    for label, prediction in zip(labels, predictions):
        confusion[label, prediction] += 1
    return confusion, confusion.diagonal() / np.maximum(confusion.sum(axis=1), 1)
"""
    }


@wrong(loses=["evaluate-tests"])
def rows_and_columns_exchanged() -> dict[str, str]:
    """Puts predictions into rows."""
    return {"evaluate": replaced(EVALUATE, ("(labels.numpy(), predictions)", "(predictions, labels.numpy())"))}


@wrong(loses=["evaluate-tests"])
def precision_in_place_of_recall() -> dict[str, str]:
    """Divides by the sums of columns."""
    return {"evaluate": replaced(EVALUATE, ("confusion.sum(axis=1)", "confusion.sum(axis=0)"))}


@wrong(loses=["evaluate-tests"])
def nothing_to_divide_by() -> dict[str, str]:
    """Divides by zero for a class without pictures."""
    return {"evaluate": replaced(EVALUATE, ("np.maximum(confusion.sum(axis=1), 1)", "confusion.sum(axis=1)"))}


@wrong(loses=["evaluate-tests"])
def counted_once_for_a_batch() -> dict[str, str]:
    """Adds by fancy indexing, which counts a pair once however often a batch has it."""
    return {
        "evaluate": replaced(
            EVALUATE,
            ("np.add.at(confusion, (labels.numpy(), predictions), 1)", "confusion[labels.numpy(), predictions] += 1"),
        )
    }


@wrong(loses=["evaluate-tests"])
def last_batch_alone() -> dict[str, str]:
    """Begins to count anew in every batch."""
    return {
        "evaluate": replaced(
            EVALUATE,
            ("    confusion = np.zeros((num_classes, num_classes), dtype=int)\n", ""),
            (
                "        predictions = ",
                "        confusion = np.zeros((num_classes, num_classes), dtype=int)\n        predictions = ",
            ),
        )
    }


# Right ones


@right
def files_read_by_hand() -> dict[str, str]:
    """A pipeline of list, shuffle, read and batch; a head in a flat functional model; the best epoch from a file."""
    return {
        "load-pictures": LOAD_HEADER
        + """    names = sorted(path.name for path in Path(folder).iterdir() if path.is_dir())
    files = [(str(p), label) for label, name in enumerate(names) for p in sorted(Path(folder, name).glob("*.png"))]
    dataset = tf.data.Dataset.from_tensor_slices(([file for file, _ in files], [label for _, label in files]))

    def read(path, label):
        picture = tf.io.decode_png(tf.io.read_file(path), channels=3)
        return tf.image.resize(picture, (32, 32), method="area") / 127.5 - 1.0, label

    dataset = dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if training:
        dataset = dataset.shuffle(len(files), reshuffle_each_iteration=True)
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)
""",
        "build-augmentation": """def build_augmentation():
    return keras.Sequential([
        keras.layers.RandomRotation(0.5, fill_mode="nearest"),
        keras.layers.RandomBrightness(0.1, value_range=(-1.0, 1.0)),
    ])
""",
        "build-classifier": """def build_classifier(base, augmentation, num_classes):
    for layer in base.layers:
        layer.trainable = False
    pictures = keras.Input((32, 32, 3))
    x = base(augmentation(pictures), training=False)
    x = keras.layers.Dense(num_classes, kernel_regularizer=keras.regularizers.L2(1e-3))(x)
    return keras.Model(pictures, keras.layers.Softmax()(x))
""",
        "train-head": HEAD_HEADER
        + """    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    keep = keras.callbacks.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True)
    history = model.fit(train, validation_data=validation, epochs=20, callbacks=[keep], verbose=0)
    model.load_weights("best.weights.h5")
    return history.history
""",
        "fine-tune": TUNE_HEADER
        + """    base.get_layer("block4_conv").trainable = True
    model.compile(keras.optimizers.Adam(2e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(train, validation_data=validation, epochs=8, verbose=0).history
""",
        "evaluate": """def evaluate(model, dataset, num_classes):
    pairs = [(labels.numpy(), model.predict(pictures, verbose=0).argmax(axis=1)) for pictures, labels in dataset]
    labels, predictions = (np.concatenate(part) for part in zip(*pairs))
    counts = np.bincount(labels * num_classes + predictions, minlength=num_classes**2)
    counts = counts.reshape(num_classes, num_classes)
    recall = [counts[k, k] / counts[k].sum() if counts[k].sum() else 0.0 for k in range(num_classes)]
    return counts, np.array(recall)
""",
    }


@right
def classes_and_loops_of_its_own() -> dict[str, str]:
    """An augmentation and a classifier that are classes, loops over batches in place of `fit`."""
    return {
        "load-pictures": LOAD_HEADER
        + """    names = sorted(path.name for path in Path(folder).iterdir() if path.is_dir())
    pictures, labels = [], []
    for label, name in enumerate(names):
        for path in sorted(Path(folder, name).glob("*.png")):
            picture = keras.utils.load_img(path, target_size=(32, 32), interpolation="bilinear")
            pictures.append(keras.utils.img_to_array(picture) / 127.5 - 1)
            labels.append(label)
    dataset = tf.data.Dataset.from_tensor_slices((np.array(pictures, dtype="float32"), np.array(labels)))
    return (dataset.shuffle(len(labels)) if training else dataset).batch(batch_size)
""",
        "build-augmentation": """class Augmentation(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.flip = keras.layers.RandomFlip("horizontal")
        self.zoom = keras.layers.RandomZoom((-0.1, 0.15), fill_mode="nearest")

    def call(self, pictures, training=False):
        if not training:
            return pictures
        light = keras.random.uniform((keras.ops.shape(pictures)[0], 1, 1, 3), -0.15, 0.15)
        return keras.ops.clip(self.zoom(self.flip(pictures, training=True), training=True) + light, -1.0, 1.0)


def build_augmentation():
    return Augmentation()
""",
        "build-classifier": """class Sorter(keras.Model):
    def __init__(self, base, augmentation, num_classes):
        super().__init__()
        self.base, self.augmentation = base, augmentation
        self.base.trainable = False
        self.head = keras.layers.Dense(num_classes, activation="softmax")

    def call(self, pictures, training=False):
        return self.head(self.base(self.augmentation(pictures, training=training), training=False))


def build_classifier(base, augmentation, num_classes):
    model = Sorter(base, augmentation, num_classes)
    model(np.zeros((1, 32, 32, 3), dtype="float32"))
    return model
""",
        "train-head": """def run_epochs(model, train, validation, epochs):
    history, best = {"loss": [], "val_loss": []}, None
    for epoch in range(epochs):
        losses = [float(model.train_on_batch(pictures, labels)) for pictures, labels in train]
        history["loss"].append(float(np.mean(losses)))
        history["val_loss"].append(float(model.evaluate(validation, verbose=0)))
        if best is None or history["val_loss"][-1] < best[0]:
            best = history["val_loss"][-1], model.get_weights()
    model.set_weights(best[1])
    return history


"""
        + HEAD_HEADER
        + """    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), keras.losses.SparseCategoricalCrossentropy())
    return run_epochs(model, train, validation, 20)
""",
        "fine-tune": TUNE_HEADER
        + """    base.trainable = True
    for layer in base.layers:
        if not layer.name.startswith("block4"):
            layer.trainable = False
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), keras.losses.SparseCategoricalCrossentropy())
    return run_epochs(model, train, validation, 8)
""",
    }


@right
def sequential_with_a_hidden_layer() -> dict[str, str]:
    """A Sequential of augmentation, base and two dense layers, at lower rates."""
    return {
        "load-pictures": replaced(
            LOAD,
            ("batch_size=batch_size", "batch_size=None"),
            (
                "    return dataset.map(lambda pictures, labels: (pictures / 127.5 - 1, labels))",
                "    scale = keras.layers.Rescaling(1 / 127.5, offset=-1)\n"
                "    dataset = dataset.map(lambda picture, label: (scale(picture), label))\n"
                "    return dataset.batch(batch_size).prefetch(2)",
            ),
        ),
        "build-augmentation": replaced(AUGMENT, ("RandomRotation(0.25", "RandomRotation(0.05")),
        "build-classifier": """def build_classifier(base, augmentation, num_classes):
    base.trainable = False
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        augmentation,
        base,
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(num_classes, activation="softmax"),
    ])
""",
        "train-head": replaced(HEAD, ("learning_rate=0.01", "learning_rate=0.003"), ("patience=8", "patience=5")),
        "fine-tune": replaced(TUNE, ("learning_rate=0.0005", "learning_rate=0.0002")),
    }


@right
def normalised_features() -> dict[str, str]:
    """A batch normalisation of the head's own, which trains and counts; all weights in a list; a falling rate."""
    return {
        "build-classifier": replaced(
            BUILD, ("keras.layers.Dropout(0.2)(features)", "keras.layers.BatchNormalization(momentum=0.8)(features)")
        ),
        "train-head": HEAD_HEADER
        + """    model.compile(keras.optimizers.AdamW(0.005), "sparse_categorical_crossentropy")
    kept = []
    remember = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(model.get_weights()))
    history = model.fit(train, validation_data=validation, epochs=18, callbacks=[remember], verbose=0).history
    model.set_weights(kept[int(np.argmin(history["val_loss"]))])
    return history
""",
        "fine-tune": replaced(
            TUNE,
            ("learning_rate=0.0005", "keras.optimizers.schedules.CosineDecay(0.001, 50)"),
            ("epochs=10", "epochs=8"),
        ),
    }

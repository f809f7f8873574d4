"""Solutions of `transfer_learning` that must lose marks, each a mistake students make, and right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)
CUT, BUILD, HEAD, TUNE = (CELLS[name] for name in ("cut-base", "build-classifier", "train-head", "fine-tune"))

HEAD_HEADER = "def train_head(model, images, labels):\n"
TUNE_HEADER = "def fine_tune(model, base, images, labels):\n"


# 1. cut_base


@wrong(loses=["cut-base-tests"])
def head_left_on() -> dict[str, str]:
    """Returns the whole network: 37 probabilities for features."""
    return {"cut-base": replaced(CUT, ("pretrained.layers[-1].input", "pretrained.layers[-1].output"))}


@wrong(loses=["cut-base-tests"])
def cut_one_layer_too_low() -> dict[str, str]:
    """Cuts below the average, and hands on whole feature maps."""
    return {"cut-base": replaced(CUT, ("pretrained.layers[-1].input", "pretrained.layers[-2].input"))}


@wrong(loses=["cut-base-tests", "accuracy-tests"])
def architecture_without_weights() -> dict[str, str]:
    """Copies the architecture with clone_model, which makes all weights anew, and forgets to carry them over."""
    return {
        "cut-base": replaced(
            CUT,
            (
                'keras.Model(pretrained.input, pretrained.layers[-1].input, name="base")',
                "keras.models.clone_model(keras.Model(pretrained.input, pretrained.layers[-1].input))",
            ),
        )
    }


@wrong(loses=["cut-base-tests"])
def cuts_its_own_network() -> dict[str, str]:
    """Loads the file itself, whatever it is given."""
    return {
        "cut-base": replaced(
            CUT,
            (
                "    return keras.Model(pretrained.input",
                '    pretrained = keras.models.load_model("letter_reader.keras")\n'
                "    return keras.Model(pretrained.input",
            ),
        )
    }


# 2. build_classifier


@wrong(loses=["classifier-tests", "train-head-tests"])
def base_not_frozen() -> dict[str, str]:
    """Forgets to freeze the base: the head's first, random gradients go right through it."""
    return {"build-classifier": replaced(BUILD, ("    base.trainable = False\n", ""))}


@wrong(loses=["classifier-tests", "train-head-tests"])
def normalisation_left_open() -> dict[str, str]:
    """Freezes the convolutions alone: batch normalisation learns, and counts."""
    return {
        "build-classifier": replaced(
            BUILD,
            (
                "    base.trainable = False\n",
                '    for layer in base.layers:\n        layer.trainable = "norm" in layer.name\n',
            ),
        )
    }


@wrong(loses=["classifier-tests", "train-head-tests"])
def normalisation_in_training_mode() -> dict[str, str]:
    """Freezes the convolutions, and relies on a call with training=False, which `fit` overrules."""
    return {
        "build-classifier": replaced(
            BUILD,
            (
                "    base.trainable = False\n",
                '    for layer in base.layers:\n        layer.trainable = "norm" in layer.name\n',
            ),
            ("base(images)", "base(images, training=False)"),
        )
    }


@wrong(loses=["classifier-tests", "train-head-tests"])
def only_the_first_block_frozen() -> dict[str, str]:
    """Freezes the first layers and leaves the rest of the base open from the start."""
    return {
        "build-classifier": replaced(
            BUILD,
            ("    base.trainable = False\n", "    for layer in base.layers[:4]:\n        layer.trainable = False\n"),
        )
    }


@wrong(loses=["classifier-tests", "train-head-tests"])
def everything_frozen() -> dict[str, str]:
    """Freezes the classifier instead of the base: the head cannot learn either."""
    return {
        "build-classifier": replaced(
            BUILD,
            ("    return keras.Model(", "    model = keras.Model("),
            ("(base(images)))", "(base(images)))\n    model.trainable = False\n    return model"),
        )
    }


@wrong(loses=["classifier-tests"])
def logits_without_softmax() -> dict[str, str]:
    """Leaves the softmax out."""
    return {"build-classifier": replaced(BUILD, (', activation="softmax"', ""))}


@wrong(loses=["classifier-tests"])
def sigmoid_in_place_of_softmax() -> dict[str, str]:
    """Ends in sigmoids, which do not sum to 1."""
    return {"build-classifier": replaced(BUILD, ('activation="softmax"', 'activation="sigmoid"'))}


@wrong(loses=["classifier-tests"])
def ten_classes_written_down() -> dict[str, str]:
    """Ignores num_classes."""
    return {"build-classifier": replaced(BUILD, ("Dense(num_classes,", "Dense(10,"))}


@wrong(loses=["classifier-tests", "accuracy-tests"])
def network_of_its_own() -> dict[str, str]:
    """Builds a small network from scratch and leaves the base aside."""
    return {
        "build-classifier": """def build_classifier(base, num_classes):
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        keras.layers.Conv2D(16, 3, activation="relu"),
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


# 3. train_head


@wrong(loses=["train-head-tests"])
def learning_rate_zero() -> dict[str, str]:
    """Trains with a learning rate of 0; what it leaves undone, fine-tuning then does for the head as well."""
    return {"train-head": replaced(HEAD, ("learning_rate=0.03", "learning_rate=0.0"))}


@wrong(loses=["train-head-tests"])
def far_too_low_a_rate() -> dict[str, str]:
    """Trains the head at a rate at which it hardly begins to learn."""
    return {"train-head": replaced(HEAD, ("learning_rate=0.03", "learning_rate=0.00002"))}


@wrong(loses=["train-head-tests"])
def thaws_everything_at_once() -> dict[str, str]:
    """Makes every layer of the classifier trainable before compiling, the base among them."""
    return {
        "train-head": replaced(
            HEAD,
            (
                "    model.compile(",
                "    for layer in model.layers:\n        layer.trainable = True\n    model.compile(",
            ),
        )
    }


@wrong(loses=["train-head-tests", "accuracy-tests"])
def labels_of_the_neighbour() -> dict[str, str]:
    """Shuffles the images and not the labels."""
    return {"train-head": replaced(HEAD, ("model.fit(images,", "model.fit(np.random.permutation(images),"))}


@wrong(loses=["train-head-tests"])
def trains_a_model_of_its_own() -> dict[str, str]:
    """Trains a copy; the model it was given stays as it was."""
    return {
        "train-head": replaced(
            HEAD, ("    model.compile(", "    model = keras.models.clone_model(model)\n    model.compile(")
        )
    }


@wrong(loses=["train-head-tests"])
def ignores_its_arguments() -> dict[str, str]:
    """Trains on the notebook's digits whatever it is given."""
    return {"train-head": replaced(HEAD, ("model.fit(images, labels,", "model.fit(few_images, few_labels,"))}


@wrong(loses=["train-head-tests"])
def returns_the_history_object() -> dict[str, str]:
    """Returns Keras's History object in place of its dict."""
    return {"train-head": replaced(HEAD, (".history", ""))}


# 4. fine_tune


@wrong(loses=["fine-tune-tests"])
def whole_base_thawed() -> dict[str, str]:
    """Unfreezes all of the base."""
    return {
        "fine-tune": replaced(
            TUNE,
            ('    for layer in base.layers:\n        layer.trainable = layer.name == "block3_conv"\n', ""),
        )
    }


@wrong(loses=["fine-tune-tests"])
def not_compiled_again() -> dict[str, str]:
    """Unfreezes and fits on without compiling: what can be trained was settled before."""
    return {
        "fine-tune": replaced(
            TUNE,
            ('    model.compile(keras.optimizers.Adam(learning_rate=0.001), "sparse_categorical_crossentropy")\n', ""),
        )
    }


@wrong(loses=["fine-tune-tests"])
def the_bottom_instead_of_the_top() -> dict[str, str]:
    """Unfreezes the first convolution."""
    return {"fine-tune": replaced(TUNE, ('== "block3_conv"', '== "block1_conv"'))}


@wrong(loses=["fine-tune-tests"])
def the_two_upper_blocks() -> dict[str, str]:
    """Unfreezes the convolution of block 2 as well."""
    return {"fine-tune": replaced(TUNE, ('== "block3_conv"', 'in ("block2_conv", "block3_conv")'))}


@wrong(loses=["fine-tune-tests"])
def rate_of_the_head() -> dict[str, str]:
    """Fine-tunes at the rate of the head."""
    return {"fine-tune": replaced(TUNE, ("learning_rate=0.001", "learning_rate=0.03"))}


@wrong(loses=["fine-tune-tests"])
def tuning_rate_zero() -> dict[str, str]:
    """Fine-tunes at a rate of 0."""
    return {"fine-tune": replaced(TUNE, ("learning_rate=0.001", "learning_rate=0.0"))}


@wrong(loses=["fine-tune-tests"])
def batch_normalisation_counts_on() -> dict[str, str]:
    """Unfreezes all of block 3: its batch normalisation counts on."""
    return {"fine-tune": replaced(TUNE, ('layer.name == "block3_conv"', 'layer.name.startswith("block3")'))}


@wrong(loses=["fine-tune-tests"])
def inference_mode_by_the_call() -> dict[str, str]:
    """Unfreezes all of block 3 and relies on a call with training=False, as for older versions of Keras."""
    return {
        "build-classifier": replaced(BUILD, ("base(images)", "base(images, training=False)")),
        "fine-tune": replaced(TUNE, ('layer.name == "block3_conv"', 'layer.name.startswith("block3")')),
    }


@wrong(loses=["fine-tune-tests"])
def tunes_on_the_notebooks_digits() -> dict[str, str]:
    """Tunes on the notebook's digits whatever it is given."""
    return {"fine-tune": replaced(TUNE, ("model.fit(images, labels,", "model.fit(few_images, few_labels,"))}


@wrong(loses=["fine-tune-tests"])
def only_the_head_once_more() -> dict[str, str]:
    """Trains the head for longer and calls it fine-tuning."""
    return {"fine-tune": TUNE_HEADER + "    return train_head(model, images, labels)\n"}


@wrong(loses=["fine-tune-tests"])
def returns_nothing() -> dict[str, str]:
    """Tunes well, and returns nothing."""
    return {"fine-tune": replaced(TUNE, ("    return model.fit", "    model.fit"))}


# Right ones


@right
def one_flat_functional_model() -> dict[str, str]:
    """The base's layers and a head with dropout in one flat model; batch normalisation frozen layer by layer."""
    return {
        "cut-base": """def cut_base(pretrained):
    return keras.Model(pretrained.inputs, pretrained.get_layer("features").output)
""",
        "build-classifier": """def build_classifier(base, num_classes):
    for layer in base.layers:
        layer.trainable = False
    x = keras.layers.Dropout(0.2)(base.output)
    x = keras.layers.Dense(num_classes, kernel_regularizer=keras.regularizers.L2(1e-4))(x)
    return keras.Model(base.input, keras.layers.Softmax()(x))
""",
        "train-head": replaced(HEAD, ("learning_rate=0.03", "learning_rate=0.02"), ("epochs=10", "epochs=15")),
        "fine-tune": TUNE_HEADER
        + """    base.get_layer("block3_conv").trainable = True
    model.compile(optimizer=keras.optimizers.Adam(3e-4), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(images, labels, epochs=10, batch_size=2, verbose=0).history
""",
    }


@right
def subclassed_with_a_loop_of_its_own() -> dict[str, str]:
    """A class of its own, built by its first call, and loops over `train_on_batch` in place of `fit`."""
    return {
        "build-classifier": """class Classifier(keras.Model):
    def __init__(self, base, num_classes):
        super().__init__()
        self.base = base
        self.base.trainable = False
        self.head = keras.layers.Dense(num_classes, activation="softmax")

    def call(self, images):
        return self.head(self.base(images, training=False))


def build_classifier(base, num_classes):
    model = Classifier(base, num_classes)
    model(np.zeros((1, 8, 8, 1), dtype="float32"))
    return model
""",
        "train-head": HEAD_HEADER
        + """    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.9), loss=loss)
    return {"loss": [float(model.train_on_batch(images, labels)) for step in range(100)]}
""",
        "fine-tune": TUNE_HEADER
        + """    base.trainable = True
    for name in ("block1_conv", "block1_norm", "block2_conv", "block2_norm"):
        base.get_layer(name).trainable = False
    model.compile(optimizer=keras.optimizers.SGD(0.02, momentum=0.9), loss="sparse_categorical_crossentropy")
    return {"loss": [float(model.train_on_batch(images, labels)) for step in range(50)]}
""",
    }


@right
def sequential_with_a_hidden_layer() -> dict[str, str]:
    """A Sequential of the base and two dense layers, trained at lower rates."""
    return {
        "build-classifier": """def build_classifier(base, num_classes):
    base.trainable = False
    return keras.Sequential([
        keras.Input((8, 8, 1)),
        base,
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(num_classes, activation="softmax"),
    ])
""",
        "train-head": replaced(HEAD, ("learning_rate=0.03", "learning_rate=0.002")),
        "fine-tune": replaced(TUNE, ("learning_rate=0.001", "learning_rate=0.0005"), ("epochs=6", "epochs=8")),
    }


@right
def normalised_features() -> dict[str, str]:
    """A batch normalisation of the head's own in front of its dense layer, which of course trains and counts."""
    return {
        "build-classifier": """def build_classifier(base, num_classes):
    base.trainable = False
    images = keras.Input((8, 8, 1))
    x = keras.layers.BatchNormalization(momentum=0.9)(base(images))
    return keras.Model(images, keras.layers.Dense(num_classes, activation="softmax")(x))
""",
        "train-head": replaced(
            HEAD, ("learning_rate=0.03", "learning_rate=0.02"), ("batch_size=4, epochs=10", "batch_size=20, epochs=20")
        ),
        "fine-tune": replaced(TUNE, ("batch_size=4, epochs=6", "batch_size=20, epochs=15")),
    }


@right
def softmax_as_an_operation() -> dict[str, str]:
    """A head without bias, its softmax an operation; unfreezes one layer of the frozen base; a rate that falls to 0."""
    return {
        "build-classifier": """def build_classifier(base, num_classes):
    base.trainable = False
    images = keras.Input((8, 8, 1))
    scores = keras.layers.Dense(num_classes, use_bias=False)(base(images, training=False))
    return keras.Model(images, keras.ops.softmax(scores))
""",
        "fine-tune": replaced(
            TUNE,
            ("    base.trainable = True\n", ""),
            ("learning_rate=0.001", "keras.optimizers.schedules.CosineDecay(0.001, 40)"),
            ("epochs=6", "epochs=8"),
        ),
    }

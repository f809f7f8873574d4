"""How this lab's data and its pretrained network were made, and how to make them at full size.

    cd reference/transfer_learning
    python make_data.py small      files/digits.npz, files/letters.npz and data/hidden.npz, as committed
    python make_data.py base       files/letter_reader.keras, trained anew, and its weights in data/base.npz
    python make_data.py scratch    data/scratch.json: what is reached without the base
    python make_data.py calibrate  prints what reasonable classifiers on the base reach, over a few seeds
    python make_data.py full DIR   MobileNetV2 with ImageNet weights, and CIFAR-10, into DIR

Sources:
    Digits: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998
    (doi 10.24432/C50P49, CC BY 4.0): its 1,797 test images as `sklearn.datasets.load_digits` ships them (BSD-3-Clause).
    Letters: rendered here from the fonts that matplotlib ships, DejaVu and STIX (free to use and to embed, licences
    beside them), and distorted at random. There are as many as one wants, which is what pretraining needs, and neither
    a digit nor anything handwritten is among them.
"""

from __future__ import annotations

import json
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

HERE = Path(__file__).parent
LETTERS = string.ascii_uppercase + "abdefghnqrt"  # small letters that are no small capitals
SHOTS = 2  # examples of each digit that students get
NUM_EACH = 1000  # letters of each kind to pretrain on
Split = tuple[np.ndarray, np.ndarray]


# Digits


def split(images: np.ndarray, labels: np.ndarray) -> dict[str, Split]:
    """Share the images out: of each eight, two are hidden, one is for validation; of the others, a few are given.

    It is the rule of every lab that uses these digits, so that none gives away what another one hides;
    `tests/course/test_shared_digits.py` holds them to it.
    """
    place = np.arange(len(images)) % 8
    hidden, validation = place % 4 == 3, place == 1
    few = np.sort(np.concatenate([few_of(labels, number, ~hidden & ~validation) for number in range(10)]))
    parts = {"hidden": np.flatnonzero(hidden), "validation": np.flatnonzero(validation), "few": few}
    return {name: (images[chosen], labels[chosen]) for name, chosen in parts.items()}


def few_of(labels: np.ndarray, number: int, among: np.ndarray) -> np.ndarray:
    """Places of SHOTS examples of a digit, far apart from each other: neighbours are by the same writer."""
    places = np.flatnonzero(among & (labels == number))
    return places[np.linspace(0, len(places) - 1, SHOTS + 2).astype(int)[1:-1]]


def small_digits() -> dict[str, Split]:
    """Return the split digits: float32 ink in [0, 1], shape (num_images, 8, 8, 1), and int64 labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return split((digits.images / 16).astype("float32")[..., None], digits.target.astype("int64"))


def write(parts: dict[str, Split], files: Path, data: Path) -> None:
    """Write what students get into `files` and the hidden split into `data`."""
    files.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    given = {
        f"{name}_{kind}": array
        for name in ("few", "validation")
        for kind, array in zip(("images", "labels"), parts[name], strict=True)
    }
    np.savez_compressed(files / "digits.npz", **given)
    np.savez_compressed(data / "hidden.npz", images=parts["hidden"][0], labels=parts["hidden"][1])


# Letters


def render_letters(num_each: int, seed: int) -> Split:
    """Render each of LETTERS `num_each` times, in fonts and distortions drawn at random.

    They are brought to the form of the digits: scaled to fill 32 x 32 black and white pixels from top to bottom, and
    ink counted in 8 x 8 blocks, as the scans were.

    Returns:
        float32 ink in [0, 1], shape (num_images, 8, 8, 1), and places in LETTERS, in the order of LETTERS.
    """
    generator = np.random.default_rng(seed)
    fonts = letter_fonts()
    printed = {(i, letter): print_letter(font, letter) for i, font in enumerate(fonts) for letter in LETTERS}
    images = [
        reduce_to_blocks(distort(printed[generator.integers(len(fonts)), letter], generator))
        for letter in LETTERS
        for _ in range(num_each)
    ]
    return np.array(images, dtype="float32")[..., None], np.repeat(np.arange(len(LETTERS)), num_each)


def letter_fonts() -> list[Path]:
    """Matplotlib's fonts for running text, upright and slanted, with and without serifs."""
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    fonts = [*folder.glob("DejaVuS*.ttf"), *folder.glob("STIXGeneral*.ttf")]
    return sorted(font for font in fonts if "Display" not in font.name)


def print_letter(font: Path, letter: str) -> np.ndarray:
    """Print a letter 64 pixels high; booleans, shape (192, 192)."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (192, 192))
    ImageDraw.Draw(page).text((64, 64), letter, fill=255, font=ImageFont.truetype(str(font), 64))
    return np.asarray(page) > 76


def distort(ink: np.ndarray, generator: np.random.Generator, size: int = 64) -> np.ndarray:
    """Turn, shear, stretch and bend a letter at random; booleans, shape (size, size)."""
    rows, columns = np.nonzero(ink)
    middle = (rows.min() + rows.max()) / 2, (columns.min() + columns.max()) / 2
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    angle, shear, stretch = generator.normal(scale=(0.15, 0.2, 0.15))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    back = turn @ np.array([[1.0, 0.0], [shear, np.exp(-stretch)]])
    line = (np.arange(size) / size - 0.5) * 1.6 * extent
    grid = np.stack(np.meshgrid(line, line, indexing="ij"))
    bend = 0.06 * extent * np.stack([smooth_field(generator, size) for _ in range(2)])
    source = np.tensordot(back, grid, axes=1) + bend + np.reshape(middle, (2, 1, 1))
    row, column = np.clip(source.round().astype(int), 0, len(ink) - 1)
    return ink[row, column]


def smooth_field(generator: np.random.Generator, size: int, knots: int = 5) -> np.ndarray:
    """A random field that changes smoothly between knots x knots normal draws; shape (size, size)."""
    field = generator.normal(size=(knots, knots))
    along = np.linspace(0, knots - 1, size, endpoint=False)
    knot, part = along.astype(int), along % 1
    part = part * part * (3 - 2 * part)
    for _ in range(2):  # first down, then across
        field = (field[knot] * (1 - part)[:, None] + field[knot + 1] * part[:, None]).T
    return field


def reduce_to_blocks(ink: np.ndarray) -> np.ndarray:
    """Cut a letter out, scale it to fill 32 rows, and return the share of ink in blocks; shape (8, 8)."""
    from PIL import Image

    rows, columns = np.nonzero(ink)
    cut = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    width = int(np.clip(round(32 * cut.shape[1] / cut.shape[0]), 6, 32))
    page, left = np.zeros((32, 32)), (32 - width) // 2
    page[:, left : left + width] = np.asarray(Image.fromarray(cut).resize((width, 32)))
    return page.reshape(8, 4, 8, 4).mean(axis=(1, 3))


def write_letters(path: Path) -> None:
    """Write four letters of each kind for students to look at, none of those the network learned from."""
    images, labels = render_letters(4, seed=2)
    np.savez_compressed(path, images=(images * 255).round().astype("uint8"), letters=np.array(list(LETTERS))[labels])


# The network


def letter_reader(num_classes: int = len(LETTERS)) -> keras.Model:
    """An untrained network of three blocks of convolution and batch normalisation, features, and a head."""
    from keras import Input, Model, layers

    def block(x: keras.KerasTensor, number: int, filters: int) -> keras.KerasTensor:
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"block{number}_conv")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"block{number}_norm")(x)
        return layers.ReLU(name=f"block{number}_relu")(x)

    images = Input((8, 8, 1), name="images")
    x = block(block(images, 1, 16), 2, 32)
    x = block(layers.MaxPooling2D(name="block2_pool")(x), 3, 64)
    features = layers.GlobalAveragePooling2D(name="features")(x)
    return Model(images, layers.Dense(num_classes, activation="softmax", name="head")(features), name="letter_reader")


def train_base(path: Path, weights: Path, epochs: int = 10, batch_size: int = 64) -> None:
    """Train the network to read letters; save it (not compiled, so without the optimizer's state) and its weights."""
    import keras

    images, labels = render_letters(NUM_EACH, seed=0)
    keras.utils.set_random_seed(0)
    model = letter_reader()
    rate = keras.optimizers.schedules.CosineDecay(0.004, epochs * len(images) // batch_size)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.perf_counter()
    model.fit(images, labels, batch_size=batch_size, epochs=epochs, verbose=0)
    seconds = time.perf_counter() - start
    _, accuracy = model.evaluate(*render_letters(50, seed=1), verbose=0)
    print(f"{model.count_params():,} weights, {seconds:.0f} s, {accuracy:.1%} of new letters right")
    saved = letter_reader()
    saved.set_weights(model.get_weights())
    saved.save(path)
    np.savez_compressed(weights, **{weight.path: weight.numpy() for weight in saved.weights})


def make_full(folder: Path, weights: str | None = "imagenet") -> None:
    """Write the same lab at full size: MobileNetV2 pretrained on ImageNet, and ten photographs of each CIFAR-10 class.

    Keras downloads 14 MB of weights (M. Sandler and others, 2018; Apache 2.0) and 170 MB of photographs (A. Krizhevsky,
    2009). In lab.py images then are (96, 96, 3) in [-1, 1], the convolutions to unfreeze are "block_16_project" and
    "Conv_1", and `cut_base` gives 1,280 features; thresholds want `scratch` and `calibrate` anew. It takes a GPU, or
    patience.

    Args:
        folder: Where to write.
        weights: None leaves the network untrained, to try the rest without the network.
    """
    import keras

    (images, labels), (test_images, test_labels) = keras.datasets.cifar10.load_data()
    large = {
        name: (np.repeat(np.repeat(part, 3, axis=1), 3, axis=2).astype("float32") / 127.5 - 1, kinds.ravel())
        for name, part, kinds in (
            ("few", *first_of_each(images, labels.ravel(), 10)),
            ("validation", test_images[:500], test_labels[:500]),
            ("hidden", test_images[500:1500], test_labels[500:1500]),
        )
    }
    write(large, folder / "files", folder / "data")
    base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), weights=weights, classifier_activation="softmax")
    base.save(folder / "files" / "letter_reader.keras")


def first_of_each(images: np.ndarray, labels: np.ndarray, how_many: int) -> Split:
    """The first examples of each class."""
    chosen = np.concatenate([np.flatnonzero(labels == kind)[:how_many] for kind in np.unique(labels)])
    return images[chosen], labels[chosen]


# What can be reached


def hidden_accuracy(model: keras.Model) -> float:
    """Share of the hidden digits that a model gets right."""
    images, labels = small_digits()["hidden"]
    return float((model.predict_on_batch(images).argmax(axis=1) == labels).mean())


def fit(model: keras.Model, rate: float, steps: int) -> keras.Model:
    """Train on the few digits as one batch, so many steps."""
    import keras

    few = small_digits()["few"]
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    for _ in range(steps):  # `fit` with an epoch for each step takes ten times as long
        model.train_on_batch(*few)
    return model


def networks_from_scratch() -> dict[str, Callable[[], keras.Model]]:
    """Networks tried without the base, by name: of its own architecture, smaller and larger ones, dense ones."""
    from keras import Input, Sequential, layers

    def network(*stages: layers.Layer) -> keras.Model:
        return Sequential([Input((8, 8, 1)), *stages, layers.Dense(10, activation="softmax")])

    def conv(filters: int) -> layers.Layer:
        return layers.Conv2D(filters, 3, padding="same", activation="relu")

    pool, flatten = layers.MaxPooling2D, layers.Flatten
    return {
        "the base's own": lambda: letter_reader(10),
        "softmax regression": lambda: network(flatten()),
        "dense, 64": lambda: network(flatten(), layers.Dense(64, activation="relu")),
        "dense, 256, dropout": lambda: network(flatten(), layers.Dense(256, activation="relu"), layers.Dropout(0.5)),
        "one convolution": lambda: network(conv(32), pool(), flatten()),
        "two convolutions": lambda: network(conv(16), pool(), conv(32), pool(), flatten()),
        "two, dropout": lambda: network(conv(32), pool(), conv(64), pool(), flatten(), layers.Dropout(0.5)),
        "three, average": lambda: network(conv(16), conv(32), pool(), conv(64), layers.GlobalAveragePooling2D()),
    }


def measure_scratch(path: Path, seeds: range = range(3)) -> None:
    """Write what networks reach that learn from the few digits alone, and the best of all runs."""
    import keras

    runs: dict[str, list[float]] = {}
    for name, build in networks_from_scratch().items():
        for rate, steps in ((0.001, 200), (0.003, 100), (0.01, 60)):
            for seed in seeds:
                keras.utils.set_random_seed(seed)
                reached = round(hidden_accuracy(fit(build(), rate, steps)), 4)
                runs.setdefault(f"{name}, rate {rate}, {steps} steps", []).append(reached)
        print(name, {key: value for key, value in runs.items() if key.startswith(name)}, flush=True)
    few, labels = small_digits()["few"]
    images, answers = small_digits()["hidden"]
    distances = ((images[:, None] - few[None]) ** 2).sum(axis=(2, 3, 4))
    means = {name: round(float(np.mean(tried)), 4) for name, tried in runs.items()}
    best = max(means, key=means.__getitem__)
    record = {
        "what": "share of the hidden digits that is right after learning from the few given ones alone",
        "command": "python reference/transfer_learning/make_data.py scratch",
        "training": f"Adam, all {10 * SHOTS} images in each step, seeds {list(seeds)}",
        "best_network": best,
        "best_mean_accuracy": means[best],
        "best_single_accuracy": max(max(tried) for tried in runs.values()),
        "nearest_neighbour_accuracy": round(float((labels[distances.argmin(axis=1)] == answers).mean()), 4),
        "accuracy_by_network": runs,
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def heads() -> dict[str, tuple[Callable[[], list[keras.layers.Layer]], float, int]]:
    """Heads to put on the base, by name, each with a learning rate and a number of steps; some trained far too long."""
    from keras import layers

    def softmax() -> keras.layers.Layer:
        return layers.Dense(10, activation="softmax")

    return {
        "softmax, 0.01, 100": (lambda: [softmax()], 0.01, 100),
        "softmax, 0.01, 500": (lambda: [softmax()], 0.01, 500),
        "softmax, 0.003, 300": (lambda: [softmax()], 0.003, 300),
        "softmax, 0.001, 1000": (lambda: [softmax()], 0.001, 1000),
        "softmax, 0.05, 100": (lambda: [softmax()], 0.05, 100),
        "dropout, 0.01, 150": (lambda: [layers.Dropout(0.3), softmax()], 0.01, 150),
        "dropout 0.5, 0.003, 300": (lambda: [layers.Dropout(0.5), softmax()], 0.003, 300),
        "batch norm, 0.01, 60": (lambda: [layers.BatchNormalization(momentum=0.9), softmax()], 0.01, 60),
        "dense 32, 0.003, 100": (lambda: [layers.Dense(32, activation="relu"), softmax()], 0.003, 100),
        "dense 128, 0.001, 200": (lambda: [layers.Dense(128, activation="relu"), softmax()], 0.001, 200),
    }


def calibrate(seeds: range = range(3)) -> None:
    """Print hidden accuracies with the base frozen, and after its top has been tuned; and how far the top has moved."""
    import keras

    tunings = ((1e-4, 100), (1e-3, 50), (1e-2, 50))
    print(f"{'head':<26}frozen (lowest, mean)   tuned with " + "  ".join(f"{rate:g} x {n}" for rate, n in tunings))
    for name, (build, rate, steps) in heads().items():
        frozen, tuned, moved = [], {key: [] for key in tunings}, {key: [] for key in tunings}
        for seed in seeds:
            for key in tunings:
                keras.utils.set_random_seed(seed)
                reader = keras.models.load_model(HERE / "files" / "letter_reader.keras")
                base = keras.Model(reader.inputs, reader.get_layer("features").output)
                base.trainable = False
                images = keras.Input((8, 8, 1))
                x = base(images)
                for layer in build():
                    x = layer(x)
                model = fit(keras.Model(images, x), rate, steps)
                if key == tunings[0]:
                    frozen.append(hidden_accuracy(model))
                base.trainable = True
                for layer in base.layers:
                    layer.trainable = layer.name == "block3_conv"
                kernel = base.get_layer("block3_conv").kernel
                before = kernel.numpy()
                fit(model, *key)
                tuned[key].append(hidden_accuracy(model))
                moved[key].append(np.linalg.norm(kernel.numpy() - before) / np.linalg.norm(before))
        cells = [f"{min(tuned[k]):.3f} {np.mean(tuned[k]):.3f} ({np.mean(moved[k]):.2f})" for k in tunings]
        print(f"{name:<26}{min(frozen):.3f} {np.mean(frozen):.3f}   " + "   ".join(cells), flush=True)


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write(small_digits(), HERE / "files", HERE / "data")
            write_letters(HERE / "files" / "letters.npz")
        case ["base"]:
            train_base(HERE / "files" / "letter_reader.keras", HERE / "data" / "base.npz")
        case ["scratch"]:
            measure_scratch(HERE / "data" / "scratch.json")
        case ["calibrate"]:
            calibrate()
        case ["full", folder]:
            make_full(Path(folder))
        case _:
            print(f"expected small, base, scratch, calibrate or full DIR, received {arguments}", file=sys.stderr)
            print(f"\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How this lab's pictures and its pretrained base were made, and how to make them at full size.

    cd reference/waste_classification
    python make_data.py small          files/waste.zip and data/hidden.npz, as committed
    python make_data.py base           files/base.keras, trained anew, and its weights in data/base.npz
    python make_data.py reader         data/reader.npz: a head on that base, fitted to thousands of pictures
    python make_data.py scratch        data/scratch.json: what is reached without the base
    python make_data.py calibrate      prints what reasonable classifiers on the base reach, over a few seeds
    python make_data.py full FROM TO   the photographs of TrashNet, unpacked in FROM, split into the same folders in TO

Sources:
    Pictures: drawn by pictures.py. Nobody holds rights in them but this course.
    TrashNet: 2,527 photographs of cardboard, glass, metal, paper, plastic and trash, M. Yang and G. Thung, Stanford
    CS 229, 2016 (https://github.com/garythung/trashnet, MIT License). `full` reads its dataset-resized.zip, unpacked.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autograder.checks.declare import import_file

if TYPE_CHECKING:
    import keras

HERE = Path(__file__).parent
PICTURES = import_file(HERE / "pictures.py", "waste_pictures")
NUM_EACH = {"train": 12, "validation": 20, "hidden": 50}  # pictures of each class
SEEDS = {"train": 1, "validation": 2, "hidden": 3}
NUM_THINGS = 20_000  # to pretrain on
Split = tuple[np.ndarray, np.ndarray]


# Pictures


def draw(part: str) -> Split:
    """The pictures of one part (uint8) and their classes, class after class."""
    return PICTURES.draw_waste(NUM_EACH[part], SEEDS[part])


def write_small(files: Path, data: Path) -> None:
    """Write what students get, an archive of folders of PNG files, into `files`, and hidden pictures into `data`."""
    files.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(files / "waste.zip", "w") as archive:
        for part in ("train", "validation"):
            for number, (picture, label) in enumerate(zip(*draw(part), strict=True)):
                # Numbered from 1 within the class. A fixed date, so that the same pictures make the same file.
                name = f"waste/{part}/{PICTURES.CLASSES[label]}/{number % NUM_EACH[part] + 1:02}.png"
                archive.writestr(zipfile.ZipInfo(name, (2027, 1, 1, 0, 0, 0)), png(picture))
    pictures, labels = draw("hidden")
    np.savez_compressed(data / "hidden.npz", pictures=pictures, labels=labels)


def png(picture: np.ndarray) -> bytes:
    """A picture as the content of a PNG file."""
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).save(content, "png", optimize=True)
    return content.getvalue()


def scaled(pictures: np.ndarray) -> np.ndarray:
    """Pictures as the base expects them: float32 from -1 to 1."""
    return pictures.astype("float32") / 127.5 - 1


# The base


def base_network() -> keras.Model:
    """An untrained base: four blocks of convolution and batch normalisation, and the means of 64 feature maps."""
    from keras import Input, Model, layers

    x = pictures = Input((PICTURES.SIZE, PICTURES.SIZE, 3), name="pictures")
    for number, filters in enumerate((16, 32, 48, 64), start=1):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"block{number}_conv")(x)
        x = layers.BatchNormalization(momentum=0.95, name=f"block{number}_norm")(x)
        x = layers.ReLU(name=f"block{number}_relu")(x)
        if number < 4:
            x = layers.MaxPooling2D(name=f"block{number}_pool")(x)
    return Model(pictures, layers.GlobalAveragePooling2D(name="features")(x), name="base")


def train_base(path: Path, weights: Path, epochs: int = 10, batch_size: int = 64) -> None:
    """Train the base to name shape, finish and colour of things; save it (without these heads) and its weights."""
    import keras

    pictures, kinds = PICTURES.draw_things(NUM_THINGS, seed=0)
    keras.utils.set_random_seed(0)
    base = base_network()
    heads = {
        name: keras.layers.Dense(len(of), activation="softmax", name=name)(base.output)
        for name, of in (("shape", PICTURES.SHAPES), ("finish", PICTURES.FINISHES), ("colour", PICTURES.PALETTE))
    }
    model = keras.Model(base.input, heads)
    rate = keras.optimizers.schedules.CosineDecay(0.004, epochs * len(pictures) // batch_size)
    loss = dict.fromkeys(heads, "sparse_categorical_crossentropy")
    model.compile(keras.optimizers.Adam(rate), loss, metrics=dict.fromkeys(heads, "accuracy"))
    start = time.perf_counter()
    targets = {name: kinds[:, place] for place, name in enumerate(heads)}
    model.fit(scaled(pictures), targets, batch_size=batch_size, epochs=epochs, verbose=2)
    seconds = time.perf_counter() - start
    pictures, kinds = PICTURES.draw_things(1000, seed=1)
    named = model.predict(scaled(pictures), verbose=0)
    right = {name: float(np.mean(named[name].argmax(axis=1) == kinds[:, place])) for place, name in enumerate(heads)}
    print(f"{base.count_params():,} weights, {seconds:.0f} s; new things named right: {right}")
    saved = base_network()
    # Rounded to half precision, so that half the bytes say exactly what the weights are.
    saved.set_weights([value.astype("float16").astype("float32") for value in base.get_weights()])
    saved.save(path)
    np.savez_compressed(weights, **{weight.path: weight.numpy().astype("float16") for weight in saved.weights})


def fit_reader(path: Path) -> None:
    """Fit a head on the base to thousands of pictures: what the checks recognise augmented pictures with."""
    import keras

    from autograder.checks import fit_classifier

    base = keras.models.load_model(HERE / "files" / "base.keras")
    pictures, labels = PICTURES.draw_waste(500, seed=4)
    reader = fit_classifier(base.predict(scaled(pictures), verbose=0), labels, num_steps=1000)
    pictures, labels = PICTURES.draw_waste(100, seed=5)
    right = np.mean(reader.classify(base.predict(scaled(pictures), verbose=0)) == labels)
    print(f"a head fitted to 3,000 pictures recognises {right:.1%} of 600 others")
    np.savez_compressed(path, middle=reader.middle, scale=reader.scale, kernel=reader.kernel)


# Photographs


def make_full(photographs: Path, folder: Path) -> None:
    """Split TrashNet's photographs into folders like those of this lab, and the hidden ones into an archive.

    What each photograph is for follows from its name alone, so it never changes when others are added: of a hundred, 70
    are to train with, 15 for validation and 15 hidden.

    Args:
        photographs: Has a folder for each class with JPEG files in it, as dataset-resized.zip of TrashNet does.
        folder: Where to write `files/waste.zip` and `data/hidden.npz` (pictures of 160 x 160). In lab.py and checks.py
            sizes are then 160, and the base is the one of lab.py's last section; marks want `scratch` and `calibrate`
            anew. It takes a GPU, or patience.

    Raises:
        FileNotFoundError: There are no such folders.
    """
    found = sorted(path for path in photographs.glob("*/*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not found:
        raise FileNotFoundError(f"expected a folder of pictures for each class in {photographs}, found none")
    names = sorted({path.parent.name for path in found})
    (folder / "files").mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    hidden: list[tuple[np.ndarray, int]] = []
    with zipfile.ZipFile(folder / "files" / "waste.zip", "w") as archive:
        for path in found:
            name, picture = path.parent.name, photograph(path)
            part = part_of(f"{name}/{path.name}")
            if part == "hidden":
                hidden.append((picture, names.index(name)))
            else:
                entry = zipfile.ZipInfo(f"waste/{part}/{name}/{path.stem}.png", (2027, 1, 1, 0, 0, 0))
                archive.writestr(entry, png(picture))
    pictures, labels = np.array([picture for picture, _ in hidden]), np.array([label for _, label in hidden])
    np.savez_compressed(folder / "data" / "hidden.npz", pictures=pictures, labels=labels)


def part_of(name: str, seed: str = "waste") -> str:
    """What a photograph is for, by a hash of its name."""
    place = int(hashlib.sha256(f"{seed}/{name}".encode()).hexdigest(), 16) % 100
    return "train" if place < 70 else "validation" if place < 85 else "hidden"


def photograph(path: Path, size: int = 160) -> np.ndarray:
    """Read a photograph and resize it, all that is on it; uint8, shape (size, size, 3)."""
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((size, size)))


# What can be reached


def accuracy(model: keras.Model, part: str) -> float:
    """Share of the pictures of a part that a model recognises."""
    pictures, labels = draw(part)
    return float((model.predict_on_batch(scaled(pictures)).argmax(axis=1) == labels).mean())


def augmentation() -> keras.Layer:
    """That of lab.py."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.RandomFlip(),
            layers.RandomRotation(0.25, fill_mode="reflect"),
            layers.RandomTranslation(0.1, 0.1, fill_mode="reflect"),
        ]
    )


def fit(model: keras.Model, rate: float, steps: int) -> keras.Model:
    """Train on batches of 24 of the training pictures, so many steps."""
    import keras

    pictures, labels = draw("train")
    pictures, generator = scaled(pictures), np.random.default_rng(0)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    for _ in range(steps):  # `fit` with epochs of three steps takes several times as long
        chosen = generator.choice(len(labels), size=24, replace=False)
        model.train_on_batch(pictures[chosen], labels[chosen])
    return model


def networks_from_scratch() -> dict[str, Callable[[], list[keras.layers.Layer]]]:
    """Networks tried without the base, by name: of its own architecture, a plainer one, and a smaller one."""
    from keras import layers

    def conv(filters: int) -> list[keras.layers.Layer]:
        return [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]

    return {
        "the base's own": lambda: [base_network()],
        "three convolutions, dense": lambda: [*conv(16), *conv(32), *conv(64), layers.Flatten(), layers.Dropout(0.4)],
        "two convolutions, pooled": lambda: [*conv(16), *conv(32), layers.GlobalAveragePooling2D()],
    }


def stacked(stages: list[keras.layers.Layer]) -> keras.Model:
    """Augmentation, the stages, and a softmax."""
    from keras import Input, Sequential, layers

    shape = (PICTURES.SIZE, PICTURES.SIZE, 3)
    return Sequential(
        [Input(shape), augmentation(), *stages, layers.Dense(len(PICTURES.CLASSES), activation="softmax")]
    )


def measure_scratch(path: Path, seeds: range = range(3)) -> None:
    """Write what networks reach that learn from the training pictures alone, and the best of all ways."""
    import keras

    runs: dict[str, list[float]] = {}
    for name, build in networks_from_scratch().items():
        for rate, steps in ((0.001, 300), (0.003, 300), (0.001, 1200)):
            for seed in seeds:
                keras.utils.set_random_seed(seed)
                reached = round(accuracy(fit(stacked(build()), rate, steps), "hidden"), 4)
                runs.setdefault(f"{name}, rate {rate}, {steps} steps", []).append(reached)
            print(name, rate, steps, reached, flush=True)
    means = {name: round(float(np.mean(tried)), 4) for name, tried in runs.items()}
    best = max(means, key=means.__getitem__)
    record = {
        "what": "share of the hidden pictures that is recognised after learning from the training pictures alone",
        "command": "python reference/waste_classification/make_data.py scratch",
        "training": f"Adam, batches of 24, augmentation of lab.py, seeds {list(seeds)}",
        "best_network": best,
        "best_mean_accuracy": means[best],
        "best_single_accuracy": max(max(tried) for tried in runs.values()),
        "accuracy_by_network": runs,
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def heads() -> dict[str, tuple[Callable[[], list[keras.layers.Layer]], float, int]]:
    """Heads to put on the base, by name, each with a learning rate and a number of steps."""
    from keras import layers

    return {
        "softmax, 0.01, 100": (lambda: [], 0.01, 100),
        "softmax, 0.003, 400": (lambda: [], 0.003, 400),
        "dropout, 0.01, 200": (lambda: [layers.Dropout(0.3)], 0.01, 200),
        "batch norm, 0.01, 100": (lambda: [layers.BatchNormalization(momentum=0.9)], 0.01, 100),
        "dense 64, 0.003, 150": (lambda: [layers.Dense(64, activation="relu"), layers.Dropout(0.3)], 0.003, 150),
    }


def calibrate(seeds: range = range(2)) -> None:
    """Print hidden accuracies with the base frozen, and after its top was tuned; and how far the top has moved."""
    import keras

    print(f"{'head':<26}{'frozen':<18}tuned (moved)")
    for name, (build, rate, steps) in heads().items():
        frozen, tuned = [], []
        for seed in seeds:
            keras.utils.set_random_seed(seed)
            base = keras.models.load_model(HERE / "files" / "base.keras")
            base.trainable = False
            model = fit(stacked([base, *build()]), rate, steps)
            frozen.append(f"{accuracy(model, 'hidden'):.3f}")
            for tuning_rate, tuning_steps in ((0.0003, 100), (0.001, 60), (0.003, 60)):
                base.trainable = True
                for layer in base.layers:
                    layer.trainable = layer.name == "block4_conv"
                weights, before = model.get_weights(), base.get_layer("block4_conv").kernel.numpy()
                fit(model, tuning_rate, tuning_steps)
                moved = np.linalg.norm(base.get_layer("block4_conv").kernel.numpy() - before) / np.linalg.norm(before)
                tuned.append(f"{tuning_rate}: {accuracy(model, 'hidden'):.3f} ({moved:.2f})")
                model.set_weights(weights)
        print(f"{name:<26}{' '.join(frozen):<18}{'  '.join(tuned)}", flush=True)


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write_small(HERE / "files", HERE / "data")
        case ["base"]:
            train_base(HERE / "files" / "base.keras", HERE / "data" / "base.npz")
        case ["reader"]:
            fit_reader(HERE / "data" / "reader.npz")
        case ["scratch"]:
            measure_scratch(HERE / "data" / "scratch.json")
        case ["calibrate"]:
            calibrate()
        case ["full", photographs, folder]:
            make_full(Path(photographs), Path(folder))
        case _:
            print(f"expected a command of this list, received {arguments}", file=sys.stderr)
            print(f"\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How this lab's data was made, and how to make it at full size.

    python reference/cnn_digits/make_data.py small      files/digits.npz and data/hidden.npz, as committed
    python reference/cnn_digits/make_data.py dense      data/dense.json: what dense networks reach on the shifted digits
    python reference/cnn_digits/make_data.py calibrate  prints what reasonable CNNs reach, over a few seeds
    python reference/cnn_digits/make_data.py full DIR   MNIST from keras.datasets, in the same form, into DIR

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998
(doi 10.24432/C50P49, CC BY 4.0): its 1,797 test images, as `sklearn.datasets.load_digits` ships them (BSD-3-Clause).
Real scans, small enough to train on in seconds without a network connection.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

HERE = Path(__file__).parent
Split = tuple[np.ndarray, np.ndarray]


def split(images: np.ndarray, labels: np.ndarray) -> dict[str, Split]:
    """Share the images out by a fixed rule: of each eight, two are hidden, one is for validation, five for training.

    Neighbouring images are by the same writer, so each of the three parts has every writer in it.
    """
    place = np.arange(len(images)) % 8
    hidden, validation = place % 4 == 3, place == 1
    parts = {"hidden": hidden, "validation": validation, "train": ~hidden & ~validation}
    return {name: (images[chosen], labels[chosen]) for name, chosen in parts.items()}


def shifted(images: np.ndarray, columns: int) -> np.ndarray:
    """Move images right by `columns` pixels (left if negative); paper comes in from the side.

    Sideways only: the digits fill all eight rows but rarely all eight columns, so hardly any ink is lost.
    """
    moved = np.zeros_like(images)
    if columns > 0:
        moved[:, :, columns:] = images[:, :, :-columns]
    else:
        moved[:, :, :columns] = images[:, :, -columns:]
    return moved


def both_ways(images: np.ndarray, labels: np.ndarray) -> Split:
    """Return every image moved one pixel to the left, then every image moved one to the right, and the labels."""
    return np.concatenate([shifted(images, -1), shifted(images, 1)]), np.tile(labels, 2)


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
        for name in ("train", "validation")
        for kind, array in zip(("images", "labels"), parts[name], strict=True)
    }
    np.savez_compressed(files / "digits.npz", **given)
    hidden_images, hidden_labels = parts["hidden"]
    shifted_images, shifted_labels = both_ways(hidden_images, hidden_labels)
    np.savez_compressed(
        data / "hidden.npz",
        images=hidden_images,
        labels=hidden_labels,
        shifted_images=shifted_images,
        shifted_labels=shifted_labels,
    )


def make_full(folder: Path) -> None:
    """Write MNIST, split and named in the same way; the lab's input shape then is (28, 28, 1), and so are its sizes.

    `keras.datasets.mnist` downloads 11 MB (Y. LeCun, C. Cortes, C. Burges) once. Full size wants other thresholds:
    run `dense` and `calibrate` on it, and change shapes and numbers in lab.py and checks.py.
    """
    import keras

    (images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
    every = np.concatenate([images, test_images]).astype("float32")[..., None] / 255
    write(split(every, np.concatenate([labels, test_labels]).astype("int64")), folder / "files", folder / "data")


def scores(build: Callable[[], keras.Model], seed: int, epochs: int, learning_rate: float) -> dict[str, float]:
    """Train one network on the students' training images; return its hidden and shifted accuracies and its seconds."""
    import keras

    parts = small_digits()
    keras.utils.set_random_seed(seed)
    model = build()
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    start = time.perf_counter()
    model.fit(*parts["train"], batch_size=64, epochs=epochs, verbose=0)
    seconds = time.perf_counter() - start

    def accuracy(images: np.ndarray, labels: np.ndarray) -> float:
        return round(float((model.predict(images, batch_size=1024, verbose=0).argmax(axis=1) == labels).mean()), 4)

    hidden = parts["hidden"]
    return {
        "hidden": accuracy(*hidden),
        "shifted": accuracy(*both_ways(*hidden)),
        "weights": model.count_params(),
        "seconds": round(seconds, 1),
    }


def dense_networks() -> dict[str, Callable[[], keras.Model]]:
    """Return the dense networks tried, by name: one to three layers, narrow to wide, with and without dropout."""
    import keras

    def network(width: int, depth: int, dropout: float) -> keras.Model:
        layers: list[keras.layers.Layer] = [keras.Input(shape=(8, 8, 1)), keras.layers.Flatten()]
        for _ in range(depth):
            layers += [keras.layers.Dense(width, activation="relu"), keras.layers.Dropout(dropout)]
        return keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])

    return {
        f"{depth} x {width}, dropout {dropout}": lambda w=width, d=depth, p=dropout: network(w, d, p)
        for width, depth, dropout in itertools.product((32, 128, 512), (1, 2, 3), (0.0, 0.3))
    }


def convolutional_networks() -> dict[str, Callable[[], keras.Model]]:
    """Return reasonable answers to the lab, by name: all of them have pooling, none sees shifted training images."""
    from keras import Input, Sequential, layers

    def network(*stages: layers.Layer) -> keras.Model:
        return Sequential([Input(shape=(8, 8, 1)), *stages, layers.Dense(10, activation="softmax")])

    def conv(filters: int, size: int = 3, padding: str = "same") -> layers.Layer:
        return layers.Conv2D(filters, size, padding=padding, activation="relu")

    pool, flatten = layers.MaxPooling2D, layers.Flatten
    return {
        "reference": lambda: network(conv(16), pool(3, 2, padding="same"), conv(32), layers.GlobalMaxPooling2D()),
        "two stages, flatten": lambda: network(conv(16), pool(), conv(32), pool(), flatten()),
        "two stages, dropout": lambda: network(conv(16), pool(), conv(32), pool(), flatten(), layers.Dropout(0.3)),
        "LeNet": lambda: network(
            conv(6, 5), layers.AveragePooling2D(2), conv(16), pool(), flatten(), layers.Dense(84, activation="relu")
        ),
        "two convolutions, pool": lambda: network(conv(16), conv(32), pool(), flatten()),
        "valid, one stage": lambda: network(conv(16, padding="valid"), pool(), flatten()),
        "batch norm": lambda: network(
            *[layers.Conv2D(16, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(), pool()],
            *[layers.Conv2D(32, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(), pool(), flatten()],
        ),
        "global average": lambda: network(conv(16), pool(), conv(48), layers.GlobalAveragePooling2D()),
        "no pooling at all": lambda: network(conv(16), conv(32), flatten()),
    }


def measure_dense(path: Path, seeds: range = range(3)) -> None:
    """Write what each dense network reaches, and the best of all, with how it was found."""
    runs = {
        name: [scores(build, seed, epochs=25, learning_rate=2e-3) for seed in seeds]
        for name, build in dense_networks().items()
    }
    means = {name: round(float(np.mean([run["shifted"] for run in tried])), 4) for name, tried in runs.items()}
    best = max(means, key=means.__getitem__)
    record = {
        "what": "share of the hidden digits, moved one pixel left or right, that dense networks get right",
        "command": "python reference/cnn_digits/make_data.py dense",
        "training": "Adam, learning rate 0.002, 25 epochs, batches of 64, the students' training images",
        "best_network": best,
        "best_mean_accuracy": means[best],
        "best_single_accuracy": max(run["shifted"] for tried in runs.values() for run in tried),
        "accuracy_in_place": round(float(np.mean([run["hidden"] for run in runs[best]])), 4),
        "shifted_accuracy_by_network": {name: [run["shifted"] for run in tried] for name, tried in runs.items()},
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def calibrate(seeds: range = range(3)) -> None:
    """Print the lowest and mean hidden and shifted accuracies of each convolutional network over a few seeds."""
    print(f"{'network':<24}{'weights':>8}  hidden (lowest, mean)  shifted (lowest, mean)  seconds")
    for name, build in convolutional_networks().items():
        tried = [scores(build, seed, epochs=20, learning_rate=5e-3) for seed in seeds]
        hidden, moved = ([run[key] for run in tried] for key in ("hidden", "shifted"))
        print(
            f"{name:<24}{tried[0]['weights']:>8}{min(hidden):>9.3f}{np.mean(hidden):>8.3f}"
            f"{min(moved):>14.3f}{np.mean(moved):>8.3f}{np.mean([run['seconds'] for run in tried]):>13.1f}",
            flush=True,
        )


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write(small_digits(), HERE / "files", HERE / "data")
        case ["dense"]:
            measure_dense(HERE / "data" / "dense.json")
        case ["calibrate"]:
            calibrate()
        case ["full", folder]:
            make_full(Path(folder))
        case _:
            print(f"expected small, dense, calibrate or full DIR, received {arguments}\n\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

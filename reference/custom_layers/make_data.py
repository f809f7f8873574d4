"""How this lab's data was made, and how to make it at full size.

    python reference/custom_layers/make_data.py small      files/digits.npz and data/hidden.npz, as committed
    python reference/custom_layers/make_data.py calibrate  prints what reasonable networks reach, over a few seeds
    python reference/custom_layers/make_data.py full DIR   MNIST from keras.datasets, in the same form, into DIR

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998
(doi 10.24432/C50P49, CC BY 4.0): its 1,797 test images, as `sklearn.datasets.load_digits` ships them (BSD-3-Clause).
Real scans, small enough for a dense network to learn in seconds, and each weight of a layer on 64 pixels is a picture.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
Split = tuple[np.ndarray, np.ndarray]


def split(images: np.ndarray, labels: np.ndarray) -> dict[str, Split]:
    """Share the images out: of each eight, two are hidden, one is for validation, five for training.

    It is the rule of every lab that uses these digits, so that none gives away what another one hides;
    `tests/course/test_shared_digits.py` holds them to it. Neighbouring images are by the same writer, so each part has
    every writer in it.
    """
    place = np.arange(len(images)) % 8
    hidden, validation = place % 4 == 3, place == 1
    parts = {"hidden": hidden, "validation": validation, "train": ~hidden & ~validation}
    return {name: (images[chosen], labels[chosen]) for name, chosen in parts.items()}


def small_digits() -> dict[str, Split]:
    """Return the split digits: float32 ink in [0, 1], shape (num_images, 64), and int64 labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return split((digits.data / 16).astype("float32"), digits.target.astype("int64"))


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
    np.savez_compressed(data / "hidden.npz", images=parts["hidden"][0], labels=parts["hidden"][1])


def make_full(folder: Path) -> None:
    """Write MNIST, split and named in the same way; the network's input then is (batch, 784).

    `keras.datasets.mnist` downloads 11 MB (Y. LeCun, C. Cortes, C. Burges) once. Full size wants other thresholds:
    change 64 to 784, and the numbers in lab.py and checks.py after `calibrate` on it.
    """
    import keras

    (images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
    every = np.concatenate([images, test_images]).astype("float32").reshape(-1, 784) / 255
    write(split(every, np.concatenate([labels, test_labels]).astype("int64")), folder / "files", folder / "data")


def accuracy_of(hidden_units: int, rate: float, depth: int, seed: int) -> tuple[float, float]:
    """Train a network of Keras's own layers as the notebook trains the student's; its hidden accuracy and seconds."""
    import keras

    parts = small_digits()
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.BatchNormalization(center=False, scale=False, momentum=0.9)]
    for _ in range(depth):
        layers += [keras.layers.Dense(hidden_units, activation="relu"), keras.layers.Dropout(rate)]
    model = keras.Sequential([keras.Input((64,)), *layers, keras.layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    start = time.perf_counter()
    model.fit(*parts["train"], batch_size=32, epochs=15, verbose=0)
    seconds = time.perf_counter() - start
    images, labels = parts["hidden"]
    return float((model.predict(images, verbose=0).argmax(axis=1) == labels).mean()), seconds


def calibrate(seeds: range = range(3)) -> None:
    """Print the lowest and mean hidden accuracy over a few seeds, for networks from far too small to large."""
    print("units  rate  depth  hidden accuracy (lowest, mean)  seconds")
    for hidden_units, rate, depth in itertools.product((8, 16, 64, 256), (0.2, 0.5), (1, 2)):
        shares, seconds = zip(*[accuracy_of(hidden_units, rate, depth, seed) for seed in seeds], strict=True)
        print(
            f"{hidden_units:>5}{rate:>6}{depth:>7}{min(shares):>16.3f}{np.mean(shares):>8.3f}{np.mean(seconds):>16.1f}",
            flush=True,
        )


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write(small_digits(), HERE / "files", HERE / "data")
        case ["calibrate"]:
            calibrate()
        case ["full", folder]:
            make_full(Path(folder))
        case _:
            print(f"expected small, calibrate or full DIR, received {arguments}\n\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

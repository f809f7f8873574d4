"""How this lab's data was made, and how to make it at full size.

    python reference/gan/make_data.py small       files/digits.npz and data/hidden.npz, as committed
    python reference/gan/make_data.py distances   what the energy distance makes of real, average and collapsed digits
    python reference/gan/make_data.py full DIR    MNIST from keras.datasets, in the same form, into DIR

Source: Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998
(doi 10.24432/C50P49, CC BY 4.0): its 1,797 test images, as `sklearn.datasets.load_digits` ships them (BSD-3-Clause).
Real scans, small enough for a GAN to learn in seconds. The images that are hidden here are those of `cnn_digits`:
whoever has done that lab has none of them either.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

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
    np.savez_compressed(data / "hidden.npz", images=hidden_images, labels=hidden_labels)


def make_full(folder: Path) -> None:
    """Write MNIST, split and named in the same way; pictures then have the shape (28, 28, 1).

    `keras.datasets.mnist` downloads 11 MB (Y. LeCun, C. Cortes, C. Burges) once. The generator then grows from 7 x 7
    over 14 x 14 to 28 x 28, a run takes minutes on a GPU, and shapes and marks in lab.py and checks.py have to follow:
    `autograder calibrate gan` proposes the marks.
    """
    import keras

    (images, labels), (test_images, test_labels) = keras.datasets.mnist.load_data()
    every = np.concatenate([images, test_images]).astype("float32")[..., None] / 255
    write(split(every, np.concatenate([labels, test_labels]).astype("int64")), folder / "files", folder / "data")


def tell_distances() -> None:
    """Print energy distances to the hidden digits: of all together, and the mean over the ten digits on their own."""
    from autograder.checks import energy_distance

    parts = small_digits()
    (images, labels), (hidden, hidden_labels) = parts["train"], parts["hidden"]
    generator = np.random.default_rng(0)
    means = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)])
    samples = {
        "real digits, as many": (images[:1000], labels[:1000]),
        "the average of each digit": (np.repeat(means, 100, axis=0), np.repeat(np.arange(10), 100)),
        "real digits, labels guessed": (images[:1000], generator.integers(0, 10, 1000)),
        "digits 0 to 4 alone": (images[labels < 5], labels[labels < 5]),
        "the average of all": (np.repeat(images.mean(axis=0)[None], 1000, axis=0), np.arange(1000) % 10),
        "random pixels": (generator.random((1000, 8, 8, 1)), np.arange(1000) % 10),
        "one real digit repeated": (np.repeat(images[:1], 1000, axis=0), np.arange(1000) % 10),
    }
    print(f"{'':<28}{'all':>6}{'by digit':>10}")
    for name, (pictures, wanted) in samples.items():
        by_digit = [
            energy_distance(pictures[wanted == digit], hidden[hidden_labels == digit])
            for digit in range(10)
            if (wanted == digit).any()
        ]
        print(f"{name:<28}{energy_distance(pictures, hidden):>6.2f}{np.mean(by_digit):>10.2f}")


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write(small_digits(), HERE / "files", HERE / "data")
        case ["distances"]:
            tell_distances()
        case ["full", folder]:
            make_full(Path(folder))
        case _:
            print(f"expected small, distances or full DIR, received {arguments}\n\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How this lab's pictures were made, and how to make such a set of photographs.

    cd reference/exam_residual
    python make_data.py small                 files/patterns.npz and data/hidden.npz, as committed
    python make_data.py baselines             data/baselines.json: what is reached without convolution
    python make_data.py full PICTURES DIR     photographs of PICTURES/<kind>/*, in the same form, into DIR

The pictures are drawn here by a rule, so nobody else has a right to them, and there are as many as one wants. For
photographs of real surfaces take the Describable Textures Dataset (M. Cimpoi and others, 2014, "Describing textures in
the wild"; free for research), which comes as one folder for each kind: banded, chequered, dotted, ...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
SIZE = 12  # pixels along each side
KINDS = ("lying stripes", "standing stripes", "slanted stripes", "chequered", "rings", "dots")
NUM_EACH = {"train": 120, "validation": 40, "hidden": 100}
NOISE = 0.23  # standard deviation; black is 0 and white is 1
Split = tuple[np.ndarray, np.ndarray]


# Drawing. A mirror image is of the same kind as its picture: slanted stripes rise to either side.


def wave(distance: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A wave along a distance in pixels, of a random length and beginning; numbers in [-1, 1]."""
    return np.sin(2 * np.pi * (distance / generator.uniform(2.6, 6.0) + generator.random()))


def draw(kind: str, generator: np.random.Generator) -> np.ndarray:
    """Draw one picture without noise; numbers in [-1, 1], shape (SIZE, SIZE)."""
    down, across = np.mgrid[:SIZE, :SIZE].astype(float)
    match kind:
        case "lying stripes":
            return wave(down + generator.uniform(-0.15, 0.15) * across, generator)
        case "standing stripes":
            return wave(across + generator.uniform(-0.15, 0.15) * down, generator)
        case "slanted stripes":
            return wave((down + generator.choice([-1, 1]) * across) / np.sqrt(2), generator)
        case "chequered":
            return wave(down, generator) * wave(across, generator)
        case "rings":
            top, left = generator.uniform(3, SIZE - 4, size=2)
            return wave(np.hypot(down - top, across - left), generator)
        case "dots":
            places = generator.uniform(0, SIZE - 1, size=(10, 2))
            near = [np.exp(-((down - top) ** 2 + (across - left) ** 2) / 1.5) for top, left in places]
            return 2 * np.minimum(np.sum(near, axis=0), 1.0) - 1
        case _:
            raise ValueError(f"expected one of {KINDS}, received {kind!r}")


def pictures(num_each: int, generator: np.random.Generator) -> Split:
    """Draw so many pictures of each kind, shuffled, with noise and of random contrast, dark on light or light on dark.

    Returns:
        Pictures, uint8 of shape (num_pictures, SIZE, SIZE, 1), and the number of the kind of each, int64.
    """
    labels = generator.permutation(np.repeat(np.arange(len(KINDS)), num_each))
    contrast = generator.uniform(0.25, 0.45, size=len(labels)) * generator.choice([-1, 1], size=len(labels))
    drawn = np.array([by * draw(KINDS[label], generator) for by, label in zip(contrast, labels, strict=True)])
    grey = 0.5 + drawn + generator.normal(scale=NOISE, size=drawn.shape)
    return (255 * np.clip(grey, 0, 1)).round().astype("uint8")[..., None], labels


def small_patterns(seed: int = 5) -> dict[str, Split]:
    """The pictures of the exam, split."""
    generator = np.random.default_rng(seed)
    return {name: pictures(num_each, generator) for name, num_each in NUM_EACH.items()}


def write(parts: dict[str, Split], files: Path, data: Path) -> None:
    """Write what students get into `files` and the hidden pictures into `data`."""
    files.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    given = {
        f"{name}_{what}": array
        for name in ("train", "validation")
        for what, array in zip(("pictures", "labels"), parts[name], strict=True)
    }
    np.savez_compressed(files / "patterns.npz", **given)
    hidden_pictures, hidden_labels = parts["hidden"]
    np.savez_compressed(data / "hidden.npz", pictures=hidden_pictures, labels=hidden_labels)


# Photographs


def photographs(folder: Path, size: int = 64) -> Split:
    """Read photographs, one folder for each kind, cut to a square, in grey; uint8 (num_pictures, size, size, 1)."""
    from PIL import Image, ImageOps

    kinds = sorted(path for path in folder.iterdir() if path.is_dir())
    read, labels = [], []
    for number, kind in enumerate(kinds):
        for path in sorted(kind.iterdir()):
            with Image.open(path) as picture:
                read.append(np.asarray(ImageOps.fit(picture.convert("L"), (size, size))))
            labels.append(number)
    if not read:
        raise SystemExit(f"expected photographs in {folder}/<kind>/, found none; see the top of make_data.py")
    return np.array(read)[..., None], np.array(labels)


def make_full(source: Path, folder: Path) -> None:
    """Write photographs in the same form: of each five, three are for training, one for validation, one is hidden.

    In lab.py the pictures then are (64, 64, 1), there are as many classes as kinds, and thresholds want setting anew.
    """
    images, labels = photographs(source)
    place = np.concatenate([np.arange(count) for count in np.bincount(labels)]) % 5
    chosen = {"train": place < 3, "validation": place == 3, "hidden": place == 4}
    write({name: (images[rows], labels[rows]) for name, rows in chosen.items()}, folder / "files", folder / "data")


# What is reached without convolution


def neighbour_accuracy(known: Split, new: Split) -> float:
    """Share of pictures that are of the kind of the nearest known one, pixel by pixel."""
    (images, labels), (others, answers) = ((part[0].reshape(len(part[0]), -1) / 255, part[1]) for part in (known, new))
    distances = (others**2).sum(axis=1)[:, None] - 2 * others @ images.T + (images**2).sum(axis=1)
    return float((labels[distances.argmin(axis=1)] == answers).mean())


def dense_accuracies(parts: dict[str, Split], widths: tuple[int, ...], rate: float, epochs: int) -> list[float]:
    """Share of the hidden pictures that a dense network gets right, under two seeds."""
    import keras

    (images, labels), (hidden, answers) = ((parts[name][0] / 255, parts[name][1]) for name in ("train", "hidden"))
    reached = []
    for seed in range(2):
        keras.utils.set_random_seed(seed)
        layers: list[Callable[[object], object]] = [keras.layers.Dense(width, activation="relu") for width in widths]
        flat = [keras.Input(hidden.shape[1:]), keras.layers.Flatten()]
        model = keras.Sequential([*flat, *layers, keras.layers.Dense(len(KINDS), activation="softmax")])
        model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        model.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)
        reached.append(round(float((model.predict(hidden, verbose=0).argmax(axis=1) == answers).mean()), 4))
    return reached


def measure_baselines(path: Path) -> None:
    """Write what dense networks and the nearest neighbour reach."""
    parts = small_patterns()
    tried = {
        f"dense, {widths or 'softmax alone'}, rate 0.001, 20 epochs": dense_accuracies(parts, widths, 0.001, 20)
        for widths in ((), (64,), (128, 64), (512, 256))
    }
    record = {
        "what": "share of the hidden pictures that is right without convolution",
        "command": "python make_data.py baselines",
        "best_dense_accuracy": max(max(reached) for reached in tried.values()),
        "dense_accuracies": tried,
        "nearest_neighbour_accuracy": round(neighbour_accuracy(parts["train"], parts["hidden"]), 4),
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write(small_patterns(), HERE / "files", HERE / "data")
        case ["baselines"]:
            measure_baselines(HERE / "data" / "baselines.json")
        case ["full", source, folder]:
            make_full(Path(source), Path(folder))
        case _:
            print(f"expected small, baselines or full PICTURES DIR, received {arguments}\n\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the sandbox's two settings of TensorFlow and Keras save when the networks of a course are trained: CPU time.

Four ways: as TensorFlow comes; with small graphs left out by its graph optimiser; so, and with training steps traced
once, as the sandbox has it (autograder/sandbox/inside/zygote.py and traced_once.py); with no graph optimised. They take
turns, each in a process of its own, since TensorFlow reads these options when it starts; with one thread and
deterministic operations, as in the sandbox, and with many short epochs, as in a lab.

Run with `make bench-optimiser`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from autograder.sandbox.inside import traced_once
from autograder.sandbox.inside.zygote import SMALL_GRAPH_NODES

ROUNDS = 3
EPOCHS, ROWS, BATCH = 20, 200, 20
CLASSES = 10
WAYS: dict[str, dict[str, int | bool]] = {
    "all": {"disable_meta_optimizer": False, "min_graph_nodes": 4},
    "large": {"disable_meta_optimizer": False, "min_graph_nodes": SMALL_GRAPH_NODES},
    "sandbox": {"disable_meta_optimizer": False, "min_graph_nodes": SMALL_GRAPH_NODES},
    "none": {"disable_meta_optimizer": True, "min_graph_nodes": 4},
}


def _dense() -> list[layers.Layer]:
    return [keras.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(CLASSES, activation="softmax")]


def _small_convolutions() -> list[layers.Layer]:
    return [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(CLASSES, activation="softmax"),
    ]


def _larger_convolutions() -> list[layers.Layer]:
    return [
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 3, activation="relu", padding="same"),
        layers.BatchNormalization(),
        layers.Conv2D(64, 3, activation="relu", strides=2),
        layers.Conv2D(64, 3, activation="relu", strides=2),
        layers.GlobalAveragePooling2D(),
        layers.Dense(CLASSES, activation="softmax"),
    ]


def _attention() -> list[layers.Layer]:
    tokens = keras.Input((32, 32))
    mixed = layers.LayerNormalization()(tokens + layers.MultiHeadAttention(4, 8)(tokens, tokens, use_causal_mask=True))
    widened = layers.Dense(32)(layers.Dense(128, activation="gelu")(mixed))
    pooled = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(mixed + widened))
    return [keras.Model(tokens, pooled), layers.Dense(CLASSES, activation="softmax")]


def _recurrent() -> list[layers.Layer]:
    return [keras.Input((16, 8)), layers.LSTM(32), layers.Dense(CLASSES, activation="softmax")]


NETWORKS: dict[str, tuple[Callable[[], list[layers.Layer]], tuple[int, ...]]] = {
    "dense, 8x8": (_dense, (64,)),
    "convolutions, 8x8": (_small_convolutions, (8, 8, 1)),
    "convolutions, 32x32x3": (_larger_convolutions, (32, 32, 3)),
    "attention, 32 tokens of 32": (_attention, (32, 32)),
    "LSTM, 16 steps of 8": (_recurrent, (16, 8)),
}


def train(build: Callable[[], list[layers.Layer]], shape: tuple[int, ...]) -> tuple[float, float, float]:
    """CPU time of the first epoch (with tracing and optimising) and of the `EPOCHS` after it, and the loss reached."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(build())
    model.compile("adam", "sparse_categorical_crossentropy")
    examples = np.random.default_rng(0).normal(size=(ROWS, *shape)).astype("float32")
    labels = np.arange(ROWS) % CLASSES
    begun = time.process_time()
    model.fit(examples, labels, batch_size=BATCH, epochs=1, verbose=0)
    first = time.process_time() - begun
    begun = time.process_time()
    history = model.fit(examples, labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return first, time.process_time() - begun, history.history["loss"][-1]


def train_all(way: str) -> None:
    """Print a JSON object: what `train` gave for each network, one way."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.config.optimizer.set_experimental_options(WAYS[way])
    if way == "sandbox":
        traced_once.install()
    taken = {}
    for name, network in NETWORKS.items():
        train(*network)  # what only the first of its kind pays
        taken[name] = train(*network)
    print(json.dumps(taken))


def main() -> None:
    """Time every network every way, and print the medians."""
    taken: dict[str, list[dict[str, tuple[float, float, float]]]] = {way: [] for way in WAYS}
    for number in range(ROUNDS):
        for way in sorted(WAYS, key=lambda way: (list(WAYS).index(way) + number) % len(WAYS)):
            child = subprocess.run(
                [sys.executable, __file__, way], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            taken[way].append(json.loads(child.stdout))
    print(f"CPU seconds, median of {ROUNDS}; epochs of {ROWS // BATCH} steps; graphs that are optimised:")
    heads = [("first epoch", 4), (f"{EPOCHS} epochs", 4), ("first: ratio to all", 3), ("epochs: ratio to all", 3)]
    print(" " * 28 + "  ".join(f"{head:^{8 * width}}" for head, width in (*heads, ("same loss as all", 3))))
    columns = [*WAYS, "  ", *WAYS, *("  ", *list(WAYS)[1:]) * 3]
    print(" " * 28 + "".join(column if column.isspace() else f"{column:>8}" for column in columns))
    for name in NETWORKS:
        first, epochs = ([median(one[name][part] for one in taken[way]) for way in WAYS] for part in range(2))
        losses = [{one[name][2] for one in taken[way]} for way in WAYS]
        cells = ["".join(f"{value:8.2f}" for value in part) for part in (first, epochs)]
        cells += ["".join(f"{seconds / part[0]:8.2f}" for seconds in part[1:]) for part in (first, epochs)]
        cells.append("".join(f"{'yes' if len(losses[0] | other) == 1 else 'no':>8}" for other in losses[1:]))
        print(f"{name:28}{'  '.join(cells)}")


if __name__ == "__main__":
    train_all(sys.argv[1]) if len(sys.argv) > 1 else main()

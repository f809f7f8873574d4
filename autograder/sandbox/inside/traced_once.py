"""Have Keras trace a training step once: an optimizer's variables are made before TensorFlow looks at the step.

Keras makes them in the first step. TensorFlow, which traced that step to see what it does, then has to trace it again
without the making of variables (https://www.tensorflow.org/guide/function#creating_tfvariables); for the small networks
of a lab that is the larger part of a first `fit`. What is made, and what is computed, is the same bit for bit
(`make bench-optimiser`, tests/sandbox/test_traced_once.py).
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

TRAINER = "keras.src.backend.tensorflow.trainer"


def install() -> None:
    """Have every model of this process do so, where Keras runs on TensorFlow and has these two methods."""
    trainer = getattr(sys.modules.get(TRAINER), "TensorFlowTrainer", None)
    if trainer is not None and {"make_train_function", "train_step"} <= vars(trainer).keys():
        trainer.make_train_function = after_building(trainer)


def after_building(trainer: Any) -> Callable[..., Any]:
    """What makes a model's training function, once the optimizer has its variables.

    They are those that Keras's own training step would ask for in that place. A model with a training step of its own
    may train other variables; with a strategy of distribution they belong in its scope. There, nothing is done.

    Args:
        trainer: Keras's `TensorFlowTrainer`.
    """
    make, own_step = trainer.make_train_function, trainer.train_step

    @functools.wraps(make)
    def make_train_function(self: Any, force: bool = False) -> Any:
        optimizer = self.optimizer
        if (
            optimizer is not None
            and not optimizer.built
            and self.built
            and getattr(self, "_distribute_strategy", None) is None
            and getattr(self.train_step, "__func__", None) is own_step
            and (weights := self.trainable_weights)
        ):
            backend = sys.modules["keras.src.backend"]
            with backend.name_scope(optimizer.name, caller=optimizer):
                optimizer.build(weights)
            optimizer.built = True
        return make(self, force)

    return make_train_function

# %% [markdown] text="intro"
# # Layers of your own
#
# Sooner or later you read a paper, like its idea, and find that Keras has no layer for it. That is a good moment: a
# layer is a small thing, and you can write your own in twenty lines. The rest of Keras (`fit`, `summary`, saving,
# mixed precision) then works with it as if it had always been there.
#
# Why does it just work? Because every layer keeps four promises:
#
# | promise | where | if it is broken |
# | --- | --- | --- |
# | it makes its weights **once**, when it first sees an input | `build` | it forgets everything, at every step |
# | it **computes** with them, and behaves in training as asked | `call` | results that nobody can explain |
# | what it must **remember** is a weight too | `add_weight` | a model that is good today and useless once saved |
# | it can say **how to make it again** | `get_config` | a file that nobody can open |
#
# And this is its life:
#
# ```text
#   MyDense(4)  ──first call──▶  build((None, 3))  ──▶  call(x)  call(x)  call(x) ...
#       │                        makes a 3 x 4 kernel
#       └──▶ get_config() ──▶ {"units": 4, ...} ──▶ from_config(...) ──▶ another MyDense(4), not built yet
# ```
#
# In this lab you write three layers that Keras has too, so that you can hold yours against the original: one that
# learns, one that behaves differently in training, one that remembers. Then you make a network of them.
#
# | part | you write | points |
# | --- | --- | --- |
# | 1 | `MyDense`: weights that learn | 9 |
# | 2 | `MyDropout`: noise, in training only | 6 |
# | 3 | `RunningMean`: a memory | 6 |
# | 4 | `get_config` and number formats, for all three | 8 |
# | 5 | `DigitNetwork`: a model of your own layers | 9 |
# | 6 | a question | 2 |
#
# Build with `keras.ops`, `keras.random` and `add_weight`. Keras's own layers stay outside: they are what you are
# writing. The docstrings are the **contract**; the tests below each part catch the first mistakes, and the marks come
# from more questions of the same kind, with other sizes and in other situations.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="dense-story"
# ## 1. A layer that learns
#
# Everybody's first layer: multiply by a matrix of weights $W$ (the *kernel*), add a vector $b$ (the *bias*), bend the
# result with an activation $f$:
#
# $$y = f(x W + b) \qquad y_{\dots j} = f\Big(\sum_i x_{\dots i} W_{ij} + b_j\Big)$$
#
# Only the **last** axis takes part. Whatever axes come before it (batch, time, height and width) are just along for
# the ride: a row of 20 words with 8 numbers each, shape `(batch, 20, 8)`, becomes `(batch, 20, units)`.
#
# How large is $W$? `MyDense(4)` cannot know: nobody has told it how long $x$ is. So `__init__` only writes down what
# was asked for, and `build` makes the weights. Keras calls `build` by itself, once, just before the first `call`.
#
# * `self.add_weight(shape=..., initializer=..., name=...)` makes a weight and has it *tracked*: it is then part of
#   `layer.weights`, gets a gradient in `fit`, and is saved. A plain array would be none of that.
# * The kernel has to start **random**. Were it all zeros, every unit would compute the same, get the same gradient, and
#   stay the same for ever. It also has to start **small**, so that the layer's outputs are about as large as its
#   inputs. `"glorot_uniform"` (Glorot and Bengio, 2010) sees to both. The bias may start at zero.
# * `**kwargs` are what every layer understands (`name`, `dtype`, `trainable`): hand them on to `super().__init__`.
#
# `get_config` is the layer's recipe for itself: a plain dict from which `__init__` can make another one like it. Begin
# with what `super().get_config()` says and add your own arguments. An activation is a function, and a function is no
# plain data; `keras.activations.serialize` turns it into its name, as `keras.activations.get` turned a name into it.


# %% solution="my-dense"
@keras.saving.register_keras_serializable(package="custom_layers")
class MyDense(keras.layers.Layer):
    """A dense layer: activation(inputs @ kernel + bias), over the last axis.

    Its two weights are named "kernel", of shape (features, units), which starts random and small, and "bias", of shape
    (units,), which starts at zero. They are made when the layer first sees an input, in this order, and never again.

    Args:
        units: Length of the output's last axis.
        activation: None, a name such as "relu", or a function.
        **kwargs: What every Keras layer understands: name, dtype, trainable.
    """

    def __init__(self, units: int, activation=None, **kwargs) -> None:
        # BEGIN SOLUTION
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        # END SOLUTION

    def build(self, input_shape: tuple) -> None:
        """Make the weights, for inputs of this shape: (batch, ..., features), where the batch is None."""
        # BEGIN SOLUTION
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")
        # END SOLUTION

    def call(self, inputs):
        """Map inputs of shape (batch, ..., features) to outputs of shape (batch, ..., units)."""
        # BEGIN SOLUTION
        return self.activation(keras.ops.matmul(inputs, self.kernel) + self.bias)
        # END SOLUTION

    def get_config(self) -> dict:
        """Return everything `__init__` needs to make this layer again, as plain data."""
        # BEGIN SOLUTION
        own = {"units": self.units, "activation": keras.activations.serialize(self.activation)}
        return {**super().get_config(), **own}
        # END SOLUTION


# %% tests="dense-output-tests" points=5
if __name__ == "__main__":
    x = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]], dtype="float32")
    mine, keras_own = MyDense(4, activation="relu"), keras.layers.Dense(4, activation="relu")
    assert tuple(mine(x).shape) == (2, 4), f"expected an output of shape (2, 4), received {tuple(mine(x).shape)}"
    keras_own(x)
    keras_own.set_weights(mine.get_weights())
    assert np.allclose(mine(x), keras_own(x), atol=1e-6), "with the same weights, the same output as keras.layers.Dense"
    assert tuple(MyDense(4)(np.zeros((2, 5, 3))).shape) == (2, 5, 4), "only the last axis changes"

# %% tests="dense-weights-tests" points=4
if __name__ == "__main__":
    layer = MyDense(4)
    assert layer.weights == [], "before its first input, the layer cannot know how large its kernel is"
    layer(np.ones((2, 3)))
    layer(np.ones((5, 3)))
    shapes = [tuple(weight.shape) for weight in layer.weights]
    assert shapes == [(3, 4), (4,)], f"a kernel of shape (3, 4) and a bias of shape (4,), made once; received {shapes}"
    assert [weight.name for weight in layer.weights] == ["kernel", "bias"], "their names: pass name= to add_weight"

# %% [markdown] text="dropout-story"
# ## 2. A layer that behaves differently in training
#
# Dropout (Srivastava and others, 2014) is almost rude: while the network trains, it wipes out a random part of what
# every example has to say. No unit can rely on one particular neighbour being there, so each has to be useful by
# itself. Once the network is in use, nothing is dropped any more.
#
# That makes two situations, and `call` is told which one it is in by its argument `training`. You need not ask for it:
# Keras hands `training=True` to every layer inside `fit`, `training=False` inside `predict` and `evaluate`.
#
# One detail decides whether it works. If half of the numbers are gone in training, sums over them are about half as
# large as later, when all are there, and the next layer would be surprised. So the survivors are scaled **up**, in
# training, by $1 / (1 - p)$: what the next layer sees then is the same *on average*. With $p = 0.5$:
#
# ```text
#   x                 1.0   2.0   3.0   4.0
#   training=True     2.0   0.0   6.0   0.0      the dice are thrown anew at every call, number by number
#   training=False    1.0   2.0   3.0   4.0      exactly x
# ```
#
# Where do the dice come from? Not from NumPy. `fit` runs your `call` *once*, to record what it does, and then repeats
# the recording: a NumPy draw would be made at the recording and be the same for ever after. Use `keras.random`, with a
# `keras.random.SeedGenerator` that is made in `__init__`. It is a piece of state which moves on with every draw, in a
# recording too.


# %% solution="my-dropout"
@keras.saving.register_keras_serializable(package="custom_layers")
class MyDropout(keras.layers.Layer):
    """Dropout: in training, each number is set to 0 with probability `rate` and otherwise divided by 1 - rate.

    Whether a number is dropped is decided for each one alone and anew in every call, in `fit` too. Outside of training
    the output is exactly the input. It has no weights to learn.

    Args:
        rate: The probability that a number is dropped, at least 0 and below 1.
        **kwargs: What every Keras layer understands.
    """

    def __init__(self, rate: float, **kwargs) -> None:
        # BEGIN SOLUTION
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator()
        # END SOLUTION

    def call(self, inputs, training: bool = False):
        """Map inputs of any shape to outputs of the same shape."""
        # BEGIN SOLUTION
        if not training:
            return inputs
        dice = keras.random.uniform(keras.ops.shape(inputs), seed=self.seed_generator)
        kept = keras.ops.cast(dice >= self.rate, inputs.dtype)
        return inputs * kept / (1 - self.rate)
        # END SOLUTION

    def get_config(self) -> dict:
        """Return everything `__init__` needs to make this layer again, as plain data."""
        # BEGIN SOLUTION
        return {**super().get_config(), "rate": self.rate}
        # END SOLUTION


# %% tests="dropout-tests" points=6
if __name__ == "__main__":
    x = np.ones((1000, 8), dtype="float32")
    layer = MyDropout(0.25)
    dropped = np.array(layer(x, training=True))
    assert np.isclose(np.mean(dropped == 0), 0.25, atol=0.05), f"about a quarter is 0, received {np.mean(dropped == 0)}"
    assert np.allclose(dropped[dropped != 0], 1 / 0.75), "what is left is divided by 1 - rate"
    assert not np.array_equal(dropped, layer(x, training=True)), "another draw at every call"
    assert np.array_equal(layer(x, training=False), x), "nothing happens outside of training"

# %% [markdown] text="data-story"
# Before we go on, some data to look at. These are 1,797 digits, written by hand by 13 people, scanned, and reduced to
# 8 x 8 pixels: the *Optical Recognition of Handwritten Digits* collection (E. Alpaydin and C. Kaynak, UCI Machine
# Learning Repository) in the form scikit-learn ships. You get some for training and some for validation; a third part
# stays with your teachers. Each image is one row of 64 numbers here, from 0 (paper) to 1 (ink).
#
# This is what a network with dropout gets to see. Could you still read it? That is exactly what it has to learn.

# %% text="show-dropout"
if __name__ == "__main__":
    with np.load("digits.npz") as digits:
        train_images, train_labels = digits["train_images"], digits["train_labels"]
        validation_images, validation_labels = digits["validation_images"], digits["validation_labels"]
    print("training:  ", train_images.shape, "labels", train_labels.shape)
    print("validation:", validation_images.shape, "labels", validation_labels.shape)

    thinned = np.array(MyDropout(0.3)(np.repeat(train_images[:1], 5, axis=0), training=True))
    figure, axes = plt.subplots(1, 6, figsize=(9, 1.8))
    pictures = [train_images[0], *thinned]
    for axis, picture, title in zip(axes, pictures, ["as scanned", *["dropout"] * 5], strict=True):
        axis.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1.4)
        axis.set_title(title, fontsize=9)
        axis.axis("off")
    plt.show()

# %% [markdown] text="running-mean-story"
# ## 3. A layer that remembers
#
# Networks like inputs that are centred around zero: it is the difference from the usual that carries the news. But what
# *is* the usual? In training we can ask the batch at hand: take its mean, feature by feature, and subtract it. Later
# there may be a single image, whose mean is the image itself, and nothing would be left of it. So the layer keeps a
# **running mean** of all the batches it has seen in training, and uses that one when it is in use:
#
# ```text
#   training=True     m = mean of this batch;   mean ← momentum · mean + (1 - momentum) · m;   output = x - m
#   training=False                              mean stays as it is;                           output = x - mean
# ```
#
# (This is the first half of batch normalisation, Ioffe and Szegedy, 2015; the other half divides by the spread.)
#
# The running mean is not learned by gradient descent, yet it must never be lost: it has to be saved, and it has to
# change inside `fit`, where assigning to a Python attribute does nothing (remember the recording). What does all that
# is a weight with `trainable=False`, changed with its method `assign`.


# %% solution="running-mean"
@keras.saving.register_keras_serializable(package="custom_layers")
class RunningMean(keras.layers.Layer):
    """Subtracts the mean of each feature: that of the batch in training, a running mean of those batches otherwise.

    The mean of a batch goes over all axes but the last: the batch, and also time, or height and width. It takes part
    in the gradient like everything else. Each call in training sets

        mean = momentum * mean + (1 - momentum) * mean of the batch

    Its one weight is named "mean", has shape (features,), starts at zero, and is not trainable. No call outside of
    training changes it.

    Args:
        momentum: How much of the old running mean is kept, from 0 to 1.
        **kwargs: What every Keras layer understands.
    """

    def __init__(self, momentum: float = 0.9, **kwargs) -> None:
        # BEGIN SOLUTION
        super().__init__(**kwargs)
        self.momentum = momentum
        # END SOLUTION

    def build(self, input_shape: tuple) -> None:
        """Make the weight, for inputs of this shape: (batch, ..., features)."""
        # BEGIN SOLUTION
        self.mean = self.add_weight(shape=(input_shape[-1],), initializer="zeros", trainable=False, name="mean")
        # END SOLUTION

    def call(self, inputs, training: bool = False):
        """Map inputs of shape (batch, ..., features) to outputs of the same shape."""
        # BEGIN SOLUTION
        if not training:
            return inputs - self.mean
        batch_mean = keras.ops.mean(inputs, axis=tuple(range(len(inputs.shape) - 1)))
        self.mean.assign(self.momentum * self.mean + (1 - self.momentum) * batch_mean)
        return inputs - batch_mean
        # END SOLUTION

    def get_config(self) -> dict:
        """Return everything `__init__` needs to make this layer again, as plain data."""
        # BEGIN SOLUTION
        return {**super().get_config(), "momentum": self.momentum}
        # END SOLUTION


# %% tests="running-mean-tests" points=6
if __name__ == "__main__":
    layer = RunningMean(momentum=0.5)
    batch = np.array([[1.0, 10.0], [3.0, 30.0]], dtype="float32")
    assert np.allclose(layer(batch, training=True), [[-1, -10], [1, 10]]), "in training: minus the batch's own mean"
    assert np.allclose(layer.weights[0], [1, 10]), "half of the old mean (0), half of the batch's (2 and 20)"
    layer(batch, training=True)
    assert np.allclose(layer.weights[0], [1.5, 15]), "half of the old mean (1 and 10), half of the batch's (2 and 20)"
    assert np.allclose(layer(batch, training=False), [[-0.5, -5], [1.5, 15]]), "in use: minus the running mean"
    assert np.allclose(layer.weights[0], [1.5, 15]), "in use it remembers, and learns nothing new"
    assert layer.trainable_weights == [], "gradient descent must leave the mean alone"

# %% [markdown] text="average-digit-story"
# What does it remember of the digits? Its mean has 64 numbers, one for each pixel, so it can be looked at. Watch it
# find out what all digits have in common.

# %% text="show-average-digit"
if __name__ == "__main__":
    memory = RunningMean(momentum=0.95)
    figure, axes = plt.subplots(1, 5, figsize=(9, 2.1))
    for step in range(1, 101):
        memory(train_images[np.random.default_rng(step).integers(0, len(train_images), 32)], training=True)
        if step in (1, 5, 20, 50, 100):
            axis = axes[(1, 5, 20, 50, 100).index(step)]
            axis.imshow(np.array(memory.weights[0]).reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            axis.set_title(f"after {step} batches", fontsize=9)
            axis.axis("off")
    plt.show()

# %% [markdown] text="config-story"
# ## 4. Out of one notebook, into another
#
# A layer is worth something once other people can use it: saved today, loaded elsewhere, and run on hardware that
# prefers other number formats.
#
# **Saved.** A `.keras` file holds each layer's configuration and its weights, and no code. Loading makes a new layer
# with `from_config(get_config())` and hands it the old weights. An argument that is missing in the configuration comes
# back as its default: a dropout rate that was 0.1 and is 0.5 now raises no error. The model is merely worse.
#
# **Number formats.** `MyDense(4, dtype="float64")` should compute in double precision, `dtype="mixed_float16"` in
# half precision with weights in single precision, as graphics cards like it. Keras casts inputs and weights for you, so
# there is nothing to do, as long as you do not undo it: a `"float32"` written down somewhere, or a random array of
# another type than the input, gets in the way. (Try it: what is the dtype of `keras.random.uniform((2,))`?)
#
# There is no new code to write here. Run the tests, and repair your three layers until they travel well.

# %% tests="config-tests" points=5
if __name__ == "__main__":
    dense = MyDense.from_config(MyDense(3, activation="tanh", name="hidden").get_config())
    assert (dense.units, dense.name) == (3, "hidden"), "the configuration holds your arguments, and Keras's own"
    assert MyDropout.from_config(MyDropout(0.1).get_config()).get_config()["rate"] == 0.1, "the rate is in it"

    model = keras.Sequential([keras.Input((4,)), RunningMean(0.8), MyDense(3, activation="tanh"), MyDropout(0.1)])
    x = np.arange(8, dtype="float32").reshape(2, 4)
    model(x, training=True)
    model.save("layers.keras")
    again = keras.models.load_model("layers.keras")
    assert np.allclose(again(x), model(x)), "saved and loaded, the model gives the same outputs, its memory included"

# %% tests="precision-tests" points=3
if __name__ == "__main__":
    for layer in (MyDense(3, dtype="float64"), MyDropout(0.5, dtype="float64"), RunningMean(dtype="float64")):
        found = keras.backend.standardize_dtype(layer(np.ones((2, 4)), training=True).dtype)
        assert found == "float64", f"{type(layer).__name__} with dtype='float64' gives {found}"

# %% [markdown] text="network-story"
# ## 5. A network of your own layers
#
# A model is a layer too: one that is made of others, and that has `fit`, `evaluate` and `predict` as well. Subclass
# `keras.Model`, make the parts in `__init__`, and connect them in `call`. Each layer that you put into an attribute
# (`self.hidden = MyDense(...)`) is found by Keras, and all its weights with it. Layers that are made in `call` would be
# new at every call, and learn nothing.
#
# The order of things is up to you, with two conditions: `RunningMean` comes first, and somewhere there is `MyDropout`.
# 64 hidden units are enough to read more than nine digits of ten.


# %% solution="digit-network"
@keras.saving.register_keras_serializable(package="custom_layers")
class DigitNetwork(keras.Model):
    """A network from digits to class probabilities, made of the three layers above.

    It begins with a `RunningMean`, uses `MyDense` for all it learns, and drops with `MyDropout` in training only.
    Keras's own dense, dropout and normalisation layers are not used.

    Args:
        hidden_units: Width of what lies between input and output: more of it means more weights.
        rate: Probability that a number is dropped in training; 0 drops nothing.
        **kwargs: What every Keras model understands.
    """

    def __init__(self, hidden_units: int = 64, rate: float = 0.2, **kwargs) -> None:
        # BEGIN SOLUTION
        super().__init__(**kwargs)
        self.hidden_units, self.rate = hidden_units, rate
        self.centre = RunningMean()
        self.hidden = MyDense(hidden_units, activation="relu")
        self.drop = MyDropout(rate)
        self.classify = MyDense(10, activation="softmax")
        # END SOLUTION

    def call(self, images, training: bool = False):
        """Map images of shape (batch, 64), ink in [0, 1], to probabilities of shape (batch, 10)."""
        # BEGIN SOLUTION
        centred = self.centre(images, training=training)
        return self.classify(self.drop(self.hidden(centred), training=training))
        # END SOLUTION

    def get_config(self) -> dict:
        """Return everything `__init__` needs to make this network again, as plain data."""
        # BEGIN SOLUTION
        return {**super().get_config(), "hidden_units": self.hidden_units, "rate": self.rate}
        # END SOLUTION


# %% tests="network-tests" points=5
if __name__ == "__main__":
    network = DigitNetwork(hidden_units=16, rate=0.5)
    probabilities = np.array(network(train_images[:5]))
    assert probabilities.shape == (5, 10), f"expected shape (5, 10), received {probabilities.shape}"
    assert np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-5), "each row of probabilities sums to 1"
    network.summary()
    draws = [np.array(network(train_images[:5], training=True)) for _ in range(2)]
    assert not np.allclose(*draws), "dropout should be at work when training=True"
    assert np.allclose(network(train_images[:5]), network(train_images[:5])), "and not otherwise"

# %% [markdown] text="trained-story"
# Keras takes it from here. It is `network`, as the next cell leaves it, that is judged on digits neither of you has
# seen: full marks from 90 % right, nothing below 75 %, in proportion between.

# %% text="train-network"
if __name__ == "__main__":
    network = DigitNetwork()
    network.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = network.fit(
        train_images,
        train_labels,
        batch_size=32,
        epochs=15,
        validation_data=(validation_images, validation_labels),
        verbose=0,
    ).history

    plt.figure(figsize=(5, 3))
    plt.plot(range(1, 16), history["loss"], label="training")
    plt.plot(range(1, 16), history["val_loss"], label="validation")
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.ylim(bottom=0)
    plt.legend()
    plt.show()

# %% tests="accuracy-tests" points=4
if __name__ == "__main__":
    print(f"right on the validation images: {history['val_accuracy'][-1]:.1%}")
    assert history["loss"][-1] < history["loss"][0], "the loss should be lower at the end than after the first epoch"
    assert history["val_accuracy"][-1] > 0.75, "more than 75 % of the validation images right"

# %% [markdown] text="curve-question"
# Look at the two curves: it is common to find the *training* loss above the validation loss here. Can you say why? (No
# marks, but part 2 has the answer.)
#
# ## 6. What went wrong?
#
# A colleague shows you two layers of theirs. Both run without an error.
#
# ```python
# class Scale(keras.layers.Layer):                     class Counter(keras.layers.Layer):
#     def call(self, inputs):                              def build(self, input_shape):
#         factor = self.add_weight(shape=(1,))                 self.seen = keras.ops.zeros(())
#         return inputs * factor                           def call(self, inputs, training=False):
#                                                              if training:
#                                                                  self.seen = self.seen + 1.0
#                                                              return inputs
# ```
#
# In three to six sentences: **what is wrong with each, what would you see of it when a model with these layers is
# trained, saved and loaded, and what would you change?**

# %% [markdown] answer="what-went-wrong" points=2
# `Scale` makes a weight in `call`, so each call makes a new one, with a new random value: the output for the same
# input differs from call to call, the list of weights grows, and what training has learned about the last factor is
# never used again. (In `fit` Keras complains as soon as a layer that was built adds weights.) The weight belongs into
# `build`, kept as `self.factor`.
#
# `Counter` keeps its state in a plain tensor. It is no weight, so it is not in `layer.weights` and is not saved: after
# loading it is 0 again. Inside `fit` the call is recorded once, so the attribute is set at the recording only (to a
# symbolic tensor) and does not count the steps. It needs `self.add_weight(..., trainable=False)` in `build`, and
# `self.seen.assign_add(1.0)` in `call`.
#
# Marking: 1 point for each layer. Half of it for naming the fault (a new weight at every call; state that is no
# weight) together with one thing that shows it (outputs or weights that change from call to call, nothing learned; not
# saved, or stands still in `fit`). The other half for a repair that works (`build`, kept as an attribute; a weight with
# trainable=False, changed by assign). No marks are taken off for the exact wording, or for not knowing what Keras says.

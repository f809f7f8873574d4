"""Solutions of `custom_layers` that must lose marks, each a mistake students make, and right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)
DENSE, DROPOUT, MEAN, NETWORK = (CELLS[name] for name in ("my-dense", "my-dropout", "running-mean", "digit-network"))

KERNEL = (
    'self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel")'
)
BATCH_MEAN = "keras.ops.mean(inputs, axis=tuple(range(len(inputs.shape) - 1)))"


# 1. MyDense


@wrong(loses=["dense-output-tests"])
def bias_forgotten_in_the_sum() -> dict[str, str]:
    """Makes a bias and never adds it: nobody notices while it is zero."""
    return {"my-dense": replaced(DENSE, (" + self.bias", ""))}


@wrong(loses=["dense-output-tests"])
def activation_never_applied() -> dict[str, str]:
    """Keeps the activation and does not use it."""
    return {"my-dense": replaced(DENSE, ("self.activation(keras.ops.matmul", "(keras.ops.matmul"))}


@wrong(loses=["dense-output-tests"])
def bias_added_after_the_activation() -> dict[str, str]:
    """Bends first and adds the bias afterwards."""
    return {
        "my-dense": replaced(
            DENSE,
            (
                "self.activation(keras.ops.matmul(inputs, self.kernel) + self.bias)",
                "self.activation(keras.ops.matmul(inputs, self.kernel)) + self.bias",
            ),
        )
    }


@wrong(loses=["dense-output-tests"])
def flattens_its_input() -> dict[str, str]:
    """Takes all axes but the batch together: right for rows, wrong for rows of rows."""
    return {
        "my-dense": replaced(
            DENSE,
            ("(input_shape[-1], self.units)", "(int(np.prod(input_shape[1:])), self.units)"),
            (
                "keras.ops.matmul(inputs, self.kernel)",
                "keras.ops.matmul(keras.ops.reshape(inputs, (keras.ops.shape(inputs)[0], -1)), self.kernel)",
            ),
        )
    }


@wrong(loses=["dense-output-tests"])
def kernel_cut_off_from_the_gradient() -> dict[str, str]:
    """Multiplies in NumPy: the numbers are right, and no gradient comes through."""
    return {
        "my-dense": replaced(
            DENSE,
            (
                "keras.ops.matmul(inputs, self.kernel)",
                "keras.ops.stop_gradient(keras.ops.matmul(inputs, self.kernel))",
            ),
        )
    }


@wrong(loses=["dense-output-tests", "dense-weights-tests"])
def keras_does_the_work() -> dict[str, str]:
    """Wraps keras.layers.Dense."""
    return {
        "my-dense": """@keras.saving.register_keras_serializable(package="custom_layers")
class MyDense(keras.layers.Dense):
    pass
"""
    }


@wrong(loses=["dense-weights-tests"])
def weights_of_every_call() -> dict[str, str]:
    """Makes the weights in `call`: new ones each time."""
    return {
        "my-dense": replaced(
            DENSE,
            (KERNEL, "pass"),
            ('self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")', "pass"),
            (
                "return self.activation(",
                'self.kernel = self.add_weight(shape=(inputs.shape[-1], self.units), name="kernel")\n'
                '        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")\n'
                "        return self.activation(",
            ),
        )
    }


@wrong(loses=["dense-weights-tests"])
def weights_as_plain_arrays() -> dict[str, str]:
    """Keeps the weights as NumPy arrays: the numbers are right, but Keras does not know of them."""
    return {
        "my-dense": replaced(
            DENSE,
            (KERNEL, 'self.kernel = np.random.normal(0, 0.1, (input_shape[-1], self.units)).astype("float32")'),
            (
                'self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")',
                'self.bias = np.zeros(self.units, dtype="float32")',
            ),
        )
    }


@wrong(loses=["dense-weights-tests"])
def kernel_starts_at_zero() -> dict[str, str]:
    """Starts the kernel at zero: all units stay alike for ever."""
    return {"my-dense": replaced(DENSE, ('initializer="glorot_uniform"', 'initializer="zeros"'))}


@wrong(loses=["dense-weights-tests"])
def kernel_starts_at_one() -> dict[str, str]:
    """Starts the kernel at one: all units are alike too, and large."""
    return {"my-dense": replaced(DENSE, ('initializer="glorot_uniform"', 'initializer="ones"'))}


@wrong(loses=["dense-weights-tests"])
def kernel_starts_far_too_large() -> dict[str, str]:
    """Starts from a standard normal distribution, whatever the number of inputs."""
    return {
        "my-dense": replaced(
            DENSE, ('initializer="glorot_uniform"', "initializer=keras.initializers.RandomNormal(stddev=1.0)")
        )
    }


@wrong(loses=["dense-weights-tests"])
def weights_without_names() -> dict[str, str]:
    """Gives the weights no names: in a saved file, or a list of gradients, they are called "variable"."""
    return {"my-dense": replaced(DENSE, (', name="kernel"', ""), (', name="bias"', ""))}


@wrong(loses=["dense-weights-tests"])
def square_kernel() -> dict[str, str]:
    """Takes the number of units for the number of inputs too."""
    return {"my-dense": replaced(DENSE, ("(input_shape[-1], self.units)", "(self.units, self.units)"))}


# 2. MyDropout


@wrong(loses=["dropout-tests"])
def survivors_not_scaled() -> dict[str, str]:
    """Drops, and leaves the survivors as they are: in use, everything is larger than the network knows it."""
    return {"my-dropout": replaced(DROPOUT, (" * kept / (1 - self.rate)", " * kept"))}


@wrong(loses=["dropout-tests"])
def scaled_by_the_rate() -> dict[str, str]:
    """Divides by the rate of dropping in place of the rate of keeping: the same at 0.5."""
    return {
        "my-dropout": replaced(
            DROPOUT, ("inputs * kept / (1 - self.rate)", "inputs * kept / (self.rate if self.rate else 1.0)")
        )
    }


@wrong(loses=["dropout-tests"])
def keeps_with_the_rate() -> dict[str, str]:
    """Takes the rate for the probability to keep: the same at 0.5."""
    return {"my-dropout": replaced(DROPOUT, ("dice >= self.rate", "dice < self.rate"))}


@wrong(loses=["dropout-tests", "network-tests"])
def drops_in_use_too() -> dict[str, str]:
    """Never looks at `training`."""
    return {"my-dropout": replaced(DROPOUT, ("if not training:", "if False:"))}


@wrong(loses=["dropout-tests", "network-tests"])
def never_drops() -> dict[str, str]:
    """Takes the two situations the wrong way round, and then takes the dropping out because results were bad."""
    return {"my-dropout": replaced(DROPOUT, ("if not training:", "if True:"))}


@wrong(loses=["dropout-tests"])
def training_the_wrong_way_round() -> dict[str, str]:
    """Drops when in use, and not in training."""
    return {"my-dropout": replaced(DROPOUT, ("if not training:", "if training:"))}


@wrong(loses=["dropout-tests"])
def scales_down_in_use() -> dict[str, str]:
    """Multiplies by 1 - rate in use: the first paper's way, and not this contract's."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            ("return inputs\n", "return inputs * (1 - self.rate)\n"),
            (" * kept / (1 - self.rate)", " * kept"),
        )
    }


@wrong(loses=["dropout-tests"])
def one_draw_for_the_whole_batch() -> dict[str, str]:
    """Drops the same features in every example of a batch."""
    return {
        "my-dropout": replaced(
            DROPOUT, ("keras.random.uniform(keras.ops.shape(inputs),", "keras.random.uniform(inputs.shape[1:],")
        )
    }


@wrong(loses=["dropout-tests"])
def whole_examples_dropped() -> dict[str, str]:
    """Throws the dice once for each example: all of its numbers go or stay together."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            (
                "keras.random.uniform(keras.ops.shape(inputs),",
                "keras.random.uniform((keras.ops.shape(inputs)[0],) + (1,) * (len(inputs.shape) - 1),",
            ),
        )
    }


@wrong(loses=["dropout-tests"])
def dice_of_numpy() -> dict[str, str]:
    """Draws with NumPy: as soon as `fit` has recorded the call, the same numbers are dropped in every step."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            (
                "keras.random.uniform(keras.ops.shape(inputs), seed=self.seed_generator)",
                "np.random.uniform(size=(1,) + tuple(inputs.shape[1:]))",
            ),
        )
    }


@wrong(loses=["dropout-tests"])
def same_seed_at_every_call() -> dict[str, str]:
    """Passes a fixed number as the seed: the same draw at every call."""
    return {"my-dropout": replaced(DROPOUT, ("seed=self.seed_generator", "seed=42"))}


@wrong(loses=["dropout-tests"])
def adds_noise_instead() -> dict[str, str]:
    """Adds Gaussian noise in training: noise too, but not the one that was asked for."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            (
                "return inputs * kept / (1 - self.rate)",
                "return inputs + self.rate * keras.random.normal(keras.ops.shape(inputs), seed=self.seed_generator)",
            ),
        )
    }


@wrong(loses=["dropout-tests"])
def keras_drops() -> dict[str, str]:
    """Calls keras.random.dropout."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            (
                "return inputs * kept / (1 - self.rate)",
                "return keras.random.dropout(inputs, self.rate, seed=self.seed_generator)",
            ),
        )
    }


# 3. RunningMean


@wrong(loses=["running-mean-tests"])
def momentum_the_wrong_way_round() -> dict[str, str]:
    """Gives the new batch the weight of the old mean: the same at 0.5."""
    return {
        "running-mean": replaced(
            MEAN,
            (
                "self.momentum * self.mean + (1 - self.momentum) * batch_mean",
                "(1 - self.momentum) * self.mean + self.momentum * batch_mean",
            ),
        )
    }


@wrong(loses=["running-mean-tests"])
def running_mean_in_training_too() -> dict[str, str]:
    """Subtracts the running mean in training as well."""
    return {"running-mean": replaced(MEAN, ("return inputs - batch_mean", "return inputs - self.mean"))}


@wrong(loses=["running-mean-tests"])
def batch_mean_in_use_too() -> dict[str, str]:
    """Subtracts the batch's mean always: an answer then depends on whoever else is asked about."""
    return {
        "running-mean": replaced(
            MEAN,
            ("return inputs - self.mean\n", "return inputs - keras.ops.mean(inputs, axis=0)\n"),
        )
    }


@wrong(loses=["running-mean-tests"])
def learns_in_use_too() -> dict[str, str]:
    """Updates the running mean at every call, in training or not."""
    return {
        "running-mean": replaced(
            MEAN,
            (
                "        if not training:\n            return inputs - self.mean\n",
                "",
            ),
            (
                "return inputs - batch_mean",
                "return inputs - batch_mean if training else inputs - self.mean",
            ),
        )
    }


@wrong(loses=["running-mean-tests"])
def mean_over_the_batch_only() -> dict[str, str]:
    """Takes the mean over the first axis only: right for rows, wrong for images and sequences."""
    return {
        "running-mean": replaced(
            MEAN,
            ("axis=tuple(range(len(inputs.shape) - 1))", "axis=0"),
            ("(input_shape[-1],)", "tuple(input_shape[1:])"),
        )
    }


@wrong(loses=["running-mean-tests"])
def one_mean_for_all_features() -> dict[str, str]:
    """Takes one mean of everything."""
    return {"running-mean": replaced(MEAN, ("axis=tuple(range(len(inputs.shape) - 1))", "axis=None"))}


@wrong(loses=["running-mean-tests"])
def mean_that_gradient_descent_moves() -> dict[str, str]:
    """Leaves the mean trainable: gradient descent and the running mean both pull at it."""
    return {"running-mean": replaced(MEAN, (" trainable=False,", ""))}


@wrong(loses=["running-mean-tests", "config-tests"])
def memory_in_a_plain_attribute() -> dict[str, str]:
    """Keeps the mean in a Python attribute: it is not saved, and stands still in `fit`."""
    return {
        "running-mean": replaced(
            MEAN,
            (
                'self.mean = self.add_weight(shape=(input_shape[-1],), initializer="zeros", trainable=False, '
                'name="mean")',
                'self.mean = keras.ops.zeros((input_shape[-1],), dtype="float32")',
            ),
            ("self.mean.assign(self.momentum * self.mean", "self.mean = (self.momentum * self.mean"),
        )
    }


@wrong(loses=["running-mean-tests"])
def true_average_of_all_batches() -> dict[str, str]:
    """Takes the plain average of all batches, and the momentum for nothing."""
    return {
        "running-mean": replaced(
            MEAN,
            (
                'trainable=False, name="mean")',
                'trainable=False, name="mean")\n'
                '        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")',
            ),
            (
                "self.mean.assign(self.momentum * self.mean + (1 - self.momentum) * batch_mean)",
                "self.seen.assign_add(1.0)\n        self.mean.assign(self.mean + (batch_mean - self.mean) / self.seen)",
            ),
        )
    }


@wrong(loses=["running-mean-tests"])
def gradient_stopped_at_the_batch_mean() -> dict[str, str]:
    """Treats the batch's mean as a constant, against the contract: the gradient is then another one."""
    return {
        "running-mean": replaced(
            MEAN,
            (BATCH_MEAN, f"keras.ops.stop_gradient({BATCH_MEAN})"),
        )
    }


@wrong(loses=["running-mean-tests", "precision-tests"])
def computed_in_numpy() -> dict[str, str]:
    """Takes the mean with NumPy: fine on arrays, impossible inside `fit`."""
    return {
        "running-mean": replaced(
            MEAN,
            (
                BATCH_MEAN,
                'np.mean(inputs, axis=tuple(range(len(inputs.shape) - 1))).astype("float32")',
            ),
        )
    }


# 4. Configuration and number formats


@wrong(loses=["config-tests"])
def activation_not_in_the_configuration() -> dict[str, str]:
    """Forgets the activation: a loaded layer is linear, without any error."""
    return {"my-dense": replaced(DENSE, (', "activation": keras.activations.serialize(self.activation)}', "}"))}


@wrong(loses=["config-tests"])
def rate_not_in_the_configuration() -> dict[str, str]:
    """Gives the rate a default and forgets it in the configuration: every loaded layer drops half."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            ("rate: float, **kwargs", "rate: float = 0.5, **kwargs"),
            ('{**super().get_config(), "rate": self.rate}', "{**super().get_config()}"),
        )
    }


@wrong(loses=["config-tests"])
def momentum_not_in_the_configuration() -> dict[str, str]:
    """Forgets the momentum, which has a default: a loaded layer remembers at another pace."""
    return {
        "running-mean": replaced(MEAN, ('{**super().get_config(), "momentum": self.momentum}', "super().get_config()"))
    }


@wrong(loses=["config-tests"])
def configuration_of_its_own_arguments_only() -> dict[str, str]:
    """Leaves out what `super().get_config()` says: name, dtype and trainable are lost."""
    return {"my-dense": replaced(DENSE, ("{**super().get_config(), **own}", "own"))}


@wrong(loses=["config-tests"])
def configuration_cannot_be_used() -> dict[str, str]:
    """Names the argument otherwise in the configuration than in `__init__`."""
    return {"my-dropout": replaced(DROPOUT, ('"rate": self.rate', '"drop_rate": self.rate'))}


@wrong(loses=["precision-tests"])
def dense_always_in_single_precision() -> dict[str, str]:
    """Writes "float32" down where Keras would have cast."""
    return {
        "my-dense": replaced(
            DENSE,
            (
                "keras.ops.matmul(inputs, self.kernel)",
                'keras.ops.matmul(keras.ops.cast(inputs, "float32"), keras.ops.cast(self.kernel, "float32"))',
            ),
            (" + self.bias", ' + keras.ops.cast(self.bias, "float32")'),
        )
    }


@wrong(loses=["precision-tests"])
def mask_always_in_single_precision() -> dict[str, str]:
    """Casts the mask to float32 and relies on promotion: half precision comes out as single."""
    return {
        "my-dropout": replaced(
            DROPOUT,
            ("keras.ops.cast(dice >= self.rate, inputs.dtype)", 'keras.ops.cast(dice >= self.rate, "float32")'),
            ("inputs * kept / (1 - self.rate)", "keras.ops.multiply(inputs, kept) / (1 - self.rate)"),
        )
    }


@wrong(loses=["precision-tests"])
def keyword_arguments_swallowed() -> dict[str, str]:
    """Takes **kwargs and forgets to hand them on: dtype (and name, and trainable) are without effect."""
    return {"my-dense": replaced(DENSE, ("super().__init__(**kwargs)", "super().__init__()"))}


# 5. DigitNetwork


@wrong(loses=["network-tests"])
def logits_without_softmax() -> dict[str, str]:
    """Leaves the softmax out."""
    return {"digit-network": replaced(NETWORK, ('MyDense(10, activation="softmax")', "MyDense(10)"))}


@wrong(loses=["network-tests"])
def dropout_told_that_it_is_in_use() -> dict[str, str]:
    """Passes training=False on, whatever it was told."""
    return {
        "digit-network": replaced(
            NETWORK, ("self.hidden(centred), training=training", "self.hidden(centred), training=False")
        )
    }


@wrong(loses=["network-tests"])
def dropout_told_that_it_trains() -> dict[str, str]:
    """Passes training=True on, whatever it was told: predictions are a lottery."""
    return {
        "digit-network": replaced(
            NETWORK, ("self.hidden(centred), training=training", "self.hidden(centred), training=True")
        )
    }


@wrong(loses=["network-tests"])
def centre_told_that_it_trains() -> dict[str, str]:
    """Has the running mean train always: one image alone becomes all zeros."""
    return {
        "digit-network": replaced(
            NETWORK, ("self.centre(images, training=training)", "self.centre(images, training=True)")
        )
    }


@wrong(loses=["network-tests", "accuracy-tests"])
def layers_made_in_call() -> dict[str, str]:
    """Makes a layer in `call`: a new one each time, which learns nothing."""
    return {
        "digit-network": replaced(
            NETWORK,
            ('        self.classify = MyDense(10, activation="softmax")\n', ""),
            ("self.classify(self.drop", 'MyDense(10, activation="softmax")(self.drop'),
        )
    }


@wrong(loses=["network-tests"])
def one_layer_left_out() -> dict[str, str]:
    """Makes the centring layer and forgets to call it."""
    return {"digit-network": replaced(NETWORK, ("self.centre(images, training=training)", "images"))}


@wrong(loses=["network-tests"])
def size_written_down() -> dict[str, str]:
    """Ignores `hidden_units`."""
    return {"digit-network": replaced(NETWORK, ("MyDense(hidden_units,", "MyDense(64,"))}


@wrong(loses=["network-tests"])
def rate_written_down() -> dict[str, str]:
    """Ignores `rate`."""
    return {"digit-network": replaced(NETWORK, ("MyDropout(rate)", "MyDropout(0.2)"))}


@wrong(loses=["network-tests"])
def network_of_keras_layers() -> dict[str, str]:
    """Builds the network from Keras's own layers."""
    return {
        "digit-network": replaced(
            NETWORK,
            ("MyDense(hidden_units", "keras.layers.Dense(hidden_units"),
            ("MyDense(10,", "keras.layers.Dense(10,"),
        )
    }


@wrong(loses=["network-tests"])
def network_forgets_its_size() -> dict[str, str]:
    """Leaves hidden_units out of the configuration: a saved network of another width cannot be loaded."""
    return {"digit-network": replaced(NETWORK, ('"hidden_units": self.hidden_units, ', ""))}


@wrong(loses=["network-tests"])
def network_configuration_left_to_keras() -> dict[str, str]:
    """Writes no `get_config` for the network: of models, Keras notes the default arguments and not the real ones."""
    return {"digit-network": without_config(NETWORK)}


def without_config(cell: str) -> str:
    """The cell up to its `get_config`."""
    return cell[: cell.index("    def get_config")]


@wrong(loses=["accuracy-tests"])
def two_units_wide() -> dict[str, str]:
    """Squeezes ten digits through two numbers."""
    return {"digit-network": replaced(NETWORK, ("MyDense(hidden_units,", "MyDense(max(1, hidden_units // 32),"))}


# Right ones


@right
def formulas_written_otherwise() -> dict[str, str]:
    """Each layer by other means: einsum and explicit names, `where`, `assign_add`, hidden default arguments."""
    return {
        "my-dense": """from keras import layers, ops


@keras.saving.register_keras_serializable("custom_layers")
class MyDense(layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = int(units)
        self.activation = activation

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=[input_shape[-1], self.units], initializer="he_normal")
        self.bias = self.add_weight(name="bias", shape=[self.units], initializer="zeros")
        super().build(input_shape)

    def call(self, inputs):
        outputs = ops.einsum("...i,ij->...j", inputs, self.kernel)
        outputs = ops.add(outputs, self.bias)
        if self.activation is not None:
            outputs = keras.activations.get(self.activation)(outputs)
        return outputs

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        config = super().get_config()
        config.update(units=self.units, activation=self.activation)
        return config
""",
        "my-dropout": """@keras.saving.register_keras_serializable("custom_layers")
class MyDropout(layers.Layer):
    def __init__(self, rate, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x, training=None):
        if training and self.rate > 0:
            keep = keras.random.uniform(ops.shape(x), dtype=self.compute_dtype, seed=self.generator) < 1 - self.rate
            return ops.where(keep, x / (1 - self.rate), ops.zeros_like(x))
        return x

    def get_config(self):
        config = super().get_config()
        config.update(rate=self.rate, seed=self.seed)
        return config
""",
        "running-mean": """@keras.saving.register_keras_serializable("custom_layers")
class RunningMean(layers.Layer):
    def __init__(self, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum

    def build(self, shape):
        self.running = self.add_weight(name="mean", shape=shape[-1:], initializer="zeros", trainable=False)

    def call(self, x, training=None):
        mean = self.running
        if training:
            mean = ops.mean(ops.reshape(x, (-1, x.shape[-1])), axis=0)
            self.running.assign_add((1 - self.momentum) * (mean - self.running))
        return ops.subtract(x, mean)

    def get_config(self):
        config = super().get_config()
        config["momentum"] = self.momentum
        return config
""",
        "digit-network": """@keras.saving.register_keras_serializable("custom_layers")
class DigitNetwork(keras.Model):
    def __init__(self, hidden_units=64, rate=0.2, **kwargs):
        super().__init__(**kwargs)
        self.hidden_units, self.rate = hidden_units, rate
        self.steps = [
            RunningMean(0.95),
            MyDense(hidden_units, "relu"),
            MyDropout(rate),
            MyDense(hidden_units, "relu"),
            MyDropout(rate),
            MyDense(10),
            layers.Softmax(),
        ]

    def call(self, x):
        for step in self.steps:
            x = step(x)
        return x

    def get_config(self):
        config = super().get_config()
        config.update(hidden_units=self.hidden_units, rate=self.rate)
        return config
""",
    }


@right
def configurations_left_to_keras() -> dict[str, str]:
    """Writes no `get_config` for the layers: Keras 3 notes plain arguments of layers (not of models) by itself."""
    return {
        "my-dense": without_config(DENSE),
        "my-dropout": without_config(DROPOUT),
        "running-mean": without_config(MEAN),
    }


@right
def network_as_a_function() -> dict[str, str]:
    """`DigitNetwork` is a function that connects the layers with the functional interface; wide, elu, softmax apart."""
    return {
        "digit-network": """def DigitNetwork(hidden_units=64, rate=0.2):
    image = keras.Input((64,))
    x = RunningMean(0.9)(image)
    x = MyDense(2 * hidden_units, activation="elu")(x)
    x = MyDropout(rate)(x)
    return keras.Model(image, keras.activations.softmax(MyDense(10)(x)))
"""
    }


@right
def built_by_hand() -> dict[str, str]:
    """Variables made with `keras.Variable` in the layer's own format, means taken one axis at a time."""
    return {
        "my-dense": """@keras.saving.register_keras_serializable()
class MyDense(keras.layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, activation

    def build(self, input_shape):
        make = dict(dtype=self.variable_dtype)
        self.kernel = keras.Variable("he_uniform", shape=(input_shape[-1], self.units), name="kernel", **make)
        self.bias = keras.Variable("zeros", shape=(self.units,), name="bias", **make)

    def call(self, inputs):
        outputs = keras.ops.dot(inputs, self.kernel) + self.bias
        return keras.activations.get(self.activation)(outputs)

    def get_config(self):
        return {**super().get_config(), "units": self.units, "activation": self.activation}
""",
        "my-dropout": """@keras.saving.register_keras_serializable()
class MyDropout(keras.layers.Layer):
    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate

    def call(self, inputs, training=False):
        if not training:
            return inputs
        keep = 1.0 - self.rate
        ones_and_zeros = keras.ops.floor(keep + keras.random.uniform(keras.ops.shape(inputs)))
        return inputs * keras.ops.cast(ones_and_zeros, inputs.dtype) / keep

    def get_config(self):
        return dict(super().get_config(), rate=self.rate)
""",
        "running-mean": """@keras.saving.register_keras_serializable()
class RunningMean(keras.layers.Layer):
    def __init__(self, momentum=0.9, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum

    def build(self, input_shape):
        self.mean = keras.Variable(
            "zeros", shape=input_shape[-1:], dtype=self.variable_dtype, trainable=False, name="mean"
        )

    def call(self, inputs, training=False):
        if training:
            now = inputs
            while len(now.shape) > 1:
                now = keras.ops.mean(now, axis=0)
            self.mean.assign(self.mean * self.momentum + now * (1.0 - self.momentum))
            return inputs - now
        return inputs - self.mean

    def get_config(self):
        return dict(super().get_config(), momentum=self.momentum)
""",
    }


@right
def deep_and_narrow() -> dict[str, str]:
    """Three hidden layers in a list, dropout on the input as well."""
    return {
        "digit-network": """@keras.saving.register_keras_serializable(package="custom_layers")
class DigitNetwork(keras.Model):
    def __init__(self, hidden_units=64, rate=0.2, **kwargs):
        super().__init__(**kwargs)
        self.hidden_units, self.rate = hidden_units, rate
        self.centre = RunningMean(momentum=0.99)
        self.drop_pixels = MyDropout(rate / 2)
        self.hidden = [MyDense(hidden_units, activation=keras.activations.gelu) for _ in range(3)]
        self.drop = [MyDropout(rate) for _ in range(3)]
        self.out = MyDense(10)

    def call(self, images, training=False):
        x = self.drop_pixels(self.centre(images, training=training), training=training)
        for hidden, drop in zip(self.hidden, self.drop):
            x = drop(hidden(x), training=training)
        return keras.ops.softmax(self.out(x))

    def get_config(self):
        return {**super().get_config(), "hidden_units": self.hidden_units, "rate": self.rate}
"""
    }

"""Solutions of `exam_forecast` that must lose marks, each a mistake students make, and right ones that must not."""

from __future__ import annotations

from pathlib import Path

from autograder.audit import reference_cells, replaced, right, wrong

CELLS = reference_cells(Path(__file__).parent)
WINDOWS, SCALE, BASELINE, POOL, BUILD, TRAIN = (
    CELLS[name]
    for name in (
        "make-windows",
        "split-and-scale",
        "baseline-rmse",
        "attention-pool",
        "build-forecaster",
        "train-forecaster",
    )
)

WINDOWS_HEADER = "def make_windows(series, length, horizon):\n"
SCALE_HEADER = "def split_and_scale(series, num_train):\n"
BASELINE_HEADER = "def baseline_rmse(windows, targets, period, deviation):\n"
POOL_HEADER = "def attention_pool(states, scores, mask):\n"
BUILD_HEADER = "def build_forecaster(features, horizon):\n"
TRAIN_HEADER = "def train_forecaster(windows, targets):\n"
GRU = "keras.layers.GRU(24)"


# 1. make_windows


@wrong(loses=["windows-tests"])
def last_window_missing() -> dict[str, str]:
    """Leaves out the last window, as `range(len(series) - length - horizon)` does."""
    return {"make-windows": replaced(WINDOWS, (" - horizon + 1)", " - horizon)"))}


@wrong(loses=["windows-tests"])
def windows_without_targets() -> dict[str, str]:
    """Goes on until the windows end, and pads the targets that are missing with the last value."""
    return {
        "make-windows": replaced(
            WINDOWS,
            (" - horizon + 1)", " + 1)"),
            (
                "    targets = ",
                "    series = np.concatenate([series, np.repeat(series[-1:], horizon, axis=0)])\n    targets = ",
            ),
        )
    }


@wrong(loses=["windows-tests"])
def target_in_the_window() -> dict[str, str]:
    """Begins the targets with the window's own last step."""
    return {
        "make-windows": replaced(
            WINDOWS,
            ("start + length : start + length + horizon, 0", "start + length - 1 : start + length + horizon - 1, 0"),
        )
    }


@wrong(loses=["windows-tests"])
def a_step_between() -> dict[str, str]:
    """Leaves a step out between window and targets."""
    return {
        "make-windows": replaced(
            WINDOWS,
            (" - horizon + 1)", " - horizon)"),
            ("start + length : start + length + horizon, 0", "start + length + 1 : start + length + horizon + 1, 0"),
        )
    }


@wrong(loses=["windows-tests"])
def targets_of_all_columns() -> dict[str, str]:
    """Keeps every column in the targets."""
    return {"make-windows": replaced(WINDOWS, ("length + horizon, 0]", "length + horizon]"))}


@wrong(loses=["windows-tests"])
def targets_of_the_last_column() -> dict[str, str]:
    """Forecasts the last column."""
    return {"make-windows": replaced(WINDOWS, ("length + horizon, 0]", "length + horizon, -1]"))}


@wrong(loses=["windows-tests"])
def windows_side_by_side() -> dict[str, str]:
    """Cuts windows that do not overlap."""
    return {"make-windows": replaced(WINDOWS, (" - horizon + 1)", " - horizon + 1, length)"), ("range(", "range(0, "))}


@wrong(loses=["windows-tests"])
def one_target_for_each() -> dict[str, str]:
    """Keeps the last of the steps to be forecast alone."""
    return {
        "make-windows": replaced(
            WINDOWS,
            ("start + length : start + length + horizon, 0", "start + length + horizon - 1, None, 0"),
        )
    }


# 2. split_and_scale


@wrong(loses=["scale-tests"])
def scale_of_the_whole_series() -> dict[str, str]:
    """Takes mean and deviation of everything: the future leaks into the past."""
    return {
        "split-and-scale": replaced(
            SCALE, ("series[:num_train].mean(axis=0), series[:num_train].std", "series.mean(axis=0), series.std")
        )
    }


@wrong(loses=["scale-tests"])
def validation_by_its_own_scale() -> dict[str, str]:
    """Scales the validation part by its own mean and deviation."""
    return {
        "split-and-scale": SCALE_HEADER
        + """    train, validation = series[:num_train], series[num_train:]
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    own = (validation - validation.mean(axis=0)) / np.maximum(validation.std(axis=0), 1e-9)
    return (train - mean) / deviation, own, mean, deviation
"""
    }


@wrong(loses=["scale-tests"])
def validation_not_scaled() -> dict[str, str]:
    """Forgets to scale the validation part."""
    return {"split-and-scale": replaced(SCALE, ("scaled[num_train:]", "series[num_train:]"))}


@wrong(loses=["scale-tests"])
def one_scale_for_all_columns() -> dict[str, str]:
    """Takes one mean and one deviation of all columns together."""
    return {
        "split-and-scale": replaced(
            SCALE,
            ("series[:num_train].mean(axis=0)", "np.full(series.shape[1], series[:num_train].mean())"),
            ("series[:num_train].std(axis=0)", "np.full(series.shape[1], series[:num_train].std())"),
        )
    }


@wrong(loses=["scale-tests"])
def shuffled_before_the_split() -> dict[str, str]:
    """Shuffles, as one does with pictures, before it splits."""
    return {
        "split-and-scale": replaced(
            SCALE, ("    mean, deviation", "    series = np.random.permutation(series)\n    mean, deviation")
        )
    }


@wrong(loses=["scale-tests"])
def divided_by_the_variance() -> dict[str, str]:
    """Divides by the variance."""
    return {"split-and-scale": replaced(SCALE, (".std(", ".var("))}


@wrong(loses=["scale-tests"])
def scaled_to_zero_and_one() -> dict[str, str]:
    """Scales to [0, 1] by the smallest and the largest value."""
    return {
        "split-and-scale": replaced(
            SCALE,
            (".mean(axis=0)", ".min(axis=0)"),
            ("series[:num_train].std(axis=0)", "np.ptp(series[:num_train], axis=0)"),
        )
    }


@wrong(loses=["scale-tests"])
def a_step_in_both_parts() -> dict[str, str]:
    """Begins the validation part with the last training step."""
    return {"split-and-scale": replaced(SCALE, ("scaled[num_train:]", "scaled[num_train - 1:]"))}


# 3. baseline_rmse


@wrong(loses=["baseline-tests"])
def last_value_for_every_step() -> dict[str, str]:
    """Forecasts the last value, which is the naive forecast without its season."""
    return {"baseline-rmse": replaced(BASELINE, ("length - period : length - period + horizon, 0", "-1:, 0"))}


@wrong(loses=["baseline-tests"])
def one_place_for_every_step() -> dict[str, str]:
    """Takes the value one period before the first target for all of them."""
    return {
        "baseline-rmse": replaced(
            BASELINE, ("length - period : length - period + horizon, 0", "length - period : length - period + 1, 0")
        )
    }


@wrong(loses=["baseline-tests"])
def a_period_and_a_step() -> dict[str, str]:
    """Counts the period from the window's last step: a step too far back."""
    return {
        "baseline-rmse": replaced(
            BASELINE,
            (
                "windows[:, length - period : length - period + horizon, 0]",
                "np.roll(windows, 1, axis=1)[:, length - period : length - period + horizon, 0]",
            ),
        )
    }


@wrong(loses=["baseline-tests"])
def end_of_the_slice_is_zero() -> dict[str, str]:
    """Slices from the end: nothing is left where the horizon is as long as the period."""
    return {
        "baseline-rmse": replaced(
            BASELINE, ("length - period : length - period + horizon, 0", "-period : -period + horizon, 0")
        )
    }


@wrong(loses=["baseline-tests"])
def error_in_scaled_units() -> dict[str, str]:
    """Forgets the unit."""
    return {"baseline-rmse": replaced(BASELINE, ("deviation * np.sqrt", "np.sqrt"))}


@wrong(loses=["baseline-tests"])
def deviation_under_the_root() -> dict[str, str]:
    """Multiplies the mean squared error by the deviation, under the root."""
    return {"baseline-rmse": replaced(BASELINE, ("deviation * np.sqrt(np.mean(", "np.sqrt(deviation * np.mean("))}


@wrong(loses=["baseline-tests"])
def absolute_error() -> dict[str, str]:
    """Measures the mean absolute error."""
    return {
        "baseline-rmse": replaced(
            BASELINE, ("np.sqrt(np.mean((targets - forecasts) ** 2))", "np.mean(np.abs(targets - forecasts))")
        )
    }


@wrong(loses=["baseline-tests"])
def no_root() -> dict[str, str]:
    """Returns the mean squared error."""
    return {
        "baseline-rmse": replaced(
            BASELINE, ("np.sqrt(np.mean((targets - forecasts) ** 2))", "np.mean((targets - forecasts) ** 2)")
        )
    }


@wrong(loses=["baseline-tests"])
def mean_of_roots() -> dict[str, str]:
    """Takes the root for each window, and then the mean."""
    return {
        "baseline-rmse": replaced(
            BASELINE,
            (
                "np.sqrt(np.mean((targets - forecasts) ** 2))",
                "np.mean(np.sqrt(np.mean((targets - forecasts) ** 2, axis=1)))",
            ),
        )
    }


@wrong(loses=["baseline-tests"])
def column_of_the_weather() -> dict[str, str]:
    """Compares with the last column."""
    return {"baseline-rmse": replaced(BASELINE, ("+ horizon, 0]", "+ horizon, -1]"))}


# 4. attention_pool


@wrong(loses=["attention-tests"])
def padding_takes_part() -> dict[str, str]:
    """Ignores the mask."""
    return {"attention-pool": replaced(POOL, ("keras.ops.where(mask, scores, -1e9)", "scores"))}


@wrong(loses=["attention-tests"])
def masked_after_the_softmax() -> dict[str, str]:
    """Sets weights to 0 after the softmax: the others no longer sum to 1."""
    return {
        "attention-pool": POOL_HEADER
        + """    weights = keras.ops.softmax(scores, axis=1) * keras.ops.cast(mask, "float32")
    return keras.ops.sum(weights[:, :, None] * states, axis=1)
"""
    }


@wrong(loses=["attention-tests"])
def scores_of_padding_are_zero() -> dict[str, str]:
    """Multiplies scores by the mask: a score of 0 is a weight like others."""
    return {"attention-pool": replaced(POOL, ("-1e9", "0.0"))}


@wrong(loses=["attention-tests"])
def padding_is_a_small_score() -> dict[str, str]:
    """Gives padding a score of -100, which is small until the real ones are smaller."""
    return {"attention-pool": replaced(POOL, ("-1e9", "-100.0"))}


@wrong(loses=["attention-tests"])
def mask_the_wrong_way_round() -> dict[str, str]:
    """Attends to padding alone."""
    return {"attention-pool": replaced(POOL, ("(mask, scores, -1e9)", "(mask, -1e9, scores)"))}


@wrong(loses=["attention-tests"])
def softmax_over_the_batch() -> dict[str, str]:
    """Takes the softmax over the sequences of the batch."""
    return {"attention-pool": replaced(POOL, ("-1e9), axis=1)", "-1e9), axis=0)"))}


@wrong(loses=["attention-tests"])
def average_without_scores() -> dict[str, str]:
    """Averages the real steps, whatever their scores."""
    return {"attention-pool": replaced(POOL, ("(mask, scores, -1e9)", "(mask, 0.0 * scores, -1e9)"))}


@wrong(loses=["attention-tests"])
def scores_as_weights() -> dict[str, str]:
    """Takes the scores themselves for weights, without a softmax."""
    return {
        "attention-pool": POOL_HEADER
        + """    weights = keras.ops.where(mask, scores, 0.0)
    weights = weights / keras.ops.sum(weights, axis=1, keepdims=True)
    return keras.ops.sum(weights[:, :, None] * states, axis=1)
"""
    }


@wrong(loses=["attention-tests"])
def exponentials_overflow() -> dict[str, str]:
    """Writes the softmax out as it stands in books: exp of 300 is infinite."""
    return {
        "attention-pool": POOL_HEADER
        + """    weights = keras.ops.exp(scores) * keras.ops.cast(mask, "float32")
    weights = weights / keras.ops.sum(weights, axis=1, keepdims=True)
    return keras.ops.sum(weights[:, :, None] * states, axis=1)
"""
    }


@wrong(loses=["attention-tests"])
def computed_with_numpy() -> dict[str, str]:
    """Computes with NumPy: right numbers, and no gradient."""
    return {
        "attention-pool": POOL_HEADER
        + """    scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = weights / weights.sum(axis=1, keepdims=True)
    return (weights[:, :, None] * np.asarray(states)).sum(axis=1)
"""
    }


@wrong(loses=["attention-tests"])
def divided_by_the_length() -> dict[str, str]:
    """Takes the mean of the weighted states: a second division by the number of steps."""
    return {"attention-pool": replaced(POOL, ("keras.ops.sum(weights", "keras.ops.mean(weights"))}


# 5. build_forecaster


@wrong(loses=["forecaster-tests"])
def blind_to_the_order() -> dict[str, str]:
    """Averages what a dense layer makes of each step: the order of the steps is lost."""
    return {
        "build-forecaster": replaced(
            BUILD, (GRU, 'keras.layers.Dense(32, activation="relu"), keras.layers.GlobalAveragePooling1D()')
        )
    }


@wrong(loses=["forecaster-tests"])
def last_step_alone() -> dict[str, str]:
    """Forecasts from the last step."""
    return {
        "build-forecaster": BUILD_HEADER
        + """    window = keras.Input(shape=(None, features))
    x = keras.layers.Dense(32, activation="relu")(window[:, -1])
    return keras.Model(window, keras.layers.Dense(horizon)(x))
"""
    }


@wrong(loses=["forecaster-tests"])
def sees_three_steps() -> dict[str, str]:
    """Takes the last step of one causal convolution, which has seen three."""
    return {
        "build-forecaster": BUILD_HEADER
        + """    window = keras.Input(shape=(None, features))
    x = keras.layers.Conv1D(32, 3, padding="causal", activation="relu")(window)
    return keras.Model(window, keras.layers.Dense(horizon)(x[:, -1]))
"""
    }


@wrong(loses=["forecaster-tests"])
def windows_of_a_day_only() -> dict[str, str]:
    """Flattens: windows of 24 steps are all it can read."""
    return {
        "build-forecaster": replaced(
            BUILD,
            ("shape=(None, features)", "shape=(24, features)"),
            (GRU, 'keras.layers.Flatten(), keras.layers.Dense(32, activation="relu")'),
        )
    }


@wrong(loses=["forecaster-tests"])
def demand_alone() -> dict[str, str]:
    """Reads column 0 alone."""
    return {
        "build-forecaster": BUILD_HEADER
        + """    window = keras.Input(shape=(None, features))
    return keras.Model(window, keras.layers.Dense(horizon)(keras.layers.GRU(24)(window[:, :, :1])))
"""
    }


@wrong(loses=["forecaster-tests"])
def six_hours_written_down() -> dict[str, str]:
    """Forecasts six steps whatever is asked."""
    return {"build-forecaster": replaced(BUILD, ("Dense(horizon)", "Dense(6)"))}


@wrong(loses=["forecaster-tests"])
def two_columns_written_down() -> dict[str, str]:
    """Reads two columns whatever is asked."""
    return {"build-forecaster": replaced(BUILD, ("(None, features)", "(None, 2)"))}


@wrong(loses=["forecaster-tests"])
def a_forecast_for_each_step() -> dict[str, str]:
    """Returns all states of the recurrent layer, and so a forecast at each step."""
    return {"build-forecaster": replaced(BUILD, ("GRU(24)", "GRU(24, return_sequences=True)"))}


@wrong(loses=["forecaster-tests", "result-tests"])
def never_below_zero() -> dict[str, str]:
    """Ends in a ReLU, since demand is positive; scaled demand is not."""
    return {"build-forecaster": replaced(BUILD, ("Dense(horizon)", 'Dense(horizon, activation="relu")'))}


@wrong(loses=["forecaster-tests"])
def never_above_one() -> dict[str, str]:
    """Ends in a tanh."""
    return {"build-forecaster": replaced(BUILD, ("Dense(horizon)", 'Dense(horizon, activation="tanh")'))}


@wrong(loses=["forecaster-tests"])
def recurrent_layer_frozen() -> dict[str, str]:
    """Freezes the recurrent layer."""
    return {"build-forecaster": replaced(BUILD, ("GRU(24)", "GRU(24, trainable=False)"))}


@wrong(loses=["forecaster-tests"])
def attends_to_the_batch() -> dict[str, str]:
    """Pools states with a softmax over the batch: a window's forecast depends on its neighbours."""
    return {
        "build-forecaster": BUILD_HEADER
        + """    window = keras.Input(shape=(None, features))
    states = keras.layers.GRU(24, return_sequences=True)(window)
    weights = keras.layers.Softmax(axis=0)(keras.layers.Dense(1)(states))
    return keras.Model(window, keras.layers.Dense(horizon)(keras.ops.sum(weights * states, axis=1)))
"""
    }


# 5. train_forecaster


@wrong(loses=["result-tests"])
def never_trained() -> dict[str, str]:
    """Forgets to train."""
    return {"train-forecaster": TRAIN_HEADER + "    return build_forecaster(windows.shape[2], targets.shape[1])\n"}


@wrong(loses=["result-tests"])
def trained_far_too_slowly() -> dict[str, str]:
    """Trains with a learning rate a hundred times too small."""
    return {
        "train-forecaster": TRAIN_HEADER
        + """    model = build_forecaster(windows.shape[2], targets.shape[1])
    model.compile(keras.optimizers.Adam(0.0001), "mse")
    model.fit(windows, targets, batch_size=64, epochs=2, verbose=0)
    return model
"""
    }


@wrong(loses=["result-tests"])
def targets_of_other_windows() -> dict[str, str]:
    """Shuffles the windows and not the targets."""
    return {"train-forecaster": replaced(TRAIN, ("fit(windows,", "fit(np.random.permutation(windows),"))}


@wrong(loses=["result-tests"])
def the_baseline_as_a_model() -> dict[str, str]:
    """Hands in the seasonal naive forecast."""
    return {
        "train-forecaster": TRAIN_HEADER
        + """    window = keras.Input(shape=(24, 2))
    return keras.Model(window, keras.layers.Identity()(window[:, :6, 0]))
"""
    }


@wrong(loses=["result-tests"])
def yesterday_moved_to_the_last_value() -> dict[str, str]:
    """Moves yesterday's hours up or down to where demand stands now: better than the baseline, and nothing learned."""
    return {
        "train-forecaster": TRAIN_HEADER
        + """    window = keras.Input(shape=(24, 2))
    return keras.Model(window, window[:, :6, 0] + window[:, -1:, 0] - window[:, :1, 0])
"""
    }


@wrong(loses=["result-tests"])
def learns_the_last_hour() -> dict[str, str]:
    """Trains on the first hour's demand for all six."""
    return {
        "train-forecaster": replaced(
            TRAIN, ("windows, targets, batch", "windows, np.repeat(targets[:, :1], 6, axis=1), batch")
        )
    }


# Right, in another way


@right
def lstm_and_loops() -> dict[str, str]:
    """An LSTM in the functional interface with a dense layer on top, plain loops elsewhere, float32."""
    return {
        "make-windows": WINDOWS_HEADER
        + """    windows, targets = [], []
    start = 0
    while start + length + horizon <= len(series):
        windows.append(series[start : start + length])
        targets.append(series[start + length : start + length + horizon, 0])
        start += 1
    return np.array(windows, dtype="float32"), np.array(targets, dtype="float32")
""",
        "split-and-scale": SCALE_HEADER
        + """    series = np.asarray(series, dtype="float32")
    train, validation = np.split(series, [num_train])
    mean, deviation = np.mean(train, axis=0), np.std(train, axis=0)
    return (train - mean) / deviation, (validation - mean) / deviation, mean, deviation
""",
        "baseline-rmse": BASELINE_HEADER
        + """    total = 0.0
    for window, target in zip(windows, targets):
        for step, value in enumerate(target):
            total += float((value - window[len(window) - period + step, 0]) * deviation) ** 2
    return (total / targets.size) ** 0.5
""",
        "attention-pool": POOL_HEADER
        + """    mask = keras.ops.cast(mask, "float32")
    scores = scores * mask - 1e9 * (1.0 - mask)
    scores = scores - keras.ops.max(scores, axis=1, keepdims=True)
    weights = keras.ops.exp(scores) * mask
    weights = weights / keras.ops.sum(weights, axis=1, keepdims=True)
    return keras.ops.einsum("bt,btf->bf", weights, states)
""",
        "build-forecaster": BUILD_HEADER
        + """    window = keras.Input(shape=(None, features))
    x = keras.layers.LSTM(24)(window)
    x = keras.layers.Dense(24, activation="relu")(x)
    return keras.Model(window, keras.layers.Dense(horizon)(x))
""",
        "train-forecaster": TRAIN_HEADER
        + """    model = build_forecaster(2, 6)
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    model.fit(windows, targets, batch_size=64, epochs=7, validation_split=0.1, verbose=0)
    return model
""",
    }


@right
def dilated_convolutions() -> dict[str, str]:
    """Causal convolutions under a last layer that begins at zero; its own loop over batches, and views of windows."""
    return {
        "make-windows": WINDOWS_HEADER
        + """    both = np.lib.stride_tricks.sliding_window_view(series, length + horizon, axis=0).swapaxes(1, 2)
    return both[:, :length], both[:, length:, 0]
""",
        "baseline-rmse": BASELINE_HEADER
        + """    places = np.arange(targets.shape[1]) - period
    errors = (targets - windows[:, places, 0]) * deviation
    return np.linalg.norm(errors) / np.sqrt(errors.size)
""",
        "attention-pool": POOL_HEADER
        + """    weights = keras.layers.Softmax(axis=-1)(keras.ops.convert_to_tensor(scores), mask=mask)
    return keras.ops.squeeze(keras.ops.matmul(weights[:, None, :], states), axis=1)
""",
        "build-forecaster": BUILD_HEADER
        + """    window = x = keras.Input(shape=(None, features))
    for dilation in (1, 2, 4, 8):
        x = keras.layers.Conv1D(24, 3, dilation_rate=dilation, padding="causal", activation="relu")(x)
    return keras.Model(window, keras.layers.Dense(horizon, kernel_initializer="zeros")(x[:, -1]))
""",
        "train-forecaster": TRAIN_HEADER
        + """    model = build_forecaster(windows.shape[-1], targets.shape[-1])
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 320)), "mse")
    for _ in range(7):
        order = np.random.permutation(len(windows))
        for start in range(0, len(order), 64):
            batch = order[start : start + 64]
            model.train_on_batch(windows[batch], targets[batch])
    return model
""",
    }


@right
def subclassed_with_attention() -> dict[str, str]:
    """A class of its own that pools the states of a GRU by attention; its loss is less sharp than a square."""
    return {
        "build-forecaster": """class Forecaster(keras.Model):
    def __init__(self, horizon):
        super().__init__()
        self.read = keras.layers.GRU(16, return_sequences=True)
        self.score = keras.layers.Dense(1)
        self.forecast = keras.layers.Dense(horizon)

    def call(self, windows):
        states = self.read(windows)
        weights = keras.ops.softmax(self.score(states), axis=1)
        pooled = keras.ops.sum(weights * states, axis=1)
        return self.forecast(keras.ops.concatenate([pooled, states[:, -1]], axis=-1))


def build_forecaster(features, horizon):
    model = Forecaster(horizon)
    model(np.zeros((1, 8, features), dtype="float32"))
    return model
""",
        "train-forecaster": TRAIN_HEADER
        + """    model = build_forecaster(windows.shape[2], targets.shape[1])
    model.compile(keras.optimizers.Adam(0.015), keras.losses.Huber())
    model.fit(windows, targets, batch_size=64, epochs=7, verbose=0)
    return model
""",
    }


@right
def both_ways_and_a_dense_network() -> dict[str, str]:
    """A bidirectional recurrent layer for the contract, and for the result a dense network on the flat window."""
    return {
        "build-forecaster": replaced(BUILD, (GRU, "keras.layers.Bidirectional(keras.layers.SimpleRNN(16))")),
        "train-forecaster": TRAIN_HEADER
        + """    model = keras.Sequential([
        keras.Input(shape=windows.shape[1:]),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(targets.shape[1]),
    ])
    model.compile("adam", "mse")
    model.fit(windows, targets, batch_size=32, epochs=10, verbose=0)
    return model
""",
    }

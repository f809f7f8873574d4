# %% [markdown] text="intro"
# # Practical exam, part 2: a forecast
#
# A town wants to know how much electricity it will need in the next six hours. It has measured, hour by hour, its
# demand (in MW) and the temperature outside. You cut the series into windows, scale it, set a baseline, pool with
# attention, and train a network that beats the baseline. You have 40 minutes and 20 points to win.
#
# | | you write | points |
# | --- | --- | --- |
# | 1 | `make_windows` | 4 |
# | 2 | `split_and_scale` | 3 |
# | 3 | `baseline_rmse` | 3 |
# | 4 | `attention_pool` | 4 |
# | 5 | `build_forecaster` and `train_forecaster` | 2 + 4 |
#
# **No question needs another one's answer.** Each function is asked with arrays of the examiner's own, and question 5
# comes with windows that are ready made. So begin where you like, and do not stay where you are stuck.
#
# The docstrings are the contracts, and all that counts: any way to keep them is right. The tests below each function
# are a first look only, and stop at what is not done yet. That does not matter: save the notebook and hand it in as it
# is, every part that is done counts.

# %% text="imports"
import keras
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown] text="data-story"
# ## The series
#
# 14 months of a town that does not exist: the numbers are made by a rule, with noise. There is a rhythm of days and
# weeks, a slow growth, and heating that follows the temperature. You are judged on what comes after these 14 months.
#
# `series` has the shape (time, 2): column 0 is demand in MW, column 1 temperature in degrees Celsius.

# %% text="load-data"
if __name__ == "__main__":
    with np.load("series.npz") as archive:
        series = archive["series"]
    print("series:", series.shape, series.dtype)

    figure, axes = plt.subplots(2, 1, figsize=(9, 3), sharex=True)
    for column, name in enumerate(("demand (MW)", "temperature (°C)")):
        axes[column].plot(np.arange(14 * 24) / 24, series[: 14 * 24, column])
        axes[column].set_ylabel(name)
    axes[1].set_xlabel("day")
    plt.show()

    # A series so short that you can follow it with a pencil: tests below use it.
    example = np.array([[10.0, 1.0], [20.0, 2.0], [30.0, 3.0], [40.0, 4.0], [50.0, 5.0], [60.0, 6.0]])

# %% [markdown] text="windows-story"
# ## 1. Windows (4 points)


# %% solution="make-windows"
def make_windows(series: np.ndarray, length: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into windows to forecast from, and the values to be forecast.

    Args:
        series: Shape (time, columns); time is at least length + horizon.
        length: Number of steps in a window.
        horizon: Number of steps to forecast.

    Returns:
        (windows, targets), in the order of time, for every place where both fit into the series; a window begins at
        each step. `windows` has the shape (num_windows, length, columns). `targets` has the shape (num_windows,
        horizon): column 0 of the `horizon` steps that follow right after the window.
    """
    # BEGIN SOLUTION
    starts = range(len(series) - length - horizon + 1)
    windows = np.stack([series[start : start + length] for start in starts])
    targets = np.stack([series[start + length : start + length + horizon, 0] for start in starts])
    return windows, targets
    # END SOLUTION


# %% tests="windows-tests" points=4
if __name__ == "__main__":
    windows, targets = make_windows(example, length=2, horizon=2)
    assert windows.shape[1:] == (2, 2), f"windows of 2 steps and 2 columns, received {windows.shape}"
    assert targets.shape[1:] == (2,), f"2 numbers for each window, received {targets.shape}"
    assert np.array_equal(windows[1], [[20, 2], [30, 3]]), "the second window begins one step after the first"

# %% [markdown] text="scale-story"
# ## 2. Split and scale (3 points)
#
# A forecast knows nothing of the future, and neither may its scale.


# %% solution="split-and-scale"
def split_and_scale(series: np.ndarray, num_train: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Split a series in time, and scale it by what is known at training time.

    Args:
        series: Shape (time, columns), time > num_train >= 2; no column is constant in its first `num_train` steps.
        num_train: The first so many steps are for training, all others for validation.

    Returns:
        (train, validation, mean, deviation). `mean` and `deviation` (as `np.std` computes it) have the shape
        (columns,) and belong to the training steps. `train` and `validation`, of shapes (num_train, columns) and
        (time - num_train, columns), are the two parts in the order of time, both after subtracting `mean` and dividing
        by `deviation`.
    """
    # BEGIN SOLUTION
    mean, deviation = series[:num_train].mean(axis=0), series[:num_train].std(axis=0)
    scaled = (series - mean) / deviation
    return scaled[:num_train], scaled[num_train:], mean, deviation
    # END SOLUTION


# %% tests="scale-tests" points=3
if __name__ == "__main__":
    train, validation, mean, deviation = split_and_scale(example, num_train=4)
    assert train.shape == (4, 2), f"4 steps of 2 columns for training, received {train.shape}"
    assert validation.shape == (2, 2), f"2 steps of 2 columns for validation, received {validation.shape}"
    assert mean.shape == deviation.shape == (2,), "a mean and a deviation for each column"
    assert np.allclose(train * deviation + mean, example[:4]), "scaling can be undone"

# %% [markdown] text="baseline-story"
# ## 3. A baseline (3 points)
#
# "The same as a day ago" takes no network. It is called the *seasonal naive* forecast: whatever is to be forecast, the
# answer is the value exactly one period before it.


# %% solution="baseline-rmse"
def baseline_rmse(windows: np.ndarray, targets: np.ndarray, period: int, deviation: float) -> float:
    """Return the root mean squared error of the seasonal naive forecast, in the series' own unit.

    Args:
        windows: Scaled windows, shape (num_windows, length, columns); column 0 is what is forecast.
        targets: Scaled column 0 of the steps right after each window, shape (num_windows, horizon).
        period: Steps in a period, horizon <= period <= length; each target is forecast by the value of column 0
            `period` steps before it.
        deviation: What column 0 (in its own unit, less its mean) was divided by to scale it.

    Returns:
        The square root of the mean squared error over all targets together, in the unit that column 0 had before
        scaling.
    """
    # BEGIN SOLUTION
    length, horizon = windows.shape[1], targets.shape[1]
    forecasts = windows[:, length - period : length - period + horizon, 0]
    return float(deviation * np.sqrt(np.mean((targets - forecasts) ** 2)))
    # END SOLUTION


# %% tests="baseline-tests" points=3
if __name__ == "__main__":
    one_window = np.array([[[1.0], [2.0], [3.0], [4.0]]])
    rmse = baseline_rmse(one_window, np.array([[1.0, 2.0]]), period=4, deviation=10.0)
    assert np.isclose(rmse, 0.0), f"the period repeats: the forecast [1, 2] is right, received an error of {rmse}"

# %% [markdown] text="attention-story"
# ## 4. Attention pooling (4 points)
#
# A recurrent layer gives a state for each step; one way to make one vector of them is an average, in which a score says
# how much each step counts.


# %% solution="attention-pool"
def attention_pool(states, scores, mask):
    """Average the states of a sequence by attention.

    The weights of a sequence's real steps are the softmax of their scores, and sum to 1. A padded step has no weight:
    the result does not depend on its state or its score. The result is right for scores of any size, in the hundreds
    for instance. Gradients flow from it to `states` and `scores`, so compute with `keras.ops`, not with NumPy.

    Args:
        states: Float32, shape (batch, time, features).
        scores: Float32, shape (batch, time).
        mask: Booleans, shape (batch, time): True at real steps, False at padding, which may stand anywhere. Every
            sequence has a real step.

    Returns:
        A tensor of shape (batch, features): for each sequence, the sum of its states times their weights.
    """
    # BEGIN SOLUTION
    weights = keras.ops.softmax(keras.ops.where(mask, scores, -1e9), axis=1)
    return keras.ops.sum(weights[:, :, None] * states, axis=1)
    # END SOLUTION


# %% tests="attention-tests" points=4
if __name__ == "__main__":
    states = np.array([[[1.0, 0.0], [3.0, 4.0], [9.0, 9.0]]], dtype="float32")
    scores = np.zeros((1, 3), dtype="float32")
    pooled = keras.ops.convert_to_numpy(attention_pool(states, scores, np.array([[True, True, True]])))
    assert pooled.shape == (1, 2), f"one vector of 2 numbers, received {pooled.shape}"
    assert np.allclose(pooled, [[13 / 3, 13 / 3]], atol=1e-5), "equal scores: a plain average"

# %% [markdown] text="forecaster-story"
# ## 5. A forecaster (2 + 4 points)
#
# `build_forecaster` makes a network that reads a window step by step and forecasts from all of it: recurrent,
# convolutional or with attention, as you like.
#
# `train_forecaster` is given windows and targets that are scaled and ready, 2,911 of 24 hours each. You may call your
# `build_forecaster`, or build another network there. A small recurrent network needs 300 steps of Adam or more: some
# five seconds.
#
# The trained network is asked about windows from the 22 months that follow, and its RMSE is compared with that of the
# seasonal naive forecast: **full marks from 0.63 of it down, none from 0.66 up**, in proportion between. On the
# validation windows the seasonal naive forecast has an RMSE of 7.7 MW; so look for 4.5 MW or less.


# %% solution="build-forecaster"
def build_forecaster(features: int, horizon: int) -> keras.Model:
    """Build a network that forecasts from windows.

    What it forecasts from a window depends on each of its steps, on their order, on each of the columns, and on no
    other window of the batch. It can be any number, positive or negative: targets are scaled. Every weight can learn,
    none is frozen.

    Args:
        features: Number of columns.
        horizon: Number of steps to forecast.

    Returns:
        A Keras model, its weights made, from windows of shape (batch, length, features) to forecasts of shape (batch,
        horizon), for any batch and **any length** from 8 steps on.
    """
    # BEGIN SOLUTION
    return keras.Sequential([keras.Input(shape=(None, features)), keras.layers.GRU(24), keras.layers.Dense(horizon)])
    # END SOLUTION


# %% tests="forecaster-tests" points=2
if __name__ == "__main__":
    network = build_forecaster(features=3, horizon=2)
    for length in (8, 10):
        forecasts = keras.ops.convert_to_numpy(network(np.ones((5, length, 3), dtype="float32")))
        assert forecasts.shape == (5, 2), f"2 numbers for each of 5 windows, received {forecasts.shape}"


# %% solution="train-forecaster"
def train_forecaster(windows: np.ndarray, targets: np.ndarray) -> keras.Model:
    """Build a forecaster and train it.

    Args:
        windows: Scaled windows, float32, shape (num_windows, 24, 2).
        targets: Scaled demand in the hours after each window, float32, shape (num_windows, 6).

    Returns:
        The trained model, from windows of shape (batch, 24, 2) to forecasts of shape (batch, 6), scaled as the targets.
    """
    # BEGIN SOLUTION
    model = build_forecaster(windows.shape[2], targets.shape[1])
    model.compile(keras.optimizers.Adam(learning_rate=0.01), "mse")
    model.fit(windows, targets, batch_size=32, epochs=4, verbose=0)
    return model
    # END SOLUTION


# %% text="train"
if __name__ == "__main__":
    with np.load("windows.npz") as archive:
        given_windows, given_targets = archive["windows"], archive["targets"]
        validation_windows, validation_targets = archive["validation_windows"], archive["validation_targets"]
        megawatts = float(archive["deviation"])
    forecaster = train_forecaster(given_windows, given_targets)

# %% tests="result-tests" points=4
if __name__ == "__main__":
    forecasts = forecaster.predict(validation_windows, batch_size=512, verbose=0)
    assert forecasts.shape == validation_targets.shape, f"6 forecasts for each window, received {forecasts.shape}"
    error = keras.metrics.RootMeanSquaredError()
    error.update_state(validation_targets, forecasts)
    print(f"RMSE on the validation windows: {float(error.result()) * megawatts:.2f} MW")

# %% text="show-forecast"
if __name__ == "__main__":
    figure, axes = plt.subplots(1, 4, figsize=(10, 2.2), sharey=True)
    for axis, row in zip(axes, (0, 30, 60, 90), strict=True):
        axis.plot(np.arange(-24, 0), validation_windows[row, :, 0], label="window")
        axis.plot(np.arange(6), validation_targets[row], label="what came")
        axis.plot(np.arange(6), forecasts[row], label="forecast")
        axis.set_xlabel("hours")
    figure.subplots_adjust(top=0.82)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="upper center", ncols=3)
    plt.show()

"""Hidden checks of `exam_forecast`: run outside the sandbox, with a future and answers that never enter it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autograder.checks import (
    Failure,
    Model,
    Student,
    attention_weights,
    check,
    expect_batch_independent,
    expect_close,
    expect_error_at_most,
    expect_finite,
    expect_gradients_close,
    expect_gradients_reach,
    expect_model,
    expect_number,
    expect_shape,
    hidden_data,
    received,
    root_mean_squared_error,
)

DATA = Path(__file__).parent / "data" / "hidden.npz"
FUTURE = hidden_data(DATA, "windows", "targets")
HORIZON = FUTURE.answers.shape[1]
FULL_AT, ZERO_AT = 0.63, 0.66  # of the seasonal naive forecast's error
SHORTEST = 8  # steps of a window that `build_forecaster` has to read
SEEN = 1e-4  # of the mean forecast: what differs by more is no rounding


# 1. Windows


def windows_of(series: np.ndarray, length: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """What `make_windows` should return, from places in time in place of slices."""
    first = np.arange(len(series) - length - horizon + 1)[:, None]
    return series[first + np.arange(length)], series[first + np.arange(length, length + horizon), 0]


def cut(student: Student, time: int, columns: int, length: int, horizon: int) -> tuple[str, np.ndarray, object, object]:
    """Ask for the windows of a random series: what was asked, the series, windows and targets."""
    series = student.rng.normal(size=(time, columns))
    asked = f"make_windows of {time} steps and {columns} columns, length={length}, horizon={horizon}"
    pair = student.call("make_windows", series, length, horizon)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise Failure(f"expected (windows, targets) from {asked}, received {received(pair)}")
    return asked, series, pair[0], pair[1]


SIZES = ((20, 2, 5, 3), (17, 3, 4, 1), (12, 1, 2, 6))  # time, columns, length, horizon


@check(cell="windows-tests", weight=2)
def cuts_every_window(student: Student) -> None:
    """`make_windows` cuts a window at every step where it fits with its targets, and no other."""
    for time, columns, length, horizon in SIZES:
        asked, series, windows, _ = cut(student, time, columns, length, horizon)
        right, _ = windows_of(series, length, horizon)
        hint = "Where does the first window begin, and where the last one that still has all its targets?"
        expect_close(windows, right, f"the windows of {asked}", rtol=1e-5, hint=hint)


@check(cell="windows-tests", weight=2)
def targets_follow_right_after(student: Student) -> None:
    """Targets are column 0 of the steps right after each window."""
    for time, columns, length, horizon in SIZES:
        asked, series, _, targets = cut(student, time, columns, length, horizon)
        _, right = windows_of(series, length, horizon)
        found = expect_shape(targets, (None, horizon), f"the targets of {asked}")
        # How many there are is the other checks' question, as long as there are some.
        most = min(len(found), len(right)) or len(right)
        hint = "Which step is the first after the window, and which column is to be forecast?"
        expect_close(found[:most], right[:most], f"the first targets of {asked}", rtol=1e-5, hint=hint)


@check(cell="windows-tests")
def cuts_the_one_window_of_a_short_series(student: Student) -> None:
    """`make_windows` finds the only window, and its targets, of a series that is just long enough."""
    asked, series, windows, targets = cut(student, time=9, columns=2, length=5, horizon=4)
    right_windows, right_targets = windows_of(series, 5, 4)
    hint = "How many windows are there? Count them with a pencil."
    expect_close(windows, right_windows, f"the windows of {asked}", rtol=1e-5, hint=hint)
    expect_close(targets, right_targets, f"the targets of {asked}", rtol=1e-5, hint=hint)


# 2. Split and scale


@check(cell="scale-tests")
def splits_in_time(student: Student) -> None:
    """`split_and_scale` keeps the order of time: the first steps are for training, all others for validation."""
    for time, num_train in ((11, 7), (9, 8)):
        series = series_of(student, time)
        train, validation, *_ = split(student, series, num_train)
        hint = "Which steps are in which part? Undo your scaling and look."
        for part, steps, what in ((train, series[:num_train], "train"), (validation, series[num_train:], "validation")):
            found = expect_shape(part, steps.shape, f"`{what}` of {time} steps, num_train={num_train}")
            # Whatever the scale: what was larger is larger still, if all steps of a column were scaled alike.
            for column in range(steps.shape[1]):
                expect_close(
                    np.argsort(found[:, column]), np.argsort(steps[:, column]), f"the order in `{what}`", hint=hint
                )


@check(cell="scale-tests", weight=2)
def scales_by_the_training_part_alone(student: Student) -> None:
    """Mean and deviation are those of each column's training steps, and scale both parts."""
    for time, num_train in ((12, 5), (30, 24)):
        series = series_of(student, time)
        train, validation, mean, deviation = split(student, series, num_train)
        known = series[:num_train]
        right_mean, right_deviation = known.mean(axis=0), known.std(axis=0)
        scaled = (series - right_mean) / right_deviation
        past = "Nothing after the first `num_train` steps may have a part in `mean` and `deviation`."
        scale = "Subtract `mean`, then divide by `deviation`, in both parts."
        for found, expected, what, hint in (
            (mean, right_mean, "`mean`", past),
            (deviation, right_deviation, "`deviation`", f"It is what `np.std` computes. {past}"),
            (train, scaled[:num_train], "`train`", scale),
            (validation, scaled[num_train:], "`validation`", scale),
        ):
            what = f"{what} of {time} steps, num_train={num_train}"
            expect_close(found, expected, what, rtol=1e-4, show=found is deviation or found is mean, hint=hint)


def series_of(student: Student, time: int) -> np.ndarray:
    """Draw a series of three columns, each with a scale of its own, that grows: later steps have another mean."""
    growth = np.linspace(0.0, 3.0, time)[:, None]
    return np.array([100.0, 5.0, -1.0]) + np.array([20.0, 3.0, 0.5]) * (growth + student.rng.normal(size=(time, 3)))


def split(student: Student, series: np.ndarray, num_train: int) -> tuple[object, ...]:
    """Ask for the parts of a series."""
    parts = student.call("split_and_scale", series, num_train)
    if not isinstance(parts, (tuple, list)) or len(parts) != 4:
        raise Failure(f"expected (train, validation, mean, deviation), received {received(parts)}")
    return tuple(parts)


# 3. The baseline


def baseline_of(windows: np.ndarray, targets: np.ndarray, period: int, deviation: float) -> float:
    """What `baseline_rmse` should return, one target at a time."""
    errors = [
        targets[row, step] - windows[row, windows.shape[1] + step - period, 0]
        for row in range(len(targets))
        for step in range(targets.shape[1])
    ]
    return deviation * float(np.sqrt(np.mean(np.square(errors))))


@check(cell="baseline-tests")
def looks_one_period_back(student: Student) -> None:
    """`baseline_rmse` is 1 where the series repeats itself exactly, but for targets that are all larger by 1."""
    for length, horizon, period in ((10, 3, 7), (8, 2, 8)):
        rhythm = np.tile(student.rng.normal(size=(period, 2)), (5, 1))
        windows, targets = windows_of(rhythm, length, horizon)
        # An error of 1 is 1 whether it is squared or not, and its unit is 1: this check is about places in time alone.
        error = expect_number(
            student.call("baseline_rmse", windows, targets + 1.0, period, 1.0), "the baseline's error"
        )
        hint = "The first target is the step right after the window. Which place is `period` steps before it?"
        what = f"the error for a series of period {period}, length={length}, horizon={horizon}, and targets off by 1"
        expect_close(error, 1.0, what, rtol=1e-5, show=True, hint=hint)


@check(cell="baseline-tests", weight=2)
def measures_the_error_in_the_series_own_unit(student: Student) -> None:
    """`baseline_rmse` is the root of the mean squared error over all targets together, in the series' own unit."""
    for length, horizon, period in ((9, 4, 6), (12, 1, 5)):
        expect_baseline(student, length, horizon, period)


@check(cell="baseline-tests")
def forecasts_a_whole_period(student: Student) -> None:
    """`baseline_rmse` is right where the horizon is as long as the period."""
    for length, period in ((8, 5), (4, 4)):
        expect_baseline(student, length, period, period)


def expect_baseline(student: Student, length: int, horizon: int, period: int) -> None:
    """Ask for the error of random windows, some rows much further off than others."""
    windows = student.rng.normal(size=(7, length, 3)) * np.linspace(0.2, 4.0, 7)[:, None, None]
    targets = student.rng.normal(size=(7, horizon))
    found = expect_number(student.call("baseline_rmse", windows, targets, period, 12.5), "the baseline's error")
    what = f"the error for length={length}, horizon={horizon}, period={period}, deviation=12.5"
    hint = "Square, mean over everything, root; then the unit. And is each step forecast by another one?"
    expect_close(found, baseline_of(windows, targets, period, 12.5), what, rtol=1e-4, show=True, hint=hint)


# 4. Attention pooling


def pooled_of(states: np.ndarray, scores: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What `attention_pool` should return."""
    return np.einsum("bt,btf->bf", weights_of(scores, mask), states)


def weights_of(scores: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The weight of each step, shape (batch, time): attention of one query of size 1 to the scores as keys."""
    one = np.ones((len(scores), 1, 1))
    return attention_weights(one, scores[:, :, None].astype("float64"), mask[:, None, :])[:, 0]


def sequences(
    student: Student, batch: int, time: int, features: int, *, padded: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw states, scores and a mask; with padding anywhere where it is asked for, and one real step at least."""
    states = student.rng.normal(size=(batch, time, features)).astype("float32")
    scores = student.rng.normal(scale=2.0, size=(batch, time)).astype("float32")
    mask = student.rng.random((batch, time)) < (0.6 if padded else 1.0)
    mask[np.arange(batch), student.rng.integers(0, time, batch)] = True
    return states, scores, mask


SOFTMAX = "The softmax is over the steps of a sequence: its weights sum to 1 there."
PADDING = "Deal with the mask before the softmax, or divide by what is left of the weights after it."


@check(cell="attention-tests", weight=3)
def pools_by_the_softmax_of_the_scores(student: Student) -> None:
    """Without padding, `attention_pool` averages states by the softmax of their scores, for sequences of any size."""
    for batch, time, features in ((3, 5, 4), (1, 7, 2), (6, 4, 1), (2, 1, 3)):
        states, scores, mask = sequences(student, batch, time, features)
        found = student.call("attention_pool", states, scores, mask)
        what = f"attention_pool of {batch} sequences of {time} steps and {features} features"
        expect_close(found, pooled_of(states, scores, mask), what, rtol=1e-4, atol=1e-4, hint=SOFTMAX)


@check(cell="attention-tests", weight=3)
def gives_padding_no_weight(student: Student) -> None:
    """What stands in padded steps makes no difference, and the weights of the others still sum to 1."""
    states, scores, mask = sequences(student, 4, 6, 3, padded=True)
    mask[:, 2], mask[:, 3] = True, False
    expected = pooled_of(states, scores, mask)
    found = student.call("attention_pool", states, scores, mask)
    expect_close(found, expected, "attention_pool of sequences with padding", rtol=1e-4, atol=1e-4, hint=PADDING)
    states[~mask], scores[~mask] = 1000.0, 20.0
    found = student.call("attention_pool", states, scores, mask)
    what = "the result when states and scores of padded steps become large"
    expect_close(found, expected, what, rtol=1e-4, atol=1e-3, hint=PADDING)


@check(cell="attention-tests")
def bears_large_scores(student: Student) -> None:
    """`attention_pool` stays finite, and right, for scores in the hundreds, all of them negative too."""
    states, scores, mask = sequences(student, 5, 6, 3, padded=True)
    for shift in (0.0, -800.0):
        large = np.round(100 * scores) + np.float32(shift)  # whole numbers are exact in float32
        found = expect_finite(student.call("attention_pool", states, large, mask), "the result for large scores")
        hint = "exp of a large number overflows; `keras.ops.softmax` knows how to avoid that. What stands for padding?"
        expected = pooled_of(states, large, mask)
        expect_close(found, expected, "the result for large scores", rtol=1e-3, atol=1e-3, hint=hint)


@check(cell="attention-tests", weight=2)
def lets_gradients_through(student: Student) -> None:
    """Gradients flow through `attention_pool` to states and scores, and equal those of the formula."""
    states, scores, mask = sequences(student, 3, 5, 4)
    cotangent = student.rng.normal(size=(3, 4)).astype("float32")
    weights = weights_of(scores, mask)
    by_weight = np.einsum("btf,bf->bt", states, cotangent)
    right = {
        "states": weights[:, :, None] * cotangent[:, None, :],
        "scores": weights * (by_weight - (weights * by_weight).sum(axis=1, keepdims=True)),
    }
    found = student.gradients_of("attention_pool", (states, scores, mask), cotangent, wrt=[0, 1])
    hint = "Computed with NumPy, a result knows nothing of gradients; `keras.ops` has the same functions."
    named = dict(zip(right, found, strict=True))
    expect_gradients_close(named, right, "the gradient of attention_pool", rtol=1e-3, atol=1e-4, hint=hint)


# 5. A forecaster


@check(cell="forecaster-tests", weight=2)
def reads_windows_of_any_length(student: Student) -> None:
    """`build_forecaster` makes a network for as many columns and steps as asked, for any batch and length from 8 on."""
    for features, horizon, shapes in ((2, 6, ((1, SHORTEST), (5, 24))), (4, 3, ((3, 11),))):
        model = forecaster(student, features, horizon)
        if not model.weights():
            raise Failure("expected a model whose weights are made, received one without any", "Give it an Input.")
        for batch, length in shapes:
            asked = f"forecasts of {batch} windows of {length} steps and {features} columns"
            forecasts = model(windows_for(student, batch, length, features))
            expect_finite(expect_shape(forecasts, (batch, horizon), asked), asked)


@check(cell="forecaster-tests", weight=2)
def forecasts_from_the_whole_window(student: Student) -> None:
    """A forecast depends on each step of its window, on their order, on each column, and on no other window."""
    model = shaken(student, forecaster(student, 3, 2))
    windows = windows_for(student, 8, SHORTEST, 3)
    changed = {}
    for step in range(SHORTEST):
        changed[f"step {step} (of 0 to {SHORTEST - 1})"] = windows.copy()
        changed[f"step {step} (of 0 to {SHORTEST - 1})"][:, step] += 3.0 * windows_for(student, 8, 1, 3)[:, 0]
    for column in range(3):
        changed[f"column {column}"] = windows.copy()
        changed[f"column {column}"][:, :, column] = windows_for(student, 8, SHORTEST, 1)[:, :, 0]
    changed["the order of the steps"] = windows[:, ::-1]
    outputs = expect_shape(
        model(np.concatenate([windows, *changed.values()])), (8 * (1 + len(changed)), 2), "the forecasts"
    )
    first, *others = expect_finite(outputs, "the forecasts").reshape(-1, 8, 2)
    for what, other in zip(changed, others, strict=True):
        if np.abs(other - first).max() <= SEEN * np.abs(first).mean():
            raise Failure(
                f"expected forecasts to depend on {what}, received the same when that is another",
                "Does the network read the window step by step to its end, and forecast from all it has read?",
            )
    expect_batch_independent(model, windows, "a forecast")


@check(cell="forecaster-tests")
def can_forecast_any_number(student: Student) -> None:
    """With other weights the network forecasts numbers far above 0, and far below."""
    model = forecaster(student, 2, 6)
    windows, seen = windows_for(student, 16, SHORTEST, 2), [0.0]
    made = model.weights()
    for _ in range(3):
        # What training does not change (counts, a fixed table) may have a meaning that random numbers destroy.
        drawn = [student.rng.normal(size=weight.value.shape).astype("float32") for weight in made]
        model.set_weights([new if old.trainable else old.value for new, old in zip(drawn, made, strict=True)])
        seen += expect_finite(model(windows), "the forecasts").ravel().tolist()
    if min(seen) > -1.01 or max(seen) < 1.01:
        raise Failure(
            f"expected forecasts of any size and sign, received none outside of [{min(seen):.2f}, {max(seen):.2f}] "
            "with random weights of size 1",
            "Scaled demand is often below 0, and may be larger than 1: which activation does the last layer have?",
        )


@check(cell="forecaster-tests", evidence="recomputed")
def every_weight_can_learn(student: Student) -> None:
    """Every weight of the network can learn: none is frozen, or cut off from the forecast."""
    model = shaken(student, student.rebuild(forecaster(student, 2, 6)))
    windows = windows_for(student, 16, SHORTEST, 2)
    # A bias that is added to all scores of a softmax changes nothing: vectors are excused.
    learned = [weight for weight in model.weights() if weight.value.ndim >= 2]
    if frozen := [weight.path for weight in learned if not weight.trainable]:
        raise Failure(f"expected no frozen weight, received {frozen[0][:60]}", "Does a layer have `trainable=False`?")
    found = model.gradients(windows, student.rng.normal(size=(16, 6)).astype("float32"), loss="mse")
    if not found:
        raise Failure("expected a network that can learn, received one without any trainable weight")
    expect_gradients_reach({weight.path: found.get(weight.path) for weight in learned}, what="the loss")


def forecaster(student: Student, features: int, horizon: int) -> Model:
    """Have a network built."""
    return expect_model(student.call("build_forecaster", features, horizon), "what `build_forecaster` returns")


def shaken(student: Student, model: Model) -> Model:
    """Move every weight that learns a little: a layer may begin at zero, and learn all the same."""
    model.set_weights(
        [
            weight.value + weight.trainable * student.rng.normal(scale=0.05, size=weight.value.shape).astype("float32")
            for weight in model.weights()
        ]
    )
    return model


def windows_for(student: Student, batch: int, length: int, features: int) -> np.ndarray:
    """Draw scaled windows."""
    return student.rng.normal(size=(batch, length, features)).astype("float32")


# The result


@check(cell="result-tests", hidden=True)
def beats_the_baseline_on_the_future(student: Student) -> None:
    """On windows of the following 22 months the forecasts are far better than the seasonal naive ones."""
    measured = student.measure(expect_model(student.value("forecaster"), "`forecaster`"), FUTURE, batch_size=1024)
    forecasts = expect_shape(measured.outputs, measured.answers.shape, "what `forecaster` predicts")
    error = root_mean_squared_error(measured.answers.ravel(), forecasts.ravel(), "the forecasts")
    naive = root_mean_squared_error(FUTURE.answers.ravel(), FUTURE.inputs[:, :HORIZON, 0].ravel())
    expect_error_at_most(
        error / naive,
        "an RMSE, as a share of the seasonal naive forecast's,",
        zero_at=ZERO_AT,
        full_at=FULL_AT,
        baselines={"the seasonal naive forecast": 1.0},
        hint="Does the loss still fall at the end of training? More steps, or a rate that falls towards the end, help.",
    )

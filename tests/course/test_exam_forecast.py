"""The lab exam_forecast: its answers against Keras, its series, and its checks against right and wrong solutions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.authoring import read_lab
from autograder.checks.declare import import_file
from tests.course.trials import Laboratory

FOLDER = Path(__file__).parents[2] / "reference" / "exam_forecast"


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    return import_file(FOLDER / "checks.py", "exam_forecast_checks_under_test")


@pytest.fixture(scope="module")
def make_data() -> ModuleType:
    return import_file(FOLDER / "make_data.py", "exam_forecast_make_data_under_test")


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory(FOLDER) as opened:
        yield opened


def test_the_data_is_what_make_data_makes(make_data: ModuleType, tmp_path: Path) -> None:
    make_data.write(make_data.made_series(), tmp_path / "files", tmp_path / "data")
    for name in ("files/series.npz", "files/windows.npz", "data/hidden.npz"):
        with np.load(tmp_path / name) as made, np.load(FOLDER / name) as kept:
            assert sorted(made) == sorted(kept)
            for key in made:
                np.testing.assert_allclose(made[key], kept[key], rtol=1e-6, atol=1e-6)


def test_the_noise_remembers(make_data: ModuleType) -> None:
    values = make_data.noise(np.random.default_rng(0), 20_000, memory=0.8, scale=3.0)
    assert values.std() == pytest.approx(5.0, rel=0.05)  # 3 / sqrt(1 - 0.8^2)
    assert np.corrcoef(values[1:], values[:-1])[0, 1] == pytest.approx(0.8, abs=0.02)


def test_windows_are_followed_by_their_targets(make_data: ModuleType) -> None:
    time = np.arange(100.0)
    windows, targets = make_data.cut(np.stack([time, -time], axis=1), stride=35)
    assert windows[:, 0, 0].tolist() == [0, 35, 70]
    assert windows[1, -1].tolist() == [58, -58]
    assert targets[1].tolist() == [59, 60, 61, 62, 63, 64]


def test_no_hidden_window_holds_an_answer_and_forecasts_begin_at_every_hour(make_data: ModuleType) -> None:
    hours = np.arange(3 * make_data.YEAR, dtype="float64")
    windows, targets = make_data.cut(np.stack([hours, hours], axis=1), make_data.APART)
    assert not set(windows[:, :, 0].ravel()) & set(targets.ravel())
    assert set((targets[:, 0] % 24).tolist()) == set(range(24))


def test_what_is_hidden_comes_after_all_that_is_given(make_data: ModuleType) -> None:
    series = make_data.made_series()
    given = make_data.YEAR + make_data.VALIDATION
    mean, deviation = series[: make_data.YEAR].mean(axis=0), series[: make_data.YEAR].std(axis=0)
    with np.load(FOLDER / "files" / "series.npz") as files, np.load(FOLDER / "data" / "hidden.npz") as hidden:
        np.testing.assert_array_equal(files["series"], series[:given])
        first = hidden["windows"][0] * deviation + mean
        np.testing.assert_allclose(first, series[given : given + make_data.LENGTH], atol=1e-3)


def test_marks_begin_where_a_rule_without_learning_ends(checks: ModuleType) -> None:
    windows, answers = checks.FUTURE.inputs.astype("float64"), checks.FUTURE.answers
    yesterday = windows[:, : checks.HORIZON, 0]
    moved = yesterday + windows[:, -1:, 0] - windows[:, :1, 0]
    error, naive = (np.sqrt(np.mean((forecast - answers) ** 2)) for forecast in (moved, yesterday))
    assert error / naive == pytest.approx(checks.ZERO_AT, abs=0.01)


def test_our_pooling_equals_that_of_keras(checks: ModuleType) -> None:
    keras = pytest.importorskip("keras")
    generator = np.random.default_rng(0)
    states, scores = generator.normal(size=(3, 5, 2)), generator.normal(size=(3, 5))
    mask = np.array([[1, 1, 0, 1, 0], [0, 0, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
    weights = keras.layers.Softmax(dtype="float64")(scores, mask=mask)
    theirs = np.einsum("bt,btf->bf", keras.ops.convert_to_numpy(weights), states)
    np.testing.assert_allclose(checks.pooled_of(states, scores, mask), theirs, rtol=1e-6)


def test_our_baseline_is_right_where_it_can_be_counted(checks: ModuleType) -> None:
    windows = np.array([[[1.0], [2.0], [3.0]], [[5.0], [5.0], [5.0]]])
    # forecasts: 2, 3 and 5, 5; errors 0, 4 and 2, 2
    targets = np.array([[2.0, 7.0], [7.0, 7.0]])
    assert checks.baseline_of(windows, targets, period=2, deviation=10.0) == pytest.approx(10 * np.sqrt(24 / 4))


def write_hours(path: Path, column: str, values: list[str]) -> None:
    """Write an hourly CSV file with one column of values beside the time."""
    start = np.datetime64("2015-01-01T00")
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["utc_timestamp", "another", column])
        rows.writerows([f"{start + hour}:00:00Z", "", value] for hour, value in enumerate(values))


def test_a_real_series_makes_the_same_files(make_data: ModuleType, tmp_path: Path) -> None:
    series = make_data.made_series(num_hours=11_000, seed=3)
    load, temperature = ([str(value) for value in series[:, column]] for column in (0, 1))
    load[0], load[500] = "", ""
    write_hours(tmp_path / "time_series_60min_singleindex.csv", make_data.LOAD, load)
    write_hours(tmp_path / "weather_data.csv", make_data.TEMPERATURE, temperature[:-5])
    assert make_data.main(["full", str(tmp_path)]) == 0
    with np.load(tmp_path / "files" / "series.npz") as files, np.load(FOLDER / "files" / "series.npz") as ours:
        assert files["series"].shape == ours["series"].shape
        np.testing.assert_array_equal(files["series"][0], series[1])  # the first hour with both values
        np.testing.assert_array_equal(files["series"][499], files["series"][498])  # a gap takes the value before
    with np.load(tmp_path / "data" / "hidden.npz") as hidden, np.load(FOLDER / "data" / "hidden.npz") as ours:
        assert sorted(hidden) == sorted(ours)
        assert hidden["windows"].shape[1:] == ours["windows"].shape[1:]


def test_too_short_a_real_series_is_refused(make_data: ModuleType, tmp_path: Path) -> None:
    write_hours(tmp_path / "time_series_60min_singleindex.csv", make_data.LOAD, ["50"] * 10)
    write_hours(tmp_path / "weather_data.csv", make_data.TEMPERATURE, ["3"] * 10)
    with pytest.raises(ValueError, match="expected 10,231 hours with both values, received 10"):
        make_data.real_series(tmp_path)


def test_no_question_is_marked_by_hand() -> None:
    lab = read_lab(FOLDER)
    assert not lab.of_kind("answer")
    assert lab.max_points == 20


def test_the_audit_under_one_seed_finds_nothing_wrong(laboratory: Laboratory) -> None:
    assert laboratory.problems() == []

"""How this lab's series was made, and how to make its files from a real one.

    cd reference/exam_forecast
    python make_data.py small      files/*.npz and data/hidden.npz, as committed
    python make_data.py baselines  prints what simple forecasts reach on the hidden windows
    python make_data.py full DIR   the same files from hourly CSV files in DIR, written below DIR

Sources:
    The series is made here, by a rule with random numbers from fixed seeds; nobody measured it, and it is free to use.
    Real ones for `full`: Open Power System Data, "Time series" (2020-10-06, time_series_60min_singleindex.csv) and
    "Weather data" (2020-09-16, weather_data.csv), https://open-power-system-data.org, to be downloaded by hand; both
    packages state sources and terms, column by column.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
LENGTH, HORIZON = 24, 6  # hours in a window, hours to forecast
YEAR = 365 * 24
VALIDATION = 60 * 24  # hours after the training year
TRAINING_STRIDE = 3  # hours from one training window that is given to the next: those between would tell little more
VALIDATION_STRIDE = 5
APART = LENGTH + HORIZON + 1
"""Hours from one hidden window to the next. None holds the answers to another; and as 31 and 24 have no common divisor,
forecasts begin at every hour of the day."""
LOAD, TEMPERATURE = "DE_load_actual_entsoe_transparency", "DE_temperature"


def noise(generator: np.random.Generator, num_steps: int, memory: float, scale: float) -> np.ndarray:
    """Autoregressive noise: each value is `memory` times the one before plus a normal number; shape (num_steps,)."""
    values = generator.normal(scale=scale, size=num_steps)
    values[0] /= np.sqrt(1 - memory**2)
    for step in range(1, num_steps):
        values[step] += memory * values[step - 1]
    return values


def made_series(num_hours: int = 3 * YEAR, seed: int = 7) -> np.ndarray:
    """Make a town's hourly demand for electricity (MW) and the temperature outside (degrees Celsius).

    Demand has a morning and an evening peak, lower ones at weekends; grows by 3 % a year; follows the temperature with
    some hours' delay, as buildings cool slowly, when people heat (below 16 degrees) or cool (above 21); and wanders.

    Returns:
        Float32, shape (num_hours, 2), to a tenth of a MW and of a degree.
    """
    generator = np.random.default_rng(seed)
    hours = np.arange(num_hours)
    hour, day = hours % 24, hours // 24
    year = -9.0 * np.cos(2 * np.pi * (day - 20) / 365)
    temperature = 10.0 + year + 3.5 * np.sin(2 * np.pi * (hour - 9) / 24) + noise(generator, num_hours, 0.97, 1.2)
    felt = temperature.copy()
    for step in range(1, num_hours):
        felt[step] = felt[step - 1] + (temperature[step] - felt[step - 1]) / 8
    rhythm = sum(
        height * np.exp(-(((hour - peak) / width) ** 2))
        for height, peak, width in ((14.0, 8, 2.5), (20.0, 19, 3.0), (-12.0, 3, 3.0))
    )
    rhythm = np.where(day % 7 >= 5, 0.85 * rhythm - 3.0, rhythm)
    demand = 90.0 * (1 + 0.03 * hours / YEAR) + rhythm + noise(generator, num_hours, 0.8, 1.0)
    demand += 2.0 * np.maximum(16.0 - felt, 0.0) + 1.2 * np.maximum(felt - 21.0, 0.0)
    return np.stack([demand, temperature], axis=1).round(1).astype("float32")


def cut(series: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut windows (num_windows, LENGTH, 2), and the demand of the hours after each, (num_windows, HORIZON)."""
    starts = np.arange(0, len(series) - LENGTH - HORIZON + 1, stride)[:, None]
    return series[starts + np.arange(LENGTH)], series[starts + np.arange(LENGTH, LENGTH + HORIZON), 0]


def write(series: np.ndarray, files: Path, data: Path) -> None:
    """Write what students get into `files`, and the future that is hidden from them into `data`.

    A year is for training, two months after it for validation, and all that follows is hidden.
    """
    files.mkdir(parents=True, exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    mean, deviation = series[:YEAR].mean(axis=0, dtype="float64"), series[:YEAR].std(axis=0, dtype="float64")
    scaled = ((series - mean) / deviation).astype("float32")
    given, future = YEAR + VALIDATION, scaled[YEAR + VALIDATION :]
    np.savez_compressed(files / "series.npz", series=series[:given])
    windows, targets = cut(scaled[:YEAR], TRAINING_STRIDE)
    new_windows, new_targets = cut(scaled[YEAR:given], VALIDATION_STRIDE)
    np.savez_compressed(
        files / "windows.npz",
        windows=windows,
        targets=targets,
        validation_windows=new_windows,
        validation_targets=new_targets,
        deviation=deviation[0],
    )
    hidden_windows, hidden_targets = cut(future, APART)
    np.savez_compressed(data / "hidden.npz", windows=hidden_windows, targets=hidden_targets, deviation=deviation[0])


def baselines() -> None:
    """Print the error of simple forecasts on the hidden windows, in MW and relative to the seasonal naive one."""
    with np.load(HERE / "files" / "windows.npz") as given, np.load(HERE / "data" / "hidden.npz") as hidden:
        windows, targets = given["windows"].astype("float64"), given["targets"].astype("float64")
        new, answers, deviation = hidden["windows"].astype("float64"), hidden["targets"], float(hidden["deviation"])

    def linear(columns: list[int]) -> np.ndarray:
        """Least squares on all numbers of a window, with a little ridge."""
        known, asked = (np.hstack([x[:, :, columns].reshape(len(x), -1), np.ones((len(x), 1))]) for x in (windows, new))
        return asked @ np.linalg.solve(known.T @ known + np.eye(known.shape[1]), known.T @ targets)

    yesterday, last = new[:, :HORIZON, 0], new[:, -1:, 0]
    forecasts = {
        "same hours yesterday (seasonal naive)": yesterday,
        "the last value": last,
        "the mean": np.zeros_like(yesterday),
        "yesterday, moved to the last value": yesterday + last - new[:, :1, 0],
        "linear, demand alone": linear([0]),
        "linear, demand and temperature": linear([0, 1]),
    }
    naive = np.sqrt(np.mean((yesterday - answers) ** 2))
    for name, forecast in forecasts.items():
        error = np.sqrt(np.mean((forecast - answers) ** 2))
        print(f"{name:<40}{error * deviation:>7.2f} MW{error / naive:>7.2f}")


def real_series(folder: Path) -> np.ndarray:
    """Read hourly load (MW) and temperature from the two CSV files; hours without either take the value before.

    Raises:
        ValueError: The files have no hour in common, or too few.
    """
    load = column(folder / "time_series_60min_singleindex.csv", LOAD)
    temperature = column(folder / "weather_data.csv", TEMPERATURE)
    hours = sorted(load.keys() & temperature.keys())
    series = np.array([[load[hour], temperature[hour]] for hour in hours], dtype="float32").reshape(-1, 2)
    known = ~np.isnan(series).any(axis=1)
    if known.sum() < YEAR + VALIDATION + APART:
        raise ValueError(f"expected {YEAR + VALIDATION + APART:,} hours with both values, received {known.sum():,}")
    series = series[known.argmax() :]
    known = known[known.argmax() :]
    return series[np.maximum.accumulate(np.where(known, np.arange(len(series)), 0))]


def column(path: Path, name: str) -> dict[str, float]:
    """Read one column of an hourly CSV file by the text in its column `utc_timestamp`; nan where it is empty."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["utc_timestamp"]: float(row[name] or "nan") for row in csv.DictReader(file)}


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's docstring."""
    match arguments:
        case ["small"]:
            write(made_series(), HERE / "files", HERE / "data")
        case ["baselines"]:
            baselines()
        case ["full", folder]:
            write(real_series(Path(folder)), Path(folder) / "files", Path(folder) / "data")
        case _:
            print(f"expected small, baselines or full DIR, received {arguments}\n\n{__doc__}", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

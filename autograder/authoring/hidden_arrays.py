"""Finding hidden arrays in released ones, row by row, whatever their dtype, scale or outer shape."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from autograder.authoring.lab import files_below
from autograder.errors import AuthoringError

MIN_ROW_LENGTH = 8  # shorter rows, and rows of fewer distinct values, are alike by chance
MIN_DISTINCT = 4
MIN_SERIES_LENGTH = 32
QUANTUM = 1e-4  # of a row's largest magnitude: float32, float64 and integer copies of a row then agree

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class HiddenArray:
    """One hidden array, as hashes of its rows.

    Attributes:
        label: "hidden.npz: x".
        row_length: Numbers in a row; for a one-dimensional array its whole length, as one row.
        hashes: One for each row that says enough to be recognised; sorted, without repetition.
    """

    label: str
    row_length: int
    hashes: Hashes

    def found_in(self, array: npt.NDArray[np.generic]) -> int:
        """Return how many different hidden rows `array` holds."""
        return max(
            (int(np.isin(self.hashes, hash_rows(rows)).sum()) for rows in _as_rows(array, self.row_length)), default=0
        )


def hidden_arrays(folder: Path) -> tuple[HiddenArray, ...]:
    """Hash the arrays in the .npy and .npz files under `folder`; others than numbers are left out.

    Raises:
        AuthoringError: A file cannot be read without unpickling, so that a release could not be searched for it.
    """
    found = []
    for path in files_below(folder):
        try:
            arrays = read_arrays(path.name, path.read_bytes())
        except ValueError as error:
            raise AuthoringError(f"{folder.parent.name}/{folder.name}: {error}; save plain arrays") from error
        for member, array in arrays.items():
            if not _is_numeric(array) or array.size == 0:
                continue
            is_series = array.ndim < 2
            rows = array.reshape(1, -1) if is_series else array.reshape(len(array), -1)
            if rows.shape[1] < (MIN_SERIES_LENGTH if is_series else MIN_ROW_LENGTH):
                continue
            hashes = hash_rows(rows, min_distinct=2 if is_series else MIN_DISTINCT)
            if hashes.size:
                found.append(HiddenArray(f"{path.name}: {member}", rows.shape[1], hashes))
    return tuple(found)


def read_arrays(name: str, content: bytes) -> Mapping[str, npt.NDArray[np.generic]]:
    """Read the arrays of a .npy or .npz file; none of any other file.

    Raises:
        ValueError: It is damaged, or holds pickled objects.
    """
    if not name.endswith((".npy", ".npz")):
        return {}
    try:
        loaded = np.load(io.BytesIO(content), allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"array": loaded}
        with loaded:
            return {member: loaded[member] for member in loaded.files}
    except Exception as error:  # NumPy and zipfile raise many kinds for a damaged file
        raise ValueError(f"expected plain arrays in {name}, found what cannot be read: {error}") from error


def hash_rows(rows: npt.NDArray[np.generic], min_distinct: int = MIN_DISTINCT) -> Hashes:
    """Hash each row of a matrix, blind to dtype and positive scale.

    Args:
        rows: Numbers of shape (num_rows, row_length).
        min_distinct: Rows with fewer different values are left out; so are arithmetic progressions.

    Returns:
        The different hashes, sorted.
    """
    values = rows.astype(np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    if not values.size:
        return np.empty(0, np.uint64)
    scale = np.abs(values).max(axis=1, keepdims=True)
    quantised = np.rint(values / np.where(scale > 0, scale, 1) / QUANTUM).astype(np.int64)
    ordered = np.sort(quantised, axis=1)
    num_distinct = 1 + (np.diff(ordered, axis=1) > 0).sum(axis=1)
    steps = np.diff(quantised, axis=1)
    is_progression = np.ptp(steps, axis=1) <= 2 if steps.shape[1] else np.ones(len(values), bool)
    telling = quantised[(num_distinct >= min_distinct) & ~is_progression].view(np.uint64)
    # A random linear form modulo 2^64: equal rows agree, different ones practically never do.
    form = np.random.default_rng(telling.shape[1]).integers(0, 2**64, telling.shape[1], dtype=np.uint64)
    return np.unique((telling * form).sum(axis=1, dtype=np.uint64))


def _as_rows(array: npt.NDArray[np.generic], row_length: int) -> Iterator[npt.NDArray[np.generic]]:
    """The ways to see `array` as rows of `row_length` numbers: its trailing axes, joined."""
    if not _is_numeric(array) or array.size == 0:
        return
    length = 1
    for size in reversed(array.shape):
        length *= size
        if length == row_length:
            yield array.reshape(-1, row_length)
            return


def _is_numeric(array: npt.NDArray[np.generic]) -> bool:
    return array.dtype.kind in "biuf"

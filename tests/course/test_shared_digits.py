"""Labs that use the same scans: no lab gives students what another one hides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

REFERENCE = Path(__file__).parents[2] / "reference"
PIXELS = 64


def scans(paths: Iterator[Path]) -> dict[bytes, str]:
    """Each 8 x 8 image in these files, in 17 grey values, and the lab and file it is in.

    Images of fewer than five grey values (white ones, say) tell nothing, and are left out.
    """
    found = {}
    for path in paths:
        with np.load(path) as arrays:
            for array in arrays.values():
                if array.dtype.kind == "f" and array.ndim > 1 and array[0].size == PIXELS:
                    if array.min() < 0:  # scaled to [-1, 1], as generators have it
                        array = (array + 1) / 2
                    for image in array.reshape(-1, PIXELS):
                        grey = np.rint(np.clip(image, 0.0, 1.0) * 16).astype(np.uint8)
                        if len(np.unique(grey)) >= 5:
                            found[grey.tobytes()] = f"{path.parents[1].name}/{path.name}"
    return found


def test_no_lab_gives_away_what_another_one_hides() -> None:
    hidden = scans(REFERENCE.glob("*/data/*.npz"))
    given = scans(REFERENCE.glob("*/files/*.npz"))
    assert len(hidden) > 400, "expected at least the hidden digits of cnn_digits"
    told = sorted({f"{given[image]} holds scans hidden in {hidden[image]}" for image in given.keys() & hidden.keys()})
    assert not told, "\n".join(told)

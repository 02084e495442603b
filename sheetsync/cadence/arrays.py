"""Rows as arrays: one place a row, in the order of the tracker's frame. Days are `datetime64[D]`, NaT where none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

DayArray = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

NAT: Final = np.datetime64("NaT", "D")
ONE_DAY: Final = np.timedelta64(1, "D")


def among(numbers: Ints, values: Iterable[int]) -> Flags:
    """Where a small number (-1 and up) is one of some values; much quicker than np.isin on many rows."""
    wanted = list(values)
    if not len(numbers):
        return np.zeros(0, dtype=bool)
    table = np.zeros(max(int(numbers.max()), *wanted, 0) + 2, dtype=bool)
    table[wanted] = True
    return table[numbers]


def coded(values: pd.Series[str], codes: Mapping[str, int]) -> Ints:
    """Texts as numbers; 0 for a text that has none."""
    found, distinct = pd.factorize(values)
    numbers = np.array([codes.get(str(text), 0) for text in distinct] + [0], dtype=np.int64)
    return numbers[found]


def texts(frame: pd.DataFrame, name: str) -> Texts:
    """A text column as an array of str."""
    return frame[name].to_numpy(dtype=object)

"""The day on which something was promised, read from the words of the promise."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import DayArray, Texts

_ISO: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMBERS: Final = re.compile(r"(?<![\d.,/])(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2})\b|\.?(?![\d./]))")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = "(" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DAY_MONTH: Final = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\.?(?:\s+of)?\s+{_MONTH}(?:,?\s+(\d{{4}}))?\b", re.IGNORECASE
)
_MONTH_DAY: Final = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?", re.IGNORECASE)
_MAX_MONTH: Final = 12


def promised_on(
    promised: Texts, interview: DayArray, anchor: DayArray, today: np.datetime64, *, day_first: bool | None
) -> DayArray:
    """The day each promise counts from: a date in its words, else the interview or meeting (cadence section 1).

    Without either it is the thread's own anchor, so that what was promised with an application is not forgotten. A date
    without a year is the one nearest to that day. Numbers that may be day or month are read only if the tracker says
    which comes first. Loops over distinct texts with a digit, not over rows.
    """
    base = np.where(np.isnat(interview), anchor, interview)
    with_digit = np.flatnonzero(pd.Series(promised, dtype=object).str.contains(r"\d").to_numpy(dtype=bool))
    if not len(with_digit):
        return base
    near = np.where(np.isnat(base), today, base)[with_digit]
    pairs = pd.DataFrame({"text": promised[with_digit], "near": near})
    distinct = pairs.drop_duplicates()
    found = [
        date_in(text, near.date(), day_first=day_first)
        for text, near in zip(distinct["text"], distinct["near"], strict=True)
    ]
    distinct = distinct.assign(day=np.array(found, dtype="datetime64[D]"))
    day = pairs.merge(distinct, on=["text", "near"], how="left")["day"].to_numpy(dtype="datetime64[D]")
    result = base.copy()
    result[with_digit] = np.where(np.isnat(day), base[with_digit], day)
    return result


def date_in(text: str, near: dt.date, *, day_first: bool | None) -> dt.date | None:
    """The first date in a text; None if there is none, or it could be read in two ways."""
    if found := _ISO.search(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_MONTH.search(text):
        return _dated(found[3], _month(found[2]), int(found[1]), near)
    if found := _MONTH_DAY.search(text):
        return _dated(found[3], _month(found[1]), int(found[2]), near)
    if found := _NUMBERS.search(text):
        first, second = int(found[1]), int(found[2])
        if first > _MAX_MONTH or (second <= _MAX_MONTH and (day_first is True or first == second)):
            return _dated(found[3], second, first, near)
        if second > _MAX_MONTH or day_first is False:
            return _dated(found[3], first, second, near)
    return None


def _month(word: str) -> int:
    return _MONTHS.index(word[:3].casefold()) + 1


def _dated(year: str | None, month: int, day: int, near: dt.date) -> dt.date | None:
    if year:
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    around = (_date(near.year + shift, month, day) for shift in (-1, 0, 1))
    return min((day for day in around if day), key=lambda day: abs(day - near), default=None)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None

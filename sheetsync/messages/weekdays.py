"""Weekdays said beside a date: whether the two fit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

_ALSO_WORDS: Final = frozenset(
    {"mar", "sam", "sex", "ter", "seg", "set", "out", "segunda", "quarta", "quinta", "sexta"}
)
"""Abbreviations that are words or names in another language."""
NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A weekday and a date that do not fit, as they stand in the text."""

    start: int
    end: int
    right: str
    """The weekday it is."""


@cache
def _table(key: str) -> dict[str, int]:
    data: dict[str, list[str]] = read_toml("reading/dates.toml")[key]
    return {fold(name): int(number) for number, names in data.items() for name in names if _is_word(fold(name))}


def _is_word(name: str) -> bool:
    return name.isascii() and name.isalpha() and len(name) > 2 and name not in _ALSO_WORDS


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    weekday = (
        "(?P<weekday>"
        + "|".join(sorted(_table("weekdays"), key=len, reverse=True))
        + r")\b\.?,?\s+(?:(?:the|den|le|el)\s+)?"
    )
    month = "(?P<month>" + "|".join(sorted(_table("months"), key=len, reverse=True)) + r")\b\.?"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er)?"
    year = r"(?:,?\s+(?P<year>\d{4})\b)?"
    forms = (
        rf"\b{weekday}{day}\s+(?:(?:of|de)\s+)?{month}{year}",
        rf"\b{weekday}{month}\s+{day}(?!\d){year}",
        rf"\b{weekday}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)\b",
        rf"\b{weekday}(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.(?:\s?(?P<year>\d{{4}})\b)?",
    )
    return tuple(re.compile(form) for form in forms)


def misfits(text: str, today: dt.date) -> Iterator[Misfit]:
    """The weekdays that do not fit the date beside them. `text` is in small letters without accents.

    A date without a year is the one nearest to today.
    """
    for pattern in _patterns():
        for match in pattern.finditer(text):
            date = _date(match.groupdict(), today)
            said = _table("weekdays")[match["weekday"]] - 1
            if date is not None and date.weekday() != said:
                yield Misfit(match.start(), match.end(), NAMES[date.weekday()])


def _date(found: dict[str, Any], today: dt.date) -> dt.date | None:
    month = found["month"]
    number = int(month) if month.isdecimal() else _table("months")[month]
    years = [int(found["year"])] if found["year"] else [today.year - 1, today.year, today.year + 1]
    dates = []
    for year in years:
        try:
            dates.append(dt.date(year, number, int(found["day"])))
        except ValueError:
            continue
    return min(dates, key=lambda date: abs(date - today), default=None)

"""A column of dates, however they are written: evidence for them, their order, and their values.

Whether a column is written day first or month first is decided once, from all its texts: a part above 12 shows it.
A column that holds both orders is "mixed": what has one reading is read, the rest is told. A column that shows
nothing follows what the person said, then the workbook's locale; without either its ambiguous texts are told too.
Nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sheetsync.model import Snapshot, Value
from sheetsync.resources import read_toml
from sheetsync.settings import Settings
from sheetsync.tracker.date_text import FIRST_YEAR, LAST_YEAR, Reading, read_text
from sheetsync.tracker.text import is_blank, is_error

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Dates = npt.NDArray[np.datetime64]

_SAMPLE: Final = 400
"""How many filled cells are evidence enough for what a column holds."""
_EPOCH_1900: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 (serials have no zone)
_EPOCH_1904: Final = dt.datetime(1904, 1, 1)  # noqa: DTZ001
_FIRST: Final = dt.datetime(FIRST_YEAR, 1, 1)  # noqa: DTZ001
_AFTER_LAST: Final = dt.datetime(LAST_YEAR + 1, 1, 1)  # noqa: DTZ001
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_NATIVE: Final = frozenset({dt.datetime, dt.date, type(None)})


@dataclass(frozen=True, slots=True)
class DateColumn:
    """The dates of a column. `dates` is datetime64[us], aligned with the cells, NaT where there is none."""

    dates: Dates
    order: str
    """"native", "iso", "dmy", "mdy", "mixed", "unknown" or "empty", as in `Layout.date_order`."""
    unreadable: Mapping[int, str] = field(default_factory=dict)
    """Position (0-based) of a cell nobody can read -> what to do about it, one sentence."""

    @property
    def missing(self) -> list[bool]:
        """Where there is no date, position by position."""
        return [bool(missing) for missing in self.dates != self.dates]  # NaT differs from itself


def date_share(values: Sequence[Value]) -> float:
    """The share of filled cells that are one full date: native dates, or texts in either order. 0.0 if none is filled.

    Placeholders count as empty; numbers do not count as dates, whatever their size. A long column is sampled evenly.
    """
    filled = [value for value in values if value is not None and value != ""]
    if len(filled) > _SAMPLE:
        filled = filled[:: len(filled) // _SAMPLE]
    filled = [value for value in filled if not is_blank(value)]
    if not filled:
        return 0.0
    return sum(map(_is_date, filled)) / len(filled)


def is_full_date(value: Value, *, epoch_1904: bool = False) -> bool:
    """True for one cell that is one full date: native, text in either order, or a serial number of our time."""
    if isinstance(value, int | float):
        return not isinstance(value, bool) and not isinstance(_read_number(value, epoch_1904=epoch_1904), str)
    return _is_date(value)


def order_of(values: Sequence[Value], *, day_first: bool | None = None, locale: str | None = None) -> str:
    """How a column's dates are written, as `Layout.date_order` names it. Arguments as in `read_dates`."""
    types = set(map(type, values))
    native = dt.date in types or dt.datetime in types
    native = native or (not types <= {str, type(None)} and any(is_full_date(v) for v in values if type(v) is not str))
    texts = dict.fromkeys(value for value in values if type(value) is str) if str in types else {}
    readings = [reading for reading in map(read_text, texts) if reading.is_date]
    return _order(readings, day_first=day_first, locale=locale, native=native)


def read_dates_of(snapshot: Snapshot, settings: Settings, values: Sequence[Value]) -> DateColumn:
    """Read a column of dates with all that is known about the workbook and the person."""
    return read_dates(
        values,
        day_first=settings.day_first,
        locale=settings.country or snapshot.locale,
        epoch_1904=snapshot.epoch_1904,
        time_zone=settings.time_zone or snapshot.time_zone,
    )


def read_dates(
    values: Sequence[Value],
    *,
    day_first: bool | None = None,
    locale: str | None = None,
    epoch_1904: bool = False,
    time_zone: str | None = None,
) -> DateColumn:
    """Read a column that is known to hold dates.

    `day_first` is what the person said and `locale` ("en_GB", or a country such as "GB") what is otherwise known; both
    are asked only where the column itself does not tell. A number is a serial of the 1900 or 1904 system. A date-time
    with a zone is turned into `time_zone`, and loses its zone; without a known `time_zone` its own clock stays.
    """
    import pandas as pd

    types = set(map(type, values))
    if types <= _NATIVE and not (dt.datetime in types and any(getattr(value, "tzinfo", None) for value in values)):
        dates: Dates = pd.Series(list(values), dtype="datetime64[us]").to_numpy(copy=True)
        unreadable = _improbable(dates)
        return DateColumn(dates, "native" if any(values) else "empty", unreadable)

    readings = {text: read_text(text) for text in dict.fromkeys(v for v in values if isinstance(v, str))}
    native = any(is_full_date(value) for value in values if not isinstance(value, str))
    order = _order(
        [reading for reading in readings.values() if reading.is_date], day_first=day_first, locale=locale, native=native
    )
    zone = ZoneInfo(time_zone) if time_zone else None
    answers = {text: _local(_settle(text, reading, order), zone) for text, reading in readings.items()}
    moments: list[dt.date | None] = [None] * len(values)
    unreadable = {}
    for position, value in enumerate(values):
        if value is None:
            continue
        answer = answers[value] if isinstance(value, str) else _local(_read_other(value, epoch_1904=epoch_1904), zone)
        if isinstance(answer, str):
            unreadable[position] = answer
        else:
            moments[position] = answer
    dates = pd.Series(moments, dtype="datetime64[us]").to_numpy(copy=True)
    unreadable |= _improbable(dates)
    return DateColumn(dates, order, dict(sorted(unreadable.items())))


def _is_date(value: Value) -> bool:
    return read_text(value).is_date if isinstance(value, str) else isinstance(value, dt.date)


def _order(readings: Sequence[Reading], *, day_first: bool | None, locale: str | None, native: bool) -> str:
    """Decide once how the column is written, from the readings of its texts."""
    shows_day_first = any(r.day_first is not None and r.month_first is None for r in readings)
    shows_month_first = any(r.month_first is not None and r.day_first is None for r in readings)
    ambiguous = [r for r in readings if r.is_ambiguous]
    if shows_day_first and shows_month_first:
        return "mixed"
    if shows_day_first or shows_month_first:
        return "dmy" if shows_day_first else "mdy"
    if not ambiguous:
        return "native" if native and not readings else "iso" if readings else "empty"
    if day_first is None and all(r.dotted for r in ambiguous):
        day_first = True
    elif day_first is None:
        day_first = _locale_day_first(locale)
    return "unknown" if day_first is None else "dmy" if day_first else "mdy"


def _settle(text: str, reading: Reading, order: str) -> dt.datetime | str | None:
    """A text's date in a column of that order; None if it stands for an empty cell; else what to do about it."""
    if reading.is_ambiguous:
        if order in {"dmy", "mdy"}:
            return reading.day_first if order == "dmy" else reading.month_first
        return _two_readings(text, reading, order)
    if reading.is_date:
        return reading.fixed or reading.day_first or reading.month_first
    if is_blank(text):
        return None
    if is_error(text):
        return f"It shows {text.strip()}: repair its formula."
    return f"{_quoted(text)} is no single full date: write day, month and year, such as 2026-11-03."


def _two_readings(text: str, reading: Reading, order: str) -> str:
    meanings = [f"{d.day} {_MONTHS[d.month - 1]}" for d in (reading.day_first, reading.month_first) if d]
    remedy = (
        "this column holds both orders, so write the month as a word."
        if order == "mixed"
        else "say --day-first or --month-first, or write the month as a word."
    )
    return f"{_quoted(text)} can be {meanings[0]} or {meanings[1]}: {remedy}"


def _read_other(value: Value, *, epoch_1904: bool) -> dt.date | str | None:
    """A cell that is no text: a date as it is, a serial number, or neither."""
    if isinstance(value, dt.date):
        return value
    if value is False:  # a check box that is not ticked
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_number(value, epoch_1904=epoch_1904)
    return _no_date(value)


@lru_cache(maxsize=1 << 14)
def _read_number(value: float, *, epoch_1904: bool) -> dt.date | str | None:
    epoch = _EPOCH_1904 if epoch_1904 else _EPOCH_1900
    if (_FIRST - epoch).days <= value < (_AFTER_LAST - epoch).days:
        return epoch + dt.timedelta(seconds=round(value * 86400))
    if FIRST_YEAR * 10000 < value < (LAST_YEAR + 1) * 10000 and value == int(value):
        return read_text(str(int(value))).fixed or _no_date(value)  # 20261103
    return _no_date(value)


def _no_date(value: Value) -> str:
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{shown} is no date: write day, month and year, such as 2026-11-03."


def _improbable(dates: Dates) -> dict[int, str]:
    """Empty, in place, the dates far from any job search, and say so."""
    import numpy as np

    outside = (dates < np.datetime64(_FIRST)) | (dates >= np.datetime64(_AFTER_LAST))
    unreadable = {
        int(position): f"The year of {str(dates[position])[:10]} cannot be right: write the date again."
        for position in np.flatnonzero(outside)
    }
    dates[outside] = np.datetime64("NaT")
    return unreadable


def _local(answer: dt.date | str | None, zone: ZoneInfo | None) -> dt.date | str | None:
    if isinstance(answer, dt.datetime) and answer.tzinfo is not None:
        return (answer.astimezone(zone) if zone else answer).replace(tzinfo=None)
    return answer


def _quoted(text: str) -> str:
    short = " ".join(text.split())
    return f"“{short[:57]}…”" if len(short) > 58 else f"“{short}”"


def _locale_day_first(locale: str | None) -> bool | None:
    """What a locale ("en_GB", "de-DE", "fr") or a country ("GB") says; None where both orders are in use there."""
    if not locale:
        return None
    parts = locale.replace("-", "_").split(".")[0].split("_")
    territory = parts[-1] if parts[-1].isupper() or len(parts) > 1 else ""
    if not territory:
        return True if parts[0] in {"de", "fr", "es", "pt", "it", "nl"} else None
    if parts[0] == "es":
        return True  # Spanish is written day first in the United States too
    month_first, undecided = _locales()
    if territory.upper() in undecided:
        return None
    return territory.upper() not in month_first


@cache
def _locales() -> tuple[frozenset[str], frozenset[str]]:
    data: dict[str, Any] = read_toml("reading/dates.toml")["locales"]
    return frozenset(data["month_first"]), frozenset(data["undecided"])

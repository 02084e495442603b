"""Cells between the Sheets API's ExtendedValue and ours: serial numbers, dates, formulas as typed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sheetsync.model import Value

Json = dict[str, Any]

_EPOCH: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone
"""Day 0 of a Google serial number (REST resource spreadsheets.values, DateTimeRenderOption)."""
_MILLISECONDS: Final = 86_400_000
_LAST_DAY: Final = 2_958_466
"""The day after 31 December 9999."""
_DURATION: Final = re.compile(r"\[(h+|m+|s+)\+?\]", re.IGNORECASE)
DATED: Final = frozenset({"DATE", "DATE_TIME", "TIME"})


@dataclass(frozen=True, slots=True)
class FormulaText:
    """A formula as it was typed, its leading "=" included."""

    text: str


Entered = str | float | bool | FormulaText | None
"""What somebody typed into a cell; None is an empty one. A date is its serial number."""
NumberFormat = tuple[str, str]
"""Type and pattern of a number format."""


def entered(value: Mapping[str, Any] | None) -> Entered:
    """An ExtendedValue (userEnteredValue) as it is remembered; an empty text is an empty cell."""
    if not value:
        return None
    if "stringValue" in value:
        return str(value["stringValue"]) or None
    if "numberValue" in value:
        return float(value["numberValue"])
    if "formulaValue" in value:
        return FormulaText(value["formulaValue"])
    return bool(value["boolValue"]) if "boolValue" in value else None


def extended(value: Entered) -> Json:
    """A CellData that holds what `entered` gave; {} empties the cell."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, str):
        return {"userEnteredValue": {"stringValue": value}}
    if isinstance(value, FormulaText):
        return {"userEnteredValue": {"formulaValue": value.text}}
    number = int(value) if value.is_integer() and abs(value) < 2**53 else value
    return {"userEnteredValue": {"numberValue": number}}


def as_entered(value: Value) -> Entered:
    """A value of ours as it is to be typed: dates as serial numbers, an empty text as an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(value)
    return _serial(value)


def _serial(value: dt.date | dt.time | dt.timedelta) -> float:
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(days=1)
    if isinstance(value, dt.time):
        value = dt.datetime.combine(_EPOCH, value)
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
    return float((value - _EPOCH.date()).days)


def effective(value: Mapping[str, Any] | None, form: NumberFormat | None) -> Value:
    """An ExtendedValue (effectiveValue) as an .xlsx source would give it.

    A number whose format is a date's arrives as date, or datetime if it has a time of day; one below a day as a time;
    a duration as timedelta. An error and an empty text are an empty cell.
    """
    if not value:
        return None
    if "stringValue" in value:
        return str(value["stringValue"]) or None
    if "numberValue" in value:
        number = float(value["numberValue"])
        return number if form is None or form[0] not in DATED else _dated(number, form[1])
    return bool(value["boolValue"]) if "boolValue" in value else None


def is_loading(value: Mapping[str, Any] | None) -> bool:
    """Whether a formula's result is not there yet."""
    return bool(value) and (value or {}).get("errorValue", {}).get("type") == "LOADING"


def is_date(form: NumberFormat | None) -> bool:
    """Whether a number in that format shows a day."""
    return form is not None and form[0] in ("DATE", "DATE_TIME")


def _dated(number: float, pattern: str) -> Value:
    if _DURATION.search(pattern):
        return dt.timedelta(milliseconds=round(number * _MILLISECONDS))
    if not 0 <= number < _LAST_DAY:
        return number
    moment = _EPOCH + dt.timedelta(milliseconds=round(number * _MILLISECONDS))
    if number < 1:
        return moment.time()
    return moment.date() if moment.time() == dt.time() else moment

"""What becomes of a value that is written: RAW as it is, USER_ENTERED as if somebody typed it into the sheet."""

import datetime as dt
import json
import re
from typing import Any

from emulator.errors import invalid
from emulator.formats import DECIMAL_COMMAS, number_format, serial
from emulator.state import Json

MONTH_FIRST = ("en_US", "en_PH", "en_CA")
NUMBER = re.compile(r"([-+]?)([$€£]?)(\d{1,3}(?:,\d{3})+|\d+)?(?:(\.)(\d*))?(?:[eE]([-+]?\d+))?(%?)")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?")


def entered(cell: Json, value: Any, *, option: str, locale: str, where: str = "values") -> Json:
    """The cell after a write of the value; "" empties it, and keeps format, note and validation.

    `option` is RAW or USER_ENTERED; `where` names the value in the refusal of a list or an object (ApiError 400).
    """
    if isinstance(value, (list, dict)):
        kind = "list_value" if isinstance(value, list) else "struct_value"
        raise invalid(f"Invalid {where}: {kind} {json.dumps(value, separators=(',', ':'))}")
    kept = {name: part for name, part in cell.items() if name not in ("userEnteredValue", "result")}
    if value == "":
        return kept
    shape: Json = {}
    if isinstance(value, bool):
        extended: Json = {"boolValue": value}
    elif isinstance(value, (int, float)):
        extended = {"numberValue": value}
    elif option == "RAW":
        extended = {"stringValue": value}
    else:
        extended, shape = typed(value, locale=locale, text_cell=number_format(cell).get("type") == "TEXT")
    kept["userEnteredValue"] = extended
    if shape and not number_format(cell):
        kept["userEnteredFormat"] = kept.get("userEnteredFormat", {}) | {"numberFormat": shape}
    return kept


def typed(text: str, *, locale: str, text_cell: bool = False) -> tuple[Json, Json]:
    """ExtendedValue and NumberFormat ({}: automatic) of what somebody types into a cell."""
    if text.startswith("="):
        return {"formulaValue": text}, {}
    if text.startswith("'"):
        return {"stringValue": text[1:]}, {}
    if text_cell:
        return {"stringValue": text}, {}
    bare = text.strip()
    if bare.upper() in ("TRUE", "FALSE"):
        return {"boolValue": bare.upper() == "TRUE"}, {}
    return _number(bare, locale) or _moment(bare, locale) or ({"stringValue": text}, {})


def _number(text: str, locale: str) -> tuple[Json, Json] | None:
    if locale[:2] in DECIMAL_COMMAS:
        text = text.translate(str.maketrans(",.", ".,"))
    found = NUMBER.fullmatch(text)
    if not found or not (found[3] or found[5]):
        return None
    sign, currency, whole, dot, fraction, power, percent = (part or "" for part in found.groups())
    number = float(f"{sign}{whole.replace(',', '') or 0}.{fraction or 0}e{power or 0}")
    number = number / 100 if percent else number
    value = {"numberValue": int(number) if number.is_integer() and abs(number) < 2**53 else number}
    places = ".00" if dot and fraction else ""
    if currency:
        return value, {"type": "CURRENCY", "pattern": f'"{currency}"#,##0{places}'}
    if percent:
        return value, {"type": "PERCENT", "pattern": f"0{places}%"}
    if "," in whole:
        return value, {"type": "NUMBER", "pattern": f"#,##0{places}"}
    if power:
        return value, {"type": "SCIENTIFIC", "pattern": "0.00E+00"}
    return value, {}


def _moment(text: str, locale: str) -> tuple[Json, Json] | None:
    day_text, _, rest = text.partition(" ")
    day = _day(day_text, locale)
    if day is None:
        clock = _clock(text)
        return (
            ({"numberValue": clock}, {"type": "TIME", "pattern": _clock_pattern(text)}) if clock is not None else None
        )
    date, pattern = day
    if not rest:
        return {"numberValue": serial(date)}, {"type": "DATE", "pattern": pattern} if pattern else {"type": "DATE"}
    clock = _clock(rest.strip())
    if clock is None:
        return None
    shape = {"type": "DATE_TIME"} | ({"pattern": f"{pattern} {_clock_pattern(rest)}"} if pattern else {})
    return {"numberValue": serial(date) + clock}, shape


def _clock_pattern(text: str) -> str:
    return ("h:mm:ss" if text.count(":") == 2 else "h:mm") + (
        " am/pm" if re.search("[ap]m", text, re.IGNORECASE) else ""
    )


def _clock(text: str) -> float | None:
    found = CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "pm" else 0)
    return (hour * 3600 + minute * 60 + second) / 86_400 if minute < 60 and second < 60 else None


def _day(text: str, locale: str) -> tuple[dt.datetime, str] | None:
    """The date and, unless it is written as the locale writes dates, its pattern."""
    try:
        if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            return _date(*map(int, found.groups())), "yyyy-mm-dd"
        if found := re.fullmatch(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            year += 2000 if year < 50 else 1900 if year < 100 else 0
            month, day = (first, second) if locale in MONTH_FIRST else (second, first)
            return _date(year, month, day), ""
    except ValueError:
        return None
    return None


def _date(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day)

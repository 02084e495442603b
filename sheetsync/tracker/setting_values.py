"""How each setting's value is read. Every reader raises ValueError with a sentence that says what is allowed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sheetsync.model import OWNED, STAGES
from sheetsync.resources import read_toml, templates
from sheetsync.tracker.date_text import read_text
from sheetsync.tracker.text import as_text, fold

MonthDay = tuple[int, int]

_HIGHLIGHTS: Final = ("columns", "row", "none")
_TO: Final = re.compile(
    r"\s*(?:\.\.+|…|–|—|至|到)\s*|\s+(?:-|to|until|till|through|bis|au|jusqu'au|hasta|al|a|ate)\s+", re.IGNORECASE
)
_SEVERAL: Final = re.compile(r"\s*[;\n]\s*")
_LIST: Final = re.compile(r"\s*[,;/&+\n]\s*|\s+(?:and|und|et|y|e)\s+")
_ISO_DAY: Final = re.compile(r"-{0,2}(\d{1,2})-(\d{1,2})")
_DOTTED_DAY: Final = re.compile(r"(\d{1,2})\. ?(\d{1,2})\.?")
_NAMED_DAY: Final = re.compile(r"(?:the )?(\d{1,2})(?:st|nd|rd|th|er|o|\.)? ?(?:of |de )?([a-z]+)\.?")
_DAY_NAMED: Final = re.compile(r"([a-z]+)\.? (?:the )?(\d{1,2})(?:st|nd|rd|th)?")
_LEAP_YEAR: Final = 2024
_YES: Final = frozenset({"yes", "true", "1", "on", "day first", "day", "dmy", "dd/mm", "dd/mm/yyyy", "dd.mm.yyyy"})
_NO: Final = frozenset({"no", "false", "0", "off", "month first", "month", "mdy", "mm/dd", "mm/dd/yyyy"})


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else as_text(value)
    if not text.strip():
        raise ValueError("write a text.")
    return text.strip()


def _profile(value: Any) -> str:
    known = sorted({"balanced", "reserved", "persistent", *(p.stem for p in (templates() / "cadence").glob("*.toml"))})
    name = fold(_text(value))
    if name not in known:
        raise ValueError(f"the profiles are {', '.join(known)}.")
    return name


def _time_zone(value: Any) -> str:
    name = _text(value).replace(" ", "_")
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise ValueError("write a place as the time zone database names it, such as Europe/Berlin.") from None


def _country(value: Any) -> str:
    from holidays.registry import COUNTRIES  # here: it takes a tenth of a second

    asked = fold(_text(value)).replace(" ", "_")
    for name, codes in COUNTRIES.items():
        if asked == name or asked in {fold(code) for code in codes}:
            return str(codes[1])
    raise ValueError("write a country's two letters, such as GB or DE.")


def check_region(country: str | None, region: str) -> str:
    """The region as the holiday calendar names it. Raises ValueError if the country has none of that name."""
    if country is None:
        raise ValueError("A region says nothing without its country: set country as well.")
    import holidays

    calendar = holidays.country_holidays(country)
    aliases: Mapping[str, str] = getattr(calendar, "subdivisions_aliases", {})
    known = {fold(name): name for name in calendar.subdivisions} | {fold(long): s for long, s in aliases.items()}
    if fold(region) not in known:
        listed = ", ".join(calendar.subdivisions) or "none"
        raise ValueError(f"{country} has no region “{region}”: the regions are {listed}.")
    return known[fold(region)]


def _weekend(value: Any) -> frozenset[int]:
    words = [_text(item) for item in value] if isinstance(value, list | tuple | set | frozenset) else None
    if words is None:
        words = [] if fold(_text(value)) in {"none", "no", "-"} else _LIST.split(fold(_text(value)))
    days = set()
    for word in filter(None, words):
        name = fold(word).rstrip(".")
        day = _weekdays().get(name, _weekdays().get(name.removesuffix("s")))
        if day is None:
            raise ValueError("write the names of days, such as Saturday, Sunday, or none.")
        days.add(day - 1)
    if len(days) == 7:
        raise ValueError("leave at least one working day.")
    return frozenset(days)


def _quiet(value: Any) -> tuple[tuple[MonthDay, MonthDay], ...]:
    return tuple((_month_day(first), _month_day(last)) for first, last in _ranges(value))


def _month_day(value: Any) -> MonthDay:
    if isinstance(value, dt.date):
        return value.month, value.day
    text = fold(_text(value)).strip(",.") if isinstance(value, str) else ""
    pair = None
    if match := _ISO_DAY.fullmatch(text):
        pair = int(match[1]), int(match[2])
    elif match := _DOTTED_DAY.fullmatch(text):
        pair = int(match[2]), int(match[1])
    elif match := _NAMED_DAY.fullmatch(text):
        pair = _months().get(match[2], 0), int(match[1])
    elif match := _DAY_NAMED.fullmatch(text):
        pair = _months().get(match[1], 0), int(match[2])
    try:
        dt.date(_LEAP_YEAR, *(pair or (0, 0)))
    except ValueError:
        raise ValueError("write days of the year, such as 24 December to 1 January, or 12-24..01-01.") from None
    assert pair is not None  # noqa: S101  # a missing one was refused above
    return pair


def _away(value: Any) -> tuple[tuple[dt.date, dt.date], ...]:
    ranges = tuple((_day(first), _day(last)) for first, last in _ranges(value))
    if any(last < first for first, last in ranges):
        raise ValueError("the last day must not be before the first.")
    return ranges


def _day(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    fixed = read_text(value).fixed if isinstance(value, str) else None
    if fixed is None:
        raise ValueError("write dates such as 2026-12-20 to 2026-12-31; several separated with semicolons.")
    return fixed.date()


def _ranges(value: Any) -> list[tuple[Any, Any]]:
    """The ranges a value holds, first and last; a single day is a range of one."""
    if isinstance(value, list | tuple):
        return [pair for item in value for pair in ([tuple(item)] if _is_pair(item) else _ranges(item))]
    if not isinstance(value, str):
        return [(value, value)]
    pairs: list[tuple[Any, Any]] = []
    for part in filter(None, _SEVERAL.split(value.strip())):
        ends = _TO.split(part)
        if len(ends) > 2:
            raise ValueError("separate several ranges with semicolons.")
        pairs.append((ends[0], ends[-1]))
    return pairs


def _is_pair(item: Any) -> bool:
    return isinstance(item, list | tuple) and len(item) == 2


def _whole(smallest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, str):
            match = re.fullmatch(r"(\d{1,6})(?:\.0)?(?: ?(?:days?|d|rows?))?", fold(value))
            number: float = int(match[1]) if match else -1
        else:
            number = value if isinstance(value, int | float) and not isinstance(value, bool) else -1
        if number != int(number) or number < smallest:
            raise ValueError(f"write a whole number, {smallest} or more.")
        return int(number)

    return read


def _highlight(value: Any) -> str:
    word = fold(_text(value)).removesuffix("s") if not isinstance(value, bool) else ""
    for mode in _HIGHLIGHTS:
        if word == mode.removesuffix("s"):
            return mode
    raise ValueError("write columns, row or none.")


def _columns(value: Any) -> tuple[str, ...]:
    words = [_text(item) for item in value] if isinstance(value, list | tuple) else _LIST.split(_text(value))
    names = {fold(header): key for key, header in read_toml("words/en.toml")["columns"].items()}
    wanted = set()
    for word in filter(None, words):
        key = names.get(fold(word), fold(word).replace(" ", "_").replace("-", "_"))
        if key == "all":
            return OWNED
        if key not in OWNED:
            raise ValueError(f"the columns are {', '.join(OWNED)}.")
        wanted.add(key)
    return tuple(key for key in OWNED if key in wanted)


def _day_first(value: Any) -> bool:
    word = fold(as_text(value)) if not isinstance(value, bool) else "yes" if value else "no"
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError("write yes or no.")


def read_field(value: Any) -> str:
    """A field's column: letters, a header's text, or "-" for none."""
    try:
        return _text(value)
    except ValueError:
        raise ValueError("Write a column's letter or its header, or - for none.") from None


def read_stage_word(word: str, value: Any) -> str:
    """The stage that the person's own status word stands for."""
    stage = fold(as_text(value)).replace(" ", "_").replace("-", "_") if isinstance(value, str) else ""
    if stage not in STAGES:
        raise ValueError(f"“{word}” cannot stand for “{value}”: the stages are {', '.join(STAGES)}.")
    return stage


@cache
def _weekdays() -> dict[str, int]:
    data: dict[str, list[str]] = read_toml("reading/dates.toml")["weekdays"]
    return {fold(name): int(number) for number, names in data.items() for name in names}


@cache
def _months() -> dict[str, int]:
    data: dict[str, list[str]] = read_toml("reading/dates.toml")["months"]
    return {name: int(number) for number, names in data.items() for name in names}


KEYS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "profile": _profile,
    "time_zone": _time_zone,
    "country": _country,
    "region": _text,
    "weekend": _weekend,
    "quiet": _quiet,
    "away": _away,
    "cold_after": _whole(1),
    "min_gap": _whole(0),
    "per_day": _whole(1),
    "highlight": _highlight,
    "columns": _columns,
    "day_first": _day_first,
    "sheet": _text,
    "header_row": _whole(1),
    "your_name": _text,
    "your_phone": _text,
    "signature": _text,
    "night_machine": _text,
}
"""Every setting with one value -> how it is read. Fields and status words have a key each beside these."""

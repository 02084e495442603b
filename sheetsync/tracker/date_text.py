"""One text, read as one full date. Nothing is ever filled in: without day, month and year it is no date.

Which parts a text has is decided by the grammar below alone. A numeric date has up to two readings, day first and
month first; which of them holds is the column's affair (`sheetsync.tracker.dates`).
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2100
"""A date outside these years is a slip of the pen, or a number that is no date."""
_PIVOT: Final = 68
"""Two-digit years up to this one are 2000s, as POSIX's strptime has it."""


class Reading(NamedTuple):
    """What a text can mean as a date. All three None: it is no single full date."""

    fixed: dt.datetime | None = None
    """The one reading it has, or on which both orders agree."""
    day_first: dt.datetime | None = None
    month_first: dt.datetime | None = None
    dotted: bool = False
    """The numbers are parted by dots, which only day-first countries do."""

    @property
    def is_date(self) -> bool:
        """True if it is one full date, whichever order holds."""
        return not (self.fixed is None and self.day_first is None and self.month_first is None)

    @property
    def is_ambiguous(self) -> bool:
        """True if both orders give a date, and not the same one."""
        return self.day_first is not None and self.month_first is not None


NO_DATE: Final = Reading()

_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]|$)")
_DATE_AND_TIME: Final = re.compile(r"([\d./-]+) ([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
"""The commonest form with a time, apart: a column of them has few dates but many times."""
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})(?: ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{1,2})| ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?)"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMERIC: Final = re.compile(r"(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{4}|'?\d{2})")
_CLOCK: Final = (
    r"(?P<half_before>上午|下午|晚上|中午)? ?(?P<hour>\d{1,2})"
    r"(?:(?:[:h点时]|(?<=\d)\.(?=\d\d ?(?:uhr|[ap]\.? ?m)))(?P<minute>\d\d)?分?(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r" ?(?P<half>[ap]\.? ?m\b\.?)?(?P<mark> ?(?:uhr|hrs|hs|h)\b)?"
)
_ZONE: Final = r"(?: ?(?P<zone>[a-z]{1,5})?(?P<offset>[+-]\d\d:?\d\d|[+-]\d\d?)?(?: ?\([a-z][a-z .]*\))?)"
_UNTIL: Final = r"(?: ?[-–] ?\d{1,2}(?:[:.h]\d\d)? ?(?:[ap]\.? ?m\b\.?|uhr|h)?)?"


class _Grammar(NamedTuple):
    months: dict[str, int]
    weekdays: dict[str, int]
    day_month_year: re.Pattern[str]
    month_day_year: re.Pattern[str]
    year_month_day: re.Pattern[str]
    weekday_before: re.Pattern[str]
    weekday_after: re.Pattern[str]
    before: re.Pattern[str]
    time_after: re.Pattern[str]
    time_before: re.Pattern[str]
    zones: dict[str, float]


@lru_cache(maxsize=1 << 16)
def read_text(text: str) -> Reading:
    """Read one text. Times of day and zones are kept (an aware datetime has the text's own offset).

    A weekday beside the date must fit it; where it fits one order of two, that is the one. `NO_DATE` for everything
    that is not exactly one full date within `FIRST_YEAR` .. `LAST_YEAR`.
    """
    if _ISO.match(text):
        try:
            return _fixed(dt.datetime.fromisoformat(text.rstrip()))
        except ValueError:
            pass  # such as "2026-11-03 10:00 UTC": the grammar knows more
    if match := _DATE_AND_TIME.fullmatch(text):
        date, hour, minute, second = match.groups()
        return _at(_read_day(date), dt.time(int(hour), int(minute), int(second or 0)), None)
    return _read_day(text)


@lru_cache(maxsize=1 << 14)
def _read_day(text: str) -> Reading:
    clean = fold(text).strip("' ,;")
    if not 6 <= len(clean) <= 80 or not any(character.isdigit() for character in clean):
        return NO_DATE
    grammar = _grammar()
    clean = grammar.before.sub("", clean, count=1)
    bare = _read_date(clean, grammar)
    if bare.is_date:
        return bare
    for pattern in (grammar.time_after, grammar.time_before):
        if match := pattern.fullmatch(clean):
            clock = _clock(match, grammar)
            reading = _read_date(match["date"].strip(" ,"), grammar) if clock else NO_DATE
            if clock and reading.is_date:
                return _at(reading, *clock)
    return NO_DATE


def _read_date(text: str, grammar: _Grammar) -> Reading:
    reading = _read_plain_date(text, grammar)
    if reading.is_date:
        return reading
    for pattern in (grammar.weekday_before, grammar.weekday_after):
        if match := pattern.fullmatch(text):
            return _on_weekday(_read_plain_date(match["date"], grammar), grammar.weekdays[match["weekday"]])
    return NO_DATE


def _read_plain_date(text: str, grammar: _Grammar) -> Reading:
    if match := _NUMERIC.fullmatch(text):
        first, separator, second, year = match.groups()
        return _either_order(int(first), int(second), _year(year), dotted=separator == ".")
    if match := _YEAR_FIRST.fullmatch(text):
        year, _, month, day, chinese_month, chinese_day = match.groups()
        return _fixed(_date(int(year), int(month or chinese_month), int(day or chinese_day)))
    if match := _COMPACT.fullmatch(text):
        year, month, day = match.groups()
        return _fixed(_date(int(year), int(month), int(day)))
    for pattern in (grammar.day_month_year, grammar.month_day_year, grammar.year_month_day):
        if match := pattern.fullmatch(text):
            return _fixed(_date(_year(match["year"]), grammar.months[match["month"]], int(match["day"])))
    return NO_DATE


def _either_order(first: int, second: int, year: int, *, dotted: bool) -> Reading:
    day_first = _date(year, second, first)
    month_first = _date(year, first, second)
    if day_first == month_first:
        return _fixed(day_first)
    return Reading(day_first=day_first, month_first=month_first, dotted=dotted)


def _on_weekday(reading: Reading, weekday: int) -> Reading:
    """Keep only the readings that fall on that weekday."""

    def fits(date: dt.datetime | None) -> dt.datetime | None:
        return date if date is not None and date.isoweekday() == weekday else None

    return Reading(fits(reading.fixed), fits(reading.day_first), fits(reading.month_first), reading.dotted)


def _at(reading: Reading, time: dt.time, zone: dt.tzinfo | None) -> Reading:
    def at(date: dt.datetime | None) -> dt.datetime | None:
        return None if date is None else dt.datetime.combine(date.date(), time, zone)

    return Reading(at(reading.fixed), at(reading.day_first), at(reading.month_first), reading.dotted)


def _clock(match: re.Match[str], grammar: _Grammar) -> tuple[dt.time, dt.tzinfo | None] | None:
    """The time of day and the zone, None if the numbers are no time of day."""
    half = (match["half"] or match["half_before"] or "").replace(".", "").replace(" ", "")
    marked = bool(half or match["mark"] or ":" in match["clock"] or re.search(r"\d[h点时.]", match["clock"]))
    hour = int(match["hour"])
    if not marked or (half in {"am", "pm"} and not 1 <= hour <= 12):
        return None
    if half in {"pm", "下午", "晚上", "中午"} and hour < 12:
        hour = hour + 12 if half != "中午" or hour < 11 else hour
    elif half in {"am", "上午"} and hour == 12:
        hour = 0
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return dt.time(hour, minute, second), _zone(match["zone"], match["offset"], grammar)


def _zone(name: str | None, offset: str | None, grammar: _Grammar) -> dt.tzinfo | None:
    """The zone that is named, None where it is not known for certain: then the clock is taken as it stands."""
    hours = grammar.zones.get(name) if name else 0.0
    if hours is None or not (name or offset):
        return None
    delta = dt.timedelta(hours=hours)
    if offset:
        digits = offset[1:].replace(":", "")
        shift = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        delta += shift if offset[0] == "+" else -shift
    return dt.timezone(delta) if abs(delta) < dt.timedelta(hours=24) else None


def _fixed(date: dt.datetime | None) -> Reading:
    return Reading(fixed=date) if date is not None and FIRST_YEAR <= date.year <= LAST_YEAR else NO_DATE


def _date(year: int, month: int, day: int) -> dt.datetime | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return dt.datetime(year, month, day)  # noqa: DTZ001 (naive: the tracker's own clock)
    except ValueError:
        return None


def _year(digits: str) -> int:
    digits = digits.lstrip("'")
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year <= _PIVOT else 1900)


@cache
def _grammar() -> _Grammar:
    data: dict[str, Any] = read_toml("reading/dates.toml")
    months = {name: int(number) for number, names in data["months"].items() for name in names}
    weekdays = {name: int(number) for number, names in data["weekdays"].items() for name in names}
    month, weekday = _any_of(months), _any_of(weekdays)
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|o|a|\.)?"
    year = r"(?P<year>\d{4}|'?\d{2})"
    gap = r"[ \-/.,]*"
    before, time_word = _any_of(data["fillers"]["before"]), _any_of(data["fillers"]["time"])
    clock = rf"(?P<clock>{_CLOCK}){_ZONE}{_UNTIL}"
    return _Grammar(
        months=months,
        weekdays=weekdays,
        day_month_year=re.compile(rf"{day}{gap}(?:of |de |d')?(?P<month>{month})\.?(?:{gap}|,? (?:de|del) ){year}"),
        month_day_year=re.compile(rf"(?P<month>{month})\.?{gap}(?:the )?{day}(?:[ ,\-/.]+){year}"),
        year_month_day=re.compile(rf"(?P<year>\d{{4}}){gap}(?P<month>{month})\.?{gap}{day}"),
        weekday_before=re.compile(
            rf"(?P<weekday>{weekday})(?:\b|(?<=[^\x00-\x7f]))[.,]*(?: the| den| le)? *(?P<date>.+)"
        ),
        weekday_after=re.compile(rf"(?P<date>.+?)[ ,]*\(?(?P<weekday>{weekday})\.?\)?"),
        before=re.compile(rf"(?:{before}) (?=\S)"),
        time_after=re.compile(rf"(?P<date>.+?)(?:[ ,t]|(?<=[日号]))+(?:(?:{time_word}) )?[(]?{clock}[)]?"),
        time_before=re.compile(rf"(?P<clock>{_CLOCK})(?P<zone>)(?P<offset>)[ ,]+(?:(?:{before}) )?(?P<date>.+)"),
        zones={name: float(hours) for name, hours in data["zones"].items()},
    )


def _any_of(words: Any) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

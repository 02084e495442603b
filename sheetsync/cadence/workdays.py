"""Which days are working days, and where a step's dates fall among them.

Dates are numpy `datetime64[D]` arrays; NaT stays NaT.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sheetsync.cadence.arrays import DayArray
from sheetsync.model import Problem

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Days, Step
    from sheetsync.settings import Settings

_YEARS_AROUND: Final = 6
"""Quiet times and holidays are known for so many years before and after today; nobody plans further."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which people are written to.

    `working` knows weekends and public holidays; `quiet` also the quiet and away times, past which only steps that are
    shown always do not roll (design section 2). `names` says why a day is none, for `explain`.
    """

    working: np.busdaycalendar
    quiet: np.busdaycalendar
    names: Mapping[dt.date, str] = field(default_factory=dict)

    def of(self, *, always: bool) -> np.busdaycalendar:
        """The calendar that a step goes by."""
        return self.working if always else self.quiet

    def next_working(self, days: DayArray, *, always: bool = False) -> DayArray:
        """The first working day after each day."""
        return np.busday_offset(days, 1, roll="backward", busdaycal=self.of(always=always))

    def roll(self, days: DayArray, *, always: bool = False) -> DayArray:
        """Each day, or the first working day after it."""
        return np.busday_offset(days, 0, roll="forward", busdaycal=self.of(always=always))

    def place(self, base: DayArray, step: Step) -> tuple[DayArray, DayArray, DayArray, DayArray]:
        """A step's dates from its base: raw from, raw until, from, until.

        From and until roll each by itself, both counted from the same base; until >= from (cadence section 2).
        """
        calendar = self.of(always=step.always)
        raw_from, raw_until = (_count(base, distance, calendar) for distance in (step.start, step.until))
        if step.weekend == "keep":
            start, until = raw_from, raw_until
        else:
            direction = "forward" if step.weekend == "roll" else "backward"
            start = np.busday_offset(raw_from, 0, roll=direction, busdaycal=calendar)  # type: ignore[call-overload]
            until = np.busday_offset(raw_until, 0, roll=direction, busdaycal=calendar)  # type: ignore[call-overload]
        return raw_from, raw_until, start, np.maximum(start, until)


def _count(base: DayArray, distance: Days, calendar: np.busdaycalendar) -> DayArray:
    """So many days from the base. The first working day after a Saturday is Monday, whatever the Saturday counts for."""
    if not distance.working or distance.count == 0:
        return base + np.timedelta64(distance.count, "D")
    roll = "backward" if distance.count > 0 else "forward"
    return np.busday_offset(base, distance.count, roll=roll, busdaycal=calendar)  # type: ignore[call-overload,no-any-return]


def make_calendar(settings: Settings, *, today: dt.date) -> tuple[Calendar, tuple[Problem, ...]]:
    """The calendar that the settings describe. A country nobody knows is a Problem and counts for nothing."""
    first, last = max(today.year - _YEARS_AROUND, 2), min(today.year + _YEARS_AROUND, 9998)
    # A week without any working day would leave nowhere to roll to.
    weekend = settings.weekend if len(settings.weekend) < 7 else frozenset[int]()
    week = [day not in weekend for day in range(7)]
    free, problems = _holidays(settings.country, settings.region, range(first, last + 1))
    names = dict(free)
    for begin, end in _quiet_ranges(settings, range(first - 1, last + 1)):
        names |= dict.fromkeys(_span(begin, end), "in a quiet time")
    for begin, end in settings.away:
        away = _span(max(begin, dt.date(first, 1, 1)), min(end, dt.date(last, 12, 31)))
        names |= dict.fromkeys(away, "while you are away")
    return Calendar(_busdays(week, free), _busdays(week, names), names), problems


def _busdays(week: list[bool], free: Iterable[dt.date]) -> np.busdaycalendar:
    days = np.array(sorted(free), dtype="datetime64[D]")
    return np.busdaycalendar(weekmask=week, holidays=days)


def _span(begin: dt.date, end: dt.date) -> list[dt.date]:
    return [begin + dt.timedelta(days=number) for number in range((end - begin).days + 1)]


def _quiet_ranges(settings: Settings, years: Iterable[int]) -> Iterable[tuple[dt.date, dt.date]]:
    """The yearly ranges of some years; one that ends before it begins runs into the next year."""
    for year in years:
        for begin, end in settings.quiet:
            yield _day(year, *begin), _day(year + (end < begin), *end)


def _day(year: int, month: int, day: int) -> dt.date:
    """A day of a year; 29 February is 28 February where there is none."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return dt.date(year, month, 28)


@lru_cache(maxsize=8)
def _holidays(
    country: str | None, region: str | None, years: range
) -> tuple[Mapping[dt.date, str], tuple[Problem, ...]]:
    """Public holidays of a country, date -> name. Without a country there are none, and nothing is imported.

    The result is shared: do not change it. It is kept, as the figures of a Dashboard plan many days of the same years.
    """
    if not country:
        return {}, ()
    import holidays

    try:
        found = holidays.country_holidays(country.upper(), subdiv=region or None, years=years)
    except NotImplementedError:
        place = f"“{country}”" + (f" with the region “{region}”" if region else "")
        message = f"The holidays of {place} are not known, so none are kept: write a country such as GB or DE."
        return {}, (Problem("Settings", None, None, message),)
    return dict(found), ()

"""Dates that cannot be: out of order, in an impossible year, or put in for nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import NAT, DayArray, Flags
from sheetsync.cadence.threads import INTERVIEWS, MEETING, NETWORKING, PROPOSAL, SCREEN_ROUND
from sheetsync.cadence.wording import words
from sheetsync.checks.subject import Subject, data
from sheetsync.model import DATE_FIELDS

if TYPE_CHECKING:
    from sheetsync.model import Finding

_APPLYING: Final = (
    "", "applied", "screen", "assessment", "interview", "offer", "accepted", "declined", "withdrawn", "rejected",
    "no_response",
)  # fmt: skip
"""Stages of an application: elsewhere a meeting may well come before anything is sent."""
_FEWEST_TO_COMPARE: Final = 8
"""A middle of fewer dates than this says nothing."""
_YEAR: Final = re.compile(r"(?<!\d)(?:1\d|2\d)\d\d(?!\d)")
_MANY_A_DAY: Final = ("applied_on", "last_contact")
"""What people really do many times on one day."""
Days = Mapping[str, DayArray]


def check_dates(s: Subject) -> Iterator[Finding]:
    """Filler dates first: a date that stands for nothing is held against nothing else."""
    days: dict[str, DayArray] = {name: s.days[name].copy() for name in DATE_FIELDS if name in s.tracker.mapped}
    yield from _fillers(s, days)
    yield from _years(s, days)
    yield from _unread_years(s)
    all_days = {name: days.get(name, np.full(len(s.rows), NAT)) for name in DATE_FIELDS}
    yield from _ahead(s, all_days)
    yield from _out_of_order(s, all_days)
    yield from _after_the_decision(s, all_days)
    yield from _replies(s, all_days)
    yield from _offers(s, all_days)


# Dates that stand for nothing


def _fillers(s: Subject, days: dict[str, DayArray]) -> Iterator[Finding]:
    """One date on many rows of a column; it is taken out of `days`. A filler of one column is one in the others too."""
    defaults = {np.datetime64(day, "D") for day in data("filler")["defaults"]}
    found: set[tuple[str, np.datetime64]] = set()
    counted = [(name, *np.unique(column[~np.isnat(column)], return_counts=True)) for name, column in days.items()]
    for name, distinct, counts in counted:
        for day, number in zip(distinct, counts.tolist(), strict=True):
            if _is_filler(name, day, number, number / int(counts.sum()), is_default=day in defaults):
                found.add((name, day))
    known = {day for _, day in found}
    for name, distinct, counts in counted:
        many = counts >= data("filler")["rows"]
        found |= {(name, day) for day in distinct[many] if day in known and name not in _MANY_A_DAY}
    for name, day in sorted(found):
        rows = np.flatnonzero(days[name] == day)
        told = f"{s.say(day)} stands in {len(rows):,} rows of this column ({_listed(s, rows)}), as if a program had put it in: empty the cells in which it means nothing."
        yield s.finding("warning", "filler-date", told, row=s.rows[int(rows[0])], field=name)
        days[name][rows] = NAT


def _is_filler(name: str, day: np.datetime64, number: int, share: float, *, is_default: bool) -> bool:
    limits = data("filler")
    if is_default:
        return number > 1
    date = day.astype(dt.date)
    new_year = isinstance(date, dt.date) and (date.month, date.day) == (1, 1)
    if new_year and name != "start_on" and number >= limits["new_year_rows"] and share >= limits["new_year_share"]:
        return True
    batch = "batch_" if name in limits["batch"] else ""
    return bool(number >= limits[f"{batch}rows"] and share >= limits[f"{batch}share"])


def _listed(s: Subject, places: np.ndarray[tuple[int], np.dtype[np.intp]]) -> str:
    shown = ", ".join(str(s.rows[place]) for place in places[:3].tolist())
    return f"{shown}, …" if len(places) > 3 else shown


# Years


def _years(s: Subject, days: dict[str, DayArray]) -> Iterator[Finding]:
    """Years far off, and years far from all others; they are taken out of `days`."""
    limits, today = data("limits"), np.datetime64(s.today, "D")
    oldest = today - _years_of(limits["oldest_years"])
    furthest = today + _years_of(limits["furthest_years"])
    every = np.concatenate([*days.values(), *(_days(table) for table in (s.tracker.history, s.tracker.touches))])
    every = every[(every >= oldest) & (every <= furthest)]
    away = _years_of(limits["from_the_rest_years"])
    middle = np.sort(every)[len(every) // 2] if len(every) >= _FEWEST_TO_COMPARE else NAT
    for name, column in days.items():
        far = (column < oldest) | (column > furthest)
        # From the middle a year is only odd where no other date is near it.
        odd = ~far & (np.abs(column - middle) > away)
        for place in np.flatnonzero(odd).tolist():
            odd[place] = int((np.abs(every - column[place]) <= away / 4).sum()) <= 1
        for flags, severity in ((far, "error"), (odd, "warning")):
            for place in np.flatnonzero(flags).tolist():
                told = f"The {_name(name)} {s.say(column[place])} is far from {'today' if severity == 'error' else 'all other dates'}: look at its year."
                yield s.finding("error" if severity == "error" else "warning", "strange-year", told, row=s.rows[place], field=name)  # fmt: skip
        column[far | odd] = NAT


def _unread_years(s: Subject) -> Iterator[Finding]:
    """Cells that were not read as dates because of their year."""
    limits = data("limits")
    possible = range(s.today.year - limits["oldest_years"], s.today.year + limits["furthest_years"] + 1)
    for (row, field), text in s.tracker.unreadable.items():
        years = [int(year) for year in _YEAR.findall(text)] if field in DATE_FIELDS else []
        if len(years) == 1 and years[0] not in possible:
            told = f"The {_name(field)} “{text}” is far from today: look at its year."
            yield s.finding("error", "strange-year", told, row=row, field=field)


def _years_of(number: int) -> np.timedelta64:
    return np.timedelta64(round(number * 365.25), "D")


def _days(table: pd.DataFrame) -> DayArray:
    return table["on"].to_numpy(dtype="datetime64[D]")


# The future


def _ahead(s: Subject, days: Days) -> Iterator[Finding]:
    """What is said to have happened but is still to come."""
    today = np.datetime64(s.today, "D")
    ahead = today + np.timedelta64(data("limits")["applied_ahead_days"], "D")
    for place in np.flatnonzero((days["applied_on"] > ahead) & ~s.at_stage("saved")).tolist():
        told = f"The {_name('applied_on')} {s.say(days['applied_on'][place])} is still to come: if it is a plan, put it into the due date."
        yield s.finding("error", "future-date", told, row=s.rows[place], field="applied_on")
    for name in ("last_contact", "reply_on"):
        for place in np.flatnonzero(days[name] > today).tolist():
            told = f"The {_name(name)} {s.say(days[name][place])} is still to come: if it is a plan, put it into the follow-up date."
            yield s.finding("warning", "future-date", told, row=s.rows[place], field=name)


# The order of things


def _out_of_order(s: Subject, days: Days) -> Iterator[Finding]:
    threads = s.work.situation.threads
    applying = s.at_stage(*_APPLYING) & ~threads.is_kind(PROPOSAL, MEETING, NETWORKING)
    screen = s.at_stage("screen") | (threads.round == SCREEN_ROUND)
    first = days["interview_on"]
    for place in np.flatnonzero(applying & (first < days["applied_on"])).tolist():
        told = f"The interview on {s.say(first[place])} is before the application of {s.say(days['applied_on'][place])}: one of the two dates cannot be right."
        yield s.finding(
            "warning" if screen[place] else "error", "interview-before-application", told, row=s.rows[place], field="interview_on"
        )  # fmt: skip
    for later, earlier, which in (
        ("interview_2_on", "interview_on", "second interview"),
        ("interview_3_on", "interview_2_on", "third interview"),
        ("interview_3_on", "interview_on", "third interview"),
    ):
        wrong = days[later] < days[earlier]
        if (later, earlier) == ("interview_3_on", "interview_on"):
            wrong &= np.isnat(days["interview_2_on"])
        for place in np.flatnonzero(wrong).tolist():
            told = f"The {which} on {s.say(days[later][place])} is before the one on {s.say(days[earlier][place])}: one of the two dates cannot be right."
            yield s.finding("error", "interviews-out-of-order", told, row=s.rows[place], field=later)


def _after_the_decision(s: Subject, days: Days) -> Iterator[Finding]:
    """An error if every interview is after the decision; after the last of several the date is only out of date."""
    dates = np.stack([days[name] for name in INTERVIEWS])
    last, first = np.fmax.reduce(dates), np.fmin.reduce(dates)
    decision = days["decision_by"]
    for place in np.flatnonzero(decision < last).tolist():
        wrong = decision[place] < first[place]
        field = next(name for name in INTERVIEWS if days[name][place] == last[place])
        remedy = "one of the two cannot be right" if wrong else "ask until when they decide now"
        told = f"The interview on {s.say(last[place])} is after the decision date {s.say(decision[place])}: {remedy}."
        yield s.finding(
            "error" if wrong else "warning", "interview-after-decision", told, row=s.rows[place], field=field
        )


def _replies(s: Subject, days: Days) -> Iterator[Finding]:
    """A reply before there was anything to reply to. Whoever was written to first (networking) need not have asked."""
    applying = s.at_stage(*_APPLYING) & ~s.work.situation.threads.is_kind(PROPOSAL, MEETING, NETWORKING)
    touched = np.full(len(s.rows), NAT)
    touches = s.work.situation.touches
    np.fmin.at(touched, touches.place, touches.day)
    sent = s.at_stage("contacted", "replied") & ~applying
    since = np.where(applying, days["applied_on"], np.where(sent, np.fmin(touched, days["applied_on"]), NAT))
    for place in np.flatnonzero(days["reply_on"] < since).tolist():
        before = "you applied" if applying[place] else "your first message"
        told = f"The reply of {s.say(days['reply_on'][place])} is from before {before} ({s.say(since[place])}): one of the two dates cannot be right."
        yield s.finding("warning", "reply-before-contact", told, row=s.rows[place], field="reply_on")


def _offers(s: Subject, days: Days) -> Iterator[Finding]:
    """Offers that nobody knows an answer's date of."""
    open_: Flags = np.isin(s.work.outcome.follow_up, ("Overdue", "Due", "Upcoming", "Waiting"))
    without = np.isnat(days["due_on"]) & np.isnat(days["decision_by"])
    for place in np.flatnonzero(s.at_stage("offer") & open_ & without).tolist():
        told = (
            "They made an offer, but until when they want your answer is not noted: ask them, and fill in the due date."
        )
        yield s.finding("warning", "offer-without-date", told, row=s.rows[place], field="due_on", source="S1")


def _name(field: str) -> str:
    return str(words("fields")[field])

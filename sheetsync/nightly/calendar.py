"""The next contacts as an iCalendar file (RFC 5545): one all-day event for each.

An event stands on the first day from today on which there is something to do: a day that has passed would be seen by
nobody. The window is told in its description, for an event as long as the window would fill a calendar with bars.

Importing the file again updates what is there. An event keeps its UID for as long as its thread does, and one that has
changed gets a higher SEQUENCE, which is counted from a day so that it grows even where the file before is gone. Equal
trackers on equal days give equal bytes: every stamp is that of the day planned for, and one that has not changed keeps
its own.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sheetsync.cadence.wording import words
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    import pandas as pd
    from icalendar import Event

    from sheetsync.model import Plan, Tracker

PRODID: Final = "-//sheetsync//follow-ups//EN"
"""Marks a calendar as ours."""
_NAMESPACE: Final = uuid.UUID("5f0d7e1c-0c4e-5d0a-9a86-6a3b1f1d9c55")
"""Under this, a thread's identity makes its UID; changing it would double every event in people's calendars."""
_FIRST_DAY: Final = dt.date(2000, 1, 1)
"""Day 0 of SEQUENCE."""
_FORGOTTEN: Final = dt.timedelta(days=60)
"""A cancelled event is left out so long after its day: whoever imports has seen it by then."""
_PLANNED: Final = ("Overdue", "Due", "Upcoming", "Paused")
_IDENTITY: Final = ("company", "role", "contact")
_ANYBODY: Final = "Follow-up"
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f]")
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. A cancelled one tells calendars to take it off."""

    uid: str
    on: dt.date
    summary: str
    description: str = ""
    categories: tuple[str, ...] = ()
    cancelled: bool = False
    alarm: dt.timedelta | None = None
    """From the beginning of the day; negative is before it."""


@dataclass(frozen=True, slots=True)
class _Stamped:
    """An event as it stands in a file: what it says, its revision, and the day of that."""

    entry: Entry
    sequence: int
    stamp: dt.datetime


@dataclass(frozen=True, slots=True)
class Composed:
    """A calendar file's content, and how many of its events are planned and cancelled."""

    content: bytes
    planned: int
    cancelled: int


class NotOursError(Exception):
    """What stands in the file is no calendar of ours."""


def compose(
    tracker: Tracker,
    plan: Plan,
    *,
    previous: bytes | None = None,
    alarm: dt.timedelta | None = None,
    private: bool = False,
    ids: Mapping[int, str] | None = None,
) -> Composed:
    """The calendar of a plan.

    `previous` is the content of the file it replaces: its events that are no longer planned are cancelled. Without one,
    nothing is: no calendar had them. `private` leaves out names, companies and everything else that the person wrote.
    `ids` gives the threads' own short ids by row; by default they are the tracker's.

    Raises NotOursError if `previous` is no calendar of ours.
    """
    before = _read(previous) if previous else {}
    uids = identities(tracker, ids)
    entries = {entry.uid: entry for entry in _planned(tracker, plan, uids, private=private, alarm=alarm)}
    planned = len(entries)
    gone = _gone(before, entries, plan.today, private=private)
    entries |= {entry.uid: entry for entry in gone}
    stamped = [_stamp(entry, before.get(entry.uid), plan.today) for entry in entries.values()]
    return Composed(_written(stamped), planned, len(entries) - planned)


def identities(tracker: Tracker, ids: Mapping[int, str] | None = None) -> dict[int, str]:
    """Row -> UID: from the thread's id where it has one, else from company, role and contact.

    Threads that are the same in all of these are told apart by their order in time.
    """
    frame = tracker.frame.sort_values(["applied_on", "interview_on"], kind="stable")
    names = [map(fold, frame[name].tolist()) for name in _IDENTITY]
    found: dict[int, str] = {}
    alike: Counter[str] = Counter()
    for row, own, *thread in zip(frame.index.tolist(), frame["id"].tolist(), *names, strict=True):
        identity = own if ids is None else ids.get(row, "")
        key = f"id\n{fold(identity)}" if identity else "\n".join(("thread", *thread))
        alike[key] += 1
        found[row] = str(uuid.uuid5(_NAMESPACE, key if alike[key] == 1 else f"{key}\n{alike[key]}"))
    return found


# What is planned, and what is over


def _planned(
    tracker: Tracker, plan: Plan, uids: Mapping[int, str], *, private: bool, alarm: dt.timedelta | None
) -> list[Entry]:
    frame = plan.frame
    frame = frame[frame["follow_up"].isin(_PLANNED) & frame["next_contact"].notna()]
    return [
        Entry(
            uid=uids[row],
            on=max(line["next_contact"].date(), plan.today),
            summary=_line(_summary(tracker, row, line, private=private)),
            description=_description(tracker, row, line, private=private),
            categories=(_ANYBODY, line["kind"].capitalize()) if line["kind"] else (_ANYBODY,),
            alarm=alarm,
        )
        for row, line in zip(frame.index.tolist(), _records(frame), strict=True)
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]  # columns are named by texts
    return records


def _summary(tracker: Tracker, row: int, line: dict[str, Any], *, private: bool) -> str:
    action = _action(line["action"]) if private else line["next_action"]
    company = "" if private else str(tracker.frame.loc[row, "company"])
    late = "Overdue: " if line["follow_up"] == "Overdue" else ""
    return f"{late}{action or _ANYBODY}" + (f" ({company})" if company else "")


def _action(rule: str) -> str:
    """What a rule asks for, without anybody's name."""
    text = str(words("actions").get(rule, words("actions")["date.set"]))
    said = text.replace("{who}", str(words("who")["default"]))
    return said[:1].upper() + said[1:]


def _description(tracker: Tracker, row: int, line: dict[str, Any], *, private: bool) -> str:
    first, last = line["next_contact"].date(), line["contact_by"].date()
    when = f"When: {_day(first)}" if first == last else f"When: from {_day(first)} to {_day(last)}"
    if private:
        return f"{when}\nRow {row} of the tracker"
    what, why = (f"{label}: {line[key]}" for label, key in (("What", "next_action"), ("Why", "why")))
    lines = when, what, why, f"Row {row} of sheet {tracker.sheet}"
    return "\n".join(map(_line, lines))


def _day(day: dt.date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {words('months')['short'][day.month - 1]} {day.year}"


def _gone(
    before: Mapping[str, _Stamped], entries: Mapping[str, Entry], today: dt.date, *, private: bool
) -> list[Entry]:
    """The events of the file before that are planned no longer."""
    return [
        Entry(
            uid=uid,
            on=old.entry.on,
            summary=_ANYBODY if private else old.entry.summary.removeprefix("Overdue: "),
            cancelled=True,
        )
        for uid, old in before.items()
        if uid not in entries and old.entry.on >= today - _FORGOTTEN
    ]


# Stamps


def _stamp(entry: Entry, old: _Stamped | None, today: dt.date) -> _Stamped:
    """An event with its revision: the one it had if it says the same, else one that is higher."""
    if old and old.entry == entry:
        return old
    sequence = (today - _FIRST_DAY).days
    if old:
        sequence = max(sequence, old.sequence + 1)
    return _Stamped(entry, sequence, dt.datetime.combine(today, dt.time(), dt.UTC))


# The file


def _written(events: list[_Stamped]) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", "Follow-ups")
    for event in sorted(events, key=lambda event: (event.entry.on, event.entry.uid)):
        calendar.add_component(_event(event))
    content: bytes = calendar.to_ical()
    return content


def _event(event: _Stamped) -> Event:
    from icalendar import Alarm, Event

    entry, made = event.entry, Event()
    made.add("uid", entry.uid)
    made.add("dtstamp", event.stamp)
    made.add("last-modified", event.stamp)
    made.add("sequence", event.sequence)
    made.add("dtstart", entry.on)
    made.add("dtend", entry.on + dt.timedelta(days=1))
    made.add("summary", entry.summary)
    if entry.description:
        made.add("description", entry.description)
    if entry.categories:
        made.add("categories", list(entry.categories))
    made.add("transp", "TRANSPARENT")
    made.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.alarm is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.summary)
        alarm.add("trigger", entry.alarm)
        made.add_component(alarm)
    return made


def _line(text: str) -> str:
    """A text on one line, without the control characters that iCalendar does not allow."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _read(content: bytes) -> dict[str, _Stamped]:
    """The events of a calendar of ours by UID. Raises NotOursError for any other content."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(content)
    except (ValueError, IndexError, KeyError) as error:
        raise NotOursError from error
    if str(calendar.get("prodid", "")) != PRODID:
        raise NotOursError
    events = (_read_event(event) for event in calendar.walk("VEVENT"))
    return {event.entry.uid: event for event in events if event is not None}


def _read_event(event: Any) -> _Stamped | None:
    """One event of ours; None for one that somebody added or spoilt."""
    try:
        alarms = [alarm.decoded("trigger") for alarm in event.walk("VALARM")]
        categories = event.get("categories")
        entry = Entry(
            uid=str(event["uid"]),
            on=event.decoded("dtstart"),
            summary=str(event["summary"]),
            description=str(event.get("description", "")),
            categories=tuple(str(name) for name in categories.cats) if categories else (),
            cancelled=str(event.get("status", "")) == "CANCELLED",
            alarm=alarms[0] if alarms else None,
        )
        stamped = _Stamped(entry, int(event["sequence"]), event.decoded("dtstamp"))
    except (KeyError, ValueError, AttributeError):
        return None
    return stamped if type(entry.on) is dt.date else None

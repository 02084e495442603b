"""The Debrief sheet: a row for each interview, made the day before, and its questions (cadence section 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sheetsync.book import Sheet
from sheetsync.changes import Append, Edit
from sheetsync.errors import UsageError
from sheetsync.model import Problem, Value
from sheetsync.records.reading import Reading, Records, with_records
from sheetsync.resources import read_toml
from sheetsync.sheets.house import debrief_sheet
from sheetsync.tracker.dates import read_dates
from sheetsync.tracker.history import LogSheet, ThreadFinder, find_log
from sheetsync.tracker.text import as_text, fold
from sheetsync.words import short_date

_INTERVIEWS: Final = ("interview_on", "interview_2_on", "interview_3_on")
_KINDS: Final = ("", "application", "interview")
"""What a thread may say it is for its interview dates to be interviews; a client's are meetings."""
_KEYS: Final = ("company", "role", "date")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a debrief: `key` is the column's name in `templates/reading/logs.toml`."""

    key: str
    text: str
    help: str
    date: bool


@dataclass(frozen=True, slots=True)
class Interview:
    """One interview of a thread, and what its debrief says so far."""

    row: int
    on: dt.date
    company: str
    role: str
    people: str
    answers: Mapping[str, Value]
    """Question's key -> what the sheet holds; only what is answered."""


def questions() -> tuple[Question, ...]:
    """The questions in the order of the Debrief sheet; company, role and date are known."""
    columns: list[dict[str, Any]] = read_toml("sheets/debrief.toml")["columns"]
    meant = {
        fold(word): key for key, words in read_toml("reading/logs.toml")["debrief"]["columns"].items() for word in words
    }
    found = [(column.get("field") or meant[fold(column["header"]).rstrip("?:")], column) for column in columns]
    return tuple(
        Question(key, column["header"], column.get("help", ""), column.get("date", False))
        for key, column in found
        if key not in _KEYS
    )


def interview_of(reading: Reading, row: int) -> Interview:
    """The thread's interview that a debrief is for: the newest one until today, else the next one.

    Raises UsageError for a thread without an interview date.
    """
    days = _interviews(reading, row)
    if not days:
        raise UsageError(f"Row {row} has no interview date, so there is nothing to debrief: fill the date in first.")
    past = [day for day in days if day <= reading.today]
    on = max(past) if past else min(days)
    thread = reading.tracker.frame.loc[row]
    company, role, contact = (str(thread[name]) for name in ("company", "role", "contact"))
    log = find_log(reading.snapshot, "debrief", reading.layout.sheet)
    place = _place(reading, log, row, on) if log else None
    answers: dict[str, Value] = {}
    if log and place:
        answers = {
            question.key: value
            for question in questions()
            if question.key in log.columns
            and (value := log.grid.cell(place, log.columns[question.key])) not in (None, "")
        }
    return Interview(row, on, company, role, contact, answers)


def record_debrief(reading: Reading, row: int, on: dt.date, answers: Mapping[str, Value]) -> Records:
    """The answers in the Debrief row of that interview; row and sheet are made where they are missing.

    A cell that was filled in meanwhile stays as it is, with a Problem that says what was not written.
    """
    log, made = _sheet(reading)
    place = None if made else _place(reading, log, row, on)
    missing = [key for key in answers if key not in log.columns]
    problems = [
        Problem(log.grid.name, None, None, f"There is no column for “{question.text}”, so its answer was not written.")
        for question in questions()
        if question.key in missing
    ]
    known = {key: value for key, value in answers.items() if key in log.columns}
    told = (f"Debrief of {short_date(on)} at {_whom(reading, row)}: {len(known)} of {len(questions())} answered now.",)
    if place is None:
        new = {**_opening(reading, row, on, log), **{log.columns[key]: value for key, value in known.items()}}
        return Records(appends=(Append(log.grid.name, (new,)),), new_sheets=made, told=told, problems=tuple(problems))
    edits = []
    for key, value in known.items():
        held = log.grid.cell(place, log.columns[key])
        if held in (None, ""):
            edits.append(Edit(log.grid.name, place, log.columns[key], None, value))
        elif as_text(held) != as_text(value):
            said = f"It was filled in meanwhile, so your answer was not written: {as_text(value)}"
            problems.append(Problem(log.grid.name, place, log.columns[key], said))
    return Records(edits=tuple(edits), told=told, problems=tuple(problems))


def coming_debriefs(reading: Reading, *, besides: Records) -> Records:
    """A row for each interview of today and tomorrow that has none yet, so that it can be filled in on a phone.

    Only in a tracker with a Debrief sheet to which `besides` adds nothing, and only for threads that a row can name.
    """
    log = find_log(reading.snapshot, "debrief", reading.layout.sheet)
    if log is None or "date" not in log.columns or any(append.sheet == log.grid.name for append in besides.appends):
        return Records()
    soon = _soon(reading)
    rows = [(row, on) for on, row in soon if _is_tied(reading, log, row) and _place(reading, log, row, on) is None]
    if not rows:
        return Records()
    return Records(
        appends=(Append(log.grid.name, tuple(_opening(reading, row, on, log) for row, on in rows)),),
        told=tuple(f"Debrief ready for {short_date(on)} at {_whom(reading, row)}." for row, on in rows),
    )


def _soon(reading: Reading) -> list[tuple[dt.date, int]]:
    """Day and row of the interviews of today and tomorrow, in order."""
    first = np.datetime64(reading.today, "D")
    frame = reading.tracker.frame
    meant = frame["kind"].isin(_KINDS).to_numpy()
    found: set[tuple[dt.date, int]] = set()
    for name in _INTERVIEWS:
        days = frame[name].to_numpy(dtype="datetime64[D]")
        at = np.flatnonzero((days >= first) & (days <= first + 1) & meant)
        found |= set(zip(days[at].tolist(), frame.index[at].tolist(), strict=True))
    return sorted(found)


def _interviews(reading: Reading, row: int) -> list[dt.date]:
    days = reading.tracker.frame.loc[[row], list(_INTERVIEWS)].to_numpy(dtype="datetime64[D]")[0]
    return [day for day in days.tolist() if day is not None]


def _sheet(reading: Reading) -> tuple[LogSheet, tuple[Sheet, ...]]:
    """The Debrief sheet, made if there is none."""
    log = find_log(reading.snapshot, "debrief", reading.layout.sheet)
    if log is not None:
        return log, ()
    sheet = debrief_sheet()
    if any(grid.name == sheet.name for grid in reading.snapshot.grids):
        raise UsageError(
            f"Sheet {sheet.name!r} of {reading.snapshot.location} has no headers Company and People, which a debrief "
            "needs: add them, or give that sheet another name."
        )
    snapshot, _ = with_records(reading.snapshot, reading.layout, Records(new_sheets=(sheet,)))
    log = find_log(snapshot, "debrief", reading.layout.sheet)
    assert log is not None  # noqa: S101  # our own sheet
    return log, (sheet,)


def _place(reading: Reading, log: LogSheet, row: int, on: dt.date) -> int | None:
    """The sheet row of that interview's debrief: of the thread, and of that day or without one."""
    finder = ThreadFinder(reading.tracker.frame)
    names = [log.texts(key) for key in ("id", "company", "role", "people")]
    dates = _dates(reading, log.values("date"))
    undated: int | None = None
    for position, who in enumerate(zip(*names, strict=True)):
        if not any(who[:2]) or finder.find(*who) != row:
            continue
        place = log.header_row + 1 + position
        if dates[position] == on:
            return place
        if dates[position] is None and undated is None:
            undated = place
    return undated


def _dates(reading: Reading, values: Sequence[Value]) -> list[dt.date | None]:
    settings, snapshot = reading.settings, reading.snapshot
    read = read_dates(
        values,
        day_first=settings.day_first,
        locale=settings.country or snapshot.locale,
        epoch_1904=snapshot.epoch_1904,
        time_zone=settings.time_zone or snapshot.time_zone,
    )
    days: list[dt.date | None] = read.dates.astype("datetime64[D]").astype(object).tolist()
    return days


def _opening(reading: Reading, row: int, on: dt.date, log: LogSheet) -> dict[int, Value]:
    """What is known before the interview: company, role, date, people."""
    thread = reading.tracker.frame.loc[row]
    known: dict[str, Value] = {
        "company": str(thread["company"]), "role": str(thread["role"]), "date": on, "people": str(thread["contact"]),
        "id": str(thread["id"]),
    }  # fmt: skip
    return {log.columns[key]: value for key, value in known.items() if value and key in log.columns}


def _is_tied(reading: Reading, log: LogSheet, row: int) -> bool:
    """Whether a row of the sheet can name this thread and no other."""
    thread = reading.tracker.frame.loc[row]
    said = [
        str(thread[field]) if key in log.columns else ""
        for key, field in (("id", "id"), ("company", "company"), ("role", "role"), ("people", "contact"))
    ]
    return bool(said[0] or said[1]) and ThreadFinder(reading.tracker.frame).find(*said) == row


def _whom(reading: Reading, row: int) -> str:
    thread = reading.tracker.frame.loc[row]
    return next((str(thread[name]) for name in ("company", "contact", "role") if thread[name]), f"row {row}")

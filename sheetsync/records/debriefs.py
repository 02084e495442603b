"""The Debrief sheet: a row for each interview, made the day before, and its questions (cadence section 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from sheetsync.changes import Append, Edit
from sheetsync.errors import UsageError
from sheetsync.model import Problem, Value
from sheetsync.records.closing import name_of
from sheetsync.records.ids import new_ids, refused_id
from sheetsync.records.reading import Reading, Records, no_room, sheet_of_records
from sheetsync.resources import read_toml
from sheetsync.tracker.dates import read_dates, read_dates_of
from sheetsync.tracker.history import LogSheet, ThreadFinder, find_log
from sheetsync.tracker.text import as_text, fold
from sheetsync.words import short_date

_INTERVIEWS: Final = ("interview_on", "interview_2_on", "interview_3_on")
_KINDS: Final = ("", "application", "interview")
"""What a thread may say it is for its interview dates to be interviews; a client's are meetings."""
_KEYS: Final = ("company", "role", "date", "id")
_TIES: Final = (("company", "company"), ("role", "role"), ("people", "contact"))
"""Debrief column and the tracker's field that tie a row to its thread."""
_ENDED: Final = ("accepted", "declined", "withdrawn", "rejected", "won", "lost")
"""Stages after which no interview is held any more, whatever its date says."""


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
    """The tracker's contact, which the row made the day before names too."""
    answers: Mapping[str, Value]
    """Question's key -> what the sheet holds; only what is answered."""

    @property
    def open(self) -> tuple[Question, ...]:
        """The questions that nobody answered yet."""
        return tuple(question for question in questions() if question.key not in self.answers)


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


def day_after(text: str, on: dt.date) -> dt.date | None:
    """A day as somebody types it: 2026-11-20, 20 Nov 2026, or 20 Nov, which is the first after `on`. None if it is none."""
    tried = read_dates([text, f"{text} {on.year}", f"{text} {on.year + 1}"]).dates
    full, *meant = tried.astype("datetime64[D]").astype(object).tolist()
    return full or next((day for day in meant if day is not None and day >= on), None)


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
    answers = _Debriefs(reading, log).answers(row, on) if log else {}
    return Interview(row, on, company, role, contact, answers)


def record_debrief(reading: Reading, interview: Interview, answers: Mapping[str, Value]) -> Records:
    """The answers in the Debrief row of that interview; row and sheet are made where they are missing.

    A cell that was filled in meanwhile stays as it is, with a Problem that says what was not written. Raises UsageError
    if the thread is not to be found any more, and where no row of the sheet could name it.
    """
    log, made = sheet_of_records(reading, "debrief")
    row = _same_thread(reading, interview)
    sheet = _Debriefs(reading, log)
    place = None if made else sheet.place(row, interview.on)
    known = {key: value for key, value in answers.items() if key in log.columns}
    problems = [
        _without_column(log, question, answers[question.key])
        for question in questions()
        if question.key in answers and question.key not in log.columns
    ]
    if place is None:
        if refusal := sheet.refusal(row):
            raise UsageError(refusal)
        opening, owned = sheet.opening(row, interview.on)
        new = {**opening, **{log.columns[key]: value for key, value in known.items()}}
        told = _kept(reading, row, interview.on, len(known), len(questions()) - len(known))
        appends = (Append(log.grid.name, (new,)),)
        return Records(appends=appends, new_sheets=made, owned=owned, told=told, problems=tuple(problems))
    standing = sheet.answers(row, interview.on)
    edits = []
    for key, value in known.items():
        held = log.grid.cell(place, log.columns[key])
        if key not in standing:
            edits.append(Edit(log.grid.name, place, log.columns[key], held, value))
        elif as_text(held) != as_text(value):
            said = f"It was filled in meanwhile, so your answer was not written: {as_text(value)}"
            problems.append(Problem(log.grid.name, place, log.columns[key], said))
    left = len(questions()) - len(standing) - len(edits)
    told = _kept(reading, row, interview.on, len(edits), left)
    return Records(edits=tuple(edits), told=told, problems=tuple(problems))


def coming_debriefs(reading: Reading, *, besides: Records) -> Records:
    """A row for each interview of today and tomorrow that has none yet, so that it can be filled in on a phone.

    Only in a tracker with a Debrief sheet to which `besides` adds nothing, and only for threads that a row can name. A
    sheet without room for them gets none, with a Problem.
    """
    log = find_log(reading.snapshot, "debrief", reading.layout.sheet)
    if log is None or "date" not in log.columns or any(append.sheet == log.grid.name for append in besides.appends):
        return Records()
    soon = _soon(reading)
    if not soon:
        return Records()
    sheet = _Debriefs(reading, log)
    wanted = [(row, on) for on, row in soon if not sheet.is_covered(row, on) and sheet.refusal(row) is None]
    rows: list[Mapping[int, Value]] = []
    ids: dict[int, Value] = {}
    for row, on in wanted:
        opening, owned = sheet.opening(row, on)
        rows.append(opening)
        ids |= owned.get("id", {})
    if not rows:
        return Records()
    append = Append(log.grid.name, tuple(rows))
    if full := no_room(reading.snapshot, append):
        return Records(problems=(Problem(log.grid.name, None, None, full),))
    told = tuple(f"Debrief ready for {short_date(on)} at {name_of(reading, row)}." for row, on in wanted)
    return Records(appends=(append,), owned={"id": ids} if ids else {}, told=told)


class _Debriefs:
    """The rows of a Debrief sheet, each with the interview that it is of."""

    def __init__(self, reading: Reading, log: LogSheet) -> None:
        self._reading, self._log = reading, log
        self._frame = reading.tracker.frame
        self._finder = ThreadFinder(self._frame)

    @cached_property
    def _rows(self) -> list[tuple[int, str, int | str, dt.date | None]]:
        """Sheet row, company, the thread (or why there is none), and day; only rows that name somebody."""
        names = [self._log.texts(key) for key in ("id", "company", "role", "people")]
        dates = _dates(self._reading, self._log.values("date"))
        return [
            (self._log.header_row + 1 + position, fold(who[1]), self._finder.find(*who), on)
            for position, (who, on) in enumerate(zip(zip(*names, strict=True), dates, strict=True))
            if any(who[:2])
        ]

    def place(self, row: int, on: dt.date) -> int | None:
        """The sheet row of that interview's debrief: of the thread, and of that day or without one."""
        own = [(place, day) for place, _, thread, day in self._rows if thread == row]
        return next((place for place, day in own if day == on), next((p for p, day in own if day is None), None))

    def is_covered(self, row: int, on: dt.date) -> bool:
        """Whether there is a row for the interview, or one of that company and day that may be meant for it."""
        company = fold(str(self._frame.loc[row, "company"]))
        return self.place(row, on) is not None or any(
            isinstance(thread, str) and day == on and said == company for _, said, thread, day in self._rows
        )

    def answers(self, row: int, on: dt.date) -> dict[str, Value]:
        """What is answered; the people whom the row was made with are no answer yet."""
        place = self.place(row, on)
        found: dict[str, Value] = {}
        for question in questions() if place else ():
            column = self._log.columns.get(question.key)
            value = self._log.grid.cell(place, column) if place and column else None
            made = question.key == "people" and as_text(value) == self._frame.loc[row, "contact"]
            if as_text(value) and not made:
                found[question.key] = value
        return found

    def refusal(self, row: int) -> str | None:
        """Why no row of the sheet could name this thread, and what to do; None if one can."""
        if not self._needs_id(row):
            return None
        if "id" not in self._log.columns:
            return (
                f"Row {row} of the tracker is not the only one of that company, role and person: add a column called ID to "
                f"sheet {self._log.grid.name!r}, and each gets an id of its own."
            )
        return None if self._frame.loc[row, "id"] else refused_id(self._reading, row)

    def opening(self, row: int, on: dt.date) -> tuple[dict[int, Value], dict[str, dict[int, Value]]]:
        """What is known before the interview, and the id that the thread gets for it."""
        thread = self._frame.loc[row]
        fresh = new_ids(self._frame, [row]) if self._needs_id(row) else {}
        known: dict[str, Value] = {
            "date": on,
            "id": fresh.get(row, str(thread["id"])),
            **{key: str(thread[field]) for key, field in _TIES},
        }
        cells: dict[int, Value] = {
            self._log.columns[key]: value for key, value in known.items() if value and key in self._log.columns
        }
        return cells, {"id": dict(fresh)} if fresh else {}

    def _needs_id(self, row: int) -> bool:
        thread = self._frame.loc[row]
        said = [str(thread[field]) if key in self._log.columns else "" for key, field in _TIES]
        return not said[0] or self._finder.find("", *said) != row


def _soon(reading: Reading) -> list[tuple[dt.date, int]]:
    """Day and row of the interviews of today and tomorrow, in order."""
    first = np.datetime64(reading.today, "D")
    frame = reading.tracker.frame
    meant = (frame["kind"].isin(_KINDS) & ~frame["stage"].isin(_ENDED) & ~frame["stage_over"]).to_numpy(dtype=bool)
    found: set[tuple[dt.date, int]] = set()
    for name in _INTERVIEWS:
        days = frame[name].to_numpy(dtype="datetime64[D]")
        at = np.flatnonzero((days >= first) & (days <= first + 1) & meant)
        found |= set(zip(days[at].tolist(), frame.index[at].tolist(), strict=True))
    return sorted(found)


def _interviews(reading: Reading, row: int) -> list[dt.date]:
    days = reading.tracker.frame.loc[[row], list(_INTERVIEWS)].to_numpy(dtype="datetime64[D]")[0]
    return [day for day in days.tolist() if day is not None]


def _same_thread(reading: Reading, interview: Interview) -> int:
    """The row of the thread now: the sheet may have been sorted while its person was answering."""
    frame = reading.tracker.frame
    asked = {"company": interview.company, "role": interview.role, "contact": interview.people}
    rows: list[int] = frame.index[(frame[list(asked)] == list(asked.values())).all(axis=1)].tolist()
    if interview.row in rows:
        return interview.row
    if len(rows) == 1:
        return rows[0]
    whom = interview.company or interview.people or f"row {interview.row}"
    raise UsageError(f"The tracker's row of {whom} was changed or moved while you were answering: start once more.")


def _without_column(log: LogSheet, question: Question, answer: Value) -> Problem:
    told = f"There is no column for “{question.text}”, so this answer was not written: {as_text(answer)}"
    return Problem(log.grid.name, None, None, told)


def _dates(reading: Reading, values: Sequence[Value]) -> list[dt.date | None]:
    read = read_dates_of(reading.snapshot, reading.settings, values)
    days: list[dt.date | None] = read.dates.astype("datetime64[D]").astype(object).tolist()
    return days


def _kept(reading: Reading, row: int, on: dt.date, answered: int, left: int) -> tuple[str]:
    many = "1 answer" if answered == 1 else f"{answered} answers"
    still = f"{left} still open" if left else "nothing is left open"
    return (f"Debrief of {short_date(on)} at {name_of(reading, row)}: {many} kept, {still}.",)

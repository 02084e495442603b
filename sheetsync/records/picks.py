"""What the person picked in the Log column, on a phone perhaps: turned into records, and the picks cleared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from sheetsync.changes import Edit
from sheetsync.errors import UsageError
from sheetsync.model import Problem, Value
from sheetsync.records.closing import DEALS, name_of
from sheetsync.records.contacts import Contact, Ledger
from sheetsync.records.reading import Reading, Records, no_room, together
from sheetsync.records.stages import Ends
from sheetsync.sheets.edits import check_edits
from sheetsync.tracker.dates import read_dates_of
from sheetsync.tracker.history import NOTHING_TO_ANSWER, split_people
from sheetsync.tracker.text import as_text, fold
from sheetsync.words import log_channels, log_words, note_words, short_date

_SNOOZE: Final = dt.timedelta(days=7)
_THEIRS: Final = frozenset({"replied", "nothing_to_answer", "said_no"})
_CLOSING: Final = {"said_no": ("rejected", "lost"), "close": ("withdrawn", "no_response", "lost")}
_CELLS: Final = ("log", "log_date")


def log_picks(reading: Reading) -> Records:
    """A row of History, a pause or a closed status for each pick, dated by its Log date or by `Reading.undated`.

    A pick that cannot be carried out stays as it is, with a Problem: an unknown word, a row that is no thread, a date
    that cannot be read or is still to come, a status or a pause without a column, a History sheet without room for it.
    """
    owned = reading.snapshot.owned
    if owned is None or owned.sheet != reading.layout.sheet or owned.columns.get("log") is None:
        return Records()
    return _Picks(reading, owned.columns).records()


class _RefusedError(Exception):
    """A pick that cannot be carried out; `str()` of it is what the person is told."""


class _When(NamedTuple):
    day: dt.date
    inferred: bool


class _Picks:
    """The Log column of one tracker."""

    def __init__(self, reading: Reading, columns: Mapping[str, int | None]) -> None:
        self._reading = reading
        self._columns = columns
        self._grid = reading.snapshot.grid(reading.layout.sheet)
        self._frame = reading.tracker.frame
        self._ends = Ends(reading)
        self._keys = {fold(text): key for key, text in log_words().items()}

    def records(self) -> Records:
        column = self._columns["log"]
        assert column is not None  # noqa: S101  # else there are no picks
        first = self._reading.layout.header_row
        values = self._grid.columns[column - 1][first:] if column <= self._grid.n_columns else ()
        done: list[Records] = []
        contacts: list[Contact] = []
        cleared: list[int] = []
        problems: list[Problem] = []
        for row, value in enumerate(values, start=first + 1):
            if value is None or not (text := as_text(value)):
                continue
            try:
                records, contact = self._one(row, column, text)
            except _RefusedError as refused:
                problems.append(Problem(self._grid.name, row, column, str(refused)))
                continue
            cleared.append(row)
            done.append(records)
            contacts += [contact] if contact else []
        logged = self._ledger.records(contacts) if contacts else Records()
        if full := next((told for append in logged.appends if (told := no_room(self._reading.snapshot, append))), None):
            return Records(problems=(*problems, *(Problem(self._grid.name, row, column, full) for row in cleared)))
        return together(*done, logged, Records(owned=self._emptied(cleared), problems=tuple(problems)))

    def _emptied(self, rows: Sequence[int]) -> dict[str, dict[int, Value]]:
        """Both cells of the picks that were carried out; a Log date that is a formula stays."""
        found: dict[str, dict[int, Value]] = {}
        for key in _CELLS if rows else ():
            column = self._columns.get(key)
            if column is not None:
                kept = self._grid.formulas.get(column, ())
                found[key] = dict.fromkeys(row for row in rows if row not in kept)
        return found

    def _one(self, row: int, column: int, text: str) -> tuple[Records, Contact | None]:
        if row in self._grid.formulas.get(column, ()):
            raise _RefusedError("This pick is a formula, which cannot be emptied: pick a word from the list instead.")
        pick = self._keys.get(fold(text))
        if pick is None:
            raise _RefusedError(f"“{text}” is none of what Log offers: pick one of its words, or use `sheetsync log`.")
        if row not in self._frame.index:
            raise _RefusedError("This row has no company, role, contact or date, so there is nothing to log it for.")
        when = self._when(row)
        if pick == "snooze":
            return self._snoozed(row, when.day), None
        records = self._closed(row, _CLOSING[pick]) if pick in _CLOSING else Records()
        if pick == "close":
            return records, None
        contact = self._contact(row, pick, when)
        if refusal := self._ledger.refusal(contact):
            raise _RefusedError(refusal)
        return records, contact

    @cached_property
    def _ledger(self) -> Ledger:
        try:
            return Ledger(self._reading)
        except UsageError as error:
            raise _RefusedError(str(error)) from None

    def _contact(self, row: int, pick: str, when: _When) -> Contact:
        people = split_people(str(self._frame.loc[row, "contact"]))
        words = note_words()
        notes = [words[key] for key, said in (("no_answer", pick == "no_answer"), ("inferred", when.inferred)) if said]
        return Contact(
            row,
            when.day,
            "in" if pick in _THEIRS else "out",
            channel=log_channels().get(pick, ""),
            person=people[0] if len(people) == 1 else "",
            step=NOTHING_TO_ANSWER if pick == "nothing_to_answer" else "",
            note="; ".join(notes),
        )

    def _closed(self, row: int, wanted: tuple[str, ...]) -> Records:
        if self._frame.loc[row, "kind"] in DEALS:
            wanted = tuple(reversed(wanted))
        edit = self._ends.close(row, wanted)
        if isinstance(edit, Problem):
            raise _RefusedError(edit.message)
        return Records(
            edits=(edit,), told=(f"Closed row {row}, {name_of(self._reading, row)}: its status is now “{edit.after}”.",)
        )

    def _snoozed(self, row: int, day: dt.date) -> Records:
        column = self._reading.layout.columns.get("paused_until")
        if column is None:
            raise _RefusedError("To snooze a row the tracker needs a column for it: add one called Paused until.")
        until = day + _SNOOZE
        standing = self._frame.loc[[row], "paused_until"].to_numpy(dtype="datetime64[D]").tolist()[0]
        if standing is not None and standing >= until:
            return Records(
                told=(f"Row {row}, {name_of(self._reading, row)}, is paused until {short_date(standing)} anyway.",)
            )
        edit = Edit(self._grid.name, row, column, self._grid.cell(row, column), until)
        _, problems = check_edits(self._grid, [edit], location=self._reading.snapshot.location)
        if problems:
            raise _RefusedError(problems[0].message)
        return Records(
            edits=(edit,), told=(f"Snoozed row {row}, {name_of(self._reading, row)}, until {short_date(until)}.",)
        )

    def _when(self, row: int) -> _When:
        column = self._columns.get("log_date")
        value = self._grid.cell(row, column) if column else None
        if not as_text(value):
            return _When(self._reading.undated, inferred=True)
        read = read_dates_of(self._reading.snapshot, self._reading.settings, [value])
        if read.missing[0]:
            raise _RefusedError("Its Log date cannot be read: write it as a date, or leave it empty.")
        day: dt.date = read.dates[0].astype("datetime64[D]").astype(object)
        if day > self._reading.today:
            raise _RefusedError("Its Log date is still to come: it is logged when that day is here.")
        return _When(day, inferred=False)

"""Contacts as rows of the History sheet: written so that each is tied to its thread again, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Final, Literal

from sheetsync.cadence.channels import read_channel
from sheetsync.changes import Append, Edit
from sheetsync.errors import UsageError
from sheetsync.model import Value
from sheetsync.records.ids import new_ids, refused_id
from sheetsync.records.reading import Reading, Records, sheet_of_records
from sheetsync.resources import read_toml
from sheetsync.tracker.history import ThreadFinder, find_log
from sheetsync.tracker.text import as_text
from sheetsync.words import short_date

_TIES: Final = ("company", "role", "contact")


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with somebody, yours ("out") or theirs ("in")."""

    row: int
    """The thread's row of the tracker."""
    on: dt.date
    direction: Literal["out", "in"]
    channel: str = ""
    person: str = ""
    step: str = ""
    """A rule's id, "nothing to answer", or "" for the oldest open step."""
    note: str = ""


class Ledger:
    """The History sheet as contacts go into it: the tracker's own, or one that is made.

    Raises UsageError where a sheet of the person's has its name and is no history.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._log, self._made = sheet_of_records(reading, "history")
        self._finder = ThreadFinder(reading.tracker.frame)
        columns = ("id", *_TIES)
        self._names: Mapping[str, Mapping[int, str]] = {
            name: dict(zip(reading.tracker.frame.index.tolist(), reading.tracker.frame[name].tolist(), strict=True))
            for name in columns
        }

    def refusal(self, contact: Contact) -> str | None:
        """What to do before this contact can be a row of the sheet; None if nothing."""
        sheet = self._log.grid.name
        if contact.direction == "in" and "direction" not in self._log.columns:
            return f"Sheet {sheet!r} has no column that tells their messages from yours: add one called Direction."
        if not self._needs_id(contact):
            return None
        if "id" not in self._log.columns:
            return (
                f"Row {contact.row} of the tracker is not the only one of that company and person: add a column called ID "
                f"to sheet {sheet!r}, and each gets an id of its own."
            )
        return None if self._names["id"][contact.row] else refused_id(self._reading, contact.row)

    def records(self, contacts: Sequence[Contact]) -> Records:
        """The rows of the sheet that say so; a thread that its names do not tell apart gets an id."""
        if not contacts:
            return Records()
        lacking = sorted({contact.row for contact in contacts if self._needs_id(contact)})
        fresh = new_ids(self._reading.tracker.frame, [row for row in lacking if not self._names["id"][row]])
        rows = tuple(self._row(contact, fresh) for contact in contacts)
        return Records(
            appends=(Append(self._log.grid.name, rows),),
            new_sheets=self._made,
            owned={"id": fresh} if fresh else {},
            told=tuple(f"Logged: {self._told(contact)}." for contact in contacts),
        )

    def _needs_id(self, contact: Contact) -> bool:
        """Whether a row of the sheet that names company and people would not be this thread's alone."""
        said = [self._said(contact, name) if name in self._log.columns else "" for name in _TIES]
        return self._finder.find("", *said) != contact.row

    def _row(self, contact: Contact, fresh: Mapping[int, str]) -> dict[int, Value]:
        said: dict[str, Value] = {
            "date": contact.on,
            "direction": contact.direction,
            "channel": contact.channel,
            "step": contact.step,
            "note": contact.note,
            "id": fresh.get(contact.row) or self._names["id"][contact.row],
            **{name: self._said(contact, name) for name in _TIES},
        }
        return {self._log.columns[name]: value for name, value in said.items() if value and name in self._log.columns}

    def _said(self, contact: Contact, name: str) -> str:
        return contact.person if name == "contact" else self._names[name][contact.row]

    def _told(self, contact: Contact) -> str:
        company = self._names["company"][contact.row]
        whom = contact.person or company or self._names["contact"][contact.row] or self._names["role"][contact.row]
        at = f" of {company}" if contact.person and company else ""
        way = f" {_by(contact.channel)}" if contact.channel else ""
        said = "heard from" if contact.direction == "in" else "contacted"
        return f"{short_date(contact.on)}, {said} {whom or 'them'}{at}{way} (row {contact.row})"


def record_contacts(reading: Reading, contacts: Sequence[Contact]) -> Records:
    """The rows of History that say so; the sheet is made where the tracker has none.

    A thread that its company and people do not tell apart from others gets an id of its own. Raises UsageError if the
    History sheet has no column for what must be said.
    """
    if not contacts:
        return Records()
    ledger = Ledger(reading)
    for contact in contacts:
        if refusal := ledger.refusal(contact):
            raise UsageError(refusal)
    return ledger.records(contacts)


def strike_last(reading: Reading) -> Records:
    """Empty the last row of History.

    Raises UsageError if there is none.
    """
    log = find_log(reading.snapshot, "history", reading.layout.sheet)
    last = log and next(
        (row for row in range(log.grid.n_rows, log.header_row, -1) if as_text(log.grid.cell(row, log.columns["date"]))),
        None,
    )
    if not log or not last:
        raise UsageError(f"{reading.snapshot.location} has no history of contacts, so there is nothing to take back.")
    edits = tuple(
        Edit(log.grid.name, last, column, value, None)
        for column, value in enumerate(log.grid.row(last), start=1)
        if value not in (None, "") and last not in log.grid.formulas.get(column, ())
    )
    said = [
        short_date(value) if isinstance(value := log.grid.cell(last, log.columns[name]), dt.date) else as_text(value)
        for name in ("date", "company", "contact", "channel", "note")
        if name in log.columns
    ]
    what = shorten(", ".join(text for text in said if text), 100, placeholder=" …").rstrip(".")
    return Records(edits=edits, told=(f"Took back row {last} of sheet {log.grid.name}: {what}.",))


def _by(channel: str) -> str:
    """A channel as it is said after a verb; any that nobody knows stands in brackets."""
    words: Mapping[str, str] = read_toml("words/en.toml")["channels"]
    return words.get(read_channel(channel), f"({channel})")

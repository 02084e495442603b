"""Contacts as rows of the History sheet: written so that each is tied to its thread again, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sheetsync.book import Sheet
from sheetsync.changes import Append, Edit
from sheetsync.errors import UsageError
from sheetsync.model import Value
from sheetsync.records.ids import new_ids
from sheetsync.records.reading import Reading, Records, with_records
from sheetsync.sheets.house import history_sheet
from sheetsync.tracker.history import LogSheet, ThreadFinder, find_log
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


def record_contacts(reading: Reading, contacts: Sequence[Contact]) -> Records:
    """The rows of History that say so; the sheet is made where the tracker has none.

    A thread that its company and people do not tell apart from others gets an id of its own. Raises UsageError if the
    History sheet has no column for what must be said.
    """
    if not contacts:
        return Records()
    made: tuple[Sheet, ...] = ()
    log = find_log(reading.snapshot, "history", reading.layout.sheet)
    if log is None:
        made = (history_sheet(),)
        if any(grid.name == made[0].name for grid in reading.snapshot.grids):
            raise UsageError(
                f"Sheet {made[0].name!r} of {reading.snapshot.location} has no headers Date and Company, which a history "
                "of contacts needs: add them, or give that sheet another name."
            )
        snapshot, _ = with_records(reading.snapshot, reading.layout, Records(new_sheets=made))
        log = find_log(snapshot, "history", reading.layout.sheet)
        assert log is not None  # noqa: S101  # our own sheet
    if "direction" not in log.columns and any(contact.direction == "in" for contact in contacts):
        raise UsageError(
            f"Sheet {log.grid.name!r} has no column that tells their messages from yours: add one called Direction."
        )
    ids = _needed_ids(reading, contacts, log)
    rows = tuple(_row(reading, contact, log, ids) for contact in contacts)
    fresh = {row: identity for row, identity in ids.items() if reading.tracker.frame.loc[row, "id"] != identity}
    return Records(
        appends=(Append(log.grid.name, rows),),
        new_sheets=made,
        owned={"id": fresh} if fresh else {},
        told=tuple(f"Logged: {_told(reading, contact)}." for contact in contacts),
    )


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
        for name in ("date", "company", "contact", "channel")
        if name in log.columns
    ]
    return Records(edits=edits, told=(f"Taken back: {', '.join(text for text in said if text)}.",))


def _needed_ids(reading: Reading, contacts: Sequence[Contact], log: LogSheet) -> dict[int, str]:
    """Row -> id, of the threads that a row of History cannot name otherwise, and of those that have one."""
    frame = reading.tracker.frame
    finder = ThreadFinder(frame)
    ids = {contact.row: str(frame.loc[contact.row, "id"]) for contact in contacts if frame.loc[contact.row, "id"]}
    ambiguous = {
        contact.row
        for contact in contacts
        if finder.find("", *(_name(reading, contact, key) if key in log.columns else "" for key in _TIES))
        != contact.row
    }
    if not ambiguous:
        return ids if "id" in log.columns else {}
    listed = ", ".join(map(str, sorted(ambiguous)))
    if "id" not in log.columns:
        raise UsageError(
            f"Row {listed} of the tracker is not the only one of that company and person: add a column called ID to "
            f"sheet {log.grid.name!r}, and each gets an id of its own."
        )
    if "id" in reading.tracker.mapped and not _is_ours(reading) and ambiguous - ids.keys():
        raise UsageError(f"Row {listed} of the tracker has no id in your own column of ids: give it one.")
    return {**ids, **new_ids(frame, sorted(ambiguous - ids.keys()))}


def _is_ours(reading: Reading) -> bool:
    owned = reading.snapshot.owned
    return owned is not None and owned.columns.get("id") == reading.tracker.columns.get("id")


def _row(reading: Reading, contact: Contact, log: LogSheet, ids: dict[int, str]) -> dict[int, Value]:
    said: dict[str, Value] = {
        "date": contact.on,
        "direction": contact.direction,
        "channel": contact.channel,
        "step": contact.step,
        "note": contact.note,
        "id": ids.get(contact.row, ""),
        **{name: _name(reading, contact, name) for name in _TIES},
    }
    return {log.columns[name]: value for name, value in said.items() if value != "" and name in log.columns}


def _name(reading: Reading, contact: Contact, name: str) -> str:
    return contact.person if name == "contact" else str(reading.tracker.frame.loc[contact.row, name])


def _told(reading: Reading, contact: Contact) -> str:
    thread = reading.tracker.frame.loc[contact.row]
    names = [contact.person, *(str(thread[name]) for name in ("company", "contact", "role"))]
    way = f" by {contact.channel.lower()}" if contact.channel else ""
    said = "heard from" if contact.direction == "in" else "contacted"
    return f"{short_date(contact.on)}, {said} {next(filter(None, names), 'them')}{way}"

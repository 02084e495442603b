"""A contact as a person states it, in the tracker's own words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from sheetsync.cadence.channels import read_channel
from sheetsync.errors import UsageError
from sheetsync.records.contacts import Contact
from sheetsync.records.finding import find_person
from sheetsync.resources import read_toml
from sheetsync.tracker.history import find_log, split_people

if TYPE_CHECKING:
    from sheetsync.records.reading import Reading


FIRST_YEAR: Final = 1901
"""Excel counts days from 1900, and the first two months of that year wrongly."""


def stated_contact(
    reading: Reading,
    row: int,
    *,
    on: dt.date | None,
    channel: str,
    person: str | None,
    received: bool,
    step: str = "",
    note: str = "",
    named: str = "",
) -> Contact:
    """The contact of a row of the tracker; today if no day is said, with the row's one contact if nobody is named.

    `named` is what the person called the row. Raises UsageError for a day that is still to come or before 1901.
    """
    if on is not None and on > reading.today:
        raise UsageError(f"{on.isoformat()} is still to come: a contact is logged when it has taken place.")
    if on is not None and on.year < FIRST_YEAR:
        raise UsageError(f"No spreadsheet knows the day {on.isoformat()}: look at its year.")
    whom = _whom(reading, row, named) if person is None else find_person(reading.tracker, row, person) or person
    return Contact(
        row, on or reading.today, "in" if received else "out", own_channel(reading, channel), whom, step, note
    )


def own_channel(reading: Reading, typed: str) -> str:
    """The channel in the History sheet's own words, where its drop-down has one that means the same."""
    if not typed:
        return ""
    meant = read_channel(typed).casefold()
    return next((word for word in offered_channels(reading) if read_channel(word).casefold() == meant), typed)


def offered_channels(reading: Reading) -> tuple[str, ...]:
    """The channels that the History sheet's drop-down has, then those that sheetsync offers, each once."""
    log = find_log(reading.snapshot, "history", reading.layout.sheet)
    offered = log.grid.dropdowns.get(log.columns.get("channel", 0), ()) if log else ()
    return tuple(dict.fromkeys((*offered, *read_toml("sheets/history.toml")["lists"]["channel"])))


def _whom(reading: Reading, row: int, named: str) -> str:
    """The row's contact, if it is one person or one by whose name the row was asked for: nobody is guessed."""
    people = split_people(str(reading.tracker.frame.loc[row, "contact"]))
    return people[0] if len(people) == 1 else find_person(reading.tracker, row, named)

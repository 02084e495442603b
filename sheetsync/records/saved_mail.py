"""Saved messages (.eml) as contacts: who wrote, to whom, when and about what. Their text is not read."""

from __future__ import annotations

import datetime as dt
import email.errors
import email.message
import email.policy
import email.utils
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sheetsync.errors import UsageError
from sheetsync.model import Problem
from sheetsync.records.contacts import Contact
from sheetsync.records.reading import Reading
from sheetsync.tracker.text import fold

_LONGEST_SUBJECT: Final = 200


@dataclass(frozen=True, slots=True)
class SavedMessage:
    """The head of one message."""

    name: str
    """The file's name, by which the person knows it."""
    sender: str
    """An address in small letters."""
    recipients: tuple[tuple[str, str], ...]
    """Name and address of each person it went to."""
    sent: dt.datetime
    subject: str


def read_message(name: str, data: bytes) -> SavedMessage:
    """The head of a message as a mail program saves it (RFC 5322). Raises UsageError if it has no sender or date."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    try:
        senders = _people(message, "From")
        recipients = (*_people(message, "To"), *_people(message, "Cc"))
        date = message["Date"]
        sent = None if date is None else date.datetime
        subject = " ".join(str(message["Subject"] or "").split())
    except (email.errors.MessageError, ValueError, IndexError, AttributeError, TypeError):
        senders, recipients, sent, subject = (), (), None, ""
    if not senders or sent is None:
        raise UsageError(f"{name} is no saved message with From and Date: save it from your mail program as .eml.")
    return SavedMessage(name, senders[0][1], recipients, sent, subject[:_LONGEST_SUBJECT])


def contacts_of(
    reading: Reading, messages: Sequence[SavedMessage], *, channel: str
) -> tuple[list[Contact], tuple[Problem, ...]]:
    """The contacts that the messages were, and what is said of those that belong to no thread for certain.

    A message is theirs if its sender is somebody of the tracker, and yours if one of its recipients is. One that is in
    History already (same thread, day, direction and subject) is not logged again.
    """
    threads = _by_address(reading)
    known = {
        (row, on.date(), direction, note)
        for row, on, direction, note in zip(
            *(reading.tracker.history[name].tolist() for name in ("row", "on", "direction", "note")), strict=True
        )
    }
    contacts: list[Contact] = []
    problems: list[Problem] = []
    for message in sorted(messages, key=lambda one: one.sent.timestamp()):
        found = _contact(reading, message, threads, channel)
        if isinstance(found, str):
            problems.append(Problem(message.name, None, None, found))
            continue
        key = found.row, found.on, found.direction, found.note
        if key in known:
            problems.append(Problem(message.name, None, None, "It is logged already, so it was left out."))
            continue
        known.add(key)
        contacts.append(found)
    return contacts, tuple(problems)


def _contact(reading: Reading, message: SavedMessage, threads: dict[str, list[int]], channel: str) -> Contact | str:
    direction: Literal["out", "in"] = "in" if message.sender in threads else "out"
    addresses = [message.sender] if direction == "in" else [address for _, address in message.recipients]
    rows = sorted({row for address in addresses for row in threads.get(address, ())})
    if len(rows) > 1:
        named = [row for row in rows if _is_named(reading, row, message.subject)]
        rows = named or rows
    if not rows:
        listed = ", ".join(dict.fromkeys([message.sender, *addresses]))
        return f"No row of the tracker has an address of it ({listed}): log it with `sheetsync log TARGET ROW`."
    if len(rows) > 1:
        listed = ", ".join(map(str, rows))
        return f"It may belong to rows {listed}: log it for the right one with `sheetsync log TARGET ROW`."
    on = _local_day(message.sent, reading.settings.time_zone or reading.snapshot.time_zone)
    if on > reading.today:
        return "It is dated in the future: check its date."
    person = str(reading.tracker.frame.loc[rows[0], "contact"])
    return Contact(rows[0], on, direction, channel, person, note=message.subject)


def _by_address(reading: Reading) -> dict[str, list[int]]:
    """Address -> the rows that have it; a cell may name several."""
    found: dict[str, list[int]] = {}
    frame = reading.tracker.frame
    for row, text in zip(frame.index.tolist(), frame["email"].tolist(), strict=True):
        for _, address in email.utils.getaddresses([text.replace(";", ",").replace("\n", ",")]):
            if "@" in address:
                found.setdefault(address.casefold(), []).append(row)
    return found


def _is_named(reading: Reading, row: int, subject: str) -> bool:
    said = fold(subject)
    return any(name and fold(str(name)) in said for name in reading.tracker.frame.loc[row, ["company", "role"]])


def _people(message: email.message.EmailMessage, header: str) -> tuple[tuple[str, str], ...]:
    field = message[header]
    if field is None:
        return ()
    return tuple(
        (address.display_name, address.addr_spec.casefold()) for address in field.addresses if "@" in address.addr_spec
    )


def _local_day(moment: dt.datetime, time_zone: str | None) -> dt.date:
    if moment.tzinfo is None or time_zone is None:
        return moment.date()
    return moment.astimezone(zoneinfo.ZoneInfo(time_zone)).date()

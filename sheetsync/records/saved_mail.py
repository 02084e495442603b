"""Saved messages (.eml) as contacts: who wrote, to whom, when and about what. Their text is not read."""

from __future__ import annotations

import codecs
import datetime as dt
import email.errors
import email.message
import email.parser
import email.policy
import email.utils
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from sheetsync.errors import UsageError
from sheetsync.model import Problem
from sheetsync.records.contacts import Contact
from sheetsync.records.reading import Reading
from sheetsync.tracker.history import split_people
from sheetsync.tracker.text import fold

_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n|\r\r")
_WORD: Final = re.compile(r"\w+")
_LONGEST_SUBJECT: Final = 200
_TO: Final = ("To", "Cc", "Bcc")


class Address(NamedTuple):
    """Somebody as the head of a message names them."""

    name: str
    """"" if it gives none."""
    address: str
    """In small letters."""


@dataclass(frozen=True, slots=True)
class SavedMessage:
    """The head of one message."""

    name: str
    """The file's name, by which the person knows it."""
    sender: Address
    recipients: tuple[Address, ...]
    """Those it went to, copies included."""
    sent: dt.datetime
    subject: str


def read_message(name: str, data: bytes) -> SavedMessage:
    """The head of a message as a mail program saves it (RFC 5322). Raises UsageError if it has no sender or date."""
    message = email.parser.HeaderParser(policy=email.policy.default).parsestr(_head(data))
    try:
        senders = _people(message, "From")
        recipients = tuple(person for header in _TO for person in _people(message, header))
        date = message["Date"]
        sent = None if date is None else date.datetime
        subject = " ".join(str(message["Subject"] or "").split())
    except (email.errors.MessageError, ValueError, IndexError, AttributeError, TypeError):
        senders, recipients, sent, subject = (), (), None, ""
    if not senders or sent is None:
        raise UsageError(
            f"{name} is no saved message with From and Date: save it from your mail program as .eml, or log it with "
            "`sheetsync log TARGET ROW`."
        )
    return SavedMessage(name, senders[0], recipients, sent, subject[:_LONGEST_SUBJECT])


def _head(data: bytes) -> str:
    """The lines before the text: ASCII as it ought to be, or what programs write that do not encode names."""
    head = _BLANK_LINE.split(data.removeprefix(codecs.BOM_UTF8).lstrip(), maxsplit=1)[0]
    try:
        return head.decode()
    except UnicodeDecodeError:
        return head.decode("latin-1")


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


def _contact(reading: Reading, message: SavedMessage, threads: Mapping[str, list[int]], channel: str) -> Contact | str:
    """The contact that a message was, or why it is none for certain."""
    direction: Literal["out", "in"] = "in" if message.sender.address in threads else "out"
    parties = [message.sender] if direction == "in" else list(message.recipients)
    rows = sorted({row for party in parties for row in threads.get(party.address, ())})
    if len(rows) > 1:
        rows = [row for row in rows if _is_named(reading, row, message.subject)] or rows
    if not rows:
        listed = ", ".join(dict.fromkeys(party.address for party in (message.sender, *message.recipients)))
        return f"No row of the tracker has one of its addresses ({listed}): log it with `sheetsync log TARGET ROW`."
    if len(rows) > 1:
        listed = ", ".join(map(str, rows))
        return f"It may belong to rows {listed}: log it for the right one with `sheetsync log TARGET ROW`."
    on = _local_day(message.sent, reading.settings.time_zone or reading.snapshot.time_zone)
    if on > reading.today:
        return "It is dated in the future: check its date."
    row = rows[0]
    theirs = [party for party in parties if row in threads.get(party.address, ())]
    return Contact(row, on, direction, channel, _whom(reading, row, theirs), note=message.subject)


def _whom(reading: Reading, row: int, parties: Sequence[Address]) -> str:
    """With whom it was, in the tracker's own spelling; of several nobody is guessed."""
    people = split_people(str(reading.tracker.frame.loc[row, "contact"]))
    if len(people) == 1:
        return people[0]
    if len(people) == len(parties):
        return "; ".join(people)
    found = [next((person for person in people if _is_of(person, party)), party.name) for party in parties]
    return "; ".join(dict.fromkeys(filter(None, found)))


def _is_of(person: str, party: Address) -> bool:
    """Whether a name of the tracker is the one of the message, which may stand in another order, or be an address only."""
    words = set(_WORD.findall(fold(person)))
    named = set(_WORD.findall(fold(party.name))) or set(_WORD.findall(fold(party.address.partition("@")[0])))
    return bool(words & named) and (words <= named or named <= words)


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
    said = f" {' '.join(_WORD.findall(fold(subject)))} "
    names = (" ".join(_WORD.findall(fold(str(name)))) for name in reading.tracker.frame.loc[row, ["company", "role"]])
    return any(name and f" {name} " in said for name in names)


def _people(message: email.message.EmailMessage, header: str) -> tuple[Address, ...]:
    return tuple(
        Address(" ".join(address.display_name.split()), address.addr_spec.casefold())
        for field in message.get_all(header, [])
        for address in field.addresses
        if "@" in address.addr_spec
    )


def _local_day(moment: dt.datetime, time_zone: str | None) -> dt.date:
    """The day on which it was sent, where the person is: in the tracker's time zone, else in this computer's."""
    if moment.tzinfo is None:
        return moment.date()
    return moment.astimezone(zoneinfo.ZoneInfo(time_zone) if time_zone else None).date()

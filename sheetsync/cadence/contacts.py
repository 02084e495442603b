"""The contacts of one thread, as they are known: what `explain` shows above the steps they led to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sheetsync.cadence.threads import CLOSINGS, OFFER

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.cadence.engine import Work

Origin = Literal["history", "last_contact", "reply_on", "reminder"]
"""Where a contact is known from: a row of History, the tracker's own two columns, a column of past reminders."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One message, out or in. Texts are "" where nothing is noted."""

    on: dt.date
    direction: Literal["out", "in"]
    origin: Origin
    contact: str = ""
    channel: str = ""
    step: str = ""
    note: str = ""
    counts: bool = True
    """False where it is before what the thread counts from now."""


def contacts(work: Work, at: int) -> tuple[Contact, ...]:
    """The contacts of the row at a place, the oldest first; of one day, in the order of the sheet."""
    return tuple(sorted(_known(work, at), key=lambda one: one.on))


def _known(work: Work, at: int) -> Iterator[Contact]:
    situation, tracker = work.situation, work.situation.tracker
    row = tracker.frame.index[at]
    since = work.choice.ladder.since[at]

    def counts(day: np.datetime64) -> bool:
        return not day < since

    replied = set()
    logged = tracker.history[(tracker.history["row"] == row) & tracker.history["on"].notna()]
    texts = (logged[name].tolist() for name in ("direction", "contact", "channel", "step", "note"))
    for day, direction, contact, channel, step, note in zip(_days(logged["on"]), *texts, strict=True):
        incoming = direction == "in"
        if incoming:
            replied.add(day)
        yield Contact(
            _date(day), "in" if incoming else "out", "history", contact, channel, step, note, incoming or counts(day)
        )
    reminders = tracker.touches[(tracker.touches["row"] == row) & tracker.touches["on"].notna()]
    for day in _days(reminders["on"]):
        yield Contact(_date(day), "out", "reminder", counts=counts(day))
    bare, reply = situation.touches.bare[at], situation.threads.days["reply_on"][at]
    if not np.isnat(bare):
        yield Contact(_date(bare), "out", "last_contact", counts=counts(bare))
    # at an end or an offer that date is the event itself
    event = bool(situation.threads.is_kind(OFFER, *CLOSINGS)[at])
    if not np.isnat(reply) and not event and reply not in replied:
        yield Contact(_date(reply), "in", "reply_on")


def _days(dates: pd.Series) -> Iterator[np.datetime64]:
    return iter(dates.to_numpy(dtype="datetime64[D]"))


def _date(day: np.datetime64) -> dt.date:
    date: dt.date = day.astype(object)
    return date

"""Drafts that were sent, as contacts; and the links to drafts that stand in the tracker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sheetsync.model import RULES, Problem, Value, column_letter
from sheetsync.records.contacts import Contact
from sheetsync.records.reading import Reading, Records
from sheetsync.tracker.history import ThreadFinder
from sheetsync.tracker.text import fold
from sheetsync.words import column_words, short_date

if TYPE_CHECKING:
    from sheetsync.model import Plan

DUE: Final = ("Overdue", "Due")
_KEY: Final = "draft"


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was written for a thread, as far as its contact is concerned."""

    name: str
    """The file's name."""
    row: int
    """The thread's row when the draft was made; the names say where it is now."""
    identity: str
    """The thread's id; "" if it had none."""
    company: str
    role: str
    contact: str
    """The thread's contacts, as the cell has them."""
    person: str
    """Whom it is for; "" if nobody was named."""
    rule: str
    channel: str
    subject: str
    on: dt.date
    """The day it was made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of drafts that were said to be sent."""

    contacts: tuple[Contact, ...] = ()
    settled: tuple[str, ...] = ()
    """The files of which History says it, or will."""
    problems: tuple[Problem, ...] = ()


def sent(
    reading: Reading,
    drafts: Iterable[Drafted],
    *,
    on: dt.date | None = None,
    rows: Sequence[int] | None = None,
    channel: Mapping[str, str],
) -> Sent:
    """The contacts that drafts have become, of some rows if they are given.

    A thread is known again by its id, else by company, contact and role, so that a tracker that was sorted fits; its row
    decides only between threads that are alike. What History has already is not said twice. `channel` maps the
    channels of drafts to the words of the History sheet.
    """
    finder = ThreadFinder(reading.tracker.frame)
    contacts: list[Contact] = []
    settled: list[str] = []
    problems: list[Problem] = []
    for draft in drafts:
        row = _row(reading, finder, draft)
        if isinstance(row, str):
            problems.append(Problem(draft.name, None, None, row))
            continue
        if rows is not None and row not in rows:
            continue
        settled.append(draft.name)
        step = draft.rule if draft.rule in RULES else ""
        contact = Contact(
            row,
            on or reading.today,
            "out",
            channel.get(draft.channel, draft.channel),
            draft.person,
            step,
            draft.subject,
        )
        if (day := _logged(reading, draft, row, step)) is not None:
            told = f"It is in the history already ({short_date(day)}), so it was not logged again."
            problems.append(Problem(draft.name, None, None, told))
        elif contact in contacts:
            problems.append(Problem(draft.name, None, None, "It is another draft of a contact that was logged now."))
        else:
            contacts.append(contact)
    return Sent(tuple(contacts), tuple(settled), tuple(problems))


def _row(reading: Reading, finder: ThreadFinder, draft: Drafted) -> int | str:
    """The thread's row now, or why it is not known for certain."""
    found = finder.find(draft.identity, draft.company, draft.role, draft.contact)
    frame = reading.tracker.frame
    if isinstance(found, str) and draft.row in frame.index:
        names = [fold(str(frame.loc[draft.row, name])) for name in ("company", "role", "contact")]
        if names == [fold(draft.company), fold(draft.role), fold(draft.contact)]:
            return draft.row
    return found


def _logged(reading: Reading, draft: Drafted, row: int, step: str) -> dt.date | None:
    """The day on which History has this contact; None if it has not."""
    history = reading.tracker.history
    names = ("row", "on", "direction", "contact", "step", "note")
    for there, when, direction, person, what, note in zip(*(history[name].tolist() for name in names), strict=True):
        if there != row or direction != "out":
            continue
        same = what == step and note == draft.subject and bool(note)
        since = when.date() >= draft.on and what in ("", step)
        whom = not person or not draft.person or fold(person) == fold(draft.person)
        if whom and (same or since):
            day: dt.date = when.date()
            return day
    return None


def linked(reading: Reading, plan: Plan, links: Mapping[int, str], *, only: bool) -> Records:
    """The links to drafts, row -> address, in a column of ours; `only` leaves those of other rows that are due.

    A row that is not due any more loses its link. A column that the person deleted is not made again.
    """
    owned = reading.snapshot.owned
    standing = owned.columns if owned and owned.sheet == reading.layout.sheet else {}
    name = column_words()[_KEY]
    if _KEY in standing and standing[_KEY] is None:
        told = f"You deleted the column {name}, so no links were written."
        return Records(problems=(Problem(reading.layout.sheet, None, None, told),))
    if _KEY not in standing and not links:
        return Records()
    kept = set(plan.frame.index[plan.frame["follow_up"].isin(DUE)].tolist()) if only else set()
    cells: dict[int, Value] = {row: None for row in reading.tracker.frame.index.tolist() if row not in kept}
    cells.update(links)
    place = standing.get(_KEY)
    where = f"column {name} ({column_letter(place)})" if place else f"a new column {name}"
    rows = f"row {next(iter(links))}" if len(links) == 1 else f"{len(links)} rows"
    return Records(owned={_KEY: cells}, told=(f"Links to the drafts of {rows} are in {where}.",) if links else ())

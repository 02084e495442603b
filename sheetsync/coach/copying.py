"""A coach's copy: a new spreadsheet made of nothing but what may be seen. Pure.

Nothing of the tracker's file goes along: each cell is a value that was read, decided about and scrubbed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sheetsync.book import Book
from sheetsync.coach.base import base_sheet, tidy
from sheetsync.coach.cells import Cells
from sheetsync.coach.copy_sheet import HEADER_ROW, follow_ups
from sheetsync.coach.patterns import PATTERNS
from sheetsync.coach.redaction import CONTACT_DETAILS, NOTES, Choice, Column, choose, words
from sheetsync.coach.scrubbing import Scrubber
from sheetsync.coach.searching import hidden_texts
from sheetsync.errors import UsageError
from sheetsync.model import OWNED, Ownership, Value
from sheetsync.records.ids import new_ids, refused_id, shared_id
from sheetsync.records.reading import Reading, Records
from sheetsync.tracker.text import fold
from sheetsync.words import column_words

if TYPE_CHECKING:
    from sheetsync.sync import Proposal


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is to be made, and what was decided about each column of the tracker."""

    book: Book
    columns: tuple[Column, ...]
    rows: int
    hide: tuple[str, ...]
    """What was asked to be hidden, by names that find it again: fields, keys of ours, headings."""
    show: tuple[str, ...]
    elsewhere: Mapping[str, int]
    """How many cells had an e-mail address, a phone number, a link or an amount taken out, by field."""
    same_ids: tuple[tuple[int, ...], ...] = ()
    """Rows of the tracker that have the same id, so that a note beside them comes back to none for certain."""


def ids_for(reading: Reading) -> Records:
    """The ids that the tracker's threads need before they are shared. Raises UsageError where one can be given none."""
    frame = reading.tracker.frame
    fresh = new_ids(frame, frame.index.tolist())
    if not fresh:
        return Records()
    if refused := refused_id(reading, next(iter(fresh))):
        raise UsageError(refused)
    return Records(owned={"id": fresh})


def copy_for(
    reading: Reading,
    proposal: Proposal,
    *,
    whom: str,
    hide: Sequence[str],
    show: Sequence[str],
    only_due: bool,
    key: str,
) -> Copy:
    """The copy for a coach of a tracker as `proposal` found it, its ids written and its notes taken.

    `whom` is said in its title; with `only_due` it holds the threads that are overdue or due; `key` hides what its ids are
    made from, and stands in the tracker's line about this share. Raises UsageError for a name
    of `hide` and `show` that is no field and no column (any more).
    """
    choice = choose(reading.snapshot, reading.layout, hide=hide, show=show)
    follow_up = proposal.plan.frame["follow_up"]
    rows: list[int] = (
        follow_up.index[follow_up.isin(["Overdue", "Due"])].tolist() if only_due else follow_up.index.tolist()
    )
    cells = Cells(reading.snapshot, proposal)
    shown = _in_order([column for column in choice.columns if column.shown and column.key not in NOTES])
    standing = {column: cells.of(column, rows) for column in shown}
    hidden = hidden_texts(cells, choice, standing, proposal.today)
    scrubber = Scrubber(
        hidden,
        allowed=[
            column.key for column in choice.columns if column.shown and column.key in (*CONTACT_DETAILS, "salary")
        ],
    )
    taken: Counter[Any] = Counter()
    goes: dict[Column, list[Value]] = {}
    for column, values in standing.items():
        goes[column] = []
        for value in values:
            kept, of = scrubber.cell(value, trusted=column.asked)
            taken.update([*of, *([column] if of else [])])
            goes[column].append(kept)
    headings = _headings(shown, scrubber)
    # a coach knows what she wrote: only what the tracker hides is taken out of her notes
    of_notes = Scrubber(hidden, allowed=PATTERNS)
    notes = [of_notes.text(tidy(note))[0] for note in cells.notes(rows, private=_private_notes(choice))]
    ids = [shared_id(identity, key) for identity in proposal.tracker.frame["id"].loc[rows].tolist()]
    sheet, place = follow_ups(shown, headings, list(goes.values()), notes, ids, whom=whom, today=proposal.today)
    beside = zip(ids, notes, zip(*goes.values(), strict=True) if goes else [()] * len(rows), strict=True)
    book = Book(
        (sheet, base_sheet(proposal.today, headings, beside)),
        reading.snapshot.locale,
        reading.snapshot.time_zone,
        Ownership(sheet.name, HEADER_ROW, {"id": place + 1, "coach_note": place}),
    )
    columns = tuple(
        replace(
            column,
            values=sum(map(bool, notes)) if column.key == "coach_note" else cells.filled(column, rows),
            scrubbed=taken[column],
        )
        for column in choice.columns
    )
    found = {field: taken[field] for field in (*CONTACT_DETAILS, "salary") if taken[field]}
    return Copy(book, columns, len(rows), choice.hide, choice.show, found, _same_ids(proposal, rows))


def _private_notes(choice: Choice) -> bool:
    """Whether the person's own column of coach notes stays at home."""
    return any(column.key == "coach_notes" and not column.shown for column in choice.columns)


def _same_ids(proposal: Proposal, rows: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    by_id: dict[str, list[int]] = {}
    for row, identity in zip(rows, proposal.tracker.frame["id"].loc[list(rows)].tolist(), strict=True):
        if identity:
            by_id.setdefault(fold(identity), []).append(row)
    return tuple(tuple(found) for found in by_id.values() if len(found) > 1)


def _in_order(columns: Sequence[Column]) -> list[Column]:
    """Who it is about, what is next, then everything else as it stands in the tracker."""
    first = words()["first"]
    names = sorted((column for column in columns if column.key in first), key=lambda column: first.index(column.key))
    ours = [column for column in columns if column.key in OWNED and not column.place]
    return [*names, *ours, *(column for column in columns if column not in names and column not in ours)]


def _headings(columns: Sequence[Column], scrubber: Scrubber) -> list[str]:
    """What stands above the columns, each only once, and never what the columns of the copy itself are called."""
    taken = {fold(column_words()[key]) for key in ("id", "coach_note")}
    found: list[str] = []
    for column in columns:
        text = scrubber.text(" ".join(column.name.split()))[0]
        name, number = text, 2
        while fold(name) in taken:
            name, number = f"{text} ({number})", number + 1
        taken.add(fold(name))
        found.append(name)
    return found

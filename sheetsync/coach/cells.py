"""What stands in a tracker's columns, as it would go out to a coach if nothing were hidden. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from sheetsync.coach.redaction import Column
from sheetsync.model import DATE_FIELDS, OWNED, TEXT_FIELDS, Value
from sheetsync.tracker.history import DEBRIEF_ANSWERS, find_log
from sheetsync.tracker.text import as_text, is_error
from sheetsync.words import follow_up_words

if TYPE_CHECKING:
    from sheetsync.model import Plan, Snapshot, Tracker
    from sheetsync.sync import Proposal


_LOGGED: Final = {"history": ("note",), "debrief": ("next_steps", "decision_by", *DEBRIEF_ANSWERS)}
_NAMES: Final = {
    "history": {"company": ("company",), "role": ("role",), "contact": ("contact",)},
    "debrief": {"company": ("company",), "role": ("role",), "contact": ("people",)},
}
"""Where the other sheets name what a column of the tracker names."""


def is_ours(column: Column) -> bool:
    """Whether a column is one of those that sheetsync computes."""
    return column.key in OWNED and not column.place


class Cells:
    """What stands in the tracker, as it would go out if nothing were hidden."""

    def __init__(self, snapshot: Snapshot, proposal: Proposal) -> None:
        self._tracker: Tracker = proposal.tracker
        self._plan: Plan = proposal.plan
        self._snapshot = snapshot
        self._grid = snapshot.grid(proposal.layout.sheet)
        self._rows = range(proposal.layout.header_row + 1, self._grid.n_rows + 1)
        self._proposal = proposal

    def of(self, column: Column, rows: Sequence[int]) -> list[Value]:
        """A column's values at those rows: dates as dates, an error or a placeholder as an empty cell."""
        if is_ours(column):
            return _computed(self._plan, column.key, rows)
        frame, key = self._tracker.frame, column.key
        if key in DATE_FIELDS:
            dates = frame[key].loc[list(rows)]
            typed = [None if gap else _day(value) for value, gap in zip(dates, dates.isna(), strict=True)]
            unread = [self._tracker.unreadable.get((row, key)) for row in rows]
            return [day if day is not None else text for day, text in zip(typed, unread, strict=True)]
        standing = [self._plain(row, column.place) for row in rows]
        if key in TEXT_FIELDS and key != "round":
            texts = frame[{"stage": "stage_text", "kind": "kind_text"}.get(key, key)].loc[list(rows)].tolist()
            # a number stays one; a text is the normalised one, a name that stands once for several rows in each of them
            return [
                value if not isinstance(value, str | None) and as_text(value) == text else text or None
                for value, text in zip(standing, texts, strict=True)
            ]
        return standing

    def notes(self, rows: Sequence[int], *, private: bool) -> list[Value]:
        """The coach's notes; with `private` not those in a column of the person's own."""
        notes = _note_cells(self._snapshot, self._proposal, private=private)
        return [notes.get(row) for row in rows]

    def hidden(self, column: Column) -> Iterator[tuple[Value, str]]:
        """Every value of a hidden column, of all rows of the sheet, and the text it was read from."""
        if not column.place:
            yield from self._logged(column.key, _LOGGED.get(column.key, ()))
            return
        threads = self._tracker.frame.index
        if column.key in DATE_FIELDS:
            yield from ((value, "") for value in self.of(column, threads.tolist()))
        for row in self._rows:
            value = self._plain(row, column.place)
            yield value, as_text(value)
        for kind, names in _NAMES.items():
            yield from self._logged(kind, names.get(column.key, ()))

    def _logged(self, kind: str, keys: Sequence[str]) -> Iterator[tuple[Value, str]]:
        """What stands under those headings of the History or the Debrief, also in rows that belong to no thread."""
        sheet = find_log(self._snapshot, kind, self._grid.name)
        if sheet is None:
            return
        for key in keys:
            yield from ((value, as_text(value)) for value in sheet.values(key))
        if "decision_by" in keys:
            days = self._tracker.debrief["decision_by"]
            yield from ((_day(value), "") for value in days[days.notna()])

    def filled(self, column: Column, rows: Sequence[int]) -> int:
        """How many cells hold something: of a shown column those that go out, of a hidden one all."""
        if column.shown:
            return sum(value is not None for value in self.of(column, rows))
        if is_ours(column):
            return sum(value is not None for value in self.of(column, self._plan.frame.index.tolist()))
        if not column.place:
            return sum(bool(as_text(value)) for value, _ in self.hidden(column))
        return sum(self._plain(row, column.place) is not None for row in self._rows)

    def _plain(self, row: int, place: int) -> Value:
        value = self._grid.cell(row, place)
        if isinstance(value, str):
            return value if value.strip() and not is_error(value) else None
        return value


def _note_cells(snapshot: Snapshot, proposal: Proposal, *, private: bool) -> dict[int, Value]:
    """The coach's notes by row, those that the same run brings counted."""
    layout = proposal.layout
    owned = snapshot.owned.columns if snapshot.owned and snapshot.owned.sheet == layout.sheet else {}
    ours = owned.get("coach_note")
    mapped = layout.columns.get("coach_notes")
    if private and mapped != ours:
        mapped = None
    place = mapped or ours
    grid = snapshot.grid(layout.sheet)
    notes = {row: grid.cell(row, place) for row in proposal.tracker.frame.index.tolist()} if place else {}
    notes |= proposal.records.owned.get("coach_note", {})
    return notes | {
        edit.row: edit.after
        for edit in proposal.records.edits
        if mapped and edit.sheet == layout.sheet and edit.column == mapped
    }


def _computed(plan: Plan, key: str, rows: Sequence[int]) -> list[Value]:
    """One of our columns as cells."""
    series = plan.frame[key].loc[list(rows)]
    missing = series.isna().tolist()
    if key in ("next_contact", "contact_by"):
        return [None if gap else value.date() for value, gap in zip(series, missing, strict=True)]
    if key == "days_overdue":
        return [None if gap else int(value) for value, gap in zip(series.tolist(), missing, strict=True)]
    told = follow_up_words() if key == "follow_up" else {}
    return [told.get(text, text) or None for text in series.tolist()]


def _day(value: Any) -> dt.date:
    """A day, or a moment if the tracker tells the time."""
    moment: dt.datetime = value.to_pydatetime()
    return moment if moment.time() != dt.time() else moment.date()

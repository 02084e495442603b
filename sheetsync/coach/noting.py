"""A coach's notes back into the tracker, each to its thread by id; what belongs to none is told in full.

Nothing but the notes is ever taken over. They go into sheetsync's column Coach note, which is added if need be, or into
the person's own column of coach notes, if the tracker has one that the last share did not hide; there words are only added.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sheetsync.changes import Edit
from sheetsync.coach.base import tidy
from sheetsync.coach.merging import Kind, merge, unhidden
from sheetsync.coach.redaction import words
from sheetsync.coach.returned import Returned, ReturnedRow, changed_cells
from sheetsync.errors import UsageError
from sheetsync.model import Problem, Value, column_letter
from sheetsync.records.closing import name_of
from sheetsync.records.ids import shared_id
from sheetsync.records.reading import Reading, Records
from sheetsync.records.shares import hidden_last, keys
from sheetsync.sheets.google.address import is_google
from sheetsync.tracker.text import as_text, fold
from sheetsync.words import column_words, short_date

_MOST_TEXT: Final = 32_767
"""Characters of an Excel cell (ECMA-376 leaves it open, Microsoft documents it)."""
_FORMULA: Final = (
    "what begins with = + - or @ was taken for a formula, and this one has no result: read it in the copy, write an apostrophe (') "
    "before it there, and save."
)
_NAMES: Final = ("company", "role", "contact")


@dataclass(frozen=True, slots=True)
class Taken:
    """One note of the tracker that gets another text."""

    row: int
    before: str
    coach: str
    """What stands in the copy."""
    after: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Left:
    """A note in the copy that was not taken over; it is nowhere else."""

    row: ReturnedRow
    reason: str
    """Why, and what to do."""
    gone: bool = False
    """Its id was shared, and no thread has it any more."""

    def told(self, returned: Returned) -> str:
        """The note in full, where it stands, and what to do."""
        place = f"{returned.sheet}!{column_letter(returned.note_column)}{self.row.row}"
        about = f" beside “{self.row.name}”" if self.row.name else ""
        return f"Not taken over from {returned.name} ({place}{about}): {self.reason} The note: “{self.row.note}”"


@dataclass(frozen=True, slots=True)
class Notes:
    """What a copy brings."""

    taken: tuple[Taken, ...]
    left: tuple[Left, ...]
    lost: tuple[str, ...]
    """What the copy lost on its way, a sentence each."""
    told: tuple[str, ...]
    """What is taken over, and in full what is not."""
    problems: tuple[Problem, ...]
    """What else was changed in the copy."""


def merge_notes(reading: Reading, returned: Returned, *, meanwhile: Mapping[int, str] | None = None) -> Notes:
    """Hold a copy against the tracker. Pure: nothing is written.

    `meanwhile` are the notes that another copy has just brought, by row. Raises UsageError if the copy is of another tracker, and where the person deleted our column of coach notes.
    """
    threads = _Threads(reading)
    _refuse_stranger(returned, threads)
    column = _Column(reading)
    by_id: dict[str, list[ReturnedRow]] = defaultdict(list)
    for row in returned.rows:
        by_id[fold(row.id)].append(row)
    bases = {fold(identity): note for identity, note in returned.base.notes.items()} if returned.base else None
    taken: list[Taken] = []
    left: list[Left] = []
    for identity, rows in by_id.items():
        base = None if bases is None else bases.get(identity, "")
        found, reason = _thread_of(identity, rows, threads, returned)
        if found is None:
            gone = bool(identity) and identity not in threads.by_id
            # a note that reads as it was shared was in the tracker once, and went with its thread
            left += [Left(row, reason, gone) for row in rows if row.note and row.note != base]
            continue
        if rows[0].unsaved:
            left.append(Left(rows[0], _FORMULA))
            continue
        standing = (meanwhile or {}).get(found, column.text(found))
        theirs = rows[0].note
        if base is not None:
            base, theirs = unhidden(base, standing, theirs, mark=words()["mark"])
        merged = merge(base, standing, theirs, only_add=column.theirs)
        if len(merged.text) > _MOST_TEXT:
            told = (
                f"both notes together are longer than a cell may be ({_MOST_TEXT:,} characters): shorten one of them."
            )
            left.append(Left(rows[0], told))
        elif merged.text != standing or merged.kind == "kept":
            taken.append(Taken(found, standing, rows[0].note, merged.text, merged.kind))
    taken.sort(key=lambda each: each.row)
    return Notes(
        tuple(taken),
        tuple(left),
        tuple(_lost(returned)),
        told=(
            *(_told(reading, each) for each in taken if each.kind != "kept"),
            *(each.told(returned) for each in left),  # not among the problems, which are summed up when they are many
        ),
        problems=(*_untouched(reading, taken, column), *_other_cells(returned), *_written_beside(returned)),
    )


def record_notes(reading: Reading, *several: Notes) -> Records:
    """What puts the notes of one copy, or of several in their order, into the tracker."""
    cells = {each.row: each for notes in several for each in notes.taken if each.after != each.before}
    return Records(
        told=tuple(sentence for notes in several for sentence in (*notes.lost, *notes.told)),
        problems=tuple(problem for notes in several for problem in notes.problems),
        **_Column(reading).writes(list(cells.values())),
    )


class _Threads:
    """The tracker's threads by id, its own and those that stand for it in the copies."""

    def __init__(self, reading: Reading) -> None:
        frame = reading.tracker.frame
        self.by_id: dict[str, list[int]] = defaultdict(list)
        known = ("", *keys(reading.snapshot))
        for row, identity in zip(frame.index.tolist(), frame["id"].tolist(), strict=True):
            for key in known if identity else ():
                self.by_id[fold(shared_id(identity, key))].append(row)
        self._names = {
            row: tuple(fold(name) for name in names if name)
            for row, *names in zip(frame.index.tolist(), *(frame[name].tolist() for name in _NAMES), strict=True)
        }

    def of(self, identity: str, shared: Iterable[Value]) -> list[int]:
        """The rows of that id; if there are several, those that the values shared under it name best."""
        rows = self.by_id.get(identity, [])
        if len(rows) < 2:
            return rows
        texts = {fold(as_text(value)) for value in shared}
        score = {row: sum(name in texts for name in self._names[row]) for row in rows}
        best = max(score.values())
        return [row for row in rows if best and score[row] == best]


class _Column:
    """Where a tracker's coach notes stand, and what writes them."""

    def __init__(self, reading: Reading) -> None:
        owned = reading.snapshot.owned
        ours = owned.columns if owned and owned.sheet == reading.layout.sheet else {}
        self._sheet, self._grid = reading.layout.sheet, reading.snapshot.grid(reading.layout.sheet)
        mapped = reading.layout.columns.get("coach_notes")
        own = mapped is not None and mapped != ours.get("coach_note")
        self.theirs = own and "coach_notes" not in hidden_last(reading.snapshot)
        self.place = mapped if self.theirs else ours.get("coach_note")
        if not own and "coach_note" in ours and self.place is None:
            raise UsageError(
                f"You deleted column “{column_words()['coach_note']}” of {reading.snapshot.location}, and what you deleted is "
                "not made again: add a column “Coach notes” of your own, and the notes go there."
            )

    def text(self, row: int) -> str:
        return tidy(self._grid.cell(row, self.place)) if self.place else ""

    def writes(self, taken: Sequence[Taken]) -> dict[str, Any]:
        """The notes as part of `Records`: cells of ours, or edits of the person's column."""
        if not taken:
            return {}
        if not self.theirs:
            return {"owned": {"coach_note": {each.row: each.after or None for each in taken}}}
        assert self.place is not None  # noqa: S101  # theirs is a column
        return {
            "edits": tuple(
                Edit(self._sheet, each.row, self.place, self._grid.cell(each.row, self.place), each.after or None)
                for each in taken
            )
        }


def _thread_of(
    identity: str, rows: Sequence[ReturnedRow], threads: _Threads, returned: Returned
) -> tuple[int | None, str]:
    """The thread that the copy's rows of one id are about; else None, and why not."""
    if not identity:
        return None, "it has no id, so nobody knows which thread it is for: put it into the tracker yourself."
    if len(rows) > 1 and (len({row.note for row in rows}) > 1 or any(row.unsaved for row in rows)):
        places = " and ".join(str(row.row) for row in rows[:3])
        return None, (
            f"rows {places} of the copy have the same id and different notes: put the right one into the tracker "
            "yourself."
        )
    shared = returned.base.cells.get(rows[0].id, {}).values() if returned.base else ()
    found = threads.of(identity, shared or (value for _, value in rows[0].cells.values()))
    if len(found) == 1:
        return found[0], ""
    if found or identity in threads.by_id:
        several = threads.by_id[identity]
        listed = " and ".join(map(str, several[:3]))
        return None, (
            f"rows {listed} of the tracker have the same id, so it belongs to none for certain: give one of them another "
            "id, or put it into the right row yourself."
        )
    return None, "its thread is no longer in the tracker: put the note where it belongs, or let it go."


def _refuse_stranger(returned: Returned, threads: _Threads) -> None:
    """Raises UsageError if no id of the copy is the tracker's, as in the copy of another one."""
    ids = {fold(row.id) for row in returned.rows if row.id}
    if ids and threads.by_id and not ids & threads.by_id.keys():
        raise UsageError(
            f"{returned.name} is the copy of another tracker, or its line on the tracker's sheet Shared was deleted: none of its "
            "rows has an id of this one. If you took the share back, bring it again with `sheetsync undo TRACKER --redo`. "
            "Nothing was written."
        )
    if ids and not threads.by_id:
        raise UsageError(
            f"This tracker has no ids, by which the notes of {returned.name} could find their rows: name the tracker that was "
            "shared; if you took the share back, bring it again with `sheetsync undo TRACKER --redo`. Nothing was written."
        )


def _told(reading: Reading, taken: Taken) -> str:
    who = f"{name_of(reading, taken.row)} (row {taken.row})"
    if taken.kind == "cleared":
        return f"{who}: your coach took the note away; it was “{taken.before}”."
    if taken.kind == "both":
        return f"{who}: both of you changed the note, so both stay: “{taken.after}”"
    return f"{who}: {'another' if taken.before else 'a'} note of your coach: “{taken.after}”"


def _untouched(reading: Reading, taken: Sequence[Taken], column: _Column) -> Iterable[Problem]:
    """The notes that the coach took away and that stay all the same."""
    why = "the column is your own" if column.theirs else "you changed it meanwhile"
    for each in taken:
        if each.kind == "kept":
            told = f"Your coach took this note away; it stays, because {why}: “{each.before}”"
            yield Problem(reading.layout.sheet, each.row, column.place, told)


def _other_cells(returned: Returned) -> Iterable[Problem]:
    seen: set[str] = set()
    for row in returned.rows:
        if row.id in seen:
            continue  # a row that was copied says nothing of the one that was shared
        seen.add(row.id)
        for column, heading, before, now in changed_cells(returned, row):
            told = f"{heading} of “{row.name}” was changed in the copy from {_cell(before)} to {_cell(now)}: only notes are taken over."
            yield Problem(returned.name, row.row, column, told)


def _written_beside(returned: Returned) -> Iterable[Problem]:
    """What the coach wrote elsewhere in a file; a spreadsheet at Google stays where it is, and so does what stands there."""
    for each in () if is_google(returned.name) else returned.beside:
        place = f"{each.sheet}!{column_letter(each.column)}{each.row}"
        told = f"“{each.text}” was written into the copy at {place}: only notes are taken over."
        yield Problem(returned.name, each.row, each.column, told)


def _lost(returned: Returned) -> Iterable[str]:
    if returned.id_column is None:
        yield (
            f"{returned.name} has lost its hidden column of ids: a note is taken over only where the rest of its row still tells "
            "which thread it is for."
        )
    elif returned.base is None:
        yield (
            f"{returned.name} has lost its hidden sheet, so what your coach changed is not known: where the tracker and the copy "
            "differ, both notes are kept."
        )


def _cell(value: Value) -> str:
    if isinstance(value, dt.date):
        return short_date(value)
    return f"“{as_text(value)}”" if as_text(value) else "nothing"

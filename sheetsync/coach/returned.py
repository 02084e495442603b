"""A coach's copy as it came back: which note stands beside which id, whatever was done to the sheet meanwhile."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from sheetsync.coach.base import Base, read_base, tidy
from sheetsync.errors import UsageError
from sheetsync.model import Grid, Snapshot, Value
from sheetsync.records.shares import is_base
from sheetsync.sheets.google.address import is_google
from sheetsync.tracker.text import as_text, fold, is_error
from sheetsync.words import column_words

_HEADER_ROWS: Final = 30
_NAMED: Final = 3
"""How many cells of a row are enough to know it by."""
_LONGEST_NAME: Final = 80
_LINES_ABOVE: Final = 2
"""The title and the remark of a copy."""
_EPOCH: Final = dt.date(1899, 12, 30).toordinal()


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """One row of the copy in which something stands."""

    row: int
    id: str
    """"" where it has none."""
    note: str
    cells: Mapping[str, tuple[int, Value]]
    """Heading -> column and value, of the other columns."""
    unsaved: bool = False
    """The note is a formula without a result, or with an error for one."""

    @property
    def name(self) -> str:
        """What the row is about, in its own words."""
        texts = [as_text(value) for _, value in self.cells.values() if isinstance(value, str) and value.strip()]
        return ", ".join(dict.fromkeys(texts[:_NAMED]))[:_LONGEST_NAME]


@dataclass(frozen=True, slots=True)
class Returned:
    """A coach's copy, read."""

    name: str
    """What to call it in a sentence."""
    sheet: str
    header_row: int
    id_column: int | None
    """None where the column of ids was deleted."""
    note_column: int
    rows: tuple[ReturnedRow, ...]
    base: Base | None
    """What was shared; None where the hidden sheet is gone."""
    beside: tuple[Beside, ...] = ()
    """What was written elsewhere in the copy, a row each."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Cells of one row that hold what was not shared and is no note."""

    sheet: str
    row: int
    column: int
    """The first of them."""
    text: str
    """All of them."""


@dataclass(frozen=True, slots=True)
class _Place:
    grid: Grid
    header_row: int
    id_column: int | None
    note_column: int


def read_returned(snapshot: Snapshot) -> Returned:
    """Understand a coach's copy, also one whose marks were lost. Raises UsageError if it is none."""
    name = snapshot.location if is_google(snapshot.location) else PurePath(snapshot.location).name
    base = read_base(snapshot.grids)
    place = _by_marks(snapshot) if base is not None else None
    place = place or _by_words(snapshot, base)
    if place is None and base is not None:
        raise UsageError(
            f"{name} has no column “{column_words()['coach_note']}” any more, so no note can be taken from it: ask your "
            "coach for the copy as it was before that column went."
        )
    if place is None:
        raise UsageError(
            f"{name} is no coach's copy: name the file that `sheetsync share` made, as your coach sent it back."
        )
    rows = tuple(_rows(place))
    if place.id_column is None and base is not None:
        rows = tuple(_recognised(rows, base))
    beside = tuple(_beside(snapshot, place, base)) if base is not None else ()
    return Returned(name, place.grid.name, place.header_row, place.id_column, place.note_column, rows, base, beside)


def changed_cells(returned: Returned, row: ReturnedRow) -> Iterator[tuple[int, str, Value, Value]]:
    """Column, heading, value as shared and value now, of the cells besides the note that were changed in the copy."""
    shared = returned.base.cells.get(row.id, {}) if returned.base else {}
    for heading, before in shared.items():
        if heading in row.cells:
            column, now = row.cells[heading]
            if _plain(before) != _plain(now):
                yield column, heading, before, now


def _by_marks(snapshot: Snapshot) -> _Place | None:
    owned = snapshot.owned
    if owned is None or not (note := owned.columns.get("coach_note")):
        return None
    return _Place(snapshot.grid(owned.sheet), owned.header_row, owned.columns.get("id"), note)


def _by_words(snapshot: Snapshot, base: Base | None) -> _Place | None:
    """The first row with both our headings; without a base sheet the tracker itself could pass, so it must not compute."""
    words = {key: fold(word) for key, word in column_words().items()}
    for grid in snapshot.grids:
        if is_base(grid):
            continue
        for row in range(1, min(grid.n_rows, _HEADER_ROWS) + 1):
            texts = [fold(as_text(value)) for value in grid.row(row)]
            if words["coach_note"] not in texts:
                continue
            identity = texts.index(words["id"]) + 1 if words["id"] in texts else None
            ours = snapshot.owned.columns if snapshot.owned else {}
            if base is None and (identity is None or any(ours.get(key) for key in ("next_contact", "log", "draft"))):
                continue
            return _Place(grid, row, identity, texts.index(words["coach_note"]) + 1)
    return None


def _rows(place: _Place) -> Iterator[ReturnedRow]:
    grid, ours = place.grid, {place.id_column, place.note_column}
    headings: dict[str, int] = {}
    for column in range(1, grid.n_columns + 1):
        text = as_text(grid.cell(place.header_row, column))
        if text and column not in ours:
            headings.setdefault(text, column)
    formulas = grid.formulas.get(place.note_column, frozenset())
    for row in range(place.header_row + 1, grid.n_rows + 1):
        identity = as_text(grid.cell(row, place.id_column)) if place.id_column else ""
        value = grid.cell(row, place.note_column)
        unsaved = is_error(value) or (value is None and row in formulas)
        note = tidy(value)
        if identity or note or unsaved:
            cells = {heading: (column, grid.cell(row, column)) for heading, column in headings.items()}
            yield ReturnedRow(row, identity, note, cells, unsaved)


def _beside(snapshot: Snapshot, place: _Place, base: Base) -> Iterator[Beside]:
    """What a coach wrote where no note is looked for: other sheets, columns of their own, above and below the table."""
    shared = {heading for cells in base.cells.values() for heading in cells}
    grid = place.grid
    own = [
        column
        for column in range(1, grid.n_columns + 1)
        if column not in (place.id_column, place.note_column)
        and (not base.cells or as_text(grid.cell(place.header_row, column)) not in shared)
    ]
    everywhere = range(1, grid.n_columns + 1)
    above = [
        found for row in range(1, place.header_row) for column in everywhere for found in _written(grid, row, (column,))
    ]
    yield from above[_LINES_ABOVE:]
    for row in range(place.header_row + 1, grid.n_rows + 1):
        if (place.id_column and as_text(grid.cell(row, place.id_column))) or tidy(grid.cell(row, place.note_column)):
            columns: Iterable[int] = own
        else:
            columns = everywhere if place.id_column else own
        yield from _written(grid, row, columns)
    for other in snapshot.grids:
        if other is not grid and not is_base(other):
            for row in range(1, other.n_rows + 1):
                yield from _written(other, row, range(1, other.n_columns + 1))


def _written(grid: Grid, row: int, columns: Iterable[int]) -> Iterator[Beside]:
    found = [(column, text) for column in columns if (text := tidy(grid.cell(row, column)))]
    if found:
        yield Beside(grid.name, row, found[0][0], ", ".join(text for _, text in found))


def _recognised(rows: Sequence[ReturnedRow], base: Base) -> Iterator[ReturnedRow]:
    """The rows with the ids that they had, where all that was shared of one thread, and of no other, stands in a row."""
    headings = {heading for row in rows for heading in row.cells}
    known: dict[tuple[str | float, ...], list[str]] = defaultdict(list)
    for identity, cells in base.cells.items():
        known[tuple(_plain(value) for heading, value in cells.items() if heading in headings)].append(identity)
    order = [heading for heading in next(iter(base.cells.values()), {}) if heading in headings]
    for row in rows:
        found = known.get(tuple(_plain(row.cells[heading][1]) for heading in order), [])
        yield replace(row, id=found[0]) if len(found) == 1 else row


def _plain(value: Value) -> str | float:
    """A cell's value however a program keeps it: a date as its serial number, too."""
    if isinstance(value, bool):
        return as_text(value)
    if isinstance(value, dt.datetime):
        time = dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        return value.toordinal() - _EPOCH + time / dt.timedelta(days=1)
    if isinstance(value, dt.date):
        return float(value.toordinal() - _EPOCH)
    if isinstance(value, int | float):
        return float(value)
    return tidy(value)

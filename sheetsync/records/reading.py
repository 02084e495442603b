"""What a command knows when it adds to a person's records, and what it adds: plain values, nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from sheetsync.changes import Append, Edit
from sheetsync.errors import UnwritableFileError, UsageError
from sheetsync.model import Grid, Layout, Problem, Snapshot, Value
from sheetsync.sheets.house import debrief_sheet, history_sheet
from sheetsync.sheets.lists import one_a_sheet, place_rows, with_rows
from sheetsync.tracker.history import LogSheet, find_log

if TYPE_CHECKING:
    from sheetsync.book import Sheet
    from sheetsync.model import Plan, Tracker
    from sheetsync.settings import Settings


_READ: Final = {"id": "id", "coach_note": "coach_notes"}
"""Columns of ours from which a tracker's field is read, unless the person has one of their own."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A tracker as it was read, before anything new is recorded."""

    snapshot: Snapshot
    layout: Layout
    tracker: Tracker
    settings: Settings
    today: dt.date
    undated: dt.date
    """The day that something picked without a date took place, as far as that can be known."""
    plan: Callable[[], Plan]
    """Works out what is next as things stand; costs as much as a sync's plan."""


@dataclass(frozen=True, slots=True)
class Records:
    """What is to be recorded: cells and rows outside the computed columns, each asked for by the person."""

    edits: tuple[Edit, ...] = ()
    appends: tuple[Append, ...] = ()
    new_sheets: tuple[Sheet, ...] = ()
    owned: Mapping[str, Mapping[int, Value]] = field(default_factory=dict)
    """A further column of ours (`model.EXTRA_OWNED`) -> row -> value; a column that is not there yet is added."""
    dropdowns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """A further column of ours -> what its cells offer."""
    told: tuple[str, ...] = ()
    """What is recorded, a sentence each."""
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.edits or self.appends or self.new_sheets or self.owned)


Act = Callable[[Reading], Records]
"""A command's part of a sync: what it wants recorded, worked out from what was read."""


def together(*several: Records) -> Records:
    """Several records as one, in order.

    A sheet that two of them make is made once, and of two edits of a cell the first counts.
    """
    owned: dict[str, dict[int, Value]] = {}
    sheets: dict[str, Sheet] = {}
    for records in several:
        for key, cells in records.owned.items():
            owned.setdefault(key, {}).update(cells)
        for sheet in records.new_sheets:
            sheets.setdefault(sheet.name, sheet)
    edits: dict[tuple[str, int, int], Edit] = {}
    for edit in (edit for records in several for edit in records.edits):
        edits.setdefault((edit.sheet, edit.row, edit.column), edit)
    return Records(
        edits=tuple(edits.values()),
        appends=tuple(one_a_sheet(append for records in several for append in records.appends)),
        new_sheets=tuple(sheets.values()),
        owned=owned,
        dropdowns={key: words for records in several for key, words in records.dropdowns.items()},
        told=tuple(text for records in several for text in records.told),
        problems=tuple(dict.fromkeys(problem for records in several for problem in records.problems)),
    )


def with_records(snapshot: Snapshot, layout: Layout, records: Records) -> tuple[Snapshot, Layout]:
    """The spreadsheet as it will read once `records` are written, so that the same run can plan from them.

    Raises UnwritableFileError where a list has no room for its new rows.
    """
    grids = {grid.name: grid for grid in snapshot.grids}
    cells: dict[str, dict[tuple[int, int], Value]] = {}
    for edit in records.edits:
        cells.setdefault(edit.sheet, {})[edit.row, edit.column] = edit.after
    appends = one_a_sheet(records.appends)
    for sheet in records.new_sheets:
        if sheet.name not in grids:
            grids[sheet.name] = _grid(
                with_rows(sheet, [row for a in appends if a.sheet == sheet.name for row in a.rows])
            )
            appends = [append for append in appends if append.sheet != sheet.name]
    for append in appends:
        placed = place_rows(grids[append.sheet], append, location=snapshot.location)
        for row, values in zip(placed.rows, append.rows, strict=True):
            cells.setdefault(append.sheet, {}).update({(row, column): value for column, value in values.items()})
    places = _places(snapshot, layout, records, first_free=grids[layout.sheet].n_columns + 1)
    for key, by_row in records.owned.items():
        cells.setdefault(layout.sheet, {}).update({(row, places[key]): value for row, value in by_row.items()})
    for name, changed in cells.items():
        grids[name] = _with_cells(grids[name], changed)
    read = {field: places[key] for key, field in _READ.items() if key in places}
    return replace(snapshot, grids=tuple(grids.values())), replace(layout, columns={**read, **layout.columns})


def sheet_of_records(reading: Reading, kind: Literal["history", "debrief"]) -> tuple[LogSheet, tuple[Sheet, ...]]:
    """The History or the Debrief sheet, and what is to be made for it if the tracker has none.

    Raises UsageError where a sheet of the person's has its name and not its headers.
    """
    log = find_log(reading.snapshot, kind, reading.layout.sheet)
    if log is not None:
        return log, ()
    sheet, needs = (
        (history_sheet(), "Date and Company, which a history of contacts needs")
        if kind == "history"
        else (debrief_sheet(), "Company and People, which a debrief needs")
    )
    if any(grid.name.casefold() == sheet.name.casefold() for grid in reading.snapshot.grids):
        raise UsageError(
            f"Sheet {sheet.name!r} of {reading.snapshot.location} has no headers {needs}: add them, or give that sheet "
            "another name."
        )
    snapshot, _ = with_records(reading.snapshot, reading.layout, Records(new_sheets=(sheet,)))
    log = find_log(snapshot, kind, reading.layout.sheet)
    assert log is not None  # noqa: S101  # our own sheet
    return log, (sheet,)


def no_room(snapshot: Snapshot, append: Append) -> str | None:
    """What to do before these rows can stand in their sheet; None if nothing, or if the sheet is still to be made."""
    grid = next((grid for grid in snapshot.grids if grid.name == append.sheet), None)
    if grid is None:
        return None
    try:
        place_rows(grid, append, location=snapshot.location)
    except UnwritableFileError as error:
        return str(error)
    return None


def _places(snapshot: Snapshot, layout: Layout, records: Records, *, first_free: int) -> dict[str, int]:
    """The columns of what `records` own; for one that is still to be made any that is free will do here."""
    owned = snapshot.owned.columns if snapshot.owned and snapshot.owned.sheet == layout.sheet else {}
    return {key: owned.get(key) or first_free + place for place, key in enumerate(records.owned)}


def _with_cells(grid: Grid, cells: Mapping[tuple[int, int], Value]) -> Grid:
    """The grid with other values in some cells, formulas apart."""
    if not cells:
        return grid
    n_rows = max(grid.n_rows, *(row for row, _ in cells))
    n_columns = max(grid.n_columns, *(column for _, column in cells))
    columns = list(grid.columns) + [[None] * grid.n_rows for _ in range(n_columns - grid.n_columns)]
    if n_rows > grid.n_rows:
        columns = [[*values, *[None] * (n_rows - grid.n_rows)] for values in columns]
    copied: dict[int, list[Value]] = {}
    for (row, column), value in cells.items():
        if row not in grid.formulas.get(column, ()):
            copied.setdefault(column, list(columns[column - 1]))[row - 1] = value
    for column, values in copied.items():
        columns[column - 1] = values
    return replace(grid, columns=tuple(columns))


def _grid(sheet: Sheet) -> Grid:
    from sheetsync.book import Formula

    columns = tuple(
        tuple(value.result if isinstance(value, Formula) else value for value in column) for column in sheet.columns
    )
    return Grid(sheet.name, columns, hidden=sheet.hidden, tables=(sheet.table,) if sheet.table else ())

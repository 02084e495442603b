"""Changes -> the requests of a write, and what it must look at. Nothing is sent here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from sheetsync.changes import Append, Changes
from sheetsync.errors import UsageError
from sheetsync.model import OWNED, Area, Grid, Ownership, Problem, Value
from sheetsync.sheets.edits import check_edits
from sheetsync.sheets.google import looks, room
from sheetsync.sheets.google.batch import Batch, Watch
from sheetsync.sheets.google.marking import create, mark_columns, new_id
from sheetsync.sheets.google.rules import as_rule, rule_requests
from sheetsync.sheets.google.state import MADE_KEY, BookState, SheetState, area, grid_range, runs
from sheetsync.sheets.google.values import FormulaText, NumberFormat, as_entered, is_date
from sheetsync.sheets.highlights import highlight_rules
from sheetsync.sheets.links import LINKED, address
from sheetsync.sheets.lists import one_a_sheet, place_rows, with_rows
from sheetsync.sheets.ownership import header_texts

_FORMULA: Final = "You turned this cell into a formula, so it is yours now and is left alone."


def requests_for(
    changes: Changes, book: BookState, grids: Mapping[str, Grid], owned: Ownership | None, location: str
) -> Batch:
    """Work out a write. `owned` says where our columns stood when the spreadsheet was read.

    Raises NoRoomError, DeniedError, UnwritableFileError, SourceChangedError, and UsageError for an unknown sheet.
    """
    state = book.sheet(changes.sheet)
    if state is None:
        raise UsageError(f"{location} has no sheet called {changes.sheet!r}: see `sheetsync inspect`.")
    batch = Batch(problems=[*changes.problems], tracker=state.id)
    writing = _Writing(changes, book, state, grids, location=location, batch=batch)
    here = owned if owned is not None and owned.sheet == changes.sheet else None
    writing.columns(here.columns if here else {}, here.header_row if here else changes.header_row)
    writing.edits()
    made = writing.sheets()
    for append in one_a_sheet(changes.appends):
        if append.sheet not in made:
            writing.append(append)
    writing.check()
    return batch


class _Writing:
    """One write in the making."""

    def __init__(
        self,
        changes: Changes,
        book: BookState,
        state: SheetState,
        grids: Mapping[str, Grid],
        *,
        location: str,
        batch: Batch,
    ) -> None:
        self._changes, self._book, self._state = changes, book, state
        self._grids, self._location, self._batch = grids, location, batch
        self._grid = grids[state.title]
        self._bare: dict[int, dict[tuple[int, int], NumberFormat | None]] = {}

    # Our columns

    def columns(self, standing: Mapping[str, int | None], header_row: int) -> None:
        """Our columns: made if they are new, filled, marked and coloured."""
        changes, state, batch = self._changes, self._state, self._batch
        fresh = room.new_places(state, self._grid, changes, standing, self._location)
        batch.columns = {**{key: column for key, column in standing.items() if column}, **fresh}
        batch.fresh = sorted(fresh.values())
        requests, batch.widened = room.more_columns(self._book, state, max(batch.fresh, default=0), self._location)
        batch.before += requests
        dates = looks.date_format(state, changes)
        wide, before = looks.widths(state, fresh)
        marks = mark_columns(state, header_row, batch.columns, before, batch.widened) if batch.columns else []
        batch.before += marks
        if fresh:
            self._make(fresh, dates, wide)
        self._fill(fresh, dates)
        self._highlight()

    def _make(self, fresh: Mapping[str, int], dates: NumberFormat, wide: list[dict[str, object]]) -> None:
        """Headers, looks, drop-downs, and the Table or filter around."""
        changes, state, batch = self._changes, self._state, self._batch
        texts = header_texts(self._grid, changes.header_row, list(fresh), changes.headers)
        for key, column in fresh.items():
            batch.type(state.id, changes.header_row, column, texts[key])
        last = max(changes.last_row, changes.header_row)
        bottom = state.rows if self._grid.n_rows <= last else min(last, state.rows)
        grown, in_table = room.grown(state, changes, fresh.values(), batch.problems)
        if in_table:
            batch.named = {(changes.header_row, column) for column in range(1, changes.right + 1)}
        batch.after += looks.new_looks(
            state, fresh, changes.header_row, bottom, right=changes.right, dates=dates, table=in_table
        )
        batch.fresh_rows = (changes.header_row, bottom)
        batch.after += wide
        batch.after += grown
        for key, words in changes.dropdowns.items():
            if key in fresh and bottom > changes.header_row:
                place = Area(changes.header_row + 1, fresh[key], bottom, fresh[key])
                batch.after.append(looks.dropdown(state.id, place, words))

    def _fill(self, fresh: Mapping[str, int], dates: NumberFormat) -> None:
        """The values. A new column is written in every row, one that stands where it differs."""
        changes, state, batch = self._changes, self._state, self._batch
        closed = self._closed()
        for key, values in changes.after.items():
            column = batch.columns.get(key)
            if column is None:
                continue
            formulas = self._grid.formulas.get(column, frozenset())
            for row, value in zip(changes.rows, values, strict=True):
                wanted = as_entered(value)
                held = state.typed(row, column)
                if row > state.rows or (row, column) in closed or (key not in fresh and held == wanted):
                    continue
                if row in formulas or isinstance(held, FormulaText):
                    batch.problems.append(Problem(state.title, row, column, _FORMULA))
                    continue
                batch.type(state.id, row, column, wanted)
                batch.changed += held != wanted
                if key not in fresh and isinstance(value, dt.date) and not is_date(state.format(row, column)):
                    self._bare.setdefault(state.id, {})[row, column] = dates
        self._link(fresh)
        if batch.cells.get(state.id) or batch.before:
            read = [c for c in changes.read_columns or range(1, changes.right + 1) if c not in batch.columns.values()]
            last = min(max(changes.last_row, changes.rows[-1] if changes.rows else 0, changes.header_row), state.rows)
            for left, right in runs(sorted(read)):
                if left <= state.columns:
                    place = Area(changes.header_row, left, last, min(right, state.columns))
                    batch.watches.append(Watch(state.id, state.title, place))

    def _link(self, fresh: Mapping[str, int]) -> None:
        """Let the addresses that are written into our columns of links open on a click."""
        changes, batch = self._changes, self._batch
        typed = batch.cells.get(self._state.id, {})
        links: dict[tuple[int, int], str | None] = {}
        for key in LINKED & changes.after.keys() & batch.columns.keys():
            for row, value in zip(changes.rows, changes.after[key], strict=True):
                place = row, batch.columns[key]
                if place in typed and (address(value) or key not in fresh):
                    links[place] = address(value)
        batch.after += looks.links(self._state.id, links)

    def _closed(self) -> frozenset[tuple[int, int]]:
        """Cells in our columns that are none of ours: within merged ones, or in a Table's row of totals."""
        found: set[tuple[int, int]] = set()
        ours = set(self._batch.columns.values())
        for merge in self._grid.merges:
            for column in ours.intersection(range(merge.left, merge.right + 1)):
                top = merge.top + (column == merge.left)
                found.update((row, column) for row in range(top, merge.bottom + 1))
        for table in self._grid.tables:
            if not table.totals_rows:
                continue
            place = table.area
            grows = place.right + 1 in self._batch.fresh
            right = max(self._batch.fresh) if grows else place.right
            rows = range(place.bottom - table.totals_rows + 1, place.bottom + 1)
            found.update((row, column) for column in ours if place.left <= column <= right for row in rows)
        return frozenset(found)

    def _highlight(self) -> None:
        changes, state, batch = self._changes, self._state, self._batch
        wanted = highlight_rules(
            batch.columns,
            first_row=changes.first_row,
            last_row=max(changes.last_row, changes.first_row),
            words=changes.words,
            mode=changes.highlight,
            tracker=(1, changes.right),
        )
        locale = self._book.locale
        rules = [as_rule(rule, state.id, locale) for rule in wanted]
        batch.rules += rule_requests(state, rules, locale)

    # What a command names besides

    def edits(self) -> None:
        """Single cells outside our columns. Their whole rows are watched: by them a row is known again."""
        for sheet in dict.fromkeys(edit.sheet for edit in self._changes.edits):
            state = self._known(sheet)
            found = [edit for edit in self._changes.edits if edit.sheet == sheet]
            wanted, problems = check_edits(self._grids[sheet], found, location=self._location)
            self._batch.problems += problems
            for edit in wanted:
                self._put(state, edit.row, edit.column, edit.after)
                if state.columns:
                    place = Area(edit.row, 1, edit.row, max(min(len(state.entered), state.columns), edit.column))
                    self._batch.watches.append(Watch(state.id, state.title, place))

    def sheets(self) -> set[str]:
        """Make the sheets that are not there yet, with what is appended to them; their names."""
        made: set[str] = set()
        if not self._changes.new_sheets:
            return made
        from sheetsync.sheets.google.building import sheet_requests

        there = {state.title.casefold() for state in self._book.sheets}
        there |= {mark.value.partition("\t")[0].casefold() for s in self._book.sheets for mark in s.made_marks}
        for number, sheet in enumerate(self._changes.new_sheets):
            if sheet.name.casefold() in there:
                continue
            rows = [row for append in self._changes.appends if append.sheet == sheet.name for row in append.rows]
            filled = with_rows(sheet, rows) if rows else sheet
            self._batch.changed += sum(value is not None for row in rows for value in row.values())
            sheet_id = new_id()
            index = len(self._book.sheets) + number
            self._batch.before += sheet_requests(filled, sheet_id=sheet_id, index=index, locale=self._book.locale)
            name = f"{sheet.name}\t{sheet.tab}"
            self._batch.before.append(create(MADE_KEY, name, {"sheetId": sheet_id}))
            self._batch.sheets.append(sheet_id)
            made.add(sheet.name)
        return made

    def append(self, append: Append) -> None:
        """Rows below the last filled one of a list. The row above them is watched.

        Sheets has `appendCells`, which counts cells with formulas as filled; these rows go where every source puts them.
        """
        state = self._known(append.sheet)
        placed = place_rows(self._grids[state.title], append, location=self._location)
        batch = self._batch
        requests, more = room.more_rows(self._book, state, placed.rows.stop - 1, self._location)
        batch.before += requests
        batch.lengthened[state.id] = batch.lengthened.get(state.id, 0) + more
        for row, cells in zip(placed.rows, append.rows, strict=True):
            for column, value in cells.items():
                self._put(state, row, column, value, like=placed.like)
        if placed.bottom is not None and placed.table is not None:
            found = next(table for table in state.tables if table.get("name", "") == placed.table.name)
            place = area(found["range"], rows=state.rows, columns=state.columns)
            if placed.bottom > place.bottom:
                wanted = Area(place.top, place.left, placed.bottom, place.right)
                batch.after.append(room.table_range(found, grid_range(state.id, wanted)))
        if placed.rows.start > 1:
            above = Area(placed.rows.start - 1, 1, placed.rows.start - 1, max(len(state.entered), 1))
            batch.watches.append(Watch(state.id, state.title, above))

    def _put(self, state: SheetState, row: int, column: int, value: Value, *, like: int | None = None) -> None:
        """Write a cell that is none of ours, with the format that shows what it holds if it has none."""
        self._batch.type(state.id, row, column, as_entered(value))
        self._batch.changed += as_entered(value) != state.typed(row, column)
        wanted = looks.value_format(value)
        if wanted is not None and state.format(row, column) is None:
            above = state.format(like, column) if like else None
            self._bare.setdefault(state.id, {})[row, column] = above if is_date(above) else wanted

    def _known(self, sheet: str) -> SheetState:
        state = self._book.sheet(sheet)
        if state is None:
            raise UsageError(f"{self._location} has no sheet called {sheet!r}: see `sheetsync inspect`.")
        return state

    # In the end

    def check(self) -> None:
        """Add the number formats of single cells, and refuse what is protected."""
        batch = self._batch
        for sheet, formats in self._bare.items():
            batch.after += looks.number_formats(sheet, formats)
            batch.looks.setdefault(sheet, []).extend(Area(row, column, row, column) for row, column in formats)
        for sheet, cells in batch.cells.items():
            state = self._book.by_id(sheet)
            if state is not None and state.protected:
                room.refuse_protected(state, _rectangles(sorted(cells)), self._location)
        if batch.fresh and self._state.protected:
            top, bottom = batch.fresh_rows
            places = [Area(top, left, bottom, right) for left, right in runs(batch.fresh)]
            room.refuse_protected(self._state, places, self._location)


def _rectangles(places: Sequence[tuple[int, int]]) -> list[Area]:
    """Cells as unbroken runs down their columns."""
    by_column: dict[int, list[int]] = {}
    for row, column in places:
        by_column.setdefault(column, []).append(row)
    return [
        Area(first, column, last, column) for column, rows in by_column.items() for first, last in runs(sorted(rows))
    ]


def in_order(columns: Mapping[str, int]) -> dict[str, int]:
    """Our columns by key, in the order of the computed ones."""
    known = [key for key in OWNED if key in columns]
    return {key: columns[key] for key in (*known, *(key for key in columns if key not in OWNED))}

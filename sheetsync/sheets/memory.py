"""A spreadsheet held in memory, for grids that somebody else holds: the add-in's open sheet, or an experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sheetsync import book
from sheetsync.changes import Append, Changes, Edit, Only, Receipt
from sheetsync.errors import SourceChangedError, UsageError
from sheetsync.model import Area, Grid, Ownership, Problem, Snapshot, TableArea, Value
from sheetsync.sheets.edits import check_edits
from sheetsync.sheets.held import (
    Column,
    Held,
    append_rows,
    fill,
    grid_of,
    held_of,
    lengthen,
    made_of,
    narrow,
    put,
    sort_key,
    widen,
    with_column,
    without_column,
)
from sheetsync.sheets.highlights import HighlightRule, highlight_rules
from sheetsync.sheets.lists import Placed, one_a_sheet, place_rows, with_rows
from sheetsync.sheets.ownership import adopt, header_texts, place_new, to_add, with_words


@dataclass(slots=True, eq=False)
class _Mark:
    """That a column is ours. None once the person deleted it."""

    sheet: Held
    header_row: int
    column: Column | None


class MemorySource:
    """Grids behind the `Source` protocol, and what a person does to them: each edit makes a new version.

    Our rules are held as values in `rules`, by sheet.
    """

    def __init__(
        self,
        grids: Iterable[Grid],
        *,
        location: str = "the open workbook",
        owned: Ownership | None = None,
        epoch_1904: bool = False,
        locale: str | None = None,
        time_zone: str | None = None,
    ) -> None:
        """Take copies of `grids`. `owned` says which columns are ours already."""
        self.location = location
        self.rules: dict[str, tuple[HighlightRule, ...]] = {}
        self._sheets = {grid.name: held_of(grid) for grid in grids}
        self._epoch_1904, self._locale, self._time_zone = epoch_1904, locale, time_zone
        self._version = 1
        self._marks: dict[str, _Mark] = {}
        self._made: dict[str, bool] = {}
        """The sheets that we made, and whether each holds the person's records."""
        if owned:
            sheet = self._sheets[owned.sheet]
            for key, number in owned.columns.items():
                column = sheet.columns[number - 1] if number else None
                self._marks[key] = _Mark(sheet, owned.header_row, column)

    # The protocol

    def read(self) -> Snapshot:
        """The grids as they stand now."""
        grids = tuple(grid_of(sheet) for sheet in self._sheets.values())
        return Snapshot(
            self.location,
            str(self._version),
            grids,
            owned=self._owned() if self._marks else adopt(grids),
            epoch_1904=self._epoch_1904,
            locale=self._locale,
            time_zone=self._time_zone,
        )

    def apply(self, changes: Changes) -> Receipt:
        """Write `changes`. Raises SourceChangedError, FileError, and UsageError for a sheet that is not there."""
        if changes.version != str(self._version):
            raise SourceChangedError(self.location)
        sheet = self._sheet(changes.sheet)
        standing, adopted = self._standing(sheet)
        new = to_add(changes.add, standing)
        grid = grid_of(sheet)
        places = place_new(grid, new, standing=standing, right=changes.right, location=self.location)
        headers = header_texts(grid, changes.header_row, new, changes.headers)
        edits, problems = self._edits(changes.edits)
        made, placed = self._lists(changes)
        # Nothing was touched up to here, and nothing below can fail.
        for key, place in places.items():
            widen(sheet, place)
            column = sheet.columns[place - 1]
            column.values[changes.header_row - 1] = headers[key]
            column.dropdown = changes.dropdowns.get(key, ())
            self._marks[key] = _Mark(sheet, changes.header_row, column)
        for key, number in standing.items() if adopted else ():
            if number:
                self._marks[key] = _Mark(sheet, changes.header_row, sheet.columns[number - 1])
        changed = sum(
            fill(mark.column, changes.rows, values)
            for key, values in changes.after.items()
            if (mark := self._marks.get(key)) and mark.column
        )
        for edit in edits:
            put(self._sheets[edit.sheet], edit.row, edit.column, edit.after)
        for append, where in placed:
            changed += append_rows(self._sheets[append.sheet], append, where)
        for each in made:
            self._sheets[each.name] = made_of(each, self._sheets)
            self._made[each.name] = each.tab == "log"
        changed += len(edits)
        columns = {key: number for key, number in self._places(sheet).items() if number}
        ruled = self._rule(changes, columns)
        written = bool(new or adopted or changed or ruled or made)
        self._version += written
        return Receipt(
            written,
            columns,
            changed,
            problems=(*changes.problems, *problems, *(p for _, where in placed for p in where.problems)),
        )

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:
        """Empty every column of ours from its header down, but for formulas, which are the person's; drop our sheets."""
        owned = self._owned() or adopt(self.read().grids)
        kept: frozenset[str] = frozenset()
        if owned and only is None and not everything:
            kept = with_words(owned, [column.values for column in self._sheets[owned.sheet].columns])
        places = (
            {
                key: number
                for key, number in owned.columns.items()
                if key not in kept and (only is None or key in only.columns)
            }
            if owned
            else {}
        )
        changed = 0
        if owned:
            sheet = self._sheets[owned.sheet]
            rows = range(owned.header_row, sheet.n_rows + 1)
            for number in filter(None, places.values()):
                changed += fill(sheet.columns[number - 1], rows, [None] * len(rows))
                sheet.columns[number - 1].dropdown = ()
            narrow(sheet)
        gone = [
            name
            for name, holds_records in self._made.items()
            if (name in only.sheets if only is not None else everything or not holds_records)
        ]
        for name in gone:
            del self._sheets[name], self._made[name]
        written = bool(places or gone or (only is None and ((owned and not kept) or self.rules)))
        for key in places:
            self._marks.pop(key, None)
        if only is None or not self._marks:
            self._marks = {key: mark for key, mark in self._marks.items() if key in kept}
            self.rules.clear()
        self._version += written
        return Receipt(written, {}, changed)

    # What a person does

    def set(self, sheet: str, row: int, column: int, value: Value, *, formula: bool = False) -> None:
        """Type a value, or a formula with that result, into a cell; the sheet grows if it must."""
        held = self._sheets[sheet]
        widen(held, column)
        lengthen(held, row)
        cells = held.columns[column - 1]
        cells.values[row - 1] = value
        cells.unsaved.discard(row)
        (cells.formulas.add if formula else cells.formulas.discard)(row)
        self._version += 1

    def sort_rows(self, sheet: str, first: int, last: int, *, by: int, descending: bool = False) -> None:
        """Sort whole rows by a column's values: numbers, then texts, then the rest; empty cells last."""
        held = self._sheets[sheet]
        values = held.columns[by - 1].values
        filled = [row for row in range(first, last + 1) if values[row - 1] is not None]
        empty = [row for row in range(first, last + 1) if values[row - 1] is None]
        order = sorted(filled, key=lambda row: sort_key(values[row - 1]), reverse=descending) + empty
        place = dict(zip(order, range(first, last + 1), strict=True))
        for column in held.columns:
            column.values[first - 1 : last] = [column.values[row - 1] for row in order]
            column.formulas = {place.get(row, row) for row in column.formulas}
            column.unsaved = {place.get(row, row) for row in column.unsaved}
        self._version += 1

    def move_column(self, sheet: str, column: int, *, before: int) -> None:
        """Cut a column and insert it before another. Tables and merged cells stay where they are."""
        columns = self._sheets[sheet].columns
        columns.insert(before - 1 - (before > column), columns.pop(column - 1))
        self._version += 1

    def insert_column(self, sheet: str, *, before: int) -> None:
        """Insert an empty column; tables and merged cells move or grow with it."""
        held = self._sheets[sheet]
        held.columns.insert(before - 1, Column([None] * held.n_rows))
        self._shift(held, lambda area: with_column(area, before))

    def delete_column(self, sheet: str, column: int) -> None:
        """Delete a column; tables and merged cells move or shrink with it."""
        held = self._sheets[sheet]
        gone = held.columns.pop(column - 1)
        for mark in self._marks.values():
            if mark.column is gone:
                mark.column = None
        self._shift(held, lambda area: without_column(area, column))

    def forget_marks(self) -> None:
        """Lose the marks by which our columns are known, as a trip through a lesser program does."""
        self._marks.clear()
        self._version += 1

    # The rest

    def _sheet(self, name: str) -> Held:
        if name not in self._sheets:
            raise UsageError(f"{self.location} has no sheet called {name!r}: see `sheetsync inspect`.")
        return self._sheets[name]

    def _edits(self, edits: Iterable[Edit]) -> tuple[list[Edit], list[Problem]]:
        """The edits that are to be made, and what is said about the others."""
        wanted: list[Edit] = []
        problems: list[Problem] = []
        by_sheet: dict[str, list[Edit]] = {}
        for edit in edits:
            by_sheet.setdefault(edit.sheet, []).append(edit)
        for name, group in by_sheet.items():
            some, told = check_edits(grid_of(self._sheet(name)), group, location=self.location)
            wanted += some
            problems += told
        return wanted, problems

    def _lists(self, changes: Changes) -> tuple[list[book.Sheet], list[tuple[Append, Placed]]]:
        """The sheets to make, with the rows for them, and where the rows for other sheets go."""
        known = {name.casefold() for name in self._sheets}
        made = {each.name: each for each in changes.new_sheets if each.name.casefold() not in known}
        placed: list[tuple[Append, Placed]] = []
        for append in one_a_sheet(changes.appends):
            if append.sheet in made:
                made[append.sheet] = with_rows(made[append.sheet], append.rows)
            else:
                placed.append((append, place_rows(grid_of(self._sheet(append.sheet)), append, location=self.location)))
        return list(made.values()), placed

    def _places(self, sheet: Held) -> dict[str, int | None]:
        """Where our columns stand on a sheet; None for those the person deleted."""
        numbers = {id(column): number for number, column in enumerate(sheet.columns, start=1)}
        return {
            key: numbers[id(mark.column)] if mark.column else None
            for key, mark in self._marks.items()
            if mark.sheet is sheet
        }

    def _owned(self) -> Ownership | None:
        for mark in self._marks.values():
            return Ownership(mark.sheet.name, mark.header_row, self._places(mark.sheet))
        return None

    def _standing(self, sheet: Held) -> tuple[Mapping[str, int | None], bool]:
        """Where our columns stand, and whether their marks were lost."""
        if not self._marks:
            found = adopt(grid_of(each) for each in self._sheets.values())
            if found and found.sheet == sheet.name:
                return found.columns, True
        return self._places(sheet), False

    def _rule(self, changes: Changes, columns: Mapping[str, int]) -> bool:
        """Make the highlights what they should be; answer whether they were not."""
        rules = highlight_rules(
            columns,
            first_row=changes.first_row,
            last_row=changes.last_row,
            words=changes.words,
            mode=changes.highlight,
            tracker=(1, changes.right),
        )
        if rules == self.rules.get(changes.sheet, ()):
            return False
        self.rules[changes.sheet] = rules
        return True

    def _shift(self, sheet: Held, shifted: Callable[[Area], Area | None]) -> None:
        sheet.merges = tuple(area for old in sheet.merges if (area := shifted(old)))
        sheet.tables = tuple(
            TableArea(table.name, area, table.totals_rows) for table in sheet.tables if (area := shifted(table.area))
        )
        self._version += 1

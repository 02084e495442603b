"""A spreadsheet held in memory, for grids that somebody else holds: the add-in's open sheet, or an experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sheetsync import book
from sheetsync.changes import Append, Changes, Edit, Receipt
from sheetsync.errors import SourceChangedError, UsageError
from sheetsync.model import Area, Grid, Ownership, Problem, Snapshot, TableArea, Value
from sheetsync.sheets.edits import check_edits
from sheetsync.sheets.highlights import HighlightRule, highlight_rules
from sheetsync.sheets.lists import Placed, one_a_sheet, place_rows, with_rows
from sheetsync.sheets.ownership import adopt, header_texts, place_new, to_add


@dataclass(slots=True, eq=False)
class _Column:
    """One column of cells. The object itself is its identity, wherever the column is moved to."""

    values: list[Value]
    formulas: set[int] = field(default_factory=set)
    unsaved: set[int] = field(default_factory=set)
    dropdown: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class _Sheet:
    name: str
    hidden: bool
    columns: list[_Column]
    tables: tuple[TableArea, ...]
    merges: tuple[Area, ...]

    @property
    def n_rows(self) -> int:
        return len(self.columns[0].values) if self.columns else 0


@dataclass(slots=True, eq=False)
class _Mark:
    """That a column is ours. None once the person deleted it."""

    sheet: _Sheet
    header_row: int
    column: _Column | None


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
        self._sheets = {grid.name: _sheet(grid) for grid in grids}
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
        grids = tuple(_grid(sheet) for sheet in self._sheets.values())
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
        grid = _grid(sheet)
        places = place_new(grid, new, standing=standing, right=changes.right, location=self.location)
        headers = header_texts(grid, changes.header_row, new, changes.headers)
        edits, problems = self._edits(changes.edits)
        made, placed = self._lists(changes)
        # Nothing was touched up to here, and nothing below can fail.
        for key, place in places.items():
            _widen(sheet, place)
            column = sheet.columns[place - 1]
            column.values[changes.header_row - 1] = headers[key]
            column.dropdown = changes.dropdowns.get(key, ())
            self._marks[key] = _Mark(sheet, changes.header_row, column)
        for key, number in standing.items() if adopted else ():
            if number:
                self._marks[key] = _Mark(sheet, changes.header_row, sheet.columns[number - 1])
        changed = sum(
            _fill(mark.column, changes.rows, values)
            for key, values in changes.after.items()
            if (mark := self._marks.get(key)) and mark.column
        )
        for edit in edits:
            _put(self._sheets[edit.sheet], edit.row, edit.column, edit.after)
        for append, where in placed:
            changed += _append(self._sheets[append.sheet], append, where)
        for each in made:
            self._sheets[each.name] = _made(each, self._sheets)
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

    def remove(self, *, everything: bool = False) -> Receipt:
        """Empty every column of ours from its header down, but for formulas, which are the person's; drop our sheets."""
        owned = self._owned() or adopt(self.read().grids)
        changed = 0
        if owned:
            sheet = self._sheets[owned.sheet]
            rows = range(owned.header_row, sheet.n_rows + 1)
            for number in filter(None, owned.columns.values()):
                changed += _fill(sheet.columns[number - 1], rows, [None] * len(rows))
                sheet.columns[number - 1].dropdown = ()
            _narrow(sheet)
        gone = [name for name, holds_records in self._made.items() if everything or not holds_records]
        for name in gone:
            del self._sheets[name], self._made[name]
        written = bool(owned or self.rules or gone)
        self._marks.clear()
        self.rules.clear()
        self._version += written
        return Receipt(written, {}, changed)

    # What a person does

    def set(self, sheet: str, row: int, column: int, value: Value, *, formula: bool = False) -> None:
        """Type a value, or a formula with that result, into a cell; the sheet grows if it must."""
        held = self._sheets[sheet]
        _widen(held, column)
        _lengthen(held, row)
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
        order = sorted(filled, key=lambda row: _sort_key(values[row - 1]), reverse=descending) + empty
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
        held.columns.insert(before - 1, _Column([None] * held.n_rows))
        self._shift(held, lambda area: _with_column(area, before))

    def delete_column(self, sheet: str, column: int) -> None:
        """Delete a column; tables and merged cells move or shrink with it."""
        held = self._sheets[sheet]
        gone = held.columns.pop(column - 1)
        for mark in self._marks.values():
            if mark.column is gone:
                mark.column = None
        self._shift(held, lambda area: _without_column(area, column))

    def forget_marks(self) -> None:
        """Lose the marks by which our columns are known, as a trip through a lesser program does."""
        self._marks.clear()
        self._version += 1

    # The rest

    def _sheet(self, name: str) -> _Sheet:
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
            some, told = check_edits(_grid(self._sheet(name)), group, location=self.location)
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
                placed.append((append, place_rows(_grid(self._sheet(append.sheet)), append, location=self.location)))
        return list(made.values()), placed

    def _places(self, sheet: _Sheet) -> dict[str, int | None]:
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

    def _standing(self, sheet: _Sheet) -> tuple[Mapping[str, int | None], bool]:
        """Where our columns stand, and whether their marks were lost."""
        if not self._marks:
            found = adopt(_grid(each) for each in self._sheets.values())
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

    def _shift(self, sheet: _Sheet, shifted: Callable[[Area], Area | None]) -> None:
        sheet.merges = tuple(area for old in sheet.merges if (area := shifted(old)))
        sheet.tables = tuple(
            TableArea(table.name, area, table.totals_rows) for table in sheet.tables if (area := shifted(table.area))
        )
        self._version += 1


def _sheet(grid: Grid) -> _Sheet:
    columns = [
        _Column(
            list(values),
            set(grid.formulas.get(number, ())),
            set(grid.unsaved.get(number, ())),
            grid.dropdowns.get(number, ()),
        )
        for number, values in enumerate(grid.columns, start=1)
    ]
    return _Sheet(grid.name, grid.hidden, columns, grid.tables, grid.merges)


def _grid(sheet: _Sheet) -> Grid:
    numbered = tuple(enumerate(sheet.columns, start=1))
    return Grid(
        sheet.name,
        tuple(tuple(column.values) for column in sheet.columns),
        hidden=sheet.hidden,
        formulas={number: frozenset(column.formulas) for number, column in numbered if column.formulas},
        unsaved={number: frozenset(column.unsaved) for number, column in numbered if column.unsaved},
        tables=sheet.tables,
        merges=sheet.merges,
        dropdowns={number: column.dropdown for number, column in numbered if column.dropdown},
    )


def _made(sheet: book.Sheet, sheets: Mapping[str, _Sheet]) -> _Sheet:
    """A sheet that was described, as it stands once it is made."""
    columns = []
    for number, values in enumerate(sheet.columns, start=1):
        formulas = {row: value for row, value in enumerate(values, start=1) if isinstance(value, book.Formula)}
        look = sheet.looks.get(number, book.ColumnLook())
        columns.append(
            _Column(
                [value.result if isinstance(value, book.Formula) else value for value in values],
                set(formulas),
                {row for row, formula in formulas.items() if formula.result is None},
                _offered(look.dropdown, sheets),
            )
        )
    tables = (*filter(None, [sheet.table]), *sheet.more_tables)
    return _Sheet(sheet.name, sheet.hidden, columns, tables, sheet.merges)


def _offered(dropdown: tuple[str, ...] | book.ListRange, sheets: Mapping[str, _Sheet]) -> tuple[str, ...]:
    if not isinstance(dropdown, book.ListRange):
        return dropdown
    grid = _grid(sheets[dropdown.sheet])
    area = dropdown.area
    values = [grid.cell(r, c) for c in range(area.left, area.right + 1) for r in range(area.top, area.bottom + 1)]
    return tuple(value for value in values if isinstance(value, str))


def _append(sheet: _Sheet, append: Append, placed: Placed) -> int:
    """Put rows where they go, but for cells with formulas; answer how many cells got a value."""
    changed = 0
    for row, cells in zip(placed.rows, append.rows, strict=True):
        for column, value in cells.items():
            if value is not None and not (column <= len(sheet.columns) and row in sheet.columns[column - 1].formulas):
                _put(sheet, row, column, value)
                changed += 1
    if placed.bottom is not None and placed.table is not None:
        area = placed.table.area
        grown = TableArea(placed.table.name, Area(area.top, area.left, placed.bottom, area.right))
        sheet.tables = tuple(grown if table == placed.table else table for table in sheet.tables)
    return changed


def _put(sheet: _Sheet, row: int, column: int, value: Value) -> None:
    _widen(sheet, column)
    _lengthen(sheet, row)
    sheet.columns[column - 1].values[row - 1] = value


def _fill(column: _Column, rows: Iterable[int], values: Iterable[Value]) -> int:
    """Put values into a column but for its formulas and for rows that are not there; answer how many differed."""
    changed = 0
    for row, value in zip(rows, values, strict=True):
        if row in column.formulas or row > len(column.values) or _same(column.values[row - 1], value):
            continue
        column.values[row - 1] = value
        changed += 1
    return changed


def _same(old: Value, new: Value) -> bool:
    return old == new and type(old) is type(new)


def _widen(sheet: _Sheet, column: int) -> None:
    sheet.columns.extend(_Column([None] * sheet.n_rows) for _ in range(column - len(sheet.columns)))


def _lengthen(sheet: _Sheet, row: int) -> None:
    for column in sheet.columns:
        column.values.extend([None] * (row - len(column.values)))


def _narrow(sheet: _Sheet) -> None:
    """Drop empty columns at the right edge, as a spreadsheet's used range does."""
    while sheet.columns and not sheet.columns[-1].formulas and all(v is None for v in sheet.columns[-1].values):
        sheet.columns.pop()


def _sort_key(value: Value) -> tuple[int, float, str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, value, "")
    return (1, 0, value.casefold()) if isinstance(value, str) else (2, 0, str(value))


def _with_column(area: Area, before: int) -> Area:
    return Area(area.top, area.left + (area.left >= before), area.bottom, area.right + (area.right >= before))


def _without_column(area: Area, column: int) -> Area | None:
    area = Area(area.top, area.left - (area.left > column), area.bottom, area.right - (area.right >= column))
    return area if area.left <= area.right else None

"""Sheets held in memory: columns of cells, and what may be done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sheetsync import book
from sheetsync.changes import Append
from sheetsync.model import Area, Grid, TableArea, Value
from sheetsync.sheets.lists import Placed


@dataclass(slots=True, eq=False)
class Column:
    """One column of cells. The object itself is its identity, wherever the column is moved to."""

    values: list[Value]
    formulas: set[int] = field(default_factory=set)
    unsaved: set[int] = field(default_factory=set)
    dropdown: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Held:
    """A sheet: its columns, all equally long."""

    name: str
    hidden: bool
    columns: list[Column]
    tables: tuple[TableArea, ...]
    merges: tuple[Area, ...]

    @property
    def n_rows(self) -> int:
        return len(self.columns[0].values) if self.columns else 0


def held_of(grid: Grid) -> Held:
    """A sheet with copies of a grid's cells."""
    columns = [
        Column(
            list(values),
            set(grid.formulas.get(number, ())),
            set(grid.unsaved.get(number, ())),
            grid.dropdowns.get(number, ()),
        )
        for number, values in enumerate(grid.columns, start=1)
    ]
    return Held(grid.name, grid.hidden, columns, grid.tables, grid.merges)


def grid_of(sheet: Held) -> Grid:
    """A sheet as it stands now."""
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


def made_of(sheet: book.Sheet, sheets: Mapping[str, Held]) -> Held:
    """A sheet that was described, as it stands once it is made."""
    columns = []
    for number, values in enumerate(sheet.columns, start=1):
        formulas = {row: value for row, value in enumerate(values, start=1) if isinstance(value, book.Formula)}
        look = sheet.looks.get(number, book.ColumnLook())
        columns.append(
            Column(
                [value.result if isinstance(value, book.Formula) else value for value in values],
                set(formulas),
                {row for row, formula in formulas.items() if formula.result is None},
                _offered(look.dropdown, sheets),
            )
        )
    tables = (*filter(None, [sheet.table]), *sheet.more_tables)
    return Held(sheet.name, sheet.hidden, columns, tables, sheet.merges)


def _offered(dropdown: tuple[str, ...] | book.ListRange, sheets: Mapping[str, Held]) -> tuple[str, ...]:
    if not isinstance(dropdown, book.ListRange):
        return dropdown
    grid = grid_of(sheets[dropdown.sheet])
    area = dropdown.area
    values = [grid.cell(r, c) for c in range(area.left, area.right + 1) for r in range(area.top, area.bottom + 1)]
    return tuple(value for value in values if isinstance(value, str))


def append_rows(sheet: Held, append: Append, placed: Placed) -> int:
    """Put rows where they go, but for cells with formulas; answer how many cells got a value."""
    changed = 0
    for row, cells in zip(placed.rows, append.rows, strict=True):
        for column, value in cells.items():
            if value is not None and not (column <= len(sheet.columns) and row in sheet.columns[column - 1].formulas):
                put(sheet, row, column, value)
                changed += 1
    if placed.bottom is not None and placed.table is not None:
        area = placed.table.area
        grown = TableArea(placed.table.name, Area(area.top, area.left, placed.bottom, area.right))
        sheet.tables = tuple(grown if table == placed.table else table for table in sheet.tables)
    return changed


def put(sheet: Held, row: int, column: int, value: Value) -> None:
    """Put a value into a cell; the sheet grows if it must."""
    widen(sheet, column)
    lengthen(sheet, row)
    sheet.columns[column - 1].values[row - 1] = value


def fill(column: Column, rows: Iterable[int], values: Iterable[Value]) -> int:
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


def widen(sheet: Held, column: int) -> None:
    """Let a sheet have at least that many columns."""
    sheet.columns.extend(Column([None] * sheet.n_rows) for _ in range(column - len(sheet.columns)))


def lengthen(sheet: Held, row: int) -> None:
    """Let a sheet have at least that many rows."""
    for column in sheet.columns:
        column.values.extend([None] * (row - len(column.values)))


def narrow(sheet: Held) -> None:
    """Drop empty columns at the right edge, as a spreadsheet's used range does."""
    while sheet.columns and not sheet.columns[-1].formulas and all(v is None for v in sheet.columns[-1].values):
        sheet.columns.pop()


def sort_key(value: Value) -> tuple[int, float, str]:
    """Where a value stands in order: numbers, then texts, then the rest."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (0, value, "")
    return (1, 0, value.casefold()) if isinstance(value, str) else (2, 0, str(value))


def with_column(area: Area, before: int) -> Area:
    """An area once a column was inserted."""
    return Area(area.top, area.left + (area.left >= before), area.bottom, area.right + (area.right >= before))


def without_column(area: Area, column: int) -> Area | None:
    """An area once a column was deleted; None if nothing is left of it."""
    area = Area(area.top, area.left - (area.left > column), area.bottom, area.right - (area.right >= column))
    return area if area.left <= area.right else None

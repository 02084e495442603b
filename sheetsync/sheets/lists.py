"""Sheets that are lists, such as History: where new rows go, in a sheet that stands and in one that is made. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetsync.book import Formula, Sheet
from sheetsync.changes import Append
from sheetsync.errors import UnwritableFileError
from sheetsync.model import Area, Grid, Problem, TableArea, Value
from sheetsync.sheets.edits import FORMULA


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the rows of an Append go."""

    rows: range
    """The sheet's rows, one for each row of the Append."""
    like: int | None
    """The row whose look they follow; None if the list has none yet."""
    table: TableArea | None = None
    """The table that they stand in."""
    bottom: int | None = None
    """The table's last row, if it has to grow."""
    problems: tuple[Problem, ...] = ()
    """Cells of these rows that hold formulas, and so are left alone."""


def one_a_sheet(appends: Iterable[Append]) -> list[Append]:
    """The same rows, those of one sheet together."""
    rows: dict[str, list[Mapping[int, Value]]] = {}
    for append in appends:
        rows.setdefault(append.sheet, []).extend(append.rows)
    return [Append(sheet, tuple(some)) for sheet, some in rows.items() if some]


def place_rows(grid: Grid, append: Append, *, location: str) -> Placed:
    """The rows right below the last filled one: of the table that has the columns, else of the sheet.

    A cell with a formula does not make its row a filled one, and rows typed right below a table belong to it. Raises
    UnwritableFileError where the table ends in totals, or something stands where the rows would go.
    """
    columns = sorted({column for row in append.rows for column in row})
    table = next((each for each in grid.tables if _spans(each.area, columns)), None)
    if table is None:
        last = _last_filled(grid, range(1, grid.n_columns + 1), grid.n_rows)
        like = last if last > 1 and _is_filled(grid, last - 1, range(1, grid.n_columns + 1)) else None
        rows = range(last + 1, last + 1 + len(append.rows))
        _refuse_taken(grid, Area(last + 1, min(columns, default=1), rows.stop - 1, max(columns, default=1)), location)
        return Placed(rows, like, problems=_kept_formulas(grid, append, rows))
    area = table.area
    inside = range(area.left, area.right + 1)
    bottom = area.bottom - table.totals_rows
    last = max(_last_filled(grid, inside, bottom), area.top)
    while not table.totals_rows and last >= bottom and _is_filled(grid, last + 1, inside):
        last += 1
    rows = range(last + 1, last + 1 + len(append.rows))
    like = last if last > area.top else None
    if rows.stop - 1 <= bottom:
        _refuse_taken(grid, Area(rows.start, area.left, rows.stop - 1, area.right), location, besides=table)
        return Placed(rows, like, table, problems=_kept_formulas(grid, append, rows))
    if table.totals_rows:
        raise _no_room(location, grid.name, f"table {table.name} ends in a row of totals")
    below = range(max(bottom, last) + 1, rows.stop)
    if any(
        row in grid.formulas.get(column, ()) or grid.cell(row, column) not in (None, "")
        for row in below
        for column in inside
    ):
        raise _no_room(location, grid.name, f"something stands right below table {table.name}")
    _refuse_taken(grid, Area(rows.start, area.left, rows.stop - 1, area.right), location, besides=table)
    return Placed(rows, like, table, rows.stop - 1)


def with_rows(sheet: Sheet, rows: Sequence[Mapping[int, Value]]) -> Sheet:
    """A sheet that is to be made, with rows put below its last filled one; its table grows if it must."""
    columns = [list(values) for values in sheet.columns]
    columns += [[] for _ in range(max((column for row in rows for column in row), default=0) - len(columns))]
    last = max(
        (row for values in columns for row, value in enumerate(values, start=1) if _is_value(value)),
        default=sheet.header_row,
    )
    bottom = max([max(last, sheet.header_row) + len(rows), *map(len, columns)])
    for values in columns:
        values.extend([None] * (bottom - len(values)))
    for at, row in enumerate(rows, start=max(last, sheet.header_row)):
        for column, value in row.items():
            columns[column - 1][at] = value
    table = sheet.table
    if table is not None:
        area = table.area
        grown = Area(area.top, area.left, max(area.bottom, max(last, sheet.header_row) + len(rows)), area.right)
        table = replace(table, area=grown)
    return replace(sheet, columns=tuple(map(tuple, columns)), table=table)


def _kept_formulas(grid: Grid, append: Append, rows: range) -> tuple[Problem, ...]:
    return tuple(
        Problem(grid.name, row, column, FORMULA)
        for row, cells in zip(rows, append.rows, strict=True)
        for column in cells
        if row in grid.formulas.get(column, ())
    )


def _is_value(value: Value | Formula) -> bool:
    return value not in (None, "") and not isinstance(value, Formula)


def _spans(area: Area, columns: Sequence[int]) -> bool:
    return bool(columns) and area.left <= columns[0] and columns[-1] <= area.right


def _is_filled(grid: Grid, row: int, columns: Iterable[int]) -> bool:
    return any(
        grid.cell(row, column) not in (None, "") and row not in grid.formulas.get(column, ()) for column in columns
    )


def _last_filled(grid: Grid, columns: Iterable[int], bottom: int) -> int:
    """The last row down to `bottom` in which one of the columns holds a value; 0 if there is none."""
    last = 0
    for column in columns:
        formulas = grid.formulas.get(column, frozenset())
        row = min(bottom, grid.n_rows)
        while row > last and (grid.cell(row, column) in (None, "") or row in formulas):
            row -= 1
        last = max(last, row)
    return last


def _refuse_taken(grid: Grid, area: Area, location: str, *, besides: TableArea | None = None) -> None:
    if any(_overlap(area, merge) for merge in grid.merges):
        raise _no_room(location, grid.name, "merged cells stand where the next row goes")
    if any(_overlap(area, table.area) for table in grid.tables if table is not besides):
        raise _no_room(location, grid.name, "a table stands where the next row goes")


def _overlap(one: Area, other: Area) -> bool:
    return one.top <= other.bottom and other.top <= one.bottom and one.left <= other.right and other.left <= one.right


def _no_room(location: str, sheet: str, reason: str) -> UnwritableFileError:
    return UnwritableFileError(location, f"on sheet {sheet!r} {reason}: make room there.")

"""A workbook's sheets as grids: values by calamine, everything else from the XML."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from sheetsync.errors import RefusedFileError, UnreadableFileError
from sheetsync.model import Area, Grid, Value
from sheetsync.sheets.ooxml.cells import unescaped
from sheetsync.sheets.ooxml.formulas import find_formulas
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.table import Table, read_area
from sheetsync.sheets.ooxml.workbook import SheetEntry, Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_ROWS_AT_ONCE: Final = 2_000
_EMPTY_CELLS: Final = 10_000_000
"""Cells of a sheet's used rectangle beyond which most must hold something: calamine keeps the empty ones too."""
_LIST: Final = re.compile(r"^\"((?:[^\"]|\"\")*)\"$", re.DOTALL)
_RANGE: Final = re.compile(r"^(?:'((?:[^']|'')+)'!|([^'!]+)!)?(\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d+)?)$")
_MOST_CHOICES: Final = 500


def read_grids(package: Package, workbook: Workbook) -> tuple[Grid, ...]:
    """Every worksheet of a workbook; chart and dialog sheets are left out. Raises FileError."""
    entries = [sheet for sheet in workbook.sheets if sheet.kind == "worksheet"]
    parts = {entry.name: Worksheet.of(package, entry.part) for entry in entries}
    for name, part in parts.items():
        _refuse_far_cells(package, name, part)
    shared = [r.target for r in package.relations(workbook.part) if r.kind in ("sharedStrings", "styles")]
    package.verify(*(name for name in shared if package.part(name)))
    values = _values(package, [entry.name for entry in entries])
    try:
        grids = [_grid(package, entry, parts[entry.name], values.pop(entry.name)) for entry in entries]
    except (ValueError, OverflowError):
        raise _damaged(package) from None
    by_name = {grid.name: grid for grid in grids}
    return tuple(replace(grid, dropdowns=_dropdowns(parts[grid.name], grid, by_name, workbook)) for grid in grids)


def read_grid(package: Package, workbook: Workbook, name: str) -> Grid:
    """One worksheet, without its drop-downs. Raises FileError, and KeyError if there is none of that name."""
    entry = workbook.sheet(name)
    return _grid(package, entry, Worksheet.of(package, entry.part), _values(package, [name])[name])


def _values(package: Package, sheets: Sequence[str]) -> dict[str, list[list[Value]]]:
    """Sheet -> its values, column by column from A1, by calamine; by openpyxl where that gives up."""
    import python_calamine

    try:
        reader = python_calamine.load_workbook(io.BytesIO(package.data))
        return {name: _columns(reader.get_sheet_by_name(name)) for name in sheets}
    except python_calamine.PasswordError:
        raise RefusedFileError(package.location, "it is encrypted: save it without a password.") from None
    except (python_calamine.CalamineError, ValueError, OverflowError, OSError):
        pass
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what a Rust library raises in place of stopping the process
            raise
    from sheetsync.sheets.ooxml.second_reader import SecondReaderError, read_values

    try:
        return read_values(package, sheets)
    except SecondReaderError:
        raise _damaged(package) from None


def _damaged(package: Package) -> UnreadableFileError:
    return UnreadableFileError(
        package.location, "its sheets are damaged: open it, let it be repaired and save it anew."
    )


def tables_of(package: Package, sheet_part: str) -> list[Table]:
    """The tables that stand on a sheet."""
    return [
        Table(package.location, relation.target, package.read(relation.target))
        for relation in package.relations(sheet_part)
        if relation.kind == "table" and not relation.external and package.part(relation.target)
    ]


def _refuse_far_cells(package: Package, name: str, part: Worksheet) -> None:
    far = part.far
    if far.bottom * far.right > _EMPTY_CELLS:
        far = part.filled()
    if far.bottom * far.right > _EMPTY_CELLS + package.size(part.part) // 2:
        raise RefusedFileError(
            package.location,
            f"sheet {name!r} has a value as far away as row {far.bottom}: delete the rows and columns beyond its end.",
        )


def _grid(package: Package, entry: SheetEntry, part: Worksheet, columns: list[list[Value]]) -> Grid:
    formulas = find_formulas(part)
    used = max([len(columns), *formulas.rows])
    height = max([len(columns[0]) if columns else 0, *(max(rows) for rows in formulas.rows.values())])
    if formulas.rows and (used > len(columns) or (columns and height > len(columns[0])) or not columns):
        columns += [[] for _ in range(used - len(columns))]
        for column in columns:
            column.extend([None] * (height - len(column)))
    return Grid(
        entry.name,
        tuple(columns),
        hidden=entry.hidden,
        formulas={column: frozenset(rows) for column, rows in formulas.rows.items()},
        unsaved={column: frozenset(rows) for column, rows in formulas.unsaved.items()},
        tables=tuple(table.value for table in tables_of(package, part.part)),
        merges=part.merges,
    )


def _columns(sheet: CalamineSheet) -> list[list[Value]]:
    """The values, column by column from A1; empty text is an empty cell, equal texts are one object."""
    start = sheet.start
    if start is None:
        return []
    above, left = start
    columns: list[list[Value]] = [[] for _ in range(left + sheet.width)]
    known: dict[str, Value] = {"": None}
    batch: list[Sequence[Value]] = []

    def flush() -> None:
        for column, values in zip(columns[left:], zip(*batch, strict=True), strict=True):
            column.extend(_without_empty(values, known))
        batch.clear()

    for row in sheet.iter_rows():
        batch.append(row)
        if len(batch) == _ROWS_AT_ONCE:
            flush()
    if batch:
        flush()
    height = above + sheet.height
    for column in columns:
        # calamine gives the empty rows above the first value, but not the empty columns on its left
        column[:0] = [None] * (height - len(column))
    return columns


def _without_empty(values: Sequence[Value], known: dict[str, Value]) -> Iterable[Value]:
    """The values with None for empty text; of texts that repeat themselves, the one in `known`."""
    types = set(map(type, values))
    if str not in types:
        return values
    if len(types) > 1:
        return [None if type(value) is str and not value else value for value in values]
    texts = cast("Sequence[str]", values)
    distinct = set(texts)
    if 2 * len(distinct) < len(texts):
        known.update((text, text) for text in distinct if text not in known)
        return map(known.__getitem__, texts)
    return [value or None for value in values] if "" in distinct else values


def _dropdowns(part: Worksheet, grid: Grid, grids: dict[str, Grid], workbook: Workbook) -> dict[int, tuple[str, ...]]:
    """What each column's list validation offers: lists that stand in the rule, and those in a range or behind a name."""
    found: dict[int, tuple[str, ...]] = {}
    names = {name.name.casefold(): name.text for name in workbook.names}
    for element in part.root.walk():
        if element.name.rpartition("}")[2] != "dataValidation" or element.attributes.get("type") != "list":
            continue
        formula, ranges = "", element.attributes.get("sqref", "")
        for child in element.walk():
            name = child.name.rpartition("}")[2]
            if name in ("formula1", "f") and child.text.strip() and not formula:
                formula = child.text.strip()
            elif name == "sqref":
                ranges = child.text.strip()
        choices = offered(names.get(formula.lstrip("=").casefold(), formula).lstrip("="), grid, grids)
        if not choices:
            continue
        for area in filter(None, map(read_area, ranges.split())):
            for column in range(area.left, min(area.right, area.left + 50) + 1):
                found.setdefault(column, choices)
    return found


def offered(formula: str, grid: Grid, grids: Mapping[str, Grid]) -> tuple[str, ...]:
    """The words of a list validation on `grid`: those in its formula, or in the cells that it names."""
    inline = _LIST.match(formula)
    if inline is not None:
        return tuple(text.strip() for text in inline[1].replace('""', '"').split(",") if text.strip())
    match = _RANGE.match(formula)
    area = read_area(match[3]) if match is not None else None
    if match is None or area is None:
        return ()
    sheet = (match[1] or match[2] or grid.name).replace("''", "'")
    source = next((each for name, each in grids.items() if name.casefold() == sheet.casefold()), None)
    return _texts(source, area) if source is not None else ()


def _texts(grid: Grid, area: Area) -> tuple[str, ...]:
    values: Iterable[Value] = (
        grid.cell(row, column)
        for column in range(area.left, min(area.right, grid.n_columns) + 1)
        for row in range(area.top, min(area.bottom, grid.n_rows) + 1)
    )
    texts = dict.fromkeys(unescaped(value) for value in values if isinstance(value, str))
    return tuple(texts)[:_MOST_CHOICES]

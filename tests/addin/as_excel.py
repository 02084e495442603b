"""A workbook as Excel's object model gives it to an add-in: the exchange's `book`, made from a file with openpyxl."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

Json = dict[str, Any]


def book_of(path: Path) -> Json:
    """The file's workbook, formulas with their saved results."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        values, formulas = (openpyxl.load_workbook(path, data_only=only) for only in (True, False))
    return {
        "format": 1,
        "program": "excel",
        "title": path.name,
        "date_1904": values.epoch == CALENDAR_MAC_1904,
        "names": [
            {"name": name, "refers_to": f"={defined.attr_text}"} for name, defined in formulas.defined_names.items()
        ],
        "sheets": [
            _sheet(sheet, formulas[sheet.title], epoch=values.epoch) for sheet in values.worksheets
        ],
    }  # fmt: skip


def _sheet(sheet: Any, formulas: Any, *, epoch: dt.datetime) -> Json:
    left, top, right, bottom = sheet.min_column, sheet.min_row, sheet.max_column, sheet.max_row
    rows = list(sheet.iter_rows(top, bottom, left, right))
    written = {
        (cell.row, cell.column) for row in formulas.iter_rows(top, bottom, left, right) for cell in row
        if cell.data_type == "f"
    }  # fmt: skip
    return {
        "name": sheet.title,
        "hidden": sheet.sheet_state != "visible",
        "row": top,
        "column": left,
        "values": [[_raw(cell.value, epoch) for cell in row] for row in rows],
        "formats": _runs((cell.column, cell.row, cell.number_format) for row in rows for cell in row),
        "formulas": [run[:3] for run in _runs((column, row, "=") for row, column in written)],
        "tables": [
            {"name": table.displayName, "area": _area(table.ref), "totals": bool(table.totalsRowCount), "header": True}
            for table in sheet.tables.values()
        ],
        "merges": [_area(str(each)) for each in sheet.merged_cells.ranges],
        "blocked": [*_anchors(sheet), *(_area(pivot.location.ref) for pivot in sheet._pivots)],  # noqa: SLF001
        "dropdowns": [
            [column, rule.formula1.strip('"') if rule.formula1.startswith('"') else f"={rule.formula1.lstrip('=')}"]
            for rule in sheet.data_validations.dataValidation
            if rule.type == "list" and rule.formula1
            for area in rule.sqref.ranges
            for column in range(area.min_col, min(area.max_col, area.min_col + 50) + 1)
        ],
        "rules": [
            {"formula": f"={rule.formula[0]}", "ranges": str(area.sqref).split()}
            for area in sheet.conditional_formatting
            for rule in area.rules
            if rule.formula and "sheetsync:" in rule.formula[0]
        ],
    }


def _raw(value: object, epoch: dt.datetime) -> Any:
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return to_excel(value, epoch)  # type: ignore[no-untyped-call]
    return "" if value is None else value


def _runs(cells: Iterable[tuple[int, int, str]]) -> list[list[Any]]:
    """Column, first row, last row and what all of them have; General is left out."""
    runs: list[list[Any]] = []
    for column, row, code in sorted(cells):
        if code == "General":
            continue
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1 and runs[-1][3] == code:
            runs[-1][2] = row
        else:
            runs.append([column, row, row, code])
    return runs


def _area(reference: str) -> list[int]:
    left, top, right, bottom = (edge or 1 for edge in range_boundaries(reference))
    return [top, left, bottom, right]


def _anchors(sheet: Any) -> Iterable[list[int]]:
    for each in (*sheet._charts, *sheet._images):  # noqa: SLF001 - the same
        start = each.anchor._from  # noqa: SLF001 - as openpyxl calls it
        end = getattr(each.anchor, "to", None) or start
        yield [start.row + 1, start.col + 1, end.row + 1, end.col + 1]

"""Sheets that an add-in is to make, as it is told of them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from sheetsync.addin.opened import serial
from sheetsync.book import ColumnLook, Formula, ListRange, Sheet
from sheetsync.model import Value
from sheetsync.sheets.looks import BODY, HEADER, HEADER_HEIGHT, TABS
from sheetsync.sheets.ooxml.workbook import RECORD, SHEET


def sheet_json(sheet: Sheet, *, epoch_1904: bool) -> dict[str, Any]:
    """A sheet to be made: its cells row by row, its table, and how its columns look."""
    height = max(map(len, sheet.columns), default=0)
    looks = [sheet.looks.get(column, ColumnLook()) for column in range(1, len(sheet.columns) + 1)]
    area = sheet.table.area if sheet.table else None
    return {
        "name": sheet.name,
        "values": [
            [_cell(values[row] if row < len(values) else None, epoch_1904=epoch_1904) for values in sheet.columns]
            for row in range(height)
        ],
        "header_row": sheet.header_row,
        "header": {"fill": HEADER.fill, "font": HEADER.colour, "height": HEADER_HEIGHT},
        "ink": BODY.colour,
        "tab": sheet.tab_colour or TABS.get(sheet.tab, ""),
        "frozen": list(sheet.frozen),
        "hidden": sheet.hidden,
        "columns": [
            {
                "width": look.width,
                "format": look.number_format,
                "wrap": look.wrap,
                "left": look.left,
                "dropdown": None if isinstance(look.dropdown, ListRange) else list(look.dropdown) or None,
            }
            for look in looks
        ],
        "table": {"name": sheet.table.name, "area": [area.top, area.left, area.bottom, area.right]}
        if sheet.table is not None and area is not None
        else None,
    }


def sheet_mark(sheet: Sheet) -> str:
    """The key of the mark that makes a sheet ours, as a write to a file names it."""
    return (RECORD if sheet.tab == "log" else SHEET) + re.sub(r"\W", "_", sheet.name.casefold())


def _cell(value: Value | Formula, *, epoch_1904: bool) -> Any:
    if isinstance(value, Formula):
        return {"formula": value.text}
    return serial(value, epoch_1904=epoch_1904) if isinstance(value, dt.date) else value

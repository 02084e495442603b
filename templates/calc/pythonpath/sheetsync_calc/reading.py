"""An open Calc document as sheetsync wants to be told of it (docs/addin.md has the format).

Cells, formats and rules are asked for in whole ranges: a question for each cell would take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sheetsync_calc.rules import our_rules

DATE, TIME, LOGICAL = 2, 4, 1024
"""com.sun.star.util.NumberFormat; a format of a date with a time has both bits."""
ALL_RESULTS, ERRORS = 7, 4
"""com.sun.star.sheet.FormulaResult."""
LIST = 6
"""com.sun.star.sheet.ValidationType.LIST, as a number."""
OWN_NAMES = "_sheetsync_"
CANONICAL = {DATE: "yyyy-mm-dd", TIME: "hh:mm:ss", DATE | TIME: "yyyy-mm-dd hh:mm"}
"""The kinds of format whose code is not written in English, as sheetsync knows them."""


def read_book(document: Any) -> dict[str, Any]:
    """The whole document."""
    codes = Codes(document)
    return {
        "format": 1,
        "program": "calc",
        "title": document.Title,
        "locale": locale(document),
        "date_1904": document.NullDate.Year == 1904,
        "names": [
            {"name": each.Name, "refers_to": "=" + excel_reference(each.Content)}
            for each in document.NamedRanges
            if each.Name.lower().startswith(OWN_NAMES)
        ],
        "sheets": [_sheet(document, sheet, codes) for sheet in document.Sheets],
    }


def locale(document: Any) -> str:
    """The language of the document, such as en-GB."""
    found = document.CharLocale
    return f"{found.Language}-{found.Country}" if found.Country else found.Language


def excel_reference(text: str) -> str:
    """A reference as Excel writes it: `$'My jobs'.$K$4` is `'My jobs'!$K$4`."""
    sheet, dot, cell = text.strip().rpartition(".")
    return f"{sheet.removeprefix('$')}!{cell}" if dot else cell


class Codes:
    """Number formats: a document's keys, and the codes that they are told by."""

    def __init__(self, document: Any) -> None:
        self._formats = document.NumberFormats
        self._codes: dict[int, tuple[str, int]] = {}
        self.keys: dict[str, int] = {}
        """A code that was told -> the document's own key for it."""

    def of(self, key: int) -> tuple[str, int]:
        """A format's code in English ("" is General), and its kind."""
        if key not in self._codes:
            found = self._formats.getByKey(key)
            kind = found.Type & (DATE | TIME | LOGICAL)
            english = found.Locale.Language in ("", "en")
            code = found.FormatString if english else CANONICAL.get(kind, "")
            code = "" if code == "General" else code
            self._codes[key] = (code, kind)
            if code:
                self.keys.setdefault(code, key)
        return self._codes[key]


def _sheet(document: Any, sheet: Any, codes: Codes) -> dict[str, Any]:
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    used = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    values = [list(row) for row in used.getDataArray()]
    for area in sheet.queryFormulaCells(ERRORS).RangeAddresses:
        for row in range(area.StartRow, area.EndRow + 1):
            values[row][area.StartColumn : area.EndColumn + 1] = ["#VALUE!"] * (area.EndColumn - area.StartColumn + 1)
    told: dict[str, Any] = {
        "name": sheet.Name,
        "hidden": not sheet.IsVisible,
        "row": 1,
        "column": 1,
        "values": values,
        "formats": [],
        "formulas": [
            [column + 1, area.StartRow + 1, area.EndRow + 1]
            for area in sheet.queryFormulaCells(ALL_RESULTS).RangeAddresses
            for column in range(area.StartColumn, area.EndColumn + 1)
        ],
        "tables": _tables(document, sheet),
        "merges": [],
        "dropdowns": [],
        "rules": our_rules(document, sheet),
        "blocked": _blocked(sheet),
    }
    for cells in used.CellFormatRanges:
        _look(cells, told, codes)
    return told


def _look(cells: Any, told: dict[str, Any], codes: Codes) -> None:
    """Add what a range of cells that look alike tells: its format, its drop-down, its merged cells."""
    area, values = cells.RangeAddress, told["values"]
    code, kind = codes.of(cells.NumberFormat)
    columns = range(area.StartColumn, area.EndColumn + 1)
    if kind & LOGICAL:
        for row in range(area.StartRow, area.EndRow + 1):
            for column in columns:
                if values[row][column] in (0.0, 1.0):
                    values[row][column] = bool(values[row][column])
    elif code:
        told["formats"] += [[column + 1, area.StartRow + 1, area.EndRow + 1, code] for column in columns]
    if (source := _offered(cells.Validation)) is not None:
        told["dropdowns"] += [[column + 1, source] for column in columns]
    if cells.IsMerged:
        told["merges"] += [merged for merged in _merged(cells) if merged not in told["merges"]]


def _merged(cells: Any) -> Iterator[list[int]]:
    area, sheet = cells.RangeAddress, cells.Spreadsheet
    for row in range(area.StartRow, area.EndRow + 1):
        for column in range(area.StartColumn, area.EndColumn + 1):
            cursor = sheet.createCursorByRange(sheet.getCellByPosition(column, row))
            cursor.collapseToMergedArea()
            yield _corners(cursor.RangeAddress)


def _offered(validation: Any) -> str | None:
    """What a drop-down offers: words, or the place where they stand."""
    if validation.Type.value != "LIST":
        return None
    source = validation.getFormula1()
    if source.startswith('"'):
        return ",".join(word.strip().strip('"') for word in source.split(";"))
    return "=" + excel_reference(source)


def _tables(document: Any, sheet: Any) -> list[dict[str, Any]]:
    here = sheet.RangeAddress.Sheet
    return [
        {
            "name": each.Name,
            "area": _corners(each.DataArea),
            "totals": bool(each.TotalsRow),
            "header": bool(each.ContainsHeader),
        }
        for each in document.DatabaseRanges
        if each.DataArea.Sheet == here and each.ContainsHeader
    ]


def _blocked(sheet: Any) -> list[list[int]]:
    """Where pivot tables stand."""
    return [
        _corners(each.OutputRange)
        for each in (sheet.DataPilotTables.getByName(n) for n in sheet.DataPilotTables.ElementNames)
    ]


def _corners(area: Any) -> list[int]:
    """A range as top, left, bottom, right, counted from 1."""
    return [area.StartRow + 1, area.StartColumn + 1, area.EndRow + 1, area.EndColumn + 1]

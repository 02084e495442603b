"""`spreadsheets.get`: a spreadsheet's state as the API shows it, only what the mask asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.a1 import Area, parse_range, whole
from emulator.calculation import Calculator
from emulator.cells import CellReader
from emulator.masks import Mask, select, wants
from emulator.protection import may_edit
from emulator.state import Caller, Json, Sheet, Spreadsheet

Parts = dict[str, Callable[[Mask], Any]]
"""Field of a message -> what makes its value under the mask below it; None or [] leaves the field out."""

LISTS = {
    "merges": "merges",
    "conditionalFormats": "rules",
    "filterViews": "filter_views",
    "charts": "charts",
    "bandedRanges": "banded",
    "rowGroups": "row_groups",
    "columnGroups": "column_groups",
    "slicers": "slicers",
    "tables": "tables",
}
"""A field of the API's Sheet that is a plain list -> the attribute that holds it."""

PIXELS = {"ROW": 21, "COLUMN": 100}


def _asked(mask: Mask, parts: Parts) -> Json:
    result: Json = {}
    for name, part in parts.items():
        below = wants(mask, name)
        if below is not None and (value := part(below)) not in (None, []):
            result[name] = value
    return result


@dataclass(frozen=True)
class Reader:
    """One person's view of one spreadsheet."""

    book: Spreadsheet
    caller: Caller
    calculator: Calculator

    def spreadsheet(self, mask: Mask, ranges: list[str], *, grid: bool) -> Json:
        """The Spreadsheet message. A mask decides alone whether grid data is shown; without one, `grid` does.

        With ranges only their sheets are shown, each with one GridData a range. Raises ApiError 400 for an unknown
        range.
        """
        book = self.book
        areas = [parse_range(book, text) for text in ranges]
        parts: Parts = {
            "spreadsheetId": lambda _: book.id,
            "properties": lambda below: select(below, book.properties),
            "sheets": lambda below: self._sheets(areas, below, grid=grid or bool(mask)),
            "namedRanges": lambda below: select(below, book.named_ranges),
            "spreadsheetUrl": lambda _: f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
            "developerMetadata": lambda below: select(below, self._metadata("SPREADSHEET")),
        }
        return _asked(mask, parts)

    def _metadata(self, kind: str) -> list[Json]:
        return [one for one in self.book.metadata if one["location"]["locationType"] == kind]

    def _sheets(self, areas: list[Area], mask: Mask, *, grid: bool) -> list[Json]:
        answers = []
        for sheet in self.book.sheets:
            blocks = [area for area in areas if area.sheet is sheet] if areas else [whole(sheet)]
            if blocks:
                answers.append(self._sheet(sheet, blocks if grid else [], mask))
        return answers

    def _sheet(self, sheet: Sheet, blocks: list[Area], mask: Mask) -> Json:
        metadata = [one for one in self._metadata("SHEET") if one["location"].get("sheetId", 0) == sheet.id]
        parts: Parts = {
            "properties": lambda below: select(below, sheet.properties),
            "data": lambda below: [self._grid(block, below) for block in blocks],
            "protectedRanges": lambda below: select(below, [self._protected(one) for one in sheet.protected]),
            "basicFilter": lambda below: select(below, sheet.basic_filter),
            "developerMetadata": lambda below: select(below, metadata),
        }
        for name, attribute in LISTS.items():
            parts[name] = lambda below, held=attribute: select(below, getattr(sheet, held))  # type: ignore[misc]
        return _asked(mask, parts)

    def _protected(self, one: Json) -> Json:
        answer = {name: value for name, value in one.items() if name != "requestingUserCanEdit"}
        if may_edit(self.book, self.caller, one):
            answer["requestingUserCanEdit"] = True
        else:
            answer.pop("editors", None)
        return answer

    def _grid(self, block: Area, mask: Mask) -> Json:
        parts: Parts = {
            "startRow": lambda _: block.rows.start or None,
            "startColumn": lambda _: block.columns.start or None,
            "rowData": lambda below: self._rows(block, below),
            "rowMetadata": lambda below: self._dimensions("ROW", block.sheet, block.rows, below),
            "columnMetadata": lambda below: self._dimensions("COLUMN", block.sheet, block.columns, below),
        }
        return _asked(mask, parts)

    def _dimensions(self, kind: str, sheet: Sheet, indices: range, mask: Mask) -> list[Json]:
        """DimensionProperties of each row or column, with the metadata that sits on it."""
        held = sheet.rows if kind == "ROW" else sheet.columns
        marks: dict[int, list[Json]] = {}
        for one in self._metadata(kind):
            where = one["location"]["dimensionRange"]
            if where.get("sheetId", 0) == sheet.id:
                marks.setdefault(where.get("startIndex", 0), []).append(one)
        answers = []
        for index in indices:
            properties: Json = {"pixelSize": PIXELS[kind]} | held.get(index, {})
            if index in marks:
                properties["developerMetadata"] = marks[index]
            answers.append(select(mask, properties))
        return answers

    def _rows(self, block: Area, mask: Mask) -> list[Json]:
        """RowData up to the last row with a cell; in each row the cells up to the last one."""
        below = wants(mask, "values")
        held: dict[int, dict[int, Json]] = {}
        for (row, column), cell in block.sheet.cells.items():
            if row in block.rows and column in block.columns and cell:
                held.setdefault(row, {})[column] = cell
        if not held or below is None:
            return []
        read = CellReader(self.calculator, block.sheet, below).read
        answers: list[Json] = []
        for row in range(block.rows.start, max(held) + 1):
            cells = held.get(row)
            if cells is None:
                answers.append({})
                continue
            columns = range(block.columns.start, max(cells) + 1)
            answers.append({"values": [read(row, c, cells[c]) if c in cells else {} for c in columns]})
        return answers

"""A person at Google Sheets: makes spreadsheets in the emulator, and edits them as the web page does."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from emulator.server import Emulator
from emulator.state import Json, Sheet, Spreadsheet

from sheetsync.model import Grid, Value
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source

OWNER = "person@example.com"
EPOCH = dt.datetime(1899, 12, 30)
DATE_PATTERN = "yyyy-mm-dd"
MARK = "sheetsync."


def cell_data(value: Value, *, pattern: str = DATE_PATTERN) -> Json:
    """A typed cell: a day is a serial number with a DATE format, a time of day a DATE_TIME, None an empty cell."""
    if isinstance(value, dt.datetime):
        return _serial((value - EPOCH) / dt.timedelta(days=1), "DATE_TIME", f"{pattern} hh:mm:ss")
    if isinstance(value, dt.date):
        return _serial((value - EPOCH.date()).days, "DATE", pattern)
    if isinstance(value, dt.time | dt.timedelta):
        day = value if isinstance(value, dt.timedelta) else dt.datetime.combine(EPOCH.date(), value) - EPOCH
        return _serial(day / dt.timedelta(days=1), "TIME", "hh:mm:ss")
    kinds = {bool: "boolValue", int: "numberValue", float: "numberValue", str: "stringValue"}
    return {} if value is None else {"userEnteredValue": {kinds[type(value)]: value}}


def _serial(number: float, kind: str, pattern: str) -> Json:
    look = {"numberFormat": {"type": kind, "pattern": pattern}}
    return {"userEnteredValue": {"numberValue": number}, "userEnteredFormat": look}


class PersonAtGoogle:
    """Edits spreadsheets of an emulator. `open_source` turns a spreadsheet's id into the source under test."""

    def __init__(self, emulator: Emulator, open_source: Callable[[str], Source], *, owner: str = OWNER) -> None:
        self.emulator = emulator
        self.owner = owner
        self._open = open_source
        self._ids: dict[str, str] = {}

    # Making

    def make(self, grids: Sequence[Grid]) -> Source:
        """A spreadsheet of these sheets, with a rule and a note of the person's own, opened as a source."""
        book_id = self.make_book(grids)
        source = self._open(book_id)
        self._ids[source.location] = book_id
        return source

    def make_book(
        self, grids: Sequence[Grid], *, title: str = "My search", share_with: Mapping[str, str] | None = None
    ) -> str:
        """The id of a new spreadsheet of these sheets, 200 rows by 26 columns or as many as they need.

        Google's own new sheets have 1,000: those cost five times as much to read, and what is made of them is the same.
        """
        book_id = self.emulator.new_spreadsheet(title, owner=self.owner)
        book = self.emulator.books[book_id]
        first = book.sheets[0].id
        requests: list[Json] = []
        for number, grid in enumerate(grids):
            size = {"rowCount": max([200, *map(len, grid.columns)]), "columnCount": max(26, len(grid.columns))}
            sheet_id = first if number == 0 else 1000 + number
            properties = {"sheetId": sheet_id, "title": grid.name, "gridProperties": size}
            if number == 0:
                requests.append({"updateSheetProperties": {"properties": properties, "fields": "title,gridProperties"}})
            else:
                requests.append({"addSheet": {"properties": properties}})
            requests.extend(_grid_requests(grid, sheet_id))
        self.emulator.edit(book_id, requests)
        self._know_results(book_id, grids)
        for email, role in (share_with or {}).items():
            self.emulator.share(book_id, email, role)
        return book_id

    def _know_results(self, book_id: str, grids: Sequence[Grid]) -> None:
        """What the formulas of the grids are known to give, which the emulator does not work out."""
        book = self.emulator.books[book_id]
        for sheet, grid in zip(book.sheets, grids, strict=True):
            for column, rows in grid.formulas.items():
                for row in rows:
                    result = cell_data(grid.cell(row, column)).get("userEnteredValue")
                    cell = sheet.cells[row - 1, column - 1]
                    sheet.cells[row - 1, column - 1] = {**cell, "result": result} if result else cell

    # Editing

    def set(self, source: Source, row: int, column: int, value: Value) -> None:
        self.edit(
            source,
            {
                "updateCells": {
                    "start": {"sheetId": self._first(source).id, "rowIndex": row - 1, "columnIndex": column - 1},
                    "rows": [{"values": [cell_data(value)]}],
                    "fields": "userEnteredValue,userEnteredFormat.numberFormat"
                    if _is_date(value)
                    else "userEnteredValue",
                }
            },
        )

    def sort_rows(self, source: Source, first: int, last: int, by: int) -> None:
        sheet = self._first(source)
        area = {
            "sheetId": sheet.id,
            "startRowIndex": first - 1,
            "endRowIndex": last,
            "startColumnIndex": 0,
            "endColumnIndex": sheet.column_count,
        }
        order = [{"dimensionIndex": by - 1, "sortOrder": "ASCENDING"}]
        self.edit(source, {"sortRange": {"range": area, "sortSpecs": order}})

    def move_column(self, source: Source, column: int, before: int) -> None:
        body = {"source": self._columns(source, column), "destinationIndex": before - 1}
        self.edit(source, {"moveDimension": body})

    def insert_column(self, source: Source, before: int) -> None:
        self.edit(
            source, {"insertDimension": {"range": self._columns(source, before), "inheritFromBefore": before > 1}}
        )

    def delete_column(self, source: Source, column: int) -> None:
        self.edit(source, {"deleteDimension": {"range": self._columns(source, column)}})

    def insert_row(self, source: Source, before: int) -> None:
        area = {"sheetId": self._first(source).id, "dimension": "ROWS", "startIndex": before - 1, "endIndex": before}
        self.edit(source, {"insertDimension": {"range": area, "inheritFromBefore": before > 1}})

    def delete_row(self, source: Source, row: int) -> None:
        area = {"sheetId": self._first(source).id, "dimension": "ROWS", "startIndex": row - 1, "endIndex": row}
        self.edit(source, {"deleteDimension": {"range": area}})

    def forget_marks(self, source: Source) -> None:
        """What a copy made through an .xlsx loses: every developer metadata."""
        book = self.book(source)
        requests = [
            {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": one["metadataId"]}}}}
            for one in book.metadata
        ]
        if requests:
            self.edit(source, *requests)

    def edit(self, source: Source, *requests: Json) -> None:
        """Whatever else a person does, as requests of the API."""
        self.emulator.edit(self.id_of(source), list(requests))

    # Looking

    def rules(self, source: Source) -> Sequence[str]:
        """The formulas as `Source` words them: without the equals sign."""
        return [text.removeprefix("=") for text in map(_formula, self._first(source).rules) if text]

    def theirs(self, source: Source) -> Any:
        """Everything but our columns, our rules and our metadata; comparable, and independent of what comes later."""
        book = self.book(source)
        ours = _our_columns(book)
        sheets = [
            {
                "properties": sheet.properties,
                "cells": {
                    place: cell for place, cell in sorted(sheet.cells.items()) if (sheet.id, place[1]) not in ours
                },
                "columns": {index: look for index, look in sheet.columns.items() if (sheet.id, index) not in ours},
                "rows": sheet.rows,
                "rules": [rule for rule in sheet.rules if not is_ours(_formula(rule))],
                "merges": sheet.merges,
                "protected": sheet.protected,
                "banded": sheet.banded,
                "filters": [sheet.basic_filter, sheet.filter_views],
                "objects": [sheet.charts, sheet.slicers],
                "tables": sheet.tables,
                "groups": [sheet.row_groups, sheet.column_groups],
            }
            for sheet in book.sheets
        ]
        metadata = [one for one in book.metadata if not one["metadataKey"].startswith(MARK)]
        return json.loads(
            json.dumps(
                [book.properties, book.named_ranges, metadata, [_with_text_keys(sheet) for sheet in sheets]],
                sort_keys=True,
            )
        )

    def book(self, source: Source) -> Spreadsheet:
        """The spreadsheet as the emulator holds it now."""
        return self.emulator.books[self.id_of(source)]

    def id_of(self, source: Source) -> str:
        """The id of the spreadsheet that a source reads."""
        return self._ids.get(source.location, source.location)

    def _first(self, source: Source) -> Sheet:
        return self.book(source).sheets[0]

    def _columns(self, source: Source, column: int) -> Json:
        sheet = self._first(source)
        return {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": column - 1, "endIndex": column}


def _is_date(value: Value) -> bool:
    return isinstance(value, dt.date | dt.time | dt.timedelta)


def _grid_requests(grid: Grid, sheet_id: int) -> Iterator[Json]:
    rows = []
    for row in range(1, max(map(len, grid.columns), default=0) + 1):
        values = [_cell(grid, row, column) for column in range(1, len(grid.columns) + 1)]
        rows.append({"values": values})
    if rows:
        start = {"sheetId": sheet_id, "rowIndex": 0, "columnIndex": 0}
        fields = "userEnteredValue,userEnteredFormat.numberFormat"
        yield {"updateCells": {"start": start, "rows": rows, "fields": fields}}
    for area in grid.merges:
        yield {"mergeCells": {"range": _range(area, sheet_id), "mergeType": "MERGE_ALL"}}
    for table in grid.tables:
        added: Json = {"name": table.name, "range": _range(table.area, sheet_id)}
        if table.totals_rows:
            added["rowsProperties"] = {"footerColorStyle": {"rgbColor": {"red": 0.9, "green": 0.9, "blue": 0.9}}}
        yield {"addTable": {"table": added}}


def _range(area: Any, sheet_id: int) -> Json:
    return {
        "sheetId": sheet_id,
        "startRowIndex": area.top - 1,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left - 1,
        "endColumnIndex": area.right,
    }


def _cell(grid: Grid, row: int, column: int) -> Json:
    """A cell of a grid; one that `formulas` names holds some formula, whose result is made known later."""
    data = cell_data(grid.cell(row, column))
    if row in grid.formulas.get(column, ()):
        return {**data, "userEnteredValue": {"formulaValue": f"=SAVED({row},{column})"}}
    return data


def _formula(rule: Json) -> str:
    values = rule.get("booleanRule", {}).get("condition", {}).get("values", [])
    return str(values[0].get("userEnteredValue", "")) if values else ""


def _our_columns(book: Spreadsheet) -> set[tuple[int, int]]:
    """(sheet id, 0-based column) of every column that carries a mark of ours."""
    return {
        (place["sheetId"], place["startIndex"])
        for one in book.metadata
        if one["metadataKey"].startswith(MARK) and (place := one["location"].get("dimensionRange"))
        if place["dimension"] == "COLUMNS"
    }


def _with_text_keys(sheet: Json) -> Json:
    """Places as texts, so that the whole can be compared as JSON."""
    return {
        name: {str(key): value for key, value in part.items()} if isinstance(part, dict) else part
        for name, part in sheet.items()
    }

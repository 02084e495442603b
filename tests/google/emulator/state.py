"""What the emulated Google Drive holds: spreadsheets in the API's own schema, and who asks.

A dictionary held in `Sheet.cells`, `rows` or `columns` is never changed in place, it is replaced: that makes a copy of
a big sheet cheap, and a failed batch leaves no trace.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Role = Literal["owner", "writer", "commenter", "reader"]

MAX_CELLS = 10_000_000


@dataclass(frozen=True)
class Caller:
    """Who makes a call: e-mail address, and the role on the spreadsheet in question."""

    email: str
    role: str = "owner"


@dataclass
class Sheet:
    """One tab. `cells`: 0-based (row, column) -> CellData with only what was entered (no effective*, no formattedValue).

    A CellData may hold `result`, the ExtendedValue a test knows its formula to have; it never leaves the emulator.
    `rows`, `columns`: index -> DimensionProperties that differ from the default (`pixelSize`, `hiddenByUser` ...).
    `rules`: ConditionalFormatRule, the first has priority. `properties`: SheetProperties with sheetId, title, index,
    sheetType and gridProperties always present. Every list is in the API's schema and in the order of the answer.
    """

    properties: Json
    cells: dict[tuple[int, int], Json] = field(default_factory=dict)
    rows: dict[int, Json] = field(default_factory=dict)
    columns: dict[int, Json] = field(default_factory=dict)
    rules: list[Json] = field(default_factory=list)
    merges: list[Json] = field(default_factory=list)
    protected: list[Json] = field(default_factory=list)
    banded: list[Json] = field(default_factory=list)
    filter_views: list[Json] = field(default_factory=list)
    charts: list[Json] = field(default_factory=list)
    slicers: list[Json] = field(default_factory=list)
    tables: list[Json] = field(default_factory=list)
    row_groups: list[Json] = field(default_factory=list)
    column_groups: list[Json] = field(default_factory=list)
    basic_filter: Json | None = None

    @property
    def id(self) -> int:
        return int(self.properties["sheetId"])

    @property
    def title(self) -> str:
        return str(self.properties["title"])

    @property
    def row_count(self) -> int:
        return int(self.properties["gridProperties"]["rowCount"])

    @property
    def column_count(self) -> int:
        return int(self.properties["gridProperties"]["columnCount"])

    def copy(self) -> "Sheet":
        """An independent sheet; cells and dimensions are shared, as nobody changes them in place."""
        shared: Json = {"cells": dict(self.cells), "rows": dict(self.rows), "columns": dict(self.columns)}
        rest = {name: copy.deepcopy(value) for name, value in vars(self).items() if name not in shared}
        return Sheet(**shared, **rest)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Sheet":
        return self.copy()


@dataclass
class Spreadsheet:
    """One spreadsheet file. `properties`: SpreadsheetProperties. `metadata`: DeveloperMetadata of all locations.

    `permissions`: e-mail address -> role, the owner included. `expirations`: e-mail address -> the end of that right, in
    RFC 3339. `drive`: the Drive file's own fields (name, createdTime,
    modifiedTime, version ...). `comments`: Drive comments.
    """

    id: str
    properties: Json
    sheets: list[Sheet] = field(default_factory=list)
    named_ranges: list[Json] = field(default_factory=list)
    metadata: list[Json] = field(default_factory=list)
    owner: str = ""
    permissions: dict[str, str] = field(default_factory=dict)
    expirations: dict[str, str] = field(default_factory=dict)
    drive: Json = field(default_factory=dict)
    comments: list[Json] = field(default_factory=list)
    last_id: int = 1000

    def fresh_id(self) -> int:
        """A new number for a sheet, chart, protected range, table ...: never given twice in this spreadsheet."""
        self.last_id += 1
        return self.last_id

    def sheet(self, sheet_id: int) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    def titled(self, title: str) -> Sheet | None:
        """The sheet of that title; Google compares without regard to case."""
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    def copy(self) -> "Spreadsheet":
        """An independent spreadsheet to try a batch on."""
        return copy.deepcopy(self)


def new_sheet(sheet_id: int, title: str, index: int, *, rows: int = 1000, columns: int = 26) -> Sheet:
    """An empty grid, as the first tab of a new spreadsheet is."""
    return Sheet(
        {
            "sheetId": sheet_id,
            "title": title,
            "index": index,
            "sheetType": "GRID",
            "gridProperties": {"rowCount": rows, "columnCount": columns},
        }
    )


def cells_between(sheet: Sheet, rows: range, columns: range) -> Iterator[tuple[tuple[int, int], Json]]:
    """The filled cells of a block, row by row, by the shorter of two ways."""
    if len(rows) * len(columns) < len(sheet.cells):
        for row in rows:
            for column in columns:
                cell = sheet.cells.get((row, column))
                if cell is not None:
                    yield (row, column), cell
        return
    for place in sorted(sheet.cells):
        if place[0] in rows and place[1] in columns:
            yield place, sheet.cells[place]

"""Batches of requests as tests write them, on a small spreadsheet and without a server."""

from __future__ import annotations

from typing import Any

import pytest
from emulator.errors import ApiError
from emulator.state import Caller, Json, Sheet, Spreadsheet, new_sheet
from emulator.updates import apply_requests

OWNER = Caller("owner@example.com", "owner")
COACH = Caller("coach@example.com", "writer")


def small_book() -> Spreadsheet:
    """Two sheets of 10 rows by 5 columns; A1:C4 of the first hold names and numbers."""
    book = Spreadsheet("x", {"title": "My search", "locale": "en_US", "timeZone": "Etc/GMT"}, owner=OWNER.email)
    book.sheets = [new_sheet(0, "Jobs", 0, rows=10, columns=5), new_sheet(7, "Notes", 1, rows=10, columns=5)]
    rows: list[list[Any]] = [["Name", "Days", "Sum"], ["Ash", 3, "=B2*2"], ["Birch", 1, "=B3*2"], ["cedar", 2, "=B4*2"]]
    do(book, {"updateCells": {"start": {}, "rows": typed(rows), "fields": "userEnteredValue"}})
    return book


def do(book: Spreadsheet, *requests: Json, caller: Caller = OWNER) -> list[Json]:
    return apply_requests(book, list(requests), caller)


def refused(book: Spreadsheet, request: Json, caller: Caller = OWNER) -> str:
    """The message of a 400, without the kind that it names first."""
    before = book.copy()
    with pytest.raises(ApiError) as caught:
        do(before, request, caller=caller)
    kind = next(iter(request))
    assert (caught.value.status, caught.value.reason) == (400, "INVALID_ARGUMENT")
    assert caught.value.message.startswith(f"Invalid requests[0].{kind}: ")
    return caught.value.message.removeprefix(f"Invalid requests[0].{kind}: ")


def value_of(value: Any) -> Json:
    if value is None:
        return {}
    kind = "formulaValue" if str(value).startswith("=") else "stringValue" if isinstance(value, str) else "numberValue"
    return {"userEnteredValue": {kind: value}}


def typed(rows: list[list[Any]]) -> list[Json]:
    return [{"values": [value_of(value) for value in row]} for row in rows]


def values(sheet: Sheet, rows: int = 4, columns: int = 3) -> list[list[Any]]:
    """What was typed into the upper left corner."""
    cells = [[sheet.cells.get((row, column), {}) for column in range(columns)] for row in range(rows)]
    return [[next(iter(cell.get("userEnteredValue", {"": None}).values())) for cell in row] for row in cells]


def block(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> Json:
    found = {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}
    return {"sheetId": sheet, **found}


def lines(dimension: str, start: int, end: int, sheet: int = 0) -> Json:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": start, "endIndex": end}

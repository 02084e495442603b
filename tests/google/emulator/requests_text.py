"""Requests that change texts in many cells: findReplace and trimWhitespace."""

import re
from collections.abc import Iterator

from emulator.errors import invalid
from emulator.grid import Box, box, grid
from emulator.protection import guard
from emulator.requests_cells import put
from emulator.state import Caller, Json, Spreadsheet, cells_between


def _where(book: Spreadsheet, body: Json) -> list[Box]:
    scopes = [name for name in ("range", "sheetId", "allSheets") if name in body]
    if len(scopes) != 1:
        raise invalid("Exactly one of 'range', 'sheetId' or 'allSheets' must be set.")
    if "range" in body:
        return [box(book, body["range"])]
    sheets = book.sheets if body.get("allSheets") else [grid(book, body.get("sheetId"))]
    return [Box(sheet, range(sheet.row_count), range(sheet.column_count)) for sheet in sheets]


def _texts(block: Box, *, formulas: bool) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Place, kind of value and text of each cell that may be changed; a number counts by its digits."""
    for place, cell in list(cells_between(block.sheet, block.rows, block.columns)):
        for kind, value in cell.get("userEnteredValue", {}).items():
            if kind in ("stringValue", "numberValue") or (kind == "formulaValue" and formulas):
                yield place, kind, f"{value:g}" if kind == "numberValue" else value


def find_replace(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    find = body.get("find", "")
    if not find:
        raise invalid("The text to find must not be empty.")
    pattern = find if body.get("searchByRegex") else re.escape(find)
    if body.get("matchEntireCell"):
        pattern = f"^(?:{pattern})$"
    search = re.compile(pattern, 0 if body.get("matchCase") else re.IGNORECASE)
    new = body.get("replacement", "")
    new = re.sub(r"\$(\d)", r"\\\1", new) if body.get("searchByRegex") else new.replace("\\", "\\\\")
    counts = {"valuesChanged": 0, "formulasChanged": 0, "occurrencesChanged": 0}
    rows, sheets = set(), set()
    for block in _where(book, body):
        for place, kind, text in _texts(block, formulas=bool(body.get("includeFormulas"))):
            changed, count = search.subn(new, text)
            if not count:
                continue
            guard(book, caller, block.sheet, range(place[0], place[0] + 1), range(place[1], place[1] + 1))
            kept = "formulaValue" if kind == "formulaValue" else "stringValue"
            put(block.sheet, place, {"userEnteredValue": {}}, {"userEnteredValue": {kept: changed}})
            counts["formulasChanged" if kind == "formulaValue" else "valuesChanged"] += 1
            counts["occurrencesChanged"] += count
            rows.add((block.sheet.id, place[0]))
            sheets.add(block.sheet.id)
    found = {**counts, "rowsChanged": len(rows), "sheetsChanged": len(sheets)}
    return {name: count for name, count in found.items() if count}


def trim_whitespace(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    count = 0
    for place, kind, text in _texts(block, formulas=False):
        trimmed = " ".join(text.split())
        if kind == "stringValue" and trimmed != text:
            put(block.sheet, place, {"userEnteredValue": {}}, {"userEnteredValue": {"stringValue": trimmed}})
            count += 1
    return {"cellsChangedCount": count} if count else {}


HANDLERS = {"findReplace": find_replace, "trimWhitespace": trim_whitespace}

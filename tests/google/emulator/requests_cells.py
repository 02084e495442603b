"""Requests that write cells: updateCells, repeatCell, appendCells, setDataValidation, updateBorders, merges."""

from typing import Any

from emulator.errors import invalid
from emulator.formulas import shifted
from emulator.grid import Box, box, grid, meets, within
from emulator.masks import Mask
from emulator.protection import guard
from emulator.state import Caller, Json, Sheet, Spreadsheet
from emulator.write_masks import merged, write_mask

READ_ONLY = ("effectiveValue", "effectiveFormat", "formattedValue", "hyperlink")
SIDES = ("top", "bottom", "left", "right")


def cell_mask(fields: str | None) -> Mask:
    """The mask of a write to cells; what Google works out itself cannot be written and is passed over."""
    mask = write_mask(fields, "CellData")
    return {name: below for name, below in mask.items() if name not in READ_ONLY}


def put(sheet: Sheet, place: tuple[int, int], mask: Mask, new: Json) -> None:
    """Write a cell through a mask. Another value forgets the result a formula had and the runs of rich text."""
    old = sheet.cells.get(place, {})
    cell = merged(mask, old, new)
    if "userEnteredValue" in mask:
        value = cell.get("userEnteredValue")
        _check_value(value)
        if not value or value.get("stringValue") == "":
            cell.pop("userEnteredValue", None)
        if cell.get("userEnteredValue") != old.get("userEnteredValue"):
            cell.pop("result", None)
            if "textFormatRuns" not in mask:
                cell.pop("textFormatRuns", None)
    keep(sheet, place, {name: part for name, part in cell.items() if part not in ({}, [], "")})


def keep(sheet: Sheet, place: tuple[int, int], cell: Json) -> None:
    """Replace a cell as a whole; an empty one is not kept."""
    if cell:
        sheet.cells[place] = cell
    else:
        sheet.cells.pop(place, None)


def _check_value(value: Json | None) -> None:
    if value and "formulaValue" in value and not value["formulaValue"].startswith("="):
        raise invalid(f"Invalid ExtendedValue.formulaValue: {value['formulaValue']}")
    if value and "errorValue" in value:
        raise invalid("ExtendedValue.errorValue cannot be written.")
    if value and len(value) > 1:
        raise invalid("ExtendedValue holds more than one value.")


def update_cells(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    mask = cell_mask(body.get("fields"))
    rows = [row.get("values", []) for row in body.get("rows", [])]
    if ("start" in body) == ("range" in body):
        raise invalid("One of 'start' or 'range' must be set.")
    if "range" in body:
        block = box(book, body["range"])
        check_inside(rows, block, "requested")
        guard(book, caller, block.sheet, block.rows, block.columns)
        for row, column in block.places():
            given = rows[row - block.rows.start] if row - block.rows.start < len(rows) else []
            offset = column - block.columns.start
            put(block.sheet, (row, column), mask, given[offset] if offset < len(given) else {})
        return {}
    start = body["start"]
    sheet = grid(book, start.get("sheetId"))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    if top >= sheet.row_count:
        raise invalid(f"GridCoordinate.rowIndex[{top}] is after last row in grid[{sheet.row_count}]")
    if left >= sheet.column_count:
        raise invalid(f"GridCoordinate.columnIndex[{left}] is after last column in grid[{sheet.column_count}]")
    block = Box(sheet, range(top, sheet.row_count), range(left, sheet.column_count))
    check_inside(rows, block, "requested")
    write_rows(book, caller, block, rows, mask)
    return {}


def write_rows(book: Spreadsheet, caller: Caller, block: Box, rows: list[list[Json]], mask: Mask) -> None:
    top, left = block.rows.start, block.columns.start
    for row, values in enumerate(rows, start=top):
        if values:
            guard(book, caller, block.sheet, range(row, row + 1), range(left, left + len(values)))
        for column, value in enumerate(values, start=left):
            put(block.sheet, (row, column), mask, value)


def check_inside(rows: list[list[Json]], block: Box, what: str) -> None:
    last_row, last_column = block.rows.stop - 1, block.columns.stop - 1
    if len(rows) > len(block.rows):
        raise invalid(f"Attempting to write row: {last_row + 1}, beyond the last {what} row of: {last_row}")
    if any(len(values) > len(block.columns) for values in rows):
        raise invalid(f"Attempting to write column: {last_column + 1}, beyond the last {what} column of: {last_column}")


def repeat_cell(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    mask = cell_mask(body.get("fields"))
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    cell = body.get("cell", {})
    text = cell.get("userEnteredValue", {}).get("formulaValue")
    for row, column in block.places():
        one = cell
        if text:
            here = shifted(text, row - block.rows.start, column - block.columns.start)
            one = {**cell, "userEnteredValue": {"formulaValue": here}}
        put(block.sheet, (row, column), mask, one)
    return {}


def set_data_validation(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    rule = body.get("rule")
    if rule and rule.get("condition", {}).get("type") in (None, "CONDITION_TYPE_UNSPECIFIED"):
        raise invalid("A data validation rule must have a condition with a type.")
    for row, column in block.places():
        here = _shifted_rule(rule, row - block.rows.start, column - block.columns.start) if rule else None
        put(block.sheet, (row, column), {"dataValidation": {}}, {"dataValidation": here} if here else {})
    return {}


def _shifted_rule(rule: Json, rows: int, columns: int) -> Json:
    values = rule["condition"].get("values", [])
    if not any(value.get("userEnteredValue", "").startswith("=") for value in values):
        return rule
    moved = [
        {**value, "userEnteredValue": shifted(value["userEnteredValue"], rows, columns)}
        if "userEnteredValue" in value
        else value
        for value in values
    ]
    return {**rule, "condition": {**rule["condition"], "values": moved}}


def update_borders(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    for row, column in block.places():
        edges = {
            "top": "top" if row == block.rows.start else "innerHorizontal",
            "bottom": "bottom" if row == block.rows.stop - 1 else "innerHorizontal",
            "left": "left" if column == block.columns.start else "innerVertical",
            "right": "right" if column == block.columns.stop - 1 else "innerVertical",
        }
        given = {side: body[edges[side]] for side in SIDES if edges[side] in body}
        drawn = {side: border for side, border in given.items() if border.get("style", "NONE") != "NONE"}
        mask: Mask = {"userEnteredFormat": {"borders": {side: {} for side in given}}}
        if given:
            put(block.sheet, (row, column), mask, {"userEnteredFormat": {"borders": drawn}})
    return {}


def merge_cells(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    kind = body.get("mergeType", "MERGE_ALL")
    _unmerge(block)
    if kind == "MERGE_ROWS":
        parts = [Box(block.sheet, range(row, row + 1), block.columns) for row in block.rows]
    elif kind == "MERGE_COLUMNS":
        parts = [Box(block.sheet, block.rows, range(column, column + 1)) for column in block.columns]
    else:
        parts = [block]
    for part in parts:
        if len(part.rows) * len(part.columns) > 1:
            _keep_one_value(part)
            block.sheet.merges.append(part.range())
    return {}


def _keep_one_value(part: Box) -> None:
    """Only the first value of a merged block is kept, in its upper left cell."""
    first, *others = part.places()
    found: Any = None
    for place in (first, *others):
        cell = part.sheet.cells.get(place, {})
        value = {name: cell[name] for name in ("userEnteredValue", "result", "textFormatRuns") if name in cell}
        if found is None and "userEnteredValue" in cell:
            found = value
        if value:
            keep(part.sheet, place, {name: item for name, item in cell.items() if name not in value})
    if found:
        keep(part.sheet, first, {**part.sheet.cells.get(first, {}), **found})


def unmerge_cells(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    _unmerge(block)
    return {}


def _unmerge(block: Box) -> None:
    area = block.range()
    touched = [merge for merge in block.sheet.merges if meets(merge, area)]
    if not all(within(merge, area) for merge in touched):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    block.sheet.merges = [merge for merge in block.sheet.merges if merge not in touched]


HANDLERS = {
    "mergeCells": merge_cells,
    "repeatCell": repeat_cell,
    "setDataValidation": set_data_validation,
    "unmergeCells": unmerge_cells,
    "updateBorders": update_borders,
    "updateCells": update_cells,
}

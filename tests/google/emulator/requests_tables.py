"""Requests about tables: a named block with a header row whose cells name its columns."""

from emulator.errors import invalid
from emulator.grid import box, meets
from emulator.protection import guard
from emulator.requests_cells import put
from emulator.state import Caller, Json, Sheet, Spreadsheet
from emulator.write_masks import merged, write_mask


def name_columns(book: Spreadsheet) -> None:
    """A table's columns are called what their header cells say."""
    for sheet in book.sheets:
        for table in sheet.tables:
            for column in table.get("columnProperties", []):
                text = _header(sheet, table, column.get("columnIndex", 0))
                if text:
                    column["columnName"] = text


def _header(sheet: Sheet, table: Json, index: int) -> str:
    place = (table["range"]["startRowIndex"], table["range"]["startColumnIndex"] + index)
    cell = sheet.cells.get(place, {})
    value = cell.get("result") or cell.get("userEnteredValue") or {}
    return str(next(iter(value.values()), ""))


def _checked(book: Spreadsheet, table: Json, caller: Caller, *, but: str = "") -> tuple[Sheet, Json]:
    """The sheet of a table that may stand there, and the table with bounds and a property for each column."""
    block = box(book, table.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    area = block.range()
    if len(block.rows) < 2:
        raise invalid("A table must have a header row and at least one more row.")
    for known in block.sheet.tables:
        if known["tableId"] != but and meets(known["range"], area):
            raise invalid("You can't create a table that overlaps another table.")
    if any(meets(merge, area) for merge in block.sheet.merges):
        raise invalid("You can't create a table over merged cells.")
    if any(meets(known["range"], area) for known in block.sheet.banded):
        raise invalid("You cannot add a table to a range that already has alternating background colors.")
    given = {one.get("columnIndex", 0): one for one in table.get("columnProperties", [])}
    if any(index >= len(block.columns) for index in given):
        raise invalid("TableColumnProperties.columnIndex is outside of the table.")
    columns = [{**given.get(index, {}), "columnIndex": index} for index in range(len(block.columns))]
    return block.sheet, {**table, "range": area, "columnProperties": columns}


def _write_headers(sheet: Sheet, table: Json) -> None:
    """Header cells show the names given; a column without one is called what its cell says, or by its number."""
    top, left = table["range"]["startRowIndex"], table["range"]["startColumnIndex"]
    for column in table["columnProperties"]:
        index = column["columnIndex"]
        name = column.get("columnName") or _header(sheet, table, index) or f"Column {index + 1}"
        if _header(sheet, table, index) != name:
            value = {"userEnteredValue": {"stringValue": name}}
            put(sheet, (top, left + index), {"userEnteredValue": {}}, value)
        column["columnName"] = name


def _check_name(book: Spreadsheet, name: str, *, but: str = "") -> None:
    for sheet in book.sheets:
        for known in sheet.tables:
            if known["name"].casefold() == name.casefold() and known["tableId"] != but:
                raise invalid(f"A table with the name '{name}' already exists.")


def add_table(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    sheet, new = _checked(book, body.get("table", {}), caller)
    number = new.get("tableId") or str(book.fresh_id())
    if any(known["tableId"] == number for other in book.sheets for known in other.tables):
        raise invalid(f"A table with id {number} already exists.")
    count = sum(len(other.tables) for other in book.sheets)
    new = {"tableId": number, **new, "name": new.get("name") or f"Table{count + 1}"}
    _check_name(book, new["name"])
    _write_headers(sheet, new)
    sheet.tables.append(new)
    return {"table": new}


def _table(book: Spreadsheet, number: str) -> tuple[Sheet, int]:
    for sheet in book.sheets:
        for index, known in enumerate(sheet.tables):
            if known["tableId"] == number:
                return sheet, index
    raise invalid(f"No table with id: {number}")


def update_table(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    given = body.get("table", {})
    mask = write_mask(body.get("fields"), "Table")
    sheet, index = _table(book, given.get("tableId", ""))
    known = sheet.tables[index]
    mask = {name: below for name, below in mask.items() if name != "tableId"}
    new = merged(mask, known, given)
    if "range" in mask and "range" in new and "columnProperties" not in mask:
        new["columnProperties"] = _carried(known, new["range"])
    _, new = _checked(book, new, caller, but=known["tableId"])
    _check_name(book, new.get("name", ""), but=known["tableId"])
    _write_headers(sheet, new)
    sheet.tables[index] = new
    return {}


def _carried(known: Json, area: Json) -> list[Json]:
    """Column properties of a table that was made wider, narrower or moved: each stays with its column."""
    offset = known["range"]["startColumnIndex"] - area.get("startColumnIndex", 0)
    width = area.get("endColumnIndex", known["range"]["endColumnIndex"]) - area.get("startColumnIndex", 0)
    moved = [{**one, "columnIndex": one["columnIndex"] + offset} for one in known["columnProperties"]]
    return [one for one in moved if 0 <= one["columnIndex"] < width]


def delete_table(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    """The table and, as Google's guide says, the data in it."""
    sheet, index = _table(book, body.get("tableId", ""))
    block = box(book, sheet.tables[index]["range"])
    guard(book, caller, sheet, block.rows, block.columns)
    for place in block.places():
        sheet.cells.pop(place, None)
    del sheet.tables[index]
    return {}


HANDLERS = {"addTable": add_table, "deleteTable": delete_table, "updateTable": update_table}

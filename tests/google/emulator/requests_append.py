"""appendCells: below the last row of a sheet, or of a table, which grows over what is appended."""

from emulator.errors import invalid
from emulator.grid import Box, grid, resize
from emulator.masks import Mask
from emulator.requests_blocks import push_down
from emulator.requests_cells import cell_mask, check_inside, write_rows
from emulator.state import Caller, Json, Sheet, Spreadsheet


def append_cells(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    mask = cell_mask(body.get("fields"))
    rows = [row.get("values", []) for row in body.get("rows", [])]
    if "tableId" in body:
        sheet, table = _table(book, body["tableId"])
        _append_to_table(book, sheet, table, rows, mask, caller=caller)
        return {}
    sheet = grid(book, body.get("sheetId"))
    top = 1 + max((row for (row, _), cell in sheet.cells.items() if "userEnteredValue" in cell), default=-1)
    widest = max((len(values) for values in rows), default=0)
    if widest > sheet.column_count:
        resize(book, sheet, "COLUMNS", widest)
    if top + len(rows) > sheet.row_count:
        resize(book, sheet, "ROWS", top + len(rows))
    if rows:
        write_rows(book, caller, Box(sheet, range(top, top + len(rows)), range(sheet.column_count)), rows, mask)
    return {}


def _table(book: Spreadsheet, table_id: str) -> tuple[Sheet, Json]:
    for sheet in book.sheets:
        for table in sheet.tables:
            if table["tableId"] == table_id:
                return sheet, table
    raise invalid(f"No table with id: {table_id}")


def _append_to_table(
    book: Spreadsheet, sheet: Sheet, table: Json, rows: list[list[Json]], mask: Mask, *, caller: Caller
) -> None:
    """Below the last filled row of the table's body; a footer, and what stands below the table, is pushed down."""
    area = table["range"]
    look = table.get("rowsProperties", {})
    footer = "footerColor" in look or "footerColorStyle" in look
    columns = range(area["startColumnIndex"], area["endColumnIndex"])
    body = range(area["startRowIndex"] + 1, area["endRowIndex"] - footer)
    filled = [
        row
        for (row, column), cell in sheet.cells.items()
        if row in body and column in columns and "userEnteredValue" in cell
    ]
    top = max(filled, default=area["startRowIndex"]) + 1
    missing = top + len(rows) - body.stop
    if missing > 0:
        if body.stop + missing > sheet.row_count:
            resize(book, sheet, "ROWS", body.stop + missing)
        push_down(book, Box(sheet, range(body.stop, sheet.row_count), columns), missing)
        area["endRowIndex"] += missing
    block = Box(sheet, range(top, top + len(rows)), columns)
    check_inside(rows, block, "table")
    if rows:
        write_rows(book, caller, block, rows, mask)


HANDLERS = {"appendCells": append_cells}

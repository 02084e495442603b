"""Requests that move or copy blocks of cells: insertRange, deleteRange, copyPaste, cutPaste, sortRange."""

from functools import cmp_to_key, partial
from typing import Any

from emulator.errors import invalid, unmodelled
from emulator.formulas import Mark, Reference, rewrite, shifted, title_of
from emulator.grid import Box, box, dimension_of, grid, meets, resize, within
from emulator.protection import guard
from emulator.requests_cells import keep
from emulator.state import Caller, Json, Sheet, Spreadsheet, cells_between

Place = tuple[int, int]

PARTS = {
    "PASTE_NORMAL": ("userEnteredValue", "userEnteredFormat", "textFormatRuns", "result", "note", "dataValidation"),
    "PASTE_VALUES": ("userEnteredValue", "textFormatRuns", "result"),
    "PASTE_FORMAT": ("userEnteredFormat", "textFormatRuns"),
    "PASTE_NO_BORDERS": ("userEnteredValue", "userEnteredFormat", "textFormatRuns", "result", "dataValidation"),
    "PASTE_FORMULA": ("userEnteredValue", "result"),
    "PASTE_DATA_VALIDATION": ("dataValidation",),
}
"""What of a cell each kind of paste carries."""


def copied(cell: Json, rows: int, columns: int) -> Json:
    """A cell as it reads when it stands that far away."""
    text = cell.get("userEnteredValue", {}).get("formulaValue")
    if not text:
        return cell
    new = shifted(text, rows, columns)
    return cell if new == text else {**cell, "userEnteredValue": {"formulaValue": new}}


def _parts(kind: str | None) -> tuple[str, ...]:
    kind = kind or "PASTE_NORMAL"
    if kind not in PARTS:
        raise unmodelled(f"pasting {kind}")
    return PARTS[kind]


def _pasted(old: Json, source: Json, kind: str | None) -> Json:
    """A cell after a paste: the parts that the kind carries are the source's."""
    parts = _parts(kind)
    new = {name: value for name, value in old.items() if name not in parts}
    new |= {name: value for name, value in source.items() if name in parts}
    if kind == "PASTE_VALUES" and "formulaValue" in new.get("userEnteredValue", {}):
        if "result" not in new:
            raise unmodelled("pasting the values of formulas whose results no test has made known")
        new["userEnteredValue"] = new.pop("result")
    if kind == "PASTE_NO_BORDERS" and "borders" in new.get("userEnteredFormat", {}):
        look = {name: value for name, value in new["userEnteredFormat"].items() if name != "borders"}
        new["userEnteredFormat"] = look
    return new


def copy_paste(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    source, target = box(book, body.get("source")), body.get("destination", {})
    turned = body.get("pasteOrientation") == "TRANSPOSE"
    taken = dict(cells_between(source.sheet, source.rows, source.columns))
    height, width = len(source.rows), len(source.columns)
    if turned:
        height, width = width, height
    sheet = grid(book, target.get("sheetId"))
    top, left = target.get("startRowIndex", 0), target.get("startColumnIndex", 0)
    tall = target.get("endRowIndex", sheet.row_count) - top
    wide = target.get("endColumnIndex", sheet.column_count) - left
    rows = range(top, top + (tall if tall % height == 0 and tall else height))
    columns = range(left, left + (wide if wide % width == 0 and wide else width))
    block = box(
        book,
        {
            "sheetId": sheet.id,
            "startRowIndex": rows.start,
            "endRowIndex": rows.stop,
            "startColumnIndex": columns.start,
            "endColumnIndex": columns.stop,
        },
    )
    guard(book, caller, sheet, block.rows, block.columns)
    for row, column in block.places():
        down, right = (row - top) % height, (column - left) % width
        if turned:
            down, right = right, down
        origin = (source.rows.start + down, source.columns.start + right)
        cell = copied(taken.get(origin, {}), row - origin[0], column - origin[1])
        keep(sheet, (row, column), _pasted(sheet.cells.get((row, column), {}), cell, body.get("pasteType")))
    if body.get("pasteType", "PASTE_NORMAL") in ("PASTE_NORMAL", "PASTE_FORMAT", "PASTE_NO_BORDERS"):
        _carry_rules(source, block, turned=turned)
    return {}


def _carry_rules(source: Box, target: Box, *, turned: bool) -> None:
    """A copy is coloured by the same rules: their ranges grow by it. Merges, and rules cut or turned, are refused."""
    area, same = source.range(), source.sheet is target.sheet
    if any(meets(merge, area) for merge in source.sheet.merges):
        raise unmodelled("copying merged cells")
    for rule in source.sheet.rules:
        if not any(meets(body, area) for body in rule["ranges"]):
            continue
        if turned or not same or not any(within(area, body) for body in rule["ranges"]):
            raise unmodelled("copying a part of a rule's range, turned, or to another sheet")
        if not any(within(target.range(), body) for body in rule["ranges"]):
            rule["ranges"] = [*rule["ranges"], target.range()]


def cut_paste(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    source, target = box(book, body.get("source")), body.get("destination", {})
    sheet = grid(book, target.get("sheetId"))
    top, left = target.get("rowIndex", 0), target.get("columnIndex", 0)
    _parts(body.get("pasteType"))
    _grow(book, sheet, top + len(source.rows), left + len(source.columns))
    block = Box(sheet, range(top, top + len(source.rows)), range(left, left + len(source.columns)))
    guard(book, caller, source.sheet, source.rows, source.columns)
    guard(book, caller, sheet, block.rows, block.columns)
    _nothing_on(source)
    taken = dict(cells_between(source.sheet, source.rows, source.columns))
    for place in taken:
        keep(source.sheet, place, {})
    down, right = top - source.rows.start, left - source.columns.start
    for row, column in block.places():
        cell = taken.get((row - down, column - right), {})
        keep(sheet, (row, column), _pasted(sheet.cells.get((row, column), {}), cell, body.get("pasteType")))
    _follow(book, source, sheet, down, right)
    return {}


def _grow(book: Spreadsheet, sheet: Sheet, rows: int, columns: int) -> None:
    if rows > sheet.row_count:
        resize(book, sheet, "ROWS", rows)
    if columns > sheet.column_count:
        resize(book, sheet, "COLUMNS", columns)


def _follow(book: Spreadsheet, source: Box, target: Sheet, down: int, right: int) -> None:
    """Formulas, named ranges and merges that lie wholly within a block that was moved go with it."""
    area = source.range()

    def there(body: Json) -> Json:
        new = {key: value + (down if "Row" in key else right) for key, value in body.items() if key != "sheetId"}
        return {"sheetId": target.id, **new}

    for named in book.named_ranges:
        if within(named["range"], area):
            named["range"] = there(named["range"])
    merges = [merge for merge in source.sheet.merges if within(merge, area)]
    source.sheet.merges = [merge for merge in source.sheet.merges if merge not in merges]
    target.merges.extend(there(merge) for merge in merges)
    if target is not source.sheet:
        return
    for other in book.sheets:

        def change(reference: Reference, other: Sheet = other) -> Reference | None:
            title = title_of(reference)
            names_it = other is target if title is None else title.casefold() == target.title.casefold()
            return _moved(reference, source, down, right) if names_it else reference

        for place, cell in other.cells.items():
            text = cell.get("userEnteredValue", {}).get("formulaValue")
            if text and (new := rewrite(text, change)) != text:
                other.cells[place] = {**cell, "userEnteredValue": {"formulaValue": new}}


def _moved(reference: Reference, source: Box, down: int, right: int) -> Reference:
    top, bottom, left, right_side = reference.top, reference.bottom, reference.left, reference.right
    if top is None or bottom is None or left is None or right_side is None:
        return reference
    inside = all(mark.index in source.rows for mark in (top, bottom)) and all(
        mark.index in source.columns for mark in (left, right_side)
    )
    if not inside:
        return reference
    return Reference(
        reference.sheet,
        Mark(top.index + down, top.fixed),
        Mark(bottom.index + down, bottom.fixed),
        Mark(left.index + right, left.fixed),
        Mark(right_side.index + right, right_side.fixed),
        reference.single,
    )


def _beyond(block: Box, dimension: str, first: int) -> Box:
    """The part of the sheet that shifts: from `first` to the edge, as high or wide as the block."""
    sheet = block.sheet
    if dimension == "ROWS":
        return Box(sheet, range(first, sheet.row_count), block.columns)
    return Box(sheet, block.rows, range(first, sheet.column_count))


def push_down(book: Spreadsheet, moving: Box, distance: int) -> None:
    """Move the filled cells of a block down, a table's footer above all; the grid grows where they would fall off."""
    filled = [row for (row, _), _ in cells_between(moving.sheet, moving.rows, moving.columns)]
    _grow(book, moving.sheet, max(filled, default=-1) + distance + 1, 0)
    if filled:
        _shift_cells(book, moving, distance, 0)


def _shift_cells(book: Spreadsheet, moving: Box, down: int, right: int) -> None:
    sheet = moving.sheet
    taken = dict(cells_between(sheet, moving.rows, moving.columns))
    for place in taken:
        keep(sheet, place, {})
    for (row, column), cell in taken.items():
        keep(sheet, (row + down, column + right), cell)
    _follow(book, moving, sheet, down, right)


def _nothing_on(moving: Box) -> None:
    """Only plain cells are moved by themselves: what a rule or a table does then is not known well enough."""
    sheet, area = moving.sheet, moving.range()
    held = [body for rule in sheet.rules for body in rule["ranges"]]
    held += [one["range"] for one in (*sheet.tables, *sheet.banded, *sheet.protected) if "range" in one]
    held += [sheet.basic_filter["range"]] if sheet.basic_filter and "range" in sheet.basic_filter else []
    if any(meets(body, area) for body in held):
        raise unmodelled(
            "moving cells, not whole rows or columns, that have a rule, table, filter, bands or protection"
        )


def insert_range(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block, dimension = box(book, body.get("range")), dimension_of(body.get("shiftDimension"))
    down, right = (len(block.rows), 0) if dimension == "ROWS" else (0, len(block.columns))
    moving = _beyond(block, dimension, block.rows.start if down else block.columns.start)
    guard(book, caller, block.sheet, moving.rows, moving.columns)
    filled = [place for place, _ in cells_between(block.sheet, moving.rows, moving.columns)]
    last_row = max((row for row, _ in filled), default=-1)
    last_column = max((column for _, column in filled), default=-1)
    _grow(book, block.sheet, last_row + down + 1, last_column + right + 1)
    _nothing_on(moving)
    _shift_cells(book, moving, down, right)
    return {}


def delete_range(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    block, dimension = box(book, body.get("range")), dimension_of(body.get("shiftDimension"))
    down, right = (-len(block.rows), 0) if dimension == "ROWS" else (0, -len(block.columns))
    rest = _beyond(block, dimension, block.rows.stop if down else block.columns.stop)
    whole = _beyond(block, dimension, block.rows.start if down else block.columns.start)
    guard(book, caller, block.sheet, whole.rows, whole.columns)
    _nothing_on(whole)
    for place, _ in list(cells_between(block.sheet, block.rows, block.columns)):
        keep(block.sheet, place, {})
    if len(rest.rows) and len(rest.columns):
        _shift_cells(book, rest, down, right)
    return {}


def sort_range(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    """Rows of a block in another order. Blanks come last in both orders; formulas count by their known result."""
    block = box(book, body.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    sheet, specs = block.sheet, body.get("sortSpecs", [])
    for spec in specs:
        if spec.get("dimensionIndex", 0) not in block.columns:
            raise invalid(f"Sort column index {spec.get('dimensionIndex', 0)} is outside of the range.")
    if any(meets_rows(merge, block) for merge in sheet.merges):
        raise invalid("You can't sort a range with vertical merges.")

    order = sorted(block.rows, key=cmp_to_key(partial(_compared, sheet, specs)))
    taken = dict(cells_between(sheet, block.rows, block.columns))
    for place in taken:
        keep(sheet, place, {})
    for new, old in zip(block.rows, order, strict=True):
        for column in block.columns:
            if (old, column) in taken:
                keep(sheet, (new, column), copied(taken[old, column], new - old, 0))
    return {}


def _compared(sheet: Sheet, specs: list[Json], first: int, second: int) -> int:
    """Which of two rows comes first: a negative number for the first one."""
    for spec in specs:
        column = spec.get("dimensionIndex", 0)
        keys = [_key(sheet.cells.get((row, column), {})) for row in (first, second)]
        if keys[0] == keys[1]:
            continue
        if BLANK in (keys[0][0], keys[1][0]):
            return 1 if keys[0][0] == BLANK else -1
        order = -1 if spec.get("sortOrder") == "DESCENDING" else 1
        return order if keys[0] > keys[1] else -order
    return 0


def meets_rows(merge: Json, block: Box) -> bool:
    """Whether a merge over several rows reaches into the block."""
    return bool(
        merge["endRowIndex"] - merge["startRowIndex"] > 1
        and merge["startRowIndex"] < block.rows.stop
        and merge["endRowIndex"] > block.rows.start
        and merge["startColumnIndex"] < block.columns.stop
        and merge["endColumnIndex"] > block.columns.start
    )


BLANK = 9


def _key(cell: Json) -> tuple[int, Any]:
    value = cell.get("userEnteredValue", {})
    if "formulaValue" in value:
        if "result" not in cell:
            raise unmodelled("sorting by formulas whose results no test has made known")
        value = cell["result"]
    for rank, name in enumerate(("numberValue", "stringValue", "boolValue", "errorValue")):
        if name in value:
            found = value[name]
            return rank, found.casefold() if isinstance(found, str) else str(found) if rank == 3 else found
    return BLANK, 0


HANDLERS = {
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "deleteRange": delete_range,
    "insertRange": insert_range,
    "sortRange": sort_range,
}

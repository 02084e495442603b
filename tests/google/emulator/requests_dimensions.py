"""Requests about whole rows and columns: insert, delete, move, append, their properties and their groups."""

from emulator.errors import invalid
from emulator.grid import Span, dimension_of, grid, length, resize, span, words
from emulator.protection import area, guard, may_edit
from emulator.remap import deleted, inserted, moved, remap
from emulator.state import Caller, Json, Sheet, Spreadsheet
from emulator.write_masks import merged, write_mask

DEFAULT_PIXELS = {"ROWS": 21, "COLUMNS": 100}


def _guard_dimension(book: Spreadsheet, caller: Caller, found: Span) -> None:
    lines = range(found.start, found.end)
    if found.dimension == "ROWS":
        guard(book, caller, found.sheet, lines, range(found.sheet.column_count))
    else:
        guard(book, caller, found.sheet, range(found.sheet.row_count), lines)


def _guard_gap(book: Spreadsheet, caller: Caller, found: Span) -> None:
    """New places may not open strictly inside a block that the caller may not edit."""
    side = "Row" if found.dimension == "ROWS" else "Column"
    for protected in found.sheet.protected:
        body = area(book, protected)
        inside = body.get(f"start{side}Index", -1) < found.start < body.get(f"end{side}Index", 1 << 40)
        if inside and not may_edit(book, caller, protected):
            _guard_dimension(book, caller, Span(found.sheet, found.dimension, found.start, found.start + 1))


def _inside(found: Span) -> None:
    one, many = words(found.dimension)
    size = length(found.sheet, found.dimension)
    if found.end > size:
        last = max(found.start, size)
        raise invalid(
            f"Cannot delete a {one} that doesn't exist. Tried to delete {one} index {last} but there are only {size} {many}."
        )


def insert_dimension(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    found = span(book, body.get("range"))
    before = body.get("inheritFromBefore", False)
    size = length(found.sheet, found.dimension)
    one = words(found.dimension)[0]
    if "endIndex" not in body["range"] or "startIndex" not in body["range"]:
        raise invalid("range.startIndex and range.endIndex must be set.")
    if before and found.start == 0:
        raise invalid(
            "Cannot inherit from before the first row or column: inheritFromBefore needs a startIndex above 0."
        )
    if found.start > size or (found.start == size and not before):
        raise invalid(f"range.startIndex[{found.start}] is after last {one} in grid[{size}]")
    _guard_gap(book, caller, found)
    source = found.start - 1 if before else found.start + found.size
    remap(book, found.sheet, inserted(found.dimension, found.start, found.size))
    resize(book, found.sheet, found.dimension, size + found.size)
    _inherit(found, source)
    return {}


def _inherit(found: Span, source: int) -> None:
    """New rows and columns look like their neighbour: its size, and its cells' formats and drop-downs."""
    sheet, rows = found.sheet, found.dimension == "ROWS"
    properties = sheet.rows if rows else sheet.columns
    new = range(found.start, found.end)
    if source in properties:
        properties.update(dict.fromkeys(new, properties[source]))
    for place, cell in list(sheet.cells.items()):
        if place[0 if rows else 1] == source and "userEnteredFormat" in cell:
            for index in new:
                there = (index, place[1]) if rows else (place[0], index)
                sheet.cells[there] = {"userEnteredFormat": cell["userEnteredFormat"]}


def delete_dimension(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    found = span(book, body.get("range"))
    _inside(found)
    many = words(found.dimension)[1]
    size = length(found.sheet, found.dimension)
    if found.size == size:
        raise invalid(f"You can't delete all the {many} on the sheet.")
    frozen_key = "frozenRowCount" if found.dimension == "ROWS" else "frozenColumnCount"
    frozen = found.sheet.properties["gridProperties"].get(frozen_key, 0)
    left = frozen - max(0, min(frozen, found.end) - found.start)
    if size - found.size == left:
        raise invalid(f"Sorry, it is not possible to delete all non-frozen {many}.")
    _guard_dimension(book, caller, found)
    remap(book, found.sheet, deleted(found.dimension, found.start, found.end))
    resize(book, found.sheet, found.dimension, size - found.size)
    if frozen:
        found.sheet.properties["gridProperties"][frozen_key] = left
    return {}


def move_dimension(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    found = span(book, body.get("source"))
    _inside(found)
    destination = body.get("destinationIndex", 0)
    size = length(found.sheet, found.dimension)
    if destination > size:
        raise invalid(f"destinationIndex[{destination}] is after last {words(found.dimension)[0]} in grid[{size}]")
    if found.start <= destination <= found.end:
        return {}
    _guard_dimension(book, caller, found)
    _guard_gap(book, caller, Span(found.sheet, found.dimension, destination, destination + 1))
    remap(book, found.sheet, moved(found.dimension, found.start, found.end, destination))
    return {}


def append_dimension(book: Spreadsheet, body: Json, _: Caller) -> Json:
    sheet, dimension = grid(book, body.get("sheetId")), dimension_of(body.get("dimension"))
    more = body.get("length", 0)
    if more < 1:
        raise invalid("length must be greater than 0.")
    resize(book, sheet, dimension, length(sheet, dimension) + more)
    return {}


def update_dimension_properties(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    mask = write_mask(body.get("fields"), "DimensionProperties")
    found = span(book, body.get("range"))
    size = length(found.sheet, found.dimension)
    if found.end > size:
        raise invalid(f"range.endIndex[{found.end}] is after last {words(found.dimension)[0]} in grid[{size}]")
    _guard_dimension(book, caller, found)
    properties = found.sheet.rows if found.dimension == "ROWS" else found.sheet.columns
    for index in range(found.start, found.end):
        new = merged(mask, properties.get(index, {}), body.get("properties", {}))
        if new.get("hiddenByUser") is False:
            del new["hiddenByUser"]
        if new.get("pixelSize") == DEFAULT_PIXELS[found.dimension]:
            del new["pixelSize"]
        _set(properties, index, new)
    return {}


def _set(properties: dict[int, Json], index: int, new: Json) -> None:
    if new:
        properties[index] = new
    else:
        properties.pop(index, None)


def auto_resize_dimensions(book: Spreadsheet, body: Json, _: Caller) -> Json:
    """Columns as wide as their longest text; one recording gives the width of a letter: 1024 "A" take 8691 pixels."""
    found = span(book, body.get("dimensions"))
    if found.dimension == "COLUMNS":
        for column in range(found.start, min(found.end, found.sheet.column_count)):
            longest = max((_length(cell) for (_, at), cell in found.sheet.cells.items() if at == column), default=0)
            if longest:
                width = round(longest * 8.484375) + 3
                found.sheet.columns[column] = {**found.sheet.columns.get(column, {}), "pixelSize": width}
    return {}


def _length(cell: Json) -> int:
    value = next(iter((cell.get("result") or cell.get("userEnteredValue") or {"": ""}).values()))
    return max((len(line) for line in str(value).splitlines()), default=0)


def _groups(sheet: Sheet, dimension: str) -> list[Json]:
    return sheet.row_groups if dimension == "ROWS" else sheet.column_groups


def _depths(groups: list[Json]) -> dict[int, int]:
    """How many groups hold each row or column."""
    depths: dict[int, int] = {}
    for group in groups:
        for index in range(group["range"]["startIndex"], group["range"]["endIndex"]):
            depths[index] = max(depths.get(index, 0), group["depth"])
    return depths


def _regrouped(sheet: Sheet, dimension: str, depths: dict[int, int]) -> None:
    """Groups as runs of rows or columns that are at least so deep."""
    groups: list[Json] = []
    for depth in range(1, max(depths.values(), default=0) + 1):
        deep = sorted(index for index, found in depths.items() if found >= depth)
        for index in deep:
            if groups and groups[-1]["depth"] == depth and groups[-1]["range"]["endIndex"] == index:
                groups[-1]["range"]["endIndex"] = index + 1
            else:
                place = {"sheetId": sheet.id, "dimension": dimension, "startIndex": index, "endIndex": index + 1}
                groups.append({"range": place, "depth": depth})
    if dimension == "ROWS":
        sheet.row_groups = groups
    else:
        sheet.column_groups = groups


def add_dimension_group(book: Spreadsheet, body: Json, _: Caller) -> Json:
    found = span(book, body.get("range"))
    size = length(found.sheet, found.dimension)
    if found.end > size:
        raise invalid(f"range.endIndex[{found.end}] is after last {words(found.dimension)[0]} in grid[{size}]")
    depths = _depths(_groups(found.sheet, found.dimension))
    for index in range(found.start, found.end):
        depths[index] = depths.get(index, 0) + 1
    if max(depths.values()) > 8:
        raise invalid("Groups cannot be nested more than 8 deep.")
    _regrouped(found.sheet, found.dimension, depths)
    after = "rowGroupControlAfter" if found.dimension == "ROWS" else "columnGroupControlAfter"
    found.sheet.properties["gridProperties"] = {**found.sheet.properties["gridProperties"], after: True}
    return {"dimensionGroups": _groups(found.sheet, found.dimension)}


def delete_dimension_group(book: Spreadsheet, body: Json, _: Caller) -> Json:
    found = span(book, body.get("range"))
    depths = _depths(_groups(found.sheet, found.dimension))
    inside = range(found.start, found.end)
    if not any(depths.get(index) for index in inside):
        raise invalid("There is no group over the range.")
    for index in inside:
        depths[index] = max(0, depths.get(index, 0) - 1)
    _regrouped(found.sheet, found.dimension, {index: depth for index, depth in depths.items() if depth})
    left = _groups(found.sheet, found.dimension)
    return {"dimensionGroups": left} if left else {}


def update_dimension_group(book: Spreadsheet, body: Json, _: Caller) -> Json:
    mask = write_mask(body.get("fields"), "DimensionGroup")
    group = body.get("dimensionGroup", {})
    found = span(book, group.get("range"))
    groups = _groups(found.sheet, found.dimension)
    for number, known in enumerate(groups):
        place = known["range"]
        if (place["startIndex"], place["endIndex"], known["depth"]) == (found.start, found.end, group.get("depth")):
            if "collapsed" in mask:
                groups[number] = merged({"collapsed": {}}, known, group)
            return {}
    raise invalid("There is no such group on the sheet.")


HANDLERS = {
    "addDimensionGroup": add_dimension_group,
    "appendDimension": append_dimension,
    "autoResizeDimensions": auto_resize_dimensions,
    "deleteDimension": delete_dimension,
    "deleteDimensionGroup": delete_dimension_group,
    "insertDimension": insert_dimension,
    "moveDimension": move_dimension,
    "updateDimensionGroup": update_dimension_group,
    "updateDimensionProperties": update_dimension_properties,
}

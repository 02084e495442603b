"""Requests about banding, the basic filter and filter views."""

import copy

from emulator.errors import invalid
from emulator.grid import box, grid, meets
from emulator.protection import guard
from emulator.state import Caller, Json, Sheet, Spreadsheet
from emulator.write_masks import merged, write_mask


def _check_banding(book: Spreadsheet, given: Json, caller: Caller, *, but: Json | None = None) -> Sheet:
    block = box(book, given.get("range"))
    guard(book, caller, block.sheet, block.rows, block.columns)
    if not (given.get("rowProperties") or given.get("columnProperties")):
        raise invalid("At least one of row_properties or column_properties must be specified.")
    for known in block.sheet.banded:
        if known is not but and meets(known["range"], block.range()):
            raise invalid(
                "You cannot add alternating background colors to a range that already has alternating background colors."
            )
    return block.sheet


def add_banding(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    given = body.get("bandedRange", {})
    sheet = _check_banding(book, given, caller)
    number = given.get("bandedRangeId") or book.fresh_id()
    if any(known["bandedRangeId"] == number for other in book.sheets for known in other.banded):
        raise invalid(f"A banded range with id {number} already exists.")
    new = {**given, "bandedRangeId": number, "range": box(book, given["range"]).range()}
    sheet.banded.append(new)
    return {"bandedRange": new}


def _banding(book: Spreadsheet, number: int) -> tuple[Sheet, int]:
    for sheet in book.sheets:
        for index, known in enumerate(sheet.banded):
            if known["bandedRangeId"] == number:
                return sheet, index
    raise invalid(f"No banded range with id: {number}")


def update_banding(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    given = body.get("bandedRange", {})
    mask = write_mask(body.get("fields"), "BandedRange")
    sheet, index = _banding(book, given.get("bandedRangeId", 0))
    mask = {name: below for name, below in mask.items() if name != "bandedRangeId"}
    new = merged(mask, sheet.banded[index], given)
    _check_banding(book, new, caller, but=sheet.banded[index])
    sheet.banded[index] = new
    return {}


def delete_banding(book: Spreadsheet, body: Json, _: Caller) -> Json:
    sheet, index = _banding(book, body.get("bandedRangeId", 0))
    del sheet.banded[index]
    return {}


def _filter_range(book: Spreadsheet, given: Json) -> tuple[Sheet, Json]:
    """The sheet of a filter, and the filter as it is kept; by a table if it names one."""
    if "tableId" in given:
        for sheet in book.sheets:
            if any(table["tableId"] == given["tableId"] for table in sheet.tables):
                return sheet, dict(given)
        raise invalid(f"No table with id: {given['tableId']}")
    if "namedRangeId" in given:
        for named in book.named_ranges:
            if named["namedRangeId"] == given["namedRangeId"]:
                return grid(book, named["range"].get("sheetId")), dict(given)
        raise invalid(f"No named range with id: {given['namedRangeId']}")
    block = box(book, given.get("range"))
    return block.sheet, {**given, "range": block.range()}


def set_basic_filter(book: Spreadsheet, body: Json, _: Caller) -> Json:
    sheet, new = _filter_range(book, body.get("filter", {}))
    for table in sheet.tables:
        if "range" in new and meets(table["range"], new["range"]):
            raise invalid("You can't set a basic filter over a table: a table has its own.")
    sheet.basic_filter = new
    return {}


def clear_basic_filter(book: Spreadsheet, body: Json, _: Caller) -> Json:
    grid(book, body.get("sheetId")).basic_filter = None
    return {}


def add_filter_view(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("filter", {})
    sheet, new = _filter_range(book, given)
    number = given.get("filterViewId") or book.fresh_id()
    if any(known["filterViewId"] == number for other in book.sheets for known in other.filter_views):
        raise invalid(f"A filter view with id {number} already exists.")
    new["filterViewId"] = number
    new.setdefault("title", f"Filter {len(sheet.filter_views) + 1}")
    sheet.filter_views.append(new)
    return {"filter": new}


def _view(book: Spreadsheet, number: int) -> tuple[Sheet, int]:
    for sheet in book.sheets:
        for index, known in enumerate(sheet.filter_views):
            if known["filterViewId"] == number:
                return sheet, index
    raise invalid(f"No filter view with id: {number}")


def update_filter_view(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("filter", {})
    mask = write_mask(body.get("fields"), "FilterView")
    sheet, index = _view(book, given.get("filterViewId", 0))
    mask = {name: below for name, below in mask.items() if name != "filterViewId"}
    _sheet, new = _filter_range(book, merged(mask, sheet.filter_views[index], given))
    sheet.filter_views[index] = new
    return {}


def duplicate_filter_view(book: Spreadsheet, body: Json, _: Caller) -> Json:
    sheet, index = _view(book, body.get("filterId", 0))
    known = sheet.filter_views[index]
    new = {**copy.deepcopy(known), "filterViewId": book.fresh_id(), "title": f"Copy of {known['title']}"}
    sheet.filter_views.append(new)
    return {"filter": new}


def delete_filter_view(book: Spreadsheet, body: Json, _: Caller) -> Json:
    sheet, index = _view(book, body.get("filterId", 0))
    del sheet.filter_views[index]
    return {}


HANDLERS = {
    "addBanding": add_banding,
    "addFilterView": add_filter_view,
    "clearBasicFilter": clear_basic_filter,
    "deleteBanding": delete_banding,
    "deleteFilterView": delete_filter_view,
    "duplicateFilterView": duplicate_filter_view,
    "setBasicFilter": set_basic_filter,
    "updateBanding": update_banding,
    "updateFilterView": update_filter_view,
}

"""Requests about the spreadsheet and its sheets: properties, adding, deleting, duplicating, moving."""

import copy
import re
from dataclasses import replace
from zoneinfo import available_timezones

from emulator.a1 import quoted
from emulator.errors import invalid, unmodelled
from emulator.formulas import Reference, rewrite, title_of
from emulator.grid import resize
from emulator.protection import guard, guard_whole
from emulator.remap import deleted, remap
from emulator.state import Caller, Json, Sheet, Spreadsheet, new_sheet
from emulator.write_masks import merged, write_mask

LOCALE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
READ_ONLY = ("defaultFormat",)
GRID = ("rowCount", "columnCount")


def update_spreadsheet_properties(book: Spreadsheet, body: Json, _: Caller) -> Json:
    mask = write_mask(body.get("fields"), "SpreadsheetProperties")
    mask = {name: below for name, below in mask.items() if name not in READ_ONLY}
    new = body.get("properties", {})
    for name in ("title", "locale", "timeZone", "autoRecalc"):
        if name in mask and not new.get(name):
            if body["fields"] != "*":
                raise invalid(f"SpreadsheetProperties.{name} must not be empty.")
            del mask[name]
    changed = merged(mask, book.properties, new)
    if not LOCALE.fullmatch(changed["locale"]):
        raise invalid(f"Unsupported locale: {changed['locale']}")
    if changed["timeZone"] not in available_timezones():
        raise invalid(f"Invalid time zone: {changed['timeZone']}")
    book.properties = changed
    return {}


def _check_title(book: Spreadsheet, title: str, *, but: Sheet | None = None) -> None:
    if not title:
        raise invalid("The sheet name cannot be empty.")
    if len(title) > 100:
        raise invalid("The sheet name cannot be greater than 100 characters.")
    known = book.titled(title)
    if known is not None and known is not but:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _place(book: Spreadsheet, sheet: Sheet, index: int | None) -> None:
    """Put a new sheet among the others; None is the end. Every sheet's index is what its place says."""
    count = len(book.sheets)
    if index is not None and not 0 <= index <= count:
        raise invalid(f"Sheet index {index} is out of range: there are {count} sheets.")
    book.sheets.insert(count if index is None else index, sheet)
    _number(book)


def _number(book: Spreadsheet) -> None:
    for index, sheet in enumerate(book.sheets):
        sheet.properties = {**sheet.properties, "index": index}


def _checked_id(book: Spreadsheet, sheet_id: int) -> int:
    if sheet_id < 0:
        raise invalid(f"Invalid sheet id: {sheet_id}")
    if book.sheet(sheet_id) is not None:
        raise invalid(f"Sheet with id {sheet_id} already exists.")
    return sheet_id


def add_sheet(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("properties", {})
    if given.get("sheetType", "GRID") != "GRID":
        raise unmodelled(f"a sheet of the type {given['sheetType']}")
    numbers = (number for number in range(len(book.sheets) + 1, 1 << 20))
    title = given.get("title") or next(f"Sheet{n}" for n in numbers if book.titled(f"Sheet{n}") is None)
    _check_title(book, title)
    sheet = new_sheet(_checked_id(book, given.get("sheetId", book.fresh_id())), title, 0)
    size = given.get("gridProperties", {})
    if any(size.get(name, 1) < 1 for name in GRID):
        raise invalid("A sheet must have at least one row and one column.")
    sheet.properties = {**sheet.properties, **given, "sheetId": sheet.id, "title": title, "sheetType": "GRID"}
    sheet.properties["gridProperties"] = {"rowCount": 1000, "columnCount": 26, **size}
    _place(book, sheet, given.get("index"))
    resize(book, sheet, "ROWS", sheet.row_count)
    return {"properties": sheet.properties}


def delete_sheet(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    sheet = book.sheet(body.get("sheetId", 0))
    if sheet is None:
        raise invalid(f"No sheet with id: {body.get('sheetId', 0)}")
    if len(book.sheets) == 1:
        raise invalid("You can't remove all the sheets in a document.")
    if not any(not other.properties.get("hidden") for other in book.sheets if other is not sheet):
        raise invalid("You can't remove all the visible sheets in a document.")
    guard(book, caller, sheet, range(sheet.row_count), range(sheet.column_count))
    book.sheets.remove(sheet)
    _number(book)
    book.named_ranges = [one for one in book.named_ranges if one["range"].get("sheetId", 0) != sheet.id]
    book.metadata = [one for one in book.metadata if not _on(one["location"], sheet.id)]
    _rename_in_formulas(book, sheet.title, None)
    return {}


def _on(location: Json, sheet_id: int) -> bool:
    place = location.get("dimensionRange", location)
    return bool(location["locationType"] != "SPREADSHEET" and place.get("sheetId", 0) == sheet_id)


def _rename_in_formulas(book: Spreadsheet, old: str, new: str | None) -> None:
    """References to a sheet follow its name, or become `#REF!` where it is gone."""
    for sheet in book.sheets:
        for place, cell in sheet.cells.items():
            text = cell.get("userEnteredValue", {}).get("formulaValue")
            if not text or old.casefold() not in text.casefold().replace("''", "'"):
                continue
            changed = _with_sheet(text, old, new)
            if changed != text:
                sheet.cells[place] = {**cell, "userEnteredValue": {"formulaValue": changed}}


def _with_sheet(text: str, old: str, new: str | None) -> str:
    def change(reference: Reference) -> Reference | None:
        title = title_of(reference)
        if title is None or title.casefold() != old.casefold():
            return reference
        return None if new is None else replace(reference, sheet=f"{quoted(new)}!")

    return rewrite(text, change)


def update_sheet_properties(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    given = body.get("properties", {})
    mask = write_mask(body.get("fields"), "SheetProperties")
    sheet = book.sheet(given.get("sheetId", 0))
    if sheet is None:
        raise invalid(f"No sheet with id: {given.get('sheetId', 0)}")
    guard_whole(book, caller, sheet)
    everything = body["fields"] == "*"
    kept = {"sheetId", "sheetType"} | ({"title", "index", "gridProperties"} - set(given) if everything else set())
    mask = {name: below for name, below in mask.items() if name not in kept}
    if "title" in mask:
        _check_title(book, given.get("title", ""), but=sheet)
        _rename_in_formulas(book, sheet.title, given["title"])
    plain = {name: below for name, below in mask.items() if name not in ("index", "gridProperties")}
    if plain:  # an empty mask means everything
        sheet.properties = merged(plain, sheet.properties, given)
    if "gridProperties" in mask:
        _update_grid(book, sheet, mask["gridProperties"], given.get("gridProperties", {}), caller)
    if all(other.properties.get("hidden") for other in book.sheets):
        raise invalid("You can't hide all the sheets in a document.")
    if "index" in mask:
        _move(book, sheet, given.get("index", len(book.sheets)))
    return {}


def _move(book: Spreadsheet, sheet: Sheet, index: int) -> None:
    """Move a sheet; the index counts before the move: S1 goes behind S2 by index 2 (SheetProperties.index)."""
    if not 0 <= index <= len(book.sheets):
        raise invalid(f"Sheet index {index} is out of range: there are {len(book.sheets)} sheets.")
    old = book.sheets.index(sheet)
    book.sheets.remove(sheet)
    book.sheets.insert(index - (index > old), sheet)
    _number(book)


def _update_grid(book: Spreadsheet, sheet: Sheet, mask: Json, given: Json, caller: Caller) -> None:
    before = dict(sheet.properties["gridProperties"])
    after = merged(mask, before, given) if mask else {**{name: before[name] for name in GRID}, **given}
    for name, dimension, frozen in (
        ("rowCount", "ROWS", "frozenRowCount"),
        ("columnCount", "COLUMNS", "frozenColumnCount"),
    ):
        size, old = after.get(name) or before[name], before[name]
        if size < 1:
            raise invalid(f"gridProperties.{name} must be greater than 0.")
        if after.get(frozen, 0) >= size:
            word = "rows" if dimension == "ROWS" else "columns"
            raise invalid(f"You can't freeze all visible {word} on the sheet.")
        if size < old:
            rows = range(size, old) if dimension == "ROWS" else range(sheet.row_count)
            columns = range(size, old) if dimension == "COLUMNS" else range(sheet.column_count)
            guard(book, caller, sheet, rows, columns)
            remap(book, sheet, deleted(dimension, size, old))
        after[name] = size
        resize(book, sheet, dimension, size)
    sheet.properties["gridProperties"] = after


def duplicate_sheet(book: Spreadsheet, body: Json, _: Caller) -> Json:
    """A copy with ids of its own. Its developer metadata is copied too, the harder case for whoever relies on it."""
    source = book.sheet(body.get("sourceSheetId", 0))
    if source is None:
        raise invalid(f"No sheet with id: {body.get('sourceSheetId', 0)}")
    title = body.get("newSheetName") or _copy_title(book, source.title)
    _check_title(book, title)
    new = duplicated(book, source, _checked_id(book, body.get("newSheetId", book.fresh_id())), title)
    _place(book, new, body.get("insertSheetIndex", 0))
    for one in [one for one in book.metadata if _on(one["location"], source.id)]:
        location = copy.deepcopy(one["location"])
        location.get("dimensionRange", location)["sheetId"] = new.id
        book.metadata.append({**one, "metadataId": book.fresh_id(), "location": location})
    return {"properties": new.properties}


def _copy_title(book: Spreadsheet, title: str) -> str:
    name, number = f"Copy of {title}", 1
    while book.titled(name) is not None:
        number += 1
        name = f"Copy of {title} {number}"
    return name


def duplicated(book: Spreadsheet, source: Sheet, sheet_id: int, title: str) -> Sheet:
    """A copy of a sheet under another id and title; its parts get ids of their own. Not yet in the spreadsheet."""
    new = source.copy()
    new.properties = {**new.properties, "sheetId": sheet_id, "title": title}
    lists = (
        (new.protected, "protectedRangeId"),
        (new.banded, "bandedRangeId"),
        (new.filter_views, "filterViewId"),
        (new.charts, "chartId"),
        (new.slicers, "slicerId"),
        (new.tables, "tableId"),
    )
    for things, key in lists:
        for thing in things:
            thing[key] = str(book.fresh_id()) if key == "tableId" else book.fresh_id()
    held = (new.rules, new.merges, *(things for things, _ in lists), new.row_groups, new.column_groups)
    for part in (*held, new.basic_filter):
        _move_ranges(part, source.id, sheet_id, "ranges" if part is new.merges else "")
    return new


PLACES = frozenset({"range", "ranges", "unprotectedRanges", "dataRange", "sources", "anchorCell"})
"""The fields that hold a range or a cell; an empty one is the whole of sheet 0, or its first cell."""


def _move_ranges(value: object, old: int, new: int, name: str = "") -> None:
    """Let every range on the old sheet lie on the new one."""
    if isinstance(value, list):
        for one in value:
            _move_ranges(one, old, new, name)
    elif isinstance(value, dict):
        if (name in PLACES or "startRowIndex" in value) and value.get("sheetId", 0) == old:
            value["sheetId"] = new
        for key, one in value.items():
            _move_ranges(one, old, new, key)


HANDLERS = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}

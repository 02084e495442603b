"""Requests about named ranges and protected ranges."""

import re

from emulator.errors import invalid
from emulator.grid import box, grid
from emulator.protection import REFUSAL, may_edit
from emulator.state import Caller, Json, Sheet, Spreadsheet
from emulator.write_masks import merged, write_mask

NAME = re.compile(r"[^\W\d][\w.]{0,249}")
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*|(?i:true|false)")


def _checked_name(book: Spreadsheet, name: str, *, but: str = "") -> None:
    if not NAME.fullmatch(name) or LIKE_A_CELL.fullmatch(name):
        raise invalid(f"Invalid named range name: {name}")
    for known in book.named_ranges:
        if known["name"].casefold() == name.casefold() and known["namedRangeId"] != but:
            raise invalid(f"A named range with the name '{name}' already exists.")


def _checked_range(book: Spreadsheet, body: Json | None) -> Json:
    """The range as it is kept: it must lie in the grid; open sides stay open."""
    box(book, body)
    kept: Json = {**(body or {})}
    return kept


def add_named_range(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("namedRange", {})
    _checked_name(book, given.get("name", ""))
    area = _checked_range(book, given.get("range"))
    number = given.get("namedRangeId") or str(book.fresh_id())
    if any(known["namedRangeId"] == number for known in book.named_ranges):
        raise invalid(f"A named range with id {number} already exists.")
    new = {"namedRangeId": number, "name": given["name"], "range": area}
    book.named_ranges.append(new)
    return {"namedRange": new}


def _named(book: Spreadsheet, number: str) -> int:
    for index, known in enumerate(book.named_ranges):
        if known["namedRangeId"] == number:
            return index
    raise invalid(f"No named range with id: {number}")


def update_named_range(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("namedRange", {})
    mask = write_mask(body.get("fields"), "NamedRange")
    index = _named(book, given.get("namedRangeId", ""))
    new = merged({name: {} for name in mask if name != "namedRangeId"}, book.named_ranges[index], given)
    _checked_name(book, new.get("name", ""), but=new["namedRangeId"])
    new["range"] = _checked_range(book, new.get("range"))
    book.named_ranges[index] = new
    return {}


def delete_named_range(book: Spreadsheet, body: Json, _: Caller) -> Json:
    del book.named_ranges[_named(book, body.get("namedRangeId", ""))]
    return {}


def _sheet_of(book: Spreadsheet, given: Json) -> Sheet:
    """The sheet that a protection is for: by its range, its named range or its table."""
    sources = [name for name in ("range", "namedRangeId", "tableId") if name in given]
    if len(sources) != 1:
        raise invalid("Exactly one of 'range', 'namedRangeId' or 'tableId' must be set.")
    if "range" in given:
        return box(book, given["range"]).sheet
    if "namedRangeId" in given:
        named = book.named_ranges[_named(book, given["namedRangeId"])]
        return grid(book, named["range"].get("sheetId"))
    for sheet in book.sheets:
        if any(table["tableId"] == given["tableId"] for table in sheet.tables):
            return sheet
    raise invalid(f"No table with id: {given['tableId']}")


def _with_editors(book: Spreadsheet, given: Json, caller: Caller) -> Json:
    """A protection as it is kept: its owner and whoever made it may always edit."""
    editors = given.get("editors") or {}
    users = [one for one in (book.owner, caller.email) if one and one not in editors.get("users", [])]
    users = list(dict.fromkeys([*editors.get("users", []), *users]))
    if given.get("unprotectedRanges") and any("Index" in side for side in given.get("range", {})):
        raise invalid("Unprotected ranges are only supported on protected sheets.")
    for body in given.get("unprotectedRanges", []):
        box(book, body)
    return {**given, "editors": {**editors, "users": users}}


def add_protected_range(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    given = body.get("protectedRange", {})
    sheet = _sheet_of(book, given)
    number = given.get("protectedRangeId") or book.fresh_id()
    if any(one["protectedRangeId"] == number for other in book.sheets for one in other.protected):
        raise invalid(f"A protected range with id {number} already exists.")
    given = {name: value for name, value in given.items() if name != "requestingUserCanEdit"}
    sheet.protected.append({"protectedRangeId": number, **_with_editors(book, given, caller)})
    editors = {name: users for name, users in (given.get("editors") or {}).items() if users}
    reply = {"protectedRangeId": number, **given, "requestingUserCanEdit": True, "editors": editors}
    return {"protectedRange": reply}


def _protected(book: Spreadsheet, number: int, caller: Caller) -> tuple[Sheet, int]:
    for sheet in book.sheets:
        for index, known in enumerate(sheet.protected):
            if known["protectedRangeId"] == number:
                if not may_edit(book, caller, known):
                    raise invalid(REFUSAL)
                return sheet, index
    raise invalid(f"No protected range with id: {number}")


def update_protected_range(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    given = body.get("protectedRange", {})
    mask = write_mask(body.get("fields"), "ProtectedRange")
    sheet, index = _protected(book, given.get("protectedRangeId", 0), caller)
    fixed = ("protectedRangeId", "requestingUserCanEdit")
    new = merged({name: below for name, below in mask.items() if name not in fixed}, sheet.protected[index], given)
    target = _sheet_of(book, new)
    del sheet.protected[index]
    target.protected.insert(index if target is sheet else len(target.protected), _with_editors(book, new, caller))
    return {}


def delete_protected_range(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    sheet, index = _protected(book, body.get("protectedRangeId", 0), caller)
    del sheet.protected[index]
    return {}


HANDLERS = {
    "addNamedRange": add_named_range,
    "addProtectedRange": add_protected_range,
    "deleteNamedRange": delete_named_range,
    "deleteProtectedRange": delete_protected_range,
    "updateNamedRange": update_named_range,
    "updateProtectedRange": update_protected_range,
}

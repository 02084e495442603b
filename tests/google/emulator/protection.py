"""Who may write where: protected ranges, as Google enforces them against everybody but the owner and their editors."""

from emulator.errors import invalid
from emulator.grid import meets, within
from emulator.state import Caller, Json, Sheet, Spreadsheet

REFUSAL = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


def area(book: Spreadsheet, protected: Json) -> Json:
    """The GridRange that is protected: its own, its named range's or its table's."""
    for named in book.named_ranges:
        if named["namedRangeId"] == protected.get("namedRangeId"):
            found: Json = named["range"]
            return found
    tables = (table for sheet in book.sheets for table in sheet.tables)
    for table in tables:
        if table["tableId"] == protected.get("tableId"):
            return dict(table["range"])
    return dict(protected.get("range", {}))


def may_edit(book: Spreadsheet, caller: Caller, protected: Json) -> bool:
    """Whether this person may write there: anybody where it only warns, else the owner and the editors."""
    if protected.get("warningOnly") or caller.role == "owner" or caller.email == book.owner:
        return True
    return caller.email in protected.get("editors", {}).get("users", [])


def guard(book: Spreadsheet, caller: Caller, sheet: Sheet, rows: range, columns: range) -> None:
    """Refuse a write that touches a cell protected against the caller (400)."""
    block = {
        "sheetId": sheet.id,
        "startRowIndex": rows.start,
        "endRowIndex": rows.stop,
        "startColumnIndex": columns.start,
        "endColumnIndex": columns.stop,
    }
    for protected in sheet.protected:
        if may_edit(book, caller, protected) or not meets(block, area(book, protected)):
            continue
        if not any(within(block, free) for free in protected.get("unprotectedRanges", [])):
            raise invalid(REFUSAL)


def guard_whole(book: Spreadsheet, caller: Caller, sheet: Sheet) -> None:
    """Refuse a change to a sheet's own properties where the sheet as a whole is protected against the caller (400)."""
    sides = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    for protected in sheet.protected:
        if not may_edit(book, caller, protected) and not any(side in area(book, protected) for side in sides):
            raise invalid(REFUSAL)

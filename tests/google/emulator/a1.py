"""A1 notation: what a range of the values methods means, and how the API writes one."""

import re
from dataclasses import dataclass

from emulator.errors import invalid
from emulator.state import Json, Sheet, Spreadsheet

CORNER = r"(\$?[A-Za-z]{1,3})?(\$?[1-9][0-9]*)?"
RANGE = re.compile(rf"{CORNER}(?::{CORNER})?")
PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CELL_LIKE = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


@dataclass(frozen=True)
class Area:
    """A block of cells of one sheet, 0-based, inside its grid. `cell`: the range named exactly one cell."""

    sheet: Sheet
    rows: range
    columns: range
    cell: bool = False


def letters(column: int) -> str:
    """The letters of a 0-based column: 0 -> A, 26 -> AA."""
    text = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(text: str) -> int:
    """The 0-based column of its letters."""
    number = 0
    for letter in text.strip("$").upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """A sheet's title as the API writes it before the exclamation mark."""
    if PLAIN_TITLE.fullmatch(title) and not CELL_LIKE.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def a1(area: Area) -> str:
    """The range with its sheet, as answers name it: `Sheet1!A1:B2`, one cell as `Sheet1!A1`."""
    first = f"{letters(area.columns.start)}{area.rows.start + 1}"
    last = f"{letters(area.columns.stop - 1)}{area.rows.stop}"
    return f"{quoted(area.sheet.title)}!{first}" + ("" if first == last else f":{last}")


def whole(sheet: Sheet) -> Area:
    return Area(sheet, range(sheet.row_count), range(sheet.column_count))


def grid_area(book: Spreadsheet, body: Json) -> Area:
    """The cells of a GridRange (half-open, absent bounds are the grid's own). Raises ApiError 400."""
    sheet = book.sheet(int(body.get("sheetId", 0)))
    if sheet is None:
        raise invalid(f"No grid with id: {body.get('sheetId', 0)}")
    rows = range(body.get("startRowIndex", 0), min(body.get("endRowIndex", sheet.row_count), sheet.row_count))
    columns = range(
        body.get("startColumnIndex", 0), min(body.get("endColumnIndex", sheet.column_count), sheet.column_count)
    )
    return Area(sheet, rows, columns)


def parse_range(book: Spreadsheet, text: str) -> Area:
    """The cells a range names: a sheet, a named range, or A1 notation with or without a sheet. Raises ApiError 400."""
    title, mark, rest = _split(text)
    if mark:
        sheet = book.titled(title)
        if sheet is None:
            raise invalid(f"Unable to parse range: {text}")
        return _named(book, rest) or _cells(sheet, rest, text)
    if title != text and (sheet := book.titled(title)):
        return whole(sheet)
    found = RANGE.fullmatch(text)
    if found and text and ((found[1] and found[2]) or ":" in text):
        visible = next(sheet for sheet in book.sheets if not sheet.properties.get("hidden"))
        return _cells(visible, text, text)
    area = _named(book, text)
    if area:
        return area
    if sheet := book.titled(text):
        return whole(sheet)
    raise invalid(f"Unable to parse range: {text}")


def _split(text: str) -> tuple[str, str, str]:
    """Title without quotes, the exclamation mark if any, what follows it."""
    if text.startswith("'"):
        found = re.match(r"'((?:[^']|'')*)'(!?)(.*)", text, re.DOTALL)
        if found and (found[2] or not found[3]):
            return found[1].replace("''", "'"), found[2], found[3]
    title, mark, rest = text.rpartition("!")
    return (title, mark, rest) if mark else (text, "", "")


def _named(book: Spreadsheet, name: str) -> Area | None:
    for named in book.named_ranges:
        if named["name"].casefold() == name.casefold():
            return grid_area(book, named["range"])
    return None


def _cells(sheet: Sheet, text: str, whole_text: str) -> Area:
    found = RANGE.fullmatch(text)
    if not found or not text:
        raise invalid(f"Unable to parse range: {whole_text}")
    left, top, right, bottom = found.groups()
    if ":" not in text:
        if not (left and top):
            raise invalid(f"Unable to parse range: {whole_text}")
        right, bottom = left, top
    elif not ((left or top) and (right or bottom)):
        raise invalid(f"Unable to parse range: {whole_text}")
    columns = sorted((column_number(left) if left else 0, column_number(right) if right else sheet.column_count - 1))
    rows = sorted(
        (int(top.strip("$")) - 1 if top else 0, int(bottom.strip("$")) - 1 if bottom else sheet.row_count - 1)
    )
    if rows[0] >= sheet.row_count or columns[0] >= sheet.column_count:
        raise invalid(
            f"Range ({quoted(sheet.title)}!{text}) exceeds grid limits. "
            f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )
    return Area(
        sheet,
        range(rows[0], min(rows[1] + 1, sheet.row_count)),
        range(columns[0], min(columns[1] + 1, sheet.column_count)),
        cell=":" not in text,
    )

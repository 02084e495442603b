"""Blocks of a grid: from the API's half-open, 0-based ranges to rows and columns, refused as Google refuses them."""

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.a1 import letters, quoted
from emulator.errors import invalid
from emulator.state import MAX_CELLS, Json, Sheet, Spreadsheet

_NAMES = {"ROWS": ("row", "rows"), "COLUMNS": ("column", "columns")}


@dataclass(frozen=True)
class Box:
    """A block of cells on a sheet, never beyond its grid."""

    sheet: Sheet
    rows: range
    columns: range

    def places(self) -> Iterator[tuple[int, int]]:
        """Every (row, column), row by row."""
        return ((row, column) for row in self.rows for column in self.columns)

    def range(self) -> Json:
        """The block as a bounded GridRange."""
        return {
            "sheetId": self.sheet.id,
            "startRowIndex": self.rows.start,
            "endRowIndex": self.rows.stop,
            "startColumnIndex": self.columns.start,
            "endColumnIndex": self.columns.stop,
        }


@dataclass(frozen=True)
class Span:
    """Rows or columns of a sheet; `start` to `end`, half-open."""

    sheet: Sheet
    dimension: str
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


def grid(book: Spreadsheet, sheet_id: int | None) -> Sheet:
    """The sheet of that id; 0 where none is given, as protocol buffers default it."""
    sheet = book.sheet(sheet_id or 0)
    if sheet is None:
        raise invalid(f"No grid with id: {sheet_id or 0}")
    return sheet


def box(book: Spreadsheet, body: Json | None) -> Box:
    """A GridRange's block; sides that are left out reach the grid's edge. 400 beyond the grid or without a size."""
    if body is None:
        raise invalid("A range is required.")
    sheet = grid(book, body.get("sheetId"))
    top, left = body.get("startRowIndex", 0), body.get("startColumnIndex", 0)
    bottom, right = body.get("endRowIndex", sheet.row_count), body.get("endColumnIndex", sheet.column_count)
    if min(top, left) < 0:
        raise invalid("Range indexes must not be negative.")
    if bottom > sheet.row_count or right > sheet.column_count or top >= sheet.row_count or left >= sheet.column_count:
        corner = f"{letters(left)}{top + 1}:{letters(max(right - 1, left))}{max(bottom, top + 1)}"
        raise invalid(
            f"Range ({quoted(sheet.title)}!{corner}) exceeds grid limits. "
            f"Max rows: {sheet.row_count}, max columns: {sheet.column_count}"
        )
    if top >= bottom or left >= right:
        raise invalid("The range has no cells: each end index must be greater than its start index.")
    return Box(sheet, range(top, bottom), range(left, right))


def span(book: Spreadsheet, body: Json | None) -> Span:
    """A DimensionRange's rows or columns; the grid's edges where an index is left out. Its upper end is not checked."""
    if body is None:
        raise invalid("A range is required.")
    sheet, dimension = grid(book, body.get("sheetId")), dimension_of(body.get("dimension"))
    start, end = body.get("startIndex", 0), body.get("endIndex", length(sheet, dimension))
    if start < 0 or end <= start:
        raise invalid(f"range.endIndex[{end}] must be greater than range.startIndex[{start}].")
    return Span(sheet, dimension, start, end)


def dimension_of(name: str | None) -> str:
    """ROWS or COLUMNS, or a 400."""
    if name not in _NAMES:
        raise invalid("No dimension specified.")
    return name


def length(sheet: Sheet, dimension: str) -> int:
    """How many rows or columns the grid has."""
    return sheet.row_count if dimension == "ROWS" else sheet.column_count


def words(dimension: str) -> tuple[str, str]:
    """`row`, `rows` or `column`, `columns`."""
    return _NAMES[dimension]


def resize(book: Spreadsheet, sheet: Sheet, dimension: str, size: int) -> None:
    """Give the grid another number of rows or columns; cells beyond it are the caller's business."""
    name = "rowCount" if dimension == "ROWS" else "columnCount"
    properties = dict(sheet.properties["gridProperties"])
    properties[name] = size
    sheet.properties["gridProperties"] = properties
    if sum(one.row_count * one.column_count for one in book.sheets) > MAX_CELLS:
        raise invalid(
            f"This action would increase the number of cells in the workbook above the limit of {MAX_CELLS} cells."
        )


def meets(first: Json, second: Json) -> bool:
    """Whether two GridRanges share a cell; sides that are left out are endless."""
    if first.get("sheetId", 0) != second.get("sheetId", 0):
        return False
    endless = 1 << 40
    return all(
        first.get(f"start{side}Index", 0) < second.get(f"end{side}Index", endless)
        and second.get(f"start{side}Index", 0) < first.get(f"end{side}Index", endless)
        for side in ("Row", "Column")
    )


def within(inner: Json, outer: Json) -> bool:
    """Whether the second GridRange holds every cell of the first."""
    endless = 1 << 40
    return inner.get("sheetId", 0) == outer.get("sheetId", 0) and all(
        outer.get(f"start{side}Index", 0) <= inner.get(f"start{side}Index", 0)
        and inner.get(f"end{side}Index", endless) <= outer.get(f"end{side}Index", endless)
        for side in ("Row", "Column")
    )

"""What is remembered of a spreadsheet between a read and a write: what was typed, how wide, what is ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sheetsync.model import Area
from sheetsync.sheets.google.values import Entered, Json, NumberFormat

COLUMN_KEY = "sheetsync.column"
"""Metadata on a column of ours; its value is the column's key."""
HEADER_KEY = "sheetsync.header"
"""Metadata on the row of our headers."""
SHEET_KEY = "sheetsync.sheet"
"""Metadata on a sheet with columns of ours: which were made, and what stood there before (JSON)."""
MADE_KEY = "sheetsync.made"
"""Metadata on a sheet that was made here: its first name, a tab character, and what it is for."""
WRITE_KEY = "sheetsync.write"
"""Metadata on the spreadsheet: which write was the last, so that an unanswered one can be looked for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of developer metadata of ours. `place` is the column or row, from 1; 0 for a whole sheet."""

    id: int
    value: str
    place: int = 0


@dataclass(slots=True)
class SheetState:
    """One sheet as it was read. Rows and columns count from 1; `entered[c - 1][r - 1]` is what was typed there."""

    id: int
    title: str
    rows: int
    """Of the grid, empty ones included."""
    columns: int
    entered: Sequence[Sequence[Entered]] = ()
    formats: Mapping[int, Mapping[int, NumberFormat]] = field(default_factory=dict)
    """Column -> row -> number format, where a cell has one."""
    widths: Sequence[int] = ()
    """Pixels of each column."""
    hidden_columns: frozenset[int] = frozenset()
    validated: frozenset[int] = frozenset()
    """Columns with data validation in any cell."""
    linked: frozenset[int] = frozenset()
    """Columns with a link in any cell."""
    merges: tuple[Area, ...] = ()
    anchored: tuple[Area, ...] = ()
    """What charts and slicers cover."""
    rules: Sequence[Json] = ()
    """ConditionalFormatRule, the first wins."""
    protected: Sequence[Json] = ()
    tables: Sequence[Json] = ()
    basic_filter: Json | None = None
    marks: tuple[Mark, ...] = ()
    """Of `COLUMN_KEY`."""
    header_marks: tuple[Mark, ...] = ()
    sheet_marks: tuple[Mark, ...] = ()
    made_marks: tuple[Mark, ...] = ()

    @property
    def all_marks(self) -> tuple[Mark, ...]:
        """Every piece of metadata of ours on the sheet."""
        return (*self.marks, *self.header_marks, *self.sheet_marks, *self.made_marks)

    def typed(self, row: int, column: int) -> Entered:
        """What stands at a place; None beyond the edge."""
        if 1 <= column <= len(self.entered) and 1 <= row <= len(self.entered[column - 1]):
            return self.entered[column - 1][row - 1]
        return None

    def format(self, row: int, column: int) -> NumberFormat | None:
        """The number format at a place."""
        return self.formats.get(column, {}).get(row)

    def mark(self, key: str) -> Mark | None:
        """The mark of an owned column."""
        return next((mark for mark in self.marks if mark.value == key), None)


@dataclass(frozen=True, slots=True)
class BookState:
    """A spreadsheet as it was read."""

    version: str
    sheets: tuple[SheetState, ...]
    locale: str = ""
    writes: tuple[Mark, ...] = ()
    """Of `WRITE_KEY`; its value is the last write's number and, if a plan was written, a space and its day."""

    def sheet(self, title: str) -> SheetState | None:
        """The sheet of that title."""
        return next((sheet for sheet in self.sheets if sheet.title == title), None)

    def by_id(self, sheet_id: int) -> SheetState | None:
        """The sheet of that id."""
        return next((sheet for sheet in self.sheets if sheet.id == sheet_id), None)

    @property
    def cells(self) -> int:
        """How many cells all grids have together; Google allows 10 million."""
        return sum(sheet.rows * sheet.columns for sheet in self.sheets)


def area(found: Mapping[str, int], *, rows: int, columns: int) -> Area:
    """A GridRange as an area; a side that is missing lies at the edge of a grid of that many rows and columns."""
    return Area(
        found.get("startRowIndex", 0) + 1,
        found.get("startColumnIndex", 0) + 1,
        found.get("endRowIndex", rows),
        found.get("endColumnIndex", columns),
    )


def grid_range(sheet_id: int, found: Area) -> Json:
    """An area as a GridRange."""
    return {
        "sheetId": sheet_id,
        "startRowIndex": found.top - 1,
        "endRowIndex": found.bottom,
        "startColumnIndex": found.left - 1,
        "endColumnIndex": found.right,
    }


def meets(one: Area, other: Area) -> bool:
    """Whether two areas share a cell."""
    return one.left <= other.right and other.left <= one.right and one.top <= other.bottom and other.top <= one.bottom


def runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each unbroken run of ascending numbers."""
    first = last = None
    for number in numbers:
        if first is None or last is None:
            first = last = number
        elif number == last + 1:
            last = number
        else:
            yield first, last
            first = last = number
    if first is not None and last is not None:
        yield first, last

"""What would be written into a spreadsheet, and what was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sheetsync.book import Sheet
from sheetsync.model import HighlightMode, Problem, Value


@dataclass(frozen=True, slots=True)
class CellChange:
    """One owned cell before and after."""

    row: int
    column: str
    """The owned column's key."""
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell outside our columns that a command was asked to write: a stage it closes, a row of History it takes back."""

    sheet: str
    row: int
    column: int
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Append:
    """Rows to put below the last filled one of a sheet that is a list, such as History; its table grows with them.

    It may be a sheet of `Changes.new_sheets`, but not the tracker's own.
    """

    sheet: str
    rows: tuple[Mapping[int, Value], ...]
    """Each row's cells by column."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What would be written: nothing but owned columns and our own highlights, unless a command names more.

    `before[key]` and `after[key]` are aligned with `rows` (ascending sheet rows). Values are str, int, date or None
    (an emptied cell). Keys of `after` are the owned columns to have, in sheet order; `add` names those that do not
    exist yet; a key missing from `after` is not touched.
    """

    sheet: str
    header_row: int
    first_row: int
    last_row: int
    version: str
    right: int
    """The tracker's last column: ours go to its right."""
    rows: Sequence[int]
    before: Mapping[str, Sequence[Value]]
    after: Mapping[str, Sequence[Value]]
    headers: Mapping[str, str]
    """Key -> the header text to write for a column that is added."""
    add: tuple[str, ...] = ()
    highlight: HighlightMode = "columns"
    words: Mapping[str, str] = field(default_factory=dict)
    """English follow-up word -> the sheet's word, as the rules must compare it."""
    date_like: int | None = None
    """A column of the tracker whose date format ours follow."""
    read_columns: tuple[int, ...] = ()
    """The tracker's columns from which all this was worked out: by them a row is known again."""
    dropdowns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key -> the words that the cells of an added column of ours offer; others are welcome all the same."""
    edits: tuple[Edit, ...] = ()
    appends: tuple[Append, ...] = ()
    new_sheets: tuple[Sheet, ...] = ()
    """Sheets to make behind the last one; one that is there already under its name is left as it is."""
    problems: tuple[Problem, ...] = ()
    as_of: dt.date | None = None
    """The day for which the computed columns were worked out; None where they were not."""

    def cells(self) -> Iterator[CellChange]:
        """The cells that differ, row by row within a column."""
        for key, after in self.after.items():
            for row, old, new in zip(self.rows, self.before[key], after, strict=True):
                if old != new:
                    yield CellChange(row, key, old, new)

    @property
    def changed_cells(self) -> int:
        """How many cells would get another value; headers of added columns are not counted."""
        return sum(1 for _ in self.cells())


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done. `columns` says where our columns are now; `written` is False if the bytes did not change."""

    written: bool
    columns: Mapping[str, int]
    changed_cells: int = 0
    """How many cells got another value: owned ones, edited ones, and the filled ones of appended rows."""
    backup: str | None = None
    digest: str | None = None
    """Of a file's bytes after the write, as its backups are named; None where there is no file."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Only:
    """What of ours is to be taken out, where not everything is."""

    columns: frozenset[str] = frozenset()
    """Keys."""
    sheets: frozenset[str] = frozenset()
    """Names."""

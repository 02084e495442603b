"""The hidden sheet of a coach's copy: each thread as it was when it was shared, by which an edit is known as one.

    sheetsync coach copy | <as of>    | 1
    id                   | coach_note | the headings of the other columns that were shared ...
    <a thread's id>      | <its note> | their values ...

It holds nothing that the copy does not show, or is made to show: the id and the shared values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sheetsync.book import Sheet
from sheetsync.model import Grid, Value
from sheetsync.records.shares import COPY_MARK, is_base
from sheetsync.tracker.text import as_text

NAME: Final = "sheetsync"
_FORMAT: Final = 1
_HEADER_ROW: Final = 2
_KEYS: Final = ("id", "coach_note")


@dataclass(frozen=True, slots=True)
class Base:
    """What was shared."""

    as_of: dt.date | None
    notes: Mapping[str, str]
    """Id -> the coach's note as it was; "" for none."""
    cells: Mapping[str, Mapping[str, Value]]
    """Id -> heading -> value, of the other columns."""


def base_sheet(as_of: dt.date, headings: Sequence[str], rows: Iterable[tuple[str, str, Sequence[Value]]]) -> Sheet:
    """The sheet for a new copy; a row is a thread's id, its coach note, and its values under `headings`."""
    lines: list[list[Value]] = [[COPY_MARK, as_of.isoformat(), _FORMAT], [*_KEYS, *headings]]
    lines += [[identity, note or None, *values] for identity, note, values in rows]
    width = max(map(len, lines))
    columns = tuple(zip(*([*line, *[None] * (width - len(line))] for line in lines), strict=True))
    return Sheet(NAME, columns, header_row=0, house=False, hidden=True, frozen=(0, 0), unlocked=())


def read_base(grids: Iterable[Grid]) -> Base | None:
    """What was shared; None where no sheet tells."""
    grid = next(filter(is_base, grids), None)
    if grid is None:
        return None
    headings = [as_text(value) for value in grid.row(_HEADER_ROW)]
    if tuple(headings[: len(_KEYS)]) != _KEYS:
        return None
    notes: dict[str, str] = {}
    cells: dict[str, dict[str, Value]] = {}
    for row in range(_HEADER_ROW + 1, grid.n_rows + 1):
        identity, note, *values = grid.row(row)
        if text := as_text(identity):
            notes[text] = tidy(note)
            cells[text] = dict(zip(headings[len(_KEYS) :], values, strict=True))
    return Base(_day(as_text(grid.cell(1, 2))), notes, cells)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def tidy(value: Value) -> str:
    """A note as plain text: one kind of line end, no control characters, no blanks around it."""
    text = as_text(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or ord(sign) > 0x9F).strip()

"""A write in the making: its requests in order, what they overwrite, and in how many calls they go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sheetsync.model import Area, Problem
from sheetsync.sheets.google.state import runs
from sheetsync.sheets.google.values import Entered, Json, extended

MOST_BYTES: Final = 10_000_000
"""Of one call's body. Google recommends 2 MB and documents no limit; one call is atomic, two are not."""
_ROWS_AT_ONCE: Final = 500
"""Rows of one updateCells, so that a large write can be split between them."""
_SPARE_BYTES: Final = 50_000
"""For what stands around the requests of a call."""

Cells = dict[tuple[int, int], Entered]
"""Row and column -> what is typed there."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Cells that must be as they were read, or else the rows or columns of a write were not those it meant."""

    sheet: int
    title: str
    area: Area


@dataclass(slots=True)
class Batch:
    """Requests that belong together. Sheets go by id; rows and columns count from 1."""

    before: list[Json] = field(default_factory=list)
    """What must be there before cells are written: room, sheets, marks."""
    cells: dict[int, Cells] = field(default_factory=dict)
    after: list[Json] = field(default_factory=list)
    """Looks, tables, filters."""
    rules: list[Json] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    """Our columns, where they are to be."""
    tracker: int | None = None
    """The sheet on which they are."""
    changed: int = 0
    problems: list[Problem] = field(default_factory=list)
    named: set[tuple[int, int]] = field(default_factory=set)
    """Heading cells of a Table that grows: Sheets itself writes into those that are empty."""
    looks: dict[int, list[Area]] = field(default_factory=dict)
    """Where number formats are written."""
    fresh: list[int] = field(default_factory=list)
    """Columns of the tracker that are made."""
    fresh_rows: tuple[int, int] = (1, 0)
    """The first and last row of their looks."""
    widened: int = 0
    """How many columns the tracker's grid gets."""
    narrowed: int = 0
    """How many columns are taken from its end."""
    lengthened: dict[int, int] = field(default_factory=dict)
    """Sheet -> how many rows its grid gets."""
    sheets: list[int] = field(default_factory=list)
    """Sheets that are made."""

    def type(self, sheet: int, row: int, column: int, value: Entered) -> None:
        """Write a cell."""
        self.cells.setdefault(sheet, {})[row, column] = value

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be written."""
        return not (self.before or self.cells or self.after or self.rules)

    def calls(self) -> Iterator[list[Json]]:
        """The requests of each call: all of them in one if they fit, else everything but cells in the first."""
        call = [*self.before]
        tail = [*self.after, *self.rules]
        size = _SPARE_BYTES + sum(map(_bytes, (*call, *tail)))
        first = True
        for block in cell_blocks(self.cells):
            more = _bytes(block)
            if size + more > MOST_BYTES and len(call) > 0:
                yield [*call, *tail] if first else call
                call, tail, first = [], [], False
                size = _SPARE_BYTES
            call.append(block)
            size += more
        yield [*call, *tail]


def cell_blocks(cells: Mapping[int, Cells]) -> Iterator[Json]:
    """The cells as updateCells requests: runs of neighbours in a row, joined where the rows below are alike."""
    for sheet, typed in cells.items():
        rows: dict[int, list[int]] = {}
        for row, column in sorted(typed):
            rows.setdefault(row, []).append(column)
        open_runs: dict[tuple[int, int], list[int]] = {}
        for row, columns in rows.items():
            spans = list(runs(columns))
            for span, (*_, last) in list(open_runs.items()):
                if last != row - 1 or span not in spans or len(open_runs[span]) == _ROWS_AT_ONCE:
                    yield _block(sheet, typed, span, open_runs.pop(span))
            for span in spans:
                open_runs.setdefault(span, []).append(row)
        for span, gathered in open_runs.items():
            yield _block(sheet, typed, span, gathered)


def _block(sheet: int, typed: Cells, span: tuple[int, int], rows: list[int]) -> Json:
    left, right = span
    return {
        "updateCells": {
            "start": {"sheetId": sheet, "rowIndex": rows[0] - 1, "columnIndex": left - 1},
            "rows": [{"values": [extended(typed[row, column]) for column in range(left, right + 1)]} for row in rows],
            "fields": "userEnteredValue",
        }
    }


def _bytes(request: Json) -> int:
    return len(json.dumps(request)) + 2

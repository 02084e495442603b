"""Taking a write back that met other rows or columns than it meant: requests that put back what it overwrote.

What stood in an overwritten cell is worked out from the read (`aligning`). Put back are values, formulas, number formats,
widths, rules, marks, Tables and filters. What nobody can know is lost: an edit made, between the read and the write, in
exactly the cells that were written to, and, where a new column of ours met a column of the person's, its colours and
fonts. Two edits in that moment that hide each other, such as a column deleted and another one inserted, can be misread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sheetsync.model import Area, column_letter
from sheetsync.sheets.google import looks, room
from sheetsync.sheets.google.aligning import Alignment, align
from sheetsync.sheets.google.batch import Batch, Cells, cell_blocks
from sheetsync.sheets.google.marking import create, delete, on_column, on_row, update
from sheetsync.sheets.google.rules import ours_at, rule_requests, undone
from sheetsync.sheets.google.state import (
    COLUMN_KEY,
    HEADER_KEY,
    SHEET_KEY,
    BookState,
    SheetState,
    area,
    grid_range,
    runs,
)
from sheetsync.sheets.google.values import Json, NumberFormat

_NAMED: Final = re.compile(r"Column \d+")
"""What Sheets writes into an empty heading of a Table, in English."""


def restore_requests(
    batch: Batch, old: BookState, now: BookState, sent: Sequence[Json], replies: Sequence[Mapping[str, Any]] | None
) -> list[Json]:
    """What takes a write back. `old` is the read, `now` the spreadsheet after the write.

    `sent` are the first call's requests and `replies` its replies, None if they were lost.
    """
    requests: list[Json] = []
    if batch.narrowed and batch.tracker is not None:
        more = {"sheetId": batch.tracker, "dimension": "COLUMNS", "length": batch.narrowed}
        requests.append({"appendDimension": more})
    alignments: dict[int, Alignment] = {}
    restored: list[Json] = []
    for sheet, cells in batch.cells.items():
        was, here = old.by_id(sheet), now.by_id(sheet)
        if was is None or here is None:
            continue
        named = {row for row, _ in batch.named} if sheet == batch.tracker else ()
        found = alignments[sheet] = align(was, here, cells.keys(), grown=_grown(batch, sheet), named=named)
        requests += _tables(was, here, found)  # before the cells: an empty heading in a Table would get a name
        restored += cell_blocks({sheet: _cells(batch, was, here, found)})
        restored += _number_formats(was, found, batch.looks.get(sheet, ()))
        if more_rows := batch.lengthened.get(sheet):
            restored += _shortened(sheet, "ROWS", here.rows, more_rows)
    requests += _rules(batch, old, now, sent, replies)
    requests += restored
    was = old.by_id(batch.tracker) if batch.tracker is not None else None
    here = now.by_id(batch.tracker) if batch.tracker is not None else None
    if was and here:
        requests += _tracker(
            batch, was, here, alignments.get(was.id) or align(was, here, (), grown=_grown(batch, was.id))
        )
    requests += [{"deleteSheet": {"sheetId": sheet}} for sheet in batch.sheets if now.by_id(sheet)]
    return requests


def _cells(batch: Batch, was: SheetState, here: SheetState, found: Alignment) -> Cells:
    """What stood in the cells that were written to, and in headings that Sheets named when a Table grew over them."""
    cells = batch.cells[was.id]
    restored = {
        place: value
        for place in cells
        if place[0] <= here.rows
        and place[1] <= here.columns + batch.narrowed
        and (value := found.stood(was, *place)) != here.typed(*place)
    }
    headings = {was.typed(*place) for place in batch.named}
    for place in batch.named if was.id == batch.tracker else ():
        text, stood = here.typed(*place), found.stood(was, *place)
        moved = found.rows.get(place[0]) != place[0]
        if stood != text and isinstance(text, str) and (_NAMED.fullmatch(text) or (moved and text in headings)):
            restored[place] = stood
    return restored


def _grown(batch: Batch, sheet: int) -> tuple[int, int]:
    """By how many rows and columns the write let a grid grow."""
    columns = batch.widened - batch.narrowed if sheet == batch.tracker else 0
    return batch.lengthened.get(sheet, 0), columns


def places_of(batch: Batch, book: BookState) -> str:
    """The cells that were written to, in few words: what a person looks at after a write was taken back."""
    named = []
    for sheet, cells in batch.cells.items():
        state = book.by_id(sheet)
        if state is None or not cells:
            continue
        rows = [row for row, _ in cells]
        spans = [
            f"{column_letter(left)}{min(rows)}:{column_letter(right)}{max(rows)}"
            for left, right in runs(sorted({column for _, column in cells}))
        ]
        named.append(f"{', '.join(spans)} of sheet {state.title!r}")
    return " and ".join(named) or "the rules and marks"


def _rules(
    batch: Batch, old: BookState, now: BookState, sent: Sequence[Json], replies: Sequence[Mapping[str, Any]] | None
) -> list[Json]:
    was = old.by_id(batch.tracker) if batch.tracker is not None else None
    here = now.by_id(batch.tracker) if batch.tracker is not None else None
    if was is None or here is None or not batch.rules:
        return []
    if replies is not None:
        return undone(sent, replies)
    return rule_requests(here, [was.rules[index] for index in ours_at(was.rules)], old.locale)


def _tracker(batch: Batch, was: SheetState, here: SheetState, found: Alignment) -> list[Json]:
    """The tracker's sheet: looks and widths of new columns, Table and filter, marks, and the grid's size."""
    requests: list[Json] = []
    top, bottom = batch.fresh_rows
    bottom = min(bottom, here.rows)
    for column in batch.fresh:
        if column > here.columns or bottom < top:
            continue
        place = Area(top, column, bottom, column)
        stood = found.columns.get(column)
        if stood is None or stood > len(was.entered):
            requests.append(looks.repeat(was.id, place, {}, "userEnteredFormat"))
            requests.append(looks.dropdown(was.id, place, None))
        else:
            requests += _number_formats(was, found, [place])
        wide = was.widths[(stood or column) - 1] if (stood or column) <= len(was.widths) else 0
        if wide and column <= len(here.widths) and here.widths[column - 1] != wide:
            requests.append(looks.width(was.id, column, wide))
    requests += _filter(was, here, found)
    requests += _marks(was, here, found)
    requests += _shortened(was.id, "COLUMNS", here.columns, batch.widened)
    return requests


def _number_formats(was: SheetState, found: Alignment, places: Sequence[Area]) -> list[Json]:
    formats: dict[tuple[int, int], NumberFormat | None] = {}
    for place in places:
        for column in range(place.left, place.right + 1):
            stood = found.columns.get(column, 0)
            for row in range(place.top, place.bottom + 1):
                formats[row, column] = was.format(found.rows.get(row, 0), stood)
    return looks.number_formats(was.id, formats)


def _tables(was: SheetState, here: SheetState, found: Alignment) -> list[Json]:
    """Let Tables cover what they covered, wherever that is now."""
    standing = {table.get("tableId"): table for table in here.tables}
    requests = []
    for table in was.tables:
        now = standing.get(table.get("tableId"))
        if now is not None and now.get("range") != table.get("range"):
            wanted = _followed(was, table.get("range", {}), found)
            if wanted != area(now.get("range", {}), rows=here.rows, columns=here.columns):
                requests.append(room.table_range(now, grid_range(was.id, wanted)))
    return requests


def _filter(was: SheetState, here: SheetState, found: Alignment) -> list[Json]:
    if was.basic_filter is None or here.basic_filter is None or "tableId" in was.basic_filter:
        return []
    wanted = _followed(was, was.basic_filter.get("range", {}), found)
    if wanted == area(here.basic_filter.get("range", {}), rows=here.rows, columns=here.columns):
        return []
    return [room.filter_range(here.basic_filter, grid_range(was.id, wanted))]


def _followed(was: SheetState, place: Mapping[str, int], found: Alignment) -> Area:
    """An area of the read where its corners are now."""
    stood = area(place, rows=was.rows, columns=was.columns)
    columns = [now for now, old in found.columns.items() if stood.left <= old <= stood.right]
    rows = [now for now, old in found.rows.items() if stood.top <= old <= stood.bottom]
    if not columns or not rows:
        return stood
    return Area(min(rows), min(columns), max(rows), max(columns))


def _marks(was: SheetState, here: SheetState, found: Alignment) -> list[Json]:
    """Take away the marks that were made, put back those that were taken, and let the note say what it said."""
    kept = {mark.id for mark in was.all_marks}
    there = {mark.id for mark in here.all_marks}
    requests = [delete(mark) for mark in here.all_marks if mark.id not in kept]
    columns = {old: now for now, old in found.columns.items()}
    rows = {old: now for now, old in found.rows.items()}
    for mark in was.marks:
        if mark.id not in there and mark.place in columns:
            place = on_column(was.id, columns[mark.place])
            requests.append(create(COLUMN_KEY, mark.value, place, mark_id=mark.id))
    for mark in was.header_marks:
        if mark.id not in there:
            place = on_row(was.id, rows.get(mark.place, mark.place))
            requests.append(create(HEADER_KEY, mark.value, place, mark_id=mark.id))
    for mark in was.sheet_marks:
        now = next((each for each in here.sheet_marks if each.id == mark.id), None)
        if now is None:
            requests.append(create(SHEET_KEY, mark.value, {"sheetId": was.id}, mark_id=mark.id))
        elif now.value != mark.value:
            requests.append(update(now, mark.value))
    return requests


def _shortened(sheet: int, side: str, size: int, more: int) -> list[Json]:
    """Take away what the grid got at its end."""
    if not more:
        return []
    span = {"sheetId": sheet, "dimension": side, "startIndex": size - more, "endIndex": size}
    return [{"deleteDimension": {"range": span}}]

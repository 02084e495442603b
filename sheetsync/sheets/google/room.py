"""Where our columns go on a sheet, what grows with them, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sheetsync.changes import Changes
from sheetsync.errors import DeniedError, UnwritableFileError
from sheetsync.model import Area, Grid, Problem, column_letter
from sheetsync.sheets.google.state import BookState, SheetState, area, grid_range, meets
from sheetsync.sheets.google.values import Json
from sheetsync.sheets.ownership import place_new

MAX_COLUMNS: Final = 18_278
"""Of a Google sheet: up to column ZZZ."""
MAX_CELLS: Final = 10_000_000
"""Of a Google spreadsheet, empty ones included."""


def new_places(
    state: SheetState, grid: Grid, changes: Changes, standing: Mapping[str, int | None], location: str
) -> dict[str, int]:
    """Where each new column of ours goes. Raises NoRoomError."""
    new = [key for key in changes.add if key not in standing]
    return place_new(
        grid,
        new,
        standing=standing,
        right=changes.right,
        location=location,
        blocked=state.anchored,
        limit=MAX_COLUMNS,
    )


def more_columns(book: BookState, state: SheetState, needed: int, location: str) -> tuple[list[Json], int]:
    """Let the grid reach as far as column `needed`; and by how many columns it grows.

    Raises UnwritableFileError beyond 10 million cells.
    """
    more = needed - state.columns
    if more <= 0:
        return [], 0
    _refuse_size(book, more * state.rows, location)
    return [_append(state.id, "COLUMNS", more)], more


def more_rows(book: BookState, state: SheetState, needed: int, location: str) -> tuple[list[Json], int]:
    """Let the grid reach as far as row `needed`; as `more_columns`."""
    more = needed - state.rows
    if more <= 0:
        return [], 0
    _refuse_size(book, more * state.columns, location)
    return [_append(state.id, "ROWS", more)], more


def grown(
    state: SheetState, changes: Changes, places: Iterable[int], problems: list[Problem]
) -> tuple[list[Json], bool]:
    """Let the Table or the filter that adjoins new columns grow over them; and whether it is a Table.

    One that does not adjoin them stays as it is, and a Problem says so. A filter that sorts is left alone: setting it
    anew would sort again.
    """
    new = sorted(places)
    if not new:
        return [], False
    first, last = new[0], new[-1]
    requests: list[Json] = []
    outside: str | None = None
    in_table = False
    for table in state.tables:
        place = area(table.get("range", {}), rows=state.rows, columns=state.columns)
        if not (place.left <= changes.right <= place.right and place.top <= changes.header_row <= place.bottom):
            continue
        if place.right + 1 == first and place.top == changes.header_row:
            requests.append(table_range(table, grid_range(state.id, Area(place.top, place.left, place.bottom, last))))
            in_table = True
        else:
            outside = f"table {table.get('name', '')}"
    found = state.basic_filter
    if found and "tableId" not in found and not in_table:
        place = area(found.get("range", {}), rows=state.rows, columns=state.columns)
        if place.left <= changes.right and place.top <= changes.header_row <= place.bottom and place.right < last:
            if place.right + 1 == first and place.top == changes.header_row and not found.get("sortSpecs"):
                wider = grid_range(state.id, Area(place.top, place.left, place.bottom, last))
                requests.append(filter_range(found, wider))
            else:
                outside = "filter"
    if outside:
        problems.append(
            Problem(
                state.title, None, first,
                f"Our columns {column_letter(first)} to {column_letter(last)} stand outside the {outside}, "
                "so sorting or filtering it does not take them along.",
            )
        )  # fmt: skip
    return requests, in_table


def table_range(table: Json, wanted: Json) -> Json:
    """Let a Table cover other cells."""
    return {"updateTable": {"table": {"tableId": table.get("tableId"), "range": wanted}, "fields": "range"}}


def filter_range(found: Json, wanted: Json) -> Json:
    """Let a sheet's filter cover other cells; what it filters by stays."""
    kept = {name: value for name, value in found.items() if name in ("filterSpecs", "sortSpecs")}
    if "filterSpecs" not in kept and "criteria" in found:
        kept["criteria"] = found["criteria"]
    return {"setBasicFilter": {"filter": {**kept, "range": wanted}}}


def refuse_protected(state: SheetState, places: Iterable[Area], location: str) -> None:
    """Raise DeniedError, before anything is written, if one of `places` is protected against this account."""
    protected = [
        (found, _protected_area(state, found))
        for found in state.protected
        if not found.get("warningOnly") and not found.get("requestingUserCanEdit")
    ]
    for place in places:
        for found, closed in protected:
            free = [area(each, rows=state.rows, columns=state.columns) for each in found.get("unprotectedRanges", ())]
            if meets(place, closed) and not any(_within(place, each) for each in free):
                cells = f"{column_letter(place.left)}{place.top}:{column_letter(place.right)}{place.bottom}"
                name = found.get("description")
                raise DeniedError(
                    f"Cells {cells} of sheet {state.title!r} of {location} are protected"
                    f"{f' ({name})' if name else ''} and this account may not edit them: let it in the spreadsheet "
                    "under Data > Protect sheets and ranges. Nothing was written."
                )


def _protected_area(state: SheetState, found: Json) -> Area:
    place = found.get("range")
    if place is None and "tableId" in found:
        place = next((t.get("range") for t in state.tables if t.get("tableId") == found["tableId"]), None)
    return area(place or {}, rows=MAX_CELLS, columns=MAX_COLUMNS)


def _within(inner: Area, outer: Area) -> bool:
    return (
        outer.left <= inner.left
        and inner.right <= outer.right
        and outer.top <= inner.top
        and inner.bottom <= outer.bottom
    )


def _append(sheet: int, side: str, length: int) -> Json:
    return {"appendDimension": {"sheetId": sheet, "dimension": side, "length": length}}


def _refuse_size(book: BookState, more: int, location: str) -> None:
    if book.cells + more > MAX_CELLS:
        raise UnwritableFileError(
            location,
            "it would grow beyond the 10 million cells of a Google spreadsheet: delete empty rows or columns in it.",
        )

"""The developer metadata that mark what is ours, as requests."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping

from sheetsync.sheets.google.marks import SheetNote, note_of
from sheetsync.sheets.google.state import (
    COLUMN_KEY,
    HEADER_KEY,
    SHEET_KEY,
    WRITE_KEY,
    BookState,
    Mark,
    SheetState,
)
from sheetsync.sheets.google.values import Json


def create(key: str, value: str, location: Json, *, mark_id: int | None = None) -> Json:
    """One piece of metadata, which everybody who opens the spreadsheet by the API can see (DOCUMENT)."""
    metadata = {
        "metadataId": mark_id or new_id(),
        "metadataKey": key,
        "metadataValue": value,
        "location": location,
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": metadata}}


def delete(mark: Mark) -> Json:
    """Take one piece of metadata away."""
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": mark.id}}}}


def update(mark: Mark, value: str) -> Json:
    """Give one piece of metadata another value."""
    return {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": mark.id}}],
            "developerMetadata": {"metadataValue": value},
            "fields": "metadataValue",
        }
    }


def on_column(sheet_id: int, column: int) -> Json:
    """The location of a column."""
    return _dimension(sheet_id, "COLUMNS", column)


def on_row(sheet_id: int, row: int) -> Json:
    """The location of a row."""
    return _dimension(sheet_id, "ROWS", row)


def new_id() -> int:
    """An id that nothing in the spreadsheet has; a second piece with it would be refused."""
    return secrets.randbelow(2**31 - 2) + 1


def write_mark(book: BookState, as_of: dt.date | None = None) -> tuple[int, list[Json]]:
    """What makes a write known again: the id of its mark, and the requests that put it in place of the last one's.

    Whether a write without an answer was carried out shows in a read: its mark is there or not. Metadata ids are unique
    in a spreadsheet, so the same write cannot be carried out twice either. Its value is that id and the day for which
    our columns were worked out, which the Google script shows.
    """
    mark_id = new_id()
    return mark_id, [
        *(delete(mark) for mark in book.writes),
        create(WRITE_KEY, f"{mark_id} {as_of}" if as_of else str(mark_id), {"spreadsheet": True}, mark_id=mark_id),
    ]


def mark_columns(
    state: SheetState, header_row: int, columns: Mapping[str, int], widths: Mapping[str, int | None], appended: int
) -> list[Json]:
    """What is missing of the marks of `columns` (key -> column) on a sheet.

    `widths` says how wide the columns that are made now were, `appended` how many of them the grid gets.
    """
    requests = []
    for key, column in columns.items():
        mark = state.mark(key)
        if mark is None:
            requests.append(create(COLUMN_KEY, key, on_column(state.id, column)))
    if columns and not state.header_marks:
        requests.append(create(HEADER_KEY, "", on_row(state.id, header_row)))
    old = note_of(state)
    known = dict(old.widths) if old else {}
    made = {**{key: known.get(key) for key in columns}, **known, **widths}
    row = state.header_marks[0].place if state.header_marks else header_row
    note = SheetNote(state.id, row, made, (old.appended if old else 0) + appended)
    if not made or (old is not None and (old.sheet, old.widths, old.appended) == (note.sheet, made, note.appended)):
        return requests
    if state.sheet_marks:
        requests.append(update(state.sheet_marks[0], note.text()))
    else:
        requests.append(create(SHEET_KEY, note.text(), {"sheetId": state.id}))
    return requests


def _dimension(sheet_id: int, dimension: str, place: int) -> Json:
    return {
        "dimensionRange": {
            "sheetId": sheet_id, "dimension": dimension, "startIndex": place - 1, "endIndex": place,
        }
    }  # fmt: skip

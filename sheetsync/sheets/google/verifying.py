"""Whether a write met what it meant: the answer holds the cells by which rows and columns are known again.

There is no lock in the Sheets API: between a read and a write somebody may edit, sort, insert or move. A write names
cells by their index, so its answer is asked for the tracker's own columns and the header cells of ours, as they stand
after it. If they are not what was read, the write may have hit other rows or columns, and is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from sheetsync.model import column_letter
from sheetsync.sheets.google.batch import Batch, Watch
from sheetsync.sheets.google.rules import replaced_theirs
from sheetsync.sheets.google.state import COLUMN_KEY, BookState
from sheetsync.sheets.google.values import Entered, entered

ANSWER_FIELDS: Final = (
    "replies,updatedSpreadsheet(sheets(properties(sheetId,title),"
    "data(startRow,startColumn,columnMetadata(developerMetadata),rowData(values(userEnteredValue)))))"
)
Typed = Callable[[int, int], Entered]
"""Row and column -> what is typed there."""


def ranges(batch: Batch, book: BookState, header_row: int) -> list[str]:
    """The ranges to ask the answer for, in A1 notation."""
    wanted = [_a1(watch.title, watch) for watch in batch.watches]
    state = book.by_id(batch.tracker) if batch.tracker is not None else None
    if state is not None and batch.columns:
        title = _quoted(state.title)
        wanted += [f"{title}!{column_letter(column)}{header_row}" for column in sorted(batch.columns.values())]
    return wanted


def question(wanted: list[str]) -> dict[str, Any]:
    """What a batchUpdate says besides its requests, so that its answer shows those ranges."""
    return {"includeSpreadsheetInResponse": True, "responseIncludeGridData": True, "responseRanges": wanted}


def shows(answer: Mapping[str, Any]) -> bool:
    """Whether an answer holds any cells at all: if not, it says nothing, and a read must tell."""
    return any(sheet.get("data") for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ()))


def mismatch(batch: Batch, book: BookState, answer: Mapping[str, Any]) -> bool:
    """Whether the answer of a batchUpdate shows other rows or columns than those that were read."""
    if replaced_theirs(answer.get("replies", ())):
        return True
    cells: dict[int, dict[tuple[int, int], Entered]] = {}
    marks: dict[str, int] = {}
    titles: dict[int, str] = {}
    for sheet in answer.get("updatedSpreadsheet", {}).get("sheets", ()):
        sheet_id = sheet.get("properties", {}).get("sheetId", 0)
        titles[sheet_id] = sheet.get("properties", {}).get("title", "")
        found = cells.setdefault(sheet_id, {})
        for data in sheet.get("data", ()):
            _gather(data, found)
            if sheet_id == batch.tracker:
                marks.update(_marked(data))
    if any(titles.get(watch.sheet) != watch.title for watch in batch.watches):
        return True
    if any(marks.get(key) != column for key, column in batch.columns.items()):
        return True
    return differs(batch, book, {sheet: _typed(found) for sheet, found in cells.items()})


def differs(batch: Batch, book: BookState, now: Mapping[int, Typed]) -> bool:
    """Whether a watched cell holds something else than when it was read. Cells that were written say nothing."""
    for watch in batch.watches:
        state = book.by_id(watch.sheet)
        typed = now.get(watch.sheet)
        if state is None or typed is None:
            return True
        written = batch.cells.get(watch.sheet, {})
        for column in range(watch.area.left, watch.area.right + 1):
            for row in range(watch.area.top, watch.area.bottom + 1):
                if typed(row, column) != state.typed(row, column) and (row, column) not in written:
                    return True
    return False


def differs_now(batch: Batch, book: BookState, now: BookState) -> bool:
    """The same, by a whole read after a write whose answer was lost."""
    state = now.by_id(batch.tracker) if batch.tracker is not None else None
    if batch.columns and (
        state is None
        or any((mark := state.mark(key)) is None or mark.place != column for key, column in batch.columns.items())
    ):
        return True
    titles = {each.id: each.title for each in now.sheets}
    if any(titles.get(watch.sheet) != watch.title for watch in batch.watches):
        return True
    return differs(batch, book, {each.id: each.typed for each in now.sheets})


def _gather(data: Mapping[str, Any], cells: dict[tuple[int, int], Entered]) -> None:
    top, left = data.get("startRow", 0) + 1, data.get("startColumn", 0) + 1
    for row, found in enumerate(data.get("rowData", ()), start=top):
        for column, cell in enumerate(found.get("values", ()), start=left):
            if cell:
                cells[row, column] = entered(cell.get("userEnteredValue"))


def _marked(data: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    left = data.get("startColumn", 0) + 1
    columns: Sequence[Mapping[str, Any]] = data.get("columnMetadata", ())
    for column, found in enumerate(columns, start=left):
        for mark in found.get("developerMetadata", ()):
            if mark.get("metadataKey") == COLUMN_KEY:
                yield mark.get("metadataValue", ""), column


def _typed(cells: Mapping[tuple[int, int], Entered]) -> Typed:
    return lambda row, column: cells.get((row, column))


def _a1(title: str, watch: Watch) -> str:
    place = watch.area
    left, right = column_letter(place.left), column_letter(place.right)
    return f"{_quoted(title)}!{left}{place.top}:{right}{place.bottom}"


def _quoted(title: str) -> str:
    escaped = title.replace("'", "''")
    return f"'{escaped}'"

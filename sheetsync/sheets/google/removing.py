"""What takes everything of ours out of a spreadsheet again: columns, rules, marks, made sheets. Nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sheetsync.changes import Only
from sheetsync.model import Area, Ownership, Problem, column_letter
from sheetsync.sheets.google import looks, room
from sheetsync.sheets.google.batch import Batch, Watch
from sheetsync.sheets.google.marking import delete, update
from sheetsync.sheets.google.marks import note_of
from sheetsync.sheets.google.rules import ours_at
from sheetsync.sheets.google.state import BookState, SheetState, area, grid_range, runs
from sheetsync.sheets.google.values import FormulaText, Json
from sheetsync.sheets.ownership import with_words


def removal(
    book: BookState, owned: Ownership | None, location: str, *, everything: bool, only: Only | None = None
) -> tuple[Batch, list[Json]]:
    """Work out a removal: what takes our columns, rules and marks out, and then what takes out the sheets made here.

    Formulas that the person put into our cells stay. Raises DeniedError.
    """
    batch = Batch()
    wanted = None if only is None else only.sheets
    gone = {state.id for state in book.sheets if _goes(state, book, batch, everything=everything, only=wanted)}
    if only is not None and owned is not None:
        left = {key for key, column in owned.columns.items() if column and key not in only.columns}
        taken = {key: column for key, column in owned.columns.items() if key in only.columns}
        if left or not taken:
            found = book.sheet(owned.sheet)
            if taken and found is not None:
                _partly(batch, found, replace(owned, columns=taken), location)
            return batch, [{"deleteSheet": {"sheetId": sheet}} for sheet in sorted(gone)]
    ours = book.sheet(owned.sheet) if owned is not None else None
    words: frozenset[str] = frozenset() if everything or ours is None else with_words(owned, ours.entered)
    for state in book.sheets:
        if state.id in gone:
            continue
        batch.rules += [
            {"deleteConditionalFormatRule": {"sheetId": state.id, "index": index}}
            for index in reversed(ours_at(state.rules))
        ]
        kept_marks = {mark.id for mark in state.made_marks}
        if words and state is ours:
            kept_marks |= {mark.id for mark in state.sheet_marks}
            kept_marks |= {mark.id for mark in state.marks if mark.value in words}
        batch.before += [delete(mark) for mark in state.all_marks if mark.id not in kept_marks]
        if owned is not None and state.title == owned.sheet:
            if words:
                _note_only(batch, state, words)
            going = {key: column for key, column in owned.columns.items() if key not in words}
            _columns(batch, state, replace(owned, columns=going), location)
    return batch, [{"deleteSheet": {"sheetId": sheet}} for sheet in sorted(gone)]


def _partly(batch: Batch, state: SheetState, owned: Ownership, location: str) -> None:
    """Take out some of our columns; our rules stay, and the grid keeps the columns that it got."""
    note = note_of(state)
    batch.before += [delete(mark) for mark in state.marks if mark.value in owned.columns]
    if note is not None and state.sheet_marks:
        widths = {key: width for key, width in note.widths.items() if key not in owned.columns}
        batch.before.append(update(state.sheet_marks[0], replace(note, widths=widths).text()))
    _columns(batch, state, owned, location, narrow=False)


def _note_only(batch: Batch, state: SheetState, words: frozenset[str]) -> None:
    """Let the sheet's note tell of nothing but the columns that stay; what it tells of besides would count as deleted."""
    note = note_of(state)
    if note is not None:
        left = replace(note, widths={key: width for key, width in note.widths.items() if key in words})
        if left != note:
            batch.before.append(update(state.sheet_marks[0], left.text()))


def _columns(batch: Batch, state: SheetState, owned: Ownership, location: str, *, narrow: bool = True) -> None:
    """Empty our columns from the header down; every other column is watched, as it tells where ours are."""
    batch.tracker = state.id
    columns = {key: column for key, column in owned.columns.items() if column}
    ours = sorted(columns.values())
    if not ours:
        return
    top, bottom = owned.header_row, state.rows
    places = [Area(top, left, bottom, right) for left, right in runs(ours)]
    room.refuse_protected(state, places, location)
    kept = _shrink(batch, state, set(ours), top)
    note = note_of(state)
    for key, column in columns.items():
        _empty(batch, state, column, top + (column in kept))
        width = note.widths.get(key) if note else None
        if width:
            batch.after.append(looks.width(state.id, column, width))
    batch.looks[state.id] = places
    height = max((len(values) for values in state.entered), default=0)
    theirs = [column for column in range(1, len(state.entered) + 1) if column not in set(ours)]
    batch.watches += [Watch(state.id, state.title, Area(1, left, height, right)) for left, right in runs(theirs)]
    narrowed = _narrowed(state, set(ours), note.appended if note and narrow else 0)
    batch.narrowed = sum(
        r["deleteDimension"]["range"]["endIndex"] - r["deleteDimension"]["range"]["startIndex"] for r in narrowed
    )
    batch.rules += narrowed


def _empty(batch: Batch, state: SheetState, column: int, top: int) -> None:
    """Empty a column of ours, values and looks, but for the formulas that the person put there."""
    typed = state.entered[column - 1] if column <= len(state.entered) else ()
    formulas = {row for row, value in enumerate(typed, start=1) if isinstance(value, FormulaText)}
    for row, value in enumerate(typed, start=1):
        if row >= top and value is not None and row not in formulas:
            batch.type(state.id, row, column, None)
            batch.changed += 1
    for first, last in runs([row for row in range(top, state.rows + 1) if row not in formulas]):
        fields = "userEnteredFormat,dataValidation"
        batch.after.append(looks.repeat(state.id, Area(first, column, last, column), {}, fields))


def _shrink(batch: Batch, state: SheetState, ours: set[int], header_row: int) -> set[int]:
    """Let Tables and the filter end left of our columns; those between the person's stay in a Table, with their headers."""
    kept: set[int] = set()
    for table in state.tables:
        place = area(table.get("range", {}), rows=state.rows, columns=state.columns)
        right = _without(ours, place)
        if right < place.right:
            wanted = grid_range(state.id, Area(place.top, place.left, place.bottom, right))
            batch.before.append(room.table_range(table, wanted))
        inside = {column for column in ours if place.left <= column <= right}
        kept |= inside
        batch.problems += [
            Problem(
                state.title, header_row, column,
                f"Column {column_letter(column)} stays in table {table.get('name', '')} as an empty column, "
                "because it stands between yours: delete it there.",
            )
            for column in sorted(inside)
        ]  # fmt: skip
    found = state.basic_filter
    if found and "tableId" not in found and not found.get("sortSpecs"):
        place = area(found.get("range", {}), rows=state.rows, columns=state.columns)
        right = _without(ours, place)
        if right < place.right:
            wanted = grid_range(state.id, Area(place.top, place.left, place.bottom, right))
            batch.before.append(room.filter_range(found, wanted))
    return kept


def _without(ours: set[int], place: Area) -> int:
    right = place.right
    while right in ours and right > place.left:
        right -= 1
    return right


def _narrowed(state: SheetState, ours: set[int], appended: int) -> list[Json]:
    """Take the columns away that the grid got for ours, as far as they stand at its end and hold nothing else."""
    first = state.columns
    while first > state.columns - appended and _is_bare(state, first, ours):
        first -= 1
    if first == state.columns:
        return []
    span = {"sheetId": state.id, "dimension": "COLUMNS", "startIndex": first, "endIndex": state.columns}
    return [{"deleteDimension": {"range": span}}]


def _is_bare(state: SheetState, column: int, ours: set[int]) -> bool:
    typed = state.entered[column - 1] if column <= len(state.entered) else ()
    if any(isinstance(value, FormulaText) or (value is not None and column not in ours) for value in typed):
        return False
    return not any(place.left <= column <= place.right for place in (*state.merges, *state.anchored))


def _goes(state: SheetState, book: BookState, batch: Batch, *, everything: bool, only: frozenset[str] | None) -> bool:
    """Whether a sheet was made here and is to go; one that the person's formulas read stays, with a Problem."""
    if not state.made_marks or len(book.sheets) == 1:
        return False
    if only is not None and state.title not in only:
        return False
    if only is None and state.made_marks[0].value.partition("\t")[2] == "log" and not everything:
        return False
    others = [each for each in book.sheets if each is not state and not each.made_marks]
    if any(_reads(formula, state.title) for each in others for formula in _formulas(each.entered)):
        batch.problems.append(
            Problem(
                state.title, None, None, "This sheet stays, because a formula of yours reads it: delete it yourself."
            )
        )
        return False
    return True


def _formulas(columns: Sequence[Sequence[object]]) -> Iterable[str]:
    return (value.text for column in columns for value in column if isinstance(value, FormulaText))


def _reads(formula: str, title: str) -> bool:
    quoted = title.replace("'", "''")
    return re.search(rf"(?:'{re.escape(quoted)}'|(?<![\w.]){re.escape(title)})!", formula, re.IGNORECASE) is not None

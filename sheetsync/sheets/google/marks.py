"""Which columns are ours, by the developer metadata that mark them.

A column's mark moves with it and dies with it. Which columns were made is written on the sheet, so that one that the
person deleted stays deleted. The row of our headers has a mark of its own, which moves when rows are put above it. What
a copied tab brings along is not documented: it is told from the original by the sheet's id in the note.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetsync.errors import UsageError
from sheetsync.model import OWNED, Grid, Ownership, Problem, column_letter
from sheetsync.sheets.google.state import SheetState
from sheetsync.sheets.ownership import adopt


@dataclass(frozen=True, slots=True)
class SheetNote:
    """What is written on a sheet with columns of ours."""

    sheet: int
    """The id of the sheet for which it was written."""
    header_row: int = 1
    widths: Mapping[str, int | None] = field(default_factory=dict)
    """Every key that was ever made -> the column's width in pixels before; None if it was left as it was."""
    appended: int = 0
    """How many columns the grid got for ours."""

    def text(self) -> str:
        """As it is written."""
        content = {
            "sheet": self.sheet, "header_row": self.header_row, "keys": dict(self.widths), "appended": self.appended,
        }  # fmt: skip
        return json.dumps(content, separators=(",", ":"))


def note_of(state: SheetState) -> SheetNote | None:
    """The note on a sheet; one that nobody can read counts as none."""
    for mark in state.sheet_marks:
        try:
            found: Any = json.loads(mark.value)
            widths = {str(key): None if width is None else int(width) for key, width in found["keys"].items()}
            return SheetNote(int(found["sheet"]), int(found["header_row"]), widths, int(found.get("appended", 0)))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return None


def ownership(
    states: Sequence[SheetState], grids: Sequence[Grid], location: str
) -> tuple[Ownership | None, tuple[Problem, ...]]:
    """Which columns are ours, by their marks; if there are none at all, by our headers.

    Raises UsageError if two sheets, or two columns of one, claim to be ours alike.
    """
    marked = [state for state in states if state.marks or state.sheet_marks]
    if not marked:
        return adopt(grids), ()
    notes = {state.id: note_of(state) for state in marked}
    originals = [state for state in marked if (note := notes[state.id]) is not None and note.sheet == state.id]
    chosen = originals or marked
    if len(chosen) > 1:
        names = " and ".join(repr(state.title) for state in chosen)
        raise UsageError(
            f"Sheets {names} of {location} both carry sheetsync's columns, because one is a copy of the other: "
            "delete those columns from the copy, then run this again. Nothing was written."
        )
    state = chosen[0]
    _refuse_doubles(state, location)
    note = notes[state.id] or SheetNote(state.id)
    places = {mark.value: mark.place for mark in state.marks}
    keys = [*note.widths, *(key for key in places if key not in note.widths)]
    keys.sort(key=lambda key: OWNED.index(key) if key in OWNED else len(OWNED))
    row = state.header_marks[0].place if state.header_marks else note.header_row
    problems = tuple(
        Problem(
            copy.title, None, None,
            "This sheet is a copy of one with sheetsync's columns: here they are taken for yours and left alone.",
        )
        for copy in marked
        if copy is not state and copy.marks
    )  # fmt: skip
    return Ownership(state.title, row, {key: places.get(key) for key in keys}), problems


def _refuse_doubles(state: SheetState, location: str) -> None:
    seen: dict[str, int] = {}
    for mark in state.marks:
        if mark.value in seen:
            first, second = map(column_letter, sorted((seen[mark.value], mark.place)))
            raise UsageError(
                f"Columns {first} and {second} of sheet {state.title!r} of {location} are both marked as sheetsync's "
                f"{mark.value!r}: delete one of them, then run this again. Nothing was written."
            )
        seen[mark.value] = mark.place

"""Single cells outside our columns that a command names: which may be written, and which are left alone. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from sheetsync.changes import Edit
from sheetsync.errors import SourceChangedError
from sheetsync.model import Grid, Problem, Value

FORMULA: Final = "This cell holds a formula, so it is left alone: change what the formula reads."
HEADING: Final = "This cell is a heading of a table, so it is left alone."
MERGED: Final = "This cell is part of merged cells, so it is left alone: split them first."


def check_edits(grid: Grid, edits: Iterable[Edit], *, location: str) -> tuple[list[Edit], list[Problem]]:
    """The edits of one sheet that are to be made, and what is said about those that cannot be.

    One whose cell holds what is wanted already is left out. Raises SourceChangedError for a cell that holds neither what
    the command saw there nor what it wants: edits belong together with the rest of a write, so nothing of it is done.
    """
    wanted: list[Edit] = []
    problems: list[Problem] = []
    for edit in edits:
        reason = _refusal(grid, edit.row, edit.column)
        held = grid.cell(edit.row, edit.column)
        if reason is not None:
            problems.append(Problem(grid.name, edit.row, edit.column, reason))
        elif is_same(held, edit.after):
            continue
        elif not is_same(held, edit.before):
            raise SourceChangedError(location)
        else:
            wanted.append(edit)
    return wanted, problems


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are one to a person: a day is its midnight, 3 is 3.0, an empty text is an empty cell."""
    one, other = _plain(one), _plain(other)
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _plain(value: Value) -> Value:
    if value == "":
        return None
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value


def _refusal(grid: Grid, row: int, column: int) -> str | None:
    if row in grid.formulas.get(column, ()):
        return FORMULA
    if any(table.area.top == row and table.area.left <= column <= table.area.right for table in grid.tables):
        return HEADING
    if any(
        area.top <= row <= area.bottom and area.left <= column <= area.right and (row, column) != (area.top, area.left)
        for area in grid.merges
    ):
        return MERGED
    return None

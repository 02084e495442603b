"""Which columns are ours, by the names that mark them, and what to think of names that went stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, Protocol, TypeVar

from sheetsync.model import EXTRA_OWNED, OWNED, Grid, Ownership, Problem, Value, column_letter
from sheetsync.sheets.ownership import adopt
from sheetsync.words import column_words, follow_up_words

LISTS: Final = "sheetsync lists"
"""Our hidden sheet with the words of drop-downs that do not fit into a rule."""
_HEADER_ROWS: Final = 1_000
"""How far down a header of ours is looked for."""
_SUFFIX: Final = "(sheetsync"
T = TypeVar("T")


class Marked(Protocol):
    """A workbook as far as its names tell which columns are ours (ooxml.workbook.Workbook)."""

    def marks(self) -> Mapping[str, tuple[str, int, int] | None]:
        """Key -> sheet, row, column of the header cell; None if the person deleted the column."""
        ...

    def marked_sheet(self) -> str | None:
        """The sheet that a mark of a deleted column names."""
        ...


def ownership(workbook: Marked, grids: tuple[Grid, ...]) -> tuple[Ownership | None, tuple[Problem, ...]]:
    """Which columns are ours, by our marks; if there are none, by our headers.

    A program that does not know about names leaves them where they were when it inserts or moves columns. So a mark is
    believed if our header stands there, or, where the person renamed it, if the column holds what ours does.
    """
    found = workbook.marks()
    marks = {key: found[key] for key in sorted(found, key=_order)}
    by_name = {grid.name: grid for grid in grids}
    live = {key: place for key, place in marks.items() if place is not None and place[0] in by_name}
    if not live:
        marked = workbook.marked_sheet() if marks else None
        return (Ownership(marked, 1, dict.fromkeys(marks)), ()) if marked is not None else (adopt(grids), ())
    sheet = _most_common(place[0] for place in live.values())
    row = _most_common(place[1] for place in live.values() if place[0] == sheet)
    grid = by_name[sheet]
    claimed = {key: place[2] for key, place in live.items() if place[0] == sheet}
    if 2 * len(_headed(grid, row, claimed)) < len(claimed):
        row = _moved_row(grid, claimed) or row
    believed = _headed(grid, row, claimed)
    if not believed and (adopted := adopt(grids)) is not None and adopted.sheet == sheet:
        return adopted, ()
    columns = {**dict.fromkeys(marks), **believed, **_slid(grid, row, claimed, believed)}
    unclear = [key for key in claimed if columns[key] is None]
    stale = len(believed) + len(unclear) < len(claimed)
    problems: list[Problem] = []
    for key in unclear:
        column = claimed[key]
        is_free = column not in columns.values()
        if is_free and not stale and _holds_ours(key, grid, row, column, columns.get("follow_up")):
            columns[key] = column
        elif any(grid.cell(r, column) is not None for r in range(row, grid.n_rows + 1)):
            problems.append(
                Problem(
                    sheet, row, column,
                    f"Column {column_letter(column)} was marked as sheetsync's {column_words().get(key, key)!r} "
                    "but holds something else, so it is taken for yours and left alone.",
                )
            )  # fmt: skip
    return Ownership(sheet, row, columns), tuple(problems)


def written_rows(grid: Grid, owned: Ownership) -> set[int]:
    """The rows that hold something of ours, by its kind: a follow-up word, a date, a number of days, any extra value."""
    telling = {
        key: grid.columns[column - 1]
        for key, column in owned.columns.items()
        if column is not None and column <= grid.n_columns and key not in ("next_action", "why")
    }
    below = range(owned.header_row + 1, grid.n_rows + 1)
    if not telling:
        return set(below)
    words = set(follow_up_words().values())
    return {
        row
        for row in below
        if any(
            value is not None and (value in words or key in EXTRA_OWNED if isinstance(value, str) else True)
            for key, value in ((key, values[row - 1]) for key, values in telling.items())
        )
    }


def _headed(grid: Grid, row: int, claimed: Mapping[str, int]) -> dict[str, int]:
    """The marks under which our header stands."""
    return {key: column for key, column in claimed.items() if _is_header(key, grid.cell(row, column))}


def _slid(grid: Grid, row: int, claimed: Mapping[str, int], believed: Mapping[str, int]) -> dict[str, int]:
    """Where the columns went from under their marks: our header, what ours hold, and beside another one of ours.

    The person may have a column of the same name, which nothing but its place tells from ours.
    """
    candidates: dict[str, int] = {}
    for key in claimed.keys() - believed.keys():
        elsewhere = [
            column
            for column in range(1, grid.n_columns + 1)
            if column not in believed.values()
            and _is_header(key, grid.cell(row, column))
            and _holds_ours(key, grid, row, column, None)
        ]
        if len(elsewhere) == 1:
            candidates[key] = elsewhere[0]
    near = {column + step for column in (*believed.values(), *candidates.values()) for step in (-1, 1)}
    return {key: column for key, column in candidates.items() if column in near}


def _most_common(values: Iterable[T]) -> T:
    listed = list(values)
    return max(listed, key=listed.count)


def _order(key: str) -> tuple[int, str]:
    known = (*OWNED, *EXTRA_OWNED)
    return (known.index(key) if key in known else len(known), key)


def _moved_row(grid: Grid, claimed: Mapping[str, int]) -> int | None:
    """The row in which most of the columns have our header, if there is one."""
    for row in range(1, min(grid.n_rows, _HEADER_ROWS) + 1):
        if 2 * sum(_is_header(key, grid.cell(row, column)) for key, column in claimed.items()) > len(claimed):
            return row
    return None


def _is_header(key: str, value: Value) -> bool:
    word = column_words().get(key)
    if word is None or not isinstance(value, str):
        return False
    text = " ".join(value.split()).casefold()
    return text == word.casefold() or text.startswith(f"{word.casefold()} {_SUFFIX}")


def _holds_ours(key: str, grid: Grid, header_row: int, column: int, follow_up: int | None) -> bool:
    """Whether what stands below a header could have been written by us: its kind, and the rows that it fills."""
    if column > grid.n_columns:
        return False
    below = grid.columns[column - 1][header_row:]
    values = [value for value in below if value is not None]
    words = set(follow_up_words().values())
    fits = {
        "next_contact": lambda value: isinstance(value, dt.date | int | float),
        "contact_by": lambda value: isinstance(value, dt.date | int | float),
        "log_date": lambda value: isinstance(value, dt.date | int | float),
        "days_overdue": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
        "follow_up": lambda value: value in words,
    }.get(key, lambda value: isinstance(value, str))
    if grid.cell(header_row, column) is None and not values:
        return False
    if key == "why" and follow_up is not None and follow_up <= grid.n_columns:
        told = grid.columns[follow_up - 1][header_row:]
        alike = sum((one is None) == (other is None) for one, other in zip(below, told, strict=True))
        if 10 * alike < 9 * len(below):
            return False
    return 10 * sum(map(fits, values)) >= 9 * len(values)

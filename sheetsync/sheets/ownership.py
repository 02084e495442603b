"""Which columns are ours and where new ones go: what every kind of spreadsheet decides alike. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sheetsync.errors import NoRoomError
from sheetsync.model import OWNED, Area, Grid, Ownership
from sheetsync.words import column_words

RECORDS: Final = ("coach_note",)
"""Our columns that hold somebody's words. As long as they do they stay, as a History does, unless everything is to go."""

MAX_COLUMNS: Final = 16_384
"""Columns of an Excel sheet; Google allows 18,278."""
_SUFFIX: Final = "(sheetsync)"
_HEADER_ROWS: Final = 1_000
"""How far down headers of ours are looked for."""


def adopt(grids: Iterable[Grid], words: Mapping[str, str] | None = None) -> Ownership | None:
    """Our six headers standing together in order, taken for ours again; None if they stand nowhere or more than once.

    For a spreadsheet without a single mark, after a trip through a program that drops them. `words` are the header
    texts by key, those of the catalogue if not given.
    """
    texts = _texts(words)
    first = texts[OWNED[0]].split()[0]
    found: list[Ownership] = []
    for grid in grids:
        last = grid.n_columns - len(OWNED) + 1
        for left in range(1, last + 1):
            top = grid.columns[left - 1][:_HEADER_ROWS]
            for row, value in enumerate(top, start=1):
                if (
                    isinstance(value, str)
                    and value.strip().casefold().startswith(first)
                    and all(_is_header(grid.cell(row, left + step), texts[key]) for step, key in enumerate(OWNED))
                ):
                    columns = {key: left + step for step, key in enumerate(OWNED)}
                    found.append(Ownership(grid.name, row, columns, adopted=True))
    return found[0] if len(found) == 1 else None


def with_words(owned: Ownership | None, columns: Sequence[Sequence[object]]) -> frozenset[str]:
    """Which of `RECORDS` hold something below their header; `columns` are the cells of our sheet."""
    places = {key: owned.columns.get(key) for key in RECORDS} if owned else {}
    top = owned.header_row if owned else 0
    return frozenset(
        key
        for key, place in places.items()
        if place and place <= len(columns) and any(value is not None for value in columns[place - 1][top:])
    )


def place_columns(
    grid: Grid,
    *,
    right: int,
    count: int,
    location: str,
    blocked: Iterable[Area] = (),
    limit: int = MAX_COLUMNS,
) -> list[int]:
    """The first `count` columns together, right of the column `right`, that are free.

    Free is a column that is empty in every row of the sheet and outside its merged cells and tables, and outside
    `blocked`, whatever else stands on the sheet (drawings' anchors, pivot tables, ranges with a filter).
    Raises NoRoomError if there are none within `limit` columns.
    """
    if not count:
        return []
    areas = [*grid.merges, *(table.area for table in grid.tables), *blocked]
    start = right + 1
    while start + count - 1 <= limit:
        stop = next(
            (column for column in range(start + count - 1, start - 1, -1) if _is_taken(grid, column, areas)), None
        )
        if stop is None:
            return list(range(start, start + count))
        start = stop + 1
    raise NoRoomError(location, grid.name, count)


def place_new(
    grid: Grid,
    keys: Sequence[str],
    *,
    standing: Mapping[str, int | None],
    right: int,
    location: str,
    blocked: Sequence[Area] = (),
    limit: int = MAX_COLUMNS,
) -> dict[str, int]:
    """Where each new column of ours goes: the computed ones together, the further ones together right of all of ours.

    `standing` says where ours are already; the rest is as for `place_columns`. Raises NoRoomError.
    """
    computed = [key for key in keys if key in OWNED]
    extra = [key for key in keys if key not in OWNED]
    places = place_columns(grid, right=right, count=len(computed), location=location, blocked=blocked, limit=limit)
    edge = max([right, *places, *filter(None, standing.values())])
    places += place_columns(grid, right=edge, count=len(extra), location=location, blocked=blocked, limit=limit)
    return dict(zip([*computed, *extra], places, strict=True))


def header_texts(grid: Grid, header_row: int, keys: Sequence[str], words: Mapping[str, str]) -> dict[str, str]:
    """The header to write for each new column of ours: its word, or `Why (sheetsync)` where the sheet has it already.

    `words` are the header texts by key (`Changes.headers`). A table wants its headers unlike each other, case apart.
    """
    taken = {_plain(value) for value in grid.row(header_row)}
    texts = {}
    for key in keys:
        candidates = (words[key], *(f"{words[key]} {_numbered(number)}" for number in range(1, len(taken) + 2)))
        texts[key] = next(text for text in candidates if _plain(text) not in taken)
        taken.add(_plain(texts[key]))
    return texts


def to_add(keys: Sequence[str], standing: Mapping[str, int | None]) -> tuple[str, ...]:
    """Those of `keys` (`Changes.add`) that are not there; one that the person deleted is not made again."""
    return tuple(key for key in keys if key not in standing)


def runs(columns: Collection[int]) -> list[tuple[int, int]]:
    """Columns as first and last of each unbroken run, ascending."""
    found: list[tuple[int, int]] = []
    for column in sorted(columns):
        if found and column == found[-1][1] + 1:
            found[-1] = (found[-1][0], column)
        else:
            found.append((column, column))
    return found


def _is_taken(grid: Grid, column: int, areas: Sequence[Area]) -> bool:
    if any(area.left <= column <= area.right for area in areas) or grid.formulas.get(column):
        return True
    return column <= grid.n_columns and any(value is not None for value in grid.columns[column - 1])


def _texts(words: Mapping[str, str] | None) -> dict[str, str]:
    return {key: _plain((words or column_words())[key]) for key in OWNED}


def _is_header(value: object, text: str) -> bool:
    return _plain(value).removesuffix(_SUFFIX).rstrip() == text


def _numbered(number: int) -> str:
    return _SUFFIX if number == 1 else f"(sheetsync {number})"


def _plain(value: object) -> str:
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""

"""Excel files behind the `Source` protocol: read by calamine, written by splicing, so that nothing else changes."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from sheetsync.errors import SourceChangedError, UsageError
from sheetsync.model import OWNED, Changes, Grid, Ownership, Problem, Receipt, Snapshot, Value, column_letter
from sheetsync.sheets.files import read_file, replace_atomically, wait_for_lock
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.patch import Patch, StylesNeededError, patch
from sheetsync.sheets.ooxml.reading import read_grids
from sheetsync.sheets.ooxml.removal import removal
from sheetsync.sheets.ooxml.workbook import Workbook
from sheetsync.sheets.ownership import adopt
from sheetsync.words import column_words, follow_up_words

_HEADER_ROWS: Final = 1_000
"""How far down a header of ours is looked for, and how much of a column is remembered from a read."""
_SUFFIX: Final = "(sheetsync"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a write needs to know of the last read."""

    version: str
    owned: Ownership | None
    grids: tuple[Grid, ...]
    """Their values are cut short: the first rows, and whether anything stands below."""


class XlsxSource:
    """A workbook file (.xlsx, .xlsm).

    `wait` is how many seconds a read and a write wait for a spreadsheet program to let go of the file; without it a
    read does not care. `backup` says whether a copy of the file is kept before it is replaced.
    """

    def __init__(self, path: Path | str, *, wait: float = 0, backup: bool = True) -> None:
        self.location = str(path)
        self._path = Path(path)
        self._wait = wait
        self._backup = backup
        self._seen: _Seen | None = None

    def read(self) -> Snapshot:
        """Every worksheet as it stands. Raises FileError, and LockedError if it was to wait and waited in vain."""
        if self._wait:
            wait_for_lock(self._path, self._wait)
        data, version = read_file(self._path)
        package = Package(self.location, data)
        workbook = Workbook(package)
        grids = read_grids(package, workbook)
        owned, problems = _ownership(workbook, grids)
        self._seen = _Seen(version, owned, tuple(map(_cut, grids)))
        return Snapshot(
            self.location, version, grids, owned=owned, epoch_1904=workbook.date_1904, problems=problems
        )  # fmt: skip

    def apply(self, changes: Changes) -> Receipt:
        """Write `changes`. Raises SourceChangedError, LockedError, FileError, and UsageError for an unknown sheet."""
        seen = self._seen
        if seen is None or seen.version != changes.version:
            self.read()
            seen = self._seen
        data, version = read_file(self._path)
        if version != changes.version or seen is None or seen.version != version:
            raise SourceChangedError(self.location)
        grid = next((grid for grid in seen.grids if grid.name == changes.sheet), None)
        if grid is None:
            raise UsageError(f"{self.location} has no sheet called {changes.sheet!r}: see `sheetsync inspect`.")
        package = Package(self.location, data)
        owned = seen.owned if seen.owned is not None and seen.owned.sheet == changes.sheet else None
        for careful in (False, True):
            planned = patch(
                package,
                Workbook(package),
                changes,
                standing=owned.columns if owned else {},
                marked_row=owned.header_row if owned else None,
                grid=grid,
                careful=careful,
            )
            with contextlib.suppress(StylesNeededError):
                return self._write(package, planned, version, changes.problems)
        raise AssertionError("a careful patch knows its styles")

    def remove(self) -> Receipt:
        """Take everything of ours out again. Raises LockedError and FileError."""
        snapshot = self.read()
        owned = snapshot.owned
        data, version = read_file(self._path)
        if snapshot.version != version:
            raise SourceChangedError(self.location)
        package = Package(self.location, data)
        workbook = Workbook(package)
        keys = {**dict.fromkeys(workbook.marks()), **(owned.columns if owned else {})}
        planned = removal(
            package,
            workbook,
            sheet=owned.sheet if owned else None,
            header_row=owned.header_row if owned else 1,
            columns=keys,
            rows=_written_rows(snapshot.grid(owned.sheet), owned) if owned and any(owned.columns.values()) else set(),
        )
        return self._write(package, planned, version, ())

    def _write(self, package: Package, planned: Patch, version: str, problems: tuple[Problem, ...]) -> Receipt:
        problems = tuple(dict.fromkeys((*problems, *planned.problems)))
        if not planned.replaced:
            return Receipt(written=False, columns=planned.columns, problems=problems)
        wait_for_lock(self._path, self._wait)

        def write(file: BinaryIO) -> None:
            package.write(file, planned.replaced, planned.added, planned.dropped)
            if planned.only_cells and not planned.told().spliced:
                raise _NothingWrittenError

        try:
            kept = replace_atomically(self._path, write, expected_version=version, backup=self._backup)
        except _NothingWrittenError:
            kept = None
            written = False
        else:
            self._seen = None
            written = True
        told = planned.told()
        problems = tuple(dict.fromkeys((*problems, *told.problems)))
        backup = str(kept) if kept is not None else None
        return Receipt(written, planned.columns, told.changed_cells, backup=backup, problems=problems)


class _NothingWrittenError(Exception):
    """Every cell that was to be changed was left alone in the end."""


def _ownership(workbook: Workbook, grids: tuple[Grid, ...]) -> tuple[Ownership | None, tuple[Problem, ...]]:
    """Which columns are ours, by our marks; if there are none, by our headers.

    A program that does not know about names leaves them where they were when it inserts or moves columns. So a mark is
    believed if our header stands there, or, where the person renamed it, if the column holds what ours does.
    """
    found_marks = workbook.marks()
    marks = {key: found_marks[key] for key in sorted(found_marks, key=_order)}
    by_name = {grid.name: grid for grid in grids}
    live = {key: place for key, place in marks.items() if place is not None and place[0] in by_name}
    if not marks:
        return adopt(grids), ()
    if not live:
        marked = workbook.marked_sheet()
        return (Ownership(marked, 1, dict.fromkeys(marks)), ()) if marked is not None else (adopt(grids), ())
    sheet = _most_common(place[0] for place in live.values())
    row = _most_common(place[1] for place in live.values() if place[0] == sheet)
    grid = by_name[sheet]
    claimed = {key: place[2] for key, place in live.items() if place[0] == sheet}
    believed = {key: column for key, column in claimed.items() if _is_header(key, grid.cell(row, column))}
    if 2 * len(believed) < len(claimed):
        found = _moved_row(grid, claimed)
        if found is not None:
            row = found
            believed = {key: column for key, column in claimed.items() if _is_header(key, grid.cell(row, column))}
    if not believed and (adopted := adopt(grids)) is not None and adopted.sheet == sheet:
        return adopted, ()
    columns: dict[str, int | None] = dict.fromkeys(marks)
    columns.update(believed)
    unclear = [key for key in claimed if key not in believed]
    for key in unclear:
        elsewhere = [
            column
            for column in range(1, grid.n_columns + 1)
            if column not in columns.values() and _is_header(key, grid.cell(row, column))
        ]
        if len(elsewhere) == 1:
            columns[key] = elsewhere[0]
    stale = any(columns[key] is not None for key in unclear)
    problems: list[Problem] = []
    for key in unclear:
        column = claimed[key]
        if columns[key] is not None:
            continue
        if (
            not stale
            and column not in columns.values()
            and _holds_ours(key, grid, row, column, columns.get("follow_up"))
        ):
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


def _most_common(values: Iterable[T]) -> T:
    listed = list(values)
    return max(listed, key=listed.count)


def _order(key: str) -> tuple[int, str]:
    return (OWNED.index(key), key) if key in OWNED else (len(OWNED), key)


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


def _written_rows(grid: Grid, owned: Ownership) -> set[int]:
    """The rows that hold something of ours, by its kind: a follow-up word, a date, a number of days."""
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
            value is not None and (value in words if isinstance(value, str) else True)
            for value in (values[row - 1] for values in telling.values())
        )
    }


def _cut(grid: Grid) -> Grid:
    """The grid with its values cut short, so that a large sheet can be let go."""
    columns: list[list[Value]] = []
    for values in grid.columns:
        top = list(values[:_HEADER_ROWS])
        if all(value is None for value in top) and any(value is not None for value in values[_HEADER_ROWS:]):
            top = [*top[:-1], True]
        columns.append(top)
    return Grid(
        grid.name, tuple(columns), hidden=grid.hidden, formulas=grid.formulas, tables=grid.tables, merges=grid.merges
    )

"""Excel files behind the `Source` protocol: read by calamine, written by splicing, so that nothing else changes."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sheetsync.changes import Changes, Only, Receipt
from sheetsync.errors import SourceChangedError, UsageError
from sheetsync.model import Grid, Ownership, Problem, Snapshot, Value
from sheetsync.sheets.backups import sweep_backups
from sheetsync.sheets.files import is_hard_linked, read_file, replace_atomically, wait_for_lock
from sheetsync.sheets.ooxml.job import StylesNeededError
from sheetsync.sheets.ooxml.marks import ownership, written_rows
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.patch import Patch, patch
from sheetsync.sheets.ooxml.reading import read_grid, read_grids
from sheetsync.sheets.ooxml.removal import Owned, removal
from sheetsync.sheets.ooxml.workbook import Workbook
from sheetsync.sheets.ownership import with_words
from sheetsync.sheets.placing import sweep

_HEADER_ROWS: Final = 1_000
"""How much of a column is remembered from a read."""
_HARD_LINKED: Final = "The file has another name elsewhere (a hard link), which keeps the old content: link it anew."


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a write needs to know of the last read."""

    version: str
    package: Package
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
        saved = dt.datetime.fromtimestamp(self._path.stat().st_mtime, dt.UTC)
        package = Package(self.location, data)
        workbook = Workbook(package)
        grids = read_grids(package, workbook)
        owned, problems = ownership(workbook, grids)
        self._seen = _Seen(version, package, owned, tuple(map(_cut, grids)))
        return Snapshot(
            self.location,
            version,
            grids,
            owned=owned,
            epoch_1904=workbook.date_1904,
            saved=saved,
            problems=problems,
        )

    def apply(self, changes: Changes) -> Receipt:
        """Write `changes`. Raises SourceChangedError, LockedError, FileError, and UsageError for an unknown sheet."""
        seen = self._seen
        if seen is None or seen.version != changes.version:
            self.read()
            seen = self._seen
        _, version = read_file(self._path)
        if version != changes.version or seen is None or seen.version != version:
            raise SourceChangedError(self.location)
        grid = self._grid(seen, changes.sheet)
        package = seen.package

        def whole(name: str) -> Grid:
            known = self._grid(seen, name)
            return known if known.n_rows < _HEADER_ROWS else read_grid(package, Workbook(package), name)

        owned = seen.owned if seen.owned is not None and seen.owned.sheet == changes.sheet else None
        for careful in (False, True):
            planned = patch(
                package,
                Workbook(package),
                changes,
                standing=owned.columns if owned else {},
                marked_row=owned.header_row if owned else None,
                grid=grid,
                whole=whole,
                careful=careful,
            )
            with contextlib.suppress(StylesNeededError):
                return self._write(package, planned, version, changes.problems)
        raise AssertionError("a careful patch knows its styles")

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:
        """Take everything of ours out again, with `everything` the person's records too, or `only` what that names.

        Raises LockedError and FileError.
        """
        snapshot = self.read()
        owned = snapshot.owned
        _, version = read_file(self._path)
        if snapshot.version != version or self._seen is None:
            raise SourceChangedError(self.location)
        package = self._seen.package
        workbook = Workbook(package)
        places = owned.columns if owned else {}
        keys = {*workbook.marks(), *places}
        kept: frozenset[str] = frozenset()
        if only is not None:
            keys &= only.columns
        elif owned is not None and not everything:
            kept = with_words(owned, snapshot.grid(owned.sheet).columns)
            keys -= kept
        columns = {column for key, column in places.items() if column is not None and key in keys}
        standing = Owned(
            keys=keys,
            sheet=owned.sheet if owned else None,
            header_row=owned.header_row if owned else 1,
            columns=columns,
            rows=written_rows(snapshot.grid(owned.sheet), owned) if owned and columns else frozenset(),
            partly=only is not None and any(column and key not in keys for key, column in places.items()),
            kept=bool(kept),
        )
        planned = removal(
            package,
            workbook,
            standing,
            everything=everything,
            only_sheets=only.sheets if only is not None else None,
        )
        return self._write(package, planned, version, ())

    def _grid(self, seen: _Seen, name: str) -> Grid:
        """A sheet as it was read, its values cut short. Raises UsageError."""
        grid = next((grid for grid in seen.grids if grid.name == name), None)
        if grid is None:
            raise UsageError(f"{self.location} has no sheet called {name!r}: see `sheetsync inspect`.")
        return grid

    def _write(self, package: Package, planned: Patch, version: str, problems: tuple[Problem, ...]) -> Receipt:
        problems = tuple(dict.fromkeys((*problems, *planned.problems)))
        sweep(self._path.resolve().parent)  # first of all: a leftover may be another name of the file
        if self._backup:
            sweep_backups(self._path)
        if not planned.replaced:
            return Receipt(written=False, columns=planned.columns, problems=problems)
        wait_for_lock(self._path, self._wait)
        if is_hard_linked(self._path):
            problems += (Problem(self._path.name, None, None, _HARD_LINKED),)

        def write(file: BinaryIO) -> None:
            package.write(file, planned.replaced, planned.added, planned.dropped)
            if planned.only_cells and not planned.told().spliced:
                raise _NothingWrittenError

        try:
            done = replace_atomically(self._path, write, expected_version=version, backup=self._backup)
        except _NothingWrittenError:
            kept, digest, written = None, None, False
        else:
            self._seen = None
            kept, digest, written = done.backup, done.digest, True
        told = planned.told()
        problems = tuple(dict.fromkeys((*problems, *told.problems)))
        backup = str(kept) if kept is not None else None
        return Receipt(written, planned.columns, told.changed_cells, backup=backup, digest=digest, problems=problems)


class _NothingWrittenError(Exception):
    """Every cell that was to be changed was left alone in the end."""


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

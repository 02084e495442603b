"""The Shared sheet: who was given what of the tracker, until when, and where it is. It stands in the tracker itself."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sheetsync.book import ColumnLook, Sheet
from sheetsync.changes import Append, Edit
from sheetsync.errors import UsageError
from sheetsync.model import Area, Grid, Snapshot, TableArea, Value
from sheetsync.records.reading import Reading, Records
from sheetsync.tracker.text import as_text, fold

SHARED: Final = "Shared"
FILE: Final = "file"
"""The right of somebody who got an .xlsx: it cannot be taken back."""
_ALL: Final = "all"
_DUE: Final = "due only"
_WHOLE: Final = "whole tracker"
_COLUMNS: Final = (
    ("Shared with", 30), ("Right", 12), ("Until", 13), ("Where", 60), ("Also hidden", 24), ("Also shown", 24),
    ("Rows", 14), ("Since", 13), ("Ended", 13),
)  # fmt: skip
COPY_MARK: Final = "sheetsync coach copy"
"""In the first cell of the hidden sheet of every coach's copy."""
_KEY: Final = "Key"
"""The last column; it is hidden, and a sheet of an earlier version has none."""
_DATE: Final = "d mmm yyyy"
_DATES: Final = frozenset({"Until", "Since", "Ended"})


@dataclass(frozen=True, slots=True)
class Share:
    """One line of the sheet."""

    whom: str
    """An e-mail address, or whatever was said of the one who got a file."""
    role: str
    """`commenter`, `writer`, or `FILE`."""
    where: str
    """The link of the coach's spreadsheet, or the file's name."""
    since: dt.date
    until: dt.date | None = None
    """The last day on which it may be seen."""
    hide: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    only_due: bool = False
    whole: bool = False
    """The tracker itself was shared, not a copy."""
    ended: dt.date | None = None
    key: str = ""
    """What the ids in the copy are made with (`ids.shared_id`); "" in a line of an earlier version."""
    unread: str = ""
    """What stands under Until, if it is no date."""
    row: int = 0
    """Its row on the sheet; 0 before it stands there."""

    @property
    def is_open(self) -> bool:
        """Whether somebody at Google may still see it."""
        return self.ended is None and self.role != FILE

    def is_of(self, whom: str) -> bool:
        """Whether it is that person's."""
        return fold(self.whom) == fold(whom)


def new_key() -> str:
    """A key for the ids of a copy, from the system's randomness."""
    return secrets.token_hex(16)


def keys(snapshot: Snapshot) -> tuple[str, ...]:
    """The keys of all copies that were shared, each once, also of lines that say nothing else any more."""
    found: dict[str, None] = {}
    for grid in snapshot.grids:
        if grid.name == SHARED and (column := _columns(grid).get(_KEY)):
            found |= {text: None for row in range(2, grid.n_rows + 1) if (text := as_text(grid.cell(row, column)))}
    return tuple(found)


def is_base(grid: Grid) -> bool:
    """Whether it is the hidden sheet of a coach's copy, whatever it is called now."""
    return grid.cell(1, 1) == COPY_MARK


def refuse_copy(snapshot: Snapshot) -> None:
    """Raises UsageError for a coach's copy: it shows a tracker, and what is worked out from it anew would be wrong."""
    if any(map(is_base, snapshot.grids)):
        raise UsageError(
            f"{snapshot.location} is a coach's copy, not a tracker: name the tracker that it was made from. What your coach wrote "
            f"comes back with `sheetsync notes TRACKER --from {snapshot.location}`. Nothing was written."
        )


def has_shares(snapshot: Snapshot) -> bool:
    """Whether there is such a sheet at all: a quick look, before anything heavy is imported."""
    return any(grid.name == SHARED for grid in snapshot.grids)


def read_shares(snapshot: Snapshot) -> tuple[Share, ...]:
    """Every line of the sheet, in its order; lines without a name or a beginning are left out."""
    grid = _grid(snapshot)
    return tuple(_read(grid)) if grid is not None else ()


def hidden_last(snapshot: Snapshot) -> tuple[str, ...]:
    """What the last share hid beside what is hidden anyway; nothing before the first one."""
    return next((share.hide for share in reversed(read_shares(snapshot)) if not share.whole), ())


def add_share(reading: Reading, share: Share) -> Records:
    """One more line; the sheet is made if need be. Raises UsageError where a sheet of the person's has its name."""
    grid = _grid(reading.snapshot)
    if grid is None and any(each.name.casefold() == SHARED.casefold() for each in reading.snapshot.grids):
        raise UsageError(
            f"Sheet {SHARED!r} of {reading.snapshot.location} is yours, and sheetsync writes down there who may see what: give "
            "yours another name. Nothing was shared."
        )
    if grid is not None:
        cells = _cells(share)
        columns = _columns(grid)
        fresh = {name: grid.n_columns + 1 for name in (_KEY,) if name not in columns}
        columns |= fresh
        placed = {columns[name]: value for name, value in cells.items() if value is not None}
        edits = tuple(Edit(SHARED, 1, column, None, name) for name, column in fresh.items())
        return Records(edits=edits, appends=(Append(SHARED, (placed,)),))
    line = {place: value for place, value in enumerate(_cells(share).values(), start=1) if value is not None}
    return Records(new_sheets=(shared_sheet(),), appends=(Append(SHARED, (line,)),))


def end_shares(reading: Reading, shares: Sequence[Share], on: dt.date) -> Records:
    """The end of these, each a line that stands there."""
    return _with(reading, shares, "Ended", on)


def set_until(reading: Reading, share: Share, until: dt.date | None) -> Records:
    """Another last day for a line that stands there."""
    return _with(reading, [share], "Until", until)


def set_role(reading: Reading, share: Share, role: str) -> Records:
    """Another right for a line that stands there."""
    return _with(reading, [share], "Right", role)


def shared_sheet() -> Sheet:
    """The empty sheet."""
    looks = {
        place: ColumnLook(
            width=width, number_format=_DATE if name in _DATES else "", left=True, wants_date=name in _DATES
        )
        for place, (name, width) in enumerate(_COLUMNS, start=1)
    }
    looks[len(_COLUMNS) + 1] = ColumnLook(width=36, left=True, hidden=True)
    columns = tuple((name, None) for name in (*(name for name, _ in _COLUMNS), _KEY))
    table = TableArea("SharedWith", Area(1, 1, 2, len(columns)))
    return Sheet(SHARED, columns, looks, table=table, row_height=20, frozen=(1, 1), tab="log")


def _with(reading: Reading, shares: Sequence[Share], name: str, value: Value) -> Records:
    grid = _grid(reading.snapshot)
    if grid is None:
        return Records()
    column = _columns(grid)[name]
    return Records(edits=tuple(Edit(SHARED, each.row, column, grid.cell(each.row, column), value) for each in shares))


def _grid(snapshot: Snapshot) -> Grid | None:
    """The sheet; None if there is none, or another one of that name. Raises UsageError if a heading of it is missing."""
    grid = next((grid for grid in snapshot.grids if grid.name == SHARED), None)
    if grid is None or _COLUMNS[0][0] not in _columns(grid):
        return None
    missing = [name for name, _ in _COLUMNS if name not in _columns(grid)]
    if missing:
        raise UsageError(
            f"Sheet {SHARED!r} of {snapshot.location} has no column “{missing[0]}” in its first row any more: add that heading "
            "again."
        )
    return grid


def _columns(grid: Grid) -> dict[str, int]:
    found: dict[str, int] = {}
    for column in range(1, grid.n_columns + 1):
        found.setdefault(as_text(grid.cell(1, column)), column)
    return found


def _read(grid: Grid) -> Iterator[Share]:
    columns = _columns(grid)
    for row in range(2, grid.n_rows + 1):
        said = {name: grid.cell(row, columns[name]) for name, _ in _COLUMNS}
        texts = {name: as_text(value) for name, value in said.items()}
        key = as_text(grid.cell(row, columns[_KEY])) if _KEY in columns else ""
        since = _day(said["Since"])
        if not texts["Shared with"] or since is None:
            continue
        yield Share(
            texts["Shared with"],
            texts["Right"],
            texts["Where"],
            since,
            _day(said["Until"]),
            _names(texts["Also hidden"]),
            _names(texts["Also shown"]),
            only_due=texts["Rows"] == _DUE,
            whole=texts["Rows"] == _WHOLE,
            ended=_day(said["Ended"]),
            key=key,
            unread="" if _day(said["Until"]) else texts["Until"],
            row=row,
        )


def _cells(share: Share) -> dict[str, Value]:
    rows = _WHOLE if share.whole else _DUE if share.only_due else _ALL
    values: tuple[Value, ...] = (
        share.whom, share.role, share.until, share.where, "; ".join(share.hide) or None, "; ".join(share.show) or None,
        rows, share.since, share.ended, share.key or None,
    )  # fmt: skip
    return dict(zip((*(name for name, _ in _COLUMNS), _KEY), values, strict=True))


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _day(value: Value) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(as_text(value))
    except ValueError:
        return None

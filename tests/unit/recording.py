"""Small trackers in memory, and what tests of records do to them and see in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sheetsync.model import Grid, Value
from sheetsync.records.reading import Act, Records
from sheetsync.sheets.memory import MemorySource
from sheetsync.sync import Outcome, sync

TODAY = dt.date(2026, 11, 16)
HISTORY = ("Date", "Company", "Contact", "Direction", "Channel", "Step", "Note", "ID")


def rows_to_columns(rows: Sequence[Sequence[Value]]) -> tuple[tuple[Value, ...], ...]:
    return tuple(zip(*rows, strict=True))


def tracker(*rows: Sequence[Value], history: Sequence[Sequence[Value]] | None = ()) -> MemorySource:
    """Company, role, contact, status, applied on, interview on, paused until."""
    head = ("Company", "Role", "Contact", "Status", "Date applied", "Interview date", "Paused until")
    grids = [Grid("Jobs", rows_to_columns([head, *rows]))]
    if history is not None:
        grids.append(Grid("History", rows_to_columns([HISTORY, *history])))
    return MemorySource(grids)


def job(company: str, *, role: str = "Analyst", contact: str = "", status: str = "Applied") -> tuple[Value, ...]:
    return (company, role, contact, status, dt.date(2026, 11, 2), None, None)


def run(source: MemorySource, act: Act | None = None, *, today: dt.date | dt.datetime = TODAY) -> Outcome:
    return sync(source, as_of=today, act=act)


def logged(source: MemorySource) -> list[dict[str, Value]]:
    grid = source.read().grid("History")
    rows = [dict(zip(HISTORY, grid.row(row), strict=False)) for row in range(2, grid.n_rows + 1)]
    return [{key: value for key, value in row.items() if value is not None} for row in rows if any(row.values())]


def log_column(source: MemorySource, picks: Mapping[int, Value], dates: Mapping[int, Value] | None = None) -> None:
    """Give the tracker its Log columns and pick in them, as a person does."""
    run(source, lambda _: Records(owned={"log": {}, "log_date": {}}))
    owned = source.read().owned
    assert owned
    for key, values in (("log", picks), ("log_date", dates or {})):
        column = owned.columns[key]
        assert column
        for row, value in values.items():
            source.set("Jobs", row, column, value)


def cell(source: MemorySource, key: str, row: int) -> Value:
    snapshot = source.read()
    assert snapshot.owned
    column = snapshot.owned.columns[key]
    assert column
    return snapshot.grid("Jobs").cell(row, column)

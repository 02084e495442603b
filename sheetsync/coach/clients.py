"""The coach's list of clients: who they are, where their trackers stand, and when the next session is. Pure."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from sheetsync.errors import UsageError
from sheetsync.model import Grid, Problem, Snapshot, Value
from sheetsync.resources import read_toml
from sheetsync.settings import Settings
from sheetsync.sheets.google.address import is_google
from sheetsync.tracker.dates import read_dates_of
from sheetsync.tracker.text import as_text, fold, is_blank

_SEARCHED_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Client:
    """One client to look at."""

    name: str
    """"" where nobody named it: then its tracker does."""
    target: str
    """A path or a Google link; "" where the list names none."""
    sheet: str = ""
    """The only sheet that is meant; "" is every tracker in it."""
    next_session: dt.date | None = None
    last_session: dt.date | None = None
    listed: str = ""
    """Where the list names it, such as `Clients row 4`."""


def read_clients(
    snapshot: Snapshot, settings: Settings, *, folder: str, today: dt.date
) -> tuple[tuple[Client, ...], tuple[Problem, ...]]:
    """The clients that a list names, in its order, and what in it nobody could read.

    A relative path counts from `folder`. A next session that is over by `today` is the last one. A tracker that is named
    twice is a client once. Raises UsageError if no row is a header with a column for the trackers.
    """
    found = _find(snapshot)
    if found is None:
        raise UsageError(
            f"{snapshot.location} holds no list of clients: give it a row of headers with Name, Tracker (each client's file or "
            "Google link) and, if you like, Next session."
        )
    grid, header_row, columns = found
    problems: list[Problem] = []

    def values(key: str) -> Sequence[Value]:
        column = columns.get(key)
        cells = grid.columns[column - 1][header_row:] if column else ()
        return cells or [None] * (grid.n_rows - header_row)

    def days(key: str) -> list[dt.date | None]:
        read = read_dates_of(snapshot, settings, values(key))
        for position, message in read.unreadable.items():
            problems.append(Problem(grid.name, header_row + 1 + position, columns[key], message))
        told: list[dt.date | None] = read.dates.astype("datetime64[D]").astype(object).tolist()
        return told

    clients: list[Client] = []
    rows: dict[tuple[str, str], int] = {}
    texts = [[_text(value) for value in values(key)] for key in ("name", "target", "sheet")]
    lines = zip(*texts, days("next_session"), days("last_session"), strict=True)
    for row, (name, target, sheet, after, before) in enumerate(lines, start=header_row + 1):
        if not (name or target):
            continue
        place = _place(target, folder) if target else ""
        first = rows.setdefault((place, fold(sheet)), row)
        if first != row and target:
            told = f"It names the same tracker as row {first}, so it is counted once: take one of the two out."
            problems.append(Problem(grid.name, row, columns["target"], told))
            continue
        coming = after if after is not None and after >= today else None
        over = [day for day in (after, before) if day is not None and day < today]
        clients.append(Client(name, place, sheet, coming, max(over, default=None), f"{grid.name} row {row}"))
    return tuple(clients), tuple(problems)


def is_list(snapshot: Snapshot) -> bool:
    """Whether a spreadsheet reads as a list of clients: names or sessions beside trackers."""
    found = _find(snapshot)
    return found is not None and bool({"name", "next_session"} & found[2].keys())


def _find(snapshot: Snapshot) -> tuple[Grid, int, Mapping[str, int]] | None:
    """The sheet, the header's row and column by name: where most columns are known, the first of several alike."""
    best: tuple[Grid, int, Mapping[str, int]] | None = None
    for grid in snapshot.grids:
        for row in range(1, min(grid.n_rows, _SEARCHED_ROWS) + 1):
            columns: dict[str, int] = {}
            for column, value in enumerate(grid.row(row), start=1):
                key = _words().get(fold(value).rstrip(":? ")) if isinstance(value, str) else None
                if key:
                    columns.setdefault(key, column)
            if "target" in columns and not grid.hidden and (best is None or len(columns) > len(best[2])):
                best = grid, row, columns
    return best


@cache
def _words() -> Mapping[str, str]:
    columns: dict[str, list[str]] = read_toml("portfolio/clients.toml")["columns"]
    return {word: key for key, words in columns.items() for word in words}


def _text(value: Value) -> str:
    return "" if is_blank(value) else as_text(value).strip()


def _place(target: str, folder: str) -> str:
    """A target as the list means it: a path counts from the list's own folder."""
    if is_google(target) or "://" in target:
        return target
    return os.path.normpath(os.path.join(folder, os.path.expanduser(target)))  # noqa: PTH111, PTH118 - no Path needed

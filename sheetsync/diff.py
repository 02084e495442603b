"""What would change: the plan held against the sheet as it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final

from sheetsync.changes import Changes
from sheetsync.errors import ImprobableResultError, UsageError
from sheetsync.model import DATE_FIELDS, EXTRA_OWNED, OWNED, Grid, Layout, Plan, Problem, Snapshot, Tracker, Value
from sheetsync.records.reading import Records
from sheetsync.settings import Settings
from sheetsync.tracker.rows import picked
from sheetsync.words import column_words, follow_up_words

if TYPE_CHECKING:
    import pandas as pd

_NO_RECORDS: Final = Records()
_DATES: Final = frozenset({"next_contact", "contact_by"})
_EARLY: Final = dt.timedelta(days=3)
"""A contact this long before its planned day still counts as that contact."""


def diff(snapshot: Snapshot, layout: Layout, plan: Plan, settings: Settings, records: Records = _NO_RECORDS) -> Changes:
    """Hold `plan` against the sheet. Pure: nothing is written.

    A column that the person deleted stays deleted; a cell of ours that the person turned into a formula is theirs and
    stays, with a Problem. Rows of ours whose thread was emptied are emptied too. What `records` hold goes along.

    Raises UsageError if our columns stand on another sheet already.
    """
    grid = snapshot.grid(layout.sheet)
    owned = snapshot.owned
    if owned is not None and owned.sheet != layout.sheet and any(owned.columns.values()):
        raise UsageError(
            f"sheetsync's columns stand on sheet {owned.sheet!r} of {snapshot.location}: "
            f"leave out --sheet, or take them out first with `sheetsync remove`."
        )
    standing = owned.columns if owned is not None and owned.sheet == layout.sheet else {}
    keys = [key for key in OWNED if key in settings.columns and not (key in standing and standing[key] is None)]
    words = follow_up_words()

    threads = plan.frame.index.tolist()
    stale = _emptied_rows(grid, layout, standing, set(threads), set(words.values()))
    rows = threads + stale
    order: list[int] | None = None
    if stale:
        order = sorted(range(len(rows)), key=rows.__getitem__)
        rows = [rows[i] for i in order]

    before: dict[str, Sequence[Value]] = {}
    after: dict[str, Sequence[Value]] = {}
    problems: list[Problem] = []
    nothing: list[Value] = [None] * len(rows)
    for key in keys:
        planned = _cells(plan.frame, key, words) + [None] * len(stale)
        if order is not None:
            planned = [planned[i] for i in order]
        column = standing.get(key)
        if column is None:
            before[key], after[key] = nothing, planned
            continue
        standing_values = _as_written(_standing(grid, column, rows), key, snapshot)
        theirs = grid.formulas.get(column, frozenset())
        if theirs:
            for i, row in enumerate(rows):
                if row in theirs:
                    planned[i] = standing_values[i]
            problems.extend(
                Problem(
                    grid.name, row, column, "You turned this cell into a formula, so it is yours now and is left alone."
                )
                for row in rows
                if row in theirs
            )
        before[key], after[key] = standing_values, planned

    further = _further(grid, rows, standing, records, plan.frame)
    before.update({key: held for key, (held, _) in further.items()})
    after.update({key: new for key, (_, new) in further.items()})

    return Changes(
        sheet=layout.sheet,
        header_row=layout.header_row,
        first_row=layout.first_row,
        last_row=layout.last_row,
        version=snapshot.version,
        right=layout.right,
        rows=rows,
        before=before,
        after=after,
        headers=column_words(),
        add=tuple(key for key in (*keys, *further) if key not in standing),
        highlight=settings.highlight,
        words=words,
        date_like=date_column(layout),
        read_columns=tuple(sorted({*layout.columns.values(), *layout.touches})),
        dropdowns=records.dropdowns,
        edits=records.edits,
        appends=records.appends,
        new_sheets=records.new_sheets,
        problems=tuple(problems),
        as_of=plan.today,
    )


def refuse_improbable(changes: Changes, tracker: Tracker, plan: Plan, location: str) -> None:
    """Stop when most threads would lose their next date although nothing of theirs explains it.

    A loss is explained by an end, a pause, or a contact logged about when it was planned or later. What remains is a
    date column that vanished, a status nobody can read any more, a cadence edited to nothing. At least 5 threads, and
    more than half of those that had a next date, must be hit.

    Raises ImprobableResultError.
    """
    import pandas as pd

    if "next_contact" not in changes.before or "next_contact" in changes.add:
        return
    previous = dict(zip(changes.rows, changes.before["next_contact"], strict=True))
    dates = [day if type(day := previous.get(row)) is dt.date else None for row in plan.frame.index]
    had = pd.Series(pd.to_datetime(pd.Index(dates, dtype=object)), index=plan.frame.index)
    lost = had.notna() & plan.frame["next_contact"].isna()
    dated = int(had.notna().sum())
    if int(lost.sum()) < 5 or 2 * int(lost.sum()) <= dated:
        return
    latest = tracker.frame[[*DATE_FIELDS]].drop(columns=["contact_on", "decision_by", "due_on"]).max(axis=1)
    for contacts in (tracker.history, tracker.touches):
        if len(contacts):
            latest = pd.concat([latest, contacts.groupby("row")["on"].max().reindex(latest.index)], axis=1).max(axis=1)
    follow_up = plan.frame["follow_up"]
    explained = follow_up.isin(["Closed", "Paused", "Cold"]) | (plan.frame["stage"] == "saved")
    explained |= (follow_up == "Waiting") & (latest >= had - pd.Timedelta(_EARLY))
    unexplained = int((lost & ~explained).sum())
    if unexplained >= 5 and 2 * unexplained > dated:
        raise ImprobableResultError(location, unexplained, dated)


def _further(
    grid: Grid, rows: Sequence[int], standing: Mapping[str, int | None], records: Records, frame: pd.DataFrame
) -> dict[str, tuple[Sequence[Value], Sequence[Value]]]:
    """Our further columns that get other values: key -> what they hold, and what they are to hold."""
    found: dict[str, tuple[Sequence[Value], Sequence[Value]]] = {}
    for key in EXTRA_OWNED:
        place = standing.get(key)
        if key in records.owned and standing.get(key, 0) is not None:
            held = [None] * len(rows) if place is None else _standing(grid, place, rows)
            new = records.owned[key]
            found[key] = held, [new.get(row, old) for row, old in zip(rows, held, strict=True)]
        elif key == "draft" and place:
            held = _standing(grid, place, rows)
            left = _links_left(held, rows, frame, grid.formulas.get(place, frozenset()))
            if left != list(held):
                found[key] = held, left
    return found


def _links_left(
    held: Sequence[Value], rows: Sequence[int], frame: pd.DataFrame, theirs: AbstractSet[int]
) -> list[Value]:
    """The Draft column without its links to drafts that are not due any more; what the person typed there stays."""
    kept = {*frame.index[frame["follow_up"].isin(["Overdue", "Due"])].tolist(), *theirs}
    return [
        None if row not in kept and isinstance(value, str) and value.startswith("mailto:") else value
        for row, value in zip(rows, held, strict=True)
    ]


def _cells(frame: pd.DataFrame, key: str, words: Mapping[str, str]) -> list[Value]:
    """One computed column as cell values: str, int, date, None for an empty cell."""
    series = frame[key]
    if key in _DATES:
        days: list[Value] = series.to_numpy().astype("datetime64[D]").astype(object).tolist()
        return days
    if key == "days_overdue":
        missing = series.isna().tolist()
        return [None if gap else int(number) for number, gap in zip(series.tolist(), missing, strict=True)]
    texts = series.tolist()
    if key == "follow_up":
        return [words.get(text, text) or None for text in texts]
    return [text or None for text in texts]


def _standing(grid: Grid, column: int, rows: Sequence[int]) -> Sequence[Value]:
    """A column of ours as it stands, at those rows; a sheet may end before them."""
    if column > grid.n_columns or not rows or rows[-1] > grid.n_rows:
        return [grid.cell(row, column) for row in rows]
    return picked(grid.columns[column - 1], rows)


def _as_written(values: Sequence[Value], key: str, snapshot: Snapshot) -> list[Value]:
    """Cells of ours in the types we write, whatever another program made of their format."""
    types = set(map(type, values))
    if types <= {str, type(None)}:
        return [value or None for value in values]
    if types <= {dt.date, type(None)}:
        return list(values)
    if bool in types:
        return [_one_as_written(value, key, snapshot) for value in values]
    known = {value: _one_as_written(value, key, snapshot) for value in set(values)}
    return [known[value] for value in values]


def _one_as_written(value: Value, key: str, snapshot: Snapshot) -> Value:
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if key in _DATES and isinstance(value, int) and not isinstance(value, bool):
        epoch = dt.date(1904, 1, 1) if snapshot.epoch_1904 else dt.date(1899, 12, 30)
        if 0 < value < 2_958_466:
            return epoch + dt.timedelta(days=value)
    return None if value == "" else value


def _emptied_rows(
    grid: Grid, layout: Layout, standing: Mapping[str, int | None], threads: set[int], words: set[str]
) -> list[int]:
    """Rows that still show our words although everything of the person's in them is gone."""
    column = standing.get("follow_up")
    if column is None or column > grid.n_columns:
        return []
    ours = {c for c in standing.values() if c is not None}
    theirs = [c for c in range(1, max(layout.right, 1) + 1) if c not in ours]
    return [
        row
        for row, value in enumerate(grid.columns[column - 1], start=1)
        if row > layout.header_row
        and row not in threads
        and value in words
        and all(grid.cell(row, c) in (None, "") for c in theirs)
    ]


def date_column(layout: Layout) -> int | None:
    """The tracker's first column of real dates, whose format ours follow."""
    for name in DATE_FIELDS:
        if name in layout.columns and layout.date_order.get(name) in {"native", "mixed"}:
            return layout.columns[name]
    return None

"""Small trackers for tests of the cadence: rows as keywords, dates as "2 Nov" (2026) or ISO."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sheetsync.cadence.engine import plan
from sheetsync.cadence.profile import load_profile
from sheetsync.model import DATE_FIELDS, TEXT_FIELDS, Plan, Tracker
from sheetsync.settings import Settings
from sheetsync.tracker.history import DEBRIEF_ANSWERS

Row = Mapping[str, Any]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@functools.cache
def day(text: str) -> dt.date:
    """A day of 2026 ("2 Nov"), or an ISO date."""
    if "-" in text:
        return dt.date.fromisoformat(text)
    number, month = text.split()
    return dt.date(2026, MONTHS.index(month) + 1, int(number))


def moment(value: Any) -> Any:
    """A cell of a date column: "2 Nov", "2 Nov 16:00", a date, or None."""
    if not isinstance(value, str):
        return pd.NaT if value is None else pd.Timestamp(value)
    if ":" in value:
        date, time = value.rsplit(" ", 1)
        return pd.Timestamp(dt.datetime.combine(day(date), dt.time.fromisoformat(time)))
    return pd.Timestamp(day(value))


def tracker(
    *rows: Row,
    history: Sequence[Row] = (),
    debrief: Sequence[Row] = (),
    touches: Sequence[Row] = (),
    mapped: Sequence[str] = (),
    has_history: bool | None = None,
    unreadable: Mapping[tuple[int, str], str] | None = None,
) -> Tracker:
    """A tracker of some rows: the first is sheet row 2 unless it has a "row".

    A History, Debrief or touches row without "row" belongs to row 2. `mapped` adds columns to those that the rows use.
    """
    numbers = [row.get("row", place) for place, row in enumerate(rows, start=2)]
    index = pd.Index(numbers, name="row", dtype="int64")
    columns: dict[str, Any] = {}
    for name in TEXT_FIELDS:
        columns[name] = pd.Series([str(row.get(name, "")) for row in rows], index=index, dtype="str")
    for name in DATE_FIELDS:
        values = [moment(row.get(name)) for row in rows]
        columns[name] = pd.Series(values, index=index, dtype="datetime64[s]")
    stage_text = [str(row.get("stage_text", row.get("stage", ""))) for row in rows]
    columns["stage_text"] = pd.Series(stage_text, index=index, dtype="str")
    columns["stage_over"] = pd.Series([bool(row.get("stage_over")) for row in rows], index=index, dtype="bool")
    columns["kind_text"] = pd.Series([str(row.get("kind_text", "")) for row in rows], index=index, dtype="str")
    used = {name for row in rows for name in row if name in (*TEXT_FIELDS, *DATE_FIELDS)}
    used |= {name for _, name in unreadable or {}}
    letters = {name: place for place, name in enumerate(sorted(used | set(mapped)), start=1)}
    return Tracker(
        frame=pd.DataFrame(columns, index=index).sort_index(),
        history=_log(history, ("contact", "direction", "channel", "step", "note"), ("on",)),
        debrief=_log(debrief, ("people", "next_steps", "channel", *DEBRIEF_ANSWERS), ("decision_by",)),
        touches=_log(touches, (), ("on",)),
        mapped=frozenset(letters),
        has_history=bool(history) if has_history is None else has_history,
        sheet="Jobs",
        columns=letters,
        unreadable=unreadable or {},
    )


def _log(rows: Sequence[Row], texts: Sequence[str], dates: Sequence[str]) -> pd.DataFrame:
    columns: dict[str, Any] = {"row": pd.Series([row.get("row", 2) for row in rows], dtype="int64")}
    for name in dates:
        columns[name] = pd.Series([moment(row.get(name)) for row in rows], dtype="datetime64[s]")
    for name in texts:
        default = "out" if name == "direction" else ""
        columns[name] = pd.Series([str(row.get(name, default)) for row in rows], dtype="str")
    return pd.DataFrame(columns)


def planned(found: Tracker, as_of: str, *, profile: str = "balanced", **settings: Any) -> Plan:
    """The plan of a tracker as of a day."""
    return plan(found, load_profile(profile)[0], Settings(**settings), today=day(as_of))


def next_of(found: Tracker, as_of: str, *, row: int = 2, profile: str = "balanced", **settings: Any) -> dict[str, Any]:
    """What is next for one row; dates as `datetime.date`, absent values None."""
    line = planned(found, as_of, profile=profile, **settings).frame.loc[row]
    cells = {str(name): value for name, value in line.items()}
    for name in ("next_contact", "contact_by", "earliest"):
        cells[name] = None if pd.isna(cells[name]) else cells[name].date()
    cells["days_overdue"] = None if pd.isna(cells["days_overdue"]) else int(cells["days_overdue"])
    return cells


def one(as_of: str, *, history: Any = (), debrief: Any = (), **row: Any) -> dict[str, Any]:
    """What is next for a tracker of a single row, with its History and Debrief rows."""
    return next_of(tracker(row, history=history, debrief=debrief), as_of)

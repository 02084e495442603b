"""Threads that went cold, closed with the tracker's own word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sheetsync.model import DATE_FIELDS, Problem
from sheetsync.records.reading import Reading, Records
from sheetsync.records.stages import Ends
from sheetsync.tracker.text import as_text

if TYPE_CHECKING:
    from sheetsync.model import Plan, Tracker

_WANTED: Final = ("no_response", "withdrawn")
_WANTED_OF_A_DEAL: Final = ("no_response", "lost", "withdrawn")
DEALS: Final = frozenset({"proposal", "deadline", "checkin"})
"""Kinds of threads that are lost rather than refused."""
_TO_COME: Final = frozenset({"contact_on", "paused_until", "decision_by", "due_on", "start_on"})
"""Dates that say when something is planned, not that anything happened."""


@dataclass(frozen=True, slots=True)
class Cold:
    """A thread without an answer for too long."""

    row: int
    silent_days: int | None
    """How many days ago the last contact or event was; None if that is not known."""


def cold_threads(tracker: Tracker, plan: Plan, *, older: int | None) -> tuple[Cold, ...]:
    """The threads that `plan` calls Cold, the longest silent first; only those silent for `older` days, if given."""
    import pandas as pd

    rows = plan.frame.index[plan.frame["follow_up"] == "Cold"]
    today = pd.Timestamp(plan.today)
    events = tracker.frame.loc[rows, [name for name in DATE_FIELDS if name not in _TO_COME]]
    latest = events.where(events < today + pd.Timedelta(days=1)).max(axis=1)
    for contacts in (tracker.history, tracker.touches):
        if len(contacts):
            seen = contacts[contacts["on"] <= today].groupby("row")["on"].max().reindex(rows)
            latest = pd.concat([latest, seen], axis=1).max(axis=1)
    days = [None if pd.isna(day) else int((today - day.normalize()).days) for day in latest]
    found = [Cold(row, silent) for row, silent in zip(rows.tolist(), days, strict=True)]
    if older is not None:
        found = [cold for cold in found if cold.silent_days is not None and cold.silent_days >= older]
    return tuple(sorted(found, key=lambda cold: (-(cold.silent_days or 0), cold.row)))


def sweep(reading: Reading, *, older: int | None) -> Records:
    """Close every cold thread: its status becomes the tracker's own word for "no response, and that is the end".

    A thread that cannot be closed stays as it is, with a Problem.
    """
    plan, ends = reading.plan(), Ends(reading)
    kinds = plan.frame["kind"]
    outcomes = [
        ends.close(cold.row, _WANTED_OF_A_DEAL if kinds.loc[cold.row] in DEALS else _WANTED)
        for cold in cold_threads(reading.tracker, plan, older=older)
    ]
    problems = tuple(outcome for outcome in outcomes if isinstance(outcome, Problem))
    edits = tuple(outcome for outcome in outcomes if not isinstance(outcome, Problem))
    told = tuple(
        f"Closed row {edit.row}, {name_of(reading, edit.row)}: “{as_text(edit.before)}” became “{edit.after}”."
        for edit in edits
    )
    return Records(edits=edits, told=told, problems=problems)


def name_of(reading: Reading, row: int) -> str:
    """What a person calls the thread: its company, else its contact, else its role."""
    thread = reading.tracker.frame.loc[row]
    return next((str(thread[name]) for name in ("company", "contact", "role") if thread[name]), "without a name")

"""The threads of a tracker and what is next for each, as plain values: for lists, for programs, between processes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sheetsync.model import FOLLOW_UPS, Problem, column_letter

if TYPE_CHECKING:
    from sheetsync.cadence.contacts import Contact
    from sheetsync.model import Plan, Tracker


@dataclass(frozen=True, slots=True)
class Thread:
    """One row of the tracker and what is next for it. Absent values are None."""

    row: int
    company: str | None
    role: str | None
    contact: str | None
    kind: str | None
    stage: str | None
    next_contact: dt.date | None
    contact_by: dt.date | None
    action: str | None
    channel: str | None
    follow_up: str | None
    days_overdue: int | None
    why: str | None
    next_action: str | None
    rank: int


def threads(tracker: Tracker, plan: Plan, rows: Iterable[int]) -> tuple[Thread, ...]:
    """The threads of those sheet rows, in that order."""
    import pandas as pd

    wanted = pd.Index(rows)
    seen = tracker.frame.loc[wanted, ["company", "role", "contact"]]
    next_ = plan.frame.loc[wanted]
    dates = {
        key: [None if day is pd.NaT else day.date() for day in next_[key]] for key in ("next_contact", "contact_by")
    }
    overdue = [None if gap else int(days) for days, gap in zip(next_["days_overdue"], next_["days_overdue"].isna())]  # noqa: B905
    texts = {
        key: [text or None for text in next_[key].tolist()]
        for key in ("kind", "stage", "action", "channel", "follow_up", "why", "next_action")
    } | {key: [text or None for text in seen[key].tolist()] for key in seen.columns}
    columns = {"row": wanted.tolist(), "rank": next_["rank"].tolist(), "days_overdue": overdue, **texts, **dates}
    return tuple(Thread(**dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True))


def due_now(plan: Plan) -> list[int]:
    """The rows whom to contact now, the most pressing first (cadence section 5)."""
    frame = plan.frame
    now = frame[frame["follow_up"].isin(["Overdue", "Due"]) & (frame["rank"] > 0)]
    return [int(row) for row in now.sort_values("rank").index]


def upcoming(plan: Plan, *, until: dt.date | None = None) -> list[int]:
    """The rows that begin later, the soonest first; with `until` those that begin by that day."""
    frame = plan.frame
    soon = frame[frame["follow_up"] == "Upcoming"]
    if until is not None:
        soon = soon[soon["next_contact"].dt.date <= until]
    return [int(row) for row in soon.sort_values(["next_contact", "contact_by", "rank"], kind="stable").index]


def counts(plan: Plan) -> dict[str, int]:
    """How many threads have each follow-up word, every word of cadence section 1 named."""
    found = plan.frame["follow_up"].value_counts()
    return {word: int(found.get(word, 0)) for word in FOLLOW_UPS if word}


def letters(columns: Mapping[str, int]) -> dict[str, str]:
    """Field -> column letters, in sheet order."""
    return {name: column_letter(column) for name, column in sorted(columns.items(), key=lambda item: item[1])}


# JSON


def thread_json(thread: Thread) -> dict[str, Any]:
    """One thread, as `sync --json` has it."""
    return {
        "row": thread.row,
        "company": thread.company,
        "role": thread.role,
        "contact": thread.contact,
        "kind": thread.kind,
        "stage": thread.stage,
        "next_contact": iso(thread.next_contact),
        "contact_by": iso(thread.contact_by),
        "action": thread.action,
        "channel": thread.channel,
        "follow_up": thread.follow_up,
        "days_overdue": thread.days_overdue,
        "why": thread.why,
    }


def contact_json(contact: Contact) -> dict[str, Any]:
    """One contact of a thread's history, absent values null."""
    return {
        "on": iso(contact.on),
        "direction": contact.direction,
        "contact": contact.contact or None,
        "channel": contact.channel or None,
        "step": contact.step or None,
        "note": contact.note or None,
    }


def problem_json(problem: Problem) -> dict[str, Any]:
    """One problem, its column in letters."""
    column = column_letter(problem.column) if problem.column else None
    return {"sheet": problem.sheet, "row": problem.row, "column": column, "message": problem.message}


def iso(value: dt.date | None) -> str | None:
    """A date for programs."""
    return value.isoformat() if value else None

"""What a coach's copy says of the follow-ups, where it stands in for the tracker: its dates, as of today. Pure.

A copy holds neither the history nor the debriefs, so a plan made from it anew would know of no message that was sent. What the
client's own sync wrote stands in it, and counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pandas as pd

from sheetsync.coach.base import Base
from sheetsync.model import Plan, Value
from sheetsync.tracker.text import as_text
from sheetsync.words import column_words, follow_up_words

if TYPE_CHECKING:
    from sheetsync.sync import Proposal

_DATED: Final = ("Overdue", "Due", "Upcoming")


def as_shared(proposal: Proposal, base: Base, *, today: dt.date) -> Plan:
    """The plan of a copy on a day: what was shared, and Overdue, Due, Upcoming or Cold by the dates that it shows.

    A row that the copy does not know, and a copy without our columns, is planned as any other.
    """
    words = column_words()
    frame = proposal.plan.frame.copy()
    found = dict(zip(proposal.tracker.frame.index.tolist(), proposal.tracker.frame["id"].tolist(), strict=True))
    cold = proposal.settings.cold_after
    cold_after = dt.timedelta(days=proposal.profile.cold_after if cold is None else cold)
    for row, identity in found.items():
        cells = base.cells.get(identity, {})
        if words["follow_up"] not in cells:
            continue
        start, until = (_day(cells.get(words[key])) for key in ("next_contact", "contact_by"))
        word = _word(as_text(cells[words["follow_up"]]))
        if word in _DATED and start is not None and until is not None:
            word = _standing(start, until, today, cold_after)
        late = (today - until).days if word == "Overdue" and until is not None else pd.NA
        for key, day in (("next_contact", start), ("contact_by", until)):
            frame.loc[row, key] = pd.NaT if day is None else pd.Timestamp(day)
        for key, text in (("follow_up", word), ("action", "")):
            frame.loc[row, key] = text
        frame.loc[row, "days_overdue"] = late
        for key in ("next_action", "why"):
            frame.loc[row, key] = as_text(cells.get(words[key]))
    return replace(proposal.plan, frame=_ranked(frame), today=today)


def _standing(start: dt.date, until: dt.date, today: dt.date, cold_after: dt.timedelta) -> str:
    if today - until > cold_after:
        return "Cold"
    return "Overdue" if today > until else "Due" if today >= start else "Upcoming"


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """What is to be done now by the newest window first, then what comes, the soonest first; the rest has no rank."""
    now = frame[frame["follow_up"].isin(["Overdue", "Due"])]
    soon = frame[frame["follow_up"] == "Upcoming"]
    order = [
        *now.sort_values(["next_contact", "contact_by"], ascending=False, kind="stable").index,
        *soon.sort_values(["next_contact", "contact_by"], kind="stable").index,
    ]
    ranks = pd.Series(range(1, len(order) + 1), index=order, dtype="int64")
    return frame.assign(rank=ranks.reindex(frame.index, fill_value=0))


def _word(shown: str) -> str:
    """The English word for what a sheet shows; "" for anything else."""
    meant: Mapping[str, str] = {word: english for english, word in follow_up_words().items()}
    return meant.get(shown, "")


def _day(value: Value) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value if isinstance(value, dt.date) else None

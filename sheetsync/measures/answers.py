"""How far threads have come, who answers, and how soon. Small numbers are told as they are: "2 of 3", never a bare rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.threads import CHECKIN, DEADLINE, read_threads
from sheetsync.measures.messages import messages

if TYPE_CHECKING:
    from sheetsync.model import Tracker

REACHED: Final = ("listed", "sent", "answered", "met", "offered", "accepted")
"""The funnel's steps."""
_MET: Final = ("interview_on", "interview_2_on", "interview_3_on")
_NOT_SENT: Final = ("saved", "on_hold", "unknown", "")
_BY_STAGE: Final = {
    "answered": ("screen", "assessment", "interview", "offer", "accepted", "declined", "rejected", "replied", "meeting",
                 "won", "lost"),
    "met": ("interview", "screen", "meeting", "offer", "accepted", "declined", "won"),
    "offered": ("offer", "accepted", "declined", "won"),
    "accepted": ("accepted", "won"),
}  # fmt: skip
"""What a status alone tells. A refusal is an answer; "declined" is an offer that the person did not take."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How many of some threads or messages were answered, and how soon."""

    name: str
    """The channel or source; "" where the sheet does not say."""
    asked: int
    answered: int
    days: tuple[int, ...] = ()
    """From asking to the answer, ascending; of those answers whose day is known."""

    @property
    def rate(self) -> float | None:
        """Answered of asked, 0..1; None where nobody was asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def median_days(self) -> float | None:
        """The middle of `days`; None where no answer has a day."""
        return float(median(self.days)) if self.days else None


def funnel(tracker: Tracker, *, today: dt.date) -> dict[str, int]:
    """How many threads have come so far, by `REACHED`; whoever came further counts for what is before as well.

    listed: every thread but tasks and check-ins. sent: an application, a proposal or any message went out, or the status
    says so. answered: any word of theirs, a refusal too, an invitation too. met: a meeting, call or interview took place.
    offered: an offer, or a deal won. accepted: the offer taken, or the deal won.
    """
    listed, reached = _listed(tracker), _reached(tracker, today)
    return {"listed": int(listed.sum()), **{name: int((flags & listed).sum()) for name, flags in reached.items()}}


def answers_by_source(tracker: Tracker, *, today: dt.date) -> tuple[Answers, ...]:
    """Threads that were sent, by their `source` (however it is capitalised), and how many were answered; most asked first.

    An answer's days count from `applied_on`, else from the first message out, to their first message or, where none is
    known, to the first meeting.
    """
    frame = tracker.frame
    spelled = frame["source"].str.strip()
    shown = spelled.groupby(spelled.str.casefold()).agg(_commonest)
    named = spelled.str.casefold().map(shown).astype("object")
    return _grouped(named, *_threads(tracker, today))


def answers(tracker: Tracker, *, today: dt.date) -> Answers:
    """All threads that were sent, and how many were answered; see `answers_by_source`."""
    sent, answered, days = _threads(tracker, today)
    found = _grouped(pd.Series("", index=sent.index, dtype="object"), sent, answered, days)
    return found[0] if found else Answers("", 0, 0)


def answers_by_channel(tracker: Tracker, *, today: dt.date) -> tuple[Answers, ...]:
    """Messages out, by their channel, and how many were answered; most used first.

    A message is answered by the first message of theirs on its thread, on its day or later, if no other message went out
    before that. The messages of one day over one channel on one thread are one. An application that was merely sent in is
    none of them. A reply that the sheet dates on the day of the message counts as its answer, after 0 days.
    """
    known = messages(tracker)
    known = known[known["on"] <= pd.Timestamp(today)]
    out = known[known["out"]].drop_duplicates(["row", "on", "channel"])
    replies = known[~known["out"]].drop_duplicates(["row", "on"])[["row", "on"]].rename(columns={"on": "reply"})
    after = out[["row", "on"]].drop_duplicates().rename(columns={"on": "next"}).sort_values("next")
    out = out.sort_values("on")
    if not len(out):
        return ()
    first = pd.merge_asof(
        out, replies.sort_values("reply"), left_on="on", right_on="reply", by="row", direction="forward"
    )
    first = pd.merge_asof(
        first, after, left_on="on", right_on="next", by="row", direction="forward", allow_exact_matches=False
    )
    answered = first["reply"].notna() & ~(first["next"] <= first["reply"])
    days = (first["reply"] - first["on"]).dt.days.where(answered).astype("float64")
    return _grouped(first["channel"], pd.Series(data=True, index=first.index), answered, days)


def last_touch(tracker: Tracker, *, today: dt.date) -> dt.date | None:
    """The last day on which the person did anything for any thread: wrote, called, applied. None if no day is known."""
    known = messages(tracker)
    days = pd.concat([known.loc[known["out"], "on"], tracker.frame["applied_on"]])
    days = days[days < pd.Timestamp(today) + pd.Timedelta(days=1)]
    return days.max().date() if len(days) else None


def _threads(tracker: Tracker, today: dt.date) -> tuple[pd.Series[bool], pd.Series[bool], pd.Series[float]]:
    """Of every thread: whether it was sent, whether it was answered, and after how many days (NaN if not known)."""
    frame = tracker.frame
    end = pd.Timestamp(today) + pd.Timedelta(days=1)
    reached = _reached(tracker, today)
    known = messages(tracker)
    known = known[known["on"] < end]
    first_out = known[known["out"]].groupby("row")["on"].min().reindex(frame.index)
    asked = frame["applied_on"].dt.normalize().fillna(first_out)
    asked = asked.where(asked < end)
    replies = known[~known["out"]]
    replies = replies[replies["on"] >= asked.reindex(replies["row"]).to_numpy()]
    replied = replies.groupby("row")["on"].min().reindex(frame.index)
    met = frame[[*_MET]].min(axis=1).dt.normalize()
    days = (replied.fillna(met.where((met < end) & (met >= asked))) - asked).dt.days
    listed = _listed(tracker)
    return reached["sent"] & listed, reached["answered"] & listed, days


def _listed(tracker: Tracker) -> pd.Series[bool]:
    """Which rows are threads with somebody: no tasks and check-ins, but jobs whose deadline is still to come."""
    threads = read_threads(tracker)
    tasks = threads.is_kind(DEADLINE, CHECKIN) & ~threads.is_stage("saved", "assessment")
    return pd.Series(~tasks, index=tracker.frame.index)


def _reached(tracker: Tracker, today: dt.date) -> dict[str, pd.Series[bool]]:
    """Which threads have reached each of `REACHED` but the first."""
    frame = tracker.frame
    end = pd.Timestamp(today) + pd.Timedelta(days=1)
    known = messages(tracker)
    known = known[known["on"] < end]
    stage = frame["stage"]
    wrote, heard = (frame.index.isin(known.loc[known["out"] == out, "row"]) for out in (True, False))
    met = (frame[[*_MET]] < end).any(axis=1)
    own: dict[str, pd.Series[bool]] = {
        "sent": (frame["applied_on"] < end) | wrote | ~stage.isin(_NOT_SENT),
        "answered": stage.isin(_BY_STAGE["answered"]) | heard,
        "met": met | stage.isin(_BY_STAGE["met"]),
        "offered": stage.isin(_BY_STAGE["offered"]),
        "accepted": stage.isin(_BY_STAGE["accepted"]),
    }
    reached: dict[str, pd.Series[bool]] = {}
    further = pd.Series(data=False, index=frame.index)
    for name, flags in reversed(own.items()):
        further = further | flags
        reached[name] = further
    return dict(reversed(reached.items()))


def _grouped(
    names: pd.Series[str], asked: pd.Series[bool], answered: pd.Series[bool], days: pd.Series[float]
) -> tuple[Answers, ...]:
    """Counted by name, the most asked first, then by name; nameless ones last."""
    found = []
    for name, index in names[asked].groupby(names[asked]).groups.items():
        group = days.loc[index][answered.loc[index]].dropna()
        found.append(
            Answers(str(name), len(index), int(answered.loc[index].sum()), tuple(sorted(int(day) for day in group)))
        )
    return tuple(sorted(found, key=lambda one: (not one.name, -one.asked, one.name.casefold())))


def _commonest(spellings: Sequence[str]) -> str:
    """The spelling that stands there most often, of two such the first by the alphabet."""
    counted = pd.Series(spellings).value_counts()
    return str(np.sort(counted.index[counted == counted.max()].to_numpy(dtype=object))[0])

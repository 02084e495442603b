"""A tracker as it was known on an earlier day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.measures.messages import messages

if TYPE_CHECKING:
    from sheetsync.model import Tracker

_MET: Final = ("interview_on", "interview_2_on", "interview_3_on")
_ENDS: Final = ("offer", "accepted", "declined", "withdrawn", "rejected", "no_response", "won", "lost")
_BUSINESS: Final = ("won", "lost")
_LATER: Final = ("applied_on", "last_contact", "reply_on")
_TIME: Final = "datetime64[s]"


def past(tracker: Tracker, day: dt.date) -> Tracker:
    """The tracker as it was known at the end of `day`: what came later is left out.

    Left out are messages of a later day (History, past reminders, `last_contact`, `reply_on`), a later `applied_on`, and
    rows that had not begun: those applied for later, without a message or a meeting before. A status that came later is
    taken back: an offer or an end whose `reply_on` (without one, the row's newest message) is later, and "replied" to a
    later reply; the row's dates then say what it was, as they do for a row without a status.

    What a spreadsheet does not keep cannot be known, and stays as it is today: interviews and meetings to come,
    deadlines, dates that were set and pauses (all of them known ahead, as a rule), an end without any date, the people,
    the debriefs, and rows and cells that were deleted. Of a `last_contact` that is later the one before is not known
    either; only History has them all.
    """
    return Pasts(tracker).on(day)


class Pasts:
    """The pasts of one tracker: what they share is worked out once."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        frame = tracker.frame
        known = messages(tracker).groupby("row")["on"].agg(["min", "max"]).reindex(frame.index)
        dates = {name: frame[name].to_numpy(dtype=_TIME) for name in (*_LATER, *_MET)}
        met = np.fmin.reduce([dates[name] for name in _MET])
        stage = frame["stage"]
        self._dates = {name: dates[name] for name in _LATER}
        self._stage = stage.to_numpy(dtype=object)
        self._is_end, self._is_reply = stage.isin(_ENDS).to_numpy(), (stage == "replied").to_numpy()
        reply, newest = dates["reply_on"], known["max"].to_numpy(dtype=_TIME)
        self._ended = np.where(np.isnat(reply), newest, reply)
        self._begun = np.fmin(known["min"].to_numpy(dtype=_TIME), met)
        # What a status was before: a deal was a proposal, a proposal not yet sent a meeting if there was one.
        self._before_end = np.where(stage.isin(_BUSINESS), "proposal", "").astype(object)
        self._before_sending = np.where(np.isnat(met), "", "meeting").astype(object)

    def on(self, day: dt.date) -> Tracker:
        """The tracker as it was known at the end of a day; see `past`."""
        tracker, frame = self._tracker, self._tracker.frame
        end = np.datetime64(day, "s") + np.timedelta64(1, "D")
        later = {name: dates >= end for name, dates in self._dates.items()}
        unsent, ended = later["applied_on"], self._is_end & (self._ended >= end)
        there = ~unsent | (self._begun < end)
        changed = frame.copy(deep=False)
        for name, flags in later.items():
            if flags.any():
                changed[name] = np.where(flags, np.datetime64("NaT", "s"), self._dates[name])
        before = np.where(ended, self._before_end, self._stage)
        before[self._is_reply & later["reply_on"]] = "contacted"
        before = np.where(unsent & (before == "proposal"), self._before_sending, before)
        before[unsent & (before == "applied")] = ""
        if (before != self._stage).any():
            changed["stage"] = pd.array(before, dtype="str")
            changed["stage_over"] = frame["stage_over"].to_numpy() & ~ended
        if not there.all():
            changed = changed[there]
        return replace(
            tracker,
            frame=changed,
            history=_until(tracker.history, end),
            touches=_until(tracker.touches, end),
            unreadable={place: text for place, text in tracker.unreadable.items() if place[0] in changed.index},
        )


def _until(log: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """A log's rows before a moment; those without a date stay."""
    later = log["on"].to_numpy(dtype=_TIME) >= end
    return log[~later] if later.any() else log

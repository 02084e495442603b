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
        known = messages(tracker)
        newest = known.groupby("row")["on"].max().reindex(frame.index)
        oldest = known.groupby("row")["on"].min().reindex(frame.index)
        met = frame[[*_MET]].min(axis=1)
        self._ended = frame["reply_on"].fillna(newest)
        self._begun = pd.concat([oldest, met], axis=1).min(axis=1)

    def on(self, day: dt.date) -> Tracker:
        """The tracker as it was known at the end of a day; see `past`."""
        tracker, frame = self._tracker, self._tracker.frame
        end = np.datetime64(day, "D") + np.timedelta64(1, "D")
        unsent = (frame["applied_on"] >= end).to_numpy()
        there = ~(unsent & ~(self._begun < end).to_numpy())
        stage = frame["stage"]
        ended = (stage.isin(_ENDS) & (self._ended >= end)).to_numpy()
        answered = ((stage == "replied") & (frame["reply_on"] >= end)).to_numpy()
        met = frame[[*_MET]].notna().any(axis=1).to_numpy()
        changed = frame.copy(deep=False)
        for name in ("applied_on", "last_contact", "reply_on"):
            changed[name] = frame[name].where(frame[name] < end)
        before = stage.mask(ended, np.where(stage.isin(_BUSINESS), "proposal", ""))
        before = before.mask(answered, "contacted")
        before = before.mask((before == "proposal").to_numpy() & unsent, np.where(met, "meeting", ""))
        before = before.mask((before == "applied").to_numpy() & unsent, "")
        changed["stage"] = before.astype("str")
        changed["stage_over"] = frame["stage_over"] & ~ended
        changed = changed[there]
        return replace(
            tracker,
            frame=changed,
            history=_until(tracker.history, end),
            touches=_until(tracker.touches, end),
            unreadable={(row, name): text for (row, name), text in tracker.unreadable.items() if row in changed.index}
            if tracker.unreadable
            else {},
        )


def _until(log: pd.DataFrame, end: np.datetime64) -> pd.DataFrame:
    """A log's rows before a moment; those without a date stay."""
    return log[~(log["on"] >= end).to_numpy()] if len(log) else log

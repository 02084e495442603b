"""What was left undone after interviews: thank-yous that were not sent, and debriefs that were not written."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np

from sheetsync.cadence.arrays import among
from sheetsync.cadence.engine import work_out
from sheetsync.cadence.outcome import rule_ids
from sheetsync.cadence.threads import APPLICATION, CLOSED, INTERVIEW, INTERVIEWS, MEETING, OFFER, read_threads
from sheetsync.tracker.history import DEBRIEF_ANSWERS

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings

RECENT: Final = dt.timedelta(weeks=12)
"""What lies further back is let be."""
_THANKS: Final = ("interview.thank_you", "meeting.thank_you")


def thank_yous_missed(tracker: Tracker, profile: Profile, settings: Settings, *, today: dt.date) -> tuple[int, ...]:
    """The rows whose newest interview or meeting, of the last twelve weeks, went without its thank-you in time.

    That is: its last day has passed and not everybody was thanked, whether it may still be sent or the cadence has gone on
    without it (rules interview.thank_you and meeting.thank_you). Costs as much as a plan.
    """
    work = work_out(tracker, profile, settings, today=today)
    threads, choice, outcome = work.situation.threads, work.choice, work.outcome
    late = np.isin(rule_ids(work.situation, choice, outcome), _THANKS) & np.isin(outcome.follow_up, ("Overdue", "Cold"))
    gone = choice.progress.missed & threads.is_kind(INTERVIEW, MEETING) & (threads.state != CLOSED)
    recent = threads.interview >= np.datetime64(today - RECENT, "D")
    rows: list[int] = tracker.frame.index.to_numpy()[(late | gone) & recent].tolist()
    return tuple(rows)


def interviews_without_debrief(tracker: Tracker, *, today: dt.date) -> tuple[int, ...]:
    """The rows with an interview in the last twelve weeks, today included, whose Debrief answers nothing yet.

    Only rows that are still going on: not those that were refused, declined, withdrawn or taken. A Debrief row that holds
    but the people, as it is made the day before, answers nothing. Meetings in business and people met ask for none.
    """
    frame = tracker.frame
    threads = read_threads(tracker)
    first, last = np.datetime64(today - RECENT, "D"), np.datetime64(today, "D")
    recent = np.zeros(len(frame), dtype=bool)
    for name in INTERVIEWS:
        recent |= (threads.days[name] >= first) & (threads.days[name] <= last)
    going_on = among(threads.shown_kind, (INTERVIEW, APPLICATION, OFFER)) & (threads.state != CLOSED)
    debrief = tracker.debrief
    answered = debrief[(debrief[[*DEBRIEF_ANSWERS, "next_steps"]] != "").any(axis=1)]["row"] if len(debrief) else ()
    rows: list[int] = frame.index[recent & going_on & ~frame.index.isin(answered)].tolist()
    return tuple(rows)

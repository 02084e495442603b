"""From a chosen step to what the sheet shows: pauses and gaps, the follow-up word, days overdue, the rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import DayArray, Flags, Ints, Texts, among, texts
from sheetsync.cadence.gap import Spaced, keep_apart
from sheetsync.cadence.progress import NO_STEP
from sheetsync.cadence.steps import (
    CLOSING,
    CLOSING_REPLY,
    DATED,
    DECISION,
    ELSEWHERE,
    HELD,
    NEEDS,
    NOT_BEGUN,
    OVER,
    REPLY,
    SET,
    STRANGE,
    WAITING,
    Choice,
)
from sheetsync.cadence.threads import APPLICATION, DEADLINE, MEETING, NETWORKING

if TYPE_CHECKING:
    from sheetsync.cadence.ladder import Situation

_RANKS: Final = (
    ("offer.", 1), ("acceptance.", 1), ("reply.", 2), ("rejection.", 3), ("interview.thank_you", 3),
    ("meeting.thank_you", 3), ("decision.", 5), ("interview.", 6), ("networking.connect", 7), ("networking.promise", 8),
    ("proposal.", 9), ("project.", 10), ("application.", 11),
)  # fmt: skip
"""How pressing a rule is (cadence section 5): offer, reply, thank-you, a date they set, decision passed, interview,
meeting and networking, promise, proposal, project, application. An acceptance is an offer, a rejection a thank-you."""
LAST_DAY: Final = np.datetime64("9999-12-20", "D")
_SET_RANK, _PEOPLE_RANK, _WITHDRAW_RANK = 4, 7, 11


@dataclass(frozen=True, slots=True)
class Outcome:
    """What every row shows. `paused_from` is where from stood before the gap and after the pause."""

    earliest: DayArray
    start: DayArray
    until: DayArray
    paused_from: DayArray
    paused: Flags
    """The pause moved from."""
    on_pause: Flags
    """The pause is still running."""
    spaced: Spaced
    follow_up: Texts
    days_overdue: Ints
    """0 unless Overdue."""
    withdraw: Flags
    """An application that an accepted job has ended: it is withdrawn, not declined."""


def outcome(situation: Situation, choice: Choice, *, min_gap: int) -> Outcome:
    """Move the dates for pauses and gaps, and say what they mean today.

    A pause moves from to its end even after it is over, so that the end of a pause makes nothing overdue at once; a
    later touch counts from itself and is not moved. A paused thread whose step has not begun shows Paused.
    """
    threads, today, dated = situation.threads, situation.today, choice.dated
    pause = threads.days["paused_until"]
    end = situation.calendar.roll(pause)
    movable = among(choice.level, DATED) & ~among(choice.level, (CLOSING, CLOSING_REPLY))
    paused = movable & (end > dated.start)
    start = np.where(paused, end, dated.start)
    until = np.where(paused & (dated.until < start), situation.calendar.next_working(start), dated.until)
    # A typing slip such as the year 9999 must not lead out of the calendar.
    start, until = np.minimum(start, LAST_DAY), np.minimum(until, LAST_DAY)
    spaced = keep_apart(situation, choice.level, dated, start=start, until=until, gap=min_gap)
    early = np.array([step.early for step in situation.profile.steps] + [False])[dated.step]
    earliest = np.where(early & ~paused, np.fmin(dated.base, spaced.start), spaced.start)

    late = today > spaced.until
    cold = today - spaced.until > situation.cold_after
    stepped = np.select([cold, late, spaced.start <= today], ["Cold", "Overdue", "Due"], "Upcoming")
    waiting = np.where(today - choice.since > situation.cold_after, "Cold", "Waiting")
    level = choice.level
    follow_up = np.select(
        [among(level, DATED), level == WAITING, level == HELD, level == OVER, among(level, (NEEDS, STRANGE))],
        [stepped, waiting, "Paused", "Closed", "Needs info"],
        "",
    ).astype(object)
    on_pause = (pause > today) & (movable | among(level, (WAITING, NEEDS, NOT_BEGUN)))
    follow_up[on_pause] = "Paused"
    overdue = follow_up == "Overdue"
    days = np.where(overdue, (today - spaced.until).astype(np.int64), 0)
    withdraw = (choice.accepted_by >= 0) & among(level, (ELSEWHERE, NEEDS)) & threads.is_kind(APPLICATION, DEADLINE)
    return Outcome(earliest, spaced.start, spaced.until, start, paused, on_pause, spaced, follow_up, days, withdraw)


def rank(situation: Situation, choice: Choice, found: Outcome) -> Ints:
    """The order of what is due (cadence section 5), the newest window first; then what is to come, the soonest first.

    1 is first, 0 is nothing to do. Ties go by company, role and contact, never by the row's number alone.
    """
    due = np.isin(found.follow_up, ("Overdue", "Due"))
    soon = found.follow_up == "Upcoming"
    at = np.flatnonzero(due | soon)
    result = np.zeros(len(due), dtype=np.int64)
    if not len(at):
        return result
    pressing = _pressing(situation, choice, found)[at]
    start, until = found.start[at].astype(np.int64), found.until[at].astype(np.int64)
    now = due[at]
    names = [
        pd.factorize(texts(situation.tracker.frame, name)[at], sort=True)[0] for name in ("contact", "role", "company")
    ]
    order = np.lexsort((
        *names,
        np.where(now, -until, pressing),
        np.where(now, -start, until),
        np.where(now, pressing, start),
        ~now,
    ))  # fmt: skip
    result[at[order]] = np.arange(1, len(at) + 1)
    return result


def pressing(rule: str) -> int:
    """How pressing a rule is by itself, 1 the most; behind all others where there is none."""
    return next((number for prefix, number in _RANKS if rule.startswith(prefix)), len(_RANKS) + 1)


def _pressing(situation: Situation, choice: Choice, found: Outcome) -> Ints:
    rules = [pressing(step.rule) for step in situation.profile.steps]
    order = np.array([*rules, 0], dtype=np.int64)[choice.dated.step]
    people = situation.threads.is_kind(MEETING, NETWORKING)
    proposals = [number for number, step in enumerate(situation.profile.steps) if step.rule.startswith("proposal.")]
    order[people & among(choice.dated.step, proposals)] = _PEOPLE_RANK
    order[choice.level == SET] = _SET_RANK
    order[among(choice.level, (REPLY, CLOSING_REPLY))] = 2
    order[choice.level == DECISION] = 5
    order[found.withdraw] = _WITHDRAW_RANK
    return order


def rule_ids(situation: Situation, choice: Choice, found: Outcome) -> Texts:
    """The rule of each row's step; empty where there is none. Withdrawing an application has no rule of its own."""
    rules = np.array([*(step.rule for step in situation.profile.steps), ""], dtype=object)[choice.dated.step]
    rules[found.withdraw | (choice.dated.step == NO_STEP)] = ""
    return rules

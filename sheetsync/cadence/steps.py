"""Which step is next, and its dates: the overrides of cadence section 3 over the kind's own ladder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sheetsync.cadence.arrays import NAT, DayArray, Flags, Ints, among
from sheetsync.cadence.ladder import DECIDED, Dated, Rungs, Situation
from sheetsync.cadence.progress import NO_STEP, Ladder, Progress
from sheetsync.cadence.threads import (
    ACCEPTANCE,
    APPLICATION,
    CHECKIN,
    CLOSED,
    CLOSINGS,
    DEADLINE,
    DECLINE,
    INTERVIEW,
    MEETING,
    NETWORKING,
    NO_KIND,
    OFFER,
    ON_HOLD,
    PROPOSAL,
    REJECTION,
    UNKNOWN,
)
from sheetsync.cadence.touches import RULE
from sheetsync.model import DATE_FIELDS

(
    NOT_BEGUN, OVER, CLOSING, CLOSING_REPLY, ELSEWHERE, HELD, STRANGE, COURTESY, SET, REPLY, DECISION, CADENCE, WAITING,
    NEEDS,
) = range(14)  # fmt: skip
"""What decides on a row. A dated step has one of CLOSING, CLOSING_REPLY, ELSEWHERE, COURTESY, SET, REPLY, DECISION,
CADENCE; of the others only NEEDS may have a step, without dates."""

DATED: Final = (CLOSING, CLOSING_REPLY, ELSEWHERE, COURTESY, SET, REPLY, DECISION, CADENCE)
_CLOSING_RULES: Final = {ACCEPTANCE: "acceptance.thank", REJECTION: "rejection.thank", DECLINE: "offer.decline"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is next for every row, before pauses and gaps move it."""

    level: Ints
    dated: Dated
    followup: Ints
    """Which follow-up the step is, 1 onwards; the receipt counts as one."""
    since: DayArray
    """From when a waiting thread waits."""
    missing: Ints
    """Place in DATE_FIELDS of the cell that is missing or unreadable; -1 for none."""
    stale: Flags
    """`contact_on` is so old that it is ignored."""
    accepted_by: Ints
    """Place of the row whose accepted job ends this thread; -1 for none."""
    progress: Progress
    ladder: Ladder
    early_decision: Flags
    """The decision date is before the anchor, and ignored."""
    nothing: Flags
    """Their last message wants no answer: the cadence has ended."""
    replied: DayArray
    """The message of theirs that is to be answered, or that ended the cadence."""


def choose(situation: Situation) -> Choice:
    """Decide what is next for every row (cadence section 3, highest first).

    Where the rules leave it open:

    - A date that the person set, a message to answer and the news of another job accepted need no event date, so they
      come before "Needs info". A decision date does too, but not where a thank-you may be open.
    - A status nobody can read comes before all but the end of the thread: it may be an end.
    - An offer whose date is missing but whose deadline is there asks for the answer by that deadline.
    """
    return _Levels(situation).choose()


class _Levels:
    """What decides on each row so far: the levels are let in from the lowest, and a higher one takes the row."""

    def __init__(self, situation: Situation) -> None:
        self.s = situation
        self.rungs = Rungs(situation)
        self.threads = situation.threads
        self.size = len(situation.threads.kind)
        self.level = np.full(self.size, WAITING, dtype=np.int64)
        self.missing = np.full(self.size, -1, dtype=np.int64)
        self.dated = Dated.none(self.size)
        self.undecided = np.zeros(self.size, dtype=bool)

    def choose(self) -> Choice:
        """Let every level take its rows, the lowest first."""
        s, threads, rungs = self.s, self.threads, self.rungs
        progress = rungs.progress
        cadence, follow = rungs.cadence()
        self._take(CADENCE, cadence.step != NO_STEP, cadence)
        self._lack(self._missing())
        self._wait_for_decision()
        self._answer()
        stale = self._keep_date(cadence, follow)
        open_thanks = rungs.first_open & rungs.ladder.grace & (cadence.step != NO_STEP)
        self._take(COURTESY, open_thanks & (cadence.step == rungs.ladder.first), cadence)
        self._unread("last_contact", (threads.kind != NO_KIND) & ~threads.is_kind(*CLOSINGS))
        self._unread("paused_until")
        self.level[(threads.kind == NO_KIND) & (self.level == WAITING)] = NOT_BEGUN
        accepted_by = self._decline_others()
        self.level[threads.state == UNKNOWN] = STRANGE
        self.level[threads.state == ON_HOLD] = HELD
        replied = self._close()
        self.level[threads.state == CLOSED] = OVER
        self._clear()
        since = np.fmax(progress.last, np.where(rungs.nothing, s.replies.last, NAT))
        since = np.where(np.isnat(since), np.where(np.isnat(threads.anchor), s.replies.last, threads.anchor), since)
        since = np.where(accepted_by >= 0, self._newest(), since)
        return Choice(
            level=self.level,
            dated=self.dated,
            followup=progress.follow + 1 + threads.is_kind(PROPOSAL, MEETING, NETWORKING),
            since=since,
            missing=np.where(self.level == NEEDS, self.missing, -1),
            stale=stale,
            accepted_by=accepted_by,
            progress=progress,
            ladder=rungs.ladder,
            early_decision=rungs.early_decision,
            nothing=rungs.nothing,
            replied=replied,
        )

    def _take(self, level: int, flags: Flags, candidate: Dated) -> None:
        """Let a level take rows."""
        self.dated.put(flags, candidate)
        self.level[flags] = level

    def _lack(self, missing: Ints) -> None:
        """Stop rows that need a cell they do not have."""
        self.missing = np.where(missing >= 0, missing, self.missing)
        self.level[missing >= 0] = NEEDS

    def _unread(self, name: str, flags: Flags | bool = True) -> None:  # noqa: FBT001, FBT002 (a mask of all rows)
        """Stop rows whose cell cannot be read: it would decide whether whatever stands below goes on."""
        unreadable = self.rungs.unreadable(name) & flags
        self._lack(np.where(unreadable, DATE_FIELDS.index(name), -1))

    def _clear(self) -> None:
        """Leave dates only where a dated step won; two steps are named without any.

        They are the acknowledgement of an offer without a date, and the end of an application or an interview because
        of an accepted job without one.
        """
        undated = ~among(self.level, DATED)
        self.dated.put(undated, Dated.none(self.size))
        lacks_offer = (self.level == NEEDS) & (self.missing == DATE_FIELDS.index("reply_on"))
        self.dated.step[lacks_offer & self.threads.is_kind(OFFER)] = self.rungs.index("offer.acknowledge")
        self.dated.step[(self.level == NEEDS) & self.undecided] = self.rungs.index("offer.decline")

    # Levels 5 to 3

    def _wait_for_decision(self) -> None:
        """Level 5."""
        threads = self.threads
        blind = threads.is_kind(INTERVIEW, MEETING) & np.isnat(threads.anchor)
        self._unread("decision_by", threads.is_kind(*DECIDED))
        decision, waits = self.rungs.decided()
        self._take(DECISION, waits & ~blind, decision)

    def _answer(self) -> None:
        """Level 4: they wrote last. Only a tracker that says when the person wrote can tell."""
        s, threads, rungs = self.s, self.threads, self.rungs
        ended = threads.is_kind(OFFER, *CLOSINGS)
        self._unread("reply_on", ~ended)
        if rungs.on("reply.answer") and (s.tracker.has_history or "last_contact" in s.tracker.mapped):
            asked = rungs.place(rungs.unanswered & ~ended, "reply.answer", s.replies.last)
            self._take(REPLY, asked.step != NO_STEP, asked)

    def _keep_date(self, cadence: Dated, follow: Dated) -> Flags:
        """Level 3: the date that was set goes before the kind's own, with the step that is next anyway.

        From is kept on weekends and holidays; until is the next working day after it.
        """
        rungs = self.rungs
        when, stale = rungs.contact_on()
        self._unread("contact_on")
        promise = among(cadence.step, [rungs.index("networking.promise"), rungs.index("interview.letter")])
        step = np.where(promise & (follow.step != NO_STEP), follow.step, cadence.step)
        agreed = Dated.none(self.size)
        agreed.step[:] = np.where(step == NO_STEP, rungs.repeated(), step)
        agreed.base[:] = agreed.raw_from[:] = agreed.start[:] = when
        agreed.raw_until[:] = agreed.until[:] = self.s.calendar.next_working(when, always=True)
        self._take(SET, ~np.isnat(when), agreed)
        return stale

    # Level 1

    def _decline_others(self) -> Ints:
        """End what another accepted job has ended, unless the person has told them; say by which row."""
        accepted_by, accepted_on, accepted = self._elsewhere()
        decline = self.rungs.place(accepted, "offer.decline", accepted_on)
        self._take(ELSEWHERE, accepted & ~np.isnat(accepted_on), decline)
        undated = accepted & np.isnat(accepted_on)
        old = undated & (self.s.today - self._newest() > self.s.cold_after)
        self.level[old] = WAITING
        self.undecided = undated & ~old
        self.level[self.undecided] = NEEDS
        self.missing[self.undecided] = DATE_FIELDS.index("reply_on")
        self.level[accepted & (self.s.touches.last >= accepted_on)] = OVER
        return accepted_by

    def _newest(self) -> DayArray:
        """The newest of each row's events, touches and messages."""
        return np.fmax(self.threads.event, np.fmax(self.s.touches.last, self.s.replies.last))

    def _missing(self) -> Ints:
        """The cell that the kind's own cadence needs and does not have; -1 where there is none.

        An acquaintance needs no date if a message says since when; a check-in counts from the last one; an offer may
        have its deadline alone. An unreadable event cell is needed wherever it could be the newest event.
        """
        threads, rungs = self.threads, self.rungs
        touched = ~np.isnat(rungs.progress.last)
        free = (threads.is_kind(CHECKIN, NETWORKING) & touched) | (
            threads.is_kind(NETWORKING) & ~np.isnat(self.s.replies.last)
        )
        free |= threads.is_kind(OFFER) & (rungs.respond.step != NO_STEP)
        lacks = np.isnat(threads.anchor) & (threads.kind != NO_KIND) & ~threads.is_kind(*CLOSINGS) & ~free
        missing = np.where(lacks, threads.anchor_field, -1)
        events = threads.is_kind(NO_KIND, APPLICATION, PROPOSAL, INTERVIEW, MEETING, NETWORKING)
        for name, kinds in (
            ("due_on", threads.is_kind(NO_KIND, DEADLINE, OFFER)),
            ("start_on", threads.is_kind(NO_KIND, CHECKIN)),
            ("applied_on", threads.is_kind(NO_KIND, APPLICATION, PROPOSAL)),
            ("interview_on", events),
            ("interview_2_on", events),
            ("interview_3_on", events),
        ):
            missing = np.where(kinds & rungs.unreadable(name), DATE_FIELDS.index(name), missing)
        return np.where(threads.is_kind(OFFER) & rungs.unreadable("reply_on"), DATE_FIELDS.index("reply_on"), missing)

    def _elsewhere(self) -> tuple[Ints, DayArray, Flags]:
        """One job accepted: open interviews and offers are declined, open applications withdrawn.

        A thread whose first date is more than `cold_after` days after the acceptance belongs to a new search and goes
        on. An application sent after the acceptance counts from its own day. An acceptance without a date has no day to
        count from: Needs info; but a thread of an old list, silent for more than `cold_after` days, is just Cold. Saved
        jobs of the same search are let be, without a reminder; work that was won is no job.

        Returns the accepting row, the day to count from, and which rows it concerns.
        """
        threads = self.threads
        job = threads.is_stage("accepted") | (threads.is_kind(ACCEPTANCE) & ~threads.is_stage("won"))
        nobody = np.full(self.size, -1, dtype=np.int64)
        if not job.any():
            return nobody, np.full(self.size, NAT), np.zeros(self.size, dtype=bool)
        hiring = threads.is_kind(APPLICATION, INTERVIEW, OFFER) | (
            threads.is_kind(DEADLINE) & threads.is_stage("assessment")
        )
        concerned = hiring & ~job & (threads.state != CLOSED)
        at = np.flatnonzero(job)
        dated = at[~np.isnat(threads.anchor[at])]
        reminded = threads.is_kind(DEADLINE) & threads.is_stage("saved") & (self.level == CADENCE)
        later = threads.anchor - self.s.cold_after > (threads.anchor[dated].max() if len(dated) else NAT)
        self.level[reminded & ~later] = NOT_BEGUN
        if not len(dated):
            by = np.where(concerned, at[0], -1)
            return by, np.full(self.size, NAT), concerned
        dated = dated[np.argsort(threads.anchor[dated], kind="stable")]
        days = threads.anchor[dated]
        begun = np.fmin(threads.first_event, self.s.touches.last)
        limit = np.where(np.isnat(begun), days[-1], begun - self.s.cold_after)
        found = np.searchsorted(days, limit)
        concerned &= found < len(days)
        chosen = np.minimum(found, len(days) - 1)
        day = np.fmax(days[chosen], np.where(threads.is_kind(APPLICATION), threads.days["applied_on"], NAT))
        return np.where(concerned, dated[chosen], -1), np.where(concerned, day, NAT), concerned

    def _close(self) -> DayArray:
        """Level 1: an end stage closes the thread; only its own closing step may follow, once.

        It is shown until `cold_after` days after its window. A rejection is answered only after an interview, an earlier
        touch or a proposal. A message of theirs after the closing touch is answered once.
        """
        s, threads = self.s, self.threads
        ended = threads.is_kind(*CLOSINGS)
        self.level[ended] = OVER
        worth = threads.is_kind(ACCEPTANCE, DECLINE) | (threads.days["interview_on"] <= threads.anchor)
        worth |= (threads.interview <= threads.anchor) | threads.is_stage("lost") | (threads.shown_kind == PROPOSAL)
        worth |= self._touched_before(threads.anchor)
        first_touch = self._first_touch_from(threads.anchor)
        for kind, rule in _CLOSING_RULES.items():
            due = (threads.kind == kind) & ended & worth & np.isnat(first_touch) & self.rungs.on(rule)
            closing = self.rungs.place(due, rule, threads.anchor)
            shown = (closing.step != NO_STEP) & ~(s.today - closing.until > s.cold_after)
            self._take(CLOSING, shown, closing)
        late = s.replies.first_after(np.arange(self.size), np.where(ended, first_touch, NAT))
        open_reply = ~np.isnat(late) & ~(s.touches.last >= late) & ~s.replies.nothing
        answer = self.rungs.place(open_reply & self.rungs.on("reply.answer"), "reply.answer", late)
        shown = (answer.step != NO_STEP) & ~(s.today - answer.until > s.cold_after)
        self._take(CLOSING_REPLY, shown, answer)
        replied = np.where(self.rungs.nothing | self.rungs.unanswered, s.replies.last, NAT)
        return np.where(shown, late, replied)

    def _touched_before(self, day: DayArray) -> Flags:
        """Where a touch is earlier than a day."""
        touches = self.s.touches
        early = touches.day < day[touches.place]
        found = touches.bare < day
        found[touches.place[early]] = True
        return found

    def _first_touch_from(self, day: DayArray) -> DayArray:
        """Each row's first touch on or after a day that can be a closing one: History may say that it was another step."""
        touches = self.s.touches
        first = np.where(touches.bare >= day, touches.bare, NAT)
        closing = among(touches.rule, (0, *(RULE[rule] for rule in _CLOSING_RULES.values())))
        at = np.flatnonzero(closing & (touches.day >= day[touches.place]))[::-1]
        # Assigned last to first, so the earliest stays; logged touches are all earlier than the bare one.
        first[touches.place[at]] = touches.day[at]
        return first

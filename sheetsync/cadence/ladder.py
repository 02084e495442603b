"""The steps that each thread's own kind asks for next, and what its other dates say (cadence section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sheetsync.cadence.arrays import NAT, ONE_DAY, DayArray, Flags, Ints, texts
from sheetsync.cadence.profile import BIWEEKLY, WEEKLY
from sheetsync.cadence.progress import (
    GRACE,
    NO_STEP,
    ROUND_CASES,
    Ladder,
    courtesy_steps,
    follow_progress,
    limits,
    since_when,
)
from sheetsync.cadence.promises import promised_on
from sheetsync.cadence.threads import (
    APPLICATION,
    CHECKIN,
    CLOSED,
    CLOSINGS,
    DEADLINE,
    INTERVIEW,
    MEETING,
    NETWORKING,
    NO_KIND,
    OFFER,
    PROPOSAL,
    SCREEN_ROUND,
    Threads,
)

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.cadence.touches import Debrief, Replies, Touches
    from sheetsync.cadence.workdays import Calendar
    from sheetsync.model import Tracker

DECIDED: Final = (APPLICATION, INTERVIEW, MEETING, NETWORKING, PROPOSAL, CHECKIN)
"""The kinds that wait for a decision date. An offer is the decision, and a deadline of one's own waits for nobody."""
_AFTER_COURTESY: Final = (INTERVIEW, MEETING, NETWORKING, PROPOSAL, DEADLINE, OFFER)


@dataclass(frozen=True, slots=True)
class Dated:
    """Steps and their dates, as `Calendar.place` gives them."""

    step: Ints
    base: DayArray
    raw_from: DayArray
    raw_until: DayArray
    start: DayArray
    until: DayArray

    @classmethod
    def none(cls, size: int) -> Dated:
        """No step anywhere."""
        return cls(np.full(size, NO_STEP, dtype=np.int64), *(np.full(size, NAT) for _ in range(5)))

    def put(self, flags: Flags, other: Dated) -> None:
        """Take the other's steps where the flags say so."""
        self.step[flags] = other.step[flags]
        for name in ("base", "raw_from", "raw_until", "start", "until"):
            getattr(self, name)[flags] = getattr(other, name)[flags]


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known of the rows."""

    tracker: Tracker
    profile: Profile
    calendar: Calendar
    threads: Threads
    touches: Touches
    replies: Replies
    debrief: Debrief
    today: np.datetime64
    cold_after: np.timedelta64
    day_first: bool | None


def place_steps(situation: Situation, steps: Ints, bases: DayArray) -> Dated:
    """The dates of a step a row. A row without a base gets no step."""
    dated = Dated.none(len(steps))
    steps = np.where(np.isnat(bases), NO_STEP, steps)
    dated.step[:] = steps
    for number in np.unique(steps[steps != NO_STEP]):
        mine = steps == number
        raw_from, raw_until, start, until = situation.calendar.place(bases[mine], situation.profile.steps[number])
        dated.base[mine], dated.start[mine], dated.until[mine] = bases[mine], start, until
        dated.raw_from[mine], dated.raw_until[mine] = raw_from, raw_until
    return dated


class Rungs:
    """The candidates for every row's next step; which of them wins is for `choose` to say."""

    def __init__(self, situation: Situation) -> None:
        self.s = situation
        self.threads = situation.threads
        self.size = len(situation.threads.kind)
        self.days = situation.threads.days
        self._read_ladder()

    def index(self, rule: str, when: str | None = None) -> int:
        """Where a rule stands in the profile."""
        return self.s.profile.index(rule, when)

    def on(self, rule: str) -> bool:
        """Whether a rule is in use."""
        return self.s.profile.step(rule).on

    def place(self, flags: Flags, rule: str, base: DayArray) -> Dated:
        """One rule's dates for some rows."""
        return place_steps(self.s, np.where(flags, self.index(rule), NO_STEP), base)

    def unreadable(self, name: str) -> Flags:
        """Where a date cell is filled but cannot be read."""
        return self.threads.unreadable.get(name, np.zeros(self.size, dtype=bool))

    # The ladder and how far it has come

    def _read_ladder(self) -> None:
        threads, s = self.threads, self.s
        due = self.days["due_on"]
        deadline = threads.is_kind(DEADLINE)
        self.reminder = self.place(deadline & self.on("project.reminder"), "project.reminder", due)
        # A due date before the offer is the deadline of the application, long past.
        answerable = threads.is_kind(OFFER) & ~(due < self.days["reply_on"]) & self.on("offer.respond")
        self.respond = self.place(answerable, "offer.respond", due)
        self.letter = self.place(
            threads.is_kind(INTERVIEW) & self.on("interview.letter"), "interview.letter", threads.anchor
        )
        promised = texts(s.tracker.frame, "promised")
        kept = (
            (promised != "") & (threads.kind != NO_KIND) & ~threads.is_kind(*CLOSINGS) & self.on("networking.promise")
        )
        said = promised_on(promised, threads.interview, threads.anchor, s.today, day_first=s.day_first)
        self.promise = self.place(kept, "networking.promise", said)
        typed = self.days["decision_by"]
        decision = np.where(np.isnat(typed), s.debrief.decision_by, typed)
        self.early_decision = threads.is_kind(*DECIDED) & (decision < threads.anchor)
        counts = threads.is_kind(*DECIDED) & ~self.early_decision & self.on("decision.passed")
        self.decision = np.where(counts, decision, NAT)
        self.ladder = Ladder(
            first=courtesy_steps(s.profile, threads),
            first_from=self.reminder.start,
            respond_from=self.respond.start,
            letter_until=self.letter.until,
            promise_until=self.promise.until,
            decision=self.decision,
            limit=limits(s.profile, threads, s.replies),
            since=since_when(threads),
            grace=threads.is_kind(*GRACE),
        )
        self.progress = follow_progress(s.profile, s.calendar, threads, s.touches, self.ladder, today=s.today)
        self.first_open = ~self.progress.first_done & ~self.progress.missed
        last_reply = s.replies.last
        counted_reply = ~np.isnat(last_reply) & ~(last_reply < threads.event)
        self.nothing = counted_reply & s.replies.nothing
        self.unanswered = counted_reply & ~s.replies.nothing & ~(last_reply <= s.touches.last)

    # Level 6: the kind's own ladder

    def _courtesy(self) -> Dated:
        """The thank-you, connect, receipt or acknowledgement; the reminder has dates of its own."""
        first = np.where(self.threads.is_kind(DEADLINE), NO_STEP, self.ladder.first)
        base = self.threads.anchor.copy()
        # "The next step counts from it even where the table names another base": a bare last contact before the
        # receipt's own day.
        early = self.threads.is_kind(PROPOSAL) & ~np.isnat(self.progress.last)
        base[early] = self.progress.last[early]
        dated = place_steps(self.s, np.where(self.progress.first_done, NO_STEP, first), base)
        dated.put(self.threads.is_kind(DEADLINE) & ~self.progress.first_done, self.reminder)
        return dated

    def _followups(self) -> Dated:
        """The next follow-up of every row that has one left."""
        threads, progress = self.threads, self.progress
        steps = np.full(self.size, NO_STEP, dtype=np.int64)
        first = progress.follow == 0
        for code, case in ROUND_CASES.items():
            mine = threads.is_kind(INTERVIEW) & (threads.round == code)
            steps[mine] = self.index("interview.followup_1", case)
        steps[threads.is_kind(INTERVIEW) & ~first] = self.index("interview.followup_2")
        steps[threads.is_kind(APPLICATION)] = self.index("application.followup_1")
        steps[threads.is_kind(APPLICATION) & ~first] = self.index("application.followup_2")
        steps[threads.is_kind(PROPOSAL, MEETING, NETWORKING)] = self.index("proposal.followup")
        steps[threads.is_kind(CHECKIN)] = self.index("project.checkin", WEEKLY)
        steps[threads.biweekly] = self.index("project.checkin", BIWEEKLY)
        steps[(progress.follow >= self.ladder.limit) | self.nothing] = NO_STEP

        as_if_sent = threads.anchor + np.where(self.ladder.grace, ONE_DAY, np.timedelta64(0, "D"))
        base = np.where(np.isnat(progress.last), as_if_sent, progress.last)
        base = np.where(progress.missed, np.fmax(base, as_if_sent), base)
        from_event = (threads.is_kind(INTERVIEW) & (threads.round >= SCREEN_ROUND)) | threads.is_kind(APPLICATION)
        base = np.where(from_event & first & ~progress.moved, threads.anchor, base)
        return place_steps(self.s, steps, base)

    def cadence(self) -> tuple[Dated, Dated]:
        """The kind's next step, and the follow-up it leads to.

        A missed step never hides the next one: the letter goes when its window has closed; a promise, an acknowledgement
        and a follow-up give way when the next step's own days have begun. After the courtesy comes what was promised,
        at a proposal too; tasks and offers come before promises.
        """
        threads, progress, today = self.threads, self.progress, self.s.today
        follow = self._followups()
        result = Dated.none(self.size)
        result.put(follow.step != NO_STEP, follow)
        begun = (follow.step != NO_STEP) & (follow.start <= today)
        ready = ~threads.is_kind(*_AFTER_COURTESY) | progress.first_done | progress.missed
        answered = np.isnat(self.respond.start) | progress.responded
        promise = (
            (self.promise.step != NO_STEP)
            & ~progress.promise_done
            & ready
            & answered
            & ~((self.promise.until < today) & begun)
        )
        result.put(promise, self.promise)
        letter = (self.letter.step != NO_STEP) & ~progress.letter_done & ready & (progress.follow == 0)
        result.put(letter & ~(self.letter.until < today), self.letter)
        courtesy = self._courtesy()
        result.put(self.first_open & (courtesy.step != NO_STEP), courtesy)
        respond = (self.respond.step != NO_STEP) & ~progress.responded
        result.put(
            respond & (~self.first_open | (self.respond.start <= today) | np.isnat(threads.anchor)), self.respond
        )
        return result, follow

    def decided(self) -> tuple[Dated, Flags]:
        """Level 5: until the decision date has passed every other step waits; then its own step comes.

        A touch after that date, or a reply on or after it, ends the waiting.
        """
        passed = self.s.replies.last >= self.decision
        done = self.progress.decision_done | (self.progress.last > self.decision) | passed
        waits = ~np.isnat(self.decision) & ~done
        return self.place(waits, "decision.passed", self.decision), waits

    def contact_on(self) -> tuple[DayArray, Flags]:
        """Level 3: the date that was set, and where it is so old that it is ignored."""
        when = self.days["contact_on"]
        threads, s = self.threads, self.s
        used = (s.touches.last >= when) | (s.replies.last >= when) | (threads.event >= when)
        stale = ~used & (s.today - when > s.cold_after)
        return np.where(used | stale, NAT, when), stale & (threads.state != CLOSED) & ~threads.is_kind(*CLOSINGS)

    def repeated(self) -> Ints:
        """The last rule of the kind, for a contact that was agreed after all steps are done."""
        result = np.full(self.size, NO_STEP, dtype=np.int64)
        for kind, rule in (
            (INTERVIEW, "interview.followup_2"), (APPLICATION, "application.followup_2"),
            (PROPOSAL, "proposal.followup"), (MEETING, "proposal.followup"), (DEADLINE, "project.reminder"),
            (CHECKIN, "project.checkin"), (OFFER, "offer.respond"),
        ):  # fmt: skip
            result[self.threads.is_kind(kind)] = self.index(rule)
        return result

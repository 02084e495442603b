"""How far each thread has come: which steps its touches have completed (cadence section 2, "touches and steps").

A kind's ladder is: the courtesy (thank-you, connect, receipt; also the reminder and the acknowledgement), the letter,
what was promised, then the follow-ups. Touches are taken in order, all rows at once: first every row's first touch,
then every row's second, and so on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sheetsync.cadence.arrays import NAT, ONE_DAY, DayArray, Flags, Ints
from sheetsync.cadence.profile import FIRST_INTERVIEW, LATER_INTERVIEW, SCREEN
from sheetsync.cadence.threads import (
    APPLICATION,
    CHECKIN,
    CLOSINGS,
    DEADLINE,
    FIRST_ROUND,
    INTERVIEW,
    LATER_ROUND,
    MEETING,
    NETWORKING,
    OFFER,
    PROPOSAL,
    SCREEN_ROUND,
    STAGE,
    Threads,
)
from sheetsync.cadence.touches import RULE, Replies, Touches

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.cadence.workdays import Calendar

ENDLESS: Final = 1_000_000
STANDARD: Final = 2
"""How many follow-ups have a row of their own in the step table."""
NO_STEP: Final = -1

FIRST_RULE: Final = {
    INTERVIEW: "interview.thank_you", MEETING: "meeting.thank_you", NETWORKING: "networking.connect",
    PROPOSAL: "proposal.receipt", DEADLINE: "project.reminder", OFFER: "offer.acknowledge",
}  # fmt: skip
"""Each kind's courtesy: what comes before any follow-up."""
GRACE: Final = (INTERVIEW, MEETING, NETWORKING)
"""The kinds whose courtesy is too late after some days: then the cadence goes on without it."""
_FOLLOWUPS: Final = {
    INTERVIEW: ("interview.followup_1", "interview.followup_2"),
    APPLICATION: ("application.followup_1", "application.followup_2"),
    MEETING: ("proposal.followup",),
    NETWORKING: ("proposal.followup",),
    PROPOSAL: ("proposal.followup",),
    CHECKIN: ("project.checkin",),
}
ROUND_CASES: Final = {FIRST_ROUND: FIRST_INTERVIEW, SCREEN_ROUND: SCREEN, LATER_ROUND: LATER_INTERVIEW}


@dataclass(frozen=True, slots=True)
class Ladder:
    """What each row's kind asks for, before any touch: fixed by the profile."""

    first: Ints
    """The step of the courtesy, NO_STEP where there is none."""
    first_from: DayArray
    """Where a touch without a step completes the courtesy only from a day on: the reminder."""
    respond_from: DayArray
    """From when on an offer with a deadline is to be answered; NaT without one."""
    letter_until: DayArray
    promise_until: DayArray
    decision: DayArray
    """The decision date that counts; NaT without one."""
    limit: Ints
    """How many follow-ups there are."""
    since: DayArray
    """From which day on touches count; NaT: all of them."""
    grace: Flags


@dataclass(frozen=True, slots=True)
class Progress:
    """How far each row has come."""

    first_done: Flags
    missed: Flags
    """The courtesy is too late: the cadence went on without it."""
    covered: Ints
    """Bits of the people who have been thanked."""
    responded: Flags
    letter_done: Flags
    promise_done: Flags
    decision_done: Flags
    follow: Ints
    """How many follow-ups are done."""
    last: DayArray
    """The last touch that counts."""
    moved: Flags
    """The last touch was more than the courtesy: the next step counts from it, whatever base the table names."""


def limits(profile: Profile, threads: Threads, replies: Replies) -> Ints:
    """How many follow-ups each row's kind has.

    A rule that is switched off ends its kind's follow-ups before it. "Until an answer" has no end; once they have
    answered, and were answered, only the two of the table are left. After a meeting, or with somebody met, the courtesy
    counts as the first message, as the receipt does for a proposal. Somebody met is followed up only after an outreach
    (stage contacted) to which nobody has replied.
    """
    result = np.zeros(len(threads.kind), dtype=np.int64)
    answered = ~np.isnat(replies.last) & ~(replies.last < threads.anchor)
    messages = profile.proposal_messages
    counts = {
        INTERVIEW: profile.interview_followups,
        APPLICATION: profile.application_followups,
        MEETING: None if messages is None else max(messages - 1, 0),
    }
    counts |= {PROPOSAL: counts[MEETING], NETWORKING: counts[MEETING], CHECKIN: None}
    for kind, count in counts.items():
        mine = threads.kind == kind
        if count is None and kind != CHECKIN:
            result[mine] = np.where(answered, STANDARD, ENDLESS)[mine]
        else:
            result[mine] = ENDLESS if count is None else count
        rules = _FOLLOWUPS[kind]
        if not any(step.on for step in profile.steps if step.rule == rules[0]):
            result[mine] = 0
        elif not profile.step(rules[-1]).on:
            result[mine] = np.minimum(result, 1)[mine]
    outreach = (threads.stage == STAGE["contacted"]) & (np.isnat(replies.last) | (replies.last < threads.anchor))
    result[(threads.kind == NETWORKING) & ~outreach] = 0
    return result


def courtesy_steps(profile: Profile, threads: Threads) -> Ints:
    """The step of each row's courtesy; NO_STEP where its kind has none, or it is switched off."""
    steps = np.full(len(threads.kind), NO_STEP, dtype=np.int64)
    for kind, rule in FIRST_RULE.items():
        if profile.step(rule).on:
            steps[threads.kind == kind] = profile.index(rule)
    return steps


def since_when(threads: Threads) -> DayArray:
    """From which day on touches count.

    The anchor's own day for what is said face to face and for their messages, else the day after, for sending is the
    anchor and no touch. A reminder comes before its due date: there all touches count.
    """
    same_day = threads.is_kind(INTERVIEW, MEETING, NETWORKING, OFFER, *CLOSINGS)
    since = np.where(same_day, threads.anchor, threads.anchor + ONE_DAY)
    return np.where(threads.is_kind(DEADLINE), NAT, since)


def follow_progress(
    profile: Profile, calendar: Calendar, threads: Threads, touches: Touches, ladder: Ladder, *, today: np.datetime64
) -> Progress:
    """Complete the steps of every row, touch by touch, then with the bare last contact."""
    walk = _Walk(profile, threads, touches, ladder)
    counted = ~(touches.day < ladder.since[touches.place])
    chosen = np.flatnonzero(counted)
    place = touches.place[chosen]
    starts = np.flatnonzero(np.concatenate([[True], place[1:] != place[:-1]])) if len(place) else place
    lengths = np.diff(np.append(starts, len(place)))
    ordinal = np.arange(len(place)) - np.repeat(starts, lengths)
    order = np.argsort(ordinal, kind="stable")
    ends = np.cumsum(np.bincount(ordinal)) if len(ordinal) else np.zeros(0, dtype=np.int64)
    for begin, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True) if len(ends) else ():
        walk.take(chosen[order[begin:end]])
    walk.take_bare(calendar)
    return walk.progress(today)


class _Walk:
    """The state of all rows while their touches are taken in order."""

    def __init__(self, profile: Profile, threads: Threads, touches: Touches, ladder: Ladder) -> None:
        size = len(threads.kind)
        self.profile, self.threads, self.touches, self.ladder = profile, threads, touches, ladder
        everybody = np.array([(1 << len(people)) - 1 for people in touches.crowd], dtype=np.int64)
        self.everybody = everybody[touches.crowd_of]
        self.first_done = ladder.first == NO_STEP
        self.responded, self.letter_done, self.promise_done, self.decision_done, self.moved = (
            np.zeros(size, dtype=bool) for _ in range(5)
        )
        self.covered, self.follow = (np.zeros(size, dtype=np.int64) for _ in range(2))
        self.last = np.full(size, NAT)
        rules = np.array([RULE[step.rule] for step in profile.steps] + [0], dtype=np.int64)
        self.first_rule = rules[ladder.first]

    def take(self, at: Ints) -> None:
        """Take one touch of each of some rows; `at` are places in the touches, no row twice."""
        touches, ladder = self.touches, self.ladder
        row, day, rule = touches.place[at], touches.day[at], touches.rule[at]
        bare = rule == 0
        left = np.ones(len(at), dtype=bool)

        def claim(flags: Flags) -> Flags:
            """The touches that do this and nothing else."""
            nonlocal left
            mine: Flags = left & flags
            left = left & ~mine
            return mine

        responds = claim((rule == RULE["offer.respond"]) | (bare & (day >= ladder.respond_from[row])))
        self.responded[row[responds]] = True
        late = ladder.grace[row] & (day - self.threads.anchor[row] > np.timedelta64(self.profile.missed_after, "D"))
        open_first = ~self.first_done[row] & ~late & ~(day < ladder.first_from[row])
        courtesy = claim(((rule == self.first_rule[row]) & (rule > 0)) | (bare & open_first))
        self._thank(at[courtesy])
        claim((rule == RULE["reply.answer"]) | (bare & touches.answers[at]))
        letter = bare & ~self.letter_done[row] & (day <= ladder.letter_until[row])
        self.letter_done[row[claim((rule == RULE["interview.letter"]) | letter)]] = True
        more = self.follow[row] < ladder.limit[row]
        due = ladder.promise_until[row]
        promise = bare & ~self.promise_done[row] & ((day <= due) | (~np.isnat(due) & ~more))
        self.promise_done[row[claim((rule == RULE["networking.promise"]) | promise)]] = True
        decided = bare & ~self.decision_done[row] & (day > ladder.decision[row])
        decision = row[claim((rule == RULE["decision.passed"]) | decided)]
        self.decision_done[decision] = True
        self.follow[decision] = np.maximum(self.follow[decision], 1)
        self._follow(row, rule, claim(bare | self._is_followup(row, rule)))
        self.last[row] = np.fmax(self.last[row], day)
        self.moved[row] = ~courtesy

    def _thank(self, at: Ints) -> None:
        """A courtesy reaches the people it names; one that names nobody, or the only person there is, reaches all."""
        row = self.touches.place[at]
        alone = (self.everybody[row] & (self.everybody[row] - 1)) == 0
        everybody = np.where(self.touches.named[at] & ~alone, self.touches.people[at], self.everybody[row])
        self.covered[row] |= everybody & self.everybody[row]
        self.first_done[row] = (self.everybody[row] & ~self.covered[row]) == 0

    def _is_followup(self, row: Ints, rule: Ints) -> Flags:
        """Whether the step that a touch names is a follow-up of its row's kind."""
        found = np.zeros(len(row), dtype=bool)
        for kind, names in _FOLLOWUPS.items():
            found |= (self.threads.kind[row] == kind) & np.isin(rule, [RULE[name] for name in names])
        return found

    def _follow(self, row: Ints, rule: Ints, mine: Flags) -> None:
        """Count a follow-up; one that names the first, or the second, is at least that."""
        named_first = np.isin(rule, [RULE["interview.followup_1"], RULE["application.followup_1"]])
        named_second = np.isin(rule, [RULE["interview.followup_2"], RULE["application.followup_2"]])
        done = self.follow[row]
        after = np.where(named_first, np.maximum(done, 1), np.maximum(done + 1, np.where(named_second, 2, 1)))
        self.follow[row[mine]] = after[mine]

    def take_bare(self, calendar: Calendar) -> None:
        """Take the bare last contacts: each completes every step whose nominal day it has reached."""
        threads, ladder, day = self.threads, self.ladder, self.touches.bare
        counted = ~np.isnat(day) & ~(day < ladder.since)
        first, follow = self._nominal(calendar)
        reached_first = counted & (
            (day >= first) | (threads.is_kind(NETWORKING) & np.isnat(threads.anchor)) | (day >= ladder.first_from)
        )
        respond = counted & (day >= ladder.respond_from)
        self.responded |= respond
        self.first_done |= reached_first & (ladder.first != NO_STEP)
        self.covered[reached_first] = self.everybody[reached_first]
        self.follow = np.where(counted, np.maximum(self.follow, np.minimum(follow, ladder.limit)), self.follow)
        letter_day = threads.anchor + np.timedelta64(self._days("interview.letter"), "D")
        self.letter_done |= counted & (day >= letter_day) & ~np.isnat(ladder.letter_until)
        self.decision_done |= counted & (day > ladder.decision)
        self.last = np.fmax(self.last, np.where(counted, day, NAT))
        self.moved |= counted

    def _days(self, rule: str, when: str | None = None) -> int:
        return self.profile.step(rule, when).start.count

    def _nominal(self, calendar: Calendar) -> tuple[DayArray, Ints]:
        """The nominal day of each row's courtesy, and how many follow-ups' nominal days its last contact has reached.

        Each nominal day is the one before plus the step's "from" (first interview 1, 8, 15; screen 1, 6, 13; application
        7, 14; proposal 2, 7; meeting and networking 1 and no more). With a decision date the first follow-up is the one
        after that date, as it stands for it.
        """
        threads, day = self.threads, self.touches.bare
        first = np.full(len(day), NAT)
        reached = np.zeros(len(day), dtype=np.int64)
        for kind, rule in FIRST_RULE.items():
            mine = threads.kind == kind
            if kind != DEADLINE:
                first[mine] = threads.anchor[mine] + np.timedelta64(self._days(rule), "D")
        first = np.where(self.ladder.first == NO_STEP, threads.anchor, first)
        for flags, when, kind in [
            *(
                (threads.is_kind(INTERVIEW) & (threads.round == code), case, INTERVIEW)
                for code, case in ROUND_CASES.items()
            ),
            (threads.is_kind(APPLICATION), None, APPLICATION),
            (threads.is_kind(PROPOSAL), None, PROPOSAL),
        ]:
            names = _FOLLOWUPS[kind]
            earliest = first + np.timedelta64(self._days(names[0], when), "D")
            after = calendar.place(self.ladder.decision, self.profile.step("decision.passed"))[2]
            earliest = np.where(np.isnat(after), earliest, np.maximum(earliest, after))
            gap = max(self._days(names[-1]), 1)
            elapsed = np.where(day >= earliest, (day - earliest).astype(np.int64), -1)
            count = np.where(elapsed < 0, 0, elapsed // gap + 1)
            reached[flags] = count[flags]
        return first, reached

    def progress(self, today: np.datetime64) -> Progress:
        """What has been found. An unsent thank-you or connect is missed from the day after `missed_after` on."""
        late = today - self.threads.anchor > np.timedelta64(self.profile.missed_after, "D")
        return Progress(
            self.first_done,
            self.ladder.grace & ~self.first_done & late,
            self.covered,
            self.responded,
            self.letter_done,
            self.promise_done,
            self.decision_done,
            self.follow,
            self.last,
            self.moved,
        )

"""Why: one plain sentence a row, in the person's terms.

No rule ids, no source codes, no distances from today. Rows are grouped by sentence and written all at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sheetsync.cadence.arrays import among, texts
from sheetsync.cadence.channels import field_words, left_to_thank
from sheetsync.cadence.gap import one_message
from sheetsync.cadence.steps import (
    CADENCE,
    CLOSING,
    CLOSING_REPLY,
    COURTESY,
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
from sheetsync.cadence.threads import CLOSINGS, DEADLINE, INTERVIEW, MEETING, NETWORKING, OFFER
from sheetsync.cadence.wording import Sentences, day_words, names, number_words, quoted, words
from sheetsync.model import DATE_FIELDS

if TYPE_CHECKING:
    from sheetsync.cadence.arrays import DayArray, Flags, Ints, Texts
    from sheetsync.cadence.ladder import Situation
    from sheetsync.cadence.outcome import Outcome
    from sheetsync.cadence.wording import Field


def reasons(situation: Situation, choice: Choice, found: Outcome) -> Texts:
    """The sentence of every row; empty where the thread has not begun."""
    writer = _Writer(situation, choice, found)
    writer.write_steps()
    writer.write_states()
    writer.add_clauses()
    return writer.sentences.finish()


class _Writer:
    """The sentences, and what their placeholders stand for."""

    def __init__(self, situation: Situation, choice: Choice, found: Outcome) -> None:
        self.s, self.choice, self.found = situation, choice, found
        self.why, self.also = words("why"), words("also")
        self.size = len(choice.level)
        threads, frame = situation.threads, situation.tracker.frame
        starts = np.array([step.start.count for step in situation.profile.steps] + [0])
        accepted = np.maximum(choice.accepted_by, 0)
        self.sentences = Sentences(
            self.size,
            {
                "anchor": self._day(threads.anchor),
                "base": self._day(choice.dated.base),
                "since": self._day(choice.since),
                "last": self._day(situation.touches.last),
                "replied": self._day(choice.replied),
                "unmoved": self._day(found.paused_from),
                "because": self._day(found.spaced.because),
                "until": self._day(found.until),
                "paused": self._day(threads.days["paused_until"]),
                "accepted": lambda at: self._day(threads.anchor)(accepted[at]),
                "accepted_row": lambda at: frame.index.to_numpy()[accepted[at]].astype(str).astype(object),
                "company": lambda at: self._employer(accepted[at]),
                "gap": lambda at: number_words(starts[choice.dated.step[at]], "gaps"),
                "count": lambda at: number_words(choice.progress.follow[at], "counts"),
                "promised": lambda at: quoted(texts(frame, "promised")[at]),
                "next_steps": lambda at: quoted(situation.debrief.next_steps[at]),
                "stage_text": lambda at: quoted(texts(frame, "stage_text")[at]),
                "field": lambda at: field_words(situation, choice)[at],
                "unread": self._unread,
                "time": self._time,
                "left": lambda at: left_to_thank(situation, choice)[at],
            },
        )

    def _day(self, days: DayArray) -> Field:
        return lambda at: day_words(days[at], self.s.today)

    def _employer(self, at: Ints) -> Texts:
        frame = self.s.tracker.frame
        company, role = texts(frame, "company")[at], texts(frame, "role")[at]
        return np.where(company == "", role, company).astype(object)

    def _unread(self, at: Ints) -> Texts:
        rows, unreadable = self.s.tracker.frame.index.to_numpy(), self.s.tracker.unreadable
        found = [
            unreadable.get((int(row), DATE_FIELDS[field]), "")
            for row, field in zip(rows[at], self.choice.missing[at], strict=True)
        ]
        return quoted(np.array(found, dtype=object))

    def _minutes(self) -> Ints:
        """The time of day by which a step is asked for, 0 for none: that of its base, where it does not roll.

        A 24-hour promise, a deadline or an agreed call has one; "a week later" has none.
        """
        threads, choice = self.s.threads, self.choice
        kept = np.array([step.weekend != "roll" for step in self.s.profile.steps] + [False])[choice.dated.step]
        due = among(choice.dated.step, [self.s.profile.index(rule) for rule in ("project.reminder", "offer.respond")])
        minutes = np.zeros(self.size, dtype=np.int64)
        for place, name in enumerate(DATE_FIELDS):
            mine = among(choice.level, (CADENCE, COURTESY)) & kept & ~due & (threads.anchor_field == place)
            minutes[mine] = threads.minutes[name][mine]
        own = among(choice.level, (CADENCE, COURTESY)) & due
        minutes[own] = threads.minutes["due_on"][own]
        agreed = choice.level == SET
        minutes[agreed] = threads.minutes["contact_on"][agreed]
        return minutes

    def _time(self, at: Ints) -> Texts:
        minutes, codes = np.unique(self._minutes()[at], return_inverse=True)
        written = [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes.tolist()]
        return np.array(written, dtype=object)[codes]

    def _put(self, key: str, flags: Flags) -> None:
        self.sentences.put(flags, self.why[key])

    def write_steps(self) -> None:
        """Rows with a date: why that date."""
        threads, choice, level = self.s.threads, self.choice, self.choice.level
        profile, progress = self.s.profile, choice.progress
        rules = np.array([*(step.rule for step in profile.steps), ""], dtype=object)[choice.dated.step]
        cadence = among(level, (CADENCE, COURTESY))

        def own(rule: str) -> Flags:
            mine: Flags = cadence & (rules == rule)
            return mine

        for rule, key in (
            ("interview.thank_you", "courtesy_interview"), ("meeting.thank_you", "courtesy_meeting"),
            ("networking.connect", "courtesy_networking"), ("proposal.receipt", "courtesy_proposal"),
            ("interview.letter", "letter"), ("networking.promise", "promise"), ("offer.acknowledge", "offer"),
            ("offer.respond", "respond"), ("project.reminder", "reminder"),
        ):  # fmt: skip
            self._put(key, own(rule))
        saved = own("project.reminder") & threads.is_stage("saved")
        self._put("reminder_saved", saved)
        self._put("reminder_saved_late", saved & (choice.dated.base < self.s.today))
        touched = ~np.isnat(progress.last)
        self._put("checkin", own("project.checkin"))
        self._put("checkin_first", own("project.checkin") & ~touched)
        message = own("interview.followup_1") | own("interview.followup_2") | own("proposal.followup")
        message |= own("application.followup_1") | own("application.followup_2")
        self._put("after_message", message)
        courtesy = message & (progress.follow == 0) & ~progress.moved
        self._put("after_thank_you", courtesy & threads.is_kind(INTERVIEW, MEETING))
        from_event = courtesy & (choice.dated.base == threads.anchor)
        self._put("after_interview", from_event & threads.is_kind(INTERVIEW))
        self._put("after_application", own("application.followup_1") & from_event)
        self._put("after_meeting", from_event & threads.is_kind(MEETING))
        missed = message & progress.missed & (progress.follow == 0)
        self._put("missed_thank_you", missed & threads.is_kind(INTERVIEW))
        self._put("missed_meeting", missed & threads.is_kind(MEETING))
        self._put("missed_connect", missed & threads.is_kind(NETWORKING))
        self._put("reply", among(level, (REPLY, CLOSING_REPLY)))
        self._put("set", level == SET)
        self._put("decision", level == DECISION)
        closing = level == CLOSING
        for rule, key in (
            ("acceptance.thank", "accepted"),
            ("rejection.thank", "rejected"),
            ("offer.decline", "declined"),
        ):
            self._put(key, closing & (rules == rule))
        self._put("won", closing & threads.is_stage("won"))
        self._put("elsewhere", level == ELSEWHERE)

    def write_states(self) -> None:
        """Rows without a date: what they wait for, lack, or why they are over."""
        threads, choice, level = self.s.threads, self.choice, self.choice.level
        progress = choice.progress
        waiting = level == WAITING
        self._put("waiting_none", waiting)
        self._put("waiting_one", waiting & ~np.isnat(progress.last))
        self._put("waiting_networking", waiting & threads.is_kind(NETWORKING) & ~np.isnat(choice.since))
        self._put("waiting_first", waiting & ~threads.is_kind(OFFER, DEADLINE, NETWORKING) & (progress.follow == 1))
        self._put("waiting_count", waiting & ~threads.is_kind(OFFER, DEADLINE, NETWORKING) & (progress.follow > 1))
        self._put("waiting_offer", waiting & threads.is_kind(OFFER) & ~np.isnat(progress.last))
        self._put("waiting_deadline", waiting & threads.is_kind(DEADLINE) & ~np.isnat(progress.last))
        self._put("waiting_nothing", waiting & choice.nothing)
        self._put("elsewhere_old", waiting & (choice.accepted_by >= 0))
        self._put("held", level == HELD)
        self._put("status", level == STRANGE)
        self._write_missing()
        over = level == OVER
        self._put("closed", over)
        answered = over & (self.s.touches.last >= threads.anchor) & threads.is_kind(*CLOSINGS)
        self._put("closed_done", answered)
        self._put("elsewhere_told", over & (choice.accepted_by >= 0))

    def _write_missing(self) -> None:
        choice, tracker = self.choice, self.s.tracker
        needs = choice.level == NEEDS
        self._put("missing", needs)
        unmapped = [place for place, name in enumerate(DATE_FIELDS) if name not in tracker.mapped]
        self._put("no_column", needs & np.isin(choice.missing, unmapped))
        for name, flags in self.s.threads.unreadable.items():
            self._put("unreadable", needs & flags & (choice.missing == DATE_FIELDS.index(name)))
        self._put("elsewhere_undated", needs & (choice.accepted_by >= 0))

    def add_clauses(self) -> None:
        """What else moved the date, or is good to know."""
        choice, found, also = self.choice, self.found, self.also
        progress, level = choice.progress, choice.level
        dated = among(level, DATED)
        add = self.sentences.add
        some_left = (level == COURTESY) & (progress.covered != 0)
        add(some_left, also["left"])
        add(dated & (self._minutes() > 0) & ~found.paused, also["time"])
        unsaid = progress.missed & (progress.follow == 0) & among(level, (CADENCE, SET, REPLY, DECISION, WAITING))
        said = (level == CADENCE) & among(choice.dated.step, self._followup_steps())
        threads = self.s.threads
        add(unsaid & ~said & threads.is_kind(INTERVIEW, MEETING), also["missed_thank_you"])
        add(unsaid & ~said & threads.is_kind(NETWORKING), also["missed_connect"])
        moved = ~np.isnat(found.spaced.because)
        add(moved & ~found.spaced.planned, also["apart"])
        add(moved & found.spaced.planned, also["apart_planned"])
        self._add_one_message()
        add(found.on_pause | found.paused, also["paused"])
        self.sentences.put((level == NOT_BEGUN) & found.on_pause, also["paused"])
        debriefed = (self.s.debrief.next_steps != "") & among(level, (CADENCE, DECISION)) & threads.is_kind(INTERVIEW)
        add(debriefed, also["next_steps"])
        add((found.follow_up == "Cold") & dated, also["cold"])
        add((found.follow_up == "Cold") & (level == WAITING), also["cold_waiting"])

    def _followup_steps(self) -> list[int]:
        steps = self.s.profile.steps
        return [
            place for place, step in enumerate(steps) if ".followup" in step.rule and not step.rule.startswith("app")
        ]

    def _add_one_message(self) -> None:
        shown = np.isin(self.found.follow_up, ("Overdue", "Due", "Upcoming"))
        covered = one_message(self.s, self.found.spaced, self.choice.level, shown)
        if not covered:
            return
        phrases = np.full(self.size, "", dtype=object)
        known = {companies: names(companies) for companies in set(covered.values())}
        phrases[list(covered)] = [known[companies] for companies in covered.values()]
        self.sentences.fields = {**self.sentences.fields, "companies": lambda at: phrases[at]}
        self.sentences.add(phrases != "", self.also["one_message"])

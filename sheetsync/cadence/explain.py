"""How a row's date came about, step by step: told from the engine's own intermediate values, so it cannot disagree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sheetsync.cadence.arrays import texts
from sheetsync.cadence.channels import channels, field_word, field_words, left_to_thank, next_actions
from sheetsync.cadence.contacts import Contact, contacts
from sheetsync.cadence.engine import Work, work_out
from sheetsync.cadence.progress import ENDLESS, FIRST_RULE, NO_STEP
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
)
from sheetsync.cadence.threads import BY_END, BY_EVENT, BY_KIND, BY_STAGE, INTERVIEW, LATER_ROUND, SCREEN_ROUND
from sheetsync.cadence.why import reasons
from sheetsync.cadence.wording import one_day, words
from sheetsync.errors import UsageError
from sheetsync.model import DATE_FIELDS, KINDS, RULES
from sheetsync.words import step_words

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile, Step
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings

_MOST_TOUCHES: Final = 12
_DECIDED_BY: Final = {
    BY_KIND: "the kind cell says so", BY_END: "the status “{stage}” says so",
    BY_EVENT: "its newest event is the {field}", BY_STAGE: "the status “{stage}” says so",
}  # fmt: skip
_LEVELS: Final = {
    NOT_BEGUN: "Nothing has been sent and no date is set: the thread has not begun.",
    OVER: "An end closes the thread: no other date opens it again.",
    CLOSING: "An end closes the thread; only its own closing step may follow, once.",
    CLOSING_REPLY: "The thread is closed, but they wrote after your closing message: one answer, then it is over.",
    ELSEWHERE: "A job is accepted elsewhere: open interviews and offers are declined, open applications withdrawn.",
    HELD: "The status puts the thread on hold: nothing is asked until it changes.",
    STRANGE: "The status cannot be read, so no rule is applied.",
    COURTESY: "An open thank-you goes before every date and every other step.",
    SET: "The date that was set goes before the usual rule for this kind.",
    REPLY: "They wrote last: an answer goes before the usual rule for this kind.",
    DECISION: "Every other step waits until the decision date has passed.",
    CADENCE: "No other date or message comes first, so the usual rule for this kind sets the day.",
    WAITING: "No step is left: now it is their turn.",
    NEEDS: "A cell that the rule needs is missing or cannot be read.",
}
_OWN_MESSAGES: Final = ("your last message", "the last check-in")
_EVENTS: Final = ("the interview", "the application", "the proposal")
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ROUNDS: Final = {SCREEN_ROUND: "a phone screen or an assessment", LATER_ROUND: "a second, third or final round"}


@dataclass(frozen=True, slots=True)
class Told:
    """One step of an explanation. `source` is the article's short name and title; dates stand where a step sets them."""

    text: str
    rule: str | None = None
    source: str | None = None
    start: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A row's story: what to do in one line, then how that came about. The last dates named are the plan's."""

    row: int
    headline: str
    contacts: tuple[Contact, ...]
    """What was sent and received, the oldest first."""
    steps: tuple[Told, ...]


def explain(tracker: Tracker, profile: Profile, settings: Settings, row: int, *, today: dt.date) -> Explanation:
    """Tell how the next date of a sheet row came about.

    Raises UsageError if the row is no thread of the tracker.
    """
    index = tracker.frame.index
    if row not in index:
        reach = f": its rows are {index[0]} to {index[-1]}" if len(index) else ""
        raise UsageError(f"Row {row} is no row of this tracker{reach}; blank rows and headings do not count.")
    work = work_out(tracker, profile, settings, today=today)
    at = int(index.get_loc(row))  # type: ignore[arg-type]
    teller = _Teller(work, at)
    return Explanation(row, teller.headline(), contacts(work, at), tuple(teller.tell()))


class _Teller:
    """Tells about one row."""

    def __init__(self, work: Work, at: int) -> None:
        self.work, self.at = work, at
        self.s, self.choice, self.found = work.situation, work.choice, work.outcome
        self.level = int(self.choice.level[at])
        self.threads = self.s.threads
        number = int(self.choice.dated.step[at])
        self.step: Step | None = self.s.profile.steps[number] if number != NO_STEP else None

    def day(self, day: np.datetime64) -> str:
        return one_day(day, self.s.today)

    def headline(self) -> str:
        """What the sheet says, in one line."""
        way = channels(self.s, self.choice)
        action = str(next_actions(self.s, self.choice, self.found, way)[self.at])
        word = str(self.found.follow_up[self.at])
        when = self._window(self.found.start[self.at], self.found.until[self.at])
        why = str(reasons(self.s, self.choice, self.found)[self.at])
        return ". ".join(part for part in (": ".join(part for part in (word, action + when) if part), why) if part)

    def _window(self, start: np.datetime64, until: np.datetime64) -> str:
        if np.isnat(start):
            return ""
        return f", {self.day(start)}" + (f", by {self.day(until)}" if until != start else "")

    def tell(self) -> list[Told]:
        """Every step, in the order in which the rules go."""
        steps = [*self._kind(), *self._touches(), *self._progress(), Told(_LEVELS[self.level])]
        steps += self._need() if self.level in (NEEDS, STRANGE) else []
        if self.level in DATED:
            steps += [*self._base(), *self._shifts(), *self._pause(), *self._gap()]
        return [*steps, self._today()]

    # What it is, and what has happened

    def _kind(self) -> list[Told]:
        threads, at = self.threads, self.at
        stage = str(texts(self.s.tracker.frame, "stage_text")[at])
        kind = int(threads.kind[at])
        if not kind:
            return [
                Told(
                    f"The status “{stage}” and the dates name no kind of thread."
                    if stage
                    else "No kind, status or event names what this thread is."
                )
            ]
        field = field_word(kind, DATE_FIELDS[int(threads.anchor_field[at])])
        reason = _DECIDED_BY[int(threads.decided_by[at])].format(stage=stage, field=field)
        round_ = _ROUNDS.get(int(threads.round[at]), "") if kind == INTERVIEW else ""
        told = [Told(f"This is {_article(KINDS[kind - 1])}, for {reason}{f'; it is {round_}' if round_ else ''}.")]
        anchor = threads.anchor[at]
        if not np.isnat(anchor):
            told.append(Told(f"It counts from the {field}, {self.day(anchor)}."))
        return told

    def _touches(self) -> list[Told]:
        """The touches and messages that were found, the oldest first; a long list keeps its end."""
        touches, replies, at = self.s.touches, self.s.replies, self.at
        lines: list[tuple[np.datetime64, str]] = []
        for place in np.flatnonzero(touches.place == at):
            rule = int(touches.rule[place])
            named = f" as {step_words()[RULES[rule - 1]]}" if rule else ""
            lines.append((touches.day[place], f"You got in touch on {self.day(touches.day[place])}, logged{named}"))
        bare = touches.bare[at]
        if not np.isnat(bare):
            lines.append(
                (bare, f"The last contact is {self.day(bare)}; every step that was due by then counts as done")
            )
        since = self.choice.ladder.since[at]
        told = [(day, text + ("; it is too early to count here" if day < since else "") + ".") for day, text in lines]
        theirs = replies.day[replies.place == at]
        told += [(day, f"They got in touch on {self.day(day)}.") for day in np.unique(theirs)]
        return [Told(text) for _, text in sorted(told, key=lambda line: line[0])[-_MOST_TOUCHES:]]

    def _progress(self) -> list[Told]:
        progress, at, choice = self.choice.progress, self.at, self.choice
        kind = int(self.threads.kind[at])
        told = []
        first = FIRST_RULE.get(kind)
        if first and choice.ladder.first[at] != NO_STEP and self.level not in (OVER, HELD, STRANGE):
            if progress.missed[at]:
                last = self.s.profile.missed_after
                told.append(
                    Told(
                        f"It was not sent until day {last} after the event, so it is missed and the next step comes.",
                        first,
                    )
                )
            elif progress.first_done[at]:
                told.append(Told("The first step is done.", first))
            elif progress.covered[at]:
                told.append(Told(f"Still to thank: {left_to_thank(self.s, choice)[at]}.", first))
        limit = int(choice.ladder.limit[at])
        if limit and self.level in (CADENCE, DECISION, WAITING, SET):
            most = "until there is an answer" if limit == ENDLESS else f"of {limit}"
            told.append(Told(f"Follow-ups sent: {int(progress.follow[at])} {most}."))
        if choice.stale[at]:
            date = self.day(self.threads.days["contact_on"][at])
            told.append(Told(f"The follow-up date {date} is long past and nothing came after it, so it is ignored."))
        if choice.early_decision[at]:
            told.append(Told("The decision date is before the event, so it is ignored.", "decision.passed"))
        return told

    def _need(self) -> list[Told]:
        if self.level == STRANGE:
            text = str(texts(self.s.tracker.frame, "stage_text")[self.at])
            return [Told(f"The status is “{text}”: say on the Settings sheet which stage it means.")]
        if self.choice.accepted_by[self.at] >= 0:
            row = int(self.s.tracker.frame.index[self.choice.accepted_by[self.at]])
            return [Told(f"The date on which the job of row {row} was accepted is missing.", "offer.decline")]
        return [Told(f"It is the {field_words(self.s, self.choice)[self.at]}.")]

    # How its dates came about

    def _base(self) -> list[Told]:
        dated, at = self.choice.dated, self.at
        base = dated.base[at]
        if self.level == SET:
            rule = self.step.rule if self.step else None
            text = f"The follow-up date is {self.day(base)}, kept on weekends too; you have until the next working day, {self.day(dated.until[at])}."
            return [Told(text, rule, None, *self._dates(dated.start[at], dated.until[at]))]
        if self.step is None:
            return []
        step = self.step
        start = _distance(step.start.count, working=step.start.working)
        until = _distance(step.until.count, working=step.until.working)
        alike = step.start.working == step.until.working and step.start.count * step.until.count > 0
        first = str(abs(step.start.count)) if alike else start
        window = start if start == until else f"{first} to {until}"
        text = f"The rule for “{step.when}” counts from {self._counts_from(step, base)}: {window}."
        return [Told(text, step.rule, _sources(step), *self._dates(dated.raw_from[at], dated.raw_until[at]))]

    def _counts_from(self, step: Step, base: np.datetime64) -> str:
        """The base in words; the table's own name for it only where it is what the date was counted from."""
        at, touches = self.at, self.s.touches
        day, last = self.day(base), self.choice.progress.last[at]
        if step.base not in _OWN_MESSAGES:
            mine = step.base in _EVENTS and base == last and base != self.threads.anchor[at]
            return f"your last message, {day}" if mine else f"{step.base}, {day}"
        if base == last:
            return f"{step.base}, {day}" if base != touches.bare[at] else f"your last contact, {day}"
        if self.choice.progress.missed[at]:
            return f"{day}, as if the first message had been sent that day"
        return f"{day}, for nothing was sent before"

    def _shifts(self) -> list[Told]:
        """Each date that a weekend, a holiday or a quiet time moved."""
        dated, at, step = self.choice.dated, self.at, self.step
        if step is None or self.level == SET:
            return []
        told = []
        for name, raw, moved in (
            ("day", dated.raw_from[at], dated.start[at]), ("last day", dated.raw_until[at], dated.until[at])
        ):  # fmt: skip
            if raw != moved and not np.is_busday(raw, busdaycal=self.s.calendar.of(always=step.always)):
                told.append(
                    Told(
                        f"{self.day(raw)} is {self._why_no_working_day(raw)}, so the {name} moves to {self._weekday(moved)[:3]} {self.day(moved)}.",
                        step.rule,
                    )
                )
            elif raw != moved:
                told.append(Told(f"The last day is never before the first one, so it is {self.day(moved)}.", step.rule))
        if told:
            told[-1] = Told(told[-1].text, step.rule, None, *self._dates(dated.start[at], dated.until[at]))
        return told

    def _why_no_working_day(self, day: np.datetime64) -> str:
        date = day.astype(dt.date)
        name = self.s.calendar.names.get(date)
        return f"{name}" if name else f"a {self._weekday(day)}"

    @staticmethod
    def _weekday(day: np.datetime64) -> str:
        return _WEEKDAYS[day.astype(dt.date).weekday()]

    def _pause(self) -> list[Told]:
        found, at = self.found, self.at
        if not found.paused[at]:
            return []
        until = self.choice.dated.until[at]
        later = (
            until if until >= found.paused_from[at] else self.s.calendar.next_working(found.paused_from[at : at + 1])[0]
        )
        pause = self.day(self.threads.days["paused_until"][at])
        return [
            Told(
                f"The thread is paused until {pause}, so the day moves to {self.day(found.paused_from[at])}.",
                None,
                None,
                *self._dates(found.paused_from[at], later),
            )
        ]

    def _gap(self) -> list[Told]:
        spaced, at = self.found.spaced, self.at
        if np.isnat(spaced.because[at]):
            return []
        happened = "is planned" if spaced.planned[at] else "took place"
        text = (
            f"A contact with the same person {happened} on {self.day(spaced.because[at])}; messages to one person are "
            f"spread out, so the day moves from {self.day(self.found.paused_from[at])} to {self.day(spaced.start[at])}."
        )
        rule = self.step.rule if self.step else None
        return [Told(text, rule, f"S1, {words('sources')['S1']}", *self._dates(spaced.start[at], spaced.until[at]))]

    def _today(self) -> Told:
        found, at = self.found, self.at
        word = str(found.follow_up[at]) or "not begun"
        today = self.day(self.s.today)
        start, until = found.start[at], found.until[at]
        if np.isnat(start):
            since = self.choice.since[at]
            waited = f", since {self.day(since)}" if self.level == WAITING and not np.isnat(since) else ""
            return Told(f"As of {today} it is {word}{waited}.")
        return Told(
            f"As of {today} it is {word}: from {self.day(start)}, by {self.day(until)}.",
            None,
            None,
            *self._dates(start, until),
        )

    def _dates(self, start: np.datetime64, until: np.datetime64) -> tuple[dt.date | None, dt.date | None]:
        return _date(start), _date(until)


def _date(day: np.datetime64) -> dt.date | None:
    return None if np.isnat(day) else day.astype(dt.date)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"


def _distance(count: int, *, working: bool) -> str:
    unit = "working day" if working else "day"
    return (
        f"{abs(count)} {unit}{'' if abs(count) == 1 else 's'} {'after' if count > 0 else 'before'}"
        if count
        else "that day"
    )


def _sources(step: Step) -> str:
    return "; ".join(f"{name}, {words('sources')[name]}" for name in step.source)

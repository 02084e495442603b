"""What is next for every thread: tracker + profile + settings + today -> plan. Pure, and vectorised over the rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import DayArray, Ints
from sheetsync.cadence.channels import channels, field_word, next_actions
from sheetsync.cadence.ladder import Situation
from sheetsync.cadence.outcome import Outcome, outcome, rank, rule_ids
from sheetsync.cadence.steps import Choice, choose
from sheetsync.cadence.threads import CLOSED, CLOSINGS, read_threads
from sheetsync.cadence.touches import read_debrief, read_replies, read_touches
from sheetsync.cadence.why import reasons
from sheetsync.cadence.wording import day_words, words
from sheetsync.cadence.workdays import make_calendar
from sheetsync.model import DATE_FIELDS, KINDS, STAGES, Plan, Problem, column_letter

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a plan was made from; `explain` tells a row's story from it."""

    situation: Situation
    choice: Choice
    outcome: Outcome
    told: tuple[Problem, ...]
    """What is wrong in the settings."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong; worked out when it is asked for, as a day of the past never is."""
        return (*self.told, *_problems(self.situation, self.choice))


def plan(tracker: Tracker, profile: Profile, settings: Settings, *, today: dt.date) -> Plan:
    """Work out what is next for every thread of a tracker.

    `today` is the local day of the tracker's time zone. The plan's frame has the tracker's index; see `Plan`.
    """
    work = work_out(tracker, profile, settings, today=today)
    return Plan(frame=_frame(work), today=today, profile=profile.name, problems=work.problems)


def work_out(tracker: Tracker, profile: Profile, settings: Settings, *, today: dt.date) -> Work:
    """Go through the rules for every row, and keep what was found on the way."""
    calendar, problems = make_calendar(settings, today=today)
    threads = read_threads(tracker)
    debrief = read_debrief(tracker)
    replies = read_replies(tracker, threads)
    cold_after = profile.cold_after if settings.cold_after is None else settings.cold_after
    situation = Situation(
        tracker=tracker,
        profile=profile,
        calendar=calendar,
        threads=threads,
        touches=read_touches(tracker, threads, replies, debrief),
        replies=replies,
        debrief=debrief,
        today=np.datetime64(today, "D"),
        cold_after=np.timedelta64(cold_after, "D"),
        day_first=settings.day_first,
    )
    choice = choose(situation)
    found = outcome(situation, choice, min_gap=profile.min_gap if settings.min_gap is None else settings.min_gap)
    return Work(situation, choice, found, problems)


def _frame(work: Work) -> pd.DataFrame:
    situation, choice, found = work.situation, work.choice, work.outcome
    threads = situation.threads
    channel = channels(situation, choice)
    overdue = pd.array(found.days_overdue, dtype="Int64")
    overdue[found.follow_up != "Overdue"] = pd.NA
    columns = {
        "kind": np.array(["", *KINDS], dtype=object)[threads.shown_kind],
        "stage": np.array(["", *STAGES], dtype=object)[threads.stage],
        "next_contact": _moments(found.start),
        "contact_by": _moments(found.until),
        "earliest": _moments(found.earliest),
        "action": rule_ids(situation, choice, found),
        "next_action": next_actions(situation, choice, found, channel),
        "channel": channel,
        "follow_up": found.follow_up,
        "days_overdue": overdue,
        "why": reasons(situation, choice, found),
        "rank": rank(situation, choice, found),
    }
    text = ("kind", "stage", "action", "next_action", "channel", "follow_up", "why")
    return pd.DataFrame(columns, index=situation.tracker.frame.index).astype(dict.fromkeys(text, "str"))


def _moments(days: DayArray) -> DayArray:
    return days.astype("datetime64[s]")


# What is wrong in the sheet


def _still_to_come(situation: Situation) -> list[Problem]:
    """Messages dated after today: they count, for some are scheduled, but most are a slip of the pen."""
    tracker, template = situation.tracker, words("problems")["still_to_come"]
    found = [(tracker.frame[name], tracker.columns.get(name)) for name in ("last_contact", "reply_on")]
    found += [(table.set_index("row")["on"], None) for table in (tracker.history, tracker.touches) if len(table)]
    problems = []
    for dates, column in found:
        rows, days = dates.index.to_numpy(), dates.to_numpy(dtype="datetime64[D]")
        later = np.flatnonzero(days > situation.today)
        told = day_words(days[later], situation.today) if len(later) else ()
        problems += [
            Problem(tracker.sheet, int(rows[at]), column, template.format(date=day))
            for at, day in zip(later, told, strict=True)
        ]
    return problems


def _problems(situation: Situation, choice: Choice) -> tuple[Problem, ...]:
    """Dates that cannot be right, and dates so old that they are ignored (cadence section 3).

    A date that was set is before the row's anchor if it is before all of its events: one between two events is merely
    used up. Closed threads are let be.
    """
    threads = situation.threads
    living = (threads.state != CLOSED) & ~threads.is_kind(*CLOSINGS)
    contact, decision = threads.days["contact_on"], threads.days["decision_by"]
    before = living & (contact < threads.first_event)
    early = living & choice.early_decision & ~np.isnat(decision)
    problems = _still_to_come(situation)
    for flags, name, since, key in (
        (choice.stale & living, "contact_on", contact, "old_date"),
        (before & ~choice.stale, "contact_on", threads.first_event, "date_before"),
        (early, "decision_by", threads.anchor, "decision_before"),
    ):
        template = words("problems")[key]
        problems += _told(situation, np.flatnonzero(flags), name=name, since=since, template=template)
    return tuple(sorted(problems, key=lambda problem: (problem.row or 0, problem.column or 0)))


def _told(situation: Situation, at: Ints, *, name: str, since: DayArray, template: str) -> list[Problem]:
    """One Problem for each of some rows."""
    if not len(at):
        return []
    tracker, threads = situation.tracker, situation.threads
    column = tracker.columns.get(name)
    letter = column_letter(column) if column else "COLUMN"
    named = [
        field_word(int(kind), DATE_FIELDS[place])
        for kind, place in zip(threads.kind[at], threads.anchor_field[at], strict=True)
    ]
    days = day_words(threads.days[name][at], situation.today)
    anchors = day_words(since[at], situation.today)
    return [
        Problem(tracker.sheet, int(row), column, template.format(date=date, anchor=anchor, field=field, column=letter))
        for row, date, anchor, field in zip(tracker.frame.index[at], days, anchors, named, strict=True)
    ]

"""Contacts that should not have been: too soon, too often, after the end, or by phone where it was not wanted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import NAT
from sheetsync.cadence.channels import channels, read_channel
from sheetsync.cadence.engine import work_out
from sheetsync.cadence.gap import MOVABLE, shared_addresses
from sheetsync.cadence.outcome import rule_ids
from sheetsync.cadence.threads import CLOSINGS, INTERVIEW, MEETING
from sheetsync.checks.subject import Subject, data
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    from sheetsync.cadence.arrays import DayArray
    from sheetsync.model import Finding, Severity, Tracker

_LIVE: Final = ("Overdue", "Due", "Upcoming", "Waiting")
_PLANNED: Final = ("Overdue", "Due", "Upcoming")
_ENDED: Final = ("rejected", "lost", "declined", "withdrawn")
"""Accepted and won go on with messages of their own."""
_THANKED: Final = ("rejected", "lost", "declined")
"""Ends after which one closing message follows."""
_EVENTS: Final = {INTERVIEW: "interview", MEETING: "meeting"}
_SAID: Final = ("channel", "relationship", "notes", "next_step", "coach_notes")


def check_contacts(s: Subject) -> Iterator[Finding]:
    contacts = _contacts(s)
    yield from _too_soon(s, contacts)
    yield from _after_the_end(s)
    yield from _by_phone(s)
    yield from _missed(s)


@dataclass(frozen=True, slots=True)
class _Contact:
    """An outgoing contact that belongs to what a thread is at now, and what the cadence said on that day."""

    place: int
    day: np.datetime64
    step: str
    """The rule it is logged as, else the one that was next."""
    earliest: np.datetime64
    """NaT where nothing was to be waited for."""
    field: str
    """Where it stands, if in the tracker itself: `last_contact`."""


# Jumping the gun


def _contacts(s: Subject) -> list[_Contact]:
    """Every contact since the newest event of a thread that is open, held against the plan of its own day.

    The plan of a day is made from what was known then: touches before it and messages up to it. Nobody can tell when a
    follow-up date or a pause was typed, so these are left out. If they wrote on the day or later, they may have named the
    decision date then: the contact is in its time if it is with that date or without it.
    """
    by_day: dict[np.datetime64, list[tuple[int, str, str]]] = defaultdict(list)
    situation, ladder = s.work.situation, s.work.choice.ladder
    open_ = ~np.isin(s.work.outcome.follow_up, ("Closed", "")) & ~situation.threads.is_kind(*CLOSINGS)
    event = situation.threads.event

    def note(place: int, day: np.datetime64, step: str, field: str) -> None:
        since = ladder.since[place]
        if open_[place] and day <= situation.today and not day < since and not day <= event[place]:
            by_day[day].append((place, step, field))

    for logged in s.history:
        if logged.direction == "out":
            note(logged.place, logged.day, logged.step, "")
    reminders = s.tracker.touches.dropna(subset=["on"])
    for row, day in zip(reminders["row"].tolist(), reminders["on"].to_numpy(dtype="datetime64[D]"), strict=True):
        if row in s.places:
            note(s.places[row], day, "", "")
    for place in np.flatnonzero(~np.isnat(situation.touches.bare)).tolist():
        note(place, situation.touches.bare[place], "", "last_contact")

    found = []
    for day, noted in sorted(by_day.items()):
        found += _on_its_day(s, day, noted)
    return found


def _on_its_day(s: Subject, day: np.datetime64, noted: list[tuple[int, str, str]]) -> list[_Contact]:
    places = sorted({place for place, _, _ in noted})
    known, told_later = _as_known(s.tracker, [s.rows[place] for place in places], day)
    rules, earliest = _planned(s, known, day)
    if told_later:
        other_rules, other_earliest = _planned(s, _undecided(known, told_later), day)
        rules = [one if MOVABLE.match(other) else other for one, other in zip(rules, other_rules, strict=True)]
        earliest = np.minimum(earliest, other_earliest)  # NaT if it was in time by either
    at = {place: number for number, place in enumerate(places)}
    return [
        _Contact(place, day, step or rules[at[place]], earliest[at[place]], field)
        for place, step, field in dict.fromkeys(noted)
    ]


def _planned(s: Subject, known: Tracker, day: np.datetime64) -> tuple[list[str], DayArray]:
    """What was next on a day: each row's rule, and the day to wait for, NaT where there was none to wait for."""
    work = work_out(known, s.profile, s.settings, today=day.astype(object))
    # somebody who writes on a Saturday does not jump the gun because the step was moved to Monday
    earliest = np.fmin(work.outcome.earliest, work.choice.dated.raw_from)
    rules = map(str, rule_ids(work.situation, work.choice, work.outcome))
    return list(rules), np.where(work.outcome.follow_up == "Upcoming", earliest, NAT)


def _as_known(tracker: Tracker, rows: list[int], day: np.datetime64) -> tuple[Tracker, set[int]]:
    """The rows of a tracker as they were before a day's contacts, and those whose decision date may be younger."""
    frame, moment = tracker.frame.loc[rows].copy(), pd.Timestamp(day)
    end = moment + pd.Timedelta(days=1)

    def of(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["row"].isin(rows)]

    history, touches, debrief = of(tracker.history), of(tracker.touches), of(tracker.debrief)
    incoming = history["direction"] == "in"
    told_later = {*history.loc[incoming & (history["on"] >= moment), "row"], *frame.index[frame["reply_on"] >= moment]}
    told_later &= {*frame.index[frame["decision_by"].notna()], *debrief["row"]}
    frame.loc[frame["last_contact"] >= moment, "last_contact"] = pd.NaT
    frame.loc[frame["reply_on"] >= end, "reply_on"] = pd.NaT
    for name in ("contact_on", "paused_until"):
        frame[name] = pd.Series(pd.NaT, index=frame.index, dtype=frame[name].dtype)
    known = replace(
        tracker,
        frame=frame,
        history=history[(history["on"] < moment) | (incoming & (history["on"] < end))],
        touches=touches[touches["on"] < moment],
        debrief=debrief,
    )
    return known, told_later


def _undecided(known: Tracker, rows: set[int]) -> Tracker:
    """The same without the decision dates of some rows."""
    frame, debrief = known.frame.copy(), known.debrief.copy()
    frame.loc[frame.index.isin(list(rows)), "decision_by"] = pd.NaT
    debrief.loc[debrief["row"].isin(list(rows)), "decision_by"] = pd.NaT
    return replace(known, frame=frame, debrief=debrief)


def _too_soon(s: Subject, contacts: list[_Contact]) -> Iterator[Finding]:
    """Contacts before the earliest date, then those too soon after one with the same person in another row."""
    told = set()
    for contact in contacts:
        if (
            contact.step
            and contact.day < contact.earliest
            and contact.step not in ("reply.answer", "networking.promise")
        ):
            told.add((contact.place, contact.day))
            whom = s.texts("contact")[contact.place] or s.texts("company")[contact.place] or "them"
            text = f"You contacted {whom} on {s.say(contact.day)}, but the next message was not to go out before {s.say(contact.earliest)}: give them time to answer."
            yield s.finding(
                "warning", "early-contact", text, row=s.rows[contact.place], field=contact.field, source="S3"
            )
    gap = s.profile.min_gap if s.settings.min_gap is None else s.settings.min_gap
    by_place: dict[int, list[_Contact]] = defaultdict(list)
    for contact in contacts:
        by_place[contact.place].append(contact)
    for address, places in shared_addresses(s.tracker).items():
        met = sorted((c for place in places for c in by_place[place]), key=lambda c: (c.day, c.place))
        for contact in met:
            if not MOVABLE.match(contact.step) or (contact.place, contact.day) in told:
                continue
            before = [
                other for other in met
                if other.place != contact.place and 0 < (contact.day - other.day).astype(int) < gap
            ]  # fmt: skip
            if before:
                told.add((contact.place, contact.day))
                other = before[-1]
                text = f"You contacted {address} on {s.say(contact.day)}, although you had on {s.say(other.day)} for row {s.rows[other.place]}: leave {gap} days between two messages to one person."
                yield s.finding(
                    "warning", "too-often", text, row=s.rows[contact.place], field=contact.field or "email", source="S1"
                )


# After the end


def _after_the_end(s: Subject) -> Iterator[Finding]:
    """Contacts on a closed thread whose end has a date. One closing message, and answers to theirs, are as they should be."""
    end, stages = s.days["reply_on"], s.at_stage(*_ENDED)
    thanked = s.at_stage(*_THANKED)
    days: dict[int, set[np.datetime64]] = defaultdict(set)
    theirs: dict[int, list[np.datetime64]] = defaultdict(list)
    for logged in s.history:
        if stages[logged.place] and logged.day > end[logged.place]:
            if logged.direction == "out":
                days[logged.place].add(logged.day)
            else:
                theirs[logged.place].append(logged.day)
    for place, found in sorted(days.items()):
        for day in sorted(found)[1 if thanked[place] else 0 :]:
            if not any(reply <= day for reply in theirs[place]):
                text = f"You contacted them on {s.say(day)}, although this was over on {s.say(end[place])}: change the status if it is open again."
                yield s.finding("error", "contact-after-end", text, row=s.rows[place], field="stage")


# The phone


def _by_phone(s: Subject) -> Iterator[Finding]:
    """Calls to people who asked not to be called: those that are planned, and those that are logged."""
    pattern = _no_phone()
    asked: dict[int, tuple[str, str]] = {}
    for name in _SAID:
        for place, text in enumerate(s.texts(name)):
            if text and place not in asked and (match := pattern.search(fold(text))):
                asked[place] = (name, match[0])
    since = _asked_in_history(s)
    planned = channels(s.work.situation, s.work.choice) == "phone"
    for place, (name, words) in asked.items():
        if planned[place] and s.work.outcome.follow_up[place] in _PLANNED:
            text = f"The next contact is planned by phone, but the row says “{words}”: choose another channel."
            yield s.finding("error", "phone-not-wanted", text, row=s.rows[place], field=name)
    for logged in s.history:
        if logged.direction != "out" or read_channel(logged.channel) != "phone":
            continue
        before = [said for day, said in since.get(logged.place, ()) if day < logged.day]
        if before or logged.place in asked:
            said = before[0] if before else asked[logged.place][1]
            text = f"You phoned on {s.say(logged.day)}, but they do not want calls (“{said}”): write to them instead."
            # a note in the row has no day: they may have said so in that very call
            severity: Severity = "error" if before else "warning"
            yield s.finding(severity, "phone-not-wanted", text, row=s.rows[logged.place], field="channel")


def _asked_in_history(s: Subject) -> dict[int, list[tuple[np.datetime64, str]]]:
    """Place -> on which day a History note says so, and its words."""
    found: dict[int, list[tuple[np.datetime64, str]]] = defaultdict(list)
    for logged in s.history:
        if logged.note and (match := _no_phone().search(fold(logged.note))):
            found[logged.place].append((logged.day, match[0]))
    return found


@cache
def _no_phone() -> re.Pattern[str]:
    """Finds, in a folded text, what says that somebody does not want to be phoned."""
    phrases = sorted({fold(phrase) for texts in data("no_phone").values() for phrase in texts}, key=len, reverse=True)
    either = "|".join(re.escape(phrase).replace("'", "['’]") for phrase in phrases)
    return re.compile(rf"(?<![a-z])(?:{either})(?![a-z])")


# The thank-you


def _missed(s: Subject) -> Iterator[Finding]:
    situation = s.work.situation
    lately = situation.today - situation.threads.anchor <= situation.cold_after
    live = np.isin(s.work.outcome.follow_up, _LIVE)
    for place in np.flatnonzero(s.work.choice.progress.missed & live & lately).tolist():
        what = _EVENTS.get(int(situation.threads.kind[place]), "day you met")
        text = f"Nobody was thanked for the {what} on {s.say(situation.threads.anchor[place])}, and by now it is too late for that alone: thank them in the next message."
        yield s.finding("warning", "thank-you-missed", text, row=s.rows[place], source="S4")

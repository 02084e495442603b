"""Who wrote when: the touches and replies of every thread, from History, past reminders, last contact and reply date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import NAT, DayArray, Flags, Ints, Texts, coded, texts
from sheetsync.cadence.threads import CLOSINGS, INTERVIEW, MEETING, OFFER
from sheetsync.model import RULES

if TYPE_CHECKING:
    from sheetsync.cadence.threads import Threads
    from sheetsync.model import Tracker

RULE: Final = {name: number for number, name in enumerate(RULES, start=1)}
"""A rule as a number: 0 is a touch without a step."""
NOTHING: Final = "nothing to answer"
_AND: Final = r"\band\b|(?<=\s)(?-i:und|et|y)(?=\s)"
_SEPARATORS: Final = re.compile(rf"\s*(?:[;/&\n]|{_AND})\s*", re.IGNORECASE)
_HINTS: Final = re.compile(rf"[;/&\n(\[<,]|{_AND}", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\s*[(\[<][^)\]>]*[)\]>]?")
_NAME_PART: Final = re.compile(r"[^\W\d_]+")
_MOST_PEOPLE: Final = 60
"""So many people fit into one bit mask; a longer list is cut, nobody writes that many thank-yous from one row."""
_CELLS_KNOWN: Final = 4_096
"""Contact cells that are not taken apart again: the figures of a Dashboard plan the same rows for many days."""
_ALL: Final = (1 << _MOST_PEOPLE) - 1
_THANKS: Final = (0, RULE["interview.thank_you"], RULE["meeting.thank_you"])
"""What a logged touch may say of its step and still thank everybody, if it names nobody."""


@dataclass(frozen=True, slots=True)
class Touches:
    """The logged touches, one a row, day and step, sorted by place and day; and what is known a row.

    `place` is the row's place in the tracker's frame. `people` has a bit for each of the row's people whom the day's
    touches name; every bit is set where one of that day thanks everybody. A bare last contact is no part of them: it is
    later than all of them and names no step.
    """

    place: Ints
    day: DayArray
    rule: Ints
    people: Ints
    named: Flags
    answers: Flags
    """It answered a message of theirs: they had written after the touch before."""
    bare: DayArray
    last: DayArray
    """The last touch of each row, the bare one included."""
    crowd: tuple[tuple[str, ...], ...]
    """The distinct lists of people; `crowd_of` says which is a row's."""
    crowd_of: Ints


@dataclass(frozen=True, slots=True)
class Replies:
    """Their messages: sorted by place and day, and the last one of each row."""

    place: Ints
    day: DayArray
    last: DayArray
    nothing: Flags
    """The last one is marked as nothing to answer."""
    channel: Texts
    """How the last one came, as History says; "" if it does not."""

    def after(self, place: Ints, day: DayArray) -> DayArray:
        """The last reply of each place on or before a day; NaT if there is none."""
        if not len(self.place):
            return np.full(len(place), NAT)
        found = np.searchsorted(_keys(self.place, self.day), _keys(place, day), side="right") - 1
        return np.where((found >= 0) & (self.place[found] == place), self.day[found], NAT)

    def first_after(self, place: Ints, day: DayArray) -> DayArray:
        """The first reply of each place later than a day; NaT if there is none."""
        if not len(self.place):
            return np.full(len(place), NAT)
        found = np.searchsorted(_keys(self.place, self.day), _keys(place, day), side="right")
        inside = np.minimum(found, len(self.place) - 1)
        mine = (found < len(self.place)) & (self.place[inside] == place) & ~np.isnat(day)
        return np.where(mine, self.day[inside], NAT)


@dataclass(frozen=True, slots=True)
class Debrief:
    """What the newest debrief of each row says; empty where there is none."""

    people: Texts
    decision_by: DayArray
    next_steps: Texts
    channel: Texts


def read_debrief(tracker: Tracker) -> Debrief:
    """The last Debrief row of each thread: an earlier one belongs to an earlier interview."""
    size = len(tracker.frame)
    people, steps, channel = (np.full(size, "", dtype=object) for _ in range(3))
    decision = np.full(size, NAT)
    if len(tracker.debrief):
        newest = tracker.debrief.drop_duplicates("row", keep="last")
        place = tracker.frame.index.get_indexer(pd.Index(newest["row"]))
        known = newest[place >= 0]
        place = place[place >= 0]
        people[place], steps[place], channel[place] = (
            texts(known, name) for name in ("people", "next_steps", "channel")
        )
        decision[place] = known["decision_by"].to_numpy(dtype="datetime64[D]")
    return Debrief(people, decision, steps, channel)


def read_replies(tracker: Tracker, threads: Threads) -> Replies:
    """Incoming History rows and the reply date; at an end or offer stage that date is the event itself, not a reply."""
    size = len(tracker.frame)
    logged = _logged(tracker, incoming=True)
    dated = ~np.isnat(threads.days["reply_on"]) & ~threads.is_kind(OFFER, *CLOSINGS)
    dated_at = np.flatnonzero(dated)
    place = np.concatenate([logged.place, dated_at])
    day = np.concatenate([logged.day, threads.days["reply_on"][dated_at]])
    # Of one day's replies a logged one says more than the reply date: it comes last.
    detail = np.concatenate([np.ones(len(logged.place), dtype=np.int64), np.zeros(len(dated_at), dtype=np.int64)])
    order = np.lexsort((detail, day, place))
    place, day, detail = place[order], day[order], detail[order]
    last, nothing, channel = np.full(size, NAT), np.zeros(size, dtype=bool), np.full(size, "", dtype=object)
    last[place] = day
    notes = np.concatenate([logged.nothing, np.zeros(len(dated_at), dtype=bool)])[order]
    channels = np.concatenate([logged.channel, np.full(len(dated_at), "", dtype=object)])[order]
    nothing[place], channel[place] = notes, channels
    return Replies(place, day, last, nothing, channel)


def read_touches(tracker: Tracker, threads: Threads, replies: Replies, debrief: Debrief) -> Touches:
    """Outgoing History rows and past reminders, and the last contact where it is later than all of them.

    A touch dated in the future counts as well: it is a message that is scheduled. A Problem tells of it.
    """
    logged = _logged(tracker, incoming=False)
    reminders = tracker.touches.dropna(subset=["on"]) if len(tracker.touches) else tracker.touches
    extra = (
        tracker.frame.index.get_indexer(pd.Index(reminders["row"])) if len(reminders) else np.empty(0, dtype=np.int64)
    )
    extra_day = (
        reminders["on"].to_numpy(dtype="datetime64[D]")[extra >= 0] if len(reminders) else np.empty(0, "datetime64[D]")
    )
    extra = extra[extra >= 0]
    place = np.concatenate([logged.place, extra]).astype(np.int64)
    day = np.concatenate([logged.day, extra_day])
    rule = np.concatenate([logged.rule, np.zeros(len(extra), dtype=np.int64)])
    names = np.concatenate([logged.name, np.full(len(extra), "", dtype=object)])
    order = np.lexsort((rule, day, place))
    from_log = order < len(logged.place)
    place, day, rule, names = place[order], day[order], rule[order], names[order]

    size = len(tracker.frame)
    last = np.full(size, NAT)
    last[place] = day
    contact = threads.days["last_contact"]
    bare = np.where(np.isnat(last) | (contact > last), contact, NAT)
    crowd, crowd_of, people = _people(tracker, threads, debrief, place, names)
    named = names != ""
    # It keeps its reach whatever else was written that day: a second message to one of them takes nothing away.
    people = np.where(from_log & ~named & np.isin(rule, _THANKS), _ALL, people)
    keep, people, named = _one_a_day(place, day, rule, people, named)
    place, day, rule = place[keep], day[keep], rule[keep]
    before = np.full(len(place), NAT)
    before[1:] = np.where(place[1:] == place[:-1], day[:-1], NAT)
    reply = replies.after(place, day)
    event = threads.event[place]
    answers = ~np.isnat(reply) & ~(reply < event) & (np.isnat(before) | (reply > before))
    return Touches(place, day, rule, people, named, answers, bare, np.fmax(last, bare), crowd, crowd_of)


@dataclass(frozen=True, slots=True)
class _Logged:
    place: Ints
    day: DayArray
    rule: Ints
    name: Texts
    channel: Texts
    nothing: Flags


def _logged(tracker: Tracker, *, incoming: bool) -> _Logged:
    """History rows of one direction, in sheet order; one without a direction is the person's own."""
    history = tracker.history
    if not len(history):
        empty = np.empty(0, dtype=object)
        number = np.empty(0, dtype=np.int64)
        return _Logged(number, np.empty(0, "datetime64[D]"), number, empty, empty, number.astype(bool))
    place = tracker.frame.index.get_indexer(pd.Index(history["row"]))
    day = history["on"].to_numpy(dtype="datetime64[D]")
    mine = (place >= 0) & ~np.isnat(day) & ((history["direction"] == "in").to_numpy() == incoming)
    # column by column: to cut the whole log, notes and all, costs more than everything that is read of it
    step, name, channel = (history[key].array[mine] for key in ("step", "contact", "channel"))
    nothing = np.zeros(len(step), dtype=bool)
    if incoming:
        said = zip(step.tolist(), history["note"].array[mine].tolist(), strict=True)
        nothing[:] = [NOTHING in step.casefold() or NOTHING in note.casefold() for step, note in said]
    return _Logged(
        place[mine],
        day[mine],
        coded(pd.Series(step), RULE),
        np.array([text.strip() for text in name.tolist()], dtype=object),
        channel.to_numpy(dtype=object),
        nothing,
    )


def _keys(place: Ints, day: DayArray) -> Ints:
    """Numbers that sort by place, then day. Years up to 9999 lie well within 2**23 days."""
    number = np.where(np.isnat(day), 0, day.astype(np.int64))
    return place.astype(np.int64) * (1 << 24) + number + (1 << 23)


def _one_a_day(place: Ints, day: DayArray, rule: Ints, people: Ints, named: Flags) -> tuple[Flags, Ints, Flags]:
    """Several touches on one day are one: of one step only one stays, and one without a step only if it is alone.

    Returns which stay, and for those whom the day's touches name. The touches are sorted by place, day, rule.
    """
    size = len(place)
    if not size:
        return np.zeros(0, dtype=bool), people, named
    starts = np.ones(size, dtype=bool)
    starts[1:] = (place[1:] != place[:-1]) | (day[1:] != day[:-1])
    begin = np.flatnonzero(starts)
    group = np.cumsum(starts) - 1
    all_people = np.bitwise_or.reduceat(people, begin)[group]
    all_named = np.logical_or.reduceat(named, begin)[group]
    highest = np.maximum.reduceat(rule, begin)[group]
    again = np.zeros(size, dtype=bool)
    again[1:] = ~starts[1:] & (rule[1:] == rule[:-1])
    keep = ~again & ((rule > 0) | (highest == 0))
    return keep, all_people[keep], all_named[keep]


# People


def split_people(text: str) -> tuple[str, ...]:
    """The people whom a contact cell names, split at ; / & a line break and "and" (und, et, y); titles in brackets go."""
    if not _HINTS.search(text):
        return (text.strip(),) if text.strip() else ()
    parts = (_BRACKETS.sub("", part).strip(" ,") for part in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))[:_MOST_PEOPLE]


def maybe_several(cells: Texts) -> Flags:
    """Where a contact cell may name more than one person, or a title."""
    return np.array([_HINTS.search(text) is not None for text in cells.tolist()], dtype=bool)


def _people(
    tracker: Tracker, threads: Threads, debrief: Debrief, place: Ints, names: Texts
) -> tuple[tuple[tuple[str, ...], ...], Ints, Ints]:
    """The distinct lists of people, which is each row's, and a mask of the people that each touch names.

    Only rows with a thank-you to everybody have a list. Loops over distinct texts, not over rows.
    """
    size = len(tracker.frame)
    thanked = threads.is_kind(INTERVIEW, MEETING)
    listed = texts(tracker.frame, "contact") + np.where(debrief.people == "", "", "\n" + debrief.people)
    listed = np.where(thanked, listed, "")
    crowd_of, distinct = pd.factorize(listed)
    if not size:
        return ((),), crowd_of, np.zeros(0, dtype=np.int64)
    crowd = tuple(_crowd(str(text)) for text in distinct)
    if not (names != "").any():
        return crowd, crowd_of.astype(np.int64), np.zeros(len(place), dtype=np.int64)
    pairs = pd.DataFrame({"crowd": crowd_of[place], "name": names})
    pair_of = pairs.groupby(["crowd", "name"], sort=False).ngroup().to_numpy()
    first = np.unique(pair_of, return_index=True)[1]
    masks = [
        _mask(crowd[number], split_people(name))
        for number, name in zip(pairs["crowd"].to_numpy()[first], names[first], strict=True)
    ]
    return (
        crowd,
        crowd_of.astype(np.int64),
        np.array(masks, dtype=np.int64)[pair_of] if masks else np.zeros(0, np.int64),
    )


@lru_cache(_CELLS_KNOWN)
def _crowd(text: str) -> tuple[str, ...]:
    """The people of a thread, from its contact cell and its debrief."""
    return _merged(split_people(text))


def _parts(name: str) -> frozenset[str]:
    return frozenset(_NAME_PART.findall(name.split(",", maxsplit=1)[0].casefold()))


def _merged(people: tuple[str, ...]) -> tuple[str, ...]:
    """Without those who are named twice, once more fully ("Dana" and "Dana Roe")."""
    if len(people) <= 1:
        return people
    kept: list[str] = []
    for name in people:
        parts = _parts(name)
        if not any(parts and parts <= _parts(other) for other in kept):
            kept = [other for other in kept if not (_parts(other) and _parts(other) < parts)] + [name]
    return tuple(kept)


def _mask(people: tuple[str, ...], named: tuple[str, ...]) -> int:
    """Which of the people are meant: by the same name, else by a part of it that only one of them has."""
    mask = 0
    for name in named:
        same = [place for place, person in enumerate(people) if person.casefold() == name.casefold()]
        shared = same or [place for place, person in enumerate(people) if _parts(person) & _parts(name)]
        if len(shared) == 1:
            mask |= 1 << shared[0]
    return mask

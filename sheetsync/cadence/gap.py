"""Keep contacts with one person apart (cadence section 5: do not bombard)."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sheetsync.cadence.arrays import NAT, DayArray, Flags, Ints, Texts, among, texts
from sheetsync.cadence.ladder import Dated, Situation
from sheetsync.cadence.steps import CADENCE, DATED, DECISION, SET

if TYPE_CHECKING:
    from sheetsync.cadence.workdays import Calendar
    from sheetsync.model import Tracker

MOVABLE: Final = re.compile(r"interview\.(followup_|letter)|application\.|proposal\.followup")
"""The rules that keep away from other contacts with the same person."""
_ADDRESS: Final = re.compile(r"(?<![^\s<>;,:()\[\]\"'@])[^\s<>;,:()\[\]\"'@]++@[^\s<>;,:()\[\]\"']+")
_SEVERAL: Final = re.compile(r"[\s<>;,:()\[\]\"']")
_TIE_BREAKERS: Final = ("company", "role", "contact", "location", "link", "notes", "id")


@dataclass(frozen=True, slots=True)
class Spaced:
    """From and until after contacts with one person were kept apart.

    `because` is the contact that a step had to move away from, NaT where it stayed; `planned` where that contact has
    not happened yet.
    """

    start: DayArray
    until: DayArray
    because: DayArray
    planned: Flags
    shared: tuple[tuple[int, ...], ...]
    """Places of rows that share an address, in no particular order; each at least two."""


def keep_apart(
    situation: Situation, level: Ints, dated: Dated, *, start: DayArray, until: DayArray, gap: int
) -> Spaced:
    """Move follow-ups that come too soon before or after another contact with the same person.

    Contacts are the touches of every row at the address, and the planned steps of its rows. Only interview follow-ups
    and letters, applications and proposal follow-ups move, in the order of from, until, rule, company and role (further
    texts break ties, never the row number); a moved from is rolled, and until = max(until, from). A date that the person
    set stays. A row is at one person also without any address, so it keeps away from its own last touch. Where a cell
    holds several addresses, each of them is a person.
    """
    size = len(start)
    rules = np.array([bool(MOVABLE.match(step.rule)) for step in situation.profile.steps] + [False])
    movable = (level == CADENCE) & rules[dated.step] & ~np.isnat(start)
    start, until = start.copy(), until.copy()
    because, planned = np.full(size, NAT), np.zeros(size, dtype=bool)

    own = situation.touches.last
    distance = np.timedelta64(gap, "D")
    close = movable & (own > start - distance) & (own < start + distance)
    if close.any():
        because[close] = own[close]
        start[close] = situation.calendar.roll(own[close] + distance)
        until = np.fmax(until, np.where(close, start, NAT))
    shared = shared_addresses(situation.tracker)
    if gap > 0 and shared:
        _Addresses(situation, level, dated, shared, gap).move(movable, start, until, because, planned)
    groups = tuple(rows for rows in shared.values())
    return Spaced(start, until, because, planned, groups)


def shared_addresses(tracker: Tracker) -> dict[str, tuple[int, ...]]:
    """The addresses that stand in several rows, and those rows' places in the tracker's frame."""
    return _shared(texts(tracker.frame, "email"))


def _shared(emails: Texts) -> dict[str, tuple[int, ...]]:
    """The addresses that stand in several rows, and those rows' places. One address under several companies is one person."""
    filled = np.flatnonzero(emails != "")
    if not len(filled):
        return {}
    written = np.array([text.strip().casefold() for text in emails[filled].tolist()], dtype=object)
    plain = np.array([_SEVERAL.search(text) is None for text in written.tolist()], dtype=bool)
    codes, distinct = pd.factorize(written[plain])
    places = filled[plain]
    found: dict[str, list[int]] = defaultdict(list)
    for place, text in zip(filled[~plain].tolist(), written[~plain].tolist(), strict=True):
        for address in set(_ADDRESS.findall(text)):
            found[address].append(place)
    counts = np.bincount(codes, minlength=len(distinct))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(counts)
    mentioned = pd.Index(distinct).get_indexer(pd.Index(list(found), dtype=object)) if found else np.zeros(0, np.int64)
    for code in sorted({*np.flatnonzero(counts > 1).tolist(), *mentioned[mentioned >= 0].tolist()}):
        found[str(distinct[code])] += places[order[ends[code] - counts[code] : ends[code]]].tolist()
    return {address: tuple(rows) for address, rows in found.items() if len(rows) > 1}


class _Addresses:
    """The contacts at every shared address, as sorted day numbers."""

    def __init__(
        self, situation: Situation, level: Ints, dated: Dated, shared: dict[str, tuple[int, ...]], gap: int
    ) -> None:
        self.s, self.shared, self.gap = situation, shared, gap
        self.roll = _Roll(situation.calendar)
        self.planned_level = among(level, DATED)
        self.dated = dated
        self.addresses: dict[int, list[str]] = defaultdict(list)
        for address in sorted(shared):
            for place in shared[address]:
                self.addresses[place].append(address)

    def move(self, movable: Flags, start: DayArray, until: DayArray, because: DayArray, planned: Flags) -> None:
        """Place the movable rows one after another, writing into the arrays given."""
        contacts = self._contacts(movable, start)
        concerned = np.zeros(len(start), dtype=bool)
        concerned[list(self.addresses)] = True
        for place in self._ordered(np.flatnonzero(concerned & movable), start, until):
            day = int(start[place].astype(np.int64))
            books = [contacts[address] for address in self.addresses[place]]
            found, reason = books[0].taken.get(day, (day, None)) if len(books) == 1 else (day, None)
            while clash := next((hit for book in books if (hit := book.clash(found)) is not None), None):
                reason = clash
                found = self.roll(clash[0] + self.gap)
            if reason is not None:
                start[place] = np.datetime64(found, "D")
                until[place] = max(until[place], start[place])
                because[place], planned[place] = np.datetime64(reason[0], "D"), reason[1]
                if len(books) == 1:
                    books[0].taken[day] = (found, reason)
            for book in books:
                book.add(found, planned=True)

    def _contacts(self, movable: Flags, start: DayArray) -> dict[str, _Book]:
        """What stands at every shared address already: touches, and steps that do not move."""
        touches = self.s.touches
        days: dict[int, list[int]] = defaultdict(list)
        mine = np.isin(touches.place, list(self.addresses))
        for place, day in zip(touches.place[mine].tolist(), touches.day[mine].astype(np.int64).tolist(), strict=True):
            days[place].append(day)
        bare = np.flatnonzero(~np.isnat(touches.bare))
        for place, day in zip(bare.tolist(), touches.bare[bare].astype(np.int64).tolist(), strict=True):
            if place in self.addresses:
                days[place].append(day)
        fixed = self.planned_level & ~movable & ~np.isnat(start)
        result = {}
        for address, rows in self.shared.items():
            book = _Book(self.gap)
            for place in rows:
                for day in days.get(place, ()):
                    book.add(day, planned=False)
                if fixed[place]:
                    book.add(int(start[place].astype(np.int64)), planned=True)
            result[address] = book
        return result

    def _ordered(self, places: Ints, start: DayArray, until: DayArray) -> Sequence[int]:
        frame = self.s.tracker.frame
        steps = self.s.profile.steps
        keys = pd.DataFrame({"start": start[places], "until": until[places]})
        keys["rule"] = [steps[number].rule for number in self.dated.step[places]]
        for name in _TIE_BREAKERS:
            keys[name] = texts(frame, name)[places]
        order = keys.sort_values(["start", "until", "rule", *_TIE_BREAKERS], kind="stable").index.to_numpy()
        ordered: Sequence[int] = places[order].tolist()
        return ordered


class _Book:
    """The days of contact at one address."""

    def __init__(self, gap: int) -> None:
        self.gap = gap
        self.days: list[int] = []
        self.planned: dict[int, bool] = {}
        self.taken: dict[int, tuple[int, tuple[int, bool] | None]] = {}
        """Day -> where the search from it ended, and why: contacts only become more, so the next begins there."""

    def add(self, day: int, *, planned: bool) -> None:
        """Note a contact. One that has happened says more than one that is planned for the same day."""
        if day not in self.planned:
            bisect.insort(self.days, day)
        self.planned[day] = planned and self.planned.get(day, True)

    def clash(self, day: int) -> tuple[int, bool] | None:
        """The latest contact closer to a day than the gap, and whether it is only planned."""
        place = bisect.bisect_left(self.days, day + self.gap) - 1
        if place >= 0 and self.days[place] > day - self.gap:
            return self.days[place], self.planned[self.days[place]]
        return None


class _Roll:
    """The first day on or after a day number on which people are written to; remembered."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.known: dict[int, int] = {}

    def __call__(self, day: int) -> int:
        if day not in self.known:
            rolled = self.calendar.roll(np.array([day], dtype="datetime64[D]"))
            self.known[day] = int(rolled[0].astype(np.int64))
        return self.known[day]


def one_message(situation: Situation, spaced: Spaced, level: Ints, shown: Flags) -> dict[int, tuple[str, ...]]:
    """For rows whose follow-ups go to one person at several companies: the companies that one message can cover.

    Only follow-ups, questions about a decision and dates that were set: a thank-you, an answer or an offer is a message
    of its own (S4: each one different).
    """
    steps = among(level, (CADENCE, DECISION, SET)) & shown
    companies = texts(situation.tracker.frame, "company")
    result: dict[int, tuple[str, ...]] = {}
    for rows in spaced.shared:
        asked = [place for place in rows if steps[place] and companies[place]]
        names = tuple(sorted({str(companies[place]) for place in asked}, key=lambda name: (name.casefold(), name)))
        if len(names) > 1:
            for place in asked:
                if len(names) > len(result.get(place, ())):
                    result[place] = names
    return result

"""Planned contacts, week by week: which were kept, which came late, which never came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from sheetsync.cadence.engine import work_out
from sheetsync.cadence.gap import shared_addresses
from sheetsync.cadence.outcome import rule_ids
from sheetsync.measures.messages import messages
from sheetsync.measures.past import Pasts
from sheetsync.model import DATE_FIELDS

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings

WEEKS: Final = 12
_STEP: Final = 3
"""Days between two looks at the plan. The shortest time for which a missed contact shows as Overdue before the cadence goes
on is that of a meeting's thank-you: days 3 to 5."""
_SILENT: Final = dt.timedelta(days=60)
"""A row in which nothing has happened for so long has no contact planned any more: the longest window ends well before."""

Fate = Literal["done", "late", "missed", "open"]
_Window = tuple[int, str, dt.date]
"""A planned contact: its row, its rule and its last day."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One contact that the cadence had planned."""

    row: int
    rule: str
    contact_by: dt.date
    fate: Fate
    """`done` on its last day or before, `late` after it, `missed` if its last day passed and nothing was sent since, `open`
    while there is time."""
    on: dt.date | None = None
    """The day on which it was made."""


@dataclass(frozen=True, slots=True)
class Week:
    """What became of the contacts whose last day lay in one week, Monday to Sunday."""

    begins: dt.date
    done: int = 0
    late: int = 0
    missed: int = 0
    open: int = 0

    @property
    def planned(self) -> int:
        return self.done + self.late + self.missed + self.open


def planned_contacts(
    tracker: Tracker, profile: Profile, settings: Settings, *, today: dt.date, weeks: int = WEEKS
) -> tuple[Planned, ...]:
    """Every contact that was to be made by a day of the last `weeks` weeks (the running one included), in order of that day.

    The cadence itself says what was planned: its plan is worked out again for every day on which something was sent, and
    for at least every third day between, over the tracker as it was known then (`past`). A message out keeps what was open
    on its day, from the earliest day on; a message that nothing asked for counts as nothing. To thank two people is one
    contact, kept when both are thanked.

    What nobody can know is left out: where only the last contact is known (no History), what was planned before it.
    """
    monday = today - dt.timedelta(days=today.weekday())
    first = monday - dt.timedelta(weeks=weeks - 1)
    lively = _lively(tracker, first)
    known = messages(lively)
    sent = known[known["out"]]
    bare: dict[int, dt.date] = {
        row: on.date() for row, on in zip(sent.loc[sent["bare"], "row"], sent.loc[sent["bare"], "on"], strict=True)
    }
    on_day: dict[dt.date, set[int]] = {}
    for row, on in zip(sent["row"].tolist(), sent["on"].tolist(), strict=True):
        on_day.setdefault(on.date(), set()).add(row)
    pasts = Pasts(lively)
    found: dict[_Window, tuple[Fate, dt.date | None]] = {}
    for day in _days(max(first, _begun(lively, known, today)), today, on_day):
        written = on_day.get(day, set())
        for window, earliest in _windows(pasts.on(day - dt.timedelta(days=1)), profile, settings, day):
            row, _, contact_by = window
            if contact_by < first or (row in bare and contact_by < bare[row]):
                continue
            if row in written:
                if day >= earliest:
                    found[window] = "done" if day <= contact_by else "late", day
            elif contact_by < day:
                found[window] = "missed", None
    end = monday + dt.timedelta(days=6)
    for window, _ in _windows(lively, profile, settings, today):
        if today <= window[2] <= end:
            found[window] = "open", None
    planned = (Planned(*window, fate, on) for window, (fate, on) in found.items())
    return tuple(sorted(planned, key=lambda one: (one.contact_by, one.row, one.rule)))


def by_week(planned: Iterable[Planned], *, today: dt.date, weeks: int = WEEKS) -> tuple[Week, ...]:
    """Planned contacts counted by the week of their last day, the oldest week first, the running one last."""
    monday = today - dt.timedelta(days=today.weekday())
    counted = {
        begins: {"done": 0, "late": 0, "missed": 0, "open": 0}
        for begins in (monday - dt.timedelta(weeks=back) for back in range(weeks - 1, -1, -1))
    }
    for one in planned:
        begins = one.contact_by - dt.timedelta(days=one.contact_by.weekday())
        if begins in counted:
            counted[begins][one.fate] += 1
    return tuple(Week(begins, **fates) for begins, fates in counted.items())


def _windows(tracker: Tracker, profile: Profile, settings: Settings, day: dt.date) -> Iterator[tuple[_Window, dt.date]]:
    """What is planned as of a day, and from when on it may be done."""
    work = work_out(tracker, profile, settings, today=day)
    situation, outcome = work.situation, work.outcome
    rules = rule_ids(situation, work.choice, outcome)
    at = np.flatnonzero(np.isin(outcome.follow_up, ("Overdue", "Due", "Upcoming")))
    rows = tracker.frame.index.to_numpy()[at].tolist()
    until, earliest = (days[at].astype(object).tolist() for days in (outcome.until, outcome.earliest))
    return zip(zip(rows, rules[at].tolist(), until, strict=True), earliest, strict=True)


def _days(first: dt.date, today: dt.date, sent: Mapping[dt.date, object]) -> list[dt.date]:
    """The days to look at, in order: those with messages, no two further than `_STEP` days apart, and today."""
    days: list[dt.date] = []
    since = first
    for number in range((today - first).days + 1):
        day = first + dt.timedelta(days=number)
        if day in sent or day == today or (day - since).days >= _STEP:
            days.append(day)
            since = day
    return days


def _begun(tracker: Tracker, known: pd.DataFrame, today: dt.date) -> dt.date:
    """The first day of which anything is known: before it nothing was planned."""
    days = pd.concat([tracker.frame[[*DATE_FIELDS]].min(), known["on"]]).dropna()
    return min(days.min().date(), today) if len(days) else today


def _lively(tracker: Tracker, first: dt.date) -> Tracker:
    """Without the rows in which nothing has happened for long before the first day; a job taken ends others for good."""
    frame = tracker.frame
    since = np.datetime64(first - _SILENT, "D")
    lively = (frame[[*DATE_FIELDS]] >= since).any(axis=1) | (frame["stage"] == "accepted")
    for log in (tracker.history, tracker.touches):
        lively |= frame.index.isin(log.loc[(log["on"] >= since).to_numpy(), "row"])
    kept = frame[lively]
    shared = [place for places in shared_addresses(replace(tracker, frame=kept)).values() for place in places]
    # an address of one row keeps nothing apart, and to look for it on every day costs more than many a rule
    kept = kept.assign(email=kept["email"].where(np.isin(np.arange(len(kept)), shared), ""))
    history, touches = (log[log["row"].isin(kept.index)] for log in (tracker.history, tracker.touches))
    return replace(tracker, frame=kept, history=history, touches=touches)

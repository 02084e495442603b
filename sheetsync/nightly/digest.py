"""The morning: what is overdue, due and coming, whose answer is awaited, what is new since yesterday. Nothing is written."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sheetsync.cadence.outcome import pressing
from sheetsync.nightly import counts as standings

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.sync import Proposal

DAYS: Final = 7
"""How far ahead a digest looks."""
_EVENTS: Final = ("interview_on", "interview_2_on", "interview_3_on")
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a tracker that is told of. Absent words are empty, absent dates None."""

    target: str
    row: int
    company: str
    person: str
    """The contact, or where none is known the role."""
    what: str
    """What to do next."""
    why: str
    follow_up: str
    next_contact: dt.date | None
    contact_by: dt.date | None
    decision_by: dt.date | None
    days_overdue: int
    action: str

    @property
    def who(self) -> str:
        return ", ".join(filter(None, (self.company, self.person)))


@dataclass(frozen=True, slots=True)
class News:
    """Something that is new since yesterday."""

    target: str
    row: int
    who: str
    on: dt.date
    what: str


@dataclass(frozen=True, slots=True)
class Look:
    """One tracker in the morning."""

    target: str
    today: dt.date
    now: tuple[Item, ...]
    """Overdue and due, the most pressing first."""
    soon: tuple[Item, ...]
    waiting: tuple[Item, ...]
    news: tuple[News, ...]
    counts: Mapping[str, int]
    before: standings.Standing | None
    """How it stood after the last night before today, if that is known."""
    per_day: int
    to_look_at: int
    """Problems, and rows whose next step cannot be worked out."""
    beside: str
    """A sentence about copies of the file that a syncing program left beside it; empty if there are none."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A tracker that could not be read."""

    target: str
    error: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Digest:
    """Several trackers in one morning."""

    today: dt.date
    days: int
    looks: tuple[Look, ...]
    missed: tuple[Missed, ...]
    overdue: tuple[Item, ...]
    due: tuple[Item, ...]
    soon: tuple[Item, ...]
    waiting: tuple[Item, ...]
    news: tuple[News, ...]

    @property
    def per_day(self) -> int:
        """How many rows a person is shown at most of each kind."""
        return max((look.per_day for look in self.looks), default=10)

    @property
    def cold(self) -> int:
        return sum(look.counts.get("Cold", 0) for look in self.looks)

    @property
    def in_short(self) -> str:
        """Numbers only, fit for a screen that others can see: `2 overdue, 3 due today`."""
        return in_short(len(self.overdue), len(self.due))

    @property
    def moves(self) -> tuple[tuple[str, str], ...]:
        """Target -> how its numbers moved since its last night, where that is known and they did."""
        return tuple((look.target, told) for look in self.looks if (told := _moved(look)))


def in_short(overdue: int, due: int) -> str:
    """How much there is to do today, in numbers."""
    told = [f"{number:,} {word}" for number, word in ((overdue, "overdue"), (due, "due today")) if number]
    return ", ".join(told) or "nobody to contact today"


def look(target: str, proposal: Proposal, *, days: int, beside: str = "") -> Look:
    """Take a morning's look at a tracker.

    What is new is what the tracker itself dates yesterday or today: contacts, answers, interviews, applications, and
    windows that opened or closed. Numbers are compared with those of the last night.
    """
    frame, today = proposal.plan.frame, proposal.today
    decisions = _decisions(proposal)
    follow_up = frame["follow_up"]
    now = frame[follow_up.isin(["Overdue", "Due"]) & (frame["rank"] > 0)].sort_values("rank").index
    last = today + dt.timedelta(days=days)
    upcoming = frame[follow_up == "Upcoming"]
    awaited = [row for row in upcoming.index if row in decisions and decisions[row] >= today]
    begins = upcoming[(upcoming["next_contact"].dt.date <= last) & ~upcoming.index.isin(awaited)]
    soon = begins.sort_values("rank").index
    waiting = _items(target, proposal, [*frame.index[follow_up == "Waiting"], *awaited], decisions)
    return Look(
        target=target,
        today=today,
        now=_items(target, proposal, now, decisions),
        soon=_items(target, proposal, soon, decisions),
        waiting=tuple(sorted(waiting, key=lambda item: (item.decision_by or dt.date.max, item.company, item.row))),
        news=_news(target, proposal, decisions),
        counts={str(word): int(number) for word, number in follow_up.value_counts().items() if word},
        before=standings.last_before(target, today),
        per_day=proposal.settings.per_day or proposal.profile.per_day,
        to_look_at=len(set(proposal.problems)) + int((follow_up == "Needs info").sum()),
        beside=beside,
    )


def gather(found: Iterable[Look | Missed], *, today: dt.date, days: int) -> Digest:
    """Put the looks at several trackers into one digest; each tracker's own order is kept."""
    found = tuple(found)
    looks = tuple(each for each in found if isinstance(each, Look))
    now = tuple(heapq.merge(*(each.now for each in looks), key=_pressing))
    return Digest(
        today=max((each.today for each in looks), default=today),
        days=days,
        looks=looks,
        missed=tuple(each for each in found if isinstance(each, Missed)),
        overdue=tuple(item for item in now if item.follow_up == "Overdue"),
        due=tuple(item for item in now if item.follow_up != "Overdue"),
        soon=tuple(heapq.merge(*(each.soon for each in looks), key=lambda item: item.next_contact or dt.date.max)),
        waiting=tuple(heapq.merge(*(each.waiting for each in looks), key=lambda item: item.decision_by or dt.date.max)),
        news=tuple(sorted((one for each in looks for one in each.news), key=lambda one: one.on, reverse=True)),
    )


def _pressing(item: Item) -> tuple[int, int]:
    """How rows of different trackers follow each other (cadence section 5): by rule, the newest window first."""
    return pressing(item.action), -(item.next_contact or dt.date.min).toordinal()


def _decisions(proposal: Proposal) -> dict[int, dt.date]:
    """Row -> the day by which they want to decide: as the row says, else as was told in the interview."""
    debrief, dates = proposal.tracker.debrief, proposal.tracker.frame["decision_by"].dropna()
    told = debrief.dropna(subset=["decision_by"]) if len(debrief) else debrief
    days = dict(zip(told["row"].tolist(), told["decision_by"].tolist(), strict=True)) if len(told) else {}
    days |= dict(zip(dates.index.tolist(), dates.tolist(), strict=True))
    return {int(row): day.date() for row, day in days.items() if row in proposal.plan.frame.index}


def _items(target: str, proposal: Proposal, rows: Iterable[int], decisions: Mapping[int, dt.date]) -> tuple[Item, ...]:
    wanted = [int(row) for row in rows]
    next_ = proposal.plan.frame.loc[wanted].to_dict("records")
    threads = proposal.tracker.frame.loc[wanted, ["company", "contact", "role"]].to_dict("records")
    return tuple(
        Item(
            target=target,
            row=row,
            company=thread["company"],
            person=thread["contact"] or thread["role"],
            what=plan["next_action"],
            why=plan["why"],
            follow_up=plan["follow_up"],
            next_contact=_day(plan["next_contact"]),
            contact_by=_day(plan["contact_by"]),
            decision_by=decisions.get(row),
            days_overdue=int(plan["days_overdue"]) if plan["follow_up"] == "Overdue" else 0,
            action=plan["action"],
        )
        for row, plan, thread in zip(wanted, next_, threads, strict=True)
    )


# What is new


def _news(target: str, proposal: Proposal, decisions: Mapping[int, dt.date]) -> tuple[News, ...]:
    today, threads, plan = proposal.today, proposal.tracker.frame, proposal.plan.frame
    yesterday = today - _DAY
    found: list[tuple[int, dt.date, str]] = list(_contacts(proposal.tracker.history, yesterday, today))
    told = {(row, on) for row, on, _ in found}
    for name, what in (("applied_on", "Sent"), ("reply_on", "They answered"), ("last_contact", "You were in touch")):
        found += [(row, on, what) for row, on in _between(threads[name], yesterday, today) if (row, on) not in told]
    for name in _EVENTS:
        found += [
            (row, on, "You met" if plan.loc[row, "kind"] in {"meeting", "networking"} else "You had an interview")
            for row, on in _between(threads[name], yesterday, yesterday)
        ]
    due, overdue = (plan[plan["follow_up"] == word] for word in ("Due", "Overdue"))
    found += [(row, on, "Due from today") for row, on in _between(due["next_contact"], today, today)]
    found += [
        (row, on, "Overdue: yesterday was the last day")
        for row, on in _between(overdue["contact_by"], yesterday, yesterday)
    ]
    found += [(row, day, "They wanted to decide by yesterday") for row, day in decisions.items() if day == yesterday]
    return tuple(News(target, row, _who(threads, row), on, what) for row, on, what in dict.fromkeys(found))


def _contacts(history: pd.DataFrame, first: dt.date, last: dt.date) -> Iterable[tuple[int, dt.date, str]]:
    """The contacts of those days, as the history has them."""
    if not len(history):
        return
    days = history["on"].dt.date
    for contact in history[(days >= first) & (days <= last)].to_dict("records"):
        person, by = contact["contact"] or "them", f" ({contact['channel']})" if contact["channel"] else ""
        what = (
            f"{contact['contact'] or 'They'} got in touch{by}"
            if contact["direction"] == "in"
            else f"You contacted {person}{by}"
        )
        yield int(contact["row"]), contact["on"].date(), what


def _between(dates: pd.Series[Any], first: dt.date, last: dt.date) -> Iterable[tuple[int, dt.date]]:
    days = dates.dropna().dt.date
    found = days[(days >= first) & (days <= last)]
    return [(int(row), day) for row, day in zip(found.index.tolist(), found.tolist(), strict=True)]


def _moved(look: Look) -> str:
    """How a tracker's numbers moved: `3 overdue (it was 2)`; empty if they did not, or nobody knows."""
    if look.before is None:
        return ""
    pairs = ((word, look.counts.get(word, 0), look.before.counts.get(word, 0)) for word in _COMPARED)
    return ", ".join(f"{now:,} {word.lower()} (it was {was:,})" for word, now, was in pairs if now != was)


_COMPARED: Final = ("Overdue", "Due", "Upcoming", "Waiting", "Cold", "Closed")


def _who(threads: pd.DataFrame, row: int) -> str:
    if row not in threads.index:
        return ""
    names = (threads.loc[row, name] for name in ("company", "contact", "role"))
    return next((str(name) for name in names if name), f"row {row}")


def _day(value: Any) -> dt.date | None:
    """A date of a frame; None where it is missing."""
    return value.date() if value == value else None  # noqa: PLR0124 - NaT differs from itself

"""One client: everything the portfolio tells of a tracker, as plain values. The tracker is only read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sheetsync.cadence.engine import plan as make_plan
from sheetsync.cadence.threads import INTERVIEWS
from sheetsync.coach.as_shared import as_shared
from sheetsync.coach.base import Base, read_base
from sheetsync.coach.clients import is_list
from sheetsync.errors import NoTrackerError, SheetsyncError
from sheetsync.measures.answers import last_touch
from sheetsync.measures.left_undone import interviews_without_debrief, thank_yous_missed
from sheetsync.measures.messages import messages
from sheetsync.measures.past import past
from sheetsync.measures.threads import Thread, counts, due_now, threads, upcoming
from sheetsync.model import FOLLOW_UPS
from sheetsync.records.shares import is_base
from sheetsync.sheets import open_source
from sheetsync.sheets.companions import settings_beside
from sheetsync.sync import Proposal, propose
from sheetsync.tracker.recognise import is_portfolio

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.changes import Changes, Only, Receipt
    from sheetsync.model import Snapshot, Tracker

DAY: Final = dt.timedelta(days=1)
WEEK: Final = dt.timedelta(days=7)
AHEAD: Final = dt.timedelta(days=14)
"""How far decisions and interviews are told ahead."""
_ENDED: Final = ("accepted", "declined", "withdrawn", "rejected", "won", "lost")


@dataclass(frozen=True, slots=True)
class Event:
    """Something at one thread on one day. `what` is a key of `templates/portfolio/brief.toml`, where there are several."""

    row: int
    who: str
    on: dt.date
    what: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One tracker as it stands on a day, and what happened in it since another."""

    target: str
    sheet: str
    today: dt.date
    since: dt.date
    """The last session, or a week ago."""
    rows: tuple[Thread, ...]
    """What is not closed: what is to be done by rank, then the rest."""
    counts: Mapping[str, int]
    """Follow-up word -> threads."""
    before: Mapping[str, int] | None
    """The same a week ago, as it was known then; None where that is not known, as of a copy."""
    missed: tuple[Event, ...] | None
    """Interviews and meetings whose thank-you was not sent in time; None where that is not known."""
    undebriefed: tuple[Event, ...] | None
    """Interviews without a debrief; None where that is not known."""
    decisions: tuple[Event, ...]
    meetings: tuple[Event, ...]
    """Interviews and meetings to come."""
    happened: tuple[Event, ...]
    """Since `since`, the newest first."""
    contacts: int
    """Messages and calls of the last seven days."""
    contacts_before: int
    """The same in the seven days before those."""
    last_touch: dt.date | None
    """The last day on which the person did anything: wrote, called, applied."""
    problems: int
    shared_on: dt.date | None = None
    """The day of a copy that the client shared; None for a tracker itself."""

    @property
    def idle(self) -> int | None:
        """Days since the last touch; None if there was none."""
        return None if self.last_touch is None else (self.today - self.last_touch).days


@dataclass(frozen=True, slots=True)
class Looked:
    """What stands at one target: a look for each of its trackers."""

    target: str
    looks: tuple[Look, ...]
    several: bool
    """Whether it holds more than one tracker, so that each goes by its sheet's name."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A target that could not be looked at."""

    target: str
    error: str
    """One sentence that says what to do."""
    exit_code: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """A target that is no client: an earlier portfolio."""

    target: str


def look_at(
    target: str,
    *,
    sheet: str,
    since: dt.date | None,
    as_of: dt.date | dt.datetime,
    options: Mapping[str, Any],
    service_account: str | None,
) -> Looked | Unread | Earlier:
    """Look at every tracker in a spreadsheet, or at the one on `sheet`; each is planned by itself.

    `since` is the day from which on news are told, a week ago if it is None. Nothing is written. What stops it is an
    answer, not an error.
    """
    try:
        snapshot = open_source(target, service_account=service_account).read()
        if is_portfolio(snapshot):
            return Earlier(target)
        # a copy is looked at as if it were a tracker: without the sheet by which every other command refuses it
        shown = tuple(grid for grid in snapshot.grids if not is_base(grid))
        source = _Read(target, replace(snapshot, grids=shown))
        toml = settings_beside(target)
        asked = {**options, "sheet": sheet} if sheet else dict(options)
        main = propose(source, as_of=as_of, options=asked, toml=toml)
        proposals = [main]
        visible = [grid.name for grid in snapshot.grids if not grid.hidden]
        for other in main.layout.other_trackers:
            if other in visible:
                one = propose(source, as_of=as_of, options={**asked, "sheet": other}, toml=toml)
                proposals += [one] if len(one.plan.frame) else []
    except NoTrackerError as error:
        told = f"{target} holds no tracker that is recognised: {error.reason}"
        if is_list(snapshot):
            told = f"{target} is a list of clients, and no tracker: give it as --clients {target}."
        return Unread(target, told, error.exit_code)
    except SheetsyncError as error:
        return Unread(target, str(error).replace(" Nothing was written.", ""), error.exit_code)
    order = {grid.name: place for place, grid in enumerate(snapshot.grids)}
    proposals.sort(key=lambda proposal: order[proposal.layout.sheet])
    base = read_base(snapshot.grids)
    looks = tuple(
        _look(target, proposal, since) if base is None else _copy(target, proposal, base, since)
        for proposal in proposals
    )
    return Looked(target, looks, several=len(looks) > 1)


@dataclass(frozen=True, slots=True)
class _Read:
    """A spreadsheet that was read once, for each of its trackers in turn. It cannot be written."""

    location: str
    snapshot: Snapshot

    def read(self) -> Snapshot:
        """What was read."""
        return self.snapshot

    def apply(self, changes: Changes) -> Receipt:
        """Raise, always: a client's tracker is only read."""
        raise NotImplementedError(changes)

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:
        """Raise, always: a client's tracker is only read."""
        raise NotImplementedError(everything, only)


def _look(target: str, proposal: Proposal, since: dt.date | None) -> Look:
    tracker, today = proposal.tracker, proposal.today
    first = min(since or today - WEEK, today)
    missed = thank_yous_missed(tracker, proposal.profile, proposal.settings, today=today)
    days = _days_of_contact(tracker)
    return Look(
        target=target,
        sheet=proposal.layout.sheet,
        today=today,
        since=first,
        rows=_rows(proposal),
        counts=counts(proposal.plan),
        before=_week_ago(proposal),
        missed=tuple(_newest_met(proposal, missed)),
        undebriefed=tuple(_newest_met(proposal, interviews_without_debrief(tracker, today=today))),
        decisions=tuple(_decisions(proposal)),
        meetings=tuple(_meetings(proposal, today + DAY, today + AHEAD)),
        happened=tuple(_happened(proposal, first)),
        contacts=_within(days, today - WEEK, today),
        contacts_before=_within(days, today - 2 * WEEK, today - WEEK),
        last_touch=last_touch(tracker, today=today),
        problems=len(set(proposal.problems)) + counts(proposal.plan)["Needs info"],
    )


def _copy(target: str, proposal: Proposal, base: Base, since: dt.date | None) -> Look:
    """A copy that a client shared: as its own sync left it, by the dates of today, without what it does not hold."""
    shared = replace(proposal, plan=as_shared(proposal, base, today=proposal.today))
    return replace(
        _look(target, shared, since),
        before=None,
        missed=None,
        undebriefed=None,
        shared_on=base.as_of,
    )


def _rows(proposal: Proposal) -> tuple[Thread, ...]:
    """What is not closed: what is to be done now by rank, then what comes, then waiting, cold and the rest."""
    plan = proposal.plan.frame
    first = [*due_now(proposal.plan), *upcoming(proposal.plan)]
    rest = plan[~plan["follow_up"].isin(["Closed", ""]) & ~plan.index.isin(first)]
    words = {word: place for place, word in enumerate(FOLLOW_UPS)}
    order = rest["follow_up"].map(words).sort_values(kind="stable").index
    return threads(proposal.tracker, proposal.plan, [*first, *order.tolist()])


# What the coach asks about


def _newest_met(proposal: Proposal, rows: Iterable[int]) -> Iterator[Event]:
    """Those rows with the day of their newest interview or meeting so far, the newest first."""
    frame = proposal.tracker.frame
    held = frame.loc[list(rows), [*INTERVIEWS]]
    newest = held.where(held < np.datetime64(proposal.today + DAY, "D")).max(axis=1).dropna()
    order = newest.sort_values(ascending=False, kind="stable")
    for row, on in zip(order.index.tolist(), order.tolist(), strict=True):
        yield Event(row, _who(frame, row), on.date())


def _meetings(proposal: Proposal, first: dt.date, last: dt.date) -> Iterator[Event]:
    """Interviews and meetings of those days, in order, but for dates that an end has overtaken."""
    frame = proposal.tracker.frame
    ended = (frame["stage"].isin(_ENDED) | frame["stage_over"]).to_numpy(dtype=bool)
    found: set[tuple[dt.date, int]] = set()
    for name in INTERVIEWS:
        days = frame[name].to_numpy(dtype="datetime64[D]")
        past = days <= np.datetime64(proposal.today, "D")
        at = np.flatnonzero((days >= np.datetime64(first, "D")) & (days <= np.datetime64(last, "D")) & (past | ~ended))
        found |= set(zip(days[at].tolist(), frame.index[at].tolist(), strict=True))
    for on, row in sorted(found):
        yield Event(int(row), _who(frame, row), on, "interview")


def _decisions(proposal: Proposal) -> Iterator[Event]:
    """The days by which they want to decide, as the row or its debrief says, and by which an offer is to be answered."""
    tracker, plan = proposal.tracker, proposal.plan.frame
    told = tracker.debrief.dropna(subset=["decision_by"]) if len(tracker.debrief) else tracker.debrief
    theirs = tracker.frame["decision_by"].dropna()
    ours = plan.loc[plan["action"] == "offer.respond", "contact_by"].dropna()
    found: dict[tuple[int, str], pd.Timestamp] = {}
    for what, days in (("decision", told.set_index("row")["decision_by"]), ("decision", theirs), ("offer", ours)):
        found |= {(row, what): on for row, on in zip(days.index.tolist(), days.tolist(), strict=True)}
    living = set(plan.index[~plan["follow_up"].isin(["Closed", ""])])
    coming = [
        Event(row, _who(tracker.frame, row), on.date(), what)
        for (row, what), on in found.items()
        if row in living and proposal.today <= on.date() <= proposal.today + AHEAD
    ]
    yield from sorted(coming, key=lambda event: (event.on, event.row))


# What happened


def _days_of_contact(tracker: Tracker) -> list[dt.date]:
    """The day of every message that the person sent and of every call made, as far as the tracker knows them."""
    known = messages(tracker)
    days: list[dt.date] = known.loc[known["out"], "on"].dt.date.tolist()
    return days


def _within(days: list[dt.date], after: dt.date, until: dt.date) -> int:
    return sum(after < day <= until for day in days)


def _happened(proposal: Proposal, first: dt.date) -> Iterator[Event]:
    """What happened from a day on, the newest first: contacts, applications, answers, interviews, ends."""
    frame, today = proposal.tracker.frame, proposal.today
    found: dict[tuple[int, dt.date, str], None] = {}
    history = proposal.tracker.history
    for contact in history.to_dict("records") if len(history) else ():
        key = (
            "answered"
            if contact["direction"] == "in"
            else "thanked"
            if contact["step"].endswith("thank_you")
            else "wrote"
        )
        found[int(contact["row"]), contact["on"].date(), key] = None
    told = {(row, on) for row, on, _ in found}
    stage = frame["stage"]
    answers = stage.map(
        {"offer": "offer", "rejected": "rejected", "lost": "rejected", "accepted": "accepted", "won": "accepted"}
    )
    for name, key in (("applied_on", "applied"), ("reply_on", "answered"), ("last_contact", "wrote")):
        days = frame[name].dropna().dt.date
        for row, on in zip(days.index.tolist(), days.tolist(), strict=True):
            end = answers[row] if name == "reply_on" else None
            if isinstance(end, str):
                found.pop((int(row), on, "answered"), None)
                found[int(row), on, end] = None
            elif (row, on) not in told:
                found[int(row), on, key] = None
    for event in _meetings(proposal, first, today):
        found[event.row, event.on, "interview"] = None
    order = sorted(
        (one for one in found if first <= one[1] <= today), key=lambda one: (-one[1].toordinal(), one[0], one[2])
    )
    for row, on, key in order:
        yield Event(row, _who(frame, row), on, key)


def _week_ago(proposal: Proposal) -> dict[str, int]:
    day = proposal.today - WEEK
    return counts(make_plan(past(proposal.tracker, day), proposal.profile, proposal.settings, today=day))


# Rows and days


def _who(frame: pd.DataFrame, row: int) -> str:
    names = (str(frame.loc[row, name]) for name in ("company", "contact", "role"))
    return next((name for name in names if name), f"row {row}")

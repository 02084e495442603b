"""The whole program on one screen: read, recognise, normalise, plan, compare, write."""

from __future__ import annotations

import datetime as dt
import threading
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sheetsync.cadence.profile import load_profile
from sheetsync.diff import diff, refuse_improbable
from sheetsync.measures.standing import is_dashboard
from sheetsync.records.reading import Act, Reading, Records, together, with_records
from sheetsync.records.shares import refuse_copy
from sheetsync.tracker.configure import configure
from sheetsync.tracker.normalise import normalise
from sheetsync.tracker.recognise import recognise

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.changes import Changes, Receipt
    from sheetsync.measures.figures import Figures
    from sheetsync.model import Layout, Ownership, Plan, Problem, Snapshot, Tracker, Value
    from sheetsync.settings import Settings
    from sheetsync.sheets.source import Source

_EARLY: Final = 6
"""A sync before this hour is the night's: what it finds was picked the day before."""
PHASES: Final = ("read", "recognise", "normalise", "plan", "compare", "write")


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a sync found out and would do. Holds no grid: a large sheet is let go before it is written."""

    location: str
    today: dt.date
    settings: Settings
    profile: Profile
    layout: Layout
    tracker: Tracker
    plan: Plan
    changes: Changes
    problems: tuple[Problem, ...]
    owned: Ownership | None
    """Where our columns stood before; None if the tracker had none."""
    records: Records
    """What is recorded besides: picks in the Log column, and what a command asked for."""
    edited: Mapping[tuple[str, int], tuple[Value, ...]]
    """Sheet and row -> the whole row as it stood, of the rows outside the tracker in which a cell is edited."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A proposal, and what became of it."""

    proposal: Proposal
    receipt: Receipt


def propose(
    source: Source,
    *,
    as_of: dt.date | dt.datetime,
    options: Mapping[str, Any] | None = None,
    toml: Mapping[str, Any] | None = None,
    act: Act | None = None,
    announce: Callable[[str], None] = lambda _phase: None,
) -> Proposal:
    """Work out what a sync would do; write nothing.

    `as_of` is the day to plan for; a date-time with a zone is first converted to the tracker's own time zone.
    `options` are what the person asked for this once, `toml` what stands beside the file; `act` says what is to be
    recorded besides what was picked in the sheet, and the plan counts it already. `announce` is called with the name of
    each of `PHASES` as it begins.

    Raises NoTrackerError, UsageError (also for a coach's copy), FileError or GoogleError, and what `act` raises.
    """
    announce("read")
    # pandas takes a third of a second to import, which passes while the source waits for its parser or the network
    ahead = threading.Thread(target=import_module, args=("sheetsync.cadence.engine",))
    ahead.start()
    try:
        snapshot = source.read()
    finally:
        ahead.join()
    refuse_copy(snapshot)
    announce("recognise")
    settings, told = configure(snapshot, toml=toml or {}, options=options or {})
    profile, edited = load_profile(settings.profile, snapshot)
    layout = recognise(snapshot, settings)
    announce("normalise")
    from sheetsync.cadence.engine import plan as make_plan

    tracker = normalise(snapshot, layout, settings)
    time_zone = settings.time_zone or snapshot.time_zone
    today = _local_day(as_of, time_zone)

    def planned(of: Tracker) -> Plan:
        return make_plan(of, profile, settings, today=today)

    undated = _undated(snapshot, as_of, today, time_zone)
    reading = Reading(snapshot, layout, tracker, settings, today, undated, lambda: planned(tracker))
    records = _recorded(reading, act)
    if records:
        tracker = normalise(*with_records(snapshot, layout, records), settings)
    announce("plan")
    plan = planned(tracker)
    announce("compare")
    changes = diff(snapshot, layout, plan, settings, records)
    if any(map(is_dashboard, snapshot.grids)) or any(map(is_dashboard, changes.new_sheets)):
        from sheetsync.measures.dashboard import with_dashboards

        changes = with_dashboards(changes, snapshot, lambda: _figures(tracker, plan, profile, settings))
    problems = (
        *snapshot.problems, *told, *edited, *layout.problems, *tracker.problems, *plan.problems,
        *records.problems, *changes.problems,
    )  # fmt: skip
    return Proposal(
        snapshot.location,
        today,
        settings,
        profile,
        layout,
        tracker,
        plan,
        changes,
        problems,
        snapshot.owned,
        records,
        {
            (edit.sheet, edit.row): snapshot.grid(edit.sheet).row(edit.row)
            for edit in changes.edits
            if edit.sheet != layout.sheet
        },
    )


def sync(
    source: Source,
    *,
    as_of: dt.date | dt.datetime,
    options: Mapping[str, Any] | None = None,
    toml: Mapping[str, Any] | None = None,
    act: Act | None = None,
    force: bool = False,
    announce: Callable[[str], None] = lambda _phase: None,
) -> Outcome:
    """Bring the tracker up to date: `propose`, then write it, all or nothing.

    Raises what `propose` raises, ImprobableResultError unless `force`, and what `Source.apply` raises.
    """
    proposal = propose(source, as_of=as_of, options=options, toml=toml, act=act, announce=announce)
    if not force:
        refuse_improbable(proposal.changes, proposal.tracker, proposal.plan, proposal.location)
    announce("write")
    receipt = source.apply(proposal.changes)
    return Outcome(proposal, receipt)


def _figures(tracker: Tracker, plan: Plan, profile: Profile, settings: Settings) -> Figures:
    from sheetsync.measures.figures import figures

    return figures(tracker, plan, profile, settings)


def _recorded(reading: Reading, act: Act | None) -> Records:
    """What is due to be recorded by itself, and what a command asked for."""
    from sheetsync.records.debriefs import coming_debriefs
    from sheetsync.records.picks import log_picks

    asked = act(reading) if act is not None else Records()
    return together(log_picks(reading), coming_debriefs(reading, besides=asked), asked)


def _undated(snapshot: Snapshot, as_of: dt.date | dt.datetime, today: dt.date, time_zone: str | None) -> dt.date:
    """The day of what was picked without a date: that of the last save, else yesterday for a sync before six."""
    if snapshot.saved is not None:
        return min(_local_day(snapshot.saved.astimezone(), time_zone), today)
    if isinstance(as_of, dt.datetime):
        local = as_of.astimezone(zoneinfo.ZoneInfo(time_zone)) if time_zone and as_of.tzinfo else as_of
        return today - dt.timedelta(days=local.hour < _EARLY)
    return today


def _local_day(as_of: dt.date | dt.datetime, time_zone: str | None) -> dt.date:
    if not isinstance(as_of, dt.datetime):
        return as_of
    if time_zone is not None and as_of.tzinfo is not None:
        return as_of.astimezone(zoneinfo.ZoneInfo(time_zone)).date()
    return as_of.date()

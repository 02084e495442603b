"""Who runs a tracker's night: a row of its own Settings sheet, so that another computer sees it too."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sheetsync.changes import Append, Edit
from sheetsync.nightly.machine import Machine, elsewhere
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets.source import Source
from sheetsync.sync import Proposal, propose
from sheetsync.tracker.configure import SettingPlace, find_setting

KEY: Final = "Night machine"
_NAME: Final = "night_machine"
_HELP: Final = "The computer that brings this tracker up to date every night; sheetsync schedule install on another one takes over."


@dataclass(frozen=True, slots=True)
class Claim:
    """A tracker, read, and who runs its night."""

    source: Source
    proposal: Proposal
    place: SettingPlace | None
    """None for a tracker without a Settings sheet: nothing can be noted in it."""

    @property
    def machine(self) -> str | None:
        """The other computer that runs its night; None if none does."""
        return elsewhere(self.proposal.settings.night_machine)


def look(source: Source, *, as_of: dt.date | dt.datetime, toml: Mapping[str, Any]) -> Claim:
    """Read a tracker. Raises what `sheetsync.sync.propose` raises, NoTrackerError among it."""
    readings: list[Reading] = []

    def keep(reading: Reading) -> Records:
        readings.append(reading)
        return Records()

    proposal = propose(source, as_of=as_of, toml=toml, act=keep)
    return Claim(source, proposal, find_setting(readings[0].snapshot, _NAME))


def note(claim: Claim, machine: Machine | None) -> bool:
    """Write into the tracker that this computer runs its night, or, with None, that none does; nothing else changes.

    False if there is nothing to write, or no place for it. Raises as `Source.apply` does.
    """
    place, value = claim.place, str(machine) if machine else None
    if place is None or place.value == (value or ""):
        return False
    edits: tuple[Edit, ...] = ()
    appends: tuple[Append, ...] = ()
    if place.row is not None:
        edits = (Edit(place.sheet, place.row, place.column + 1, place.value or None, value),)
    else:
        helped = {place.column + 2: _HELP} if place.helped else {}
        appends = (Append(place.sheet, ({place.column: KEY, place.column + 1: value, **helped},)),)
    changes = dataclasses.replace(
        claim.proposal.changes,
        rows=(), before={}, after={}, headers={}, add=(), dropdowns={}, new_sheets=(), edits=edits, appends=appends,
    )  # fmt: skip
    return claim.source.apply(changes).written

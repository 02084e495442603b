"""How the last night went: when, and each tracker's outcome. No cell's content is in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from sheetsync.nightly import state

FILE: Final = "last-run.json"
NightOutcome = Literal["written", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class TargetRun:
    """One tracker's night."""

    target: str
    outcome: NightOutcome
    exit_code: int = 0
    told: str = ""
    """What stopped it, or what changed, in a sentence."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last night on this computer. Times know their zone."""

    began: dt.datetime
    ended: dt.datetime
    targets: tuple[TargetRun, ...]

    def of(self, target: str) -> TargetRun | None:
        """A tracker's own outcome; None if it was not among those of that night."""
        return next((run for run in self.targets if run.target == target), None)


def read_last_run() -> LastRun | None:
    """The last night; None if there was none yet, or if nobody can read what it left."""
    found = state.load(FILE)
    try:
        return None if found is None else _read(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def write_last_run(run: LastRun) -> None:
    """Remember a night. Raises UnwritableFileError."""
    began, ended = run.began.isoformat(), run.ended.isoformat()
    state.save(FILE, {"began": began, "ended": ended, "targets": [asdict(target) for target in run.targets]})


def _read(found: Mapping[str, Any]) -> LastRun:
    began, ended = (dt.datetime.fromisoformat(found[name]).astimezone() for name in ("began", "ended"))
    targets = tuple(
        TargetRun(str(each["target"]), each["outcome"], int(each["exit_code"]), str(each["told"]))
        for each in found["targets"]
    )
    return LastRun(began, ended, targets)

"""How each tracker stood on the last nights: numbers of rows by follow-up word, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sheetsync.nightly import state
from sheetsync.nightly.running import identity

FILE: Final = "counts.json"
KEPT: Final = 8
"""How many days of a tracker are kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A tracker as it stood after the run of one day."""

    day: dt.date
    counts: Mapping[str, int]
    """Follow-up word -> rows."""


def remember(day: dt.date, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Keep how trackers stand on a day: target -> follow-up word -> rows. Raises UnwritableFileError.

    Days after it are forgotten: the clock was put back.
    """
    kept = {target: _days(found) for target, found in (state.load(FILE) or {}).items()}
    for target, now in counts.items():
        name = identity(target)
        days = {each: was for each, was in kept.get(name, {}).items() if each < day} | {day: now}
        kept[name] = {each: days[each] for each in sorted(days)[-KEPT:]}
    state.save(
        FILE, {target: {day.isoformat(): dict(now) for day, now in days.items()} for target, days in kept.items()}
    )


def last_before(target: str, day: dt.date) -> Standing | None:
    """How a tracker stood after its last run before a day; None if that is not known."""
    days = [each for each in standings(target) if each.day < day]
    return days[-1] if days else None


def last_run_on(target: str) -> dt.date | None:
    """The latest day on which a tracker had a run; None if it had none."""
    days = standings(target)
    return days[-1].day if days else None


def standings(target: str) -> tuple[Standing, ...]:
    """What is known of a tracker, the oldest first."""
    found = _days((state.load(FILE) or {}).get(identity(target)))
    return tuple(Standing(day, found[day]) for day in sorted(found))


def _days(found: object) -> dict[dt.date, Mapping[str, int]]:
    """What the file says of a tracker, without what nobody can read."""
    days: dict[dt.date, Mapping[str, int]] = {}
    for text, counts in found.items() if isinstance(found, dict) else ():
        try:
            days[dt.date.fromisoformat(text)] = {str(word): int(number) for word, number in counts.items()}
        except (AttributeError, TypeError, ValueError):
            continue
    return days

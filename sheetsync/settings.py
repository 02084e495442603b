"""What a person may set: on the workbook's Settings sheet, in `sheetsync.toml` beside the file, or as options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sheetsync.model import OWNED, HighlightMode


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default. None means "not set: found out from the workbook, or left open"."""

    sheet: str | None = None
    header_row: int | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field -> column letters or header text; "-" leaves a field unmapped."""
    stages: Mapping[str, str] = field(default_factory=dict)
    """The person's own status words -> stage."""
    day_first: bool | None = None
    profile: str = "balanced"
    time_zone: str | None = None
    country: str | None = None
    region: str | None = None
    weekend: frozenset[int] = frozenset({5, 6})
    """Weekdays that are no working days, Monday is 0."""
    quiet: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    """Ranges of (month, day) of every year, ends inclusive, on which nobody is written to."""
    away: tuple[tuple[dt.date, dt.date], ...] = ()
    """Ranges of dates, ends inclusive, on which the person is away."""
    cold_after: int | None = None
    """Days; None takes the profile's (30)."""
    min_gap: int | None = None
    """Days between two contacts with one address; None takes the profile's (3)."""
    per_day: int | None = None
    """How many threads `due` ranks before it only counts; None takes the profile's (10)."""
    highlight: HighlightMode = "columns"
    columns: tuple[str, ...] = OWNED
    """The computed columns to write."""
    your_name: str | None = None
    """The person's own name, as messages are signed."""
    your_phone: str | None = None
    signature: str | None = None
    """What stands below a message instead of name and phone; may have several lines."""
    night_machine: str | None = None
    """The computer that brings this tracker up to date every night, as `sheetsync schedule install` noted it."""

"""What every check looks at: the tracker, what its plan was made from, the day, and the limits from the data file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from sheetsync.cadence.wording import one_day
from sheetsync.model import Finding, Severity
from sheetsync.resources import read_toml

if TYPE_CHECKING:
    import pandas as pd

    from sheetsync.cadence.arrays import DayArray, Flags
    from sheetsync.cadence.engine import Work
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings


Rule = Literal[
    "address-of-another-company", "address-of-another-person", "contact-after-end", "contact-is-a-company", "double-row",
    "early-contact", "filler-date", "future-date", "interview-after-decision", "interview-before-application",
    "interviews-out-of-order", "offer-without-date", "phone-not-wanted", "reply-before-contact", "strange-year",
    "thank-you-missed", "too-often",
]  # fmt: skip
"""Every check of a tracker."""


class Logged(NamedTuple):
    """A contact in the History sheet that belongs to a thread."""

    place: int
    day: np.datetime64
    direction: str
    channel: str
    step: str
    note: str


@dataclass(frozen=True)
class Subject:
    """A tracker and its plan. Arrays have one place a row, in the order of the tracker's frame."""

    tracker: Tracker
    profile: Profile
    settings: Settings
    work: Work
    today: dt.date

    @property
    def frame(self) -> pd.DataFrame:
        return self.tracker.frame

    @property
    def days(self) -> Mapping[str, DayArray]:
        """Date field -> days."""
        return self.work.situation.threads.days

    @cached_property
    def rows(self) -> list[int]:
        """The sheet's row numbers."""
        rows: list[int] = self.frame.index.tolist()
        return rows

    @cached_property
    def places(self) -> Mapping[int, int]:
        """Sheet row -> place."""
        return {row: place for place, row in enumerate(self.rows)}

    @cached_property
    def history(self) -> tuple[Logged, ...]:
        """The contacts of History that have a day, in sheet order."""
        table = self.tracker.history
        table = table[table["on"].notna() & table["row"].isin(self.rows)]
        columns = (table[name].tolist() for name in ("direction", "channel", "step", "note"))
        places = (self.places[row] for row in table["row"].tolist())
        return tuple(map(Logged, places, table["on"].to_numpy(dtype="datetime64[D]"), *columns))

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        return {}

    def texts(self, field: str) -> list[str]:
        """A text field's cells, read once."""
        if field not in self._texts:
            self._texts[field] = self.frame[field].tolist()
        return self._texts[field]

    def at_stage(self, *stages: str) -> Flags:
        """The rows at those stages."""
        return self.work.situation.threads.is_stage(*stages)

    def say(self, day: np.datetime64) -> str:
        """A day as people write it, such as 3 Nov."""
        return one_day(day, np.datetime64(self.today, "D"))

    def finding(
        self, severity: Severity, rule: Rule, message: str, *, row: int | None, field: str = "", source: str = ""
    ) -> Finding:
        """A finding in a row, in a field's column if it has one."""
        column = self.tracker.columns.get(field)
        return Finding(severity, f"tracker.{rule}", message, self.tracker.sheet, row, column, source=source)


def data(table: str) -> Mapping[str, Any]:
    """One table of the checks' data file."""
    found: Mapping[str, Any] = read_toml("checks/tracker.toml")[table]
    return found

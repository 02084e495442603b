"""A tracker and its coach's copy as plain tables, for tests of what comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from sheetsync.coach.base import base_sheet
from sheetsync.coach.noting import Notes, merge_notes, record_notes
from sheetsync.coach.returned import read_returned
from sheetsync.model import Grid, Layout, Ownership, Plan, Snapshot, Tracker, Value
from sheetsync.records.reading import Reading
from sheetsync.settings import Settings

TODAY = dt.date(2026, 11, 16)
NAMES = ("Company", "Role", "Next contact")


@dataclass
class Desk:
    """A tracker and its copy, as plain tables; `order` says where the columns of each stand."""

    rows: list[dict[str, str]]
    order: list[str] = field(default_factory=lambda: ["company", "role", "id", "note"])
    copy: list[dict[str, str]] = field(default_factory=list)
    copy_order: list[str] = field(default_factory=lambda: ["Company", "Role", "Next contact", "Coach note", "ID"])
    copy_name: str = "Follow-ups"
    above: int = 3
    base: Grid | None = None

    def share(self) -> None:
        """Make the copy anew, as `share` does."""
        self.copy = [
            {
                "Company": row["company"],
                "Role": row["role"],
                "Next contact": "17 Nov",
                "Coach note": row["note"],
                "ID": row["id"],
            }
            for row in self.rows
        ]
        self.copy_order = ["Company", "Role", "Next contact", "Coach note", "ID"]
        shared = [(row["ID"], row["Coach note"], [row[name] for name in NAMES]) for row in self.copy]
        sheet = base_sheet(TODAY, NAMES, shared)
        self.base = Grid(sheet.name, tuple(tuple(values) for values in sheet.columns), hidden=True)  # type: ignore[arg-type]

    def reading(self) -> Reading:
        heads = {"company": "Company", "role": "Role", "id": "ID", "note": "Coach note"}
        grid = table("Jobs", [[heads.get(name, name) for name in self.order], *(self._cells(row) for row in self.rows)])
        place = {name: self.order.index(name) + 1 for name in self.order}
        owned = Ownership("Jobs", 1, {"id": place["id"], "coach_note": place["note"]})
        columns = {"company": place["company"], "role": place["role"], "id": place["id"], "coach_notes": place["note"]}
        snapshot = Snapshot("tracker.xlsx", "1", (grid,), owned=owned)
        index = pd.Index(range(2, len(self.rows) + 2), name="row")
        texts = {"id": "id", "company": "company", "role": "role", "coach_notes": "note"}
        frame = pd.DataFrame({name: [row[key] for row in self.rows] for name, key in texts.items()}, index=index)
        frame["contact"] = ""
        nothing = pd.DataFrame()
        tracker = Tracker(frame, nothing, nothing, nothing, frozenset(columns))
        layout = Layout("Jobs", 1, 2, len(self.rows) + 1, columns, {})
        return Reading(snapshot, layout, tracker, Settings(), TODAY, TODAY, lambda: Plan(nothing, TODAY, "balanced"))

    def returned(self) -> Snapshot:
        cells: list[list[Value]] = [[row.get(name, "") or None for name in self.copy_order] for row in self.copy]
        blank: list[Value] = [None] * len(self.copy_order)
        heads: list[Value] = [name or None for name in self.copy_order]
        lines: list[list[Value]] = [*[blank] * self.above, heads, *cells]
        grids = [table(self.copy_name, lines)]
        return Snapshot("coach.xlsx", "1", (*grids, self.base) if self.base else tuple(grids))

    def take(self) -> Notes:
        """What `notes` does: merge, and write."""
        reading = self.reading()
        notes = merge_notes(reading, read_returned(self.returned()))
        for row, note in record_notes(reading, notes).owned.get("coach_note", {}).items():
            self.rows[row - 2]["note"] = str(note or "")
        return notes

    def _cells(self, row: dict[str, str]) -> list[Value]:
        return [row.get(name) or None for name in self.order]


def table(name: str, rows: Sequence[Sequence[Value]]) -> Grid:
    return Grid(name, tuple(tuple(column) for column in zip(*rows, strict=True)))


def desk(*notes: str) -> Desk:
    made = Desk(
        [{"company": f"Firm {n}", "role": "Analyst", "id": f"id{n}", "note": note} for n, note in enumerate(notes)]
    )
    made.share()
    return made

"""A coach's notes come back: none lost, none at the wrong thread, whatever was done to either sheet."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetsync.coach.base import base_sheet
from sheetsync.coach.noting import Notes, merge_notes, record_notes
from sheetsync.coach.returned import read_returned
from sheetsync.model import Grid, Layout, Ownership, Plan, Snapshot, Tracker, Value
from sheetsync.records.reading import Reading
from sheetsync.settings import Settings

TODAY = dt.date(2026, 11, 16)
NAMES = ("Company", "Role", "Next contact")
MARK = "From the coach’s copy:"


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
        cells = [[row.get(name, "") or None for name in self.copy_order] for row in self.copy]
        blank: list[Value] = [None] * len(self.copy_order)
        lines = [*[blank] * self.above, [name or None for name in self.copy_order], *cells]
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


# The random edits

EDITS = (
    "sort", "insert", "delete", "note", "note", "clear", "copy row", "move column", "new column", "coach sort", "coach delete", "coach note",
    "coach note", "coach note", "coach clear", "coach copy row", "coach move column", "coach insert", "coach rename", "coach own row",
    "take", "take", "take and share",
)  # fmt: skip


class Model:
    """What must be true after every edit: where each word that somebody wrote has to be."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.desk = desk("", "old 1", "", "old 3")
        self.count = 0
        self.people: dict[str, set[str]] = {}
        """Company -> the words of the tracker's side that nobody took away."""
        self.coach: dict[int, tuple[str, str]] = {}
        """The row of the copy (by identity) -> its company and the words that the coach wrote since it was shared."""
        self.sequence: list[str] = []

    def word(self, who: str) -> str:
        self.count += 1
        return f"{who}{self.count}"

    def do(self, edit: str) -> None:
        self.sequence.append(edit)
        desk, dice = self.desk, self.dice
        rows, copy = desk.rows, desk.copy
        row = dice.choice(rows) if rows else None
        back = dice.choice(copy) if copy else None
        match edit:
            case "sort":
                dice.shuffle(rows)
            case "insert":
                name = self.word("New")
                rows.insert(dice.randint(0, len(rows)), {"company": name, "role": "Clerk", "id": "", "note": ""})
            case "delete" if row and len(rows) > 1:
                rows.remove(row)
                self.people.pop(row["company"], None)
            case "note" if row:
                row["note"] = self.word("mine")
                self.people[row["company"]] = {row["note"]}
            case "clear" if row:
                row["note"] = ""
                self.people.pop(row["company"], None)
            case "copy row" if row:
                rows.append({**row, "company": self.word("Twin")})
            case "move column":
                desk.order.append(desk.order.pop(dice.randrange(len(desk.order))))
            case "new column":
                desk.order.insert(dice.randint(0, len(desk.order)), self.word("Extra"))
            case "coach sort":
                dice.shuffle(copy)
            case "coach delete" if back:
                copy[:] = [each for each in copy if each is not back]
                self.coach.pop(id(back), None)
            case "coach note" if back:
                back["Coach note"] = self.word("hers")
                self.coach[id(back)] = (back["Company"], back["Coach note"])
            case "coach clear" if back:
                back["Coach note"] = ""
                self.coach.pop(id(back), None)
            case "coach copy row" if back:
                copy.append({**back, "Company": self.word("Other")})
                if id(back) in self.coach:
                    self.coach[id(copy[-1])] = self.coach[id(back)]
            case "coach move column":
                desk.copy_order.append(desk.copy_order.pop(dice.randrange(len(desk.copy_order))))
            case "coach insert":
                desk.copy_order.insert(dice.randint(0, len(desk.copy_order)), self.word("Column"))
                desk.above = dice.randint(0, 5)
            case "coach rename":
                desk.copy_name = self.word("Sheet ")
            case "coach own row":
                copy.append({"Company": "", "Role": "", "Coach note": self.word("hers")})
                self.coach[id(copy[-1])] = ("", copy[-1]["Coach note"])
            case "take":
                self.take()
            case "take and share":
                self.take()
                self.coach.clear()
                desk.share()

    def take(self) -> None:
        # an empty copy, or one of which no thread is left, is another tracker's for all that anybody knows
        ids = {row["ID"] for row in self.desk.copy if row.get("ID")}
        if not ids & {row["id"] for row in self.desk.rows if row["id"]}:
            return
        before = {row["company"]: row["note"] for row in self.desk.rows}
        notes = self.desk.take()
        left = [each.row.note for each in notes.left]
        told = "\n".join(notes.told)
        for company, words in self.coach.values():
            here = [row["note"] for row in self.desk.rows if row["company"] == company]
            assert any(words in note for note in here) or (words in left and words in told), (words, self.sequence)
        for row in self.desk.rows:
            for word in self.people.get(row["company"], ()):
                kept = word in row["note"] or any(
                    each.before == before[row["company"]] and each.kind in ("taken", "cleared") for each in notes.taken
                )
                assert kept, (word, row, self.sequence)
        self.people = {
            row["company"]: {word for word in self.people.get(row["company"], ()) if word in row["note"]}
            for row in self.desk.rows
        }
        self.nothing_misplaced()
        once = [dict(row) for row in self.desk.rows]
        self.desk.take()
        assert self.desk.rows == once, self.sequence

    def nothing_misplaced(self) -> None:
        mine = {words: company for company, words in self.coach.values()}
        for row in self.desk.rows:
            for words, company in mine.items():
                lines = row["note"].replace(f"{MARK} ", "").split("\n")
                twin = row["company"].startswith("Twin")
                assert words not in lines or twin or company == row["company"], (words, row, self.sequence)


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(EDITS), min_size=4, max_size=30), st.integers(0, 10**6))
def test_no_note_is_lost_or_misplaced(edits: list[str], seed: int) -> None:
    model = Model(seed)
    for edit in [*edits, "coach note", "take"]:
        model.do(edit)

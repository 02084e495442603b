"""Twenty syncs with a person's edits in between, taken back one by one, in every kind of spreadsheet."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from contract import Person
from excel_person import PersonAtExcel
from test_memory import PersonAtMemory

from sheetsync.cadence.profile import load_profile
from sheetsync.model import Grid, Snapshot, Value
from sheetsync.nightly.journal import Journal, Note, note_of
from sheetsync.nightly.undo import Undone, take_back
from sheetsync.records.adding import add
from sheetsync.records.reading import Act, Reading, Records, together
from sheetsync.sheets.memory import MemorySource
from sheetsync.sheets.source import Source
from sheetsync.sync import sync

HEADERS: Final = ("Company", "Position", "Contact", "Status", "Date Applied", "Size", "Notes")
COMPANY, CONTACT, STATUS, APPLIED, SIZE, NOTES = 1, 3, 4, 5, 6, 7
FIRST: Final = 2
START: Final = dt.date(2026, 10, 5)
NOW: Final = dt.datetime(2026, 10, 5, 2, 30, tzinfo=dt.UTC)
STATUSES: Final = ("Applied", "Interview", "Rejected", "Screening")
NAMES: Final = ("Ash & Co", "Birch", "Cedar", "Dune", "Elm", "Fern", "Gorse", "Hazel")


class _Excel(PersonAtExcel):
    """Inserts and deletes rows too."""

    def insert_row(self, source: Source, before: int) -> None:
        self._move(source, lambda place: (place[0] + (place[0] >= before), place[1]))

    def delete_row(self, source: Source, row: int) -> None:
        self._move(source, lambda place: None if place[0] == row else (place[0] - (place[0] > row), place[1]))


class _Memory(PersonAtMemory):
    """Moves the cells below up or down, as inserting and deleting rows does."""

    def insert_row(self, source: Source, before: int) -> None:
        self._shift(source, before, 1)

    def delete_row(self, source: Source, row: int) -> None:
        self._shift(source, row, -1)

    def _shift(self, source: Source, at: int, by: int) -> None:
        assert isinstance(source, MemorySource)
        grid = source.read().grids[0]
        for column in range(1, grid.n_columns + 1):
            values = list(grid.columns[column - 1])
            if by > 0:
                values.insert(at - 1, None)
            else:
                values[at - 1 : at] = []
                values.append(None)
            for row, value in enumerate(values, start=1):
                if value != grid.cell(row, column):
                    source.set(grid.name, row, column, value)


@pytest.fixture(params=["memory", "xlsx", "google"])
def person(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    if request.param == "google":
        return request.getfixturevalue("google")
    return _Excel(tmp_path) if request.param == "xlsx" else _Memory()


def tracker() -> Grid:
    rows: list[Sequence[Value]] = [HEADERS]
    rows += [
        (name, "Analyst", f"Person {number}", "Applied", START - dt.timedelta(days=number), 10 * number + 10, None)
        for number, name in enumerate(NAMES)
    ]
    return Grid("Jobs", tuple(zip(*rows, strict=True)))


class Season:
    """A tracker, its journal and its clock."""

    def __init__(self, person: Any) -> None:
        self.person = person
        self.source: Source = person.make([tracker()])
        self.journal = Journal(self.source.location)
        self.night = 0

    def sync(self, act: Act | None = None) -> bool:
        """The next night; whether anything was written."""
        self.night += 1
        day = START + dt.timedelta(days=2 * self.night)
        outcome = sync(self.source, as_of=day, options={"country": "US"}, act=act, force=True)
        note = note_of(
            outcome, command="sync", moment=NOW + dt.timedelta(days=self.night, hours=-13 * self.night), options={}
        )
        if note is not None:
            self.journal.keep(note)
        return note is not None and not note.is_slight

    def undo(self, *, redo: bool = False) -> Undone:
        stacks = self.journal.stacks()
        notes: list[Note] = []
        for note in reversed(stacks.undone if redo else stacks.done):
            notes.append(note)
            if not note.is_slight:
                break
        self.night += 1
        undone = take_back(
            self.source, notes, moment=NOW + dt.timedelta(days=10, minutes=self.night), toml={}, options={}, redo=redo
        )
        self.journal.keep(undone.note)
        return undone

    def read(self) -> Snapshot:
        return self.source.read()

    def rows(self) -> dict[str, int]:
        """Company -> row."""
        grid = self.read().grids[0]
        return {str(name): row for row in range(FIRST, grid.n_rows + 1) if (name := grid.cell(row, COMPANY))}

    def owned(self) -> dict[str, dict[str, Value]]:
        """Company -> owned key -> the cell, of those that hold something."""
        snapshot = self.read()
        grid, places = snapshot.grids[0], snapshot.owned.columns if snapshot.owned else {}
        return {
            name: {
                key: value
                for key, column in places.items()
                if column and (value := day(grid.cell(row, column))) not in (None, "")
            }
            for name, row in self.rows().items()
        }

    def stages(self) -> dict[str, Value]:
        """Company -> the status."""
        grid = self.read().grids[0]
        return {name: grid.cell(row, STATUS) for name, row in self.rows().items()}

    def history(self) -> list[list[Value]]:
        """The rows of History that hold anything."""
        grid = self.read().grid("History")
        rows = ([day(value) or None for value in grid.row(row)] for row in range(1, grid.n_rows + 1))
        return [row for row in rows if any(row)]

    def theirs(self) -> list[list[Value]]:
        """The person's columns, down to the last row that holds anything."""
        grid = self.read().grids[0]
        rows = [[day(grid.cell(row, column)) for column in range(1, NOTES + 1)] for row in range(1, grid.n_rows + 1)]
        while rows and not any(rows[-1]):
            rows.pop()
        return rows

    def edit(self, chance: random.Random) -> None:
        """What a person does between two nights."""
        rows = self.rows()
        name = chance.choice(sorted(rows))
        row = rows[name]
        match chance.randrange(7):
            case 0:
                self.set(row, STATUS, chance.choice(STATUSES))
            case 1:
                self.set(row, APPLIED, START + dt.timedelta(days=chance.randrange(-20, 30)))
            case 2:
                self.set(row, NOTES, f"note {chance.randrange(1000)}")
            case 3:
                for place in rows.values():
                    self.set(place, SIZE, chance.randrange(1000))
                self.person.sort_rows(self.source, min(rows.values()), max(rows.values()), SIZE)
            case 4:
                self.person.insert_row(self.source, row)
            case 5 if len(rows) > 5:
                self.person.delete_row(self.source, row)
            case _:
                new = max(rows.values()) + 1
                for column, value in (
                    (1, f"New {new}-{self.night}"),
                    (2, "Lead"),
                    (STATUS, "Applied"),
                    (APPLIED, START),
                ):
                    self.set(new, column, value)

    def set(self, row: int, column: int, value: Value) -> None:
        self.person.set(self.source, row, column, value)


def day(value: Value) -> Value:
    return value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value


@pytest.mark.parametrize("seed", [3, 11])
def test_each_of_twenty_syncs_is_taken_back_to_what_stood_before_and_every_edit_stays(
    person: Person, seed: int
) -> None:
    season, chance = Season(person), random.Random(seed)  # noqa: S311 - edits, not secrets
    before: list[dict[str, dict[str, Value]]] = []
    while len(before) < 20:
        standing = season.owned()
        if season.sync():
            before.append(standing)
        for _ in range(chance.randrange(3)):
            season.edit(chance)
    theirs = season.theirs()
    for stood in reversed(before):
        season.undo()
        now = season.owned()
        assert {name: now[name] for name in now if name in stood} == {
            name: stood[name] for name in now if name in stood
        }
        assert season.theirs() == theirs
    owned = season.read().owned
    assert owned is None or not any(owned.columns.values()), "the first sync made the columns"
    assert season.journal.stacks().done == ()


def test_what_was_undone_can_be_brought_back_in_order(person: Person) -> None:
    season = Season(person)
    states = [season.owned()]
    for _ in range(4):
        season.sync()
        states.append(season.owned())
        season.set(season.rows()["Dune"], APPLIED, START + dt.timedelta(days=season.night))
    for stood in reversed(states[:-1]):
        season.undo()
        assert season.owned() == stood
    for stood in states[1:]:
        season.undo(redo=True)
        assert season.owned() == stood
    season.undo()
    assert season.owned() == states[-2]


def test_a_cell_that_was_changed_since_stays_and_is_named(person: Person) -> None:
    season = Season(person)
    season.sync()
    season.sync()
    snapshot, note = season.read(), season.journal.stacks().done[-1]
    assert snapshot.owned
    key, written = next(iter(note.cells.items()))
    row, column = written.rows[0], snapshot.owned.columns[key]
    assert column
    name = next(name for name, place in season.rows().items() if place == row)
    season.set(row, column, "I know better")
    undone = season.undo()
    assert season.owned()[name][key] == "I know better"
    assert [(problem.row, problem.column) for problem in undone.left] == [(row, column)]
    undone = season.undo()
    assert season.owned() == {other: {key: "I know better"} if other == name else {} for other in NAMES}
    assert {(problem.row, problem.column) for problem in undone.left} == {(row, column), (None, column)}
    owned = season.read().owned
    assert owned
    assert [key for key, place in owned.columns.items() if place] == [key], "the columns that hold nothing else went"


def test_a_deleted_row_is_named_and_its_neighbours_are_not_touched(person: Any) -> None:
    season = Season(person)
    season.sync()
    stood = season.owned()
    season.sync()
    row = next(iter(season.journal.stacks().done[-1].who.rows))
    gone = next(name for name, place in season.rows().items() if place == row)
    person.delete_row(season.source, row)
    undone = season.undo()
    assert season.owned() == {name: cells for name, cells in stood.items() if name != gone}
    assert [problem.row for problem in undone.left] == [row]


def test_rows_of_one_name_are_told_apart_by_what_they_hold(person: Any) -> None:
    season = Season(person)
    for name in ("Birch", "Cedar"):
        row = season.rows()[name]
        season.set(row, CONTACT, "Person 0")
        season.set(row, COMPANY, "Ash & Co")
    season.sync()
    season.sync()
    person.sort_rows(season.source, FIRST, FIRST + len(NAMES) - 1, APPLIED)
    assert season.undo().left == ()
    assert season.undo().left == ()


def test_picks_in_the_log_column_come_back_night_by_night_and_their_records_go(person: Person) -> None:
    season = Season(person)
    season.sync(_with_log)
    snapshot = season.read()
    assert snapshot.owned
    log = snapshot.owned.columns["log"]
    assert log
    words = ["Emailed", "They said no", "Called", "Close"]
    states = []
    for name, word in zip(NAMES, words, strict=False):
        season.set(season.rows()[name], log, word)
        states.append((season.history(), season.stages(), season.owned()))
        assert season.sync(), word
        person.sort_rows(season.source, FIRST, FIRST + len(NAMES) - 1, APPLIED)
    assert len(season.history()) == len(words), "a heading and three rows; to close is no contact"
    assert len(set(season.stages().values())) > 1
    picked: dict[str, str] = {}
    for (history, stages, owned), name, word in reversed(list(zip(states, NAMES, words, strict=False))):
        assert season.undo().left == ()
        assert (season.history(), season.stages()) == (history, stages)
        assert {one: cells.get("log") for one, cells in season.owned().items()} == {
            one: {**picked, name: word}.get(one) for one in NAMES
        }
        assert {one: {**cells, "log": None} for one, cells in season.owned().items()} == {
            one: {**cells, "log": None} for one, cells in owned.items()
        }
        picked[name] = word


def _with_log(reading: Reading) -> Records:
    profile, _ = load_profile(reading.settings.profile)
    return together(add(reading, "history", profile), add(reading, "log", profile))

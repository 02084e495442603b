"""What every `Source` promises: each sentence of the protocol's docstring is a test here.

A subclass gives the `person` fixture, somebody who makes spreadsheets of its kind and edits them as people do:

    class TestMemorySource(SourceContract):
        @pytest.fixture
        def person(self) -> Person:
            return PersonAtMemory()
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pytest

from sheetsync.changes import Changes
from sheetsync.errors import NoRoomError, SourceChangedError
from sheetsync.model import OWNED, Area, Grid, HighlightMode, Snapshot, Value
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source
from sheetsync.words import column_words, follow_up_words

SHEET = "Jobs"
HEADER, FIRST, LAST = 2, 3, 6
RIGHT = 4
TODAY = dt.date(2026, 11, 16)

JOBS = Grid(
    SHEET,
    (
        ("My search", "Company", "Ash & Co", "Birch", "Cedar", "Dune"),
        (None, "Applied", dt.date(2026, 11, 2), dt.date(2026, 10, 1), None, dt.date(2026, 9, 1)),
        (None, "Salary", 41000, 38500.5, 52000, None),
        (None, "Days", 14, 46, None, 76),
    ),
    formulas={4: frozenset({3, 4, 6})},
)
NOTES = Grid("Notes", (("Remember", True), (None, 3)))

AFTER: Mapping[str, Sequence[Value]] = {
    "next_contact": (dt.date(2026, 11, 9), dt.date(2026, 11, 20), None, None),
    "contact_by": (dt.date(2026, 11, 13), dt.date(2026, 11, 24), None, None),
    "next_action": ("Follow up", 'Ask for news <again> & say "thanks"', None, None),
    "follow_up": ("Overdue", "Upcoming", "Needs info", "Closed"),
    "days_overdue": (3, None, None, None),
    "why": ("Applied on 2 Nov.\nNo answer.", "Interview on 1 Oct.", "No date.", None),
}  # fmt: skip


class Person(Protocol):
    """Makes a spreadsheet of one kind, and edits it as a person does in the program it belongs to."""

    def make(self, grids: Sequence[Grid]) -> Source:
        """A spreadsheet of these sheets; a cell that `formulas` names holds some formula with that saved result."""
        ...

    def set(self, source: Source, row: int, column: int, value: Value) -> None:
        """Type a value into a cell of the first sheet and save."""
        ...

    def sort_rows(self, source: Source, first: int, last: int, by: int) -> None:
        """Sort whole rows of the first sheet, downwards by a column's numbers, and save."""
        ...

    def move_column(self, source: Source, column: int, before: int) -> None:
        """Cut a column of the first sheet, insert it before another, and save."""
        ...

    def insert_column(self, source: Source, before: int) -> None:
        """Insert an empty column into the first sheet and save."""
        ...

    def delete_column(self, source: Source, column: int) -> None:
        """Delete a column of the first sheet and save."""
        ...

    def forget_marks(self, source: Source) -> None:
        """Pass the spreadsheet through a program that drops what marks our columns."""
        ...

    def rules(self, source: Source) -> Sequence[str]:
        """The formulas of all conditional formats of the first sheet, in the order in which they win."""
        ...

    def theirs(self, source: Source) -> Any:
        """Everything that is not ours, comparable: other cells' formulas and styles, other rules, other parts."""
        ...


def changes(
    snapshot: Snapshot, after: Mapping[str, Sequence[Value]] = AFTER, *, highlight: HighlightMode = "columns"
) -> Changes:
    """What a sync of the first sheet would ask for, with our columns where the snapshot says they are."""
    owned = snapshot.owned.columns if snapshot.owned else {}
    grid = snapshot.grids[0]
    rows = range(FIRST, LAST + 1)
    keys = [key for key in after if owned.get(key, 0) is not None]
    return Changes(
        sheet=grid.name,
        header_row=HEADER,
        first_row=FIRST,
        last_row=LAST,
        version=snapshot.version,
        right=RIGHT,
        rows=rows,
        before={key: [grid.cell(row, owned.get(key) or 10**6) for row in rows] for key in keys},
        after={key: after[key] for key in keys},
        headers=column_words(),
        add=tuple(key for key in keys if key not in owned),
        highlight=highlight,
        words=follow_up_words(),
        date_like=2,
    )


def cells(grid: Grid, rows: int = LAST, columns: int = 14) -> list[list[Value]]:
    """A grid's upper left corner, alike however far its used range goes."""
    return [
        [_midnight_is_a_day(grid.cell(row, column)) for column in range(1, columns + 1)] for row in range(1, rows + 1)
    ]


def ours(snapshot: Snapshot, key: str) -> list[Value]:
    """The values in one of our columns, in the tracker's rows."""
    assert snapshot.owned
    column = snapshot.owned.columns[key]
    assert column
    return [_midnight_is_a_day(snapshot.grids[0].cell(row, column)) for row in range(FIRST, LAST + 1)]


def headers(snapshot: Snapshot) -> list[Value]:
    """The header row of the first sheet, up to its last header."""
    row = list(snapshot.grids[0].row(HEADER))
    while row and row[-1] is None:
        row.pop()
    return row


def _midnight_is_a_day(value: Value) -> Value:
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value


class SourceContract:
    """To be subclassed; pytest collects only classes named Test..."""

    last_columns = 16_380
    """So far right that no six columns are left."""

    @pytest.fixture
    def person(self) -> Person:
        raise NotImplementedError

    @pytest.fixture
    def source(self, person: Person) -> Source:
        return person.make([JOBS, NOTES])

    @pytest.fixture
    def synced(self, source: Source) -> Source:
        source.apply(changes(source.read()))
        return source

    # Reading

    def test_is_a_source(self, source: Source) -> None:
        assert isinstance(source, Source)

    def test_reads_every_sheet_as_it_stands(self, source: Source) -> None:
        grids = source.read().grids
        assert [grid.name for grid in grids] == ["Jobs", "Notes"]
        assert cells(grids[0]) == cells(JOBS)
        assert cells(grids[1]) == cells(NOTES)

    def test_reads_formulas_as_their_saved_results(self, source: Source) -> None:
        grid = source.read().grids[0]
        assert grid.cell(3, 4) == 14
        assert set(grid.formulas[4]) == {3, 4, 6}
        assert not any(grid.unsaved.values())

    def test_a_spreadsheet_we_never_wrote_to_has_no_column_of_ours(self, source: Source) -> None:
        assert source.read().owned is None

    def test_says_which_columns_are_ours(self, synced: Source) -> None:
        owned = synced.read().owned
        assert owned
        assert (owned.sheet, owned.header_row, owned.adopted) == (SHEET, HEADER, False)
        assert dict(owned.columns) == dict(zip(OWNED, range(5, 11), strict=True))

    # Versions

    def test_reading_twice_gives_the_same_version(self, source: Source) -> None:
        assert source.read().version == source.read().version

    def test_a_cell_of_the_person_gives_another_version(self, source: Source, person: Person) -> None:
        before = source.read().version
        person.set(source, 3, 1, "Ash and Co")
        assert source.read().version != before

    def test_a_write_gives_another_version(self, source: Source) -> None:
        before = source.read().version
        source.apply(changes(source.read()))
        assert source.read().version != before

    # Applying

    def test_apply_writes_every_owned_cell(self, synced: Source) -> None:
        snapshot = synced.read()
        assert {key: ours(snapshot, key) for key in OWNED} == {key: list(values) for key, values in AFTER.items()}

    def test_apply_adds_the_columns_with_their_headers(self, synced: Source) -> None:
        assert headers(synced.read())[4:] == [column_words()[key] for key in OWNED]

    def test_apply_says_what_it_wrote(self, source: Source) -> None:
        receipt = source.apply(changes(source.read()))
        assert receipt.written
        assert receipt.changed_cells == sum(value is not None for values in AFTER.values() for value in values)
        assert dict(receipt.columns) == dict(zip(OWNED, range(5, 11), strict=True))

    def test_apply_leaves_every_other_cell_as_it_was(self, synced: Source) -> None:
        grids = synced.read().grids
        assert cells(grids[0], columns=RIGHT) == cells(JOBS, columns=RIGHT)
        assert cells(grids[1]) == cells(NOTES)
        assert set(grids[0].formulas[4]) == {3, 4, 6}

    def test_apply_leaves_everything_of_the_person_as_it_was(self, source: Source, person: Person) -> None:
        before = person.theirs(source)
        source.apply(changes(source.read()))
        assert person.theirs(source) == before

    def test_apply_changes_the_cells_that_differ_and_no_others(self, synced: Source) -> None:
        later = {**AFTER, "days_overdue": (4, None, None, None), "follow_up": ("Overdue", "Due", "Needs info", None)}
        receipt = synced.apply(changes(synced.read(), later))
        snapshot = synced.read()
        assert receipt.changed_cells == 3
        assert {key: ours(snapshot, key) for key in OWNED} == {key: list(values) for key, values in later.items()}

    def test_a_key_missing_from_the_changes_is_not_touched(self, synced: Source) -> None:
        synced.apply(changes(synced.read(), {"days_overdue": (9, None, None, None)}))
        snapshot = synced.read()
        assert ours(snapshot, "days_overdue") == [9, None, None, None]
        assert ours(snapshot, "why") == list(AFTER["why"])

    def test_the_highlights_are_there_once_the_most_pressing_first(self, synced: Source, person: Person) -> None:
        keys = [key for rule in person.rules(synced) if (key := is_ours(rule))]
        assert keys == ["overdue", "due", "upcoming", "waiting", "closed"]

    def test_highlights_that_are_not_wanted_any_more_go(self, synced: Source, person: Person) -> None:
        synced.apply(changes(synced.read(), highlight="none"))
        assert not [rule for rule in person.rules(synced) if is_ours(rule)]

    def test_a_column_of_the_person_keeps_its_name_and_ours_gets_another(self, source: Source, person: Person) -> None:
        person.set(source, HEADER, 3, " follow-UP")
        source.apply(changes(source.read()))
        names = headers(source.read())
        assert names[2] == " follow-UP"
        assert names[7] == "Follow-up (sheetsync)"

    def test_ours_go_to_the_first_columns_together_that_are_empty(self, source: Source, person: Person) -> None:
        person.set(source, 20, 8, "a remark far below")
        receipt = source.apply(changes(source.read()))
        assert receipt.columns["next_contact"] == 9
        assert source.read().grids[0].cell(20, 8) == "a remark far below"

    def test_ours_stay_out_of_merged_cells(self, person: Person) -> None:
        title = Grid(JOBS.name, JOBS.columns, formulas=JOBS.formulas, merges=(Area(1, 1, 1, 7),))
        source = person.make([title, NOTES])
        assert source.apply(changes(source.read())).columns["next_contact"] == 8

    def test_apply_without_room_writes_nothing(self, source: Source) -> None:
        before = source.read()
        with pytest.raises(NoRoomError):
            source.apply(dataclasses.replace(changes(before), right=self.last_columns))
        assert source.read() == before

    # Stale versions

    def test_apply_refuses_a_stale_version(self, source: Source, person: Person) -> None:
        stale = changes(source.read())
        person.set(source, 3, 1, "Ash and Co")
        with pytest.raises(SourceChangedError):
            source.apply(stale)

    def test_a_refused_write_writes_nothing(self, source: Source, person: Person) -> None:
        stale = changes(source.read())
        person.set(source, 3, 1, "Ash and Co")
        before = source.read()
        with pytest.raises(SourceChangedError):
            source.apply(stale)
        assert source.read() == before

    # Nothing to change

    def test_applying_what_is_there_already_writes_nothing(self, synced: Source) -> None:
        before = synced.read()
        receipt = synced.apply(changes(before))
        assert not receipt.written
        assert receipt.changed_cells == 0
        assert receipt.backup is None
        assert synced.read().version == before.version

    # Ownership

    def test_our_columns_are_found_after_rows_were_sorted(self, synced: Source, person: Person) -> None:
        person.sort_rows(synced, FIRST, LAST, by=3)
        snapshot = synced.read()
        assert [snapshot.grids[0].cell(row, 1) for row in range(FIRST, LAST + 1)] == [
            "Birch",
            "Ash & Co",
            "Cedar",
            "Dune",
        ]
        assert ours(snapshot, "days_overdue") == [None, 3, None, None]

    def test_our_columns_are_found_after_a_column_was_inserted(self, synced: Source, person: Person) -> None:
        person.insert_column(synced, before=2)
        snapshot = synced.read()
        assert snapshot.owned
        assert dict(snapshot.owned.columns) == dict(zip(OWNED, range(6, 12), strict=True))
        assert ours(snapshot, "why") == list(AFTER["why"])

    def test_our_columns_are_found_after_one_was_moved(self, synced: Source, person: Person) -> None:
        person.move_column(synced, 8, before=1)
        snapshot = synced.read()
        assert snapshot.owned
        assert snapshot.owned.columns == {
            "next_contact": 6, "contact_by": 7, "next_action": 8, "follow_up": 1, "days_overdue": 9, "why": 10,
        }  # fmt: skip
        assert ours(snapshot, "follow_up") == list(AFTER["follow_up"])

    def test_a_moved_column_is_written_where_it_stands(self, synced: Source, person: Person) -> None:
        person.move_column(synced, 8, before=1)
        later = {**AFTER, "follow_up": ("Waiting", "Due", "Needs info", "Closed")}
        receipt = synced.apply(changes(synced.read(), later))
        assert receipt.changed_cells == 2
        assert [synced.read().grids[0].cell(row, 1) for row in range(HEADER, LAST + 1)] == [
            "Follow-up", "Waiting", "Due", "Needs info", "Closed",
        ]  # fmt: skip

    def test_our_columns_are_found_after_one_was_renamed(self, synced: Source, person: Person) -> None:
        person.set(synced, HEADER, 5, "When?")
        snapshot = synced.read()
        assert snapshot.owned
        assert snapshot.owned.columns["next_contact"] == 5
        synced.apply(changes(snapshot))
        assert headers(synced.read())[4] == "When?"

    def test_a_deleted_column_is_said_to_be_deleted(self, synced: Source, person: Person) -> None:
        person.delete_column(synced, 9)
        snapshot = synced.read()
        assert snapshot.owned
        assert snapshot.owned.columns["days_overdue"] is None
        assert ours(snapshot, "why") == list(AFTER["why"])

    def test_a_deleted_column_is_not_made_again(self, synced: Source, person: Person) -> None:
        person.delete_column(synced, 9)
        receipt = synced.apply(changes(synced.read(), {**AFTER, "why": ("New.", None, None, None)}))
        assert "days_overdue" not in receipt.columns
        assert "Days overdue" not in headers(synced.read())
        assert ours(synced.read(), "why") == ["New.", None, None, None]

    def test_a_deleted_column_is_not_made_again_even_if_asked_for(self, synced: Source, person: Person) -> None:
        person.delete_column(synced, 9)
        snapshot = synced.read()
        asked = changes(Snapshot(snapshot.location, snapshot.version, snapshot.grids))
        synced.apply(asked)
        assert headers(synced.read())[4:] == [column_words()[key] for key in OWNED if key != "days_overdue"]

    def test_if_all_our_columns_were_deleted_none_is_made_again(self, synced: Source, person: Person) -> None:
        for _ in OWNED:
            person.delete_column(synced, 5)
        receipt = synced.apply(changes(synced.read()))
        assert dict(receipt.columns) == {}
        assert len(headers(synced.read())) == RIGHT

    def test_a_highlight_whose_column_was_deleted_is_left_out(self, synced: Source, person: Person) -> None:
        person.delete_column(synced, 6)
        synced.apply(changes(synced.read()))
        keys = [key for rule in person.rules(synced) if (key := is_ours(rule))]
        assert keys == ["upcoming", "waiting", "closed"]

    def test_our_columns_are_adopted_again_if_their_marks_were_lost(self, synced: Source, person: Person) -> None:
        person.forget_marks(synced)
        owned = synced.read().owned
        assert owned
        assert (owned.adopted, owned.header_row) == (True, HEADER)
        assert list(owned.columns.values()) == [5, 6, 7, 8, 9, 10]

    def test_adopted_columns_are_marked_again_by_the_next_write(self, synced: Source, person: Person) -> None:
        person.forget_marks(synced)
        synced.apply(changes(synced.read()))
        owned = synced.read().owned
        assert owned
        assert not owned.adopted
        assert len(headers(synced.read())) == 10

    # Taking out

    def test_remove_takes_everything_of_ours_out(self, synced: Source, person: Person) -> None:
        receipt = synced.remove()
        snapshot = synced.read()
        assert receipt.written
        assert snapshot.owned is None
        assert cells(snapshot.grids[0]) == cells(JOBS)
        assert not [rule for rule in person.rules(synced) if is_ours(rule)]

    def test_remove_leaves_everything_of_the_person_as_it_was(self, source: Source, person: Person) -> None:
        before = person.theirs(source)
        source.apply(changes(source.read()))
        source.remove()
        assert person.theirs(source) == before

    def test_remove_takes_out_moved_columns_too(self, synced: Source, person: Person) -> None:
        person.move_column(synced, 8, before=1)
        synced.remove()
        snapshot = synced.read()
        assert snapshot.owned is None
        left = {value for row in cells(snapshot.grids[0]) for value in row} - {None}
        assert left == {value for row in cells(JOBS) for value in row} - {None}

    def test_remove_does_nothing_the_second_time(self, synced: Source) -> None:
        synced.remove()
        before = synced.read().version
        assert not synced.remove().written
        assert synced.read().version == before

    def test_remove_does_nothing_where_we_never_wrote(self, source: Source) -> None:
        before = source.read().version
        assert not source.remove().written
        assert source.read().version == before

    def test_after_a_removal_our_columns_may_be_added_again(self, synced: Source) -> None:
        synced.remove()
        receipt = synced.apply(changes(synced.read()))
        assert dict(receipt.columns) == dict(zip(OWNED, range(5, 11), strict=True))

"""What every `Source` promises to commands: edits, appended rows, sheets of ours, further columns and their drop-downs.

The rest of the contract is in `contract`; a subclass of `CommandContract` keeps both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Final

import pytest
from contract import AFTER, FIRST, HEADER, JOBS, LAST, NOTES, Person, SourceContract, cells, changes, headers, ours

from sheetsync.book import ColumnLook, Formula, ListRange, Sheet
from sheetsync.changes import Append, Changes, Edit, Only
from sheetsync.errors import FileError, SourceChangedError
from sheetsync.model import EXTRA_OWNED, OWNED, Area, Grid, TableArea, Value
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source
from sheetsync.words import column_words, log_words

DAY: Final = dt.date(2026, 11, 15)
CONTACTS: Final = Grid(
    "History",
    (
        ("Date", dt.date(2026, 11, 2), dt.date(2026, 11, 4), None),
        ("Company", "Ash & Co", "Birch", None),
        ("Note", "called", None, None),
    ),
    tables=(TableArea("Contacts", Area(1, 1, 4, 3)),),
)
"""A list with one spare row in its table."""
ROWS: Final[tuple[Mapping[int, Value], ...]] = ({1: DAY, 2: "Cedar", 3: "=no formula"}, {1: DAY, 2: "Dune"})
EVENTS: Final = Sheet(
    "Events",
    (
        ("Day", DAY, None, None),
        ("Kind", "called, no answer", None, None),
        ("Days", Formula("0+2", 2), None, None),
    ),
    looks={
        1: ColumnLook(12, "d mmm yyyy", wants_date=True),
        2: ColumnLook(30, dropdown=tuple(log_words().values()), help="What came of it."),
        3: ColumnLook(9, wrap=True),
    },
    table=TableArea("Events", Area(1, 1, 4, 3)),
    tab="log",
)
TODAY_SHEET: Final = Sheet(
    "Today's list",
    (("Who", Formula("Jobs!A3", "Ash & Co"), Formula("1/0")), ("When", None, None)),
    looks={2: ColumnLook(dropdown=("soon", "later"))},
    frozen=(1, 1),
    hidden=True,
    tab="setup",
)
LOG: Final = {**AFTER, "log": (None, "Called, no answer", None, None), "log_date": (None, DAY, None, None)}


class CommandContract(SourceContract):
    """To be subclassed in place of `SourceContract`."""

    @pytest.fixture
    def listed(self, person: Person) -> Source:
        return person.make([JOBS, NOTES, CONTACTS])

    def ask(self, source: Source, **asked: object) -> Changes:
        """A sync that asks for more."""
        return dataclasses.replace(changes(source.read()), **asked)  # type: ignore[arg-type]

    # Edits

    def test_an_edit_writes_its_cell_and_no_other(self, source: Source) -> None:
        edits = (
            Edit("Jobs", 3, 1, "Ash & Co", "Ash <& Birch>"),
            Edit("Jobs", 4, 2, dt.date(2026, 10, 1), DAY),
            Edit("Jobs", 5, 3, 52000, None),
            Edit("Jobs", 5, 2, None, DAY),
            Edit("Notes", 2, 2, 3, 4.5),
        )
        before = source.read().grids
        source.apply(self.ask(source, edits=edits))
        after = source.read().grids
        wanted = {(edit.sheet, edit.row, edit.column): edit.after for edit in edits}
        for old, new in zip(before, after, strict=True):
            rows = cells(old, columns=4)
            for row in range(1, LAST + 1):
                for column in range(1, 5):
                    rows[row - 1][column - 1] = wanted.get((old.name, row, column), rows[row - 1][column - 1])
            assert cells(new, columns=4) == rows

    def test_an_edit_counts_as_a_changed_cell(self, synced: Source) -> None:
        receipt = synced.apply(self.ask(synced, edits=(Edit("Jobs", 3, 1, "Ash & Co", "Ash"),)))
        assert (receipt.written, receipt.changed_cells) == (True, 1)

    def test_an_edit_keeps_every_cell_beside_it(self, synced: Source) -> None:
        synced.apply(self.ask(synced, edits=(Edit("Jobs", 3, 1, "Ash & Co", "Ash"),)))
        snapshot = synced.read()
        assert {key: ours(snapshot, key) for key in OWNED} == {key: list(values) for key, values in AFTER.items()}
        assert set(snapshot.grids[0].formulas[4]) == {3, 4, 6}

    def test_an_edit_leaves_a_formula_alone_and_says_so(self, synced: Source) -> None:
        receipt = synced.apply(self.ask(synced, edits=(Edit("Jobs", 3, 4, 14, 15),)))
        assert not receipt.written
        assert [(p.sheet, p.row, p.column) for p in receipt.problems] == [("Jobs", 3, 4)]
        assert "formula" in receipt.problems[0].message
        assert synced.read().grids[0].cell(3, 4) == 14

    def test_an_edit_leaves_headings_and_merged_cells_alone_and_says_so(self, person: Person) -> None:
        merged = Grid("Notes", NOTES.columns, merges=(Area(2, 1, 2, 2),))
        source = person.make([JOBS, Grid("Notes", (("Remember", "a"), (None, None)), merges=merged.merges), CONTACTS])
        edits = (Edit("Notes", 2, 2, None, "b"), Edit("History", 1, 2, "Company", "Firm"))
        receipt = source.apply(self.ask(source, edits=edits))
        assert [p.place for p in receipt.problems] == ["Notes!B2", "History!B1"]
        assert source.read().grid("History").cell(1, 2) == "Company"
        assert source.read().grid("Notes").cell(2, 2) is None

    def test_an_edit_of_a_cell_that_is_not_as_it_was_writes_nothing_at_all(self, source: Source) -> None:
        before = source.read()
        edits = (Edit("Notes", 2, 2, 3, 4), Edit("Jobs", 3, 1, "Ash and Co", "Ash"))
        with pytest.raises(SourceChangedError):
            source.apply(self.ask(source, edits=edits))
        assert source.read() == before

    def test_an_edit_that_is_made_already_writes_nothing(self, synced: Source) -> None:
        asked = self.ask(synced, edits=(Edit("Jobs", 3, 1, "Ash and Co", "Ash & Co"),))
        assert not synced.apply(asked).written

    # Appended rows

    def test_appended_rows_go_right_below_the_last_filled_one_and_the_table_grows(self, listed: Source) -> None:
        receipt = listed.apply(self.ask(listed, appends=(Append("History", ROWS),)))
        grid = listed.read().grid("History")
        assert cells(grid, rows=6, columns=4)[3:] == [
            [DAY, "Cedar", "=no formula", None],
            [DAY, "Dune", None, None],
            [None] * 4,
        ]
        assert [table.area for table in grid.tables] == [Area(1, 1, 5, 3)]
        assert not grid.formulas
        assert receipt.changed_cells == 5 + sum(value is not None for values in AFTER.values() for value in values)

    def test_appended_rows_use_the_spare_rows_of_the_table_first(self, listed: Source) -> None:
        listed.apply(self.ask(listed, appends=(Append("History", ROWS[:1]),)))
        assert [table.area for table in listed.read().grid("History").tables] == [Area(1, 1, 4, 3)]
        listed.apply(self.ask(listed, appends=(Append("History", ROWS[1:]),)))
        assert [table.area for table in listed.read().grid("History").tables] == [Area(1, 1, 5, 3)]
        assert listed.read().grid("History").cell(5, 2) == "Dune"

    def test_appended_rows_leave_everything_above_them_as_it_was(self, listed: Source) -> None:
        before = listed.read()
        listed.apply(self.ask(listed, appends=(Append("History", ROWS), Append("History", ROWS))))
        after = listed.read()
        assert cells(after.grid("History"), rows=3, columns=4) == cells(CONTACTS, rows=3, columns=4)
        assert [after.grid("History").cell(row, 2) for row in range(4, 8)] == ["Cedar", "Dune", "Cedar", "Dune"]
        assert cells(after.grids[0], columns=4) == cells(before.grids[0], columns=4)
        assert cells(after.grids[1]) == cells(before.grids[1])

    def test_rows_are_appended_to_a_sheet_without_a_table_too(self, source: Source) -> None:
        source.apply(self.ask(source, appends=(Append("Notes", ({1: "Write", 2: 5}, {2: 6})),)))
        grid = source.read().grid("Notes")
        assert [grid.row(row)[:2] for row in (3, 4)] == [("Write", 5), (None, 6)]

    @pytest.mark.parametrize("reason", ["totals", "something below", "merged cells"])
    def test_without_room_for_a_row_nothing_is_written(self, person: Person, reason: str) -> None:
        columns = tuple(
            (*values[:3], *(("Sum",) * 3 if reason == "something below" else ())) for values in CONTACTS.columns
        )
        table = TableArea("Contacts", Area(1, 1, 3, 3), totals_rows=1 if reason == "totals" else 0)
        if reason == "something below":
            columns = tuple((*values[:3], None, values[3]) for values in columns)
        merges = (Area(4, 1, 4, 3),) if reason == "merged cells" else ()
        source = person.make([JOBS, NOTES, Grid("History", columns, tables=(table,), merges=merges)])
        before = source.read()
        with pytest.raises(FileError, match="History"):
            source.apply(self.ask(source, appends=(Append("History", ROWS),)))
        assert source.read() == before

    # Sheets of ours

    def test_a_new_sheet_stands_behind_the_others_with_everything_in_it(self, source: Source) -> None:
        source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET)))
        snapshot = source.read()
        assert [grid.name for grid in snapshot.grids][:4] == ["Jobs", "Notes", "Events", "Today's list"]
        events, today = snapshot.grid("Events"), snapshot.grid("Today's list")
        assert cells(events, rows=2, columns=3) == [["Day", "Kind", "Days"], [DAY, "called, no answer", 2]]
        assert [table.area for table in events.tables] == [Area(1, 1, 4, 3)]
        assert today.cell(2, 1) == "Ash & Co"
        assert set(today.formulas[1]) == {2, 3}
        assert today.hidden
        assert not events.hidden

    def test_a_new_sheet_has_its_drop_downs_whatever_their_words_are(self, source: Source) -> None:
        source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET)))
        snapshot = source.read()
        assert snapshot.grid("Events").dropdowns[2] == tuple(log_words().values())
        assert snapshot.grid("Today's list").dropdowns[2] == ("soon", "later")

    def test_a_drop_down_may_offer_what_stands_on_another_sheet(self, source: Source) -> None:
        words = Sheet("Words", (("Channel words", "Email", "Phone"),))
        look = ColumnLook(dropdown=ListRange("Words", Area(2, 1, 3, 1)))
        asking = Sheet("Asking", (("Channel", None),), looks={1: look})
        source.apply(self.ask(source, new_sheets=(words, asking)))
        assert source.read().grid("Asking").dropdowns[1] == ("Email", "Phone")

    def test_a_new_sheet_changes_nothing_of_the_person(self, source: Source) -> None:
        before = source.read().grids
        source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET)))
        after = source.read().grids
        assert [cells(grid, columns=4) for grid in after[:2]] == [cells(grid, columns=4) for grid in before]

    def test_a_sheet_that_is_there_already_is_left_as_it_is(self, source: Source) -> None:
        mine = dataclasses.replace(EVENTS, name="NOTES")
        source.apply(self.ask(source, new_sheets=(mine,)))
        assert [grid.name for grid in source.read().grids] == ["Jobs", "Notes"]
        assert cells(source.read().grid("Notes")) == cells(NOTES)

    def test_making_the_same_sheets_again_writes_nothing(self, source: Source) -> None:
        source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET)))
        assert not source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET))).written

    def test_rows_may_be_appended_to_a_sheet_that_is_made_by_the_same_write(self, source: Source) -> None:
        rows: tuple[Mapping[int, Value], ...] = ({1: DAY, 2: "Met"}, {2: "Called"}, {2: "Closed"})
        source.apply(self.ask(source, new_sheets=(EVENTS,), appends=(Append("Events", rows),)))
        grid = source.read().grid("Events")
        assert [grid.cell(row, 2) for row in range(2, 6)] == ["called, no answer", "Met", "Called", "Closed"]
        assert [table.area for table in grid.tables] == [Area(1, 1, 5, 3)]

    def test_rows_are_appended_to_a_sheet_of_ours_later_as_to_any_other(self, source: Source) -> None:
        source.apply(self.ask(source, new_sheets=(EVENTS,)))
        source.apply(self.ask(source, appends=(Append("Events", ({1: DAY, 2: "Met"},)),)))
        assert source.read().grid("Events").row(3)[1] == "Met"

    def test_remove_takes_our_sheets_out_but_for_the_persons_records(self, source: Source, person: Person) -> None:
        before = person.theirs(source)
        source.apply(self.ask(source, new_sheets=(TODAY_SHEET,)))
        source.remove()
        assert [grid.name for grid in source.read().grids] == ["Jobs", "Notes"]
        assert person.theirs(source) == before

    def test_remove_leaves_a_sheet_with_records_and_is_done_after_the_first_time(self, source: Source) -> None:
        source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET)))
        source.remove()
        snapshot = source.read()
        assert "Events" in [grid.name for grid in snapshot.grids]
        assert "Today's list" not in [grid.name for grid in snapshot.grids]
        assert snapshot.grid("Events").dropdowns[2] == tuple(log_words().values())
        assert not source.remove().written

    def test_remove_takes_the_records_too_if_everything_is_to_go(self, source: Source, person: Person) -> None:
        before = person.theirs(source)
        source.apply(self.ask(source, new_sheets=(EVENTS, TODAY_SHEET)))
        source.remove()
        source.remove(everything=True)
        assert [grid.name for grid in source.read().grids] == ["Jobs", "Notes"]
        assert person.theirs(source) == before

    def test_a_sheet_that_was_taken_out_may_be_made_again(self, source: Source) -> None:
        source.apply(self.ask(source, new_sheets=(EVENTS,)))
        source.remove(everything=True)
        assert source.apply(self.ask(source, new_sheets=(EVENTS,))).written
        assert source.read().grid("Events").cell(1, 1) == "Day"

    # Further columns

    def further(self, source: Source) -> Changes:
        asked = changes(source.read(), LOG)
        return dataclasses.replace(asked, dropdowns={"log": tuple(log_words().values())})

    def test_further_columns_go_right_of_the_computed_ones(self, synced: Source) -> None:
        receipt = synced.apply(self.further(synced))
        assert (receipt.columns["log"], receipt.columns["log_date"]) == (11, 12)
        assert headers(synced.read())[10:] == ["Log", "Log date"]
        assert ours(synced.read(), "log_date") == [None, DAY, None, None]

    def test_further_columns_may_come_with_the_computed_ones(self, source: Source) -> None:
        receipt = source.apply(self.further(source))
        assert list(receipt.columns.values()) == list(range(5, 13))
        assert source.read().owned

    def test_every_further_column_has_a_name_of_its_own(self, synced: Source) -> None:
        after = {**AFTER, **dict.fromkeys(EXTRA_OWNED, ("a", None, None, None))}
        synced.apply(changes(synced.read(), after))
        assert headers(synced.read())[10:] == [column_words()[key] for key in EXTRA_OWNED]

    def test_a_further_column_offers_its_words(self, synced: Source) -> None:
        synced.apply(self.further(synced))
        assert synced.read().grids[0].dropdowns[11] == tuple(log_words().values())

    def test_adding_further_columns_again_writes_nothing(self, synced: Source) -> None:
        synced.apply(self.further(synced))
        assert not synced.apply(self.further(synced)).written

    def test_a_sync_leaves_what_the_person_typed_into_a_further_column(self, synced: Source, person: Person) -> None:
        synced.apply(self.further(synced))
        person.set(synced, FIRST, 11, "Met")
        synced.apply(changes(synced.read()))
        assert ours(synced.read(), "log")[0] == "Met"

    def test_a_further_column_is_emptied_where_the_changes_say_so(self, synced: Source) -> None:
        synced.apply(self.further(synced))
        after = {"log": (None, None, None, None), "log_date": (None, None, None, None)}
        assert synced.apply(changes(synced.read(), after)).changed_cells == 2
        assert ours(synced.read(), "log") == [None] * 4
        assert headers(synced.read())[10:] == ["Log", "Log date"]

    def test_a_further_column_that_the_person_deleted_is_not_made_again(self, synced: Source, person: Person) -> None:
        synced.apply(self.further(synced))
        person.delete_column(synced, 11)
        synced.apply(self.further(synced))
        assert headers(synced.read())[10:] == ["Log date"]

    def test_a_further_column_is_found_after_it_was_moved(self, synced: Source, person: Person) -> None:
        synced.apply(self.further(synced))
        person.move_column(synced, 11, before=1)
        owned = synced.read().owned
        assert owned
        assert (owned.columns["log"], owned.columns["why"]) == (1, 11)

    def test_a_column_with_the_coachs_words_goes_only_with_everything(self, source: Source, person: Person) -> None:
        before = person.theirs(source)
        source.apply(changes(source.read()))
        source.apply(changes(source.read(), {**AFTER, "coach_note": ("Call", None, None, None)}))
        assert source.remove().written
        snapshot = source.read()
        assert snapshot.owned is not None
        assert [key for key, column in snapshot.owned.columns.items() if column] == ["coach_note"]
        assert [text for text in headers(snapshot) if text][4:] == ["Coach note"]
        assert ours(snapshot, "coach_note")[0] == "Call"
        assert not [rule for rule in person.rules(source) if is_ours(rule)]
        assert not source.remove().written
        assert source.read().version == snapshot.version
        source.apply(changes(source.read()))
        again = source.read().owned
        assert again is not None
        assert {key for key, column in again.columns.items() if column} == {*OWNED, "coach_note"}
        source.remove(everything=True)
        assert person.theirs(source) == before
        assert cells(source.read().grids[0]) == cells(JOBS)

    def test_remove_takes_further_columns_out_too(self, source: Source, person: Person) -> None:
        before = person.theirs(source)
        source.apply(changes(source.read()))
        source.apply(self.further(source))
        source.remove()
        assert [grid.name for grid in source.read().grids] == ["Jobs", "Notes"]
        assert cells(source.read().grids[0]) == cells(JOBS)
        assert not source.read().grids[0].dropdowns
        assert person.theirs(source) == before

    def test_the_header_row_stays_where_it_is(self, synced: Source) -> None:
        synced.apply(self.further(synced))
        owned = synced.read().owned
        assert owned
        assert owned.header_row == HEADER

    def test_some_columns_may_be_taken_out_and_the_others_stay(self, person: Person) -> None:
        source = person.make([JOBS, NOTES])
        source.apply(changes(source.read()))
        stood, rules, theirs = cells(source.read().grids[0]), person.rules(source), person.theirs(source)
        source.apply(changes(source.read(), LOG))
        assert cells(source.read().grids[0]) != stood
        assert source.remove(only=Only(columns=frozenset({"log", "log_date"}))).written
        snapshot = source.read()
        assert cells(snapshot.grids[0]) == stood
        assert snapshot.owned
        assert [key for key, column in snapshot.owned.columns.items() if column] == list(OWNED)
        assert (person.rules(source), person.theirs(source)) == (rules, theirs)
        assert not source.remove(only=Only(columns=frozenset({"log", "log_date"}))).written

    def test_a_column_that_was_taken_out_alone_may_come_again(self, person: Person) -> None:
        source = person.make([JOBS, NOTES])
        source.apply(changes(source.read(), LOG))
        stood = cells(source.read().grids[0])
        source.remove(only=Only(columns=frozenset({"log", "log_date"})))
        source.apply(changes(source.read(), LOG))
        assert cells(source.read().grids[0]) == stood

    def test_all_columns_taken_out_by_name_leave_nothing(self, person: Person) -> None:
        source = person.make([JOBS, NOTES])
        stood, rules, theirs = cells(source.read().grids[0]), person.rules(source), person.theirs(source)
        source.apply(changes(source.read()))
        assert source.remove(only=Only(columns=frozenset(OWNED))).written
        assert cells(source.read().grids[0]) == stood
        assert (person.rules(source), person.theirs(source)) == (rules, theirs)
        assert not source.remove().written

    def test_one_sheet_may_be_taken_out_and_our_columns_stay(self, person: Person) -> None:
        source = person.make([JOBS, NOTES])
        source.apply(changes(source.read()))
        stood, rules = cells(source.read().grids[0]), person.rules(source)
        source.apply(dataclasses.replace(changes(source.read()), new_sheets=(EVENTS, TODAY_SHEET)))
        assert source.remove(only=Only(sheets=frozenset({EVENTS.name}))).written
        snapshot = source.read()
        assert EVENTS.name not in [grid.name for grid in snapshot.grids]
        assert TODAY_SHEET.name in [grid.name for grid in snapshot.grids]
        assert (cells(snapshot.grids[0]), person.rules(source)) == (stood, rules)

"""The spreadsheet in memory: the contract, and what a person does to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from contract import HEADER, JOBS, NOTES, Person, changes
from contract_commands import CommandContract

from sheetsync.model import Area, Grid, TableArea, Value
from sheetsync.sheets.memory import MemorySource
from sheetsync.sheets.source import Source


class PersonAtMemory:
    """Edits through the source's own methods."""

    def make(self, grids: Sequence[Grid]) -> Source:
        return MemorySource(grids)

    def set(self, source: Source, row: int, column: int, value: Value) -> None:
        _memory(source).set("Jobs", row, column, value)

    def sort_rows(self, source: Source, first: int, last: int, by: int) -> None:
        _memory(source).sort_rows("Jobs", first, last, by=by)

    def move_column(self, source: Source, column: int, before: int) -> None:
        _memory(source).move_column("Jobs", column, before=before)

    def insert_column(self, source: Source, before: int) -> None:
        _memory(source).insert_column("Jobs", before=before)

    def delete_column(self, source: Source, column: int) -> None:
        _memory(source).delete_column("Jobs", column)

    def forget_marks(self, source: Source) -> None:
        _memory(source).forget_marks()

    def rules(self, source: Source) -> Sequence[str]:
        return [rule.formula for rule in _memory(source).rules.get("Jobs", ())]

    def theirs(self, source: Source) -> Any:
        grids = source.read().grids
        return [(grid.columns[:4], grid.formulas, grid.merges, grid.tables, grid.dropdowns) for grid in grids]


def _memory(source: Source) -> MemorySource:
    assert isinstance(source, MemorySource)
    return source


class TestMemorySource(CommandContract):
    @pytest.fixture
    def person(self) -> Person:
        return PersonAtMemory()


def test_an_inserted_column_moves_tables_and_merged_cells() -> None:
    table = TableArea("Jobs", Area(2, 2, 6, 4))
    source = MemorySource([Grid("Jobs", JOBS.columns, tables=(table,), merges=(Area(1, 1, 1, 4),))])
    source.insert_column("Jobs", before=2)
    grid = source.read().grids[0]
    assert grid.tables[0].area == Area(2, 3, 6, 5)
    assert grid.merges == (Area(1, 1, 1, 5),)


def test_a_deleted_column_takes_what_was_merged_in_it_along() -> None:
    source = MemorySource([Grid("Jobs", JOBS.columns, merges=(Area(3, 2, 4, 2), Area(1, 1, 1, 4)))])
    source.delete_column("Jobs", 2)
    assert source.read().grids[0].merges == (Area(1, 1, 1, 3),)


def test_a_formula_moves_with_its_row_when_rows_are_sorted() -> None:
    source = MemorySource([JOBS])
    source.sort_rows("Jobs", 3, 6, by=3)
    grid = source.read().grids[0]
    assert set(grid.formulas[4]) == {3, 4, 6}
    assert [grid.cell(row, 4) for row in range(3, 7)] == [46, 14, None, 76]


def test_a_cell_of_ours_that_became_a_formula_is_left_alone() -> None:
    source = MemorySource([JOBS, NOTES])
    source.apply(changes(source.read()))
    source.set("Jobs", 3, 9, 99, formula=True)
    assert not source.apply(changes(source.read())).written
    assert source.read().grids[0].cell(3, 9) == 99


def test_ownership_can_be_handed_over() -> None:
    first = MemorySource([JOBS, NOTES])
    first.apply(changes(first.read()))
    snapshot = first.read()
    second = MemorySource(snapshot.grids, owned=snapshot.owned)
    second.move_column("Jobs", 10, before=1)
    owned = second.read().owned
    assert owned
    assert (owned.header_row, owned.columns["why"]) == (HEADER, 1)


def test_the_rules_say_which_cells_they_colour() -> None:
    source = MemorySource([JOBS, NOTES])
    source.apply(changes(source.read(), highlight="row"))
    assert source.rules["Jobs"][0].ranges == ("A3:J6",)

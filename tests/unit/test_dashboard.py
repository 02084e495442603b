"""The Dashboard in a spreadsheet held in memory: which cells a sync writes, and when it writes none."""

from __future__ import annotations

import copy
import datetime as dt
import json

import pytest

from sheetsync.measures.dashboard import add_dashboard, dashboard_sheet
from sheetsync.measures.standing import is_dashboard
from sheetsync.model import Grid, Value
from sheetsync.nightly.packing import pack, unpack
from sheetsync.records.reading import Reading, Records, together
from sheetsync.sheets.house import history_sheet
from sheetsync.sheets.memory import MemorySource
from sheetsync.sync import Outcome, sync

TODAY = dt.date(2026, 11, 10)
JOBS = Grid(
    "Jobs",
    (
        ("Company", "Ash", "Birch", "Cedar"),
        ("Status", "Interview", "Applied", "Applied"),
        ("Date applied", dt.date(2026, 10, 1), dt.date(2026, 11, 2), dt.date(2026, 11, 9)),
        ("Interview date", dt.date(2026, 11, 2), None, None),
        ("Reply date", dt.date(2026, 10, 20), None, None),
        ("Source", "Referral", "LinkedIn", "LinkedIn"),
    ),
)


def everything(reading: Reading) -> Records:
    return together(add_dashboard(reading), Records(new_sheets=(history_sheet(),)))


@pytest.fixture(scope="module")
def made() -> MemorySource:
    source = MemorySource([JOBS])
    sync(source, as_of=TODAY, act=everything)
    return source


@pytest.fixture
def source(made: MemorySource) -> MemorySource:
    return copy.deepcopy(made)


def again(source: MemorySource, *, today: dt.date = TODAY) -> Outcome:
    return sync(source, as_of=today)


def board(source: MemorySource) -> Grid:
    return next(grid for grid in source.read().grids if is_dashboard(grid))


def beside(grid: Grid, text: str, *, right: int = 1) -> Value:
    """The value right of the cell that holds this text, or begins with it."""
    return next(
        grid.cell(row, column + right)
        for column in range(1, grid.n_columns + 1)
        for row in range(1, grid.n_rows + 1)
        if isinstance(value := grid.cell(row, column), str) and (value == text or value.startswith(f"{text} ("))
        if isinstance(grid.cell(row, column + 1), int)
    )


def above(grid: Grid, text: str) -> Value:
    return next(
        grid.cell(row - 1, column)
        for column in range(1, grid.n_columns + 1)
        for row in range(2, grid.n_rows + 1)
        if grid.cell(row, column) == text
    )


def test_it_comes_with_its_numbers_in_the_write_that_makes_it(source: MemorySource) -> None:
    grid = board(source)
    assert [above(grid, label) for label in ("overdue", "threads answered", "median to an answer", "thank-yous missed")] == [
        0, "1 of 3", "19 days", 1,
    ]  # fmt: skip
    assert [beside(grid, name) for name in ("Listed", "Sent", "Answered", "Met", "Offered")] == [3, 3, 1, 1, 0]
    assert beside(grid, "2 Nov", right=3) == 1  # the thank-you that was missed
    assert [beside(grid, "Referral", right=step) for step in (1, 2, 3, 4)] == [1, 1, 1, 19]
    assert [beside(grid, "LinkedIn", right=step) for step in (1, 2, 3, 4)] == [2, 0, 0, None]
    assert grid.cell(3, 2) == "As of 10 Nov 2026, the last sync that changed a number."


def test_a_second_sync_of_the_day_writes_nothing(source: MemorySource) -> None:
    assert not again(source).receipt.written


def test_another_day_on_which_no_number_differs_writes_nothing_there() -> None:
    source = MemorySource([Grid("Jobs", (("Company", "Ash"), ("Status", "Rejected"), ("Source", "Referral")))])
    sync(source, as_of=TODAY, act=add_dashboard)
    assert not sync(source, as_of=TODAY + dt.timedelta(days=1)).receipt.written


def test_the_numbers_follow_what_is_logged(source: MemorySource) -> None:
    source.set("Jobs", 3, 5, dt.date(2026, 11, 10))
    outcome = again(source)
    assert beside(board(source), "Answered") == 2
    assert {edit.sheet for edit in outcome.proposal.changes.edits} == {"Dashboard"}


def test_cells_are_found_where_the_person_moved_them_and_nothing_of_theirs_is_written(source: MemorySource) -> None:
    source.insert_column("Dashboard", before=2)
    source.insert_column("Dashboard", before=1)
    source.set("Dashboard", 4, 16, "mine")
    source.set("Jobs", 3, 5, dt.date(2026, 11, 10))
    edits = again(source).proposal.changes.edits
    assert beside(board(source), "Answered") == 2
    assert board(source).cell(4, 16) == "mine"
    assert all(edit.column not in (1, 2, 3) for edit in edits)
    assert not again(source).receipt.written


def test_a_cell_that_the_person_turned_into_a_formula_is_left_alone(source: MemorySource) -> None:
    grid = board(source)
    row = next(row for row in range(1, grid.n_rows + 1) if grid.cell(row, 8) == "Answered" and grid.cell(row, 9) == 1)
    source.set("Dashboard", row, 9, 99, formula=True)
    outcome = again(source)
    assert beside(board(source), "Answered") == 99
    assert not outcome.receipt.written


def test_an_empty_tracker_is_told_what_will_appear() -> None:
    source = MemorySource([Grid("Jobs", (("Company", "Ash"), ("Status", "Saved"), ("Date applied", None)))])
    sync(source, as_of=TODAY, act=add_dashboard)
    assert str(board(source).cell(3, 2)).startswith("There is nothing to count yet.")
    assert [above(board(source), label) for label in ("follow-ups in time", "threads answered")] == ["–", "–"]


def test_a_sheet_of_the_persons_that_has_its_name_stays_theirs() -> None:
    source = MemorySource([JOBS, Grid("dashboard", (("mine",),))])
    sync(source, as_of=TODAY, act=add_dashboard)
    assert source.read().grid("dashboard").columns == (("mine",),)
    assert board(source).name == "Dashboard (sheetsync)"
    assert not sync(source, as_of=TODAY).receipt.written


def test_one_that_stands_is_not_made_again(source: MemorySource) -> None:
    outcome = sync(source, as_of=TODAY, act=add_dashboard)
    assert outcome.proposal.records.told == ("Sheet Dashboard is there already, so it was left as it is.",)
    assert not outcome.receipt.written


def test_a_tracker_without_one_is_not_measured() -> None:
    source = MemorySource([JOBS])
    assert not sync(source, as_of=TODAY).proposal.changes.edits


def test_its_charts_read_columns_of_numbers_below_their_headings() -> None:
    sheet = dashboard_sheet()
    for chart in sheet.charts:
        for series in chart.series:
            area = series.values
            assert sheet.columns[area.left - 1][area.top - 2] == series.name
            assert (area.top, area.bottom) == (chart.categories.top, chart.categories.bottom)


def test_what_undo_notes_of_it_is_read_again_whole() -> None:
    sheet = dashboard_sheet()
    noted = unpack(json.loads(json.dumps(pack(sheet))))
    assert noted.charts == sheet.charts
    assert [tuple(column) for column in noted.columns] == [tuple(column) for column in sheet.columns]

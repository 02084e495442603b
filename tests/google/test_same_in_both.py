"""The same tracker as an .xlsx file and as a Google spreadsheet: the same reading, the same plan, the same cells."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from excel_person import PersonAtExcel
from person import PersonAtGoogle

from sheetsync.errors import NoTrackerError
from sheetsync.model import Grid, Value
from sheetsync.sheets.source import Source
from sheetsync.sheets.xlsx import XlsxSource
from sheetsync.sync import propose, sync

SAMPLE = Path(__file__).parents[2] / "sample_tracker.xlsx"
TODAY = dt.date(2026, 11, 16)
MIXED = Grid(
    "Applications",
    (
        ("Jobs 2026", None, "Company", "Ash & Co", "Birch", "007 Ltd", "Dune", "N/A"),
        (None, None, "Position", "Analyst", "Analyst", "Engineer", "Nurse", None),
        (
            None, None, "Date applied",
            dt.date(2026, 11, 2), dt.datetime(2026, 10, 1, 14, 30), dt.date(2026, 9, 1), "12/11/2026", None,
        ),
        (None, None, "Status", "Applied", "Interview", "Rejected", "applied", None),
        (None, None, "Salary", 41_000, 38_500.5, "007", None, None),
        (None, None, "Answered", True, False, None, None, None),
        (None, None, "Days", 14, 46, None, 76, None),
    ),
    formulas={7: frozenset({4, 5, 7})},
)  # fmt: skip


def plain(value: Value) -> Value:
    """A value as both kinds of spreadsheet mean it: a day is its midnight, 3 is 3.0."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def cells(grid: Grid) -> list[list[Value]]:
    """A grid row by row, without what is empty at its right and bottom."""
    rows = [[plain(value) for value in grid.row(row)] for row in range(1, grid.n_rows + 1)]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def both(google: PersonAtGoogle, tmp_path: Path, grids: Sequence[Grid]) -> tuple[Source, Source]:
    """The same sheets in both kinds."""
    return PersonAtExcel(tmp_path).make(grids), google.make(grids)


def compare(excel: Source, online: Source) -> None:
    """Read, plan and write both, and hold the one against the other at every step."""
    one, other = excel.read(), online.read()
    assert [cells(grid) for grid in one.grids] == [cells(grid) for grid in other.grids]
    assert [_formulas(grid) for grid in one.grids] == [_formulas(grid) for grid in other.grids]
    options = {"country": "GB"}
    first, second = (propose(source, as_of=TODAY, options=options) for source in (excel, online))
    pd.testing.assert_frame_equal(first.plan.frame, second.plan.frame)
    assert dataclasses.replace(first.layout, problems=()) == dataclasses.replace(second.layout, problems=())
    receipts = [sync(source, as_of=TODAY, options=options).receipt for source in (excel, online)]
    assert receipts[0].columns == receipts[1].columns
    assert receipts[0].changed_cells == receipts[1].changed_cells
    assert [cells(grid) for grid in excel.read().grids] == [cells(grid) for grid in online.read().grids]
    again = [sync(source, as_of=TODAY, options=options).receipt.written for source in (excel, online)]
    assert again == [False, False]
    assert [source.remove().written for source in (excel, online)] == [True, True]
    assert [cells(grid) for grid in excel.read().grids] == [cells(grid) for grid in online.read().grids]


def _formulas(grid: Grid) -> dict[int, set[int]]:
    return {column: set(rows) for column, rows in grid.formulas.items()}


def test_a_small_tracker_of_mixed_cells(google: PersonAtGoogle, tmp_path: Path) -> None:
    compare(*both(google, tmp_path, [MIXED, Grid("Notes", (("Remember", 3),))]))


def test_the_sample(google: PersonAtGoogle, tmp_path: Path) -> None:
    grids = XlsxSource(SAMPLE).read().grids
    bare = [Grid(grid.name, grid.columns, hidden=False) for grid in grids]
    compare(*both(google, tmp_path, bare))


@pytest.mark.shared
@pytest.mark.parametrize("number", range(0, 17, 2))
def test_real_trackers(google: PersonAtGoogle, tmp_path: Path, shared: Path, number: int) -> None:
    files = sorted((shared / "trackers").rglob("*.xlsx"))
    if number >= len(files):
        pytest.skip("there are fewer real trackers here")
    grids = [Grid(grid.name, grid.columns, merges=grid.merges) for grid in XlsxSource(files[number]).read().grids]
    try:
        compare(*both(google, tmp_path, grids))
    except NoTrackerError:  # what is no tracker in a file is none in Google
        with pytest.raises(NoTrackerError):
            propose(google.make(grids), as_of=TODAY)

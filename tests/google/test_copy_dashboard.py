"""The Dashboard carried over between Excel and Google Sheets: its charts are made anew, a person's own are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator.server import Emulator
from judges import validator
from judges.invariants import violations
from moving import DAY, signed_in
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference

from sheetsync.measures.dashboard import add_dashboard, dashboard_sheet
from sheetsync.moving import copy
from sheetsync.sheets import open_source
from sheetsync.sheets.google.address import spreadsheet_id
from sheetsync.sync import sync

OURS = [chart.title for chart in dashboard_sheet().charts]


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Emulator]:
    with signed_in(tmp_path / "home") as started:
        yield started


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """A small tracker with a Dashboard."""
    path, book = tmp_path / "jobs.xlsx", Workbook()
    assert book.active is not None
    for row in (["Company", "Status", "Date applied"], ["Alder Ltd", "Applied", DAY], ["Birch Co", "Rejected", DAY]):
        book.active.append(row)
    book.save(path)
    sync(open_source(str(path)), as_of=DAY, act=add_dashboard)
    return path


def at_google(google: Emulator, url: str) -> list[dict[str, Any]]:
    """The charts of the Dashboard there."""
    sheet = google.books[spreadsheet_id(url)].titled("Dashboard")
    assert sheet
    return sheet.charts


def in_excel(path: Path) -> list[Any]:
    """The charts of the Dashboard in a workbook."""
    sheet: Any = load_workbook(path)["Dashboard"]
    return list(sheet._charts)  # noqa: SLF001 - there is no other way to charts that were read


def title(chart: Any) -> str:
    return str(chart.title.tx.rich.p[0].r[0].t)


def test_the_charts_are_there_in_both_directions_and_a_sync_of_the_copies_writes_nothing(
    google: Emulator, tracker: Path
) -> None:
    there = copy(str(tracker), title="Jobs", locale="en_US", time_zone="Europe/London")
    assert [problem.message for problem in there.problems if "chart" in problem.message] == []
    assert [chart["spec"]["title"] for chart in at_google(google, there.target)] == OURS
    back = tracker.with_name("back.xlsx")
    problems = copy(there.target, back).problems
    assert [problem.message for problem in problems if "chart" in problem.message] == []
    drawn, first = in_excel(back), in_excel(tracker)
    assert [title(chart) for chart in drawn] == OURS
    for one, other in zip(drawn, first, strict=True):
        assert [series.val.numRef.f for series in one.series] == [series.val.numRef.f for series in other.series]
    assert violations(back) == []
    if validator.validator() is not None:
        assert validator.errors(back) == []
    for location in (there.target, str(back)):
        assert not sync(open_source(location), as_of=DAY).receipt.written


def test_the_dashboard_of_a_copy_is_taken_out_with_its_charts(google: Emulator, tracker: Path) -> None:
    there = copy(str(tracker), title="Jobs", locale="en_US", time_zone="Europe/London").target
    back = tracker.with_name("back.xlsx")
    copy(there, back)
    for location in (there, str(back)):
        open_source(location).remove()
        assert "Dashboard" not in [grid.name for grid in open_source(location).read().grids]
    assert google.books[spreadsheet_id(there)].titled("Dashboard") is None
    assert violations(back) == []


def test_a_chart_of_the_persons_own_is_named_and_one_that_they_deleted_stays_deleted(
    google: Emulator, tracker: Path
) -> None:
    book = load_workbook(tracker)
    sheet: Any = book["Dashboard"]
    del sheet._charts[1]  # noqa: SLF001
    theirs = BarChart()
    theirs.add_data(Reference(sheet, min_col=3, max_col=3, min_row=45, max_row=50))
    sheet.add_chart(theirs, "P2")
    book.save(tracker)
    there = copy(str(tracker), title="Jobs", locale="en_US", time_zone="Europe/London")
    assert "1 chart: not carried over." in [problem.message for problem in there.problems]
    kept = [OURS[0], *OURS[2:]]
    assert [chart["spec"]["title"] for chart in at_google(google, there.target)] == kept
    charts = at_google(google, there.target)
    pie = {"chartId": 99, "spec": {"title": "Mine", "pieChart": {}}, "position": charts[0]["position"]}
    charts.append(pie)
    back = tracker.with_name("back.xlsx")
    told = [(problem.sheet, problem.message) for problem in copy(there.target, back).problems]
    assert ("Dashboard", "1 chart: not carried over.") in told
    assert [title(chart) for chart in in_excel(back)] == kept


def test_charts_whose_numbers_were_moved_are_named(google: Emulator, tracker: Path) -> None:
    """The person inserted a row above the lower tables: what stands above it is carried with its charts."""
    book = load_workbook(tracker)
    sheet: Any = book["Dashboard"]
    sheet.insert_rows(58)
    book.save(tracker)
    there = copy(str(tracker), title="Jobs", locale="en_US", time_zone="Europe/London")
    assert "3 charts: not carried over." in [problem.message for problem in there.problems]
    assert [chart["spec"]["title"] for chart in at_google(google, there.target)] == OURS[:2]

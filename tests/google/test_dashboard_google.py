"""The Dashboard at Google: charts of its own, numbers brought up to date in the sync's one write."""

from __future__ import annotations

import datetime as dt

import pytest
from emulator.server import Emulator
from emulator.state import Spreadsheet
from person import PersonAtGoogle

from sheetsync.measures.dashboard import add_dashboard, dashboard_sheet
from sheetsync.model import Grid
from sheetsync.sheets.source import Source
from sheetsync.sync import sync

TODAY = dt.date(2026, 11, 16)
JOBS = Grid(
    "Jobs",
    (
        ("Company", "Ash", "Birch"),
        ("Status", "Applied", "Applied"),
        ("Date applied", dt.date(2026, 11, 2), dt.date(2026, 11, 9)),
        ("Reply date", dt.date(2026, 11, 5), None),
        ("Source", "Referral", "LinkedIn"),
    ),
)


@pytest.fixture
def tracker(google: PersonAtGoogle) -> Source:
    source = google.make([JOBS])
    sync(source, as_of=TODAY, act=add_dashboard)
    return source


def book(emulator: Emulator) -> Spreadsheet:
    (found,) = emulator.books.values()
    return found


def test_its_charts_are_google_s_own_and_name_their_series_by_the_headings(tracker: Source, emulator: Emulator) -> None:
    sheet = book(emulator).titled("Dashboard")
    assert sheet
    specs = [chart["spec"] for chart in sheet.charts]
    assert [(spec["title"], spec["basicChart"]["chartType"]) for spec in specs] == [
        ("Follow-ups by week", "COLUMN"),
        ("How far threads have come", "BAR"),
        ("Messages answered, by channel", "BAR"),
        ("Threads answered, by source", "BAR"),
        ("Median days to an answer, by channel", "BAR"),
    ]
    assert all(spec["altText"] and spec["basicChart"]["headerCount"] == 1 for spec in specs)
    heads = [source["series"]["sourceRange"]["sources"][0] for source in specs[0]["basicChart"]["series"]]
    grid = tracker.read().grid("Dashboard")
    assert [grid.cell(head["startRowIndex"] + 1, head["startColumnIndex"] + 1) for head in heads] == [
        "In time", "Late", "Missed", "Open",
    ]  # fmt: skip
    assert {head["sheetId"] for head in heads} == {sheet.id}
    anchors = [chart["position"]["overlayPosition"]["anchorCell"] for chart in sheet.charts]
    assert [(anchor["rowIndex"] + 1, anchor["columnIndex"] + 1) for anchor in anchors] == [
        (chart.place.top, chart.place.left) for chart in dashboard_sheet().charts
    ]


def test_a_second_sync_writes_nothing_and_news_are_written_in_one_call_until_it_is_taken_out(
    tracker: Source, emulator: Emulator
) -> None:
    assert not sync(tracker, as_of=TODAY).receipt.written
    before = len(emulator.api_calls)
    assert sync(tracker, as_of=TODAY + dt.timedelta(days=30)).receipt.written
    assert [call.path.rpartition(":")[2] for call in emulator.api_calls[before:] if call.method == "POST"] == [
        "batchUpdate"
    ]
    assert tracker.read().grid("Dashboard").cell(3, 2) == "As of 16 Dec 2026, the last sync that changed a number."
    tracker.remove()
    assert [sheet.title for sheet in book(emulator).sheets] == ["Jobs"]

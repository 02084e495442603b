"""Charts that Excel draws itself: in new workbooks, and on the Dashboard that is added to a person's own."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Final, Literal

import openpyxl
import pytest
from excel_person import edit_parts, parts
from judges import invariants, validator
from judges.marks import needs_validator
from lxml import etree

from sheetsync.book import Book, Chart, Series, Sheet
from sheetsync.changes import Only
from sheetsync.measures.dashboard import add_dashboard
from sheetsync.model import Area
from sheetsync.sheets.build import workbook_bytes
from sheetsync.sheets.charts import chart_parts, strict
from sheetsync.sheets.xlsx import XlsxSource
from sheetsync.sync import sync

TODAY = dt.date(2026, 11, 10)
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
KINDS: Final[tuple[Literal["column", "stacked", "bar", "line"], ...]] = ("column", "stacked", "bar", "line")
SHEET = Sheet(
    "Sums",
    (["Channel", "email", "phone"], ["Sent", 3, 1], ["Answered", 1, 0]),
    charts=tuple(
        Chart(
            kind, f"A {kind} & more", Area(2, 1, 3, 1),
            (Series("Sent", Area(2, 2, 3, 2)), Series("Answered", Area(2, 3, 3, 3), "B5483A")),
            Area(5 + 12 * place, 1, 15 + 12 * place, 6), y_title="messages", words=f'A "{kind}" in words',
        )
        for place, kind in enumerate(KINDS)
    ),
)  # fmt: skip


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "sums.xlsx"
    path.write_bytes(workbook_bytes(Book((SHEET,))))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A tracker of a person's own, with a chart of theirs, brought up to date: bare, and with a Dashboard."""
    path = tmp_path_factory.mktemp("made") / "jobs.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Jobs")
    sheet.append(["Company", "Status", "Date applied", "Last contact", "Source"])
    sheet.append(["Ash", "Applied", dt.date(2026, 11, 2), dt.date(2026, 11, 9), "Referral"])
    sheet.append(["Birch", "Rejected", dt.date(2026, 10, 2), None, "LinkedIn"])
    theirs = openpyxl.chart.BarChart()
    theirs.add_data(openpyxl.chart.Reference(sheet, min_col=3, min_row=1, max_row=3))
    sheet.add_chart(theirs, "N2")
    book.save(path)
    sync(XlsxSource(path), as_of=TODAY)
    bare = path.read_bytes()
    sync(XlsxSource(path), as_of=TODAY, act=add_dashboard)
    return {"bare": bare, "added": path.read_bytes()}


@pytest.fixture
def bare(made: dict[str, bytes], tmp_path: Path) -> Path:
    path = tmp_path / "bare.xlsx"
    path.write_bytes(made["bare"])
    return path


@pytest.fixture
def tracker(made: dict[str, bytes], tmp_path: Path) -> Path:
    """The tracker with its Dashboard."""
    path = tmp_path / "jobs.xlsx"
    path.write_bytes(made["added"])
    return path


def test_a_chart_says_what_it_shows_to_whoever_cannot_see_it(workbook: Path) -> None:
    drawing = etree.fromstring(parts(workbook)["xl/drawings/drawing1.xml"])
    told = [(each.get("name"), each.get("descr")) for each in drawing.iter("{*}cNvPr")]
    assert told == [(f"A {kind} & more", f'A "{kind}" in words') for kind in KINDS]


def test_a_chart_reads_its_cells_and_keeps_no_copy_of_them(workbook: Path) -> None:
    chart = etree.fromstring(parts(workbook)["xl/charts/chart2.xml"])
    assert [each.text for each in chart.iter(f"{CHART}f")] == [
        "'Sums'!$A$2:$A$3", "'Sums'!$B$2:$B$3", "'Sums'!$A$2:$A$3", "'Sums'!$C$2:$C$3",
    ]  # fmt: skip
    assert not [*chart.iter(f"{CHART}numCache"), *chart.iter(f"{CHART}strCache")]


def test_equal_books_with_charts_are_equal_bytes(workbook: Path) -> None:
    assert workbook.read_bytes() == workbook_bytes(Book((SHEET,)))


def test_the_parts_for_a_strict_workbook_name_no_transitional_namespace() -> None:
    drawing, charts = chart_parts(SHEET)
    for part in (drawing, *charts):
        assert b"schemas.openxmlformats.org" not in strict(part)
        etree.fromstring(strict(part))


@needs_validator
def test_microsofts_validator_finds_nothing(workbook: Path, bare: Path, tracker: Path) -> None:
    assert validator.errors(workbook) == []
    assert validator.errors(tracker) == validator.errors(bare)  # what openpyxl left in the person's own stylesheet
    assert violations(workbook) == violations(tracker) == []


def violations(path: Path) -> list[str]:
    return list(invariants.violations(path))


def test_the_dashboard_has_its_charts_and_the_persons_chart_stays(bare: Path, tracker: Path) -> None:
    before, after = parts(bare), parts(tracker)
    assert len([name for name in after if name.startswith("xl/charts/chart")]) == 1 + 5
    assert after["xl/charts/chart1.xml"] == before["xl/charts/chart1.xml"]
    assert after["xl/drawings/drawing1.xml"] == before["xl/drawings/drawing1.xml"]
    book = openpyxl.load_workbook(tracker)
    assert [len(book[name]._charts) for name in ("Jobs", "Dashboard")] == [1, 5]  # type: ignore[attr-defined]  # noqa: SLF001


def test_taking_the_dashboard_out_leaves_every_part_as_it_was(bare: Path, tracker: Path) -> None:
    before = parts(bare)
    XlsxSource(tracker).remove(only=Only(sheets=frozenset({"Dashboard"})))
    after = parts(tracker)
    styles = "xl/styles.xml"  # looks that were added stay, used by nothing
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} <= {styles}


def test_a_second_sync_leaves_the_bytes_and_a_later_contact_changes_only_the_dashboard(tracker: Path) -> None:
    first = tracker.read_bytes()
    sync(XlsxSource(tracker), as_of=TODAY)
    assert tracker.read_bytes() == first
    before = parts(tracker)
    sync(XlsxSource(tracker), as_of=TODAY + dt.timedelta(days=60))
    after = parts(tracker)
    assert [name for name in before if after[name] != before[name]] == [
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/sheet2.xml",
    ]
    assert all(after[name] == before[name] for name in after if "/charts/" in name)


def test_a_dashboard_that_was_renamed_is_still_brought_up_to_date(tracker: Path) -> None:
    edit_parts(
        tracker,
        {
            "xl/workbook.xml": lambda data: data.replace(b'name="Dashboard"', b'name="How it goes"').replace(
                b"Dashboard!", b"'How it goes'!"
            )
        },
    )
    sync(XlsxSource(tracker), as_of=TODAY + dt.timedelta(days=60))
    grid = XlsxSource(tracker).read().grid("How it goes")
    assert grid.cell(3, 2) == "As of 9 Jan 2027, the last sync that changed a number."
    outcome = sync(XlsxSource(tracker), as_of=TODAY, act=add_dashboard)
    assert outcome.proposal.records.told == ("Sheet How it goes is there already, so it was left as it is.",)


def test_a_saved_workbook_with_charts_is_a_whole_package(tracker: Path) -> None:
    with zipfile.ZipFile(tracker) as package:
        assert package.testzip() is None

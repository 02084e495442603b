"""Excel files: further columns of ours, with their drop-downs, put in and taken out again byte for byte."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from contract import AFTER, FIRST, HEADER, JOBS, LAST, NOTES, changes
from contract_commands import LOG
from excel_person import PersonAtExcel, edit_parts, parts
from judges import invariants, validator
from judges.marks import needs_validator
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from test_xlsx import SHEET_PART, differing, sync

from sheetsync.changes import Receipt
from sheetsync.model import Value
from sheetsync.sheets.xlsx import XlsxSource
from sheetsync.words import log_words


@pytest.fixture
def tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The contract's tracker as a file."""
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    return Path(PersonAtExcel(tmp_path).make([JOBS, NOTES]).location)


def further(path: Path) -> Receipt:
    source = XlsxSource(path)
    words = tuple(log_words().values())
    return source.apply(dataclasses.replace(changes(source.read(), LOG), dropdowns={"log": words}))


def _book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def test_columns_added_in_two_goes_are_taken_out_without_a_trace(tracker: Path) -> None:
    edit_parts(tracker, {SHEET_PART: lambda data: re.sub(rb'<row r="(\d+)"', rb'<row r="\1" spans="1:4"', data)})
    before = parts(tracker)
    sync(tracker)
    further(tracker)
    assert not further(tracker).written
    XlsxSource(tracker).remove()
    assert differing(tracker, before) == set()


@pytest.mark.parametrize("sqref", ["B3:B9", "A1:Z1000"])
def test_the_persons_own_drop_downs_stay_as_they_are(tracker: Path, sqref: str) -> None:
    book: Any = openpyxl.load_workbook(tracker, data_only=True)
    book.worksheets[0].add_data_validation(DataValidation(type="list", formula1='"a,b"', sqref=sqref))
    book.save(tracker)
    before = parts(tracker)
    sync(tracker)
    receipt = further(tracker)
    rules = _book(tracker).worksheets[0].data_validations.dataValidation
    in_the_way = sqref == "A1:Z1000"
    assert [str(rule.sqref) for rule in rules] == [sqref, *([] if in_the_way else ["K3:K1000"])]
    assert bool([p for p in receipt.problems if "it has got no drop-down" in p.message]) == in_the_way
    XlsxSource(tracker).remove()
    assert differing(tracker, before) == set()


def test_log_dates_are_shown_as_the_trackers_dates_are(tracker: Path) -> None:
    book: Any = openpyxl.load_workbook(tracker, data_only=True)
    for row in range(FIRST, LAST + 1):
        book.worksheets[0].cell(row, 2).number_format = "dd/mm/yyyy"
    book.save(tracker)
    sync(tracker)
    further(tracker)
    sheet = _book(tracker).worksheets[0]
    assert sheet["L4"].value == dt.datetime(2026, 11, 15)
    assert {sheet.cell(row, 12).number_format for row in range(FIRST, LAST + 1)} == {"dd/mm/yyyy"}
    assert sheet.column_dimensions["K"].width >= 20


def test_a_table_that_grew_over_our_columns_grows_over_the_further_ones(tracker: Path) -> None:
    book: Any = openpyxl.load_workbook(tracker, data_only=True)
    sheet = book.worksheets[0]
    for column, name in enumerate(("Company", "Applied", "Salary", "Days"), start=1):
        sheet.cell(HEADER, column).value = name
    sheet.add_table(Table(displayName="Search", ref="A2:D6"))
    book.save(tracker)
    before = parts(tracker)
    sync(tracker)
    further(tracker)
    assert _book(tracker).worksheets[0].tables["Search"].ref == "A2:L6"
    XlsxSource(tracker).remove()
    assert differing(tracker, before) == set()


def test_further_columns_are_taken_out_after_a_program_that_drops_comments(tracker: Path) -> None:
    sync(tracker)
    further(tracker)
    openpyxl.load_workbook(tracker).save(tracker)
    XlsxSource(tracker).remove()
    sheet = _book(tracker).worksheets[0]
    assert [cell.value for row in sheet.iter_rows(min_col=5) for cell in row if cell.value is not None] == []
    assert not sheet.data_validations.dataValidation
    assert [each.title for each in _book(tracker)] == ["Jobs", "Notes"]


MAIL = "mailto:tom@birch.example?subject=Thank%20you&body=Dear%20Tom"
DRAFTS = {**AFTER, "draft": (MAIL, "no address", None, "https://example.com/a?b=c&d")}


def links(path: Path) -> dict[str, str | None]:
    return {
        cell.coordinate: cell.hyperlink.target
        for row in _book(path).worksheets[0].iter_rows()
        for cell in row
        if cell.hyperlink
    }


def draft(path: Path, after: Mapping[str, Sequence[Value]] = DRAFTS) -> Receipt:
    source = XlsxSource(path)
    return source.apply(changes(source.read(), after))


def test_addresses_in_the_draft_column_open_on_a_click(tracker: Path) -> None:
    draft(tracker)
    assert links(tracker) == {"K3": MAIL, "K6": "https://example.com/a?b=c&d"}
    assert not draft(tracker).written


def test_links_follow_what_the_draft_column_holds(tracker: Path) -> None:
    before = parts(tracker)
    draft(tracker)
    draft(tracker, {**AFTER, "draft": (None, "https://example.com/", None, "https://example.com/a?b=c&d")})
    assert links(tracker) == {"K4": "https://example.com/", "K6": "https://example.com/a?b=c&d"}
    draft(tracker, {**AFTER, "draft": (None, None, None, None)})
    assert links(tracker) == {}
    XlsxSource(tracker).remove()
    assert differing(tracker, before) == set()


@pytest.mark.parametrize("theirs", [False, True], ids=["no links before", "links of the person"])
def test_links_are_taken_out_without_a_trace(tracker: Path, theirs: bool) -> None:
    if theirs:
        book: Any = openpyxl.load_workbook(tracker, data_only=True)
        book.worksheets[0]["A3"].hyperlink = "https://ash.example/"
        book.save(tracker)
    before = parts(tracker)
    draft(tracker)
    assert ("A3" in links(tracker)) == theirs
    XlsxSource(tracker).remove()
    assert differing(tracker, before) == set()


@needs_validator
def test_the_validator_finds_nothing_in_links_and_drop_downs(tracker: Path, tmp_path: Path) -> None:
    original = tmp_path / "original.xlsx"
    shutil.copyfile(tracker, original)
    draft(tracker)
    further(tracker)
    assert validator.new_errors(original, tracker) == []
    assert invariants.new_violations(original, tracker) == []


def test_a_link_longer_than_excel_takes_stays_a_text(tracker: Path) -> None:
    draft(tracker, {**AFTER, "draft": ("mailto:a@b.example?body=" + "x" * 2100, None, None, None)})
    assert links(tracker) == {}

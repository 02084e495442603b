"""Excel files: single cells that a command writes, and rows below a list, with everything beside them as it was."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from contract import FIRST, HEADER, JOBS, LAST, NOTES, cells, changes
from contract_commands import CONTACTS, DAY, ROWS
from excel_person import PersonAtExcel, edit_parts, part, parts
from judges import invariants
from openpyxl.formatting import rule as openpyxl_rules
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from test_xlsx import (
    BOOK_PART,
    SHEET_PART,
    STYLES_PART,
    _commented,
    _prefixed,
    _self_closed_rows,
    _single_quoted,
    _without_references,
    differing,
)

from sheetsync.changes import Append, Changes, Edit, Receipt
from sheetsync.errors import SourceChangedError, UnwritableFileError, UsageError
from sheetsync.model import Grid
from sheetsync.sheets.xlsx import XlsxSource

LIST_PART = "xl/worksheets/sheet3.xml"
TABLE_PART = "xl/tables/table1.xml"
_formula_rule: Callable[..., Any] = openpyxl_rules.FormulaRule


@pytest.fixture
def tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The contract's tracker with a History, as a file."""
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    return Path(PersonAtExcel(tmp_path).make([JOBS, NOTES, CONTACTS]).location)


def dress(path: Path, edit: Callable[[Any], None], sheet: int = 0) -> None:
    book: Any = openpyxl.load_workbook(path, data_only=True)
    edit(book.worksheets[sheet])
    book.save(path)


def bare(path: Path, **asked: Any) -> Changes:
    """Changes that ask for nothing of ours."""
    return dataclasses.replace(changes(XlsxSource(path).read(), {}, highlight="none"), rows=(), add=(), **asked)


def write(path: Path, **asked: Any) -> Receipt:
    return XlsxSource(path).apply(bare(path, **asked))


def cell(path: Path, sheet: str, place: str) -> Any:
    book: Any = openpyxl.load_workbook(path)
    return book[sheet][place]


# Single cells


def test_an_edit_touches_its_sheet_alone(tracker: Path) -> None:
    before = parts(tracker)
    write(tracker, edits=(Edit("Jobs", 3, 1, "Ash & Co", "Ash"),))
    assert differing(tracker, before) == {SHEET_PART}


def test_an_edited_cell_keeps_its_look(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        sheet["A3"].font, sheet["A3"].fill = Font(italic=True), PatternFill("solid", fgColor="FFEEEEEE")
        sheet["B3"].number_format = "dd.mm.yy"

    dress(tracker, edit)
    before = parts(tracker)
    edits = (Edit("Jobs", 3, 1, "Ash & Co", "Ash"), Edit("Jobs", 3, 2, dt.date(2026, 11, 2), DAY))
    write(tracker, edits=edits)
    assert cell(tracker, "Jobs", "A3").font.i
    assert cell(tracker, "Jobs", "A3").fill.fgColor.rgb == "FFEEEEEE"
    assert cell(tracker, "Jobs", "B3").number_format == "dd.mm.yy"
    assert differing(tracker, before) == {SHEET_PART}


def test_a_date_in_a_cell_without_a_date_format_is_shown_as_the_trackers_dates_are(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for row in range(FIRST, LAST + 1):
            sheet.cell(row, 2).number_format = "dd mmm yyyy"
        sheet["C3"].font = Font(bold=True)

    dress(tracker, edit)
    write(tracker, edits=(Edit("Jobs", 3, 3, 41000, DAY), Edit("Jobs", 3, 7, None, DAY)))
    for place in ("C3", "G3"):
        assert cell(tracker, "Jobs", place).number_format == "dd mmm yyyy"
        assert cell(tracker, "Jobs", place).value == dt.datetime(2026, 11, 15)
    assert cell(tracker, "Jobs", "C3").font.b


def test_an_emptied_cell_stays_with_its_look(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet["A3"], "border", Border(bottom=Side("thin"))))
    write(tracker, edits=(Edit("Jobs", 3, 1, "Ash & Co", None),))
    assert cell(tracker, "Jobs", "A3").value is None
    assert cell(tracker, "Jobs", "A3").border.bottom.style == "thin"


def test_a_cell_whose_row_the_file_does_not_have_is_made(tracker: Path) -> None:
    write(tracker, edits=(Edit("Jobs", 9, 2, None, "far below"), Edit("Jobs", 8, 1, None, 8)))
    rows = [int(row) for row in re.findall(rb'<row r="(\d+)"', part(tracker, SHEET_PART))]
    assert rows == sorted(rows)
    assert XlsxSource(tracker).read().grids[0].row(9)[:2] == (None, "far below")


def test_a_formula_that_reads_an_edited_cell_is_worked_out_anew(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet["E1"], "value", "=COUNTA(Jobs!A3:A6)"), sheet=1)
    edit_parts(tracker, {BOOK_PART: lambda data: data.replace(b' fullCalcOnLoad="1"', b"")})
    write(tracker, edits=(Edit("Jobs", 3, 3, 41000, None),))
    assert b"fullCalcOnLoad" not in part(tracker, BOOK_PART)
    write(tracker, edits=(Edit("Jobs", 3, 1, "Ash & Co", None),))
    assert b'fullCalcOnLoad="1"' in part(tracker, BOOK_PART)


@pytest.mark.parametrize(
    "edit", [_prefixed, _without_references, _commented, _self_closed_rows, _single_quoted],
    ids=["prefixes", "no references", "comments", "self-closed rows", "single quotes"],
)  # fmt: skip
def test_cells_and_rows_are_written_however_the_markup_is(tracker: Path, edit: Callable[[bytes], bytes]) -> None:
    names: tuple[str, ...] = (SHEET_PART, LIST_PART)
    if edit is _prefixed:
        names = (SHEET_PART, LIST_PART, STYLES_PART, BOOK_PART)
    if edit is _without_references:
        names = (SHEET_PART,)
    edit_parts(tracker, dict.fromkeys(names, edit))
    before = XlsxSource(tracker).read()
    source = XlsxSource(tracker)
    edits = (Edit("Jobs", 4, 1, "Birch", "Birch Ltd"), Edit("Jobs", 12, 2, None, DAY))
    asked = dataclasses.replace(changes(source.read()), edits=edits, appends=(Append("History", ROWS),))
    source.apply(asked)
    after = source.read()
    assert (after.grids[0].cell(4, 1), after.grids[0].cell(5, 1)) == ("Birch Ltd", "Cedar")
    assert cells(after.grids[0], rows=12)[11][1] == DAY
    assert after.grids[0].cell(3, 5) is not None
    assert cells(after.grid("History"), rows=3) == cells(before.grid("History"), rows=3)
    assert [after.grid("History").cell(row, 2) for row in (4, 5)] == ["Cedar", "Dune"]


def test_beyond_the_first_thousand_rows_edits_are_checked_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    long = Grid("Long", (tuple(f"c{row}" for row in range(1, 1501)),))
    path = Path(PersonAtExcel(tmp_path).make([JOBS, long]).location)
    write(path, edits=(Edit("Long", 1400, 1, "c1400", "new"),))
    assert XlsxSource(path).read().grid("Long").cell(1400, 1) == "new"
    with pytest.raises(SourceChangedError):
        write(path, edits=(Edit("Long", 1401, 1, "something else", "new"),))


def test_a_sheet_without_a_row_gets_its_first_one(tracker: Path) -> None:
    def emptied(data: bytes) -> bytes:
        return re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData />", data, flags=re.DOTALL)

    edit_parts(tracker, {"xl/worksheets/sheet2.xml": emptied})
    original = Path(shutil.copyfile(tracker, tracker.with_name("original.xlsx")))
    write(tracker, edits=(Edit("Notes", 3, 2, None, "first"),), appends=(Append("Notes", ({1: "a"},)),))
    grid = XlsxSource(tracker).read().grid("Notes")
    assert (grid.cell(1, 1), grid.cell(3, 2)) == ("a", "first")
    assert invariants.new_violations(original, tracker) == []


def test_a_cell_beyond_what_is_used_so_far_is_within_it_then(tracker: Path) -> None:
    def moved(data: bytes) -> bytes:
        data = re.sub(rb'<row r="1".*?</row>', b"", data, count=1, flags=re.DOTALL)
        data = re.sub(rb'<c r="A\d".*?(?:</c>|/>)', b"", data)
        return re.sub(rb'<row r="(\d+)"', rb'<row r="\1" spans="2:4"', data).replace(b'ref="A1:D6"', b'ref="B2:D6"')

    edit_parts(tracker, {SHEET_PART: moved})
    original = Path(shutil.copyfile(tracker, tracker.with_name("original.xlsx")))
    write(
        tracker,
        edits=(Edit("Jobs", 3, 1, None, "left"), Edit("Jobs", 4, 9, None, "right"), Edit("Jobs", 9, 1, None, 1)),
    )
    assert invariants.new_violations(original, tracker) == []
    assert b'<dimension ref="A2:I9"' in part(tracker, SHEET_PART)


# Rows below a list


def test_appended_rows_touch_their_sheet_and_its_table(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet["A3"], "number_format", "dd/mm/yyyy"), sheet=2)
    before = parts(tracker)
    write(tracker, appends=(Append("History", ROWS),))
    assert differing(tracker, before) == {LIST_PART, TABLE_PART}
    assert re.findall(rb'ref="([A-Z0-9:]+)"', part(tracker, TABLE_PART)) == [b"A1:C5", b"A1:C5"]


def test_new_rows_look_like_the_row_above_them(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        sheet.row_dimensions[3].height = 33
        for column in (1, 2, 3):
            sheet.cell(3, column).fill = PatternFill("solid", fgColor="FFABCDEF")
        sheet["A3"].number_format = "d. mmm"

    dress(tracker, edit, sheet=2)
    write(tracker, appends=(Append("History", ROWS[1:] * 3),))
    sheet = openpyxl.load_workbook(tracker)["History"]
    for row in (5, 6):
        assert sheet.row_dimensions[row].height == 33
        assert {sheet.cell(row, column).fill.fgColor.rgb for column in (1, 2, 3)} == {"FFABCDEF"}
        assert sheet.cell(row, 1).number_format == "d. mmm"


def test_drop_downs_and_rules_that_ended_with_the_list_reach_the_new_rows(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for rule, places in (("B2:B4", "list"), ("C2:C900", "far"), ("F2:F4", "beside")):
            validation = DataValidation(type="list", formula1='"a,b"', sqref=rule, errorTitle=places)
            sheet.add_data_validation(validation)
        sheet.conditional_formatting.add("A2:C4", _formula_rule(formula=["$A2>1"], font=Font(bold=True)))

    dress(tracker, edit, sheet=2)
    write(tracker, appends=(Append("History", ROWS * 2),))
    ranges = re.findall(rb'sqref="([A-Z0-9:]+:[A-Z0-9]+)"', part(tracker, LIST_PART))
    assert sorted(ranges) == [b"A2:C7", b"B2:B7", b"C2:C900", b"F2:F4"]


def test_a_filter_that_ended_with_the_list_reaches_the_new_rows_and_so_does_its_name(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.auto_filter, "ref", "A1:B2"), sheet=1)
    write(tracker, appends=(Append("Notes", ({1: "Write"},)),))
    assert b'<autoFilter ref="A1:B3"' in part(tracker, "xl/worksheets/sheet2.xml")
    assert b"'Notes'!$A$1:$B$3" in part(tracker, BOOK_PART)


def test_a_protected_list_takes_no_rows_and_it_says_what_to_do(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.protection, "sheet", True), sheet=2)
    data = tracker.read_bytes()
    with pytest.raises(UnwritableFileError, match="sheet 'History' is protected: take the protection off"):
        write(tracker, appends=(Append("History", ROWS),), edits=(Edit("Jobs", 3, 1, "Ash & Co", "Ash"),))
    assert tracker.read_bytes() == data


def test_a_formula_in_a_spare_row_is_left_alone_and_reported(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet["C4"], "value", '=A4&"!"'), sheet=2)
    receipt = write(tracker, appends=(Append("History", ROWS[:1]),))
    assert [problem.place for problem in receipt.problems] == ["History!C4"]
    assert cell(tracker, "History", "C4").value == '=A4&"!"'
    assert cell(tracker, "History", "B4").value == "Cedar"


def test_rows_typed_right_below_a_table_belong_to_it(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for row in (4, 5):
            sheet.cell(row, 2).value = f"typed {row}"

    dress(tracker, edit, sheet=2)
    write(tracker, appends=(Append("History", ROWS[:1]),))
    assert cell(tracker, "History", "B6").value == "Cedar"
    assert b'ref="A1:C6"' in part(tracker, TABLE_PART)


def test_the_trackers_own_sheet_takes_no_appended_rows(tracker: Path) -> None:
    with pytest.raises(UsageError, match="the tracker's own sheet"):
        write(tracker, appends=(Append("Jobs", ROWS),))


def test_an_unknown_sheet_is_named(tracker: Path) -> None:
    with pytest.raises(UsageError, match="no sheet called 'Histroy'"):
        write(tracker, appends=(Append("Histroy", ROWS),))


def test_edits_survive_a_removal(tracker: Path) -> None:
    source = XlsxSource(tracker)
    edits = (Edit("Jobs", 3, 1, "Ash & Co", "Ash"), Edit("Jobs", 3, 3, 41000, DAY))
    source.apply(dataclasses.replace(changes(source.read()), edits=edits))
    source.remove()
    grid = source.read().grids[0]
    assert (grid.cell(3, 1), cells(grid)[2][2]) == ("Ash", DAY)
    assert grid.cell(HEADER, 5) is None

"""Excel files: what a write changes in the package, and what people's files are like."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine
from contract import FIRST, HEADER, JOBS, LAST, NOTES, RIGHT, cells, changes, ours
from excel_person import PersonAtExcel, edit_parts, part, parts, rules
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting import rule as openpyxl_rules
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.table import Table

from sheetsync.changes import Receipt
from sheetsync.errors import RefusedFileError, UnreadableFileError
from sheetsync.model import OWNED
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.xlsx import XlsxSource

SHEET_PART = "xl/worksheets/sheet1.xml"
STYLES_PART = "xl/styles.xml"
BOOK_PART = "xl/workbook.xml"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """The contract's tracker as a file."""
    return Path(PersonAtExcel(tmp_path).make([JOBS, NOTES]).location)


def dress(path: Path, edit: Callable[[Any], None]) -> None:
    """Change the first sheet with openpyxl; saved results of its formulas become plain numbers."""
    book: Any = openpyxl.load_workbook(path, data_only=True)
    edit(book.worksheets[0])
    book.save(path)


def _book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def sync(path: Path) -> Receipt:
    source = XlsxSource(path)
    return source.apply(changes(source.read()))


def differing(path: Path, before: Mapping[str, bytes]) -> set[str]:
    """The parts that are not as they were."""
    after = parts(path)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def check_whole_life(path: Path) -> None:
    """A write, a second one that writes nothing, and a removal that leaves every part as it was."""
    before = parts(path)
    assert sync(path).written
    assert ours(XlsxSource(path).read(), "follow_up") == ["Overdue", "Upcoming", "Needs info", "Closed"]
    stamp, data = path.stat().st_mtime_ns, path.read_bytes()
    assert not sync(path).written
    assert (path.stat().st_mtime_ns, path.read_bytes()) == (stamp, data)
    XlsxSource(path).remove()
    assert differing(path, before) == set()


# What a write touches


def test_a_write_touches_only_the_sheet_its_styles_and_the_names(tracker: Path) -> None:
    before = parts(tracker)
    sync(tracker)
    assert differing(tracker, before) == {SHEET_PART, STYLES_PART, BOOK_PART}
    assert list(parts(tracker)) == list(before)


def test_after_a_removal_every_part_is_as_it_was(tracker: Path) -> None:
    check_whole_life(tracker)


def test_a_later_write_touches_only_the_sheet(tracker: Path) -> None:
    sync(tracker)
    before = parts(tracker)
    source = XlsxSource(tracker)
    asked = changes(source.read())
    source.apply(dataclasses.replace(asked, after={**asked.after, "days_overdue": (4, None, None, None)}))
    assert differing(tracker, before) == {SHEET_PART}


def test_a_write_keeps_a_backup_of_the_file_before(tracker: Path) -> None:
    data = tracker.read_bytes()
    receipt = sync(tracker)
    assert receipt.backup
    assert Path(receipt.backup).read_bytes() == data


# How our cells look


def test_our_cells_look_like_their_neighbours_but_show_what_they_hold(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for row in range(FIRST, LAST + 1):
            cell = sheet.cell(row, RIGHT)
            cell.fill = PatternFill("solid", fgColor="FFEEEEEE")
            cell.border = Border(bottom=Side("thin"))
            cell.number_format = "0.00%"
            sheet.cell(row, 2).number_format = "dd/mm/yyyy"

    dress(tracker, edit)
    sync(tracker)
    sheet = _book(tracker).worksheets[0]
    row = [sheet.cell(FIRST, column) for column in range(RIGHT + 1, RIGHT + 7)]
    assert [cell.number_format for cell in row] == ["dd/mm/yyyy", "dd/mm/yyyy", *["General"] * 4]
    assert {cell.fill.fgColor.rgb for cell in row} == {"FFEEEEEE"}
    assert {cell.border.bottom.style for cell in row} == {"thin"}


def test_without_dates_to_follow_ours_are_written_year_first(tracker: Path) -> None:
    source = XlsxSource(tracker)
    source.apply(dataclasses.replace(changes(source.read()), date_like=None))
    assert _book(tracker).worksheets[0].cell(FIRST, RIGHT + 1).number_format == "yyyy-mm-dd"


def test_our_dates_leave_out_the_time_of_day_that_the_persons_show(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for row in range(FIRST, LAST + 1):
            sheet.cell(row, 2).number_format = "dd.mm.yyyy hh:mm"

    dress(tracker, edit)
    sync(tracker)
    assert _book(tracker).worksheets[0].cell(FIRST, RIGHT + 1).number_format == "dd.mm.yyyy"


def test_a_link_beside_ours_does_not_make_them_look_like_links(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for row in range(FIRST, LAST + 1):
            sheet.cell(row, RIGHT).font = Font(underline="single", color="FF0000FF")

    dress(tracker, edit)
    sync(tracker)
    assert _book(tracker).worksheets[0].cell(FIRST, RIGHT + 6).font.underline is None


def test_our_headers_look_like_the_header_beside_them(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.cell(HEADER, RIGHT), "font", Font(bold=True)))
    sync(tracker)
    sheet = _book(tracker).worksheets[0]
    assert all(sheet.cell(HEADER, RIGHT + step).font.b for step in range(1, 7))


def test_columns_are_wide_enough_for_what_they_hold(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.column_dimensions["E"], "width", 3))
    sync(tracker)
    widths = _book(tracker).worksheets[0].column_dimensions
    assert widths["E"].width >= 10
    assert widths["J"].width >= 40


# Shapes of files


def test_styled_empty_cells_in_the_way_are_restored_by_a_removal(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        for row in range(1, 30):
            for column in range(1, 27):
                sheet.cell(row, column).border = Border(left=Side("thin"))

    dress(tracker, edit)
    check_whole_life(tracker)


def _prefixed(data: bytes) -> bytes:
    data = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", data)
    return data.replace(b"xmlns=", b"xmlns:x=")


def _strict(data: bytes) -> bytes:
    data = data.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    return data.replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    )


def _without_references(data: bytes) -> bytes:
    """Rows and cells by their order alone; the empty cells that this needs are put in."""
    rows = []
    for row in re.findall(rb"<row .*?</row>", data, re.DOTALL):
        found = {m[1]: m[0] for m in re.finditer(rb'<c r="([A-Z])\d+".*?(?:</c>|/>)', row, re.DOTALL)}
        made = b"".join(found.get(letter, b"<c/>") for letter in (b"A", b"B", b"C", b"D"))
        rows.append(b"<row>" + re.sub(rb' r="[A-Z]\d+"', b"", made) + b"</row>")
    return re.sub(
        rb"<sheetData>.*</sheetData>", b"<sheetData>" + b"".join(rows) + b"</sheetData>", data, flags=re.DOTALL
    )


def _commented(data: bytes) -> bytes:
    data = data.replace(b"<sheetData>", b'<sheetData><!-- </row> <row r="9"> --><?note </sheetData>?>')
    return data.replace(b"</row>", b"<!-- > --></row >", 2)


def _self_closed_rows(data: bytes) -> bytes:
    return data.replace(b"</row></sheetData>", b'</row><row r="8" ht="30"/><row r="9"/></sheetData>')


def _single_quoted(data: bytes) -> bytes:
    return data.replace(b'"', b"'")


def _spanned(data: bytes) -> bytes:
    return re.sub(rb'<row r="(\d+)"', rb'<row r="\1" spans="1:4"', data)


@pytest.mark.parametrize(
    ("names", "edit"),
    [
        ((SHEET_PART, STYLES_PART, BOOK_PART), _prefixed),
        ((SHEET_PART,), _without_references),
        ((SHEET_PART,), _commented),
        ((SHEET_PART,), _self_closed_rows),
        ((SHEET_PART,), _single_quoted),
        ((SHEET_PART,), _spanned),
        ((SHEET_PART, STYLES_PART, BOOK_PART), lambda data: b"\xef\xbb\xbf" + data),
    ],
    ids=["prefixes", "no references", "comments", "self-closed rows", "single quotes", "spans", "byte order marks"],
)  # fmt: skip
def test_sheets_are_written_however_their_markup_is(
    tracker: Path, names: tuple[str, ...], edit: Callable[[bytes], bytes]
) -> None:
    edit_parts(tracker, dict.fromkeys(names, edit))
    check_whole_life(tracker)


def test_strict_files_are_written(tracker: Path) -> None:
    edit_parts(tracker, dict.fromkeys([*parts(tracker)], _strict))
    check_whole_life(tracker)


def test_row_spans_reach_our_last_column(tracker: Path) -> None:
    edit_parts(tracker, {SHEET_PART: _spanned})
    sync(tracker)
    assert re.findall(rb'<row r="(\d)" spans="([\d:]+)"', part(tracker, SHEET_PART))[:3] == [
        (b"1", b"1:4"), (b"2", b"1:10"), (b"3", b"1:10"),
    ]  # fmt: skip


def test_a_workbook_without_styles_gets_some_and_loses_them_again(tmp_path: Path, tracker: Path) -> None:
    bare = tmp_path / "bare.xlsx"
    whole = parts(tracker)
    del whole[STYLES_PART]
    whole["[Content_Types].xml"] = re.sub(rb"<Override[^>]*styles[^>]*/>", b"", whole["[Content_Types].xml"])
    relations = "xl/_rels/workbook.xml.rels"
    whole[relations] = re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", whole[relations])
    whole[SHEET_PART] = re.sub(rb' s="\d+"', b"", whole[SHEET_PART])
    _write(bare, whole)
    sync(bare)
    assert _book(bare).worksheets[0].cell(FIRST, RIGHT + 1).number_format == "yyyy-mm-dd"
    assert not sync(bare).written
    XlsxSource(bare).remove()
    assert parts(bare) == whole


def _write(path: Path, whole: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in whole.items():
            package.writestr(name, data)


def test_dates_of_the_1904_system_are_written_in_it(tracker: Path) -> None:
    edit_parts(tracker, {BOOK_PART: lambda data: re.sub(rb"<workbookPr[^>]*>", b'<workbookPr date1904="1"/>', data)})
    source = XlsxSource(tracker)
    assert source.read().epoch_1904
    sync(tracker)
    assert ours(source.read(), "next_contact")[0] == dt.date(2026, 11, 9)


def test_a_second_sheet_with_the_same_rows_is_left_alone(tracker: Path) -> None:
    before = part(tracker, "xl/worksheets/sheet2.xml")
    sync(tracker)
    assert part(tracker, "xl/worksheets/sheet2.xml") == before


# Tables, filters, totals, rules


_cell_is: Callable[..., Any] = openpyxl_rules.CellIsRule


def _table(sheet: Any, last: int = LAST) -> None:
    sheet.cell(HEADER, 1).value = "Company"
    for column, name in enumerate(("Company", "Applied", "Salary", "Days"), start=1):
        sheet.cell(HEADER, column).value = name
    sheet.add_table(Table(displayName="Search", ref=f"A{HEADER}:D{last}"))


def test_a_table_that_ours_adjoin_grows_over_them(tracker: Path) -> None:
    dress(tracker, _table)
    check_whole_life(tracker)
    sync(tracker)
    table = _book(tracker).worksheets[0].tables["Search"]
    assert (table.ref, table.autoFilter.ref if table.autoFilter else table.ref) == ("A2:J6", "A2:J6")
    assert [column.name for column in table.tableColumns][4:] == [
        "Next contact", "Contact by", "Next action", "Follow-up", "Days overdue", "Why",
    ]  # fmt: skip
    assert len({column.id for column in table.tableColumns}) == 10


def test_ours_stand_outside_a_table_that_they_do_not_adjoin_and_a_problem_says_so(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        _table(sheet)
        sheet["F20"] = "a remark"

    dress(tracker, edit)
    before = part(tracker, "xl/tables/table1.xml")
    receipt = sync(tracker)
    assert receipt.columns["next_contact"] == 7
    assert [problem.message for problem in receipt.problems if "outside the table Search" in problem.message]
    assert part(tracker, "xl/tables/table1.xml") == before


def test_nothing_is_written_into_a_totals_row(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        _table(sheet)
        sheet.tables["Search"].totalsRowCount = 1

    dress(tracker, edit)
    sync(tracker)
    sheet = _book(tracker).worksheets[0]
    assert [sheet.cell(LAST, column).value for column in range(5, 11)] == [None] * 6
    assert not sync(tracker).written


def test_a_filter_that_ours_adjoin_grows_over_them_and_so_does_its_name(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.auto_filter, "ref", f"A{HEADER}:D{LAST}"))
    check_whole_life(tracker)
    sync(tracker)
    assert b'<autoFilter ref="A2:J6"' in part(tracker, SHEET_PART)
    assert b"$A$2:$J$6" in part(tracker, BOOK_PART)


@pytest.mark.parametrize(
    ("end", "grown"), [("E", "J"), ("J", "J"), ("M", "M")], ids=["inside", "at our last column", "beyond ours"]
)
def test_empty_columns_within_a_filter_are_free(tracker: Path, end: str, grown: str) -> None:
    dress(tracker, lambda sheet: setattr(sheet.auto_filter, "ref", f"A{HEADER}:{end}{LAST}"))
    check_whole_life(tracker)
    receipt = sync(tracker)
    assert receipt.columns["next_contact"] == RIGHT + 1
    assert f'<autoFilter ref="A2:{grown}6"'.encode() in part(tracker, SHEET_PART)
    assert f"$A$2:${grown}$6".encode() in part(tracker, BOOK_PART)
    assert not [problem for problem in receipt.problems if "filter" in problem.message]


def test_rules_of_the_person_stay_and_priorities_are_unique(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        sheet.conditional_formatting.add("C3:C6", _cell_is("greaterThan", ["40000"], font=Font(bold=True)))

    dress(tracker, edit)
    check_whole_life(tracker)
    sync(tracker)
    assert [is_ours(formula) is None for formula in rules(tracker)] == [True, *[False] * 5]
    priorities = re.findall(rb'priority="(\d+)"', part(tracker, SHEET_PART))
    assert len(set(priorities)) == len(priorities) == 6


def test_hidden_rows_are_written_like_others(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.row_dimensions[FIRST], "hidden", True))
    check_whole_life(tracker)


def test_a_protected_sheet_is_written_and_stays_protected(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.protection, "sheet", True))
    check_whole_life(tracker)
    sync(tracker)
    assert _book(tracker).worksheets[0].protection.sheet


def test_merged_titles_above_the_tracker_stay(tracker: Path) -> None:
    dress(tracker, lambda sheet: sheet.merge_cells("A1:D1"))
    check_whole_life(tracker)


# Formulas


def test_a_formula_that_reads_our_columns_is_worked_out_anew_on_opening(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet["A20"], "value", '=COUNTIF(H3:H6,"Overdue")'))
    edit_parts(tracker, {BOOK_PART: lambda data: data.replace(b' fullCalcOnLoad="1"', b"")})
    check_whole_life(tracker)
    sync(tracker)
    assert b'fullCalcOnLoad="1"' in part(tracker, BOOK_PART)


def test_formulas_that_read_other_columns_are_left_to_their_saved_results(tracker: Path) -> None:
    edit_parts(tracker, {BOOK_PART: lambda data: data.replace(b' fullCalcOnLoad="1"', b"")})
    sync(tracker)
    assert b"fullCalcOnLoad" not in part(tracker, BOOK_PART)


def test_a_formula_without_a_saved_result_is_told_from_an_empty_cell(tracker: Path) -> None:
    dress(tracker, lambda sheet: setattr(sheet.cell(5, 2), "value", "=TODAY()-7"))
    grid = XlsxSource(tracker).read().grids[0]
    assert grid.cell(5, 2) is None
    assert grid.unsaved == {2: {5}}


def test_a_cell_of_ours_that_became_a_formula_is_left_alone_and_reported(tracker: Path) -> None:
    sync(tracker)
    book = _book(tracker)
    book.worksheets[0].cell(FIRST, 10).value = '="my own reason"'
    book.save(tracker)
    source = XlsxSource(tracker)
    asked = changes(source.read())
    receipt = source.apply(asked)
    assert _book(tracker).worksheets[0].cell(FIRST, 10).value == '="my own reason"'
    assert [(p.row, p.column) for p in receipt.problems] == [(FIRST, 10)]


# Other programs


def test_columns_moved_by_a_program_that_forgets_names_are_found_by_their_headers(tracker: Path) -> None:
    sync(tracker)
    dress(tracker, lambda sheet: sheet.insert_cols(2))
    owned = XlsxSource(tracker).read().owned
    assert owned
    assert list(owned.columns.values()) == [6, 7, 8, 9, 10, 11]


def test_rows_inserted_above_by_such_a_program_move_the_header_row(tracker: Path) -> None:
    sync(tracker)
    dress(tracker, lambda sheet: sheet.insert_rows(1, 2))
    owned = XlsxSource(tracker).read().owned
    assert owned
    assert (owned.header_row, list(owned.columns.values())) == (HEADER + 2, [5, 6, 7, 8, 9, 10])


def test_a_column_of_the_person_that_slid_under_a_mark_is_not_taken_for_ours(tracker: Path) -> None:
    sync(tracker)

    def edit(sheet: Any) -> None:
        sheet.delete_cols(10)
        sheet["J2"] = "My remarks"
        for row in range(FIRST, LAST + 1):
            sheet.cell(row, 10).value = "mine" if row % 2 else None

    dress(tracker, edit)
    snapshot = XlsxSource(tracker).read()
    assert snapshot.owned
    assert snapshot.owned.columns["why"] is None
    assert [problem.column for problem in snapshot.problems] == [10]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_trip_through_libreoffice_keeps_our_columns_ours(tmp_path: Path, tracker: Path) -> None:
    sync(tracker)
    out = tmp_path / "out"
    profile = (tmp_path / "profile").as_uri()
    command = [
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(out),
    ]
    subprocess.run([*command, str(tracker)], check=True, capture_output=True, timeout=120)
    source = XlsxSource(out / tracker.name)
    snapshot = source.read()
    assert snapshot.owned
    assert list(snapshot.owned.columns.values()) == [5, 6, 7, 8, 9, 10]
    assert not source.apply(changes(snapshot)).changed_cells
    assert not source.apply(changes(source.read())).written
    source.remove()
    assert cells(source.read().grids[0]) == cells(JOBS)
    assert not [formula for formula in rules(out / tracker.name) if is_ours(formula)]


def test_every_owned_column_is_marked_by_a_hidden_name(tracker: Path) -> None:
    sync(tracker)
    names = re.findall(rb'<definedName name="_sheetsync_(\w+)" hidden="1">', part(tracker, BOOK_PART))
    assert [name.decode() for name in names] == list(OWNED)


# What one reader does not know


def _with_macro_sheet(whole: dict[str, bytes]) -> dict[str, bytes]:
    """The workbook with an Excel 4 macro sheet behind its others."""
    macros = (
        b'<xm:macrosheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" '
        b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></xm:macrosheet>'
    )
    relations, types = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    return {
        **whole,
        "xl/macrosheets/sheet1.xml": macros,
        types: whole[types].replace(
            b"</Types>",
            b'<Override PartName="/xl/macrosheets/sheet1.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/>'
            b"</Types>",
        ),
        relations: whole[relations].replace(
            b"</Relationships>",
            b'<Relationship Id="rIdMacros" Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet" '
            b'Target="macrosheets/sheet1.xml"/></Relationships>',
        ),
        BOOK_PART: whole[BOOK_PART].replace(
            b"</sheets>",
            b'<sheet xmlns:q="http://schemas.openxmlformats.org/officeDocument/2006/relationships" name="Macros" '
            b'sheetId="99" q:id="rIdMacros"/></sheets>',
        ),
    }


def test_a_workbook_with_a_macro_sheet_is_read_and_written_like_others(tracker: Path) -> None:
    expected = [cells(grid) for grid in XlsxSource(tracker).read().grids]
    _write(tracker, _with_macro_sheet(parts(tracker)))
    with pytest.raises(python_calamine.CalamineError):
        python_calamine.load_workbook(tracker)
    assert [cells(grid) for grid in XlsxSource(tracker).read().grids] == expected
    check_whole_life(tracker)


def test_a_workbook_that_no_reader_understands_is_damaged(tracker: Path) -> None:
    edit_parts(tracker, {SHEET_PART: lambda data: data.replace(b"<v>", b"<v><", 1)})
    with pytest.raises(UnreadableFileError, match="damaged"):
        XlsxSource(tracker).read()


def test_dates_of_the_1904_system_are_read_in_it_by_either_reader(tracker: Path) -> None:
    edit_parts(tracker, {BOOK_PART: lambda data: re.sub(rb"<workbookPr[^>]*>", b'<workbookPr date1904="1"/>', data)})
    expected = [cells(grid) for grid in XlsxSource(tracker).read().grids]
    _write(tracker, _with_macro_sheet(parts(tracker)))
    assert [cells(grid) for grid in XlsxSource(tracker).read().grids] == expected


# Files with two names


def test_that_a_file_has_a_second_name_is_told_once_it_is_written(tracker: Path) -> None:
    (tracker.parent / "second.xlsx").hardlink_to(tracker)
    assert [p.message for p in sync(tracker).problems if "another name" in p.message]
    assert not [p.message for p in sync(tracker).problems if "another name" in p.message]


# What stands in the way


def test_a_table_that_a_query_feeds_does_not_grow(tracker: Path) -> None:
    dress(tracker, _table)
    name = "xl/tables/table1.xml"
    edit_parts(
        tracker,
        {
            name: lambda data: re.sub(
                rb'<tableColumn id="(\d)"', rb'<tableColumn id="\1" queryTableFieldId="\1"', data
            ).replace(b"<table ", b'<table tableType="queryTable" ')
        },
    )
    before = part(tracker, name)
    check_whole_life(tracker)
    receipt = sync(tracker)
    assert part(tracker, name) == before
    assert receipt.columns["next_contact"] == RIGHT + 1
    assert [p.message for p in receipt.problems if "outside the table Search" in p.message]


def test_columns_under_a_chart_are_not_free(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=4, min_row=HEADER, max_row=LAST))
        sheet.add_chart(chart, "F1")

    dress(tracker, edit)
    check_whole_life(tracker)
    first = sync(tracker).columns["next_contact"]
    assert first > 10
    assert _book(tracker).worksheets[0].cell(HEADER, first).value == "Next contact"


def _with_choice(entry: bytes) -> Callable[[bytes], bytes]:
    """A stylesheet whose last format of a kind is a choice between two alternatives."""

    def edit(data: bytes) -> bytes:
        table = re.search(rb"<cellXfs.*?</cellXfs>", data, re.DOTALL)
        assert table
        last = [*re.finditer(rb"<xf [^>]*?/>|<xf .*?</xf>", table[0], re.DOTALL)][-1]
        choice = (
            b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            b'<mc:Choice Requires="x14">' + last[0] + b"</mc:Choice>"
            b"<mc:Fallback>" + last[0] + entry + b"</mc:Fallback></mc:AlternateContent>"
        )
        whole = table[0][: last.start()] + choice + table[0][last.end() :]
        return data[: table.start()] + whole + data[table.end() :]

    return edit


def test_a_choice_between_formats_counts_as_one_format(tracker: Path) -> None:
    edit_parts(tracker, {STYLES_PART: _with_choice(b"")})
    formats = len(re.findall(rb"<xf ", re.findall(rb"<cellXfs.*</cellXfs>", part(tracker, STYLES_PART), re.DOTALL)[0]))
    check_whole_life(tracker)
    sync(tracker)
    styles = [int(style) for style in re.findall(rb'<c r="[E-J]\d" s="(\d+)"', part(tracker, SHEET_PART))]
    assert min(styles) == formats - 1


def test_a_choice_between_different_numbers_of_formats_is_refused(tracker: Path) -> None:
    edit_parts(tracker, {STYLES_PART: _with_choice(b'<xf numFmtId="0"/>')})
    data = tracker.read_bytes()
    with pytest.raises(RefusedFileError, match="counts its formats in an unusual way"):
        sync(tracker)
    assert tracker.read_bytes() == data


def test_a_style_that_only_a_later_look_at_the_rows_needs_is_made_too(tracker: Path) -> None:
    sync(tracker)

    def plain(data: bytes) -> bytes:
        return re.sub(rb'(<c r="E[3-6]") s="\d+"', rb"\1", data)

    edit_parts(tracker, {SHEET_PART: plain})
    source = XlsxSource(tracker)
    asked = changes(source.read())
    days = tuple(dt.date(2027, 1, day) for day in range(1, 5))
    source.apply(dataclasses.replace(asked, after={**asked.after, "next_contact": days}))
    cell = _book(tracker).worksheets[0].cell(FIRST, RIGHT + 1)
    assert cell.value == dt.datetime(2027, 1, 1)
    assert cell.is_date

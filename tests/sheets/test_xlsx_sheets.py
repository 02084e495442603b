"""Excel files: sheets of ours in a person's workbook and further columns, put in and taken out again, byte for byte."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import shared_folder
from contract import JOBS, NOTES, changes
from contract_commands import DAY, EVENTS, TODAY_SHEET
from excel_person import PersonAtExcel, edit_parts, part, parts
from judges import compare, invariants, office, validator
from judges.marks import needs_office, needs_validator
from judges.specimen import HEADER_ROW, LAST_ROW, make_specimen
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table
from test_xlsx import BOOK_PART, SHEET_PART, STYLES_PART, _prefixed, _strict, _write, differing
from test_xlsx_corpus import made_up, rows_of

from sheetsync.book import ColumnLook, Formula, Rule, Sheet, Style
from sheetsync.changes import Append, Changes, Receipt
from sheetsync.errors import UnwritableFileError
from sheetsync.model import Area
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.workbook import Workbook
from sheetsync.sheets.xlsx import XlsxSource
from sheetsync.words import log_words

TYPES, RELATIONS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
SUMMARY = Sheet(
    "Summary",
    (
        ("Jobs & co", "Rows", Formula("COUNTA(Jobs!A3:A6)", 4), "plain"),
        (None, "When", DAY, Formula('IF(TRUE,"<yes>","")', "<yes>")),
    ),
    looks={1: ColumnLook(20, "0.0"), 2: ColumnLook(14, hidden=True)},
    header_row=2,
    rules=(Rule((Area(3, 1, 4, 2),), '$A3="plain"', fill="FFC7CE", colour="9C0006", bold=True),),
    styles=((Area(1, 1, 1, 1), Style(bold=True, size=18, colour="2F4B5C")),),
    heights={1: 40},
    frozen=(2, 1),
    tab="setup",
)
ALL = (SUMMARY, EVENTS, TODAY_SHEET)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """The contract's tracker as a file."""
    return Path(PersonAtExcel(tmp_path).make([JOBS, NOTES]).location)


def asked(path: Path, *sheets: Sheet) -> Changes:
    return dataclasses.replace(changes(XlsxSource(path).read()), new_sheets=sheets)


def graft(path: Path, *sheets: Sheet) -> Receipt:
    return XlsxSource(path).apply(asked(path, *sheets))


def check_whole_life(path: Path) -> None:
    """Sheets put in, nothing written the second time, and every part as it was once everything is taken out."""
    before = parts(path)
    assert graft(path, *ALL).written
    stamp, data = path.stat().st_mtime_ns, path.read_bytes()
    assert not graft(path, *ALL).written
    assert (path.stat().st_mtime_ns, path.read_bytes()) == (stamp, data)
    XlsxSource(path).remove(everything=True)
    assert differing(path, before) == set()


def _book(path: Path) -> Any:
    return openpyxl.load_workbook(path)


# What a new sheet touches


def test_a_new_sheet_adds_parts_and_edits_what_wires_them_in(tracker: Path) -> None:
    graft(tracker)
    before = parts(tracker)
    graft(tracker, EVENTS)
    assert differing(tracker, before) == {
        BOOK_PART, RELATIONS, TYPES, STYLES_PART, "xl/worksheets/sheet3.xml", "xl/worksheets/_rels/sheet3.xml.rels",
        "xl/tables/table1.xml", "xl/worksheets/sheet4.xml",
    }  # fmt: skip
    assert list(parts(tracker))[: len(before)] == list(before)


def test_after_a_removal_every_part_is_as_it_was(tracker: Path) -> None:
    check_whole_life(tracker)


def test_a_removal_that_leaves_the_records_is_made_whole_by_a_later_one(tracker: Path) -> None:
    before = parts(tracker)
    graft(tracker, *ALL)
    XlsxSource(tracker).remove()
    assert [sheet.title for sheet in _book(tracker)] == ["Jobs", "Notes", "Events", "sheetsync lists"]
    XlsxSource(tracker).remove(everything=True)
    assert differing(tracker, before) == set()


@pytest.mark.parametrize("edit", [_prefixed, lambda data: b"\xef\xbb\xbf" + data], ids=["prefixes", "byte order marks"])
def test_sheets_are_put_in_however_the_markup_is(tracker: Path, edit: Callable[[bytes], bytes]) -> None:
    edit_parts(tracker, dict.fromkeys((SHEET_PART, STYLES_PART, BOOK_PART), edit))
    check_whole_life(tracker)


def test_strict_files_get_strict_sheets(tracker: Path) -> None:
    edit_parts(tracker, dict.fromkeys([*parts(tracker)], _strict))
    check_whole_life(tracker)
    graft(tracker, EVENTS)
    assert b"schemas.openxmlformats.org" not in part(tracker, "xl/worksheets/sheet3.xml")


def test_a_workbook_without_styles_gets_some_and_loses_them_again(tmp_path: Path, tracker: Path) -> None:
    bare = tmp_path / "bare.xlsx"
    whole = parts(tracker)
    del whole[STYLES_PART]
    whole[TYPES] = re.sub(rb"<Override[^>]*styles[^>]*/>", b"", whole[TYPES])
    whole[RELATIONS] = re.sub(rb"<Relationship [^>]*styles[^>]*/>", b"", whole[RELATIONS])
    whole[SHEET_PART] = re.sub(rb' s="\d+"', b"", whole[SHEET_PART])
    _write(bare, whole)
    graft(bare, *ALL)
    assert _book(bare)["Summary"]["A2"].font.b
    XlsxSource(bare).remove(everything=True)
    assert parts(bare) == whole


# What stands in it


def test_a_new_sheet_looks_as_it_is_described(tracker: Path) -> None:
    graft(tracker, SUMMARY, EVENTS)
    summary, events = _book(tracker)["Summary"], _book(tracker)["Events"]
    assert (summary["A1"].font.sz, summary["A1"].font.b, summary.row_dimensions[1].height) == (18, True, 40)
    assert summary["A2"].fill.fgColor.rgb == "FF2F4B5C"
    assert summary["A3"].number_format == "0.0"
    assert (summary.freeze_panes, summary.sheet_properties.tabColor.rgb) == ("B3", "FFC9D3DA")
    assert summary.column_dimensions["B"].hidden
    assert summary["B3"].is_date
    assert events.column_dimensions["B"].width == 30
    assert events["A2"].number_format == "d mmm yyyy"
    assert events["C2"].alignment.wrap_text
    rule = next(rule for block in summary.conditional_formatting for rule in block.rules)
    assert (rule.formula, rule.dxf.fill.bgColor.rgb) == (['$A3="plain"'], "FFFFC7CE")


def test_formulas_stand_with_their_saved_results_and_are_worked_out_on_opening(tracker: Path) -> None:
    edit_parts(tracker, {BOOK_PART: lambda data: data.replace(b' fullCalcOnLoad="1"', b"")})
    graft(tracker, SUMMARY)
    assert _book(tracker)["Summary"]["B4"].value == '=IF(TRUE,"<yes>","")'
    assert XlsxSource(tracker).read().grid("Summary").cell(4, 2) == "<yes>"
    assert b'fullCalcOnLoad="1"' in part(tracker, BOOK_PART)


def test_a_new_table_takes_a_name_and_a_number_that_are_free(tracker: Path) -> None:
    def edit(sheet: Any) -> None:
        sheet["A2"], sheet["B2"], sheet["C2"], sheet["D2"] = "a", "b", "c", "d"
        sheet.add_table(Table(displayName="events", ref="A2:D6"))

    book: Any = openpyxl.load_workbook(tracker, data_only=True)
    edit(book.worksheets[0])
    book.save(tracker)
    graft(tracker, EVENTS)
    tables = [table for sheet in _book(tracker) for table in sheet.tables.values()]
    assert [table.displayName for table in tables] == ["events", "Events_2"]
    assert len({table.id for table in tables}) == 2


def test_words_that_fit_stand_in_the_rule_and_others_on_a_hidden_sheet_once(tracker: Path) -> None:
    graft(tracker, EVENTS, TODAY_SHEET, dataclasses.replace(EVENTS, name="More", table=None))
    book = _book(tracker)
    assert [rule.formula1 for rule in book["Today's list"].data_validations.dataValidation] == ['"soon,later"']
    lists = book["sheetsync lists"]
    assert (lists.sheet_state, lists.max_column) == ("hidden", 1)
    formulas = {rule.formula1 for sheet in ("Events", "More") for rule in book[sheet].data_validations.dataValidation}
    assert "'sheetsync lists'!$A$2:$A$10" in formulas


def test_the_sheet_of_lists_gets_longer_and_keeps_what_is_there(tracker: Path) -> None:
    before = parts(tracker)
    graft(tracker, EVENTS)
    other = ("a, b", "c")
    graft(tracker, Sheet("Other", (("Pick", None),), looks={1: ColumnLook(dropdown=other)}, tab="log"))
    snapshot = XlsxSource(tracker).read()
    assert snapshot.grid("Events").dropdowns[2] == tuple(log_words().values())
    assert snapshot.grid("Other").dropdowns[1] == other
    assert [grid.name for grid in snapshot.grids].count("sheetsync lists") == 1
    XlsxSource(tracker).remove(everything=True)
    assert differing(tracker, before) == set()


# What stands in the way


def test_a_workbook_whose_structure_is_protected_takes_no_sheet_and_says_so(tracker: Path) -> None:
    edit_parts(
        tracker,
        {
            BOOK_PART: lambda data: re.sub(
                rb"<workbookProtection\s*/>", b'<workbookProtection lockStructure="1"/>', data
            )
        },
    )
    data = tracker.read_bytes()
    with pytest.raises(UnwritableFileError, match="its structure is protected"):
        graft(tracker, EVENTS)
    assert tracker.read_bytes() == data


def test_a_sheet_that_the_person_renamed_is_not_made_again(tracker: Path) -> None:
    graft(tracker, TODAY_SHEET)
    edit_parts(
        tracker, {BOOK_PART: lambda data: data.replace(b"Today's list", b"Agenda").replace(b"Today''s list", b"Agenda")}
    )
    assert not graft(tracker, TODAY_SHEET).written
    XlsxSource(tracker).remove()
    assert [grid.name for grid in XlsxSource(tracker).read().grids] == ["Jobs", "Notes"]


def test_a_sheet_that_the_persons_formulas_read_stays_and_it_says_why(tracker: Path) -> None:
    graft(tracker, SUMMARY, EVENTS)
    book = _book(tracker)
    book["Notes"]["C5"] = "=SUM(Summary!A3:A9)"
    book.save(tracker)
    receipt = XlsxSource(tracker).remove(everything=True)
    assert [sheet.title for sheet in _book(tracker)] == ["Jobs", "Notes", "Summary"]
    assert [problem.sheet for problem in receipt.problems if "formulas of yours read it" in problem.message] == [
        "Summary"
    ]


def test_what_counts_the_sheets_places_counts_them_anew(tracker: Path) -> None:
    graft(tracker, SUMMARY)
    book = _book(tracker)
    book.move_sheet("Summary", -1)
    book["Notes"].defined_names["Mine"] = DefinedName("Mine", attr_text="Notes!$A$1")
    book["Summary"].print_title_rows = "1:1"
    book.active = 2
    book.save(tracker)
    XlsxSource(tracker).remove()
    book = _book(tracker)
    assert [sheet.title for sheet in book] == ["Jobs", "Notes"]
    assert list(book["Notes"].defined_names) == ["Mine"]
    assert book.active.title == "Notes"
    assert b"Print_Titles" not in part(tracker, BOOK_PART)


def test_the_cells_of_a_sheet_that_goes_leave_the_order_of_calculation(tmp_path: Path) -> None:
    path = make_specimen(tmp_path / "specimen.xlsx")
    graft_specimen(path, SUMMARY)
    number = re.search(rb'name="Summary" sheetId="(\d+)"', part(path, BOOK_PART))
    assert number
    entry = b'<c r="A3" i="' + number[1] + b'"/>'
    edit_parts(path, {"xl/calcChain.xml": lambda data: data.replace(b"</calcChain>", entry + b"</calcChain>")})
    XlsxSource(path).remove(everything=True)
    assert entry not in part(path, "xl/calcChain.xml")
    assert invariants.violations(path) == invariants.violations(make_specimen(tmp_path / "again.xlsx"))


# Judges


def graft_specimen(path: Path, *sheets: Sheet) -> Receipt:
    """Everything a command may ask for at once, over a tracker with a bit of everything."""
    source = XlsxSource(path)
    snapshot = source.read()
    rows = list(range(HEADER_ROW + 1, LAST_ROW + 1))
    plan = made_up(snapshot, snapshot.grids[0], HEADER_ROW, rows, 9)
    return source.apply(_with_everything(plan, sheets))


def _with_everything(plan: Changes, sheets: tuple[Sheet, ...]) -> Changes:
    nothing = [None] * len(plan.rows)
    new = () if "log" in plan.before else ("log", "log_date")
    events: tuple[Append, ...] = ()
    if EVENTS in sheets:
        events = (Append("Events", tuple({1: DAY, 2: f"contact {n}", 3: n} for n in range(9))),)
    return dataclasses.replace(
        plan,
        before={**plan.before, **dict.fromkeys(new, nothing)},
        after={**plan.after, "log": nothing, "log_date": [DAY] * len(nothing)},
        add=(*plan.add, *new),
        dropdowns={"log": tuple(log_words().values())},
        new_sheets=sheets,
        appends=events,
    )


@needs_validator
def test_microsofts_validator_and_the_invariants_find_nothing_new(tmp_path: Path) -> None:
    original = make_specimen(tmp_path / "original.xlsx")
    path = tmp_path / "tracker.xlsx"
    shutil.copyfile(original, path)
    graft_specimen(path, *ALL)
    assert validator.new_errors(original, path) == []
    assert invariants.new_violations(original, path) == []
    XlsxSource(path).remove()
    assert validator.new_errors(original, path) == []
    assert invariants.new_violations(original, path) == []
    XlsxSource(path).remove(everything=True)
    assert compare.same_parts(original, path) == []


@needs_office
def test_libreoffice_opens_and_recalculates_the_new_sheets(tmp_path: Path) -> None:
    path = make_specimen(tmp_path / "tracker.xlsx")
    graft_specimen(path, *ALL)
    seen = office.examine([path], today=DAY)[0]
    assert seen.error is None
    assert seen.pages["Summary"].values[4, 2] == "<yes>"
    assert seen.pages["Summary"].values[3, 1] == 3, "the saved result is another one: the specimen has a row less there"
    assert seen.pages["Summary"].colours[4, 1] == "#FFC7CE"
    assert seen.pages["Events"].values[2, 3] == 2
    assert not seen.pages["Events"].errors
    assert seen.pages["Today's list"].errors == {(3, 1)}


def _trackers() -> Iterator[Path]:
    folder = shared_folder()
    if folder is not None:
        yield from sorted((folder / "trackers").rglob("*.xls[xm]"))


@pytest.mark.shared
@pytest.mark.parametrize("original", list(_trackers()), ids=lambda path: path.name[-50:])
def test_a_real_tracker_loses_nothing(original: Path, tmp_path: Path) -> None:
    path = tmp_path / f"tracker{original.suffix}"
    shutil.copyfile(original, path)
    snapshot = XlsxSource(path).read()
    sheets = [(s.name, rows_of(path, s.part)) for s in Workbook(Package.open(path)).sheets if s.kind == "worksheet"]
    name, rows = max(sheets, key=lambda sheet: len(sheet[1]))
    if not rows:
        pytest.skip("no sheet of it has a row")
    grid = snapshot.grid(name)
    plan = made_up(snapshot, grid, rows[0], rows[1:100], max(grid.n_columns, 1))
    before = parts(path)
    assert XlsxSource(path).apply(_with_everything(plan, ALL)).written
    kept = parts(path)
    touched = {part for part in before if kept[part] != before[part]}
    assert all(re.search(r"sheet\d*\.xml|styles|workbook|tables/|Content_Types", part) for part in touched)
    if validator.validator() is not None:
        assert validator.new_errors(original, path) == []
    assert invariants.new_violations(original, path) == []
    XlsxSource(path).remove(everything=True)
    assert parts(path) == before


def test_a_plain_sync_does_not_import_what_makes_sheets(tracker: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[2]); from test_xlsx import sync; from pathlib import Path; "
        "sync(Path(sys.argv[1])); print([name for name in sys.modules if name.endswith(('grafting', 'listing', 'new_sheet'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tracker, Path(__file__).parent], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

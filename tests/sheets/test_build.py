"""New workbooks: what is in them, and that making one never harms anything that is there."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from judges import validator
from judges.invariants import violations
from judges.marks import needs_validator
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from sheetsync.errors import UnwritableFileError, UsageError
from sheetsync.model import OWNED, Value, column_letter
from sheetsync.sheets.build import build_workbook, workbook_bytes
from sheetsync.sheets.contents import Contents, blank, sample, template_names
from sheetsync.sheets.house import OWNED_WIDTHS, new_book
from sheetsync.words import column_words

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

DAY = dt.date(2026, 11, 18)


def opened(contents: Contents, **more: Any) -> Workbook:
    return load_workbook(io.BytesIO(workbook_bytes(new_book(contents, **more))))


def with_rows(*rows: dict[str, Value]) -> Contents:
    contents = blank("job-search")
    return replace(contents, tracker=replace(contents.tracker, rows=rows))


def first_sheet(book: Workbook) -> Worksheet:
    sheet: Worksheet = book.worksheets[0]
    return sheet


@pytest.mark.parametrize("template", template_names())
def test_every_template_makes_a_workbook_with_a_table_and_a_frozen_header(template: str) -> None:
    contents = blank(template)
    sheet = first_sheet(opened(contents))
    assert sheet.freeze_panes == "B2"
    (table,) = sheet.tables.values()
    assert table.displayName == contents.tracker.table
    headers = [column.header for column in contents.tracker.columns]
    assert [cell.value for cell in sheet[1]] == [*headers, *(column_words()[key] for key in OWNED)]


@pytest.mark.parametrize("template", template_names())
def test_the_sheets_stand_in_the_order_in_which_they_are_used(template: str) -> None:
    names = opened(blank(template), cadence=[["Rule", "From"], ["interview.thank_you", 1]]).sheetnames
    assert names[1:] == ["Today", "History", "Debrief", "Settings", "Cadence", "Lists"]


def test_without_a_cadence_there_is_no_cadence_sheet() -> None:
    assert "Cadence" not in opened(blank("job-search")).sheetnames


def test_equal_contents_are_equal_bytes() -> None:
    assert workbook_bytes(new_book(sample(DAY))) == workbook_bytes(new_book(sample(DAY)))


def test_the_package_tells_no_moment_of_its_making() -> None:
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(new_book(blank("job-search"))))) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms" not in package.read("docProps/core.xml").replace(b"xmlns:dcterms", b"")


def test_a_date_column_has_the_templates_date_format_down_to_rows_to_come() -> None:
    sheet = first_sheet(opened(blank("job-search")))
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "Applied on")
    assert sheet[f"{letter}2"].number_format == "d mmm yyyy"
    assert sheet.column_dimensions[letter].number_format == "d mmm yyyy"


def test_a_drop_down_offers_the_words_of_the_lists_sheet_and_accepts_others() -> None:
    book = opened(blank("job-search"))
    sheet = first_sheet(book)
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "Status")
    (offered,) = [rule for rule in sheet.data_validations.dataValidation if f"{letter}2" in rule.sqref]
    name, cells = offered.formula1.replace("$", "").split("!")
    words = [cell[0].value for cell in book[name.strip("'")][cells]]
    assert words[:3] == ["Saved", "Applied", "Phone screen"]
    assert words[-1] == "Lost"
    assert not offered.showErrorMessage


def test_no_in_line_list_passes_the_255_characters_that_excel_allows() -> None:
    for name in template_names():
        for sheet in opened(blank(name)):
            for rule in sheet.data_validations.dataValidation:
                assert len(rule.formula1 or "") <= 255
                assert len(rule.prompt or "") <= 255
                assert len(rule.promptTitle or "") <= 32


def test_a_list_of_two_sheets_offers_the_words_of_both() -> None:
    lists = opened(blank("projects"))["Lists"]
    channel = next(column for column in lists.iter_cols(values_only=True) if column[0] == "Channel words")
    assert {"Chat", "LinkedIn"} <= set(channel)


def test_room_is_kept_for_the_columns_of_the_first_sync() -> None:
    contents = blank("job-search")
    sheet = first_sheet(opened(contents))
    first = len(contents.tracker.columns)
    widths = [sheet.column_dimensions[column_letter(first + n)].width for n in range(1, len(OWNED) + 1)]
    assert widths == [OWNED_WIDTHS[key] for key in OWNED]


def test_our_texts_keep_off_the_dates_and_numbers_beside_them() -> None:
    contents = blank("job-search")
    sheet = first_sheet(opened(contents))
    first = len(contents.tracker.columns)
    indents = {key: sheet.cell(2, first + place).alignment.indent for place, key in enumerate(OWNED, start=1)}
    assert {key for key, indent in indents.items() if indent} == {"next_action", "follow_up", "why"}


@pytest.mark.parametrize("template", template_names())
def test_a_new_workbook_breaks_no_rule_of_the_format(template: str, tmp_path: Path) -> None:
    build_workbook(tmp_path / "new.xlsx", new_book(blank(template)))
    assert violations(tmp_path / "new.xlsx") == []


@needs_validator
@pytest.mark.parametrize("template", template_names())
def test_microsofts_validator_finds_nothing_in_a_new_workbook(template: str, tmp_path: Path) -> None:
    build_workbook(tmp_path / "new.xlsx", new_book(blank(template)))
    assert validator.errors(tmp_path / "new.xlsx") == []


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 20", "-", "@home", "007", "#N/A", "1/2", "TRUE", "_x0041_", "a\x0bb", "two\nlines\tand a tab"]
)
def test_text_stays_the_text_it_is(text: str) -> None:
    sheet = first_sheet(opened(with_rows({"company": text, "role": "Editor"})))
    data = io.BytesIO(workbook_bytes(new_book(with_rows({"company": text, "role": "Editor"}))))
    assert CalamineWorkbook.from_filelike(data).get_sheet_by_index(0).to_python()[1][0] == text
    assert sheet["A2"].data_type == "s"


def test_a_text_that_looks_like_a_formula_is_marked_as_text_for_later_edits() -> None:
    sheet = first_sheet(opened(with_rows({"company": "=HYPERLINK(A1)"})))
    assert sheet["A2"].quotePrefix


def test_a_time_of_day_is_kept_and_shown() -> None:
    moment = dt.datetime(2026, 11, 2, 14, 30)
    sheet = first_sheet(opened(with_rows({"company": "A", "interview_on": moment})))
    (cell,) = [cell for cell in sheet[2] if cell.value == moment]
    assert cell.number_format == "d mmm yyyy hh:mm"


def test_a_date_before_1900_stays_readable_as_text() -> None:
    sheet = first_sheet(opened(with_rows({"company": "A", "applied_on": dt.date(1899, 5, 1)})))
    assert "1899-05-01" in [cell.value for cell in sheet[2]]


def test_a_settings_value_that_looks_like_a_date_is_kept_as_text() -> None:
    sheet = opened(blank("job-search"))["Settings"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "Quiet")
    assert row[1].number_format == "@"


def test_the_whole_row_is_coloured_in_a_tracker_made_here() -> None:
    sheet = opened(blank("networking"))["Settings"]
    assert {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}["Highlight"] == "row"


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        build_workbook(path, new_book(blank("job-search")))
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFileError, match="folder does not exist"):
        build_workbook(tmp_path / "nowhere" / "new.xlsx", new_book(blank("job-search")))


def test_another_ending_is_refused_with_a_name_that_would_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"name it list\.xlsx"):
        build_workbook(tmp_path / "list.csv", new_book(blank("job-search")))
    assert not list(tmp_path.iterdir())


def test_only_the_workbook_is_left_behind(tmp_path: Path) -> None:
    build_workbook(tmp_path / "new.xlsx", new_book(blank("proposals")))
    assert [path.name for path in tmp_path.iterdir()] == ["new.xlsx"]

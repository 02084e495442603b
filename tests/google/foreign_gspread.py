"""What gspread does with a spreadsheet, and finds afterwards."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from emulator.faults import Fault
from foreign import PERSON, ROBOT, Check, Desk
from gspread.utils import ValidationConditionType, ValueInputOption, ValueRenderOption

ROWS: list[list[Any]] = [
    ["Company", "Applied", "Days", "Paid"],
    ["Ash & Co", "2026-11-02", 14, True],
    ["Birch", "2026-10-01", 46, False],
    ["Cedar", "", 3, False],
]


def fill(desk: Desk) -> gspread.Worksheet:
    """The first sheet with four rows, as a person would have typed them."""
    sheet = desk.sheet
    sheet.update(ROWS, "A1", value_input_option=ValueInputOption.user_entered)
    return sheet


def a_spreadsheet_is_found_by_key_title_and_address(desk: Desk) -> None:
    for found in (
        desk.client.open("My search"),
        desk.client.open_by_key(desk.book.id),
        desk.client.open_by_url(f"https://docs.google.com/spreadsheets/d/{desk.book.id}/edit#gid=0"),
    ):
        assert (found.id, found.title) == (desk.book.id, "My search")
    assert (desk.book.locale, desk.book.timezone) == ("en_US", "Etc/GMT")
    with pytest.raises(gspread.SpreadsheetNotFound):
        desk.client.open("Somebody else's")
    with pytest.raises(gspread.SpreadsheetNotFound):
        desk.client.open_by_key("1" + "x" * 43)


def a_spreadsheet_is_made_shared_and_taken_away(desk: Desk) -> None:
    made = desk.client.create("Copy of my search")
    assert made.list_permissions()[0]["role"] == "owner"
    made.share(PERSON, perm_type="user", role="reader", notify=False)
    assert {(one["emailAddress"], one["role"]) for one in made.list_permissions()} == {
        (ROBOT, "owner"),
        (PERSON, "reader"),
    }
    made.remove_permissions(PERSON, "any")
    assert [one["role"] for one in made.list_permissions()] == ["owner"]
    copied = desk.client.copy(desk.book.id, title="Second")
    assert copied.sheet1.title == "Sheet1"
    desk.client.del_spreadsheet(made.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        desk.client.open("Copy of my search")


def sheets_are_added_renamed_moved_and_deleted(desk: Desk) -> None:
    notes = desk.book.add_worksheet("Notes", rows=20, cols=4)
    assert (notes.row_count, notes.col_count, notes.index) == (20, 4, 1)
    with pytest.raises(gspread.exceptions.APIError, match="already exists"):
        desk.book.add_worksheet("notes", rows=2, cols=2)
    log = desk.book.duplicate_sheet(notes.id, new_sheet_name="Log")
    desk.book.reorder_worksheets([desk.book.worksheet("Sheet1"), log, notes])
    assert [sheet.title for sheet in desk.book.worksheets()] == ["Sheet1", "Log", "Notes"]
    log.update_title("History")
    log.hide()
    assert [sheet.title for sheet in desk.book.worksheets(exclude_hidden=True)] == ["Sheet1", "Notes"]
    desk.book.del_worksheet(notes)
    assert [sheet.title for sheet in desk.book.worksheets()] == ["Sheet1", "History"]


def values_come_back_as_they_were_typed(desk: Desk) -> None:
    sheet = fill(desk)
    assert sheet.get_all_values()[1] == ["Ash & Co", "2026-11-02", "14", "TRUE"]
    plain = sheet.get("A2:D2", value_render_option=ValueRenderOption.unformatted)
    assert plain == [["Ash & Co", 46328, 14, True]]
    assert sheet.get_all_records()[2] == {"Company": "Cedar", "Applied": "", "Days": 3, "Paid": "FALSE"}
    sheet.update([["007", "=1+1"]], "A2:B2", raw=True)
    assert sheet.row_values(2)[:2] == ["007", "=1+1"]
    assert desk.book.values_batch_get(["A1:A2", "C3"])["valueRanges"][1]["values"] == [["46"]]


def an_update_says_how_many_cells_it_wrote(desk: Desk) -> None:
    answer = desk.sheet.update([["a", None, "c"], [None, "e", ""]], "A1")
    assert (answer["updatedCells"], answer["updatedRange"]) == (4, "Sheet1!A1:C2")


def rows_are_appended_below_the_table(desk: Desk) -> None:
    sheet = fill(desk)
    answer = sheet.append_rows([["Dune", "", 9], ["Elm"]], table_range="A1")
    assert answer["updates"]["updatedRange"] == "Sheet1!A5:C6"
    assert sheet.col_values(1) == ["Company", "Ash & Co", "Birch", "Cedar", "Dune", "Elm"]


def rows_and_columns_are_inserted_and_deleted(desk: Desk) -> None:
    sheet = fill(desk)
    sheet.update([["=C2*2"]], "E2", value_input_option=ValueInputOption.user_entered)
    sheet.insert_cols([["Role", "Smith"]], 2)
    sheet.insert_row(["New"], 2)
    assert sheet.acell("F3", value_render_option=ValueRenderOption.formula).value == "=D3*2"
    assert sheet.row_values(3)[:3] == ["Ash & Co", "Smith", "2026-11-02"]
    sheet.delete_rows(2)
    sheet.delete_columns(2)
    assert sheet.get("A1:D2")[1] == ["Ash & Co", "2026-11-02", "14", "TRUE"]
    with pytest.raises(gspread.exceptions.APIError, match="delete all the rows"):
        sheet.delete_rows(1, sheet.row_count)


def rows_are_sorted_and_found(desk: Desk) -> None:
    sheet = fill(desk)
    sheet.sort((3, "asc"), range="A2:D4")
    assert sheet.col_values(1) == ["Company", "Cedar", "Ash & Co", "Birch"]
    found = sheet.find("Birch")
    assert found
    assert (found.row, found.col) == (4, 1)
    assert sheet.find("Nobody") is None
    assert [cell.address for cell in sheet.findall("FALSE")] == ["D2", "D4"]


def formats_are_written_together(desk: Desk) -> None:
    sheet = fill(desk)
    red = {"backgroundColor": {"red": 1.0, "green": 0.0}}
    bold = {"textFormat": {"bold": True}}
    sheet.batch_format([{"range": "A1:D1", "format": red}, {"range": "A1", "format": bold}])
    data = desk.grid("rowData.values.userEnteredFormat", ranges="Sheet1!A1:B1")
    first, second = (cell["userEnteredFormat"] for cell in data["rowData"][0]["values"])
    look = {"backgroundColor": {"red": 1}, "backgroundColorStyle": {"rgbColor": {"red": 1}}}
    assert second == look
    assert first["backgroundColor"] == {"red": 1}
    assert first["textFormat"]["bold"] is True


def ranges_are_named_and_protected(desk: Desk) -> None:
    sheet = fill(desk)
    sheet.define_named_range("A1:D4", "tracker")
    assert desk.book.named_range("tracker")[0].value == "Company"
    [named] = desk.book.list_named_ranges()
    sheet.insert_cols([[]], 1)
    [moved] = desk.book.list_named_ranges()
    assert moved["range"]["startColumnIndex"] == named["range"].get("startColumnIndex", 0) + 1
    sheet.delete_named_range(named["namedRangeId"])
    assert desk.book.list_named_ranges() == []
    sheet.add_protected_range("B1:B4", description="Mine")
    [protected] = desk.book.list_protected_ranges(sheet.id)
    assert protected["description"] == "Mine"
    sheet.delete_protected_range(protected["protectedRangeId"])
    assert desk.book.list_protected_ranges(sheet.id) == []


def protected_cells_are_refused(desk: Desk) -> None:
    sheet = fill(desk)
    area = {"sheetId": sheet.id, "startColumnIndex": 0, "endColumnIndex": 1}
    desk.emulator.edit(desk.book.id, [{"addProtectedRange": {"protectedRange": {"range": area}}}])
    with pytest.raises(gspread.exceptions.APIError, match="trying to edit a protected cell"):
        sheet.update([["Mine"]], "A2")
    with pytest.raises(gspread.exceptions.APIError, match="trying to edit a protected cell"):
        sheet.format("A2", {"textFormat": {"bold": True}})
    sheet.update([["Allowed"]], "B2")
    assert sheet.row_values(2)[:2] == ["Ash & Co", "Allowed"]


def notes_merges_and_frozen_rows_are_kept(desk: Desk) -> None:
    sheet = fill(desk)
    sheet.update_note("A2", "called twice")
    assert sheet.get_note("A2") == "called twice"
    sheet.clear_note("A2")
    assert sheet.get_note("A2") == ""
    sheet.freeze(rows=1, cols=1)
    again = desk.book.get_worksheet(0)
    assert (again.frozen_row_count, again.frozen_col_count) == (1, 1)
    sheet.merge_cells("A1:B1")
    assert sheet.get("A1:C1")[0] == ["Company", "", "Days"]
    sheet.unmerge_cells("A1:B1")
    sheet.set_basic_filter("A1:D4")
    assert "basicFilter" in desk.book.fetch_sheet_metadata()["sheets"][0]
    sheet.clear_basic_filter()
    assert "basicFilter" not in desk.book.fetch_sheet_metadata()["sheets"][0]


def drop_downs_are_set(desk: Desk) -> None:
    sheet = fill(desk)
    sheet.add_validation("A2:A4", ValidationConditionType.one_of_list, ["Ash & Co", "Birch"], showCustomUi=True)
    data = desk.grid("rowData.values.dataValidation", ranges="Sheet1!A2")
    rule = data["rowData"][0]["values"][0]["dataValidation"]
    assert (rule["condition"]["type"], rule["showCustomUi"]) == ("ONE_OF_LIST", True)


def a_visible_sheet_says_nothing_about_being_hidden(desk: Desk) -> None:
    sheet = desk.book.add_worksheet("Notes", rows=5, cols=5)
    sheet.hide()
    sheet.show()
    found = [one["properties"] for one in desk.book.fetch_sheet_metadata()["sheets"]]
    assert not any("hidden" in properties for properties in found)


def who_may_only_read_does_not_write(desk: Desk) -> None:
    fill(desk)
    for role in ("reader", "commenter"):
        desk.emulator.share(desk.book.id, ROBOT, role)
        assert desk.sheet.acell("A1").value == "Company"
        with pytest.raises(gspread.exceptions.APIError, match="The caller does not have permission") as caught:
            desk.sheet.update([["Mine"]], "A1")
        assert caught.value.code == 403
        with pytest.raises(gspread.exceptions.APIError, match="The caller does not have permission"):
            desk.sheet.freeze(rows=1)


def a_write_may_have_happened_although_an_error_came_back(desk: Desk) -> None:
    sheet = fill(desk)
    desk.emulator.faults.add(Fault(status=503, after_commit=True, method="POST"))
    with pytest.raises(gspread.exceptions.APIError, match="currently unavailable"):
        sheet.append_row(["Dune"])
    sheet.append_row(["Elm"])
    assert sheet.col_values(1)[4:] == ["Dune", "Elm"]
    desk.emulator.faults.add(Fault(status=503, method="POST"))
    with pytest.raises(gspread.exceptions.APIError, match="currently unavailable"):
        sheet.append_row(["Fir"])
    assert sheet.col_values(1)[4:] == ["Dune", "Elm"]


def times_of_day_are_fractions_of_a_day(desk: Desk) -> None:
    desk.sheet.update([["2026-11-02 18:30:00", "12:00"]], "A1", value_input_option=ValueInputOption.user_entered)
    [[moment, noon]] = desk.sheet.get("A1:B1", value_render_option=ValueRenderOption.unformatted)
    assert abs(float(moment) - (46328 + 18.5 / 24)) < 1e-9
    assert noon == 0.5


def a_batch_is_all_or_nothing(desk: Desk) -> None:
    sheet = fill(desk)
    good = {"updateCells": {"start": {}, "rows": [{"values": [{"note": "x"}]}], "fields": "note"}}
    bad = {"deleteSheet": {"sheetId": 12345}}
    with pytest.raises(gspread.exceptions.APIError, match=r"Invalid requests\[1\].deleteSheet"):
        desk.book.batch_update({"requests": [good, bad]})
    assert sheet.get_note("A1") == ""


def unknown_fields_are_refused(desk: Desk) -> None:
    with pytest.raises(gspread.exceptions.APIError, match="Unknown name"):
        desk.book.batch_update({"requests": [{"updateCells": {"strat": {}, "rows": [], "fields": "note"}}]})


def metadata_stays_with_its_column(desk: Desk) -> None:
    sheet = fill(desk)
    place = {"sheetId": sheet.id, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    data = {"metadataKey": "why", "visibility": "DOCUMENT", "location": {"dimensionRange": place}}
    desk.book.batch_update({"requests": [{"createDeveloperMetadata": {"developerMetadata": data}}]})
    move = {"source": place, "destinationIndex": 0}
    desk.book.batch_update({"requests": [{"moveDimension": move}]})
    grid = desk.grid("columnMetadata.developerMetadata")
    keys = [[one["metadataKey"] for one in column.get("developerMetadata", [])] for column in grid["columnMetadata"]]
    assert keys[:3] == [["why"], [], []]


CHECKS: tuple[Check, ...] = (
    a_spreadsheet_is_found_by_key_title_and_address,
    a_spreadsheet_is_made_shared_and_taken_away,
    sheets_are_added_renamed_moved_and_deleted,
    values_come_back_as_they_were_typed,
    an_update_says_how_many_cells_it_wrote,
    rows_are_appended_below_the_table,
    rows_and_columns_are_inserted_and_deleted,
    rows_are_sorted_and_found,
    formats_are_written_together,
    ranges_are_named_and_protected,
    protected_cells_are_refused,
    notes_merges_and_frozen_rows_are_kept,
    drop_downs_are_set,
    a_visible_sheet_says_nothing_about_being_hidden,
    who_may_only_read_does_not_write,
    a_write_may_have_happened_although_an_error_came_back,
    times_of_day_are_fractions_of_a_day,
    a_batch_is_all_or_nothing,
    unknown_fields_are_refused,
    metadata_stays_with_its_column,
)

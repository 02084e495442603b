"""What gspread does to sizes, groups, colours and blocks of a spreadsheet, and finds afterwards."""

from __future__ import annotations

import gspread
import pytest
from foreign import Check, Desk
from gspread.utils import Dimension, MergeType, PasteType, ValueRenderOption


def a_grid_grows_and_shrinks(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.update([["a", "b"], ["c", "d"]], "A1")
    sheet.resize(rows=2, cols=1)
    assert desk.sheet.get_all_values() == [["a"], ["c"]]
    sheet.add_rows(3)
    sheet.add_cols(2)
    again = desk.book.get_worksheet(0)
    assert (again.row_count, again.col_count) == (5, 3)
    assert again.get_all_values() == [["a"], ["c"]]
    with pytest.raises(gspread.exceptions.APIError, match="exceeds grid limits"):
        again.update([["x"]], "A6")


def columns_are_grouped_hidden_and_shown(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.add_dimension_group_columns(1, 3)
    [group] = sheet.list_dimension_group_columns()
    assert (group["range"]["startIndex"], group["range"]["endIndex"], group["depth"]) == (1, 3, 1)
    sheet.insert_cols([[]], 1)
    [group] = sheet.list_dimension_group_columns()
    assert group["range"]["startIndex"] == 2
    sheet.delete_dimension_group_columns(2, 4)
    assert sheet.list_dimension_group_columns() == []
    sheet.hide_columns(0, 1)
    assert desk.grid("columnMetadata.hiddenByUser")["columnMetadata"][:2] == [{"hiddenByUser": True}, {}]
    sheet.unhide_columns(0, 1)
    assert "hiddenByUser" not in str(desk.grid("columnMetadata"))


def a_tab_has_a_colour_and_lines(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.update_tab_color("#FF0000")
    assert desk.book.get_worksheet(0).get_tab_color() == "#FF0000"
    sheet.clear_tab_color()
    assert desk.book.get_worksheet(0).get_tab_color() is None
    sheet.hide_gridlines()
    assert desk.book.get_worksheet(0).is_gridlines_hidden
    sheet.show_gridlines()
    assert not desk.book.get_worksheet(0).is_gridlines_hidden


def blocks_are_copied_cut_and_cleared(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.update([[1, "=A1*2"], [3, "=A2*2"]], "A1", raw=False)
    sheet.copy_range("B1:B2", "C1", paste_type=PasteType.normal)
    assert sheet.get("C1:C2", value_render_option=ValueRenderOption.formula) == [["=B1*2"], ["=B2*2"]]
    sheet.format("A1:A2", {"textFormat": {"bold": True}})
    sheet.copy_range("A1:A2", "D1:E2", paste_type=PasteType.values)
    assert sheet.get("D1:E2", value_render_option=ValueRenderOption.unformatted) == [[1, 1], [3, 3]]
    assert "userEnteredFormat" not in str(desk.grid("rowData.values.userEnteredFormat", ranges="Sheet1!D1:E2"))
    sheet.cut_range("A1:A2", "F1")
    assert sheet.get("B1:B2", value_render_option=ValueRenderOption.formula) == [["=F1*2"], ["=F2*2"]]
    sheet.batch_clear(["C1:C2", "D2"])
    assert sheet.get_all_values() == [["", "2", "", "1", "1", "1"], ["", "6", "", "", "3", "3"]]


def cells_are_merged_in_rows_columns_and_as_one(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.batch_merge(
        [
            {"range": "A1:B2", "mergeType": MergeType.merge_rows},
            {"range": "C1:D2", "mergeType": MergeType.merge_columns},
            {"range": "E1:F2", "mergeType": MergeType.merge_all},
        ]
    )
    merges = desk.book.fetch_sheet_metadata()["sheets"][0]["merges"]
    assert len(merges) == 5
    with pytest.raises(gspread.exceptions.APIError, match="select all cells in a merged range"):
        sheet.unmerge_cells("E1:E2")
    sheet.unmerge_cells("A1:F2")
    assert "merges" not in desk.book.fetch_sheet_metadata()["sheets"][0]


def cells_are_read_and_written_one_by_one(desk: Desk) -> None:
    sheet = desk.sheet
    block = sheet.range("B2:C3")
    for number, cell in enumerate(block):
        cell.value = f"cell {number}"
    sheet.update_cells(block)
    sheet.update_cell(1, 1, "corner")
    sheet.update_acell("D1", "=1+2")
    assert sheet.get_all_values() == [
        ["corner", "", "", "3"],
        ["", "cell 0", "cell 1", ""],
        ["", "cell 2", "cell 3", ""],
    ]
    assert sheet.get("B2:C3", major_dimension=Dimension.cols) == [["cell 0", "cell 2"], ["cell 1", "cell 3"]]


def a_sheet_is_copied_into_another_spreadsheet(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.update([["a", 1]], "A1")
    sheet.format("A1", {"textFormat": {"bold": True}})
    other = desk.client.create("Other")
    copied = sheet.copy_to(other.id)
    assert copied["title"] == "Copy of Sheet1"
    assert other.worksheet("Copy of Sheet1").get_all_values() == [["a", "1"]]


def a_spreadsheet_has_a_locale_and_a_time_zone(desk: Desk) -> None:
    desk.book.update_locale("de_DE")
    desk.book.update_timezone("Europe/Berlin")
    desk.book.update_title("Meine Suche")
    again = desk.client.open("Meine Suche")
    assert (again.locale, again.timezone) == ("de_DE", "Europe/Berlin")
    again.sheet1.update([["2.11.2026", "1,5"]], "A1", raw=False)
    assert again.sheet1.get("A1:B1", value_render_option=ValueRenderOption.unformatted) == [[46328, 1.5]]


def notes_of_many_cells_are_written_together(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.update_notes({"A1": "first", "B2": "second"})
    assert sheet.get_notes() == [["first"], ["", "second"]]
    sheet.sort((1, "asc"), range="A1:B2")
    sheet.clear_notes(["A1", "B2"])
    assert sheet.get_note("A1") == ""


CHECKS: tuple[Check, ...] = (
    a_grid_grows_and_shrinks,
    columns_are_grouped_hidden_and_shown,
    a_tab_has_a_colour_and_lines,
    blocks_are_copied_cut_and_cleared,
    cells_are_merged_in_rows_columns_and_as_one,
    cells_are_read_and_written_one_by_one,
    a_sheet_is_copied_into_another_spreadsheet,
    a_spreadsheet_has_a_locale_and_a_time_zone,
    notes_of_many_cells_are_written_together,
)

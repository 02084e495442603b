"""What gspread-dataframe and gspread-formatting do with a spreadsheet, and find afterwards."""

from __future__ import annotations

from typing import Any

import gspread_dataframe  # type: ignore[import-untyped]
import gspread_formatting as formatting  # type: ignore[import-untyped]
import pandas as pd
from foreign import Check, Desk

FRAME = pd.DataFrame(
    {
        "Company": ["Ash & Co", "Birch", "Cedar"],
        "Days": [14, 46, 3],
        "Pay": [41000.5, 38500.25, 52000.0],
        "Said": ["yes", "=no", "'maybe"],
    }
)


def a_frame_comes_back_as_it_was_written(desk: Desk) -> None:
    gspread_dataframe.set_with_dataframe(desk.sheet, FRAME, resize=True)
    sheet = desk.book.get_worksheet(0)
    assert (sheet.row_count, sheet.col_count) == (4, 4)
    back = gspread_dataframe.get_as_dataframe(sheet)
    pd.testing.assert_frame_equal(back, FRAME, check_dtype=False)


def a_frame_is_written_beside_what_is_there(desk: Desk) -> None:
    sheet = desk.sheet
    sheet.update([["Keep", "me"]], "A1")
    gspread_dataframe.set_with_dataframe(sheet, FRAME[["Days"]], row=1, col=3, include_column_header=True)
    assert sheet.row_values(1) == ["Keep", "me", "Days"]
    back = gspread_dataframe.get_as_dataframe(sheet, usecols=[2])
    assert [int(value) for value in back["Days"]] == [14, 46, 3]


def rules_are_added_and_come_back_in_their_order(desk: Desk) -> None:
    sheet = desk.sheet
    condition = formatting.BooleanCondition("CUSTOM_FORMULA", ["=$B1>10"])
    for colour in (formatting.color(1, 0, 0), formatting.color(0, 1, 0)):
        rules = formatting.get_conditional_format_rules(sheet)
        look = formatting.CellFormat(backgroundColor=colour, textFormat=formatting.textFormat(bold=True))
        area = formatting.GridRange.from_a1_range("A1:D4", sheet)
        rules.append(
            formatting.ConditionalFormatRule(
                ranges=[area], booleanRule=formatting.BooleanRule(condition=condition, format=look)
            )
        )
        rules.save()
    found = formatting.get_conditional_format_rules(sheet)
    assert [rule.booleanRule.format.backgroundColor.red for rule in found] == [1, None]
    assert _formulas(found) == ["=$B1>10"] * 2
    sheet.insert_cols([[]], 1)
    moved = formatting.get_conditional_format_rules(sheet)
    assert _formulas(moved) == ["=$C1>10"] * 2
    assert moved[0].ranges[0].startColumnIndex == 1
    found = formatting.get_conditional_format_rules(sheet)
    del found[0]
    found.save()
    assert len(formatting.get_conditional_format_rules(sheet)) == 1


def looks_are_written_through_their_mask(desk: Desk) -> None:
    sheet = desk.sheet
    bold = formatting.cellFormat(textFormat=formatting.textFormat(bold=True, fontSize=12))
    green = formatting.cellFormat(backgroundColor=formatting.color(0, 1, 0))
    date = formatting.cellFormat(numberFormat=formatting.numberFormat("DATE", "dd.mm.yyyy"))
    formatting.format_cell_ranges(sheet, [("A1:B2", bold), ("B2", green), ("B2", date)])
    found = formatting.get_user_entered_format(sheet, "B2")
    assert (found.backgroundColor.green, found.numberFormat.pattern) == (1, "dd.mm.yyyy")
    first: Any = formatting.get_user_entered_format(sheet, "A1")
    assert (first.textFormat.bold, first.textFormat.fontSize, first.backgroundColor) == (True, 12, None)
    effective = formatting.get_effective_format(sheet, "A1")
    assert (effective.textFormat.bold, effective.textFormat.fontFamily) == (True, "Arial")


def drop_downs_and_frozen_rows_come_back(desk: Desk) -> None:
    sheet = desk.sheet
    rule = formatting.DataValidationRule(
        formatting.BooleanCondition("ONE_OF_LIST", ["Applied", "Offer"]), showCustomUi=True
    )
    formatting.set_data_validation_for_cell_range(sheet, "A2:A9", rule)
    found = formatting.get_data_validation_rule(sheet, "A5")
    assert _words(found.condition) == ["Applied", "Offer"]
    formatting.set_data_validation_for_cell_range(sheet, "A5", None)
    assert formatting.get_data_validation_rule(sheet, "A5") is None
    formatting.set_frozen(sheet, rows=1)
    formatting.set_column_width(sheet, "C", 190)
    formatting.set_row_height(sheet, "1:2", 40)
    assert formatting.get_frozen_row_count(sheet) == 1
    columns, rows = desk.grid("columnMetadata.pixelSize"), desk.grid("rowMetadata.pixelSize")
    assert (columns["columnMetadata"][2]["pixelSize"], rows["rowMetadata"][1]["pixelSize"]) == (190, 40)


def _words(condition: Any) -> list[str]:
    values = condition.values  # noqa: PD011 - a condition's values, no frame's
    return [value.userEnteredValue for value in values]


def _formulas(rules: Any) -> list[str]:
    return [word for rule in rules for word in _words(rule.booleanRule.condition)]


CHECKS: tuple[Check, ...] = (
    a_frame_comes_back_as_it_was_written,
    a_frame_is_written_beside_what_is_there,
    rules_are_added_and_come_back_in_their_order,
    looks_are_written_through_their_mask,
    drop_downs_and_frozen_rows_come_back,
)

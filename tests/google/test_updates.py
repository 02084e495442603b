"""`batchUpdate` in the emulator: cells, blocks, rows and columns; what is answered and what is refused."""

from __future__ import annotations

import pytest
from batch import block, do, lines, refused, small_book, typed, values
from emulator.errors import ApiError
from emulator.state import Json, Spreadsheet
from emulator.updates import HANDLERS
from emulator.write_masks import fields_of

GREEN = {"green": 1}
TEXT = {"userEnteredValue": {"stringValue": "x"}}


@pytest.fixture
def book() -> Spreadsheet:
    return small_book()


# All requests together


def test_replies_stand_in_the_order_of_the_requests(book: Spreadsheet) -> None:
    add = {"addSheet": {"properties": {"title": "New"}}}
    replies = do(book, {"clearBasicFilter": {}}, add, {"clearBasicFilter": {"sheetId": 7}})
    assert [list(reply) for reply in replies] == [[], ["addSheet"], []]


def test_an_error_names_the_request_that_is_wrong(book: Spreadsheet) -> None:
    with pytest.raises(ApiError, match=r"Invalid requests\[1\].deleteSheet: No sheet with id: 99"):
        do(book, {"clearBasicFilter": {}}, {"deleteSheet": {"sheetId": 99}})


def test_every_kind_that_is_not_modelled_answers_501(book: Spreadsheet) -> None:
    kinds = set(fields_of("Request"))
    assert set(HANDLERS) <= kinds
    for kind in kinds - set(HANDLERS):
        with pytest.raises(ApiError, match=kind) as caught:
            do(book, {kind: {}})
        assert caught.value.status == 501


def test_no_request_and_two_kinds_in_one_are_refused(book: Spreadsheet) -> None:
    with pytest.raises(ApiError, match="Must specify at least one request."):
        do(book)
    with pytest.raises(ApiError, match=r"Invalid requests\[0\]"):
        do(book, {"clearBasicFilter": {}, "deleteSheet": {}})


@pytest.mark.parametrize(
    "request_",
    [
        {"updateCells": {"range": block(0, 1, 0, 1, sheet=99), "rows": [], "fields": "note"}},
        {"repeatCell": {"range": block(0, 1, 0, 1, sheet=99), "fields": "note"}},
        {"insertDimension": {"range": lines("ROWS", 0, 1, sheet=99)}},
        {"setBasicFilter": {"filter": {"range": {"sheetId": 99}}}},
    ],
)
def test_an_unknown_sheet_is_refused(book: Spreadsheet, request_: Json) -> None:
    assert refused(book, request_) == "No grid with id: 99"


@pytest.mark.parametrize(
    "request_",
    [
        {"repeatCell": {"range": block(8, 11, 0, 6), "cell": {}, "fields": "note"}},
        {"mergeCells": {"range": block(8, 11, 0, 6)}},
        {"setDataValidation": {"range": block(8, 11, 0, 6)}},
        {"addNamedRange": {"namedRange": {"name": "far", "range": block(8, 11, 0, 6)}}},
        {"addProtectedRange": {"protectedRange": {"range": block(8, 11, 0, 6)}}},
    ],
)
def test_a_range_beyond_the_grid_is_refused(book: Spreadsheet, request_: Json) -> None:
    assert refused(book, request_) == "Range (Jobs!A9:F11) exceeds grid limits. Max rows: 10, max columns: 5"


# Cells


def test_only_what_the_mask_names_is_written(book: Spreadsheet) -> None:
    look = {"userEnteredFormat": {"backgroundColor": GREEN, "textFormat": {"bold": True}}}
    do(book, {"repeatCell": {"range": block(0, 1, 0, 1), "cell": look, "fields": "userEnteredFormat"}})
    body = {"start": {}, "rows": [{"values": [{"note": "n", **TEXT}]}], "fields": "note"}
    do(book, {"updateCells": body})
    assert book.sheets[0].cells[0, 0] == {"userEnteredValue": {"stringValue": "Name"}, "note": "n", **look}


def test_a_nested_mask_leaves_its_siblings(book: Spreadsheet) -> None:
    look = {"userEnteredFormat": {"textFormat": {"bold": True, "fontSize": 12}, "wrapStrategy": "WRAP"}}
    do(book, {"repeatCell": {"range": block(0, 1, 0, 1), "cell": look, "fields": "userEnteredFormat"}})
    new = {"userEnteredFormat": {"textFormat": {"italic": True, "fontSize": 8}}}
    fields = "userEnteredFormat(textFormat/fontSize,textFormat.bold)"
    do(book, {"repeatCell": {"range": block(0, 1, 0, 1), "cell": new, "fields": fields}})
    found = book.sheets[0].cells[0, 0]["userEnteredFormat"]
    assert found == {"textFormat": {"fontSize": 8}, "wrapStrategy": "WRAP"}


def test_a_masked_field_that_is_absent_is_cleared(book: Spreadsheet) -> None:
    do(book, {"updateCells": {"range": block(0, 4, 0, 2), "rows": typed([["Only"]]), "fields": "userEnteredValue"}})
    assert values(book.sheets[0]) == [["Only", None, "Sum"]] + [[None, None, f"=B{row}*2"] for row in (2, 3, 4)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("", "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"),
        ("userEnteredValu", "Invalid field: userEnteredValu"),
        ("userEnteredFormat.bold", "Invalid field: userEnteredFormat.bold"),
    ],
)
def test_a_mask_must_name_fields_that_are_there(book: Spreadsheet, fields: str, message: str) -> None:
    assert refused(book, {"updateCells": {"start": {}, "rows": [], "fields": fields}}) == message


def test_writing_more_than_the_range_is_refused(book: Spreadsheet) -> None:
    wide = {"range": block(0, 1, 0, 1), "rows": typed([["a", "b"]]), "fields": "*"}
    tall = {"range": block(0, 1, 0, 1), "rows": typed([["a"], ["b"]]), "fields": "*"}
    assert (
        refused(book, {"updateCells": wide}) == "Attempting to write column: 1, beyond the last requested column of: 0"
    )
    assert refused(book, {"updateCells": tall}) == "Attempting to write row: 1, beyond the last requested row of: 0"


def test_a_new_value_forgets_a_formulas_result(book: Spreadsheet) -> None:
    sheet = book.sheets[0]
    sheet.cells[1, 2] = {**sheet.cells[1, 2], "result": {"numberValue": 6}}
    same = {"start": {"rowIndex": 1, "columnIndex": 2}, "rows": typed([["=B2*2"]]), "fields": "userEnteredValue"}
    do(book, {"updateCells": same})
    assert sheet.cells[1, 2]["result"] == {"numberValue": 6}
    do(book, {"updateCells": {**same, "rows": typed([["=B2*3"]])}})
    assert "result" not in sheet.cells[1, 2]


def test_a_repeated_formula_counts_on(book: Spreadsheet) -> None:
    cell = {"userEnteredValue": {"formulaValue": "=A1&$B$1"}}
    do(book, {"repeatCell": {"range": block(5, 7, 0, 2), "cell": cell, "fields": "userEnteredValue"}})
    found = [row[:2] for row in values(book.sheets[0], rows=7)[5:]]
    assert found == [["=A1&$B$1", "=B1&$B$1"], ["=A2&$B$1", "=B2&$B$1"]]


def test_cells_are_appended_below_the_last_value_and_the_grid_grows(book: Spreadsheet) -> None:
    rows = typed([[f"row {number}"] for number in range(8)])
    do(book, {"appendCells": {"rows": rows, "fields": "userEnteredValue"}})
    assert book.sheets[0].row_count == 12
    assert values(book.sheets[0], rows=12, columns=1)[3:5] == [["cedar"], ["row 0"]]


def test_merged_cells_keep_one_value(book: Spreadsheet) -> None:
    do(book, {"mergeCells": {"range": block(0, 2, 0, 2), "mergeType": "MERGE_ALL"}})
    assert values(book.sheets[0], rows=2, columns=2) == [["Name", None], [None, None]]
    message = "You must select all cells in a merged range to merge or unmerge them."
    assert refused(book, {"unmergeCells": {"range": block(0, 1, 0, 2)}}) == message
    assert refused(book, {"mergeCells": {"range": block(1, 3, 0, 2)}}) == message
    do(book, {"mergeCells": {"range": block(0, 3, 0, 2), "mergeType": "MERGE_ROWS"}})
    assert len(book.sheets[0].merges) == 3


def test_a_drop_down_is_set_and_cleared(book: Spreadsheet) -> None:
    rule = {"condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Notes!$A$1:$A$3"}]}}
    do(book, {"setDataValidation": {"range": block(1, 3, 0, 1), "rule": rule}})
    do(book, {"insertDimension": {"range": lines("ROWS", 0, 2, sheet=7)}})
    kept = book.sheets[0].cells[2, 0]["dataValidation"]["condition"]["values"]
    assert kept == [{"userEnteredValue": "=Notes!$A$3:$A$5"}]
    do(book, {"setDataValidation": {"range": block(1, 3, 0, 1)}})
    assert book.sheets[0].cells[2, 0] == {"userEnteredValue": {"stringValue": "Birch"}}


# Blocks


def test_sorting_takes_whole_rows_with_their_formulas(book: Spreadsheet) -> None:
    order = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    do(book, {"sortRange": {"range": block(1, 6, 0, 3), "sortSpecs": order}})
    assert values(book.sheets[0], rows=5) == [
        ["Name", "Days", "Sum"],
        ["Ash", 3, "=B2*2"],
        ["cedar", 2, "=B3*2"],
        ["Birch", 1, "=B4*2"],
        [None, None, None],
    ]


def test_copying_turns_and_repeats(book: Spreadsheet) -> None:
    body = {"source": block(1, 2, 0, 3), "destination": block(6, 7, 0, 1), "pasteOrientation": "TRANSPOSE"}
    do(book, {"copyPaste": body})
    assert values(book.sheets[0], rows=9, columns=1)[6:] == [["Ash"], [3], ["=#REF!*2"]]
    do(book, {"copyPaste": {"source": block(1, 2, 1, 2), "destination": block(1, 4, 3, 5)}})
    assert [book.sheets[0].cells[row, 4]["userEnteredValue"] for row in (1, 2, 3)] == [{"numberValue": 3}] * 3


def test_cells_that_are_cut_take_the_references_to_them_along(book: Spreadsheet) -> None:
    do(book, {"cutPaste": {"source": block(1, 4, 1, 2), "destination": {"rowIndex": 1, "columnIndex": 4}}})
    assert values(book.sheets[0])[1] == ["Ash", None, "=E2*2"]


def test_cells_pushed_aside_make_the_grid_grow(book: Spreadsheet) -> None:
    do(book, {"insertRange": {"range": block(0, 8, 0, 1), "shiftDimension": "ROWS"}})
    assert book.sheets[0].row_count == 12
    assert values(book.sheets[0], rows=9)[8] == ["Name", None, None]
    do(book, {"deleteRange": {"range": block(0, 8, 0, 1), "shiftDimension": "ROWS"}})
    assert values(book.sheets[0])[0] == ["Name", "Days", "Sum"]


def test_texts_are_found_and_replaced(book: Spreadsheet) -> None:
    [reply] = do(book, {"findReplace": {"find": "a", "replacement": "o", "allSheets": True}})
    assert reply["findReplace"]["occurrencesChanged"] == 4
    assert [row[0] for row in values(book.sheets[0])] == ["Nome", "osh", "Birch", "cedor"]


# Rows and columns


def test_new_columns_look_like_the_one_they_inherit_from(book: Spreadsheet) -> None:
    look = {"userEnteredFormat": {"backgroundColor": GREEN}}
    do(book, {"repeatCell": {"range": block(0, 4, 0, 1), "cell": look, "fields": "userEnteredFormat"}})
    do(book, {"insertDimension": {"range": lines("COLUMNS", 1, 2), "inheritFromBefore": True}})
    do(book, {"insertDimension": {"range": lines("COLUMNS", 2, 3), "inheritFromBefore": False}})
    assert book.sheets[0].column_count == 7
    assert book.sheets[0].cells[0, 1] == look
    assert (0, 2) not in book.sheets[0].cells
    assert values(book.sheets[0], rows=2, columns=5)[1] == ["Ash", None, None, 3, "=D2*2"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"insertDimension": {"range": lines("ROWS", 0, 1), "inheritFromBefore": True}}, "inheritFromBefore"),
        ({"insertDimension": {"range": lines("ROWS", 11, 12)}}, "is after last row in grid"),
        ({"deleteDimension": {"range": lines("ROWS", 0, 10)}}, "You can't delete all the rows on the sheet."),
        ({"deleteDimension": {"range": lines("ROWS", 9, 11)}}, "Cannot delete a row that doesn't exist. Tried to delete row index 10 but there are only 10 rows."),
        ({"deleteDimension": {"range": {"startIndex": 0}}}, "No dimension specified."),
        ({"moveDimension": {"source": lines("COLUMNS", 0, 1), "destinationIndex": 6}}, "is after last column in grid"),
        ({"appendDimension": {"dimension": "ROWS", "length": 10_000_000}}, "above the limit of 10000000 cells"),
    ],
)  # fmt: skip
def test_dimensions_that_are_not_there_are_refused(book: Spreadsheet, request_: Json, message: str) -> None:
    assert message in refused(book, request_)


def test_not_all_rows_below_the_frozen_ones_may_be_deleted(book: Spreadsheet) -> None:
    freeze = {"properties": {"gridProperties": {"frozenRowCount": 1}}, "fields": "gridProperties.frozenRowCount"}
    do(book, {"updateSheetProperties": freeze})
    message = "Sorry, it is not possible to delete all non-frozen rows."
    assert refused(book, {"deleteDimension": {"range": lines("ROWS", 1, 10)}}) == message


def test_a_move_counts_before_the_removal(book: Spreadsheet) -> None:
    do(book, {"moveDimension": {"source": lines("ROWS", 1, 2), "destinationIndex": 4}})
    assert [row[0] for row in values(book.sheets[0])] == ["Name", "Birch", "cedar", "Ash"]


def test_cells_appended_to_a_table_push_down_its_footer_and_what_follows(book: Spreadsheet) -> None:
    look = {"footerColorStyle": {"rgbColor": GREEN}}
    [reply] = do(book, {"addTable": {"table": {"range": block(0, 4, 0, 3), "rowsProperties": look}}})
    table = reply["addTable"]["table"]
    below = {"start": {"rowIndex": 4}, "rows": typed([["Remark"]]), "fields": "userEnteredValue"}
    do(book, {"updateCells": below})
    rows = typed([["Dune", 5], ["Elm", 6]])
    table_id = table["tableId"]
    with pytest.raises(ApiError) as caught:
        do(book.copy(), {"insertRange": {"range": block(1, 2, 0, 3), "shiftDimension": "ROWS"}})
    assert caught.value.status == 501
    do(book, {"appendCells": {"tableId": table_id, "rows": rows, "fields": "userEnteredValue"}})
    assert values(book.sheets[0], rows=7, columns=2) == [
        ["Name", "Days"],
        ["Ash", 3],
        ["Birch", 1],
        ["Dune", 5],
        ["Elm", 6],
        ["cedar", 2],
        ["Remark", None],
    ]
    assert book.sheets[0].tables[0]["range"] == block(0, 6, 0, 3)


def test_a_copy_is_coloured_by_the_same_rules(book: Spreadsheet) -> None:
    condition = {"type": "NOT_BLANK"}
    rule = {"ranges": [block(1, 4, 0, 1)], "booleanRule": {"condition": condition, "format": {}}}
    do(book, {"addConditionalFormatRule": {"rule": rule}})
    do(book, {"copyPaste": {"source": block(1, 2, 0, 1), "destination": block(1, 2, 4, 5)}})
    do(
        book,
        {"copyPaste": {"source": block(1, 2, 0, 1), "destination": block(2, 3, 3, 4), "pasteType": "PASTE_VALUES"}},
    )
    assert book.sheets[0].rules[0]["ranges"] == [block(1, 4, 0, 1), block(1, 2, 4, 5)]


@pytest.mark.parametrize("kind", HANDLERS)
def test_a_request_with_nothing_in_it_is_done_or_refused(book: Spreadsheet, kind: str) -> None:
    try:
        [reply] = do(book, {kind: {}})
    except ApiError as error:
        assert (error.status, error.message.startswith(f"Invalid requests[0].{kind}: ")) in ((400, True), (501, False))  # noqa: PT017 - either way is right
    else:
        assert set(reply) <= {kind}

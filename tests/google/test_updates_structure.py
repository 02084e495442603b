"""`batchUpdate` in the emulator: rules, metadata, named and protected ranges, sheets, tables, filters, objects."""

from __future__ import annotations

from typing import Any

import pytest
from batch import COACH, block, do, lines, refused, small_book, typed, values
from emulator.protection import REFUSAL
from emulator.state import Json, Sheet, Spreadsheet

GREEN = {"green": 1}
TEXT = {"userEnteredValue": {"stringValue": "x"}}


@pytest.fixture
def book() -> Spreadsheet:
    return small_book()


# Conditional formats


def rule(formula: str, sheet: int = 0) -> Json:
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    look = {"backgroundColor": GREEN}
    return {"ranges": [block(1, 4, 0, 3, sheet)], "booleanRule": {"condition": condition, "format": look}}


def formulas(sheet: Sheet) -> list[str]:
    return [one["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for one in sheet.rules]


def test_rules_are_added_replaced_moved_and_deleted(book: Spreadsheet) -> None:
    sheet = book.sheets[0]
    added = [{"addConditionalFormatRule": {"rule": rule(text), "index": at}} for text, at in (("=A1", 0), ("=B1", 0))]
    do(book, *added, {"addConditionalFormatRule": {"rule": rule("=C1"), "index": 2}})
    assert formulas(sheet) == ["=B1", "=A1", "=C1"]
    [replaced] = do(book, {"updateConditionalFormatRule": {"index": 1, "rule": rule("=D1")}})
    assert replaced["updateConditionalFormatRule"] == {"newRule": rule("=D1"), "newIndex": 1, "oldRule": rule("=A1")}
    [shifted] = do(book, {"updateConditionalFormatRule": {"index": 2, "newIndex": 0, "sheetId": 0}})
    assert shifted["updateConditionalFormatRule"] == {"newRule": rule("=C1"), "newIndex": 0, "oldIndex": 2}
    [gone] = do(book, {"deleteConditionalFormatRule": {"index": 1}})
    assert gone["deleteConditionalFormatRule"] == {"rule": rule("=B1")}
    assert formulas(sheet) == ["=C1", "=D1"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"deleteConditionalFormatRule": {"index": 0}}, "No conditional format on sheet: 0 at index: 0"),
        ({"updateConditionalFormatRule": {"index": 1, "rule": rule("=A1", 7)}}, "No conditional format on sheet: 7 at index: 1"),
        ({"addConditionalFormatRule": {"index": 1, "rule": rule("=A1")}}, "Cannot insert a conditional format at index: 1."),
        ({"addConditionalFormatRule": {"rule": rule("A1")}}, "Invalid ConditionValue.userEnteredValue: A1"),
        ({"addConditionalFormatRule": {"rule": rule("=Notes!A1")}}, "cannot reference a different sheet."),
        ({"addConditionalFormatRule": {"rule": {**rule("=A1"), "ranges": []}}}, "No ranges specified"),
        ({"updateConditionalFormatRule": {"index": 0}}, "Exactly one of 'rule' or 'newIndex'"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(book: Spreadsheet, request_: Json, message: str) -> None:
    assert message in refused(book, request_)


# Developer metadata


def mark(key: str, location: Json, **more: Any) -> Json:
    data = {"metadataKey": key, "visibility": "DOCUMENT", "location": location, **more}
    return {"createDeveloperMetadata": {"developerMetadata": data}}


def test_metadata_is_created_found_updated_and_deleted(book: Spreadsheet) -> None:
    column, row = {"dimensionRange": lines("COLUMNS", 1, 2)}, {"dimensionRange": lines("ROWS", 2, 3)}
    replies = do(
        book,
        mark("column", column, metadataValue="why"),
        mark("row", row),
        mark("sheet", {"sheetId": 0}),
        mark("sheet", {"sheetId": 7}),
        mark("book", {"spreadsheet": True}, metadataId=5),
    )
    made = [reply["createDeveloperMetadata"]["developerMetadata"] for reply in replies]
    kinds = [one["location"]["locationType"] for one in made]
    assert kinds == ["COLUMN", "ROW", "SHEET", "SHEET", "SPREADSHEET"]
    assert len({one["metadataId"] for one in made}) == 5
    by_key = {"developerMetadataLookup": {"metadataKey": "column"}}
    new = {"developerMetadata": {"metadataValue": "Why?", "metadataKey": "z"}, "dataFilters": [by_key]}
    [reply] = do(book, {"updateDeveloperMetadata": {**new, "fields": "metadataValue"}})
    assert reply["updateDeveloperMetadata"]["developerMetadata"] == [{**made[0], "metadataValue": "Why?"}]
    near = {"developerMetadataLookup": {"metadataLocation": {"sheetId": 0}, "locationType": "SHEET"}}
    [reply] = do(book, {"deleteDeveloperMetadata": {"dataFilter": near}})
    assert [one["metadataId"] for one in reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]] == [
        made[2]["metadataId"]
    ]
    [reply] = do(book, {"deleteDeveloperMetadata": {"dataFilter": {"gridRange": block(0, 2, 0, 5)}}})
    keys = [one["metadataKey"] for one in reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"]]
    assert keys == ["column", "book"]


@pytest.mark.parametrize(
    "location",
    [
        {"dimensionRange": lines("COLUMNS", 1, 3)},
        {"dimensionRange": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 1}},
        {"dimensionRange": lines("COLUMNS", 5, 6)},
        {"sheetId": 0, "spreadsheet": True},
        {},
        {"sheetId": 99},
    ],
)
def test_metadata_stands_on_one_row_column_sheet_or_the_spreadsheet(book: Spreadsheet, location: Json) -> None:
    assert refused(book, mark("key", location))


def test_a_copied_sheet_has_its_own_metadata_and_ids(book: Spreadsheet) -> None:
    do(book, mark("column", {"dimensionRange": lines("COLUMNS", 1, 2)}))
    do(book, {"addProtectedRange": {"protectedRange": {"range": block(0, 1, 0, 1)}}})
    [reply] = do(book, {"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Old jobs", "insertSheetIndex": 2}})
    new = reply["duplicateSheet"]["properties"]
    assert (new["title"], new["index"]) == ("Old jobs", 2)
    places = [one["location"]["dimensionRange"]["sheetId"] for one in book.metadata]
    assert places == [0, new["sheetId"]]
    assert len({sheet.protected[0]["protectedRangeId"] for sheet in book.sheets if sheet.protected}) == 2


def test_what_lies_on_a_copied_sheet_points_to_the_copy(book: Spreadsheet) -> None:
    place = {"overlayPosition": {"anchorCell": {"columnIndex": 3}}}
    order = [{"dimensionIndex": 1, "sortOrder": "ASCENDING"}]
    do(
        book,
        {"addConditionalFormatRule": {"rule": rule("=A1")}},
        {"setBasicFilter": {"filter": {"range": block(0, 4, 0, 3), "sortSpecs": order}}},
        {"addChart": {"chart": {"spec": {"title": "Days"}, "position": place}}},
        {"mergeCells": {"range": block(8, 9, 0, 2)}},
    )
    do(book, {"duplicateSheet": {"sourceSheetId": 0, "newSheetId": 50, "insertSheetIndex": 1}})
    copied = book.sheets[1]
    assert copied.rules[0]["ranges"] == [block(1, 4, 0, 3, 50)]
    assert copied.basic_filter == {"range": block(0, 4, 0, 3, 50), "sortSpecs": order}
    assert copied.charts[0]["position"]["overlayPosition"]["anchorCell"] == {"columnIndex": 3, "sheetId": 50}
    assert copied.merges == [block(8, 9, 0, 2, 50)]
    assert book.sheets[0].merges == [block(8, 9, 0, 2)]


# Named and protected ranges


def test_named_ranges_have_names_of_their_own(book: Spreadsheet) -> None:
    add = {"addNamedRange": {"namedRange": {"name": "Stages", "range": block(0, 4, 0, 1)}}}
    [reply] = do(book, add)
    number = reply["addNamedRange"]["namedRange"]["namedRangeId"]
    assert "already exists" in refused(book, add)
    for name in ("A1", "has space", "1st", ""):
        bad = {"addNamedRange": {"namedRange": {"name": name, "range": block(0, 4, 0, 1)}}}
        assert "Invalid named range name" in refused(book, bad)
    new = {"namedRange": {"namedRangeId": number, "name": "Words"}, "fields": "name"}
    do(book, {"updateNamedRange": new})
    assert book.named_ranges == [{"namedRangeId": number, "name": "Words", "range": block(0, 4, 0, 1)}]


def protect(book: Spreadsheet, **more: Any) -> int:
    [reply] = do(book, {"addProtectedRange": {"protectedRange": {"range": block(0, 4, 1, 2), **more}}})
    return int(reply["addProtectedRange"]["protectedRange"]["protectedRangeId"])


@pytest.mark.parametrize(
    "request_",
    [
        {"updateCells": {"start": {"columnIndex": 1}, "rows": [{"values": [TEXT]}], "fields": "userEnteredValue"}},
        {"repeatCell": {"range": block(3, 5, 0, 5), "cell": TEXT, "fields": "userEnteredValue"}},
        {"deleteDimension": {"range": lines("COLUMNS", 1, 2)}},
        {"deleteDimension": {"range": lines("ROWS", 0, 1)}},
        {"insertDimension": {"range": lines("ROWS", 2, 3)}},
        {"sortRange": {"range": block(1, 4, 0, 3), "sortSpecs": [{"dimensionIndex": 0}]}},
        {"deleteSheet": {"sheetId": 0}},
        {"addConditionalFormatRule": {"rule": rule("=B1")}},
    ],
)
def test_protected_cells_are_for_their_editors(book: Spreadsheet, request_: Json) -> None:
    number = protect(book)
    assert refused(book, request_, COACH) == REFUSAL
    do(book.copy(), request_)
    share = {"protectedRangeId": number, "editors": {"users": [COACH.email]}}
    do(book, {"updateProtectedRange": {"protectedRange": share, "fields": "editors"}})
    do(book, request_, caller=COACH)


def test_a_warning_stops_nobody(book: Spreadsheet) -> None:
    protect(book, warningOnly=True)
    do(book, {"deleteDimension": {"range": lines("COLUMNS", 1, 2)}}, caller=COACH)


def test_free_cells_of_a_protected_sheet_may_be_written(book: Spreadsheet) -> None:
    whole = {"range": {"sheetId": 0}, "unprotectedRanges": [block(0, 10, 4, 5)]}
    do(book, {"addProtectedRange": {"protectedRange": whole}})
    write = {"rows": [{"values": [TEXT]}], "fields": "userEnteredValue"}
    do(book, {"updateCells": {"start": {"rowIndex": 3, "columnIndex": 4}, **write}}, caller=COACH)
    assert refused(book, {"updateCells": {"start": {"rowIndex": 3}, **write}}, COACH) == REFUSAL
    hide = {"properties": {"title": "Mine"}, "fields": "title"}
    assert refused(book, {"updateSheetProperties": hide}, COACH) == REFUSAL


def test_only_an_editor_lifts_a_protection(book: Spreadsheet) -> None:
    number = protect(book)
    assert refused(book, {"deleteProtectedRange": {"protectedRangeId": number}}, COACH) == REFUSAL
    do(book, {"deleteProtectedRange": {"protectedRangeId": number}})
    assert book.sheets[0].protected == []


# Sheets


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"addSheet": {"properties": {"title": "jobs"}}}, 'A sheet with the name "jobs" already exists. Please enter another name.'),
        ({"addSheet": {"properties": {"sheetId": 7}}}, "Sheet with id 7 already exists."),
        ({"updateSheetProperties": {"properties": {"title": "Notes"}, "fields": "title"}}, 'A sheet with the name "Notes" already exists. Please enter another name.'),
        ({"updateSheetProperties": {"properties": {"gridProperties": {"frozenRowCount": 10}}, "fields": "gridProperties.frozenRowCount"}}, "You can't freeze all visible rows on the sheet."),
        ({"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Notes"}}, 'A sheet with the name "Notes" already exists. Please enter another name.'),
    ],
)  # fmt: skip
def test_sheets_that_cannot_be_are_refused(book: Spreadsheet, request_: Json, message: str) -> None:
    assert refused(book, request_) == message


def test_the_last_sheet_stays(book: Spreadsheet) -> None:
    do(book, {"deleteSheet": {"sheetId": 7}})
    assert refused(book, {"deleteSheet": {"sheetId": 0}}) == "You can't remove all the sheets in a document."
    hide = {"properties": {"hidden": True}, "fields": "hidden"}
    assert refused(book, {"updateSheetProperties": hide}) == "You can't hide all the sheets in a document."


def test_a_sheets_index_counts_before_the_move(book: Spreadsheet) -> None:
    do(book, {"addSheet": {"properties": {"title": "New"}}})
    do(book, {"updateSheetProperties": {"properties": {"sheetId": 0, "index": 2}, "fields": "index"}})
    assert [(sheet.title, sheet.properties["index"]) for sheet in book.sheets] == [
        ("Notes", 0),
        ("Jobs", 1),
        ("New", 2),
    ]


def test_formulas_follow_a_renamed_sheet_and_lose_a_deleted_one(book: Spreadsheet) -> None:
    write = {"rows": typed([["=Jobs!A1"]]), "fields": "userEnteredValue"}
    do(book, {"updateCells": {"start": {"sheetId": 7}, **write}})
    do(book, {"updateSheetProperties": {"properties": {"title": "My jobs"}, "fields": "title"}})
    assert values(book.sheets[1], rows=1, columns=1) == [["='My jobs'!A1"]]
    do(book, {"deleteSheet": {"sheetId": 0}})
    assert values(book.sheets[0], rows=1, columns=1) == [["='My jobs'!#REF!"]]


def test_a_smaller_grid_loses_what_stood_beyond(book: Spreadsheet) -> None:
    small = {"gridProperties": {"rowCount": 3, "columnCount": 2}}
    fields = "gridProperties/rowCount,gridProperties/columnCount"
    do(book, {"updateSheetProperties": {"properties": small, "fields": fields}})
    assert set(book.sheets[0].cells) == {(row, column) for row in range(3) for column in range(2)}


# Structure


def test_bands_and_tables_do_not_overlap(book: Spreadsheet) -> None:
    look = {"firstBandColor": GREEN}
    band = {"addBanding": {"bandedRange": {"range": block(0, 4, 0, 3), "rowProperties": look}}}
    [reply] = do(book, band)
    assert "already has alternating background colors" in refused(book, band)
    do(book, {"deleteBanding": {"bandedRangeId": reply["addBanding"]["bandedRange"]["bandedRangeId"]}})
    do(book, {"addTable": {"table": {"range": block(0, 4, 0, 3)}}})
    other = {"addTable": {"table": {"name": "Other", "range": block(3, 6, 2, 4)}}}
    assert refused(book, other) == "You can't create a table that overlaps another table."


def test_a_tables_columns_are_called_what_their_headers_say(book: Spreadsheet) -> None:
    [reply] = do(book, {"addTable": {"table": {"range": block(0, 4, 0, 4)}}})
    table = reply["addTable"]["table"]
    assert [one["columnName"] for one in table["columnProperties"]] == ["Name", "Days", "Sum", "Column 4"]
    wide = {"tableId": table["tableId"], "range": block(0, 4, 0, 5)}
    do(book, {"updateTable": {"table": wide, "fields": "range"}})
    do(book, {"updateCells": {"start": {}, "rows": typed([["Company"]]), "fields": "userEnteredValue"}})
    names = [one["columnName"] for one in book.sheets[0].tables[0]["columnProperties"]]
    assert names == ["Company", "Days", "Sum", "Column 4", "Column 5"]


def test_filters_slicers_and_charts_are_held_as_given(book: Spreadsheet) -> None:
    place = {"overlayPosition": {"anchorCell": {"rowIndex": 5}}}
    replies = do(
        book,
        {"setBasicFilter": {"filter": {"range": block(0, 4, 0, 3)}}},
        {"addFilterView": {"filter": {"title": "Mine", "range": block(0, 4, 0, 3)}}},
        {"addSlicer": {"slicer": {"spec": {"dataRange": block(0, 4, 0, 3)}, "position": place}}},
        {"addChart": {"chart": {"spec": {"title": "Days"}, "position": place}}},
    )
    chart = replies[3]["addChart"]["chart"]["chartId"]
    there = {"overlayPosition": {"anchorCell": {"rowIndex": 8}}}
    move = {"objectId": chart, "newPosition": there, "fields": "anchorCell"}
    [reply] = do(book, {"updateEmbeddedObjectPosition": move})
    position = reply["updateEmbeddedObjectPosition"]["position"]["overlayPosition"]
    assert position == {"anchorCell": {"rowIndex": 8}, "widthPixels": 600, "heightPixels": 371}
    do(book, {"clearBasicFilter": {}}, {"deleteEmbeddedObject": {"objectId": chart}})
    sheet = book.sheets[0]
    assert (sheet.basic_filter, sheet.charts, len(sheet.slicers), len(sheet.filter_views)) == (None, [], 1, 1)


def test_groups_nest_as_the_specification_says(book: Spreadsheet) -> None:
    do(book, {"addDimensionGroup": {"range": lines("COLUMNS", 1, 4)}})
    do(book, {"addDimensionGroup": {"range": lines("COLUMNS", 2, 3)}})
    do(book, {"deleteDimensionGroup": {"range": lines("COLUMNS", 3, 4)}})
    found = [
        (one["range"]["startIndex"], one["range"]["endIndex"], one["depth"]) for one in book.sheets[0].column_groups
    ]
    assert found == [(1, 3, 1), (2, 3, 2)]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("timeZone", "Berlin", "Invalid time zone: Berlin"),
        ("locale", "german", "Unsupported locale: german"),
        ("title", "", "SpreadsheetProperties.title must not be empty."),
    ],
)
def test_a_spreadsheets_properties_must_be_known(book: Spreadsheet, name: str, value: str, message: str) -> None:
    request = {"updateSpreadsheetProperties": {"properties": {name: value}, "fields": name}}
    assert refused(book, request) == message

"""What the emulator answers: values, views, and refusals in Google's words."""

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
from asking import OWNER, Desk, sit_down
from emulator import ApiError, Emulator, new_sheet
from emulator.discovery import answer, channel, methods, route
from emulator.formats import formatted
from emulator.masks import overlay, parse_mask, select

FOLDER = "/v4/spreadsheets/{book}"


@pytest.fixture
def desk() -> Desk:
    return sit_down()


@pytest.mark.parametrize(
    ("typed", "shown", "plain"),
    [
        ("0042", "42", 42),
        ("'0042", "0042", "0042"),
        ("2,000,000.01", "2,000,000.01", 2000000.01),
        ("12.5%", "12.50%", 0.125),
        ("$5.50", "$5.50", 5.5),
        ("2024-02-29", "2024-02-29", 45351),
        ("2/29/2024", "2/29/2024", 45351),
        ("2/30/2024", "2/30/2024", "2/30/2024"),
        ("2024-02-29 06:00", "2024-02-29 6:00", 45351.25),
        ("18:00", "18:00", 0.75),
        ("TRUE", "TRUE", True),
        ("=1/3", "0.3333333333", 1 / 3),
        ("=2^3*-1+50%", "-7.5", -7.5),
        ("3_1_0", "3_1_0", "3_1_0"),
        ("=1/0", "#DIV/0!", "#DIV/0!"),
    ],
)
def test_typed_values_become_what_sheets_makes_of_them(desk: Desk, typed: str, shown: str, plain: Any) -> None:
    desk.write("A1", [[typed]])
    assert desk.read("A1") == [[shown]]
    assert desk.read("A1", "UNFORMATTED_VALUE") == [[plain]]


@pytest.mark.parametrize(
    ("number", "kind", "pattern", "shown"),
    [
        (-1234.5, "NUMBER", "#,##0.00_);[Red](#,##0.00)", "(1,234.50)"),
        (0, "NUMBER", '0;-0;"none"', "none"),
        (1234.5, "CURRENCY", "[$€-407]#,##0.0#", "€1,234.5"),
        (3, "NUMBER", '"Week" 00', "Week 03"),
        (123456, "SCIENTIFIC", "0.00E+00", "1.23E+05"),
        (45000.75, "DATE_TIME", 'dddd", "d mmmm yyyy" at "h:mm am/pm', "Wednesday, 15 March 2023 at 6:00 PM"),
        (45000, "DATE", "[$-409]d-mmm-yy", "15-Mar-23"),
        (45000, "DATE", "", "3/15/2023"),
        (0.0006, "TIME", "m:ss.000", "0:51.840"),
        (1e21, "NUMBER", "@", "1E+21"),
    ],
)
def test_number_formats_show_what_they_say(number: float, kind: str, pattern: str, shown: str) -> None:
    assert formatted({"numberValue": number}, {"type": kind, "pattern": pattern}, "en_US") == shown


@pytest.mark.parametrize("pattern", ["# ?/?", "[h]:mm"])
def test_a_number_format_it_does_not_know_is_refused_not_guessed(pattern: str) -> None:
    with pytest.raises(ApiError, match="501"):
        formatted({"numberValue": 1}, {"type": "TIME" if "h" in pattern else "NUMBER", "pattern": pattern}, "en_US")


def test_raw_values_stay_what_they_are(desk: Desk) -> None:
    desk.write("A1", [["0042", "=1+1", 7, True]], "RAW")
    assert desk.read("A1:D1", "UNFORMATTED_VALUE") == [["0042", "=1+1", 7, True]]
    assert desk.read("A1:D1", "FORMULA") == [["0042", "=1+1", 7, True]]


def test_the_locale_decides_about_dates_and_decimals() -> None:
    google = Emulator()
    book = google.new_spreadsheet("Mein", locale="de_DE", owner=OWNER)
    desk = Desk(google, book, google.account(OWNER))
    desk.write("A1", [["3.4.2024", "1,5"]])
    assert desk.read("A1:B1") == [["03.04.2024", "1,5"]]
    assert desk.read("A1:B1", "UNFORMATTED_VALUE") == [[45385, 1.5]]


def test_formulas_follow_their_references_and_the_day() -> None:
    noon = dt.datetime(2024, 5, 31, 23, 30, tzinfo=dt.UTC).timestamp()
    google = Emulator(clock=lambda: noon)
    book = google.new_spreadsheet("Mine", owner=OWNER, time_zone="Europe/Berlin")
    desk = Desk(google, book, google.account(OWNER))
    desk.write("A1", [["=TODAY()", 2, "=SUM(B1:B2)*2", '=IF(AND(ISNUMBER(B1),B1<3),"low"&B1,"high")'], ["", 3]])
    assert desk.read("A1:D1", "UNFORMATTED_VALUE") == [[45444, 2, 10, "low2"]]  # 1 June in Berlin
    desk.write("B1", [[4]])
    assert desk.read("C1:D1", "UNFORMATTED_VALUE") == [[14, "high"]]


def test_a_formula_it_cannot_work_out_is_refused_not_guessed(desk: Desk) -> None:
    desk.write("A1", [["=QUERY(B:C)"]])
    assert desk.read("A1", "FORMULA") == [["=QUERY(B:C)"]]
    status, message = desk.refused("GET", f"{FOLDER}/values/A1")
    assert (status, "QUERY" in message) == (501, True)
    desk.google.service.results["=QUERY(B:C)"] = {"stringValue": "known"}
    assert desk.read("A1") == [["known"]]


def test_nulls_are_skipped_and_not_counted(desk: Desk) -> None:
    desk.write("A1", [["a", "b"], ["c", "d"]])
    answer = desk.write("A1:B2", [[None, "B"], [None, None]])
    assert (answer["updatedRange"], answer["updatedCells"], answer["updatedRows"]) == ("Sheet1!A1:B2", 1, 1)
    assert desk.read("A1:B2") == [["a", "B"], ["c", "d"]]
    desk.write("A1", [[""]])
    assert desk.read("A1:B2") == [["", "B"], ["c", "d"]]


def test_a_write_must_fit_its_range_and_the_grid(desk: Desk) -> None:
    path = f"{FOLDER}/values/{{area}}"

    def put(area: str, values: Any) -> tuple[int, str]:
        return desk.refused("PUT", path.replace("{area}", quote(area)), {"values": values}, valueInputOption="RAW")

    assert put("A1:B1", [[1, 2, 3]])[1].endswith("but tried writing to column [C]")
    assert put("A1:B1", [[1], [2]])[1].endswith("but tried writing to row [2]")
    assert put("A1001", [[1]])[1].startswith("Range (Sheet1!A1001) exceeds grid limits")
    assert put("Nowhere!A1", [[1]]) == (400, "Unable to parse range: Nowhere!A1")
    assert put("A1", [[[1]]]) == (400, "Invalid values[0][0]: list_value [1]")


def test_appended_rows_go_below_the_table_and_never_over_anything(desk: Desk) -> None:
    desk.write("B2", [["h1", "h2"], ["a", "b"]])
    desk.write("B5", [["below"]])
    path = f"{FOLDER}/values/B2:append"
    answer = desk.got(
        "POST", path, {"values": [["c", "d"], ["e", "f"]]}, valueInputOption="RAW", insertDataOption="INSERT_ROWS"
    )
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("Sheet1!B2:C3", "Sheet1!B4:C5")
    assert desk.read("B2:C8") == [["h1", "h2"], ["a", "b"], ["c", "d"], ["e", "f"], [], ["below"]]
    full = {"sheetId": 0, "gridProperties": {"rowCount": 8}}
    desk.batch({"updateSheetProperties": {"properties": full, "fields": "gridProperties.rowCount"}})
    desk.got("POST", f"{FOLDER}/values/B8:append", {"values": [[1], [2], [3]]}, valueInputOption="RAW")
    assert desk.google.books[desk.book].sheets[0].row_count == 10


def test_clearing_keeps_the_format(desk: Desk) -> None:
    desk.write("A1", [["2024-01-01"]])
    assert desk.got("POST", f"{FOLDER}/values/A1:B2:clear") == {
        "spreadsheetId": desk.book,
        "clearedRange": "Sheet1!A1:B2",
    }
    assert desk.read("A1") == []
    cell = desk.google.books[desk.book].sheets[0].cells[0, 0]
    assert cell == {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}}


# views


def test_a_mask_shows_exactly_what_it_names(desk: Desk) -> None:
    desk.write("B2", [["2024-01-01"]])
    wide = desk.got("GET", FOLDER, fields="sheets(properties(sheetId,title),data/rowData/values(formattedValue))")
    cells = [{}, {"values": [{}, {"formattedValue": "2024-01-01"}]}]
    assert wide == {"sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}, "data": [{"rowData": cells}]}]}
    assert desk.got("GET", FOLDER, fields="properties.locale,namedRanges") == {"properties": {"locale": "en_US"}}


def test_a_mask_decides_about_grid_data_and_includegriddata_is_ignored(desk: Desk) -> None:
    desk.write("A1", [["x"]])
    assert "data" not in desk.got("GET", FOLDER)["sheets"][0]
    assert "data" in desk.got("GET", FOLDER, includeGridData="true")["sheets"][0]
    assert "data" in desk.got("GET", FOLDER, fields="sheets", includeGridData="false")["sheets"][0]
    assert "data" in desk.got("GET", FOLDER, fields="*", includeGridData="false")["sheets"][0]
    assert "data" not in desk.got("GET", FOLDER, fields="sheets.properties", includeGridData="true")["sheets"][0]


def test_ranges_show_their_blocks_and_only_their_sheets(desk: Desk) -> None:
    desk.batch({"addSheet": {"properties": {"title": "Two"}}})
    desk.write("Two!C3", [["x"]])
    shown = desk.got(
        "GET",
        FOLDER,
        ranges=["Two!B2:D4", "Two!C3"],
        fields="sheets(properties.title,data(startRow,startColumn,rowData.values.note))",
    )
    assert [sheet["properties"]["title"] for sheet in shown["sheets"]] == ["Two"]
    blocks = shown["sheets"][0]["data"]
    assert [(block["startRow"], block["startColumn"]) for block in blocks] == [(1, 1), (2, 2)]


def test_an_unknown_field_of_a_mask_is_refused(desk: Desk) -> None:
    expected = (400, "Error expanding 'fields' parameter. Cannot find matching fields for path 'sheets.cells'.")
    assert desk.refused("GET", FOLDER, fields="sheets.cells") == expected
    assert desk.refused("GET", FOLDER, fields="sheets(properties")[0] == 400


def test_masks_select_and_overlay() -> None:
    mask = parse_mask("a/b,c(d,e.f)")
    assert mask == {"a": {"b": {}}, "c": {"d": {}, "e": {"f": {}}}}
    assert select(mask, {"a": [{"b": 1, "x": 2}], "c": {"d": 3}, "g": 4}) == {"a": [{"b": 1}], "c": {"d": 3}}
    assert overlay(mask, {"a": {"b": 1, "x": 2}, "z": 5}, {"c": {"d": 6, "q": 7}}) == {
        "a": {"x": 2},
        "z": 5,
        "c": {"d": 6},
    }
    old = {"backgroundColorStyle": {"rgbColor": {"red": 1}}, "wrapStrategy": "CLIP"}
    new = overlay(parse_mask("backgroundColor"), old, {"backgroundColor": {"blue": 1}})
    assert new == {"backgroundColor": {"blue": 1}, "wrapStrategy": "CLIP"}


def test_the_answer_to_a_batch_shows_the_spreadsheet_under_its_own_mask(desk: Desk) -> None:
    desk.write("A1", [["a", "b"]])
    answer = desk.got(
        "POST",
        f"{FOLDER}:batchUpdate",
        {
            "requests": [{"updateCells": {"start": {}, "fields": "note", "rows": [{"values": [{"note": "n"}]}]}}],
            "includeSpreadsheetInResponse": True,
            "responseRanges": ["A1:A1"],
        },
        fields="replies,updatedSpreadsheet.sheets.data.rowData.values(note,formattedValue)",
    )
    cell = {"note": "n", "formattedValue": "a"}
    assert answer == {
        "replies": [{}],
        "updatedSpreadsheet": {"sheets": [{"data": [{"rowData": [{"values": [cell]}]}]}]},
    }


def test_metadata_stands_where_it_belongs(desk: Desk) -> None:
    column = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    for number, location in enumerate(({"spreadsheet": True}, {"sheetId": 0}, {"dimensionRange": column})):
        one = {"metadataId": 5 + number, "metadataKey": "k", "location": location, "visibility": "DOCUMENT"}
        desk.batch({"createDeveloperMetadata": {"developerMetadata": one}})
    fields = "developerMetadata.metadataId,sheets(developerMetadata.metadataId,data.columnMetadata.developerMetadata)"
    shown = desk.got("GET", FOLDER, fields=fields)
    assert shown["developerMetadata"] == [{"metadataId": 5}]
    assert shown["sheets"][0]["developerMetadata"] == [{"metadataId": 6}]
    third = shown["sheets"][0]["data"][0]["columnMetadata"][2]["developerMetadata"][0]
    assert (third["metadataId"], third["location"]["locationType"]) == (7, "COLUMN")
    assert third["location"]["dimensionRange"] == {"dimension": "COLUMNS", "startIndex": 2, "endIndex": 3}
    assert desk.got("GET", f"{FOLDER}/developerMetadata/7")["metadataKey"] == "k"


def test_ten_thousand_rows_are_read(desk: Desk) -> None:
    sheet = new_sheet(0, "Big", 0, rows=10_000)
    sheet.cells = {
        (row, column): {"userEnteredValue": {"stringValue": "some text"}}
        for row in range(10_000)
        for column in range(26)
    }
    desk.google.books[desk.book].sheets[0] = sheet
    answer = desk.raw("GET", FOLDER, fields="sheets.data.rowData.values(userEnteredValue,effectiveValue)")
    assert (answer.status, len(answer.body) > 20_000_000) == (200, True)


# refusals


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"nothing": {}},
            "Invalid JSON payload received. Unknown name \"nothing\" at 'requests[0]': Cannot find field.",
        ),
        (
            {"mergeCells": {"mergeType": "ALL"}},
            (
                "Invalid value at 'requests[0].merge_cells.merge_type' "
                '(type.googleapis.com/google.apps.sheets.v4.MergeCellsRequest.MergeType), "ALL"'
            ),
        ),
        ({"deleteSheet": {"sheetId": "x"}}, "Invalid value at 'requests[0].delete_sheet.sheet_id' (TYPE_INT32), \"x\""),
        (
            {"addSheet": {"properties": {"hidden": "yes"}}},
            "Invalid value at 'requests[0].add_sheet.properties.hidden' (TYPE_BOOL), \"yes\"",
        ),
    ],
)
def test_a_request_that_does_not_fit_the_schema_is_refused_by_field(desk: Desk, request_: Any, message: str) -> None:
    status, answer = desk.ask("POST", f"{FOLDER}:batchUpdate", {"requests": [request_]})
    error = answer["error"]
    assert (status, error["status"], error["message"]) == (400, "INVALID_ARGUMENT", message)
    assert error["details"][0]["fieldViolations"][0]["description"] == message


def test_a_wrong_parameter_is_refused(desk: Desk) -> None:
    kind = "type.googleapis.com/google.apps.sheets.v4.ValueRenderOption"
    expected = (400, f"Invalid value at 'value_render_option' ({kind}), \"PLAIN\"")
    assert desk.refused("GET", f"{FOLDER}/values/A1", valueRenderOption="PLAIN") == expected
    assert desk.refused("GET", FOLDER, includeGridData="perhaps")[0] == 400
    expected = (400, "'valueInputOption' is required but not specified")
    assert desk.refused("PUT", f"{FOLDER}/values/A1", {"values": [[1]]}) == expected


def test_an_unknown_parameter_is_refused(desk: Desk) -> None:
    status, message = desk.refused("GET", FOLDER, colour="red")
    assert (status, message.startswith('Invalid JSON payload received. Unknown name "colour"')) == (400, True)


@pytest.mark.parametrize(
    ("http", "path"),
    [
        ("POST", f"{FOLDER}:getByDataFilter"),
        ("POST", f"{FOLDER}/values:batchGetByDataFilter"),
        ("GET", "/drive/v3/about"),
        ("GET", "/drive/v3/files/{book}/revisions"),
    ],
)
def test_what_is_not_modelled_answers_501(desk: Desk, http: str, path: str) -> None:
    status, message = desk.refused(http, path, {} if http == "POST" else None)
    assert (status, message.startswith("The emulator does not model")) == (501, True)


def test_what_is_no_method_answers_404(desk: Desk) -> None:
    assert desk.refused("DELETE", FOLDER)[0] == 404
    assert desk.refused("GET", "/v5/spreadsheets/{book}")[0] == 404


def test_an_answer_of_its_own_that_does_not_fit_the_schema_is_noticed() -> None:
    method, _ = route("GET", "/v4/spreadsheets/x", "sheets.googleapis.com")
    with pytest.raises(AssertionError, match="which Spreadsheet has not"):
        answer(method, {"colour": "red"})
    with pytest.raises(AssertionError, match="'GREEN'"):
        answer(method, {"sheets": [{"properties": {"sheetType": "GREEN"}}]})


def test_a_google_host_has_only_its_own_methods(desk: Desk) -> None:
    assert desk.raw("GET", FOLDER, host="sheets.googleapis.com").status == 200
    assert desk.raw("GET", FOLDER, host="www.googleapis.com").status == 404
    assert desk.raw("GET", "/drive/v3/files/{book}", host="www.googleapis.com:443").status == 200
    assert desk.raw("GET", "/drive/v3/files/{book}", host="sheets.googleapis.com").status == 404
    assert len(methods()) > 60


def test_colours_have_eight_bits_and_two_names(desk: Desk) -> None:
    color = {"red": 0.5, "green": 0, "blue": 0.9}
    cell = {"userEnteredFormat": {"backgroundColor": color}}
    desk.batch({"updateCells": {"start": {}, "fields": "userEnteredFormat", "rows": [{"values": [cell]}]}})
    shown = desk.got("GET", FOLDER, fields="sheets.data.rowData.values.userEnteredFormat")
    stored = {"red": 0.49803922, "blue": 0.8980392}
    expected = {"backgroundColor": stored, "backgroundColorStyle": {"rgbColor": stored}}
    assert shown["sheets"][0]["data"][0]["rowData"][0]["values"][0]["userEnteredFormat"] == expected
    assert [channel(value) for value in (0, 1, 66 / 255, 133 / 255, 0.5843137)] == [
        0,
        1,
        0.25882354,
        0.52156866,
        0.58431375,
    ]

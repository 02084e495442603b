"""What a sync of a Google spreadsheet makes of our columns, and that it leaves everything of the person's alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from contract import AFTER, FIRST, HEADER, JOBS, LAST, NOTES, RIGHT, changes, ours
from person import PersonAtGoogle

from sheetsync.changes import Edit
from sheetsync.errors import DeniedError, UnwritableFileError, UsageError
from sheetsync.model import OWNED, Area, Grid, Snapshot, TableArea
from sheetsync.resources import read_toml
from sheetsync.sheets.google.rules import rgb
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source
from sheetsync.words import column_words

Json = dict[str, Any]
NEW = range(RIGHT, RIGHT + len(OWNED))
"""Our columns, from 0."""


def sync(source: Source) -> None:
    source.apply(changes(source.read()))


def area(top: int, left: int, bottom: int, right: int, sheet: int = 0) -> Json:
    """A GridRange; rows and columns from 1, all ends inclusive."""
    return {
        "sheetId": sheet, "startRowIndex": top - 1, "endRowIndex": bottom,
        "startColumnIndex": left - 1, "endColumnIndex": right,
    }  # fmt: skip


def sheet_of(google: PersonAtGoogle, source: Source) -> Any:
    return google.book(source).sheets[0]


def look(google: PersonAtGoogle, source: Source, row: int, column: int) -> Json:
    """The format of a cell; row and column from 1."""
    cell: Json = sheet_of(google, source).cells.get((row - 1, column - 1), {})
    found: Json = cell.get("userEnteredFormat", {})
    return found


# Values


def test_values_keep_their_type_and_nothing_is_taken_for_a_formula(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    after = {**AFTER, "why": ("=HYPERLINK(1)", "007", "1 May", "+1 555"), "days_overdue": (3, 0, None, -1)}
    source.apply(changes(source.read(), after))
    cells = sheet_of(google, source).cells
    assert [cells[row, 9]["userEnteredValue"] for row in range(2, 6)] == [
        {"stringValue": "=HYPERLINK(1)"}, {"stringValue": "007"}, {"stringValue": "1 May"}, {"stringValue": "+1 555"},
    ]  # fmt: skip
    assert cells[2, 4]["userEnteredValue"] == {"numberValue": (dt.date(2026, 11, 9) - dt.date(1899, 12, 30)).days}
    assert ours(source.read(), "why") == list(after["why"])


def test_a_formula_that_the_person_put_into_our_cell_stays(google: PersonAtGoogle) -> None:
    source = google.make([Grid(JOBS.name, JOBS.columns), NOTES])
    sync(source)
    start = {"sheetId": 0, "rowIndex": 2, "columnIndex": 9}
    typed = [{"values": [{"userEnteredValue": {"formulaValue": "=1+1"}}]}]
    google.edit(source, {"updateCells": {"start": start, "rows": typed, "fields": "userEnteredValue"}})
    receipt = source.apply(changes(source.read(), {**AFTER, "why": ("Other.", "More.", None, None)}))
    assert [(p.row, p.column) for p in receipt.problems] == [(3, 10)]
    assert sheet_of(google, source).cells[2, 9]["userEnteredValue"] == {"formulaValue": "=1+1"}
    assert source.read().grids[0].cell(4, 10) == "More."
    source.remove()
    assert sheet_of(google, source).cells[2, 9]["userEnteredValue"] == {"formulaValue": "=1+1"}


def test_only_cells_that_differ_are_sent(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    sync(source)
    later = {**AFTER, "days_overdue": (4, None, None, None), "why": ("New.", *AFTER["why"][1:])}
    source.apply(changes(source.read(), later))
    sent = google.emulator.api_calls[-1].body["requests"]
    writes = [request["updateCells"] for request in sent if "updateCells" in request]
    assert [(one["fields"], one["rows"]) for one in writes] == [
        ("userEnteredValue", [{"values": [
            {"userEnteredValue": {"numberValue": 4}}, {"userEnteredValue": {"stringValue": "New."}},
        ]}])
    ]  # fmt: skip


def test_a_sheet_nobody_knows_is_named(google: PersonAtGoogle) -> None:
    source = google.make([JOBS])
    asked = dataclasses.replace(changes(source.read()), sheet="Work")
    with pytest.raises(UsageError, match="no sheet called 'Work'"):
        source.apply(asked)


# Looks


def test_dates_are_shown_in_the_trackers_own_pattern_without_its_time_of_day(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    pattern = {"userEnteredFormat": {"numberFormat": {"type": "DATE_TIME", "pattern": "dd.mm.yyyy hh:mm"}}}
    fields = "userEnteredFormat.numberFormat"
    google.edit(source, {"repeatCell": {"range": area(3, 2, 6, 2), "cell": pattern, "fields": fields}})
    sync(source)
    found = {look(google, source, row, column)["numberFormat"]["pattern"] for row in range(3, 7) for column in (5, 6)}
    assert found == {"dd.mm.yyyy"}
    assert all("numberFormat" not in look(google, source, row, 10) for row in range(3, 7))
    assert look(google, source, 3, 10)["wrapStrategy"] == "WRAP"


def test_without_dates_in_the_tracker_ours_are_shown_as_the_locale_has_them(google: PersonAtGoogle) -> None:
    columns = (JOBS.columns[0], (None, "Applied", "soon", None, None, None), *JOBS.columns[2:])
    source = google.make([Grid("Jobs", columns), NOTES])
    sync(source)
    assert look(google, source, 3, 5)["numberFormat"] == {"type": "DATE"}
    assert isinstance(source.read().grids[0].cell(3, 5), dt.date)


def test_headers_and_cells_look_like_the_trackers_last_column(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    ink = {"backgroundColorStyle": {"rgbColor": {"blue": 0.5}}, "textFormat": {"bold": True, "fontFamily": "Lato"}}
    body = {"textFormat": {"fontFamily": "Lato", "fontSize": 12}, "numberFormat": {"type": "NUMBER", "pattern": "0.00"}}
    google.edit(
        source,
        {"repeatCell": {"range": area(2, 1, 2, 4), "cell": {"userEnteredFormat": ink}, "fields": "userEnteredFormat"}},
        {"repeatCell": {"range": area(3, 1, 6, 4), "cell": {"userEnteredFormat": body}, "fields": "userEnteredFormat"}},
    )
    sync(source)
    header, cell = look(google, source, HEADER, 8), look(google, source, 4, 8)
    assert (header["textFormat"]["fontFamily"], header["backgroundColorStyle"]) == ("Lato", ink["backgroundColorStyle"])
    assert cell["textFormat"] == body["textFormat"]
    assert "numberFormat" not in cell


@pytest.mark.parametrize("taken", ["a drop-down", "a rule"])
def test_looks_come_from_a_column_that_brings_nothing_else_along(google: PersonAtGoogle, taken: str) -> None:
    source = google.make([JOBS, NOTES])
    choice = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "1"}]}, "showCustomUi": True}
    rule = {
        "ranges": [area(1, 4, 150, 4)],
        "booleanRule": {"condition": {"type": "BLANK"}, "format": {"textFormat": {"italic": True}}},
    }
    requests: dict[str, Json] = {
        "a drop-down": {"setDataValidation": {"range": area(3, 4, 6, 4), "rule": choice}},
        "a rule": {"addConditionalFormatRule": {"rule": rule, "index": 0}},
    }
    google.edit(source, requests[taken])
    before = google.theirs(source)
    sync(source)
    assert google.theirs(source) == before
    assert not source.read().grids[0].dropdowns.keys() & set(range(5, 11))
    copied = [r["copyPaste"] for r in google.emulator.api_calls[-2].body["requests"] if "copyPaste" in r]
    assert [one["source"]["startColumnIndex"] for one in copied] == [2]


def test_columns_are_wide_enough_and_as_wide_as_before_after_a_removal(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 4, "endIndex": 10}
    narrow = {"range": span, "properties": {"pixelSize": 30, "hiddenByUser": True}, "fields": "pixelSize,hiddenByUser"}
    wide = {"range": {**span, "startIndex": 7, "endIndex": 8}, "properties": {"pixelSize": 333}, "fields": "pixelSize"}
    google.edit(source, {"updateDimensionProperties": narrow}, {"updateDimensionProperties": wide})
    sync(source)
    columns = sheet_of(google, source).columns
    assert columns[9]["pixelSize"] >= 400
    assert columns[7]["pixelSize"] == 333
    assert not any(columns.get(at, {}).get("hiddenByUser") for at in NEW)
    source.remove()
    assert [sheet_of(google, source).columns[at]["pixelSize"] for at in NEW] == [30, 30, 30, 333, 30, 30]


def test_a_later_row_shows_its_date_as_a_date(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    google.set(source, 12, 1, "a remark below")  # so that looks end with the tracker
    sync(source)
    google.set(source, LAST + 1, 1, "Elm")
    snapshot = source.read()
    rows = range(FIRST, LAST + 2)
    asked = dataclasses.replace(
        changes(snapshot),
        rows=rows,
        last_row=LAST + 1,
        before={key: [*values, None] for key, values in changes(snapshot).before.items()},
        after={key: [*values, dt.date(2026, 12, 1) if "contact" in key else None] for key, values in AFTER.items()}
        | {"next_action": [*AFTER["next_action"], "Write."]},
    )
    source.apply(asked)
    assert source.read().grids[0].cell(LAST + 1, 5) == dt.date(2026, 12, 1)


# Rules


def test_each_rule_has_its_colours_and_holds_for_our_cells(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    sync(source)
    palette = read_toml("highlights.toml")
    rules = {
        is_ours(rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"]): rule
        for rule in sheet_of(google, source).rules
    }
    assert set(rules) == {"overdue", "due", "upcoming", "waiting", "closed"}
    for key, rule in rules.items():
        assert rule["booleanRule"]["format"]["backgroundColorStyle"]["rgbColor"] == rgb(palette[key or ""]["fill"])
        assert rule["ranges"] == [area(FIRST, 5, LAST, 10)]


def test_a_rule_is_replaced_where_it_stands_and_the_persons_are_not_touched(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    theirs = {
        "ranges": [area(1, 1, 9, 9)],
        "booleanRule": {"condition": {"type": "BLANK"}, "format": {"textFormat": {"bold": True}}},
    }
    google.edit(source, {"addConditionalFormatRule": {"rule": theirs, "index": 0}})
    sync(source)
    google.edit(source, {"addConditionalFormatRule": {"rule": theirs, "index": 3}})
    order = [is_ours(str(rule)) for rule in sheet_of(google, source).rules]
    assert order == [None, "overdue", "due", None, "upcoming", "waiting", "closed"]
    source.apply(changes(source.read(), highlight="row"))
    assert [is_ours(str(rule)) for rule in sheet_of(google, source).rules] == order
    assert sheet_of(google, source).rules[1]["ranges"] == [area(FIRST, 1, LAST, 10)]
    kinds = [next(iter(request)) for request in google.emulator.api_calls[-1].body["requests"]]
    assert kinds.count("updateConditionalFormatRule") == 5
    source.apply(changes(source.read(), highlight="none"))
    assert [is_ours(str(rule)) for rule in sheet_of(google, source).rules] == [None, None]


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "ja_JP"])
def test_in_every_locale_a_second_sync_finds_its_rules(google: PersonAtGoogle, locale: str) -> None:
    source = google.make([JOBS, NOTES])
    google.edit(source, {"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}})
    sync(source)
    formula = google.rules(source)[0]
    assert ";" in formula or locale in {"en_US", "ja_JP"}
    assert not source.apply(changes(source.read())).written
    assert source.read().locale == locale


# What stands around


def test_a_table_that_adjoins_grows_over_our_columns_and_shrinks_again(google: PersonAtGoogle) -> None:
    table = TableArea("Search", Area(2, 1, 6, 4))
    source = google.make([Grid("Jobs", JOBS.columns, formulas=JOBS.formulas, tables=(table,)), NOTES])
    before = google.theirs(source)
    receipt = source.apply(changes(source.read()))
    assert receipt.problems == ()
    assert [each.area for each in source.read().grids[0].tables] == [Area(2, 1, 6, 10)]
    assert [source.read().grids[0].cell(2, at) for at in range(5, 11)] == [column_words()[key] for key in OWNED]
    assert not source.apply(changes(source.read())).written
    source.remove()
    assert google.theirs(source) == before


def test_a_table_that_does_not_adjoin_is_left_alone_and_it_is_said(google: PersonAtGoogle) -> None:
    table = TableArea("Search", Area(2, 1, 6, 4))
    source = google.make([Grid("Jobs", JOBS.columns, tables=(table,)), NOTES])
    google.set(source, 20, 5, "a remark")
    receipt = source.apply(changes(source.read()))
    assert [p.message for p in receipt.problems] == [
        "Our columns F to K stand outside the table Search, so sorting or filtering it does not take them along."
    ]
    assert [each.area for each in source.read().grids[0].tables] == [Area(2, 1, 6, 4)]


def test_a_filter_that_adjoins_grows_and_keeps_what_it_filters_by(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    hidden = [{"columnIndex": 0, "filterCriteria": {"hiddenValues": ["Cedar"]}}]
    google.edit(source, {"setBasicFilter": {"filter": {"range": area(2, 1, 6, 4), "filterSpecs": hidden}}})
    sync(source)
    found = sheet_of(google, source).basic_filter
    assert found["range"]["endColumnIndex"] == 10
    assert [one["filterCriteria"] for one in found["filterSpecs"]] == [hidden[0]["filterCriteria"]]
    source.remove()
    found = sheet_of(google, source).basic_filter
    assert found["range"]["endColumnIndex"] == 4
    assert [one["filterCriteria"] for one in found["filterSpecs"]] == [hidden[0]["filterCriteria"]]


def test_a_filter_that_sorts_is_not_set_anew(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    order = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    google.edit(source, {"setBasicFilter": {"filter": {"range": area(2, 1, 6, 4), "sortSpecs": order}}})
    receipt = source.apply(changes(source.read()))
    assert sheet_of(google, source).basic_filter["range"]["endColumnIndex"] == 4
    assert "outside the filter" in receipt.problems[0].message


def test_banding_filter_views_and_named_ranges_stay_as_they_are(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    band = {
        "headerColorStyle": {"rgbColor": {"red": 1}},
        "firstBandColorStyle": {"rgbColor": {"green": 1}},
        "secondBandColorStyle": {"rgbColor": {"blue": 1}},
    }
    google.edit(
        source,
        {"addBanding": {"bandedRange": {"range": area(2, 1, 6, 4), "rowProperties": band}}},
        {"addFilterView": {"filter": {"title": "mine", "range": area(2, 1, 6, 4)}}},
        {"addNamedRange": {"namedRange": {"name": "firms", "range": area(3, 1, 6, 1)}}},
    )
    before = google.theirs(source)
    sync(source)
    assert google.theirs(source) == before
    source.remove()
    assert google.theirs(source) == before


def test_ours_stay_out_from_under_a_slicer(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    overlay = {"anchorCell": {"sheetId": 0, "rowIndex": 0, "columnIndex": 6}, "widthPixels": 150, "heightPixels": 60}
    slicer = {"spec": {"dataRange": area(2, 1, 6, 4), "title": "s"}, "position": {"overlayPosition": overlay}}
    google.edit(source, {"addSlicer": {"slicer": slicer}})
    assert source.apply(changes(source.read())).columns["next_contact"] == 9


def test_the_grid_gets_columns_and_loses_them_again(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 6, "endIndex": 26}
    google.edit(source, {"deleteDimension": {"range": span}})
    before = google.theirs(source)
    sync(source)
    assert sheet_of(google, source).column_count == 10
    assert ours(source.read(), "why") == list(AFTER["why"])
    source.remove()
    assert sheet_of(google, source).column_count == 6
    assert google.theirs(source) == before


def test_ten_million_cells_are_the_end(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    span = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 4, "endIndex": 26}
    more = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 2_490_000}}
    google.edit(source, {"deleteDimension": {"range": span}}, more)
    calls = len(google.emulator.api_calls)
    with pytest.raises(UnwritableFileError, match="10 million cells"):
        source.apply(changes(source.read()))
    assert len(google.emulator.api_calls) == calls + 1


# Protection


def protect(google: PersonAtGoogle, source: Source, *, rows: Json, **more: Any) -> None:
    place = {"range": rows, "description": "the coach's", "editors": {"users": [google.owner]}, **more}
    google.edit(source, {"addProtectedRange": {"protectedRange": place}})


def test_a_protected_place_is_said_before_anything_is_written(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    protect(google, source, rows={"sheetId": 0, "startColumnIndex": 4, "endColumnIndex": 8})
    calls = len(google.emulator.api_calls)
    with pytest.raises(
        DeniedError, match=r"of sheet 'Jobs' .* are protected \(the coach's\).*Protect sheets and ranges"
    ):
        source.apply(changes(source.read()))
    assert len(google.emulator.api_calls) == calls + 1


def test_a_protected_sheet_with_our_columns_left_open_is_written(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    sync(source)
    free = [{"sheetId": 0, "startColumnIndex": 4, "endColumnIndex": 10}]
    protect(google, source, rows={"sheetId": 0}, unprotectedRanges=free)
    later = {**AFTER, "why": ("New.", None, None, None)}
    assert source.apply(changes(source.read(), later)).written
    assert ours(source.read(), "why") == ["New.", None, None, None]


def test_protection_elsewhere_or_that_only_warns_is_no_matter(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    protect(google, source, rows=area(1, 1, 150, 4))
    google.edit(source, {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "warningOnly": True}}})
    before = google.theirs(source)
    sync(source)
    assert google.theirs(source) == before


def test_an_edit_of_a_protected_cell_is_refused(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    protect(google, source, rows=area(3, 1, 3, 1))
    asked = dataclasses.replace(changes(source.read()), edits=(Edit("Jobs", 3, 1, "Ash & Co", "Ash"),))
    with pytest.raises(DeniedError, match="Cells A3:A3 of sheet 'Jobs'"):
        source.apply(asked)
    assert source.read().owned is None


# Marks


def test_a_removal_leaves_no_metadata(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    sync(source)
    assert {one["visibility"] for one in google.book(source).metadata} == {"DOCUMENT"}
    assert len([m for m in google.book(source).metadata if m["metadataKey"] == "sheetsync.write"]) == 1
    source.remove()
    assert google.book(source).metadata == []


def test_the_mark_of_the_last_write_replaces_the_one_before(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    for day in range(3):
        source.apply(changes(source.read(), {**AFTER, "days_overdue": (day, None, None, None)}))
    assert len([m for m in google.book(source).metadata if m["metadataKey"] == "sheetsync.write"]) == 1


def test_a_column_deleted_after_the_header_was_moved_stays_deleted(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    sync(source)
    google.insert_row(source, 1)
    google.delete_column(source, 9)
    found = source.read().owned
    assert found
    assert (found.header_row, found.columns["days_overdue"]) == (3, None)
    assert source.apply(dataclasses.replace(
        changes(Snapshot(source.location, source.read().version, source.read().grids, owned=found)), header_row=3, first_row=4, last_row=7, rows=range(4, 8),
    )).columns.keys() == set(OWNED) - {"days_overdue"}  # fmt: skip

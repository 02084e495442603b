"""What an answer of spreadsheets.get says: values, formats, drop-downs, ownership, in the terms of every other source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from contract import JOBS, NOTES, changes
from person import PersonAtGoogle

from sheetsync.errors import UsageError
from sheetsync.model import OWNED, Area, Grid, Snapshot, Value
from sheetsync.sheets.google.reading import read

Cell = dict[str, Any]
DAY = ("DATE", "dd/mm/yyyy")


def number(value: float, kind: str = "", pattern: str = "") -> Cell:
    """A number, with a number format if it has one."""
    look = {"effectiveFormat": {"numberFormat": {"type": kind, "pattern": pattern}}} if kind else {}
    return {"userEnteredValue": {"numberValue": value}, "effectiveValue": {"numberValue": value}, **look}


def text(value: str) -> Cell:
    """A text."""
    return {"userEnteredValue": {"stringValue": value}, "effectiveValue": {"stringValue": value}}


def formula(typed: str, result: Mapping[str, Any] | None) -> Cell:
    """A formula and what it gives."""
    return {"userEnteredValue": {"formulaValue": typed}, **({"effectiveValue": result} if result else {})}


def answer(*rows: Sequence[Cell], locale: str = "en_GB", zone: str = "Europe/London", **sheet: Any) -> dict[str, Any]:
    """An answer with one sheet of these rows; `sheet` adds to it."""
    size = {"rowCount": 1000, "columnCount": 26}
    properties = {"sheetId": 7, "title": "Jobs", "index": 0, "sheetType": "GRID", "gridProperties": size}
    data = [{"rowData": [{"values": list(row)} for row in rows]}]
    return {
        "properties": {"locale": locale, "timeZone": zone},
        "sheets": [{"properties": properties, "data": data, **sheet}],
    }


def grid(*rows: Sequence[Cell], **sheet: Any) -> Grid:
    """The grid that comes of it."""
    return read(answer(*rows, **sheet), "x")[0].grids[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (text("007"), "007"),
        (text("=not a formula"), "=not a formula"),
        (text(""), None),
        (number(7), 7.0),
        (number(7.5, "CURRENCY", "£#,##0.00"), 7.5),
        (number(46_338, *DAY), dt.date(2026, 11, 12)),
        (number(46_338.75, "DATE_TIME", "dd/mm/yyyy hh:mm"), dt.datetime(2026, 11, 12, 18)),
        (number(46_338, "DATE_TIME", "dd/mm/yyyy hh:mm"), dt.date(2026, 11, 12)),
        (number(46_338.75, *DAY), dt.datetime(2026, 11, 12, 18)),
        (number(0.75, "TIME", "hh:mm"), dt.time(18)),
        (number(1.25, "TIME", "[h]:mm:ss"), dt.timedelta(hours=30)),
        (number(0.25, "TIME", "[h]:mm:ss"), dt.timedelta(hours=6)),
        (number(-3, *DAY), -3.0),
        (number(9e9, *DAY), 9e9),
        ({"userEnteredValue": {"boolValue": True}, "effectiveValue": {"boolValue": True}}, True),
        ({"userEnteredValue": {"boolValue": False}, "effectiveValue": {"boolValue": False}}, False),
        (formula("=1/0", {"errorValue": {"type": "DIVIDE_BY_ZERO"}}), None),
        (formula("=NA()", {"errorValue": {"type": "N_A"}}), None),
        (formula('=""', {"stringValue": ""}), None),
        (formula("=2*7", {"numberValue": 14}), 14.0),
    ],
)
def test_a_cell_is_read_as_every_source_reads_it(cell: Cell, value: Value) -> None:
    found = grid([text("Header")], [cell], [text("end")]).cell(2, 1)
    assert found == value
    assert type(found) is type(value)


def test_formulas_are_told_and_those_still_loading_are_unsaved() -> None:
    loading = formula("=IMPORTXML(A1)", {"errorValue": {"type": "LOADING"}})
    found = grid([formula("=1+1", {"numberValue": 2}), loading, text("a")])
    assert dict(found.formulas) == {1: {1}, 2: {1}}
    assert dict(found.unsaved) == {2: {1}}


def test_what_an_array_formula_spills_counts_as_formula() -> None:
    spilled = {"effectiveValue": {"numberValue": 2}}
    found = grid([formula("=SEQUENCE(2)", {"numberValue": 1})], [spilled])
    assert dict(found.formulas) == {1: {1, 2}}
    assert found.cell(2, 1) == 2


def test_a_grid_ends_with_its_last_value() -> None:
    dated = {"effectiveFormat": {"numberFormat": {"type": "DATE", "pattern": "d"}}}
    found = grid([text("a"), {}, dated], [{}, text("b"), dated], [{}, {}, dated])
    assert (found.n_rows, found.n_columns) == (2, 2)


def test_rows_of_different_lengths_make_columns_alike_long() -> None:
    found = grid([text("a")], [], [text("b"), {}, text("c")])
    assert found.columns == (["a", None, "b"], [None, None, None], [None, None, "c"])


def test_sheets_that_are_no_grids_are_left_out_and_hidden_ones_are_told() -> None:
    given = answer([text("a")])
    chart = {"properties": {"sheetId": 9, "title": "Chart", "index": 0, "sheetType": "OBJECT"}}
    hidden = {
        "properties": {**given["sheets"][0]["properties"], "sheetId": 8, "title": "Old", "index": 2, "hidden": True}
    }
    given["sheets"] = [hidden, given["sheets"][0], chart]
    assert [(each.name, each.hidden) for each in read(given, "x")[0].grids] == [("Jobs", False), ("Old", True)]


def test_merges_and_tables_are_told() -> None:
    place = {"startRowIndex": 1, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 3}
    footer = {"footerColorStyle": {"rgbColor": {"red": 1}}}
    table = {"name": "Search", "tableId": "t", "range": place, "rowsProperties": footer}
    found = grid([text("a")], merges=[{"startRowIndex": 0, "endRowIndex": 1, "endColumnIndex": 2}], tables=[table])
    assert found.merges == (Area(1, 1, 1, 2),)
    assert [(each.name, each.area, each.totals_rows) for each in found.tables] == [("Search", Area(2, 1, 5, 3), 1)]


def test_drop_downs_are_read_from_lists_ranges_and_tables() -> None:
    listed = {"dataValidation": {"condition": {"type": "ONE_OF_LIST", "values": [
        {"userEnteredValue": "Applied"}, {"userEnteredValue": "Offer"},
    ]}}}  # fmt: skip
    ranged = {
        "dataValidation": {"condition": {"type": "ONE_OF_RANGE", "values": [{"userEnteredValue": "=Jobs!$A$1:$A$3"}]}}
    }
    typed = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "hot"}]}}
    table = {
        "name": "T",
        "range": {"endRowIndex": 3, "endColumnIndex": 4},
        "columnProperties": [{"columnIndex": 3, "columnType": "DROPDOWN", "dataValidationRule": typed}],
    }
    found = grid([text("a"), listed, ranged], [text("b"), listed], [text("a"), {}, {}, text("x")], tables=[table])
    assert dict(found.dropdowns) == {2: ("Applied", "Offer"), 3: ("a", "b"), 4: ("hot",)}


@pytest.mark.parametrize(
    ("zone", "known"),
    [("Europe/Berlin", "Europe/Berlin"), ("GMT-07:00", "Etc/GMT+7"), ("GMT+02:00", "Etc/GMT-2"), ("GMT+05:30", None)],
)
def test_the_time_zone_is_one_that_is_known_here_or_it_is_said(zone: str, known: str | None) -> None:
    snapshot, _ = read(answer([text("a")], zone=zone), "x")
    assert snapshot.time_zone == known
    assert [problem.message for problem in snapshot.problems if "time zone" in problem.message] == (
        []
        if known
        else [
            f"The spreadsheet's time zone {zone!r} is not known here, so this computer's day counts: choose a city's zone under File > Settings."
        ]
    )
    assert snapshot.locale == "en_GB"


# Versions


def version(*rows: Sequence[Cell], **sheet: Any) -> str:
    return read(answer(*rows, **sheet), "x")[0].version


def test_results_of_formulas_make_no_version_but_all_that_is_typed_does() -> None:
    today = version([formula("=TODAY()", {"numberValue": 46_000})])
    assert today == version([formula("=TODAY()", {"numberValue": 46_001})])
    assert today != version([formula("=TODAY()+1", {"numberValue": 46_001})])
    assert version([text("=TODAY()")]) != today
    assert version([number(46_000)]) != version([number(46_000, *DAY)])
    assert version([text("1")]) != version([number(1)])
    assert version([text("a"), {}, {}]) == version([text("a")], [{}, {}])
    rule = {"booleanRule": {"condition": {"type": "BLANK"}}, "ranges": [{}]}
    assert version([text("a")], conditionalFormats=[rule]) != version([text("a")])


# Ownership


def synced(google: PersonAtGoogle) -> tuple[Any, int]:
    """A spreadsheet with our columns, and the id of its sheet."""
    source = google.make([JOBS, NOTES])
    source.apply(changes(source.read()))
    return source, google.book(source).sheets[0].id


def owned(source: Any) -> dict[str, int | None]:
    found = source.read().owned
    assert found
    return dict(found.columns)


def test_the_header_row_is_found_after_rows_were_put_above(google: PersonAtGoogle) -> None:
    source, _ = synced(google)
    google.insert_row(source, 1)
    snapshot = source.read()
    assert snapshot.owned
    assert snapshot.owned.header_row == 3


def test_a_copied_tab_is_the_persons_and_its_columns_too(google: PersonAtGoogle) -> None:
    source, sheet = synced(google)
    copy = {"sourceSheetId": sheet, "insertSheetIndex": 0, "newSheetName": "Copy of Jobs", "newSheetId": 77}
    google.edit(source, {"duplicateSheet": copy})
    marks = [
        {"createDeveloperMetadata": {"developerMetadata": {**mark, "metadataId": 5000 + at, "location": _on(mark, 77)}}}
        for at, mark in enumerate(google.book(source).metadata)
        if not _on(mark, 77).get("spreadsheet") and not _is_on(google, source, 77)
    ]
    if marks:  # whether Google copies them is not documented: here it does
        google.edit(source, *marks)
    snapshot = source.read()
    assert snapshot.owned
    assert snapshot.owned.sheet == "Jobs"
    assert [(p.sheet, "copy" in p.message) for p in snapshot.problems] == [("Copy of Jobs", True)]
    assert not source.apply(changes(_only(snapshot, "Jobs"))).written


def _only(snapshot: Snapshot, sheet: str) -> Snapshot:
    return Snapshot(snapshot.location, snapshot.version, (snapshot.grid(sheet),), owned=snapshot.owned)


def _is_on(google: PersonAtGoogle, source: Any, sheet: int) -> bool:
    return any(
        one["location"].get("dimensionRange", {}).get("sheetId") == sheet for one in google.book(source).metadata
    )


def _on(mark: Mapping[str, Any], sheet: int) -> dict[str, Any]:
    location = mark["location"]
    if "dimensionRange" in location:
        return {"dimensionRange": {**location["dimensionRange"], "sheetId": sheet}}
    return {"spreadsheet": True} if location.get("spreadsheet") else {"sheetId": sheet}


def test_if_only_the_copy_is_left_its_columns_are_ours(google: PersonAtGoogle) -> None:
    source, sheet = synced(google)
    book = google.book(source)
    google.edit(source, {"duplicateSheet": {"sourceSheetId": sheet, "newSheetName": "2027", "newSheetId": 77}})
    if not _is_on(google, source, 77):
        google.edit(source, *(
            {"createDeveloperMetadata": {"developerMetadata": {**m, "metadataId": 5000 + at, "location": _on(m, 77)}}}
            for at, m in enumerate(book.metadata) if not m["location"].get("spreadsheet")
        ))  # fmt: skip
    google.edit(source, {"deleteSheet": {"sheetId": sheet}})
    snapshot = source.read()
    assert snapshot.owned
    assert (snapshot.owned.sheet, set(snapshot.owned.columns)) == ("2027", set(OWNED))


def test_two_columns_of_one_sheet_with_the_same_mark_stop_the_run(google: PersonAtGoogle) -> None:
    source, sheet = synced(google)
    place = {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": 12, "endIndex": 13}
    mark = {
        "metadataId": 4242, "metadataKey": "sheetsync.column", "metadataValue": "why", "visibility": "DOCUMENT",
        "location": {"dimensionRange": place},
    }  # fmt: skip
    google.edit(source, {"createDeveloperMetadata": {"developerMetadata": mark}})
    with pytest.raises(
        UsageError, match="Columns J and M of sheet 'Jobs' .* both marked as sheetsync's 'why': delete one"
    ):
        source.read()


def test_two_sheets_that_are_both_copies_stop_the_run() -> None:
    def sheet(number: int, title: str) -> dict[str, Any]:
        note = {
            "metadataId": number,
            "metadataKey": "sheetsync.sheet",
            "metadataValue": '{"sheet":1,"header_row":1,"keys":{"why":null}}',
        }
        properties = {
            "sheetId": number,
            "title": title,
            "index": number,
            "gridProperties": {"rowCount": 9, "columnCount": 9},
        }
        return {"properties": properties, "developerMetadata": [{**note, "location": {"sheetId": number}}]}

    with pytest.raises(UsageError, match="Sheets 'A' and 'B' of x both carry"):
        read({"properties": {}, "sheets": [sheet(5, "A"), sheet(6, "B")]}, "x")

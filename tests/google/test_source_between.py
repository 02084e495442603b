"""Somebody edits between the read and the write: everything is as they left it, and the next run goes through."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from contract import AFTER, FIRST, HEADER, JOBS, LAST, NOTES, RIGHT, cells, changes, ours
from person import PersonAtGoogle

from sheetsync.book import Sheet
from sheetsync.changes import Append
from sheetsync.changes import Edit as ChangesEdit
from sheetsync.errors import RestoredError, SourceChangedError
from sheetsync.model import Area, Grid, Snapshot, TableArea, Value
from sheetsync.sheets.google.source import GoogleSource
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source

LATER: Mapping[str, Sequence[Value]] = {
    **AFTER,
    "follow_up": ("Due", "Overdue", "Waiting", "Needs info"),
    "days_overdue": (4, 5, None, None),
    "why": ("Other.", "Other still.", None, "Last."),
}
PLAIN = (Grid(JOBS.name, JOBS.columns), NOTES)
"""Without formulas, whose results the emulator forgets when they are typed anew."""
Edit = Callable[[PersonAtGoogle, Source], None]


def _new_rule(person: PersonAtGoogle, source: Source) -> None:
    sheet = person.book(source).sheets[0]
    rule = {
        "ranges": [{"sheetId": sheet.id, "startRowIndex": 2, "endRowIndex": 6, "endColumnIndex": 1}],
        "booleanRule": {
            "condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=ISBLANK($A3)"}]},
            "format": {"textFormat": {"italic": True}},
        },
    }
    person.edit(source, {"addConditionalFormatRule": {"rule": rule, "index": 0}})


EDITS: Mapping[str, Edit] = {
    "a cell": lambda person, source: person.set(source, 3, 1, "Ash and Co"),
    "a sort": lambda person, source: person.sort_rows(source, FIRST, LAST, by=3),
    "a row inserted": lambda person, source: person.insert_row(source, 4),
    "a row inserted above": lambda person, source: person.insert_row(source, 1),
    "a row deleted": lambda person, source: person.delete_row(source, 4),
    "a column inserted": lambda person, source: person.insert_column(source, 2),
    "a column inserted first": lambda person, source: person.insert_column(source, 1),
    "a column deleted": lambda person, source: person.delete_column(source, 2),
    "a column moved": lambda person, source: person.move_column(source, 1, 4),
    "a header renamed": lambda person, source: person.set(source, HEADER, 2, "Sent on"),
    "a rule": _new_rule,
}
OURS_TOO: Mapping[str, Edit] = {
    **EDITS,
    "our column moved": lambda person, source: person.move_column(source, 8, 1),
    "our column deleted": lambda person, source: person.delete_column(source, 6),
    "the person's moved behind ours": lambda person, source: person.move_column(source, 2, 11),
}


def everything(person: PersonAtGoogle, source: Source) -> Any:
    """Values, formulas, rules and ownership; not what a column looks like, nor the number of the last write."""
    book = person.book(source)
    marks = sorted(
        (one["metadataKey"], one["metadataValue"], repr(one["location"]))
        for one in book.metadata
        if one["metadataKey"] != "sheetsync.write"
    )
    sheets = [
        (
            sheet.title,
            sheet.row_count,
            sheet.column_count,
            {place: value for place, cell in sorted(sheet.cells.items()) if (value := cell.get("userEnteredValue"))},
            [_plain(rule) for rule in sheet.rules],
            sheet.tables,
            sheet.basic_filter,
        )
        for sheet in book.sheets
    ]
    return marks, sheets


def _plain(rule: Any) -> Any:
    """A rule, however the API spells it: zeros left out or not, colours once or twice."""
    boolean = rule["booleanRule"]
    text = boolean["format"].get("textFormat", {})
    colours = [
        [round(255 * look.get("rgbColor", {}).get(channel, 0)) for channel in ("red", "green", "blue")]
        for look in (boolean["format"].get("backgroundColorStyle", {}), text.get("foregroundColorStyle", {}))
    ]
    ranges = [sorted((side, at) for side, at in area.items() if at) for area in rule["ranges"]]
    return boolean["condition"], ranges, colours, text.get("bold", False), text.get("italic", False)


def _edited(person: PersonAtGoogle, source: Source, edit: Edit) -> Any:
    """Have it edited; what everything is like after that."""
    edit(person, source)
    return everything(person, source)


def version(person: PersonAtGoogle, source: Source) -> str:
    """The version of the spreadsheet as it stands, for which the source itself is not asked."""
    assert isinstance(source, GoogleSource)
    return GoogleSource(person.id_of(source), source._transport).read().version  # noqa: SLF001 - the same login


@pytest.mark.parametrize("name", EDITS)
def test_the_first_write_is_taken_back(google: PersonAtGoogle, name: str) -> None:
    source = google.make(PLAIN)
    asked = changes(source.read())
    left, seen = _edited(google, source, EDITS[name]), version(google, source)
    if name == "a rule":  # nothing that was read for the plan, and no rule of ours is there to be hit
        source.apply(asked)
        assert [is_ours(rule) for rule in google.rules(source)].count(None) == 1
        return
    with pytest.raises(SourceChangedError):
        source.apply(asked)
    assert everything(google, source) == left
    assert version(google, source) == seen


@pytest.mark.parametrize("name", OURS_TOO)
def test_a_later_write_is_taken_back(google: PersonAtGoogle, name: str) -> None:
    source = google.make(PLAIN)
    source.apply(changes(source.read()))
    asked = changes(source.read(), LATER, highlight="row")
    left, seen = _edited(google, source, OURS_TOO[name]), version(google, source)
    with pytest.raises(SourceChangedError):
        source.apply(asked)
    assert everything(google, source) == left
    assert version(google, source) == seen


@pytest.mark.parametrize("name", OURS_TOO)
def test_a_removal_is_taken_back(google: PersonAtGoogle, name: str) -> None:
    source = google.make([JOBS, NOTES])
    source.apply(changes(source.read()))
    left: list[Any] = []
    google.emulator.before_write(lambda: left.append(_edited(google, source, OURS_TOO[name])))
    try:
        source.remove()
    except SourceChangedError:
        assert everything(google, source) == left[0]
    else:
        assert name in {"a rule", "a header renamed"} or not ours_left(google, source)


def ours_left(person: PersonAtGoogle, source: Source) -> bool:
    """Whether anything of ours is in the spreadsheet."""
    return source.read().owned is not None or any(is_ours(rule) for rule in person.rules(source))


def test_the_next_run_goes_through(google: PersonAtGoogle) -> None:
    source = google.make([Grid(JOBS.name, JOBS.columns), NOTES])
    asked = changes(source.read())
    _edited(google, source, EDITS["a column inserted"])
    with pytest.raises(RestoredError):
        source.apply(asked)
    again = changes(source.read())
    assert source.apply(again).written


def test_a_formula_of_the_persons_comes_back_with_its_references(google: PersonAtGoogle) -> None:
    """A column that is pushed under our new ones holds formulas: they are put back as they would read there."""
    source = google.make([JOBS, NOTES])
    sheet = google.book(source).sheets[0].id
    formulas = [{"values": [{"userEnteredValue": {"formulaValue": f"=C{row}*2+$C$3"}}]} for row in range(3, 7)]
    start = {"sheetId": sheet, "rowIndex": 2, "columnIndex": 3}
    google.edit(source, {"updateCells": {"start": start, "rows": formulas, "fields": "userEnteredValue"}})
    asked = changes(source.read())
    _edited(google, source, EDITS["a column inserted"])
    with pytest.raises(RestoredError):
        source.apply(asked)
    cells_now = google.book(source).sheets[0].cells
    assert [cells_now[row, 4]["userEnteredValue"]["formulaValue"] for row in range(2, 6)] == [
        f"=D{row}*2+$D$3" for row in range(3, 7)
    ]


def test_dates_of_the_persons_come_back_as_dates(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    google.move_column(source, 2, 5)  # the dates stand right before where ours go
    asked = changes(source.read())
    _edited(google, source, EDITS["a column inserted first"])
    with pytest.raises(RestoredError):
        source.apply(asked)
    assert [type(source.read().grids[0].cell(row, 5)).__name__ for row in range(3, 5)] == ["date", "date"]


def test_edits_elsewhere_do_no_harm_and_are_kept(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    asked = changes(source.read())
    google.set(source, 40, 2, "a remark far below")
    assert source.apply(asked).written
    snapshot = source.read()
    assert snapshot.grids[0].cell(40, 2) == "a remark far below"
    assert ours(snapshot, "why") == list(AFTER["why"])


def test_a_sheet_that_is_deleted_meanwhile_is_a_change_and_nothing_is_written(google: PersonAtGoogle) -> None:
    source = google.make([NOTES, JOBS])
    snapshot = source.read()
    grid = snapshot.grids[1]
    asked = changes(Snapshot(snapshot.location, snapshot.version, (grid,)))
    sheet = google.book(source).sheets[1].id
    google.edit(source, {"deleteSheet": {"sheetId": sheet}})
    with pytest.raises(SourceChangedError, match="Nothing was written"):
        source.apply(asked)
    assert [cells(each) for each in source.read().grids] == [cells(NOTES)]


def test_a_sheet_that_is_renamed_meanwhile_is_a_change(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    asked = changes(source.read())
    properties = {"sheetId": google.book(source).sheets[0].id, "title": "Search"}
    rename = {"updateSheetProperties": {"properties": properties, "fields": "title"}}
    google.edit(source, rename)
    with pytest.raises(SourceChangedError):
        source.apply(asked)
    assert source.read().owned is None
    assert cells(source.read().grids[0]) == cells(JOBS)


def test_what_changed_before_the_last_read_is_refused_without_a_write(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    stale = changes(source.read())
    google.set(source, 3, 1, "Ash and Co")
    source.read()
    calls = len(google.emulator.api_calls)
    with pytest.raises(SourceChangedError):
        source.apply(stale)
    assert len(google.emulator.api_calls) == calls


def test_the_message_names_the_cells_in_which_an_edit_can_be_lost(google: PersonAtGoogle) -> None:
    source = google.make([JOBS, NOTES])
    asked = changes(source.read())
    _edited(google, source, EDITS["a cell"])
    with pytest.raises(RestoredError, match=rf"E{HEADER}:J{LAST} of sheet 'Jobs'"):
        source.apply(asked)
    assert RIGHT == 4


# What a command writes besides

HISTORY = Grid(
    "History", (("Day", "1 Nov", None), ("Firm", "Ash & Co", None)), tables=(TableArea("Log", Area(1, 1, 3, 2)),)
)
ROWS = ({1: "2 Nov", 2: "Birch"}, {1: "3 Nov", 2: "Cedar"})


@pytest.mark.parametrize("name", OURS_TOO)
def test_edits_and_appended_rows_are_taken_back_too(google: PersonAtGoogle, name: str) -> None:
    source = google.make([*PLAIN, HISTORY])
    source.apply(changes(source.read()))
    wanted = dataclasses.replace(
        changes(source.read(), LATER),
        edits=(ChangesEdit("Jobs", 5, 1, "Cedar", "Cedar Ltd"), ChangesEdit("Notes", 1, 1, "Remember", "Forget")),
        appends=(Append("History", ROWS),),
    )
    left, seen = _edited(google, source, OURS_TOO[name]), version(google, source)
    try:
        source.apply(wanted)
    except SourceChangedError:
        assert everything(google, source) == left
        assert version(google, source) == seen
    else:
        assert name == "a rule"


def test_a_row_appended_meanwhile_is_noticed_if_the_last_one_moved(google: PersonAtGoogle) -> None:
    source = google.make([*PLAIN, HISTORY])
    wanted = dataclasses.replace(changes(source.read()), appends=(Append("History", ROWS),))
    sheet = google.book(source).sheets[2].id
    span = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    google.edit(source, {"insertDimension": {"range": span, "inheritFromBefore": False}})
    left = everything(google, source)
    with pytest.raises(RestoredError, match="of sheet 'History'"):
        source.apply(wanted)
    assert everything(google, source) == left


def test_a_sheet_that_was_made_goes_again(google: PersonAtGoogle) -> None:
    source = google.make(PLAIN)
    made = Sheet("Extra", (("Day", None), ("What", None)), tab="setup")
    wanted = dataclasses.replace(changes(source.read()), new_sheets=(made,))
    left = _edited(google, source, EDITS["a sort"])
    with pytest.raises(RestoredError):
        source.apply(wanted)
    assert everything(google, source) == left


def test_marks_are_put_on_no_other_column(google: PersonAtGoogle) -> None:
    """Our columns whose marks were lost get them again; if a column moves in that moment, the marks go."""
    source = google.make(PLAIN)
    source.apply(changes(source.read()))
    google.forget_marks(source)
    asked = changes(source.read())
    left = _edited(google, source, EDITS["a column inserted"])
    with pytest.raises(RestoredError):
        source.apply(asked)
    assert everything(google, source) == left


def test_a_rule_of_the_persons_that_was_hit_comes_back(google: PersonAtGoogle) -> None:
    """Nothing but rules is written, and somebody puts one of theirs before ours."""
    source = google.make(PLAIN)
    source.apply(changes(source.read()))
    asked = changes(source.read(), highlight="none")
    left = _edited(google, source, EDITS["a rule"])
    with pytest.raises(RestoredError):
        source.apply(asked)
    assert everything(google, source) == left


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("around", ["table", "filter"])
def test_what_stands_around_is_as_wide_as_before(google: PersonAtGoogle, around: str, name: str) -> None:
    tables = (TableArea("Search", Area(2, 1, 6, 4)),) if around == "table" else ()
    source = google.make([Grid(JOBS.name, JOBS.columns, tables=tables), NOTES])
    if around == "filter":
        place = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 4}
        google.edit(source, {"setBasicFilter": {"filter": {"range": place}}})
    asked = changes(source.read())
    EDITS[name](google, source)
    left = _around(google, source)
    try:
        source.apply(asked)
    except SourceChangedError:
        assert _around(google, source) == left
    else:
        assert name == "a rule"


def _around(person: PersonAtGoogle, source: Source) -> Any:
    sheet = person.book(source).sheets[0]
    found = [*(table["range"] for table in sheet.tables), (sheet.basic_filter or {}).get("range", {})]
    cells = {place: cell["userEnteredValue"] for place, cell in sheet.cells.items() if "userEnteredValue" in cell}
    return [sorted((side, at) for side, at in one.items() if at) for one in found], cells

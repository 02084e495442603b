"""What follows when rows or columns are inserted, deleted or moved: everything, or the emulator is of no use."""

from __future__ import annotations

import pytest
from emulator.a1 import letters
from emulator.formulas import shifted
from emulator.remap import Shift, deleted, inserted, moved, remap
from emulator.state import Json, Spreadsheet, new_sheet
from hypothesis import given
from hypothesis import strategies as st

SIZE = 12


def as_list(shift: Shift) -> list[int | None]:
    """What the shift does to rows 0 to 11, told by a list: None is a new row."""
    rows: list[int | None] = list(range(SIZE))
    taken = rows[shift.start : shift.end]
    del rows[shift.start : shift.end]
    rows[shift.at : shift.at] = taken if shift.move else [None] * shift.size
    return rows


@st.composite
def shifts(draw: st.DrawFn) -> Shift:
    """An insertion, a deletion or a move within twelve rows."""
    start = draw(st.integers(0, SIZE - 2))
    end = draw(st.integers(start + 1, SIZE - 1))
    kind = draw(st.sampled_from(["insert", "delete", "move"]))
    if kind == "insert":
        return inserted("ROWS", start, end - start)
    if kind == "delete":
        return deleted("ROWS", start, end)
    outside = [place for place in range(SIZE + 1) if not start <= place <= end]
    return moved("ROWS", start, end, draw(st.sampled_from(outside)) if outside else end)


@given(shifts())
def test_a_row_goes_where_a_list_says_and_comes_back(shift: Shift) -> None:
    rows = as_list(shift)
    for index in range(SIZE):
        assert shift.index(index) == (rows.index(index) if index in rows else None)
    for new, old in enumerate(rows):
        assert shift.before(new) == old


@given(shifts(), st.integers(0, SIZE - 1), st.integers(1, SIZE))
def test_a_block_holds_what_it_held(shift: Shift, start: int, size: int) -> None:
    rows = as_list(shift)
    end = min(start + size, SIZE)
    there = sorted(rows.index(index) for index in range(start, end) if index in rows)
    pieces = {place for piece in shift.pieces(start, end) for place in range(*piece)}
    assert set(there) <= pieces
    found = shift.span(start, end)
    if there == list(range(there[0], there[-1] + 1)) if there else False:
        assert found == (there[0], there[-1] + 1)
    if not there:
        assert found is None


@pytest.mark.parametrize(
    ("shift", "before", "after"),
    [
        (inserted("COLUMNS", 1, 1), "=A1+B2*2", "=A1+C2*2"),
        (inserted("COLUMNS", 1, 2), "=SUM(A1:C1)", "=SUM(A1:E1)"),
        (inserted("COLUMNS", 3, 2), "=SUM(A1:C1)", "=SUM(A1:C1)"),
        (inserted("COLUMNS", 0, 1), '="A1 "&$B$2&"says ""B2"""', '="A1 "&$C$2&"says ""B2"""'),
        (inserted("COLUMNS", 0, 1), "=LOG10(A1)+N(B1)+TRUE+A_1", "=LOG10(B1)+N(C1)+TRUE+A_1"),
        (inserted("COLUMNS", 1, 1), "=COUNTA(A:C)&Notes!B1", "=COUNTA(A:D)&Notes!B1"),
        (inserted("ROWS", 1, 1), "=COUNTA(A:C)+SUM(2:3)", "=COUNTA(A:C)+SUM(3:4)"),
        (inserted("ROWS", 1, 1), "=SUM(A2:A)+Jobs!$A$2+'Jobs'!A3", "=SUM(A3:A)+Jobs!$A$3+'Jobs'!A4"),
        (deleted("COLUMNS", 1, 2), "=A1+B1+C1", "=A1+#REF!+B1"),
        (deleted("COLUMNS", 1, 2), "=SUM(A1:C1)&SUM(B1:B9)", "=SUM(A1:B1)&SUM(#REF!)"),
        (moved("COLUMNS", 3, 4, 0), "=D1+A1", "=A1+B1"),
        (moved("COLUMNS", 0, 1, 3), "=A1+B1+D1", "=C1+A1+D1"),
    ],
)
def test_references_follow(shift: Shift, before: str, after: str) -> None:
    book = two_sheets()
    book.sheets[0].cells[9, 9] = {"userEnteredValue": {"formulaValue": before}}
    remap(book, book.sheets[0], shift)
    [cell] = book.sheets[0].cells.values()
    assert cell["userEnteredValue"] == {"formulaValue": after}


def test_references_from_another_sheet_follow_and_its_own_do_not() -> None:
    book = two_sheets()
    book.sheets[1].cells[0, 0] = {"userEnteredValue": {"formulaValue": "=B1+Jobs!B1"}}
    remap(book, book.sheets[0], inserted("COLUMNS", 0, 1))
    assert book.sheets[1].cells[0, 0]["userEnteredValue"]["formulaValue"] == "=B1+Jobs!C1"


def two_sheets() -> Spreadsheet:
    book = Spreadsheet("x", {"title": "My search"})
    book.sheets = [new_sheet(0, "Jobs", 0, rows=20, columns=20), new_sheet(7, "Notes", 1)]
    return book


def area(top: int, bottom: int, left: int, right: int, sheet: int = 0) -> Json:
    return {
        "sheetId": sheet,
        "startRowIndex": top,
        "endRowIndex": bottom,
        "startColumnIndex": left,
        "endColumnIndex": right,
    }


def full() -> Spreadsheet:
    """A sheet with one of everything on columns E to H, rows 3 to 10."""
    book = two_sheets()
    sheet = book.sheets[0]
    block = area(2, 10, 4, 8)
    value = {"userEnteredValue": "=$F3<TODAY()"}
    sheet.cells = {(2, 5): {"userEnteredValue": {"stringValue": "here"}}}
    sheet.columns = {5: {"pixelSize": 200}}
    condition = {"condition": {"type": "CUSTOM_FORMULA", "values": [value]}, "format": {}}
    sheet.rules = [{"ranges": [block], "booleanRule": condition}]
    sheet.merges = [area(2, 3, 5, 7)]
    sheet.protected = [{"protectedRangeId": 1, "range": block}]
    sheet.banded = [{"bandedRangeId": 1, "range": block}]
    sheet.basic_filter = {"range": block, "sortSpecs": [{"dimensionIndex": 5}]}
    sheet.filter_views = [{"filterViewId": 1, "title": "v", "range": block, "criteria": {"5": {}}}]
    columns = [{"columnIndex": number, "columnName": name} for number, name in enumerate("EFGH")]
    sheet.tables = [{"tableId": "t", "name": "T", "range": block, "columnProperties": columns}]
    anchor = {"overlayPosition": {"anchorCell": {"rowIndex": 2, "columnIndex": 5}}}
    sheet.charts = [{"chartId": 1, "spec": {"sources": [block]}, "position": anchor}]
    sheet.column_groups = [{"range": {"dimension": "COLUMNS", "startIndex": 4, "endIndex": 8}, "depth": 1}]
    book.named_ranges = [{"namedRangeId": "1", "name": "n", "range": block}]
    place = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 5, "endIndex": 6}
    book.metadata = [{"metadataId": 1, "location": {"locationType": "COLUMN", "dimensionRange": place}}]
    return book


def test_everything_follows_an_inserted_column() -> None:
    book = full()
    sheet = book.sheets[0]
    remap(book, sheet, inserted("COLUMNS", 0, 1))
    block = area(2, 10, 5, 9)
    assert sheet.cells == {(2, 6): {"userEnteredValue": {"stringValue": "here"}}}
    assert sheet.columns == {6: {"pixelSize": 200}}
    assert sheet.rules[0]["ranges"] == [block]
    assert sheet.rules[0]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=$G3<TODAY()"}]
    assert sheet.merges == [area(2, 3, 6, 8)]
    assert sheet.protected[0]["range"] == sheet.banded[0]["range"] == sheet.tables[0]["range"] == block
    assert sheet.basic_filter == {"range": block, "sortSpecs": [{"dimensionIndex": 6}]}
    assert (sheet.filter_views[0]["range"], sheet.filter_views[0]["criteria"]) == (block, {"6": {}})
    assert sheet.charts[0]["spec"]["sources"] == [block]
    assert sheet.charts[0]["position"]["overlayPosition"]["anchorCell"]["columnIndex"] == 6
    assert sheet.column_groups[0]["range"]["startIndex"] == 5
    assert book.named_ranges[0]["range"] == block
    assert book.metadata[0]["location"]["dimensionRange"]["startIndex"] == 6


def test_everything_follows_a_deleted_row() -> None:
    book = full()
    sheet = book.sheets[0]
    remap(book, sheet, deleted("ROWS", 0, 1))
    block = area(1, 9, 4, 8)
    assert list(sheet.cells) == [(1, 5)]
    assert sheet.rules[0]["ranges"] == [block]
    assert sheet.rules[0]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=$F2<TODAY()"}]
    assert sheet.merges == [area(1, 2, 5, 7)]
    assert sheet.protected[0]["range"] == book.named_ranges[0]["range"] == block


def test_a_rule_stays_relative_to_its_first_cell_when_that_row_is_deleted() -> None:
    book = full()
    sheet = book.sheets[0]
    remap(book, sheet, deleted("ROWS", 2, 3))
    assert sheet.rules[0]["ranges"] == [area(2, 9, 4, 8)]
    assert sheet.rules[0]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=$F3<TODAY()"}]


def test_what_stood_on_deleted_columns_dies_with_them() -> None:
    book = full()
    sheet = book.sheets[0]
    remap(book, sheet, deleted("COLUMNS", 4, 8))
    held = (sheet.cells, sheet.columns, sheet.rules, sheet.merges, sheet.protected, sheet.banded, sheet.tables)
    assert not any(held)
    assert not (sheet.basic_filter)
    assert not (sheet.filter_views)
    assert not (sheet.column_groups)
    assert not (book.named_ranges)
    assert not (book.metadata)


def test_a_moved_column_takes_its_metadata_and_its_width_along() -> None:
    book = full()
    sheet = book.sheets[0]
    remap(book, sheet, moved("COLUMNS", 5, 6, 0))
    assert book.metadata[0]["location"]["dimensionRange"]["startIndex"] == 0
    assert sheet.columns == {0: {"pixelSize": 200}}
    assert list(sheet.cells) == [(2, 0)]


def test_a_rule_follows_a_column_that_was_moved_out_of_its_range() -> None:
    book = full()
    sheet = book.sheets[0]
    remap(book, sheet, moved("COLUMNS", 5, 6, 0))
    assert sheet.rules[0]["ranges"] == [area(2, 10, 0, 1), area(2, 10, 5, 8)]
    assert sheet.rules[0]["booleanRule"]["condition"]["values"] == [{"userEnteredValue": "=$A3<TODAY()"}]


def test_a_tables_columns_keep_their_names_when_they_change_places() -> None:
    book = full()
    remap(book, book.sheets[0], moved("COLUMNS", 7, 8, 4))
    [table] = book.sheets[0].tables
    assert [one["columnName"] for one in table["columnProperties"]] == ["H", "E", "F", "G"]
    assert table["range"] == area(2, 10, 4, 8)


def test_open_sides_stay_open() -> None:
    book = two_sheets()
    book.named_ranges = [{"namedRangeId": "1", "name": "n", "range": {"startColumnIndex": 2, "endColumnIndex": 3}}]
    remap(book, book.sheets[0], inserted("ROWS", 0, 3))
    remap(book, book.sheets[0], inserted("COLUMNS", 0, 1))
    assert book.named_ranges[0]["range"] == {"startColumnIndex": 3, "endColumnIndex": 4}


def test_another_sheet_stays_as_it_is() -> None:
    book = full()
    book.named_ranges[0]["range"]["sheetId"] = 7
    remap(book, book.sheets[0], inserted("COLUMNS", 0, 1))
    assert book.named_ranges[0]["range"] == area(2, 10, 4, 8, sheet=7)


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "expected"),
    [
        ("=A1+$B$2", 2, 1, "=B3+$B$2"),
        ("=$A1+A$1", 1, 1, "=$A2+B$1"),
        ("=A1", -1, 0, "=#REF!"),
        ('=IF(A1="A1",Notes!A1,0)', 1, 0, '=IF(A2="A1",Notes!A2,0)'),
        ("A1", 1, 1, "A1"),
    ],
)
def test_a_copied_formula_shifts_what_no_dollar_holds(formula: str, rows: int, columns: int, expected: str) -> None:
    assert shifted(formula, rows, columns) == expected


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    """A few insertions, deletions and moves of columns: kind, start, size, destination."""
    kinds = st.sampled_from(["insert", "delete", "move"])
    return draw(st.lists(st.tuples(kinds, st.integers(0, 7), st.integers(1, 3), st.integers(0, 9)), max_size=8))


@given(edits())
def test_marks_names_and_references_stay_with_their_columns(steps: list[tuple[str, int, int, int]]) -> None:
    """Each column has its letter in the first row, a mark, a name, and a formula elsewhere that refers to it."""
    book = two_sheets()
    jobs, notes = book.sheets
    for column, letter in enumerate("ABCDEFGH"):
        jobs.cells[0, column] = {"userEnteredValue": {"stringValue": letter}}
        notes.cells[column, 0] = {"userEnteredValue": {"formulaValue": f"=Jobs!{letter}1"}}
        place = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
        location = {"locationType": "COLUMN", "dimensionRange": place}
        book.metadata.append({"metadataId": column + 1, "metadataKey": letter, "location": location})
        one = {"startColumnIndex": column, "endColumnIndex": column + 1}
        book.named_ranges.append({"namedRangeId": letter, "name": letter, "range": one})
    for kind, start, size, destination in steps:
        if kind == "insert":
            remap(book, jobs, inserted("COLUMNS", start, size))
        elif kind == "delete":
            remap(book, jobs, deleted("COLUMNS", start, start + size))
        elif not start <= destination <= start + size:
            remap(book, jobs, moved("COLUMNS", start, start + size, destination))
    where = {cell["userEnteredValue"]["stringValue"]: column for (_, column), cell in jobs.cells.items()}
    marks = {one["metadataKey"]: one["location"]["dimensionRange"]["startIndex"] for one in book.metadata}
    names = {one["name"]: one["range"]["startColumnIndex"] for one in book.named_ranges}
    assert where == marks == names
    for row, letter in enumerate("ABCDEFGH"):
        expected = f"=Jobs!{letters(where[letter])}1" if letter in where else "=Jobs!#REF!"
        assert notes.cells[row, 0]["userEnteredValue"]["formulaValue"] == expected

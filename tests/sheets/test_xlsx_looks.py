"""Excel files: how our cells look, and that nobody else's look otherwise, to a program that counts styles its own way."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from contract import FIRST, JOBS, LAST, NOTES, RIGHT, changes
from excel_person import PersonAtExcel, edit_parts, parts
from lxml import etree
from openpyxl.formatting import rule as openpyxl_rules
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName

from sheetsync.errors import RefusedFileError
from sheetsync.resources import read_toml
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.xlsx import XlsxSource

_cell_is: Callable[..., Any] = openpyxl_rules.CellIsRule

LOOKS = (
    (Font(bold=True, color="FF112233"), PatternFill("solid", fgColor="FFAABBCC"), "General"),
    (Font(italic=True), PatternFill("solid", fgColor="FFDDEEFF"), "dd mmm yyyy"),
    (Font(size=14), PatternFill(), "#,##0.00"),
    (Font(name="Arial"), PatternFill("solid", fgColor="FF99FF99"), "0.0%"),
)
"""Font, fill and number format of each column of the person's."""


@pytest.fixture
def tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tracker whose columns each look otherwise, with a rule and a name of the person's."""
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    path = Path(PersonAtExcel(tmp_path).make([JOBS, NOTES]).location)
    book: Any = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        for column, (font, fill, number_format) in enumerate(LOOKS, start=1):
            sheet.column_dimensions["ABCD"[column - 1]].width = 9 + column
            for row in range(1, LAST + 1):
                cell = sheet.cell(row, column)
                cell.font, cell.fill, cell.number_format = font, fill, number_format
    rule = _cell_is("greaterThan", ["40000"], fill=PatternFill("solid", bgColor="FF010203"))
    book.worksheets[0].conditional_formatting.add(f"C{FIRST}:C{LAST}", rule)
    book.defined_names["Sought"] = DefinedName("Sought", attr_text="Jobs!$A$3")
    book.save(path)
    return path


def sync(path: Path) -> None:
    source = XlsxSource(path)
    source.apply(changes(source.read()))


def _sheet(path: Path) -> Any:
    return openpyxl.load_workbook(path).worksheets[0]


def looks_of(path: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Font, fill, number format, border and alignment of the person's cells, and their value, as openpyxl sees them."""
    return {
        (sheet.title, cell.coordinate): (
            cell.value, cell.number_format, repr(cell.font), repr(cell.fill), repr(cell.border), repr(cell.alignment),
        )
        for sheet in openpyxl.load_workbook(path).worksheets
        for row in sheet.iter_rows(max_row=LAST + 5, max_col=RIGHT)
        for cell in row
    }  # fmt: skip


def rules_of(path: Path) -> Iterator[tuple[str | None, Any]]:
    """Our key, None for a rule of the person's, and the look of each rule."""
    for block in _sheet(path).conditional_formatting:
        for rule in block.rules:
            yield is_ours(rule.formula[0]), rule.dxf


def comments_of(path: Path) -> list[Any]:
    """The comments in the parts of a workbook."""
    return [
        comment
        for name, data in parts(path).items()
        if name.endswith((".xml", ".rels"))
        for comment in etree.fromstring(data).iter(etree.Comment)
    ]


def test_each_of_our_rules_has_its_own_colours(tracker: Path) -> None:
    sync(tracker)
    wanted = read_toml("highlights.toml")
    seen = {key: (look.fill.bgColor.rgb, look.font.color.rgb) for key, look in rules_of(tracker) if key}
    assert seen == {key: (f"FF{wanted[key]['fill']}", f"FF{wanted[key]['font']}") for key in seen}
    assert len(seen) == 5


def test_a_rule_of_the_persons_keeps_its_colours(tracker: Path) -> None:
    sync(tracker)
    assert [look.fill.bgColor.rgb for key, look in rules_of(tracker) if key is None] == ["FF010203"]


def test_the_persons_cells_look_as_before(tracker: Path) -> None:
    before = looks_of(tracker)
    sync(tracker)
    assert looks_of(tracker) == before


def test_our_dates_are_shown_as_the_trackers_are(tracker: Path) -> None:
    sync(tracker)
    cells = [_sheet(tracker).cell(row, RIGHT + step) for row in range(FIRST, LAST + 1) for step in (1, 2)]
    assert {cell.number_format for cell in cells} == {"dd mmm yyyy"}
    assert all(cell.is_date for cell in cells if cell.value is not None)
    assert isinstance(cells[0].value, dt.datetime)


def test_our_comments_stand_in_no_list(tracker: Path) -> None:
    sync(tracker)
    found = comments_of(tracker)
    assert found
    assert all(comment.getparent().getparent() is None for comment in found)


def test_our_comments_stand_in_no_list_that_was_empty_before(tracker: Path) -> None:
    def emptied(data: bytes) -> bytes:
        start, end = data.index(b"<definedNames"), data.index(b"</definedNames>") + len(b"</definedNames>")
        return data[:start] + b"<definedNames />" + data[end:]

    edit_parts(tracker, {"xl/workbook.xml": emptied})
    before = parts(tracker)
    sync(tracker)
    assert all(comment.getparent().getparent() is None for comment in comments_of(tracker))
    XlsxSource(tracker).remove()
    assert parts(tracker) == before


def test_a_tracker_saved_by_a_program_that_drops_comments_is_cleaned_all_the_same(tracker: Path) -> None:
    before = looks_of(tracker)
    sync(tracker)
    openpyxl.load_workbook(tracker).save(tracker)
    XlsxSource(tracker).remove()
    assert looks_of(tracker) == before
    assert [key for key, _ in rules_of(tracker)] == [None]


def test_our_texts_are_indented_and_our_dates_stand_as_the_trackers_do(tracker: Path, tmp_path: Path) -> None:
    book: Any = openpyxl.load_workbook(tracker)
    for row in range(FIRST, LAST + 1):
        book.worksheets[0].cell(row, 2).alignment = Alignment(horizontal="center")
        book.worksheets[0].cell(row, RIGHT).alignment = Alignment(vertical="top")
    book.save(tracker)
    untouched = tmp_path / "untouched.xlsx"
    shutil.copyfile(tracker, untouched)
    sync(tracker)
    stands = [_sheet(tracker).cell(FIRST, RIGHT + step).alignment for step in range(1, 7)]
    assert [cell.horizontal for cell in stands] == ["center", "center", "left", "left", None, "left"]
    assert [cell.indent for cell in stands] == [0, 0, 1, 1, 0, 1]
    assert {cell.vertical for cell in stands} == {"top"}
    XlsxSource(tracker).remove()
    assert parts(tracker) == parts(untouched)


@pytest.mark.parametrize(
    ("number_format", "least"), [("yyyy-mm-dd", 12), ("mmmm d, yyyy", 18), ('dddd, d" of "mmmm yyyy', 27)]
)
def test_date_columns_are_as_wide_as_their_longest_date(tracker: Path, number_format: str, least: float) -> None:
    book: Any = openpyxl.load_workbook(tracker)
    for row in range(FIRST, LAST + 1):
        book.worksheets[0].cell(row, 2).number_format = number_format
        book.worksheets[0].cell(row, 2).font = Font(size=11)
    book.save(tracker)
    sync(tracker)
    widths = [_sheet(tracker).column_dimensions[letter].width for letter in "EF"]
    assert all(least <= width <= least + 6 for width in widths)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("xl/worksheets/sheet2.xml", b' s="2"', b' s="907"'),
        ("xl/styles.xml", b'fontId="1"', b'fontId="99"'),
    ],
    ids=["a cell", "a format"],
)
def test_a_workbook_whose_styles_are_not_there_is_refused(tracker: Path, name: str, old: bytes, new: bytes) -> None:
    edit_parts(tracker, {name: lambda data: data.replace(old, new, 1)})
    data = tracker.read_bytes()
    with pytest.raises(RefusedFileError, match="its cell styles are damaged: open and save it anew"):
        sync(tracker)
    assert tracker.read_bytes() == data

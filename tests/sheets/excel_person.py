"""A person at Excel: makes workbooks, and edits them so that names, formulas and saved results follow, as Excel does."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.table import Table

from sheetsync.model import Grid, Value, column_letter, column_number
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source
from sheetsync.sheets.xlsx import XlsxSource

Place = tuple[int, int]


def edit_parts(path: Path, edits: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """Change parts of a workbook; every other one keeps its bytes and all keep their order."""
    with zipfile.ZipFile(path) as package:
        parts = [(info, package.read(info)) for info in package.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for info, data in parts:
            package.writestr(info, edits[info.filename](data) if info.filename in edits else data)


def part(path: Path, name: str) -> bytes:
    """One part's bytes."""
    with zipfile.ZipFile(path) as package:
        return package.read(name)


def parts(path: Path) -> dict[str, bytes]:
    """Every part, in the order of the file."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def make_formulas(path: Path, sheet_part: str, places: Iterable[Place]) -> None:
    """Turn cells that hold numbers into formulas with those saved results, which openpyxl cannot write."""

    def edit(data: bytes) -> bytes:
        for row, column in places:
            cell = f"{column_letter(column)}{row}".encode()
            pattern = rb'(<c r="' + cell + rb'"[^>]*>)(<v>([^<]*)</v>)'
            data, count = re.subn(pattern, rb"\1<f>0+\3</f>\2", data)
            assert count == 1, cell
        return data

    edit_parts(path, {sheet_part: edit})


class PersonAtExcel:
    """Edits workbooks in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, grids: Sequence[Grid]) -> Source:
        path = self._folder / "tracker.xlsx"
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for grid in grids:
            sheet = book.create_sheet(grid.name)
            for column, values in enumerate(grid.columns, start=1):
                for row, value in enumerate(values, start=1):
                    if value is not None:
                        sheet.cell(row, column, value)
            for merge in grid.merges:
                sheet.merge_cells(
                    start_row=merge.top, start_column=merge.left, end_row=merge.bottom, end_column=merge.right
                )
            for table in grid.tables:
                corners = f"{column_letter(table.area.left)}{table.area.top}", (table.area.right, table.area.bottom)
                made = Table(displayName=table.name, ref=f"{corners[0]}:{column_letter(corners[1][0])}{corners[1][1]}")
                made.totalsRowCount = table.totals_rows or None
                sheet.add_table(made)
        book.save(path)
        for number, grid in enumerate(grids, start=1):
            places = [(row, column) for column, rows in grid.formulas.items() for row in rows]
            make_formulas(path, f"xl/worksheets/sheet{number}.xml", places)
        return XlsxSource(path)

    def set(self, source: Source, row: int, column: int, value: Value) -> None:
        def edit(sheet: Any) -> None:
            sheet.cell(row, column).value = value

        self._edit(source, edit, lambda place: place)

    def sort_rows(self, source: Source, first: int, last: int, by: int) -> None:
        order: list[int] = []

        def edit(sheet: Any) -> None:
            keys = {row: sheet.cell(row, by).value for row in range(first, last + 1)}
            order.extend(sorted(keys, key=lambda row: (keys[row] is None, keys[row] or 0)))
            width = sheet.max_column
            rows = [[(c.value, c.style_id) for c in sheet[row][:width]] for row in order]
            for row, cells in enumerate(rows, start=first):
                for cell, (value, style) in zip(sheet[row], cells, strict=False):
                    cell.value = value
                    cell._style = sheet.parent._cell_styles[style]  # noqa: SLF001 - openpyxl has no other way

        self._edit(
            source,
            edit,
            lambda place: (first + order.index(place[0]), place[1]) if place[0] in order else place,
        )

    def move_column(self, source: Source, column: int, before: int) -> None:
        def moved(place: Place) -> Place:
            columns = list(range(1, 40))
            columns.insert(before - 1 - (before > column), columns.pop(column - 1))
            return place[0], columns.index(place[1]) + 1

        self._move(source, moved)

    def insert_column(self, source: Source, before: int) -> None:
        self._move(source, lambda place: (place[0], place[1] + (place[1] >= before)))

    def delete_column(self, source: Source, column: int) -> None:
        self._move(source, lambda place: None if place[1] == column else (place[0], place[1] - (place[1] > column)))

    def forget_marks(self, source: Source) -> None:
        pattern = re.compile(rb'<definedName [^>]*name="_sheetsync[^>]*>[^<]*</definedName>')
        edit_parts(Path(source.location), {"xl/workbook.xml": lambda data: pattern.sub(b"", data)})

    def rules(self, source: Source) -> Sequence[str]:
        return rules(Path(source.location))

    def theirs(self, source: Source) -> Any:
        path = Path(source.location)
        book = _book(path)
        cells = [
            (sheet.title, cell.coordinate, cell.value, cell.number_format, cell.font.b, cell.fill.fgColor.rgb)
            for sheet in book.worksheets
            for row in sheet.iter_rows(max_col=4)
            for cell in row
        ]
        touched = {"xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"}
        others = {name: data for name, data in parts(path).items() if name not in touched}
        return cells, others, [rule for rule in rules(path) if not is_ours(rule)]

    def _move(self, source: Source, moved: Callable[[Place], Place | None]) -> None:
        def edit(sheet: Any) -> None:
            cells = {
                (cell.row, cell.column): (cell.value, cell.style_id)
                for row in sheet.iter_rows()
                for cell in row
                if cell.value is not None or cell.style_id
            }
            for row, column in cells:
                del sheet._cells[row, column]  # noqa: SLF001 - openpyxl's own moves forget styles
            for place, (value, style) in cells.items():
                target = moved(place)
                if target is not None:
                    cell = sheet.cell(*target, value)
                    cell._style = sheet.parent._cell_styles[style]  # noqa: SLF001 - as above

        self._edit(source, edit, moved)

    def _edit(self, source: Source, edit: Callable[[Any], None], moved: Callable[[Place], Place | None]) -> None:
        """Change the first sheet; its formulas and our names follow to where `moved` says."""
        path = Path(source.location)
        formulas = {
            number: [(cell.row, cell.column) for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
            for number, sheet in enumerate(_book(path).worksheets, start=1)
        }
        book: Any = openpyxl.load_workbook(path, data_only=True)
        edit(book.worksheets[0])
        for name in book.defined_names.values():
            match = re.fullmatch(r"(.+)!\$([A-Z]+)\$(\d+)", name.attr_text)
            if match and name.name.startswith("_sheetsync"):
                sheet, column, row = match.groups()
                target = moved((int(row), column_number(column)))
                name.attr_text = f"{sheet}!${column_letter(target[1])}${target[0]}" if target else f"{sheet}!#REF!"
        book.save(path)
        for number, places in formulas.items():
            follow = [moved(place) if number == 1 else place for place in places]
            make_formulas(path, f"xl/worksheets/sheet{number}.xml", [place for place in follow if place])


def _book(path: Path) -> Any:
    """A workbook by openpyxl, whose stubs know less than it does."""
    return openpyxl.load_workbook(path)


def rules(path: Path) -> list[str]:
    """The formulas of all conditional formats of the first sheet, in the order in which they win."""
    sheet = _book(path).worksheets[0]
    found = [(rule.priority, rule.formula[0]) for block in sheet.conditional_formatting for rule in block.rules]
    return [formula for _, formula in sorted(found)]

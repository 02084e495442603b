"""What commands want of one sheet outside our columns: single cells, and rows below a list. Nothing is written here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sheetsync.changes import Append
from sheetsync.changes import Edit as CellEdit
from sheetsync.errors import UnwritableFileError
from sheetsync.model import Area, Grid, Problem, Value
from sheetsync.sheets.edits import check_edits
from sheetsync.sheets.lists import Placed, place_rows
from sheetsync.sheets.ooxml.cell_job import CellEditor, CellJob
from sheetsync.sheets.ooxml.cells import Renderer
from sheetsync.sheets.ooxml.formulas import Target
from sheetsync.sheets.ooxml.markup import Edit, set_attribute
from sheetsync.sheets.ooxml.new_rows import Look, row_places, with_rows
from sheetsync.sheets.ooxml.reach import stretched, used_range
from sheetsync.sheets.ooxml.styles import Styles
from sheetsync.sheets.ooxml.table import Table, with_bottom
from sheetsync.sheets.ooxml.worksheet import Worksheet

_TRUE: Final = frozenset({"1", "true", "on"})


class ListWork:
    """The work on one sheet. Making it raises SourceChangedError or UnwritableFileError, and settles every style."""

    def __init__(
        self,
        sheet: Worksheet,
        grid: Grid,
        edits: Sequence[CellEdit],
        append: Append | None,
        *,
        tables: Sequence[Table],
        styles: Styles,
        epoch_1904: bool,
    ) -> None:
        location = sheet.package.location
        self._sheet, self._grid, self._styles = sheet, grid, styles
        self._render = Renderer(sheet.prefix, epoch_1904=epoch_1904)
        self.edits: list[Edit] = []
        """What to splice around the rows."""
        self.parts: dict[str, bytes] = {}
        """The table that grows."""
        self.filtered: str | None = None
        """What the sheet's own filter is to cover, if it grows."""
        wanted, problems = check_edits(grid, edits, location=location)
        self.problems: list[Problem] = problems
        cells: dict[int, dict[int, Value]] = {}
        for edit in wanted:
            cells.setdefault(edit.row, {})[edit.column] = edit.after
        placed = self._placed(append, location)
        if append is not None and placed is not None:
            kept = {(problem.row, problem.column) for problem in placed.problems}
            for row, values in zip(placed.rows, append.rows, strict=True):
                filled = {c: v for c, v in values.items() if v not in (None, "") and (row, c) not in kept}
                cells.setdefault(row, {}).update(filled)
        self.count = sum(map(len, cells.values()))
        self._columns = frozenset(column for values in cells.values() for column in values)
        self._table = placed.table.name if placed and placed.table else None
        body = b"".join(sheet.body()) if cells else b""
        places = {place.number: place for place in row_places(body, sheet.prefix)}
        self._look = Look(sheet.root, body, sheet.prefix, places.get(placed.like) if placed and placed.like else None)
        self._new = {row: self._row(row, values) for row, values in cells.items() if row not in places}
        self._job = CellJob(
            grid.name,
            {row: values for row, values in cells.items() if row in places},
            styles=styles,
            render=self._render,
            look=self._look.style,
        )
        for _ in self.rewritten(sheet.body() if cells else ()):
            pass  # only to let the job see which styles it needs
        if placed is not None:
            self._reach(placed, tables, sorted(self._columns))
        if cells:
            columns = self._columns or {1}
            written = Area(min(cells), min(columns), max(cells), max(columns))
            self.edits += used_range(sheet.root, sheet.skeleton, written)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.count or self.parts)

    @property
    def target(self) -> Target:
        """What formulas may read of it."""
        names = frozenset(
            str(self._grid.cell(table.area.top, column)) for table in self._grid.tables for column in self._columns
        )
        return Target(self._grid.name, self._columns, self._table, names)

    def rewritten(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """The rows with everything in them."""
        editor = CellEditor(self._sheet.prefix, self._job, neighbour=0)
        rows = iter((editor.rewrite_carefully(b"".join(body)),)) if self._sheet.careful else editor.rewrite(iter(body))
        if not self._new:
            return rows
        return iter((with_rows(b"".join(rows), self._sheet.prefix, self._new),))

    def _placed(self, append: Append | None, location: str) -> Placed | None:
        if append is None:
            return None
        protection = self._sheet.root.child("sheetProtection")
        if protection is not None and protection.attributes.get("sheet", "") in _TRUE:
            raise UnwritableFileError(
                location, f"sheet {append.sheet!r} is protected: take the protection off (Review, Unprotect Sheet)."
            )
        placed = place_rows(self._grid, append, location=location)
        self.problems += placed.problems
        return placed

    def _row(self, number: int, values: dict[int, Value]) -> bytes:
        cells = {}
        for column, value in values.items():
            style = self._look.style(column)
            style = self._styles.dated(style) if isinstance(value, dt.date) else style
            cells[column] = style, self._render(value)
        return self._look.row(number, cells)

    def _reach(self, placed: Placed, tables: Sequence[Table], columns: Sequence[int]) -> None:
        """Let the table, the filter, the rules and what may be typed reach down to the last new row."""
        sheet, bottom = self._sheet, placed.rows.stop - 1
        left, right = (columns[0], columns[-1]) if columns else (1, 1)
        ends = {placed.rows.start - 1}
        if placed.table is not None:
            area = placed.table.area
            left, right = area.left, area.right
            ends.add(area.bottom)
            if placed.bottom is not None:
                table = next(each for each in tables if each.name == placed.table.name)
                self.parts[table.part] = table.lengthened(placed.bottom)
        if placed.like is not None:
            self.edits += stretched(sheet.root, sheet.skeleton, Area(1, left, 1, right), ends, bottom)
        element, own_filter = sheet.root.child("autoFilter"), sheet.filter
        if element is not None and own_filter is not None and own_filter.bottom == placed.rows.start - 1:
            text = with_bottom(element.attributes["ref"], bottom)
            self.edits.append(set_attribute(sheet.skeleton, element, b"ref", text.encode()))
            self.filtered = re.sub(r"\$?([A-Za-z]+)\$?([0-9]+)", r"$\1$\2", text)

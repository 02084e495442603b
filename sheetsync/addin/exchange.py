"""The open workbook as a `Source`: what is to be changed is not written but answered, for the add-in to write.

The answer names every cell with what stood there, and every row by what it was known by, so that the add-in compares
before it writes and leaves alone what the person changed meanwhile. docs/addin.md has its format.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sheetsync.addin.asking import Asking
from sheetsync.addin.new_sheets import sheet_json, sheet_mark
from sheetsync.addin.opened import FORMAT, OpenBook, OpenSheet, Raw, date_kind, read_book, serial
from sheetsync.changes import Append, Changes, Only, Receipt
from sheetsync.errors import UsageError
from sheetsync.model import Area, Problem, Snapshot, Value, column_letter
from sheetsync.sheets.edits import check_edits
from sheetsync.sheets.highlights import HighlightRule, highlight_rules
from sheetsync.sheets.links import LINKED, address
from sheetsync.sheets.lists import Placed, one_a_sheet, place_rows, with_rows
from sheetsync.sheets.ooxml.date_formats import has_day_or_year, shows_day, without_time
from sheetsync.sheets.ooxml.job import KINDS
from sheetsync.sheets.ooxml.widths import OTHER_WIDTH, WIDTHS
from sheetsync.sheets.ooxml.workbook import MARK
from sheetsync.sheets.ownership import header_texts, place_new, to_add

_SHORT_DATE: Final = "dd/mm/yyyy"
"""How dates look in a tracker that shows none."""
_SAMPLED: Final = 200
"""Rows whose dates are looked at for their format."""
_YOURS: Final = "You turned this cell into a formula, so it is yours now and is left alone."
Json = dict[str, Any]


def exchanged(asking: Asking, *, as_of: dt.date | dt.datetime, options: Mapping[str, Any] | None = None) -> Json:
    """What a request with an open workbook is answered, and what is to be changed in it (`changes`, None if nothing is).

    Raises UsageError for a request that does not fit, and what the story raises.
    """
    from sheetsync.addin import answers

    source = BookSource(asking.book)
    said = answers.answer(
        asking, source, as_of=as_of, kind=source.program, title=source.location, options=options or {}
    )
    return {**said, "changes": source.changes}


class BookSource:
    """A workbook that an add-in sent, behind the `Source` protocol.

    `apply` writes nothing: what is to be written is in `changes` then, None if nothing is. Raises UsageError for a
    workbook that is not as docs/addin.md says.
    """

    def __init__(self, book: object) -> None:
        self._book: OpenBook = read_book(book)
        self.location = self._book.snapshot.location
        self.program = self._book.program
        self.changes: Json | None = None

    def read(self) -> Snapshot:
        """The workbook as it was sent."""
        return self._book.snapshot

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:  # noqa: ARG002 - Source
        """Not over an add-in. Raises UsageError."""
        raise UsageError("Close the workbook and run `sheetsync remove` on its file: an add-in takes nothing out.")

    def apply(self, changes: Changes) -> Receipt:
        """Put into `self.changes` what the add-in is to write. Raises as `Source.apply` does."""
        answer = _Answer(self._book, changes)
        self.changes = answer.json()
        written = self.changes is not None
        return Receipt(written, answer.columns, answer.changed, problems=(*changes.problems, *answer.problems))


class _Answer:
    """What the add-in is to write, for one `Changes`."""

    def __init__(self, book: OpenBook, changes: Changes) -> None:
        self._book, self._changes = book, changes
        self._location = book.snapshot.location
        self._sheet = self._open(changes.sheet)
        owned = book.snapshot.owned
        standing = dict(owned.columns) if owned is not None and owned.sheet == changes.sheet else {}
        grid = self._sheet.grid
        self._new = place_new(
            grid,
            to_add(changes.add, standing),
            standing=standing,
            right=changes.right,
            location=self._location,
            blocked=self._sheet.blocked,
        )
        self._headers = header_texts(grid, changes.header_row, tuple(self._new), changes.headers)
        self._marked_row = owned.header_row if owned is not None and standing else changes.header_row
        self.columns = {**{key: place for key, place in standing.items() if place}, **self._new}
        self.problems: list[Problem] = []
        self.changed = 0
        self._date_code = self._date_format()
        self._tables: list[Json] = []
        self._closed = self._closed_cells()
        self._cells: list[Json] = []

    def json(self) -> Json | None:
        changes = self._changes
        self._grow()
        self._own_cells()
        self._edited()
        sheets = self._appended()
        rules, names = self._rules(), self._names(sheets)
        if not (self._cells or self._new or rules is not None or names or sheets):
            return None
        rows = sorted({cell["row"] for cell in self._cells if cell["sheet"] == changes.sheet and not cell["heading"]})
        read = [column for column in changes.read_columns if column not in self.columns.values()]
        return {
            "format": FORMAT,
            "sheet": changes.sheet,
            "header_row": changes.header_row,
            "headers": [
                [column, self._sheet.raw(changes.header_row, column)]
                for column in range(1, max([changes.right, *self.columns.values()]) + 1)
            ],
            "key_columns": read,
            "id_column": self._known_id(),
            "rows": {str(row): [self._sheet.raw(row, column) for column in read] for row in rows},
            "ids": {str(row): self._sheet.raw(row, place) for row in rows} if (place := self._known_id()) else {},
            "cells": [{key: value for key, value in cell.items() if key != "heading"} for cell in self._cells],
            "columns": self._columns_to_add(),
            "tables": self._tables,
            "names": names,
            "rules": rules,
            "sheets": sheets,
            "changed_cells": self.changed,
        }

    # Our columns

    def _own_cells(self) -> None:
        changes, sheet = self._changes, self._sheet
        for key, new in self._new.items():
            self._cell(changes.sheet, changes.header_row, new, self._headers[key], must=True, heading=True)
        for cell in changes.cells():
            place = self.columns.get(cell.column)
            if place is None or (cell.row, place) in self._closed or _same_day(cell.before, cell.after):
                continue
            if cell.row in sheet.grid.formulas.get(place, ()):
                self.problems.append(Problem(changes.sheet, cell.row, place, _YOURS))
                continue
            code = ""
            if KINDS.get(cell.column) == "date" and cell.column not in self._new:
                code = "" if has_day_or_year(sheet.code(cell.row, place)) else self._date_code
            self._cell(
                changes.sheet,
                cell.row,
                place,
                cell.after,
                code=code,
                must=cell.column in ("log", "log_date", "id"),
                link=cell.column in LINKED and address(cell.after) is not None,
            )

    def _columns_to_add(self) -> list[Json]:
        changes = self._changes
        first, last = changes.first_row, max(changes.last_row, changes.first_row)
        return [
            {
                "key": key,
                "column": place,
                "like": changes.right,
                "width": WIDTHS.get(key, OTHER_WIDTH),
                "format": self._date_code if KINDS.get(key) == "date" else "",
                "dropdown": list(changes.dropdowns.get(key, ())) or None,
                "first_row": first,
                "last_row": last,
            }
            for key, place in self._new.items()
        ]

    def _date_format(self) -> str:
        """The format of the tracker's own dates, their time of day left out."""
        column = self._changes.date_like
        if column is not None:
            rows = self._changes.rows or range(self._changes.first_row, self._changes.last_row + 1)
            for row in rows[:_SAMPLED]:
                code = self._sheet.code(row, column)
                if self._sheet.raw(row, column) is not None and has_day_or_year(code):
                    short = without_time(code)
                    return short if shows_day(short) else _SHORT_DATE
        return _SHORT_DATE

    def _closed_cells(self) -> frozenset[tuple[int, int]]:
        """Cells in our columns that are no cells of ours: within merged ones, or in a table's totals."""
        found: set[tuple[int, int]] = set()
        ours = set(self.columns.values())
        for merge in self._sheet.grid.merges:
            for column in ours.intersection(range(merge.left, merge.right + 1)):
                top = merge.top + (column == merge.left)
                found.update((row, column) for row in range(top, merge.bottom + 1))
        for table in self._sheet.grid.tables:
            right = max(ours) if ours and table.area.right == self._changes.right else table.area.right
            bottom = table.area.bottom
            for column in ours.intersection(range(table.area.left, right + 1)):
                found.update((row, column) for row in range(bottom - table.totals_rows + 1, bottom + 1))
        return frozenset(found)

    def _grow(self) -> None:
        """Let the table that adjoins the new columns grow over them; one that does not is named."""
        changes = self._changes
        if not self._new:
            return
        first, last = min(self._new.values()), max(self._new.values())
        for table in self._sheet.grid.tables:
            area = table.area
            if not (area.left <= changes.right <= area.right and area.top <= changes.header_row <= area.bottom):
                continue
            if area.top == changes.header_row and area.right + 1 == first:
                grown = Area(area.top, area.left, area.bottom, last)
                self._tables.append(_resized(changes.sheet, table.name, area, grown))
            else:
                self.problems.append(
                    Problem(
                        changes.sheet, None, first,
                        f"Our columns {column_letter(first)} to {column_letter(last)} stand outside the table "
                        f"{table.name}, so sorting or filtering it does not take them along.",
                    )
                )  # fmt: skip

    def _rules(self) -> list[Json] | None:
        """The conditional formats to have; None if they stand as they should."""
        changes = self._changes
        wanted = highlight_rules(
            self.columns,
            first_row=changes.first_row,
            last_row=max(changes.last_row, changes.first_row),
            words=changes.words,
            mode=changes.highlight,
            tracker=(1, changes.right),
        )
        standing = {(_bare(rule.formula), frozenset(rule.ranges)) for rule in self._sheet.rules}
        if standing == {(_bare(rule.formula), frozenset(rule.ranges)) for rule in wanted}:
            return None
        return [_rule_json(rule) for rule in wanted]

    def _names(self, sheets: Iterable[Json]) -> list[Json]:
        """The marks to define: of our columns, where they are not marked so yet, and of the sheets to make."""
        wanted = {key: (self._changes.sheet, self._marked_row, place) for key, place in self.columns.items()}
        lacking = {key: place for key, place in wanted.items() if self._book.marks.get(key) != place}
        lacking |= {sheet["mark"]: (sheet["name"], 1, 1) for sheet in sheets}
        return [
            {"name": MARK + key, "sheet": sheet, "row": row, "column": column}
            for key, (sheet, row, column) in lacking.items()
        ]

    def _known_id(self) -> int | None:
        """The column of ours by which rows are known again, if it stands."""
        return self.columns.get("id") if "id" not in self._new else None

    # The person's records

    def _edited(self) -> None:
        by_sheet: dict[str, list[Any]] = {}
        for edit in self._changes.edits:
            by_sheet.setdefault(edit.sheet, []).append(edit)
        for name, edits in by_sheet.items():
            sheet = self._open(name)
            wanted, told = check_edits(sheet.grid, edits, location=self._location)
            self.problems += told
            for edit in wanted:
                is_day = isinstance(edit.after, dt.date) and date_kind(sheet.code(edit.row, edit.column)) is None
                code = self._date_code if is_day else ""
                self._cell(name, edit.row, edit.column, edit.after, code=code, must=True)

    def _appended(self) -> list[Json]:
        """Put the rows of lists into cells; answer the sheets to make, theirs in them."""
        changes = self._changes
        known = {name.casefold() for name in self._book.sheets}
        made = {each.name: each for each in changes.new_sheets if each.name.casefold() not in known}
        for append in one_a_sheet(changes.appends):
            if append.sheet == changes.sheet:
                raise UsageError(f"Rows cannot be appended to the tracker's own sheet {append.sheet!r}.")
            if append.sheet in made:
                made[append.sheet] = with_rows(made[append.sheet], append.rows)
            else:
                sheet = self._open(append.sheet)
                self._append(sheet, append, place_rows(sheet.grid, append, location=self._location))
        epoch = self._book.snapshot.epoch_1904
        return [{**sheet_json(sheet, epoch_1904=epoch), "mark": sheet_mark(sheet)} for sheet in made.values()]

    def _append(self, sheet: OpenSheet, append: Append, placed: Placed) -> None:
        self.problems += placed.problems
        name = sheet.grid.name
        for row, cells in zip(placed.rows, append.rows, strict=True):
            for column, value in cells.items():
                if value is None or row in sheet.grid.formulas.get(column, ()):
                    continue
                code = ""
                if isinstance(value, dt.date) and date_kind(sheet.code(row, column)) is None:
                    like = sheet.code(placed.like, column) if placed.like else ""
                    code = like if has_day_or_year(like) else self._date_code
                self._cell(name, row, column, value, code=code, must=True)
        if placed.bottom is not None and placed.table is not None:
            area = placed.table.area
            grown = Area(area.top, area.left, placed.bottom, area.right)
            self._tables.append(_resized(name, placed.table.name, area, grown))

    def _cell(
        self,
        sheet: str,
        row: int,
        column: int,
        after: Value,
        *,
        code: str = "",
        must: bool = False,
        link: bool = False,
        heading: bool = False,
    ) -> None:
        self.changed += not heading
        self._cells.append(
            {
                "sheet": sheet,
                "row": row,
                "column": column,
                "before": self._open(sheet).raw(row, column),
                "after": _raw(after, epoch_1904=self._book.snapshot.epoch_1904),
                "format": code or None,
                "must": must,
                "link": link,
                "heading": heading,
            }
        )

    def _open(self, name: str) -> OpenSheet:
        """A sheet. Raises UsageError if there is none of that name."""
        if name not in self._book.sheets:
            raise UsageError(f"{self._location} has no sheet called {name!r}.")
        return self._book.sheets[name]


def _raw(value: Value, *, epoch_1904: bool) -> Raw:
    """A value as the program takes it."""
    if isinstance(value, dt.date):
        return serial(value, epoch_1904=epoch_1904)
    if isinstance(value, dt.time):
        value = dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return value / dt.timedelta(days=1) if isinstance(value, dt.timedelta) else value


def _rule_json(rule: HighlightRule) -> Json:
    return {
        "key": rule.key,
        "formula": rule.formula,
        "fill": rule.fill,
        "font": rule.font,
        "bold": rule.bold,
        "ranges": list(rule.ranges),
    }


def _resized(sheet: str, name: str, before: Area, after: Area) -> Json:
    areas = {
        key: [area.top, area.left, area.bottom, area.right] for key, area in (("before", before), ("after", after))
    }
    return {"sheet": sheet, "name": name, **areas}


def _bare(formula: str) -> str:
    return "".join(formula.split())


def _same_day(old: Value, new: Value) -> bool:
    is_midnight = isinstance(old, dt.datetime) and old.time() == dt.time() and not isinstance(new, dt.datetime)
    return is_midnight and isinstance(new, dt.date) and old.date() == new  # type: ignore[union-attr]

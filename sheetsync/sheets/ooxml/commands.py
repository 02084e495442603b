"""What commands want of a workbook beside our columns: cells, rows, sheets, drop-downs. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from sheetsync.changes import Append, Changes
from sheetsync.changes import Edit as CellEdit
from sheetsync.errors import UsageError
from sheetsync.model import Grid, Problem, Value, column_letter
from sheetsync.sheets.lists import one_a_sheet, with_rows
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.asked import NothingAsked
from sheetsync.sheets.ooxml.formulas import is_read
from sheetsync.sheets.ooxml.grafting import Grafting
from sheetsync.sheets.ooxml.listing import ListWork
from sheetsync.sheets.ooxml.markup import Edit
from sheetsync.sheets.ooxml.new_sheet import SPARE_ROWS
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.reading import tables_of
from sheetsync.sheets.ooxml.styles import Styles
from sheetsync.sheets.ooxml.validations import columns_of, put_on, theirs
from sheetsync.sheets.ooxml.workbook import FILTER, Workbook
from sheetsync.sheets.ooxml.worksheet import Worksheet


def asks_for_dates(changes: Changes) -> bool:
    """Whether dates are to be written outside our columns."""
    values: Iterable[Value] = (
        *(edit.after for edit in changes.edits),
        *(value for append in changes.appends for row in append.rows for value in row.values()),
    )
    return bool(changes.new_sheets) or any(isinstance(value, dt.date) for value in values)


class Commands(NothingAsked):
    """The work on every sheet, and the sheets to make. Raises SourceChangedError, FileError or UsageError."""

    def __init__(
        self, package: Package, workbook: Workbook, changes: Changes, styles: Styles, *, whole: Callable[[str], Grid]
    ) -> None:
        self._package, self._workbook, self._styles, self._whole = package, workbook, styles, whole
        self._grafting: Grafting | None = None
        self._told: list[Problem] = []
        made = {sheet.name: sheet for sheet in self.grafting.missing(changes.new_sheets)} if changes.new_sheets else {}
        appends: dict[str, Append] = {}
        for append in one_a_sheet(changes.appends):
            if append.sheet == changes.sheet:
                raise UsageError(f"Rows cannot be appended to the tracker's own sheet {append.sheet!r}.")
            if append.sheet in made:
                made[append.sheet] = with_rows(made[append.sheet], append.rows)
            else:
                appends[append.sheet] = append
        self._made = list(made.values())
        edits: dict[str, list[CellEdit]] = {}
        for edit in changes.edits:
            edits.setdefault(edit.sheet, []).append(edit)
        self._works = {
            name: self._work(name, edits.get(name, []), appends.get(name)) for name in dict.fromkeys((*edits, *appends))
        }
        own = self._works.pop(changes.sheet, None)
        self.own = own if own is not None and not own.is_idle else None
        self._told += own.problems if own is not None and own.is_idle else ()

    @property
    def grafting(self) -> Grafting:
        """What makes new sheets and drop-downs."""
        if self._grafting is None:
            self._grafting = Grafting(self._package, self._workbook, self._styles, whole=self._whole)
        return self._grafting

    @property
    def count(self) -> int:
        return sum(work.count for work in self._all())

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*self._told, *(problem for work in self._all() for problem in work.problems))

    def offers(
        self, sheet: Worksheet, name: str, words: Mapping[int, tuple[str, tuple[str, ...]]], *, rows: tuple[int, int]
    ) -> list[Edit]:
        """As NothingAsked says; a column where the person has a rule of their own gets none, and a Problem says so."""
        first, last = rows[0], max(SPARE_ROWS, rows[1] + 200)
        taken = {column for area in theirs(sheet.root) if area.bottom >= first for column in columns_of(area)}
        formulas: dict[int, str] = {}
        for column, (heading, some) in words.items():
            if column not in taken:
                formulas[column] = self.grafting.offer(some, heading)
                continue
            self._told.append(
                Problem(
                    name, None, column,
                    f"Column {column_letter(column)} has a rule of yours for what may be typed there, "
                    "so it has got no drop-down: clear it (Data, Data Validation) and type the words.",
                )
            )  # fmt: skip
        at = sheet.insertion("dataValidations")
        return put_on(sheet.root, sheet.skeleton, sheet.prefix, formulas, (first, last), at=at)

    def make(self, parts: dict[str, Part], filters: dict[int, str]) -> None:
        for name, work in self._works.items():
            if work.is_idle:
                continue
            entry = self._workbook.sheet(name)
            sheet = Worksheet.of(self._package, entry.part)
            parts[entry.part] = b"".join(sheet.written(work.edits, None, work.rewritten)())
            parts.update(work.parts)
            for defined in self._workbook.names:
                if work.filtered and defined.name == FILTER and defined.scope == entry.index:
                    filters[entry.index] = f"{defined.text.rpartition('!')[0]}!{work.filtered}"
        for made in self._made:
            self.grafting.add(made)
        if self._grafting is not None:
            self._grafting.finish()

    def wire(self, parts: dict[str, Part], added: dict[str, bytes]) -> None:
        if self._grafting is not None:
            added.update(self._grafting.added)
            parts.update(self._grafting.replaced)
            self._grafting.wiring.put_into(parts)

    @property
    def entries(self) -> list[bytes]:
        return self._grafting.entries if self._grafting is not None else []

    @property
    def marks(self) -> Mapping[str, tuple[str, int, int]]:
        return self._grafting.marks if self._grafting is not None else {}

    def recalculates(self) -> bool:
        if self._grafting is not None and self._grafting.has_formulas:
            return True
        for work in self._all():
            if work.count:
                entry = self._workbook.sheet(work.target.sheet)
                sheet = Worksheet.of(self._package, entry.part)
                if is_read(self._package, self._workbook, sheet, entry, work.target):
                    return True
        return False

    def _all(self) -> list[ListWork]:
        return [*self._works.values(), *([self.own] if self.own is not None else [])]

    def _work(self, name: str, edits: list[CellEdit], append: Append | None) -> ListWork:
        grid = self._whole(name)
        part = self._workbook.sheet(name).part
        return ListWork(
            Worksheet.of(self._package, part),
            grid,
            edits,
            append,
            tables=tables_of(self._package, part),
            styles=self._styles,
            epoch_1904=self._workbook.date_1904,
        )

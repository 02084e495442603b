"""New sheets in a person's workbook: the parts to add, and what wires them in. Nothing is written here."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from typing import Final

from sheetsync.book import ListRange, Sheet
from sheetsync.errors import UnwritableFileError
from sheetsync.model import Area, Grid, Value, column_letter
from sheetsync.sheets.ooxml.looks import Looks
from sheetsync.sheets.ooxml.marks import LISTS
from sheetsync.sheets.ooxml.markup import escape
from sheetsync.sheets.ooxml.new_sheet import HEADING, SheetMaker, table_part
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.parts import Wiring, office_base, spreadsheet_namespace
from sheetsync.sheets.ooxml.reading import tables_of
from sheetsync.sheets.ooxml.styles import Styles
from sheetsync.sheets.ooxml.validations import in_line
from sheetsync.sheets.ooxml.workbook import RECORD, SHEET, Workbook, quoted

_LISTS_KEY: Final = SHEET + "sheetsync_lists"
_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TABLE_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
_DRAWING_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawing+xml"
_CHART_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_LINK: Final = '<Relationship Id="{id}" Type="{type}" Target="/{target}"/>'
_RELATIONS_TYPE: Final = "application/vnd.openxmlformats-package.relationships+xml"
_TRUE: Final = frozenset({"1", "true", "on"})


class Grafting:
    """Collects sheets and drop-downs, and makes their parts."""

    def __init__(self, package: Package, workbook: Workbook, styles: Styles, *, whole: Callable[[str], Grid]) -> None:
        """`whole` gives a sheet's grid with all its values."""
        self._package, self._workbook, self._styles = package, workbook, styles
        self._looks = Looks(styles)
        self.wiring = Wiring(package, workbook)
        self.added: dict[str, bytes] = {}
        self.replaced: dict[str, bytes] = {}
        self.entries: list[bytes] = []
        """The lines of the workbook's list of sheets."""
        self.marks: dict[str, tuple[str, int, int]] = {}
        self.has_formulas = False
        self._taken = {sheet.name.casefold() for sheet in workbook.sheets}
        self._lists_name = workbook.sheet_marks().get(_LISTS_KEY) or self._free_name(LISTS)
        self._lists: list[tuple[str, ...]] = []
        if self._lists_name.casefold() in self._taken:
            self._lists = [tuple(_texts(values)) for values in whole(self._lists_name).columns]
        self._standing_lists = len(self._lists)
        self._table_names: set[str] | None = None
        self._table_id = 0
        self._identity = max([0, *workbook.sheet_ids])

    def missing(self, sheets: Iterable[Sheet]) -> list[Sheet]:
        """Those of the sheets that are not there yet, neither by their name nor, renamed, by our mark.

        Raises UnwritableFileError if there are some and the workbook takes no new sheets.
        """
        marked = {key.partition("_")[2] for key, name in self._workbook.sheet_marks().items() if name is not None}
        found = {
            sheet.name.casefold(): sheet
            for sheet in sheets
            if sheet.name.casefold() not in self._taken and _slug(sheet.name) not in marked
        }
        if found:
            self._refuse_locked()
        return list(found.values())

    def offer(self, dropdown: tuple[str, ...] | ListRange, called: str) -> str:
        """The formula of a drop-down; words that do not fit into it go onto our own sheet of lists."""
        if isinstance(dropdown, ListRange):
            return _range(dropdown.sheet, dropdown.area)
        fitting = in_line(dropdown)
        if fitting is not None:
            return fitting
        columns = [words[1:] for words in self._lists]
        if dropdown not in columns:
            self._refuse_locked()
            self._lists.append((called or "Words", *dropdown))
            columns.append(dropdown)
        column = columns.index(dropdown) + 1
        return _range(self._lists_name, Area(2, column, len(dropdown) + 1, column))

    def add(self, sheet: Sheet) -> None:
        """Make a sheet behind the last one."""
        key = (RECORD if sheet.tab == "log" else SHEET) + _slug(sheet.name)
        self._make(sheet, key)

    def finish(self) -> None:
        """Make the sheet of lists, anew if it has got longer."""
        if len(self._lists) == self._standing_lists:
            return
        height = max(map(len, self._lists))
        columns = tuple((*words, *(None,) * (height - len(words))) for words in self._lists)
        sheet = Sheet(self._lists_name, columns, hidden=True, tab="setup")
        if self._standing_lists:
            part = self._workbook.sheet(self._lists_name).part
            self.replaced[part] = self._maker(sheet).made(**self._namespaces(), tables=())
        else:
            self._make(sheet, _LISTS_KEY)

    def _make(self, sheet: Sheet, key: str) -> None:
        folder = posixpath.dirname(self._workbook.part.replace("\\", "/").lstrip("/"))
        part = self._free_part(posixpath.join(folder, "worksheets", "sheet{}.xml"))
        tables = (*filter(None, [sheet.table]), *sheet.more_tables)
        identities = [f"rId{number}" for number in range(1, len(tables) + 1)]
        kind = office_base(self._package)
        links = ""
        for table, identity in zip(tables, identities, strict=True):
            name, number = self._table_name(table.name)
            table_at = self._free_part(posixpath.join(folder, "tables", "table{}.xml"))
            namespace = spreadsheet_namespace(self._package)
            self.added[table_at] = table_part(sheet, table, identity=number, name=name, namespace=namespace)
            self.wiring.type_of(table_at, _TABLE_TYPE)
            links += _LINK.format(id=identity, type=f"{kind}/table", target=table_at)
        drawing = f"rId{len(tables) + 1}" if sheet.charts else ""
        if drawing:
            links += _LINK.format(id=drawing, type=f"{kind}/drawing", target=self._draw(sheet, folder))
        self.added[part] = self._maker(sheet).made(**self._namespaces(), tables=identities, drawing=drawing)
        self.wiring.type_of(part, _SHEET_TYPE)
        self._relate(part, links)
        related = self.wiring.relation(f"{kind}/worksheet", "/" + part)
        self._identity += 1
        hidden = b' state="hidden"' if sheet.hidden else b""
        self.entries.append(
            b'<%bsheet xmlns:r="%b" name="%b" sheetId="%d"%b r:id="%b"/>'
            % (self._workbook.prefix, kind.encode(), escape(sheet.name), self._identity, hidden, related.encode())
        )
        self._taken.add(sheet.name.casefold())
        self.marks[key] = (sheet.name, 1, 1)
        self.has_formulas = self.has_formulas or b"<f>" in self.added[part]

    def _draw(self, sheet: Sheet, folder: str) -> str:
        """Add the parts of a sheet's charts, and answer the drawing's name."""
        from sheetsync.sheets.charts import chart_parts, strict

        kind = office_base(self._package)
        drawing, charts = chart_parts(sheet)
        if self._package.strict:
            drawing, charts = strict(drawing), tuple(map(strict, charts))
        at = self._free_part(posixpath.join(folder, "drawings", "drawing{}.xml"))
        self.added[at] = HEADING + drawing
        self.wiring.type_of(at, _DRAWING_TYPE)
        links = ""
        for number, chart in enumerate(charts, start=1):
            chart_at = self._free_part(posixpath.join(folder, "charts", "chart{}.xml"))
            self.added[chart_at] = HEADING + chart
            self.wiring.type_of(chart_at, _CHART_TYPE)
            links += _LINK.format(id=f"rId{number}", type=f"{kind}/chart", target=chart_at)
        self._relate(at, links)
        return at

    def _relate(self, part: str, links: str) -> None:
        """Add the relations of a part that is added, if it has any."""
        if not links:
            return
        at = posixpath.join(posixpath.dirname(part), "_rels", posixpath.basename(part) + ".rels")
        if self._package.content_type(at) is None:
            self.wiring.type_of(at, _RELATIONS_TYPE)
        outside = b"http://schemas.openxmlformats.org/package/2006/relationships"
        self.added[at] = HEADING + b'<Relationships xmlns="%b">%b</Relationships>' % (outside, links.encode())

    def _maker(self, sheet: Sheet) -> SheetMaker:
        return SheetMaker(sheet, self._styles, self._looks, offer=self.offer, epoch_1904=self._workbook.date_1904)

    def _namespaces(self) -> dict[str, str]:
        return {"namespace": spreadsheet_namespace(self._package), "relations": office_base(self._package)}

    def _refuse_locked(self) -> None:
        if self._workbook.is_locked:
            raise UnwritableFileError(
                self._package.location,
                "its structure is protected, so it takes no new sheet: take that off (Review, Protect Workbook).",
            )

    def _free_name(self, name: str) -> str:
        names = (name, *(f"{name} {number}" for number in range(2, 1000)))
        return next(each for each in names if each.casefold() not in self._taken)

    def _free_part(self, pattern: str) -> str:
        known = {name.casefold() for name in self.added}
        return next(
            name
            for number in range(1, 100_000)
            if self._package.part(name := pattern.format(number)) is None and name.casefold() not in known
        )

    def _table_name(self, name: str) -> tuple[str, int]:
        """A name for a table that nothing in the workbook has yet, and a number likewise."""
        if self._table_names is None:
            tables = [
                table
                for sheet in self._workbook.sheets
                if sheet.kind == "worksheet"
                for table in tables_of(self._package, sheet.part)
            ]
            self._table_names = {each.name.casefold() for each in tables}
            self._table_names |= {each.name.casefold() for each in self._workbook.names}
            self._table_id = max([0, *(each.identity for each in tables)])
        self._table_id += 1
        names = (name, *(f"{name}_{number}" for number in range(2, 1000)))
        free = next(each for each in names if each.casefold() not in self._table_names)
        self._table_names.add(free.casefold())
        return free, self._table_id


def _texts(values: Iterable[Value]) -> list[str]:
    texts = [value if isinstance(value, str) else "" for value in values]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _range(sheet: str, area: Area) -> str:
    return f"{quoted(sheet)}!${column_letter(area.left)}${area.top}:${column_letter(area.right)}${area.bottom}"


def _slug(name: str) -> str:
    """A sheet's name as a part of a defined name."""
    return re.sub(r"\W", "_", name.casefold())

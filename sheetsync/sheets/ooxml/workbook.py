"""The workbook part: its sheets, its date system, its defined names (ECMA-376 part 1, 18.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from sheetsync.errors import UnreadableFileError
from sheetsync.model import column_letter, column_number
from sheetsync.sheets.ooxml.markup import (
    Edit,
    Element,
    MarkupError,
    escape,
    note,
    notes,
    parse,
    prefix_of,
    set_attribute,
    splice,
)
from sheetsync.sheets.ooxml.package import Package

ORDER: Final = (
    "fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "functionGroups",
    "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr",
    "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip
"""The order of the workbook's children (CT_Workbook)."""
MARK: Final = "_sheetsync_"
SHEET: Final = "sheet_"
"""What the keys of marks begin with that name a sheet of ours."""
RECORD: Final = "record_"
"""The same for a sheet that we made and that holds the person's records."""
FILTER: Final = "_xlnm._FilterDatabase"

_CELL: Final = re.compile(r"^=?(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Za-z]{1,3})\$?(\d+)(?::\$?\3\$?\4)?$")
_CLOSED: Final = b"definedNames "
_TRUE: Final = frozenset({"1", "true", "on"})


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A sheet as the workbook lists it."""

    name: str
    kind: str
    """`worksheet`, `chartsheet`, `dialogsheet` or another relation's last segment."""
    part: str
    hidden: bool
    index: int
    """Its place in the list, from 0; what `localSheetId` counts."""


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A defined name."""

    name: str
    text: str
    scope: int | None
    """The index of the sheet it belongs to, None for the whole workbook."""
    element: Element


class Workbook:
    """The workbook part, parsed. Raises UnreadableFileError if it is damaged."""

    def __init__(self, package: Package) -> None:
        self.part = package.main_part
        self.data = package.read(self.part)
        try:
            self._root = parse(self.data)
        except MarkupError:
            raise UnreadableFileError(package.location, f"its part {self.part} is damaged.") from None
        if self._root.name != "workbook":
            raise UnreadableFileError(package.location, "there is no workbook in it.")
        properties = self._root.child("workbookPr")
        self.date_1904 = properties is not None and properties.attributes.get("date1904", "") in _TRUE
        self.sheets = tuple(self._sheets(package))
        self.prefix = prefix_of(self.data, self._root)
        block = self._root.child("definedNames")
        self.names = tuple(
            DefinedName(
                element.attributes.get("name", ""),
                element.text.strip(),
                int(scope) if (scope := element.attributes.get("localSheetId", "")).isdigit() else None,
                element,
            )
            for element in (block.all("definedName") if block else ())
        )

    def _sheets(self, package: Package) -> list[SheetEntry]:
        relations = {relation.id: relation for relation in package.relations(self.part)}
        block = self._root.child("sheets")
        sheets: list[SheetEntry] = []
        for index, element in enumerate(block.all("sheet") if block else ()):
            key = next((k for k in element.attributes if k.endswith("/relationships}id")), "")
            relation = relations.get(element.attributes.get(key, ""))
            known = relation is not None and not relation.external and package.part(relation.target)
            hidden = element.attributes.get("state", "visible") != "visible"
            kind, part = (relation.kind, relation.target) if relation is not None and known else ("missing", "")
            sheets.append(SheetEntry(element.attributes.get("name", ""), kind, part, hidden, index))
        return sheets

    def sheet(self, name: str) -> SheetEntry:
        """The sheet of that name. Raises KeyError if there is none."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)

    def marks(self) -> dict[str, tuple[str, int, int] | None]:
        """Our marks: key -> sheet, row, column of the header cell; None if the person deleted the column."""
        found: dict[str, tuple[str, int, int] | None] = {}
        for name in self.names:
            if name.scope is None and name.name.lower().startswith(MARK):
                key = name.name[len(MARK) :].lower()
                if key.startswith((SHEET, RECORD)):
                    continue
                place = read_cell(name.text)
                if place is not None or "#REF!" in name.text.upper():
                    found[key] = place
        return found

    def sheet_marks(self) -> dict[str, str | None]:
        """The marks of sheets of ours: key, with its `SHEET` or `RECORD`, -> the sheet; None if the person deleted it."""
        found: dict[str, str | None] = {}
        known = {sheet.name for sheet in self.sheets}
        for name in self.names:
            key = name.name[len(MARK) :].lower()
            if name.scope is None and name.name.lower().startswith(MARK) and key.startswith((SHEET, RECORD)):
                place = read_cell(name.text)
                found[key] = place[0] if place is not None and place[0] in known else None
        return found

    @property
    def sheet_ids(self) -> tuple[int, ...]:
        """The ids of the sheets (`sheetId`), in their order."""
        block = self._root.child("sheets")
        ids = [sheet.attributes.get("sheetId", "") for sheet in (block.all("sheet") if block else ())]
        return tuple(int(each) if each.isdigit() else 0 for each in ids)

    @property
    def is_locked(self) -> bool:
        """Whether the workbook's structure is protected: no sheet may come or go."""
        protection = self._root.child("workbookProtection")
        return protection is not None and protection.attributes.get("lockStructure", "") in _TRUE

    def marked_sheet(self) -> str | None:
        """The sheet that a mark of a deleted column names."""
        for name in self.names:
            if name.scope is None and name.name.lower().startswith(MARK) and "#REF!" in name.text.upper():
                sheet = name.text[: name.text.upper().index("#REF!")].removesuffix("!").strip("'").replace("''", "'")
                if sheet in {entry.name for entry in self.sheets}:
                    return sheet
        return None

    @property
    def recalculates(self) -> bool:
        """Whether every formula is worked out anew when the file is opened."""
        properties = self._root.child("calcPr")
        return properties is not None and properties.attributes.get("fullCalcOnLoad", "") in _TRUE

    def edits(
        self,
        *,
        marks: Mapping[str, tuple[str, int, int] | None],
        filters: Mapping[int, str],
        recalculate: bool,
        removing: bool = False,
        sheets: Sequence[bytes] = (),
        gone: AbstractSet[int] = frozenset(),
    ) -> list[Edit]:
        """What to splice so that our marks are these, filter names cover these areas, formulas are worked out anew.

        `marks` maps a key to its header cell, None takes the mark out; `filters` a sheet's index to a reference.
        Nothing is edited that stands so already. `sheets` are the lines of new sheets, to stand last, `gone` the
        places of those that go. `removing`: formulas that were to be worked out anew because of us, and
        were not yet, still show what is right without us.
        """
        prefix = self.prefix
        edits = [
            (name.element.inner, name.element.inner_end, escape(filters[name.scope]))
            for name in self.names
            if name.name == FILTER and name.scope is not None and filters.get(name.scope, name.text) != name.text
        ]
        edits += self._marked(marks, prefix, gone)
        edits += self._without_sheets(gone)
        block = self._root.child("sheets")
        if sheets and block is not None:
            edits.append((block.inner_end, block.inner_end, b"".join(sheets)))
        trusted = self._trusted() if removing else None
        if trusted is not None:
            edits.extend(trusted)
        elif recalculate:
            edits.extend(self._recalculate(prefix))
        return edits

    def _without_sheets(self, gone: AbstractSet[int]) -> list[Edit]:
        """Take sheets out of the list; what counts its places counts them anew."""
        block = self._root.child("sheets")
        if not gone or block is None:
            return []
        listed = block.all("sheet")
        edits: list[Edit] = [(listed[index].start, listed[index].end, b"") for index in gone]
        places = {old: old - sum(index < old for index in gone) for old in range(len(listed)) if old not in gone}
        for name in self.names:
            new = places.get(name.scope) if name.scope is not None else None
            if new is not None and new != name.scope:
                edits.append(set_attribute(self.data, name.element, b"localSheetId", b"%d" % new))
        views = self._root.child("bookViews")
        for view in views.all("workbookView") if views else ():
            for attribute in ("activeTab", "firstSheet"):
                value = view.attributes.get(attribute, "")
                old = int(value) if value.isdigit() else 0
                new = places.get(old, min(old, len(places) - 1))
                if value and new != old < len(listed):
                    edits.append(set_attribute(self.data, view, attribute.encode(), b"%d" % new))
        return edits

    def _marked(
        self, marks: Mapping[str, tuple[str, int, int] | None], prefix: bytes, gone: AbstractSet[int]
    ) -> list[Edit]:
        edits: list[Edit] = []
        block = self._root.child("definedNames")
        waiting = {MARK + key: place for key, place in marks.items()}
        dropped = [name.element for name in self.names if name.scope in gone]
        for name in self.names:
            if name.scope is not None or name.name.lower() not in waiting:
                continue
            place = waiting.pop(name.name.lower())
            if place is None:
                dropped.append(name.element)
            elif read_cell(name.text) != place:
                edits.append((name.element.inner, name.element.inner_end, _reference(place)))
        made = b"".join(
            b'<%bdefinedName name="%b" hidden="1">%b</%bdefinedName>'
            % (prefix, name.encode(), _reference(place), prefix)
            for name, place in waiting.items()
            if place is not None
        )
        if block is not None and dropped and len(dropped) == len(block.children) and not made:
            return [self._emptied(block)]
        edits.extend((element.start, element.end, b"") for element in dropped)
        if made and block is not None and not block.closed:
            edits.append((block.inner_end, block.inner_end, made))
        elif made:
            at = (block.start, block.end) if block is not None else (self._place("definedNames"),) * 2
            stood = note(_CLOSED + self.data[block.start : block.end]) if block is not None else b""
            edits.append((*at, b"%b<%bdefinedNames>%b</%bdefinedNames>" % (stood, prefix, made, prefix)))
        return edits

    def _emptied(self, block: Element) -> Edit:
        """The names' block as it was before our names came."""
        for start, end, text in notes(self.data):
            if end == block.start and text.startswith(_CLOSED):
                return start, block.end, text.removeprefix(_CLOSED)
        return block.start, block.end, b""

    def edited(self, edits: list[Edit]) -> bytes:
        """The part's bytes with `edits` made."""
        return splice(self.data, edits)

    def _recalculate(self, prefix: bytes) -> list[Edit]:
        properties = self._root.child("calcPr")
        if properties is None:
            at = self._place("calcPr")
            return [(at, at, note(b"calcPr") + b'<%bcalcPr fullCalcOnLoad="1"/>' % prefix)]
        if self.recalculates:
            return []
        old = self.data[properties.start : properties.end]
        noted = (properties.start, properties.start, note(b"calcPr " + old))
        return [noted, set_attribute(self.data, properties, b"fullCalcOnLoad", b"1")]

    def _trusted(self) -> list[Edit] | None:
        """What to splice so that formulas are not worked out anew, if that was our wish and nobody has done it yet."""
        properties = self._root.child("calcPr")
        for start, end, text in notes(self.data):
            name, _, old = text.partition(b" ")
            if name == b"calcPr" and properties is not None and properties.start == end:
                return [(start, properties.end, old)]
        return None

    def _place(self, name: str) -> int:
        """Where a child of that name would stand."""
        return place_of(self._root, name, ORDER)


def place_of(root: Element, name: str, order: tuple[str, ...]) -> int:
    """Where a new child would stand so that `root`'s children keep the schema's order.

    After the last child that must come before it; unknown children stay where they are.
    """
    before = set(order[: order.index(name)])
    at = root.inner
    for child in root.children:
        if child.name in before:
            at = child.end
    return at


def read_cell(text: str) -> tuple[str, int, int] | None:
    """Sheet, row and column of a reference to one cell; None if it is none."""
    match = _CELL.match(text.strip())
    if match is None:
        return None
    sheet = match[1].replace("''", "'") if match[1] else match[2]
    return sheet, int(match[4]), column_number(match[3])


def quoted(sheet: str) -> str:
    """A sheet's name as formulas name it."""
    return "'" + sheet.replace("'", "''") + "'"


def _reference(place: tuple[str, int, int]) -> bytes:
    sheet, row, column = place
    return escape(f"{quoted(sheet)}!${column_letter(column)}${row}")

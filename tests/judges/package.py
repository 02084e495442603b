"""A workbook's zip as it lies on the disk: members in order with their compressed bytes, and the parts by their role."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml.etree import _Element as Element

MAIN: Final = frozenset(
    {"http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"}
)
RELATIONSHIPS: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "http://purl.oclc.org/ooxml/officeDocument/relationships",
    }
)
X14: Final = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
COMPATIBILITY: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"
Tree = tuple[str, tuple[tuple[str, str], ...], tuple[object, ...]]
LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
_STORED_HEADER: Final = struct.Struct("<4s5H3I2H")
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})\Z")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the zip, `raw` being its bytes as compressed in the file."""

    name: str
    raw: bytes
    method: int
    crc: int
    size: int

    @property
    def content(self) -> bytes:
        """Its bytes inflated. Raises zlib.error for damaged ones."""
        return zlib.decompress(self.raw, -15) if self.method == zipfile.ZIP_DEFLATED else self.raw


@dataclass(frozen=True, slots=True)
class Relationship:
    """One line of a .rels part; `target` is a part's name, or an address where `external`."""

    id: str
    type: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workbook; `part` is "" where its relationship leads nowhere."""

    name: str
    sheet_id: str
    part: str


class Package:
    """One .xlsx or .xlsm, read whole. Raises zipfile.BadZipFile, or KeyError where it is no workbook."""

    def __init__(self, path: Path) -> None:
        self.path = path
        data = path.read_bytes()
        with zipfile.ZipFile(BytesIO(data)) as archive:
            self.members = tuple(_member(data, info) for info in archive.infolist())
        self._parts = {_normal(member.name): member for member in self.members}
        self._roots: dict[str, Element] = {}

    def has(self, part: str) -> bool:
        """Whether there is such a part; names ignore case, as in ECMA-376 part 2, 6.2.2."""
        return _normal(part) in self._parts

    def content(self, part: str) -> bytes:
        """A part's bytes. Raises KeyError if there is none."""
        return self._parts[_normal(part)].content

    def root(self, part: str) -> Element:
        """A part's root element, parsed once. Raises KeyError, or etree.XMLSyntaxError."""
        key = _normal(part)
        if key not in self._roots:
            self._roots[key] = etree.fromstring(self.content(part), parser=_parser())
        return self._roots[key]

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part ("" is the package) by id; the last one wins where an id stands twice."""
        folder, _, base = part.rpartition("/")
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        if not self.has(name):
            return {}
        found: dict[str, Relationship] = {}
        for element in self.root(name).iterchildren("{*}Relationship"):
            external = element.get("TargetMode") == "External"
            target = element.get("Target", "")
            found[element.get("Id", "")] = Relationship(
                element.get("Id", ""),
                element.get("Type", "").rpartition("/")[2],
                target if external else _resolve(folder, target, self),
                external,
            )
        return found

    @cached_property
    def workbook(self) -> str:
        """The name of the workbook part. Raises KeyError if there is none."""
        for relationship in self.relationships("").values():
            if relationship.type == "officeDocument" and self.has(relationship.target):
                return relationship.target
        raise KeyError("workbook")

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Every sheet in the workbook's order, chart sheets included."""
        links = self.relationships(self.workbook)
        return tuple(
            Sheet(
                element.get("name", ""),
                element.get("sheetId", ""),
                links[link].target if (link := relation_id(element)) in links else "",
            )
            for element in descend(self.root(self.workbook), "sheets", "sheet")
        )

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name. Raises KeyError if there is none."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)

    @cached_property
    def worksheets(self) -> tuple[Sheet, ...]:
        """The sheets that hold cells."""
        return tuple(
            sheet
            for sheet in self.sheets
            if self.has(sheet.part) and is_main(root := self.root(sheet.part)) and local(root) == "worksheet"
        )

    def related(self, part: str, kind: str) -> tuple[str, ...]:
        """The existing parts a part relates to with that kind of relationship, such as "table"."""
        return tuple(
            link.target
            for link in self.relationships(part).values()
            if link.type == kind and not link.external and self.has(link.target)
        )

    @property
    def styles(self) -> str | None:
        """The name of the styles part."""
        return next(iter(self.related(self.workbook, "styles")), None)

    @property
    def shared_strings(self) -> str | None:
        """The name of the shared strings part."""
        return next(iter(self.related(self.workbook, "sharedStrings")), None)

    @property
    def calculation_chain(self) -> str | None:
        """The name of the calcChain part."""
        return next(iter(self.related(self.workbook, "calcChain")), None)

    def tables(self, sheet: Sheet) -> tuple[str, ...]:
        """The names of a sheet's table parts."""
        return self.related(sheet.part, "table")

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, Element]]:
        """A sheet's rows as they come, each with its number; a row without one follows the row before it."""
        previous = 0
        for event, element in etree.iterparse(
            BytesIO(self.content(sheet.part)), tag="{*}row", resolve_entities=False, huge_tree=True
        ):
            if event != "end" or not is_main(element):
                continue
            stated = element.get("r", "")
            previous = int(stated) if stated.isdigit() else previous + 1
            yield previous, element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


def cells(row: Element) -> Iterator[tuple[int, Element]]:
    """A row's cells as they come, each with its column; a cell without a reference follows the cell before it."""
    previous = 0
    for cell in row.iterchildren("{*}c"):
        place = read_reference(cell.get("r", ""))
        previous = place[1] if place else previous + 1
        yield previous, cell


def is_main(element: Element) -> bool:
    """Whether an element is SpreadsheetML's own, in the transitional or the strict namespace."""
    return isinstance(element.tag, str) and element.tag.rpartition("}")[0][1:] in MAIN


def local(element: Element) -> str:
    """An element's name without its namespace; "" for a comment or a processing instruction."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Element, name: str) -> list[Element]:
    """The children of that local name in SpreadsheetML's own namespace."""
    return [child for child in element.iterchildren(f"{{*}}{name}") if is_main(child)]


def inside(element: Element) -> list[Element]:
    """An element's children, comments and processing instructions left out."""
    return [part for part in element if _is_element(part)]


def child(element: Element, name: str) -> Element | None:
    """The first such child."""
    return next(iter(children(element, name)), None)


def descend(element: Element, *names: str) -> list[Element]:
    """The elements at the end of a path of local names."""
    found = [element]
    for name in names:
        found = [inner for outer in found for inner in children(outer, name)]
    return found


def entries(element: Element, name: str) -> list[Element]:
    """The entries of a list such as cellXfs, in the order that indices count.

    Of a markup-compatibility choice only the first branch counts (ECMA-376 part 3, 7.6).
    """
    found: list[Element] = []
    for inner in element.iterchildren():
        if is_main(inner) and local(inner) == name:
            found.append(inner)
        elif inner.tag == f"{{{COMPATIBILITY}}}AlternateContent":
            branch = next(inner.iterchildren(f"{{{COMPATIBILITY}}}Choice", f"{{{COMPATIBILITY}}}Fallback"), None)
            found.extend(children(branch, name) if branch is not None else [])
    return found


def relation_id(element: Element) -> str:
    """An element's r:id; "" if it has none."""
    return next((element.get(f"{{{space}}}id", "") for space in RELATIONSHIPS if element.get(f"{{{space}}}id")), "")


def read_reference(text: str) -> tuple[int, int] | None:
    """A cell's (row, column) from `K5` or `$K$5`; None for anything else, or off the sheet."""
    match = _REFERENCE.match(text)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row, column) if row <= LAST_ROW and column <= LAST_COLUMN else None


def read_range(text: str) -> tuple[int, int, int, int] | None:
    """(top, left, bottom, right) of `A1:C3`, `A1`, `A:C` or `2:5`; None for anything else, or ends the wrong way round."""
    first, _, last = text.replace("$", "").partition(":")
    last = last or first
    if first.isdigit() and last.isdigit():
        first, last = f"A{first}", f"XFD{last}"
    elif first.isalpha() and last.isalpha() and ":" in text:
        first, last = f"{first}1", f"{last}{LAST_ROW}"
    start, end = read_reference(first), read_reference(last)
    if not start or not end or start[0] > end[0] or start[1] > end[1]:
        return None
    return (*start, *end)


def letters(column: int) -> str:
    """A column's letters: 1 is A."""
    name = ""
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name


def canonical(element: Element, *, without: tuple[str, ...] = ()) -> Tree:
    """What an element says, however it is written: comments, prefixes, order of attributes, its tail do not count.

    The attributes named are left out of the element itself.
    """
    attributes = sorted((str(name), str(value)) for name, value in element.attrib.items() if name not in without)
    content: list[object] = [element.text or ""]
    for part in element:
        if _is_element(part):
            content += (canonical(part), part.tail or "")
        else:
            content[-1] = f"{content[-1]}{part.tail or ''}"
    return str(element.tag), tuple(attributes), tuple(content)


def _is_element(part: Element) -> bool:
    return isinstance(part.tag, str)


def too_late(names: list[str], order: tuple[str, ...]) -> list[str]:
    """The names that stand after one they should precede; names that `order` does not know are passed over."""
    places = [(order.index(name), name) for name in names if name in order]
    return [name for (left, _), (right, name) in pairwise(places) if right < left]


def _member(data: bytes, info: zipfile.ZipInfo) -> Member:
    start = info.header_offset
    header = _STORED_HEADER.unpack_from(data, start)
    begin = start + _STORED_HEADER.size + header[9] + header[10]
    return Member(info.filename, data[begin : begin + info.compress_size], info.compress_type, info.CRC, info.file_size)


def _normal(part: str) -> str:
    return part.replace("\\", "/").lstrip("/").lower()


def _resolve(folder: str, target: str, package: Package) -> str:
    target = target.replace("\\", "/")
    joined = target if target.startswith("/") else posixpath.join("/", folder, target)
    plain = posixpath.normpath(joined).lstrip("/")
    return plain if package.has(plain) else unquote(plain)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)

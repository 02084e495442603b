"""Links in a column of ours: a text that is an address opens on a click (ECMA-376 part 1, 18.3.1.47)."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from sheetsync.errors import UnreadableFileError
from sheetsync.model import Value, column_letter
from sheetsync.sheets.links import address
from sheetsync.sheets.ooxml.markup import Edit, Element, MarkupError, escape, note, notes, parse, prefix_of, splice
from sheetsync.sheets.ooxml.parts import office_base
from sheetsync.sheets.ooxml.table import read_area
from sheetsync.sheets.ooxml.worksheet import Worksheet

_BLOCK: Final = "hyperlinks"
_NOTE: Final = _BLOCK.encode()
_MADE: Final = note(b"made")
_OUTSIDE: Final = b"http://schemas.openxmlformats.org/package/2006/relationships"


@dataclass(slots=True)
class LinkEdits:
    """What to splice into a sheet, and its relations as they are to be."""

    edits: list[Edit] = field(default_factory=list)
    relations: str = ""
    """The part of the sheet's relations."""
    data: bytes | None = None
    """Its bytes; None if it stays, or goes."""
    is_new: bool = False
    goes: bool = False


def relinked(sheet: Worksheet, column: int, wanted: Mapping[int, Value]) -> LinkEdits:
    """Make the links of a column what its new texts (row -> text) say; links in other rows stay."""
    standing = {
        area.top: element
        for element in _links(sheet)
        if (area := read_area(element.attributes.get("ref", ""))) and area.left == area.right == column
    }
    targets = {relation.id: relation.target for relation in sheet.package.relations(sheet.part)}
    held = {row: targets.get(_identity(element)) for row, element in standing.items()}
    new = {row: link for row, text in wanted.items() if (link := address(text)) and held.get(row) != link}
    old = [element for row, element in standing.items() if row in wanted and (row in new or not address(wanted[row]))]
    return _changed(sheet, old, {f"{column_letter(column)}{row}": link for row, link in new.items()})


def unlinked(sheet: Worksheet, columns: Collection[int]) -> LinkEdits:
    """Take the links that stand in these columns alone out again."""
    areas = [(element, read_area(element.attributes.get("ref", ""))) for element in _links(sheet)]
    gone = [
        element
        for element, area in areas
        if area is not None and area.right - area.left < 100 and {*range(area.left, area.right + 1)} <= set(columns)
    ]
    part = sheet.package.relations_part(sheet.part)
    if not gone and part and _MADE in sheet.package.read(part) and not sheet.package.relations(sheet.part):
        return LinkEdits(relations=part, goes=True)
    return _changed(sheet, gone, {}, leaving=True)


def _changed(sheet: Worksheet, old: list[Element], new: Mapping[str, str], *, leaving: bool = False) -> LinkEdits:
    if not old and not new:
        return LinkEdits()
    package = sheet.package
    known = {relation.id for relation in package.relations(sheet.part)}
    numbers = (number for number in range(1, 2_000_000) if f"rIdSheetsync{number}" not in known)
    ids = {place: f"rIdSheetsync{next(numbers)}" for place in new}
    kind = office_base(package)
    made = b"".join(
        b'<%bhyperlink xmlns:r="%b" ref="%b" r:id="%b"/>' % (sheet.prefix, kind.encode(), p.encode(), i.encode())
        for p, i in ids.items()
    )
    related = b"".join(
        b'Relationship Id="%b" Type="%b/hyperlink" Target="%b" TargetMode="External"'
        % (identity.encode(), kind.encode(), escape(new[place]))
        + b"/>\0"
        for place, identity in ids.items()
    )
    result = LinkEdits(_spliced(sheet, old, made))
    _relate(sheet, result, {_identity(element) for element in old}, related.split(b"\0")[:-1], leaving=leaving)
    return result


def _spliced(sheet: Worksheet, old: list[Element], made: bytes) -> list[Edit]:
    block = sheet.root.child(_BLOCK)
    name = sheet.prefix + _NOTE
    if block is None:
        at = sheet.insertion(_BLOCK)
        return [(at, at, note(_NOTE) + b"<%b>%b</%b>" % (name, made, name))]
    if len(old) == len(block.children) and not made:
        start = next(
            (start for start, end, text in notes(sheet.skeleton) if end == block.start and text == _NOTE), None
        )
        return [(block.start if start is None else start, block.end, b"")]
    edits: list[Edit] = [(element.start, element.end, b"") for element in old]
    return [*edits, (block.inner_end, block.inner_end, made)]


def _relate(sheet: Worksheet, result: LinkEdits, gone: set[str], new: list[bytes], *, leaving: bool) -> None:
    package = sheet.package
    part = package.relations_part(sheet.part)
    if part is None:
        folder, name = posixpath.split(sheet.part.replace("\\", "/").lstrip("/"))
        result.relations, result.is_new = posixpath.join(folder, "_rels", name + ".rels"), True
        inner = b"".join(b"<" + each for each in new)
        result.data = b'<?xml version="1.0" encoding="UTF-8"?>\n%b<Relationships xmlns="%b">%b</Relationships>' % (
            _MADE, _OUTSIDE, inner,
        )  # fmt: skip
        return
    result.relations, data = part, package.read(part)
    try:
        root = parse(data)
    except MarkupError:
        raise UnreadableFileError(package.location, f"its part {part} is damaged.") from None
    dropped = [child for child in root.children if child.attributes.get("Id") in gone]
    if leaving and len(dropped) == len(root.children) and _MADE in data:
        result.goes = True
        return
    prefix = prefix_of(data, root)
    edits: list[Edit] = [(child.start, child.end, b"") for child in dropped]
    edits.append((root.inner_end, root.inner_end, b"".join(b"<" + prefix + each for each in new)))
    result.data = splice(data, edits)


def _links(sheet: Worksheet) -> list[Element]:
    block = sheet.root.child(_BLOCK)
    return block.all("hyperlink") if block is not None else []


def _identity(element: Element) -> str:
    return next((value for name, value in element.attributes.items() if name.endswith("/relationships}id")), "")

"""How far things of a sheet reach down: they follow when a list gets longer (ECMA-376 part 1, 18.3.1.35, 18.3.1.18)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from sheetsync.model import Area, column_letter
from sheetsync.sheets.ooxml.markup import Edit, Element, escape, set_attribute
from sheetsync.sheets.ooxml.table import read_area, with_bottom


def stretched(root: Element, skeleton: bytes, columns: Area, ends: AbstractSet[int], bottom: int) -> list[Edit]:
    """Let what may be typed and what is coloured reach down to `bottom`, where it ended with the list.

    `columns` are the list's (its rows do not count), `ends` the rows in which the list ended.
    """

    def longer(text: str) -> str:
        return " ".join(_longer(piece, columns, ends, bottom) for piece in text.split())

    edits: list[Edit] = []
    for element in _ranged(root):
        old = element.attributes.get("sqref")
        if old is not None:
            if (new := longer(old)) != " ".join(old.split()):
                edits.append(set_attribute(skeleton, element, b"sqref", escape(new)))
        elif element.name.endswith("}sqref") and (new := longer(element.text)) != " ".join(element.text.split()):
            edits.append((element.inner, element.inner_end, escape(new)))
    return edits


def used_range(root: Element, skeleton: bytes, written: Area) -> list[Edit]:
    """Let the used range, where the sheet tells it, take in what is written."""
    element = root.child("dimension")
    area = read_area(element.attributes.get("ref", "")) if element is not None else None
    if element is None or area is None:
        return []
    whole = Area(
        min(area.top, written.top),
        min(area.left, written.left),
        max(area.bottom, written.bottom),
        max(area.right, written.right),
    )
    if whole == area:
        return []
    text = f"{column_letter(whole.left)}{whole.top}:{column_letter(whole.right)}{whole.bottom}"
    return [set_attribute(skeleton, element, b"ref", text.encode())]


def _ranged(root: Element) -> Iterator[Element]:
    for element in root.walk():
        name = element.name.rpartition("}")[2]
        if name in ("dataValidation", "conditionalFormatting", "sqref"):
            yield element


def _longer(piece: str, columns: Area, ends: AbstractSet[int], bottom: int) -> str:
    area = read_area(piece)
    if area is None or area.bottom not in ends or area.bottom >= bottom:
        return piece
    if area.right < columns.left or area.left > columns.right:
        return piece
    return with_bottom(piece, bottom)

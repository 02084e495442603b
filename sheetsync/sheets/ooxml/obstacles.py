"""What lies on a sheet without standing in its cells, and so blocks columns: drawings and pivot tables."""

from __future__ import annotations

from sheetsync.model import Area
from sheetsync.sheets.ooxml.markup import Element, MarkupError, parse
from sheetsync.sheets.ooxml.table import read_area
from sheetsync.sheets.ooxml.worksheet import Worksheet


def anchors(sheet: Worksheet) -> list[Area]:
    """Where drawings, pictures, charts, slicers and controls lie."""
    roots = [sheet.root]
    for relation in sheet.package.relations(sheet.part):
        if relation.kind == "drawing" and not relation.external and sheet.package.part(relation.target):
            try:
                roots.append(parse(sheet.package.read(relation.target)))
            except MarkupError:
                continue  # nobody can see a drawing that cannot be parsed
    areas = []
    for root in roots:
        for element in root.walk():
            area = _anchor(element)
            if area is not None:
                areas.append(area)
    return areas


def pivots(sheet: Worksheet) -> list[Area]:
    """Where pivot tables stand."""
    areas = []
    for relation in sheet.package.relations(sheet.part):
        if relation.kind == "pivotTable" and sheet.package.part(relation.target):
            try:
                root = parse(sheet.package.read(relation.target))
            except MarkupError:
                continue
            location = root.child("location")
            area = read_area(location.attributes.get("ref", "")) if location else None
            if area is not None:
                areas.append(area)
    return areas


def _anchor(element: Element) -> Area | None:
    """The cells an anchor spans: `<from>` to `<to>`, or, with a size in EMU, as far as columns of usual width go."""
    corners: dict[str, tuple[int, int]] = {}
    extent = 0
    for child in element.children:
        name = child.name.rpartition("}")[2]
        if name in ("from", "to"):
            numbers = {part.name.rpartition("}")[2]: part.text.strip() for part in child.children}
            if numbers.get("col", "").isdigit() and numbers.get("row", "").isdigit():
                corners[name] = int(numbers["row"]) + 1, int(numbers["col"]) + 1
        elif name == "ext" and child.attributes.get("cx", "").isdigit():
            extent = int(child.attributes["cx"])
    if "from" not in corners:
        return None
    top, left = corners["from"]
    bottom, right = corners.get("to", (top, left + extent // 609_600))
    return Area(top, left, max(bottom, top), max(right, left))

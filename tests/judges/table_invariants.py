"""What must hold for the tables of a workbook: among themselves, and against the cells they lie on."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from judges.formulas import formula_flaws
from judges.package import Package, Sheet, cells, child, children, descend, letters, local, read_range
from judges.sheet_invariants import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from judges.package import Relationship

_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_STYLES: Final = ("headerRowDxfId", "dataDxfId", "totalsRowDxfId", "headerRowBorderDxfId", "tableBorderDxfId")


def table_violations(package: Package, *, dxfs: int) -> Iterator[str]:
    """Everything wrong with the workbook's tables."""
    ids: Counter[str] = Counter()
    names: Counter[str] = Counter(
        element.get("name", "").lower() for element in descend(package.root(package.workbook), "definedNames", "definedName")
        if not element.get("localSheetId")
    )  # fmt: skip
    for sheet in package.worksheets:
        roots = [package.root(part) for part in package.tables(sheet)]
        for root in roots:
            ids[root.get("id", "")] += 1
            names[root.get("displayName", "").lower()] += 1
            name = root.get("displayName", "")
            yield from (f"table {name}: {flaw}" for flaw in _table(root, dxfs))
        yield from _places(package, sheet, roots)
        yield from _headers(package, sheet, roots)
        yield from _parts(package, sheet)
    yield from (f"table id {name} stands {count} times" for name, count in ids.items() if count > 1)
    yield from (f"table name {name} stands {count} times" for name, count in names.items() if count > 1)


def _table(root: Element, dxfs: int) -> Iterator[str]:
    area = read_range(root.get("ref", ""))
    if not area:
        yield "its ref is no range"
        return
    lists = children(root, "tableColumns")
    columns = descend(root, "tableColumns", "tableColumn")
    if lists and lists[0].get("count") not in (None, str(len(columns))):
        yield "tableColumns count is wrong"
    if len(columns) != area[3] - area[1] + 1:
        yield "it has not as many columns as its ref"
    for attribute in ("id", "name"):
        found = Counter(column.get(attribute, "").lower() for column in columns)
        yield from (f"column {attribute} {name} stands {count} times" for name, count in found.items() if count > 1)
    for element in (root, *columns):
        for attribute in _STYLES:
            index = element.get(attribute)
            if index is not None and not (index.isdigit() and int(index) < dxfs):
                yield f"{attribute} {index} is past the end"
    yield from (
        f"its formula: {flaw}"
        for column in columns
        for name in ("calculatedColumnFormula", "totalsRowFormula")
        for formula in children(column, name)
        for flaw in formula_flaws(formula.text or "")
    )
    yield from _filter(root, area)


def _filter(root: Element, area: tuple[int, int, int, int]) -> Iterator[str]:
    element = child(root, "autoFilter")
    if element is None:
        return
    totals = int(root.get("totalsRowCount", "0"))
    if read_range(element.get("ref", "")) != (area[0], area[1], area[2] - totals, area[3]):
        yield "its autoFilter disagrees with its ref"


def _places(package: Package, sheet: Sheet, roots: list[Element]) -> Iterator[str]:
    root = package.root(sheet.part)
    areas = [(table.get("displayName", ""), read_range(table.get("ref", ""))) for table in roots]
    others = [("a merge", read_range(merge.get("ref", ""))) for merge in descend(root, "mergeCells", "mergeCell")]
    others += [("the autofilter", read_range(found.get("ref", ""))) for found in children(root, "autoFilter")]
    for index, (name, area) in enumerate(areas):
        for other, place in (*areas[:index], *others):
            if area and place and overlap(area, place):
                yield f"table {name} overlaps {other}"


def _headers(package: Package, sheet: Sheet, roots: list[Element]) -> Iterator[str]:
    tables = [
        (root, area)
        for root in roots
        if (area := read_range(root.get("ref", ""))) and root.get("headerRowCount") != "0"
    ]
    wanted = {(area[0], column) for _, area in tables for column in range(area[1], area[3] + 1)}
    texts = _texts(package, sheet, wanted) if wanted else {}
    for root, area in tables:
        for offset, column in enumerate(descend(root, "tableColumns", "tableColumn")):
            place = (area[0], area[1] + offset)
            if plain(texts.get(place, "")) != plain(column.get("name", "")):
                yield f"table {root.get('displayName')}: the header in {letters(place[1])}{place[0]} is not its column's name"


def _parts(package: Package, sheet: Sheet) -> Iterator[str]:
    links: dict[str, Relationship] = package.relationships(sheet.part)
    stated = [
        value for part in descend(package.root(sheet.part), "tableParts", "tablePart") for value in part.attrib.values()
    ]
    for link in links.values():
        if link.type == "table" and link.id not in stated:
            yield f"{sheet.name}: table part {link.target} is not named by the sheet"


def _texts(package: Package, sheet: Sheet, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    strings = children(package.root(package.shared_strings), "si") if package.shared_strings else []
    rows = {row for row, _ in wanted}
    found: dict[tuple[int, int], str] = {}
    for number, row in package.rows(sheet):
        if number not in rows:
            continue
        for column, cell in cells(row):
            value = child(cell, "v")
            text = value.text or "" if value is not None else ""
            if cell.get("t") == "s" and text.strip().isdigit() and int(text) < len(strings):
                text = spoken(strings[int(text)])
            elif cell.get("t") == "inlineStr" and (inline := child(cell, "is")) is not None:
                text = spoken(inline)
            found[number, column] = text
    return found


def spoken(element: Element) -> str:
    """The text of a string item, runs joined, phonetic guides left out."""
    return "".join(
        inner.text or ""
        for inner in element.iter("{*}t")
        if (parent := inner.getparent()) is None or local(parent) != "rPh"
    )


def plain(text: str) -> str:
    """A header as tables compare it: escapes resolved, line ends alike, case and outer blanks ignored."""
    decoded = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return decoded.replace("\r\n", "\n").replace("\r", "\n").strip().lower()

"""Whether a file that was written holds all that the file before it held. Each finding is a sentence; none is good news.

Three looks: the zip's members as bytes, the sheet's cells and everything round them by an own pass over the XML, and the
whole workbook as openpyxl understands it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from judges.package import (
    LAST_COLUMN,
    Member,
    Package,
    canonical,
    cells,
    children,
    descend,
    entries,
    inside,
    is_main,
    letters,
    local,
    read_range,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from lxml.etree import _Element as Element

OUR_RULE: Final = "sheetsync:"
OUR_NAME: Final = "_sheetsync_"
NEW_STYLES: Final = "xl/styles.xml"
"""The one part that may be added, to a file without any styles."""
_JUDGED_APART: Final = frozenset({"sheetData", "dimension", "cols", "conditionalFormatting", "autoFilter"})
_STYLE_LISTS: Final = {
    "numFmts": "numFmt", "fonts": "font", "fills": "fill", "borders": "border", "cellStyleXfs": "xf", "cellXfs": "xf",
    "cellStyles": "cellStyle", "dxfs": "dxf",
}  # fmt: skip


def may_change(before: Path, sheet: str) -> frozenset[str]:
    """The members that a sync of one sheet may rewrite: the sheet, its tables, styles, workbook and calcChain.

    A file without any styles part may get one, so then its content types and the workbook's relationships may change.
    """
    package = Package(before)
    place = package.sheet(sheet)
    parts = {place.part, package.workbook, *package.tables(place)}
    parts |= {part for part in (package.styles, package.calculation_chain) if part}
    if package.styles is None:
        folder, _, base = package.workbook.rpartition("/")
        parts |= {"[Content_Types].xml", f"{folder}/_rels/{base}.rels", NEW_STYLES}
    wanted = {part.lower() for part in parts}
    added = frozenset({NEW_STYLES}) if package.styles is None else frozenset()
    return added | frozenset(
        member.name for member in package.members if member.name.replace("\\", "/").lstrip("/").lower() in wanted
    )


def untouched(before: Path, after: Path, allowed_parts: AbstractSet[str] = frozenset()) -> list[str]:
    """Members that are not the same bytes, compressed and inflated, in the same order, save those allowed to change.

    An added member is a finding too, unless it is in `allowed_parts`.
    """
    old, new = Package(before), Package(after)
    findings: list[str] = []
    added = [member.name for member in new.members if member.name in allowed_parts and not old.has(member.name)]
    names = [member.name for member in new.members if member.name not in added]
    if names != [member.name for member in old.members]:
        findings.append(f"the members or their order changed: {_difference([m.name for m in old.members], names)}")
    fresh = {member.name: member for member in new.members}
    for member in old.members:
        other = fresh.get(member.name)
        if other is None or member.name in allowed_parts:
            continue
        if (member.method, member.raw) != (other.method, other.raw):
            findings.append(f"{member.name}: its compressed bytes changed")
        if (member.crc, member.size) != (other.crc, other.size) or _inflated(member) != _inflated(other):
            findings.append(f"{member.name}: its content changed")
    return findings


def same_parts(before: Path, after: Path) -> list[str]:
    """The parts whose inflated bytes differ, or that only one of the two has."""
    old, new = Package(before), Package(after)
    left = {member.name: _inflated(member) for member in old.members}
    right = {member.name: _inflated(member) for member in new.members}
    return sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))


def same_cells(before: Path, after: Path, sheet: str, except_columns: AbstractSet[int] = frozenset()) -> list[str]:
    """Cells outside the columns named that differ in value, formula, saved result, or style; rows that came or went.

    A file without styles has but one look, which a program makes up: then only the styles' numbers are compared.
    """
    was, now = Package(before), Package(after)
    plain = was.styles is None
    old, new = _CellReader(was, sheet, plain=plain), _CellReader(now, sheet, plain=plain)
    findings: list[str] = []
    for left, right in zip_longest(old.rows(except_columns), new.rows(except_columns)):
        if left is None or right is None or left[0] != right[0]:
            findings.append(f"{sheet}: the rows are not the same from row {(left or right or (0,))[0]} on")
            break
        row, attributes, held = left
        if attributes != right[1]:
            findings.append(f"{sheet}: row {row} changed its height, style or state")
        if held == right[2]:
            continue
        findings.extend(
            f"{sheet}!{letters(column)}{row}: {_how(held.get(column), right[2].get(column))}"
            for column in sorted(held.keys() | right[2].keys())
            if held.get(column) != right[2].get(column)
        )
    return findings


def same_elsewhere(before: Path, after: Path, sheet: str, except_columns: AbstractSet[int] = frozenset()) -> list[str]:
    """What differs outside the cells: the person's rules, validations, links, widths, tables, names, styles, settings.

    What may be there besides: our rules and names, more styles at the end of their lists, a table or filter that grew
    to the right, the switch that makes a spreadsheet program recalculate.
    """
    old, new = Package(before), Package(after)
    return [
        *_same_sheet(old, new, sheet, except_columns),
        *_same_tables(old, new, sheet),
        *_same_workbook(old, new),
        *_same_styles(old, new),
        *_same_chain(old, new),
    ]


def leftovers(path: Path) -> list[str]:
    """Rules and names of ours that are still in a workbook."""
    package = Package(path)
    found = [
        f"the name {element.get('name')}"
        for element in descend(package.root(package.workbook), "definedNames", "definedName")
        if element.get("name", "").lower().startswith(OUR_NAME)
    ]
    for sheet in package.worksheets:
        rules = descend(package.root(sheet.part), "conditionalFormatting", "cfRule")
        found.extend(f"a rule on {sheet.name}" for rule in rules if _is_ours(rule))
    return found


def recalculates(path: Path) -> bool:
    """Whether a spreadsheet program is told to calculate everything when it opens a workbook."""
    package = Package(path)
    settings = children(package.root(package.workbook), "calcPr")
    return any(item.get("fullCalcOnLoad") in {"1", "true"} for item in settings)


class _CellReader:
    """A sheet's cells, with shared strings and styles resolved to their content."""

    def __init__(self, package: Package, sheet: str, *, plain: bool) -> None:
        self._package = package
        self._plain = plain
        self._sheet = package.sheet(sheet)
        part = package.shared_strings
        self._strings = [canonical(item) for item in children(package.root(part), "si")] if part else []
        self._looks = _Looks(package)

    def rows(
        self, without: AbstractSet[int]
    ) -> Iterator[tuple[int, tuple[object, ...], dict[int, tuple[object, ...]]]]:
        for number, row in self._package.rows(self._sheet):
            attributes = {str(name): value for name, value in row.attrib.items() if name not in {"r", "spans", "s"}}
            look = self._look(row) if row.get("s") else None
            held = {column: self._cell(cell) for column, cell in cells(row) if column not in without}
            yield number, (*sorted(attributes.items()), look), held

    def _cell(self, cell: Element) -> tuple[object, ...]:
        parts: dict[str, object] = {local(part): canonical(part) for part in inside(cell) if is_main(part)}
        kind = cell.get("t", "n")
        value = next((part.text or "" for part in children(cell, "v")), None)
        if kind == "s" and value is not None and value.strip().isdigit() and int(value) < len(self._strings):
            parts["v"] = self._strings[int(value)]
        rest = tuple(sorted((str(name), item) for name, item in cell.attrib.items() if name not in {"r", "s", "t"}))
        return (
            kind,
            parts.pop("f", None),
            parts.pop("v", None),
            tuple(sorted(parts.items())),
            rest,
            self._look(cell),
        )

    def _look(self, element: Element) -> object:
        return element.get("s", "0") if self._plain else self._looks.look(element.get("s"))


_CELL: Final = ("type", "formula", "value", "text", "attributes", "style")


class _Looks:
    """What style indices look like, so that styles added elsewhere in the lists make no difference."""

    def __init__(self, package: Package) -> None:
        root = package.root(package.styles) if package.styles else None
        self._lists = {
            name: [item for part in children(root, name) for item in entries(part, entry)] if root is not None else []
            for name, entry in _STYLE_LISTS.items()
        }
        self._formats = {item.get("numFmtId"): item.get("formatCode") for item in self._lists["numFmts"]}
        self._known: dict[str, object] = {}

    def look(self, index: str | None) -> object:
        """All that a cell's style says, or the index itself where there is no such style."""
        index = index or "0"
        if index not in self._known:
            self._known[index] = self._resolve("cellXfs", index)
        return self._known[index]

    def rule_look(self, index: str | None) -> object:
        """All that a rule's dxf says."""
        found = self._at("dxfs", index) if index is not None else None
        return canonical(found) if found is not None else index

    def _resolve(self, name: str, index: str) -> object:
        xf = self._at(name, index)
        if xf is None:
            return f"no style {index}"
        parts: list[object] = [canonical(xf, without=("fontId", "fillId", "borderId", "xfId"))]
        for attribute, entry in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            found = self._at(entry, xf.get(attribute, "0"))
            parts.append(canonical(found) if found is not None else None)
        parts.append(self._formats.get(xf.get("numFmtId")))
        if name == "cellXfs" and xf.get("xfId"):
            parts.append(self._resolve("cellStyleXfs", xf.get("xfId", "0")))
        return tuple(parts)

    def _at(self, name: str, index: str) -> Element | None:
        entries_ = self._lists[name]
        return entries_[int(index)] if index.isdigit() and int(index) < len(entries_) else None


def _same_sheet(old: Package, new: Package, sheet: str, without: AbstractSet[int]) -> Iterator[str]:
    left, right = old.root(old.sheet(sheet).part), new.root(new.sheet(sheet).part)
    if left.attrib != right.attrib:
        yield f"{sheet}: the worksheet's attributes changed"
    yield from _lists_differ(f"{sheet}: what stands round the cells", _rest(left), _rest(right))
    if _rules(left, _Looks(old)) != _rules(right, _Looks(new)):
        yield f"{sheet}: the person's rules changed"
    if _widths(left, without) != _widths(right, without):
        yield f"{sheet}: the columns' widths or states changed"
    yield from _same_filter(sheet, left, right)


def _rest(root: Element) -> list[tuple[str, object]]:
    return [
        (str(element.tag), canonical(element))
        for element in inside(root)
        if not (is_main(element) and local(element) in _JUDGED_APART)
    ]


def _rules(root: Element, looks: _Looks) -> list[tuple[str, object, object]]:
    return [
        (block.get("sqref", ""), canonical(rule, without=("dxfId",)), looks.rule_look(rule.get("dxfId")))
        for block in children(root, "conditionalFormatting")
        for rule in children(block, "cfRule")
        if not _is_ours(rule)
    ]


def _is_ours(rule: Element) -> bool:
    return any(OUR_RULE in (formula.text or "") for formula in children(rule, "formula"))


def _widths(root: Element, without: AbstractSet[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for element in descend(root, "cols", "col"):
        attributes = tuple(sorted((str(n), str(v)) for n, v in element.attrib.items() if n not in {"min", "max"}))
        low, high = int(element.get("min", "1")), min(int(element.get("max", "1")), LAST_COLUMN)
        found.update({column: attributes for column in range(low, high + 1) if column not in without})
    return found


def _same_filter(where: str, left: Element, right: Element) -> Iterator[str]:
    old, new = children(left, "autoFilter"), children(right, "autoFilter")
    if [canonical(item, without=("ref",)) for item in old] != [canonical(item, without=("ref",)) for item in new]:
        yield f"{where}: the autofilter changed"
    for one, other in zip(old, new, strict=False):
        if not _grew_right(one.get("ref", ""), other.get("ref", "")):
            yield f"{where}: the autofilter went from {one.get('ref')} to {other.get('ref')}"


def _grew_right(before: str, after: str) -> bool:
    if before == after:
        return True
    old, new = read_range(before), read_range(after)
    return bool(old and new and old[:3] == new[:3] and old[3] <= new[3])


def _same_tables(old: Package, new: Package, sheet: str) -> Iterator[str]:
    parts = old.tables(old.sheet(sheet))
    if parts != new.tables(new.sheet(sheet)):
        yield f"{sheet}: its tables are not the same parts"
        return
    for part in parts:
        left, right = old.root(part), new.root(part)
        name = f"table {left.get('displayName')}"
        if _attributes(left) != _attributes(right) or not _grew_right(left.get("ref", ""), right.get("ref", "")):
            yield f"{name}: its attributes changed"
        one = [canonical(column) for column in descend(left, "tableColumns", "tableColumn")]
        other = [canonical(column) for column in descend(right, "tableColumns", "tableColumn")]
        if one != other[: len(one)]:
            yield f"{name}: its columns changed"
        rest = [
            [canonical(item) for item in inside(root) if local(item) not in {"tableColumns", "autoFilter"}]
            for root in (left, right)
        ]
        yield from _lists_differ(name, rest[0], rest[1])
        yield from _same_filter(name, left, right)


def _attributes(table: Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in table.attrib.items() if name != "ref"}


def _same_workbook(old: Package, new: Package) -> Iterator[str]:
    left, right = old.root(old.workbook), new.root(new.workbook)
    rest = [
        [canonical(item) for item in inside(root) if not (is_main(item) and local(item) in {"definedNames", "calcPr"})]
        for root in (left, right)
    ]
    yield from _lists_differ("workbook", rest[0], rest[1])
    yield from _lists_differ("workbook: its names", _names(left), _names(right))
    settings = [
        [canonical(item, without=("fullCalcOnLoad",)) for item in children(root, "calcPr")] for root in (left, right)
    ]
    if settings[0] != settings[1] and settings[0]:
        yield "workbook: how it calculates changed"


def _names(root: Element) -> list[tuple[str, str, str]]:
    """The person's names. A filter's hidden one follows the filter, which is judged with its sheet."""
    return [
        (element.get("name", ""), element.get("localSheetId", ""), element.text or "")
        for element in descend(root, "definedNames", "definedName")
        if not element.get("name", "").lower().startswith(OUR_NAME) and element.get("name") != "_xlnm._FilterDatabase"
    ]


def _same_styles(old: Package, new: Package) -> Iterator[str]:
    if not old.styles or not new.styles:
        if old.styles:
            yield "styles: the part is gone"
        return
    left, right = old.root(old.styles), new.root(new.styles)
    rest = [[canonical(item) for item in inside(root) if local(item) not in _STYLE_LISTS] for root in (left, right)]
    yield from _lists_differ("styles", rest[0], rest[1])
    for name in _STYLE_LISTS:
        one, other = ([canonical(item) for part in children(root, name) for item in part] for root in (left, right))
        if one != other[: len(one)]:
            yield f"styles: {name} changed"


def _same_chain(old: Package, new: Package) -> Iterator[str]:
    part = old.calculation_chain
    if not part or not new.has(part):
        if part:
            yield "calcChain: the part is gone"
        return
    if [canonical(item) for item in inside(old.root(part))] != [canonical(item) for item in inside(new.root(part))]:
        yield "calcChain changed"


def _lists_differ(where: str, left: Sequence[object], right: Sequence[object]) -> Iterator[str]:
    if left != right:
        yield f"{where} changed: {_difference(left, right)}"


def _difference(left: Sequence[object], right: Sequence[object]) -> str:
    gone, came = Counter(left) - Counter(right), Counter(right) - Counter(left)
    return f"lost {_short(gone)}, got {_short(came)}" if gone or came else "the order"


def _short(items: Counter[object]) -> str:
    return str([str(item)[:160] for item in list(items)[:3]])


def _how(left: tuple[object, ...] | None, right: tuple[object, ...] | None) -> str:
    if left is None:
        return "it is new"
    if right is None:
        return "it is gone"
    changed = [name for name, one, other in zip(_CELL, left, right, strict=True) if one != other]
    return f"its {' and '.join(changed)} changed"


def _inflated(member: Member) -> bytes:
    try:
        return member.content
    except zlib.error:
        return b"damaged"

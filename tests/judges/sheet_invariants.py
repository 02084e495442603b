"""What must hold within one worksheet."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from judges.formulas import formula_flaws
from judges.package import (
    LAST_COLUMN,
    LAST_ROW,
    X14,
    Package,
    Sheet,
    cells,
    child,
    children,
    descend,
    is_main,
    letters,
    local,
    read_range,
    read_reference,
    too_late,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

CHILDREN: Final = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls",
    "webPublishItems", "tableParts", "extLst",
)  # fmt: skip
"""CT_Worksheet, ECMA-376 part 1, 18.3.1.99."""
REPEATED: Final = frozenset({"cols", "conditionalFormatting"})
KINDS: Final = frozenset({"b", "d", "e", "inlineStr", "n", "s", "str"})
COUNTED: Final = {
    "mergeCells": "mergeCell",
    "dataValidations": "dataValidation",
    "tableParts": "tablePart",
}
"""Lists of a worksheet that state how many they hold."""


class SheetJudge:
    """One worksheet, judged in one pass over its rows and one over the rest."""

    def __init__(self, package: Package, sheet: Sheet, *, xfs: int, dxfs: int) -> None:
        self._package = package
        self._sheet = sheet
        self._xfs = xfs
        self._dxfs = dxfs
        self.formula_cells: set[str] = set()
        """Where formulas stand, as A1 references; complete once `violations` is exhausted."""
        self._box: tuple[int, int, int, int] | None = None
        self._masters: set[str] = set()
        self._followers: set[str] = set()

    def violations(self) -> Iterator[str]:
        """Everything wrong in this sheet, each message beginning with its name."""
        yield from (f"{self._sheet.name}: {flaw}" for flaw in self._flaws())

    def _flaws(self) -> Iterator[str]:
        yield from self._rows()
        root = self._package.root(self._sheet.part)
        yield from self._order(root)
        yield from self._dimension(root)
        yield from self._columns(root)
        yield from self._counts(root)
        yield from self._merges(root)
        yield from self._rules(root)
        yield from self._validations(root)
        yield from self._references(root)

    @cached_property
    def _strings(self) -> int:
        part = self._package.shared_strings
        return len(children(self._package.root(part), "si")) if part else 0

    def _rows(self) -> Iterator[str]:
        previous = 0
        for row, element in self._package.rows(self._sheet):
            if row <= previous:
                yield f"row {row} stands after row {previous}"
            if not 1 <= row <= LAST_ROW:
                yield f"row {row} is off the sheet"
            previous = row
            yield from self._style(f"row {row}", element)
            yield from self._row(row, element)
        lost = self._followers - self._masters
        if lost:
            yield f"shared formulas {', '.join(sorted(lost))} have lost their master"

    def _row(self, row: int, element: Element) -> Iterator[str]:
        previous = 0
        first = 0
        for column, cell in cells(element):
            place = f"{letters(column)}{row}"
            stated = cell.get("r")
            if stated is not None and read_reference(stated) is None:
                yield f"{stated} is no cell"
            elif stated is not None and stated != place:
                yield f"cell {stated} stands in row {row}"
            if column == previous:
                yield f"cell {place} stands twice"
            elif column < previous:
                yield f"cell {place} stands after column {letters(previous)}"
            first, previous = first or column, column
            yield from self._style(place, cell)
            yield from (f"{place}: {flaw}" for flaw in self._cell(row, column, cell))
        if first:
            yield from self._spans(row, element.get("spans"), first, previous)
            self._grow(row, first, previous)

    def _grow(self, row: int, first: int, last: int) -> None:
        top, left, bottom, right = self._box or (row, first, row, last)
        self._box = (min(top, row), min(left, first), max(bottom, row), max(right, last))

    def _spans(self, row: int, spans: str | None, first: int, last: int) -> Iterator[str]:
        if spans is None:
            return
        ends = [part.partition(":") for part in spans.split()]
        if not ends or not all(low.isdigit() and high.isdigit() for low, _, high in ends):
            yield f"row {row}: spans is no list of ranges"
        elif min(int(low) for low, _, _ in ends) > first or max(int(high) for _, _, high in ends) < last:
            yield f"row {row}: spans is too short"

    def _style(self, place: str, element: Element) -> Iterator[str]:
        index = element.get("s") or "0"
        if not (index.isdigit() and int(index) < self._xfs):
            yield f"{place}: style {index} is past the end"

    def _cell(self, row: int, column: int, cell: Element) -> Iterator[str]:
        kind = cell.get("t", "n")
        value = child(cell, "v")
        text = value.text or "" if value is not None else ""
        if kind not in KINDS:
            yield f"type {kind} is unknown"
        elif kind == "s" and value is not None and not (text.strip().isdigit() and int(text) < self._strings):
            yield "its shared string is past the end"
        elif kind == "n" and value is not None and text and not _is_number(text):
            yield "its value is no number"
        elif kind == "b" and value is not None and text.strip() not in {"0", "1", "true", "false"}:
            yield "its value is no truth value"
        elif kind == "inlineStr" and child(cell, "is") is None and child(cell, "f") is None:
            yield "it is an inline string without text"
        formula = child(cell, "f")
        if formula is not None:
            self.formula_cells.add(f"{letters(column)}{row}")
            yield from self._formula(row, column, formula)

    def _formula(self, row: int, column: int, formula: Element) -> Iterator[str]:
        kind, text, ref = formula.get("t", "normal"), formula.text or "", formula.get("ref")
        if kind == "shared":
            (self._masters if ref else self._followers).add(formula.get("si", ""))
        if ref is not None and (kind in {"shared", "array"}):
            area = read_range(ref)
            if not area or not (area[0] <= row <= area[2] and area[1] <= column <= area[3]):
                yield f"its formula's range {ref} is not around it"
        if text:
            yield from (f"its formula: {flaw}" for flaw in formula_flaws(text))

    def _order(self, root: Element) -> Iterator[str]:
        names = [local(element) for element in root if is_main(element)]
        yield from (f"{name} stands too late" for name in too_late(names, CHILDREN))
        for name, count in Counter(names).items():
            if count > 1 and name not in REPEATED:
                yield f"{name} stands more than once"
        if "sheetData" not in names:
            yield "it has no sheetData"

    def _dimension(self, root: Element) -> Iterator[str]:
        element = child(root, "dimension")
        if element is None or self._box is None:
            return
        stated = read_range(element.get("ref", ""))
        if not stated:
            yield "dimension is no range"
        elif (
            stated[0] > self._box[0] or stated[1] > self._box[1] or stated[2] < self._box[2] or stated[3] < self._box[3]
        ):
            yield "dimension is too small"

    def _columns(self, root: Element) -> Iterator[str]:
        previous = 0
        for element in descend(root, "cols", "col"):
            low, high = element.get("min", ""), element.get("max", "")
            if not (low.isdigit() and high.isdigit() and 1 <= int(low) <= int(high) <= LAST_COLUMN):
                yield f"col {low}-{high} is no range"
                continue
            if int(low) <= previous:
                yield f"col {low}-{high} overlaps or is out of order"
            previous = int(high)
            style = element.get("style") or "0"
            if not (style.isdigit() and int(style) < self._xfs):
                yield f"col {low}-{high}: style {style} is past the end"
        if any(not children(element, "col") for element in children(root, "cols")):
            yield "cols is empty"

    def _counts(self, root: Element) -> Iterator[str]:
        for name, item in COUNTED.items():
            for element in children(root, name):
                found = len(children(element, item))
                if element.get("count") not in (None, str(found)):
                    yield f"{name} count is wrong"
                if not found:
                    yield f"{name} is empty"

    def _merges(self, root: Element) -> Iterator[str]:
        areas: list[tuple[int, int, int, int]] = []
        for element in descend(root, "mergeCells", "mergeCell"):
            area = read_range(element.get("ref", ""))
            if not area:
                yield f"merge {element.get('ref')} is no range"
                continue
            if any(overlap(area, other) for other in areas):
                yield f"merge {element.get('ref')} overlaps another"
            areas.append(area)

    def _rules(self, root: Element) -> Iterator[str]:
        priorities: Counter[str] = Counter()
        for block in children(root, "conditionalFormatting"):
            yield from _bad_places("conditional format", block.get("sqref", ""))
            if not children(block, "cfRule"):
                yield "a conditional format has no rule"
            for rule in children(block, "cfRule"):
                priority = rule.get("priority", "")
                priorities[priority] += 1
                if not (priority.isdigit() and int(priority) >= 1):
                    yield f"a rule's priority is {priority!r}"
                index = rule.get("dxfId")
                if index is not None and not (index.isdigit() and int(index) < self._dxfs):
                    yield f"rule of priority {priority}: dxfId {index} is past the end"
                if rule.get("type") == "expression" and len(children(rule, "formula")) != 1:
                    yield f"rule of priority {priority} has not one formula"
                yield from (
                    f"rule of priority {priority}: {flaw}"
                    for formula in children(rule, "formula")
                    for flaw in formula_flaws(formula.text or "")
                )
        for rule in root.iter(f"{{{X14}}}cfRule"):
            if rule.get("priority"):
                priorities[rule.get("priority", "")] += 1
        yield from (f"priority {name} stands {count} times" for name, count in priorities.items() if count > 1)

    def _validations(self, root: Element) -> Iterator[str]:
        for rule in descend(root, "dataValidations", "dataValidation"):
            yield from _bad_places("validation", rule.get("sqref", ""))

    def _references(self, root: Element) -> Iterator[str]:
        for element in children(root, "autoFilter"):
            area = read_range(element.get("ref", ""))
            if not area:
                yield "autoFilter is no range"
                continue
            for column in children(element, "filterColumn"):
                index = column.get("colId", "")
                if not (index.isdigit() and int(index) <= area[3] - area[1]):
                    yield f"autoFilter: column {index} is past its end"
        for link in descend(root, "hyperlinks", "hyperlink"):
            if not read_range(link.get("ref", "")):
                yield f"hyperlink {link.get('ref')} is no range"
        for part in descend(root, "tableParts", "tablePart"):
            known = self._package.relationships(self._sheet.part)
            if not any(value in known for value in part.attrib.values()):
                yield "a tablePart leads nowhere"


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two (top, left, bottom, right) share a cell."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _bad_places(kind: str, sqref: str) -> Iterator[str]:
    if not sqref.split():
        yield f"a {kind} stands nowhere"
    yield from (f"{kind}: {place} is no range" for place in sqref.split() if not read_range(place))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False

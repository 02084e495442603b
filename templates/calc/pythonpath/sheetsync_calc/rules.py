"""Our conditional formats in an open document. LibreOffice takes no note of them for Undo, so a step of our own does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import unohelper
from com.sun.star.document import XUndoAction

EXPRESSION = 24
"""com.sun.star.sheet.ConditionFormatOperator.EXPRESSION."""
CONDITION = 0
"""com.sun.star.sheet.ConditionEntryType.CONDITION."""
MARK = "sheetsync:"
STYLE = "sheetsync "
UNSPECIFIED, XL_A1 = -1, 1
"""com.sun.star.sheet.AddressConvention."""
BOLD, NORMAL = 150.0, 100.0
"""com.sun.star.awt.FontWeight."""


class RulesStep(unohelper.Base, XUndoAction):  # type: ignore[misc]
    """The rules as they were and as they are, as a step of Edit > Undo."""

    def __init__(self, document: Any, sheet: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
        self.Title = "Colours"
        self._document, self._sheet, self._before, self._after = document, sheet, before, after

    def undo(self) -> None:
        """As it was."""
        set_rules(self._document, self._sheet, self._before)

    def redo(self) -> None:
        """As it is."""
        set_rules(self._document, self._sheet, self._after)


def our_rules(document: Any, sheet: Any) -> list[dict[str, Any]]:
    """The conditional formats of ours, as they stand."""
    return [
        {"formula": in_excel(document, sheet, entry.Formula1), "ranges": _ranges(each)}
        for each in sheet.ConditionalFormats.getConditionalFormats()
        for entry in map(each.getByIndex, _ours(each))
    ]


def standing_rules(document: Any, sheet: Any) -> list[dict[str, Any]]:
    """Our rules of a sheet, as `set_rules` takes them."""
    return [
        {"formula": in_excel(document, sheet, entry.Formula1), "style": entry.StyleName, "ranges": _ranges(each)}
        for each in sheet.ConditionalFormats.getConditionalFormats()
        for entry in map(each.getByIndex, _ours(each))
    ]


def set_rules(document: Any, name: str, rules: list[dict[str, Any]]) -> None:
    """Have these rules of ours on a sheet, and no others of ours. The person's stay."""
    sheet = document.Sheets.getByName(name)
    for each in sheet.ConditionalFormats.getConditionalFormats():
        if ours := _ours(each):
            _take_out(document, sheet, each, ours)
    made: dict[tuple[str, ...], Any] = {}
    for rule in rules:
        ranges = tuple(rule["ranges"])
        if ranges not in made:
            made[ranges] = _conditional(document, sheet, ranges)
        style = rule["style"] if "style" in rule else _style(document, rule)
        _add(made[ranges], EXPRESSION, in_office(document, sheet, rule["formula"]), style)


def _take_out(document: Any, sheet: Any, conditional: Any, ours: list[int]) -> None:
    """Our conditions out of one conditional format.

    LibreOffice 7.4 cannot take out a single one (its removeByIndex refuses every index), so the format is made anew with
    the person's conditions; what cannot be made anew, such as a colour scale, stays, and ours beside it never hold.
    """
    others = [conditional.getByIndex(index) for index in range(conditional.Count) if index not in ours]
    if any(each.getType() != CONDITION for each in others):
        for index in ours:
            conditional.getByIndex(index).Formula1 = in_office(document, sheet, f'AND(FALSE(),N("{MARK}out")=0)')
        return
    kept = [(each.Operator, each.Formula1, each.Formula2, each.StyleName) for each in others]
    ranges = _ranges(conditional)
    sheet.ConditionalFormats.removeByID(conditional.ID)
    if kept:
        again = _conditional(document, sheet, ranges)
        for operator, first, second, style in kept:
            _add(again, operator, first, style, second)


def _conditional(document: Any, sheet: Any, ranges: Iterable[str]) -> Any:
    """A new conditional format over these ranges, without a condition yet."""
    cells = document.createInstance("com.sun.star.sheet.SheetCellRanges")
    for text in ranges:
        cells.addRangeAddress(sheet.getCellRangeByName(text).RangeAddress, False)
    number = sheet.ConditionalFormats.createByRange(cells)
    found = sheet.ConditionalFormats.getConditionalFormats()
    return next(each for each in found if number == each.ID)


def _add(conditional: Any, operator: int, formula: str, style: str, second: str = "") -> None:
    conditional.createEntry(CONDITION, conditional.Count)
    entry = conditional.getByIndex(conditional.Count - 1)
    entry.Operator = operator
    entry.Formula1 = formula
    if second:
        entry.Formula2 = second
    entry.StyleName = style


def in_excel(document: Any, sheet: Any, formula: str) -> str:
    """A formula of LibreOffice's, in whatever language it is shown, in English with commas."""
    return _separated(_translated(document, sheet, formula, to_english=True), ";", ",")


def in_office(document: Any, sheet: Any, formula: str) -> str:
    """The other way round."""
    return _translated(document, sheet, _separated(formula, ",", ";"), to_english=False)


def _translated(document: Any, sheet: Any, formula: str, *, to_english: bool) -> str:
    at = sheet.getCellByPosition(0, 0).CellAddress
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    shown, english = (False, UNSPECIFIED), (True, XL_A1)
    parser.CompileEnglish, parser.FormulaConvention = shown if to_english else english
    tokens = parser.parseFormula(formula, at)
    parser.CompileEnglish, parser.FormulaConvention = english if to_english else shown
    return str(parser.printFormula(tokens, at))


def tokens_of(document: Any, at: Any, formula: str) -> Any:
    """A formula in English with commas, as a cell takes it whatever the language is."""
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    parser.CompileEnglish, parser.FormulaConvention = True, XL_A1
    return parser.parseFormula(_separated(formula, ",", ";"), at)


def _separated(formula: str, old: str, new: str) -> str:
    """The same with other marks between arguments; texts in quotes stay as they are."""
    parts = formula.split('"')
    parts[::2] = [part.replace(old, new) for part in parts[::2]]
    return '"'.join(parts)


def _style(document: Any, rule: dict[str, Any]) -> str:
    """The cell style that a rule gives, made if it is not there."""
    styles = document.StyleFamilies.getByName("CellStyles")
    name = STYLE + rule["key"]
    if not styles.hasByName(name):
        styles.insertByName(name, document.createInstance("com.sun.star.style.CellStyle"))
        style = styles.getByName(name)
        style.CellBackColor = int(rule["fill"], 16)
        if rule["font"]:
            style.CharColor = int(rule["font"], 16)
        style.CharWeight = BOLD if rule["bold"] else NORMAL
    return name


def _ours(conditional: Any) -> list[int]:
    """The places, in one conditional format, of the conditions that are ours."""
    found = ((index, conditional.getByIndex(index)) for index in range(conditional.Count))
    return [at for at, entry in found if getattr(entry, "Operator", None) == EXPRESSION and MARK in entry.Formula1]


def _ranges(conditional: Any) -> list[str]:
    """Where it holds, in A1 notation without the sheet's name."""
    return [
        f"{column_letters(area.StartColumn)}{area.StartRow + 1}:{column_letters(area.EndColumn)}{area.EndRow + 1}"
        for area in conditional.Range.RangeAddresses
    ]


def column_letters(column: int) -> str:
    """The name of a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters

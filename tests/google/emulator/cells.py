"""CellData as answers show it: what was entered, what it comes to, and how it looks."""

from emulator.calculation import Calculator
from emulator.discovery import shown
from emulator.formats import effective_format, formatted, number_format
from emulator.masks import Mask, select, wants
from emulator.state import Json, Sheet

MESSAGES = {"userEnteredFormat": "CellFormat", "dataValidation": "DataValidationRule"}
"""A cell's stored messages whose answer needs the schema; few different ones, shared by many cells."""
PLAIN = ("note", "textFormatRuns", "pivotTable", "chipRuns")
DERIVED = ("userEnteredValue", "effectiveValue", "formattedValue", "effectiveFormat", "hyperlink")


class CellReader:
    """Reads the cells of one sheet under one mask; every distinct format is worded once."""

    def __init__(self, calculator: Calculator, sheet: Sheet, mask: Mask) -> None:
        self.calculator = calculator
        self.sheet = sheet
        self.locale = calculator.book.properties["locale"]
        self.default = calculator.book.properties["defaultFormat"]
        names = (*DERIVED, *MESSAGES, *PLAIN)
        self.asked = {name: below for name in names if (below := wants(mask, name)) is not None}
        self.messages = [name for name in MESSAGES if name in self.asked]
        self.plain = [name for name in PLAIN if name in self.asked]
        self.derived = [name for name in DERIVED if name in self.asked]
        self.valued = any(name in self.asked for name in ("effectiveValue", "formattedValue", "effectiveFormat"))
        self.worded: dict[tuple[str, str], Json] = {}

    def read(self, row: int, column: int, cell: Json) -> Json:
        """The CellData shown for a cell as entered. Raises ApiError 501 where its value or look is not modelled."""
        answer = self._derived(row, column, cell) if self.derived else {}
        for name in self.messages:
            if name in cell:
                answer[name] = self._message(name, MESSAGES[name], cell[name])
        for name in self.plain:
            if name in cell:
                answer[name] = select(self.asked[name], cell[name])
        return answer

    def _derived(self, row: int, column: int, cell: Json) -> Json:
        answer: Json = {}
        entered = cell.get("userEnteredValue")
        value: Json = self.calculator.effective(self.sheet, row, column) if entered and self.valued else {}
        for name in self.derived:
            if name == "effectiveFormat":
                answer[name] = self._effective_format(cell, value)
            elif name == "hyperlink":
                if link := _hyperlink(cell):
                    answer[name] = link
            elif name == "userEnteredValue" and entered:
                answer[name] = select(self.asked[name], entered)
            elif name == "effectiveValue" and value:
                answer[name] = select(self.asked[name], value)
            elif name == "formattedValue" and value:
                answer[name] = formatted(value, number_format(cell), self.locale)
        return answer

    def _effective_format(self, cell: Json, value: Json) -> Json:
        key = (next(iter(value), ""), repr(cell.get("userEnteredFormat")))
        if key not in self.worded:
            source = effective_format(self.default, cell, value, self.locale)
            self.worded[key] = select(self.asked["effectiveFormat"], shown("CellFormat", source))
        return self.worded[key]

    def _message(self, name: str, schema: str, source: Json) -> Json:
        key = (name, repr(source))
        if key not in self.worded:
            self.worded[key] = select(self.asked[name], shown(schema, source))
        return self.worded[key]


def _hyperlink(cell: Json) -> str:
    """The one link of a whole cell: its HYPERLINK formula's, or its text format's."""
    formula = cell.get("userEnteredValue", {}).get("formulaValue", "")
    if formula.upper().startswith('=HYPERLINK("'):
        return str(formula.split('"')[1])
    return str(cell.get("userEnteredFormat", {}).get("textFormat", {}).get("link", {}).get("uri", ""))

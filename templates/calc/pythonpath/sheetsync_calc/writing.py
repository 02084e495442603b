"""What sheetsync answered, written into the open document as one step that Edit > Undo takes back.

Every cell is compared first: one that holds something else than what sheetsync saw is left alone and named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import uno
import unohelper
from com.sun.star.document import XUndoAction

from sheetsync_calc.reading import Codes
from sheetsync_calc.rules import RulesStep, column_letters, set_rules, standing_rules, tokens_of

LOOK = (
    "CharFontName", "CharHeight", "CharWeight", "CharPosture", "CharColor", "CellBackColor", "HoriJustify", "VertJustify",
    "IsTextWrapped", "TableBorder2",
)  # fmt: skip
"""What a new column takes over from its neighbour."""
WRAPPED = ("why", "coach_note")


@dataclass
class Written:
    """What was done. `refused` is a sentence if nothing was written at all."""

    cells: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Place and reason."""
    refused: str = ""


def write(document: Any, changes: dict[str, Any], title: str) -> Written:
    """Write it all, or nothing if a cell that must not be lost was changed meanwhile."""
    written = Written(refused=_protected(document, changes))
    if written.refused:
        return written
    cells = _still_right(document, changes, written)
    if written.refused:
        return written
    undo = document.UndoManager
    undo.enterUndoContext(title)
    undo.addUndoAction(Begun())
    done = False
    try:
        _Writer(document, changes).write(cells)
        done = True
    finally:
        undo.leaveUndoContext()
        if not done:
            undo.undo()
            undo.clearRedo()
    written.cells = len([cell for cell in cells if cell["before"] != cell["after"]])
    return written


def _protected(document: Any, changes: dict[str, Any]) -> str:
    """Why nothing can be written, as a sentence; "" if it can."""
    if changes.get("sheets") and document.isProtected():
        return "The document is protected (Tools > Protect Spreadsheet Structure): take that away first."
    made = {each["name"] for each in changes.get("sheets", ())}
    for name in sorted({changes["sheet"], *(cell["sheet"] for cell in changes["cells"])} - made):
        if document.Sheets.getByName(name).isProtected():
            return f"The sheet {name} is protected (Tools > Protect Sheet): take that away first."
    return ""


def _still_right(document: Any, changes: dict[str, Any], written: Written) -> list[dict[str, Any]]:
    """The cells that hold what sheetsync saw, those of sheets to be made left out; the others are named."""
    made = {each["name"] for each in changes.get("sheets", ())}
    sheet = document.Sheets.getByName(changes["sheet"])
    for column, text in changes.get("headers", ()):
        if _value(sheet, changes["header_row"], column) != text:
            written.refused = "The columns were changed meanwhile."
            return []
    right = []
    for cell in changes["cells"]:
        if cell["sheet"] in made:
            continue
        standing = _value(document.Sheets.getByName(cell["sheet"]), cell["row"], cell["column"])
        if standing == cell["after"]:
            continue
        place = f"{cell['sheet']}!{column_letters(cell['column'] - 1)}{cell['row']}"
        if standing == cell["before"]:
            right.append(cell)
        elif cell["must"]:
            written.refused = f"{place} was changed meanwhile."
            return []
        else:
            written.skipped.append((place, "it was changed meanwhile."))
    return right


def _value(sheet: Any, row: int, column: int) -> Any:
    """A cell as `read_book` tells it; None is an empty one."""
    cell = sheet.getCellByPosition(column - 1, row - 1)
    if cell.getError():
        return "#VALUE!"
    value = sheet.getCellRangeByPosition(column - 1, row - 1, column - 1, row - 1).getDataArray()[0][0]
    return None if value == "" else value


class Begun(unohelper.Base, XUndoAction):  # type: ignore[misc]
    """The first step of a write, which changes nothing.

    LibreOffice drops a group of steps that is empty: taking back a write that failed at once would take back the
    person's own last step instead.
    """

    Title = "Begun"

    def undo(self) -> None:
        """Nothing."""

    def redo(self) -> None:
        """Nothing."""


class _Writer:
    """One document, one set of changes."""

    def __init__(self, document: Any, changes: dict[str, Any]) -> None:
        self._document = document
        self._changes = changes
        self._sheet = document.Sheets.getByName(changes["sheet"])
        self._codes = Codes(document)
        for cells in self._sheet.CellFormatRanges:
            self._codes.of(cells.NumberFormat)

    def write(self, cells: list[dict[str, Any]]) -> None:
        changes = self._changes
        for made in changes.get("sheets", ()):
            self._make(made)
        for table in changes.get("tables", ()):
            sheet = self._document.Sheets.getByName(table["sheet"])
            self._document.DatabaseRanges.getByName(table["name"]).setDataArea(
                _range(sheet, table["after"]).RangeAddress
            )
        for column in changes.get("columns", ()):
            self._add(column)
        self._put(cells)
        for name in changes.get("names", ()):
            self._name(name)
        if changes.get("rules") is not None:
            before = standing_rules(self._document, self._sheet)
            set_rules(self._document, changes["sheet"], changes["rules"])
            self._document.UndoManager.addUndoAction(
                RulesStep(self._document, changes["sheet"], before, changes["rules"])
            )

    def _put(self, cells: list[dict[str, Any]]) -> None:
        """Values one by one: LibreOffice does not take back a block of them that was put into empty cells."""
        sheets = {name: self._document.Sheets.getByName(name) for name in {cell["sheet"] for cell in cells}}
        for cell in cells:
            place = sheets[cell["sheet"]].getCellByPosition(cell["column"] - 1, cell["row"] - 1)
            if cell["format"]:
                place.NumberFormat = self._key(cell["format"])
            _set(place, cell["after"])

    def _add(self, column: dict[str, Any]) -> None:
        """A new column of ours, which looks like the one it stands beside."""
        sheet, header = self._sheet, self._changes["header_row"]
        first, last = column["first_row"], column["last_row"]
        for rows, like in (((header, header), header), ((first, last), first)):
            if rows[1] < rows[0]:
                continue
            cells = _range(sheet, [rows[0], column["column"], rows[1], column["column"]])
            beside = sheet.getCellByPosition(column["like"] - 1, like - 1)
            cells.CellStyle = beside.CellStyle
            for name in LOOK:
                cells.setPropertyValue(name, beside.getPropertyValue(name))
        body = _range(sheet, [first, column["column"], last, column["column"]])
        body.HoriJustify = uno.Enum("com.sun.star.table.CellHoriJustify", "STANDARD")
        body.NumberFormat = self._key(column["format"])
        body.IsTextWrapped = column["key"] in WRAPPED
        if column.get("dropdown"):
            _offer(body, column["dropdown"])
        sheet.Columns.getByIndex(column["column"] - 1).Width = _width(column["width"])

    def _name(self, name: dict[str, Any]) -> None:
        names = self._document.NamedRanges
        sheet = name["sheet"].replace("'", "''")
        text = f"$'{sheet}'.${column_letters(name['column'] - 1)}${name['row']}"
        if names.hasByName(name["name"]):
            names.getByName(name["name"]).setContent(text)
        else:
            names.addNewByName(name["name"], text, uno.createUnoStruct("com.sun.star.table.CellAddress"), 0)

    def _make(self, made: dict[str, Any]) -> None:
        """A sheet of ours, behind the last one."""
        sheets = self._document.Sheets
        sheets.insertNewByName(made["name"], sheets.Count)
        sheet = sheets.getByName(made["name"])
        for at, row in enumerate(made["values"]):
            for place, value in enumerate(row):
                if isinstance(value, dict):
                    self._formula(sheet.getCellByPosition(place, at), value["formula"])
                elif value is not None:
                    _set(sheet.getCellByPosition(place, at), value)
        header = made["header_row"]
        for place, column in enumerate(made["columns"]):
            sheet.Columns.getByIndex(place).Width = _width(column["width"])
            body = sheet.getCellRangeByPosition(place, header, place, max(header + 500, len(made["values"])))
            body.NumberFormat = self._key(column["format"])
            body.IsTextWrapped = column["wrap"]
            if column["dropdown"]:
                _offer(body, column["dropdown"])
        if header:
            top = sheet.getCellRangeByPosition(0, header - 1, max(len(made["columns"]) - 1, 0), header - 1)
            top.CellBackColor, top.CharColor = int(made["header"]["fill"], 16), int(made["header"]["font"], 16)
            top.CharWeight = 150.0
        if made["table"]:
            area = _range(sheet, made["table"]["area"]).RangeAddress
            self._document.DatabaseRanges.addNewByName(made["table"]["name"], area)
        if made["tab"]:
            sheet.TabColor = int(made["tab"], 16)
        sheet.IsVisible = not made["hidden"]

    def _formula(self, cell: Any, text: str) -> None:
        """A formula that is written in English with commas, whatever the language of the program."""
        cell.setTokens(tokens_of(self._document, cell.CellAddress, text))

    def _key(self, code: str) -> int:
        """The document's key for a number format."""
        if not code:
            return 0
        if code in self._codes.keys:
            return self._codes.keys[code]
        english = uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", "")
        formats = self._document.NumberFormats
        key: int = formats.queryKey(code, english, False)
        return key if key != -1 else int(formats.addNew(code, english))


def _range(sheet: Any, corners: list[int]) -> Any:
    """A range by its top, left, bottom and right, counted from 1."""
    top, left, bottom, right = corners
    return sheet.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)


def _set(cell: Any, value: Any) -> None:
    """Give a cell a value: a text stays a text, whatever it begins with."""
    if isinstance(value, str):
        cell.setString(value)
    elif value is None:
        cell.setFormula("")
    else:
        cell.setValue(float(value))


def _offer(cells: Any, words: list[str]) -> None:
    """A drop-down that other words are welcome beside."""
    validation = cells.Validation
    validation.Type = uno.Enum("com.sun.star.sheet.ValidationType", "LIST")
    validation.setFormula1(";".join('"' + word.replace('"', '""') + '"' for word in words))
    validation.ShowErrorMessage = False
    cells.Validation = validation


def _width(characters: float) -> int:
    """A width in characters of the default font as hundredths of a millimetre: 7 pixels each and 5 beside, at 96 dpi."""
    return int((characters * 7 + 5) * 2540 / 96)

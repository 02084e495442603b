"""What a person does in Calc with the extension. Runs under the system's Python, as whoever LibreOffice runs as.

Reads [{"file", "out", "edit": [[sheet, row, column, text], ...], "protected": bool}, ...] from its input. Opens the file in a LibreOffice of its
own, chooses Follow-ups > Sync now, and prints what the document holds before, after, after a second sync, after Edit > Undo
and after Redo; `out` is the document as it was saved after the first sync.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import NamedValue, PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]

SERVICE = "org.sheetsync.calc.FollowUps"


def connect() -> tuple[subprocess.Popen[bytes], Any]:
    """Start an office and wait for it."""
    pipe = f"sheetsync-calc-{time.time_ns()}"
    office = subprocess.Popen(
        ["soffice", "--headless", "--norestore", "--nologo", f"--accept=pipe,name={pipe};urp;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            return office, resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.2)
    office.kill()
    raise TimeoutError("LibreOffice did not start")


def state(document: Any) -> dict[str, Any]:
    """All that a sync may change: cells, formulas, comments, names, conditional formats, widths, tables."""
    return {
        "sheets": {sheet.Name: _sheet(sheet) for sheet in document.Sheets},
        "names": sorted([name.Name, name.Content] for name in document.NamedRanges),
        "tables": sorted([table.Name, _corners(table.DataArea)] for table in document.DatabaseRanges),
    }


def _sheet(sheet: Any) -> dict[str, Any]:
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    used = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    # LibreOffice cuts a format into pieces when it takes back a look of some of its cells: what counts is where it holds
    conditions: dict[str, list[list[int]]] = {}
    for each in sheet.ConditionalFormats.getConditionalFormats():
        for entry in (each.getByIndex(index) for index in range(each.Count)):
            known = f"{getattr(entry, 'StyleName', 'scale')}: {getattr(entry, 'Formula1', '')}"
            conditions.setdefault(known, []).extend(_corners(area) for area in each.Range.RangeAddresses)
    notes = sheet.Annotations
    return {
        "formulas": used.getFormulaArray(),
        "values": used.getDataArray(),
        "shown": [
            [used.getCellByPosition(column, row).String for column in range(min(last.EndColumn + 1, 45))]
            for row in range(min(last.EndRow + 1, 40))
        ],
        "conditions": {known: _cells(areas) for known, areas in conditions.items()},
        "notes": [[_cell(note.Position), note.String] for note in (notes.getByIndex(at) for at in range(notes.Count))],
        "widths": [sheet.Columns.getByIndex(column).Width for column in range(last.EndColumn + 1)],
    }


def _cells(areas: list[list[int]]) -> list[tuple[int, int]]:
    return sorted(
        {
            (row, column)
            for top, left, bottom, right in areas
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }
    )


def _corners(area: Any) -> list[int]:
    return [area.StartRow + 1, area.StartColumn + 1, area.EndRow + 1, area.EndColumn + 1]


def _cell(address: Any) -> list[int]:
    return [address.Row + 1, address.Column + 1]


def _option(name: str, value: object) -> Any:
    option = PropertyValue()
    option.Name, option.Value = name, value
    return option


def _asked(do: str) -> Any:
    value = NamedValue()
    value.Name, value.Value = "do", do
    return value


def morning(context: Any, task: dict[str, Any]) -> dict[str, Any]:
    """Open, sync, save, sync again, undo, redo."""
    manager = context.ServiceManager
    desktop = manager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(task["file"]), "_blank", 0, ())
    for sheet, row, column, text in task.get("edit", ()):
        document.Sheets.getByName(sheet).getCellByPosition(column - 1, row - 1).setFormula(text)
    for sheet, row, column, text in task.get("comment", ()):
        place = document.Sheets.getByName(sheet).getCellByPosition(column - 1, row - 1).CellAddress
        document.Sheets.getByName(sheet).Annotations.insertNew(place, text)
    undo = document.UndoManager
    undo.clear()
    if task.get("protected"):
        return _refused(manager, document)
    before = state(document)
    found: dict[str, Any] = {"before": before, "menu": _menu(context)}
    job = manager.createInstanceWithContext(SERVICE, context)
    began = time.monotonic()
    if task.get("by_menu"):
        dispatcher = manager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
        dispatcher.executeDispatch(document.CurrentController.Frame, f"service:{SERVICE}?sync", "_self", 0, ())
    else:
        found["said"] = job.execute((_asked("sync"),))
    found["seconds"] = time.monotonic() - began
    found["after"] = state(document)
    found["steps"] = list(undo.getAllUndoActionTitles())
    document.storeToURL(uno.systemPathToFileUrl(task["out"]), (_option("FilterName", "Calc MS Excel 2007 XML"),))
    found["again"] = job.execute((_asked("sync"),))
    found["steps_again"] = list(undo.getAllUndoActionTitles())
    if undo.isUndoPossible():
        undo.undo()
        found["undone"] = state(document)
        undo.redo()
        found["redone"] = state(document)
    if task.get("row"):
        document.CurrentController.select(document.Sheets.getByIndex(0).getCellByPosition(0, task["row"] - 1))
        found["why"] = job.execute((_asked("row"),))
    document.close(True)
    return found


def _refused(manager: Any, document: Any) -> dict[str, Any]:
    """Type something, protect the sheet, sync, and ask about a row of another sheet."""
    undo, sheet = document.UndoManager, document.Sheets.getByIndex(0)
    sheet.protect("")
    document.Sheets.insertNewByName("Aside", 1)
    document.Sheets.getByName("Aside").getCellByPosition(0, 0).setString("typed last")
    before, steps = state(document), list(undo.getAllUndoActionTitles())
    job = manager.createInstanceWithContext(SERVICE, manager.DefaultContext)
    said = job.execute((_asked("sync"),))
    found = {
        "said": said,
        "same": state(document) == before,
        "same_steps": list(undo.getAllUndoActionTitles()) == steps,
    }
    document.CurrentController.select(document.Sheets.getByName("Aside").getCellByPosition(0, 2))
    found["why"] = job.execute((_asked("row"),))
    document.close(True)
    return found


def _menu(context: Any) -> list[list[str]]:
    """What the extension put into the menu bar."""
    provider = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.configuration.ConfigurationProvider", context
    )
    node = PropertyValue()
    node.Name, node.Value = "nodepath", "/org.openoffice.Office.Addons/AddonUI/OfficeMenuBar"
    bar = provider.createInstanceWithArguments("com.sun.star.configuration.ConfigurationAccess", (node,))
    return [
        [bar.getByName(name).Title, entry.Title, entry.URL]
        for name in bar.ElementNames
        if "sheetsync" in name
        for entry in (bar.getByName(name).Submenu.getByName(each) for each in bar.getByName(name).Submenu.ElementNames)
    ]


def main() -> None:
    """Do each task in one office."""
    tasks = json.loads(sys.stdin.read())
    office, context = connect()
    try:
        print(json.dumps([morning(context, task) for task in tasks]))  # noqa: T201 - it is what the test reads
    finally:
        try:
            context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
            office.wait(30)
        except Exception:  # noqa: BLE001 - whatever it is, the office must be gone
            office.kill()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()

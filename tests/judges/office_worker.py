"""What LibreOffice makes of workbooks. Runs under the system's Python, which alone has the UNO bridge; see office.py.

Reads {"files": [...], "profile": folder, "out": folder} from its input, and prints one JSON object a file: per sheet the
values, the places of formula errors, and the name of an HTML file in which the sheet's rules have been evaluated.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno  # type: ignore[import-not-found]
from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]
from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]

FORMULA_ERROR = 4
"""com.sun.star.sheet.FormulaResult.ERROR."""
MOST_CELLS = 2_000_000


def connect(profile: str) -> tuple[subprocess.Popen[bytes], Any]:
    """Start an office of its own and wait for its desktop."""
    pipe = "judge" + profile.strip("/").replace("/", "-")
    office = subprocess.Popen(
        [
            "soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nologo",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(2400):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.05)
        else:
            return office, context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    office.kill()
    raise TimeoutError("LibreOffice did not start")


def examine(desktop: Any, file: str, out: Path) -> dict[str, Any]:
    """One workbook: opened, recalculated, looked at, and closed without saving."""
    document = desktop.loadComponentFromURL(
        uno.systemPathToFileUrl(file), "_blank", 0, (_option("Hidden", True), _option("ReadOnly", False))
    )
    if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        return {"file": file, "error": "LibreOffice cannot open it"}
    try:
        document.calculateAll()
        pages = [_page(page) for page in document.Sheets]
        for page in document.Sheets:
            _lay_open(page)
        html = out / f"{len(list(out.iterdir()))}.html"
        document.storeToURL(uno.systemPathToFileUrl(str(html)), (_option("FilterName", "HTML (StarCalc)"),))
        return {"file": file, "sheets": pages, "html": str(html)}
    finally:
        document.close(True)


def _page(page: Any) -> dict[str, Any]:
    cursor = page.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    rows, columns = last.EndRow + 1, last.EndColumn + 1
    if rows * columns > MOST_CELLS:
        return {"name": page.Name, "values": None, "errors": []}
    errors = [
        [area.StartRow + 1, area.StartColumn + 1, area.EndRow + 1, area.EndColumn + 1]
        for area in page.queryFormulaCells(FORMULA_ERROR).RangeAddresses
    ]
    return {
        "name": page.Name,
        "values": page.getCellRangeByPosition(0, 0, columns - 1, rows - 1).getDataArray(),
        "errors": errors,
    }


def _lay_open(page: Any) -> None:
    """Show what is hidden and pin the first cell, so that the HTML's grid begins at A1 and leaves no row out."""
    page.IsVisible = True
    if page.isProtected():
        page.unprotect("")
    if page.isProtected():
        return
    page.Rows.IsVisible = True
    page.Columns.IsVisible = True
    first = page.getCellByPosition(0, 0)
    if not first.String:
        first.String = "·"


def _option(name: str, value: object) -> Any:
    option = PropertyValue()
    option.Name, option.Value = name, value
    return option


def main() -> None:
    """Serve one request."""
    request = json.load(sys.stdin)
    office, desktop = connect(request["profile"])
    try:
        for file in request["files"]:
            try:
                found = examine(desktop, file, Path(request["out"]))
            except Exception as error:  # noqa: BLE001 - an office that fails over a file is a finding, not a crash
                found = {"file": file, "error": f"{type(error).__name__}: {error}"}
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()
    finally:
        try:
            desktop.terminate()
            office.wait(20)
        except Exception:  # noqa: BLE001 - it may have crashed over the last file
            office.kill()


if __name__ == "__main__":
    main()

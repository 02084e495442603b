"""The menu "Follow-ups" in LibreOffice Calc.

Runs inside LibreOffice, under its own Python. Nothing is worked out here: the open document goes to the sheetsync that is
installed on this computer, over a pipe, and what it answers is compared with the document and then written into it, as
one step that Edit > Undo takes back. The document is not saved: that stays with the person.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import unohelper
from com.sun.star.awt.MessageBoxType import ERRORBOX, INFOBOX
from com.sun.star.task import XJob, XJobExecutor
from com.sun.star.uno import Exception as UnoException
from sheetsync_calc.reading import read_book
from sheetsync_calc.writing import Written, write

IDENTIFIER = "{{ identifier }}"
COMMAND: list[str] = json.loads(r"""{{ command }}""")
"""sheetsync as it is installed on this computer."""
LONGEST = 300
"""Seconds that a sync may take."""
OF_THE_OFFICE = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "UNO_PATH")
"""Variables by which LibreOffice finds its own Python and libraries: with them, another Python would not start."""


class ToldError(Exception):
    """One sentence for the person."""


class FollowUps(unohelper.Base, XJobExecutor, XJob):
    """What the menu calls (`trigger`), and what a macro may call (`execute`)."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def trigger(self, what: str) -> None:
        """Do what a menu entry names, and tell the person how it went."""
        try:
            box, said = INFOBOX, self._do(what)
        except ToldError as error:
            box, said = ERRORBOX, str(error)
        self._show(box, said)

    def execute(self, arguments: Any) -> str:
        """The same without a window: the sentence is answered. `arguments` holds a NamedValue `do`."""
        try:
            return self._do(next((each.Value for each in arguments if each.Name == "do"), "sync"))
        except ToldError as error:
            return str(error)

    def _do(self, what: str) -> str:
        """Raises ToldError, whatever it is that LibreOffice will not do."""
        try:
            document = self._document()
            return self._why(document) if what == "row" else self._sync(document)
        except UnoException as error:
            reason = error.Message.strip().rstrip(".") or type(error).__name__
            raise ToldError(f"LibreOffice refused this ({reason}). Nothing was written.") from None

    def _sync(self, document: Any) -> str:
        controllers = document.hasControllersLocked()
        answer = ask({"do": "sync", "book": read_book(document)})
        changes = answer.get("changes")
        if not changes:
            return "\n".join(["Everything is up to date: nothing was written.", *_numbers(answer)])
        if not controllers:
            document.lockControllers()
        try:
            written = write(document, changes, "sheetsync: Sync now")
        finally:
            if not controllers:
                document.unlockControllers()
        return "\n".join([*_told(written), *_numbers(answer)])

    def _why(self, document: Any) -> str:
        """How the date of the row came about in which the cursor stands."""
        selection = document.CurrentSelection
        if selection is None or not hasattr(selection, "RangeAddress"):
            raise ToldError("Select one cell of a row of your tracker, then choose this again.")
        row = selection.RangeAddress.StartRow + 1
        answer = ask({"do": "row", "row": row, "book": read_book(document)})
        if (here := selection.Spreadsheet.Name) != (sheet := answer["sheet"]):
            raise ToldError(f"{here} is not your tracker: select a row of the sheet {sheet}, then choose this again.")
        steps = [step["text"] if isinstance(step, dict) else str(step) for step in answer.get("steps", ())]
        return "\n".join([f"Row {row}: {answer.get('why') or 'nothing is planned.'}", "", *steps]).strip()

    def _document(self) -> Any:
        desktop = self._context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self._context)
        document = desktop.getCurrentComponent()
        if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            raise ToldError("Open your tracker in Calc first, then choose this again.")
        if document.isReadonly():
            raise ToldError("This document is open for reading only: open it for editing, then choose this again.")
        return document

    def _show(self, box: Any, said: str) -> None:
        desktop = self._context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", self._context)
        frame = desktop.getCurrentFrame()
        window = frame.getContainerWindow() if frame is not None else None
        toolkit = self._context.ServiceManager.createInstanceWithContext("com.sun.star.awt.Toolkit", self._context)
        if window is not None:
            toolkit.createMessageBox(window, box, 1, "Follow-ups", said).execute()


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """What sheetsync answers. Raises ToldError with its sentence, or with what to do where it does not answer."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_THE_OFFICE}
    hidden = {"creationflags": 0x08000000} if sys.platform == "win32" else {}  # CREATE_NO_WINDOW
    try:
        done = subprocess.run(
            [*COMMAND, "addin", "exchange"],
            input=json.dumps(question).encode(),
            capture_output=True,
            env=environment,
            cwd=Path.home(),
            timeout=LONGEST,
            check=False,
            **hidden,
        )
        answer = json.loads(done.stdout or b"null")
    except subprocess.TimeoutExpired:
        raise ToldError(f"sheetsync gave no answer within {LONGEST} seconds. Nothing was written.") from None
    except (OSError, ValueError):
        answer = None
    if not isinstance(answer, dict):
        raise ToldError(
            "sheetsync could not be started: it was moved or taken away. Nothing was written. "
            "In a terminal, run `sheetsync addin calc` once more, then start LibreOffice again."
        )
    if "error" in answer:
        raise ToldError(str(answer["error"]))
    return answer


def _told(written: Written) -> list[str]:
    if written.refused:
        return [f"{written.refused} Nothing was written: choose Sync now once more."]
    cells = "1 cell" if written.cells == 1 else f"{written.cells:,} cells"
    told = [f"{cells} changed. Edit > Undo takes it back; the document is not saved yet."]
    return told + [f"{place} was left alone: {reason}" for place, reason in written.skipped]


def _numbers(answer: dict[str, Any]) -> list[str]:
    counts = answer.get("counts") or {}
    said = [f"{counts[word]} {word.lower()}" for word in ("Overdue", "Due", "Upcoming") if counts.get(word)]
    return [", ".join(said) + "."] if said else []


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 - the name that LibreOffice looks for
g_ImplementationHelper.addImplementation(FollowUps, IDENTIFIER + ".FollowUps", ("com.sun.star.task.Job",))

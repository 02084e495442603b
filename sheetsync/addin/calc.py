"""The extension for LibreOffice Calc: built for this computer, put into LibreOffice, and taken out again.

An .oxt is a zip of configuration, a UNO component and its Python modules (LibreOffice's extension format). It holds no
rule: it hands the open document to the sheetsync that built it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import jinja2

from sheetsync import __version__
from sheetsync.errors import FileError, UsageError
from sheetsync.resources import templates

IDENTIFIER: Final = "org.sheetsync.calc"
"""By which LibreOffice knows the extension."""
_FILLED: Final = ("description.xml", "Addons.xcu", "follow_ups.py")
"""The files in which something is filled in; the others go in as they are."""
_PLACES: Final = (
    "/Applications/LibreOffice.app/Contents/MacOS/unopkg",
    r"C:\Program Files\LibreOffice\program\unopkg.com",
    r"C:\Program Files (x86)\LibreOffice\program\unopkg.com",
)
"""Where LibreOffice stands if it is not on the PATH."""
_LONGEST: Final = 180
"""Seconds that LibreOffice may take to add or remove an extension."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file inside, so that the same extension has the same bytes."""


class OfficeError(FileError):
    """LibreOffice is not there, or would not do it."""


def build_extension(out: Path, command: Sequence[str] = ()) -> Path:
    """Write the extension to `out`, an .oxt, over an earlier one.

    `command` is how it starts sheetsync; by default the one that runs now. Raises UsageError for another ending,
    FileError if it cannot be written.
    """
    if out.suffix.lower() != ".oxt":
        raise UsageError(f"An extension of LibreOffice ends in .oxt: name it {out.with_suffix('.oxt').name}.")
    filled = {
        "identifier": IDENTIFIER,
        "version": re.sub(r"[^0-9.].*", "", __version__),
        "command": json.dumps(list(command) or [sys.executable, "-m", "sheetsync"]),
    }
    environment = jinja2.Environment(autoescape=False, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)  # noqa: S701 - no page: Python and our own XML
    folder = templates() / "calc"
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
                data = file.read_bytes()
                if file.name in _FILLED:
                    data = environment.from_string(data.decode()).render(filled).encode()
                package.writestr(zipfile.ZipInfo(file.relative_to(folder).as_posix(), _EPOCH), data)
    except OSError as error:
        raise OfficeError(f"{out} cannot be written: {error.strerror or error}.") from error
    return out


def install(extension: Path) -> str:
    """Put the extension into LibreOffice, in place of an earlier one; returns what to do next.

    Raises OfficeError if there is no LibreOffice, or if it refuses.
    """
    _unopkg("add", "--force", str(extension))
    return "The menu Follow-ups is in LibreOffice Calc: start LibreOffice again if it is open."


def uninstall() -> str:
    """Take the extension out of LibreOffice; returns what was done. Raises OfficeError as `install` does."""
    if not installed():
        return "LibreOffice has no extension of sheetsync's: there was nothing to take out."
    _unopkg("remove", IDENTIFIER)
    return "The extension was taken out of LibreOffice: start it again if it is open."


def installed() -> bool:
    """Whether LibreOffice has the extension. Raises OfficeError as `install` does."""
    return f"Identifier: {IDENTIFIER}" in _unopkg("list")


def _unopkg(*arguments: str) -> str:
    """What LibreOffice's own program for extensions says."""
    program = shutil.which("unopkg") or next((place for place in _PLACES if os.path.exists(place)), None)  # noqa: PTH110 - a plain text
    if program is None:
        raise OfficeError("LibreOffice was not found on this computer: install it, then run this again.")
    try:
        done = subprocess.run(  # noqa: S603 - LibreOffice's own, with our own words
            [program, *arguments], capture_output=True, text=True, errors="replace", timeout=_LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise OfficeError("LibreOffice did not answer: close it, then run this again.") from None
    if done.returncode:
        raise OfficeError(f"LibreOffice refused: {_reason(done.stderr.splitlines() or done.stdout.splitlines())}.")
    return done.stdout


def _reason(lines: Iterable[str]) -> str:
    said = [line.strip().removeprefix("ERROR:").strip() for line in lines if line.strip()]
    return (said[-1] if said else "close it, then run this again").rstrip(".")

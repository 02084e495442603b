"""LibreOffice as a judge: what a spreadsheet program calculates, colours and draws.

Rules are judged by LibreOffice's own HTML export, which writes a cell's background after evaluating the rules on it;
`faketime` moves its TODAY().
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lxml import html

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from lxml.html import HtmlElement

SYSTEM_PYTHON: Final = "/usr/bin/python3"
_WORKER: Final = Path(__file__).with_name("office_worker.py")
_ALWAYS_RECALCULATE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class OfficeFailedError(Exception):
    """LibreOffice could not do what it was asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet as LibreOffice has it, places being (row, column) from 1."""

    name: str
    values: dict[tuple[int, int], str | float]
    """Calculated values; empty cells are left out, dates are numbers."""
    errors: frozenset[tuple[int, int]] = frozenset()
    """Where a formula ends in an error."""
    colours: dict[tuple[int, int], str] = field(default_factory=dict)
    """Backgrounds such as "#FFC7CE", with the conditional formats applied; uncoloured cells are left out."""


@dataclass(frozen=True, slots=True)
class Examination:
    """One workbook as LibreOffice has it."""

    file: Path
    pages: dict[str, Page] = field(default_factory=dict)
    error: str | None = None


@cache
def missing() -> str | None:
    """Why this judge cannot sit, or None if it can."""
    for program in ("soffice", "faketime", "pdftoppm"):
        if not shutil.which(program):
            return f"{program} is not installed"
    done = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False)
    return "LibreOffice's Python bridge (python3-uno) is not installed" if done.returncode else None


def examine(files: Sequence[Path], *, today: dt.date | None = None) -> list[Examination]:
    """Open, recalculate and look at workbooks, in one office process with a profile of its own.

    `today` is what TODAY() gives there. A file that LibreOffice cannot open has an `error`. Raises OfficeFailedError.
    """
    with tempfile.TemporaryDirectory() as folder:
        profile, out = _profile(Path(folder)), Path(folder) / "out"
        out.mkdir()
        request = {"files": [str(file.resolve()) for file in files], "profile": str(profile), "out": str(out)}
        said = _run([SYSTEM_PYTHON, str(_WORKER)], today, timeout=300 + 60 * len(files), request=json.dumps(request))
        found = [_examination(json.loads(line)) for line in said.splitlines() if line.startswith("{")]
    if len(found) != len(files):
        raise OfficeFailedError(f"it looked at {len(found)} of {len(files)} files: {said[-300:]}")
    return found


def convert(file: Path, kind: str, folder: Path, *, today: dt.date | None = None) -> Path:
    """Save a copy in another format ("xlsx", "pdf", "csv", "ods") into `folder`. Raises OfficeFailedError."""
    with tempfile.TemporaryDirectory() as own:
        command = ["soffice", f"-env:UserInstallation=file://{_profile(Path(own))}", "--headless", "--convert-to", kind]
        said = _run([*command, "--outdir", str(folder), str(file)], today, timeout=600)
    made = folder / f"{file.stem}.{kind.partition(':')[0]}"
    if not made.is_file():
        raise OfficeFailedError(f"{file.name} was not turned into {kind}: {said[-300:]}")
    return made


def picture(file: Path, folder: Path, *, today: dt.date | None = None, dots: int = 70) -> list[Path]:
    """Render a workbook's printed pages as PNG files, in order. Raises OfficeFailedError."""
    pdf = convert(file, "pdf", folder, today=today)
    subprocess.run(["pdftoppm", "-r", str(dots), "-png", str(pdf), str(folder / file.stem)], check=True, timeout=600)
    return sorted(folder.glob(f"{file.stem}-*.png"))


def _profile(folder: Path) -> Path:
    """A profile of its own for one office process."""
    return Path(shutil.copytree(_first_profile(), folder / "profile"))


@cache
def _first_profile() -> Path:
    """The profile that an office made at its first start, which takes longer than all later ones; nothing was opened in it."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
    start = [
        "soffice",
        f"-env:UserInstallation=file://{profile}",
        "--headless",
        "--norestore",
        "--terminate_after_init",
    ]
    _run(start, None, timeout=600)
    return profile


def _run(command: list[str], today: dt.date | None, *, timeout: int, request: str | None = None) -> str:
    moved = ["faketime", f"{today.isoformat()} 12:00:00", *command] if today else command
    done = subprocess.run(
        moved,
        input=request,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    )
    if done.returncode:
        raise OfficeFailedError(f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def _examination(found: dict[str, Any]) -> Examination:
    file = Path(found["file"])
    if "error" in found:
        return Examination(file, error=found["error"])
    colours = _colours(Path(found["html"]))
    pages = {
        page["name"]: Page(
            page["name"],
            {
                (row, column): value
                for row, line in enumerate(page["values"] or (), 1)
                for column, value in enumerate(line, 1)
                if value != ""
            },
            frozenset(
                (row, column)
                for top, left, bottom, right in page["errors"]
                for row in range(top, bottom + 1)
                for column in range(left, right + 1)
            ),
            colours[index] if index < len(colours) else {},
        )
        for index, page in enumerate(found["sheets"])
    }
    return Examination(file, pages)


def _colours(file: Path) -> list[dict[tuple[int, int], str]]:
    root = html.document_fromstring(file.read_bytes(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    return [dict(_painted(table)) for table in root.iterfind("body/table")]


def _painted(table: HtmlElement) -> Iterator[tuple[tuple[int, int], str]]:
    covered: set[tuple[int, int]] = set()
    for row, line in enumerate(table.iter("tr"), 1):
        column = 1
        for cell in line.iterchildren("td", "th"):
            while (row, column) in covered:
                column += 1
            wide, high = int(cell.get("colspan", "1")), int(cell.get("rowspan", "1"))
            area = [(row + down, column + right) for down in range(high) for right in range(wide)]
            covered.update(area)
            colour = cell.get("bgcolor")
            if colour:
                yield from ((place, colour.upper()) for place in area)
            column += wide

"""The real workbooks, and what the command is told about each of them."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from click.testing import CliRunner
from judges.invariants import violations
from judges.package import Package, cells, child, children, letters, read_range
from judges.specimen import copied
from lxml import etree
from openpyxl.formula import Tokenizer

from sheetsync.cli import cli

DAY: Final = dt.date(2026, 11, 9)
"""The day to plan for where a workbook suggests no better one."""
LARGEST: Final = 100_000_000
"""Bytes of one part from which a refusal is understood."""
DAMAGE: Final = ("is off the sheet", "is no cell", "is past the end")
"""How the invariants' findings end that say a sheet is damaged: a program that opens it has to make something up."""
HEADER_ROWS: Final = 30
"""How far down a header is looked for."""


@dataclass(frozen=True)
class Case:
    """One workbook, and whether it is surely a tracker."""

    path: Path
    name: str
    tracker: bool


@dataclass(frozen=True)
class Place:
    """Where a workbook that is no tracker is made to hold one: a sheet, a header row, and the columns named."""

    sheet: str
    header_row: int
    columns: dict[str, str]

    @property
    def options(self) -> list[str]:
        """As the command takes it."""
        told = ["--sheet", self.sheet, "--header-row", str(self.header_row)]
        for field, column in self.columns.items():
            told += ["--map", f"{field}={column}"]
        return told


def folder() -> Path | None:
    """The folder of real workbooks, or None where it is absent."""
    found = Path(os.environ.get("SHEETSYNC_SHARED", Path(__file__).parents[3] / "shared"))
    return found if (found / "trackers" / "labels.json").is_file() else None


@cache
def collection() -> tuple[Case, ...]:
    """Every workbook of the collection, trackers first."""
    base = folder()
    if base is None:
        return ()
    labels = json.loads((base / "trackers" / "labels.json").read_text(encoding="utf-8"))
    sure = {label["file"] for label in labels if label["tracker"] and label["tracker_certainty"] == "sure"}
    return tuple(
        Case(path, str(path.relative_to(base)), str(path.relative_to(base / part)) in sure)
        for part in ("trackers", "xlsx")
        for path in sorted((base / part).rglob("*.xls[xm]"))
    )


@dataclass(frozen=True)
class Run:
    """What one run of the command came to."""

    code: int
    said: str
    complained: str
    error: BaseException | None

    @property
    def report(self) -> dict[str, object]:
        """Its JSON."""
        found: dict[str, object] = json.loads(self.said)
        return found


def run(*args: str) -> Run:
    """Run `sheetsync` with these arguments in this process."""
    result = CliRunner().invoke(cli, list(args), env={"SHEETSYNC_DEBUG": ""})
    unforeseen = result.exception if not isinstance(result.exception, SystemExit) else None
    return Run(result.exit_code, result.stdout, result.stderr, unforeseen)


def sync(path: Path, day: dt.date, *options: str) -> Run:
    """Sync a workbook in place as of a day."""
    return run("sync", str(path), "--json", "--as-of", day.isoformat(), *options)


def lively_day(path: Path, *options: str) -> dt.date:
    """The day after the last of a tracker's windows ends, on which something is overdue: old trackers are all cold today."""
    proposed = sync(path, DAY, "--dry-run", *options)
    rows = proposed.report["rows"] if proposed.code == 0 else []
    assert isinstance(rows, list)
    ends = [dt.date.fromisoformat(row["contact_by"]) for row in rows if row["contact_by"]]
    return max(ends) + dt.timedelta(1) if ends else DAY


@dataclass(frozen=True)
class Story:
    """One workbook before, after a sync, after a second, after one a week later, and after everything was removed."""

    case: Case
    day: dt.date
    before: Path
    after: Path
    twice: Path
    later: Path
    removed: Path
    options: tuple[str, ...]
    first: Run
    second: Run | None
    third: Run | None
    removal: Run | None
    stamps: tuple[int, int]
    """The file's time of change after the first and the second sync, in nanoseconds."""

    @property
    def sheet(self) -> str:
        """The sheet that was synced."""
        return str(self.first.report["sheet"])

    @property
    def ours(self) -> frozenset[int]:
        """The columns that are ours."""
        owned = self.first.report["owned"]
        assert isinstance(owned, dict)
        return frozenset(number(column) for column in owned.values() if column)


_METER: Final = """
import os, resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024)
"""
"""Run by a process of its own: on Linux a child's peak memory begins with what its parent held when it was born.

The minute of processor time is what no refusal comes near and a file that is unpacked without end goes past.
"""


def cost_of(*args: str) -> tuple[int, float]:
    """The exit code of the installed command, and the megabytes of memory that it takes, start-up included."""
    command = Path(sys.executable).with_name("sheetsync")
    told = subprocess.run(
        [sys.executable, "-c", _METER, command, *args], capture_output=True, text=True, check=True
    ).stdout
    code, megabytes = told.split()
    return int(code), float(megabytes)


def number(column: str) -> int:
    """A column's number: A is 1."""
    found = 0
    for letter in column:
        found = found * 26 + ord(letter) - 64
    return found


def live(case: Case, work: Path, *, once: bool = False) -> Story:
    """Sync a copy, sync it again, and a week later, then remove everything; keep the file of each moment.

    `once`: only the first sync.
    """
    before, file = (copied(case.path, work / f"{name}{case.path.suffix}") for name in ("before", "tracker"))
    options = () if case.tracker else tuple(place.options if (place := choose(case.path)) else ())
    day = lively_day(file, *options)
    first = sync(file, day, *options)
    after = copied(file, work / f"after{case.path.suffix}")
    stamp = file.stat().st_mtime_ns
    done = first.code == 0 and not once
    second = sync(file, day, *options) if done else None
    twice = copied(file, work / f"twice{case.path.suffix}")
    stamps = (stamp, file.stat().st_mtime_ns)
    third = sync(file, day + dt.timedelta(7), *options) if done else None
    later = copied(file, work / f"later{case.path.suffix}")
    removal = run("remove", str(file)) if done else None
    removed = copied(file, work / f"removed{case.path.suffix}")
    return Story(case, day, before, after, twice, later, removed, options, first, second, third, removal, stamps)


@cache
def choose(path: Path) -> Place | None:
    """A sheet with cells, the row that looks most like a header, and its fullest two columns; None if there is none.

    The fullest column is called the company, the next the role, whatever they hold.
    """
    try:
        package = Package(path)
        places = [place for sheet in package.worksheets if (place := _place(package, sheet.name))]
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, ValueError):
        return None
    return places[0] if places else None


def _place(package: Package, name: str) -> Place | None:
    texts: dict[int, set[int]] = {}
    filled: dict[int, set[int]] = {}
    for row, element in package.rows(package.sheet(name)):
        for column, cell in cells(element):
            if row < 1 or not any(child(cell, part) is not None for part in ("v", "is", "f")):
                continue
            filled.setdefault(row, set()).add(column)
            if cell.get("t") in {"s", "str", "inlineStr"}:
                texts.setdefault(row, set()).add(column)
    last = max(filled, default=0)
    heads = [row for row in texts if row <= HEADER_ROWS and row < last] or sorted(texts)[:1] or sorted(filled)[:1]
    if not heads:
        return None
    header = max(heads, key=lambda row: (len(texts.get(row, ())), -row))
    named = texts.get(header) or filled[header]
    below = Counter(column for row, columns in filled.items() if row > header for column in columns & named)
    chosen = [column for column, _ in below.most_common(2)] or sorted(named)[:1]
    return Place(name, header, dict(zip(("company", "role"), map(letters, chosen), strict=False)))


def readers(path: Path, sheet: str, columns: frozenset[int]) -> set[tuple[str, int, int]]:
    """The cells (sheet, row, column) whose formula names a range that takes in one of these columns of a sheet."""
    package = Package(path)
    return {
        (page.name, row, column)
        for page in package.worksheets
        for row, element in package.rows(page)
        for column, cell in cells(element)
        for formula in children(cell, "f")
        if _reads(formula.text or "", sheet, columns, here=page.name == sheet)
    }


def _reads(formula: str, sheet: str, columns: frozenset[int], *, here: bool) -> bool:
    for item in Tokenizer(f"={formula}").items:
        owner, _, place = item.value.rpartition("!")
        area = read_range(place.upper()) if item.subtype == "RANGE" else None
        there = owner.strip("'").replace("''", "'") == sheet if owner else here
        if area and there and any(area[1] <= column <= area[3] for column in columns):
            return True
    return False


def reasons_to_refuse(path: Path) -> list[str]:
    """What an independent look finds that makes refusing a workbook right."""
    try:
        package = Package(path)
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
        sheets = package.worksheets
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, ValueError) as error:
        return [f"it is no whole workbook ({type(error).__name__})"]
    found = [f"{broken} is damaged"] if broken else []
    names = Counter(member.name.lower() for member in package.members)
    found += [f"{name} stands {count} times" for name, count in names.items() if count > 1]
    if any(name.startswith("_xmlsignatures/") for name in names):
        found.append("it is signed")
    if any(member.size > LARGEST for member in package.members):
        found.append("a part of it is huge")
    if any(b"<!DOCTYPE" in member.content[:100_000] for member in package.members if member.name.endswith(".xml")):
        found.append("it declares a document type")
    if not sheets or choose(path) is None:
        found.append("it has no sheet with cells")
    found += [flaw for flaw in violations(path) if flaw.endswith(DAMAGE) and not flaw.startswith("styles")][:1]
    styles = package.styles
    if not styles or not children(package.root(styles), "cellXfs"):
        found.append("its styles are not all there")
    return found

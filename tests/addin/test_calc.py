"""The extension in a real LibreOffice Calc: installed, chosen from its menu, taken back. As an unprivileged user.

Prints how long Sync now took (`pytest -s`).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import PatternFill

from sheetsync.addin.calc import IDENTIFIER, build_extension
from sheetsync.errors import FileError, UsageError
from sheetsync.sheets import open_source

SYSTEM_PYTHON = "/usr/bin/python3"
NOBODY = 65534
NOW = "2026-11-18 10:00:00"
DAY = dt.date(2026, 11, 18)
ROOT = Path(__file__).parents[2]
OWN = ["Company", "Role", "Contact", "Status", "Applied", "Interview date", "Score"]


def _lacking() -> str:
    """What this machine lacks for these tests; "" if nothing."""
    for program in ("soffice", "unopkg", "faketime", *(["setpriv"] if os.geteuid() == 0 else [])):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False).returncode:
        return "the system's Python has no UNO bridge (python3-uno)"
    return ""


needs_office = pytest.mark.skipif(bool(_lacking()), reason=_lacking() or "all is there")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody without privileges, with a home and a LibreOffice of their own."""

    home: Path
    sheetsync: tuple[str, ...]
    """How they start sheetsync."""

    def run(self, *command: str, told: str = "") -> str:
        """What a program prints. Fails the test if it does not end well."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}
        done = subprocess.run(
            [*_as_nobody(), *command], input=told, capture_output=True, text=True, timeout=300,
            env=environment, cwd=self.home, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout


def _as_nobody() -> list[str]:
    # by way of env: what setpriv starts itself may still do what root may
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env"] if os.geteuid() == 0 else []


@pytest.fixture(scope="module")
def person() -> Iterator[Person]:
    """Their sheetsync is the one under test, started by whatever Python they may run."""
    # pytest's own folders may be closed to other users
    with tempfile.TemporaryDirectory(prefix="sheetsync-calc-") as folder:
        home = Path(folder)
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
        packages = sysconfig.get_paths()["purelib"]
        ways = (
            (sys.executable, "-m", "sheetsync"),
            ("env", f"PYTHONPATH={ROOT}{os.pathsep}{packages}", SYSTEM_PYTHON, "-m", "sheetsync"),
        )
        for way in ways:
            tried = subprocess.run(
                [*_as_nobody(), *way[:-2], "-c", "import pandas, sheetsync"],
                capture_output=True, cwd=home, check=False,
            )  # fmt: skip
            if tried.returncode == 0:
                yield Person(home, ("faketime", NOW, *way))
                return
        pytest.skip("no Python here can be run by an unprivileged user with these packages")


@pytest.fixture(scope="module")
def mornings(person: Person) -> dict[str, Any]:
    """Two documents, each opened, synced, saved, synced again, taken back and done again in one LibreOffice; and one that is protected."""
    build_extension(person.home / "sheetsync.oxt", person.sheetsync)
    person.run("unopkg", "add", "--force", str(person.home / "sheetsync.oxt"))
    assert f"Identifier: {IDENTIFIER}" in person.run("unopkg", "list")
    _own_tracker(person.home / "own.xlsx")
    shutil.copy(person.home / "own.xlsx", person.home / "protected.xlsx")
    shutil.copy(ROOT / "sample_tracker.xlsx", person.home / "sample.xlsx")
    for name in ("own.xlsx", "sample.xlsx"):
        shutil.copy(person.home / name, person.home / f"file-{name}")
    for file in person.home.glob("*.xlsx"):
        if os.geteuid() == 0:
            os.chown(file, NOBODY, NOBODY)
    for name in ("sample.xlsx", "file-sample.xlsx"):
        person.run(*person.sheetsync, "sync", name, "--as-of", "2026-11-10")
        person.run(*person.sheetsync, "add", name, "log", "--as-of", "2026-11-10")
    log = open_source(str(person.home / "sample.xlsx")).read().owned
    assert log is not None
    column = log.columns["log"]
    assert column is not None
    tasks = [
        {"name": "own.xlsx", "row": 3},
        {"name": "protected.xlsx", "protected": True},
        {
            "name": "sample.xlsx",
            "by_menu": True,
            "edit": [["Job search", 4, column, "Emailed"], ["Job search", 4, column + 1, "2026-11-17"]],
            "comment": [["Job search", 4, column - 2, "Ask about this."]],
        },
    ]
    asked = [
        {**task, "file": str(person.home / str(task["name"])), "out": str(person.home / f"out-{task['name']}")}
        for task in tasks
    ]
    found = json.loads(
        person.run(SYSTEM_PYTHON, str(Path(__file__).with_name("calc_worker.py")), told=json.dumps(asked))
    )
    for task, morning in zip(tasks, found, strict=True):
        if "seconds" not in morning:
            continue
        sys.stdout.write(f"{task['name']}: Sync now took {morning['seconds']:.2f} s; then: {morning['again']!r}\n")
    return {str(task["name"]): morning for task, morning in zip(tasks, found, strict=True)}


def _own_tracker(path: Path) -> None:
    """A tracker of the person's own: a formula, a comment, a colour scale and a rule over everything."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "My jobs"
    sheet.append(OWN)
    for row in range(2, 32):
        person, stage = "Ann Bay" if row % 2 else None, ("Applied", "Interview", "Rejected")[row % 3]
        applied = dt.date(2026, 11, 1) + dt.timedelta(days=row % 9)
        met = dt.date(2026, 11, 16) if stage == "Interview" else None
        sheet.append([f"Größe & Söhne {row}", f"Role {row}", person, stage, applied, met, f"=ROW()*{row}"])
        for column in (5, 6):
            sheet.cell(row, column).number_format = "dd/mm/yyyy"
    sheet.conditional_formatting.add("A2:Z60", ColorScaleRule("min", None, "FFFFFF", "max", None, "CCDDEE"))  # type: ignore[no-untyped-call]
    fill = PatternFill(start_color="EEEEEE", end_color="EEEEEE", fill_type="solid")
    sheet.conditional_formatting.add("A2:Z60", FormulaRule(formula=['$D2="Rejected"'], fill=fill))  # type: ignore[no-untyped-call]
    book.save(path)


@needs_office
def test_the_menu_is_there(mornings: dict[str, Any]) -> None:
    for morning in (mornings["own.xlsx"], mornings["sample.xlsx"]):
        assert [entry[:2] for entry in morning["menu"]] == [
            ["Follow-ups", "Sync now"],
            ["Follow-ups", "Why this row?"],
        ]


@needs_office
@pytest.mark.parametrize("name", ["own.xlsx", "sample.xlsx"])
def test_sync_now_is_one_step_that_undo_takes_back_whole(mornings: dict[str, Any], name: str) -> None:
    morning = mornings[name]
    assert morning["steps"] == ["sheetsync: Sync now"]
    assert morning["after"] != morning["before"]
    assert _filled(morning["undone"]) == _filled(morning["before"])
    assert morning["redone"] == morning["after"]


@needs_office
@pytest.mark.parametrize("name", ["own.xlsx", "sample.xlsx"])
def test_a_second_sync_writes_nothing(mornings: dict[str, Any], name: str) -> None:
    assert mornings[name]["again"].startswith("Everything is up to date: nothing was written.")
    assert mornings[name]["steps_again"] == mornings[name]["steps"]


@needs_office
def test_the_cells_are_those_of_a_sync_of_the_file(mornings: dict[str, Any], person: Person) -> None:
    assert mornings
    person.run(*person.sheetsync, "sync", "file-own.xlsx")
    of_file = open_source(str(person.home / "file-own.xlsx")).read()
    of_calc = open_source(str(person.home / "out-own.xlsx")).read()
    assert of_calc.owned is not None
    assert of_file.owned is not None
    assert of_calc.owned.columns == of_file.owned.columns
    grids = [snapshot.grid("My jobs") for snapshot in (of_calc, of_file)]
    rows = [[grid.row(row) for row in range(1, 32)] for grid in grids]
    assert [row[: len(OWN) - 1] for row in rows[0]] == [row[: len(OWN) - 1] for row in rows[1]]
    assert [row[len(OWN) :] for row in rows[0]] == [row[len(OWN) :] for row in rows[1]]
    assert {row[len(OWN) + 3] for row in rows[0]} >= {"Overdue", "Closed"}


@needs_office
def test_what_the_person_has_stays(mornings: dict[str, Any]) -> None:
    before, after = (mornings["own.xlsx"][when]["sheets"]["My jobs"] for when in ("before", "after"))
    width = len(OWN)
    assert [row[:width] for row in after["formulas"]] == [row[:width] for row in before["formulas"]]
    assert after["formulas"][1][width - 1] == "=ROW()*2"
    theirs = {known: cells for known, cells in after["conditions"].items() if "sheetsync:" not in known}
    assert theirs == before["conditions"]
    assert len(theirs) == 2
    assert len(after["conditions"]) == len(theirs) + 5
    assert after["widths"][:width] == before["widths"]


@needs_office
def test_a_pick_goes_into_the_history_and_a_comment_stays(mornings: dict[str, Any]) -> None:
    morning = mornings["sample.xlsx"]
    history = [[row for row in morning[when]["sheets"]["History"]["shown"] if any(row)] for when in ("before", "after")]
    assert len(history[1]) == len(history[0]) + 1
    assert "17" in history[1][-1][0]
    assert [note[1] for note in morning["after"]["sheets"]["Job search"]["notes"]] == ["Ask about this."]
    log = morning["before"]["sheets"]["Job search"]["shown"][0].index("Log")
    assert morning["before"]["sheets"]["Job search"]["shown"][3][log] == "Emailed"
    assert morning["after"]["sheets"]["Job search"]["shown"][3][log : log + 2] == ["", ""]


@needs_office
def test_what_calc_saved_is_up_to_date_for_the_command_too(mornings: dict[str, Any], person: Person) -> None:
    assert mornings
    for name in ("out-own.xlsx", "out-sample.xlsx"):
        said = json.loads(person.run(*person.sheetsync, "sync", name, "--dry-run", "--json"))
        assert said["changed_cells"] == 0, name


@needs_office
def test_why_this_row(mornings: dict[str, Any]) -> None:
    assert mornings["own.xlsx"]["why"].startswith("Row 3: ")
    assert len(mornings["own.xlsx"]["why"].splitlines()) > 3


@needs_office
def test_a_protected_sheet_is_left_and_so_is_the_person_s_last_step(mornings: dict[str, Any]) -> None:
    refused = mornings["protected.xlsx"]
    assert refused["said"].startswith("The sheet My jobs is protected (Tools > Protect Sheet)")
    assert "Nothing was written" in refused["said"]
    assert refused["same"]
    assert refused["same_steps"]


@needs_office
def test_why_is_asked_in_the_tracker_alone(mornings: dict[str, Any]) -> None:
    assert mornings["protected.xlsx"]["why"].startswith("Aside is not your tracker: select a row of the sheet My jobs")


@needs_office
def test_it_is_taken_out_again(mornings: dict[str, Any], person: Person) -> None:
    assert mornings
    person.run(*person.sheetsync, "addin", "calc", "--remove")
    assert IDENTIFIER not in person.run("unopkg", "list")
    assert "nothing to take out" in person.run(*person.sheetsync, "addin", "calc", "--remove")


def _filled(state: dict[str, Any]) -> dict[str, Any]:
    """A document without the empty cells at the right and at the bottom: LibreOffice still counts where something was."""
    sheets = {}
    for name, sheet in state["sheets"].items():
        grids = {key: _trimmed(sheet[key]) for key in ("formulas", "values", "shown")}
        sheets[name] = {**sheet, **grids, "widths": sheet["widths"][: len(state["sheets"][name]["widths"])]}
        sheets[name]["widths"] = sheet["widths"][: max(map(len, grids["formulas"]), default=0)]
    return {**state, "sheets": sheets}


def _trimmed(rows: list[list[Any]]) -> list[list[Any]]:
    kept = [list(row) for row in rows]
    for row in kept:
        while row and row[-1] == "":
            row.pop()
    while kept and not kept[-1]:
        kept.pop()
    return kept


def test_the_package_is_the_same_each_time_and_names_this_installation(tmp_path: Path) -> None:
    one, two = (build_extension(tmp_path / name) for name in ("one.oxt", "two.oxt"))
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as package:
        assert package.testzip() is None
        program = package.read("follow_ups.py").decode()
        assert "{{" not in "".join(package.read(name).decode() for name in package.namelist())
    compile(program, "follow_ups.py", "exec")
    assert json.dumps(sys.executable)[1:-1] in program


def test_an_extension_has_its_own_ending(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="name it mine.oxt"):
        build_extension(tmp_path / "mine.zip")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        build_extension(tmp_path / "gone" / "mine.oxt")

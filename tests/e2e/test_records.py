"""What a person records, from the first command to the last, over the sample and over real trackers, before judges."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from judges import compare, invariants, office, validator
from judges.marks import needs_office, needs_validator

from sheetsync.cli import cli

ROOT = Path(__file__).parents[2]
DAY = "2026-11-18"
PARTS = ("today", "log", "history", "debrief", "settings", "cadence")
TRACKERS = {
    "sample": DAY,
    "Malplaquet+Candidatures/Candidatures.xlsx": "2018-09-04",
    "Loki0821+Portfolio-Projects/Bewerbungen.xlsx": "2024-09-17",
    "Sri-Vaishnavi-1988+excel-resources/Job_Application_Tracker.xlsx": "2026-06-23",
}
"""Trackers, each with a day on which some of its rows are due: French, German with pivot tables, many sheets."""


def sheetsync(command: str, path: Path, *words: str, day: str | None = DAY) -> Any:
    """The JSON that a command which went well printed."""
    as_of = ("--as-of", day) if day else ()
    done = CliRunner().invoke(cli, [command, str(path), *words, *as_of, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def cells(path: Path, *, without: frozenset[str] = frozenset()) -> dict[tuple[str, str], object]:
    """Every filled cell of a workbook: (sheet, place) -> value."""
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        if sheet.title not in without
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


@dataclass(frozen=True)
class Case:
    """A copy of a tracker, the file it was, and the day that it is."""

    path: Path
    original: Path
    day: str
    ours: bool
    """Whether `init` built it: what stands there is not taken for an addition."""

    def __call__(self, command: str, *words: str) -> Any:
        return sheetsync(command, self.path, *words, day=None if command == "remove" else self.day)

    def due(self) -> dict[str, Any]:
        """A row that is due now and can be named by its company."""
        rows: list[dict[str, Any]] = self("due")["rows"]
        return next(row for row in rows if row["company"])


@pytest.fixture(params=list(TRACKERS))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    name: str = request.param
    is_ours = name == "sample"
    found = ROOT / "sample_tracker.xlsx" if is_ours else request.getfixturevalue("shared") / "trackers" / name
    path, original = (Path(shutil.copyfile(found, tmp_path / new)) for new in ("tracker.xlsx", "original.xlsx"))
    return Case(path, original, TRACKERS[name], is_ours)


def test_a_logged_contact_moves_the_date_and_undo_brings_every_value_back(case: Case) -> None:
    case("sync")
    row = case.due()
    before = cells(case.path)
    logged = case("log", str(row["row"]), "--channel", "email")
    (now,) = logged["rows"]
    assert (now["action"], now["next_contact"]) != (row["action"], row["next_contact"])
    assert cells(case.path) != before
    case("log", "--undo")
    left = {place: value for place, value in cells(case.path).items() if place not in before}
    assert {place: value for place, value in cells(case.path).items() if place in before} == before
    assert {value for (sheet, _), value in left.items() if sheet == "History"} <= {
        "Date", "Company", "Contact", "Direction", "Channel", "Step", "Note", "ID",
    }  # fmt: skip
    assert not {sheet for sheet, _ in left} - {"History", "sheetsync lists"}
    assert case("sync")["written"] is False
    assert invariants.new_violations(case.original, case.path) == []


def test_everything_is_added_once_and_taken_out_byte_for_byte(case: Case) -> None:
    case("add", *PARTS)
    assert case("sync")["written"] is False
    assert case("add", *PARTS)["written"] is False
    assert invariants.new_violations(case.original, case.path) == []
    names = openpyxl.load_workbook(case.path).sheetnames
    assert {"Today", "History", "Debrief", "Settings", "Cadence"} <= set(names)
    if case.ours:
        return
    told = case("remove", "--all")
    assert set(told["sheets"]) >= {"Today", "History", "Debrief", "Settings", "Cadence"}
    assert compare.same_parts(case.original, case.path) == []


@needs_validator
def test_the_validator_has_no_new_error(case: Case) -> None:
    case("add", *PARTS)
    case("log", str(case.due()["row"]), "--channel", "phone")
    assert validator.new_errors(case.original, case.path) == []


@needs_office
def test_a_spreadsheet_program_reads_what_was_recorded(case: Case) -> None:
    case("add", *PARTS)
    row = case.due()
    case("log", str(row["row"]), "--channel", "phone")
    (found,) = office.examine([case.path], today=dt.date.fromisoformat(case.day))
    assert found.error is None
    history = found.pages["History"]
    assert row["company"] in history.values.values()
    assert not history.errors
    assert not found.pages["Today"].errors


def test_sorted_rows_keep_their_history_and_a_row_deleted_by_hand_counts_as_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "tracker.xlsx"
    book: Any = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Jobs"
    sheet.append(["Company", "Role", "Status", "Date applied"])
    for company in ("Cedar", "Ash", "Ash", "Birch"):
        sheet.append([company, "Clerk", "Applied", dt.datetime(2026, 11, 2)])
    book.save(path)
    first = sheetsync("sync", path)["owned"]["next_contact"]
    for row in ("2", "4"):
        sheetsync("log", path, row, "--on", "2026-11-17")
    book = openpyxl.load_workbook(path)
    sheet = book["Jobs"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for at, row in enumerate(reversed(rows), start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(at, column).value = value
    book.save(path)
    kept = {row[0].row: row[0].value for row in openpyxl.load_workbook(path)["Jobs"][f"{first}2:{first}5"]}
    assert sheetsync("sync", path)["changed_cells"] == 0, "each row's history came along"
    book = openpyxl.load_workbook(path)
    book["History"].delete_rows(2)
    book.save(path)
    sheetsync("sync", path)
    now = {row[0].row: row[0].value for row in openpyxl.load_workbook(path)["Jobs"][f"{first}2:{first}5"]}
    assert {row for row in kept if kept[row] != now[row]} == {5}, "only Cedar's contact is taken back"


def test_what_is_picked_in_excel_is_history_with_the_next_sync(tmp_path: Path) -> None:
    path = tmp_path / "tracker.xlsx"
    book: Any = openpyxl.Workbook()
    book.active.append(["Company", "Contact", "Status", "Date applied", "Paused until"])
    for company in ("Ash", "Birch", "Cedar", "Dogwood"):
        book.active.append([company, f"{company} Person", "Applied", dt.datetime(2026, 11, 2)])
    book.save(path)
    sheetsync("add", path, "log")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    place = {cell.value: cell.column for cell in sheet[1]}
    offered = [check for check in sheet.data_validations.dataValidation if check.type == "list"]
    assert len(offered) == 1
    for row, word, day in ((2, "Emailed", 16), (3, "They said no", 17), (4, "Snooze a week", 17), (5, "Waved", 17)):
        sheet.cell(row, place["Log"], word)
        sheet.cell(row, place["Log date"], dt.datetime(2026, 11, day))
    book.save(path)
    told = sheetsync("sync", path)
    assert any("“Waved” is none of what Log offers" in problem["message"] for problem in told["problems"])
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert [sheet.cell(row, place["Log"]).value for row in range(2, 6)] == [None, None, None, "Waved"]
    assert [sheet.cell(row, place["Log date"]).value is None for row in range(2, 6)] == [True, True, True, False]
    assert sheet.cell(3, 3).value == "Rejected"
    assert sheet.cell(4, 5).value == dt.datetime(2026, 11, 24)
    history = [[cell.value for cell in row][1:5] for row in book["History"].iter_rows(min_row=2, max_row=3)]
    assert history == [["Ash", "Ash Person", "out", "Email"], ["Birch", "Birch Person", "in", None]]
    assert sheetsync("sync", path)["written"] is False

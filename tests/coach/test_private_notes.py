"""Columns of the person's own that are called like ours: coach notes that stay at home, ids that are no ids."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import openpyxl
import pytest
from cli.running import Cli, write_workbook

DAY = "2026-11-16"
PRIVATE = "Dana is too expensive"


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    head = ("Company", "Position", "Status", "Date Applied", "Coach notes", "ID")
    rows = [
        (name, "Analyst", "Applied", dt.date(2026, 11, 2), said, identity)
        for name, said, identity in (("Ash", PRIVATE, "n1"), ("Birch", None, "n2"), ("Cedar", None, "N1"))
    ]
    return write_workbook(tmp_path / "tracker.xlsx", [head, *rows])


def column(path: Path, heading: str, header_row: int) -> list[object]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    place = next(cell.column for cell in sheet[header_row] if cell.value == heading)
    return [sheet.cell(row, place).value for row in range(header_row + 1, header_row + 4)]


def test_hidden_coach_notes_stay_and_the_coachs_go_into_a_column_of_ours(tracker: Path) -> None:
    sheetsync, copy = Cli(), tracker.with_name("coach.xlsx")
    hidden = "share", tracker, "--out", copy, "--hide", "Coach notes", "--as-of", DAY, "--yes"
    assert sheetsync(*hidden).exit_code == 0
    assert column(copy, "Coach note", 4) == [None] * 3
    book = openpyxl.load_workbook(copy)
    sheet = book["Follow-ups"]
    place = next(cell.column for cell in sheet[4] if cell.value == "Coach note")
    row = next(row for row in range(5, 8) if sheet.cell(row, 1).value == "Birch")
    sheet.cell(row, place).value = "call them"
    book.save(copy)
    taken = sheetsync("notes", tracker, "--from", copy, "--as-of", DAY)
    assert (taken.exit_code, "call them" in taken.stdout) == (0, True)
    assert column(tracker, "Coach notes", 1) == [PRIVATE, None, None]
    assert column(tracker, "Coach note", 1) == [None, "call them", None]
    assert sheetsync(*hidden).exit_code == 0
    assert sorted(map(str, column(copy, "Coach note", 4))) == ["None", "None", "call them"]


def test_share_says_which_rows_have_the_same_id(tracker: Path) -> None:
    sheetsync = Cli()
    asked = "share", tracker, "--out", tracker.with_name("coach.xlsx"), "--as-of", DAY, "--dry-run"
    assert "Rows 2 and 4 have the same ID" in sheetsync(*asked).stdout
    found = json.loads(sheetsync(*asked, "--json").stdout)
    assert found["same_ids"] == [[2, 4]]
    assert [one["shown"] for one in found["columns"] if one["column"] in ("Coach notes", "ID")] == [True, False]

"""Copies as real files: edited by a person at a spreadsheet program, and by programs that lose things on the way."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli.running import Cli, write_workbook
from judges import office

DAY = "2026-11-16"
HEADERS = ("Company", "Position", "Contact", "Status", "Date Applied", "Notes")
MARK = "From the coach’s copy:"


@pytest.fixture
def sheetsync() -> Cli:
    return Cli()


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    rows = [
        (company, "Analyst", f"Person of {company}", "Applied", dt.date(2026, 11, day), "private")
        for day, company in enumerate(("Ash & Co", "Birch", "Cedar", "Dune"), start=2)
    ]
    return write_workbook(tmp_path / "tracker.xlsx", [HEADERS, *rows])


def share(sheetsync: Cli, tracker: Path) -> Path:
    copy = tracker.with_name("coach.xlsx")
    result = sheetsync("share", tracker, "--out", copy, "--yes", "--as-of", DAY)
    assert result.exit_code == 0, result.stderr
    return copy


def taken(sheetsync: Cli, tracker: Path, copy: Path) -> dict[str, Any]:
    result = sheetsync("notes", tracker, "--from", copy, "--as-of", DAY, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def edit(copy: Path, change: Callable[[Any, dict[str, int]], None]) -> None:
    """Change the sheet of follow-ups as a person does: `change` gets it and heading -> column."""
    book = openpyxl.load_workbook(copy)
    sheet = book["Follow-ups"]
    change(sheet, {str(cell.value): cell.column for cell in sheet[4] if cell.value})
    book.save(copy)


def write(copy: Path, notes: dict[str, str]) -> None:
    def change(sheet: Any, heads: dict[str, int]) -> None:
        for row in range(5, sheet.max_row + 1):
            if (company := sheet.cell(row, heads["Company"]).value) in notes:
                cell = sheet.cell(row, heads["Coach note"])
                cell.value = notes[company]
                cell.data_type = "s"

    edit(copy, change)


def standing(tracker: Path, heading: str = "Coach note") -> dict[str, str]:
    sheet = openpyxl.load_workbook(tracker).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    if heading not in heads:
        return {}
    place, company = heads.index(heading), heads.index("Company")
    return {str(row[company].value): str(row[place].value) for row in sheet.iter_rows(min_row=2) if row[place].value}


def test_notes_come_back_and_undo_takes_them_out_again(sheetsync: Cli, tracker: Path) -> None:
    copy = share(sheetsync, tracker)
    write(copy, {"Birch": "Ask for a date\nand thank them", "Dune": "=HYPERLINK(1)"})
    before = copy.read_bytes()
    found = taken(sheetsync, tracker, copy)
    assert [(each["kind"], each["after"]) for each in found["taken"]] == [
        ("taken", "Ask for a date\nand thank them"),
        ("taken", "=HYPERLINK(1)"),
    ]
    assert standing(tracker) == {"Birch": "Ask for a date\nand thank them", "Dune": "=HYPERLINK(1)"}
    sheet = openpyxl.load_workbook(tracker).worksheets[0]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert copy.read_bytes() == before
    again = tracker.read_bytes()
    assert taken(sheetsync, tracker, copy)["written"] is False
    assert tracker.read_bytes() == again
    assert sheetsync("undo", tracker).exit_code == 0
    assert standing(tracker) == {}


def test_both_sheets_are_changed_around_meanwhile(sheetsync: Cli, tracker: Path) -> None:
    copy = share(sheetsync, tracker)

    def around(sheet: Any, heads: dict[str, int]) -> None:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
        for at, row in enumerate(sorted(rows, key=lambda row: str(row[0]), reverse=True)):
            for column, value in enumerate(row, start=1):
                sheet.cell(5 + at, column).value = value
        for place in range(5, 9):
            sheet.cell(place, heads["Coach note"]).value = f"to {sheet.cell(place, heads['Company']).value}"
        sheet.insert_rows(2, 2)
        sheet.insert_cols(1)
        sheet.title = "My clients"

    edit(copy, around)
    book = openpyxl.load_workbook(tracker)
    sheet = book.worksheets[0]
    sheet.delete_rows(2)
    sheet.insert_rows(2)
    sheet.cell(2, 1).value = "Elm"
    book.save(tracker)
    found = taken(sheetsync, tracker, copy)
    assert standing(tracker) == {"Birch": "to Birch", "Cedar": "to Cedar", "Dune": "to Dune"}
    assert [each["note"] for each in found["left"]] == ["to Ash & Co"]


def test_what_became_a_formula_by_mistake_is_left_and_told(sheetsync: Cli, tracker: Path) -> None:
    copy = share(sheetsync, tracker)
    write(copy, {"Birch": "#NAME?"})
    found = taken(sheetsync, tracker, copy)
    assert found["taken"] == []
    (left,) = found["left"]
    assert "write an apostrophe" in left["reason"]
    assert standing(tracker) == {}


def test_what_a_coach_wrote_elsewhere_is_told_and_the_copy_not_replaced(sheetsync: Cli, tracker: Path) -> None:
    copy = share(sheetsync, tracker)

    def elsewhere(sheet: Any, heads: dict[str, int]) -> None:
        sheet.insert_cols(1)
        sheet.cell(2, 5).value = "above"
        sheet.cell(4, len(heads) + 2).value = "Mine"
        sheet.cell(6, len(heads) + 2).value = "a column"
        sheet.cell(40, 2).value = "below"
        row = [cell.value for cell in sheet[7]]
        sheet.delete_rows(7)
        other = sheet.parent.create_sheet("Later")
        other.append([value for value in row if isinstance(value, str)])

    edit(copy, elsewhere)
    problems = [each["message"] for each in taken(sheetsync, tracker, copy)["problems"]]
    for text in ("above” was written", "a column” was", "below” was", "at Later!A1"):
        assert [told for told in problems if text in told], (text, problems)
    assert len(problems) == 4
    refused = sheetsync("share", tracker, "--out", copy, "--yes")
    assert (refused.exit_code, "not in the tracker yet" in refused.stderr) == (2, True)


def test_a_date_that_the_coach_changed_is_told_and_not_taken(sheetsync: Cli, tracker: Path) -> None:
    copy = share(sheetsync, tracker)

    def change(sheet: Any, heads: dict[str, int]) -> None:
        sheet.cell(5, heads["Date Applied"]).value = dt.date(2026, 10, 1)

    edit(copy, change)
    before = tracker.read_bytes()
    found = taken(sheetsync, tracker, copy)
    assert [problem["message"].partition(": ")[0] for problem in found["problems"]] == [
        "Date Applied of “Ash & Co, Analyst, Person of Ash & Co” was changed in the copy from 2 Nov 2026 to 1 Oct 2026"
    ]
    assert (found["written"], tracker.read_bytes()) == (False, before)


def test_in_a_column_of_the_persons_own_words_are_only_added(sheetsync: Cli, tmp_path: Path) -> None:
    rows = [("Ash & Co", "Analyst", "Ann", "Applied", dt.date(2026, 11, 2), "Mine")]
    tracker = write_workbook(tmp_path / "own.xlsx", [(*HEADERS[:-1], "Coach notes"), *rows])
    copy = share(sheetsync, tracker)
    write(copy, {"Ash & Co": "Hers"})
    taken(sheetsync, tracker, copy)
    assert standing(tracker, "Coach notes") == {"Ash & Co": f"Mine\n\n{MARK} Hers"}
    write(copy, {"Ash & Co": ""})
    found = taken(sheetsync, tracker, copy)
    assert standing(tracker, "Coach notes") == {"Ash & Co": f"Mine\n\n{MARK} Hers"}
    assert found["written"] is False


@pytest.mark.parametrize("copy", ["tracker", "other", "text"])
def test_a_file_that_is_no_copy_is_one_sentence(sheetsync: Cli, tracker: Path, tmp_path: Path, copy: str) -> None:
    other = write_workbook(tmp_path / "other.xlsx", [("Name", "Coach note"), ("x", "y")])
    (tmp_path / "text.xlsx").write_text("no workbook", "utf-8")
    named = {"tracker": tracker, "other": other, "text": tmp_path / "text.xlsx"}[copy]
    result = sheetsync("notes", tracker, "--from", named)
    assert result.exit_code == (4 if copy == "text" else 2)
    assert result.stderr.count("\n") == 1


def test_a_dry_run_writes_nothing(sheetsync: Cli, tracker: Path) -> None:
    copy = share(sheetsync, tracker)
    write(copy, {"Cedar": "Call"})
    before = tracker.read_bytes()
    result = sheetsync("notes", tracker, "--from", copy, "--dry-run", "--as-of", DAY)
    assert result.stdout.splitlines()[0] == "Cedar (row 4): a note of your coach: “Call”"
    assert "1 note would be taken over; nothing was written." in result.stdout
    assert tracker.read_bytes() == before


def test_the_list_of_shares_goes_with_everything_only(sheetsync: Cli, tracker: Path) -> None:
    share(sheetsync, tracker)
    assert sheetsync("remove", tracker).exit_code == 0
    assert "Shared" in openpyxl.load_workbook(tracker).sheetnames
    assert sheetsync("remove", tracker, "--all").exit_code == 0
    assert openpyxl.load_workbook(tracker).sheetnames == ["Jobs"]


@pytest.mark.skipif(bool(office.missing()), reason=str(office.missing()))
def test_a_copy_that_went_through_libreoffice(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    copy = share(sheetsync, tracker)
    write(copy, {"Birch": "Zeile 1\nZeile 2", "Dune": "+49 is no sum"})
    (tmp_path / "back").mkdir()
    back = office.convert(copy, "xlsx", tmp_path / "back")
    found = taken(sheetsync, tracker, back)
    assert standing(tracker) == {"Birch": "Zeile 1\nZeile 2", "Dune": "+49 is no sum"}
    assert (found["left"], found["lost"], found["problems"]) == ([], [], [])


def test_a_copy_that_came_back_as_a_csv_keeps_both(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    copy = share(sheetsync, tracker)
    sheet = openpyxl.load_workbook(copy)["Follow-ups"]
    rows = [["" if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    place = rows[3].index("Coach note")
    rows[4][place] = "from a table"
    lines = [",".join(f'"{text}"' for text in row) for row in rows]
    (tmp_path / "back.csv").write_text("\n".join(lines), "utf-8")
    found = taken(sheetsync, tracker, tmp_path / "back.csv")
    assert standing(tracker) == {"Ash & Co": "from a table"}
    assert "has lost its hidden sheet" in found["lost"][0]

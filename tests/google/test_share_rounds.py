"""What each sync brings back from a coach's Google spreadsheet, and how it is brought up to date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from coaching import COACH, DAY, AtCopy, at_google, copy_of, first_company, given, google, notes, run, synced, tracker
from emulator.faults import Fault
from emulator.server import Emulator
from moving import ME

from sheetsync.cli import cli, sharing
from sheetsync.cli.sharing import Terms
from sheetsync.sheets import open_source
from sheetsync.sheets.google.address import spreadsheet_id
from sheetsync.sync import sync

__all__ = ["google", "synced", "tracker"]


def test_notes_come_back_and_the_copy_is_renewed_with_the_sync(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    at, name = AtCopy(google, made, COACH), first_company(tracker)
    at.note(name, "=1+1")
    outcome, told, problems = run(tracker)
    assert problems == []
    assert notes(tracker) == {name: "=1+1"}
    assert outcome.proposal.records.told == (f"{name} (row 2): a note of your coach: “=1+1”",)
    assert told == (f"The copy of {COACH} was brought up to date.",)
    assert at.rows()[name]["Coach note"] == "=1+1"
    assert run(tracker)[1:] == ((), [])


def test_nothing_new_is_two_questions_and_no_write(google: Emulator, tracker: str) -> None:
    given(tracker, Terms(COACH, "writer"))
    run(tracker)
    before = len(google.api_calls)
    outcome, told, problems = run(tracker)
    calls = [(call.method, call.path.split("/")[1]) for call in google.api_calls[before:]]
    assert calls == [("GET", "drive"), ("GET", "v4")]
    assert (outcome.receipt.written, told, problems) == (False, (), [])


def test_a_change_in_the_tracker_is_two_reads_and_one_write(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    before = len(google.api_calls)
    run(tracker, on=DAY + dt.timedelta(days=9))
    calls = [(call.method, call.path.rpartition(":")[2][-12:]) for call in google.api_calls[before:]]
    assert [method for method, _ in calls] == ["GET", "GET", "GET", "POST"]
    assert calls[-1][1] == "batchUpdate"
    grid = open_source(made.url).read().grid("Follow-ups")
    assert "27 Nov 2026" in str(grid.cell(1, 1))


def test_what_is_typed_between_the_reads_stays_and_comes_next_time(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    at, name = AtCopy(google, made, COACH), first_company(tracker)
    round_ = sharing.round_of()
    outcome = sync(open_source(tracker), as_of=DAY + dt.timedelta(days=9), act=round_.act)
    at.note(name, "typed in that minute")
    assert round_.renew(outcome)[1] == ()
    assert at.rows()[name]["Coach note"] == "typed in that minute"
    assert notes(tracker) == {}
    run(tracker, on=DAY + dt.timedelta(days=9))
    assert notes(tracker) == {name: "typed in that minute"}


def test_two_coaches_of_one_thread_are_both_kept(google: Emulator, tracker: str) -> None:
    name = first_company(tracker)
    for email in (COACH, "other@example.com"):
        AtCopy(google, given(tracker, Terms(email, "writer")), email).note(name, f"from {email}")
    assert len(google.books) == 2
    run(tracker)
    both = f"from {COACH}\n\nFrom the coach’s copy: from other@example.com"
    assert notes(tracker) == {name: both}
    assert run(tracker)[1:] == ((), [])
    assert notes(tracker) == {name: both}


def test_a_row_whose_thread_is_gone_stays_with_its_note_until_it_is_cleared(google: Emulator) -> None:
    target = at_google(google)
    made = given(target, Terms(COACH, "writer"))
    at, name = AtCopy(google, made, COACH), first_company(target)
    at.note(name, "keep this")
    book = google.books[spreadsheet_id(target)]
    span = {"sheetId": book.sheets[0].id, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    google.edit(book.id, [{"deleteDimension": {"range": span}}], ME)
    told = run(target)[0].proposal.records.told
    assert any("keep this" in sentence and "no longer in the tracker" in sentence for sentence in told)
    row = at.rows()[name]
    assert (row["Coach note"], str(row["Next action"])[:26]) == ("keep this", "No longer in the tracker: ")
    assert run(target)[1] == ()
    at.note(name, None)
    run(target)
    assert name not in at.rows()


def test_a_copy_that_is_not_there_is_told_and_the_sync_goes_on(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH))
    del google.books[spreadsheet_id(made.url)]
    _, _, problems = run(tracker)
    assert len(problems) == 1
    assert "is not there any more, or this sign-in may not see it" in problems[0]


def test_a_new_thread_comes_last_and_its_note_can_be_written(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    book = openpyxl.load_workbook(tracker)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    sheet.insert_rows(2)
    new: dict[str, Any] = {"Company": "Elm", "Status": "Applied", "Applied on": dt.date(2026, 11, 3)}
    for name, value in new.items():
        sheet.cell(2, heads.index(name) + 1, value)
    book.save(tracker)
    assert run(tracker)[2] == []
    at = AtCopy(google, made, COACH)
    assert list(at.rows()) == ["Ash & Co", "Birch", "Cedar", "Elm"]
    at.note("Elm", "a good one")
    run(tracker)
    assert notes(tracker) == {"Elm": "a good one"}


def test_a_copy_that_its_owner_laid_out_anew_is_put_right_once(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    book = copy_of(google, made)
    follow = book.titled("Follow-ups")
    assert follow
    column = list(open_source(made.url).read().grid("Follow-ups").row(4)).index("Coach note")
    columns = {"sheetId": follow.id, "dimension": "COLUMNS", "startIndex": column, "endIndex": column + 1}
    rows = {"sheetId": follow.id, "startRowIndex": 4, "endRowIndex": 7, "startColumnIndex": 0, "endColumnIndex": 20}
    google.edit(
        book.id,
        [
            {"sortRange": {"range": rows, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]}},
            {"moveDimension": {"source": columns, "destinationIndex": 0}},
            {"updateSheetProperties": {"properties": {"sheetId": follow.id, "title": "Ours"}, "fields": "title"}},
        ],
        ME,
    )
    google.edit(
        book.id,
        [{"updateCells": {"start": {"sheetId": follow.id, "rowIndex": 5, "columnIndex": 0}, "fields": "userEnteredValue",
                          "rows": [{"values": [{"userEnteredValue": {"stringValue": "for Birch"}}]}]}}],
        COACH,
    )  # fmt: skip
    assert run(tracker)[2] == []
    assert notes(tracker) == {"Birch": "for Birch"}
    grid = open_source(made.url).read().grid("Ours")
    assert [grid.cell(row, 1) for row in range(5, 8)] == ["Cedar", "Birch", "Ash & Co"]
    assert run(tracker)[1:] == ((), [])
    owned = open_source(made.url).read().owned
    assert owned
    assert grid.cell(4, owned.columns["coach_note"] or 0) == "Coach note"


def test_an_answer_that_is_lost_renews_once(google: Emulator, tracker: str) -> None:
    made = given(tracker, Terms(COACH, "writer"))
    AtCopy(google, made, COACH).note("Cedar", "one")
    google.faults.add(Fault(503, method="POST", path="batchUpdate", after_commit=True))
    _, told, problems = run(tracker)
    assert (len(told), problems) == (1, [])
    assert run(tracker)[1:] == ((), [])


def test_google_out_of_reach_does_not_stop_the_sync(google: Emulator, tracker: str) -> None:
    given(tracker, Terms(COACH, "writer"))
    google.faults.add(Fault(403, method="GET", path="/files/", reason="insufficientFilePermissions", message="No."))
    outcome, _, problems = run(tracker, on=DAY + dt.timedelta(days=9))
    assert outcome.receipt.written
    assert len(problems) == 1
    assert problems[0].startswith(f"{COACH}: {ME} may not open")


@pytest.mark.usefixtures("google")
def test_a_hidden_column_that_is_not_known_any_more_stops_the_copy(tracker: str) -> None:
    made = given(tracker, Terms(COACH, hide=("contact",)))
    book = openpyxl.load_workbook(tracker)
    head = next(cell for cell in book.worksheets[0][1] if cell.value == "Contact")
    head.value = "Xyz"
    book.save(tracker)
    before = open_source(made.url).read().grids
    problems = run(tracker, on=DAY + dt.timedelta(days=9))[2]
    assert len(problems) == 1
    assert "no field and no column 'contact'" in problems[0]
    assert open_source(made.url).read().grids == before


def test_a_tracker_at_google_takes_the_notes_of_a_file(google: Emulator, tmp_path: Path) -> None:
    target, copy = at_google(google), tmp_path / "coach.xlsx"
    day = ("--as-of", DAY.isoformat())
    assert CliRunner().invoke(cli, ["share", target, "--out", str(copy), "--yes", *day]).exit_code == 0
    book = openpyxl.load_workbook(copy)
    sheet = book["Follow-ups"]
    heads = [cell.value for cell in sheet[4]]
    sheet.cell(6, heads.index("Coach note") + 1).value = "+ ask for a date"
    book.save(copy)
    done = CliRunner().invoke(cli, ["notes", target, "--from", str(copy), *day])
    assert done.exit_code == 0, done.stderr
    assert notes(target) == {"Birch": "+ ask for a date"}
    cells = google.books[target].sheets[0].cells.values()
    assert {"userEnteredValue": {"stringValue": "+ ask for a date"}} in [
        {"userEnteredValue": cell.get("userEnteredValue")} for cell in cells
    ]

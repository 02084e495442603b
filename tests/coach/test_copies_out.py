"""While a copy is out: its notes are the coach's words, and what takes their way back away says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook
from openpyxl.comments import Comment

sheetsync = Cli()


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    rows = [thread(company, "Applied", dt.date(2026, 11, 2)) for company in ("Ash & Co", "Birch")]
    return write_workbook(tmp_path / "tracker.xlsx", [HEADERS, *rows])


def share(tracker: Path) -> Path:
    copy = tracker.with_name("coach.xlsx")
    result = sheetsync("share", tracker, "--out", copy, "--yes", "--as-of", AS_OF)
    assert result.exit_code == 0, result.stderr
    return copy


def write_note(copy: Path, text: str) -> None:
    book = openpyxl.load_workbook(copy)
    sheet = book["Follow-ups"]
    place = next(cell.column for cell in sheet[4] if cell.value == "Coach note")
    sheet.cell(5, place).value = text
    book.save(copy)


def headings(tracker: Path) -> list[object]:
    return [cell.value for cell in openpyxl.load_workbook(tracker).worksheets[0][1] if cell.value]


def with_note(tracker: Path) -> Path:
    copy = share(tracker)
    write_note(copy, "Ask for a date")
    assert sheetsync("notes", tracker, "--from", copy, "--as-of", AS_OF).exit_code == 0
    return copy


def test_the_coachs_words_go_with_all_only(tracker: Path) -> None:
    with_note(tracker)
    told = sheetsync("remove", tracker).stdout
    assert "Column Coach note (P) holds what your coach wrote and stays: it goes with --all only." in told
    assert headings(tracker) == [*HEADERS, "Coach note"]
    sheet = openpyxl.load_workbook(tracker).worksheets[0]
    assert sheet["P2"].value == "Ask for a date"
    assert not sheet.conditional_formatting
    before = tracker.read_bytes()
    assert "there was nothing else of sheetsync's in it" in sheetsync("remove", tracker).stdout
    assert tracker.read_bytes() == before
    assert sheetsync("sync", tracker, "--as-of", AS_OF).exit_code == 0
    assert {"Coach note", "Next contact", "Why"} <= set(headings(tracker))
    assert sheetsync("remove", tracker, "--all").exit_code == 0
    assert headings(tracker) == list(HEADERS)


def test_an_empty_column_of_notes_goes(tracker: Path) -> None:
    with_note(tracker)
    book = openpyxl.load_workbook(tracker)
    book.worksheets[0]["P2"].value = None
    book.save(tracker)
    assert sheetsync("remove", tracker).exit_code == 0
    assert headings(tracker) == list(HEADERS)


def test_remove_says_that_a_copy_is_still_out(tracker: Path) -> None:
    copy = share(tracker)
    write_note(copy, "Ask for a date")
    told = " ".join(sheetsync("remove", tracker).stdout.split())
    assert "If notes are still to come from coach.xlsx: bring the file back with" in told
    assert sheetsync("undo", tracker, "--whole").exit_code == 0
    assert "1 note taken over" in sheetsync("notes", tracker, "--from", copy, "--as-of", AS_OF).stdout
    assert sheetsync.json("remove", tracker)["copies_out"] == [{"with": "coach", "where": "coach.xlsx"}]


def test_undo_of_a_share_says_how_its_notes_come_back(tracker: Path) -> None:
    copy = share(tracker)
    write_note(copy, "Ask for a date")
    assert f"undo {tracker} --redo" in " ".join(sheetsync("undo", tracker).stdout.split())
    refused = sheetsync("notes", tracker, "--from", copy, "--as-of", AS_OF)
    assert refused.exit_code == 2
    assert "--redo" in refused.stderr
    assert "--redo" not in sheetsync("undo", tracker, "--redo").stdout
    assert "1 note taken over" in sheetsync("notes", tracker, "--from", copy, "--as-of", AS_OF).stdout


@pytest.mark.parametrize("command", ["share", "notes", "sync", "add", "remove"])
def test_waiting_is_advised_where_there_is_an_option_for_it(tracker: Path, command: str) -> None:
    copy = share(tracker)
    write_note(copy, "Ask for a date")
    lock = tracker.with_name(".~lock.tracker.xlsx#")
    lock.write_text(",dana,there,2026;", "utf-8")
    more = {"share": ("--out", "new.xlsx", "--yes"), "notes": ("--from", str(copy)), "add": ("today",)}
    result = sheetsync(command, tracker, *more.get(command, ()))
    assert result.exit_code == 5
    assert "is open in LibreOffice" in result.stderr
    assert ("--wait SECONDS" in result.stderr) is (command == "sync")
    assert not result.stdout


def test_comments_in_the_copy_are_named(tracker: Path) -> None:
    copy = share(tracker)
    book = openpyxl.load_workbook(copy)
    excel = "[Threaded comment]\n\nYour version of Excel allows you to read this.\n\nComment:\n    Why not call?"
    book["Follow-ups"]["A5"].comment = Comment("Wrong person", "Dana")
    book["Follow-ups"]["B6"].comment = Comment(excel, "Dana")
    book.save(copy)
    found = sheetsync.json("notes", tracker, "--from", copy, "--as-of", AS_OF)
    assert [problem["message"] for problem in found["problems"]] == [
        "A comment was written at Follow-ups!A5: “Wrong person”: only notes are taken over.",
        "A comment was written at Follow-ups!B6: “Why not call?”: only notes are taken over.",
    ]
    assert not found["written"]
    assert "“Wrong person”" in sheetsync("notes", tracker, "--from", copy, "--as-of", AS_OF).stdout


def test_a_formula_that_was_meant_as_a_note_is_shown_as_it_was_typed(tracker: Path) -> None:
    copy = share(tracker)
    write_note(copy, "=-call him")
    found = sheetsync.json("notes", tracker, "--from", copy, "--as-of", AS_OF)
    assert [left["note"] for left in found["left"]] == ["=-call him"]
    told = sheetsync("notes", tracker, "--from", copy, "--as-of", AS_OF).stdout
    assert "The note: “=-call him”" in told
    assert "took" not in told

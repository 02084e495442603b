"""`share` on the command line: what is shown, asked and refused, and the way there and back."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from cli.running import AS_OF, Cli
from sheetsync.sheets import open_source


@pytest.fixture
def coach(tmp_path: Path) -> Path:
    return tmp_path / "coach.xlsx"


def write_note(coach: Path, text: str) -> None:
    book = openpyxl.load_workbook(coach)
    sheet = book["Follow-ups"]
    assert isinstance(sheet, Worksheet)
    place = next(cell.column for cell in sheet[4] if cell.value == "Coach note")
    sheet.cell(5, place, text)
    book.save(coach)


def share(sheetsync: Cli, tracker: Path, coach: Path, *more: str) -> None:
    result = sheetsync("share", tracker, "--out", coach, "--yes", "--as-of", AS_OF, *more)
    assert result.exit_code == 0, result.stderr


def answered(answer: str, *args: str | Path) -> tuple[int, str]:
    """`sheetsync` run in a terminal where somebody types an answer: the exit code and all that was shown."""
    here, there = pty.openpty()
    command = [str(Path(sys.executable).with_name("sheetsync")), *map(str, args)]
    with subprocess.Popen(command, stdin=there, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        os.write(here, f"{answer}\n".encode())
        shown, _ = process.communicate()
    os.close(here)
    os.close(there)
    return process.returncode, shown.decode()


def test_a_copy_is_made_and_what_goes_out_is_told(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    result = sheetsync("share", tracker, "--out", coach, "--yes", "--for", "Dana Reyes", "--as-of", AS_OF)
    assert result.exit_code == 0
    goes, stays = result.stdout.split("Stays at home")
    assert "Company" in goes
    assert "Email" in stays
    assert "private notes" in stays
    assert openpyxl.load_workbook(coach)["Follow-ups"]["A1"].value == "Follow-ups as of 16 Nov 2026, for Dana Reyes"


def test_of_several_trackers_the_one_that_is_shared_is_named(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    look = ("share", tracker, "--out", coach, "--dry-run", "--as-of", AS_OF)
    assert "Only sheet" not in sheetsync(*look).stdout
    book = openpyxl.load_workbook(tracker)
    book.copy_worksheet(book.worksheets[0]).title = "Ben"
    first = book.worksheets[0].title
    book.save(tracker)
    assert f"Only sheet {first} is shared, not Ben: name another one with --sheet." in sheetsync(*look).stdout
    assert "Only sheet" not in sheetsync(*look, "--sheet", "Ben").stdout


def test_the_notes_come_back_and_a_new_copy_has_them(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    share(sheetsync, tracker, coach)
    write_note(coach, "Ask who decides.")
    refused = sheetsync("share", tracker, "--out", coach, "--yes", "--as-of", AS_OF)
    assert refused.exit_code == 2
    assert "has a note that is not in the tracker yet" in refused.stderr
    assert sheetsync("notes", tracker, "--from", coach, "--as-of", AS_OF).exit_code == 0
    share(sheetsync, tracker, coach)
    (copy, _) = open_source(str(coach)).read().grids
    assert "Ask who decides." in copy.row(5)


def test_sharing_is_one_write_that_undo_takes_back(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    share(sheetsync, tracker, coach, "--for", "Dana")
    snapshot = open_source(str(tracker)).read()
    assert snapshot.owned is not None
    assert "id" in snapshot.owned.columns
    assert snapshot.grid("Shared").row(2)[:2] == ("Dana", "file")
    assert sheetsync("undo", tracker).exit_code == 0
    snapshot = open_source(str(tracker)).read()
    assert [grid.name for grid in snapshot.grids] == ["Jobs"]


def test_what_was_shared_is_listed(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    assert "nothing is shared" in sheetsync("share", tracker, "--list").stdout
    share(sheetsync, tracker, coach, "--for", "Dana", "--hide", "B")
    (line,) = sheetsync.json("share", tracker, "--list")["shares"]
    assert (line["with"], line["where"], line["since"], line["hide"]) == ("Dana", "coach.xlsx", AS_OF, ["role"])
    assert "coach.xlsx" in sheetsync("share", tracker, "--list").stdout


def test_a_dry_run_writes_nothing(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    before = tracker.read_bytes()
    told = sheetsync.json("share", tracker, "--out", coach, "--dry-run", "--hide", "company", "--as-of", AS_OF)
    assert told["rows"] == 4
    assert not told["written"]
    assert {column["column"]: column["shown"] for column in told["columns"]}["Company"] is False
    assert tracker.read_bytes() == before
    assert not coach.exists()


def test_without_a_terminal_and_without_yes_nothing_is_written(sheetsync: Cli, tracker: Path, coach: Path) -> None:
    before = tracker.read_bytes()
    for more in ([], ["--json"]):
        result = sheetsync("share", tracker, "--out", coach, *more)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "--yes" in result.stderr
    assert tracker.read_bytes() == before
    assert not coach.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize(("answer", "made"), [("y", True), ("n", False)])
def test_in_a_terminal_it_asks(tracker: Path, coach: Path, answer: str, made: bool) -> None:
    before = tracker.read_bytes()
    code, shown = answered(answer, "share", tracker, "--out", coach, "--as-of", AS_OF)
    assert code == 0
    assert "Stays at home" in shown
    assert coach.exists() == made
    assert (tracker.read_bytes() == before) != made


def test_another_file_is_never_replaced(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    other.write_bytes(tracker.read_bytes())
    text = tmp_path / "text.xlsx"
    text.write_text("no workbook")
    for path in (other, text):
        before = path.read_bytes()
        result = sheetsync("share", tracker, "--out", path, "--yes", "--as-of", AS_OF)
        assert result.exit_code == 2
        assert "is no coach's copy" in result.stderr
        assert path.read_bytes() == before


def test_the_copy_of_another_tracker_is_not_replaced(
    sheetsync: Cli, tracker: Path, coach: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.xlsx"
    assert sheetsync("init", other, "--sample").exit_code == 0
    share(sheetsync, other, coach)
    result = sheetsync("share", tracker, "--out", coach, "--yes", "--as-of", AS_OF)
    assert result.exit_code == 2
    assert "another name for the new copy" in result.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--out", "{tracker}", "--yes"], "is the tracker itself"),
        (["--out", "{folder}", "--yes"], "is a folder"),
        (["--out", "{folder}/coach.ods", "--yes"], "coach.xlsx"),
        (["--out", "https://docs.google.com/spreadsheets/d/1AbC", "--yes"], "--with EMAIL"),
        (["--yes"], "Say how to share it"),
        (["--out", "{folder}/c.xlsx", "--list"], "Say how to share it"),
        (["--out", "{folder}/c.xlsx", "--until", "2027-01-01"], "--until goes with --with"),
        (["--out", "{folder}/c.xlsx", "--whole"], "--whole goes with --with"),
        (["--with", "a@b.example", "--for", "Dana"], "--for goes with --out"),
        (["--out", "{folder}/c.xlsx", "--hide", "Nope", "--yes"], "no field and no column 'Nope'"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    sheetsync: Cli, tracker: Path, tmp_path: Path, args: list[str], told: str
) -> None:
    before = tracker.read_bytes()
    result = sheetsync("share", tracker, *(arg.format(tracker=tracker, folder=tmp_path) for arg in args))
    assert result.exit_code == 2
    assert told in result.stderr
    assert tracker.read_bytes() == before


def test_a_missing_folder_and_an_open_copy_are_told(sheetsync: Cli, tracker: Path, coach: Path, tmp_path: Path) -> None:
    gone = sheetsync("share", tracker, "--out", tmp_path / "gone" / "coach.xlsx", "--yes")
    assert gone.exit_code == 4
    share(sheetsync, tracker, coach)
    (tmp_path / "~$coach.xlsx").write_bytes(b"\x04Dana")
    assert sheetsync("share", tracker, "--out", coach, "--yes", "--as-of", AS_OF).exit_code == 5


def test_a_list_as_text_cannot_be_shared(sheetsync: Cli, tmp_path: Path, coach: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_text("Company,Status\nAlder,Applied\n")
    assert sheetsync("share", path, "--out", coach, "--yes").exit_code == 2

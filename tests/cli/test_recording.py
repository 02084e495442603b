"""log, sweep, debrief, add: what each prints for people and for programs, and every refusal in one sentence."""

from __future__ import annotations

import datetime as dt
import os
import re
import select
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from judges import compare

from cli.running import AS_OF, HEADERS, Cli, write_workbook
from sheetsync.cli import cli

SINCE = dt.date(2026, 11, 2)
ACTED = ["target", "as_of", "recorded", "edits", "rows", "problems", "changed_cells", "written", "backup"]


def cells(path: Path, sheet: str) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def refused(sheetsync: Cli, *words: str | Path) -> tuple[int, str]:
    """The exit code and the one line on stderr; the file, if there is one, keeps every byte."""
    paths = [word for word in words if isinstance(word, Path) and word.is_file()]
    before = [path.read_bytes() for path in paths]
    result = sheetsync(*words, "--as-of", AS_OF)
    assert [path.read_bytes() for path in paths] == before
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.exit_code, result.stderr.removeprefix("sheetsync: ").rstrip("\n")


@pytest.fixture
def interviews(tmp_path: Path) -> Path:
    rows = [
        ["Ash", "Analyst", "Ann Bay", "ann@ash.example.com", "Interview", SINCE, dt.date(2026, 11, 15), ""],
        ["Birch", "Clerk", "Bo Dahl; Cem Oz", "bo@birch.example.com", "Applied", dt.date(2026, 3, 2), None, ""],
        ["Cedar", "Porter", "Dee Fox", "dee@cedar.example.com", "Applied", SINCE, None, ""],
        ["Cedar", "Porter", "Dee Fox", "", "Applied", SINCE, None, ""],
    ]
    return write_workbook(tmp_path / "tracker.xlsx", [HEADERS, *rows])


# log


def test_log_says_what_was_logged_and_what_is_next(sheetsync: Cli, interviews: Path) -> None:
    result = sheetsync("log", interviews, "Ash", "--channel", "e-mail", "--as-of", AS_OF)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "Logged: 16 Nov 2026, contacted Ann Bay of Ash by email (row 2)."
    assert re.search(r"2 +Ash, Ann Bay +Follow up with Ann Bay by email +from Mon 23 Nov", result.stdout)
    assert lines[-1].startswith("The file as it was: ")
    assert cells(interviews, "History")[1][:5] == [dt.datetime(2026, 11, 16), "Ash", "Ann Bay", "out", "Email"]


def test_log_for_programs(sheetsync: Cli, interviews: Path) -> None:
    told = sheetsync.json(
        "log", interviews, "2", "--received", "--on", "2026-11-14", "--note", "ünï", "--step", "reply.answer",
        "--to", "Zoe", "--as-of", AS_OF,
    )  # fmt: skip
    assert list(told) == ACTED
    assert told["recorded"] == ["Logged: 14 Nov 2026, heard from Zoe of Ash (row 2)."]
    assert [row["row"] for row in told["rows"]] == [2]
    assert (told["written"], told["edits"], Path(told["backup"]).is_file()) == (True, [], True)
    row = cells(interviews, "History")[1]
    assert row[:7] == [dt.datetime(2026, 11, 14), "Ash", "Zoe", "in", None, "reply.answer", "ünï"]


def test_like_rows_are_told_apart_by_an_id(sheetsync: Cli, interviews: Path) -> None:
    sheetsync.json("log", interviews, "5", "--as-of", AS_OF)
    head, *rows = cells(interviews, "Jobs")
    place = head.index("ID")
    assert [row[place] for row in rows][:3] == [None, None, None]
    assert cells(interviews, "History")[1][-1] == rows[3][place]
    log = openpyxl.load_workbook(interviews)["History"]
    assert log.cell(1, log.max_column).value == "ID"


def test_undo_takes_the_last_one_back(sheetsync: Cli, interviews: Path) -> None:
    sheetsync.json("log", interviews, "2", "--as-of", AS_OF)
    once = cells(interviews, "Jobs")
    sheetsync.json("log", interviews, "2", "--on", "2026-11-15", "--as-of", AS_OF)
    result = sheetsync("log", interviews, "--undo", "--as-of", AS_OF)
    assert result.stdout.startswith("Took back row 3 of sheet History: 15 Nov 2026, Ash, Ann Bay.\n")
    assert cells(interviews, "Jobs") == once
    told = sheetsync.json("log", interviews, "--undo", "--as-of", AS_OF)
    assert [edit["before"] for edit in told["edits"]] == ["2026-11-16", "Ash", "Ann Bay", "out"]
    assert {edit["after"] for edit in told["edits"]} == {None}
    code, line = refused(sheetsync, "log", interviews, "--undo")
    assert (code, "nothing to take back" in line) == (2, True)


def test_saved_messages_are_logged_and_what_belongs_to_nobody_is_named(
    sheetsync: Cli, interviews: Path, tmp_path: Path
) -> None:
    sent, strange = tmp_path / "sent.eml", tmp_path / "strange.eml"
    head = "From: me@home.example.org\nDate: Fri, 13 Nov 2026 10:00:00 +0000\n"
    sent.write_text(f"{head}To: ann@ash.example.com\nSubject: Thank you\n\ntext\n", encoding="ascii")
    strange.write_text(f"{head}To: x@y.example.com\n\ntext\n", encoding="ascii")
    result = sheetsync("log", interviews, "--eml", sent, strange, "--as-of", AS_OF)
    assert result.exit_code == 0, result.stderr
    assert "Logged: 13 Nov 2026, contacted Ann Bay of Ash by email (row 2)." in result.stdout
    assert f"{strange}: No row of the tracker has one of its addresses (me@home.example.org, x@y.example.com)" in (
        result.stdout
    )
    again = sheetsync.json("log", interviews, "--eml", sent, "--as-of", AS_OF)
    assert (again["recorded"], again["written"]) == ([], False)
    assert again["problems"][0]["message"] == "It is logged already, so it was left out."


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Name one row or company"),
        (("2", "3"), "Name one row or company"),
        (("Cedar",), "'Cedar' fits 2 rows, so name one by its number: row 4, Cedar / Porter / Dee Fox; row 5"),
        (("Zebra",), "No row of the tracker is 'Zebra'"),
        (("77",), "Row 77 of sheet 'Jobs' holds no thread"),
        (("2", "--on", "2026-11-17"), "2026-11-17 is still to come: a contact is logged when it has taken place."),
        (("2", "--undo"), "--undo takes back the last row of the history and goes with nothing else."),
        (("2", "--eml", "--note", "x"), "--eml reads day, person and subject from the messages"),
        (("--eml",), "--eml wants the saved messages: name their .eml files."),
        (("--undo",), "has no history of contacts, so there is nothing to take back."),
    ],
)
def test_log_refuses_in_one_sentence(sheetsync: Cli, interviews: Path, words: tuple[str, ...], told: str) -> None:
    code, line = refused(sheetsync, "log", interviews, *words)
    assert code == 2
    assert told in line


def test_log_refuses_a_step_that_is_none(sheetsync: Cli, interviews: Path) -> None:
    _, line = refused(sheetsync, "log", interviews, "2", "--step", "interview.thankyou")
    assert "did you mean interview.thank_you?" in line


def test_log_refuses_files_that_are_no_messages(sheetsync: Cli, interviews: Path, tmp_path: Path) -> None:
    missing = refused(sheetsync, "log", interviews, "--eml", tmp_path / "gone.eml")
    assert missing == (4, f"{tmp_path / 'gone.eml'} cannot be read: No such file or directory. Nothing was written.")
    code, line = refused(sheetsync, "log", interviews, "--eml", interviews)
    assert (code, "is no saved message with From and Date" in line) == (2, True)


@pytest.mark.parametrize("command", [("log", "2"), ("sweep", "--apply"), ("add", "log"), ("debrief", "2")])
def test_a_csv_file_is_only_read(sheetsync: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "tracker.CSV"
    path.write_text("Company,Status,Date applied\nAsh,Applied,2026-11-02\n", encoding="utf-8")
    code, line = refused(sheetsync, command[0], path, *command[1:])
    assert code != 0
    assert "csv" in line.casefold()
    assert sheetsync("sweep", path, "--as-of", AS_OF).exit_code == 0


@pytest.mark.parametrize("command", [("log", "2"), ("sweep", "--apply"), ("add", "log")])
def test_a_file_that_is_open_elsewhere_is_left_alone(
    sheetsync: Cli, interviews: Path, command: tuple[str, ...]
) -> None:
    interviews.with_name(f"~${interviews.name}").write_bytes(b"\x03Ann" + bytes(162))
    code, line = refused(sheetsync, command[0], interviews, *command[1:])
    assert code == 5
    assert "is open in" in line
    assert line.endswith("Nothing was written.")


@pytest.mark.parametrize("command", [("log", "2"), ("sweep",), ("add", "log"), ("debrief", "2")])
def test_a_file_that_is_not_there_or_no_tracker(sheetsync: Cli, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert refused(sheetsync, command[0], tmp_path / "gone.xlsx", *command[1:])[0] == 4
    other = write_workbook(tmp_path / "other.xlsx", [("Fruit", "Price"), ("Apple", 1)])
    code, line = refused(sheetsync, command[0], other, *command[1:])
    assert code == 3
    assert line.startswith("No follow-up tracker was recognised in")


# sweep


def test_sweep_says_first_that_nothing_was_closed(sheetsync: Cli, interviews: Path) -> None:
    told = sheetsync("sweep", interviews, "--older", "300", "--apply", "--as-of", AS_OF).stdout
    assert told.splitlines()[0] == f"{interviews}: nothing was closed."


def test_sweep_lists_and_writes_nothing(sheetsync: Cli, interviews: Path) -> None:
    before = interviews.read_bytes()
    result = sheetsync("sweep", interviews, "--as-of", AS_OF)
    assert result.stdout.splitlines()[0] == f"{interviews}, as of Mon 16 Nov 2026: 1 thread went cold"
    assert re.search(r"3 +Birch, Bo Dahl; Cem Oz +silent for 259 days +applied", result.stdout)
    told = sheetsync.json("sweep", interviews, "--older", "100", "--as-of", AS_OF)
    assert list(told) == ["target", "as_of", "older", "rows"]
    assert [(row["row"], row["silent_days"]) for row in told["rows"]] == [(3, 259)]
    none = sheetsync("sweep", interviews, "--older", "300", "--as-of", AS_OF)
    assert none.stdout == f"{interviews}: no thread has gone cold.\n"
    assert interviews.read_bytes() == before


def test_sweep_closes_and_tells_what_stood_there(sheetsync: Cli, interviews: Path) -> None:
    before = interviews.read_bytes()
    told = sheetsync.json("sweep", interviews, "--apply", "--as-of", AS_OF)
    assert list(told) == ACTED
    assert told["edits"] == [
        {"sheet": "Jobs", "row": 3, "column": "E", "before": "Applied", "after": "No response (closed)"}
    ]
    assert Path(told["backup"]).read_bytes() == before, "the backup holds the file as it was"
    assert cells(interviews, "Jobs")[2][4] == "No response (closed)"
    again = sheetsync("sweep", interviews, "--apply", "--as-of", AS_OF)
    assert again.stdout == f"{interviews}: nothing was closed.\n"


def test_sweep_says_so_when_nothing_can_be_closed(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "t.xlsx", [("Company", "Date applied"), ("Ash", dt.date(2026, 3, 2))])
    result = sheetsync("sweep", path, "--apply", "--as-of", AS_OF)
    assert result.exit_code == 0
    assert "no status column, so this row cannot be closed: add one." in result.stdout


# add


def test_add_everything_and_take_it_out_again(sheetsync: Cli, interviews: Path) -> None:
    before = Path(shutil.copyfile(interviews, interviews.with_name("before.xlsx")))
    result = sheetsync("add", interviews, "today", "log", "history", "debrief", "settings", "cadence", "--as-of", AS_OF)
    assert result.exit_code == 0, result.stderr
    for name in ("Today", "History", "Debrief", "Settings", "Cadence"):
        assert f"Added sheet {name}." in result.stdout
    told = sheetsync.json("add", interviews, "log", "--as-of", AS_OF)
    assert told["written"] is False
    kept = sheetsync("remove", interviews)
    assert "sheets Today, Settings, Cadence" in kept.stdout
    assert openpyxl.load_workbook(interviews).sheetnames[:3] == ["Jobs", "History", "Debrief"]
    gone = sheetsync.json("remove", interviews, "--all")
    assert gone["sheets"][:2] == ["History", "Debrief"]
    assert compare.same_parts(before, interviews) == []


def test_the_backup_of_a_today_sheet_is_the_file_as_it_was(sheetsync: Cli, interviews: Path) -> None:
    before = interviews.read_bytes()
    told = sheetsync.json("add", interviews, "today", "--as-of", AS_OF)
    assert Path(told["backup"]).read_bytes() == before


def test_add_refuses_what_is_no_part(sheetsync: Cli, interviews: Path) -> None:
    code, line = refused(sheetsync, "add", interviews, "graphs")
    assert code == 2
    assert "graphs" in line
    assert refused(sheetsync, "add", interviews)[0] == 2


# debrief


def asked(path: Path, typed: str, *words: str) -> Any:
    """`debrief` with those lines typed."""
    return CliRunner().invoke(
        cli, ["debrief", str(path), *words, "--as-of", AS_OF], input=typed, catch_exceptions=False
    )


def test_debrief_asks_keeps_and_resumes(interviews: Path) -> None:
    first = asked(interviews, "Ann Bay; Zed\n2026-12-01\nThey write\nstop\n", "Ash")
    assert first.exit_code == 0, first.stderr
    assert first.stdout.startswith("Ash, Analyst, Ann Bay: interview of Sun 15 Nov 2026\n19 questions.")
    assert "Debrief of 15 Nov 2026 at Ash: 3 answers kept, 16 still open." in first.stdout
    assert cells(interviews, "Debrief")[1][:6] == [
        "Ash", "Analyst", dt.datetime(2026, 11, 15), "Ann Bay; Zed", dt.datetime(2026, 12, 1), "They write"
    ]  # fmt: skip
    second = asked(interviews, "stop\n", "Ash")
    assert "16 questions." in second.stdout
    assert second.stdout.endswith("Nothing was answered, so nothing was written.\n")


def test_debrief_takes_a_day_as_people_type_it(interviews: Path) -> None:
    asked(interviews, "\n1 Dec\nstop\n", "Ash")
    assert cells(interviews, "Debrief")[1][4] == dt.datetime(2026, 12, 1)


def test_log_of_a_person_is_with_that_person(sheetsync: Cli, interviews: Path) -> None:
    result = sheetsync("log", interviews, "Cem", "--as-of", AS_OF)
    assert result.stdout.startswith("Logged: 16 Nov 2026, contacted Cem Oz of Birch (row 3).\n")
    result = sheetsync("log", interviews, "Birch", "--to", "bo", "--as-of", AS_OF)
    assert "contacted Bo Dahl of Birch" in result.stdout
    result = sheetsync("log", interviews, "Birch", "--as-of", AS_OF)
    assert "contacted Birch (row 3)" in result.stdout


def test_debrief_asks_again_for_a_date_that_is_none(interviews: Path) -> None:
    result = asked(interviews, "\nsome day\n2026-12-01\nstop\n", "2")
    assert "'some day' is no date: write it as year-month-day, such as 2026-11-20, or skip it." in result.stdout
    assert "1 answer kept" in result.stdout


def test_debrief_to_the_end_says_that_everything_is_answered(interviews: Path) -> None:
    asked(interviews, "Ann\n2026-12-01\n" + "x\n" * 17, "2")
    again = asked(interviews, "", "2")
    assert "Every question is answered: change the answers in the Debrief sheet." in again.stdout


def test_answers_to_a_file_that_is_open_are_tried_again_and_printed_when_given_up(interviews: Path) -> None:
    lock = interviews.with_name(f"~${interviews.name}")
    lock.write_bytes(b"\x03Ann" + bytes(162))
    result = asked(interviews, "Ann Bay; Zed\nstop\nn\n", "2")
    assert result.exit_code == 5
    assert "Try again?" in result.stderr
    assert "Your answers, which could not be written:\n  People\n    Ann Bay; Zed\n" in result.stdout


def test_debrief_refuses_a_row_without_an_interview(sheetsync: Cli, interviews: Path) -> None:
    code, line = refused(sheetsync, "debrief", interviews, "3")
    assert (code, line) == (2, "Row 3 has no interview date, so there is nothing to debrief: fill the date in first.")


def test_debrief_at_a_real_terminal_left_with_control_c_keeps_what_was_answered(interviews: Path) -> None:
    command = [str(Path(sys.executable).with_name("sheetsync")), "debrief", str(interviews), "Ash", "--as-of", AS_OF]
    process, terminal = pytest.importorskip("pty").fork()
    if not process:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background has it ignored
        os.execv(command[0], command)  # noqa: S606 - our own command
    screen = ""
    try:
        for until, typed in (("> ", b"Ann Bay; Zed\r"), ("Decision by", b"2026-12-01\r"), ("Next steps", b"\x03")):
            screen += _read_until(terminal, until)
            os.write(terminal, typed)
        screen += _read_until(terminal, "The file as it was")
    finally:
        os.close(terminal)
        _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGHUP}
    assert "Debrief of 15 Nov 2026 at Ash: 2 answers kept" in screen
    assert cells(interviews, "Debrief")[1][3] == "Ann Bay; Zed"


def _read_until(terminal: int, text: str) -> str:
    seen, end = "", time.monotonic() + 300
    while text not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        assert ready, f"never saw {text!r} after {seen!r}"
        seen += os.read(terminal, 4096).decode(errors="replace")
    return seen

"""Every way to stop: one sentence on stderr, the designed exit code, never a traceback."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner

from cli.running import AS_OF, HEADERS, Cli, installed, interruptible, thread, write_workbook
from sheetsync.cli import BUG_EXIT, INTERRUPTED_EXIT, PIPE_EXIT, cli


def sentence(stderr: str) -> str:
    """The one line that stderr holds."""
    (line,) = stderr.splitlines()
    assert line.startswith("sheetsync: ")
    return line.removeprefix("sheetsync: ")


def test_a_csv_is_refused_by_sync_and_remove_with_what_to_do(sheetsync: Cli, tmp_path: Path) -> None:
    path = tmp_path / "old.CSV"
    path.write_text("Company,Status\nAlder,Applied\n", "utf-8")
    for command in (("sync",), ("sync", "--dry-run"), ("remove",)):
        result = sheetsync(*command, path)
        assert result.exit_code == 2
        assert f"sheetsync init NEW.xlsx --from {path}" in sentence(result.stderr)


def test_an_unknown_row_is_a_usage_error(sheetsync: Cli, tracker: Path) -> None:
    result = sheetsync("explain", tracker, "99", "--as-of", AS_OF)
    assert result.exit_code == 2
    assert "99" in sentence(result.stderr)


def test_an_unknown_profile_is_a_usage_error(sheetsync: Cli, tracker: Path) -> None:
    result = sheetsync("sync", tracker, "--profile", "nosuch")
    assert result.exit_code == 2
    assert "nosuch" in sentence(result.stderr)


def test_a_sheet_that_is_not_there_is_a_usage_error(sheetsync: Cli, tracker: Path) -> None:
    result = sheetsync("inspect", tracker, "--sheet", "Nowhere")
    assert result.exit_code == 2
    assert "Nowhere" in sentence(result.stderr)


def test_broken_settings_beside_the_file_stop_the_command(sheetsync: Cli, tracker: Path) -> None:
    (tracker.parent / "sheetsync.toml").write_text("profile =", "utf-8")
    result = sheetsync("sync", tracker)
    assert result.exit_code == 2
    assert "sheetsync.toml is not valid TOML" in sentence(result.stderr)


def test_a_workbook_without_a_tracker_ends_in_3_and_is_left_alone(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "budget.xlsx", [["Item", "Cost"], ["Rent", 700], ["Food", 300]])
    before = path.read_bytes()
    for command in ("inspect", "sync", "due"):
        done = installed(command, path)
        assert done.returncode == 3
        assert "No follow-up tracker was recognised" in sentence(done.stderr)
    assert path.read_bytes() == before


def test_a_google_spreadsheet_without_a_sign_in_ends_in_6_and_names_both_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    for command in ("sync", "inspect", "due", "remove"):
        done = installed(command, "https://docs.google.com/spreadsheets/d/1x2Y3z/edit#gid=0")
        assert done.returncode == 6
        assert "`sheetsync auth google`" in sentence(done.stderr)
        assert "--service-account FILE" in done.stderr


def test_a_link_to_something_else_at_google_ends_in_2() -> None:
    for link in (
        "https://docs.google.com/document/d/1x2Y3z/edit",
        "https://docs.google.com/spreadsheets/d/e/2PACX-1/pubhtml",
    ):
        done = installed("sync", link)
        assert done.returncode == 2
        assert "address bar" in sentence(done.stderr)


def test_a_key_that_is_none_ends_in_6(tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text('{"installed": {"client_secret": "hidden"}}')
    done = installed("inspect", "https://docs.google.com/spreadsheets/d/1x2Y3z/edit", "--service-account", key)
    assert done.returncode == 6
    assert "is an OAuth client, not a service account's key" in sentence(done.stderr)
    assert "hidden" not in done.stderr


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no more than that", b"Company,Status\nAlder,Applied\n"])
def test_a_broken_workbook_ends_in_4(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(content)
    done = installed("sync", path)
    assert done.returncode == 4
    assert str(path) in sentence(done.stderr)


def test_a_file_that_is_not_there_ends_in_4(sheetsync: Cli, tmp_path: Path) -> None:
    for name in ("nothing.xlsx", "nothing.csv"):
        result = sheetsync("inspect", tmp_path / name)
        assert result.exit_code == 4
        assert "nothing" in sentence(result.stderr)


def test_a_folder_ends_in_4(sheetsync: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "folder.xlsx"
    folder.mkdir()
    result = sheetsync("sync", folder)
    assert result.exit_code == 4
    assert "folder" in sentence(result.stderr)


def test_a_kind_of_file_that_nobody_knows_is_one_sentence(sheetsync: Cli, tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(b"PK\x03\x04")
    result = sheetsync("sync", path)
    assert result.exit_code in {2, 4}
    assert "letter.docx" in sentence(result.stderr)


def test_an_open_file_ends_in_5_and_waiting_for_it_helps(tracker: Path) -> None:
    lock = tracker.with_name(f"~${tracker.name}")
    lock.write_bytes(b"\x03Ana")
    before = tracker.read_bytes()
    done = installed("sync", tracker, "--as-of", AS_OF)
    assert done.returncode == 5
    assert "--wait" in sentence(done.stderr)
    assert tracker.read_bytes() == before
    command = Path(sys.executable).with_name("sheetsync")
    waiting = subprocess.Popen([command, "sync", tracker, "--as-of", AS_OF, "--wait", "30"], stdout=subprocess.DEVNULL)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(2)
    lock.unlink()
    assert waiting.wait(30) == 0
    assert tracker.read_bytes() != before


def test_most_next_dates_vanishing_ends_in_7_unless_forced(tmp_path: Path) -> None:
    rows = [HEADERS, *(thread(f"Firm {n}", "Applied", dt.date(2026, 11, 9)) for n in range(8))]
    path = write_workbook(tmp_path / "tracker.xlsx", rows)
    assert installed("sync", path, "--as-of", AS_OF).returncode == 0
    book = openpyxl.load_workbook(path)
    sheet = book["Jobs"]
    sheet.cell(1, HEADERS.index("Date Applied") + 1).value = "Colour of the sky"
    for row in range(2, 10):
        sheet.cell(row, HEADERS.index("Date Applied") + 1).value = "blue"
    book.save(path)
    before = path.read_bytes()
    done = installed("sync", path, "--as-of", AS_OF)
    assert done.returncode == 7
    assert "--force" in sentence(done.stderr)
    assert path.read_bytes() == before
    assert installed("sync", path, "--as-of", AS_OF, "--force").returncode == 0


def test_a_mistake_of_ours_is_a_sentence_without_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(type(cli)):  # type: ignore[misc]  # the very class of the group, whatever it is
        def invoke(self, ctx: click.Context) -> None:
            del ctx
            raise ZeroDivisionError("division by zero")

    result = CliRunner().invoke(Broken("sheetsync", invoke_without_command=True), [])
    assert result.exit_code == BUG_EXIT
    assert "mistake in sheetsync, not yours (ZeroDivisionError: division by zero)" in sentence(result.stderr)
    monkeypatch.setenv("SHEETSYNC_DEBUG", "1")
    result = CliRunner().invoke(Broken("sheetsync", invoke_without_command=True), [])
    assert isinstance(result.exception, ZeroDivisionError)


@pytest.mark.skipif(os.name == "nt", reason="processes are interrupted otherwise there")
def test_control_c_is_a_sentence_and_130_and_leaves_the_file_alone(tracker: Path) -> None:
    tracker.with_name(f"~${tracker.name}").write_bytes(b"\x03Ana")
    before = tracker.read_bytes()
    waiting = subprocess.Popen(
        interruptible("-m", "sheetsync", "sync", tracker, "--wait", "600"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},  # Python then says what it has imported, so how far it is
    )
    assert waiting.stderr is not None
    assert any(line.endswith("sheetsync.sheets.files\n") for line in iter(waiting.stderr.readline, ""))
    waiting.send_signal(signal.SIGINT)
    _, told = waiting.communicate()
    said = "\n".join(line for line in told.splitlines() if not line.startswith("import time:"))
    assert waiting.returncode == INTERRUPTED_EXIT
    assert sentence(said.strip()).startswith("Stopped by you")
    assert tracker.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is told otherwise there")
def test_a_reader_that_goes_away_is_no_error_message(tracker: Path) -> None:
    command = Path(sys.executable).with_name("sheetsync")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [command, "inspect", tracker, "--json"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (PIPE_EXIT, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_output_onto_a_full_disk_is_a_sentence(tracker: Path) -> None:
    command = Path(sys.executable).with_name("sheetsync")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [command, "inspect", tracker], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 4
    assert sentence(done.stderr) == "The system refused it: No space left on device."


def test_a_name_that_the_terminal_cannot_show_is_no_error(tracker: Path, tmp_path: Path) -> None:
    path = tmp_path / "北京.xlsx"
    shutil.copy(tracker, path)
    command = Path(sys.executable).with_name("sheetsync")
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run([command, "inspect", path], capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert b"??.xlsx" in done.stdout


@pytest.mark.parametrize("command", ["inspect", "sync"])
def test_a_link_to_something_else_than_google_is_told_as_such(sheetsync: Cli, command: str) -> None:
    result = sheetsync(command, "https://example.com/jobs.xlsx")
    assert result.exit_code == 2
    assert "is no link to a Google spreadsheet" in result.stderr
    assert "download what is there as an .xlsx file" in result.stderr

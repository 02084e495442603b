"""The doctor: each thing that can be wrong is a line that says what to do, and nothing is written."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli.running import Cli, installed, write_workbook
from emulator.server import Emulator
from person import PersonAtGoogle

from nightly.test_schedule_status import ROBOT, TRACKER
from sheetsync.nightly.doctor import computer
from sheetsync.nightly.doctor.computer import Here, examine_computer
from sheetsync.nightly.doctor.finding import Finding
from sheetsync.nightly.last_run import LastRun, TargetRun, write_last_run
from sheetsync.nightly.state import folder


def here(now: dt.datetime | None = None, *, asks_google: bool = False) -> Here:
    moment = now or dt.datetime.fromtimestamp(time.time(), dt.UTC)
    return Here(moment.astimezone(), "Europe/Berlin", "de_DE", asks_google=asks_google)


def about(topic: str, where: Here | None = None) -> list[Finding]:
    return [finding for finding in examine_computer(where or here()) if finding.topic == topic]


def checks(target: Path | str, *options: str | Path) -> dict[str, list[dict[str, Any]]]:
    """What is said of one tracker, by topic."""
    done = installed("doctor", target, "--json", *options)
    assert done.stderr == ""
    answer = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1)
    found: dict[str, list[dict[str, Any]]] = {}
    for check in answer["checks"]:
        if check["target"]:
            found.setdefault(check["topic"], []).append(check)
    return found


def todo(target: Path | str) -> list[str]:
    return [check["told"] for found in checks(target).values() for check in found if check["level"] == "do"]


def standing(folder: Path) -> dict[str, str]:
    """Every file with its content's digest and its time."""
    return {
        str(path.relative_to(folder)): f"{path.stat().st_mtime_ns} {hashlib.md5(path.read_bytes()).hexdigest()}"  # noqa: S324 - no secret
        for path in folder.rglob("*") if path.is_file()
    }  # fmt: skip


@pytest.fixture
def supported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of these tests is one that gets security updates, whatever the day."""
    monkeypatch.setitem(computer._ENDS, sys.version_info[:2], dt.date.max)  # noqa: SLF001 - a table, not what it does


@pytest.mark.usefixtures("supported")
def test_a_new_computer_is_well(sheetsync: Cli) -> None:
    done = sheetsync("doctor")
    assert done.exit_code == 0, done.stdout
    assert done.stdout.rstrip().endswith("All is well.")


def test_nothing_is_written(sheetsync: Cli, tracker: Path, tmp_path: Path, own_home: Path) -> None:
    before = standing(tmp_path)
    sheetsync("doctor", tracker)
    assert standing(tmp_path) == before
    assert not (own_home / "sheet sync").exists()


def test_a_healthy_tracker_has_nothing_to_do(plain_tracker: Path) -> None:
    assert todo(plain_tracker) == []


@pytest.mark.parametrize("name", ["nothing.xlsx", "text.txt", "folder"])
def test_what_is_no_tracker_is_a_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "folder").mkdir()
    assert len(todo(tmp_path / name)) == 1


def test_a_broken_workbook_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 not much")
    assert any("cannot be read" in told for told in todo(path))


def test_a_workbook_without_a_tracker_is_a_line(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "prices.xlsx", [["Item", "Price"], ["Tea", 3]])
    assert any("No follow-up tracker" in told for told in todo(path))


def test_a_tracker_that_is_open_is_named_with_its_program(plain_tracker: Path) -> None:
    plain_tracker.with_name(f".~lock.{plain_tracker.name}#").write_text("Ana,ana,desk,1,2;")
    (told,) = todo(plain_tracker)
    assert "open in LibreOffice (by Ana on desk" in told


def test_a_read_only_tracker_is_told(plain_tracker: Path) -> None:
    plain_tracker.chmod(0o444)
    (told,) = todo(plain_tracker)
    assert "read-only" in told


def test_a_conflict_copy_is_named(plain_tracker: Path) -> None:
    shutil.copy(plain_tracker, plain_tracker.with_name("clients (1).xlsx"))
    (told,) = todo(plain_tracker)
    assert told.startswith("clients (1).xlsx lies beside clients.xlsx")


def test_a_temporary_file_of_a_killed_sync_is_told(plain_tracker: Path) -> None:
    left = plain_tracker.with_name(".sheetsync-0123abcd-999999-0123abcd.tmp")
    left.write_bytes(b"half")
    assert todo(plain_tracker) == []  # it may be at work
    os.utime(left, (time.time() - 3600,) * 2)
    (told,) = todo(plain_tracker)
    assert "left by a sync that was cut off" in told


def test_a_synced_folder_is_told_and_is_fine(tmp_path: Path, plain_tracker: Path) -> None:
    path = tmp_path / "Dropbox" / "clients.xlsx"
    path.parent.mkdir()
    shutil.copy(plain_tracker, path)
    (folder,) = checks(path)["Folder"]
    assert (folder["level"], folder["told"][:26]) == ("ok", "Dropbox syncs this folder:")


def test_a_country_that_is_not_set_is_a_note(plain_tracker: Path) -> None:
    assert checks(plain_tracker)["Holidays"][0]["level"] == "note"
    book = openpyxl.load_workbook(plain_tracker)
    for row in book["Settings"].iter_rows():
        if row[0].value == "Country":
            row[1].value = "DE"
    book.save(plain_tracker)
    book.close()
    assert checks(plain_tracker)["Holidays"][0]["told"] == "those of DE."


def test_the_newest_backup_is_named(sheetsync: Cli, tracker: Path) -> None:
    assert checks(tracker)["Backup"][0]["told"].startswith("none yet")
    assert sheetsync("sync", tracker, "--highlight", "none").exit_code == 0
    assert checks(tracker)["Backup"][0]["told"].startswith("1 kept, the newest of 2")


@pytest.mark.usefixtures("supported")
def test_of_a_folder_each_tracker_is_examined(sheetsync: Cli, plain_tracker: Path) -> None:
    shutil.copy(plain_tracker, plain_tracker.with_name("friends.xlsx"))
    found = sheetsync.json("doctor", plain_tracker.parent)
    assert {each["target"] for each in found["checks"]} == {
        None, str(plain_tracker), str(plain_tracker.with_name("friends.xlsx")),
    }  # fmt: skip


# the computer


def test_an_own_folder_that_cannot_be_written_is_told(own_home: Path) -> None:
    place = own_home / "sheet sync"
    place.mkdir()
    place.chmod(0o500)
    try:
        assert "read-only" in about("Own folder")[0].told
    finally:
        place.chmod(0o700)


def test_an_own_folder_that_is_a_file_is_told(own_home: Path) -> None:
    (own_home / "sheet sync").write_text("")
    (found,) = about("Own folder")
    assert (found.level, "is no folder" in found.told) == ("do", True)


def test_an_own_folder_that_others_may_read_is_told(own_home: Path) -> None:
    place = own_home / "sheet sync" / "backups"
    place.mkdir(parents=True)
    place.chmod(0o755)
    told = about("Own folder")[-1].told
    assert "Others may look into" in told
    assert f"`chmod 700 {shlex.quote(str(place))}`" in told


def test_backups_in_a_synced_folder_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "OneDrive" / "sheetsync"))
    (found,) = about("Own folder")
    assert (found.level, "OneDrive" in found.told) == ("do", True)


def test_a_clock_before_the_installation_is_told() -> None:
    (found,) = about("Clock", here(dt.datetime(2019, 1, 1, tzinfo=dt.UTC)))
    assert (found.level, "set it right" in found.told) == ("do", True)


def test_a_python_without_security_updates_is_told() -> None:
    (found,) = about("Python", here(dt.datetime(2040, 1, 1, tzinfo=dt.UTC)))
    assert (found.level, "install a newer one" in found.told) == ("do", True)


@pytest.mark.usefixtures("crontab")
def test_the_night_and_what_it_left_are_told(sheetsync: Cli, plain_tracker: Path) -> None:
    sheetsync("schedule", "install", plain_tracker, "--kind", "cron", "--at", "02:05", "--yes")
    (found,) = about("Night")
    assert (found.level, "every night at 02:05 by cron, not run yet" in found.told) == ("ok", True)
    assert "is synced every night by this computer" in checks(plain_tracker)["Night"][0]["told"]
    began = here().now - dt.timedelta(hours=1)
    write_last_run(LastRun(began, began, (TargetRun(str(plain_tracker), "failed", 5, "it is open in Excel."),)))
    assert [(each.level, each.told) for each in about("Night")[1:]] == [
        ("do", f"Last night failed for {plain_tracker}: it is open in Excel.")
    ]


@pytest.mark.usefixtures("crontab")
def test_a_night_whose_python_is_gone_is_told(
    sheetsync: Cli, plain_tracker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old" / "python"
    old.parent.mkdir()
    old.symlink_to(sys.executable)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(old))
        sheetsync("schedule", "install", plain_tracker, "--kind", "cron", "--yes")
    old.unlink()
    assert subprocess.run(["/bin/sh", folder() / "night.sh"], check=False).returncode != 0
    told = [each.told for each in about("Night") if each.level == "do"]
    assert told[0].startswith(f"The Python that it runs, {old}, is not there any more")
    assert told[1].startswith("The night's command could not begin: ")
    assert str(old) in told[1]


@pytest.mark.usefixtures("crontab")
def test_without_a_target_the_nights_trackers_are_examined(sheetsync: Cli, plain_tracker: Path) -> None:
    sheetsync("schedule", "install", plain_tracker, "--kind", "cron", "--yes")
    assert f"\n{plain_tracker}\n" in sheetsync("doctor").stdout


# Google


def test_a_sign_in_that_is_not_needed_is_not_asked_for() -> None:
    (found,) = about("Google")
    assert (found.level, "only Google Sheets needs" in found.told) == ("ok", True)


def test_a_spreadsheet_at_google_needs_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    (found,) = about("Google", here(asks_google=True))
    assert (found.level, "sheetsync auth google" in found.told) == ("do", True)


def test_a_key_that_google_accepts_is_named_without_its_secret(emulator: Emulator, tmp_path: Path) -> None:
    key = emulator.key_file(tmp_path, "robot@project.iam.gserviceaccount.com")
    key.chmod(0o600)
    (found,) = [
        each for each in examine_computer(Here(here().now, None, None, str(key))) if each.topic == "Google"
    ]  # fmt: skip
    assert (found.level, "robot@project.iam.gserviceaccount.com, and Google accepts it" in found.told) == ("ok", True)
    assert "PRIVATE KEY" not in found.told


def test_a_key_that_others_may_read_is_told(emulator: Emulator, tmp_path: Path) -> None:
    key = emulator.key_file(tmp_path, "robot@project.iam.gserviceaccount.com")
    key.chmod(0o644)
    found = [each for each in examine_computer(Here(here().now, None, None, str(key))) if each.topic == "Google"]
    assert (found[0].level, "chmod 600" in found[0].told) == ("do", True)


def test_without_the_internet_it_says_so_after_one_try(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = emulator.key_file(tmp_path, "robot@project.iam.gserviceaccount.com")
    key.chmod(0o600)
    content = key.read_text().replace(emulator.url, "http://127.0.0.1:9")
    key.write_text(content)
    monkeypatch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", "http://127.0.0.1:9")
    found = [each for each in examine_computer(Here(here().now, None, None, str(key))) if each.topic == "Google"]
    assert found[0].told.startswith("Signed in as robot@project.iam.gserviceaccount.com, but: ")


@pytest.mark.usefixtures("supported")
def test_a_tracker_at_google_is_examined(
    sheetsync: Cli, emulator: Emulator, google: PersonAtGoogle, tmp_path: Path
) -> None:
    key = emulator.key_file(tmp_path, ROBOT)
    key.chmod(0o600)
    target = google.make_book([TRACKER], share_with={ROBOT: "writer"})
    found = sheetsync.json("doctor", target, "--service-account", key)
    assert ("Tracker", "ok", "sheet Jobs, 2 threads.") in [
        (each["topic"], each["level"], each["told"]) for each in found["checks"] if each["target"] == target
    ]
    assert {call.method for call in emulator.api_calls} == {"GET"}


def test_a_tracker_at_google_that_is_not_shared_is_told(
    sheetsync: Cli, emulator: Emulator, google: PersonAtGoogle, tmp_path: Path
) -> None:
    key = emulator.key_file(tmp_path, ROBOT)
    key.chmod(0o600)
    target = google.make_book([TRACKER])
    done = sheetsync("doctor", target, "--service-account", key)
    assert done.exit_code == 1
    assert ROBOT in done.stdout.partition(target)[2]

"""What `schedule` refuses, and what its status says when time or place went wrong."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cli.running import Cli, installed, write_workbook
from click.testing import CliRunner
from emulator.server import Emulator
from person import PersonAtGoogle

from sheetsync.cli import cli
from sheetsync.cli.schedule import command
from sheetsync.model import Grid
from sheetsync.nightly.last_run import LastRun, TargetRun, read_last_run, write_last_run
from sheetsync.nightly.machine import this_machine
from sheetsync.nightly.schedule.entry import saved
from sheetsync.nightly.schedule.status import Status, next_time, status
from sheetsync.nightly.state import folder
from sheetsync.sheets import open_source

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ROBOT = "robot@project.iam.gserviceaccount.com"
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co"),
        ("Position", "Analyst", "Clerk"),
        ("Status", "Applied", "Applied"),
        ("Date Applied", dt.date(2026, 10, 20), dt.date(2026, 6, 1)),
    ),
)
SETTINGS = Grid("Settings", (("Setting", "Country"), ("Value", "DE"), ("What it does", "Holidays.")))


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime.fromtimestamp(time.time(), dt.UTC).astimezone()


@pytest.fixture
def scheduled(sheetsync: Cli, plain_tracker: Path, crontab: Path) -> Path:
    """A tracker whose night cron runs."""
    del crontab
    assert sheetsync("schedule", "install", plain_tracker, "--kind", "cron", "--at", "02:05", "--yes").exit_code == 0
    return plain_tracker


def looked(now: dt.datetime) -> Status:
    found = status(now)
    assert found is not None
    return found


def ran(target: Path, began: dt.datetime, outcome: str = "unchanged") -> None:
    assert outcome in {"unchanged", "failed"}
    code, told = (0, "") if outcome == "unchanged" else (5, "it is open in Excel.")
    run = TargetRun(str(target), "unchanged" if outcome == "unchanged" else "failed", code, told)
    write_last_run(LastRun(began, began + HOUR / 60, (run,)))


# help


@pytest.mark.parametrize("name", ["install", "status", "remove"])
def test_each_part_has_examples_that_it_accepts_and_its_options_are_documented(name: str) -> None:
    text = CliRunner().invoke(cli, ["schedule", name, "--help"]).stdout
    lines = re.findall(r"^ +(sheetsync schedule .*)$", text, re.MULTILINE)
    assert lines
    part = command.commands[name]
    for line in lines:
        assert shlex.split(line)[2] == name
        part.make_context(name, shlex.split(line)[3:])
    section = DOCS.read_text("utf-8").partition("\n## schedule\n")[2].partition("\n## ")[0]
    for param in part.params:
        assert all(option in section for option in param.opts if option.startswith("--")), param.opts


# refusals


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = installed("schedule", "install", tmp_path / "no such.xlsx", "--yes")
    assert done.returncode == 4
    assert "there is no such file" in done.stderr
    assert saved() is None


def test_a_workbook_that_is_no_tracker_is_refused(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "prices.xlsx", [["Item", "Price"], ["Tea", 3]])
    done = installed("schedule", "install", path, "--yes")
    assert done.returncode == 3
    assert "No follow-up tracker was recognised" in done.stderr


def test_a_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Company,Status\nAlder,Applied\n")
    assert installed("schedule", "install", path, "--yes").returncode == 2


def test_a_folder_without_workbooks_is_refused(tmp_path: Path) -> None:
    done = installed("schedule", "install", tmp_path, "--yes")
    assert done.returncode == 4
    assert "there is no tracker" in done.stderr


@pytest.mark.parametrize("hour", ["25:00", "2:60", "noon", "0230", ""])
def test_a_time_that_is_none_is_refused(hour: str, plain_tracker: Path) -> None:
    done = installed("schedule", "install", plain_tracker, "--at", hour)
    assert done.returncode == 2
    assert "such as 02:30" in done.stderr


@pytest.mark.usefixtures("crontab")
def test_without_an_answer_nothing_is_installed(plain_tracker: Path) -> None:
    done = installed("schedule", "install", plain_tracker, "--kind", "cron")
    assert done.returncode == 2
    assert "night.sh" in done.stdout
    assert "--yes was not given" in done.stderr
    assert saved() is None


@pytest.mark.parametrize("kind", ["launchd", "windows"])
def test_a_scheduler_that_is_not_here_is_named(kind: str, plain_tracker: Path) -> None:
    done = installed("schedule", "install", plain_tracker, "--kind", kind, "--yes")
    assert done.returncode == 4
    assert "does not answer on this computer" in done.stderr


@pytest.mark.usefixtures("crontab")
def test_a_relative_path_is_made_absolute(
    sheetsync: Cli, plain_tracker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    sheetsync("schedule", "install", f"../{plain_tracker.name}", plain_tracker, "--kind", "cron", "--yes")
    found = saved()
    assert found is not None
    assert found[0].targets == (str(plain_tracker),)


@pytest.mark.usefixtures("crontab")
def test_a_folder_of_trackers_is_one_target(sheetsync: Cli, plain_tracker: Path) -> None:
    assert sheetsync("schedule", "install", plain_tracker.parent, "--kind", "cron", "--yes").exit_code == 0
    found = saved()
    assert found is not None
    assert found[0].targets == (str(plain_tracker.parent),)


# Google


@pytest.mark.usefixtures("crontab")
def test_a_spreadsheet_at_google_is_a_target_like_any_other(
    sheetsync: Cli, emulator: Emulator, google: PersonAtGoogle, plain_tracker: Path, tmp_path: Path
) -> None:
    key = emulator.key_file(tmp_path, ROBOT)
    target = google.make_book([TRACKER, SETTINGS], share_with={ROBOT: "writer"})
    arguments = ("schedule", "install", target, plain_tracker, "--kind", "cron", "--service-account", key, "--yes")
    assert sheetsync(*arguments).exit_code == 0
    found = saved()
    assert found is not None
    assert (found[0].targets, found[0].service_account) == ((target, str(plain_tracker)), str(key))
    snapshot = open_source(target, service_account=str(key)).read()
    assert snapshot.grid("Settings").row(3)[:2] == ("Night machine", str(this_machine()))
    assert snapshot.owned is None  # installing syncs nothing
    ran_now = subprocess.run(["/bin/sh", folder() / "night.sh"], check=False)
    assert ran_now.returncode == 0
    last = read_last_run()
    assert last is not None
    assert (last.targets[0].target, last.targets[0].outcome) == (target, "written")
    assert sheetsync(*arguments).stdout.startswith("This is installed already")


# status


def test_before_anything_is_installed(sheetsync: Cli) -> None:
    done = sheetsync("schedule", "status")
    assert (done.exit_code, done.stdout[:23]) == (0, "Nothing is installed: `")
    assert sheetsync.json("schedule", "status") == {"installed": False}


def test_all_is_well(scheduled: Path, now: dt.datetime, sheetsync: Cli) -> None:
    ran(scheduled, now - HOUR)
    found = looked(now)
    assert found.todo == ()
    assert found.next == next_time(dt.time(2, 5), now)
    done = sheetsync("schedule", "status")
    assert done.exit_code == 0
    assert "all went well" in done.stdout
    assert f"{scheduled}  nothing new" in done.stdout


def test_a_tracker_that_failed_is_told(scheduled: Path, now: dt.datetime, sheetsync: Cli) -> None:
    ran(scheduled, now - HOUR, "failed")
    done = sheetsync("schedule", "status")
    assert "1 tracker failed" in done.stdout
    assert "failed: it is open in Excel." in done.stdout


def test_a_tracker_that_was_moved_is_named(scheduled: Path, now: dt.datetime, sheetsync: Cli) -> None:
    shutil.move(scheduled, scheduled.with_name("elsewhere.xlsx"))
    assert any(str(scheduled) in sentence and "its new place" in sentence for sentence in looked(now).todo)
    done = sheetsync("schedule", "status")
    assert (done.exit_code, "not there any more" in done.stdout) == (1, True)


def test_a_clock_that_was_set_back_is_noticed(scheduled: Path, now: dt.datetime) -> None:
    ran(scheduled, now + 3 * DAY)
    (told,) = looked(now).todo
    assert "still to come" in told
    assert "clock" in told


def test_a_computer_that_was_off_for_days_is_noticed(scheduled: Path, now: dt.datetime) -> None:
    ran(scheduled, now)
    assert looked(now + 1 * DAY).todo == ()
    (told,) = looked(now + 4 * DAY).todo
    assert "did not run for 4 days" in told


def test_a_night_that_never_ran_is_noticed_after_two(scheduled: Path, now: dt.datetime) -> None:
    del scheduled
    assert looked(now + 2 * DAY).todo == ()
    assert "did not run for 3 days" in looked(now + 3 * DAY).todo[0]


def test_a_script_that_somebody_changed_is_noticed(scheduled: Path, now: dt.datetime) -> None:
    del scheduled
    (folder() / "night.sh").write_text("#!/bin/sh\n")
    assert "is not what was installed" in looked(now).todo[0]


def test_a_change_of_the_time_zone_moves_the_next_night(
    scheduled: Path, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:

    del scheduled
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        upcoming = looked(now.astimezone()).next
        assert upcoming is not None
        assert (upcoming.hour, upcoming.minute, upcoming.utcoffset()) == (2, 5, 9 * HOUR)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"began": "yesterday"}', '{"began": 3, "ended": null, "targets": []}']
)
def test_a_last_night_that_nobody_can_read_counts_as_none(text: str) -> None:
    folder().mkdir(parents=True)
    (folder() / "last-run.json").write_text(text)
    assert read_last_run() is None

"""The night in a systemd and a crontab that really run."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import openpyxl
import pytest
from cli.running import Cli, installed
from click.testing import CliRunner

from sheetsync.cli import cli
from sheetsync.nightly.last_run import read_last_run
from sheetsync.nightly.machine import Machine, elsewhere, this_machine
from sheetsync.nightly.state import folder

THEIRS = b"# my own\nMAILTO=ana@example.com\n5 4 * * 1 echo 100\\% \xe4 >/dev/null\n"


def control(*arguments: str) -> str:
    done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def setting(tracker: Path) -> list[tuple[object, object]]:
    """What the Settings sheet says of the night's computer."""
    book = openpyxl.load_workbook(tracker)
    try:
        return [(row[0].value, row[1].value) for row in book["Settings"].iter_rows() if row[0].value == "Night machine"]
    finally:
        book.close()


def units(home: Path) -> set[str]:
    return {path.name for path in (home / ".config/systemd/user").iterdir() if path.is_file()}


@pytest.mark.usefixtures("user_systemd")
def test_systemd_syncs_the_trackers(sheetsync: Cli, tracker: Path, plain_tracker: Path) -> None:
    done = sheetsync("schedule", "install", tracker, plain_tracker, "--at", "02:05", "--yes")
    assert done.exit_code == 0, done.output
    before = tracker.read_bytes()
    control("start", "sheetsync-night.service")
    assert control("show", "sheetsync-night.service", "--property=Result", "--value") == "success"
    last = read_last_run()
    assert last is not None
    assert [(run.target, run.outcome) for run in last.targets] == [
        (str(tracker), "written"), (str(plain_tracker), "unchanged"),
    ]  # fmt: skip
    assert tracker.read_bytes() != before


@pytest.mark.usefixtures("user_systemd")
def test_the_timer_waits_for_its_hour_and_is_told_by_status(sheetsync: Cli, plain_tracker: Path) -> None:
    sheetsync("schedule", "install", plain_tracker, "--at", "02:05", "--yes")
    assert control("is-active", "sheetsync-night.timer") == "active"
    assert control("is-enabled", "sheetsync-night.timer") == "enabled"
    found = sheetsync.json("schedule", "status")
    assert (found["installed"], found["kind"], found["at"], found["todo"]) == (True, "systemd", "02:05", [])
    assert "T02:05:" in found["next"] or "T02:06:" in found["next"] or "T02:07:" in found["next"]


def test_installing_the_same_again_changes_nothing(
    sheetsync: Cli, plain_tracker: Path, user_systemd: Path, own_home: Path
) -> None:
    del user_systemd
    sheetsync("schedule", "install", plain_tracker, "--at", "02:05", "--yes")
    before = {name: (own_home / ".config/systemd/user" / name).stat().st_mtime_ns for name in units(own_home)}
    again = sheetsync("schedule", "install", plain_tracker, "--at", "2:05")
    assert (again.exit_code, again.stdout) == (0, "This is installed already: every night at 02:05, by systemd.\n")
    assert before == {name: (own_home / ".config/systemd/user" / name).stat().st_mtime_ns for name in units(own_home)}


@pytest.mark.usefixtures("user_systemd")
def test_another_hour_replaces_the_first(sheetsync: Cli, plain_tracker: Path) -> None:
    sheetsync("schedule", "install", plain_tracker, "--at", "02:05", "--yes")
    sheetsync("schedule", "install", plain_tracker, "--at", "23:59", "--yes")
    assert "*-*-* 23:59:00" in control("show", "sheetsync-night.timer", "--property=TimersCalendar")
    assert "02:05" not in control("cat", "sheetsync-night.timer")


def test_remove_leaves_nothing(sheetsync: Cli, tracker: Path, user_systemd: Path, own_home: Path) -> None:
    del user_systemd
    sheetsync("schedule", "install", tracker, "--yes")
    assert setting(tracker) == [("Night machine", str(this_machine()))]
    assert sheetsync("schedule", "remove").exit_code == 0
    assert units(own_home) == set()
    assert not list((own_home / ".config/systemd/user").rglob("sheetsync*"))
    assert control("is-active", "sheetsync-night.timer") == "inactive"
    assert setting(tracker) == [("Night machine", None)]
    assert sheetsync("schedule", "remove").stdout == "Nothing was installed.\n"


@pytest.mark.usefixtures("user_systemd")
def test_a_timer_that_somebody_switched_off_is_told(sheetsync: Cli, plain_tracker: Path) -> None:
    sheetsync("schedule", "install", plain_tracker, "--yes")
    control("disable", "--now", "sheetsync-night.timer")
    done = sheetsync("schedule", "status")
    assert done.exit_code == 1
    assert "It is switched off or gone from systemd" in done.stdout


# cron


def crontab_now(program: Path) -> bytes:
    return subprocess.run([program, "-l"], capture_output=True, check=False).stdout


def test_cron_accepts_the_block_and_keeps_every_other_line(sheetsync: Cli, tracker: Path, crontab: Path) -> None:
    subprocess.run([crontab, "-"], input=THEIRS, check=True)
    done = sheetsync("schedule", "install", tracker, "--kind", "cron", "--at", "02:05", "--yes")
    assert done.exit_code == 0, done.output
    assert crontab_now(crontab).startswith(THEIRS)
    assert b"\n5 2 * * * /bin/sh " in crontab_now(crontab)
    sheetsync("schedule", "install", tracker, "--kind", "cron", "--at", "03:15", "--yes")
    assert crontab_now(crontab).count(b"/bin/sh") == 1
    assert sheetsync("schedule", "remove").exit_code == 0
    assert crontab_now(crontab) == THEIRS


def test_an_empty_crontab_is_gone_again_after_remove(sheetsync: Cli, plain_tracker: Path, crontab: Path) -> None:
    sheetsync("schedule", "install", plain_tracker, "--kind", "cron", "--yes")
    sheetsync("schedule", "remove")
    done = subprocess.run([crontab, "-l"], capture_output=True, text=True, check=False)
    assert "no crontab" in done.stderr
    assert not (folder() / "night.sh").exists()


def test_what_cron_runs_syncs_the_tracker(
    sheetsync: Cli, tracker: Path, crontab: Path, own_home: Path, tmp_path: Path
) -> None:
    sheetsync("schedule", "install", tracker, "--kind", "cron", "--yes")
    (line,) = [line for line in crontab_now(crontab).decode().splitlines() if "/bin/sh" in line]
    command = line.split(" ", 5)[5].replace("\\%", "%")
    environment = {"HOME": str(own_home), "LOGNAME": "ana", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    last = read_last_run()
    assert last is not None
    assert [(run.target, run.outcome) for run in last.targets] == [(str(tracker), "written")]


def test_a_block_that_was_torn_is_left_to_the_person(plain_tracker: Path, crontab: Path) -> None:
    torn = b"# sheetsync begin: made by somebody\n1 2 * * * true\n"
    subprocess.run([crontab, "-"], input=torn, check=True)
    done = installed("schedule", "install", plain_tracker, "--kind", "cron", "--yes")
    assert done.returncode == 4
    assert "delete those lines" in done.stderr
    assert crontab_now(crontab) == torn


# another computer


def test_a_second_computer_says_so_and_takes_over(
    sheetsync: Cli, tracker: Path, crontab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del crontab
    sheetsync("schedule", "install", tracker, "--kind", "cron", "--yes")
    first = this_machine()
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "second"))  # what tells computers apart is kept there
    arguments = ["schedule", "install", str(tracker), "--kind", "cron"]
    asked = CliRunner().invoke(cli, arguments, input="n\n")
    assert f"its night runs on {first.name} so far." in asked.stdout
    assert "Take the night over and install this?" in asked.stdout
    assert setting(tracker) == [("Night machine", str(first))]
    agreed = CliRunner().invoke(cli, arguments, input="y\n")
    assert f"On {first.name} run `sheetsync schedule remove`" in agreed.stdout
    assert setting(tracker) == [("Night machine", str(this_machine()))]
    assert this_machine() != first


def test_noting_the_computer_changes_that_line_only(sheetsync: Cli, tracker: Path, crontab: Path) -> None:
    del crontab
    before = cells(tracker)
    sheetsync("schedule", "install", tracker, "--kind", "cron", "--yes")
    after = cells(tracker)
    new = {place for place in after if after[place] != before.get(place)}
    assert {after[place] for place in new} >= {"Night machine", str(this_machine())}
    assert {sheet for sheet, _ in new} == {"Settings"}
    assert len(new) == 3
    assert before.keys() <= after.keys()


def cells(path: Path) -> dict[tuple[str, str], object]:
    book = openpyxl.load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    }  # fmt: skip


def test_a_computer_is_known_after_its_name_changed(own_home: Path) -> None:
    del own_home
    here = this_machine(new=True)
    assert elsewhere(str(Machine("its old name", here.mark))) is None
    assert elsewhere(str(Machine(here.name, "aaaaaa"))) == here.name
    assert elsewhere("Ben's laptop") == "Ben's laptop"
    assert elsewhere(here.name) is None
    assert elsewhere(None) is None


def test_what_is_remembered_is_for_the_person_alone(sheetsync: Cli, plain_tracker: Path, crontab: Path) -> None:
    del crontab
    sheetsync("schedule", "install", plain_tracker, "--kind", "cron", "--yes")
    for name in ("schedule.json", "machine.json", "night.sh"):
        assert (folder() / name).stat().st_mode & 0o777 == 0o600
    assert json.loads((folder() / "schedule.json").read_text())["targets"] == [str(plain_tracker)]
    assert shlex.split((folder() / "night.sh").read_text().splitlines()[-1])[0] == "exec"

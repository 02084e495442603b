"""What is installed, kind by kind: each file read back by its own reader gives the command that was meant."""

from __future__ import annotations

import datetime as dt
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from nightly.conftest import AWKWARD
from sheetsync.errors import UsageError
from sheetsync.nightly.schedule.choose import SCHEDULERS, missing_night
from sheetsync.nightly.schedule.cron import Cron
from sheetsync.nightly.schedule.entry import Night, make_night
from sheetsync.nightly.schedule.launchd import Launchd, read_print
from sheetsync.nightly.schedule.systemd import Systemd
from sheetsync.nightly.schedule.windows import Windows, read_answer

TARGETS = (
    f"/home/ana/{AWKWARD}/tracker.xlsx",
    "/home/ana/leading -- dashes/-x.xlsx",
    "/home/ana/tra\u00efling space /日本語.xlsx",
    "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg/edit#gid=0",
)
KEY = "/home/ana/my keys/robot's key.json"
AT = dt.time(2, 5)


@pytest.fixture
def night(own_home: Path) -> Night:
    del own_home
    return make_night(TARGETS, AT, KEY)


def test_the_command_is_absolute_and_names_everything_it_needs(night: Night) -> None:
    assert Path(night.command[0]).is_absolute()
    assert night.command[1:] == (
        "-P", "-m", "sheetsync", "sync", "--night", "--wait", "300", "--service-account", KEY, "--", *TARGETS,
    )  # fmt: skip


@pytest.mark.parametrize("kind", SCHEDULERS)
@pytest.mark.parametrize("name", ["/home/ana/two\nlines.xlsx", "/home/ana/\x1b[31m.xlsx", "/home/ana/\udce4.xlsx"])
def test_a_name_that_no_scheduler_can_hold_is_refused(kind: str, name: str) -> None:
    del kind
    with pytest.raises(UsageError, match="rename it first"):
        make_night((name,), AT)


# systemd


def test_systemd_finds_nothing_wrong_with_the_units(
    night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    files = []
    for piece in Systemd().pieces(night):
        files.append(tmp_path / Path(piece.place).name)
        files[-1].write_text(piece.text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *files], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_timer_catches_up_and_waits_for_its_hour(night: Night) -> None:
    _, timer = Systemd().pieces(night)
    assert "OnCalendar=*-*-* 02:05:00\n" in timer.text
    assert "Persistent=true\n" in timer.text


def test_systemd_reads_the_hour_as_it_is_meant(night: Night) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    _, timer = Systemd().pieces(night)
    (when,) = re.findall(r"OnCalendar=(.*)", timer.text)
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2026-11-22 12:00:00", when],
        capture_output=True, text=True, check=True, env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )  # fmt: skip
    assert "Next elapse: Mon 2026-11-23 02:05:00 UTC" in done.stdout


# launchd


def test_launchd_gets_the_command_as_it_is(night: Night) -> None:
    (piece,) = Launchd().pieces(night)
    content = plistlib.loads(piece.text.encode())
    assert content["ProgramArguments"] == list(night.command)
    assert content["EnvironmentVariables"] == dict(night.environment)
    assert content["StartCalendarInterval"] == {"Hour": 2, "Minute": 5}
    assert piece.place.endswith(f"/Library/LaunchAgents/{content['Label']}.plist")


def test_what_launchd_says_is_understood() -> None:
    before = "gui/501/sheetsync.night = {\n\tstate = not running\n\truns = 0\n\tlast exit code = (never exited)\n}\n"
    after = "gui/501/sheetsync.night = {\n\tstate = not running\n\truns = 3\n\tlast exit code = 1\n}\n"
    assert read_print(before).exit_code is None
    assert read_print(after).exit_code == 1
    assert "Killed: 9" in read_print("\tlast terminating signal = Killed: 9\n").ended


# Windows


def arguments(line: str) -> list[str]:
    """A command line as Windows programs take it apart: "Parsing C++ command-line arguments" of its C library."""
    words, word, quoted, begun, at = [], "", False, False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        here = line[at : at + 1]
        if here == '"':
            word += "\\" * (slashes // 2)
            begun = True
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
        elif here in {" ", "\t", ""} and not quoted:
            word += "\\" * slashes
            if word or begun:
                words.append(word)
            word, begun = "", False
        else:
            word += "\\" * slashes + here
        at += 1
    return [*words, word] if word or begun else words


ORDER = {
    "CalendarTrigger": [
        "Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit",  # triggerBaseType
        "RandomDelay", "ScheduleByDay",  # calendarTriggerType
    ],
    "Task": ["RegistrationInfo", "Triggers", "Principals", "Settings", "Data", "Actions"],
    "Exec": ["Command", "Arguments", "WorkingDirectory"],
}  # fmt: skip
"""The order of elements in [MS-TSCH] 2.5.3.3, 2.5.3.9, 2.5.2 and 2.5.6.1."""


def windows_night() -> Night:
    return Night(
        ("C:\\Users\\Ana & Co\\100% mine\\job search.xlsx", "\\\\server\\share <x>\\clients\\"), AT,
        python="C:\\Program Files\\Python\\python.exe",
    )  # fmt: skip


def task_of(night: Night) -> etree._Element:
    """The task as the Task Scheduler reads it: in UTF-16, as its declaration says."""
    (piece,) = Windows().pieces(night)
    return etree.fromstring(piece.text.encode("utf-16"))


def element(task: etree._Element, name: str) -> etree._Element:
    (found,) = task.iter(f"{{http://schemas.microsoft.com/windows/2004/02/mit/task}}{name}")
    return found


def test_the_task_gets_the_command_as_it_is() -> None:
    night = windows_night()
    task = task_of(night)
    line = element(task, "Arguments").text or ""
    assert [element(task, "Command").text, *arguments(line)] == list(night.command)
    assert (element(task, "StartBoundary").text or "").endswith("T02:05:00")
    assert element(task, "StartWhenAvailable").text == "true"


@pytest.mark.parametrize("name", ORDER)
def test_the_tasks_elements_stand_in_the_schemas_order(name: str) -> None:
    children = [etree.QName(child).localname for child in element(task_of(windows_night()), name)]
    places = [ORDER[name].index(child) for child in children]
    assert places == sorted(places)
    assert len(places) >= 2


@pytest.mark.parametrize("name", ["C:\\%USERNAME%\\t.xlsx", "C:\\$(Arg0)\\t.xlsx"])
def test_a_name_that_windows_takes_for_a_variable_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="takes for a variable"):
        Windows().pieces(Night((name,), AT))


def test_what_windows_says_is_understood() -> None:
    ran = {"on": True, "code": 1, "last": "2026-11-22T02:06:31.1234567Z", "next": "2026-11-23T02:05:00.0000000Z"}
    standing = read_answer(ran)
    assert (standing.exit_code, standing.last) == (1, dt.datetime(2026, 11, 22, 2, 6, 31, 123456, tzinfo=dt.UTC))
    new = read_answer({"on": True, "code": 267011, "last": "1999-11-30T00:00:00.0000000Z", "next": None})
    assert (new.exit_code, new.last, new.next) == (None, None, None)


# cron


def test_cron_gets_the_command_as_it_is(night: Night, own_home: Path) -> None:
    script, block = Cron().pieces(night)
    begin, line, end = block.text.splitlines()
    assert begin.startswith("#")
    assert end.startswith("#")
    minute, hour, *every, command = line.split(" ", 5)
    assert (minute, hour, every) == ("5", "2", ["*", "*", "*"])
    assert shlex.split(re.sub(r"\\%", "%", command)) == ["/bin/sh", script.place]
    assert shlex.split(script.text.splitlines()[-1])[4 : 4 + len(night.command)] == list(night.command)
    assert f"export SHEETSYNC_HOME='{own_home / 'sheet sync'}'\n" in script.text


def test_a_percent_sign_in_the_scripts_own_path_is_escaped_for_cron(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", "/home/ana/100%/it's")
    _, block = Cron().pieces(night)
    line = block.text.splitlines()[1]
    assert not re.search(r"(?<!\\)%", line)
    assert shlex.split(line.split(" ", 5)[5].replace("\\%", "%"))[1] == "/home/ana/100%/it's/nightly/night.sh"


# clocks


@pytest.mark.parametrize(
    ("at", "zone", "night"),
    [
        (dt.time(2, 30), "Europe/Berlin", dt.date(2027, 3, 28)),
        (dt.time(2, 30), "America/New_York", dt.date(2027, 3, 14)),
        (dt.time(1, 30), "Europe/London", dt.date(2027, 3, 28)),
        (dt.time(2, 15), "Australia/Lord_Howe", dt.date(2027, 10, 3)),
        (dt.time(4, 30), "Europe/Berlin", None),
        (dt.time(2, 30), "Asia/Tokyo", None),
        (dt.time(2, 30), None, None),
    ],
)
def test_the_night_on_which_the_hour_does_not_exist(at: dt.time, zone: str | None, night: dt.date | None) -> None:
    assert missing_night(at, zone, dt.date(2026, 11, 22)) == night


def test_systemd_leaves_out_just_that_night() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    done = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2027-03-27 12:00:00", "*-*-* 02:30:00"],
        capture_output=True, text=True, check=True,
        env={"TZ": "Europe/Berlin", "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )  # fmt: skip
    assert missing_night(dt.time(2, 30), "Europe/Berlin", dt.date(2027, 3, 27)) == dt.date(2027, 3, 28)
    assert "Next elapse: Mon 2027-03-29 02:30:00 CEST" in done.stdout


def test_the_python_of_this_installation_is_the_one_that_runs(night: Night) -> None:
    assert night.python == sys.executable

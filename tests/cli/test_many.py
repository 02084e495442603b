"""Many trackers at once: folders, bad ones among good ones, those that hang, two runs at one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.running import AS_OF, Cli, installed, interruptible, write_workbook
from sheetsync.errors import RunningError
from sheetsync.nightly.folders import conflict_copies, trackers_in
from sheetsync.nightly.running import at_work


def broken(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 this is no zip")


def encrypted(path: Path) -> None:
    """As Excel saves with a password: an OLE container in place of the zip."""
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096))


def open_elsewhere(path: Path) -> None:
    path.with_name(f"~${path.name}").write_bytes(b"\x03Ana")


def no_tracker(path: Path) -> None:
    write_workbook(path, [("Item", "Price"), ("Bread", 2), ("Milk", 1)])


BAD: dict[str, tuple[Callable[[Path], None], int]] = {
    "broken": (broken, 4),
    "encrypted": (encrypted, 4),
    "open": (open_elsewhere, 5),
    "prices": (no_tracker, 3),
}


@pytest.fixture
def fifty(tracker: Path, tmp_path: Path) -> list[Path]:
    """Fifty trackers in folders, of which four are bad and one hangs whoever reads what lies beside it."""
    places = []
    for number, bad in enumerate([*BAD, "hanging", *["good"] * 45]):
        place = tmp_path / f"{(number * 7) % 50:02}-{bad}" / "jobs.xlsx"
        place.parent.mkdir()
        shutil.copy(tracker, place)
        if bad in BAD:
            BAD[bad][0](place)
        places.append(place)
    if hasattr(os, "mkfifo"):
        os.mkfifo(places[4].with_name("sheetsync.toml"))
    return sorted(places)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="what hangs here is a pipe that nobody writes to")
@pytest.mark.parametrize("jobs", [1, 2])
def test_bad_ones_among_fifty_stop_none_of_the_others(fifty: list[Path], jobs: int) -> None:
    before = {place: place.read_bytes() for place in fifty}
    done = installed("sync", *fifty, "--as-of", AS_OF, "--jobs", str(jobs), "--limit", "25", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert [one["target"] for one in told] == [str(place) for place in fifty]
    failed = {Path(one["target"]).parent.name[3:]: one["exit_code"] for one in told if "error" in one}
    assert failed == {name: code for name, (_, code) in BAD.items()} | {"hanging": 4}
    assert sum(one.get("written", False) for one in told) == 45
    assert all((before[place] != place.read_bytes()) == place.parent.name.endswith("good") for place in fifty)
    assert not [name for place in fifty for name in place.parent.iterdir() if name.suffix == ".tmp"]
    assert "took longer than 25 seconds and was given up" in done.stderr
    assert len(done.stderr.splitlines()) == 5


def test_the_table_says_how_each_stands_and_why_one_failed(sheetsync: Cli, tracker: Path) -> None:
    broken(tracker.with_name("broken.xlsx"))
    result = sheetsync("sync", tracker, tracker.with_name("broken.xlsx"), "--as-of", AS_OF)
    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["Tracker", "Overdue", "Due", "Changed"]
    assert lines[1][:3] == ["tracker.xlsx", "-", "2"]
    assert int(lines[1][3]) > 0
    assert " ".join(lines[2]) == "broken.xlsx failed: the file cannot be read or written"
    assert "broken.xlsx cannot be read" in result.stderr


def test_a_folder_stands_for_the_trackers_in_it(sheetsync: Cli, tracker: Path) -> None:
    folder = tracker.parent
    shutil.copy(tracker, folder / "Zoë's list.XLSX")
    no_tracker(folder / "prices.xlsx")
    for name in ("tracker (1).xlsx", "tracker-DESKTOP-AB12CD3.xlsx", "tracker backup.xlsx", "Copy of tracker.xlsx"):
        shutil.copy(tracker, folder / name)
    for name in ("~$other.xlsx", ".~lock.other.xlsx#", ".hidden.xlsx", "notes.txt", ".sheetsync-1-2.tmp"):
        (folder / name).write_text("")
    (folder / "below").mkdir()
    shutil.copy(tracker, folder / "below" / "other.xlsx")
    result = sheetsync("sync", folder, "--as-of", AS_OF, "--json")
    assert result.exit_code == 0, result.output
    told = {Path(one["target"]).name: one for one in json.loads(result.stdout)}
    assert {name for name, one in told.items() if one.get("written")} == {"tracker.xlsx", "Zoë's list.XLSX"}
    assert {name for name, one in told.items() if "skipped" in one} == {
        "prices.xlsx", "tracker (1).xlsx", "tracker-DESKTOP-AB12CD3.xlsx", "tracker backup.xlsx", "Copy of tracker.xlsx",
    }  # fmt: skip
    shown = sheetsync("sync", folder, "--as-of", AS_OF).stdout
    assert "Passed over prices.xlsx: no tracker was recognised in it." in shown
    assert "Passed over tracker (1).xlsx: it looks like a copy of tracker.xlsx that a syncing program left." in shown
    assert shown.splitlines()[-1] == "2 trackers done."


def test_what_is_named_itself_is_done_although_its_folder_would_pass_over_it(sheetsync: Cli, tracker: Path) -> None:
    copy = tracker.with_name("tracker backup.xlsx")
    shutil.copy(tracker, copy)
    told = sheetsync.json("sync", tracker.parent, copy, tracker, "--as-of", AS_OF)
    assert [(one["target"], one["written"]) for one in told] == [(str(tracker), True), (str(copy), True)]


def test_a_workbook_without_a_tracker_is_a_failure_where_it_is_named(sheetsync: Cli, tracker: Path) -> None:
    prices = tracker.with_name("prices.xlsx")
    no_tracker(prices)
    assert sheetsync("sync", prices, tracker, "--as-of", AS_OF).exit_code == 1


def test_one_tracker_with_a_limit_is_given_up_too(tracker: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("what hangs here is a pipe that nobody writes to")
    os.mkfifo(tracker.with_name("sheetsync.toml"))
    before = tracker.read_bytes()
    done = installed("sync", tracker, "--as-of", AS_OF, "--limit", "1")
    assert done.returncode == 4
    assert "took longer than 1 seconds and was given up" in done.stderr
    assert tracker.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="what hangs here is a pipe that nobody writes to")
def test_control_c_ends_also_what_hangs(tracker: Path, tmp_path: Path) -> None:
    hanging = tmp_path / "hanging" / "jobs.xlsx"
    hanging.parent.mkdir()
    shutil.copy(tracker, hanging)
    os.mkfifo(hanging.with_name("sheetsync.toml"))
    before = hanging.read_bytes()
    program = interruptible("-m", "sheetsync", "sync", tracker, hanging, "--as-of", AS_OF)
    unsynced = tracker.read_bytes()
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        while tracker.read_bytes() == unsynced and run.poll() is None:
            time.sleep(0.05)
        time.sleep(0.5)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate()
    assert run.returncode == 130
    assert said.strip() == ("sheetsync: Stopped by you; a file that was being written is either as it was or complete.")
    assert hanging.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("jobs.xlsx", "jobs-DESKTOP-8F2K1QX.xlsx"),
        ("jobs.xlsx", "jobs-LAPTOP-1-2.xlsx"),
        ("jobs.xlsx", "jobs-Ana’s MacBook Pro.xlsx"),
        ("jobs.xlsx", "jobs (Ana's conflicted copy 2026-11-02).xlsx"),
        ("jobs.xlsx", "jobs (conflicted copy 2026-11-02 101500).xlsx"),
        ("jobs.xlsx", "jobs (In Konflikt stehende Kopie von Ana 2026-11-02).xlsx"),
        ("jobs.xlsx", "jobs (Copie en conflit de Ana 2026-11-02).xlsx"),
        ("jobs.xlsx", "jobs.sync-conflict-20261102-101500-ABCDEFG.xlsx"),
        ("Jobs.xlsm", "jobs (1).xlsm"),
        ("my-jobs 2026.xlsx", "my-jobs 2026(2).xlsx"),
    ],
)
def test_a_conflict_copy_is_known_by_its_name(tmp_path: Path, name: str, copy: str) -> None:
    for each in (name, copy):
        (tmp_path / each).write_bytes(b"")
    assert conflict_copies(str(tmp_path / name)) == (copy,)
    assert conflict_copies(str(tmp_path / copy)) == ()
    assert trackers_in(str(tmp_path)).trackers == (str(tmp_path / name),)


@pytest.mark.parametrize(
    "other", ["jobs-2026.xlsx", "jobs-berlin.xlsx", "jobs 2.xlsx", "hunt (1).xlsx", "jobs (1).xlsm"]
)
def test_another_tracker_is_no_conflict_copy(tmp_path: Path, other: str) -> None:
    for each in ("jobs.xlsx", other):
        (tmp_path / each).write_bytes(b"")
    assert conflict_copies(str(tmp_path / "jobs.xlsx")) == ()
    assert len(trackers_in(str(tmp_path)).trackers) == 2


def test_a_conflict_copy_beside_the_tracker_is_a_problem(sheetsync: Cli, tracker: Path) -> None:
    shutil.copy(tracker, tracker.with_name("tracker-DESKTOP-8F2K1QX.xlsx"))
    told = sheetsync.json("sync", tracker, "--as-of", AS_OF)
    assert told["problems"][-1]["message"].startswith("tracker-DESKTOP-8F2K1QX.xlsx lies beside tracker.xlsx")
    assert "tracker-DESKTOP-8F2K1QX.xlsx" in sheetsync("sync", tracker, "--as-of", AS_OF, "--dry-run").stdout


# Two runs at once


@contextmanager
def held(tracker: Path) -> Iterator[None]:
    """Another process at the tracker, which is killed at the end and can tidy nothing up."""
    code = (
        "import sys, time; from sheetsync.nightly.running import at_work\n"
        "with at_work(sys.argv[1]): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tracker)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        try:
            yield
        finally:
            other.kill()


def test_the_second_of_two_runs_says_so_and_what_a_killed_one_left_is_no_lock(tracker: Path, tmp_path: Path) -> None:
    by_another_name = tmp_path / "same.xlsx"
    by_another_name.symlink_to(tracker)
    with held(tracker):
        done = installed("sync", by_another_name, "--as-of", AS_OF)
        assert done.returncode == 5
        assert "Another run of sheetsync (process " in done.stderr
        assert installed("sync", tracker, "--dry-run", "--as-of", AS_OF).returncode == 0
    assert installed("sync", by_another_name, "--as-of", AS_OF).returncode == 0


def test_a_run_waits_for_another_one_as_for_an_open_file(tracker: Path) -> None:
    waits: list[float] = []
    with (
        held(tracker),
        pytest.raises(RunningError, match="right now"),
        at_work(str(tracker), wait=1, sleep=waits.append),
    ):
        pytest.fail("it was not held")
    assert waits
    with at_work(str(tracker)):
        pass

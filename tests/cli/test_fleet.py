"""Trackers on a real Dask cluster of two workers: the same results, whoever dies or hangs on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from emulator.server import Emulator
from nightly.test_schedule_status import ROBOT, TRACKER
from person import PersonAtGoogle

from cli.running import AS_OF, installed, write_workbook
from sheetsync.cli.fleet import Pace

pytest.importorskip("distributed", reason="the extra fleet is not installed")
posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="what hangs here is a pipe that nobody writes to")
BUSY = """
import sys
from distributed import Client
client = Client(sys.argv[1])
names = {address: worker["name"] for address, worker in client.scheduler_info(n_workers=-1)["workers"].items()}
print(*(names[address] for address, keys in client.processing().items() if keys))
"""
SOON = """
import sys
from sheetsync.cli import fleet, main
fleet.CONNECT = 1.0
sys.argv[0] = "sheetsync"
main()
"""


@dataclass
class Cluster:
    """A scheduler and its workers, each a process; `environment` is the workers'."""

    folder: Path
    environment: dict[str, str]
    stack: ExitStack
    address: str = ""
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def begin(self) -> None:
        """Start the scheduler at a free port."""
        told = self.folder / "scheduler.json"
        self._run("scheduler", "--scheduler-file", str(told), "--port", "0")
        while not (told.is_file() and told.read_text()):
            time.sleep(0.05)
        self.address = json.loads(told.read_text())["address"]

    def join(self, name: str) -> None:
        """Start a worker."""
        place = self.folder / name
        self.workers[name] = self._run(
            "worker", self.address, "--name", name, "--nthreads", "1", "--no-nanny", "--local-directory", str(place)
        )

    @property
    def busy(self) -> list[str]:
        """The workers that are at something."""
        done = subprocess.run([sys.executable, "-c", BUSY, self.address], capture_output=True, text=True, check=True)
        return done.stdout.split()

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        log = self.stack.enter_context((self.folder / f"{len(self.workers)}-{words[0]}.log").open("wb"))
        command = [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **self.environment})
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers. They have one home."""
    with ExitStack() as stack:
        home = str(tmp_path_factory.mktemp("home"))
        made = Cluster(tmp_path_factory.mktemp("cluster"), {"SHEETSYNC_HOME": home}, stack)
        made.begin()
        for name in ("one", "two"):
            made.join(name)
        yield made


def copies(tracker: Path, folder: Path, count: int) -> list[Path]:
    """So many trackers, each in a folder of its own."""
    places = [folder / f"{number:02}" / "jobs.xlsx" for number in range(count)]
    for place in places:
        place.parent.mkdir(parents=True)
        shutil.copy(tracker, place)
    return places


def plain(told: str, folder: Path) -> list[dict[str, Any]]:
    """A report without what differs by the folder."""
    found: list[dict[str, Any]] = json.loads(told.replace(f"{folder}{os.sep}", ""))
    return [{name: value for name, value in one.items() if name != "backup"} for one in found]


def test_a_cluster_does_what_one_process_does(cluster: Cluster, tracker: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        places = copies(tracker, folder, 12)
        places[3].write_bytes(b"PK\x03\x04 this is no zip")
        write_workbook(places[5], [("Item", "Price"), ("Bread", 2), ("Milk", 1)])
    alone = installed("sync", *sorted(here.glob("*/*.xlsx")), "--as-of", AS_OF, "--json")
    shared = installed(
        "sync", *sorted(there.glob("*/*.xlsx")), "--as-of", AS_OF, "--json", "--scheduler", cluster.address
    )
    assert (shared.returncode, alone.returncode) == (1, 1), shared.stderr
    assert plain(shared.stdout, there) == plain(alone.stdout, here)
    assert shared.stderr.replace(f"{there}", "") == alone.stderr.replace(f"{here}", "")
    assert sum(one.get("written", False) for one in plain(shared.stdout, there)) == 10
    again = installed("sync", there / "00", "--as-of", AS_OF, "--json", "--scheduler", cluster.address)
    assert [one["written"] for one in plain(again.stdout, there)] == [False]


def test_a_path_means_the_same_to_every_worker(
    cluster: Cluster, tracker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tracker.parent)
    monkeypatch.setenv("SHEETSYNC_HOME", cluster.environment["SHEETSYNC_HOME"])
    done = installed("sync", tracker.name, "--as-of", AS_OF, "--scheduler", cluster.address)
    assert done.returncode == 0, done.stderr
    assert installed("undo", tracker).returncode == 0, "what undo knows lies in the home that all have"


def test_a_portfolio_is_the_same(cluster: Cluster, tracker: Path, tmp_path: Path) -> None:
    places = copies(tracker, tmp_path / "clients", 4)
    before = [place.read_bytes() for place in places]
    alone = installed("portfolio", *places, "--as-of", AS_OF, "--json")
    shared = installed("portfolio", *places, "--as-of", AS_OF, "--json", "--scheduler", cluster.address)
    assert (shared.returncode, shared.stdout) == (0, alone.stdout), shared.stderr
    assert [place.read_bytes() for place in places] == before


@posix
def test_a_tracker_that_hangs_is_given_up_and_its_worker_goes_on(
    cluster: Cluster, tracker: Path, tmp_path: Path
) -> None:
    hanging, *good = copies(tracker, tmp_path / "clients", 3)
    os.mkfifo(hanging.with_name("sheetsync.toml"))
    before = hanging.read_bytes()
    done = installed("sync", hanging, "--as-of", AS_OF, "--limit", "1", "--scheduler", cluster.address)
    assert done.returncode == 4
    assert done.stderr.startswith(
        f"sheetsync: {hanging}: it took longer than 1 seconds and was given up; it is as it was"
    )
    assert hanging.read_bytes() == before
    assert installed("sync", *good, "--as-of", AS_OF, "--scheduler", cluster.address).returncode == 0


@posix
def test_a_worker_that_is_killed_changes_nothing_about_the_result(
    cluster: Cluster, tracker: Path, tmp_path: Path
) -> None:
    places = copies(tracker, tmp_path / "clients", 20)
    unsynced = tracker.read_bytes()
    pipe = places[0].with_name("sheetsync.toml")
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "sheetsync", "sync", *map(str, places), "--as-of", AS_OF, "--json"]
    with subprocess.Popen(
        [*command, "--scheduler", cluster.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        while any(place.read_bytes() == unsynced for place in places[1:]) and run.poll() is None:
            time.sleep(0.05)  # one worker hangs at the first tracker, the other one does all the others
        while len(busy := cluster.busy) != 1 and run.poll() is None:
            time.sleep(0.05)
        pipe.unlink()
        victim = cluster.workers.pop(busy[0])
        victim.send_signal(signal.SIGKILL)
        out, said = run.communicate()
    cluster.join(f"{busy[0]} again")
    assert run.returncode == 0, said
    told = json.loads(out)
    assert [one["target"] for one in told] == [str(place) for place in places]
    assert all(one["written"] for one in told)
    assert said == (
        f"sheetsync: {places[0]} was begun again, since the worker at it ended: what that one may have written already "
        "stands in the tracker, but is not counted here.\n"
    )
    again = installed("sync", *places, "--as-of", AS_OF, "--json", "--scheduler", cluster.address)
    assert [one["written"] for one in json.loads(again.stdout)] == [False] * 20


def test_at_google_each_is_read_once_and_written_once(
    emulator: Emulator, google: PersonAtGoogle, tmp_path: Path
) -> None:
    key = emulator.key_file(tmp_path, ROBOT)
    ids = [google.make_book([TRACKER], share_with={ROBOT: "writer"}) for _ in range(4)]
    (folder := tmp_path / "cluster").mkdir()
    with ExitStack() as stack:
        cluster = Cluster(folder, {"SHEETSYNC_GOOGLE_ENDPOINT": emulator.url}, stack)
        cluster.begin()
        for name in ("one", "two"):
            cluster.join(name)
        words: list[str | Path] = [
            "sync",
            *ids,
            "--as-of",
            AS_OF,
            "--service-account",
            key,
            "--json",
            "--scheduler",
            cluster.address,
        ]
        done = installed(*words, "--google-per-minute", "100")
    assert done.returncode == 0, done.stderr
    assert [(one["target"], one["written"]) for one in json.loads(done.stdout)] == [(book, True) for book in ids]
    assert sorted(call.method for call in emulator.api_calls) == ["GET"] * 4 + ["POST"] * 4


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://a b:8786"])
def test_an_address_that_is_none_is_told_before_anything_else(address: str, tracker: Path) -> None:
    done = installed("sync", tracker, "--scheduler", address)
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"sheetsync: {address!r} is no scheduler's address: it looks like tcp://10.0.0.5:8786"
    )


def test_options_that_do_not_go_together(tracker: Path) -> None:
    together = installed("sync", tracker, "--jobs", "2", "--scheduler", "tcp://127.0.0.1:8786")
    alone = installed("sync", tracker, "--google-per-minute", "9")
    assert (together.returncode, alone.returncode) == (2, 2)
    assert "--jobs is for this computer" in together.stderr
    assert "name its --scheduler ADDRESS" in alone.stderr


def test_a_scheduler_that_is_not_there_or_alone_is_one_sentence(tracker: Path, tmp_path: Path) -> None:
    before = tracker.read_bytes()
    with ExitStack() as stack:
        lonely = Cluster(tmp_path, {}, stack)
        lonely.begin()
        none = _soon("sync", str(tracker), "--scheduler", lonely.address)
    gone = _soon("sync", str(tracker), "--scheduler", lonely.address)
    assert (none.returncode, none.stderr) == (
        4, f"sheetsync: The scheduler has no workers: start some with `dask worker {lonely.address}`.\n",
    )  # fmt: skip
    assert (gone.returncode, gone.stderr) == (
        4, f"sheetsync: No scheduler answers at {lonely.address}: start one with `dask scheduler`, or correct the address.\n",
    )  # fmt: skip
    assert tracker.read_bytes() == before


def _soon(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SOON, *words], capture_output=True, text=True, check=False)


def test_no_more_begin_in_any_minute_than_google_allows() -> None:
    now = 1000.0
    pace = Pace(60, clock=lambda: now)
    begun: list[float] = []
    while len(begun) < 400:
        if not pace.wait:
            pace.begin()
            begun.append(now)
        now += max(pace.wait, 0.25)
    assert all(later - earlier >= 60 for earlier, later in zip(begun, begun[60:], strict=False))
    assert begun[-1] - begun[0] < 400 * 60 / 60, "and no fewer than that"

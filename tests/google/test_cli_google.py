"""Commands of the command line on spreadsheets at Google, the installed one, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from emulator.server import Emulator
from person import PersonAtGoogle
from test_untouched_path import DAY, TRACKER

ROBOT = "robot@project.iam.gserviceaccount.com"


class Cli:
    """`sheetsync` with a service account's key."""

    def __init__(self, key: Path) -> None:
        self._key = key

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = str(Path(sys.executable).with_name("sheetsync"))
        return subprocess.run(
            [command, *words, "--service-account", str(self._key)],
            capture_output=True, text=True, encoding="utf-8", check=False, timeout=120, env=dict(os.environ),
        )  # fmt: skip

    def json(self, *words: str) -> Any:
        done = self(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def sheetsync(emulator: Emulator, tmp_path: Path) -> Cli:
    return Cli(emulator.key_file(tmp_path, ROBOT))


def shared(google: PersonAtGoogle, role: str = "writer") -> str:
    return google.make_book([TRACKER], share_with={ROBOT: role})


def test_several_spreadsheets_at_once_and_one_that_is_not_shared(sheetsync: Cli, google: PersonAtGoogle) -> None:
    targets = [shared(google), shared(google), google.make_book([TRACKER])]
    done = sheetsync("sync", *targets, "--jobs", "2", "--as-of", DAY, "--json")
    assert done.returncode == 1
    first, second, third = json.loads(done.stdout)
    assert (first["written"], second["written"]) == (True, True)
    assert third["exit_code"] == 6
    assert f"{ROBOT} may not open" in third["error"]


def test_a_dry_run_writes_nothing(sheetsync: Cli, google: PersonAtGoogle, emulator: Emulator) -> None:
    assert sheetsync.json("sync", shared(google), "--dry-run", "--as-of", DAY)["written"] is False
    assert {call.method for call in emulator.api_calls} == {"GET"}


def test_a_viewer_may_look(sheetsync: Cli, google: PersonAtGoogle) -> None:
    target = shared(google, "reader")
    assert sheetsync.json("inspect", target)["tracker"] is True
    assert [row["row"] for row in sheetsync.json("due", target, "--as-of", DAY)["rows"]] == [2]
    assert sheetsync.json("explain", target, "2", "--as-of", DAY)["row"] == 2
    done = sheetsync("sync", target, "--as-of", DAY)
    assert done.returncode == 6
    assert done.stderr.count("\n") == 1
    assert f"click Share, and make {ROBOT} an Editor. Nothing was written." in done.stderr


def test_a_new_file_from_a_list_at_google(sheetsync: Cli, google: PersonAtGoogle, tmp_path: Path) -> None:
    new = tmp_path / "new.xlsx"
    assert sheetsync.json("init", str(new), "--from", shared(google))["problems"] == []
    assert [row["company"] for row in sheetsync.json("sync", str(new), "--as-of", DAY)["rows"]] == [
        "Alder Ltd", "Birch Co", "Cedar Inc"
    ]  # fmt: skip


def test_the_status_of_a_key(sheetsync: Cli, emulator: Emulator) -> None:
    found = sheetsync.json("auth", "google", "--status")
    assert (found["account"], found["kind"], found["access"]) == (ROBOT, "key", "all")
    done = sheetsync("auth", "google", "--status")
    assert "the spreadsheets that are shared with this account, and nothing else at Google" in done.stdout
    emulator.accounts.revoke(ROBOT)
    gone = sheetsync("auth", "google", "--status")
    assert gone.returncode == 6
    assert f"The service account {ROBOT} was deleted" in gone.stderr

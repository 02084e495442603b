"""The night and the morning of a spreadsheet at Google, beside one in a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from emulator.server import Emulator
from person import PersonAtGoogle
from test_untouched_path import DAY, TRACKER

from sheetsync.cli import cli
from sheetsync.nightly import night_log

ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))


@pytest.fixture
def key(emulator: Emulator, tmp_path: Path) -> str:
    return str(emulator.key_file(tmp_path, ROBOT))


def test_a_digest_of_a_tracker_at_google_only_reads(google: PersonAtGoogle, key: str, emulator: Emulator) -> None:
    target = google.make_book([TRACKER], share_with={ROBOT: "reader"})
    done = CliRunner().invoke(cli, ["digest", target, "--as-of", DAY, "--service-account", key, "--json"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert [one["target"] for one in told["trackers"]] == [target]
    assert sum(told["trackers"][0]["counts"].values()) > 0
    assert {call.method for call in emulator.api_calls} == {"GET"}


def test_a_night_at_google_is_written_once_and_logged(google: PersonAtGoogle, key: str, emulator: Emulator) -> None:
    target = google.make_book([TRACKER], share_with={ROBOT: "writer"})
    link = f"https://docs.google.com/spreadsheets/d/{target}/edit"
    for _ in range(2):
        done = CliRunner().invoke(cli, ["sync", "--night", link, "--as-of", DAY, "--service-account", key])
        assert done.exit_code == 0, done.stderr
    lines = night_log.path().read_text("utf-8").splitlines()
    assert [re.split(r" +", line)[1] for line in lines] == ["written", "unchanged"]
    assert len([call for call in emulator.api_calls if call.method == "POST"]) == 1
    told = CliRunner().invoke(cli, ["digest", target, "--as-of", "2027-01-04", "--service-account", key, "--json"])
    assert json.loads(told.stdout)["trackers"][0]["before"]["day"] == DAY

"""`check`, `calendar` and `explain` on a spreadsheet at Google that one may only look at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from emulator.server import Emulator
from icalendar import Calendar
from person import PersonAtGoogle
from test_untouched_path import DAY, TRACKER

from sheetsync.cli import cli

ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture
def key(emulator: Emulator, tmp_path: Path) -> str:
    return str(emulator.key_file(tmp_path, ROBOT))


@pytest.fixture
def target(google: PersonAtGoogle) -> str:
    return google.make_book([TRACKER], share_with={ROBOT: "reader"})


def test_a_tracker_at_google_is_checked(target: str, key: str, emulator: Emulator) -> None:
    done = CliRunner().invoke(cli, ["check", target, "--as-of", DAY, "--service-account", key, "--json"])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["target"], found["errors"]) == (target, 0)
    assert {call.method for call in emulator.api_calls} == {"GET"}


def test_a_calendar_of_a_tracker_at_google(target: str, key: str, tmp_path: Path, emulator: Emulator) -> None:
    file = tmp_path / "follow-ups.ics"
    words = ["calendar", target, "-o", str(file), "--as-of", DAY, "--service-account", key, "--json"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["events"] == len(Calendar.from_ical(file.read_bytes()).walk("VEVENT")) > 0
    assert {call.method for call in emulator.api_calls} == {"GET"}


def test_the_contacts_of_a_row_at_google(target: str, key: str) -> None:
    done = CliRunner().invoke(cli, ["explain", target, "2", "--as-of", DAY, "--service-account", key, "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["contacts"] == []

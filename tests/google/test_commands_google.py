"""Commands on a tracker at Google: how often they ask, whose day and order of dates counts, and what a log tells."""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from emulator.server import Emulator
from person import PersonAtGoogle

from sheetsync.cli import cli
from sheetsync.model import Grid

ROBOT = "robot@project.iam.gserviceaccount.com"
DAY = "2026-11-16"
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co", "Cedar Inc", "Dogwood plc"),
        ("Position", "Analyst", "Analyst", "Clerk", "Clerk"),
        ("Contact", "Ann Alder", None, None, None),
        ("Email", "ann@alder.example", None, None, None),
        ("Status", "Interview", "Applied", "Rejected", "No response"),
        ("Date Applied", dt.date(2026, 10, 20), dt.date(2026, 6, 1), dt.date(2026, 10, 1), dt.date(2026, 5, 1)),
        ("Interview Date", dt.date(2026, 11, 13), None, None, None),
    ),
)


class Cli:
    """`sheetsync` in this process, with a service account's key; `asked` are the calls of the last command."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._emulator = emulator
        self._key = str(emulator.key_file(folder, ROBOT))
        self.asked: list[str] = []

    def __call__(self, *words: str, answers: str | None = None) -> Result:
        before = len(self._emulator.api_calls)
        arguments = [*words, "--service-account", self._key]
        done = CliRunner().invoke(cli, arguments, input=answers, catch_exceptions=False)
        self.asked = [call.method for call in self._emulator.api_calls[before:]]
        return done

    def json(self, *words: str) -> Any:
        done = self(*words, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Google that takes every formula, such as those of Today, and works out none."""
    with Emulator(results={"*": {"stringValue": "?"}}) as started:
        monkeypatch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", started.url)
        yield started


@pytest.fixture
def sheetsync(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    return Cli(emulator, tmp_path)


@pytest.fixture
def target(google: PersonAtGoogle, sheetsync: Cli) -> str:
    """A tracker that is up to date."""
    book = google.make_book([TRACKER], share_with={ROBOT: "writer"})
    assert sheetsync("sync", book, "--as-of", DAY).exit_code == 0
    return book


RECORDING = {
    "log": ("log", "TARGET", "Alder", "--on", DAY, "--channel", "email", "--as-of", DAY),
    "add today": ("add", "TARGET", "today", "--as-of", DAY),
    "add all": ("add", "TARGET", "today", "log", "history", "debrief", "settings", "cadence", "--as-of", DAY),
    "sweep": ("sweep", "TARGET", "--apply", "--as-of", DAY),
    "draft": ("draft", "TARGET", "--link", "--anyway", "--as-of", DAY),
    "debrief": ("debrief", "TARGET", "Alder", "--as-of", DAY),
}


@pytest.mark.parametrize("name", RECORDING)
def test_what_records_is_one_write_after_which_a_sync_has_none(name: str, sheetsync: Cli, target: str) -> None:
    words = [target if word == "TARGET" else word for word in RECORDING[name]]
    done = sheetsync(*words, answers="45 minutes\n" + "\n" * 40)
    assert done.exit_code == 0, done.output
    assert sheetsync.asked.count("POST") == 1
    assert sheetsync.asked.count("GET") <= 2  # a command that asks or drafts in between looks again before it writes
    assert not sheetsync.json("sync", target, "--as-of", DAY)["written"]
    assert sheetsync.asked == ["GET"]


def test_a_logged_contact_is_taken_back_by_one_write(sheetsync: Cli, target: str) -> None:
    rows = sheetsync.json("due", target, "--as-of", DAY)["rows"]
    assert sheetsync(*RECORDING["log"][:1], target, *RECORDING["log"][2:]).exit_code == 0
    assert sheetsync.json("due", target, "--as-of", DAY)["rows"] != rows
    assert sheetsync("log", target, "--undo", "--as-of", DAY).exit_code == 0
    assert sheetsync.asked.count("POST") == 1
    assert sheetsync.json("due", target, "--as-of", DAY)["rows"] == rows


def test_today_is_the_day_of_the_spreadsheets_time_zone(sheetsync: Cli, google: PersonAtGoogle) -> None:
    """The two zones lie 25 hours apart: at no moment is it the same day in both."""
    days = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        book = google.make_book([TRACKER], share_with={ROBOT: "reader"})
        change = {"updateSpreadsheetProperties": {"properties": {"timeZone": zone}, "fields": "timeZone"}}
        google.emulator.edit(book, [change])
        days.append(dt.date.fromisoformat(sheetsync.json("due", book)["as_of"]))
    assert days[0] - days[1] in (dt.timedelta(days=1), dt.timedelta(days=2))


@pytest.mark.parametrize(("locale", "contact_on"), [("en_GB", "2026-11-09"), ("en_US", "2026-02-18")])
def test_the_spreadsheets_locale_tells_day_from_month(
    locale: str, contact_on: str, sheetsync: Cli, google: PersonAtGoogle
) -> None:
    """Dates that were typed as text, and none of which shows its order."""
    texts = Grid("Jobs", (("Company", "Alder Ltd"), ("Status", "Applied"), ("Date Applied", "02/11/2026")))
    book = google.make_book([texts], share_with={ROBOT: "writer"})
    change = {"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}}
    google.emulator.edit(book, [change])
    (row,) = sheetsync.json("sync", book, "--as-of", DAY)["rows"]
    assert row["next_contact"] == contact_on


def test_no_log_tells_a_token_a_key_or_a_cell(
    sheetsync: Cli, google: PersonAtGoogle, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Every library's log at its most talkative. The tokens of this Google end in "-of-the-emulator"."""
    book = google.make_book([TRACKER], share_with={ROBOT: "writer"})
    with caplog.at_level(logging.DEBUG):
        assert sheetsync("sync", book, "--as-of", DAY).exit_code == 0
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "batchUpdate" in told  # the log is on
    key = json.loads(next(tmp_path.glob("*.json")).read_text("utf-8"))
    for secret in (
        "-of-the-emulator",
        "Bearer",
        "assertion",
        key["private_key"].splitlines()[1],
        "Alder Ltd",
        "Dogwood",
        "Overdue",
    ):
        assert secret not in told

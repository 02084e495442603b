"""The installed command as people run it, nothing of it replaced: the real token grant, TLS, gspread and retries."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from emulator.faults import Fault
from emulator.server import Emulator
from person import PersonAtGoogle
from proxy import GoogleProxy

from sheetsync.model import Grid

ROBOT = "robot@project.iam.gserviceaccount.com"
DAY = "2026-11-16"
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co", "Cedar Inc"),
        ("Position", "Analyst", "Analyst", "Clerk"),
        ("Status", "Applied", "Applied", "Rejected"),
        ("Date Applied", dt.date(2026, 11, 1), dt.date(2026, 11, 13), dt.date(2026, 10, 1)),
    ),
)


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


@pytest.fixture
def proxy(google: Emulator, tmp_path: Path) -> Iterator[GoogleProxy]:
    with GoogleProxy(google, tmp_path) as started:
        yield started


class Installed:
    """`sheetsync` in a process of its own, behind the proxy, with a service account's key."""

    def __init__(self, key: Path, home: Path, way: Mapping[str, str]) -> None:
        self._key = key
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        kept.pop("SHEETSYNC_GOOGLE_ENDPOINT", None)
        self._environment = {**kept, **way, "SHEETSYNC_HOME": str(home), "SHEETSYNC_DEBUG": "1"}

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = Path(sys.executable).with_name("sheetsync")
        done = subprocess.run(
            [str(command), *words, "--service-account", str(self._key)],
            capture_output=True, text=True, encoding="utf-8", check=False, env=self._environment, timeout=120,
        )  # fmt: skip
        secret = json.loads(self._key.read_text())["private_key"].splitlines()[1]
        for hidden in (secret, "of-the-emulator", "Bearer", "Alder"):  # a key, a token, a cell
            assert hidden not in done.stderr
        assert secret not in done.stdout
        return done


def test_sync_twice_due_inspect_and_remove(google: Emulator, proxy: GoogleProxy, tmp_path: Path) -> None:
    key = google.accounts.key_file(tmp_path, ROBOT, "https://oauth2.googleapis.com/token")
    person = PersonAtGoogle(google, lambda _id: pytest.fail("opened by the command alone"))
    book_id = person.make_book([TRACKER], share_with={ROBOT: "writer"})
    link = f"https://docs.google.com/spreadsheets/d/{book_id}/edit?usp=sharing#gid=0"
    sheetsync = Installed(key, tmp_path / "home", proxy.environment())
    before = [dict(sheet.cells) for sheet in google.books[book_id].sheets]
    google.faults.add(Fault(status=503, retry_after="1", method="GET"))

    first = sheetsync("sync", link, "--as-of", DAY, "--json")
    assert first.returncode == 0, first.stderr
    # what Google asks for, and up to a second more, so that not all who wait come back at once
    assert re.fullmatch(r"sheetsync: Google is busy \(503\): waiting [12]\.\d s, try 2 of 6\.\n", first.stderr)
    report = json.loads(first.stdout)
    assert report["written"] is True
    assert [row["follow_up"] for row in report["rows"]] == ["Due", "Upcoming", "Closed"]
    assert [(call.method, call.status) for call in google.api_calls] == [("GET", 503), ("GET", 200), ("POST", 200)]

    google.calls.clear()
    second = sheetsync("sync", link, "--as-of", DAY, "--json")
    assert json.loads(second.stdout)["written"] is False
    assert [(call.method, call.status) for call in google.api_calls] == [("GET", 200)]

    due = json.loads(sheetsync("due", link, "--as-of", DAY, "--json").stdout)
    assert [row["company"] for row in due["rows"]] == ["Alder Ltd"]
    inspected = json.loads(sheetsync("inspect", book_id, "--json").stdout)
    assert inspected["tracker"] is True
    assert inspected["columns"]["company"] == "A"

    removed = sheetsync("remove", link, "--json")
    assert removed.returncode == 0, removed.stderr
    assert set(json.loads(removed.stdout)["removed"]) == set(report["owned"])
    after = [
        {place: cell for place, cell in sheet.cells.items() if cell.get("userEnteredValue")}
        for sheet in google.books[book_id].sheets
    ]
    assert after == before
    assert json.loads(sheetsync("remove", link, "--json").stdout)["written"] is False

    assert set(proxy.asked) == {"oauth2.googleapis.com", "sheets.googleapis.com"}
    assert {call.account for call in google.api_calls} == {ROBOT}


def test_a_google_that_stays_busy_ends_in_6(google: Emulator, proxy: GoogleProxy, tmp_path: Path) -> None:
    key = google.accounts.key_file(tmp_path, ROBOT, "https://oauth2.googleapis.com/token")
    person = PersonAtGoogle(google, lambda _id: pytest.fail("opened by the command alone"))
    book_id = person.make_book([TRACKER], share_with={ROBOT: "writer"})
    google.faults.add(Fault(status=503, retry_after="900", path="batchUpdate", times=None))
    done = Installed(key, tmp_path, proxy.environment())("sync", book_id, "--as-of", DAY)
    assert done.returncode == 6
    assert done.stderr == (
        "sheetsync: Google is busy (503), and Google asks to wait 900 s: run this again after that. Nothing was written.\n"
    )
    assert google.books[book_id].metadata == []


def test_a_certificate_that_nobody_vouches_for_ends_in_a_sentence(
    google: Emulator, proxy: GoogleProxy, tmp_path: Path
) -> None:
    key = google.accounts.key_file(tmp_path, ROBOT, "https://oauth2.googleapis.com/token")
    done = Installed(key, tmp_path, {"HTTPS_PROXY": proxy.url})("inspect", google.new_spreadsheet("Mine"))
    assert done.returncode == 6
    assert done.stderr.startswith("sheetsync: Somebody between this computer and oauth2.googleapis.com reads along")
    assert "REQUESTS_CA_BUNDLE" in done.stderr
    assert google.calls == []

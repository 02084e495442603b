"""Drafts of a tracker at Google: links in its Draft column, and what was sent in its History."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from emulator.server import Emulator
from person import PersonAtGoogle

from sheetsync.cli import cli
from sheetsync.model import Grid
from sheetsync.sheets import open_source

ROBOT = "robot@project.iam.gserviceaccount.com"
DAY = "2026-11-16"
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co", "Cedar Inc"),
        ("Position", "Analyst", "Analyst", "Clerk"),
        ("Contact", "Ann Alder", "Tom Birch", "Cid Cedar"),
        ("Email", "ann@alder.example", "tom@birch.example", "cid@cedar.example"),
        ("Status", "Interview", "Applied", "Rejected"),
        ("Date Applied", dt.date(2026, 10, 20), dt.date(2026, 11, 1), dt.date(2026, 10, 1)),
        ("Interview Date", dt.date(2026, 11, 15), None, None),
    ),
)


class Cli:
    """`sheetsync` in this process, in a folder of the test's own, with a service account's key."""

    def __init__(self, key: Path) -> None:
        self._key = str(key)

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(cli, [*words, "--service-account", self._key, "--as-of", DAY], catch_exceptions=False)

    def json(self, *words: str) -> Any:
        done = self(*words, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def sheetsync(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    return Cli(emulator.key_file(tmp_path, ROBOT))


@pytest.fixture
def target(google: PersonAtGoogle) -> str:
    return google.make_book([TRACKER], share_with={ROBOT: "writer"})


def links(emulator: Emulator, target: str) -> dict[int, tuple[str, str | None]]:
    """Row -> text and link of the cells of our Draft column."""
    cells = emulator.books[target].sheets[0].cells
    column = next(
        c for (r, c), cell in cells.items() if r == 0 and cell["userEnteredValue"] == {"stringValue": "Draft"}
    )
    return {
        row + 1: (
            cell["userEnteredValue"]["stringValue"],
            cell.get("userEnteredFormat", {}).get("textFormat", {}).get("link", {}).get("uri"),
        )
        for (row, c), cell in cells.items()
        if c == column and row and "userEnteredValue" in cell
    }


def test_a_link_opens_the_draft_and_goes_when_it_is_sent(
    sheetsync: Cli, emulator: Emulator, target: str, tmp_path: Path
) -> None:
    drafted = sheetsync.json("draft", target, "--link")
    assert [each["row"] for each in drafted["drafts"]] == [2, 3]
    assert {path.suffix for path in (tmp_path / "drafts").iterdir()} == {".eml", ".json"}
    found = links(emulator, target)
    assert set(found) == {2, 3}
    for text, link in found.values():
        assert text == link
        assert text.startswith("mailto:")
        assert len(text) <= 2000

    assert [call.method for call in emulator.api_calls] == ["GET", "POST"]
    writes = [call for call in emulator.api_calls if call.method == "POST"]
    again = sheetsync.json("draft", target, "--link")
    assert (again["written"], [each["state"] for each in again["drafts"]]) == (False, ["unchanged", "unchanged"])
    assert [call for call in emulator.api_calls if call.method == "POST"] == writes

    assert sheetsync("log", target, "2", "--channel", "email").exit_code == 0
    assert set(links(emulator, target)) == {3}


def test_what_was_sent_is_in_the_history_once(sheetsync: Cli, target: str, tmp_path: Path) -> None:
    (tmp_path / "sheetsync.toml").write_text('your_name = "Mary Poole"\n', "utf-8")
    sheetsync.json("draft", target)
    for file in (tmp_path / "drafts").glob("*.eml"):
        text = file.read_bytes().replace(b"=\r\n", b"")
        while b"[[" in text:
            before, _, rest = text.partition(b"[[")
            text = before + b"the archive" + rest.partition(b"]]")[2]
        file.write_bytes(text)
    logged = sheetsync.json("log", target, "--drafted")
    assert [row["row"] for row in logged["rows"]] == [2, 3]
    history = open_source(target, service_account=str(next(tmp_path.glob("*.json")))).read().grid("History")
    rows = [[value for value in history.row(row) if value] for row in (2, 3)]
    assert [row[1:3] for row in rows] == [["Alder Ltd", "Ann Alder"], ["Birch Co", "Tom Birch"]]
    assert len(list((tmp_path / "drafts" / "sent").iterdir())) == 2
    assert sheetsync.json("log", target, "--drafted")["written"] is False

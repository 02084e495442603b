"""`sheetsync undo` on a spreadsheet at Google, from the notes of what was written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from emulator.server import Emulator
from person import PersonAtGoogle
from test_cli_google import ROBOT, Cli

from sheetsync.model import Grid
from sheetsync.sheets import open_source

DAY = "2026-11-16"
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Ash & Co", "Birch"),
        ("Position", "Analyst", "Lead"),
        ("Status", "Applied", "Applied"),
        ("Date Applied", dt.date(2026, 5, 1), dt.date(2026, 11, 9)),
        ("Notes", None, None),
    ),
)


@pytest.fixture
def sheetsync(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    return Cli(emulator.key_file(tmp_path, ROBOT))


@pytest.fixture
def book(google: PersonAtGoogle) -> str:
    return google.make_book([TRACKER], share_with={ROBOT: "writer"})


def values(book: str, key: Path) -> dict[str, list[list[Any]]]:
    """Every sheet's cells, without empty ones at the ends."""
    found = {}
    for grid in open_source(book, service_account=str(key)).read().grids:
        rows = [list(grid.row(row)) for row in range(1, grid.n_rows + 1)]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        found[grid.name] = rows
    return found


def test_sweep_log_and_the_first_sync_are_taken_back_one_by_one(
    sheetsync: Cli, google: PersonAtGoogle, book: str, tmp_path: Path
) -> None:
    key = next(tmp_path.glob("*.json"))
    states = [values(book, key)]
    for words in (
        ("sync",),
        ("sweep", "--apply"),
        ("log", "3", "--channel", "email"),
        ("log", "2", "--channel", "phone"),
    ):
        name, *options = words
        done = sheetsync(name, book, *options, "--as-of", DAY)
        assert done.returncode == 0, done.stderr
        states.append(values(book, key))
    source = open_source(book, service_account=str(key))
    google._ids[source.location] = book  # noqa: SLF001 - the same spreadsheet under its own address
    google.set(source, 2, 5, "mine")
    for stood in reversed(states[:-1]):
        assert sheetsync.json("undo", book)["left"] == []
        stood["Jobs"][1][4:5] = ["mine"]
        assert values(book, key) == stood
    assert sheetsync("undo", book).returncode == 2
    assert sheetsync("undo", book, "--redo").returncode == 0
    now = values(book, key)
    assert "Next contact" in now["Jobs"][0]


def test_whole_versions_are_google_s_own_matter(sheetsync: Cli, book: str) -> None:
    done = sheetsync("undo", book, "--whole")
    assert (done.returncode, "File > Version history" in done.stderr) == (2, True)


def test_nothing_to_take_back_asks_google_nothing(sheetsync: Cli, book: str, emulator: Emulator) -> None:
    calls = len(emulator.api_calls)
    assert sheetsync("undo", book).returncode == 2
    assert sheetsync.json("undo", book, "--list")["undo"] == []
    assert len(emulator.api_calls) == calls


def test_the_notes_of_a_spreadsheet_are_found_by_its_address_too(sheetsync: Cli, book: str) -> None:
    sheetsync("sync", book, "--as-of", DAY)
    address = f"https://docs.google.com/spreadsheets/d/{book}/edit#gid=0"
    assert [each["command"] for each in sheetsync.json("undo", address, "--list")["undo"]] == ["sync"]

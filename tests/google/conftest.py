"""A Google of the tests' own, and somebody who has spreadsheets there and shares them with a service account."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator.server import Emulator
from person import PersonAtGoogle

from sheetsync.sheets import open_source
from sheetsync.sheets.source import Source

sys.path.insert(0, str(Path(__file__).parents[1] / "sheets"))  # the contract that every spreadsheet shares

ROBOT = "robot@project.iam.gserviceaccount.com"


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An empty Google; the product asks it instead of the real one."""
    with Emulator() as started:
        monkeypatch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", started.url)
        yield started


@pytest.fixture
def google(emulator: Emulator, tmp_path: Path) -> PersonAtGoogle:
    """A person whose spreadsheets are opened with a service account's key, with which they are shared."""
    key = emulator.key_file(tmp_path, ROBOT)

    def open_shared(book_id: str) -> Source:
        emulator.share(book_id, ROBOT, "writer")
        return open_source(book_id, service_account=str(key))

    return PersonAtGoogle(emulator, open_shared)

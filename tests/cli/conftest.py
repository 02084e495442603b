"""What the tests of the command line share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.running import HEADERS, Cli, thread, write_workbook


@pytest.fixture
def sheetsync() -> Cli:
    return Cli()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Backups go to a folder of the test's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SHEETSYNC_HOME", str(home))
    monkeypatch.delenv("SHEETSYNC_DEBUG", raising=False)
    return home


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    """A small tracker: one thread overdue, one due, one upcoming, one closed."""
    return write_workbook(
        tmp_path / "tracker.xlsx",
        [
            HEADERS,
            thread("Alder Ltd", "Applied", dt.date(2026, 11, 1)),
            thread("Birch Co", "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 15)),
            thread("Cedar Inc", "Applied", dt.date(2026, 11, 13)),
            thread("Dogwood", "Rejected", dt.date(2026, 10, 1)),
        ],
    )


@pytest.fixture
def many(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a tracker of that many old applications and as many fresh ones."""

    def make(number: int) -> Path:
        old = [thread(f"Old {i}", "Applied", dt.date(2026, 3, 2)) for i in range(number)]
        fresh = [thread(f"Fresh {i}", "Applied", dt.date(2026, 11, 5)) for i in range(number)]
        return write_workbook(tmp_path / "many.xlsx", [HEADERS, *old, *fresh])

    return make

"""What the tests share: where the local collection of real files is, and a home of their own for backups."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from emulator.server import Emulator
    from person import PersonAtGoogle

    from sheetsync.sheets.source import Source

# the contract that every spreadsheet shares, and a Google of the tests' own
sys.path[:0] = [str(Path(__file__).parent / folder) for folder in ("sheets", "google")]

ROBOT = "robot@project.iam.gserviceaccount.com"

# a busy machine fails nothing, and every run tries the same examples
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")
pytest.register_assert_rewrite("contract", "contract_commands")  # the tests that every spreadsheet shares


def shared_folder() -> Path | None:
    """The folder of real trackers and awkward workbooks, or None where it is absent."""
    folder = Path(os.environ.get("SHEETSYNC_SHARED", Path(__file__).parents[2] / "shared"))
    return folder if (folder / "trackers" / "labels.json").is_file() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real trackers; the test is skipped where it is absent."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the collection of real trackers is not here (set SHEETSYNC_SHARED)")
    return folder


@pytest.fixture(autouse=True, scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Backups of these tests go where pytest cleans up, not into the home of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEETSYNC_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An empty Google; the product asks it instead of the real one."""
    from emulator.server import Emulator

    with Emulator() as started:
        monkeypatch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", started.url)
        yield started


@pytest.fixture
def google(emulator: Emulator, tmp_path: Path) -> PersonAtGoogle:
    """A person whose spreadsheets are opened with a service account's key, with which they are shared."""
    from person import PersonAtGoogle

    from sheetsync.sheets import open_source

    key = emulator.key_file(tmp_path, ROBOT)

    def open_shared(book_id: str) -> Source:
        emulator.share(book_id, ROBOT, "writer")
        return open_source(book_id, service_account=str(key))

    return PersonAtGoogle(emulator, open_shared)

"""What the tests share: where the local collection of real files is, and a home of their own for backups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

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

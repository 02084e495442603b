"""`sheetsync undo` on a tracker that has a bit of everything, looked at by judges that are not ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from judges import as_openpyxl, compare, invariants, validator
from judges.marks import needs_validator
from judges.specimen import SHEET, copied, make_specimen


@pytest.fixture
def tracker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    return make_specimen(tmp_path / "tracker.xlsx")


@pytest.fixture
def before(tracker: Path, tmp_path: Path) -> Path:
    return copied(tracker, tmp_path / "before.xlsx")


def sheetsync(*args: str | Path) -> None:
    command = Path(sys.executable).with_name("sheetsync")
    done = subprocess.run(
        [str(command), *map(str, args)], capture_output=True, text=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def judged(path: Path, before: Path) -> None:
    """Nothing differs from the file as it was, to three judges."""
    assert compare.untouched(before, path, compare.may_change(before, SHEET)) == []
    assert compare.same_cells(before, path, SHEET) == []
    assert as_openpyxl.same_to_openpyxl(before, path, SHEET, frozenset()) == []
    assert invariants.violations(path) == []


def test_the_only_sync_taken_back_leaves_nothing_of_ours(tracker: Path, before: Path) -> None:
    sheetsync("sync", tracker, "--as-of", "2026-11-09")
    sheetsync("undo", tracker)
    judged(tracker, before)
    assert compare.leftovers(tracker) == []


def test_the_second_sync_taken_back_leaves_what_the_first_left(tracker: Path, tmp_path: Path) -> None:
    sheetsync("sync", tracker, "--as-of", "2026-11-09")
    first = copied(tracker, tmp_path / "first.xlsx")
    sheetsync("sync", tracker, "--as-of", "2026-11-19")
    sheetsync("undo", tracker)
    judged(tracker, first)


def test_sheets_and_further_columns_taken_back_leave_what_the_sync_left(tracker: Path, tmp_path: Path) -> None:
    sheetsync("sync", tracker, "--as-of", "2026-11-09")
    first = copied(tracker, tmp_path / "first.xlsx")
    sheetsync("add", tracker, "log", "history", "debrief", "settings", "cadence", "--as-of", "2026-11-09")
    sheetsync("undo", tracker)
    judged(tracker, first)
    sheetsync("undo", tracker, "--redo")
    assert invariants.violations(tracker) == []
    sheetsync("undo", tracker)
    judged(tracker, first)


@needs_validator
def test_microsoft_s_validator_finds_nothing_new(tracker: Path, before: Path) -> None:
    sheetsync("sync", tracker, "--as-of", "2026-11-09")
    sheetsync("add", tracker, "log", "settings", "--as-of", "2026-11-09")
    sheetsync("undo", tracker)
    assert validator.new_errors(before, tracker) == []
    sheetsync("undo", tracker)
    assert validator.new_errors(before, tracker) == []

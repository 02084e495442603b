"""What a command leaves unimported: neither kind of spreadsheet pays for the other's libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from emulator.server import Emulator
from person import PersonAtGoogle
from test_untouched_path import DAY, TRACKER

FILES = {"openpyxl", "lxml", "python_calamine"}
GOOGLE = {"gspread", "google", "google_auth_oauthlib", "requests", "urllib3", "oauthlib"}


def modules_of(*words: str) -> set[str]:
    """The modules that a fresh Python has after a command that went well, and the packages that they are in."""
    code = (
        "import sys, json\nfrom sheetsync.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "sys.stderr.write('\\n' + json.dumps(list(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True, timeout=120)
    found = set(json.loads(done.stderr.splitlines()[-1]))
    return found | {name.partition(".")[0] for name in found}


def test_a_sync_of_a_file_imports_nothing_for_google(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in zip(*TRACKER.columns, strict=True):
        sheet.append(list(row))
    book.save(tmp_path / "tracker.xlsx")
    file = str(tmp_path / "tracker.xlsx")
    found = modules_of("sync", file, "--as-of", DAY)
    assert found & GOOGLE == set()
    assert "sheetsync.measures.dashboard" not in found
    assert "sheetsync.measures.dashboard" in modules_of("add", file, "dashboard", "--as-of", DAY)


def test_a_sync_at_google_imports_nothing_for_files(google: PersonAtGoogle, emulator: Emulator, tmp_path: Path) -> None:
    robot = "robot@project.iam.gserviceaccount.com"
    book_id = google.make_book([TRACKER], share_with={robot: "writer"})
    key = emulator.key_file(tmp_path, robot)
    found = modules_of("sync", book_id, "--as-of", DAY, "--service-account", str(key))
    assert found & FILES == set()
    assert "gspread" in found


@pytest.mark.parametrize("module", ["sheetsync", "sheetsync.sheets", "sheetsync.sheets.google.address"])
def test_what_everybody_imports_brings_nothing_for_google(module: str) -> None:
    code = f"import sys, json, {module}; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in json.loads(done.stdout)} & (GOOGLE | FILES) == set()

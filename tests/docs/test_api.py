"""The example in the package's own docstring does what it says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import openpyxl
import pytest

import sheetsync
from sheetsync.changes import Receipt


def test_the_example_of_the_package_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["Company", "Status", "Date Applied"],
        ["Alder", "Applied", "2026-10-26"],
        ["Birch", "Applied", "2026-10-27"],
    ):
        sheet.append(row)
    book.save("tracker.xlsx")
    lines = [line for line in (sheetsync.__doc__ or "").splitlines() if line.startswith("    ") or not line]
    found: dict[str, object] = {}
    exec(textwrap.dedent("\n".join(lines)), found)  # noqa: S102 - it is our own docstring
    receipt = found["receipt"]
    assert isinstance(receipt, Receipt)
    assert receipt.written
    assert openpyxl.load_workbook("tracker.xlsx").worksheets[0]["D1"].value == "Next contact"

"""Excel files keep every promise of `Source`."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract import Person
from contract_commands import CommandContract
from excel_person import PersonAtExcel


class TestXlsxSource(CommandContract):
    @pytest.fixture
    def person(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
        monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
        return PersonAtExcel(tmp_path)

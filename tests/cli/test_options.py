"""Options that cannot be meant are refused in one sentence; what stands beside the file is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.running import Cli
from sheetsync.errors import UsageError
from sheetsync.model import FIELDS
from sheetsync.sheets.companions import settings_beside


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--as-of", "3/4/2026"), "'3/4/2026' is no date: write it as year-month-day, such as 2026-11-02."),
        (("--as-of", "2026-02-30"), "'2026-02-30' is no date: write it as year-month-day, such as 2026-11-02."),
        (("--map", "compny=A"), "there is no field 'compny': did you mean company?"),
        (("--map", "xyzzy=A"), f"there is no field 'xyzzy': the fields are {', '.join(FIELDS)}."),
        (("--map", "company"), "'company' is not FIELD=COLUMN, such as applied_on=D."),
        (("--header-row", "0"), "0 is not in the range x>=1."),
        (("--highlight", "all"), "'all' is not one of 'columns', 'row', 'none'."),
        (("--jobs", "0"), "0 is not in the range x>=1."),
        (("--jsn",), "No such option '--jsn' (Did you mean"),
    ],
)
def test_an_impossible_option_is_one_sentence_and_exit_code_2(
    sheetsync: Cli, arguments: tuple[str, ...], sentence: str
) -> None:
    result = sheetsync("sync", "tracker.xlsx", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert sentence in result.stderr
    assert "See `sheetsync sync --help`." in result.stderr


def test_a_missing_target_is_a_usage_error(sheetsync: Cli) -> None:
    result = sheetsync("sync")
    assert (result.exit_code, result.stderr) == (
        2,
        "sheetsync: Missing argument 'TARGET...'. See `sheetsync sync --help`.\n",
    )


def test_settings_beside_the_file_are_read(tmp_path: Path) -> None:
    (tmp_path / "sheetsync.toml").write_bytes(b'\xef\xbb\xbfprofile = "reserved"\n')
    assert settings_beside(str(tmp_path / "tracker.xlsx")) == {"profile": "reserved"}


def test_without_settings_beside_the_file_there_are_none(tmp_path: Path) -> None:
    assert settings_beside(str(tmp_path / "tracker.xlsx")) == {}


def test_beside_a_google_spreadsheet_there_are_no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sheetsync.toml").write_text('profile = "reserved"')
    monkeypatch.chdir(tmp_path)
    assert settings_beside("tracker.xlsx") == {"profile": "reserved"}
    assert settings_beside("https://docs.google.com/spreadsheets/d/abc") == {}
    assert settings_beside("1Sle_EDNRq8PsQGzmskqQWIGnUT4epR-d9A-9gaJsrrQ") == {}


@pytest.mark.parametrize("content", [b"profile = ", b"profile = 'a'\nprofile = 'b'", b"\xff\xfe\x00"])
def test_broken_settings_are_a_usage_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sheetsync.toml").write_bytes(content)
    with pytest.raises(UsageError, match=r"sheetsync\.toml is not"):
        settings_beside(str(tmp_path / "tracker.xlsx"))

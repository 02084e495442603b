"""`sheetsync check`: findings for people and for programs, and the exit code that stops a script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook


def jobs(path: Path, *rows: Sequence[object]) -> Path:
    return write_workbook(path / "jobs.xlsx", [HEADERS, *rows])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """One error, one warning."""
    alder = ["Alder Ltd", "Analyst", "Al Dean", "al@birchwood.com", "Applied", dt.date(2026, 11, 13), None, ""]
    late = thread("Cedar", "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 4))
    return jobs(tmp_path, alder, ["Birchwood", "Cook", "", "", "Applied", dt.date(2026, 11, 12), None, ""], late)


def test_a_sane_tracker(sheetsync: Cli, tmp_path: Path) -> None:
    file = jobs(tmp_path, thread("Alder Ltd", "Applied", dt.date(2026, 11, 10)))
    before = file.read_bytes()
    result = sheetsync("check", file, "--as-of", AS_OF)
    assert result.exit_code == 0
    assert "Nothing wrong was found in 1 row." in result.stdout
    assert file.read_bytes() == before


def test_errors_are_told_with_their_place_and_rule(sheetsync: Cli, wrong: Path) -> None:
    result = sheetsync("check", wrong, "--as-of", AS_OF)
    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["error", "2", "D", "address_of_another_company"] in [line[:4] for line in lines]
    assert ["warning", "4", "thank_you_missed"] in [line[:3] for line in lines]
    assert result.stdout.endswith("1 error, 1 warning.\n")


def test_warnings_alone_are_no_failure(sheetsync: Cli, tmp_path: Path) -> None:
    file = jobs(tmp_path, thread("Cedar", "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 4)))
    result = sheetsync("check", file, "--as-of", AS_OF)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "0 errors, 1 warning.")


def test_json(sheetsync: Cli, wrong: Path) -> None:
    import json

    result = sheetsync("check", wrong, "--as-of", AS_OF, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert list(found) == [
        "target", "as_of", "profile", "sheet", "drafts", "findings", "errors", "warnings", "problems"
    ]  # fmt: skip
    assert (found["sheet"], found["drafts"], found["errors"], found["warnings"]) == ("Jobs", [], 1, 1)
    one = found["findings"][0]
    assert one.pop("message").startswith("The address al@birchwood.com looks like Birchwood's (row 3), not Alder Ltd's")
    assert one == {
        "severity": "error", "rule": "tracker.address_of_another_company", "sheet": "Jobs", "row": 2, "column": "D",
        "draft": None, "where": None, "source": "S3",
    }  # fmt: skip


def test_many_of_a_kind_are_counted(sheetsync: Cli, tmp_path: Path) -> None:
    file = jobs(tmp_path, *(thread("Alder", "Applied", dt.date(2026, 11, 10)) for _ in range(20)))
    text = sheetsync("check", file, "--as-of", AS_OF).stdout
    assert text.count("double_row") == 9
    assert "And 11 more of double_row (see them with --json)." in text
    assert "0 errors, 19 warnings." in text


def test_what_cannot_be_read_is_told_once(sheetsync: Cli, tmp_path: Path) -> None:
    file = jobs(tmp_path, thread("Alder", "Applied", "next week-ish"), thread("Birch", "Applied", dt.date(2062, 11, 3)))
    text = sheetsync("check", file, "--as-of", AS_OF).stdout
    assert "Not read, so not checked" in text
    assert "next week-ish" in text
    assert "2062 is far from today: look at its year." in text


def test_a_csv_will_do(sheetsync: Cli, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(
        "Company,Status,Date Applied\nAlder,Applied,2062-11-13\nBirch,Applied,2026-11-13\n", "utf-8"
    )
    result = sheetsync("check", tmp_path / "old.csv", "--as-of", AS_OF)
    assert result.exit_code == 1
    assert "strange_year" in result.stdout


@pytest.mark.parametrize("name", ["nowhere.eml", "."])
def test_a_draft_that_cannot_be_read(sheetsync: Cli, wrong: Path, tmp_path: Path, name: str) -> None:
    result = sheetsync("check", wrong, tmp_path / name, "--as-of", AS_OF)
    assert result.exit_code == 4
    assert "cannot be read" in result.stderr

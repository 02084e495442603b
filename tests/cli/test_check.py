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
    assert ["error", "2", "D", "address-of-another-company"] in [line[:4] for line in lines]
    assert ["warning", "4", "thank-you-missed"] in [line[:3] for line in lines]
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
        "severity": "error", "rule": "tracker.address-of-another-company", "sheet": "Jobs", "row": 2, "column": "D",
        "draft": None, "where": None, "source": "S3",
    }  # fmt: skip


def test_many_of_a_kind_are_counted(sheetsync: Cli, tmp_path: Path) -> None:
    file = jobs(tmp_path, *(thread("Alder", "Applied", dt.date(2026, 11, 10)) for _ in range(20)))
    text = sheetsync("check", file, "--as-of", AS_OF).stdout
    assert text.count("double-row") == 9
    assert "And 11 more of double-row (see them with --json)." in text
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
    assert "strange-year" in result.stdout


@pytest.mark.parametrize("name", ["nowhere.eml", "."])
def test_a_draft_that_cannot_be_read(sheetsync: Cli, wrong: Path, tmp_path: Path, name: str) -> None:
    result = sheetsync("check", wrong, tmp_path / name, "--as-of", AS_OF)
    assert result.exit_code == 4
    assert "cannot be read" in result.stderr


# Drafts


GOOD = """To: al@alder.example
Subject: Analyst position

Dear Mr Dean,

Thank you for considering my application as an analyst. I applied on 10 November and remain very interested in the position.
Could you tell me how the selection is going? I am glad to answer any questions.

Kind regards
Robin Vale
"""


@pytest.fixture
def alder(tmp_path: Path) -> Path:
    dean = ["Alder Ltd", "Analyst", "Al Dean", "al@alder.example", "Applied", dt.date(2026, 11, 2), None, ""]
    return jobs(tmp_path, dean, ["Birchwood", "Cook", "", "", "Applied", dt.date(2026, 11, 12), None, ""])


def draft(folder: Path, text: str, name: str = "alder.eml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_good_draft_passes(sheetsync: Cli, alder: Path, tmp_path: Path) -> None:
    file = draft(tmp_path, GOOD)
    result = sheetsync("check", alder, file, "--as-of", AS_OF)
    assert result.exit_code == 0, result.stdout
    assert result.stdout.endswith(f"{file}\nNothing wrong was found.\n")


def test_the_wrong_company_in_a_draft_is_an_error(sheetsync: Cli, alder: Path, tmp_path: Path) -> None:
    import json

    file = draft(tmp_path, GOOD.replace("in the position", "in working for Birchwood. [[why]]"))
    text = sheetsync("check", alder, file, "--as-of", AS_OF).stdout
    assert f"{file}, for row 2" in text
    assert "2 errors, 0 warnings." in text
    result = sheetsync("check", alder, file, "--as-of", AS_OF, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["drafts"] == [str(file)]
    assert {one["rule"] for one in found["findings"]} == {"message.wrong-company", "message.gap"}
    for one in found["findings"]:
        assert (one["draft"], one["row"], one["sheet"], one["column"]) == (str(file), 2, None, None)
        assert one["where"].startswith("body line")


def test_warnings_in_a_draft_are_no_failure(sheetsync: Cli, alder: Path, tmp_path: Path) -> None:
    result = sheetsync("check", alder, draft(tmp_path, GOOD.replace("Could", "Could could")), "--as-of", AS_OF)
    assert result.exit_code == 0
    assert "doubled-word" in result.stdout
    assert "0 errors, 1 warning." in result.stdout


def test_several_drafts_are_told_one_by_one(sheetsync: Cli, alder: Path, tmp_path: Path) -> None:
    good = draft(tmp_path, GOOD)
    stray = draft(tmp_path, "Dear all,\n\nThank you for the nice evening.\n", "stray.md")
    result = sheetsync("check", alder, good, stray, "--as-of", AS_OF)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[lines.index(str(good)) + 1] == "Nothing wrong was found."
    assert "unknown-thread" in "\n".join(lines[lines.index(str(stray)) :])

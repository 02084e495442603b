"""The commands that only look: inspect, due, explain."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook

INSPECT_KEYS = [
    "target", "tracker", "sheet", "header_row", "first_row", "last_row", "columns", "confidence", "unmapped", "stages",
    "date_order", "other_trackers", "problems",
]  # fmt: skip


@pytest.fixture
def old_csv(tmp_path: Path) -> Path:
    path = tmp_path / "old.csv"
    path.write_text(
        "Company,Position,Status,Date Applied\nAlder Ltd,Analyst,Applied,2026-11-01\nBirch Co,Clerk,Rejected,2026-10-01\n",
        "utf-8",
    )
    return path


def test_looking_writes_nothing(sheetsync: Cli, tracker: Path, own_home: Path) -> None:
    before, moment = tracker.read_bytes(), tracker.stat().st_mtime_ns
    for arguments in (("inspect", tracker), ("due", tracker), ("explain", tracker, "2")):
        assert sheetsync(*arguments).exit_code == 0
    assert (tracker.read_bytes(), tracker.stat().st_mtime_ns) == (before, moment)
    assert not list(own_home.rglob("*.xlsx"))
    assert {path.name for path in tracker.parent.iterdir()} == {tracker.name}


def test_inspect_json_has_the_designed_keys(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("inspect", tracker)
    assert list(told) == INSPECT_KEYS
    assert told["tracker"] is True
    assert (told["sheet"], told["header_row"], told["first_row"], told["last_row"]) == ("Jobs", 1, 2, 5)
    assert told["columns"]["interview_on"] == "G"
    assert told["confidence"].keys() == told["columns"].keys()
    assert all(0 <= number <= 1 for number in told["confidence"].values())
    assert told["stages"] == {"Applied": "applied", "Interview": "interview", "Rejected": "rejected"}
    assert told["date_order"]["applied_on"] == "native"


def test_inspect_json_without_a_tracker_gives_the_reason(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "budget.xlsx", [["Item", "Cost"], ["Rent", 700], ["Food", 300]])
    result = sheetsync("inspect", path, "--json")
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert list(told) == ["target", "tracker", "reason"]
    assert told["tracker"] is False
    assert told["reason"]


def test_inspect_says_what_each_column_is_and_which_are_left_alone(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "list.xlsx",
        [["Company", "Status", "Date Applied", "Shoe size"], ["Alder", "Applied", dt.date(2026, 11, 2), 44],
         ["Birch", "Flumphed", dt.date(2026, 11, 3), 45]],
    )  # fmt: skip
    said = sheetsync("inspect", path).stdout
    assert re.search(r"^A +Company +company +\d+ %", said, re.MULTILINE)
    assert re.search(r"^C +Date Applied +applied_on +\d+ % +real dates$", said, re.MULTILINE)
    assert "D Shoe size" in said
    assert "Not understood: 'Flumphed'." in said
    assert 'stages."Flumphed" = "applied"' in said


def test_due_ranks_what_is_due_and_leaves_out_the_rest(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("due", tracker, "--as-of", AS_OF)
    assert list(told) == [
        "target", "as_of", "profile", "sheet", "header_row", "per_day", "rows", "problems", "counts",
    ]  # fmt: skip
    assert [row["company"] for row in told["rows"]] == ["Birch Co", "Alder Ltd"]
    assert all(row["next_action"] for row in told["rows"])
    said = sheetsync("due", tracker, "--as-of", AS_OF).stdout
    assert said.index("Birch Co") < said.index("Alder Ltd")
    assert "Cedar Inc" not in said
    assert "Dogwood" not in said


def test_due_within_days_adds_what_begins_then(sheetsync: Cli, tracker: Path) -> None:
    said = sheetsync("due", tracker, "--as-of", AS_OF, "--days", "7").stdout
    assert re.search(r"Begins in the next 7 days\n.*\n +4 +Cedar Inc, Analyst .* from Fri 20 Nov", said)
    assert "Cedar Inc" not in sheetsync("due", tracker, "--as-of", AS_OF, "--days", "3").stdout


def test_due_shows_ten_then_one_line(sheetsync: Cli, many: Callable[[int], Path]) -> None:
    said = sheetsync("due", many(14), "--as-of", AS_OF).stdout
    assert len(re.findall(r"Fresh \d+", said)) == 10
    assert "4 more are due; 14 have gone cold: close them with `sheetsync sweep --apply` or set a date." in said
    assert len(sheetsync.json("due", many(14), "--as-of", AS_OF)["rows"]) == 14


def test_due_with_nothing_due_says_so(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "calm.xlsx", [HEADERS, thread("Alder", "Rejected", dt.date(2026, 10, 1))])
    assert "Nobody has to be contacted today." in sheetsync("due", path, "--as-of", AS_OF).stdout


def test_a_csv_can_be_looked_at(sheetsync: Cli, old_csv: Path) -> None:
    assert sheetsync.json("inspect", old_csv)["columns"]["company"] == "A"
    assert [row["row"] for row in sheetsync.json("due", old_csv, "--as-of", AS_OF)["rows"]] == [2]
    assert sheetsync("explain", old_csv, "2", "--as-of", AS_OF).exit_code == 0


def test_explain_tells_the_steps_with_their_rule_and_source(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("explain", tracker, "2", "--as-of", AS_OF)
    assert list(told) == ["target", "as_of", "profile", "sheet", "row", "headline", "contacts", "steps", "thread"]
    assert all(list(step) == ["text", "rule", "source", "from", "until"] for step in told["steps"])
    (step,) = [step for step in told["steps"] if step["source"]]
    assert step["rule"] == "application.followup_1"
    assert step["source"].startswith("S4")
    assert (told["steps"][-1]["from"], told["steps"][-1]["until"]) == ("2026-11-09", "2026-11-16")
    assert told["thread"]["next_contact"] == "2026-11-09"
    said = sheetsync("explain", tracker, "2", "--as-of", AS_OF).stdout
    assert said.startswith(f"{tracker}, row 2: Alder Ltd, Analyst\n")
    for number, one in enumerate(told["steps"], start=1):
        assert f"{number}.  {one['text']}" in said
    assert "rule application.followup_1; source S4" in said


def test_explain_takes_a_company_as_well_as_its_row(sheetsync: Cli, tracker: Path) -> None:
    assert sheetsync.json("explain", tracker, "alder", "--as-of", AS_OF) == sheetsync.json(
        "explain", tracker, "2", "--as-of", AS_OF
    )
    refused = sheetsync("explain", tracker, "Analyst")
    assert refused.exit_code == 2
    assert "fits 4 rows, so name one by its number: row 2, Alder Ltd" in refused.stderr


def test_cold_threads_of_a_csv_are_closed_in_the_list(sheetsync: Cli, old_csv: Path) -> None:
    old_csv.write_text(old_csv.read_text("utf-8") + "Oak,Clerk,Applied,2026-06-01\n", "utf-8")
    said = sheetsync("due", old_csv, "--as-of", AS_OF).stdout
    assert "1 has gone cold: close it in the list or set a date." in said

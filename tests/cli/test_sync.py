"""`sheetsync sync`: what it prints, what it writes, several targets."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from cli.running import AS_OF, HEADERS, Cli, installed, thread, write_workbook
from sheetsync.model import FOLLOW_UPS, OWNED
from sheetsync.sync import PHASES

REPORT_KEYS = [
    "target", "as_of", "profile", "sheet", "header_row", "columns", "owned", "rows", "problems", "counts",
    "recorded", "changed_cells", "written", "backup",
]  # fmt: skip


def test_json_has_the_designed_keys_and_tells_the_plan(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("sync", tracker, "--as-of", AS_OF)
    assert list(told) == REPORT_KEYS
    assert told["target"] == str(tracker)
    assert told["as_of"] == AS_OF
    assert told["profile"] == "balanced"
    assert (told["sheet"], told["header_row"]) == ("Jobs", 1)
    assert told["columns"]["company"] == "A"
    assert told["columns"]["applied_on"] == "F"
    assert told["owned"] == dict(zip(OWNED, "IJKLMN", strict=True))
    assert told["written"] is True
    assert Path(told["backup"]).is_file()
    assert list(told["counts"]) == [word for word in FOLLOW_UPS if word]
    assert sum(told["counts"].values()) == 4
    assert [row["row"] for row in told["rows"]] == [2, 3, 4, 5]
    assert told["rows"][0] == {
        "row": 2, "company": "Alder Ltd", "role": "Analyst", "contact": None, "kind": "application",
        "stage": "applied", "next_contact": "2026-11-09", "contact_by": "2026-11-16",
        "action": "application.followup_1", "channel": told["rows"][0]["channel"], "follow_up": "Due",
        "days_overdue": None, "why": told["rows"][0]["why"],
    }  # fmt: skip
    assert told["rows"][3]["follow_up"] == "Closed"


def test_what_is_written_is_what_is_told(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("sync", tracker, "--as-of", AS_OF)
    sheet = openpyxl.load_workbook(tracker)["Jobs"]
    for row in told["rows"]:
        assert sheet[f"{told['owned']['follow_up']}{row['row']}"].value == row["follow_up"]
        assert sheet[f"{told['owned']['why']}{row['row']}"].value == row["why"]


def test_a_dry_run_writes_nothing_and_shows_before_and_after(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    result = sheetsync("sync", tracker, "--as-of", AS_OF, "--dry-run")
    assert result.exit_code == 0
    assert tracker.read_bytes() == before
    assert re.search(
        r"^ +2 +Alder Ltd +Next contact: Mon 9 Nov; Contact by: Mon 16 Nov;.* Follow-up: Due;",
        result.stdout,
        re.MULTILINE,
    )
    assert "cells would change; nothing was written." in result.stdout
    told = sheetsync.json("sync", tracker, "--as-of", AS_OF, "--dry-run")
    assert list(told) == REPORT_KEYS
    assert told["owned"] == dict.fromkeys(OWNED)
    assert (told["written"], told["backup"]) == (False, None)
    assert told["changed_cells"] > 0
    assert tracker.read_bytes() == before


def test_a_dry_run_of_a_synced_tracker_names_its_columns_and_what_a_later_day_changes(
    sheetsync: Cli, tracker: Path
) -> None:
    sheetsync("sync", tracker, "--as-of", AS_OF)
    assert sheetsync.json("sync", tracker, "--as-of", AS_OF, "--dry-run")["owned"] == dict(
        zip(OWNED, "IJKLMN", strict=True)
    )
    said = sheetsync("sync", tracker, "--as-of", "2026-11-17", "--dry-run").stdout
    assert re.search(r"^ +2 +Alder Ltd +Follow-up: Due -> Overdue; Days overdue: 1(;|$)", said, re.MULTILINE)


def test_a_dry_run_of_nothing_new_says_so(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("sync", tracker, "--as-of", AS_OF)
    assert "Nothing would change." in sheetsync("sync", tracker, "--as-of", AS_OF, "--dry-run").stdout


def test_a_long_dry_run_shows_twenty_rows_then_counts(sheetsync: Cli, many: Callable[[int], Path]) -> None:
    said = sheetsync("sync", many(30), "--as-of", AS_OF, "--dry-run").stdout
    assert len(re.findall(r"^ *\d+ +Old \d+ +Next contact: ", said, re.MULTILINE)) == 20
    assert "And 40 more rows." in said


def test_the_first_sync_ends_in_a_summary_that_can_be_acted_on(sheetsync: Cli, many: Callable[[int], Path]) -> None:
    result = sheetsync("sync", many(100), "--as-of", AS_OF)
    assert result.exit_code == 0
    said = result.stdout
    assert "Recognised 200 rows on sheet 'Jobs', column names in row 1." in said
    assert len(re.findall(r"^ *\d+ +Fresh \d+, Analyst ", said, re.MULTILINE)) == 10
    assert "90 more are due; 100 have gone cold: close them with `sheetsync sweep --apply` or set a date." in said
    assert "and wrote " in said
    assert "The file as it was: " in said
    assert "No country is set" in said


def test_a_second_sync_is_one_line(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("sync", tracker, "--as-of", AS_OF)
    before = tracker.read_bytes()
    result = sheetsync("sync", tracker, "--as-of", AS_OF)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert ": nothing new." in result.stdout
    assert tracker.read_bytes() == before


def test_highlight_is_passed_on(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("sync", tracker, "--as-of", AS_OF, "--highlight", "none")
    assert not list(openpyxl.load_workbook(tracker)["Jobs"].conditional_formatting)
    sheetsync("sync", tracker, "--as-of", AS_OF, "--highlight", "row")
    ranges = {str(rules.sqref) for rules in openpyxl.load_workbook(tracker)["Jobs"].conditional_formatting}
    assert any(area.startswith("A2:") for area in ranges), ranges


def test_settings_beside_the_file_count_and_an_option_goes_before_them(sheetsync: Cli, tracker: Path) -> None:
    (tracker.parent / "sheetsync.toml").write_text('profile = "reserved"\n', "utf-8")
    assert sheetsync.json("sync", tracker, "--as-of", AS_OF, "--dry-run")["profile"] == "reserved"
    told = sheetsync.json("sync", tracker, "--as-of", AS_OF, "--dry-run", "--profile", "persistent")
    assert told["profile"] == "persistent"


def test_an_unknown_setting_beside_the_file_is_a_problem(sheetsync: Cli, tracker: Path) -> None:
    (tracker.parent / "sheetsync.toml").write_text("profil = 'x'\n", "utf-8")
    problems = sheetsync.json("sync", tracker, "--as-of", AS_OF, "--dry-run")["problems"]
    assert any("profil" in problem["message"] for problem in problems)


def test_a_column_can_be_named_by_letter_or_header(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "odd.xlsx",
        [["Company", "Status", "Xyzzy"], *([f"Firm {n}", "Applied", dt.date(2026, 11, 2 + n)] for n in range(5))],
    )
    for column in ("C", "Xyzzy"):
        told = sheetsync.json("sync", path, "--as-of", AS_OF, "--dry-run", "--map", f"applied_on={column}")
        assert told["columns"]["applied_on"] == "C"
        assert told["rows"][0]["next_contact"] == "2026-11-09"


def test_a_day_first_option_decides_what_the_sheet_leaves_open(sheetsync: Cli, tmp_path: Path) -> None:
    path = write_workbook(
        tmp_path / "text.xlsx", [HEADERS, *(thread(f"Firm {n}", "Applied", "02/11/2026") for n in range(5))]
    )
    dates = {
        option: sheetsync.json("sync", path, "--as-of", AS_OF, "--dry-run", option)["rows"][0]["next_contact"]
        for option in ("--day-first", "--month-first")
    }
    assert dates["--day-first"] == "2026-11-09"
    assert dates["--month-first"] != "2026-11-09"


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_several_targets_go_on_after_a_failure_and_keep_their_order(tracker: Path, jobs: str) -> None:
    other = tracker.with_name("other.xlsx")
    shutil.copy(tracker, other)
    gone = tracker.with_name("gone.xlsx")
    done = installed("sync", tracker, gone, other, "--as-of", AS_OF, "--jobs", jobs)
    assert done.returncode == 1
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == [
        "Tracker",
        "tracker.xlsx",
        "gone.xlsx",
        "other.xlsx",
        "",
        "2 trackers done, 1 failed.",
    ]
    assert str(gone) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = installed("sync", tracker, gone, other, "--as-of", AS_OF, "--jobs", jobs, "--json")
    told = json.loads(done.stdout)
    assert [one["target"] for one in told] == [str(tracker), str(gone), str(other)]
    assert list(told[1]) == ["target", "error", "exit_code"]
    assert told[1]["exit_code"] == 4
    assert list(told[2]) == REPORT_KEYS


def test_several_targets_that_went_well_end_in_0(sheetsync: Cli, tracker: Path) -> None:
    other = tracker.with_name("other.xlsx")
    shutil.copy(tracker, other)
    assert sheetsync("sync", tracker, other, "--as-of", AS_OF).exit_code == 0


def test_a_target_named_twice_is_done_once(sheetsync: Cli, tracker: Path) -> None:
    told = sheetsync.json("sync", tracker, tracker, "--as-of", AS_OF)
    assert [one["written"] for one in told] == [True]


def test_the_benchmarks_get_the_seconds_of_each_phase(tracker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_TIMINGS", "1")
    told = json.loads(installed("sync", tracker, "--as-of", AS_OF).stderr)
    assert list(told) == [*PHASES, "import"]
    assert all(seconds >= 0 for seconds in told.values())
    assert told["read"] > 0


def test_today_is_the_default(sheetsync: Cli, tracker: Path) -> None:
    before = time.strftime("%Y-%m-%d")
    told = sheetsync.json("sync", tracker, "--dry-run")
    assert before <= told["as_of"] <= time.strftime("%Y-%m-%d")


def test_a_pipe_has_no_box_drawing_and_no_width(tracker: Path) -> None:
    wide, narrow = (
        installed("sync", tracker, "--as-of", AS_OF, "--dry-run", environment={**os.environ, "COLUMNS": columns})
        for columns in ("200", "40")
    )
    assert wide.stdout == narrow.stdout
    assert not re.search("[\u2500-\u257f\x1b]", wide.stdout)


def overlooked(path: Path, *more: str) -> Path:
    """A tracker whose status has a header that nobody knows, and further columns."""
    words = ("Beworben", "Abgesagt", "Gespräch", "Beworben")
    return write_workbook(path, [
        ["Firma", "Stelle", "Beworben am", "Wo stehts?", *more],
        *([f"Firma {n}", "Analyst", dt.date(2026, 11, n), word, *(44 for _ in more)] for n, word in enumerate(words, 1)),
    ])  # fmt: skip


def test_the_first_sync_names_what_is_left_alone_and_an_overlooked_status(sheetsync: Cli, tmp_path: Path) -> None:
    said = sheetsync("sync", overlooked(tmp_path / "jobs.xlsx", "Shoe size"), "--as-of", AS_OF).stdout
    assert "Left alone: D “Wo stehts?”, E “Shoe size”.\n" in said
    assert "Column D “Wo stehts?” looks like a status: say --map stage=D, or write field.stage = D" in said
    assert "for this run only" not in said


def test_of_many_columns_left_alone_the_first_are_named(sheetsync: Cli, tmp_path: Path) -> None:
    said = sheetsync("sync", overlooked(tmp_path / "jobs.xlsx", *(f"Size {n}" for n in range(9))), "--as-of", AS_OF)
    assert "K “Size 6”, and 2 more; `sheetsync inspect` shows them.\n" in said.stdout
    assert "Size 7" not in said.stdout


def test_options_of_one_run_are_told_as_such_with_how_to_keep_them(sheetsync: Cli, tmp_path: Path) -> None:
    path = overlooked(tmp_path / "jobs.xlsx")
    shown = sheetsync("sync", path, "--as-of", AS_OF, "--map", "stage=D", "--sheet", "Jobs", "--dry-run").stdout
    assert "for this run only" not in shown
    assert "looks like a status" not in shown
    said = sheetsync("sync", path, "--as-of", AS_OF, "--map", "stage=D", "--sheet", "Jobs").stdout
    assert 'counts for this run only: put sheet = "Jobs", field.stage = "D" onto a Settings sheet or into' in said
    (tmp_path / "sheetsync.toml").write_text('sheet = "Jobs"\nfield.stage = "D"\n', "utf-8")
    kept = sheetsync.json("sync", path, "--as-of", AS_OF)
    assert (kept["columns"]["stage"], kept["written"]) == ("D", False)

"""`sheetsync undo` on files: what commands wrote, whole files, what is listed, what is refused."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from judges import invariants

from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook
from sheetsync.model import column_letter

Grids = dict[str, list[list[Any]]]


def values(path: Path) -> Grids:
    """Every sheet's cells as somebody else reads them, without empty rows and columns at the ends."""
    book = openpyxl.load_workbook(path)
    found: Grids = {}
    for sheet in book.worksheets:
        rows: list[list[Any]] = [list(row) for row in sheet.iter_rows(values_only=True)]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        found[sheet.title] = rows
    return found


def edit(path: Path, sheet: str, cell: str, value: Any) -> None:
    """Type into a cell and save, as a person does."""
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    """A tracker of one old and one new thread."""
    rows = [
        HEADERS,
        thread("Alder Ltd", "Applied", dt.date(2026, 5, 1)),
        thread("Birch Co", "Applied", dt.date(2026, 11, 9)),
    ]
    return write_workbook(tmp_path / "cold.xlsx", [[value or None for value in row] for row in rows])


def test_undoing_the_first_sync_leaves_the_file_as_it_was(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    shutil.copy(tracker, tmp_path / "before.xlsx")
    sheetsync("sync", tracker, "--as-of", AS_OF)
    assert tracker.read_bytes() != (tmp_path / "before.xlsx").read_bytes()
    done = sheetsync("undo", tracker)
    assert done.exit_code == 0
    assert "took back what `sync` wrote on" in done.stdout
    assert values(tracker) == values(tmp_path / "before.xlsx")
    assert invariants.violations(tracker) == invariants.violations(tmp_path / "before.xlsx")


def test_a_sweep_is_undone_and_what_was_typed_since_stays(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    stood = values(cold)
    assert sheetsync("sweep", cold, "--apply", "--as-of", AS_OF).exit_code == 0
    assert values(cold)["Jobs"][1][4].startswith("No response")
    edit(cold, "Jobs", "H2", "call them")
    assert sheetsync.json("undo", cold)["left"] == []
    after = values(cold)
    assert after["Jobs"][1][7] == "call them"
    after["Jobs"][1][7] = stood["Jobs"][1][7]
    assert after == stood


def test_a_logged_contact_and_the_sheet_made_for_it_are_undone(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    stood = values(cold)
    sheetsync("log", cold, "3", "--channel", "email", "--as-of", AS_OF)
    assert "History" in values(cold)
    logged = values(cold)
    sheetsync("log", cold, "2", "--channel", "phone", "--as-of", AS_OF)
    assert len(values(cold)["History"]) == len(logged["History"]) + 1
    sheetsync("undo", cold)
    assert values(cold) == logged
    sheetsync("undo", cold)
    assert values(cold) == stood
    assert invariants.violations(cold) == []
    sheetsync("undo", cold, "--redo")
    assert values(cold) == logged
    assert invariants.violations(cold) == []


def test_a_row_of_history_that_was_changed_since_stays_and_is_named(sheetsync: Cli, cold: Path) -> None:
    sheetsync("log", cold, "3", "--channel", "email", "--as-of", AS_OF)
    sheetsync("log", cold, "2", "--channel", "email", "--as-of", AS_OF)
    edit(cold, "History", "C3", "Somebody Else")
    left = sheetsync.json("undo", cold)["left"]
    assert [problem["sheet"] for problem in left] == ["History"]
    assert "changed or taken out since" in left[0]["message"]
    assert values(cold)["History"][2][2] == "Somebody Else"


def test_a_contact_that_was_taken_back_comes_back(sheetsync: Cli, cold: Path) -> None:
    for row in ("3", "2"):
        sheetsync("log", cold, row, "--channel", "email", "--as-of", AS_OF)
    logged = values(cold)
    sheetsync("log", cold, "--undo", "--as-of", AS_OF)
    assert values(cold) != logged
    sheetsync("undo", cold)
    assert values(cold) == logged


def test_a_pick_in_the_log_column_comes_back_and_its_row_goes(sheetsync: Cli, cold: Path) -> None:
    sheetsync("add", cold, "log", "--as-of", AS_OF)
    heads = values(cold)["Jobs"][0]
    log = column_letter(heads.index("Log") + 1)
    date = column_letter(heads.index("Log date") + 1)
    edit(cold, "Jobs", f"{log}3", "Emailed")
    edit(cold, "Jobs", f"{date}3", dt.datetime(2026, 11, 12))
    picked = values(cold)
    sheetsync("sync", cold, "--as-of", AS_OF)
    assert "Emailed" not in values(cold)["Jobs"][2]
    sheetsync("undo", cold)
    assert values(cold) == picked


def test_what_add_added_goes_again_and_the_rest_stays(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    stood = values(cold)
    sheetsync("add", cold, "settings", "log", "--as-of", AS_OF)
    assert "Settings" in values(cold)
    sheetsync("undo", cold)
    assert values(cold) == stood
    assert invariants.violations(cold) == []
    assert sheetsync.json("sync", cold, "--as-of", AS_OF)["changed_cells"] == 0


def test_a_sheet_into_which_something_was_put_stays(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    sheetsync("add", cold, "settings", "--as-of", AS_OF)
    edit(cold, "Settings", "F30", "mine")
    left = sheetsync.json("undo", cold)["left"]
    assert [(problem["sheet"], problem["message"]) for problem in left] == [
        ("Settings", "This sheet stays, because you put something into it.")
    ]
    assert "Settings" in values(cold)


def test_a_stage_that_the_person_changed_after_the_sweep_stays(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sweep", cold, "--apply", "--as-of", AS_OF)
    edit(cold, "Jobs", "E2", "Interview")
    left = sheetsync.json("undo", cold)["left"]
    assert ("Jobs", 2, "E") in [(problem["sheet"], problem["row"], problem["column"]) for problem in left]
    assert values(cold)["Jobs"][1][4] == "Interview"


def test_to_a_time_takes_back_all_that_was_written_since(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    stood = values(cold)
    moment = sheetsync.json("undo", cold, "--list")["undo"][0]["moment"]
    sheetsync("sweep", cold, "--apply", "--as-of", AS_OF)
    sheetsync("log", cold, "3", "--channel", "email", "--as-of", AS_OF)
    said = sheetsync.json("undo", cold, "--to", moment)
    assert [each["command"] for each in said["undone"]] == ["log", "sweep"]
    assert values(cold) == stood
    done = sheetsync("undo", cold, "--to", moment)
    assert (done.exit_code, "nothing to take back" in done.stderr) == (2, True)


# Whole files


@pytest.fixture
def contents(sheetsync: Cli, cold: Path) -> list[bytes]:
    """What was in the file before, between and after two writes."""
    found = [cold.read_bytes()]
    for word in ("sync", "sweep"):
        sheetsync(word, cold, "--as-of", AS_OF, *(("--apply",) if word == "sweep" else ()))
        found.append(cold.read_bytes())
    return found


def test_the_whole_file_comes_back_byte_for_byte_write_by_write(
    sheetsync: Cli, cold: Path, contents: list[bytes]
) -> None:
    done = sheetsync("undo", cold, "--whole")
    assert (done.exit_code, cold.read_bytes()) == (0, contents[1])
    assert "byte for byte" in done.stdout
    assert sheetsync("undo", cold, "--whole").exit_code == 0
    assert cold.read_bytes() == contents[0]
    for content in contents[1:]:
        assert sheetsync("undo", cold, "--redo").exit_code == 0
        assert cold.read_bytes() == content
    sheetsync("undo", cold)
    assert values(cold)["Jobs"][1][4] == "Applied", "and cell by cell it can be taken back as before"


def test_the_whole_file_is_not_put_back_over_the_person_s_edits(
    sheetsync: Cli, cold: Path, contents: list[bytes]
) -> None:
    edit(cold, "Jobs", "H3", "mine")
    mine = cold.read_bytes()
    done = sheetsync("undo", cold, "--whole")
    assert (done.exit_code, cold.read_bytes()) == (5, mine)
    assert "was changed since" in done.stderr
    assert sheetsync("undo", cold, "--whole", "--force").exit_code == 0
    assert cold.read_bytes() == contents[1]
    assert sheetsync("undo", cold, "--redo").exit_code == 0
    assert cold.read_bytes() == mine


def test_a_backup_by_its_name_or_its_content_is_put_back(sheetsync: Cli, cold: Path, contents: list[bytes]) -> None:
    names = [Path(each["backup"]).name for each in sheetsync.json("undo", cold, "--list")["backups"]]
    assert len(names) == 2
    assert sheetsync("undo", cold, "--whole", "--to", names[-1]).exit_code == 0
    assert cold.read_bytes() == contents[0]
    assert sheetsync("undo", cold, "--redo").exit_code == 0
    assert cold.read_bytes() == contents[2]
    digest = names[-1].removesuffix(".xlsx").rpartition("-")[2]
    assert sheetsync("undo", cold, "--to", digest[:8]).exit_code == 0
    assert values(cold)["Jobs"] == [[*map(str, HEADERS)], *values(cold)["Jobs"][1:]], "the columns are gone again"


def test_an_edit_between_two_writes_counts_as_the_person_s(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    edit(cold, "Jobs", "H3", "mine")
    sheetsync("sweep", cold, "--apply", "--as-of", AS_OF)
    name = sheetsync.json("undo", cold, "--list")["backups"][-1]["backup"]
    assert sheetsync("undo", cold, "--whole", "--to", name).exit_code == 5


def test_a_removal_is_undone_whole(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    stood = cold.read_bytes()
    sheetsync("remove", cold)
    done = sheetsync("undo", cold)
    assert (done.exit_code, "--whole" in done.stderr) == (2, True)
    assert sheetsync("undo", cold, "--whole").exit_code == 0
    assert cold.read_bytes() == stood


# What is refused, listed and kept


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "There is nothing to take back in"),
        (("--redo",), "There is nothing to bring back in"),
        (("--whole",), "There is nothing to take back in"),
        (("--to", "yesterday"), "is neither a backup of"),
        (("--to", "2026-11-02T023004-120000Z-18409d8d76951b09.xlsx", "--whole"), "is neither a backup of"),
        (("--force",), "--force goes with --whole"),
        (("--redo", "--to", "2026-11-02"), "takes no --to"),
    ],
)
def test_what_cannot_be_meant_is_exit_code_2(sheetsync: Cli, cold: Path, options: tuple[str, ...], said: str) -> None:
    before = cold.read_bytes()
    done = sheetsync("undo", cold, *options)
    assert (done.exit_code, said in done.stderr, cold.read_bytes()) == (2, True, before)


def test_a_csv_and_a_file_that_is_not_there(sheetsync: Cli, tmp_path: Path) -> None:
    assert sheetsync("undo", tmp_path / "list.csv").exit_code == 2
    assert sheetsync("undo", tmp_path / "none.xlsx").exit_code in {2, 4}


def test_a_backup_that_is_gone_is_said_to_be(sheetsync: Cli, cold: Path, contents: list[bytes], own_home: Path) -> None:
    for backup in own_home.rglob("*.xlsx"):
        backup.unlink()
    done = sheetsync("undo", cold, "--whole")
    assert (done.exit_code, cold.read_bytes()) == (2, contents[2])
    assert "is not kept any more" in done.stderr


def test_a_backup_that_somebody_changed_is_not_put_back(
    sheetsync: Cli, cold: Path, contents: list[bytes], own_home: Path
) -> None:
    for backup in own_home.rglob("*.xlsx"):
        backup.write_bytes(b"something else")
    done = sheetsync("undo", cold, "--whole")
    assert (done.exit_code, cold.read_bytes()) == (4, contents[2])


def test_the_list_shows_writes_and_backups_and_no_cell(sheetsync: Cli, cold: Path, contents: list[bytes]) -> None:
    assert len(contents) == 3
    shown = sheetsync("undo", cold, "--list")
    assert shown.exit_code == 0
    assert ("sync" in shown.stdout, "sweep" in shown.stdout, "Alder" in shown.stdout) == (True, True, False)
    said = sheetsync.json("undo", cold, "--list")
    assert [each["command"] for each in said["undo"]] == ["sweep", "sync"]
    assert said["redo"] == []


@pytest.mark.usefixtures("contents")
def test_notes_and_copies_are_for_their_owner_only(own_home: Path) -> None:
    kept = [*(own_home / "backups").rglob("*")]
    assert {place.stat().st_mode & 0o777 for place in kept if place.is_file()} == {0o600}
    assert {place.stat().st_mode & 0o777 for place in kept if place.is_dir()} == {0o700}
    assert len([place for place in kept if place.name.endswith(".json.gz")]) == 2


def test_a_write_that_could_not_be_noted_stands_and_a_sentence_says_so(
    sheetsync: Cli, cold: Path, own_home: Path
) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    (journal,) = own_home.rglob("journal")
    shutil.rmtree(journal)
    journal.write_text("in the way")
    done = sheetsync("sweep", cold, "--apply", "--as-of", AS_OF)
    assert done.exit_code == 0
    assert "could not be noted" in done.stderr
    assert values(cold)["Jobs"][1][4].startswith("No response")


def test_without_a_place_for_the_backup_nothing_is_written(sheetsync: Cli, cold: Path, own_home: Path) -> None:
    before = cold.read_bytes()
    (own_home / "backups").write_text("in the way")
    done = sheetsync("sync", cold, "--as-of", AS_OF)
    assert (done.exit_code, cold.read_bytes()) == (4, before)
    assert "no backup could be made in" in done.stderr


def test_the_links_that_draft_wrote_are_taken_back(sheetsync: Cli, tmp_path: Path) -> None:
    rows = [HEADERS, ["Alder Ltd", "Analyst", "Ann Alder", "ann@alder.test", "Applied", dt.date(2026, 11, 2)]]
    path = write_workbook(tmp_path / "links.xlsx", rows)
    sheetsync("sync", path, "--as-of", AS_OF)
    stood = values(path)
    done = sheetsync("draft", path, "--link", "--as-of", AS_OF, "--out", tmp_path / "drafts")
    assert done.exit_code == 0, done.stderr
    assert "Draft" in values(path)["Jobs"][0]
    assert sheetsync.json("undo", path)["undone"][0]["command"] == "draft"
    assert values(path) == stood
    assert invariants.violations(path) == []


def test_a_broken_note_and_one_of_a_later_version_count_as_none(sheetsync: Cli, cold: Path, own_home: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    (note,) = own_home.rglob("*.json.gz")
    note.write_bytes(note.read_bytes()[:50])
    assert sheetsync("undo", cold).exit_code == 2
    sheetsync("sweep", cold, "--apply", "--as-of", AS_OF)
    assert sheetsync.json("undo", cold)["undone"][0]["command"] == "sweep"


def test_a_redo_ends_with_the_next_write(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    sheetsync("undo", cold)
    sheetsync("sync", cold, "--as-of", AS_OF)
    assert sheetsync("undo", cold, "--redo").exit_code == 2


def test_json_holds_what_a_program_needs(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    said = json.loads(sheetsync("undo", cold, "--json").stdout)
    assert set(said) == {"target", "redo", "whole", "undone", "changed_cells", "left", "backup"}
    assert Path(said["backup"]).exists()


def test_undoing_what_add_put_in_takes_its_lists_out_too(sheetsync: Cli, cold: Path) -> None:
    book = openpyxl.load_workbook(cold)
    book.create_sheet("History").append(["Date", "Company", "Position", "Contact", "Channel", "Notes"])
    book.save(cold)
    sheetsync("sync", cold, "--as-of", AS_OF)
    stood = values(cold)
    assert sheetsync("add", cold, "log", "--as-of", AS_OF).exit_code == 0
    assert "sheetsync lists" in values(cold)
    listed = sheetsync("undo", cold, "--list").stdout
    assert re.search(r"add +2 columns\n", listed)
    assert "(2 columns)" in sheetsync("undo", cold).stdout
    assert values(cold) == stood


def test_a_list_that_a_standing_column_needs_stays(sheetsync: Cli, cold: Path) -> None:
    sheetsync("add", cold, "log", "--as-of", AS_OF)
    sheetsync("sweep", cold, "--apply", "--as-of", AS_OF)
    assert sheetsync("undo", cold).exit_code == 0
    assert "sheetsync lists" in values(cold)


def test_after_an_undo_the_whole_file_can_be_put_back(sheetsync: Cli, cold: Path) -> None:
    before = cold.read_bytes()
    sheetsync("sync", cold, "--as-of", AS_OF)
    assert sheetsync("add", cold, "log", "--as-of", AS_OF).exit_code == 0
    assert "(1 sheet, 2 columns)" in sheetsync("undo", cold).stdout
    done = sheetsync("undo", cold, "--whole")
    assert (done.exit_code, cold.read_bytes()) == (0, before), done.stderr


def test_after_an_undo_and_an_edit_the_whole_file_is_left(sheetsync: Cli, cold: Path) -> None:
    sheetsync("sync", cold, "--as-of", AS_OF)
    edit(cold, "Jobs", "H2", "call them")
    sheetsync("add", cold, "log", "--as-of", AS_OF)
    sheetsync("undo", cold)
    stood = cold.read_bytes()
    done = sheetsync("undo", cold, "--whole")
    assert done.exit_code != 0
    assert "was changed since" in done.stderr
    assert cold.read_bytes() == stood


def test_a_file_that_is_not_there(sheetsync: Cli, tmp_path: Path) -> None:
    done = sheetsync("undo", tmp_path / "missing.xlsx")
    assert done.exit_code == 4
    assert "there is no such file" in done.stderr

"""`sheetsync init` and `sheetsync remove`: a new tracker, and an old one as it was."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from cli.running import AS_OF, Cli
from sheetsync.model import OWNED
from sheetsync.sheets.contents import template_names


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.mark.parametrize("template", template_names())
def test_every_template_makes_a_tracker_that_is_recognised(sheetsync: Cli, tmp_path: Path, template: str) -> None:
    path = tmp_path / "new.xlsx"
    told = sheetsync.json("init", path, "--template", template)
    assert told == {"target": str(path), "template": template, "sample": False, "from": None, "problems": []}
    assert sheetsync.json("inspect", path)["tracker"] is True


def test_the_help_names_every_template(sheetsync: Cli) -> None:
    said = " ".join(sheetsync("init", "--help").stdout.split())
    for template in template_names():
        assert template in said


def test_what_was_made_says_what_to_do_next(sheetsync: Cli, tmp_path: Path) -> None:
    path = tmp_path / "my list.xlsx"
    said = sheetsync("init", path).stdout
    assert f"Made {path}, empty." in said
    assert f'`sheetsync sync "{path}"`' in said


def test_nothing_is_overwritten(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    result = sheetsync("init", tracker)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert tracker.read_bytes() == before


def test_an_unknown_template_names_those_there_are(sheetsync: Cli, tmp_path: Path) -> None:
    result = sheetsync("init", tmp_path / "new.xlsx", "--template", "nosuch")
    assert result.exit_code == 2
    assert all(template in result.stderr for template in template_names())
    assert not (tmp_path / "new.xlsx").exists()


def test_options_for_an_old_list_need_one(sheetsync: Cli, tmp_path: Path) -> None:
    result = sheetsync("init", tmp_path / "new.xlsx", "--map", "company=A")
    assert result.exit_code == 2
    assert "--map tells how to read an old list: name the list with --from." in result.stderr


def test_an_old_list_is_carried_over_and_stays(sheetsync: Cli, tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text(
        "Company,Status,Date Applied,Shoe\nAlder,Applied,2026-11-02,44\nBirch,Rejected,2026-10-02,45\n", "utf-8"
    )
    before = old.read_bytes()
    new = tmp_path / "new.xlsx"
    assert sheetsync("init", new, "--from", old).exit_code == 0
    assert old.read_bytes() == before
    rows = sheetsync.json("sync", new, "--as-of", AS_OF)["rows"]
    assert [(row["company"], row["next_contact"]) for row in rows] == [("Alder", "2026-11-09"), ("Birch", None)]


def test_the_settings_beside_an_old_list_tell_how_to_read_it(sheetsync: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "sheetsync.toml").write_text("day_first = true\n", "utf-8")
    (folder / "old.csv").write_text(
        "Company,Status,Date Applied\nAlder,Applied,02/11/2026\nBirch,Applied,03/11/2026\n", "utf-8"
    )
    new = tmp_path / "new.xlsx"
    assert sheetsync("init", new, "--from", folder / "old.csv").exit_code == 0
    assert sheetsync.json("sync", new, "--as-of", AS_OF)["rows"][0]["next_contact"] == "2026-11-09"


def test_the_sample_shows_every_follow_up_word_as_of_its_day(sheetsync: Cli, tmp_path: Path) -> None:
    path = tmp_path / "example.xlsx"
    assert sheetsync("init", path, "--sample", "--as-of", AS_OF).exit_code == 0
    counts = sheetsync.json("sync", path, "--as-of", AS_OF)["counts"]
    assert [word for word, number in counts.items() if not number] == []


def test_a_sample_is_not_also_an_old_list(sheetsync: Cli, tracker: Path) -> None:
    result = sheetsync("init", tracker.with_name("new.xlsx"), "--sample", "--from", tracker)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_remove_takes_out_what_sync_put_in(sheetsync: Cli, tracker: Path) -> None:
    before = parts(tracker)
    owned = sheetsync.json("sync", tracker, "--as-of", AS_OF)["owned"]
    result = sheetsync("remove", tracker)
    assert result.exit_code == 0
    assert "took out Next contact (I), Contact by (J), Next action (K), Follow-up (L), Days overdue (M), Why (N)." in (
        result.stdout
    )
    sheet = openpyxl.load_workbook(tracker)["Jobs"]
    assert all(sheet[f"{letter}1"].value is None for letter in owned.values())
    assert parts(tracker).keys() == before.keys()


def test_remove_tells_programs_what_went(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("sync", tracker, "--as-of", AS_OF)
    told = sheetsync.json("remove", tracker)
    assert set(told) == {
        "target", "written", "removed", "sheets", "kept", "still_shared", "copies_out", "backup", "problems",
    }  # fmt: skip
    assert (told["kept"], told["still_shared"], told["copies_out"]) == ({}, [], [])
    assert told["removed"] == dict(zip(OWNED, "IJKLMN", strict=True))
    assert Path(told["backup"]).is_file()


def test_removing_nothing_says_so_and_writes_nothing(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    result = sheetsync("remove", tracker)
    assert (result.exit_code, result.stdout) == (0, f"{tracker}: there was nothing of sheetsync's in it.\n")
    assert tracker.read_bytes() == before


def test_a_tracker_is_made_in_a_file_or_at_google_not_both(sheetsync: Cli, tmp_path: Path) -> None:
    for arguments in ((), (tmp_path / "new.xlsx", "--google", "Jobs")):
        result = sheetsync("init", *arguments)
        assert result.exit_code == 2
        assert "--google and a title, but not both." in result.stderr
    assert not (tmp_path / "new.xlsx").exists()


def test_a_new_google_tracker_needs_a_sign_in(sheetsync: Cli) -> None:
    result = sheetsync("init", "--google", "Jobs")
    assert result.exit_code == 6
    assert "sheetsync auth google" in result.stderr


def test_a_copy_says_where_it_is_and_what_to_do_next(sheetsync: Cli, tracker: Path) -> None:
    copied = tracker.with_name("my copy.xlsx")
    said = sheetsync("copy", tracker, copied).stdout
    assert f"Copied {tracker} to {copied}." in said
    assert f'`sheetsync sync "{copied}"`' in said
    assert copied.read_bytes() == tracker.read_bytes()


def test_a_copy_is_never_put_over_a_file(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    result = sheetsync("copy", tracker, tracker)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert tracker.read_bytes() == before


def test_a_copy_of_a_workbook_that_cannot_be_read_is_refused(sheetsync: Cli, tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    result = sheetsync("copy", tmp_path / "broken.xlsx", tmp_path / "copy.xlsx")
    assert result.exit_code == 4
    assert not (tmp_path / "copy.xlsx").exists()

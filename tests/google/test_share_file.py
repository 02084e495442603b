"""A tracker at Google goes out as a file, for a coach without an account there."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from emulator.server import Emulator
from person import PersonAtGoogle
from test_untouched_path import DAY, TRACKER

from sheetsync.cli import cli
from sheetsync.sheets import open_source

ROBOT = "robot@project.iam.gserviceaccount.com"


def test_a_copy_of_a_tracker_at_google_is_made_as_a_file_and_its_notes_come_back(
    google: PersonAtGoogle, emulator: Emulator, tmp_path: Path
) -> None:
    import openpyxl

    key = str(emulator.key_file(tmp_path, ROBOT))
    target = google.make_book([TRACKER], share_with={ROBOT: "writer"})
    coach = tmp_path / "coach.xlsx"

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, [*words, "--as-of", DAY, "--service-account", key])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    run("share", target, "--out", str(coach), "--yes")
    book = openpyxl.load_workbook(coach)
    sheet = book["Follow-ups"]
    place = next(cell.column for cell in sheet[4] if cell.value == "Coach note")
    sheet.cell(5, place, "Ask who decides.")
    book.save(coach)
    assert "1 note taken over" in run("notes", target, "--from", str(coach))
    run("share", target, "--out", str(coach), "--yes")
    assert "Ask who decides." in open_source(str(coach)).read().grids[0].row(5)
    assert "coach.xlsx" in run("share", target, "--list")

"""`sheetsync explain` shows the contacts that led to a date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    """An interview that was thanked for, with a History sheet; and a thread without a contact."""
    rows = [thread("Alder", "Interview", None, dt.date(2026, 11, 9)), thread("Birch", "Applied", dt.date(2026, 11, 9))]
    path = write_workbook(tmp_path / "jobs.xlsx", [HEADERS, *rows])
    book = openpyxl.load_workbook(path)
    history = book.create_sheet("History")
    history.append(["Date", "Company", "Contact", "Direction", "Channel", "Step", "Note"])
    history.append([dt.date(2026, 11, 10), "Alder", "Ann Ash", "out", "Email", "interview.thank_you", "With the plan"])
    history.append([dt.date(2026, 11, 11), "Alder", "Ann Ash", "in", "Email", "nothing to answer", ""])
    book.save(path)
    return path


def test_the_contacts_stand_above_the_steps(sheetsync: Cli, logged: Path) -> None:
    lines = sheetsync("explain", logged, "2", "--as-of", AS_OF).stdout.splitlines()
    at = lines.index("Contacts so far")
    assert lines[at + 2].split("  ")[0] == "Tue 10 Nov"
    assert "you wrote" in lines[at + 2]
    assert "History, as the thank-you for the interview" in lines[at + 2]
    assert lines[at + 2].endswith("With the plan")
    assert "they wrote" in lines[at + 3]
    assert at < next(number for number, line in enumerate(lines) if line.startswith("1."))


def test_a_thread_without_contacts_has_no_such_part(sheetsync: Cli, logged: Path) -> None:
    assert "Contacts so far" not in sheetsync("explain", logged, "3", "--as-of", AS_OF).stdout


def test_a_long_history_shows_its_end(sheetsync: Cli, logged: Path) -> None:
    book = openpyxl.load_workbook(logged)
    for number in range(20):
        book["History"].append([dt.date(2026, 9, 1 + number), "Alder", "Ann Ash", "out", "Email", "", ""])
    book.save(logged)
    text = sheetsync("explain", logged, "2", "--as-of", AS_OF).stdout
    assert "Contacts so far, and 10 older ones" in text
    assert text.count("; before what counts now") == 10
    assert len(sheetsync.json("explain", logged, "2", "--as-of", AS_OF)["contacts"]) == 22


def test_json(sheetsync: Cli, logged: Path) -> None:
    found = sheetsync.json("explain", logged, "2", "--as-of", AS_OF)
    assert list(found) == [
        "target", "as_of", "profile", "sheet", "row", "headline", "contacts", "steps", "thread"
    ]  # fmt: skip
    assert found["contacts"][0] == {
        "on": "2026-11-10", "direction": "out", "contact": "Ann Ash", "channel": "Email", "step": "interview.thank_you",
        "note": "With the plan", "origin": "history", "counts": True,
    }  # fmt: skip
    assert found["contacts"][1]["note"] is None

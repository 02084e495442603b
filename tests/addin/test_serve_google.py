"""The page over a spreadsheet at Google."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator.faults import Fault
from emulator.server import Emulator
from person import PersonAtGoogle
from serving import Door, Inside, in_thread

from sheetsync.addin.desk import Desk
from sheetsync.model import Grid
from sheetsync.sheets import open_source

ROBOT = "robot@project.iam.gserviceaccount.com"
DAY = dt.date(2026, 11, 16)
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co"),
        ("Status", "Applied", "Rejected"),
        ("Date Applied", dt.date(2026, 11, 2), dt.date(2026, 10, 1)),
        ("Contact", "Ann Bay", None),
    ),
)


@pytest.fixture
def inside(
    google: PersonAtGoogle, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Inside]:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    book = google.make_book([TRACKER], share_with={ROBOT: "writer"})
    key = str(emulator.key_file(tmp_path, ROBOT))
    desk = Desk(
        book,
        opened=lambda: open_source(book, service_account=key),
        as_of=lambda: DAY,
        clock=lambda: dt.datetime(2026, 11, 16, 9, 30, tzinfo=dt.UTC),
        seconds=lambda: 0.0,
    )
    with in_thread(desk.answer) as inside:
        yield inside


def test_morning_at_google(inside: Inside) -> None:
    page: Door = inside.door
    today = page.ask("today")
    assert (today["kind"], today["title"], today["undo"]) == ("google", "Jobs", None)
    assert today["google_url"] == f"https://docs.google.com/spreadsheets/d/{today['target']}/edit"
    assert [(row["company"], row["follow_up"]) for row in today["rows"]] == [
        ("Alder Ltd", "Due"),
        ("Birch Co", "Closed"),
    ]
    assert page.ask("sync")["written"]
    logged = page.ask("log", row=2, channel="email", note="=1+1")
    assert logged["told"] == ["Logged: 16 Nov 2026, contacted Ann Bay of Alder Ltd by email (row 2)."]
    assert page.ask("row", row=2)["history"][-1]["note"] == "=1+1"
    assert page.ask("undo")["told"][0].startswith("Took back what `log` wrote")
    assert page.ask("row", row=2)["history"] == []
    assert page.ask("undo")["undo"] is None


def test_rows_are_answered_from_what_was_read_for_a_while(inside: Inside, emulator: Emulator) -> None:
    inside.door.ask("today")
    asked = len(emulator.calls)
    for _ in range(5):
        inside.door.ask("row", row=2)
        inside.door.ask("draft", row=2)
    assert len(emulator.calls) == asked


def test_refusal_of_google_s_is_told_in_its_sentence(inside: Inside, emulator: Emulator) -> None:
    emulator.faults.add(Fault(status=404, times=None))
    reply = inside.door.post("today", b"{}")
    assert (reply.status, reply.json["code"]) == (502, 6)
    assert len(reply.json["error"].splitlines()) == 1

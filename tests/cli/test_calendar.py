"""`sheetsync calendar`: what it writes, what it says, and which files it leaves alone."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

import pytest
from icalendar import Calendar

from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook


def alarms(path: Path) -> list[dt.timedelta]:
    return [alarm.decoded("trigger") for alarm in Calendar.from_ical(path.read_bytes()).walk("VALARM")]


def test_a_calendar_is_written_and_the_tracker_is_not(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    before, file = tracker.read_bytes(), tmp_path / "out.ics"
    result = sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    assert result.exit_code == 0
    assert f"Wrote {file}: 3 next contacts." in result.stdout
    assert len(Calendar.from_ical(file.read_bytes()).walk("VEVENT")) == 3
    assert tracker.read_bytes() == before


def test_json(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ics"
    found = sheetsync.json("calendar", tracker, "-o", file, "--as-of", AS_OF)
    assert found == {
        "target": str(tracker), "as_of": AS_OF, "file": str(file), "events": 3, "cancelled": 0, "written": True,
        "problems": [],
    }  # fmt: skip
    assert sheetsync.json("calendar", tracker, "-o", file, "--as-of", AS_OF) == found | {"written": False}


def test_a_second_time_nothing_is_written(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ics"
    sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    file.chmod(0o640)
    before = file.stat()
    result = sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    assert "is up to date already: 3 next contacts." in result.stdout
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_closed_thread_cancels_its_event_and_the_rights_stay(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ics"
    sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    file.chmod(0o640)
    closed = [
        HEADERS,
        thread("Alder Ltd", "Withdrawn", dt.date(2026, 11, 1)),
        thread("Cedar Inc", "Applied", dt.date(2026, 11, 13)),
    ]
    write_workbook(tracker, closed)
    result = sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    assert f"Wrote {file}: 1 next contact, 2 cancelled." in result.stdout
    assert file.read_bytes().count(b"STATUS:CANCELLED") == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ics", "tracker.xlsx"]


def test_a_new_file_cancels_nothing(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    write_workbook(tracker, [HEADERS, thread("Alder Ltd", "Withdrawn", dt.date(2026, 11, 13))])
    found = sheetsync.json("calendar", tracker, "-o", tmp_path / "new.ics", "--as-of", AS_OF)
    assert (found["events"], found["cancelled"], found["written"]) == (0, 0, True)
    assert b"VEVENT" not in (tmp_path / "new.ics").read_bytes()


def test_a_csv_will_do(sheetsync: Cli, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("Company,Status,Date Applied\nAlder,Applied,2026-11-13\n", "utf-8")
    assert sheetsync.json("calendar", tmp_path / "old.csv", "-o", tmp_path / "a.ics", "--as-of", AS_OF)["events"] == 1


@pytest.mark.parametrize(
    ("said", "alarm"),
    [
        ("60", -dt.timedelta(minutes=60)), ("0", dt.timedelta()), ("12h", -dt.timedelta(hours=12)),
        ("1d", -dt.timedelta(days=1)), ("P1D", -dt.timedelta(days=1)), ("PT90M", -dt.timedelta(minutes=90)),
        ("P1DT2H", -dt.timedelta(hours=26)), ("1w", -dt.timedelta(weeks=1)), ("9:00", dt.timedelta(hours=9)),
        ("17:30", dt.timedelta(hours=17, minutes=30)),
    ],
)  # fmt: skip
def test_alarms(sheetsync: Cli, tracker: Path, tmp_path: Path, said: str, alarm: dt.timedelta) -> None:
    file = tmp_path / "out.ics"
    assert sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF, "--alarm", said).exit_code == 0
    assert alarms(file) == [alarm] * 3


@pytest.mark.parametrize("said", ["soon", "", "25:00", "-5", "P", "PT", "5y", "١٢:٠٠"])
def test_what_is_no_alarm_is_told(sheetsync: Cli, tracker: Path, tmp_path: Path, said: str) -> None:
    result = sheetsync("calendar", tracker, "-o", tmp_path / "out.ics", "--alarm", said)
    assert result.exit_code == 2
    assert "is no alarm: say minutes before the day begins" in result.stderr
    assert not (tmp_path / "out.ics").exists()


def test_private(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ics"
    sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF, "--private")
    assert b"Follow up on your application with them" in file.read_bytes().replace(b"\r\n ", b"")
    assert not [name for name in (b"Alder", b"Birch", b"Cedar", b"Jobs") if name in file.read_bytes()]


@pytest.mark.parametrize(
    "content", ["BEGIN:VCALENDAR\r\nPRODID:-//Else//EN\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", "a list"]
)
def test_another_file_is_never_overwritten(sheetsync: Cli, tracker: Path, tmp_path: Path, content: str) -> None:
    file = tmp_path / "theirs.ics"
    file.write_text(content, "utf-8", newline="")
    result = sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    assert result.exit_code == 2
    assert "is no calendar that sheetsync made, so it is left as it is" in result.stderr
    assert file.read_bytes() == content.encode()


def test_an_empty_file_is_filled(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    (tmp_path / "out.ics").touch()
    assert sheetsync("calendar", tracker, "-o", tmp_path / "out.ics", "--as-of", AS_OF).exit_code == 0


def test_the_name_must_be_a_calendars(sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    result = sheetsync("calendar", tracker, "-o", tracker, "--as-of", AS_OF)
    assert result.exit_code == 2
    assert "does not end in .ics" in result.stderr
    assert tracker.read_bytes() == before


def test_a_folder_that_is_not_there(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    result = sheetsync("calendar", tracker, "-o", tmp_path / "nowhere" / "out.ics", "--as-of", AS_OF)
    assert result.exit_code == 4
    assert "cannot be written: its folder does not exist, make it first." in result.stderr


def test_a_read_only_calendar_stays(sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.ics"
    sheetsync("calendar", tracker, "-o", file, "--as-of", AS_OF)
    before = file.read_bytes()
    file.chmod(0o444)
    result = sheetsync("calendar", tracker, "-o", file, "--as-of", "2026-11-25")
    assert result.exit_code == 4
    assert "read-only" in result.stderr
    assert file.read_bytes() == before

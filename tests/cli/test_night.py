"""`sheetsync sync --night`: the log, the state, what is left for the next run, clocks that jump, and sixty nights."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import stat
import sys
from pathlib import Path

import openpyxl
import pytest

from cli.running import AS_OF, HEADERS, Cli, installed, thread, write_workbook
from sheetsync.model import OWNED
from sheetsync.nightly import counts, night_log
from sheetsync.nightly.last_run import read_last_run
from sheetsync.nightly.running import identity
from sheetsync.sheets import open_source
from sheetsync.sheets.contents import sample_date
from sheetsync.start import start
from sheetsync.sync import propose, sync

LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d) (written|unchanged|failed) +(\S+): (.+\.)")


def logged() -> list[tuple[str, str, str]]:
    """Outcome, name and sentence of each line of the log."""
    lines = night_log.path().read_text("utf-8").splitlines()
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), lines
    return [(match[2], match[3], match[4]) for match in found if match]


def test_a_night_leaves_a_line_a_tracker_and_how_it_ended(sheetsync: Cli, tracker: Path) -> None:
    gone = tracker.with_name("gone.xlsx")
    result = sheetsync("sync", "--night", tracker, gone, "--as-of", AS_OF)
    assert result.exit_code == 1
    assert logged() == [
        ("written", "tracker.xlsx", "17 cells brought up to date; 2 due."),
        (
            "failed",
            "gone.xlsx",
            "it is not there any more: if it was moved, install the schedule again with its new place.",
        ),
    ]
    assert result.stdout == night_log.path().read_text("utf-8")
    last = read_last_run()
    assert last is not None
    assert last.began <= last.ended
    assert [(run.target, run.outcome, run.exit_code) for run in last.targets] == [
        (str(tracker), "written", 0),
        (str(gone), "failed", 4),
    ]
    sheetsync("sync", "--night", tracker, "--as-of", AS_OF)
    assert logged()[2] == ("unchanged", "tracker.xlsx", "nothing new; 2 due.")


def test_a_night_says_nothing_of_what_cells_say(sheetsync: Cli, tmp_path: Path, own_home: Path) -> None:
    place = write_workbook(
        tmp_path / "jobs.xlsx",
        [HEADERS, thread("Secretcorp", "Applied", dt.date(2026, 11, 1)), thread("Mumblecorp", "Applied", "sometime")],
    )
    not_one = write_workbook(tmp_path / "other.xlsx", [("Secretcorp", "Salary"), ("Ash", 2)], title="Mumblecorp")
    result = sheetsync("sync", "--night", place, not_one, "--sheet", "Jobs", "--as-of", AS_OF)
    said = [result.stdout, result.stderr, night_log.path().read_text("utf-8")]
    said += [path.read_text("utf-8") for path in (own_home / "nightly").iterdir()]
    assert "2 things to look at" in "".join(said)
    assert not [text for text in said if "Secretcorp" in text or "Mumblecorp" in text]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_log_and_the_state_are_for_the_person_alone(sheetsync: Cli, tracker: Path, own_home: Path) -> None:
    sheetsync("sync", "--night", tracker, "--as-of", AS_OF)
    for path in (night_log.path(), own_home / "nightly" / "last-run.json", own_home / "nightly" / "counts.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_logs_rotate_and_old_ones_go() -> None:
    at = dt.datetime(2026, 11, 16, 2, 30, tzinfo=dt.UTC)
    for number in range(8):
        night_log.append([night_log.Entry(at, "unchanged", "jobs.xlsx", f"{number} {'x' * night_log.LARGEST}")])
    found = sorted(path.name for path in night_log.path().parent.iterdir())
    assert found == ["night.log", *(f"night.log.{number}" for number in range(1, night_log.KEPT + 1))]
    firsts = [night_log.path().with_name(name).read_text().split(": ")[1][0] for name in found]
    assert firsts == ["7", "6", "5", "4", "3"]


def test_a_line_stays_a_line_whatever_the_file_is_called() -> None:
    at = dt.datetime(2026, 11, 16, 2, 30, tzinfo=dt.UTC)
    entry = night_log.Entry(at, "failed", "/home/ana/a\nb\x1b[31m.xlsx", "it\nfailed.")
    assert str(entry) == "2026-11-16T02:30:00+00:00 failed    a b [31m.xlsx: it failed."


def test_an_open_file_is_waited_for_then_left_for_the_next_run(tracker: Path, own_home: Path) -> None:
    lock = tracker.with_name(f"~${tracker.name}")
    lock.write_bytes(b"\x03Ana")
    before = tracker.read_bytes()
    done = installed("sync", "--night", "--wait", "1", tracker, "--as-of", AS_OF)
    assert done.returncode == 5
    assert "left for the next run" in done.stdout
    assert tracker.read_bytes() == before
    state = json.loads((own_home / "nightly" / "last-run.json").read_text("utf-8"))
    assert [run["exit_code"] for run in state["targets"]] == [5]
    lock.unlink()
    assert installed("sync", "--night", tracker, "--as-of", AS_OF).returncode == 0


def test_a_night_that_another_computer_runs_is_left_to_it(sheetsync: Cli, tracker: Path) -> None:
    tracker.with_name("sheetsync.toml").write_text('night_machine = "ana-laptop [k7f2mx]"\n')
    before = tracker.read_bytes()
    result = sheetsync("sync", "--night", tracker, "--as-of", AS_OF)
    assert result.exit_code == 0
    assert [(outcome, told) for outcome, _, told in logged()] == [
        ("unchanged", "its night runs on ana-laptop now: `sheetsync schedule remove` here.")
    ]
    assert tracker.read_bytes() == before
    assert sheetsync("sync", tracker, "--as-of", AS_OF).exit_code == 0


# Clocks, quiet and away


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()  # noqa: TID251 - the product's own clock is meant


def test_a_clock_that_was_put_back_is_told_once_and_the_dates_are_right(
    sheetsync: Cli, tracker: Path, own_home: Path
) -> None:
    counts.remember(_today() + dt.timedelta(days=3), {str(tracker): {"Due": 9}})
    before = _today()
    told = sheetsync.json("sync", tracker, "--dry-run")
    assert before.isoformat() <= told["as_of"] <= _today().isoformat(), "midnight may come in between"
    sheetsync("sync", "--night", tracker)
    assert "if the computer's clock is wrong, put it right; everything was worked out for today." in logged()[0][2]
    last = counts.last_run_on(str(tracker))
    assert last is not None
    assert before <= last <= _today()
    sheetsync("sync", "--night", tracker)
    assert "clock" not in logged()[1][2]
    assert identity(str(tracker)) in json.loads((own_home / "nightly" / "counts.json").read_text("utf-8"))


def test_standings_are_kept_for_a_week_and_found_by_any_name(tracker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = dt.date(2026, 11, 1)
    for number in range(12):
        counts.remember(first + dt.timedelta(days=number), {str(tracker): {"Due": number}})
    monkeypatch.chdir(tracker.parent)
    assert len(counts.standings("tracker.xlsx")) == counts.KEPT
    assert counts.last_before("./tracker.xlsx", first + dt.timedelta(days=11)) == counts.Standing(
        first + dt.timedelta(days=10), {"Due": 10}
    )


def test_quiet_and_away_days_hold_through_the_nights(sheetsync: Cli, tmp_path: Path) -> None:
    """Nothing that may wait falls into them; a thank-you does not wait."""
    place = write_workbook(
        tmp_path / "jobs.xlsx",
        [
            HEADERS,
            thread("Ash", "Applied", dt.date(2026, 12, 18)),
            thread("Bay", "Applied", dt.date(2027, 1, 7)),
            thread("Elm", "Interview", dt.date(2026, 12, 1), dt.date(2026, 12, 23)),
        ],
    )
    (tmp_path / "sheetsync.toml").write_text('quiet = "12-24..01-01"\naway = "2027-01-11..2027-01-20"\n')
    for number in range(25):
        today = dt.date(2026, 12, 23) + dt.timedelta(days=number)
        told = sheetsync.json("sync", place, "--as-of", today.isoformat())
        by = {row["company"]: row for row in told["rows"]}
        assert not told["problems"]
        assert by["Ash"]["next_contact"] >= "2027-01-02"
        assert by["Bay"]["next_contact"] >= "2027-01-21"
        if today.day == 24:
            assert by["Elm"]["next_contact"] <= "2026-12-28"


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", "2026-10-24T22:30+00:00", "2026-10-25"),  # the night that has two o'clock twice
        ("Europe/Berlin", "2026-10-25T00:30+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T01:30+00:00", "2026-10-25"),
        ("Europe/Berlin", "2027-03-28T01:30+00:00", "2027-03-28"),  # and the one that has none
        ("America/New_York", "2026-11-01T02:30+01:00", "2026-10-31"),  # a journey: the computer is in Berlin
        ("Pacific/Auckland", "2026-11-01T02:30-08:00", "2026-11-01"),
    ],
)
def test_the_day_is_the_trackers_own_whatever_zone_the_computer_is_in(
    tracker: Path, zone: str, moment: str, day: str
) -> None:
    proposal = propose(open_source(str(tracker)), as_of=dt.datetime.fromisoformat(moment), toml={"time_zone": zone})
    assert proposal.today.isoformat() == day


# Sixty nights


def _owned(place: Path) -> dict[str, tuple[object, ...]]:
    """The values of our columns, as another program reads the file."""
    snapshot = open_source(str(place)).read()
    assert snapshot.owned is not None
    grid = snapshot.grid(snapshot.owned.sheet)
    return {key: tuple(grid.columns[column - 1]) for key, column in snapshot.owned.columns.items() if column}


def test_sixty_nights_write_only_where_a_computed_cell_differs(tmp_path: Path) -> None:
    """The sample tracker, night after night. What would differ is worked out beforehand from the file as it stands."""
    place = tmp_path / "tracker.xlsx"
    start(place, sample_on=sample_date())
    sync(open_source(str(place)), as_of=sample_date())
    table: list[tuple[dt.date, int, bool]] = []
    for number in range(60):
        today = sample_date() + dt.timedelta(days=number)
        before, was, standing = place.read_bytes(), place.stat().st_mtime_ns, _owned(place)
        plan = propose(open_source(str(place)), as_of=today).plan.frame
        sync(open_source(str(place)), as_of=today)
        touched = (place.read_bytes(), place.stat().st_mtime_ns) != (before, was)
        after = _owned(place)
        differ = sum(
            old != new for key in OWNED for old, new in zip(standing[key], after[key], strict=True)
        )  # fmt: skip
        assert len(plan) > 20
        table.append((today, differ, touched))
    sys.stdout.write("\nday         cells that differ  file written\n")
    for today, differ, touched in table:
        sys.stdout.write(f"{today}  {differ:17}  {'yes' if touched else 'no'}\n")
    idle = [today for today, differ, touched in table if touched and not differ]
    quiet = sum(not differ for _, differ, _ in table)
    sys.stdout.write(f"days without a difference: {quiet}; files written on them: {len(idle)}\n")
    assert idle == []
    assert all(touched for _, differ, touched in table if differ)
    assert quiet > 0


def test_a_night_in_which_nothing_differs_writes_nothing_at_all(sheetsync: Cli, tmp_path: Path) -> None:
    place = write_workbook(
        tmp_path / "jobs.xlsx",
        [HEADERS, thread("Ash", "Rejected", dt.date(2026, 3, 2)), thread("Bay", "Applied", dt.date(2026, 11, 13))],
    )
    sheetsync("sync", "--night", place, "--as-of", AS_OF)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()}
    for day in ("2026-11-17", "2026-11-18", "2026-11-19"):
        sheetsync("sync", "--night", place, "--as-of", day)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in tmp_path.iterdir()} == before
    assert openpyxl.load_workbook(place).sheetnames == ["Jobs"]

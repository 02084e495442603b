"""`sheetsync log --drafted`, and `sheetsync check` over a folder of drafts: from a date to a sent message."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli.drafting import ALDER, BIRCH, DOGWOOD, drafts, edit, finish, name_yourself, parsed, people
from cli.running import AS_OF, Cli

TODAY = dt.datetime(2026, 11, 16)
"""As openpyxl gives a date."""


@pytest.fixture
def tracker(tmp_path: Path, sheetsync: Cli) -> Path:
    """A tracker and two drafts of it, without gaps."""
    name_yourself(tmp_path)
    path = people(tmp_path / "jobs.xlsx")
    sheetsync("draft", path, "--as-of", AS_OF)
    for file in drafts(tmp_path / "drafts"):
        finish(file)
    return path


def history(path: Path) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    if "History" not in book.sheetnames:
        return []
    headers, *rows = ([*row] for row in book["History"].iter_rows(values_only=True))
    return [dict(zip(map(str, headers), row, strict=True)) for row in rows if any(row)]


def test_the_drafts_are_contacts_of_today_and_put_away(sheetsync: Cli, tracker: Path) -> None:
    folder = tracker.parent / "drafts"
    subjects = [parsed(file)["Subject"] for file in drafts(folder)]
    names = [file.name for file in drafts(folder)]
    done = sheetsync("log", tracker, "--drafted", "--as-of", AS_OF)
    assert done.exit_code == 0
    rows = history(tracker)
    assert [(row["Company"], row["Contact"], row["Channel"], row["Step"]) for row in rows] == [
        ("Alder Ltd", "Ann Alder", "Email", "interview.thank_you"),
        ("Birch Co", "Tom Reed", "Email", "application.followup_1"),
    ]
    assert [row["Note"] for row in rows] == subjects
    assert {row["Date"] for row in rows} == {TODAY}
    assert drafts(folder) == []
    assert [file.name for file in drafts(folder / "sent")] == names
    assert "A week after your thank-you of 16 Nov" in done.stdout


def test_nothing_is_logged_twice(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("log", tracker, "--drafted", "--as-of", AS_OF)
    before = tracker.read_bytes()
    again = sheetsync("log", tracker, "--drafted", "--as-of", AS_OF)
    assert (again.exit_code, "There are no drafts of this tracker" in again.stdout) == (0, True)
    folder = tracker.parent / "drafts"
    for file in drafts(folder / "sent"):
        file.rename(folder / file.name)
    told = sheetsync.json("log", tracker, "--drafted", "--as-of", AS_OF)
    assert [problem["message"] for problem in told["problems"]] == [
        "It is in the history already (16 Nov 2026), so it was not logged again."
    ] * 2
    assert len(drafts(folder / "sent")) == 2
    assert tracker.read_bytes() == before


def test_what_was_logged_by_hand_is_not_logged_again(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("log", tracker, "Alder", "--channel", "email", "--as-of", AS_OF)
    sheetsync("log", tracker, "--drafted", "--as-of", AS_OF)
    assert [row["Company"] for row in history(tracker)] == ["Alder Ltd", "Birch Co"]


def test_only_the_rows_that_are_named_and_on_another_day(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("log", tracker, "3", "--drafted", "--on", "2026-11-15", "--as-of", AS_OF)
    assert [(row["Company"], row["Date"].day) for row in history(tracker)] == [("Birch Co", 15)]
    assert len(drafts(tracker.parent / "drafts")) == 1


def test_a_sorted_tracker_still_fits(sheetsync: Cli, tracker: Path) -> None:
    people(tracker, DOGWOOD, BIRCH, ALDER)
    found = sheetsync.json("log", tracker, "--drafted", "--as-of", AS_OF)
    assert [(row["row"], row["company"]) for row in found["rows"]] == [(4, "Alder Ltd"), (3, "Birch Co")]


def test_a_thread_that_is_gone_keeps_its_draft(sheetsync: Cli, tracker: Path) -> None:
    people(tracker, DOGWOOD, BIRCH)
    found = sheetsync.json("log", tracker, "--drafted", "--as-of", AS_OF)
    assert [row["company"] for row in found["rows"]] == ["Birch Co"]
    (problem,) = found["problems"]
    assert problem["sheet"].startswith("alder-ltd--")
    assert "No row of the tracker is “Alder Ltd”" in problem["message"]
    assert [file.name for file in drafts(tracker.parent / "drafts")] == [problem["sheet"]]


def test_threads_that_are_alike_are_told_apart(sheetsync: Cli, tmp_path: Path) -> None:
    name_yourself(tmp_path)
    path = people(tmp_path / "jobs.xlsx", BIRCH, [*BIRCH[:5], dt.date(2026, 11, 2), *BIRCH[6:]])
    sheetsync("draft", path, "3", "--as-of", AS_OF)
    for file in drafts(tmp_path / "drafts"):
        finish(file)
    found = sheetsync.json("log", path, "--drafted", "--as-of", AS_OF)
    assert [row["row"] for row in found["rows"]] == [3]
    assert history(path)[0]["ID"]


def test_a_draft_with_gaps_stays(sheetsync: Cli, tracker: Path) -> None:
    folder = tracker.parent / "drafts"
    edit(drafts(folder)[0], lambda text: text.replace("Kind regards", "[[one more thing]]\n\nKind regards"))
    done = sheetsync("log", tracker, "--drafted", "--as-of", AS_OF)
    assert "It still has a gap ([[one more thing]]), so it cannot have been sent as it is" in done.stdout
    assert [row["Company"] for row in history(tracker)] == ["Birch Co"]
    assert len(drafts(folder)) == 1


def test_other_files_are_left_and_those_of_other_trackers_too(sheetsync: Cli, tracker: Path) -> None:
    other = people(tracker.with_name("more.xlsx"))
    (tracker.parent / "drafts" / "mine.eml").write_bytes(b"Subject: Hello\n\nHello\n")
    done = sheetsync("log", other, "--drafted", "--as-of", AS_OF)
    assert "There are no drafts of this tracker" in done.stdout
    assert "mine.eml: It is no draft that `sheetsync draft` wrote here" in done.stdout
    assert history(other) == []
    assert len(drafts(tracker.parent / "drafts")) == 3


def test_nothing_is_put_away_when_the_tracker_cannot_be_written(sheetsync: Cli, tracker: Path) -> None:
    (tracker.parent / "~$jobs.xlsx").write_bytes(b"\x05Ann" + b" " * 161)
    done = sheetsync("log", tracker, "--drafted", "--as-of", AS_OF)
    assert done.exit_code == 5
    assert len(drafts(tracker.parent / "drafts")) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--drafted", "--channel", "email"), ("--drafted", "--eml"), ("--drafted", "--undo"), ("2", "--drafts", "x"),
        ("--drafted", "--on", "2026-12-24"), ("--drafted", "99"),
    ],
)  # fmt: skip
def test_what_does_not_go_together(sheetsync: Cli, tracker: Path, words: tuple[str, ...]) -> None:
    before = tracker.read_bytes()
    assert sheetsync("log", tracker, *words, "--as-of", AS_OF).exit_code == 2
    assert tracker.read_bytes() == before
    assert len(drafts(tracker.parent / "drafts")) == 2


# The check of what is finished


def rules(sheetsync: Cli, tracker: Path, *words: str) -> tuple[int, set[str]]:
    """The exit code of a check of every draft, and the rules that found an error in one."""
    done = sheetsync("check", tracker, *drafts(tracker.parent / "drafts"), "--as-of", AS_OF, "--json", *words)
    found = json.loads(done.stdout)["findings"]
    return done.exit_code, {one["rule"] for one in found if one["severity"] == "error"}


@pytest.mark.parametrize("form", ["eml", "md", "text"])
def test_finished_drafts_are_clean(sheetsync: Cli, tmp_path: Path, form: str) -> None:
    name_yourself(tmp_path)
    path = people(tmp_path / "jobs.xlsx")
    sheetsync("draft", path, "--format", form, "--as-of", AS_OF)
    assert rules(sheetsync, path) == (1, {"message.gap"})
    for file in drafts(tmp_path / "drafts"):
        finish(file)
    assert rules(sheetsync, path) == (0, set())


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (("Ann Alder", "Tom Reed"), "message.wrong-person"),
        (("Kind regards", "I admire Birch Co.\n\nKind regards"), "message.wrong-company"),
        (("Kind regards", "I look forward to it 🎉\n\nKind regards"), "message.emoji"),
        (("Kind regards", "I am just checking in.\n\nKind regards"), "message.checking-in"),
        (("Kind regards", "[[when]]\n\nKind regards"), "message.gap"),
        (("Kind regards", "Is the job still available?\n\nKind regards"), "message.still-available"),
    ],
)
@pytest.mark.parametrize("form", ["eml", "md"])
def test_a_mistake_in_one_draft_is_found(
    sheetsync: Cli, tmp_path: Path, form: str, change: tuple[str, str], rule: str
) -> None:
    name_yourself(tmp_path)
    path = people(tmp_path / "jobs.xlsx")
    sheetsync("draft", path, "--format", form, "--as-of", AS_OF)
    for file in drafts(tmp_path / "drafts"):
        finish(file)
    edit(drafts(tmp_path / "drafts")[0], lambda text: text.replace(*change))
    code, found = rules(sheetsync, path)
    assert (code, found) == (1, {rule})

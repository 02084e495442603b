"""`sheetsync report`, and the Dashboard by `add`, `sync`, `undo` and `remove`."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from lxml import etree
from openpyxl import load_workbook

from cli.running import AS_OF, HEADERS, Cli, thread, write_workbook

NAMES = ("Alder", "Birch", "Cedar", "Dana")


@pytest.fixture
def named(tmp_path: Path) -> Path:
    """A tracker in which a source names somebody of the tracker, and another one is a link."""
    rows: list[list[object]] = [
        [*HEADERS, "Source"],
        [*thread("Alder Ltd", "Applied", dt.date(2026, 11, 1)), "LinkedIn"],
        [*thread("Birch Co", "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 9)), "dana fox told me"],
        [*thread("Cedar Inc", "Rejected", dt.date(2026, 10, 1)), "www.cedar.example"],
    ]
    rows[2][2] = "Dana Fox"
    return write_workbook(tmp_path / "jobs.xlsx", rows)


def test_the_report_is_told_as_text(sheetsync: Cli, named: Path) -> None:
    before = named.read_bytes()
    told = sheetsync("report", named, "--as-of", AS_OF).stdout
    assert "follow-ups in time   0 of 1" in told
    assert "threads answered     2 of 3" in told
    assert "1 interview of the last 12 weeks has no debrief yet." in told
    assert re.search(r"^9 Nov +0 +0 +1 +0\n16 Nov +0 +0 +0 +2$", told, re.MULTILINE)
    assert named.read_bytes() == before


def test_the_report_for_programs(sheetsync: Cli, named: Path) -> None:
    found = sheetsync.json("report", named, "--as-of", AS_OF)
    assert [found[key] for key in ("as_of", "overdue", "due", "thank_yous_missed")] == [AS_OF, 0, 1, 1]
    assert found["kept"] == {"in_time": 0, "planned": 1}
    assert found["answers"] == {"asked": 3, "answered": 2, "rate": 0.6667, "median_days": 20.0}
    assert len(found["weeks"]) == 12
    assert found["weeks"][-1]["begins"] == AS_OF
    assert "rows" not in found


def test_nobody_is_named_unless_names_are_asked_for(sheetsync: Cli, named: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    sheetsync("report", named, "--as-of", AS_OF, "--html", page)
    shown = [page.read_text("utf-8"), sheetsync("report", named, "--as-of", AS_OF).stdout]
    shown.append(str(sheetsync.json("report", named, "--as-of", AS_OF)["sources"]))
    for name in (*NAMES, "cedar.example", "told me"):
        assert not [text for text in shown if name.casefold() in text.casefold()], name
    assert all("LinkedIn" in text and "others" in text for text in shown)
    sheetsync("report", named, "--as-of", AS_OF, "--html", page, "--names")
    text = page.read_text("utf-8")
    assert all(name in text for name in ("Birch Co", "Dana Fox", "dana fox told me", "Interviews without a debrief"))
    rows = sheetsync.json("report", named, "--as-of", AS_OF, "--names")["rows"]
    assert [one["company"] for one in rows["thank_yous_missed"]] == ["Birch Co"]


def test_the_page_stands_alone_and_says_its_pictures_in_words(sheetsync: Cli, named: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert "are not named in it" in sheetsync("report", named, "--as-of", AS_OF, "--html", page).stdout
    text = page.read_text("utf-8")
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=|url\(|@import", text)
    root = etree.fromstring(text.encode(), etree.HTMLParser())
    pictures = root.findall(".//svg[@role='img']")
    assert len(pictures) == 3  # nobody was written to, so there is neither a channel nor a day to draw
    for picture in pictures:
        ids = (picture.get("aria-labelledby") or "").split()
        assert [picture.find(f".//*[@id='{one}']") is not None for one in ids] == [True, True]
    assert len(root.findall(".//table/caption")) == 3
    assert text.count("Nothing to show yet.") == 2


def test_what_a_tracker_says_is_escaped(sheetsync: Cli, tmp_path: Path) -> None:
    rows = [(*HEADERS, "Source"), [*thread("Ash", "Applied", dt.date(2026, 11, 1)), "<img src=x onerror=alert(1)>"]]
    page = tmp_path / "report.html"
    sheetsync("report", write_workbook(tmp_path / "jobs.xlsx", rows), "--as-of", AS_OF, "--names", "--html", page)
    assert "<img" not in page.read_text("utf-8")
    assert "&lt;img" in page.read_text("utf-8")


@pytest.mark.parametrize("name", ["jobs.xlsx", "report.pdf", "report"])
def test_a_page_is_a_page_and_no_spreadsheet_is_overwritten(sheetsync: Cli, named: Path, name: str) -> None:
    before = named.read_bytes()
    result = sheetsync("report", named, "--html", named.with_name(name))
    assert result.exit_code == 2
    assert "made as .html" in result.stderr
    assert named.read_bytes() == before


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(sheetsync: Cli, named: Path, tmp_path: Path) -> None:
    result = sheetsync("report", named, "--html", tmp_path / "nowhere" / "report.html")
    assert result.exit_code == 4
    assert "report.html" in result.stderr


def test_the_dashboard_is_added_brought_up_to_date_taken_back_and_taken_out(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("sync", tracker, "--as-of", AS_OF)
    bare = tracker.read_bytes()
    added = sheetsync("add", tracker, "dashboard", "--as-of", AS_OF)
    assert "Added sheet Dashboard: each sync brings its numbers up to date." in added.stdout
    first = tracker.read_bytes()
    made = load_workbook(tracker)["Dashboard"]
    assert [(each.id, made.cell(each.id + 1, 2).value) for each in made.row_breaks.brk] == [
        (40, "The numbers behind the charts")
    ]
    assert "nothing new" in sheetsync("sync", tracker, "--as-of", AS_OF).stdout
    later = "sync", tracker, "--as-of", "2026-12-14"
    assert "The numbers of sheet 'Dashboard'" in sheetsync(*later, "--dry-run").stdout
    assert re.search(r"Brought \d+ cells of sheet 'Dashboard' up to date\.", sheetsync(*later).stdout)
    assert load_workbook(tracker)["Dashboard"]["B3"].value == "As of 14 Dec 2026, the last sync that changed a number."
    sheetsync("undo", tracker)
    assert load_workbook(tracker)["Dashboard"]["B3"].value == "As of 16 Nov 2026, the last sync that changed a number."
    assert sheetsync("sync", tracker, "--as-of", AS_OF).exit_code == 0
    sheetsync("undo", tracker)
    assert "Dashboard" not in load_workbook(tracker).sheetnames
    assert len(first) > len(bare)
    sheetsync("add", tracker, "dashboard", "--as-of", AS_OF)
    assert "sheet Dashboard" in sheetsync("remove", tracker).stdout
    assert load_workbook(tracker).sheetnames == ["Jobs"]


def test_a_dashboard_that_lost_its_mark_is_told(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("add", tracker, "dashboard")
    book = load_workbook(tracker)
    book["Dashboard"].title = "How it goes"  # the names that lead to it are left as they were
    book.save(tracker)
    told = "How it goes: This Dashboard stays, for another program renamed it and its mark was lost: delete the sheet yourself."
    assert told in sheetsync("remove", tracker).stdout
    assert "How it goes" in load_workbook(tracker).sheetnames
    assert told in sheetsync("remove", tracker).stdout


def test_the_dashboard_is_not_taken_for_a_tracker(sheetsync: Cli, tracker: Path) -> None:
    sheetsync("add", tracker, "dashboard", "--as-of", AS_OF)
    found = sheetsync.json("inspect", tracker)
    assert (found["sheet"], found["other_trackers"]) == ("Jobs", [])


def test_a_file_that_is_no_report_is_never_replaced(sheetsync: Cli, named: Path, tmp_path: Path) -> None:
    page = tmp_path / "notes.html"
    page.write_text("mine", "utf-8")
    refused = sheetsync("report", named, "--as-of", AS_OF, "--html", page)
    assert (refused.exit_code, page.read_text("utf-8")) == (2, "mine")
    assert "no earlier report" in refused.stderr
    page.unlink()
    for _ in range(2):
        assert sheetsync("report", named, "--as-of", AS_OF, "--html", page).exit_code == 0


def test_a_phone_number_and_people_of_the_history_are_no_sources_to_show(sheetsync: Cli, tmp_path: Path) -> None:
    head = ("Company", "Status", "Date Applied", "Source")
    rows = [("Alder", "+49 171 5550123"), ("Birch", "Referral Tomas Vega"), ("Cedar", "LinkedIn")]
    tracker = write_workbook(
        tmp_path / "t.xlsx", [head, *((name, "Applied", dt.date(2026, 11, 2), said) for name, said in rows)]
    )
    book = load_workbook(tracker)
    book.create_sheet("History").append(["Date", "Company", "Contact", "Direction", "Channel"])
    book["History"].append([dt.date(2026, 11, 3), "Alder", "Tomas Vega", "out", "Email"])
    book.save(tracker)
    sources = sheetsync.json("report", tracker, "--as-of", AS_OF)["sources"]
    assert [(one["name"], one["asked"]) for one in sources] == [("LinkedIn", 1), ("others", 2)]


def test_only_sources_of_common_words_are_shown(sheetsync: Cli, tmp_path: Path) -> None:
    head = ("Company", "Status", "Date Applied", "Source", "Notes")
    shown = [
        "LinkedIn",
        "Indeed.de",
        "Company website",
        "Job fair 2026",
        "Persönliche Empfehlung",
        "Robert Half",
        "E-Mail",
    ]
    hidden = [
        "Peter Grimm",
        "Dr Holm",
        "via Peter Grimm",
        "Referral (Jane)",
        "+49 171 5550123",
        "Robert",
        "linkedin.com/in/ann",
    ]
    rows = [
        (f"Firm {n}", "Applied", dt.date(2026, 11, 2), said, "") for n, said in enumerate([*shown, *hidden, *hidden])
    ]
    tracker = write_workbook(tmp_path / "t.xlsx", [head, *rows])
    sources = sheetsync.json("report", tracker, "--as-of", AS_OF)["sources"]
    assert {one["name"]: one["asked"] for one in sources} == {**dict.fromkeys(shown, 1), "others": 2 * len(hidden)}
    assert {one["name"] for one in sheetsync.json("report", tracker, "--as-of", AS_OF, "--names")["sources"]} >= {
        *hidden
    }

"""The page's answers are the commands' answers, and what it writes can be taken back on either side."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli.running import HEADERS as COLUMNS
from cli.running import Cli, installed, thread, write_workbook
from serving import AS_OF, Door, Watch, in_process, in_thread

from sheetsync.addin import certificates, paired
from sheetsync.addin import desk as desks
from sheetsync.addin.desk import Desk
from sheetsync.addin.security import Sessions
from sheetsync.changes import Changes, Receipt
from sheetsync.nightly.running import at_work
from sheetsync.sheets import open_source
from sheetsync.sheets.xlsx import XlsxSource
from sheetsync.start import start

DAY = dt.date.fromisoformat(AS_OF)
NOW = dt.datetime(2026, 11, 16, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.xlsx"
    start(path, sample_on=DAY)
    return path


@pytest.fixture
def tracker(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    return Path(shutil.copy(sample, tmp_path / "tracker.xlsx"))


@pytest.fixture
def page(tracker: Path) -> Iterator[Door]:
    desk = Desk(str(tracker), opened=lambda: open_source(str(tracker)), as_of=lambda: DAY, clock=lambda: NOW)
    with in_thread(desk.answer) as inside:
        yield inside.door


@pytest.fixture
def sheetsync() -> Cli:
    return Cli()


def history(tracker: Path) -> list[tuple[Any, ...]]:
    """The rows of the sheet History that hold something."""
    rows = openpyxl.load_workbook(tracker)["History"].iter_rows(min_row=2, values_only=True)
    return [row for row in rows if any(row)]


def test_page_lists_first_what_due_lists(page: Door, sheetsync: Cli, tracker: Path) -> None:
    due = sheetsync.json("due", tracker, "--as-of", AS_OF, "--days", "365")
    today = page.ask("today")
    shown = [{name: row[name] for name in due["rows"][0]} for row in today["rows"]]
    assert due["rows"]
    assert shown[: len(due["rows"])] == due["rows"]
    assert today["counts"] == due["counts"]
    assert (today["kind"], today["title"], today["as_of"]) == ("xlsx", "tracker.xlsx", AS_OF)


def test_page_lists_every_thread_once(page: Door, sheetsync: Cli, tracker: Path) -> None:
    rows = sheetsync.json("sync", tracker, "--dry-run", "--as-of", AS_OF)["rows"]
    listed = [row["row"] for row in page.ask("today")["rows"]]
    assert sorted(listed) == [row["row"] for row in rows]


def test_row_is_explained_as_explain_does(page: Door, sheetsync: Cli, tracker: Path) -> None:
    for row in [row["row"] for row in page.ask("today")["rows"]][:6]:
        told = sheetsync.json("explain", tracker, str(row), "--as-of", AS_OF)
        answer = page.ask("row", row=row)
        assert answer["why"] == told["headline"]
        assert [step["text"] for step in answer["steps"]] == [step["text"] for step in told["steps"]]
        assert [(one["on"], one["note"]) for one in answer["history"]] == [
            (one["on"], one["note"]) for one in told["contacts"]
        ]
        assert {one["contact"] for one in answer["history"] if one["contact"]} <= set(answer["people"])


def test_draft_is_the_command_s_and_is_not_saved(page: Door, sheetsync: Cli, tracker: Path, tmp_path: Path) -> None:
    row = page.ask("today")["rows"][0]["row"]
    (shown,) = page.ask("draft", row=row)["drafts"]
    assert not (tracker.parent / "drafts").exists()
    sheetsync("draft", tracker, str(row), "--as-of", AS_OF, "--format", "text", "--out", tmp_path / "out")
    (file,) = (tmp_path / "out").glob("*.txt")
    assert file.read_text("utf-8").rstrip().endswith(shown["body"].rstrip())
    assert f"Subject: {shown['subject']}" in file.read_text("utf-8")
    checked = sheetsync.json("check", tracker, file, "--as-of", AS_OF) if not shown["gaps"] else None
    assert checked is None or not checked["errors"]
    told = " ".join(one["message"] for one in shown["findings"])
    assert shown["gaps"]
    assert [gap for gap in shown["gaps"] if gap in told] == [], "a gap is told once"
    assert shown["mailto"].startswith("mailto:")


def test_draft_that_would_go_to_another_company_is_refused_with_the_sentence(tmp_path: Path) -> None:
    rows = [
        [*thread("Alder Ltd", "Applied", dt.date(2026, 11, 1))[:2], "Ann Bay", "ann@birch.example", "Applied", dt.date(2026, 11, 1), None, ""],
        [*thread("Birch Co", "Applied", dt.date(2026, 11, 1))[:2], "Bo Lee", "bo@birch.example", "Applied", dt.date(2026, 11, 1), None, ""],
    ]  # fmt: skip
    path = write_workbook(tmp_path / "two.xlsx", [COLUMNS, *rows])
    desk = Desk(str(path), opened=lambda: open_source(str(path)), as_of=lambda: DAY, clock=lambda: NOW)
    with in_thread(desk.answer) as inside:
        answer = inside.door.ask("draft", row=2)
    command = Cli()("draft", path, "2", "--as-of", AS_OF, "--json")
    refused = [one["message"] for one in json.loads(command.stdout)["refusals"]]
    assert answer["refusals"] == refused
    assert bool(refused) == (not answer["drafts"])


def test_contact_logged_on_the_page_is_taken_back_on_the_command_line(
    page: Door, sheetsync: Cli, tracker: Path
) -> None:
    row = page.ask("today")["rows"][0]
    before = history(tracker)
    answer = page.ask(
        "log", row=row["row"], person=None, channel="email", on=AS_OF, received=False, note="sent the slides"
    )
    (logged,) = [entry for entry in history(tracker) if entry not in before]
    assert "sent the slides" in logged
    assert row["person"] in logged
    assert answer["told"][0].startswith("Logged: 16 Nov 2026")
    assert answer["undo"]["what"].startswith("log (")
    assert next(one for one in answer["rows"] if one["row"] == row["row"]) != row
    assert sheetsync("undo", tracker).exit_code == 0
    assert history(tracker) == before
    assert page.ask("today")["undo"] is None


def test_contact_logged_on_the_command_line_is_taken_back_on_the_page(
    page: Door, sheetsync: Cli, tracker: Path
) -> None:
    before = history(tracker)
    row = page.ask("today")["rows"][0]["row"]
    assert sheetsync("log", tracker, str(row), "--channel", "phone", "--as-of", AS_OF).exit_code == 0
    assert page.ask("today")["undo"]["what"].startswith("log (")
    answer = page.ask("undo")
    assert answer["told"][0].startswith("Took back what `log` wrote")
    assert answer["undo"] is None
    assert history(tracker) == before
    reply = page.post("undo", b"{}")
    assert (reply.status, reply.json["code"]) == (400, 2)
    assert "There is nothing to take back" in reply.json["error"]


def test_undo_takes_back_only_what_it_asked_about(page: Door, sheetsync: Cli, tracker: Path) -> None:
    row = page.ask("today")["rows"][0]
    asked = page.ask("log", row=row["row"], person="", channel="email", on=AS_OF, received=False, note="")["undo"]
    assert row["company"] in asked["about"]
    assert sheetsync("log", tracker, str(row["row"]), "--channel", "phone", "--as-of", AS_OF).exit_code == 0
    both = history(tracker)
    reply = page.post("undo", json.dumps({"mark": asked["mark"]}).encode())
    assert (reply.status, reply.json["code"]) == (409, 5)
    assert "the last one is `log` of" in reply.json["error"]
    assert history(tracker) == both
    assert page.ask("undo", mark=page.ask("today")["undo"]["mark"])["undo"] == asked
    assert page.ask("undo", mark=asked["mark"])["undo"] is None
    reply = page.post("undo", json.dumps({"mark": asked["mark"]}).encode())
    assert reply.status == 409
    assert "there is none left to take back" in reply.json["error"]


def test_second_sync_writes_nothing(page: Door, tracker: Path) -> None:
    first = page.ask("sync")
    assert (first["written"], first["changed_cells"] > 0) == (True, True)
    stood = tracker.read_bytes(), tracker.stat().st_mtime_ns
    second = page.ask("sync")
    assert (second["written"], second["changed_cells"], second["told"]) == (False, 0, [])
    assert (tracker.read_bytes(), tracker.stat().st_mtime_ns) == stood


def test_edit_in_the_file_shows_at_the_next_question(page: Door, tracker: Path) -> None:
    row = page.ask("today")["rows"][0]
    book = openpyxl.load_workbook(tracker)
    sheet = book[page.ask("today")["sheet"]]
    (cell,) = [cell for cell in sheet[row["row"]] if cell.value == row["company"]]
    cell.value = "Another Name Ltd"
    book.save(tracker)
    assert page.ask("row", row=row["row"])["thread"]["company"] == "Another Name Ltd"
    assert "Another Name Ltd" in [one["company"] for one in page.ask("today")["rows"]]


def test_row_that_was_sorted_elsewhere_is_followed_and_never_mistaken(page: Door, tracker: Path) -> None:
    one, other = page.ask("today")["rows"][:2]
    who = [one["company"], one["role"], one["contact"]]
    book = openpyxl.load_workbook(tracker)
    sheet = book[page.ask("today")["sheet"]]
    for cell, swapped in zip(sheet[one["row"]], sheet[other["row"]], strict=True):
        cell.value, swapped.value = swapped.value, cell.value
    book.save(tracker)
    assert page.ask("row", row=one["row"], who=who)["thread"]["row"] == other["row"]
    page.ask("log", row=one["row"], who=who, channel="email", note="to the right one")
    (logged,) = [entry for entry in history(tracker) if "to the right one" in entry]
    assert one["company"] in logged
    before = tracker.read_bytes()
    reply = page.post("log", json.dumps({"row": one["row"], "who": ["Nobody", None, None]}).encode())
    assert (reply.status, reply.json["code"]) == (409, 5)
    assert "is another one than the page shows" in reply.json["error"]
    assert tracker.read_bytes() == before


def test_file_open_in_a_spreadsheet_program_is_read_but_not_written(page: Door, sheetsync: Cli, tracker: Path) -> None:
    before = tracker.read_bytes()
    lock = tracker.with_name(f"~${tracker.name}")
    lock.write_bytes(b"\x03Ann" + b" " * 51 + b"\x03\x00A\x00n\x00n\x00" + b" \x00" * 51)
    assert page.ask("today")["rows"]
    reply = page.post("sync", b"{}")
    assert (reply.status, reply.json["code"]) == (409, 5)
    told = sheetsync("sync", tracker, "--as-of", AS_OF)
    assert told.exit_code == 5
    assert reply.json["error"].endswith(": close it there and do it again. Nothing was written.")
    assert reply.json["error"].partition(" and do it again")[0] in told.stderr
    assert tracker.read_bytes() == before


def test_run_of_another_is_told(page: Door, tracker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "ANOTHER_RUN", 0.0)
    with at_work(str(tracker)):
        reply = page.post("sync", b"{}")
    assert (reply.status, reply.json["code"]) == (409, 5)
    assert reply.json["error"].startswith("Another run of sheetsync")


def test_file_that_went_away_is_told(page: Door, tracker: Path) -> None:
    tracker.unlink()
    reply = page.post("today", b"{}")
    assert (reply.status, reply.json["code"]) == (422, 4)
    assert "there is no such file" in reply.json["error"]


def test_settings_beside_the_file_and_options_count(tracker: Path) -> None:
    options = {"profile": "reserved"}
    desk = Desk(
        str(tracker), opened=lambda: open_source(str(tracker)), as_of=lambda: DAY, clock=lambda: NOW, options=options
    )
    (tracker.parent / "sheetsync.toml").write_text('your_name = "Kim Doe"\n')
    with in_thread(desk.answer) as inside:
        row = inside.door.ask("today")["rows"][0]["row"]
        (draft,) = inside.door.ask("draft", row=row)["drafts"]
    assert "Kim Doe" in draft["body"]
    reserved = Cli().json("due", tracker, "--as-of", AS_OF, "--profile", "reserved")
    assert row == reserved["rows"][0]["row"]


# The command


def test_port_that_is_taken_makes_way_for_the_next_one(tracker: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with in_process(tracker, tmp_path / "home", "--as-of", AS_OF, "--port", str(port)) as running:
            assert running.door.port != port
            assert f"port {port} is taken, so the page is at port {running.door.port}." in "\n".join(running.printed)
            assert running.end() == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "Name the tracker to show"),
        (("nowhere.xlsx",), 4, "there is no such file"),
        (("list.csv",), 2, "is a .csv"),
        (("--pane", "tracker.xlsx"), 2, "leave out the tracker"),
    ],
)
def test_what_cannot_be_served_is_said_before_there_is_a_page(
    tracker: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    (tracker.parent / "list.csv").write_text("Company,Status\nAlder,Applied\n")
    named = [str(tracker.parent / word) if "." in word else word for word in words]
    result = installed(
        "serve", *named, "--no-browser", environment={**os.environ, "SHEETSYNC_HOME": str(tracker.parent)}
    )
    assert (result.returncode, result.stdout) == (code, "")
    assert told in result.stderr
    assert "#code" not in result.stderr


def test_pane_without_certificate_says_what_comes_first(tmp_path: Path) -> None:
    result = installed("serve", "--pane", environment={**os.environ, "SHEETSYNC_HOME": str(tmp_path)})
    assert (result.returncode, result.stdout) == (2, "")
    assert "sheetsync addin install" in result.stderr


def test_pane_is_paired_once_until_ninety_days_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path))
    watch = Watch(now=1_800_000_000.0)
    token = Sessions(watch, paired.LASTS, paired.remembered(), paired.remember).issue()
    later = Sessions(watch, paired.LASTS, paired.remembered(), paired.remember)
    watch.now += paired.LASTS - 1
    assert later.knows(token)
    assert not later.knows(token[:-1])
    watch.now += 1
    assert not later.knows(token)
    assert token.encode() not in (certificates.folder() / certificates.PAIRED).read_bytes()
    certificates.forget()
    assert paired.remembered() == []


def test_file_changed_by_the_person_between_reading_and_writing_is_left(tracker: Path) -> None:
    class Busy(XlsxSource):
        """A file that its person saves at the very moment before it is written to."""

        def apply(self, changes: Changes) -> Receipt:
            book = openpyxl.load_workbook(tracker)
            book["History"]["A40"] = "mine"
            book.save(tracker)
            return super().apply(changes)

    desk = Desk(str(tracker), opened=lambda: Busy(tracker), as_of=lambda: DAY, clock=lambda: NOW)
    with in_thread(desk.answer) as inside:
        reply = inside.door.post("sync", b"{}")
    assert (reply.status, reply.json["code"]) == (409, 5)
    assert reply.json["error"].endswith("was changed by somebody else just now: do it again. Nothing was written.")
    assert openpyxl.load_workbook(tracker)["History"]["A40"].value == "mine"

"""The shipped script over a spreadsheet that a sync wrote; what it logs, the next sync takes."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from emulator.server import Emulator
from google.oauth2.credentials import Credentials
from person import PersonAtGoogle

from script.running import Script, fetch, type_in
from sheetsync.addin.google_script import FIELDS, SCOPE, bind_as, script_files, script_words
from sheetsync.cli import cli
from sheetsync.errors import DeniedError
from sheetsync.model import Grid
from sheetsync.resources import templates
from sheetsync.sheets import open_source
from sheetsync.sheets.google.auth import Login

ROBOT: Final = "robot@project.iam.gserviceaccount.com"
DAY: Final = "2026-11-16"
TRACKER: Final = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co", "شركة النور", "Dogwood"),
        ("Position", "Analyst", "Analyst", "Clerk", "Clerk"),
        ("Contact", "Ann Alder", "Tom Birch", "Cid Cedar", None),
        ("Email", "ann@alder.example", "tom@birch.example", "cid@cedar.example", None),
        ("Status", "Interview", "Applied", "Applied", "Rejected"),
        ("Date Applied", dt.date(2026, 10, 20), dt.date(2026, 11, 9), dt.date(2026, 11, 1), dt.date(2026, 10, 1)),
        ("Interview Date", dt.date(2026, 11, 15), None, None, None),
    ),
)
ANN: Final = [2, "Alder Ltd"]


class Cli:
    """`sheetsync` on the spreadsheet, with a service account's key."""

    def __init__(self, key: Path) -> None:
        self.key = str(key)

    def __call__(self, *words: str, day: str = DAY) -> Result:
        words = (*words, "--service-account", self.key, "--as-of", day)
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return done


@dataclass(frozen=True)
class World:
    """An emulated Google with a person, and `sheetsync` over it."""

    google: Emulator
    person: PersonAtGoogle
    sheetsync: Cli
    tracker: str
    """A tracker with Log columns and a link to a draft in row 2, synced."""
    bare: str
    """A tracker that sheetsync never saw."""

    def script(self, book: str, code: str = "") -> Script:
        """The script in a spreadsheet as it stands."""
        return Script(fetch(self.google, book), code)

    def new(self, *grids: Grid) -> str:
        """Another spreadsheet."""
        return self.person.make_book(grids or [TRACKER], share_with={ROBOT: "writer"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch, Emulator() as google:
        patch.setenv("SHEETSYNC_GOOGLE_ENDPOINT", google.url)
        patch.chdir(folder)
        sheetsync = Cli(google.key_file(folder, ROBOT))
        person = PersonAtGoogle(google, lambda book: open_source(book, service_account=sheetsync.key))
        tracker, bare = (person.make_book([TRACKER], share_with={ROBOT: "writer"}) for _ in range(2))
        sheetsync("add", tracker, "log")
        sheetsync("draft", tracker, "2", "--link")
        yield World(google, person, sheetsync, tracker, bare)


@pytest.fixture(scope="module")
def script(world: World) -> Script:
    return world.script(world.tracker)


def test_every_item_of_the_menu_has_a_handler(script: Script) -> None:
    ran = script(["onOpen"])
    assert ran.values == [None]
    assert ran.done["menu"] == "Follow-ups"
    labels, handlers = zip(*ran.done["items"], strict=True)
    assert labels == ("Today", "Log contact", "Open draft")
    for handler, view in zip(handlers, ("today", "log", "draft"), strict=True):
        sidebar = script([handler]).done["sidebar"]
        assert (sidebar["file"], sidebar["view"], sidebar["title"]) == ("Sidebar", view, "Follow-ups")


def test_it_asks_for_two_narrow_rights_and_no_more() -> None:
    manifest = json.loads((templates() / "google-addon" / "appsscript.json").read_text(encoding="utf-8"))
    assert manifest["oauthScopes"] == [
        "https://www.googleapis.com/auth/spreadsheets.currentonly",
        "https://www.googleapis.com/auth/script.container.ui",
    ]
    code = script_files()[0].source
    assert not re.search(r"\b(UrlFetchApp|DriveApp|GmailApp|MailApp|openById|openByUrl|ScriptApp)\b", code)


def test_the_shipped_file_has_the_words_of_the_catalogue() -> None:
    assert script_files()[0].source == (templates() / "google-addon" / "Code.gs").read_text(encoding="utf-8")
    assert script_words()["fields"] == {name: list(headers) for name, headers in FIELDS.items()}


def test_today_is_what_the_last_sync_wrote(script: Script) -> None:
    (today,) = script(["today"]).values
    assert today["asOf"] == DAY
    assert today["more"] == 0
    shown = [(row["who"], row["word"]) for row in today["rows"]]
    assert shown == [("Alder Ltd", "Due"), ("Birch Co", "Due"), ("شركة النور", "Due")]
    assert (today["rows"][0]["action"], today["rows"][0]["more"]) == ("Thank Ann Alder by email", "Ann Alder, Analyst")


def test_the_overdue_come_first_as_the_last_sync_that_changed_something_left_them(world: World) -> None:
    """A sync that finds nothing new writes nothing, so the day stays that of the one before it."""
    book = world.new()
    world.sheetsync("sync", book, day="2026-11-18")
    world.sheetsync("sync", book, day="2026-11-18")
    (today,) = world.script(book)(["today"]).values
    assert today["asOf"] == "2026-11-18"
    words = [row["word"] for row in today["rows"]]
    assert words == sorted(words, key=["Overdue", "Due", "Upcoming"].index)
    assert words[0] == "Overdue"


def test_the_selected_row_is_the_one_to_log(script: Script) -> None:
    picked, none, one = script(["picked"], ["one", 400], ["one", 3], active={"row": 2}).values
    assert (picked["who"], picked["row"]) == ("Alder Ltd", 2)
    assert picked["picks"][:2] == ["Emailed", "Called"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", picked["day"])
    assert none is None
    assert one["who"] == "Birch Co"
    heading, shown = script(["picked"], ["show", 3], active={"row": 1}).values
    assert heading is None
    assert shown is None


def test_a_pick_becomes_a_contact_by_the_next_sync(world: World) -> None:
    book = world.new()
    world.sheetsync("add", book, "log")
    ran = world.script(book)(["logPick", *ANN, "Called", "2026-11-15"])
    assert ran.values == ["Row 2, Alder Ltd: “Called”. The next sync puts it into the History."]
    assert [write["value"] for write in ran.writes] == ["Called", "2026-11-15"]
    assert ran.done["locks"] == ["locked", "flushed", "released"]
    type_in(world.google, book, ran)
    world.sheetsync("sync", book)
    history = open_source(book, service_account=world.sheetsync.key).read().grid("History")
    row = [history.cell(2, column) for column in range(1, history.n_columns + 1)]
    assert row[0] == dt.date(2026, 11, 15)
    assert {"Alder Ltd", "Ann Alder", "Phone"} <= set(row)
    assert world.script(book)(["one", 2]).values[0]["log"] == ""


def test_a_second_run_writes_nothing(script: Script) -> None:
    for call in (["logPick", *ANN, "Emailed", "2026-11-15"], ["logPick", *ANN, "Met", ""]):
        once, twice = script(call), script(call, call)
        assert twice.writes == once.writes
        assert twice.values[1] == f"Row 2, Alder Ltd: “{call[3]}” stands there already."


def test_what_cannot_be_logged_writes_nothing(script: Script) -> None:
    cases: dict[str, list[Any]] = {
        "none of what Log offers": ["logPick", *ANN, "=HYPERLINK(1)", DAY],
        "That is no day": ["logPick", *ANN, "Emailed", "2026-02-30"],
        "The rows have moved": ["logPick", 3, "Alder Ltd", "Emailed", DAY],
        "Choose a row": ["logPick", "2", "Alder Ltd", "Emailed", DAY],
        "rows have moved meanwhile": ["logPick", 1, "Company", "Emailed", DAY],
    }
    ran = script(*cases.values())
    assert ran.writes == []
    for sentence, error in zip(cases, ran.errors, strict=True):
        assert sentence in error


def test_another_pick_that_stands_there_is_not_overwritten(script: Script) -> None:
    ran = script(["logPick", *ANN, "Emailed", ""], ["logPick", *ANN, "Met", DAY])
    assert "says “Emailed” already" in ran.done["results"][1]["error"]
    assert [write["value"] for write in ran.writes] == ["Emailed", ""]


def test_a_busy_spreadsheet_is_left_as_it_is(script: Script) -> None:
    ran = script(["logPick", *ANN, "Emailed", DAY], busy=True)
    assert ran.errors == ["Somebody else is logging in this spreadsheet at this moment: try again in a few seconds."]
    assert ran.writes == []
    assert ran.done["locks"] == ["busy"]


def test_a_draft_opens_with_address_and_subject(script: Script) -> None:
    (draft,) = script(["draftLink", 3]).values
    assert not draft["full"]
    asked = parse_qs(urlsplit(draft["url"]).query)
    assert draft["url"].startswith("https://mail.google.com/mail/?view=cm&fs=1&")
    assert (asked["to"], asked["su"]) == (["tom@birch.example"], ["Analyst - Birch Co"])
    assert "neither a draft nor an address" in script(["draftLink", 5]).errors[0]


def test_the_draft_column_has_the_whole_text(script: Script) -> None:
    (draft,) = script(["draftLink", 2]).values
    assert draft["full"]
    asked = parse_qs(urlsplit(draft["url"]).query)
    assert asked["to"] == ["ann@alder.example"]
    assert asked["body"][0].startswith("Dear")
    assert "[[" in asked["body"][0]


def test_marks_that_are_gone_are_made_up_for_by_the_headings(world: World) -> None:
    book = fetch(world.google, world.tracker)
    for sheet in book["sheets"]:
        for one in [sheet, *sheet["data"][0].get("rowMetadata", []), *sheet["data"][0].get("columnMetadata", [])]:
            one.pop("developerMetadata", None)
    book.pop("developerMetadata", None)
    today, told = Script(book)(["today"], ["logPick", *ANN, "Emailed", DAY]).values
    assert today["rows"][0]["who"] == "Alder Ltd"
    assert today["asOf"] == ""
    assert told.startswith("Row 2, Alder Ltd")


def test_columns_that_moved_are_found(world: World) -> None:
    book = world.new()
    world.sheetsync("add", book, "log")
    (before, _) = world.script(book)(["logPick", *ANN, "Emailed", DAY]).writes
    where = {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 2}
    world.google.edit(book, [{"insertDimension": {"range": {"sheetId": 0, **where}}}])
    (after, _) = world.script(book)(["logPick", *ANN, "Emailed", DAY]).writes
    assert (after["row"], after["column"]) == (before["row"], before["column"] + 2)


def test_it_says_what_to_do_where_something_is_missing(world: World) -> None:
    errors = world.script(world.bare)(["today"], ["picked"], ["draftLink", 2]).errors
    assert all("run `sheetsync sync` with its address first" in error for error in errors)
    book = world.new()
    world.sheetsync("sync", book)
    assert "no Log column yet" in world.script(book)(["logPick", *ANN, "Emailed", DAY]).errors[0]


def test_a_tracker_s_own_headings_are_told_to_the_script(world: World, tmp_path: Path) -> None:
    columns = {"Firma": "Alder", "Stelle": "Redakteurin", "E-Mail": "a@b.example", "Status": "Beworben"}
    applied = ("Beworben am", dt.date(2026, 11, 1))
    book = world.new(Grid("Jobs", (*columns.items(), applied)))
    world.sheetsync("sync", book)
    world.sheetsync("addin", "google", book, "--out", str(tmp_path / "files"))
    code = (tmp_path / "files" / "Code.gs").read_text(encoding="utf-8")
    (draft,) = world.script(book, code)(["draftLink", 2]).values
    assert (draft["who"], draft["to"], draft["subject"]) == ("Alder", "a@b.example", "Redakteurin - Alder")


def test_steps_and_files_without_a_spreadsheet(tmp_path: Path) -> None:
    asked = ["addin", "google", "--json", "--out", str(tmp_path / "files")]
    told = json.loads(CliRunner().invoke(cli, asked, catch_exceptions=False).stdout)
    assert [Path(name).name for name in told["files"]] == ["Code.gs", "Sidebar.html", "appsscript.json"]
    assert all(Path(name).is_file() for name in told["files"])
    assert len(told["steps"]) == 6


def test_the_script_is_pushed_once_and_renewed_after_that(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls, the second time one; a script that was deleted is made anew; a refusal says what to allow."""
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path))
    book, google = world.new(), world.google
    owner = google.books[book].owner
    login = Login(Credentials(token=google.account(owner, SCOPE)), owner, "own", "client.json")  # type: ignore[no-untyped-call]
    began = len(google.calls)
    bound = bind_as(login, book, None)
    again = bind_as(login, book, None)
    assert [(call.method, call.status) for call in google.calls[began:]] == [("POST", 200), ("PUT", 200), ("PUT", 200)]
    assert (bound.renewed, again.renewed, again.script) == (False, True, bound.script)
    made = google.service.scripts[bound.script]
    assert made["project"]["parentId"] == book
    assert {file["name"]: file["type"] for file in made["files"]} == {
        "Code": "SERVER_JS", "Sidebar": "HTML", "appsscript": "JSON",
    }  # fmt: skip
    assert made["files"][0]["source"] == script_files()[0].source
    del google.service.scripts[bound.script]
    assert not bind_as(login, book, None).renewed
    google.service.scripts_off = True
    with pytest.raises(DeniedError, match="script.google.com/home/usersettings"):
        bind_as(login, world.bare, None)
    google.service.scripts_off = False

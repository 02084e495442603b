"""A process killed between its requests to Google: the next run gets everything right, and nothing is written twice."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from emulator.server import Emulator
from emulator.state import Json
from person import PersonAtGoogle
from test_untouched_path import DAY, TRACKER

from e2e.kill.lab import Lab
from e2e.kill.trial import KILLED

pytestmark = pytest.mark.slow

ROBOT = "robot@project.iam.gserviceaccount.com"
LOG = ("log", "2", "--channel", "email", "--on", DAY)
COMMANDS = pytest.mark.parametrize("command", [("sync",), LOG, ("remove",)], ids=lambda words: words[0])

Values = dict[str, dict[tuple[int, int], Json]]


class Office:
    """A Google whose spreadsheets a killable `sheetsync` reaches."""

    def __init__(self, lab: Lab, google: PersonAtGoogle, key: Path) -> None:
        self.lab = lab
        self._google = google
        self._key = key
        self.emulator: Emulator = google.emulator

    def new(self, command: tuple[str, ...]) -> str:
        """A spreadsheet on which the command is to be run; all but the first sync come to one that was synced."""
        book = self._google.make_book([TRACKER], share_with={ROBOT: "writer"})
        if command[0] != "sync":
            assert self.run(("sync",), book) == 0
        return book

    def run(self, command: tuple[str, ...], book: str, step: int = -1) -> int:
        """Its exit code, or minus the signal, killed at this piece of a request that it is about to send."""
        return self.lab.run(self._words(command, book), {}, step=step, watch=[]).status

    def pieces(self, command: tuple[str, ...], book: str) -> int:
        """How many pieces of requests an undisturbed run sends."""
        ran = self.lab.run(self._words(command, book), {}, step=-1, watch=[])
        assert ran.status == 0, ran.told
        return len(ran.steps)

    def values(self, book: str) -> Values:
        """What was entered, by sheet and place."""
        return {
            sheet.properties["title"]: {
                place: cell["userEnteredValue"] for place, cell in sheet.cells.items() if "userEnteredValue" in cell
            }
            for sheet in self.emulator.books[book].sheets
        }

    def writes(self) -> int:
        """How many writes Google has answered."""
        return [call.method for call in self.emulator.api_calls].count("POST")

    def await_writes(self, count: int) -> None:
        """Return when Google has come to the end of a write whose sender is dead."""
        end = time.monotonic() + 120
        while self.writes() < count and time.monotonic() < end:
            time.sleep(0.02)

    def _words(self, command: tuple[str, ...], book: str) -> list[str]:
        day = [] if command[0] == "remove" else ["--as-of", DAY]
        return [command[0], book, *command[1:], *day, "--service-account", str(self._key)]


@pytest.fixture
def office(lab: Lab, google: PersonAtGoogle, tmp_path: Path) -> Iterator[Office]:
    lab.environment["SHEETSYNC_GOOGLE_ENDPOINT"] = google.emulator.url
    yield Office(lab, google, google.emulator.key_file(tmp_path, ROBOT))
    del lab.environment["SHEETSYNC_GOOGLE_ENDPOINT"]


@COMMANDS
def test_killed_before_each_piece_of_a_request(command: tuple[str, ...], office: Office) -> None:
    book = office.new(command)
    before = office.values(book)
    pieces = office.pieces(command, book)
    after = office.values(book)
    assert pieces >= 4
    assert before != after

    for piece in range(pieces):
        book = office.new(command)
        assert office.run(command, book, piece) == KILLED
        assert office.values(book) in (before, after)
        if office.values(book) == before:
            assert office.run(command, book) == 0
        assert office.values(book) == after
        if command[0] != "remove":
            assert office.run(("sync",), book) == 0
            assert office.values(book) == after


@pytest.mark.skipif(sys.platform != "linux", reason="a child of another process is found on Linux only")
@COMMANDS
def test_killed_right_after_the_request_was_sent(command: tuple[str, ...], office: Office) -> None:
    book = office.new(command)
    office.run(command, book)
    after = office.values(book)

    book = office.new(command)
    office.emulator.before_write(office.lab.strike)
    writes = office.writes() + 1
    assert office.run(command, book) == KILLED
    office.await_writes(writes)
    assert office.values(book) == after, "Google carries out what reached it"
    again = ("sync",) if command[0] == "log" else command
    assert office.run(again, book) == 0
    assert office.values(book) == after
    assert office.writes() == writes, "nothing is written twice"

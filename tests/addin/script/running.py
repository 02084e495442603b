"""Running the shipped script over a spreadsheet of the emulated Google, and typing what it wrote into that."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from sheetsync.addin.google_script import script_files
from sheetsync.model import column_letter

if TYPE_CHECKING:
    from emulator.server import Emulator

HARNESS: Final = Path(__file__).with_name("apps_script.js")
Json = dict[str, Any]


@dataclass(frozen=True)
class Ran:
    """What became of the calls."""

    done: Json

    @property
    def values(self) -> list[Any]:
        """What each call gave back; none failed."""
        assert all("error" not in result for result in self.done["results"]), self.done["results"]
        return [result["value"] for result in self.done["results"]]

    @property
    def errors(self) -> list[str]:
        """The sentence of each call; all failed."""
        return [result["error"] for result in self.done["results"]]

    @property
    def writes(self) -> list[Json]:
        """Every cell that was written."""
        return list(self.done["writes"])


class Script:
    """The script in a spreadsheet, as Google answered about that."""

    def __init__(self, book: Json, code: str = "") -> None:
        self._book = book
        self._code = code or script_files()[0].source

    def __call__(self, *calls: list[Any], **state: Any) -> Ran:
        """Call functions one after another; `state`: active, busy."""
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed (Debian: apt install nodejs)")
        given = json.dumps({"code": self._code, "book": self._book, "calls": calls, **state})
        done = subprocess.run(
            [node, str(HARNESS)], input=given, capture_output=True, text=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        return Ran(json.loads(done.stdout))


def fetch(google: Emulator, book_id: str) -> Json:
    """The whole spreadsheet, as Google answers."""
    return _asked(google, book_id, "GET", "?includeGridData=true")


def type_in(google: Emulator, book_id: str, ran: Ran) -> None:
    """Let the spreadsheet have what the script wrote, as if somebody typed it."""
    for one in ran.writes:
        place = f"'{one['sheet']}'!{column_letter(one['column'])}{one['row']}".replace(" ", "%20")
        body = json.dumps({"values": [[one["value"]]]}).encode()
        _asked(google, book_id, "PUT", f"/values/{place}?valueInputOption=USER_ENTERED", body)


def _asked(google: Emulator, book_id: str, method: str, path: str, body: bytes = b"") -> Json:
    token = google.account(google.books[book_id].owner)
    headers = {"authorization": f"Bearer {token}", "host": "sheets.googleapis.com"}
    reply = google.handle(method, f"/v4/spreadsheets/{book_id}{path}", headers, body)
    assert reply.status == 200, reply.body
    found: Json = json.loads(reply.body)
    return found

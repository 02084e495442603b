"""The files of the emulated Google and who may do what to them; the Sheets and Drive methods are built on it."""

import base64
import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from emulator.accounts import DRIVE_FILE, Token
from emulator.calculation import Calculator
from emulator.discovery import Method
from emulator.errors import ApiError
from emulator.formats import DEFAULT_FORMAT, THEME
from emulator.masks import Mask
from emulator.state import Caller, Json, Sheet, Spreadsheet, new_sheet

READERS = ("owner", "writer", "commenter", "reader")
WRITERS = ("owner", "writer")


@dataclass(frozen=True)
class Asked:
    """One call that passed validation. `mask`: its `fields`, {} for none. `raw`: the body as sent."""

    method: Method
    path: dict[str, str]
    parameters: Json
    body: Json
    mask: Mask
    token: Token
    raw: bytes = b""


@dataclass
class Service:
    """The spreadsheets by id. `clock`: epoch seconds. `results`: what formulas come to that are not worked out.

    `expirations`: a right may have an end, as in organisations' accounts. `without_account`: addresses that Google does
    not know. `notified`: to whom Drive wrote that something was shared with them. `scripts`: Apps Script
    projects by id; `scripts_off`: nobody has switched their API on.
    """

    clock: Callable[[], float] = time.time
    results: dict[str, Json] = field(default_factory=dict)
    service_accounts_own: bool = False
    expirations: bool = True
    without_account: set[str] = field(default_factory=set)
    notified: list[str] = field(default_factory=list)
    books: dict[str, Spreadsheet] = field(default_factory=dict)
    made: set[tuple[str, str]] = field(default_factory=set)
    scripts: dict[str, Json] = field(default_factory=dict)
    scripts_off: bool = False
    created: int = 0

    def now(self) -> str:
        """The moment as Drive writes it, in UTC to the millisecond."""
        moment = dt.datetime.fromtimestamp(self.clock(), dt.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def calculator(self, book: Spreadsheet) -> Calculator:
        """The formulas' results at this moment in the spreadsheet's own time zone."""
        zone = ZoneInfo(book.properties["timeZone"])
        return Calculator(book, dt.datetime.fromtimestamp(self.clock(), zone).replace(tzinfo=None), self.results)

    def fresh_file_id(self) -> str:
        """An id as Google's: 44 letters, digits, dashes and underscores."""
        self.created += 1
        digest = hashlib.sha256(f"spreadsheet {self.created}".encode()).digest()
        return "1" + base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def new_book(
        self,
        title: str,
        owner: str,
        *,
        locale: str = "en_US",
        time_zone: str = "Etc/GMT",
        sheets: list[Sheet] | None = None,
    ) -> Spreadsheet:
        """A new spreadsheet in somebody's Drive, with one empty sheet unless others are given."""
        now = self.now()
        book = Spreadsheet(
            id=self.fresh_file_id(),
            properties={
                "title": title,
                "locale": locale,
                "autoRecalc": "ON_CHANGE",
                "timeZone": time_zone,
                "defaultFormat": DEFAULT_FORMAT,
                "spreadsheetTheme": THEME,
            },
            sheets=sheets or [new_sheet(0, "Sheet1", 0)],
            owner=owner,
            permissions={owner: "owner"},
            last_id=100_000 * self.created,
            drive={"name": title, "createdTime": now, "modifiedTime": now, "version": 1, "trashed": False},
        )
        self.books[book.id] = book
        return book

    def role(self, book: Spreadsheet, email: str) -> str:
        """What the person may do: a role, or "" for nothing."""
        ends = book.expirations.get(email, "")
        own = "" if ends and ends <= self.now() else book.permissions.get(email, "")
        return own or book.permissions.get("anyone", "")

    def find(self, asked: Asked, file_id: str, allowed: tuple[str, ...]) -> tuple[Spreadsheet, Caller]:
        """The spreadsheet and the caller's role on it. Raises ApiError 404 or 403 in the API's own words."""
        drive = asked.method.document == "drive.v3"
        book = self.books.get(file_id)
        role = self.role(book, asked.token.email) if book else ""
        if book and role and self._only_own_files(asked) and (asked.token.email, file_id) not in self.made:
            role = ""
        if book is None or (drive and not role):
            if drive:
                raise ApiError(404, "NOT_FOUND", f"File not found: {file_id}.", drive="notFound")
            raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
        if role not in allowed:
            if drive:
                message = "The user does not have sufficient permissions for this file."
                raise ApiError(403, "PERMISSION_DENIED", message, drive="insufficientFilePermissions")
            raise ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")
        return book, Caller(asked.token.email, role)

    def _only_own_files(self, asked: Asked) -> bool:
        """Whether all that the token may use for this method is `drive.file`: files made or picked with the program."""
        return asked.token.scopes is not None and asked.token.scopes & set(asked.method.scopes) == {DRIVE_FILE}

    def commit(self, book: Spreadsheet) -> None:
        """Puts a changed copy in the place of the spreadsheet: all of a call's changes at once."""
        book.drive = book.drive | {
            "name": book.properties["title"],
            "modifiedTime": self.now(),
            "version": book.drive["version"] + 1,
        }
        self.books[book.id] = book


Handler = Callable[[Service, Asked], Any]
"""Answers one call: a message, text or bytes for a download, None for an empty answer."""

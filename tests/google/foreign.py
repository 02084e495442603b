"""Libraries of others at the emulator's desk: real gspread, with a real service-account login, sent to loopback."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import gspread
import requests
from emulator.server import Emulator
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

ROBOT = "robot@project.iam.gserviceaccount.com"
PERSON = "person@example.com"
SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")


class Loopback(HTTPAdapter):
    """Sends what is meant for Google to the emulator."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        assert request.url
        split = urlsplit(request.url)
        here = urlsplit(self._url)
        request.url = urlunsplit((here.scheme, here.netloc, split.path, split.query, split.fragment))
        return super().send(request, *args, **kwargs)


@dataclass
class Desk:
    """A robot that signed in with its key, and the person's spreadsheet that is shared with it."""

    emulator: Emulator
    client: gspread.Client
    book: gspread.Spreadsheet

    @property
    def sheet(self) -> gspread.Worksheet:
        return self.book.sheet1

    def grid(self, fields: str, *, ranges: str = "") -> Any:
        """The first sheet's grid as `spreadsheets.get` shows these fields of it."""
        parameters: Any = {"fields": f"sheets.data.{fields}"} | ({"ranges": ranges} if ranges else {})
        [data] = self.book.fetch_sheet_metadata(parameters)["sheets"][0]["data"]
        return data


Check = Callable[[Desk], None]
"""Something a foreign client does and expects; raises if the emulator behaves in another way than Google."""


@contextmanager
def client_of(emulator: Emulator, email: str, folder: Path) -> Iterator[gspread.Client]:
    """gspread, signed in as that service account by a key that the emulator's token endpoint checks."""
    key = emulator.key_file(folder, email)
    credentials: Any = Credentials.from_service_account_file(str(key), scopes=SCOPES)  # type: ignore[no-untyped-call]
    with requests.Session() as sign_in:
        sign_in.mount("https://", Loopback(emulator.url))
        session = AuthorizedSession(credentials, auth_request=Request(session=sign_in))  # type: ignore[no-untyped-call]
        session.mount("https://", Loopback(emulator.url))
        try:
            yield gspread.Client(auth=credentials, session=session)
        finally:
            session.close()  # type: ignore[no-untyped-call]


@contextmanager
def desk(*, role: str = "writer") -> Iterator[Desk]:
    """A fresh emulator with a client at it, and one empty spreadsheet shared in that role."""
    with Emulator(service_accounts_own=True) as emulator, tempfile.TemporaryDirectory() as folder:
        book_id = emulator.new_spreadsheet("My search", owner=PERSON)
        emulator.share(book_id, ROBOT, role)
        with client_of(emulator, ROBOT, Path(folder)) as client:
            yield Desk(emulator, client, client.open_by_key(book_id))

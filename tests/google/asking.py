"""Plain calls to the emulator, without a client library and without a socket."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from emulator import Emulator
from emulator.server import Answer

OWNER = "person@example.com"


@dataclass(frozen=True)
class Desk:
    """An emulator, one spreadsheet in it, and the token of whoever calls."""

    google: Emulator
    book: str
    token: str

    def raw(self, http: str, path: str, body: Any = None, host: str = "", **query: Any) -> Answer:
        """The answer as bytes; `path` is below the host, `{book}` in it is the spreadsheet."""
        headers = {"authorization": f"Bearer {self.token}", "host": host}
        target = path.format(book=self.book) + (f"?{urlencode(query, doseq=True)}" if query else "")
        return self.google.handle(http, target, headers, b"" if body is None else json.dumps(body).encode())

    def ask(self, http: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """Status and parsed answer."""
        answer = self.raw(http, path, body, **query)
        return answer.status, json.loads(answer.body) if answer.body else None

    def got(self, http: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer of a call that must succeed."""
        status, answer = self.ask(http, path, body, **query)
        assert status in (200, 204), answer
        return answer

    def refused(self, http: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """Status and message of a call that must not succeed."""
        status, answer = self.ask(http, path, body, **query)
        assert status >= 400, answer
        return status, answer["error"]["message"]

    def write(self, area: str, values: list[list[Any]], option: str = "USER_ENTERED") -> Any:
        """`values.update`."""
        return self.got(
            "PUT", f"/v4/spreadsheets/{{book}}/values/{quote(area)}", {"values": values}, valueInputOption=option
        )

    def read(self, area: str, render: str = "FORMATTED_VALUE", **query: Any) -> list[list[Any]]:
        """The values of `values.get`."""
        path = f"/v4/spreadsheets/{{book}}/values/{quote(area)}"
        found: list[list[Any]] = self.got("GET", path, valueRenderOption=render, **query).get("values", [])
        return found

    def batch(self, *requests: Any, **body: Any) -> Any:
        """`spreadsheets.batchUpdate`."""
        return self.got("POST", "/v4/spreadsheets/{book}:batchUpdate", {"requests": list(requests), **body})

    def as_somebody(self, email: str, role: str = "", *scopes: str) -> "Desk":
        """The same spreadsheet for another account, which is given that role."""
        self.google.share(self.book, email, role)
        return Desk(self.google, self.book, self.google.account(email, *scopes))


def sit_down(google: Emulator | None = None) -> Desk:
    """A person at an empty spreadsheet of their own."""
    google = google or Emulator()
    return Desk(google, google.new_spreadsheet("Mine", owner=OWNER), google.account(OWNER))

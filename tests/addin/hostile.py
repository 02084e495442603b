"""Requests that somebody hostile would send. Each is one that the page itself sends, altered in one thing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from serving import GET, Door

TODAY: Final = "/api/today"
ROW: Final = "/api/row"
LOG: Final = "/api/log"


@dataclass(frozen=True)
class Hostile:
    """A request, what it is answered, and how it is made for a server."""

    what: str
    status: int
    made: Callable[[Door], bytes]
    group: str


def _body(target: str, /, **body: Any) -> Callable[[Door], bytes]:
    return _raw(target, json.dumps(body).encode())


def _raw(target: str, body: bytes) -> Callable[[Door], bytes]:
    return lambda door: door.request(target, body)


def _with(
    target: str = TODAY,
    body: bytes = b"{}",
    /,
    *,
    method: str = "POST",
    version: str = "HTTP/1.1",
    **headers: str | None,
) -> Callable[[Door], bytes]:
    """A call with other headers, whose values may name the server's {port} and {token}."""

    def made(door: Door) -> bytes:
        filled = {
            name: value.format(port=door.port, token=door.token) if isinstance(value, str) else value
            for name, value in headers.items()
        }
        return door.request(target, body, filled, method=method, version=version)

    return made


def _added(line: str, *, last: bool = False) -> Callable[[Door], bytes]:
    """A call with a further line in its head, before the others or after them."""

    def made(door: Door) -> bytes:
        more = line.format(port=door.port, token=door.token).encode("latin-1")
        first, _, rest = door.request(TODAY, b"{}").partition(b"\r\n")
        head, _, body = rest.partition(b"\r\n\r\n")
        return b"\r\n".join([first, *((head, more) if last else (more, head)), b"", body])

    return made


def _get(target: str, **headers: str | None) -> Callable[[Door], bytes]:
    return lambda door: door.request(target, headers={**GET, **headers}, method="GET")


_TEXT: Final = {"row": 4, "channel": "email", "on": "2026-11-16", "received": False}
_FORM: Final = "application/x-www-form-urlencoded"

_GROUPS: Final[dict[str, list[tuple[str, int, Callable[[Door], bytes]]]]] = {
    "Another name for this computer": [
        ("Host: a name that was pointed at 127.0.0.1 (rebinding)", 403, _with(Host="evil.example:{port}")),
        ("Host: localhost", 403, _with(Host="localhost:{port}")),
        ("Host with a dot at its end", 403, _with(Host="127.0.0.1.:{port}")),
        ("Host without the port", 403, _with(Host="127.0.0.1")),
        ("Host with another port", 403, _with(Host="127.0.0.1:1")),
        ("Host of IPv6", 403, _with(Host="[::1]:{port}")),
        ("Host as a number", 403, _with(Host="2130706433:{port}")),
        ("two Hosts", 400, _added("Host: evil.example")),
        ("no Host, HTTP/1.1", 400, _with(Host=None)),
        ("no Host, HTTP/1.0", 403, _with(Host=None, version="HTTP/1.0")),
        ("the page under a foreign name", 403, _get("/", Host="evil.example")),
        ("a whole address instead of a path", 404, lambda door: door.request("http://evil.example/api/today", b"{}", method="GET")),
    ],
    "A foreign page in the same browser": [
        ("Origin: a foreign page", 403, _with(Origin="https://evil.example")),
        ("Origin: null (a sandboxed frame, a file)", 403, _with(Origin="null")),
        ("no Origin", 403, _with(Origin=None)),
        ("Origin: localhost instead of the number", 403, _with(Origin="http://localhost:{port}")),
        ("Origin: another port of this computer", 403, _with(Origin="http://127.0.0.1:1")),
        ("Origin that only begins like ours", 403, _with(Origin="http://127.0.0.1:{port}.evil.example")),
        ("Origin with https", 403, _with(Origin="https://127.0.0.1:{port}")),
        ("two Origins", 403, _added("Origin: https://evil.example")),
        ("two Origins, ours first", 403, _added("Origin: https://evil.example", last=True)),
        ("Sec-Fetch-Site: cross-site", 403, _with(Sec_Fetch_Site="cross-site")),
        ("Sec-Fetch-Site: same-site", 403, _with(Sec_Fetch_Site="same-site")),
        ("Sec-Fetch-Site: none (an address that was typed)", 403, _with(Sec_Fetch_Site="none")),
        ("a form", 415, _with(TODAY, b"row=4", Content_Type=_FORM)),
        ("a form that looks like JSON (text/plain)", 415, _with(Content_Type="text/plain")),
        ("a form with files", 415, _with(Content_Type="multipart/form-data; boundary=x")),
        ("no Content-Type", 415, _with(Content_Type=None)),
        ("the question before a foreign call (OPTIONS)", 405, _with(method="OPTIONS", Origin="https://evil.example", Access_Control_Request_Method="POST")),
        ("the same for the page's own file", 405, _with("/", b"", method="OPTIONS")),
        ("a picture that is a call (GET)", 405, _get(TODAY, Sec_Fetch_Site="cross-site")),
        ("PUT", 405, _with(method="PUT")),
        ("HEAD", 405, _with(method="HEAD")),
        ("a script of ours in a foreign page", 403, _get("/index.html", Sec_Fetch_Site="cross-site")),
        ("a WebSocket", 405, _get(TODAY, Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")),
    ],
    "Without the token": [
        ("no token", 401, _with(X_Sheetsync_Token=None)),
        ("an empty token", 401, _with(X_Sheetsync_Token="")),
        ("a wrong token", 401, _with(X_Sheetsync_Token="A" * 43)),
        ("half of the token", 401, lambda door: door.request(TODAY, b"{}", {"X_Sheetsync_Token": door.token[:20]})),
        ("the token and more", 401, _with(X_Sheetsync_Token="{token}A")),  # noqa: S106
        ("the token in the address", 401, lambda door: door.request(f"{TODAY}?token={door.token}", b"{}", {"X_Sheetsync_Token": None})),
        ("the token as a cookie", 401, _with(X_Sheetsync_Token=None, Cookie="token={token}")),
        ("two tokens", 401, _added("X-Sheetsync-Token: A")),
        ("two tokens, ours first", 401, _added("X-Sheetsync-Token: A", last=True)),
        ("an unknown call, to learn which there are", 401, _with("/api/files", X_Sheetsync_Token=None)),
    ],
    "Too much, or never ending": [
        ("a body of 100 MB, announced", 413, lambda door: door.request(TODAY, b"", {"Content_Length": "100000000"})),
        ("a body without an end (chunked)", 411, _with(TODAY, b"5\r\n{    \r\n", Content_Length=None, Transfer_Encoding="chunked")),
        ("chunked and with a length (smuggling)", 411, _with(Transfer_Encoding="chunked")),
        ("no length", 411, _with(TODAY, b"", Content_Length=None)),
        ("two lengths", 400, _added("Content-Length: 3")),
        ("a negative length", 400, _with(Content_Length="-1")),
        ("JSON, 20,000 deep", 400, _raw(TODAY, b"[" * 20_000 + b"]" * 20_000)),
        ("a note of 10,000 letters", 400, _body(LOG, **_TEXT, note="A" * 10_000)),
    ],
    "What is in the body": [
        ("a path", 400, _body(TODAY, path="/etc/passwd")),
        ("another tracker", 400, _body(TODAY, target="/home/ann/other.xlsx")),
        ("a workbook, which only the pane sends", 400, _body(TODAY, book={})),
        ("a formula in a value: written as text", 200, _body(LOG, **_TEXT, note='=HYPERLINK("http://evil.example";"a")')),
        ("a row of text", 400, _body(ROW, row="4")),
        ("a row that is true", 400, _body(ROW, row=True)),
        ("row 0", 400, _body(ROW, row=0)),
        ("a row beyond the sheet", 400, _body(ROW, row=2**31)),
        ("half a row", 400, _body(ROW, row=4.5)),
        ("a row that is no thread", 400, _body(ROW, row=1)),
        ("no row", 400, _body(ROW)),
        ("a field twice", 400, _raw(ROW, b'{"row": 4, "row": 5}')),
        ("NaN", 400, _raw(ROW, b'{"row": NaN}')),
        ("a number that is infinite", 400, _raw(ROW, b'{"row": 1e999}')),
        ("a number of 5,000 digits", 400, _raw(ROW, b'{"row": ' + b"9" * 5000 + b"}")),
        ("a list", 400, _raw(TODAY, b"[]")),
        ("no JSON", 400, _raw(TODAY, b"row=4")),
        ("text that is no UTF-8", 400, _raw(TODAY, b'{"\xff": 1}')),
        ("a character that no file can hold", 400, _raw(LOG, b'{"row": 4, "note": "a\\u0000b"}')),
        ("half a character", 400, _raw(LOG, b'{"row": 4, "note": "\\ud83d"}')),
        ("a line break in a name", 400, _body(LOG, **_TEXT, person="Ann\nBay")),
        ("a day that does not exist", 400, _body(LOG, row=4, on="2026-02-30")),
        ("a day that is still to come", 400, _body(LOG, row=4, on="2999-01-01")),
        ("a day that no spreadsheet knows", 400, _body(LOG, row=4, on="0226-11-16")),
    ],
    "Files": [
        ("../ in a path", 404, _get("/../../../../etc/passwd")),
        ("../ in a path, encoded", 404, _get("/%2e%2e/%2e%2e/%2e%2e/etc/passwd")),
        ("..\\ in a path", 404, _get("/..%5c..%5cpyproject.toml")),
        ("a path with a NUL", 404, _get("/index.html%00.js")),
        ("the tracker itself", 404, _get("/tracker.xlsx")),
        ("a file with POST", 405, lambda door: door.request("/index.html", b"{}")),
        ("a call that does not exist", 404, _with("/api/files")),
        ("a call within a call", 404, _with("/api/today/../undo")),
    ],
    "No HTTP": [
        ("a line break smuggled into a header", 400, _added("X-A: 1\rX-Sheetsync-Token: 2")),
        ("a folded header", 400, _added("X A: 1")),
        ("a TLS greeting", 400, lambda _door: b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n"),
        ("nonsense", 400, lambda _door: b"\x00\x01\x02\r\n\r\n"),
    ],
}  # fmt: skip

TABLE: Final = tuple(
    Hostile(what, status, made, group) for group, rows in _GROUPS.items() for what, status, made in rows
)

GROUPS_BELOW: Final = {
    "Codes and tokens, and what takes time": {
        "the link a second time": "401, and a new link in the terminal",
        "the link after ten minutes": "401, and a new link in the terminal",
        "six digits, guessed": "401; the fifth time 429, a new code, and a pause of 30 seconds, then 60, 120, ... an hour",
        "the right code from a foreign page": "403",
        "a token of an earlier run": "401",
        "a token after twelve hours": "401",
        "a head of 1 MB": "400, or closed before it is read to its end",
        "a head that does not end (slow loris)": "closed after 10 seconds",
        "a body that does not end": "408 after 10 seconds",
        "the page in a frame of a foreign page": "200, and the browser shows nothing (`frame-ancestors 'none'`)",
    }
}
"""What has a test of its own, and its answer."""

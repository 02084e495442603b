"""The page's own small server: on this computer only, for one person, one question at a time.

It gives the files of the page, and answers calls (POST, JSON, `/api/NAME`) as `asking` reads them. Every answer carries
the same strict headers. Nothing is logged: neither a cell nor a token, nor who asked.
"""

from __future__ import annotations

import asyncio
import mimetypes
import os
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from sheetsync.addin.addresses import PANE_PORT
from sheetsync.addin.asking import NAMES, Asking, parse, read
from sheetsync.addin.security import ICONS, Policy, Refusal, Sessions, refuse_call, refuse_file
from sheetsync.errors import FileError, SheetsyncError, UsageError, on_a_page
from sheetsync.resources import templates

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sheetsync.addin.pairing import Pairing

LARGEST_CALL: Final = 512 * 1024
"""Bytes of a call from a browser tab: it names a thread by three cells, of 32,767 letters at most."""
PATIENCE: Final = 10.0
"""Seconds for a request's head to arrive, and between two parts of its body."""
_MOST_CONNECTIONS: Final = 64
_LONGEST_HEAD: Final = 16 * 1024
_API: Final = "/api/"
_BUG_EXIT: Final = 70
_STATUS: Final[Mapping[int, int]] = {2: 400, 3: 422, 4: 422, 5: 409, 6: 502, 7: 409}
"""The exit code that a command would have -> the status of an answer."""
_TYPES: Final[Mapping[str, str]] = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}
"""Said here, because a registry of Windows may know others."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page, as it is sent."""

    content: bytes
    media_type: str


def page_files() -> dict[str, PageFile]:
    """Every path that is served -> its file; there are no others, so that no path can lead elsewhere."""
    home = templates() / "addin"
    found = {f"/{path.relative_to(home / 'page').as_posix()}": path for path in (home / "page").rglob("*")}
    found |= {f"{ICONS}{path.name}": path for path in (home / "excel" / "icons").glob("*")}
    files = {name: PageFile(path.read_bytes(), _media_type(path)) for name, path in found.items() if path.is_file()}
    if "/index.html" in files:
        files["/"] = files["/index.html"]
    return files


@dataclass(slots=True)
class App:
    """The page and its calls, as an ASGI application."""

    policy: Policy
    answer: Callable[[Asking], dict[str, Any]]
    """Answers what is asked; may take its time and raise SheetsyncError."""
    pairing: Pairing
    sessions: Sessions
    files: Mapping[str, PageFile] = field(default_factory=page_files)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the one handler at this edge
            response = _failure(error)
        for name, value in self.policy.headers(request.scope["path"]):
            response.headers[name] = value
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        path: str = request.scope["path"]  # not `request.url`, which is made from the Host header
        if not path.startswith(_API):
            return self._file(request, path)
        head = request.headers.raw
        name = path.removeprefix(_API)
        known = None if name == "pair" else self.sessions.knows
        if refusal := refuse_call(self.policy, request.method, head, known=known):
            return _refused(refusal)
        if name not in NAMES:
            return _refused(Refusal(404, "There is no such call."))
        body = await _body(request, self.policy.largest)
        if isinstance(body, Refusal):
            return _refused(body)
        if name == "pair":
            return self._pair(read(name, parse(body)))
        async with self._turn:
            return JSONResponse(await asyncio.to_thread(self._work, name, body))

    def _work(self, name: str, body: bytes) -> dict[str, Any]:
        return self.answer(read(name, parse(body), with_book=self.policy.pane))

    def _pair(self, asking: Asking) -> Response:
        if refusal := self.pairing.redeem(asking.code):
            return _refused(refusal)
        return JSONResponse({"token": self.sessions.issue(), "kind": "pane" if self.policy.pane else "tab"})

    def _file(self, request: Request, path: str) -> Response:
        if refusal := refuse_file(self.policy, request.method, path, request.headers.raw):
            return _refused(refusal)
        file = self.files.get(path)
        if file is None:
            return _refused(Refusal(404, "There is no such file."))
        return Response(file.content, media_type=file.media_type)


async def _body(request: Request, largest: int) -> bytes | Refusal:
    """A call's body, unless it is slow or too long."""
    parts: list[bytes] = []
    size = 0
    stream = request.stream()
    try:
        while True:
            async with asyncio.timeout(PATIENCE):
                part = await anext(stream, None)
            if part is None:
                return b"".join(parts)
            size += len(part)
            if size > largest:
                return Refusal(413, f"A call may have {largest:,} bytes.")
            parts.append(part)
    except TimeoutError:
        return Refusal(408, "The call did not arrive in time.")


def _refused(refusal: Refusal) -> Response:
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    if refusal.status == 405:
        headers["Allow"] = "POST" if "POST" in refusal.sentence else "GET"
    # the rest of a body that nobody reads must not be taken for the next request
    headers["Connection"] = "close"
    return JSONResponse({"error": refusal.sentence, "code": UsageError.exit_code}, refusal.status, headers)


def _failure(error: Exception) -> Response:
    """The sentence for whatever stopped a call; a traceback goes to the terminal, and only if it was asked for."""
    match error:
        case SheetsyncError():
            sentence, code = on_a_page(str(error)), error.exit_code
        case MemoryError():
            sentence, code = (
                "There is not enough memory for this: close other programs and do it again.",
                FileError.exit_code,
            )
        case OSError():
            sentence, code = f"The system refused it: {error.strerror or error}.", FileError.exit_code
        case _:
            sentence = (
                f"This is a mistake in sheetsync, not yours ({type(error).__name__}): please report it with what "
                "SHEETSYNC_DEBUG=1 in the environment of `sheetsync serve` adds."
            )
            code = _BUG_EXIT
            if os.environ.get("SHEETSYNC_DEBUG") == "1":
                traceback.print_exception(error, file=sys.stderr)
    return JSONResponse({"error": sentence, "code": code}, _STATUS.get(code, 500))


def _media_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


class _Impatient(H11Protocol):
    """Closes a connection whose first request does not arrive; uvicorn itself only minds the ones after it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        super().connection_made(transport)
        self.loop.call_later(PATIENCE, self._hurry)

    def _hurry(self) -> None:
        if getattr(self, "cycle", None) is None and not self.transport.is_closing():
            self.transport.close()


def listen(port: int, *, others: bool) -> socket.socket:
    """A socket at a port of this computer, which nobody else can reach; with `others` at the next free one.

    Raises OSError if there is none.
    """
    # the pane's own port is left to it
    nearby = [each for each in range(port + 1, min(port + 20, 65536)) if each != PANE_PORT]
    wanted = [port, *nearby, 0] if others else [port]
    for each in wanted:
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform == "win32":
                found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                # a server that ended a minute ago still holds its port; a running one is noticed all the same
                found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(("127.0.0.1", each))
            found.listen(128)
        except OSError:
            found.close()
            if each == wanted[-1]:
                raise
        else:
            return found
    raise AssertionError("the last port raised")


def server(app: App, *, certificate: tuple[Path, Path] | None = None) -> uvicorn.Server:
    """What answers for a page; with a certificate (chain, key) over TLS."""
    chain, key = certificate or (None, None)
    config = uvicorn.Config(
        app,
        http=_Impatient,
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=10,
        ssl_certfile=chain,
        ssl_keyfile=key,
    )
    return uvicorn.Server(config)


def serve(app: App, at: socket.socket, *, certificate: tuple[Path, Path] | None = None) -> None:
    """Answer until Control-C; what is being written then is finished. Raises KeyboardInterrupt, or returns."""
    try:
        server(app, certificate=certificate).run(sockets=[at])
    finally:
        at.close()

"""The emulator as a server on the loopback address, and what a test may do with it behind the API's back."""

import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from emulator import drive, scripts, sheets_methods, updates
from emulator.accounts import Accounts, RefusedGrantError, Token
from emulator.discovery import Method, answer, check_mask, parameters, request_body, route
from emulator.errors import ApiError, invalid, unmodelled
from emulator.faults import Fault, Faults, Quotas
from emulator.masks import parse_mask, select
from emulator.service import Asked, Handler, Service
from emulator.state import Caller, Json, Sheet, Spreadsheet

HANDLERS: dict[str, Handler] = {**sheets_methods.HANDLERS, **drive.HANDLERS, **scripts.HANDLERS}
CSV_UPLOAD = "/upload/drive/v2/files/"
TOKEN_PATHS = ("/token", "/oauth2/v4/token", "/o/oauth2/token")
JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True)
class Call:
    """One request in the log. `path` is as sent, `body` parsed if it was JSON; `size` in bytes of the request's body."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    status: int
    size: int
    account: str
    headers: dict[str, str]

    @property
    def api(self) -> bool:
        """Whether it went to the Sheets or Drive API, not to the token endpoint."""
        return self.path.startswith(("/v4/", "/drive/", "/upload/", "/v1/"))


@dataclass(frozen=True)
class Answer:
    """What goes back; `reset`: nothing does, the connection is closed."""

    status: int
    body: bytes = b""
    kind: str = JSON_TYPE
    retry_after: str = ""
    reset: bool = False


def _json(status: int, message: Any) -> Answer:
    return Answer(status, json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())


class Emulator:
    """Google Sheets and Drive for tests: `with Emulator() as google:` listens on `google.url`.

    `quotas`: Google's limits a minute are enforced. `payload_limit`: bytes a request may have. `clock`: epoch seconds,
    for TODAY() and the files' times. `results`: formula -> ExtendedValue for formulas that are not worked out (`*`: all
    of them). `service_accounts_own`: service accounts may own files, as they could when the recordings were made.
    """

    def __init__(
        self,
        *,
        quotas: Quotas | None = None,
        payload_limit: int | None = None,
        clock: Callable[[], float] = time.time,
        results: dict[str, Json] | None = None,
        service_accounts_own: bool = False,
    ) -> None:
        self.service = Service(clock=clock, results=results or {}, service_accounts_own=service_accounts_own)
        self.accounts = Accounts()
        self.faults = Faults()
        self.quotas = quotas
        self.payload_limit = payload_limit
        self.calls: list[Call] = []
        self.lock = threading.RLock()
        self._hook: Callable[[], None] | None = None
        self._hook_armed = False
        self._server: ThreadingHTTPServer | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.emulator = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    # what a test does behind the API's back

    @property
    def books(self) -> dict[str, Spreadsheet]:
        """The spreadsheets by id; a write through the API puts a new object in its place."""
        return self.service.books

    @property
    def api_calls(self) -> list[Call]:
        """The calls of the Sheets and Drive API, without those for tokens."""
        return [call for call in self.calls if call.api]

    def new_spreadsheet(
        self,
        title: str,
        *,
        owner: str = "person@example.com",
        locale: str = "en_US",
        time_zone: str = "Etc/GMT",
        sheets: list[Sheet] | None = None,
    ) -> str:
        """A spreadsheet in the owner's Drive; its id."""
        with self.lock:
            return self.service.new_book(title, owner, locale=locale, time_zone=time_zone, sheets=sheets).id

    def account(self, email: str, *scopes: str) -> str:
        """An access token for that account, for every scope unless some are given."""
        with self.lock:
            return self.accounts.token(email, frozenset(scopes) if scopes else None)

    def key_file(self, folder: Path, email: str) -> Path:
        """A service account's JSON key whose `token_uri` is this server."""
        with self.lock:
            return self.accounts.key_file(folder, email, f"{self.url}/token")

    def share(self, book_id: str, email: str, role: str) -> None:
        """Gives the person a role on the spreadsheet; "" takes it away, "anyone" is everybody with the link."""
        with self.lock:
            book = self.books[book_id]
            rest = {name: held for name, held in book.permissions.items() if name != email}
            book.permissions = rest | ({email: role} if role else {})

    def edit(self, book_id: str, requests: list[Json], email: str = "") -> list[Json]:
        """Somebody's edit in the browser, the owner's unless an e-mail address is given; the replies."""
        with self.lock:
            book = self.books[book_id].copy()
            email = email or book.owner
            replies = updates.apply_requests(book, requests, Caller(email, self.service.role(book, email)))
            self.service.commit(book)
            return replies

    def before_write(self, hook: Callable[[], None]) -> None:
        """Calls the hook once: between the next read and the write that follows it."""
        with self.lock:
            self._hook, self._hook_armed = hook, False

    @contextmanager
    def broken(self, **fault: Any) -> Iterator[Fault]:
        """A fault for as long as the block runs."""
        added = self.faults.add(Fault(times=None, **fault))
        try:
            yield added
        finally:
            self.faults.remove(added)

    # one call

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to one HTTP request; needs no socket. `target` is path and query, header names are in lower case.

        A `host` of Google's (`sheets.googleapis.com` ...) limits the routes to that API; any other host has them all.
        """
        split = urlsplit(target)
        with self.lock:
            fault = self.faults.take(method, split.path)
        if fault and fault.delay and not fault.after_commit:
            time.sleep(fault.delay)
        with self.lock:
            if fault and not fault.after_commit and (fault.status or fault.reset):
                account, reply = "", _faulty(fault)
            else:
                account, reply = self._answer(method, target, headers, body)
                if fault and fault.after_commit:
                    reply = _faulty(fault) if fault.status or fault.reset else reply
            self._log(method, target, headers, body, account=account, status=0 if reply.reset else reply.status)
        if fault and fault.delay and fault.after_commit:
            time.sleep(fault.delay)
        return reply

    def _log(
        self, method: str, target: str, headers: dict[str, str], body: bytes, *, account: str, status: int
    ) -> None:
        split = urlsplit(target)
        try:
            parsed = json.loads(body) if body else None
        except ValueError:
            parsed = body.decode(errors="replace")
        if split.path in TOKEN_PATHS:
            parsed = None
        shown = {name: value for name, value in headers.items() if name != "authorization"}
        query = parse_qs(split.query, keep_blank_values=True)
        self.calls.append(Call(method, split.path, query, parsed, status, len(body), account, shown))

    def _answer(self, http: str, target: str, headers: dict[str, str], body: bytes) -> tuple[str, Answer]:
        split = urlsplit(target)
        account = ""
        try:
            if split.path in TOKEN_PATHS:
                return "", self._token(http, body)
            if split.path == "/revoke":
                return "", _json(200, {})
            token = self.accounts.who(headers.get("authorization", ""))
            account = token.email
            host = headers.get("host", "").partition(":")[0]
            return account, self._call(http, target, host, token, body)
        except ApiError as error:
            return account, _json(error.status, error.body())
        except RefusedGrantError as error:
            return "", _json(error.status, error.body)
        except Exception:  # noqa: BLE001 - a defect of the emulator must reach the test's output, not close the socket
            return account, _json(501, {"error": {"code": 501, "message": traceback.format_exc(), "status": "DEFECT"}})

    def _token(self, http: str, body: bytes) -> Answer:
        if http != "POST":
            raise ApiError(404, "NOT_FOUND", "The requested URL was not found on this server.")
        return _json(200, self.accounts.grant(dict(parse_qsl(body.decode())), f"{self.url}/token"))

    def _call(self, http: str, target: str, host: str, token: Token, body: bytes) -> Answer:
        split = urlsplit(target)
        if self.payload_limit is not None and len(body) > self.payload_limit:
            raise ApiError(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit.")
        if http == "PUT" and split.path.startswith(CSV_UPLOAD):
            method, path = _upload_method(), {"fileId": split.path.removeprefix(CSV_UPLOAD)}
            asked = Asked(method, path, {}, {}, {}, token, body)
            return _json(200, drive.import_csv(self.service, asked))
        method, path = route(http, split.path, host)
        write = http != "GET" and not method.id.endswith(("search", "ByDataFilter"))
        if method.document == "sheets.v4" and self.quotas:
            self.quotas.charge("Write" if write else "Read", token.email)
        if token.scopes is not None and method.scopes and not token.scopes & set(method.scopes):
            raise _insufficient_scopes(method)
        handler = HANDLERS.get(method.id)
        if handler is None:
            raise unmodelled(f"the method {method.id}")
        query = parameters(method, parse_qs(split.query, keep_blank_values=True))
        mask = parse_mask(query["fields"]) if query.get("fields") else {}
        check_mask(method, mask)
        asked = Asked(method, path, query, request_body(method, _parsed(body)), mask, token, body)
        self._someone_edits(write=write)
        message = handler(self.service, asked)
        if message is None:
            return Answer(204)
        if isinstance(message, str):
            return Answer(200, message.encode(), kind="text/csv")
        shown = answer(method, message)
        return _json(200, shown if method.id in sheets_methods.MASKED else select(mask, shown))

    def _someone_edits(self, *, write: bool) -> None:
        if self._hook and not write:
            self._hook_armed = True
        elif self._hook and self._hook_armed:
            hook, self._hook = self._hook, None
            hook()


def _upload_method() -> Method:
    """Drive v2's upload has no discovery document here: the permissions are those of Drive v3's update."""
    method, _ = route("PATCH", "/drive/v3/files/x", "")
    return replace(method, id="drive.v2.files.update")


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise invalid("Invalid JSON payload received. Unexpected token.") from error


def _faulty(fault: Fault) -> Answer:
    if fault.reset:
        return Answer(0, reset=True)
    if fault.not_json:
        return Answer(fault.status, b"<html><title>Error</title></html>", "text/html", fault.retry_after)
    return replace(_json(fault.status, fault.error().body()), retry_after=fault.retry_after)


def _insufficient_scopes(method: Method) -> ApiError:
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
        "metadata": {"method": method.id},
    }
    return ApiError(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", details=[detail])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    emulator: Emulator


class _Handler(BaseHTTPRequestHandler):
    """HTTP around `Emulator.handle`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.emulator.handle(self.command, self.path, headers, body)
        if reply.reset:
            self.close_connection = True
            return
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            if reply.retry_after:
                self.send_header("Retry-After", reply.retry_after)
            self.end_headers()
            self.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller gave up waiting, as a test of time-outs wants

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        """Says nothing: the calls are in `Emulator.calls`."""

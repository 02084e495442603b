"""A server that answers what a test wrote down, one answer a request: for bodies that the emulator never gives."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from emulator.accounts import Accounts

TOKEN = "ya29.a-made-up-access-token"  # noqa: S105 - made up, and looked for in everything that is said


@dataclass(frozen=True)
class Said:
    """One answer. `body` is sent as JSON unless it is a str."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Scripted:
    """Answers in order; `grants` are those of `/token`, of which there is always one more that is fine."""

    def __init__(self, *answers: Said, grants: tuple[Said, ...] = ()) -> None:
        self._answers = list(answers)
        self._grants = list(grants)
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []
        self.url = ""

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.script = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def key_file(self, folder: Path) -> Path:
        """A made-up service account's key that signs in here."""
        return Accounts().key_file(folder, "robot@project.iam.gserviceaccount.com", f"{self.url}/token")

    def next(self, method: str, path: str, headers: Mapping[str, str]) -> Said:
        self.asked.append((method, path, headers))
        if path == "/token":
            fine = Said(200, {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})
            return self._grants.pop(0) if self._grants else fine
        return self._answers.pop(0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    script: Scripted


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        said = self.server.script.next(
            self.command, self.path, {name.lower(): value for name, value in self.headers.items()}
        )
        body = (said.body if isinstance(said.body, str) else json.dumps(said.body)).encode()
        self.send_response_only(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

"""The page's server as the tests reach it: a real process or a thread, asked over a socket."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sheetsync.addin.addresses import tab_origin
from sheetsync.addin.asking import Asking
from sheetsync.addin.pairing import Pairing, link_code
from sheetsync.addin.security import Policy, Sessions
from sheetsync.addin.server import LARGEST_CALL, App, listen, server

PATIENCE = 30.0
"""Seconds that a test waits for an answer before it fails; no test takes that long."""
AS_OF = "2026-11-16"


GET: Mapping[str, str | None] = {
    "Origin": None, "Content_Type": None, "Content_Length": None, "X_Sheetsync_Token": None, "Sec_Fetch_Mode": "no-cors",
}  # fmt: skip
"""How the headers of a fetched file differ from a call's."""


@dataclass(frozen=True)
class Reply:
    """An answer. The status is 0 if the connection was closed without one."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Door:
    """Where a server is reached, with what a page of its own would know."""

    port: int
    token: str = ""
    code: str = ""

    @property
    def origin(self) -> str:
        return tab_origin(self.port)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def send(self, data: bytes) -> Reply:
        """Send bytes as they are."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):  # it was closed before all was sent
                return Reply(0, {}, b"")
            return _read(connection, data.partition(b" ")[0].decode("latin-1"))

    def post(self, name: str, body: bytes, **headers: str | None) -> Reply:
        """A call as the page makes it; a header may be given another value, or None to leave it out."""
        return self.send(self.request(f"/api/{name}", body, headers))

    def request(
        self,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str | None] | None = None,
        *,
        method: str = "POST",
        version: str = "HTTP/1.1",
    ) -> bytes:
        """The bytes of a call as the page makes it, with some headers changed (None: left out)."""
        said: dict[str, str | None] = {
            "Host": self.host,
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "cors",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "X-Sheetsync-Token": self.token,
            **{name.replace("_", "-"): value for name, value in (headers or {}).items()},
        }
        lines = [
            f"{method} {target} {version}",
            *(f"{name}: {value}" for name, value in said.items() if value is not None),
        ]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body

    def get(self, target: str, **headers: str | None) -> Reply:
        """A file of the page as a browser fetches it."""
        return self.send(self.request(target, headers={**GET, **headers}, method="GET"))

    def ask(self, name: str, **body: Any) -> Any:
        """What a call that goes well is answered."""
        reply = self.post(name, json.dumps(body).encode())
        assert reply.status == 200, reply.body
        return reply.json

    def pair(self) -> None:
        """Use the code."""
        self.token = self.ask("pair", code=self.code)["token"]


@dataclass
class Watch:
    """A clock that stands still until a test moves it."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Inside:
    """A server in a thread of the test's, with its clock and what it told."""

    door: Door
    watch: Watch
    told: list[str] = field(default_factory=list)


@contextlib.contextmanager
def in_thread(
    answer: Callable[[Asking], dict[str, Any]], *, make: Callable[[], str] = link_code, pane: bool = False
) -> Iterator[Inside]:
    """The server over a real socket, paired, with a clock of the test's own; with `pane` as Excel's, but for TLS."""
    at = listen(free_port(), others=True)
    watch, told = Watch(), list[str]()
    pairing = Pairing(make, told.append, watch)
    door = Door(at.getsockname()[1], code=pairing.begin())
    running = server(App(Policy(door.origin, LARGEST_CALL, pane=pane), answer, pairing, Sessions(watch)))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [at]})
    thread.start()
    try:
        door.pair()
        yield Inside(door, watch, told)
    finally:
        running.should_exit = True
        thread.join(PATIENCE)
        at.close()


@dataclass
class Process:
    """`sheetsync serve` in a process of its own."""

    door: Door
    process: subprocess.Popen[str]
    printed: list[str]

    def end(self) -> int:
        """Press Control-C, once the server hears it; the exit code."""
        self.door.get("/")
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=PATIENCE)
        self.printed += out.splitlines()
        return self.process.returncode


@contextlib.contextmanager
def in_process(target: Path, home: Path, *options: str) -> Iterator[Process]:
    """`sheetsync serve` of a tracker as people run it, not paired yet."""
    command = [str(Path(sys.executable).with_name("sheetsync")), "serve", str(target), "--no-browser", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        env={**os.environ, "SHEETSYNC_HOME": str(home)},
    )  # fmt: skip
    assert process.stdout is not None
    printed: list[str] = []
    try:
        for line in process.stdout:
            printed.append(line.rstrip("\n"))
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/#code=(\S+)", line):
                yield Process(Door(int(found[1]), code=found[2]), process, printed)
                break
        else:
            raise AssertionError(f"it did not begin: {printed}")
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def free_port() -> int:
    """A port that is free now; whoever takes it meanwhile makes the server move on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _read(connection: socket.socket, method: str) -> Reply:
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        body = response.read()
    except (http.client.BadStatusLine, ConnectionResetError):  # closed without a word
        return Reply(0, {}, b"")
    finally:
        response.close()
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        headers[name.lower()] = value
    return Reply(response.status, headers, body)

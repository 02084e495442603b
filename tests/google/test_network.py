"""Requests that never get an answer, by requests that really never get one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from sheetsync.sheets.google.network import lost
from sheetsync.sheets.google.refusals import Failure

HOST = "sheets.googleapis.com"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def failure_of(url: str, *, sent: bool = True, patience: float = 60) -> Failure:
    with pytest.raises((requests.RequestException, OSError)) as caught:
        requests.get(url, timeout=(60, patience))
    return lost(caught.value, HOST, sent=sent)


@contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """A server that says this to whoever comes and hangs up, or never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            if answer is None:
                held.append(connection)
            else:
                connection.sendall(answer)
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()
        for connection in held:
            connection.close()


def test_a_name_that_is_not_found() -> None:
    found = failure_of("https://nowhere.invalid/")
    assert found.why == f"{HOST} is not found, as without an internet connection"
    assert not found.unclear


def test_nobody_at_the_door() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = failure_of(f"http://127.0.0.1:{port}/")
    assert found.why == f"No connection to {HOST} came about"
    assert not found.unclear


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
def test_a_connection_that_breaks_off_may_have_done_it(answer: bytes) -> None:
    with answering(answer) as url:
        found = failure_of(url)
    assert found.why == f"The connection to {HOST} broke off"
    assert found.unclear


def test_an_answer_that_does_not_come_may_have_done_it() -> None:
    with answering(None) as url:
        found = failure_of(url, patience=0.1)
    assert found.why == f"{HOST} did not answer in time"
    assert found.unclear


def test_what_changes_nothing_is_never_unclear() -> None:
    with answering(b"") as url:
        assert not failure_of(url, sent=False).unclear


def test_a_proxy_that_is_not_there_or_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as url:
        monkeypatch.setenv("HTTPS_PROXY", url.replace("//", "//ana:hidden@"))
        refused = failure_of(f"https://{HOST}/")
    gone = failure_of(f"https://{HOST}/")
    for found in (refused, gone):
        assert found.advice.startswith("The proxy does not let this computer through to Google")
        assert "hidden" not in found.advice
        assert found.why == ""


@pytest.mark.parametrize("address", ["not an address", "http://", "ftp://127.0.0.1:1"])
def test_a_proxy_with_a_useless_address(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    found = failure_of(f"https://{HOST}/")
    assert found.why == ""
    assert "HTTPS_PROXY" in found.advice


def test_certificates_that_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    found = failure_of(f"https://{HOST}/")
    assert found.why == ""
    assert "REQUESTS_CA_BUNDLE" in found.advice


def test_somebody_who_speaks_no_tls() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        found = failure_of(url.replace("http", "https"))
    assert found.why == ""
    assert found.advice.startswith(f"No safe connection to {HOST} came about")

"""The pane's certificates: what they are good for, what they are not, and that TLS works with them."""

from __future__ import annotations

import datetime as dt
import http.client
import socket
import ssl
import stat
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sheetsync.addin import certificates
from sheetsync.errors import NotInstalledError, UnreadableFileError, UsageError

x509 = pytest.importorskip("cryptography.x509", reason="certificates need the extra addin")
verification = pytest.importorskip("cryptography.x509.verification")
ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")

NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))


def read(path: Path) -> list[Any]:
    found: list[Any] = x509.load_pem_x509_certificates(path.read_bytes())
    return found


def test_leaf_is_good_for_this_computer_alone_and_397_days() -> None:
    made = certificates.make(NOW)
    leaf, authority = read(made.chain)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == dt.timedelta(days=397)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert list(map(str, names.get_values_for_type(x509.IPAddress))) == ["127.0.0.1"]
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.issuer == authority.subject
    leaf.verify_directly_issued_by(authority)


def test_authority_may_sign_nothing_but_localhost() -> None:
    made = certificates.make(NOW)
    (authority,) = read(made.authority)
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    permitted = [str(name.value) for name in constraints.value.permitted_subtrees or ()]
    assert permitted == ["localhost", "127.0.0.1/32"]
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_cert_sign
    assert not usage.digital_signature


def test_authoritys_key_is_written_nowhere() -> None:
    made = certificates.make(NOW)
    leaf, authority = read(made.chain)
    files = [path for path in certificates.folder().rglob("*") if path.is_file()]
    assert sorted(path.name for path in files) == ["authority.pem", "chain.pem", "key.pem"]
    assert sum(b"PRIVATE KEY" in path.read_bytes() for path in files) == 1
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(made.key.read_bytes(), None)
    assert key.public_key() == leaf.public_key()
    assert key.public_key() != authority.public_key()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no modes")
def test_key_is_for_its_owner_alone() -> None:
    made = certificates.make(NOW)
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700


def test_new_ones_come_with_a_new_authority() -> None:
    first = certificates.make(NOW)
    second = certificates.make(NOW)
    assert first.fingerprint != second.fingerprint
    assert certificates.kept() == second


def test_end_is_told_30_days_ahead() -> None:
    made = certificates.make(NOW)
    assert not made.is_ending(made.ends - dt.timedelta(days=31))
    assert made.is_ending(made.ends - dt.timedelta(days=30))
    assert made.is_ending(made.ends + dt.timedelta(days=1))


def test_none_there_and_damaged_ones_are_told() -> None:
    assert certificates.kept() is None
    with pytest.raises(UsageError, match="addin install"):
        certificates.paths()
    made = certificates.make(NOW)
    assert certificates.paths() == (made.chain, made.key)
    made.authority.write_text("no certificate")
    with pytest.raises(UnreadableFileError, match="addin install"):
        certificates.kept()
    assert certificates.forget()
    assert not certificates.forget()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_tls_works_for_whoever_trusts_the_authority(host: str) -> None:
    made = certificates.make(dt.datetime.fromtimestamp(time.time(), dt.UTC))
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*certificates.paths())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_answer_once, args=(listening, served))
        thread.start()
        trusting = ssl.create_default_context(cafile=str(made.authority))
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        connection = http.client.HTTPSConnection(host, listening.getsockname()[1], context=trusting)
        try:
            connection.request("GET", "/")
            assert connection.getresponse().status == 204
        finally:
            connection.close()
            thread.join()


def _answer_once(listening: socket.socket, context: ssl.SSLContext) -> None:
    raw, _ = listening.accept()
    with context.wrap_socket(raw, server_side=True) as connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")


def test_missing_library_is_told_with_the_python_that_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/home/ann/job search/.venv/bin/python")
    told = str(NotInstalledError("A cluster", "dask[distributed]"))
    assert '`"/home/ann/job search/.venv/bin/python" -m pip install "dask[distributed]"`' in told
    monkeypatch.setattr(sys, "executable", "/opt/python")
    told = str(NotInstalledError("The page", "starlette", "uvicorn"))
    assert told.endswith("run `/opt/python -m pip install starlette uvicorn`.")

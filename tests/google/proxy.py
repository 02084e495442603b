"""A proxy on the loopback address that ends TLS for Google's hosts with a throwaway certificate: the product runs untouched."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from emulator.server import Answer, Emulator

HOSTS = (
    "sheets.googleapis.com",
    "www.googleapis.com",
    "oauth2.googleapis.com",
    "accounts.google.com",
    "script.googleapis.com",
)


class GoogleProxy:
    """`with GoogleProxy(emulator, folder) as proxy:` answers for Google's hosts, and lets nothing through to any other."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.asked: list[str] = []
        """The hosts asked for, in order, the refused ones too."""
        self.bundle, certificate = _certificates(folder)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._server: _Server | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Outer)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to come here."""
        return {"HTTPS_PROXY": self.url, "REQUESTS_CA_BUNDLE": str(self.bundle), "NO_PROXY": "127.0.0.1,localhost"}

    def wrap(self, connection: Any) -> ssl.SSLSocket:
        """The server's end of the TLS that a client begins after CONNECT."""
        return self._tls.wrap_socket(connection, server_side=True)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to a request for one of the hosts; `host` is among the headers."""
        return self.emulator.handle(method, target, headers, body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    proxy: GoogleProxy


class _Outer(BaseHTTPRequestHandler):
    """What the client says to the proxy itself."""

    server: _Server

    def do_CONNECT(self) -> None:
        host = self.path.partition(":")[0]
        self.server.proxy.asked.append(host)
        if host not in HOSTS:
            self.send_error(403)
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            with self.server.proxy.wrap(self.connection) as tls:
                _Inner(tls, self.client_address, self.server)
        except OSError:
            pass  # the client went away, or does not trust the certificate
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


class _Inner(BaseHTTPRequestHandler):
    """What the client says to Google."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.proxy.answer(self.command, self.path, headers, body)
        if reply.reset:
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.status == 302:
            self.send_header("Location", reply.body.decode())
            reply = Answer(302)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.retry_after:
            self.send_header("Retry-After", reply.retry_after)
        self.end_headers()
        self.wfile.write(reply.body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def _certificates(folder: Path) -> tuple[Path, Path]:
    """An authority's certificate, and one of Google's hosts with its key that this authority signed; good for a day."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ours = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made up for one test")])
    theirs = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    begin = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)  # noqa: TID251 - a certificate has a clock
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip

    def signed(
        subject: x509.Name, public: ec.EllipticCurvePublicKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            ours, subject, public, x509.random_serial_number(), begin, begin + dt.timedelta(days=1)
        )
        for extension in (*extensions, x509.SubjectKeyIdentifier.from_public_key(public)):
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
        )
        return builder.sign(authority, hashes.SHA256())

    root = signed(ours, authority.public_key(), x509.BasicConstraints(ca=True, path_length=0), usage)
    leaf = signed(
        theirs,
        key.public_key(),
        x509.BasicConstraints(ca=False, path_length=None),
        x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "authority.pem").write_bytes(root.public_bytes(pem))
    (folder / "google.pem").write_bytes(secret + leaf.public_bytes(pem))
    return folder / "authority.pem", folder / "google.pem"

"""The certificates of the pane's server, which Excel wants to reach over https (RFC 5280).

A certificate authority of this computer's own signs one certificate, and its key is gone before anything is written: it
can never sign another. It is constrained besides to localhost and 127.0.0.1, so that whoever trusts it trusts it for
nothing else. A new certificate comes with a new authority.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sheetsync.errors import NotInstalledError, UnreadableFileError, UnwritableFileError, UsageError
from sheetsync.sheets.homes import home
from sheetsync.sheets.placing import replace_whole, worded

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

HOST: Final = "localhost"
ADDRESS: Final = "127.0.0.1"
LIFETIME: Final = dt.timedelta(days=397)
"""Longer ones are refused by Apple's systems."""
PAIRED: Final = "paired.json"
"""Which panes were paired: it goes with the certificates."""
AHEAD: Final = dt.timedelta(days=30)
"""How long before its end a certificate is to be renewed."""
AUTHORITY_NAME: Final = "sheetsync on this computer"
_BACK: Final = dt.timedelta(hours=1)
"""How far back validity begins, for clocks that differ."""
_AUTHORITY, _CHAIN, _KEY = "authority.pem", "chain.pem", "key.pem"


@dataclass(frozen=True, slots=True)
class Kept:
    """The certificates as they lie in sheetsync's own folder."""

    authority: Path
    """What the system is to trust."""
    chain: Path
    """What the server shows: its certificate, then the authority's."""
    key: Path
    ends: dt.datetime
    fingerprint: str
    """SHA-1 of the authority's certificate in hexadecimal digits, as the systems' stores name it."""

    def is_ending(self, moment: dt.datetime) -> bool:
        """Whether it is to be renewed by now."""
        return moment >= self.ends - AHEAD


def folder() -> Path:
    """Where they are: `addin` in sheetsync's folder."""
    return home().absolute() / "addin"


def paths() -> tuple[Path, Path]:
    """The chain and the key, both PEM, for the server. Raises UsageError where there are none."""
    if not all((folder() / name).is_file() for name in (_CHAIN, _KEY)):
        raise UsageError("The pane has no certificate yet: run `sheetsync addin install` first.")
    return folder() / _CHAIN, folder() / _KEY


def kept() -> Kept | None:
    """The certificates; None if there are none. Raises UnreadableFileError, and UsageError without the extra."""
    place = folder()
    if not all((place / name).is_file() for name in (_AUTHORITY, _CHAIN, _KEY)):
        return None
    from_pem = _Library().x509.load_pem_x509_certificate
    try:
        authority: Certificate = from_pem((place / _AUTHORITY).read_bytes())
        leaf: Certificate = from_pem((place / _CHAIN).read_bytes())
    except (OSError, ValueError):
        raise UnreadableFileError(
            str(place), "the pane's certificates are damaged: make new ones with `sheetsync addin install`."
        ) from None
    fingerprint = authority.fingerprint(_Library().hashes.SHA1()).hex().upper()
    return Kept(place / _AUTHORITY, place / _CHAIN, place / _KEY, leaf.not_valid_after_utc, fingerprint)


def make(moment: dt.datetime) -> Kept:
    """New certificates in place of those that are there. Raises UnwritableFileError, and UsageError without the extra."""
    library = _Library()
    authority_key = library.ec.generate_private_key(library.ec.SECP256R1())
    authority = _authority(library, authority_key, moment)
    key = library.ec.generate_private_key(library.ec.SECP256R1())
    leaf = _leaf(library, key, authority, authority_key, moment)
    pem = library.serialization.Encoding.PEM
    secret = key.private_bytes(pem, library.serialization.PrivateFormat.PKCS8, library.serialization.NoEncryption())
    top = authority.public_bytes(pem)
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, data in ((_KEY, secret), (_CHAIN, leaf.public_bytes(pem) + top), (_AUTHORITY, top)):
            replace_whole(place / name, data, private=True)
    except OSError as error:
        raise UnwritableFileError(str(place), f"{worded(error)}; SHEETSYNC_HOME names another place for it.") from None
    made = kept()
    assert made is not None  # noqa: S101  # written just now
    return made


def forget() -> bool:
    """Delete them; answer whether there were any. Raises UnwritableFileError."""
    gone = False
    for name in (_KEY, _CHAIN, _AUTHORITY, PAIRED):
        try:
            (folder() / name).unlink()
            gone = True
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UnwritableFileError(str(folder() / name), f"{worded(error)}.") from None
    return gone


def _authority(library: _Library, key: Any, moment: dt.datetime) -> Certificate:
    x509 = library.x509
    name = x509.Name([x509.NameAttribute(library.names.COMMON_NAME, AUTHORITY_NAME)])
    permitted = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_network(f"{ADDRESS}/32"))]
    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    made: Certificate = (
        _begun(library, name, name, key.public_key(), moment)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, **usage), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, library.hashes.SHA256())
    )
    return made


def _leaf(library: _Library, key: Any, authority: Certificate, authority_key: Any, moment: dt.datetime) -> Certificate:
    x509 = library.x509
    name = x509.Name([x509.NameAttribute(library.names.COMMON_NAME, HOST)])
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address(ADDRESS))]
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    made: Certificate = (
        _begun(library, name, authority.subject, key.public_key(), moment)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, **usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([library.purposes.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, library.hashes.SHA256())
    )
    return made


def _begun(library: _Library, subject: Any, issuer: Any, public_key: Any, moment: dt.datetime) -> Any:
    return (
        library.x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(library.x509.random_serial_number())
        .not_valid_before(moment - _BACK)
        .not_valid_after(moment - _BACK + LIFETIME)
    )


class _Library:
    """The parts of `cryptography` that are used here. Raises NotInstalledError if it is not installed."""

    def __init__(self) -> None:
        try:
            from cryptography import x509
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec
            from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
        except ImportError:
            raise NotInstalledError("The pane in Excel", "starlette", "uvicorn", "cryptography") from None
        self.x509, self.hashes, self.serialization, self.ec = x509, hashes, serialization, ec
        self.names, self.purposes = NameOID, ExtendedKeyUsageOID

"""Who may ask: everything about a request that is looked at before its body is, and the two secrets.

A page in the person's browser can send requests to this computer too. So an address counts only under its own name
(a name server may point any other name here), a call only from the page's own origin, and only with a token that a
foreign page cannot read. Nothing here keeps out a program that runs as the person: it can open the file itself.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

Head = Sequence[tuple[bytes, bytes]]
"""A request's headers as they came, names in small letters."""

ICONS: Final = "/icons/"
OFFICE: Final = "https://appsforoffice.microsoft.com"
_HOSTS_OF_THE_PANE: Final = (
    "https://*.officeapps.live.com", "https://*.office.com", "https://*.office365.com", "https://*.microsoft365.com",
    "https://*.cloud.microsoft", "https://*.sharepoint.com",
)  # fmt: skip
"""The pages of Microsoft's that may frame the pane; Excel on the desktop frames nothing."""
_JSON: Final = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})
_FOREIGN: Final = "This comes from a page that is not sheetsync's."
_MOST_TOKENS: Final = 8
TOKEN_LASTS: Final = 12 * 3600.0
"""Seconds: a working day."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Where a server is, and how much it takes."""

    origin: str
    """Such as `http://127.0.0.1:8744`: the one origin from which calls may come."""
    largest: int
    """Bytes of a body."""
    pane: bool = False
    """Whether it serves the pane in Excel rather than a browser tab."""

    @property
    def host(self) -> str:
        """The one name under which it answers."""
        return self.origin.partition("//")[2]

    def is_open(self, path: str) -> bool:
        """Whether others may show that file too: the pane's icons, which Office fetches for its ribbon, and keeps."""
        return self.pane and path.startswith(ICONS)

    def headers(self, path: str) -> tuple[tuple[str, str], ...]:
        """What an answer says."""
        of_icons = self.is_open(path)
        scripts = f"'self' {OFFICE}" if self.pane else "'self'"
        ancestors = " ".join(_HOSTS_OF_THE_PANE) if self.pane else "'none'"
        policy = (
            f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self'; connect-src 'self'; "
            f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
        )
        return (
            ("Content-Security-Policy", policy),
            # where frame-ancestors is known it counts instead, so that the pane may be framed by Office
            ("X-Frame-Options", "DENY"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "cross-origin" if of_icons else "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ("Cache-Control", "max-age=3600" if of_icons else "no-store"),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    sentence: str
    retry_after: int = 0
    """Seconds."""


def refuse_file(policy: Policy, method: str, path: str, head: Head) -> Refusal | None:
    """Why a file of the page is not given; None if it is."""
    if refusal := _foreign_host(policy, head):
        return refusal
    if method != "GET":
        return Refusal(405, "A file of the page is fetched with GET.")
    foreign = _one(head, b"sec-fetch-site") in (b"cross-site", b"same-site")
    if foreign and _one(head, b"sec-fetch-mode") != b"navigate" and not policy.is_open(path):
        return Refusal(403, _FOREIGN)
    return None


def refuse_call(policy: Policy, method: str, head: Head, *, known: Callable[[str], bool] | None) -> Refusal | None:
    """Why a call is not answered; None if its body may be read. `known` says whether a token counts; None asks for none."""
    if refusal := _foreign_host(policy, head):
        return refusal
    if method != "POST":
        return Refusal(405, "A call is made with POST.")
    # browsers before 2023 do not send Sec-Fetch-Site; the origin tells the same
    ours = _one(head, b"origin") == policy.origin.encode() and _all(head, b"sec-fetch-site") in ([], [b"same-origin"])
    if not ours:
        return Refusal(403, _FOREIGN)
    if (_one(head, b"content-type") or b"").lower() not in _JSON:
        return Refusal(415, "A call's body is JSON.")
    if known is not None and not known((_one(head, b"x-sheetsync-token") or b"").decode("latin-1")):
        return Refusal(
            401, "This page is no longer connected: start `sheetsync serve` again and open the link it prints."
        )
    return _size(policy, head)


def _foreign_host(policy: Policy, head: Head) -> Refusal | None:
    if _one(head, b"host") != policy.host.encode():
        return Refusal(403, "The page is not found under this name: open the link that `sheetsync serve` printed.")
    return None


def _size(policy: Policy, head: Head) -> Refusal | None:
    length = _one(head, b"content-length")
    if length is None or not length.isdigit() or _all(head, b"transfer-encoding"):
        return Refusal(411, "A call says how long it is.")
    if len(length) > 12 or int(length) > policy.largest:
        return Refusal(413, f"A call may have {policy.largest:,} bytes.")
    return None


def _one(head: Head, name: bytes) -> bytes | None:
    """A header's value; None if it is missing or there are several."""
    found = _all(head, name)
    return found[0] if len(found) == 1 else None


def _all(head: Head, name: bytes) -> list[bytes]:
    return [value for each, value in head if each == name]


@dataclass(slots=True)
class Sessions:
    """The tokens that were given out, as digests with the second of it. Those of a tab end with the server."""

    seconds: Callable[[], float]
    lasts: float = TOKEN_LASTS
    given: list[tuple[bytes, float]] = field(default_factory=list)
    keep: Callable[[Sequence[tuple[bytes, float]]], None] = lambda _given: None
    """Is called with all of them when there is a new one."""

    def issue(self) -> str:
        """A new token; of too many the oldest ends."""
        token = secrets.token_urlsafe(32)
        self.given = [*self.given, (_digest(token), self.seconds())][-_MOST_TOKENS:]
        self.keep(self.given)
        return token

    def knows(self, token: str) -> bool:
        """Whether a token was given out and has not ended. Takes as long for a wrong one as for a right one."""
        asked, now = _digest(token), self.seconds()
        found = [hmac.compare_digest(asked, each) and 0 <= now - since < self.lasts for each, since in self.given]
        return any(found)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()

"""Where Google is. `SHEETSYNC_GOOGLE_ENDPOINT` puts a stand-in on this computer in its place, for tests.

A stand-in is never shown real credentials: with it, only those are accepted whose `token_uri` is on this computer too,
and without it only those whose `token_uri` is Google's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidURL

from sheetsync.errors import SignInError, UsageError

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

VARIABLE: Final = "SHEETSYNC_GOOGLE_ENDPOINT"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_GOOGLE: Final = frozenset(
    {"sheets.googleapis.com", "www.googleapis.com", "oauth2.googleapis.com", "script.googleapis.com"}
)


def endpoint() -> str | None:
    """The stand-in's address without a slash at its end; None where Google itself is meant.

    Raises UsageError if it is anywhere but on this computer.
    """
    address = os.environ.get(VARIABLE, "").strip().rstrip("/")
    if not address:
        return None
    if not _is_loopback(address) or urlsplit(address).path:
        raise UsageError(
            f"{VARIABLE} is for tests and may only be an address of this computer, such as http://127.0.0.1:8080: "
            "take it out of the environment."
        )
    return address


def check_token_address(address: object, *, owner: str) -> None:
    """Refuse credentials that would be shown to somebody they are not for. `owner` names them for the person.

    Raises SignInError.
    """
    text = address if isinstance(address, str) else ""
    if endpoint() is not None:
        if not _is_loopback(text):
            raise SignInError(
                f"{VARIABLE} is set, with which only made-up credentials are used, and {owner} looks real: "
                "take the variable out of the environment."
            )
        return
    split = urlsplit(text)
    host = split.hostname or ""
    if split.scheme != "https" or not (host.endswith(".googleapis.com") or host == "accounts.google.com"):
        raise SignInError(f"{owner} names a sign-in server that is not Google's: get a new one from Google.")


def _is_loopback(address: str) -> bool:
    try:
        split = urlsplit(address)
        return split.scheme == "http" and split.hostname in _LOOPBACK and bool(split.port)
    except ValueError:
        return False


class StandInAdapter(HTTPAdapter):
    """Sends what is meant for Google to the stand-in, and nothing anywhere else."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        """Raises InvalidURL for a host that is not Google's."""
        split = urlsplit(request.url or "")
        if split.hostname not in _GOOGLE:
            raise InvalidURL(f"{VARIABLE} is set, and {split.hostname} is not Google")
        query = f"?{split.query}" if split.query else ""
        request.url = f"{self._address}{split.path}{query}"
        options["proxies"] = _NO_PROXIES  # they were chosen for the address before
        return super().send(request, **options)


_NO_PROXIES: Final[Mapping[str, str]] = {}

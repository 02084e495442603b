"""What went wrong between here and Google, in one sentence that says what to click; and whether trying again may help.

No token, key or cell is ever quoted: of Google's own messages only words that can hold none of them.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from sheetsync.errors import DeniedError, GoogleError, SignInError, UnreachableError

if TYPE_CHECKING:
    from google.auth.exceptions import RefreshError

    from sheetsync.sheets.google.auth import Login

BUSY: Final = frozenset({500, 502, 503, 504})
"""The statuses after which the same request may succeed; 501 says that it never will."""
_RATES: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})
_ADDRESS: Final = "copy it from the browser's address bar"


@dataclass(frozen=True, slots=True)
class Failure:
    """One request that did not do what it should."""

    advice: str
    """The whole sentence if trying again cannot help, else what to do when it did not."""
    kind: type[GoogleError] = GoogleError
    status: int | None = None
    why: str = ""
    """Why it is tried again, such as "Google is busy (503)"; "" if that cannot help."""
    unclear: bool = False
    """Whether Google may have done it all the same."""
    quota: bool = False
    """Whether it is a quota, which is full again within a minute."""
    retry_after: float | None = None
    """Seconds that Google asks to wait."""


def json_of(response: requests.Response) -> object:
    """An answer's JSON; {} if it is empty, None if it is something else."""
    if not response.content:
        return {}
    try:
        return response.json()
    except ValueError:
        return None


def refused(response: requests.Response, content: object, *, login: Login, target: str, writing: bool) -> Failure:
    """What an answer other than the one hoped for means."""
    status = response.status_code
    error = _Error.of(content)
    if response.ok:
        return Failure(
            "Something between this computer and Google answered instead of Google, a proxy or a Wi-Fi's sign-in page: "
            "open a page in the browser, then run this again.",
            UnreachableError, status,
        )  # fmt: skip
    if status in BUSY:
        return Failure(
            "run this again later.", UnreachableError, status, f"Google is busy ({status})", unclear=True,
            retry_after=_retry_after(response),
        )  # fmt: skip
    if status == 429 or (status == 403 and error.reasons & _RATES):
        return Failure(
            "run this again in a few minutes.", UnreachableError, status, f"Google's limit of requests a minute is reached ({status})",
            quota=True, retry_after=_retry_after(response),
        )  # fmt: skip
    where = target or "the spreadsheet"
    kind, sentence = _sentence(status, error, login, where, writing=writing)
    return Failure(sentence, kind, status)


@dataclass(frozen=True, slots=True)
class _Error:
    """An error as Google's APIs write it (AIP-193; Drive adds `errors` with reasons of its own)."""

    message: str = ""
    reasons: frozenset[str] = frozenset()
    project: str = ""
    service: str = ""

    @classmethod
    def of(cls, content: object) -> _Error:
        error = content.get("error") if isinstance(content, Mapping) else None
        if not isinstance(error, Mapping):
            return cls()
        message = str(error.get("message", ""))
        details = list(_mappings(error.get("details")))
        reasons = {str(part.get("reason", "")) for part in (*details, *_mappings(error.get("errors")))}
        metadata = next((part["metadata"] for part in details if isinstance(part.get("metadata"), Mapping)), {})
        found = re.search(r"project[= ](\d+)", message)
        project = str(metadata.get("consumer", "")).removeprefix("projects/") or (found[1] if found else "")
        return cls(
            message,
            frozenset({*reasons, str(error.get("status", ""))}) - {""},
            project,
            str(metadata.get("service", "")),
        )


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    yield from (part for part in value if isinstance(part, Mapping)) if isinstance(value, list) else ()


def _sentence(status: int, error: _Error, login: Login, where: str, *, writing: bool) -> tuple[type[GoogleError], str]:
    return DeniedError, f"Google refused it ({status}) for {where} as {login.account}."


def lost(error: Exception, host: str, *, sent: bool = True) -> Failure:
    """What a request without an answer means. `sent` is False if what it asks for cannot have happened."""
    return Failure(
        "check the connection and run this again.", UnreachableError, None, f"{host} did not answer", unclear=sent
    )


def grant_busy(response: Any) -> Failure:
    """What a busy sign-in server means."""
    return Failure(
        "run this again later.", UnreachableError, response.status, f"Google's sign-in is busy ({response.status})"
    )


def grant_refused(error: RefreshError, login: Login) -> Failure:
    """What a refused token means."""
    return Failure(f"Google does not accept the sign-in of {login.account}.", SignInError)


def grant_broken(error: Exception, login: Login) -> Failure:
    """What a token that could not be asked for means."""
    return Failure(f"The sign-in of {login.account} is broken.", SignInError)


def _retry_after(response: requests.Response) -> float | None:
    """Seconds to wait (RFC 9110 section 10.2.3): a number, or a date, which the answer's own Date makes one."""
    text = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(wait.total_seconds(), 0.0)

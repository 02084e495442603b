"""What went wrong between here and Google, in one sentence that says what to click; and whether trying again may help.

No token, key or cell is ever quoted: of Google's own messages only words that can hold none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import requests

from sheetsync.errors import DeniedError, GoogleError, SignInError, UnreachableError

if TYPE_CHECKING:
    from google.auth.exceptions import RefreshError

    from sheetsync.sheets.google.auth import Login

BUSY: Final = frozenset({500, 502, 503, 504})
"""The statuses after which the same request may succeed; 501 says that it never will."""
_RATES: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"})


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
            retry_after=_retry_after(response.headers),
        )  # fmt: skip
    if status == 429 or (status == 403 and error.reasons & _RATES):
        return Failure(
            "run this again in a few minutes.", UnreachableError, status, f"Google's limit of requests a minute is reached ({status})",
            quota=True, retry_after=_retry_after(response.headers),
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
        metadata: Mapping[str, Any] = next(
            (part["metadata"] for part in details if isinstance(part.get("metadata"), Mapping)), {}
        )
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
    """The kind and the sentence for a status that no further try changes."""
    account = login.account
    if told := _not_shared(error, login):
        return (UnreachableError if _OFTEN in error.reasons else DeniedError), told
    kind: type[GoogleError] = DeniedError
    match status:
        case 401:
            kind, told = (
                SignInError,
                f"Google does not accept the sign-in of {account} any more (401): {_again(login)}.",
            )
        case 403:
            return _forbidden(error, login, where, writing=writing)
        case 404:
            told = (
                f"There is no {where}, or {account} may not see it (404): check the link (copy it from the browser's "
                f"address bar), then {_share(login, writing=True)}."
            )
        case 400 if "not supported for this document" in error.message:
            told = (
                f"{where} is an Excel file that is only shown in Google Sheets, and Google lets no program write it "
                "there: in the browser click File > Save as Google Sheets and use the link of the new spreadsheet."
            )
        case 400 if "protected" in error.message:
            told = (
                f"Cells of {where} that would be written are protected, and {account} may not edit them: in the browser "
                f"open Data > Protect sheets and ranges and let {account} edit them."
            )
        case 400 if "limit of 10000000 cells" in error.message:
            told = (
                f"{where} would grow over Google's limit of 10 million cells: delete rows, columns or sheets in it that "
                "are empty."
            )
        case 400 | 413:
            request = re.match(r"Invalid requests\[\d+\]\.\w+", error.message)
            kind, told = (
                GoogleError,
                (
                    f"Google does not accept a request for {where} ({request[0] if request else status}): this is a mistake "
                    "in sheetsync, please report it."
                ),
            )
        case _:
            kind, told = (
                GoogleError,
                f"Google refused a request for {where} as {account} ({status}): run it again later.",
            )
    return kind, told


_OFTEN: Final = "sharingRateLimitExceeded"
_POLICY: Final = re.compile(r"(share|publish)(In|Out)\w*NotPermitted\w*")
_FILE: Final = "send a file instead (`sheetsync share TRACKER --out coach.xlsx`)"


def _not_shared(error: _Error, login: Login) -> str:
    """Why Google gave somebody no right to a file (Drive API, "Resolve errors"), and what to do; "" if it is not that."""
    if _OFTEN in error.reasons:
        return f"Google lets {login.account} share only so much a day: run this tomorrow."
    if any(map(_POLICY.fullmatch, error.reasons)):
        return (
            f"The organisation of {login.account}, or your coach's, lets nothing be shared with that address: ask its "
            f"administrator, or {_FILE}."
        )
    if "emailAddress is invalid" in error.message:
        return f"Google knows no address of that kind: check how it is spelled, or {_FILE}."
    if "invalidSharingRequest" in error.reasons and "no Google account" in error.message:
        return f"That address has no Google account: ask your coach for one that has, or {_FILE}."
    if "invalidSharingRequest" in error.reasons:
        return f"Google does not share anything with that address: ask your coach for another one, or {_FILE}."
    return ""


_SERVICES: Final = {"sheets.googleapis.com": "Google Sheets API", "drive.googleapis.com": "Google Drive API"}
_SCOPE_REASONS: Final = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "insufficientScopes"})


def _forbidden(error: _Error, login: Login, where: str, *, writing: bool) -> tuple[type[GoogleError], str]:
    """A 403: which of the rights is missing, and what gives it."""
    account = login.account
    kind: type[GoogleError] = DeniedError
    if error.reasons & {"SERVICE_DISABLED", "accessNotConfigured"}:
        named = (each for each in _SERVICES if each == error.service or each in error.message)
        service = next(named, "sheets.googleapis.com")
        number, query = (f" {error.project}", f"?project={error.project}") if error.project else ("", "")
        told = (
            f"The {_SERVICES[service]} is not enabled in the Google Cloud project{number} of {account}: press Enable at "
            f"https://console.cloud.google.com/apis/library/{service}{query}, wait a minute, and run this again."
        )
    elif "quota project" in error.message:
        kind, told = (
            SignInError,
            (
                "The sign-in of gcloud names no project: run `gcloud auth application-default set-quota-project PROJECT` once."
            ),
        )
    elif error.reasons & _SCOPE_REASONS or "insufficient authentication scopes" in error.message:
        kind, told = SignInError, f"The sign-in of {account} does not reach as far as {where}: {_again(login)}."
    elif "domainPolicy" in error.reasons or "domain admin" in error.message.lower():
        told = (
            f"The organisation of {account} lets no other program at its spreadsheets: ask its administrator to allow "
            "it, or use an account outside of it."
        )
    elif error.reasons & {"dailyLimitExceeded", "quotaExceeded"}:
        kind, told = UnreachableError, f"Google's limit of requests a day is reached for {account}: run this tomorrow."
    elif "storageQuotaExceeded" in error.reasons and login.kind == "key":
        told = (
            "A service account can own no files: sign in yourself with `sheetsync auth google` and leave out "
            "--service-account."
        )
    elif "storageQuotaExceeded" in error.reasons:
        told = f"The Google Drive of {account} is full: make room in it."
    elif writing:
        told = f"{account} may not change {where} (403): {_share(login, writing=True)}."
    else:
        told = f"{account} may not open {where} (403): {_share(login, writing=False)}."
    return kind, told


def _share(login: Login, *, writing: bool) -> str:
    """What gives an account the right to a spreadsheet."""
    right = "an Editor" if writing else "an Editor (or a Viewer, to look only)"
    if login.kind == "key":
        return f"open it in the browser, click Share, and make {login.account} {right}"
    if login.created_only:
        return (
            "sign in again with `sheetsync auth google --access all`, for this sign-in reaches only the spreadsheets "
            "that sheetsync made"
        )
    return f"ask its owner to click Share and make {login.account} {right}, or sign in with another account"


def _again(login: Login) -> str:
    """How a login of this kind is renewed."""
    match login.kind:
        case "key":
            return "make a new key for it in the Google Cloud console and name that file with --service-account"
        case "own":
            return "sign in again with `sheetsync auth google --access all`"
        case "default":
            return (
                "run `gcloud auth application-default login --scopes=https://www.googleapis.com/auth/spreadsheets,"
                "https://www.googleapis.com/auth/cloud-platform` again"
            )


def grant_busy(status: int, headers: Mapping[str, str]) -> Failure:
    """What a busy sign-in server means."""
    return Failure(
        "run this again later.", UnreachableError, status, f"Google's sign-in is busy ({status})",
        retry_after=_retry_after(headers),
    )  # fmt: skip


def grant_refused(error: RefreshError, login: Login) -> Failure:
    """What a token that was refused means (RFC 6749 section 5.2, and Google's words for the cases within)."""
    answer = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], Mapping) else {}
    code, words = str(answer.get("error", "")), str(answer.get("error_description", "")).lower()
    account = login.account
    if "reasonable timeframe" in words or "iat" in words.split():
        told = "Google does not accept the sign-in because this computer's clock is wrong: set its date and time."
    elif "account not found" in words or "invalid_email" in words:
        told = f"The service account {account} was deleted: make another one and name its key with --service-account."
    elif code in {"invalid_client", "deleted_client", "disabled_client", "unauthorized_client"} and login.kind != "key":
        told = (
            f"The OAuth client with which {account} signed in is gone ({code}): make a new one and sign in with "
            "`sheetsync auth google --client FILE`."
        )
    elif "admin" in code or "org_internal" in code:
        told = f"The organisation of {account} does not allow this sign-in: ask its administrator to allow it."
    elif login.kind == "own":
        told = f"The sign-in of {account} has run out or was taken back: sign in again with `sheetsync auth google`."
    else:
        said = f" ({code})" if re.fullmatch(r"[a-z_]{1,40}", code) else ""
        told = f"Google does not accept the sign-in of {account}{said}: {_again(login)}."
    return Failure(told, SignInError)


def grant_broken(login: Login) -> Failure:
    """What a token that could not even be asked for means."""
    return Failure(f"The sign-in of {login.account} cannot be used: {_again(login)}.", SignInError)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait (RFC 9110 section 10.2.3): a number, or a date, which the answer's own Date makes one."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(wait.total_seconds(), 0.0)

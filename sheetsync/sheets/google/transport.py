"""Requests to the Sheets and Drive APIs: signed, timed, tried again as often as is decent, and counted."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request
from gspread.exceptions import GSpreadException
from gspread.http_client import HTTPClient

from sheetsync.errors import GoogleError, UnclearError
from sheetsync.sheets.google import refusals
from sheetsync.sheets.google.endpoint import StandInAdapter, endpoint
from sheetsync.sheets.google.network import lost
from sheetsync.sheets.google.refusals import Failure

if TYPE_CHECKING:
    from sheetsync.sheets.google.auth import Login

_LONGEST_PAUSE: Final = 64.0
"""Seconds; Google's own advice for an exponential backoff."""
_FIRST_PAUSE: Final = 1.0
_FIRST_PAUSE_FOR_QUOTA: Final = 5.0
"""A quota is a minute's: six tries from here on last longer than that."""
SIGN_IN_HOST: Final = "oauth2.googleapis.com"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try: at most `attempts` times and `seconds` in all, whichever ends first."""

    attempts: int = 6
    seconds: float = 240.0
    connect: float = 10.0
    """Seconds to wait for a connection."""
    read: float = 120.0
    """Seconds to wait for an answer; Google itself gives up on a request after 180."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


class Tries:
    """One budget for requests that belong together: a call that is repeated, or a write and the looks between."""

    def __init__(self, patience: Patience, tell: Callable[[str], None] | None) -> None:
        self._patience = patience
        self._tell = tell
        self._began = patience.clock()
        self._failed = 0
        self.over: tuple[Failure, str] | None = None
        """With what the budget ended, and what is said then."""
        self.renewed = False
        """Whether the login was renewed because Google did not know it any more."""

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to wait for a connection and for an answer, within the budget."""
        left = max(self._patience.seconds - self._spent, 1.0)
        return min(self._patience.connect, left), min(self._patience.read, left)

    def wait(self, failure: Failure) -> None:
        """Count a try that failed, wait before the next one and say so; no longer if the budget ends here."""
        patience = self._patience
        self._failed += 1
        if failure.retry_after is not None:
            pause = failure.retry_after + patience.random()
        else:
            first = _FIRST_PAUSE_FOR_QUOTA if failure.quota else _FIRST_PAUSE
            pause = patience.random() * min(first * 2 ** (self._failed - 1), _LONGEST_PAUSE)
        if self._failed >= patience.attempts or self._spent + pause >= patience.seconds:
            self.over = failure, self._told(failure)
            return
        if self._tell:
            self._tell(f"{failure.why}: waiting {pause:.1f} s, try {self._failed + 1} of {patience.attempts}.")
        patience.sleep(pause)

    def _told(self, failure: Failure) -> str:
        if failure.retry_after is not None and self._failed < self._patience.attempts:
            return f"{failure.why}, and Google asks to wait {failure.retry_after:.0f} s: run this again after that."
        tries = "1 try" if self._failed == 1 else f"{self._failed} tries"
        return f"{failure.why}; {tries} in {self._spent:.0f} s did not help: {failure.advice}"

    @property
    def _spent(self) -> float:
        return self._patience.clock() - self._began


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, Any]
    body: Mapping[str, Any] | None
    target: str

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url


class Transport:
    """A login's way to the Sheets and Drive APIs."""

    def __init__(
        self, login: Login, *, tell: Callable[[str], None] | None = None, patience: Patience | None = None
    ) -> None:
        """`tell` gets a sentence for each wait. Raises UsageError if the stand-in's address is none of this computer."""
        self.login = login
        self.calls = 0
        """HTTP requests sent to the Sheets and Drive APIs, repeated ones included."""
        self._patience = patience or Patience()
        self._tell = tell
        self._wrote = False
        self._unsure: Tries | None = None
        """Those of a write whose outcome is not known. If they are used for it again, somebody saw that it was not done."""
        self._answers: list[requests.Response] = []
        session = requests.Session()
        session.auth = self._sign
        session.headers["User-Agent"] = "sheetsync (gzip)"  # without that word Google does not compress
        session.hooks["response"].append(self._keep)
        self._grants = requests.Session()
        if address := endpoint():
            session.mount("https://", StandInAdapter(address))
            self._grants.trust_env = False
        self._client = HTTPClient(login.credentials, session)

    def tries(self) -> Tries:
        """A fresh budget, to be shared by calls that belong together."""
        return Tries(self._patience, self._tell)

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        idempotent: bool = True,
        target: str = "",
        tries: Tries | None = None,
    ) -> dict[str, Any]:
        """One request below https://sheets.googleapis.com or https://www.googleapis.com, and its JSON answer.

        Tried again after 429, 500, 502, 503, 504, a rate limit's 403, a time-out or a lost connection, and after nothing
        else. A request that is not `idempotent` is not sent again where Google may have done it: UnclearError, after
        the wait; look, then call again with the same `tries`, which end in another GoogleError.

        `target` is how the person knows the spreadsheet. Raises SignInError, DeniedError, UnreachableError,
        UnclearError or another GoogleError.
        """
        request = _Request(method.upper(), url, dict(params or {}), body, target)
        tries = tries or self.tries()
        if request.writes and tries is self._unsure:
            self._unsure = None
        if request.writes and tries.over:
            raise self._error(*tries.over)
        while True:
            answer = self._authorise(tries) or self._send(request, tries)
            if not isinstance(answer, Failure):
                if request.writes:
                    self._wrote, self._unsure = True, None
                return answer
            if answer.status == 401 and not tries.renewed:
                tries.renewed = True
                self.login.credentials.token = None
            else:
                self._wait(answer, request, tries, idempotent=idempotent)

    def _wait(self, failure: Failure, request: _Request, tries: Tries, *, idempotent: bool) -> None:
        """Wait until the request may be sent again. Raises the GoogleError of one that may not."""
        if not failure.why:
            raise self._error(failure, failure.advice)
        tries.wait(failure)
        if failure.unclear and request.writes:
            self._unsure = tries
            if not idempotent:
                where = request.target or "the spreadsheet"
                raise UnclearError(f"{failure.why} while {where} was written to, so it may be.", status=failure.status)
        if tries.over:
            raise self._error(*tries.over)

    def check(self) -> None:
        """See whether Google accepts the login. Raises SignInError or UnreachableError."""
        tries = self.tries()
        while failure := self._authorise(tries):
            if not failure.why:
                raise failure.kind(failure.advice, status=failure.status)
            tries.wait(failure)
            if tries.over:
                raise failure.kind(tries.over[1], status=failure.status)

    def _send(self, request: _Request, tries: Tries) -> dict[str, Any] | Failure:
        """Send it once."""
        self._client.set_timeout(tries.timeout)
        self._answers.clear()
        self.calls += 1
        # gspread raises its own error for what is not 2xx, and the other two where the answer is not in Google's form
        with contextlib.suppress(GSpreadException, KeyError, TypeError):
            try:
                self._client.request(
                    request.method.lower(), request.url, params=dict(request.params), json=request.body
                )
            except (requests.RequestException, OSError) as error:
                return lost(error, request.host)
        response = self._answers.pop()
        content = refusals.json_of(response)
        if response.ok and isinstance(content, dict):
            return content
        return refusals.refused(response, content, login=self.login, target=request.target, writing=request.writes)

    def _authorise(self, tries: Tries) -> Failure | None:
        """See to it that there is a valid token."""
        credentials = self.login.credentials
        if credentials.valid:
            return None
        try:
            credentials.refresh(_Grant(self._grants, tries.timeout))  # type: ignore[no-untyped-call]
        except _BusyGrantError as busy:
            return refusals.grant_busy(busy.response.status, busy.response.headers)
        except RefreshError as error:
            return refusals.grant_refused(error, self.login)
        except TransportError as error:
            return lost(error.__cause__ or error, SIGN_IN_HOST, sent=False)
        except (GoogleAuthError, OSError, ValueError):
            return refusals.grant_broken(self.login)
        return None

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token on a request."""
        self.login.credentials.apply(request.headers)  # type: ignore[no-untyped-call]
        return request

    def _keep(self, response: requests.Response, **_options: object) -> None:
        """Remember the answer: gspread's own error cannot be made of every one."""
        self._answers.append(response)

    def _error(self, failure: Failure, message: str) -> GoogleError:
        """The error to raise, with what is known of the writing."""
        if self._unsure:
            message += " Whether it was written is not known; if it was, running this again changes nothing."
        elif not self._wrote:
            message += " Nothing was written."
        return failure.kind(message, status=failure.status)


class _BusyGrantError(Exception):
    """The sign-in server is busy. Raised through google-auth, which would otherwise wait and try again unseen."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


class _Grant(Request):
    """One request for a token, with a time-out, and no retry but ours."""

    def __init__(self, session: requests.Session, timeout: tuple[float, float]) -> None:
        super().__init__(session)
        self._timeout = timeout

    def __call__(self, url: str, **options: Any) -> Any:  # type: ignore[override]
        """Raises _BusyGrantError; TransportError if there is no answer."""
        response = super().__call__(url, **{**options, "timeout": self._timeout})  # type: ignore[no-untyped-call]
        if response.status in {*refusals.BUSY, 429}:
            raise _BusyGrantError(response)
        return response

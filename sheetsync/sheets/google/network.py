"""A request without an answer: what stands between this computer and Google, and whether Google may have got it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final

from requests import exceptions as lost_in
from urllib3.exceptions import NameResolutionError, NewConnectionError

from sheetsync.errors import UnreachableError
from sheetsync.sheets.google.refusals import Failure

_ADVICE: Final = "check the internet connection and run this again."


def lost(error: BaseException, host: str, *, sent: bool = True) -> Failure:
    """What became of a request to `host` that ended in `error`.

    `sent` is False if what was asked for changes nothing, so that it does not matter whether it arrived.
    """
    causes = list(_causes(error))
    match error:
        case lost_in.SSLError():
            return Failure(_untrusted(causes, host), UnreachableError)
        case lost_in.ProxyError() | lost_in.InvalidProxyURL():
            told = "The proxy does not let this computer through to Google: check the address that HTTPS_PROXY holds."
            return Failure(told, UnreachableError)
        case lost_in.ConnectionError() | lost_in.Timeout() | lost_in.ChunkedEncodingError():
            why, arrived = _connection(error, causes, host)
            return Failure(_ADVICE, UnreachableError, None, why, unclear=arrived and sent)
        case _:  # an address, a scheme or a file of certificates that the environment names and that is of no use
            told = f"{host} cannot be reached: check what HTTPS_PROXY and REQUESTS_CA_BUNDLE hold in the environment."
            return Failure(told, UnreachableError)


def _connection(error: BaseException, causes: list[BaseException], host: str) -> tuple[str, bool]:
    """Why there is no answer, and whether the request may have arrived."""
    if isinstance(error, lost_in.ConnectTimeout):
        return f"No connection to {host} came about in time", False
    if isinstance(error, lost_in.Timeout):
        return f"{host} did not answer in time", True
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return f"{host} is not found, as without an internet connection", False
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        return f"No connection to {host} came about", False
    return f"The connection to {host} broke off", True


def _untrusted(causes: list[BaseException], host: str) -> str:
    """What a connection that cannot be trusted means."""
    words = " ".join(str(cause) for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
    if "not yet valid" in words or "expired" in words:
        return (
            f"The certificate of {host} is not valid at this computer's date and time: set its clock, or sign in at the "
            "Wi-Fi's page if there is one."
        )
    if words:
        return (
            f"Somebody between this computer and {host} reads along, as some offices do: name the office's certificate "
            "file in REQUESTS_CA_BUNDLE, or use another network."
        )
    return f"No safe connection to {host} came about: check HTTPS_PROXY, or use another network."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and everything it was made of; requests keeps urllib3's as its argument, urllib3 as `reason`."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and not any(one is other for other in seen):
            seen.append(one)
            yield one
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]

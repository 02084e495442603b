"""The sign-in to Google: whose it is, whether others may read it, whether Google accepts it. No secret is shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sheetsync.errors import SignInError, UnreachableError
from sheetsync.nightly.doctor.finding import Finding
from sheetsync.sheets.google.auth import find_login

if TYPE_CHECKING:
    from sheetsync.sheets.google.auth import Login
    from sheetsync.sheets.google.transport import Transport

_SECONDS: Final = 15.0


def examine_google(service_account: str | None, *, wanted: bool) -> Iterator[Finding]:
    """The login that would be used; `wanted` says whether a tracker needs one."""
    try:
        login = find_login(service_account)
    except SignInError as error:
        if wanted or not str(error).startswith("There is no sign-in"):
            yield Finding("Google", "do", str(error))
        else:
            yield Finding("Google", "ok", "not signed in, which only Google Sheets needs: `sheetsync auth google`.")
        return
    if os.name != "nt" and login.kind != "default" and Path(login.place).stat().st_mode & 0o077:
        yield Finding("Google", "do", f"Others may read {login.place}: take that right away with chmod 600.")
    try:
        quick_transport(login).check()
    except UnreachableError as error:
        yield Finding("Google", "do" if wanted else "note", f"Signed in as {login.account}, but: {error}")
        return
    ends = {
        "own": "Google names no day on which it ends; for an app in testing it is seven days",
        "key": "a key does not end by itself",
        "default": "Google names no day on which it ends",
    }[login.kind]
    yield Finding("Google", "ok", f"signed in as {login.account}, and Google accepts it; {ends}.")


def quick_transport(login: Login) -> Transport:
    """A way to Google that does not wait long: an examination says how it is now."""
    from sheetsync.sheets.google.transport import Patience, Transport

    return Transport(login, patience=Patience(attempts=1, seconds=_SECONDS, connect=_SECONDS, read=_SECONDS))

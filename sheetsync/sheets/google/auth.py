"""Who asks Google: a service account's key, the person's own login, or the credentials of Google's own tools."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sheetsync.errors import SignInError
from sheetsync.sheets.google.endpoint import check_token_address

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SPREADSHEETS: Final = "https://www.googleapis.com/auth/spreadsheets"
"""Every spreadsheet that the account may open."""
CREATED_FILES: Final = "https://www.googleapis.com/auth/drive.file"
"""The files that sheetsync itself made."""
GUIDE: Final = "docs/google.md"


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials, and whose they are."""

    credentials: Credentials
    account: str
    """An e-mail address, or words for the person where Google does not tell it."""
    kind: Literal["key", "own", "default"]
    """A service account's key, the login of `sheetsync auth google`, or application default credentials."""
    created_only: bool = False
    """Whether it reaches only the spreadsheets that sheetsync made."""


def find_login(service_account: str | None = None) -> Login:
    """The login to use: the key file that is named, else the person's own, else application default credentials.

    Nothing is asked of Google yet. Raises SignInError.
    """
    if service_account:
        return _from_key(service_account, _read_json(service_account, "The key file"))
    from sheetsync.sheets.google.desktop import saved_login

    found = saved_login() or _default()
    if found is None:
        raise SignInError(
            "There is no sign-in for Google Sheets yet: run `sheetsync auth google` once, or name a service account's "
            f"key with --service-account FILE; {GUIDE} shows every click."
        )
    return found


def _read_json(path: str, what: str) -> Mapping[str, Any]:
    """A file of Google's, none of which it shows. Raises SignInError."""
    try:
        found = json.loads(Path(path).read_text("utf-8-sig"))
    except OSError as error:
        raise SignInError(f"{what} {path} cannot be read ({error.strerror or error}): check its name.") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SignInError(f"{what} {path} is no JSON file from Google: download it again ({GUIDE} shows where).")
    return found


def _from_key(path: str, info: Mapping[str, Any]) -> Login:
    """A service account's key. Raises SignInError."""
    if "installed" in info or "web" in info:
        raise SignInError(
            f"{path} is an OAuth client, not a service account's key: sign in with it yourself by "
            f"`sheetsync auth google --client {path}`, without --service-account."
        )
    if info.get("type") != "service_account":
        raise SignInError(
            f"{path} is no service account's key: make one in the Google Cloud console ({GUIDE} shows where) and name "
            "that file with --service-account."
        )
    from google.oauth2.service_account import Credentials

    account = info.get("client_email")
    check_token_address(info.get("token_uri"), owner=f"{path}")
    try:
        credentials = Credentials.from_service_account_info(info, scopes=[SPREADSHEETS, CREATED_FILES])
    except Exception:  # noqa: BLE001 - every way in which a private key can be broken, and none may be shown
        credentials = None
    if credentials is None or not isinstance(account, str):
        raise SignInError(
            f"{path} is a service account's key, but broken: download a new one in the Google Cloud console "
            f"({GUIDE} shows where)."
        )
    return Login(credentials, account, "key")


def _default() -> Login | None:
    """Application default credentials: the file named in the environment, else what `gcloud` left; None without any.

    A machine's own credentials inside Google's cloud are not asked for: elsewhere that costs seconds of waiting.
    """
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    path = named or _gcloud_file()
    if path is None:
        return None
    info = _read_json(path, "GOOGLE_APPLICATION_CREDENTIALS names a file that" if named else "The file of gcloud,")
    if info.get("type") == "service_account":
        return _from_key(path, info)
    return None


def _gcloud_file() -> str | None:
    return None

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
DEFAULT_VARIABLE: Final = "GOOGLE_APPLICATION_CREDENTIALS"


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials, and whose they are."""

    credentials: Credentials
    account: str
    """An e-mail address, or words for the person where Google does not tell it."""
    kind: Literal["key", "own", "default"]
    """A service account's key, the login of `sheetsync auth google`, or application default credentials."""
    place: str
    """The file it comes from."""
    created_only: bool = False
    """Whether it reaches only the spreadsheets that sheetsync made."""


def find_login(service_account: str | None = None, *, to_own: bool = False) -> Login:
    """The login to use: the key file that is named, else the person's own, else application default credentials.

    Nothing is asked of Google yet. With `to_own` a file is to be made, so that no sentence advises a service account,
    which cannot own any. Raises SignInError, and UsageError if the stand-in's address is not this computer's.
    """
    if service_account:
        return _from_key(service_account, read_json(service_account, "the key file"))
    from sheetsync.sheets.google.desktop import saved_login

    found = saved_login() or _default_login()
    if found is None:
        or_key = "" if to_own else ", or name a service account's key with --service-account FILE"
        raise SignInError(
            f"There is no sign-in for Google Sheets yet: run `sheetsync auth google` once{or_key}; {GUIDE} shows every click."
        )
    return found


def read_json(path: str, what: str) -> Mapping[str, Any]:
    """A file that Google made; nothing of it is ever shown. `what` is its name in a sentence. Raises SignInError."""
    found: object = None
    try:
        found = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise SignInError(f"{path}, {what}, cannot be read ({error.strerror or error}): check its name.") from None
    except ValueError:
        pass
    if not isinstance(found, dict):
        raise SignInError(f"{path}, {what}, is no JSON file from Google: download it again ({GUIDE} shows where).")
    return found


def _from_key(path: str, info: Mapping[str, Any]) -> Login:
    """A service account's key. Raises SignInError."""
    if "installed" in info or "web" in info:
        raise SignInError(
            f"{path} is an OAuth client, not a service account's key: sign in with it yourself by "
            f"`sheetsync auth google --client {path}`, and leave out --service-account."
        )
    if info.get("type") != "service_account":
        raise SignInError(
            f"{path} is no service account's key: make one in the Google Cloud console ({GUIDE} shows where) and name "
            "that file with --service-account."
        )
    account, token_address = info.get("client_email"), info.get("token_uri")
    credentials = None
    if isinstance(account, str) and isinstance(token_address, str):
        check_token_address(token_address, owner=path)
        from google.oauth2.service_account import Credentials

        try:
            credentials = Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=[SPREADSHEETS, CREATED_FILES]
            )
        except Exception:  # noqa: BLE001 - a private key can be broken in every way, and what is said of it may quote it
            credentials = None
    if credentials is None or account is None:
        raise SignInError(
            f"{path} is a service account's key, but a broken one: download a new one in the Google Cloud console "
            f"({GUIDE} shows where)."
        )
    return Login(credentials, account, "key", path)


def _default_login() -> Login | None:
    """Application default credentials: the file that the environment names, else the one gcloud left; None without.

    The machine's own credentials inside Google's cloud are not looked for: elsewhere that costs seconds of waiting.
    Raises SignInError.
    """
    named = os.environ.get(DEFAULT_VARIABLE)
    path = named or _gcloud_file()
    if path is None:
        return None
    info = read_json(path, f"which {DEFAULT_VARIABLE} names" if named else "which gcloud left")
    if info.get("type") == "service_account":
        return _from_key(path, info)
    from google.auth import identity_pool
    from google.auth.exceptions import GoogleAuthError
    from google.oauth2.credentials import Credentials

    found: Credentials | identity_pool.Credentials
    try:
        if info.get("type") == "external_account":  # a workload that proves by its own platform who it is
            check_token_address(info.get("token_url"), owner=path)
            found = identity_pool.Credentials.from_info(  # type: ignore[no-untyped-call]
                info, scopes=[SPREADSHEETS, CREATED_FILES]
            )
        else:
            check_token_address(info.get("token_uri", "https://oauth2.googleapis.com/token"), owner=path)
            # without scopes, the token reaches as far as the person let gcloud; asking for more would refuse them all
            found = Credentials.from_authorized_user_info(info)  # type: ignore[no-untyped-call]
    except (GoogleAuthError, ValueError, KeyError, TypeError):
        raise SignInError(
            f"{path} holds no credentials that sheetsync can use: run `gcloud auth application-default login` again, or "
            "sign in with `sheetsync auth google`."
        ) from None
    account = info.get("account") or getattr(found, "service_account_email", None)
    return Login(found, account or "the account of gcloud", "default", path)


def _gcloud_file() -> str | None:
    """Where gcloud leaves application default credentials, if it did."""
    if folder := os.environ.get("CLOUDSDK_CONFIG"):
        place = Path(folder)
    elif os.name == "nt":
        place = Path(os.environ.get("APPDATA", "")) / "gcloud"
    else:
        place = Path.home() / ".config" / "gcloud"
    path = place / "application_default_credentials.json"
    return str(path) if path.is_file() else None

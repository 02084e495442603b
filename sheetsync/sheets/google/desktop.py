"""The person's own login: Google's desktop flow, and the files that remember it.

They are `login.json` (a refresh token, and what goes with it) and `client.json` (the OAuth client the person made), both
mode 0600 in a folder of mode 0700. No access token is kept, and nothing of either file is ever shown.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from sheetsync.errors import SignInError, UnwritableFileError
from sheetsync.sheets.google.auth import CREATED_FILES, GUIDE, SPREADSHEETS, Login, read_json
from sheetsync.sheets.google.endpoint import check_token_address, endpoint
from sheetsync.sheets.homes import home
from sheetsync.sheets.placing import replace_whole, worded

Access = Literal["all", "created"]
SCOPES: Final[Mapping[Access, tuple[str, ...]]] = {
    "all": (SPREADSHEETS, CREATED_FILES),
    "created": (CREATED_FILES,),
}
_WHO: Final = ("openid", "https://www.googleapis.com/auth/userinfo.email")
"""To name the account in sentences."""
_PATIENCE: Final = 300
"""Seconds that the person has for the browser's pages."""
_SIGN_IN: Final = "https://oauth2.googleapis.com"
_UNKNOWN: Final = "your Google account"
_KEPT: Final = ("refresh_token", "client_id", "client_secret", "token_uri")


def folder() -> Path:
    """Where the login is kept."""
    return home() / "google"


def saved_login() -> Login | None:
    """The login that `sheetsync auth google` saved; None before it ran. Raises SignInError if the file is broken."""
    path = folder() / "login.json"
    if not path.is_file():
        return None
    info = read_json(str(path), "the saved sign-in")
    kept = {name: info.get(name) for name in _KEPT}
    if not all(isinstance(value, str) and value for value in kept.values()):
        raise SignInError(f"{path}, the saved sign-in, is broken: sign in again with `sheetsync auth google`.")
    check_token_address(kept["token_uri"], owner=str(path))
    from google.oauth2.credentials import Credentials

    credentials = Credentials(None, **kept)  # type: ignore[no-untyped-call]
    created_only = SPREADSHEETS not in (info.get("scopes") or ())
    return Login(credentials, str(info.get("account") or _UNKNOWN), "own", str(path), created_only)


def sign_in(client: str | None, access: Access, *, tell: Callable[[str], None]) -> Login:
    """Let the person sign in with a browser, and remember it.

    `client` is the OAuth client file that they made, or None for the one remembered; `tell` gets the address to open.
    Raises SignInError, UnwritableFileError.
    """
    config = _client_config(client)
    token = _run_flow(config, [*SCOPES[access], *_WHO], tell)
    missing = set(SCOPES[access]) - set(token.granted_scopes or token.scopes or ())
    if missing or not token.refresh_token:
        raise SignInError(
            "Google's page had a box for each right, and one was left empty: run this again and tick them all."
        )
    _save("client.json", {"installed": config})
    _save(
        "login.json",
        {
            **{name: getattr(token, name) for name in _KEPT},
            "scopes": list(SCOPES[access]),
            "account": _account(token.id_token),
        },
    )
    login = saved_login()
    if login is None:
        raise SignInError(f"The sign-in was not kept in {folder()}: check that folder, then run this again.")
    return login


def sign_in_once(client: str | None, scopes: tuple[str, ...], *, tell: Callable[[str], None]) -> Login:
    """Let the person allow something with a browser, for this run only; nothing of it is kept.

    `client` and `tell` are as for `sign_in`. Raises SignInError.
    """
    config = _client_config(client)
    token = _run_flow(config, [*scopes, *_WHO], tell)
    if set(scopes) - set(token.granted_scopes or token.scopes or ()):
        raise SignInError(
            "Google's page had a box for each right, and one was left empty: run this again and tick them all."
        )
    return Login(token, _account(token.id_token) or _UNKNOWN, "own", client or str(folder() / "client.json"))


def forget() -> str | None:
    """Take the login back at Google and delete it here. None if there was none, else what became of it at Google.

    Raises SignInError for a real login while a stand-in takes Google's place.
    """
    import requests

    path = folder() / "login.json"
    if not path.is_file() and not (folder() / "client.json").is_file():
        return None
    info: Mapping[str, Any] = {}
    with contextlib.suppress(SignInError):
        info = read_json(str(path), "the saved sign-in")
    told = "there was no token to take back"
    if isinstance(token := info.get("refresh_token"), str):
        if stand_in := endpoint():
            check_token_address(info.get("token_uri"), owner=str(path))
        try:
            answer = requests.post(f"{stand_in or _SIGN_IN}/revoke", data={"token": token}, timeout=(10, 30))
            gone = answer.ok or answer.status_code == 400  # 400: Google did not know it any more
        except (requests.RequestException, OSError):
            gone = False
        told = (
            "Google does not accept it any more"
            if gone
            else "Google could not be told: take it back at https://myaccount.google.com/connections"
        )
    for name in ("login.json", "client.json"):
        (folder() / name).unlink(missing_ok=True)
    return told


def _client_config(path: str | None) -> dict[str, Any]:
    """What an OAuth client file says of a desktop app. Raises SignInError."""
    remembered = folder() / "client.json"
    if path is None and not remembered.is_file():
        raise SignInError(
            "Name the OAuth client that you made with --client FILE, once; "
            f"{GUIDE} shows in five minutes how to make one."
        )
    path = path or str(remembered)
    info = read_json(path, "the OAuth client")
    if info.get("type") == "service_account":
        raise SignInError(
            f"{path} is a service account's key, which needs no sign-in: name it with --service-account where you sync."
        )
    if "web" in info:
        raise SignInError(
            f"{path} is an OAuth client for a web application: make one of the type Desktop app ({GUIDE} shows where)."
        )
    config = info.get("installed")
    names = ("client_id", "client_secret", "auth_uri", "token_uri")
    if not isinstance(config, dict) or not all(isinstance(config.get(name), str) for name in names):
        raise SignInError(
            f"{path} is no OAuth client: download it again in the Google Cloud console ({GUIDE} shows where)."
        )
    check_token_address(config["token_uri"], owner=path)
    if urlsplit(config["auth_uri"]).hostname != "accounts.google.com":
        raise SignInError(f"{path} names a sign-in page that is not Google's: download it again from Google.")
    return {name: config[name] for name in names}


def _run_flow(config: Mapping[str, Any], scopes: list[str], tell: Callable[[str], None]) -> Any:
    """Google's credentials after the browser's pages. Raises SignInError."""
    import webbrowser

    import requests
    from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError  # type: ignore[import-untyped]
    from oauthlib.oauth2 import AccessDeniedError, OAuth2Error  # type: ignore[import-untyped]

    class _Flow(InstalledAppFlow):  # type: ignore[misc]
        def fetch_token(self, **options: Any) -> Any:
            return super().fetch_token(timeout=30, **options)

    flow = _Flow.from_client_config({"installed": dict(config)}, scopes)
    try:
        webbrowser.get()
        has_browser = True
    except webbrowser.Error:
        has_browser = False
    begin = "Your browser opens Google's page; if it does not, open" if has_browser else "Open"
    tell(f"{begin} this address on this computer:")
    try:
        # the address is printed for whoever needs it, but never into the output that programs read
        with contextlib.redirect_stdout(sys.stderr):
            return flow.run_local_server(
                host="127.0.0.1",
                port=0,
                open_browser=has_browser,
                authorization_prompt_message="{url}",
                success_message="sheetsync is signed in. You may close this page.",
                timeout_seconds=_PATIENCE,
                prompt="consent",
            )
    except WSGITimeoutError:
        told = f"Nobody signed in within {_PATIENCE // 60} minutes: run this again."
    except AccessDeniedError:
        told = "The sign-in was cancelled on Google's page: run this again and allow it, if you want to."
    except Warning:  # oauthlib's way of saying that fewer rights were given than asked for
        told = "Google's page had a box for each right, and one was left empty: run this again and tick them all."
    except OAuth2Error:
        told = (
            "Google did not finish the sign-in: run this again; if it stays so, make a new OAuth client "
            f"({GUIDE} shows where) and name it with --client."
        )
    except (requests.RequestException, OSError):
        told = "The connection broke off during the sign-in: check the internet connection and run this again."
    raise SignInError(told)


def _account(id_token: str | None) -> str | None:
    """The e-mail address in an identity token, which came from Google itself just now and so needs no check."""
    if not id_token:
        return None
    from google.auth import jwt

    try:
        return str(jwt.decode(id_token, verify=False).get("email") or "") or None  # type: ignore[no-untyped-call]
    except ValueError:
        return None


def _save(name: str, content: Mapping[str, Any]) -> None:
    """Write one of the two files so that nobody else ever may read it. Raises UnwritableFileError."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.chmod(0o700)
        replace_whole(place / name, json.dumps(content).encode(), private=True)
    except OSError as error:
        reason = f"{worded(error)}; SHEETSYNC_HOME names another place for it."
        raise UnwritableFileError(str(place), reason) from None

"""Which login is used, and what a file that is none says. Nothing here asks Google for anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from emulator.accounts import Accounts

from sheetsync.errors import SignInError
from sheetsync.sheets.google.auth import CREATED_FILES, SPREADSHEETS, find_login
from sheetsync.sheets.google.endpoint import VARIABLE

ROBOT = "robot@project.iam.gserviceaccount.com"
GOOGLE = "https://oauth2.googleapis.com/token"
OWN = {
    "refresh_token": "1//a-made-up-refresh-token",
    "client_id": "1-made-up.apps.googleusercontent.com",
    "client_secret": "GOCSPX-a-made-up-secret",
    "token_uri": GOOGLE,
    "scopes": [SPREADSHEETS, CREATED_FILES],
    "account": "ana@example.com",
}
GCLOUD = {**OWN, "type": "authorized_user", "account": "", "quota_project_id": "made-up"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer on which nobody has signed in yet."""
    for name in (VARIABLE, "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHEETSYNC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    (tmp_path / "home" / "google").mkdir(parents=True)
    (tmp_path / "gcloud").mkdir()
    return tmp_path / "home"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return Accounts().key_file(tmp_path, ROBOT, GOOGLE)


def save(path: Path, content: Any) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_without_any_sign_in_both_ways_are_named() -> None:
    with pytest.raises(SignInError) as caught:
        find_login()
    for words in ("`sheetsync auth google`", "--service-account FILE", "docs/google.md"):
        assert words in str(caught.value)


def test_the_order_is_the_key_then_ones_own_then_the_environments_then_gclouds(
    key: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "gcloud" / "application_default_credentials.json", GCLOUD)
    found = find_login()
    assert (found.kind, found.account) == ("default", "the account of gcloud")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    found = find_login()
    assert (found.kind, found.account) == ("key", ROBOT)
    save(home / "google" / "login.json", OWN)
    found = find_login()
    assert (found.kind, found.account, found.created_only) == ("own", "ana@example.com", False)
    found = find_login(str(key))
    assert (found.kind, found.account, found.place) == ("key", ROBOT, str(key))


def test_never_is_the_whole_drive_asked_for(key: Path) -> None:
    credentials: Any = find_login(str(key)).credentials
    assert set(credentials.scopes) == {SPREADSHEETS, CREATED_FILES}


def test_a_sign_in_for_sheets_that_sheetsync_made_is_known_as_such(home: Path) -> None:
    save(home / "google" / "login.json", {**OWN, "scopes": [CREATED_FILES]})
    assert find_login().created_only


def test_a_workload_without_a_key_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    external = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(tmp_path / "token")},
    }
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", save(tmp_path / "external.json", external))
    assert find_login().kind == "default"


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no JSON": (lambda _key: "-----BEGIN PRIVATE KEY-----secret", "is no JSON file from Google: download it again"),
    "a list": (lambda key: [key], "is no JSON file from Google"),
    "an OAuth client": (lambda _key: {"installed": {"client_secret": "secret"}}, "`sheetsync auth google --client"),
    "a web client": (
        lambda _key: {"web": {"client_secret": "secret"}},
        "is an OAuth client, not a service account's key",
    ),
    "gcloud's": (lambda _key: GCLOUD, "is no service account's key: make one in the Google Cloud console"),
    "no private key": (lambda key: {**key, "private_key": "secret"}, "but a broken one: download a new one"),
    "half a private key": (lambda key: {**key, "private_key": key["private_key"][:900]}, "but a broken one"),
    "no address": (lambda key: {**key, "client_email": None}, "but a broken one"),
    "another server": (
        lambda key: {**key, "token_uri": "https://example.com/token"},
        "a sign-in server that is not Google's",
    ),
    "another scheme": (lambda key: {**key, "token_uri": GOOGLE.replace("https", "http")}, "that is not Google's"),
    "a stand-in's": (lambda key: {**key, "token_uri": "http://127.0.0.1:8080/token"}, "that is not Google's"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_key_says_what_it_is(name: str, key: Path) -> None:
    spoil, words = BROKEN[name]
    content = json.loads(key.read_text())
    secret = content["private_key"].splitlines()[1]
    with pytest.raises(SignInError) as caught:
        find_login(save(key, spoil(content)))
    told = str(caught.value)
    assert words in told
    assert told.startswith(str(key))
    for hidden in (secret, "secret", OWN["refresh_token"], "PRIVATE KEY"):
        assert str(hidden) not in told
    assert caught.value.__suppress_context__ or caught.value.__context__ is None  # a traceback would quote it


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SignInError, match=r"none\.json, the key file, cannot be read \(No such file or directory\)"):
        find_login(str(tmp_path / "none.json"))
    with pytest.raises(SignInError, match="cannot be read"):
        find_login(str(tmp_path))


@pytest.mark.parametrize("content", ["{", {}, {**OWN, "refresh_token": ""}, {**OWN, "client_secret": 7}])
def test_a_saved_sign_in_that_is_broken(content: Any, home: Path) -> None:
    save(home / "google" / "login.json", content)
    with pytest.raises(SignInError) as caught:
        find_login()
    assert "login.json" in str(caught.value)
    assert "GOCSPX" not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["{", {"type": "authorized_user"}, {"type": "unheard of"}, {}, {**GCLOUD, "token_uri": "http://x"}]
)
def test_default_credentials_that_are_broken(content: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", save(tmp_path / "default.json", content))
    with pytest.raises(SignInError) as caught:
        find_login()
    assert "default.json" in str(caught.value)
    assert "GOCSPX" not in str(caught.value)


def test_with_a_stand_in_real_credentials_are_refused(
    key: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:8080")
    with pytest.raises(SignInError, match="looks real: take the variable out of the environment"):
        find_login(str(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", save(tmp_path / "gcloud.json", GCLOUD))
    with pytest.raises(SignInError, match="looks real"):
        find_login()
    save(home / "google" / "login.json", OWN)
    with pytest.raises(SignInError, match=r"login\.json looks real"):
        find_login()
    made_up = Accounts().key_file(tmp_path, ROBOT, "http://127.0.0.1:8080/token")
    assert find_login(str(made_up)).account == ROBOT

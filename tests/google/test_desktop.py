"""Signing in with a browser: the installed command, Google's pages behind the proxy, and a browser that clicks on."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from emulator.server import Answer, Emulator
from person import PersonAtGoogle
from proxy import GoogleProxy
from test_untouched_path import DAY, TRACKER

ANA = "ana@example.com"
CLIENT = {
    "installed": {
        "client_id": "1-made-up.apps.googleusercontent.com",
        "client_secret": "GOCSPX-a-made-up-secret",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "redirect_uris": ["http://localhost"],
    }
}
BROWSER = """
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=20).read()
"""
SPREADSHEETS = "https://www.googleapis.com/auth/spreadsheets"
DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"


class GooglePages(GoogleProxy):
    """Google's sign-in page too: Ana allows what `unticked` does not name, or, with `refuses`, nothing at all."""

    unticked = ""
    refuses = False
    scopes: frozenset[str] = frozenset()
    challenge = ""
    secrets: list[str]

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        split = urlsplit(target)
        if headers["host"] == "accounts.google.com":
            return self._page({name: values[0] for name, values in parse_qs(split.query).items()})
        form = dict(parse_qsl(body.decode())) if split.path in {"/token", "/revoke"} else {}
        if split.path == "/revoke":
            self.emulator.accounts.revoke(ANA)
        reply = super().answer(method, target, headers, body)
        if split.path == "/token":
            reply = self._token(form, reply)
        return reply

    def _page(self, asked: dict[str, str]) -> Answer:
        assert asked["access_type"] == "offline"
        assert asked["code_challenge_method"] == "S256"
        self.challenge = asked["code_challenge"]
        self.scopes = frozenset(asked["scope"].split()) - {self.unticked}
        given = {"error": "access_denied"} if self.refuses else {"code": self.emulator.accounts.code(ANA, self.scopes)}
        return Answer(302, f"{asked['redirect_uri']}?{urlencode({**given, 'state': asked['state']})}".encode())

    def _token(self, form: dict[str, str], reply: Answer) -> Answer:
        content: dict[str, Any] = json.loads(reply.body)
        if form.get("grant_type") == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
            parts: tuple[dict[str, str], ...] = ({"alg": "none"}, {"email": ANA}, {})
            encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
            content["id_token"] = ".".join(encoded)
        self.secrets += [value for name, value in content.items() if name.endswith("_token")]
        return replace(reply, body=json.dumps(content).encode())


@pytest.fixture
def google() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


@pytest.fixture
def pages(google: Emulator, tmp_path: Path) -> Iterator[GooglePages]:
    with GooglePages(google, tmp_path) as started:
        started.secrets = [CLIENT["installed"]["client_secret"]]  # type: ignore[list-item]
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Ana:
    """`sheetsync` as Ana runs it; nothing that it says holds a secret."""

    def __init__(self, pages: GooglePages, home: Path, folder: Path) -> None:
        self._pages = pages
        script = folder / "browser.py"
        script.write_text(BROWSER)
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        for name in ("SHEETSYNC_GOOGLE_ENDPOINT", "GOOGLE_APPLICATION_CREDENTIALS"):
            kept.pop(name, None)
        self.environment = {
            **kept, **pages.environment(), "SHEETSYNC_HOME": str(home), "SHEETSYNC_DEBUG": "1",
            "BROWSER": f"{sys.executable} {script} %s &", "SSL_CERT_FILE": str(pages.bundle),
            "CLOUDSDK_CONFIG": str(folder / "no-gcloud"),
        }  # fmt: skip
        self.client = folder / "client_secret.json"
        self.client.write_text(json.dumps(CLIENT))

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("sheetsync")), *words],
            capture_output=True, text=True, encoding="utf-8", check=False, env=self.environment, timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        for secret in self._pages.secrets:
            assert secret not in done.stdout + done.stderr
        return done


@pytest.fixture
def ana(pages: GooglePages, home: Path, tmp_path: Path) -> Ana:
    return Ana(pages, home, tmp_path)


def test_sign_in_sync_status_and_forget(ana: Ana, google: Emulator, pages: GooglePages, home: Path) -> None:
    done = ana("auth", "google", "--client", str(ana.client))
    assert done.returncode == 0, done.stderr
    assert f"Google knows you as {ANA}, by your own sign-in" in done.stdout
    assert "the spreadsheets that this account may open" in done.stdout
    assert {SPREADSHEETS, DRIVE_FILE} < pages.scopes
    assert "https://www.googleapis.com/auth/drive" not in pages.scopes

    place = home / "google"
    assert {path.name for path in place.iterdir()} == {"login.json", "client.json"}
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert "access_token" not in (place / "login.json").read_text()

    book_id = PersonAtGoogle(google, lambda _id: pytest.fail("no"), owner=ANA).make_book([TRACKER])
    synced = ana("sync", book_id, "--as-of", DAY, "--json")
    assert synced.returncode == 0, synced.stderr
    assert json.loads(synced.stdout)["written"] is True
    assert {call.account for call in google.api_calls} == {ANA}

    status = json.loads(ana("auth", "google", "--status", "--json").stdout)
    assert status == {"account": ANA, "kind": "own", "access": "all", "file": str(place / "login.json")}

    again = ana("auth", "google", "--access", "created")  # the client is remembered
    assert again.returncode == 0, again.stderr
    assert "that sheetsync made, and nothing else" in again.stdout
    assert SPREADSHEETS not in pages.scopes

    forgotten = ana("auth", "google", "--forget")
    assert forgotten.stdout == "The sign-in is deleted here; Google does not accept it any more.\n"
    assert list(place.iterdir()) == []
    assert ana("auth", "google", "--forget").stdout == "There was no sign-in to forget.\n"
    refused = ana("sync", book_id)
    assert refused.returncode == 6
    assert "run `sheetsync auth google` once" in refused.stderr


def test_the_right_to_make_scripts_is_asked_for_once_and_not_kept(
    ana: Ana, google: Emulator, pages: GooglePages, home: Path
) -> None:
    """`addin google --push`: the tracker is read with the sign-in that is there, the script is made with one that goes."""
    assert ana("auth", "google", "--client", str(ana.client)).returncode == 0
    book_id = PersonAtGoogle(google, lambda _id: pytest.fail("no"), owner=ANA).make_book([TRACKER])
    kept = (home / "google" / "login.json").read_bytes()
    pushed = ana("addin", "google", book_id, "--push", "--json")
    assert pushed.returncode == 0, pushed.stderr
    told = json.loads(pushed.stdout)
    assert told == {
        "script": told["script"],
        "url": f"https://script.google.com/d/{told['script']}/edit",
        "renewed": False,
    }
    assert "https://www.googleapis.com/auth/script.projects" in pages.scopes
    assert SPREADSHEETS not in pages.scopes
    assert google.service.scripts[told["script"]]["project"]["parentId"] == book_id
    assert (home / "google" / "login.json").read_bytes() == kept
    assert json.loads(ana("addin", "google", book_id, "--push", "--json").stdout)["renewed"] is True
    pages.unticked = "https://www.googleapis.com/auth/script.projects"
    refused = ana("addin", "google", book_id, "--push")
    assert refused.returncode == 6
    assert "one was left empty" in refused.stderr


def test_a_sign_in_that_was_taken_back_says_so(ana: Ana, google: Emulator) -> None:
    assert ana("auth", "google", "--client", str(ana.client)).returncode == 0
    google.accounts.revoke(ANA)
    for words in (("auth", "google", "--status"), ("inspect", google.new_spreadsheet("Mine", owner=ANA))):
        done = ana(*words)
        assert done.returncode == 6
        assert f"The sign-in of {ANA} has run out or was taken back" in done.stderr


def test_a_box_left_empty_on_googles_page_is_told(ana: Ana, pages: GooglePages, home: Path) -> None:
    pages.unticked = SPREADSHEETS
    done = ana("auth", "google", "--client", str(ana.client))
    assert done.returncode == 6
    assert "had a box for each right, and one was left empty" in done.stderr
    assert not (home / "google").exists()


def test_a_no_on_googles_page_is_told(ana: Ana, pages: GooglePages, home: Path) -> None:
    pages.refuses = True
    done = ana("auth", "google", "--client", str(ana.client))
    assert done.returncode == 6
    assert "The sign-in was cancelled on Google's page" in done.stderr
    assert not (home / "google").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"web": {}}', "an OAuth client for a web application: make one of the type Desktop app"),
        ('{"type": "service_account"}', "a service account's key, which needs no sign-in"),
        ('{"installed": {"client_id": "x"}}', "is no OAuth client: download it again"),
        ("{", "is no JSON file from Google"),
        (
            json.dumps(CLIENT).replace("oauth2.googleapis.com", "oauth2.example.com"),
            "a sign-in server that is not Google's",
        ),
        (
            json.dumps(CLIENT).replace("accounts.google.com", "accounts.example.com"),
            "a sign-in page that is not Google's",
        ),
    ],
)
def test_a_wrong_client_file_is_told_apart(content: str, words: str, ana: Ana) -> None:
    ana.client.write_text(content)
    done = ana("auth", "google", "--client", str(ana.client))
    assert done.returncode == 6
    assert words in done.stderr


def test_the_first_time_a_client_is_needed(ana: Ana) -> None:
    done = ana("auth", "google")
    assert done.returncode == 6
    assert "--client FILE, once; docs/google.md" in done.stderr


def test_one_thing_is_done_at_a_time(ana: Ana) -> None:
    for words in (("--status", "--client", "x.json"), ("--forget", "--access", "all"), ("--service-account", "x.json")):
        done = ana("auth", "google", *words)
        assert done.returncode == 2
        assert "give one thing to do" in done.stderr

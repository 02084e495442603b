"""Requests: what each refusal says, what is tried again, and that nothing secret is ever said."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from patient import Watch
from scripted import TOKEN, Said, Scripted

from sheetsync.errors import DeniedError, GoogleError, SignInError, UnclearError, UnreachableError, UsageError
from sheetsync.sheets.google.auth import Login, find_login
from sheetsync.sheets.google.endpoint import VARIABLE
from sheetsync.sheets.google.transport import Transport

ROBOT = "robot@project.iam.gserviceaccount.com"
URL = "https://sheets.googleapis.com/v4/spreadsheets/abc"
SHEET = "https://docs.google.com/spreadsheets/d/abc"
CELL = "Ms Secret, 1 Hidden Road"
"""What stands in a cell, and in Google's own messages about it."""


def refusal(status: int, message: str, name: str, *reasons: str, **metadata: str) -> Said:
    """An error as the Sheets API writes it; Drive writes the reasons into `errors` too."""
    details = [
        {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": one, "metadata": metadata} for one in reasons
    ]
    error = {"code": status, "message": message, "status": name, "details": details}
    return Said(status, {"error": {**error, "errors": [{"reason": one} for one in reasons]}})


DENIED = refusal(403, "The caller does not have permission", "PERMISSION_DENIED")
SAYS: dict[str, tuple[Said, type[GoogleError], tuple[str, ...]]] = {
    "the API is off": (
        refusal(
            403,
            "Google Sheets API has not been used in project 14433329395 before or it is disabled. Enable it by visiting "
            "https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=14433329395 then retry.",
            "PERMISSION_DENIED",
            "SERVICE_DISABLED",
            service="sheets.googleapis.com",
            consumer="projects/14433329395",
        ),
        DeniedError,
        (
            "The Google Sheets API is not enabled in the Google Cloud project 14433329395 of robot@",
            "press Enable at https://console.cloud.google.com/apis/library/sheets.googleapis.com?project=14433329395,",
        ),
    ),
    "Drive's API is off": (
        refusal(
            403, "Google Drive API has not been used in project 77 before", "PERMISSION_DENIED", "accessNotConfigured",
            service="drive.googleapis.com",
        ),
        DeniedError,
        ("The Google Drive API is not enabled in the Google Cloud project 77 of",),
    ),
    "scopes": (
        refusal(403, "Request had insufficient authentication scopes.", "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        SignInError,
        (f"The sign-in of {ROBOT} does not reach as far as {SHEET}",),
    ),
    "the organisation": (
        refusal(403, "The domain administrators have disabled Drive apps.", "PERMISSION_DENIED", "domainPolicy"),
        DeniedError,
        ("ask its administrator",),
    ),
    "gcloud without a project": (
        refusal(403, "The sheets.googleapis.com API requires a quota project, which is not set by default.", "PERMISSION_DENIED"),
        SignInError,
        ("gcloud auth application-default set-quota-project",),
    ),
    "no files of its own": (
        refusal(403, "Service Accounts do not have storage quota.", "PERMISSION_DENIED", "storageQuotaExceeded"),
        DeniedError,
        ("A service account can own no files", "sheetsync auth google"),
    ),
    "a day's limit": (
        refusal(403, "Daily Limit Exceeded", "PERMISSION_DENIED", "dailyLimitExceeded"), UnreachableError, ("tomorrow",)
    ),
    "an Excel file": (
        refusal(400, "This operation is not supported for this document", "FAILED_PRECONDITION"),
        DeniedError,
        ("is an Excel file", "File > Save as Google Sheets"),
    ),
    "protected": (
        refusal(
            400,
            "Invalid requests[0].updateCells: You are trying to edit a protected cell or object. Please contact the "
            "spreadsheet owner to remove protection if you need to edit.",
            "INVALID_ARGUMENT",
        ),
        DeniedError,
        ("protected", "Data > Protect sheets and ranges", ROBOT),
    ),
    "too many cells": (
        refusal(
            400, "This action would increase the number of cells in the workbook above the limit of 10000000 cells.",
            "INVALID_ARGUMENT",
        ),
        DeniedError,
        ("10 million cells",),
    ),
    "our mistake": (
        refusal(400, f'Invalid requests[3].addTable: bad value "{CELL}"', "INVALID_ARGUMENT"),
        GoogleError,
        ("(Invalid requests[3].addTable)", "a mistake in sheetsync"),
    ),
    "our mistake, in other words": (
        refusal(400, f"Invalid value at 'data.values' (ListValue), \"{CELL}\"", "INVALID_ARGUMENT"), GoogleError, ("(400)",)
    ),
    "too large": (Said(413, "<html>Error 413</html>"), GoogleError, ("(413)",)),
    "something else": (Said(409, {"error": "strange"}), GoogleError, (f"as {ROBOT} (409)",)),
    "401": (Said(401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}), SignInError, ("(401)", ROBOT)),
    "a Wi-Fi's page": (Said(200, "<html>Welcome to our hotel</html>"), UnreachableError, ("Wi-Fi's sign-in page",)),
    "no list": (Said(200, [1, 2]), UnreachableError, ("answered instead of Google",)),
}  # fmt: skip


@pytest.fixture
def watch() -> Watch:
    return Watch()


class Asking:
    """A transport to a scripted Google, and what it told."""

    def __init__(self, script: Scripted, folder: Path, watch: Watch, **login: Any) -> None:
        self.script = script
        self.told: list[str] = []
        found = find_login(str(script.key_file(folder)))
        self.transport = Transport(
            replace(found, **login) if login else found, tell=self.told.append, patience=watch.patience()
        )

    def __call__(self, method: str = "GET", **options: Any) -> dict[str, Any]:
        body = {"requests": [{"cell": CELL}]} if method == "POST" else None
        return self.transport.call(method, URL, body=body, target=SHEET, **options)


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watch: Watch) -> Iterator[Any]:
    """Makes an `Asking` of a script's answers."""
    open_ones: list[Scripted] = []

    def make(*answers: Said, grants: tuple[Said, ...] = (), **login: Any) -> Asking:
        script = Scripted(*answers, grants=grants).__enter__()
        open_ones.append(script)
        monkeypatch.setenv(VARIABLE, script.url)
        return Asking(script, tmp_path, watch, **login)

    yield make
    for script in open_ones:
        script.__exit__()


@pytest.mark.parametrize("name", SAYS)
def test_each_refusal_is_one_sentence_without_secrets_and_is_not_tried_again(name: str, ask: Any) -> None:
    said, kind, words = SAYS[name]
    asking = ask(said, said)
    with pytest.raises(kind) as caught:
        asking("POST")
    told = str(caught.value)
    assert type(caught.value) is kind
    assert all(word in told for word in words), told
    assert "\n" not in told
    assert told.endswith(" Nothing was written.")
    for secret in (TOKEN, CELL, "PRIVATE KEY", "Secret"):
        assert secret not in told
    assert asking.told == []
    assert asking.transport.calls == (2 if said.status == 401 else 1)


def test_who_may_look_but_not_write_is_told_apart(ask: Any) -> None:
    with pytest.raises(DeniedError, match="may not open .*or a Viewer, to look only"):
        ask(DENIED)("GET")
    with pytest.raises(DeniedError, match="may not change .* make robot@.* an Editor"):
        ask(DENIED)("POST")


def test_the_advice_follows_from_the_kind_of_login(ask: Any) -> None:
    with pytest.raises(DeniedError, match="ask its owner to click Share and make ana@example.com an Editor"):
        ask(DENIED, kind="own", account="ana@example.com")("POST")
    with pytest.raises(DeniedError, match="reaches only the spreadsheets that sheetsync made"):
        ask(DENIED, kind="own", created_only=True)("POST")
    with pytest.raises(SignInError, match="gcloud auth application-default login"):
        ask(refusal(403, "x", "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), kind="default")("GET")


GRANTS: dict[str, tuple[dict[str, str], dict[str, Any], str]] = {
    "the clock": (
        {
            "error": "invalid_grant",
            "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable "
            "timeframe. Check your iat and exp values in the JWT claim.",
        },
        {},
        "this computer's clock is wrong",
    ),
    "a key that was deleted": (
        {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
        {},
        r"\(invalid_grant\): make a new key for it in the Google Cloud console",
    ),
    "an account that was deleted": (
        {"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, {}, f"{ROBOT} was deleted"
    ),
    "taken back": (
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
        {"kind": "own", "account": "ana@example.com"},
        "sign-in of ana@example.com has run out or was taken back: sign in again with `sheetsync auth google`",
    ),
    "a client that was deleted": (
        {"error": "deleted_client", "error_description": "The OAuth client was deleted."},
        {"kind": "own"},
        "--client FILE",
    ),
    "the organisation": ({"error": "admin_policy_enforced"}, {"kind": "own"}, "ask its administrator"),
    "an answer without a token": ({"strange": TOKEN}, {}, "does not accept the sign-in"),
}  # fmt: skip


@pytest.mark.parametrize("name", GRANTS)
def test_a_refused_token_is_a_sentence(name: str, ask: Any) -> None:
    body, login, words = GRANTS[name]
    asking = ask(grants=(Said(400, body),), **login)
    with pytest.raises(SignInError, match=words) as caught:
        asking()
    assert TOKEN not in str(caught.value)
    assert asking.transport.calls == 0


def test_the_sign_in_is_tried_again_by_us_alone(ask: Any, watch: Watch) -> None:
    asking = ask(Said(200, {"fine": True}), grants=(Said(503, "busy"), Said(429, {}, {"Retry-After": "7"})))
    assert asking() == {"fine": True}
    assert asking.told == [
        "Google's sign-in is busy (503): waiting 1.0 s, try 2 of 6.",
        "Google's sign-in is busy (429): waiting 8.0 s, try 3 of 6.",
    ]
    assert watch.slept == [1.0, 8.0]
    assert [path for _, path, _ in asking.script.asked] == ["/token", "/token", "/token", "/v4/spreadsheets/abc"]


def test_pauses_double_and_are_drawn_from_nothing_up_to_that(ask: Any, watch: Watch) -> None:
    busy = Said(503, {})
    with pytest.raises(UnreachableError):
        ask(*[busy] * 6)()
    assert watch.slept == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_the_time_ends_it_if_the_tries_do_not(ask: Any, watch: Watch) -> None:
    asking = ask(*[Said(503, {})] * 9)
    asking.transport = Transport(asking.transport.login, patience=watch.patience(attempts=1000, seconds=20.0))
    with pytest.raises(UnreachableError, match="5 tries in 15 s did not help"):
        asking()
    assert watch.slept == [1.0, 2.0, 4.0, 8.0]


def test_retry_after_may_be_a_date(ask: Any, watch: Watch) -> None:
    when = {"Date": "Mon, 16 Nov 2026 10:00:00 GMT", "Retry-After": "Mon, 16 Nov 2026 10:00:20 GMT"}
    assert ask(Said(503, {}, when), Said(200, {}))() == {}
    assert watch.slept == [21.0]


@pytest.mark.parametrize("text", ["soon", "", "-1", "Mon, 99 Nov"])
def test_a_retry_after_that_nobody_can_read_is_none(text: str, ask: Any, watch: Watch) -> None:
    assert ask(Said(503, {}, {"Retry-After": text}), Said(200, {}))() == {}
    assert watch.slept == [1.0]


def test_a_write_of_unclear_outcome_is_not_sent_again_until_somebody_looked(ask: Any) -> None:
    asking = ask(Said(503, {}), Said(200, {"looked": True}), Said(503, {}), Said(200, {"written": True}))
    tries = asking.transport.tries()
    with pytest.raises(UnclearError, match="was written to, so it may be"):
        asking("POST", idempotent=False, tries=tries)
    assert asking(tries=tries) == {"looked": True}
    with pytest.raises(UnclearError):
        asking("POST", idempotent=False, tries=tries)
    assert asking("POST", idempotent=False, tries=tries) == {"written": True}
    assert [line.rpartition(",")[2] for line in asking.told] == [" try 2 of 6.", " try 3 of 6."]


def test_a_refusal_after_something_was_written_does_not_say_that_nothing_was(ask: Any) -> None:
    asking = ask(Said(200, {}), DENIED)
    asking("POST")
    with pytest.raises(DeniedError) as caught:
        asking("POST")
    assert "Nothing was written" not in str(caught.value)


def test_an_unclear_write_that_nobody_looked_after_says_so(ask: Any) -> None:
    asking = ask(*[Said(503, {})] * 6)
    with pytest.raises(UnreachableError, match="Whether it was written is not known"):
        asking("POST")


def test_no_connection_is_tried_again_and_cannot_be_unclear(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = ask(Said(200, {}))
    asking()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv(VARIABLE, f"http://127.0.0.1:{free.getsockname()[1]}")
    elsewhere = Transport(asking.transport.login, tell=asking.told.append, patience=Watch().patience())
    with pytest.raises(UnreachableError, match="No connection to sheets.googleapis.com came about; 6 tries in 31 s"):
        elsewhere.call("POST", URL, body={}, idempotent=False)


@pytest.mark.parametrize(
    "address",
    ["http://example.com:80", "https://127.0.0.1:8443", "http://127.0.0.1", "http://127.0.0.1.example.com:80",
     "http://127.0.0.1:80@example.com", "http://127.0.0.1:8080/path", "file:///etc/passwd", "http://0.0.0.0:80", "x"],
)  # fmt: skip
def test_a_stand_in_may_only_be_on_this_computer(address: str, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    login: Login = ask().transport.login
    monkeypatch.setenv(VARIABLE, address)
    with pytest.raises(UsageError, match="for tests and may only be an address of this computer"):
        Transport(login)


def test_with_a_stand_in_nothing_goes_anywhere_else(ask: Any) -> None:
    asking = ask(Said(200, {}))
    with pytest.raises(UnreachableError, match="example.com cannot be reached"):
        asking.transport.call("GET", "https://example.com/v4/spreadsheets/abc")


def test_the_stand_in_is_reached_past_a_proxy(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(Said(200, {"fine": 1}))() == {"fine": 1}


def test_requests_are_signed_and_ask_for_compressed_answers(ask: Any) -> None:
    asking = ask(Said(200, {}))
    asking(params={"fields": "a,b"})
    (_, grant), (path, headers) = ((path, headers) for _, path, headers in asking.script.asked)
    assert "authorization" not in grant
    assert path == "/v4/spreadsheets/abc?fields=a%2Cb"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert "gzip" in headers["user-agent"]
    assert "gzip" in headers["accept-encoding"]

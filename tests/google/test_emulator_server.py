"""The emulator as a server: logins with real google-auth, faults, quotas, edits in between, and many callers at once."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from asking import OWNER, Desk, sit_down
from emulator import Emulator, Fault, Quotas
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials as Person
from google.oauth2.service_account import Credentials

ROBOT = "robot@project.iam.gserviceaccount.com"
SHEETS = "https://www.googleapis.com/auth/spreadsheets"
FOLDER = "/v4/spreadsheets/{book}"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Emulator() as google:
        yield sit_down(google)


def robot(key: dict[str, Any], scopes: list[str]) -> Any:
    """The service account's login of real google-auth, which has no types."""
    return Credentials.from_service_account_info(key, scopes=scopes)  # type: ignore[no-untyped-call]


def key_of(desk: Desk, folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(desk.google.key_file(folder, ROBOT).read_text(encoding="utf-8"))
    return loaded


def get(desk: Desk, token: str, path: str = FOLDER, **options: Any) -> requests.Response:
    url = desk.google.url + path.format(book=desk.book)
    return requests.get(
        url, headers={"Authorization": f"Bearer {token}"}, timeout=options.pop("timeout", 60), **options
    )


def clear(desk: Desk, **options: Any) -> requests.Response:
    url = f"{desk.google.url}/v4/spreadsheets/{desk.book}/values/A1:clear"
    return requests.post(
        url, headers={"Authorization": f"Bearer {desk.token}"}, timeout=options.pop("timeout", 60), **options
    )


# logins


def test_a_service_accounts_own_grant_opens_what_was_shared(desk: Desk, tmp_path: Path) -> None:
    login = robot(key_of(desk, tmp_path), [SHEETS])
    login.refresh(Request())
    assert get(desk, login.token).status_code == 403
    desk.google.share(desk.book, ROBOT, "reader")
    assert get(desk, login.token).status_code == 200
    assert get(desk, login.token, "/drive/v3/files/{book}").status_code == 403  # the scope is for Sheets alone
    assert not any("assertion" in str(call.body) for call in desk.google.calls)
    assert "authorization" not in desk.google.calls[-1].headers


def test_a_grant_is_refused_where_google_refuses_it(desk: Desk, tmp_path: Path) -> None:
    key = key_of(desk, tmp_path)
    with Emulator() as other:
        strange = key | {"private_key_id": "another", "token_uri": f"{other.url}/token"}
        unknown = key | {"token_uri": f"{other.url}/token"}
        for info, scopes, words in ((strange, [SHEETS], "not known"), (unknown, [SHEETS], "account not found")):
            with pytest.raises(RefreshError, match=words):
                robot(info, scopes).refresh(Request())
    with pytest.raises(RefreshError, match="invalid_scope"):
        robot(key, []).refresh(Request())
    desk.google.accounts.revoke(ROBOT)
    with pytest.raises(RefreshError, match="account not found"):
        robot(key, [SHEETS]).refresh(Request())


def test_a_changed_assertion_has_no_valid_signature(desk: Desk, tmp_path: Path) -> None:
    login = robot(key_of(desk, tmp_path), [SHEETS])
    head, claims, signature = login._make_authorization_grant_assertion().decode().split(".")  # noqa: SLF001
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": f"{head}.{claims}.{signature[::-1]}",
    }
    answer = requests.post(f"{desk.google.url}/token", data=form, timeout=60)
    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid JWT Signature.")


def test_a_person_logs_in_with_a_refresh_token(desk: Desk) -> None:
    uri = f"{desk.google.url}/token"
    saved = desk.google.accounts.refresh_token(OWNER, frozenset({SHEETS}))
    program = {"client_id": "x", "client_secret": "made up"}
    login: Any = Person(None, refresh_token=saved, token_uri=uri, **program)  # type: ignore[no-untyped-call]
    login.refresh(Request())
    assert get(desk, login.token).status_code == 200
    desk.google.accounts.revoke(OWNER)
    assert get(desk, login.token).status_code == 401
    with pytest.raises(RefreshError, match="expired or revoked"):
        login.refresh(Request())


def test_a_call_without_a_good_token_is_told_so(desk: Desk) -> None:
    expired = desk.google.accounts.token(OWNER, lifetime=-1)
    for token in ("", "made-up", expired):
        error = get(desk, token).json()["error"]
        assert (error["code"], error["status"]) == (401, "UNAUTHENTICATED")


# faults


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("after", [False, True])
def test_a_fault_comes_before_or_after_the_commit(desk: Desk, status: int, after: bool) -> None:
    desk.write("A1", [["x"]])
    desk.google.faults.add(Fault(status=status, after_commit=after, retry_after="7", method="POST"))
    assert get(desk, desk.token).status_code == 200
    answer = clear(desk)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert answer.json()["error"]["code"] == status
    assert desk.read("A1") == ([] if after else [["x"]])
    assert clear(desk).status_code == 200


def test_a_rate_limit_of_drive_is_a_403(desk: Desk) -> None:
    desk.google.faults.add(Fault(status=403))
    assert get(desk, desk.token).json()["error"]["errors"][0]["reason"] == "rateLimitExceeded"


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_is_reset(desk: Desk, after: bool) -> None:
    desk.write("A1", [["x"]])
    desk.google.faults.add(Fault(reset=True, after_commit=after))
    with pytest.raises(requests.ConnectionError):
        clear(desk)
    assert desk.google.calls[-1].status == 0
    assert desk.read("A1") == ([] if after else [["x"]])


def test_a_slow_answer_outlasts_the_callers_patience(desk: Desk) -> None:
    desk.write("A1", [["x"]])
    desk.google.faults.add(Fault(delay=0.5, after_commit=True))
    with pytest.raises(requests.ReadTimeout):
        clear(desk, timeout=(60, 0.1))
    while not any(call.path.endswith(":clear") for call in desk.google.calls):
        time.sleep(0.01)  # it is entered once Google is at its end, however late that is
    assert desk.read("A1") == []


def test_a_fault_may_last(desk: Desk) -> None:
    with desk.google.broken(status=503, path="spreadsheets"):
        assert [get(desk, desk.token).status_code for _ in range(3)] == [503] * 3
        assert get(desk, desk.token, "/drive/v3/files/{book}").status_code == 200
    assert get(desk, desk.token).status_code == 200


def test_a_proxys_page_is_no_json(desk: Desk) -> None:
    desk.google.faults.add(Fault(status=502, not_json=True))
    answer = get(desk, desk.token)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")


def test_a_payload_may_be_too_large() -> None:
    desk = sit_down(Emulator(payload_limit=200))
    assert desk.ask("POST", f"{FOLDER}:batchUpdate", {"requests": [], "responseRanges": ["A1"] * 100})[0] == 413


# quotas


def test_sixty_calls_a_minute_and_a_batch_counts_as_one() -> None:
    now = [0.0]
    desk = sit_down(Emulator(quotas=Quotas(clock=lambda: now[0])))
    request = {"updateCells": {"start": {}, "fields": "note", "rows": []}}
    for _ in range(60):
        desk.batch(request, request, request)
    status, message = desk.refused("POST", f"{FOLDER}:batchUpdate", {"requests": [request]})
    assert (status, "Write requests per minute per user" in message) == (429, True)
    assert desk.ask("GET", FOLDER)[0] == 200  # reads have a bucket of their own
    assert desk.as_somebody("other@example.com", "writer").ask("POST", f"{FOLDER}/values/A1:clear")[0] == 200
    now[0] = 60.5
    desk.batch(request)


def test_three_hundred_calls_a_minute_for_everybody_together() -> None:
    desk = sit_down(Emulator(quotas=Quotas(clock=lambda: 0.0)))
    for number in range(5):
        person = desk.as_somebody(f"person{number}@example.com", "reader")
        assert [person.ask("GET", FOLDER)[0] for _ in range(60)] == [200] * 60
    status, message = desk.refused("GET", FOLDER)
    assert (status, "Read requests per minute'" in message) == (429, True)


# what happens in between


def test_somebody_edits_once_between_a_read_and_a_write(desk: Desk) -> None:
    edit = {"updateCells": {"start": {}, "fields": "note", "rows": [{"values": [{"note": "theirs"}]}]}}
    seen: list[int] = []

    def hook() -> None:
        seen.append(len(desk.google.calls))
        desk.google.edit(desk.book, [edit])

    desk.google.before_write(hook)
    desk.write("B1", [["a"]])
    assert seen == []  # a write that follows no read
    desk.read("B1")
    desk.write("B1", [["b"]])
    desk.read("B1")
    desk.write("B1", [["c"]])
    assert seen == [2]
    cells = desk.google.books[desk.book].sheets[0].cells
    assert (cells[0, 0], cells[0, 1]["userEnteredValue"]) == ({"note": "theirs"}, {"stringValue": "c"})


def test_a_failed_batch_leaves_nothing_behind(desk: Desk) -> None:
    before = desk.google.books[desk.book]
    good = {"updateCells": {"start": {}, "fields": "note", "rows": [{"values": [{"note": "x"}]}]}}
    bad = {"deleteSheet": {"sheetId": 99}}
    assert desk.refused("POST", f"{FOLDER}:batchUpdate", {"requests": [good, bad]})[0] == 400
    assert desk.google.books[desk.book] is before
    assert before.sheets[0].cells == {}


def test_many_write_at_once_and_nothing_is_lost(desk: Desk) -> None:
    def append(number: int) -> None:
        url = f"{desk.google.url}/v4/spreadsheets/{desk.book}/values/A1:append?valueInputOption=RAW"
        headers = {"Authorization": f"Bearer {desk.token}"}
        assert requests.post(url, json={"values": [[number]]}, headers=headers, timeout=120).status_code == 200

    threads = [threading.Thread(target=append, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row[0] for row in desk.read("A1:A100", "UNFORMATTED_VALUE")) == list(range(20))


def test_a_write_tells_drive_when_it_was(desk: Desk) -> None:
    fields = {"fields": "createdTime,modifiedTime,version"}
    first = desk.got("GET", "/drive/v3/files/{book}", **fields)
    time.sleep(0.01)
    desk.write("A1", [["x"]])
    second = desk.got("GET", "/drive/v3/files/{book}", **fields)
    assert second["createdTime"] == first["createdTime"]
    assert second["modifiedTime"] > first["modifiedTime"]
    assert (first["version"], second["version"]) == ("1", "2")


def test_every_call_is_in_the_log(desk: Desk) -> None:
    desk.write("A1", [["x"]])
    get(desk, desk.token, params={"fields": "sheets.properties"})
    write, read = desk.google.api_calls
    assert (write.method, write.body, write.account, write.status) == ("PUT", {"values": [["x"]]}, OWNER, 200)
    assert (read.query, read.size) == ({"fields": ["sheets.properties"]}, 0)

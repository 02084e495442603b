"""What somebody hostile sends to the page's server, against the running server; docs/addin.md has the same table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hostile import GROUPS_BELOW, TABLE, Hostile
from serving import AS_OF, Process, in_process, in_thread

from sheetsync.addin import server as served
from sheetsync.addin.asking import Asking
from sheetsync.addin.pairing import LASTS, MOST_TRIES, six_digits
from sheetsync.start import start

ROOT = Path(__file__).parents[2]
SECRET = "Harrow"  # noqa: S105
"""Stands in the tracker, so that it must not stand in what is refused or logged."""


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "tracker.xlsx"
    start(path, template="job-search", sample_on=dt.date.fromisoformat(AS_OF), old=None, options={}, toml={})
    return path


@pytest.fixture(scope="module")
def page(tracker: Path) -> Iterator[Process]:
    """The running server, with its page paired."""
    with in_process(tracker, tracker.parent / "home", "--as-of", AS_OF) as running:
        running.door.pair()
        yield running


@pytest.mark.parametrize("hostile", TABLE, ids=lambda each: each.what)
def test_hostile_request_is_answered_as_the_table_says(page: Process, tracker: Path, hostile: Hostile) -> None:
    before = tracker.read_bytes()
    reply = page.door.send(hostile.made(page.door))
    assert reply.status == hostile.status, reply.body
    assert not [name for name in reply.headers if name.startswith("access-control-")]
    if hostile.status != 200:
        assert tracker.read_bytes() == before
        assert SECRET.encode() not in reply.body
        assert b"Traceback" not in reply.body
        assert page.door.token.encode() not in reply.body


def test_what_the_table_alters_is_answered_unaltered(page: Process) -> None:
    assert page.door.post("today", b"{}").status == 200
    assert page.door.get("/").status == 200


def test_formula_in_a_value_is_a_text_in_the_file(page: Process, tracker: Path) -> None:
    for note in ("=1+1", "+1", "-1", "@a"):
        page.door.ask("log", row=4, channel="email", on="2026-11-16", note=note)
    sheet = openpyxl.load_workbook(tracker)["History"]
    notes = [cell for row in sheet.iter_rows() for cell in row if cell.value in ("=1+1", "+1", "-1", "@a")]
    assert [cell.data_type for cell in notes] == ["s"] * 4


def test_every_answer_forbids_framing_and_foreign_code(page: Process) -> None:
    for reply in (page.door.get("/"), page.door.post("today", b"{}"), page.door.post("today", b"{}", Origin="null")):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-frame-options"] == "DENY"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["cross-origin-resource-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "no-store"
        assert "server" not in reply.headers


def test_pane_is_framed_by_office_alone_and_asks_with_a_workbook_alone() -> None:
    with in_thread(_nothing, pane=True) as inside:
        policy = inside.door.get("/").headers["content-security-policy"]
        assert "script-src 'self' https://appsforoffice.microsoft.com;" in policy
        *_, ancestors = policy.split("; ")
        assert ancestors.split()[0] == "frame-ancestors"
        assert all(each.startswith("https://*.") for each in ancestors.split()[1:])
        assert inside.door.post("today", b"{}").status == 400
        assert inside.door.post("today", b'{"book": "tracker.xlsx"}').status == 400
        assert inside.door.post("today", b'{"book": {}, "path": "tracker.xlsx"}').status == 400
        assert inside.door.post("today", b'{"book": {}}').status == 200


def test_icons_of_the_pane_alone_may_be_shown_and_kept_by_office() -> None:
    with in_thread(_nothing, pane=True) as pane, in_thread(_nothing) as tab:
        icon, page = (pane.door.get(name, Sec_Fetch_Site="cross-site") for name in ("/icons/icon-32.png", "/main.js"))
        assert (icon.status, page.status) == (200, 403)
        assert icon.headers["cross-origin-resource-policy"] == "cross-origin"
        assert icon.headers["cache-control"] == "max-age=3600"
        assert pane.door.get("/icons/../main.js", Sec_Fetch_Site="cross-site").status == 404
        assert tab.door.get("/icons/icon-32.png", Sec_Fetch_Site="cross-site").status == 403
        assert tab.door.get("/icons/icon-32.png").headers["cross-origin-resource-policy"] == "same-origin"


def test_page_holds_neither_token_nor_content(page: Process) -> None:
    for name in served.page_files():
        content = page.door.get(name).body
        assert page.door.token.encode() not in content
        assert SECRET.encode() not in content


def test_link_works_once_and_the_next_one_is_shown_in_the_terminal(page: Process) -> None:
    used = page.door.code
    for _ in range(2):  # the second time there is nothing new to show
        assert page.door.post("pair", f'{{"code": "{used}"}}'.encode()).status == 401
    assert page.process.stdout is not None
    line = next(line for line in page.process.stdout if "#code=" in line)
    fresh = dataclasses.replace(page.door, token="", code=line.strip().rpartition("=")[2])
    fresh.pair()
    assert fresh.ask("today")["rows"]


def test_token_of_an_earlier_run_is_worth_nothing(page: Process) -> None:
    with in_thread(_nothing) as later:
        old = dataclasses.replace(later.door, token=page.door.token)
        assert old.post("today", b"{}").status == 401
        assert later.door.post("today", b"{}").status == 200


def test_token_ends_after_a_working_day() -> None:
    with in_thread(_nothing) as inside:
        inside.watch.now = 11 * 3600
        assert inside.door.post("today", b"{}").status == 200
        inside.watch.now = 13 * 3600
        assert inside.door.post("today", b"{}").status == 401


def test_code_is_void_after_ten_minutes() -> None:
    with in_thread(_nothing) as inside:
        inside.door.post("pair", _code(inside.door.code))  # used already, so a new one is shown
        late = inside.told[-1]
        inside.watch.now += LASTS
        assert inside.door.post("pair", _code(late)).status == 401
        assert inside.told[-1] != late
        assert inside.door.post("pair", _code(inside.told[-1])).status == 200


def test_six_digits_cannot_be_guessed() -> None:
    with in_thread(_nothing, make=six_digits) as inside:
        right = inside.door.post("pair", _code(inside.door.code))
        assert right.status == 401
        wrong = _code("12345x")
        for wait in (30, 60, 120):
            shown = inside.told[-1]
            assert [inside.door.post("pair", wrong).status for _ in range(MOST_TRIES)] == [401] * (MOST_TRIES - 1) + [
                429
            ]
            assert inside.told[-1] != shown, "the code that was tried is void"
            # until the wait is over even the right one is not tried
            inside.watch.now += wait - 1
            early = inside.door.post("pair", _code(inside.told[-1]))
            assert (early.status, early.headers["retry-after"]) == (429, "2")
            inside.watch.now += 1
        assert inside.door.post("pair", _code(inside.told[-1])).status == 200


def test_code_of_a_foreign_page_is_not_even_looked_at() -> None:
    with in_thread(_nothing) as inside:
        for _ in range(MOST_TRIES + 1):
            assert inside.door.post("pair", _code("x"), Origin="https://evil.example").status == 403
        inside.door.post("pair", _code(inside.door.code))
        assert inside.door.post("pair", _code(inside.told[-1])).status == 200


def test_request_that_does_not_arrive_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "PATIENCE", 1.0)
    with in_thread(_nothing) as inside:
        whole = inside.door.request("/api/today", b"{}")
        assert inside.door.send(whole[:40]).status == 0
        assert inside.door.send(b"").status == 0
        assert inside.door.send(whole[:-1]).status == 408


def test_head_of_a_megabyte_is_not_read_to_its_end() -> None:
    with in_thread(_nothing) as inside:
        assert inside.door.post("today", b"{}", X_Long="A" * 2**20).status in (0, 400)


def test_mistake_of_ours_is_one_sentence_without_content(capfd: pytest.CaptureFixture[str]) -> None:
    def answer(_asking: Asking) -> dict[str, object]:
        raise ZeroDivisionError(SECRET)

    with in_thread(answer) as inside:
        reply = inside.door.post("today", b"{}")
    assert reply.status == 500
    assert reply.json["code"] == 70
    assert reply.json["error"].startswith("This is a mistake in sheetsync, not yours (ZeroDivisionError)")
    assert SECRET.encode() not in reply.body
    assert "".join(capfd.readouterr()) == ""


def test_nothing_that_was_asked_or_answered_is_printed(tracker: Path, tmp_path: Path) -> None:
    with in_process(tracker, tmp_path / "home", "--as-of", AS_OF) as running:
        running.door.pair()
        running.door.ask("today")
        running.door.ask("log", row=4, channel="email", note="between us", on="2026-11-16")
        running.door.post("today", b"{}", X_Sheetsync_Token="wrong-token")  # noqa: S106
        assert running.end() == 0
    printed = "\n".join(running.printed)
    for text in (running.door.token, "between us", SECRET, "wrong-token", "/api/"):
        assert text not in printed
    assert printed.endswith("The page has ended.")


def test_table_stands_in_the_docs() -> None:
    lines = ["| request | answer |", "|---|---|"]
    group = ""
    for each in TABLE:
        if each.group != group:
            group = each.group
            lines.append(f"| **{group}** | |")
        lines.append(f"| {each.what} | {each.status} |")
    for group, rows in GROUPS_BELOW.items():
        lines += [f"| **{group}** | |", *(f"| {what} | {answer} |" for what, answer in rows.items())]
    table = "\n".join(lines)
    print(table)  # noqa: T201 - for the docs, with `pytest -s`
    docs = ROOT / "docs" / "addin.md"
    assert table in docs.read_text("utf-8")


def _nothing(_asking: Asking) -> dict[str, object]:
    return {}


def _code(code: str) -> bytes:
    return f'{{"code": "{code}"}}'.encode()

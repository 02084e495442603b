"""What goes wrong with Google, and what becomes of a sync then: the sentence, the exit code, the calls, the seconds.

`pytest -s tests/google/test_faults.py` prints the table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from emulator.faults import Fault
from emulator.server import Emulator
from patient import Watch
from person import PersonAtGoogle

from sheetsync.changes import Append
from sheetsync.errors import SheetsyncError
from sheetsync.model import Grid
from sheetsync.sheets.google.auth import find_login
from sheetsync.sheets.google.source import GoogleSource
from sheetsync.sheets.google.transport import Patience, Transport
from sheetsync.sync import propose, sync

ROBOT = "robot@project.iam.gserviceaccount.com"
DAY = dt.date(2026, 11, 16)
TRACKER = Grid(
    "Jobs",
    (
        ("Company", "Alder Ltd", "Birch Co", "Cedar Inc"),
        ("Status", "Applied", "Applied", "Rejected"),
        ("Date Applied", dt.date(2026, 11, 1), dt.date(2026, 11, 13), dt.date(2026, 10, 1)),
    ),
)
READ: dict[str, Any] = {"method": "GET"}
WRITE: dict[str, Any] = {"method": "POST", "path": "batchUpdate"}
EVER: dict[str, Any] = {"times": None}
BUDGET = Patience()


@dataclass
class Outcome:
    """What a sync came to. `error` is None if it went well."""

    error: SheetsyncError | None
    told: Sequence[str]
    calls: int
    seconds: float
    book: Any


Runs = Callable[..., Outcome]


@pytest.fixture(scope="module")
def table() -> Iterator[list[tuple[str, ...]]]:
    """The rows of the table, printed when all are there."""
    rows: list[tuple[str, ...]] = []
    yield rows
    print(f"\n{'fault':44} {'exit':4} {'calls':5} {'seconds':>7}  what the person sees last")  # noqa: T201
    for name, code, calls, seconds, sentence in rows:
        print(f"{name:44} {code:4} {calls:5} {seconds:>7}  {sentence}")  # noqa: T201


@pytest.fixture
def run(emulator: Emulator, tmp_path: Path, table: list[tuple[str, ...]]) -> Runs:
    """Syncs a small tracker while things go wrong; `role` is what it is shared as, "" for not at all."""
    key = str(emulator.key_file(tmp_path, ROBOT))
    person = PersonAtGoogle(emulator, lambda _id: pytest.fail("opened here alone"))

    def go(*faults: Fault, role: str = "writer", book_id: str = "", name: str = "", **patience: Any) -> Outcome:
        book_id = book_id or person.make_book([TRACKER], share_with={ROBOT: role} if role else {})
        emulator.calls.clear()
        for fault in faults:
            emulator.faults.add(fault)
        watch, told = Watch(), list[str]()
        transport = Transport(find_login(key), tell=told.append, patience=watch.patience(**patience))
        source = GoogleSource(book_id, transport, location=f"https://docs.google.com/spreadsheets/d/{book_id}")
        error = None
        try:
            sync(source, as_of=DAY)
        except SheetsyncError as stopped:
            error = stopped
        emulator.faults.clear()
        if not any(fault.delay for fault in faults):  # a call that is slow is not in the log yet
            assert transport.calls == len(emulator.api_calls)
        found = Outcome(error, told, transport.calls, watch.seconds, emulator.books.get(book_id))
        last = str(error) if error else told[-1] if told else ""
        code = error.exit_code if error else 0
        row = (name, str(code), str(found.calls), f"{found.seconds:.1f}", last)
        if row[:3] not in {known[:3] for known in table}:
            table.append(row)
        return found

    return go


def written(book: Any) -> Any:
    """All that stands in a spreadsheet after a sync, without what every write leaves of its own."""
    (sheet,) = book.sheets
    keys = sorted(one["metadataKey"] for one in book.metadata)
    rules = [rule["booleanRule"]["condition"] for rule in sheet.rules]
    return sheet.cells, rules, keys


@pytest.fixture
def faultless(run: Runs) -> Any:
    """What stands there after a sync with which nothing went wrong."""
    found = run(name="none")
    assert found.error is None
    assert found.calls == 2
    return written(found.book)


PASSING = {
    "429 at the read": (Fault(status=429, **READ), 3),
    "429 at the read, Retry-After 30": (Fault(status=429, retry_after="30", **READ), 3),
    "429 at the write": (Fault(status=429, **WRITE), 3),
    "rate limit's 403 at the write": (Fault(status=403, **WRITE), 3),
    "500 at the read": (Fault(status=500, **READ), 3),
    "500 at the write, before the commit": (Fault(status=500, **WRITE), 4),
    "500 at the write, after the commit": (Fault(status=500, after_commit=True, **WRITE), 4),
    "502, not JSON, at the read": (Fault(status=502, not_json=True, **READ), 3),
    "503 at the read": (Fault(status=503, **READ), 3),
    "503 at the write, before the commit": (Fault(status=503, **WRITE), 4),
    "503 at the write, after the commit": (Fault(status=503, after_commit=True, **WRITE), 4),
    "reset at the read": (Fault(reset=True, **READ), 3),
    "reset at the write, before the commit": (Fault(reset=True, **WRITE), 4),
    "reset at the write, after the commit": (Fault(reset=True, after_commit=True, **WRITE), 4),
    "time-out at the read": (Fault(delay=2, **READ), 3),
    "time-out at the write, after the commit": (Fault(delay=2, after_commit=True, **WRITE), 4),
    "401 at the read, the sign-in is renewed": (Fault(status=401, **READ), 3),
    "503 at the sign-in": (Fault(status=503, path="token"), 2),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_waited_for_and_nothing_is_written_twice(name: str, run: Runs, faultless: Any) -> None:
    fault, calls = PASSING[name]
    found = run(fault, name=name, read=1.5 if fault.delay else 5.0)
    assert found.error is None
    assert written(found.book) == faultless
    assert found.calls == calls
    assert len(found.told) == (0 if fault.status == 401 else 1)
    assert all(": waiting " in line and line.endswith("try 2 of 6.") for line in found.told)


STAYING = {
    "429 for ever": (
        Fault(status=429, **EVER, **READ),
        "Google's limit of requests a minute is reached (429); 6 tries",
    ),
    "429 for ever, Retry-After 600": (
        Fault(status=429, retry_after="600", **EVER, **READ),
        "and Google asks to wait 600 s",
    ),
    "500 for ever": (Fault(status=500, **EVER, **READ), "Google is busy (500); 6 tries in"),
    "503 for ever, at the read": (Fault(status=503, **EVER, **READ), "Google is busy (503); 6 tries in"),
    "503 for ever, at the write, before the commit": (
        Fault(status=503, **EVER, **WRITE),
        "Google is busy (503); 6 tries",
    ),
    "503 for ever, at the sign-in": (
        Fault(status=503, path="token", **EVER),
        "Google's sign-in is busy (503); 6 tries",
    ),
    "resets for ever": (
        Fault(reset=True, **EVER, **READ),
        "The connection to sheets.googleapis.com broke off; 6 tries",
    ),
    "time-outs for ever": (Fault(delay=0.6, **EVER, **READ), "sheets.googleapis.com did not answer in time; 6 tries"),
    "401 for ever": (Fault(status=401, **EVER, **READ), f"does not accept the sign-in of {ROBOT}"),
}


@pytest.mark.parametrize("name", STAYING)
def test_what_stays_ends_within_its_budget_with_exit_code_6(name: str, run: Runs) -> None:
    fault, sentence = STAYING[name]
    found = run(fault, name=name, read=0.1 if fault.delay else 5.0)
    assert found.error is not None
    assert found.error.exit_code == 6
    assert sentence.lower() in str(found.error).lower()
    assert "\n" not in str(found.error)
    assert found.seconds < BUDGET.seconds
    assert found.calls <= 2 * BUDGET.attempts + 1
    assert str(found.error).endswith(" Nothing was written.")
    assert found.book.sheets[0].rules == []
    assert found.book.metadata == []


def test_503_for_ever_after_the_commit_is_seen_to_be_written(run: Runs, faultless: Any) -> None:
    found = run(Fault(status=503, after_commit=True, **EVER, **WRITE), name="503 for ever, after the commit")
    assert found.error is None
    assert written(found.book) == faultless


HISTORY = Grid("History", (("Date", dt.date(2026, 11, 2)), ("Company", "Birch Co"), ("Note", "called")))
UNCLEAR = {
    "503": Fault(status=503, after_commit=True, **WRITE),
    "500": Fault(status=500, after_commit=True, **WRITE),
    "reset": Fault(reset=True, after_commit=True, **WRITE),
    "503 before": Fault(status=503, **WRITE),
}


@pytest.mark.parametrize("name", UNCLEAR)
def test_a_row_that_is_added_to_history_is_added_once(name: str, emulator: Emulator, tmp_path: Path) -> None:
    person = PersonAtGoogle(emulator, lambda _id: pytest.fail("opened here alone"))
    book_id = person.make_book([TRACKER, HISTORY], share_with={ROBOT: "writer"})
    login = find_login(str(emulator.key_file(tmp_path, ROBOT)))
    source = GoogleSource(book_id, Transport(login, patience=Watch().patience()))
    changes = propose(source, as_of=DAY).changes
    emulator.faults.add(UNCLEAR[name])
    source.apply(replace(changes, appends=(Append("History", ({1: DAY, 2: "Alder Ltd", 3: "wrote"},)),)))
    (history,) = (grid for grid in source.read().grids if grid.name == "History")
    assert [value for value in history.columns[1] if value] == ["Company", "Birch Co", "Alder Ltd"]


def test_a_viewer_is_told_who_must_be_made_what(run: Runs) -> None:
    found = run(role="reader", name="403, shared as a viewer")
    assert found.error is not None
    assert found.error.exit_code == 6
    assert str(found.error).startswith(f"{ROBOT} may not change https://docs.google.com/spreadsheets/d/")
    assert f"click Share, and make {ROBOT} an Editor. Nothing was written." in str(found.error)
    assert found.calls == 2


def test_a_stranger_is_told_who_must_be_let_in(run: Runs) -> None:
    found = run(role="", name="403, not shared")
    assert found.error is not None
    assert found.error.exit_code == 6
    assert str(found.error).startswith(f"{ROBOT} may not open https://docs.google.com/spreadsheets/d/")
    assert found.calls == 1


def test_an_address_of_nothing_is_said_to_be_one(run: Runs) -> None:
    found = run(book_id="1Sle_EDNRq8PsQGzmskqQWIGnUT4epR-d9A-9gaJsrrQ", name="404")
    assert found.error is not None
    assert found.error.exit_code == 6
    assert str(found.error).startswith("There is no https://docs.google.com/spreadsheets/d/1Sle_")
    assert found.calls == 1

"""How often Google is asked, how much goes in one call, and what becomes of a write whose answer is lost."""

from __future__ import annotations

import cProfile
import dataclasses
import pstats
from collections.abc import Sequence
from pathlib import Path

import pytest
from contract import AFTER, JOBS, LAST, NOTES, changes, ours
from emulator.faults import Fault
from emulator.server import Emulator
from person import PersonAtGoogle

from sheetsync.changes import Append, Changes
from sheetsync.errors import GoogleError, RestoredError, UnreachableError
from sheetsync.model import OWNED, Grid, Value
from sheetsync.sheets.google import batch
from sheetsync.sheets.google.auth import find_login
from sheetsync.sheets.google.reading import FIELDS, read
from sheetsync.sheets.google.source import GoogleSource
from sheetsync.sheets.google.transport import Patience, Transport
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source

API = "https://sheets.googleapis.com/v4/spreadsheets"
BUSY = Patience(attempts=5, seconds=30, sleep=lambda _seconds: None)


def tracker(rows: int, columns: int = 4) -> Grid:
    """A header and that many rows."""
    firms: list[Value] = ["Company", *(f"Firm {row}" for row in range(rows))]
    others: list[list[Value]] = [
        [f"Column {column}", *(float(column * row) for row in range(rows))] for column in range(2, columns + 1)
    ]
    return Grid("Jobs", (firms, *others))


def asked(source: Source, rows: int, *, width: int = 1, right: int = 4) -> Changes:
    """What a sync of `tracker(rows)` asks for."""
    after: dict[str, Sequence[Value]] = {
        key: [f"{key} {row} ".ljust(width, "x") for row in range(rows)] for key in OWNED
    }
    snapshot = source.read()
    standing = snapshot.owned.columns if snapshot.owned else {}
    return dataclasses.replace(
        changes(snapshot),
        header_row=1,
        first_row=2,
        last_row=rows + 1,
        right=right,
        rows=range(2, rows + 2),
        before={key: [None] * rows for key in OWNED},
        after=after,
        add=tuple(key for key in OWNED if key not in standing),
        read_columns=(1, 2),
    )


def sent(google: PersonAtGoogle, since: int = 0) -> list[str]:
    """The methods of the calls made."""
    return [call.method for call in google.emulator.api_calls[since:]]


@pytest.mark.parametrize("rows", [20, 200, 10_000])
def test_a_sync_is_one_read_and_one_write_and_the_next_one_only_a_read(google: PersonAtGoogle, rows: int) -> None:
    source = google.make([tracker(rows)])
    receipt = source.apply(asked(source, rows))
    assert receipt.written
    assert receipt.changed_cells == 6 * rows
    assert sent(google) == ["GET", "POST"]
    again = source.apply(asked(source, rows))
    assert (again.written, again.changed_cells) == (False, 0)
    assert sent(google) == ["GET", "POST", "GET"]


@pytest.mark.slow
def test_a_big_sheet_is_read_in_a_few_steps_a_cell(google: PersonAtGoogle) -> None:
    source = google.make([tracker(2_000, 26)])
    transport = source._transport  # type: ignore[attr-defined] # noqa: SLF001 - the emulator's own time is not counted
    answer = transport.call("GET", f"{API}/{google.id_of(source)}", params={"fields": FIELDS})
    watch = cProfile.Profile()  # which counts calls: they are the same on every machine, however busy it is
    snapshot, _ = watch.runcall(read, answer, source.location)
    assert pstats.Stats(watch).total_calls < 8 * 2_000 * 26  # type: ignore[attr-defined]
    assert (snapshot.grids[0].n_rows, snapshot.grids[0].n_columns) == (2_001, 26)


def test_more_than_ten_megabytes_go_in_several_calls_and_it_is_said(google: PersonAtGoogle) -> None:
    rows = 2_500
    source = google.make([tracker(rows)])
    receipt = source.apply(asked(source, rows, width=900))
    calls = google.emulator.api_calls
    assert sent(google) == ["GET", "POST", "POST"]
    assert all(call.size <= batch.MOST_BYTES for call in calls)
    assert max(call.size for call in calls) > 7_000_000
    kinds = [{next(iter(request)) for request in call.body["requests"]} for call in calls[1:]]
    assert "addConditionalFormatRule" in kinds[0]
    assert kinds[1] == {"updateCells", "createDeveloperMetadata", "deleteDeveloperMetadata"}
    assert [problem.message for problem in receipt.problems] == [
        "This was too much for one call to Google and went in 2, so it was not written at once."
    ]
    assert source.read().grids[0].cell(rows + 1, 10) == f"why {rows - 1} ".ljust(900, "x")
    assert not source.apply(asked(source, rows, width=900)).written


def test_an_edit_between_two_calls_takes_both_back(google: PersonAtGoogle) -> None:
    rows = 2_500
    source = google.make([tracker(rows)])
    wanted = asked(source, rows, width=900)
    posts = iter(range(2))
    send = source._send  # type: ignore[attr-defined] # noqa: SLF001 - somebody edits in between

    def edited_before_the_second(*given: object) -> object:
        if next(posts, None) == 1:
            google.sort_rows(source, 2, rows + 1, by=3)
            google.set(source, 2, 1, "Another firm")
        return send(*given)

    source._send = edited_before_the_second  # type: ignore[attr-defined] # noqa: SLF001
    with pytest.raises(RestoredError):
        source.apply(wanted)
    grid = source.read().grids[0]
    assert (grid.n_columns, grid.cell(2, 1)) == (4, "Another firm")
    assert source.read().owned is None


# Answers that are lost


@pytest.fixture
def patient(google: PersonAtGoogle, emulator: Emulator, tmp_path: Path) -> GoogleSource:
    """A spreadsheet whose source tries again at once."""
    book = google.make_book(
        [Grid(JOBS.name, JOBS.columns), NOTES], share_with={"robot@example.iam.gserviceaccount.com": "writer"}
    )
    login = find_login(str(emulator.key_file(tmp_path, "robot@example.iam.gserviceaccount.com")))
    return GoogleSource(book, Transport(login, patience=BUSY))


FAULTS = {
    "503 before": Fault(503, method="POST", path="batchUpdate"),
    "503 after": Fault(503, after_commit=True, method="POST", path="batchUpdate"),
    "500 after": Fault(500, after_commit=True, method="POST", path="batchUpdate"),
    "reset before": Fault(reset=True, method="POST", path="batchUpdate"),
    "reset after": Fault(reset=True, after_commit=True, method="POST", path="batchUpdate"),
    "429": Fault(429, method="POST", path="batchUpdate"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_write_whose_answer_is_lost_is_done_once(google: PersonAtGoogle, patient: GoogleSource, name: str) -> None:
    notes = Append("Notes", ({1: "Write", 2: 5},))
    wanted = dataclasses.replace(changes(patient.read()), appends=(notes,))
    google.emulator.faults.add(dataclasses.replace(FAULTS[name]))
    receipt = patient.apply(wanted)
    assert receipt.written
    snapshot = patient.read()
    assert ours(snapshot, "why") == list(AFTER["why"])
    assert [rule for rule in map(is_ours, google.rules(patient)) if rule] == [
        "overdue", "due", "upcoming", "waiting", "closed",
    ]  # fmt: skip
    assert [snapshot.grid("Notes").cell(row, 1) for row in range(3, 6)] == ["Write", None, None]
    book = google.book(patient)
    keys = [one["metadataValue"] for one in book.metadata if one["metadataKey"] == "sheetsync.column"]
    assert sorted(keys) == sorted(OWNED)
    assert not patient.apply(changes(snapshot)).written


@pytest.mark.parametrize("name", FAULTS)
def test_a_removal_whose_answer_is_lost_is_done_once(google: PersonAtGoogle, patient: GoogleSource, name: str) -> None:
    before = google.theirs(patient)
    patient.apply(changes(patient.read()))
    google.emulator.faults.add(dataclasses.replace(FAULTS[name]))
    assert patient.remove().written
    assert google.theirs(patient) == before
    assert patient.read().owned is None


def test_an_edit_in_the_moment_of_a_lost_answer_is_noticed_too(google: PersonAtGoogle, patient: GoogleSource) -> None:
    before = google.rules(patient)
    wanted = changes(patient.read())
    google.insert_column(patient, 2)
    google.emulator.faults.add(dataclasses.replace(FAULTS["503 after"]))
    with pytest.raises(RestoredError):
        patient.apply(wanted)
    snapshot = patient.read()
    assert snapshot.owned is None
    assert [snapshot.grids[0].cell(row, 4) for row in range(3, LAST + 1)] == list(JOBS.columns[2][2:])
    assert google.rules(patient) == before


def test_a_google_that_never_answers_ends_within_its_budget(google: PersonAtGoogle, patient: GoogleSource) -> None:
    wanted = changes(patient.read())
    calls = len(google.emulator.api_calls)
    with google.emulator.broken(status=503, method="POST", path="batchUpdate"), pytest.raises(UnreachableError):
        patient.apply(wanted)
    assert len(google.emulator.api_calls) - calls <= 2 * 5
    assert patient.read().owned is None


def test_what_cannot_be_put_back_is_said(google: PersonAtGoogle, patient: GoogleSource) -> None:
    wanted = changes(patient.read())
    google.insert_column(patient, 2)
    posts: list[object] = []
    send = patient._send  # noqa: SLF001 - Google breaks down right after the write

    def once(*given: object) -> object:
        if posts:
            raise UnreachableError("Google is busy (503): run this again later.")
        posts.append(given)
        return send(*given)  # type: ignore[arg-type]

    patient._send = once  # type: ignore[assignment, method-assign] # noqa: SLF001
    with pytest.raises(GoogleError, match="could not be put back: take the version from before"):
        patient.apply(wanted)


def test_an_answer_that_shows_nothing_is_no_change_but_a_reason_to_look(google: PersonAtGoogle) -> None:
    """Should Google leave the cells out of its answer one day, a write is looked at by a read instead."""
    source = google.make([JOBS, NOTES])
    wanted = changes(source.read())
    send = source._send  # type: ignore[attr-defined] # noqa: SLF001 - what Google sends cannot be had otherwise
    source._send = lambda *given: {"replies": send(*given)["replies"]}  # type: ignore[attr-defined] # noqa: SLF001
    assert source.apply(wanted).written
    assert sent(google) == ["GET", "POST", "GET"]
    assert ours(source.read(), "why") == list(AFTER["why"])


def test_marks_that_contradict_each_other_in_that_moment_do_not_stop_the_putting_back(google: PersonAtGoogle) -> None:
    source = google.make([Grid(JOBS.name, JOBS.columns), NOTES])
    source.apply(changes(source.read()))
    wanted = changes(source.read(), {**AFTER, "why": ("New.", None, None, None)})
    place = {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 12, "endIndex": 13}
    mark = {
        "metadataId": 4242, "metadataKey": "sheetsync.column", "metadataValue": "why", "visibility": "DOCUMENT",
        "location": {"dimensionRange": place},
    }  # fmt: skip
    google.edit(source, {"createDeveloperMetadata": {"developerMetadata": mark}})
    google.sort_rows(source, 3, LAST, by=3)
    with pytest.raises(RestoredError):
        source.apply(wanted)
    typed = [google.book(source).sheets[0].cells.get((row, 9), {}).get("userEnteredValue") for row in range(2, 6)]
    assert {"stringValue": "New."} not in typed

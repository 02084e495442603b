"""The coach's list of clients: recognised by plain words, read as it is meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from sheetsync.coach.clients import Client, read_clients
from sheetsync.errors import UsageError
from sheetsync.model import Grid, Problem, Snapshot, Value
from sheetsync.settings import Settings

TODAY = dt.date(2026, 11, 16)
LINK = "https://docs.google.com/spreadsheets/d/1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789/edit"


def read(rows: Sequence[Sequence[Value]]) -> tuple[tuple[Client, ...], tuple[Problem, ...]]:
    columns = tuple(tuple(column) for column in zip(*rows, strict=True))
    snapshot = Snapshot("clients.xlsx", "1", (Grid("Clients", columns),))
    return read_clients(snapshot, Settings(), folder="/coach", today=TODAY)


def test_a_list_is_names_trackers_and_sessions() -> None:
    clients, problems = read([
        ("Name", "Tracker", "Next session"),
        ("Ana", "trackers/ana.xlsx", dt.date(2026, 11, 20)),
        ("Ben", "/elsewhere/ben.csv", None),
        ("Cleo", LINK, "2026-12-01"),
    ])  # fmt: skip
    assert [(one.name, one.target, one.next_session) for one in clients] == [
        ("Ana", "/coach/trackers/ana.xlsx", dt.date(2026, 11, 20)),
        ("Ben", "/elsewhere/ben.csv", None),
        ("Cleo", LINK, dt.date(2026, 12, 1)),
    ]
    assert problems == ()


@pytest.mark.parametrize(
    ("name", "target", "session"),
    [
        ("Client", "File", "Next meeting"),
        ("WHO:", "Link to tracker", "Appointment"),
        ("Candidate", "Google Sheet", "session"),
        ("Kunde", "Datei", "Nächster Termin"),
        ("Nom", "Fichier", "Prochaine séance"),
    ],
)
def test_its_headers_are_plain_words_in_any_order(name: str, target: str, session: str) -> None:
    clients, _ = read([("", session, target, name), ("x", dt.date(2026, 11, 20), "ana.xlsx", "Ana")])
    assert [(one.name, one.target, one.next_session) for one in clients] == [
        ("Ana", "/coach/ana.xlsx", dt.date(2026, 11, 20))
    ]


def test_titles_and_blank_rows_are_no_clients() -> None:
    clients, _ = read([
        ("My clients", None), (None, None), ("Name", "Tracker"), ("Ana", "ana.xlsx"), (None, None), ("Ben", "ben.xlsx"),
    ])  # fmt: skip
    assert [(one.name, one.listed) for one in clients] == [("Ana", "Clients row 4"), ("Ben", "Clients row 6")]


def test_a_session_that_is_over_is_the_last_one() -> None:
    (ana, ben, cleo), _ = read([
        ("Name", "Tracker", "Next session", "Last session"),
        ("Ana", "a.xlsx", dt.date(2026, 11, 12), dt.date(2026, 11, 2)),
        ("Ben", "b.xlsx", TODAY, dt.date(2026, 11, 9)),
        ("Cleo", "c.xlsx", None, dt.date(2026, 11, 30)),
    ])  # fmt: skip
    assert (ana.next_session, ana.last_session) == (None, dt.date(2026, 11, 12))
    assert (ben.next_session, ben.last_session) == (TODAY, dt.date(2026, 11, 9))
    assert (cleo.next_session, cleo.last_session) == (None, None)


def test_a_day_nobody_can_read_is_told_and_left_open() -> None:
    (ana,), (problem,) = read([("Name", "Tracker", "Next session"), ("Ana", "a.xlsx", "after the holidays")])
    assert ana.next_session is None
    assert problem.place == "Clients!C2"


def test_a_tracker_that_is_named_twice_is_one_client() -> None:
    clients, (problem,) = read([
        ("Name", "Tracker", "Tab"), ("Ana", "all.xlsx", "Ana"), ("Ben", "all.xlsx", "Ben"), ("Anna", "./all.xlsx", "ana"),
    ])  # fmt: skip
    assert [(one.name, one.sheet) for one in clients] == [("Ana", "Ana"), ("Ben", "Ben")]
    assert (problem.row, problem.message) == (
        4, "It names the same tracker as row 2, so it is counted once: take one of the two out.",
    )  # fmt: skip


def test_a_client_without_a_tracker_stays_in_the_list() -> None:
    clients, _ = read([("Name", "Tracker"), ("Ana", None), ("Ben", "TBD")])
    assert [(one.name, one.target) for one in clients] == [("Ana", ""), ("Ben", "")]


def test_what_is_no_list_is_refused_with_what_it_needs() -> None:
    with pytest.raises(
        UsageError, match=r"clients.xlsx holds no list of clients: give it a row of headers with Name, Tracker"
    ):
        read([("Item", "Price"), ("Bread", 2)])

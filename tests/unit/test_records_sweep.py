"""Closing what went cold: with a word of the tracker's own that closes it, in any language, and never with a wrong one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from recording import rows_to_columns, run

from sheetsync.model import Grid, Value
from sheetsync.records.closing import cold_threads, sweep
from sheetsync.records.contacts import Contact, record_contacts
from sheetsync.sheets.memory import MemorySource
from sheetsync.sync import Outcome

LONG_AGO = dt.date(2026, 3, 2)
NAMES = ("Company", "Role", "Status", "Date applied")


def jobs(*statuses: str, dropdown: tuple[str, ...] = (), words: tuple[str, ...] = NAMES) -> MemorySource:
    """The first row went cold; the others are of now."""
    rows: list[tuple[Value, ...]] = [
        (f"Company {number}", "Clerk", status, dt.date(2026, 11, 10) if number else LONG_AGO)
        for number, status in enumerate(statuses)
    ]
    grid = Grid("Jobs", rows_to_columns([words, *rows]))
    return MemorySource([replace(grid, dropdowns={3: dropdown}) if dropdown else grid])


def swept(source: MemorySource, older: int | None = None) -> Outcome:
    return run(source, lambda reading: sweep(reading, older=older))


def status(source: MemorySource, row: int = 2) -> Value:
    return source.read().grid("Jobs").cell(row, 3)


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        (("Applied", "Ghosted"), "Ghosted"),
        (("Applied", "No response", "Closed - no reply"), "Closed - no reply"),
        (("Applied", "withdrawn"), "withdrawn"),
        (("Beworben", "Zurückgezogen"), "Zurückgezogen"),
        (("Candidature envoyée", "Retirée"), "Retirée"),
        (("Applied", "No response"), "No response (closed)"),
        (("Applied", "Rejected"), "No response (closed)"),
    ],
)
def test_the_word_is_the_trackers_own_if_it_has_one_that_closes(statuses: tuple[str, ...], word: str) -> None:
    source = jobs(*statuses)
    assert run(source).proposal.plan.frame.loc[2, "follow_up"] == "Cold"
    outcome = swept(source)
    assert status(source) == word
    assert outcome.proposal.plan.frame.loc[2, "follow_up"] == "Closed"
    assert [edit.row for edit in outcome.proposal.changes.edits] == [2]
    assert not swept(source).receipt.written, "what is closed is not cold any more"


def test_what_is_told_says_what_stood_there_so_that_it_can_be_put_back() -> None:
    told = swept(jobs("Applied", "Ghosted")).proposal.records.told
    assert told == ("Closed row 2, Company 0: “Applied” became “Ghosted”.",)


def test_only_words_that_the_drop_down_offers_are_written() -> None:
    offered = ("Applied", "Interview", "Rejected", "Gave up")
    source = jobs("Applied", dropdown=offered)
    swept(source)
    assert status(source) == "Gave up"


def test_a_drop_down_without_a_word_that_closes_is_told_and_nothing_is_closed() -> None:
    source = jobs("Applied", dropdown=("Applied", "Interview", "Rejected", "No response"))
    outcome = swept(source)
    assert status(source) == "Applied"
    assert [(problem.row, problem.message) for problem in outcome.proposal.records.problems] == [
        (
            2,
            "The status list has no word that ends a thread this way: add one, such as “No response (closed)”.",
        )
    ]


def test_a_status_by_formula_or_no_status_column_at_all_is_told() -> None:
    source = jobs("Applied")
    source.set("Jobs", 2, 3, "Applied", formula=True)
    assert "holds a formula" in swept(source).proposal.records.problems[0].message
    without = MemorySource([Grid("Jobs", (("Company", "Ash"), ("Role", "Clerk"), ("Date applied", LONG_AGO)))])
    assert "no status column" in swept(without).proposal.records.problems[0].message


def test_nobody_is_called_rejected_or_lost_for_want_of_a_word() -> None:
    source = jobs("Applied", "Lost", "Rejected")
    swept(source)
    assert status(source) == "No response (closed)"


def test_a_proposal_may_be_lost() -> None:
    rows: list[tuple[Value, ...]] = [
        ("Client", "Kind", "Status", "Proposal sent"),
        ("Ash", "Proposal", "Proposal sent", LONG_AGO),
        ("Birch", "Proposal", "Lost", LONG_AGO),
    ]
    source = MemorySource([Grid("Jobs", rows_to_columns(rows))])
    swept(source)
    assert status(source) == "Lost"


def test_older_leaves_out_those_not_silent_for_so_long() -> None:
    source = jobs("Applied", "Ghosted")
    silent = (dt.date(2026, 11, 16) - LONG_AGO).days
    assert not swept(source, older=silent + 1).proposal.records
    assert status(source) == "Applied"
    assert len(swept(source, older=silent).proposal.records.edits) == 1


def test_silence_is_counted_from_the_last_contact_or_event_not_from_a_date_to_come() -> None:
    source = jobs("Applied")
    day = dt.date(2026, 9, 1)
    run(source, lambda reading: record_contacts(reading, [Contact(2, day, "out")]))
    proposal = run(source).proposal
    (cold,) = cold_threads(proposal.tracker, proposal.plan, older=None)
    assert cold.silent_days == (dt.date(2026, 11, 16) - day).days


def test_the_longest_silent_stands_first() -> None:
    rows: list[tuple[Value, ...]] = [
        ("New", "Clerk", "Applied", dt.date(2026, 6, 1)),
        ("Old", "Clerk", "Applied", dt.date(2026, 1, 5)),
        ("Same day", "Clerk", "Applied", dt.date(2026, 6, 1)),
    ]
    proposal = run(MemorySource([Grid("Jobs", rows_to_columns([NAMES, *rows]))])).proposal
    assert [cold.row for cold in cold_threads(proposal.tracker, proposal.plan, older=None)] == [3, 2, 4]

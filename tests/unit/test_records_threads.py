"""Naming a thread: by row, id, company, role or contact; and the ids that threads get."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from recording import cell, job, run, tracker

from sheetsync.errors import UsageError
from sheetsync.records.contacts import Contact, record_contacts
from sheetsync.records.finding import find_person, find_thread
from sheetsync.records.ids import new_ids
from sheetsync.sheets.memory import MemorySource


def found(source: MemorySource, wanted: str) -> int:
    return find_thread(run(source).proposal.tracker, wanted)


@pytest.fixture
def offices() -> MemorySource:
    return tracker(
        job("Ash & Co", contact="Ann Bay"),
        job("Ashford Mills", role="Chief Analyst", contact="Bo Åström; Cem Öz"),
        job("Wash Works", contact="Dee Fox", role="Porter"),
        job("1984", contact="Eve", role="Editor"),
        job("Ärzte GmbH", contact="Ömer", role="Nurse"),
    )


@pytest.mark.parametrize(
    ("wanted", "row"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("ash & co", 2),
        ("Ashford", 3),
        ("wash", 4),
        ("works", 4),
        ("bo astrom", 3),
        ("Cem", 3),
        ("ärzte", 6),
        ("arzte gmbh", 6),
        ("OMER", 6),
        ("porter", 4),
        ("1984", 5),
    ],
)
def test_a_thread_is_named_as_people_name_it(offices: MemorySource, wanted: str, row: int) -> None:
    assert found(offices, wanted) == row


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("ash", "'ash' fits 2 rows, so name one by its number: row 2, Ash & Co / Analyst / Ann Bay; row 3, Ashford"),
        ("1", "Row 1 of sheet 'Jobs' holds no thread: see `sheetsync due` for the rows."),
        ("99", "Row 99 of sheet 'Jobs' holds no thread"),
        ("Ashfrod Mills", "No row of the tracker is 'Ashfrod Mills': did you mean row 3, Ashford Mills"),
        ("Zebra", "No row of the tracker is 'Zebra': give its row number, its company or its contact"),
        ("", "Name a row of the tracker"),
        ("  ", "Name a row of the tracker"),
        ("-1", "No row of the tracker is '-1'"),
        ("²", "No row of the tracker is '²'"),
    ],
)
def test_what_names_none_or_several_is_told_with_what_to_do(offices: MemorySource, wanted: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        found(offices, wanted)


def test_of_very_many_only_some_are_listed() -> None:
    source = tracker(*[job("Ash", contact=f"Person {number}") for number in range(30)])
    with pytest.raises(UsageError, match="fits 30 rows") as error:
        found(source, "ash")
    assert "and 25 more" in str(error.value)
    assert len(str(error.value)) < 400


def test_a_thread_is_found_by_the_id_it_got() -> None:
    source = tracker(job("Ash"), job("Ash"))
    run(source, lambda reading: record_contacts(reading, [Contact(3, reading.today, "out")]))
    assert found(source, str(cell(source, "id", 3)).upper()) == 3


# Ids


def threads(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "company", "role", "contact"], index=range(2, 2 + len(rows)), dtype="str")


def test_ids_are_short_begin_with_a_letter_and_are_the_same_on_every_run() -> None:
    frame = threads(*[("", f"Company {number}", "Clerk", "") for number in range(2_000)])
    made = new_ids(frame, frame.index)
    assert len(set(made.values())) == 2_000
    assert all(re.fullmatch(r"[a-hjkmnp-tv-z][2-9a-hjkmnp-tv-z]{4}", identity) for identity in made.values())
    assert made == new_ids(frame, frame.index)


def test_threads_that_are_alike_in_everything_get_different_ids() -> None:
    frame = threads(*[("", "Ash", "Clerk", "Ann")] * 50)
    assert len(set(new_ids(frame, frame.index).values())) == 50


def test_an_id_that_is_there_stays_and_is_not_given_again() -> None:
    frame = threads(("", "Ash", "Clerk", "Ann"), ("", "Ash", "Clerk", "Ann"))
    first = new_ids(frame, [2])[2]
    frame.loc[3, "id"] = first.upper()
    made = new_ids(frame, [2, 3])
    assert 3 not in made
    assert made[2] != first


def test_an_id_is_given_where_the_person_deleted_the_column_only_by_the_person() -> None:
    source = tracker(job("Ash"), job("Ash"))
    run(source, lambda reading: record_contacts(reading, [Contact(3, reading.today, "out")]))
    owned = source.read().owned
    assert owned
    assert owned.columns["id"]
    source.delete_column("Jobs", owned.columns["id"])
    with pytest.raises(UsageError, match="you deleted sheetsync's column of ids: add one called ID of your own"):
        run(source, lambda reading: record_contacts(reading, [Contact(2, reading.today, "out")]))


def test_rows_that_are_alike_keep_apart_whichever_are_asked_for_first() -> None:
    frame = threads(*[("", "Ash", "Clerk", "Ann")] * 3)
    together = new_ids(frame, [2, 3, 4])
    assert [new_ids(frame, [row])[row] for row in (4, 2, 3)] == [together[4], together[2], together[3]]


@pytest.mark.parametrize(
    ("wanted", "person"),
    [
        ("cem", "Cem Öz"),
        ("Bo Astrom", "Bo Åström"),
        ("Ashford Mills", ""),
        ("Ashford", ""),
        ("3", ""),
        ("", ""),
        ("em", "Cem Öz"),
        ("o", ""),
    ],
)
def test_a_person_of_a_thread_is_known_by_a_part_of_the_name(offices: MemorySource, wanted: str, person: str) -> None:
    assert find_person(run(offices).proposal.tracker, 3, wanted) == person

"""What the product relies on at Google, in short: a part of the contract that needs no fixtures."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from contract import JOBS, NOTES, changes, headers, ours
from person import PersonAtGoogle

from sheetsync.errors import SheetsyncError
from sheetsync.model import Grid
from sheetsync.sheets.highlights import is_ours
from sheetsync.sheets.source import Source

Promise = Callable[[PersonAtGoogle], None]


def _synced(person: PersonAtGoogle) -> Source:
    source = person.make([JOBS, NOTES])
    source.apply(changes(source.read()))
    return source


def nothing_of_the_person_is_touched(person: PersonAtGoogle) -> None:
    source = person.make([JOBS, NOTES])
    before = person.theirs(source)
    source.apply(changes(source.read()))
    assert person.theirs(source) == before
    source.remove()
    assert person.theirs(source) == before


def a_second_write_changes_nothing(person: PersonAtGoogle) -> None:
    source = _synced(person)
    assert not source.apply(changes(source.read())).written


def our_columns_are_found_where_the_person_moved_them(person: PersonAtGoogle) -> None:
    source = _synced(person)
    person.move_column(source, 8, before=1)
    person.insert_column(source, before=2)
    owned = source.read().owned
    assert owned
    assert (owned.columns["follow_up"], owned.columns["why"], owned.adopted) == (1, 11, False)
    assert ours(source.read(), "follow_up") == ["Overdue", "Upcoming", "Needs info", "Closed"]


def a_deleted_column_stays_deleted(person: PersonAtGoogle) -> None:
    source = _synced(person)
    person.delete_column(source, 9)
    source.apply(changes(source.read()))
    assert "Days overdue" not in headers(source.read())


def our_rules_are_there_once_and_keep_to_our_columns(person: PersonAtGoogle) -> None:
    source = _synced(person)
    person.insert_column(source, before=1)
    assert [key for rule in person.rules(source) if (key := is_ours(rule))] == [
        "overdue", "due", "upcoming", "waiting", "closed",
    ]  # fmt: skip
    assert "$G3" in person.rules(source)[0]
    starts = {one["startColumnIndex"] for rule in person.book(source).sheets[0].rules for one in rule["ranges"]}
    assert min(starts) == 5


def a_time_of_day_is_kept(person: PersonAtGoogle) -> None:
    moment = dt.datetime(2026, 11, 2, 14, 30)
    source = person.make([Grid("Jobs", (("At", moment), ("Text", "007")))])
    assert source.read().grids[0].cell(2, 1) == moment
    assert source.read().grids[0].cell(2, 2) == "007"


def what_may_not_be_written_is_told(person: PersonAtGoogle) -> None:
    source = person.make([JOBS, NOTES])
    asked = changes(source.read())
    whole = {"sheetId": person.book(source).sheets[0].id}
    person.edit(source, {"addProtectedRange": {"protectedRange": {"range": whole}}})
    before = person.theirs(source)
    with pytest.raises(SheetsyncError):
        source.apply(dataclasses.replace(asked, version=source.read().version))
    assert person.theirs(source) == before


PROMISES: tuple[Promise, ...] = (
    nothing_of_the_person_is_touched,
    a_second_write_changes_nothing,
    our_columns_are_found_where_the_person_moved_them,
    a_deleted_column_stays_deleted,
    our_rules_are_there_once_and_keep_to_our_columns,
    a_time_of_day_is_kept,
    what_may_not_be_written_is_told,
)

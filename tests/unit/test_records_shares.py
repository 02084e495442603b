"""The Shared sheet: who was given what, as it stands in the tracker."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from recording import TODAY, job, run, tracker

from sheetsync.errors import UsageError
from sheetsync.model import Grid
from sheetsync.records.shares import (
    FILE,
    SHARED,
    Share,
    add_share,
    end_shares,
    has_shares,
    keys,
    read_shares,
    set_role,
    set_until,
)
from sheetsync.sheets.memory import MemorySource

UNTIL = dt.date(2026, 12, 24)
SHARE = Share(
    "coach@example.com",
    "writer",
    "https://docs.google.com/spreadsheets/d/1AbC",
    TODAY,
    UNTIL,
    ("company",),
    ("G 7",),
    only_due=True,
)


def shared(*shares: Share) -> MemorySource:
    source = tracker(job("Acme"), job("Best"))
    for share in shares:
        run(source, partial(add_share, share=share))
    return source


def test_a_line_is_read_as_it_was_written() -> None:
    other = Share("Dana Reyes", "file", "coach.xlsx", TODAY)
    first, second = read_shares(shared(SHARE, other).read())
    assert first == Share(**{**{name: getattr(SHARE, name) for name in SHARE.__slots__}, "row": 2})
    assert (second.whom, second.is_open, second.row) == ("Dana Reyes", False, 3)
    assert (first.is_open, first.is_of("COACH@example.com")) == (True, True)


def test_a_line_is_changed_and_ended() -> None:
    source = shared(SHARE)
    run(source, lambda reading: set_role(reading, read_shares(reading.snapshot)[0], "commenter"))
    run(source, lambda reading: set_until(reading, read_shares(reading.snapshot)[0], None))
    (share,) = read_shares(source.read())
    assert (share.role, share.until, share.is_open) == ("commenter", None, True)
    run(source, lambda reading: end_shares(reading, read_shares(reading.snapshot), TODAY))
    (share,) = read_shares(source.read())
    assert (share.ended, share.is_open) == (TODAY, False)


def test_a_day_that_nobody_can_read_is_kept_as_it_stands() -> None:
    source = shared(SHARE)
    source.set(SHARED, 2, 3, "at Christmas")
    (share,) = read_shares(source.read())
    assert (share.until, share.unread) == (None, "at Christmas")


def test_the_sheet_is_no_tracker() -> None:
    assert run(shared(SHARE)).proposal.layout.other_trackers == ()


def test_a_sheet_of_that_name_which_is_the_persons_own_is_left_alone() -> None:
    source = MemorySource([*tracker(job("Acme")).read().grids, Grid(SHARED, (("Flat", "rent"), ("us", 900)))])
    assert has_shares(source.read())
    assert read_shares(source.read()) == ()
    with pytest.raises(UsageError, match="give yours another name"):
        run(source, lambda reading: add_share(reading, SHARE))


def test_a_heading_that_is_missing_is_named() -> None:
    source = shared(SHARE)
    source.set(SHARED, 1, 4, "Where to")
    with pytest.raises(UsageError, match="no column “Where”"):
        read_shares(source.read())


def test_a_sheet_of_an_earlier_version_gets_a_column_for_the_key() -> None:
    source = shared(SHARE)
    for row in (1, 2):
        source.set(SHARED, row, 10, None)
    assert [share.key for share in read_shares(source.read())] == [""]
    run(source, partial(add_share, share=Share("Dana Reyes", FILE, "coach.xlsx", TODAY, key="k1")))
    assert [share.key for share in read_shares(source.read())] == ["", "k1"]
    assert keys(source.read()) == ("k1",)

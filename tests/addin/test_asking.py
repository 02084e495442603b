"""Whatever a page sends is either understood or refused in a sentence."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetsync.addin.asking import NAMES, Asking, parse, read
from sheetsync.errors import UsageError

WORDS = st.sampled_from(["row", "who", "person", "channel", "on", "received", "note", "code", "mark", "book", "path"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.dates().map(str)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4))


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_bytes_are_an_object_or_refused(data: bytes) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(parse(data), dict)


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(sorted(NAMES)), st.dictionaries(WORDS, ANYTHING, max_size=5), st.booleans())
def test_object_is_understood_or_refused_in_one_sentence(name: str, body: dict[str, Any], with_book: bool) -> None:
    refused = ""
    try:
        asking = read(name, body, with_book=with_book)
    except UsageError as error:
        refused = str(error)
    if refused:
        assert refused.endswith(".")
        assert "\n" not in refused
        return
    assert isinstance(asking.row, int)
    assert "row" not in body or not isinstance(body["row"], bool)
    assert set(body) <= {"row", "who", "person", "channel", "on", "received", "note", "code", "mark", "book"}


def test_what_a_page_sends_is_understood() -> None:
    body = {
        "row": 12,
        "who": ["Ash & Co", None, "علی‌رضا"],
        "person": " علی‌رضا ",
        "channel": "email",
        "on": "2026-11-16",
        "received": True,
        "note": "two\r\nlines",
    }
    assert read("log", parse(json.dumps(body).encode())) == Asking(
        "log",
        row=12,
        who=("Ash & Co", "", "علی‌رضا"),
        person="علی‌رضا",
        channel="email",
        on=dt.date(2026, 11, 16),
        received=True,
        note="two\nlines",
    )


@pytest.mark.parametrize("day", ["2026-1-1", "20261116", "2026-11-16T09:00", "2026-W47-1", "٢٠٢٦-١١-١٦", ""])
def test_day_is_written_in_one_way(day: str) -> None:
    with pytest.raises(UsageError, match="is no day"):
        read("log", {"row": 4, "on": day})


@pytest.mark.parametrize("row", [True, "4", 4.0, 0, -1, 1_048_577, None, [4]])
def test_row_is_a_whole_number_within_a_sheet(row: object) -> None:
    with pytest.raises(UsageError, match="is no row number"):
        read("row", {"row": row})


@pytest.mark.parametrize("mark", [True, "4", 4.5, -1, [4]])
def test_mark_of_a_change_is_its_number(mark: object) -> None:
    with pytest.raises(UsageError, match="names no change"):
        read("undo", {"mark": mark})
    assert read("undo", {"mark": 4}).mark == 4
    assert read("undo", {}).mark is None

"""A cell may hold 32,767 letters without a space, such as a pasted picture: it is read once, not once from every letter."""

from __future__ import annotations

from sheetsync.messages.people import addresses_in
from sheetsync.messages.prose import tokens
from sheetsync.tracker.evidence import Evidence

LONG = "A" * 500_000
"""Letters enough for a search that begins anew at each of them to take minutes."""


def test_words_of_a_long_cell() -> None:
    assert [token.text for token in tokens(f"{LONG} ann@example.com end")] == [LONG, "end"]


def test_addresses_in_a_long_cell() -> None:
    assert addresses_in(f"{LONG} ann@example.com, mailto:bo@example.com") == ("ann@example.com", "bo@example.com")


def test_share_of_addresses_in_a_column_of_long_cells() -> None:
    assert Evidence((LONG, "ann@example.com"), {}).addresses == 0.5

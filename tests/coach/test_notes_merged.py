"""A coach's notes, case by case: what is written, and what is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.desks import TODAY, desk, table
from sheetsync.coach.base import base_sheet, read_base, tidy
from sheetsync.coach.merging import merge
from sheetsync.coach.returned import read_returned
from sheetsync.errors import UsageError
from sheetsync.model import Grid, Snapshot

MARK = "From the coach’s copy:"


def test_only_the_coach_wrote() -> None:
    at = desk("", "Call them")
    at.copy[0]["Coach note"] = "Ask for a date"
    at.copy[1]["Coach note"] = ""
    notes = at.take()
    assert [row["note"] for row in at.rows] == ["Ask for a date", ""]
    assert notes.told == (
        "Firm 0 (row 2): a note of your coach: “Ask for a date”",
        "Firm 1 (row 3): your coach took the note away; it was “Call them”.",
    )


def test_two_edits_of_one_note_are_both_kept() -> None:
    at = desk("Call them")
    at.copy[0]["Coach note"] = "Write to them"
    at.rows[0]["note"] = "Called: no answer"
    at.take()
    assert at.rows[0]["note"] == f"Called: no answer\n\n{MARK} Write to them"
    at.copy[0]["Coach note"] = "Write to them today"
    at.take()
    assert at.rows[0]["note"] == f"Called: no answer\n\n{MARK} Write to them today"
    again = at.take()
    assert again.taken == ()


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "text", "kind"),
    [
        ("", "", "", "", "same"),
        ("a", "a", "b", "b", "taken"),
        ("a", "a", "", "", "cleared"),
        ("a", "b", "a", "b", "same"),
        ("a", "b", "", "b", "kept"),
        ("a", "", "b", "b", "taken"),
        ("a", "b", "b", "b", "same"),
        ("", "Call", "Call them today", "Call them today", "taken"),
        ("", "Call them today", "Call", "Call them today", "same"),
        ("", "Cal", "Calling", f"Cal\n\n{MARK} Calling", "both"),
        (None, "a", "b", f"a\n\n{MARK} b", "both"),
        (None, "a", "", "a", "same"),
        (None, "", "b", "b", "taken"),
    ],
)
def test_merging(base: str | None, ours: str, theirs: str, text: str, kind: str) -> None:
    assert merge(base, ours, theirs) == (text, kind)
    assert merge(base, text, theirs).text == text


pieces = st.sampled_from(["a", "b", " ", "\n", "\n\n", "Call", MARK, f"\n\n{MARK} ", "=1+1"])
notes_of = st.lists(pieces, max_size=8).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.none() | notes_of, notes_of, notes_of, st.booleans())
def test_merging_loses_nothing_and_is_done_once(base: str | None, ours: str, theirs: str, only_add: bool) -> None:
    base, ours, theirs = (None if base is None else tidy(base)), tidy(ours), tidy(theirs)
    merged = merge(base, ours, theirs, only_add=only_add)
    assert merge(base, merged.text, theirs, only_add=only_add).text == merged.text
    if theirs != base:
        assert theirs in merged.text
    if ours != base or only_add:
        assert all(line in merged.text for line in ours.split("\n"))


def test_a_coach_goes_on_writing_behind_what_is_hidden() -> None:
    at = desk("Ask for [hidden] EUR")  # as it was shared
    at.rows[0]["note"] = "Ask for 85,000 EUR"
    at.copy[0]["Coach note"] += ", and wait"
    for _ in range(2):
        at.take()
        assert [row["note"] for row in at.rows] == ["Ask for 85,000 EUR, and wait"]
    at.copy[0]["Coach note"] = "Ask for [hidden], then [hidden]"
    at.take()
    assert at.rows[0]["note"] == f"Ask for 85,000 EUR, and wait\n\n{MARK} Ask for [hidden], then [hidden]"


def test_what_belongs_to_no_thread_is_told_in_full() -> None:
    at = desk("", "", "", "")
    at.copy[0]["Coach note"] = "of a thread that is gone"
    at.rows.pop(0)
    at.copy.append({"Company": "", "Role": "", "Coach note": "without an id"})
    at.copy.append({**at.copy[1], "Coach note": "beside a copied row"})
    notes = at.take()
    assert [each.row.note for each in notes.left] == [
        "of a thread that is gone", "beside a copied row", "without an id",
    ]  # fmt: skip
    assert all(row["note"] == "" for row in at.rows)
    assert notes.told[0] == (
        "Not taken over from coach.xlsx (Follow-ups!D5 beside “Firm 0, Analyst, 17 Nov”): its thread is no longer in the "
        "tracker: put the note where it belongs, or let it go. The note: “of a thread that is gone”"
    )


def test_a_row_that_was_copied_in_the_tracker_does_not_get_the_note() -> None:
    at = desk("", "")
    at.rows.append({**at.rows[0], "company": "Another"})
    at.copy[0]["Coach note"] = "for Firm 0"
    at.take()
    assert [row["note"] for row in at.rows] == ["for Firm 0", "", ""]


def test_another_cell_is_told_and_not_taken() -> None:
    at = desk("")
    at.copy[0]["Next contact"] = "24 Nov"
    notes = at.take()
    assert [problem.message for problem in notes.problems] == [
        "Next contact of “Firm 0, Analyst, 24 Nov” was changed in the copy from “17 Nov” to “24 Nov”: only notes are taken over."
    ]
    assert at.rows[0]["note"] == ""


def test_a_lost_hidden_sheet_keeps_both() -> None:
    at = desk("Call them", "")
    at.base = None
    at.copy[0]["Coach note"], at.copy[1]["Coach note"] = "Write", "New"
    notes = at.take()
    assert [row["note"] for row in at.rows] == [f"Call them\n\n{MARK} Write", "New"]
    assert notes.lost[0].startswith("coach.xlsx has lost its hidden sheet")


def test_lost_ids_are_known_by_the_rest_of_the_row() -> None:
    at = desk("", "")
    at.copy_order.remove("ID")
    at.copy[1]["Coach note"] = "for Firm 1"
    notes = at.take()
    assert [row["note"] for row in at.rows] == ["", "for Firm 1"]
    assert notes.lost[0].startswith("coach.xlsx has lost its hidden column of ids")


def test_the_copy_of_another_tracker_is_refused() -> None:
    at = desk("")
    for row in at.copy:
        row["ID"] = f"z{row['ID']}"
    with pytest.raises(UsageError, match="the copy of another tracker"):
        at.take()


def test_a_sheet_that_is_no_copy_is_refused() -> None:
    grid = table("Jobs", [["Company", "Coach note"], ["Acme", "x"]])
    with pytest.raises(UsageError, match="no coach's copy"):
        read_returned(Snapshot("some.xlsx", "1", (grid,)))


def test_the_hidden_sheet_is_read_as_it_was_made() -> None:
    sheet = base_sheet(TODAY, ["Company", "Due"], [("a1", "note", ["Acme", TODAY]), ("b2", "", ["Best", None])])
    base = read_base([Grid("renamed", tuple(tuple(values) for values in sheet.columns))])  # type: ignore[arg-type]
    assert base
    assert (base.as_of, base.notes) == (TODAY, {"a1": "note", "b2": ""})
    assert base.cells["a1"] == {"Company": "Acme", "Due": TODAY}

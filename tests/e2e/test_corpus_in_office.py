"""LibreOffice opens synced workbooks of the local collection and sees what was there, no new error, and our colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from judges import compare, office
from judges.marks import needs_office

from e2e.corpus import Case, Story, collection, live, readers

if TYPE_CHECKING:
    from pathlib import Path

OVERDUE = "#F8C4B4"
EVERY = 5
"""Of the workbooks that are no trackers, one in so many is opened: each takes a few seconds."""
TRACKERS = [case for case in collection() if case.tracker]
SAMPLE = TRACKERS + [case for case in collection() if not case.tracker][::EVERY]
pytestmark = [
    needs_office,
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not TRACKERS, reason="the collection of real trackers is not here (set SHEETSYNC_SHARED)"),
]


def synced(case: Case, work: Path) -> Story:
    story = live(case, work)
    if story.first.code:
        pytest.skip(f"not synced (exit {story.first.code})")
    return story


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.name)
def test_libreoffice_sees_what_was_there_and_no_new_error(case: Case, tmp_path: Path) -> None:
    story = synced(case, tmp_path)
    # opened twice as it was: what then differs by itself (RAND, the time of day) is not held against us
    before, again, after = office.examine([story.before, story.before, story.after], today=story.day)
    if before.error:
        pytest.skip(f"LibreOffice cannot open it as it was: {before.error}")
    assert after.error is None
    assert list(after.pages) == list(before.pages)
    # a formula of the person's that takes in our columns is right to change, and must be told to recalculate
    reading = readers(story.before, story.sheet, story.ours)
    assert not reading or compare.recalculates(story.after)
    for name, page in after.pages.items():
        was, control = before.pages[name], again.pages[name]
        ours = story.ours if name == story.sheet else frozenset()
        changed = [
            place
            for place in sorted(was.values.keys() | page.values.keys())
            if place[1] not in ours
            and (name, *place) not in reading
            and was.values.get(place) == control.values.get(place)
            and was.values.get(place) != page.values.get(place)
        ]
        assert changed == []
        assert not page.errors - was.errors


@pytest.mark.parametrize("case", TRACKERS, ids=lambda case: case.name)
def test_overdue_rows_are_coloured_and_others_are_not(case: Case, tmp_path: Path) -> None:
    story = synced(case, tmp_path)
    rows: list[dict[str, Any]] = story.first.report["rows"]  # type: ignore[assignment]
    if not any(row["contact_by"] for row in rows):
        pytest.skip("no row of it has a date")
    (after,) = office.examine([story.after], today=story.day)
    colours = after.pages[story.sheet].colours
    seen: dict[str | None, set[str | None]] = {}
    for row in rows:
        seen.setdefault(row["follow_up"], set()).update(colours.get((row["row"], column)) for column in story.ours)
    assert seen["Overdue"] == {OVERDUE}
    assert not any(OVERDUE in found for word, found in seen.items() if word != "Overdue")

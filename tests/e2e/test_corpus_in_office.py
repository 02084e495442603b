"""LibreOffice opens synced workbooks of the local collection and sees what was there, no new error, and our colours."""

from __future__ import annotations

from typing import Any

import pytest
from judges import compare, office
from judges.marks import needs_office

from e2e.corpus import Case, Story, collection, live, readers

OVERDUE = "#F8C4B4"
EVERY = 5
"""Of the workbooks that are no trackers, one in so many is opened: each takes a few seconds."""
TRACKERS = [case for case in collection() if case.tracker]
FATAL = "xlsx/poi/test-data__spreadsheet__poc-shared-strings.xlsx"
"""LibreOffice unpacks it for minutes, as it was, until it runs out of memory."""
SAMPLE = TRACKERS + [
    case for case in [case for case in collection() if not case.tracker][::EVERY] if case.name != FATAL
]
pytestmark = [
    needs_office,
    pytest.mark.shared,
    pytest.mark.slow,
    pytest.mark.skipif(not TRACKERS, reason="the collection of real trackers is not here (set SHEETSYNC_SHARED)"),
]


@pytest.fixture(scope="module")
def story(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The workbook, synced once for all tests of it."""
    return live(case, tmp_path_factory.mktemp("office"), once=True)


@pytest.fixture(scope="module")
def opened(story: Story) -> tuple[office.Examination, office.Examination]:
    """LibreOffice's look at the workbook before and after the sync, on the sync's day."""
    if story.first.code:
        pytest.skip(f"not synced (exit {story.first.code})")
    before, after = office.examine([story.before, story.after], today=story.day)
    return before, after


# of the module's scope, so that the tests of one workbook stand together and it is opened once
@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.name, scope="module")
def test_libreoffice_sees_what_was_there_and_no_new_error(
    story: Story, opened: tuple[office.Examination, office.Examination]
) -> None:
    before, after = opened
    if before.error:
        pytest.skip(f"LibreOffice cannot open it as it was: {before.error}")
    assert after.error is None
    assert list(after.pages) == list(before.pages)
    # a formula of the person's that takes in our columns is right to change, and must be told to recalculate
    reading = readers(story.before, story.sheet, story.ours)
    assert not reading or compare.recalculates(story.after)
    changed: list[tuple[str, int, int]] = []
    for name, page in after.pages.items():
        was = before.pages[name].values
        ours = story.ours if name == story.sheet else frozenset()
        changed += [
            (name, *place)
            for place in sorted(was.keys() | page.values.keys())
            if place[1] not in ours and (name, *place) not in reading and was.get(place) != page.values.get(place)
        ]
        assert not page.errors - before.pages[name].errors
    if changed:  # what differs also where it is opened again as it was (RAND, the time of day) is not held against us
        (again,) = office.examine([story.before], today=story.day)
        steady = [
            (name, *place)
            for name, *place in changed
            if before.pages[name].values.get((place[0], place[1])) == again.pages[name].values.get((place[0], place[1]))
        ]
        assert steady == []


@pytest.mark.parametrize("case", TRACKERS, ids=lambda case: case.name, scope="module")
def test_overdue_rows_are_coloured_and_others_are_not(
    story: Story, opened: tuple[office.Examination, office.Examination]
) -> None:
    rows: list[dict[str, Any]] = story.first.report["rows"]  # type: ignore[assignment]
    if not any(row["contact_by"] for row in rows):
        pytest.skip("no row of it has a date")
    colours = opened[1].pages[story.sheet].colours
    seen: dict[str | None, set[str | None]] = {}
    for row in rows:
        seen.setdefault(row["follow_up"], set()).update(colours.get((row["row"], column)) for column in story.ours)
    assert seen["Overdue"] == {OVERDUE}
    assert not any(OVERDUE in found for word, found in seen.items() if word != "Overdue")

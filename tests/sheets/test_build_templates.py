"""Each template does its user's job: rows as people would type them are planned as they would expect."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from sheetsync.model import Value
from sheetsync.sheets import open_source
from sheetsync.sheets.build import build_workbook
from sheetsync.sheets.contents import blank, template_names
from sheetsync.sheets.house import new_book
from sheetsync.sync import propose, sync

TODAY = dt.date(2026, 11, 18)
"""A Wednesday."""


def day(offset: int) -> dt.date:
    return TODAY + dt.timedelta(days=offset)


def filled(path: Path, template: str, *rows: dict[str, Value]) -> Path:
    contents = blank(template)
    build_workbook(path, new_book(replace(contents, tracker=replace(contents.tracker, rows=rows))))
    return path


def planned(path: Path, template: str, row: dict[str, Value]) -> dict[str, object]:
    """What is planned for a row that stands above another one, so that a word of its own does not stand alone."""
    words = blank(template).tracker.lists["status"]
    path = filled(path, template, row, {**row, "role": "Something else", "stage": words[0]})
    frame = propose(open_source(str(path)), as_of=TODAY).plan.frame
    return dict(frame.iloc[0])


NETWORKING: dict[str, Value] = {"contact": "Yusuf Demir", "kind": "Networking", "email": "yusuf@ferngate.example.com"}
PROPOSAL: dict[str, Value] = {"company": "Tidewater Bakery", "role": "Shop signs", "contact": "Joss Tremaine"}
PROJECT: dict[str, Value] = {"role": "Newsletter", "company": "Repair Café", "contact": "Greta Pohl"}


@pytest.mark.parametrize(
    ("template", "row", "action", "follow_up"),
    [
        ("networking", {**NETWORKING, "interview_on": day(-1)}, "networking.connect", "Due"),
        (
            "networking",
            {**NETWORKING, "interview_on": day(-4), "last_contact": day(-3), "promised": "an article"},
            "networking.promise",
            "Due",
        ),
        ("networking", {**NETWORKING, "contact_on": day(10), "last_contact": day(-2)}, None, "Upcoming"),
        ("proposals", {**PROPOSAL, "stage": "Proposal sent", "applied_on": day(-2)}, "proposal.receipt", "Due"),
        (
            "proposals",
            {**PROPOSAL, "stage": "Proposal sent", "applied_on": day(-9), "last_contact": day(-7)},
            "proposal.followup",
            "Due",
        ),
        ("proposals", {**PROPOSAL, "stage": "Meeting", "interview_on": day(-1)}, "meeting.thank_you", "Due"),
        ("proposals", {**PROPOSAL, "stage": "Won", "reply_on": day(-1)}, "acceptance.thank", "Due"),
        ("proposals", {**PROPOSAL, "stage": "Lost"}, "", "Closed"),
        ("projects", {**PROJECT, "kind": "Deadline", "stage": "To do", "due_on": day(1)}, "project.reminder", "Due"),
        ("projects", {**PROJECT, "kind": "Weekly check-in", "start_on": day(-8)}, "project.checkin", "Due"),
        ("projects", {**PROJECT, "kind": "Bi-weekly check-in", "start_on": day(-8)}, "project.checkin", "Upcoming"),
        ("projects", {**PROJECT, "kind": "Deadline", "stage": "Done", "due_on": day(1)}, "", "Closed"),
        ("projects", {**PROJECT, "kind": "Deadline", "stage": "Cancelled", "due_on": day(1)}, "", "Closed"),
    ],
)
def test_a_row_is_planned_as_its_user_expects(
    template: str, row: dict[str, Value], action: str | None, follow_up: str, tmp_path: Path
) -> None:
    plan = planned(tmp_path / "new.xlsx", template, row)
    assert plan["follow_up"] == follow_up
    assert action in (None, plan["action"])


@pytest.mark.parametrize("template", template_names())
def test_each_filled_column_is_recognised_as_what_it_is(template: str, tmp_path: Path) -> None:
    """One full row is enough; "Value" and the like are columns of the person's own."""
    texts: dict[str, Value] = {
        "company": "Hollyhock Florists", "role": "Website texts", "contact": "Dilys Penrose", "location": "Bath",
        "email": "dilys@hollyhock.example.net", "phone": "020 7946 0113", "salary": "£42,000", "source": "LinkedIn",
        "promised": "The article on signs", "next_step": "Send the outline", "link": "https://hollyhock.example.net",
        "notes": "Starts in spring.",
    }  # fmt: skip
    page = blank(template).tracker
    row: dict[str, Value] = {
        column.key: TODAY if column.date else page.lists[column.list][0] if column.list else texts.get(column.key)
        for column in page.columns
    }
    layout = propose(open_source(str(filled(tmp_path / "new.xlsx", template, row))), as_of=TODAY).layout
    known = {column.key: number for number, column in enumerate(page.columns, start=1) if column.key != column.header}
    assert dict(layout.columns) == known


@pytest.mark.parametrize("template", template_names())
def test_an_empty_tracker_has_no_threads_and_can_be_synced(template: str, tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    build_workbook(path, new_book(blank(template)))
    outcome = sync(open_source(str(path)), as_of=TODAY)
    assert outcome.proposal.plan.frame.empty
    assert [problem.message for problem in outcome.proposal.problems] == []


@pytest.mark.parametrize("template", template_names())
def test_no_other_sheet_of_ours_is_taken_for_a_tracker(template: str, tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    build_workbook(path, new_book(blank(template)))
    layout = propose(open_source(str(path)), as_of=TODAY).layout
    assert layout.sheet == blank(template).tracker.sheet
    assert layout.other_trackers == ()

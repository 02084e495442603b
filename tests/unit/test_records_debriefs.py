"""Debriefs: the row ready the day before, once; the questions; answers into what stands there already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from recording import TODAY, cell, rows_to_columns, run

from sheetsync.errors import UsageError
from sheetsync.model import Area, Grid, TableArea, Value
from sheetsync.records.debriefs import Interview, interview_of, questions, record_debrief
from sheetsync.records.reading import Reading, Records
from sheetsync.sheets.memory import MemorySource
from sheetsync.tracker.history import DEBRIEF_ANSWERS
from sheetsync.words import action_words

TOMORROW = TODAY + dt.timedelta(days=1)
NAMES = ("Company", "Role", "Contact", "Status", "Kind", "Interview date", "Second interview date")
HEADERS = ("Company", "Role", "Date", "People", "Decision by", "Next steps", "What was discussed", "ID")
Row = tuple[Value, ...]


def interview(
    company: str, on: Value, *, contact: str = "", kind: str = "", second: Value = None, status: str = "Interview"
) -> Row:
    return (company, "Analyst", contact, status, kind, on, second)


def tracker(*rows: Row, debriefs: Sequence[Row] | None = (), headers: Sequence[str] = HEADERS) -> MemorySource:
    grids = [Grid("Jobs", rows_to_columns([NAMES, *rows]))]
    if debriefs is not None:
        grids.append(Grid("Debrief", rows_to_columns([headers, *debriefs])))
    return MemorySource(grids)


def debriefs(source: MemorySource) -> list[dict[str, Value]]:
    grid = source.read().grid("Debrief")
    heads = grid.row(1)
    rows = [dict(zip(map(str, heads), grid.row(row), strict=True)) for row in range(2, grid.n_rows + 1)]
    return [{key: value for key, value in row.items() if value is not None} for row in rows if any(row.values())]


def read(source: MemorySource, row: int = 2) -> Interview:
    found: list[Interview] = []

    def act(reading: Reading) -> Records:
        found.append(interview_of(reading, row))
        return Records()

    run(source, act)
    return found[0]


def answer(source: MemorySource, interview: Interview, answers: Mapping[str, Value]) -> Records:
    return run(source, lambda reading: record_debrief(reading, interview, answers)).proposal.records


# The row of the day before


def test_the_sync_of_the_day_before_makes_the_row_once() -> None:
    source = tracker(interview("Ash", TOMORROW, contact="Ann Bay"))
    told = run(source).proposal.records.told
    assert told == ("Debrief ready for 17 Nov 2026 at Ash.",)
    assert debriefs(source) == [{"Company": "Ash", "Role": "Analyst", "Date": TOMORROW, "People": "Ann Bay"}]
    for day in (TODAY, TOMORROW, TOMORROW + dt.timedelta(days=1)):
        run(source, today=day)
    assert len(debriefs(source)) == 1


@pytest.mark.parametrize("days", [-1, 2, 30])
def test_neither_earlier_nor_later(days: int) -> None:
    source = tracker(interview("Ash", TODAY + dt.timedelta(days=days)))
    run(source)
    assert debriefs(source) == []


@pytest.mark.parametrize("kind", ["Meeting", "Proposal", "Networking"])
def test_a_clients_meeting_is_no_interview(kind: str) -> None:
    source = tracker(interview("Ash", TOMORROW, kind=kind))
    run(source)
    assert debriefs(source) == []


@pytest.mark.parametrize("status", ["Rejected", "Withdrawn", "Declined", "Ghosted"])
def test_an_interview_of_a_thread_that_is_over_is_not_held(status: str) -> None:
    source = tracker(interview("Ash", TOMORROW, status=status))
    run(source)
    assert debriefs(source) == []


def test_a_second_round_gets_a_row_of_its_own() -> None:
    source = tracker(interview("Ash", dt.date(2026, 11, 2), second=TOMORROW), debriefs=[
        ("Ash", "Analyst", dt.date(2026, 11, 2), "Ann", None, None, "money", None)
    ])  # fmt: skip
    run(source)
    assert [row["Date"] for row in debriefs(source)] == [dt.date(2026, 11, 2), TOMORROW]


def test_a_row_that_somebody_typed_without_a_date_is_the_interviews() -> None:
    source = tracker(interview("Ash", TOMORROW), debriefs=[("Ash", None, None, "Ann", None, None, None, None)])
    run(source)
    assert len(debriefs(source)) == 1


def test_people_changed_on_the_phone_do_not_make_a_second_row() -> None:
    rows = [interview("Ash", TOMORROW, contact="Ann"), interview("Ash", None, contact="Bo", status="Applied")]
    source = tracker(*rows)
    run(source)
    source.set("Debrief", 2, 4, "Cem, who came instead")
    source.set("Debrief", 2, 8, None)
    run(source, today=TOMORROW)
    assert len(debriefs(source)) == 1


def test_threads_that_are_alike_get_ids_so_that_each_has_its_row() -> None:
    source = tracker(interview("Ash", TOMORROW), interview("Ash", TOMORROW))
    run(source)
    ids = [row["ID"] for row in debriefs(source)]
    assert ids == [cell(source, "id", 2), cell(source, "id", 3)]
    assert len(set(ids)) == 2
    run(source)
    assert len(debriefs(source)) == 2


def test_without_a_column_of_ids_a_row_that_could_be_anybodys_is_not_made() -> None:
    source = tracker(interview("Ash", TOMORROW), interview("Ash", TOMORROW), headers=HEADERS[:-1])
    run(source)
    assert debriefs(source) == []


def test_a_tracker_without_a_debrief_sheet_is_given_none_by_itself() -> None:
    source = tracker(interview("Ash", TOMORROW), debriefs=None)
    run(source)
    assert len(source.read().grids) == 1


def test_a_sheet_without_room_does_not_stop_the_sync() -> None:
    table = TableArea("Debriefs", Area(1, 1, 3, 8), totals_rows=1)
    full = Grid("Debrief", rows_to_columns([HEADERS, ("Elm", *[None] * 7), ("Total", *[None] * 7)]), tables=(table,))
    source = MemorySource([tracker(interview("Ash", TOMORROW), debriefs=None).read().grids[0], full])
    outcome = run(source)
    assert outcome.receipt.written
    assert any("row of totals" in problem.message for problem in outcome.proposal.problems)


def test_on_the_day_itself_the_next_action_says_so() -> None:
    source = tracker(interview("Ash", TODAY, contact="Ann Bay"))
    run(source)
    assert (
        cell(source, "next_action", 2) == action_words()["interview.debrief"].capitalize()
        or "debrief now" in str(cell(source, "next_action", 2)).casefold()
    )


# The questions


def test_the_questions_are_those_of_the_sheet_and_every_answer_has_a_place() -> None:
    keys = [question.key for question in questions()]
    assert keys == ["people", "decision_by", "next_steps", "channel", *DEBRIEF_ANSWERS]
    assert [question.key for question in questions() if question.date] == ["decision_by"]


def test_answers_go_into_the_row_and_feed_the_cadence() -> None:
    source = tracker(interview("Ash", TODAY, contact="Ann Bay"))
    run(source)
    before = cell(source, "contact_by", 2)
    told = answer(source, read(source), {"decision_by": dt.date(2026, 12, 4), "discussed": "The new plant"}).told
    assert told == (f"Debrief of 16 Nov 2026 at Ash: 2 answers kept, {len(questions()) - 2} still open.",)
    assert debriefs(source)[0]["What was discussed"] == "The new plant"
    thanked = run(source, today=dt.date(2026, 11, 25)).proposal.plan.frame.loc[2]
    assert thanked["next_contact"].date() >= dt.date(2026, 12, 4)
    assert before is not None


def test_without_a_sheet_it_is_made_with_every_question() -> None:
    source = tracker(interview("Ash", TODAY), debriefs=None)
    every = {
        question.key: dt.date(2026, 12, 4) if question.date else f"About {question.key}" for question in questions()
    }
    told = answer(source, read(source), every).told
    assert told == (f"Debrief of 16 Nov 2026 at Ash: {len(every)} answers kept, nothing is left open.",)
    assert read(source).answers == every
    assert read(source).open == ()


def test_what_was_left_open_is_asked_the_next_time_and_nothing_else() -> None:
    source = tracker(interview("Ash", TODAY, contact="Ann Bay"))
    run(source)
    assert "people" in [question.key for question in read(source).open], "the tracker's contact is no answer yet"
    answer(source, read(source), {"people": "Ann Bay; Bo Dahl", "next_steps": "They call"})
    again = read(source)
    assert again.answers == {"people": "Ann Bay; Bo Dahl", "next_steps": "They call"}
    answer(source, again, {"discussed": "Money"})
    assert debriefs(source) == [
        {
            "Company": "Ash",
            "Role": "Analyst",
            "Date": TODAY,
            "People": "Ann Bay; Bo Dahl",
            "Next steps": "They call",
            "What was discussed": "Money",
        }
    ]


def test_what_was_typed_on_a_phone_meanwhile_stays_and_the_other_answer_is_told() -> None:
    source = tracker(interview("Ash", TODAY))
    run(source)
    asked = read(source)
    source.set("Debrief", 2, 6, "They write on Friday")
    records = answer(source, asked, {"next_steps": "I call on Friday", "discussed": "Money"})
    assert debriefs(source)[0]["Next steps"] == "They write on Friday"
    assert debriefs(source)[0]["What was discussed"] == "Money"
    (problem,) = records.problems
    assert problem.message == "It was filled in meanwhile, so your answer was not written: I call on Friday"
    assert problem.place == "Debrief!F2"


def test_rows_sorted_while_somebody_answers_do_not_give_the_answers_to_another_company() -> None:
    source = tracker(interview("Birch", TODAY, contact="Bo"), interview("Ash", TODAY, contact="Ann"))
    run(source)
    asked = read(source, 2)
    source.sort_rows("Jobs", 2, 3, by=1)
    answer(source, asked, {"discussed": "Money"})
    assert [row.get("What was discussed") for row in debriefs(source) if row["Company"] == "Birch"] == ["Money"]
    assert all("What was discussed" not in row for row in debriefs(source) if row["Company"] == "Ash")


def test_a_row_that_is_gone_meanwhile_is_told() -> None:
    source = tracker(interview("Birch", TODAY, contact="Bo"))
    asked = read(source, 2)
    source.set("Jobs", 2, 1, "Cedar")
    with pytest.raises(UsageError, match="The tracker's row of Birch was changed or moved while you were answering"):
        answer(source, asked, {"discussed": "Money"})


def test_an_answer_without_a_column_is_told_and_the_rest_is_kept() -> None:
    source = tracker(interview("Ash", TODAY))
    records = answer(source, read(source), {"culture": "Quiet", "discussed": "Money"})
    assert records.problems[0].message == "There is no column for “The culture”, so this answer was not written: Quiet"
    assert debriefs(source)[0]["What was discussed"] == "Money"


def test_the_newest_interview_is_meant_and_else_the_next_one() -> None:
    second = tracker(interview("Ash", dt.date(2026, 11, 2), second=dt.date(2026, 11, 12)))
    assert read(second).on == dt.date(2026, 11, 12)
    planned = tracker(interview("Ash", dt.date(2026, 11, 2), second=dt.date(2026, 12, 2)))
    assert read(planned).on == dt.date(2026, 11, 2)
    assert read(tracker(interview("Ash", dt.date(2026, 12, 2)))).on == dt.date(2026, 12, 2)


def test_without_an_interview_there_is_nothing_to_debrief() -> None:
    with pytest.raises(UsageError, match="Row 2 has no interview date"):
        read(tracker(interview("Ash", None)))


def test_a_sheet_of_that_name_which_is_none_is_told() -> None:
    source = tracker(interview("Ash", TODAY), debriefs=[], headers=("Mission", "Notes"))
    with pytest.raises(UsageError, match="has no headers Company and People"):
        answer(source, read(source), {"discussed": "Money"})


def test_like_threads_without_a_column_of_ids_are_told_what_to_do() -> None:
    source = tracker(interview("Ash", TODAY), interview("Ash", TODAY), headers=HEADERS[:-1])
    with pytest.raises(UsageError, match="add a column called ID to sheet 'Debrief'"):
        answer(source, read(source), {"discussed": "Money"})

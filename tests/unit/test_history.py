"""The History and Debrief sheets, and how their rows find their threads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from sheetsync.model import Grid, Layout, Snapshot, Tracker, Value
from sheetsync.resources import read_toml
from sheetsync.settings import Settings
from sheetsync.tracker.history import DEBRIEF_ANSWERS, split_people
from sheetsync.tracker.normalise import normalise

DAY = dt.date(2026, 11, 3)
HISTORY: list[Value] = ["Date", "Company", "Contact", "Direction", "Channel", "Step", "Note"]
DEBRIEF: list[Value] = ["Company", "Role", "Date", "People", "Decision by", "Next steps", "Channel"]
JOBS: list[list[Value]] = [
    ["id", "company", "role", "contact"],
    ["a1", "Acme", "Engineer", "Ada Byron; Bob Stone"],
    ["a2", "Acme", "Analyst", "Cleo Vance"],
    ["g1", "Globex", "Engineer", "Dan Frost"],
    ["h1", "Hooli", "Engineer", "Eve Marsh"],
    ["h2", "Hooli", "Engineer", "Eve Marsh"],
]


def grid(name: str, rows: list[list[Value]]) -> Grid:
    width = max(map(len, rows))
    return Grid(name, tuple([row[column] if column < len(row) else None for row in rows] for column in range(width)))


def tracker_with(name: str, *rows: list[Value], **more: Any) -> Tracker:
    """The tracker of `JOBS` (threads in rows 2 to 6) beside another sheet."""
    columns = {str(field): number for number, field in enumerate(JOBS[0], start=1)}
    layout = Layout("Jobs", 1, 2, 0, columns, {}, {n: f for f, n in columns.items()}, right=4)
    return normalise(
        Snapshot("jobs.xlsx", "1", (grid("Jobs", JOBS), grid(name, list(rows))), **more), layout, Settings()
    )


def history_of(*rows: list[Value], header: list[Value] | None = None) -> Tracker:
    return tracker_with("History", header or HISTORY, *rows)


def test_a_history_row_is_tied_by_company_and_contact() -> None:
    tracker = history_of([DAY, "Acme", "Cleo Vance", "out", "Email", "interview.thank_you", "sent a card"])
    assert tracker.has_history
    assert tracker.history.to_dict("records") == [
        {
            "row": 3, "on": pd.Timestamp(DAY), "contact": "Cleo Vance", "direction": "out", "channel": "Email",
            "step": "interview.thank_you", "note": "sent a card",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("company", ["ACME", " acme ", "Acme"])
@pytest.mark.parametrize("contact", ["bob stone", "Bob  Stone", "Ada Byron; Bob Stone"])
def test_names_are_compared_without_case_and_blanks(company: str, contact: str) -> None:
    assert history_of([DAY, company, contact, "out"]).history["row"].tolist() == [2]


def test_a_company_with_one_thread_needs_no_contact() -> None:
    assert history_of([DAY, "Globex", None, "in"], [DAY, "Globex", "Somebody New", "in"]).history["row"].tolist() == [
        4,
        4,
    ]


def test_an_id_comes_first() -> None:
    header: list[Value] = [*HISTORY, "Id"]
    assert history_of([DAY, "Acme", "Cleo Vance", "out", None, None, None, "a1"], header=header).history[
        "row"
    ].tolist() == [2]


def test_the_role_tells_threads_of_one_company_apart() -> None:
    header: list[Value] = ["Date", "Company", "Role", "Direction"]
    assert history_of([DAY, "Acme", "analyst", "out"], header=header).history["row"].tolist() == [3]


def test_without_a_company_the_contact_alone_may_do() -> None:
    assert history_of([DAY, None, "Dan Frost", "out"]).history["row"].tolist() == [4]


@pytest.mark.parametrize(
    "row", [[DAY, "Acme", None, "out"], [DAY, "Hooli", "Eve Marsh", "out"], [DAY, None, "Eve Marsh"]]
)
def test_what_fits_several_threads_is_told_and_left_out(row: list[Value]) -> None:
    tracker = history_of(row)
    assert tracker.history.empty
    assert [problem.place for problem in tracker.problems] == ["History row 2"]
    assert "none of them for certain" in tracker.problems[0].message


def test_an_unknown_company_is_told() -> None:
    assert history_of([DAY, "Initech", None, "out"]).problems[0].message == (
        "No row of the tracker is “Initech”: write the name as it stands there."
    )


@pytest.mark.parametrize(
    ("word", "direction"),
    [("out", "out"), ("Sent", "out"), ("me", "out"), ("outgoing", "out"), ("→", "out"), (None, "out"),
     ("in", "in"), ("Received", "in"), ("They", "in"), ("incoming", "in"), ("reply", "in")],
)  # fmt: skip
def test_a_direction_is_out_or_in(word: str | None, direction: str) -> None:
    assert history_of([DAY, "Globex", None, word]).history["direction"].tolist() == [direction]


def test_a_direction_that_is_none_is_told() -> None:
    tracker = history_of([DAY, "Globex", None, "sideways"])
    assert tracker.history.empty
    assert tracker.problems[0].place == "History!D2"


def test_a_step_that_is_no_rule_is_told_and_the_contact_counts_all_the_same() -> None:
    tracker = history_of([DAY, "Globex", None, "out", None, "interview.thanks"])
    assert tracker.history["step"].tolist() == [""]
    assert tracker.problems[0].place == "History!F2"


def test_nothing_to_answer_is_a_step() -> None:
    assert history_of([DAY, "Globex", None, "in", None, "Nothing to answer"]).history["step"].tolist() == [
        "nothing to answer"
    ]


def test_a_contact_without_a_readable_date_is_told() -> None:
    tracker = history_of([None, "Globex"], ["8-Jul", "Globex"])
    assert tracker.history.empty
    assert [problem.place for problem in tracker.problems] == ["History!A2", "History!A3"]


def test_rows_with_nothing_but_a_choice_from_a_list_are_blank() -> None:
    tracker = history_of([None, None, None, "out"], [], [DAY, "Globex", None, "in"])
    assert tracker.history["row"].tolist() == [4]
    assert not tracker.problems


def test_the_header_may_stand_below_a_title() -> None:
    tracker = tracker_with("history", ["My contacts"], [], HISTORY, [DAY, "Globex"])
    assert tracker.history["row"].tolist() == [4]


def test_a_sheet_of_that_name_with_other_columns_is_somebodys_own() -> None:
    assert not tracker_with("History", ["Version", "Author"], ["1", "me"]).has_history


def test_rows_stay_in_sheet_order() -> None:
    tracker = history_of([dt.date(2026, 11, 9), "Globex"], [DAY, "Acme", "Cleo Vance"], [DAY, "Globex"])
    assert tracker.history["row"].tolist() == [4, 3, 4]


def test_a_debrief_gives_people_decision_steps_and_channel() -> None:
    tracker = tracker_with(
        "Debrief", DEBRIEF, ["Globex", "Engineer", DAY, "Dan; Eva", "2026-11-20", "they call", "Phone"]
    )
    assert tracker.debrief.to_dict("records") == [
        {
            "row": 4, "people": "Dan; Eva", "decision_by": pd.Timestamp(2026, 11, 20), "next_steps": "they call",
            "channel": "Phone", **dict.fromkeys(DEBRIEF_ANSWERS, ""),
        }
    ]  # fmt: skip


def test_every_question_of_the_debrief_sheet_is_read() -> None:
    header: list[Value] = [column["header"] for column in read_toml("sheets/debrief.toml")["columns"]]
    answers: list[Value] = [f"answer {place}" for place in range(len(header))]
    answers[header.index("Company")], answers[header.index("Date")] = "Globex", DAY
    answers[header.index("Role")], answers[header.index("Decision by")] = "Engineer", DAY
    read = tracker_with("Debrief", header, answers).debrief.iloc[0]
    asked = [place for place in range(7, len(header)) if header[place] != "ID"]
    assert [read[name] for name in DEBRIEF_ANSWERS] == [f"answer {place}" for place in asked]


def test_a_debrief_with_one_answer_only_counts() -> None:
    tracker = tracker_with("Debrief", ["Company", "People", "The culture"], ["Globex", None, "quiet"])
    assert tracker.debrief["culture"].tolist() == ["quiet"]


def test_a_debrief_is_tied_by_its_role_and_told_if_it_is_ambiguous() -> None:
    tracker = tracker_with("Debrief", DEBRIEF, ["Acme", "Analyst", None, "Cleo"], ["Hooli", "Engineer", None, "Eve"])
    assert tracker.debrief["row"].tolist() == [3]
    assert [problem.place for problem in tracker.problems] == ["Debrief row 3"]


def test_a_decision_that_is_no_date_is_told_and_the_people_count_all_the_same() -> None:
    tracker = tracker_with("Debrief", DEBRIEF, ["Globex", None, None, "Dan", "soon"])
    assert tracker.debrief["people"].tolist() == ["Dan"]
    assert tracker.problems[0].place == "Debrief!E2"


@pytest.mark.parametrize("name", ["history", "debrief"])
def test_the_sheets_that_init_makes_are_recognised(name: str) -> None:
    header = [column["header"] for column in read_toml(f"sheets/{name}.toml")["columns"]]
    row: list[Value] = [None] * len(header)
    row[header.index("Company")], row[header.index("Date")] = "Globex", DAY
    row[header.index("Channel")] = "Phone"
    tracker = tracker_with(read_toml(f"sheets/{name}.toml")["sheet"], header, row)
    assert (tracker.history if name == "history" else tracker.debrief)["row"].tolist() == [4]


def test_people_are_split_at_every_usual_mark() -> None:
    assert split_people("Ada Byron; Bob / Cleo & Dan\nEve and Andy Sand") == [
        "Ada Byron",
        "Bob",
        "Cleo",
        "Dan",
        "Eve",
        "Andy Sand",
    ]
    assert split_people(" ") == []


@pytest.mark.parametrize("word", ["and", "und", "et", "y"])
def test_a_cell_that_joins_people_by_a_word_names_each(word: str) -> None:
    assert split_people(f"Ada Byron {word} Bob Lund") == ["Ada Byron", "Bob Lund"]


@pytest.mark.parametrize("person", ["Berg, Ole", "Etta Yung", "Wang Y Chen", "Yves Hundert"])
def test_a_name_that_holds_such_letters_is_one_person(person: str) -> None:
    assert split_people(person) == [person]


def test_every_rule_that_init_offers_as_a_step_is_known() -> None:
    steps = read_toml("sheets/history.toml")["lists"]["step"]
    tracker = history_of(*([DAY, "Globex", None, "out", None, step] for step in steps))
    assert tracker.history["step"].tolist() == steps
    assert not tracker.problems

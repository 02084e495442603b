"""What is printed: plain in a pipe, safe for a terminal, the same words in both."""

from __future__ import annotations

import datetime as dt

import pytest

from sheetsync.cli.output import Block, Line, Table, clean, count, day, plain
from sheetsync.cli.reporting import Failure, Passing, Report, sync_json
from sheetsync.cli.summary import contact_blocks, problem_lines, several_blocks, sync_blocks
from sheetsync.measures.threads import Thread
from sheetsync.model import FOLLOW_UPS, OWNED, Problem

MONDAY = dt.date(2026, 11, 16)


def thread(row: int, follow_up: str = "Due") -> Thread:
    return Thread(
        row=row, company=f"Company {row}", role="Analyst", contact=None, kind="application", stage="applied",
        next_contact=dt.date(2026, 11, 9), contact_by=dt.date(2026, 11, 13), action="application.followup_1",
        channel="email", follow_up=follow_up, days_overdue=3 if follow_up == "Overdue" else None,
        why="a week after you applied on 2 Nov; no answer since", next_action="Ask by email", rank=row,
    )  # fmt: skip


def found(**other: object) -> Report:
    told: dict[str, object] = {
        "target": "tracker.xlsx", "as_of": MONDAY, "profile": "balanced", "sheet": "Jobs", "header_row": 1,
        "columns": {"company": "A", "stage": "B"}, "left_alone": {},
        "owned": dict(zip(OWNED, "CDEFGH", strict=True)),
        "counts": {word: 0 for word in FOLLOW_UPS if word} | {"Due": 12, "Overdue": 35, "Cold": 112},
        "threads": 159, "ranked": tuple(thread(row) for row in range(2, 12)), "due": 47, "problems": (), "missing": (),
        "recorded": (), "changed_cells": 1284, "written": True, "backup": "/backups/tracker.xlsx", "first": True, "adopted": False,
        "country": None, "dry": False,
    }  # fmt: skip
    return Report(**{**told, **other})  # type: ignore[arg-type]  # a test names only what it is about


def text(blocks: list[Block]) -> str:
    return "\n".join(line for block in blocks for line in plain(block))


def test_a_plain_table_is_aligned_by_its_content_and_has_no_lines() -> None:
    table = Table(("Row", "Who"), [["5", "Müller\nJo Doe"], ["12", Line("北京", "bad")]], numbers=frozenset({0}))
    assert list(plain(table)) == ["Row  Who", "  5  Müller, Jo Doe", " 12  北京"]


def test_wide_characters_take_two_columns() -> None:
    assert list(plain(Table(("A", "B"), [["北京", "x"], ["ab", "y"]])))[1:] == ["北京  x", "ab    y"]


def test_a_cell_cannot_steer_the_terminal() -> None:
    assert clean("\x1b[31mred\x07\u202e\nnext") == "[31mred next"


def test_a_long_cell_is_cut_with_an_ellipsis() -> None:
    assert clean("a" * 50, 10) == "aaaaaaaaa…"


@pytest.mark.parametrize(("value", "said"), [("2026-11-03", "Tue 3 Nov"), ("2027-01-01", "Fri 1 Jan 2027")])
def test_a_date_is_said_as_people_say_it(value: str, said: str) -> None:
    assert day(dt.date.fromisoformat(value), MONDAY) == said


def test_a_number_has_its_noun() -> None:
    assert [count(1, "row"), count(1284, "row"), count(2, "kind", "kinds")] == ["1 row", "1,284 rows", "2 kinds"]


def test_the_first_sync_tells_what_was_recognised_whom_to_contact_and_what_was_written() -> None:
    said = text(sync_blocks(found()))
    assert "Recognised 159 rows on sheet 'Jobs', column names in row 1." in said
    assert "Columns: A company, B stage." in said
    assert said.count("Ask by email") == 10
    assert "37 more are due; 112 have gone cold: close them with `sheetsync sweep --apply` or set a date." in said
    assert "35 overdue, 12 due, 112 cold." in said
    assert (
        "Added columns C to H to sheet 'Jobs' and wrote 1,284 cells there.\nThe file as it was: /backups/tracker.xlsx\n"
        in said
    )
    assert "No country is set" in said


def test_a_later_sync_says_nothing_about_columns_or_countries() -> None:
    said = text(sync_blocks(found(first=False)))
    assert "Recognised" not in said
    assert "country" not in said


def test_a_country_that_is_set_is_not_asked_for() -> None:
    assert "country" not in text(sync_blocks(found(country="GB")))


def test_a_nightly_run_with_nothing_new_is_one_line() -> None:
    nightly = found(first=False, written=False, changed_cells=0, backup=None)
    assert text(sync_blocks(nightly)) == "tracker.xlsx: nothing new. 35 overdue, 12 due, 112 cold."


def test_rows_that_have_not_begun_are_counted() -> None:
    said = text(sync_blocks(found(threads=161)))
    assert "35 overdue, 12 due, 112 cold, 2 not begun." in said


def test_a_tracker_without_rows_says_so() -> None:
    empty = found(threads=0, counts={word: 0 for word in FOLLOW_UPS if word}, ranked=(), due=0)
    assert "The tracker has no row yet." in text(sync_blocks(empty))


def test_rows_that_need_info_say_what_is_missing() -> None:
    missing = tuple(Problem("Jobs", row, None, "The interview date is missing.") for row in range(2, 9))
    said = text(sync_blocks(found(missing=missing)))
    assert "To look at\n  rows 2, 3, 4 and 4 more: The interview date is missing." in said


def test_columns_added_to_an_empty_tracker_are_said_without_a_number_of_cells() -> None:
    assert "Added columns C to H to sheet 'Jobs'.\n" in text(sync_blocks(found(changed_cells=0)))


def test_new_colours_alone_are_said() -> None:
    assert "no cell changed" in text(sync_blocks(found(first=False, changed_cells=0)))


def test_columns_taken_for_ours_again_are_said() -> None:
    assert "taken for them again" in text(sync_blocks(found(first=False, adopted=True)))


def test_nobody_to_contact_is_said() -> None:
    assert text(contact_blocks((), MONDAY, 0, 0)) == "Nobody has to be contacted today."


def test_an_overdue_thread_says_so_in_words() -> None:
    said = text(contact_blocks([thread(5, "Overdue")], MONDAY, 1, 0))
    assert "  5  Company 5, Analyst  Ask by email  by Fri 13 Nov, overdue  a week after you applied" in said


def test_the_same_problem_on_many_rows_is_one_line_with_the_first_places() -> None:
    problems = [Problem("Jobs", row, 3, f"'soon {row}' is no date.") for row in range(2, 30)]
    assert [line.text for line in problem_lines(problems, "Jobs")] == [
        "  C2, C3, C4 and 25 more, for example: 'soon 2' is no date."
    ]


def test_a_problem_on_another_sheet_names_it() -> None:
    problems = [Problem("History", 4, None, "Nobody of that name."), Problem("Jobs", None, None, "Two columns.")]
    assert [line.text for line in problem_lines(problems, "Jobs")] == [
        "  History row 4: Nobody of that name.",
        "  Two columns.",
    ]


def test_no_more_than_ten_kinds_of_problem_are_shown() -> None:
    problems = [Problem("Jobs", 2, None, f"Problem {'x' * n}.") for n in range(1, 14)]
    lines = [line.text for line in problem_lines(problems, "Jobs")]
    assert len(lines) == 11
    assert lines[-1] == "  And 3 more kinds (see them with --json)."


def test_several_targets_are_a_table_and_how_many_went_well() -> None:
    one = found(problems=(Problem("Jobs", 2, 3, "No date."),))
    passed = Passing("prices.xlsx", "no tracker was recognised in it")
    assert text(several_blocks([passed, one, Failure("x.xlsx", "x.xlsx cannot be read.", 4)])).splitlines() == [
        "Tracker       Overdue  Due  Changed",
        "tracker.xlsx       35   12    1,284  1 thing to look at",
        "x.xlsx                               failed: the file cannot be read or written",
        "",
        "Passed over prices.xlsx: no tracker was recognised in it.",
        "1 tracker done, 1 failed.",
    ]


def test_json_of_a_target_has_the_designed_keys_in_order() -> None:
    assert list(sync_json(found())) == [
        "target", "as_of", "profile", "sheet", "header_row", "columns", "owned", "rows", "problems", "counts",
        "recorded", "changed_cells", "written", "backup",
    ]  # fmt: skip
    (row,) = sync_json(found(rows=(thread(5),)))["rows"]
    assert list(row) == [
        "row", "company", "role", "contact", "kind", "stage", "next_contact", "contact_by", "action", "channel",
        "follow_up", "days_overdue", "why",
    ]  # fmt: skip
    assert row["next_contact"] == "2026-11-09"
    assert row["contact"] is None


def test_json_of_a_problem_has_its_column_in_letters() -> None:
    (problem,) = sync_json(found(problems=(Problem("Jobs", None, 28, "No date."),)))["problems"]
    assert problem == {"sheet": "Jobs", "row": None, "column": "AB", "message": "No date."}


def test_json_of_a_failed_target_has_its_sentence_and_exit_code() -> None:
    assert sync_json(Failure("x.xlsx", "It is gone.", 4)) == {
        "target": "x.xlsx",
        "error": "It is gone.",
        "exit_code": 4,
    }

"""Profiles: read from their files, edited by a Cadence sheet, written back as rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sheetsync.cadence.profile import Days, Profile, load_profile, profile_names, profile_rows
from sheetsync.errors import UsageError
from sheetsync.model import RULES, Grid, Problem, Snapshot, Value


def workbook(rows: Sequence[Sequence[Value]], *, sheet: str = "Cadence") -> Snapshot:
    """A workbook with one sheet of those rows."""
    width = max(len(row) for row in rows)
    full = [[*row, *[None] * (width - len(row))] for row in rows]
    return Snapshot("book.xlsx", "1", (Grid(sheet, tuple(zip(*full, strict=True))),))


def edited(*rows: Sequence[Value], profile: str = "balanced") -> tuple[Profile, tuple[Problem, ...]]:
    header = ("Rule", "When", "From", "Until", "Weekend", "Channel", "On")
    return load_profile(profile, workbook([header, *rows]))


class TestASheetThatInitMade:
    """`init` puts the balanced profile's numbers on the sheet, whichever profile is chosen later."""

    @pytest.mark.parametrize("name", profile_names())
    def test_it_changes_no_profile_as_long_as_nobody_edits_it(self, name: str) -> None:
        seeded = workbook(profile_rows(load_profile("balanced")[0]))
        assert load_profile(name, seeded) == load_profile(name)

    def test_a_number_edited_there_counts_in_every_profile(self) -> None:
        rows = profile_rows(load_profile("balanced")[0])
        limit = next(row for row in rows if row[0] == "cold_after")
        limit[2] = 45
        assert load_profile("reserved", workbook(rows))[0].cold_after == 45

    def test_it_names_no_source_by_its_short_name(self) -> None:
        texts = {str(cell) for row in profile_rows(load_profile("balanced")[0]) for cell in row}
        assert not texts & {"S0", "S1", "S2", "S3", "S4"}


class TestTheFiles:
    def test_there_are_three_and_balanced_comes_first(self) -> None:
        assert profile_names() == ("balanced", "persistent", "reserved")

    @pytest.mark.parametrize("name", profile_names())
    def test_every_rule_is_in_every_profile(self, name: str) -> None:
        profile, problems = load_profile(name)
        assert {step.rule for step in profile.steps} == set(RULES)
        assert not problems

    def test_a_name_may_be_written_in_capitals(self) -> None:
        assert load_profile(" Reserved ")[0].name == "reserved"

    def test_an_unknown_name_is_refused_and_the_names_are_told(self) -> None:
        with pytest.raises(UsageError, match="choose balanced, persistent or reserved"):
            load_profile("pushy")

    def test_a_name_is_no_path(self) -> None:
        with pytest.raises(UsageError):
            load_profile("../words/en")

    @pytest.mark.parametrize(
        ("profile", "after_interview", "after_application", "proposal", "phone"),
        [("balanced", 2, 2, 2, 2), ("reserved", 1, 1, 1, 0), ("persistent", None, 3, 5, 1)],
    )
    def test_where_the_sources_disagree(
        self, profile: str, after_interview: int | None, after_application: int, proposal: int, phone: int
    ) -> None:
        found = load_profile(profile)[0]
        counts = (found.interview_followups, found.application_followups, found.proposal_messages, found.phone_from)
        assert counts == (after_interview, after_application, proposal, phone)

    def test_limits(self) -> None:
        found = load_profile("balanced")[0]
        assert (found.cold_after, found.min_gap, found.per_day, found.missed_after) == (30, 3, 10, 5)

    def test_the_letter_is_off(self) -> None:
        assert [step.rule for step in load_profile("balanced")[0].steps if not step.on] == ["interview.letter"]


class TestTheCadenceSheet:
    @pytest.mark.parametrize("name", profile_names())
    def test_a_profile_comes_back_from_its_rows_unchanged(self, name: str) -> None:
        profile = load_profile(name)[0]
        assert load_profile(name, workbook(profile_rows(profile))) == (profile, ())

    def test_the_rows_of_one_profile_make_another_into_it_but_for_its_name(self) -> None:
        reserved = load_profile("reserved")[0]
        found, _ = load_profile("balanced", workbook(profile_rows(reserved)))
        assert (found.steps, found.interview_followups) == (reserved.steps, reserved.interview_followups)

    def test_a_workbook_without_one_changes_nothing(self) -> None:
        assert load_profile("balanced", workbook([("Rule",)], sheet="Jobs"))[0] == load_profile("balanced")[0]

    def test_values_are_overridden_one_by_one(self) -> None:
        found, problems = edited(("interview.letter", None, 3.0, None, "keep", "post", "yes"))
        step = found.step("interview.letter")
        assert not problems
        assert (step.on, step.start, step.until, step.weekend, step.channel) == (True, Days(3), Days(7), "keep", "post")

    def test_when_tells_the_cases_of_one_rule_apart(self) -> None:
        found, _ = edited(("interview.followup_1", "first interview", 9, 10))
        assert found.step("interview.followup_1", "first interview").start == Days(9)
        assert found.step("interview.followup_1", "phone screen or assessment").start == Days(5)

    def test_a_row_without_when_is_for_all_cases(self) -> None:
        found, _ = edited(("project.checkin", None, 10, 12))
        assert {step.start for step in found.steps if step.rule == "project.checkin"} == {Days(10)}

    @pytest.mark.parametrize("text", ["2 working days", "+2 working days", "2 Working Day"])
    def test_working_days_are_read(self, text: str) -> None:
        assert edited(("reply.answer", None, 0, text))[0].step("reply.answer").until == Days(2, working=True)

    def test_limits_stand_under_from(self) -> None:
        found, problems = edited(("cold_after", None, 45), ("interview_followups", None, "until an answer"))
        assert (found.cold_after, found.interview_followups, problems) == (45, None, ())

    def test_an_unknown_rule_is_a_problem(self) -> None:
        found, (problem,) = edited(("interview.flowers", None, 1, 2))
        assert found == load_profile("balanced")[0]
        assert (problem.sheet, problem.row, problem.column) == ("Cadence", 2, 1)
        assert "interview.flowers" in problem.message

    def test_an_unknown_case_is_a_problem_that_names_the_cases(self) -> None:
        _, (problem,) = edited(("project.checkin", "monthly", 30, 32))
        assert "“weekly” or “every two weeks”" in problem.message

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            (("application.followup_1", None, "soon"), 3),
            (("application.followup_1", None, 1.5), 3),
            (("application.followup_1", None, True), 3),
            (("application.followup_1", None, None, 99999), 4),
            (("application.followup_1", None, None, 3), 4),
            (("application.followup_1", None, None, None, "sometimes"), 5),
            (("application.followup_1", None, None, None, None, None, "perhaps"), 7),
            (("cold_after", None, "until an answer"), 3),
            (("per_day", None, 0), 3),
        ],
    )
    def test_an_unreadable_value_is_a_problem_and_the_profiles_own_stays(
        self, row: tuple[Value, ...], column: int
    ) -> None:
        found, (problem,) = edited(row)
        assert found == load_profile("balanced")[0]
        assert (problem.row, problem.column) == (2, column)

    def test_a_sheet_without_a_column_rule_is_a_problem(self) -> None:
        found, (problem,) = load_profile("balanced", workbook([("Note",), ("hello",)]))
        assert found == load_profile("balanced")[0]
        assert "Rule" in problem.message

    def test_titles_above_the_header_are_skipped(self) -> None:
        book = workbook(
            [("My cadence", None, None), (None, None, None), ("Rule", "From", "Until"), ("cold_after", 50, None)]
        )
        assert load_profile("balanced", book)[0].cold_after == 50

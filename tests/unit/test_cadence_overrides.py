"""What overrides what, channels, gaps, ranking and Why. 2026 dates; 2 November is a Monday."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Any

import pytest
from threads import Row, day, next_of, one, planned, tracker

INTERVIEW: Row = {"company": "Acme", "stage": "interview", "interview_on": "2 Nov"}
APPLIED: Row = {"company": "Acme", "stage": "applied", "applied_on": "2 Nov"}
PROPOSED: Row = {"company": "Acme", "stage": "proposal", "applied_on": "2 Nov"}
MET: Row = {"contact": "Ann Ash", "kind": "networking", "interview_on": "2 Nov"}
THANKED: Row = {"on": "3 Nov", "step": "interview.thank_you"}


def window(found: dict[str, Any]) -> tuple[str, Any, Any]:
    return found["action"], found["next_contact"], found["contact_by"]


def step(rule: str, start: str, until: str) -> tuple[str, Any, Any]:
    return rule, day(start), day(until)


class TestPauses:
    def test_a_pause_moves_from_to_its_rolled_end_and_until_after_it(self) -> None:
        found = one("10 Nov", **APPLIED, paused_until="21 Nov")
        assert window(found) == step("application.followup_1", "23 Nov", "24 Nov")
        assert found["follow_up"] == "Paused"

    def test_a_pause_that_ends_within_the_window_keeps_until(self) -> None:
        found = one("9 Nov", **APPLIED, paused_until="12 Nov")
        assert window(found) == step("application.followup_1", "12 Nov", "16 Nov")

    def test_the_end_of_a_pause_makes_nothing_overdue(self) -> None:
        assert one("23 Nov", **APPLIED, paused_until="21 Nov")["follow_up"] == "Due"

    def test_a_pause_goes_before_a_thank_you_and_a_date_that_was_set(self) -> None:
        assert one("3 Nov", **INTERVIEW, paused_until="5 Nov")["next_contact"] == day("5 Nov")
        assert one("3 Nov", **APPLIED, contact_on="5 Nov", paused_until="9 Nov")["next_contact"] == day("9 Nov")

    def test_a_thread_that_has_not_begun_is_paused_too(self) -> None:
        found = one("3 Nov", company="Acme", stage="saved", paused_until="1 Dec")
        assert (found["follow_up"], found["why"]) == ("Paused", "Paused until 1 Dec.")

    def test_a_waiting_thread_is_paused_too(self) -> None:
        both = [{"on": "9 Nov"}, {"on": "16 Nov"}]
        assert one("17 Nov", **APPLIED, paused_until="1 Dec", history=both)["follow_up"] == "Paused"


class TestTheDateThatWasSet:
    def test_from_is_kept_on_a_weekend_and_until_is_the_next_working_day(self) -> None:
        found = one("3 Nov", **APPLIED, contact_on="7 Nov")
        assert window(found) == step("application.followup_1", "7 Nov", "9 Nov")

    def test_it_goes_before_an_answer_and_a_decision_date(self) -> None:
        found = one(
            "5 Nov", **APPLIED, contact_on="12 Nov", decision_by="20 Nov", last_contact="3 Nov", reply_on="4 Nov"
        )
        assert found["next_contact"] == day("12 Nov")

    @pytest.mark.parametrize("later", [{"last_contact": "12 Nov"}, {"reply_on": "12 Nov"}, {"interview_on": "12 Nov"}])
    def test_it_is_used_up_by_a_touch_a_reply_or_a_newer_event(self, later: Row) -> None:
        found = one("12 Nov", **APPLIED, contact_on="12 Nov", **later)
        assert found["next_contact"] != day("12 Nov")

    def test_after_30_days_it_is_ignored_with_a_problem(self) -> None:
        sheet = tracker({**APPLIED, "applied_on": "1 Sep", "contact_on": "5 Oct"})
        assert next_of(sheet, "4 Nov")["next_contact"] == day("5 Oct")
        assert not planned(sheet, "4 Nov").problems
        assert next_of(sheet, "5 Nov")["next_contact"] != day("5 Oct")
        (problem,) = planned(sheet, "5 Nov").problems
        assert (problem.sheet, problem.row) == ("Jobs", 2)
        assert f"--map last_contact={'ABC'[(problem.column or 0) - 1]}" in problem.message

    def test_before_the_rows_own_anchor_it_is_a_problem(self) -> None:
        (problem,) = planned(tracker({**APPLIED, "contact_on": "1 Nov"}), "3 Nov").problems
        assert "1 Nov is before 2 Nov" in problem.message

    def test_between_two_events_it_is_no_problem(self) -> None:
        sheet = tracker({**APPLIED, "contact_on": "9 Nov", "interview_on": "12 Nov"})
        assert not planned(sheet, "12 Nov").problems

    def test_it_needs_no_other_date(self) -> None:
        found = one("3 Nov", company="Acme", stage="applied", contact_on="12 Nov")
        assert (found["follow_up"], found["next_contact"]) == ("Upcoming", day("12 Nov"))
        assert one("3 Nov", company="Acme", contact_on="12 Nov")["follow_up"] == "Upcoming"

    def test_after_the_last_step_it_repeats_the_last_rule(self) -> None:
        both = [{"on": "9 Nov"}, {"on": "16 Nov"}]
        found = one("17 Nov", **APPLIED, contact_on="1 Dec", history=both)
        assert window(found) == step("application.followup_2", "1 Dec", "2 Dec")


class TestDecisionDates:
    @pytest.mark.parametrize("row", [APPLIED, PROPOSED, {"company": "A", "kind": "checkin", "start_on": "2 Nov"}])
    def test_decision_passed_is_what_every_kind_waits_for(self, row: Row) -> None:
        found = one("3 Nov", **row, decision_by="20 Nov")
        assert window(found) == step("decision.passed", "23 Nov", "25 Nov")

    def test_an_open_thank_you_goes_before_it(self) -> None:
        assert one("3 Nov", **INTERVIEW, decision_by="20 Nov")["action"] == "interview.thank_you"

    def test_a_promise_waits_for_it(self) -> None:
        found = one("4 Nov", **MET, promised="the article", decision_by="20 Nov", history=[{"on": "3 Nov"}])
        assert found["action"] == "decision.passed"

    def test_it_comes_from_the_debrief_too(self) -> None:
        found = one("4 Nov", **INTERVIEW, history=[THANKED], debrief=[{"decision_by": "20 Nov"}])
        assert window(found) == step("decision.passed", "23 Nov", "25 Nov")

    def test_a_message_on_the_decision_day_itself_does_not_end_the_waiting(self) -> None:
        history = [THANKED, {"on": "20 Nov"}]
        assert one("21 Nov", **INTERVIEW, decision_by="20 Nov", history=history)["action"] == "decision.passed"

    def test_their_word_ends_the_waiting(self) -> None:
        history = [THANKED, {"on": "20 Nov", "direction": "in"}, {"on": "20 Nov"}]
        assert one("21 Nov", **INTERVIEW, decision_by="20 Nov", history=history)["action"] == "interview.followup_1"

    def test_before_the_anchor_it_is_a_problem_and_ignored(self) -> None:
        sheet = tracker({**APPLIED, "decision_by": "30 Oct"})
        assert next_of(sheet, "3 Nov")["action"] == "application.followup_1"
        (problem,) = planned(sheet, "3 Nov").problems
        assert "30 Oct" in problem.message


class TestProfiles:
    def test_reserved_thanks_within_two_days(self) -> None:
        assert window(next_of(tracker(INTERVIEW), "2 Nov", profile="reserved")) == step(
            "interview.thank_you", "3 Nov", "4 Nov"
        )

    def test_reserved_follows_up_once(self) -> None:
        assert (
            next_of(tracker(APPLIED, history=[{"on": "9 Nov"}]), "10 Nov", profile="reserved")["follow_up"] == "Waiting"
        )
        assert (
            next_of(tracker(PROPOSED, history=[{"on": "4 Nov"}]), "5 Nov", profile="reserved")["follow_up"] == "Waiting"
        )

    def test_persistent_follows_up_an_application_three_times_from_day_3(self) -> None:
        found = next_of(tracker(APPLIED), "3 Nov", profile="persistent")
        assert window(found) == step("application.followup_1", "5 Nov", "16 Nov")
        sent = [{"on": "5 Nov"}, {"on": "12 Nov"}, {"on": "19 Nov"}]
        found = next_of(tracker(APPLIED, history=sent[:2]), "13 Nov", profile="persistent")
        assert window(found) == step("application.followup_2", "19 Nov", "26 Nov")
        assert next_of(tracker(APPLIED, history=sent), "20 Nov", profile="persistent")["follow_up"] == "Waiting"

    def test_persistent_writes_five_times_after_a_proposal(self) -> None:
        sent = [{"on": f"{number} Nov"} for number in (4, 9, 16, 23, 30)]
        found = next_of(tracker(PROPOSED, history=sent[:4]), "24 Nov", profile="persistent")
        assert found["action"] == "proposal.followup"
        assert next_of(tracker(PROPOSED, history=sent), "1 Dec", profile="persistent")["follow_up"] == "Waiting"

    def test_persistent_goes_on_after_an_interview_and_asks_for_closure_from_the_third_on(self) -> None:
        sent = [THANKED, {"on": "10 Nov"}, {"on": "17 Nov"}, {"on": "24 Nov"}, {"on": "1 Dec"}]
        found = next_of(tracker(INTERVIEW, history=sent[:2]), "11 Nov", profile="persistent")
        assert window(found) == step("interview.followup_2", "17 Nov", "20 Nov")
        assert found["next_action"] == "Follow up with them again"
        found = next_of(tracker(INTERVIEW, history=sent), "2 Dec", profile="persistent")
        assert window(found) == step("interview.followup_2", "8 Dec", "11 Dec")
        assert found["next_action"] == "Ask them for a yes or a no"

    def test_persistent_stops_once_they_have_answered(self) -> None:
        sent = [THANKED, {"on": "10 Nov"}, {"on": "17 Nov"}, {"on": "18 Nov", "direction": "in"}, {"on": "18 Nov"}]
        assert next_of(tracker(INTERVIEW, history=sent), "19 Nov", profile="persistent")["follow_up"] == "Waiting"

    @pytest.mark.parametrize(
        ("profile", "first", "second"),
        [
            ("balanced", "find a contact", "phone"),
            ("reserved", "find a contact", None),
            ("persistent", "phone", "phone"),
        ],
    )
    def test_phone_from_which_follow_up(self, profile: str, first: str, second: str | None) -> None:
        row = {**APPLIED, "phone": "020 7946 0100", "contact": "Ann"}
        assert next_of(tracker(row), "3 Nov", profile=profile)["channel"] == first
        if second:
            assert next_of(tracker(row, history=[{"on": "9 Nov"}]), "10 Nov", profile=profile)["channel"] == second


class TestChannels:
    @pytest.mark.parametrize(
        ("cells", "channel"),
        [
            ({"channel": "LinkedIn", "email": "a@b.example"}, "LinkedIn"),
            ({"channel": "E-Mail"}, "email"),
            ({"channel": "Telefon", "email": "a@b.example"}, "phone"),
            ({"email": "a@b.example", "phone": "1"}, "email"),
            ({"channel": "SMS", "email": "a@b.example"}, "email"),
            ({"channel": "text or phone"}, "phone"),
            ({"channel": "in person", "email": "a@b.example"}, "email"),
            ({"channel": "in person", "relationship": "old colleague"}, "in person"),
            ({"contact": "Ann"}, "find a contact"),
        ],
    )
    def test_the_preferred_one_else_email_else_phone_else_none(self, cells: Row, channel: str) -> None:
        assert one("3 Nov", **APPLIED, **cells)["channel"] == channel

    def test_the_debrief_knows_the_preferred_one(self) -> None:
        assert one("4 Nov", **INTERVIEW, history=[THANKED], debrief=[{"channel": "Phone"}])["channel"] == "phone"

    def test_find_someone_where_the_tracker_has_contacts_but_the_row_none(self) -> None:
        found = next_of(tracker(APPLIED, mapped=["contact"]), "3 Nov")
        assert found["next_action"].startswith("Find someone to write to, then follow up")
        assert not one("3 Nov", **APPLIED)["next_action"].startswith("Find")

    def test_applying_needs_nobody_to_write_to(self) -> None:
        sheet = tracker({"company": "A", "stage": "saved", "due_on": "13 Nov"}, mapped=["contact"])
        assert next_of(sheet, "3 Nov")["next_action"] == "Apply before the deadline"
        assert next_of(sheet, "13 Nov")["next_action"] == "Apply before the deadline"

    def test_a_deadline_that_has_passed_is_said_to_have_passed(self) -> None:
        sheet = tracker({"company": "A", "stage": "saved", "due_on": "13 Nov"}, mapped=["contact"])
        found = next_of(sheet, "14 Nov")
        assert found["next_action"] == "Apply at once, or close it: the deadline has passed"
        assert found["why"] == "The application was due on 13 Nov."

    def test_what_people_type_may_hold_braces(self) -> None:
        assert "({chat})" in one("3 Nov", **APPLIED, channel="{chat}")["next_action"]


class TestDoNotBombard:
    EMAIL: str = "dana@agency.example"

    def rows(self, *rows: Row) -> list[Row]:
        return [{"company": f"C{place}", "email": self.EMAIL, **row} for place, row in enumerate(rows)]

    def test_two_follow_ups_to_one_person_keep_three_days_apart(self) -> None:
        first, second = self.rows(APPLIED, {**APPLIED, "company": "Zeta"})
        plan = planned(tracker(first, second), "3 Nov").frame
        assert [found.date() for found in plan["next_contact"]] == [day("9 Nov"), day("12 Nov")]

    def test_the_order_does_not_depend_on_the_rows(self) -> None:
        first, second = self.rows(APPLIED, {**APPLIED, "company": "Zeta"})
        plan = planned(tracker(second, first), "3 Nov").frame
        assert [found.date() for found in plan["next_contact"]] == [day("12 Nov"), day("9 Nov")]

    def test_a_moved_date_is_rolled_and_until_is_never_before_it(self) -> None:
        rows = self.rows({**APPLIED, "last_contact": "6 Nov"}, {**INTERVIEW, "stage": "screen"})
        found = next_of(tracker(*rows, history=[{**THANKED, "row": 3}]), "6 Nov", row=3)
        assert window(found) == step("interview.followup_1", "9 Nov", "9 Nov")
        rows = self.rows({**APPLIED, "last_contact": "11 Nov"}, {**INTERVIEW, "interview_on": "3 Nov"})
        found = next_of(tracker(*rows, history=[{"on": "4 Nov", "row": 3}]), "6 Nov", row=3)
        assert window(found) == step("interview.followup_1", "16 Nov", "16 Nov")

    def test_only_follow_ups_move_but_all_steps_count(self) -> None:
        rows = self.rows({**INTERVIEW, "interview_on": "8 Nov"}, APPLIED)
        plan = planned(tracker(*rows), "3 Nov").frame
        assert [found.date() for found in plan["next_contact"]] == [day("9 Nov"), day("12 Nov")]
        assert "plan to write" in str(plan.loc[3, "why"])

    def test_a_date_that_was_set_stays(self) -> None:
        rows = self.rows({**APPLIED, "last_contact": "9 Nov"}, {**APPLIED, "contact_on": "10 Nov"})
        assert next_of(tracker(*rows), "9 Nov", row=3)["next_contact"] == day("10 Nov")

    def test_why_offers_one_message_for_an_agencys_companies(self) -> None:
        why = planned(tracker(*self.rows(APPLIED, {**APPLIED, "company": "Zeta"})), "3 Nov").frame["why"]
        assert why.str.contains("one message can cover Acme and Zeta").all()

    def test_min_gap_is_a_setting(self) -> None:
        sheet = tracker(*self.rows(APPLIED, {**APPLIED, "company": "Zeta"}))
        assert next_of(sheet, "3 Nov", row=3, min_gap=1)["next_contact"] == day("10 Nov")
        assert next_of(sheet, "3 Nov", row=3, min_gap=0)["next_contact"] == day("9 Nov")

    def test_several_addresses_in_a_cell_are_several_people(self) -> None:
        both = {**APPLIED, "email": "Dana <dana@agency.example>; ann@acme.example", "company": "Zeta"}
        sheet = tracker({**APPLIED, "email": "DANA@agency.example"}, both)
        assert next_of(sheet, "3 Nov", row=3)["next_contact"] == day("12 Nov")

    def test_many_rows_of_one_agency_are_all_kept_apart(self) -> None:
        rows = [{**APPLIED, "company": f"C{number:03}", "email": self.EMAIL} for number in range(60)]
        days = sorted(found.date() for found in planned(tracker(*rows), "3 Nov").frame["next_contact"])
        assert min(later - before for before, later in itertools.pairwise(days)) >= dt.timedelta(days=3)


class TestRanking:
    def test_offer_reply_thank_you_date_decision_interview_meeting_promise_proposal_project_application(self) -> None:
        rows: list[Row] = [
            {"company": "application", "stage": "applied", "applied_on": "30 Oct"},
            {"company": "project", "kind": "checkin", "start_on": "2 Nov"},
            {"company": "proposal", "stage": "proposal", "applied_on": "5 Nov"},
            {"company": "promise", "contact": "A", "kind": "networking", "interview_on": "5 Nov", "last_contact": "6 Nov", "promised": "it"},
            {"company": "meeting", "contact": "B", "kind": "networking", "interview_on": "8 Nov"},
            {"company": "interview", "stage": "interview", "interview_on": "1 Nov", "last_contact": "2 Nov"},
            {"company": "decision", "stage": "applied", "applied_on": "20 Oct", "decision_by": "6 Nov"},
            {"company": "date", "stage": "applied", "applied_on": "20 Oct", "contact_on": "9 Nov"},
            {"company": "thank-you", "stage": "interview", "interview_on": "8 Nov"},
            {"company": "reply", "stage": "applied", "applied_on": "20 Oct", "reply_on": "9 Nov"},
            {"company": "offer", "stage": "offer", "reply_on": "9 Nov"},
        ]  # fmt: skip
        frame = planned(tracker(*rows), "9 Nov").frame
        assert set(frame["follow_up"]) <= {"Due", "Overdue"}
        assert list(frame["rank"]) == list(range(11, 0, -1))

    def test_the_newest_window_comes_first(self) -> None:
        sheet = tracker({**APPLIED, "applied_on": "20 Oct"}, {**APPLIED, "applied_on": "27 Oct"})
        assert list(planned(sheet, "4 Nov").frame["rank"]) == [2, 1]

    def test_what_is_to_come_follows_and_nothing_to_do_is_0(self) -> None:
        sheet = tracker({**APPLIED, "applied_on": "20 Oct"}, APPLIED, {"company": "A", "stage": "withdrawn"})
        assert list(planned(sheet, "4 Nov").frame["rank"]) == [1, 2, 0]


class TestWhy:
    def test_a_time_of_day_is_said(self) -> None:
        assert "by 16:00" in one("3 Nov", role="Budget", kind="deadline", due_on="9 Nov 16:00")["why"]
        assert "by 10:30" in one("2 Nov", **{**INTERVIEW, "interview_on": "2 Nov 10:30"})["why"]
        assert "by 14:00" in one("3 Nov", **APPLIED, contact_on="12 Nov 14:00")["why"]

    def test_next_steps_of_the_debrief_are_repeated(self) -> None:
        found = one("4 Nov", **INTERVIEW, history=[THANKED], debrief=[{"next_steps": "The board\nmeets first"}])
        assert "“The board meets first”" in found["why"]

    def test_another_year_is_said(self) -> None:
        assert "2 Nov 2026" in one("2027-01-05", **APPLIED)["why"]

    def test_no_rule_ids_no_sources_no_counted_days(self) -> None:
        rows: list[Row] = [INTERVIEW, APPLIED, PROPOSED, MET, {**APPLIED, "decision_by": "20 Nov"}]
        for as_of in ("3 Nov", "8 Nov", "20 Nov", "20 Dec"):
            for why in planned(tracker(*rows), as_of).frame["why"]:
                assert not re.search(r"\bS\d\b|[a-z]+\.[a-z]+_|\d+ days?\b|ago", why)
                assert why.endswith(".")


class TestCalendar:
    def test_a_public_holiday_moves_a_follow_up(self) -> None:
        found = next_of(tracker({**APPLIED, "applied_on": "18 Dec"}), "18 Dec", country="GB")
        assert found["next_contact"] == day("29 Dec")

    def test_an_unknown_country_is_a_problem(self) -> None:
        (problem,) = planned(tracker(APPLIED), "3 Nov", country="ZZ").problems
        assert "ZZ" in problem.message

    def test_follow_ups_roll_past_quiet_and_away_times(self) -> None:
        quiet = (((11, 9), (11, 11)),)
        assert next_of(tracker(APPLIED), "3 Nov", quiet=quiet)["next_contact"] == day("12 Nov")
        away = ((day("9 Nov"), day("20 Nov")),)
        assert window(next_of(tracker(APPLIED), "3 Nov", away=away)) == step(
            "application.followup_1", "23 Nov", "23 Nov"
        )

    def test_quiet_times_run_over_new_year(self) -> None:
        quiet = (((12, 24), (1, 1)),)
        assert next_of(tracker({**APPLIED, "applied_on": "23 Dec"}), "23 Dec", quiet=quiet)["next_contact"] == dt.date(
            2027, 1, 4
        )

    def test_thank_yous_replies_and_offers_still_show(self) -> None:
        quiet = (((11, 1), (11, 30)),)
        assert next_of(tracker(INTERVIEW), "2 Nov", quiet=quiet)["next_contact"] == day("3 Nov")
        offer = {"company": "A", "stage": "offer", "reply_on": "5 Nov"}
        assert next_of(tracker(offer), "5 Nov", quiet=quiet)["contact_by"] == day("6 Nov")
        reply = {**APPLIED, "reply_on": "5 Nov", "last_contact": "3 Nov"}
        assert next_of(tracker(reply), "5 Nov", quiet=quiet)["contact_by"] == day("6 Nov")

    def test_other_weekends(self) -> None:
        found = next_of(tracker({**APPLIED, "applied_on": "30 Oct"}), "3 Nov", weekend=frozenset({4, 5}))
        assert found["next_contact"] == day("8 Nov")

    def test_a_week_of_weekends_is_taken_for_none(self) -> None:
        assert next_of(tracker(APPLIED), "3 Nov", weekend=frozenset(range(7)))["next_contact"] == day("9 Nov")


class TestDatesStillToCome:
    def test_a_contact_dated_after_today_is_told(self) -> None:
        plan = planned(tracker({**APPLIED, "last_contact": "20 Dec"}), "18 Nov")
        assert [problem.row for problem in plan.problems] == [2]
        assert "20 Dec is still to come" in plan.problems[0].message

    def test_a_contact_of_today_is_not(self) -> None:
        assert not planned(tracker({**APPLIED, "last_contact": "18 Nov"}), "18 Nov").problems

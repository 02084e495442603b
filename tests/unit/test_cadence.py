"""The rules of the cadence, one by one: which step is next, from when until when, and what it is called.

2026 dates; 2 November is a Monday. The test of a rule names its id and quotes its number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from threads import Row, day, next_of, one, tracker

from sheetsync.cadence.engine import plan
from sheetsync.cadence.profile import load_profile
from sheetsync.settings import Settings

INTERVIEW: Row = {"company": "Acme", "stage": "interview", "interview_on": "2 Nov"}
APPLIED: Row = {"company": "Acme", "stage": "applied", "applied_on": "2 Nov"}
PROPOSED: Row = {"company": "Acme", "stage": "proposal", "applied_on": "2 Nov"}
MEETING: Row = {"company": "Acme", "stage": "meeting", "interview_on": "2 Nov"}
MET: Row = {"contact": "Ann Ash", "kind": "networking", "interview_on": "2 Nov"}
OFFERED: Row = {"company": "Acme", "stage": "offer", "reply_on": "5 Nov"}
THANKED: Row = {"on": "3 Nov", "step": "interview.thank_you"}


def window(found: dict[str, Any]) -> tuple[str, Any, Any]:
    return found["action"], found["next_contact"], found["contact_by"]


def step(rule: str, start: str, until: str) -> tuple[str, Any, Any]:
    return rule, day(start), day(until)


class TestTheStepTable:
    def test_interview_thank_you_is_one_day_after_and_may_be_sent_on_the_day_itself(self) -> None:
        found = one("2 Nov", **INTERVIEW)
        assert window(found) == step("interview.thank_you", "3 Nov", "3 Nov")
        assert found["earliest"] == day("2 Nov")

    def test_interview_letter_is_off(self) -> None:
        assert one("4 Nov", **INTERVIEW, history=[THANKED])["action"] == "interview.followup_1"

    def test_interview_letter_is_2_to_7_days_after_and_gone_when_its_window_has_closed(self) -> None:
        profile = load_profile("balanced")[0]
        steps = tuple(replace(row, on=True) for row in profile.steps)
        sheet = tracker({**INTERVIEW, "interview_on": "3 Nov"}, history=[{"on": "4 Nov"}])
        for as_of, expected in (
            ("5 Nov", step("interview.letter", "5 Nov", "10 Nov")),
            ("10 Nov", step("interview.letter", "5 Nov", "10 Nov")),
            ("11 Nov", step("interview.followup_1", "11 Nov", "12 Nov")),
        ):
            line = plan(sheet, replace(profile, steps=steps, min_gap=0), Settings(), today=day(as_of)).frame.loc[2]
            assert (line["action"], line["next_contact"].date(), line["contact_by"].date()) == expected
            assert line["channel"] == ("letter" if line["action"] == "interview.letter" else "find a contact")

    def test_interview_followup_1_is_a_week_after_the_last_message(self) -> None:
        found = one("6 Nov", **INTERVIEW, history=[{"on": "5 Nov"}])
        assert window(found) == step("interview.followup_1", "12 Nov", "13 Nov")

    def test_interview_followup_1_after_a_screen_is_5_to_7_days_after_it(self) -> None:
        row = {**INTERVIEW, "stage": "screen", "interview_on": "3 Nov"}
        found = one("5 Nov", **row, history=[{"on": "4 Nov"}])
        assert window(found) == step("interview.followup_1", "9 Nov", "10 Nov")

    def test_interview_followup_1_after_an_assessment_is_that_of_a_screen(self) -> None:
        row = {**INTERVIEW, "stage": "assessment", "interview_on": "3 Nov"}
        assert one("5 Nov", **row, history=[{"on": "4 Nov"}])["next_contact"] == day("9 Nov")

    @pytest.mark.parametrize("round_", ["second", "third", "final"])
    def test_interview_followup_1_after_a_later_round_is_7_to_10_days_after_it(self, round_: str) -> None:
        found = one("4 Nov", **INTERVIEW, round=round_, history=[THANKED])
        assert window(found) == step("interview.followup_1", "9 Nov", "12 Nov")

    def test_interview_followup_2_is_a_week_after_the_first(self) -> None:
        found = one("13 Nov", **INTERVIEW, history=[THANKED, {"on": "12 Nov"}])
        assert window(found) == step("interview.followup_2", "19 Nov", "20 Nov")

    def test_decision_passed_is_1_to_3_working_days_after_the_decision_date(self) -> None:
        found = one("4 Nov", **APPLIED, decision_by="21 Nov")
        assert window(found) == step("decision.passed", "23 Nov", "25 Nov")

    def test_application_followup_1_is_7_to_14_days_after(self) -> None:
        assert window(one("3 Nov", **APPLIED)) == step("application.followup_1", "9 Nov", "16 Nov")

    def test_application_followup_2_is_7_to_14_days_after_the_first(self) -> None:
        found = one("10 Nov", **APPLIED, history=[{"on": "10 Nov"}])
        assert window(found) == step("application.followup_2", "17 Nov", "24 Nov")

    def test_proposal_receipt_is_2_to_3_days_after(self) -> None:
        assert window(one("3 Nov", **PROPOSED)) == step("proposal.receipt", "4 Nov", "5 Nov")

    def test_proposal_followup_is_5_to_7_days_after_the_receipt(self) -> None:
        found = one("5 Nov", **PROPOSED, history=[{"on": "5 Nov"}])
        assert window(found) == step("proposal.followup", "10 Nov", "12 Nov")

    def test_meeting_thank_you_is_1_to_2_days_after_then_comes_proposal_followup(self) -> None:
        assert window(one("2 Nov", **MEETING)) == step("meeting.thank_you", "3 Nov", "4 Nov")
        assert one("2 Nov", **MEETING)["earliest"] == day("2 Nov")
        found = one("4 Nov", **MEETING, history=[{"on": "4 Nov"}])
        assert window(found) == step("proposal.followup", "9 Nov", "11 Nov")

    def test_networking_connect_is_1_to_2_days_after(self) -> None:
        found = one("2 Nov", **MET)
        assert window(found) == step("networking.connect", "3 Nov", "4 Nov")
        assert found["earliest"] == day("2 Nov")

    def test_networking_promise_is_kept_within_7_days(self) -> None:
        found = one("4 Nov", **MET, promised="the article", history=[{"on": "3 Nov"}])
        assert window(found) == step("networking.promise", "2 Nov", "9 Nov")

    def test_networking_promise_is_for_any_kind(self) -> None:
        found = one("4 Nov", **INTERVIEW, promised="my portfolio", history=[THANKED])
        assert window(found) == step("networking.promise", "2 Nov", "9 Nov")
        found = one("4 Nov", **APPLIED, promised="my portfolio")
        assert window(found) == step("networking.promise", "2 Nov", "9 Nov")

    @pytest.mark.parametrize(
        "words", ["on 10 Nov: the article", "article, November 10", "2026-11-10 article", "10.11. !"]
    )
    def test_networking_promise_counts_from_a_date_in_its_words(self, words: str) -> None:
        sheet = tracker({**MET, "promised": words}, history=[{"on": "3 Nov"}])
        assert next_of(sheet, "4 Nov", day_first=True)["contact_by"] == day("17 Nov")

    def test_networking_promise_guesses_no_date(self) -> None:
        found = one("4 Nov", **MET, promised="article 10/11", history=[{"on": "3 Nov"}])
        assert found["contact_by"] == day("9 Nov")

    def test_networking_promise_is_done_by_the_next_message(self) -> None:
        found = one("6 Nov", **MET, promised="the article", history=[{"on": "3 Nov"}, {"on": "5 Nov"}])
        assert found["follow_up"] == "Waiting"

    def test_project_reminder_moves_back_over_a_weekend(self) -> None:
        row = {"role": "Budget", "kind": "deadline", "due_on": "15 Nov"}
        assert window(one("3 Nov", **row)) == step("project.reminder", "13 Nov", "13 Nov")

    def test_project_reminder_is_done_by_a_message_in_its_days(self) -> None:
        row = {"role": "Budget", "kind": "deadline", "due_on": "9 Nov"}
        assert one("6 Nov", **row, history=[{"on": "6 Nov"}])["follow_up"] == "Waiting"
        assert one("6 Nov", **row, last_contact="6 Nov")["follow_up"] == "Waiting"
        assert one("4 Nov", **row, history=[{"on": "3 Nov"}])["action"] == "project.reminder"

    def test_project_checkin_comes_every_week_for_ever(self) -> None:
        row = {"company": "Site", "kind": "checkin", "start_on": "2 Nov"}
        assert window(one("3 Nov", **row)) == step("project.checkin", "9 Nov", "11 Nov")
        many = [{"on": f"{number} Nov"} for number in range(3, 20, 2)]
        assert window(one("20 Nov", **row, history=many)) == step("project.checkin", "26 Nov", "30 Nov")

    @pytest.mark.parametrize("cell", [{"kind_text": "Bi-weekly check-in"}, {"next_step": "call every two weeks"}])
    def test_project_checkin_comes_every_two_weeks_where_the_row_says_so(self, cell: Row) -> None:
        found = one("3 Nov", company="Site", kind="checkin", start_on="2 Nov", **cell)
        assert window(found) == step("project.checkin", "16 Nov", "18 Nov")

    def test_reply_answer_is_due_at_once(self) -> None:
        found = one("5 Nov", **APPLIED, last_contact="3 Nov", reply_on="7 Nov")
        assert window(found) == step("reply.answer", "9 Nov", "9 Nov")

    def test_offer_acknowledge_is_due_at_once(self) -> None:
        assert window(one("5 Nov", **OFFERED)) == step("offer.acknowledge", "5 Nov", "6 Nov")

    def test_offer_respond_is_due_a_day_before_the_deadline(self) -> None:
        found = one("8 Nov", **OFFERED, due_on="16 Nov", history=[{"on": "5 Nov"}])
        assert window(found) == step("offer.respond", "13 Nov", "16 Nov")

    def test_offer_decline_is_due_at_once(self) -> None:
        row = {"company": "Acme", "stage": "declined", "reply_on": "5 Nov"}
        assert window(one("5 Nov", **row)) == step("offer.decline", "5 Nov", "6 Nov")

    @pytest.mark.parametrize("stage", ["accepted", "won"])
    def test_acceptance_thank_is_due_at_once(self, stage: str) -> None:
        row = {"company": "Acme", "stage": stage, "reply_on": "5 Nov"}
        assert window(one("5 Nov", **row)) == step("acceptance.thank", "5 Nov", "6 Nov")

    def test_rejection_thank_has_two_working_days(self) -> None:
        row = {**INTERVIEW, "stage": "rejected", "reply_on": "6 Nov"}
        assert window(one("6 Nov", **row)) == step("rejection.thank", "6 Nov", "10 Nov")

    def test_rejection_thank_needs_an_interview_a_touch_or_a_proposal(self) -> None:
        plain = {"company": "Acme", "stage": "rejected", "applied_on": "2 Nov", "reply_on": "20 Nov"}
        assert one("20 Nov", **plain)["follow_up"] == "Closed"
        assert one("20 Nov", **plain, last_contact="9 Nov")["action"] == "rejection.thank"
        assert one("20 Nov", **plain, history=[{"on": "9 Nov"}])["action"] == "rejection.thank"
        assert one("20 Nov", **{**plain, "stage": "lost"})["action"] == "rejection.thank"
        assert one("20 Nov", **plain, kind="proposal")["action"] == "rejection.thank"


class TestMissedSteps:
    def test_interview_thank_you_is_last_shown_on_day_5(self) -> None:
        assert one("7 Nov", **INTERVIEW)["action"] == "interview.thank_you"
        assert one("8 Nov", **INTERVIEW)["action"] == "interview.followup_1"

    def test_networking_connect_is_last_shown_on_day_5(self) -> None:
        assert one("7 Nov", **MET)["action"] == "networking.connect"
        found = one("8 Nov", **MET)
        assert found["follow_up"] == "Waiting"
        assert "missed" in found["why"]

    def test_meeting_thank_you_is_followed_as_if_it_had_been_sent_on_day_1(self) -> None:
        found = one("8 Nov", **MEETING)
        assert window(found) == step("proposal.followup", "9 Nov", "10 Nov")
        assert "missed" in found["why"]

    def test_interview_followup_1_after_a_missed_thank_you_of_a_screen_counts_from_the_screen(self) -> None:
        found = one("8 Nov", **{**INTERVIEW, "stage": "screen"})
        assert window(found) == step("interview.followup_1", "9 Nov", "9 Nov")
        assert "missed" in found["why"]

    def test_a_late_message_is_a_follow_up_and_no_thank_you(self) -> None:
        found = one("11 Nov", **INTERVIEW, history=[{"on": "10 Nov"}])
        assert window(found) == step("interview.followup_2", "17 Nov", "18 Nov")

    def test_networking_promise_hides_no_follow_up_that_has_begun(self) -> None:
        row = {**INTERVIEW, "promised": "my portfolio"}
        assert one("9 Nov", **row, history=[THANKED])["action"] == "networking.promise"
        assert one("10 Nov", **row, history=[THANKED])["action"] == "interview.followup_1"

    def test_offer_acknowledge_hides_no_deadline(self) -> None:
        assert one("12 Nov", **OFFERED, due_on="13 Nov")["action"] == "offer.respond"

    def test_a_finished_thread_waits_and_turns_cold_after_30_days(self) -> None:
        both = [{"on": "9 Nov"}, {"on": "16 Nov"}]
        assert one("16 Dec", **APPLIED, history=both)["follow_up"] == "Waiting"
        assert one("17 Dec", **APPLIED, history=both)["follow_up"] == "Cold"

    def test_a_window_that_closed_30_days_ago_is_cold_and_keeps_its_dates(self) -> None:
        assert one("16 Dec", **APPLIED)["follow_up"] == "Overdue"
        found = one("17 Dec", **APPLIED)
        assert (found["follow_up"], found["days_overdue"]) == ("Cold", None)
        assert found["contact_by"] == day("16 Nov")


class TestWhichKind:
    def test_a_kind_cell_goes_before_the_dates(self) -> None:
        found = one("3 Nov", **{**APPLIED, "kind": "proposal"})
        assert (found["kind"], found["action"]) == ("proposal", "proposal.receipt")

    def test_an_end_stage_closes_a_thread_of_any_kind(self) -> None:
        found = one("5 Nov", company="Acme", kind="interview", interview_on="2 Nov", stage="rejected", reply_on="5 Nov")
        assert (found["kind"], found["action"]) == ("interview", "rejection.thank")

    @pytest.mark.parametrize(
        ("stage", "kind"),
        [
            ("offer", "offer"), ("accepted", "acceptance"), ("won", "acceptance"), ("rejected", "rejection"),
            ("lost", "rejection"), ("declined", "decline"),
        ],
    )  # fmt: skip
    def test_an_end_or_offer_stage_goes_before_the_dates(self, stage: str, kind: str) -> None:
        assert one("5 Nov", **{**INTERVIEW, "stage": stage}, reply_on="4 Nov")["kind"] == kind

    def test_withdrawn_is_closed(self) -> None:
        assert one("5 Nov", **{**INTERVIEW, "stage": "withdrawn"})["follow_up"] == "Closed"

    def test_the_newest_event_starts_its_own_cadence(self) -> None:
        found = one("3 Nov", stage="applied", applied_on="20 Oct", interview_on="2 Nov", last_contact="27 Oct")
        assert window(found) == step("interview.thank_you", "3 Nov", "3 Nov")

    def test_a_future_event_counts(self) -> None:
        found = one("5 Nov", stage="applied", applied_on="20 Oct", interview_on="12 Nov")
        assert (found["action"], found["follow_up"]) == ("interview.thank_you", "Upcoming")

    @pytest.mark.parametrize(
        ("stage", "kind"),
        [
            ("applied", "application"), ("screen", "interview"), ("interview", "interview"), ("meeting", "meeting"),
            ("proposal", "proposal"), ("contacted", "networking"), ("replied", "networking"),
        ],
    )  # fmt: skip
    def test_without_a_date_the_stage_decides(self, stage: str, kind: str) -> None:
        found = one("5 Nov", company="Acme", stage=stage)
        assert (found["kind"], found["follow_up"]) == (kind, "Needs info")

    @pytest.mark.parametrize("stage", ["interview", "screen"])
    def test_an_interview_without_its_date_needs_it_even_with_an_applied_date(self, stage: str) -> None:
        found = one("5 Nov", company="Acme", stage=stage, applied_on="2 Nov", interview_on=None)
        assert (found["follow_up"], found["why"]) == ("Needs info", "The interview date is missing.")
        assert found["next_action"] == "Fill in the interview date"

    def test_an_assessment_without_its_date_is_a_deadline_else_an_application(self) -> None:
        row = {"company": "Acme", "stage": "assessment", "applied_on": "2 Nov"}
        assert window(one("5 Nov", **row, due_on="13 Nov")) == step("project.reminder", "12 Nov", "13 Nov")
        assert one("5 Nov", **row)["action"] == "application.followup_1"

    def test_no_status_but_an_applied_date_is_an_application(self) -> None:
        assert one("3 Nov", company="Acme", applied_on="2 Nov")["action"] == "application.followup_1"

    def test_an_applied_date_beside_a_due_date_is_an_application(self) -> None:
        assert one("3 Nov", company="Acme", applied_on="2 Nov", due_on="20 Nov")["action"] == "application.followup_1"

    def test_saved_has_not_begun(self) -> None:
        found = one("3 Nov", company="Acme", stage="saved")
        assert (found["follow_up"], found["why"], found["next_action"]) == ("", "", "")

    def test_no_response_is_an_application_unless_it_is_over(self) -> None:
        row = {**APPLIED, "stage": "no_response"}
        assert one("3 Nov", **row)["action"] == "application.followup_1"
        assert one("3 Nov", **row, stage_over=True)["follow_up"] == "Closed"

    def test_on_hold_is_paused_until_the_status_changes(self) -> None:
        found = one("9 Nov", **{**APPLIED, "stage": "on_hold"})
        assert (found["follow_up"], found["next_contact"]) == ("Paused", None)

    def test_a_status_nobody_can_read_needs_info_and_is_quoted(self) -> None:
        found = one("9 Nov", **{**APPLIED, "stage": "unknown", "stage_text": "Blorp"})
        assert found["follow_up"] == "Needs info"
        assert "“Blorp”" in found["why"]
        assert "Settings sheet" in found["why"]

    def test_an_unreadable_date_needs_info_and_is_quoted(self) -> None:
        sheet = tracker({"company": "Acme", "stage": "interview"}, unreadable={(2, "interview_on"): "soon"})
        found = next_of(sheet, "9 Nov")
        assert found["follow_up"] == "Needs info"
        assert "“soon”" in found["why"]

    def test_an_unreadable_override_does_not_hide_an_open_thank_you(self) -> None:
        sheet = tracker(INTERVIEW, unreadable={(2, "decision_by"): "mid-month"})
        assert next_of(sheet, "3 Nov")["action"] == "interview.thank_you"
        assert next_of(sheet, "9 Nov")["follow_up"] == "Needs info"

    def test_networking_is_followed_up_only_after_an_outreach(self) -> None:
        row = {"contact": "Ann Ash", "interview_on": "2 Nov"}
        sent = [{"on": "3 Nov"}]
        found = one("4 Nov", **row, stage="contacted", history=sent)
        assert window(found) == step("proposal.followup", "9 Nov", "10 Nov")
        assert one("4 Nov", **row, kind="networking", history=sent)["follow_up"] == "Waiting"
        early = [{"on": "30 Oct", "direction": "in"}, *sent]
        assert one("4 Nov", **row, stage="contacted", history=early)["action"] == "proposal.followup"
        answered = [*sent, {"on": "4 Nov", "direction": "in"}, {"on": "4 Nov"}]
        assert one("5 Nov", **row, stage="contacted", history=answered)["follow_up"] == "Waiting"

    def test_an_outreach_without_a_date_counts_from_the_last_contact(self) -> None:
        found = one("4 Nov", contact="Ann Ash", stage="contacted", last_contact="2 Nov")
        assert window(found) == step("proposal.followup", "9 Nov", "9 Nov")

    def test_a_list_of_people_holds_encounters(self) -> None:
        assert one("3 Nov", contact="Ann Ash", interview_on="2 Nov")["action"] == "networking.connect"


class TestOddDates:
    @pytest.mark.parametrize("date", ["1900-01-01", "9999-12-31", "1678-01-01"])
    @pytest.mark.parametrize(
        "name", ["applied_on", "interview_on", "contact_on", "paused_until", "decision_by", "due_on"]
    )
    def test_a_typing_slip_leads_to_no_error(self, date: str, name: str) -> None:
        found = one("3 Nov", **{**APPLIED, name: date})
        assert found["follow_up"]


class TestEnds:
    @pytest.mark.parametrize("stage", ["rejected", "lost", "declined", "accepted", "won"])
    def test_an_end_without_a_date_is_closed(self, stage: str) -> None:
        row = {"company": "Acme", "stage": stage, "interview_on": "2 Nov", "contact_on": "20 Nov"}
        assert one("5 Nov", **row)["follow_up"] == "Closed"

    def test_no_date_reopens_a_closed_thread(self) -> None:
        row = {**INTERVIEW, "stage": "rejected", "reply_on": "4 Nov", "contact_on": "20 Nov", "decision_by": "20 Nov"}
        assert one("20 Nov", **row, history=[{"on": "5 Nov"}])["follow_up"] == "Closed"

    def test_a_closing_step_is_gone_30_days_after_its_window(self) -> None:
        row = {"company": "Acme", "stage": "accepted", "reply_on": "5 Nov"}
        assert one("6 Dec", **row)["action"] == "acceptance.thank"
        assert one("7 Dec", **row)["follow_up"] == "Closed"

    def test_reply_answer_once_for_a_message_after_the_closing_one(self) -> None:
        row = {**INTERVIEW, "stage": "rejected", "reply_on": "5 Nov"}
        thanked = {"on": "6 Nov", "step": "rejection.thank"}
        wrote = {"on": "10 Nov", "direction": "in"}
        found = one("10 Nov", **row, history=[thanked, wrote])
        assert window(found) == step("reply.answer", "10 Nov", "11 Nov")
        assert one("10 Nov", **row, history=[thanked, wrote, {"on": "10 Nov"}])["follow_up"] == "Closed"
        again = [thanked, wrote, {"on": "11 Nov"}, {"on": "12 Nov", "direction": "in"}]
        assert one("12 Nov", **row, history=again)["follow_up"] == "Closed"

    def test_another_step_on_the_day_of_the_end_is_not_the_closing_one(self) -> None:
        row = {**INTERVIEW, "stage": "rejected", "reply_on": "3 Nov"}
        assert one("3 Nov", **row, history=[THANKED])["action"] == "rejection.thank"
        assert one("3 Nov", **row, history=[{"on": "3 Nov"}])["follow_up"] == "Closed"

    def test_an_offer_without_a_date_needs_it(self) -> None:
        found = one("5 Nov", company="Acme", stage="offer")
        assert (found["follow_up"], found["action"]) == ("Needs info", "offer.acknowledge")
        assert "reply" in found["why"]

    def test_an_acknowledged_offer_without_a_deadline_waits(self) -> None:
        assert one("6 Nov", **OFFERED, history=[{"on": "5 Nov"}])["follow_up"] == "Waiting"

    def test_an_old_application_deadline_is_no_offers_deadline(self) -> None:
        assert one("6 Nov", **OFFERED, due_on="1 Oct", history=[{"on": "5 Nov"}])["follow_up"] == "Waiting"


ACCEPTED: Row = {"company": "Best", "stage": "accepted", "reply_on": "5 Nov"}


class TestOneJobAccepted:
    def beside(self, as_of: str, **row: Any) -> dict[str, Any]:
        return next_of(tracker(ACCEPTED, row, mapped=["last_contact"]), as_of, row=3)

    def test_offer_decline_for_open_interviews_and_offers(self) -> None:
        for row in (INTERVIEW, OFFERED, {**INTERVIEW, "interview_on": "12 Nov"}, {"company": "A", "stage": "screen"}):
            found = self.beside("6 Nov", **row)
            assert window(found) == step("offer.decline", "5 Nov", "6 Nov")
            assert "Best" in found["why"]

    def test_open_applications_are_withdrawn_and_never_nudged(self) -> None:
        found = self.beside("6 Nov", **APPLIED, contact_on="20 Nov")
        assert (found["action"], found["follow_up"], found["contact_by"]) == ("", "Due", day("6 Nov"))
        assert found["next_action"].startswith("Withdraw your application")

    def test_telling_them_closes_the_thread(self) -> None:
        assert self.beside("7 Nov", **INTERVIEW, last_contact="6 Nov")["follow_up"] == "Closed"

    def test_networking_proposals_and_saved_jobs(self) -> None:
        assert self.beside("6 Nov", **MET)["action"] == "networking.connect"
        assert self.beside("6 Nov", **PROPOSED)["action"] == "proposal.receipt"
        assert self.beside("6 Nov", company="A", stage="saved", due_on="9 Nov")["follow_up"] == ""
        assert self.beside("6 Nov", company="A", stage="saved", due_on="2027-01-04")["action"] == "project.reminder"

    def test_work_that_was_won_is_no_job(self) -> None:
        sheet = tracker({**ACCEPTED, "stage": "won"}, APPLIED)
        assert next_of(sheet, "6 Nov", row=3)["action"] == "application.followup_1"

    def test_without_a_date_nothing_can_be_counted(self) -> None:
        sheet = tracker({"company": "Best", "stage": "accepted"}, INTERVIEW)
        found = next_of(sheet, "6 Nov", row=3)
        assert (found["follow_up"], found["action"]) == ("Needs info", "offer.decline")

    def test_without_a_date_an_old_list_is_let_be(self) -> None:
        sheet = tracker({"company": "Best", "stage": "accepted"}, INTERVIEW)
        found = next_of(sheet, "3 Dec", row=3)
        assert (found["follow_up"], found["action"], found["next_contact"]) == ("Cold", "", None)
        assert "Best" in found["why"]

    def test_a_later_search_goes_on(self) -> None:
        sheet = tracker({**ACCEPTED, "reply_on": "2025-03-05"}, APPLIED)
        assert next_of(sheet, "6 Nov", row=3)["action"] == "application.followup_1"

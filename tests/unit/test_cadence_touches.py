"""Touches and replies: what completes a step, and what the next one counts from. 2026 dates; 2 November is a Monday."""

from __future__ import annotations

from typing import Any

import pytest
from threads import Row, day, next_of, one, tracker

INTERVIEW: Row = {"company": "Acme", "stage": "interview", "interview_on": "2 Nov"}
APPLIED: Row = {"company": "Acme", "stage": "applied", "applied_on": "2 Nov"}
PROPOSED: Row = {"company": "Acme", "stage": "proposal", "applied_on": "2 Nov"}
PAIR: Row = {**INTERVIEW, "contact": "Ann Ash; Ben Birch"}
THANKED: Row = {"on": "3 Nov", "step": "interview.thank_you"}


def window(found: dict[str, Any]) -> tuple[str, Any, Any]:
    return found["action"], found["next_contact"], found["contact_by"]


def step(rule: str, start: str, until: str) -> tuple[str, Any, Any]:
    return rule, day(start), day(until)


class TestWhichTouchesCount:
    def test_sending_the_application_is_no_touch(self) -> None:
        assert one("3 Nov", **APPLIED, last_contact="2 Nov")["next_contact"] == day("9 Nov")
        assert one("3 Nov", **APPLIED, history=[{"on": "2 Nov"}])["action"] == "application.followup_1"

    def test_a_thank_you_on_the_day_of_the_interview_counts(self) -> None:
        found = one("3 Nov", **INTERVIEW, history=[{"on": "2 Nov"}])
        assert window(found) == step("interview.followup_1", "9 Nov", "10 Nov")

    def test_a_touch_before_the_interview_belongs_to_what_came_before(self) -> None:
        row = {**INTERVIEW, "applied_on": "20 Oct"}
        assert one("3 Nov", **row, history=[{"on": "27 Oct"}])["action"] == "interview.thank_you"

    def test_an_answer_on_the_day_of_their_message_counts(self) -> None:
        row = {**APPLIED, "reply_on": "5 Nov"}
        assert one("5 Nov", **row, history=[{"on": "5 Nov"}])["action"] == "application.followup_1"

    def test_several_on_one_day_are_one(self) -> None:
        twice = [{"on": "9 Nov"}, {"on": "9 Nov"}]
        assert one("10 Nov", **APPLIED, history=twice)["action"] == "application.followup_2"

    def test_a_last_contact_that_history_knows_is_not_counted_again(self) -> None:
        found = one("10 Nov", **APPLIED, last_contact="9 Nov", history=[{"on": "9 Nov"}])
        assert window(found) == step("application.followup_2", "16 Nov", "23 Nov")

        answer = [THANKED, {"on": "10 Nov", "step": "reply.answer"}]
        found = one("11 Nov", **INTERVIEW, last_contact="10 Nov", history=answer)
        assert window(found) == step("interview.followup_1", "17 Nov", "18 Nov")

    def test_a_connection_made_on_the_day_of_meeting_counts(self) -> None:
        row = {"contact": "Ann Ash", "kind": "networking", "interview_on": "2 Nov"}
        assert one("3 Nov", **row, history=[{"on": "2 Nov"}])["follow_up"] == "Waiting"

    def test_a_column_of_past_reminders_holds_touches(self) -> None:
        sheet = tracker(APPLIED, touches=[{"on": "9 Nov"}])
        assert window(next_of(sheet, "10 Nov")) == step("application.followup_2", "16 Nov", "23 Nov")


class TestWhatATouchCompletes:
    def test_a_history_row_with_a_step_completes_that_step(self) -> None:
        found = one("6 Nov", **INTERVIEW, history=[{"on": "5 Nov", "step": "interview.followup_1"}])
        assert found["action"] == "interview.thank_you"

    def test_a_history_row_without_a_step_completes_the_oldest_open_one(self) -> None:
        history = [{"on": "3 Nov"}, {"on": "10 Nov"}]
        assert one("11 Nov", **INTERVIEW, history=history)["action"] == "interview.followup_2"

    @pytest.mark.parametrize(
        ("row", "last_contact", "rule", "start"),
        [
            (INTERVIEW, "2 Nov", "interview.thank_you", "3 Nov"),
            (INTERVIEW, "3 Nov", "interview.followup_1", "10 Nov"),
            (INTERVIEW, "9 Nov", "interview.followup_1", "16 Nov"),
            (INTERVIEW, "10 Nov", "interview.followup_2", "17 Nov"),
            (INTERVIEW, "17 Nov", "", None),
            ({**INTERVIEW, "round": "second"}, "9 Nov", "interview.followup_1", "16 Nov"),
            ({**INTERVIEW, "round": "second"}, "10 Nov", "interview.followup_2", "17 Nov"),
            ({**INTERVIEW, "round": "second"}, "17 Nov", "", None),
            ({**INTERVIEW, "stage": "screen"}, "6 Nov", "interview.followup_1", "11 Nov"),
            ({**INTERVIEW, "stage": "screen"}, "8 Nov", "interview.followup_2", "16 Nov"),
            ({**INTERVIEW, "stage": "screen"}, "15 Nov", "", None),
            (APPLIED, "8 Nov", "application.followup_1", "16 Nov"),
            (APPLIED, "9 Nov", "application.followup_2", "16 Nov"),
            (APPLIED, "16 Nov", "", None),
            (PROPOSED, "3 Nov", "proposal.receipt", "5 Nov"),
            (PROPOSED, "4 Nov", "proposal.followup", "9 Nov"),
            (PROPOSED, "9 Nov", "", None),
            ({**INTERVIEW, "stage": "meeting"}, "3 Nov", "proposal.followup", "9 Nov"),
            ({"contact": "Ann", "kind": "networking", "interview_on": "2 Nov"}, "3 Nov", "", None),
        ],
    )
    def test_a_bare_last_contact_completes_every_step_whose_nominal_day_it_has_reached(
        self, row: Row, last_contact: str, rule: str, start: str | None
    ) -> None:
        """First interview and later rounds 1, 8, 15; screen 1, 6, 13; application 7, 14; proposal 2, 7; others 1."""
        found = one(last_contact, **row, last_contact=last_contact)
        assert (found["action"], found["next_contact"]) == (rule, day(start) if start else None)

    def test_the_next_step_counts_from_a_bare_last_contact_even_where_the_table_names_another_base(self) -> None:
        found = one("4 Nov", **{**INTERVIEW, "stage": "screen"}, last_contact="4 Nov")
        assert window(found) == step("interview.followup_1", "9 Nov", "11 Nov")

    def test_an_answer_to_them_is_no_follow_up_but_what_follows_counts_from_it(self) -> None:
        history = [THANKED, {"on": "5 Nov", "direction": "in"}, {"on": "6 Nov"}]
        found = one("7 Nov", **INTERVIEW, history=history)
        assert window(found) == step("interview.followup_1", "13 Nov", "16 Nov")

    def test_decision_passed_stands_for_follow_up_1(self) -> None:
        row = {**INTERVIEW, "decision_by": "20 Nov"}
        found = one("24 Nov", **row, history=[THANKED, {"on": "23 Nov"}])
        assert window(found) == step("interview.followup_2", "30 Nov", "1 Dec")
        assert one("24 Nov", **row, last_contact="23 Nov")["action"] == "interview.followup_2"


class TestEverybodyIsThanked:
    def test_next_action_names_all_who_are_left(self) -> None:
        assert one("3 Nov", **PAIR)["next_action"] == "Thank Ann Ash and Ben Birch"

    @pytest.mark.parametrize("cell", ["Ann Ash; Ben Birch", "Ann Ash / Ben Birch", "Ann Ash & Ben Birch",
                                      "Ann Ash\nBen Birch", "Ann Ash and Ben Birch"])  # fmt: skip
    def test_people_are_split(self, cell: str) -> None:
        found = one("3 Nov", **{**PAIR, "contact": cell}, history=[{**THANKED, "contact": "Ben Birch"}])
        assert found["next_action"] == "Thank Ann Ash"

    def test_people_of_the_debrief_are_thanked_too(self) -> None:
        found = one("3 Nov", **{**INTERVIEW, "contact": "Ann Ash"}, debrief=[{"people": "Ann Ash (CTO); Cy Cole"}],
                    history=[{**THANKED, "contact": "Ann"}])  # fmt: skip
        assert found["next_action"] == "Thank Cy Cole"

    def test_follow_up_1_counts_from_the_last_thank_you(self) -> None:
        history = [{**THANKED, "contact": "Ann Ash"}, {"on": "4 Nov", "contact": "Ben Birch"}]
        assert window(one("5 Nov", **PAIR, history=history)) == step("interview.followup_1", "11 Nov", "12 Nov")

    @pytest.mark.parametrize("second", ["3 Nov", "4 Nov"])
    @pytest.mark.parametrize("step", ["", "interview.thank_you"])
    def test_one_that_names_nobody_thanks_all_whoever_is_named_after_it(self, step: str, second: str) -> None:
        history = [{"on": "3 Nov", "step": step}, {"on": second, "step": step, "contact": "Ann Ash"}]
        assert one("4 Nov", **PAIR, history=history)["next_action"].startswith("Follow up with Ann Ash and Ben Birch")

    def test_another_step_that_names_nobody_thanks_nobody(self) -> None:
        history = [{**THANKED, "contact": "Ann Ash"}, {"on": "3 Nov", "step": "reply.answer"}]
        assert one("4 Nov", **PAIR, history=history)["next_action"] == "Thank Ben Birch"

    @pytest.mark.parametrize("both", ["Ann Ash und Ben Birch", "Ann Ash et Ben Birch", "Ann Ash y Ben Birch"])
    def test_two_people_joined_by_a_word_are_two(self, both: str) -> None:
        row = {**PAIR, "contact": both}
        assert one("4 Nov", **row, history=[{**THANKED, "contact": "Ann Ash"}])["next_action"] == "Thank Ben Birch"

    def test_both_on_one_day_are_both_thanked(self) -> None:
        history = [{**THANKED, "contact": "Ann Ash"}, {**THANKED, "contact": "Ben Birch"}]
        assert one("5 Nov", **PAIR, history=history)["action"] == "interview.followup_1"

    def test_one_touch_is_enough_if_history_names_nobody(self) -> None:
        assert one("5 Nov", **PAIR, history=[THANKED])["action"] == "interview.followup_1"

    def test_from_day_6_nobody_is_left(self) -> None:
        found = one("8 Nov", **PAIR, history=[{**THANKED, "contact": "Ann Ash"}])
        assert window(found) == step("interview.followup_1", "10 Nov", "11 Nov")


class TestTheyWroteLast:
    def test_reply_answer_needs_a_reply_later_than_the_last_touch(self) -> None:
        assert one("11 Nov", **APPLIED, last_contact="10 Nov", reply_on="11 Nov")["action"] == "reply.answer"
        assert one("11 Nov", **APPLIED, last_contact="11 Nov", reply_on="11 Nov")["action"] != "reply.answer"

    def test_reply_answer_needs_a_reply_not_before_the_newest_event(self) -> None:
        row = {"company": "Acme", "applied_on": "20 Oct", "interview_on": "12 Nov", "last_contact": "20 Oct"}
        assert one("10 Nov", **row, reply_on="9 Nov")["action"] == "interview.thank_you"

    def test_reply_answer_needs_a_tracker_that_says_when_the_person_wrote(self) -> None:
        assert one("9 Nov", **APPLIED, reply_on="9 Nov")["action"] == "application.followup_1"
        sheet = tracker({**APPLIED, "reply_on": "9 Nov"}, mapped=["last_contact"])
        assert next_of(sheet, "9 Nov")["action"] == "reply.answer"

    def test_reply_answer_is_not_for_an_offer(self) -> None:
        sheet = tracker({"company": "A", "stage": "offer", "reply_on": "9 Nov"}, mapped=["last_contact"])
        assert next_of(sheet, "9 Nov")["action"] == "offer.acknowledge"

    @pytest.mark.parametrize("mark", [{"step": "nothing to answer"}, {"note": "Nothing to answer: an automatic mail"}])
    def test_a_reply_of_nothing_to_answer_ends_the_cadence(self, mark: Row) -> None:
        found = one("9 Nov", **APPLIED, history=[{"on": "6 Nov", "direction": "in", **mark}])
        assert found["follow_up"] == "Waiting"
        assert "6 Nov" in found["why"]

    def test_an_open_thank_you_goes_before_an_answer(self) -> None:
        found = one("4 Nov", **INTERVIEW, history=[{"on": "4 Nov", "direction": "in"}])
        assert found["action"] == "interview.thank_you"

    def test_the_answer_goes_the_way_their_message_came(self) -> None:
        history = [{"on": "10 Nov"}, {"on": "11 Nov", "direction": "in", "channel": "Phone call"}]
        found = one("11 Nov", **APPLIED, email="ann@acme.example", history=history)
        assert found["channel"] == "phone"

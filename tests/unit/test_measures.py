"""What the follow-ups come to: small trackers whose figures were worked out by hand.

2026 dates; 2 November is a Monday, and so are 9, 16 and 23 November. No holidays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from threads import day, next_of, tracker

from sheetsync.cadence.profile import load_profile
from sheetsync.measures.answers import answers, answers_by_channel, answers_by_source, funnel, last_touch
from sheetsync.measures.figures import at_most
from sheetsync.measures.kept import Planned, by_week, planned_contacts
from sheetsync.measures.left_undone import interviews_without_debrief, thank_yous_missed
from sheetsync.measures.messages import messages
from sheetsync.measures.past import past
from sheetsync.model import Tracker
from sheetsync.settings import Settings

BALANCED, _ = load_profile("balanced")
INTERVIEW = {"company": "Ash", "stage": "interview", "interview_on": "2 Nov"}
APPLIED = {"company": "Birch", "stage": "applied", "applied_on": "2 Nov"}
THANKED = {"on": "3 Nov", "step": "interview.thank_you"}


def kept(found: Tracker, as_of: str, *, weeks: int = 4) -> list[tuple[str, str, str]]:
    """The planned contacts as (rule, last day, fate)."""
    planned = planned_contacts(found, BALANCED, Settings(), today=day(as_of), weeks=weeks)
    return [(one.rule, f"{one.contact_by.day} {one.contact_by:%b}", one.fate) for one in planned]


# Planned contacts


def test_a_contact_by_its_last_day_is_done_one_after_it_late_one_that_never_came_missed() -> None:
    follow_ups = {"on": "13 Nov", "step": "interview.followup_1"}
    assert kept(tracker(INTERVIEW, history=[THANKED, follow_ups]), "23 Nov") == [
        ("interview.thank_you", "3 Nov", "done"),
        ("interview.followup_1", "11 Nov", "late"),
        ("interview.followup_2", "23 Nov", "open"),
    ]
    assert kept(tracker(INTERVIEW), "6 Nov") == [("interview.thank_you", "3 Nov", "missed")]


def test_a_thank_you_that_was_never_sent_stays_missed_when_the_cadence_has_gone_on() -> None:
    assert kept(tracker(INTERVIEW), "9 Nov") == [
        ("interview.thank_you", "3 Nov", "missed"),
        ("interview.followup_1", "11 Nov", "open"),
    ]


def test_a_missed_contact_is_seen_although_nothing_was_written_while_it_was_overdue() -> None:
    """The thank-you after a meeting shows as overdue on three days only."""
    met = {"company": "Ash", "stage": "meeting", "interview_on": "3 Nov"}
    found = kept(tracker(met, {**APPLIED, "row": 3}, history=[{"row": 3, "on": "20 Nov"}]), "20 Nov")
    assert ("meeting.thank_you", "5 Nov", "missed") in found


def test_thanking_two_people_is_one_contact_kept_when_both_are_thanked() -> None:
    pair = {**INTERVIEW, "contact": "Ann Ash; Ben Birch"}
    ann, ben = (
        {"on": on, "contact": who, "step": "interview.thank_you"} for on, who in (("3 Nov", "Ann"), ("5 Nov", "Ben"))
    )
    thanks = "interview.thank_you", "3 Nov"
    assert kept(tracker(pair, history=[ann]), "6 Nov")[0] == (*thanks, "missed")
    assert kept(tracker(pair, history=[ann, ben]), "6 Nov")[0] == (*thanks, "late")
    assert kept(tracker(pair, history=[ann, {**ben, "on": "3 Nov"}]), "6 Nov")[0] == (*thanks, "done")


def test_a_message_that_nothing_asked_for_counts_as_nothing() -> None:
    early = tracker(APPLIED, history=[{"on": "3 Nov"}])
    assert [fate for _, _, fate in kept(early, "4 Nov")] == []


def test_what_came_before_the_only_contact_that_is_known_is_left_out() -> None:
    """Without History an earlier follow-up may have been sent: nobody can say that it was missed."""
    bare = {**APPLIED, "applied_on": "1 Oct", "last_contact": "2 Nov"}
    logged = tracker({**bare, "last_contact": None}, history=[{"on": "2 Nov"}])
    assert kept(tracker(bare), "9 Nov", weeks=8) == []
    assert kept(logged, "9 Nov", weeks=8)[0] == ("application.followup_1", "15 Oct", "late")


def test_an_end_that_came_later_hides_nothing_of_what_was_planned_before() -> None:
    refused = {"company": "Ash", "stage": "rejected", "applied_on": "1 Oct", "reply_on": "30 Oct"}
    assert kept(tracker(refused), "2 Nov", weeks=8)[0] == ("application.followup_1", "15 Oct", "missed")


def test_contacts_are_counted_by_the_week_of_their_last_day_the_running_one_last() -> None:
    planned = [
        Planned(2, "a", day("1 Nov"), "missed"),
        Planned(2, "b", day("2 Nov"), "done"),
        Planned(3, "b", day("8 Nov"), "late"),
        Planned(4, "b", day("11 Nov"), "open"),
        Planned(4, "b", day("11 Oct"), "done"),
    ]
    weeks = by_week(planned, today=day("10 Nov"), weeks=3)
    assert [(week.begins, week.done, week.late, week.missed, week.open) for week in weeks] == [
        (day("26 Oct"), 0, 0, 1, 0),
        (day("2 Nov"), 1, 1, 0, 0),
        (day("9 Nov"), 0, 0, 0, 1),
    ]


# The past


def test_the_past_plans_as_it_was_planned_then() -> None:
    now = tracker(INTERVIEW, history=[THANKED, {"on": "10 Nov", "step": "interview.followup_1"}])
    for as_of, action in (("2 Nov", "interview.thank_you"), ("9 Nov", "interview.followup_1")):
        assert next_of(past(now, day(as_of)), as_of)["action"] == action


@pytest.mark.parametrize(
    ("row", "then"),
    [
        ({"stage": "rejected", "applied_on": "2 Oct", "reply_on": "20 Nov"}, ""),
        ({"stage": "rejected", "applied_on": "2 Oct", "reply_on": "9 Nov"}, "rejected"),
        ({"stage": "rejected", "applied_on": "2 Oct"}, "rejected"),
        ({"stage": "rejected", "applied_on": "2 Oct", "last_contact": "20 Nov"}, ""),
        ({"stage": "lost", "applied_on": "2 Oct", "reply_on": "20 Nov"}, "proposal"),
        ({"stage": "replied", "interview_on": "2 Oct", "reply_on": "20 Nov"}, "contacted"),
        ({"stage": "proposal", "interview_on": "2 Oct", "applied_on": "20 Nov"}, "meeting"),
        ({"stage": "interview", "applied_on": "2 Oct", "interview_on": "20 Nov"}, "interview"),
    ],
)
def test_a_status_that_came_later_is_taken_back(row: Mapping[str, Any], then: str) -> None:
    assert past(tracker(row), day("10 Nov")).frame.loc[2, "stage"] == then


def test_a_row_that_had_not_begun_is_not_there() -> None:
    later = {"company": "Ash", "applied_on": "20 Nov"}
    before = {"company": "Birch", "interview_on": "3 Nov", "applied_on": "20 Nov"}
    assert past(tracker(later, before), day("10 Nov")).frame.index.tolist() == [3]


def test_the_past_of_today_is_the_tracker() -> None:
    found = tracker(INTERVIEW, APPLIED, history=[THANKED])
    assert past(found, day("23 Nov")).frame.equals(found.frame)


# Who answers


def test_messages_come_from_everywhere_and_none_is_told_twice() -> None:
    row = {**INTERVIEW, "last_contact": "3 Nov", "reply_on": "5 Nov", "channel": "e-mail"}
    log = [{**THANKED, "channel": "phone"}, {"on": "5 Nov", "direction": "in"}]
    found = messages(tracker(row, {**APPLIED, "last_contact": "4 Nov"}, history=log))
    told = found.assign(on=found["on"].dt.day)[["row", "on", "out", "bare", "channel"]]
    assert list(told.itertuples(index=False, name=None)) == [
        (2, 3, True, False, "phone"),
        (2, 5, False, False, "email"),
        (3, 4, True, True, ""),
    ]


def test_the_funnel_counts_whoever_came_further_for_what_is_before() -> None:
    rows = (
        {"stage": "saved", "company": "A"},
        {"stage": "applied", "company": "B", "applied_on": "2 Nov"},
        {"stage": "rejected", "company": "C", "applied_on": "2 Nov"},
        {"stage": "applied", "company": "D", "applied_on": "2 Oct", "interview_on": "20 Oct"},
        {"stage": "interview", "company": "E", "interview_on": "30 Nov"},
        {"stage": "offer", "company": "F"},
        {"stage": "accepted", "company": "G"},
        {"kind": "checkin", "company": "H", "start_on": "2 Nov"},
        {"company": "I", "role": "Tax return", "due_on": "20 Nov"},
    )
    assert funnel(tracker(*rows), today=day("10 Nov")) == {
        "listed": 7, "sent": 6, "answered": 5, "met": 4, "offered": 2, "accepted": 1,
    }  # fmt: skip


def test_a_message_is_answered_if_they_write_before_the_next_one() -> None:
    log = [
        {"on": "2 Nov", "channel": "email"},
        {"on": "4 Nov", "channel": "phone"},
        {"on": "6 Nov", "direction": "in"},
        {"on": "9 Nov", "channel": "mail"},
        {"on": "9 Nov", "direction": "in"},
        {"on": "12 Nov", "channel": "email"},
        {"on": "20 Nov", "direction": "in"},
    ]
    email, phone = answers_by_channel(tracker(APPLIED, history=log), today=day("16 Nov"))
    assert (email.name, email.answered, email.asked, email.days) == ("email", 1, 3, (0,))
    assert (phone.name, phone.answered, phone.asked, phone.median_days) == ("phone", 1, 1, 2.0)


def test_by_source_threads_are_counted_however_the_source_is_capitalised() -> None:
    sent = {"stage": "applied", "applied_on": "2 Nov"}
    rows = (
        {**sent, "company": "A", "source": "LinkedIn", "reply_on": "4 Nov"},
        {**sent, "company": "B", "source": "linkedin", "interview_on": "9 Nov"},
        {**sent, "company": "C", "source": "LinkedIn "},
        {**sent, "company": "D", "stage": "rejected"},
        {"company": "E", "source": "Referral", "stage": "saved"},
    )
    found = tracker(*rows)
    assert [(one.name, one.answered, one.asked, one.days) for one in answers_by_source(found, today=day("20 Nov"))] == [
        ("LinkedIn", 2, 3, (2, 7)),
        ("", 1, 1, ()),
    ]
    everybody = answers(found, today=day("20 Nov"))
    assert (everybody.answered, everybody.asked, everybody.rate, everybody.median_days) == (3, 4, 0.75, 4.5)


def test_nothing_has_no_rate() -> None:
    nobody = answers(tracker({"company": "A", "stage": "saved"}), today=day("10 Nov"))
    assert (nobody.rate, nobody.median_days) == (None, None)


def test_many_names_become_a_few_and_the_others() -> None:
    rows = [{"company": name, "applied_on": "2 Nov", "source": name} for name in "AABCD"]
    found = at_most(answers_by_source(tracker(*rows), today=day("10 Nov")), 3, "others")
    assert [(one.name, one.asked) for one in found] == [("A", 2), ("B", 1), ("others", 2)]


def test_the_last_touch_is_a_message_or_an_application_up_to_today() -> None:
    found = tracker({**APPLIED, "last_contact": "12 Nov"}, history=[{"on": "4 Nov"}])
    assert [last_touch(found, today=day(on)) for on in ("1 Nov", "3 Nov", "10 Nov", "20 Nov")] == [
        None, day("2 Nov"), day("4 Nov"), day("12 Nov"),
    ]  # fmt: skip


# What was left undone


def test_a_thank_you_is_missed_from_the_day_after_its_last_one_until_it_is_sent() -> None:
    unsent, sent = tracker(INTERVIEW), tracker(INTERVIEW, history=[{**THANKED, "on": "5 Nov"}])
    missed = [thank_yous_missed(unsent, BALANCED, Settings(), today=day(on)) for on in ("3 Nov", "4 Nov", "12 Nov")]
    assert missed == [(), (2,), (2,)]
    assert thank_yous_missed(sent, BALANCED, Settings(), today=day("12 Nov")) == ()


def test_an_interview_asks_for_a_debrief_that_answers_something() -> None:
    rows = (INTERVIEW, {**INTERVIEW, "company": "Birch"}, {**INTERVIEW, "stage": "rejected"})
    ready = {"row": 2, "people": "Ann Bay"}
    written = {"row": 3, "people": "Ann Bay", "discussed": "the team"}
    found = tracker(*rows, debrief=[ready, written])
    assert interviews_without_debrief(found, today=day("2 Nov")) == (2,)
    assert interviews_without_debrief(found, today=day("1 Nov")) == ()


def test_people_met_and_meetings_in_business_ask_for_no_debrief() -> None:
    people = tracker({"contact": "Ann Bay", "interview_on": "2 Nov"}, {"contact": "Ben Fox", "interview_on": "3 Nov"})
    meeting = tracker({"company": "Ash", "stage": "meeting", "interview_on": "2 Nov"})
    assert interviews_without_debrief(people, today=day("4 Nov")) == ()
    assert interviews_without_debrief(meeting, today=day("4 Nov")) == ()

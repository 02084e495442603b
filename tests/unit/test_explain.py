"""Explanations: which rule, which source, which dates, what moved them. 2026 dates; 2 November is a Monday."""

from __future__ import annotations

from typing import Any

import pytest
from threads import Row, day, tracker

from sheetsync.cadence.contacts import Contact
from sheetsync.cadence.explain import Explanation, Told, explain
from sheetsync.cadence.profile import load_profile
from sheetsync.errors import UsageError
from sheetsync.model import RULES, Tracker
from sheetsync.settings import Settings
from sheetsync.words import step_words

INTERVIEW: Row = {"company": "Acme", "stage": "interview", "interview_on": "2 Nov"}
APPLIED: Row = {"company": "Acme", "stage": "applied", "applied_on": "2 Nov"}
THANKED: Row = {"on": "3 Nov", "step": "interview.thank_you"}


def explained(found: Tracker, as_of: str, *, row: int = 2, **settings: Any) -> Explanation:
    return explain(found, load_profile("balanced")[0], Settings(**settings), row, today=day(as_of))


def story(found: Explanation) -> str:
    return "\n".join(step.text for step in found.steps)


def test_an_unknown_row_is_refused() -> None:
    with pytest.raises(UsageError, match="Row 9 is no row of this tracker: its rows are 2 to 2"):
        explained(tracker(INTERVIEW), "3 Nov", row=9)


def test_the_headline_says_what_to_do() -> None:
    found = explained(tracker({**INTERVIEW, "contact": "Ann Ash"}), "3 Nov")
    assert found.headline == "Due: Thank Ann Ash, 3 Nov. A day after your interview on 2 Nov."


def test_the_kind_the_anchor_and_the_touches_are_named() -> None:
    told = story(explained(tracker(INTERVIEW, history=[THANKED, {"on": "5 Nov", "direction": "in"}]), "6 Nov"))
    assert "This is an interview, for its newest event is the interview date." in told
    assert "It counts from the interview date, 2 Nov." in told
    assert "You got in touch on 3 Nov, logged as the thank-you for the interview." in told
    assert "They got in touch on 5 Nov." in told


def test_every_rule_has_a_name_for_its_step() -> None:
    assert step_words().keys() == set(RULES)
    assert len(set(step_words().values())) == len(RULES)


def test_a_touch_that_does_not_count_is_marked() -> None:
    told = story(explained(tracker(INTERVIEW, history=[{"on": "1 Nov"}]), "3 Nov"))
    assert "You got in touch on 1 Nov, logged; it is too early to count here." in told


def test_the_rule_its_source_and_its_raw_dates_are_given() -> None:
    steps = explained(tracker(INTERVIEW, history=[THANKED]), "4 Nov").steps
    (rule,) = [step for step in steps if step.rule == "interview.followup_1"]
    assert rule.source == "S0, thesun.ng, “Master the art of the follow-up after job interviews”"
    assert (rule.start, rule.until) == (day("10 Nov"), day("11 Nov"))
    assert rule.text.endswith("counts from your last message, 3 Nov: 7 to 8 days after.")


def test_a_missed_thank_you_counts_as_if_it_had_been_sent() -> None:
    told = story(explained(tracker(INTERVIEW), "8 Nov"))
    assert "counts from 3 Nov, as if the first message had been sent that day: 7 to 8 days after." in told
    assert "your last message" not in told


def test_a_step_that_a_bare_last_contact_led_to_says_so() -> None:
    told = story(explained(tracker({**INTERVIEW, "last_contact": "4 Nov"}), "8 Nov"))
    assert "every step that was due by then counts as done." in told
    assert "counts from your last contact, 4 Nov" in told


def test_a_message_known_from_two_places_is_told_once() -> None:
    row = {**INTERVIEW, "reply_on": "5 Nov"}
    told = story(explained(tracker(row, history=[THANKED, {"on": "5 Nov", "direction": "in"}]), "6 Nov"))
    assert told.count("They got in touch on 5 Nov.") == 1


def test_a_weekend_is_told() -> None:
    screen = {**INTERVIEW, "stage": "screen"}
    found = explained(tracker(screen, history=[THANKED]), "4 Nov")
    assert "7 Nov is a Saturday, so the day moves to Mon 9 Nov." in story(found)


def test_a_holiday_is_named() -> None:
    found = explained(tracker({**APPLIED, "applied_on": "18 Dec"}), "18 Dec", country="GB")
    assert "25 Dec is Christmas Day, so the day moves to Tue 29 Dec." in story(found)


def test_quiet_time_is_told() -> None:
    found = explained(tracker(APPLIED), "3 Nov", quiet=(((11, 9), (11, 10)),))
    assert "9 Nov is in a quiet time, so the day moves to Wed 11 Nov." in story(found)


def test_a_pause_is_told() -> None:
    found = explained(tracker({**APPLIED, "paused_until": "20 Nov"}), "3 Nov")
    assert "paused until 20 Nov, so the day moves to 20 Nov." in story(found)


def test_another_contact_with_the_same_person_is_told() -> None:
    one = {**APPLIED, "email": "d@x.example", "last_contact": "7 Nov"}
    found = explained(tracker(one, {**APPLIED, "email": "d@x.example"}), "8 Nov", row=3)
    assert (
        "took place on 7 Nov; messages to one person are spread out, so the day moves from 9 Nov to 10 Nov."
        in story(found)
    )


@pytest.mark.parametrize(
    ("row", "as_of", "words"),
    [
        ({**APPLIED, "contact_on": "12 Nov"}, "3 Nov", "The date that was set goes before"),
        ({**APPLIED, "decision_by": "12 Nov"}, "3 Nov", "Every other step waits until the decision date"),
        ({**APPLIED, "last_contact": "3 Nov", "reply_on": "4 Nov"}, "4 Nov", "They wrote last"),
        (INTERVIEW, "3 Nov", "An open thank-you goes before"),
        (INTERVIEW, "8 Nov", "It was not sent until day 5 after the event"),
        (APPLIED, "3 Nov", "so the usual rule for this kind sets the day"),
        ({**APPLIED, "stage": "withdrawn"}, "3 Nov", "An end closes the thread"),
        ({**APPLIED, "stage": "on_hold"}, "3 Nov", "on hold"),
        ({"company": "Acme", "stage": "saved"}, "3 Nov", "has not begun"),
        ({**APPLIED, "stage": "unknown", "stage_text": "Blorp"}, "3 Nov", "“Blorp”"),
        ({**APPLIED, "contact_on": "3 Nov", "applied_on": "1 Nov"}, "20 Dec", "long past"),
        ({**APPLIED, "decision_by": "1 Nov"}, "3 Nov", "before the event, so it is ignored"),
    ],
)
def test_what_overrides_what_is_told(row: Row, as_of: str, words: str) -> None:
    assert words in story(explained(tracker(row), as_of))


def test_it_ends_with_today() -> None:
    last = explained(tracker(INTERVIEW), "5 Nov").steps[-1]
    assert last == Told("As of 5 Nov it is Overdue: from 3 Nov, by 3 Nov.", None, None, day("3 Nov"), day("3 Nov"))


# The contacts that led there


def test_the_contacts_are_given_with_where_they_are_known_from() -> None:
    logged = {"on": "3 Nov", "step": "interview.thank_you", "contact": "Ann Ash", "channel": "Email", "note": "Short"}
    theirs = {"on": "4 Nov", "direction": "in", "channel": "Phone"}
    row = {**INTERVIEW, "last_contact": "6 Nov", "reply_on": "5 Nov"}
    found = explained(tracker(row, history=[logged, theirs], touches=[{"on": "1 Nov"}]), "7 Nov").contacts
    assert found == (
        Contact(day("1 Nov"), "out", "reminder", counts=False),
        Contact(day("3 Nov"), "out", "history", "Ann Ash", "Email", "interview.thank_you", "Short"),
        Contact(day("4 Nov"), "in", "history", channel="Phone"),
        Contact(day("5 Nov"), "in", "reply_on"),
        Contact(day("6 Nov"), "out", "last_contact"),
    )


def test_a_contact_is_given_once() -> None:
    row = {**INTERVIEW, "last_contact": "3 Nov", "reply_on": "5 Nov"}
    history = [THANKED, {"on": "5 Nov", "direction": "in"}]
    found = explained(tracker(row, history=history), "7 Nov").contacts
    assert [(one.on, one.origin) for one in found] == [(day("3 Nov"), "history"), (day("5 Nov"), "history")]


def test_the_day_of_an_offer_is_no_reply_and_another_rows_contacts_are_not_its_own() -> None:
    offer = {"company": "Acme", "stage": "offer", "reply_on": "5 Nov"}
    found = explained(tracker(offer, INTERVIEW, history=[{**THANKED, "row": 3}]), "7 Nov")
    assert found.contacts == ()


def test_a_thread_without_contacts_has_none() -> None:
    assert explained(tracker(INTERVIEW), "3 Nov").contacts == ()

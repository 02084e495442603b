"""The check of a tracker: every planted mistake is found in its cell, and sane trackers are left in peace."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from threads import Row, day, planned, tracker

from sheetsync.cadence.profile import load_profile
from sheetsync.checks.tracker import check_tracker
from sheetsync.model import Finding, Tracker
from sheetsync.settings import Settings
from sheetsync.sheets import open_source
from sheetsync.sync import propose

APPLIED: Row = {"company": "Acme Ltd", "role": "Clerk", "contact": "Ann Ash", "email": "ann@acme.com", "stage": "applied", "applied_on": "2 Nov"}  # fmt: skip
INTERVIEW: Row = {"company": "Acme Ltd", "contact": "Ann Ash", "stage": "interview", "interview_on": "2 Nov"}
BIRCH: Row = {"company": "Birch Tools GmbH", "role": "Baker", "contact": "Bo Ek", "email": "bo.ek@birchtools.de", "stage": "applied", "applied_on": "3 Nov"}  # fmt: skip
THANKED: Row = {"on": "3 Nov", "step": "interview.thank_you"}


def checked(found: Tracker, as_of: str = "4 Nov", **settings: Any) -> tuple[Finding, ...]:
    return check_tracker(found, load_profile("balanced")[0], Settings(**settings), today=day(as_of))


def rules(found: Sequence[Finding]) -> list[str]:
    return [one.rule.removeprefix("tracker.") for one in found]


def the_one(rule: str, *rows: Row, as_of: str = "4 Nov", **logs: Any) -> Finding:
    """The only finding, which is of that rule."""
    found = checked(tracker(*rows, **logs), as_of)
    assert rules(found) == [rule], found
    return found[0]


# Jumping the gun


@pytest.mark.parametrize(
    ("row", "history", "as_of", "before"),
    [
        (APPLIED, [{"on": "5 Nov"}], "6 Nov", "9 Nov"),
        (APPLIED, [{"on": "9 Nov"}, {"on": "12 Nov"}], "12 Nov", "16 Nov"),
        (INTERVIEW, [THANKED, {"on": "6 Nov"}], "6 Nov", "10 Nov"),
        ({**INTERVIEW, "decision_by": "20 Nov"}, [THANKED, {"on": "12 Nov"}], "12 Nov", "23 Nov"),
        ({**APPLIED, "stage": "proposal"}, [{"on": "4 Nov"}, {"on": "6 Nov"}], "6 Nov", "9 Nov"),
        ({**APPLIED, "contact_on": "20 Nov"}, [{"on": "5 Nov"}], "6 Nov", "9 Nov"),
    ],
)
def test_a_contact_before_its_earliest_date_is_told(row: Row, history: list[Row], as_of: str, before: str) -> None:
    one = the_one("early-contact", row, history=history, as_of=as_of)
    assert (one.severity, one.row, one.source) == ("warning", 2, "S3")
    sent = history[-1]["on"]
    assert one.message.startswith(
        f"You contacted Ann Ash on {sent}, but the next message was not to go out before {before}"
    )


def test_a_last_contact_that_came_too_soon_is_told_in_its_column() -> None:
    found = tracker({**APPLIED, "last_contact": "4 Nov"})
    (one,) = checked(found)
    assert (one.rule, one.column) == ("tracker.early-contact", found.columns["last_contact"])


@pytest.mark.parametrize(
    ("row", "history", "as_of"),
    [
        (APPLIED, [{"on": "9 Nov"}, {"on": "16 Nov"}], "20 Nov"),
        (INTERVIEW, [{"on": "2 Nov"}], "4 Nov"),  # on the way home
        (INTERVIEW, [THANKED, {"on": "4 Nov", "direction": "in"}, {"on": "4 Nov"}], "5 Nov"),
        (INTERVIEW, [THANKED, {"on": "4 Nov", "step": "reply.answer"}], "5 Nov"),
        # the decision date may be what they answered
        (
            {**INTERVIEW, "decision_by": "20 Nov"},
            [THANKED, {"on": "10 Nov"}, {"on": "11 Nov", "direction": "in"}],
            "11 Nov",
        ),
        # the touch before belongs to the application, the date typed after it to what comes
        ({**APPLIED, "stage": "interview", "interview_on": "20 Nov"}, [{"on": "4 Nov"}], "21 Nov"),
        ({**APPLIED, "contact_on": "20 Nov"}, [{"on": "9 Nov"}], "10 Nov"),
        ({**APPLIED, "paused_until": "20 Nov"}, [{"on": "9 Nov"}], "10 Nov"),
        # a Saturday, before the weekend moved it
        ({**INTERVIEW, "stage": "screen"}, [THANKED, {"on": "7 Nov"}], "8 Nov"),
        (
            {**INTERVIEW, "contact": "Ann; Bo"},
            [{**THANKED, "contact": "Ann"}, {"on": "4 Nov", "contact": "Bo"}],
            "5 Nov",
        ),
    ],
)
def test_a_contact_in_its_time_is_not(row: Row, history: list[Row], as_of: str) -> None:
    assert checked(tracker(row, history=history), as_of) == ()


def test_two_messages_to_one_person_from_two_rows_keep_apart() -> None:
    rows = {**APPLIED}, {**APPLIED, "role": "Cook", "company": "Acme"}
    one = the_one("too-often", *rows, history=[{"on": "9 Nov"}, {"row": 3, "on": "10 Nov"}], as_of="11 Nov")
    assert (one.severity, one.row, one.source) == ("warning", 3, "S1")
    assert "although you had on 9 Nov for row 2: leave 3 days" in one.message


@pytest.mark.parametrize("second", [{"on": "9 Nov"}, {"on": "12 Nov"}, {"on": "10 Nov", "step": "reply.answer"}])
def test_one_message_for_two_rows_and_one_in_its_time_may_be(second: Row) -> None:
    rows = {**APPLIED}, {**APPLIED, "role": "Cook"}
    assert checked(tracker(*rows, history=[{"on": "9 Nov"}, {"row": 3, **second}]), "13 Nov") == ()


# After the end, by phone, without thanks


@pytest.mark.parametrize("stage", ["rejected", "lost", "declined"])
def test_a_second_message_after_the_end_is_an_error(stage: str) -> None:
    row = {**APPLIED, "stage": stage, "reply_on": "5 Nov"}
    one = the_one("contact-after-end", row, history=[{"on": "6 Nov"}, {"on": "9 Nov"}], as_of="10 Nov")
    assert (one.severity, one.row) == ("error", 2)
    assert "You contacted them on 9 Nov, although this was over on 5 Nov" in one.message


@pytest.mark.parametrize(
    "history",
    [
        [{"on": "6 Nov"}],
        [{"on": "6 Nov"}, {"on": "8 Nov", "direction": "in"}, {"on": "9 Nov"}],
        [{"on": "3 Nov"}, {"on": "5 Nov"}],
    ],
)
def test_the_closing_message_and_answers_are_as_they_should_be(history: list[Row]) -> None:
    assert checked(tracker({**APPLIED, "stage": "rejected", "reply_on": "5 Nov"}, history=history), "10 Nov") == ()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("notes", "Lovely. No phone calls, please!"), ("notes", "she asked not to be called"), ("relationship", "DON'T CALL"),
        ("notes", "Bitte nicht anrufen"), ("notes", "Merci de ne pas téléphoner"), ("notes", "Por favor, no llamar"),
        ("notes", "não ligar"), ("notes", "请不要打电话给她"), ("notes", "e-mail only"),
    ],
)  # fmt: skip
def test_a_call_to_somebody_who_wants_none_is_an_error(field: str, text: str) -> None:
    row = {**APPLIED, "channel": "phone", "phone": "020", field: text}
    one = the_one("phone-not-wanted", row)
    assert (one.severity, one.row) == ("error", 2)
    assert "planned by phone" in one.message


def test_a_call_that_was_made_is_told() -> None:
    row, called = {**APPLIED, "notes": "no calls"}, {"on": "9 Nov", "channel": "Phone call"}
    assert the_one("phone-not-wanted", row, history=[called], as_of="9 Nov").severity == "warning"
    asked = {"on": "5 Nov", "direction": "in", "note": "Please don't phone me", "step": "nothing to answer"}
    found = checked(tracker(APPLIED, history=[asked, called]), "9 Nov")
    assert ("error", "tracker.phone-not-wanted") in [(one.severity, one.rule) for one in found]


@pytest.mark.parametrize(
    "text", ["no call back yet", "call only after 5", "No, phone her", "nophone", "recall: no callsign"]
)
def test_what_forbids_no_call_is_let_be(text: str) -> None:
    assert checked(tracker({**APPLIED, "channel": "phone", "phone": "020", "notes": text})) == ()


def test_asking_by_the_call_itself_is_no_mistake() -> None:
    called = {"on": "9 Nov", "channel": "phone", "note": "Asked not to be called again"}
    assert checked(tracker(APPLIED, history=[called]), "9 Nov") == ()


def test_a_missed_thank_you_is_told_while_it_matters() -> None:
    one = the_one("thank-you-missed", INTERVIEW, as_of="8 Nov")
    assert (one.severity, one.source) == ("warning", "S4")
    assert one.message.startswith("Nobody was thanked for the interview on 2 Nov")
    assert checked(tracker(INTERVIEW), "7 Nov") == ()
    assert checked(tracker(INTERVIEW), "2027-01-08") == ()


# Dates


@pytest.mark.parametrize(
    ("rule", "severity", "field", "row"),
    [
        ("interview-before-application", "error", "interview_on", {**APPLIED, "stage": "interview", "interview_on": "30 Oct"}),
        ("interview-before-application", "warning", "interview_on", {**APPLIED, "stage": "screen", "interview_on": "30 Oct"}),
        ("interviews-out-of-order", "error", "interview_2_on", {**INTERVIEW, "interview_2_on": "20 Oct"}),
        ("interviews-out-of-order", "error", "interview_3_on", {**INTERVIEW, "interview_3_on": "20 Oct"}),
        ("interviews-out-of-order", "error", "interview_3_on", {**INTERVIEW, "interview_2_on": "4 Nov", "interview_3_on": "3 Nov"}),
        ("interview-after-decision", "error", "interview_on", {**INTERVIEW, "decision_by": "30 Oct"}),
        ("interview-after-decision", "warning", "interview_2_on", {**INTERVIEW, "decision_by": "3 Nov", "interview_2_on": "4 Nov"}),
        ("reply-before-contact", "warning", "reply_on", {**APPLIED, "reply_on": "30 Oct"}),
        ("reply-before-contact", "warning", "reply_on", {**APPLIED, "stage": "replied", "reply_on": "30 Oct"}),
        ("strange-year", "error", "applied_on", {**APPLIED, "applied_on": "2062-11-02"}),
        ("strange-year", "error", "applied_on", {**APPLIED, "applied_on": "1926-11-02"}),
        ("strange-year", "error", "decision_by", {**APPLIED, "decision_by": "9999-12-31"}),
        ("future-date", "error", "applied_on", {**APPLIED, "applied_on": "2027-01-02"}),
        ("future-date", "warning", "last_contact", {**APPLIED, "last_contact": "20 Nov"}),
        ("future-date", "warning", "reply_on", {**APPLIED, "reply_on": "20 Nov"}),
        ("offer-without-date", "warning", "due_on", {**APPLIED, "stage": "offer", "reply_on": "4 Nov"}),
    ],
)  # fmt: skip
def test_dates_that_cannot_be(rule: str, severity: str, field: str, row: Row) -> None:
    found = tracker(row)
    one = the_one(rule, row)
    assert (one.severity, one.row, one.column) == (severity, 2, found.columns.get(field))


@pytest.mark.parametrize(
    "row",
    [
        {**APPLIED, "applied_on": "1 Nov"},  # a Sunday
        {**APPLIED, "applied_on": "8 Nov"},
        {**APPLIED, "stage": "saved", "applied_on": "2027-01-02"},
        {**APPLIED, "stage": "interview", "interview_on": "2 Nov", "interview_2_on": "2 Nov", "decision_by": "2 Nov"},
        {**APPLIED, "stage": "proposal", "interview_on": "20 Oct"},
        {**APPLIED, "stage": "meeting", "interview_on": "20 Oct"},
        {**APPLIED, "stage": "offer", "reply_on": "4 Nov", "due_on": "12 Nov"},
        {**APPLIED, "stage": "offer"},
        {**APPLIED, "start_on": "2027-09-01", "interview_on": "2027-01-04", "stage": "interview"},
        {"company": "Acme", "contact": "Ann", "stage": "replied", "reply_on": "1 Nov"},
        {**APPLIED, "stage": "rejected", "applied_on": "2012-03-01", "reply_on": "2012-04-01"},
    ],
)
def test_dates_that_can_be(row: Row) -> None:
    assert checked(tracker(row), "4 Nov") == ()


def test_one_year_far_from_all_others_is_told() -> None:
    rows = [
        {**APPLIED, "company": f"Firm {number}", "email": "", "applied_on": f"{number} Nov"} for number in range(1, 9)
    ]
    one = the_one("strange-year", *rows, {**BIRCH, "applied_on": "2016-11-02"}, as_of="8 Nov")
    assert (one.severity, one.row) == ("warning", 10)
    old = [{**BIRCH, "role": f"Role {number}", "applied_on": "2016-11-02"} for number in range(3)]
    assert checked(tracker(*rows, *old), "8 Nov") == ()


@pytest.mark.parametrize("text", ["1926-11-02", "2 Nov 1899", "11/02/2206"])
def test_a_year_that_kept_a_date_from_being_read_is_told(text: str) -> None:
    one = the_one("strange-year", {**APPLIED, "applied_on": None}, unreadable={(2, "applied_on"): text})
    assert one.severity == "error"
    assert f"“{text}” is far from today" in one.message
    for other in ("soon", "2026-13-45", "2 Nov 2025 or 3 Nov 2026", "12345"):
        assert checked(tracker({**APPLIED, "applied_on": None}, unreadable={(2, "applied_on"): other})) == ()


@pytest.mark.parametrize(
    ("field", "date", "number", "others"),
    [
        ("contact_on", "2000-01-01", 2, 20),
        ("interview_on", "1900-01-01", 2, 2),
        ("applied_on", "1 Jan", 4, 3),
        ("interview_on", "1 Oct", 6, 4),
        ("applied_on", "1 Oct", 25, 2),
    ],
)
def test_one_filler_date_on_many_rows_is_one_finding(field: str, date: str, number: int, others: int) -> None:
    filled = [{"company": f"Firm {place}", "stage": "rejected", field: date} for place in range(number)]
    rest = [{"company": f"Other {place}", "stage": "rejected", field: f"{1 + place} Sep"} for place in range(others)]
    one = the_one("filler-date", *rest, *filled, as_of="2 Oct")
    assert (one.severity, one.row) == ("warning", 2 + others)
    assert f"stands in {number} rows of this column ({2 + others}, {3 + others}" in one.message


@pytest.mark.parametrize(
    ("field", "date", "number"),
    [("applied_on", "1 Oct", 20), ("due_on", "15 Dec", 12), ("start_on", "2027-01-01", 6), ("interview_on", "1 Oct", 4), ("contact_on", "5 Oct", 9)],
)  # fmt: skip
def test_a_busy_day_is_no_filler(field: str, date: str, number: int) -> None:
    rows = [{"company": f"Firm {place}", "stage": "saved", field: date} for place in range(number)]
    assert "filler-date" not in rules(checked(tracker(*rows), "2 Oct"))


# Double rows


def test_two_rows_for_one_role_are_told() -> None:
    one = the_one(
        "double-row",
        APPLIED,
        BIRCH,
        {**APPLIED, "company": "ACME", "role": "clerk ", "applied_on": "9 Nov"},
        as_of="9 Nov",
    )
    assert (one.severity, one.row) == ("warning", 4)
    assert one.message.startswith("Row 2 is the same role at the same company")


@pytest.mark.parametrize(
    "change",
    [
        {"role": "Cook"}, {"company": "Birch"}, {"location": "Leeds"}, {"link": "https://b.example"}, {"contact": "Bo Ek", "email": ""},
        {"applied_on": "2 Jan"}, {"interview_on": "3 Nov"}, {"role": ""},
    ],
)  # fmt: skip
def test_rows_that_differ_are_not_double(change: Row) -> None:
    base = {**APPLIED, "location": "York", "link": "https://a.example", "interview_on": "2 Nov", "stage": "interview"}
    assert "double-row" not in rules(checked(tracker(base, {**base, **change}), "3 Nov"))


def test_applying_again_after_a_no_is_not_double() -> None:
    assert checked(tracker({**APPLIED, "stage": "rejected", "applied_on": "20 Oct"}, APPLIED)) == ()


# The wrong company


@pytest.mark.parametrize(
    "email", ["jo@birchtools.de", "jo@birch-tools.co.uk", "Jo <jo@mail.birch.com>", "ann@acme.com; jo@birch.de"]
)
def test_an_address_of_another_company_is_an_error(email: str) -> None:
    found = checked(tracker({**APPLIED, "email": email}, BIRCH))
    assert rules(found) == ["address-of-another-company"]
    (one,) = found
    assert (one.severity, one.row, one.source) == ("error", 2, "S3")
    assert "looks like Birch Tools GmbH's (row 3), not Acme Ltd's" in one.message


@pytest.mark.parametrize(
    ("change", "other"),
    [
        ({"email": "ann@gmail.com"}, {}),
        ({"email": "ann@acmegroup.com"}, {}),
        ({"email": "ann@cedar.com"}, {}),
        ({"company": "", "email": "jo@birch.de"}, {}),
        ({"email": "jo@birch.de", "source": "Recruiter"}, {}),
        ({"email": "jo@birch.de"}, {"company": "Birch Recruitment"}),
        ({"company": "International Business Machines", "email": "jo@ibm.com"}, {"company": "IBM"}),
        ({"company": "Birch Bakery", "email": "jo@birch.de"}, {}),
        ({"company": "Acme", "email": "ann@green.com"}, {"company": "Green Energy"}),
    ],
)
def test_what_proves_no_other_company_is_let_be(change: Row, other: Row) -> None:
    found = checked(tracker({**APPLIED, **change}, {**BIRCH, **other}))
    assert "address-of-another-company" not in rules(found)


def test_an_agency_writes_for_many_companies() -> None:
    rows = [
        {**APPLIED, "company": name, "email": "jo@birch.de", "contact": "Jo Oak"}
        for name in ("Cedar", "Dogwood", "Elder")
    ]
    assert checked(tracker(*rows, BIRCH)) == ()


def test_an_address_with_another_persons_name_is_told() -> None:
    one = the_one("address-of-another-person", {**APPLIED, "email": "bo.ek@gmail.com"}, BIRCH)
    assert (one.severity, one.row) == ("warning", 2)
    assert "bears the name of Bo Ek (row 3), not of Ann Ash" in one.message
    assert checked(tracker({**APPLIED, "email": "bo.ek@gmail.com", "contact": "Ann Ash and Bo Ek"}, BIRCH)) == ()


def test_a_contact_that_is_another_company_is_told() -> None:
    one = the_one("contact-is-a-company", {**APPLIED, "contact": "Birch Tools", "email": ""}, BIRCH)
    assert (one.severity, one.row) == ("warning", 2)
    assert checked(tracker({**APPLIED, "contact": "Acme", "email": ""}, BIRCH)) == ()


# All together


def test_findings_come_by_row_and_the_order_of_rows_changes_nothing_else() -> None:
    rows: list[Row] = [{**APPLIED, "applied_on": "2062-01-01"}, {**BIRCH, "email": "x@acme.com"}, INTERVIEW]
    found = checked(tracker(*rows), "8 Nov")
    assert [one.row for one in found] == [2, 3, 4]
    turned = checked(tracker(*reversed(rows)), "8 Nov")
    assert sorted(rules(found)) == sorted(rules(turned))


def test_an_empty_tracker_has_nothing_wrong() -> None:
    assert checked(tracker(mapped=("company", "email", "applied_on", "interview_on", "contact", "role"))) == ()


def test_the_sample_tracker_is_sane() -> None:
    sample = Path(__file__).parents[2] / "sample_tracker.xlsx"
    proposal = propose(open_source(str(sample)), as_of=dt.date(2026, 11, 18))
    assert check_tracker(proposal.tracker, proposal.profile, proposal.settings, today=proposal.today) == ()


TRUE_FINDINGS = {
    "DanielHa01+Job-application-tracker/job_application_tracker.xlsx": {"filler-date"},  # 1 January 2000
    "haythambrahem+Job-Agent/candidatures.xlsx": {"double-row"},  # one posting sent seven times within a minute
    "Malplaquet+Candidatures/Candidatures.xlsx": {"double-row"},
    "NakuraMino+Recruitment_Sankey_Diagram/test/test.csv": {"strange-year"},
    "rutvikk99+MS-IN-USA/Job Application Tracker.xlsx": {
        "address-of-another-company",
        "double-row",
    },  # a block repeated
    "yilmaztugba+job-application-tracker/job_tracker.csv": {"filler-date"},  # one day in two columns of ten rows
}
"""What is wrong in the real trackers, as somebody who read them would say; all others are sane."""
REAL = (
    "AngeloAlegre1202+excel-project/Job_Application_Tracker.xlsx",
    "DeanWilcox+Animal/Job Tracker.xlsx",
    "Loki0821+Portfolio-Projects/Bewerbungen.xlsx",
    "NakuraMino+Recruitment_Sankey_Diagram/data/applications2020.csv",
    "NakuraMino+Recruitment_Sankey_Diagram/data/applications2021.csv",
    "Roznoshchik+get-hired/applications.csv",
    "Sri-Vaishnavi-1988+excel-resources/Job_Application_Tracker.xlsx",
    "abhisriashok+topmate-outreach/tracker.xlsx",
    "altaiiiir+JobSankey/job_applications.csv",
    "jeamespc+applicationtracker/Application Tracker.xlsx",
    *TRUE_FINDINGS,
)


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_trackers_give_few_and_true_findings(shared: Path, name: str) -> None:
    proposal = propose(open_source(str(shared / "trackers" / name)), as_of=dt.date(2026, 11, 18))
    found = check_tracker(proposal.tracker, proposal.profile, proposal.settings, today=proposal.today)
    assert set(rules(found)) == TRUE_FINDINGS.get(name, set())


FIRST = day("1 Nov")


def some_thread(number: int, dice: random.Random) -> Row:
    """A thread of any kind that begins in the first days of November, with an address of its own."""
    base = FIRST + dt.timedelta(days=dice.randrange(10))
    before, after = (base + dt.timedelta(days=days) for days in (-9, 9))
    shape = dice.choice(
        [
            {"stage": "applied", "applied_on": base},
            {"stage": "interview", "applied_on": before, "interview_on": base},
            {"stage": "screen", "interview_on": base},
            {"stage": "interview", "interview_on": before, "interview_2_on": base},
            {"stage": "proposal", "applied_on": base},
            {"stage": "meeting", "interview_on": base, "promised": "an article"},
            {"stage": "contacted", "interview_on": base},
            {"stage": "saved", "due_on": after},
            {"stage": "offer", "reply_on": base, "due_on": after},
            {"kind": "checkin", "start_on": base},
        ]
    )
    decision = {"decision_by": base + dt.timedelta(days=12)} if dice.random() < 0.3 else {}
    contact = dice.choice(["Ann Ash", "Ann Ash; Bo Ek", ""])
    return {
        "company": f"Firm {number}",
        "contact": contact,
        "email": f"p{number}@f{number}.example",
        **shape,
        **decision,
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("with_step", [True, False])
def test_whoever_does_what_the_plan_says_never_jumps_the_gun(seed: int, *, with_step: bool) -> None:
    dice = random.Random(seed)  # noqa: S311 (a test)
    rows = [some_thread(number, dice) for number in range(12)]
    history: list[Row] = []
    today = FIRST
    for number in range(30):
        today = FIRST + dt.timedelta(days=number)
        plan = planned(tracker(*rows, history=history, has_history=True), today.isoformat()).frame
        for row, line in plan[plan["follow_up"].isin(["Due", "Overdue"])].iterrows():
            if dice.random() < 0.8:
                step = line["action"] if with_step else ""
                history.append({"row": row, "on": today, "step": step, "contact": rows[int(str(row)) - 2]["contact"]})
        if dice.random() < 0.3:
            history.append({"row": 2 + dice.randrange(len(rows)), "on": today, "direction": "in"})
    assert len(history) > 20
    found = set(rules(checked(tracker(*rows, history=history), today.isoformat())))
    assert not found & {"early-contact", "too-often", "contact-after-end"}

"""Drafts: one to each person, from facts only; refused where they would go to the wrong one."""

from __future__ import annotations

import dataclasses
import re
from typing import ClassVar

import pytest
from office import SETTINGS, TODAY, drafted, interview, office, one
from threads import planned, tracker

from sheetsync.errors import UsageError
from sheetsync.messages.desk import NEAR_IDENTICAL, Desk, core, near_identical, similarity
from sheetsync.messages.notes import facts, topics
from sheetsync.messages.people import address_of, first_names_welcome, read_person
from sheetsync.messages.values import Draft, Message

THANK_YOU = "interview.thank_you"


class TestPeople:
    """Each interviewer gets a message of their own."""

    PANEL = "Maren Holt; Tobias Reed; Ada Verhoeven; Hugo Bellweather; Lena Quist"
    DEBRIEF: ClassVar = {
        "people": PANEL,
        "discussed": "How readers look for large-print books. The returns desk. The sign above the scanner.",
        "questions": "How I handle a committee: the summary. Why I left the museum: the funding.",
        "problems": "The opening hours are in five places. The newsletter bounces.",
        "interested": "The museum glossary. The bus timetable.",
        "skills": "Plain language. Patience with tables.",
    }

    def panel(self) -> tuple[Draft, ...]:
        return one(interview(contact=self.PANEL), debrief=[self.DEBRIEF]).drafts

    def test_everybody_gets_one(self) -> None:
        assert [each.recipient for each in self.panel()] == self.PANEL.split("; ")

    def test_no_two_are_alike(self) -> None:
        drafts = self.panel()
        found = tracker(interview(contact=self.PANEL), debrief=[self.DEBRIEF])
        checker = Desk(found, planned(found, TODAY), SETTINGS)
        pairs = [
            (Message("", (), each.subject, each.body), checker.context(2, each.rule, each.recipient)) for each in drafts
        ]
        assert near_identical(pairs) == {}
        cores = [core(*pair) for pair in pairs]
        assert max(similarity(a, b) for at, a in enumerate(cores) for b in cores[:at]) < NEAR_IDENTICAL - 8

    def test_no_fact_is_told_twice(self) -> None:
        bodies = [each.body for each in self.panel()]
        for note in (
            "large-print",
            "returns desk",
            "above the scanner",
            "committee",
            "museum glossary",
            "five places",
            "bus timetable",
        ):
            assert sum(note in body for body in bodies) <= 1, note
        assert all(not each.gaps for each in self.panel()[:2])

    def test_who_was_thanked_is_left_out(self) -> None:
        history = [{"on": "18 Nov", "contact": "Maren Holt", "step": THANK_YOU}]
        found = one(interview(contact="Maren Holt; Tobias Reed"), history=history).drafts
        assert [each.recipient for each in found] == ["Tobias Reed"]
        assert found[0].address == ""
        assert "Find the address of Tobias Reed." in found[0].todos

    def test_a_followup_goes_to_one_person(self) -> None:
        found = one(interview(contact="Maren Holt; Tobias Reed"), "interview.followup_1").drafts
        assert [each.recipient for each in found] == ["Maren Holt"]

    def test_an_address_from_the_debrief_is_used(self) -> None:
        assert drafted(THANK_YOU).drafts[1].address == "tobias.reed@larkspur.example.org"

    @pytest.mark.parametrize(
        ("contact", "relationship", "greeting"),
        [
            ("Maren Holt", "", "Dear Maren Holt,"), ("Dr Amit Bhatt", "", "Dear Dr Bhatt,"), ("Ms Holt", "", "Dear Ms Holt,"),
            ("Maren Holt (CTO)", "", "Dear Maren Holt,"), ("Maren", "", "Dear Maren,"), ("Maren Holt", "friend", "Dear Maren,"),
            ("Maren Holt", "first names", "Dear Maren,"), ("Maren Holt", "friend of my sister", "Dear Maren Holt,"),
            ("Maren Holt", "not on first names", "Dear Maren Holt,"), ("HR", "", "Dear [[a name]],"), ("", "", "Dear [[a name]],"),
        ],
    )  # fmt: skip
    def test_the_greeting_is_formal_until_first_names_are_agreed(
        self, contact: str, relationship: str, greeting: str
    ) -> None:
        (each,) = one(interview(contact=contact, relationship=relationship)).drafts
        assert each.body.startswith(greeting + "\n\n")

    def test_an_application_without_a_name_goes_to_the_team(self) -> None:
        (each,) = drafted("application.followup_1", row=24).drafts
        assert each.body.startswith("Dear Oatfield Foods team,")
        assert each.address == "people@oatfield.example.com"

    @pytest.mark.parametrize(
        ("person", "people", "addresses", "expected"),
        [
            ("Maren Holt", ["Maren Holt", "Tobias Reed"], ["maren.holt@x.org"], "maren.holt@x.org"),
            ("Tobias Reed", ["Maren Holt", "Tobias Reed"], ["maren.holt@x.org"], ""),
            ("Tobias Reed", ["Maren Holt", "Tobias Reed"], ["maren.holt@x.org", "treed@x.org"], "treed@x.org"),
            ("Tobias Reed", ["Maren Holt", "Tobias Reed"], ["jobs@x.org"], "jobs@x.org"),
            ("Tobias Reed", ["Tobias Reed"], ["office42@x.org"], "office42@x.org"),
            ("Tobias Reed", ["Maren Holt", "Tobias Reed"], ["desk7@x.org"], ""),
            ("Jürgen Groß", ["Jürgen Groß"], ["j.gross@x.org"], "j.gross@x.org"),
        ],
    )
    def test_an_address_is_only_taken_from_its_owner(
        self, person: str, people: list[str], addresses: list[str], expected: str
    ) -> None:
        assert address_of(person, people, addresses) == expected

    def test_names_are_taken_apart(self) -> None:
        person = read_person("Prof. Dr. Ada Byron (CTO)")
        assert person is not None
        assert (person.title, person.first, person.last) == ("Prof.", "Ada", "Byron")
        assert read_person("hiring team") is read_person("ann@example.com") is read_person("") is None
        assert first_names_welcome("Former colleague")


class TestFacts:
    """A draft says what the sheet says, and nothing else."""

    def test_notes_about_the_reader_become_gaps(self) -> None:
        answers = {
            "people": "Maren Holt",
            "discussed": "Maren laughed about the sign",
            "interested": "She liked the glossary",
        }
        (each,) = one(interview(), debrief=[answers]).drafts
        assert each.gaps == (
            "in your own words: Maren laughed about the sign",
            "why you fit, in your own words: She liked the glossary",
        )

    @pytest.mark.parametrize(
        "note",
        [
            "He seemed bored",
            "Should have named the budget",
            "told them about Leeds",
            "salary 40k",
            "not sure",
            "why so long? odd",
        ],
    )
    def test_private_thoughts_do_not_fit(self, note: str) -> None:
        assert [each.fit for each in facts("discussed", note)] == [False]

    @pytest.mark.parametrize(
        ("note", "about"),
        [("The opening hours", True), ("How readers look for books", True), ("Leading people from afar", True), ("The hours are wrong", False),
         ("Half give up", False), ("What would you stop first", False), ("Plain language", False)],
    )  # fmt: skip
    def test_what_can_follow_about(self, note: str, *, about: bool) -> None:
        assert [each.about for each in facts("discussed", note)] == [about]

    def test_a_topic_is_what_stands_before_the_colon(self) -> None:
        assert [
            str(each) for each in topics("questions", "How I plan: with cards. Maren smiled.\nWhy Leeds - the sea")
        ] == ["how I plan", "why Leeds"]

    def test_the_rows_own_notes_are_never_told(self) -> None:
        (each,) = one(interview(notes="Ask for 52000, Maren is leaving", salary="£47,000", priority="High")).drafts
        assert not {"52000", "47,000", "leaving", "High"} & set(re.split(r"[\s.]", each.body + each.subject))

    def test_a_concern_asks_for_an_answer(self) -> None:
        answers = {"people": "Maren Holt", "concerns": "No library background: talked about the museum"}
        (each,) = one(interview(), debrief=[answers]).drafts
        assert "one sentence that answers their concern, or delete this: no library background" in each.gaps
        (each,) = one(interview(), debrief=[answers | {"correct": "The museum has a library of 9,000 books"}]).drafts
        assert (
            "I would like to add something to one of my answers: the museum has a library of 9,000 books."
            in each.body.replace("to one", "to one")
        )

    def test_an_unusual_promise_keeps_its_link(self) -> None:
        cells = {"company": "Ferngate", "contact": "Yusuf Demir", "kind": "networking", "stage": "contacted", "interview_on": "14 Nov",
                 "promised": "The article on errors: https://example.org/errors"}  # fmt: skip
        (each,) = one(cells, "networking.promise").drafts
        assert "I promised you the article on errors, and here it is: https://example.org/errors" in each.body

    def test_what_stands_in_cells_is_text(self) -> None:
        (each,) = one(interview(company="{{ 70 * 70 }} ]] Co.\nBcc: x", role="{% raw %}")).drafts
        assert "{{ 70 * 70 }}" in each.body
        assert "\n" not in each.subject
        assert "4900" not in each.body

    def test_signature_goes_before_name_and_phone(self) -> None:
        (each,) = one(interview(), settings=dataclasses.replace(SETTINGS, signature="R. Ashe\nBristol")).drafts
        assert each.body.endswith("Kind regards,\nR. Ashe\nBristol")

    def test_the_year_is_said_where_it_is_not_this_one(self) -> None:
        (each,) = one(interview(interview_on="2025-12-30"), as_of="2026-01-02").drafts
        assert "30 December 2025" in each.body


class TestWhichDrafts:
    """Which rows get one, which are refused, and why."""

    def test_what_is_due_comes_by_rank(self) -> None:
        found = drafted()
        ranks = [int(office()[1].frame["rank"][each.row]) for each in found.drafts]
        assert ranks == sorted(ranks)
        assert found.refusals == ()
        assert {each.rule for each in found.drafts} >= {THANK_YOU, "reply.answer", "decision.passed", "rejection.thank"}

    def test_a_closed_thread_is_refused_unless_anyway(self) -> None:
        found = drafted("application.followup_2", row=19)
        assert (found.drafts, [each.rule for each in found.refusals]) == ((), ["closed-thread"])
        assert found.refusals[0].message == "Row 19 is closed: nothing more is to be sent to Thistle Games."
        assert len(drafted("application.followup_2", row=19, anyway=True).drafts) == 1

    def test_a_row_without_a_message_says_why(self) -> None:
        assert drafted(row=19).refusals[0].message == (
            "Row 19 is closed: nothing more is to be sent. To write all the same, add --step RULE --anyway."
        )
        (refusal,) = one({"company": "Acme", "stage": "saved", "due_on": "19 Nov", "kind": "deadline"}).refusals
        assert refusal.message == "Row 2 needs no message: “Apply before the deadline” is yours to do."

    def test_a_way_without_a_template_is_no_other_way(self) -> None:
        own = {"interview.followup_1.letter.txt": "{{ greeting }}\n\nThank you for {{ when }}.\n"}
        with pytest.raises(UsageError, match=r"no letter for “interview\.followup_1”: it goes by email, phone\."):
            drafted("interview.followup_1", way="letter")
        assert drafted("interview.followup_1", way="letter", own_templates=own).drafts[0].channel == "letter"

    def test_a_draft_made_ahead_says_from_when_it_may_go(self) -> None:
        ahead = {"company": "Acme", "stage": "applied", "applied_on": "16 Nov", "contact": "Ann Bay"}
        (each,) = one(ahead, "application.followup_1").drafts
        assert "Not before 23 November." in each.todos
        (each,) = one(ahead, "application.withdraw").drafts
        assert not any("Not before" in todo for todo in each.todos)
        (each,) = one({**ahead, "applied_on": "10 Nov"}).drafts
        assert not any("Not before" in todo for todo in each.todos)

    def test_an_address_of_another_company_is_refused(self) -> None:
        other = {
            "row": 3,
            "company": "Quillfeather Press",
            "email": "ines@quillfeather.example.com",
            "contact": "Ines Okafor",
        }
        twin = {"row": 4, "company": "Quillfeather Press", "email": "info@quillfeather.example.com", "role": "Editor"}
        found = one(interview(email="maren.holt@quillfeather.example.com"), others=(other, twin))
        assert [each.rule for each in found.drafts] == [THANK_YOU]  # this row has it too, so it may be an agency's
        (wrong,) = one(interview(contact="Ines Okafor", email="ines@quillfeather.example.com"), others=(other,)).drafts
        assert wrong.address == "ines@quillfeather.example.com"

    def test_an_own_template_with_another_company_in_it_is_refused(self) -> None:
        own = {
            "interview.thank_you.email.txt": "Subject: Thank you\n\n{{ greeting }}\n\nThank you. I admire Quillfeather Press.\n"
        }
        found = drafted(THANK_YOU, own_templates=own)
        assert [each.rule for each in found.refusals] == ["wrong-company", "wrong-company"]
        assert found.drafts == ()
        assert len(drafted(THANK_YOU, own_templates=own, anyway=True).drafts) == 2

    def test_a_job_accepted_elsewhere_declines_and_withdraws(self) -> None:
        accepted = {
            "row": 3,
            "company": "Quillfeather Press",
            "role": "Writer",
            "stage": "accepted",
            "reply_on": "17 Nov",
        }
        (each,) = one(interview(), others=(accepted,)).drafts
        assert each.rule == "offer.decline"
        assert "I have accepted a position elsewhere." in each.body
        (each,) = one({"company": "Acme", "stage": "applied", "applied_on": "10 Nov"}, others=(accepted,)).drafts
        assert each.rule == "application.withdraw"

    def test_a_date_that_was_set_has_a_message(self) -> None:
        cells = {
            "company": "Acme",
            "contact": "Bo Lind",
            "stage": "applied",
            "applied_on": "2 Nov",
            "contact_on": "18 Nov",
            "channel": "phone",
        }
        (each,) = one(cells).drafts
        assert (each.rule.partition(".")[0], each.channel) == ("application", "phone")

    def test_an_offer_without_a_date_can_be_acknowledged(self) -> None:
        (each,) = one({"company": "Acme", "contact": "Bo Lind", "stage": "offer"}).drafts
        assert each.rule == "offer.acknowledge"
        assert "Thank you very much for the offer of the position." in each.body

    def test_without_a_role_it_is_the_position(self) -> None:
        (each,) = one({"company": "Acme Works", "stage": "applied", "applied_on": "2 Nov"}).drafts
        assert "On 2 November I applied for the position at Acme Works." in each.body
        assert each.subject == "My application of 2 November: Position at Acme Works"

    def test_an_unknown_row_or_rule_is_a_usage_error(self) -> None:
        with pytest.raises(UsageError, match="Row 99 is no row"):
            drafted(row=99)
        with pytest.raises(UsageError, match="There is no message for “interview.thanks”"):
            drafted("interview.thanks", row=2)

    def test_the_preferred_channel_counts(self) -> None:
        (each,) = one(interview(channel="Letter")).drafts
        assert (each.channel, each.template) == ("letter", "interview.thank_you.letter.txt")
        (each,) = one(interview(channel="LinkedIn")).drafts
        assert (each.channel, each.template, each.subject) == ("message", "interview.thank_you.email.txt", "")

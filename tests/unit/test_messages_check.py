"""What the check of a message finds in planted mistakes, and that it finds nothing in what careful people write."""

from __future__ import annotations

from typing import Any

import pytest
from office import ROWS, SETTINGS, cases, checked, desk, office

from sheetsync.messages.checking import finding
from sheetsync.messages.desk import Desk
from sheetsync.messages.phrases import languages, phrase_data
from sheetsync.messages.values import SEVERITIES, Message
from sheetsync.resources import read_toml

CLEAN = cases("messages_clean.toml")
PLANTED = cases("messages_planted.toml")
GENERIC = (
    (
        "Thank you for taking the time to meet with me yesterday. It was great to learn more about the role and your team. "
        "I am confident that my background would be an asset."
    ),
    (
        "Thank you so much for the opportunity to interview. I enjoyed our conversation and remain very interested in joining "
        "the company. Please let me know if you need any additional information."
    ),
    "I wanted to thank you for speaking with me. The position sounds like a great fit for my skills and career goals.",
    "Many thanks for the interview. I was impressed by the friendly atmosphere and your vision.",
    "It was a pleasure meeting you and the rest of the team. Thanks again for your consideration.",
    "Thank you for the warm welcome and the insightful conversation about the company culture.",
    "Thanks for meeting with me this week to discuss the position. I appreciate you explaining the responsibilities.",
)


def message(case: dict[str, Any]) -> dict[str, Any]:
    """A case whose one long line is repeated where it says so."""
    line = "Your talk on error messages gave me ideas.\n"
    return case | {"body": case["body"].replace(line, line * case.get("repeat", 1))}


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: f"{case['row']} {case['rule']}")
def test_nothing_is_found_in_a_careful_message(case: dict[str, Any]) -> None:
    assert [found for found in checked(case) if found.rule not in case.get("skip", ())] == []


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: f"{case['finds'][0]} {case['row']}")
def test_a_planted_mistake_is_found_and_nothing_else(case: dict[str, Any]) -> None:
    assert [found.rule for found in checked(message(case))] == case["finds"]


def test_there_are_enough_of_both() -> None:
    assert len(CLEAN) >= 40
    assert len(PLANTED) >= 40


def test_every_check_is_planted_once() -> None:
    planted = {rule for case in PLANTED for rule in case["finds"]}
    assert planted | {"near-identical", "unknown-thread", "empty"} == set(read_toml("messages/checks.toml"))


def test_every_check_has_a_severity_and_a_known_source() -> None:
    for rule, data in read_toml("messages/checks.toml").items():
        assert data["severity"] in SEVERITIES, rule
        assert data["source"] in {"", *read_toml("words/en.toml")["sources"]}, rule


@pytest.mark.parametrize("text", GENERIC)
def test_a_thank_you_for_everybody_is_not_specific(text: str) -> None:
    body = f"Dear Jordan Page,\n\n{text}\n\nKind regards,\nRobin Ashe"
    assert [found.rule for found in checked({"row": 5, "rule": "interview.thank_you", "body": body})] == [
        "not-specific"
    ]


def test_a_finding_says_where_it_is() -> None:
    case = next(case for case in PLANTED if case["finds"] == ["doubled-word"])
    assert checked(case)[0].where == "body line 4"
    assert checked(case)[0].message == "“the the” stands there twice."


def test_errors_come_before_warnings_and_notes() -> None:
    body = "Hi Ines,\n\nI hope this email finds you well. Is the role still open? [[a reason]]\n\nRobin"
    found = checked({"row": 3, "rule": "interview.followup_1", "body": body})
    assert [each.severity for each in found] == sorted(
        (each.severity for each in found), key=("error", "warning", "note").index
    )
    assert {each.rule for each in found} == {"gap", "still-available", "no-thanks", "canned", "first-name"}


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("I was glad to hear about [[what they are working on]] there.", "[[what they are working on]]"),
        ("I was glad to hear about what all of you are working on]] there.", "about what all of you are working on]]"),
        ("abcdefghij" * 5 + "]]", "]]"),
    ],
)
def test_a_gap_is_quoted_from_a_word_on(said: str, quoted: str) -> None:
    found = checked({"row": 3, "rule": "interview.followup_1", "body": f"Hi Ines,\n\n{said}\n\nRobin"})
    (gap,) = (each.message for each in found if each.rule == "gap")
    assert f"“{quoted}”" in gap


def test_an_empty_message_is_told() -> None:
    assert [found.rule for found in checked({"row": 3, "rule": "interview.followup_1", "body": "> quoted only"})] == [
        "empty"
    ]


def test_every_language_has_every_list() -> None:
    for language in languages():
        assert set(phrase_data("en")) - {"needs"} <= set(phrase_data(language)), language


class TestFinishedMessages:
    """Files are tied to their row by name, address or company, and compared with one another."""

    def checked(self, *messages: Message) -> list[tuple[int | None, list[str]]]:
        return [(row, [found.rule for found in findings]) for _, row, findings in desk().check_messages(messages)]

    def test_the_file_name_says_which_row(self) -> None:
        name = "quillfeather-press--ux-writer--ines-okafor--interview.followup_1.email.md"
        text = "Dear Ines Okafor,\n\nthank you again. The glossary has 214 terms and an index.\n"
        assert self.checked(Message(name, (), "", text)) == [(3, [])]

    def test_the_name_holds_against_a_wrong_address(self) -> None:
        name = "drafts/quillfeather-press--ux-writer--ines-okafor--interview.followup_1.email.eml"
        text = "Dear Ines Okafor,\n\nthank you again. The glossary has 214 terms and an index.\n"
        assert self.checked(Message(name, ("sam.fields@target.example.com",), "", text)) == [(3, ["wrong-address"])]

    def test_the_address_says_which_row(self) -> None:
        text = "Dear Edwin Marlowe,\n\nthank you for the tour of the workshop and the story of the grinder.\n"
        assert self.checked(Message("letter.eml", ("edwin@marlowe.example.com",), "", text)) == [(9, [])]

    def test_a_message_that_fits_nobody_is_an_error(self) -> None:
        text = "Dear Pat Quill,\n\nthank you for the tour of the workshop and the story of the grinder.\n"
        assert self.checked(Message("letter.eml", ("pat@elsewhere.example",), "", text)) == [(None, ["unknown-thread"])]

    def test_two_interviewers_must_not_get_one_text(self) -> None:
        text = (
            "Dear {},\n\nthank you for showing me the large-print shelf yesterday. I would like to mend the second filter "
            "with you, and I have an idea for the sign above the scanner.\n\nKind regards,\nRobin Ashe"
        )
        one, other = (
            Message(f"larkspur-libraries--content-designer--{slug}--interview.thank_you.email.eml", (to,), "Thank you", text.format(name))
            for slug, name, to in (
                ("maren-holt", "Ms Holt", "maren.holt@larkspur.example.org"),
                ("tobias-reed", "Mr Reed", "tobias.reed@larkspur.example.org"),
            )
        )  # fmt: skip
        assert self.checked(one, other) == [(2, []), (2, ["near-identical"])]

    def test_two_drafts_for_one_person_are_no_twins(self) -> None:
        text = "Dear Maren Holt,\n\nthank you for the tour of the second filter. I would be glad to join you.\n"
        name = "larkspur-libraries--content-designer--maren-holt--interview.thank_you.email"
        one, other = (
            Message(f"{name}{ending}", ("maren.holt@larkspur.example.org",), "Thank you", text)
            for ending in (".eml", ".md")
        )
        assert [row for row, _ in self.checked(one, other)] == [2, 2]
        assert not any("near-identical" in found for _, found in self.checked(one, other))

    def test_one_text_for_two_companies_is_no_twin(self) -> None:
        text = "Dear {},\n\non {} November I applied, and I would like to show you the manuals I wrote. Thank you.\n"
        one = Message("", ("dana.wells@bp.example.com",), "", text.format("Dana Wells", 6))
        other = Message("", ("reed.ashworth@marshmutual.example.com",), "", text.format("Reed Ashworth", 6))
        assert self.checked(one, other) == [(25, []), (22, [])]


def test_a_large_tracker_is_looked_through_once() -> None:
    assert len(office()[0].frame) == len(ROWS)
    assert Desk(*office(), SETTINGS).directory.company_rows[("target",)] == [4]


def test_a_finding_is_worded_from_the_data() -> None:
    assert finding("too-long", "message", found=240).message == "It has 240 words: up to 200 are read."

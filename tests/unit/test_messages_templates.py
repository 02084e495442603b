"""Templates: one for every rule and way, each passing the check, in the profile's tone; the person's own ones win."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from office import SETTINGS, TODAY, desk, drafted, usual
from threads import planned, tracker

from sheetsync.cadence.profile import load_profile, profile_names
from sheetsync.messages.desk import Desk, identify
from sheetsync.messages.drafting import draft
from sheetsync.messages.formats import FORMATS, as_file, file_name, form_for, read_message
from sheetsync.messages.phrases import has_phrase, phrase_data, plain
from sheetsync.messages.templating import GAP, TemplateFaultError, rule_data, rules, shipped
from sheetsync.messages.values import WAYS, Draft
from sheetsync.model import KINDS, RULES
from sheetsync.resources import templates

FILLING = "the nine forms that the harbour archive cut down to two"
RULE_WAYS = [(rule, way) for rule, entry in rules().items() for way in entry["ways"]]
THANK_YOU = "interview.thank_you"


def findings_of(each: Draft, body: str) -> list[str]:
    """The findings of a draft whose gaps are filled."""
    filled = dataclasses.replace(each, body=body, subject=GAP.sub("12 November", each.subject))
    return [found.rule for found in desk().check(filled) if found.rule != "too-early"]


class TestTemplates:
    """Every rule and every way has a template that passes the check."""

    def test_every_rule_of_the_cadence_has_a_message(self) -> None:
        assert set(rules()) == {*RULES, "application.withdraw"}

    def test_every_template_belongs_to_a_rule(self) -> None:
        files = {path.name for path in (templates() / "messages").glob("*.txt")}
        assert files == {"_parts.txt", *(f"{rule}.{way}.txt" for rule, way in RULE_WAYS)}

    def test_every_channel_of_the_profiles_has_a_way(self) -> None:
        for name in profile_names():
            for step in load_profile(name)[0].steps:
                ways = rules()[step.rule]["ways"]
                for word in re.split(r" or ", step.channel):
                    known = rule_data("channel_ways").get(word)
                    assert known in ways or step.channel.startswith(("as ", "the channel")), (step.rule, word)

    def test_the_other_tables_name_ways_kinds_and_rules(self) -> None:
        assert set(rule_data("channel_ways").values()) <= set(WAYS)
        assert set(rule_data("set_date")) <= set(KINDS)
        assert set(rule_data("set_date").values()) <= set(RULES)

    @pytest.mark.parametrize("profile", profile_names())
    @pytest.mark.parametrize(("rule", "way"), RULE_WAYS)
    def test_a_filled_draft_passes_the_check(self, rule: str, way: Any, profile: str) -> None:
        for each in usual(rule, way, profile).drafts:
            assert each.channel == way
            assert findings_of(each, GAP.sub(FILLING, each.body)) == [], each.body
            assert bool(each.subject) == (way in ("email", "letter"))

    @pytest.mark.parametrize(("rule", "way"), RULE_WAYS)
    def test_with_nothing_known_only_gaps_are_left(self, rule: str, way: Any) -> None:
        cells = {"company": "Acme Works", "stage": "interview", "interview_on": "17 Nov"}
        found = tracker(cells)
        plan = planned(found, TODAY)
        profile, settings = load_profile("balanced")[0], dataclasses.replace(SETTINGS, your_name=None, your_phone=None)
        (each,) = draft(found, plan, profile, settings, rows=[2], rule=rule, way=way, anyway=True).drafts
        rest = {finding.rule for finding in Desk(found, plan, settings).check(each)}
        assert rest == {"gap"}
        assert each.gaps

    @pytest.mark.parametrize("profile", profile_names())
    @pytest.mark.parametrize(("rule", "way"), RULE_WAYS)
    def test_a_template_says_what_its_rule_needs(self, rule: str, way: Any, profile: str) -> None:
        if way in ("note", "phone", "connection"):
            return  # brief forms leave out what there is no room for
        for each in usual(rule, way, profile).drafts:
            text = plain(f"{each.subject}\n{each.body}")
            for need in rules()[rule]["needs"]:
                lists = phrase_data("en")["needs"] | {"thanks": phrase_data("en")["thanks"]}
                assert need == "specific" or has_phrase(text, lists[need]), (need, each.body)

    def test_profiles_sound_different(self) -> None:
        bodies = {drafted("interview.followup_1", profile=profile).drafts[0].body for profile in profile_names()}
        assert len(bodies) == 3

    @pytest.mark.parametrize("form", FORMATS)
    def test_a_file_is_read_back_and_finds_its_row(self, form: str) -> None:
        for rule, way in RULE_WAYS:
            for each in usual(rule, way, "balanced").drafts:
                kind = form_for(each, form)
                found = read_message(file_name(each, form), as_file(each, kind))
                assert (found.subject, found.body) == (each.subject, each.body)
                ((_, row, _),) = desk().check_messages([found])
                assert row == each.row, rule
                assert identify(found, desk().tracker, desk().directory) == (
                    each.row,
                    rule,
                    each.recipient,
                    each.channel,
                )

    def test_brief(self) -> None:
        for rule, way in RULE_WAYS:
            for each in usual(rule, way, "balanced").drafts:
                assert len(each.body.split()) < 190, (rule, way)
                assert way != "connection" or len(each.body) <= 300


class TestOwnTemplates:
    """The person's own templates win; a broken one is told with file and line."""

    NAME = "interview.thank_you.email.txt"

    def test_it_wins(self) -> None:
        own = {self.NAME: "\ufeffSubject: Danke\r\n\r\n{{ greeting }}\r\n\r\nThank you, {{ recipient }}!\r\n"}
        found = drafted(THANK_YOU, own_templates=own).drafts[0]
        assert (found.subject, found.body) == ("Danke", "Dear Maren Holt,\n\nThank you, Maren Holt!")
        assert found.template == f"messages/{self.NAME}"

    def test_it_may_take_our_sentences(self) -> None:
        own = {
            self.NAME: '{% import "_parts.txt" as parts with context %}\n{{ greeting }}\n\nThanks. {{ parts.point() }}'
        }
        assert "large-print books" in drafted(THANK_YOU, own_templates=own).drafts[0].body

    def test_a_new_way_may_be_added(self) -> None:
        own = {"decision.passed.letter.txt": "Subject: Your decision\n\n{{ greeting }}\n\nThank you."}
        (each,) = drafted("decision.passed", way="letter", own_templates=own).drafts
        assert (each.channel, each.template) == ("letter", "messages/decision.passed.letter.txt")

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (
                "Subject: x\n\nDear {{ compnay }}",
                "messages/interview.thank_you.email.txt, line 3: “compnay” is not known, did you mean “company”. Mend it",
            ),
            ("Subject: x\n\n{% if role %}\nhello", "messages/interview.thank_you.email.txt, line 4: "),
            ("a\nb\n{{ role.nothing.more }}", "messages/interview.thank_you.email.txt, line 3: "),
            ("a\n{{ role / 2 }}", "messages/interview.thank_you.email.txt, line 2: this cannot be worked out"),
            ("a\n{{ ''.__class__.__mro__ }}", "messages/interview.thank_you.email.txt, line 2: "),
            ("a\n{{ role | sparkle }}", "messages/interview.thank_you.email.txt, line 2: No filter named 'sparkle'"),
            ('{% include "other.txt" %}', "messages/interview.thank_you.email.txt, line 1: "),
            ("{% for n in range(10 ** 9) %}x{% endfor %}", "messages/interview.thank_you.email.txt, line 1: "),
        ],
    )
    def test_a_broken_one_is_told_with_its_line(self, text: str, sentence: str) -> None:
        with pytest.raises(TemplateFaultError) as caught:
            drafted(THANK_YOU, own_templates={self.NAME: text})
        assert str(caught.value).startswith(sentence)
        assert "\n" not in str(caught.value)
        assert caught.value.exit_code == 2

    def test_ours_are_found_by_name_only(self) -> None:
        assert shipped(self.NAME)
        assert shipped("nothing.txt") is None

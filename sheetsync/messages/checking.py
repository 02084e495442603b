"""The check of a message: what would make it arrive wrongly, and what would make it read badly (cadence section 6).

`sheetsync.messages.desk` makes the context of each row.

Sentences, severities and sources of the findings are data (`templates/messages/checks.toml`), and so are the phrases.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sheetsync.messages.directory import Company, Directory
from sheetsync.messages.facts import say_day
from sheetsync.messages.greeting import Greeting, greeting_of, judge
from sheetsync.messages.naming import (
    Mention,
    Names,
    almost,
    almost_company,
    almost_people,
    company_words,
    means_company,
    means_person,
    person_words,
)
from sheetsync.messages.people import fits, name_parts
from sheetsync.messages.phrases import (
    emojis,
    find_phrases,
    generic_words,
    has_phrase,
    language_of,
    phrase_data,
    plain,
    stem,
)
from sheetsync.messages.prose import Token, own_words, place_of, tokens, word_count
from sheetsync.messages.templating import rules
from sheetsync.messages.values import Finding, Message
from sheetsync.messages.weekdays import misfits
from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

MOST_WORDS: Final = 200
LONGEST_REQUEST: Final = 300
"""Characters of a connection request on LinkedIn."""
_SPECIFIC_WORDS: Final = 2
_FEWEST_LETTERS: Final = 3
_TITLED: Final = 0.6
_GAPS: Final = re.compile(
    r"\[\[.*?(?:\]\]|$)|\{\{.*?\}\}|(?<!\w)(?:(?!\[\[)[^\n]){0,40}\]\]|\]\]"
    r"|[\[<{](?:your|my|the|their|insert|company|name|first|last|full|hiring|interviewer|recipient|job|role|position|date|title|topic|link)\b[^\]>}\n]{0,40}[\]>}](?!\()"
    r"|\bX{3,}\b|\bTODO\b|\bTBD\b|\blorem ipsum\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a message is checked against: its row, whom it is for, and everybody else in the tracker."""

    row: int | None
    company: str
    role: str
    rule: str
    recipient: str
    """Whom the message is for; "" if that is not known."""
    people: tuple[str, ...]
    """Everybody of the row."""
    addresses: tuple[str, ...]
    own_text: str
    """What stands in the row, its History and its debriefs: names in it may be said."""
    first_names: bool
    earliest: dt.date | None
    closed: bool
    connection: bool
    directory: Directory
    allowed: frozenset[Company]
    """Companies that may be named beside its own, such as those of the same agency."""
    today: dt.date
    own_name: str
    signature: str


def check_draft(message: Message, context: Context) -> tuple[Finding, ...]:
    """Everything that is wrong with one message, errors first, in the order of the text."""
    findings = list(_Check(message, context).run())
    order = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(findings, key=lambda finding: order[finding.severity]))


def finding(rule: str, where: str, **words: object) -> Finding:
    """A finding with its sentence, severity and source from the data."""
    data: dict[str, Any] = read_toml("messages/checks.toml")[rule]
    return Finding(data["severity"], rule, data["text"].format(**words), where, data["source"])


def own_part(message: Message, context: Context) -> str:
    language = language_of(tokens(message.body)) or "en"
    return own_words(message.body, phrase_data(language)["closings"], context.signature or context.own_name)


class _Check:
    """Goes through one message."""

    def __init__(self, message: Message, context: Context) -> None:
        self.message, self.c = message, context
        self.language = language_of(tokens(own_words(message.body)))
        self.body = own_part(message, context)
        self.tokens = tokens(self.body)
        self.subject_tokens = tokens(message.subject)
        self.plain = plain(self.body)
        self.plain_subject = plain(message.subject)
        self.greeting: Greeting | None = greeting_of(self.body)

    def run(self) -> Iterator[Finding]:
        if not self.body.strip():
            yield finding("empty", "message")
            return
        gaps = list(self._gaps())
        yield from gaps
        if self.c.closed:
            yield finding("closed-thread", "message", place=f"Row {self.c.row}", company=self.c.company)
        elif self.c.earliest is not None and self.c.earliest > self.c.today:
            day, today = say_day(self.c.earliest, self.c.today), say_day(self.c.today, self.c.today)
            yield finding("too-early", "message", company=self.c.company or "them", found=day, expected=today)
        yield from self._addresses()
        yield from self._greeting()
        yield from self._names(self.tokens, subject=False)
        yield from self._names(self.subject_tokens, subject=True)
        yield from self._almost()
        yield from self._weekdays()
        yield from self._emojis()
        yield from self._length()
        yield from self._doubled()
        if self.language is None:
            yield finding("language", "message")
            return
        yield from self._phrases(self.language)
        yield from self._needs(self.language, with_gaps=bool(gaps))

    def at(self, place: int) -> str:
        return place_of(self.body, place)

    # What is left to do, and whether it may go

    def _gaps(self) -> Iterator[Finding]:
        # a name missing below the closing words is a gap as well
        for text, where in ((self.message.subject, "subject"), (own_words(self.message.body), "")):
            for match in _GAPS.finditer(text):
                yield finding("gap", where or self.at(match.start()), found=" ".join(match[0].split()))

    def _addresses(self) -> Iterator[Finding]:
        own = company_words(self.c.company)
        for address in self.message.to:
            owners = {company: row for company, row in self.c.directory.owners(address).items() if company}
            if self.c.row is not None and owners and own not in owners and not owners.keys() & self.c.allowed:
                row = next(iter(owners.values()))
                yield finding(
                    "wrong-address", "To", found=address, other=self.c.directory.texts[row], place=f"row {row}",
                    company=self.c.company,
                )  # fmt: skip
                continue
            yield from self._address_of_another(address)
            yield from self._almost_address(address)

    def _address_of_another(self, address: str) -> Iterator[Finding]:
        """An address that is clearly made from the name of somebody else than the one the message is for."""
        person = self.c.recipient
        if not person or fits(address, person):
            return
        others = [
            name for name in self.c.people if name != person and not set(name_parts(name)) & set(name_parts(person))
        ]
        whose = next((name for name in others if fits(address, name)), None)
        if whose is not None:
            yield finding("wrong-person", "To", found=f"{address} ({whose})", expected=person)

    def _almost_address(self, address: str) -> Iterator[Finding]:
        known = [each.casefold() for each in self.c.addresses]
        if address.casefold() in known:
            return
        for each in known:
            if almost(address.casefold(), each):
                yield finding("almost-address", "To", found=address, expected=each)
                return

    # Names

    def _greeting(self) -> Iterator[Finding]:
        if self.greeting is None:
            return
        where = self.at(self.greeting.start)
        for rule, found, expected in judge(
            self.greeting, self.c.people, self.c.recipient, self.c.company, first_names=self.c.first_names
        ):
            yield finding(rule, where, found=found, expected=expected)

    def _names(self, found: Sequence[Token], *, subject: bool) -> Iterator[Finding]:
        """Companies and people of other rows."""
        text = self.message.subject if subject else self.body
        titled = subject and sum(token.capital for token in found) >= _TITLED * max(len(found), 1)
        own_tokens = [token.folded for token in tokens(self.c.own_text)]
        taken = self._own_spans(found)
        told: set[str] = set()
        for mention, parts in self.c.directory.companies.find(found, taken):
            if parts in self.c.allowed or mention.name in told or _holds(own_tokens, parts):
                continue
            if not means_company(found, mention, mention.name, titled=titled):
                continue
            told.add(mention.name)
            row = self.c.directory.company_rows[parts][0]
            yield finding(
                "wrong-company", "subject" if subject else self.at(found[mention.first].start), found=_said(text, found, mention),
                place=f"row {row}", company=self.c.company,
            )  # fmt: skip
        own_people = {person_words(name) for name in (*self.c.people, self.c.own_name)}
        greeted = (
            range(self.greeting.start, self.greeting.end)
            if self.greeting and self.c.people and not subject
            else range(0)
        )
        for mention, parts in self.c.directory.people.find(found, taken):
            if parts in own_people or _holds(own_tokens, parts) or mention.name in told or self.c.row is None:
                continue
            if means_person(found, mention) and found[mention.first].start not in greeted:
                told.add(mention.name)
                expected = self.c.recipient or ", ".join(self.c.people) or self.c.company
                where = "subject" if subject else self.at(found[mention.first].start)
                yield finding("wrong-person", where, found=_said(text, found, mention), expected=expected)

    def _own_spans(self, found: Sequence[Token]) -> frozenset[int]:
        """The words that are this row's own company, role and people, and the writer's own name."""
        own = [
            (self.c.company, company_words(self.c.company)),
            (f"{self.c.company} ", tuple(token.folded for token in tokens(self.c.company))),
        ]
        own += [(name, person_words(name)) for name in (*self.c.people, self.c.own_name) if person_words(name)]
        role = tuple(token.folded for token in tokens(self.c.role))
        if len(role) > 1:
            own.append((self.c.role, role))
        mentions = Names((name, parts) for name, parts in own if parts)
        return frozenset(
            place for mention, _ in mentions.find(found) for place in range(mention.first, mention.last + 1)
        )

    def _almost(self) -> Iterator[Finding]:
        known = {token.folded for token in tokens(self.c.own_text)} | {
            part for name in (*self.c.people, self.c.own_name) for part in name_parts(name)
        }
        told: set[str] = set()
        for first, last, name in almost_people(self.tokens, self.c.people, known):
            said = self.body[self.tokens[first].start : self.tokens[last].end]
            inside = self.greeting is not None and self.tokens[first].start < self.greeting.end
            if said not in told and not inside:
                told.add(said)
                yield finding("almost-name", self.at(self.tokens[first].start), found=said, expected=name)
        if company_words(self.c.company) and self.c.row is not None:
            others = frozenset(" ".join(parts) for parts in self.c.directory.company_rows)
            for found, text, where in (
                (self.tokens, self.body, ""),
                (self.subject_tokens, self.message.subject, "subject"),
            ):
                for first, last in almost_company(found, self.c.company, others):
                    said = text[found[first].start : found[last].end]
                    yield finding(
                        "almost-company", where or self.at(found[first].start), found=said, expected=self.c.company
                    )

    # How it reads

    def _weekdays(self) -> Iterator[Finding]:
        for text, raw, where in ((self.plain_subject, self.message.subject, "subject"), (self.plain, self.body, "")):
            for misfit in misfits(text, self.c.today):
                said = " ".join(raw[misfit.start : misfit.end].split())
                yield finding("weekday", where or self.at(misfit.start), found=said, expected=misfit.right)

    def _emojis(self) -> Iterator[Finding]:
        for text, where in ((self.message.subject, "subject"), (self.body, "")):
            for match in emojis(text):
                yield finding("emoji", where or self.at(match.start()), found=match[0])
                break

    def _length(self) -> Iterator[Finding]:
        if self.c.connection and len(self.message.body) > LONGEST_REQUEST:
            yield finding("long-request", "message", found=len(self.message.body))
        text = self.body[self.greeting.start :] if self.greeting else self.body
        if (words := word_count(text)) > MOST_WORDS:
            yield finding("too-long", "message", found=words)

    def _doubled(self) -> Iterator[Finding]:
        allowed = set(phrase_data(self.language)["doubles"]) if self.language else set()
        for before, token in zip(self.tokens, self.tokens[1:], strict=False):
            between = self.body[before.end : token.start]
            names = before.text[:1].isupper() and token.text[:1].isupper()
            same = before.text.casefold() == token.text.casefold() and token.text.isalpha()
            close = not between.strip() and between.count("\n") < 2
            if same and close and not names and f"{before.folded} {token.folded}" not in allowed:
                yield finding("doubled-word", self.at(token.start), found=f"{before.text} {token.text}")

    def _phrases(self, language: str) -> Iterator[Finding]:
        for rule in ("checking-in", "still-available", "canned", "lingo", "joke"):
            for text, raw, where in (
                (self.plain_subject, self.message.subject, "subject"),
                (self.plain, self.body, ""),
            ):
                for start, end in find_phrases(text, language, rule):
                    yield finding(rule, where or self.at(start), found=" ".join(raw[start:end].split()))
        if self.message.attachments == ():
            fine = list(find_phrases(self.plain, language, "not-attachment"))
            for start, end in find_phrases(self.plain, language, "attachment"):
                if not any(first <= start and end <= last for first, last in fine):
                    yield finding("attachment", self.at(start), found=" ".join(self.body[start:end].split()))
                    break

    def _needs(self, language: str, *, with_gaps: bool) -> Iterator[Finding]:
        needs = rules().get(self.c.rule, {}).get("needs", ())
        text = f"{self.plain_subject}\n{self.plain}"
        whole = f"{text}\n{plain(self.message.body)}" if self.message.body else text
        if "thanks" in needs and not has_phrase(whole, phrase_data(language)["thanks"]):
            yield finding("no-thanks", "message")
        if "specific" in needs and not with_gaps and not self._specific(language):
            yield finding("not-specific", "message")

    def _specific(self, language: str) -> bool:
        """True if the message says something that not every message says."""
        names = {part for name in (*self.c.people, self.c.own_name) for part in name_parts(name)}
        names |= {token.folded for text in (self.c.company, self.c.role) for token in tokens(text)}
        generic = generic_words(language)

        def telling(found: Sequence[Token]) -> set[str]:
            kept = {
                token.folded
                for token in found
                if len(token.folded) >= _FEWEST_LETTERS and not token.text[:1].isdigit() and token.folded not in names
            }
            return {stem(word) for word in kept if word not in generic and stem(word) not in generic}

        said = telling(self.tokens)
        return len(said) >= _SPECIFIC_WORDS or len(said & telling(tokens(self.c.own_text))) >= 1


def _holds(text: Sequence[str], parts: Sequence[str]) -> bool:
    """True if some words stand in a text one after the other; "and" between them does not count."""
    size = len(parts)
    return any(tuple(text[at : at + size]) == tuple(parts) for at in range(len(text) - size + 1)) or fold(
        " ".join(parts)
    ) in " ".join(word for word in text if word != "and")


def _said(text: str, found: Sequence[Token], mention: Mention) -> str:
    return text[found[mention.first].start : found[mention.last].end]

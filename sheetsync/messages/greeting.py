"""The greeting of a message: whom it names, and whether that is whom the message is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sheetsync.messages.naming import almost, company_words
from sheetsync.messages.people import name_parts, read_person, words
from sheetsync.messages.phrases import languages, phrase_data
from sheetsync.messages.prose import tokens
from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

_SEVERAL: Final = re.compile(r"\s*(?:[,;/&]|\b(?:and|und|et|y)\b)\s*")
_LINES: Final = 14
"""A letter has an address block above it."""
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Greeting:
    """Whom a message greets: as written, and where."""

    names: str
    start: int
    end: int


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(fold(word) for language in languages() for word in phrase_data(language)[key])


@cache
def _pattern() -> re.Pattern[str]:
    openings = "|".join(re.escape(word) for word in sorted(_words("greetings"), key=len, reverse=True))
    return re.compile(
        rf"[ \t]*(?:{openings})\b[ \t,]*(?P<names>[^,!:\n]*(?:,(?=[^,\n]*,\s*$)[^,\n]*)?)[,!:.\u2013\u2014-]?",
        re.IGNORECASE,
    )


def greeting_of(body: str) -> Greeting | None:
    """The first line that greets, within the first lines; None if there is none."""
    at = 0
    for number, line in enumerate(body.split("\n")):
        if number >= _LINES:
            break
        match = _pattern().match(line)
        if match is not None and len(match["names"]) <= _LONGEST:
            names = match["names"].strip(" ,.!:\u2013\u2014-")
            if "[[" not in names:
                return Greeting(names, at + match.start(), at + match.end())
        at += len(line) + 1
    return None


@cache
def _nicknames() -> dict[str, frozenset[str]]:
    table: dict[str, Any] = read_toml("messages/names.toml")["nicknames"]
    return {fold(name): frozenset(map(fold, short)) for name, short in table.items()}


def judge(
    greeting: Greeting, people: Sequence[str], recipient: str, company: str, *, first_names: bool
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a greeting: rule, what was found, what was expected."""
    said = [_again().sub("", part) for part in _SEVERAL.split(greeting.names) if part]
    if not people or not said or _is_everybody(greeting.names, company):
        return
    if len(said) > 1 and any(_meant(name, recipient) for name in said):
        recipient = ""  # the others greeted with them may be anybody of the row
    for name in said:
        yield from _judge_one(name, people, recipient, first_names=first_names)


@cache
def _again() -> re.Pattern[str]:
    """A greeting's opening, as it is repeated for a second name."""
    openings = "|".join(re.escape(word) for word in sorted(_words("greetings"), key=len, reverse=True))
    return re.compile(rf"(?:{openings})\s+", re.IGNORECASE)


def _meant(name: str, person: str) -> bool:
    """True if a name as greeted holds a part of a person's name, or a short or long form of it."""
    return bool(_shared(set(name_parts(name)), name_parts(person)))


def _shared(parts: set[str], theirs: Sequence[str]) -> set[str]:
    return {part for part in parts if any(_alike(part, own) for own in theirs)}


def _alike(one: str, other: str) -> bool:
    return one == other or one in _nicknames().get(other, ()) or other in _nicknames().get(one, ())


def _is_everybody(names: str, company: str) -> bool:
    found = {token.folded for token in tokens(names)}
    return bool(found & _words("everybody")) or fold(names) in words("nobody") or found == set(company_words(company))


def _judge_one(
    name: str, people: Sequence[str], recipient: str, *, first_names: bool
) -> Iterator[tuple[str, str, str]]:
    parts = set(name_parts(name))
    wanted = recipient or next((each for each in people if _meant(name, each)), people[0])
    theirs = name_parts(wanted)
    if not parts or not theirs:
        return
    expected = wanted if recipient else " or ".join(people)
    hit = _shared(parts, theirs)
    if not hit:
        if any(almost(part, own) for part in parts for own in theirs):
            yield "almost-name", name, wanted
        else:
            yield "wrong-person", name, expected
        return
    strange = parts - hit
    if strange and len(theirs) > 1:
        slip = [part for part in strange if len(part) > 1]
        others = [each for each in people if each != wanted and parts <= set(name_parts(each))]
        if slip and others:
            yield "wrong-person", name, wanted
        elif slip:
            yield "almost-name", name, wanted
        return
    person = read_person(wanted)
    title = read_person(name)
    if person is not None and person.first and person.last and not first_names and not (title and title.title):
        short = {fold(person.first), *_nicknames().get(fold(person.first), ())}
        if parts <= short or parts == {fold(person.first)}:
            yield "first-name", name, person.salutation

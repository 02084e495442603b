"""From the notes of a debrief to what a message may say.

A note is written for its writer: shortened, about the reader, now and then unkind. What can stand in a message as it is
becomes a `Fact`; everything else a gap that quotes the note, so that the person says it in words of their own. Nothing
is put into other words here, and nothing is invented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

_SENTENCES: Final = re.compile(r"\s*(?:[;\n•]|(?<=[.!?])\s+(?=[A-Z]))\s*")
_WORD: Final = re.compile(r"[\w'’]+")
_LONGEST: Final = 160
_SHORT_PHRASE: Final = 8
_GERUND: Final = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing from the notes. `text` has no full stop; `fit` is False where it must be put into other words first."""

    kind: str
    """The question of the debrief that it answers."""
    text: str
    fit: bool
    about: bool
    """It can follow "about": the opening hours, how readers look for books."""
    person: str = ""
    """The interviewer whom it names; "" if nobody."""

    def __str__(self) -> str:
        return self.text


@cache
def _words(key: str) -> frozenset[str]:
    data: dict[str, Any] = read_toml("messages/notes.toml")
    return frozenset(data[key])


def facts(kind: str, answer: str, people: tuple[str, ...] = ()) -> tuple[Fact, ...]:
    """The facts of one answer, a sentence or a clause each. `people` are the interviewers."""
    parts = (part.strip(" .,-–—") for part in _SENTENCES.split(answer.strip()))
    return tuple(fact(kind, part, people) for part in parts if _WORD.search(part))


def topics(kind: str, answer: str, people: tuple[str, ...] = ()) -> tuple[Fact, ...]:
    """What stands before a colon or a dash in each part: the question or the concern, without how it went."""
    found = []
    for part in _SENTENCES.split(answer.strip()):
        topic, colon, _ = re.sub(r"\s[-–—]\s", ": ", part).partition(":")
        if colon and _WORD.search(topic):
            found.append(fact(kind, topic.strip(" .,"), people))
    return tuple(found)


def fact(kind: str, text: str, people: tuple[str, ...] = ()) -> Fact:
    """One note as a fact."""
    line = " ".join(text.split())
    said = [fold(word) for word in _WORD.findall(line.replace("’", "'"))]
    person = next((name for name in people if {fold(part) for part in name.split()} & set(said)), "")
    folded = f" {' '.join(said)} "
    private = any(f" {word} " in folded for word in _words("private"))
    fit = (
        bool(said)
        and not private
        and not person
        and len(line) <= _LONGEST
        and "[[" not in line
        and "?" not in line[:-1]
    )
    return Fact(kind, _small(line, said), fit, fit and _follows_about(said), person)


def _small(line: str, said: list[str]) -> str:
    """The note without the capital that only its place gave it."""
    return line[:1].lower() + line[1:] if said and said[0] in _words("small") and not line[:2].isupper() else line


def _follows_about(said: list[str]) -> bool:
    if said[0] in _words("questions"):
        # "what is missing" goes on after "about", "what would you do" does not
        return not (len(said) > 2 and said[1] in _words("verbs") and said[2] in _words("pronouns"))
    if set(said) & _words("verbs"):
        return False
    if said[0] in _words("determiners"):
        return True
    return len(said) <= _SHORT_PHRASE and said[0].endswith("ing") and len(said[0]) > _GERUND

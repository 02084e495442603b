"""Companies and people of a tracker, found in a text by their words: another row's, or almost this row's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from sheetsync.messages.people import name_parts, words
from sheetsync.messages.prose import Token, tokens

_JOINTS: Final = frozenset({"and", "und", "et", "y", "e"})
_PLACES: Final = frozenset(
    {
        "street",
        "road",
        "avenue",
        "lane",
        "square",
        "park",
        "house",
        "university",
        "station",
        "hill",
        "bridge",
        "court",
        "place",
    }
)
_DETERMINERS: Final = frozenset(
    {"the", "a", "an", "this", "that", "your", "my", "our", "their", "his", "her", "each", "every", "no"}
)
_CALENDAR: Final = frozenset(
    {
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "may",
        "march",
        "april",
        "june",
        "august",
    }
)
_AT: Final = frozenset({"at", "join", "joining"})
"""Behind these an ordinary word with a capital is a company, even a day or a month."""
_ACRONYM: Final = 4
_LONG: Final = 9
_SHORT: Final = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """A name found in a text: which tokens, and what they name."""

    name: str
    first: int
    last: int
    """The index of the last token, inclusive."""


@lru_cache(maxsize=1 << 14)
def company_words(company: str) -> tuple[str, ...]:
    """A company's words for comparing: without joints, "the" and the legal form."""
    found = [token.folded for token in tokens(company)]
    while len(found) > 1 and found[0] == "the":
        found.pop(0)
    while len(found) > 1 and found[-1] in words("legal_forms"):
        found.pop()
    return tuple(word for word in found if word not in _JOINTS) or tuple(found)


class Names:
    """Names by their first word, so that a text is looked through once, however many rows a tracker has."""

    def __init__(self, names: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """Take names with their words."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for name, parts in dict(names).items():
            if parts and any(len(part) > 1 for part in parts):
                self._by_first[parts[0]].append((parts, name))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def find(
        self, found: Sequence[Token], taken: AbstractSet[int] = frozenset()
    ) -> Iterator[tuple[Mention, tuple[str, ...]]]:
        """The names in a text, the longest first at each place; tokens in `taken` belong to something else."""
        at = 0
        while at < len(found):
            step = 1
            for parts, name in () if at in taken else self._by_first.get(found[at].folded, ()):
                last = _matched(found, at, parts)
                if last is not None and taken.isdisjoint(range(at, last + 1)):
                    yield Mention(name, at, last), parts
                    step = last - at + 1
                    break
            at += step


def _matched(found: Sequence[Token], at: int, parts: Sequence[str]) -> int | None:
    """The last token of a name that begins at a token; None if it is not there. "and" and "&" are skipped."""
    place = at
    for number, part in enumerate(parts):
        while number and place < len(found) and found[place].folded in _JOINTS and part not in _JOINTS:
            place += 1
        if place >= len(found) or found[place].folded != part:
            return None
        place += 1
    return place - 1


def means_company(found: Sequence[Token], mention: Mention, name: str, *, titled: bool) -> bool:
    """True if the words stand for the company and not for themselves.

    A name of several words needs their capitals. A single word needs its capital; one that is an ordinary word too needs
    it inside a sentence, away from other capitals, and never in a subject written with capitals throughout (`titled`).
    """
    span = found[mention.first : mention.last + 1]
    following = found[mention.last + 1] if mention.last + 1 < len(found) else None
    if len([token for token in span if token.folded not in _JOINTS]) > 1:
        return all(token.capital or token.folded in _JOINTS or len(token.text) <= 3 for token in span) and any(
            token.text[:1].isupper() for token in span
        )
    token = span[0]
    if not token.capital:
        return any(char.isdigit() for char in token.text)
    if name.isupper() and len(token.text) <= _ACRONYM and not token.text.isupper():
        return False
    if following is not None and following.folded in _PLACES and following.text[:1].isupper():
        return False
    if token.folded in words("common_words") or len(token.text) <= 2:
        before = found[mention.first - 1] if mention.first else None
        return _stands_out(token, before, following, titled=titled)
    return not (token.first and any(each.text == token.text.lower() for each in found))


def _stands_out(token: Token, before: Token | None, following: Token | None, *, titled: bool) -> bool:
    """True if the capital of an ordinary word can only come from its being a name."""
    if following is not None and following.folded == "team" and not (before and before.folded in _DETERMINERS):
        return not token.first
    if token.first or before is None or before.folded in _DETERMINERS:
        return False
    if following is not None and following.text[:1].isupper() and following.start - token.end == 1:
        return False
    if before.folded in _AT:
        return True
    if titled or token.folded in _CALENDAR:
        return False
    return not (before.text[:1].isupper() and not before.first)


def means_person(found: Sequence[Token], mention: Mention) -> bool:
    """True if each word of a name has its capital."""
    return all(token.text[:1].isupper() for token in found[mention.first : mention.last + 1])


def person_words(name: str) -> tuple[str, ...]:
    """A person's name for finding it in a text: at least two words, else nothing."""
    parts = tuple(part.replace("'", "").replace("’", "") for part in name_parts(name))
    return parts if len(parts) > 1 else ()


def almost(word: str, name: str) -> bool:
    """True if a word is a slip of the pen away from a name: a letter or two, by its length."""
    if word == name or min(len(word), len(name)) < _SHORT - 1 or word[:1] != name[:1]:
        return False
    allowed = 2 if len(name) >= _LONG else 1
    return DamerauLevenshtein.distance(word, name, score_cutoff=allowed) <= allowed


def almost_people(
    found: Sequence[Token], people: Iterable[str], known: AbstractSet[str]
) -> Iterator[tuple[int, int, str]]:
    """Words that are almost a person's name: a first and a last name of which one is right, or a long name alone.

    `known` are words that are right as they stand, such as other people's names.
    """
    for person in people:
        parts = name_parts(person)
        if len(parts) < 2:
            continue
        first, last = parts[0], parts[-1]
        for at, token in enumerate(found):
            if not token.text[:1].isupper() or token.folded in known:
                continue
            following = found[at + 1] if at + 1 < len(found) else None
            before = found[at - 1] if at else None
            if following is not None and following.folded == last and almost(token.folded, first):
                yield at, at + 1, person
            elif before is not None and before.folded == first and almost(token.folded, last):
                yield at - 1, at, person
            elif any(len(part) > _SHORT and almost(token.folded, part) for part in (first, last)) and not token.first:
                yield at, at, person


def almost_company(found: Sequence[Token], company: str, known: AbstractSet[str]) -> Iterator[tuple[int, int]]:
    """Words that are almost the company's name."""
    parts = company_words(company)
    if not parts or sum(map(len, parts)) <= _SHORT:
        return
    wanted = " ".join(parts)
    for at in range(len(found) - len(parts) + 1):
        span = found[at : at + len(parts)]
        said = " ".join(token.folded for token in span)
        if said == wanted or said in known or not all(token.text[:1].isupper() for token in span):
            continue
        if len(parts) == 1 and (span[0].first or span[0].folded in known):
            continue
        if len(parts) > 1 and not any(token.folded == part for token, part in zip(span, parts, strict=True)):
            continue
        if almost(said, wanted) and not _plural(said, wanted):
            yield at, at + len(parts) - 1


def _plural(one: str, other: str) -> bool:
    return len(one.split()) == 1 and {one, other} == {min(one, other, key=len), min(one, other, key=len) + "s"}

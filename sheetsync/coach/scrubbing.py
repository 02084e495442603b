"""Taking what is hidden out of what is shown: texts that quote a hidden cell, addresses, numbers, links, pay. Pure.

What is searched for, and what is not:

- A hidden text is taken out wherever it stands, in any case and accents: one of six characters or more also within words,
  a shorter one as a word. The lines and sentences of a long text count each, and its beginning as a Why quotes it.
- A hidden number is taken out as a number and as people write it (85000, 85,000, 85k), a hidden day in the usual forms.
- Not searched, because it tells nothing: a number below 1000; what has fewer than four letters and digits; one or two words
  that every tracker has (`common`, and the words that sheetsync writes itself); what a shown cell of names or
  of words of a list holds as a whole; a day that a shown cell holds; and what an unknown column shares with a shown name.
- These exceptions do not hold for a column that the person hides by name: there only numbers below 1000 are not searched.
- E-mail addresses, phone numbers, links and amounts of money are taken out of every text, from whatever column.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

from sheetsync.coach.money import amounts, said_in_units
from sheetsync.coach.patterns import PATTERNS, found_in
from sheetsync.coach.redaction import words
from sheetsync.messages.people import read_person
from sheetsync.model import Value
from sheetsync.resources import read_toml
from sheetsync.tracker.history import split_people
from sheetsync.tracker.text import fold

_WITHIN_WORDS: Final = 6
_TOLD_APART: Final = 4
_QUOTED: Final = 60
"""A Why quotes up to so many characters of a cell."""
_SENTENCE: Final = 12
_LEAST_NUMBER: Final = 1000
_GRAMS: Final = (8, 3, 2, 1)
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

_NUMBER: Final = re.compile(r"(?<![\w.,])\d[\d.,'\u00a0\u202f]*\s?k?(?![\w])", re.IGNORECASE)


class Matcher:
    """Finds any of many texts. Each is told with the column it is of, any hashable thing."""

    def __init__(self) -> None:
        self._at: dict[str, dict[int, dict[str, list[tuple[bool, str, Any]]]]] = {}
        """First signs -> length -> text -> whether as whole words only, in which spelling, and of which column."""
        self._known: set[tuple[str, str]] = set()

    def add(self, text: str, column: Any, *, whole: bool = False, exact: bool = False) -> None:
        """Search for a text; as whole words only with `whole`, in this very spelling with `exact`."""
        folded, _ = folded_with_places(text)
        folded = folded.strip()
        spelling = " ".join(text.split()) if exact else ""
        if not folded or (folded, spelling) in self._known:
            return
        self._known.add((folded, spelling))
        gram = folded[: next(size for size in _GRAMS if size <= len(folded))]
        alike = self._at.setdefault(gram, {}).setdefault(len(folded), {})
        alike.setdefault(folded, []).append((whole or len(folded) < _WITHIN_WORDS, spelling, column))

    def add_all(self, texts: Iterable[str], column: Any) -> None:
        """Search for several, as whole words."""
        for text in texts:
            self.add(text, column, whole=True)

    def find(self, text: str) -> Iterator[tuple[int, int, Any]]:
        """From where to where, and of which column, of what is found: the longest at each place, from left to right."""
        if not self._at:
            return
        folded, places = folded_with_places(text)
        at, size = 0, len(folded)
        while at < size:
            best = self._longest(text, folded, places, at)
            if best is None:
                at += 1
                continue
            begin, end = at, best[0]
            while begin and not _begins(folded, begin):
                begin -= 1
            while end < size and not _ends(folded, end):
                end += 1
            yield places[begin], places[end - 1] + 1, best[1]
            at = end

    def _longest(self, text: str, folded: str, places: Sequence[int], at: int) -> tuple[int, Any] | None:
        """Where the longest of the texts that stand at a place ends, and of which column it is."""
        for size in _GRAMS:
            by_length = self._at.get(folded[at : at + size], {})
            for length in sorted(by_length, reverse=True):
                end = at + length
                for whole, spelling, column in by_length[length].get(folded[at:end], ()):
                    if whole and not (_begins(folded, at) and _ends(folded, end)):
                        continue
                    if not spelling or " ".join(text[places[at] : places[end - 1] + 1].split()) == spelling:
                        return end, column
        return None


def _begins(text: str, at: int) -> bool:
    return at == 0 or not (text[at - 1].isalnum() and text[at].isalnum()) or _stands_alone(text[at])


def _ends(text: str, end: int) -> bool:
    return end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum()) or _stands_alone(text[end - 1])


def _stands_alone(sign: str) -> bool:
    """Whether a sign is of a script that puts no blanks between words."""
    return sign >= "\u2e80"


def folded_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The text for searching, and for each of its characters where it stands in the original.

    Small letters without accents, one blank for many, plain quotes, dashes and digits, nothing that takes no room.
    """
    if text.isascii() and text.isprintable() and "  " not in text and "`" not in text:
        return text.lower().lstrip(" "), range(len(text) - len(text.lstrip(" ")), len(text))
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        plain = _plain_sign(sign)
        if plain == " " and (not signs or signs[-1] == " "):
            continue
        signs += plain
        places += [place] * len(plain)
    return "".join(signs), places


@cache
def _plain_sign(sign: str) -> str:
    """One character as it is searched: none for one that takes no room, two for ß."""
    if sign.isspace():
        return " "
    if sign in "’‘`´":
        return "'"
    if sign in "–—‑−":
        return "-"
    if unicodedata.category(sign) in {"Cf", "Mn", "Cc"}:
        return ""
    parts = unicodedata.normalize("NFKD", sign)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()


@cache
def common_words() -> frozenset[str]:
    """The words that tell nothing alone."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for key, each in value.items():
                yield key
                yield from texts(each)
        elif isinstance(value, list):
            for each in value:
                yield from texts(each)

    found = {word for text in texts(read_toml("words/en.toml")) for word in re.findall(r"\w[\w-]*", fold(text))}
    return frozenset(found | set(fold(words()["common"]).split()))


@cache
def everyday_words() -> frozenset[str]:
    """Short words of any text, as some names are spelled ("An", "Al")."""
    return frozenset(fold(words()["everyday"]).split())


def tells_nothing(text: str) -> bool:
    """Whether a text is too short to be told apart, or one or two words of every tracker."""
    folded = fold(text)
    if len(list(islice(filter(str.isalnum, folded), _TOLD_APART))) < _TOLD_APART and not any(
        map(_stands_alone, folded)
    ):
        return True
    parts = folded.split()
    return len(parts) <= 2 and all(part.strip(".,;:!?()") in common_words() for part in parts)


def pieces(text: str, *, field: str, asked: bool) -> Iterator[str]:
    """A hidden text and what of it may be quoted alone."""
    line = " ".join(text.split())
    yield line
    if len(line) > _QUOTED:
        yield line[:_QUOTED].rstrip()
    for part in re.split(r"\n|(?<=[.!?;])\s", text):
        sentence = " ".join(part.split()).rstrip(" .!?;")
        if _SENTENCE <= len(sentence) < len(line) and " " in sentence:
            yield sentence
    if field == "contact":
        for name in (name for part in split_people(text) for name in dict.fromkeys((part, *part.split(",")))):
            yield name.strip()
            person = read_person(name)
            if person is not None:
                yield from dict.fromkeys((person.name, person.first, person.last) if asked else (person.name,))
    if field == "company" and asked:
        yield from _company_names(line)


def numbers_in(text: str, *, field: str) -> Iterator[float]:
    """The numbers of a text of pay, and of one that is nothing but a number."""
    if field == "salary" or _NUMBER.fullmatch(text.strip()):
        yield from amounts(text)


def _company_names(line: str) -> Iterator[str]:
    """A company without what stands in brackets and its legal form, and written as one word."""
    forms = words()["legal_forms"]
    parts = re.sub(r"\s*[(（\[].*?[)）\]]", " ", line).split()
    while len(parts) > 1 and _form(parts[-1]) in forms:
        parts.pop()
    while len(parts) > 1 and _form(parts[0]) in forms:
        parts.pop(0)
    name = " ".join(parts).rstrip(" ,&")
    for form in words()["legal_forms_attached"]:
        name = name.removesuffix(form).removeprefix(form).strip() or name
    yield name
    if " " in name:
        yield from (joint.join(name.split()) for joint in ("", "-", "_", "."))


def _form(part: str) -> str:
    return fold(part).strip(".,").replace(".", "")


def number_forms(number: float) -> Iterator[str]:
    """A number as people write it; none below 1000, which are too common to be told apart."""
    if abs(number) < _LEAST_NUMBER or number != number or abs(number) >= 1e15:  # noqa: PLR0124 - NaN
        return
    number = abs(number)
    plain = f"{number:.15g}"
    yield plain
    whole = int(number)
    grouped = f"{whole:,}"
    yield from (grouped, grouped.replace(",", "."), grouped.replace(",", " "), grouped.replace(",", "'"))
    yield str(whole)
    for said in dict.fromkeys((number, whole)):
        yield from said_in_units(said)


def day_forms(day: dt.date, today: dt.date) -> Iterator[str]:
    """A day as people write it; without the year only if it is this one's."""
    name = _MONTHS[day.month - 1]
    for month in (name, name[:3]):
        yield from (f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", f"{day.day}. {month} {day.year}")
        if day.year == today.year:
            yield from (f"{day.day} {month}", f"{month} {day.day}", f"{day.day}. {month}")
    yield day.isoformat()
    for joint in "./-":
        for first, second in ((day.day, day.month), (day.month, day.day)):
            for year in (f"{day.year}", f"{day.year % 100:02}"):
                yield f"{first}{joint}{second}{joint}{year}"
                yield f"{first:02}{joint}{second:02}{joint}{year}"


class Scrubber:
    """Takes what is hidden out of texts. `allowed` are the patterns that may stay, by field."""

    def __init__(self, matcher: Matcher, *, allowed: Iterable[str] = ()) -> None:
        self._matcher = matcher
        self._mark: str = words()["mark"]
        self._patterns = tuple(field for field in PATTERNS if field not in set(allowed))
        self._done: dict[str, tuple[str, frozenset[Any]]] = {}

    def text(self, text: str) -> tuple[str, frozenset[Any]]:
        """The text with marks where something was taken out, and the columns (or the fields of patterns) it was of."""
        done = self._done.get(text)
        if done is None:
            done = self._done[text] = self._scrubbed(text)
        return done

    def cell(self, value: Value, *, trusted: bool) -> tuple[Value, frozenset[Any]]:
        """A cell's value; a number stays one unless it is hidden, or as long as a phone number in a column not `trusted`."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) < _LEAST_NUMBER:
            return value, frozenset()
        plain = f"{abs(value):.15g}"
        if (found := next(iter(self._matcher.find(plain)), None)) is not None:
            return self._mark, frozenset([found[2]])
        if not trusted and "phone" in self._patterns and any(found_in(plain, "phone")):
            return self._mark, frozenset(["phone"])
        return value, frozenset()

    def _scrubbed(self, text: str) -> tuple[str, frozenset[Any]]:
        spans: list[tuple[int, int, Any]] = list(self._matcher.find(text))
        folded, places = folded_with_places(text)
        for field in self._patterns:
            spans += [(places[begin], places[end - 1] + 1, field) for begin, end in found_in(folded, field)]
        if not spans:
            return text, frozenset()
        parts: list[str] = []
        end = 0
        for begin, until, _ in sorted(spans, key=lambda span: span[:2]):
            if begin > end or not parts:
                parts += [text[end:begin], self._mark]
            end = max(end, until)
        parts.append(text[end:])
        return "".join(parts), frozenset(column for _, _, column in spans)

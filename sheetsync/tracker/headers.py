"""What a header may mean: the fields it names, how surely, and what its column must hold for that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final

from sheetsync.tracker.vocabulary import FILLER, Vocabulary, concepts_of, data

_LONGEST: Final = 90
"""A longer text is a sentence, not a header."""
_TYPO: Final = 0.85
_PART: Final = 0.9
"""What a misspelling, and a header of which only a part is understood, take off the confidence."""
_PARENTHESES: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_SEPARATORS: Final = re.compile(
    r"\s*(?:[/|;,:&+\n、／]|\s[-–—]\s|\band\b|\bor\b|\bund\b|\boder\b|\bet\b|\bou\b|\by\b)\s*", re.IGNORECASE
)
_QUESTION: Final = re.compile(
    r"[?？]\s*$|[（(]?(?:y/n|yes/no|ja/nein|oui/non|s[ií]/no|sim/não|是否)[)）]?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One field that a header may stand for, and under which conditions."""

    field: str
    confidence: float
    content: str
    """What the column must hold, as `evidence.Evidence.holds` takes it; "" if anything."""
    context: str
    """"job", "outreach" or "project" if it holds only in such a sheet, else ""."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header read."""

    text: str
    concepts: frozenset[str]
    meanings: tuple[Meaning, ...]
    """Best first; one field occurs once for each content it asks for."""

    def names(self, concept: str) -> bool:
        return concept in self.concepts


@dataclass(frozen=True, slots=True)
class _Rule:
    meaning: Meaning
    all_of: frozenset[str]
    any_of: frozenset[str]
    allowed: frozenset[str]
    loose: bool

    def fits(self, concepts: frozenset[str]) -> bool:
        return (
            self.all_of <= concepts
            and (not self.any_of or not self.any_of.isdisjoint(concepts))
            and (concepts <= self.allowed or (self.loose and concepts - {""} <= self.allowed))
        )


@lru_cache(maxsize=1 << 13)
def read_header(text: str, *, typos: bool = False) -> Header:
    """Read a header. With `typos`, misspelt words are understood too, at a lower confidence."""
    if len(text) > _LONGEST or text.startswith(("http", "=")):
        return Header(text, frozenset(), ())
    concepts = _concepts(text, typos=typos)
    meanings = _meanings(concepts)
    without = _PARENTHESES.sub(" ", text).strip()
    if not meanings and without and without != text:
        meanings = _meanings(_concepts(without, typos=typos))
    if not meanings:
        meanings = _of_parts(without or text, typos=typos)
    if typos and meanings and not _meanings(_concepts(text, typos=False)):
        meanings = tuple(replace(m, confidence=m.confidence * _TYPO) for m in meanings)
    if _QUESTION.search(text):
        meanings = tuple(
            replace(m, content=m.content.removesuffix("?")) if m.content == "dates?" else m for m in meanings
        )
    return Header(text, concepts, meanings)


def _concepts(text: str, *, typos: bool) -> frozenset[str]:
    return frozenset(concepts_of(_vocabulary().read(text, typos=typos)))


def _meanings(concepts: frozenset[str]) -> tuple[Meaning, ...]:
    if not concepts - {""}:
        return ()
    found = [rule.meaning for rule in _rules() if rule.fits(concepts)]
    return tuple(sorted(found, key=lambda meaning: -meaning.confidence))


def _of_parts(text: str, *, typos: bool) -> tuple[Meaning, ...]:
    """Read "Why it fits / Notes" part by part; no date is read out of a part, for the rest may deny it."""
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) < 2:
        return ()
    found = [
        replace(meaning, confidence=meaning.confidence * _PART**2)
        for part in parts
        for meaning in _meanings(_concepts(part, typos=typos))
        if "dates" not in meaning.content
    ]
    return tuple(sorted(found, key=lambda meaning: -meaning.confidence))


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(data("fields.toml")["words"])


@cache
def _rules() -> tuple[_Rule, ...]:
    always = _listed(data("fields.toml"), "always")
    return tuple(_rule(table, always) for table in data("fields.toml")["rule"])


def _rule(table: Mapping[str, Any], always: frozenset[str]) -> _Rule:
    meaning = Meaning(table["field"], table["confidence"], table.get("content", ""), table.get("context", ""))
    all_of, any_of = _listed(table, "all"), _listed(table, "any")
    return _Rule(meaning, all_of, any_of, all_of | any_of | _listed(table, "may") | always, table.get("loose", False))


def _listed(table: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(part.strip() for part in table.get(key, "").split(",") if part.strip()) - {FILLER}

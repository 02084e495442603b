"""What a person's status words mean: the stage a thread is at, whether it is over, and the round of an interview."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, Literal, cast

from sheetsync.tracker.vocabulary import FILLER, Vocabulary, Word, concepts_of, data, tokens_of

Round = Literal["", "screen", "first", "second", "third", "final"]

UNKNOWN: Final = "unknown"
_ORDINALS: Final = ("first", "second", "third", "final")
_NUMBERING: Final = re.compile(r"^\W*\d{1,2}\s*[-–—.):]+\s*(?!gespr|runde|entre|itw|\d)(?=\S)", re.IGNORECASE)
"""The number of a step in front of its name: "3 - Interview". In German "2. Gespräch" is the second one."""
_MONTHS: Final = (
    "jan|feb|fev|mar|apr|abr|avr|may|mai|jun|jui|jul|aug|ago|sep|set|oct|okt|out|nov|dec|dez|dic|ene|mär|fév|aoû|déc"
)
_DATES: Final = re.compile(
    rf"\d{{1,4}}[./-]\d{{1,2}}(?:[./-]\d{{1,4}})?\.?|\d{{1,2}}:\d\d(?:\s?[ap]m)?"
    rf"|\d{{1,2}}(?:st|nd|rd|th|\.)?\s(?:{_MONTHS})\w*\.?(?:\s\d{{4}})?|\b(?:{_MONTHS})[a-zé]*\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?",
    re.IGNORECASE,
)
_REACH: Final = 3
"""A negation reaches over so many words that say nothing: "not a very good fit"."""


@dataclass(frozen=True, slots=True)
class StageReading:
    """What a status says. `stage` is one of `model.STAGES`, or "" for an empty cell.

    `over` is True where the words say it is over for good (ghosted, gave up, closed). `round` is "", "screen", "first",
    "second", "third" or "final".
    """

    stage: str
    over: bool = False
    round: Round = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A line of `stages.toml`: a set of concepts and what it makes."""

    stage: str
    all_of: frozenset[str]
    any_of: frozenset[str]
    with_any: frozenset[str]
    without: frozenset[str]
    over: bool

    def fits(self, concepts: frozenset[str]) -> bool:
        return (
            self.all_of <= concepts
            and (not self.any_of or not self.any_of.isdisjoint(concepts))
            and (not self.with_any or not self.with_any.isdisjoint(concepts))
            and self.without.isdisjoint(concepts)
        )


def read_stage(text: str, own_words: Mapping[str, str]) -> StageReading:
    """Read a status. What nobody knows is "unknown", never a guess; a blank text is "".

    `own_words` maps a person's own words to stages. They win: over the whole text, or, where the text is not known
    otherwise, as a part of it.
    """
    tokens = tokens_of(text)
    if not tokens:
        return StageReading(UNKNOWN if text.strip() else "")
    built_in = _read(text)
    if not own_words:
        return built_in
    taught = {tokens_of(word): stage for word, stage in own_words.items()}
    stage = taught.get(tokens)
    if stage is None and built_in.stage == UNKNOWN:
        stage = next((taught[word] for word in sorted(taught, key=len, reverse=True) if _contains(tokens, word)), None)
    if stage is None:
        return built_in
    over = built_in.over and stage in {"no_response", "rejected"}
    return StageReading(stage, over=over, round=built_in.round or ("screen" if stage == "screen" else ""))


def read_round(text: str) -> Round:
    """Read a cell of an "Interview round" column: `round` as in StageReading, "" if it names none."""
    if not (tokens := tokens_of(text)):
        return ""
    words = _vocabulary().read(text)
    named = _named_round(words, text, alone=True)
    if named:
        return named
    concepts = frozenset(concepts_of(words))
    return "screen" if "screen" in concepts and tokens else ""


def _contains(tokens: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return bool(part) and any(tokens[at : at + len(part)] == part for at in range(len(tokens) - len(part) + 1))


@lru_cache(maxsize=1 << 14)
def _read(text: str) -> StageReading:
    bare = _DATES.sub(" ", _NUMBERING.sub("", text))
    if not tokens_of(bare):
        bare = text
    words = _vocabulary().read(bare)
    reading = _judge(words, bare)
    if reading.stage == UNKNOWN and not all(word.concept for word in words):
        reading = _judge(_vocabulary().read(bare, typos=True), bare)
    return reading


def _judge(words: tuple[Word, ...], text: str) -> StageReading:
    concepts = frozenset(_negated(concepts_of(words)))
    for rule in _rules():
        if rule.fits(concepts):
            named: Round = "screen" if rule.stage == "screen" else _named_round(words, text)
            return StageReading(rule.stage, over=rule.over, round=named)
    return StageReading(UNKNOWN)


def _negated(concepts: Iterable[str]) -> Iterable[str]:
    """Turn the concept that follows a "no" into its denial."""
    denying = 0
    for concept in concepts:
        if concept == "no":
            denying = _REACH
        elif denying and concept in _negatable():
            denying = 0
            yield f"no:{concept}"
        else:
            denying = max(0, denying - 1)
            yield concept


def _named_round(words: tuple[Word, ...], text: str, *, alone: bool = False) -> Round:
    """The round that words such as "second interview" name; with `alone`, a bare ordinal counts too."""
    named = [word.concept for word in _round_words().read(text) if word.concept]
    if named:
        return cast("Round", named[-1])
    concepts = [word.concept for word in words if word.concept != FILLER]
    found: Round = ""
    for at, concept in enumerate(concepts):
        beside = concepts[max(0, at - 1) : at] + concepts[at + 1 : at + 2]
        if concept in _ORDINALS and (alone or not {"interview", "round"}.isdisjoint(beside)):
            found = cast("Round", concept)
    return found


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary(data("stages.toml")["words"])


@cache
def _round_words() -> Vocabulary:
    return Vocabulary({name: {"": phrases} for name, phrases in data("stages.toml")["rounds"].items()})


@cache
def _negatable() -> frozenset[str]:
    return _listed(data("stages.toml")["negation"], "of")


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            rule["stage"],
            _listed(rule, "all"),
            _listed(rule, "any"),
            _listed(rule, "with"),
            _listed(rule, "without"),
            rule.get("over", False),
        )
        for rule in data("stages.toml")["rule"]
    )


def _listed(table: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(part.strip() for part in table.get(key, "").split(",") if part.strip())

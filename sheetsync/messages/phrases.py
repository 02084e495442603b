"""Phrases that do not belong into a message, words that do, and the language they are in: all of it data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Final

from sheetsync.messages.prose import Token
from sheetsync.resources import read_toml, templates
from sheetsync.tracker.text import fold

_ENOUGH: Final = 0.14
"""At least such a share of a text's words are small words of its language."""
_FEWEST: Final = 12
"""Shorter texts are taken for the language they have most words of."""
_JINJA: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.DOTALL)
_GAP_TEXT: Final = re.compile(r"gap\(\s*\"[^\"]*\"")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_ENDINGS: Final = ("ingly", "ings", "ing", "ies", "ed", "es", "ly", "s", "e")
_EMOJI: Final = re.compile(
    "[\U0001f000-\U0001faff\U0001f1e6-\U0001f1ff\u2600-\u2604\u2607-\u260d\u2613-\u26ff\u2702-\u2705\u2707\u2708\u270a-\u270e"
    "\u2710-\u2712\u2714\u2716\u2718-\u2793\u2b50\u2b55\u203c\u2049]"
    "|(?<![\\w/:])(?:[:;=]['^-]?|8-)[)D(Pp3|](?![\\w)])|(?<!\\w)<3(?!\\d)|\\^\\^"
)


@cache
def languages() -> frozenset[str]:
    """The languages that have phrase lists."""
    return frozenset(path.stem for path in (templates() / "messages" / "phrases").glob("*.toml"))


@cache
def phrase_data(language: str) -> dict[str, Any]:
    """One language's lists."""
    return read_toml(f"messages/phrases/{language}.toml")


def language_of(found: Sequence[Token]) -> str | None:
    """The language most of a text's small words belong to; None if that cannot be told, or has no phrase lists."""
    words = [token.folded for token in found]
    if not words:
        return None
    shares = {name: sum(word in small for word in words) / len(words) for name, small in _small_words().items()}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < (_ENOUGH if len(words) >= _FEWEST else 0.01) or best not in languages():
        return None
    return best


@cache
def _small_words() -> dict[str, frozenset[str]]:
    table: dict[str, list[str]] = read_toml("messages/languages.toml")
    return {name: frozenset(map(fold, small)) for name, small in table.items()}


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as a pattern over plain text: any blanks, straight or curly apostrophes, "*" for any ending."""
    parts = []
    for word in fold(phrase.replace("’", "'")).split():
        if word == "…":
            parts.append(r"(?:\S+\s+){0,3}?\S+")
            continue
        parts.append(re.escape(word).replace(r"\*", r"\w*"))
    return re.compile(r"(?<![\w'])" + r"\s+".join(parts) + r"(?![\w'])")


def plain(text: str) -> str:
    """The text for finding phrases: small letters, straight apostrophes and no accents, with every place kept."""
    return "".join(_small(char) for char in text)


@lru_cache(maxsize=4096)
def _small(char: str) -> str:
    if char in "’‘`´":
        return "'"
    if char in "\u2010\u2011":
        return "-"
    folded = fold(char) if not char.isspace() else char
    return folded if len(folded) == 1 else char


def find_phrases(text: str, language: str, key: str) -> Iterator[tuple[int, int]]:
    """Where phrases of a list stand in a text given by `plain`; overlapping ones once, the longest first."""
    phrases: list[str] = phrase_data(language)[key]
    taken: list[tuple[int, int]] = []
    for phrase in sorted(phrases, key=len, reverse=True):
        for match in _pattern(phrase).finditer(text):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
    yield from sorted(taken)


def has_phrase(text: str, phrases: Sequence[str]) -> bool:
    """True if any of the phrases stands in a text given by `plain`."""
    return any(_pattern(phrase).search(text) for phrase in phrases)


def emojis(text: str) -> Iterator[re.Match[str]]:
    """Pictures and faces made of characters."""
    return _EMOJI.finditer(text)


def stem(word: str) -> str:
    """A word without its commonest English endings; good enough to tell "discussing" from "catalogue"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


@cache
def generic_words(language: str) -> frozenset[str]:
    """Stems that make no message specific: the language's list and, in English, what the templates themselves say."""
    words = {fold(word) for word in phrase_data(language)["generic"]}
    if language == "en":
        for path in (templates() / "messages").glob("*.txt"):
            text = _GAP_TEXT.sub(" ", _JINJA.sub(lambda match: _strings(match[0]), path.read_text(encoding="utf-8")))
            words |= {fold(word) for word in _WORDS.findall(text)}
    return frozenset(stem(word) for word in words) | frozenset(words)


def _strings(block: str) -> str:
    """The texts within a block of a template."""
    return " ".join(re.findall(r'"([^"]*)"', block)) if not block.startswith("{#") else " "

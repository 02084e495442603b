"""Words to concepts: how a header or a status is taken apart, in any of the languages the data files know.

A text is folded (case, accents, emoji, punctuation, camel case), cut into tokens, and the tokens are read from left to
right, the longest known phrase first. A Chinese character is a token of its own, so a phrase is found inside a run of
characters as well as a Latin one between spaces.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

_CJK: Final = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN: Final = re.compile(rf"[#%√×✓✔✗✘]|[{_CJK}]|\d+(?:st|nd|rd|th|ere|er|eme|te|e|a|o)?(?![a-z])|\d+|[^\W\d_{_CJK}]+")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'"})
_UMLAUTS: Final = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_LINKS: Final = ("", "s", "es", "n", "en", "e", "er")
"""What German puts between the parts of a compound: Bewerbung-s-datum, Firmen-name."""
_SHORTEST_PART: Final = 3
_SHORTEST_COMPOUND: Final = 7
_SHORTEST_TYPO: Final = 5
_LONG_WORD: Final = 9

FILLER: Final = "filler"
"""The concept of words that say nothing by themselves: the, of, der, de."""


@lru_cache(maxsize=1 << 15)
def tokens_of(text: str) -> tuple[str, ...]:
    """Cut a text into folded tokens: words, numbers, single Chinese characters."""
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).strip()
    if not re.search(r"\s", text):
        text = _CAMEL.sub(" ", text)
    text = text.casefold().replace("won't", "will not").replace("n't", " not").replace("cannot", "can not")
    text = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", text))
    return tuple(_TOKEN.findall(_STRETCHED.sub(r"\1", text)))


def _tokens_of_phrase(phrase: str) -> tuple[str, ...]:
    """The tokens of a phrase of a data file; most are plain words, folded already, and there are thousands."""
    plain = phrase.isascii() and phrase.islower() and phrase.replace(" ", "").isalpha()
    return tuple(phrase.split()) if plain else tokens_of(phrase)


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of a text: what it means ("" if nobody knows), and its tokens."""

    concept: str
    tokens: tuple[str, ...]


class Vocabulary:
    """Phrases and their concepts.

    A phrase belongs to one concept; where two concepts list it, the first stays (data files put the commoner meaning
    first). `word*` matches every token that begins so.
    """

    def __init__(self, concepts: Mapping[str, Mapping[str, str]]) -> None:
        """Take the `[words.CONCEPT]` tables of a data file: language -> phrases, separated by commas."""
        self._phrases: dict[tuple[str, ...], str] = {}
        self._prefixes: dict[str, str] = {}
        for concept, languages in concepts.items():
            for phrase in (part.strip() for text in languages.values() for part in text.split(",")):
                if phrase.endswith("*"):
                    self._prefixes.setdefault("".join(tokens_of(phrase[:-1])), concept)
                elif tokens := _tokens_of_phrase(phrase):
                    self._phrases.setdefault(tokens, concept)
        self._longest = max(map(len, self._phrases), default=1)
        self._starts = {phrase[0] for phrase in self._phrases}
        self._tokens = {token for phrase in self._phrases for token in phrase}
        self._singles = {phrase[0]: concept for phrase, concept in self._phrases.items() if len(phrase) == 1}

    def read(self, text: str, *, typos: bool = False) -> tuple[Word, ...]:
        """Take a text apart. With `typos`, words nobody knows are taken for the known ones they are nearly spelt as."""
        tokens = tokens_of(text)
        return tuple(self._words(tuple(map(self._corrected, tokens)) if typos else tokens))

    def _words(self, tokens: tuple[str, ...]) -> Iterator[Word]:
        at = 0
        while at < len(tokens):
            word = self._phrase_at(tokens, at) or Word(self._concept(tokens[at]) or "", (tokens[at],))
            yield word
            at += len(word.tokens)

    def _phrase_at(self, tokens: tuple[str, ...], at: int) -> Word | None:
        if tokens[at] not in self._starts:
            return None
        for length in range(min(self._longest, len(tokens) - at), 0, -1):
            phrase = tokens[at : at + length]
            if (concept := self._phrases.get(phrase)) is not None:
                return Word(concept, phrase)
        return None

    def _concept(self, token: str) -> str | None:
        return self._prefixed(token) or self._inflected(token) or self._transcribed(token) or self._compound(token)

    def _prefixed(self, token: str) -> str | None:
        for prefix, concept in self._prefixes.items():
            if token.startswith(prefix):
                return concept
        return None

    def _inflected(self, token: str) -> str | None:
        """Read a plural or a genitive that only adds an s: recruiters, Unternehmens."""
        stem = token.removesuffix("s")
        return self._singles.get(stem) if len(stem) > _SHORTEST_PART and stem != token else None

    def _transcribed(self, token: str) -> str | None:
        for two, one in _UMLAUTS:
            if two in token and (concept := self._singles.get(token.replace(two, one))):
                return concept
        return None

    def _compound(self, token: str) -> str | None:
        """Read a compound such as `bewerbungsdatum`; the concepts of its parts are joined with a plus."""
        if len(token) < _SHORTEST_COMPOUND or not token.isalpha():
            return None
        for cut in range(len(token) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            head = self._part(token[:cut])
            if head is None:
                continue
            rest = self._singles.get(token[cut:]) or self._compound(token[cut:])
            if rest is not None:
                return f"{head}+{rest}"
        return None

    def _part(self, text: str) -> str | None:
        for link in _LINKS:
            if text.endswith(link):
                stem = text[: len(text) - len(link)]
                if len(stem) >= _SHORTEST_PART and (concept := self._singles.get(stem)):
                    return concept
        return None

    def _corrected(self, token: str) -> str:
        """The known word that a token is nearly spelt as; itself if it is known, or like none."""
        if len(token) < _SHORTEST_TYPO or not token.isalpha() or token in self._tokens or self._concept(token):
            return token
        allowed = 2 if len(token) >= _LONG_WORD else 1
        near = [known for known in self._tokens if _might_be(token, known, allowed)]
        if not near:
            return token
        from rapidfuzz.distance import DamerauLevenshtein

        edits, best = min((DamerauLevenshtein.distance(token, known), known) for known in near)
        return best if edits <= allowed else token


def _might_be(token: str, known: str, allowed: int) -> bool:
    """Rule out, cheaply, words that cannot be within `allowed` edits. A first letter is hardly ever mistyped."""
    if token[0] != known[0] or abs(len(token) - len(known)) > allowed or len(known) < _SHORTEST_TYPO:
        return False
    extra, missing = Counter(token), Counter(known)
    return max((extra - missing).total(), (missing - extra).total()) <= allowed


def concepts_of(words: tuple[Word, ...]) -> list[str]:
    """The concepts of a reading in order, compounds taken apart, filler left out, unknown words as ""."""
    return [part for word in words for part in word.concept.split("+") if part != FILLER]


@cache
def data(name: str) -> dict[str, Any]:
    """One data file of this package. The result is shared: do not change it."""
    with (Path(__file__).parent / name).open("rb") as file:
        return tomllib.load(file)

"""A message's own words: without quotes of older messages and without the signature, with every place kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sheetsync.tracker.text import fold

_QUOTE_HEADS: Final = (
    re.compile(r"\s*(?:-{2,}|_{5,})\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)?\s*-*\s*", re.IGNORECASE),
    re.compile(r"\s*(?:on|am|le|el)\b.{4,160}(?:wrote|schrieb.{0,80}|a écrit|escribió)\s*:\s*", re.IGNORECASE),
)  # fmt: skip
_HEADER_FROM: Final = re.compile(r"\s*\*?(?:from|von|de)\s*:\*?\s", re.IGNORECASE)
_HEADER_NEXT: Final = re.compile(
    r"\s*\*?(?:sent|to|date|subject|gesendet|an|datum|betreff|envoyé|à|objet|enviado|para|asunto)\s*:\*?", re.IGNORECASE
)
_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_URL: Final = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
"""An address is only looked for where a word begins: from every letter of one, a cell of 32,767 letters takes seconds."""
_SENTENCE_END: Final = re.compile(r"[.!?:;”\"»]['”\"’)»]*\s+$|\n\s*$|^\s*$|[“\"„«(]\s*$|[-*•]\s+$")
_CLOSING_LINES: Final = 7


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as written, folded and without a possessive, and where it stands."""

    text: str
    folded: str
    start: int
    end: int
    first: bool
    """It begins a sentence, a line or a quotation, so its capital says nothing."""

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper() or self.text[:1].isdigit()


def own_words(body: str, closings: Sequence[str] = (), signature: str = "") -> str:
    """The body with quoted messages and the signature blanked out; lines stay where they are."""
    lines = body.split("\n")
    kept = list(lines)
    for place, line in enumerate(lines):
        if line.lstrip().startswith((">", "|")):
            kept[place] = ""
        ends = line.rstrip() == "--" or any(head.fullmatch(line) for head in _QUOTE_HEADS) or _is_header(lines, place)
        if ends and any(each.strip() for each in lines[:place]):
            kept[place:] = [""] * (len(lines) - place)
            break
    _blank_signature(kept, closings, signature)
    return "\n".join(kept)


def _is_header(lines: Sequence[str], place: int) -> bool:
    return bool(_HEADER_FROM.match(lines[place])) and any(
        _HEADER_NEXT.match(each) for each in lines[place + 1 : place + 3]
    )


def _blank_signature(lines: list[str], closings: Sequence[str], signature: str) -> None:
    """Blank what follows the closing words near the end, and the person's own signature."""
    filled = [place for place, line in enumerate(lines) if line.strip()]
    known = {fold(closing) for closing in closings}
    for count, place in enumerate(reversed(filled)):
        if count > _CLOSING_LINES:
            break
        if fold(lines[place]).rstrip(" ,.!") in known and count:
            for later in filled[len(filled) - count :]:
                lines[later] = ""
            return
    own = [line.strip() for line in signature.splitlines() if line.strip()]
    tail = filled[-len(own) :] if own else []
    if own and [lines[place].strip() for place in tail] == own:
        for place in tail:
            lines[place] = ""


def tokens(text: str) -> list[Token]:
    """The words of a text; addresses and links are none."""
    masked = _URL.sub(lambda match: " " * len(match[0]), text)
    found = []
    for match in _TOKEN.finditer(masked):
        word = fold(match[0].replace("’", "'"))
        before = masked[max(0, match.start() - 12) : match.start()]
        found.append(
            Token(
                match[0],
                word.removesuffix("'s").replace("'", ""),
                match.start(),
                match.end(),
                first=match.start() == 0 or _SENTENCE_END.search(before) is not None,
            )
        )
    return found


def word_count(text: str) -> int:
    """How many words a text has; a link counts as one."""
    return len(text.split())


def place_of(text: str, at: int) -> str:
    """Where a position of the body is, as people say it."""
    return f"body line {text.count(chr(10), 0, at) + 1}"

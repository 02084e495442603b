"""Two texts of one note as one: by the text that both began with, where that is known. Nothing written is ever lost."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from sheetsync.resources import read_toml

Kind = Literal["same", "taken", "cleared", "both", "kept"]
"""What became of the tracker's note: left, replaced by the coach's, emptied as the coach did, joined, kept though the coach emptied it."""
_GAP: Final = "\n\n"


class Merged(NamedTuple):
    """A note as it is to be."""

    text: str
    kind: Kind


def merge(base: str | None, ours: str, theirs: str, *, only_add: bool = False) -> Merged:
    """The tracker's note (`ours`) and the coach's (`theirs`), which were both `base` once; None if nobody knows.

    Where only the coach changed it, the coach's counts. Where both did, both stay, the coach's below and named as such,
    unless one says all that the other does. With `only_add` no word of the tracker's ever goes: it is the person's own
    column.
    """
    if theirs in (ours, base):
        return Merged(ours, "same")
    if not theirs:
        cleared = base is not None and ours == base and not only_add
        return Merged("", "cleared") if cleared else Merged(ours, "same" if base is None else "kept")
    if not ours or (ours == base and not only_add):
        return Merged(theirs, "taken")
    parts = _parts(ours)
    if _stands_beside(ours, theirs) or _has_lines(ours, theirs) or _goes_on(theirs, ours):
        return Merged(ours, "same")
    if _has_lines(theirs, ours) or _goes_on(ours, theirs):
        return Merged(theirs, "taken")
    # a coach who went on writing after the note was taken: what stands of it is the beginning of this
    kept = [parts[0], *(part for part in parts[1:] if not _goes_on(part, theirs))]
    return Merged(_joined([*kept, theirs]), "both")


def unhidden(base: str, ours: str, theirs: str, *, mark: str) -> tuple[str, str]:
    """Base and theirs with what a copy hid of the tracker's note put back, where the note still reads as it was shared.

    Without this a coach who writes behind a note with a `mark` would seem to have changed what stands before it.
    """
    if mark in theirs and _read_as(theirs, ours, mark):
        return base, ours
    found = _read_as(base, ours, mark) if mark in base else None
    if not found or theirs.count(mark) not in (0, base.count(mark)):
        return base, theirs
    hidden = iter(found.groups())
    return ours, re.sub(re.escape(mark), lambda _: next(hidden), theirs)


def _read_as(text: str, whole: str, mark: str) -> re.Match[str] | None:
    """What the marks of `text` stand for, if `whole` is that text without marks."""
    return re.fullmatch("(.+?)".join(map(re.escape, text.split(mark))), whole, re.DOTALL)


def _mark() -> str:
    words: dict[str, str] = read_toml("words/en.toml")["coach"]
    return words["from_copy"]


def _joined(parts: list[str]) -> str:
    return f"{_GAP}{_mark()} ".join(parts)


def _parts(text: str) -> list[str]:
    """The tracker's own text, then each that was taken beside it."""
    return text.split(f"{_GAP}{_mark()} ")


def _stands_beside(text: str, theirs: str) -> bool:
    """Whether it was taken beside the tracker's own before; it may hold such marks itself."""
    mark = f"{_GAP}{_mark()} "
    return f"{mark}{theirs}{mark}" in f"{text}{mark}"


def _goes_on(text: str, longer: str) -> bool:
    """Whether `longer` is `text` and more after it; a word that only grew is another word."""
    return longer.startswith(text) and not (longer[len(text) :][:1].isalnum() and text[-1:].isalnum())


def _has_lines(text: str, lines: str) -> bool:
    """Whether `lines` stand in `text`, whole and in order."""
    wanted, found = lines.split("\n"), text.split("\n")
    return any(found[at : at + len(wanted)] == wanted for at in range(len(found) - len(wanted) + 1))

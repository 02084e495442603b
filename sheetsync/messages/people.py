"""Names and addresses: how a person is addressed, and which address is whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sheetsync.resources import read_toml
from sheetsync.tracker.text import fold

ADDRESS: Final = re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++@[\w-]+(?:\.[\w-]+)+")
_BRACKETS: Final = re.compile(r"\s*[(\[<][^)\]>]*[)\]>]?")
_PART: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SEPARATORS: Final = re.compile(r"[._\-+\d]+")
_SHORTEST: Final = 2


@cache
def words(key: str) -> frozenset[str]:
    """One list of `templates/messages/names.toml`."""
    data: dict[str, Any] = read_toml("messages/names.toml")
    return frozenset(data[key])


@dataclass(frozen=True, slots=True)
class Person:
    """A name taken apart. `last` is "" if only one name is known; `title` is as written, without a dot where it had none."""

    name: str
    title: str
    first: str
    last: str

    @property
    def salutation(self) -> str:
        """What follows "Dear" while first names are not agreed: title and last name, else the whole name."""
        if self.title and self.last:
            return f"{self.title} {self.last}"
        return self.name


def read_person(text: str) -> Person | None:
    """A person's name from a cell; None if the cell names nobody in particular, or an address only."""
    plain = " ".join(_BRACKETS.sub(" ", text).split(",", maxsplit=1)[0].split())
    if not plain or ADDRESS.search(plain) or fold(plain).strip(" .") in words("nobody"):
        return None
    parts = plain.split()
    titles: list[str] = []
    while len(parts) > 1 and fold(parts[0]).rstrip(".") in words("titles"):
        titles.append(parts.pop(0))
    if not parts or not _PART.search(parts[0]):
        return None
    title = titles[0] if titles else ""
    if len(parts) == 1:
        # "Dr Bhatt" has a last name only, "Maren" a first name only
        return Person(plain, title, "" if title else parts[0], parts[0] if title else "")
    return Person(plain, title, parts[0], parts[-1])


def first_names_welcome(relationship: str) -> bool:
    """True if the relationship says that first names are agreed (article S3: never assume it)."""
    said = fold(relationship)
    if any(_has(said, word) for word in words("not_first_names")):
        return False
    return any(_has(said, word) for word in words("first_names"))


def _has(text: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) is not None


def name_parts(name: str) -> tuple[str, ...]:
    """A name's parts for comparing, without titles and brackets."""
    plain = _BRACKETS.sub(" ", name).split(",", maxsplit=1)[0]
    parts = [fold(part) for part in _PART.findall(plain)]
    return tuple(part for part in parts if part not in words("titles")) or tuple(parts)


def addresses_in(text: str) -> tuple[str, ...]:
    """The mail addresses that a text holds, as written, each once."""
    found = (match[0].strip(".'") for match in ADDRESS.finditer(text))
    return tuple({address.casefold(): address for address in found}.values())


def is_mailbox(address: str) -> bool:
    """True if an address belongs to everybody at a company, such as jobs@."""
    local = fold(address.partition("@")[0])
    return local in words("mailboxes") or bool(set(_SEPARATORS.split(local)) & words("mailboxes"))


def fits(address: str, name: str) -> bool:
    """True if the part before the @ is made from the name."""
    local = fold(address.partition("@")[0])
    parts = [part.replace("'", "").replace("’", "").replace("-", "") for part in name_parts(name)]
    pieces = {piece for piece in _SEPARATORS.split(local) if piece}
    if any(len(part) >= _SHORTEST and part in pieces for part in parts):
        return True
    if len(parts) < _SHORTEST:
        return False
    first, last = parts[0], parts[-1]
    forms = {
        first + last, last + first, first[0] + last, last + first[0], first + last[0], first[0] + last[0],
        "".join(part[0] for part in parts), first[0] + last[:5],
    }  # fmt: skip
    return "".join(_SEPARATORS.split(local)) in forms


def address_of(person: str, people: Sequence[str], addresses: Iterable[str]) -> str:
    """The address to write to a person, among those known for a row; "" if none is certainly theirs.

    `people` are all the people of the row. An address of somebody else's is never taken; one that fits nobody is taken
    only if the row has one person.
    """
    known = tuple(addresses)
    if person:
        for address in known:
            if fits(address, person):
                return address
    for address in known:
        if is_mailbox(address):
            return address
    rest = [address for address in known if not any(fits(address, other) for other in people if other != person)]
    return rest[0] if rest and len(people) <= 1 else ""

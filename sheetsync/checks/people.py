"""The wrong company: rows that are double, addresses and names that belong to another row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sheetsync.cadence.touches import split_people
from sheetsync.checks.subject import Subject, data
from sheetsync.messages.naming import company_words
from sheetsync.messages.people import addresses_in
from sheetsync.messages.people import words as lists
from sheetsync.tracker.text import fold

if TYPE_CHECKING:
    from sheetsync.model import Finding

_WORD: Final = re.compile(r"[^\W_]+")
_APART: Final = ("location", "link", "contact", "email", "round", "kind", "salary")
"""Two rows for one role that differ in one of these are two openings, or two rounds."""
_ENDED: Final = ("accepted", "declined", "withdrawn", "rejected", "no_response", "won", "lost")
_LONG_WORD: Final = 5
_SHORTEST_NAME: Final = 4

Name = tuple[str, ...]
"""A company's name as `company_words` compares it."""


def check_people(s: Subject) -> Iterator[Finding]:
    companies = [company_words(text) for text in s.texts("company")]
    yield from _doubles(s, companies)
    yield from _addresses(s, companies)
    yield from _names(s, companies)


@cache
def _set(table: str, key: str) -> frozenset[str]:
    return frozenset(data(table)[key])


# Two rows for one role


def _doubles(s: Subject, companies: list[Name]) -> Iterator[Finding]:
    roles = [tuple(_WORD.findall(fold(text))) for text in s.texts("role")]
    groups: dict[tuple[Name, Name], list[int]] = defaultdict(list)
    for place, (company, role) in enumerate(zip(companies, roles, strict=True)):
        if company and role:
            groups[company, role].append(place)
    alike = [places for places in groups.values() if len(places) > 1]
    if not alike:
        return
    cells = {name: [fold(text) for text in s.texts(name)] for name in _APART}
    ended = s.at_stage(*_ENDED)
    for places in alike:
        for at, place in enumerate(places):
            same = next(
                (other for other in places[:at] if _same(s, cells, other, place, ended=bool(ended[other]))), None
            )
            if same is not None:
                told = f"Row {s.rows[same]} is the same role at the same company: keep one of the two, or say in them what differs."
                yield s.finding("warning", "double-row", told, row=s.rows[place], field="role")


def _same(s: Subject, cells: dict[str, list[str]], one: int, other: int, *, ended: bool) -> bool:
    if any(texts[one] and texts[other] and texts[one] != texts[other] for texts in cells.values()):
        return False
    if any(_differ(s, name, one, other) for name in ("interview_on", "due_on", "start_on")):
        return False
    unread = [s.tracker.unreadable.get((s.rows[place], "applied_on")) for place in (one, other)]
    if unread[0] != unread[1]:
        return False
    applied = s.days["applied_on"]
    apart = abs(int((applied[other] - applied[one]).astype(int))) if _both(s, "applied_on", one, other) else 0
    return apart == 0 if ended else apart <= data("limits")["reapplied_days"]


def _both(s: Subject, name: str, one: int, other: int) -> bool:
    days = s.days[name]
    return not (np.isnat(days[one]) or np.isnat(days[other]))


def _differ(s: Subject, name: str, one: int, other: int) -> bool:
    return _both(s, name, one, other) and bool(s.days[name][one] != s.days[name][other])


# Addresses


def _addresses(s: Subject, companies: list[Name]) -> Iterator[Finding]:
    """An address at another row's company, or one that bears the name of another row's contact."""
    emails = s.texts("email")
    found = [
        (place, *part)
        for place, text in enumerate(emails)
        if "@" in text
        for part in map(_parts, addresses_in(fold(text)))
    ]
    if not found:
        return
    at_domain: dict[str, set[Name]] = defaultdict(set)
    for place, _, domain in found:
        if companies[place]:
            at_domain[domain].add(companies[place])
    by_label = _labels(companies)
    people, agencies = _people(s), _set("addresses", "agencies")
    for place, local, domain in found:
        company, row = companies[place], s.rows[place]
        free = domain in lists("free_mail")
        agency = len(at_domain[domain]) >= data("limits")["several_companies"] or _is_agency(s, place, domain, company)
        label = _label(domain)
        if not free and not agency and company and not _own(label, company):
            others = [
                other
                for other in by_label.get(label, ())
                if companies[other] != company and not agencies.intersection(companies[other])
            ]
            if others:
                name = s.texts("company")[others[0]]
                told = f"The address {local}@{domain} looks like {name}'s (row {s.rows[others[0]]}), not {s.texts('company')[place]}'s: make sure that you write to the right company."
                yield s.finding("error", "address-of-another-company", told, row=row, field="email", source="S3")
                continue
        if (whose := _of_another(s, people, place, local)) is not None:
            told = f"The address {local}@{domain} bears the name of {whose[1]} (row {s.rows[whose[0]]}), not of {s.texts('contact')[place]}: make sure that you write to the right person."
            yield s.finding("warning", "address-of-another-person", told, row=row, field="email", source="S3")


def _parts(address: str) -> tuple[str, str]:
    """What stands before and after the @."""
    local, _, domain = address.rpartition("@")
    return local, domain


def _labels(companies: list[Name]) -> dict[str, list[int]]:
    """What a company's domain would be called -> the rows of that company."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, company in enumerate(companies):
        for label in _domain_names(company):
            found[label].append(place)
    return found


@cache
def _domain_names(company: Name) -> frozenset[str]:
    """Acme Tools: acmetools, and acme, for it is no common word."""
    if not company:
        return frozenset()
    names = {"".join(company[:number]) for number in range(2, len(company) + 1)}
    first = company[0]
    if first not in _set("companies", "common") and (len(company) == 1 or len(first) >= _LONG_WORD):
        names.add(first)
    return frozenset(name for name in names if len(name) >= _SHORTEST_NAME)


@cache
def _label(domain: str) -> str:
    """The name in a domain: careers.acme-tools.co.uk is acmetools."""
    endings = _set("addresses", "endings")
    parts = domain.split(".")
    number = 2 if ".".join(parts[-2:]) in endings and len(parts) > 2 else 1
    return parts[-number - 1].replace("-", "") if len(parts) > number else parts[0]


@cache
def _own(label: str, company: Name) -> bool:
    """Whether a domain may be the company's own: it shares a word with the name, is short for it, or nearly spelt so."""
    from rapidfuzz import fuzz

    together = "".join(company)
    initials = "".join(word[0] for word in company)
    return (
        label in together
        or together in label
        or label == initials
        or any(len(word) > 2 and word in label for word in company)
        or fuzz.ratio(label, together) >= 75
        or fuzz.ratio(label, company[0]) >= 75
    )


def _is_agency(s: Subject, place: int, domain: str, company: Name) -> bool:
    words = _set("addresses", "agencies")
    parts = set(_WORD.findall(domain))
    named = {
        *company,
        *_WORD.findall(fold(s.texts("source")[place])),
        *_WORD.findall(fold(s.texts("relationship")[place])),
    }
    return bool(words & parts or words & named) or any(len(word) > 5 and word in _label(domain) for word in words)


def _people(s: Subject) -> dict[frozenset[str], tuple[int, str]]:
    """The words of each contact's name -> the first row that has it, and the name."""
    found: dict[frozenset[str], tuple[int, str]] = {}
    for place, text in enumerate(s.texts("contact")):
        for name in split_people(text):
            parts = frozenset(_WORD.findall(fold(name)))
            if len(parts) > 1:
                found.setdefault(parts, (place, name))
    return found


def _of_another(
    s: Subject, people: dict[frozenset[str], tuple[int, str]], place: int, local: str
) -> tuple[int, str] | None:
    """The contact whose first and last name an address bears, if it is not one of the row's own."""
    parts = frozenset(word for word in _WORD.findall(local.replace("_", " ")) if len(word) > 1 and word.isalpha())
    own = _WORD.findall(fold(s.texts("contact")[place]))
    if len(parts) < 2 or not own or any(word in local for word in own):
        return None
    return people.get(parts)


# Names


def _names(s: Subject, companies: list[Name]) -> Iterator[Finding]:
    """A contact cell that holds the name of another row's company: a slip of copy and paste."""
    first: dict[Name, int] = {}
    for place, company in enumerate(companies):
        if company:
            first.setdefault(company, place)
    for place, text in enumerate(s.texts("contact")):
        name = company_words(text) if text else ()
        other = first.get(name) if name else None
        if other is not None and companies[place] and companies[place] != name:
            told = f"The contact “{text}” is the company of row {s.rows[other]}: make sure that this row is about the right company."
            yield s.finding("warning", "contact-is-a-company", told, row=s.rows[place], field="contact", source="S3")

"""Who is who in a tracker: which companies, people and addresses there are, and whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sheetsync.cadence.touches import split_people
from sheetsync.messages.naming import Names, company_words, person_words
from sheetsync.messages.people import addresses_in, read_person, words

if TYPE_CHECKING:
    from sheetsync.model import Tracker

Company = tuple[str, ...]
"""A company by its words for comparing."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The names of a tracker. Rows are the sheet's; what belongs to several companies proves none of them."""

    companies: Names
    company_rows: dict[Company, list[int]]
    people: Names
    person_rows: dict[tuple[str, ...], list[int]]
    addresses: dict[str, dict[Company, int]]
    """An address in small letters -> the companies it is known for, each with a row."""
    domains: dict[str, dict[Company, int]]
    """The same for the part after the @, and for the hosts of the companies' links; free mail and job boards are left out."""
    texts: dict[int, str]
    """Company names by row, as written."""

    def owners(self, address: str) -> dict[Company, int]:
        """The companies that an address belongs to, by itself or by its domain; none if that cannot be told."""
        known = self.addresses.get(address.casefold(), {})
        if known:
            return known
        domain = domain_of(address)
        for held, companies in self.domains.items():
            if domain == held or domain.endswith(f".{held}"):
                # a domain of several companies is an agency's
                return companies if len(companies) == 1 else {}
        return {}


def domain_of(address: str) -> str:
    """The part after the @, in small letters; "" for free mail and job boards, which prove nothing."""
    return _telling(address.rpartition("@")[2].casefold().strip(". "))


@cache
def _telling(domain: str) -> str:
    """A domain that is somebody's own, else ""."""
    shared = words("free_mail") | words("shared_hosts")
    return "" if domain in shared or any(domain.endswith(f".{host}") for host in words("shared_hosts")) else domain


def read_directory(tracker: Tracker) -> Directory:
    """Collect the names of every row."""
    company_rows: dict[Company, list[int]] = defaultdict(list)
    person_rows: dict[tuple[str, ...], list[int]] = defaultdict(list)
    addresses: dict[str, dict[Company, int]] = defaultdict(dict)
    domains: dict[str, dict[Company, int]] = defaultdict(dict)
    companies: dict[str, Company] = {}
    people: dict[str, tuple[str, ...]] = {}
    texts: dict[int, str] = {}
    frame = tracker.frame
    told = _debriefed(tracker)
    columns: Iterable[tuple[Any, ...]] = zip(
        frame.index.tolist(), *(frame[name].tolist() for name in ("company", "contact", "email", "link")), strict=True
    )
    for row, company, contact, email, link in columns:
        key = company_words(company)
        texts[row] = company
        if key:
            company_rows[key].append(row)
            companies.setdefault(company, key)
        for name in (*split_people(contact), *split_people(told.get(row, ("", ""))[0])):
            person = read_person(name)
            if person is not None and (parts := person_words(person.name)):
                person_rows[parts].append(row)
                people.setdefault(person.name, parts)
        for address in addresses_in(f"{email} {contact} {told.get(row, ('', ''))[1]}"):
            addresses[address.casefold()].setdefault(key, row)
            if domain := domain_of(address):
                domains[domain].setdefault(key, row)
        host = (urlsplit(link).hostname or "").removeprefix("www.") if "://" in link else ""
        if host and key and domain_of(f"@{host}"):
            domains[host].setdefault(key, row)
    return Directory(
        Names(companies.items()), company_rows, Names(people.items()), person_rows, addresses, domains, texts
    )


def _debriefed(tracker: Tracker) -> dict[int, tuple[str, str]]:
    """The people and their titles and addresses that debriefs name, by row."""
    found: dict[int, tuple[str, str]] = {}
    for entry in tracker.debrief.to_dict("records"):
        people, titles = found.get(entry["row"], ("", ""))
        found[entry["row"]] = (f"{people}\n{entry['people']}".strip(), f"{titles} {entry.get('titles', '')}".strip())
    return found

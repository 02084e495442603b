"""Made-up clients' trackers, in eight layouts as people keep them, and a few formats."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

AS_OF: Final = dt.date(2026, 11, 16)
"""A Monday."""
Cell = str | int | dt.date | None
_FIRST: Final = ("Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper")
_SECOND: Final = ("Analytics", "Foods", "Health", "Labs", "Logistics", "Media", "Robotics", "Studio", "Works", "Yards")
_PEOPLE: Final = ("Amina Diallo", "Bram Visser", "Chloé Martin", "Dev Patel", "Elif Kaya", "Finn Larsen", "Grace Owusu")
_ROLES: Final = ("Data Analyst", "Designer", "Office Manager", "Product Manager", "Support Lead", "Writer")


@dataclass(frozen=True, slots=True)
class Thread:
    """One row of a made-up tracker."""

    company: str
    role: str
    person: str
    email: str
    stage: str
    applied: dt.date
    interview: dt.date | None
    last: dt.date | None
    decision: dt.date | None


def threads(number: int, seed: int) -> list[Thread]:
    """That many threads; the same seed gives the same ones. The higher the seed, the fewer are looked after."""
    chance = random.Random(seed)  # noqa: S311 - made-up data, no secret
    found = []
    for place in range(number):
        company = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {place + 1}"
        person = chance.choice(_PEOPLE)
        stage = chance.choices(
            ("Applied", "Interview", "Phone screen", "Offer", "Rejected", "Withdrawn", "Saved"),
            (40, 12, 6, 1, 30, 6, 5),
        )[0]
        applied = AS_OF - dt.timedelta(days=chance.randint(0, 70))
        interview = (
            AS_OF + dt.timedelta(days=chance.randint(-20, 6)) if stage in ("Interview", "Phone screen") else None
        )
        applied = min(applied, (interview or AS_OF) - dt.timedelta(days=3))
        kept = chance.random() > 0.1 + 0.6 * (seed % 10) / 10
        last = max(applied, AS_OF - dt.timedelta(days=chance.randint(0, 9))) if kept else None
        decision = AS_OF + dt.timedelta(days=chance.randint(1, 20)) if interview and chance.random() < 0.3 else None
        mail = f"{person.split()[0].lower().replace('é', 'e')}@{company.split(maxsplit=1)[0].lower()}{place}.example"
        found.append(Thread(company, chance.choice(_ROLES), person, mail, stage, applied, interview, last, decision))
    return found


def make_client(path: Path, number: int, *, rows: int, layout: int) -> None:
    """Write one client's tracker: `number` is the client's, `layout` from 0 to 7 says how it looks.

    The file gets the ending that the layout wants, whatever `path` says; see `suffix`.
    """
    LAYOUTS[layout](path.with_suffix(suffix(layout)), threads(rows, number))


def suffix(layout: int) -> str:
    """.csv for one of the layouts, else .xlsx."""
    return ".csv" if LAYOUTS[layout] is _csv else ".xlsx"


def client_paths(folder: Path, number: int) -> Iterator[tuple[int, Path]]:
    """Client's number and path, the layouts in turn."""
    for place in range(number):
        layout = place % len(LAYOUTS)
        yield place, folder / f"client {place + 1:03}{suffix(layout)}"


def write_sheet(sheet: Worksheet, rows: Sequence[Sequence[Cell]], *, above: int = 0) -> None:
    """Rows from below so many others."""
    for row, values in enumerate(rows, start=above + 1):
        for column, value in enumerate(values, start=1):
            if value is not None and value != "":
                sheet.cell(row, column, value)


def _book(path: Path, title: str, rows: Sequence[Sequence[Cell]], *, above: Sequence[str] = ()) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row, text in enumerate(above, start=1):
        sheet.cell(row, 1, text)
    write_sheet(sheet, rows, above=len(above))
    book.save(path)


def _plain(path: Path, found: Sequence[Thread]) -> None:
    headers = ("Company", "Position", "Contact", "Email", "Status", "Date Applied", "Interview Date", "Last Contact")
    lines = [(t.company, t.role, t.person, t.email, t.stage, t.applied, t.interview, t.last) for t in found]
    _book(path, "Jobs", [headers, *lines])


def _german(path: Path, found: Sequence[Thread]) -> None:
    words = {
        "Applied": "Beworben", "Interview": "Vorstellungsgespräch", "Phone screen": "Telefoninterview", "Offer": "Angebot",
        "Rejected": "Absage", "Withdrawn": "Zurückgezogen", "Saved": "Gespeichert",
    }  # fmt: skip

    def day(value: dt.date | None) -> str:
        return f"{value:%d.%m.%Y}" if value else ""

    headers = (
        "Firma",
        "Stelle",
        "Ansprechpartner",
        "Status",
        "Beworben am",
        "Vorstellungsgespräch am",
        "Letzter Kontakt",
    )
    lines = [
        (t.company, t.role, t.person, words[t.stage], day(t.applied), day(t.interview), day(t.last)) for t in found
    ]
    _book(path, "Bewerbungen", [headers, *lines])


def _titled(path: Path, found: Sequence[Thread]) -> None:
    words = {
        "Applied": "Candidature envoyée", "Interview": "Entretien", "Phone screen": "Entretien téléphonique",
        "Offer": "Offre", "Rejected": "Refusé", "Withdrawn": "Retirée", "Saved": "À postuler",
    }  # fmt: skip
    headers = ("Entreprise", "Poste", "Contact", "Statut", "Date de candidature", "Date d'entretien", "Dernier contact")
    lines = [(t.company, t.role, t.person, words[t.stage], t.applied, t.interview, t.last) for t in found]
    _book(path, "Suivi", [headers, *lines], above=("Mes candidatures", "2026", ""))


def _table(path: Path, found: Sequence[Thread]) -> None:
    headers = (
        "Status",
        "Employer",
        "Job title",
        "Applied on",
        "Interview",
        "Decision by",
        "Recruiter",
        "E-mail",
        "Notes",
    )
    lines = [
        (t.stage, t.company, t.role, t.applied, t.interview, t.decision, t.person, t.email, "Met at the fair.")
        for t in found
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Applications"
    write_sheet(sheet, [headers, *lines])
    sheet.add_table(Table(displayName="Applications", ref=f"A1:{get_column_letter(len(headers))}{len(lines) + 1}"))
    book.save(path)


def _csv(path: Path, found: Sequence[Thread]) -> None:
    def day(value: dt.date | None) -> str:
        return f"{value.month}/{value.day}/{value.year}" if value else ""

    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("Company", "Title", "Status", "Applied", "Interview date", "Last contact"))
        out.writerows((t.company, t.role, t.stage, day(t.applied), day(t.interview), day(t.last)) for t in found)


def _short(path: Path, found: Sequence[Thread]) -> None:
    headers = ("Company", "Status", "Date applied")
    _book(path, "Sheet1", [headers, *((t.company, t.stage, t.applied) for t in found)])


def _people(path: Path, found: Sequence[Thread]) -> None:
    headers = ("Name", "Company", "Email", "Where we met", "Date met", "Last contact", "Follow up on")
    lines = [
        (t.person, t.company, t.email, "Conference", t.applied, t.last, t.applied + dt.timedelta(days=28))
        for t in found
    ]
    _book(path, "Contacts", [headers, *lines])


def _with_history(path: Path, found: Sequence[Thread]) -> None:
    headers = ("ID", "Company", "Role", "Contact", "Status", "Applied", "Interview date", "Decision date")
    lines = [
        (f"t{place}", t.company, t.role, t.person, t.stage, t.applied, t.interview, t.decision)
        for place, t in enumerate(found)
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Search"
    write_sheet(sheet, [headers, *lines])
    history = [
        (t.last, t.company, t.person, "out", "email", f"t{place}")
        for place, t in enumerate(found)
        if t.last is not None
    ]
    write_sheet(book.create_sheet("History"), [("Date", "Company", "Contact", "Direction", "Channel", "ID"), *history])
    write_sheet(book.create_sheet("Shopping"), [("Item", "Price"), ("Bread", 2)])
    book.save(path)


LAYOUTS: Final[tuple[Callable[[Path, Sequence[Thread]], None], ...]] = (
    _plain, _german, _titled, _table, _csv, _short, _people, _with_history,
)  # fmt: skip

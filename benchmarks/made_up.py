"""Make a made-up tracker of any length: 20 columns of mixed text, dates, links and addresses, as people keep them."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Final

AS_OF: Final = dt.date(2026, 11, 20)
"""The day of the first sync; the nightly one is a day later."""
SHEET: Final = "Tracker"
HEADERS: Final = (
    "Company", "Role", "Location", "Salary", "Source", "Link", "Status", "Date applied", "Interview date",
    "Second interview", "Contact", "Email", "Phone", "Last contact", "Reply date", "Follow-up date", "Decision by",
    "Next step", "Priority", "Notes",
)  # fmt: skip

_FIRST: Final = (
    "Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Indigo", "Juniper", "Kestrel",
    "Lantern", "Meadow", "Northgate", "Orchard", "Pebble", "Quarry", "Rowan", "Saffron", "Timber",
)  # fmt: skip
_SECOND: Final = (
    "Analytics",
    "Foods",
    "Health",
    "Labs",
    "Logistics",
    "Media",
    "Robotics",
    "Software",
    "Studio",
    "Works",
)
_ROLES: Final = (
    "Data Analyst", "Data Engineer", "Designer", "Engineering Manager", "Office Manager", "Product Manager",
    "QA Engineer", "Software Engineer", "Support Lead", "Technical Writer",
)  # fmt: skip
_PEOPLE: Final = (
    "Amina Diallo", "Bram Visser", "Chloe Martin", "Dev Patel", "Elif Kaya", "Finn Larsen", "Grace Owusu",
    "Hana Sato", "Ines Costa", "Jonas Weber", "Kasia Nowak", "Liam Byrne",
)  # fmt: skip
_PLACES: Final = ("Berlin", "Bristol", "Dublin", "Leeds", "Lisbon", "London", "Madrid", "Remote", "Utrecht", "Zurich")
_SOURCES: Final = ("Company site", "Job board", "LinkedIn", "Referral", "Recruiter")
_STATUSES: Final = (
    *("Applied",) * 36, *("Rejected",) * 24, *("Interview",) * 8, *("Phone screen",) * 5, *("No response",) * 12,
    *("Saved",) * 6, "Offer", *("Withdrawn",) * 3, *("On hold",) * 2, "Accepted", "Declined", "Assessment",
)  # fmt: skip
_NOTES: Final = (
    "Asked about the team and the on-call rota; they mentioned a reorganisation in spring.",
    "Portfolio sent with the application.",
    "Hybrid, two days in the office & parking.",
    "Salary range not stated; ask before the second round.",
    "Met one of their engineers at the meetup, friendly, works on search.",
)
_STEPS: Final = (
    "Prepare questions",
    "Send portfolio",
    "Read the annual report",
    "Ask for feedback",
    "Write to the recruiter",
)


def make_tracker(path: Path, rows: int) -> None:
    """Write a tracker of `rows` threads; the same rows give the same values each time."""
    from xlsxwriter import Workbook  # only the maker needs it; its files look like Excel's own

    chance = random.Random(rows)  # noqa: S311  # made-up data, no secret
    book = Workbook(path)
    sheet = book.add_worksheet(SHEET)
    date = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, HEADERS)
    for number in range(1, rows + 1):
        for column, value in enumerate(_thread(number, chance)):
            if isinstance(value, dt.date):
                sheet.write_datetime(number, column, value, date)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
    sheet.autofilter(0, 0, rows, len(HEADERS) - 1)
    book.close()


def _thread(number: int, chance: random.Random) -> list[str | int | dt.date | None]:
    company = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {number % 9_000 + 1}"
    person = chance.choice(_PEOPLE) if chance.random() < 0.6 else None
    status = chance.choice(_STATUSES)
    # Most rows of a long list are old: half of the applications are older than four months.
    applied = AS_OF - dt.timedelta(days=int(chance.triangular(0, 420, 60)))
    later = [applied + dt.timedelta(days=days) for days in (9, 20, 24, 28)]
    met = status in {"Interview", "Offer", "Accepted", "Declined", "Phone screen"}
    heard = status in {"Rejected", "Offer", "Accepted", "Declined"}
    domain = company.lower().replace(" ", "-") + ".example.com"
    agency = chance.random() < 0.02
    address = (
        f"desk{number % 50}@agency.example.org"
        if agency
        else f"{person.split()[0].lower()}@{domain}"
        if person
        else None
    )
    return [
        company,
        chance.choice(_ROLES),
        chance.choice(_PLACES),
        chance.randrange(38, 120) * 1000 if chance.random() < 0.4 else None,
        chance.choice(_SOURCES),
        f"https://jobs.example.com/posting/{number:06d}" if chance.random() < 0.8 else None,
        status,
        None if status == "Saved" else applied,
        later[0] if met else None,
        later[1] if status in {"Offer", "Accepted", "Declined"} else None,
        person,
        address,
        f"+44 20 7946 {number % 10_000:04d}" if person and chance.random() < 0.5 else None,
        later[0] + dt.timedelta(days=1) if met and chance.random() < 0.7 else None,
        later[2] if heard else None,
        AS_OF + dt.timedelta(days=chance.randrange(-3, 14)) if status == "Applied" and chance.random() < 0.05 else None,
        later[3] if status == "Interview" and chance.random() < 0.3 else None,
        chance.choice(_STEPS) if chance.random() < 0.3 else None,
        chance.choice(("High", "Medium", "Low")) if chance.random() < 0.7 else None,
        chance.choice(_NOTES) if chance.random() < 0.5 else None,
    ]

"""Made-up lines of a portfolio, without any file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from coach.layouts import AS_OF
from sheetsync.coach.clients import Client
from sheetsync.coach.looking import Look, Looked, Unread
from sheetsync.coach.portfolio import Portfolio, gather
from sheetsync.measures.threads import Thread
from sheetsync.model import FOLLOW_UPS

WORDS = [word for word in FOLLOW_UPS if word]


def counts(**given: int) -> dict[str, int]:
    """Follow-up word -> threads."""
    return dict.fromkeys(WORDS, 0) | given


def row(number: int, company: str, follow_up: str = "Overdue", days: int | None = 3, action: str = "") -> Thread:
    """One thread."""
    return Thread(
        row=number, company=company, role="Writer", contact="Ann Lee", kind="application", stage="applied",
        next_contact=AS_OF - dt.timedelta(days=7), contact_by=AS_OF - dt.timedelta(days=days or 0), action=action or None,
        channel="email", follow_up=follow_up, days_overdue=days, why="A week after you applied; no answer since.",
        next_action="Follow up with Ann Lee by email", rank=1,
    )  # fmt: skip


def look(rows: Sequence[Thread] = (), **given: Any) -> Look:
    """A tracker; what is not given is nothing."""
    found = counts()
    for one in rows:
        found[one.follow_up or ""] += 1
    known: dict[str, Any] = {
        "target": "ana.xlsx", "sheet": "Jobs", "today": AS_OF, "since": AS_OF - dt.timedelta(days=7), "rows": tuple(rows),
        "counts": found, "before": counts(), "missed": (), "undebriefed": (), "decisions": (), "meetings": (),
        "happened": (), "contacts": 0, "contacts_before": 0, "last_touch": AS_OF, "problems": 0,
    }  # fmt: skip
    return Look(**{**known, **given})


def portfolio(*clients: tuple[str, Look | None], session: dt.date | None = None) -> Portfolio:
    """A portfolio of names and what was found; None is one who could not be read."""
    listed = [Client(name, f"{place}.xlsx", next_session=session) for place, (name, _) in enumerate(clients)]
    answers = [
        Looked(one.target, (found,), several=False) if found else Unread(one.target, f"{one.target} is broken.", 4)
        for one, (_, found) in zip(listed, clients, strict=True)
    ]
    return gather(listed, answers, today=AS_OF)

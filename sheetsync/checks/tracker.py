"""The check of a tracker: contacts that came too soon or to the wrong place, dates that cannot be, rows that are double."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sheetsync.checks.contacts import check_contacts
from sheetsync.checks.dates import check_dates
from sheetsync.checks.people import check_people
from sheetsync.checks.subject import Subject

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Finding, Tracker
    from sheetsync.settings import Settings


def check_tracker(tracker: Tracker, profile: Profile, settings: Settings, *, today: dt.date) -> tuple[Finding, ...]:
    """Everything that is wrong, or worth a look, in a tracker and its History; by row, then column, errors first.

    `today` is the local day of the tracker's time zone.
    """
    from sheetsync.cadence.engine import work_out

    work = work_out(tracker, profile, settings, today=today)
    subject = Subject(tracker, profile, settings, work, today)
    found = {*check_dates(subject), *check_contacts(subject), *check_people(subject)}
    return tuple(
        sorted(found, key=lambda one: (one.row or 0, one.column or 0, one.severity != "error", one.rule, one.message))
    )

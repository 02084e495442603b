"""Drafts held against the tracker they were made from."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from sheetsync.messages.values import Drafts, Refusal

if TYPE_CHECKING:
    from sheetsync.cadence.profile import Profile
    from sheetsync.model import Tracker
    from sheetsync.settings import Settings

_STRANGE: Final = "tracker.address-of-another-company"


def without_strangers(
    drafts: Drafts, tracker: Tracker, profile: Profile, settings: Settings, *, today: dt.date, anyway: bool = False
) -> Drafts:
    """The drafts without those for which the tracker itself names an address of another company.

    Those are refused; with `anyway` they are kept as well.
    """
    asked = {each.row for each in drafts.drafts if each.channel == "email" and each.address}
    if not asked:
        return drafts
    from sheetsync.cadence.engine import work_out
    from sheetsync.checks.people import check_people
    from sheetsync.checks.subject import Subject

    work = work_out(tracker, profile, settings, today=today)
    found = tuple(check_people(Subject(tracker, profile, settings, work, today)))
    wrong = {
        one.row: one.message for one in found if one.rule == _STRANGE and one.severity == "error" and one.row in asked
    }
    refusals = tuple(Refusal(row, "wrong-address", message) for row, message in wrong.items() if row)
    left = tuple(each for each in drafts.drafts if anyway or each.row not in wrong or each.channel != "email")
    return Drafts(left, (*drafts.refusals, *refusals))

"""The round that a sync makes to the coaches' Google spreadsheets: notes come back before the write, after it they are renewed.

What goes wrong there never stops the tracker's own sync: it is told, and tried again with the next one. A round that finds
nothing new asks Google twice for each coach (how the file stands, what is in it) and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sheetsync.coach.copying import copy_for, ids_for
from sheetsync.coach.noting import Notes, merge_notes, record_notes
from sheetsync.coach.renewals import renewals, typed_since
from sheetsync.coach.returned import Returned, read_returned
from sheetsync.errors import SheetsyncError, UsageError
from sheetsync.model import Problem, Snapshot
from sheetsync.records.reading import Reading, Records, together
from sheetsync.records.shares import SHARED, Share, end_shares, read_shares
from sheetsync.sheets.google import permissions
from sheetsync.sheets.google.address import spreadsheet_id
from sheetsync.words import short_date

if TYPE_CHECKING:
    from sheetsync.book import Book
    from sheetsync.sheets.google.renewing import Renewable
    from sheetsync.sheets.google.transport import Transport
    from sheetsync.sync import Outcome


@dataclass(frozen=True, slots=True)
class _Visit:
    """A coach's spreadsheet as it was found."""

    share: Share
    copy: Renewable
    snapshot: Snapshot
    returned: Returned
    notes: Notes


class Round:
    """One sync's round."""

    def __init__(
        self,
        connect: Callable[[], Transport],
        *,
        only: str = "",
        last: bool = False,
        dry: bool = False,
    ) -> None:
        """`connect` gives the way to Google and is called if there is a coach to visit; `only` is one of them.

        The `last` round to a coach ends the share, whoever took the right away; a dry one ends none.
        """
        self._connect = connect
        self._only = only
        self._last = last
        self._dry = dry
        self._transport: Transport | None = None
        self._reading: Reading | None = None
        self._visits: list[_Visit] = []
        self._ended: list[Share] = []

    def act(self, reading: Reading) -> Records:
        """The notes of all open copies, and the shares that came to an end."""
        self._reading, self._visits, self._ended = reading, [], []
        told: list[str] = []
        problems: list[Problem] = []
        try:
            shares = [share for share in read_shares(reading.snapshot) if share.is_open]
        except UsageError as error:
            return Records(problems=(Problem(SHARED, None, None, str(error)),))
        for share in shares:
            if self._only and not share.is_of(self._only):
                continue
            if share.unread:
                said = f"{share.whom}: “{share.unread}” is no date, so the right has no end: write it as 2026-11-30."
                problems.append(Problem(SHARED, share.row, None, said))
            try:
                sentence = self._visit(share, reading)
            except SheetsyncError as error:
                problems.append(Problem(SHARED, share.row, None, f"{share.whom}: {error}"))
                continue
            if sentence and not self._dry:
                self._ended.append(share)
                told.append(sentence)
        ids = Records()
        if any(visit.share not in self._ended for visit in self._visits):
            try:
                ids = ids_for(reading)  # threads that are new since the last round go out with this one
            except UsageError as error:
                problems.append(Problem(reading.layout.sheet, None, None, str(error)))
        return together(
            ids,
            record_notes(reading, *(visit.notes for visit in self._visits)),
            end_shares(reading, self._ended, reading.today),
            Records(told=tuple(told), problems=tuple(problems)),
        )

    def renew(self, outcome: Outcome) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
        """Bring the copies up to date; sentences, and what went wrong."""
        told: list[str] = []
        problems: list[Problem] = []
        for visit in self._visits:
            if visit.share in self._ended:
                continue
            try:
                changed = self._renew(visit, outcome)
            except SheetsyncError as error:
                problems.append(Problem(SHARED, visit.share.row, None, f"{visit.share.whom}: {error}"))
                continue
            if changed:
                told.append(f"The copy of {visit.share.whom} was brought up to date.")
        return tuple(told), tuple(problems)

    def _visit(self, share: Share, reading: Reading) -> str:
        """Look at one; a sentence if the share has come to its end. Raises SheetsyncError."""
        from sheetsync.sheets.google.renewing import Renewable

        transport = self._transport = self._transport or self._connect()
        file = spreadsheet_id(share.where)
        standing = permissions.look(transport, file, share.where)
        if standing is None:
            raise UsageError(
                f"{share.where} is not there any more, or this sign-in may not see it: end it with `sheetsync share TRACKER "
                f"--revoke {share.whom}`, or sign in as whoever shared it."
            )
        if standing.trashed:
            return f"You deleted the copy of {share.whom}, so it is shared no more."
        over = share.until is not None and share.until < reading.today
        given = standing.people.get(share.whom.lower())
        if not share.whole:
            copy = Renewable(transport, file, share.where)
            snapshot = copy.read()
            returned = read_returned(snapshot)
            notes = merge_notes(reading, returned, meanwhile=self._brought())
            self._visits.append(_Visit(share, copy, snapshot, returned, notes))
        if self._last:
            return f"{share.whom} can no longer see {_what(share)}."
        if over:
            if given and not self._dry:
                permissions.take(transport, file, given[0], share.where)
            assert share.until is not None  # noqa: S101  # it is over
            return f"{share.whom} could see {_what(share)} until {short_date(share.until)}, and no longer can."
        if given is None:
            return f"Somebody took the right of {share.whom} away at Google, so {_what(share)} is shared no more."
        return ""

    def _brought(self) -> dict[int, str]:
        return {each.row: each.after for visit in self._visits for each in visit.notes.taken}

    def _renew(self, visit: _Visit, outcome: Outcome) -> int:
        assert self._reading is not None  # noqa: S101  # act was called
        if visit.returned.base is None:
            raise UsageError(
                f"{visit.share.where} has lost its hidden sheet, so it is not brought up to date any more: end it with "
                f"`sheetsync share TRACKER --revoke {visit.share.whom}` and share anew."
            )
        book = compose(self._reading, outcome, visit.share)
        if not visit.copy.differs(renewals(book, visit.snapshot, visit.returned, visit.notes.left)):
            return 0
        # minutes may have gone by since it was read: what was typed meanwhile stays, and comes with the next round
        snapshot = visit.copy.read()
        now = read_returned(snapshot)
        waiting = {(each.row.id, each.row.note): each for each in visit.notes.left}
        left = [replace(waiting[found], row=row) for row in now.rows if (found := (row.id, row.note)) in waiting]
        return visit.copy.renew(renewals(book, snapshot, now, left, typed_since(visit.returned, now)))


def compose(reading: Reading, outcome: Outcome, share: Share) -> Book:
    """The copy for a share, made anew. Raises UsageError if what it hides or shows is not there any more."""
    return copy_for(
        reading,
        outcome.proposal,
        whom=share.whom,
        hide=share.hide,
        show=share.show,
        only_due=share.only_due,
        key=share.key,
    ).book


def _what(share: Share) -> str:
    return "the whole tracker" if share.whole else "the copy"

"""Google spreadsheets behind the `Source` protocol: one read, and one atomic write that is looked at afterwards.

Documented by Google: a batchUpdate is atomic, metadata moves with its column and dies with it, a field mask brings the
cells. Expected, and not verified against Google itself:

- a semicolon separates arguments in formulas of every locale, and a rule's formula keeps its text (`formulas`, `rules`);
- a piece of metadata whose id is taken is refused, so that a write sent twice is done once (`marking`);
- the answer of a batchUpdate shows the cells asked for (else a read is made, `verifying`);
- PASTE_FORMAT brings nothing but looks where there is no validation and no conditional format (`looks`);
- a Table that grows over filled headings takes their names (`room`);
- a copied tab brings its metadata along, or not: both are understood (`marks`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from sheetsync.changes import Changes, Only, Receipt
from sheetsync.errors import GoogleError, RestoredError, SourceChangedError, UnclearError
from sheetsync.model import Grid, Ownership, Problem, Snapshot
from sheetsync.sheets.google import verifying
from sheetsync.sheets.google.batch import Batch
from sheetsync.sheets.google.marking import delete, write_mark
from sheetsync.sheets.google.reading import FIELDS, read, read_state
from sheetsync.sheets.google.removing import removal
from sheetsync.sheets.google.restoring import places_of, restore_requests
from sheetsync.sheets.google.state import BookState, Mark
from sheetsync.sheets.google.transport import Transport
from sheetsync.sheets.google.values import Json
from sheetsync.sheets.google.writing import in_order, requests_for

_API: Final = "https://sheets.googleapis.com/v4/spreadsheets"
_INVALID: Final = 400


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a write needs to know of the last read."""

    book: BookState
    grids: Mapping[str, Grid]
    owned: Ownership | None


class GoogleSource:
    """A spreadsheet of Google Sheets.

    The Sheets API knows no lock. A write is one atomic batchUpdate whose answer shows the tracker's own columns as they
    stand after it. If somebody edited, sorted, inserted or moved something there between the read and the write, what
    was overwritten is put back as it was read, by a second batchUpdate, and RestoredError says so. Lost is then only an
    edit made in that moment in exactly the cells that were written to. Edits elsewhere do no harm and are not noticed.

    More than 10 MB go in several calls, of which only each is atomic; a Problem says so.
    """

    def __init__(self, spreadsheet_id: str, transport: Transport, *, location: str | None = None) -> None:
        """`location` is the address or id that the person gave."""
        self.location = location or spreadsheet_id
        self._url = f"{_API}/{spreadsheet_id}"
        self._transport = transport
        self._seen: _Seen | None = None

    def read(self) -> Snapshot:
        """Every grid as it stands, in one call. Raises GoogleError, and UsageError if our marks contradict each other."""
        snapshot, book = read(self._get(), self.location)
        self._seen = _Seen(book, {grid.name: grid for grid in snapshot.grids}, snapshot.owned)
        return snapshot

    def apply(self, changes: Changes) -> Receipt:
        """Write `changes`, in one call if they fit.

        Raises SourceChangedError if the spreadsheet was at another version when it was last read, RestoredError if it
        was edited since then, NoRoomError, DeniedError, GoogleError, and UsageError for an unknown sheet.
        """
        if self._seen is None:
            self.read()
        seen = self._seen
        if seen is None or seen.book.version != changes.version:
            raise SourceChangedError(self.location)
        batch = requests_for(changes, seen.book, seen.grids, seen.owned, self.location)
        header_row = seen.owned.header_row if seen.owned and seen.owned.sheet == changes.sheet else changes.header_row
        written = self._write(batch, seen.book, header_row, as_of=changes.as_of)
        problems = tuple(dict.fromkeys(batch.problems))
        return Receipt(written, in_order(batch.columns), batch.changed if written else 0, problems=problems)

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:
        """Take everything of ours out again, with `everything` the person's records too, or `only` what that names."""
        snapshot = self.read()
        seen = self._seen
        if seen is None:
            raise SourceChangedError(self.location)
        batch, sheets = removal(seen.book, snapshot.owned, self.location, everything=everything, only=only)
        if batch.is_idle and not sheets:
            return Receipt(written=False, columns={}, problems=tuple(batch.problems))
        self._write(batch, seen.book, 1, leave_mark=False)
        if sheets:
            self._seen = None
            self._send(sheets, {}, lambda now: all(now.by_id(one["deleteSheet"]["sheetId"]) is None for one in sheets))
        return Receipt(written=True, columns={}, changed_cells=batch.changed, problems=tuple(batch.problems))

    # Writing

    def _write(
        self,
        batch: Batch,
        book: BookState,
        header_row: int,
        *,
        leave_mark: bool = True,
        as_of: dt.date | None = None,
    ) -> bool:
        """Send a batch and look at what came of it; whether there was anything to send."""
        if batch.is_idle:
            return False
        self._seen = None
        ranges = verifying.ranges(batch, book, header_row)
        calls = list(batch.calls())
        sent: list[tuple[list[Json], Sequence[Mapping[str, Any]] | None]] = []
        standing = book
        for requests in calls:
            mark_id, marks = write_mark(standing, as_of)
            landed = _has_mark(mark_id)
            if not leave_mark:
                marks = [delete(mark) for mark in book.writes]
                landed = _is_other_than(book)
            standing = BookState(book.version, book.sheets, book.locale, (Mark(mark_id, str(mark_id)),))
            ask = verifying.question(ranges) if ranges else {}
            try:
                answer = self._send([*requests, *marks], ask, landed)
            except GoogleError as error:
                if error.status != _INVALID:
                    raise
                self._changed_or(error, book, batch, sent)
            if answer is None or (ranges and not verifying.shows(answer)):
                changed = verifying.differs_now(batch, book, self._look())
            else:
                changed = verifying.mismatch(batch, book, answer)
            sent.append((requests, answer.get("replies", ()) if answer is not None else None))
            if changed:
                self._restore(batch, book, sent)
        if len(calls) > 1:
            batch.problems.append(
                Problem(
                    self.location, None, None,
                    f"This was too much for one call to Google and went in {len(calls)}, so it was not written at once.",
                )
            )  # fmt: skip
        return True

    def _restore(
        self,
        batch: Batch,
        book: BookState,
        sent: Sequence[tuple[list[Json], Sequence[Mapping[str, Any]] | None]],
    ) -> NoReturn:
        """Put back what a write overwrote. Raises RestoredError, or a GoogleError that says that it could not be."""
        places = places_of(batch, book)
        try:
            now = self._look()
            requests, replies = sent[0]
            undo = restore_requests(
                batch, book, now, requests, replies[: len(requests)] if replies is not None else None
            )
            mark_id, marks = write_mark(now)
            self._send([*undo, *marks], {}, _has_mark(mark_id))
        except GoogleError as error:
            raise GoogleError(
                f"{self.location} was changed by somebody else while it was written, and {places} could not be put back: "
                f"take the version from before under File > Version history, then run this again. ({error})"
            ) from None
        raise RestoredError(self.location, places)

    def _changed_or(
        self,
        error: GoogleError,
        book: BookState,
        batch: Batch,
        sent: Sequence[tuple[list[Json], Sequence[Mapping[str, Any]] | None]],
    ) -> NoReturn:
        """Google did not take the write: because a sheet or column went meanwhile, or for a reason of its own."""
        if sent:
            self._restore(batch, book, sent)
        if self._look().version != book.version:
            raise SourceChangedError(self.location) from None
        raise error

    def _look(self) -> BookState:
        return read_state(self._get())

    def _get(self, tries: Any = None) -> dict[str, Any]:
        return self._transport.call("GET", self._url, params={"fields": FIELDS}, target=self.location, tries=tries)

    def _send(
        self, requests: list[Json], ask: Mapping[str, Any], landed: Callable[[BookState], bool]
    ) -> dict[str, Any] | None:
        """One batchUpdate, carried out once; None if it was, but its answer is lost.

        An unanswered write is looked for before it is sent again: `landed` says whether a read shows it.
        """
        tries = self._transport.tries()
        params = {"fields": verifying.ANSWER_FIELDS if ask else "replies"}
        while True:
            try:
                return self._transport.call(
                    "POST",
                    f"{self._url}:batchUpdate",
                    params=params,
                    body={"requests": requests, **ask},
                    idempotent=False,
                    target=self.location,
                    tries=tries,
                )
            except UnclearError:
                if landed(read_state(self._get(tries))):
                    return None


def _has_mark(mark_id: int) -> Callable[[BookState], bool]:
    return lambda now: any(mark.id == mark_id for mark in now.writes)


def _is_other_than(book: BookState) -> Callable[[BookState], bool]:
    """Whether a removal, which leaves no mark of its own, was carried out: the last write's mark is gone, or all of ours."""
    gone = {mark.id for mark in (*book.writes, *(mark for sheet in book.sheets for mark in sheet.marks))}

    def landed(now: BookState) -> bool:
        there = {mark.id for mark in (*now.writes, *(mark for sheet in now.sheets for mark in sheet.marks))}
        return not gone & there if gone else now.version != book.version

    return landed

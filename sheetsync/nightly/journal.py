"""What was written into a spreadsheet, a small file for each write, so that it can be taken back.

A note holds what stood in cells. It lies beside the backups, on this computer, readable for its owner only, is never
printed in a log, and goes with the backups. It is written after the write itself: without it a write cannot be taken
back cell by cell, and nothing else is lost.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sheetsync.model import HighlightMode, Value
from sheetsync.nightly.packing import pack, unpack
from sheetsync.sheets.backups import folder_of, make_private, short_hash, superfluous, write_private
from sheetsync.sheets.google.address import is_google, spreadsheet_id
from sheetsync.sheets.homes import backup_home

if TYPE_CHECKING:
    from sheetsync.book import Sheet
    from sheetsync.changes import Changes, Receipt
    from sheetsync.model import Layout, Tracker
    from sheetsync.sync import Outcome

_FORMAT: Final = 1
_SUFFIX: Final = ".json.gz"
_WHO: Final = ("id", "company", "role", "contact")

Who = tuple[str, str, str, str]
"""By what a thread is known again: id, company, role, contact."""


@dataclass(frozen=True, slots=True)
class Column:
    """Cells of one of our columns, aligned with each other."""

    rows: Sequence[int]
    before: Sequence[Value]
    after: Sequence[Value]


@dataclass(frozen=True, slots=True)
class People:
    """Who the rows were about, aligned with each other."""

    rows: Sequence[int] = ()
    id: Sequence[str] = ()
    company: Sequence[str] = ()
    role: Sequence[str] = ()
    contact: Sequence[str] = ()

    def by_row(self) -> dict[int, Who]:
        """Row -> who it is about."""
        return dict(zip(self.rows, zip(self.id, self.company, self.role, self.contact, strict=True), strict=True))


@dataclass(frozen=True, slots=True)
class EditNote:
    """A cell outside our columns."""

    sheet: str
    row: int
    column: int
    before: Value
    after: Value
    field: str = ""
    """What the column means, or else its header, in the tracker's own sheet."""
    line: tuple[Value, ...] = ()
    """The whole row as it stood before, in any other sheet."""


@dataclass(frozen=True, slots=True)
class AppendNote:
    """Rows put into a list."""

    sheet: str
    rows: tuple[Mapping[int, Value], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One write. Rows and columns are where they were then."""

    number: int
    """Counts a spreadsheet's writes, whatever its clock says."""
    moment: dt.datetime
    command: str
    kind: Literal["write", "undo", "redo", "remove"] = "write"
    of: tuple[int, ...] = ()
    """The writes that this one took back, or brought again."""
    whole: bool = False
    """Whether the whole file was put back, byte for byte."""
    sheet: str = ""
    header_row: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    """The settings asked for as options, by which the tracker is recognised again."""
    highlight: HighlightMode = "columns"
    who: People = field(default_factory=People)
    cells: Mapping[str, Column] = field(default_factory=dict)
    """Owned key -> its cells that were given another value."""
    edits: tuple[EditNote, ...] = ()
    appends: tuple[AppendNote, ...] = ()
    added: tuple[str, ...] = ()
    """Our columns that this write made."""
    dropped: tuple[str, ...] = ()
    """Our columns that this write took out."""
    sheets: tuple[Sheet, ...] = ()
    """The sheets that this write made, with what stood in them."""
    gone: tuple[Sheet, ...] = ()
    """The sheets that this write took out."""
    before: str | None = None
    """The digest of the file that was replaced, and of its backup."""
    after: str | None = None
    """The digest of the file as it was left."""

    @property
    def is_slight(self) -> bool:
        """Whether nothing but colours was written."""
        return self.kind == "write" and not (
            self.cells or self.edits or self.appends or self.added or self.sheets or self.dropped or self.gone
        )

    @property
    def changed_cells(self) -> int:
        """How many cells got another value."""
        cells = sum(len(column.rows) for column in self.cells.values())
        return cells + len(self.edits) + sum(len(row) for append in self.appends for row in append.rows)

    @property
    def changed_columns(self) -> int:
        """How many columns of ours were made or taken out."""
        return len({*self.added, *self.dropped})

    @property
    def changed_sheets(self) -> int:
        """How many sheets were made or taken out."""
        return len(self.sheets) + len(self.gone)


@dataclass(frozen=True, slots=True)
class Stacks:
    """Which writes stand, and which can be brought again; the last one last."""

    done: tuple[Note, ...]
    undone: tuple[Note, ...]
    """The notes of the undoing."""
    notes: tuple[Note, ...] = ()
    """Every note that is kept, those of writes that were taken back too."""


class Journal:
    """The notes of one spreadsheet."""

    def __init__(self, location: str) -> None:
        """Raise UnwritableFileError if there is no place for backups."""
        self.folder = _folder(location)

    def notes(self) -> tuple[Note, ...]:
        """Every note that can be read, in the order of the writes."""
        files = self.folder.glob(f"*{_SUFFIX}") if self.folder.is_dir() else ()
        found = (_read(file) for file in files)
        return tuple(sorted((note for note in found if note is not None), key=lambda note: note.number))

    def stacks(self) -> Stacks:
        """What stands and what was taken back."""
        return stacks_of(self.notes())

    def keep(self, note: Note) -> Note:
        """Write a note down, as the next one; let go of old ones. Raises OSError."""
        for folder in (self.folder.parents[1], self.folder.parent, self.folder):
            make_private(folder)
        numbers = [int(name) for file in self.folder.glob(f"*{_SUFFIX}") if (name := file.name[:6]).isdigit()]
        note = replace(note, number=max(numbers, default=0) + 1)
        write_private(self.folder / f"{note.number:06d}{_SUFFIX}", _line(_head_of(note)) + _line(note))
        self._prune(note.moment)
        return note

    def _prune(self, now: dt.datetime) -> None:
        """Let go of writes that are too old or too many, and of those that can neither be taken back nor brought again."""
        if len(tuple(self.folder.glob(f"*{_SUFFIX}"))) < 2:
            return
        read = (_read(file, head=True) for file in self.folder.glob(f"*{_SUFFIX}"))
        notes = sorted((note for note in read if note is not None), key=lambda note: note.number)
        stacks = stacks_of(notes)
        live = {note.number for note in (*stacks.done, *stacks.undone)}
        live |= {number for note in stacks.undone for number in note.of}  # they link the file to its older backups
        old = superfluous(stacks.undone, [note.moment for note in stacks.undone], now)
        gone = {number for note in old for number in note.of}
        old += superfluous(stacks.done, [note.moment for note in stacks.done], now)
        gone |= {note.number for note in old} | {note.number for note in notes if note.number not in live}
        for number in sorted(gone - {notes[-1].number}):  # what was taken back before the taking back
            with contextlib.suppress(OSError):
                (self.folder / f"{number:06d}{_SUFFIX}").unlink()


def stacks_of(notes: Sequence[Note]) -> Stacks:
    """Replay the notes: a write stands on those before it, an undo takes some off, and a new write ends what can be redone."""
    done: list[Note] = []
    undone: list[Note] = []
    for note in notes:
        if note.kind == "undo":
            done = [one for one in done if one.number not in note.of]
            undone.append(note)
        elif note.kind == "redo":
            undone = [one for one in undone if one.number not in note.of]
            if note.whole:  # the file is again what those writes left
                brought = {number for one in notes if one.number in note.of for number in one.of}
                done += [one for one in notes if one.number in brought]
            else:
                done.append(note)
        else:
            undone.clear()
            done.append(note)
    return Stacks(tuple(done), tuple(undone), tuple(notes))


def note_of(outcome: Outcome, *, command: str, moment: dt.datetime, options: Mapping[str, Any]) -> Note | None:
    """What a sync or a command wrote; None if it wrote nothing. `moment` has a time zone."""
    proposal, receipt = outcome.proposal, outcome.receipt
    if not receipt.written:
        return None
    return written(
        proposal.changes,
        receipt,
        layout=proposal.layout,
        tracker=proposal.tracker,
        lines=proposal.edited,
        note=Note(0, moment.astimezone(dt.UTC), command, options=dict(options)),
    )


def written(
    changes: Changes,
    receipt: Receipt,
    *,
    layout: Layout,
    tracker: Tracker,
    lines: Mapping[tuple[str, int], tuple[Value, ...]],
    note: Note,
) -> Note:
    """A note filled with what `changes` were."""
    cells = {key: column for key in changes.after if (column := _column(changes, key)).rows}
    fields = {column: name for name, column in layout.columns.items()}
    edits = tuple(
        EditNote(
            edit.sheet,
            edit.row,
            edit.column,
            edit.before,
            edit.after,
            field=(fields.get(edit.column) or layout.headers.get(edit.column, ""))
            if edit.sheet == layout.sheet
            else "",
            line=lines.get((edit.sheet, edit.row), ()),
        )
        for edit in changes.edits
        if edit.before != edit.after
    )
    touched = {row for column in cells.values() for row in column.rows}
    touched |= {edit.row for edit in edits if edit.sheet == layout.sheet}
    return replace(
        note,
        sheet=changes.sheet,
        header_row=changes.header_row,
        highlight=changes.highlight,
        who=_people(tracker, touched),
        cells=cells,
        edits=edits,
        appends=tuple(AppendNote(append.sheet, append.rows) for append in changes.appends if append.rows),
        added=tuple(key for key in changes.add if key in receipt.columns),
        sheets=changes.new_sheets,
        before=digest_in(receipt.backup),
        after=receipt.digest,
    )


def digest_in(backup: str | None) -> str | None:
    """The content's digest in a backup's name."""
    return Path(backup).stem.rpartition("-")[2] if backup else None


def who_is_where(tracker: Tracker) -> dict[int, Who]:
    """Row -> who it is about."""
    frame = tracker.frame
    return dict(zip(frame.index.tolist(), zip(*(frame[name].tolist() for name in _WHO), strict=True), strict=True))


def _people(tracker: Tracker, touched: AbstractSet[int]) -> People:
    frame = tracker.frame
    if len(touched) < len(frame):
        frame = frame.loc[frame.index.isin(touched)]
    return People(frame.index.tolist(), *(frame[name].tolist() for name in _WHO))


def _column(changes: Changes, key: str) -> Column:
    before, after = changes.before[key], changes.after[key]
    differing = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    rows = changes.rows
    return Column(
        [rows[place] for place in differing],
        [before[place] for place in differing],
        [after[place] for place in differing],
    )


def _folder(location: str) -> Path:
    if is_google(location):
        return backup_home() / "backups" / f"google-{short_hash(spreadsheet_id(location))}" / "journal"
    return folder_of(Path(location)) / "journal"


def _head_of(note: Note) -> Note:
    """A note without what was in the cells: enough to know which writes stand."""
    return Note(note.number, note.moment, note.command, note.kind, note.of, note.whole)


def _line(note: Note) -> bytes:
    """A note as one line of JSON, compressed by itself."""
    text = json.dumps({"format": _FORMAT, "note": pack(note)}, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(f"{text}\n".encode("utf-8", "surrogatepass"), compresslevel=1, mtime=0)


def _read(file: Path, *, head: bool = False) -> Note | None:
    """A note, or just its head; None if it cannot be read or was written by another version."""
    try:
        with gzip.open(file) as lines:
            line = lines.readline()
            content = json.loads((line if head else lines.read()).decode("utf-8", "surrogatepass"))
        note = unpack(content["note"]) if content["format"] == _FORMAT else None
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None
    return note if isinstance(note, Note) else None

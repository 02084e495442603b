"""Which writes are to be taken back, as the person says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetsync.errors import UsageError
from sheetsync.model import HighlightMode
from sheetsync.nightly.journal import Note, Stacks
from sheetsync.nightly.whole import backup_of
from sheetsync.sheets.backups import Backup


@dataclass(frozen=True, slots=True)
class Group:
    """What is taken back as one write."""

    notes: tuple[Note, ...]
    """The last first; all but one wrote nothing but colours."""
    highlight: HighlightMode | None = None
    """What was coloured before, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be taken back, or brought again."""

    groups: tuple[Group, ...]
    redo: bool = False
    backup: Backup | None = None
    """What to put back, if it is the whole file."""
    chain: tuple[Note, ...] = ()
    """The writes that led from the backup to the file, those taken back and the taking back too, if nobody else wrote."""

    @property
    def whole(self) -> bool:
        """Whether the whole file is put back."""
        return self.backup is not None

    @property
    def stood(self) -> dt.datetime:
        """When the file stood as it is put back."""
        return self.backup.moment if self.backup else self.groups[-1].notes[-1].moment


def choose(target: str, stacks: Stacks, kept: Sequence[Backup], *, to: str | None, whole: bool, redo: bool) -> Choice:
    """Find what is meant. Raises UsageError if nothing is, or for a backup or a time that nobody knows."""
    if redo:
        return _redo(target, stacks)
    backup = _named(to, kept) if to else None
    if to is None:
        notes = _last(stacks.done)
    elif backup is not None:
        notes = _since_backup(stacks.done, backup)
    else:
        moment = _moment(target, to)
        notes = tuple(note for note in reversed(stacks.done) if note.moment > moment)
    if whole and backup is not None:
        return Choice((Group(notes),), backup=backup, chain=_chain(stacks, backup))
    if not notes:
        since = f" since {to}" if to else ""
        raise UsageError(f"There is nothing to take back in {target}: no write{since} is noted.")
    if whole:
        backup = backup_of(Path(target), notes[-1].before)
        return Choice((Group(notes),), backup=backup, chain=_chain(stacks, backup))
    _refuse_whole_ones(target, notes)
    return Choice(tuple(_groups(stacks.done, notes)))


def _redo(target: str, stacks: Stacks) -> Choice:
    if not stacks.undone:
        raise UsageError(f"There is nothing to bring back in {target}: no undo was the last that was written.")
    last = stacks.undone[-1]
    if last.whole:
        return Choice((Group((last,)),), redo=True, backup=backup_of(Path(target), last.before), chain=(last,))
    return Choice((Group((last,)),), redo=True)


def _last(done: Sequence[Note]) -> tuple[Note, ...]:
    """The last write with those of nothing but colours after it, the last first."""
    notes: list[Note] = []
    for note in reversed(done):
        notes.append(note)
        if not note.is_slight:
            break
    return tuple(notes)


def _groups(done: Sequence[Note], notes: Sequence[Note]) -> list[Group]:
    groups = []
    left = list(reversed(notes))
    standing = list(done)
    while left:
        group = _last(left)
        del left[len(left) - len(group) :]
        del standing[len(standing) - len(group) :]
        groups.append(Group(group, standing[-1].highlight if standing else None))
    return groups


def _refuse_whole_ones(target: str, notes: Sequence[Note]) -> None:
    """A removal is noted without its cells."""
    if any(note.kind == "remove" for note in notes):
        raise UsageError(
            f"{target} was last written by `remove`, which is not noted cell by cell: put the whole file back with --whole, "
            "or in Google take a version from File > Version history."
        )


def _named(text: str, kept: Sequence[Backup]) -> Backup | None:
    """The backup of that path, name, or beginning of a digest."""
    name = Path(text).name
    for one in kept:
        if name in (one.path.name, one.path.stem) or (len(text) >= 6 and one.digest.startswith(text.lower())):
            return one
    return None


def _since_backup(done: Sequence[Note], backup: Backup) -> tuple[Note, ...]:
    """The writes since the file stood as the backup has it, the last first."""
    places = [place for place, note in enumerate(done) if note.before == backup.digest]
    since = done[places[-1] :] if places else [note for note in done if note.moment > backup.moment]
    return tuple(reversed(since))


def _chain(stacks: Stacks, backup: Backup) -> tuple[Note, ...]:
    """Every write of ours since the file last stood as the backup has it, in order."""
    places = [place for place, note in enumerate(stacks.notes) if note.before == backup.digest]
    return stacks.notes[places[-1] :] if places else ()


def _moment(target: str, text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{text!r} is neither a backup of {target} nor a time such as 2026-11-02 or 2026-11-02T08:00: "
            "see `sheetsync undo TARGET --list`."
        ) from None
    return found.astimezone()

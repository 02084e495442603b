"""A whole file put back from its backup, byte for byte."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from sheetsync.errors import EditedSinceError, UnreadableFileError, UsageError
from sheetsync.nightly.journal import Note, digest_in
from sheetsync.sheets.backups import Backup, backups, content_digest
from sheetsync.sheets.files import read_file, replace_atomically, wait_for_lock


def put_back(
    path: Path,
    backup: Backup,
    *,
    notes: Sequence[Note],
    chain: Sequence[Note],
    moment: dt.datetime,
    force: bool,
    wait: float = 0,
    redo: bool = False,
) -> tuple[Note, Path | None]:
    """Put a backup in place of the file, and answer the note of it and where the file as it was is kept.

    `notes` are the writes that this takes back, the last first; `chain` are those that ought to have led, one after the
    other, from the backup to the file as it stands. Whatever else is in the file is the person's.
    Raises EditedSinceError unless `force`, LockedError, SourceChangedError and FileError.
    """
    wait_for_lock(path, wait)
    data = read_backup(backup)
    now, version = read_file(path)
    if not force and not _is_ours(backup.digest, chain, content_digest(now)):
        raise EditedSinceError(str(path))
    kept = replace_atomically(path, lambda file: file.write(data), expected_version=version, clock=lambda: moment)
    note = Note(
        0,
        moment.astimezone(dt.UTC),
        "redo" if redo else "undo",
        kind="redo" if redo else "undo",
        of=tuple(note.number for note in notes),
        whole=True,
        before=digest_in(str(kept.backup)),
        after=kept.digest,
    )
    return note, kept.backup


def backup_of(path: Path, digest: str | None) -> Backup:
    """The backup with that content. Raises UsageError if it is not kept any more."""
    found = next((one for one in backups(path) if one.digest == digest), None)
    if found is None:
        raise UsageError(f"The backup of {path} from before is not kept any more: see `sheetsync undo {path} --list`.")
    return found


def read_backup(backup: Backup) -> bytes:
    """A backup's bytes. Raises UnreadableFileError if they are not what was kept."""
    data, _ = read_file(backup.path)
    if content_digest(data) != backup.digest:
        raise UnreadableFileError(str(backup.path), "it was changed since it was kept: take another one.")
    return data


def _is_ours(start: str, chain: Sequence[Note], now: str) -> bool:
    """Whether nothing but these writes lies between two contents."""
    for note in chain:
        if note.before != start or note.after is None:
            return False
        start = note.after
    return start == now

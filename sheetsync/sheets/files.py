"""Files that somebody else may be at: locks, versions, the write that is all or nothing, backups."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from sheetsync.errors import (
    LockedError,
    RefusedFileError,
    SourceChangedError,
    UnreadableFileError,
    UnwritableFileError,
)

MAX_FILE: Final = 128 << 20
KEPT_BACKUPS: Final = 30
LEFTOVER_AGE: Final = 600.0
"""Seconds after which a temporary file is a killed run's, not one at work."""

_POLL: Final = 0.5
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BACKUP_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d{6})(?:-(\d+))?")


# Versions


def read_file(path: Path) -> tuple[bytes, str]:
    """A file's bytes and their version token. Raises UnreadableFileError or RefusedFileError."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise UnreadableFileError(str(path), "it is a folder: name the file in it.")
        if not stat.S_ISREG(about.st_mode):
            raise UnreadableFileError(str(path), "it is no ordinary file.")
        if about.st_size > MAX_FILE:
            raise RefusedFileError(str(path), f"it is larger than {MAX_FILE >> 20} MB.")
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            data = file.read()
    except FileNotFoundError:
        raise UnreadableFileError(str(path), "there is no such file, check its name.") from None
    except PermissionError:
        raise UnreadableFileError(str(path), "you have no permission to read it.") from None
    except OSError as error:
        raise UnreadableFileError(str(path), f"{error.strerror or error}.") from None
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    return data, f"{len(data)}-{about.st_mtime_ns}-{digest}"


def version(path: Path) -> str:
    """A file's version token: its size, time and content, so that a rewrite in place is noticed too."""
    return read_file(path)[1]


def check_version(path: Path, expected: str) -> None:
    """Make sure that a file is still what was read. Raises SourceChangedError, also if it is gone."""
    try:
        found = version(path)
    except UnreadableFileError:
        found = ""
    if found != expected:
        raise SourceChangedError(str(path))


# Locks


def lock_holder(path: Path) -> str | None:
    """Who holds the file open, as people name it: the program, and the person if the lock file tells; else None.

    Excel keeps `~$name` beside an open file and LibreOffice `.~lock.name#`. Either may have been left behind by a
    crash, which nothing in it tells, so it counts, and the answer names the lock file.
    """
    for place in dict.fromkeys((path.absolute(), path.resolve())):
        for name, program, user in (
            (f"~${place.name}", "Excel", _excel_user),
            (f".~lock.{place.name}#", "LibreOffice", _libreoffice_user),
        ):
            lock = place.with_name(name)
            try:
                content = lock.read_bytes()[:4096]
            except FileNotFoundError:
                continue
            except OSError:  # Excel on Windows shares its lock file with nobody
                content = b""
            person = user(content)
            return f"{program} ({f'by {person}, ' if person else ''}lock file {name})"
    return None


def wait_for_lock(
    path: Path,
    seconds: float = 0,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return as soon as nobody holds the file open. Raises LockedError after `seconds`."""
    end = clock() + seconds
    while holder := lock_holder(path):
        left = end - clock()
        if left <= 0:
            raise LockedError(str(path), holder)
        sleep(min(_POLL, left))


def _excel_user(content: bytes) -> str:
    """The name in an owner file: once in the system's code page after its length, once in UTF-16 from byte 54 or 55."""
    if not content:
        return ""
    length = content[0]
    for at in (54, 55):
        if content[at : at + 2] == bytes((length, 0)):
            return content[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace").strip()
    return content[1 : 1 + length].decode("cp1252", "replace").strip()


def _libreoffice_user(content: bytes) -> str:
    """The name in a lock file: `name,system user,host,time,profile;`."""
    fields = content.decode("utf-8", "replace").rstrip(";").split(",")
    user = next((text.strip() for text in fields[:2] if text.strip()), "")
    host = fields[2].strip() if len(fields) > 2 else ""
    return f"{user} on {host}" if user and host else user


# The write


def check_writable(path: Path) -> None:
    """Make sure that a file may be replaced. Raises UnwritableFileError.

    The mode counts even where the system would let us: a file that its owner made read-only stays as it is.
    """
    target = path.resolve()
    try:
        mode, folder_mode = target.stat().st_mode, target.parent.stat().st_mode
    except OSError as error:
        raise UnwritableFileError(str(path), f"{error.strerror or error}.") from None
    if not mode & 0o222 or not os.access(target, os.W_OK):
        raise UnwritableFileError(str(path), "it is read-only, make it writable first.")
    if not folder_mode & 0o222 or not os.access(target.parent, os.W_OK | os.X_OK):
        raise UnwritableFileError(str(path), f"its folder {target.parent} is read-only, make it writable first.")


def is_hard_linked(path: Path) -> bool:
    """Whether the file has further names, which keep the old content when this one is replaced."""
    return path.stat().st_nlink > 1


def replace_atomically(
    path: Path, write: Callable[[BinaryIO], object], *, expected_version: str, backup: bool = True
) -> Path | None:
    """Replace a file by what `write` puts into a new one, wholly or not at all; answer where the backup is.

    A symbolic link stays one, and the file it leads to is replaced. Mode, owner and extended attributes are kept as far
    as the system lets us. Whatever stops it, `write` and a killed process included, the old file is whole.
    Raises SourceChangedError if the file is no longer at `expected_version`, UnwritableFileError, and what `write` raises.
    """
    check_writable(path)
    target = path.resolve()
    _remove_leftovers(target)
    with _said_plainly(path):
        temporary = target.with_name(f".sheetsync-{_short_hash(target.name)}-{secrets.token_hex(6)}.tmp")
        kept: Path | None = None
        try:
            with temporary.open("x+b") as file:
                temporary.chmod(0o600)
                write(file)
                file.flush()
                os.fsync(file.fileno())
            _copy_rights(target, temporary)
            if backup:
                kept = back_up(path)
            check_version(path, expected_version)
            temporary.replace(target)
        except BaseException:
            if kept and temporary.exists():  # else the file was replaced already, and the backup is needed
                kept.unlink(missing_ok=True)
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    if backup:
        _prune(path)
    return kept


@contextlib.contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            reason = "the disk is full, free some space and run this again."
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = "you have no permission to replace it, or a program holds it open."
        else:
            reason = f"{error.strerror or error}."
        raise UnwritableFileError(str(path), reason) from None


def _copy_rights(source: Path, target: Path) -> None:
    """Give a file the owner, mode and extended attributes of another, as far as the system lets us."""
    about = source.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(target, about.st_uid, about.st_gid)
    target.chmod(stat.S_IMODE(about.st_mode))
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(source):
                os.setxattr(target, name, os.getxattr(source, name))


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; some systems have no such call for folders."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_leftovers(target: Path) -> None:
    """Remove what a killed run left beside the file."""
    oldest = time.time() - LEFTOVER_AGE
    for leftover in target.parent.glob(f".sheetsync-{_short_hash(target.name)}-*.tmp"):
        with contextlib.suppress(OSError):
            if leftover.stat().st_mtime < oldest:
                leftover.unlink()


# Backups


def home() -> Path:
    """The folder of sheetsync's own files: the system's place for a person's data, or SHEETSYNC_HOME."""
    if own := os.environ.get("SHEETSYNC_HOME"):
        return Path(own)
    import platformdirs

    return platformdirs.user_data_path("sheetsync", appauthor=False)


def backup_folder(path: Path) -> Path:
    """Where a file's backups are; files of the same name in different folders have different ones."""
    target = path.resolve()
    return home() / "backups" / f"{target.stem[:60]}-{_short_hash(str(target))}"


def backups(path: Path) -> tuple[Path, ...]:
    """A file's backups, oldest first."""
    folder = backup_folder(path)
    files = tuple(folder.iterdir()) if folder.is_dir() else ()
    return tuple(sorted((file for file in files if _BACKUP_NAME.fullmatch(file.stem)), key=_numbered))


def _numbered(backup: Path) -> tuple[str, int]:
    """A backup's moment, and its number among those of the same second."""
    match = _BACKUP_NAME.fullmatch(backup.stem)
    return (match[1], int(match[2] or 1)) if match else ("", 0)


def back_up(path: Path) -> Path:
    """Keep a copy of a file as it stands, named by the time. Raises UnwritableFileError.

    Where it can, the copy is a second name of the same bytes: the atomic write leaves them to it.
    """
    target = path.resolve()
    folder = backup_folder(path)
    moment = time.strftime("%Y-%m-%dT%H%M%S")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = [_numbered(file) for file in backups(path)]
        first = max((number for when, number in taken if when == moment), default=0) + 1
        for number in range(first, first + 100):
            copy = folder / f"{moment}{f'-{number}' if number > 1 else ''}{target.suffix}"
            try:
                _link_or_copy(target, copy)
            except FileExistsError:  # another run's, of the same second
                continue
            return copy
    except OSError as error:
        reason = f"no backup could be made in {folder} ({error.strerror or error}); SHEETSYNC_HOME names another place."
        raise UnwritableFileError(str(path), reason) from None
    raise UnwritableFileError(str(path), f"{folder} is full of backups.")


def _link_or_copy(source: Path, copy: Path) -> None:
    """Raises FileExistsError if there is such a copy, and OSError."""
    if not is_hard_linked(source):  # else an edit through another of its names would reach the backup
        try:
            copy.hardlink_to(source)
        except FileExistsError:
            raise
        except OSError:  # another file system, or one without links
            pass
        else:
            return
    with copy.open("xb"):
        pass
    try:
        shutil.copy2(source, copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _prune(path: Path) -> None:
    for old in backups(path)[:-KEPT_BACKUPS]:
        with contextlib.suppress(OSError):
            old.unlink()


def _short_hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()

"""Files that somebody else may be at: locks, versions, the write that is all or nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sheetsync.errors import (
    LockedError,
    RefusedFileError,
    SourceChangedError,
    UnreadableFileError,
    UnwritableFileError,
)
from sheetsync.sheets.backups import back_up, content_digest, prune
from sheetsync.sheets.placing import beside, worded

MAX_FILE: Final = 128 << 20

_POLL: Final = 0.5


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


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of a file that was replaced."""

    backup: Path | None
    """Where the file as it was is kept."""
    digest: str
    """Of the new content, as `backups.content_digest` names it."""


def replace_atomically(
    path: Path,
    write: Callable[[BinaryIO], object],
    *,
    expected_version: str,
    backup: bool = True,
    clock: Callable[[], dt.datetime] | None = None,
) -> Replaced:
    """Replace a file by what `write` puts into a new one, wholly or not at all.

    A symbolic link stays one, and the file it leads to is replaced. Mode, owner and extended attributes are kept as far
    as the system lets us. Whatever stops it, `write` and a killed process included, the old file is whole. `clock` tells
    the time that names the backup and that prunes the older ones.
    Raises SourceChangedError if the file is no longer at `expected_version`, UnwritableFileError, and what `write` raises.
    """
    check_writable(path)
    target = path.resolve()
    now = clock() if clock else dt.datetime.fromtimestamp(time.time(), dt.UTC)
    with _said_plainly(path):
        temporary = beside(target)
        kept: Path | None = None
        try:
            with temporary.open("x+b") as file:
                temporary.chmod(0o600)
                write(file)
                file.flush()
                os.fsync(file.fileno())
                file.seek(0)
                digest = content_digest(file.read())
            _copy_rights(target, temporary)
            if backup:
                kept = back_up(path, _read_at(path, expected_version), now)
            check_version(path, expected_version)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    if backup:
        prune(path, now)
    return Replaced(kept, digest)


def _read_at(path: Path, expected: str) -> bytes:
    """A file's bytes, if it is still what was read. Raises SourceChangedError."""
    try:
        data, found = read_file(path)
    except UnreadableFileError:
        data, found = b"", ""
    if found != expected:
        raise SourceChangedError(str(path))
    return data


@contextlib.contextmanager
def _said_plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            reason = "you have no permission to replace it, or a program holds it open."
        else:
            reason = f"{worded(error)}."
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

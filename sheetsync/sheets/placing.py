"""Files that are put in place whole, and what killed runs left half done.

A new file is made beside its place under a name that tells which computer and process made it, so that a later run knows
at once whether anybody is still at it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import Final

from sheetsync.errors import UnwritableFileError, UsageError

LEFTOVER_AGE: Final = 600.0
"""Seconds after which a temporary file is nobody's, whatever its name tells: another computer's, or a number used again."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_OURS: Final = re.compile(r"\.sheetsync-(?P<computer>[0-9a-f]{8})-(?P<process>\d{1,10})-[0-9a-f]{8}\.tmp")


def beside(place: Path) -> Path:
    """A new name for a temporary file in the folder of `place`, from which killed runs' ones are swept."""
    sweep(place.parent)
    return place.with_name(f".sheetsync-{_computer()}-{os.getpid()}-{secrets.token_hex(4)}.tmp")


def sweep(folder: Path, *, deep: bool = False) -> None:
    """Remove the temporary files of runs that are no more from a folder, and with `deep` from those in it."""
    with contextlib.suppress(OSError):
        for leftover in folder.rglob(".sheetsync-*.tmp") if deep else folder.glob(".sheetsync-*.tmp"):
            with contextlib.suppress(OSError):
                if _is_left(leftover):
                    leftover.unlink()


def create(path: Path, data: bytes) -> None:
    """Put a new file in place whole, and never over another one. Raises UsageError, UnwritableFileError."""
    temporary = beside(path)
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _move_new(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    except FileExistsError:
        raise UsageError(f"{path} exists already: choose another name. Nothing was written.") from None
    except FileNotFoundError:
        raise UnwritableFileError(str(path), "its folder does not exist, make it first.") from None
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from None


def replace_whole(place: Path, data: bytes, *, private: bool = False) -> None:
    """Make a file, or replace it, all of it or nothing; `private` ones are for their owner only. Raises OSError."""
    temporary = beside(place)
    try:
        mode = 0o600 if private else 0o666
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def worded(error: OSError) -> str:
    """Why the system refused a write, and what to do, without a full stop."""
    return (
        "the disk is full, free some space and run this again" if error.errno in _FULL else str(error.strerror or error)
    )


def _move_new(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)  # fails if somebody made one of that name meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links, such as FAT
        if path.exists():
            raise FileExistsError(str(path)) from None
        temporary.replace(path)


def _is_left(temporary: Path) -> bool:
    """Whether nobody is at a temporary file any more. Raises OSError."""
    name = _OURS.fullmatch(temporary.name)
    if name and name["computer"] == _computer() and not _is_running(int(name["process"])):
        return True
    return temporary.stat().st_mtime < time.time() - LEFTOVER_AGE


def _is_running(process: int) -> bool:
    """Whether a process of this computer is at work; where that cannot be asked without harm, it counts as if."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True


def _computer() -> str:
    """This computer, in eight hexadecimal digits that do not tell its name."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()

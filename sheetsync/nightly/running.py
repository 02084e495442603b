"""Two runs at once: whoever comes second to a tracker is told so.

The lock is the system's own, on a file in sheetsync's folder, so that it goes with the process that held it: what a
killed run left is no lock. It keeps sheetsync from itself; what a spreadsheet program holds open is seen by the source.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from sheetsync.errors import RunningError
from sheetsync.nightly import state
from sheetsync.sheets.google.address import is_google, spreadsheet_id

_POLL: Final = 0.2
_HELD: Final = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_BYTE: Final = 1 << 20
"""Where the locked byte is: behind the text, which Windows would not let others read."""


def identity(target: str) -> str:
    """A tracker's one name, whichever way it was given: the absolute path, or the spreadsheet's id at Google."""
    return spreadsheet_id(target) if is_google(target) else os.path.normcase(Path(target).resolve())


def lock_file(target: str) -> Path:
    """The file that stands for a tracker."""
    digest = hashlib.blake2b(identity(target).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return state.folder().parent / "locks" / f"{digest}.lock"


@contextlib.contextmanager
def at_work(
    target: str,
    *,
    wait: float = 0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Hold a tracker for the block, as the only run of sheetsync at it.

    Raises RunningError if another one still is after `wait` seconds. Where the system has no locks (some network
    folders), it goes on without: the source notices a change in the moment of the write itself.
    """
    place = lock_file(target)
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        yield
        return
    try:
        end = clock() + wait
        while not _taken(handle):
            left = end - clock()
            if left <= 0:
                raise RunningError(target, _process(place))
            sleep(min(_POLL, left))
        with contextlib.suppress(OSError):
            os.truncate(place, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)  # which lets go of the lock


def _taken(handle: int) -> bool:
    """Whether the lock is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, _BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _HELD
    return True


def _process(place: Path) -> str:
    """The process that holds it, as it wrote itself; empty if it did not (yet)."""
    with contextlib.suppress(OSError):
        text = place.read_text("ascii", "replace").strip()
        return text if text.isdecimal() else ""
    return ""

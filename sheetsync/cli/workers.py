"""Several trackers, each in a process that can be lost: it is ended when its time is up, and the others go on."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import IO, Final, Generic, TypeVar

R = TypeVar("R")
GRACE: Final = 5.0
"""Seconds that a tracker at work has to end once Control-C was pressed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A target whose process came to an end before it had an answer."""

    target: str
    in_time: bool
    """False if its time was up; True if the system ended it, for want of memory as a rule."""
    told: str = ""
    """What else is known of it, as the rest of a sentence about the target."""


def each(do: Callable[[str], R], targets: Sequence[str], *, jobs: int, limit: float) -> Iterator[R | Ended]:
    """What `do` makes of each target, in their order, `jobs` at a time; `limit` is each one's seconds.

    `do` and its results must be picklable, and `do` must not raise.
    """
    slots = [_Slot(do, limit) for _ in range(min(jobs, len(targets)))]
    idle = list(slots)

    def run(target: str) -> R | Ended:
        slot = idle.pop()  # there are as many slots as threads
        try:
            return slot.run(target)
        finally:
            idle.append(slot)

    with ThreadPoolExecutor(len(slots)) as threads:
        futures: list[Future[R | Ended]] = [threads.submit(run, target) for target in targets]
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)  # whoever has begun may finish, within reason
            wait(futures, timeout=GRACE)
            for child in active_children():
                child.kill()
            raise
        finally:
            for slot in slots:
                slot.close()


class _Slot(Generic[R]):
    """One process after another, each for as many targets as it survives."""

    def __init__(self, do: Callable[[str], R], limit: float) -> None:
        self._do = do
        self._limit = limit
        self._pool: ProcessPoolExecutor | None = None

    def run(self, target: str) -> R | Ended:
        if self._pool is None:
            # spawned, not forked: threads run here, and a fork would copy their locks as they stand
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=begin)
        began = time.monotonic()
        try:
            return self._pool.submit(watched, self._do, target, self._limit).result()
        except BrokenProcessPool:
            self.close()
            return Ended(target, in_time=time.monotonic() - began < self._limit)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None


_nowhere: IO[str] | None = None
"""Where a process that is ended tells its stack: nobody wants to read it."""


def begin() -> None:
    """Leave Control-C to the parent, which then hands out no further target."""
    global _nowhere  # noqa: PLW0603 - it must outlive every watch of this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _nowhere = open(os.devnull, "w", encoding="ascii")  # noqa: SIM115, PTH123 - see above


def watched(do: Callable[[str], R], target: str, limit: float) -> R:
    """Do it, or end this process: the watch needs nothing of Python, so that it ends whatever hangs."""
    faulthandler.dump_traceback_later(limit, exit=True, file=_nowhere or sys.stderr)
    try:
        return do(target)
    finally:
        faulthandler.cancel_dump_traceback_later()

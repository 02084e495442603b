"""A process beside a cluster's worker that does one tracker after another, and can be lost.

A running task of a cluster cannot be stopped, so the worker's thread only waits, and what may hang is done here. (No
multiprocessing: the processes of Dask's nanny may not have children of that kind.) Requests and answers are pickles with
their length before them, over the child's standard input and output.
"""

from __future__ import annotations

import os
import pickle
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import IO, Any, Final, TypeVar

from sheetsync.cli.workers import Ended, begin, watched

R = TypeVar("R")
_LENGTH: Final = struct.Struct(">Q")
_COMMAND: Final = "from sheetsync.cli.fleet_child import serve; serve()"


class BrokenChildError(Exception):
    """The child could not even begin, as with another version of sheetsync."""


class Child:
    """The worker's end: one process after another, each for as many targets as it survives. For one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, do: Callable[[str], R], target: str, limit: float) -> R | Ended:
        """What `do` makes of the target within `limit` seconds, in the child. Raises BrokenChildError, OSError."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            command = [sys.executable, "-c", _COMMAND]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        began = time.monotonic()
        try:
            answer = _asked(self._process, pickle.dumps((do, target, limit)))
        except BrokenPipeError:
            answer = None
        if answer is None:
            self.close()
            return Ended(target, in_time=time.monotonic() - began < limit)
        went_well, found = pickle.loads(answer)  # noqa: S301 - our own child's
        if not went_well:
            raise BrokenChildError(found)
        result: R = found
        return result

    def close(self) -> None:
        """End the process, wherever it is: a write is either not begun or complete."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _asked(process: subprocess.Popen[bytes], request: bytes) -> bytes | None:
    """The answer to a request; None if the child is gone. Raises BrokenPipeError if it was gone before."""
    if process.stdin is None or process.stdout is None:
        return None
    _send(process.stdin, request)
    return _receive(process.stdout)


def serve() -> None:
    """The child's end. It dies with the worker, so that nobody is at a tracker that is given to another worker."""
    begin()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed goes where the worker's log goes
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_hear, args=(sys.stdin.buffer, requests), daemon=True).start()
    while True:
        _send(answers, _answer(requests.get()))


def _hear(stream: IO[bytes], requests: SimpleQueue[bytes]) -> None:
    while (request := _receive(stream)) is not None:
        requests.put(request)
    os._exit(1)


def _answer(request: bytes) -> bytes:
    try:
        do, target, limit = pickle.loads(request)  # noqa: S301 - our own parent's
        return pickle.dumps((True, watched(do, target, limit)))
    except Exception as error:  # noqa: BLE001 - `do` itself does not raise: whatever this is, the worker has to know
        return pickle.dumps((False, f"{type(error).__name__}: {error}"))


def _send(stream: IO[bytes], content: bytes) -> None:
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def _receive(stream: IO[Any]) -> bytes | None:
    """The next message; None if the other end is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content: bytes = stream.read(length)
    return content if len(content) == length else None

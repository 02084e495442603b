"""Chunks of a large part, handed from one thread to another."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import Final

_CHUNKS_AHEAD: Final = 8


def ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, made in a thread of their own while the one before is looked at or deflated."""
    ready: queue.Queue[bytes | BaseException | None] = queue.Queue(_CHUNKS_AHEAD)
    stopped = threading.Event()

    def offer(item: bytes | BaseException | None) -> None:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                ready.put(item, timeout=0.1)
                return

    def make() -> None:
        try:
            for chunk in chunks:
                offer(chunk)
                if stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the chunks are used
            offer(error)
        else:
            offer(None)

    maker = threading.Thread(target=make, name="rows", daemon=True)
    maker.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        maker.join()


def chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """A chunk, and those behind it."""
    yield first
    yield from rest

"""Patience whose waits take no time: the sleeping is only written down, and the clock moves on by it."""

from __future__ import annotations

import time
from typing import Any

from sheetsync.sheets.google.transport import Patience


class Watch:
    """A clock that also counts what was slept; `patience` is a `Patience` that goes by it, with the longest jitter."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._began = time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() + sum(self.slept)

    @property
    def seconds(self) -> float:
        """Seconds since it was made, as a person would have waited."""
        return self() - self._began

    def patience(self, **given: Any) -> Patience:
        return Patience(**{"clock": self, "sleep": self.slept.append, "random": lambda: 1.0, **given})

"""The code by which a page shows that its person also sees the terminal: once, not for long, and not to be guessed."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sheetsync.addin.security import Refusal

LASTS: Final = 600.0
"""Seconds for which a code can be used."""
MOST_TRIES: Final = 5
FIRST_WAIT: Final = 30.0
"""Seconds without any try after so many wrong ones; twice as long each time, an hour at most."""
_LONGEST_WAIT: Final = 3600.0
_REMEMBERED: Final = 8


def link_code() -> str:
    """For the link that opens a browser tab."""
    return secrets.token_urlsafe(24)


def six_digits() -> str:
    """For the pane, where a person types it."""
    return f"{secrets.randbelow(10**6):06d}"


@dataclass(slots=True)
class Pairing:
    """The one code that counts now. A code that was used or is too old is followed by a new one, as soon as somebody tries it."""

    make: Callable[[], str]
    tell: Callable[[str], None]
    """Shows the person a code."""
    seconds: Callable[[], float]
    _code: str = ""
    _since: float = 0.0
    _spent: list[str] = field(default_factory=list)
    _tries: int = 0
    _lockouts: int = 0
    _locked_until: float = 0.0

    def begin(self) -> str:
        """Make a code and forget the one before; it is not shown."""
        if self._code:
            self._spent = [*self._spent, self._code][-_REMEMBERED:]
        self._code, self._since, self._tries = self.make(), self.seconds(), 0
        return self._code

    def redeem(self, code: str) -> Refusal | None:
        """Use a code; None if it was the right one, which counts no longer."""
        now = self.seconds()
        if now < self._locked_until:
            return _too_many(self._locked_until - now)
        if self._code and now - self._since >= LASTS:
            self._retire()
        if self._code and _same(code, self._code):
            self._retire()
            self._lockouts = 0
            return None
        if any(_same(code, each) for each in self._spent):
            if not self._code:
                self.tell(self.begin())
            return Refusal(
                401, "This code was used already or is too old: take the new one that `sheetsync serve` shows."
            )
        self._tries += 1
        if self._tries < MOST_TRIES:
            return Refusal(401, "This is not the code that `sheetsync serve` shows.")
        wait = min(FIRST_WAIT * 2**self._lockouts, _LONGEST_WAIT)
        self._lockouts += 1
        self._locked_until = now + wait
        self.tell(self.begin())
        return _too_many(wait)

    def _retire(self) -> None:
        self._spent = [*self._spent, self._code][-_REMEMBERED:]
        self._code = ""


def _too_many(wait: float) -> Refusal:
    seconds = int(wait) + 1
    return Refusal(
        429, f"Too many wrong codes: try the new one that `sheetsync serve` shows, in {seconds} seconds.", seconds
    )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())

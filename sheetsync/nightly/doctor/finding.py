"""One line of an examination, and the guard that makes a line of whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sheetsync.errors import SheetsyncError

Level = Literal["ok", "note", "do"]
"""All is well; worth knowing, but nothing must be done; something must be done."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    topic: str
    level: Level
    told: str
    """How it is, or what to do, in a sentence."""


def guarded(topic: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; whatever stops it is a finding too, so that the rest is still looked at."""
    try:
        yield from look()
    except SheetsyncError as error:
        yield Finding(topic, "do", str(error))
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        yield Finding(topic, "do", f"The system refused to show it{place}: {error.strerror or error}.")
    except Exception as error:  # noqa: BLE001 - an examination that breaks off would hide what is wrong
        yield Finding(topic, "do", f"This could not be looked at ({type(error).__name__}: {error}): please report it.")

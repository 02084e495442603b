"""Which computer runs a tracker's night: its name and a mark that stays when the name changes."""

from __future__ import annotations

import platform
import re
import secrets
from dataclasses import dataclass
from typing import Final

from sheetsync.nightly import state

_FILE: Final = "machine.json"
_WRITTEN: Final = re.compile(r"(?P<name>.*) \[(?P<mark>[a-z0-9]{6})\]", re.DOTALL)
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Machine:
    """A computer as a tracker's Settings name it: "ana-laptop [k7f2mx]"."""

    name: str
    mark: str
    """Drawn once for each person's account on a computer; empty if none was drawn yet."""

    def __str__(self) -> str:
        return f"{self.name} [{self.mark}]"


def this_machine(*, new: bool = False) -> Machine:
    """This computer; `new` draws and keeps its mark if there is none. Raises UnwritableFileError with `new`."""
    name = platform.node() or "this computer"
    found = state.load(_FILE) or {}
    mark = found.get("mark")
    if isinstance(mark, str) and mark:
        return Machine(name, mark)
    if not new:
        return Machine(name, "")
    mark = "".join(secrets.choice(_LETTERS) for _ in range(6))
    state.save(_FILE, {"mark": mark})
    return Machine(name, mark)


def elsewhere(written: str | None) -> str | None:
    """The other computer that a tracker's setting `Night machine` names; None if it names none, or this one.

    A value that a person typed is compared with this computer's name.
    """
    if not (written or "").strip():
        return None
    here = this_machine()
    text = str(written).strip()
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None if text.casefold() == here.name.casefold() else text
    return None if match["mark"] == here.mark else match["name"]

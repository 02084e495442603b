"""Which cells of ours open on a click: those of some columns whose text is an address."""

from __future__ import annotations

import re
from typing import Final

from sheetsync.model import Value

LINKED: Final = frozenset({"draft"})
"""The keys of the columns whose texts may be links."""
LONGEST: Final = 2_079
"""Characters of an address that Excel takes."""
_ADDRESS: Final = re.compile(r"(?:mailto:|https?://)\S+")


def address(value: Value) -> str | None:
    """The address that a cell's text is, if it is one that every program takes."""
    return value if isinstance(value, str) and len(value) <= LONGEST and _ADDRESS.fullmatch(value) else None

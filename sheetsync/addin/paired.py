"""Which panes were paired, so that Excel pairs once: digests of their tokens, in sheetsync's folder, for the person alone."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Final

from sheetsync.addin.certificates import PAIRED, folder
from sheetsync.errors import UnwritableFileError
from sheetsync.sheets.backups import make_private, write_private
from sheetsync.sheets.placing import worded

LASTS: Final = 90 * 24 * 3600.0
"""Seconds after which a pane is paired anew."""


def remembered() -> list[tuple[bytes, float]]:
    """The digest of each token, and when it was given out, in seconds since 1970; none where nothing can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
        found = json.loads((folder() / PAIRED).read_text("ascii"))
        return [(bytes.fromhex(digest), float(since)) for digest, since in found.items()]
    return []


def remember(given: Sequence[tuple[bytes, float]]) -> None:
    """Write them down instead of those before. Raises UnwritableFileError."""
    place = folder() / PAIRED
    try:
        make_private(place.parent)
        write_private(place, json.dumps({digest.hex(): since for digest, since in given}, indent=1).encode("ascii"))
    except OSError as error:
        raise UnwritableFileError(str(place), f"{worded(error)}; SHEETSYNC_HOME names another place for it.") from None

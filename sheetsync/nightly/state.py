"""What the night remembers on this computer: small JSON files in sheetsync's own folder, for the person alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sheetsync.errors import UnwritableFileError
from sheetsync.sheets.homes import home
from sheetsync.sheets.placing import replace_whole, worded


def folder() -> Path:
    """Where they are: `nightly` in sheetsync's folder."""
    return home().absolute() / "nightly"


def load(name: str) -> Mapping[str, Any] | None:
    """What a file holds; None if there is none, or if it is broken."""
    try:
        found = json.loads((folder() / name).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def save(name: str, content: Mapping[str, Any]) -> None:
    """Replace a file, wholly or not at all. Raises UnwritableFileError."""
    write(name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def write(name: str, text: str) -> Path:
    """Replace a file by a text, wholly or not at all, readable for its owner alone. Raises UnwritableFileError."""
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_whole(place / name, text.encode(), private=True)
    except OSError as error:
        reason = f"{worded(error)}; SHEETSYNC_HOME names another place for it."
        raise UnwritableFileError(str(place / name), reason) from None
    return place / name


def forget(name: str) -> None:
    """Delete a file, if it is there. Raises UnwritableFileError."""
    try:
        (folder() / name).unlink(missing_ok=True)
    except OSError as error:
        raise UnwritableFileError(str(folder() / name), f"{error.strerror or error}.") from None

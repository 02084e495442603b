"""The folders of sheetsync's own files, and folders that a program copies to other computers."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sheetsync.errors import UnwritableFileError

ALLOWED: Final = "SHEETSYNC_SYNCED_HOME"
"""Environment: 1 lets backups lie in a folder that is synced."""

_CLOUDS: Final = {
    "OneDrive": re.compile(r"onedrive( ?-.*| \(.*\))?", re.IGNORECASE),
    "Dropbox": re.compile(r"dropbox( \(.*\))?", re.IGNORECASE),
    "Google Drive": re.compile(r"google ?drive( \(.*\))?|drivefs", re.IGNORECASE),
    "iCloud": re.compile(r"icloud ?drive|mobile documents", re.IGNORECASE),
}
"""Provider -> what its folder is called; macOS puts `OneDrive-Personal` and the like below Library/CloudStorage."""
_MARKERS: Final = {
    "Dropbox": (".dropbox", ".dropbox.cache"),
    "Google Drive": (".tmp.driveupload", ".tmp.drivedownload"),
    "Nextcloud": (".owncloudsync.log", ".nextcloudsync.log"),
    "Syncthing": (".stfolder",),
}
"""Provider -> files or folders that it keeps at the top of what it syncs."""
_ROOTS: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
"""What OneDrive puts into the environment on Windows."""


def home() -> Path:
    """The folder of sheetsync's own files: the system's place for a person's data, or SHEETSYNC_HOME."""
    if own := os.environ.get("SHEETSYNC_HOME"):
        return Path(own)
    import platformdirs

    return platformdirs.user_data_path("sheetsync", appauthor=False)


def backup_home() -> Path:
    """Where backups and the journal go: `home`, or another place of the system's if that one is synced.

    Raises UnwritableFileError if every place is synced, or SHEETSYNC_HOME is, and nobody allowed that.
    """
    wanted = home()
    provider = None if os.environ.get(ALLOWED) == "1" else synced_by(wanted)
    if provider is None:
        return wanted
    if not os.environ.get("SHEETSYNC_HOME"):
        import platformdirs

        for other in (platformdirs.user_state_path("sheetsync", appauthor=False), Path.home() / ".sheetsync"):
            if synced_by(other) is None:
                return other
    raise UnwritableFileError(
        str(wanted),
        f"backups belong on this computer only, and {provider} copies that folder elsewhere: set SHEETSYNC_HOME to a "
        f"folder that is not synced, or {ALLOWED}=1 if it may be.",
    )


def synced_by(folder: Path) -> str | None:
    """Which program copies a folder to other computers, as far as its name, markers or settings tell; None if none."""
    place = folder.expanduser().absolute()
    for standing in dict.fromkeys((place, place.resolve())):
        if found := _named(standing) or _marked(standing) or _listed(standing):
            return found
    return None


def _named(place: Path) -> str | None:
    for above, name in zip(("", *place.parts), place.parts, strict=False):
        for provider, pattern in _CLOUDS.items():
            if pattern.fullmatch(name):
                return provider
        if above == "CloudStorage":
            return name.partition("-")[0]
    return None


def _marked(place: Path) -> str | None:
    own = Path.home()
    for folder in (place, *place.parents):
        for provider, names in _MARKERS.items():
            # ~/.dropbox is the program's own folder, and makes the whole home no synced one
            if any((folder / name).exists() for name in names if (folder, name) != (own, ".dropbox")):
                return provider
    return None


def _listed(place: Path) -> str | None:
    for name in _ROOTS:
        if (root := os.environ.get(name)) and place.is_relative_to(root):
            return "OneDrive"
    return "Dropbox" if any(place.is_relative_to(root) for root in _dropboxes()) else None


def _dropboxes() -> Iterator[str]:
    """Where Dropbox says its folders are: info.json, as its help describes it."""
    places = [
        Path.home() / ".dropbox",
        *(Path(os.environ[n]) / "Dropbox" for n in ("APPDATA", "LOCALAPPDATA") if n in os.environ),
    ]
    for place in places:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            accounts = json.loads((place / "info.json").read_bytes())
            yield from (one["path"] for one in accounts.values() if isinstance(one, dict) and "path" in one)

"""A link to a Google spreadsheet, or its bare id, as people have them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from sheetsync.errors import UsageError

_HOSTS: Final = frozenset({"docs.google.com", "drive.google.com", "sheets.google.com", "spreadsheets.google.com"})
_BARE_ID: Final = re.compile(r"[A-Za-z0-9_-]{30,100}")
_ID: Final = r"([A-Za-z0-9_-]{5,})"
_IN_PATH: Final = re.compile(rf"/(?:spreadsheets|file)(?:/u/\d+)?/d/{_ID}(?:/|$)")
"""`/spreadsheets/d/ID/edit`, `/spreadsheets/u/0/d/ID`, `/a/example.com/spreadsheets/d/ID`, `/file/d/ID/view`."""
_PUBLISHED: Final = re.compile(r"/spreadsheets(?:/u/\d+)?/d/e/")
_OTHER: Final = {
    "document": "a Google document", "presentation": "a Google presentation", "forms": "a Google form",
    "drawings": "a Google drawing", "folders": "a folder on Google Drive", "drive": "a page of Google Drive",
}  # fmt: skip


def is_google(location: str) -> bool:
    """Whether a location is a link to Google or a spreadsheet's bare id; a file of that name counts as the file."""
    if _BARE_ID.fullmatch(location):
        kinds = (str.isdigit, str.isupper, str.islower)  # an id is random; a long file name is hardly ever so mixed
        return all(any(map(kind, location)) for kind in kinds) and not Path(location).exists()
    return _parts(location) is not None


def spreadsheet_id(location: str) -> str:
    """The id in a location for which `is_google` holds.

    Raises UsageError, with what to do, for links to anything but a spreadsheet that can be written.
    """
    parts = _parts(location)
    if parts is None:
        return location
    _, path, query = parts
    if _PUBLISHED.search(path):
        raise UsageError(
            f"{location} is a published copy, which nobody can write: open the spreadsheet itself and copy the link "
            "from the browser's address bar."
        )
    if found := _IN_PATH.search(path):
        return found[1]
    for name in ("id", "key"):  # drive.google.com/open?id=ID, spreadsheets.google.com/ccc?key=ID
        if (value := query.get(name, [""])[0]) and re.fullmatch(_ID, value):
            return value
    kind = next((words for word, words in _OTHER.items() if f"/{word}" in path), "no link to a spreadsheet")
    raise UsageError(
        f"{location} is {kind}: open the spreadsheet and copy the link from the browser's address bar "
        "(https://docs.google.com/spreadsheets/d/...)."
    )


def _parts(location: str) -> tuple[str, str, dict[str, list[str]]] | None:
    """Host, path and query of a link to Google; None for anything else."""
    text = location.strip()
    if "://" not in text:
        if not text.lower().startswith(tuple(f"{host}/" for host in _HOSTS)):
            return None
        text = f"https://{text}"
    try:
        split = urlsplit(text)
        host = (split.hostname or "").lower()
    except ValueError:
        return None
    if split.scheme.lower() not in {"http", "https"}:
        return None
    query = parse_qs(split.query)
    if host == "www.google.com" and split.path == "/url":  # a link copied out of a mail or a search
        return _parts(next(iter(query.get("q") or query.get("url") or [""])))
    return (host, unquote(split.path), query) if host in _HOSTS else None

"""The script of a Google spreadsheet: its files with the words of the catalogue, how to paste them, and pushing them.

The script shows what the last sync wrote and puts picks into the Log column; it has no rules of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sheetsync.errors import DeniedError, GoogleError, SignInError
from sheetsync.model import FOLLOW_UPS, Layout
from sheetsync.resources import templates
from sheetsync.sheets.homes import home
from sheetsync.sheets.placing import replace_whole
from sheetsync.words import column_words, follow_up_words, log_words

if TYPE_CHECKING:
    from sheetsync.sheets.google.auth import Login

SCOPE: Final = "https://www.googleapis.com/auth/script.projects"
"""To make and change the scripts of the person; asked for only where one is pushed, and not kept."""
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "company": ("Company", "Organisation", "Client"),
    "role": ("Role", "Position", "Project"),
    "contact": ("Contact", "Name"),
    "email": ("Email",),
}
"""Field -> the headers by which the script knows a column, where nobody told it this tracker's own."""
_SHOWN: Final = ("Overdue", "Due", "Upcoming")
_WORDS: Final = re.compile(r"(?<=\*/\n)const WORDS = .*?;(?=\n/\* end of the words \*/)", re.DOTALL)
_API: Final = "https://script.googleapis.com/v1/projects"
_SETTINGS: Final = "https://script.google.com/home/usersettings"
_TITLE: Final = "Follow-ups (sheetsync)"


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """One file of the script, as the editor and the API know it: the name has no ending."""

    name: str
    kind: Literal["SERVER_JS", "HTML", "JSON"]
    source: str

    @property
    def file_name(self) -> str:
        """With the ending that says its kind."""
        return self.name + {"SERVER_JS": ".gs", "HTML": ".html", "JSON": ".json"}[self.kind]


def script_files(layout: Layout | None = None) -> tuple[ScriptFile, ...]:
    """Code, sidebar and manifest, with the words of the catalogue and, for a tracker, with its own headers."""
    folder = templates() / "google-addon"
    code, sidebar, manifest = (
        (folder / name).read_text(encoding="utf-8") for name in ("Code.gs", "Sidebar.html", "appsscript.json")
    )
    words = json.dumps(script_words(layout), ensure_ascii=False, indent=2)
    return (
        ScriptFile("Code", "SERVER_JS", _WORDS.sub(lambda _: f"const WORDS = {words};", code)),
        ScriptFile("Sidebar", "HTML", sidebar),
        ScriptFile("appsscript", "JSON", manifest),
    )


def script_words(layout: Layout | None = None) -> dict[str, Any]:
    """The words that the script has to know: our headers, the follow-ups it shows, the picks, the headers of fields."""
    assert set(_SHOWN) <= set(FOLLOW_UPS)  # noqa: S101  # else the catalogue lacks them
    said = follow_up_words()
    fields = {name: list(headers) for name, headers in FIELDS.items()}
    for name, column in (layout.columns if layout else {}).items():
        if name in fields and layout and (header := layout.headers.get(column)):
            fields[name] = [header]
    return {
        "columns": dict(column_words()),
        "follow_up": {word: said[word] for word in _SHOWN},
        "log": list(log_words().values()),
        "fields": fields,
    }


def push(
    book_id: str,
    files: tuple[ScriptFile, ...],
    login: Login,
    *,
    known: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> str:
    """Bind the script to a spreadsheet, or renew the one that is `known` by its id; the script's id.

    `login` must have `SCOPE`. Two calls: projects.create with the spreadsheet as parent, projects.updateContent; the
    second alone where the script is known. Raises DeniedError with what to allow, and what `Transport.call` raises.
    """
    from sheetsync.sheets.google.transport import Transport

    transport = Transport(login, tell=tell)
    content = {"files": [{"name": file.name, "type": file.kind, "source": file.source} for file in files]}
    if known:
        try:
            transport.call("PUT", f"{_API}/{known}/content", body=content, target="the script")
        except GoogleError as error:
            if error.status != 404:  # it was deleted: make another one
                raise _worded(error) from None
        else:
            return known
    try:
        made = transport.call(
            "POST", _API, body={"title": _TITLE, "parentId": book_id}, idempotent=False, target="the script"
        )
        script: str = made["scriptId"]
        transport.call("PUT", f"{_API}/{script}/content", body=content, target="the script")
    except GoogleError as error:
        raise _worded(error) from None
    return script


@dataclass(frozen=True, slots=True)
class Bound:
    """A script that is bound to a spreadsheet now."""

    script: str
    """Its id."""
    renewed: bool
    """It was there before."""

    @property
    def url(self) -> str:
        """Where it is edited."""
        return f"https://script.google.com/d/{self.script}/edit"


def bind(book_id: str, layout: Layout | None, *, client: str | None, tell: Callable[[str], None]) -> Bound:
    """Push the script with the person's own sign-in, which is asked for now and not kept.

    `client` is the OAuth client's file, None for the remembered one. Which script belongs to which spreadsheet is
    remembered, so that a second run renews it. Raises SignInError, DeniedError and other GoogleErrors.
    """
    from sheetsync.sheets.google.desktop import sign_in_once

    login = sign_in_once(client, (SCOPE,), tell=tell)
    return bind_as(login, book_id, layout, tell=tell)


def bind_as(login: Login, book_id: str, layout: Layout | None, *, tell: Callable[[str], None] | None = None) -> Bound:
    """Push the script with a login that has `SCOPE`; else as `bind`."""
    known = _remembered()
    script = push(book_id, script_files(layout), login, known=known.get(book_id), tell=tell)
    if known.get(book_id) != script:
        place = _memory()
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_whole(place, json.dumps({**known, book_id: script}).encode(), private=True)
    return Bound(script, renewed=known.get(book_id) == script)


def steps() -> tuple[str, ...]:
    """How to paste the script by hand, a sentence a step."""
    return (
        "Open the spreadsheet in a browser and choose Extensions > Apps Script.",
        "Delete what stands in Code.gs and paste the content of Code.gs.",
        "Press + beside Files, choose HTML, call it Sidebar, and paste the content of Sidebar.html over what is there.",
        "Open Project Settings, tick “Show appsscript.json”, go back to the files and paste the content of appsscript.json.",
        "Save, close the tab, and reload the spreadsheet: the menu Follow-ups is there after a few seconds.",
        "Choose one of its items and let Google's page allow it: this one spreadsheet, and a sidebar in it.",
    )


def _memory() -> Path:
    return home() / "google" / "scripts.json"


def _remembered() -> dict[str, str]:
    """Spreadsheet id -> script id; empty where nothing can be read."""
    try:
        found = json.loads(_memory().read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(book): str(script) for book, script in found.items()} if isinstance(found, dict) else {}


def _worded(error: GoogleError) -> GoogleError:
    """What a refusal means for a script. Whoever may not open the spreadsheet may not bind one to it either."""
    if error.status != 403 or isinstance(error, SignInError):
        return error
    return DeniedError(
        f"Google does not let a script be made: switch the Google Apps Script API on for yourself at {_SETTINGS}, and in "
        "the Google Cloud project of your OAuth client; the spreadsheet must be yours, or you an Editor of it. Or paste "
        "the script by hand.",
        status=403,
    )

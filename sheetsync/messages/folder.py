"""The folder of drafts: what a person edited there is never written over, and what was sent is put away.

A draft holds nothing but its message, because whatever else stood in it might be sent along. Which thread it is for,
and what it was when it was made, stands in one list beside the drafts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from sheetsync.errors import UnreadableFileError, UnwritableFileError, UsageError
from sheetsync.messages.formats import as_file, file_name, form_for, read_message
from sheetsync.messages.templating import FOLDER, GAP, rules, shipped
from sheetsync.records.drafted import Drafted
from sheetsync.sheets.placing import replace_whole, sweep, worded

if TYPE_CHECKING:
    from sheetsync.messages.values import Draft, Message
    from sheetsync.model import Plan, Tracker

LIST: Final = ".drafts.json"
SENT: Final = "sent"
_NUMBER: Final = re.compile(r"~\d+$")
_MOST: Final = 1000

State = Literal["new", "replaced", "unchanged", "beside", "kept"]
"""What became of a draft's file: "beside" stands next to one that the person edited, "kept" is that one, because there is
nothing new to say."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft and its file."""

    draft: Draft
    name: str
    state: State
    gaps: tuple[str, ...]
    """Those that are in the file."""
    edited: str = ""
    """The file that the person edited, where the draft stands beside it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A draft as it stands in its file now."""

    drafted: Drafted
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    tracker: str
    digest: str
    drafted: Drafted


class DraftFolder:
    """The drafts of one tracker in a folder, which others may share."""

    def __init__(self, path: Path, tracker: str) -> None:
        """Take the folder, which need not be there, and the name by which the tracker's drafts are known."""
        self.path = path
        self._tracker = tracker
        self._entries = dict(_entries(path / LIST))

    def save(self, drafts: Iterable[Draft], form: str, tracker: Tracker, plan: Plan) -> tuple[Saved, ...]:
        """Write drafts, each in the format it can have. Raises UnwritableFileError."""
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"{self.path} is no folder: name another one with --out.")
        sweep(self.path)
        used: set[str] = set()
        saved: list[Saved] = []
        for draft in drafts:
            content = as_file(draft, form_for(draft, form))
            one = self._place(draft, file_name(draft, form), content, used)
            used.add(one.name)
            saved.append(one)
            if one.state == "kept":
                continue
            if one.state != "unchanged":
                _write(self.path / one.name, content)
            digest = _digest(content)
            self._entries[one.name] = _Entry(self._tracker, digest, _drafted(draft, one.name, tracker, plan))
        if saved:
            self._save_list()
        return tuple(saved)

    def _place(self, draft: Draft, wanted: str, content: bytes, used: set[str]) -> Saved:
        """The first name that is free, or taken by a draft of ours that nobody touched."""
        edited, gaps = "", draft.gaps
        for name in _numbered(wanted):
            if name in used:
                continue
            standing = self._read(name)
            if standing is None:
                return Saved(draft, name, "beside" if edited else "new", gaps, edited)
            entry = self._entries.get(name)
            ours = entry is not None and entry.tracker == self._tracker
            if standing == content and (ours or entry is None):
                return Saved(draft, name, "unchanged", gaps, edited)
            if ours and entry is not None and entry.digest == _digest(standing):
                return Saved(draft, name, "beside" if edited else "replaced", gaps, edited)
            if ours and entry is not None and entry.digest == _digest(content):
                return Saved(draft, name, "kept", _gaps(read_message(name, standing)))
            if entry is None or ours:
                edited = edited or name
        raise UsageError(f"{self.path} is full of drafts called {wanted}: take some away.")

    def finished(self) -> tuple[tuple[Finished, ...], tuple[str, ...]]:
        """The tracker's drafts that stand in the folder, and the names of other files there that might be some.

        Raises UnreadableFileError, UsageError.
        """
        found: list[Finished] = []
        others: list[str] = []
        try:
            names = sorted(each.name for each in self.path.iterdir() if each.is_file()) if self.path.is_dir() else []
        except OSError as error:
            raise UnreadableFileError(str(self.path), f"{error.strerror or error}.") from error
        for name in names:
            entry = self._entries.get(name)
            if entry is None:
                others += [name] if name.endswith((".eml", ".md", ".txt")) else []
                continue
            content = self._read(name)
            if entry.tracker != self._tracker or content is None:
                continue
            message = read_message(name, content)
            drafted = entry.drafted
            if message.subject and message.subject != drafted.subject:
                drafted = Drafted(**{**_fields(drafted), "subject": message.subject})
            found.append(Finished(drafted, _gaps(message)))
        return tuple(found), tuple(others)

    def put_away(self, names: Iterable[str]) -> tuple[str, ...]:
        """Move drafts into the folder of what was sent; answer those that could not be moved."""
        left: list[str] = []
        for name in names:
            try:
                (self.path / SENT).mkdir(exist_ok=True)
                target = next(each for each in _numbered(name) if not (self.path / SENT / each).exists())
                (self.path / name).rename(self.path / SENT / target)
            except OSError:
                left.append(name)
        return tuple(left)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableFileError(str(self.path / name), f"{error.strerror or error}.") from error

    def _save_list(self) -> None:
        entries = {
            name: {
                "tracker": entry.tracker,
                "digest": entry.digest,
                **_fields(entry.drafted),
                "on": entry.drafted.on.isoformat(),
            }
            for name, entry in sorted(self._entries.items())
        }
        text = json.dumps({"drafts": entries}, ensure_ascii=False, indent=1).encode()
        if self._read(LIST) != text:
            _write(self.path / LIST, text)


def own_templates(beside: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """The person's own templates in a folder `messages` in `beside`, by file name; and the names that are no template's.

    Raises UnreadableFileError, UsageError.
    """
    folder = beside / FOLDER
    found: dict[str, str] = {}
    strange: list[str] = []
    try:
        files = sorted(folder.glob("*.txt")) if folder.is_dir() else []
        for file in files:
            rule, _, _ = file.name.removesuffix(".txt").rpartition(".")
            if rule not in rules() and shipped(file.name) is None and not file.name.startswith("_"):
                strange.append(f"{FOLDER}/{file.name}")
                continue
            found[file.name] = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text: save it as UTF-8 in your editor.") from None
    except OSError as error:
        raise UnreadableFileError(str(folder), f"{error.strerror or error}.") from error
    return found, tuple(strange)


def _gaps(message: Message) -> tuple[str, ...]:
    texts = (message.subject, message.body)
    return tuple(dict.fromkeys(" ".join(match[1].split()) for text in texts for match in GAP.finditer(text)))


def _numbered(name: str) -> Iterator[str]:
    """A name, then the same with a number behind it."""
    stem, dot, suffix = name.rpartition(".")
    stem = _NUMBER.sub("", stem)
    yield name
    for number in range(2, _MOST):
        yield f"{stem}~{number}{dot}{suffix}"


def _drafted(draft: Draft, name: str, tracker: Tracker, plan: Plan) -> Drafted:
    thread: Any = tracker.frame.loc[draft.row]
    channel = str(plan.frame.loc[draft.row, "channel"]) if draft.channel == "message" else draft.channel
    return Drafted(
        name, draft.row, str(thread["id"]), str(thread["company"]), str(thread["role"]), str(thread["contact"]),
        draft.recipient, draft.rule, channel, draft.subject, plan.today,
    )  # fmt: skip


def _fields(drafted: Drafted) -> dict[str, Any]:
    return asdict(drafted)


def _entries(path: Path) -> Iterator[tuple[str, _Entry]]:
    """The list of drafts; one that is missing or damaged knows of none, so that every draft counts as the person's."""
    try:
        drafts: Any = json.loads(path.read_bytes())["drafts"]
        for name, entry in drafts.items():
            values = {**entry, "on": dt.date.fromisoformat(entry["on"]), "row": int(entry["row"])}
            tracker, digest = str(values.pop("tracker")), str(values.pop("digest"))
            yield name, _Entry(tracker, digest, Drafted(**values))
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return


def _digest(content: bytes) -> str:
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file wholly or not at all. Raises UnwritableFileError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, content)
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from error

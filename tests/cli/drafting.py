"""A tracker with people to write to, and what somebody does to their drafts."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from cli.running import write_workbook

COLUMNS = ("Company", "Position", "Contact", "Email", "Status", "Date Applied", "Interview Date", "Notes")
ALDER = ["Alder Ltd", "Analyst", "Ann Alder", "ann@alder.example", "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 15), ""]  # fmt: skip
BIRCH = ["Birch Co", "Archivist", "Tom Reed", "tom@birch.example", "Applied", dt.date(2026, 11, 1), None, ""]
CEDAR = ["Cedar Inc", "Clerk", "Cid Cedar", "cid@cedar.example", "Rejected", dt.date(2026, 9, 1), None, ""]
DOGWOOD = ["Dogwood", "Editor", "Dora Dow", "dora@dogwood.example", "Applied", dt.date(2026, 11, 13), None, ""]


def people(path: Path, *rows: list[object]) -> Path:
    """A tracker: a thank-you and a follow-up are due, one thread is over, one waits."""
    return write_workbook(path, [COLUMNS, *(rows or (ALDER, BIRCH, CEDAR, DOGWOOD))])


def name_yourself(folder: Path) -> None:
    (folder / "sheetsync.toml").write_text('your_name = "Mary Poole"\n', "utf-8")


def parsed(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(file: Path) -> str:
    return str(parsed(file).get_content()).replace("\r\n", "\n") if file.suffix == ".eml" else file.read_text("utf-8")


def edit(file: Path, change: Callable[[str], str]) -> None:
    """Change a draft's text and save it as a mail program does, or an editor."""
    if file.suffix != ".eml":
        file.write_text(change(file.read_text("utf-8")), "utf-8")
        return
    message = parsed(file)
    message.set_content(change(text_of(file)))
    file.write_bytes(message.as_bytes(policy=email.policy.SMTP))


def finish(file: Path, words: str = "the catalogue of the old seed archive") -> None:
    """Fill in every gap."""
    edit(file, lambda text: re.sub(r"\[\[.*?\]\]", words, text))


def drafts(folder: Path) -> list[Path]:
    """The drafts in a folder, without the list beside them."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))

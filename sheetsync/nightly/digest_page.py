"""A digest as a page: HTML, Markdown, plain text, or a message to oneself. What the trackers say is escaped."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final, Literal

from jinja2 import Environment, StrictUndefined, select_autoescape

from sheetsync.nightly.digest import Digest, Item
from sheetsync.resources import templates

Format = Literal["text", "markdown", "html", "eml"]
SUFFIXES: Final[Mapping[str, Format]] = {
    ".txt": "text", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".eml": "eml",
}  # fmt: skip
_MARKS: Final = re.compile(r"[\\`*_{}\[\]<>#|~!&]")
_FIRST: Final = re.compile(r"^([-+=])|^(\d+)(?=[.)])")
"""What begins a list or a heading at the start of a line."""


def page(digest: Digest, form: Format, *, names: Mapping[str, str], day: Callable[[dt.date, dt.date], str]) -> str:
    """The digest in a format.

    `names` says what each target is called; `day` how people say a date on another one.
    """
    if form == "eml":
        return _message(digest, names, day)
    facts = _facts(digest, names, day)
    name = {"text": "page.txt", "markdown": "page.md", "html": "page.html"}[form]
    environment = Environment(
        autoescape=select_autoescape(default_for_string=form == "html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    environment.filters["md"] = _markdown
    text = environment.from_string((templates() / "digest" / name).read_text("utf-8")).render(facts)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def title(digest: Digest, day: Callable[[dt.date, dt.date], str]) -> str:
    """What stands above it: `Follow-ups, Mon 2 Nov 2026`."""
    return f"Follow-ups, {day(digest.today, digest.today)} {digest.today.year}"


def notes(digest: Digest, names: Mapping[str, str]) -> tuple[str, ...]:
    """What a person should look at besides: trackers that failed, cells that nobody can read, cold threads."""
    told = [each.error for each in digest.missed]
    told += [look.beside for look in digest.looks if look.beside]
    for look in digest.looks:
        if look.to_look_at:
            things = "1 thing" if look.to_look_at == 1 else f"{look.to_look_at:,} things"
            # a .csv is never synced, not even dry
            shows = "inspect`" if look.target.lower().endswith(".csv") else "sync` with --dry-run"
            told.append(f"{names[look.target]}: {things} to look at; `sheetsync {shows} shows them.")
    if digest.cold:
        lists = all(look.target.lower().endswith(".csv") for look in digest.looks)
        way = "in the list" if lists else "with `sheetsync sweep --apply`"
        told.append(f"{digest.cold:,} gone cold: close {'it' if digest.cold == 1 else 'them'} {way}.")
    return tuple(told)


def when(item: Item, today: dt.date, day: Callable[[dt.date, dt.date], str]) -> str:
    """A row's date in words, as it matters for what the row is told for."""
    if item.follow_up == "Overdue" and item.contact_by:
        days = "1 day" if item.days_overdue == 1 else f"{item.days_overdue:,} days"
        return f"{days} overdue, by {day(item.contact_by, today)}"
    if item.follow_up == "Due" and item.contact_by:
        return "today at the latest" if item.contact_by == today else f"by {day(item.contact_by, today)}"
    if item.decision_by and item.decision_by >= today and item.follow_up in {"Upcoming", "Waiting"}:
        return f"they decide by {day(item.decision_by, today)}"
    if item.next_contact and item.follow_up in {"Upcoming", "Waiting"}:
        return f"from {day(item.next_contact, today)}"
    return "no date known"


def _facts(digest: Digest, names: Mapping[str, str], day: Callable[[dt.date, dt.date], str]) -> dict[str, Any]:
    several = len(digest.looks) > 1
    moves = [f"{names[target]}: {told}" if several else told for target, told in digest.moves]
    return {
        "digest": digest,
        "title": title(digest, day),
        "several": several,
        "names": names,
        "most": digest.per_day,
        "sections": sections(digest),
        "moves": moves,
        "notes": notes(digest, names),
        "day": lambda value: day(value, digest.today),
        "when": lambda item: when(item, digest.today, day),
    }


def sections(digest: Digest) -> tuple[tuple[str, str, tuple[Item, ...]], ...]:
    """The parts with rows: kind, heading, rows."""
    ahead = "tomorrow" if digest.days == 1 else f"in the next {digest.days} days"
    return (
        ("overdue", "Overdue", digest.overdue),
        ("due", "Due today", digest.due),
        ("soon", f"Begins {ahead}", digest.soon),
        ("waiting", "Waiting for their decision", digest.waiting),
    )


def _message(digest: Digest, names: Mapping[str, str], day: Callable[[dt.date, dt.date], str]) -> str:
    """A message that a mail program opens for sending; to whom is left to the person."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"{title(digest, day)}: {digest.in_short}"
    message["X-Unsent"] = "1"
    message.set_content(page(digest, "text", names=names, day=day), cte="base64")
    message.add_alternative(page(digest, "html", names=names, day=day), subtype="html", cte="base64")
    # parts are parted by what the content makes, so that the same digest is the same file
    message.set_boundary("=-sheetsync-digest-=")
    return message.as_string()


def _clean(value: object) -> object:
    """What is put into a page, without characters that steer a screen, and on one line."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = " ".join(value.split())
    if text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


def _markdown(value: object) -> str:
    """A text whose characters mean nothing to Markdown."""
    text = _MARKS.sub(r"\\\g<0>", " ".join(str(value).split()))
    return _FIRST.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\", text)

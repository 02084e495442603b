"""The values of the messages: a draft, why there is none, a finished message, and what its check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")

Way = Literal["email", "letter", "note", "phone", "connection", "message"]
WAYS: Final[tuple[Way, ...]] = ("email", "letter", "note", "phone", "connection", "message")
"""How a message goes out: "note" is handwritten, "phone" a script to speak from, "message" has no subject."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to one person, not sent. `gaps` are the to-dos left visible in it, without their brackets."""

    row: int
    rule: str
    """A rule id of the cadence, or "application.withdraw", which has no rule of its own."""
    channel: Way
    company: str
    role: str
    recipient: str
    """The person's name; "" where nobody is named."""
    address: str
    phone: str
    subject: str
    """One line; "" where the channel has none."""
    body: str
    gaps: tuple[str, ...]
    template: str
    """The file it was made from, "messages/" before the person's own."""
    todos: tuple[str, ...] = ()
    """What else there is to do before it can go, such as finding an address."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row has no draft, in one sentence. `rule` is the check that says so, as in a `Finding`."""

    row: int
    rule: str
    message: str
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Drafts:
    """What was drafted and what was refused, in the order of the rows asked for."""

    drafts: tuple[Draft, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands in a file: `to` holds bare addresses, `body` has line feeds only.

    `attachments` names the attached files; None where the format cannot tell.
    """

    name: str
    to: tuple[str, ...]
    subject: str
    body: str
    attachments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of a message found. `rule` is a table of `templates/messages/checks.toml`, `where` a place such as "body line 3"."""

    severity: Severity
    rule: str
    message: str
    where: str
    source: str = ""
    """The article that says so, such as "S4"; "" where it is this program's own."""

"""Drafts as files, and files read back: .eml, Markdown, text, and a mailto link.

An .eml is made by the standard library's email package: X-Unsent marks it as a draft, it has no Date and no sender, and
nothing in it tells a recipient where it was made. Which row a file belongs to is in its name.
"""

from __future__ import annotations

import email
import email.policy
import re
import unicodedata
from email.errors import HeaderParseError, MessageError
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.utils import formataddr
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from sheetsync.errors import UsageError
from sheetsync.messages.people import ADDRESS, addresses_in
from sheetsync.messages.values import WAYS, Draft, Message
from sheetsync.tracker.text import fold

FORMATS: Final = ("eml", "md", "text")
SUFFIXES: Final = {"eml": ".eml", "md": ".md", "text": ".txt"}
LONGEST_LINK: Final = 2000
"""Characters of a cell's link that every spreadsheet program keeps."""
_LONGEST_LINE: Final = 76
_LINE_END: Final = "\r\n"
_MOST_BYTES: Final = 56
"""Of each part of a file name; four of them stay below the 255 bytes of every file system."""
_JOINT: Final = "--"
_NUMBERED: Final = re.compile(r"~\d+$")
_NOT_PLAIN: Final = re.compile(r"[^\w]+")
_ELLIPSIS: Final = "…"
_META: Final = re.compile(r"(To|Subject|Call|From|Cc): ?(.*)")
_TAGS: Final = re.compile(r"<[^>]+>")


# Writing


def as_eml(draft: Draft) -> bytes:
    """The draft as a message file that opens unsent in mail programs that know X-Unsent."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["X-Unsent"] = "1"
    message.set_content(draft.body.rstrip("\n") + "\n", charset="utf-8")
    address = _address(draft)
    head = [_header("To", address.display_name, f"<{address.addr_spec}>")] if address else []
    return b"".join([*head, _header("Subject", _one_line(draft.subject)), message.as_bytes()])


def _header(name: str, text: str, rest: str = "") -> bytes:
    """A header as RFC 2047 wants it: `EmailMessage` folds blanks away, or into words, and makes empty encoded words.

    `rest` is the address that follows a person's name.
    """
    folds = all(len(word) < _LONGEST_LINE // 2 for word in text.split())
    plain = text.isascii() and "=?" not in text and folds
    if rest and plain:
        text = formataddr((text, "")).removesuffix(" <>") if text else ""
    header = Header(text, None if plain else "utf-8", header_name=name, maxlinelen=_LONGEST_LINE)
    said = f"{header.encode(linesep=_LINE_END)} {rest}".strip()
    return f"{name}: {said}{_LINE_END}".encode("ascii")


def as_markdown(draft: Draft) -> str:
    """The draft as Markdown: what to do first, then head and text."""
    todos = [*(f"Fill in: {gap}" for gap in draft.gaps), *draft.todos]
    lines = [f"# {_one_line(f'{draft.company}: {draft.recipient}' if draft.recipient else draft.company)}", ""]
    lines += [*(f"- [ ] {_one_line(todo)}" for todo in todos), *([""] if todos else [])]
    return "\n".join([*lines, *_head(draft), draft.body, ""])


def as_text(draft: Draft) -> str:
    """The draft as plain text: head, blank line, text."""
    return "\n".join([*_head(draft), draft.body, ""])


def form_for(draft: Draft, form: str) -> str:
    """The format a draft can have: what is no email (a letter, a script for a call) is Markdown instead of .eml."""
    return "md" if form == "eml" and draft.channel != "email" else form


def as_file(draft: Draft, form: str) -> bytes:
    """The draft in one of `FORMATS`. Raises UsageError for any other."""
    if form == "eml":
        return as_eml(draft)
    if form not in FORMATS:
        raise UsageError(f"There is no format “{form}”: choose eml, md or text.")
    return (as_markdown(draft) if form == "md" else as_text(draft)).encode()


def _head(draft: Draft) -> list[str]:
    head = []
    if draft.channel == "email" and (draft.recipient or draft.address):
        who = (
            f"{draft.recipient} <{draft.address}>"
            if draft.recipient and draft.address
            else draft.recipient or draft.address
        )
        head.append(f"To: {_one_line(who)}")
    if draft.subject:
        head.append(f"Subject: {_one_line(draft.subject)}")
    return [*head, ""] if head else []


def _address(draft: Draft) -> Address | None:
    """The recipient; None without a usable address."""
    bare = draft.address.strip()
    if not ADDRESS.fullmatch(bare) or not bare.isascii():
        return None
    local, _, domain = bare.rpartition("@")
    try:
        return Address(display_name=_one_line(draft.recipient), username=local, domain=domain)
    except (HeaderParseError, MessageError, ValueError):
        return None


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def mailto(draft: Draft, limit: int = LONGEST_LINK) -> str:
    """A link that opens the draft in the mail program, within `limit` characters; "" if there is no address.

    What does not fit is cut between characters, never inside a %XX, and ends with an ellipsis. Text is UTF-8, line ends
    are CRLF (RFC 6068).
    """
    if not ADDRESS.fullmatch(draft.address.strip()):
        return ""
    head = f"mailto:{quote(draft.address.strip(), safe='@.+-_')}?subject="
    subject = quote(_one_line(draft.subject), safe="")
    if len(head) + len(subject) > limit:
        return _cut(head, _one_line(draft.subject), limit)
    joint = "&body="
    whole = head + subject + joint
    body = draft.body.replace("\n", "\r\n")
    if len(whole) + len(quote(body, safe="")) <= limit:
        return whole + quote(body, safe="")
    return _cut(whole, body, limit) if len(whole) + len(quote(_ELLIPSIS)) <= limit else head + subject


def _cut(head: str, text: str, limit: int) -> str:
    """As much of a text as fits behind a head, an ellipsis at its end."""
    room = limit - len(head) - len(quote(_ELLIPSIS))
    if room < 0:
        return head[:limit] if "%" not in head[limit - 2 : limit + 1] else head[: head.rindex("%", 0, limit + 1)]
    kept, used = [], 0
    for char in text.replace("\r\n", "\n"):
        piece = quote("\r\n" if char == "\n" else char, safe="")
        if used + len(piece) > room:
            break
        kept.append(piece)
        used += len(piece)
    return head + "".join(kept) + quote(_ELLIPSIS)


# File names


@lru_cache(maxsize=1 << 14)
def slug(text: str) -> str:
    """A part of a file name: small letters and digits of any script joined by hyphens; "x" if nothing is left."""
    plain = unicodedata.normalize("NFC", _NOT_PLAIN.sub("-", fold(text)).replace("_", "-"))
    plain = re.sub(r"-{2,}", "-", plain).strip("-")
    while len(plain.encode()) > _MOST_BYTES:
        plain = plain[:-1]
    return plain.strip("-") or "x"


def file_name(draft: Draft, form: str = "eml") -> str:
    """A name that is safe on every system, the same at every run, and says which row and step the draft is for."""
    parts = (slug(draft.company), slug(draft.role), slug(draft.recipient), f"{draft.rule}.{draft.channel}")
    return _JOINT.join(parts) + SUFFIXES[form_for(draft, form)]


def row_parts(name: str) -> tuple[str, str, str, str, str] | None:
    """What `file_name` put into a name: slugs of company, role and person, rule, way; None for any other name."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    parts = _NUMBERED.sub("", stem).split(_JOINT)
    rule, _, way = parts[-1].rpartition(".")
    return (parts[0], parts[1], parts[2], rule, way) if len(parts) == 4 and way in WAYS else None


# Reading back


def read_message(name: str, content: bytes) -> Message:
    """A finished message from a file's content: .eml by its headers, anything else as text with an optional head.

    Raises UsageError if an .eml holds no text that can be read.
    """
    if name.casefold().endswith(".eml"):
        return _read_eml(name, content)
    text = content.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _read_text(name, text)


def _read_eml(name: str, content: bytes) -> Message:
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    try:
        part = parsed.get_body(("plain", "html"))
        body = "" if part is None else _content(part)
        if part is not None and part.get_content_type() == "text/html":
            body = _from_html(body)
        attached = tuple(each.get_filename() or each.get_content_type() for each in parsed.iter_attachments())
        heads = (str(value) for key in ("To", "Cc") for value in parsed.get_all(key, []))
        to = tuple(dict.fromkeys(address for head in heads for address in addresses_in(head)))
        subject = str(parsed["Subject"] or "")
    except (LookupError, MessageError, TypeError, ValueError):
        raise UsageError(
            f"{name} cannot be read as a message: open it in your mail program and save it again."
        ) from None
    return Message(name, to, " ".join(subject.split()), body.replace("\r\n", "\n").strip("\n"), attached)


def _content(part: MIMEPart) -> str:
    """A part's text; where it does not say how it is written it is UTF-8, of which ASCII is a part."""
    if part.get_content_charset("us-ascii") != "us-ascii":
        return str(part.get_content())
    raw = part.get_payload(decode=True)
    return raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else ""


def _from_html(body: str) -> str:
    import html

    broken = re.sub(r"(?is)<(script|style|head)\b.*?</\1>", " ", body)
    broken = re.sub(r"\s*\n\s*", " ", broken)
    broken = re.sub(r"(?i)<(?:br|/p|/div|/li|/tr)\b[^>]*>", "\n", broken)
    return "\n".join(line.strip() for line in html.unescape(_TAGS.sub("", broken)).split("\n"))


def _read_text(name: str, text: str) -> Message:
    lines = text.split("\n")
    head: dict[str, str] = {}
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        match = _META.fullmatch(line)
        if match:
            head[match[1]] = match[2].strip()
        elif (line and not line.startswith(("# ", "- ["))) or (not line and "Subject" in head):
            break
        at += 1
    body = "\n".join(lines[at:]).strip("\n")
    return Message(name, addresses_in(head.get("To", "")), head.get("Subject", ""), body)

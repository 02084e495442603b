"""A search for hidden values in a whole package: every part, as bytes and as the text that a program makes of it.

It shares no code with the product. Texts are compared in small letters with single blanks. A text of six characters or
more is looked for everywhere, a shorter one as a word of a text; a number as a cell's value and as people write it; a day as
a serial number and as people write it.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

Hidden = str | float | dt.date
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WITHIN = 6


@dataclass(frozen=True)
class Leak:
    """One value, and the part in which it stands."""

    value: Hidden
    part: str


@dataclass(frozen=True)
class Part:
    """What is searched of one part: its bytes read in each encoding, the texts in it, and its numbers."""

    name: str
    raw: str
    texts: str
    numbers: frozenset[float]


@dataclass(frozen=True)
class Package:
    """All parts, those of embedded packages too, and their names."""

    parts: tuple[Part, ...]

    def leaks(self, values: Iterable[Hidden], *, beside: Package | None = None) -> list[Leak]:
        """Every value that stands anywhere.

        `beside` is the package of another tracker's copy: a part that is the same in both tells nothing of this one, and what
        stands in it may be markup ("applied" is in every copy), so it counts as a word of a text only.
        """
        same = {(part.name, part.raw) for part in beside.parts} if beside else set()
        markup = "\n".join(part.raw for part in beside.parts) if beside else ""
        parts = [part for part in self.parts if (part.name, part.raw) not in same]
        return [Leak(value, part.name) for value in values for part in parts if _stands(value, part, markup=markup)]


def package(source: Path | bytes) -> Package:
    """A workbook, unzipped."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    return Package(tuple(_parts(data, "")))


def plain(text: str) -> str:
    """Small letters, single blanks."""
    return " ".join(text.lower().split())


def _parts(data: bytes, prefix: str) -> Iterator[Part]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        told = " ".join(
            (*names, archive.comment.decode("latin-1"), *(entry.extra.hex() for entry in archive.infolist()))
        )
        yield Part(f"{prefix}(names)", told.lower(), plain(told), frozenset())
        for name in names:
            content = archive.read(name)
            if content[:4] == b"PK\x03\x04":
                yield from _parts(content, f"{prefix}{name}!")
                continue
            yield _part(f"{prefix}{name}", content)


def _part(name: str, content: bytes) -> Part:
    read = [content.decode("utf-8", "replace")]
    read += [content[start:].decode(encoding, "replace") for encoding in ("utf-16-le", "utf-16-be") for start in (0, 1)]
    # escaped a second time, as in a link's address or a rich text's preview
    unescaped = html.unescape(html.unescape(read[0]))
    raw = "\n".join(plain(text) for text in (*read, unescaped))
    texts, numbers = "", set[float]()
    if content.lstrip(b"\xef\xbb\xbf")[:1] == b"<":
        root = etree.fromstring(content, etree.XMLParser(recover=True, huge_tree=True))
        if root is not None:
            texts = " ¦ ".join(map(plain, _texts(root)))
            numbers = {number for text in root.itertext() if (number := _number(text)) is not None}
    return Part(name, raw, texts, frozenset(numbers))


def _texts(root: etree._Element) -> Iterator[str]:
    """Texts as a program joins them: the runs of one string, a formula, the attributes' values."""
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        if name in {"si", "is", "text", "comment", "p", "definedName", "txBody", "rich"}:
            yield "".join(map(str, element.itertext()))
        yield element.text or ""
        for key, value in element.attrib.items():
            if key not in {"r", "s", "t", "ref", "sqref", "spans"}:
                yield str(value)


def _stands(value: Hidden, part: Part, *, markup: str) -> bool:
    if isinstance(value, dt.date):
        return _serial(value) in part.numbers or any(_as_word(form, part.texts) for form in _days(value))
    if isinstance(value, int | float):
        return float(value) in part.numbers or any(_as_word(form, part.texts) for form in _grouped(value))
    text = plain(value)
    if len(text) < _WITHIN or text in markup:
        return _as_word(text, part.texts)
    return text in part.raw or text in part.texts


def _as_word(text: str, within: str) -> bool:
    at = within.find(text)
    while at >= 0:
        end = at + len(text)
        if not (within[at - 1 : at].isalnum() and text[:1].isalnum()) and not (
            within[end : end + 1].isalnum() and text[-1:].isalnum()
        ):
            return True
        at = within.find(text, at + 1)
    return False


def _number(text: object) -> float | None:
    try:
        return float(str(text)) if re.fullmatch(r"-?\d+(?:\.\d+)?", str(text)) else None
    except ValueError:
        return None


def _serial(day: dt.date) -> float:
    whole = (dt.date(day.year, day.month, day.day) - dt.date(1899, 12, 30)).days
    return float(whole)


def _days(day: dt.date) -> tuple[str, ...]:
    month = _MONTHS[day.month - 1].lower()
    return (
        f"{day:%Y-%m-%d}", f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}",
        f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}", f"{day:%d.%m.%Y}",
    )  # fmt: skip


def _grouped(number: float) -> tuple[str, ...]:
    grouped = f"{number:,.0f}"
    return grouped, grouped.replace(",", "."), grouped.replace(",", " "), f"{number:.15g}"

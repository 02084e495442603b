"""XML with the byte offsets of its elements, so that a part can be edited without being written anew.

Every program that serialises XML again changes it: attribute order, prefixes that `mc:Ignorable` needs, entities. So
parts are parsed only to learn where things stand, and the edits are spliced into the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

SPREADSHEET: Final = frozenset(
    {"http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"}
)
"""The main namespace, transitional and strict."""
COMPATIBILITY: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"

TAG: Final = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE: Final = re.compile(rb"""\s+([^\s=<>"']+)\s*=\s*("[^"]*"|'[^']*')""")

Edit = tuple[int, int, bytes]
"""Put these bytes in place of those from the first offset to the second."""


@dataclass(slots=True)
class Element:
    """One element and where it stands in the part's bytes."""

    name: str
    """The local name for the spreadsheet namespaces, else `{namespace}name`."""
    attributes: dict[str, str]
    start: int
    inner: int
    """The end of its start tag."""
    inner_end: int = 0
    end: int = 0
    closed: bool = False
    """Whether it is written `<so/>`."""
    children: list[Element] = field(default_factory=list)
    text: str = ""
    """Its own text, children's left out."""

    def child(self, name: str) -> Element | None:
        """The first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def all(self, name: str) -> list[Element]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]

    def walk(self) -> Iterator[Element]:
        """This element and everything in it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


class MarkupError(Exception):
    """A part is no well-formed XML, or declares entities."""


def parse(data: bytes) -> Element:
    """The root element of a part. Raises MarkupError."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    roots: list[Element] = []
    stack: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        tag = TAG.match(data, at)
        if tag is None:
            raise MarkupError
        closed = data[tag.end() - 2] == 0x2F
        named = {key if "}" not in key else "{" + key: value for key, value in attributes.items()}
        element = Element(_local(name), named, at, tag.end(), closed=closed)
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def end(_name: str) -> None:
        element = stack.pop()
        if element.closed:
            element.inner_end = element.end = element.inner
        else:
            element.inner_end = parser.CurrentByteIndex
            element.end = data.index(b">", element.inner_end) + 1

    def text(words: str) -> None:
        if stack:
            stack[-1].text += words

    def doctype(*_: object) -> None:
        raise MarkupError

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise MarkupError from None
    if not roots:
        raise MarkupError
    return roots[0]


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits; they must not overlap. Insertions at one place keep the order in which they were given."""
    pieces: list[bytes] = []
    position = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        if start < position:
            raise ValueError("edits overlap")
        pieces += (data[position:start], new)
        position = end
    pieces.append(data[position:])
    return b"".join(pieces)


def prefix_of(data: bytes, element: Element) -> bytes:
    """The prefix an element is written with, colon included: `b"x:"`, or `b""`."""
    tag = data[element.start + 1 : element.inner]
    name = re.match(rb"[^\s/>]+", tag)
    head, colon, _ = (name[0] if name else b"").partition(b":")
    return head + colon if colon else b""


def attribute_span(data: bytes, start: int, end: int, name: bytes) -> tuple[int, int] | None:
    """Where an attribute's value stands, quotes left out, within the start tag from `start` to `end`."""
    opening = re.compile(rb"<[^\s/>]+").match(data, start, end)
    position = opening.end() if opening else start
    while match := _ATTRIBUTE.match(data, position, end):
        if match[1] == name:
            return match.start(2) + 1, match.end(2) - 1
        position = match.end()
    return None


def set_attribute(data: bytes, element: Element, name: bytes, value: bytes) -> Edit:
    """Give an attribute another value, or add it at the end of the start tag."""
    span = attribute_span(data, element.start, element.inner, name)
    if span is not None:
        return (*span, value)
    at = element.inner - (2 if element.closed else 1)
    return at, at, b" " + name + b'="' + value + b'"'


def escape(text: str) -> bytes:
    """Text as it stands between tags or in a double-quoted attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").encode("utf-8")


def note(text: bytes = b"") -> bytes:
    """A comment of ours: what stood here before, so that taking our things out can restore every byte.

    Whatever program saves the file anew drops it, and with it the claim that the old bytes can be had back.
    """
    text = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"-", b"&#45;")
    return b"<!--sheetsync" + (b" " + text if text else b"") + b"-->"


_NOTE: Final = re.compile(rb"<!--sheetsync(?: ([^<>]*?))?-->")


def notes(data: bytes, start: int = 0, end: int | None = None) -> list[tuple[int, int, bytes]]:
    """Our comments between two offsets: start, end, text."""
    found = _NOTE.finditer(data, start, len(data) if end is None else end)
    return [(match.start(), match.end(), _plain(match[1] or b"")) for match in found]


def _plain(text: bytes) -> bytes:
    return text.replace(b"&#45;", b"-").replace(b"&gt;", b">").replace(b"&lt;", b"<").replace(b"&amp;", b"&")


def _local(name: str) -> str:
    uri, brace, local = name.rpartition("}")
    if not brace or uri in SPREADSHEET:
        return local
    return "{" + name

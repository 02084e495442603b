"""The package inside a workbook file: its parts, their content types and relations (ECMA-376 part 2).

A package is read into memory at once, so that every stage sees the same bytes as the version token was made from, and
is checked before anything else looks at it: what a person can cause ends in one sentence, hostile files included.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import unquote

from sheetsync.errors import RefusedFileError, UnreadableFileError
from sheetsync.sheets.files import read_file
from sheetsync.sheets.ooxml.archive import Archive, Content

if TYPE_CHECKING:
    from lxml import etree

_TRANSITIONAL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_STRICT: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
_MAIN_TYPES: Final = (_TRANSITIONAL + "officeDocument", _STRICT + "officeDocument")
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_PROLOG_LIMIT: Final = 1 << 16
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ENCODING: Final = re.compile(rb"""^<\?xml[^>]*?\bencoding\s*=\s*["']([^"']+)""")


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation of a part to another."""

    id: str
    type: str
    """The whole type URI; the last segment says what it is."""
    target: str
    """The target's member name as it stands in the package, or, if it is not there or external, the target as given."""
    external: bool = False

    @property
    def kind(self) -> str:
        """The type's last segment, alike for strict and transitional: `worksheet`, `table`, `styles`."""
        return self.type.rsplit("/", 1)[-1]


class Package:
    """A workbook file's parts. Names are member names, as they stand in the zip."""

    def __init__(self, location: str, data: bytes) -> None:
        """Check the container. Raises UnreadableFileError or RefusedFileError."""
        self.location = location
        self.data = data
        """The file's own bytes."""
        self.version = ""
        """The file's version token (`files.version`); empty for bytes that were not read from a file."""
        _check_head(location, data)
        self._archive = Archive(location, data)
        self._parts = {_key(name): name for name in self._archive.members if not name.endswith(("/", "\\"))}
        self._relations: dict[str, tuple[Relation, ...]] = {}
        self.kept: dict[str, object] = {}
        """What was found out about a part, by its name: for those who read and those who write after them."""
        self._check()

    @classmethod
    def open(cls, path: Path | str) -> Package:
        """Read and check a file. Raises FileError."""
        data, version = read_file(Path(path))
        package = cls(str(path), data)
        package.version = version
        return package

    # Parts

    @property
    def names(self) -> tuple[str, ...]:
        """Every member, folders included, in the order of the zip's directory."""
        return tuple(self._archive.members)

    def part(self, name: str) -> str | None:
        """The member of that part name, whatever its case, slashes or escapes; None if there is none."""
        return self._parts.get(_key(name))

    def size(self, name: str) -> int:
        """A part's inflated size in bytes."""
        return self._archive.members[name].size

    def read(self, name: str) -> bytes:
        """A part, inflated. Raises UnreadableFileError if it is damaged, KeyError if it is not there."""
        return self._archive.read(name)

    def stream(self, name: str, size: int = 1 << 18) -> Iterator[bytes]:
        """A part, inflated in chunks of at most `size` bytes. Raises as `read` does, at the latest at the end."""
        return self._archive.stream(name, size)

    def verify(self, *names: str) -> None:
        """Make sure that parts inflate to what they declare, before a library without a limit of its own reads them.

        Costs nothing for a part that `read` or `stream` has gone through to its end. Raises UnreadableFileError.
        """
        for name in names:
            self._archive.verify(name)

    def xml(self, name: str) -> etree._Element:
        """A small part as an element tree. Raises UnreadableFileError or RefusedFileError."""
        return parse_xml(self.location, name, self.read(name))

    # Types and relations

    def content_type(self, part: str) -> str | None:
        """A part's content type, by its own entry or by its suffix."""
        overrides, defaults = self._content_types
        return overrides.get(_key(part)) or defaults.get(part.rsplit(".", 1)[-1].lower())

    def relations(self, part: str = "") -> tuple[Relation, ...]:
        """A part's relations in their order; those of the package itself for ""."""
        if part not in self._relations:
            self._relations[part] = tuple(self._read_relations(part))
        return self._relations[part]

    def relations_part(self, part: str = "") -> str | None:
        """The member that holds a part's relations, None if it has none."""
        folder, name = posixpath.split(part.replace("\\", "/"))
        return self.part(posixpath.join(folder, "_rels", name + ".rels"))

    @cached_property
    def main_part(self) -> str:
        """The workbook part."""
        for relation in self.relations():
            if relation.type in _MAIN_TYPES and self.part(relation.target):
                return relation.target
        raise UnreadableFileError(self.location, "there is no workbook in it.")

    @property
    def strict(self) -> bool:
        """Whether it is strict OOXML, whose namespaces and relation types differ (ISO/IEC 29500-1)."""
        return any(relation.type == _MAIN_TYPES[1] for relation in self.relations())

    # Writing

    def write(
        self,
        target: BinaryIO,
        replaced: Mapping[str, Content],
        added: Mapping[str, bytes] | None = None,
        dropped: AbstractSet[str] = frozenset(),
    ) -> None:
        """Write the package into a seekable file with some parts replaced, added or left out.

        Every other part keeps its bytes as they stand in the zip, and its place. `replaced` maps a name to its bytes,
        its chunks, or a function that makes the chunks; they are deflated as they come. The same input gives the same
        bytes. Raises KeyError for a part to replace or drop that is not there, or one to add that is.
        """
        added = added or {}
        for name in (*replaced, *dropped):
            if name not in self._archive.members:
                raise KeyError(name)
        for name in added:
            if self.part(name):
                raise KeyError(name)
        self._archive.write(target, replaced=replaced, added=added, dropped=dropped)

    # Checks

    def _check(self) -> None:
        types = self.part("[Content_Types].xml")
        if types is None:
            if self.part("mimetype") or self.part("Index/Document.iwa"):
                raise RefusedFileError(self.location, "it is no Excel workbook: save it as .xlsx.")
            raise UnreadableFileError(self.location, "it is a zip file, but there is no workbook in it.")
        for name in self._parts.values():
            if _is_markup(name):
                self._check_prolog(name)
        if self.part("_xmlsignatures/origin.sigs") or any(key.startswith("_xmlsignatures/") for key in self._parts):
            self._refuse_signed()
        if any(relation.kind == "origin" and "digital-signature" in relation.type for relation in self.relations()):
            self._refuse_signed()
        kind = self.content_type(self.main_part) or ""
        if "sheet.binary" in kind:
            raise RefusedFileError(self.location, "it is a binary workbook (.xlsb): save it as .xlsx.")
        if "wordprocessingml" in kind or "presentationml" in kind:
            raise RefusedFileError(self.location, "it is a text document or a presentation, not a workbook.")

    def _refuse_signed(self) -> None:
        raise RefusedFileError(
            self.location, "it carries a digital signature, which any change would break: save a copy without it."
        )

    def _check_prolog(self, name: str) -> None:
        head = b""
        for piece in self.stream(name, 1024):
            head += piece
            if len(head) >= _PROLOG_LIMIT or root_start(head) is not None:
                break
        check_xml(self.location, name, head)

    @cached_property
    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        overrides: dict[str, str] = {}
        defaults: dict[str, str] = {}
        for element in self.xml(self._parts[_key("[Content_Types].xml")]):
            kind = element.get("ContentType", "")
            if _tag(element) == "Override":
                overrides[_key(element.get("PartName", ""))] = kind
            elif _tag(element) == "Default":
                defaults[element.get("Extension", "").lower()] = kind
        return overrides, defaults

    def _read_relations(self, part: str) -> Iterator[Relation]:
        name = self.relations_part(part)
        if name is None:
            return
        folder = posixpath.dirname("/" + part.replace("\\", "/").lstrip("/"))
        for element in self.xml(name):
            if _tag(element) != "Relationship":
                continue
            target = element.get("Target", "")
            external = element.get("TargetMode", "").lower() == "external"
            if not external:
                path = target.split("#", 1)[0].replace("\\", "/")
                path = posixpath.normpath(posixpath.join(folder, path)).lstrip("/")
                target = self.part(path) or path
            yield Relation(element.get("Id", ""), element.get("Type", ""), target, external)


def root_start(head: bytes) -> int | None:
    """Where the root element (or a DOCTYPE) of a part's first bytes starts; None if more bytes are needed."""
    start = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    match = _PROLOG.match(head, start)
    position = match.end() if match else start
    unfinished = head.startswith((b"<!--", b"<?"), position)
    return None if unfinished or len(head) - position < len("<!DOCTYPE") else position


def check_xml(location: str, name: str, head: bytes) -> None:
    """Refuse a part that declares entities or is not UTF-8; its first bytes are enough.

    No spreadsheet program writes a document type declaration, and a bomb needs one. Raises RefusedFileError or
    UnreadableFileError.
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4].count(0):
        raise RefusedFileError(location, f"its part {name} is not in UTF-8: open the file and save it anew.")
    encoding = _ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    if encoding and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        raise RefusedFileError(location, f"its part {name} is not in UTF-8: open the file and save it anew.")
    start = root_start(head)
    if start is not None and head.startswith(b"<!", start):
        raise RefusedFileError(location, f"its part {name} declares entities, which no spreadsheet program writes.")
    if len(head) >= _PROLOG_LIMIT and start is None:
        raise UnreadableFileError(location, f"its part {name} does not begin.")


def parse_xml(location: str, name: str, data: bytes) -> etree._Element:
    """Parse a part without entities, network or recovery. Raises UnreadableFileError or RefusedFileError."""
    from lxml import etree

    check_xml(location, name, data)
    try:
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError:
        raise UnreadableFileError(location, f"its part {name} is damaged.") from None


@cache
def _parser() -> etree.XMLParser:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)


def _tag(element: etree._Element) -> str:
    """An element's local name; "" for a comment."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _key(name: str) -> str:
    return unquote(name.replace("\\", "/")).lstrip("/").casefold()


def _is_markup(name: str) -> bool:
    """Whether a spreadsheet reader may parse the part; custom data and drawings in old markup are never parsed."""
    key = _key(name)
    return key.endswith((".xml", ".rels")) and (key.startswith(("xl/", "_rels/")) or "/" not in key)


def _check_head(location: str, data: bytes) -> None:
    """Say what a file is that is no zip. Raises FileError."""
    if data[:4] in (b"PK\3\4", b"PK\5\6"):
        return
    if not data:
        raise UnreadableFileError(location, "it is empty.")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise RefusedFileError(location, "it is encrypted: open it and save it without a password.")
        if any(f"{name}\0".encode("utf-16-le") in data for name in ("Workbook", "Book")):
            raise RefusedFileError(location, "it is a workbook in the old .xls format: save it as .xlsx.")
        raise RefusedFileError(location, "it is an old Office file, not a workbook: save it as .xlsx.")
    if data.lstrip()[:1] == b"<":
        raise UnreadableFileError(location, "it is a web page or XML text, not a workbook: save it as .xlsx.")
    raise UnreadableFileError(location, "it is no Excel workbook.")

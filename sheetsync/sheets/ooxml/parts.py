"""The styles part of a workbook, and how one is wired in where there is none."""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import Final

from sheetsync.errors import UnreadableFileError
from sheetsync.sheets.ooxml.archive import Content
from sheetsync.sheets.ooxml.markup import Element, MarkupError, escape, note, parse, prefix_of, splice
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.styles import Styles, empty_stylesheet
from sheetsync.sheets.ooxml.workbook import Workbook

_RELATION: Final = "rIdSheetsyncStyles"
_TYPES: Final = "[Content_Types].xml"
_STYLES_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LOOKED_AT: Final = 8
"""Chunks of a sheet whose styles are looked at."""
_STYLED: Final = re.compile(rb"""<(?:\w+:)?(?:c|row|col) [^<>]*?\b(?:s|style)=["'](\d+)["']""")


def load_styles(package: Package, workbook: Workbook) -> tuple[Styles, dict[str, bytes], dict[str, bytes]]:
    """The styles; and, where the workbook has none, the part to add and the parts that wire it in."""
    for relation in package.relations(workbook.part):
        if relation.kind == "styles" and not relation.external and package.part(relation.target):
            return Styles(package.location, relation.target, package.read(relation.target)), {}, {}
    folder = posixpath.dirname(workbook.part)
    part = next(
        name
        for number in range(1, 1000)
        if package.part(name := posixpath.join(folder, f"styles{'' if number == 1 else number}.xml")) is None
    )
    data = empty_stylesheet(spreadsheet_namespace(package))
    kind = office_base(package) + "/styles"
    relations = package.relations_part(workbook.part)
    types = package.part(_TYPES)
    if relations is None or types is None:
        raise UnreadableFileError(package.location, "its workbook names no sheets.")
    target = posixpath.basename(part)
    wired = {
        relations: _with_child(
            package, relations, b'Relationship Id="%b" Type="%b" Target="%b"', _RELATION, kind, target
        ),
        types: _with_child(package, types, b'Override PartName="/%b" ContentType="%b"', part, _STYLES_TYPE),
    }
    return Styles(package.location, part, data), {part: data}, wired


def spreadsheet_namespace(package: Package) -> str:
    """The main namespace as the workbook has it, strict or transitional."""
    base = "http://purl.oclc.org/ooxml" if package.strict else "http://schemas.openxmlformats.org"
    return base + ("/spreadsheetml/main" if package.strict else "/spreadsheetml/2006/main")


def office_base(package: Package) -> str:
    """What the types of relations begin with, which is the namespace of their ids too."""
    if package.strict:
        return "http://purl.oclc.org/ooxml/officeDocument/relationships"
    return "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class Wiring:
    """Relations of the workbook and content types that come or go, made into the parts that hold them."""

    def __init__(self, package: Package, workbook: Workbook) -> None:
        self._package = package
        self._relations, self._types = package.relations_part(workbook.part), package.part(_TYPES)
        self._known = {relation.id for relation in package.relations(workbook.part)}
        self._new: dict[str, list[bytes]] = {}
        self._gone: dict[str, list[tuple[str, str]]] = {}

    def relation(self, kind: str, target: str) -> str:
        """Relate the workbook to a part; answer the relation's id."""
        identity = next(name for n in range(1, 100_000) if (name := f"rIdSheetsync{n}") not in self._known)
        self._known.add(identity)
        made = f'Relationship Id="{identity}" Type="{kind}" Target="{escape(target).decode()}"'
        self._new.setdefault(self._part(self._relations), []).append(made.encode())
        return identity

    def type_of(self, part: str, kind: str) -> None:
        """Say what kind of part it is."""
        made = f'Override PartName="/{escape(part).decode()}" ContentType="{kind}"'
        self._new.setdefault(self._part(self._types), []).append(made.encode())

    def without_relation(self, identity: str) -> None:
        """Take a relation of the workbook out."""
        self._gone.setdefault(self._part(self._relations), []).append(("Id", identity))

    def without_type(self, part: str) -> None:
        """Forget what kind of part it is."""
        self._gone.setdefault(self._part(self._types), []).append(("PartName", "/" + part))

    def put_into(self, parts: dict[str, Content]) -> None:
        """Put the edited parts among `parts`, over what is there of them already."""
        for name in (*self._new, *(name for name in self._gone if name not in self._new)):
            standing = parts.get(name)
            data = standing if isinstance(standing, bytes) else self._package.read(name)
            root = _parsed(self._package, name, data)
            prefix = prefix_of(data, root)
            made = b"".join(b"<" + prefix + tag + b"/>" for tag in self._new.get(name, ()))
            gone = {(key, value.casefold()) for key, value in self._gone.get(name, ())}
            edits = [(root.inner_end, root.inner_end, made)]
            edits += [
                (child.start, child.end, b"")
                for child in root.children
                if any((key, value.casefold()) in gone for key, value in child.attributes.items())
            ]
            parts[name] = splice(data, edits)

    def _part(self, name: str | None) -> str:
        if name is None:
            raise UnreadableFileError(self._package.location, "its workbook names no sheets.")
        return name


def refuse_unknown_styles(package: Package, workbook: Workbook, styles: Styles) -> None:
    """Raise RefusedFileError if a cell's style is past the end of the table: the first one we add would be its own.

    The first megabytes of each sheet are looked at; a program that writes such a file does so from the first row on.
    """
    for entry in workbook.sheets:
        if entry.kind == "worksheet":
            top = b"".join(islice(package.stream(entry.part), _LOOKED_AT))
            if any(int(style) >= styles.count for style in set(_STYLED.findall(top))):
                raise styles.damaged()


def own_styles(package: Package, workbook: Workbook) -> tuple[str, str] | None:
    """The styles part that we added, if it is as we added it: its relation's id and its name."""
    part = next((r.target for r in package.relations(workbook.part) if r.id == _RELATION), None)
    if part is None or not package.part(part) or note(b"made") not in package.read(part)[:200]:
        return None
    return _RELATION, part


def _with_child(package: Package, part: str, tag: bytes, *values: str) -> bytes:
    data = package.read(part)
    root = _parsed(package, part, data)
    prefix = prefix_of(data, root)
    made = b"<" + prefix + tag % tuple(value.encode() for value in values) + b"/>"
    return splice(data, [(root.inner_end, root.inner_end, made)])


def _parsed(package: Package, part: str, data: bytes) -> Element:
    try:
        return parse(data)
    except MarkupError:
        raise UnreadableFileError(package.location, f"its part {part} is damaged.") from None

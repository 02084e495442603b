"""Sheets of ours taken out of a workbook again, with everything that wires them in. Nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

from sheetsync.model import Problem
from sheetsync.sheets.ooxml.archive import Content as Part
from sheetsync.sheets.ooxml.marks import LISTS
from sheetsync.sheets.ooxml.markup import MarkupError, parse, splice
from sheetsync.sheets.ooxml.package import Package
from sheetsync.sheets.ooxml.parts import Wiring
from sheetsync.sheets.ooxml.workbook import MARK, RECORD, SheetEntry, Workbook

_FORMULA: Final = re.compile(
    rb"<(?:[\w.-]+:)?(?:f|formula[12]?|calculatedColumnFormula|totalsRowFormula)[^<>]*>([^<]+)<"
)
_READS_NOTHING: Final = ("sharedstrings", "styles", "theme", "docprops", "[content_types]", "_rels")


class SheetRemoval:
    """Which sheets go, and what follows from it."""

    def __init__(
        self, package: Package, workbook: Workbook, *, everything: bool, only: frozenset[str] | None = None
    ) -> None:
        """With `everything` the sheets with the person's records go too; `only` names all that may go."""
        self._package, self._workbook = package, workbook
        by_name = {entry.name: entry for entry in workbook.sheets}
        marks = workbook.sheet_marks()
        self.candidates = {
            key: by_name[name]
            for key, name in marks.items()
            if name is not None
            and (everything or not key.startswith(RECORD) if only is None else _is_named(name, only))
        }
        self.stale = {key for key, name in marks.items() if name is None and only is None}
        """The marks of sheets that the person deleted."""
        self.problems: list[Problem] = []

    def settle(self, parts: Mapping[str, Part]) -> None:
        """Keep those that something else reads; `parts` are those that are edited already.

        What reads a sheet of ours may be another one that stays, such as a History whose drop-downs need our lists.
        """
        going = dict(self.candidates)
        while True:
            read = self._read(going, parts)
            if not read:
                break
            for key in read:
                entry = going.pop(key)
                if not entry.hidden:
                    self.problems.append(
                        Problem(
                            entry.name, None, None,
                            "This sheet stays, because formulas of yours read it: take those out and remove it again.",
                        )
                    )  # fmt: skip
        self.candidates = going

    @property
    def indexes(self) -> frozenset[int]:
        """The places of the sheets that go, in the workbook's list, from 0."""
        return frozenset(entry.index for entry in self.candidates.values())

    @property
    def keys(self) -> set[str]:
        """The keys of the marks that go."""
        return {*self.candidates, *self.stale}

    def take_out(self, parts: dict[str, Part]) -> frozenset[str]:
        """Edit what wires the sheets in; answer the parts that go."""
        if not self.candidates:
            return frozenset()
        wiring = Wiring(self._package, self._workbook)
        gone: set[str] = set()
        for entry in self.candidates.values():
            gone |= self._with_its_own(entry.part)
        for relation in self._package.relations(self._workbook.part):
            if relation.target in gone:
                wiring.without_relation(relation.id)
        gone |= self._shorten_chain(parts, wiring)
        gone |= {links for part in gone if (links := self._package.relations_part(part))}
        for part in gone:
            wiring.without_type(part)
            parts.pop(part, None)
        wiring.put_into(parts)
        return frozenset(gone)

    def _read(self, going: Mapping[str, SheetEntry], parts: Mapping[str, Part]) -> set[str]:
        """Which of the sheets something reads that does not go."""
        if not going:
            return set()
        patterns = {key: _mention(entry.name) for key, entry in going.items()}
        scopes = {entry.index for entry in going.values()}
        texts = [
            name.text
            for name in self._workbook.names
            if name.scope not in scopes and not name.name.lower().startswith(MARK)
        ]
        leaving = {part for entry in going.values() for part in self._with_its_own(entry.part)}
        for part in self._package.names:
            if part in leaving or not part.endswith(".xml") or any(word in part.lower() for word in _READS_NOTHING):
                continue
            edited = parts.get(part)
            data = edited if isinstance(edited, bytes) else self._package.read(part)
            texts += [unescape(text.decode("utf-8", "replace")) for text in _FORMULA.findall(data)]
            texts += [f"{name.decode('utf-8', 'replace')}!" for name in re.findall(rb'\ssheet="([^"]*)"', data)]
        whole = "\n".join(texts)
        return {key for key, pattern in patterns.items() if pattern.search(whole)}

    def _with_its_own(self, part: str) -> set[str]:
        """A part and those that it alone relates to, such as its tables."""
        found = {part}
        for relation in self._package.relations(part):
            target = relation.target
            if not relation.external and self._package.part(target) and target not in found and self._is_lone(target):
                found |= self._with_its_own(target)
        return found

    def _is_lone(self, part: str) -> bool:
        holders = [
            name
            for name in self._package.names
            if not name.endswith((".rels", "/")) and any(each.target == part for each in self._package.relations(name))
        ]
        return len(holders) == 1 and part != self._workbook.part

    def _shorten_chain(self, parts: dict[str, Part], wiring: Wiring) -> set[str]:
        """Take the sheets' cells out of the order of calculation; answer its part if nothing is left of it."""
        chain = next((r for r in self._package.relations(self._workbook.part) if r.kind == "calcChain"), None)
        if chain is None or not self._package.part(chain.target):
            return set()
        data = self._package.read(chain.target)
        try:
            root = parse(data)
        except MarkupError:
            return set()
        gone = {str(self._workbook.sheet_ids[index]) for index in self.indexes}
        sheet = ""
        dropped = []
        for cell in root.children:
            sheet = cell.attributes.get("i", sheet)
            if sheet in gone:
                dropped.append((cell.start, cell.end, b""))
        if dropped and len(dropped) == len(root.children):
            wiring.without_relation(chain.id)
            return {chain.target}
        if dropped:
            parts[chain.target] = splice(data, dropped)
        return set()


def _is_named(name: str, only: frozenset[str]) -> bool:
    """Whether a sheet is among those that may go; our lists always may, if nothing that stays reads them."""
    return name in only or name.startswith(LISTS)


def _mention(name: str) -> re.Pattern[str]:
    """What a reference to a sheet looks like, in the middle of a span of sheets too."""
    quoted = re.escape(name.replace("'", "''"))
    return re.compile(
        rf"(?:'(?:[^'\n]*[:\]])?{quoted}(?::[^'\n]*)?'|(?<![\w.']){re.escape(name)}(?::[\w.]+)?)!", re.IGNORECASE
    )

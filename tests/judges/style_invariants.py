"""What must hold within the styles part."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from judges.package import Package, children, entries, inside, is_main, local, too_late

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

MOST_XFS: Final = 65_490
STYLE_CHILDREN: Final = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors",
    "extLst",
)  # fmt: skip
DXF_CHILDREN: Final = ("font", "numFmt", "fill", "alignment", "border", "protection", "extLst")
COUNTED: Final = {
    "numFmts": "numFmt", "fonts": "font", "fills": "fill", "borders": "border", "cellStyleXfs": "xf", "cellXfs": "xf",
    "cellStyles": "cellStyle", "dxfs": "dxf", "tableStyles": "tableStyle",
}  # fmt: skip
FIRST_OWN_FORMAT: Final = 164
"""Number formats below are built in (ECMA-376 part 1, 18.8.30)."""


class Styles:
    """The lists of the styles part, judged once and counted for the sheets."""

    def __init__(self, package: Package) -> None:
        self._part = package.styles
        self._root = package.root(self._part) if self._part else None

    def lists(self, name: str) -> list[Element]:
        """The elements of one of its lists."""
        if self._root is None:
            return []
        return [item for part in children(self._root, name) for item in entries(part, COUNTED[name])]

    def count(self, name: str) -> int:
        """How many elements a list has. Without any cellXfs index 0 is still what every cell has."""
        found = len(self.lists(name))
        return max(found, 1) if name == "cellXfs" else found

    def violations(self) -> Iterator[str]:
        """What is wrong within the styles."""
        if self._root is None:
            return
        order = [local(element) for element in self._root if is_main(element)]
        yield from (f"styles: {name} stands too late" for name in too_late(order, STYLE_CHILDREN))
        yield from self._counts(self._root)
        yield from self._asides(self._root)
        if self.count("cellXfs") > MOST_XFS:
            yield "styles: too many cellXfs"
        yield from self._formats()
        for name in ("cellStyleXfs", "cellXfs"):
            for xf in self.lists(name):
                yield from self._xf(name, xf)
        for dxf in self.lists("dxfs"):
            names = [local(element) for element in dxf if is_main(element)]
            yield from (f"styles dxf: {name} stands too late" for name in too_late(names, DXF_CHILDREN))
        yield from self._users()

    def _counts(self, root: Element) -> Iterator[str]:
        for name, item in COUNTED.items():
            for part in children(root, name):
                stated = part.get("count")
                if stated is not None and stated != str(len(entries(part, item))):
                    yield f"styles: {name} count is wrong"

    def _asides(self, root: Element) -> Iterator[str]:
        """Comments among counted entries: openpyxl, and so pandas, counts them as entries."""
        for name in COUNTED:
            for part in children(root, name):
                if len(part) != len(inside(part)):
                    yield f"styles: a comment stands among the {name}"

    def _users(self) -> Iterator[str]:
        for style in self.lists("cellStyles"):
            yield from _past("styles cellStyle", style, "xfId", self.count("cellStyleXfs"))
        for style in self.lists("tableStyles"):
            for element in children(style, "tableStyleElement"):
                yield from _past("styles tableStyle", element, "dxfId", self.count("dxfs"))

    def _formats(self) -> Iterator[str]:
        ids = Counter(element.get("numFmtId", "") for element in self.lists("numFmts"))
        yield from (f"styles: numFmt {name} stands {count} times" for name, count in ids.items() if count > 1)

    def _xf(self, where: str, xf: Element) -> Iterator[str]:
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            yield from _past(f"styles {where}", xf, attribute, self.count(name))
        if where == "cellXfs" and self.lists("cellStyleXfs"):
            yield from _past(f"styles {where}", xf, "xfId", self.count("cellStyleXfs"))
        number = xf.get("numFmtId", "0")
        if number.isdigit() and int(number) >= FIRST_OWN_FORMAT:
            known = {element.get("numFmtId") for element in self.lists("numFmts")}
            if number not in known:
                yield f"styles {where}: numFmtId {number} is not defined"


def _past(where: str, element: Element, attribute: str, count: int) -> Iterator[str]:
    value = element.get(attribute)
    if value is not None and not (value.isdigit() and int(value) < count):
        yield f"{where}: {attribute} {value} is past the end"

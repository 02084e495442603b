"""What must hold in a workbook, and what a schema validator does not look at.

`violations` names every breach; a test judges what is new against the original, since real files have flaws of their
own. So a message names the place and the kind of breach, and no number that a harmless edit would move.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from typing import TYPE_CHECKING

from lxml import etree

from judges.formulas import formula_flaws
from judges.package import (
    Package,
    Sheet,
    children,
    descend,
    local,
    read_range,
    relation_id,
)
from judges.sheet_invariants import SheetJudge
from judges.style_invariants import Styles
from judges.table_invariants import table_violations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def new_violations(before: Path, after: Path) -> list[str]:
    """The breaches of `after` that `before` did not have."""
    found = Counter(violations(after))  # without one there is no need to look at the file before
    return sorted((found - Counter(violations(before))).elements()) if found else []


def violations(path: Path) -> list[str]:
    """Every breach found in a workbook; a file that is none is one breach."""
    try:
        package = Package(path)
        return list(_violations(package))
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, KeyError, ValueError) as error:
        return [f"the file cannot be read: {type(error).__name__}: {error}"]


def _violations(package: Package) -> Iterator[str]:
    yield from _zip(package)
    broken = [message for member in package.members for message in _well_formed(member.name, package)]
    yield from broken
    if broken:
        return
    yield from _content_types(package)
    yield from _relationships(package)
    styles = Styles(package)
    yield from styles.violations()
    yield from _shared_strings(package)
    yield from _workbook(package)
    formulas: dict[str, set[str]] = {}
    for sheet in package.worksheets:
        judge = SheetJudge(package, sheet, xfs=styles.count("cellXfs"), dxfs=styles.count("dxfs"))
        yield from judge.violations()
        formulas[sheet.sheet_id] = judge.formula_cells
    yield from table_violations(package, dxfs=styles.count("dxfs"))
    yield from _calculation_chain(package, formulas)
    yield from _filter_names(package)


def _zip(package: Package) -> Iterator[str]:
    for name, count in Counter(member.name.lower() for member in package.members).items():
        if count > 1:
            yield f"zip: {name} stands {count} times"
    with zipfile.ZipFile(package.path) as archive:
        damaged = archive.testzip()
    if damaged:
        yield f"zip: {damaged} is damaged"


def _well_formed(name: str, package: Package) -> Iterator[str]:
    if name.lower().endswith((".xml", ".rels", ".vml")) and not name.endswith("/"):
        try:
            package.root(name)
        except etree.XMLSyntaxError as error:
            yield f"{name}: not well formed: {error.msg}"


def _content_types(package: Package) -> Iterator[str]:
    root = package.root("[Content_Types].xml")
    defaults = {element.get("Extension", "").lower() for element in root.iterchildren("{*}Default")}
    overrides = [element.get("PartName", "").lstrip("/").lower() for element in root.iterchildren("{*}Override")]
    for name, count in Counter(overrides).items():
        if count > 1:
            yield f"content types: {name} stands {count} times"
        if not package.has(name):
            yield f"content types: {name} does not exist"
    for member in package.members:
        name = member.name.replace("\\", "/").lstrip("/").lower()
        extension = name.rpartition(".")[2]
        if (
            name != "[content_types].xml"
            and not name.endswith("/")
            and name not in overrides
            and extension not in defaults
        ):
            yield f"content types: {name} has none"


def _relationships(package: Package) -> Iterator[str]:
    for member in package.members:
        folder, _, base = member.name.replace("\\", "/").rpartition("/")
        if not base.endswith(".rels"):
            continue
        root = package.root(member.name)
        ids = Counter(element.get("Id", "") for element in root.iterchildren("{*}Relationship"))
        yield from (f"{member.name}: id {name} stands {count} times" for name, count in ids.items() if count > 1)
        source = f"{folder.removesuffix('_rels').rstrip('/')}/{base.removesuffix('.rels')}".lstrip("/")
        links = package.relationships(source)
        for link in links.values():
            if not link.external and not link.target.startswith("#") and not package.has(link.target.partition("#")[0]):
                yield f"{member.name}: {link.id} leads to {link.target}, which does not exist"
        if source and not package.has(source):
            yield f"{member.name}: it belongs to no part"
    for part in (package.workbook, *(sheet.part for sheet in package.worksheets)):
        known = package.relationships(part)
        for element in package.root(part).iter(etree.Element):
            asked = relation_id(element)
            if asked and asked not in known:
                yield f"{part}: {local(element)} asks for relationship {asked}, which does not exist"


def _shared_strings(package: Package) -> Iterator[str]:
    part = package.shared_strings
    if part:
        root = package.root(part)
        stated = root.get("uniqueCount")
        if stated is not None and stated != str(len(children(root, "si"))):
            yield "shared strings: uniqueCount is wrong"


def _workbook(package: Package) -> Iterator[str]:
    root = package.root(package.workbook)
    names = Counter(sheet.name.lower() for sheet in package.sheets)
    ids = Counter(sheet.sheet_id for sheet in package.sheets)
    yield from (f"workbook: sheet {name} stands {count} times" for name, count in names.items() if count > 1)
    yield from (f"workbook: sheetId {name} stands {count} times" for name, count in ids.items() if count > 1)
    yield from (f"workbook: sheet {sheet.name} has no part" for sheet in package.sheets if not package.has(sheet.part))
    seen: Counter[tuple[str, str]] = Counter()
    for element in descend(root, "definedNames", "definedName"):
        name, scope, text = element.get("name", ""), element.get("localSheetId", ""), element.text or ""
        seen[name.lower(), scope] += 1
        if scope and not (scope.isdigit() and int(scope) < len(package.sheets)):
            yield f"workbook: name {name} belongs to sheet {scope}, which does not exist"
        yield from (f"workbook: name {name}: {flaw}" for flaw in formula_flaws(text, set(names)))
    for (name, scope), count in seen.items():
        if count > 1:
            yield f"workbook: name {name} of scope {scope or 'workbook'} stands {count} times"
    if len(children(root, "definedNames")) > 1:
        yield "workbook: definedNames stands more than once"
    if any(not children(part, "definedName") for part in children(root, "definedNames")):
        yield "workbook: definedNames is empty"


def _calculation_chain(package: Package, formulas: dict[str, set[str]]) -> Iterator[str]:
    part = package.calculation_chain
    if not part:
        return
    sheet = ""
    seen: Counter[tuple[str, str]] = Counter()
    for entry in children(package.root(part), "c"):
        sheet = entry.get("i", sheet)
        place = entry.get("r", "")
        seen[sheet, place] += 1
        if sheet in formulas and place not in formulas[sheet]:
            yield f"calcChain: {place} of sheet {sheet} has no formula"
    if not seen:
        yield "calcChain: it is empty"


def _filter_names(package: Package) -> Iterator[str]:
    root = package.root(package.workbook)
    numbers = {sheet.part: str(index) for index, sheet in enumerate(package.sheets)}
    hidden = {
        element.get("localSheetId", ""): element.text or ""
        for element in descend(root, "definedNames", "definedName")
        if element.get("name") == "_xlnm._FilterDatabase"
    }
    for sheet in package.worksheets:
        yield from _filter(package, sheet, hidden.get(numbers[sheet.part]))


def _filter(package: Package, sheet: Sheet, name: str | None) -> Iterator[str]:
    filters = children(package.root(sheet.part), "autoFilter")
    stated = read_range(filters[0].get("ref", "")) if filters else None
    if stated and name is None:
        yield f"{sheet.name}: its autofilter has no _FilterDatabase"
    elif stated and name is not None and read_range(name.rpartition("!")[2]) != stated:
        yield f"{sheet.name}: its autofilter and _FilterDatabase disagree"

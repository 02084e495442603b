"""One tracker as many programs would have written it: each variant is synced, synced again, and cleaned, without loss."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest
from judges import as_openpyxl, compare, invariants, validator
from judges.specimen import LAST_ROW, alter, copied, make_specimen, replacing
from lxml import etree

from e2e.corpus import DAY, Run, number, run, sync

if TYPE_CHECKING:
    from pathlib import Path

Rewrite = Callable[["Path"], None]
JOBS, STYLES, BOOK, TABLE = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "xl/tables/table1.xml"
PARTS: Final = (
    JOBS,
    STYLES,
    BOOK,
    TABLE,
    "xl/worksheets/sheet2.xml",
    "xl/worksheets/sheet3.xml",
    "xl/sharedStrings.xml",
)
PLAIN: Final = "http://schemas.openxmlformats.org/"
STRICT: Final = {
    f"{PLAIN}spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    f"{PLAIN}officeDocument/2006/relationships": "http://purl.oclc.org/ooxml/officeDocument/relationships",
    f"{PLAIN}drawingml/2006/main": "http://purl.oclc.org/ooxml/drawingml/main",
    f"{PLAIN}drawingml/2006/chart": "http://purl.oclc.org/ooxml/drawingml/chart",
    f"{PLAIN}drawingml/2006/spreadsheetDrawing": "http://purl.oclc.org/ooxml/drawingml/spreadsheetDrawing",
}


def each(*parts: str) -> Callable[[Callable[[bytes], bytes]], Rewrite]:
    """A rewrite that gives some parts through a function of their bytes."""

    def rewriting(change: Callable[[bytes], bytes]) -> Rewrite:
        def rewrite(path: Path) -> None:
            alter(path, dict.fromkeys(parts, change))

        return rewrite

    return rewriting


def prefixed(content: bytes) -> bytes:
    """SpreadsheetML's own elements under the prefix x, as some exporters write them."""
    root = etree.fromstring(content)
    spaces = {("x" if prefix is None else prefix): uri for prefix, uri in root.nsmap.items()}
    attributes = {str(name): str(value) for name, value in root.attrib.items()}
    new = etree.Element(root.tag, attributes, nsmap=spaces)
    new.extend(list(root))
    new.text = root.text
    etree.cleanup_namespaces(new, keep_ns_prefixes=[str(name) for name in spaces])
    return etree.tostring(new, xml_declaration=True, encoding="UTF-8", standalone=True)


def strict(content: bytes) -> bytes:
    """The strict namespaces of ISO/IEC 29500 in place of the transitional ones."""
    for plain, iso in STRICT.items():
        content = content.replace(f'"{plain}'.encode(), f'"{iso}'.encode())
    return content


def single_quoted(content: bytes) -> bytes:
    """Attributes in single quotes, and a blank before the end of a tag."""
    quoted = re.sub(rb"(<[^<>?!]*>)", lambda tag: re.sub(rb'="([^"\']*)"', rb"='\1'", tag[1]), content)
    return re.sub(rb"(?<=')(/?)>", rb" \1>", quoted)


def pretty(content: bytes) -> bytes:
    """Every element on a line of its own, as a formatter leaves it."""
    root = etree.fromstring(content, etree.XMLParser(remove_blank_text=True))
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def without_references(content: bytes) -> bytes:
    """Neither rows nor cells say where they are: then every cell of a row must be there, and every row."""
    content = content.replace(b'<row r="4"', b'<row r="3"/><row r="4"')
    return re.sub(rb'<(row|c) r="[A-Z]*\d+"', rb"<\1", content)


def with_asides(content: bytes) -> bytes:
    """Comments and processing instructions between rows and cells, one with the end of the rows in it."""
    content = content.replace(b'<row r="6"', b'<!-- </row></sheetData> <c r="Z9"> --><row r="6"')
    return content.replace(b'<c r="B7"', b'<?keep me?><c r="B7"').replace(b'</row><row r="9"', b'</row >\n<row r="9"')


def with_choice_of_styles(content: bytes) -> bytes:
    """A markup-compatibility choice among the cellXfs: two xf are written, one counts."""
    xf = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    choice = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice xmlns:x14ac="urn:later" Requires="x14ac">{xf}</mc:Choice><mc:Fallback>{xf}</mc:Fallback>'
        "</mc:AlternateContent></cellXfs>"
    )
    return content.replace(b"</cellXfs>", choice.encode()).replace(b'cellXfs count="8"', b'cellXfs count="9"')


def stored(path: Path) -> None:
    """The same members, none of them compressed, in a zip with a comment."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = b"made elsewhere"
        for name, content in members:
            archive.writestr(name, content)


def streamed(path: Path) -> None:
    """The same members in a zip written to what cannot seek: their sizes follow them, in data descriptors."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    source, sink = os.pipe()
    with ThreadPoolExecutor(1) as reader, os.fdopen(source, "rb") as end:
        content = reader.submit(end.read)
        with os.fdopen(sink, "wb") as pipe, zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members:
                archive.writestr(name, data)
        path.write_bytes(content.result())


def with_a_totals_row(path: Path) -> None:
    """The table ends in a row of totals."""
    total = f'<row r="{LAST_ROW + 1}" spans="1:9"><c r="A{LAST_ROW + 1}" t="inlineStr"><is><t>Total</t></is></c></row></sheetData>'
    alter(
        path,
        {
            JOBS: lambda content: content.replace(b"</sheetData>", total.encode()).replace(
                f'<dimension ref="A1:I{LAST_ROW}"'.encode(), f'<dimension ref="A1:I{LAST_ROW + 1}"'.encode()
            ),
            TABLE: lambda content: content.replace(
                f'ref="A4:I{LAST_ROW}" totalsRowShown="0"'.encode(),
                f'ref="A4:I{LAST_ROW + 1}" totalsRowCount="1"'.encode(),
            ).replace(b'name="Company"', b'name="Company" totalsRowLabel="Total"'),
        },
    )


def with_things_at_the_right(path: Path) -> None:
    """Three columns away stands something of the person's, so that our six must go beyond it."""
    cell = '<c r="M6" t="inlineStr"><is><t>goal: 5 a week</t></is></c></row><row r="7"'
    alter(path, {JOBS: replacing('</row><row r="7"', cell) })  # fmt: skip
    alter(path, {JOBS: replacing('<row r="6" spans="1:9"', '<row r="6" spans="1:13"')})
    alter(path, {JOBS: replacing('<dimension ref="A1:I11"', '<dimension ref="A1:M11"')})


CHOICE: Final = "a choice among the styles"
"""openpyxl counts neither branch, so it cannot open a file with a style beyond it."""
VARIANTS: dict[str, Rewrite] = {
    "as it is": lambda _path: None,
    "prefixed namespaces": each(*PARTS)(prefixed),
    "strict namespaces": each(
        *PARTS, "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/drawings/_rels/drawing1.xml.rels", "xl/drawings/drawing1.xml", "xl/charts/chart1.xml", "xl/theme/theme1.xml",
        "xl/calcChain.xml", "xl/comments1.xml",
    )(strict),
    "single quotes": each(*PARTS)(single_quoted),
    "one element a line": each(JOBS, STYLES, BOOK, TABLE)(pretty),
    "no references": each(JOBS)(without_references),
    "comments between the rows": each(JOBS)(with_asides),
    "a byte order mark": each(JOBS, STYLES, BOOK, TABLE)(lambda content: b"\xef\xbb\xbf" + content),
    "no XML declaration": each(JOBS, STYLES, BOOK, TABLE)(lambda content: content.partition(b"?>\n")[2]),
    CHOICE: each(STYLES)(with_choice_of_styles),
    "no dxfs": lambda path: alter(
        path, {STYLES: lambda c: re.sub(rb"<dxfs.*</dxfs>", b"", c), JOBS: replacing(' dxfId="0"', "")}
    ),
    "no counts": each(STYLES, TABLE, JOBS)(lambda content: re.sub(rb' (?:count|spans)="[\d:]+"', b"", content)),
    "no dimension": each(JOBS)(replacing('<dimension ref="A1:I11"/>', "")),
    "dates from 1904": each(BOOK)(replacing("<workbookPr ", '<workbookPr date1904="1" ')),
    "a sheet's name in quotes": lambda path: alter(
        path,
        {BOOK: replacing('sheet name="Jobs"', 'sheet name="Ana&apos;s jobs &amp; more"'),
         "xl/worksheets/sheet2.xml": replacing("Jobs!E5", "'Ana''s jobs &amp; more'!E5"),
         "xl/charts/chart1.xml": replacing("Jobs!", "'Ana''s jobs &amp; more'!")},
    ),
    "a protected sheet": each(JOBS)(replacing("</sheetData>", '</sheetData><sheetProtection sheet="1" objects="1"/>')),
    "a priority in the x14 rule": each(JOBS)(replacing('<x14:cfRule type="dataBar"', '<x14:cfRule type="dataBar" priority="3"')),
    "a table without a filter": each(TABLE)(replacing(f'<autoFilter ref="A4:I{LAST_ROW}"/>', "")),
    "a totals row": with_a_totals_row,
    "things at the right": with_things_at_the_right,
    "absolute targets": each("xl/_rels/workbook.xml.rels")(
        lambda content: re.sub(rb'Target="(worksheets|styles|shared|theme|calc)', rb'Target="/xl/\1', content)
    ),
    "stored, not deflated": stored,
    "data descriptors": streamed,
    "members in another order": lambda path: alter(path, {}, order=lambda names: names[::-1]),
}  # fmt: skip


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_specimen(tmp_path_factory.mktemp("variants") / "specimen.xlsx")


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_synced_without_loss(name: str, specimen: Path, tmp_path: Path) -> None:
    before = copied(specimen, tmp_path / "before.xlsx")
    VARIANTS[name](before)
    file = copied(before, tmp_path / "tracker.xlsx")
    first = synced(file)
    sheet, ours = str(first.report["sheet"]), columns(first)
    assert len(ours) == 6
    assert len(rows(first)) == 7
    assert lost(before, file, sheet, ours, openpyxl_too=name != CHOICE) == []

    content = file.read_bytes()
    assert synced(file).report["written"] is False
    assert file.read_bytes() == content

    removal = run("remove", str(file))
    assert removal.code == 0, removal.complained
    assert compare.leftovers(file) == []
    assert compare.same_parts(before, file) == []


def test_every_variant_says_the_same(specimen: Path, tmp_path: Path) -> None:
    expected = rows(synced(copied(specimen, tmp_path / "specimen.xlsx")))
    for name, rewrite in VARIANTS.items():
        file = copied(specimen, tmp_path / "variant.xlsx")
        rewrite(file)
        if name != "dates from 1904":
            assert rows(synced(file)) == expected, name


def test_the_variants_are_variants(specimen: Path, tmp_path: Path) -> None:
    for name, rewrite in VARIANTS.items():
        file = copied(specimen, tmp_path / "variant.xlsx")
        rewrite(file)
        assert (file.read_bytes() == specimen.read_bytes()) == (name == "as it is"), name


def test_a_part_in_utf_16_is_refused_in_one_sentence(specimen: Path, tmp_path: Path) -> None:
    file = copied(specimen, tmp_path / "tracker.xlsx")
    alter(file, {JOBS: lambda content: content.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")})
    content = file.read_bytes()
    done = sync(file, DAY)
    assert done.code == 4
    assert done.complained.count("\n") == 1
    assert "not in UTF-8" in done.complained
    assert file.read_bytes() == content


def synced(file: Path) -> Run:
    """A sync that must go well."""
    done = sync(file, DAY)
    assert done.code == 0, done.complained
    return done


def columns(done: Run) -> frozenset[int]:
    """The columns that are ours."""
    owned = done.report["owned"]
    assert isinstance(owned, dict)
    return frozenset(number(column) for column in owned.values())


def rows(done: Run) -> list[object]:
    """What was said of each row."""
    found = done.report["rows"]
    assert isinstance(found, list)
    return found


def lost(before: Path, after: Path, sheet: str, ours: frozenset[int], *, openpyxl_too: bool) -> list[str]:
    """All that any judge holds against the file that was written."""
    findings = [
        *compare.untouched(before, after, compare.may_change(before, sheet)),
        *compare.same_cells(before, after, sheet, ours),
        *compare.same_elsewhere(before, after, sheet, ours),
        *(as_openpyxl.same_to_openpyxl(before, after, sheet, ours) if openpyxl_too else ()),
        *invariants.new_violations(before, after),
    ]
    return findings + (validator.new_errors(before, after) if validator.validator() else [])

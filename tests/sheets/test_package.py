"""The container: what is not replaced keeps its bytes; parts and relations are found however they are written."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from containers import MAIN, OFFICE, RELATIONS, SHEET, packed, parts
from openpyxl import Workbook

from sheetsync.errors import FileError, RefusedFileError, UnreadableFileError
from sheetsync.sheets.ooxml.package import Package, check_xml, parse_xml


def opened(members: dict[str, bytes] | bytes) -> Package:
    return Package("jobs.xlsx", packed(members) if isinstance(members, dict) else members)


def written(package: Package, *args: object, **kwargs: object) -> bytes:
    target = io.BytesIO()
    package.write(target, *args, **kwargs)  # type: ignore[arg-type]
    return target.getvalue()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A workbook of two sheets as openpyxl saves it."""
    book = Workbook()
    book.create_sheet("Notes")["A1"] = "kept"
    book.save(tmp_path / "jobs.xlsx")
    return tmp_path / "jobs.xlsx"


class Unseekable(io.RawIOBase):
    """A file that cannot go back, so that zipfile writes its sizes after the data."""

    def __init__(self, target: io.BytesIO) -> None:
        self._target = target

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._target.write(data)  # type: ignore[arg-type]


def with_descriptors() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(Unseekable(buffer), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts(**{SHEET: b"<worksheet/>"}).items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_zip64() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts(**{SHEET: b"<worksheet/>"}).items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write(data)
    return buffer.getvalue()


def with_wide_directory() -> bytes:
    """A directory whose sizes and places are all in zip64 fields, and its end record too."""
    data = packed(parts(**{SHEET: b"<worksheet/>"}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos, start = archive.infolist(), archive.start_dir
    directory = b""
    for info in infos:
        wide = struct.pack("<2H3Q", 1, 24, info.file_size, info.compress_size, info.header_offset)
        other = struct.pack("<2HL", 0xCAFE, 4, 7)
        name = info.filename.encode()
        fields = (45, 45, 0, info.compress_type, 0, 0x21, info.CRC, 0xFFFFFFFF, 0xFFFFFFFF)
        head = struct.pack("<4s6H3L", b"PK\1\2", *fields)
        head += struct.pack("<5H2L", len(name), len(other + wide), 0, 0, 0, 0, 0xFFFFFFFF)
        directory += head + name + other + wide
    end = start + len(directory)
    count = len(infos)
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return data[:start] + directory + end_64 + locator + tail


CONTAINERS = {
    "plain": lambda: packed(parts(**{SHEET: b"<worksheet/>"})),
    "stored": lambda: packed(parts(**{SHEET: b"<worksheet/>"}), method=zipfile.ZIP_STORED),
    "data descriptors": with_descriptors,
    "zip64 sizes": with_zip64,
    "zip64 directory": with_wide_directory,
}


# Writing


def test_a_package_written_without_a_change_has_the_same_bytes(saved: Path) -> None:
    package = Package.open(saved)
    assert written(package, {}) == saved.read_bytes()


@pytest.mark.parametrize("kind", CONTAINERS)
def test_every_kind_of_container_can_be_rewritten(kind: str) -> None:
    package = opened(CONTAINERS[kind]())
    assert package.read(SHEET) == b"<worksheet/>"
    result = written(package, {SHEET: b"<worksheet>new</worksheet>"})
    with zipfile.ZipFile(io.BytesIO(result)) as archive:
        assert archive.testzip() is None
        assert tuple(archive.namelist()) == package.names
        assert archive.read(SHEET) == b"<worksheet>new</worksheet>"
        assert archive.read("xl/workbook.xml") == b"<workbook/>"
    again = opened(result)
    assert written(again, {}) == result


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_part_that_stays_keeps_its_bytes_and_its_header(kind: str) -> None:
    data = CONTAINERS[kind]()
    result = written(opened(data), {"_rels/.rels": parts()["_rels/.rels"] + b" " * 5000})
    with zipfile.ZipFile(io.BytesIO(data)) as one, zipfile.ZipFile(io.BytesIO(result)) as two:
        for name in ("[Content_Types].xml", "xl/workbook.xml", SHEET):
            before, after = one.getinfo(name), two.getinfo(name)
            length = before.compress_size + 30 + len(name)
            assert data[before.header_offset :][:length] == result[after.header_offset :][:length]
            for field in (
                "date_time",
                "external_attr",
                "create_system",
                "flag_bits",
                "compress_type",
                "CRC",
                "comment",
            ):
                assert getattr(before, field) == getattr(after, field), field


def test_a_replaced_part_keeps_its_name_place_date_and_attributes(saved: Path) -> None:
    result = written(Package.open(saved), {SHEET: b"<worksheet/>"})
    with zipfile.ZipFile(saved) as one, zipfile.ZipFile(io.BytesIO(result)) as two:
        before, after = one.getinfo(SHEET), two.getinfo(SHEET)
        assert (before.date_time, before.external_attr) == (after.date_time, after.external_attr)
        assert one.namelist() == two.namelist()


@pytest.mark.parametrize("shape", ["bytes", "chunks", "function"])
def test_a_part_is_replaced_by_bytes_chunks_or_a_function(shape: str) -> None:
    package = opened(parts(**{SHEET: b"<worksheet/>"}))

    def chunks() -> Iterator[bytes]:
        yield b"<worksheet>"
        yield b"x" * 1_000_000
        yield b"</worksheet>"

    whole = b"".join(chunks())
    content = {"bytes": whole, "chunks": chunks(), "function": chunks}[shape]
    assert opened(written(package, {SHEET: content})).read(SHEET) == whole


def test_a_part_can_be_rewritten_from_its_own_stream(saved: Path) -> None:
    package = Package.open(saved)
    before = package.read(SHEET)
    assert opened(written(package, {SHEET: package.stream(SHEET, 100)})).read(SHEET) == before


def test_the_same_input_gives_the_same_bytes(saved: Path) -> None:
    results = {
        hashlib.sha256(written(Package.open(saved), {SHEET: b"<worksheet/>"}, {"xl/ours.xml": b"<x/>"})).hexdigest()
        for _ in range(3)
    }
    assert len(results) == 1


def test_parts_are_added_at_the_end_and_dropped_wherever_they_are(saved: Path) -> None:
    package = Package.open(saved)
    result = opened(written(package, {}, {"xl/tables/table1.xml": b"<table/>"}, {"docProps/app.xml"}))
    assert result.names == (*(name for name in package.names if name != "docProps/app.xml"), "xl/tables/table1.xml")
    assert result.read("xl/tables/table1.xml") == b"<table/>"


def test_a_part_with_another_name_than_ascii_can_be_added(saved: Path) -> None:
    result = written(Package.open(saved), {}, {"xl/übersicht.xml": b"<x/>"})
    with zipfile.ZipFile(io.BytesIO(result)) as archive:
        assert archive.read("xl/übersicht.xml") == b"<x/>"


def test_the_archive_s_own_comment_and_padding_stay() -> None:
    data = packed(parts())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    padded = data[:start] + b"\0" * 100 + data[start:-22]
    end = list(struct.unpack("<4s4H2LH", data[-22:]))
    end[6] += 100
    end[7] = 4
    padded += struct.pack("<4s4H2LH", *end) + b"note"
    assert written(opened(padded), {}) == padded


@pytest.mark.parametrize(
    "arguments",
    [({"xl/none.xml": b""},), ({}, {"XL/Workbook.xml": b""}), ({}, None, {"xl/none.xml"})],
    ids=["replace what is not there", "add what is there", "drop what is not there"],
)
def test_a_mistaken_write_is_no_write(arguments: tuple[object, ...]) -> None:
    target = io.BytesIO()
    with pytest.raises(KeyError):
        opened(parts()).write(target, *arguments)  # type: ignore[arg-type]
    assert target.getvalue() == b""


# Reading


def test_a_part_is_streamed_in_chunks_of_the_size_asked_for() -> None:
    sheet = b"<worksheet>" + b"<row/>" * 100_000 + b"</worksheet>"
    pieces = list(opened(parts(**{SHEET: sheet})).stream(SHEET, 4096))
    assert max(map(len, pieces)) <= 4096
    assert b"".join(pieces) == sheet


def test_a_part_s_size_is_known_before_it_is_read() -> None:
    assert opened(parts(**{SHEET: b"<worksheet/>"})).size(SHEET) == 12


def damaged(name: str) -> bytes:
    data = bytearray(packed(parts(**{name: b"picture"}), method=zipfile.ZIP_STORED))
    data[data.index(b"picture")] ^= 1
    return bytes(data)


def test_a_damaged_part_is_noticed_when_it_is_read() -> None:
    package = opened(damaged("xl/media/image1.png"))
    with pytest.raises(UnreadableFileError, match=r"its part xl/media/image1\.png is damaged"):
        package.read("xl/media/image1.png")


def test_a_damaged_part_that_nobody_reads_is_copied_as_it_is() -> None:
    data = damaged("xl/media/image1.png")
    assert written(opened(data), {}) == data


def test_a_part_that_is_longer_than_it_says_is_noticed_before_it_fills_the_memory() -> None:
    bomb = b"<worksheet>" + b" " * 50_000_000
    data = bytearray(packed(parts(**{SHEET: bomb})))
    sizes = struct.pack("<L", len(bomb))
    assert data.count(sizes) == 2
    package = opened(bytes(data).replace(sizes, struct.pack("<L", 20_000)))
    with pytest.raises(UnreadableFileError, match="longer than it says"):
        package.verify(SHEET)


def test_what_was_read_to_its_end_needs_no_second_look() -> None:
    package = opened(parts(**{SHEET: b"<worksheet/>"}))
    package.verify(SHEET)
    assert list(package.stream(SHEET)) == [b"<worksheet/>"]
    package.verify(SHEET, SHEET)


# Names, types, relations


@pytest.mark.parametrize("name", ["/xl/workbook.xml", "XL/Workbook.XML", "xl\\workbook.xml", "xl/%77orkbook.xml"])
def test_a_part_is_found_however_its_name_is_written(name: str) -> None:
    assert opened(parts()).part(name) == "xl/workbook.xml"


def test_a_part_whose_member_is_written_oddly_is_found() -> None:
    data = packed(parts(**{"xl_worksheets_Sheet1.xml": b"<worksheet/>"}))
    odd = data.replace(b"xl_worksheets_Sheet1.xml", b"xl\\worksheets\\Sheet1.xml")
    assert opened(odd).part("xl/worksheets/sheet1.xml") == "xl\\worksheets\\Sheet1.xml"


def test_a_part_that_is_not_there_is_none() -> None:
    assert opened(parts()).part("xl/styles.xml") is None


def test_the_workbook_is_found_wherever_it_is() -> None:
    assert opened(parts(workbook_at=b"book/main.xml")).main_part == "book/main.xml"


def relations(*targets: str) -> bytes:
    lines = "".join(f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" {t}/>' for i, t in enumerate(targets))
    return f'<Relationships xmlns="{RELATIONS}"><!-- made by hand -->{lines}</Relationships>'.encode()


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "./worksheets/Sheet1.xml", "worksheets\\sheet1.xml",
               "../xl/worksheets/sheet1.xml", "worksheets/sheet1.xml#A1"]
)  # fmt: skip
def test_a_relation_leads_to_its_part_however_its_target_is_written(target: str) -> None:
    package = opened(parts(**{SHEET: b"<worksheet/>", "xl/_rels/workbook.xml.rels": relations(f'Target="{target}"')}))
    (relation,) = package.relations("xl/workbook.xml")
    assert (relation.kind, relation.target, relation.external) == ("worksheet", SHEET, False)


def test_an_external_target_is_told_and_left_as_it_is() -> None:
    links = relations('Target="https://example.org/a/../b" TargetMode="External"', 'Target="gone.xml"')
    package = opened(parts(**{"xl/_rels/workbook.xml.rels": links}))
    assert [(r.target, r.external) for r in package.relations("xl/workbook.xml")] == [
        ("https://example.org/a/../b", True),
        ("xl/gone.xml", False),
    ]


def test_a_part_without_relations_has_none() -> None:
    assert opened(parts()).relations("xl/workbook.xml") == ()


def test_a_part_s_type_comes_from_its_own_entry_or_its_suffix() -> None:
    package = opened(parts(**{SHEET: b"<worksheet/>"}))
    assert package.content_type("xl/workbook.xml") == MAIN
    assert package.content_type(SHEET) == "application/xml"
    assert package.content_type("xl/media/image1.png") is None


def test_strict_and_transitional_are_told_apart() -> None:
    strict = parts()["_rels/.rels"].replace(OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
    assert opened(parts(rels=strict)).strict
    assert not opened(parts()).strict


def test_xml_with_a_comment_before_its_root_is_no_declaration_of_entities() -> None:
    check_xml("jobs.xlsx", "a.xml", b'\xef\xbb\xbf<?xml version="1.0"?><!-- <!DOCTYPE a> --><a/>')


def test_xml_that_declares_entities_is_refused() -> None:
    with pytest.raises(RefusedFileError, match="declares entities"):
        parse_xml("jobs.xlsx", "a.xml", b'<!-- x --><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


@pytest.mark.parametrize("text", [b'<?xml version="1.0" encoding="latin-1"?><a/>', "<a/>".encode("utf-16")])
def test_xml_that_is_not_utf_8_is_refused(text: bytes) -> None:
    with pytest.raises(RefusedFileError, match="UTF-8"):
        parse_xml("jobs.xlsx", "a.xml", text)


def test_broken_xml_is_said_to_be_damaged() -> None:
    with pytest.raises(UnreadableFileError, match="its part a.xml is damaged"):
        parse_xml("jobs.xlsx", "a.xml", b"<a><b></a>")


# The collection of awkward workbooks


def test_every_real_workbook_is_read_and_rewritten_or_refused(shared: Path) -> None:
    refused = set()
    for path in sorted([*shared.glob("xlsx/**/*.xls[xm]"), *shared.glob("trackers/**/*.xls[xm]")]):
        try:
            package = Package.open(path)
            package.verify(*package.names)
        except FileError:
            refused.add(path.name.split("__")[-1])
            continue
        assert written(package, {}) == package.data, path
        sheet = next(r.target for r in package.relations(package.main_part) if r.kind == "worksheet")
        result = written(package, {sheet: package.stream(sheet)})
        with zipfile.ZipFile(path) as one, zipfile.ZipFile(io.BytesIO(result)) as two:
            assert one.namelist() == two.namelist(), path
            assert [zlib.crc32(one.read(i)) for i in one.infolist()] == [i.CRC for i in two.infolist()], path
            assert two.testzip() is None
    assert {name for name in refused if "clusterfuzz" not in name} == {
        "encryptAES.xlsx",
        "encryptSHA512.xlsx",
        "hello-world-signed.xlsx",
    }
    assert len(refused) == 8


# Damage of any kind


def garbled(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut out or put in, most of them in the directory at the end."""
    garbage = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        place = chance.randrange(len(garbage))
        if chance.random() < 0.7:
            place = max(0, len(garbage) - 1 - int(chance.expovariate(1 / 150)))
        marks = [b"\xff" * 4, b"\0" * 4, b"PK\1\2", b"PK\3\4", b"PK\5\6", b"PK\6\7", chance.randbytes(9), b""]
        garbage[place : place + chance.choice([0, 1, 4, 20])] = chance.choice(marks)
    return bytes(garbage)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_garbled_container_is_read_or_refused_and_nothing_else(kind: str) -> None:
    data = CONTAINERS[kind]()
    whole = 0
    for seed in range(1000):
        try:
            package = opened(garbled(data, random.Random(seed)))  # noqa: S311 (the same garbage each time)
            package.verify(*package.names)
            result = written(package, {package.main_part: b"<workbook/>"})
        except FileError:
            continue
        assert opened(result).names == package.names
        whole += 1
    assert 0 < whole < 900

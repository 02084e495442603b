"""Files that are broken, locked away or made to harm: each ends in one sentence, soon, in little memory, untouched."""

from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from containers import MAIN, OFFICE, SHEET, packed, parts
from openpyxl import Workbook

SECONDS = 60
"""Of the processor's time, at which the system ends whoever unpacks or parses without end; a refusal takes well under one."""
MEGABYTES = 300
WORKBOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"


def book() -> dict[str, bytes]:
    """The parts of an honest workbook with one small tracker."""
    made = Workbook()
    page = made.active
    assert page is not None
    for row in (["Company", "Status", "Applied"], ["Ash", "Applied", "2026-11-02"], ["Birch", "Offer", "2026-11-03"]):
        page.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def honest() -> bytes:
    return packed(book())


def with_part(name: str, data: bytes) -> bytes:
    return packed({**book(), name: data})


def renamed(old: str, new: str) -> bytes:
    return packed({new if name == old else name: data for name, data in book().items()})


# Bombs


def deflated_blanks(megabytes: int) -> bytes:
    """Deflate data that inflates to so many megabytes of blanks, made without deflating them all."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    megabyte = deflater.compress(b" " * (1 << 20)) + deflater.flush(zlib.Z_FULL_FLUSH)
    return megabyte * megabytes + zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()


def with_raw(name: str, compressed: bytes, size: int) -> bytes:
    """An honest workbook in which one part's deflate data and declared size are these."""
    members = book()
    members.pop(name, None)
    data = packed(members)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    count, length = struct.unpack("<HL", data[-12:-6])[0], len(data) - 22 - start
    raw = name.encode()
    fields = (20, 0, 8, 0, 0x21, 0, len(compressed), size, len(raw))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", *fields, 0) + raw + compressed
    record = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *fields, 0, 0, 0, 0, 0, start) + raw
    directory = data[start:-22] + record
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count + 1, count + 1, length + len(record), start + len(local), 0)
    return data[:start] + local + directory + end


def bomb(name: str) -> bytes:
    return with_raw(name, deflated_blanks(1000), 1000 << 20)


def lying_bomb(name: str) -> bytes:
    return with_raw(name, deflated_blanks(1000), 4000)


def overlapping() -> bytes:
    """Many entries of the directory that all lead to one member."""
    data = with_raw("xl/media/image1.png", deflated_blanks(10), 10 << 20)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    directory = data[start:-22]
    last = directory[directory.rindex(b"PK\1\2") :]
    copies = b"".join(last.replace(b"image1", b"imag%02d" % number) for number in range(90))
    count = directory.count(b"PK\1\2") + 90
    length = len(directory) + len(copies)
    return data[:start] + directory + copies + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, length, start, 0)


def only_nested_zips() -> bytes:
    inner = packed({"0.txt": b"\0" * 10_000_000})
    for _ in range(4):
        inner = packed({f"lib{number}.zip": inner for number in range(16)})
    return inner


def huge_zip64_size() -> bytes:
    data = honest()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    record = bytearray(data[start : start + 46])
    length = struct.unpack_from("<H", record, 28)[0]
    name = data[start + 46 : start + 46 + length]
    struct.pack_into("<L", record, 24, 0xFFFFFFFF)
    struct.pack_into("<H", record, 30, 12)
    extra = struct.pack("<2HQ", 1, 8, 1 << 60)
    rest = data[start + 46 + length : -22]
    directory = bytes(record) + name + extra + rest
    end = bytearray(data[-22:])
    struct.pack_into("<L", end, 12, len(directory))
    return data[:start] + directory + bytes(end)


def many_members() -> bytes:
    """A hundred thousand parts, counted in a zip64 end record."""
    buffer = io.BytesIO()
    names = [b"xl/media/%06d" % number for number in range(100_000)]
    places = []
    for name in names:
        places.append(buffer.tell())
        buffer.write(struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0) + name)
    start = buffer.tell()
    for name, place in zip(names, places, strict=True):
        fields = (20, 20, 0, 0, 0, 0x21, 0, 0, 0, len(name), 0, 0, 0, 0, 0, place)
        buffer.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name)
    end = buffer.tell()
    count = len(names)
    buffer.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, end - start, start))
    buffer.write(struct.pack("<4sLQL", b"PK\6\7", 0, end, 1))
    buffer.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    return buffer.getvalue()


# Entities


def entity_bomb(root: str) -> bytes:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">{levels}]><{root}>&a11;</{root}>'.encode()


def entity_behind_a_long_comment() -> bytes:
    return b"<!--" + b"-x" * 2000 + b"-->" + entity_bomb("worksheet").removeprefix(b'<?xml version="1.0"?>')


def reads_a_file() -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'


# Sheets that are larger than they look


def with_cells(*places: tuple[int, str]) -> bytes:
    """An honest workbook whose sheet holds a number at each row and column: a reader may fill what is between."""
    cells = "".join(f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>' for row, column in places)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return with_part(SHEET, f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode())


# Containers of other kinds


def ole(*streams: str) -> bytes:
    """An OLE container as far as it takes to recognise one: the head and a directory with these streams."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504
    entries = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64 for name in ("Root Entry", *streams))
    return head + entries.ljust(8192, b"\0")


def encrypted_member() -> bytes:
    data = bytearray(honest())
    for magic, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + flags] |= 1
    return bytes(data)


def of_type(content_type: str) -> bytes:
    members = book()
    return packed({**members, TYPES: members[TYPES].replace(MAIN.encode(), content_type.encode())})


def opendocument() -> bytes:
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<office/>"})


def signed() -> bytes:
    members = book()
    origin = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin"
    link = f'<Relationship Id="rId99" Type="{origin}" Target="sig/origin.sigs"/></Relationships>'
    members["_rels/.rels"] = members["_rels/.rels"].replace(b"</Relationships>", link.encode())
    return packed({**members, "sig/origin.sigs": b""})


def without_workbook() -> bytes:
    members = book()
    rels = members["_rels/.rels"].replace(f"{OFFICE}/officeDocument".encode(), b"urn:nothing")
    return packed({**members, "_rels/.rels": rels})


def noise(length: int) -> bytes:
    return random.Random(length).randbytes(length)  # noqa: S311 (the same noise each time)


def garbled(where: float) -> bytes:
    data = bytearray(honest())
    place = int(len(data) * where)
    data[place : place + 40] = noise(40)
    return bytes(data)


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    # broken
    "empty": (lambda: b"", "it is empty"),
    "noise": (lambda: noise(100_000), "it is no Excel workbook"),
    "noise behind a zip's mark": (lambda: b"PK\3\4" + noise(100_000), "it is cut off or damaged"),
    "text": (lambda: b"Company;Status\nAsh;Applied\n", "it is no Excel workbook"),
    "a web page": (lambda: b"\r\n<html><table></table></html>", "it is a web page"),
    "cut in half": (lambda: honest()[: len(honest()) // 2], "it is cut off or damaged"),
    "cut at its last bytes": (lambda: honest()[:-7], "it is cut off or damaged"),
    "cut within its beginning": (lambda: honest()[:3], "it is no Excel workbook"),
    "cut out of its middle": (lambda: honest()[:900] + honest()[1200:], "its table of contents is not where"),
    "something before it": (lambda: b"PK\3\4" + b"\0" * 96 + honest(), "its table of contents is not where"),
    "its directory garbled": (lambda: garbled(0.9), "its table of contents is damaged"),
    "a part garbled": (lambda: with_raw(WORKBOOK, noise(500), 2000), "its part xl/workbook.xml is damaged"),
    "no parts": (lambda: packed({}), "there is no workbook in it"),
    "no content types": (lambda: renamed(TYPES, "types.xml"), "there is no workbook in it"),
    "no workbook": (without_workbook, "there is no workbook in it"),
    "a workbook that is not there": (lambda: renamed(WORKBOOK, "xl/other.xml"), "there is no workbook in it"),
    "types that are no XML": (lambda: with_part(TYPES, b"<Types"), "is damaged"),
    "relations that are no XML": (lambda: with_part("_rels/.rels", b"\0\1\2"), "_rels/.rels is"),
    "deeply nested XML": (lambda: with_part("_rels/.rels", b"<a>" * 100_000 + b"</a>" * 100_000), "is damaged"),
    # locked away
    "encrypted": (lambda: ole("EncryptionInfo", "EncryptedPackage"), "it is encrypted"),
    "an old workbook": (lambda: ole("Workbook"), "in the old .xls format"),
    "a very old workbook": (lambda: ole("Book"), "in the old .xls format"),
    "an old document": (lambda: ole("WordDocument"), "an old Office file"),
    "an encrypted part": (encrypted_member, "it is encrypted"),
    "a signed workbook": (signed, "it carries a digital signature"),
    "a signature's parts": (lambda: with_part("_xmlsignatures/sig1.xml", b"<Signature/>"), "a digital signature"),
    # something else
    "a binary workbook": (
        lambda: of_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
        "save it as .xlsx",
    ),
    "a text document": (
        lambda: of_type("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
        "it is a text document",
    ),
    "an OpenDocument spreadsheet": (opendocument, "it is no Excel workbook: save it as .xlsx"),
    "packed with bzip2": (lambda: packed(book(), method=zipfile.ZIP_BZIP2), "packed in a way"),
    "packed with LZMA": (lambda: packed(book(), method=zipfile.ZIP_LZMA), "packed in a way"),
    # made to harm
    "a bomb as sheet": (lambda: bomb(SHEET), "would unpack to 1,048,576,000 bytes"),
    "a bomb as picture": (lambda: bomb("xl/media/image1.png"), "would unpack to"),
    "a bomb that lies, as types": (lambda: lying_bomb(TYPES), "longer than it says"),
    "a bomb that lies, as workbook": (lambda: lying_bomb(WORKBOOK), "longer than it says"),
    "a bomb that lies, as sheet": (lambda: lying_bomb(SHEET), "longer than it says"),
    "a bomb that lies, as strings": (lambda: lying_bomb("xl/sharedStrings.xml"), "longer than it says"),
    "a bomb that lies, as styles": (lambda: lying_bomb("xl/styles.xml"), "longer than it says"),
    "parts that overlap": (overlapping, "its parts overlap"),
    "zips within zips": (only_nested_zips, "there is no workbook in it"),
    "an enormous declared size": (huge_zip64_size, "would unpack to 1,152,921,504,606,846,976 bytes"),
    "a hundred thousand parts": (many_members, "it has 100,000 parts"),
    "a part twice": (lambda: honest_with_twin(WORKBOOK), "twice"),
    "a part twice in other letters": (lambda: with_part("XL/Workbook.xml", b"<workbook/>"), "twice"),
    "a part twice with other slashes": (lambda: honest_with_twin("xl\\workbook.xml"), "twice"),
    "a part outside": (lambda: with_part("../../etc/passwd", b"x"), "outside the file"),
    "a part outside with backslashes": (lambda: with_part("xl\\..\\..\\x", b"x"), "outside the file"),
    "a part at the root": (lambda: with_part("/etc/passwd", b"x"), "outside the file"),
    "a part on a drive": (lambda: with_part("C:/x", b"x"), "outside the file"),
    "an entity bomb as types": (lambda: with_part(TYPES, entity_bomb("Types")), "declares entities"),
    "an entity bomb as workbook": (lambda: with_part(WORKBOOK, entity_bomb("workbook")), "declares entities"),
    "an entity bomb as sheet": (lambda: with_part(SHEET, entity_bomb("worksheet")), "declares entities"),
    "an entity bomb as strings": (lambda: with_part("xl/sharedStrings.xml", entity_bomb("sst")), "declares entities"),
    "an entity bomb in UTF-16": (
        lambda: with_part(SHEET, entity_bomb("worksheet").decode().encode("utf-16")),
        "is not in UTF-8",
    ),
    "an entity bomb behind a long comment": (
        lambda: with_part(SHEET, entity_behind_a_long_comment()),
        "declares entities",
    ),
    "a comment without an end": (lambda: with_part(SHEET, b"<!-- " + b"x" * 200_000), "does not begin"),
    "a cell in the far corner": (
        lambda: with_cells((1, "A"), (1_048_576, "XFD")),
        "delete the rows and columns beyond",
    ),
    "a row beyond the last": (lambda: with_cells((1, "A"), (4_294_967_295, "A")), "sheet1.xml is damaged"),
    "a column beyond the last": (lambda: with_cells((1, "ZZZZZ")), "sheet1.xml is damaged"),
    "an entity that reads a file": (lambda: with_part(WORKBOOK, reads_a_file()), "declares entities"),
}


def honest_with_twin(name: str) -> bytes:
    """An honest workbook with a second part of a name, which zipfile would warn about."""
    place_holder = "#" * len(name)
    return with_part(place_holder, b"<workbook/>").replace(place_holder.encode(), name.encode())


READ = """
import re, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
from sheetsync.errors import FileError
from sheetsync.sheets import open_source
try:
    open_source(sys.argv[1]).read()
except FileError as error:
    print(error.exit_code, error)
status = Path("/proc/self/status")  # its figure is this program's own, the other one begins with the parent's
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1] if status.exists() else 0
print(peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def read(path: Path) -> tuple[str, float]:
    """What reading a file in a process of its own says, and needs in megabytes; it fails if it takes too long."""
    command = [sys.executable, "-c", READ, str(path), str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *said, kilobytes = done.stdout.splitlines()
    return "\n".join(said), float(kilobytes) / (1 if sys.platform != "darwin" else 1024) / 1024


@pytest.mark.skipif(os.name != "posix", reason="memory is measured as on POSIX systems")
@pytest.mark.parametrize("case", CASES)
def test_a_file_that_must_not_be_touched_is_refused_at_once_and_in_little_memory(case: str, tmp_path: Path) -> None:
    build, sentence = CASES[case]
    path = tmp_path / "jobs.xlsx"
    path.write_bytes(build())
    before, about = hashlib.sha256(path.read_bytes()).digest(), path.stat()
    said, megabytes = read(path)
    assert said.startswith("4 ")
    assert sentence in said
    assert said.endswith("Nothing was written.")
    assert "\n" not in said
    assert megabytes < MEGABYTES
    assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == (before, about.st_mtime_ns)


def test_the_honest_workbook_is_read(tmp_path: Path) -> None:
    """Else all of the above could be refused for a reason of its own."""
    path = tmp_path / "jobs.xlsx"
    path.write_bytes(honest())
    assert read(path)[0] == ""


@pytest.mark.parametrize("name", ["xl/embeddings/bomb.zip", "customXml/item1.xml"])
def test_what_nobody_unpacks_does_no_harm(name: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs.xlsx"
    content = only_nested_zips() if name.endswith("zip") else entity_bomb("x")
    path.write_bytes(with_part(name, content))
    assert read(path)[0] == ""


@pytest.mark.parametrize("case", ["cut in half", "encrypted", "a bomb as sheet", "an entity bomb as sheet"])
def test_the_command_says_it_in_one_line_and_exits_with_4(case: str, tmp_path: Path) -> None:
    path = tmp_path / "jobs.xlsx"
    path.write_bytes(CASES[case][0]())
    command = [sys.executable, "-m", "sheetsync", "sync", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert CASES[case][1] in done.stderr
    assert sorted(tmp_path.iterdir()) == [path]


def test_every_broken_or_locked_workbook_of_the_collection_is_refused(shared: Path) -> None:
    names = ["clusterfuzz", "encrypt", "signed"]
    found = [path for path in sorted(shared.glob("xlsx/**/*.xls[xm]")) if any(name in path.name for name in names)]
    assert len(found) == 8
    for path in found:
        said, megabytes = read(path)
        assert said.startswith("4 "), path
        assert megabytes < MEGABYTES


FORMATS = {
    "jobs.xls": "in the old .xls format: save it as .xlsx",
    "jobs.xlsb": "binary workbook",
    "jobs.ods": "OpenDocument spreadsheet: save it as .xlsx",
    "jobs.numbers": "export it to Excel",
    "jobs.xltx": "it is a template",
    "jobs.XLTM": "it is a template",
    "jobs.pdf": "neither .xlsx, .xlsm nor .csv",
    "jobs": "neither .xlsx, .xlsm nor .csv",
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_another_format_is_told_by_its_name(name: str, tmp_path: Path) -> None:
    from sheetsync.errors import FileError
    from sheetsync.sheets import open_source

    (tmp_path / name).write_bytes(packed(parts()))
    with pytest.raises(FileError, match=FORMATS[name]):
        open_source(str(tmp_path / name))

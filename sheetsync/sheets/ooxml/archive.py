"""The zip container, read and rewritten so that what is not replaced keeps its bytes.

`zipfile` cannot copy a member without inflating it, so the container is parsed here (APPNOTE.TXT 6.3.10, sections
4.3.7 to 4.3.16). Members are told by the central directory; a member's segment is everything from its local header to
the next one's, so that a copied member keeps its header, extra fields, data descriptor and padding.
"""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from sheetsync.errors import RefusedFileError, UnreadableFileError

MAX_MEMBERS: Final = 10_000
MAX_PART: Final = 1 << 30
MAX_TOTAL: Final = 2 << 30
MAX_RATIOS: Final = ((16 << 20, 250), (64 << 20, 60))
"""Above which inflated size what ratio is believed. Below the first a member may have any: it fits into memory.

Deflate reaches 1,032:1. Long sheets of one repeated word reach 35:1 with coordinates and 240:1 without; those of real
workbooks stay under 40:1.
"""

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = struct.Struct("<4sLQL")
_OFFSET_AT: Final = 42
"""Where a record holds the local header's offset (APPNOTE 4.3.12)."""
_INPUT: Final = 1 << 16
_FULL: Final = 0xFFFFFFFF
_STORED: Final = 0
_DEFLATED: Final = 8
_ENCRYPTED: Final = 0x1
_UTF8: Final = 0x800
_ZIP64_EXTRA: Final = 1
_DATE_1980: Final = 0x21
"""1 January 1980, the earliest date a zip can hold and the one spreadsheet programs write."""

Content = bytes | Iterable[bytes] | Callable[[], Iterable[bytes]]
"""What a member is replaced with: all of it, its chunks, or what produces the chunks."""


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the central directory."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    time: int
    date: int
    crc: int
    compressed: int
    size: int
    """Inflated, as the directory says it; no more than that is ever inflated."""
    offset: int
    data: int
    """Where the compressed bytes start."""
    end: int
    """Where the next member's local header, or the directory, starts."""
    record: bytes
    """The entry as it stands in the central directory."""
    offset_at: int
    """Where in `record` the local header's offset stands; eight bytes wide in a zip64 extra, else four."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What a local header says of a deflated member before its data are known."""

    raw_name: bytes
    extra: bytes
    flags: int
    time: int
    date: int

    def pack(self, crc: int, compressed: int, size: int) -> bytes:
        lengths = (len(self.raw_name), len(self.extra))
        fields = (b"PK\3\4", 20, self.flags, _DEFLATED, self.time, self.date, crc, compressed, size)
        return _LOCAL.pack(*fields, *lengths) + self.raw_name + self.extra


class Archive:
    """A zip file held in memory."""

    def __init__(self, location: str, data: bytes) -> None:
        """Parse and check the directory and every local header.

        Raises UnreadableFileError if it is broken, RefusedFileError if it is encrypted or hostile.
        """
        self.location = location
        self._data = data
        self._comment = b""
        self._prefix = 0
        self._whole: set[str] = set()
        self.members: dict[str, Member] = {}
        for member in self._directory():
            self.members[member.name] = member

    # Reading

    def stream(self, name: str, chunk: int = 1 << 18) -> Iterator[bytes]:
        """Inflate a member in chunks of at most `chunk` bytes; its length and CRC are checked at the end.

        Raises UnreadableFileError if the bytes are not what the directory says.
        """
        member = self.members[name]
        left, crc = member.size, 0
        for piece in self._inflate(member, chunk):
            left -= len(piece)
            if left < 0:
                raise self._broken(f"its part {name} is longer than it says")
            crc = zlib.crc32(piece, crc)
            yield piece
        if left or crc != member.crc:
            raise self._broken(f"its part {name} is damaged")
        self._whole.add(name)

    def read(self, name: str) -> bytes:
        """Inflate a whole member. Raises as `stream` does."""
        return b"".join(self.stream(name))

    def verify(self, name: str) -> None:
        """Make sure that a member is what the directory says, unless it was read to its end before.

        For libraries that inflate without a limit of their own. Raises as `stream` does.
        """
        if name not in self._whole:
            for _ in self.stream(name):
                pass

    def _inflate(self, member: Member, chunk: int) -> Iterator[bytes]:
        stop = member.data + member.compressed
        if member.method == _STORED:
            for start in range(member.data, stop, chunk):
                yield self._data[start : min(start + chunk, stop)]
            return
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        position, waiting = member.data, b""
        try:
            while not inflater.eof:
                if not waiting:
                    waiting = self._data[position : min(position + _INPUT, stop)]
                    position += len(waiting)
                piece = inflater.decompress(waiting, chunk)
                waiting = inflater.unconsumed_tail
                if piece:
                    yield piece
                elif not waiting and position >= stop and not inflater.eof:
                    break
        except zlib.error:
            raise self._broken(f"its part {member.name} is damaged") from None

    # Writing

    def write(
        self,
        target: BinaryIO,
        *,
        replaced: Mapping[str, Content],
        added: Mapping[str, bytes],
        dropped: AbstractSet[str],
    ) -> None:
        """Write the archive anew into a seekable file: same order, same bytes, but for the members named.

        A replaced member keeps its name, place, date, attributes and extra fields and is deflated at level 6. Added
        members come last. The same input gives the same bytes.
        """
        by_place = sorted(self.members.values(), key=lambda member: member.offset)
        records: dict[str, bytes] = {}
        target.write(memoryview(self._data)[: self._prefix])
        for member in by_place:
            if member.name in dropped:
                continue
            start = target.tell()
            if member.name in replaced:
                records[member.name] = self._write_replaced(target, member, replaced[member.name])
            else:
                target.write(memoryview(self._data)[member.offset : member.end])
                records[member.name] = _moved(member, start)
        directory = [records[name] for name in self.members if name in records]
        directory += [self._write_added(target, name, content) for name, content in added.items()]
        start = target.tell()
        size = sum(map(len, directory))
        target.write(b"".join(directory))
        count = len(directory)
        target.write(_END.pack(b"PK\5\6", 0, 0, count, count, size, start, len(self._comment)) + self._comment)

    def _write_replaced(self, target: BinaryIO, member: Member, content: Content) -> bytes:
        local_extra = self._data[member.offset + _LOCAL.size + len(member.raw_name) : member.data]
        fields = list(_CENTRAL.unpack_from(member.record))
        extra_at = _CENTRAL.size + fields[10]
        extra = _without_zip64(member.record[extra_at : extra_at + fields[11]])
        comment = member.record[extra_at + fields[11] :]
        flags = member.flags & _UTF8
        head = _Head(member.raw_name, _without_zip64(local_extra), flags, member.time, member.date)
        start, crc, compressed, size = self._write_deflated(target, head, content)
        fields[2] = max(fields[2], 20)
        fields[3:10] = [flags, _DEFLATED, member.time, member.date, crc, compressed, size]
        fields[11] = len(extra)
        fields[16] = start
        return _CENTRAL.pack(*fields) + member.raw_name + extra + comment

    def _write_added(self, target: BinaryIO, name: str, content: bytes) -> bytes:
        head = _Head(name.encode(), b"", 0 if name.isascii() else _UTF8, 0, _DATE_1980)
        start, crc, compressed, size = self._write_deflated(target, head, content)
        fields = (b"PK\1\2", 20, 20, head.flags, _DEFLATED, head.time, head.date, crc, compressed, size)
        return _CENTRAL.pack(*fields, len(head.raw_name), 0, 0, 0, 0, 0, start) + head.raw_name

    def _write_deflated(self, target: BinaryIO, head: _Head, content: Content) -> tuple[int, int, int, int]:
        """Write local header and data; return the header's place, the CRC and both sizes."""
        start = target.tell()
        target.write(head.pack(0, 0, 0))
        deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        crc = compressed = size = 0
        for piece in _chunks(content):
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            compressed += target.write(deflater.compress(piece))
        compressed += target.write(deflater.flush())
        end = target.tell()
        if size > MAX_PART or end > _FULL:
            raise RefusedFileError(self.location, "it would grow too large.")
        target.seek(start)
        target.write(head.pack(crc, compressed, size))
        target.seek(end)
        return start, crc, compressed, size

    # Parsing

    def _broken(self, reason: str) -> UnreadableFileError:
        return UnreadableFileError(self.location, f"{reason}; restore it from a copy, or open it and save it anew.")

    def _directory(self) -> list[Member]:
        count, size, start, end = self._end_record()
        if count > MAX_MEMBERS:
            raise RefusedFileError(self.location, f"it has {count:,} parts, where a workbook has a few hundred.")
        if start + size != end:
            raise self._broken("its table of contents is not where it should be")
        position, entries = start, []
        for _ in range(count):
            entry = self._entry(position, end)
            entries.append(entry)
            position += len(entry.record)
        if position != end:
            raise self._broken("its table of contents is damaged")
        self._check(entries)
        return self._placed(entries, start)

    def _end_record(self) -> tuple[int, int, int, int]:
        """How many entries, how long and where the directory is, and where its end should be."""
        data = self._data
        at = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - 0xFFFF))
        if at < 0 or len(data) - at < _END.size:
            raise self._broken("it is cut off or damaged")
        _, _, _, _, count, size, start, comment = _END.unpack_from(data, at)
        self._comment = data[at + _END.size : at + _END.size + comment]
        locator = at - _LOCATOR_64.size
        if locator >= 0 and data[locator : locator + 4] == b"PK\6\7":
            at = _LOCATOR_64.unpack_from(data, locator)[2]
            if at + _END_64.size > locator or data[at : at + 4] != b"PK\6\6":
                raise self._broken("its table of contents is damaged")
            count, size, start = _END_64.unpack_from(data, at)[7:10]
        return count, size, start, at

    def _entry(self, position: int, end: int) -> Member:
        """Read one record of the directory; where its segment lies is not known yet."""
        data = self._data
        if position + _CENTRAL.size > end or data[position : position + 4] != b"PK\1\2":
            raise self._broken("its table of contents is damaged")
        fields = _CENTRAL.unpack_from(data, position)
        flags, method, time, date, crc, compressed, size, name_length, extra_length, comment_length = fields[3:13]
        offset = fields[16]
        record = data[position : position + _CENTRAL.size + name_length + extra_length + comment_length]
        if position + len(record) > end or len(record) < _CENTRAL.size + name_length + extra_length + comment_length:
            raise self._broken("its table of contents is damaged")
        raw_name = record[_CENTRAL.size : _CENTRAL.size + name_length]
        extra_at = _CENTRAL.size + name_length
        offset_at = _OFFSET_AT
        if _FULL in (compressed, size, offset):
            at = _zip64_at(record, extra_at, extra_at + extra_length)
            wide = []
            for value in (size, compressed, offset):
                if value == _FULL:
                    if at is None or at + 8 > extra_at + extra_length:
                        raise self._broken("its table of contents is damaged")
                    offset_at = at
                    wide.append(int.from_bytes(record[at : at + 8], "little"))
                    at += 8
                else:
                    wide.append(value)
            offset_at = offset_at if offset == _FULL else _OFFSET_AT
            size, compressed, offset = wide
        try:
            name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437")
        except UnicodeDecodeError:
            raise self._broken("its table of contents is damaged") from None
        return Member(
            name, raw_name, flags, method, time, date, crc, compressed, size, offset, 0, 0, record, offset_at
        )  # fmt: skip

    def _check(self, entries: list[Member]) -> None:
        seen: set[str] = set()
        for entry in entries:
            key = entry.name.replace("\\", "/").casefold()
            if key in seen:
                raise RefusedFileError(self.location, f"it holds the part {entry.name} twice.")
            seen.add(key)
            if key.startswith("/") or ".." in key.split("/") or "\0" in key or ":" in key.split("/")[0]:
                raise RefusedFileError(self.location, "it holds a part whose name points outside the file.")
            if entry.flags & _ENCRYPTED:
                raise RefusedFileError(self.location, "it is encrypted: save it without a password.")
            if entry.method not in (_STORED, _DEFLATED):
                raise RefusedFileError(
                    self.location, "it is packed in a way that workbooks never are: open it and save it anew."
                )
            ratio = entry.size / max(entry.compressed, 1)
            if entry.size > MAX_PART or any(entry.size > size and ratio > limit for size, limit in MAX_RATIOS):
                raise RefusedFileError(self.location, f"its part {entry.name} would unpack to {entry.size:,} bytes.")
        total = sum(entry.size for entry in entries)
        if total > MAX_TOTAL:
            raise RefusedFileError(self.location, f"it would unpack to {total:,} bytes.")

    def _placed(self, entries: list[Member], directory: int) -> list[Member]:
        """The entries, each with its data and the end of its segment; segments must not overlap."""
        order = sorted(range(len(entries)), key=lambda index: entries[index].offset)
        self._prefix = entries[order[0]].offset if order else directory
        placed = list(entries)
        for index, following in itertools.zip_longest(order, order[1:]):
            entry = entries[index]
            end = directory if following is None else entries[following].offset
            data = self._data_start(entry, directory)
            if data + entry.compressed > end:
                raise self._broken("its parts overlap")
            placed[index] = replace(entry, data=data, end=end)
        return placed

    def _data_start(self, entry: Member, directory: int) -> int:
        if entry.offset + _LOCAL.size > directory or self._data[entry.offset : entry.offset + 4] != b"PK\3\4":
            raise self._broken(f"its part {entry.name} is not where it should be")
        name_length, extra_length = _LOCAL.unpack_from(self._data, entry.offset)[9:11]
        name_at = entry.offset + _LOCAL.size
        if self._data[name_at : name_at + name_length] != entry.raw_name:
            raise self._broken(f"its part {entry.name} goes by two names")
        return name_at + int(name_length) + int(extra_length)


def _chunks(content: Content) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return (content,)
    return content() if callable(content) else content


def _moved(member: Member, start: int) -> bytes:
    """The member's record with its local header at `start`."""
    width = 4 if member.offset_at == _OFFSET_AT else 8
    place = member.offset_at
    return member.record[:place] + start.to_bytes(width, "little") + member.record[place + width :]


def _zip64_at(record: bytes, start: int, end: int) -> int | None:
    """Where the zip64 extra field's values start within a record."""
    while start + 4 <= end:
        kind, length = struct.unpack_from("<2H", record, start)
        if kind == _ZIP64_EXTRA:
            return start + 4
        start += 4 + length
    return None


def _without_zip64(extra: bytes) -> bytes:
    """The extra fields but for the zip64 one, whose sizes would be stale."""
    kept, start = b"", 0
    while start + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, start)
        if kind != _ZIP64_EXTRA:
            kept += extra[start : start + 4 + length]
        start += 4 + length
    return kept + extra[start:]

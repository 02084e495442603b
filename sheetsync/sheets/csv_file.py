"""A .csv file, read only: it can be looked at, but it cannot hold results."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sheetsync.changes import Changes, Only, Receipt
from sheetsync.errors import ReadOnlyFormatError, RefusedFileError, UnreadableFileError
from sheetsync.model import Grid, Snapshot, Value

_DELIMITERS: Final = ",;\t|"
_LARGEST: Final = 256 * 1024 * 1024
"""Bytes. A tracker of a hundred thousand rows has a tenth of it."""
_SNIFFED: Final = 64 * 1024
"""Characters that are looked at for the delimiter."""
_SEP_LINE: Final = re.compile("sep=([,;\t|])\r?\n")
"""What spreadsheet programs write and believe as a first line."""
_CONTROL: Final = frozenset(map(chr, range(32))) - set("\t\n\r\f\v\x1a")


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A .csv file behind the `Source` protocol, as one sheet named after the file; every cell is text.

    `read` finds out the encoding (UTF-8 or UTF-16 with a mark, UTF-8, else Windows-1252) and the delimiter (comma,
    semicolon, tab or bar). Rows count records, not lines: a quoted cell may hold line breaks. `apply` and `remove` raise
    ReadOnlyFormatError.
    """

    location: str

    def read(self) -> Snapshot:
        """Read it all. Raises UnreadableFileError for what is no text, RefusedFileError for what is too large."""
        data = self._bytes()
        version = hashlib.sha256(data).hexdigest()
        text = self._decode(data)
        records = self._records(text)
        width = max(map(len, records), default=0)
        columns: list[list[Value]] = [[None] * len(records) for _ in range(width)]
        for row, record in enumerate(records):
            for column, cell in enumerate(record):
                if cell:
                    columns[column][row] = cell
        return Snapshot(self.location, version, (Grid(Path(self.location).stem, tuple(columns)),))

    def apply(self, changes: Changes) -> Receipt:  # noqa: ARG002 (the protocol's argument)
        """Raise ReadOnlyFormatError, always."""
        raise ReadOnlyFormatError(self.location)

    def remove(self, *, everything: bool = False, only: Only | None = None) -> Receipt:  # noqa: ARG002 (the protocol's)
        """Raise ReadOnlyFormatError, always."""
        raise ReadOnlyFormatError(self.location)

    def _bytes(self) -> bytes:
        path = Path(self.location)
        try:
            if path.stat().st_size > _LARGEST:
                raise RefusedFileError(self.location, "it is larger than 256 MB.")
            return path.read_bytes()
        except OSError as error:
            raise UnreadableFileError(self.location, f"{error.strerror or error}.") from error

    def _decode(self, data: bytes) -> str:
        try:
            if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                text = data.decode("utf-16")
            else:
                try:
                    text = data.decode("utf-8-sig")
                except UnicodeDecodeError:
                    text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise UnreadableFileError(self.location, "it is no text file.") from error
        if not _CONTROL.isdisjoint(text):
            raise UnreadableFileError(self.location, "it is no text file.")
        return text

    def _records(self, text: str) -> list[list[str]]:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
            return list(reader)
        except csv.Error as error:
            raise UnreadableFileError(self.location, f"its columns cannot be told apart ({error}).") from error


def _delimiter(text: str) -> str:
    """The delimiter by which most records come out equally long; csv.Sniffer takes seconds over many apostrophes."""
    if match := _SEP_LINE.match(text):
        return match[1]
    best, delimiter = (0.0, 1), ","
    for candidate in _DELIMITERS:
        widths = Counter(map(len, csv.reader(io.StringIO(text[:_SNIFFED], newline=""), delimiter=candidate)))
        del widths[0]
        width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = count / max(1, widths.total()), width
        if width > 1 and score > best:
            best, delimiter = score, candidate
    return delimiter

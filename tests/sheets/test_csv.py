"""A .csv file can be read, whatever wrote it, and is never written."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetsync.changes import Changes
from sheetsync.errors import ReadOnlyFormatError, RefusedFileError, UnreadableFileError
from sheetsync.model import Grid
from sheetsync.sheets import open_source
from sheetsync.sheets.csv_file import CsvSource
from sheetsync.sheets.source import Source


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "My jobs.csv"


def grid_of(file: Path, data: bytes) -> Grid:
    file.write_bytes(data)
    return CsvSource(str(file)).read().grids[0]


def test_it_is_a_source_and_is_opened_as_one(file: Path) -> None:
    file.write_bytes(b"a,b\n")
    assert isinstance(open_source(str(file)), CsvSource)
    assert isinstance(CsvSource(str(file)), Source)


def test_it_is_one_sheet_of_texts_named_after_the_file(file: Path) -> None:
    grid = grid_of(file, b"Company,Applied,Salary\nAcme,2026-11-03,007\nGlobex,,\n")
    assert grid.name == "My jobs"
    assert grid.columns == (["Company", "Acme", "Globex"], ["Applied", "2026-11-03", None], ["Salary", "007", None])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(file: Path, delimiter: str) -> None:
    lines = ["Company|Status|Notes", "Acme|Applied|yes", "Globex|Offer|no"]
    grid = grid_of(file, "\n".join(lines).replace("|", delimiter).encode())
    assert [column[0] for column in grid.columns] == ["Company", "Status", "Notes"]


def test_commas_inside_the_cells_of_a_semicolon_file_are_no_delimiters(file: Path) -> None:
    grid = grid_of(file, b"Firma;Notiz\nAcme;eins, zwei, drei\nGlobex;vier, f\xc3\xbcnf\n")
    assert grid.row(2) == ("Acme", "eins, zwei, drei")


def test_a_first_line_that_names_the_delimiter_is_believed(file: Path) -> None:
    assert grid_of(file, b"sep=;\nFirma;Ort, Land\n").row(2) == ("Firma", "Ort, Land")


def test_one_column_is_a_sheet_too(file: Path) -> None:
    assert grid_of(file, b"Company\nAcme\n").columns == (["Company", "Acme"],)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_out(file: Path, encoding: str) -> None:
    grid = grid_of(file, "Société,Straße\nÉcole,Köln\n".encode(encoding))
    assert grid.row(1) == ("Société", "Straße")
    assert grid.row(2) == ("École", "Köln")


def test_rows_count_records_and_not_lines(file: Path) -> None:
    grid = grid_of(file, b'Company,Notes\r\nAcme,"one\r\ntwo\r\nthree"\r\n\r\nGlobex,x\r\n')
    assert grid.row(2) == ("Acme", "one\r\ntwo\r\nthree")
    assert grid.row(3) == (None, None)
    assert grid.row(4) == ("Globex", "x")


def test_short_and_long_records_are_kept(file: Path) -> None:
    grid = grid_of(file, b"a,b\n1\n1,2,3\n")
    assert [grid.row(row) for row in (1, 2, 3)] == [("a", "b", None), ("1", None, None), ("1", "2", "3")]


def test_the_version_follows_the_bytes(file: Path) -> None:
    file.write_bytes(b"a,b\n")
    source = CsvSource(str(file))
    first = source.read().version
    assert source.read().version == first
    file.write_bytes(b"a,c\n")
    assert source.read().version != first


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_empty_sheet(file: Path, data: bytes) -> None:
    assert not any(value for column in grid_of(file, data).columns for value in column)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"a,b\n\x00\x00",
        b"\xff\xfeab\x00",
        b"a,\x81\x8d\n",
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(file: Path, data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="no text file"):
        grid_of(file, data)


def test_an_open_quote_that_swallows_the_file_is_told(file: Path) -> None:
    with pytest.raises(UnreadableFileError, match="cannot be told apart"):
        grid_of(file, b'Company,Notes\nAcme,"' + b"x" * 200_000)


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        CsvSource(str(file)).read()


def test_a_huge_file_is_refused(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(300 * 1024 * 1024)
    with pytest.raises(RefusedFileError, match="256 MB"):
        CsvSource(str(file)).read()


def test_nothing_can_be_written_and_the_file_stays(file: Path) -> None:
    file.write_bytes(b"a,b\n")
    source = CsvSource(str(file))
    changes = Changes(
        "My jobs", 1, 2, 2, source.read().version, 2, [2], {"why": [None]}, {"why": ["x"]}, {"why": "Why"}
    )
    with pytest.raises(ReadOnlyFormatError, match="sheetsync init"):
        source.apply(changes)
    with pytest.raises(ReadOnlyFormatError):
        source.remove()
    assert file.read_bytes() == b"a,b\n"


def test_many_apostrophes_take_no_time(file: Path) -> None:
    grid = grid_of(file, b"Company,Notes\n" + b"Acme,'tis 'twas 'twere\n" * 4000)
    assert grid.n_columns == 2

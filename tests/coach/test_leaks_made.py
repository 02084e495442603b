"""Workbooks made to leak, and leaks planted in a copy: the one has none left, the others are all found."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.worksheet import Worksheet

from coach.leaks import package
from coach.sharing import share

HEADERS = (
    "Company", "Position", "Contact", "Email", "Phone", "Salary", "Status", "Date Applied", "Interview Date", "Next step",
    "Promised", "Notes", "Mood",
)  # fmt: skip
ROW: tuple[object, ...] = (
    "Alder Ltd", "Analyst, 020 7946 0123", "Ann Miller", "qaddress@secretmail.example", "+44 20 7946 0958", 91250,
    "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 12), "ask for 91,250 via qaddress@secretmail.example",
    "the Qumquat dossier", "Qnotes: they pay Badly. Ask Quentin Qromm.", "Qgrumpy mood",
)  # fmt: skip
SECRETS = (
    "qaddress@secretmail.example", "+44 20 7946 0958", "020 7946 0123", "Quentin Qromm", "Qgrumpy mood", "Qhistorynote",
    "Qdebriefanswer", "Qcomment text", "Qthreaded text", "Qhiddensheet", "Qveryhidden", "Qdefinedname", "Qauthor",
    "Qdoctitle", "Qcompanyprop", "Qcustomprop", "Qcustomxml", "Qchartcache", "Qpivotcache", "Qexternalcache",
    "Qcachedvalue", "Qimagename", "Qheaderfooter", "Qvalidation", "Qhyperlink", "Qsplitrun",
)  # fmt: skip
"""Each stands in a place of its own in the tracker; the number 91250 is searched beside them."""

OTHER_PARTS: Mapping[str, str] = {
    "xl/threadedComments/threadedComment1.xml": "<ThreadedComments><threadedComment ref='A2'><text>Qthreaded text</text></threadedComment></ThreadedComments>",
    "customXml/item1.xml": "<root><a>Qcustomxml</a></root>",
    "docProps/custom.xml": "<Properties><property name='x'><lpwstr>Qcustomprop</lpwstr></property></Properties>",
    "xl/pivotCache/pivotCacheDefinition1.xml": "<pivotCacheDefinition><sharedItems><s v='Qpivotcache'/></sharedItems></pivotCacheDefinition>",
    "xl/externalLinks/externalLink1.xml": "<externalLink><sheetDataSet><cell r='A1'><v>Qexternalcache</v></cell></sheetDataSet></externalLink>",
    "xl/media/Qimagename.png": "not looked at",
    "xl/charts/chart9.xml": "<chartSpace><strCache><pt idx='0'><v>Qchartcache</v></pt></strCache></chartSpace>",
}  # fmt: skip


def leaky(path: Path) -> Path:
    """A tracker with a secret in every place a workbook has."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Jobs"
    sheet.append(list(HEADERS))
    sheet.append(list(ROW))
    sheet.append(["Birch Co", "Writer", "Bob Ray", None, None, None, "Applied", dt.date(2026, 11, 2)])
    sheet.append(["Cedar Inc", "Editor", "Cy Wood", None, None, None, "Applied", dt.date(2026, 11, 3)])
    sheet["M3"], sheet["M4"] = "CACHED", "SPLIT"
    sheet["A2"].comment = Comment("Qcomment text", "Qauthor")
    sheet["A3"].hyperlink = "https://example.org/Qhyperlink"
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart(text="Qheaderfooter"))
    check = DataValidation(type="list", formula1='"Qvalidation,other"', sqref="G2:G9")
    sheet.add_data_validation(check)
    for state, secret in (("hidden", "Qhiddensheet"), ("veryHidden", "Qveryhidden")):
        other = book.create_sheet(state)
        other.sheet_state = state
        other["A1"] = secret
    history = book.create_sheet("History")
    history.append(["Date", "Company", "Contact", "Direction", "Channel", "Step", "Note"])
    history.append([dt.date(2026, 11, 1), "Alder Ltd", "Ann Miller", "out", "Email", None, "Qhistorynote"])
    debrief = book.create_sheet("Debrief")
    debrief.append(["Date", "Company", "Role", "People", "Next steps"])
    debrief.append([dt.date(2026, 11, 12), "Alder Ltd", "Analyst, 020 7946 0123", "Ann Miller", "Qdebriefanswer"])
    book.defined_names["Qname"] = DefinedName("Qname", attr_text='"Qdefinedname"')
    book.properties.creator, book.properties.title = "Qauthor", "Qdoctitle"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=6, min_row=1, max_row=3), titles_from_data=True)
    chart.anchor = "P2"
    sheet.add_chart(chart)
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(_with_parts(stream.getvalue()))
    return path


def _with_parts(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                place = content.index(b'<c r="M3"')
                end = content.index(b"</c>", place) + 4
                cached = b'<c r="M3" t="str"><f>"Qcached"&amp;"value"</f><v>Qcachedvalue</v></c>'
                content = content[:place] + cached + content[end:]
                runs = b"<r><t>Qspl</t></r><r><rPr><b/></rPr><t>itrun</t></r>"
                content = content.replace(b"<t>SPLIT</t>", runs)
            elif name == "docProps/app.xml":
                content = content.replace(b"</Properties>", b"<Company>Qcompanyprop</Company></Properties>")
            new.writestr(name, content)
        for name, text in OTHER_PARTS.items():
            new.writestr(name, text)
    return made.getvalue()


@pytest.fixture
def tracker(tmp_path: Path) -> Path:
    return leaky(tmp_path / "tracker.xlsx")


def test_every_secret_is_found_in_the_tracker_and_none_in_the_copy(tracker: Path) -> None:
    values = (*SECRETS, 91250)
    assert {leak.value for leak in package(tracker).leaks(values)} == set(values)
    assert package(share(tracker).data).leaks(values) == []


def test_what_a_shown_cell_quotes_is_marked_and_the_rest_of_it_stays(tracker: Path) -> None:
    copy = share(tracker)
    assert copy.column("Position")[0] == "Analyst, [hidden]"
    assert copy.column("Next step")[0] == "ask for [hidden] via [hidden]"


def test_a_why_that_quotes_the_debrief_is_marked() -> None:
    copy = share(Path(__file__).parents[2] / "sample_tracker.xlsx")
    quoting = [why for why in copy.column("Why") if "next steps" in str(why)]
    assert [str(why).partition("next steps: ")[2] for why in quoting] == ["“[hidden]”."]


def test_a_company_that_is_hidden_is_in_no_part(tracker: Path) -> None:
    copy = share(tracker, hide=["company", "contact"])
    assert package(copy.data).leaks(["Alder", "Birch Co", "Cedar Inc", "Ann Miller", "Miller", "Bob Ray"]) == []


def test_what_is_shown_on_purpose_is_there(tracker: Path) -> None:
    copy = share(tracker, show=["Mood", "email"])
    assert copy.column("Mood") == ["Qgrumpy mood", "Qcachedvalue", "Qsplitrun"]
    assert copy.column("Email")[0] == "qaddress@secretmail.example"
    assert copy.column("Next step")[0] == "ask for [hidden] via qaddress@secretmail.example"


# A leak that is planted in a copy is found

NAMED = "Quentin Qromm"


def _into(name: str, before: str, after: str) -> Callable[[dict[str, bytes]], None]:
    def plant(parts: dict[str, bytes]) -> None:
        assert before.encode() in parts[name]
        parts[name] = parts[name].replace(before.encode(), after.encode(), 1)

    return plant


def _as_part(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda parts: parts.update({name: content})


def _zipped(text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{text}</t></si></sst>")
    return stream.getvalue()


CELLS = "xl/worksheets/sheet1.xml"
PLANTED = {
    "a cell": _into(CELLS, "<t>Company</t>", f"<t>Company {NAMED.upper()}</t>"),
    "a string in runs": _into(CELLS, "<t>Company</t>", "<r><t>Quentin Q</t></r><r><t>romm</t></r>"),
    "a note": _as_part("xl/comments1.xml", f"<comments><comment><text><t>{NAMED}</t></text></comment></comments>".encode()),
    "a name": _into("xl/workbook.xml", "</definedNames>", f'<definedName name="x">"{NAMED}"</definedName></definedNames>'),
    "a sheet's name": _into("xl/workbook.xml", 'name="Follow-ups"', f'name="{NAMED}"'),
    "a property": _into("docProps/core.xml", "</cp:coreProperties>", f"<x>{NAMED}</x></cp:coreProperties>"),
    "a part's name": _as_part(f"xl/media/{NAMED}.png", b""),
    "a rule's formula": _into("xl/worksheets/sheet1.xml", "<formula>", f"<formula>A1=&quot;{NAMED}&quot;,"),
    "an attribute, escaped": _into("xl/workbook.xml", 'name="Follow-ups"', 'name="&#81;uentin&#32;Qromm"'),
    "UTF-16": _as_part("customXml/item1.bin", NAMED.encode("utf-16-be")),
    "an embedded package": _as_part("xl/embeddings/book.xlsx", _zipped(NAMED)),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return share(leaky(tmp_path_factory.mktemp("planted") / "tracker.xlsx")).data


@pytest.mark.parametrize("place", PLANTED)
def test_a_planted_leak_is_found(copied: bytes, place: str) -> None:
    with zipfile.ZipFile(io.BytesIO(copied)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    PLANTED[place](parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert [leak.value for leak in package(stream.getvalue()).leaks([NAMED])] == [NAMED]


@pytest.mark.parametrize(
    ("value", "written"),
    [(91250, "91250"), (91250, "91,250"), (dt.date(2026, 10, 7), "46302"), (dt.date(2026, 10, 7), "7 Oct 2026")],
)
def test_numbers_and_days_are_found_as_they_are_kept_and_as_they_are_written(value: float, written: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><c><v>{written}</v></c></worksheet>")
    assert len(package(stream.getvalue()).leaks([value])) == 1

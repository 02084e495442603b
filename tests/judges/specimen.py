"""A made-up tracker that has a bit of everything, and the means to alter one part of a workbook by hand."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEADER_ROW: Final = 4
HEADERS: Final = ("Company", "Role", "Contact", "Email", "Status", "Applied on", "Interview date", "Notes", "Age")
THREADS: Final = (
    ("Aldgate Foods", "Analyst", "Mara Lind", "mara@aldgate.example", "Applied", dt.date(2026, 11, 2), None, "via a fair"),
    ("Birch & Co", "Data engineer", "Tom Weir", "tom@birch.example", "Interview", dt.date(2026, 10, 20), dt.date(2026, 11, 2), ""),
    ("Cobalt Rail", "Planner", "", "", "Rejected", dt.date(2026, 10, 1), None, "agency"),
    ("Dunlin Press", "Editor", "Ida Roe", "ida@dunlin.example", "Applied", dt.date(2026, 10, 28), None, ""),
    ("Elmwood Care", "Manager", "", "jobs@elmwood.example", "Saved", None, None, ""),
    ("Fennel Labs", "Chemist", "Jo Park", "jo@fennel.example", "Applied", dt.date(2026, 11, 6), None, "hidden row"),
    ("Garnet Bank", "Clerk", "Lee Ash", "lee@garnet.example", "Interview", dt.date(2026, 10, 12), dt.date(2026, 11, 5), ""),
)  # fmt: skip
HIDDEN_ROW: Final = HEADER_ROW + 6
LAST_ROW: Final = HEADER_ROW + len(THREADS)
SHEET: Final = "Jobs"


def make_specimen(path: Path) -> Path:
    """Write the tracker.

    It has a title over merged cells, a table, a drop-down, rules (one with an x14 data bar), formulas with saved results,
    rich text, a comment, a link, an image, a chart, a hidden row, frozen panes, a filtered sheet, names and a calcChain.
    """
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"title": "My applications", "created": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)})
        jobs, costs, lists = (book.add_worksheet(name) for name in (SHEET, "Costs", "Lists"))
        _jobs(book, jobs)
        _costs(book, costs)
        lists.write_column(0, 0, ["Saved", "Applied", "Interview", "Offer", "Rejected"])
        lists.hide()
        book.define_name("Statuses", "=Lists!$A$1:$A$5")
        book.define_name("Costs!Total", "=Costs!$C$6")
    _add_calculation_chain(
        path, [("1", f"I{row}") for row in range(HEADER_ROW + 1, LAST_ROW + 1)] + [("2", "C6"), ("2", "C7")]
    )
    return path


def _jobs(book: Workbook, page: Worksheet) -> None:
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "bg_color": "#DDEBF7"})
    header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#305496", "font_color": "#FFFFFF"})
    date = book.add_format({"num_format": "dd/mm/yyyy", "border": 1, "border_color": "#D9D9D9"})
    body = book.add_format({"border": 1, "border_color": "#D9D9D9", "valign": "top"})
    number = book.add_format({"num_format": "0", "border": 1, "border_color": "#D9D9D9"})
    page.merge_range(0, 0, 1, 8, "Applications 2026", title)
    page.set_column(0, 3, 18)
    page.set_column(5, 6, 12, date)
    page.freeze_panes(HEADER_ROW, 1)
    page.add_table(
        HEADER_ROW - 1, 0, LAST_ROW - 1, len(HEADERS) - 1,
        {
            "name": "Applications",
            "style": "Table Style Medium 2",
            "columns": [
                {"header": name, "header_format": header}
                | ({"formula": '=IF([@[Applied on]]="","",TODAY()-[@[Applied on]])'} if name == "Age" else {})
                for name in HEADERS
            ],
        },
    )  # fmt: skip
    for offset, thread in enumerate(THREADS):
        _thread(page, HEADER_ROW + offset, thread, {"date": date, "body": body, "number": number})
    page.write_rich_string(HEADER_ROW + 1, 7, "ask for ", book.add_format({"bold": True}), "Anna", " first", body)
    page.write_url(HEADER_ROW + 3, 0, "https://dunlin.example/jobs", body, "Dunlin Press")
    page.write_comment(HEADER_ROW, 0, "met at the careers fair", {"author": "Me"})
    page.set_row(HIDDEN_ROW - 1, None, None, {"hidden": True})
    page.data_validation(HEADER_ROW, 4, LAST_ROW + 40, 4, {"validate": "list", "source": "=Statuses"})
    red = book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
    page.conditional_format(
        HEADER_ROW,
        0,
        LAST_ROW - 1,
        7,
        {"type": "formula", "criteria": f'=$E{HEADER_ROW + 1}="Rejected"', "format": red},
    )
    page.conditional_format(
        HEADER_ROW, 8, LAST_ROW - 1, 8, {"type": "data_bar", "data_bar_2010": True, "bar_color": "#63C384"}
    )
    page.insert_image(LAST_ROW + 2, 0, "logo.png", {"image_data": BytesIO(_png())})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"={SHEET}!$I${HEADER_ROW + 1}:$I${LAST_ROW}"})
    page.insert_chart(LAST_ROW + 2, 3, chart)
    page.set_footer("&CPage &P")


def _thread(page: Worksheet, row: int, thread: Sequence[str | dt.date | None], looks: dict[str, Format]) -> None:
    for column, value in enumerate(thread):
        if isinstance(value, dt.date):
            page.write_datetime(row, column, dt.datetime.combine(value, dt.time()), looks["date"])
        elif value is None or value == "":
            page.write_blank(row, column, None, looks["date" if value is None else "body"])
        else:
            page.write_string(row, column, value, looks["body"])
    applied = thread[5]
    saved = (dt.date(2026, 11, 9) - applied).days if isinstance(applied, dt.date) else ""
    formula = f'=IF(F{row + 1}="","",TODAY()-F{row + 1})'
    page.write_formula(row, len(HEADERS) - 1, formula, looks["number"], saved)


def _costs(book: Workbook, page: Worksheet) -> None:
    money = book.add_format({"num_format": "#,##0.00 €"})
    page.write_row(0, 0, ["Date", "What", "Cost"])
    for row, (what, cost) in enumerate([("train", 42.5), ("print", 6.2), ("suit", 129), ("lunch", 11)], 1):
        page.write_datetime(row, 0, dt.datetime(2026, 11, row, tzinfo=dt.UTC).replace(tzinfo=None))
        page.write_string(row, 1, what)
        page.write_number(row, 2, cost, money)
    page.autofilter(0, 0, 4, 2)
    page.write_formula(5, 2, "=SUM(C2:C5)", money, 188.7)
    page.write_formula(6, 2, f'=COUNTIF({SHEET}!E{HEADER_ROW + 1}:E{LAST_ROW},"Applied")', None, 3)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x30\x54\x96" * 24 for _ in range(24))
    size = struct.pack(">IIBBBBB", 24, 24, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _add_calculation_chain(path: Path, places: list[tuple[str, str]]) -> None:
    entries = "".join(f'<c r="{place}" i="{sheet}"/>' for sheet, place in places)
    chain = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{entries}</calcChain>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    alter(
        path,
        {
            "xl/workbook.xml": replacing(' fullCalcOnLoad="1"', ""),
            "[Content_Types].xml": replacing(
                "</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'
            ),
            "xl/_rels/workbook.xml.rels": replacing(
                "</Relationships>", f'<Relationship Id="rId90" Type="{link}" Target="calcChain.xml"/></Relationships>'
            ),
        },
        add={"xl/calcChain.xml": chain.encode()},
    )


def copied(path: Path, to: Path) -> Path:
    """A writable copy of a file."""
    to.write_bytes(path.read_bytes())
    return to


def alter(
    path: Path,
    changes: dict[str, Callable[[bytes], bytes]],
    *,
    add: dict[str, bytes] | None = None,
    drop: frozenset[str] = frozenset(),
    order: Callable[[list[str]], list[str]] = list,
    level: int = 6,
) -> None:
    """Rewrite a workbook's zip in place with some of its members changed, added, dropped or put in another order."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        members[name] = change(members[name])
    members.update(add or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name in order([name for name in members if name not in drop]):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), members[name], zipfile.ZIP_DEFLATED, level)


def replacing(old: str, new: str, *, times: int = 1) -> Callable[[bytes], bytes]:
    """A change of a part: the first `times` places where `old` stands become `new`; AssertionError if there are fewer."""

    def change(content: bytes) -> bytes:
        assert content.count(old.encode()) >= times, f"{old!r} stands {content.count(old.encode())} times in it"
        return content.replace(old.encode(), new.encode(), times)

    return change

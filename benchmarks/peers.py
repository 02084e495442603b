"""The same job with other libraries: load a tracker, write six columns and the three date rules, save.

Called as `python peers.py LIBRARY FILE`. They plan nothing and read no value: what they write is made up on the spot, so
their figures are those of loading, writing and saving alone. They make no backup either.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from typing import Any, Final

HEADERS: Final = ("Next contact", "Contact by", "Next action", "Follow-up", "Days overdue", "Why")
FIRST: Final = 21
"""The first of the six columns: right of the tracker's twenty."""
RULES: Final = (
    ("FFF4C7C3", 'AND(ISNUMBER($V2),$V2<TODAY(),OR($X2="Overdue",$X2="Due",$X2="Upcoming"))'),
    ("FFFCE8B2", 'AND(ISNUMBER($U2),$U2<=TODAY(),$V2>=TODAY(),OR($X2="Overdue",$X2="Due",$X2="Upcoming"))'),
    ("FFD9E8FB", 'AND(ISNUMBER($U2),$U2>TODAY(),$U2<=TODAY()+3,OR($X2="Overdue",$X2="Due",$X2="Upcoming"))'),
    ("FFEDEDED", '$X2="Waiting"'),
    ("FFE3E3E3", '$X2="Closed"'),
)
START: Final = dt.datetime(2026, 11, 1)  # noqa: DTZ001  # spreadsheets know no zones
EPOCH: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001


def result(row: int) -> tuple[dt.datetime, dt.datetime, str, str, int, str]:
    """Six values of the kinds that a plan holds, for a sheet row."""
    base = START + dt.timedelta(days=row % 40)
    return (
        base,
        base + dt.timedelta(days=7),
        "Follow up on the application by email",
        ("Overdue", "Due", "Upcoming", "Waiting")[row % 4],
        row % 30,
        f"A week after your application of {row % 28 + 1} Oct; no answer since.",
    )


def openpyxl_like(path: str, load: Callable[[str], Any], rule: Callable[[str, str], Any], *, formats: bool) -> None:
    """The job with openpyxl's interface, which wolfxl shares. Without `formats` dates are written as bare numbers."""
    book = load(path)
    sheet = book.worksheets[0]
    for offset, header in enumerate(HEADERS):
        sheet.cell(row=1, column=FIRST + offset, value=header)
    last = sheet.max_row
    for row in range(2, last + 1):
        for offset, value in enumerate(result(row)):
            if not isinstance(value, dt.datetime):
                sheet.cell(row=row, column=FIRST + offset, value=value)
            elif formats:
                sheet.cell(row=row, column=FIRST + offset, value=value).number_format = "dd/mm/yyyy"
            else:
                sheet.cell(row=row, column=FIRST + offset, value=(value - EPOCH).days)
    for colour, formula in RULES:
        sheet.conditional_formatting.add(f"U2:Z{last}", rule(formula, colour))
    book.save(path)


def with_openpyxl(path: str) -> None:
    from openpyxl import load_workbook  # each process loads one library
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles import PatternFill
    from openpyxl.styles.differential import DifferentialStyle

    openpyxl_like(
        path,
        load_workbook,
        lambda formula, colour: Rule(
            type="expression", formula=[formula], dxf=DifferentialStyle(fill=PatternFill("solid", bgColor=colour))
        ),
        formats=True,
    )


def with_wolfxl(path: str) -> None:
    from wolfxl import load_workbook
    from wolfxl.formatting.rule import FormulaRule
    from wolfxl.styles import PatternFill

    # wolfxl 2.0 adds a style to the file for each date cell: at 100,000 rows that takes many minutes and passes the
    # 64,000 styles that Excel allows. Bare numbers are the kinder comparison.
    openpyxl_like(
        path,
        lambda name: load_workbook(name, modify=True),
        lambda formula, colour: FormulaRule(formula=[formula], fill=PatternFill("solid", bgColor=colour)),
        formats=False,
    )


def with_excelize(path: str) -> None:
    import excelize

    book = excelize.open_file(path)
    sheet = book.get_sheet_list()[0]
    last = int("".join(filter(str.isdigit, book.get_sheet_dimension(sheet).split(":")[1])))
    columns = zip(*(result(row) for row in range(2, last + 1)), strict=True)
    for letter, header, values in zip("UVWXYZ", HEADERS, columns, strict=True):
        book.set_sheet_col(sheet, f"{letter}1", [header, *values])
    dates = book.new_style(excelize.Style(custom_num_fmt="dd/mm/yyyy"))
    book.set_cell_style(sheet, "U2", f"V{last}", dates)
    for colour, formula in RULES:
        fill = excelize.Fill(type="pattern", pattern=1, color=[colour[2:]])
        style = book.new_conditional_style(excelize.Style(fill=fill))
        book.set_conditional_format(
            sheet, f"U2:Z{last}", [excelize.ConditionalFormatOptions(type="formula", criteria=formula, format=style)]
        )
    book.save()
    book.close()


PEERS: Final[dict[str, Callable[[str], None]]] = {
    "openpyxl": with_openpyxl,
    "wolfxl": with_wolfxl,
    "excelize": with_excelize,
}

if __name__ == "__main__":
    PEERS[sys.argv[1]](sys.argv[2])

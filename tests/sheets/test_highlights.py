"""Our conditional formats: what they colour by LibreOffice's own reckoning, how they are known again, who can tell them."""

from __future__ import annotations

import csv
import itertools
import shutil
import subprocess
from pathlib import Path

import pytest
from openpyxl import Workbook

from sheetsync.model import OWNED
from sheetsync.resources import read_toml
from sheetsync.sheets.highlights import HighlightRule, highlight_rules, is_ours, mark
from sheetsync.words import follow_up_words

COLUMNS = dict(zip(OWNED, range(11, 17), strict=True))
KEYS = ["overdue", "due", "upcoming", "waiting", "closed"]


def rules(columns: dict[str, int] | None = None, **words: str) -> tuple[HighlightRule, ...]:
    return highlight_rules(
        COLUMNS if columns is None else columns,
        first_row=5,
        last_row=80,
        words={**follow_up_words(), **words},
        mode="columns",
    )


def without(key: str) -> dict[str, int]:
    return {name: column for name, column in COLUMNS.items() if name != key}


def test_the_overdue_rule_reads_as_designed() -> None:
    assert rules()[0].formula == (
        'AND(ISNUMBER($L5),$L5<TODAY(),OR($N5="Overdue",$N5="Due",$N5="Upcoming"),N("sheetsync:overdue")=0)'
    )


def test_there_is_one_rule_for_each_coloured_follow_up() -> None:
    assert [rule.key for rule in rules()] == KEYS


def test_only_our_columns_are_coloured() -> None:
    assert {rule.ranges for rule in rules()} == {("K5:P80",)}


def test_columns_that_stand_apart_are_coloured_apart() -> None:
    assert rules({**COLUMNS, "why": 2})[0].ranges == ("B5:B80", "K5:O80")


def test_the_whole_row_is_coloured_if_asked_for() -> None:
    found = highlight_rules(COLUMNS, first_row=5, last_row=80, words={}, mode="row", tracker=(2, 9))
    assert found[0].ranges == ("B5:I80", "K5:P80")


def test_nothing_is_coloured_if_asked_for() -> None:
    assert highlight_rules(COLUMNS, first_row=5, last_row=80, words={}, mode="none") == ()


@pytest.mark.parametrize(
    ("gone", "left"),
    [
        ("contact_by", ["upcoming", "waiting", "closed"]),
        ("next_contact", ["overdue", "waiting", "closed"]),
        ("follow_up", []),
        ("why", KEYS),
    ],
)
def test_a_rule_whose_column_is_gone_is_left_out(gone: str, left: list[str]) -> None:
    assert [rule.key for rule in rules(without(gone))] == left


def test_the_sheet_s_own_words_are_compared_with_their_quotes_doubled() -> None:
    waiting = next(rule for rule in rules(Waiting='"on" them') if rule.key == "waiting")
    assert waiting.formula == 'AND($N5="""on"" them",N("sheetsync:waiting")=0)'


@pytest.mark.parametrize("rule", rules(), ids=KEYS)
def test_a_rule_of_ours_is_known_again(rule: HighlightRule) -> None:
    assert is_ours(rule.formula) == rule.key


@pytest.mark.parametrize(
    "formula",
    [
        "AND($L5&lt;TODAY(),N(&quot;sheetsync:overdue&quot;)=0)",
        "AND($L5&lt;TODAY(),N(&#34;sheetsync:overdue&#34;)=0)",
        'and( $L5 < today() , n( "SheetSync:Overdue" ) = 0 )',
        'AND(Jobs!$L5<TODAY();N("sheetsync:overdue")=0)',
    ],
)
def test_a_rule_that_another_program_rewrote_is_known_again(formula: str) -> None:
    assert is_ours(formula) == "overdue"


@pytest.mark.parametrize("formula", ['$N5="Overdue"', 'SEARCH("sheetsync",A1)', 'AND(MIN("sheetsync:overdue")=0)', ""])
def test_a_rule_of_the_person_is_not_taken_for_ours(formula: str) -> None:
    assert is_ours(formula) is None


def test_a_mark_names_its_rule() -> None:
    assert [is_ours(mark(key)) for key in KEYS] == KEYS


CASES = [
    # next contact and contact by in days from today, the follow-up of the last sync, what it is coloured as today
    (-5, -1, "Overdue", "overdue"),
    (-5, -1, "Due", "overdue"),
    (-9, -1, "Upcoming", "overdue"),
    (-5, 0, "Due", "due"),
    (0, 0, "Upcoming", "due"),
    (0, 4, "Due", "due"),
    (1, 4, "Upcoming", "upcoming"),
    (3, 9, "Upcoming", "upcoming"),
    (4, 9, "Upcoming", ""),
    (None, None, "Waiting", "waiting"),
    (2, 5, "Waiting", "waiting"),
    (None, None, "Closed", "closed"),
    (-9, -5, "Cold", ""),
    (-9, -5, "Paused", ""),
    (None, None, "Needs info", ""),
    (None, None, None, ""),
    (None, None, "Overdue", ""),
    ("soon", "later", "Due", ""),
    (-9, -5, None, ""),
]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_colours_each_row_by_its_dates_of_today(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row, (start, end, word, _) in enumerate(CASES, start=5):
        for column, days in ((11, start), (12, end)):
            page.cell(row, column, f"=TODAY()+({days})" if isinstance(days, int) else days)
        page.cell(row, 14, word)
        for number, rule in enumerate(rules()):
            page.cell(row, 20 + number, "=" + rule.formula.replace("5", str(row)))
    book.save(tmp_path / "cases.xlsx")
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "csv", "--outdir", str(tmp_path), str(tmp_path / "cases.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with (tmp_path / "cases.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))[4:]
    found = ["+".join(key for key, cell in zip(KEYS, row[19:24], strict=True) if cell == "TRUE") for row in table]
    assert found == [case[3] for case in CASES]


PALETTE = read_toml("highlights.toml")


def _linear(colour: str) -> list[float]:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("key", KEYS)
def test_the_text_reads_on_its_fill(key: str) -> None:
    """WCAG 2.2, 1.4.6: a contrast of 7 to 1 is its highest grade; 4.5 is enough for what is over."""
    light, dark = _luminance(PALETTE[key]["fill"]), _luminance(PALETTE[key]["font"])
    assert (light + 0.05) / (dark + 0.05) >= (4.5 if key == "closed" else 7)


# Machado, Oliveira and Fernandes (2009), severity 1.0, in linear RGB
_SIGHT = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def _lab(colour: str, sight: str) -> list[float]:
    seen = [sum(a * b for a, b in zip(line, _linear(colour), strict=True)) for line in _SIGHT[sight]]
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(a * b for a, b in zip(line, seen, strict=True)) for line in to_xyz]
    x, y, z = (
        share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116
        for share in (xyz[0] / 0.9505, xyz[1], xyz[2] / 1.089)
    )
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("sight", _SIGHT)
def test_what_is_urgent_looks_unlike_everything_else_to_everybody(sight: str) -> None:
    """A CIE76 distance of 10 is seen at a glance; the bold text of what is overdue helps where colours cannot."""
    for one, other in itertools.combinations(["overdue", "due", "upcoming", "closed"], 2):
        a, b = _lab(PALETTE[one]["fill"], sight), _lab(PALETTE[other]["fill"], sight)
        assert sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 >= 10, (one, other)

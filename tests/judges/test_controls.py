"""The judges are judged: a good workbook passes, and every deliberate damage and loss is noticed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from judges import as_openpyxl, compare, invariants, validator
from judges.marks import needs_validator
from judges.specimen import SHEET, alter, copied, make_specimen, replacing

if TYPE_CHECKING:
    from pathlib import Path

Change = Callable[[bytes], bytes]
JOBS, COSTS, STYLES, BOOK, TABLE = (
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/tables/table1.xml",
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_specimen(tmp_path_factory.mktemp("specimen") / "good.xlsx")


def swapping(pattern: str) -> Change:
    """A change that swaps the pattern's two groups, which must stand side by side."""

    def change(content: bytes) -> bytes:
        found = re.search(pattern.encode(), content, re.DOTALL)
        assert found
        return content[: found.start()] + found[2] + found[1] + content[found.end() :]

    return change


@dataclass(frozen=True)
class Damage:
    """One corruption: what is done, to which part, and words that a judge must say of it."""

    what: str
    part: str
    change: Change
    said: str


RULE = '<cfRule type="expression" dxfId="0" priority="1">'
DAMAGES = (
    Damage("rows out of order", JOBS, swapping('(<row r="5".*?</row>)(<row r="6".*?</row>)'), "stands after row"),
    Damage("cells out of order", JOBS, swapping('(<c r="A5".*?</c>)(<c r="B5".*?</c>)'), "stands after column"),
    Damage("a cell twice", JOBS, replacing('<c r="G5" s="1"/>', '<c r="G5" s="1"/><c r="G5" s="1"/>'), "G5 stands twice"),
    Damage("a cell of another row", JOBS, replacing('r="B5"', 'r="B6"'), "cell B6 stands in row 5"),
    Damage("a cell off the sheet", JOBS, replacing('r="I5"', 'r="XFE5"'), "XFE5 is no cell"),
    Damage("spans too short", JOBS, replacing('<row r="5" spans="1:9"', '<row r="5" spans="1:6"'), "row 5: spans"),
    Damage("dimension too small", JOBS, replacing('ref="A1:I11"', 'ref="A1:H11"'), "dimension is too small"),
    Damage("a style past the end", JOBS, replacing('<c r="G5" s="1"/>', '<c r="G5" s="99"/>'), "style 99 is past the end"),
    Damage("a shared string past the end", JOBS, replacing("<v>10</v>", "<v>1000</v>"), "shared string is past the end"),
    Damage("a number that is none", JOBS, replacing("<v>46328</v>", "<v>2 Nov</v>"), "value is no number"),
    Damage("a cell type of its own", JOBS, replacing('r="A5" s="4" t="s"', 'r="A5" s="4" t="text"'), "type text is unknown"),
    Damage("a broken formula", JOBS, replacing("TODAY()-F5)", "TODAY()-F5"), "its brackets do not match"),
    Damage(
        "a shared formula without master",
        JOBS,
        replacing('<f>IF(F5="","",TODAY()-F5)</f>', '<f t="shared" si="0"/>'),
        "lost their master",
    ),
    Damage("a rule's dxfId past the end", JOBS, replacing('dxfId="0"', 'dxfId="7"'), "dxfId 7 is past the end"),
    Damage("a priority twice", JOBS, replacing('priority="2"', 'priority="1"'), "priority 1 stands 2 times"),
    Damage(
        "a priority twice, once in x14",
        JOBS,
        replacing('<x14:cfRule type="dataBar"', '<x14:cfRule type="dataBar" priority="1"'),
        "priority 1 stands 2 times",
    ),
    Damage("a bad sqref", JOBS, replacing('sqref="A5:H11"', 'sqref="A5:H11,J5"'), "is no range"),
    Damage("an upturned sqref", JOBS, replacing('sqref="A5:H11"', 'sqref="A11:H5"'), "is no range"),
    Damage("a rule's broken formula", JOBS, replacing('$E5="Rejected"', '$E5="Rejected'), "rule of priority 1"),
    Damage("a rule without a formula", JOBS, replacing('<formula>$E5="Rejected"</formula>', ""), "has not one formula"),
    Damage(
        "children out of order",
        JOBS,
        swapping("(<conditionalFormatting.*</conditionalFormatting>)(<dataValidations.*</dataValidations>)"),
        "conditionalFormatting stands too late",
    ),
    Damage("columns that overlap", JOBS, replacing('<col min="6"', '<col min="4"'), "overlaps or is out of order"),
    Damage("a wrong count of merges", JOBS, replacing('mergeCells count="1"', 'mergeCells count="2"'), "mergeCells count"),
    Damage("a merge over the table", JOBS, replacing('ref="A1:I2"', 'ref="A1:I4"'), "overlaps a merge"),
    Damage("a link to nowhere", JOBS, replacing('r:id="rId4"', 'r:id="rId44"'), "relationship rId44"),
    Damage("a wrong count of cellXfs", STYLES, replacing('cellXfs count="8"', 'cellXfs count="9"'), "cellXfs count"),
    Damage("a wrong count of dxfs", STYLES, replacing('dxfs count="1"', 'dxfs count="2"'), "dxfs count"),
    Damage("a comment among the cellXfs", STYLES, replacing("</cellXfs>", "<!-- ours --></cellXfs>"), "among the cellXfs"),
    Damage("a font past the end", STYLES, replacing('fontId="2"', 'fontId="22"'), "fontId 22 is past the end"),
    Damage("an unknown number format", STYLES, replacing('xf numFmtId="165"', 'xf numFmtId="190"'), "190 is not defined"),
    Damage("a dxf's children out of order", STYLES, swapping('(<font><color rgb="FF9C0006"/></font>)(<fill>.*?</fill>)'), "dxf"),
    Damage("styles out of order", STYLES, swapping("(<dxfs.*</dxfs>)(<tableStyles[^>]*>)"), "dxfs"),
    Damage("a wrong count of table columns", TABLE, replacing('tableColumns count="9"', 'tableColumns count="8"'), "count is wrong"),
    Damage("a table wider than its columns", TABLE, replacing('ref="A4:I11" totals', 'ref="A4:J11" totals'), "as many columns"),
    Damage("a table's filter left behind", TABLE, replacing('autoFilter ref="A4:I11"', 'autoFilter ref="A4:H11"'), "autoFilter"),
    Damage("a table column of another name", TABLE, replacing('name="Role"', 'name="Rolle"'), "header in B4"),
    Damage("two table columns of one name", TABLE, replacing('name="Role"', 'name="Company"'), "name company stands 2 times"),
    Damage("a table named like a name", TABLE, replacing('displayName="Applications"', 'displayName="Statuses"'), "table name"),
    Damage("a name twice", BOOK, replacing('"Total" localSheetId="1"', '"Statuses"'), "name statuses of scope workbook"),
    Damage("a name with a lost reference", BOOK, replacing("Lists!$A$1:$A$5", "#REF!$A$1:$A$5"), "lost reference"),
    Damage("a name of an unknown sheet", BOOK, replacing("Lists!$A$1:$A$5", "List!$A$1:$A$5"), "sheet list, which does not exist"),
    Damage("a filter's name left behind", BOOK, replacing("Costs!$A$1:$C$5", "Costs!$A$1:$B$5"), "_FilterDatabase disagree"),
    Damage("a sheet without a part", "xl/_rels/workbook.xml.rels", replacing("worksheets/sheet2.xml", "worksheets/sheet9.xml"), "does not exist"),
    Damage("an image without a type", "[Content_Types].xml", replacing('Extension="png"', 'Extension="gif"'), "image1.png has none"),
    Damage("calcChain at a cell without formula", "xl/calcChain.xml", replacing('r="I5"', 'r="H5"'), "H5 of sheet 1 has no formula"),
    Damage("a control character", JOBS, replacing("Rejected", "Re\x01jected"), "not well formed"),
    Damage("a tag left open", TABLE, replacing("</tableColumns>", ""), "not well formed"),
)  # fmt: skip


def test_a_good_workbook_has_no_violation(good: Path) -> None:
    assert invariants.violations(good) == []


@needs_validator
def test_a_good_workbook_has_no_error(good: Path) -> None:
    assert validator.errors(good) == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.what)
def test_a_damage_is_noticed(damage: Damage, good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {damage.part: damage.change})
    said = invariants.new_violations(good, bad)
    assert any(damage.said in finding for finding in said), said


@needs_validator
@pytest.mark.parametrize(
    ("what", "part", "change"),
    [
        ("an unknown attribute", JOBS, replacing('<c r="G5" s="1"/>', '<c r="G5" s="1" look="1"/>')),
        ("an unknown element", JOBS, replacing("<pageMargins", "<margins/><pageMargins")),
        ("a number for a truth value", TABLE, replacing('showRowStripes="1"', 'showRowStripes="yes"')),
        ("an unknown kind of rule", JOBS, replacing('type="expression"', 'type="formula"')),
    ],
)
def test_the_validator_notices(what: str, part: str, change: Change, good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {part: change})
    assert validator.new_errors(good, bad), what


def test_an_answer_that_is_no_verdict_is_a_failure(good: Path, tmp_path: Path) -> None:
    talker = tmp_path / "talker"
    talker.write_text("#!/bin/sh\necho 'Usage: validator <file>'\n")
    talker.chmod(0o755)
    with pytest.raises(validator.ValidatorFailedError, match="Usage"):
        validator.errors(good, binary=talker)


def test_a_damaged_zip_is_noticed(good: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(good.read_bytes()[:-200])
    assert invariants.new_violations(good, bad)


def test_old_flaws_are_not_held_against_a_new_file(good: Path, tmp_path: Path) -> None:
    flawed = copied(good, tmp_path / "flawed.xlsx")
    alter(flawed, {STYLES: replacing('cellXfs count="8"', 'cellXfs count="9"')})
    later = copied(flawed, tmp_path / "later.xlsx")
    alter(later, {STYLES: replacing('cellXfs count="9"', 'cellXfs count="11"')})
    assert invariants.new_violations(flawed, later) == []


def test_a_copy_has_lost_nothing(good: Path, tmp_path: Path) -> None:
    copy = copied(good, tmp_path / "copy.xlsx")
    assert losses(good, copy) == []


def losses(before: Path, after: Path) -> list[str]:
    """What the own comparisons find, with everything allowed to change that a sync may rewrite."""
    return [
        *compare.untouched(before, after, compare.may_change(before, SHEET)),
        *compare.same_cells(before, after, SHEET),
        *compare.same_elsewhere(before, after, SHEET),
    ]


LOSSES = (
    Damage("a drop-down", JOBS, replacing('sqref="E5:E52"', 'sqref="E5:E11"'), "round the cells"),
    Damage("a saved result", JOBS, replacing("</f><v>7</v>", "</f>"), "I5: its value changed"),
    Damage("a formula", JOBS, replacing('<f>IF(F5="","",TODAY()-F5)</f>', ""), "I5: its formula changed"),
    Damage("a cell's style", JOBS, replacing('<c r="F5" s="1"', '<c r="F5" s="4"'), "F5: its style changed"),
    Damage("an empty cell's style", JOBS, replacing('<c r="G5" s="1"/>', '<c r="G5" s="4"/>'), "G5: its style changed"),
    Damage("an empty cell", JOBS, replacing('<c r="G5" s="1"/>', ""), "G5: it is gone"),
    Damage("a value", JOBS, replacing("<v>46328</v>", "<v>46329</v>"), "F5: its value changed"),
    Damage("a text", JOBS, replacing('r="A5" s="4" t="s"><v>10</v>', 'r="A5" s="4" t="s"><v>11</v>'), "A5: its value changed"),
    Damage("a style's content", STYLES, replacing('formatCode="dd/mm/yyyy"', 'formatCode="mm/dd/yyyy"'), "F5: its style changed"),
    Damage("a rule", JOBS, replacing(RULE, '<cfRule type="expression" dxfId="0" priority="9">'), "person's rules changed"),
    Damage("a rule's colour", STYLES, replacing("FFFFC7CE", "FFFFFFFF"), "person's rules changed"),
    Damage("a rule's place", JOBS, replacing('sqref="A5:H11"', 'sqref="A5:H10"'), "person's rules changed"),
    Damage("an x14 rule", JOBS, replacing("x14:axisColor rgb", "x14:barAxisColor rgb"), "round the cells"),
    Damage("a link", JOBS, replacing('<hyperlink ref="A8"', '<hyperlink ref="A9"'), "round the cells"),
    Damage("a hidden row", JOBS, replacing(' hidden="1"', ""), "row 10 changed"),
    Damage("a column's width", JOBS, replacing('width="18.7109375"', 'width="8"'), "widths"),
    Damage("frozen panes", JOBS, replacing('state="frozen"', 'state="split"'), "round the cells"),
    Damage("a table's style", TABLE, replacing("TableStyleMedium2", "TableStyleLight1"), "table Applications"),
    Damage("a table's last row", TABLE, replacing("A4:I11", "A4:I10", times=2), "table Applications"),
    Damage("a table's column formula", TABLE, replacing("TODAY()", "NOW()"), "its columns changed"),
    Damage("a name", BOOK, replacing('name="Statuses"', 'name="Stages"'), "its names changed"),
    Damage("a hidden sheet", BOOK, replacing(' state="hidden"', ""), "workbook changed"),
    Damage("a cell of another sheet", COSTS, replacing("<v>42.5</v>", "<v>42</v>"), "sheet2.xml: its content changed"),
    Damage("a comment", "xl/comments1.xml", replacing("careers fair", "fair"), "comments1.xml: its content changed"),
    Damage("a step of the calcChain", "xl/calcChain.xml", replacing('<c r="I5" i="1"/>', ""), "calcChain changed"),
    Damage("rich text", "xl/sharedStrings.xml", replacing("<b/>", ""), "H6: its value changed"),
)  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.what)
def test_a_loss_is_noticed(loss: Damage, good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {loss.part: loss.change})
    said = losses(good, bad)
    assert any(loss.said in finding for finding in said), said


def test_a_lost_image_is_noticed(good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {}, drop=frozenset({"xl/media/image1.png"}))
    assert any("image1.png" in finding for finding in compare.untouched(good, bad))
    assert any("image1.png" in finding for finding in invariants.new_violations(good, bad))


def test_members_in_another_order_are_noticed(good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {}, order=lambda names: [*names[1:], names[0]])
    assert any("order changed: the order" in finding for finding in compare.untouched(good, bad))
    assert compare.same_parts(good, bad) == []


def test_a_member_compressed_anew_is_noticed(good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {}, level=1)
    assert any("theme1.xml: its compressed bytes changed" in finding for finding in compare.untouched(good, bad))


def test_an_added_member_is_noticed(good: Path, tmp_path: Path) -> None:
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {}, add={"xl/custom.xml": b"<a/>"})
    assert any("custom.xml" in finding for finding in compare.untouched(good, bad))


def test_cells_of_the_columns_named_may_change(good: Path, tmp_path: Path) -> None:
    other = copied(good, tmp_path / "other.xlsx")
    alter(other, {JOBS: replacing("<v>46328</v>", "<v>46329</v>")})
    assert compare.same_cells(good, other, SHEET, {6}) == []
    assert as_openpyxl.same_to_openpyxl(good, other, SHEET, {6}) == []


@pytest.mark.parametrize(
    "what",
    ["a drop-down", "a saved result", "a formula", "a cell's style", "a value", "a rule", "a cell of another sheet"],
)
def test_openpyxl_notices_too(what: str, good: Path, tmp_path: Path) -> None:
    loss = next(loss for loss in LOSSES if loss.what == what)
    bad = copied(good, tmp_path / "bad.xlsx")
    alter(bad, {loss.part: loss.change})
    assert as_openpyxl.same_to_openpyxl(good, bad, SHEET)


def test_our_rules_and_names_left_behind_are_noticed(good: Path, tmp_path: Path) -> None:
    synced = copied(good, tmp_path / "synced.xlsx")
    assert compare.leftovers(synced) == []
    alter(
        synced,
        {
            BOOK: replacing(
                "</definedNames>", '<definedName name="_sheetsync_why">Jobs!$O$4</definedName></definedNames>'
            ),
            JOBS: replacing('$E5="Rejected"', 'AND($E5="Rejected",N("sheetsync:overdue")=0)'),
        },
    )
    assert compare.leftovers(synced) == ["the name _sheetsync_why", "a rule on Jobs"]

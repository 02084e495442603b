"""What may be typed into cells: drop-downs of ours, put on and taken off again (ECMA-376 part 1, 18.3.1.32)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sheetsync.model import Area, column_letter
from sheetsync.sheets.ooxml.markup import Edit, Element, escape, note, notes, set_attribute
from sheetsync.sheets.ooxml.table import read_area

MOST_IN_LINE: Final = 250
"""Characters; Excel stops at 255."""
_BLOCK: Final = "dataValidations"
_NOTE: Final = _BLOCK.encode()


def in_line(words: Sequence[str]) -> str | None:
    """The words as a list that stands in the rule itself; None if they are too long for it, or hold a comma or quotes."""
    text = ",".join(words)
    if len(text) > MOST_IN_LINE or any("," in word or '"' in word or word != word.strip() for word in words):
        return None
    return f'"{text}"'


def list_rule(prefix: bytes, area: str, formula: str, *, strict: bool = False) -> bytes:
    """A drop-down over an area. Other words are welcome all the same, unless it is `strict`."""
    shown = b' showErrorMessage="1"' if strict else b""
    return b'<%bdataValidation type="list" allowBlank="1"%b sqref="%b"><%bformula1>%b</%bformula1></%bdataValidation>' % (
        prefix, shown, area.encode(), prefix, escape(formula), prefix, prefix,
    )  # fmt: skip


def put_on(
    root: Element, skeleton: bytes, prefix: bytes, formulas: Mapping[int, str], rows: tuple[int, int], *, at: int
) -> list[Edit]:
    """Drop-downs on columns from the first of `rows` to the last. `at` is where the list of them stands if it is new."""
    rules = b"".join(
        list_rule(prefix, f"{column_letter(column)}{rows[0]}:{column_letter(column)}{rows[1]}", formula)
        for column, formula in sorted(formulas.items())
    )
    if not rules:
        return []
    block = root.child(_BLOCK)
    name = prefix + _NOTE
    if block is None or block.closed:
        start, end = (block.start, block.end) if block is not None else (at, at)
        old = b" " + skeleton[start:end] if block is not None else b""
        made = b'<%b count="%d">%b</%b>' % (name, len(formulas), rules, name)
        return [(start, end, note(_NOTE + old) + made)]
    return [*_counted(block, skeleton, len(formulas)), (block.inner_end, block.inner_end, rules)]


def taken_off(root: Element, skeleton: bytes, columns: Collection[int]) -> list[Edit]:
    """What to splice so that the rules that stand in these columns alone are gone."""
    block = root.child(_BLOCK)
    if block is None:
        return []
    rules = block.all("dataValidation")
    ours = [rule for rule in rules if _stands_within(rule, columns)]
    noted = [(start, text) for start, end, text in notes(skeleton) if end == block.start and text.startswith(_NOTE)]
    if not ours:
        return []
    if noted and len(ours) == len(rules):
        start, text = noted[0]
        return [(start, block.end, text.removeprefix(_NOTE).removeprefix(b" "))]
    if len(ours) == len(block.children):
        return [(block.start, block.end, b"")]
    edits = [(start, block.start, b"") for start, _ in noted]
    return edits + _counted(block, skeleton, -len(ours)) + [(rule.start, rule.end, b"") for rule in ours]


def theirs(root: Element) -> list[Area]:
    """Where rules stand, those in extensions included."""
    found: list[Area | None] = []
    for element in root.walk():
        name = element.name.rpartition("}")[2]
        if name == "dataValidation":
            texts = element.attributes.get("sqref", "")
            texts += " ".join(child.text for child in element.children if child.name.endswith("}sqref"))
            found += map(read_area, texts.split())
    return [area for area in found if area is not None]


def _stands_within(rule: Element, columns: Collection[int]) -> bool:
    areas = [read_area(text) for text in rule.attributes.get("sqref", "").split()]
    return bool(areas) and all(
        area is not None and area.right - area.left < 100 and columns_of(area) <= set(columns) for area in areas
    )


def columns_of(area: Area) -> set[int]:
    """The columns of an area."""
    return set(range(area.left, area.right + 1))


def _counted(block: Element, skeleton: bytes, more: int) -> list[Edit]:
    count = block.attributes.get("count", "")
    return [set_attribute(skeleton, block, b"count", b"%d" % (int(count) + more))] if count.isdigit() else []

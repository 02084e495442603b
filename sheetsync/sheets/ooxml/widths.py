"""Column widths: what ours need, and the `<cols>` of a worksheet cut so that they get it (CT_Cols, CT_Col)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sheetsync.sheets.ooxml.markup import Edit, Element, note, notes, set_attribute, splice

WIDTHS: Final[Mapping[str, float]] = {
    "next_contact": 13,
    "contact_by": 12,
    "next_action": 34,
    "follow_up": 12,
    "days_overdue": 14,
    "why": 60,
    "id": 10,
    "log": 28,
    "log_date": 12,
    "draft": 14,
    "coach_note": 40,
}
"""Column widths in characters that show what stands there; a column that is wider already stays so."""
OTHER_WIDTH: Final = 18.0


def widen(root: Element, skeleton: bytes, prefix: bytes, columns: Mapping[int, float], *, at: int) -> list[Edit]:
    """Give columns at least these widths, and note what the widths were. `at` is where `<cols>` stands if it is new."""
    block = root.child("cols")
    standing = block.all("col") if block is not None else []
    pieces: list[tuple[int, int, bytes]] = []
    covered: set[int] = set()
    for element in standing:
        first, last = (int(element.attributes.get(name, "0") or 0) for name in ("min", "max"))
        covered.update(column for column in columns if first <= column <= last)
        pieces += _widened(skeleton, element, first, last, columns)
    if covered == columns.keys() and len(pieces) == len(standing):
        raw = [skeleton[element.start : element.end] for element in standing]
        if [piece for _, _, piece in pieces] == raw:
            return []
    tag = b'<%bcol min="%d" max="%d" width="%s" customWidth="1"/>'
    pieces += [
        (column, column, tag % (prefix, column, column, _digits(width)))
        for column, width in columns.items()
        if column not in covered
    ]
    name = prefix + b"cols"
    made = b"<%b>%b</%b>" % (name, b"".join(raw for _, _, raw in sorted(pieces)), name)
    if block is None:
        return [(at, at, note(b"cols") + made)]
    old = skeleton[block.start : block.end]
    is_noted = any(end == block.start for _, end, _ in notes(skeleton))
    return [(block.start, block.end, made if is_noted else note(b"cols " + old) + made)]


def _widened(
    skeleton: bytes, element: Element, first: int, last: int, columns: Mapping[int, float]
) -> list[tuple[int, int, bytes]]:
    """A `<col>` cut so that the columns in it that are too narrow have one of their own."""
    raw = skeleton[element.start : element.end]
    narrow = sorted(c for c, width in columns.items() if first <= c <= last and _too_narrow(element, width))
    if not narrow:
        return [(first, last, raw)]
    pieces = []
    position = first
    for column in narrow:
        if position < column:
            pieces.append((position, column - 1, _col(element, raw, position, column - 1, None)))
        pieces.append((column, column, _col(element, raw, column, column, columns[column])))
        position = column + 1
    if position <= last:
        pieces.append((position, last, _col(element, raw, position, last, None)))
    return pieces


def _col(element: Element, raw: bytes, first: int, last: int, width: float | None) -> bytes:
    lone = Element(element.name, element.attributes, 0, element.inner - element.start, closed=element.closed)
    edits = [set_attribute(raw, lone, b"min", b"%d" % first), set_attribute(raw, lone, b"max", b"%d" % last)]
    if width is not None:
        edits.append(set_attribute(raw, lone, b"width", _digits(width)))
        edits.append(set_attribute(raw, lone, b"customWidth", b"1"))
        if "hidden" in element.attributes:
            edits.append(set_attribute(raw, lone, b"hidden", b"0"))
    return splice(raw, edits)


def _too_narrow(element: Element, width: float) -> bool:
    if element.attributes.get("hidden", "0") in ("1", "true"):
        return True
    try:
        return float(element.attributes.get("width", "0")) < width
    except ValueError:
        return True


def _digits(width: float) -> bytes:
    return f"{width:g}".encode()

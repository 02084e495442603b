"""Whether a formula's text can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import TokenizerError

if TYPE_CHECKING:
    from collections.abc import Iterator


def formula_flaws(text: str, sheets: set[str] | None = None) -> Iterator[str]:
    """What is wrong with a formula (without its leading =): unreadable, a lost reference, or an unknown sheet.

    `sheets` are the workbook's sheet names in lower case; without them sheets are not judged.
    """
    if not text.strip():
        yield "it is empty"
        return
    try:
        items = Tokenizer(f"={text}").items
    except (TokenizerError, IndexError):
        yield "it is no formula"
        return
    depth = 0
    for item in items:
        depth += {"OPEN": 1, "CLOSE": -1}.get(item.subtype, 0)
        if item.type == "OPERAND" and "#REF!" in item.value:
            yield "it has a lost reference"
        elif item.type == "OPERAND" and item.subtype == "RANGE" and "!" in item.value and sheets is not None:
            owner = item.value.rpartition("!")[0].strip("'").replace("''", "'").lower()
            if "[" not in owner and not any(end in sheets for end in (owner, *owner.split(":"))):
                yield f"it names sheet {owner}, which does not exist"
    if depth:
        yield "its brackets do not match"

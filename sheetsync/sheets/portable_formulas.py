"""Which formulas mean the same in every program, so that they can be carried from one to the other. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from sheetsync.resources import read_toml

_PART: Final = re.compile(
    r"""
      "(?:[^"]|"")*"                                       # a text
    | (?P<elsewhere> \[ )                                  # another workbook, or a table's column
    | (?: '(?:[^']|'')+' | [^\W\d][\w.]* ) !               # a sheet
    | (?P<function> [A-Z_][A-Z0-9_.]* ) \s* \(
    | \$?[A-Z]{1,3}\$?\d+ (?: : \$?[A-Z]{1,3}\$?\d+ )? (?![\w(.])
    | \$?[A-Z]{1,3}:\$?[A-Z]{1,3} (?![\w(.])
    | \$?\d+:\$?\d+ (?!\w)
    | (?P<open> \$?[A-Z]{1,3}\$?\d* : \$?[A-Z]{1,3}\$?\d* ) (?!\w)
    | (?:TRUE|FALSE) (?!\w)
    | \d+(?:\.\d+)?(?:E[+-]?\d+)?
    | (?P<name> [^\W\d][\w.]* )                            # a name that somebody gave to cells
    | (?P<error> \#(?:REF|NAME|N/A|VALUE|NUM|NULL|DIV/0)[!?]? )
    | .
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_portable(formula: str) -> bool:
    """Whether a formula, without "=", in English with commas, is understood by Excel, Google Sheets and LibreOffice alike.

    It is not if it names a function that one of them lacks, another workbook, a table's column, a name given to cells,
    or a range that is open at one end, such as A2:A.
    """
    return all(
        not (part["elsewhere"] or part["name"] or part["open"] or part["error"])
        and (part["function"] is None or part["function"].upper() in _functions())
        for part in _PART.finditer(formula)
    )


@cache
def _functions() -> frozenset[str]:
    return frozenset(read_toml("formulas.toml")["functions"].split())

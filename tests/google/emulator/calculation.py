"""What formulas come to: arithmetic, references and the few functions that trackers and the recordings use.

Anything else is a known result given by the test, or the call is refused with 501: the emulator never guesses.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from emulator.a1 import Area, parse_range
from emulator.errors import ApiError, unmodelled
from emulator.formats import serial
from emulator.state import Json, Sheet, Spreadsheet, cells_between

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<reference>(?:(?:'(?:[^']|'')*'|[A-Za-z_]\w*)!)?
        (?:\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}(?:\$?\d+)?)?|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})(?![\w(]))
    |(?P<name>[A-Za-z_][\w.]*)
    |(?P<mark><=|>=|<>|[-+*/^&=<>(),;%])
    )""",
    re.VERBOSE,
)


class CellError(Exception):
    """A formula's error value, `type` as in ErrorValue."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(kind)
        self.value: Json = {"errorValue": {"type": kind, "message": message}}


class Calculator:
    """The effective values of one spreadsheet at one moment.

    `now`: the moment in the spreadsheet's time zone. `results`: formula text -> ExtendedValue, for formulas that are
    not worked out; the key `*` stands for all of them.
    """

    def __init__(self, book: Spreadsheet, now: dt.datetime, results: dict[str, Json]) -> None:
        self.book = book
        self.now = now
        self.results = results
        self.known: dict[tuple[int, int, int], Json] = {}

    def effective(self, sheet: Sheet, row: int, column: int) -> Json:
        """The ExtendedValue a cell shows, {} for an empty one. Raises ApiError 501."""
        cell = sheet.cells.get((row, column), {})
        entered: Json = cell.get("userEnteredValue", {})
        if "formulaValue" not in entered:
            return entered
        if "result" in cell:
            known: Json = cell["result"]
            return known
        place = (sheet.id, row, column)
        if place not in self.known:
            self.known[place] = {"errorValue": {"type": "REF", "message": "Circular dependency detected."}}
            self.known[place] = self._value(sheet, entered["formulaValue"])
        return self.known[place]

    def _value(self, sheet: Sheet, formula: str) -> Json:
        if formula in self.results:
            return self.results[formula]
        try:
            return extended(_Formula(self, sheet, formula).result())
        except CellError as error:
            return error.value
        except ApiError:
            if "*" in self.results:
                return self.results["*"]
            raise


def extended(value: Any) -> Json:
    """A Python value as an ExtendedValue."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, (int, float)):
        return {"numberValue": int(value) if float(value).is_integer() and abs(value) < 2**53 else value}
    return {"stringValue": str(value)} if value is not None else {"numberValue": 0}


class _Formula:
    """One formula being read from left to right, evaluated as it goes."""

    def __init__(self, calculator: Calculator, sheet: Sheet, formula: str) -> None:
        self.calculator = calculator
        self.sheet = sheet
        self.formula = formula
        self.tokens = list(self._tokens(formula[1:].strip()))
        self.place = 0

    def _tokens(self, text: str) -> Iterator[tuple[str, str]]:
        place = 0
        while place < len(text):
            found = TOKEN.match(text, place)
            if not found or found.lastgroup is None:
                raise unmodelled(f"the formula {self.formula}")
            yield found.lastgroup, found[found.lastgroup]
            place = found.end()

    def result(self) -> Any:
        value = self._single(self._compare())
        if self.place != len(self.tokens):
            raise unmodelled(f"the formula {self.formula}")
        return value

    def _peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def _take(self, *marks: str) -> str:
        if self.place < len(self.tokens) and self.tokens[self.place][0] == "mark" and self._peek() in marks:
            self.place += 1
            return self.tokens[self.place - 1][1]
        return ""

    def _compare(self) -> Any:
        left = self._joined()
        while mark := self._take("=", "<>", "<", ">", "<=", ">="):
            one, two = _order(self._single(left)), _order(self._single(self._joined()))
            left = {
                "=": one == two,
                "<>": one != two,
                "<": one < two,
                ">": one > two,
                "<=": one <= two,
                ">=": one >= two,
            }[mark]
        return left

    def _joined(self) -> Any:
        left = self._sum()
        while self._take("&"):
            left = _text(self._single(left)) + _text(self._single(self._sum()))
        return left

    def _sum(self) -> Any:
        left = self._product()
        while mark := self._take("+", "-"):
            right = _number(self._single(self._product()))
            left = _number(self._single(left)) + (right if mark == "+" else -right)
        return left

    def _product(self) -> Any:
        left = self._power()
        while mark := self._take("*", "/"):
            right = _number(self._single(self._power()))
            if mark == "/" and right == 0:
                raise CellError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
            left = _number(self._single(left)) * right if mark == "*" else _number(self._single(left)) / right
        return left

    def _power(self) -> Any:
        left = self._unary()
        while self._take("^"):
            left = _number(self._single(left)) ** _number(self._single(self._unary()))
        return left

    def _unary(self) -> Any:
        if mark := self._take("-", "+"):
            value = _number(self._single(self._unary()))
            return -value if mark == "-" else value
        value = self._atom()
        while self._take("%"):
            value = _number(self._single(value)) / 100
        return value

    def _atom(self) -> Any:
        if self._take("("):
            value = self._compare()
            if not self._take(")"):
                raise CellError("ERROR", "Formula parse error.")
            return value
        if self.place >= len(self.tokens):
            raise CellError("ERROR", "Formula parse error.")
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return float(text)
        if kind == "text":
            return text[1:-1].replace('""', '"')
        if kind == "reference":
            return self._reference(text)
        if kind == "name" and text.upper() in ("TRUE", "FALSE"):
            return text.upper() == "TRUE"
        if kind == "name" and self._take("("):
            return self._call(text.upper())
        raise unmodelled(f"the formula {self.formula}")

    def _reference(self, text: str) -> Area:
        bare = text.replace("$", "")
        try:
            if "!" in bare:
                return parse_range(self.calculator.book, bare)
            quoted = "'" + self.sheet.title.replace("'", "''") + "'"
            return parse_range(self.calculator.book, f"{quoted}!{bare}")
        except ApiError as error:
            raise CellError("REF", "Reference does not exist.") from error

    def _call(self, name: str) -> Any:
        arguments: list[Any] = []
        while not self._take(")"):
            arguments.append(None if self._peek() in (",", ";") else self._compare())
            if not self._take(",", ";") and self._peek() != ")":
                raise CellError("ERROR", "Formula parse error.")
        if name == "TODAY":
            return serial(self.calculator.now.replace(hour=0, minute=0, second=0, microsecond=0))
        if name == "NOW":
            return serial(self.calculator.now)
        if name in AGGREGATES:
            return AGGREGATES[name]([value for argument in arguments for value in self._values(argument)])
        if name in FUNCTIONS:
            return FUNCTIONS[name](*[self._single(argument) for argument in arguments])
        raise unmodelled(f"the function {name} in {self.formula}")

    def _values(self, argument: Any) -> Iterator[Any]:
        if not isinstance(argument, Area):
            yield argument
            return
        for (row, column), _ in cells_between(argument.sheet, argument.rows, argument.columns):
            value = self._plain(argument.sheet, row, column)
            if value is not None:
                yield value

    def _single(self, value: Any) -> Any:
        if not isinstance(value, Area):
            return value
        if len(value.rows) * len(value.columns) != 1:
            raise unmodelled(f"the array in {self.formula}")
        return self._plain(value.sheet, value.rows[0], value.columns[0])

    def _plain(self, sheet: Sheet, row: int, column: int) -> Any:
        value = self.calculator.effective(sheet, row, column)
        if "errorValue" in value:
            raise CellError(value["errorValue"]["type"])
        return next(iter(value.values()), None)


def _number(value: Any) -> float:
    if value is None:
        return 0
    if isinstance(value, (bool, int, float)):
        return float(value)
    try:
        return float(value)
    except ValueError as error:
        raise CellError("VALUE", f"'{value}' is a text and cannot be coerced to a number.") from error


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _order(value: Any) -> tuple[int, Any]:
    """Numbers before texts before booleans, texts without regard to case."""
    if value is None:
        return (0, 0.0)
    if isinstance(value, bool):
        return (2, value)
    return (0, float(value)) if isinstance(value, (int, float)) else (1, value.casefold())


def _numbers(values: list[Any]) -> list[float]:
    return [float(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "SUM": lambda values: sum(_numbers(values)),
    "MAX": lambda values: max(_numbers(values), default=0),
    "MIN": lambda values: min(_numbers(values), default=0),
    "COUNT": lambda values: len(_numbers(values)),
    "COUNTA": len,
    "AND": all,
    "OR": any,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "IF": lambda test, yes, no=False: yes if test else no,
    "NOT": lambda value: not value,
    "N": lambda value: _number(value) if isinstance(value, (bool, int, float)) else 0,
    "ISBLANK": lambda value: value is None,
    "ISNUMBER": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "DATE": lambda year, month, day: serial(dt.datetime(int(year), int(month), int(day))),
    "HYPERLINK": lambda url, label=None: url if label is None else label,
    "ROUND": lambda value, places=0: round(_number(value), int(places)),
}

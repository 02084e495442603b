"""How a value looks: number formats applied to numbers and serial dates, and the formats a cell has in effect."""

import datetime as dt
import re
from typing import Any

from emulator.errors import unmodelled
from emulator.state import Json

EPOCH = dt.datetime(1899, 12, 30)
DATES = ("DATE", "TIME", "DATE_TIME")

DEFAULT_DATES = {"en_US": "M/d/yyyy", "zh_CN": "yyyy/M/d", "de_DE": "dd.MM.yyyy", "sv_SE": "yyyy-MM-dd"}
DECIMAL_COMMAS = ("de", "fr", "es", "pt", "it", "nl", "sv", "pl")

DEFAULT_FORMAT: Json = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": {"red": 1, "green": 1, "blue": 1}},
}
"""`defaultFormat` of a new spreadsheet, as recorded."""

THEME: Json = {
    "primaryFontFamily": "Arial",
    "themeColors": [
        {"colorType": name, "color": {"rgbColor": color}}
        for name, color in {
            "TEXT": {},
            "BACKGROUND": {"red": 1, "green": 1, "blue": 1},
            "ACCENT1": {"red": 0.25882354, "green": 0.52156866, "blue": 0.95686275},
            "ACCENT2": {"red": 0.91764706, "green": 0.2627451, "blue": 0.20784314},
            "ACCENT3": {"red": 0.9843137, "green": 0.7372549, "blue": 0.015686275},
            "ACCENT4": {"red": 0.20392157, "green": 0.65882355, "blue": 0.3254902},
            "ACCENT5": {"red": 1, "green": 0.42745098, "blue": 0.003921569},
            "ACCENT6": {"red": 0.27450982, "green": 0.7411765, "blue": 0.7764706},
            "LINK": {"red": 0.06666667, "green": 0.33333334, "blue": 0.8},
        }.items()
    ],
}
"""`spreadsheetTheme` of a new spreadsheet, as recorded."""


def number_format(cell: Json) -> Json:
    """The NumberFormat a person or a parsed entry gave the cell, or {}."""
    found: Json = cell.get("userEnteredFormat", {}).get("numberFormat", {})
    return found


def merged_format(base: Json, over: Json) -> Json:
    """A CellFormat with another laid over it, message by message."""
    result = dict(base)
    for name, value in over.items():
        below = isinstance(value, dict) and isinstance(base.get(name), dict) and "olor" not in name
        result[name] = merged_format(base[name], value) if below else value
        if name.endswith("Color"):
            result.pop(f"{name}Style", None)
        elif name.endswith("ColorStyle"):
            result.pop(name.removesuffix("Style"), None)
    return result


def effective_format(default: Json, cell: Json, value: Json, locale: str) -> Json:
    """CellData.effectiveFormat, without what conditional formats add."""
    result = merged_format(default, cell.get("userEnteredFormat", {}))
    text = dict(result["textFormat"])
    if text.get("fontFamily") == "arial,sans,sans-serif":
        text["fontFamily"] = "Arial"
    result["textFormat"] = text
    side = "RIGHT" if "numberValue" in value else "CENTER" if "boolValue" in value else "LEFT"
    result.setdefault("horizontalAlignment", side)
    result.setdefault("hyperlinkDisplayType", "PLAIN_TEXT")
    kind = result.get("numberFormat", {}).get("type")
    if kind and not result["numberFormat"].get("pattern"):
        result["numberFormat"] = result["numberFormat"] | {"pattern": default_pattern(kind, locale)}
    return result


def default_pattern(kind: str, locale: str) -> str:
    """The pattern of a NumberFormat that names only its type."""
    date = DEFAULT_DATES.get(locale, "dd/MM/yyyy")
    patterns = {"DATE": date, "TIME": "h:mm:ss am/pm", "DATE_TIME": f"{date} H:mm:ss", "PERCENT": "0.00%"}
    return patterns.get(kind) or {"NUMBER": "#,##0.00", "CURRENCY": '"$"#,##0.00', "SCIENTIFIC": "0.00E+00"}.get(
        kind, ""
    )


def formatted(value: Json, shape: Json, locale: str) -> str:
    """CellData.formattedValue of an ExtendedValue under a NumberFormat. Raises ApiError 501 for unknown patterns."""
    if "stringValue" in value:
        return str(value["stringValue"])
    if "boolValue" in value:
        return "TRUE" if value["boolValue"] else "FALSE"
    if "errorValue" in value:
        return _error_text(value["errorValue"])
    number = value["numberValue"]
    kind = shape.get("type", "")
    pattern = shape.get("pattern") or default_pattern(kind, locale)
    if kind in DATES or (not kind and re.search(r"[yd]", pattern)):
        return _date(number, pattern)
    if not pattern or pattern in ("@", "General", "general") or kind == "TEXT":
        return _plain(number, locale)
    return _number(number, pattern, locale)


def _error_text(error: Json) -> str:
    names = {"DIVIDE_BY_ZERO": "#DIV/0!", "NULL_VALUE": "#NULL!", "N_A": "#N/A", "NUM": "#NUM!"}
    kind = error["type"]
    return names.get(kind, "#NAME?" if kind == "NAME" else f"#{kind}!")


def _plain(number: float, locale: str) -> str:
    """The automatic format: whole numbers in full, others to ten significant digits."""
    if float(number).is_integer() and abs(number) < 1e15:
        return str(int(number))
    text = f"{number:.10g}"
    if "e" in text:
        digits, _, power = text.partition("e")
        text = f"{number:.12f}".rstrip("0") if -7 <= int(power) < 0 else f"{digits}E{power[0]}{power[1:].zfill(2)}"
    return text.replace(".", ",") if locale[:2] in DECIMAL_COMMAS else text


def _number(number: float, pattern: str, locale: str) -> str:
    sections = DECORATION.sub(r"\1", pattern).split(";")
    place = 1 if number < 0 and len(sections) > 1 else 2 if number == 0 and len(sections) > 2 else 0
    pattern = sections[place]
    if science := re.fullmatch(r"0(?:\.(0+))?E\+00", pattern):
        return f"{number:.{len(science[1] or '')}E}"
    found = re.fullmatch(r'((?:"[^"]*"|\\.|[^#0.,"\\%E])*)([#0,]*)(?:\.([#0]+))?((?:"[^"]*"|\\.|[^#0"\\])*)', pattern)
    if not re.search("[#0?]", re.sub(r'"[^"]*"|\\.', "", pattern)):
        return pattern.translate(str.maketrans("", "", '"\\'))  # a section of words only
    if not found or "E" in pattern.replace('"', "") or "?" in pattern or "[" in pattern:
        raise unmodelled(f"the number format {pattern!r}")
    before, whole, fraction, after = (part or "" for part in found.groups())
    scaled = abs(number) * (100 if "%" in before + after else 1)
    least = fraction.count("0")
    text = f"{scaled:{',' if ',' in whole else ''}.{len(fraction)}f}"
    if len(fraction) > least:
        head, _, tail = text.partition(".")
        tail = tail[:least] + tail[least:].rstrip("0")
        text = f"{head}.{tail}" if tail else head
    width = whole.count("0")
    head, dot, tail = text.partition(".")
    text = head.zfill(width) + dot + tail
    if locale[:2] in DECIMAL_COMMAS:
        text = text.translate(str.maketrans(",.", ".,"))
    literal = str.maketrans("", "", '"\\')
    sign = "-" if number < 0 and len(sections) == 1 else ""
    return f"{sign}{before.translate(literal)}{text}{after.translate(literal)}"


DECORATION = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]|\[[A-Za-z][A-Za-z0-9]*\]|_.|\*.")
"""`[$€-407]`, which stands for its sign, and what only looks: `[Red]`, `_)` a gap, `*-` a filling."""
DATE_TOKEN = re.compile(r'"[^"]*"|\\.|am/pm|a/p|y+|m+|d+|h+|s+|0+|.', re.IGNORECASE | re.DOTALL)


def moment(serial: float) -> dt.datetime:
    """The day and time of a serial number, to the millisecond."""
    return EPOCH + dt.timedelta(milliseconds=round(serial * 86_400_000))


def serial(when: dt.datetime) -> float:
    """The serial number of a moment: days since 30 December 1899."""
    days = (when - EPOCH) / dt.timedelta(days=1)
    return int(days) if days.is_integer() else days


def _date(number: float, pattern: str) -> str:
    try:
        when = moment(number)
    except OverflowError:
        return _plain(number, "en_US")
    tokens = DATE_TOKEN.findall(re.sub(r"\[\$-[^\]]*\]", "", pattern))
    if "[" in tokens:
        raise unmodelled(f"the number format {pattern!r}")
    half = any(token.lower() in ("am/pm", "a/p") for token in tokens)
    shown: list[str] = []
    for place, token in enumerate(tokens):
        before = next((t.lower()[0] for t in reversed(tokens[:place]) if t.lower()[0] in "ymdhs"), "")
        after = next((t.lower()[0] for t in tokens[place + 1 :] if t.lower()[0] in "ymdhs"), "")
        minutes = token.lower()[0] == "m" and (before == "h" or after == "s")
        shown.append(_date_part(token, when, half=half, minutes=minutes))
    return "".join(shown)


def _date_part(token: str, when: dt.datetime, *, half: bool, minutes: bool) -> str:
    low = token.lower()
    hour = (when.hour % 12 or 12) if half else when.hour
    parts: dict[str, Any] = {
        "yy": f"{when.year % 100:02}",
        "yyyy": f"{when.year:04}",
        "d": when.day,
        "dd": f"{when.day:02}",
        "ddd": when.strftime("%a"),
        "dddd": when.strftime("%A"),
        "h": hour,
        "hh": f"{hour:02}",
        "s": when.second,
        "ss": f"{when.second:02}",
        "am/pm": when.strftime("%p"),
        "a/p": when.strftime("%p")[0],
        "y": f"{when.year % 100:02}",
        "yyy": f"{when.year:04}",
    }
    months = {"m": when.month, "mm": f"{when.month:02}", "mmm": when.strftime("%b"), "mmmm": when.strftime("%B")}
    parts |= {"m": when.minute, "mm": f"{when.minute:02}"} if minutes else months
    if low in parts:
        return str(parts[low])
    if set(low) == {"0"}:
        return f"{when.microsecond // 1000:03}"[: len(low)]
    return token.strip('"') if token.startswith('"') else token.lstrip("\\")

"""Our conditional formats as the Sheets API holds them: found by the mark in the formula, replaced where they stand.

A rule has no id, only an index, so a replacement names an index: the reply says what stood there, and `replaced_theirs`
whether it was ours. That Sheets keeps a formula's text is expected, not documented; the separators of its arguments it
may write its own way, so two formulas are compared as they are in English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetsync.model import Area
from sheetsync.sheets.google.formulas import from_google, to_google
from sheetsync.sheets.google.state import SheetState, area, grid_range
from sheetsync.sheets.google.values import Json
from sheetsync.sheets.highlights import HighlightRule, is_ours


def as_rule(rule: HighlightRule, sheet_id: int, locale: str) -> Json:
    """One of our highlights as a ConditionalFormatRule; `locale` is the spreadsheet's, in which formulas are typed."""
    text: Json = {"foregroundColorStyle": {"rgbColor": rgb(rule.font)}}
    if rule.bold:
        text["bold"] = True
    return {
        "ranges": [
            grid_range(sheet_id, Area(rule.first_row, left, rule.last_row, right)) for left, right in rule.columns
        ],
        "booleanRule": {
            "condition": {
                "type": "CUSTOM_FORMULA",
                "values": [{"userEnteredValue": f"={to_google(rule.formula, locale)}"}],
            },
            "format": {"backgroundColorStyle": {"rgbColor": rgb(rule.fill)}, "textFormat": text},
        },
    }


def rgb(colour: str) -> dict[str, float]:
    """Six hexadecimal digits as a Color."""
    channels = zip(("red", "green", "blue"), (colour[0:2], colour[2:4], colour[4:6]), strict=True)
    return {name: int(digits, 16) / 255 for name, digits in channels}


def formula(rule: Mapping[str, Any]) -> str:
    """The formula of a rule as it stands, without "="; "" if it has another condition."""
    values = rule.get("booleanRule", {}).get("condition", {}).get("values", [{}])
    return str(values[0].get("userEnteredValue", "")).removeprefix("=") if values else ""


def ours_at(rules: Sequence[Json]) -> list[int]:
    """The indices of the rules that carry our mark."""
    return [index for index, rule in enumerate(rules) if is_ours(formula(rule))]


def rule_requests(state: SheetState, wanted: Sequence[Json], locale: str) -> list[Json]:
    """What makes our rules on a sheet those of `wanted`, in that order; nobody else's is touched.

    Those that stand are replaced in place, those too many deleted from the last one on, and new ones put behind ours,
    or behind all if there are none, so that they go before nobody's.
    """
    slots = ours_at(state.rules)
    requests: list[Json] = [
        {"updateConditionalFormatRule": {"sheetId": state.id, "index": index, "rule": rule}}
        for index, rule in zip(slots, wanted, strict=False)
        if not alike(state.rules[index], rule, locale)
    ]
    requests += [
        {"deleteConditionalFormatRule": {"sheetId": state.id, "index": index}}
        for index in reversed(slots[len(wanted) :])
    ]
    at = slots[-1] + 1 if slots else len(state.rules)
    requests += [
        {"addConditionalFormatRule": {"rule": rule, "index": at + step}}
        for step, rule in enumerate(wanted[len(slots) :])
    ]
    return requests


def alike(one: Json, other: Json, locale: str) -> bool:
    """Whether two rules colour the same cells alike when the same holds."""
    if _plain(one, locale) != _plain(other, locale):
        return False
    pairs = zip(_colours(one), _colours(other), strict=True)
    return all(abs(here - there) <= 1 for here, there in pairs)  # Sheets keeps 8 bits of a channel, rounded its own way


def replaced_theirs(replies: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a rule without our mark was replaced or deleted: somebody had put one in between."""
    for reply in replies:
        old = reply.get("updateConditionalFormatRule", {}).get("oldRule")
        old = old or reply.get("deleteConditionalFormatRule", {}).get("rule")
        if old is not None and not is_ours(formula(old)):
            return True
    return False


def undone(requests: Sequence[Json], replies: Sequence[Mapping[str, Any]]) -> list[Json]:
    """What takes back the rule requests of a batch, from the last one on, by what their replies say stood there."""
    taken_back: list[Json] = []
    for request, reply in zip(reversed(requests), reversed(replies), strict=True):
        if body := request.get("addConditionalFormatRule"):
            sheet = body["rule"]["ranges"][0].get("sheetId", 0)
            taken_back.append({"deleteConditionalFormatRule": {"sheetId": sheet, "index": body["index"]}})
        elif body := request.get("updateConditionalFormatRule"):
            old = reply["updateConditionalFormatRule"]["oldRule"]
            taken_back.append({"updateConditionalFormatRule": {**body, "rule": old}})
        elif body := request.get("deleteConditionalFormatRule"):
            old = reply["deleteConditionalFormatRule"]["rule"]
            taken_back.append({"addConditionalFormatRule": {"rule": old, "index": body["index"]}})
    return taken_back


def _plain(rule: Json, locale: str) -> tuple[object, ...]:
    text = rule.get("booleanRule", {}).get("format", {}).get("textFormat", {})
    places = [(found.get("sheetId", 0), area(found, rows=0, columns=0)) for found in rule.get("ranges", ())]
    return (
        from_google(formula(rule), locale),
        places,
        bool(text.get("bold")),
    )


def _colours(rule: Json) -> list[float]:
    """The channels of a rule's colours, 0 to 255; Google leaves out those that are 0."""
    look = rule.get("booleanRule", {}).get("format", {})
    found = []
    for part, name in ((look, "background"), (look.get("textFormat", {}), "foreground")):
        colour = part.get(f"{name}ColorStyle", {}).get("rgbColor") or part.get(f"{name}Color") or {}
        found += [255 * colour.get(channel, 0) for channel in ("red", "green", "blue")]
    return found

"""Requests about conditional formats: they have no id, only their index, and the first one wins."""

from emulator.errors import invalid
from emulator.formulas import Reference, rewrite, title_of
from emulator.grid import box, grid
from emulator.protection import guard
from emulator.state import Caller, Json, Sheet, Spreadsheet

LOOKS = frozenset({"backgroundColor", "backgroundColorStyle", "textFormat"})
TEXT_LOOKS = frozenset({"bold", "italic", "strikethrough", "underline", "foregroundColor", "foregroundColorStyle"})
VALUES = {"BLANK": 0, "NOT_BLANK": 0, "CUSTOM_FORMULA": 1, "TEXT_EQ": 1, "TEXT_CONTAINS": 1, "NUMBER_BETWEEN": 2}
"""How many values a condition of each type takes, as far as the emulator checks it."""


def _checked(book: Spreadsheet, rule: Json | None, caller: Caller) -> Sheet:
    """The sheet of a rule that Google would take; 400 for one that it would not."""
    if not rule or not rule.get("ranges"):
        raise invalid("No ranges specified in conditional format rule.")
    blocks = [box(book, body) for body in rule["ranges"]]
    sheet = blocks[0].sheet
    if any(block.sheet is not sheet for block in blocks):
        raise invalid("All ranges of a conditional format rule must be on the same sheet.")
    for block in blocks:
        guard(book, caller, sheet, block.rows, block.columns)
    if ("booleanRule" in rule) == ("gradientRule" in rule):
        raise invalid("Exactly one of 'booleanRule' or 'gradientRule' must be set.")
    if "booleanRule" in rule:
        _check_boolean(rule["booleanRule"])
    return sheet


def _check_boolean(rule: Json) -> None:
    look = rule.get("format", {})
    if set(look) - LOOKS or set(look.get("textFormat", {})) - TEXT_LOOKS:
        raise invalid(
            "ConditionalFormatRule.format may only set bold, italic, strikethrough, underline, "
            "foreground color and background color."
        )
    condition = rule.get("condition", {})
    kind, values = condition.get("type"), condition.get("values", [])
    if not kind:
        raise invalid("A boolean rule must have a condition with a type.")
    if kind in VALUES and len(values) != VALUES[kind]:
        raise invalid(f"Wrong number of ConditionValues for {kind}: {len(values)}")
    if kind == "CUSTOM_FORMULA":
        text = values[0].get("userEnteredValue", "")
        if not text.startswith("="):
            raise invalid(f"Invalid ConditionValue.userEnteredValue: {text}")
        rewrite(text, _own_sheet)


def _own_sheet(reference: Reference) -> Reference:
    if title_of(reference) is not None:
        raise invalid("Conditional format rule cannot reference a different sheet.")
    return reference


def _existing(sheet: Sheet, index: int) -> Json:
    if not 0 <= index < len(sheet.rules):
        raise invalid(f"No conditional format on sheet: {sheet.id} at index: {index}")
    rule: Json = sheet.rules[index]
    return rule


def add_rule(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    sheet = _checked(book, body.get("rule"), caller)
    index = body.get("index", 0)
    if not 0 <= index <= len(sheet.rules):
        raise invalid(f"Cannot insert a conditional format at index: {index}. There are {len(sheet.rules)} of them.")
    sheet.rules.insert(index, body["rule"])
    return {}


def update_rule(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    """Replaces a rule (`rule`) or moves one (`newIndex`, which is counted after the rule was taken out)."""
    index = body.get("index", 0)
    if ("rule" in body) == ("newIndex" in body):
        raise invalid("Exactly one of 'rule' or 'newIndex' must be set.")
    if "rule" in body:
        sheet = _checked(book, body["rule"], caller)
        old = _existing(sheet, index)
        _guard_rule(book, old, caller)
        sheet.rules[index] = body["rule"]
        return {"newRule": sheet.rules[index], "newIndex": index, "oldRule": old}
    sheet = grid(book, body.get("sheetId"))
    moved, new = _existing(sheet, index), body["newIndex"]
    if not 0 <= new < len(sheet.rules):
        raise invalid(f"No conditional format on sheet: {sheet.id} at index: {new}")
    _guard_rule(book, moved, caller)
    sheet.rules.insert(new, sheet.rules.pop(index))
    return {"newRule": moved, "newIndex": new, "oldIndex": index}


def delete_rule(book: Spreadsheet, body: Json, caller: Caller) -> Json:
    sheet = grid(book, body.get("sheetId"))
    rule = _existing(sheet, body.get("index", 0))
    _guard_rule(book, rule, caller)
    del sheet.rules[body.get("index", 0)]
    return {"rule": rule}


def _guard_rule(book: Spreadsheet, rule: Json, caller: Caller) -> None:
    for body in rule["ranges"]:
        block = box(book, body)
        guard(book, caller, block.sheet, block.rows, block.columns)


HANDLERS = {
    "addConditionalFormatRule": add_rule,
    "deleteConditionalFormatRule": delete_rule,
    "updateConditionalFormatRule": update_rule,
}

"""Conditional formats of a sheet: ours are found by their mark, the person's are never touched (18.3.1.18)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sheetsync.sheets.highlights import HighlightRule, is_ours
from sheetsync.sheets.ooxml.markup import Edit, Element, escape

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class StandingRule:
    """A rule of ours as it stands in the sheet."""

    key: str
    formula: str
    ranges: frozenset[str]
    format: int | None
    priority: int
    element: Element
    block: Element


def standing_rules(root: Element) -> list[StandingRule]:
    """Our rules, in the order of the sheet."""
    found = []
    for block in root.all("conditionalFormatting"):
        for rule in block.all("cfRule"):
            formula = rule.child("formula")
            key = is_ours(formula.text) if formula is not None else None
            if key is None or formula is None:
                continue
            ranges = frozenset(block.attributes.get("sqref", "").upper().split())
            style = rule.attributes.get("dxfId", "")
            priority = rule.attributes.get("priority", "")
            found.append(
                StandingRule(
                    key,
                    formula.text,
                    ranges,
                    int(style) if style.isdigit() else None,
                    int(priority) if priority.lstrip("-").isdigit() else 0,
                    rule,
                    block,
                )
            )
    return found


def are_as_wanted(standing: Sequence[StandingRule], wanted: Sequence[HighlightRule], *, formats: int) -> bool:
    """Whether our rules stand as they should: formulas, ranges, precedence, each with a format that is there."""
    by_priority = sorted(standing, key=lambda rule: rule.priority)
    return [(rule.key, _bare(rule.formula), rule.ranges) for rule in by_priority] == [
        (rule.key, _bare(rule.formula), frozenset(rule.ranges)) for rule in wanted
    ] and all(rule.format is not None and rule.format < formats for rule in standing)


def without(standing: Sequence[StandingRule]) -> list[Edit]:
    """What to splice so that these rules are gone; a block that holds others too keeps them."""
    edits: list[Edit] = []
    blocks = {rule.block.start: rule.block for rule in standing}
    for block in blocks.values():
        ours = [rule.element for rule in standing if rule.block is block]
        if len(ours) == len(block.all("cfRule")):
            edits.append((block.start, block.end, b""))
        else:
            edits.extend((rule.start, rule.end, b"") for rule in ours)
    return edits


def block_of(
    root: Element,
    prefix: bytes,
    standing: Sequence[StandingRule],
    wanted: Sequence[HighlightRule],
    new_format: Callable[[HighlightRule], int],
    *,
    formats: int,
) -> bytes:
    """One block with all the rules wanted.

    A rule that stood keeps its format, which the person may have changed. Priorities are unique over the sheet, rules
    in extensions included: those we had if they are enough, else behind everybody else's.
    """
    ours = {id(rule.element) for rule in standing}
    taken = {
        int(value)
        for element in root.walk()
        if element.name.rpartition("}")[2] == "cfRule"
        and id(element) not in ours
        and (value := element.attributes.get("priority", "")).lstrip("-").isdigit()
    }
    had = sorted({rule.priority for rule in standing} - taken)
    first = max(taken, default=0) + 1
    priorities = had if len(had) == len(wanted) else range(first, first + len(wanted))
    kept = {rule.key: rule.format for rule in standing if rule.format is not None and rule.format < formats}
    rules = b""
    for rule, priority in zip(wanted, priorities, strict=True):
        style = kept.get(rule.key)
        rules += b'<%bcfRule type="expression" dxfId="%d" priority="%d"><%bformula>%b</%bformula></%bcfRule>' % (
            prefix, new_format(rule) if style is None else style, priority, prefix, escape(rule.formula), prefix, prefix,
        )  # fmt: skip
    ranges = escape(" ".join(wanted[0].ranges))
    return b'<%bconditionalFormatting sqref="%b">%b</%bconditionalFormatting>' % (prefix, ranges, rules, prefix)


def _bare(formula: str) -> str:
    return _SPACE.sub("", formula).casefold()

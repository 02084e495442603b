"""Field masks: which fields of a message an answer shows (`fields=a/b,c(d,e.f)`) or a request changes."""

import re
from functools import lru_cache
from typing import Any

from emulator.errors import invalid
from emulator.state import Json

Mask = dict[str, Any]
"""Field name -> mask of what is below it; an empty mask means everything below. `*` stands for every field."""

TOKEN = re.compile(r"\s*([A-Za-z_*][A-Za-z0-9_]*|[(),./])")


@lru_cache(maxsize=256)
def parse_mask(text: str) -> Mask:
    """The mask of one `fields` string; never change what this returns. Raises ApiError 400."""
    tokens = TOKEN.findall(text)
    if not tokens or "".join(tokens) != re.sub(r"\s", "", text):
        raise invalid(f"Request contains an invalid argument: field mask '{text}'.")
    mask, rest = _fields(tokens, text)
    if rest:
        raise invalid(f"Request contains an invalid argument: field mask '{text}'.")
    return mask


def _fields(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        path: list[str] = []
        below: Mask = {}
        while True:
            if not tokens or tokens[0] in "(),./":
                raise invalid(f"Request contains an invalid argument: field mask '{text}'.")
            path.append(tokens[0])
            tokens = tokens[1:]
            if not tokens or tokens[0] not in "./":
                break
            tokens = tokens[1:]
        if tokens and tokens[0] == "(":
            below, tokens = _fields(tokens[1:], text)
            if not tokens or tokens[0] != ")":
                raise invalid(f"Request contains an invalid argument: field mask '{text}'.")
            tokens = tokens[1:]
        _add(mask, path, below)
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _add(mask: Mask, path: list[str], below: Mask) -> None:
    name, rest = path[0], path[1:]
    known = name in mask
    if not rest and not below:
        mask[name] = {}
        return
    if known and not mask[name]:
        return
    inner = mask.setdefault(name, {})
    if rest:
        _add(inner, rest, below)
    else:
        for field, mask_below in below.items():
            _add(inner, [field], mask_below)


def wants(mask: Mask, name: str) -> Mask | None:
    """The mask below the field, None if the field is not asked for."""
    if not mask:
        return mask
    return mask.get(name, mask.get("*"))


def select(mask: Mask, message: Any) -> Any:
    """The part of an answer that the mask names; lists are mapped, absent fields stay absent."""
    if not mask:
        return message
    if isinstance(message, list):
        return [select(mask, item) for item in message]
    if not isinstance(message, dict):
        return message
    shown: Json = {}
    for name, value in message.items():
        below = wants(mask, name)
        if below is not None:
            shown[name] = select(below, value)
    return shown


def overlay(mask: Mask, target: Json, source: Json) -> Json:
    """A new message: `target`, with each field that the mask names taken from `source`, or dropped if absent there.

    A colour and its style are one thing under two names (`backgroundColor`, `backgroundColorStyle`): naming one
    forgets the other.
    """
    if not mask or "*" in mask:
        return dict(source)
    changed = dict(target)
    for name, below in mask.items():
        twin = name.removesuffix("Style") if name.endswith("ColorStyle") else f"{name}Style"
        if name.endswith(("Color", "ColorStyle")):
            changed.pop(twin, None)
            if name not in source and twin in source:
                changed[twin] = source[twin]
        if not below or "*" in below:
            if name in source:
                changed[name] = source[name]
            else:
                changed.pop(name, None)
            continue
        merged = overlay(below, changed.get(name) or {}, source.get(name) or {})
        if merged:
            changed[name] = merged
        else:
            changed.pop(name, None)
    return changed

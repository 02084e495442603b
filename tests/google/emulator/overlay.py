"""Writing through a field mask: what the mask names is taken from the new message, everything else stays."""

import json
from functools import cache
from importlib import resources
from typing import Any

from tests.google.emulator.errors import invalid
from tests.google.emulator.masks import Mask, parse_mask
from tests.google.emulator.state import Json


@cache
def _schemas() -> Json:
    folder = resources.files("googleapiclient") / "discovery_cache" / "documents"
    document: Json = json.loads((folder / "sheets.v4.json").read_text(encoding="utf-8"))
    schemas: Json = document["schemas"]
    return schemas


def fields_of(schema: str) -> Json:
    """The fields of a message of the Sheets API, from Google's discovery document."""
    properties: Json = _schemas()[schema].get("properties", {})
    return properties


def writing_mask(fields: str | None, schema: str) -> Mask:
    """The mask of an update; a 400 if it is empty or names a field that the message does not have. `*` names all."""
    if not fields:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse_mask(fields)
    if not mask or "*" in mask:
        return {name: {} for name in fields_of(schema)}
    _check(mask, schema, "")
    return _with_twins(mask)


def overlay(mask: Mask, old: Json, new: Json) -> Json:
    """A copy of `old` in which every field that the mask names is as in `new`, or gone if `new` has none."""
    result = dict(old)
    for name, below in mask.items():
        before, after = old.get(name), new.get(name)
        if below and (isinstance(before, dict) or isinstance(after, dict)):
            value: Any = overlay(below, before or {}, after or {}) or None
        else:
            value = after
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def _check(mask: Mask, schema: str, above: str) -> None:
    known = fields_of(schema)
    for name, below in mask.items():
        if name not in known:
            raise invalid(f"Invalid field: {above}{name}")
        inner = known[name].get("$ref")
        if below and inner:
            _check(below, inner, f"{above}{name}.")


def _with_twins(mask: Mask) -> Mask:
    """A colour has two fields for one thing: naming one names the other."""
    full = {name: _with_twins(below) for name, below in mask.items()}
    for name in mask:
        if name.endswith("Color") and name != "rgbColor":
            full.setdefault(name + "Style", {})
        elif name.endswith("ColorStyle"):
            full.setdefault(name.removesuffix("Style"), {})
    return full

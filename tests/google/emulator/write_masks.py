"""The masks of updates: which fields of a stored message a request may change, checked against Google's schemas."""

import json
from functools import cache
from importlib import resources

from emulator.errors import invalid
from emulator.masks import Mask, overlay, parse_mask
from emulator.state import Json


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


def write_mask(fields: str | None, schema: str) -> Mask:
    """The mask of an update; 400 if it is empty or names a field that the message does not have. `*` names them all."""
    if not fields:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    mask = parse_mask(fields)
    if "*" in mask:
        return {name: {} for name in fields_of(schema)}
    _check(mask, schema, "")
    return mask


def merged(mask: Mask, old: Json, new: Json) -> Json:
    """A copy of `old` in which what the mask names is as in `new`; an empty mask names nothing."""
    return overlay(mask, old, new) if mask else dict(old)


def _check(mask: Mask, schema: str, above: str) -> None:
    known = fields_of(schema)
    for name, below in mask.items():
        if name == "*":
            continue
        if name not in known:
            raise invalid(f"Invalid field: {above}{name}")
        inner = known[name].get("$ref")
        if below and inner:
            _check(below, inner, f"{above}{name}.")

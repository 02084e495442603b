"""What Google makes of a request before it keeps it: nulls and defaults dropped, colours held in both of their fields.

Learnt from recorded answers: `sheetId: 0` is absent in ranges, `hidden: false` is absent, `bold: false` stays, a colour
channel of 0 is absent, `backgroundColor` comes with `backgroundColorStyle`.
"""

from typing import Any

from tests.google.emulator.state import Json

_RANGES = frozenset(
    {"range", "ranges", "unprotectedRanges", "dimensionRange", "anchorCell", "dataRange", "sources", "destination"}
)
_TEXT_FORMAT = frozenset({"bold", "italic", "strikethrough", "underline"})
_KEPT_FALSE = _TEXT_FORMAT | {"boolValue"}


def normal(value: Any, *, name: str = "") -> Any:
    """A request's part as Google keeps it; `name` is the field it stands in. The request itself is left alone."""
    if isinstance(value, list):
        return [normal(one, name=name) for one in value]
    if not isinstance(value, dict):
        return value
    if name.endswith("Color") or name == "rgbColor":
        return {channel: part for channel, part in value.items() if part}
    kept = {
        key: normal(part, name=key)
        for key, part in value.items()
        if part is not None and (part is not False or key in _KEPT_FALSE)
    }
    if name in _RANGES and kept.get("sheetId") == 0:
        del kept["sheetId"]
    return _both_colours(kept)


def _both_colours(message: Json) -> Json:
    """A colour's old field and its newer style, which wins, say the same."""
    for key in [key for key in message if key.endswith("ColorStyle")]:
        rgb = message[key].get("rgbColor") if isinstance(message[key], dict) else None
        if rgb is not None:
            message[key.removesuffix("Style")] = rgb
    for key in [key for key in message if key.endswith("Color") and key != "rgbColor"]:
        if isinstance(message[key], dict):
            message.setdefault(key + "Style", {"rgbColor": message[key]})
    return message

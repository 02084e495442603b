"""Frozen values as JSON and back: texts and numbers as they are, everything else as [kind, content]."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_TIMES: Final[Mapping[type[Any], str]] = {dt.date: "d", dt.datetime: "t", dt.time: "h"}
_READ: Final[Mapping[str, Any]] = {letter: kind for kind, letter in _TIMES.items()}


def pack(value: Any) -> Any:
    """A value of ours as JSON has it. Raises TypeError for any other."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in _TIMES:
        return [_TIMES[kind], value.isoformat()]
    if kind is dt.timedelta:
        return ["s", value.total_seconds()]
    if dataclasses.is_dataclass(value):
        names = [each.name for each in dataclasses.fields(value)]
        return ["c", kind.__name__, {name: pack(getattr(value, name)) for name in names}]
    if isinstance(value, Mapping):
        return ["m", [[pack(key), pack(content)] for key, content in value.items()]]
    if isinstance(value, Sequence):
        return (
            ["l", [one if type(one) in _PLAIN else pack(one) for one in value]]
            if set(map(type, value)) - _PLAIN
            else ["v", list(value)]
        )
    raise TypeError(f"{kind.__name__} is not packed")


def unpack(packed: Any) -> Any:
    """The value again; sequences come back as tuples. Raises ValueError, KeyError or TypeError."""
    if type(packed) is not list:
        return packed
    match packed:
        case ["d" | "t" | "h" as kind, text]:
            return _READ[kind].fromisoformat(text)
        case ["s", seconds]:
            return dt.timedelta(seconds=seconds)
        case ["l" | "v", items]:
            return tuple(one if type(one) is not list else unpack(one) for one in items)
        case ["m", pairs]:
            return {unpack(key): unpack(content) for key, content in pairs}
        case ["c", name, fields]:
            return _classes()[name](**{key: unpack(content) for key, content in fields.items()})
    raise ValueError("nothing that was packed")


def _classes() -> dict[str, type[Any]]:
    """What may be unpacked, by name."""
    from sheetsync import book
    from sheetsync.model import Area, TableArea
    from sheetsync.nightly import journal

    known = (
        book.Sheet, book.Formula, book.ListRange, book.ColumnLook, book.Style, book.Rule, book.Check, book.Chart, book.Series,
        Area, TableArea, journal.Note, journal.Column, journal.People, journal.EditNote, journal.AppendNote,
    )  # fmt: skip
    return {each.__name__: each for each in known}

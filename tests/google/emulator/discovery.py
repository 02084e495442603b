"""Routes, parameters and schemas of the API, from the discovery documents that google-api-python-client ships.

Nothing about a method or a message is written down here twice: what a request may hold, and what an answer must look
like, is Google's own text. What the documents do not say (which zeros an answer leaves out) was read off recordings.
"""

import json
import re
import struct
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

from emulator.errors import ApiError, invalid
from emulator.masks import Mask
from emulator.state import Json

HOSTS = {
    "sheets.v4": "sheets.googleapis.com",
    "drive.v3": "www.googleapis.com",
    "script.v1": "script.googleapis.com",
}
BODY_NAMES = {"ValueRange": "data", "Spreadsheet": "spreadsheet"}
"""The request message's field that a body fills, as refusals name it; for other methods the body is the message."""

ONE_OF = ("Request", "ExtendedValue")
ANSWERED_IN_FULL = ("TextFormat", "ExtendedValue", "ValueRange")
"""Messages whose false, zero and empty fields an answer shows."""
KEPT_ZEROS = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex", "startIndex", "endIndex", "index")


@dataclass(frozen=True)
class Method:
    """One method: its id (`sheets.spreadsheets.values.get`), where it listens, what it takes and gives."""

    id: str
    document: str
    http: str
    path: re.Pattern[str]
    parameters: dict[str, Json]
    request: str | None
    response: str | None
    scopes: tuple[str, ...]


@cache
def document(name: str) -> Json:
    """A discovery document (`sheets.v4`, `drive.v3`) of the installed google-api-python-client."""
    folder = resources.files("googleapiclient.discovery_cache.documents")
    loaded: Json = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def methods() -> tuple[Method, ...]:
    """Every method of both APIs; a path with more literal text comes first, so `{range}:append` wins over `{range}`."""
    found = [method for name in HOSTS for method in _methods(name, document(name))]
    return tuple(sorted(found, key=lambda method: -len(re.sub(r"\(.*?\)", "", method.path.pattern))))


def _methods(name: str, part: Json) -> list[Method]:
    base = document(name)["servicePath"]
    found = []
    for method in part.get("methods", {}).values():
        pieces = re.split(r"\{\+?(\w+)\}", f"/{base}{method['path']}")
        pattern = "".join(f"(?P<{text}>[^/]+)" if place % 2 else re.escape(text) for place, text in enumerate(pieces))
        found.append(
            Method(
                id=method["id"],
                document=name,
                http=method["httpMethod"],
                path=re.compile(pattern),
                parameters={**document(name)["parameters"], **method.get("parameters", {})},
                request=method.get("request", {}).get("$ref"),
                response=method.get("response", {}).get("$ref"),
                scopes=tuple(method.get("scopes", ())),
            )
        )
    for resource in part.get("resources", {}).values():
        found += _methods(name, resource)
    return found


def route(http: str, path: str, host: str) -> tuple[Method, dict[str, str]]:
    """The method that a request line names, and its path parameters. A Google host limits the search to its API."""
    for method in methods():
        if host in HOSTS.values() and host != HOSTS[method.document]:
            continue
        found = method.path.fullmatch(path)
        if found and method.http == http:
            return method, {name: unquote(value) for name, value in found.groupdict().items()}
    raise ApiError(404, "NOT_FOUND", f"The requested URL {path} was not found on this server.")


def parameters(method: Method, query: dict[str, list[str]]) -> Json:
    """The query's parameters in their types. Raises ApiError 400 for an unknown name or a wrong value."""
    typed: Json = {}
    for name, values in query.items():
        spec = method.parameters.get(name)
        if spec is None:
            if method.document == "drive.v3" and name in _drive_parameters():
                continue  # Drive takes any of its parameters with any method, as recorded
            raise invalid(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message."
            )
        typed_values = [_parameter(name, value, spec) for value in values]
        typed[name] = typed_values if spec.get("repeated") else typed_values[-1]
    return typed


@cache
def _drive_parameters() -> frozenset[str]:
    return frozenset(name for method in methods() if method.document == "drive.v3" for name in method.parameters)


def _parameter(name: str, value: str, spec: Json) -> Any:
    if spec["type"] == "boolean":
        if value.lower() not in ("true", "false"):
            raise invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{value}\"")
        return value.lower() == "true"
    if spec["type"] == "integer":
        if not re.fullmatch(r"-?\d+", value):
            raise invalid(f"Invalid value at '{name}' (TYPE_INT32), \"{value}\"")
        return int(value)
    if "enum" in spec and value not in spec["enum"]:
        kind = "type.googleapis.com/google.apps.sheets.v4." + name[0].upper() + name[1:]
        raise invalid(f"Invalid value at '{_snake(name)}' ({kind}), \"{value}\"")
    return value


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def request_body(method: Method, body: Any) -> Json:
    """The request's message without its nulls. Raises ApiError 400 in Google's words, one violation a line."""
    if method.request is None or body is None:
        return {}
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    reader = _Request(method.document)
    message = reader.message(method.request, body, BODY_NAMES.get(method.request, ""))
    if reader.violations:
        lines = [description for _, description in reader.violations]
        violations = [
            {"field": at, "description": text} if at else {"description": text} for at, text in reader.violations
        ]
        detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
        raise ApiError(400, "INVALID_ARGUMENT", "\n".join(lines), details=[detail])
    return message


class _Request:
    """One pass over a body: what it holds, in types, and what is wrong with it."""

    def __init__(self, name: str) -> None:
        self.schemas = document(name)["schemas"]
        self.lenient = name == "drive.v3"  # gspread's `share` sends `withLink`, which Drive v3 has no field for
        self.violations: list[tuple[str, str]] = []

    def wrong(self, at: str, kind: str, value: Any) -> None:
        shown = json.dumps(value, ensure_ascii=False)
        self.violations.append((at, f"Invalid value at '{at}' ({kind}), {shown}"))

    def message(self, schema: str, body: Json, at: str) -> Json:
        fields = self.schemas[schema].get("properties", {})
        result: Json = {}
        for name, value in body.items():
            spec = fields.get(name)
            if spec is None:
                if self.lenient:
                    continue
                where = f" at '{at}'" if at else ""
                text = f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
                self.violations.append((at, text))
            elif value is not None:
                place = f"{at}.{_snake(name)}" if at else _snake(name)
                result[name] = self.value(spec, value, place, schema)
        if schema in ONE_OF and len(result) > 1:
            second = list(result)[1]
            text = f"Invalid value at '{at}' (oneof), oneof field 'kind' is already set. Cannot set '{second}'"
            self.violations.append((at, text))
        return result

    def value(self, spec: Json, value: Any, at: str, owner: str) -> Any:
        if "$ref" in spec:
            if isinstance(value, dict):
                return self.message(spec["$ref"], value, at)
            self.wrong(at, f"type.googleapis.com/google.apps.sheets.v4.{spec['$ref']}", value)
            return {}
        kind = spec["type"]
        if kind == "array":
            return self.items(spec["items"], value, at, owner)
        return value if kind in ("any", "object") else self.scalar(spec, kind, value, at, owner)

    def items(self, spec: Json, value: Any, at: str, owner: str) -> list[Any]:
        listing = "type.googleapis.com/google.protobuf.ListValue"
        if not isinstance(value, list):
            self.wrong(at, listing if spec.get("type") == "array" else "type", value)
            return []
        if spec.get("items", {}).get("type") == "any":  # rows of values keep their nulls
            for place, row in enumerate(value):
                if not isinstance(row, list):
                    self.wrong(f"{at}[{place}]", listing, row)
            return value
        return [self.value(spec, item, f"{at}[{place}]", owner) for place, item in enumerate(value)]

    def scalar(self, spec: Json, kind: str, value: Any, at: str, owner: str) -> Any:
        if kind == "boolean" and not isinstance(value, bool):
            self.wrong(at, "TYPE_BOOL", value)
        elif kind in ("integer", "number"):
            number = _as_number(value)
            if number is None or (kind == "integer" and int(number) != number):
                self.wrong(at, {"int32": "TYPE_INT32", "float": "TYPE_FLOAT"}.get(spec["format"], "TYPE_DOUBLE"), value)
                return 0
            return int(number) if kind == "integer" else number
        elif kind == "string" and not isinstance(value, str):
            self.wrong(at, "TYPE_STRING", value)
        elif "enum" in spec and value not in spec["enum"]:
            last = at.rsplit(".", 1)[-1].split("[", maxsplit=1)[0]
            name = "".join(part.capitalize() for part in last.split("_"))
            self.wrong(at, f"type.googleapis.com/google.apps.sheets.v4.{owner}.{name}", value)
        return value


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return value if not isinstance(value, str) else float(value)
    except ValueError:
        return None


def check_mask(method: Method, mask: Mask) -> None:
    """Refuses a `fields` parameter that names a field the answer does not have (ApiError 400)."""
    if method.response:
        _check_mask(document(method.document)["schemas"], method.response, mask, "")


def _check_mask(schemas: Json, schema: str, mask: Mask, at: str) -> None:
    fields = schemas[schema].get("properties", {})
    for name, below in mask.items():
        if name == "*":
            continue
        path = f"{at}.{name}" if at else name
        spec = fields.get(name)
        while spec and spec.get("type") == "array":
            spec = spec["items"]
        if spec is None or (below and "$ref" not in spec):
            raise invalid(f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'.")
        if below:
            _check_mask(schemas, spec["$ref"], below, path)


def answer(method: Method, message: Json) -> Json:
    """The answer as Google would word the same state: unset fields left out, colours under both names; checked.

    `rowData` of a grid is only checked at its first rows, its reader words the cells itself. An answer that does not
    fit the schema is a defect of the emulator and says so (AssertionError).
    """
    if method.response is None:
        return message
    name = method.document
    return _shown(document(name)["schemas"], method.response, message, method.response, plain=name != "sheets.v4")


def shown(schema: str, message: Json) -> Json:
    """One message of the Sheets API as an answer shows it."""
    return _shown(document("sheets.v4")["schemas"], schema, message, schema, plain=False)


CHECKED_ROWS = 50


@cache
def channel(value: float) -> float:
    """A colour channel as Sheets keeps it: 8 bits, cut off (0.5 is 127/255), shown as the shortest 32-bit fraction.

    Seen in gspread's issue 1213 and pull request 1199.
    """
    single = struct.pack("f", int(value * 255 + 1e-4) / 255)
    stored = struct.unpack("f", single)[0]
    fractions = (float(f"{stored:.{digits}g}") for digits in range(1, 10))
    shortest = next(fraction for fraction in fractions if struct.pack("f", fraction) == single)
    return int(shortest) if shortest.is_integer() else shortest


def _shown(schemas: Json, schema: str, message: Json, at: str, *, plain: bool) -> Json:
    fields = schemas[schema].get("properties", {})
    full = plain or schema in ANSWERED_IN_FULL
    if schema == "Color":
        channels = {name: value if name == "alpha" else channel(value) for name, value in message.items()}
        return {name: value for name, value in channels.items() if value}
    result: Json = {}
    for name, value in message.items():
        spec = fields.get(name)
        assert spec is not None, f"the emulator's answer has {at}.{name}, which {schema} has not"
        if value is None:
            continue
        if not full and not value and not isinstance(value, (dict, list)) and not _zero_shown(schema, name):
            continue
        if value == [] and not full:
            continue
        if name == "rowData" and schema == "GridData":
            for row in value[:CHECKED_ROWS]:
                _shown(schemas, "RowData", row, f"{at}.rowData", plain=plain)
            result[name] = value
            continue
        result[name] = _shown_value(schemas, spec, value, f"{at}.{name}", plain=plain)
    for name in [name for name in result if name.endswith(("ColorStyle", "Color"))]:
        _mirror(fields, name, result)
    return result


def _zero_shown(schema: str, name: str) -> bool:
    return name in KEPT_ZEROS or (schema == "SheetProperties" and name == "sheetId")


def _mirror(fields: Json, name: str, result: Json) -> None:
    if name.endswith("Style"):
        color = result[name].get("rgbColor")
        if color is not None and name.removesuffix("Style") in fields:
            result[name.removesuffix("Style")] = color
    elif f"{name}Style" in fields and f"{name}Style" not in result:
        result[f"{name}Style"] = {"rgbColor": result[name]}


def _shown_value(schemas: Json, spec: Json, value: Any, at: str, *, plain: bool) -> Any:
    if "$ref" in spec:
        assert isinstance(value, dict), f"the emulator's answer has a {type(value).__name__} at {at}"
        return _shown(schemas, spec["$ref"], value, at, plain=plain)
    kind = spec["type"]
    if kind == "array":
        assert isinstance(value, list), f"the emulator's answer has a {type(value).__name__} at {at}"
        if spec["items"].get("type") in ("array", "any"):
            return value
        return [_shown_value(schemas, spec["items"], item, at, plain=plain) for item in value]
    kinds = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    if kind in kinds:
        assert isinstance(value, kinds[kind]), f"the emulator's answer has {value!r} at {at}"  # type: ignore[arg-type]
        assert "enum" not in spec or value in spec["enum"], f"the emulator's answer has {value!r} at {at}"
    return value

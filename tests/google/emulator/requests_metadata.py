"""Developer metadata: created on one row, column, sheet or the spreadsheet, and found again by a DataFilter."""

from emulator.a1 import parse_range
from emulator.errors import invalid
from emulator.grid import box, grid, span
from emulator.state import Caller, Json, Spreadsheet
from emulator.write_masks import merged, write_mask

PLACES = ("dimensionRange", "sheetId", "spreadsheet")


def located(book: Spreadsheet, location: Json | None) -> Json:
    """A location with its type: exactly one row, one column, one sheet, or the spreadsheet. 400 for anything else."""
    given = [name for name in PLACES if name in (location or {})]
    if location is None or len(given) != 1:
        raise invalid("DeveloperMetadataLocation must be exactly one of a row, a column, a sheet or the spreadsheet.")
    if "spreadsheet" in location:
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "sheetId" in location:
        return {"locationType": "SHEET", "sheetId": grid(book, location["sheetId"]).id}
    place = location["dimensionRange"]
    if "startIndex" not in place or "endIndex" not in place:
        raise invalid("DeveloperMetadataLocation.dimensionRange cannot be unbounded.")
    found = span(book, place)
    if found.size != 1:
        raise invalid("DeveloperMetadataLocation.dimensionRange must span exactly one row or column.")
    box(book, {"sheetId": found.sheet.id, _start(found.dimension): found.start})
    where = {
        "sheetId": found.sheet.id,
        "dimension": found.dimension,
        "startIndex": found.start,
        "endIndex": found.end,
    }
    return {"locationType": found.dimension.removesuffix("S"), "dimensionRange": where}


def _start(dimension: str) -> str:
    return "startRowIndex" if dimension == "ROWS" else "startColumnIndex"


def create(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("developerMetadata", {})
    if not given.get("metadataKey"):
        raise invalid("DeveloperMetadata.metadataKey must be specified.")
    if given.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise invalid("DeveloperMetadata.visibility must be specified.")
    location = located(book, given.get("location"))
    number = given.get("metadataId")
    if number is None:
        number = book.fresh_id()
    if number <= 0:
        raise invalid(f"DeveloperMetadata.metadataId must be positive: {number}")
    if any(one["metadataId"] == number for one in book.metadata):
        raise invalid(f"Developer metadata with id {number} already exists.")
    new = {**given, "metadataId": number, "location": location}
    book.metadata.append(new)
    return {"developerMetadata": new}


def update(book: Spreadsheet, body: Json, _: Caller) -> Json:
    mask = write_mask(body.get("fields"), "DeveloperMetadata")
    filters = body.get("dataFilters", [])
    if not filters:
        raise invalid("At least one data filter must be specified.")
    chosen = [one["metadataId"] for data_filter in filters for one in matching(book, data_filter)]
    new = dict(body.get("developerMetadata", {}))
    if "location" in mask:
        new["location"] = located(book, new.get("location"))
        mask = {**mask, "location": {}}
    if "metadataKey" in mask and not new.get("metadataKey"):
        raise invalid("DeveloperMetadata.metadataKey must be specified.")
    mask = {name: below for name, below in mask.items() if name != "metadataId"}
    book.metadata = [merged(mask, one, new) if one["metadataId"] in chosen else one for one in book.metadata]
    return {"developerMetadata": [one for one in book.metadata if one["metadataId"] in chosen]}


def delete(book: Spreadsheet, body: Json, _: Caller) -> Json:
    gone = matching(book, body.get("dataFilter", {}))
    book.metadata = [one for one in book.metadata if one not in gone]
    return {"deletedDeveloperMetadata": gone}


def matching(book: Spreadsheet, data_filter: Json) -> list[Json]:
    """The metadata that a DataFilter selects: by a look-up, or all whose location meets a range. 400 if it is empty."""
    if "developerMetadataLookup" in data_filter:
        lookup = data_filter["developerMetadataLookup"]
        return [one for one in book.metadata if _matches(book, one, lookup)]
    if "gridRange" in data_filter:
        block = box(book, data_filter["gridRange"])
        return _in_block(book, block.sheet.id, block.rows, block.columns)
    if "a1Range" in data_filter:
        area = parse_range(book, data_filter["a1Range"])
        return _in_block(book, area.sheet.id, area.rows, area.columns)
    raise invalid("A data filter must be specified.")


def _in_block(book: Spreadsheet, sheet_id: int, rows: range, columns: range) -> list[Json]:
    def meets(location: Json) -> bool:
        if location["locationType"] == "SPREADSHEET":
            return True
        place = location.get("dimensionRange")
        if place is None:
            return bool(location["sheetId"] == sheet_id)
        lines = rows if place["dimension"] == "ROWS" else columns
        return bool(place["sheetId"] == sheet_id and place["startIndex"] in lines)

    return [one for one in book.metadata if meets(one["location"])]


def _matches(book: Spreadsheet, one: Json, lookup: Json) -> bool:
    simple = ("metadataId", "metadataKey", "metadataValue", "visibility")
    if any(name in lookup and one.get(name) != lookup[name] for name in simple):
        return False
    kind = lookup.get("locationType")
    if kind and one["location"]["locationType"] != kind:
        return False
    if "metadataLocation" not in lookup:
        return True
    wanted = located(book, lookup["metadataLocation"])
    if lookup.get("locationMatchingStrategy") == "EXACT_LOCATION":
        return bool(one["location"] == wanted)
    return _intersects(one["location"], wanted)


def _intersects(first: Json, second: Json) -> bool:
    """Whether two locations share something: the spreadsheet holds all, a sheet its rows and columns."""
    if "SPREADSHEET" in (first["locationType"], second["locationType"]):
        return True
    places = [one.get("dimensionRange") for one in (first, second)]
    ids = [place["sheetId"] if place else one["sheetId"] for place, one in zip(places, (first, second), strict=True)]
    if ids[0] != ids[1]:
        return False
    if places[0] and places[1] and places[0]["dimension"] == places[1]["dimension"]:
        return bool(places[0]["startIndex"] == places[1]["startIndex"])
    return True


HANDLERS = {
    "createDeveloperMetadata": create,
    "deleteDeveloperMetadata": delete,
    "updateDeveloperMetadata": update,
}

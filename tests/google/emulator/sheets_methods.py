"""The methods of the Sheets API. A write works on a copy of the spreadsheet that is swapped in if nothing was refused."""

from typing import Any

from emulator import requests_metadata, requests_sheets, updates, values
from emulator.a1 import Area, a1, parse_range
from emulator.accounts import is_service_account
from emulator.errors import ApiError, invalid, unmodelled
from emulator.masks import select, wants
from emulator.reading import Reader
from emulator.service import READERS, WRITERS, Asked, Handler, Service
from emulator.state import Caller, Json, Spreadsheet, new_sheet


def _readable(service: Service, asked: Asked) -> tuple[Spreadsheet, Caller]:
    return service.find(asked, asked.path["spreadsheetId"], READERS)


def _writable(service: Service, asked: Asked) -> tuple[Spreadsheet, Caller]:
    """A copy to change; `service.commit` swaps it in."""
    book, caller = service.find(asked, asked.path["spreadsheetId"], WRITERS)
    return book.copy(), caller


def get(service: Service, asked: Asked) -> Json:
    book, caller = _readable(service, asked)
    for name in ("commentsViewMode", "excludeTablesInBandedRanges"):
        if name in asked.parameters:
            raise unmodelled(f"the parameter {name}")
    reader = Reader(book, caller, service.calculator(book))
    grid = asked.parameters.get("includeGridData", False)
    return reader.spreadsheet(asked.mask, asked.parameters.get("ranges", []), grid=grid)


def create(service: Service, asked: Asked) -> Json:
    email = asked.token.email
    if is_service_account(email) and not service.service_accounts_own:
        raise ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")
    unknown = asked.body.keys() - {"properties", "sheets"}
    properties = asked.body.get("properties", {})
    unknown |= properties.keys() - {"title", "locale", "timeZone", "autoRecalc"}
    if unknown:
        raise unmodelled(f"spreadsheets.create with {', '.join(sorted(unknown))}")
    book = service.new_book(
        properties.get("title", "Untitled spreadsheet"),
        email,
        locale=properties.get("locale", "en_US"),
        time_zone=properties.get("timeZone", "Etc/GMT"),
    )
    try:
        _fill(book, asked.body.get("sheets", []), Caller(email))
    except ApiError:
        del service.books[book.id]
        raise
    service.made.add((email, book.id))
    reader = Reader(book, Caller(email), service.calculator(book))
    return reader.spreadsheet(asked.mask, [], grid=False)


def _fill(book: Spreadsheet, sheets: list[Json], caller: Caller) -> None:
    """The sheets of a new spreadsheet, in place of its first one, through the requests that make the same."""
    if not sheets:
        return
    requests: list[Json] = []
    ids = [
        sheet.get("properties", {}).get("sheetId", 0 if not place else 1000 + place)
        for place, sheet in enumerate(sheets)
    ]
    book.sheets = [new_sheet(-1, "\N{NO-BREAK SPACE}", 0)]
    for sheet_id, sheet in zip(ids, sheets, strict=True):
        if unknown := sheet.keys() - {"properties", "data", "conditionalFormats"}:
            raise unmodelled(f"spreadsheets.create with sheets of {', '.join(sorted(unknown))}")
        title = {"title": f"Sheet{len(requests) + 1}"}
        requests.append({"addSheet": {"properties": title | sheet.get("properties", {}) | {"sheetId": sheet_id}}})
    requests.append({"deleteSheet": {"sheetId": -1}})
    for sheet_id, sheet in zip(ids, sheets, strict=True):
        for data in sheet.get("data", []):
            if unknown := data.keys() - {"startRow", "startColumn", "rowData"}:
                raise unmodelled(f"spreadsheets.create with data of {', '.join(sorted(unknown))}")
            start = {
                "sheetId": sheet_id,
                "rowIndex": data.get("startRow", 0),
                "columnIndex": data.get("startColumn", 0),
            }
            requests.append({"updateCells": {"start": start, "rows": data.get("rowData", []), "fields": "*"}})
        for place, rule in enumerate(sheet.get("conditionalFormats", [])):
            requests.append({"addConditionalFormatRule": {"rule": rule, "index": place}})
    updates.apply_requests(book, requests, caller)


def batch_update(service: Service, asked: Asked) -> Json:
    book, caller = _writable(service, asked)
    replies = updates.apply_requests(book, asked.body.get("requests", []), caller)
    answer: Json = select(asked.mask, {"spreadsheetId": book.id, "replies": replies})
    if asked.body.get("includeSpreadsheetInResponse"):
        below = wants(asked.mask, "updatedSpreadsheet")
        if below is not None:
            reader = Reader(book, caller, service.calculator(book))
            grid = asked.body.get("responseIncludeGridData", False)
            answer["updatedSpreadsheet"] = reader.spreadsheet(below, asked.body.get("responseRanges", []), grid=grid)
    service.commit(book)
    return answer


def values_get(service: Service, asked: Asked) -> Json:
    book, _ = _readable(service, asked)
    return values.read(service.calculator(book), parse_range(book, asked.path["range"]), asked.parameters)


def values_batch_get(service: Service, asked: Asked) -> Json:
    book, _ = _readable(service, asked)
    calculator = service.calculator(book)
    areas = [parse_range(book, text) for text in asked.parameters.get("ranges", [])]
    blocks = [values.read(calculator, area, asked.parameters) for area in areas]
    return {"spreadsheetId": book.id, "valueRanges": blocks}


def _written(service: Service, book: Spreadsheet, caller: Caller, area: Area, data: Json, *, options: Json) -> Json:
    shape = options | {"majorDimension": data.get("majorDimension", "ROWS")}
    answer = values.write(book, caller, area, data.get("values", []), shape)
    return values.updated_data(service.calculator(book), answer, options)


def values_update(service: Service, asked: Asked) -> Json:
    book, caller = _writable(service, asked)
    area = parse_range(book, asked.path["range"])
    answer = _written(service, book, caller, area, asked.body, options=asked.parameters)
    service.commit(book)
    return answer


def values_batch_update(service: Service, asked: Asked) -> Json:
    book, caller = _writable(service, asked)
    answers, sheets, rows, columns = [], set(), set(), set()
    for data in asked.body.get("data", []):
        area = parse_range(book, data.get("range", ""))
        answers.append(_written(service, book, caller, area, data, options=asked.body))
        written = parse_range(book, answers[-1]["updatedRange"])
        sheets.add(area.sheet.id)
        rows |= {(area.sheet.id, row) for row in written.rows}
        columns |= {(area.sheet.id, column) for column in written.columns}
    service.commit(book)
    return {
        "spreadsheetId": book.id,
        "totalUpdatedRows": len(rows),
        "totalUpdatedColumns": len(columns),
        "totalUpdatedCells": sum(answer["updatedCells"] for answer in answers),
        "totalUpdatedSheets": len(sheets),
        "responses": answers,
    }


def values_append(service: Service, asked: Asked) -> Json:
    book, caller = _writable(service, asked)
    data = asked.body
    searched = parse_range(book, asked.path["range"])
    table, top, left = values.landing(searched)
    sheet = searched.sheet
    height, width = values.extent(data)
    insert = asked.parameters.get("insertDataOption", "OVERWRITE") == "INSERT_ROWS"
    grown: list[Json] = []
    if insert and table and top < sheet.row_count and height:
        span = {"sheetId": sheet.id, "dimension": "ROWS", "startIndex": top, "endIndex": top + height}
        grown.append({"insertDimension": {"range": span, "inheritFromBefore": True}})
    missing = {"ROWS": top + height - sheet.row_count, "COLUMNS": left + width - sheet.column_count}
    if grown:
        missing["ROWS"] = 0
    for dimension, number in missing.items():
        if number > 0:
            grown.append({"appendDimension": {"sheetId": sheet.id, "dimension": dimension, "length": number}})
    if grown:
        updates.apply_requests(book, grown, caller)
    area = Area(sheet, range(top, top + 1), range(left, left + 1), cell=True)
    answer: Json = {"spreadsheetId": book.id}
    if table:
        answer["tableRange"] = a1(table)
    answer["updates"] = _written(service, book, caller, area, data, options=asked.parameters)
    service.commit(book)
    return answer


def values_clear(service: Service, asked: Asked) -> Json:
    book, caller = _writable(service, asked)
    cleared = values.clear(book, caller, parse_range(book, asked.path["range"]))
    service.commit(book)
    return {"spreadsheetId": book.id, "clearedRange": cleared}


def values_batch_clear(service: Service, asked: Asked) -> Json:
    book, caller = _writable(service, asked)
    cleared = [values.clear(book, caller, parse_range(book, text)) for text in asked.body.get("ranges", [])]
    service.commit(book)
    return {"spreadsheetId": book.id, "clearedRanges": cleared}


def copy_to(service: Service, asked: Asked) -> Json:
    """A sheet's copy at the end of another spreadsheet; the answer is its SheetProperties."""
    book, _ = _readable(service, asked)
    source = book.sheet(int(asked.path["sheetId"]))
    if source is None:
        raise invalid(f"The sheet ({asked.path['sheetId']}) does not exist.")
    found, _ = service.find(asked, asked.body.get("destinationSpreadsheetId", ""), WRITERS)
    target = found.copy()
    title, number = f"Copy of {source.title}", 1
    while target.titled(title):
        number += 1
        title = f"Copy of {source.title} {number}"
    new = requests_sheets.duplicated(target, source, target.fresh_id(), title)
    new.properties["index"] = len(target.sheets)
    target.sheets.append(new)
    service.commit(target)
    return new.properties


def metadata_get(service: Service, asked: Asked) -> Json:
    book, _ = _readable(service, asked)
    for one in book.metadata:
        if one["metadataId"] == int(asked.path["metadataId"]):
            return one
    raise ApiError(404, "NOT_FOUND", f"No developer metadata with ID {asked.path['metadataId']}")


def metadata_search(service: Service, asked: Asked) -> Json:
    book, _ = _readable(service, asked)
    found: dict[int, Json] = {}
    for data_filter in asked.body.get("dataFilters", []):
        for one in requests_metadata.matching(book, data_filter):
            match: dict[str, Any] = found.setdefault(one["metadataId"], {"developerMetadata": one, "dataFilters": []})
            match["dataFilters"].append(data_filter)
    return {"matchedDeveloperMetadata": list(found.values())}


HANDLERS: dict[str, Handler] = {
    "sheets.spreadsheets.get": get,
    "sheets.spreadsheets.create": create,
    "sheets.spreadsheets.batchUpdate": batch_update,
    "sheets.spreadsheets.sheets.copyTo": copy_to,
    "sheets.spreadsheets.values.get": values_get,
    "sheets.spreadsheets.values.batchGet": values_batch_get,
    "sheets.spreadsheets.values.update": values_update,
    "sheets.spreadsheets.values.batchUpdate": values_batch_update,
    "sheets.spreadsheets.values.append": values_append,
    "sheets.spreadsheets.values.clear": values_clear,
    "sheets.spreadsheets.values.batchClear": values_batch_clear,
    "sheets.spreadsheets.developerMetadata.get": metadata_get,
    "sheets.spreadsheets.developerMetadata.search": metadata_search,
}

MASKED = ("sheets.spreadsheets.get", "sheets.spreadsheets.create", "sheets.spreadsheets.batchUpdate")
"""Methods that read no more than their mask asks for; the others' answers are cut afterwards."""

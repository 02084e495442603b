"""A new Google spreadsheet from sheets that are described in no program's own terms.

Two calls: `spreadsheets.create` with the sheets' names and sizes, and one `spreadsheets.batchUpdate` with everything else
(more of them above 8 MB). Values are typed, so that nothing is taken for a formula or a date that is none.

A table becomes a Google Table whose columns have no type: a typed one refuses what is no date, where a warning is meant,
and can only hold a drop-down's words itself (TableColumnDataValidationRule), not offer those of the sheet Lists. Tables are
the youngest thing asked for here: where Google refuses them, all is sent again with a plain filter in their place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sheetsync.book import Book, Sheet
from sheetsync.errors import DeniedError, GoogleError, UnclearError
from sheetsync.model import Problem
from sheetsync.sheets.google.charts import chart_requests
from sheetsync.sheets.google.filling import fill, size
from sheetsync.sheets.google.marking import create, new_id, on_column, on_row
from sheetsync.sheets.google.marks import SheetNote
from sheetsync.sheets.google.rules import rgb
from sheetsync.sheets.google.state import COLUMN_KEY, HEADER_KEY, MADE_KEY, SHEET_KEY, WRITE_KEY
from sheetsync.sheets.google.values import Json
from sheetsync.sheets.looks import TABS

if TYPE_CHECKING:
    from sheetsync.sheets.google.transport import Transport

SPREADSHEETS: Final = "https://sheets.googleapis.com/v4/spreadsheets"
_BAD_REQUEST: Final = 400
_MOST_BYTES: Final = 8_000_000
"""Of one batch; Google recommends less (2 MB) and takes more."""
_NO_TABLES: Final = "Google refused the tables as they are, so they are plain cells with a filter there."
_NO_LOCALE: Final = "Google does not know this computer's language or time zone: set them there under File > Settings."


@dataclass(frozen=True, slots=True)
class Made:
    """A new spreadsheet."""

    id: str
    url: str
    problems: tuple[Problem, ...] = ()


def build_spreadsheet(transport: Transport, title: str, book: Book, *, tables: bool = True) -> Made:
    """Make a spreadsheet in the Drive of the person who is signed in; `tables` says whether tables become Google Tables.

    Raises DeniedError for a service account, which cannot own files, and GoogleError. A spreadsheet that could not be
    filled stays and is named.
    """
    if transport.login.kind == "key":
        raise DeniedError(
            f"{transport.login.account} is a service account, which cannot own files in Google Drive: sign in yourself "
            "with `sheetsync auth google` and run this again without --service-account."
        )
    problems: list[Problem] = []
    properties = [_properties(place, sheet) for place, sheet in enumerate(book.sheets)]
    settings = {"locale": book.locale, "timeZone": book.time_zone}
    known = {name: value for name, value in settings.items() if value}
    body: Json = {"properties": {"title": title, **known}, "sheets": properties}
    try:
        made = transport.call("POST", SPREADSHEETS, body=body, idempotent=False, target=title)
    except GoogleError as error:
        if error.status != _BAD_REQUEST or not known:
            raise
        body["properties"] = {"title": title}
        made = transport.call("POST", SPREADSHEETS, body=body, idempotent=False, target=title)
        problems.append(Problem(title, None, None, _NO_LOCALE))
    found, url = made["spreadsheetId"], made["spreadsheetUrl"]
    locale = made.get("properties", {}).get("locale", "en_US")
    try:
        problems += _fill(transport, Made(found, url), book, locale, wanted=tables)
    except GoogleError as error:
        raise type(error)(
            f"{error} The new spreadsheet is there, but not complete: delete it ({url}) before you try again.",
            status=error.status,
        ) from None
    return Made(found, url, tuple(problems))


def sheet_requests(sheet: Sheet, *, sheet_id: int, index: int, locale: str) -> list[Json]:
    """What adds one sheet, under an id that is free, to a spreadsheet that is there."""
    properties = _properties(sheet_id, sheet)["properties"]
    properties["index"] = index
    return [
        {"addSheet": {"properties": properties}},
        *fill(sheet_id, sheet, locale, tables=True),
        *chart_requests(sheet_id, sheet, {}),
    ]


def _fill(transport: Transport, made: Made, book: Book, locale: str, *, wanted: bool) -> list[Problem]:
    tables = [sheet.name for sheet in book.sheets if wanted and (sheet.table or sheet.more_tables)]
    try:
        send(transport, made, _requests(book, locale, tables=wanted))
    except GoogleError as error:
        if error.status != _BAD_REQUEST or not tables:
            raise
        send(transport, made, _requests(book, locale, tables=False))
        return [Problem(name, None, None, _NO_TABLES) for name in tables]
    return []


def send(transport: Transport, made: Made, requests: Sequence[Json]) -> None:
    """Send requests in as few calls as may be; each is carried out once, whatever becomes of its answer.

    A mark that each call leaves tells whether one without an answer was carried out.
    """
    address = f"{SPREADSHEETS}/{made.id}"
    for batch in _batches(requests):
        mark = new_id()
        body = {"requests": [*batch, create(WRITE_KEY, str(mark), {"spreadsheet": True}, mark_id=mark)]}
        tries = transport.tries()
        while True:
            try:
                transport.call(
                    "POST", f"{address}:batchUpdate", body=body, params={"fields": "spreadsheetId"},
                    idempotent=False, target=made.url, tries=tries,
                )  # fmt: skip
            except UnclearError:
                seen = transport.call(
                    "GET", address, params={"fields": "developerMetadata(metadataId)"}, target=made.url
                )
                if mark not in [each.get("metadataId") for each in seen.get("developerMetadata", ())]:
                    continue
            break


def _batches(requests: Sequence[Json]) -> Iterator[list[Json]]:
    batch: list[Json] = []
    total = 0
    for request in requests:
        length = len(json.dumps(request))
        if batch and total + length > _MOST_BYTES:
            yield batch
            batch, total = [], 0
        batch.append(request)
        total += length
    if batch:
        yield batch


def _properties(place: int, sheet: Sheet) -> Json:
    rows, columns = size(sheet)
    grid: Json = {"rowCount": rows, "columnCount": columns}
    for name, count in zip(("frozenRowCount", "frozenColumnCount"), sheet.frozen, strict=True):
        if count:
            grid[name] = count
    properties: Json = {"sheetId": place, "index": place, "title": sheet.name, "gridProperties": grid}
    if sheet.hidden:
        properties["hidden"] = True
    colour = sheet.tab_colour or TABS.get(sheet.tab, "")
    if colour:
        properties["tabColorStyle"] = {"rgbColor": rgb(colour)}
    return {"properties": properties}


def _requests(book: Book, locale: str, *, tables: bool) -> list[Json]:
    requests: list[Json] = []
    for place, sheet in enumerate(book.sheets):
        requests += fill(place, sheet, locale, tables=tables)
    ids = {sheet.name: place for place, sheet in enumerate(book.sheets)}
    for place, sheet in enumerate(book.sheets):
        requests += chart_requests(place, sheet, ids)
    added = [(place, sheet) for place, sheet in enumerate(book.sheets) if sheet.added]
    made = [create(MADE_KEY, f"{sheet.name}\t{sheet.tab}", {"sheetId": place}) for place, sheet in added]
    return [*requests, *made, *_marks(book)]


def _marks(book: Book) -> list[Json]:
    """What marks our columns; one that the person deleted is written down, so that it is not made again."""
    owned = book.owned
    if owned is None:
        return []
    sheet = next(place for place, sheet in enumerate(book.sheets) if sheet.name == owned.sheet)
    live = {key: column for key, column in owned.columns.items() if column}
    note = SheetNote(sheet, owned.header_row, dict.fromkeys(owned.columns))
    return [
        *(create(COLUMN_KEY, key, on_column(sheet, column)) for key, column in live.items()),
        *([create(HEADER_KEY, "", on_row(sheet, owned.header_row))] if live else []),
        create(SHEET_KEY, note.text(), {"sheetId": sheet}),
    ]

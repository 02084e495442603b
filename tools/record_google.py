"""Records what Google answers where no recording covers it yet, so that the tests' emulator can be judged by it.

    python tools/record_google.py FOLDER [--only NAME]... [--share-with EMAIL] [--sizes MB]... [--quota]

It signs in as `sheetsync` does (docs/google.md; enable the Google Drive API in the project too), makes a spreadsheet of its
own for each scenario, and deletes it again. Nothing that exists is touched. One file a scenario, one exchange a line:
`method`, `uri`, `request`, `status`, `response` (and `headers` where Google asks to wait). Ids, e-mail addresses, names and
project numbers are replaced before anything is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import click
import requests

from sheetsync.errors import SheetsyncError
from sheetsync.sheets.google.auth import Login, find_login
from sheetsync.sheets.google.endpoint import StandInAdapter, endpoint
from sheetsync.sheets.google.transport import Transport

SHEETS: Final = "https://sheets.googleapis.com/v4/spreadsheets"
DRIVE: Final = "https://www.googleapis.com/drive/v3/files"
MEGABYTE: Final = 1_000_000
_LARGE: Final = 50_000
"""Bytes from which only the size of a request is written down."""
_PERSONAL: Final = {
    "emailAddress": "person@example.com", "displayName": "Person", "photoLink": "https://example.com/photo",
    "permissionId": "1", "domain": "example.com",
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    share_with: str | None
    sizes: tuple[float, ...]
    quota: bool


class Recorder:
    """Asks Google, and remembers every exchange of one scenario."""

    def __init__(self, login: Login) -> None:
        self.lines: list[dict[str, Any]] = []
        self._session = requests.Session()
        self._session.auth = lambda request: (login.credentials.apply(request.headers), request)[1]  # type: ignore[no-untyped-call]
        if address := endpoint():
            self._session.mount("https://", StandInAdapter(address))

    def ask(self, method: str, uri: str, body: Any = None, **params: Any) -> Any:
        """One exchange; the answer's JSON, whatever its status."""
        uri = f"{uri}?{urlencode(params, doseq=True)}" if params else uri
        sent = None if body is None else json.dumps(body)
        answer = self._session.request(
            method, uri, data=sent, headers={"Content-Type": "application/json"}, timeout=(10, 200)
        )
        try:
            content = answer.json() if answer.content else None
        except ValueError:
            content = answer.text
        shown = body if sent is None or len(sent) < _LARGE else {"bytes": len(sent)}
        line = {"method": method, "uri": uri, "request": shown, "status": answer.status_code, "response": content}
        if "Retry-After" in answer.headers:
            line["headers"] = {"Retry-After": answer.headers["Retry-After"]}
        self.lines.append(line)
        return content

    @contextmanager
    def spreadsheet(self, **properties: str) -> Iterator[str]:
        """The address of a new spreadsheet, which is deleted at the end."""
        made = self.ask("POST", SHEETS, {"properties": {"title": "sheetsync recording", **properties}})
        if not isinstance(made, dict) or "spreadsheetId" not in made:
            raise click.ClickException(f"no spreadsheet could be made ({self.lines[-1]['status']})")
        try:
            yield f"{SHEETS}/{made['spreadsheetId']}"
        finally:
            self.ask("DELETE", f"{DRIVE}/{made['spreadsheetId']}")

    def update(self, book: str, *changes: dict[str, Any], **more: Any) -> Any:
        """One batchUpdate."""
        return self.ask("POST", f"{book}:batchUpdate", {"requests": list(changes), **more})

    def fill(self, book: str, rows: list[list[Any]]) -> None:
        """Values as somebody types them, from A1 of the first sheet."""
        self.ask("PUT", f"{book}/values/A1", {"values": rows}, valueInputOption="USER_ENTERED")


def area(rows: tuple[int, int], columns: tuple[int, int]) -> dict[str, int]:
    """A GridRange of the first sheet, counted from 0, the ends not included."""
    return {"sheetId": 0, "startRowIndex": rows[0], "endRowIndex": rows[1],
            "startColumnIndex": columns[0], "endColumnIndex": columns[1]}  # fmt: skip


def columns(start: int, end: int) -> dict[str, Any]:
    """A DimensionRange of the first sheet's columns."""
    return {"sheetId": 0, "dimension": "COLUMNS", "startIndex": start, "endIndex": end}


def rule(formula: str, *, at: dict[str, int]) -> dict[str, Any]:
    """A conditional format that colours where a formula holds."""
    condition = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": formula}]}
    return {"ranges": [at], "booleanRule": {"condition": condition, "format": {"backgroundColor": {"red": 1}}}}


ROWS: Final = [["Company", "Status", "Applied"], ["Alder", "Applied", "2026-11-01"], ["Birch", "Offer", "2026-11-02"]]
MARKED: Final = '=AND(ISNUMBER($C2),$C2<TODAY(),OR($B2="Applied",$B2="Offer"),N("sheetsync:overdue")=0)'


def conditional_formats(to: Recorder, _options: Options) -> None:
    """Whether a rule's text stays as it was written, and how rules follow rows and columns."""
    with to.spreadsheet() as book:
        to.fill(book, ROWS)
        for index, formula in enumerate([MARKED, '=$B2="Offer"', "=$C2>TODAY()"]):
            to.update(
                book, {"addConditionalFormatRule": {"rule": rule(formula, at=area((1, 3), (0, 3))), "index": index}}
            )
        seen = {"fields": "sheets(properties(sheetId),conditionalFormats)"}
        to.ask("GET", book, **seen)
        changed = rule(MARKED.replace("Offer", "Sent"), at=area((1, 5), (0, 3)))
        to.update(book, {"updateConditionalFormatRule": {"index": 0, "sheetId": 0, "rule": changed}})
        to.update(book, {"updateConditionalFormatRule": {"index": 0, "newIndex": 2, "sheetId": 0}})
        to.update(book, {"moveDimension": {"source": columns(0, 1), "destinationIndex": 3}})
        to.ask("GET", book, **seen)
        to.update(book, {"insertDimension": {"range": columns(1, 2), "inheritFromBefore": False}})
        to.update(book, {"deleteDimension": {"range": columns(0, 1)}})
        to.ask("GET", book, **seen)
        to.update(book, {"deleteConditionalFormatRule": {"index": 2, "sheetId": 0}})
        to.update(book, {"deleteConditionalFormatRule": {"index": 7, "sheetId": 0}})
        to.update(book, {"addConditionalFormatRule": {"rule": rule("=A1=(", at=area((1, 3), (0, 1))), "index": 0}})


def developer_metadata(to: Recorder, _options: Options) -> None:
    """How a mark on a column follows it, ends with it, and is copied with a tab."""
    with to.spreadsheet() as book:
        to.fill(book, ROWS)
        for column, name in enumerate(["next_contact", "why"]):
            mark = {"metadataKey": "sheetsync.column", "metadataValue": name, "visibility": "DOCUMENT",
                    "location": {"dimensionRange": columns(column, column + 1)}}  # fmt: skip
            to.update(book, {"createDeveloperMetadata": {"developerMetadata": mark}})
        seen = {"fields": "developerMetadata,sheets(properties(sheetId,title),developerMetadata,data(columnMetadata))"}
        search = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": "sheetsync.column"}}]}
        to.ask("GET", book, **seen)
        to.ask("POST", f"{book}/developerMetadata:search", search)
        to.update(book, {"moveDimension": {"source": columns(0, 1), "destinationIndex": 3}})
        to.update(book, {"insertDimension": {"range": columns(0, 2), "inheritFromBefore": False}})
        to.ask("POST", f"{book}/developerMetadata:search", search)
        to.update(book, {"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy", "newSheetId": 77}})
        to.ask("GET", book, **seen)
        to.update(book, {"deleteDimension": {"range": columns(4, 5)}})
        to.ask("POST", f"{book}/developerMetadata:search", search)
        wide = {"metadataKey": "wide", "visibility": "DOCUMENT", "location": {"dimensionRange": columns(0, 2)}}
        to.update(book, {"createDeveloperMetadata": {"developerMetadata": wide}})


def protected_ranges(to: Recorder, options: Options) -> None:
    """Protection, and with `--share-with` what an editor who is not let in would see."""
    with to.spreadsheet() as book:
        to.fill(book, ROWS)
        for extra in ({"warningOnly": True}, {"warningOnly": False, "description": "coach"}):
            to.update(book, {"addProtectedRange": {"protectedRange": {"range": area((0, 9), (1, 2)), **extra}}})
        whole = {"range": {"sheetId": 0}, "unprotectedRanges": [area((1, 9), (2, 3))]}
        to.update(book, {"addProtectedRange": {"protectedRange": whole}})
        found = to.ask("GET", book, fields="sheets(protectedRanges)")
        first = found["sheets"][0]["protectedRanges"][0]["protectedRangeId"]
        renamed = {"protectedRangeId": first, "description": "renamed"}
        to.update(book, {"updateProtectedRange": {"protectedRange": renamed, "fields": "description"}})
        to.update(book, {"deleteProtectedRange": {"protectedRangeId": first}})
        if options.share_with:
            _share(to, book, options.share_with, "writer")


def tables(to: Recorder, _options: Options) -> None:
    """Tables: their columns' types, rows added below, growth, and what may not be done."""
    with to.spreadsheet() as book:
        to.fill(book, ROWS)
        kinds = [{"columnIndex": 0, "columnName": "Company", "columnType": "TEXT"},
                 {"columnIndex": 1, "columnName": "Status", "columnType": "DROPDOWN", "dataValidationRule": {
                     "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Applied"}]}}},
                 {"columnIndex": 2, "columnName": "Applied", "columnType": "DATE"}]  # fmt: skip
        table = {"name": "Jobs", "range": area((0, 3), (0, 3)), "columnProperties": kinds}
        to.update(book, {"addTable": {"table": table}})
        found = to.ask("GET", book, fields="sheets(tables)")
        table_id = found["sheets"][0]["tables"][0]["tableId"]
        row = {"values": [{"userEnteredValue": {"stringValue": "Cedar"}}]}
        to.update(
            book, {"appendCells": {"tableId": table_id, "sheetId": 0, "rows": [row], "fields": "userEnteredValue"}}
        )
        wider = {"tableId": table_id, "range": area((0, 4), (0, 4))}
        to.update(book, {"updateTable": {"table": wider, "fields": "range"}})
        to.update(book, {"addTable": {"table": {"name": "Jobs", "range": area((1, 3), (1, 2))}}})
        to.update(book, {"insertDimension": {"range": columns(1, 2), "inheritFromBefore": False}})
        to.ask("GET", book, fields="sheets(tables)")
        to.update(book, {"deleteTable": {"tableId": table_id}})


def permissions(to: Recorder, options: Options) -> None:
    """Sharing; with `--share-with` somebody, else only what an owner alone can see."""
    with to.spreadsheet() as book:
        file = f"{DRIVE}/{book.rpartition('/')[2]}"
        to.ask("GET", f"{file}/permissions", fields="permissions(id,role,type,emailAddress)")
        if options.share_with:
            made = _share(to, book, options.share_with, "reader")
            if isinstance(made, dict) and "id" in made:
                to.ask("PATCH", f"{file}/permissions/{made['id']}", {"role": "commenter"})
                to.ask("DELETE", f"{file}/permissions/{made['id']}")
        to.ask("POST", f"{file}/permissions", {"type": "user", "role": "reader", "emailAddress": "no address"})
        to.ask("GET", file, fields="id,name,mimeType,version,modifiedTime,capabilities(canEdit,canShare)")


def comma_decimals(to: Recorder, _options: Options) -> None:
    """Which separators formulas and rules take and give where the decimal point is a comma."""
    for locale in ("de_DE", "fr_FR"):
        with to.spreadsheet(locale=locale) as book:
            to.fill(book, [["1,5", "02.11.2026", "=SUMME(A1;2)"]])
            cells = [{"userEnteredValue": {"formulaValue": text}} for text in
                     ("=IF(A1>1,1.5,2)", "=IF(A1>1;1,5;2)", '=TEXT(B1,"yyyy")')]  # fmt: skip
            start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 0}
            to.update(
                book, {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}
            )
            for formula in (MARKED, MARKED.replace(",", ";")):
                to.update(
                    book, {"addConditionalFormatRule": {"rule": rule(formula, at=area((1, 3), (0, 3))), "index": 0}}
                )
            to.ask("GET", book, fields="properties(locale),sheets(conditionalFormats,data(rowData(values("
                   "userEnteredValue,effectiveValue,formattedValue))))")  # fmt: skip


def looking_at_what_was_written(to: Recorder, _options: Options) -> None:
    """The spreadsheet in a batchUpdate's own answer, with ranges and a field mask."""
    with to.spreadsheet() as book:
        to.fill(book, ROWS)
        asked = {
            "includeSpreadsheetInResponse": True,
            "responseRanges": ["Sheet1!A1:C2"],
            "responseIncludeGridData": True,
        }
        bold = {"repeatCell": {"range": area((0, 1), (0, 3)), "cell": {"userEnteredFormat": {"textFormat": {"bold": True}}},
                               "fields": "userEnteredFormat.textFormat.bold"}}  # fmt: skip
        to.update(book, bold, **asked)
        mask = "replies,updatedSpreadsheet.sheets.data.rowData.values.userEnteredValue"
        to.ask("POST", f"{book}:batchUpdate", {"requests": [bold], **asked}, fields=mask)
        to.update(book, bold, {"deleteSheet": {"sheetId": 4711}})
        to.update(book)


def sizes(to: Recorder, options: Options) -> None:
    """How large a batchUpdate may be."""
    with to.spreadsheet() as book:
        for size in options.sizes:
            text = "x" * 1000
            one = {"userEnteredValue": {"stringValue": text}}
            row = {"values": [one] * 10}
            rows = [row] * max(1, int(size * MEGABYTE / len(json.dumps(row))))
            grid = {"sheetId": 0, "gridProperties": {"rowCount": len(rows) + 1, "columnCount": 26}}
            to.update(
                book, {"updateSheetProperties": {"properties": grid, "fields": "gridProperties(rowCount,columnCount)"}}
            )
            start = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0}
            to.update(book, {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})


def quota(to: Recorder, options: Options) -> None:
    """What Google says at the limit of reads a minute, and whether it says how long to wait; only with `--quota`."""
    if options.quota:
        with to.spreadsheet() as book:
            for _ in range(90):
                to.ask("GET", book, fields="spreadsheetId")
                if to.lines[-1]["status"] == 429:
                    break


def refusals(to: Recorder, _options: Options) -> None:
    """What is not there, and what nobody may open."""
    to.ask("GET", f"{SHEETS}/1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
    to.ask("GET", f"{DRIVE}/1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")


SCENARIOS: Final[tuple[Callable[[Recorder, Options], None], ...]] = (
    conditional_formats, developer_metadata, protected_ranges, tables, permissions, comma_decimals,
    looking_at_what_was_written, sizes, quota, refusals,
)  # fmt: skip


def _share(to: Recorder, book: str, email: str, role: str) -> Any:
    uri = f"{DRIVE}/{book.rpartition('/')[2]}/permissions"
    return to.ask("POST", uri, {"type": "user", "role": role, "emailAddress": email}, sendNotificationEmail="false")


def cleaned(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The exchanges without anybody's ids, addresses, names and project numbers; the same id keeps the same stand-in."""
    text = json.dumps(_without_people(lines), ensure_ascii=False)
    found = re.findall(r'"(?:spreadsheetId|tableId|id)": "([A-Za-z0-9_-]{6,})"', text)
    for number, real in enumerate(sorted(set(found), key=len, reverse=True), start=1):
        text = text.replace(real, f"made-up-id-{number}")
    text = re.sub(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", "person@example.com", text)
    text = re.sub(r"(project_number:|projects/|project[ =])\d+", r"\g<1>1", text)
    text = re.sub(r"([?&]ouid=)\d+", r"\g<1>1", text)
    exchanges: list[dict[str, Any]] = json.loads(text)
    return exchanges


def _without_people(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _PERSONAL.get(name) or _without_people(one) for name, one in value.items()}
    return [_without_people(one) for one in value] if isinstance(value, list) else value


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--only", multiple=True, type=click.Choice([scenario.__name__ for scenario in SCENARIOS]), help="Repeatable."
)
@click.option(
    "--share-with", metavar="EMAIL", help="Another address of yours, to record sharing with; it gets no mail."
)
@click.option("--sizes", "megabytes", multiple=True, type=float, default=(2, 5, 9, 10.5, 12), metavar="MB")
@click.option("--quota", "with_quota", is_flag=True, help="Read until Google says that it is too much.")
@click.option("--service-account", metavar="FILE", help="A key, for a stand-in; at Google it can make no spreadsheets.")
def main(
    folder: Path,
    *,
    only: tuple[str, ...],
    share_with: str | None,
    megabytes: tuple[float, ...],
    with_quota: bool,
    service_account: str | None,
) -> None:
    """Record what Google answers into FOLDER, one file a scenario."""
    try:
        login = find_login(service_account)
        Transport(login, tell=click.echo).check()
    except SheetsyncError as error:
        raise click.ClickException(str(error)) from None
    folder.mkdir(parents=True, exist_ok=True)
    options = Options(share_with, megabytes, with_quota)
    for scenario in SCENARIOS:
        if only and scenario.__name__ not in only:
            continue
        to = Recorder(login)
        try:
            scenario(to, options)
        except requests.RequestException as error:
            raise click.ClickException(
                f"{scenario.__name__}: Google did not answer ({type(error).__name__})."
            ) from None
        except (KeyError, IndexError, TypeError):
            click.echo(f"{scenario.__name__}: an answer was not as expected, so the rest of it is left out.")
        if to.lines:
            path = folder / f"{scenario.__name__}.jsonl"
            path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in cleaned(to.lines)), "utf-8")
            statuses = " ".join(str(line["status"]) for line in to.lines)
            click.echo(f"{path}: {len(to.lines)} exchanges ({statuses})")


if __name__ == "__main__":
    main()

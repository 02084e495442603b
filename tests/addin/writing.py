"""An add-in's part of an exchange in few words: the answered changes put into the book that was sent."""

from __future__ import annotations

import copy
from typing import Any

from sheetsync.model import column_letter

Json = dict[str, Any]


def written(book: Json, changes: Json) -> Json:
    """The book once the changes are in it, every cell as it was when they were asked for."""
    book = copy.deepcopy(book)
    sheets = {sheet["name"]: sheet for sheet in book["sheets"]}
    for new in changes["sheets"]:
        sheets[new["name"]] = sheet = _made(new)
        book["sheets"].append(sheet)
    for column in changes["columns"]:
        if column["format"]:
            run = [column["column"], column["first_row"], column["last_row"], column["format"]]
            sheets[changes["sheet"]]["formats"].append(run)
        if column["dropdown"]:
            sheets[changes["sheet"]]["dropdowns"].append([column["column"], ",".join(column["dropdown"])])
    _resize(sheets, changes)
    for cell in changes["cells"]:
        sheet = sheets[cell["sheet"]]
        assert (at(sheet, cell["row"], cell["column"]) or None) == cell["before"]
        _put(sheet, cell["row"], cell["column"], cell["after"])
        if cell["format"]:
            sheet["formats"].insert(0, [cell["column"], cell["row"], cell["row"], cell["format"]])
    _mark(book, changes)
    if changes["rules"] is not None:
        rules = [{"formula": f"={rule['formula']}", "ranges": rule["ranges"]} for rule in changes["rules"]]
        sheets[changes["sheet"]]["rules"] = rules
    return book


def _resize(sheets: dict[str, Json], changes: Json) -> None:
    for table in changes["tables"]:
        for standing in sheets[table["sheet"]]["tables"]:
            if standing["name"] == table["name"]:
                assert standing["area"] == table["before"]
                standing["area"] = table["after"]


def _mark(book: Json, changes: Json) -> None:
    names = {name["name"]: name for name in book["names"]}
    for name in changes["names"]:
        place = f"${column_letter(name['column'])}${name['row']}"
        names[name["name"]] = {"name": name["name"], "refers_to": f"='{name['sheet']}'!{place}"}
    book["names"] = list(names.values())


def at(sheet: Json, row: int, column: int) -> Any:
    """A cell as it is sent."""
    down, right = row - sheet["row"], column - sheet["column"]
    if 0 <= down < len(sheet["values"]) and 0 <= right < len(sheet["values"][down]):
        return sheet["values"][down][right]
    return None


def _put(sheet: Json, row: int, column: int, value: Any) -> None:
    values = sheet["values"]
    width = max(len(values[0]) if values else 0, column - sheet["column"] + 1)
    values += [[] for _ in range(row - sheet["row"] + 1 - len(values))]
    for cells in values:
        cells.extend([""] * (width - len(cells)))
    values[row - sheet["row"]][column - sheet["column"]] = "" if value is None else value


def _made(new: Json) -> Json:
    formulas = [
        [column, row, row]
        for row, cells in enumerate(new["values"], start=1)
        for column, value in enumerate(cells, start=1)
        if isinstance(value, dict)
    ]
    table = new["table"]
    return {
        "name": new["name"],
        "hidden": new["hidden"],
        "row": 1,
        "column": 1,
        "values": [
            ["" if value is None or isinstance(value, dict) else value for value in row] for row in new["values"]
        ],
        "formats": [
            [place, 2, len(new["values"]), column["format"]]
            for place, column in enumerate(new["columns"], start=1)
            if column["format"] and len(new["values"]) > 1
        ],
        "formulas": formulas,
        "tables": [{**table, "totals": False, "header": True}] if table else [],
        "merges": [],
        "dropdowns": [],
        "rules": [],
    }

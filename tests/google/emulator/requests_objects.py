"""Requests about charts and slicers, which are held as they were given."""

from emulator.errors import invalid, unmodelled
from emulator.grid import box
from emulator.state import Caller, Json, Sheet, Spreadsheet
from emulator.write_masks import merged, write_mask

SIZE = {"widthPixels": 600, "heightPixels": 371}


def _anchor(book: Spreadsheet, position: Json) -> tuple[Sheet, Json]:
    """The sheet an object lies on, and its position with its size."""
    if "overlayPosition" not in position:
        raise unmodelled("an object on a sheet of its own")
    overlay_position = {**SIZE, **position["overlayPosition"]}
    anchor = overlay_position.get("anchorCell", {})
    block = box(
        book,
        {
            "sheetId": anchor.get("sheetId", 0),
            "startRowIndex": anchor.get("rowIndex", 0),
            "startColumnIndex": anchor.get("columnIndex", 0),
        },
    )
    return block.sheet, {"overlayPosition": overlay_position}


def _ids(book: Spreadsheet) -> set[int]:
    return {
        thing[key]
        for sheet in book.sheets
        for things, key in ((sheet.charts, "chartId"), (sheet.slicers, "slicerId"))
        for thing in things
    }


def _fresh(book: Spreadsheet, given: int | None) -> int:
    if given is not None and given in _ids(book):
        raise invalid(f"An embedded object with id {given} already exists.")
    return given or book.fresh_id()


def _check_sources(book: Spreadsheet, spec: Json) -> None:
    """The cells of a basic chart: on sheets that are there, one column each, all equally long."""
    basic = spec.get("basicChart", {})
    parts = [part["domain"] for part in basic.get("domains", ())] + [part["series"] for part in basic.get("series", ())]
    blocks = [box(book, source) for part in parts for source in part.get("sourceRange", {}).get("sources", ())]
    if any(len(block.columns) != 1 for block in blocks) or len({len(block.rows) for block in blocks}) > 1:
        raise invalid("Invalid chart: a domain and its series must be columns of one length.")


def add_chart(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("chart", {})
    if not given.get("spec"):
        raise invalid("A chart must have a spec.")
    _check_sources(book, given["spec"])
    sheet, position = _anchor(book, given.get("position", {}))
    new = {**given, "chartId": _fresh(book, given.get("chartId")), "position": position}
    sheet.charts.append(new)
    return {"chart": new}


def add_slicer(book: Spreadsheet, body: Json, _: Caller) -> Json:
    given = body.get("slicer", {})
    box(book, given.get("spec", {}).get("dataRange"))
    sheet, position = _anchor(book, given.get("position", {}))
    new = {**given, "slicerId": _fresh(book, given.get("slicerId")), "position": position}
    sheet.slicers.append(new)
    return {"slicer": new}


def _found(book: Spreadsheet, number: int, *keys: str) -> tuple[Sheet, list[Json], int]:
    for sheet in book.sheets:
        for things, key in ((sheet.charts, "chartId"), (sheet.slicers, "slicerId")):
            if keys and key not in keys:
                continue
            for index, thing in enumerate(things):
                if thing[key] == number:
                    return sheet, things, index
    raise invalid(f"No embedded object with id: {number}")


def update_chart_spec(book: Spreadsheet, body: Json, _: Caller) -> Json:
    _sheet, things, index = _found(book, body.get("chartId", 0), "chartId")
    if not body.get("spec"):
        raise invalid("A chart must have a spec.")
    things[index] = {**things[index], "spec": body["spec"]}
    return {}


def update_slicer_spec(book: Spreadsheet, body: Json, _: Caller) -> Json:
    mask = write_mask(body.get("fields"), "SlicerSpec")
    _sheet, things, index = _found(book, body.get("slicerId", 0), "slicerId")
    spec = merged(mask, things[index].get("spec", {}), body.get("spec", {}))
    box(book, spec.get("dataRange"))
    things[index] = {**things[index], "spec": spec}
    return {}


def update_position(book: Spreadsheet, body: Json, _: Caller) -> Json:
    sheet, things, index = _found(book, body.get("objectId", 0))
    new = body.get("newPosition", {})
    if "overlayPosition" not in new:
        raise unmodelled("moving an object to a sheet of its own")
    mask = write_mask(body.get("fields"), "OverlayPosition")
    thing = things[index]
    place = merged(mask, thing["position"]["overlayPosition"], new["overlayPosition"])
    target, position = _anchor(book, {"overlayPosition": place})
    if target is not sheet:
        del things[index]
        there = target.charts if "chartId" in thing else target.slicers
        there.append({**thing, "position": position})
    else:
        things[index] = {**thing, "position": position}
    return {"position": position}


def delete_object(book: Spreadsheet, body: Json, _: Caller) -> Json:
    _sheet, things, index = _found(book, body.get("objectId", 0))
    del things[index]
    return {}


HANDLERS = {
    "addChart": add_chart,
    "addSlicer": add_slicer,
    "deleteEmbeddedObject": delete_object,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_position,
    "updateSlicerSpec": update_slicer_spec,
}

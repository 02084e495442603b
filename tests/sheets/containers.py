"""Workbook containers built by hand, part by part."""

from __future__ import annotations

import io
import zipfile

SHEET = "xl/worksheets/sheet1.xml"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def parts(**changed: bytes) -> dict[str, bytes]:
    """The parts of a minimal workbook; `rels` and `types` name the two that are changed most."""
    workbook = changed.pop("workbook_at", b"xl/workbook.xml").decode()
    found = {
        "[Content_Types].xml": (
            f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{workbook}" ContentType="{MAIN}"/></Types>'
        ).encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="{workbook}"/></Relationships>'
        ).encode(),
        workbook: b"<workbook/>",
    }
    names = {"types": "[Content_Types].xml", "rels": "_rels/.rels"}
    return {**found, **{names.get(name, name): data for name, data in changed.items()}}


def packed(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 5, 17, 8, 30, 12)), data, method)
    return buffer.getvalue()

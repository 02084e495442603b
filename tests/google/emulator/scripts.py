"""The two methods of the Apps Script API that bind a script to a spreadsheet: schema-checked, never recorded."""

from emulator.errors import ApiError, invalid
from emulator.service import WRITERS, Asked, Handler, Service
from emulator.state import Json

OFF = "User has not enabled the Apps Script API. Enable it by visiting https://script.google.com/home/usersettings then retry."


def create(service: Service, asked: Asked) -> Json:
    """Whoever may edit a spreadsheet may bind a script to it."""
    if service.scripts_off:
        raise ApiError(403, "PERMISSION_DENIED", OFF)
    parent = asked.body.get("parentId", "")
    if parent:
        service.find(asked, parent, WRITERS)
    script = service.fresh_file_id()
    project = {
        "scriptId": script, "title": asked.body.get("title", "Untitled project"), "parentId": parent,
        "createTime": service.now(), "updateTime": service.now(),
    }  # fmt: skip
    service.scripts[script] = {"project": project, "owner": asked.token.email, "files": []}
    return project


def update_content(service: Service, asked: Asked) -> Json:
    """The files replace all there were; one of them is the manifest."""
    if service.scripts_off:
        raise ApiError(403, "PERMISSION_DENIED", OFF)
    script = service.scripts.get(asked.path["scriptId"])
    if script is None or script["owner"] != asked.token.email:
        raise ApiError(404, "NOT_FOUND", "Requested entity was not found.")
    files = asked.body.get("files", [])
    if not any(file.get("name") == "appsscript" and file.get("type") == "JSON" for file in files):
        raise invalid("The manifest is missing.")
    script["files"] = files
    return {"scriptId": asked.path["scriptId"], "files": files}


HANDLERS: dict[str, Handler] = {
    "script.projects.create": create,
    "script.projects.updateContent": update_content,
}

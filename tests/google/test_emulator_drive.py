"""Files and people of the emulated Drive: roles, scopes, permissions, copies and exports."""

import datetime as dt

import pytest
from asking import OWNER, Desk, sit_down

DRIVE_FILE = "https://www.googleapis.com/auth/drive.file"
READONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
FOLDER = "/v4/spreadsheets/{book}"


@pytest.fixture
def desk() -> Desk:
    return sit_down()


@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("", 403, 403), ("reader", 200, 403), ("commenter", 200, 403), ("writer", 200, 200)]
)
def test_a_role_decides_what_may_be_done(desk: Desk, role: str, reads: int, writes: int) -> None:
    other = desk.as_somebody("other@example.com", role)
    assert other.ask("GET", FOLDER)[0] == reads
    body = {"requests": [{"updateCells": {"start": {}, "fields": "note", "rows": []}}]}
    status, answer = other.ask("POST", f"{FOLDER}:batchUpdate", body)
    assert status == writes
    if writes == 403:
        expected = {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}
        assert answer == {"error": expected}
    assert other.ask("DELETE", "/drive/v3/files/{book}")[0] == (403 if role else 404)


def test_scopes_limit_a_token(desk: Desk) -> None:
    reader = desk.as_somebody("other@example.com", "writer", READONLY)
    assert reader.ask("GET", FOLDER)[0] == 200
    assert reader.refused("POST", f"{FOLDER}/values/A1:clear") == (
        403,
        "Request had insufficient authentication scopes.",
    )


def test_drive_file_reaches_only_files_made_with_it(desk: Desk) -> None:
    own = desk.as_somebody(OWNER, "owner", DRIVE_FILE)
    assert own.ask("GET", FOLDER)[0] == 403
    made = own.got("POST", "/v4/spreadsheets", {"properties": {"title": "Made"}})
    assert own.ask("GET", f"/v4/spreadsheets/{made['spreadsheetId']}")[0] == 200


def test_a_service_account_can_own_no_file(desk: Desk) -> None:
    robot = desk.as_somebody("robot@project.iam.gserviceaccount.com", "writer")
    body = {"name": "x", "mimeType": "application/vnd.google-apps.spreadsheet"}
    assert robot.refused("POST", "/drive/v3/files", body) == (403, "The user's Drive storage quota has been exceeded.")
    assert robot.refused("POST", "/v4/spreadsheets", {})[0] == 403


def test_a_spreadsheet_is_made_with_its_sheets(desk: Desk) -> None:
    cell = {"userEnteredValue": {"stringValue": "Company"}, "userEnteredFormat": {"textFormat": {"bold": True}}}
    rows = [{"values": [{}, cell]}]
    sheets = [
        {"properties": {"title": "Jobs"}, "data": [{"startRow": 1, "rowData": rows}]},
        {"properties": {"title": "Log"}},
    ]
    body = {"properties": {"title": "New", "locale": "fr_FR", "timeZone": "Europe/Paris"}, "sheets": sheets}
    made = desk.got("POST", "/v4/spreadsheets", body)
    assert [sheet["properties"]["title"] for sheet in made["sheets"]] == ["Jobs", "Log"]
    assert (made["properties"]["locale"], made["properties"]["timeZone"]) == ("fr_FR", "Europe/Paris")
    new = Desk(desk.google, made["spreadsheetId"], desk.token)
    assert new.read("Jobs!A1:C3") == [[], ["", "Company"]]


def test_permissions_are_given_changed_and_taken(desk: Desk) -> None:
    path = "/drive/v3/files/{book}/permissions"
    given = desk.got(
        "POST",
        path,
        {"type": "user", "role": "reader", "emailAddress": "coach@example.com"},
        sendNotificationEmail="false",
    )
    assert given.keys() == {"kind", "id", "type", "role"}
    coach = Desk(desk.google, desk.book, desk.google.account("coach@example.com"))
    assert coach.ask("GET", FOLDER)[0] == 200
    desk.got("PATCH", f"{path}/{given['id']}", {"role": "writer"})
    coach.write("A1", [["x"]])
    listed = desk.got("GET", path, fields="permissions(emailAddress,role)")["permissions"]
    assert {"emailAddress": "coach@example.com", "role": "writer"} in listed
    desk.got("DELETE", f"{path}/{given['id']}")
    assert coach.ask("GET", FOLDER)[0] == 403


def test_files_are_found_copied_renamed_and_exported(desk: Desk) -> None:
    desk.write("A1", [["a,b", 'say "x"'], ["2024-01-01"]])
    assert (
        desk.raw("GET", "/drive/v3/files/{book}/export", mimeType="text/csv").body
        == b'"a,b","say ""x"""\r\n2024-01-01,'
    )
    copied = desk.got("POST", "/drive/v3/files/{book}/copy", {})
    assert copied["name"] == "Copy of Mine"
    desk.got("PATCH", "/drive/v3/files/{book}", {"name": "O'Brien"})
    assert desk.got("GET", FOLDER, fields="properties.title") == {"properties": {"title": "O'Brien"}}
    found = desk.got("GET", "/drive/v3/files", q="name = 'O\\'Brien' and trashed = false", fields="files(id)")
    assert found == {"files": [{"id": desk.book}]}
    desk.got("DELETE", "/drive/v3/files/{book}")
    assert desk.refused("GET", FOLDER) == (404, "Requested entity was not found.")
    assert Desk(desk.google, copied["id"], desk.token).read("A1:B1") == [["a,b", 'say "x"']]


def test_a_right_may_end_and_only_the_owner_may_keep_sharing_to_themself() -> None:
    clock = [dt.datetime(2026, 11, 18, tzinfo=dt.UTC).timestamp()]
    desk = sit_down()
    desk.google.service.clock = lambda: clock[0]
    path = "/drive/v3/files/{book}/permissions"
    body = {"type": "user", "role": "writer", "emailAddress": "coach@example.com"}
    given = desk.got(
        "POST", path, {**body, "expirationTime": "2026-11-20T12:00:00.000Z"}, sendNotificationEmail="false"
    )
    assert desk.google.service.notified == []
    held = desk.got("GET", f"{path}/{given['id']}", fields="expirationTime")
    assert held == {"expirationTime": "2026-11-20T12:00:00.000Z"}
    coach = Desk(desk.google, desk.book, desk.google.account("coach@example.com"))
    other = {"type": "user", "role": "reader", "emailAddress": "other@example.com"}
    assert coach.ask("POST", path, other)[0] == 200
    desk.got("PATCH", "/drive/v3/files/{book}", {"writersCanShare": False})
    assert coach.ask("POST", path, other)[0] == 403
    clock[0] += 3 * 86_400
    assert coach.ask("GET", FOLDER)[0] == 403
    late = {**body, "expirationTime": "2026-11-20T12:00:00.000Z"}
    assert desk.refused("POST", path, late) == (403, "The specified expiration date must be in the future.")
    desk.google.service.expirations = False
    later = {"role": "writer", "expirationTime": "2027-11-20T12:00:00.000Z"}
    assert desk.refused("PATCH", f"{path}/{given['id']}", later) == (
        403,
        "Expiration dates cannot be set on this item.",
    )
    desk.got("PATCH", f"{path}/{given['id']}", {"role": "writer"}, removeExpiration="true")
    assert coach.ask("GET", FOLDER)[0] == 200

"""The methods of the Drive API that spreadsheets need: files, permissions, comments, a CSV in and out."""

import csv
import hashlib
import io
import re

from emulator.a1 import whole
from emulator.accounts import is_service_account
from emulator.entry import entered
from emulator.errors import ApiError, unmodelled
from emulator.masks import select
from emulator.service import READERS, WRITERS, Asked, Handler, Service
from emulator.state import Caller, Json, Spreadsheet, new_sheet
from emulator.values import read

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
CONVERTED_ZONE = "America/Los_Angeles"
SHORT_FILE = ("kind", "id", "name", "mimeType")
SHORT_PERMISSION = ("kind", "id", "type", "role")
QUOTA = "The user's Drive storage quota has been exceeded."
TERM = re.compile(
    r"""\s*(?:(\w+)\s*(=|!=|contains|in)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|true|false|\w+))\s*(?:and\b|$)"""
)


def permission_id(email: str) -> str:
    """The number that stands for a person in Drive, the same in every file."""
    return "anyoneWithLink" if email == "anyone" else str(int(hashlib.sha256(email.encode()).hexdigest()[:16], 16))


def permission(email: str, role: str, ends: str = "") -> Json:
    answer: Json = {"kind": "drive#permission", "id": permission_id(email), "role": role, "deleted": False}
    if ends:
        answer["expirationTime"] = ends
    if email == "anyone":
        return answer | {"type": "anyone"}
    return answer | {"type": "user", "emailAddress": email, "displayName": email, "pendingOwner": False}


def person(email: str, viewer: str) -> Json:
    return {
        "kind": "drive#user",
        "displayName": email,
        "emailAddress": email,
        "me": email == viewer,
        "permissionId": permission_id(email),
    }


def file_message(service: Service, book: Spreadsheet, viewer: str) -> Json:
    """The File as Drive v3 words it, all the fields that are modelled."""
    role = service.role(book, viewer)
    editable = role in WRITERS
    return {
        "kind": "drive#file",
        "id": book.id,
        "name": book.drive["name"],
        "mimeType": SPREADSHEET,
        "createdTime": book.drive["createdTime"],
        "modifiedTime": book.drive["modifiedTime"],
        "version": str(book.drive["version"]),
        "trashed": book.drive["trashed"],
        "ownedByMe": viewer == book.owner,
        "shared": len(book.permissions) > 1,
        "owners": [person(book.owner, viewer)],
        "permissions": held(book) if editable else [],
        "writersCanShare": book.drive.get("writersCanShare", True),
        "capabilities": {
            "canEdit": editable,
            "canShare": role == "owner" or (editable and book.drive.get("writersCanShare", True)),
            "canCopy": True,
            "canDelete": role == "owner",
            "canComment": role in ("owner", "writer", "commenter"),
        },
        "webViewLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=drivesdk",
        "spaces": ["drive"],
    }


def held(book: Spreadsheet) -> list[Json]:
    """Who has which right, as permissions."""
    return [permission(email, role, book.expirations.get(email, "")) for email, role in book.permissions.items()]


def _shown(asked: Asked, message: Json, short: tuple[str, ...]) -> Json:
    """The fields asked for, else the few that Drive answers with by itself."""
    if asked.mask:
        return select(asked.mask, message)  # type: ignore[no-any-return]
    return {name: message[name] for name in short}


def _must_own_files(service: Service, email: str) -> None:
    if is_service_account(email) and not service.service_accounts_own:
        raise ApiError(403, "PERMISSION_DENIED", QUOTA, drive="storageQuotaExceeded")


def create(service: Service, asked: Asked) -> Json:
    unknown = asked.body.keys() - {"name", "mimeType", "parents"}
    if unknown or asked.body.get("mimeType") != SPREADSHEET:
        raise unmodelled(f"files.create of {asked.body}")
    email = asked.token.email
    _must_own_files(service, email)
    book = service.new_book(asked.body.get("name", "Untitled"), email)
    service.made.add((email, book.id))
    return _shown(asked, file_message(service, book, email), SHORT_FILE)


def copy(service: Service, asked: Asked) -> Json:
    book, caller = service.find(asked, asked.path["fileId"], READERS)
    _must_own_files(service, caller.email)
    new = book.copy()
    blank = service.new_book(asked.body.get("name") or f"Copy of {book.drive['name']}", caller.email)
    new.id, new.drive, new.owner, new.permissions = blank.id, blank.drive, blank.owner, blank.permissions
    new.comments = []
    new.properties["title"] = blank.drive["name"]
    service.books[new.id] = new
    service.made.add((caller.email, new.id))
    return _shown(asked, file_message(service, new, caller.email), SHORT_FILE)


def get(service: Service, asked: Asked) -> Json:
    book, caller = service.find(asked, asked.path["fileId"], READERS)
    if asked.parameters.get("alt") == "media":
        message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
        raise ApiError(403, "PERMISSION_DENIED", message, drive="fileNotDownloadable")
    return _shown(asked, file_message(service, book, caller.email), SHORT_FILE)


def update(service: Service, asked: Asked) -> Json:
    book, caller = service.find(asked, asked.path["fileId"], WRITERS)
    if unknown := asked.body.keys() - {"name", "trashed", "writersCanShare"}:
        raise unmodelled(f"files.update of {', '.join(sorted(unknown))}")
    changed = book.copy()
    changed.properties["title"] = asked.body.get("name", book.properties["title"])
    changed.drive = changed.drive | {
        name: asked.body[name] for name in ("trashed", "writersCanShare") if name in asked.body
    }
    service.commit(changed)
    return _shown(asked, file_message(service, changed, caller.email), SHORT_FILE)


def delete(service: Service, asked: Asked) -> None:
    book, _ = service.find(asked, asked.path["fileId"], ("owner",))
    del service.books[book.id]


def listing(service: Service, asked: Asked) -> Json:
    tests = _terms(asked.parameters.get("q", ""))
    email = asked.token.email
    found = [
        file_message(service, book, email)
        for book in service.books.values()
        if service.role(book, email) and all(_meets(book, *test) for test in tests)
    ]
    found.sort(key=lambda file: (file["createdTime"], file["id"]), reverse=True)
    answer: Json = {"kind": "drive#fileList", "incompleteSearch": False, "files": found}
    if asked.mask:
        return select(asked.mask, answer)  # type: ignore[no-any-return]
    return answer | {"files": [{name: file[name] for name in SHORT_FILE} for file in found]}


def _terms(query: str) -> list[tuple[str, str, str]]:
    """The conditions of a search, all of which must hold. Raises ApiError 501 for `or`, `not` and brackets."""
    terms, place = [], 0
    while place < len(query):
        found = TERM.match(query, place)
        if not found:
            raise unmodelled(f"the search {query}")
        terms.append((found[1], found[2], found[3].strip("\"'").replace("\\'", "'").replace('\\"', '"')))
        place = found.end()
    return terms


def _meets(book: Spreadsheet, name: str, relation: str, value: str) -> bool:
    held = {"mimeType": SPREADSHEET, "name": book.drive["name"], "trashed": str(book.drive["trashed"]).lower()}
    if name not in held or relation == "in":
        raise unmodelled(f"a search by {name}")
    if relation == "contains":
        return value.casefold() in held[name].casefold()
    return bool(held[name] == value) == (relation == "=")


def export(service: Service, asked: Asked) -> str:
    """The first sheet as CSV, as people see it."""
    book, _ = service.find(asked, asked.path["fileId"], READERS)
    if asked.parameters.get("mimeType") != "text/csv":
        raise unmodelled(f"an export as {asked.parameters.get('mimeType')}")
    rows = read(service.calculator(book), whole(book.sheets[0]), {}).get("values", [])
    width = max((len(row) for row in rows), default=0)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[*row, *[""] * (width - len(row))] for row in rows])
    return text.getvalue().removesuffix("\r\n")


def import_csv(service: Service, asked: Asked) -> Json:
    """A CSV in the place of everything a spreadsheet holds: the old upload of Drive v2, which gspread uses.

    The file is converted anew: its sheet has a new id and the time zone is Drive's own, as recorded.
    """
    book, caller = service.find(asked, asked.path["fileId"], WRITERS)
    changed = book.copy()
    sheet = new_sheet(changed.fresh_id(), book.drive["name"], 0)
    for row, line in enumerate(csv.reader(io.StringIO(asked.raw.decode()))):
        for column, text in enumerate(line):
            if cell := entered({}, text, option="USER_ENTERED", locale=book.properties["locale"]):
                sheet.cells[row, column] = cell
    changed.sheets, changed.named_ranges, changed.metadata = [sheet], [], []
    changed.properties["timeZone"] = CONVERTED_ZONE
    service.commit(changed)
    file = file_message(service, changed, caller.email)
    return {
        "kind": "drive#file",
        "id": book.id,
        "title": file["name"],
        "mimeType": SPREADSHEET,
        "createdDate": file["createdTime"],
        "modifiedDate": file["modifiedTime"],
        "editable": True,
        "version": file["version"],
    }


def _must_share(book: Spreadsheet, caller: Caller) -> None:
    """Refuse a writer where the owner keeps sharing to themself."""
    if caller.role != "owner" and not book.drive.get("writersCanShare", True):
        message = "The user does not have sufficient permissions for this file."
        raise ApiError(403, "PERMISSION_DENIED", message, drive="insufficientFilePermissions")


def _checked_end(service: Service, asked: Asked) -> str:
    """The end that a right is to have; "" for none. Only accounts of an organisation may set one, as reported of Drive."""
    ends = str(asked.body.get("expirationTime", ""))
    if ends and not service.expirations:
        message = "Expiration dates cannot be set on this item."
        raise ApiError(403, "PERMISSION_DENIED", message, drive="cannotSetExpiration")
    if ends and ends <= service.now():
        message = "The specified expiration date must be in the future."
        raise ApiError(403, "PERMISSION_DENIED", message, drive="expirationDatesMustBeInTheFuture")
    return ends


def permissions_create(service: Service, asked: Asked) -> Json:
    book, caller = service.find(asked, asked.path["fileId"], WRITERS)
    _must_share(book, caller)
    kind, role = asked.body.get("type"), asked.body.get("role")
    if role == "owner" and not asked.parameters.get("transferOwnership"):
        message = "The transferOwnership parameter must be enabled when the permission role is 'owner'."
        raise ApiError(403, "PERMISSION_DENIED", message, drive="forbidden")
    if kind not in ("user", "anyone") or role not in ("writer", "commenter", "reader"):
        raise unmodelled(f"a permission of type {kind} and role {role}")
    email = asked.body.get("emailAddress", "") if kind == "user" else "anyone"
    if "@" not in email and email != "anyone":
        message = "The specified emailAddress is invalid or not applicable for the given permission type."
        raise ApiError(400, "INVALID_ARGUMENT", message, drive="invalid")
    if email in service.without_account and not asked.parameters.get("sendNotificationEmail", True):
        message = (
            f'Bad Request. User message: "You are trying to invite {email}. Since there is no Google account associated with '
            'this email address, you must check the "Notify people" box to invite this recipient."'
        )
        raise ApiError(400, "INVALID_ARGUMENT", message, drive="invalidSharingRequest")
    ends = _checked_end(service, asked)
    if kind == "user" and asked.parameters.get("sendNotificationEmail", True):
        service.notified.append(email)
    if book.permissions.get(email) != "owner":
        book.permissions = book.permissions | {email: role}
        book.expirations = {**book.expirations, email: ends} if ends else book.expirations
    return _shown(asked, permission(email, book.permissions[email], ends), SHORT_PERMISSION)


def permissions_list(service: Service, asked: Asked) -> Json:
    book, _ = service.find(asked, asked.path["fileId"], WRITERS)
    found = held(book)
    answer: Json = {"kind": "drive#permissionList", "permissions": found}
    if asked.mask:
        return select(asked.mask, answer)  # type: ignore[no-any-return]
    return answer | {"permissions": [{name: one[name] for name in SHORT_PERMISSION} for one in found]}


def _held_by(book: Spreadsheet, asked: Asked) -> str:
    wanted = asked.path["permissionId"]
    for email in book.permissions:
        if permission_id(email) == wanted:
            return email
    raise ApiError(404, "NOT_FOUND", f"Permission not found: {wanted}.", drive="notFound")


def permissions_get(service: Service, asked: Asked) -> Json:
    book, _ = service.find(asked, asked.path["fileId"], WRITERS)
    email = _held_by(book, asked)
    return _shown(asked, permission(email, book.permissions[email], book.expirations.get(email, "")), SHORT_PERMISSION)


def permissions_update(service: Service, asked: Asked) -> Json:
    book, caller = service.find(asked, asked.path["fileId"], WRITERS)
    _must_share(book, caller)
    email = _held_by(book, asked)
    role = asked.body.get("role", book.permissions[email])
    if role not in ("writer", "commenter", "reader") or book.permissions[email] == "owner":
        raise unmodelled("a change of the owner")
    if ends := _checked_end(service, asked):
        book.expirations = book.expirations | {email: ends}
    if asked.parameters.get("removeExpiration"):
        book.expirations = {name: end for name, end in book.expirations.items() if name != email}
    book.permissions = book.permissions | {email: role}
    return _shown(asked, permission(email, role, book.expirations.get(email, "")), SHORT_PERMISSION)


def permissions_delete(service: Service, asked: Asked) -> None:
    book, caller = service.find(asked, asked.path["fileId"], WRITERS)
    _must_share(book, caller)
    email = _held_by(book, asked)
    if book.permissions[email] == "owner":
        message = "The owner of a file cannot be removed."
        raise ApiError(403, "PERMISSION_DENIED", message, drive="cannotRemoveOwner")
    book.permissions = {name: role for name, role in book.permissions.items() if name != email}
    book.expirations = {name: end for name, end in book.expirations.items() if name != email}


def comments_list(service: Service, asked: Asked) -> Json:
    book, _ = service.find(asked, asked.path["fileId"], READERS)
    answer: Json = {"kind": "drive#commentList", "comments": book.comments}
    return select(asked.mask, answer)  # type: ignore[no-any-return]


HANDLERS: dict[str, Handler] = {
    "drive.files.create": create,
    "drive.files.copy": copy,
    "drive.files.get": get,
    "drive.files.update": update,
    "drive.files.delete": delete,
    "drive.files.list": listing,
    "drive.files.export": export,
    "drive.permissions.create": permissions_create,
    "drive.permissions.list": permissions_list,
    "drive.permissions.get": permissions_get,
    "drive.permissions.update": permissions_update,
    "drive.permissions.delete": permissions_delete,
    "drive.comments.list": comments_list,
}

"""Who may see a spreadsheet: the permissions of the Drive API v3, for files that sheetsync made (scope drive.file).

Nothing here makes Google write to anybody: `sendNotificationEmail` is false. What Google allows of an end to a right is
up to the account (reported, not documented: consumer accounts get 403 cannotSetExpiration); so it is asked for apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from sheetsync.errors import GoogleError

if TYPE_CHECKING:
    from sheetsync.sheets.google.transport import Transport

Role = Literal["commenter", "writer"]
_FILES: Final = "https://www.googleapis.com/drive/v3/files"
_NOT_FOUND: Final = 404
_REFUSED: Final = frozenset({400, 403})


@dataclass(frozen=True, slots=True)
class Standing:
    """A file of the person's, and who may see it."""

    trashed: bool
    people: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """E-mail address in small letters -> the permission's id, and the role."""


def look(transport: Transport, file_id: str, target: str) -> Standing | None:
    """How a file stands; None if Google knows none of that id, or shows it to nobody who asks. Raises GoogleError."""
    fields = "trashed,permissions(id,emailAddress,role)"
    try:
        found = transport.call("GET", f"{_FILES}/{file_id}", params={"fields": fields}, target=target)
    except GoogleError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
    people = {
        str(each["emailAddress"]).lower(): (str(each["id"]), str(each.get("role", "")))
        for each in found.get("permissions", ())
        if each.get("emailAddress")
    }
    return Standing(bool(found.get("trashed")), people)


def keep_to_owner(transport: Transport, file_id: str, target: str) -> None:
    """Let nobody but the owner share it on. Raises GoogleError."""
    _patch(transport, file_id, {"writersCanShare": False}, target)


def give(transport: Transport, file_id: str, email: str, role: Role, target: str) -> str:
    """Give somebody a right; the same again changes it. The permission's id. Raises GoogleError."""
    made = transport.call(
        "POST",
        f"{_FILES}/{file_id}/permissions",
        params={"sendNotificationEmail": "false", "fields": "id"},
        body={"type": "user", "role": role, "emailAddress": email},
        target=target,
    )
    return str(made.get("id", ""))


def change(transport: Transport, file_id: str, permission: str, role: Role, target: str) -> None:
    """Give a right that stands another extent. Raises GoogleError."""
    url = f"{_FILES}/{file_id}/permissions/{permission}"
    transport.call("PATCH", url, params={"fields": "id"}, body={"role": role}, target=target)


def end_on(transport: Transport, file_id: str, permission: str, role: Role, last: dt.date, *, target: str) -> bool:
    """Let Google itself end a right when `last` is over everywhere; False if it does not do that for this account.

    Raises GoogleError for anything but that refusal.
    """
    over = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(12), dt.UTC)
    url = f"{_FILES}/{file_id}/permissions/{permission}"
    body = {"role": role, "expirationTime": over.isoformat().replace("+00:00", "Z")}
    try:
        transport.call("PATCH", url, params={"fields": "id"}, body=body, target=target)
    except GoogleError as error:
        if error.status in _REFUSED:
            return False
        raise
    return True


def endless(transport: Transport, file_id: str, permission: str, role: Role, target: str) -> None:
    """Take the end off a right. Raises GoogleError."""
    url = f"{_FILES}/{file_id}/permissions/{permission}"
    params = {"fields": "id", "removeExpiration": "true"}
    transport.call("PATCH", url, params=params, body={"role": role}, target=target)


def take(transport: Transport, file_id: str, permission: str, target: str) -> None:
    """Take a right away; one that is gone already is as well. Raises GoogleError."""
    try:
        transport.call("DELETE", f"{_FILES}/{file_id}/permissions/{permission}", target=target)
    except GoogleError as error:
        if error.status != _NOT_FOUND:
            raise


def put_into_bin(transport: Transport, file_id: str, target: str) -> None:
    """Put a file into the bin of its owner's Drive. Raises GoogleError."""
    _patch(transport, file_id, {"trashed": True}, target)


def _patch(transport: Transport, file_id: str, body: dict[str, Any], target: str) -> None:
    transport.call("PATCH", f"{_FILES}/{file_id}", params={"fields": "id"}, body=body, target=target)

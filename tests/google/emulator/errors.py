"""Refusals in the words and the shape of Google's API."""

from typing import Any

STATUS_OF_REASON = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
}


class ApiError(Exception):
    """An answer other than 2xx: HTTP status, `google.rpc.Code` name, message; Drive's answers carry a `drive` reason."""

    def __init__(self, status: int, reason: str, message: str, *, drive: str = "", details: Any = None) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self.drive = drive
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON of the answer: Google's common error, or Drive's older one with `errors[]`."""
        if self.drive:
            domain = "usageLimits" if "LimitExceeded" in self.drive else "global"
            one = {"message": self.message, "domain": domain, "reason": self.drive}
            if self.drive == "notFound":
                one |= {"locationType": "parameter", "location": "fileId"}
            return {"error": {"errors": [one], "code": self.status, "message": self.message}}
        error = {"code": self.status, "message": self.message, "status": self.reason}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> ApiError:
    """A request Google refuses with 400 INVALID_ARGUMENT."""
    return ApiError(400, "INVALID_ARGUMENT", message)


def unmodelled(what: str) -> ApiError:
    """Something the real API can do and this emulator cannot: 501, so that no test passes by accident."""
    return ApiError(501, "UNIMPLEMENTED", f"The emulator does not model {what}.")

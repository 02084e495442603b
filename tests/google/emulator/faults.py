"""What goes wrong on the way: faults that a test orders, and Google's quotas."""

import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from emulator.errors import STATUS_OF_REASON, ApiError

RATE_LIMIT = (
    "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service "
    "'sheets.googleapis.com' for consumer 'project_number:1'."
)
MESSAGES = {
    403: "Rate Limit Exceeded",
    429: RATE_LIMIT,
    500: "Internal error encountered.",
    502: "Bad Gateway",
    503: "The service is currently unavailable.",
    504: "Deadline exceeded.",
}


@dataclass
class Fault:
    """One thing that goes wrong with coming calls.

    `status`: the answer given instead, 0 for none. `after_commit`: the write has happened when the fault comes.
    `reset`: the connection is closed without an answer. `delay`: seconds before the answer. `retry_after`: that header,
    as text. `method`, `path`: a regular expression each that the HTTP method and the path must match. `times`: how often,
    None for ever. `not_json`: the answer's body is a page of HTML, as from a proxy. `reason`, `message`: Drive's own.
    """

    status: int = 0
    after_commit: bool = False
    reset: bool = False
    delay: float = 0
    retry_after: str = ""
    method: str = ".*"
    path: str = ".*"
    times: int | None = 1
    not_json: bool = False
    reason: str = ""
    message: str = ""

    def error(self) -> ApiError:
        """The refusal in Google's words; a 403 is the rate limit's."""
        reason = next((name for name, status in STATUS_OF_REASON.items() if status == self.status), "UNKNOWN")
        drive = self.reason or ("rateLimitExceeded" if self.status == 403 else "")
        return ApiError(self.status, reason, self.message or MESSAGES.get(self.status, "Error"), drive=drive)


class Faults:
    """The faults in waiting, in the order they were ordered."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._waiting.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Takes a fault back, if it is still waiting."""
        if fault in self._waiting:
            self._waiting.remove(fault)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault meant for this call; it counts down."""
        for fault in self._waiting:
            if re.fullmatch(fault.method, method) and re.search(fault.path, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                return fault
        return None


class Quotas:
    """Google's limits for the Sheets API: calls a minute, by project and by person; a batch counts as one.

    The project has 300 reads and 300 writes, each person 60 and 60 (Google, "Usage limits").
    """

    def __init__(self, *, project: int = 300, person: int = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = {"project": project, "user": person}
        self.clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def charge(self, kind: str, email: str) -> None:
        """Counts a `Read` or `Write`. Raises ApiError 429 if a bucket is full; a refused call is not counted."""
        now = self.clock()
        buckets = {"project": self._calls[kind, ""], "user": self._calls[kind, email]}
        for name, calls in buckets.items():
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= self.limits[name]:
                per = "per minute" + (" per user" if name == "user" else "")
                message = (
                    f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests {per}' of service "
                    "'sheets.googleapis.com' for consumer 'project_number:1'."
                )
                raise ApiError(429, "RESOURCE_EXHAUSTED", message)
        for calls in buckets.values():
            calls.append(now)

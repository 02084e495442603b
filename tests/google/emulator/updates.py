"""`spreadsheets.batchUpdate`: each kind of request goes to its own function, and none is answered that is not modelled."""

from collections.abc import Callable

from emulator import (
    requests_append,
    requests_blocks,
    requests_cells,
    requests_dimensions,
    requests_filters,
    requests_metadata,
    requests_objects,
    requests_ranges,
    requests_rules,
    requests_sheets,
    requests_tables,
    requests_text,
)
from emulator.errors import ApiError, invalid, unmodelled
from emulator.state import Caller, Json, Spreadsheet
from emulator.write_masks import fields_of

Handler = Callable[[Spreadsheet, Json, Caller], Json]
"""Does one request to the spreadsheet and gives what stands in its reply, {} if it has none."""

HANDLERS: dict[str, Handler] = {
    **requests_append.HANDLERS,
    **requests_blocks.HANDLERS,
    **requests_cells.HANDLERS,
    **requests_dimensions.HANDLERS,
    **requests_filters.HANDLERS,
    **requests_metadata.HANDLERS,
    **requests_objects.HANDLERS,
    **requests_ranges.HANDLERS,
    **requests_rules.HANDLERS,
    **requests_sheets.HANDLERS,
    **requests_tables.HANDLERS,
    **requests_text.HANDLERS,
}

WITH_REPLY = frozenset(fields_of("Response"))
"""Kinds that have a reply of their own: it is there even if it says nothing, as recorded of `deleteDimensionGroup`."""


def apply_requests(book: Spreadsheet, requests: list[Json], caller: Caller) -> list[Json]:
    """Do the requests in order and give a reply to each.

    `book` is changed: the server hands in a copy and swaps it in if nothing raises. Raises ApiError 400 in Google's
    words ("Invalid requests[2].updateCells: ..."), 501 for a kind that is not modelled.
    """
    if not requests:
        raise invalid("Must specify at least one request.")
    replies: list[Json] = []
    for number, request in enumerate(requests):
        if len(request) != 1:
            raise invalid(f"Invalid requests[{number}]: exactly one kind of request must be set.")
        kind, body = next(iter(request.items()))
        handler = HANDLERS.get(kind)
        if handler is None:
            raise unmodelled(f"the request {kind}")
        try:
            reply = handler(book, body, caller)
        except ApiError as error:
            if error.status != 400:
                raise
            raise ApiError(400, error.reason, f"Invalid requests[{number}].{kind}: {error.message}") from error
        requests_tables.name_columns(book)
        replies.append({kind: reply} if reply or kind in WITH_REPLY else {})
    return replies

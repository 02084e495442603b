"""The person's own login: Google's desktop flow, and the file that remembers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheetsync.sheets.google.auth import Login


def saved_login() -> Login | None:
    """The login that `sheetsync auth google` saved; None before it ran."""
    return None

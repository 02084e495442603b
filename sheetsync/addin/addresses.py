"""Where the page is: the ports and the one origin from which each of its two forms may be asked."""

from __future__ import annotations

from typing import Final

TAB_PORT: Final = 8744
"""Of the page in a browser tab; the next free one if it is taken."""
PANE_PORT: Final = 8745
"""Of the pane in Excel; its manifest names it, so there is no other."""
PANE_ORIGIN: Final = f"https://localhost:{PANE_PORT}"


def tab_origin(port: int) -> str:
    """The address of the page in a browser tab: a number, which no name server can point elsewhere."""
    return f"http://127.0.0.1:{port}"

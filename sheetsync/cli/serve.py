"""`sheetsync serve`: the follow-ups as a page in the browser, or as a pane in Excel."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import click

from sheetsync.addin.addresses import PANE_ORIGIN, PANE_PORT, TAB_PORT, tab_origin
from sheetsync.cli.options import Asked, example, open_target, reads_tracker, say
from sheetsync.cli.output import clean
from sheetsync.errors import NotInstalledError, SheetsyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sheetsync.addin.asking import Asking

_WARM: Final = {"name": "Jobs", "row": 1, "column": 1, "values": [["Company", "Status"], ["A", "Applied"]]}
"""A sheet that is a tracker, so that everything that reads one is loaded."""


@click.command(
    epilog=example(
        "sheetsync serve tracker.xlsx",
        "sheetsync serve tracker.xlsx --port 8800 --no-browser",
        "sheetsync serve https://docs.google.com/spreadsheets/d/1AbC",
        "sheetsync serve --pane",
    )
)
@click.argument("target", type=click.Path(), required=False)
@click.option(
    "--port",
    type=click.IntRange(min=1, max=65535),
    metavar="N",
    help=f"Where on this computer the page is; {TAB_PORT} if not given. If it is taken, the next free one.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the page, only print its link.")
@click.option(
    "--pane", is_flag=True, help="Serve the pane in Excel, which works on the open workbook: name no tracker."
)
@reads_tracker
def command(target: str | None, *, asked: Asked, port: int | None, no_browser: bool, pane: bool) -> None:
    """Show the follow-ups as a page in your browser, or as a pane in Excel.

    The page lists whom to contact, shows why and what was said, and has Sync now, Log contact, Draft and Undo. It runs on
    this computer only and ends with Control-C. Its link works once, in one browser tab.
    """
    gc.enable()  # a server lives long, unlike the other commands
    if pane:
        if target or port:
            raise UsageError("--pane serves the workbook that is open in Excel: leave out the tracker and --port.")
        _pane(asked)
    elif target:
        _tab(target, asked, port or TAB_PORT, browser=not no_browser)
    else:
        raise UsageError("Name the tracker to show, such as tracker.xlsx, or add --pane for Excel.")


def _tab(target: str, asked: Asked, port: int, *, browser: bool) -> None:
    """Serve one tracker to one browser tab."""
    _needs_extra()
    from sheetsync.addin.asking import Asking
    from sheetsync.addin.desk import Desk
    from sheetsync.addin.pairing import Pairing, link_code
    from sheetsync.addin.security import Policy, Sessions
    from sheetsync.addin.server import LARGEST_CALL, App, listen, serve

    desk = Desk(
        target,
        opened=lambda: open_target(target, asked.service_account),
        as_of=lambda: asked.moment,
        clock=_now,
        options=asked.settings,
    )
    desk.answer(Asking("today"))  # whatever is wrong with it is said here, not in a page that cannot help
    try:
        at = listen(port, others=True)
    except OSError as error:
        raise UsageError(f"No port of this computer can be used ({error.strerror or error}): try --port.") from None
    found = at.getsockname()[1]
    if found != port:
        say(f"port {port} is taken, so the page is at port {found}.")
    origin = tab_origin(found)

    def tell(code: str) -> None:
        click.echo(f"\nA new link, which works once:\n\n  {origin}/#code={code}\n")

    pairing = Pairing(link_code, tell, time.monotonic)
    app = App(Policy(origin, LARGEST_CALL), desk.answer, pairing, Sessions(time.monotonic))
    link = f"{origin}/#code={pairing.begin()}"
    with _until_control_c("The page has ended."):
        click.echo(f"{clean(target)} is shown at this link, which works once, on this computer:\n\n  {link}\n")
        click.echo("Leave this running, and end it with Control-C.")
        if browser and not _open(link):
            click.echo("No browser could be opened: open the link yourself.")
        serve(app, at)


def _pane(asked: Asked) -> None:
    """Serve the pane in Excel."""
    _needs_extra()
    from sheetsync.addin import certificates, paired
    from sheetsync.addin.asking import LARGEST_BOOK
    from sheetsync.addin.exchange import exchanged
    from sheetsync.addin.pairing import Pairing, six_digits
    from sheetsync.addin.security import Policy, Sessions
    from sheetsync.addin.server import App, listen, serve

    def answer(asking: Asking) -> dict[str, Any]:
        return exchanged(asking, as_of=asked.moment, options=asked.settings)

    certificate = certificates.paths()
    try:
        at = listen(PANE_PORT, others=False)
    except OSError:
        raise UsageError(
            f"Port {PANE_PORT} is taken, and Excel knows the pane by it: end the other `sheetsync serve --pane`."
        ) from None

    def tell(code: str) -> None:
        click.echo(f"\nIf the pane asks for a code, type {code}: it works once, for ten minutes.\n")

    pairing = Pairing(six_digits, tell, time.monotonic)
    sessions = Sessions(time.time, paired.LASTS, paired.remembered(), paired.remember)
    app = App(Policy(PANE_ORIGIN, LARGEST_BOOK, pane=True), answer, pairing, sessions)
    threading.Thread(target=_warm_up, args=(answer,)).start()
    with _until_control_c("The pane has ended."):
        click.echo("The pane is ready: choose Follow-ups on Excel's Home tab.")
        tell(pairing.begin())
        click.echo("Leave this running, and end it with Control-C.")
        serve(app, at, certificate=certificate)


@contextlib.contextmanager
def _until_control_c(ended: str) -> Iterator[None]:
    """Control-C is how a server ends, and no mishap."""
    with contextlib.suppress(KeyboardInterrupt):  # it does not come where Control-C was switched off, as in `serve &`
        yield
    click.echo(f"\n{ended}")


def _open(link: str) -> bool:
    """Open a link in the person's browser, if there is a screen: a browser in the terminal would be in our way."""
    if sys.platform not in ("win32", "darwin") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    import webbrowser

    return webbrowser.open(link)


def _warm_up(answer: Callable[[Asking], dict[str, Any]]) -> None:
    """Load what takes a second to load, before the pane asks."""
    from sheetsync.addin.asking import Asking

    with contextlib.suppress(SheetsyncError):
        answer(Asking("today", book={"format": 1, "program": "excel", "title": "", "sheets": [_WARM]}))


def _needs_extra() -> None:
    """Raise NotInstalledError where the libraries of the page are not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("starlette", "uvicorn")):
        raise NotInstalledError("The page", "starlette", "uvicorn", "cryptography")


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()

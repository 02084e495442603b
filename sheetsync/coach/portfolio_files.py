"""The portfolio's files: a workbook or a page, made anew each time, and never over anything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sheetsync.coach.portfolio_book import portfolio_book
from sheetsync.coach.portfolio_page import portfolio_page
from sheetsync.errors import LockedError, SheetsyncError, UnwritableFileError, UsageError
from sheetsync.resources import read_toml
from sheetsync.sheets import open_source
from sheetsync.sheets.files import lock_holder
from sheetsync.sheets.placing import replace_whole, worded
from sheetsync.tracker.recognise import is_portfolio

if TYPE_CHECKING:
    from sheetsync.coach.portfolio import Portfolio

_PAGES: Final = (".html", ".htm")
_HEAD: Final = 2000
"""Characters of a page among which its generator is named."""


def check_workbook(path: Path) -> None:
    """Raises SheetsyncError if no portfolio can be made at `path`: over nothing but an earlier one."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"A portfolio is made as an .xlsx workbook: name it {path.with_suffix('.xlsx').name}.")
    _check_folder(path)
    if path.exists() and not _is_ours(path):
        raise UsageError(_taken(path))
    if holder := lock_holder(path):
        raise LockedError(str(path), holder)


def check_page(path: Path) -> None:
    """Raises SheetsyncError if no page can be made at `path`: over nothing but an earlier one."""
    if path.suffix.lower() not in _PAGES:
        raise UsageError(f"A page is made as .html: name it {path.with_suffix('.html').name}.")
    _check_folder(path)
    if path.exists() and not _is_our_page(path):
        raise UsageError(_taken(path))


def write_workbook(path: Path, portfolio: Portfolio) -> None:
    """Make the workbook, or make an earlier one anew. Raises SheetsyncError."""
    from sheetsync.sheets.build import workbook_bytes

    data = workbook_bytes(portfolio_book(portfolio))
    check_workbook(path)  # once more: the clients took a while
    _replace(path, data)


def write_page(path: Path, portfolio: Portfolio) -> None:
    """Make the page, or make an earlier one anew. Raises SheetsyncError."""
    page = portfolio_page(portfolio)
    check_page(path)
    _replace(path, page.encode("utf-8", "replace"))


def _replace(path: Path, data: bytes) -> None:
    try:
        replace_whole(path, data, private=True)
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from None


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise UnwritableFileError(str(path), "its folder does not exist, make it first.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it.")


def _is_ours(path: Path) -> bool:
    try:
        return is_portfolio(open_source(str(path)).read())
    except SheetsyncError:
        return False


def _is_our_page(path: Path) -> bool:
    try:
        head = path.read_bytes()[:_HEAD].decode("utf-8", "replace")
    except OSError:
        return False
    return f'content="{read_toml("portfolio/page.toml")["generator"]}"' in head


def _taken(path: Path) -> str:
    return (
        f"{path} exists already and is no earlier portfolio: choose another name, or move it away. Nothing was written."
    )

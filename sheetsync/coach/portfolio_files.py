"""The portfolio's files: a workbook or a page, made anew each time, and never over anything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sheetsync.coach.portfolio_book import portfolio_book
from sheetsync.coach.portfolio_page import portfolio_page
from sheetsync.errors import LockedError, SheetsyncError, UnwritableFileError, UsageError
from sheetsync.resources import read_toml
from sheetsync.sheets import open_source, pages
from sheetsync.sheets.files import lock_holder
from sheetsync.sheets.placing import replace_whole, worded
from sheetsync.tracker.recognise import is_portfolio

if TYPE_CHECKING:
    from sheetsync.coach.portfolio import Portfolio


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
    pages.check_page(path, generator=read_toml("portfolio/page.toml")["generator"], kind="portfolio")


def write_workbook(path: Path, portfolio: Portfolio) -> None:
    """Make the workbook, or make an earlier one anew. Raises SheetsyncError."""
    from sheetsync.sheets.build import workbook_bytes

    data = workbook_bytes(portfolio_book(portfolio))
    check_workbook(path)  # once more: the clients took a while
    try:
        replace_whole(path, data, private=True)
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from None


def write_page(path: Path, portfolio: Portfolio) -> None:
    """Make the page, or make an earlier one anew. Raises SheetsyncError."""
    page = portfolio_page(portfolio)
    check_page(path)
    pages.write_page(path, page)


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


def _taken(path: Path) -> str:
    return (
        f"{path} exists already and is no earlier portfolio: choose another name, or move it away. Nothing was written."
    )

"""Pages (.html) that sheetsync makes: each anew, readable for its owner alone, and never over anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sheetsync.errors import UnwritableFileError, UsageError
from sheetsync.sheets.placing import replace_whole, worded

_ENDINGS: Final = (".html", ".htm")
_HEAD: Final = 2000
"""Characters of a page among which its generator is named."""


def check_page(path: Path, *, generator: str, kind: str) -> None:
    """Raises SheetsyncError if no page can be made at `path`: over nothing but an earlier one of that `generator`.

    `kind` is what the page is called in a sentence, such as "report".
    """
    if path.suffix.lower() not in _ENDINGS:
        raise UsageError(f"A page is made as .html: name it {path.with_suffix('.html').name}.")
    if not path.parent.is_dir():
        raise UnwritableFileError(str(path), "its folder does not exist, make it first.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it.")
    if path.exists() and not _is_of(path, generator):
        raise UsageError(
            f"{path} exists already and is no earlier {kind}: choose another name, or move it away. Nothing was written."
        )


def write_page(path: Path, page: str) -> None:
    """Replace the file wholly or not at all. Raises UnwritableFileError."""
    try:
        replace_whole(path, page.encode("utf-8", "replace"), private=True)
    except OSError as error:
        raise UnwritableFileError(str(path), f"{worded(error)}.") from None


def _is_of(path: Path, generator: str) -> bool:
    try:
        head = path.read_bytes()[:_HEAD].decode("utf-8", "replace")
    except OSError:
        return False
    return f'<meta name="generator" content="{generator}">' in head

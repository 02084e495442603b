"""What a person keeps beside a tracker: the folder for it, and the settings file in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sheetsync.errors import UnreadableFileError, UsageError
from sheetsync.sheets.google.address import is_google, spreadsheet_id

SETTINGS_FILE: Final = "sheetsync.toml"


def home_of(location: str) -> Path:
    """The folder in which a person keeps what belongs to a tracker: the file's, else the one they are in."""
    return Path() if is_google(location) else Path(location).parent


def name_of(location: str) -> str:
    """By what the belongings of a tracker are told from others' in one folder."""
    return spreadsheet_id(location) if is_google(location) else Path(location).name


def settings_beside(location: str) -> dict[str, Any]:
    """What `sheetsync.toml` beside the file says; nothing where there is none, or beside a Google spreadsheet.

    Raises UsageError if it is no TOML, UnreadableFileError if it cannot be read.
    """
    if is_google(location):
        return {}
    path = Path(location).parent / SETTINGS_FILE
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UnreadableFileError(str(path), f"{error.strerror or error}.") from error
    import tomllib

    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text: save it as UTF-8 in your editor.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML ({str(error).rstrip('.')}): mend it or take it away.") from None

